//! As much of Python as a migration's own facts take: the value of a plain assignment, the strings in it.

/// The text behind `name =` at the beginning of a line (indented or not), an annotation in between left out, to its end.
pub(in super::super) fn assigned<'s>(source: &'s str, name: &str) -> Option<&'s str> {
    let mut at = 0;
    for line in source.split_inclusive('\n') {
        let behind = line.trim_start().strip_prefix(name).filter(|r| r.starts_with([' ', '\t', ':', '=']));
        let value = behind.and_then(|rest| rest.split_once('=')).filter(|(before, _)| {
            let before = before.trim();
            before.is_empty() || before.starts_with(':')
        });
        if let Some((_, value)) = value.filter(|(_, v)| !v.starts_with('=')) {
            let start = at + (line.len() - value.len());
            let rest = source.get(start..)?;
            return rest.get(..end(rest));
        }
        at += line.len();
    }
    None
}

/// Tokens that matter; everything else is [`Token::Other`].
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Text(String),
    Open,
    Close,
    Comma,
    Line,
    None,
    Other,
}

fn tokens(source: &str) -> Vec<(Token, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = source.get(at..).and_then(|s| s.chars().next()) {
        let rest = source.get(at..).unwrap_or_default();
        let (token, length) = match c {
            '#' => (None, rest.find('\n').unwrap_or(rest.len())),
            '\\' if rest.starts_with("\\\n") => (None, 2),
            '\n' => (Some(Token::Line), 1),
            '(' | '[' => (Some(Token::Open), 1),
            ')' | ']' => (Some(Token::Close), 1),
            ',' => (Some(Token::Comma), 1),
            '"' | '\'' => {
                let (text, length) = text(rest, c);
                (Some(Token::Text(text)), length)
            }
            c if c.is_whitespace() => (None, c.len_utf8()),
            c if c.is_alphanumeric() || c == '_' => {
                let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
                let word = rest.get(..end).unwrap_or_default();
                (Some(if word == "None" { Token::None } else { Token::Other }), end)
            }
            c => (Some(Token::Other), c.len_utf8()),
        };
        at += length.max(1);
        found.extend(token.map(|t| (t, at)));
    }
    found
}

/// A string literal and its length. Escapes stay as they are: ids and names have none.
fn text(rest: &str, quote: char) -> (String, usize) {
    let triple = quote.to_string().repeat(3);
    let mark = if rest.starts_with(&triple) { triple } else { quote.to_string() };
    let mut escaped = false;
    for (i, c) in rest.char_indices().skip(mark.len()) {
        if !escaped && rest.get(i..).is_some_and(|r| r.starts_with(&mark)) {
            return (rest.get(mark.len()..i).unwrap_or_default().to_owned(), i + mark.len());
        }
        escaped = !escaped && c == '\\';
    }
    (String::new(), rest.len())
}

/// Where a value ends: at the first line end outside brackets.
fn end(source: &str) -> usize {
    let mut depth = 0usize;
    for (token, at) in tokens(source) {
        match token {
            Token::Open => depth += 1,
            Token::Close => depth = depth.saturating_sub(1),
            Token::Line if depth == 0 => return at,
            _ => {}
        }
    }
    source.len()
}

/// The strings of a value that is `None`, one string, or a sequence of strings; none for anything else.
pub(in super::super) fn strings(value: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    for (token, _) in tokens(value) {
        match token {
            Token::Text(text) => found.push(text),
            Token::Other => return None,
            Token::Open | Token::Close | Token::Comma | Token::Line | Token::None => {}
        }
    }
    Some(found)
}

/// Every `("a", "b")` inside a value, whatever stands between them.
pub(in super::super) fn pairs(value: &str) -> Vec<(String, String)> {
    let tokens: Vec<Token> = tokens(value).into_iter().map(|(t, _)| t).filter(|t| *t != Token::Line).collect();
    let pair = |window: &[Token]| match window {
        [Token::Open, Token::Text(a), Token::Comma, Token::Text(b), Token::Close | Token::Comma] => {
            Some((a.clone(), b.clone()))
        }
        _ => None,
    };
    tokens.windows(5).filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_end_where_they_end() {
        let source = "x = 1\n    dependencies = [\n  ('a', '0001_b'), # ('no', 'no')\n swappable(x),\n (\"a\",\n'c',),]\ny = 2\n";
        let value = assigned(source, "dependencies").unwrap();
        assert_eq!(pairs(value), [("a".into(), "0001_b".into()), ("a".into(), "c".into())]);
        assert_eq!(strings(value), None);
        assert_eq!(assigned("down_revision == 1\nrevision_x = 2", "revision"), None);
        assert_eq!(strings(assigned("a: Union[str, None] = \"q'\" # z\nb", "a").unwrap()), Some(vec!["q'".to_owned()]));
    }
}
