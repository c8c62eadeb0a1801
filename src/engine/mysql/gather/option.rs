//! What is said of the whole table: its engine, format, character set, words.

use super::Gather;
use crate::engine::mysql::known;
use crate::engine::mysql::types::{self, DataType};
use crate::model::LockMode;
use crate::sql::ObjectName;

impl<'a> Gather<'a> {
    pub(super) fn option(&mut self, name: &str, value: &str) {
        let innodb = self.is_innodb();
        match name {
            "engine" | "type" => {
                let same = value.trim_matches(['\'', '`', '"']).eq_ignore_ascii_case(&known::engine_name(self.table));
                if same {
                    self.find("rebuild-table", "plain");
                } else {
                    self.find("engine", "other");
                }
            }
            "row_format" | "key_block_size" => self.find("table-option", "layout"),
            "auto_increment" => {
                self.find("table-option", if innodb { "auto-increment" } else { "auto-increment-other-engine" });
            }
            "encryption" | "encrypted" | "encryption_key_id" => self.find("table-option", "encryption"),
            "compression" | "page_compressed" | "page_compression_level" => {
                self.find("table-option", "page-compression");
            }
            "tablespace" | "data directory" | "index directory" | "union" => self.find("table-option", "tablespace"),
            "default character set"
            | "default charset"
            | "character set"
            | "charset"
            | "default collate"
            | "collate" => {
                self.find("table-option", "default-charset");
            }
            "system versioning" | "add system versioning" | "drop system versioning" => {
                self.find("system-versioning", "always");
            }
            "comment" | "stats_persistent" | "stats_auto_recalc" | "stats_sample_pages" | "checksum" | "max_rows"
            | "min_rows" | "avg_row_length" | "delay_key_write" | "pack_keys" | "autoextend_size"
            | "table_checksum" => {
                self.find("table-option", if innodb { "words" } else { "words-other-engine" });
            }
            other => {
                self.unknown.get_or_insert_with(|| format!("no fact says what the option `{other}` does to a table"));
            }
        }
    }

    pub(super) fn convert(&mut self, charset: &str, collation: Option<&str>) {
        let charset = if charset.eq_ignore_ascii_case("default") {
            let table = self.table.mysql.as_ref().map(|m| m.collation.as_str()).unwrap_or("");
            types::charset_of(table).to_owned()
        } else {
            types::charset(&charset.to_ascii_lowercase()).to_owned()
        };
        let wanted = collation
            .map(str::to_ascii_lowercase)
            .or_else(|| self.known.default_collation(&charset))
            .map(|c| c.replace("utf8_", "utf8mb3_"));
        let (mut same, mut compatible) = (true, true);
        for column in self.table.columns.iter().filter(|c| DataType::read(&c.data_type).is_text()) {
            let of = column.mysql.as_ref();
            let has = of.and_then(|m| m.charset.as_deref()).map(types::charset);
            let collated = of.and_then(|m| m.collation.clone()).map(|c| c.replace("utf8_", "utf8mb3_"));
            let alike = has == Some(charset.as_str()) && (wanted.is_none() || collated == wanted);
            same &= alike;
            let longer = DataType::read(&column.data_type).base == "varchar"
                && DataType::read(&column.data_type).length().is_some_and(|n| {
                    let from = n.saturating_mul(has.map_or(1, types::bytes_per_character));
                    let to = n.saturating_mul(types::bytes_per_character(&charset));
                    from > 127 && from <= 255 && to > 255
                });
            let fits = matches!((has, charset.as_str()), (Some("utf8mb3"), "utf8mb4")) && !longer;
            compatible &= alike || (fits && DataType::read(&column.data_type).is_varying());
        }
        let when = if !self.is_innodb() {
            "other"
        } else if same {
            "same"
        } else if compatible {
            "compatible"
        } else {
            "other"
        };
        self.find("convert-charset", when);
    }

    pub(super) fn rename_table(&mut self, to: &ObjectName) {
        let full = to.resolve(self.known.catalog);
        let taken =
            self.known.catalog.table(&full).is_some() || self.known.catalog.views.iter().any(|v| v.name == full);
        if taken && full != self.table.name {
            return self.refuse(format!("there is a table `{full}` already (1050)"));
        }
        self.find("rename-table", "alter");
        self.raise("breaks-running-code", &[("name", self.table.name.to_string())]);
        self.others.push((self.table.name.clone(), LockMode::MetadataExclusive));
    }
}
