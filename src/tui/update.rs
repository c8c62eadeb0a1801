//! One message in, the next state and a list of effects out. Only the top level: screens decide the rest.

use super::action::Action;
use super::canvas::Glyphs;
use super::msg::{Effect, Msg, Note, Outcome, TaskId};
use super::screen::confirm::Confirm;
use super::screen::form::FormScreen;
use super::screen::log::Log;
use super::screen::palette::{Kind, Palette};
use super::screen::{Go, Place, Reply, Screen};
use super::state::{App, Load, Opened, Planned, State};
use super::theme::{Theme, ThemeName};

pub fn update(state: &mut State, msg: Msg) -> Vec<Effect> {
    let mut effects = answer(state, msg);
    effects.extend(state.app.plan_aside());
    effects
}

fn answer(state: &mut State, msg: Msg) -> Vec<Effect> {
    let body = state.body();
    match msg {
        Msg::Act(action) => {
            let mut effects = act(state, action);
            effects.extend(super::live::tick(state));
            effects
        }
        Msg::Type(key) => on_top(state, |screen, app| screen.part_mut().key(app, key)),
        Msg::Paste(text) => on_top(state, |screen, app| screen.part_mut().paste(app, &text)),
        Msg::Click { column, row: 0 } => {
            let place = state.screens.iter().rev().find_map(Screen::place);
            match super::widget::frame::place_at(&state.app, place, column) {
                Some(place) => act(state, place.action()),
                None => Vec::new(),
            }
        }
        Msg::Click { column, row } => on_top(state, |screen, app| screen.part_mut().click(app, body, column, row)),
        Msg::Wheel { lines, column, row } => on_top(state, |screen, app| {
            screen.part_mut().wheel(app, body, column, row, lines);
            Reply::none()
        }),
        Msg::Resize(width, height) => {
            state.app.size = (width, height);
            Vec::new()
        }
        Msg::Tick(now_ms) => {
            state.app.now_ms = now_ms;
            super::live::tick(state)
        }
        Msg::Done(id, outcome) => done(state, id, outcome),
        Msg::Edited(Ok(text)) => {
            if text.trim_end() != state.app.draft.sql().trim_end() {
                state.app.write_draft(text.trim_end());
            }
            Vec::new()
        }
        Msg::Edited(Err(problem)) => {
            state.app.say(Note::bad(problem.message));
            Vec::new()
        }
        Msg::Recalled(key, kept) => {
            super::keep::recalled(&mut state.app, key, kept);
            Vec::new()
        }
        Msg::Sent(queries) => {
            state.app.queries.add(queries);
            Vec::new()
        }
        Msg::Told(note) => {
            state.app.say(note);
            Vec::new()
        }
    }
}

fn act(state: &mut State, action: Action) -> Vec<Effect> {
    state.app.note = None;
    let was_interrupted = std::mem::take(&mut state.app.interrupted);
    if let Err(reason) = state.available(action) {
        state.app.say(Note::reason(reason));
        return Vec::new();
    }
    if let Some(place) = Place::ALL.into_iter().find(|p| p.action() == action) {
        go_to(state, place);
        return Vec::new();
    }
    match action {
        Action::Interrupt => return interrupt(state, was_interrupted),
        Action::Suspend => return vec![Effect::Suspend],
        Action::Redraw => return vec![Effect::Redraw],
        Action::ThemeDark => set_theme(&mut state.app, ThemeName::Dark),
        Action::ThemeLight => set_theme(&mut state.app, ThemeName::Light),
        Action::ThemeHighContrast => set_theme(&mut state.app, ThemeName::HighContrast),
        Action::ThemeMono => set_theme(&mut state.app, ThemeName::Mono),
        Action::ToggleAscii => {
            state.app.glyphs = match state.app.glyphs {
                Glyphs::Ascii => Glyphs::Unicode,
                Glyphs::Unicode => Glyphs::Ascii,
            }
        }
        _ => {
            let body = state.body();
            let mut handled = true;
            let effects = on_top(state, |screen, app| {
                let reply = screen.part_mut().act(app, body, action);
                handled = !reply.unhandled;
                reply
            });
            if handled {
                return effects;
            }
            return act_anywhere(state, action);
        }
    }
    Vec::new()
}

/// What actions do where no screen has its own idea of them.
fn act_anywhere(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Quit if state.app.draft.is_unsaved() => {
            state.screens.push(Screen::Confirm(Confirm));
            Vec::new()
        }
        Action::Quit => vec![Effect::Quit],
        Action::Help | Action::Palette => {
            let kind = if action == Action::Help { Kind::Help } else { Kind::Palette };
            if let Some(below) = state.screens.last() {
                let palette = Palette::over(below, &state.app, kind);
                state.screens.push(Screen::Palette(palette));
            }
            Vec::new()
        }
        Action::Log => {
            state.screens.push(Screen::Log(Log::default()));
            Vec::new()
        }
        Action::Form => {
            let form = FormScreen::new(&mut state.app, None);
            state.screens.retain(|s| s.place().is_some() && !matches!(s, Screen::Form(_)));
            state.screens.push(Screen::Form(form));
            Vec::new()
        }
        Action::EarlierDraft => {
            super::keep::swap(&mut state.app);
            go_to(state, Place::Change);
            Vec::new()
        }
        Action::Back => {
            pop(state);
            Vec::new()
        }
        Action::Reload => {
            let target = state.app.opened.as_ref().and_then(|o| o.target.clone());
            match target {
                Some(target) => state.app.connect(&target, None),
                None => {
                    state.app.say(Note::reason("This catalog did not come from a target that can be read again"));
                    Vec::new()
                }
            }
        }
        _ => Vec::new(),
    }
}

fn interrupt(state: &mut State, again: bool) -> Vec<Effect> {
    if again {
        return vec![Effect::Quit];
    }
    state.app.interrupted = true;
    for screen in &mut state.screens {
        if let Screen::Export(export) = screen {
            export.writing = Load::Idle;
        }
    }
    let running: Vec<TaskId> = state.app.running.drain(..).map(|r| r.id).collect();
    if matches!(state.app.attempt.load, Load::Busy(_)) {
        state.app.attempt.load = Load::Idle;
    }
    let text =
        if running.is_empty() { "Nothing is running. Ctrl-c again quits" } else { "Cancelled. Ctrl-c again quits" };
    state.app.say(Note::reason(text));
    running.into_iter().map(Effect::Cancel).collect()
}

fn set_theme(app: &mut App, name: ThemeName) {
    app.theme = Theme::built_in(name);
}

/// Lets the front screen answer, then follows its answer.
fn on_top(state: &mut State, answer: impl FnOnce(&mut Screen, &mut App) -> Reply) -> Vec<Effect> {
    let Some(top) = state.screens.last_mut() else { return Vec::new() };
    let reply = answer(top, &mut state.app);
    let mut effects = reply.effects;
    match reply.go {
        Some(Go::Push(screen)) => {
            if matches!(*screen, Screen::Form(_)) {
                state.screens.retain(|s| !matches!(s, Screen::Form(_)));
            }
            state.screens.push(*screen);
        }
        Some(Go::PopTo(place)) => {
            pop(state);
            go_to(state, place);
        }
        Some(Go::To(place)) => match place.available(&state.app) {
            Ok(()) => go_to(state, place),
            Err(reason) => state.app.say(Note::reason(reason)),
        },
        Some(Go::Replace(place, screen)) => {
            state.screens.retain(|s| s.place().is_some() && !s.is_home_of(place));
            state.screens.push(*screen);
        }
        Some(Go::Pop) => pop(state),
        Some(Go::Swap(screen)) => {
            pop(state);
            state.screens.push(*screen);
        }
        Some(Go::PopAndAct(action)) => {
            pop(state);
            effects.extend(act(state, action));
        }
        None => {}
    }
    effects
}

fn pop(state: &mut State) {
    if state.screens.len() > 1 {
        state.screens.pop();
    }
}

/// Brings a place to the front as it was left, or opens it; overlays are closed.
pub(super) fn go_to(state: &mut State, place: Place) {
    state.screens.retain(|s| s.place().is_some());
    if let Some(at) = state.screens.iter().rposition(|s| s.is_home_of(place)) {
        let screen = state.screens.remove(at);
        state.screens.push(screen);
    } else {
        state.screens.push(Screen::new(place, &state.app));
    }
    if place == Place::Review {
        super::review::ensure(&mut state.app);
    }
    if let Some(Screen::Export(export)) = state.screens.last_mut() {
        export.refresh(&state.app);
    }
}

/// A catalog arrived: screens that showed the old one begin anew.
pub fn open(state: &mut State, opened: Opened) {
    // The same database, read again: whoever looks at the plan goes on doing so.
    let again = state.app.opened.as_ref().is_some_and(|old| old.target.is_some() && old.target == opened.target);
    let stays = again && state.top().and_then(Screen::place) == Some(Place::Plan);
    state.app.opened = Some(opened);
    state.app.replan();
    if stays && state.app.plan().is_some() {
        state.screens.retain(|s| matches!(s.place(), Some(Place::Connect | Place::Change | Place::Plan)));
        return;
    }
    state.app.live = super::live::Live::default();
    state.screens.retain(|s| matches!(s.place(), Some(Place::Connect | Place::Change)));
    go_to(state, Place::Tables);
}

fn done(state: &mut State, id: TaskId, outcome: Outcome) -> Vec<Effect> {
    if let Some(effects) = super::live::done(&mut state.app, id, &outcome) {
        return effects;
    }
    // A task that was cancelled or replaced is no longer listed: its result comes too late.
    let before = state.app.running.len();
    state.app.running.retain(|r| r.id != id);
    if before == state.app.running.len() {
        return Vec::new();
    }
    let app = &mut state.app;
    if let Some(effects) = super::review::done(app, id, &outcome) {
        return effects;
    }
    match outcome {
        Outcome::Sources(sources) => app.sources = Load::Ready(sources),
        Outcome::Planned(planned) if app.draft.planning == Some(id) => {
            app.draft.planned = planned.map_or_else(Planned::Cannot, Planned::Ready);
        }
        Outcome::Failed(problem) if app.draft.planning == Some(id) => app.say(Note::bad(problem.message)),
        Outcome::Catalog(catalog) if app.attempt.load == Load::Busy(id) => {
            app.attempt.load = Load::Ready(());
            let target = app.attempt.target.clone();
            if let Some(demo) = crate::db::Demo::named(&target).filter(|_| app.draft.is_empty()) {
                app.write_draft(demo.wish.trim_end());
                app.draft.kept = app.draft.sql();
            }
            open(state, Opened::new(*catalog, Some(target)));
        }
        Outcome::Failed(problem) if app.attempt.load == Load::Busy(id) => {
            app.attempt.load = Load::Failed(problem);
            show_connect(state, false);
        }
        Outcome::PasswordNeeded(problem) if app.attempt.load == Load::Busy(id) => {
            app.attempt.load = Load::Failed(problem);
            show_connect(state, true);
        }
        Outcome::Failed(problem) if app.sources == Load::Busy(id) => app.sources = Load::Failed(problem),
        Outcome::Written { directory, files } => {
            app.draft.kept = app.draft.sql();
            app.draft.version += 1;
            let noun = if files == 1 { "file" } else { "files" };
            app.say(Note::good(format!("Wrote {files} {noun} into `{directory}`")));
            written(state, id, Load::Ready(()));
            return super::review::keep_beside(&mut state.app, &directory);
        }
        Outcome::Failed(problem) => written(state, id, Load::Failed(problem)),
        _ => {}
    }
    Vec::new()
}

fn written(state: &mut State, id: TaskId, load: Load<()>) {
    for screen in &mut state.screens {
        if let Screen::Export(export) = screen
            && export.writing == Load::Busy(id)
        {
            export.writing = load.clone();
        }
    }
}

fn show_connect(state: &mut State, ask_password: bool) {
    go_to(state, Place::Connect);
    if let (Some(Screen::Connect(connect)), true) = (state.screens.last_mut(), ask_password) {
        connect.ask_password();
    }
}
