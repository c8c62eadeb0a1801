//! Whose server it is, from traces that managed services and forks leave in the version, in settings and in paths.

pub struct Hints<'a> {
    pub banner: &'a str,
    pub comment: &'a str,
    pub basedir: &'a str,
    pub datadir: &'a str,
    /// Some setting's name begins so.
    pub names: &'a dyn Fn(&str) -> bool,
    pub galera: bool,
}

/// First match wins: a service that builds on another one stands before it.
pub fn provider(hints: &Hints<'_>) -> Option<String> {
    let said = |word: &str| {
        let word = word.to_lowercase();
        hints.banner.to_lowercase().contains(&word) || hints.comment.to_lowercase().contains(&word)
    };
    let at = |word: &str| hints.basedir.contains(word) || hints.datadir.contains(word);
    let name = if (hints.names)("aurora_version") {
        "Aurora"
    } else if said("planetscale") {
        "PlanetScale"
    } else if said("vitess") {
        "Vitess"
    } else if said("tidb") {
        "TiDB"
    } else if at("rdsdbbin") || at("rdsdbdata") || (hints.names)("rds_") {
        "RDS"
    } else if said("-google") || (hints.names)("cloudsql_") {
        "Cloud SQL"
    } else if said("azure") || (hints.names)("azure_") || (hints.names)("aad_") {
        "Azure"
    } else if hints.galera {
        "Galera"
    } else if said("percona") {
        "Percona"
    } else {
        return None;
    };
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces_name_the_provider() {
        let of = |banner: &str, comment: &str, basedir: &str, setting: &str| {
            let names = |part: &str| !setting.is_empty() && setting.starts_with(part);
            provider(&Hints { banner, comment, basedir, datadir: "", names: &names, galera: false }).unwrap_or_default()
        };
        assert_eq!(of("8.0.36", "MySQL Community Server - GPL", "/usr/", ""), "");
        assert_eq!(of("8.0.36", "Source distribution", "/rdsdbbin/mysql-8.0.36.R1/", ""), "RDS");
        assert_eq!(of("8.0.36", "Source distribution", "/rdsdbbin/oscar/", "aurora_version"), "Aurora");
        assert_eq!(of("8.0.31-google", "(Google)", "/usr/", ""), "Cloud SQL");
        assert_eq!(of("8.0.34-Vitess", "Version: 21.0", "", ""), "Vitess");
        assert_eq!(of("8.0.34-PlanetScale", "PlanetScale", "", ""), "PlanetScale");
        assert_eq!(of("8.0.36-28", "Percona Server (GPL)", "/usr/", ""), "Percona");
    }
}
