//! Partitions: PARTITION BY taken apart, and what an ALTER TABLE does with them.

use super::fault::{self, Done};
use super::names::{self, same};
use super::options::rebuilt;
use crate::model::mysql::{MysqlPartition, MysqlPartitioning};
use crate::model::{Catalog, Ident, Table};
use crate::sql::mysql::statement::PartitionAction;

/// The words of a text with whole parentheses as one word.
fn pieces(text: &str) -> Vec<String> {
    let (mut pieces, mut word, mut depth, mut quote) = (Vec::new(), String::new(), 0usize, None);
    for c in text.chars() {
        if let Some(open) = quote {
            word.push(c);
            if c == open {
                quote = None;
            }
            continue;
        }
        match c {
            '\'' | '"' | '`' => quote = Some(c),
            '(' => {
                if depth == 0 && !word.is_empty() {
                    pieces.push(std::mem::take(&mut word));
                }
                depth += 1;
            }
            ')' => depth = depth.saturating_sub(1),
            c if depth == 0 && (c.is_whitespace() || c == ',') => {
                if !word.is_empty() {
                    pieces.push(std::mem::take(&mut word));
                }
                continue;
            }
            _ => {}
        }
        word.push(c);
        if c == ')' && depth == 0 {
            pieces.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        pieces.push(word);
    }
    pieces
}

fn inside(piece: &str) -> &str {
    piece.strip_prefix('(').and_then(|p| p.strip_suffix(')')).unwrap_or(piece).trim()
}

fn is(piece: Option<&String>, word: &str) -> bool {
    piece.is_some_and(|p| p.eq_ignore_ascii_case(word))
}

/// `[LINEAR] HASH|KEY|RANGE|LIST [COLUMNS] (…)` from there on; the place behind it.
fn method(words: &[String], mut at: usize) -> (String, String, usize) {
    let mut name = Vec::new();
    while let Some(word) = words.get(at).filter(|w| !w.starts_with('(')) {
        if word.to_ascii_uppercase().starts_with("ALGORITHM") || word == "=" || word.parse::<u32>().is_ok() {
            at += 1;
            continue;
        }
        name.push(word.to_ascii_uppercase());
        at += 1;
        if name.len() > 3 {
            break;
        }
    }
    let expression = words.get(at).map_or(String::new(), |w| inside(w).to_owned());
    (name.join(" "), expression, at + 1)
}

/// `(PARTITION p VALUES LESS THAN (1), …)`.
pub(super) fn defined(text: &str) -> Vec<MysqlPartition> {
    let words = pieces(inside(text));
    let mut found: Vec<MysqlPartition> = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if word.eq_ignore_ascii_case("partition")
            && let Some(name) = words.get(at + 1)
        {
            let name = Ident::new(name.trim_matches('`'));
            found.push(MysqlPartition { name, description: None, rows: None, bytes: 0 });
            at += 1;
        } else if let Some(last) = found.last_mut()
            && (word.eq_ignore_ascii_case("than") || word.eq_ignore_ascii_case("in"))
            && let Some(values) = words.get(at + 1)
        {
            let listed: Vec<&str> = inside(values).split(',').map(str::trim).collect();
            let values = listed.join(",");
            last.description = Some(if values.eq_ignore_ascii_case("maxvalue") { "MAXVALUE".into() } else { values });
            at += 1;
        }
        at += 1;
    }
    found
}

/// From PARTITION BY on.
pub(super) fn by(text: &str) -> Option<MysqlPartitioning> {
    let words = pieces(text);
    if !(is(words.first(), "partition") && is(words.get(1), "by")) {
        return None;
    }
    let (name, expression, mut at) = method(&words, 2);
    let mut partitioning =
        MysqlPartitioning { method: name, expression, sub_method: None, sub_expression: None, partitions: Vec::new() };
    let mut count = None;
    while let Some(word) = words.get(at) {
        if word.eq_ignore_ascii_case("partitions") {
            count = words.get(at + 1).and_then(|n| n.parse::<usize>().ok());
            at += 2;
        } else if word.eq_ignore_ascii_case("subpartition") && is(words.get(at + 1), "by") {
            let (name, expression, behind) = method(&words, at + 2);
            (partitioning.sub_method, partitioning.sub_expression) = (Some(name), Some(expression));
            at = behind;
        } else if word.starts_with('(') {
            partitioning.partitions = defined(word);
            at += 1;
        } else {
            at += 1;
        }
    }
    let hashed = partitioning.method.contains("HASH") || partitioning.method.contains("KEY");
    if partitioning.partitions.is_empty() && hashed {
        partitioning.partitions = numbered(0, count.unwrap_or(1));
    }
    Some(partitioning)
}

fn numbered(from: usize, count: usize) -> Vec<MysqlPartition> {
    let one = |n| MysqlPartition { name: Ident::new(format!("p{n}")), description: None, rows: None, bytes: 0 };
    // The servers' limit.
    (from..from.saturating_add(count.min(8192))).map(one).collect()
}

/// `partitioned` among the table's options.
pub(super) fn note(table: &mut Table) {
    let Some(kept) = table.mysql.as_mut() else { return };
    kept.options.retain(|o| o != "partitioned");
    if kept.partitioning.is_some() {
        kept.options.push("partitioned".into());
    }
}

pub(super) fn change(catalog: &mut Catalog, table: &mut Table, action: &PartitionAction) -> Done {
    if let PartitionAction::Exchange { table: other, .. } = action {
        names::table(catalog, other)?;
    }
    let kept = table.mysql.get_or_insert_default();
    match action {
        PartitionAction::By { text } => {
            kept.partitioning = by(text);
            rebuilt(kept);
        }
        PartitionAction::Remove => {
            if kept.partitioning.take().is_none() {
                return Err(fault::not_partitioned());
            }
            rebuilt(kept);
        }
        _ => {
            let Some(partitioning) = kept.partitioning.as_mut() else { return Err(fault::not_partitioned()) };
            within(&mut partitioning.partitions, action)?;
        }
    }
    note(table);
    match action {
        PartitionAction::ConvertOut { table: to, .. } => {
            let mut alone = table.clone();
            alone.name = names::full(catalog, to);
            if catalog.table(&alone.name).is_some() {
                return Err(fault::table_exists(&alone.name));
            }
            if let Some(kept) = alone.mysql.as_mut() {
                kept.partitioning = None;
            }
            note(&mut alone);
            catalog.put_table(alone);
        }
        PartitionAction::ConvertIn { table: from, .. } => {
            let gone = names::table(catalog, from)?.name;
            catalog.tables.retain(|t| t.name != gone);
        }
        _ => {}
    }
    Ok(())
}

fn known(partitions: &[MysqlPartition], names: &[Ident]) -> Done {
    match names.iter().find(|n| !partitions.iter().any(|p| same(&p.name, n))) {
        Some(unknown) => Err(fault::no_partition(unknown)),
        None => Ok(()),
    }
}

fn within(partitions: &mut Vec<MysqlPartition>, action: &PartitionAction) -> Done {
    let listed = |list: &[Ident], p: &MysqlPartition| list.iter().any(|n| same(n, &p.name));
    match action {
        PartitionAction::Add { names, text, if_not_exists } => {
            if names.is_empty() {
                let count = text.split_whitespace().last().and_then(|n| n.parse().ok()).unwrap_or(0);
                partitions.extend(numbered(partitions.len(), count));
                return Ok(());
            }
            for new in defined(text) {
                if partitions.iter().any(|p| same(&p.name, &new.name)) {
                    if *if_not_exists {
                        continue;
                    }
                    return Err(fault::duplicate_partition(&new.name));
                }
                partitions.push(new);
            }
        }
        PartitionAction::Drop { names, if_exists } => {
            if !if_exists {
                known(partitions, names)?;
            }
            if partitions.iter().all(|p| listed(names, p)) {
                return Err(fault::all_partitions());
            }
            partitions.retain(|p| !listed(names, p));
        }
        PartitionAction::Truncate { names } => {
            known(partitions, names)?;
            for partition in partitions.iter_mut().filter(|p| names.is_empty() || listed(names, p)) {
                partition.rows = Some(0);
            }
        }
        PartitionAction::Coalesce { count } => {
            let fewer = partitions.len().saturating_sub(count.parse().unwrap_or(0));
            if fewer == 0 {
                return Err(fault::all_partitions());
            }
            partitions.truncate(fewer);
        }
        PartitionAction::Reorganize { names, text } => {
            known(partitions, names)?;
            let at = partitions.iter().position(|p| listed(names, p)).unwrap_or(0);
            let new = text.find('(').and_then(|from| text.get(from..)).map_or_else(Vec::new, defined);
            if !new.is_empty() {
                partitions.retain(|p| !listed(names, p));
                for (n, partition) in new.into_iter().enumerate() {
                    partitions.insert((at + n).min(partitions.len()), partition);
                }
            }
        }
        PartitionAction::Exchange { name, .. } => known(partitions, std::slice::from_ref(name))?,
        PartitionAction::Maintain { names, .. } | PartitionAction::Tablespace { names, .. } => {
            known(partitions, names)?
        }
        PartitionAction::ConvertOut { name, .. } => {
            known(partitions, std::slice::from_ref(name))?;
            partitions.retain(|p| !same(&p.name, name));
        }
        PartitionAction::ConvertIn { name, text, .. } => {
            partitions.extend(defined(&format!("(PARTITION {} {text})", names::quoted(name))));
        }
        PartitionAction::By { .. } | PartitionAction::Remove => {}
    }
    Ok(())
}
