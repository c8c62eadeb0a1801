//! The frame around every screen: header (where am I, which server), footer (what goes on, which keys).

use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, Piece, piece};
use crate::tui::keymap::Keymap;
use crate::tui::msg::NoteKind;
use crate::tui::screen::{Place, Screen};
use crate::tui::state::App;
use crate::tui::text::width;
use crate::tui::theme::Role;
use ratatui::layout::Rect;

/// Smaller than this nothing useful can be drawn.
pub const SMALLEST: (u16, u16) = (40, 10);

pub struct Areas {
    pub header: Rect,
    pub body: Rect,
    pub footer: Rect,
}

pub fn areas(all: Rect) -> Areas {
    let inner = all.height.saturating_sub(2);
    Areas {
        header: Rect { height: all.height.min(1), ..all },
        body: Rect::new(all.x, all.y + all.height.min(1), all.width, inner),
        footer: Rect::new(all.x, all.y + all.height.saturating_sub(1), all.width, all.height.saturating_sub(1).min(1)),
    }
}

pub fn header(app: &App, place: Option<Place>, canvas: &mut Canvas<'_>, area: Rect) {
    let tabs = |with_brand: bool, short: bool| {
        let mut pieces: Vec<Piece<'_>> = vec![piece(" ", Role::Text)];
        if with_brand {
            pieces.push(piece("sidestep", Role::Title));
            pieces.push(piece("  ", Role::Text));
        }
        for (n, p) in Place::ALL.into_iter().enumerate() {
            let here = Some(p) == place;
            let role = if here { Role::TabActive } else { Role::Tab };
            let title = if short && !here { (n + 1).to_string() } else { format!("{} {}", n + 1, p.title()) };
            pieces.push(piece(title, role));
            pieces.push(piece("  ", Role::Text));
        }
        pieces
    };
    let wide = |pieces: &[Piece<'_>]| pieces.iter().map(|(t, _)| width(t)).sum::<usize>();
    let room = usize::from(area.width);
    let candidates = servers(app);
    // What is given up first on a narrow terminal: the brand, then details of the server, then the tabs' words.
    for (brand, short, server) in
        [(true, false, 0), (true, false, 1), (false, false, 1), (false, false, 2), (false, true, 2)]
    {
        let left = tabs(brand, short);
        let right = candidates.get(server).cloned().unwrap_or_default();
        if wide(&left) + wide(&right) <= room || (short && server == 2) {
            canvas.pieces(area, 0, 0, &left);
            if wide(&left) + wide(&right) <= room {
                canvas.pieces_right(area, 0, &right);
            }
            return;
        }
    }
}

/// Which server, from long to short.
fn servers(app: &App) -> [Vec<Piece<'static>>; 3] {
    let Some(catalog) = app.catalog() else { return Default::default() };
    let read_only = || [piece("  ", Role::Text), piece("read-only", Role::Good), piece(" ", Role::Text)];
    let database = piece(catalog.database.clone(), Role::Title);
    let long = [database.clone(), piece(format!("  {}", catalog.server), Role::Dim)];
    let short = [database, piece(format!(" {}", catalog.server.version), Role::Dim)];
    [
        long.into_iter().chain(read_only()).collect(),
        short.into_iter().chain(read_only()).collect(),
        read_only().to_vec(),
    ]
}

pub fn footer(app: &App, screen: &Screen, canvas: &mut Canvas<'_>, area: Rect) {
    let left = status(app);
    let used = canvas.pieces(area, 0, 0, &left);
    let gap = if used > 0 { 2 } else { 1 };
    let room = Rect { x: area.x + (used + gap).min(area.width), width: area.width.saturating_sub(used + gap), ..area };
    let hints = hints(app, screen, usize::from(room.width));
    if used > 0 {
        canvas.pieces_right(room, 0, &hints);
    } else {
        canvas.pieces(room, 0, 0, &hints);
    }
}

fn status(app: &App) -> Vec<Piece<'static>> {
    if let Some(running) = app.running.iter().find(|r| app.now_ms.saturating_sub(r.since_ms) >= 150) {
        let elapsed = app.now_ms.saturating_sub(running.since_ms);
        let wheel = app.glyphs.pick("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "|/-\\");
        let frames: Vec<char> = wheel.chars().collect();
        let turn = usize::try_from(elapsed / 100).unwrap_or(0) % frames.len().max(1);
        let wheel = frames.get(turn).copied().unwrap_or(' ');
        return vec![
            piece(format!(" {wheel} "), Role::Accent),
            piece(running.what.clone(), Role::Text),
            piece(format!(" {:.1} s", elapsed as f64 / 1000.0), Role::Dim),
        ];
    }
    match &app.note {
        Some(note) => {
            let (mark, role) = match note.kind {
                NoteKind::Good => (app.glyphs.pick(" ✓ ", " ok "), Role::Good),
                NoteKind::Reason => (" ", Role::Warn),
                NoteKind::Bad => (app.glyphs.pick(" ✗ ", " x "), Role::Bad),
            };
            vec![piece(mark, role), piece(note.text.clone(), role)]
        }
        None => Vec::new(),
    }
}

/// As many `key title` pairs as fit; help comes last and always.
fn hints(app: &App, screen: &Screen, room: usize) -> Vec<Piece<'static>> {
    let scopes = screen.scopes(app);
    let mut wanted = screen.part().hints(app);
    wanted.retain(|a| screen.available(app, *a).is_ok());
    let last = if screen.is_typing(app) { Action::Back } else { Action::Help };
    wanted.retain(|a| *a != last);
    let pair = |action: Action| hint(&app.keymap, &scopes, action);
    let size = |pieces: &[Piece<'_>]| pieces.iter().map(|(t, _)| width(t)).sum::<usize>();
    let ending = pair(last).unwrap_or_default();
    let mut line = Vec::new();
    for next in wanted.into_iter().filter_map(pair) {
        if size(&line) + size(&next) + 2 + size(&ending) > room {
            break;
        }
        line.extend(next);
        line.push(piece("  ", Role::Text));
    }
    if size(&line) + size(&ending) <= room {
        line.extend(ending);
    }
    line
}

fn hint(keymap: &Keymap, scopes: &[crate::tui::keymap::Scope], action: Action) -> Option<Vec<Piece<'static>>> {
    let key = keymap.keys(scopes, action).into_iter().next()?;
    Some(vec![piece(key, Role::Key), piece(format!(" {}", action.title()), Role::Dim)])
}
