//! Roles → styles, from `assets/themes/*.toml`. Colour never carries meaning alone; `mono` holds no colour at all.

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;
use std::collections::BTreeMap;

macro_rules! roles {
    ($($Name:ident $key:literal),+ $(,)?) => {
        /// What a piece of text is, as far as its look goes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Role { $($Name),+ }
        impl Role {
            pub const ALL: &[Self] = &[$(Self::$Name),+];
            pub fn name(self) -> &'static str { match self { $(Self::$Name => $key),+ } }
        }
    };
}

roles! {
    Text "text", Dim "dim", Title "title", Accent "accent", Selected "selected", SelectedIdle "selected-idle",
    Border "border", BorderFocused "border-focused", Tab "tab", TabActive "tab-active", Key "key", Good "good",
    Warn "warn", Bad "bad", Match "match", Bar "bar", Cursor "cursor", Placeholder "placeholder",
    ErrorSpan "error-span", Production "production", ChipNone "chip-none", ChipDdl "chip-ddl",
    ChipWrites "chip-writes", ChipReads "chip-reads", Deploy "deploy", SqlKeyword "sql-keyword",
    SqlString "sql-string", SqlNumber "sql-number", SqlComment "sql-comment",
}

/// The built-in themes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum ThemeName {
    #[default]
    Dark,
    Light,
    Mono,
}

impl ThemeName {
    pub const ALL: [Self; 3] = [Self::Dark, Self::Light, Self::Mono];
    pub fn name(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
            Self::Mono => "mono",
        }
    }
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.name() == name)
    }
    fn text(self) -> &'static str {
        match self {
            Self::Dark => include_str!("../../assets/themes/dark.toml"),
            Self::Light => include_str!("../../assets/themes/light.toml"),
            Self::Mono => include_str!("../../assets/themes/mono.toml"),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Theme {
    pub name: ThemeName,
    styles: BTreeMap<Role, Style>,
}

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
struct Row {
    fg: Option<String>,
    bg: Option<String>,
    bold: bool,
    italic: bool,
    underline: bool,
    reverse: bool,
}

impl Theme {
    pub fn built_in(name: ThemeName) -> Self {
        // Tests hold that the built-in files are right; a wrong one would draw plain text, not crash.
        Self { name, styles: read(name.text()).unwrap_or_default() }
    }
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(&role).copied().unwrap_or_default()
    }
}

fn read(text: &str) -> Result<BTreeMap<Role, Style>, String> {
    let rows: BTreeMap<String, Row> = toml::from_str(text).map_err(|e| e.message().to_owned())?;
    rows.into_iter()
        .map(|(name, row)| {
            let role = Role::ALL.iter().copied().find(|r| r.name() == name);
            Ok((role.ok_or_else(|| format!("`{name}` is not a role"))?, row.style()?))
        })
        .collect()
}

impl Row {
    fn style(&self) -> Result<Style, String> {
        let colour = |text: &String| text.parse::<Color>().map_err(|_| format!("`{text}` is not a colour"));
        let mut style = Style::new();
        style.fg = self.fg.as_ref().map(colour).transpose()?;
        style.bg = self.bg.as_ref().map(colour).transpose()?;
        for (on, modifier) in [
            (self.bold, Modifier::BOLD),
            (self.italic, Modifier::ITALIC),
            (self.underline, Modifier::UNDERLINED),
            (self.reverse, Modifier::REVERSED),
        ] {
            if on {
                style = style.add_modifier(modifier);
            }
        }
        Ok(style)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_theme_defines_every_role() {
        for theme in ThemeName::ALL {
            let styles = read(theme.text()).unwrap();
            for role in Role::ALL {
                assert!(styles.contains_key(role), "{} lacks {}", theme.name(), role.name());
            }
        }
    }

    #[test]
    fn mono_tells_states_apart_without_colour() {
        let mono = Theme::built_in(ThemeName::Mono);
        for role in Role::ALL {
            assert_eq!((mono.style(*role).fg, mono.style(*role).bg), (None, None), "{}", role.name());
        }
        let states = [Role::Text, Role::Selected, Role::SelectedIdle, Role::Warn, Role::Bad];
        for (i, a) in states.iter().enumerate() {
            for b in &states[i + 1..] {
                assert_ne!(mono.style(*a), mono.style(*b), "{} looks like {}", a.name(), b.name());
            }
        }
        assert_ne!(mono.style(Role::Border), mono.style(Role::BorderFocused));
    }
}
