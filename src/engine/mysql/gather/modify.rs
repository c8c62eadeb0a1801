//! MODIFY and CHANGE: all that the new definition says against the old one, each difference a finding of its own.

use super::Gather;
use crate::engine::mysql::known::{self, same};
use crate::engine::mysql::types::{self, DataType};
use crate::model::catalog::GeneratedKind;
use crate::model::{Column, ConstraintKind, Ident};
use crate::sql::mysql::statement::{Action, ColumnDef, Position};

/// Longest row of varying bytes.
const MAX_BYTES: u64 = 65_535;

impl<'a> Gather<'a> {
    pub(super) fn modify(&mut self, from: &'a Ident, new: &'a ColumnDef, position: Option<&Position>, if_exists: bool) {
        if if_exists && !self.known.is_mariadb() {
            return self.refuse("`IF EXISTS` on a column is MariaDB's (1064)");
        }
        let Some(old) = known::column(self.table, from) else {
            if if_exists {
                return self.find_of("drop-column", "absent", from);
            }
            return self.refuse(format!("`{}` has no column `{from}` (1054)", self.table.name));
        };
        if !same(from, &new.name) {
            self.rename_column(from, &new.name);
        }
        let before = self.findings.len();
        if !self.generated(old, new) {
            self.types(old, new);
            self.nullable(old, new);
            self.counts(old, new);
        }
        self.rest(old, new);
        self.moves(old, position);
        if self.findings.len() == before {
            self.find_of("change-type", "same", from);
        }
    }

    /// True if the column is or becomes a generated one: then that decides.
    fn generated(&mut self, old: &Column, new: &ColumnDef) -> bool {
        let values = [("column", old.name.to_string()), ("from", old.data_type.clone()), ("to", new.data_type.clone())];
        let when = match (old.generated.as_ref(), new.generated.as_ref()) {
            (None, None) => return false,
            (Some(was), Some((sql, kind))) if was.kept == *kind => {
                let retyped = DataType::read(&old.data_type) != DataType::read(&new.data_type);
                let said = |text: &str| -> String {
                    text.chars().filter(|c| !matches!(c, ' ' | '(' | ')' | '`')).collect::<String>().to_lowercase()
                };
                match (retyped, said(&was.sql) == said(sql)) {
                    (true, _) => "other",
                    (false, true) => "same",
                    (false, false) if *kind == GeneratedKind::Virtual => "generated-expression",
                    (false, false) => "stored-expression",
                }
            }
            // A stored column is a plain one that is computed, and back.
            (Some(was), None) if was.kept == GeneratedKind::Stored => "other",
            (None, Some((_, GeneratedKind::Stored))) => "stored-expression",
            _ => "virtual-to-plain",
        };
        self.find_with("change-type", when, &values);
        true
    }

    fn types(&mut self, old: &Column, new: &ColumnDef) {
        let (was, is) = (DataType::read(&old.data_type), DataType::read(&new.data_type));
        let indexed = known::indexes_of(self.table, &old.name).next().is_some();
        let (old_set, old_collation) = self.had(old);
        let (new_set, new_collation) = self.gets(new);
        let both_text = was.is_text() && is.is_text();
        let bytes = |t: &DataType, charset: &Option<String>| {
            let each = if t.is_text() { charset.as_deref().map_or(1, types::bytes_per_character) } else { 1 };
            t.length().map(|n| n.saturating_mul(each))
        };
        let values = |from: String, to: String| [("column", old.name.to_string()), ("from", from), ("to", to)];
        let named = values(old.data_type.clone(), new.data_type.clone());
        if is.is_varying() && bytes(&is, &new_set).is_some_and(|n| n > MAX_BYTES) {
            let when = if self.known.is_strict() { "too-long" } else { "too-long-lax" };
            return self.find_with("change-type", when, &named);
        }
        let mut other = false;
        if was.is_varying() && was.base == is.base {
            if let (Some(from), Some(to)) = (bytes(&was, &old_set), bytes(&is, &new_set)) {
                if is.length() < was.length() || to < from {
                    other = true;
                } else if to > from {
                    let when = self.longer(from, to, indexed);
                    self.find_with("change-type", when, &values(from.to_string(), to.to_string()));
                }
            }
        } else if !was.members.is_empty() && was.base == is.base {
            let appended = is.members.len() > was.members.len() && is.members.starts_with(&was.members);
            if appended && was.member_bytes() == is.member_bytes() {
                self.find_with("change-type", "members-appended", &named);
            } else if was.members != is.members {
                other = true;
            }
        } else if was != is {
            other = true;
        }
        if both_text && !other && was.base == is.base {
            let sets = old_set.as_deref().zip(new_set.as_deref()).map(|(a, b)| (types::charset(a), types::charset(b)));
            let collates = old_collation.is_some() && new_collation.is_some() && old_collation != new_collation;
            match sets {
                Some((a, b)) if a != b => {
                    let compatible =
                        matches!((a, b), ("utf8mb3", "utf8mb4") | ("ascii", "utf8mb3" | "utf8mb4" | "latin1"));
                    let known_ascii = a != "ascii" || self.known.is_mariadb();
                    // CHAR is stored at its full length, ENUM and SET compare their members.
                    if compatible && known_ascii && (was.is_varying() || was.base.ends_with("text")) {
                        let when = if indexed { "charset-compatible-indexed" } else { "charset-compatible" };
                        self.find_with("change-type", when, &named);
                    } else {
                        other = true;
                    }
                }
                _ if collates => {
                    let when = if indexed { "collation-indexed" } else { "collation" };
                    self.find_with("change-type", when, &named);
                }
                _ => {}
            }
        }
        if !self.is_innodb()
            && self.findings.last().is_some_and(|f| f.op == "change-type" && f.when != "members-appended")
        {
            other = true;
        }
        if other && !self.refused_by_keys(old, new) {
            self.find_with("change-type", "other", &named);
        }
    }

    /// The length of a varying column grows.
    fn longer(&self, from: u64, to: u64, indexed: bool) -> &'static str {
        let free =
            if self.known.is_mariadb() { known::row_format_is(self.table, "redundant") || from <= 127 } else { false };
        if to <= 255 || from >= 256 {
            if indexed { "longer-indexed" } else { "longer" }
        } else if free {
            "longer-across-free"
        } else {
            "longer-across"
        }
    }

    /// Character set and collation that the column has.
    fn had(&self, old: &Column) -> (Option<String>, Option<String>) {
        let of = old.mysql.as_ref();
        let collation = of.and_then(|m| m.collation.clone()).or_else(|| old.collation.clone());
        let charset = of
            .and_then(|m| m.charset.clone())
            .or_else(|| collation.as_deref().map(|c| types::charset_of(c).to_owned()));
        (charset, collation.map(|c| spelled(&c)))
    }

    /// What is not written is the table's, not the column's.
    fn gets(&self, new: &ColumnDef) -> (Option<String>, Option<String>) {
        let table = self.table.mysql.as_ref().map(|m| m.collation.clone()).filter(|c| !c.is_empty());
        let (charset, collation) = match (&new.charset, &new.collation) {
            (_, Some(collation)) => {
                (Some(types::charset_of(collation).to_owned()), Some(collation.to_ascii_lowercase()))
            }
            (Some(charset), None) => {
                let charset = types::charset(&charset.to_ascii_lowercase()).to_owned();
                let collation = self.known.default_collation(&charset);
                (Some(charset), collation)
            }
            (None, None) => (table.as_deref().map(|c| types::charset_of(c).to_owned()), table),
        };
        (charset, collation.map(|c| spelled(&c)))
    }

    /// A foreign key compares columns of one type only.
    fn refused_by_keys(&mut self, old: &Column, new: &ColumnDef) -> bool {
        let table = self.table;
        // Only what is compared otherwise: a longer text is the same type.
        let (was, is) = (DataType::read(&old.data_type), DataType::read(&new.data_type));
        if was.is_text() && is.is_text() && was.base == is.base {
            return false;
        }
        let own = table.constraints.iter().find(|c| {
            c.kind == ConstraintKind::ForeignKey
                && c.columns.iter().any(|k| same(k, &old.name))
                && !self.drops_foreign_key(&c.name)
        });
        let pointing = self
            .known
            .catalog
            .referenced_by(&table.name)
            .find(|(_, c)| c.references.as_ref().is_some_and(|r| r.columns.iter().any(|k| same(k, &old.name))))
            .map(|(_, c)| c);
        let (when, key) = match (own, pointing) {
            (Some(key), _) => ("foreign-key-child", key),
            (None, Some(key)) => ("foreign-key-parent", key),
            (None, None) => return false,
        };
        let when = if self.known.checks_foreign_keys() { when } else { "foreign-key-unchecked" };
        self.find_with("change-type", when, &[("column", old.name.to_string()), ("other", key.name.to_string())]);
        true
    }

    fn nullable(&mut self, old: &Column, new: &ColumnDef) {
        let primary = self.table.primary_key().is_some_and(|k| k.columns.iter().any(|c| same(c, &old.name)));
        if primary {
            if new.not_null != Some(true) && !new.primary && !new.auto_increment {
                self.find_of("change-type", "primary-null", &old.name);
            }
            return;
        }
        // Before `explicit_defaults_for_timestamp` was the rule, a TIMESTAMP without NULL was NOT NULL: what is not said is not judged.
        let timestamp = DataType::read(&new.data_type).base == "timestamp" && new.not_null.is_none();
        let is = new.not_null == Some(true) || new.auto_increment || new.primary;
        match (old.not_null, is) {
            (false, true) => {
                let when = if self.known.is_mariadb() && known::has_indexed_virtual(self.table, &[]) {
                    "around-indexed-virtual"
                } else if self.known.is_strict() {
                    "strict"
                } else {
                    "lax"
                };
                self.find_of("set-not-null", when, &old.name);
                if new.default.is_none() {
                    self.raise("inserts-fail-without-value", &[self.table_value(), ("column", old.name.to_string())]);
                }
            }
            (true, false) if !timestamp => self.find_of("set-null", "plain", &old.name),
            _ => {}
        }
    }

    fn counts(&mut self, old: &Column, new: &ColumnDef) {
        match (known::is_auto_increment(old), new.auto_increment) {
            (false, true) => self.find_of("change-type", "auto-increment-on", &old.name),
            (true, false) => self.find_of("change-type", "auto-increment-off", &old.name),
            _ => {}
        }
    }

    /// Default, comment, visibility, check.
    fn rest(&mut self, old: &Column, new: &ColumnDef) {
        let told = |text: &str| text.trim().to_ascii_lowercase();
        let was = old.default.as_ref().map(|d| told(&d.sql)).filter(|d| d != "null");
        let is = new.default.as_deref().map(told).filter(|d| d != "null");
        let updated = old.mysql.as_ref().and_then(|m| m.on_update.as_deref()).map(told);
        if was != is || updated != new.on_update.as_deref().map(told) {
            self.find_of("set-default", "plain", &old.name);
        }
        if old.comment.as_deref().unwrap_or("") != new.comment.as_deref().unwrap_or("") {
            self.find_of("column-words", "comment", &old.name);
        }
        if old.mysql.as_ref().is_some_and(|m| m.invisible) != new.invisible {
            self.find_of("column-words", "visibility", &old.name);
        }
        if new.unique {
            self.find_of("add-index", "unique", &old.name);
        }
        if new.check.is_some() {
            self.find_of("change-type", "column-check", &old.name);
            self.unlooked_check(&old.name);
        }
    }

    fn moves(&mut self, old: &Column, position: Option<&Position>) {
        let place = self.table.columns.iter().position(|c| c.name == old.name);
        let before = place.and_then(|p| p.checked_sub(1)).and_then(|p| self.table.columns.get(p));
        let stays = match position {
            None => true,
            Some(Position::First) => place == Some(0),
            Some(Position::After(other)) => {
                if known::column(self.table, other).is_none() && !self.added(other) {
                    return self.refuse(format!("`{}` has no column `{other}` (1054)", self.table.name));
                }
                before.is_some_and(|c| same(&c.name, other))
            }
        };
        let moved_before = self
            .actions
            .iter()
            .any(|a| matches!(a, Action::AddColumn { position: Some(_), .. } | Action::DropColumn { .. }));
        if !stays || (position.is_some() && moved_before && place != Some(0)) {
            self.find_of("reorder-column", "plain", &old.name);
        }
    }
}

/// One spelling of a collation: `utf8_bin` is `utf8mb3_bin`.
fn spelled(collation: &str) -> String {
    let lower = collation.to_ascii_lowercase();
    match lower.strip_prefix("utf8_") {
        Some(rest) => format!("utf8mb3_{rest}"),
        None => lower,
    }
}
