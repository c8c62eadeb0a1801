//! A series of figures as a line of blocks, and the figure of an answer that is worth a series.

use crate::db::live::Answer;
use crate::tui::canvas::Glyphs;

/// The last `width` values between the smallest and the largest of them.
pub fn line(values: &[f64], width: usize, glyphs: Glyphs) -> String {
    let steps: Vec<char> = match glyphs {
        Glyphs::Unicode => "▁▂▃▄▅▆▇█".chars().collect(),
        Glyphs::Ascii => "_.-=+*#@".chars().collect(),
    };
    let shown = values.get(values.len().saturating_sub(width)..).unwrap_or(values);
    let low = shown.iter().copied().fold(f64::INFINITY, f64::min);
    let high = shown.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let place = |v: f64| match high - low {
        span if span > 0.0 => ((v - low) / span * 7.0).round() as usize,
        _ => 0,
    };
    shown.iter().filter_map(|v| steps.get(place(*v))).collect()
}

/// The one figure of an answer: a share if it tells done and total, a lone number, the largest lag, else how many rows.
pub fn measure(title: &str, answer: &Answer) -> Option<f64> {
    let number = |column: &str| answer.first(column).and_then(|v| v.parse::<f64>().ok());
    for (done, total) in
        [("blocks_done", "blocks_total"), ("tuples_done", "tuples_total"), ("heap_blks_scanned", "heap_blks_total")]
    {
        if let (Some(done), Some(total)) = (number(done), number(total))
            && total > 0.0
        {
            return Some(100.0 * done / total);
        }
    }
    if let ([_], [row]) = (answer.columns.as_slice(), answer.rows.as_slice()) {
        return row.first()?.as_deref()?.parse().ok();
    }
    if title.to_lowercase().contains("lag")
        && let Some(at) = answer.columns.iter().position(|c| c.contains("bytes"))
    {
        let bytes = answer.rows.iter().filter_map(|r| r.get(at)?.as_deref()?.parse::<f64>().ok());
        return Some(bytes.fold(0.0, f64::max));
    }
    Some(answer.count as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_become_blocks() {
        assert_eq!(line(&[0.0, 1.0, 2.0, 4.0], 10, Glyphs::Unicode), "▁▃▅█");
        assert_eq!(line(&[3.0, 3.0], 10, Glyphs::Ascii), "__");
        assert_eq!(line(&[9.0, 0.0, 8.0], 2, Glyphs::Unicode), "▁█");
    }
}
