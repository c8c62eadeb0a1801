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
    HighContrast,
}

impl ThemeName {
    pub const ALL: [Self; 4] = [Self::Dark, Self::Light, Self::Mono, Self::HighContrast];
    pub fn name(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
            Self::Mono => "mono",
            Self::HighContrast => "high-contrast",
        }
    }
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.name() == name)
    }
    /// The file, to begin a theme of one's own with.
    pub fn text(self) -> &'static str {
        match self {
            Self::Dark => include_str!("../../assets/themes/dark.toml"),
            Self::Light => include_str!("../../assets/themes/light.toml"),
            Self::Mono => include_str!("../../assets/themes/mono.toml"),
            Self::HighContrast => include_str!("../../assets/themes/high-contrast.toml"),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Theme {
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
        Self { styles: read(name.text()).unwrap_or_default() }
    }
    /// A theme of the user's: every role has to be there.
    ///
    /// # Errors
    /// Names the line of a role or colour that is not known, or the roles that are missing.
    pub fn parse(text: &str) -> Result<Self, String> {
        let styles = read(text)?;
        let missing: Vec<&str> = Role::ALL.iter().filter(|r| !styles.contains_key(r)).map(|r| r.name()).collect();
        match missing.as_slice() {
            [] => Ok(Self { styles }),
            [one] => Err(format!("the role `{one}` is missing")),
            many => Err(format!("the roles `{}` are missing", many.join("`, `"))),
        }
    }
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(&role).copied().unwrap_or_default()
    }
}

fn read(text: &str) -> Result<BTreeMap<Role, Style>, String> {
    let line = |at: usize| text.get(..at).unwrap_or("").matches('\n').count() + 1;
    let rows: BTreeMap<toml::Spanned<String>, Row> = toml::from_str(text).map_err(|e| match e.span() {
        Some(span) => format!("line {}: {}", line(span.start), e.message()),
        None => e.message().to_owned(),
    })?;
    rows.into_iter()
        .map(|(name, row)| {
            let place = line(name.span().start);
            let role = Role::ALL.iter().copied().find(|r| r.name() == name.get_ref());
            let unknown = || {
                let near = crate::config::nearest(name.get_ref(), Role::ALL.iter().map(|r| r.name()));
                let near = near.map_or(String::new(), |n| format!(": did you mean `{n}`?"));
                format!("line {place}: `{}` is not a role{near}", name.get_ref())
            };
            Ok((role.ok_or_else(unknown)?, row.style().map_err(|e| format!("line {place}: {e}"))?))
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

    #[test]
    fn a_theme_of_ones_own_names_what_is_wrong() {
        let dark = ThemeName::Dark.text();
        assert_eq!(Theme::parse(dark).unwrap(), Theme::built_in(ThemeName::Dark));
        let without = dark.replace("bar = { fg = \"blue\" }\n", "");
        assert_eq!(Theme::parse(&without).unwrap_err(), "the role `bar` is missing");
        assert_eq!(Theme::parse("texte = {}").unwrap_err(), "line 1: `texte` is not a role: did you mean `text`?");
        assert_eq!(Theme::parse("text = {}\nbar = { fg = \"blau\" }").unwrap_err(), "line 2: `blau` is not a colour");
        assert!(Theme::parse("text = {").unwrap_err().starts_with("line 1"));
    }
}
