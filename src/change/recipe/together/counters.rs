//! Defaults, sequences and identities: they go over to the new column and go on where they stood.

use super::{Moving, Part};
use crate::model::catalog::Identity;
use crate::model::objects::Sequence;
use crate::model::{Ident, TableName};
use crate::plan::build::Builder;

/// Statements of the cut-over, and of the way back, both with the new column under the old one's name.
#[derive(Default)]
pub(super) struct Handed {
    pub there: Vec<String>,
    pub back: Vec<String>,
}

/// The sequence that the column owns, as a serial or as an identity.
pub fn counter<'c>(b: &Builder<'c>, table: &TableName, column: &Ident) -> Option<&'c Sequence> {
    b.catalog.sequences.iter().find(|s| s.owned_by.as_ref().is_some_and(|o| o.table == *table && o.column == *column))
}

/// `SELECT setval(…)`: the counter goes on exactly where the other stands.
pub fn go_on(b: &Builder, to: &TableName, from: &TableName) -> String {
    format!(
        "SELECT pg_catalog.setval({}::pg_catalog.regclass, last_value, is_called) FROM {}",
        b.dialect().literal(&b.name(to)),
        b.name(from)
    )
}

/// `ADD GENERATED … AS IDENTITY (SEQUENCE NAME …)`, without the ALTER TABLE.
pub fn add_identity(
    b: &Builder,
    column: &Ident,
    identity: Identity,
    sequence: &TableName,
    options: &[String],
) -> String {
    let when = match identity {
        Identity::Always => "ALWAYS",
        Identity::ByDefault => "BY DEFAULT",
    };
    let mut inside = vec![format!("SEQUENCE NAME {}", b.name(sequence))];
    inside.extend(options.iter().cloned());
    format!("ALTER COLUMN {} ADD GENERATED {when} AS IDENTITY ({})", b.id(column), inside.join(" "))
}

impl Part<'_> {
    pub(super) fn hand_over(&self, b: &mut Builder, moving: &Moving) -> Handed {
        let table = &self.table.name;
        let t = b.name(table);
        let (c, old) = (b.id(&moving.column.name), b.id(&moving.old));
        let mut handed = Handed::default();
        if moving.placeholder().is_some() {
            handed.there.push(format!("ALTER TABLE {t} ALTER COLUMN {c} DROP DEFAULT"));
        }
        if let Some(default) = &moving.column.default {
            handed.there.push(format!("ALTER TABLE {t} ALTER COLUMN {old} DROP DEFAULT"));
            handed.there.push(format!("ALTER TABLE {t} ALTER COLUMN {c} SET DEFAULT {}", default.sql));
            handed.back.push(format!("ALTER TABLE {t} ALTER COLUMN {c} DROP DEFAULT"));
            handed.back.push(format!("ALTER TABLE {t} ALTER COLUMN {old} SET DEFAULT {}", default.sql));
        }
        if let Some(sequence) = counter(b, table, &moving.column.name) {
            match moving.column.identity {
                Some(identity) => self.identity(b, moving, identity, sequence, &mut handed),
                None => self.serial(b, moving, sequence, &mut handed),
            }
        }
        if let Some(value) = moving.placeholder() {
            handed.back.push(format!("ALTER TABLE {t} ALTER COLUMN {c} SET DEFAULT {value}"));
        }
        handed
    }

    fn serial(&self, b: &Builder, moving: &Moving, sequence: &Sequence, handed: &mut Handed) {
        let (s, t) = (b.name(&sequence.name), b.name(&self.table.name));
        handed.there.push(format!("ALTER SEQUENCE {s} OWNED BY {t}.{}", b.id(&moving.column.name)));
        handed.back.push(format!("ALTER SEQUENCE {s} OWNED BY {t}.{}", b.id(&moving.old)));
        if sequence.data_type != moving.data_type && is_counter_type(&moving.data_type) {
            handed.there.push(format!("ALTER SEQUENCE {s} AS {}", moving.data_type));
            handed.back.push(format!("ALTER SEQUENCE {s} AS {}", sequence.data_type));
        }
    }

    /// An identity's sequence cannot change its column: a second one takes over its name and its place.
    fn identity(&self, b: &mut Builder, moving: &Moving, identity: Identity, sequence: &Sequence, handed: &mut Handed) {
        let table = &self.table.name;
        let leaving = sequence.name.sibling(b.fresh(table, &[sequence.name.name.as_str(), "old"]).0);
        let (c, old) = (&moving.column.name, &moving.old);
        let turn = |list: &mut Vec<String>, gets: &Ident, loses: &Ident| {
            let t = b.name(table);
            list.push(format!("ALTER SEQUENCE {} RENAME TO {}", b.name(&sequence.name), b.id(&leaving.name)));
            let add = add_identity(b, gets, identity, &sequence.name, &sequence.options);
            list.push(format!("ALTER TABLE {t} {add}"));
            list.push(go_on(b, &sequence.name, &leaving));
            list.push(format!("ALTER TABLE {t} ALTER COLUMN {} DROP IDENTITY", b.id(loses)));
        };
        turn(&mut handed.there, c, old);
        turn(&mut handed.back, old, c);
    }
}

fn is_counter_type(data_type: &str) -> bool {
    matches!(data_type, "smallint" | "integer" | "bigint")
}
