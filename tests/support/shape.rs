//! Lines of `tests/facts/*.sql`: `[12..] {timezone=Europe/Berlin} STATEMENT -- refused: CODE -- undo: STATEMENT`.

/// One statement that is judged and run.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    pub sql: &'static str,
    /// What brings the fixture back after a statement that cannot be rolled back.
    pub undo: Option<&'static str>,
    /// The SQLSTATE of a refusal that no catalog can foresee: the data, a role, a name of a kind that is not kept.
    pub refused: Option<&'static str>,
    /// A setting of the session that decides.
    pub setting: Option<(&'static str, &'static str)>,
    since: u16,
    until: u16,
}

impl Shape {
    fn read(line: &'static str) -> Self {
        let (mut sql, mut since, mut until, mut setting) = (line, 0, u16::MAX, None);
        if let Some((range, rest)) = sql.strip_prefix('[').and_then(|l| l.split_once("] ")) {
            let (from, to) = range.split_once("..").unwrap();
            since = from.parse().unwrap();
            until = to.parse().unwrap_or(u16::MAX);
            sql = rest;
        }
        if let Some((pair, rest)) = sql.strip_prefix('{').and_then(|l| l.split_once("} ")) {
            setting = pair.split_once('=');
            sql = rest;
        }
        let (sql, undo) = match sql.split_once(" -- undo: ") {
            Some((sql, undo)) => (sql, Some(undo)),
            None => (sql, None),
        };
        let (sql, refused) = match sql.split_once(" -- refused: ") {
            Some((sql, code)) => (sql, Some(code)),
            None => (sql, None),
        };
        Self { sql, undo, refused, setting, since, until }
    }

    pub fn is_for(&self, major: u16) -> bool {
        (self.since..=self.until).contains(&major)
    }
}

/// A file of `tests/facts`; read when the test runs, so that a new shape needs no compiling.
pub fn facts_file(name: &str) -> &'static str {
    std::fs::read_to_string(format!("tests/facts/{name}")).unwrap().leak()
}

/// The lines that are statements.
pub fn shapes(file: &str) -> Vec<Shape> {
    let lines = facts_file(file).lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with("--"));
    lines.map(Shape::read).collect()
}

/// The blocks of the fixture that this major understands; `-- since N` begins one for N and later.
pub fn fixture(major: u16) -> String {
    let mut parts = facts_file("fixture.sql").split("\n-- since ");
    let common = parts.next().unwrap().to_owned();
    let later = parts.map(|p| p.split_once('\n').unwrap());
    common + &later.filter(|(n, _)| n.trim().parse::<u16>().unwrap() <= major).map(|(_, sql)| sql).collect::<String>()
}
