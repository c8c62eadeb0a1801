//! A walk over one statement's own words, for recipes that need more of it than the tree holds: the name of a policy, the
//! parts of `INSERT … SELECT`. Hands out slices of the text, as written; what does not fit is `None`.

use super::cursor::Cursor;
use super::lex::{Item, Kind, Lexer, Token, covered};
use super::statement::ObjectName;
use crate::model::Ident;

pub struct Reader<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    at: usize,
}

impl<'t> Reader<'t> {
    /// Reads `text` up to the first thing that is no SQL.
    pub fn new(text: &'t str) -> Self {
        let mut lexer = Lexer::new(text);
        let mut tokens = Vec::new();
        while let Some(item) = lexer.next() {
            match item {
                Ok(Item::Token(token)) => tokens.push(token),
                Ok(_) => {}
                Err(_) => break,
            }
        }
        Self { text, tokens, at: 0 }
    }

    fn walk<T>(&mut self, f: impl FnOnce(&mut Cursor<'_>) -> T) -> T {
        let mut cursor = Cursor::new(self.text, &self.tokens);
        cursor.at = self.at;
        let answer = f(&mut cursor);
        self.at = cursor.at;
        answer
    }

    pub fn ended(&self) -> bool {
        self.at >= self.tokens.len()
    }
    /// The place of the next word, for [`Self::since`].
    pub fn place(&self) -> usize {
        self.at
    }
    /// Do these keywords (blank between) come next?
    pub fn is(&mut self, keywords: &str) -> bool {
        self.walk(|c| c.is(keywords))
    }
    pub fn eat(&mut self, keywords: &str) -> bool {
        self.walk(|c| c.eat(keywords))
    }
    pub fn eat_mark(&mut self, mark: &str) -> bool {
        self.walk(|c| c.eat_mark(mark))
    }
    pub fn is_mark(&mut self, mark: &str) -> bool {
        self.walk(|c| c.is_mark(mark))
    }
    pub fn ident(&mut self) -> Option<Ident> {
        self.walk(|c| c.ident("a name").ok())
    }
    pub fn is_ident(&mut self) -> bool {
        self.walk(|c| c.is_ident())
    }
    pub fn name(&mut self) -> Option<ObjectName> {
        self.walk(|c| c.name("a name").ok())
    }
    /// Goes on to the first of the marks or keywords outside parentheses, or to the end; answers the text on the way.
    pub fn up_to(&mut self, stops: &[&str]) -> &'t str {
        let from = self.at;
        self.walk(|c| c.skip_to(stops));
        self.since(from)
    }
    /// One word, or a whole `(…)`.
    pub fn skip(&mut self) {
        self.walk(|c| c.skip_balanced());
    }
    /// The inside of the parenthesis that starts here; the reader goes behind it.
    pub fn parens(&mut self) -> Option<&'t str> {
        if !self.is_mark("(") {
            return None;
        }
        let from = self.at;
        self.skip();
        let whole = self.since(from);
        whole.strip_prefix('(').and_then(|w| w.strip_suffix(')')).map(str::trim)
    }
    /// Does any of the words that are left, outside parentheses or not, read so?
    pub fn holds(&self, keyword: &str) -> bool {
        let left = self.tokens.get(self.at..).unwrap_or(&[]);
        left.iter().any(|t| t.kind == Kind::Word && t.of(self.text).eq_ignore_ascii_case(keyword))
    }
    /// The value of the string constant that comes next: plain, with doubled quotes, or between dollar signs.
    pub fn string(&mut self) -> Option<String> {
        let token = self.tokens.get(self.at).filter(|t| t.kind == Kind::Text)?;
        let raw = token.of(self.text);
        self.at += 1;
        if let Some(rest) = raw.strip_prefix('$') {
            let tag = rest.find('$')? + 2;
            return raw.get(tag..raw.len().checked_sub(tag)?).map(str::to_owned);
        }
        let inner = raw.strip_prefix('\'').and_then(|r| r.strip_suffix('\''))?;
        Some(inner.replace("''", "'"))
    }
    pub fn since(&self, from: usize) -> &'t str {
        covered(self.text, self.tokens.get(from..self.at.min(self.tokens.len())).unwrap_or(&[]))
    }
    /// Everything that is left.
    pub fn rest(&mut self) -> &'t str {
        let from = self.at;
        self.at = self.tokens.len();
        self.since(from)
    }
}

/// Pieces between commas outside parentheses.
pub fn pieces(list: &str) -> Vec<&str> {
    let mut reader = Reader::new(list);
    let mut found = Vec::new();
    while !reader.ended() {
        found.push(reader.up_to(&[","]));
        reader.eat_mark(",");
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_as_written() {
        let mut r = Reader::new("CREATE POLICY \"Own rows\" ON app.t FOR ALL USING (a = 'x;y')");
        assert!(r.eat("create policy"));
        assert_eq!(r.ident(), Some("Own rows".into()));
        assert!(r.eat("on"));
        assert_eq!(r.name().map(|n| n.to_string()).as_deref(), Some("app.t"));
        assert_eq!(r.up_to(&["using"]), "FOR ALL");
        assert!(r.eat("using"));
        assert_eq!(r.parens(), Some("a = 'x;y'"));
        assert!(r.ended());
        assert_eq!(pieces("a, f(b, c) AS d"), ["a", "f(b, c) AS d"]);
        assert_eq!(Reader::new("$f$ it's $f$").string().as_deref(), Some(" it's "));
        assert_eq!(Reader::new("'it''s'").string().as_deref(), Some("it's"));
    }
}
