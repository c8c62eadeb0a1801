//! How the app looks and listens: theme, keys, mouse and characters, from flags, environment and configuration.

use super::args::AppArgs;
use super::home::Home;
use crate::config::{Config, line_at, nearest};
use crate::error::Problem;
use crate::plan::Policy;
use crate::tui::canvas::Glyphs;
use crate::tui::keymap::{Binding, Keymap};
use crate::tui::state::{Mouse, Settings};
use crate::tui::theme::{Theme, ThemeName};

/// Settings of the app but for what it is opened on.
pub fn settings(args: &AppArgs, config: &Config<Policy>, home: &Home) -> Result<Settings, Problem> {
    let mut settings = Settings { keymap: keymap(config, home)?, ..Settings::default() };
    if args.no_mouse || config.app.mouse == Some(false) {
        settings.mouse = Mouse::Off;
    }
    if args.ascii || config.app.ascii == Some(true) {
        settings.glyphs = Glyphs::Ascii;
    }
    if std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty()) {
        settings.theme = ThemeName::Mono;
        return Ok(settings);
    }
    match config.app.theme.as_deref() {
        None | Some("auto") => settings.ask_background = true,
        Some(name) => match ThemeName::named(name) {
            Some(built_in) => settings.theme = built_in,
            None => settings.own_theme = Some(own(name, home)?),
        },
    }
    Ok(settings)
}

/// A theme by its name, for `config theme`.
pub fn built_in(name: &str) -> Result<ThemeName, Problem> {
    let names = || ThemeName::ALL.iter().map(|t| t.name());
    ThemeName::named(name).ok_or_else(|| {
        let known = names().collect::<Vec<_>>().join("`, `");
        Problem::usage(format!("there is no built-in theme `{}`", crate::model::name::shown(name)))
            .hint(format!("there are `{known}`"))
    })
}

fn own(name: &str, home: &Home) -> Result<Theme, Problem> {
    let known = ThemeName::ALL.iter().map(|t| t.name()).chain(["auto"]);
    let near = nearest(name, known);
    let path = home.beside("themes").map(|themes| themes.join(format!("{name}.toml")));
    let plain = name.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
    let Some(path) = path.filter(|p| plain && p.exists()) else {
        let problem = Problem::usage(format!("there is no theme `{name}`"));
        return Err(match (near, home.beside("themes")) {
            (Some(near), _) => problem.hint(format!("did you mean `{near}`?")),
            (None, Some(themes)) => {
                problem.hint(format!("`sidestep config theme dark > {}/{name}.toml` begins one", themes.display()))
            }
            (None, None) => problem,
        });
    };
    let shown = path.display();
    let text = std::fs::read_to_string(&path)
        .map_err(|e| Problem::usage(format!("cannot read the theme `{shown}`")).because(&e))?;
    Theme::parse(&text).map_err(|wrong| {
        Problem::usage(format!("{shown}: {wrong}")).hint("`sidestep config theme dark` prints every role")
    })
}

fn keymap(config: &Config<Policy>, home: &Home) -> Result<Keymap, Problem> {
    if config.keys.is_empty() {
        return Ok(Keymap::built_in());
    }
    let text = home.text();
    let line = |at: usize| line_at(&text, at);
    let bindings: Vec<Binding> = config
        .keys
        .iter()
        .flat_map(|(scope, actions)| {
            actions.iter().map(move |(action, keys)| Binding {
                scope: scope.clone(),
                action: action.get_ref().clone(),
                line: line(action.span().start),
                keys: keys.iter().map(|k| (k.get_ref().clone(), line(k.span().start))).collect(),
            })
        })
        .collect();
    Keymap::built_in().with(&bindings).map_err(|wrong| {
        let shown = home.path().map(|p| p.display().to_string()).unwrap_or_default();
        Problem::usage(format!("{shown}:{}: {}", wrong.line, wrong.message))
            .hint("`sidestep config keys` prints the built-in keys with their scopes and actions")
    })
}
