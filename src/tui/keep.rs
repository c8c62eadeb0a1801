//! What outlives a session: the draft of every database and the target that was open last. Pure: what to keep, and what
//! becomes of what was kept. [`super::shelf`] reads and writes the files.

use super::msg::Note;
use super::state::App;
use crate::error::Problem;
use serde::{Deserialize, Serialize};

/// Files of a newer format are put aside, not guessed at.
pub const FORMAT: u32 = 1;

/// A draft as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Kept {
    pub format: u32,
    /// Which database, without a password: see [`key`].
    pub target: String,
    pub text: String,
    /// The text when it was last exported; equal to `text` if nothing is lost by quitting.
    #[serde(default)]
    pub exported: String,
    /// A draft of an earlier session that another one took the place of.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub earlier: String,
}

/// Where the last session was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Last {
    pub format: u32,
    /// As it would be typed, without a password.
    pub target: String,
}

/// What the app knows of earlier sessions.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    /// The database whose draft was asked for and answered: only from then on is anything written.
    pub here: Option<String>,
    pub earlier: String,
    pub last: Option<String>,
}

/// Names the open database among all that have drafts.
pub fn key(app: &App) -> Option<String> {
    let opened = app.opened.as_ref()?;
    Some(match &opened.target {
        Some(target) => without_password(target),
        None => format!("catalog of {}", opened.catalog.database),
    })
}

/// What has to stand on the disk for the database `key`; none before it is known what stands there.
pub fn snapshot(app: &App, key: &str) -> Option<Kept> {
    let target = app.memory.here.clone().filter(|here| here == key)?;
    let (text, exported) = (app.draft.sql(), app.draft.kept.clone());
    Some(Kept { format: FORMAT, target, text, exported, earlier: app.memory.earlier.clone() })
}

/// What was kept for the database that is open now has arrived.
pub fn recalled(app: &mut App, key: String, answer: Result<Option<Kept>, Problem>) {
    app.memory.here = Some(key);
    app.memory.earlier.clear();
    let kept = match answer {
        Ok(Some(kept)) => kept,
        Ok(None) => return,
        Err(problem) => return app.say(Note::bad(problem.message)),
    };
    let here = app.draft.sql();
    app.memory.earlier = kept.earlier;
    if kept.text.trim().is_empty() || kept.text == here {
        return;
    }
    if app.draft.is_unsaved() {
        // Written for another database and brought along: both stay.
        app.memory.earlier = kept.text;
        app.say(Note::reason("This database has a draft of its own: `earlier draft` in the palette (ctrl-p) shows it"));
    } else {
        app.write_draft(&kept.text);
        app.draft.kept = kept.exported;
        app.say(Note::good("Your draft is as you left it: 3 goes to it"));
    }
}

/// Puts the earlier draft into the editor and keeps what stood there in its place.
pub fn swap(app: &mut App) {
    let before = app.draft.sql();
    let earlier = std::mem::replace(&mut app.memory.earlier, before);
    app.write_draft(&earlier);
    app.say(Note::good("The earlier draft is in the editor; the same again brings the other back"));
}

/// A target as it may be written down or shown: every password is left out.
pub fn without_password(target: &str) -> String {
    match target.split_once("://") {
        Some((scheme, rest)) => format!("{scheme}://{}", url(rest)),
        None => pairs(target),
    }
}

fn secret(name: &str) -> bool {
    matches!(name.trim().to_ascii_lowercase().as_str(), "password" | "sslpassword")
}

fn url(rest: &str) -> String {
    // A password may hold any character if it is not encoded; the last `@` ends it.
    let (user, host) = match rest.rsplit_once('@') {
        Some((user, host)) => (user.split_once(':').map_or(user, |(name, _)| name), host),
        None => ("", rest),
    };
    let at = if user.is_empty() { "" } else { "@" };
    let Some((host, query)) = host.split_once('?') else { return format!("{user}{at}{host}") };
    let kept: Vec<&str> = query.split('&').filter(|p| !secret(p.split('=').next().unwrap_or(""))).collect();
    let mark = if kept.is_empty() { "" } else { "?" };
    format!("{user}{at}{host}{mark}{}", kept.join("&"))
}

/// `key=value` pairs with libpq's quotes.
fn pairs(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((name, after)) = rest.split_once('=') {
        let after = after.trim_start();
        let len = value_len(after);
        let (value, next) = after.split_at_checked(len).unwrap_or((after, ""));
        if !secret(name) {
            kept.push_str(name);
            kept.push('=');
            kept.push_str(value);
        }
        rest = next;
    }
    kept.push_str(rest);
    kept.trim().to_owned()
}

/// Bytes of the value that `text` begins with.
fn value_len(text: &str) -> usize {
    let quoted = text.starts_with('\'');
    let mut chars = text.char_indices().skip(usize::from(quoted));
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => {
                chars.next();
            }
            // Doubled is no escape of libpq's, but whoever writes it means one: better too much is left out than too little.
            '\'' if quoted && text.get(at + 1..).is_some_and(|t| t.starts_with('\'')) => {
                chars.next();
            }
            '\'' if quoted => return at + 1,
            c if !quoted && c.is_whitespace() => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_kept() {
        for (typed, kept) in [
            ("postgresql://me:s@cr:et/?@host:5432/db?sslmode=require", "postgresql://me@host:5432/db?sslmode=require"),
            ("postgresql://me@host/db?password=secret&sslmode=require", "postgresql://me@host/db?sslmode=require"),
            ("postgresql://host/db?password=secret", "postgresql://host/db"),
            ("host=a password='it''s a\\' secret' user=me", "host=a user=me"),
            ("host=a password='a b\\' secret' user=me", "host=a user=me"),
            ("host=a PASSWORD = secret  dbname=x", "host=a  dbname=x"),
            ("password=secret", ""),
            ("catalog.json", "catalog.json"),
            ("demo", "demo"),
        ] {
            assert_eq!(without_password(typed), kept);
        }
    }
}
