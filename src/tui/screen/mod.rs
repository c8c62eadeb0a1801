//! The screens: each owns its state, its `update`, its `view` and its layout. Here is only the dispatch and what they have in common.

pub mod ask;
pub mod change;
pub mod confirm;
pub mod connect;
pub mod export;
pub mod form;
pub mod hazards;
pub mod log;
pub mod options;
pub mod palette;
pub mod plan;
pub mod review;
pub mod table;
pub mod tables;

use super::action::Action;
use super::canvas::Canvas;
use super::keymap::{Key, Scope};
use super::msg::{Effect, Note};
use super::state::App;
use crate::model::TableName;
use ratatui::layout::Rect;

/// The places a digit jumps to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    Connect,
    Tables,
    Change,
    Plan,
    Export,
    Review,
}

impl Place {
    pub const ALL: [Self; 6] = [Self::Connect, Self::Tables, Self::Change, Self::Plan, Self::Export, Self::Review];
    pub fn title(self) -> &'static str {
        match self {
            Self::Connect => "Connect",
            Self::Tables => "Tables",
            Self::Change => "Change",
            Self::Plan => "Plan",
            Self::Export => "Export",
            Self::Review => "Review",
        }
    }
    pub fn action(self) -> Action {
        match self {
            Self::Connect => Action::GoConnect,
            Self::Tables => Action::GoTables,
            Self::Change => Action::GoChange,
            Self::Plan => Action::GoPlan,
            Self::Export => Action::GoExport,
            Self::Review => Action::GoReview,
        }
    }
    /// Why the place cannot be shown now.
    pub fn available(self, app: &App) -> Result<(), String> {
        match self {
            Self::Connect => Ok(()),
            Self::Tables | Self::Change if app.opened.is_some() => Ok(()),
            Self::Export if app.is_planning() => Err("The plan is being made".to_owned()),
            Self::Plan | Self::Export | Self::Review if app.plan().is_some() => Ok(()),
            Self::Plan | Self::Review if app.is_planning() => Err("The plan is being made".to_owned()),
            Self::Plan | Self::Export | Self::Review if app.opened.is_some() => {
                Err("There is no plan yet: write a change first".to_owned())
            }
            _ => Err("No database is open yet: connect to one, or press `d` for the demo".to_owned()),
        }
    }
}

/// Where to go after a message.
#[derive(Debug, Clone)]
pub enum Go {
    Push(Box<Screen>),
    To(Place),
    /// As [`Go::To`], with this screen in place of the one that was left there.
    Replace(Place, Box<Screen>),
    Pop,
    /// Close this overlay and put another in its place.
    Swap(Box<Screen>),
    /// Close this screen and go there.
    PopTo(Place),
    /// Close this overlay, then do the action in what is below.
    PopAndAct(Action),
}

/// What a screen answers to a message.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    pub effects: Vec<Effect>,
    pub go: Option<Go>,
    /// The screen has nothing to do with the action.
    pub unhandled: bool,
}

impl Reply {
    pub fn none() -> Self {
        Self::default()
    }
    pub fn unhandled() -> Self {
        Self { unhandled: true, ..Self::default() }
    }
    pub fn effect(effect: Effect) -> Self {
        Self { effects: vec![effect], ..Self::default() }
    }
    pub fn effects(effects: Vec<Effect>) -> Self {
        Self { effects, ..Self::default() }
    }
    pub fn go(go: Go) -> Self {
        Self { go: Some(go), ..Self::default() }
    }
    pub fn to(place: Place) -> Self {
        Self::go(Go::To(place))
    }
    pub fn push(screen: Screen) -> Self {
        Self::go(Go::Push(Box::new(screen)))
    }
    pub fn pop() -> Self {
        Self::go(Go::Pop)
    }
    /// Copies `text` and says what it was.
    pub fn copy(app: &mut App, what: &str, text: String) -> Self {
        app.say(Note::good(format!("Copied {what}")));
        Self::effect(Effect::Copy(text))
    }
}

/// Goes to the editor with `table` in mind: an empty draft begins with its name.
pub fn begin_change(app: &mut App, table: &TableName) {
    let Some(opened) = app.opened.as_ref().filter(|_| app.draft.is_empty()) else { return };
    let name = crate::tui::complete::names::spelled(&opened.catalog, table);
    let begun = format!("ALTER TABLE {name} ");
    app.draft.kept = begun.clone();
    app.write_draft(&begun);
}

/// What every screen can do. `body` is the room it is drawn in.
pub trait Part {
    fn act(&mut self, app: &mut App, body: Rect, action: Action) -> Reply;
    /// A key for the field in focus.
    fn key(&mut self, _app: &mut App, _key: Key) -> Reply {
        Reply::none()
    }
    fn paste(&mut self, _app: &mut App, _text: &str) -> Reply {
        Reply::none()
    }
    fn click(&mut self, _app: &mut App, _body: Rect, _column: u16, _row: u16) -> Reply {
        Reply::none()
    }
    fn wheel(&mut self, _app: &mut App, _body: Rect, _column: u16, _row: u16, _lines: i32) {}
    fn draw(&self, app: &App, canvas: &mut Canvas<'_>, body: Rect);
    fn scopes(&self, app: &App) -> Vec<Scope>;
    fn is_typing(&self, _app: &App) -> bool {
        false
    }
    /// For the hint bar, the most useful first.
    fn hints(&self, app: &App) -> Vec<Action>;
    fn available(&self, _app: &App, _action: Action) -> Result<(), String> {
        Ok(())
    }
}

macro_rules! screens {
    ($($Name:ident($state:path)),+ $(,)?) => {
        #[derive(Debug, Clone)]
        pub enum Screen { $($Name($state)),+ }
        impl Screen {
            pub fn part(&self) -> &dyn Part { match self { $(Self::$Name(s) => s),+ } }
            pub fn part_mut(&mut self) -> &mut dyn Part { match self { $(Self::$Name(s) => s),+ } }
        }
    };
}

screens! {
    Connect(connect::Connect),
    Tables(tables::Tables),
    Change(change::Change),
    Table(table::TableScreen),
    Form(form::FormScreen),
    Plan(plan::PlanScreen),
    Export(export::Export),
    Review(review::ReviewScreen),
    Log(log::Log),
    Palette(palette::Palette),
    Confirm(confirm::Confirm),
    Options(options::Options),
    Hazards(hazards::Hazards),
    Ask(ask::Ask),
}

impl Screen {
    pub fn new(place: Place, app: &App) -> Self {
        match place {
            Place::Connect => Self::Connect(connect::Connect::default()),
            Place::Tables => Self::Tables(tables::Tables::new(app)),
            Place::Change => Self::Change(change::Change::default()),
            Place::Plan => Self::Plan(plan::PlanScreen::default()),
            Place::Export => Self::Export(export::Export::default()),
            Place::Review => Self::Review(review::ReviewScreen::default()),
        }
    }
    pub fn place(&self) -> Option<Place> {
        match self {
            Self::Connect(_) => Some(Place::Connect),
            Self::Tables(_) | Self::Table(_) => Some(Place::Tables),
            Self::Change(_) | Self::Form(_) => Some(Place::Change),
            Self::Plan(_) => Some(Place::Plan),
            Self::Export(_) => Some(Place::Export),
            Self::Review(_) => Some(Place::Review),
            Self::Log(_) | Self::Palette(_) | Self::Confirm(_) | Self::Options(_) | Self::Hazards(_) | Self::Ask(_) => {
                None
            }
        }
    }
    /// The very screen that a jump to `place` opens.
    pub fn is_home_of(&self, place: Place) -> bool {
        self.place() == Some(place) && !matches!(self, Self::Table(_) | Self::Form(_))
    }
    pub fn scopes(&self, app: &App) -> Vec<Scope> {
        let mut scopes = self.part().scopes(app);
        if !self.part().is_typing(app) {
            scopes.push(Scope::Global);
        }
        scopes.push(Scope::Always);
        scopes
    }
    /// Scopes of the screen while no field has the focus.
    pub fn idle_scopes(&self) -> &'static [Scope] {
        match self {
            Self::Connect(_) => &[Scope::Connect],
            Self::Tables(_) => &[Scope::Tables],
            Self::Table(_) => &[Scope::Table],
            Self::Change(_) => &[Scope::Change],
            Self::Plan(_) => &[Scope::Plan],
            Self::Export(_) => &[Scope::Export],
            Self::Review(_) => &[Scope::Review],
            Self::Log(_) => &[Scope::Log],
            Self::Palette(_)
            | Self::Confirm(_)
            | Self::Options(_)
            | Self::Hazards(_)
            | Self::Ask(_)
            | Self::Form(_) => &[],
        }
    }
    pub fn is_typing(&self, app: &App) -> bool {
        self.part().is_typing(app)
    }
    pub fn available(&self, app: &App, action: Action) -> Result<(), String> {
        match Place::ALL.into_iter().find(|p| p.action() == action) {
            Some(place) => place.available(app),
            None if action == Action::Reload
                && !matches!(self, Self::Review(_))
                && app.opened.as_ref().is_none_or(|o| o.target.is_none()) =>
            {
                Err("This catalog did not come from a target that can be read again".to_owned())
            }
            None if action == Action::Form && app.opened.is_none() => Place::Change.available(app),
            None if action == Action::EarlierDraft && app.memory.earlier.trim().is_empty() => {
                Err("No earlier draft is kept for this database".to_owned())
            }
            None => self.part().available(app, action),
        }
    }
}
