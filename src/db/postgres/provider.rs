//! Whose server it is, from traces that managed services leave in roles, settings and `version()`.

/// What the session query brought.
#[derive(Debug, Default)]
pub struct Hints {
    pub banner: String,
    pub aurora: bool,
    pub rds: bool,
    /// First parts of dotted settings (`rds`, `cloudsql`, …).
    pub prefixes: Vec<String>,
    pub roles: Vec<String>,
}

/// First match wins: a service that builds on another one stands before it.
pub fn provider(hints: &Hints) -> Option<String> {
    let setting = |name: &str| hints.prefixes.iter().any(|p| p == name);
    let role = |name: &str| hints.roles.iter().any(|r| r == name);
    let name = if hints.aurora {
        "Aurora"
    } else if hints.rds || setting("rds") {
        "RDS"
    } else if setting("alloydb") || role("alloydbsuperuser") {
        "AlloyDB"
    } else if setting("cloudsql") || role("cloudsqlsuperuser") {
        "Cloud SQL"
    } else if setting("azure") || role("azure_pg_admin") {
        "Azure"
    } else if setting("neon") || role("neon_superuser") {
        "Neon"
    } else if role("supabase_admin") {
        "Supabase"
    } else if role("doadmin") {
        "DigitalOcean"
    } else if hints.banner.contains("EnterpriseDB") {
        "EDB"
    } else if hints.banner.contains("-YB-") {
        "YugabyteDB"
    } else if hints.banner.contains("CockroachDB") {
        "CockroachDB"
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
        assert_eq!(provider(&Hints::default()), None);
        let rds = Hints { rds: true, ..Hints::default() };
        assert_eq!(provider(&rds).as_deref(), Some("RDS"));
        assert_eq!(provider(&Hints { aurora: true, ..rds }).as_deref(), Some("Aurora"));
        let cloud = Hints { prefixes: vec!["cloudsql".into()], ..Hints::default() };
        assert_eq!(provider(&cloud).as_deref(), Some("Cloud SQL"));
    }
}
