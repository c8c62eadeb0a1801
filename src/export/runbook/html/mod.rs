//! `runbook.html`: the runbook as one page that needs nothing else: no network, no fonts, one small script that keeps ticks
//! and notes in the reader's browser. Read on a screen, by ear, or on paper.

mod sections;
mod sign_off;
mod steps;
mod tag;
mod timeline;

use super::super::layout::MARK;
use crate::plan::review::Spoken;
use crate::plan::{Plan, Step};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use tag::{prose, text};

const STYLE: &str = include_str!("../../../../assets/templates/runbook.css");
const SCRIPT: &str = include_str!("../../../../assets/templates/runbook.js");

pub(super) fn page(plan: &Plan, said: &Spoken) -> String {
    let mut body = String::new();
    sections::summary(&mut body, plan);
    timeline::section(&mut body, plan);
    sections::attention(&mut body, plan);
    sections::people(&mut body, said);
    sections::preflight(&mut body, plan);
    sections::deploys(&mut body, plan, said);
    steps::section(&mut body, plan);
    steps::halfway(&mut body, plan);
    steps::way_back(&mut body, plan);
    sections::grid(&mut body, plan);
    sections::load(&mut body, plan);
    sections::as_written(&mut body, plan);
    sign_off::remarks(&mut body, plan, said);
    sign_off::section(&mut body, plan, said);

    // Paper has no address bar: every sheet carries the hash that was signed.
    let style = format!("{STYLE}@page {{ @bottom-left {{ content: \"sidestep plan {}\" }} }}\n", text(&plan.id));
    let mut out = String::from("<!DOCTYPE html>\n");
    let _ = writeln!(out, "<!-- {MARK}{} -->\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">", plan.id);
    let _ = writeln!(
        out,
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'\">",
        hash(&style),
        hash(SCRIPT)
    );
    out.push_str(
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n",
    );
    let _ = writeln!(
        out,
        "<title>Runbook: {}</title>\n<style>{style}</style>\n</head>",
        text(&plan.title.replace('`', ""))
    );
    let _ = writeln!(
        out,
        "<body data-plan=\"{}\">\n<a class=\"skip\" href=\"#main\">Skip to the runbook</a>",
        text(&plan.id)
    );
    let _ = writeln!(out, "<header>\n<p class=\"kicker\">Runbook</p>\n<h1>{}</h1>", prose(&plan.title));
    let _ = writeln!(
        out,
        "<dl class=\"meta\"><div><dt>Plan</dt><dd><code>{}</code></dd></div><div><dt>Server</dt><dd>{}</dd></div><div><dt>Database</dt><dd>{}</dd></div></dl>\n</header>",
        text(&plan.id),
        text(&plan.server.to_string()),
        tag::code(&plan.database)
    );
    contents(&mut out, plan, &body);
    let _ = writeln!(out, "<main id=\"main\">\n{body}</main>");
    let _ = writeln!(
        out,
        "<footer><p>{MARK}{}. Ticks and notes stay in this browser and nowhere else: print the page, or fill in <code>RUNBOOK.md</code>, to keep them.</p></footer>",
        text(&plan.id)
    );
    let _ = writeln!(out, "<script>{SCRIPT}</script>\n</body>\n</html>");
    out
}

/// The hash by which a page lets its own style and script through, and nothing that a name might smuggle in.
fn hash(content: &str) -> String {
    STANDARD.encode(Sha256::digest(content.as_bytes()))
}

/// The sections that are there, and the steps below theirs.
fn contents(out: &mut String, plan: &Plan, body: &str) {
    out.push_str("<nav aria-label=\"Contents\">\n<ol>\n");
    for part in body.split("<section id=\"").skip(1) {
        let (Some((id, rest)), Some((_, title))) = (part.split_once('"'), part.split_once("<h2 id=\"")) else {
            continue;
        };
        let title = title.split_once('>').and_then(|(_, t)| t.split_once("</h2>")).map_or("", |(t, _)| t);
        if rest.is_empty() || title.is_empty() {
            continue;
        }
        let _ = write!(out, "<li><a href=\"#{id}\">{title}</a>");
        if id == "steps" {
            out.push_str("\n<ol>\n");
            for (_, step) in plan.steps() {
                let _ = writeln!(
                    out,
                    "<li><a href=\"#{}\"><span class=\"num\">{}</span> {}</a></li>",
                    anchor(step),
                    text(&step.id),
                    text(&step.title.replace('`', ""))
                );
            }
            out.push_str("</ol>\n");
        }
        out.push_str("</li>\n");
    }
    out.push_str("</ol>\n</nav>\n");
}

/// Ids of steps hold letters, digits, dots and dashes only (`layout::sound`).
fn anchor(step: &Step) -> String {
    format!("step-{}", step.id.replace('.', "-"))
}

/// A tick with its words; `key` is unique in the page.
fn tick(out: &mut String, key: &str, words: &str) {
    let _ = writeln!(
        out,
        "<li><label class=\"tick\"><input type=\"checkbox\" id=\"{key}\"> <span>{words}</span></label></li>"
    );
}

/// A line to write on. `name` is what those hear who cannot see where it stands.
fn field(key: &str, name: &str) -> String {
    filled(key, name, "")
}

/// The same with what the review knows in it.
fn filled(key: &str, name: &str, value: &str) -> String {
    let value = if value.is_empty() { String::new() } else { format!(" value=\"{}\"", text(value)) };
    format!(
        "<input type=\"text\" id=\"{key}\" aria-label=\"{}\"{value} autocomplete=\"off\" spellcheck=\"false\">",
        text(name)
    )
}
