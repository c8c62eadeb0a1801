//! Lint results for machines: SARIF 2.1.0 and GitHub's workflow commands.

use super::Judged;
use crate::engine::hazard;
use crate::plan::Severity;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write;

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Danger => "error",
    }
}

pub(super) fn sarif(all: &[Judged]) -> Value {
    let ids: BTreeSet<&str> = all.iter().flat_map(|j| &j.written.hazards).map(|h| h.id.as_str()).collect();
    let rules: Vec<Value> = ids.iter().map(|id| rule(id)).collect();
    let mut results = Vec::new();
    for judged in all {
        for (hazard, fingerprint) in judged.written.hazards.iter().zip(&judged.fingerprints) {
            let mut result = json!({
                "ruleId": hazard.id,
                "ruleIndex": ids.iter().position(|id| *id == hazard.id),
                "level": level(hazard.severity),
                "message": {"text": hazard.text},
                "locations": [{"physicalLocation": {
                    "artifactLocation": {"uri": uri(&judged.file)},
                    "region": {"startLine": judged.line, "startColumn": judged.column},
                }}],
                "partialFingerprints": {"sidestep/v1": fingerprint},
            });
            if let (Some(reason), Some(result)) = (&hazard.ignored, result.as_object_mut()) {
                let suppression = json!([{"kind": "external", "status": "accepted", "justification": reason}]);
                result.insert("suppressions".to_owned(), suppression);
            }
            results.push(result);
        }
    }
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "sidestep", "version": env!("CARGO_PKG_VERSION"), "rules": rules}},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

/// A rule with its page as the help.
fn rule(id: &str) -> Value {
    let Some(entry) = hazard::all().ok().and_then(|all| all.get(id)) else { return json!({"id": id}) };
    json!({
        "id": id,
        "shortDescription": {"text": entry.text},
        "fullDescription": {"text": entry.happens},
        "help": {
            "text": format!("{}\n\nWhat to do: {}\n\nExample:\n{}", entry.happens, entry.remedy, entry.example.trim()),
            "markdown": format!(
                "{}\n\n**What to do.** {}\n\n```sql\n{}\n```\n\n[Manual]({})",
                entry.happens, entry.remedy, entry.example.trim(), entry.manual_url()
            ),
        },
        "helpUri": entry.manual_url(),
        "defaultConfiguration": {"level": level(entry.severity.into())},
    })
}

/// A path as a URI reference.
fn uri(path: &str) -> String {
    let mut out = String::new();
    for byte in path.replace('\\', "/").bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b'@' | b'+' => {
                out.push(char::from(byte));
            }
            other => {
                let _ = write!(out, "%{other:02X}");
            }
        }
    }
    out
}

pub(super) fn github(all: &[Judged]) -> String {
    let mut out = String::new();
    for judged in all {
        for hazard in judged.written.hazards.iter().filter(|h| h.counts()) {
            let command = match hazard.severity {
                Severity::Note => "notice",
                Severity::Warning => "warning",
                Severity::Danger => "error",
            };
            let file = escape(&judged.file).replace(':', "%3A").replace(',', "%2C");
            let (line, column) = (judged.line, judged.column);
            let _ = writeln!(
                out,
                "::{command} file={file},line={line},col={column},title=sidestep {}::{}",
                hazard.id,
                escape(&hazard.text)
            );
        }
    }
    out
}

/// A workflow command ends at the line's end, and `%` begins an escape.
fn escape(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}
