//! pgroll migrations: written from what the script asks for, not from the plan's steps, since pgroll has steps of its own
//! (start expands and keeps both columns in step, complete contracts). What its operations cannot say is refused.

use super::layout::{MARK, slug};
use super::tool::{Down, History, Job, Numbering, Sends, Tool, no_settings};
use super::yaml::Yaml;
use super::{ExportError, FileSet, FormatInfo};
use crate::engine::dialect;
use crate::model::name::shown;
use crate::model::{Engine, Ident};
use crate::plan::Wanted;
use crate::sql::{
    Alter, ColumnDef, ConstraintBody, CreateIndex, Expression, ObjectName, Statement, TableConstraint, parse,
};
use std::fmt::Write;

pub(super) const INFO: FormatInfo = FormatInfo {
    name: "pgroll",
    title: "pgroll",
    traits: &["0.16 or later", "start and complete are its own gate"],
    ran: "not run: files held against the JSON schema of May 2026",
};

pub(super) const TOOL: Tool = Tool {
    sends: Sends::Wishes,
    history: History::Same,
    down: Down::Native,
    folder: "migrations",
    numbering: Numbering::Sequence { width: 2, from: 1 },
    shared: &[],
    migrations,
    settings: no_settings,
    command: "",
    how: "\
These files say what the script asks for; how it is done without downtime is pgroll's business, not this plan's: the plan's own
steps are not in them.

- `pgroll start FILE` for one file, deploy the release that sets `search_path` to the new version schema, wait until no release
  uses the old one, `pgroll complete`. Then the next file. `pgroll migrate` would complete all but the last at once.
- `pgroll rollback` between start and complete; after complete there is no way back.
- Tables outside the schema `public` need `--schema`. A database that pgroll does not know yet: `pgroll init`, `pgroll baseline`.
- Look at each `up` and `down`: they fill the other release's column while both run, and were written from the script alone.
- One runner at a time.",
    mysql: Err("pgroll speaks to PostgreSQL only"),
};

fn migrations(job: &Job<'_>) -> Result<FileSet, ExportError> {
    let mut schema: Option<&Ident> = None;
    for table in job.plan.wanted.iter().flat_map(|w| &w.tables) {
        let first = *schema.get_or_insert(&table.schema);
        if *first != table.schema {
            return Err(cannot("the script changes tables of two schemas, and a version of pgroll covers one"));
        }
    }
    let mut all = Vec::new();
    for wanted in &job.plan.wanted {
        let script = parse(&wanted.sql, job.plan.server.engine)
            .map_err(|_| cannot(&format!("`{}` cannot be read again", shown(&wanted.sql))))?;
        for located in &script.statements {
            let mut of = Operations::new();
            operations(&located.statement, &mut of)
                .map_err(|because| cannot(&format!("{because}, in `{}`", shown(&located.text))))?;
            all.extend(of.into_iter().map(|(operation, note)| (wanted, operation, note)));
        }
    }
    let file = |(i, (wanted, operation, note)): (usize, (&Wanted, Yaml, String))| {
        let title: String = slug(&wanted.title).chars().take(32).collect();
        let id: String = job.plan.id.chars().take(6).collect();
        let name = format!("{}_p{id}_{}.yaml", job.numbering.spell(job.first, i), title.trim_end_matches('_'));
        (name, text(&job.plan.id, &wanted.title, &note, operation))
    };
    Ok(all.into_iter().enumerate().map(file).collect())
}

fn cannot(because: &str) -> ExportError {
    ExportError::Inexpressible { tool: "pgroll", because: because.to_owned() }
}

fn text(plan: &str, title: &str, note: &str, operation: Yaml) -> String {
    let mut out = format!("# {MARK}{plan} · {}\n", shown(title));
    if !note.is_empty() {
        let _ = writeln!(out, "# {}", shown(note));
    }
    out + &Yaml::map([("operations", Yaml::List(vec![operation]))]).print()
}

type Operations = Vec<(Yaml, String)>;

fn operations(statement: &Statement, out: &mut Operations) -> Result<(), String> {
    let mut one = |operation: Yaml| out.push((operation, String::new()));
    match statement {
        Statement::AlterTable { table, actions, only: false, .. } => {
            for action in actions {
                out.push(alter(table, &action.action)?);
            }
            Ok(())
        }
        Statement::CreateIndex(index) => create_index(index).map(one),
        Statement::DropIndex { names, cascade: false, .. } => {
            names.iter().for_each(|n| one(Yaml::map([("drop_index", Yaml::map([("name", name(&n.name))]))])));
            Ok(())
        }
        Statement::DropTable { tables, cascade: false, .. } => {
            tables.iter().for_each(|t| one(Yaml::map([("drop_table", Yaml::map([("name", name(&t.name))]))])));
            Ok(())
        }
        Statement::CreateTable {
            table,
            columns,
            constraints,
            partition_of: None,
            partition_by: None,
            inherits,
            like,
            ..
        } if inherits.is_empty() && like.is_empty() => {
            let mut body = vec![("name", name(&table.name))];
            body.push((
                "columns",
                Yaml::List(columns.iter().map(|c| column(&table.name, c)).collect::<Result<_, _>>()?),
            ));
            if !constraints.is_empty() {
                let all = constraints.iter().map(|c| constraint(c).map(Yaml::Map)).collect::<Result<_, _>>()?;
                body.push(("constraints", Yaml::List(all)));
            }
            one(Yaml::map([("create_table", Yaml::map(body))]));
            Ok(())
        }
        _ => Err("pgroll has no operation for it that keeps old and new releases apart".to_owned()),
    }
}

fn alter(table: &ObjectName, action: &Alter) -> Result<(Yaml, String), String> {
    let plain = |operation: &'static str, more: Vec<(&'static str, Yaml)>| {
        let body = [("table", name(&table.name))].into_iter().chain(more);
        (Yaml::map([(operation, Yaml::map(body))]), String::new())
    };
    let of_column = |column: &Ident, what: (&'static str, Yaml), up: String, note: &str| {
        let more = vec![("column", name(column)), what, ("up", Yaml::Text(up)), ("down", Yaml::Text(sql(column)))];
        (plain("alter_column", more).0, note.to_owned())
    };
    Ok(match action {
        Alter::AddColumn { column: def, .. } => {
            let mut more = vec![("column", column(&table.name, def)?)];
            // A volatile default is filled in by `up`: otherwise pgroll would rewrite the table.
            if let Some(default) = def.default.as_ref().filter(|d| !d.functions.is_empty() || !d.understood) {
                more.push(("up", Yaml::Text(default.sql.clone())));
            }
            plain("add_column", more)
        }
        Alter::RenameColumn { from, to } => plain("rename_column", vec![("from", name(from)), ("to", name(to))]),
        Alter::RenameTable { to } => {
            let body = [("from", name(&table.name)), ("to", name(to))];
            (Yaml::map([("rename_table", Yaml::map(body))]), String::new())
        }
        Alter::RenameConstraint { from, to } => {
            plain("rename_constraint", vec![("from", name(from)), ("to", name(to))])
        }
        Alter::DropColumn { column, cascade: false, .. } => {
            let (operation, _) = plain("drop_column", vec![("column", name(column))]);
            let note = "While both releases run, rows of the new one have NULL in this column: if it is NOT NULL without a \
                        default, add `down` with the value the old release is to see";
            (operation, note.to_owned())
        }
        Alter::SetType { column, data_type, collation: None, using } => {
            let cast = || format!("CAST({} AS {data_type})", sql(column));
            let up = using.as_ref().map_or_else(cast, |using| using.sql.clone());
            let note = "`down` is the way back to the old type by assignment: write an expression if it needs one";
            of_column(column, ("type", Yaml::Text(data_type.clone())), up, note)
        }
        Alter::SetNotNull { column } => {
            let note =
                "`up` leaves NULL as it is, which stops the start: write what a NULL becomes, or fill the rows before";
            of_column(column, ("nullable", Yaml::Bool(false)), sql(column), note)
        }
        Alter::DropNotNull { column } => {
            let note = "`down` passes NULL on to the old release, whose column refuses it: write what the old release is to see";
            of_column(column, ("nullable", Yaml::Bool(true)), sql(column), note)
        }
        Alter::SetDefault { column, default } => {
            of_column(column, ("default", Yaml::Text(default.sql.clone())), sql(column), "")
        }
        Alter::DropDefault { column } => of_column(column, ("default", Yaml::Null), sql(column), ""),
        Alter::AddConstraint(added) => {
            let columns = columns_of(&added.body)?;
            let same = || Yaml::Map(columns.iter().map(|c| (c.as_str().to_owned(), Yaml::Text(sql(c)))).collect());
            let mut body = constraint(added)?;
            if !body.iter().any(|(key, _)| key == "columns") {
                body.push(("columns".to_owned(), Yaml::List(columns.iter().map(name).collect())));
            }
            body.push(("table".to_owned(), name(&table.name)));
            body.extend([("up".to_owned(), same()), ("down".to_owned(), same())]);
            let note = "`up` leaves the values as they are: rows that break the constraint stop the start";
            (Yaml::map([("create_constraint", Yaml::Map(body))]), note.to_owned())
        }
        _ => return Err("pgroll has no operation for it, or needs to know more than the script says".to_owned()),
    })
}

fn columns_of(body: &ConstraintBody) -> Result<&[Ident], String> {
    match body {
        ConstraintBody::Check { expression } if expression.understood && !expression.columns.is_empty() => {
            Ok(&expression.columns)
        }
        ConstraintBody::Unique { columns, .. } | ConstraintBody::ForeignKey { columns, .. } => Ok(columns),
        _ => Err("pgroll adds CHECK, UNIQUE and FOREIGN KEY constraints only".to_owned()),
    }
}

/// What a new table and a new constraint of a table have in common.
fn constraint(added: &TableConstraint) -> Result<Vec<(String, Yaml)>, String> {
    if added.not_valid || !added.trailer.is_empty() {
        return Err("NOT VALID, DEFERRABLE and their like are beyond pgroll's constraints".to_owned());
    }
    let named = added.name.as_ref().ok_or("pgroll wants a name for the constraint")?;
    let mut body = vec![("name", name(named))];
    let list = |columns: &[Ident]| Yaml::List(columns.iter().map(name).collect());
    match &added.body {
        ConstraintBody::Check { expression } => {
            body.extend([("type", Yaml::text("check")), ("check", Yaml::Text(expression.sql.clone()))]);
        }
        ConstraintBody::Unique { columns, include, nulls_not_distinct: false } if include.is_empty() => {
            body.extend([("type", Yaml::text("unique")), ("columns", list(columns))]);
        }
        ConstraintBody::PrimaryKey { columns, include } if include.is_empty() => {
            body.extend([("type", Yaml::text("primary_key")), ("columns", list(columns))]);
        }
        ConstraintBody::ForeignKey { columns, table, referenced, actions } if !referenced.is_empty() => {
            let mut references = vec![("table", name(&table.name)), ("columns", list(referenced))];
            references.extend(on_delete(actions)?);
            body.extend([
                ("type", Yaml::text("foreign_key")),
                ("columns", list(columns)),
                ("references", Yaml::map(references)),
            ]);
        }
        ConstraintBody::ForeignKey { .. } => return Err("pgroll wants the referenced columns by name".to_owned()),
        _ => return Err("pgroll has no such constraint".to_owned()),
    }
    Ok(body.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
}

fn on_delete(options: &str) -> Result<Option<(&'static str, Yaml)>, String> {
    let words = options.split_whitespace().map(str::to_ascii_uppercase).collect::<Vec<_>>().join(" ");
    match words.strip_prefix("ON DELETE ") {
        None if words.is_empty() => Ok(None),
        Some(action @ ("NO ACTION" | "RESTRICT" | "CASCADE" | "SET NULL" | "SET DEFAULT")) => {
            Ok(Some(("on_delete", Yaml::text(action))))
        }
        _ => Err(format!("`{}` of the foreign key is beyond this export", shown(options))),
    }
}

fn column(table: &Ident, def: &ColumnDef) -> Result<Yaml, String> {
    if def.identity.is_some() || def.generated.is_some() || def.collation.is_some() {
        return Err(format!("identity, generated values and collations of `{}` are beyond this export", def.name));
    }
    let mut nullable = !def.not_null;
    let mut body = vec![("name", name(&def.name)), ("type", Yaml::Text(def.data_type.clone()))];
    body.extend(def.default.as_ref().map(|default| ("default", Yaml::Text(default.sql.clone()))));
    for added in &def.constraints {
        let own = |end: &str| {
            let plain = || Yaml::Text(format!("{}_{}_{end}", table.as_str(), def.name.as_str()));
            added.name.as_ref().map_or_else(plain, name)
        };
        if added.not_valid || !added.trailer.is_empty() {
            return Err("NOT VALID, DEFERRABLE and their like are beyond pgroll's constraints".to_owned());
        }
        body.push(match &added.body {
            ConstraintBody::Check { expression } => {
                ("check", Yaml::map([("name", own("check")), ("constraint", Yaml::Text(expression.sql.clone()))]))
            }
            ConstraintBody::Unique { nulls_not_distinct: false, .. } => ("unique", Yaml::Bool(true)),
            ConstraintBody::PrimaryKey { .. } => {
                nullable = false;
                ("pk", Yaml::Bool(true))
            }
            ConstraintBody::ForeignKey { table, referenced, actions, .. } => {
                let [to] = referenced.as_slice() else {
                    return Err("pgroll wants the referenced column by name".to_owned());
                };
                let mut references = vec![("name", own("fkey")), ("table", name(&table.name)), ("column", name(to))];
                references.extend(on_delete(actions)?);
                ("references", Yaml::map(references))
            }
            _ => return Err("pgroll has no such constraint".to_owned()),
        });
    }
    body.push(("nullable", Yaml::Bool(nullable)));
    Ok(Yaml::map(body))
}

fn create_index(index: &CreateIndex) -> Result<Yaml, String> {
    let named = index.name.as_ref().ok_or("pgroll wants a name for the index")?;
    if index.only || !index.include.is_empty() {
        return Err("INCLUDE and ONLY are beyond pgroll's indexes".to_owned());
    }
    let method = index.method.to_ascii_lowercase();
    if !["btree", "hash", "gist", "spgist", "gin", "brin"].contains(&method.as_str()) {
        return Err(format!("the index method `{}` is beyond pgroll", shown(&index.method)));
    }
    let written = index.definition.trim_end();
    let end = index.predicate.as_ref().map_or(")", |p: &Expression| p.sql.trim_end());
    let parts = [" with (", " with(", " tablespace ", "nulls not distinct", "nulls distinct"];
    let lower = written.to_ascii_lowercase();
    if !written.ends_with(end) && !written.ends_with(&format!("{end})")) || parts.iter().any(|p| lower.contains(p)) {
        return Err("storage parameters, tablespaces and NULLS NOT DISTINCT are beyond this export".to_owned());
    }
    let keys = index.keys.iter().map(|key| {
        let column = key.column.as_ref().ok_or("pgroll indexes columns, not expressions")?;
        let behind =
            key.text.trim().strip_prefix(&sql(column)).or_else(|| key.text.trim().strip_prefix(column.as_str()));
        let words = behind.unwrap_or("?").split_whitespace().map(str::to_ascii_uppercase).collect::<Vec<_>>().join(" ");
        let mut field = vec![("column", name(column))];
        match words.as_str() {
            "" => {}
            "ASC" | "DESC" => field.push(("sort", Yaml::Text(words))),
            "NULLS FIRST" | "NULLS LAST" | "ASC NULLS FIRST" | "ASC NULLS LAST" | "DESC NULLS FIRST"
            | "DESC NULLS LAST" => {
                let (sort, nulls) = words.split_once("NULLS ").unwrap_or_default();
                if !sort.is_empty() {
                    field.push(("sort", Yaml::text(sort.trim())));
                }
                field.push(("nulls", Yaml::text(nulls)));
            }
            _ => return Err(format!("`{}` is beyond this export", shown(&key.text))),
        }
        Ok(Yaml::map(field))
    });
    let mut body = vec![
        ("name", name(named)),
        ("table", name(&index.table.name)),
        ("columns", Yaml::List(keys.collect::<Result<_, String>>()?)),
        ("method", Yaml::Text(method)),
    ];
    body.extend(index.predicate.as_ref().map(|p| ("predicate", Yaml::Text(p.sql.clone()))));
    if index.unique {
        body.push(("unique", Yaml::Bool(true)));
    }
    Ok(Yaml::map([("create_index", Yaml::map(body))]))
}

/// As it stands in an expression.
fn sql(column: &Ident) -> String {
    dialect(Engine::Postgresql).ident(column)
}

fn name(ident: &Ident) -> Yaml {
    Yaml::text(ident.as_str())
}
