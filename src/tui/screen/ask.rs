//! One question with a line to answer in, over the screen that asks it.

use super::{Go, Part, Reply, Screen};
use crate::plan::review::{Person, ReleaseNote, RemarkKind};
use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, Focus, centred, part};
use crate::tui::highlight;
use crate::tui::keymap::{Key, Scope};
use crate::tui::msg::Note;
use crate::tui::review;
use crate::tui::state::App;
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::widget::{Echo, Field};
use ratatui::layout::Rect;

/// What the answer is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// Why the hazard of this id does not matter here; an empty answer lets it count again.
    Ignore(String),
    Remark {
        step: String,
        kind: RemarkKind,
    },
    /// Of the oldest open question of the step.
    Answer {
        step: String,
    },
    Name(Person),
    Release {
        release: String,
        part: ReleasePart,
    },
}

/// What is asked about a release, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReleasePart {
    PullRequest,
    Owner,
    Note,
}

/// Asks for a part of what is noted about a release.
pub fn release(app: &App, release: &str, part: ReleasePart) -> Ask {
    let known = app.desk.review().and_then(|r| r.releases.get(release)).cloned().unwrap_or_default();
    let (what, answer) = match part {
        ReleasePart::PullRequest => ("Pull request: a link or a number", known.pull_request),
        ReleasePart::Owner => ("Who deploys it", known.owner),
        ReleasePart::Note => ("What else to know when it is deployed", known.note),
    };
    let about = format!("{what}. It stands in the runbook; enter goes on, an empty line takes it away.");
    Ask::new(Purpose::Release { release: release.to_owned(), part }, format!("Release {release}"), about, &answer)
}

#[derive(Debug, Clone)]
pub struct Ask {
    purpose: Purpose,
    title: String,
    /// A sentence or two above the line.
    about: String,
    field: Field,
}

impl Ask {
    pub fn new(purpose: Purpose, title: impl Into<String>, about: impl Into<String>, answer: &str) -> Self {
        Self { purpose, title: title.into(), about: about.into(), field: Field::new(answer) }
    }

    fn answer(&self, app: &mut App) -> Reply {
        let text = self.field.text().trim().to_owned();
        match &self.purpose {
            Purpose::Ignore(id) => {
                highlight::turn(app, |policy| {
                    if text.is_empty() {
                        policy.ignore.remove(id);
                    } else {
                        policy.ignore.insert(id.clone(), text.clone());
                    }
                });
                let told =
                    if text.is_empty() { "counts again" } else { "is ignored; the reason stands in notes and runbook" };
                app.say(Note::good(format!("Hazard `{id}` {told}")));
            }
            _ => return self.say(app, text),
        }
        Reply::pop()
    }

    /// What is said of the plan goes into the review.
    fn say(&self, app: &mut App, text: String) -> Reply {
        let effects = match &self.purpose {
            Purpose::Ignore(_) => Vec::new(),
            Purpose::Name(person) => review::edit(app, |r, _, _| {
                r.signer_mut(*person).name = text;
                r.signer_mut(*person).signed = None;
            }),
            _ if text.is_empty() && !matches!(self.purpose, Purpose::Release { .. }) => Vec::new(),
            Purpose::Remark { step, kind } => review::edit(app, |r, by, _| r.remark(step, *kind, by, &text)),
            Purpose::Answer { step } => review::edit(app, |r, by, _| r.answer(step, by, &text)),
            Purpose::Release { release: id, part } => {
                let effects = review::edit(app, |r, _, _| {
                    let note = r.releases.entry(id.clone()).or_default();
                    match part {
                        ReleasePart::PullRequest => note.pull_request = text,
                        ReleasePart::Owner => note.owner = text,
                        ReleasePart::Note => note.note = text,
                    }
                    if *note == ReleaseNote::default() {
                        r.releases.remove(id);
                    }
                });
                let next = match part {
                    ReleasePart::PullRequest => Some(ReleasePart::Owner),
                    ReleasePart::Owner => Some(ReleasePart::Note),
                    ReleasePart::Note => None,
                };
                let go = next.map_or(Go::Pop, |part| Go::Swap(Box::new(Screen::Ask(release(app, id, part)))));
                return Reply { effects, go: Some(go), unhandled: false };
            }
        };
        Reply { effects, go: Some(Go::Pop), unhandled: false }
    }
}

impl Part for Ask {
    fn act(&mut self, app: &mut App, _body: Rect, action: Action) -> Reply {
        match action {
            Action::Open => self.answer(app),
            Action::Back => Reply::pop(),
            _ => Reply::unhandled(),
        }
    }

    fn key(&mut self, _app: &mut App, key: Key) -> Reply {
        self.field.key(key);
        Reply::none()
    }

    fn paste(&mut self, _app: &mut App, text: &str) -> Reply {
        self.field.insert(text);
        Reply::none()
    }

    fn draw(&self, _app: &App, canvas: &mut Canvas<'_>, body: Rect) {
        let width = 70.min(body.width);
        let about = text::wrap(&self.about, usize::from(width.saturating_sub(4)));
        let height = u16::try_from(about.len()).unwrap_or(4).min(body.height.saturating_sub(4)) + 4;
        let inner = canvas.frame(centred(body, width, height), &self.title);
        let inner = part(inner, 1, 0, inner.width.saturating_sub(2), inner.height);
        let lines = inner.height.saturating_sub(2);
        for (y, line) in (0..lines).zip(&about) {
            canvas.put(inner, 0, y, line, Role::Dim);
        }
        let field = part(inner, 2, 0, inner.width, inner.height);
        canvas.put(inner, 0, inner.height.saturating_sub(1), "›", Role::Accent);
        self.field.draw(canvas, field, inner.height.saturating_sub(1), Echo::Plain, Focus::Here, "");
    }

    fn scopes(&self, _app: &App) -> Vec<Scope> {
        vec![Scope::Field]
    }

    fn is_typing(&self, _app: &App) -> bool {
        true
    }

    fn hints(&self, _app: &App) -> Vec<Action> {
        vec![Action::Open, Action::Back]
    }
}
