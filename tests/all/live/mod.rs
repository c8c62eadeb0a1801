//! Plans on real servers: every case is exported as psql files and run to the end, and back.

use crate::support::case;

#[test]
fn every_kind_has_a_case_and_every_case_a_kind() {
    for case in case::all() {
        assert!(sidestep::change::KINDS.iter().any(|k| k.name == case.kind), "{}", case.id());
        for major in [10, 15] {
            case.catalog(major);
        }
    }
}
