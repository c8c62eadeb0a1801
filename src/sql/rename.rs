//! Replacing a column's name in text that is no expression: index definitions with opclasses, INCLUDE and WHERE.

use super::cursor::fold;
use super::lex::{Item, Kind, Lexer, Token};
use crate::model::Ident;

/// `text` with every bare identifier `name` replaced; one that is called (`name(`) or qualified is left alone.
/// `None` if the text cannot be cut into tokens.
pub fn rename_ident_in(text: &str, name: &Ident, with: &str) -> Option<String> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut lexer = Lexer::new(text);
    while let Some(item) = lexer.next() {
        if let Item::Token(token) = item.ok()? {
            tokens.push(token);
        }
    }
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (i, token) in tokens.iter().enumerate() {
        let around = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map(|t| t.of(text));
        let named = matches!(token.kind, Kind::Word | Kind::Quoted) && fold(token.of(text)) == *name;
        let called = around(Some(i + 1)).is_some_and(|next| next == "(" || next == ".");
        let qualified = around(i.checked_sub(1)) == Some(".");
        if named && !called && !qualified {
            out.push_str(text.get(from..token.start)?);
            out.push_str(with);
            from = token.end;
        }
    }
    out.push_str(text.get(from..)?);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_column_is_replaced() {
        let text = "(lower(status), status DESC, \"status\") INCLUDE (a) WHERE status = 'status' AND status(1) > 0";
        assert_eq!(
            rename_ident_in(text, &"status".into(), "state").as_deref(),
            Some("(lower(state), state DESC, state) INCLUDE (a) WHERE state = 'status' AND status(1) > 0")
        );
    }
}
