//! `sidestep review`: a saved plan in the app, without a database; or, for scripts, what the review says.

use super::args::ReviewArgs;
use super::export::read_plan;
use super::home::Home;
use super::output::Output;
use super::{Outcome, target};
use crate::error::Problem;
use crate::plan::review::Person;
use crate::plan::{Plan, Review};
use crate::tui::{self, review, review_file};
use serde_json::json;
use std::fmt::Write;
use std::path::Path;

pub fn run(args: &ReviewArgs, home: &Home, output: &mut Output) -> Result<Outcome, Problem> {
    if args.plan == "-" {
        return Err(
            Problem::usage("a review needs a plan in a file").hint("save it with `sidestep plan … -o plan.json`")
        );
    }
    let plan = read_plan(&args.plan)?;
    let path = args.review.clone().unwrap_or_else(|| review::beside(&args.plan));
    let read = review_file::open(Path::new(&path))?;
    let (found, seen) = read.unzip();
    // Line by line there is no review screen yet: what it says is read out.
    let lines = args.app.plain || std::env::var("TERM").is_ok_and(|term| term == "dumb");
    if args.check || lines {
        return check(&plan, found.as_ref(), args.json, output);
    }
    let desk = review::Desk::of(found, review::Place { path, seen });
    target::launch(tui::Start::Review(Box::new(plan), Box::new(desk)), args.app.clone(), home.config()?, home)
}

/// 0: both signed this very plan.
fn check(plan: &Plan, review: Option<&Review>, as_json: bool, output: &mut Output) -> Result<Outcome, Problem> {
    let empty = Review::new(plan);
    let review = review.unwrap_or(&empty);
    let complete = review.is_complete(plan);
    let changed = review.changes(plan);
    let (steps, ticked, open) = (plan.steps().count(), review.ticked(plan), review.open_questions());
    if as_json {
        output.json(&json!({
            "format": 1, "plan": plan.id, "reviewed": review.plan, "complete": complete, "steps": steps,
            "ticked": ticked, "open_questions": open, "author": review.author, "reviewer": review.reviewer,
            "changed": changed,
        }))?;
    } else {
        let mut text = format!("plan {}: {ticked} of {steps} steps ticked, open questions: {open}\n", plan.id);
        for person in [Person::Author, Person::Reviewer] {
            let signed = match review.signer(person).signed.as_deref() {
                Some(day) => format!("signed {day}"),
                None => "not signed".to_owned(),
            };
            let name = crate::model::name::shown(&review.signer(person).name).into_owned();
            let name = if name.is_empty() { "no name".to_owned() } else { name };
            let _ = writeln!(text, "{}: {name}, {signed}", person.word());
        }
        if !changed.is_empty() {
            let _ = writeln!(text, "the review is of plan {}, which is another one:", review.plan);
            changed.iter().for_each(|line| {
                let _ = writeln!(text, "  {line}");
            });
        }
        output.data(&text)?;
    }
    Ok(if complete { Outcome::Fine } else { Outcome::Hazards })
}
