//! What a word can be completed to: names of the catalog as SQL spells them, types and keywords, the best match first.

use super::phrases::Words;
use crate::engine::{Dialect, dialect};
use crate::model::objects::DataTypeKind;
use crate::model::{Catalog, Ident, Table, TableName};
use crate::tui::measure::count;
use std::cmp::Reverse;

/// More would not be read.
pub const MOST: usize = 60;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Column,
    Table,
    Type,
    Keyword,
    Name,
}

impl What {
    pub fn word(self) -> &'static str {
        match self {
            Self::Column => "column",
            Self::Table => "table",
            Self::Type => "type",
            Self::Keyword => "",
            Self::Name => "name",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// As it is put into the text: quoted where it must be.
    pub text: String,
    pub what: What,
    pub detail: String,
}

impl Candidate {
    /// What stands beside it.
    pub fn said(&self) -> &str {
        if self.detail.is_empty() { self.what.word() } else { &self.detail }
    }
}

/// How well `name` goes with what is typed, best first; none if it does not.
pub fn fit(name: &str, typed: &str) -> Option<u8> {
    if name.is_ascii() && typed.is_ascii() {
        return fit_ascii(name.as_bytes(), typed.as_bytes());
    }
    let starts = |name: &str| {
        let mut letters = name.chars().flat_map(char::to_lowercase);
        typed.chars().flat_map(char::to_lowercase).all(|c| letters.next() == Some(c))
    };
    if starts(name) {
        return Some(0);
    }
    let mut ends = name.match_indices(['_', '.', ' ']).filter_map(|(at, _)| name.get(at + 1..));
    if ends.any(starts) {
        return Some(1);
    }
    let inside = typed.len() > 2 && name.to_lowercase().contains(&typed.to_lowercase());
    inside.then_some(2)
}

/// The same for plain names: fifty thousand of them are looked at between two keys.
fn fit_ascii(name: &[u8], typed: &[u8]) -> Option<u8> {
    let mut best = None;
    let mut before = b'_';
    for (at, part) in name.windows(typed.len().max(1)).enumerate() {
        if typed.is_empty() || part.eq_ignore_ascii_case(typed) {
            match (at, before) {
                (0, _) => return Some(0),
                (_, b'_' | b'.' | b' ') => best = Some(1),
                _ if typed.len() > 2 => best = best.or(Some(2)),
                _ => {}
            }
        }
        before = part.first().copied().unwrap_or(b' ');
    }
    best
}

/// `name` as the SQL of this session would say it: qualified only where the search path finds another one first.
pub fn spelled(catalog: &Catalog, name: &TableName) -> String {
    let d = dialect(catalog.server.engine);
    let found = match catalog.resolve(None, &name.name) {
        Some(table) => table.name == *name,
        // A view.
        None => catalog.search_path.contains(&name.schema),
    };
    match found {
        true => d.typed(&name.name),
        false => d.name(name),
    }
}

/// Collects candidates and keeps the best.
pub struct Best<'c> {
    catalog: &'c Catalog,
    typed: String,
    found: Vec<(u8, u8, Candidate)>,
}

impl<'c> Best<'c> {
    /// `typed` may begin with a quote.
    pub fn new(catalog: &'c Catalog, typed: &str) -> Self {
        let typed = match typed.strip_prefix('`') {
            Some(inner) => inner.replace("``", "`"),
            None => typed.trim_start_matches('"').replace("\"\"", "\""),
        };
        Self { catalog, typed, found: Vec::new() }
    }
    fn dialect(&self) -> &'static dyn Dialect {
        dialect(self.catalog.server.engine)
    }

    fn offer(&mut self, name: &str, rank: u8, candidate: impl FnOnce() -> Candidate) {
        if let Some(fit) = fit(name, &self.typed) {
            self.found.push((fit, rank, candidate()));
        }
    }

    pub fn keywords<'k>(&mut self, keywords: impl IntoIterator<Item = &'k str>, case: Case) {
        for keyword in keywords {
            self.offer(keyword, 2, || Candidate { text: case.of(keyword), what: What::Keyword, detail: String::new() });
        }
    }

    /// The biggest first among those that fit alike; a schema stands before the dot.
    pub fn tables(&mut self, schema: Option<&str>) {
        let (catalog, typed) = (self.catalog, self.typed.clone());
        let mut fitting: Vec<(u8, Reverse<u64>, &Table)> = Vec::new();
        for table in &catalog.tables {
            if schema.is_some_and(|s| s != table.name.schema.as_str()) {
                continue;
            }
            if let Some(fit) = fit(table.name.name.as_str(), &typed) {
                fitting.push((fit, Reverse(table.stats.total().0), table));
            }
        }
        let order = |t: &(u8, Reverse<u64>, &'c Table)| (t.0, t.1, t.2.name.clone());
        if fitting.len() > MOST {
            fitting.select_nth_unstable_by(MOST, |a, b| (a.0, a.1, &a.2.name).cmp(&(b.0, b.1, &b.2.name)));
            fitting.truncate(MOST);
        }
        fitting.sort_by_key(order);
        for (fit, _, table) in fitting {
            let text = match schema {
                Some(_) => self.dialect().typed(&table.name.name),
                None => spelled(catalog, &table.name),
            };
            let detail = format!("{} rows", count(table.stats.rows));
            self.found.push((fit, 1, Candidate { text, what: What::Table, detail }));
        }
        if schema.is_none() {
            let mut schemas: Vec<&Ident> = catalog.tables.iter().map(|t| &t.name.schema).collect();
            schemas.dedup();
            for name in catalog.views.iter().map(|v| &v.name) {
                let text = || Candidate { text: spelled(catalog, name), what: What::Table, detail: "view".to_owned() };
                self.offer(name.name.as_str(), 1, text);
            }
            for schema in schemas.into_iter().filter(|_| !typed.is_empty()) {
                let text = format!("{}.", self.dialect().typed(schema));
                self.offer(schema.as_str(), 3, || Candidate { text, what: What::Name, detail: "schema".to_owned() });
            }
        }
    }

    /// Tables and views, or views alone.
    pub fn relations(&mut self, only_views: bool) {
        if !only_views {
            return self.tables(None);
        }
        let catalog = self.catalog;
        self.qualified(catalog.views.iter().map(|v| &v.name));
    }

    /// Names that may need their schema.
    pub fn qualified<'n>(&mut self, names: impl IntoIterator<Item = &'n TableName>) {
        for name in names {
            let near = self.catalog.search_path.contains(&name.schema);
            let text = if near { self.dialect().typed(&name.name) } else { self.dialect().name(name) };
            self.offer(name.name.as_str(), 0, || Candidate { text, what: What::Name, detail: String::new() });
        }
    }

    pub fn columns(&mut self, table: &Table) {
        for column in &table.columns {
            let text = self.dialect().typed(&column.name);
            let null = if column.not_null { " NOT NULL" } else { "" };
            let detail = format!("{}{null}", column.data_type);
            self.offer(column.name.as_str(), 0, || Candidate { text, what: What::Column, detail });
        }
    }

    pub fn types(&mut self, case: Case) {
        for name in Words::of(self.catalog.server.engine).types {
            self.offer(name, 1, || Candidate { text: case.of(name), what: What::Type, detail: String::new() });
        }
        self.user_types();
    }

    pub fn user_types(&mut self) {
        let catalog = self.catalog;
        for data_type in &catalog.types {
            let near = catalog.search_path.contains(&data_type.name.schema);
            let d = self.dialect();
            let text = if near { d.typed(&data_type.name.name) } else { d.name(&data_type.name) };
            let detail = match &data_type.kind {
                DataTypeKind::Enum { .. } => "enum",
                DataTypeKind::Domain { .. } => "domain",
                _ => "type",
            };
            let candidate = || Candidate { text, what: What::Type, detail: detail.to_owned() };
            self.offer(data_type.name.name.as_str(), 0, candidate);
        }
    }

    /// Names of any other kind, with what stands beside them.
    pub fn names<'n>(&mut self, names: impl IntoIterator<Item = (&'n Ident, String)>) {
        for (name, detail) in names {
            let text = self.dialect().typed(name);
            self.offer(name.as_str(), 0, || Candidate { text, what: What::Name, detail });
        }
    }

    pub fn constraints(&mut self, table: &Table) {
        self.names(table.constraints.iter().map(|c| (&c.name, c.definition.clone())));
    }

    pub fn indexes<'t>(&mut self, tables: impl Iterator<Item = &'t Table>) {
        for table in tables {
            for index in &table.indexes {
                if fit(index.name.as_str(), &self.typed).is_some() && self.found.len() < 4 * MOST {
                    self.names([(&index.name, format!("on {}", table.name))]);
                }
            }
        }
    }

    /// Ready for a list: sorted, each once, and not what stands there already.
    pub fn list(mut self) -> Vec<Candidate> {
        self.found.sort_by_key(|(fit, rank, _)| (*fit, *rank));
        let mut list: Vec<Candidate> = Vec::new();
        for (_, _, candidate) in self.found {
            if list.len() < MOST && !list.iter().any(|c| c.text == candidate.text) {
                list.push(candidate);
            }
        }
        list
    }
}

/// How the user writes keywords.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    Upper,
    Lower,
}

impl Case {
    /// From the first keyword of the statement, or what is typed of it.
    pub fn like(word: &str) -> Self {
        if word.chars().any(char::is_lowercase) { Self::Lower } else { Self::Upper }
    }
    fn of(self, keyword: &str) -> String {
        match self {
            Self::Upper => keyword.to_owned(),
            Self::Lower => keyword.to_lowercase(),
        }
    }
}
