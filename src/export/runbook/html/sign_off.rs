//! The end of the page: what the review said, and the two signatures.

use super::super::{review, words};
use super::sections::{CLOSE, capital, open, table};
use super::tag::{code, prose, text};
use super::{filled, tick};
use crate::plan::Plan;
use crate::plan::review::Spoken;
use std::fmt::Write;

pub(super) fn remarks(out: &mut String, plan: &Plan, said: &Spoken) {
    if said.remarks().next().is_none() {
        return;
    }
    open(out, "review", "What the review said");
    out.push_str("<ul>\n");
    for (id, remark) in said.remarks() {
        let title = plan.step(id).map(|(_, s)| prose(&s.title)).unwrap_or_default();
        let _ = write!(
            out,
            "<li><strong>{}</strong> {title}: {} of {}: {}",
            text(id),
            review::label(remark),
            text(&remark.by),
            text(&remark.text)
        );
        if let Some([by, answer]) = &remark.answer {
            let _ = write!(out, "<br>{} answered: {}", text(by), text(answer));
        }
        out.push_str("</li>\n");
    }
    out.push_str("</ul>\n</section>\n");
}

pub(super) fn section(out: &mut String, plan: &Plan, said: &Spoken) {
    open(out, "sign-off", "Sign-off");
    let _ = writeln!(
        out,
        "<p>For plan {}. A changed plan has another hash and needs new signatures.</p>\n<ul class=\"ticks\">",
        code(&plan.id)
    );
    for (i, line) in words::SIGNING.iter().enumerate() {
        tick(out, &format!("sign-{}", i + 1), &text(&capital(line)));
    }
    out.push_str("</ul>\n");
    table(
        out,
        "fields signatures",
        &format!("Signatures for plan {}", text(&plan.id)),
        &["Role", "Name", "Date", "Signature"],
    );
    for (key, role, signer) in [
        ("author", "Author: wrote it and will run it", &said.author),
        ("reviewer", "Reviewer: has read it", &said.reviewer),
    ] {
        let cell = |what: &str, value: &str| filled(&format!("{key}-{what}"), &format!("{role}, {what}"), value);
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{role}</th><td>{}</td><td>{}</td><td>{}</td></tr>",
            cell("signer", &signer.name),
            cell("date", signer.signed.as_deref().unwrap_or_default()),
            cell("signature", &review::signature(signer, plan))
        );
    }
    out.push_str(CLOSE);
    out.push_str("</section>\n");
}
