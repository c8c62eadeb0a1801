//! Completion: what the word at the cursor can become, guessed from the words around it. Pure, and quick enough for every key.

pub mod names;
pub mod phrases;
pub mod words;

use crate::model::{Catalog, Ident, Table};
pub use names::{Best, Candidate, Case, What};
use phrases::{Words, rest};
use std::ops::Range;
use words::{Around, Word};

/// Candidates for the bytes `typed` of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offers {
    pub typed: Range<usize>,
    pub list: Vec<Candidate>,
}

/// What can stand at byte `at` of `text`. None where nothing is known, or where nothing is left to complete.
pub fn offers(text: &str, at: usize, catalog: &Catalog) -> Option<Offers> {
    let around = words::around(text, at)?;
    let typed = text.get(around.typed.clone())?;
    let mut best = Best::new(catalog, typed);
    Place::new(&around, catalog, typed).collect(&mut best);
    let list = best.list();
    (!list.is_empty()).then_some(Offers { typed: around.typed, list })
}

/// Behind these words stands a relation.
const BEFORE_TABLE: &[&str] = &[
    "table",
    "from",
    "join",
    "update",
    "references",
    "into",
    "truncate",
    "cluster",
    "only",
    "analyze",
    "full",
    "optimize",
];
/// These words between such a word and the name do not count.
const FILLERS: &[&str] = &["if", "not", "exists", "only", "concurrently"];

struct Place<'t, 'c> {
    catalog: &'c Catalog,
    before: &'t [Word<'t>],
    /// The words in front without `IF EXISTS` and the like.
    plain: Vec<Word<'t>>,
    /// Tables that the statement names, with the word that stands for each.
    tables: Vec<(String, &'c Table)>,
    depth: usize,
    case: Case,
    typed: &'t str,
    /// Those of the engine.
    words: &'static Words,
}

impl<'t, 'c> Place<'t, 'c> {
    fn new(around: &'t Around<'t>, catalog: &'c Catalog, typed: &'t str) -> Self {
        let all: Vec<Word<'t>> = around.before.iter().chain(&around.after).copied().collect();
        let plain: Vec<Word<'t>> = around.before.iter().copied().filter(|w| !w.is_any(FILLERS)).collect();
        let case = Case::like(all.first().map_or(typed, |w| w.text));
        let tables = named(&all, catalog);
        let words = Words::of(catalog.server.engine);
        Self { catalog, before: &around.before, plain, tables, depth: around.depth, case, typed, words }
    }

    /// The nth of the plain words before the cursor, from the end, in lower case.
    fn back(&self, n: usize) -> String {
        let at = self.plain.len().checked_sub(n);
        at.and_then(|at| self.plain.get(at)).map_or(String::new(), |w| w.text.to_lowercase())
    }
    fn begins(&self, words: &[&str]) -> bool {
        words.iter().zip(&self.plain).all(|(k, w)| w.is(k)) && self.plain.len() >= words.len()
    }

    fn collect(&self, best: &mut Best<'c>) {
        if self.before.last().is_some_and(|w| w.text == ".") {
            return self.qualified(best);
        }
        let (last, second, third) = (self.back(1), self.back(2), self.back(3));
        match (third.as_str(), second.as_str(), last.as_str()) {
            // A new name: nobody knows it but the user.
            (_, "create" | "unique", "index" | "table") | (_, "add", "column" | "constraint") => {}
            (_, "create", "type" | "domain" | "view" | "sequence" | "schema" | "trigger") | (_, _, "as") => {}
            (_, "rename", "to") => {}
            (_, "rename", _) | (_, _, "to") if last == "to" => {}
            (_, "add", "value") => {}
            (_, "alter" | "drop", "type") if self.plain.len() == 2 => best.user_types(),
            (_, _, "type") | (_, ":", ":") => best.types(self.case),
            ("add" | "modify", "column", _) => best.types(self.case),
            (_, "drop" | "rename" | "alter", "index") if self.begins(&["alter", "table"]) => {
                best.indexes(self.tables.iter().map(|(_, t)| *t));
            }
            (_, _, "after") if self.begins(&["alter", "table"]) => self.columns(best),
            ("drop", "foreign", "key") | (_, "drop", "check") => {
                self.tables.iter().for_each(|(_, t)| best.constraints(t));
            }
            (_, _, "default") => best.keywords(self.words.defaults.iter().copied(), self.case),
            (_, "drop" | "alter" | "reindex" | "using", "index") | (_, _, "cluster") if last == "index" => {
                let own = second == "using";
                let of_statement = self.tables.iter().map(|(_, t)| *t);
                match own {
                    true => best.indexes(of_statement),
                    false => best.indexes(self.catalog.tables.iter()),
                }
            }
            (_, "drop" | "validate" | "rename" | "alter", "constraint") => {
                self.tables.iter().for_each(|(_, t)| best.constraints(t));
            }
            ("comment", "on", "column") => best.tables(None),
            (_, _, "view") => best.tables(None),
            (_, _, "on") if self.begins(&["create"]) || self.begins(&["grant"]) || self.begins(&["revoke"]) => {
                best.tables(None);
            }
            (_, _, last) if BEFORE_TABLE.contains(&last) && !(last == "table" && second == "create") => {
                best.tables(None);
                if self.before.len() == self.plain.len() && self.begins(&["drop"]) {
                    best.keywords(["IF EXISTS"], self.case);
                }
            }
            _ => self.further(best, &last, &second),
        }
    }

    /// Behind a dot: columns of a table or its alias, or tables of a schema.
    fn qualified(&self, best: &mut Best<'c>) {
        let Some(owner) = self.before.len().checked_sub(2).and_then(|at| self.before.get(at)) else { return };
        let name = owner.name();
        let behind_column = self.begins(&["comment", "on", "column"]);
        match self.tables.iter().find(|(alias, _)| *alias == name) {
            Some((_, table)) => best.columns(table),
            None if behind_column && self.catalog.resolve(None, &Ident::new(name.as_str())).is_some() => {
                self.catalog.resolve(None, &Ident::new(name.as_str())).into_iter().for_each(|t| best.columns(t));
            }
            None => best.tables(Some(&name)),
        }
    }

    fn columns(&self, best: &mut Best<'c>) {
        self.tables.iter().for_each(|(_, table)| best.columns(table));
    }

    fn further(&self, best: &mut Best<'c>, last: &str, second: &str) {
        let said: Vec<&str> = self.plain.iter().map(|w| w.text).collect();
        if self.depth == 0 {
            let of_statement = rest(self.words.statements, &said);
            if !of_statement.is_empty() {
                return best.keywords(of_statement, self.case);
            }
        }
        if self.begins(&["create", "table"]) && self.depth == 1 {
            return match (second, last) {
                (_, "(" | ",") => best.keywords(["PRIMARY KEY (", "FOREIGN KEY (", "UNIQUE (", "CHECK ("], self.case),
                ("(" | ",", _) => best.types(self.case),
                _ => best.keywords(self.words.of_new_column.iter().copied(), self.case),
            };
        }
        if self.begins(&["alter", "table"]) && self.depth == 0 && self.of_alter_table(best) {
            return;
        }
        if self.begins(&["alter", "type"]) && said.len() >= 3 {
            let behind = said.get(3..).unwrap_or_default();
            return best.keywords(rest(self.words.of_type, behind), self.case);
        }
        self.columns(best);
        if !self.typed.is_empty() {
            best.keywords(self.words.anywhere.iter().copied(), self.case);
        }
    }

    /// The actions of ALTER TABLE, and what each goes on with. `false`: further in, anything can stand.
    fn of_alter_table(&self, best: &mut Best<'c>) -> bool {
        // The words of the action at hand: behind the table's name, or behind the last comma outside parentheses.
        let mut open = 0usize;
        let mut from = None;
        for (at, word) in self.plain.iter().enumerate().skip(3) {
            match word.text {
                "(" => open += 1,
                ")" => open = open.saturating_sub(1),
                "," if open == 0 => from = Some(at + 1),
                _ => {}
            }
        }
        let qualified = self.plain.get(3).is_some_and(|w| w.text == ".");
        let from = from.unwrap_or(if qualified { 5 } else { 3 });
        let said: Vec<&str> = self.plain.get(from..).unwrap_or_default().iter().map(|w| w.text).collect();
        let lower: Vec<String> = said.iter().map(|w| w.to_lowercase()).collect();
        let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
        match lower.as_slice() {
            ["alter" | "drop" | "rename"] => {
                self.columns(best);
                best.keywords(rest(self.words.actions, &said), self.case);
            }
            ["drop" | "alter" | "rename" | "modify" | "change", "column"] => self.columns(best),
            // The new name.
            ["change", "column", _] => {}
            ["change", "column", _, _] => best.types(self.case),
            ["alter", "column", _, more @ ..] => {
                let of_column = rest(self.words.of_column, more);
                if of_column.is_empty() {
                    best.keywords(["USING"], self.case);
                    return false;
                }
                best.keywords(of_column, self.case);
            }
            ["rename", "column" | "constraint" | "index", _] => best.keywords(["TO"], self.case),
            ["add" | "modify", "column", _, _, ..] | ["change", "column", _, _, _, ..] => {
                let more = said.get(3..).unwrap_or_default();
                let continued = (1..=more.len()).rev().find_map(|n| {
                    let rest = rest(self.words.of_new_column, more.get(more.len() - n..)?);
                    (!rest.is_empty()).then_some(rest)
                });
                best.keywords(continued.unwrap_or_else(|| self.words.of_new_column.to_vec()), self.case);
            }
            ["add", "constraint", _, more @ ..] => {
                let rest = rest(self.words.of_constraint, more);
                if rest.is_empty() {
                    return false;
                }
                best.keywords(rest, self.case);
            }
            _ => {
                let rest = rest(self.words.actions, &said);
                if rest.is_empty() {
                    return false;
                }
                best.keywords(rest, self.case);
            }
        }
        true
    }
}

/// The tables that a statement names, each under its alias or its own name.
fn named<'c>(words: &[Word<'_>], catalog: &'c Catalog) -> Vec<(String, &'c Table)> {
    let mut found: Vec<(String, &Table)> = Vec::new();
    let mut rest = words;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        let introduces = first.is_any(BEFORE_TABLE) || first.is("on") || first.is("column");
        if !introduces {
            continue;
        }
        let skipped = after.iter().take_while(|w| w.is_any(FILLERS)).count();
        let name = after.get(skipped..).unwrap_or_default();
        let (schema, table, behind) = match name {
            [schema, dot, table, behind @ ..] if dot.text == "." && schema.is_name() => {
                (Some(Ident::new(schema.name())), *table, behind)
            }
            [table, behind @ ..] if table.is_name() => (None, *table, behind),
            _ => continue,
        };
        // An engine that does not fold names has it as it is written.
        let spelled = [table.name(), table.text.to_owned()].map(Ident::new);
        let Some(table) = spelled.iter().find_map(|n| catalog.resolve(schema.as_ref(), n)) else { continue };
        let alias = match behind {
            [word, alias, ..] if word.is("as") && alias.is_name() => Some(alias),
            [alias, ..] if alias.is_name() && alias.text.len() <= 3 && !alias.is_any(&["add", "set", "on"]) => {
                Some(alias)
            }
            _ => None,
        };
        found.extend(alias.map(|a| (a.name(), table)));
        if !found.iter().any(|(name, t)| std::ptr::eq(*t, table) && name == table.name.name.as_str()) {
            found.push((table.name.name.as_str().to_owned(), table));
        }
    }
    found
}
