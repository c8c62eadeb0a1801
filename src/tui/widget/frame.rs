//! The frame around every screen: header (where am I, which server), footer (what goes on, which keys).

use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, Piece, piece};
use crate::tui::keymap::Keymap;
use crate::tui::msg::{Care, NoteKind};
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

/// Places with their columns, and what stands right of them.
struct Header {
    left: Vec<Piece<'static>>,
    places: Vec<(Place, std::ops::Range<usize>)>,
    right: Vec<Piece<'static>>,
}

/// What is given up first on a narrow terminal: the brand, then details of the server, then the words of the places.
fn fitting_header(app: &App, place: Option<Place>, width_of_area: u16) -> Header {
    let wide = |pieces: &[Piece<'_>]| pieces.iter().map(|(t, _)| width(t)).sum::<usize>();
    let servers = servers(app);
    let mut header = Header { left: Vec::new(), places: Vec::new(), right: Vec::new() };
    // Which database it is matters more than the words of the places.
    let forms = [
        (true, true, 0, "  "),
        (true, true, 1, "  "),
        (false, true, 1, "  "),
        (false, true, 1, " "),
        (false, false, 1, "  "),
        (false, true, 2, " "),
        (false, false, 2, "  "),
    ];
    for (brand, words, server, gap) in forms {
        header.left = vec![piece(if brand { " sidestep  " } else { " " }, Role::Title)];
        header.places.clear();
        for (n, p) in Place::ALL.into_iter().enumerate() {
            let here = Some(p) == place;
            let title = if words || here { format!("{} {}", n + 1, p.title()) } else { (n + 1).to_string() };
            let from = wide(&header.left);
            header.places.push((p, from..from + width(&title)));
            header.left.push(piece(title, if here { Role::TabActive } else { Role::Tab }));
            header.left.push(piece(gap, Role::Text));
        }
        header.right = servers.get(server).cloned().unwrap_or_default();
        if wide(&header.left) + wide(&header.right) <= usize::from(width_of_area) {
            return header;
        }
    }
    header.right.clear();
    header
}

pub fn header(app: &App, place: Option<Place>, canvas: &mut Canvas<'_>, area: Rect) {
    let header = fitting_header(app, place, area.width);
    canvas.pieces(area, 0, 0, &header.left);
    canvas.pieces_right(area, 0, &header.right);
}

/// The place whose title a click in the header hits.
pub fn place_at(app: &App, place: Option<Place>, column: u16) -> Option<Place> {
    let header = fitting_header(app, place, app.size.0);
    header.places.into_iter().find(|(_, columns)| columns.contains(&usize::from(column))).map(|(p, _)| p)
}

/// Which server, from long to short.
fn servers(app: &App) -> [Vec<Piece<'static>>; 3] {
    let Some(catalog) = app.catalog() else { return Default::default() };
    let mark = match app.care() {
        Care::Normal => piece("read-only", Role::Good),
        Care::Production => piece(" PRODUCTION read-only ", Role::Production),
    };
    let read_only = || [piece("  ", Role::Text), mark.clone(), piece(" ", Role::Text)];
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
            piece(format!(" {:.1} s  ", elapsed as f64 / 1000.0), Role::Dim),
            piece("ctrl-c", Role::Key),
            piece(" cancels", Role::Dim),
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
