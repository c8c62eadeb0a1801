//! What author and reviewer said, in the runbook: names, remarks, signatures.

use super::super::markdown::{cell, inline};
use super::words;
use crate::plan::Plan;
use crate::plan::review::{Remark, RemarkKind, Signer, Spoken};
use std::fmt::Write;

/// Who has a role of the runbook, as far as the review knows.
pub(super) fn person<'s>(said: &'s Spoken, key: &str) -> &'s str {
    match key {
        "author" | "runs" => &said.author.name,
        "reviewer" | "watches" => &said.reviewer.name,
        _ => "",
    }
}

/// `comment`, `question`, `question, not answered`.
pub(super) fn label(remark: &Remark) -> &'static str {
    match remark.kind {
        RemarkKind::Comment => "comment",
        RemarkKind::Question if remark.is_open() => "question, not answered",
        RemarkKind::Question => "question",
    }
}

/// What stands in the place of a signature.
pub(super) fn signature(signer: &Signer, plan: &Plan) -> String {
    match &signer.signed {
        Some(_) => format!("signed plan {} in its review file", plan.id),
        None => String::new(),
    }
}

pub(super) fn remarks(out: &mut String, plan: &Plan, said: &Spoken) {
    if said.remarks().next().is_none() {
        return;
    }
    out.push_str("## What the review said\n\n");
    for (id, remark) in said.remarks() {
        let title = plan.step(id).map(|(_, s)| inline(&s.title)).unwrap_or_default();
        let _ =
            writeln!(out, "- **{id}** {title}: {} of {}: {}", label(remark), inline(&remark.by), inline(&remark.text));
        if let Some([by, text]) = &remark.answer {
            let _ = writeln!(out, "  - {} answered: {}", inline(by), inline(text));
        }
    }
    out.push('\n');
}

pub(super) fn sign_off(out: &mut String, plan: &Plan, said: &Spoken) {
    let _ = writeln!(
        out,
        "## Sign-off\n\nFor plan {}. A changed plan has another hash and needs new signatures.\n\n\
         | | name | date | signature |\n|---|---|---|---|",
        plan.id
    );
    for (role, signer) in [("wrote and will run it", &said.author), ("reviewed it", &said.reviewer)] {
        let date = signer.signed.as_deref().unwrap_or_default();
        let _ = writeln!(out, "| {role} | {} | {} | {} |", cell(&signer.name), cell(date), signature(signer, plan));
    }
    out.push('\n');
    words::SIGNING.iter().for_each(|line| {
        let _ = writeln!(out, "- [ ] {line}");
    });
}
