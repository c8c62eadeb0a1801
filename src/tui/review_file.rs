//! The review file beside a plan: read and written here, never over what somebody else wrote meanwhile.

use super::msg::Outcome;
use super::review::Desk;
use crate::error::Problem;
use crate::plan::Review;
use crate::plan::review::Person;
use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::time::SystemTime;

/// No review is that long; a wrong file may be.
const MOST_BYTES: u64 = 64 << 20;

/// # Errors
/// [`Problem`] where there is a file that cannot be read; none is no error.
pub fn read(path: &Path) -> Result<Option<String>, Problem> {
    let cannot = |why: String| {
        Problem::unreadable(format!("cannot read the review file `{}`: {why}", path.display()))
            .hint("nothing was overwritten; move the file away, or name another with `--review FILE`")
    };
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(cannot(error.to_string())),
    };
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|e| cannot(e.to_string()))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(cannot("it is larger than 64 MB".to_owned()));
    }
    String::from_utf8(bytes).map(Some).map_err(|_| cannot("it is not a text file".to_owned()))
}

/// The review in a file, with its text as it stands there.
///
/// # Errors
/// [`Problem`] for a file that is no review: it stays as it is.
pub fn open(path: &Path) -> Result<Option<(Review, String)>, Problem> {
    let Some(text) = read(path)? else { return Ok(None) };
    match Review::parse(&text) {
        Ok(review) => Ok(Some((review, text))),
        Err(why) => Err(Problem::unreadable(format!("`{}` cannot be used as a review: {why}", path.display()))
            .hint("nothing was overwritten; move the file away, or name another with `--review FILE`")),
    }
}

/// Writes `text` if the file still is as it was `seen`; answers the text as it was written, with the day of new signatures.
pub fn save(path: &str, seen: Option<&str>, text: &str) -> Outcome {
    match write(Path::new(path), seen, text) {
        Ok(text) => Outcome::ReviewSaved(text),
        Err(problem) => Outcome::Failed(problem),
    }
}

/// The last word before the app ends: what a save under way may not have written any more.
///
/// # Errors
/// [`Problem`] where the file cannot be written, or is somebody else's by now.
pub fn flush(desk: &Desk) -> Result<(), Problem> {
    let Some((path, known, text)) = desk.unwritten() else { return Ok(()) };
    let path = Path::new(path);
    let now = read(path)?;
    let ours = known.iter().any(|known| *known == now.as_deref() || known.map(dated).as_deref() == now.as_deref());
    write(path, if ours { now.as_deref() } else { known[0] }, &text).map(drop)
}

fn write(path: &Path, seen: Option<&str>, text: &str) -> Result<String, Problem> {
    let cannot = |e: &io::Error| Problem::usage(format!("cannot write `{}`", path.display())).because(e);
    if read(path)?.as_deref() != seen {
        return Err(Problem::usage(format!("`{}` was written by somebody else meanwhile", path.display()))
            .hint("nothing was overwritten: `R` reads it again"));
    }
    let text = dated(text);
    let name = path.file_name().ok_or_else(|| Problem::usage(format!("`{}` is no file name", path.display())))?;
    let sibling = path.with_file_name(format!(".{}.{}", name.to_string_lossy(), std::process::id()));
    let written = fs::write(&sibling, &text).and_then(|()| fs::rename(&sibling, path));
    written.map_err(|e| {
        let _ = fs::remove_file(&sibling);
        cannot(&e)
    })?;
    Ok(text)
}

/// Signatures without a day get today's.
fn dated(text: &str) -> String {
    let Ok(mut review) = Review::parse(text) else { return text.to_owned() };
    let mut new = false;
    for person in [Person::Author, Person::Reviewer] {
        if let Some(day) = review.signer_mut(person).signed.as_mut().filter(|day| day.is_empty()) {
            *day = today();
            new = true;
        }
    }
    if new { review.text().unwrap_or_else(|_| text.to_owned()) } else { text.to_owned() }
}

/// `2026-11-21`, in UTC.
fn today() -> String {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    date(i64::try_from(since.as_secs() / 86_400).unwrap_or(0))
}

/// The civil date of a day since 1970 (Gregorian; eras of 400 years that begin in March).
fn date(day: i64) -> String {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_dates() {
        assert_eq!([date(0), date(11_016), date(20_778)], ["1970-01-01", "2000-02-29", "2026-11-21"]);
    }
}
