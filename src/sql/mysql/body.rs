//! Bodies of routines, triggers, events: which `;` is theirs, whether or not a DELIMITER says so.

use crate::sql::lex::Kind;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Block {
    Begin,
    Case,
    If,
    Loop,
    While,
    Repeat,
    For,
}

/// The words of one statement so far, as far as blocks matter.
#[derive(Default)]
pub(super) struct Body {
    words: usize,
    /// CREATE (or ALTER EVENT), whose object may still come.
    creates: bool,
    /// A statement with a body.
    routine: bool,
    open: Vec<Block>,
    before: String,
    /// Behind END: its kind may follow.
    ended: bool,
}

impl Body {
    /// Does a `;` here belong to the statement?
    pub fn holds(&self, delimited: bool) -> bool {
        self.is_open() || (self.routine && delimited)
    }

    pub fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    pub fn word(&mut self, kind: Kind, raw: &str) {
        let word = if kind == Kind::Word { raw.to_ascii_lowercase() } else { raw.chars().take(2).collect() };
        self.step(kind, &word);
        self.before = word;
        self.words += 1;
    }

    fn step(&mut self, kind: Kind, word: &str) {
        if self.words == 0 {
            self.creates = matches!(word, "create" | "alter");
            // MariaDB runs a block of its own: BEGIN NOT ATOMIC.
            self.routine = false;
        }
        if self.words == 1 && self.before == "begin" && word == "not" {
            self.routine = true;
            self.open.push(Block::Begin);
        }
        if kind != Kind::Word {
            self.settle();
            return;
        }
        if self.creates && !self.routine && self.words < 14 {
            // Behind the object's own word stands its name.
            let object = matches!(word, "procedure" | "function" | "trigger" | "event" | "package")
                && !matches!(self.before.as_str(), "table" | "view" | "index" | "." | "drop");
            let other = matches!(word, "table" | "view" | "index" | "database" | "schema" | "user" | "server");
            self.routine = object;
            self.creates = !other;
            return;
        }
        if !self.routine {
            return;
        }
        let after_end = std::mem::take(&mut self.ended);
        if after_end {
            let named = match word {
                "if" => Some(Block::If),
                "case" => Some(Block::Case),
                "loop" => Some(Block::Loop),
                "while" => Some(Block::While),
                "repeat" => Some(Block::Repeat),
                "for" => Some(Block::For),
                _ => None,
            };
            self.close(named);
            if named.is_some() {
                return;
            }
        }
        // Where a statement begins IF is no function.
        let starts =
            matches!(self.before.as_str(), ";" | "then" | "else" | "do" | "begin" | "row" | "loop" | "repeat" | ":");
        match word {
            "begin" => self.open.push(Block::Begin),
            "case" => self.open.push(Block::Case),
            "if" if starts => self.open.push(Block::If),
            "loop" if starts => self.open.push(Block::Loop),
            "while" if starts => self.open.push(Block::While),
            "repeat" if starts => self.open.push(Block::Repeat),
            "for" if starts && self.before != "begin" => self.open.push(Block::For),
            "end" => self.ended = true,
            _ => {}
        }
    }

    /// An END of that kind; without one it ends a block or a CASE. What was opened by mistake inside goes with it.
    fn close(&mut self, kind: Option<Block>) {
        let fits = |block: &Block| match kind {
            Some(kind) => *block == kind,
            None => matches!(block, Block::Begin | Block::Case),
        };
        if let Some(at) = self.open.iter().rposition(fits) {
            self.open.truncate(at);
        }
    }

    /// No word stands behind END.
    pub fn settle(&mut self) {
        if std::mem::take(&mut self.ended) {
            self.close(None);
        }
    }
}
