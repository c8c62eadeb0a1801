//! stub
use super::verdict::{Raised, Sending, Session, Verdict};
use crate::model::{Catalog, Work};
use crate::plan::{Hazard, Severity};
use crate::sql::Statement;
pub fn judge(_s: &Statement, _c: &Catalog, _x: &Session) -> Verdict {
    Verdict {
        locks: vec![],
        work: Work::Catalog,
        bytes: None,
        rows: None,
        sending: Sending::Any,
        because: String::new(),
        hazards: vec![],
        fails: None,
        doc: None,
        tables: vec![],
    }
}
pub fn replay(_c: &mut Catalog, _s: &Statement) -> Result<(), String> {
    Ok(())
}
pub fn hazard(r: &Raised) -> Hazard {
    Hazard { id: r.id.to_owned(), severity: Severity::Note, text: String::new() }
}
