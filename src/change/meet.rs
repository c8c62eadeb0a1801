//! Where two changes of one script meet at a column or a view: which of them waits for the other, and which pairs no plan
//! can hold. A structure that is put on the old column goes with it, without a word.

use super::wish::{Atom, Claim, Part, Wish};
use super::{Change, said::Said};
use crate::model::{Ident, TableName};
use crate::plan::build::{Builder, Remade};
use crate::sql::{self, Alter, Problem, Statement};

/// Behind a rename the column is spoken of by its new name: what the script builds by the old one would go with it.
pub fn by_the_old_name(wish: &Wish, claims: &[Claim<Change>]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (number, claim) in claims.iter().enumerate() {
        for (at, table, from) in claim.atoms.iter().filter_map(|at| renames(wish, *at)) {
            let to = Said::final_name(wish, table, from);
            // A comment follows the name by itself.
            for (other, atom) in others(wish, claims, number)
                .filter(|(c, _)| leaves_something(&c.change) && !matches!(c.change, Change::Comment(_)))
            {
                let before = wish.atoms.iter().position(|a| a.span == atom.span).is_some_and(|i| i < at);
                if before && speaks(atom, table, from) {
                    let message = format!("`{from}` is renamed behind “{}”, which speaks of it", other.change.title());
                    problems.push(
                        Problem::at(&wish.script.text, atom.span.clone(), message)
                            .hint(format!("Write it behind the RENAME COLUMN, by the new name `{to}`.")),
                    );
                }
            }
            for atom in others(wish, claims, number).filter(|(c, _)| matches!(c.change, Change::UpdateRows(_))) {
                if assigns(&atom.1.part, table, &[from, &to]) {
                    problems.push(written_twice(wish, atom.1, &to, &claim.change.title()));
                }
            }
        }
    }
    problems
}

/// Moves the steps of changes that meet one behind it. Answers pairs that cannot be told apart row by row.
pub fn put_behind(b: &mut Builder, wish: &Wish, claims: &[Claim<Change>]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for remade in b.remade() {
        let Some(owner) = claims.get(remade.change).map(|c| c.change.title()) else { continue };
        for (number, claim) in claims.iter().enumerate().filter(|(n, _)| *n != remade.change) {
            for atom in claim.atoms.iter().filter_map(|a| wish.atoms.get(*a)) {
                if let (Change::UpdateRows(_), Some(column)) = (&claim.change, &remade.column)
                    && assigns(&atom.part, &remade.table, &[column])
                {
                    problems.push(written_twice(wish, atom, column, &owner));
                } else if meets(claim, atom, &remade) {
                    b.postpone(number);
                    if says_something(&claim.change) && only_about(atom.text, &remade) {
                        b.goes_along(number, &remade);
                    }
                }
            }
        }
    }
    problems
}

/// Statements that a step may send as they are written, with the names as they are written.
pub fn whole_texts<'w>(wish: &'w Wish) -> Vec<&'w str> {
    let whole = wish.atoms.iter().filter(|a| matches!(a.part, Part::Whole(_)));
    whole.map(|a| a.text.trim()).collect()
}

fn written_twice(wish: &Wish, atom: &Atom, column: &Ident, by: &str) -> Problem {
    let message = format!("the rows of `{column}` are written here, and by “{by}”, batch by batch at the same time");
    Problem::at(&wish.script.text, atom.span.clone(), message)
        .hint("Plan the UPDATE first, to its end, then the rest; or the other way round.")
}

fn renames<'w>(wish: &'w Wish, at: usize) -> Option<(usize, &'w TableName, &'w Ident)> {
    match &wish.atoms.get(at)?.part {
        Part::Alter { table, action: Alter::RenameColumn { from, .. } } if wish.column_exists(table, from) => {
            Some((at, table, from))
        }
        _ => None,
    }
}

fn others<'w>(
    wish: &'w Wish<'w>,
    claims: &'w [Claim<Change>],
    number: usize,
) -> impl Iterator<Item = (&'w Claim<Change>, &'w Atom<'w>)> {
    let rest = claims.iter().enumerate().filter(move |(n, _)| *n != number);
    rest.flat_map(move |(_, c)| c.atoms.iter().filter_map(move |a| Some((c, wish.atoms.get(*a)?))))
}

/// What stands on a column, or is said of it, once the change is done.
fn leaves_something(change: &Change) -> bool {
    matches!(
        change,
        Change::CreateIndex(_)
            | Change::AddConstraint(_)
            | Change::ReplaceConstraint(_)
            | Change::ReplaceIndex(_)
            | Change::AlterConstraint(_)
            | Change::RenameObject(_)
            | Change::ChangeTrigger(_)
            | Change::ChangeFunction(_)
            | Change::RowSecurity(_)
            | Change::ChangeView(_)
            | Change::Comment(_)
            | Change::Setting(_)
            | Change::Maintenance(_)
            | Change::Replication(_)
            | Change::Grant(_)
            | Change::PassThrough(_)
    )
}

fn says_something(change: &Change) -> bool {
    matches!(change, Change::Comment(_) | Change::Grant(_) | Change::PassThrough(_))
}

/// What is said of a view, or built on a materialised one.
fn about_views(change: &Change) -> bool {
    let built = matches!(
        change,
        Change::CreateIndex(_) | Change::ReplaceIndex(_) | Change::Setting(_) | Change::Maintenance(_)
    );
    built || says_something(change)
}

/// A right or a comment of nothing else but what is made anew: it goes with that on the way back.
fn only_about(text: &str, remade: &Remade) -> bool {
    let lower = text.to_lowercase();
    let first = lower.split_whitespace().next().unwrap_or_default();
    if !matches!(first, "grant" | "revoke" | "comment") {
        return false;
    }
    let behind = lower.split_once(" on ").map_or("", |(_, rest)| rest);
    let ends = if first == "comment" { [" is ", " is "] } else { [" to ", " from "] };
    let on = ends.iter().find_map(|end| behind.split_once(end)).map_or("", |(on, _)| on);
    if !on.contains(',') && remade.views.iter().any(|v| word(on, &Ident(v.as_str().to_lowercase()))) {
        return true;
    }
    if first == "comment" {
        return false;
    }
    let mut lists = text.split('(').skip(1).map(|rest| rest.split(')').next().unwrap_or_default()).peekable();
    let of_column = |list: &str| !list.contains(',') && remade.column.as_ref().is_some_and(|c| word(list, c));
    lists.peek().is_some() && lists.all(of_column)
}

fn meets(claim: &Claim<Change>, atom: &Atom, remade: &Remade) -> bool {
    let by_name = |names: &[Ident]| names.iter().any(|n| word(atom.text, n));
    match &remade.column {
        Some(column) if leaves_something(&claim.change) => {
            speaks(atom, &remade.table, column)
                || by_name(&remade.parts)
                || (about_views(&claim.change) && by_name(&remade.views))
        }
        None => about_views(&claim.change) && by_name(&remade.views),
        Some(_) => false,
    }
}

fn speaks(atom: &Atom, table: &TableName, column: &Ident) -> bool {
    match &atom.part {
        Part::Alter { table: other, .. } | Part::Spec { table: other, .. } => other == table && word(atom.text, column),
        Part::Whole(_) => word(atom.text, &table.name) && (word(atom.text, column) || atom.text.contains('*')),
    }
}

/// The text names it, as far as words tell.
fn word(text: &str, name: &Ident) -> bool {
    // Words that are called or qualified are left alone there: a table with its columns, `table.column`.
    let apart = text.replace(['(', '.'], " , ");
    sql::rename_ident_in(&apart, name, "").is_none_or(|t| t != apart)
}

fn assigns(part: &Part, table: &TableName, columns: &[&Ident]) -> bool {
    match part {
        Part::Whole(Statement::Update(update)) => {
            let same =
                update.table.schema.as_ref().is_none_or(|s| *s == table.schema) && update.table.name == table.name;
            same && update.assignments.iter().any(|a| columns.contains(&&a.column))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_wherever_they_stand() {
        for text in ["COMMENT ON COLUMN t.a IS 'x'", "CREATE INDEX i ON t(a)", "CHECK (\"a\" > 0)"] {
            assert!(word(text, &"a".into()), "{text}");
        }
        assert!(!word("COMMENT ON COLUMN t.b IS 'a'", &"a".into()));
        assert!(word("CREATE INDEX ON t(b)", &"t".into()));
    }

    #[test]
    fn rights_on_one_thing_are_told_from_rights_on_more() {
        let of = |column: Option<&str>| Remade {
            change: 0,
            table: TableName { schema: "public".into(), name: "t".into() },
            column: column.map(Into::into),
            parts: Vec::new(),
            views: vec!["v".into()],
        };
        assert!(only_about("GRANT SELECT (a), UPDATE (a) ON t TO PUBLIC", &of(Some("a"))));
        assert!(!only_about("GRANT SELECT (a, b) ON t TO PUBLIC", &of(Some("a"))));
        assert!(only_about("GRANT SELECT ON v TO PUBLIC", &of(None)));
        assert!(!only_about("GRANT SELECT ON v, w TO PUBLIC", &of(None)));
    }
}
