//! All that the app knows: what screens share ([`App`]) and the stack of screens.

use super::action::Action;
use super::canvas::Glyphs;
use super::keep::Memory;
use super::keymap::{Key, Keymap};
use super::measure::Measure;
use super::msg::{Care, Effect, Job, Msg, Note, Plans, Source, Task, TaskId};
use super::screen::form::Typed;
use super::screen::log::Queries;
use super::screen::{Screen, connect};
use super::theme::{Theme, ThemeName};
use super::widget::filter::Names;
use crate::change::CannotPlan;
use crate::error::Problem;
use crate::model::Catalog;
use crate::plan::{Plan, Policy};
use ratatui::layout::Rect;
use ratatui_textarea::TextArea;
use std::sync::Arc;

/// The road from text to plan; a value, so that tests can put their own plan behind the screens.
pub type Planner = fn(&str, &Catalog, &Policy) -> Result<Plan, CannotPlan>;

/// Bytes of a text that is planned beside the loop instead of at every key.
const LONG: usize = 3_000;
/// Tables of a catalog on which even a short text is: the planner may have to look at all foreign keys.
const MANY: usize = 20_000;

/// Work whose result is awaited.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Load<T> {
    #[default]
    Idle,
    Busy(TaskId),
    Ready(T),
    Failed(Problem),
}

/// Where the pointer of a terminal is listened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mouse {
    #[default]
    On,
    Off,
}

/// What the session is started with.
#[derive(Debug, Clone)]
pub struct Settings {
    pub policy: Policy,
    pub theme: ThemeName,
    /// One from a file of the user's, in place of `theme`.
    pub own_theme: Option<Theme>,
    pub keymap: Keymap,
    /// Whether the terminal is asked if its background is dark or light.
    pub ask_background: bool,
    pub glyphs: Glyphs,
    pub mouse: Mouse,
    pub planner: Planner,
    /// Targets of the user's configuration, offered before what is found on the machine.
    pub profiles: Vec<Source>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            theme: ThemeName::default(),
            own_theme: None,
            keymap: Keymap::built_in(),
            ask_background: false,
            glyphs: Glyphs::default(),
            mouse: Mouse::default(),
            planner: crate::change::plan,
            profiles: Vec::new(),
        }
    }
}

/// The catalog that is open, and where it came from.
#[derive(Debug, Clone)]
pub struct Opened {
    pub catalog: Arc<Catalog>,
    /// What to connect to again; none for a catalog that was handed over.
    pub target: Option<String>,
    /// Table names, ready for matching, in the catalog's order.
    pub names: Arc<Names>,
    /// Sizes and rates, in the catalog's order.
    pub measures: Arc<Vec<Measure>>,
}

impl Opened {
    pub fn new(catalog: Catalog, target: Option<String>) -> Self {
        let names = Names::new(catalog.tables.iter().map(|t| t.name.to_string()));
        let measures = Arc::new(Measure::all(&catalog));
        Self { catalog: Arc::new(catalog), target, names: Arc::new(names), measures }
    }
}

/// What became of the draft.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Planned {
    /// Nothing is written, or no catalog is open.
    #[default]
    Nothing,
    Ready(Box<Plan>),
    Cannot(CannotPlan),
}

/// The change that is being written, and its plan.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    pub text: TextArea<'static>,
    pub planned: Planned,
    /// The text as it was begun or last exported: the draft is worth a question only if it differs.
    pub kept: String,
    /// Counts the edits.
    pub version: u64,
    /// Too much to be planned between two keys: a task does it, and this says that one has to be started.
    pub waits: bool,
    pub planning: Option<TaskId>,
}

impl Draft {
    pub fn sql(&self) -> String {
        self.text.lines().join("\n")
    }
    pub fn is_empty(&self) -> bool {
        self.text.lines().iter().all(|l| l.trim().is_empty())
    }
    pub fn is_unsaved(&self) -> bool {
        !self.is_empty() && self.sql() != self.kept
    }
}

/// A task under way.
#[derive(Debug, Clone, PartialEq)]
pub struct Running {
    pub id: TaskId,
    pub what: String,
    pub since_ms: u64,
}

/// A connect under way or failed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Attempt {
    pub target: String,
    pub load: Load<()>,
}

/// What all screens share.
#[derive(Debug, Clone)]
pub struct App {
    pub size: (u16, u16),
    pub theme: Theme,
    pub glyphs: Glyphs,
    pub mouse: Mouse,
    pub keymap: Keymap,
    pub opened: Option<Opened>,
    pub sources: Load<Vec<Source>>,
    pub attempt: Attempt,
    pub draft: Draft,
    /// What the last option changed, until the user moves on.
    pub highlight: super::highlight::Highlight,
    pub memory: Memory,
    /// What the server says while the plan is carried out.
    pub live: super::live::Live,
    /// What was said of the plan.
    pub desk: super::review::Desk,
    pub queries: Queries,
    pub typed: Typed,
    pub policy: Policy,
    pub planner: Planner,
    pub profiles: Vec<Source>,
    pub running: Vec<Running>,
    pub note: Option<Note>,
    pub now_ms: u64,
    /// A ctrl-c was just pressed with nothing to cancel: the next one quits.
    pub interrupted: bool,
    next_task: u64,
}

impl App {
    pub fn catalog(&self) -> Option<&Catalog> {
        self.opened.as_ref().map(|o| o.catalog.as_ref())
    }
    /// Whether the open catalog is one that the user marked.
    pub fn care(&self) -> Care {
        let target = self.opened.as_ref().and_then(|o| o.target.as_ref());
        target.and_then(|t| self.profiles.iter().find(|p| p.target == *t)).map_or(Care::Normal, |p| p.care)
    }
    pub fn plan(&self) -> Option<&Plan> {
        match &self.draft.planned {
            Planned::Ready(plan) => Some(plan),
            _ => None,
        }
    }

    /// Plans the draft anew; pure and fast, so it runs at every edit. What is long is left to a task.
    pub fn replan(&mut self) {
        self.highlight = super::highlight::Highlight::default();
        self.draft.version += 1;
        let long = self.draft.text.lines().iter().map(String::len).sum::<usize>() > LONG;
        let large = self.catalog().is_some_and(|c| c.tables.len() > MANY);
        self.draft.waits = (long || large) && self.opened.is_some() && !self.draft.is_empty();
        if self.draft.waits {
            return;
        }
        self.draft.planning = None;
        self.draft.planned = match &self.opened {
            Some(opened) if !self.draft.is_empty() => {
                match (self.planner)(&self.draft.sql(), &opened.catalog, &self.policy) {
                    Ok(plan) => Planned::Ready(Box::new(plan)),
                    Err(reason) => Planned::Cannot(reason),
                }
            }
            _ => Planned::Nothing,
        };
    }

    /// Replaces the draft, as an edit that undo takes back.
    pub fn write_draft(&mut self, sql: &str) {
        self.draft.text.select_all();
        self.draft.text.cut();
        self.draft.text.insert_str(sql.replace("\r\n", "\n").replace('\t', "    "));
        self.replan();
    }

    /// Whether the plan that shows is not yet that of the draft as it stands.
    pub fn is_planning(&self) -> bool {
        let under_way = |id| self.running.iter().any(|r| r.id == id);
        self.draft.waits || self.draft.planning.is_some_and(under_way)
    }

    /// Starts the planning that waits, one at a time.
    pub fn plan_aside(&mut self) -> Option<Effect> {
        let busy = self.draft.planning.is_some_and(|id| self.running.iter().any(|r| r.id == id));
        let opened = self.opened.as_ref().filter(|_| self.draft.waits && !busy)?;
        let catalog = Arc::clone(&opened.catalog);
        let job = Job { sql: self.draft.sql(), catalog, policy: self.policy.clone(), planner: Plans(self.planner) };
        self.draft.waits = false;
        let (id, effect) = self.start(Task::Plan(Box::new(job)), "planning");
        self.draft.planning = Some(id);
        Some(effect)
    }

    pub fn start(&mut self, task: Task, what: impl Into<String>) -> (TaskId, Effect) {
        self.next_task += 1;
        let id = TaskId(self.next_task);
        self.running.push(Running { id, what: what.into(), since_ms: self.now_ms });
        (id, Effect::Start(id, task))
    }

    /// A task that nobody waits for: no spinner, and ctrl-c does not mean it.
    pub fn start_unseen(&mut self, task: Task) -> (TaskId, Effect) {
        self.next_task += 1;
        let id = TaskId(self.next_task);
        (id, Effect::Start(id, task))
    }

    /// Starts reading a catalog; what was under way for another target is cancelled.
    pub fn connect(&mut self, target: &str, password: Option<super::msg::Secret>) -> Vec<Effect> {
        let mut effects: Vec<Effect> = self.cancel_connect().into_iter().collect();
        let target = target.trim().to_owned();
        let what = format!("reading `{}`", super::keep::without_password(&target));
        let (id, effect) = self.start(Task::Connect { target: target.clone(), password }, what);
        self.attempt = Attempt { target, load: Load::Busy(id) };
        effects.push(effect);
        effects
    }

    pub fn cancel_connect(&mut self) -> Option<Effect> {
        let Load::Busy(id) = self.attempt.load else { return None };
        self.attempt.load = Load::Idle;
        self.running.retain(|r| r.id != id);
        Some(Effect::Cancel(id))
    }

    /// The room of a screen between header and footer.
    pub fn body(&self) -> Rect {
        let (width, height) = self.size;
        super::widget::frame::areas(Rect::new(0, 0, width, height)).body
    }

    pub fn say(&mut self, note: Note) {
        self.note = Some(note);
    }
}

#[derive(Debug, Clone)]
pub struct State {
    pub app: App,
    /// Never empty; the last one is in front.
    pub screens: Vec<Screen>,
}

impl State {
    pub fn new(settings: Settings) -> Self {
        let app = App {
            size: (80, 24),
            theme: settings.own_theme.unwrap_or_else(|| Theme::built_in(settings.theme)),
            glyphs: settings.glyphs,
            mouse: settings.mouse,
            keymap: settings.keymap,
            opened: None,
            sources: Load::Idle,
            attempt: Attempt::default(),
            draft: Draft::default(),
            highlight: super::highlight::Highlight::default(),
            live: super::live::Live::default(),
            desk: super::review::Desk::default(),
            memory: Memory::default(),
            queries: Queries::default(),
            typed: Typed::default(),
            policy: settings.policy,
            planner: settings.planner,
            profiles: settings.profiles,
            running: Vec::new(),
            note: None,
            now_ms: 0,
            interrupted: false,
            next_task: 0,
        };
        Self { app, screens: vec![Screen::Connect(connect::Connect::default())] }
    }

    /// Opens a catalog that is at hand and shows its tables.
    pub fn open(&mut self, catalog: Catalog, target: Option<String>) {
        super::update::open(self, Opened::new(catalog, target));
    }

    /// A plan out of a file, without a database, on the review screen.
    pub fn review(&mut self, plan: Plan, desk: super::review::Desk) {
        self.app.draft.planned = Planned::Ready(Box::new(plan));
        self.app.desk = desk;
        super::review::ensure(&mut self.app);
        super::update::go_to(self, super::screen::Place::Review);
    }

    pub fn top(&self) -> Option<&Screen> {
        self.screens.last()
    }

    /// What a key means now: an action, text for the field in focus, or nothing.
    pub fn read(&self, key: Key) -> Option<Msg> {
        let top = self.top()?;
        match self.app.keymap.action(&top.scopes(&self.app), key) {
            Some(action) => Some(Msg::Act(action)),
            None if top.is_typing(&self.app) => Some(Msg::Type(key)),
            None => None,
        }
    }

    pub fn is_busy(&self) -> bool {
        !self.app.running.is_empty()
    }

    pub fn body(&self) -> Rect {
        self.app.body()
    }

    /// Why `action` does nothing here, if so.
    pub fn available(&self, action: Action) -> Result<(), String> {
        self.top().map_or(Ok(()), |top| top.available(&self.app, action))
    }
}
