//! What two people said about a plan: ticks, remarks, notes on releases, names and signatures. Bound to the plan's hash; it holds
//! the plan that was reviewed, so that a later one can be laid beside it.

use super::drift::drift;
use super::step::{Act, Plan, Step};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of the review file. Fields may be added, never renamed.
pub const REVIEW_FORMAT: u32 = 1;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Person {
    Author,
    #[default]
    Reviewer,
}

impl Person {
    pub fn other(self) -> Self {
        match self {
            Self::Author => Self::Reviewer,
            Self::Reviewer => Self::Author,
        }
    }
    pub fn word(self) -> &'static str {
        match self {
            Self::Author => "author",
            Self::Reviewer => "reviewer",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Signer {
    #[serde(default)]
    pub name: String,
    /// The day of the signature, `2026-11-21`; empty until the file is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RemarkKind {
    Comment,
    Question,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    pub kind: RemarkKind,
    pub by: String,
    pub text: String,
    /// Who answered a question, and what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<[String; 2]>,
}

impl Remark {
    pub fn is_open(&self) -> bool {
        self.kind == RemarkKind::Question && self.answer.is_none()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StepReview {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticked_by: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Remark>,
}

/// What only the team knows of a release.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReleaseNote {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub pull_request: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub owner: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Review {
    /// Version of the format, by whose name the file is known.
    pub sidestep_review: u32,
    /// Hash of the plan that was reviewed.
    pub plan: String,
    #[serde(default)]
    pub author: Signer,
    #[serde(default)]
    pub reviewer: Signer,
    /// By step.
    #[serde(default)]
    pub steps: BTreeMap<String, StepReview>,
    /// By release.
    #[serde(default)]
    pub releases: BTreeMap<String, ReleaseNote>,
    /// The plan itself.
    pub of: Box<Plan>,
}

/// What of a review is printed with its plan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spoken {
    pub author: Signer,
    pub reviewer: Signer,
    pub steps: BTreeMap<String, StepReview>,
    pub releases: BTreeMap<String, ReleaseNote>,
}

impl Spoken {
    /// Remarks with the step that they are about.
    pub fn remarks(&self) -> impl Iterator<Item = (&str, &Remark)> {
        self.steps.iter().flat_map(|(id, s)| s.remarks.iter().map(move |r| (id.as_str(), r)))
    }
}

impl Review {
    /// What may be printed with `plan`: nothing of a review of another one.
    pub fn spoken(&self, plan: &Plan) -> Option<Spoken> {
        self.is_of(plan).then(|| Spoken {
            author: self.author.clone(),
            reviewer: self.reviewer.clone(),
            steps: self.steps.clone(),
            releases: self.releases.clone(),
        })
    }

    pub fn new(plan: &Plan) -> Self {
        Self {
            sidestep_review: REVIEW_FORMAT,
            plan: plan.id.clone(),
            author: Signer::default(),
            reviewer: Signer::default(),
            steps: BTreeMap::new(),
            releases: BTreeMap::new(),
            of: Box::new(plan.clone()),
        }
    }

    /// # Errors
    /// Says why the text is no review, for people.
    pub fn parse(text: &str) -> Result<Self, String> {
        let value: serde_json::Value = serde_json::from_str(text)
            .map_err(|e| format!("it is not JSON: line {}, column {}", e.line(), e.column()))?;
        let format = value.get("sidestep_review").and_then(serde_json::Value::as_u64);
        match format {
            None => return Err("it is not a review of sidestep".to_owned()),
            Some(found) if found > u64::from(REVIEW_FORMAT) => {
                return Err(format!(
                    "it is in format {found}, this sidestep knows format {REVIEW_FORMAT}: update sidestep"
                ));
            }
            Some(_) => {}
        }
        let review: Self = serde_json::from_value(value).map_err(|e| format!("it is damaged: {e}"))?;
        if review.of.id != review.plan {
            return Err("it is damaged: the plan in it is not the one that it names".to_owned());
        }
        Ok(review)
    }

    /// # Errors
    /// The plan holds a figure that JSON cannot.
    pub fn text(&self) -> Result<String, String> {
        serde_json::to_string_pretty(self).map(|t| t + "\n").map_err(|e| e.to_string())
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::new(&self.of)
    }

    pub fn is_of(&self, plan: &Plan) -> bool {
        self.plan == plan.id
    }

    /// What is otherwise in `now`, one line each.
    pub fn changes(&self, now: &Plan) -> Vec<String> {
        if self.is_of(now) {
            return Vec::new();
        }
        let lines = drift(&self.of, now);
        if !lines.is_empty() {
            return lines;
        }
        let mut lines = Vec::new();
        if self.of.policy != now.policy {
            lines.push("the options of the plan are others; the steps run the same statements".to_owned());
        }
        if self.of.tables != now.tables || self.of.server != now.server {
            lines.push("the figures of the database are others; the steps run the same statements".to_owned());
        }
        if lines.is_empty() {
            lines.push("texts or estimates are others; the steps run the same statements".to_owned());
        }
        lines
    }

    pub fn signer(&self, person: Person) -> &Signer {
        match person {
            Person::Author => &self.author,
            Person::Reviewer => &self.reviewer,
        }
    }

    pub fn signer_mut(&mut self, person: Person) -> &mut Signer {
        match person {
            Person::Author => &mut self.author,
            Person::Reviewer => &mut self.reviewer,
        }
    }

    /// The name, or the role of one who gave none.
    pub fn name(&self, person: Person) -> String {
        match self.signer(person).name.as_str() {
            "" => person.word().to_owned(),
            name => name.to_owned(),
        }
    }

    pub fn step(&self, id: &str) -> Option<&StepReview> {
        self.steps.get(id)
    }

    /// What was said of a step of `plan`, which may be a later one: then the title tells which step it was.
    pub fn said_of(&self, plan: &Plan, step: &Step) -> Option<&StepReview> {
        if self.is_of(plan) {
            return self.step(&step.id);
        }
        let was = self.of.steps().map(|(_, s)| s).find(|s| s.title == step.title)?;
        self.step(&was.id)
    }

    /// Whether a tick of what was reviewed still holds for a step of `plan`.
    pub fn holds(&self, plan: &Plan, step: &Step) -> bool {
        let ticked = self.said_of(plan, step).is_some_and(|s| s.ticked_by.is_some());
        ticked && (self.is_of(plan) || self.of.steps().any(|(_, was)| was.title == step.title && same(was, step)))
    }

    pub fn is_ticked(&self, id: &str) -> bool {
        self.step(id).is_some_and(|s| s.ticked_by.is_some())
    }

    pub fn ticked(&self, plan: &Plan) -> usize {
        plan.steps().filter(|(_, s)| self.is_ticked(&s.id)).count()
    }

    pub fn open_questions(&self) -> usize {
        self.steps.values().flat_map(|s| &s.remarks).filter(|r| r.is_open()).count()
    }

    /// A change of what was said makes what was signed another thing.
    fn unsign(&mut self) {
        self.author.signed = None;
        self.reviewer.signed = None;
    }

    pub fn tick(&mut self, id: &str, by: Person) {
        let name = self.name(by);
        let step = self.steps.entry(id.to_owned()).or_default();
        step.ticked_by = match step.ticked_by.take() {
            Some(_) => None,
            None => Some(name),
        };
        if step.ticked_by.is_none() {
            self.unsign();
        }
    }

    pub fn remark(&mut self, id: &str, kind: RemarkKind, by: Person, text: &str) {
        let remark = Remark { kind, by: self.name(by), text: text.to_owned(), answer: None };
        self.steps.entry(id.to_owned()).or_default().remarks.push(remark);
        if kind == RemarkKind::Question {
            self.unsign();
        }
    }

    /// Answers the oldest open question of the step.
    pub fn answer(&mut self, id: &str, by: Person, text: &str) {
        let name = self.name(by);
        let open = self.steps.get_mut(id).and_then(|s| s.remarks.iter_mut().find(|r| r.is_open()));
        if let Some(question) = open {
            question.answer = Some([name, text.to_owned()]);
        }
    }

    /// Why `person` cannot sign now.
    pub fn obstacle(&self, person: Person, plan: &Plan) -> Option<String> {
        let missing = plan.steps().count() - self.ticked(plan);
        let names = [self.author.name.trim(), self.reviewer.name.trim()];
        if !self.is_of(plan) {
            Some("The plan changed since this review: take it up for the new plan first".to_owned())
        } else if self.signer(person).name.trim().is_empty() {
            Some(format!("Give the name of the {} first", person.word()))
        } else if names[0] == names[1] {
            Some("Author and reviewer must be two people".to_owned())
        } else if self.open_questions() > 0 {
            Some(format!("Open questions: {}; answer them first", self.open_questions()))
        } else if person == Person::Reviewer && missing > 0 {
            Some(format!("Steps without a tick: {missing}"))
        } else {
            None
        }
    }

    /// Both signed this very plan.
    pub fn is_complete(&self, plan: &Plan) -> bool {
        self.is_of(plan) && self.author.signed.is_some() && self.reviewer.signed.is_some()
    }

    /// The same review for the plan as it is now: ticks stay with steps that do the same, remarks with steps of the same
    /// title, signatures with none.
    pub fn take_up(&mut self, now: &Plan) {
        let old: BTreeMap<&str, (&str, &Step)> =
            self.of.steps().map(|(_, s)| (s.title.as_str(), (s.id.as_str(), s))).collect();
        let mut steps = BTreeMap::new();
        for (_, step) in now.steps() {
            let Some((id, was)) = old.get(step.title.as_str()) else { continue };
            let Some(mut said) = self.steps.get(*id).cloned() else { continue };
            if !same(was, step) {
                said.ticked_by = None;
            }
            steps.insert(step.id.clone(), said);
        }
        self.steps = steps;
        self.releases.retain(|id, _| now.release(id).is_some());
        self.plan = now.id.clone();
        *self.of = now.clone();
        self.unsign();
    }
}

fn same(was: &Step, is: &Step) -> bool {
    let deploys = |s: &Step| if let Act::Deploy { release } = &s.act { release.clone() } else { String::new() };
    was.act == is.act
        && was.locks == is.locks
        && was.undo == is.undo
        && was.hazards == is.hazards
        && deploys(was) == deploys(is)
}
