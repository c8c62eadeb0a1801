//! What the tests share: sample values, screens, real servers ([`Server`]) and blocking SQL sessions ([`Session`]).
//!
//! ```ignore
//! let server = Server::major(15);              // one cluster per major and test process
//! let database = server.fresh_database();      // own, empty
//! let mut sql = database.session();
//! sql.run("CREATE TABLE t (id int PRIMARY KEY)");
//! assert_eq!(sql.value("SELECT count(*) FROM t"), "0");
//! ```

#![allow(unused_imports)]

pub mod case;
pub mod chromium;
pub mod linters;
pub mod measure;
pub mod pty;
pub mod sample_catalog;
pub mod sample_plan;
pub mod sandbox;
pub mod schema;
pub mod screens;
mod server;
mod session;
pub mod shape;

pub use server::{Database, Server, fact_majors, majors, on_each};
pub use session::{Refused, Session};
