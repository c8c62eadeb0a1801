//! The plan as files: choose a format, see every file before it is written, write them into a directory.

use super::connect::draw_problem;
use super::{Part, Reply};
use crate::export::{ExportOptions, FORMATS, FileSet, FormatInfo, export, formats};
use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, Focus, below, part, piece};
use crate::tui::keymap::{Key, Scope};
use crate::tui::msg::Task;
use crate::tui::state::{App, Load};
use crate::tui::theme::Role;
use crate::tui::widget::{Cursor, Echo, Field, Scroll, doc::Doc};
use ratatui::layout::Rect;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Pane {
    #[default]
    Formats,
    Files,
    Preview,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Typing {
    #[default]
    No,
    Directory,
}

#[derive(Debug, Clone)]
pub struct Export {
    /// Those that have words for the plan's server.
    formats: Vec<FormatInfo>,
    format: Cursor,
    file: Cursor,
    scroll: Scroll,
    pane: Pane,
    directory: Field,
    typing: Typing,
    /// Of which plan and format these files are.
    of: (String, usize),
    files: Result<FileSet, String>,
    pub writing: Load<()>,
}

impl Default for Export {
    fn default() -> Self {
        Self {
            formats: FORMATS.to_vec(),
            format: Cursor::default(),
            file: Cursor::default(),
            scroll: Scroll::default(),
            pane: Pane::default(),
            directory: Field::new("migrations"),
            typing: Typing::default(),
            of: (String::new(), usize::MAX),
            files: Ok(FileSet::new()),
            writing: Load::Idle,
        }
    }
}

struct Areas {
    directory: Rect,
    formats_title: Rect,
    formats: Rect,
    files_title: Rect,
    files: Rect,
    preview_title: Rect,
    preview: Rect,
    post: Option<Rect>,
}

/// Lines that the list of formats may take.
const MOST_FORMATS: u16 = 8;

fn layout(body: Rect) -> Areas {
    let head = part(body, 1, 0, body.width.saturating_sub(2), 1);
    let rest = below(body, 2);
    // Beyond that the list scrolls: the files need the room.
    let formats = u16::try_from(FORMATS.len()).unwrap_or(MOST_FORMATS).min(MOST_FORMATS).min(rest.height / 3).max(2);
    let (left, right, post) = if body.width < 100 {
        let top = (formats + 2 + rest.height / 4).min(rest.height / 2 + 2);
        (part(rest, 0, 0, rest.width, top), below(rest, top), None)
    } else {
        let left = body.width * 2 / 5;
        let post = part(rest, left, 0, 1, rest.height);
        (part(rest, 0, 0, left, rest.height), part(rest, left + 1, 0, rest.width, rest.height), Some(post))
    };
    let files_at = 1 + formats;
    Areas {
        directory: head,
        formats_title: part(left, 0, 0, left.width, 1),
        formats: part(left, 0, 1, left.width, formats),
        files_title: part(left, 0, files_at, left.width, 1),
        files: below(left, files_at + 1),
        preview_title: part(right, 0, 0, right.width, 1),
        preview: part(right, 1, 1, right.width.saturating_sub(2), right.height),
        post,
    }
}

impl Export {
    /// Renders the files anew if the plan or the format changed.
    pub fn refresh(&mut self, app: &App) {
        let Some(plan) = app.plan() else { return };
        let known = formats(plan.server.engine);
        if known != self.formats {
            // Another server, another list.
            self.format = Cursor::default();
            self.formats = known;
        }
        let wanted = (plan.id.clone(), self.format.at);
        if self.of != wanted {
            self.of = wanted;
            self.files = export(
                plan,
                self.info().name,
                &ExportOptions { review: app.desk.spoken(plan), ..ExportOptions::default() },
            )
            .map_err(|e| e.to_string());
            self.file = Cursor::default();
            self.scroll = Scroll::default();
        }
    }

    /// Chooses without keys: the format by its place, the directory if one is given.
    pub fn set(&mut self, app: &App, format: usize, directory: &str) {
        self.refresh(app);
        self.format.at = format;
        if !directory.is_empty() {
            self.directory = Field::new(directory);
        }
        self.refresh(app);
    }

    fn info(&self) -> FormatInfo {
        let none = FormatInfo { name: "", title: "", traits: &[], ran: "" };
        self.formats.get(self.format.at).copied().unwrap_or(none)
    }

    fn count(&self) -> usize {
        self.files.as_ref().map_or(0, FileSet::len)
    }

    fn selected(&self) -> Option<(&String, &String)> {
        self.files.as_ref().ok()?.iter().nth(self.file.at)
    }

    fn preview(&self, width: u16) -> Doc {
        let mut doc = Doc::new(width);
        match (&self.files, self.selected()) {
            (Err(why), _) => doc.text(Role::Bad, why),
            (Ok(_), Some((path, content))) if path.ends_with(".sql") => doc.sql(content.trim_end()),
            (Ok(_), Some((_, content))) => {
                for line in crate::tui::text::wrap(content.trim_end(), usize::from(width)) {
                    doc.line(vec![piece(line, Role::Text)]);
                }
            }
            (Ok(_), None) => {}
        }
        doc
    }

    fn next_pane(&mut self, forward: bool) {
        self.pane = match (self.pane, forward) {
            (Pane::Formats, true) | (Pane::Preview, false) => Pane::Files,
            (Pane::Files, true) | (Pane::Formats, false) => Pane::Preview,
            (Pane::Preview, true) | (Pane::Files, false) => Pane::Formats,
        };
    }
}

impl Part for Export {
    fn act(&mut self, app: &mut App, body: Rect, action: Action) -> Reply {
        self.refresh(app);
        let areas = layout(body);
        if self.typing == Typing::No {
            let moved = match self.pane {
                Pane::Formats => self.format.act(action, self.formats.len(), areas.formats.height),
                Pane::Files => self.file.act(action, self.count(), areas.files.height),
                Pane::Preview => {
                    let lines = self.preview(areas.preview.width).lines.len();
                    self.scroll.act(action, lines, areas.preview.height)
                }
            };
            if moved {
                if self.pane == Pane::Files {
                    self.scroll = Scroll::default();
                }
                self.refresh(app);
                return Reply::none();
            }
        }
        match action {
            Action::Open | Action::Back if self.typing == Typing::Directory => self.typing = Typing::No,
            Action::Directory => self.typing = Typing::Directory,
            Action::NextPane | Action::Right | Action::Open => self.next_pane(true),
            Action::PreviousPane | Action::Left => self.next_pane(false),
            Action::Write => {
                let (Ok(files), false) = (&self.files, matches!(self.writing, Load::Busy(_))) else {
                    return Reply::none();
                };
                let directory = self.directory.text().trim().to_owned();
                let what = format!("writing into `{directory}`");
                let (id, effect) = app.start(Task::Write { directory, files: files.clone() }, what);
                self.writing = Load::Busy(id);
                return Reply::effect(effect);
            }
            Action::Copy => {
                if let Some((path, content)) = self.selected() {
                    return Reply::copy(app, &format!("`{path}`"), content.clone());
                }
            }
            Action::Back if matches!(self.writing, Load::Failed(_)) => self.writing = Load::Idle,
            Action::Back if self.pane != Pane::Formats => self.next_pane(false),
            _ => return Reply::unhandled(),
        }
        Reply::none()
    }

    fn key(&mut self, _app: &mut App, key: Key) -> Reply {
        self.directory.key(key);
        Reply::none()
    }

    fn paste(&mut self, _app: &mut App, text: &str) -> Reply {
        if self.typing == Typing::Directory {
            self.directory.insert(text);
        }
        Reply::none()
    }

    fn click(&mut self, app: &mut App, body: Rect, column: u16, row: u16) -> Reply {
        let areas = layout(body);
        let place = (column, row).into();
        self.typing = if areas.directory.contains(place) { Typing::Directory } else { Typing::No };
        if areas.formats.contains(place) {
            self.pane = Pane::Formats;
            let at = self.format.window(self.formats.len(), areas.formats.height) + usize::from(row - areas.formats.y);
            self.format.to(at, self.formats.len(), areas.formats.height);
        } else if areas.files.contains(place) {
            self.pane = Pane::Files;
            let at = self.file.window(self.count(), areas.files.height) + usize::from(row - areas.files.y);
            self.file.to(at, self.count(), areas.files.height);
            self.scroll = Scroll::default();
        } else if areas.preview.contains(place) {
            self.pane = Pane::Preview;
        }
        self.refresh(app);
        Reply::none()
    }

    fn wheel(&mut self, _app: &mut App, body: Rect, column: u16, row: u16, lines: i32) {
        let areas = layout(body);
        if areas.files.contains((column, row).into()) {
            self.file.by(lines as isize, self.count(), areas.files.height);
        } else {
            self.scroll.by(lines, self.preview(areas.preview.width).lines.len(), areas.preview.height);
        }
    }

    fn draw(&self, app: &App, canvas: &mut Canvas<'_>, body: Rect) {
        let areas = layout(body);
        let typing = Focus::when(self.typing == Typing::Directory);
        let x = canvas.put(areas.directory, 0, 0, "Into  ", typing.pick(Role::Accent, Role::Dim));
        let room = part(areas.directory, x, 0, areas.directory.width, 1);
        self.directory.draw(canvas, room, 0, Echo::Plain, typing, "a directory");
        if app.plan().is_none() {
            canvas.put(areas.formats_title, 1, 0, "There is no plan to export.", Role::Dim);
            return;
        }
        let focus = |pane| Focus::when(self.pane == pane && self.typing == Typing::No);
        self.draw_formats(canvas, &areas, focus(Pane::Formats));
        self.draw_files(canvas, &areas, focus(Pane::Files));
        if let Some(post) = areas.post {
            canvas.post(post, "┬");
        }
        match &self.writing {
            Load::Failed(problem) => {
                canvas.rule(areas.preview_title, 0, "Not written", Focus::Elsewhere);
                draw_problem(problem, canvas, areas.preview);
            }
            _ => {
                let title = self.selected().map_or("Preview", |(path, _)| path.as_str());
                canvas.rule(areas.preview_title, 0, title, focus(Pane::Preview));
                self.preview(areas.preview.width).draw(canvas, areas.preview, self.scroll);
            }
        }
    }

    fn scopes(&self, _app: &App) -> Vec<Scope> {
        match self.typing {
            Typing::Directory => vec![Scope::Field],
            Typing::No => vec![Scope::Export, Scope::List, Scope::Panes],
        }
    }

    fn is_typing(&self, _app: &App) -> bool {
        self.typing == Typing::Directory
    }

    fn hints(&self, _app: &App) -> Vec<Action> {
        vec![Action::Write, Action::Directory, Action::NextPane, Action::Copy, Action::Back]
    }

    fn available(&self, app: &App, action: Action) -> Result<(), String> {
        match action {
            Action::Write if app.plan().is_none() => Err("There is no plan to write".to_owned()),
            Action::Write if app.is_planning() => Err("The plan is being made".to_owned()),
            Action::Write if self.files.is_err() => Err("This plan cannot be written in this format".to_owned()),
            Action::Write if self.directory.text().trim().is_empty() => Err("Name a directory first: `d`".to_owned()),
            _ => Ok(()),
        }
    }
}

impl Export {
    fn draw_formats(&self, canvas: &mut Canvas<'_>, areas: &Areas, focus: Focus) {
        let places = format!("Format  {} of {}", self.format.at + 1, self.formats.len());
        canvas.rule(areas.formats_title, 0, &places, focus);
        let top = self.format.window(self.formats.len(), areas.formats.height);
        for (y, (at, format)) in (0..areas.formats.height).zip(self.formats.iter().enumerate().skip(top)) {
            let name = [piece(format!("{:<17}", format.name), Role::Text), piece(format.title, Role::Text)];
            let used = canvas.pieces(areas.formats, 2, y, &name) + 2;
            let traits = format!("  {}", format.traits.join(", "));
            if usize::from(used) + crate::tui::text::width(&traits) < usize::from(areas.formats.width) {
                canvas.put(areas.formats, used, y, &traits, Role::Dim);
            }
            if at == self.format.at {
                canvas.tint(areas.formats, y, focus.pick(Role::Selected, Role::SelectedIdle));
            }
        }
    }

    fn draw_files(&self, canvas: &mut Canvas<'_>, areas: &Areas, focus: Focus) {
        let count = self.count();
        canvas.rule(
            areas.files_title,
            0,
            &if count == 1 { "1 file".to_owned() } else { format!("{count} files") },
            focus,
        );
        let Ok(files) = &self.files else { return };
        let top = self.file.window(count, areas.files.height);
        for (y, (at, path)) in (0..areas.files.height).zip(files.keys().enumerate().skip(top)) {
            let (folder, name) = path.rsplit_once('/').map_or(("", path.as_str()), |(f, n)| (f, n));
            let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
            canvas.pieces(areas.files, 2, y, &[piece(folder, Role::Dim), piece(name, Role::Text)]);
            if at == self.file.at {
                canvas.tint(areas.files, y, focus.pick(Role::Selected, Role::SelectedIdle));
            }
        }
    }
}
