//! Character sets and collations: their names on each server, their widths.

use crate::model::{Engine, Server, Version};

/// The most bytes of one character.
pub fn bytes_per_character(charset: &str) -> u64 {
    match charset.to_ascii_lowercase().as_str() {
        "utf8mb4" | "utf16" | "utf16le" | "utf32" | "gb18030" => 4,
        "utf8" | "utf8mb3" | "ujis" | "eucjpms" => 3,
        "ucs2" | "big5" | "gbk" | "gb2312" | "sjis" | "cp932" | "euckr" => 2,
        _ => 1,
    }
}

/// The character set that a collation belongs to.
pub fn of_collation(collation: &str) -> &str {
    collation.split('_').next().unwrap_or(collation)
}

/// `utf8` is what older servers call `utf8mb3`.
fn has_utf8mb3(server: &Server) -> bool {
    match server.engine {
        Engine::Mariadb => server.version >= Version::new(10, 6),
        _ => server.version >= Version::exact(8, 0, 28),
    }
}

/// A character set's or collation's name as that server prints it.
pub fn spelled(name: &str, server: &Server) -> String {
    let name = name.to_ascii_lowercase();
    if has_utf8mb3(server) {
        if name == "utf8" {
            return "utf8mb3".into();
        }
        return name.strip_prefix("utf8_").map_or_else(|| name.clone(), |rest| format!("utf8mb3_{rest}"));
    }
    if name == "utf8mb3" {
        return "utf8".into();
    }
    name.strip_prefix("utf8mb3_").map_or_else(|| name.clone(), |rest| format!("utf8_{rest}"))
}

/// The collation of a character set where none is named.
pub fn default_collation(charset: &str, server: &Server) -> String {
    let charset = spelled(charset, server);
    let mariadb = server.engine == Engine::Mariadb;
    let tail = match charset.as_str() {
        "binary" => return charset,
        "utf8mb4" if !mariadb && server.version >= Version::new(8, 0) => "0900_ai_ci",
        // MariaDB 11.5 took Unicode's own order; the server may say otherwise.
        "utf8mb4" | "utf8mb3" | "ucs2" | "utf16" | "utf32" if mariadb => {
            let said = server.settings.get("character_set_collations").map_or("", String::as_str);
            let own =
                said.split(',').find_map(|pair| pair.trim().strip_prefix(&format!("{charset}="))).map(str::to_owned);
            if let Some(own) = own {
                return own;
            }
            if server.version >= Version::new(11, 5) { "uca1400_ai_ci" } else { "general_ci" }
        }
        "big5" | "gb2312" | "gbk" | "gb18030" => "chinese_ci",
        "latin1" | "dec8" | "swe7" => "swedish_ci",
        "hp8" => "english_ci",
        "ujis" | "sjis" | "cp932" | "eucjpms" => "japanese_ci",
        "tis620" => "thai_ci",
        "euckr" => "korean_ci",
        "latin5" => "turkish_ci",
        _ => "general_ci",
    };
    format!("{charset}_{tail}")
}
