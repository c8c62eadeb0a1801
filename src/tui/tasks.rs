//! What the runner does for [`Task`]s: the bridge to the adapters. Each answers with an [`Outcome`], never with an error of its own.

use super::msg::{Care, Outcome, Secret, Source, Task};
use crate::db::{self, Env};
use crate::error::{Problem, ProblemKind};
use crate::export::FileSet;
use std::path::Path;

/// How a set of files reaches a directory. Given from outside: the command line owns writing.
pub type Writer = fn(&Path, &FileSet) -> Result<(), Problem>;

pub async fn perform(task: Task, writer: Option<Writer>) -> Outcome {
    match task {
        Task::FindSources => Outcome::Sources(sources()),
        Task::Connect { target, password } => match connect(&target, password).await {
            Ok(catalog) => Outcome::Catalog(Box::new(catalog)),
            Err(error @ db::Error::PasswordNeeded { .. }) => Outcome::PasswordNeeded(problem(&error)),
            Err(error) => Outcome::Failed(problem(&error)),
        },
        Task::Plan(job) => {
            let planned =
                tokio::task::spawn_blocking(move || (job.planner.0)(&job.sql, &job.catalog, &job.policy)).await;
            match planned {
                Ok(planned) => Outcome::Planned(planned.map(Box::new)),
                Err(error) => Outcome::Failed(Problem::new(ProblemKind::Bug, "The planning broke off").because(&error)),
            }
        }
        Task::Write { directory, files } => match write(&directory, &files, writer) {
            Ok(written) => written,
            Err(problem) => Outcome::Failed(problem),
        },
    }
}

fn sources() -> Vec<Source> {
    let env = Env::of_process();
    let found = db::target::found(&env).into_iter();
    found
        .map(|f| {
            let parsed = db::target::parse(&f.target, &env);
            let origin = parsed.as_ref().map(db::Target::origin).unwrap_or_default();
            let settings = origin.iter().map(|o| [o.what.to_owned(), o.value.clone(), o.source.clone()]).collect();
            Source { target: f.target, title: f.label, from: f.source, settings, care: Care::Normal }
        })
        .collect()
}

async fn connect(target: &str, password: Option<Secret>) -> Result<crate::model::Catalog, db::Error> {
    let mut target = db::target::parse(target, &Env::of_process())?;
    if let Some(password) = password {
        target = target.with_password(password.0);
    }
    db::load(&target).await
}

/// The adapter's sentence ends with what to do; the app shows that on a line of its own.
fn problem(error: &db::Error) -> Problem {
    let text = error.to_string();
    match text.rsplit_once("; ") {
        Some((what, hint)) => Problem::unreadable(what).hint(hint),
        None => Problem::unreadable(text),
    }
}

fn write(directory: &str, files: &FileSet, writer: Option<Writer>) -> Result<Outcome, Problem> {
    let writer = writer.ok_or_else(|| Problem::usage("this session cannot write files"))?;
    let path = Path::new(directory);
    writer(path, files)?;
    let shown = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    Ok(Outcome::Written { directory: shown.display().to_string(), files: files.len() })
}
