//! The protocols that a server can be reached by, and what people at each call things.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    Postgresql,
    /// MySQL's and MariaDB's.
    Mysql,
}

/// For messages.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    pub name: &'static str,
    pub scheme: &'static str,
    pub url: &'static str,
    /// What else may refuse a user beside a wrong password.
    pub access: &'static str,
    /// Where a password can stand.
    pub password: &'static str,
    pub databases: &'static str,
    pub rights: &'static str,
}

impl Wire {
    pub fn words(self) -> Words {
        match self {
            Self::Postgresql => Words {
                name: "PostgreSQL",
                scheme: "postgresql",
                url: "postgresql://…",
                access: "`pg_hba.conf`",
                password: "in `PGPASSWORD` or in `~/.pgpass`",
                databases: "`psql -l`",
                rights: "ask for the role `pg_monitor`, or connect as the owner of the database",
            },
            Self::Mysql => Words {
                name: "MySQL or MariaDB",
                scheme: "mysql",
                url: "mysql://…",
                access: "from which hosts the account may come (`SELECT user, host FROM mysql.user`)",
                password: "or in a `[client]` group of `~/.my.cnf`",
                databases: "`SHOW DATABASES`",
                rights: "ask for SELECT on the database and the global privilege PROCESS",
            },
        }
    }
}
