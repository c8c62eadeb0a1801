//! Which server: engine, version, provider, the settings that decide.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    Postgresql,
    Mysql,
    Mariadb,
}

impl Engine {
    pub const ALL: [Self; 3] = [Self::Postgresql, Self::Mysql, Self::Mariadb];
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Postgresql => "PostgreSQL",
            Self::Mysql => "MySQL",
            Self::Mariadb => "MariaDB",
        })
    }
}

/// A server version: `15.4` for PostgreSQL, `8.0.36` for MySQL and MariaDB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    pub major: u16,
    pub minor: u16,
    /// 0 where the engine counts no third number.
    pub patch: u16,
}

impl Version {
    pub const fn new(major: u16, minor: u16) -> Self {
        Self { major, minor, patch: 0 }
    }
    pub const fn exact(major: u16, minor: u16, patch: u16) -> Self {
        Self { major, minor, patch }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        if self.patch > 0 { write!(f, ".{}", self.patch) } else { Ok(()) }
    }
}

impl FromStr for Version {
    type Err = String;
    /// Reads `15.4`, `15`, `18beta1`, `15.4 (Debian 15.4-1)`, `8.0.36-log`, `10.11.6-MariaDB`.
    fn from_str(text: &str) -> Result<Self, String> {
        let digits = |part: &str| part.chars().take_while(char::is_ascii_digit).collect::<String>().parse::<u16>().ok();
        // A part that does not end in its digits is the last: what stands behind `18beta1` or `15.4 (…` is no number of the version.
        let mut numbers = Vec::new();
        for part in text.trim().split('.').take(3) {
            numbers.extend(digits(part));
            if !part.chars().all(|c| c.is_ascii_digit()) {
                break;
            }
        }
        let mut numbers = numbers.into_iter();
        let major = numbers.next().ok_or_else(|| format!("`{text}` is not a server version"))?;
        Ok(Self { major, minor: numbers.next().unwrap_or(0), patch: numbers.next().unwrap_or(0) })
    }
}

impl Serialize for Version {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Whether the session talks to the writable server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    #[default]
    Primary,
    Standby,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Server {
    pub engine: Engine,
    pub version: Version,
    /// `RDS`, `Aurora`, `Cloud SQL`, … where it shows; none for a plain server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    #[serde(default)]
    pub role: Role,
    /// Settings as the server spells them (`lock_timeout` → `0`, `TimeZone` → `UTC`).
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
}

impl Server {
    pub fn new(engine: Engine, version: Version) -> Self {
        Self { engine, version, provider: None, role: Role::Primary, settings: BTreeMap::new() }
    }
    /// MySQL and MariaDB on a file system without case, or told to behave so.
    pub fn folds_table_names(&self) -> bool {
        self.settings.get("lower_case_table_names").is_some_and(|v| v != "0")
    }
    /// True from the given major on.
    pub fn since(&self, major: u16) -> bool {
        self.version.major >= major
    }
}

/// `PostgreSQL 15.4 (RDS)`.
impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.engine, self.version)?;
        match &self.provider {
            Some(provider) => write!(f, " ({provider})"),
            None => Ok(()),
        }
    }
}
