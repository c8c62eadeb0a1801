//! Finds the statements that make up a move.

use super::{MoveColumns, Way};
use crate::change::wish::{Claim, Part, Wish};
use crate::model::{Ident, Table, TableName};
use crate::sql::rows::{conjuncts, copy_parts, equality, one_table};
use crate::sql::{Alter, Expression, Reader, Statement};

/// `CREATE TABLE to …; INSERT INTO to SELECT key, c FROM from; ALTER TABLE from DROP COLUMN c`.
pub fn into_new_tables(wish: &Wish) -> Vec<Claim<MoveColumns>> {
    let mut claims = Vec::new();
    for (insert_at, statement) in wish.statements() {
        let Statement::Insert { table, .. } = statement else { continue };
        let to = table.resolve(wish.target);
        let Some(copy) = wish.atoms.get(insert_at).and_then(|a| copy_parts(a.text)) else { continue };
        let from = copy.source.resolve(wish.catalog);
        let (Some(old), Some(target), None) = (wish.table(&from), wish.target.table(&to), wish.table(&to)) else {
            continue;
        };
        let created = wish
            .statements()
            .find(|(_, s)| matches!(s, Statement::CreateTable { table, .. } if table.resolve(wish.target) == to));
        let Some((create_at, _)) = created else { continue };
        let dropped = dropped(wish, &from, insert_at);
        let columns: Vec<Ident> = match copy.columns.as_slice() {
            [] => target.columns.iter().take(copy.items.len()).map(|c| c.name.clone()).collect(),
            named => named.to_vec(),
        };
        let reads_dropped = copy.items.iter().any(|i| i.columns.iter().any(|c| dropped.iter().any(|(_, d)| d == c)));
        if columns.len() != copy.items.len() || !reads_dropped {
            continue;
        }
        let mut unclear = copy.filter.as_ref().map(|f| {
            format!("it copies only the rows with `{}`, and a row may come to fit, or cease to, at any write", f.sql)
        });
        let key = key_of(old);
        let (mut moved, mut keys) = (Vec::new(), Vec::new());
        for (new, item) in columns.into_iter().zip(&copy.items) {
            match bare(item) {
                Some(column) if dropped.iter().any(|(_, d)| *d == column) => moved.push((column, new)),
                Some(column) if key.contains(&column) => keys.push((column, new)),
                Some(column) => {
                    unclear.get_or_insert(format!("`{column}` is copied and stays where it is as well"));
                }
                None => {
                    unclear.get_or_insert(format!("`{new}` is computed (`{}`)", item.sql));
                }
            }
        }
        let mut atoms = vec![create_at, insert_at];
        atoms.extend(dropped.iter().filter(|(_, d)| moved.iter().any(|(m, _)| m == d)).map(|(at, _)| *at));
        atoms.sort_unstable();
        let create = wish.atoms.get(create_at).map(|a| a.text.trim().to_owned()).unwrap_or_default();
        let change = MoveColumns {
            from,
            to,
            target: target.clone(),
            way: Way::NewTable(create),
            moved,
            keys,
            drops_table: false,
            unclear,
        };
        claims.push(Claim { atoms, change });
    }
    claims
}

/// `ALTER TABLE to ADD COLUMN c; UPDATE to SET c = o.c FROM from o WHERE o.key = to.key; ALTER TABLE from DROP COLUMN c`, or
/// `DROP TABLE from`.
pub fn into_tables_there(wish: &Wish) -> Vec<Claim<MoveColumns>> {
    let mut claims = Vec::new();
    for (update_at, statement) in wish.statements() {
        let Statement::Update(update) = statement else { continue };
        let to = update.table.resolve(wish.catalog);
        let Some((other, alias)) = update.from.as_deref().and_then(one_table) else { continue };
        let from = other.resolve(wish.catalog);
        let (Some(_), Some(_)) = (wish.table(&from), wish.table(&to)) else { continue };
        let table_goes = wish.statements().find(|(at, s)| {
            *at > update_at
                && matches!(s, Statement::DropTable { tables, .. } if tables.len() == 1 && tables.iter().all(|t| t.resolve(wish.catalog) == from))
        });
        let dropped = dropped(wish, &from, update_at);
        let mut atoms = vec![update_at];
        let (mut moved, mut added, mut unclear) = (Vec::new(), Vec::new(), None);
        for assignment in &update.assignments {
            let add = wish.alters().find_map(|(at, t, action)| match action {
                Alter::AddColumn { column, .. } if *t == to && column.name == assignment.column => Some((at, column)),
                _ => None,
            });
            let Some((at, column)) = add else { break };
            let Some(old) = bare(&assignment.value) else {
                unclear.get_or_insert(format!("`{}` is computed (`{}`)", assignment.column, assignment.value.sql));
                continue;
            };
            if table_goes.is_none() && !dropped.iter().any(|(_, d)| *d == old) {
                continue;
            }
            if column.not_null
                || column.default.is_some()
                || column.identity.is_some()
                || !column.constraints.is_empty()
            {
                unclear.get_or_insert(format!(
                    "`{}` is added with NOT NULL, a default or a constraint; add those in a later plan",
                    column.name
                ));
            }
            let mut words = Reader::new(wish.atoms.get(at).map_or("", |a| a.text));
            words.eat("add");
            words.eat("column");
            words.eat("if not exists");
            added.push((column.name.clone(), words.rest().to_owned()));
            atoms.push(at);
            moved.push((old, assignment.column.clone()));
        }
        if moved.is_empty() && !(unclear.is_some() && (table_goes.is_some() || !dropped.is_empty())) {
            continue;
        }
        if moved.len() < update.assignments.len() {
            unclear.get_or_insert("the UPDATE also sets columns that do not move".to_owned());
        }
        let mine = update.alias.clone().unwrap_or_else(|| to.name.clone());
        let theirs = alias.unwrap_or_else(|| from.name.clone());
        let mut keys = Vec::new();
        for part in update.filter.iter().flat_map(|f| conjuncts(&f.sql)) {
            let sides = equality(&part).and_then(|(l, r)| {
                let is = |o: &crate::sql::ObjectName, q: &Ident| o.schema.as_ref() == Some(q);
                if is(&l, &theirs) && is(&r, &mine) {
                    Some((l.name, r.name))
                } else if is(&r, &theirs) && is(&l, &mine) {
                    Some((r.name, l.name))
                } else {
                    None
                }
            });
            match sides {
                Some(pair) => keys.push(pair),
                None => {
                    unclear.get_or_insert(format!("it fills only the rows with `{part}`"));
                }
            }
        }
        match &table_goes {
            Some((at, _)) => atoms.push(*at),
            None => atoms.extend(dropped.iter().filter(|(_, d)| moved.iter().any(|(m, _)| m == d)).map(|(at, _)| *at)),
        }
        atoms.sort_unstable();
        let Some(target) = wish.target.table(&to).cloned() else { continue };
        let change = MoveColumns {
            from,
            to,
            target,
            way: Way::NewColumns(added),
            moved,
            keys,
            drops_table: table_goes.is_some(),
            unclear,
        };
        claims.push(Claim { atoms, change });
    }
    claims
}

/// Columns of `table` that the script drops behind `after`.
fn dropped(wish: &Wish, table: &TableName, after: usize) -> Vec<(usize, Ident)> {
    let of = |(at, atom): (usize, &crate::change::wish::Atom)| match &atom.part {
        Part::Alter { table: t, action: Alter::DropColumn { column, .. } } if t == table && at > after => {
            Some((at, column.clone()))
        }
        _ => None,
    };
    wish.atoms.iter().enumerate().filter_map(of).collect()
}

/// `c` or `a.c`, and nothing around it.
fn bare(expression: &Expression) -> Option<Ident> {
    let mut words = Reader::new(&expression.sql);
    let name = words.name()?;
    words.ended().then_some(name.name)
}

fn key_of(table: &Table) -> Vec<Ident> {
    table.primary_key().map(|k| k.columns.clone()).unwrap_or_default()
}
