//! The two spellings of a connection: a URL, and `key=value` pairs. Both become the same list of settings.
//! The rules are libpq's (manual, "Connection Strings"); where a mistake is told, the text itself is not repeated,
//! since it may hold a password.

use super::wire::Wire;

/// A setting and its value, as written.
pub type Pair = (String, String);

pub fn is_url(text: &str) -> bool {
    scheme(text).is_some()
}

/// The protocol that a URL asks for.
pub fn wire(text: &str) -> Option<Wire> {
    scheme(text).map(|(wire, _)| wire)
}

/// The protocol, and what follows `postgresql://`; `postgresql+driver://` and `jdbc:postgresql://` are how other tools spell it.
fn scheme(text: &str) -> Option<(Wire, &str)> {
    let (scheme, rest) = text.strip_prefix("jdbc:").unwrap_or(text).split_once("://")?;
    let scheme = scheme.split('+').next().unwrap_or(scheme).to_ascii_lowercase();
    match scheme.as_str() {
        "postgresql" | "postgres" => Some((Wire::Postgresql, rest)),
        "mysql" | "mysql2" | "mariadb" => Some((Wire::Mysql, rest)),
        _ => None,
    }
}

/// `key=value` starts with a bare word and `=`.
pub fn is_pairs(text: &str) -> bool {
    text.split_once('=').is_some_and(|(key, _)| {
        let key = key.trim();
        !key.is_empty() && key.chars().all(|c| c.is_ascii_lowercase() || c == '_')
    })
}

pub fn url(text: &str) -> Result<Vec<Pair>, String> {
    let (_, rest) = scheme(text).ok_or("the URL does not start with `postgresql://`")?;
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    // A `/` inside the password has to be written as %2F; an `@` there is told from the last one.
    let (authority, database) = rest.split_once('/').map_or((rest, None), |(a, d)| (a, Some(d)));
    let (login, hosts) = authority.rsplit_once('@').map_or((None, authority), |(l, h)| (Some(l), h));
    let mut pairs = Vec::new();
    let mut put = |key: &str, value: &str| -> Result<(), String> {
        if !value.is_empty() {
            pairs.push((key.to_owned(), decode(value, key)?));
        }
        Ok(())
    };
    if let Some(login) = login {
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        put("user", user)?;
        put("password", password)?;
    }
    let (hosts, ports) = split_hosts(hosts)?;
    put("host", &hosts)?;
    put("port", &ports)?;
    put("dbname", database.unwrap_or(""))?;
    for parameter in query.split('&').filter(|p| !p.is_empty()) {
        let (key, value) = parameter.split_once('=').ok_or("a parameter after `?` in the URL has no `=`".to_owned())?;
        let key = decode(key, "parameter")?;
        let value = decode(value, &key)?;
        match (key.as_str(), value.as_str()) {
            // JDBC and others ask for TLS in this way.
            ("ssl", "true") if wire(text) == Some(Wire::Postgresql) => {
                pairs.push(("sslmode".to_owned(), "require".to_owned()))
            }
            ("ssl", _) if wire(text) == Some(Wire::Postgresql) => {}
            _ => pairs.push((key, value)),
        }
    }
    Ok(pairs)
}

/// `a:1,b,[::1]:5` → `a,b,::1` and `1,,5`.
fn split_hosts(text: &str) -> Result<(String, String), String> {
    let mut hosts = Vec::new();
    let mut ports = Vec::new();
    for one in text.split(',') {
        let (host, port) = if let Some(rest) = one.strip_prefix('[') {
            let (host, after) = rest.split_once(']').ok_or("an IPv6 address in the URL has no closing `]`")?;
            (host, after.strip_prefix(':').unwrap_or(after))
        } else {
            one.split_once(':').unwrap_or((one, ""))
        };
        hosts.push(host);
        ports.push(port);
    }
    let ports = if ports.iter().all(|p| p.is_empty()) { String::new() } else { ports.join(",") };
    let hosts = if hosts.iter().all(|h| h.is_empty()) { String::new() } else { hosts.join(",") };
    Ok((hosts, ports))
}

/// For a value in a URL.
pub fn encode(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/".contains(&b);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

fn decode(text: &str, what: &str) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |b: Option<u8>| b.and_then(|b| char::from(b).to_digit(16));
        match (digit(rest.next()), digit(rest.next())) {
            (Some(high), Some(low)) if high + low > 0 => bytes.push((high * 16 + low) as u8),
            _ => {
                return Err(format!(
                    "`%` in the {what} of the URL is not followed by two hexadecimal digits; write `%25` for a `%` itself"
                ));
            }
        }
    }
    String::from_utf8(bytes).map_err(|_| format!("the {what} of the URL is not UTF-8"))
}

pub fn pairs(text: &str) -> Result<Vec<Pair>, String> {
    let mut found = Vec::new();
    let mut chars = text.chars().peekable();
    loop {
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        if chars.peek().is_none() {
            return Ok(found);
        }
        let mut key = String::new();
        while let Some(c) = chars.next_if(|c| *c != '=' && !c.is_whitespace()) {
            key.push(c);
        }
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        if chars.next() != Some('=') {
            return Err("a word of the connection string has no `=` behind it".to_owned());
        }
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        let quoted = chars.next_if_eq(&'\'').is_some();
        let mut value = String::new();
        loop {
            match chars.next() {
                Some('\\') => value.extend(chars.next()),
                Some('\'') if quoted => break,
                None if quoted => return Err(format!("the value of `{key}` has no closing quote")),
                None => break,
                Some(c) if !quoted && c.is_whitespace() => break,
                Some(c) => value.push(c),
            }
        }
        found.push((key, value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(pairs: Result<Vec<Pair>, String>) -> String {
        pairs.unwrap().into_iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn urls() {
        let cases = [
            ("postgresql://", ""),
            ("postgres://h", "host=h"),
            (
                "postgresql://u:p%40%2F@h:5433/d?sslmode=require",
                "user=u password=p@/ host=h port=5433 dbname=d sslmode=require",
            ),
            ("postgresql://u:p@ss@h/d", "user=u password=p@ss host=h dbname=d"),
            ("postgresql://a:1,b,[::1]:5/d", "host=a,b,::1 port=1,,5 dbname=d"),
            ("postgresql://%2Fvar%2Frun/d", "host=/var/run dbname=d"),
            ("postgresql:///d?host=/tmp&port=6", "dbname=d host=/tmp port=6"),
            ("postgresql+asyncpg://h/d?ssl=true", "host=h dbname=d sslmode=require"),
            ("jdbc:postgresql://h/d?user=u", "host=h dbname=d user=u"),
        ];
        for (text, expected) in cases {
            assert_eq!(shown(url(text)), expected, "{text}");
        }
        for bad in ["postgresql://u:100%@h", "postgresql://[::1", "postgresql://h?x", "postgresql://%00"] {
            let error = url(bad).unwrap_err();
            assert!(!error.contains("100%@"), "{error}");
        }
    }

    #[test]
    fn key_value_strings() {
        assert_eq!(
            shown(pairs("host=h port = 5  password='it\\'s a' user=a\\ b")),
            "host=h port=5 password=it's a user=a b"
        );
        assert_eq!(shown(pairs("dbname=''")), "dbname=");
        assert!(pairs("host").is_err() && pairs("host='x").is_err());
        assert!(is_pairs("host=h") && is_pairs(" dbname = x") && !is_pairs("./a=b.json") && !is_pairs("prod"));
    }
}
