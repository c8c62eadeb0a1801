//! Random wishes over a random database: each statement is made for the database as the ones before it leave it.

use super::dice::Dice;
use super::world::{default_for, types};
use super::{name, quoted};
use sidestep::model::{Catalog, ConstraintKind, Table};

/// One to six statements.
pub fn wish(catalog: &Catalog, dice: &mut Dice) -> String {
    let mut now = catalog.clone();
    let mut statements = Vec::new();
    for number in 0..=dice.below(6) {
        let Some(statement) = one(&now, number, dice) else { continue };
        // Some stay in although the server would refuse them: that has to be said, too.
        if super::replay(&mut now, &statement).is_ok() || dice.chance(10) {
            statements.push(statement);
        }
    }
    statements.join(";\n")
}

fn one(catalog: &Catalog, number: usize, dice: &mut Dice) -> Option<String> {
    let table: &Table = dice.maybe(&catalog.tables)?;
    let t = name(&table.name);
    let columns: Vec<String> = table.columns.iter().map(|c| quoted(c.name.as_str())).collect();
    let a = dice.maybe(&columns)?.clone();
    let b = dice.pick(&columns).clone();
    let column = table.columns.iter().find(|c| quoted(c.name.as_str()) == a)?;
    let new = quoted(&format!("new {number}"));
    let data_type = *dice.pick(types());
    let alter = |action: String| Some(format!("ALTER TABLE {t} {action}"));
    match dice.below(58) {
        0 => alter(format!("ADD COLUMN {new} {data_type}")),
        1 | 2 => {
            let default = default_for(data_type, dice)?;
            alter(format!("ADD COLUMN {new} {data_type} NOT NULL DEFAULT {default}"))
        }
        3 => alter(format!("ADD COLUMN {new} uuid NOT NULL DEFAULT gen_random_uuid()")),
        4 => alter(format!("ADD COLUMN {new} text UNIQUE")),
        5 => alter(format!("ADD COLUMN {new} bigint CHECK ({new} > 0)")),
        6 => alter(format!("ADD COLUMN {new} bigserial")),
        7 => alter(format!("ADD COLUMN {new} {data_type} NOT NULL")),
        8..=10 => alter(format!("DROP COLUMN {a}")),
        11..=13 => alter(format!("RENAME COLUMN {a} TO {new}")),
        14 => alter(format!("ALTER COLUMN {a} TYPE text")),
        15 | 16 => alter(format!("ALTER COLUMN {a} TYPE bigint")),
        17 => alter(format!("ALTER COLUMN {a} TYPE {data_type} USING {a}::text::{data_type}")),
        18 => alter(format!("ALTER COLUMN {a} TYPE varchar(20)")),
        19 | 20 => alter(format!("ALTER COLUMN {a} SET NOT NULL")),
        21 => alter(format!("ALTER COLUMN {a} DROP NOT NULL")),
        22 => alter(format!("ALTER COLUMN {a} DROP DEFAULT")),
        23 => alter(format!("ALTER COLUMN {a} SET DEFAULT {}", default_for(&column.data_type, dice).unwrap_or("NULL"))),
        24 | 25 => Some(format!("CREATE INDEX {new} ON {t} ({a}, {b})")),
        26 => Some(format!("CREATE UNIQUE INDEX ON {t} ({a}) WHERE {b} IS NOT NULL")),
        27 => Some(format!("CREATE INDEX ON {t} (coalesce({a}::text, ''))")),
        28 => alter(format!("ADD CONSTRAINT {new} CHECK ({a} IS NOT NULL OR {b} IS NOT NULL)")),
        29 => alter(format!("ADD CONSTRAINT {new} UNIQUE ({a})")),
        30 => alter(format!("ADD PRIMARY KEY ({a})")),
        31 | 32 => {
            let to = dice.maybe(&catalog.tables)?;
            let key = quoted(to.primary_key()?.columns.first()?.as_str());
            alter(format!("ADD CONSTRAINT {new} FOREIGN KEY ({a}) REFERENCES {} ({key})", name(&to.name)))
        }
        33 | 34 => alter(format!("DROP CONSTRAINT {}", quoted(dice.maybe(&table.constraints)?.name.as_str()))),
        35 => {
            let open: Vec<_> = table.constraints.iter().filter(|c| !c.valid).collect();
            alter(format!("VALIDATE CONSTRAINT {}", quoted(dice.maybe(&open)?.name.as_str())))
        }
        36 => {
            let index = table.name.sibling(dice.maybe(&table.indexes)?.name.as_str());
            Some(format!("DROP INDEX {}", name(&index)))
        }
        37 => {
            let index = table.name.sibling(dice.maybe(&table.indexes)?.name.as_str());
            Some(format!("REINDEX INDEX {}", name(&index)))
        }
        38 => Some(format!("DROP TABLE {t}")),
        39 => alter(format!("RENAME TO {new}")),
        40 => Some(format!("UPDATE {t} SET {a} = NULL WHERE {b} IS NULL")),
        41 => Some(format!("DELETE FROM {t} WHERE {a} IS NULL")),
        42 => Some(format!("COMMENT ON COLUMN {t}.{a} IS 'x'")),
        43 => {
            let view = dice.maybe(&catalog.views)?;
            let word = if view.kind == sidestep::model::objects::ViewKind::Materialized { "MATERIALIZED " } else { "" };
            Some(format!("DROP {word}VIEW {}", name(&view.name)))
        }
        44 => {
            alter(format!("ADD COLUMN {new} text; UPDATE {t} SET {new} = {a}::text; ALTER TABLE {t} DROP COLUMN {a}"))
        }
        45 => alter(format!(
            "ADD COLUMN {new} int; UPDATE {t} SET {new} = length({a}::text); ALTER TABLE {t} ALTER {new} SET NOT NULL"
        )),
        46 => alter(format!("ALTER COLUMN {a} ADD GENERATED BY DEFAULT AS IDENTITY")),
        47 => alter(format!("ALTER COLUMN {a} DROP IDENTITY")),
        48 => Some("ALTER TYPE public.mood ADD VALUE 'new'".to_owned()),
        49 => Some(format!("CREATE VIEW public.{new} AS SELECT {a}, {b} AS other FROM {t}")),
        50 => Some(format!("CREATE TABLE public.{new} (id bigint PRIMARY KEY, x {data_type})")),
        51 => Some(format!("VACUUM FULL {t}")),
        52 => Some(format!("TRUNCATE {t}")),
        53 => {
            let sets: Vec<&Table> = catalog.tables.iter().filter(|t| t.partition_of.is_some()).collect();
            let part = dice.maybe(&sets)?;
            let parent = &part.partition_of.as_ref()?.parent;
            Some(format!("ALTER TABLE {} DETACH PARTITION {}", name(parent), name(&part.name)))
        }
        54 => {
            let keys: Vec<_> = table.constraints.iter().filter(|c| c.kind == ConstraintKind::Check).collect();
            alter(format!("DROP CONSTRAINT {}, ADD COLUMN {new} int", quoted(dice.maybe(&keys)?.name.as_str())))
        }
        55 => Some(format!("GRANT SELECT ON {t} TO reader")),
        56 => alter(format!("ADD COLUMN {new} int, ALTER COLUMN {a} SET NOT NULL, DROP COLUMN {b}")),
        _ => alter("REPLICA IDENTITY FULL".to_owned()),
    }
}
