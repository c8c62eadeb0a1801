//! Indexes: their names, their texts, what they need.

use super::fault::{self, Done};
use super::names::{self, same};
use crate::model::catalog::{Constraint, ConstraintKind, Index};
use crate::model::mysql::MysqlIndex;
use crate::model::{Engine, Ident, Server, Table};
use crate::sql::mysql::statement::{IndexDef, IndexKind};
use crate::sql::mysql::{DataType, expression};

/// The name that the server makes up: the first column's, with a number if it is taken.
pub(super) fn made_up(table: &Table, first: Option<&Ident>) -> Ident {
    let base = first.map_or("functional_index", Ident::as_str);
    let taken = |name: &Ident| {
        name.as_str().eq_ignore_ascii_case("primary") || table.indexes.iter().any(|i| same(&i.name, name))
    };
    let mut name = Ident::from(base);
    let mut number = 1;
    while taken(&name) {
        number += 1;
        name = Ident::new(format!("{base}_{number}"));
    }
    name
}

pub(super) fn add(table: &mut Table, def: &IndexDef, server: &Server) -> Done {
    let primary = def.kind == IndexKind::Primary;
    if primary && table.indexes.iter().any(|i| i.primary) {
        return if def.if_not_exists { Ok(()) } else { Err(fault::two_primary_keys()) };
    }
    let columns: Vec<Ident> = def.parts.iter().filter_map(|p| p.column.clone()).collect();
    let settled = names::settled(table, &columns)?;
    let name = if primary {
        Ident::from("PRIMARY")
    } else {
        def.name.clone().unwrap_or_else(|| made_up(table, def.parts.first().and_then(|p| p.column.as_ref())))
    };
    names::fits(&name)?;
    if table.indexes.iter().any(|i| same(&i.name, &name)) {
        return if def.if_not_exists { Ok(()) } else { Err(fault::duplicate_key(&name)) };
    }
    let method = method(def, table);
    let (mut keys, mut uses, mut prefixes, mut texts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut plain = settled.into_iter();
    for part in &def.parts {
        let column = part.column.as_ref().and_then(|_| plain.next());
        let mut prefix = part.prefix.filter(|_| !matches!(method.as_str(), "fulltext" | "spatial" | "vector"));
        if let Some(column) = &column {
            prefix = kept_prefix(table, column, prefix, &method, server)?;
            uses.push(column.clone());
        }
        let mut text = match (&column, &part.expression) {
            (Some(column), _) => names::quoted(column),
            (None, expression) => expression.clone().unwrap_or_default(),
        };
        if let Some(read) = part.expression.as_deref().map(expression) {
            uses.extend(names::settled(table, &read.columns)?);
        }
        if let Some(prefix) = prefix {
            text.push_str(&format!("({prefix})"));
        }
        // Older servers read DESC and do nothing.
        if part.descending && descends(server) {
            text.push_str(" DESC");
        }
        keys.push(column);
        prefixes.push(prefix);
        texts.push(text);
    }
    uses.sort();
    uses.dedup();
    if primary {
        for key in keys.iter().flatten() {
            if let Some(column) = table.columns.iter_mut().find(|c| c.name == *key) {
                column.not_null = true;
            }
        }
    }
    if prefixes.iter().all(Option::is_none) {
        prefixes.clear();
    }
    let comment = comment(&def.options);
    let mut definition = match (def.kind, &name) {
        (IndexKind::Primary, _) => "PRIMARY KEY".to_owned(),
        (IndexKind::Fulltext, name) => format!("FULLTEXT KEY {}", names::quoted(name)),
        (IndexKind::Spatial, name) => format!("SPATIAL KEY {}", names::quoted(name)),
        (IndexKind::Vector, name) => format!("VECTOR KEY {}", names::quoted(name)),
        (IndexKind::Unique, name) => format!("UNIQUE KEY {}", names::quoted(name)),
        (IndexKind::Plain, name) => format!("KEY {}", names::quoted(name)),
    };
    definition.push_str(&format!(" ({})", texts.join(", ")));
    if method == "hash" {
        definition.push_str(" USING HASH");
    }
    if let Some(comment) = &comment {
        definition.push_str(&format!(" COMMENT '{}'", comment.replace('\\', "\\\\").replace('\'', "''")));
    }
    let mut index = Index {
        has_expressions: keys.iter().any(Option::is_none),
        constraint: primary.then(|| name.clone()),
        name,
        definition,
        method,
        keys,
        include: Vec::new(),
        uses,
        predicate: None,
        unique: matches!(def.kind, IndexKind::Unique | IndexKind::Primary),
        primary,
        valid: true,
        ready: true,
        bytes: 0,
        scans: None,
        comment,
        tablespace: None,
        clustered: false,
        statistics: Vec::new(),
        mysql: Some(Box::new(MysqlIndex { invisible: false, prefixes })),
    };
    show(&mut index, !def.invisible, server);
    if index.method == "fulltext"
        && let Some(mysql) = table.mysql.as_mut()
    {
        mysql.fulltext_id = Some(true);
    }
    table.indexes.push(index);
    settle_primary(table);
    Ok(())
}

fn descends(server: &Server) -> bool {
    use crate::model::Version;
    server.version >= if server.engine == Engine::Mariadb { Version::new(10, 8) } else { Version::new(8, 0) }
}

fn method(def: &IndexDef, table: &Table) -> String {
    let memory = table.mysql.as_ref().is_some_and(|m| m.engine.eq_ignore_ascii_case("memory"));
    match def.kind {
        IndexKind::Fulltext => "fulltext",
        IndexKind::Spatial => "spatial",
        IndexKind::Vector => "vector",
        // InnoDB has no other than trees, whatever is asked for.
        _ if memory && !def.options.to_ascii_lowercase().contains("btree") => "hash",
        _ => "btree",
    }
    .to_owned()
}

/// A prefix of the whole column is none; a text without one is refused.
fn kept_prefix(
    table: &Table,
    column: &Ident,
    prefix: Option<u32>,
    method: &str,
    server: &Server,
) -> Result<Option<u32>, String> {
    let Some(read) = names::column(table, column).and_then(|c| DataType::parse(&c.data_type)) else {
        return Ok(prefix);
    };
    let long = read.name.ends_with("text") || read.name.ends_with("blob");
    if long && prefix.is_none() && method == "btree" {
        // MariaDB keeps a unique key over a whole text by a hash of it.
        return if server.engine == Engine::Mariadb { Ok(None) } else { Err(fault::no_key_length(column)) };
    }
    Ok(prefix.filter(|p| long || read.length().is_none_or(|length| u64::from(*p) < length)))
}

fn comment(options: &str) -> Option<String> {
    let lower = options.to_ascii_lowercase();
    let rest = options.get(lower.find("comment")? + 7..)?.trim_start().trim_start_matches('=').trim_start();
    let end = rest.char_indices().skip(1).find(|(at, c)| {
        *c == '\''
            && rest.get(at + 1..).is_none_or(|r| !r.starts_with('\''))
            && !rest.get(..*at).is_some_and(|r| r.ends_with('\\'))
    });
    let text = rest.get(..=end?.0)?;
    crate::sql::mysql::literal(text).filter(|c| !c.is_empty())
}

/// INVISIBLE, IGNORED.
pub(super) fn show(index: &mut Index, visible: bool, server: &Server) {
    let word = if server.engine == Engine::Mariadb { " IGNORED" } else { " INVISIBLE" };
    if let Some(plain) = index.definition.strip_suffix(word) {
        index.definition = plain.to_owned();
    }
    if !visible {
        index.definition.push_str(word);
    }
    if let Some(mysql) = index.mysql.as_mut() {
        mysql.invisible = !visible;
    }
}

/// The index without a column that goes.
pub(super) fn lose(index: &mut Index, column: &Ident) {
    let Some(at) = index.keys.iter().position(|k| k.as_ref().is_some_and(|k| same(k, column))) else { return };
    index.keys.remove(at);
    index.uses.retain(|u| !same(u, column));
    if let Some(mysql) = index.mysql.as_mut()
        && at < mysql.prefixes.len()
    {
        mysql.prefixes.remove(at);
    }
    let Some((head, rest)) = index.definition.split_once(" (") else { return };
    let Some((inside, tail)) = rest.rsplit_once(')') else { return };
    let parts: Vec<&str> = inside.split(", ").enumerate().filter(|(n, _)| *n != at).map(|(_, p)| p).collect();
    index.definition = format!("{head} ({}){tail}", parts.join(", "));
}

/// Drops an index; one that a foreign key needs, and that no other covers, stays.
pub(super) fn drop(table: &mut Table, name: &Ident, referenced: &[Vec<Ident>]) -> Done {
    let Some(at) = table.indexes.iter().position(|i| same(&i.name, name)) else {
        return Err(fault::cannot_drop(name));
    };
    let index = table.indexes.remove(at);
    let needs = table.constraints.iter().filter(|c| c.kind == ConstraintKind::ForeignKey);
    for (columns, key) in
        needs.map(|c| (&c.columns, c.name.clone())).chain(referenced.iter().map(|r| (r, index.name.clone())))
    {
        if begins_with(&index, columns) && !table.indexes.iter().any(|i| begins_with(i, columns)) {
            return Err(fault::needed_by_foreign_key(1553, "index", &index.name, &key));
        }
    }
    settle_primary(table);
    Ok(())
}

/// Does the index start with these columns, whole?
pub(super) fn begins_with(index: &Index, columns: &[Ident]) -> bool {
    let prefixed = index.mysql.as_ref().is_some_and(|m| m.prefixes.iter().take(columns.len()).any(Option::is_some));
    index.method == "btree"
        && !prefixed
        && index.keys.len() >= columns.len()
        && columns.iter().zip(&index.keys).all(|(c, k)| k.as_ref().is_some_and(|k| same(k, c)))
}

/// The primary key as a constraint follows its index.
pub(super) fn settle_primary(table: &mut Table) {
    table.constraints.retain(|c| c.kind != ConstraintKind::PrimaryKey);
    let primary = table.indexes.iter().find(|i| i.primary).map(Constraint::primary_key);
    table.constraints.extend(primary);
}
