//! What is looked at before the first step: read-only queries about the rows, the tables and the server around them.

use super::super::markdown::{block, inline};
use crate::plan::{About, Plan, Preflight};
use std::fmt::Write;

pub(super) fn section(out: &mut String, plan: &Plan) {
    out.push_str("## Before you begin\n\n");
    out.push_str("- [ ] one person runs, another watches; nobody else runs migrations\n");
    out.push_str("- [ ] free disk on the server and on every replica: at least the work of the largest step, twice\n");
    let _ = writeln!(out, "- [ ] the server is still {}, and this is its primary", plan.server.version);
    if plan.steps().any(|(_, s)| s.hazards.iter().any(|h| h.id == "cached-plans")) {
        out.push_str(
            "- [ ] somebody knows how to recycle the connections after a step that changes columns: prepared `SELECT *` of the drivers, \
             and server connections that PgBouncer keeps (`RECONNECT`)\n",
        );
    }
    out.push_str("- [ ] each query below was run and its answer is good\n\n");
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
