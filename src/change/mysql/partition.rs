//! Partitions. Most servers read no ALGORITHM or LOCK here: what an action does follows from its kind.

use super::On;
use super::alter::{Piece, alter};
use super::column::way_told;
use crate::change::Refusal;
use crate::engine::emit::mysql::probe::{Ask, all};
use crate::engine::emit::mysql::{id, ids};
use crate::model::Ident;
use crate::plan::build::Builder;
use crate::plan::draft::Rank;
use crate::plan::{PhaseName, Severity};
use crate::sql::mysql::statement::PartitionAction;

pub fn plan(b: &mut Builder, on: On, action: &PartitionAction, text: &str) -> Result<String, Refusal> {
    let (table, ask) = (on.name().clone(), Ask(on.before));
    let there = |names: &[Ident]| all(&names.iter().map(|n| ask.partition(&table, n)).collect::<Vec<_>>());
    let gone =
        |names: &[Ident]| all(&names.iter().map(|n| format!("NOT {}", ask.partition(&table, n))).collect::<Vec<_>>());
    let list = |names: &[Ident]| super::listed(names);
    let piece = match action {
        PartitionAction::Add { names, .. } if !names.is_empty() => Piece {
            phase: PhaseName::Migrate,
            rank: Rank::Attach,
            spec: text.to_owned(),
            back: Some(format!("DROP PARTITION {}", ids(names))),
            because: "Drops the new partitions with the rows that were written to them.".to_owned(),
            done: there(names),
            title: format!("Add partition {} to `{table}`", list(names)),
            why: "New and empty: no row moves.".to_owned(),
        },
        PartitionAction::Drop { names, .. } => {
            let method =
                on.table.mysql.as_deref().and_then(|m| m.partitioning.as_ref()).map(|p| p.method.to_uppercase());
            let later = match method {
                Some(m) if m.starts_with("LIST") => "New rows with such values are refused (error 1526).",
                _ => {
                    "New rows of that range go to the partition above, or are refused (error 1526) where there is none."
                }
            };
            b.finding(
                Severity::Warning,
                format!(
                    "Rows of {} go with it, without triggers and without a look at foreign keys. {later}",
                    list(names)
                ),
            );
            Piece {
                phase: PhaseName::Contract,
                rank: Rank::DropObject,
                spec: format!("DROP PARTITION {}", ids(names)),
                back: None,
                because: "The partition's rows are gone; only a backup brings them back.".to_owned(),
                done: gone(names),
                title: format!("Drop partition {} of `{table}`", list(names)),
                why: "The files go; no row is read.".to_owned(),
            }
        }
        PartitionAction::Truncate { names, .. } if !names.is_empty() => {
            let sql = format!("ALTER TABLE {} TRUNCATE PARTITION {}", b.name(&table), ids(names));
            let what = format!("partition {} of `{table}`", list(names));
            super::whole::emptied(b, on, &what, sql, "The files are made anew; no row is read.");
            return Ok("one brief step, after an approval; it cannot be taken back".to_owned());
        }
        PartitionAction::Reorganize { names, .. } if !names.is_empty() => {
            let made = new_names(text);
            Piece {
                phase: PhaseName::Migrate,
                rank: Rank::Other,
                spec: text.to_owned(),
                back: back_to(on, names, &made),
                because: "Cuts the partitions as they were; copies their rows again.".to_owned(),
                done: there(&made),
                title: format!("Cut partition {} of `{table}` anew", list(names)),
                why: "Rows of these partitions are copied; the whole table cannot be written meanwhile. An empty one takes a moment.".to_owned(),
            }
        }
        PartitionAction::Exchange { name, table: other, .. } => {
            let other = other.resolve(on.before);
            b.finding(
                Severity::Warning,
                format!("Nothing in the database tells whether partition `{name}` and `{other}` have changed places: run this step once. Run twice it is taken back."),
            );
            return Err(Refusal::new(
                format!("partition `{name}` of `{table}` changes places with `{other}`"),
                "Run it by itself, with a lock timeout: SET SESSION lock_wait_timeout = 2. Nothing in the database tells afterwards whether it was done, so no plan can run it safely twice.",
            ));
        }
        PartitionAction::Remove | PartitionAction::By { .. } => {
            return Err(Refusal::new(
                format!("`{table}` is copied whole, with writes blocked, when its partitioning changes"),
                format!(
                    "Make a partitioned table of the same columns, let an online tool copy: gh-ost and pt-online-schema-change take `{}` as their --alter. Or do it in a window.",
                    super::names::brief(text).replace('`', "'")
                ),
            ));
        }
        _ => return super::table::as_written(b, on, text),
    };
    let (_, way) = alter(b, on, piece)?;
    Ok(way_told(&way))
}

/// The names behind INTO.
fn new_names(text: &str) -> Vec<Ident> {
    let upper = text.to_uppercase();
    let Some(rest) = upper.find(" INTO").and_then(|at| text.get(at + 5..)) else { return Vec::new() };
    let mut names = Vec::new();
    let mut words = rest.split(|c: char| c.is_whitespace() || matches!(c, '(' | ','));
    while let Some(word) = words.next() {
        if word.eq_ignore_ascii_case("partition") {
            let name = words.find(|w| !w.is_empty()).unwrap_or("");
            names.push(Ident::new(name.trim_matches('`')));
        }
    }
    names
}

fn back_to(on: On, names: &[Ident], made: &[Ident]) -> Option<String> {
    let partitioning = on.table.mysql.as_ref()?.partitioning.as_ref()?;
    let word = if partitioning.method.to_uppercase().starts_with("LIST") { "IN" } else { "LESS THAN" };
    let mut old = Vec::new();
    for name in names {
        let found = partitioning.partitions.iter().find(|p| p.name == *name)?;
        let bound = found.description.as_ref()?;
        let bound = if bound.eq_ignore_ascii_case("MAXVALUE") { bound.clone() } else { format!("({bound})") };
        old.push(format!("PARTITION {} VALUES {word} {bound}", id(name)));
    }
    Some(format!("REORGANIZE PARTITION {} INTO ({})", ids(made), old.join(", ")))
}
