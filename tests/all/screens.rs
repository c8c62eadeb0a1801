//! Pictures of every screen. Accept a wanted change with `INSTA_UPDATE=always`.

use crate::support::screens::Session;

#[test]
fn tables() {
    insta::assert_snapshot!(Session::sample().text());
}

#[test]
#[ignore = "writes the sample catalog for looking at it in a terminal"]
fn dump_sample() {
    let json = serde_json::to_string(&crate::support::sample_catalog::catalog()).unwrap();
    std::fs::write(std::env::temp_dir().join("sample-catalog.json"), json).unwrap();
}
