//! The review that goes with the plan in front: who speaks, what was said, where it is kept.

use super::msg::{Effect, Note, Outcome, Task, TaskId};
use super::state::App;
use crate::error::Problem;
use crate::plan::review::{Person, Spoken};
use crate::plan::{Plan, Review};

/// Where a review is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub path: String,
    /// The text as it was last read or written; none as long as there is no file.
    pub seen: Option<String>,
}

#[derive(Debug, Clone, Default)]
pub struct Desk {
    review: Option<Review>,
    pub place: Option<Place>,
    pub speaks: Person,
    /// The save under way, with its text.
    saving: Option<(TaskId, String)>,
    reading: Option<TaskId>,
    /// Something was said while a save was under way.
    again: bool,
    /// Why the last save failed: what was said since is in memory only.
    pub problem: Option<Problem>,
}

/// `plan.json` → `plan.review.json`.
pub fn beside(plan: &str) -> String {
    format!("{}.review.json", plan.strip_suffix(".json").unwrap_or(plan))
}

impl Desk {
    /// A review that was read beside its plan.
    pub fn of(review: Option<Review>, place: Place) -> Self {
        Self { review, place: Some(place), ..Self::default() }
    }

    pub fn review(&self) -> Option<&Review> {
        self.review.as_ref()
    }

    /// What is not written yet when the app ends: path, what the file may hold by now, and what it shall hold.
    pub fn unwritten(&self) -> Option<(&str, [Option<&str>; 2], String)> {
        let (_, sent) = self.saving.as_ref()?;
        let place = self.place.as_ref()?;
        let text = self.review.as_ref()?.text().ok()?;
        Some((&place.path, [place.seen.as_deref(), Some(sent)], text))
    }

    /// What is printed with `plan`.
    pub fn spoken(&self, plan: &Plan) -> Option<Spoken> {
        self.review.as_ref().and_then(|r| r.spoken(plan))
    }
}

/// A plan about which nothing was said yet gets an empty review; what was said stays, and may be of an older plan.
pub fn ensure(app: &mut App) {
    let Some(plan) = app.plan() else { return };
    if app.desk.review.as_ref().is_none_or(|r| r.is_empty() && !r.is_of(plan)) {
        let review = Review::new(plan);
        app.desk.review = Some(review);
    }
}

/// Changes the review and has it written.
pub fn edit(app: &mut App, change: impl FnOnce(&mut Review, Person, &Plan)) -> Vec<Effect> {
    ensure(app);
    let Some(plan) = app.plan().cloned() else { return Vec::new() };
    let speaks = app.desk.speaks;
    if let Some(review) = &mut app.desk.review {
        change(review, speaks, &plan);
    }
    save(app)
}

pub fn save(app: &mut App) -> Vec<Effect> {
    if app.desk.saving.is_some() {
        app.desk.again = true;
        return Vec::new();
    }
    let (Some(review), Some(place)) = (&app.desk.review, &app.desk.place) else { return Vec::new() };
    let text = match review.text() {
        Ok(text) => text,
        Err(why) => {
            app.desk.problem = Some(Problem::usage(format!("the review cannot be written: {why}")));
            return Vec::new();
        }
    };
    let task = Task::SaveReview { path: place.path.clone(), seen: place.seen.clone(), text: text.clone() };
    let (id, effect) = app.start(task, "saving the review");
    app.desk.saving = Some((id, text));
    vec![effect]
}

/// After an export: the review goes beside the files.
pub fn keep_beside(app: &mut App, directory: &str) -> Vec<Effect> {
    if app.desk.place.is_some() || app.desk.review.as_ref().is_none_or(Review::is_empty) {
        return Vec::new();
    }
    let path = format!("{}/plan.review.json", directory.trim_end_matches('/'));
    app.desk.place = Some(Place { path, seen: None });
    save(app)
}

/// Reads the file again: what is said here and could not be saved is let go.
pub fn reload(app: &mut App) -> Vec<Effect> {
    let Some(place) = &app.desk.place else {
        app.say(Note::reason("The review is not in a file yet: it is saved beside the export"));
        return Vec::new();
    };
    let (id, effect) = app.start(Task::ReadReview { path: place.path.clone() }, "reading the review");
    app.desk.reading = Some(id);
    vec![effect]
}

/// `None`: the result is not for the review.
pub fn done(app: &mut App, id: TaskId, outcome: &Outcome) -> Option<Vec<Effect>> {
    if app.desk.saving.as_ref().is_some_and(|(saving, _)| *saving == id) {
        app.desk.saving = None;
        match outcome {
            Outcome::ReviewSaved(text) => {
                app.desk.problem = None;
                if let Some(place) = &mut app.desk.place {
                    place.seen = Some(text.clone());
                }
                if std::mem::take(&mut app.desk.again) {
                    return Some(save(app));
                }
                // With the day of a new signature.
                if let Ok(review) = Review::parse(text) {
                    app.desk.review = Some(review);
                }
            }
            Outcome::Failed(problem) => {
                app.desk.again = false;
                app.say(Note::bad(problem.message.clone()));
                app.desk.problem = Some(problem.clone());
            }
            _ => {}
        }
        return Some(Vec::new());
    }
    if app.desk.reading == Some(id) {
        app.desk.reading = None;
        match outcome {
            Outcome::ReviewRead(text) => {
                let parsed = text.as_deref().map(Review::parse).transpose();
                match parsed {
                    Ok(review) => {
                        app.desk.problem = None;
                        app.desk.review = review;
                        if let Some(place) = &mut app.desk.place {
                            place.seen.clone_from(text);
                        }
                        ensure(app);
                        app.say(Note::good("The review is as it stands in its file"));
                    }
                    Err(why) => {
                        app.say(Note::bad(format!("The review file cannot be used: {why}. Nothing was overwritten")))
                    }
                }
            }
            Outcome::Failed(problem) => app.say(Note::bad(problem.message.clone())),
            _ => {}
        }
        return Some(Vec::new());
    }
    None
}

/// Signs for who speaks, or takes the signature back.
pub fn sign(app: &mut App) -> Vec<Effect> {
    ensure(app);
    let speaks = app.desk.speaks;
    let (Some(plan), Some(review)) = (app.plan(), app.desk.review()) else { return Vec::new() };
    if review.signer(speaks).signed.is_some() {
        app.say(Note::good(format!("The {} takes the signature back", speaks.word())));
        return edit(app, |review, person, _| review.signer_mut(person).signed = None);
    }
    if let Some(reason) = review.obstacle(speaks, plan) {
        app.say(Note::reason(reason));
        return Vec::new();
    }
    let (name, id) = (review.name(speaks), plan.id.clone());
    app.say(Note::good(format!("{name} signed plan {id} as {}", speaks.word())));
    edit(app, |review, person, _| review.signer_mut(person).signed = Some(String::new()))
}
