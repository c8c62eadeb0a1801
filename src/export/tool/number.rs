//! Numbers and timestamps that go on where a directory ends. Never taken from a clock: the same plan and directory make the
//! same names.

/// How a tool orders its files by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Numbering {
    /// `000001`, at least this many digits; a directory that counts in timestamps is continued so.
    Sequence { width: usize, from: u64 },
    /// `20261121093000`.
    Stamp,
    /// Milliseconds since 1970, 13 digits.
    Millis,
    /// `2026-11-21-093000`.
    Diesel,
    /// The tool's own chain or plan file orders them.
    Chain,
}

/// Where timestamps begin in an empty directory.
pub(in super::super) const FIRST_STAMP: u64 = 20_260_101_000_001;
const FIRST_MILLIS: u64 = 1_767_225_600_001;

impl Numbering {
    /// The number after all that `names` (paths inside the tool's folder) begin with.
    pub fn after<'n>(self, names: impl Iterator<Item = &'n str>) -> u64 {
        let newest = names.filter_map(|path| self.read(path)).map(|(number, _)| number).max();
        match (self, newest) {
            (Self::Sequence { from, .. }, None) => from,
            (Self::Chain, _) => 1,
            // A baseline is often called `0_init` where all others carry timestamps.
            (Self::Stamp | Self::Diesel, newest) if newest.is_none_or(|n| n < 19_700_101_000_000) => FIRST_STAMP,
            (Self::Millis, newest) if newest.is_none_or(|n| n < 1_000_000_000_000) => FIRST_MILLIS,
            (_, Some(newest)) => later(newest, 1),
            (_, None) => FIRST_STAMP,
        }
    }

    /// The same, as wide as the newest of `names` is written: tools that compare names as text want that.
    pub fn like<'n>(self, names: impl Iterator<Item = &'n str>) -> Self {
        match (self, names.filter_map(|path| self.read(path)).max()) {
            (Self::Sequence { from, .. }, Some((_, width))) => Self::Sequence { width, from },
            _ => self,
        }
    }

    /// As wide as the first of these migrations of one stage is written: `9` may be followed by `10`.
    pub fn as_written<'n>(self, names: impl Iterator<Item = &'n str>) -> Self {
        match (self, names.filter_map(|path| self.read(path)).min()) {
            (Self::Sequence { from, .. }, Some((_, width))) => Self::Sequence { width, from },
            _ => self,
        }
    }

    /// The number at the head of a name, and its digits.
    fn read(self, path: &str) -> Option<(u64, usize)> {
        // A migration may be a folder (Prisma, diesel): then its name carries the number.
        let name = path.split('/').rev().find_map(|part| {
            let bare = part.strip_prefix(['V', 'v', 'U', 'B']).unwrap_or(part);
            bare.starts_with(|c: char| c.is_ascii_digit()).then_some(bare)
        })?;
        let digits: String = match self {
            Self::Diesel => {
                name.chars().take_while(|c| c.is_ascii_digit() || *c == '-').filter(|c| *c != '-').collect()
            }
            _ => name.chars().take_while(char::is_ascii_digit).collect(),
        };
        Some((digits.parse().ok()?, digits.len()))
    }

    /// The `nth` number from `first` on, as it stands in a name.
    pub fn spell(self, first: u64, nth: usize) -> String {
        let number = later(first, nth as u64);
        match self {
            Self::Sequence { width, .. } => format!("{number:0width$}"),
            Self::Diesel => {
                let text = format!("{number:014}");
                let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default().to_owned();
                format!("{}-{}-{}-{}", part(0..4), part(4..6), part(6..8), text.get(8..).unwrap_or_default())
            }
            Self::Stamp => format!("{number:014}"),
            Self::Millis => format!("{number:013}"),
            Self::Chain => number.to_string(),
        }
    }
}

/// `by` steps on: seconds of the calendar where the number is a timestamp, else plainly.
fn later(number: u64, by: u64) -> u64 {
    let Some(seconds) = seconds_of(number) else { return number.saturating_add(by) };
    let total = seconds + by;
    let (days, rest) = (total / 86_400, total % 86_400);
    let (year, month, day) = civil(days);
    (((year * 100 + month) * 100 + day) * 100 + rest / 3600) * 10_000 + rest / 60 % 60 * 100 + rest % 60
}

/// Seconds since 1970 of `YYYYMMDDhhmmss`; none for what is no such time.
fn seconds_of(stamp: u64) -> Option<u64> {
    let (date, time) = (stamp / 1_000_000, stamp % 1_000_000);
    let (year, month, day) = (date / 10_000, date / 100 % 100, date % 100);
    let (hour, minute, second) = (time / 10_000, time / 100 % 100, time % 100);
    let calendar = (1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    if !calendar || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some(days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second)
}

/// Days since 1970-01-01 in the Gregorian calendar.
fn days(year: u64, month: u64, day: u64) -> u64 {
    let leaps = |y: u64| y / 4 - y / 100 + y / 400;
    let before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let leap = (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400);
    let whole = (year - 1970) * 365 + leaps(year - 1) - leaps(1969);
    let months = before.get(month as usize - 1).copied().unwrap_or(0) + u64::from(leap && month > 2);
    whole + months + day - 1
}

/// Year, month, day.
fn civil(day: u64) -> (u64, u64, u64) {
    let mut year = 1970 + day / 366;
    while days(year + 1, 1, 1) <= day {
        year += 1;
    }
    let month = (1..=12).rev().find(|m| days(year, *m, 1) <= day).unwrap_or(1);
    (year, month, day - days(year, month, 1) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_on_where_the_directory_ends() {
        let next = |n: Numbering, names: &[&str]| n.spell(n.after(names.iter().copied()), 0);
        let sequence = Numbering::Sequence { width: 6, from: 1 };
        assert_eq!(next(sequence, &[]), "000001");
        assert_eq!(next(sequence, &["000041_a.up.sql", "000009_b.up.sql", "README.md"]), "000042");
        assert_eq!(next(sequence, &["20240229235959_a.up.sql"]), "20240301000000");
        assert_eq!(
            next(Numbering::Stamp, &["20231231235959_a/migration.sql", "migration_lock.toml"]),
            "20240101000000"
        );
        assert_eq!(next(Numbering::Stamp, &["20249931235959_odd.rb"]), "20249931235960");
        assert_eq!(next(Numbering::Diesel, &["2026-02-28-235959_a/up.sql"]), "2026-03-01-000000");
        assert_eq!(next(Numbering::Millis, &["1767225600123-Name.ts"]), "1767225600124");
        assert_eq!(next(Numbering::Sequence { width: 1, from: 1 }, &["V12__a.sql", "V12.3__b.sql"]), "13");
    }

    #[test]
    fn goes_on_as_the_directory_is_written() {
        let next = |names: &[&str]| {
            let numbering = Numbering::Sequence { width: 6, from: FIRST_STAMP }.like(names.iter().copied());
            numbering.spell(numbering.after(names.iter().copied()), 0)
        };
        assert_eq!(next(&[]), "20260101000001");
        assert_eq!(next(&["009_a.sql", "008_b.sql"]), "010");
        assert_eq!(next(&["9_a.sql"]), "10");
        assert_eq!(next(&["20250101000000_a.sql"]), "20250101000001");
        let nine = Numbering::Sequence { width: 6, from: 1 }.as_written(["V9__a.sql", "V10__b.sql"].into_iter());
        assert_eq!((nine.spell(9, 0), nine.spell(9, 1)), ("9".to_owned(), "10".to_owned()));
        let after = |n: Numbering, name: &str| n.spell(n.after([name].into_iter()), 0);
        assert_eq!(after(Numbering::Stamp, "0_init/migration.sql"), "20260101000001");
        assert_eq!(after(Numbering::Diesel, "00000000000000_diesel_initial_setup/up.sql"), "2026-01-01-000001");
        assert_eq!(after(Numbering::Sequence { width: 1, from: 1 }, "U7__a.sql"), "8");
    }

    #[test]
    fn seconds_carry_over() {
        assert_eq!(Numbering::Stamp.spell(20261231235958, 3), "20270101000001");
        for day in [0u64, 59, 60, 364, 365, 789, 18_262, 20_778] {
            let (y, m, d) = civil(day);
            assert_eq!(days(y, m, d), day);
        }
    }
}
