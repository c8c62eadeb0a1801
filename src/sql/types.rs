//! One spelling per type: the server's own (`format_type`), so that a type in a script can be compared with the catalog's.

use super::cursor::{Cursor, Read, fold};
use super::lex::{Item, Kind, Lexer, Token};

/// The type as the server would print it: `varchar(255)` → `character varying(255)`. A type it does not know stays as it is
/// but for case, blanks and `pg_catalog.`.
pub fn canonical_type(text: &str) -> String {
    // In quotes the server's own names mean the same; `"char"` is a type of its own.
    const PLAIN: &[&str] = &[
        "int2",
        "int4",
        "int8",
        "float4",
        "float8",
        "bool",
        "varchar",
        "varbit",
        "bpchar",
        "timestamptz",
        "timetz",
        "numeric",
    ];
    if let Some(plain) = PLAIN.iter().find(|name| text.contains(&format!("\"{name}\""))) {
        return canonical_type(&text.replace(&format!("\"{plain}\""), plain));
    }
    let text = text.trim();
    let mut lexer = Lexer::new(text);
    let mut tokens: Vec<Token> = Vec::new();
    while let Some(item) = lexer.next() {
        match item {
            Ok(Item::Token(token)) => tokens.push(token),
            _ => return text.to_owned(),
        }
    }
    let mut c = Cursor::new(text, &tokens);
    let written = canonical(&mut c);
    if c.ended() && !written.is_empty() { written } else { text.to_owned() }
}

/// The integer type under a serial one.
pub fn serial_base(text: &str) -> Option<&'static str> {
    match text.trim().to_ascii_lowercase().as_str() {
        "smallserial" | "serial2" => Some("smallint"),
        "serial" | "serial4" => Some("integer"),
        "bigserial" | "serial8" => Some("bigint"),
        _ => None,
    }
}

fn canonical(c: &mut Cursor<'_>) -> String {
    if c.eat("setof") {
        return format!("SETOF {}", canonical(c));
    }
    if c.is("pg_catalog") && c.tokens.get(c.at + 1).is_some_and(|t| t.of(c.text) == ".") {
        c.at += 2;
    }
    let (name, modifier) = base(c);
    let mut out = name.replacen("{}", &modifier, 1);
    // However many dimensions are written, the server keeps one.
    let mut array = false;
    if c.eat("array") {
        array = true;
    }
    while c.eat_mark("[") {
        array = true;
        if c.peek().is_some_and(|t| t.kind == Kind::Number) {
            c.at += 1;
        }
        if !c.eat_mark("]") {
            c.at = 0;
            return String::new();
        }
    }
    if array {
        out.push_str("[]");
    }
    out
}

/// The name with `{}` where the modifier belongs, and the modifier.
fn base(c: &mut Cursor<'_>) -> (String, String) {
    let fixed = |c: &mut Cursor<'_>, name: &str| (format!("{name}{{}}"), modifier(c));
    for (written, name) in [
        ("national character varying", "character varying"),
        ("national char varying", "character varying"),
        ("character varying", "character varying"),
        ("char varying", "character varying"),
        ("nchar varying", "character varying"),
        ("varchar", "character varying"),
        ("bit varying", "bit varying"),
        ("varbit", "bit varying"),
        ("double precision", "double precision"),
        ("float8", "double precision"),
        ("float4", "real"),
        ("int2", "smallint"),
        ("int4", "integer"),
        ("int8", "bigint"),
        ("int", "integer"),
        ("bool", "boolean"),
    ] {
        if c.eat(written) {
            return fixed(c, name);
        }
    }
    if c.eat("numeric") || c.eat("decimal") || c.eat("dec") {
        let digits = modifier(c);
        let scaled = digits.contains(',') || digits.is_empty();
        let digits = if scaled { digits } else { digits.replace(')', ",0)") };
        return ("numeric{}".to_owned(), digits);
    }
    if c.eat("float") {
        let precision = modifier(c);
        let digits: u32 = precision.trim_matches(['(', ')']).parse().unwrap_or(53);
        return (if digits <= 24 { "real" } else { "double precision" }.to_owned(), String::new());
    }
    for character in ["national character", "national char", "nchar", "character", "char", "bpchar", "bit"] {
        let bare = if character == "bpchar" { "" } else { "(1)" };
        if c.eat(character) {
            let length = modifier(c);
            let length = if length.is_empty() { bare.to_owned() } else { length };
            let name = match (character, length.is_empty()) {
                ("bit", _) => "bit",
                (_, true) => "bpchar",
                (_, false) => "character",
            };
            return (format!("{name}{{}}"), length);
        }
    }
    for (written, name) in [("timestamptz", "timestamp{} with time zone"), ("timetz", "time{} with time zone")] {
        if c.eat(written) {
            return (name.to_owned(), modifier(c));
        }
    }
    for word in ["timestamp", "time"] {
        if c.eat(word) {
            let precision = modifier(c);
            let zone = if c.eat("with time zone") { "with" } else { "without" };
            let _ = zone == "without" && c.eat("without time zone");
            return (format!("{word}{{}} {zone} time zone"), precision);
        }
    }
    if c.eat("interval") {
        let from = c.at;
        while c.is_any(&["year", "month", "day", "hour", "minute", "second", "to"]) {
            c.at += 1;
        }
        let fields = c.since(from).to_ascii_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
        let fields = if fields.is_empty() { fields } else { format!(" {fields}") };
        return (format!("interval{fields}{{}}"), modifier(c));
    }
    let mut name = String::new();
    loop {
        match c.peek() {
            Some(token) if matches!(token.kind, Kind::Word | Kind::Quoted) => {
                c.at += 1;
                let raw = token.of(c.text);
                if token.kind == Kind::Quoted && needs_quotes(&fold(raw).0) {
                    name.push_str(raw);
                } else {
                    name.push_str(&fold(raw).0);
                }
            }
            _ => return (String::new(), String::new()),
        }
        if !c.eat_mark(".") {
            break;
        }
        name.push('.');
    }
    (name + "{}", modifier(c))
}

fn needs_quotes(name: &str) -> bool {
    // `"char"` is a type of its own, another than char.
    name == "char"
        || !name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        || name.contains(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'))
}

/// `(10, 2)` → `(10,2)`.
fn modifier(c: &mut Cursor<'_>) -> String {
    let from = c.at;
    if !c.is_mark("(") {
        return String::new();
    }
    c.skip_balanced();
    let tokens = c.tokens.get(from..c.at).unwrap_or(&[]);
    tokens.iter().map(|t| t.of(c.text)).collect()
}

/// Reads a type as the grammar has it and gives its text; `what` is said if there is none.
pub(super) fn data_type<'t>(c: &mut Cursor<'t>) -> Read<&'t str> {
    let from = c.at;
    c.eat("setof");
    let many = [
        "national character varying",
        "national char varying",
        "national character",
        "national char",
        "character varying",
        "char varying",
        "nchar varying",
        "bit varying",
        "double precision",
    ];
    if !many.iter().any(|words| c.eat(words)) {
        let plain = c.peek().is_some_and(|t| t.kind == Kind::Word) && c.is_any(&["interval", "timestamp", "time"]);
        if plain {
            c.at += 1;
        } else {
            c.name("a type")?;
        }
        if c.is_mark("%") {
            c.at += 1;
            c.expect("type")?;
        }
    }
    while c.is_any(&["year", "month", "day", "hour", "minute", "second", "to"]) && c.at > from {
        c.at += 1;
    }
    if c.is_mark("(") {
        c.skip_balanced();
    }
    let _ = c.eat("with time zone") || c.eat("without time zone");
    c.eat("array");
    while c.is_mark("[") {
        c.skip_balanced();
    }
    Ok(c.since(from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_spelled_as_the_server_prints_them() {
        // Right-hand sides: format_type(to_regtype(x), to_regtypemod(x)) of PostgreSQL 18.
        for (written, printed) in [
            ("varchar(255)", "character varying(255)"),
            ("VARCHAR", "character varying"),
            ("int", "integer"),
            ("int8", "bigint"),
            ("timestamptz(3)", "timestamp(3) with time zone"),
            ("timestamp", "timestamp without time zone"),
            ("timestamp (3) with time zone", "timestamp(3) with time zone"),
            ("timetz(2)", "time(2) with time zone"),
            ("bool", "boolean"),
            ("decimal(10, 2)", "numeric(10,2)"),
            ("numeric(10)", "numeric(10,0)"),
            ("numeric(5,-2)", "numeric(5,-2)"),
            ("float8", "double precision"),
            ("float(24)", "real"),
            ("float", "double precision"),
            ("double   precision", "double precision"),
            ("char", "character(1)"),
            ("char(3)", "character(3)"),
            ("bpchar", "bpchar"),
            ("bpchar(5)", "character(5)"),
            ("\"char\"", "\"char\""),
            ("national character varying(3)", "character varying(3)"),
            ("varbit(3)", "bit varying(3)"),
            ("bit", "bit(1)"),
            ("int[3][]", "integer[]"),
            ("int array[4]", "integer[]"),
            ("varchar(3)[]", "character varying(3)[]"),
            ("pg_catalog.int4", "integer"),
            ("\"timestamptz\"", "timestamp with time zone"),
            ("interval year to month", "interval year to month"),
            ("interval day to second(3)", "interval day to second(3)"),
            ("JSONB", "jsonb"),
            ("public.mood", "public.mood"),
            ("\"Mood\"", "\"Mood\""),
            ("s.\"Mood\"[]", "s.\"Mood\"[]"),
            ("geometry(Point, 4326)", "geometry(Point,4326)"),
            ("no type )(", "no type )("),
        ] {
            assert_eq!(canonical_type(written), printed, "{written}");
        }
    }

    #[test]
    fn serial_types_have_a_base() {
        for (written, base) in
            [("serial", Some("integer")), ("BIGSERIAL", Some("bigint")), ("serial2", Some("smallint")), ("int", None)]
        {
            assert_eq!(serial_base(written), base);
        }
    }
}
