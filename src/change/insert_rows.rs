//! INSERT: a few rows in one transaction, the rows of another table in batches where a key tells which were copied.

use super::form::Spec;
use super::wish::{Claim, Wish};
use super::{Kind, Refusal};
use crate::engine::emit::backfill::Write;
use crate::model::{Ident, Table, TableName};
use crate::plan::batches::Pass;
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::{PhaseName, Severity, Timeouts, Undo};
use crate::sql::rows::{CopyParts, copy_parts};
use crate::sql::{Expression, Reader, Statement, expression, pieces, rename_column_in};

#[derive(Debug, Clone, PartialEq)]
pub struct InsertRows {
    table: TableName,
    /// The table as the script leaves it, if it is known.
    target: Option<Table>,
    from: Vec<TableName>,
    copy: Option<CopyParts>,
    sql: String,
}

impl Kind for InsertRows {
    const NAME: &'static str = "insert-rows";
    const TITLE: &'static str = "Insert rows";
    const FORMS: &'static [Spec] = &[(
        "",
        "INSERT INTO {table:table=feature_flags} ({columns:columns=name}) VALUES ({values:sql='new_checkout'});",
    )];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        let read = |(at, statement): (usize, &Statement)| {
            let Statement::Insert { table, from, .. } = statement else { return None };
            let sql = wish.atoms.get(at)?.text.trim().to_owned();
            let table = table.resolve(wish.target);
            let change = Self {
                target: wish.target.table(&table).cloned(),
                from: from.iter().map(|f| f.resolve(wish.target)).collect(),
                copy: copy_parts(&sql),
                table,
                sql,
            };
            Some(Claim::one(at, change))
        };
        wish.statements().filter_map(read).collect()
    }

    fn title(&self) -> String {
        match self.from.first() {
            Some(source) => format!("Copy rows of `{source}` into `{}`", self.table),
            None => format!("Insert rows into `{}`", self.table),
        }
    }

    fn tables(&self) -> Vec<TableName> {
        vec![self.table.clone()]
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let Some(source) = self.from.first() else {
            match self.keys() {
                Some(rows) => self.listed(b, &rows),
                None => self.whole(b, "Adds rows; nobody waits.", b.brief()),
            }
            return Ok("as written: a few rows".to_owned());
        };
        if let Some(reason) = b.catalog.table(source).and_then(|t| b.direct(t)) {
            self.whole(b, "The table that it reads is small.", b.brief());
            return Ok(reason);
        }
        let pass = match self.pass(b) {
            Ok(pass) => pass,
            Err(because) => {
                let timeouts = Timeouts { lock_ms: b.policy.validate_lock_timeout_ms, statement_ms: 0 };
                self.whole(
                    b,
                    "Reads and writes go on beside it, but its snapshot holds back vacuum until it ends.",
                    timeouts,
                );
                b.finding(Severity::Warning, format!("The rows for `{}` are copied in one transaction: {because}. A second run would copy them again.", self.table));
                return Ok(format!("as written, in one transaction: {because}"));
            }
        };
        let why = "One INSERT … SELECT would be one long transaction, whose snapshot holds back vacuum everywhere. Rows that are there already, by their key, are left alone.".to_owned();
        let mut draft = b.batched(pass, format!("{} in batches", self.title()), why);
        draft.undo = Undo::Nothing {
            because: "The copies do no harm; which of the rows were there before is not known any more.".to_owned(),
        };
        b.push(draft);
        Ok("online: in batches, each committed by itself".to_owned())
    }
}

impl InsertRows {
    fn whole(&self, b: &mut Builder, why: &str, timeouts: Timeouts) {
        let draft = Draft::sql(PhaseName::Migrate, Rank::Backfill, self.title(), vec![self.sql.clone()], timeouts)
            .why(format!("{why} Whether an INSERT was run cannot be asked: it is run once."))
            .on(&self.table)
            .undo(Undo::Nothing {
                because: "The rows do no harm, or go with the table; which they are is not known any more.".to_owned(),
            });
        b.push(draft);
    }

    /// Rows whose keys are written out can be asked for, and taken away again.
    fn listed(&self, b: &mut Builder, (key, rows): &(Vec<Ident>, Vec<String>)) {
        let those = format!("FROM {} WHERE ({}) IN ({})", b.name(&self.table), b.ids(key), rows.join(", "));
        let draft = Draft::sql(PhaseName::Migrate, Rank::Backfill, self.title(), vec![self.sql.clone()], b.brief())
            .why("Adds rows; nobody waits.")
            .on(&self.table)
            .undo(b.undo_sql(
                vec![format!("DELETE {those}")],
                "Takes the rows away again, unless others point at them by then.",
            ))
            .done(format!("SELECT count(*) = {} {those}", rows.len()));
        b.push(draft);
    }

    /// The primary key, and its values row by row, if they are all literals.
    fn keys(&self) -> Option<(Vec<Ident>, Vec<String>)> {
        let target = self.target.as_ref()?;
        let key = target.primary_key()?.columns.clone();
        let mut words = Reader::new(&self.sql);
        words.eat("insert into").then_some(())?;
        words.name()?;
        let columns: Vec<Ident> = if words.is_mark("(") {
            pieces(words.parens()?).into_iter().map(|c| Reader::new(c).ident()).collect::<Option<_>>()?
        } else {
            target.columns.iter().map(|c| c.name.clone()).collect()
        };
        words.eat("values").then_some(())?;
        let places: Vec<usize> = key.iter().map(|k| columns.iter().position(|c| c == k)).collect::<Option<_>>()?;
        let mut rows = Vec::new();
        loop {
            let values = pieces(words.parens()?);
            let literal = |at: &usize| {
                let value = expression(values.get(*at)?);
                let plain =
                    value.understood && value.columns.is_empty() && value.functions.is_empty() && !value.has_subquery;
                (plain && !value.sql.eq_ignore_ascii_case("default")).then_some(value.sql)
            };
            let of_key: Vec<String> = places.iter().map(literal).collect::<Option<_>>()?;
            let row = of_key.join(", ");
            rows.push(if key.len() == 1 { row } else { format!("({row})") });
            if !words.eat_mark(",") {
                break;
            }
        }
        words.ended().then_some((key, rows))
    }

    /// Why it cannot be cut, if it cannot.
    fn pass(&self, b: &Builder) -> Result<Pass, String> {
        let copy = self.copy.as_ref().ok_or("the query is more than one table with a condition")?;
        let source =
            self.from.first().and_then(|s| b.catalog.table(s)).ok_or("the table it reads is not there today")?;
        let target = self.target.as_ref().ok_or("the table it fills is not known")?;
        let key = b.walk_key(source).ok_or_else(|| format!("`{}` has no key to walk by", source.name))?;
        let columns: Vec<Ident> = match copy.columns.as_slice() {
            [] => target.columns.iter().take(copy.items.len()).map(|c| c.name.clone()).collect(),
            named => named.to_vec(),
        };
        if columns.len() != copy.items.len() {
            return Err("the columns and the values are not equally many".to_owned());
        }
        let pairs: Vec<(Ident, &Expression)> = columns.into_iter().zip(&copy.items).collect();
        let keys = |i: &crate::model::Index| -> Option<Vec<Ident>> {
            (i.unique && i.predicate.is_none()).then(|| i.keys.iter().cloned().collect::<Option<Vec<_>>>())?
        };
        let filled = |columns: &Vec<Ident>| columns.iter().all(|c| pairs.iter().any(|(p, _)| p == c));
        let primary = target.primary_key().map(|k| k.columns.clone());
        let unique = primary
            .into_iter()
            .chain(target.indexes.iter().filter_map(keys))
            .find(filled)
            .ok_or_else(|| format!("no unique key of `{}` tells which rows were copied", target.name))?;
        let own = copy.alias.as_ref().map_or_else(|| b.name(&source.name), |a| b.id(a));
        let qualified = |e: &Expression| rename_column_in(e, &|c| Some(format!("{own}.{}", b.id(c))));
        let mut assignments = Vec::new();
        for (column, value) in &pairs {
            if super::add_column::volatility(value, b) > crate::model::catalog::Volatility::Stable
                && unique.contains(column)
            {
                return Err(format!("the key `{column}` gets another value at each run"));
            }
            let value = qualified(value).ok_or_else(|| format!("`{}` could not be read", value.sql))?;
            assignments.push((column.clone(), value));
        }
        let same = |c: &Ident| {
            let value = assignments.iter().find(|(a, _)| a == c).map(|(_, v)| v.as_str()).unwrap_or("NULL");
            format!("sidestep_there.{} = {value}", b.id(c))
        };
        let there = unique.iter().map(same).collect::<Vec<_>>().join(" AND ");
        let missing = format!("NOT EXISTS (SELECT 1 FROM {} AS sidestep_there WHERE {there})", b.name(&target.name));
        let needed = match &copy.filter {
            Some(filter) if filter.has_subquery => format!("({}) AND {missing}", filter.sql),
            Some(filter) => {
                let filter = qualified(filter).ok_or_else(|| format!("`{}` could not be read", filter.sql))?;
                format!("({filter}) AND {missing}")
            }
            None => missing,
        };
        let write = Write::Insert { into: target.name.clone() };
        Ok(Pass {
            table: source.name.clone(),
            key,
            assignments,
            needed,
            write,
            alias: copy.alias.clone(),
            joined: None,
        })
    }
}
