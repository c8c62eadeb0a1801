//! The real terminal: entered and left in one place, given back on panic, suspend, editor and signals.

use super::state::Mouse;
use crate::error::Problem;
use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use crossterm::{cursor, execute};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use std::io::{self, IsTerminal, Stdout, Write};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

/// Larger texts are refused by common terminals.
pub const COPY_LIMIT: usize = 75_000;

/// How long a terminal has to say what its background is.
const ANSWER_WITHIN: std::time::Duration = std::time::Duration::from_millis(100);

/// What a terminal said of its background.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Background {
    Dark,
    Light,
    /// It was asked and has not answered: the answer may still come, and is no input of the user's.
    Late,
    /// It cannot be asked.
    Unknown,
}

/// Asks the terminal (OSC 11), before it is entered.
pub fn background() -> Background {
    use terminal_colorsaurus::{Error, QueryOptions, ThemeMode, theme_mode};
    let mut options = QueryOptions::default();
    options.timeout = ANSWER_WITHIN;
    match theme_mode(options) {
        Ok(ThemeMode::Light) => Background::Light,
        Ok(ThemeMode::Dark) => Background::Dark,
        Err(Error::Timeout(_)) => Background::Late,
        Err(_) => Background::Unknown,
    }
}

/// Takes a late answer of [`background`] out of the keys: `alt-]`, then everything to the end mark.
#[derive(Debug, Default)]
pub struct Late {
    waits: bool,
    inside: usize,
}

impl Late {
    pub fn new(background: Background) -> Self {
        Self { waits: background == Background::Late, inside: 0 }
    }
    /// Whether the key is a part of the answer.
    pub fn swallows(&mut self, key: super::keymap::Key) -> bool {
        use crossterm::event::KeyCode::Char;
        if !self.waits {
            return false;
        }
        if self.inside == 0 {
            let begins = key.alt && key.code == Char(']');
            self.inside = usize::from(begins);
            return begins;
        }
        // `11;rgb:ffff/ffff/ffff` and the mark.
        self.inside += 1;
        let ends = (key.ctrl && key.code == Char('g')) || (key.alt && key.code == Char('\\')) || self.inside > 28;
        if ends {
            (self.waits, self.inside) = (false, 0);
        }
        true
    }
}

pub struct Screen {
    pub terminal: Terminal<CrosstermBackend<Stdout>>,
    mouse: Mouse,
}

impl Screen {
    /// # Errors
    /// Standard output is no terminal, or the terminal does not answer.
    pub fn enter(mouse: Mouse) -> io::Result<Self> {
        if !io::stdout().is_terminal() {
            return Err(io::Error::other("standard output is not a terminal"));
        }
        // crossterm 0.29 sends a full reset after the attributes under NO_COLOR, which hides the selection;
        // colours are dropped by our own theme instead.
        crossterm::style::force_color_output(true);
        restore_on_panic();
        enter(mouse)?;
        match Terminal::new(CrosstermBackend::new(io::stdout())) {
            Ok(terminal) => Ok(Self { terminal, mouse }),
            Err(error) => {
                leave();
                Err(error)
            }
        }
    }

    /// Draws everything anew. Never `Terminal::clear`: it asks for the cursor and waits two seconds where nobody answers.
    pub fn redraw(&mut self) -> io::Result<()> {
        let size = self.terminal.size()?;
        self.terminal.resize(ratatui::layout::Rect::new(0, 0, size.width, size.height))
    }

    /// Gives the terminal to `job`, then takes it back. No event stream may be alive meanwhile.
    pub fn outside<T>(&mut self, job: impl FnOnce() -> T) -> io::Result<T> {
        leave();
        let answer = job();
        self.take_back()?;
        Ok(answer)
    }

    /// After a stop that was not ours the shell has changed the terminal's mode.
    pub fn take_back(&mut self) -> io::Result<()> {
        enter(self.mouse)?;
        self.redraw()
    }

    /// OSC 52: the terminal copies, also over ssh.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        execute!(self.terminal.backend_mut(), crossterm::clipboard::CopyToClipboard::to_clipboard_from(text))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        leave();
    }
}

/// Leaving twice would move the cursor back over what was printed in between, a panic's message for one.
static ENTERED: AtomicBool = AtomicBool::new(false);

fn enter(mouse: Mouse) -> io::Result<()> {
    enable_raw_mode()?;
    ENTERED.store(true, Ordering::SeqCst);
    let mut out = io::stdout();
    execute!(out, EnterAlternateScreen, EnableBracketedPaste, cursor::Hide)?;
    if mouse == Mouse::On {
        execute!(out, EnableMouseCapture)?;
    }
    Ok(())
}

/// Errors are of no use here: there is no other way out.
fn leave() {
    if !ENTERED.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    let _ = execute!(out, DisableMouseCapture, DisableBracketedPaste, LeaveAlternateScreen, cursor::Show);
    let _ = disable_raw_mode();
    let _ = out.flush();
}

/// A panic message belongs on the normal screen.
fn restore_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            leave();
            before(info);
        }));
    });
}

/// Stops this process as ctrl-z would have without raw mode; comes back on SIGCONT.
pub fn stop() {
    let _ = signal_hook::low_level::raise(signal_hook::consts::SIGSTOP);
}

/// `$VISUAL`, else `$EDITOR`, else `vi`: program and arguments.
fn editor_command(variable: impl Fn(&str) -> Option<String>) -> (String, Vec<String>) {
    let set = |name| variable(name).filter(|v| !v.trim().is_empty());
    let line = set("VISUAL").or_else(|| set("EDITOR")).unwrap_or_else(|| "vi".to_owned());
    let mut words = line.split_whitespace().map(str::to_owned);
    (words.next().unwrap_or_default(), words.collect())
}

/// Lets the user's editor change `text`, in a file that only this user can read.
pub fn edit(text: &str) -> Result<String, Problem> {
    let (program, arguments) = editor_command(|name| std::env::var(name).ok());
    let failed = |what: &str, error: &io::Error| Problem::usage(what).because(error);
    let file = draft_file(text).map_err(|e| failed("Cannot write a temporary file for the editor", &e))?;
    let status = Command::new(&program).args(arguments).arg(&file).status();
    let edited = match status {
        Ok(status) if status.success() => {
            std::fs::read_to_string(&file).map_err(|e| failed("Cannot read back what the editor wrote", &e))
        }
        Ok(status) => Err(Problem::usage(format!("`{program}` ended with {status}; the change is as it was"))),
        Err(error) => Err(failed(&format!("Cannot start `{program}`: set VISUAL or EDITOR"), &error)),
    };
    let _ = std::fs::remove_file(&file);
    edited
}

fn draft_file(text: &str) -> io::Result<PathBuf> {
    use std::os::unix::fs::OpenOptionsExt;
    let directory = std::env::temp_dir();
    for attempt in 0..100 {
        let path = directory.join(format!("sidestep-{}-{attempt}.sql", std::process::id()));
        match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Ok(mut file) => {
                file.write_all(text.as_bytes())?;
                file.write_all(b"\n")?;
                return Ok(path);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("no free name for a temporary file"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_editor_is_visual_then_editor_then_vi() {
        let with = |visual: &str, editor: &str| {
            editor_command(|name| Some(if name == "VISUAL" { visual } else { editor }.to_owned()))
        };
        assert_eq!(with("code -w", "nano"), ("code".to_owned(), vec!["-w".to_owned()]));
        assert_eq!(with(" ", "nano").0, "nano");
        assert_eq!(editor_command(|_| None).0, "vi");
    }
}
