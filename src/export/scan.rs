//! What psql would see in a statement beside the statement: its own commands, an early end. Reading SQL belongs to
//! [`crate::sql`]; psql has a lexer of its own, and this follows that one.

use crate::sql::comment_len;

/// A piece of a statement outside comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece<'s> {
    /// A bare word: key word or folded name.
    Word(&'s str),
    /// A quoted identifier, with its quotes.
    Quoted(&'s str),
    /// A string, with its quotes.
    Text(&'s str),
    Symbol(char),
}

/// Cuts a statement into pieces; comments and white space vanish. Unclosed quotes run to the end.
fn pieces(sql: &str) -> Vec<Piece<'_>> {
    located(sql).into_iter().map(|(_, piece)| piece).collect()
}

/// Each piece with the byte where it begins.
fn located(sql: &str) -> Vec<(usize, Piece<'_>)> {
    let mut found: Vec<(usize, Piece<'_>)> = Vec::new();
    let mut rest = sql;
    while let Some(c) = rest.chars().next() {
        let (piece, length) = match c {
            _ if rest.starts_with("--") => (None, rest.find('\n').unwrap_or(rest.len())),
            _ if rest.starts_with("/*") => (None, comment_len(rest).unwrap_or(rest.len())),
            '"' => with(rest, quoted(rest, '"', false), Piece::Quoted),
            '\'' => {
                let escapes = matches!(found.last(), Some((_, Piece::Word("E" | "e"))));
                with(rest, quoted(rest, '\'', escapes), Piece::Text)
            }
            '$' if dollar(rest).is_some() => with(rest, dollar(rest).unwrap_or(rest.len()), Piece::Text),
            c if c.is_alphanumeric() || c == '_' => {
                let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$'))).unwrap_or(rest.len());
                with(rest, end, Piece::Word)
            }
            c if c.is_whitespace() => (None, c.len_utf8()),
            c => (Some(Piece::Symbol(c)), c.len_utf8()),
        };
        found.extend(piece.map(|p| (sql.len() - rest.len(), p)));
        rest = rest.get(length..).unwrap_or("");
    }
    found
}

fn with<'s>(rest: &'s str, length: usize, make: fn(&'s str) -> Piece<'s>) -> (Option<Piece<'s>>, usize) {
    (rest.get(..length).map(make), length)
}

/// Length of a quoted run; a doubled quote stays inside.
fn quoted(rest: &str, quote: char, escapes: bool) -> usize {
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((i, c)) = chars.next() {
        if escapes && c == '\\' {
            chars.next();
        } else if c == quote {
            match chars.peek() {
                Some((_, next)) if *next == quote => {
                    chars.next();
                }
                _ => return i + 1,
            }
        }
    }
    rest.len()
}

/// Length of a dollar-quoted string, if `rest` begins with one.
fn dollar(rest: &str) -> Option<usize> {
    let tag_end = rest.get(1..)?.find('$')? + 2;
    let tag = rest.get(..tag_end)?;
    let name = tag.trim_matches('$');
    if name.starts_with(|c: char| c.is_ascii_digit()) || !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return None;
    }
    let body = rest.get(tag_end..)?;
    Some(body.find(tag).map_or(rest.len(), |i| tag_end + i + tag.len()))
}

/// Why psql would not send this text as one statement, if it would not: it reads `\` outside quotes as its own
/// command (which can run a shell), and `;` as an end.
pub(super) fn unsendable(sql: &str) -> Option<&'static str> {
    let pieces = pieces(sql);
    if pieces.is_empty() {
        return Some("a statement is empty");
    }
    if pieces.contains(&Piece::Symbol('\\')) {
        Some("a `\\` stands outside quotes, which psql takes for a command of its own")
    } else if ends_early(&pieces) {
        Some("a `;` stands inside one statement")
    } else if sql.contains('\0') {
        Some("a statement holds a NUL byte")
    } else {
        None
    }
}

/// The parameters `:lo`, `:hi` and `:n` of a backfill under names that no array slice of the user's can mean: psql replaces
/// `:name` wherever it stands outside quotes, as soon as there is a variable of that name.
pub(super) fn parameters(sql: &str, prefix: &str) -> String {
    let pieces = located(sql);
    let mut out = String::with_capacity(sql.len());
    let mut copied = 0;
    for (i, (at, piece)) in pieces.iter().enumerate() {
        let (Piece::Symbol(':'), Some((next, Piece::Word("lo" | "hi" | "n")))) = (piece, pieces.get(i + 1)) else {
            continue;
        };
        // Ours stand behind a space; `a[1:n]` and `x::n` do not.
        if *next == at + 1 && sql.get(..*at).is_some_and(|before| before.ends_with(' ')) {
            out.push_str(sql.get(copied..=*at).unwrap_or(""));
            out.push_str(prefix);
            copied = *next;
        }
    }
    out.push_str(sql.get(copied..).unwrap_or(""));
    out
}

/// A `;` that psql takes for the end: outside parentheses, and not in the body of a `BEGIN ATOMIC` function.
fn ends_early(pieces: &[Piece<'_>]) -> bool {
    if pieces.iter().any(|p| matches!(p, Piece::Word(w) if w.eq_ignore_ascii_case("atomic"))) {
        return false;
    }
    let mut depth = 0usize;
    pieces.iter().any(|piece| {
        match piece {
            Piece::Symbol('(') => depth += 1,
            Piece::Symbol(')') => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && *piece == Piece::Symbol(';')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_comments_hide_what_is_in_them() {
        assert_eq!(
            unsendable("SELECT '\\', E'\\'\\\\', \"a\\b\", $$ \\! ; $$, $t$;$$;$t$ -- \\!\n/* ; /* \\ */ */"),
            None
        );
        assert!(unsendable("DO $$ BEGIN END $$ \\! touch /tmp/x").is_some());
        assert!(unsendable("SELECT 1; DROP TABLE x").is_some());
        assert!(unsendable("  -- nothing").is_some());
        assert_eq!(
            parameters(
                "UPDATE t SET a = ' :lo', b = c[1:n], d = x::n WHERE id >= :lo AND id <= :hi -- :n\n LIMIT :n",
                "my_"
            ),
            "UPDATE t SET a = ' :lo', b = c[1:n], d = x::n WHERE id >= :my_lo AND id <= :my_hi -- :n\n LIMIT :my_n"
        );
        assert_eq!(pieces("a.\"b\"\"c\""), [Piece::Word("a"), Piece::Symbol('.'), Piece::Quoted("\"b\"\"c\"")]);
    }
}
