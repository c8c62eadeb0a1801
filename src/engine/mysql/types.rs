//! A column's type as MySQL and MariaDB print it and as people write it: base word, length, members, bytes per character.

/// `varchar(20)`, `int unsigned`, `enum('a','b')`, taken apart and spelled one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataType {
    /// Lower case, one spelling for each type.
    pub base: String,
    /// What stands in the parentheses, of numbers; display widths of integers are left out, they change nothing.
    pub numbers: Vec<u64>,
    /// Of ENUM and SET.
    pub members: Vec<String>,
    pub unsigned: bool,
    pub zerofill: bool,
}

impl DataType {
    pub fn read(text: &str) -> Self {
        let (head, inside, tail) = match text.find('(') {
            Some(open) => {
                let close = closing(text, open);
                let inside = text.get(open + 1..close).unwrap_or("");
                (text.get(..open).unwrap_or(""), inside, text.get(close + 1..).unwrap_or(""))
            }
            None => (text, "", ""),
        };
        let mut words: Vec<String> = format!("{head} {tail}").split_whitespace().map(str::to_ascii_lowercase).collect();
        let mut take = |word: &str| {
            let before = words.len();
            words.retain(|w| w != word);
            words.len() < before
        };
        let zerofill = take("zerofill");
        let unsigned = take("unsigned") || zerofill;
        take("signed");
        let national = take("national");
        let varying = take("varying");
        let precision = take("precision");
        let _ = (national, precision);
        let first = words.first().map(String::as_str).unwrap_or("");
        let base = match (first, varying) {
            ("char" | "character" | "nchar", true) | ("nvarchar" | "varcharacter", _) => "varchar",
            ("character" | "nchar", false) => "char",
            ("integer" | "int4", _) => "int",
            ("int1", _) => "tinyint",
            ("int2", _) => "smallint",
            ("int3" | "middleint", _) => "mediumint",
            ("int8", _) => "bigint",
            ("bool" | "boolean", _) => "tinyint",
            ("dec" | "numeric" | "fixed", _) => "decimal",
            ("float8" | "real", _) => "double",
            ("float4", _) => "float",
            ("serial", _) => "bigint",
            // MariaDB's JSON is a LONGTEXT with a check.
            (other, _) => other,
        }
        .to_owned();
        let lists = matches!(base.as_str(), "enum" | "set");
        let mut numbers: Vec<u64> =
            if lists { Vec::new() } else { inside.split(',').filter_map(|n| n.trim().parse().ok()).collect() };
        match base.as_str() {
            "tinyint" | "smallint" | "mediumint" | "int" | "bigint" | "year" => numbers.clear(),
            "decimal" => {
                if numbers.is_empty() {
                    numbers.push(10);
                }
                if numbers.len() == 1 {
                    numbers.push(0);
                }
            }
            "char" | "binary" | "bit" if numbers.is_empty() => numbers.push(1),
            "datetime" | "timestamp" | "time" if numbers.is_empty() => numbers.push(0),
            _ => {}
        }
        let members = if lists { members(inside) } else { Vec::new() };
        Self { base, numbers, members, unsigned: unsigned || first == "serial", zerofill }
    }

    pub fn is_text(&self) -> bool {
        matches!(
            self.base.as_str(),
            "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" | "enum" | "set"
        )
    }

    pub fn is_varying(&self) -> bool {
        matches!(self.base.as_str(), "varchar" | "varbinary")
    }

    pub fn is_temporal_date(&self) -> bool {
        matches!(self.base.as_str(), "date" | "datetime")
    }

    pub fn length(&self) -> Option<u64> {
        self.numbers.first().copied()
    }

    /// How many bytes an ENUM or SET takes in a row.
    pub fn member_bytes(&self) -> usize {
        match (self.base.as_str(), self.members.len()) {
            ("set", n) => match n.div_ceil(8) {
                n @ 0..=4 => n,
                _ => 8,
            },
            (_, n) => {
                if n > 255 {
                    2
                } else {
                    1
                }
            }
        }
    }
}

/// Where the parenthesis that opens at `open` closes, quotes respected; the text's end if it does not.
fn closing(text: &str, open: usize) -> usize {
    let (mut depth, mut quoted) = (0_u32, false);
    for (i, b) in text.bytes().enumerate().skip(open) {
        match b {
            b'\'' => quoted = !quoted,
            b'(' if !quoted => depth += 1,
            b')' if !quoted => {
                depth -= 1;
                if depth == 0 {
                    return i;
                }
            }
            _ => {}
        }
    }
    text.len()
}

/// `'a','it''s'` → their texts as written, quotes doubled.
fn members(inside: &str) -> Vec<String> {
    let (mut found, mut current, mut quoted) = (Vec::new(), String::new(), false);
    let mut rest = inside.chars().peekable();
    while let Some(c) = rest.next() {
        match (c, quoted) {
            ('\'', true) if rest.peek() == Some(&'\'') => {
                rest.next();
                current.push('\'');
            }
            ('\'', true) => {
                quoted = false;
                found.push(std::mem::take(&mut current));
            }
            ('\'', false) => quoted = true,
            (c, true) => current.push(c),
            _ => {}
        }
    }
    found
}

/// The most bytes that a character of the set takes; the character set is what stands before a collation's first `_`.
pub fn bytes_per_character(charset: &str) -> u64 {
    match charset {
        "utf8mb4" | "utf16" | "utf16le" | "utf32" | "gb18030" => 4,
        "utf8mb3" | "utf8" | "ujis" | "eucjpms" => 3,
        "ucs2" | "big5" | "sjis" | "cp932" | "gbk" | "gb2312" | "euckr" => 2,
        _ => 1,
    }
}

/// One spelling: `utf8` is `utf8mb3`.
pub fn charset(name: &str) -> &str {
    if name == "utf8" { "utf8mb3" } else { name }
}

/// The character set of a collation, and one spelling of both.
pub fn charset_of(collation: &str) -> &str {
    charset(collation.split('_').next().unwrap_or(collation))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_have_one_spelling() {
        assert_eq!(DataType::read("INT(11) UNSIGNED"), DataType::read("integer unsigned"));
        assert_eq!(DataType::read("character varying(20)"), DataType::read("VARCHAR ( 20 )"));
        assert_eq!(DataType::read("DECIMAL(10)"), DataType::read("numeric(10,0)"));
        assert_eq!(DataType::read("enum('a','it''s (x)')").members, ["a", "it's (x)"]);
        assert_ne!(DataType::read("int"), DataType::read("bigint"));
    }

    #[test]
    fn a_set_needs_a_byte_for_eight_members() {
        let of = |n: usize| {
            let members: Vec<String> = (0..n).map(|i| format!("'{i}'")).collect();
            DataType::read(&format!("set({})", members.join(","))).member_bytes()
        };
        assert_eq!([of(8), of(9), of(32), of(33)], [1, 2, 4, 8]);
    }
}
