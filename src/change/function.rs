//! Functions and procedures: created, given a new body, dropped. No table is locked; every release meets the new body at once.

use super::form::Spec;
use super::wish::{Claim, Part, Wish};
use super::{Kind, Refusal};
use crate::engine::emit::objects;
use crate::model::TableName;
use crate::model::objects::Function;
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::{PhaseName, Severity, Undo};
use crate::sql::{ObjectName, Reader, Statement, pieces};

#[derive(Debug, Clone, PartialEq)]
pub struct ChangeFunction {
    name: TableName,
    /// `FUNCTION` or `PROCEDURE`.
    word: &'static str,
    what: What,
}

#[derive(Debug, Clone, PartialEq)]
enum What {
    Create { sql: String, replace: bool, read: Read },
    Drop { sql: String, if_exists: bool },
}

/// What the statement says, as far as the way back and the check need it.
#[derive(Debug, Clone, PartialEq, Default)]
struct Read {
    /// Arguments without their defaults.
    arguments: String,
    returns: String,
    body: Option<String>,
    volatility: char,
    strict: bool,
    definer: bool,
}

impl Kind for ChangeFunction {
    const NAME: &'static str = "function";
    const TITLE: &'static str = "Create, replace or drop a function";
    const FORMS: &'static [Spec] = &[
        (
            "Create or replace a function",
            "CREATE OR REPLACE FUNCTION {name:new table=hello}({arguments:sql=name text}) RETURNS {type:type=text} LANGUAGE {language:sql|plpgsql=sql} AS $$\n{body:sql=SELECT 'Hello ' || name}\n$$;",
        ),
        ("Drop a function", "DROP FUNCTION {name:sql=purge_sessions()};"),
    ];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        let mut claims = Vec::new();
        for (at, atom) in wish.atoms.iter().enumerate() {
            let Part::Whole(statement) = &atom.part else { continue };
            let sql = atom.text.trim().to_owned();
            let mut words = Reader::new(&sql);
            let found = match statement {
                Statement::CreateFunction { name, or_replace } => {
                    let what = What::Create { replace: *or_replace, read: read(&sql), sql: sql.clone() };
                    Some((name.clone(), "FUNCTION", what))
                }
                Statement::Known { op, .. } if op == "create-procedure" => {
                    words.eat("create");
                    let replace = words.eat("or replace");
                    words.eat("procedure");
                    let what = What::Create { replace, read: read(&sql), sql: sql.clone() };
                    words.name().map(|name| (name, "PROCEDURE", what))
                }
                Statement::DropFunction { name, if_exists, .. } => {
                    Some((name.clone(), "FUNCTION", What::Drop { sql: sql.clone(), if_exists: *if_exists }))
                }
                Statement::Known { op, .. } if op == "drop-procedure" => {
                    words.eat("drop procedure");
                    let if_exists = words.eat("if exists");
                    words.name().map(|name| (name, "PROCEDURE", What::Drop { sql: sql.clone(), if_exists }))
                }
                _ => None,
            };
            if let Some((name, word, what)) = found {
                claims.push(Claim::one(at, Self { name: full(wish, &name), word, what }));
            }
        }
        claims
    }

    fn title(&self) -> String {
        let word = self.word.to_lowercase();
        match &self.what {
            What::Create { replace: false, .. } => format!("Create {word} `{}`", self.name),
            What::Create { .. } => format!("Create or replace {word} `{}`", self.name),
            What::Drop { .. } => format!("Drop {word} `{}`", self.name),
        }
    }

    fn tables(&self) -> Vec<TableName> {
        Vec::new()
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        match &self.what {
            What::Create { sql, replace, read } => self.create(b, sql, *replace, read),
            What::Drop { sql, if_exists } => self.drop(b, sql, *if_exists),
        }
    }
}

impl ChangeFunction {
    /// Functions of that name that the catalog lists: those that are trigger functions or name a table.
    fn listed<'b>(&self, b: &Builder<'b>) -> Vec<&'b Function> {
        b.catalog.functions.iter().filter(|f| f.name == self.name).collect()
    }

    fn create(&self, b: &mut Builder, sql: &str, replace: bool, read: &Read) -> Result<String, Refusal> {
        let listed = self.listed(b);
        let same: Option<&Function> =
            listed.iter().copied().find(|f| types_of(&f.arguments) == types_of(&read.arguments));
        if let Some(old) = same
            && !replace
        {
            return Err(Refusal::new(
                format!("there is a function `{}({})` already", self.name, old.arguments),
                "Write CREATE OR REPLACE FUNCTION to give it a new body, or choose another name.",
            ));
        }
        let was = same.and_then(|f| f.definition.as_deref()).map(returns_of);
        if let Some(was) = was.filter(|w| !read.returns.is_empty() && spelled(w) != spelled(&read.returns)) {
            return Err(Refusal::new(
                format!("the server refuses to give `{}` another return type than `{was}` (42P13)", self.name),
                "Create it under a new name, deploy the release that calls that one, and drop the old one then.",
            ));
        }
        let drop = format!("DROP {} {}({})", self.word, b.name(&self.name), read.arguments);
        let undo = match (same, replace) {
            (None, false) => b.undo_sql(vec![drop], "Nothing used it before."),
            (Some(old), _) => match &old.definition {
                Some(definition) => b.undo_sql(
                    vec![definition.trim().to_owned()],
                    "Brings the body and properties of today back; no table is locked.",
                ),
                None => no_source(),
            },
            // The list holds every trigger function: one that is not there is new.
            (None, true) if spelled(&read.returns) == "trigger" => {
                b.undo_sql(vec![drop], "There was no such trigger function before.")
            }
            (None, true) => no_source(),
        };
        let mut draft = Draft::sql(PhaseName::Expand, Rank::CreateObject, self.title(), vec![sql.to_owned()], b.brief())
            .why("No table is locked. Calls that run finish with the body they began with; every call that starts afterwards, from any release, gets this one.")
            .undo(undo);
        if let Some(body) = &read.body {
            draft = draft.done(objects::function_is(&self.name, body, read.volatility, read.strict, read.definer));
        }
        if let Some(old) = same {
            draft = draft.abort_if(format!("Errors that name `{}`: the undo brings the old body back.", self.name));
            let users: Vec<String> = b
                .catalog
                .tables
                .iter()
                .flat_map(|t| t.triggers.iter().map(move |g| (t, g)))
                .filter(|(_, g)| g.function == old.name)
                .map(|(t, g)| format!("`{}` of `{}`", g.name, t.name))
                .collect();
            if !users.is_empty() {
                b.finding(
                    Severity::Warning,
                    format!("`{}` is what these triggers call, in every write of every release: {}. The new body has to suit the release of today, too.", self.name, users.join(", ")),
                );
            }
        }
        if read.definer && !sql.to_lowercase().contains("search_path") {
            b.finding(
                Severity::Warning,
                format!("`{}` is SECURITY DEFINER without `SET search_path`: a caller can make it find other tables than it means.", self.name),
            );
        }
        b.push(draft);
        Ok("one step: no table is locked".to_owned())
    }

    fn drop(&self, b: &mut Builder, sql: &str, if_exists: bool) -> Result<String, Refusal> {
        let users: Vec<String> = b
            .catalog
            .tables
            .iter()
            .flat_map(|t| t.triggers.iter().map(move |g| (t, g)))
            .filter(|(_, g)| g.function == self.name)
            .map(|(t, g)| format!("`{}` of `{}`", g.name, t.name))
            .collect();
        if !users.is_empty() && Reader::new(sql).holds("cascade") {
            return Err(Refusal::new(
                format!(
                    "DROP {} … CASCADE would drop the triggers that call `{}`: {}",
                    self.word,
                    self.name,
                    users.join(", ")
                ),
                "Drop those triggers by name, in the script, and leave CASCADE out.",
            ));
        }
        let listed = self.listed(b);
        let undo = match listed.as_slice() {
            [old] => match &old.definition {
                Some(definition) => b.undo_sql(
                    vec![definition.trim().to_owned()],
                    "Comes back with today's body; its grants and comment have to be given again.",
                ),
                None => no_source(),
            },
            _ => no_source(),
        };
        let mut draft =
            Draft::sql(PhaseName::Contract, Rank::DropObject, self.title(), vec![sql.to_owned()], b.brief())
                .why("No table is locked; the server refuses it while a trigger, a default or a view needs the function. Calls from the application and from other functions are not known to the server: they fail from then on.")
                .undo(undo);
        // With overloads the name stays.
        if listed.len() <= 1 && !if_exists {
            draft = draft.done(objects::function_gone(&self.name));
        }
        b.push(draft);
        b.finding(
            Severity::Warning,
            format!("Nobody can tell from the catalog who calls `{}`: `pg_stat_user_functions` counts its calls if `track_functions` is on.", self.name),
        );
        Ok("one step: no table is locked".to_owned())
    }
}

fn no_source() -> Undo {
    Undo::PointOfNoReturn {
        because: "The body of today is not in the catalog that was read: keep it (`\\sf` in psql) before this step."
            .to_owned(),
    }
}

fn full(wish: &Wish, name: &ObjectName) -> TableName {
    let known = |f: &&Function| {
        f.name.name == name.name
            && name
                .schema
                .as_ref()
                .map_or_else(|| wish.catalog.search_path.contains(&f.name.schema), |s| f.name.schema == *s)
    };
    if let Some(found) = wish.catalog.functions.iter().find(known) {
        return found.name.clone();
    }
    let first = wish.catalog.search_path.first().cloned().unwrap_or_else(|| "public".into());
    TableName { schema: name.schema.clone().unwrap_or(first), name: name.name.clone() }
}

fn read(sql: &str) -> Read {
    let mut words = Reader::new(sql);
    words.up_to(&["("]);
    let arguments = words.parens().unwrap_or("");
    let bare = |piece: &str| Reader::new(piece).up_to(&["default", "="]).to_owned();
    let arguments: Vec<String> = pieces(arguments).into_iter().map(bare).collect();
    let mut read = Read { arguments: arguments.join(", "), volatility: 'v', ..Read::default() };
    while !words.ended() {
        if words.eat("returns null on null input") || words.eat("strict") {
            read.strict = true;
        } else if words.eat("returns") {
            let stops = [
                "language",
                "as",
                "immutable",
                "stable",
                "volatile",
                "security",
                "strict",
                "set",
                "cost",
                "rows",
                "parallel",
                "window",
                "leakproof",
                "not",
                "called",
                "begin",
                "return",
                "support",
                "external",
            ];
            read.returns = words.up_to(&stops).to_owned();
        } else if words.eat("immutable") {
            read.volatility = 'i';
        } else if words.eat("stable") {
            read.volatility = 's';
        } else if words.eat("security definer") {
            read.definer = true;
        } else if words.eat("as") {
            // Two strings are a library and a symbol.
            read.body = words.string().filter(|_| !words.is_mark(","));
        } else {
            words.skip();
        }
    }
    read
}

/// The RETURNS clause of a definition that the server printed: it stands on a line of its own.
fn returns_of(definition: &str) -> String {
    let line = definition.lines().find_map(|l| l.trim_start().strip_prefix("RETURNS "));
    line.map_or_else(|| read(definition).returns, |l| l.trim().to_owned())
}

/// Spellings of a type that mean the same.
fn spelled(data_type: &str) -> String {
    let text = data_type.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.to_lowercase().strip_prefix("setof ") {
        Some(of) => format!("setof {}", crate::sql::canonical_type(of)),
        None => crate::sql::canonical_type(&text.to_lowercase()),
    }
}

/// The types alone, names and modes left out as far as that can be told.
fn types_of(arguments: &str) -> Vec<String> {
    let one = |piece: &str| {
        let mut words: Vec<&str> = piece.split_whitespace().collect();
        if words.first().is_some_and(|w| ["in", "inout", "variadic"].contains(&w.to_lowercase().as_str())) {
            words.remove(0);
        }
        let whole = crate::sql::canonical_type(&words.join(" ").to_lowercase());
        let known = |t: &str| t.contains(' ') && words.len() > 1;
        if known(&whole)
            && ![
                "double precision",
                "character varying",
                "bit varying",
                "timestamp with time zone",
                "timestamp without time zone",
                "time with time zone",
                "time without time zone",
            ]
            .iter()
            .any(|t| whole.starts_with(t))
        {
            words.remove(0);
        }
        crate::sql::canonical_type(&words.join(" ").to_lowercase())
    };
    let inward = |piece: &&str| !piece.trim_start().to_lowercase().starts_with("out ");
    pieces(arguments).into_iter().filter(inward).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_definition_says() {
        let read = read(
            "CREATE OR REPLACE FUNCTION f(a integer, b text DEFAULT 'x') RETURNS SETOF bigint LANGUAGE sql STABLE STRICT SECURITY DEFINER AS $$ SELECT 1 $$",
        );
        assert_eq!(read.arguments, "a integer, b text");
        assert_eq!(read.returns, "SETOF bigint");
        assert_eq!(read.body.as_deref(), Some(" SELECT 1 "));
        assert_eq!((read.volatility, read.strict, read.definer), ('s', true, true));
        assert_eq!(types_of("a int, b text"), types_of("integer, text"));
        assert_eq!(types_of("a double precision"), types_of("double precision"));
    }
}
