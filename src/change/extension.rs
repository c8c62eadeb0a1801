//! CREATE, ALTER … UPDATE and DROP EXTENSION.

use super::form::Spec;
use super::wish::{Claim, Part, Wish};
use super::{Kind, Refusal};
use crate::model::TableName;
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::{PhaseName, Severity, Undo};
use crate::sql::Statement;
use crate::sql::details::{self, ExtensionParts};

#[derive(Debug, Clone, PartialEq)]
enum Does {
    Create,
    Update,
    Drop,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Extension {
    does: Does,
    parts: ExtensionParts,
    text: String,
}

impl Kind for Extension {
    const NAME: &'static str = "extension";
    const TITLE: &'static str = "Install, update or drop an extension";
    const FORMS: &'static [Spec] =
        &[("", "{what:CREATE EXTENSION|DROP EXTENSION=CREATE EXTENSION} {extension:extension=pg_trgm};")];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        wish.atoms
            .iter()
            .enumerate()
            .filter_map(|(at, atom)| {
                let Part::Whole(Statement::Known { op, .. }) = &atom.part else { return None };
                let parts = details::extension(atom.text)?;
                let does = match op.as_str() {
                    "create-extension" => Does::Create,
                    "alter-extension" if parts.update => Does::Update,
                    "drop-extension" => Does::Drop,
                    _ => return None,
                };
                Some(Claim::one(at, Self { does, parts, text: atom.text.trim().to_owned() }))
            })
            .collect()
    }

    fn title(&self) -> String {
        let name = &self.parts.name;
        match self.does {
            Does::Create => format!("Install the extension `{name}`"),
            Does::Update => format!("Update the extension `{name}`"),
            Does::Drop => format!("Drop the extension `{name}`"),
        }
    }

    fn tables(&self) -> Vec<TableName> {
        Vec::new()
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let (d, catalog) = (b.dialect(), b.catalog);
        let name = &self.parts.name;
        let (n, literal) = (d.ident(name), d.literal(name.as_str()));
        let known = catalog.extensions.iter().find(|e| e.name == *name);
        let row = |condition: &str| {
            format!("EXISTS (SELECT 1 FROM pg_catalog.pg_extension WHERE extname = {literal}{condition})")
        };
        match self.does {
            Does::Create => {
                if known.is_some() {
                    return if self.parts.optional {
                        Ok("nothing to do: the extension is installed already".to_owned())
                    } else {
                        Err(Refusal::new(
                            format!("the extension `{name}` is installed already (42710)"),
                            "Leave the statement out, or write IF NOT EXISTS.",
                        ))
                    };
                }
                b.push(
                    Draft::sql(PhaseName::Expand, Rank::CreateObject, self.title(), vec![self.text.clone()], b.brief())
                        .why("Adds objects of its own; no table of yours is locked.")
                        .undo(b.undo_sql(
                            vec![format!("DROP EXTENSION {n}")],
                            "Refused while a column or a function uses something of it.",
                        ))
                        .done(format!("SELECT {}", row(""))),
                );
                b.finding(
                    Severity::Note,
                    format!("`{name}` has to be on every server that runs this database, replicas included, and the role needs the right to create it. Some extensions also need `shared_preload_libraries` and a restart."),
                );
                Ok("adds objects only".to_owned())
            }
            Does::Update => {
                let before = known.map(|e| e.version.clone());
                let done = match (&self.parts.version, &before) {
                    (Some(version), _) => {
                        format!("SELECT {}", row(&format!(" AND extversion = {}", d.literal(version))))
                    }
                    (None, Some(before)) => format!(
                        "SELECT {} OR NOT EXISTS (SELECT 1 FROM pg_catalog.pg_available_extensions WHERE name = {literal} AND default_version <> installed_version)",
                        row(&format!(" AND extversion <> {}", d.literal(before)))
                    ),
                    (None, None) => format!(
                        "SELECT NOT EXISTS (SELECT 1 FROM pg_catalog.pg_available_extensions WHERE name = {literal} AND default_version <> installed_version)"
                    ),
                };
                if self.parts.version.is_some() && self.parts.version == before {
                    return Ok("nothing to do: the extension has that version".to_owned());
                }
                b.push(
                    Draft::sql(PhaseName::Migrate, Rank::Other, self.title(), vec![self.text.clone()], b.validating())
                        .why("Runs the extension's own scripts from one version to the next, in one transaction. What they lock and rewrite stands in those scripts.")
                        .undo(Undo::PointOfNoReturn {
                            because: "Few extensions have a script back to an older version.".to_owned(),
                        })
                        .done(done),
                );
                b.finding(
                    Severity::Danger,
                    format!("What the update of `{name}` locks is not known: read its `{name}--old--new.sql` and try it on a copy first."),
                );
                Ok("the extension's own scripts decide what is locked".to_owned())
            }
            Does::Drop => {
                if self.parts.cascade {
                    return Err(Refusal::new(
                        format!(
                            "{} with CASCADE would drop every column, index and function that uses it",
                            self.title()
                        ),
                        "Change what uses it by name, in the script, and leave CASCADE out.",
                    ));
                }
                let undo = match known {
                    Some(e) => b.undo_sql(
                        vec![format!(
                            "CREATE EXTENSION {n} SCHEMA {} VERSION {}",
                            d.ident(&e.schema),
                            d.literal(&e.version)
                        )],
                        "Its objects come back under other ids, without grants given on them.",
                    ),
                    None => Undo::PointOfNoReturn {
                        because: "The catalog does not tell its version and schema.".to_owned(),
                    },
                };
                b.push(
                    Draft::sql(PhaseName::Contract, Rank::DropObject, self.title(), vec![format!("DROP EXTENSION {n}")], b.brief())
                        .why("The server refuses it while a column, an index or a tracked function uses something of it. Bodies of functions and queries of the application are not checked.")
                        .undo(undo)
                        .done(format!("SELECT NOT {}", row(""))),
                );
                Ok("after everything that could use it".to_owned())
            }
        }
    }
}
