//! What a table or a column is told about storing, measuring and owning: SET STATISTICS, STORAGE, COMPRESSION, options, OWNER TO.

use super::data_type::role_name;
use super::form::Spec;
use super::recipe::way_back;
use super::wish::{Claim, Wish};
use super::{Kind, Refusal, created_here};
use crate::engine::emit::{probe, regclass};
use crate::model::{Column, Ident, Table, TableKind, TableName};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::needs::{Need, Placement, Slot};
use crate::plan::{PhaseName, Severity, Undo};
use crate::sql::Alter;
use crate::sql::details;

#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    table: TableName,
    column: Option<Ident>,
    op: String,
    /// The action, verbatim.
    text: String,
}

const OPS: [&str; 6] = ["set-statistics", "set-storage", "set-compression", "set-options", "reset-options", "owner-to"];

impl Kind for Setting {
    const NAME: &'static str = "setting";
    const TITLE: &'static str = "Change how a table is stored, measured or owned";
    const FORMS: &'static [Spec] =
        &[("Change a table's owner", "ALTER TABLE {table:table=orders} OWNER TO {role:role=app_owner};")];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        wish.alters()
            .filter(|(_, table, _)| wish.table(table).is_some())
            .filter_map(|(at, table, action)| match action {
                Alter::Other { op, column, .. } if OPS.contains(&op.as_str()) => {
                    let text = wish.atoms.get(at).map(|a| a.text.to_owned()).unwrap_or_default();
                    let new = column.as_ref().is_some_and(|c| !wish.column_exists(table, c));
                    let one = Self { table: table.clone(), column: column.clone(), op: op.clone(), text };
                    (!new).then(|| Claim::one(at, one))
                }
                _ => None,
            })
            .collect()
    }

    fn title(&self) -> String {
        let value = details::last(&self.text).unwrap_or_default();
        let value = crate::model::name::shown(&value);
        let of = match &self.column {
            Some(column) => format!("`{}.{column}`", self.table),
            None => format!("`{}`", self.table),
        };
        match self.op.as_str() {
            "set-statistics" => format!("Set the statistics target of {of} to {value}"),
            "set-storage" => format!("Store {of} as {}", value.to_lowercase()),
            "set-compression" => format!("Compress {of} by {}", value.to_lowercase()),
            "owner-to" => format!("Give {of} to `{value}`"),
            _ => format!("Change the options of {of}"),
        }
    }

    fn tables(&self) -> Vec<TableName> {
        vec![self.table.clone()]
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let table = b.catalog.table(&self.table).ok_or_else(|| created_here(&self.table))?;
        let sql = format!("ALTER TABLE {} {}", b.name(&self.table), self.text);
        let (why, done, undo) = match (self.op.as_str(), &self.column) {
            ("owner-to", _) => self.owner(b, table),
            ("set-options" | "reset-options", None) => self.options(b, table)?,
            (_, Some(column)) => {
                let column = table.column(column).ok_or_else(|| created_here(&self.table))?;
                self.of_column(b, column)
            }
            _ => return Err(Refusal::new("this setting could not be read", "Write it as a statement of its own.")),
        };
        b.push(
            Draft::sql(PhaseName::Migrate, Rank::Other, self.title(), vec![sql], b.brief())
                .why(why)
                .on(&self.table)
                .undo(undo)
                .done(done)
                .watch("Who holds a lock on the table", probe::lock_holders(&self.table)),
        );
        Ok("catalog only".to_owned())
    }
}

impl Setting {
    fn of_column(&self, b: &Builder, column: &Column) -> (String, String, Undo) {
        let (t, c) = (b.name(&self.table), b.id(&column.name));
        let value = details::last(&self.text).unwrap_or_default();
        let alter = |rest: String| format!("ALTER TABLE {t} ALTER COLUMN {c} SET {rest}");
        match self.op.as_str() {
            "set-statistics" => {
                let before = column.statistics.unwrap_or(-1);
                let target = value.parse().unwrap_or(-1);
                let done = match target {
                    // PostgreSQL 17 keeps NULL for the default, the others -1.
                    -1 => probe::column_statistics_default(&self.table, &column.name),
                    _ => probe::column_statistics_are(&self.table, &column.name, target),
                };
                (
                    "Read by the next ANALYZE: run it when the plans that need it are due. The lock lets reads and writes pass.".to_owned(),
                    done,
                    b.undo_sql(vec![alter(format!("STATISTICS {before}"))], "Read by the next ANALYZE."),
                )
            }
            "set-storage" => {
                let before = column.storage.clone().or_else(|| storage_of(&column.data_type).map(str::to_owned));
                let undo = match before {
                    Some(before) => b.undo_sql(
                        vec![alter(format!("STORAGE {}", before.to_uppercase()))],
                        "Catalog only; brief lock.",
                    ),
                    None => way_back::unknown(),
                };
                (
                    "Holds for values written from now on; stored ones stay as they are until their row is written again.".to_owned(),
                    probe::column_storage_is(&self.table, &column.name, &value.to_lowercase()),
                    undo,
                )
            }
            _ => {
                let letter = match value.to_lowercase().as_str() {
                    "lz4" => "l",
                    "pglz" => "p",
                    _ => "",
                };
                let done = format!(
                    "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_attribute WHERE attrelid = {} AND attname = {} AND attcompression = '{letter}')",
                    regclass(&self.table),
                    b.dialect().literal(column.name.as_str())
                );
                (
                    "Holds for values written from now on; stored ones are read as they are.".to_owned(),
                    done,
                    b.undo_sql(
                        vec![alter("COMPRESSION DEFAULT".into())],
                        "Values that were compressed otherwise stay readable.",
                    ),
                )
            }
        }
    }

    fn options(&self, b: &mut Builder, table: &Table) -> Result<(String, String, Undo), Refusal> {
        let Some(options) = details::options(&self.text) else {
            return Err(Refusal::new("the options could not be read", "Write them as `SET (fillfactor = 90)`."));
        };
        if table.kind == TableKind::Partitioned {
            return Err(Refusal::new(
                format!(
                    "`{}` is partitioned: it stores no rows, and the server refuses storage options on it",
                    table.name
                ),
                "Set the options on each partition.",
            ));
        }
        let before = |name: &str| {
            let prefix = format!("{name}=");
            table.options.iter().find_map(|o| o.strip_prefix(&prefix).map(str::to_owned))
        };
        let d = b.dialect();
        let (mut set, mut reset, mut asked) = (Vec::new(), Vec::new(), Vec::new());
        for (name, value) in &options {
            match before(name) {
                Some(old) => set.push(format!("{name} = {}", d.literal(&old))),
                None => reset.push(name.clone()),
            }
            let (column, bare) = match name.strip_prefix("toast.") {
                Some(bare) => ("(SELECT t.reloptions FROM pg_catalog.pg_class t WHERE t.oid = c.reltoastrelid)", bare),
                None => ("c.reloptions", name.as_str()),
            };
            asked.push(if self.op == "set-options" {
                let value = value.clone().unwrap_or_else(|| "true".to_owned());
                format!("coalesce({column} @> ARRAY[{}], false)", d.literal(&format!("{bare}={value}")))
            } else {
                format!(
                    "NOT EXISTS (SELECT 1 FROM pg_catalog.unnest({column}) AS o WHERE o LIKE {})",
                    d.literal(&format!("{bare}=%"))
                )
            });
        }
        let t = b.name(&self.table);
        let mut back = Vec::new();
        if !set.is_empty() {
            back.push(format!("ALTER TABLE {t} SET ({})", set.join(", ")));
        }
        if !reset.is_empty() && self.op == "set-options" {
            back.push(format!("ALTER TABLE {t} RESET ({})", reset.join(", ")));
        }
        let undo = if back.is_empty() {
            Undo::Nothing { because: "The options were not set before.".to_owned() }
        } else {
            b.undo_sql(back, "Catalog only; the lock lets reads and writes pass.")
        };
        let heavy = options.iter().any(|(n, _)| n == "fillfactor");
        if heavy {
            b.finding(
                Severity::Note,
                format!("`fillfactor` of `{}` holds for pages written from now on; the others keep their filling until the table is written anew.", table.name),
            );
        }
        let done = format!(
            "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_class c WHERE c.oid = {} AND {})",
            regclass(&self.table),
            asked.join(" AND ")
        );
        Ok(("The lock lets reads and writes pass, but waits for vacuum and index builds.".to_owned(), done, undo))
    }

    fn owner(&self, b: &mut Builder, table: &Table) -> (String, String, Undo) {
        let t = b.name(&self.table);
        let to = details::last(&self.text).unwrap_or_default();
        let undo = match &table.owner {
            Some(owner) => {
                // The new owner's grants become one with the rights of owning.
                let mut back = vec![format!("ALTER TABLE {t} OWNER TO {}", b.id(owner))];
                back.extend(super::grants::again(b, table, &to));
                b.undo_sql(back, "Catalog only; brief lock.")
            }
            None => way_back::unknown(),
        };
        let today = table.owner.as_ref().map_or_else(|| "the owner of today".to_owned(), |o| format!("`{o}`"));
        b.need(Need::new(Slot::Tolerate, Placement::Fixed, &self.table).say(format!(
            "Connect by a role that has rights of its own on `{}` (GRANT them first): an application that connects as {today} has them as the owner only, and loses them with it.",
            self.table
        )));
        b.finding(
            Severity::Warning,
            format!("{today} loses the rights that come with owning `{}`; views and SECURITY DEFINER functions that it owns read the table by them.", self.table),
        );
        let done = format!(
            "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_class WHERE oid = {} AND relowner = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = {}))",
            regclass(&self.table),
            role_name(b, &to)
        );
        ("Catalog only. Grants that the old owner gave go over to the new one.".to_owned(), done, undo)
    }
}

/// The type's own storage, where it is known.
fn storage_of(data_type: &str) -> Option<&'static str> {
    let base = data_type.split('(').next().unwrap_or(data_type).trim();
    match base {
        "text" | "character varying" | "character" | "bpchar" | "json" | "jsonb" | "bytea" | "xml" | "tsvector" => {
            Some("extended")
        }
        "numeric" | "inet" | "cidr" => Some("main"),
        "smallint" | "integer" | "bigint" | "boolean" | "date" | "uuid" | "real" | "double precision" => Some("plain"),
        _ if base.ends_with("[]") => Some("extended"),
        _ if base.starts_with("timestamp") || base.starts_with("time ") => Some("plain"),
        _ => None,
    }
}
