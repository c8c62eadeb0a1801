//! Statements about one index: which one `CREATE INDEX CONCURRENTLY` builds and `DROP INDEX` drops, since a
//! cancelled build leaves an invalid index behind that a retry must clear away.

use super::scan::{Piece, pieces};

/// A statement that needs its index looked at before and after.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum IndexWork {
    /// Name qualified with the table's schema, spelled as SQL.
    BuildConcurrently {
        index: String,
        table: String,
    },
    Drop {
        index: String,
    },
}

pub(super) fn index_work(sql: &str) -> Option<IndexWork> {
    let pieces = pieces(sql);
    let mut words = Words { pieces: &pieces };
    if words.take("create") {
        words.take("unique");
        if !(words.take("index") && words.take("concurrently")) {
            return None;
        }
        let _ = words.take("if") && words.take("not") && words.take("exists");
        let (_, index) = words.name()?;
        if !words.take("on") {
            return None;
        }
        words.take("only");
        let (schema, name) = words.name()?;
        let within = |n: &str| schema.as_ref().map_or_else(|| n.to_owned(), |s| format!("{s}.{n}"));
        return Some(IndexWork::BuildConcurrently { index: within(&index), table: within(&name) });
    }
    if words.take("drop") && words.take("index") {
        words.take("concurrently");
        let _ = words.take("if") && words.take("exists");
        let (schema, name) = words.name()?;
        // Several names in one DROP, or CASCADE: not ours to guard.
        return words
            .pieces
            .is_empty()
            .then(|| IndexWork::Drop { index: schema.map_or_else(|| name.clone(), |s| format!("{s}.{name}")) });
    }
    None
}

struct Words<'p, 's> {
    pieces: &'p [Piece<'s>],
}

impl Words<'_, '_> {
    fn take(&mut self, word: &str) -> bool {
        match self.pieces {
            [Piece::Word(w), rest @ ..] if w.eq_ignore_ascii_case(word) => {
                self.pieces = rest;
                true
            }
            _ => false,
        }
    }
    /// Schema, if given, and name, as spelled.
    fn name(&mut self) -> Option<(Option<String>, String)> {
        let first = self.part()?;
        if let [Piece::Symbol('.'), rest @ ..] = self.pieces {
            self.pieces = rest;
            return Some((Some(first), self.part()?));
        }
        Some((None, first))
    }
    fn part(&mut self) -> Option<String> {
        match self.pieces {
            [Piece::Word(part) | Piece::Quoted(part), rest @ ..] => {
                self.pieces = rest;
                Some((*part).to_owned())
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_index_in_the_tables_schema() {
        let build =
            |index: &str, table: &str| Some(IndexWork::BuildConcurrently { index: index.into(), table: table.into() });
        assert_eq!(
            index_work("CREATE UNIQUE INDEX CONCURRENTLY \"a.b\" ON public.users (email)"),
            build("public.\"a.b\"", "public.users")
        );
        assert_eq!(
            index_work("create index concurrently if not exists i on only s.\"T\" using gin (x)"),
            build("s.i", "s.\"T\"")
        );
        assert_eq!(index_work("CREATE INDEX i ON t (a)"), None);
        assert_eq!(
            index_work("DROP INDEX CONCURRENTLY IF EXISTS public.i"),
            Some(IndexWork::Drop { index: "public.i".into() })
        );
        assert_eq!(index_work("DROP INDEX a, b"), None);
    }
}
