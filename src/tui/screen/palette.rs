//! Help and command palette: one list made from the key map, filtered by typing; enter does what is selected.

use super::{Go, Part, Reply};
use crate::tui::action::{Action, Offer};
use crate::tui::canvas::{Canvas, Focus, below, centred, part};
use crate::tui::keymap::{Key, Scope};
use crate::tui::state::App;
use crate::tui::text::width;
use crate::tui::theme::Role;
use crate::tui::widget::filter::Names;
use crate::tui::widget::{Cursor, Echo, Field};
use ratatui::layout::Rect;

/// Which list it is: all keys of the screen below, or what can be done by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Help,
    Palette,
}

/// One line: what, by which keys, and why not now.
#[derive(Debug, Clone)]
struct Entry {
    action: Action,
    keys: String,
    refused: Option<String>,
}

#[derive(Debug, Clone)]
pub struct Palette {
    kind: Kind,
    entries: Vec<Entry>,
    names: Names,
    filter: Field,
    shown: Vec<usize>,
    cursor: Cursor,
}

impl Palette {
    /// For the screen that it is opened over.
    pub fn over(below: &super::Screen, app: &App, kind: Kind) -> Self {
        let mut scopes = below.scopes(app);
        if kind == Kind::Palette {
            // While text is typed the keys of one letter are text: the palette is how to reach those actions.
            scopes.extend(below.idle_scopes());
        }
        let bound = app.keymap.actions(&scopes);
        let wanted = |action: &Action| match kind {
            Kind::Help => action.offer() != Offer::PaletteOnly && bound.contains(action),
            Kind::Palette => match action.offer() {
                Offer::KeysOnly => false,
                Offer::PaletteOnly => true,
                Offer::Everywhere => {
                    bound.contains(action) || !app.keymap.keys(&[Scope::Global, Scope::Always], *action).is_empty()
                }
            },
        };
        let skip = |action: &Action| matches!(action, Action::Help | Action::Palette) && kind == Kind::Palette;
        let entries: Vec<Entry> = Action::ALL
            .iter()
            .copied()
            .filter(|a| wanted(a) && !skip(a))
            .map(|action| {
                let mut keys = app.keymap.keys(&scopes, action);
                if keys.is_empty() {
                    keys = app.keymap.keys(&[Scope::Global], action);
                }
                Entry { action, keys: keys.join(" "), refused: below.available(app, action).err() }
            })
            .collect();
        let names = Names::new(entries.iter().map(|e| format!("{} {}", e.action.help(), e.keys)));
        let mut palette =
            Self { kind, entries, names, filter: Field::default(), shown: Vec::new(), cursor: Cursor::default() };
        palette.refresh();
        palette
    }

    fn refresh(&mut self) {
        self.shown = match self.filter.text().trim() {
            "" => self.names.matching(""),
            pattern => self.names.best(pattern),
        };
        self.cursor = Cursor::default();
    }

    fn layout(&self, body: Rect) -> (Rect, Rect) {
        let wanted = u16::try_from(self.entries.len()).unwrap_or(u16::MAX).saturating_add(4);
        let frame = centred(body, 72, wanted);
        let inner = part(frame, 2, 1, frame.width.saturating_sub(4), frame.height.saturating_sub(2));
        (frame, below(inner, 2))
    }
}

impl Part for Palette {
    fn act(&mut self, _app: &mut App, body: Rect, action: Action) -> Reply {
        let (_, list) = self.layout(body);
        if self.cursor.act(action, self.shown.len(), list.height) {
            return Reply::none();
        }
        match action {
            Action::Open => match self.shown.get(self.cursor.at).and_then(|at| self.entries.get(*at)) {
                Some(entry) => Reply::go(Go::PopAndAct(entry.action)),
                None => Reply::none(),
            },
            Action::Back if !self.filter.text().is_empty() => {
                self.filter.take();
                self.refresh();
                Reply::none()
            }
            Action::Back | Action::Help | Action::Palette => Reply::pop(),
            _ => Reply::unhandled(),
        }
    }

    fn key(&mut self, _app: &mut App, key: Key) -> Reply {
        if self.filter.key(key) {
            self.refresh();
        }
        Reply::none()
    }

    fn paste(&mut self, _app: &mut App, text: &str) -> Reply {
        if self.filter.insert(text) {
            self.refresh();
        }
        Reply::none()
    }

    fn click(&mut self, app: &mut App, body: Rect, column: u16, row: u16) -> Reply {
        let (frame, list) = self.layout(body);
        if list.contains((column, row).into()) {
            let at = self.cursor.window(self.shown.len(), list.height) + usize::from(row - list.y);
            if at < self.shown.len() {
                self.cursor.at = at;
                return self.act(app, body, Action::Open);
            }
        } else if !frame.contains((column, row).into()) {
            return Reply::pop();
        }
        Reply::none()
    }

    fn wheel(&mut self, _app: &mut App, body: Rect, _column: u16, _row: u16, lines: i32) {
        let (_, list) = self.layout(body);
        self.cursor.by(lines as isize, self.shown.len(), list.height);
    }

    fn draw(&self, _app: &App, canvas: &mut Canvas<'_>, body: Rect) {
        let (frame, list) = self.layout(body);
        let title = if self.kind == Kind::Help { "Keys of this screen" } else { "Commands" };
        canvas.frame(frame, title);
        let line = Rect { y: list.y.saturating_sub(2), height: 1, ..list };
        let x = canvas.put(line, 0, 0, canvas.glyphs.pick("› ", "> "), Role::Key);
        let hint = "type to filter, enter does it";
        self.filter.draw(canvas, part(line, x, 0, line.width, 1), 0, Echo::Plain, Focus::Here, hint);
        let keys = self.entries.iter().map(|e| width(&e.keys)).max().unwrap_or(0).min(22);
        let keys = u16::try_from(keys).unwrap_or(22);
        let top = self.cursor.window(self.shown.len(), list.height);
        for (y, at) in (0..list.height).zip(self.shown.iter().skip(top)) {
            let Some(entry) = self.entries.get(*at) else { continue };
            canvas.put(part(list, 0, 0, keys, list.height), 0, y, &entry.keys, Role::Key);
            let text = part(list, keys + 2, 0, list.width, list.height);
            match &entry.refused {
                None => canvas.put(text, 0, y, entry.action.help(), Role::Text),
                Some(why) => canvas.put(text, 0, y, &format!("{} ({why})", entry.action.help()), Role::Dim),
            };
            if top + usize::from(y) == self.cursor.at {
                canvas.tint(list, y, Role::Selected);
            }
        }
        if self.shown.is_empty() {
            canvas.put(list, 0, 0, "Nothing matches", Role::Dim);
        }
    }

    fn scopes(&self, _app: &App) -> Vec<Scope> {
        vec![Scope::Filter]
    }

    fn is_typing(&self, _app: &App) -> bool {
        true
    }

    fn hints(&self, _app: &App) -> Vec<Action> {
        vec![Action::Open]
    }
}
