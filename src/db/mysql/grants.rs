//! What the account may see. These servers leave out what an account may not see, without a word: that has to be said.

use super::query;
use super::{Error, Reader};
use crate::model::{Catalog, Engine, Version};

#[derive(Debug, Default, PartialEq)]
pub struct Rights {
    /// Privileges on everything, or on the whole of this database, in upper case.
    held: Vec<String>,
    /// A role may bring more; then nothing is claimed to be missing. Also if the grants could not be read.
    unsure: bool,
}

pub async fn read(reader: &mut Reader<'_>, database: &str) -> Result<Rights, Error> {
    let rows = reader.read(query::GRANTS).await?;
    let lines: Vec<&str> = rows.rows.iter().filter_map(|r| r.first()?.as_deref()).collect();
    Ok(of(&lines, database))
}

fn of(lines: &[&str], database: &str) -> Rights {
    let mut rights = Rights { held: Vec::new(), unsure: lines.is_empty() };
    for line in lines {
        let Some((privileges, rest)) = line.strip_prefix("GRANT ").and_then(|l| l.split_once(" ON ")) else {
            rights.unsure |= line.starts_with("GRANT ");
            continue;
        };
        let scope = rest.split_once(" TO ").map_or(rest, |(scope, _)| scope);
        if scope == "*.*" || scope.strip_suffix(".*").is_some_and(|of| covers(of, database)) {
            rights.held.extend(privileges.split(", ").map(|p| p.trim().to_uppercase()));
        }
    }
    rights
}

/// A database in a grant is a pattern: `_` and `%`, with a backslash before those that mean themselves.
fn covers(pattern: &str, database: &str) -> bool {
    let pattern = pattern.trim_matches('`').replace("``", "`");
    let mut pattern = pattern.chars();
    let text: Vec<char> = database.chars().collect();
    // How many characters of the name may have been taken by the pattern so far.
    let mut taken = vec![0];
    while let Some(c) = pattern.next() {
        taken = match c {
            '%' => (taken.first().copied().unwrap_or(usize::MAX)..=text.len()).collect(),
            '_' => taken.into_iter().map(|n| n + 1).filter(|n| *n <= text.len()).collect(),
            c => {
                let c = if c == '\\' { pattern.next().unwrap_or(c) } else { c };
                taken.into_iter().filter(|n| text.get(*n) == Some(&c)).map(|n| n + 1).collect()
            }
        };
    }
    taken.contains(&text.len())
}

impl Rights {
    fn lacks(&self, privilege: &str) -> bool {
        let has = |p: &str| p == privilege || p.starts_with("ALL PRIVILEGES") || p == "ALL";
        !self.unsure && !self.held.iter().any(|p| has(p))
    }

    /// Gaps for what the server has hidden.
    pub fn told(&self, reader: &mut Reader<'_>, catalog: &Catalog) {
        if self.lacks("SELECT") {
            let because =
                "this account has no SELECT on the whole database; what it may not see is not listed".to_owned();
            reader.gap("tables that this account may not see", because);
        }
        if self.lacks("TRIGGER") {
            reader.gap("triggers", "the server hides them from an account without the privilege TRIGGER");
        }
        if self.lacks("EVENT") {
            reader.gap("events", "the server hides them from an account without the privilege EVENT");
        }
        let shows_all_routines = reader.line.is(Engine::Mysql, Version::exact(8, 0, 20)) && !self.lacks("SHOW_ROUTINE");
        if self.lacks("EXECUTE") && self.lacks("ALTER ROUTINE") && !shows_all_routines {
            reader.gap("procedures and functions", "the server hides those that an account may not execute or alter");
        }
        if self.lacks("SHOW VIEW") && !catalog.views.is_empty() {
            reader.gap("bodies of views", "the server hides them from an account without the privilege SHOW VIEW");
        }
        if self.lacks("PROCESS") {
            reader.gap("sessions of others", "the server hides them from an account without the privilege PROCESS");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_are_read_from_show_grants() {
        let rights = of(
            &[
                "GRANT USAGE ON *.* TO `ann`@`%`",
                "GRANT SELECT, SHOW VIEW ON `my\\_shop`.* TO `ann`@`%`",
                "GRANT TRIGGER ON `x`.* TO `ann`@`%`",
            ],
            "my_shop",
        );
        assert!(!rights.lacks("SELECT") && rights.lacks("TRIGGER") && rights.lacks("PROCESS"));
        assert!(!of(&["GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION"], "d").lacks("PROCESS"));
        assert!(!of(&["GRANT `app`@`%` TO `ann`@`%`"], "d").lacks("SELECT"), "a role may bring it");
        assert!(covers("`te%`", "test") && covers("`t_st`", "test") && !covers("`t\\_st`", "test"));
    }
}
