//! `sidestep lint`: what existing migrations would do if they were run as they are, file after file on one catalog.

mod assume;
mod assume_mysql;
mod baseline;
mod machine;
mod remark;

use super::args::{EngineArg, LintArgs, LintFormat};
use super::home::Home;
use super::output::{Output, say};
use super::source::Source;
use super::{Outcome, plan, target};
use crate::change::{self, CannotPlan};
use crate::config::Config;
use crate::error::Problem;
use crate::export;
use crate::model::Catalog;
use crate::plan::as_written::Run;
use crate::plan::{AsWritten, Hazard, Policy, Severity};
use crate::sql::{Located, Script};
use serde::Serialize;

/// One statement in its file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Judged {
    pub file: String,
    pub line: usize,
    pub column: usize,
    /// One for each hazard, in their order: the same as long as file name, hazard and statement are.
    pub fingerprints: Vec<String>,
    #[serde(flatten)]
    pub written: AsWritten,
}

/// One file as it was read.
struct File {
    name: String,
    source: Source,
    script: Script,
    /// The plan whose export this is, word for word.
    sealed: Option<String>,
    remarks: Vec<remark::Remark>,
}

pub fn run(args: &LintArgs, home: &Home, output: &mut Output) -> Result<Outcome, Problem> {
    let config = home.config()?;
    let (target, names) = split(&args.inputs, &config);
    if names.is_empty() {
        return Err(Problem::usage("there is no SQL file to lint").hint("usage: sidestep lint [TARGET] FILE…"));
    }
    let catalog = target.map(|t| target::catalog(t, &config)).transpose()?;
    let assumed = catalog.is_none();
    let empty = match catalog {
        Some(catalog) => catalog,
        None => without_target(args)?,
    };
    let files = forward(names).into_iter().map(|n| read(n, &empty)).collect::<Result<Vec<File>, Problem>>()?;
    let policy = args.policy.apply(config.policy);
    let catalog = match assumed {
        true => {
            say(&format!("no TARGET: {} is assumed, and tables of unknown size", empty.server));
            let statements: Vec<&Located> = files.iter().flat_map(|f| &f.script.statements).collect();
            assume::catalog(&statements, empty)
        }
        false => empty,
    };
    let mut judged = judge(&files, catalog, assumed, &policy);
    baseline::fingerprint(&mut judged);
    if let Some(path) = &args.baseline {
        if args.write_baseline {
            baseline::write(path, &judged)?;
            return Ok(Outcome::Fine);
        }
        baseline::apply(path, &mut judged)?;
    }
    let format = if args.json { LintFormat::Json } else { args.format };
    match format {
        LintFormat::Text => output.data(&text(&judged, output.width()))?,
        LintFormat::Json => output.json(&serde_json::json!({"format": 1, "statements": judged}))?,
        LintFormat::Sarif => output.json(&machine::sarif(&judged))?,
        LintFormat::Github => output.data(&machine::github(&judged))?,
    };
    let counted = judged.iter().flat_map(|j| &j.written.hazards).filter(|h| h.counts());
    let worst = counted.map(|h| h.severity).max();
    Ok(match args.fail_on.threshold() {
        Some(threshold) if worst.is_some_and(|w| w >= threshold) => Outcome::Hazards,
        _ => Outcome::Fine,
    })
}

/// The first word is a TARGET if it can be nothing else: no migration is called like a URL, a catalog or a profile.
fn split<'a>(inputs: &'a [String], config: &Config<Policy>) -> (Option<&'a str>, &'a [String]) {
    match inputs.split_first() {
        Some((first, rest)) if target::is_target(first, config) => (Some(first), rest),
        _ => (None, inputs),
    }
}

/// Leaves out the way back of migrations whose way forth is among the files (`0001_x.up.sql`, `0001_x.down.sql`).
fn forward(names: &[String]) -> Vec<&String> {
    let is_down = |name: &str| {
        let up = name.strip_suffix("down.sql").map(|stem| format!("{stem}up.sql"));
        up.is_some_and(|up| names.contains(&up))
    };
    let kept: Vec<&String> = names.iter().filter(|n| !is_down(n)).collect();
    match names.len() - kept.len() {
        0 => {}
        1 => say("1 file is the way back of another and is left out"),
        n => say(&format!("{n} files are the way back of others and are left out")),
    }
    kept
}

/// An empty catalog of the server that the command names.
fn without_target(args: &LintArgs) -> Result<Catalog, Problem> {
    let usual = match args.engine {
        EngineArg::Postgresql => "15",
        EngineArg::Mysql => "8.4",
        EngineArg::Mariadb => "10.11",
    };
    let version = args.assume.as_deref().unwrap_or(usual).parse().map_err(|e: String| Problem::usage(e))?;
    let mut catalog = Catalog::empty(args.engine.into(), version);
    if args.engine != EngineArg::Postgresql {
        // A bare name is one of the database that the session is connected to, and that has a name of its own.
        catalog.database = "app".to_owned();
        catalog.search_path = vec!["app".into()];
    }
    Ok(catalog)
}

fn read(name: &str, catalog: &Catalog) -> Result<File, Problem> {
    let source = Source::files(&[name.to_owned()])?;
    let sealed = export::sealed_plan(&source.text).map(str::to_owned);
    // A sealed file is read for what it does to the catalog; psql's own commands in it are ours.
    let script = match sealed {
        Some(_) => {
            let statements = crate::sql::read_for(&source.text, catalog.server.engine, Some(&catalog.server)).0;
            Script { statements, text: source.text.clone() }
        }
        None => crate::sql::parse_for(&source.text, &catalog.server)
            .map_err(|problems| plan::cannot_plan(&CannotPlan { problems }, &source))?,
    };
    let remarks = remark::read(&source, &script, &catalog.server)?;
    Ok(File { name: source.place(1).0.to_owned(), source, script, sealed, remarks })
}

fn judge(files: &[File], catalog: Catalog, assumed: bool, policy: &Policy) -> Vec<Judged> {
    let path = catalog.search_path.clone();
    let mut run = Run::on(catalog, policy);
    let mut all = Vec::new();
    for file in files {
        // Each file is a session of its own.
        run.catalog.search_path.clone_from(&path);
        for (place, mut written) in change::judge_file(&file.script, &mut run) {
            let Some(located) = file.script.statements.get(place) else { continue };
            // What an assumed catalog lacks says nothing of the real one; a sealed file asks before it acts.
            if assumed || file.sealed.is_some() {
                written.fails = None;
            }
            if let Some(error) = &written.fails {
                let text = format!("The server would refuse it: {error}");
                let fails = Hazard { id: "fails".to_owned(), severity: Severity::Danger, text, ignored: None };
                written.hazards.insert(0, fails);
                crate::plan::hazard::ignore(&mut written.hazards, policy);
            }
            for hazard in written.hazards.iter_mut().filter(|h| h.counts()) {
                let remark = file.remarks.iter().find(|r| r.statement == place && r.id == hazard.id);
                hazard.ignored = match &file.sealed {
                    Some(plan) => Some(format!("a step of plan {plan}, unchanged since it was exported")),
                    None => remark.map(|r| r.reason.clone()),
                };
            }
            let (_, line, column) = file.source.locate(located.span.start);
            all.push(Judged { file: file.name.clone(), line, column, fingerprints: Vec::new(), written });
        }
    }
    all
}

fn text(judged: &[Judged], width: usize) -> String {
    // The refusal stands among the hazards here.
    let bare: Vec<AsWritten> = judged.iter().map(|j| AsWritten { fails: None, ..j.written.clone() }).collect();
    let entries: Vec<(String, &AsWritten)> =
        judged.iter().zip(&bare).map(|(j, w)| (format!("{}:{}:{}", j.file, j.line, j.column), w)).collect();
    export::text::lint(&entries, width)
}
