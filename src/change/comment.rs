//! COMMENT ON: nothing that runs reads it, so it goes wherever its object is there.

use super::form::Spec;
use super::recipe::way_back;
use super::wish::{Claim, Part, Wish};
use super::{Kind, Refusal};
use crate::engine::emit::regclass;
use crate::model::{Ident, TableName};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::{PhaseName, Undo};
use crate::sql::details::{self, CommentParts};
use crate::sql::{Alter, ObjectName, Statement};

#[derive(Debug, Clone, PartialEq)]
pub struct Comment {
    table: TableName,
    /// None: of the table itself.
    column: Option<Ident>,
    /// TABLE, VIEW, …
    word: String,
    text: Option<String>,
    /// Made by the script itself.
    new: bool,
    /// What the column is called today, where the script renames it.
    today: Option<Ident>,
}

impl Kind for Comment {
    const NAME: &'static str = "comment";
    const TITLE: &'static str = "Comment on a table or column";
    const FORMS: &'static [Spec] = &[
        ("Comment on a table", "COMMENT ON TABLE {table:table=users} IS {text:text=People who can sign in};"),
        (
            "Comment on a column",
            "COMMENT ON COLUMN {table:table=users}.{column:column=email} IS {text:text=Lower case};",
        ),
    ];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        wish.atoms
            .iter()
            .enumerate()
            .filter_map(|(at, atom)| {
                let Part::Whole(Statement::Comment { .. }) = &atom.part else { return None };
                Some(Claim::one(at, of(wish, at, details::comment(atom.text)?)?))
            })
            .collect()
    }

    fn title(&self) -> String {
        let what = if self.text.is_some() { "Comment on" } else { "Take the comment off" };
        match &self.column {
            Some(column) => format!("{what} `{}.{column}`", self.table),
            None => format!("{what} `{}`", self.table),
        }
    }

    fn tables(&self) -> Vec<TableName> {
        vec![self.table.clone()]
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let d = b.dialect();
        let catalog = b.catalog;
        let t = d.name(&self.table);
        let (object, number) = match &self.column {
            Some(column) => (
                format!("COLUMN {t}.{}", d.ident(column)),
                format!(
                    "(SELECT attnum FROM pg_catalog.pg_attribute WHERE attrelid = {} AND attname = {} AND NOT attisdropped)",
                    regclass(&self.table),
                    d.literal(column.as_str())
                ),
            ),
            None => (format!("{} {t}", self.word), "0".to_owned()),
        };
        let table = catalog.table(&self.table);
        let known = match (&self.column, table) {
            (Some(column), Some(table)) => {
                table.column(self.today.as_ref().unwrap_or(column)).map(|c| c.comment.clone())
            }
            (None, Some(table)) => Some(table.comment.clone()),
            (None, None) => catalog.views.iter().find(|v| v.name == self.table).map(|v| v.comment.clone()),
            _ => None,
        };
        if known.as_ref() == Some(&self.text) {
            return Ok("nothing to do: the comment says that already".to_owned());
        }
        let says = |text: Option<&String>| {
            format!("COMMENT ON {object} IS {}", text.map_or_else(|| "NULL".to_owned(), |t| d.literal(t)))
        };
        let undo = match (&known, self.new) {
            (Some(before), _) => {
                b.undo_sql(vec![says(before.as_ref())], "A brief lock that lets reads and writes pass.")
            }
            (None, true) => Undo::Nothing { because: "The comment goes with what it is about.".to_owned() },
            (None, false) => way_back::unknown(),
        };
        let is = self.text.as_ref().map_or_else(|| "IS NULL".to_owned(), |t| format!("= {}", d.literal(t)));
        let done = if self.text.is_some() {
            format!(
                "SELECT coalesce((SELECT description {is} FROM pg_catalog.pg_description WHERE classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND objoid = {} AND objsubid = {number}), false)",
                regclass(&self.table)
            )
        } else {
            format!(
                "SELECT NOT EXISTS (SELECT 1 FROM pg_catalog.pg_description WHERE classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND objoid = {} AND objsubid = {number})",
                regclass(&self.table)
            )
        };
        // Behind everything that makes or renames its object, before anything goes.
        b.push(
            Draft::sql(PhaseName::Migrate, Rank::Other, self.title(), vec![says(self.text.as_ref())], b.brief())
                .why("Nothing that runs reads a comment. The lock lets reads and writes pass, but waits for vacuum and index builds.")
                .on(&self.table)
                .undo(undo)
                .done(done),
        );
        Ok("catalog only".to_owned())
    }
}

fn of(wish: &Wish, at: usize, parts: CommentParts) -> Option<Comment> {
    let mut names = parts.names.clone();
    let column = if parts.on == "column" { names.pop() } else { None };
    if !["column", "table", "view", "materialized view", "foreign table"].contains(&parts.on.as_str()) {
        return None;
    }
    let name = names.pop()?;
    let written = ObjectName { schema: names.pop(), name };
    let table = written.resolve(wish.target);
    let renames = column.as_ref().map(|c| names_of(wish, at, &table, c));
    let today = renames.as_ref().and_then(|(first, _)| first.clone()).filter(|first| Some(first) != column.as_ref());
    let column = renames.map(|(_, last)| last);
    let there = |c: &crate::model::Catalog| {
        let known = c.table(&table).map(|t| column.as_ref().is_none_or(|c| t.column(c).is_some()));
        known.unwrap_or_else(|| column.is_none() && c.views.iter().any(|v| v.name == table))
    };
    // A name that the script both makes and loses is not this recipe's.
    let (now, then) = (there(wish.catalog), there(wish.target));
    let new = !now && today.is_none();
    (then || now).then(|| Comment { table, column, word: parts.on.to_uppercase(), text: parts.text, new, today })
}

/// What a column that atom `at` names is called before the script, none if the script adds it, and behind it.
fn names_of(wish: &Wish, at: usize, table: &TableName, column: &Ident) -> (Option<Ident>, Ident) {
    let own: Vec<_> = wish.alters().filter(|(_, t, _)| *t == table).collect();
    let mut first = Some(column.clone());
    for (_, _, action) in own.iter().rev().filter(|(i, ..)| *i < at) {
        match action {
            Alter::RenameColumn { from, to } if first.as_ref() == Some(to) => first = Some(from.clone()),
            Alter::AddColumn { column, .. } if first.as_ref() == Some(&column.name) => first = None,
            _ => {}
        }
    }
    let last = own.iter().filter(|(i, ..)| *i > at).fold(column.clone(), |name, (_, _, action)| match action {
        Alter::RenameColumn { from, to } if *from == name => to.clone(),
        _ => name,
    });
    (first, last)
}
