//! Forms: what a kind of change has to be told, and the SQL that it becomes. Each kind states its own beside its recogniser,
//! as SQL with holes:
//!
//! `ALTER TABLE {table:table=users} ADD COLUMN {column:new=phone} {type:type=text}[ DEFAULT {default:expression=now()}];`
//!
//! A hole is `{name:what it takes=an example}`; `{name}` again is the same value. What stands in `[ ]` is left out as long as
//! one of its holes is empty. `{other columns:columns of other=id}` completes from the table in the hole `other`.

use super::mysql;
use crate::engine::dialect;
use crate::model::{Catalog, Engine, Ident, TableName};

/// A form's title, empty where the kind's own says it all, and its SQL.
pub type Spec = (&'static str, &'static str);

/// What a hole takes: how it is completed, and how it is spelled in SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    Table,
    View,
    Column,
    Columns,
    /// Columns or expressions, each with its order.
    Keys,
    /// A name that does not exist yet.
    New,
    /// A table or view that does not exist yet, with or without a schema.
    NewTable,
    /// Names of new columns.
    NewColumns,
    Type,
    UserType,
    Index,
    Constraint,
    Sequence,
    Trigger,
    Policy,
    Publication,
    Schema,
    Role,
    Extension,
    /// A text, which becomes a literal.
    Text,
    /// Goes into the SQL as it is.
    Sql,
    /// One of some words, which goes into the SQL as it is.
    Choice(&'static str),
    /// Whether what stands around it is wanted.
    Yes,
}

impl Takes {
    fn named(word: &'static str) -> Self {
        match word {
            "table" => Self::Table,
            "view" => Self::View,
            "column" => Self::Column,
            "columns" => Self::Columns,
            "keys" => Self::Keys,
            "new" => Self::New,
            "new table" => Self::NewTable,
            "new columns" => Self::NewColumns,
            "type" => Self::Type,
            "user type" => Self::UserType,
            "index" => Self::Index,
            "constraint" => Self::Constraint,
            "sequence" => Self::Sequence,
            "trigger" => Self::Trigger,
            "policy" => Self::Policy,
            "publication" => Self::Publication,
            "schema" => Self::Schema,
            "role" => Self::Role,
            "extension" => Self::Extension,
            "text" => Self::Text,
            "yes" => Self::Yes,
            choice if choice.contains('|') => Self::Choice(choice),
            _ => Self::Sql,
        }
    }
    /// For people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Table | Self::View | Self::NewTable => "table or schema.table",
            Self::Column => "column",
            Self::Columns => "columns, with commas",
            Self::Keys => "columns or expressions, with commas",
            Self::New => "new name",
            Self::NewColumns => "new names, with commas",
            Self::Type | Self::UserType => "type",
            Self::Text => "text, without quotes",
            Self::Sql => "SQL",
            Self::Choice(_) => "one of the list",
            Self::Yes => "yes, or empty",
            _ => "name",
        }
    }
}

/// One hole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hole {
    pub name: &'static str,
    pub takes: Takes,
    /// The hole that holds the table whose columns these are.
    pub of: &'static str,
    pub example: &'static str,
    pub optional: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    pub kind: &'static str,
    pub title: &'static str,
    template: &'static str,
}

enum Part {
    Text(&'static str),
    Hole(Hole),
    Open,
    Close,
}

impl Form {
    fn parts(&self) -> Vec<Part> {
        let (mut parts, mut rest, mut optional) = (Vec::new(), self.template, false);
        while let Some(at) = rest.find(['{', '[', ']']) {
            let (text, mark) = rest.split_at_checked(at).unwrap_or((rest, ""));
            parts.push(Part::Text(text));
            let inner = mark.get(1..).unwrap_or("");
            rest = inner;
            if mark.starts_with('[') {
                optional = true;
                parts.push(Part::Open);
            } else if mark.starts_with(']') {
                optional = false;
                parts.push(Part::Close);
            } else if let Some((hole, after)) = inner.split_once('}') {
                rest = after;
                let (name, spec) = hole.split_once(':').unwrap_or((hole, ""));
                let (takes, example) = spec.split_once('=').unwrap_or((spec, ""));
                let (takes, of) = takes.split_once(" of ").unwrap_or((takes, "table"));
                parts.push(Part::Hole(Hole { name, takes: Takes::named(takes), of, example, optional }));
            }
        }
        parts.push(Part::Text(rest));
        parts
    }

    /// The holes in their order, each once.
    pub fn holes(&self) -> Vec<Hole> {
        let mut holes: Vec<Hole> = Vec::new();
        for part in self.parts() {
            if let Part::Hole(hole) = part {
                match holes.iter_mut().find(|h| h.name == hole.name) {
                    // Needed in one place, needed at all.
                    Some(known) => known.optional &= hole.optional,
                    None => holes.push(hole),
                }
            }
        }
        holes
    }

    /// Whether the form is about a table.
    pub fn has_table(&self) -> bool {
        self.holes().iter().any(|h| h.name == "table")
    }

    /// Names of the holes that must be filled and are not.
    pub fn missing(&self, value: impl Fn(&str) -> String) -> Vec<&'static str> {
        self.holes().iter().filter(|h| !h.optional && value(h.name).trim().is_empty()).map(|h| h.name).collect()
    }

    /// The SQL; a hole that is empty and needed shows its name.
    pub fn sql(&self, value: impl Fn(&str) -> String, catalog: &Catalog) -> String {
        let holes = self.holes();
        let takes = |name: &str| holes.iter().find(|h| h.name == name).map_or(Takes::Sql, |h| h.takes);
        let mut sql = String::new();
        let mut group: Option<(String, bool)> = None;
        for part in self.parts() {
            let text = match part {
                Part::Open => {
                    group = Some((String::new(), true));
                    continue;
                }
                Part::Close => {
                    if let Some((text, true)) = group.take() {
                        sql.push_str(&text);
                    }
                    continue;
                }
                Part::Text(text) => text.to_owned(),
                Part::Hole(hole) => {
                    let given = value(hole.name);
                    match (given.trim(), &mut group) {
                        ("", Some((_, whole))) => {
                            *whole = false;
                            continue;
                        }
                        ("", None) => format!("‹{}›", hole.name),
                        (given, _) => spelled(takes(hole.name), given, catalog),
                    }
                }
            };
            match &mut group {
                Some((inside, _)) => inside.push_str(&text),
                None => sql.push_str(&text),
            }
        }
        sql
    }
}

fn spelled(takes: Takes, given: &str, catalog: &Catalog) -> String {
    let d = dialect(catalog.server.engine);
    // Whoever writes quotes has spelled the name.
    let ident = |raw: &str| if raw.contains(['"', '`']) { raw.to_owned() } else { d.typed(&Ident::new(raw)) };
    let list = |each: &dyn Fn(&str) -> String| given.split(',').map(|c| each(c.trim())).collect::<Vec<_>>().join(", ");
    match takes {
        Takes::Table | Takes::View | Takes::NewTable | Takes::UserType | Takes::Sequence | Takes::Index => {
            match given.split_once('.') {
                Some((schema, name)) if !given.contains(['"', '`']) && !named_whole(catalog, given) => {
                    format!("{}.{}", ident(schema), ident(name))
                }
                _ => ident(given),
            }
        }
        Takes::Columns | Takes::NewColumns => list(&ident),
        Takes::Keys => {
            let plain = |c: &char| c.is_alphanumeric() || matches!(c, '_' | ',' | ' ');
            let names = given.chars().all(|c| plain(&c));
            let known = |c: &str| catalog.tables.iter().any(|t| t.column(&Ident::new(c)).is_some());
            if names { list(&|c| if known(c) { ident(c) } else { c.to_owned() }) } else { given.to_owned() }
        }
        Takes::Text => d.literal(given),
        Takes::Yes => String::new(),
        Takes::Type | Takes::Sql | Takes::Choice(_) => given.to_owned(),
        _ => ident(given),
    }
}

/// A name with a dot in it.
fn named_whole(catalog: &Catalog, name: &str) -> bool {
    let of_path = |schema: &Ident| catalog.table(&TableName { schema: schema.clone(), name: Ident::new(name) });
    catalog.search_path.iter().any(|s| of_path(s).is_some())
}

/// Every form of every kind that the engine has, in the order of the kinds.
pub fn all(engine: Engine) -> Vec<Form> {
    if mysql::forms::ENGINES.contains(&engine) {
        let form =
            |&(kind, title, template): &(&'static str, &'static str, &'static str)| Form { kind, title, template };
        return mysql::forms::FORMS.iter().map(form).collect();
    }
    let of_kind = |kind: &'static super::KindInfo| {
        kind.forms.iter().map(move |(title, template)| {
            let title = if title.is_empty() { kind.title } else { *title };
            Form { kind: kind.name, title, template }
        })
    };
    super::KINDS.iter().flat_map(of_kind).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Version;

    const FORM: Form = Form {
        kind: "x",
        title: "X",
        template: "ALTER TABLE {table:table=t} ADD {column:new=c} {type:type=text}[ DEFAULT {default:sql=1}][ NOT NULL{must:yes}];",
    };

    fn sql(values: &[(&str, &str)]) -> String {
        let catalog = Catalog::empty(Engine::Postgresql, Version::new(15, 0));
        let value =
            |n: &str| values.iter().find(|(name, _)| *name == n).map_or(String::new(), |(_, v)| (*v).to_owned());
        FORM.sql(value, &catalog)
    }

    #[test]
    fn holes_are_filled_and_names_quoted() {
        assert_eq!(sql(&[]), "ALTER TABLE ‹table› ADD ‹column› ‹type›;");
        let filled = [("table", "My.Order"), ("column", "order"), ("type", "text"), ("must", "yes")];
        assert_eq!(sql(&filled), "ALTER TABLE \"My\".\"Order\" ADD \"order\" text NOT NULL;");
        assert_eq!(
            sql(&[("table", "\"a b\".c"), ("default", "now()")]),
            "ALTER TABLE \"a b\".c ADD ‹column› ‹type› DEFAULT now();"
        );
        let needed: Vec<&str> = FORM.holes().iter().filter(|h| !h.optional).map(|h| h.name).collect();
        assert_eq!(needed, ["table", "column", "type"]);
    }
}
