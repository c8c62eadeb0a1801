//! Figures for `BENCHMARKS.md`.

fn main() {}
