//! Two statements without `;` between them: said, before the second one's words are swallowed by the first.

use super::cursor::Cursor;
use super::statement::Problem;

/// Statements that hold others, or use the same pairs of words for something else.
const HOLDERS: &[&str] = &[
    "explain",
    "with",
    "prepare",
    "copy",
    "create rule",
    "create or replace rule",
    "create schema",
    "create function",
    "create or replace function",
    "create procedure",
    "create or replace procedure",
    "alter publication",
    "alter extension",
    "alter default privileges",
    "declare",
    "merge",
    "do",
    "import",
    "create event",
];

const OBJECTS: &[&str] = &[
    "table",
    "index",
    "unique",
    "view",
    "sequence",
    "type",
    "function",
    "trigger",
    "materialized",
    "extension",
    "schema",
    "or",
    "temp",
    "temporary",
    "domain",
    "policy",
    "constraint",
];

/// The place in `c` where a second statement starts.
pub(super) fn seam(c: &Cursor<'_>) -> Option<Problem> {
    if c.is_any(HOLDERS) {
        return None;
    }
    // A SELECT at depth 0 belongs to these only as a statement of its own.
    let no_query = c.is_any(&["alter", "drop", "update", "delete", "create index", "create unique index"]);
    let mut walk = c.clone();
    walk.skip_balanced();
    while !walk.ended() {
        let line_start = line_start(&walk);
        let object = OBJECTS.iter().any(|o| walk.shown(1).eq_ignore_ascii_case(o));
        let named = !matches!(walk.shown(2), "" | "," | ")" | "=");
        let starts = (walk.is("alter table") && named)
            || (walk.is("create") && object && named && !walk.is("create or") | walk.is("create or replace"))
            || (walk.is("drop") && object && named && (line_start || walk.is("drop table")) && !c.is("alter"))
            || walk.is_any(&["insert into", "delete from", "comment on table", "comment on column"])
            || (walk.is("update")
                && walk.shown(2).eq_ignore_ascii_case("set")
                && !walk.is("update set")
                && walk.at > 1)
            || (walk.is("select") && no_query && walk.at > 2)
            || (line_start && walk.is("commit") && walk.tokens.len() == walk.at + 1);
        if starts {
            let verb = walk.shown(0).to_ascii_uppercase();
            return Some(
                walk.problem(format!("a `;` is missing before this `{verb}`"))
                    .hint("Two statements need a `;` between them."),
            );
        }
        walk.skip_balanced();
    }
    None
}

fn line_start(c: &Cursor<'_>) -> bool {
    let between = match (c.at.checked_sub(1).and_then(|n| c.tokens.get(n)), c.peek()) {
        (Some(before), Some(token)) => c.text.get(before.end..token.start),
        _ => None,
    };
    between.is_some_and(|b| b.contains('\n'))
}
