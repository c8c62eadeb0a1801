//! Lint results for machines: SARIF 2.1.0 and GitHub's workflow commands.

use super::Judged;
use crate::plan::Severity;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write;

/// One thing to say about a statement: rule, severity, text.
fn remarks(judged: &Judged) -> Vec<(&str, Severity, String)> {
    let fails =
        judged.written.fails.iter().map(|f| ("fails", Severity::Danger, format!("the server would refuse it: {f}")));
    let hazards = judged.written.hazards.iter().map(|h| (h.id.as_str(), h.severity, h.text.clone()));
    fails.chain(hazards).collect()
}

pub(super) fn sarif(all: &[Judged]) -> Value {
    let mut rules = BTreeSet::new();
    let mut results = Vec::new();
    for judged in all {
        for (rule, severity, text) in remarks(judged) {
            rules.insert(rule);
            let level = match severity {
                Severity::Note => "note",
                Severity::Warning => "warning",
                Severity::Danger => "error",
            };
            results.push(json!({
                "ruleId": rule,
                "level": level,
                "message": {"text": text},
                "locations": [{"physicalLocation": {
                    "artifactLocation": {"uri": judged.file},
                    "region": {"startLine": judged.line, "startColumn": judged.column},
                }}],
            }));
        }
    }
    let rules: Vec<Value> = rules.into_iter().map(|id| json!({"id": id})).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "sidestep", "version": env!("CARGO_PKG_VERSION"), "rules": rules}},
            "results": results,
        }],
    })
}

pub(super) fn github(all: &[Judged]) -> String {
    let mut out = String::new();
    for judged in all {
        for (rule, severity, text) in remarks(judged) {
            let command = match severity {
                Severity::Note => "notice",
                Severity::Warning => "warning",
                Severity::Danger => "error",
            };
            let file = escape(&judged.file).replace(':', "%3A").replace(',', "%2C");
            let (line, column) = (judged.line, judged.column);
            let _ = writeln!(
                out,
                "::{command} file={file},line={line},col={column},title=sidestep {rule}::{}",
                escape(&text)
            );
        }
    }
    out
}

/// A workflow command ends at the line's end, and `%` begins an escape.
fn escape(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}
