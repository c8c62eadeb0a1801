//! One step, tab by tab.

use crate::model::quantity::seconds;
use crate::plan::{Act, Backfill, Estimate, Plan, Release, Step, Timeouts, Undo};
use crate::tui::canvas::piece;
use crate::tui::theme::Role;
use crate::tui::widget::doc::Doc;
use crate::tui::words::{self, Stops};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    #[default]
    Sql,
    Locks,
    Why,
    Undo,
    Watch,
    Deploy,
}

impl Tab {
    pub const ALL: [Self; 6] = [Self::Sql, Self::Locks, Self::Why, Self::Undo, Self::Watch, Self::Deploy];
    pub fn title(self) -> &'static str {
        match self {
            Self::Sql => "SQL",
            Self::Locks => "Locks",
            Self::Why => "Why",
            Self::Undo => "Undo",
            Self::Watch => "Watch",
            Self::Deploy => "Deploy",
        }
    }
    pub fn beside(self, places: isize) -> Self {
        let at = Self::ALL.iter().position(|t| *t == self).unwrap_or(0);
        let at = at.saturating_add_signed(places).min(Self::ALL.len() - 1);
        Self::ALL.get(at).copied().unwrap_or(self)
    }
}

pub fn doc(tab: Tab, plan: &Plan, step: &Step, width: u16) -> Doc {
    let mut doc = Doc::new(width);
    match tab {
        Tab::Sql => sql(&mut doc, plan, step),
        Tab::Locks => locks(&mut doc, step),
        Tab::Why => why(&mut doc, step),
        Tab::Undo => undo(&mut doc, step),
        Tab::Watch => watch(&mut doc, step),
        Tab::Deploy => deploy(&mut doc, plan, step),
    }
    doc
}

/// Every tab, one after the other, as text.
pub fn whole(plan: &Plan, step: &Step) -> String {
    let mut text = format!("{} {}\n", step.id, step.title.replace('`', ""));
    for tab in Tab::ALL {
        text.push_str(&format!("\n## {}\n\n{}", tab.title(), super::plain(&doc(tab, plan, step, 100))));
    }
    text
}

fn timeouts(timeouts: Timeouts) -> String {
    let time = |name: &str, ms: u64| match ms {
        0 => format!("no {name} timeout"),
        ms => format!("{name} timeout {}", seconds(ms as f64 / 1000.0)),
    };
    format!("{} · {}", time("lock", timeouts.lock_ms), time("statement", timeouts.statement_ms))
}

fn statements(doc: &mut Doc, sql: &[String]) {
    for (i, statement) in sql.iter().enumerate() {
        if i > 0 {
            doc.blank();
        }
        doc.sql(&format!("{statement};"));
    }
}

fn sql(doc: &mut Doc, plan: &Plan, step: &Step) {
    match &step.act {
        Act::Sql { sql, transaction, timeouts: t } => {
            doc.text(Role::Dim, &format!("{} · {}", words::transaction(*transaction), timeouts(*t)));
            doc.blank();
            statements(doc, sql);
        }
        Act::Backfill { sql, transaction, timeouts: t, backfill } => {
            doc.text(Role::Dim, &format!("{} · {}", words::transaction(*transaction), timeouts(*t)));
            doc.blank();
            statements(doc, sql);
            backfill_parts(doc, backfill);
        }
        Act::Verify { sql } => {
            doc.text(Role::Dim, "read-only; every query must answer true");
            doc.blank();
            statements(doc, sql);
        }
        Act::Wait { until, sql } => {
            doc.item("until ", Role::Text, until);
            doc.blank();
            statements(doc, sql);
        }
        Act::Approve { question } => doc.item("a person says yes: ", Role::Text, question),
        Act::External { command, .. } => {
            doc.text(Role::Dim, "outside the database");
            doc.item("$ ", Role::Text, command);
        }
        Act::Deploy { release } => match plan.release(release) {
            Some(release) => release_parts(doc, release),
            None => doc.text(Role::Bad, &format!("release {release} is not part of the plan")),
        },
    }
    if let Some(check) = &step.done_when {
        doc.heading(&format!("Done when this answers {}", check.expect));
        doc.sql(&format!("{};", check.sql));
    }
}

fn backfill_parts(doc: &mut Doc, backfill: &Backfill) {
    doc.heading("The same, for a driver");
    let pause = seconds(backfill.pause_ms as f64 / 1000.0);
    doc.text(
        Role::Dim,
        &format!("{} rows a batch, {pause} between, waits above {} s of lag", backfill.batch_rows, backfill.max_lag_s),
    );
    let parts = [
        ("first :lo", &backfill.start_key),
        (":hi, the end of a batch", &backfill.end_key),
        ("one batch", &backfill.batch),
        ("next :lo", &backfill.resume_key),
        ("what remains", &backfill.remaining),
    ];
    for (name, sql) in parts.into_iter().filter(|(_, sql)| !sql.is_empty()) {
        doc.line(vec![piece(name, Role::Dim)]);
        doc.sql(&format!("{sql};"));
    }
}

fn estimate(doc: &mut Doc, name: &str, value: &Estimate, role: Role) {
    doc.pair(name, role, &value.to_string());
    match value {
        Estimate::Instant => {}
        Estimate::Range { basis, .. } if !basis.is_empty() => doc.pair("", Role::Dim, basis),
        Estimate::Range { .. } => {}
        Estimate::Unknown { because } => doc.pair("", Role::Dim, &format!("because {because}")),
    }
}

fn locks(doc: &mut Doc, step: &Step) {
    if step.locks.is_empty() {
        doc.text(Role::Text, "It takes no lock that others would notice.");
    }
    for lock in &step.locks {
        let stops = Stops::of(std::slice::from_ref(lock));
        doc.line(vec![
            piece(lock.object.clone(), Role::Text),
            piece("  ", Role::Text),
            piece(lock.mode.name(), stops.role()),
        ]);
        doc.item("  ", Role::Dim, stops.sentence());
    }
    doc.blank();
    let work = match step.bytes {
        Some(bytes) => format!("{}, {bytes}", step.work),
        None => step.work.to_string(),
    };
    doc.pair("work", Role::Text, &work);
    estimate(doc, "blocked", &step.blocked, words::blocked_role(&step.blocked));
    estimate(doc, "takes", &step.wall, Role::Text);
    for (what, figure, because) in crate::export::text::load_lines(&step.load) {
        doc.pair(what, Role::Text, &figure);
        doc.pair("", Role::Dim, because);
    }
    hazards(doc, step);
}

fn hazards(doc: &mut Doc, step: &Step) {
    if step.hazards.is_empty() {
        return;
    }
    doc.heading("Hazards");
    for hazard in &step.hazards {
        doc.item(&format!("{}: ", hazard.label()), words::hazard_role(hazard), &hazard.told());
    }
}

fn why(doc: &mut Doc, step: &Step) {
    doc.text(Role::Text, &step.why);
    hazards(doc, step);
    if !step.tables.is_empty() {
        doc.heading("Touches");
        for table in &step.tables {
            doc.text(Role::Text, &table.to_string());
        }
    }
}

fn undo(doc: &mut Doc, step: &Step) {
    match &step.undo {
        Undo::Sql { sql, transaction, timeouts: t, because } => {
            doc.text(Role::Text, because);
            doc.text(Role::Dim, &format!("{} · {}", words::transaction(*transaction), timeouts(*t)));
            doc.blank();
            statements(doc, sql);
        }
        Undo::Nothing { because } => {
            doc.text(Role::Good, "Nothing to undo.");
            doc.text(Role::Text, because);
        }
        Undo::PointOfNoReturn { because } => {
            doc.text(Role::Bad, "Point of no return.");
            doc.text(Role::Text, because);
        }
    }
}

fn watch(doc: &mut Doc, step: &Step) {
    if step.watch.is_empty() && step.abort_if.is_empty() {
        doc.text(Role::Dim, "Nothing in particular.");
    }
    for watch in &step.watch {
        doc.blank();
        doc.line(vec![piece(watch.title.clone(), Role::Accent)]);
        doc.sql(&format!("{};", watch.sql));
    }
    if !step.abort_if.is_empty() {
        doc.heading("Stop and undo when");
        for condition in &step.abort_if {
            doc.item("· ", Role::Text, condition);
        }
    }
}

fn deploy(doc: &mut Doc, plan: &Plan, step: &Step) {
    let Some(row) = plan.grid_row(&step.id) else {
        doc.text(Role::Dim, "The plan has no row of the grid for this step.");
        return;
    };
    doc.text(Role::Dim, "With the schema as it is after this step:");
    for release in &plan.releases {
        let works = row.works.get(&release.id).copied();
        let (mark, role) = match works {
            Some(true) => ("✓ works ", Role::Good),
            Some(false) => ("✗ breaks", Role::Bad),
            None => ("? unknown", Role::Warn),
        };
        let running = if row.running.contains(&release.id) { "  runs now" } else { "" };
        doc.line(vec![
            piece(mark, role),
            piece(format!("  {} ", release.id), Role::Title),
            piece(release.title.replace('`', ""), Role::Text),
            piece(running, Role::Accent),
        ]);
        if let Some(because) = row.because.get(&release.id) {
            doc.item("          ", Role::Dim, because);
        }
    }
    if let Act::Deploy { release } = &step.act
        && let Some(release) = plan.release(release)
    {
        doc.blank();
        release_parts(doc, release);
    }
}

/// What a release is and what its developers do.
pub fn release_parts(doc: &mut Doc, release: &Release) {
    doc.line(vec![piece(format!("{} ", release.id), Role::Deploy), piece(release.title.replace('`', ""), Role::Title)]);
    for instruction in &release.instructions {
        doc.item("· ", Role::Text, instruction);
    }
    let names = |list: &[crate::model::Ident]| list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    for used in &release.tables {
        doc.item(&format!("{}  ", used.table), Role::Dim, "");
        doc.item("  reads   ", Role::Text, &names(&used.reads));
        doc.item("  writes  ", Role::Text, &names(&used.writes));
    }
    for shape in &release.sql_shapes {
        doc.sql(&format!("{shape};"));
    }
    for (orm, hints) in &release.orm_hints {
        for hint in hints {
            doc.item(&format!("{orm}: "), Role::Text, hint);
        }
    }
}
