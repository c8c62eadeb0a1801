//! Driving the app on paper: keys through the key map, results by hand, pictures as text.

use super::{sample_catalog, sample_plan};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use sidestep::tui::keymap::Key;
use sidestep::tui::msg::{Effect, Msg, Outcome, TaskId};
use sidestep::tui::state::{Settings, State};
use sidestep::tui::theme::ThemeName;
use sidestep::tui::{update::update, view::view};

pub struct Session {
    pub state: State,
    /// What the last message asked of the runner.
    pub effects: Vec<Effect>,
}

impl Session {
    /// Nothing open: the connect screen.
    pub fn fresh(theme: ThemeName) -> Self {
        let settings = Settings { theme, planner: sample_plan::planner, ..Settings::default() };
        Self { state: State::new(settings), effects: Vec::new() }
    }
    /// The sample catalog is open.
    pub fn sample() -> Self {
        Self::themed(ThemeName::Dark)
    }
    pub fn themed(theme: ThemeName) -> Self {
        let mut session = Self::fresh(theme);
        session.state.open(sample_catalog::catalog(), Some("demo".to_owned()));
        session
    }
    pub fn size(mut self, width: u16, height: u16) -> Self {
        update(&mut self.state, Msg::Resize(width, height));
        self
    }
    /// Keys by name, separated by spaces.
    pub fn press(mut self, keys: &str) -> Self {
        for name in keys.split(' ').filter(|k| !k.is_empty()) {
            let key = Key::parse(name).unwrap_or_else(|| panic!("`{name}` is not a key"));
            self.effects = match self.state.read(key) {
                Some(msg) => update(&mut self.state, msg),
                None => Vec::new(),
            };
        }
        self
    }
    /// Text, character by character.
    pub fn type_text(mut self, text: &str) -> Self {
        for c in text.chars() {
            let name = match c {
                ' ' => "space".to_owned(),
                '\n' => "enter".to_owned(),
                c => c.to_string(),
            };
            self = self.press(&name);
        }
        self
    }
    pub fn send(mut self, msg: Msg) -> Self {
        self.effects = update(&mut self.state, msg);
        self
    }
    pub fn done(self, id: TaskId, outcome: Outcome) -> Self {
        self.send(Msg::Done(id, outcome))
    }
    /// The task that the last message started.
    pub fn started(&self) -> TaskId {
        let started = self.effects.iter().find_map(|e| if let Effect::Start(id, _) = e { Some(*id) } else { None });
        started.unwrap_or_else(|| panic!("nothing was started: {:?}\n{}", self.effects, self.text()))
    }
    pub fn quits(&self) -> bool {
        self.effects.contains(&Effect::Quit)
    }
    pub fn see(self, text: &str) -> Self {
        let shown = self.text();
        assert!(shown.contains(text), "no `{text}` on the screen:\n{shown}");
        self
    }
    pub fn not_see(self, text: &str) -> Self {
        let shown = self.text();
        assert!(!shown.contains(text), "`{text}` is on the screen:\n{shown}");
        self
    }
    pub fn buffer(&self) -> Buffer {
        let (width, height) = self.state.app.size;
        draw(&self.state, width, height)
    }
    pub fn text(&self) -> String {
        text(&self.buffer())
    }
}

pub fn draw(state: &State, width: u16, height: u16) -> Buffer {
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    view(state, area, &mut buffer);
    buffer
}

/// One trimmed line per row.
pub fn text(buffer: &Buffer) -> String {
    let mut lines = Vec::new();
    for y in 0..buffer.area.height {
        let mut line = String::new();
        let mut skip = 0;
        for x in 0..buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            if skip > 0 {
                skip -= 1;
                continue;
            }
            skip = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
            line.push_str(symbol);
        }
        lines.push(line.trim_end().to_owned());
    }
    lines.join("\n")
}
