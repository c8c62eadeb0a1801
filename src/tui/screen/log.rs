//! Every query that was sent to a server in this session, the newest first: nothing is done behind the user's back.

use super::{Part, Reply};
use crate::db::journal::Sent;
use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, below, part};
use crate::tui::keymap::Scope;
use crate::tui::state::App;
use crate::tui::theme::Role;
use crate::tui::widget::{Cursor, Scroll, doc::Doc};
use ratatui::layout::Rect;

/// More is not kept.
const MOST: usize = 1_000;

/// The queries of the session.
#[derive(Debug, Clone, Default)]
pub struct Queries(Vec<Sent>);

impl Queries {
    pub fn add(&mut self, sent: Vec<Sent>) {
        self.0.extend(sent);
        let over = self.0.len().saturating_sub(MOST);
        self.0.drain(..over);
    }
    fn newest(&self, at: usize) -> Option<&Sent> {
        self.0.len().checked_sub(at + 1).and_then(|at| self.0.get(at))
    }
}

#[derive(Debug, Clone, Default)]
pub struct Log {
    cursor: Cursor,
    /// The query that is shown whole.
    open: Option<Scroll>,
}

fn layout(body: Rect) -> Rect {
    let frame = part(body, 1, 0, body.width.saturating_sub(2), body.height);
    part(frame, 1, 1, frame.width.saturating_sub(2), frame.height.saturating_sub(2))
}

impl Log {
    fn doc(&self, app: &App, width: u16) -> Doc {
        let mut doc = Doc::new(width);
        if let Some(sent) = app.queries.newest(self.cursor.at) {
            match &sent.answer {
                Ok(rows) => doc.text(Role::Dim, &format!("{:.1} ms, {rows} rows", sent.ms)),
                Err(why) => doc.text(Role::Bad, &format!("{:.1} ms, refused: {why}", sent.ms)),
            }
            doc.blank();
            doc.sql(&sent.sql);
        }
        doc
    }
}

impl Part for Log {
    fn act(&mut self, app: &mut App, body: Rect, action: Action) -> Reply {
        let room = layout(body);
        if let Some(mut scroll) = self.open {
            let lines = self.doc(app, room.width).lines.len();
            let moved = scroll.act(action, lines, room.height);
            self.open = Some(scroll);
            if moved {
                return Reply::none();
            }
        } else if self.cursor.act(action, app.queries.0.len(), room.height) {
            return Reply::none();
        }
        match action {
            Action::Open if app.queries.newest(self.cursor.at).is_some() => self.open = Some(Scroll::default()),
            Action::Back if self.open.is_some() => self.open = None,
            Action::Back | Action::Log => return Reply::pop(),
            Action::Copy => {
                let sql = app.queries.newest(self.cursor.at).map(|s| s.sql.clone());
                return sql.map_or_else(Reply::none, |sql| Reply::copy(app, "the query", sql));
            }
            _ => return Reply::unhandled(),
        }
        Reply::none()
    }

    fn wheel(&mut self, app: &mut App, body: Rect, _column: u16, _row: u16, lines: i32) {
        let room = layout(body);
        let all = self.doc(app, room.width).lines.len();
        match &mut self.open {
            Some(scroll) => scroll.by(lines, all, room.height),
            None => self.cursor.by(lines as isize, app.queries.0.len(), room.height),
        }
    }

    fn draw(&self, app: &App, canvas: &mut Canvas<'_>, body: Rect) {
        canvas.frame(part(body, 1, 0, body.width.saturating_sub(2), body.height), "Queries that were sent");
        let room = layout(body);
        if let Some(scroll) = self.open {
            return self.doc(app, room.width.saturating_sub(1)).draw(canvas, room, scroll);
        }
        let len = app.queries.0.len();
        if len == 0 {
            canvas.put(room, 0, 0, "None: no server was asked anything in this session.", Role::Dim);
        }
        let top = self.cursor.window(len, room.height);
        for y in 0..room.height {
            let at = top + usize::from(y);
            let Some(sent) = app.queries.newest(at) else { break };
            canvas.put_right(room, 9, y, &format!("{:.1} ms", sent.ms), Role::Dim);
            match &sent.answer {
                Ok(rows) => canvas.put_right(room, 20, y, &format!("{rows} rows"), Role::Dim),
                Err(_) => canvas.put_right(room, 20, y, "refused", Role::Bad),
            }
            let line = sent.sql.split_whitespace().collect::<Vec<_>>().join(" ");
            canvas.put(below(part(room, 22, 0, room.width, room.height), 0), 0, y, &line, Role::Text);
            if at == self.cursor.at {
                canvas.tint(room, y, Role::Selected);
            }
        }
    }

    fn scopes(&self, _app: &App) -> Vec<Scope> {
        vec![Scope::Log, Scope::List]
    }

    fn hints(&self, _app: &App) -> Vec<Action> {
        vec![Action::Open, Action::Copy, Action::Back]
    }

    fn available(&self, app: &App, action: Action) -> Result<(), String> {
        match action {
            Action::Copy if app.queries.0.is_empty() => Err("No query was sent yet".to_owned()),
            _ => Ok(()),
        }
    }
}
