//! The change: an SQL editor beside the plan that it leads to, planned anew at every key.

use super::plan::{PlanScreen, turn};
use super::{Part, Place, Reply, Screen};
use crate::change::CannotPlan;
use crate::model::TableKind;
use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, Focus, below, part, piece};
use crate::tui::complete::{self, What};
use crate::tui::keymap::{Key, Scope};
use crate::tui::msg::{Effect, Note};
use crate::tui::state::{App, Planned};
use crate::tui::theme::Role;
use crate::tui::widget::{Cursor, Scroll, doc::Doc, editor, steps, suggest::Suggest};
use crate::tui::words;
use crossterm::event::KeyCode;
use ratatui::layout::Rect;
use ratatui_textarea::{CursorMove, Input, Key as InputKey, TextArea};
use std::ops::Range;

const PLACEHOLDER: &str = "\
Write the change as you would run it on a laptop, in plain SQL:

ALTER TABLE users ADD COLUMN phone varchar(32) UNIQUE;

One statement or many. ctrl-t puts in an example.";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Pane {
    #[default]
    Editor,
    Plan,
}

#[derive(Debug, Clone, Default)]
pub struct Change {
    pane: Pane,
    /// First line of the editor that shows.
    top: usize,
    cursor: Cursor,
    scroll: Scroll,
    /// Which example comes next.
    example: usize,
    suggest: Option<Suggest>,
}

struct Areas {
    editor_title: Rect,
    editor: Rect,
    plan_title: Rect,
    headline: Rect,
    plan: Rect,
    /// All below the plan's title, for a text.
    page: Rect,
    post: Option<Rect>,
}

fn layout(body: Rect, pane: Pane) -> Areas {
    let (left, right, post) = if body.width < 100 {
        let top = match (body.height < 18, pane) {
            (false, _) => body.height / 2,
            // Too low for both: the pane in focus has most of it; the headline stays.
            (true, Pane::Editor) => body.height.saturating_sub(3),
            (true, Pane::Plan) => body.height / 4,
        };
        (part(body, 0, 0, body.width, top), below(body, top), None)
    } else {
        let left = body.width * 2 / 5;
        let right = part(body, left + 1, 0, body.width, body.height);
        (part(body, 0, 0, left, body.height), right, Some(part(body, left, 0, 1, body.height)))
    };
    let inner = part(right, 1, 1, right.width.saturating_sub(2), 2);
    Areas {
        editor_title: part(left, 0, 0, left.width, 1),
        editor: part(left, 0, 1, left.width.saturating_sub(1), left.height),
        plan_title: part(right, 0, 0, right.width, 1),
        headline: inner,
        plan: below(right, 4),
        page: part(right, 1, 1, right.width.saturating_sub(2), right.height),
        post,
    }
}

impl Change {
    fn edit(&mut self, app: &mut App, body: Rect, change: impl FnOnce(&mut App) -> bool) {
        if change(app) {
            app.replan();
            if let Planned::Ready(plan) = &app.draft.planned {
                steps::settle(&mut self.cursor, plan, layout(body, self.pane).plan.height.saturating_sub(1));
            }
        }
        self.top = editor::top(&app.draft.text, self.top, layout(body, self.pane).editor);
    }

    /// What could stand at the cursor.
    fn offers(app: &App) -> Option<Suggest> {
        let (text, at) = near_cursor(&app.draft.text);
        let offers = complete::offers(&text, at, app.catalog()?)?;
        // A quote that somebody forgot would take whole lines with it.
        (!text.get(offers.typed.clone())?.contains('\n')).then(|| Suggest::new(offers))
    }

    /// After a key: the list opens by itself once two letters or a dot stand there, and closes when nothing is left to complete.
    fn suggest_after(&mut self, app: &App, key: Key) {
        let was_open = self.suggest.take().is_some();
        let grows = key.typed().is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '"'));
        if !(grows || (was_open && key.code == KeyCode::Backspace)) {
            return;
        }
        let Some(suggest) = Self::offers(app) else { return };
        let typed = suggest.offers.typed.len();
        let (text, _) = near_cursor(&app.draft.text);
        let said = text.get(suggest.offers.typed.clone()).unwrap_or("");
        let done = suggest.offers.list.iter().any(|c| c.text.eq_ignore_ascii_case(said));
        if !done && (typed >= 2 || key.typed() == Some('.') || was_open && typed > 0) {
            self.suggest = Some(suggest);
        }
    }

    /// Puts the chosen candidate in the place of what is typed of it.
    fn take(&mut self, app: &mut App, body: Rect) {
        let Some(suggest) = self.suggest.take() else { return };
        let Some(chosen) = suggest.best().cloned() else { return };
        let (text, _) = near_cursor(&app.draft.text);
        let typed = text.get(suggest.offers.typed.clone()).unwrap_or("").chars().count();
        let keyword = chosen.what == What::Keyword;
        let gap = if keyword && !chosen.text.ends_with(['(', ')', '\'']) { " " } else { "" };
        self.edit(app, body, |app| {
            for _ in 0..typed {
                app.draft.text.move_cursor(CursorMove::Back);
            }
            app.draft.text.delete_str(typed);
            app.draft.text.insert_str(format!("{}{gap}", chosen.text))
        });
        if keyword || chosen.text.ends_with('.') {
            self.suggest = Self::offers(app);
        }
    }

    fn problems(app: &App, width: u16) -> Doc {
        let mut doc = Doc::new(width);
        let Planned::Cannot(CannotPlan { problems }) = &app.draft.planned else { return doc };
        if problems.is_empty() {
            doc.text(Role::Bad, "This cannot be planned.");
        }
        for problem in problems {
            doc.blank();
            doc.line(vec![piece(format!("line {}, column {}", problem.line, problem.column), Role::Accent)]);
            doc.text(Role::Bad, &problem.message);
            if let Some(hint) = &problem.hint {
                doc.item("try: ", Role::Text, hint);
            }
        }
        doc
    }
}

/// Examples that fit the open catalog: its biggest ordinary table with a key.
fn example(app: &App, number: usize) -> Option<String> {
    let opened = app.opened.as_ref()?;
    let tables = opened.catalog.tables.iter().filter(|t| {
        t.kind == TableKind::Ordinary && t.partition_of.is_none() && t.primary_key().is_some() && t.columns.len() > 1
    });
    let table = tables.max_by_key(|t| t.stats.total())?;
    let dialect = crate::engine::dialect(opened.catalog.server.engine);
    let name = dialect.ident(&table.name.name);
    let name = match opened.catalog.search_path.contains(&table.name.schema) {
        true => name,
        false => format!("{}.{name}", dialect.ident(&table.name.schema)),
    };
    let nullable = table.columns.iter().find(|c| !c.not_null).or(table.columns.last())?;
    let column = dialect.ident(&nullable.name);
    let all = [
        format!(
            "ALTER TABLE {name} ADD COLUMN status varchar(32) NOT NULL DEFAULT 'active';\nCREATE INDEX ON {name} (status);"
        ),
        format!("ALTER TABLE {name} ALTER COLUMN {column} SET NOT NULL;"),
        format!("ALTER TABLE {name} RENAME COLUMN {column} TO renamed;"),
        format!("ALTER TABLE {name} ALTER COLUMN {column} TYPE text;"),
        format!("ALTER TABLE {name} DROP COLUMN {column};"),
    ];
    all.get(number % all.len()).cloned()
}

impl Part for Change {
    fn act(&mut self, app: &mut App, body: Rect, action: Action) -> Reply {
        let areas = layout(body, self.pane);
        match (action, &mut self.suggest) {
            (Action::Complete, Some(_)) => {
                self.take(app, body);
                return Reply::none();
            }
            (Action::Complete, None) => {
                self.pane = Pane::Editor;
                self.suggest = Self::offers(app);
                if self.suggest.is_none() {
                    app.say(Note::reason("Nothing is known to stand here"));
                }
                return Reply::none();
            }
            (Action::Up, Some(suggest)) => {
                suggest.by(-1);
                return Reply::none();
            }
            (Action::Down, Some(suggest)) => {
                suggest.by(1);
                return Reply::none();
            }
            (Action::Back, open @ Some(_)) => {
                *open = None;
                return Reply::none();
            }
            (_, open) => *open = None,
        }
        if self.pane == Pane::Plan {
            let moved = match &app.draft.planned {
                Planned::Ready(plan) => steps::act(&mut self.cursor, plan, action, areas.plan.height.saturating_sub(1)),
                _ => {
                    let lines = Self::problems(app, areas.page.width).lines.len();
                    self.scroll.act(action, lines, areas.page.height)
                }
            };
            if moved {
                return Reply::none();
            }
        }
        match action {
            Action::NextPane | Action::PreviousPane => {
                self.pane = if self.pane == Pane::Editor { Pane::Plan } else { Pane::Editor };
            }
            Action::Edit => self.pane = Pane::Editor,
            Action::Back if self.pane == Pane::Editor => self.pane = Pane::Plan,
            Action::Open if app.plan().is_some() => {
                let screen = PlanScreen::at(self.cursor);
                return Reply::go(super::Go::Replace(Place::Plan, Box::new(Screen::Plan(screen))));
            }
            Action::Open => self.pane = Pane::Editor,
            Action::Undo => self.edit(app, body, |app| app.draft.text.undo()),
            Action::Redo => self.edit(app, body, |app| app.draft.text.redo()),
            Action::Editor => return Reply::effect(Effect::Edit(app.draft.sql())),
            Action::Example => {
                if let Some(text) = example(app, self.example) {
                    self.example += 1;
                    self.edit(app, body, |app| {
                        app.write_draft(&text);
                        true
                    });
                    app.say(Note::good("An example is in the editor; ctrl-u takes it back"));
                }
            }
            Action::Sync | Action::Strategy => turn(app, action),
            Action::Export => return Reply::to(Place::Export),
            Action::Copy => {
                let text = app.draft.sql();
                return Reply::copy(app, "the change", text);
            }
            _ => return Reply::unhandled(),
        }
        Reply::none()
    }

    fn key(&mut self, app: &mut App, key: Key) -> Reply {
        let body = app.body();
        if key.code == KeyCode::Enter && self.suggest.as_ref().is_some_and(Suggest::is_chosen) {
            self.take(app, body);
            return Reply::none();
        }
        let Some(input) = input(key) else { return Reply::none() };
        self.edit(app, body, |app| app.draft.text.input(input));
        self.suggest_after(app, key);
        Reply::none()
    }

    fn paste(&mut self, app: &mut App, text: &str) -> Reply {
        let body = app.body();
        let text = text.replace("\r\n", "\n").replace(['\r', '\u{2028}'], "\n").replace('\t', "    ");
        self.pane = Pane::Editor;
        self.suggest = None;
        self.edit(app, body, |app| app.draft.text.insert_str(&text));
        Reply::none()
    }

    fn click(&mut self, app: &mut App, body: Rect, column: u16, row: u16) -> Reply {
        let areas = layout(body, self.pane);
        self.suggest = None;
        if areas.editor.contains((column, row).into()) {
            self.pane = Pane::Editor;
            editor::click(&mut app.draft.text, self.top, areas.editor, column, row);
        } else if areas.plan.contains((column, row).into()) {
            self.pane = Pane::Plan;
            if let (Some(plan), true) = (app.plan(), row > areas.plan.y) {
                let height = areas.plan.height.saturating_sub(1);
                match steps::step_at(self.cursor, plan, height, row - areas.plan.y - 1) {
                    Some(step) if step == self.cursor.at => return self.act(app, body, Action::Open),
                    Some(step) => self.cursor.at = step,
                    None => {}
                }
            }
        }
        Reply::none()
    }

    fn wheel(&mut self, app: &mut App, body: Rect, column: u16, row: u16, lines: i32) {
        let areas = layout(body, self.pane);
        if areas.plan.contains((column, row).into()) {
            if let Some(plan) = app.plan() {
                steps::by(&mut self.cursor, plan, lines, areas.plan.height.saturating_sub(1));
            }
        } else {
            let step = if lines < 0 { CursorMove::Up } else { CursorMove::Down };
            for _ in 0..lines.unsigned_abs() {
                app.draft.text.move_cursor(step);
            }
            self.top = editor::top(&app.draft.text, self.top, areas.editor);
        }
    }

    fn draw(&self, app: &App, canvas: &mut Canvas<'_>, body: Rect) {
        let areas = layout(body, self.pane);
        let typing = Focus::when(self.pane == Pane::Editor);
        let reading = Focus::when(self.pane == Pane::Plan);
        canvas.rule(areas.editor_title, 0, "Change", typing);
        if let Some(post) = areas.post {
            canvas.post(post, "┬");
        }
        let errors: Vec<Range<usize>> = match &app.draft.planned {
            Planned::Cannot(reason) => reason.problems.iter().map(|p| p.span.clone()).collect(),
            _ => Vec::new(),
        };
        let look = editor::Look { top: self.top, focus: typing, errors: &errors, placeholder: PLACEHOLDER };
        editor::draw(&app.draft.text, &look, canvas, areas.editor);
        self.draw_plan(app, canvas, &areas, reading);
        if let (Some(suggest), Pane::Editor) = (&self.suggest, self.pane)
            && let Some((x, y)) = editor::cursor_place(&app.draft.text, self.top, areas.editor)
        {
            let typed = u16::try_from(suggest.offers.typed.len()).unwrap_or(0);
            suggest.draw(canvas, body, x.saturating_sub(typed + 1), y);
        }
    }

    fn scopes(&self, _app: &App) -> Vec<Scope> {
        match self.pane {
            Pane::Editor if self.suggest.is_some() => vec![Scope::Popup, Scope::Editor],
            Pane::Editor => vec![Scope::Editor],
            Pane::Plan => vec![Scope::Change, Scope::List, Scope::Panes],
        }
    }

    fn is_typing(&self, _app: &App) -> bool {
        self.pane == Pane::Editor
    }

    fn hints(&self, _app: &App) -> Vec<Action> {
        match self.pane {
            Pane::Editor if self.suggest.is_some() => vec![Action::Complete],
            Pane::Editor => {
                vec![Action::NextPane, Action::Complete, Action::Form, Action::Editor, Action::Example, Action::Undo]
            }
            Pane::Plan => {
                vec![
                    Action::Open,
                    Action::Edit,
                    Action::Form,
                    Action::Export,
                    Action::Sync,
                    Action::Strategy,
                    Action::Editor,
                ]
            }
        }
    }

    fn available(&self, app: &App, action: Action) -> Result<(), String> {
        match action {
            Action::Copy if app.draft.is_empty() => Err("The change is empty".to_owned()),
            Action::Export => Place::Export.available(app),
            Action::Open if self.pane == Pane::Plan && app.plan().is_none() && app.draft.is_empty() => {
                Err("There is no plan yet: write a change first".to_owned())
            }
            Action::Example if example(app, 0).is_none() => {
                Err("This catalog has no table to make an example of".to_owned())
            }
            _ => Ok(()),
        }
    }
}

impl Change {
    fn draw_plan(&self, app: &App, canvas: &mut Canvas<'_>, areas: &Areas, focus: Focus) {
        match &app.draft.planned {
            Planned::Ready(plan) => {
                canvas.rule(areas.plan_title, 0, "Plan", focus);
                for (y, line) in (0u16..).zip(words::headline(plan)) {
                    canvas.pieces(areas.headline, 0, y, &line);
                }
                steps::draw(plan, self.cursor, focus, canvas, areas.plan, app);
            }
            Planned::Cannot(reason) => {
                let title = match reason.problems.len() {
                    0 | 1 => "Not a plan yet".to_owned(),
                    n => format!("Not a plan yet: {n} reasons"),
                };
                canvas.rule(areas.plan_title, 0, &title, focus);
                Self::problems(app, areas.page.width).draw(canvas, areas.page, self.scroll);
            }
            Planned::Nothing => {
                canvas.rule(areas.plan_title, 0, "Plan", focus);
                canvas.put(areas.headline, 0, 0, "The plan grows here as you type.", Role::Dim);
            }
        }
    }
}

/// The lines around the cursor and the cursor's byte in them: enough for completion, whatever the size of the text.
fn near_cursor(editor: &TextArea<'_>) -> (String, usize) {
    let (line, column) = (editor.cursor().0, editor.cursor().1);
    let first = line.saturating_sub(200);
    let lines = editor.lines().get(first..(line + 100).min(editor.lines().len())).unwrap_or_default();
    let before: usize = lines.iter().take(line - first).map(|l| l.len() + 1).sum();
    let here = editor.lines().get(line).map_or("", String::as_str);
    let byte = here.char_indices().nth(column).map_or(here.len(), |(at, _)| at);
    (lines.join("\n"), before + byte)
}

/// Our key as the text area reads it; keys that it would take for something else are left out.
fn input(key: Key) -> Option<Input> {
    let code = match key.code {
        // What a terminal sends for a line break that is typed for the user; the text area would delete the line.
        KeyCode::Char('j') if key.ctrl => {
            return Some(Input { key: InputKey::Enter, ctrl: false, alt: false, shift: false });
        }
        KeyCode::Char(c) => InputKey::Char(c),
        KeyCode::Enter => InputKey::Enter,
        KeyCode::Backspace => InputKey::Backspace,
        KeyCode::Delete => InputKey::Delete,
        KeyCode::Left => InputKey::Left,
        KeyCode::Right => InputKey::Right,
        KeyCode::Up => InputKey::Up,
        KeyCode::Down => InputKey::Down,
        KeyCode::Home => InputKey::Home,
        KeyCode::End => InputKey::End,
        _ => return None,
    };
    Some(Input { key: code, ctrl: key.ctrl, alt: key.alt, shift: key.shift })
}
