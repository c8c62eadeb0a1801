//! What the runner does for [`Task`]s: the bridge to the adapters. Each answers with an [`Outcome`], never with an error of its own.

use super::live::{Answers, Question};
use super::msg::{Care, Outcome, Secret, Source, Task};
use super::review_file;
use crate::db::{self, Env};
use crate::error::{Problem, ProblemKind};
use crate::export::FileSet;
use crate::model::Engine;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

/// How a set of files reaches a directory. Given from outside: the command line owns writing.
pub type Writer = fn(&Path, &FileSet) -> Result<(), Problem>;

/// The server that is asked while the app runs: how to reach it, the password included, and the session that is open.
/// In memory only, and gone with the app.
#[derive(Default)]
pub struct Line {
    target: Option<(String, db::Target)>,
    session: Option<db::Session>,
}

pub type Lines = Arc<Mutex<Line>>;

pub async fn perform(task: Task, writer: Option<Writer>, lines: Lines) -> Outcome {
    match task {
        Task::FindSources => Outcome::Sources(sources()),
        Task::Connect { target, password } => match connect(&target, password, &lines).await {
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
        Task::Ask { target, questions } => match ask(&target, questions, &lines).await {
            Ok(answers) => Outcome::Answers(answers),
            Err(error) => Outcome::Failed(problem(&error)),
        },
        Task::SaveReview { path, seen, text } => review_file::save(&path, seen.as_deref(), &text),
        Task::ReadReview { path } => match review_file::read(Path::new(&path)) {
            Ok(text) => Outcome::ReviewRead(text),
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

async fn connect(word: &str, password: Option<Secret>, lines: &Lines) -> Result<crate::model::Catalog, db::Error> {
    let mut target = db::target::parse(word, &Env::of_process())?;
    if let Some(password) = password {
        target = target.with_password(password.0);
    }
    let catalog = db::load(&target).await?;
    *lines.lock().await = Line { target: Some((word.to_owned(), target)), session: None };
    Ok(catalog)
}

/// Asks one question after the other; a lost session is opened anew the next time.
async fn ask(word: &str, questions: Vec<Question>, lines: &Lines) -> Result<Answers, db::Error> {
    let mut line = lines.lock().await;
    if line.target.as_ref().is_none_or(|(known, _)| known != word) {
        *line = Line { target: Some((word.to_owned(), db::target::parse(word, &Env::of_process())?)), session: None };
    }
    // One that was left in the middle of a question is of no use.
    let kept = line.session.take().filter(db::Session::is_idle);
    let mut session = match (kept, &line.target) {
        (Some(session), _) => session,
        (None, Some((_, db::Target::Server(server)))) => db::connect(&server.conninfo).await?,
        (None, _) => return Err(db::Error::Target { because: "it is no server".to_owned() }),
    };
    let mut answers = Answers::new();
    for question in questions {
        let answer = match is_one_query(&question.sql, session.engine()) {
            false => Err("it is not one query that only reads: run it by hand".to_owned()),
            true => db::live::ask(&mut session, &question.sql, Duration::from_millis(question.limit_ms)).await?,
        };
        answers.insert(question.key, answer);
    }
    line.session = Some(session);
    Ok(answers)
}

/// One statement that reads: a second one could end the read-only transaction of the first.
fn is_one_query(sql: &str, engine: Engine) -> bool {
    let (statements, problems) = crate::sql::read_for(sql, engine, None);
    problems.is_empty()
        && matches!(statements.as_slice(), [one] if matches!(one.statement, crate::sql::Statement::Select))
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
