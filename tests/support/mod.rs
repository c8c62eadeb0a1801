//! What the tests share: sample values, screens, real servers ([`Server`]) and blocking SQL sessions ([`Session`]).
//!
//! ```ignore
//! let server = Server::major(15);              // one cluster per major and test process
//! let database = server.fresh_database();      // own, empty
//! let mut sql = database.session();
//! sql.run("CREATE TABLE t (id int PRIMARY KEY)");
//! assert_eq!(sql.value("SELECT count(*) FROM t"), "0");
//!
//! let server = MysqlServer::of("mariadb-10.11"); // MySQL and MariaDB the same way: `on_each_mysql(|server| …)`
//! let mut sql = server.fresh_database().session();
//! ```

#![allow(unused_imports)]

pub mod case;
pub mod chromium;
pub mod daemon;
pub mod linters;
pub mod measure;
pub mod mysql_measure;
mod mysql_server;
mod mysql_session;
pub mod mysql_shape;
pub mod pty;
pub mod sample_catalog;
pub mod sample_plan;
pub mod sandbox;
pub mod schema;
pub mod screens;
pub mod script;
mod server;
mod session;
pub mod shape;

pub use mysql_server::{EVERY_MYSQL, MysqlDatabase, MysqlServer, mysqls, on_each_mysql};
pub use mysql_session::{MysqlRefused, MysqlSession};
pub use server::{Database, Server, fact_majors, majors, on_each};
pub use session::{Refused, Session};
