//! The program: hands its arguments to the library and returns the exit code.

use std::panic;
use std::process::ExitCode;

fn main() -> ExitCode {
    // The panic's own message has been printed by the hook when this returns.
    panic::catch_unwind(|| sidestep::cli::run(std::env::args_os())).unwrap_or_else(|_| sidestep::cli::report_bug())
}
