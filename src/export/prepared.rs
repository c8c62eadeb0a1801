//! How files ask and stop where the server knows no anonymous block (MySQL, MariaDB): a statement is prepared from the text that is
//! to run, from `DO 0` where there is nothing to do, or from the words of a refusal, which the server then quotes in its error.
//! The answers stand in variables of the session: everything here wants to be sent on one connection.

use super::gate::{Gate, holds};
use crate::engine::dialect;
use crate::model::{Engine, TableName};
use crate::plan::{Check, Plan, Timeouts};

/// Statements in the making, each of which is complete and has no semicolon behind it.
pub(super) struct Prepared<'p> {
    plan: &'p Plan,
    sent: Vec<String>,
}

/// What a statement is to the server.
enum Kind {
    /// It can be prepared, and so be left out.
    Prepared,
    /// It holds semicolons, and no server prepares it.
    Whole,
    /// Sent as it is; a second time does no harm.
    Plain,
}

fn kind(sql: &str) -> Kind {
    let upper: String = sql.trim_start().chars().take(40).collect::<String>().to_uppercase();
    let words: Vec<&str> = upper.split_whitespace().collect();
    match words.as_slice() {
        ["CREATE", "TRIGGER" | "PROCEDURE" | "FUNCTION" | "EVENT", ..] => Kind::Whole,
        ["CREATE", "OR", "REPLACE", "TRIGGER" | "PROCEDURE" | "FUNCTION" | "EVENT", ..] => Kind::Whole,
        ["CREATE", first, ..] if first.starts_with("DEFINER") => Kind::Whole,
        ["DROP", "TRIGGER" | "PROCEDURE" | "FUNCTION" | "EVENT", ..] | ["SET" | "CALL", ..] => Kind::Plain,
        _ => Kind::Prepared,
    }
}

/// One statement beside settings of the session.
pub(super) fn single(sql: &[String]) -> bool {
    sql.iter().filter(|s| !matches!(kind(s), Kind::Plain)).count() == 1
}

const STRICT: &str = "TRIM(BOTH ',' FROM CONCAT(REPLACE(REPLACE(@@SESSION.sql_mode, 'NO_BACKSLASH_ESCAPES', ''), ',,', ','), ',STRICT_TRANS_TABLES'))";

/// Backslashes mean the same on every server, and values that do not fit are refused.
pub(super) fn strict() -> String {
    format!("SET SESSION sql_mode = {STRICT}")
}

/// The session of a step that shares its connection with others: what it sets, and how it takes that back.
pub(super) fn session(timeouts: Timeouts, sent: &[String]) -> (Vec<String>, Vec<String>) {
    let seconds = seconds(timeouts);
    let set = vec![
        "SET @sidestep_sql_mode = @@SESSION.sql_mode, @sidestep_lock_wait = @@SESSION.lock_wait_timeout, \
         @sidestep_row_wait = @@SESSION.innodb_lock_wait_timeout"
            .to_owned(),
        format!(
            "SET SESSION sql_mode = {STRICT}, SESSION lock_wait_timeout = {seconds}, SESSION innodb_lock_wait_timeout = {seconds}"
        ),
    ];
    let back = "SET SESSION sql_mode = @sidestep_sql_mode, SESSION lock_wait_timeout = @sidestep_lock_wait, \
                SESSION innodb_lock_wait_timeout = @sidestep_row_wait";
    // A pool may go on with the connection of a step that failed in between.
    let unlock = sent.iter().any(|s| s == UNLOCK).then(|| UNLOCK.to_owned());
    (set, unlock.into_iter().chain([back.to_owned()]).collect())
}

const UNLOCK: &str = "UNLOCK TABLES";

/// No wait is without an end: the servers' own ends after a day, or a year.
fn seconds(timeouts: Timeouts) -> u64 {
    match timeouts.lock_ms.div_ceil(1000) {
        0 => 5,
        some => some,
    }
}

/// A statement that stops with these words.
pub(super) fn stop(message: &str, engine: Engine) -> String {
    format!("PREPARE sidestep FROM {}", dialect(engine).literal(&refusal(message)))
}

/// No server prepares this; its error quotes the first eighty characters.
fn refusal(message: &str) -> String {
    let message: String = crate::model::name::shown(message).replace(['`', '\'', '"', '\\'], "");
    format!("sidestep: {message}")
}

impl<'p> Prepared<'p> {
    pub fn new(plan: &'p Plan) -> Self {
        Self { plan, sent: Vec::new() }
    }
    pub fn sent(self) -> Vec<String> {
        self.sent
    }

    pub fn send(&mut self, sql: impl Into<String>) {
        self.sent.push(sql.into());
    }

    pub fn ask(&mut self, variable: &str, check: &Check) {
        // Not `SET @x = (SELECT …)`: InnoDB would take a shared lock on every row that the query reads.
        self.send(format!("SELECT {} INTO {variable}", holds(check, dialect(self.plan.server.engine))));
    }
    pub fn ask_done(&mut self, check: Option<&Check>) {
        match check {
            Some(check) => self.ask("@sidestep_done", check),
            None => self.send("SET @sidestep_done = FALSE"),
        }
    }

    /// Prepares `text` where the condition holds, else nothing.
    fn prepare_if(&mut self, condition: &str, text: &str) {
        let text = literal(self.plan, text);
        self.send(format!("SET @sidestep_do = IF({condition}, {text}, 'DO 0')"));
        for sql in ["PREPARE sidestep FROM @sidestep_do", "EXECUTE sidestep", "DEALLOCATE PREPARE sidestep"] {
            self.send(sql);
        }
    }

    pub fn stop_if(&mut self, condition: &str, message: &str) {
        self.prepare_if(condition, &refusal(message));
    }
    pub fn stop_unless(&mut self, check: &Check, message: &str) {
        self.ask("@sidestep_holds", check);
        self.stop_if("NOT @sidestep_holds", message);
    }

    /// `done`: nothing is asked of a step that is done.
    pub fn gates(&mut self, gates: &[Gate], done: bool) {
        for gate in gates {
            self.ask("@sidestep_holds", &gate.check);
            let unless = if done { "NOT @sidestep_holds AND NOT @sidestep_done" } else { "NOT @sidestep_holds" };
            self.stop_if(unless, &gate.otherwise);
        }
    }

    /// The lock timeouts of the rest of the session.
    pub fn patience(&mut self, timeouts: Timeouts) {
        if timeouts.lock_ms > 0 {
            let seconds = seconds(timeouts);
            self.send(format!("SET SESSION lock_wait_timeout = {seconds}, innodb_lock_wait_timeout = {seconds}"));
        }
    }

    /// The step's own statements, where `@sidestep_done` does not say that they have done their work.
    pub fn body(&mut self, sql: &[String], table: Option<&TableName>) {
        for sql in sql {
            let sql = sql.trim().trim_end_matches(';').trim_end();
            match kind(sql) {
                Kind::Prepared => self.prepare_if("NOT @sidestep_done", sql),
                Kind::Plain => self.send(ended(sql)),
                Kind::Whole => self.whole(sql, table),
            }
        }
    }

    /// What the step says of itself, asked once more behind it.
    pub fn prove(&mut self, check: Option<&Check>, step: &str) {
        if let Some(check) = check {
            self.stop_unless(check, &format!("step {step} ran, but the database does not say that it is done"));
        }
    }

    /// The way back. A step of one statement is done or was never begun; any other may be half done, and each of its ways back
    /// bears that.
    pub fn back(&mut self, done: Option<&Check>, step: &[String], sql: &[String], table: Option<&TableName>) {
        match done.filter(|_| single(step)) {
            Some(check) => {
                self.ask("@sidestep_there", check);
                self.send("SET @sidestep_done = NOT @sidestep_there");
            }
            None => self.send("SET @sidestep_done = FALSE"),
        }
        self.body(sql, table);
    }

    /// A trigger is dropped and made again under a lock on its table: no write comes in between.
    fn whole(&mut self, sql: &str, table: Option<&TableName>) {
        let locked = trigger_name(sql).zip(table).map(|(name, table)| {
            let d = dialect(self.plan.server.engine);
            let here = table.schema.as_str() == self.plan.database;
            (name, if here { d.ident(&table.name) } else { d.name(table) })
        });
        if let Some((name, table)) = &locked {
            self.send(format!("LOCK TABLES {table} WRITE"));
            self.send(format!("DROP TRIGGER IF EXISTS {name}"));
        }
        self.send(ended(sql));
        if locked.is_some() {
            self.send(UNLOCK);
        }
    }
}

fn literal(plan: &Plan, text: &str) -> String {
    dialect(plan.server.engine).literal(text)
}

/// A semicolon behind it does not end up in a comment.
fn ended(sql: &str) -> String {
    let in_comment = sql.lines().last().is_some_and(|line| line.contains("--") || line.contains('#'));
    if in_comment { format!("{sql}\n/**/") } else { sql.to_owned() }
}

/// For the command-line client, which cuts at semicolons: what holds some is sent with another delimiter.
pub(super) fn script(statements: &[String]) -> String {
    let mut out = String::new();
    for sql in statements {
        if !matches!(kind(sql), Kind::Whole) {
            out.push_str(&format!("{sql};\n"));
            continue;
        }
        let mut delimiter = "//".to_owned();
        while sql.contains(&delimiter) {
            delimiter.push('/');
        }
        out.push_str(&format!("DELIMITER {delimiter}\n{sql}{delimiter}\nDELIMITER ;\n"));
    }
    out
}

/// The name behind CREATE TRIGGER, as it is written.
fn trigger_name(sql: &str) -> Option<String> {
    let upper = sql.to_uppercase();
    let at = upper.find("TRIGGER ")? + "TRIGGER ".len();
    let rest = sql.get(at..)?.trim_start();
    let rest = rest.strip_prefix("IF NOT EXISTS ").unwrap_or(rest);
    if !rest.starts_with('`') {
        return rest.split_whitespace().next().map(str::to_owned);
    }
    let mut end = 1;
    let bytes = rest.as_bytes();
    loop {
        match (bytes.get(end), bytes.get(end + 1)) {
            (Some(b'`'), Some(b'`')) => end += 2,
            (Some(b'`'), Some(b'.')) => end += 3,
            (Some(b'`'), _) => return rest.get(..=end).map(str::to_owned),
            (Some(_), _) => end += 1,
            (None, _) => return None,
        }
    }
}
