//! The page of a hazard: for a terminal, and all of them as one Markdown page.

use super::page::{Page, Role};
use crate::engine::hazard::{Entry, Level};
use crate::plan::Severity;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Every hazard in a line, the worst first.
pub fn list(all: &BTreeMap<String, Entry>, width: usize) -> String {
    let mut page = Page::new(width);
    for level in [Level::Danger, Level::Warning, Level::Note] {
        let severity: Severity = level.into();
        page.line(Role::Phase, 0, &severity.to_string());
        for (id, entry) in all.iter().filter(|(_, e)| e.severity == level) {
            page.line(Role::Step, 2, id);
            page.wrapped(Role::Plain, 6, first_sentence(&entry.happens));
        }
        page.blank();
    }
    page.line(Role::Dim, 0, "One of them with an example and what to do: sidestep explain ID");
    page.finish()
}

/// One hazard.
pub fn page(id: &str, entry: &Entry, width: usize) -> String {
    let mut page = Page::new(width);
    let severity: Severity = entry.severity.into();
    page.line(Role::Title, 0, &format!("{id} ({severity})"));
    page.wrapped(Role::Plain, 0, &entry.text);
    for (title, text) in [("What happens", &entry.happens), ("What to do", &entry.remedy)] {
        page.blank();
        page.line(Role::Phase, 0, title);
        page.wrapped(Role::Plain, 2, text);
    }
    page.blank();
    page.line(Role::Phase, 0, "Example");
    page.code(2, &entry.example);
    page.blank();
    page.wrapped(Role::Plain, 0, &format!("PostgreSQL versions: {}", entry.versions));
    page.wrapped(Role::Plain, 0, &format!("Manual: {}", entry.manual_url()));
    page.wrapped(
        Role::Dim,
        0,
        &format!("To ignore it: --ignore '{id}=REASON', [policy.ignore] in the configuration, or for lint a comment before the statement: -- sidestep:ignore {id} REASON"),
    );
    page.finish()
}

/// `docs/hazards.md`.
pub fn markdown(all: &BTreeMap<String, Entry>) -> String {
    let mut out = String::from(
        "# Hazards\n\nWhat a plan or `sidestep lint` may warn of. This page is made from `assets/hazards.toml`; \
         `sidestep explain ID` shows one of them in the terminal.\n\n\
         A hazard that does not matter to you is ignored with a reason, never without: `--ignore 'ID=REASON'`, \
         `[policy.ignore]` in the configuration, or for `lint` a comment before the statement:\n\n\
         ```sql\n-- sidestep:ignore lock-queue this runs in the maintenance window\nALTER TABLE …;\n```\n\n\
         It stays in every report and export with that reason, and `--fail-on` no longer counts it.\n\n\
         | hazard | severity | |\n|---|---|---|\n",
    );
    for (id, entry) in all {
        let severity: Severity = entry.severity.into();
        let _ =
            writeln!(out, "| [{id}](#{id}) | {severity} | {} |", first_sentence(&entry.happens).replace('|', "\\|"));
    }
    for (id, entry) in all {
        let severity: Severity = entry.severity.into();
        let _ = writeln!(
            out,
            "\n## {id}\n\n**{severity}**: {}\n\n{}\n\n```sql\n{}\n```\n\n**What to do.** {}\n\nVersions: {} · [manual]({})",
            entry.text,
            entry.happens,
            entry.example.trim_end(),
            entry.remedy,
            entry.versions,
            entry.manual_url()
        );
    }
    out
}

fn first_sentence(text: &str) -> &str {
    match text.find(". ") {
        Some(end) => text.get(..=end).unwrap_or(text),
        None => text,
    }
}
