//! The state as a picture: pure, no memory between frames.

use super::canvas::Canvas;
use super::state::State;
use super::theme::Role;
use super::widget::frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

pub fn view(state: &State, area: Rect, buffer: &mut Buffer) {
    let app = &state.app;
    let mut canvas = Canvas { buffer, theme: &app.theme, glyphs: app.glyphs };
    let (width, height) = frame::SMALLEST;
    if area.width < width || area.height < height {
        canvas.put(area, 0, 0, &format!("needs {width}×{height}"), Role::Text);
        return;
    }
    let areas = frame::areas(area);
    let base = state.screens.iter().rposition(|s| s.place().is_some()).unwrap_or(0);
    let place = state.screens.get(base).and_then(super::screen::Screen::place);
    frame::header(app, place, &mut canvas, areas.header);
    // Overlays are drawn over the screen that they lie on.
    for screen in state.screens.iter().skip(base) {
        screen.part().draw(app, &mut canvas, areas.body);
    }
    if let Some(top) = state.top() {
        frame::footer(app, top, &mut canvas, areas.footer);
    }
}
