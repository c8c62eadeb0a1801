//! Forms for every kind of change: choose a kind, fill its holes with completion, see the SQL; enter writes it into the editor.
//! What a form asks for stands with the kind itself: [`crate::change::form`].

use super::{Part, Place, Reply};
use crate::change::form::{self, Form, Hole, Takes};
use crate::model::{Catalog, Ident, Table, TableName};
use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, Focus, below, part};
use crate::tui::complete::{Best, Candidate, Case, Offers};
use crate::tui::keymap::{Key, Scope};
use crate::tui::msg::Note;
use crate::tui::state::App;
use crate::tui::text;
use crate::tui::theme::Role;
use crate::tui::widget::filter::Names;
use crate::tui::widget::suggest::Suggest;
use crate::tui::widget::{Cursor, Echo, Field, sql};
use crossterm::event::KeyCode;
use ratatui::layout::Rect;
use std::collections::BTreeMap;

/// What was typed into forms, by title and hole: it waits there when the form is opened again.
pub type Typed = BTreeMap<(&'static str, &'static str), String>;

#[derive(Debug, Clone)]
pub struct FormScreen {
    forms: Vec<Form>,
    names: Names,
    filter: Field,
    shown: Vec<usize>,
    cursor: Cursor,
    /// The form that is filled in; none while one is chosen.
    filling: Option<Filling>,
}

#[derive(Debug, Clone)]
struct Filling {
    form: Form,
    holes: Vec<(Hole, Field)>,
    at: usize,
    suggest: Option<Suggest>,
}

/// Rows of a hole's line: label and field.
const LABEL: u16 = 20;

impl FormScreen {
    /// For a table that was looked at, or none.
    pub fn new(app: &mut App, table: Option<&TableName>) -> Self {
        if let (Some(table), Some(catalog)) = (table, app.opened.as_ref().map(|o| o.catalog.clone())) {
            let spelled = crate::tui::complete::names::spelled(&catalog, table);
            for form in form::all(catalog.server.engine).iter().filter(|f| f.has_table()) {
                app.typed.insert((form.title, "table"), spelled.clone());
            }
        }
        let forms = app.catalog().map_or_else(Vec::new, |c| form::all(c.server.engine));
        let names = Names::new(forms.iter().map(|f| format!("{} {}", f.title, f.kind)));
        let shown = names.matching("");
        Self { forms, names, filter: Field::default(), shown, cursor: Cursor::default(), filling: None }
    }

    fn refresh(&mut self) {
        self.shown = match self.filter.text().trim() {
            "" => self.names.matching(""),
            pattern => self.names.best(pattern),
        };
        self.cursor = Cursor::default();
    }

    fn list_room(body: Rect) -> Rect {
        let inner = part(body, 2, 4, body.width.saturating_sub(4), body.height);
        Rect { height: inner.height, ..inner }
    }

    fn choose(&mut self, app: &App) -> Reply {
        if let Some(form) = self.shown.get(self.cursor.at).and_then(|at| self.forms.get(*at)) {
            let field = |hole: &Hole| Field::new(app.typed.get(&(form.title, hole.name)).cloned().unwrap_or_default());
            let holes: Vec<(Hole, Field)> = form.holes().into_iter().map(|h| (h, field(&h))).collect();
            let at = holes.iter().position(|(_, f)| f.text().is_empty()).unwrap_or(0);
            let mut filling = Filling { form: *form, holes, at, suggest: None };
            filling.suggest(app);
            self.filling = Some(filling);
        }
        Reply::none()
    }
}

impl Filling {
    fn value(&self, name: &str) -> String {
        self.holes.iter().find(|(h, _)| h.name == name).map_or(String::new(), |(_, f)| f.text().trim().to_owned())
    }

    fn sql(&self, catalog: &Catalog) -> String {
        self.form.sql(|name| self.value(name), catalog)
    }

    fn table<'c>(&self, catalog: &'c Catalog, hole: &str) -> Option<&'c Table> {
        let value = self.value(hole);
        let inner = |part: &str, quote: &str| {
            let inner = part.strip_prefix(quote)?.strip_suffix(quote)?;
            Some(inner.replace(&quote.repeat(2), quote))
        };
        let unquoted = |part: &str| inner(part, "\"").or_else(|| inner(part, "`")).unwrap_or_else(|| part.to_owned());
        catalog.resolve(None, &Ident::new(unquoted(&value))).or_else(|| {
            let (schema, name) = value.split_once('.')?;
            catalog.resolve(Some(&Ident::new(unquoted(schema))), &Ident::new(unquoted(name)))
        })
    }

    /// The list for the hole in focus; what is typed behind the last comma counts.
    fn suggest(&mut self, app: &App) {
        self.suggest = None;
        let (Some(catalog), Some((hole, field))) = (app.catalog(), self.holes.get(self.at)) else { return };
        let text = field.text();
        let many = matches!(hole.takes, Takes::Columns | Takes::Keys);
        let from = if many { text.rfind(',').map_or(0, |at| at + 1) } else { 0 };
        let typed = text.get(from..).unwrap_or("").trim_start();
        let from = text.len() - typed.len();
        let mut best = Best::new(catalog, typed);
        self.candidates(*hole, catalog, &mut best);
        let list: Vec<Candidate> = best.list();
        // What is whole already needs no list.
        let whole = list.iter().any(|c| c.text.eq_ignore_ascii_case(typed));
        if !list.is_empty() && !whole {
            self.suggest = Some(Suggest::new(Offers { typed: from..text.len(), list }));
        }
    }

    fn candidates(&self, hole: Hole, catalog: &Catalog, best: &mut Best<'_>) {
        let table = || self.table(catalog, hole.of);
        match hole.takes {
            Takes::Table | Takes::View => best.relations(hole.takes == Takes::View),
            Takes::Column | Takes::Columns | Takes::Keys => table().into_iter().for_each(|t| best.columns(t)),
            Takes::Type => best.types(Case::Lower),
            Takes::UserType => best.user_types(),
            Takes::Constraint => table().into_iter().for_each(|t| best.constraints(t)),
            Takes::Index => match table() {
                Some(table) => best.indexes(std::iter::once(table)),
                None => best.indexes(catalog.tables.iter()),
            },
            Takes::Trigger => {
                best.names(table().into_iter().flat_map(|t| &t.triggers).map(|t| (&t.name, String::new())))
            }
            Takes::Policy => {
                best.names(table().into_iter().flat_map(|t| &t.policies).map(|p| (&p.name, String::new())))
            }
            Takes::Sequence => best.qualified(catalog.sequences.iter().map(|s| &s.name)),
            Takes::Publication => best.names(catalog.publications.iter().map(|p| (&p.name, String::new()))),
            Takes::Schema => {
                let mut schemas: Vec<&Ident> = catalog.tables.iter().map(|t| &t.name.schema).collect();
                schemas.dedup();
                best.names(schemas.into_iter().map(|s| (s, String::new())));
            }
            Takes::Role => {
                let mut owners: Vec<&Ident> = catalog.tables.iter().filter_map(|t| t.owner.as_ref()).collect();
                owners.sort();
                owners.dedup();
                best.names(owners.into_iter().map(|o| (o, "owns tables".to_owned())));
            }
            Takes::Extension => best.names(catalog.extensions.iter().map(|e| (&e.name, String::new()))),
            Takes::Choice(words) => best.keywords(words.split('|'), Case::Upper),
            Takes::Yes => best.keywords(["yes"], Case::Lower),
            Takes::New | Takes::NewTable | Takes::NewColumns | Takes::Text | Takes::Sql => {}
        }
    }

    fn take(&mut self) -> bool {
        let Some(suggest) = self.suggest.take() else { return false };
        let (Some(chosen), Some((_, field))) = (suggest.best(), self.holes.get_mut(self.at)) else { return false };
        let before = field.text().get(..suggest.offers.typed.start).unwrap_or("").to_owned();
        *field = Field::new(format!("{before}{}", chosen.text));
        true
    }

    fn go(&mut self, app: &App, places: isize) {
        self.at = self.at.saturating_add_signed(places).min(self.holes.len().saturating_sub(1));
        self.suggest(app);
    }

    fn keep(&self, app: &mut App) {
        for (hole, field) in &self.holes {
            app.typed.insert((self.form.title, hole.name), field.text().to_owned());
        }
    }

    /// Tab takes what is listed if something was typed or chosen, and goes on.
    fn tab(&mut self, app: &App) {
        let typed = self.holes.get(self.at).is_some_and(|(_, f)| !f.text().is_empty());
        if self.suggest.as_ref().is_some_and(|s| s.is_chosen() || (typed && !s.offers.typed.is_empty())) {
            self.take();
        }
        self.go(app, 1);
    }

    fn first_row(&self, height: u16) -> usize {
        Cursor { at: self.at, top: 0 }.window(self.holes.len(), height)
    }

    fn rooms(&self, body: Rect) -> (Rect, Rect) {
        let wanted = u16::try_from(self.holes.len()).unwrap_or(u16::MAX);
        let rows = wanted.min(body.height.saturating_sub(6)).max(1);
        (part(body, 2, 2, body.width.saturating_sub(4), rows), below(body, 2 + rows + 1))
    }
}

impl Part for FormScreen {
    fn act(&mut self, app: &mut App, body: Rect, action: Action) -> Reply {
        let Some(filling) = &mut self.filling else {
            if self.cursor.act(action, self.shown.len(), Self::list_room(body).height) {
                return Reply::none();
            }
            return match action {
                Action::Open => self.choose(app),
                Action::Back if !self.filter.text().is_empty() => {
                    self.filter.take();
                    self.refresh();
                    Reply::none()
                }
                _ => Reply::unhandled(),
            };
        };
        match (action, &mut filling.suggest) {
            (Action::Down, Some(suggest)) => suggest.by(1),
            (Action::Up, Some(suggest)) if suggest.is_chosen() => suggest.by(-1),
            (Action::Down, None) => filling.go(app, 1),
            (Action::Up, _) | (Action::PreviousField, _) => filling.go(app, -1),
            (Action::NextField, _) => filling.tab(app),
            (Action::Complete, _) => filling.suggest(app),
            (Action::Open, Some(suggest)) if suggest.is_chosen() => {
                filling.take();
                filling.go(app, 1);
            }
            (Action::Open, _) => return self.finish(app),
            (Action::Back, open @ Some(_)) => *open = None,
            (Action::Back, None) => {
                filling.keep(app);
                self.filling = None;
            }
            _ => return Reply::unhandled(),
        }
        Reply::none()
    }

    fn key(&mut self, app: &mut App, key: Key) -> Reply {
        match &mut self.filling {
            None if self.filter.key(key) => self.refresh(),
            Some(filling) => {
                let Some((_, field)) = filling.holes.get_mut(filling.at) else { return Reply::none() };
                if field.key(key) {
                    filling.suggest(app);
                    filling.keep(app);
                } else if matches!(key.code, KeyCode::Left | KeyCode::Right | KeyCode::Home | KeyCode::End) {
                    filling.suggest = None;
                }
            }
            None => {}
        }
        Reply::none()
    }

    fn paste(&mut self, app: &mut App, text: &str) -> Reply {
        match &mut self.filling {
            None if self.filter.insert(text) => self.refresh(),
            Some(filling) => {
                if let Some((_, field)) = filling.holes.get_mut(filling.at) {
                    field.insert(&text.replace(['\n', '\r', '\t'], " "));
                }
                filling.suggest(app);
                filling.keep(app);
            }
            None => {}
        }
        Reply::none()
    }

    fn click(&mut self, app: &mut App, body: Rect, column: u16, row: u16) -> Reply {
        match &mut self.filling {
            None => {
                let room = Self::list_room(body);
                if room.contains((column, row).into()) {
                    let at = self.cursor.window(self.shown.len(), room.height) + usize::from(row - room.y);
                    if at < self.shown.len() {
                        self.cursor.at = at;
                        return self.choose(app);
                    }
                }
            }
            Some(filling) => {
                let (fields, _) = filling.rooms(body);
                if fields.contains((column, row).into()) {
                    filling.at = filling.first_row(fields.height) + usize::from(row - fields.y);
                    filling.go(app, 0);
                }
            }
        }
        Reply::none()
    }

    fn wheel(&mut self, _app: &mut App, body: Rect, _column: u16, _row: u16, lines: i32) {
        if self.filling.is_none() {
            self.cursor.by(lines as isize, self.shown.len(), Self::list_room(body).height);
        }
    }

    fn draw(&self, app: &App, canvas: &mut Canvas<'_>, body: Rect) {
        match (&self.filling, app.catalog()) {
            (Some(filling), Some(catalog)) => filling.draw(catalog, canvas, body),
            _ => self.draw_list(canvas, body),
        }
    }

    fn scopes(&self, _app: &App) -> Vec<Scope> {
        match &self.filling {
            Some(_) => vec![Scope::Form],
            None => vec![Scope::Filter],
        }
    }

    fn is_typing(&self, _app: &App) -> bool {
        true
    }

    fn hints(&self, _app: &App) -> Vec<Action> {
        match &self.filling {
            Some(_) => vec![Action::Open, Action::NextField, Action::Complete],
            None => vec![Action::Open],
        }
    }
}

impl FormScreen {
    /// The SQL goes into the editor, behind what stands there.
    fn finish(&mut self, app: &mut App) -> Reply {
        let (Some(filling), Some(catalog)) = (&mut self.filling, app.opened.as_ref().map(|o| o.catalog.clone())) else {
            return Reply::none();
        };
        let missing = filling.form.missing(|name| filling.value(name));
        if let Some(first) = missing.first() {
            app.say(Note::reason(format!("Still needed: {}", missing.join(", "))));
            filling.at = filling.holes.iter().position(|(h, _)| h.name == *first).unwrap_or(0);
            filling.suggest(app);
            return Reply::none();
        }
        filling.keep(app);
        let sql = filling.sql(&catalog);
        let before = app.draft.sql();
        let begun = !app.draft.is_unsaved() && !before.trim_end().ends_with(';');
        match app.draft.is_empty() || begun {
            true => app.write_draft(&sql),
            false => app.write_draft(&format!("{}\n{sql}", before.trim_end())),
        }
        self.filling = None;
        app.say(Note::good("The change is in the editor; ctrl-u there takes it back"));
        Reply::go(super::Go::PopTo(Place::Change))
    }

    fn draw_list(&self, canvas: &mut Canvas<'_>, body: Rect) {
        canvas.put(body, 2, 1, "What shall change?", Role::Title);
        let x = 2 + canvas.put(body, 2, 2, canvas.glyphs.pick("› ", "> "), Role::Key);
        let hint = "type to find a kind of change, enter fills it in";
        self.filter.draw(canvas, part(body, x, 0, body.width, body.height), 2, Echo::Plain, Focus::Here, hint);
        let room = Self::list_room(body);
        let top = self.cursor.window(self.shown.len(), room.height);
        for (y, at) in (0..room.height).zip(self.shown.iter().skip(top)) {
            let Some(form) = self.forms.get(*at) else { continue };
            canvas.put(room, 1, y, form.title, Role::Text);
            if room.width > 70 {
                canvas.put_right(room, room.width - 1, y, form.kind, Role::Dim);
            }
            if top + usize::from(y) == self.cursor.at {
                canvas.tint(room, y, Role::Selected);
            }
        }
        if self.shown.is_empty() {
            canvas.put(room, 1, 0, "Nothing matches: esc, then write it as SQL in the editor", Role::Dim);
        }
    }
}

impl Filling {
    fn draw(&self, catalog: &Catalog, canvas: &mut Canvas<'_>, body: Rect) {
        canvas.put(body, 2, 0, self.form.title, Role::Title);
        let (fields, preview) = self.rooms(body);
        let top = self.first_row(fields.height);
        let mut place = None;
        for (y, (at, (hole, field))) in (0..fields.height).zip(self.holes.iter().enumerate().skip(top)) {
            let here = at == self.at;
            let label = if hole.optional { format!("{} (if any)", hole.name) } else { hole.name.to_owned() };
            let role = if here { Role::Accent } else { Role::Dim };
            canvas.put(part(fields, 0, 0, LABEL - 1, fields.height), 0, y, &label, role);
            let room = part(fields, LABEL, 0, fields.width, fields.height);
            let hint = match hole.example {
                "" => hole.takes.word().to_owned(),
                example if here => format!("{}, for example {example}", hole.takes.word()),
                example => example.to_owned(),
            };
            field.draw(canvas, room, y, Echo::Plain, Focus::when(here), &hint);
            if here {
                place = Some((room.x.saturating_sub(1), room.y + y));
            }
        }
        canvas.rule(preview, 0, "The change", Focus::Elsewhere);
        let room = part(preview, 2, 1, preview.width.saturating_sub(4), preview.height);
        for (y, line) in (0..room.height).zip(sql::lines(&self.sql(catalog), usize::from(room.width))) {
            canvas.pieces(room, 0, y, &line);
        }
        if let (Some(suggest), Some((x, y))) = (&self.suggest, place) {
            let before = self.holes.get(self.at).map_or("", |(_, f)| f.text());
            let typed = before.get(..suggest.offers.typed.start).unwrap_or("");
            let x = x + u16::try_from(text::width(typed)).unwrap_or(0);
            suggest.draw(canvas, body, x, y);
        }
    }
}
