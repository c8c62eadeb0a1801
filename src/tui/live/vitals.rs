//! The vital signs of a server: replication lag, the longest transaction, who waits for whom.

use super::{Answers, Question};
use crate::engine::dialect;
use crate::model::Server;
use crate::model::quantity::seconds;
use crate::tui::canvas::{Piece, piece};
use crate::tui::theme::Role;

/// A session that waits for a lock, or that others wait for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Queued {
    pub pid: i64,
    pub waits_for: Vec<i64>,
    pub for_s: f64,
    pub state: String,
    pub query: String,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Vitals {
    /// Of the replica that is furthest behind; none without replicas, or if it is not shown to us; negative where the server cannot know.
    pub lag_s: Option<f64>,
    pub replicas: u64,
    pub longest_s: Option<f64>,
    pub blocked: u64,
    pub queue: Vec<Queued>,
    /// What the server said instead of an answer.
    pub refused: Option<String>,
}

pub fn questions(server: &Server, limit_ms: u64) -> Vec<Question> {
    let glance = dialect(server.engine).speech().glance(server);
    vec![Question::new("vitals", glance.vitals, limit_ms), Question::new("queue", glance.queue, limit_ms)]
}

pub fn read(answers: &Answers) -> Vitals {
    let mut vitals = Vitals::default();
    match answers.get("vitals") {
        Some(Ok(answer)) => {
            let number = |column| answer.first(column).and_then(|v| v.parse::<f64>().ok());
            vitals.lag_s = number("lag");
            vitals.longest_s = number("longest");
            vitals.blocked = number("blocked").map_or(0, |n| n as u64);
            vitals.replicas = number("replicas").map_or(0, |n| n as u64);
        }
        Some(Err(why)) => vitals.refused = Some(why.clone()),
        None => {}
    }
    if let Some(Ok(answer)) = answers.get("queue") {
        let at = |name: &str| answer.columns.iter().position(|c| c == name);
        for row in &answer.rows {
            let text = |name: &str| at(name).and_then(|i| row.get(i)).cloned().flatten().unwrap_or_default();
            vitals.queue.push(Queued {
                pid: text("pid").parse().unwrap_or(0),
                waits_for: text("waits_for").split(' ').filter_map(|p| p.parse().ok()).collect(),
                for_s: text("for_s").parse().unwrap_or(0.0),
                state: text("state"),
                query: text("query"),
            });
        }
    }
    vitals
}

impl Vitals {
    /// `lag 0.2 s · longest tx 14 min · 2 blocked`.
    pub fn words(&self) -> Vec<Piece<'static>> {
        if let Some(why) = &self.refused {
            return vec![piece(format!("the server says: {why}"), Role::Warn)];
        }
        let lag = match (self.replicas, self.lag_s) {
            (0, _) => piece("no replica", Role::Dim),
            (_, Some(unknown)) if unknown < 0.0 => piece("lag not known here", Role::Dim),
            (_, None) => piece("lag 0 s", Role::Good),
            (_, Some(s)) => piece(format!("lag {}", seconds(s)), grade(s, 2.0, 10.0)),
        };
        let longest = match self.longest_s {
            None => piece("no transaction", Role::Dim),
            Some(s) => piece(format!("longest tx {}", seconds(s)), grade(s, 5.0, 300.0)),
        };
        let blocked = match self.blocked {
            0 => piece("nobody blocked", Role::Good),
            n => piece(format!("! {n} blocked"), Role::Bad),
        };
        let dot = || piece(" · ", Role::Dim);
        vec![lag, dot(), longest, dot(), blocked]
    }

    /// Who waits for whom, indented: those that wait for nobody first. A session that waits for two stands below both.
    pub fn tree(&self) -> Vec<(usize, &Queued)> {
        let mut lines = Vec::new();
        for root in self.queue.iter().filter(|q| q.waits_for.is_empty()) {
            self.below(root, 0, &mut lines);
        }
        // A ring of waiting sessions has no root; the server ends it within a second.
        if lines.is_empty() {
            lines.extend(self.queue.iter().map(|q| (0, q)));
        }
        lines
    }

    fn below<'v>(&'v self, one: &'v Queued, depth: usize, lines: &mut Vec<(usize, &'v Queued)>) {
        if depth > 8 || lines.len() > 60 {
            return;
        }
        lines.push((depth, one));
        for next in self.queue.iter().filter(|q| q.waits_for.contains(&one.pid)) {
            self.below(next, depth + 1, lines);
        }
    }

    /// The longest that anybody has been waiting for a lock.
    pub fn longest_wait_s(&self) -> f64 {
        self.queue.iter().filter(|q| !q.waits_for.is_empty()).map(|q| q.for_s).fold(0.0, f64::max)
    }
}

fn grade(value: f64, warn: f64, bad: f64) -> Role {
    match value {
        v if v >= bad => Role::Bad,
        v if v >= warn => Role::Warn,
        _ => Role::Good,
    }
}
