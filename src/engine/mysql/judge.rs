//! Statement + catalog → verdict.

use crate::engine::verdict::Sending;
use crate::engine::{Session, Verdict};
use crate::model::{Catalog, Work};
use crate::sql::mysql::statement::Statement;

/// What `statement` would do if it were sent now. Pure.
pub fn judge(_statement: &Statement, _catalog: &Catalog, _session: &Session) -> Verdict {
    Verdict {
        locks: Vec::new(),
        work: Work::Unknown,
        bytes: None,
        rows: None,
        reads: Vec::new(),
        rewrites: Vec::new(),
        builds: Vec::new(),
        sending: Sending::OutsideTransaction,
        because: "not judged yet".to_owned(),
        hazards: Vec::new(),
        fails: None,
        doc: None,
        tables: Vec::new(),
        grounds: Vec::new(),
    }
}
