//! Values that a column takes: its type, and what constraints ask of them.

use super::app::name;
use crate::support::Session;
use sidestep::engine::dialect;
use sidestep::model::{Engine, Ident, TableName};

pub struct Column {
    pub name: Ident,
    pub data_type: String,
    pub has_default: bool,
    /// Alone able to keep a unique index happy.
    pub distinct: bool,
    /// A CHECK or a partition key wants a value that is there already.
    pub copied: bool,
    /// A value that the foreign key finds.
    pub target: Option<String>,
    /// A value that the foreign key finds and no row has yet: the column alone is a unique key as well.
    pub free: Option<String>,
}

/// The table's columns, and what a value for each has to satisfy.
pub fn columns_of(session: &mut Session, table: &TableName) -> Result<Vec<Column>, String> {
    let sql = format!(
        "WITH RECURSIVE t AS (SELECT to_regclass({})::oid AS oid),
         up AS (SELECT oid FROM t UNION SELECT i.inhparent FROM pg_inherits i, up WHERE i.inhrelid = up.oid),
         cut AS (SELECT k.attname FROM up, pg_partitioned_table p, pg_attribute k
                 WHERE p.partrelid = up.oid AND k.attrelid = up.oid AND k.attnum = ANY (p.partattrs))
         SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.atthasdef OR a.attidentity <> '',
                EXISTS (SELECT 1 FROM pg_index i, t WHERE i.indrelid = t.oid AND i.indisunique AND (
                          (i.indexprs IS NULL AND a.attnum = (SELECT k.n FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(n, o)
                             WHERE NOT EXISTS (SELECT 1 FROM pg_constraint f WHERE f.conrelid = t.oid AND f.contype = 'f' AND k.n = ANY (f.conkey))
                               AND NOT EXISTS (SELECT 1 FROM cut, pg_attribute c WHERE c.attrelid = t.oid AND c.attnum = k.n AND c.attname = cut.attname)
                             ORDER BY k.o LIMIT 1))
                          OR (i.indexprs IS NOT NULL AND strpos(pg_get_indexdef(i.indexrelid), a.attname) > 0))),
                EXISTS (SELECT 1 FROM pg_constraint f, t WHERE f.conrelid = t.oid AND f.contype = 'c' AND a.attnum = ANY (f.conkey))
                  OR EXISTS (SELECT 1 FROM cut WHERE cut.attname = a.attname),
                (SELECT format('(SELECT %I FROM %s ORDER BY 1 LIMIT 1)', r.attname, f.confrelid::regclass)
                 FROM pg_constraint f, t, pg_attribute r WHERE f.conrelid = t.oid AND f.contype = 'f' AND f.conkey = ARRAY[a.attnum]
                 AND r.attrelid = f.confrelid AND r.attnum = f.confkey[1] LIMIT 1),
                (SELECT format('(SELECT p.%1$I FROM %2$s p WHERE NOT EXISTS (SELECT 1 FROM %3$s x WHERE x.%4$I = p.%1$I) ORDER BY 1 DESC LIMIT 1)', r.attname, f.confrelid::regclass, t.oid::regclass, a.attname)
                 FROM pg_constraint f, t, pg_attribute r, pg_index i WHERE f.conrelid = t.oid AND f.contype = 'f' AND f.conkey = ARRAY[a.attnum]
                 AND r.attrelid = f.confrelid AND r.attnum = f.confkey[1] AND i.indrelid = t.oid AND i.indisunique AND i.indkey::text = a.attnum::text LIMIT 1)
         FROM pg_attribute a, t WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
        dialect(Engine::Postgresql).literal(&name(table))
    );
    let rows = session.try_rows(&sql).map_err(|why| format!("{why:?}"))?;
    Ok(rows
        .into_iter()
        .map(|row| Column {
            name: row[0].as_str().into(),
            data_type: row[1].clone(),
            has_default: row[2] == "t",
            distinct: row[3] == "t",
            copied: row[4] == "t",
            target: (row[5] != "∅").then(|| row[5].clone()),
            free: (row[6] != "∅").then(|| row[6].clone()),
        })
        .collect())
}

/// A value of the type that differs for every `n`; none for a type this does not know.
pub fn generated(data_type: &str, n: u64) -> Option<String> {
    let (base, limit) = match data_type.split_once('(') {
        Some((base, rest)) => (base, rest.split([')', ',']).next().and_then(|l| l.parse::<u64>().ok())),
        None => (data_type, None),
    };
    if data_type.ends_with("[]") {
        return Some(format!("'{{}}'::{data_type}"));
    }
    let value = match base {
        "integer" | "bigint" | "real" | "double precision" | "oid" => format!("{n}"),
        "smallint" => format!("{}", n % 30_000),
        "numeric" => match limit {
            Some(digits) if digits < 8 => format!("{}", n % 10u64.pow(digits.saturating_sub(3) as u32)),
            _ => format!("{n}"),
        },
        "text" | "character varying" | "character" => {
            let text = format!("s{n}");
            let keep = limit.map_or(text.len(), |l| text.len().min(l as usize));
            format!("'{}'", &text[text.len() - keep..])
        }
        "boolean" => format!("{}", n.is_multiple_of(2)),
        "date" => format!("date '2001-01-01' + {}", n % 9_000),
        "timestamp with time zone" | "timestamp without time zone" => {
            format!("timestamp '2001-01-01' + interval '{n} seconds'")
        }
        "interval" => format!("interval '{n} seconds'"),
        "uuid" => format!("md5('{n}')::uuid"),
        "json" | "jsonb" => format!("'{{\"n\":{n}}}'"),
        "bytea" => format!("decode(md5('{n}'), 'hex')"),
        _ => return None,
    };
    Some(format!("({value})::{data_type}"))
}
