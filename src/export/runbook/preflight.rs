//! What is looked at before the first step: read-only queries about the rows, the tables and the server around them.

use super::super::markdown::{block, inline};
use super::words;
use crate::plan::{About, Plan, Preflight};
use std::fmt::Write;

pub(super) fn section(out: &mut String, plan: &Plan) {
    out.push_str("## Before you begin\n\n");
    words::before(plan).iter().for_each(|line| {
        let _ = writeln!(out, "- [ ] {}", inline(line));
    });
    out.push('\n');
    for (about, title) in [(About::Data, "Rows that would make a step fail"), (About::Server, "The server")] {
        let queries: Vec<&Preflight> = plan.preflight.iter().filter(|q| q.about == about).collect();
        if queries.is_empty() {
            continue;
        }
        let _ = writeln!(out, "### {title}\n");
        if about == About::Data {
            out.push_str("They read whole tables: run them on a replica if there is one.\n\n");
        }
        for query in queries {
            let _ = writeln!(out, "{}. Good: {}. {}\n", inline(&query.title), inline(&query.good), inline(&query.why));
            out.push_str(&block("sql", &format!("{};", query.sql)));
            out.push('\n');
        }
    }
}
