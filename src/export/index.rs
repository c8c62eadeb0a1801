//! Statements about one index: which one `CREATE INDEX CONCURRENTLY` builds and `DROP INDEX` drops, since a
//! cancelled build leaves an invalid index behind that a retry must clear away.

use crate::engine::dialect;
use crate::model::{Engine, Ident};
use crate::sql::{ObjectName, Statement, parse};

/// A statement that needs its index looked at before and after. Names are spelled as SQL.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum IndexWork {
    /// The index stands in its table's schema.
    BuildConcurrently {
        index: String,
        table: String,
    },
    Drop {
        index: String,
    },
}

pub(super) fn index_work(sql: &str, engine: Engine) -> Option<IndexWork> {
    let script = parse(sql, engine).ok()?;
    let [only] = script.statements.as_slice() else { return None };
    let spell = |schema: Option<&Ident>, name: &Ident| match schema {
        Some(schema) => format!("{}.{}", dialect(engine).ident(schema), dialect(engine).ident(name)),
        None => dialect(engine).ident(name),
    };
    let of = |name: &ObjectName| spell(name.schema.as_ref(), &name.name);
    match &only.statement {
        Statement::CreateIndex(create) if create.concurrently => Some(IndexWork::BuildConcurrently {
            index: spell(create.table.schema.as_ref(), create.name.as_ref()?),
            table: of(&create.table),
        }),
        // Several names in one DROP, or CASCADE: not ours to guard.
        Statement::DropIndex { names, cascade: false, .. } => match names.as_slice() {
            [name] => Some(IndexWork::Drop { index: of(name) }),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_index_in_the_tables_schema() {
        let work = |sql| index_work(sql, Engine::Postgresql);
        let build =
            |index: &str, table: &str| Some(IndexWork::BuildConcurrently { index: index.into(), table: table.into() });
        assert_eq!(
            work("CREATE UNIQUE INDEX CONCURRENTLY \"a.b\" ON public.users (email)"),
            build("public.\"a.b\"", "public.users")
        );
        assert_eq!(
            work("create index concurrently if not exists i on only s.\"T\" using gin (x)"),
            build("s.i", "s.\"T\"")
        );
        assert_eq!(work("CREATE INDEX i ON t (a)"), None);
        assert_eq!(
            work("DROP INDEX CONCURRENTLY IF EXISTS public.i"),
            Some(IndexWork::Drop { index: "public.i".into() })
        );
        assert_eq!(work("DROP INDEX a, b"), None);
    }
}
