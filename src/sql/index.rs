//! CREATE INDEX, DROP INDEX, ALTER INDEX.

use super::cursor::{Cursor, Read};
use super::expr::read_expression;
use super::statement::{CreateIndex, IndexKey, ObjectName, Statement};
use crate::model::Ident;

#[derive(Debug, Clone, PartialEq)]
pub enum AlterIndexAction {
    Rename {
        to: Ident,
    },
    AttachPartition {
        index: ObjectName,
    },
    /// `set`, `reset`, `set-tablespace`, `set-statistics`, …
    Other {
        op: String,
    },
}

/// Behind `CREATE`, at `[UNIQUE] INDEX`.
pub(super) fn create_index(c: &mut Cursor<'_>) -> Read<Statement> {
    let unique = c.eat("unique");
    c.expect("index")?;
    let concurrently = c.eat("concurrently");
    let if_not_exists = c.eat("if not exists");
    let name = if c.is("on") && !if_not_exists { None } else { Some(c.ident("the index's name")?) };
    if c.is_mark(".") {
        return Err(c
            .problem("an index is created in the schema of its table")
            .hint("Leave the schema out of the index's name."));
    }
    c.expect("on")?;
    let only = c.eat("only");
    let table = c.name("the table's name")?;
    let from = c.at;
    let method = if c.eat("using") { c.ident("the index method")?.0 } else { "btree".to_owned() };
    let keys = c.parens()?.split_commas().into_iter().map(key).collect::<Read<Vec<_>>>()?;
    let include = if c.eat("include") { c.columns()? } else { Vec::new() };
    if !c.eat("nulls not distinct") {
        c.eat("nulls distinct");
    }
    if c.eat("with") {
        c.parens()?;
    }
    if c.eat("tablespace") {
        c.ident("the tablespace's name")?;
    }
    let predicate = if c.eat("where") {
        let from = c.at;
        c.at = c.tokens.len();
        Some(read_expression(c, from, "a condition")?)
    } else {
        None
    };
    c.done()?;
    let definition = c.since(from).to_owned();
    Ok(Statement::CreateIndex(CreateIndex {
        name,
        table,
        unique,
        concurrently,
        if_not_exists,
        only,
        method,
        keys,
        include,
        predicate,
        definition,
    }))
}

/// `column` or `expression`, then `[COLLATE c] [opclass] [ASC|DESC] [NULLS FIRST|LAST]`.
fn key(mut c: Cursor<'_>) -> Read<IndexKey> {
    let whole = c.clone().rest().to_owned();
    if c.ended() {
        return Err(c.missing("a column"));
    }
    let expr = if c.is_mark("(") {
        let from = c.at;
        c.skip_balanced();
        Some(read_expression(&c, from, "an expression")?)
    } else {
        let from = c.at;
        let name = c.clone().ident("a column");
        // Some key words name functions: left(…), right(…).
        if c.shown(1) == "(" {
            c.at += 1;
        } else {
            c.name("a column")?;
        }
        if c.is_mark("(") {
            c.skip_balanced();
            Some(read_expression(&c, from, "an expression")?)
        } else {
            let column = name?;
            modifiers(&mut c)?;
            return Ok(IndexKey { text: whole, column: Some(column.clone()), uses: vec![column] });
        }
    };
    modifiers(&mut c)?;
    Ok(IndexKey { text: whole, column: None, uses: expr.map(|e| e.columns).unwrap_or_default() })
}

fn modifiers(c: &mut Cursor<'_>) -> Read<()> {
    if c.eat("collate") {
        c.name("a collation")?;
    }
    if c.is_ident() && !c.is("nulls") {
        c.name("an operator class")?;
        if c.is_mark("(") {
            c.skip_balanced();
        }
    }
    let _ = c.eat("asc") || c.eat("desc");
    let _ = c.eat("nulls first") || c.eat("nulls last");
    c.done()
}

/// Behind `DROP INDEX`.
pub(super) fn drop_index(c: &mut Cursor<'_>) -> Read<Statement> {
    let concurrently = c.eat("concurrently");
    let if_exists = c.eat("if exists");
    let names = c.names("the index's name")?;
    if c.is("on") {
        return Err(c
            .problem("`DROP INDEX … ON table` is MySQL's, not PostgreSQL's")
            .hint("An index's name is enough: leave `ON table` out."));
    }
    let cascade = c.eat("cascade");
    if !cascade {
        c.eat("restrict");
    }
    c.done()?;
    Ok(Statement::DropIndex { names, concurrently, if_exists, cascade })
}

/// Behind `ALTER INDEX`.
pub(super) fn alter_index(c: &mut Cursor<'_>) -> Read<Statement> {
    if c.eat("all in tablespace") {
        return Ok(super::known::known("alter-index-all-in-tablespace", None));
    }
    let if_exists = c.eat("if exists");
    let name = c.name("the index's name")?;
    let other = |op: &str| AlterIndexAction::Other { op: op.to_owned() };
    let action = if c.eat("rename to") {
        AlterIndexAction::Rename { to: c.ident("the new name")? }
    } else if c.eat("attach partition") {
        AlterIndexAction::AttachPartition { index: c.name("the index's name")? }
    } else if c.eat("set tablespace") {
        c.ident("the tablespace's name")?;
        c.eat("nowait");
        other("set-tablespace")
    } else if c.eat("set") {
        c.parens()?;
        other("set")
    } else if c.eat("reset") {
        c.parens()?;
        other("reset")
    } else if c.eat("no depends on extension") || c.eat("depends on extension") {
        c.ident("the extension's name")?;
        other("depends-on-extension")
    } else if c.eat("owner to") {
        c.at += 1;
        other("owner-to")
    } else if c.eat("alter") {
        c.eat("column");
        c.at += 1;
        if c.eat("set statistics") {
            c.eat_mark("-");
            c.at += 1;
            other("set-statistics")
        } else {
            if !c.eat("set") {
                c.expect("reset")?;
            }
            c.parens()?;
            other("set-column-options")
        }
    } else {
        return Err(c.missing("RENAME TO, SET, RESET, ATTACH PARTITION or ALTER COLUMN"));
    };
    c.done()?;
    Ok(Statement::AlterIndex { name, if_exists, action })
}
