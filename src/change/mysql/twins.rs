//! Indexes over a second column, which end under the names of the old ones.

use super::On;
use super::alter::plain;
use crate::engine::emit::mysql::id;
use crate::engine::emit::mysql::probe::Ask;
use crate::model::{Engine, Ident, Index};
use crate::plan::build::Builder;
use crate::plan::draft::Rank;
use crate::plan::{PhaseName, Undo};

/// The index under another name and over the new columns, as ADD takes it.
pub fn definition(index: &Index, name: &Ident, olds: &[Ident], news: &[Ident]) -> String {
    let mut text = index.definition.replacen(&id(&index.name), &id(name), 1);
    for (old, new) in olds.iter().zip(news) {
        text = text.replace(&id(old), &id(new));
    }
    text
}

/// MySQL 5.7, MariaDB 10.5.2.
fn renames(on: On) -> bool {
    let v = on.before.server.version;
    match on.before.server.engine {
        Engine::Mariadb => (v.major, v.minor, v.patch) >= (10, 5, 2),
        _ => (v.major, v.minor) >= (5, 7),
    }
}

/// The twin takes the place of the old index.
pub fn swap(b: &mut Builder, on: On, olds: &[Ident], news: &[Ident], old: &Ident, twin: &Ident) {
    let (table, ask, name) = (on.name().clone(), Ask(on.before), b.name(on.name()));
    let found = on.table.index(old).filter(|_| !renames(on));
    let (sql, why) = match found {
        Some(index) => (
            vec![
                format!(
                    "ALTER TABLE {name} DROP INDEX {}, ADD {}, ALGORITHM=INPLACE, LOCK=NONE",
                    id(old),
                    definition(index, old, olds, news)
                ),
                format!("ALTER TABLE {name} DROP INDEX {}", id(twin)),
            ],
            "This server renames no index: it is built once more, while others write.",
        ),
        None => (
            // In one statement: a second run of two would find the first one done.
            vec![format!("ALTER TABLE {name} DROP INDEX {0}, RENAME INDEX {1} TO {0}", id(old), id(twin))],
            "A change of names and of the catalog.",
        ),
    };
    let draft = plain(
        b,
        PhaseName::Contract,
        Rank::DropIndex,
        format!("`{twin}` takes the place of index `{old}` of `{table}`"),
        sql,
        Undo::PointOfNoReturn { because: "The old index is over the column that goes.".to_owned() },
        &format!("{} AND {}", ask.index(&table, old), ask.index_gone(&table, twin)),
        why,
    )
    .on(&table);
    b.push(draft);
}
