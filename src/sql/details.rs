//! Parts of small statements that the tree keeps as text only: COMMENT, GRANT, CREATE EXTENSION, options in parentheses.

use super::cursor::Cursor;
use super::data_type::string_value;
use super::lex::{Item, Kind, Lexer, Token};
use super::statement::ObjectName;
use crate::model::Ident;

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut lexer = Lexer::new(text);
    let mut tokens = Vec::new();
    while let Some(item) = lexer.next() {
        match item {
            Ok(Item::Token(token)) => tokens.push(token),
            Ok(Item::LineComment(_)) => {}
            _ => return None,
        }
    }
    Some(tokens)
}

/// `COMMENT ON column shop.t.c IS 'text'`.
#[derive(Debug, Clone, PartialEq)]
pub struct CommentParts {
    /// The object's words, lower case: `column`, `materialized view`.
    pub on: String,
    /// Everything between the words and IS, as written.
    pub object: String,
    /// The dotted name, part by part, up to `ON` or `(`.
    pub names: Vec<Ident>,
    /// None for NULL.
    pub text: Option<String>,
}

pub fn comment(statement: &str) -> Option<CommentParts> {
    let tokens = tokens(statement)?;
    let mut c = Cursor::new(statement, &tokens);
    if !c.eat("comment on") {
        return None;
    }
    let from = c.at;
    // Two words of the object, or one.
    let _ = c.eat("materialized") || c.eat("foreign") || c.eat("event");
    c.at += 1;
    let on = c.since(from).to_lowercase();
    let from = c.at;
    let mut names = Vec::new();
    loop {
        names.push(c.ident("a name").ok()?);
        if !c.eat_mark(".") {
            break;
        }
    }
    c.skip_to(&["is"]);
    let object = c.since(from).to_owned();
    if !c.eat("is") {
        return None;
    }
    let text = if c.eat("null") {
        None
    } else {
        let token = c.peek().filter(|t| t.kind == Kind::Text)?;
        c.at += 1;
        Some(string_value(token.of(statement))?)
    };
    c.ended().then_some(CommentParts { on, object, names, text })
}

/// `GRANT SELECT, INSERT ON TABLE a, b TO app, PUBLIC WITH GRANT OPTION`, over whole relations.
#[derive(Debug, Clone, PartialEq)]
pub struct GrantParts {
    pub revoke: bool,
    /// Upper case; `ALL` for all.
    pub privileges: Vec<String>,
    pub relations: Vec<ObjectName>,
    /// As written; `PUBLIC` in upper case.
    pub roles: Vec<String>,
    pub with_option: bool,
}

/// None for column lists, roles, schemas and all else that is not a plain list of relations.
pub fn grant(statement: &str) -> Option<GrantParts> {
    let tokens = tokens(statement)?;
    let mut c = Cursor::new(statement, &tokens);
    let revoke = c.eat("revoke");
    if !revoke && !c.eat("grant") {
        return None;
    }
    if revoke && c.is("grant option for") {
        return None;
    }
    let mut privileges = Vec::new();
    loop {
        let word = c.peek().filter(|t| t.kind == Kind::Word)?.of(statement).to_ascii_uppercase();
        c.at += 1;
        privileges.push(word);
        c.eat("privileges");
        if c.is_mark("(") {
            return None;
        }
        if !c.eat_mark(",") {
            break;
        }
    }
    if !c.eat("on") {
        return None;
    }
    const OTHER: [&str; 12] = [
        "sequence",
        "schema",
        "database",
        "function",
        "procedure",
        "routine",
        "type",
        "domain",
        "language",
        "large",
        "all",
        "foreign",
    ];
    let table = c.eat("table");
    if !table && OTHER.iter().any(|o| c.is(o)) && c.tokens.get(c.at + 1).is_some_and(|t| t.kind != Kind::Mark) {
        return None;
    }
    let relations = c.names("a table").ok()?;
    if !c.eat(if revoke { "from" } else { "to" }) {
        return None;
    }
    let mut roles = Vec::new();
    loop {
        c.eat("group");
        let token = c.peek().filter(|t| matches!(t.kind, Kind::Word | Kind::Quoted))?;
        let raw = token.of(statement);
        roles.push(if raw.eq_ignore_ascii_case("public") { "PUBLIC".to_owned() } else { raw.to_owned() });
        c.at += 1;
        if !c.eat_mark(",") {
            break;
        }
    }
    let with_option = c.eat("with grant option");
    c.eat("restrict");
    c.ended().then_some(GrantParts { revoke, privileges, relations, roles, with_option })
}

/// `CREATE EXTENSION IF NOT EXISTS citext SCHEMA s VERSION '1.6'`, and ALTER … UPDATE and DROP of one.
#[derive(Debug, Clone, PartialEq)]
pub struct ExtensionParts {
    pub name: Ident,
    pub optional: bool,
    pub cascade: bool,
    pub version: Option<String>,
    /// For ALTER: `update` or something else.
    pub update: bool,
}

pub fn extension(statement: &str) -> Option<ExtensionParts> {
    let tokens = tokens(statement)?;
    let mut c = Cursor::new(statement, &tokens);
    c.at += 1;
    if !c.eat("extension") {
        return None;
    }
    let optional = c.eat("if not exists") || c.eat("if exists");
    let name = c.ident("a name").ok()?;
    let mut parts = ExtensionParts { name, optional, cascade: false, version: None, update: false };
    while !c.ended() {
        if c.eat("cascade") {
            parts.cascade = true;
        } else if c.eat("update") {
            parts.update = true;
        } else if c.eat("schema") {
            c.at += 1;
        } else if c.eat("version") || c.eat("to") {
            let raw = c.peek()?.of(statement);
            parts.version = Some(string_value(raw).unwrap_or_else(|| raw.trim_matches('"').to_owned()));
            c.at += 1;
        } else if !c.eat("with") && !c.eat("restrict") {
            return None;
        }
    }
    Some(parts)
}

/// The options of `SET (a = 1, b)` or `RESET (a, b)`: the last parenthesis of the text.
pub fn options(text: &str) -> Option<Vec<(String, Option<String>)>> {
    let tokens = tokens(text)?;
    let mut c = Cursor::new(text, &tokens);
    c.skip_to(&["("]);
    while !c.ended() && !c.is_mark("(") {
        c.skip_balanced();
    }
    let mut found = Vec::new();
    for mut piece in c.parens().ok()?.split_commas() {
        let from = piece.at;
        piece.ident("an option").ok()?;
        while piece.eat_mark(".") {
            piece.ident("an option").ok()?;
        }
        let name = piece.since(from).to_lowercase();
        let value = piece.eat_mark("=").then(|| {
            let raw = piece.rest();
            string_value(raw).unwrap_or_else(|| raw.to_owned())
        });
        found.push((name, value));
    }
    Some(found)
}

/// `ALTER CONSTRAINT name DEFERRABLE …`: the name, and what is said of it in upper case.
pub fn altered_constraint(text: &str) -> Option<(Ident, String)> {
    let tokens = tokens(text)?;
    let mut c = Cursor::new(text, &tokens);
    if !c.eat("alter constraint") {
        return None;
    }
    let name = c.ident("a name").ok()?;
    let said = c.rest().split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase();
    Some((name, said))
}

/// The last token, with a minus before it: the value of SET STATISTICS, SET STORAGE, OWNER TO.
pub fn last(text: &str) -> Option<String> {
    let tokens = tokens(text)?;
    let last = tokens.last()?.of(text);
    let minus = tokens.len().checked_sub(2).and_then(|i| tokens.get(i)).is_some_and(|t| t.of(text) == "-");
    Some(format!("{}{last}", if minus { "-" } else { "" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_statements_come_apart() {
        let parts = comment("COMMENT ON COLUMN shop.t.\"C\" IS 'it''s'").unwrap();
        assert_eq!((parts.on.as_str(), parts.names.len(), parts.text.as_deref()), ("column", 3, Some("it's")));
        assert_eq!(comment("COMMENT ON CONSTRAINT c ON t IS NULL").unwrap().object, "c ON t");
        let granted = grant("GRANT SELECT, INSERT ON TABLE a, s.b TO app, public WITH GRANT OPTION").unwrap();
        assert_eq!((granted.relations.len(), granted.roles), (2, vec!["app".to_owned(), "PUBLIC".to_owned()]));
        assert_eq!(grant("GRANT SELECT (a) ON t TO x"), None);
        assert_eq!(grant("GRANT USAGE ON SCHEMA s TO x"), None);
        assert_eq!(grant("GRANT admin TO x"), None);
        assert!(
            extension("CREATE EXTENSION IF NOT EXISTS \"uuid-ossp\" WITH SCHEMA x VERSION '1.1'").unwrap().optional
        );
        assert_eq!(
            options("SET (fillfactor = 70, autovacuum_enabled)").unwrap(),
            [("fillfactor".to_owned(), Some("70".to_owned())), ("autovacuum_enabled".to_owned(), None)]
        );
        assert_eq!(last("ALTER COLUMN c SET STATISTICS -1").as_deref(), Some("-1"));
    }
}
