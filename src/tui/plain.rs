//! The app without a screen: questions and numbered answers, for screen readers and for terminals that cannot move a
//! cursor. The same state and the same `update` as the screens; here is only what is said and how an answer is read.

use super::action::Action;
use super::complete::names::spelled;
use super::keep::without_password;
use super::msg::{Effect, Msg};
use super::screen::{Place, Screen, connect};
use super::state::{Load, Planned, State};
use super::update::update;
use crate::change::form::{self, Form, Hole};
use crate::export::{FormatInfo, formats};
use crate::model::name::shown;
use crate::model::{Catalog, Table};
use crate::tui::measure::count;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Where the conversation is.
#[derive(Debug, Clone, Default)]
enum Step {
    #[default]
    Target,
    Password,
    Menu,
    /// The lines that are written so far.
    Sql(Vec<String>),
    Kind(Vec<Form>),
    Fill(Form, Vec<Hole>, BTreeMap<&'static str, String>),
    Table,
    /// Those that serve the plan's server.
    Format(Vec<FormatInfo>),
    Directory(usize),
    Leave,
}

/// How the next answer is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Echo {
    Shown,
    Hidden,
}

#[derive(Debug, Clone, Default)]
pub struct Plain {
    step: Step,
    /// What is to be said before the next question.
    said: String,
    /// A plan is being made and has to be read out.
    awaits: bool,
}

const MENU: [&str; 8] = [
    "Write a change in SQL",
    "Fill in a form for a change",
    "Read the plan",
    "Look at a table",
    "Export the plan as files",
    "Open another database",
    "Keep old and new in step another way (trigger or app)",
    "Quit",
];

impl Plain {
    /// What has happened since the last question, and the next one.
    pub fn ask(&mut self, state: &mut State) -> String {
        self.follow(state);
        let mut text = std::mem::take(&mut self.said);
        if let Some(note) = state.app.note.take() {
            let _ = writeln!(text, "{}", shown(&note.text));
        }
        let question = match &self.step {
            Step::Target => targets(state),
            Step::Password => {
                format!(
                    "Password for {} (it is not shown; empty: another database): ",
                    without_password(&state.app.attempt.target)
                )
            }
            Step::Menu => numbered("What next?", MENU.iter().map(|m| (*m).to_owned())),
            Step::Sql(lines) if lines.is_empty() => {
                "Write the change in SQL, as many lines as it takes. An empty line ends it.\n> ".to_owned()
            }
            Step::Sql(_) => "> ".to_owned(),
            Step::Kind(forms) if forms.is_empty() => {
                "Which change? A word or two, such as `add column` or `index`: ".to_owned()
            }
            Step::Kind(forms) => numbered("Which of them?", forms.iter().map(|f| f.title.to_owned())),
            Step::Fill(form, holes, filled) => match holes.get(filled.len()) {
                Some(hole) => {
                    let optional = if hole.optional { ", or empty" } else { "" };
                    let example = if hole.example.is_empty() { "yes" } else { hole.example };
                    format!("{}: {} ({}{optional}; for example {example}): ", form.title, hole.name, hole.takes.word())
                }
                None => String::new(),
            },
            Step::Table => "Which table? A name or a part of it; empty goes back: ".to_owned(),
            Step::Format(known) => numbered("Which format?", known.iter().map(|f| format!("{}: {}", f.name, f.title))),
            Step::Directory(_) => "Into which directory? Empty is `migrations`: ".to_owned(),
            Step::Leave => "The change is not exported; its draft is kept. Quit? (y or n): ".to_owned(),
        };
        text + &question
    }

    pub fn echo(&self) -> Echo {
        match self.step {
            Step::Password => Echo::Hidden,
            _ => Echo::Shown,
        }
    }

    /// Steps that follow from what the last task brought.
    fn follow(&mut self, state: &State) {
        if self.awaits && !state.app.is_planning() {
            self.awaits = false;
            self.said.push_str(&match &state.app.draft.planned {
                Planned::Ready(_) => plan(state),
                _ => problems(state),
            });
        }
        match (&self.step, &state.app.attempt.load) {
            (Step::Target | Step::Password, Load::Ready(())) if state.app.opened.is_some() => {
                self.step = Step::Menu;
                self.said.push_str(&opened(state));
            }
            (Step::Target | Step::Password, Load::Failed(problem)) => {
                let _ = writeln!(self.said, "{}", shown_lines(&problem.to_string()));
                let asks = matches!(state.top(), Some(Screen::Connect(c)) if c.asks_password());
                self.step = if asks { Step::Password } else { Step::Target };
            }
            (Step::Target, Load::Idle) if state.app.opened.is_some() => {
                self.step = Step::Menu;
                self.said.push_str(&opened(state));
            }
            _ => {}
        }
    }

    /// One answer.
    pub fn answer(&mut self, state: &mut State, line: &str) -> Vec<Effect> {
        let line = line.trim_end_matches(['\r', '\n']);
        let word = line.trim();
        match std::mem::take(&mut self.step) {
            Step::Target => target(state, word),
            Step::Password if word.is_empty() => update(state, Msg::Act(Action::Back)),
            Step::Password => {
                self.step = Step::Password;
                state.app.attempt.load = Load::Idle;
                update(state, Msg::Paste(line.to_owned()));
                update(state, Msg::Act(Action::Open))
            }
            Step::Menu => self.menu(state, word),
            Step::Sql(mut lines) => {
                if !word.is_empty() {
                    lines.push(line.to_owned());
                    self.step = Step::Sql(lines);
                    return Vec::new();
                }
                self.step = Step::Menu;
                if lines.is_empty() {
                    return Vec::new();
                }
                self.written(state, &lines.join("\n"))
            }
            Step::Kind(forms) => {
                self.kind(state, &forms, word);
                Vec::new()
            }
            Step::Fill(form, holes, filled) => self.fill(state, form, holes, filled, word),
            Step::Table => {
                self.step = Step::Menu;
                if let Some(catalog) = state.app.catalog().filter(|_| !word.is_empty()) {
                    self.said = tables(catalog, word);
                }
                Vec::new()
            }
            Step::Format(known) => {
                match pick(word, known.len()).or_else(|| known.iter().position(|f| f.name == word)) {
                    Some(at) => self.step = Step::Directory(at),
                    None => self.back("There is no such format."),
                }
                Vec::new()
            }
            Step::Directory(format) => {
                self.step = Step::Menu;
                update(state, Msg::Act(Action::GoExport));
                if let Some(Screen::Export(export)) = state.screens.last_mut() {
                    export.set(&state.app, format, word);
                }
                update(state, Msg::Act(Action::Write))
            }
            Step::Leave if word.starts_with(['y', 'Y']) => vec![Effect::Quit],
            Step::Leave => {
                self.step = Step::Menu;
                Vec::new()
            }
        }
    }

    fn back(&mut self, why: &str) {
        let _ = writeln!(self.said, "{why}");
        self.step = Step::Menu;
    }

    fn menu(&mut self, state: &mut State, word: &str) -> Vec<Effect> {
        self.step = Step::Menu;
        let needs_plan = |state: &State| Place::Plan.available(&state.app);
        match pick(word, MENU.len()) {
            Some(0) => self.step = Step::Sql(Vec::new()),
            Some(1) => self.step = Step::Kind(Vec::new()),
            Some(2) => match needs_plan(state) {
                Ok(()) => self.said = plan(state),
                Err(why) => self.said = format!("{why}.\n{}", problems(state)),
            },
            Some(3) => self.step = Step::Table,
            Some(4) => match needs_plan(state) {
                Ok(()) => {
                    self.step = Step::Format(state.app.plan().map_or_else(Vec::new, |p| formats(p.server.engine)));
                }
                Err(why) => self.said = format!("{why}.\n"),
            },
            Some(5) => {
                self.step = Step::Target;
                state.app.opened = None;
                state.app.attempt.load = Load::Idle;
                return update(state, Msg::Act(Action::GoConnect));
            }
            Some(6) => {
                update(state, Msg::Act(Action::GoChange));
                update(state, Msg::Act(Action::Back));
                return update(state, Msg::Act(Action::Sync));
            }
            Some(_) if state.app.draft.is_unsaved() => self.step = Step::Leave,
            Some(_) => return vec![Effect::Quit],
            None => self.said = "Answer with a number of the list.\n".to_owned(),
        }
        Vec::new()
    }

    /// A text went into the draft: what became of it.
    fn written(&mut self, state: &mut State, sql: &str) -> Vec<Effect> {
        update(state, Msg::Act(Action::GoChange));
        let effects = update(state, Msg::Edited(Ok(sql.to_owned())));
        self.awaits = true;
        effects
    }

    fn kind(&mut self, state: &State, forms: &[Form], word: &str) {
        if let Some(form) = pick(word, forms.len()).and_then(|at| forms.get(at)) {
            self.step = Step::Fill(*form, form.holes(), BTreeMap::new());
            return;
        }
        let words: Vec<String> = word.to_lowercase().split_whitespace().map(str::to_owned).collect();
        let fits = |f: &Form| words.iter().all(|w| f.title.to_lowercase().contains(w) || f.kind.contains(w.as_str()));
        let known = state.app.catalog().map_or_else(Vec::new, |c| form::all(c.server.engine));
        let found: Vec<Form> = known.into_iter().filter(|f| !words.is_empty() && fits(f)).collect();
        match found.as_slice() {
            [] => self.back("No kind of change is called so."),
            [one] => self.step = Step::Fill(*one, one.holes(), BTreeMap::new()),
            _ => self.step = Step::Kind(found),
        }
    }

    fn fill(
        &mut self,
        state: &mut State,
        form: Form,
        holes: Vec<Hole>,
        mut filled: BTreeMap<&'static str, String>,
        word: &str,
    ) -> Vec<Effect> {
        if let Some(hole) = holes.iter().find(|h| !filled.contains_key(h.name)) {
            if word.is_empty() && !hole.optional {
                let _ = writeln!(self.said, "This is needed.");
                self.step = Step::Fill(form, holes, filled);
                return Vec::new();
            }
            filled.insert(hole.name, word.to_owned());
        }
        if filled.len() < holes.len() {
            self.step = Step::Fill(form, holes, filled);
            return Vec::new();
        }
        self.step = Step::Menu;
        let Some(catalog) = state.app.opened.as_ref().map(|o| o.catalog.clone()) else { return Vec::new() };
        let sql = form.sql(|name| filled.get(name).cloned().unwrap_or_default(), &catalog);
        let before = state.app.draft.sql();
        let kept = if before.trim_end().ends_with(';') { format!("{}\n", before.trim_end()) } else { String::new() };
        let effects = self.written(state, &format!("{kept}{sql}"));
        self.said = format!("{}\n\n", shown_lines(&sql));
        effects
    }
}

/// The answer as a place in a list that is numbered from 1.
fn pick(word: &str, len: usize) -> Option<usize> {
    word.parse::<usize>().ok()?.checked_sub(1).filter(|at| *at < len)
}

fn numbered(question: &str, answers: impl Iterator<Item = String>) -> String {
    let mut text = format!("\n{question}\n");
    for (at, answer) in answers.enumerate() {
        let _ = writeln!(text, "  {}. {}", at + 1, shown(&answer));
    }
    text + "Number: "
}

/// Line by line, without what could move a cursor.
fn shown_lines(text: &str) -> String {
    text.lines().map(|l| shown(l).into_owned()).collect::<Vec<_>>().join("\n")
}

fn targets(state: &State) -> String {
    let answers = connect::entries(&state.app).into_iter().map(|s| format!("{} ({})", s.title, s.from));
    let list = numbered("sidestep. Which database? Sessions are read-only; a password is never stored.", answers);
    list.trim_end_matches("Number: ").to_owned() + "Number, a URL, key=value pairs or a catalog file (q quits): "
}

fn target(state: &mut State, word: &str) -> Vec<Effect> {
    if word == "q" {
        return vec![Effect::Quit];
    }
    let entries = connect::entries(&state.app);
    let listed = pick(word, entries.len()).and_then(|at| entries.get(at)).map(|s| s.target.clone());
    match listed.or_else(|| (!word.is_empty()).then(|| word.to_owned())) {
        Some(target) => {
            let mut effects = state.app.connect(&target, None);
            effects.extend(update(state, Msg::Act(Action::GoConnect)));
            effects
        }
        None => Vec::new(),
    }
}

fn opened(state: &State) -> String {
    let Some(catalog) = state.app.catalog() else { return String::new() };
    let care = match state.app.care() {
        super::msg::Care::Production => "PRODUCTION, read-only",
        super::msg::Care::Normal => "read-only",
    };
    let mut text =
        format!("Open: {}, {}, {} tables, {care}.\n", shown(&catalog.database), catalog.server, catalog.tables.len());
    for gap in &catalog.gaps {
        let _ = writeln!(text, "Not read: {}: {}", gap.what, shown(&gap.because));
    }
    if !state.app.draft.is_empty() {
        let _ = writeln!(text, "The change that is written:\n{}", shown_lines(&state.app.draft.sql()));
    }
    text
}

fn plan(state: &State) -> String {
    let Some(plan) = state.app.plan() else { return String::new() };
    // The text is made for terminals with colours: here words alone have to say it.
    let text = anstream::adapter::strip_str(&crate::export::text::plan(plan, 78)).to_string();
    shown_lines(&text) + "\n"
}

fn problems(state: &State) -> String {
    let mut text = String::new();
    if let Planned::Cannot(cannot) = &state.app.draft.planned {
        for problem in &cannot.problems {
            let _ = writeln!(text, "Line {}, column {}: {}", problem.line, problem.column, shown(&problem.message));
            if let Some(hint) = &problem.hint {
                let _ = writeln!(text, "  try: {}", shown(hint));
            }
        }
    }
    text
}

/// A table in full if one name fits, else the names that fit.
fn tables(catalog: &Catalog, word: &str) -> String {
    let exact = catalog.tables.iter().find(|t| spelled(catalog, &t.name) == word || t.name.to_string() == word);
    let fitting: Vec<&Table> = match exact {
        Some(table) => vec![table],
        None => catalog.tables.iter().filter(|t| t.name.to_string().contains(word)).collect(),
    };
    match fitting.as_slice() {
        [] => format!("No table has `{}` in its name.\n", shown(word)),
        [table] => {
            let mut text = format!("{}, {} rows, {}.\n", table.name, count(table.stats.rows), table.stats.total());
            for column in &table.columns {
                let null = if column.not_null { ", not null" } else { "" };
                let _ = writeln!(text, "  column {}: {}{null}", shown(column.name.as_str()), column.data_type);
            }
            for index in &table.indexes {
                let _ = writeln!(text, "  index {}", shown(index.name.as_str()));
            }
            for constraint in &table.constraints {
                let _ = writeln!(
                    text,
                    "  constraint {}: {}",
                    shown(constraint.name.as_str()),
                    shown(&constraint.definition)
                );
            }
            text
        }
        many => {
            let names: Vec<String> = many.iter().take(40).map(|t| t.name.to_string()).collect();
            format!("{} tables fit: {}{}\n", many.len(), names.join(", "), if many.len() > 40 { ", …" } else { "" })
        }
    }
}
