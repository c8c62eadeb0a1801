//! What people should know of a change of type: what gets lost, what a release has to bear, which way back is a guess.

use super::ChangeType;
use crate::change::recipe::castable::Fits;
use crate::change::recipe::conversion::{Conversion, Undone};
use crate::model::Column;
use crate::plan::Severity;
use crate::plan::build::Builder;

impl ChangeType {
    /// What the release that stands on both sides of the change has to bear.
    pub(super) fn bear(&self, column: &Column, fits: &Fits) -> String {
        let both = format!(
            "Bear `{}` of `{}` as `{}` and as `{}`: reading, binding parameters, decoding.",
            self.column, self.table, column.data_type, self.shown
        );
        if *fits == Fits::Always { both } else { format!("{both} Send only values that fit `{}`.", self.shown) }
    }

    /// What the new type does not keep, though every value can be converted.
    pub fn losses(&self, b: &mut Builder, column: &Column) {
        let (from, to) = (column.data_type.as_str(), self.canonical.as_str());
        let named = format!("`{}.{}`", self.table, self.column);
        let scale = |t: &str| t.split_once(',').and_then(|(_, s)| s.trim_end_matches(')').parse::<i64>().ok());
        let whole = |t: &str| matches!(t, "smallint" | "integer" | "bigint");
        let text = match (from, to) {
            ("json", "jsonb") => format!(
                "`jsonb` keeps neither blanks nor the order of keys, and of two equal keys the last: who compares, signs or shows {named} as text gets another one. In return it can be compared and indexed."
            ),
            (f, "date") if f.starts_with("timestamp") => format!("The time of day in {named} is lost."),
            (f, t) if f.starts_with("numeric") && whole(t) => {
                format!("Values of {named} are rounded to whole numbers.")
            }
            (f, t)
                if f.starts_with("numeric") && t.starts_with("numeric(") && scale(t) < scale(f).or(Some(i64::MAX)) =>
            {
                format!("Values of {named} are rounded to {} digits behind the point.", scale(t).unwrap_or(0))
            }
            (f, t) if f.ends_with("citext") != t.ends_with("citext") => {
                format!(
                    "Whether `A` equals `a` in {named} changes: comparisons, DISTINCT, joins and unique indexes take the other answer."
                )
            }
            _ => return,
        };
        b.finding(Severity::Warning, text);
    }

    /// The way back where nobody knows it.
    pub(super) fn way_back_told(&self, b: &mut Builder, conversion: &Conversion) {
        if conversion.undone == Undone::Yes {
            return;
        }
        b.finding(
            Severity::Warning,
            format!(
                "Nobody knows how to undo `USING {}`: what is written to `{}.{}` after the swap goes to the old column by a cast, or as NULL. Look at such rows before you take the swap back.",
                crate::model::name::shown(&conversion.forward.sql),
                self.table,
                self.column
            ),
        );
    }
}
