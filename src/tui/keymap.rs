//! Keys → actions, from `assets/keys.toml`. Hints, help and palette read the same table, so they cannot lie.

use super::action::Action;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::collections::BTreeMap;
use std::fmt;

const DEFAULT: &str = include_str!("../../assets/keys.toml");

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
    Tables "tables", Table "table", Change "change", Editor "editor", Popup "popup", Form "form", Plan "plan", Export "export",
    Problem "problem", Confirm "confirm", Options "options", Review "review",
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
                let forbidden = key.ctrl && matches!(key.code, KeyCode::Char('m' | 'i' | '[' | 'h'));
                assert!(!forbidden, "[{}] binds {key}, which terminals send for another key", scope.name());
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
}
