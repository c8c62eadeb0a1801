//! `pg_service.conf`: named sets of settings (manual, "The Connection Service File").

use super::env::Env;
use super::text::Pair;
use crate::db::Error;
use std::path::PathBuf;

/// The files in the order libpq asks them.
pub fn files(env: &Env) -> Vec<PathBuf> {
    let own = env.var("PGSERVICEFILE").map(PathBuf::from).or_else(|| env.at_home(".pg_service.conf"));
    let system = env.var("PGSYSCONFDIR").map(|dir| PathBuf::from(dir).join("pg_service.conf"));
    own.into_iter().chain(system).collect()
}

/// The settings of a service and the file they stand in.
pub fn find(name: &str, env: &Env) -> Result<(Vec<Pair>, PathBuf), Error> {
    for path in files(env) {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let found =
            section(&text, name).map_err(|because| Error::File { path: path.display().to_string(), because })?;
        if let Some(pairs) = found {
            return Ok((pairs, path));
        }
    }
    let looked: Vec<String> = files(env).iter().map(|p| p.display().to_string()).collect();
    Err(Error::Target { because: format!("no service `{name}` in {}", looked.join(" or ")) })
}

/// All services of all files.
pub fn names(env: &Env) -> Vec<(String, PathBuf)> {
    let mut found: Vec<(String, PathBuf)> = Vec::new();
    for path in files(env) {
        for name in std::fs::read_to_string(&path).unwrap_or_default().lines().filter_map(header) {
            if !found.iter().any(|(known, _)| known == name) {
                found.push((name.to_owned(), path.clone()));
            }
        }
    }
    found
}

fn header(line: &str) -> Option<&str> {
    line.trim().strip_prefix('[')?.strip_suffix(']')
}

fn section(text: &str, name: &str) -> Result<Option<Vec<Pair>>, String> {
    let mut found: Option<Vec<Pair>> = None;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(other) = header(line) {
            if found.is_some() {
                break;
            }
            if other == name {
                found = Some(Vec::new());
            }
        } else if let Some(pairs) = &mut found {
            let (key, value) = line.split_once('=').ok_or(format!("line {} has no `=`", number + 1))?;
            if key == "service" {
                return Err(format!("line {}: a service cannot name another service", number + 1));
            }
            pairs.push((key.trim().to_owned(), value.trim().to_owned()));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_ends_where_the_next_begins() {
        let text = "# ours\n[prod]\nhost=db1\n port = 5433\n\n[test]\nhost=db2\n";
        assert_eq!(
            section(text, "prod").unwrap().unwrap(),
            [("host".to_owned(), "db1".to_owned()), ("port".to_owned(), "5433".to_owned())]
        );
        assert_eq!(section(text, "none").unwrap(), None);
        assert!(section("[a]\nhost", "a").unwrap_err().contains("line 2"));
        assert!(section("[a]\nservice=b", "a").is_err());
    }
}
