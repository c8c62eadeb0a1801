//! The loop: keys, results of tasks and signals in; one drawing out. The only async file of the app.

use super::keymap::Key;
use super::msg::{Effect, Msg, Note, Outcome, Task, TaskId};
use super::shelf::Shelf;
use super::state::{Mouse, Settings, State};
use super::terminal::{self, Background, Screen};
use super::theme::ThemeName;
use super::{tasks, update::update, view::view};
use crate::model::Catalog;
use crate::plan::Plan;
use crossterm::event::{Event, EventStream, KeyEventKind, MouseButton, MouseEventKind};
use futures_util::StreamExt;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::task::Poll;
use std::time::{Duration, Instant};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::AbortHandle;

/// What the app begins with.
#[derive(Debug, Clone, Default)]
pub enum Start {
    #[default]
    Connect,
    Target(String),
    Catalog(Box<Catalog>),
    /// A saved plan to be reviewed.
    Review(Box<Plan>, Box<super::review::Desk>),
}

#[derive(Debug, Clone, Default)]
pub struct Options {
    pub start: Start,
    pub settings: Settings,
    /// Without it, the export screen only previews.
    pub writer: Option<tasks::Writer>,
    /// Where drafts are kept; without it, nothing outlives the session.
    pub state_directory: Option<std::path::PathBuf>,
    /// Line by line, without a screen.
    pub plain: bool,
}

/// How the app ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    ByUser,
    /// SIGTERM, SIGHUP or SIGINT, with its number.
    BySignal(i32),
}

/// Runs the app until the user or a signal ends it. Needs a tokio runtime; one thread is enough.
///
/// # Errors
/// The terminal cannot be used.
pub async fn run(options: Options) -> io::Result<Ended> {
    if options.plain {
        let mut state = State::new(options.settings);
        let begun = begin(&mut state, options.start);
        let shelf = Shelf::new(options.state_directory);
        return super::lines::talk(&mut state, begun, options.writer, shelf).await;
    }
    let mouse = options.settings.mouse;
    let background = match options.settings.ask_background {
        true => terminal::background(),
        false => Background::Unknown,
    };
    let mut settings = options.settings;
    if background == Background::Light {
        settings.theme = ThemeName::Light;
    }
    let mut state = State::new(settings);
    let mut runner = Runner::new(Screen::enter(mouse)?, options.writer, Shelf::new(options.state_directory))?;
    runner.late = terminal::Late::new(background);
    runner.shelf.begin(&mut state);
    let size = runner.screen.terminal.size()?;
    update(&mut state, Msg::Resize(size.width, size.height));
    let effects = begin(&mut state, options.start);
    let ended = runner.drive(&mut state, effects).await;
    runner.settle(&mut state).await;
    runner.shelf.save(&mut state);
    for task in runner.tasks.values() {
        task.abort();
    }
    // A key that said something and one that quits may come together.
    if let Err(problem) = super::review_file::flush(&state.app.desk) {
        return Err(io::Error::other(problem.message));
    }
    ended
}

fn begin(state: &mut State, start: Start) -> Vec<Effect> {
    let mut effects = vec![super::screen::connect::find_sources(&mut state.app)];
    match start {
        Start::Connect => {}
        Start::Target(target) => effects.extend(state.app.connect(&target, None)),
        Start::Catalog(catalog) => state.open(*catalog, None),
        Start::Review(plan, desk) => state.review(*plan, *desk),
    }
    effects
}

struct Runner {
    screen: Screen,
    /// None only while the terminal belongs to somebody else.
    keys: Option<EventStream>,
    results: UnboundedReceiver<(TaskId, Outcome)>,
    sender: UnboundedSender<(TaskId, Outcome)>,
    tasks: BTreeMap<TaskId, AbortHandle>,
    /// Those of them that write something of the user's.
    saving: BTreeSet<TaskId>,
    begun: Instant,
    writer: Option<tasks::Writer>,
    lines: tasks::Lines,
    shelf: Shelf,
    late: terminal::Late,
    signals: Signals,
}

struct Signals {
    /// From outside: ctrl-c in the terminal arrives as a key.
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
    stop: Signal,
    resume: Signal,
}

/// What woke the loop.
enum Woken {
    Input(Option<io::Result<Event>>),
    Result(TaskId, Outcome),
    Tick,
    /// The draft rests long enough to be written.
    Rest,
    End(i32),
    Stop,
    Resumed,
}

impl Runner {
    fn new(screen: Screen, writer: Option<tasks::Writer>, shelf: Shelf) -> io::Result<Self> {
        let (sender, results) = unbounded_channel();
        let resume = SignalKind::from_raw(signal_hook::consts::SIGCONT);
        let stop = SignalKind::from_raw(signal_hook::consts::SIGTSTP);
        let signals = Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            stop: signal(stop)?,
            resume: signal(resume)?,
        };
        let keys = Some(EventStream::new());
        Ok(Self {
            screen,
            keys,
            results,
            sender,
            tasks: BTreeMap::new(),
            saving: BTreeSet::new(),
            begun: Instant::now(),
            writer,
            lines: tasks::Lines::default(),
            shelf,
            late: terminal::Late::default(),
            signals,
        })
    }

    async fn drive(&mut self, state: &mut State, effects: Vec<Effect>) -> io::Result<Ended> {
        if self.perform(state, effects)? {
            return Ok(Ended::ByUser);
        }
        #[cfg(debug_assertions)]
        panic_on_request();
        loop {
            self.shelf.follow(state);
            self.screen.terminal.draw(|frame| view(state, frame.area(), frame.buffer_mut()))?;
            let mut woken = Some(self.wait(state).await);
            // Everything that is queued is handled before the next drawing.
            while let Some(next) = woken {
                let effects = match next {
                    Woken::Input(Some(event)) => self.input(state, event?),
                    // The terminal is gone.
                    Woken::Input(None) => return Ok(Ended::ByUser),
                    Woken::Result(id, outcome) => {
                        self.tasks.remove(&id);
                        self.saving.remove(&id);
                        update(state, Msg::Sent(crate::db::journal::take()));
                        update(state, Msg::Done(id, outcome))
                    }
                    Woken::Tick => update(state, Msg::Tick(self.now())),
                    Woken::Rest => {
                        self.shelf.save(state);
                        Vec::new()
                    }
                    Woken::End(number) => return Ok(Ended::BySignal(number)),
                    Woken::Stop => vec![Effect::Suspend],
                    Woken::Resumed => {
                        self.screen.take_back()?;
                        Vec::new()
                    }
                };
                if self.perform(state, effects)? {
                    return Ok(Ended::ByUser);
                }
                woken = self.queued().await;
            }
        }
    }

    async fn wait(&mut self, state: &State) -> Woken {
        let keys = self.keys.get_or_insert_with(EventStream::new);
        let tick = async {
            match (state.is_busy(), super::live::wake_in(&state.app)) {
                (true, _) => tokio::time::sleep(Duration::from_millis(100)).await,
                (false, Some(ms)) => tokio::time::sleep(Duration::from_millis(ms)).await,
                (false, None) => std::future::pending().await,
            }
        };
        let rest = async {
            match self.shelf.due() {
                Some(due) => tokio::time::sleep_until(due.into()).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            event = keys.next() => Woken::Input(event),
            Some((id, outcome)) = self.results.recv() => Woken::Result(id, outcome),
            () = tick => Woken::Tick,
            () = rest => Woken::Rest,
            _ = self.signals.interrupt.recv() => Woken::End(signal_hook::consts::SIGINT),
            _ = self.signals.terminate.recv() => Woken::End(signal_hook::consts::SIGTERM),
            _ = self.signals.hang_up.recv() => Woken::End(signal_hook::consts::SIGHUP),
            _ = self.signals.stop.recv() => Woken::Stop,
            _ = self.signals.resume.recv() => Woken::Resumed,
        }
    }

    /// What is there already. The stream must be asked with the loop's own waker: it keeps the first waker it is given
    /// until an event comes, so that a look with an idle one (`now_or_never`) would leave the loop asleep for ever.
    async fn queued(&mut self) -> Option<Woken> {
        if let Some(keys) = self.keys.as_mut() {
            let ready = std::future::poll_fn(|context| Poll::Ready(keys.poll_next_unpin(context))).await;
            if let Poll::Ready(event) = ready {
                return Some(Woken::Input(event));
            }
        }
        self.results.try_recv().ok().map(|(id, outcome)| Woken::Result(id, outcome))
    }

    fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn input(&mut self, state: &mut State, event: Event) -> Vec<Effect> {
        if let Event::Key(key) = &event
            && key.kind != KeyEventKind::Release
            && self.late.swallows(Key::from(*key))
        {
            return Vec::new();
        }
        let msg = match event {
            // Windows and the kitty protocol also report releases.
            Event::Key(key) if key.kind != KeyEventKind::Release => state.read(Key::from(key)),
            Event::Paste(text) => Some(Msg::Paste(text)),
            Event::Resize(width, height) => Some(Msg::Resize(width, height)),
            Event::Mouse(mouse) if state.app.mouse == Mouse::On => {
                let (column, row) = (mouse.column, mouse.row);
                match mouse.kind {
                    MouseEventKind::Down(MouseButton::Left) => Some(Msg::Click { column, row }),
                    MouseEventKind::ScrollDown => Some(Msg::Wheel { lines: 3, column, row }),
                    MouseEventKind::ScrollUp => Some(Msg::Wheel { lines: -3, column, row }),
                    _ => None,
                }
            }
            _ => None,
        };
        // A task that a key starts is dated from this moment.
        state.app.now_ms = self.now();
        msg.map(|msg| update(state, msg)).unwrap_or_default()
    }

    /// The stream reads from the terminal in a thread of its own: it must be gone before anybody else reads.
    /// Its end wakes crossterm's reader, and a key that comes together with that wake is not noticed before the next
    /// one (crossterm 0.29, `source/unix/mio.rs` returns at the wake's token): so the wake is used up here and now.
    fn let_go(&mut self) {
        self.keys = None;
        let _ = crossterm::event::poll(Duration::ZERO);
    }

    /// `true`: the app ends.
    fn perform(&mut self, state: &mut State, effects: Vec<Effect>) -> io::Result<bool> {
        for effect in effects {
            match effect {
                Effect::Start(id, task) => self.start(id, task),
                Effect::Cancel(id) => {
                    self.saving.remove(&id);
                    if let Some(task) = self.tasks.remove(&id) {
                        task.abort();
                    }
                }
                Effect::Edit(text) => {
                    self.let_go();
                    let edited = self.screen.outside(|| terminal::edit(&text))?;
                    update(state, Msg::Edited(edited));
                }
                Effect::Copy(text) if text.len() > terminal::COPY_LIMIT => {
                    let note = Note::bad(format!("Too long for the terminal's clipboard: {} bytes", text.len()));
                    update(state, Msg::Told(note));
                }
                Effect::Copy(text) => self.screen.copy(&text)?,
                Effect::Suspend => {
                    self.let_go();
                    self.screen.outside(terminal::stop)?;
                }
                Effect::Redraw => self.screen.redraw()?,
                Effect::Quit => return Ok(true),
            }
        }
        let size = self.screen.terminal.size()?;
        if state.app.size != (size.width, size.height) {
            update(state, Msg::Resize(size.width, size.height));
        }
        Ok(false)
    }

    /// What is being saved when the user quits is saved, and what waits behind it; a disk that hangs is not waited for.
    async fn settle(&mut self, state: &mut State) {
        let until = tokio::time::Instant::now() + Duration::from_secs(2);
        while !self.saving.is_empty() {
            let Ok(Some((id, outcome))) = tokio::time::timeout_at(until, self.results.recv()).await else { return };
            self.saving.remove(&id);
            for effect in update(state, Msg::Done(id, outcome)) {
                if let Effect::Start(id, task @ (Task::SaveReview { .. } | Task::Write { .. })) = effect {
                    self.start(id, task);
                }
            }
        }
    }

    fn start(&mut self, id: TaskId, task: Task) {
        if matches!(task, Task::SaveReview { .. } | Task::Write { .. }) {
            self.saving.insert(id);
        }
        let (sender, writer, lines) = (self.sender.clone(), self.writer, self.lines.clone());
        let handle = tokio::spawn(async move {
            let outcome = tasks::perform(task, writer, lines).await;
            // The loop is gone: nobody waits for the result.
            let _ = sender.send((id, outcome));
        });
        self.tasks.insert(id, handle.abort_handle());
    }
}

/// For the test that a panic gives the terminal back; not in release builds.
#[cfg(debug_assertions)]
#[allow(clippy::panic)]
fn panic_on_request() {
    if std::env::var_os("SIDESTEP_TEST_PANIC").is_some() {
        panic!("asked to panic");
    }
}
