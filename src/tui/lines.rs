//! The loop of [`super::plain`]: lines in, lines out, tasks one after the other. Nothing is drawn and no key is caught, so
//! that signals, copying and screen readers work as in any program of the shell.

use super::msg::{Effect, Msg};
use super::plain::{Echo, Plain};
use super::run::Ended;
use super::shelf::Shelf;
use super::state::State;
use super::tasks::{self, Writer};
use super::update::update;
use std::io::{self, BufRead, Write};

/// Talks until the user quits or the input ends.
///
/// # Errors
/// Standard input or output is gone.
pub async fn talk(
    state: &mut State,
    begun: Vec<Effect>,
    writer: Option<Writer>,
    mut shelf: Shelf,
) -> io::Result<Ended> {
    shelf.begin(state);
    let mut plain = Plain::default();
    let mut waiting = begun;
    let lines = tasks::Lines::default();
    loop {
        if perform(state, waiting, writer, &lines).await? {
            break;
        }
        shelf.follow(state);
        shelf.save(state);
        let question = plain.ask(state);
        let mut out = io::stdout().lock();
        out.write_all(question.as_bytes())?;
        out.flush()?;
        drop(out);
        let mut line = String::new();
        let read = match plain.echo() {
            Echo::Shown => io::stdin().lock().read_line(&mut line)?,
            Echo::Hidden => {
                line = rpassword::read_password()?;
                line.len() + 1
            }
        };
        if read == 0 {
            break;
        }
        waiting = plain.answer(state, &line);
    }
    shelf.save(state);
    Ok(Ended::ByUser)
}

/// `true`: the end. Every task is awaited before the next question.
async fn perform(
    state: &mut State,
    effects: Vec<Effect>,
    writer: Option<Writer>,
    lines: &tasks::Lines,
) -> io::Result<bool> {
    let mut open: std::collections::VecDeque<Effect> = effects.into();
    while let Some(effect) = open.pop_front() {
        match effect {
            Effect::Start(id, task) => {
                let outcome = tasks::perform(task, writer, lines.clone()).await;
                update(state, Msg::Sent(crate::db::journal::take()));
                open.extend(update(state, Msg::Done(id, outcome)));
            }
            Effect::Quit => return Ok(true),
            Effect::Copy(text) => {
                let mut out = io::stdout().lock();
                writeln!(out, "{text}")?;
            }
            // What only a screen needs.
            Effect::Cancel(_) | Effect::Edit(_) | Effect::Suspend | Effect::Redraw => {}
        }
    }
    Ok(false)
}
