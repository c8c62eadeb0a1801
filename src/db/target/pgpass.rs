//! `.pgpass`: passwords by host, port, database and user (manual, "The Password File").

use std::path::Path;

pub struct Wanted<'a> {
    pub host: &'a str,
    pub port: u16,
    pub database: &'a str,
    pub user: &'a str,
}

/// The text of the file, unless others could read it: then a warning, as libpq gives.
pub fn read(path: &Path) -> Result<Option<String>, String> {
    let Ok(file) = std::fs::metadata(path) else { return Ok(None) };
    if !file.is_file() {
        return Err(format!("`{}` is not a plain file: it is not used", path.display()));
    }
    if open_to_others(&file) {
        return Err(format!(
            "`{path}` can be read by other users: it is not used; run `chmod 600 {path}`",
            path = path.display()
        ));
    }
    std::fs::read_to_string(path).map(Some).map_err(|why| format!("cannot read `{}`: {why}", path.display()))
}

#[cfg(unix)]
fn open_to_others(file: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn open_to_others(_: &std::fs::Metadata) -> bool {
    false
}

/// The password of the first line that fits.
pub fn password(text: &str, wanted: &Wanted<'_>) -> Option<String> {
    let port = wanted.port.to_string();
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let fields = fields(line);
        let [host, port_field, database, user, password] = fields.as_slice() else { return None };
        let fits = |field: &Field, value: &str| field.wildcard || field.text == value;
        (fits(host, wanted.host)
            && fits(port_field, &port)
            && fits(database, wanted.database)
            && fits(user, wanted.user)
            && !password.text.is_empty())
        .then(|| password.text.clone())
    })
}

struct Field {
    text: String,
    /// A bare `*`; `\*` is a name.
    wildcard: bool,
}

/// Five fields between colons; the password takes the rest of the line, `\:` and `\\` are the characters themselves.
fn fields(line: &str) -> Vec<Field> {
    let mut fields = vec![Field { text: String::new(), wildcard: false }];
    let mut raw = String::new();
    let mut chars = line.trim_end_matches(['\r', '\n']).chars();
    while let Some(c) = chars.next() {
        let last = fields.len() == 5;
        let Some(field) = fields.last_mut() else { break };
        match c {
            '\\' => {
                let escaped = chars.next();
                raw.push('\\');
                field.text.extend(escaped);
            }
            ':' if !last => {
                field.wildcard = raw == "*";
                raw.clear();
                fields.push(Field { text: String::new(), wildcard: false });
                continue;
            }
            c => field.text.push(c),
        }
        raw.push(c);
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_line_that_fits_wins() {
        let text = "# comment\nh1:5432:shop:ann:one\n*:*:*:ann:a\\:b\\\\c:d\nh2:*:\\*:bob:star\nlocalhost:*:*:*:\n";
        let find = |host, database, user| password(text, &Wanted { host, port: 5432, database, user });
        assert_eq!(find("h1", "shop", "ann").as_deref(), Some("one"));
        assert_eq!(find("h9", "shop", "ann").as_deref(), Some("a:b\\c:d"));
        assert_eq!(find("h2", "*", "bob").as_deref(), Some("star"));
        assert_eq!(find("h2", "other", "bob"), None);
        assert_eq!(find("localhost", "x", "y"), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_not_used() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pgpass");
        assert_eq!(read(&path), Ok(None));
        std::fs::write(&path, "*:*:*:*:x").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(read(&path).unwrap_err().contains("chmod 600"));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(read(&path), Ok(Some("*:*:*:*:x".to_owned())));
    }
}
