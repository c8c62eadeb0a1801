//! Types: one spelling for each, what they hold, and how a server prints them in COLUMN_TYPE.

use super::charset;
use super::lex::{Item, Lexer};
use super::{Reading, names};
use crate::model::{Engine, Server, Version};
use crate::sql::cursor::Cursor;
use crate::sql::lex::{Kind, Token};

/// A type without its character set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DataType {
    /// `int`, `varchar`, `decimal`, `enum`, …: lower case, one of several spellings.
    pub name: String,
    /// What stands in the parentheses; a display width of integers among them.
    pub numbers: Vec<u64>,
    /// Of ENUM and SET: the members' values.
    pub members: Vec<String>,
    pub unsigned: bool,
    pub zerofill: bool,
    /// The character set that the type's own word says: `nvarchar`, `char byte`.
    pub charset: Option<&'static str>,
}

/// Spellings of one type. Longest first where one starts another.
const SPELLINGS: &[(&str, &str)] = &[
    ("national character varying", "nvarchar"),
    ("national char varying", "nvarchar"),
    ("national varcharacter", "nvarchar"),
    ("national varchar", "nvarchar"),
    ("national character", "nchar"),
    ("national char", "nchar"),
    ("nchar varchar", "nvarchar"),
    ("nchar varcharacter", "nvarchar"),
    ("nchar varying", "nvarchar"),
    ("character varying", "varchar"),
    ("char varying", "varchar"),
    ("char byte", "binary"),
    ("double precision", "double"),
    ("long character varying", "mediumtext"),
    ("long char varying", "mediumtext"),
    ("long varchar", "mediumtext"),
    ("long varbinary", "mediumblob"),
    ("long", "mediumtext"),
    ("varcharacter", "varchar"),
    ("varchar2", "varchar"),
    ("character", "char"),
    ("bool", "boolean"),
    ("int1", "tinyint"),
    ("int2", "smallint"),
    ("int3", "mediumint"),
    ("middleint", "mediumint"),
    ("int4", "int"),
    ("integer", "int"),
    ("int8", "bigint"),
    ("numeric", "decimal"),
    ("number", "decimal"),
    ("dec", "decimal"),
    ("fixed", "decimal"),
    ("real", "double"),
    ("float8", "double"),
    ("float4", "float"),
    ("geometrycollection", "geomcollection"),
    ("clob", "longtext"),
    ("raw", "varbinary"),
];

impl DataType {
    /// Reads a type as written or as the server prints it; none where it is no type.
    pub fn parse(text: &str) -> Option<Self> {
        let mut lexer = Lexer::new(text, Reading::newest(Engine::Mariadb));
        let mut tokens: Vec<Token> = Vec::new();
        while let Some(item) = lexer.next() {
            match item {
                Ok(Item::Token(token)) => tokens.push(token),
                _ => return None,
            }
        }
        let mut c = Cursor::of(&super::MARIADB, text, &tokens);
        let mut read = Self::default();
        let spelled = SPELLINGS.iter().find(|(written, _)| c.eat(written));
        read.name = match spelled {
            Some((_, name)) => (*name).to_owned(),
            None => {
                let word = c.peek().filter(|t| t.kind == Kind::Word)?;
                c.at += 1;
                word.of(text).to_ascii_lowercase()
            }
        };
        if c.is_mark("(") {
            for piece in c.parens().ok()?.split_commas() {
                let token = piece.peek()?;
                match token.kind {
                    // Blanks at a member's end are not kept.
                    Kind::Text => read.members.push(names::literal(token.of(text))?.trim_end_matches(' ').to_owned()),
                    _ => read.numbers.push(token.of(text).parse().ok()?),
                }
            }
        }
        while !c.ended() {
            if c.eat("unsigned") {
                read.unsigned = true;
            } else if c.eat("zerofill") {
                (read.unsigned, read.zerofill) = (true, true);
            } else if !c.eat("signed") {
                return None;
            }
        }
        read.settle();
        Some(read)
    }

    /// Spellings that are another type with an attribute.
    fn settle(&mut self) {
        match self.name.as_str() {
            "boolean" => (self.name, self.numbers) = ("tinyint".into(), vec![1]),
            "serial" => (self.name, self.unsigned) = ("bigint".into(), true),
            "nvarchar" | "nchar" => {
                self.charset = Some("utf8mb3");
                self.name = self.name.trim_start_matches('n').to_owned();
            }
            // The precision of FLOAT only chooses between the two.
            "float" => {
                if let [precision] = self.numbers.as_slice() {
                    if *precision > 24 {
                        self.name = "double".into();
                    }
                    self.numbers.clear();
                }
            }
            _ => {}
        }
        match (self.name.as_str(), self.numbers.as_slice()) {
            ("decimal", []) => self.numbers = vec![10, 0],
            ("decimal", [digits]) => self.numbers = vec![*digits, 0],
            ("char" | "binary" | "bit", []) => self.numbers = vec![1],
            ("datetime" | "timestamp" | "time", [0]) => self.numbers.clear(),
            ("vector", []) => self.numbers = vec![2048],
            _ => {}
        }
    }

    /// As COLUMN_TYPE shows it on that server, in a column of that character set.
    pub fn printed(&self, server: &Server, column_charset: Option<&str>) -> String {
        let of = self.in_charset(column_charset);
        // MySQL 8.0.19 gave up display widths but for what ZEROFILL and a boolean need.
        let widths = server.engine == Engine::Mariadb || server.version < Version::exact(8, 0, 19);
        let boolean = of.name == "tinyint" && of.numbers == [1] && !of.unsigned;
        let mut out = match of.name.as_str() {
            "geomcollection" if widths => "geometrycollection".to_owned(),
            "json" if server.engine == Engine::Mariadb => "longtext".to_owned(),
            name => name.to_owned(),
        };
        if of.integer_bytes().is_some() || of.name == "year" {
            if widths || of.zerofill || boolean {
                let width = of.numbers.first().copied().or_else(|| of.default_width());
                out.extend(width.map(|w| format!("({w})")));
            }
        } else if !of.members.is_empty() {
            let members: Vec<String> =
                of.members.iter().map(|m| format!("'{}'", m.replace('\\', "\\\\").replace('\'', "''"))).collect();
            out.push_str(&format!("({})", members.join(",")));
        } else if !of.numbers.is_empty() {
            let numbers: Vec<String> = of.numbers.iter().map(u64::to_string).collect();
            out.push_str(&format!("({})", numbers.join(",")));
        }
        if of.unsigned {
            out.push_str(" unsigned");
        }
        if of.zerofill {
            out.push_str(" zerofill");
        }
        out
    }

    /// A length makes another type of TEXT and BLOB; the character set `binary` makes bytes of characters.
    fn in_charset(&self, column_charset: Option<&str>) -> Self {
        let mut of = self.clone();
        let charset = column_charset.unwrap_or("latin1");
        if let ("text" | "blob", [length]) = (of.name.as_str(), of.numbers.as_slice()) {
            let width = if of.name == "text" { charset::bytes_per_character(charset) } else { 1 };
            let bytes = length.saturating_mul(width);
            let size = match bytes {
                0..=255 => "tiny",
                256..=65_535 => "",
                65_536..=16_777_215 => "medium",
                _ => "long",
            };
            of.name = format!("{size}{}", of.name);
            of.numbers.clear();
        }
        if charset == "binary" {
            let bytes = match of.name.as_str() {
                "char" => Some("binary".to_owned()),
                "varchar" => Some("varbinary".to_owned()),
                name => name.strip_suffix("text").map(|size| format!("{size}blob")),
            };
            of.name = bytes.unwrap_or(of.name);
        }
        of
    }

    fn default_width(&self) -> Option<u64> {
        Some(match (self.name.as_str(), self.unsigned) {
            ("tinyint", false) => 4,
            ("tinyint", true) => 3,
            ("smallint", false) => 6,
            ("smallint", true) => 5,
            ("mediumint", false) => 9,
            ("mediumint", true) => 8,
            ("int", false) => 11,
            ("int", true) => 10,
            ("bigint", _) => 20,
            ("year", _) => 4,
            _ => return None,
        })
    }

    /// Of integers.
    pub fn integer_bytes(&self) -> Option<u8> {
        Some(match self.name.as_str() {
            "tinyint" => 1,
            "smallint" => 2,
            "mediumint" => 3,
            "int" => 4,
            "bigint" => 8,
            _ => return None,
        })
    }

    /// Does it have a character set?
    pub fn is_character(&self) -> bool {
        matches!(
            self.name.as_str(),
            "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" | "enum" | "set"
        )
    }

    /// Of CHAR and VARCHAR: characters; of BINARY and VARBINARY: bytes.
    pub fn length(&self) -> Option<u64> {
        matches!(self.name.as_str(), "char" | "varchar" | "binary" | "varbinary")
            .then(|| self.numbers.first().copied())
            .flatten()
    }

    /// The most bytes that CHAR, VARCHAR and their like take in that character set: what decides between one and two bytes
    /// of length.
    pub fn most_bytes(&self, charset: &str) -> Option<u64> {
        let width = if self.is_character() { charset::bytes_per_character(charset) } else { 1 };
        self.length().map(|length| length.saturating_mul(width))
    }

    /// The bytes that ENUM's or SET's values are kept in.
    pub fn member_bytes(&self) -> Option<u8> {
        match (self.name.as_str(), self.members.len()) {
            ("enum", n) => Some(if n < 256 { 1 } else { 2 }),
            ("set", n) => Some(match n.div_ceil(8) {
                n @ 0..=4 => u8::try_from(n.max(1)).unwrap_or(8),
                _ => 8,
            }),
            _ => None,
        }
    }

    /// The most bytes of TEXT, BLOB and their sizes.
    fn text_size(&self) -> Option<u8> {
        let size = self.name.strip_suffix("text").or_else(|| self.name.strip_suffix("blob"))?;
        Some(match size {
            "tiny" => 1,
            "" => 2,
            "medium" => 3,
            "long" => 4,
            _ => return None,
        })
    }

    /// The same type, display widths aside.
    pub fn is_same(&self, other: &Self) -> bool {
        let plain = |t: &Self| {
            let widths = t.integer_bytes().is_some() || t.name == "year";
            Self { numbers: if widths { Vec::new() } else { t.numbers.clone() }, ..t.clone() }
        };
        plain(self) == plain(other)
    }

    /// Can each value of `other` be kept without loss? In doubt not.
    pub fn holds_all_of(&self, other: &Self) -> bool {
        if self.is_same(other) {
            return true;
        }
        if let (Some(here), Some(there)) = (self.integer_bytes(), other.integer_bytes()) {
            return match (self.unsigned, other.unsigned) {
                (false, true) => here > there,
                (true, false) => false,
                _ => here >= there,
            };
        }
        if let (Some(here), Some(there)) = (self.text_size(), other.text_size()) {
            return here >= there && self.name.ends_with("text") == other.name.ends_with("text");
        }
        if self.name == "decimal" && other.name == "decimal" {
            let digits = |t: &Self| (t.numbers.first().copied().unwrap_or(10), t.numbers.get(1).copied().unwrap_or(0));
            let ((here, scale), (there, other_scale)) = (digits(self), digits(other));
            let unsigned = !self.unsigned || other.unsigned;
            return unsigned && scale >= other_scale && here.saturating_sub(scale) >= there.saturating_sub(other_scale);
        }
        if self.name == other.name && !self.members.is_empty() {
            return self.members.starts_with(&other.members);
        }
        match (self.name.as_str(), other.name.as_str()) {
            ("varchar", "varchar" | "char") | ("char", "char") | ("varbinary", "varbinary") => {
                self.length() >= other.length()
            }
            ("text" | "mediumtext" | "longtext", "char" | "varchar") => true,
            ("blob" | "mediumblob" | "longblob", "binary" | "varbinary") => true,
            ("double", "float") => self.numbers.is_empty(),
            ("datetime" | "timestamp" | "time", same) if self.name == same => {
                self.numbers.first().unwrap_or(&0) >= other.numbers.first().unwrap_or(&0)
            }
            ("datetime", "date") => true,
            _ => false,
        }
    }
}

/// One spelling for comparison: `INTEGER(11)` → `int`, `bool` → `tinyint(1)`, `dec(5)` → `decimal(5,0)`. What is no type stays.
pub fn canonical_type(text: &str) -> String {
    let newest = Server::new(Engine::Mysql, Version::new(9, 7));
    DataType::parse(text).map_or_else(|| text.trim().to_owned(), |t| t.printed(&newest, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_printed_as_servers_do() {
        let (new, old) =
            (Server::new(Engine::Mysql, Version::new(9, 7)), Server::new(Engine::Mariadb, Version::new(10, 5)));
        // What MySQL 9.7 and MariaDB 10.5 print, in a column of utf8mb4.
        for (written, mysql, mariadb) in [
            ("int(5)", "int", "int(5)"),
            ("INTEGER UNSIGNED", "int unsigned", "int(10) unsigned"),
            ("int(5) zerofill", "int(5) unsigned zerofill", "int(5) unsigned zerofill"),
            ("bigint zerofill", "bigint(20) unsigned zerofill", "bigint(20) unsigned zerofill"),
            ("tinyint(1)", "tinyint(1)", "tinyint(1)"),
            ("tinyint(1) unsigned", "tinyint unsigned", "tinyint(1) unsigned"),
            ("bool", "tinyint(1)", "tinyint(1)"),
            ("int3", "mediumint", "mediumint(9)"),
            ("dec", "decimal(10,0)", "decimal(10,0)"),
            ("fixed(5)", "decimal(5,0)", "decimal(5,0)"),
            ("float(10)", "float", "float"),
            ("float(30)", "double", "double"),
            ("float(7,2)", "float(7,2)", "float(7,2)"),
            ("double precision unsigned", "double unsigned", "double unsigned"),
            ("bit", "bit(1)", "bit(1)"),
            ("datetime(0)", "datetime", "datetime"),
            ("time(2)", "time(2)", "time(2)"),
            ("year", "year", "year(4)"),
            ("char", "char(1)", "char(1)"),
            ("national varchar(3)", "varchar(3)", "varchar(3)"),
            ("char byte", "binary(1)", "binary(1)"),
            ("text(10)", "tinytext", "tinytext"),
            ("text(70000)", "mediumtext", "mediumtext"),
            ("long varbinary", "mediumblob", "mediumblob"),
            ("ENUM(\"a\",'b''c','d ')", "enum('a','b''c','d')", "enum('a','b''c','d')"),
            ("geometrycollection", "geomcollection", "geometrycollection"),
            ("serial", "bigint unsigned", "bigint(20) unsigned"),
            ("json", "json", "longtext"),
        ] {
            let read = DataType::parse(written).unwrap();
            assert_eq!(read.printed(&new, Some("utf8mb4")), mysql, "{written}");
            assert_eq!(read.printed(&old, Some("utf8mb4")), mariadb, "{written}");
        }
        assert_eq!(DataType::parse("varchar(3)").unwrap().printed(&new, Some("binary")), "varbinary(3)");
        assert_eq!(canonical_type("no type )("), "no type )(");
    }

    #[test]
    fn what_holds_what() {
        for (new, old, holds) in [
            ("bigint", "int", true),
            ("int", "int(11)", true),
            ("int unsigned", "int", false),
            ("bigint", "int unsigned", true),
            ("varchar(20)", "varchar(10)", true),
            ("varchar(5)", "varchar(10)", false),
            ("enum('a','b')", "enum('a')", true),
            ("enum('b','a')", "enum('a')", false),
            ("decimal(12,2)", "decimal(10,2)", true),
            ("decimal(10,4)", "decimal(10,2)", false),
            ("mediumtext", "text", true),
            ("text", "mediumtext", false),
            ("datetime(3)", "datetime", true),
            ("json", "text", false),
        ] {
            let read = |t: &str| DataType::parse(t).unwrap();
            assert_eq!(read(new).holds_all_of(&read(old)), holds, "{new} of {old}");
        }
        let long = DataType::parse("varchar(64)").unwrap();
        assert_eq!((long.most_bytes("utf8mb4"), long.most_bytes("latin1")), (Some(256), Some(64)));
    }
}
