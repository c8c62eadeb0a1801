//! Keys → actions, from `assets/keys.toml`. Hints, help and palette read the same table, so they cannot lie.

use super::action::Action;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::collections::BTreeMap;
use std::fmt;

/// The built-in table as a file.
pub const DEFAULT: &str = include_str!("../../assets/keys.toml");

/// One key press, in the form terminals agree on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    pub code: KeyCode,
    pub ctrl: bool,
    pub alt: bool,
    pub shift: bool,
}

impl Key {
    pub const fn plain(code: KeyCode) -> Self {
        Self { code, ctrl: false, alt: false, shift: false }
    }
    /// The character it types into a text field.
    pub fn typed(self) -> Option<char> {
        match self.code {
            KeyCode::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }
    /// The key that terminals without the kitty protocol send this one for.
    pub fn sent_for(self) -> Option<&'static str> {
        match (self.ctrl, self.code) {
            (true, KeyCode::Char('m' | 'M')) => Some("enter"),
            (true, KeyCode::Char('i' | 'I')) => Some("tab"),
            (true, KeyCode::Char('[')) => Some("esc"),
            (true, KeyCode::Char('h' | 'H')) => Some("backspace"),
            _ => None,
        }
    }
    /// `ctrl-d`, `shift-tab`, `pgup`, `G`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut key = Self::plain(KeyCode::Null);
        let mut rest = text;
        loop {
            if let Some(after) = rest.strip_prefix("ctrl-") {
                (key.ctrl, rest) = (true, after);
            } else if let Some(after) = rest.strip_prefix("alt-") {
                (key.alt, rest) = (true, after);
            } else if let Some(after) = rest.strip_prefix("shift-") {
                (key.shift, rest) = (true, after);
            } else {
                break;
            }
        }
        key.code = match NAMED.iter().find(|(name, _)| *name == rest) {
            Some((_, code)) => *code,
            None => {
                let mut chars = rest.chars();
                match (chars.next(), chars.next(), rest.strip_prefix('f').and_then(|n| n.parse::<u8>().ok())) {
                    (Some(_), _, Some(n)) if (1..=12).contains(&n) => KeyCode::F(n),
                    (Some(c), None, _) => KeyCode::Char(c),
                    _ => return None,
                }
            }
        };
        Some(key)
    }
}

const NAMED: &[(&str, KeyCode)] = &[
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("space", KeyCode::Char(' ')),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pgup", KeyCode::PageUp),
    ("pgdn", KeyCode::PageDown),
];

impl From<KeyEvent> for Key {
    fn from(event: KeyEvent) -> Self {
        let has = |m| event.modifiers.contains(m);
        let (ctrl, alt, shift) = (has(KeyModifiers::CONTROL), has(KeyModifiers::ALT), has(KeyModifiers::SHIFT));
        match event.code {
            KeyCode::BackTab => Self { code: KeyCode::Tab, ctrl, alt, shift: true },
            // The character already says whether shift was held.
            KeyCode::Char(c) => Self { code: KeyCode::Char(c), ctrl, alt, shift: false },
            code => Self { code, ctrl, alt, shift },
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, name) in [(self.ctrl, "ctrl-"), (self.alt, "alt-"), (self.shift, "shift-")] {
            if held {
                f.write_str(name)?;
            }
        }
        match NAMED.iter().find(|(_, code)| *code == self.code) {
            Some((name, _)) => f.write_str(name),
            None => match self.code {
                KeyCode::Char(c) => write!(f, "{c}"),
                KeyCode::F(n) => write!(f, "f{n}"),
                other => write!(f, "{other}"),
            },
        }
    }
}

macro_rules! scopes {
    ($($Name:ident $key:literal),+ $(,)?) => {
        /// A set of bindings; a screen looks through its scopes in order.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Scope { $($Name),+ }
        impl Scope {
            pub const ALL: &[Self] = &[$(Self::$Name),+];
            pub fn name(self) -> &'static str { match self { $(Self::$Name => $key),+ } }
        }
    };
}

scopes! {
    Always "always", Global "global", List "list", Panes "panes", Connect "connect", Field "field", Filter "filter",
    Tables "tables", Table "table", Change "change", Editor "editor", Popup "popup", Form "form", Log "log", Plan "plan",
    Export "export", Problem "problem", Confirm "confirm", Options "options", Review "review",
}

/// What a user's configuration says of one action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    pub scope: String,
    pub action: String,
    pub line: usize,
    /// Each with its line.
    pub keys: Vec<(String, usize)>,
}

/// A binding that cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongKey {
    pub line: usize,
    pub message: String,
}

/// All bindings.
#[derive(Debug, Clone, PartialEq)]
pub struct Keymap {
    scopes: BTreeMap<Scope, Vec<(Key, Action)>>,
}

impl Keymap {
    /// The built-in table.
    pub fn built_in() -> Self {
        // The tests hold that the built-in file is right; a wrong one would be an empty map, not a crash.
        Self::parse(DEFAULT).unwrap_or_else(|_| Self { scopes: BTreeMap::new() })
    }

    /// # Errors
    /// Says which scope, action or key is not known.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: BTreeMap<String, BTreeMap<String, Vec<String>>> =
            toml::from_str(text).map_err(|e| e.message().to_owned())?;
        let mut scopes: BTreeMap<Scope, Vec<(Key, Action)>> = BTreeMap::new();
        for (scope_name, bindings) in &file {
            let scope = Scope::ALL.iter().copied().find(|s| s.name() == scope_name);
            let scope = scope.ok_or_else(|| format!("`{scope_name}` is not a scope of keys"))?;
            let known = scopes.entry(scope).or_default();
            for (action_name, keys) in bindings {
                let action = Action::named(action_name).ok_or_else(|| format!("`{action_name}` is not an action"))?;
                for text in keys {
                    let key = Key::parse(text).ok_or_else(|| format!("`{text}` is not a key"))?;
                    if let Some((_, other)) = known.iter().find(|(k, _)| *k == key) {
                        return Err(format!("[{scope_name}] binds `{text}` to `{}` and `{action_name}`", other.name()));
                    }
                    known.push((key, action));
                }
            }
            known.sort_by_key(|(_, action)| *action);
        }
        Ok(Self { scopes })
    }

    /// The built-in table with the user's changes: what is said of an action in a scope takes the place of its keys there,
    /// and a key that is given away does nothing else there.
    ///
    /// # Errors
    /// [`WrongKey`] with the line.
    pub fn with(mut self, bindings: &[Binding]) -> Result<Self, WrongKey> {
        let mut given: Vec<(Scope, Key, Action)> = Vec::new();
        for binding in bindings {
            let wrong = |line: usize, message: String| WrongKey { line, message };
            let near = |word: &str, known: Vec<&str>| {
                let near = crate::config::nearest(word, known.into_iter());
                near.map_or(String::new(), |n| format!(": did you mean `{n}`?"))
            };
            let scope = Scope::ALL.iter().copied().find(|s| s.name() == binding.scope).ok_or_else(|| {
                let near = near(&binding.scope, Scope::ALL.iter().map(|s| s.name()).collect());
                wrong(binding.line, format!("`{}` is not a scope of keys{near}", binding.scope))
            })?;
            let action = Action::named(&binding.action).ok_or_else(|| {
                let near = near(&binding.action, Action::ALL.iter().map(|a| a.name()).collect());
                wrong(binding.line, format!("`{}` is not an action{near}", binding.action))
            })?;
            let known = self.scopes.entry(scope).or_default();
            known.retain(|(_, a)| *a != action);
            for (text, line) in &binding.keys {
                let key = Key::parse(text).ok_or_else(|| {
                    wrong(
                        *line,
                        format!("`{text}` is not a key; keys are spelled `x`, `X`, `ctrl-x`, `alt-x`, `f1`, `enter`"),
                    )
                })?;
                if let Some(sent) = key.sent_for() {
                    return Err(wrong(*line, format!("`{text}` cannot be bound: terminals send it for `{sent}`")));
                }
                if let Some((_, _, other)) = given.iter().find(|(s, k, a)| (*s, *k) == (scope, key) && *a != action) {
                    let message = format!("`{text}` is bound to `{}` and to `{}`", other.name(), action.name());
                    return Err(wrong(*line, message));
                }
                given.push((scope, key, action));
                known.retain(|(k, _)| *k != key);
                known.push((key, action));
            }
            known.sort_by_key(|(_, action)| *action);
        }
        let last = bindings.last().map_or(1, |b| b.line);
        for action in [Action::Palette, Action::Back, Action::Interrupt] {
            if self.keys(&[Scope::Always], action).is_empty() {
                let message = format!("`{}` needs a key in [keys.always]", action.name());
                return Err(WrongKey { line: last, message });
            }
        }
        Ok(self)
    }

    pub fn scope(&self, scope: Scope) -> &[(Key, Action)] {
        self.scopes.get(&scope).map_or(&[], Vec::as_slice)
    }

    pub fn action(&self, scopes: &[Scope], key: Key) -> Option<Action> {
        scopes.iter().find_map(|s| self.scope(*s).iter().find(|(k, _)| *k == key).map(|(_, a)| *a))
    }

    /// The keys that do `action` here, as text; keys that an earlier scope takes are left out.
    pub fn keys(&self, scopes: &[Scope], action: Action) -> Vec<String> {
        let mut keys = Vec::new();
        for scope in scopes {
            for (key, found) in self.scope(*scope) {
                if *found == action && self.action(scopes, *key) == Some(action) && !keys.contains(key) {
                    keys.push(*key);
                }
            }
        }
        keys.iter().map(ToString::to_string).collect()
    }

    /// Actions with a key here, each once, in the order of the action list.
    pub fn actions(&self, scopes: &[Scope]) -> Vec<Action> {
        Action::ALL.iter().copied().filter(|a| !self.keys(scopes, *a).is_empty()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::action::Offer;

    #[test]
    fn the_built_in_table_is_right() {
        let map = Keymap::parse(DEFAULT).unwrap();
        assert_eq!(map.scopes.len(), Scope::ALL.len(), "a scope is missing");
        for (scope, bindings) in &map.scopes {
            for (key, _) in bindings {
                assert!(
                    key.sent_for().is_none(),
                    "[{}] binds {key}, which terminals send for another key",
                    scope.name()
                );
            }
        }
    }

    #[test]
    fn every_action_has_a_key_or_is_in_the_palette_only() {
        let map = Keymap::built_in();
        for action in Action::ALL {
            let bound = map.scopes.values().flatten().any(|(_, a)| a == action);
            assert_eq!(bound, action.offer() != Offer::PaletteOnly, "{}", action.name());
        }
    }

    #[test]
    fn keys_read_back() {
        for text in ["ctrl-d", "shift-tab", "pgup", "G", "f1", "space", "?", "f", "alt-x", "esc"] {
            assert_eq!(Key::parse(text).unwrap().to_string(), text);
        }
        assert!(Key::parse("f13").is_none() && Key::parse("ctrl-").is_none());
        assert_eq!(
            Keymap::parse("[list]\nup = [\"j\"]\ndown = [\"j\"]").unwrap_err(),
            "[list] binds `j` to `down` and `up`"
        );
    }

    #[test]
    fn a_users_table_changes_what_it_names_and_says_what_is_wrong() {
        let of = |scope: &str, action: &str, keys: &[&str]| {
            let keys = keys.iter().map(|k| ((*k).to_owned(), 4)).collect();
            [Binding { scope: scope.to_owned(), action: action.to_owned(), line: 3, keys }]
        };
        let map = Keymap::built_in().with(&of("tables", "filter", &["s", "ctrl-f"])).unwrap();
        assert_eq!(map.keys(&[Scope::Tables], Action::Filter), ["s", "ctrl-f"]);
        assert!(map.keys(&[Scope::Tables], Action::Sort).is_empty(), "the key went to another action");
        let wrong = |scope, action, keys: &[&str]| {
            let wrong = Keymap::built_in().with(&of(scope, action, keys)).unwrap_err();
            format!("{}: {}", wrong.line, wrong.message)
        };
        assert_eq!(wrong("tabels", "filter", &[]), "3: `tabels` is not a scope of keys: did you mean `tables`?");
        assert_eq!(wrong("tables", "fliter", &[]), "3: `fliter` is not an action: did you mean `filter`?");
        assert!(wrong("tables", "filter", &["strg-f"]).starts_with("4: `strg-f` is not a key"));
        assert_eq!(wrong("tables", "filter", &["ctrl-i"]), "4: `ctrl-i` cannot be bound: terminals send it for `tab`");
        assert!(wrong("always", "palette", &[]).contains("needs a key"));
    }
}
