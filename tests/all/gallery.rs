//! Every screen at every size that people have, and what each theme makes of it. The text is the same in all themes; of a theme
//! stands here which styles a screen shows, and on what. Accept a wanted change with `INSTA_UPDATE=always`, then read it.

use crate::support::sample_plan::WISH;
use crate::support::screens::Session;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};
use sidestep::tui::theme::ThemeName;
use std::fmt::Write;

const SIZES: [(u16, u16); 4] = [(40, 10), (80, 24), (120, 40), (200, 60)];

/// Name, keys from the tables on.
const SCREENS: [(&str, &str); 12] = [
    ("tables", "j"),
    ("filter", "/ u s"),
    ("table", "/ u s e r s enter"),
    ("change", "3 esc"),
    ("editor", "3"),
    ("forms", "f"),
    ("plan", "4 j j j"),
    ("timeline", "4 w"),
    ("grid", "4 m"),
    ("options", "4 o"),
    ("review", "6"),
    ("help", "?"),
];

fn shown(theme: ThemeName, (width, height): (u16, u16)) -> Vec<(&'static str, Session)> {
    let mut all = vec![("connect", Session::fresh(theme).size(width, height))];
    for (name, keys) in SCREENS {
        let mut session = Session::themed(theme).size(width, height);
        session.state.app.write_draft(WISH);
        all.push((name, session.press(keys)));
    }
    all
}

#[test]
fn screens_at_all_sizes() {
    for size in SIZES {
        let mut text = String::new();
        for (name, session) in shown(ThemeName::Dark, size) {
            write!(text, "════ {name}\n{}\n", session.text()).unwrap();
        }
        insta::assert_snapshot!(format!("all_{}x{}", size.0, size.1), text);
    }
}

#[test]
fn screens_in_all_themes() {
    for theme in ThemeName::ALL {
        let mut text = String::new();
        for size in SIZES {
            for (name, session) in shown(theme, size) {
                writeln!(text, "════ {name} {}x{}", size.0, size.1).unwrap();
                for (style, words) in styles(&session.buffer()) {
                    writeln!(text, "{style:<50} {words}").unwrap();
                }
            }
        }
        insta::assert_snapshot!(format!("theme_{}", theme.name()), text);
    }
}

/// The text does not depend on the theme, so that no theme hides what another one shows.
#[test]
fn a_theme_changes_no_word() {
    for size in SIZES {
        let words = |theme| shown(theme, size).into_iter().map(|(_, s)| s.text()).collect::<Vec<_>>();
        let dark = words(ThemeName::Dark);
        for theme in ThemeName::ALL {
            assert_eq!(words(theme), dark, "{} at {size:?}", theme.name());
        }
    }
}

#[test]
fn without_colours_there_are_none() {
    for size in SIZES {
        for (name, session) in shown(ThemeName::Mono, size) {
            for cell in session.buffer().content() {
                assert_eq!(
                    (cell.fg, cell.bg),
                    (Color::Reset, Color::Reset),
                    "{name}: `{}` has a colour",
                    cell.symbol()
                );
            }
        }
    }
}

/// What is selected, blocked or active can be told from its neighbours without colour.
#[test]
fn the_selection_is_more_than_a_colour() {
    for theme in ThemeName::ALL {
        for (name, session) in shown(theme, (80, 24)) {
            if !matches!(name, "tables" | "plan") {
                continue;
            }
            let buffer = session.buffer();
            let marked = buffer.content().iter().any(|c| c.modifier.intersects(Modifier::REVERSED | Modifier::BOLD));
            assert!(marked, "{name} in {}", theme.name());
        }
    }
}

/// Colours near that of the terminal's own background cannot be read on it.
#[test]
fn nothing_is_lost_in_the_background() {
    let light = [Color::White, Color::Gray, Color::LightYellow, Color::Yellow, Color::LightCyan, Color::LightGreen];
    for (theme, lost) in [(ThemeName::Dark, &[Color::Black][..]), (ThemeName::Light, &light)] {
        for size in SIZES {
            for (name, session) in shown(theme, size) {
                let buffer = session.buffer();
                let gone = buffer.content().iter().find(|c| c.bg == Color::Reset && lost.contains(&c.fg));
                assert!(gone.is_none(), "{name} in {}: {gone:?}", theme.name());
            }
        }
    }
}

/// Each style of a picture with the first words that wear it, in the order of their appearance.
fn styles(buffer: &Buffer) -> Vec<(String, String)> {
    let width = usize::from(buffer.area.width);
    let mut found: Vec<(String, String)> = Vec::new();
    for line in buffer.content().chunks(width) {
        for run in line.chunk_by(|a, b| (a.fg, a.bg, a.modifier) == (b.fg, b.bg, b.modifier)) {
            let words: String = run.iter().map(|c| c.symbol()).collect();
            let (Some(first), words) = (run.first(), words.trim()) else { continue };
            let style = format!("{:?} on {:?} {:?}", first.fg, first.bg, first.modifier);
            if !words.is_empty() && !found.iter().any(|(s, _)| *s == style) {
                found.push((style, words.chars().take(40).collect()));
            }
        }
    }
    found
}
