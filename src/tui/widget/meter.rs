//! A bar as long as its share: eighth blocks, or `#` in ASCII.

use crate::tui::canvas::Glyphs;

/// `share` of 1.0 fills `width` columns; what is less than a sliver shows nothing.
pub fn bar(share: f64, width: u16, glyphs: Glyphs) -> String {
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    match glyphs {
        Glyphs::Ascii => "#".repeat((share * f64::from(width)).round() as usize),
        Glyphs::Unicode => {
            let eighths = (share * f64::from(width) * 8.0).round() as usize;
            let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
            format!("{}{}", "█".repeat(eighths / 8), rest.get(eighths % 8).unwrap_or(&""))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_long_as_its_share() {
        let bars = [0.0, 0.0001, 0.5, 0.55, 1.0, f64::NAN].map(|s| bar(s, 4, Glyphs::Unicode));
        assert_eq!(bars, ["", "", "██", "██▎", "████", ""]);
        assert_eq!(bar(0.5, 4, Glyphs::Ascii), "##");
    }
}
