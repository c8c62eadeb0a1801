//! What an ALTER TABLE does with partitions.

use super::statement::PartitionAction;
use crate::model::Ident;
use crate::sql::cursor::{Cursor, Read};

/// Does a partition's action start here? Its list of names holds commas, and nothing follows it.
pub(super) fn starts(c: &Cursor<'_>) -> bool {
    c.is_any(&[
        "partition by",
        "remove partitioning",
        "add partition",
        "drop partition",
        "truncate partition",
        "coalesce partition",
        "reorganize partition",
        "exchange partition",
        "analyze partition",
        "check partition",
        "optimize partition",
        "rebuild partition",
        "repair partition",
        "discard partition",
        "import partition",
        "convert partition",
        "convert table",
    ])
}

fn names(c: &mut Cursor<'_>) -> Read<Vec<Ident>> {
    if c.eat("all") {
        return Ok(Vec::new());
    }
    let mut names = vec![c.ident("a partition")?];
    while c.eat_mark(",") {
        names.push(c.ident("a partition")?);
    }
    Ok(names)
}

/// `(PARTITION p …, PARTITION q …)`: the names.
fn defined(c: &mut Cursor<'_>) -> Read<Vec<Ident>> {
    c.parens()?
        .split_commas()
        .into_iter()
        .map(|mut definition| {
            definition.expect("partition")?;
            definition.ident("a partition")
        })
        .collect()
}

pub(super) fn action(c: &mut Cursor<'_>) -> Read<PartitionAction> {
    let start = c.at;
    if c.eat("partition by") {
        if c.ended() {
            return Err(c.missing("RANGE, LIST, HASH or KEY"));
        }
        c.at = start;
        return Ok(PartitionAction::By { text: c.rest().to_owned() });
    }
    if c.eat("remove partitioning") {
        return Ok(PartitionAction::Remove);
    }
    if c.eat("convert table") {
        let table = c.name("a table")?;
        c.expect("to partition")?;
        let name = c.ident("a partition")?;
        return Ok(PartitionAction::ConvertIn { table, name, text: c.rest().to_owned() });
    }
    let verb = c.shown(0).to_ascii_lowercase();
    c.at += 2;
    // NO_WRITE_TO_BINLOG and LOCAL keep it from the replicas.
    let _ = c.eat("no_write_to_binlog") || c.eat("local");
    Ok(match verb.as_str() {
        "add" => {
            let if_not_exists = c.eat("if not exists");
            let from = c.at;
            let names = if c.eat("partitions") {
                c.at += 1;
                Vec::new()
            } else {
                defined(c)?
            };
            PartitionAction::Add { names, text: c.since(from).to_owned(), if_not_exists }
        }
        "drop" => {
            let if_exists = c.eat("if exists");
            PartitionAction::Drop { names: names(c)?, if_exists }
        }
        "truncate" => PartitionAction::Truncate { names: names(c)? },
        "coalesce" => {
            let count = c.shown(0).to_owned();
            if count.is_empty() {
                return Err(c.missing("a number"));
            }
            c.at += 1;
            PartitionAction::Coalesce { count }
        }
        "reorganize" => {
            let names = if c.ended() { Vec::new() } else { names(c)? };
            let from = c.at;
            if c.eat("into") {
                defined(c)?;
            }
            PartitionAction::Reorganize { names, text: c.since(from).to_owned() }
        }
        "exchange" => {
            let name = c.ident("a partition")?;
            c.expect("with table")?;
            let table = c.name("a table")?;
            let validation = !c.eat("without validation");
            c.eat("with validation");
            PartitionAction::Exchange { name, table, validation }
        }
        "discard" | "import" => {
            let names = names(c)?;
            c.expect("tablespace")?;
            PartitionAction::Tablespace { import: verb == "import", names }
        }
        "convert" => {
            let name = c.ident("a partition")?;
            c.expect("to table")?;
            PartitionAction::ConvertOut { name, table: c.name("a table")? }
        }
        _ => {
            let names = names(c)?;
            // CHECK PARTITION p FOR UPGRADE, REPAIR PARTITION p QUICK.
            while c.is_any(&["for", "upgrade", "quick", "fast", "medium", "extended", "changed", "use_frm"]) {
                c.at += 1;
            }
            PartitionAction::Maintain { verb, names }
        }
    })
}
