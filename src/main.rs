//! The program: hands its arguments to the library and returns the exit code.

use std::panic;
use std::process::ExitCode;

fn main() -> ExitCode {
    // The panic's own message has been printed by the hook when this returns.
    panic::catch_unwind(|| sidestep::cli::run(std::env::args_os())).unwrap_or_else(|_| sidestep::cli::report_bug())
use std::process::ExitCode;

fn main() -> ExitCode {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
        return ExitCode::from(70);
    };
    let start = match std::env::args().nth(1).as_deref() {
        None => sidestep::tui::Start::Connect,
        Some("demo") => sidestep::tui::Start::Demo,
        Some(target) => sidestep::tui::Start::Target(target.to_owned()),
    };
    let mut options = sidestep::tui::Options { start, ..Default::default() };
    if std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty()) {
        options.settings.theme = sidestep::tui::theme::ThemeName::Mono;
    }
    match runtime.block_on(sidestep::tui::run(options)) {
        Ok(sidestep::tui::Ended::ByUser) => ExitCode::SUCCESS,
        Ok(sidestep::tui::Ended::BySignal(n)) => ExitCode::from(128u8.saturating_add(u8::try_from(n).unwrap_or(0))),
        Err(_) => ExitCode::from(2),
    }
}
