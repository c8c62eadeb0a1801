//! `-- sidestep:ignore ID REASON`: a comment before, in or behind a statement, for that statement alone.

use super::super::explain::known;
use super::super::source::Source;
use crate::error::Problem;
use crate::model::Server;
use crate::sql::Script;

/// One hazard of one statement that does not matter, and why.
pub(super) struct Remark {
    /// Place in the script.
    pub statement: usize,
    pub id: String,
    pub reason: String,
}

pub(super) fn read(source: &Source, script: &Script, server: &Server) -> Result<Vec<Remark>, Problem> {
    let mut remarks = Vec::new();
    for (at, comment) in crate::sql::comments(&source.text, server) {
        let body = comment.trim_start_matches(['-', '#']).trim();
        let Some(rest) = body.strip_prefix("sidestep:ignore") else { continue };
        let wrong = |message: String, hint: &str| {
            let problem = crate::sql::Problem::at(&source.text, at..at + comment.len(), message).hint(hint);
            let mut told = Problem::usage("a comment for sidestep cannot be read");
            told.excerpts.push(source.excerpt(&problem));
            told
        };
        let form = "Write `-- sidestep:ignore ID REASON`; the reason is for whoever reads the report.";
        let (id, reason) = rest.trim().split_once(char::is_whitespace).unwrap_or((rest.trim(), ""));
        if id.is_empty() {
            return Err(wrong("which hazard is to be ignored?".to_owned(), form));
        }
        let id = id.trim_end_matches(':');
        known(id).map_err(|why| wrong(why, "`sidestep explain` lists all hazards."))?;
        let reason = reason.trim_matches(|c: char| c.is_whitespace() || c == ':' || c == '-');
        if reason.is_empty() {
            return Err(wrong(format!("`{id}` is ignored without a reason"), form));
        }
        // Behind a statement on its last line, or else before the next one's end.
        let behind = script
            .statements
            .iter()
            .position(|l| l.span.end <= at && source.text.get(l.span.end..at).is_some_and(|gap| !gap.contains('\n')));
        let Some(statement) = behind.or_else(|| script.statements.iter().position(|l| l.span.end > at)) else {
            return Err(wrong("there is no statement after this comment".to_owned(), form));
        };
        remarks.push(Remark { statement, id: id.to_owned(), reason: reason.to_owned() });
    }
    Ok(remarks)
}
