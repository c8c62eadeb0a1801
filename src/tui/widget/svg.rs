//! A drawn screen as SVG, for the documentation: no terminal, no font file, the same bytes every time.

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

/// What the 16 colours of a terminal look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    pub background: &'static str,
    pub foreground: &'static str,
    /// Black, red, green, yellow, blue, magenta, cyan, gray, then the bright eight.
    pub ansi: [&'static str; 16],
}

pub const DARK: Palette = Palette {
    background: "#16181d",
    foreground: "#d5d8df",
    ansi: [
        "#16181d", "#e06c75", "#8fc379", "#e0b872", "#3a6ea5", "#c586c0", "#5fb3c4", "#abb2bf", "#7d8590", "#ff7b85",
        "#a5d68f", "#ffd08a", "#7aa9e0", "#d8a0d4", "#80cfe0", "#ffffff",
    ],
};

pub const LIGHT: Palette = Palette {
    background: "#ffffff",
    foreground: "#24292f",
    ansi: [
        "#24292f", "#c0272d", "#1a7f37", "#9a6700", "#0a5fc2", "#8e3fa8", "#0b7285", "#c4c9d0", "#6a737d", "#cf222e",
        "#2da44e", "#bf8700", "#218bff", "#a475f9", "#3192aa", "#ffffff",
    ],
};

/// Text of 14 pixels: a cell is 0.6 em wide; rows of 1.2 em leave no gaps between borders.
const FONT: f32 = 14.0;
const CELL: (f32, f32) = (8.4, 16.8);
const MARGIN: f32 = 12.0;

/// The whole buffer as one SVG file.
pub fn svg(buffer: &Buffer, palette: &Palette) -> String {
    let (columns, rows) = (f32::from(buffer.area.width), f32::from(buffer.area.height));
    let (width, height) = (columns * CELL.0 + 2.0 * MARGIN, rows * CELL.1 + 2.0 * MARGIN);
    let mut out = String::new();
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         font-family=\"ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace\" font-size=\"{FONT}\">"
    );
    let _ = writeln!(out, "<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{}\"/>", palette.background);
    for y in 0..buffer.area.height {
        backgrounds(&mut out, buffer, palette, y);
        texts(&mut out, buffer, palette, y);
    }
    out.push_str("</svg>\n");
    out
}

/// Colours and weight as they are seen: reversed cells are turned round.
#[derive(Clone, Copy, PartialEq)]
struct Look<'p> {
    ink: &'p str,
    paper: Option<&'p str>,
    bold: bool,
    italic: bool,
    underlined: bool,
}

fn look<'p>(cell: &Cell, palette: &'p Palette) -> Look<'p> {
    let ink = colour(cell.fg, palette).unwrap_or(palette.foreground);
    let paper = colour(cell.bg, palette);
    let has = |m| cell.modifier.contains(m);
    let (ink, paper) = match has(Modifier::REVERSED) {
        true => (paper.unwrap_or(palette.background), Some(ink)),
        false => (ink, paper),
    };
    Look { ink, paper, bold: has(Modifier::BOLD), italic: has(Modifier::ITALIC), underlined: has(Modifier::UNDERLINED) }
}

fn colour(colour: Color, palette: &Palette) -> Option<&'static str> {
    let place = match colour {
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
        _ => return None,
    };
    palette.ansi.get(place).copied()
}

fn left(x: u16) -> f32 {
    MARGIN + f32::from(x) * CELL.0
}

fn top(y: u16) -> f32 {
    MARGIN + f32::from(y) * CELL.1
}

fn cells(buffer: &Buffer, y: u16) -> impl Iterator<Item = (u16, &Cell)> {
    let area = buffer.area;
    (0..area.width).filter_map(move |x| buffer.cell((area.x + x, area.y + y)).map(|c| (x, c)))
}

fn backgrounds(out: &mut String, buffer: &Buffer, palette: &Palette, y: u16) {
    let mut run: Option<(u16, u16, &str)> = None;
    for (x, cell) in cells(buffer, y) {
        let paper = look(cell, palette).paper;
        match (&mut run, paper) {
            (Some((_, end, same)), Some(paper)) if same == &paper => *end = x + 1,
            (_, paper) => {
                flush(out, run.take(), y);
                run = paper.map(|p| (x, x + 1, p));
            }
        }
    }
    flush(out, run, y);
}

fn flush(out: &mut String, run: Option<(u16, u16, &str)>, y: u16) {
    if let Some((from, to, paper)) = run {
        rect(out, left(from), top(y), f32::from(to - from) * CELL.0, CELL.1, paper);
    }
}

fn rect(out: &mut String, x: f32, y: f32, width: f32, height: f32, fill: &str) {
    let _ =
        writeln!(out, "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"{fill}\"/>");
}

/// Runs of one look; two spaces end a run, so that no font can shift what stands in columns.
fn texts(out: &mut String, buffer: &Buffer, palette: &Palette, y: u16) {
    let mut run: Option<(u16, String, Look<'_>)> = None;
    let mut hidden = 0;
    for (x, cell) in cells(buffer, y) {
        if hidden > 0 {
            hidden -= 1;
            continue;
        }
        let symbol = cell.symbol();
        let wide = UnicodeWidthStr::width(symbol);
        hidden = wide.saturating_sub(1);
        let look = look(cell, palette);
        if line_art(out, symbol, x, y, look.ink) {
            text(out, run.take(), y);
            continue;
        }
        match &mut run {
            Some((_, content, same)) if *same == look && !(content.ends_with(' ') && symbol == " ") => {
                content.push_str(symbol);
            }
            _ => {
                text(out, run.take(), y);
                let blank = symbol == " " && !look.underlined;
                run = (!blank).then(|| (x, symbol.to_owned(), look));
            }
        }
        if wide > 1 {
            text(out, run.take(), y);
        }
    }
    text(out, run, y);
}

fn text(out: &mut String, run: Option<(u16, String, Look<'_>)>, y: u16) {
    let Some((x, content, look)) = run else { return };
    let content = content.trim_end();
    if content.is_empty() {
        return;
    }
    let length = content.width() as f32 * CELL.0;
    let baseline = top(y) + FONT * 0.95;
    let _ =
        write!(out, "<text x=\"{:.1}\" y=\"{baseline:.1}\" textLength=\"{length:.1}\" fill=\"{}\"", left(x), look.ink);
    for (on, attribute) in [
        (look.bold, " font-weight=\"bold\""),
        (look.italic, " font-style=\"italic\""),
        (look.underlined, " text-decoration=\"underline\""),
    ] {
        if on {
            out.push_str(attribute);
        }
    }
    let _ = writeln!(out, ">{}</text>", escaped(content));
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Lines and blocks are drawn, since fonts draw them with gaps; `false` for every other character.
fn line_art(out: &mut String, symbol: &str, x: u16, y: u16, ink: &str) -> bool {
    let (l, t) = (left(x), top(y));
    let (middle, centre) = (l + CELL.0 / 2.0, t + CELL.1 / 2.0);
    let (r, b) = (l + CELL.0, t + CELL.1);
    let path = match symbol {
        "─" => format!("M{l:.1} {centre:.1}H{r:.1}"),
        "│" => format!("M{middle:.1} {t:.1}V{b:.1}"),
        "┬" => format!("M{l:.1} {centre:.1}H{r:.1}M{middle:.1} {centre:.1}V{b:.1}"),
        "╭" => format!("M{r:.1} {centre:.1}Q{middle:.1} {centre:.1} {middle:.1} {b:.1}"),
        "╮" => format!("M{l:.1} {centre:.1}Q{middle:.1} {centre:.1} {middle:.1} {b:.1}"),
        "╰" => format!("M{r:.1} {centre:.1}Q{middle:.1} {centre:.1} {middle:.1} {t:.1}"),
        "╯" => format!("M{l:.1} {centre:.1}Q{middle:.1} {centre:.1} {middle:.1} {t:.1}"),
        _ => {
            let Some(eighths) = "▏▎▍▌▋▊▉█".chars().position(|c| symbol == c.to_string()) else {
                return false;
            };
            // A bar is a little lower than its row: bars of neighbouring rows stay apart.
            // Full blocks overlap a little: rounding would leave seams in a bar.
            let seam = if eighths == 7 { 0.4 } else { 0.0 };
            rect(out, l, t + 3.0, (eighths + 1) as f32 / 8.0 * CELL.0 + seam, CELL.1 - 6.0, ink);
            return true;
        }
    };
    let _ = writeln!(out, "<path d=\"{path}\" stroke=\"{ink}\" fill=\"none\"/>");
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    #[test]
    fn text_is_escaped_and_columns_keep_their_place() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 1));
        buffer.set_string(0, 0, "a < b   c─█", Style::new().fg(Color::Green));
        let svg = svg(&buffer, &DARK);
        assert!(svg.contains(">a &lt; b</text>"), "{svg}");
        assert!(svg.contains(&format!("<text x=\"{:.1}\"", left(8))), "{svg}");
        assert_eq!((svg.matches("<path").count(), svg.matches("<rect").count()), (1, 2), "{svg}");
    }
}
