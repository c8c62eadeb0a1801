//! One table: columns, indexes, constraints and foreign keys both ways, what depends on it, partitions, traffic.

use super::plan::{plain, tabs};
use super::{Part, Place, Reply};
use crate::model::mysql::{MysqlPartition, numbers_used};
use crate::model::name::shown;
use crate::model::{Bytes, Catalog, Column, ConstraintKind, Table, TableName, objects::ViewKind};
use crate::tui::action::Action;
use crate::tui::canvas::{Canvas, Piece, below, part, piece};
use crate::tui::keymap::Scope;
use crate::tui::measure::{count, percent, rate};
use crate::tui::state::App;
use crate::tui::theme::Role;
use crate::tui::widget::{Scroll, doc::Doc};
use ratatui::layout::Rect;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tab {
    Columns,
    Indexes,
    Constraints,
    UsedBy,
    Triggers,
    Partitions,
    Traffic,
}

impl Tab {
    const ALL: [Self; 7] = [
        Self::Columns,
        Self::Indexes,
        Self::Constraints,
        Self::UsedBy,
        Self::Triggers,
        Self::Partitions,
        Self::Traffic,
    ];

    fn title(self, catalog: &Catalog, table: &Table) -> String {
        let (title, n) = match self {
            Self::Columns => ("Columns", table.columns.len()),
            Self::Indexes => ("Indexes", table.indexes.len()),
            Self::Constraints => ("Constraints", table.constraints.len()),
            Self::UsedBy => ("Used by", used_by(catalog, table).len()),
            Self::Triggers => ("Triggers", table.triggers.len() + table.policies.len()),
            Self::Partitions => match table.mysql.as_ref().and_then(|m| m.partitioning.as_ref()) {
                Some(own) => ("Parts", own.partitions.len()),
                None => ("Parts", catalog.partitions_of(&table.name).count()),
            },
            Self::Traffic => return "Traffic".to_owned(),
        };
        format!("{title} {n}")
    }
}

#[derive(Debug, Clone)]
pub struct TableScreen {
    name: TableName,
    tab: usize,
    scroll: Scroll,
}

fn layout(body: Rect) -> (Rect, Rect) {
    let text = below(body, 4);
    (part(body, 1, 0, body.width.saturating_sub(2), 3), part(text, 1, 0, text.width.saturating_sub(2), text.height))
}

impl TableScreen {
    pub fn new(name: TableName) -> Self {
        Self { name, tab: 0, scroll: Scroll::default() }
    }

    fn tab(&self) -> Tab {
        Tab::ALL.get(self.tab).copied().unwrap_or(Tab::Columns)
    }

    fn doc(&self, app: &App, width: u16) -> Doc {
        let mut doc = Doc::new(width);
        let Some((catalog, table)) = app.catalog().and_then(|c| c.table(&self.name).map(|t| (c, t))) else {
            return doc;
        };
        match self.tab() {
            Tab::Columns => columns(&mut doc, table),
            Tab::Indexes => indexes(&mut doc, table),
            Tab::Constraints => constraints(&mut doc, table),
            Tab::UsedBy => doc.table(&used_by(catalog, table)),
            Tab::Triggers => triggers(&mut doc, table),
            Tab::Partitions => partitions(&mut doc, catalog, table),
            Tab::Traffic => traffic(&mut doc, table),
        }
        if doc.lines.is_empty() {
            doc.text(Role::Dim, "None.");
        }
        doc
    }

    fn turn(&mut self, places: isize) {
        self.tab = self.tab.saturating_add_signed(places).min(Tab::ALL.len() - 1);
        self.scroll = Scroll::default();
    }
}

impl Part for TableScreen {
    fn act(&mut self, app: &mut App, body: Rect, action: Action) -> Reply {
        let (_, room) = layout(body);
        if self.scroll.act(action, self.doc(app, room.width).lines.len(), room.height) {
            return Reply::none();
        }
        match action {
            Action::Left => self.turn(-1),
            Action::Right | Action::Open => self.turn(1),
            Action::NextPane if self.tab + 1 == Tab::ALL.len() => self.tab = 0,
            Action::NextPane => self.turn(1),
            Action::PreviousPane if self.tab == 0 => self.tab = Tab::ALL.len() - 1,
            Action::PreviousPane => self.turn(-1),
            Action::Change => {
                super::begin_change(app, &self.name);
                return Reply::to(Place::Change);
            }
            Action::Form => {
                return Reply::push(super::Screen::Form(super::form::FormScreen::new(app, Some(&self.name))));
            }
            Action::Copy => {
                let text = plain(&self.doc(app, room.width));
                return Reply::copy(app, "what is shown", text);
            }
            _ => return Reply::unhandled(),
        }
        Reply::none()
    }

    fn click(&mut self, app: &mut App, body: Rect, column: u16, row: u16) -> Reply {
        let Some((catalog, table)) = app.catalog().and_then(|c| c.table(&self.name).map(|t| (c, t))) else {
            return Reply::none();
        };
        let (head, _) = layout(body);
        if row == head.y + 2 {
            let titles: Vec<String> = Tab::ALL.iter().map(|t| t.title(catalog, table)).collect();
            let at = super::plan::hit(column.saturating_sub(head.x) + 1, titles.iter().map(String::as_str));
            if let Some(tab) = at {
                self.tab = tab;
                self.scroll = Scroll::default();
            }
        }
        Reply::none()
    }

    fn wheel(&mut self, app: &mut App, body: Rect, _column: u16, _row: u16, lines: i32) {
        let (_, room) = layout(body);
        self.scroll.by(lines, self.doc(app, room.width).lines.len(), room.height);
    }

    fn draw(&self, app: &App, canvas: &mut Canvas<'_>, body: Rect) {
        let (head, room) = layout(body);
        let Some((catalog, table)) = app.catalog().and_then(|c| c.table(&self.name).map(|t| (c, t))) else {
            canvas.put(head, 0, 0, "This table is not in the catalog any more.", Role::Dim);
            return;
        };
        let stats = &table.stats;
        let rows = format!("   {} rows · {}", count(stats.rows), stats.total());
        let kept = table.mysql.as_ref().map(|m| {
            let words = [m.engine.as_str(), m.row_format.as_str(), m.collation.as_str()];
            words.iter().filter(|w| !w.is_empty()).map(|w| format!(" · {w}")).collect::<String>()
        });
        let kept = shown(&kept.unwrap_or_default()).into_owned();
        let owner = table.owner.as_ref().map(|o| format!(" · owner {o}")).unwrap_or_default();
        let comment = table.comment.as_ref().map(|c| format!(" · {c}")).unwrap_or_default();
        canvas.pieces(
            head,
            0,
            0,
            &[piece(table.name.to_string(), Role::Title), piece(format!("{rows}{kept}{owner}{comment}"), Role::Dim)],
        );
        let titles: Vec<String> = Tab::ALL.iter().map(|t| t.title(catalog, table)).collect();
        let titles = titles.iter().zip(Tab::ALL).map(|(title, t)| (title.as_str(), t == self.tab()));
        canvas.pieces(head, 0, 2, &tabs(titles));
        self.doc(app, room.width).draw(canvas, room, self.scroll);
    }

    fn scopes(&self, _app: &App) -> Vec<Scope> {
        vec![Scope::Table, Scope::List, Scope::Panes]
    }

    fn hints(&self, _app: &App) -> Vec<Action> {
        vec![Action::Right, Action::Left, Action::Change, Action::Form, Action::Copy, Action::Back]
    }
}

fn text(content: impl std::fmt::Display) -> Piece<'static> {
    piece(content.to_string(), Role::Text)
}

fn dim(content: impl std::fmt::Display) -> Piece<'static> {
    piece(content.to_string(), Role::Dim)
}

fn columns(doc: &mut Doc, table: &Table) {
    let key = table.primary_key().map(|k| k.columns.as_slice()).unwrap_or_default();
    let rows: Vec<_> = table
        .columns
        .iter()
        .map(|c| {
            let null = if c.not_null { dim("not null") } else { dim("") };
            let mark = if key.contains(&c.name) { piece("key", Role::Accent) } else { dim("") };
            vec![text(&c.name), dim(shown(&c.data_type)), null, mark, text(remarks(c))]
        })
        .collect();
    doc.table(&rows);
}

fn remarks(column: &Column) -> String {
    let mut all = Vec::new();
    if let Some(identity) = column.identity {
        all.push(match identity {
            crate::model::catalog::Identity::Always => "identity always".to_owned(),
            crate::model::catalog::Identity::ByDefault => "identity by default".to_owned(),
        });
    }
    if let Some(generated) = &column.generated {
        all.push(format!("generated as {}", generated.sql));
    }
    if let Some(default) = &column.default {
        all.push(format!("default {}", default.sql));
    }
    if let Some(collation) = &column.collation {
        all.push(format!("collate {collation}"));
    }
    if let Some(storage) = &column.storage {
        all.push(format!("storage {storage}"));
    }
    if let Some(comment) = &column.comment {
        all.push(format!("-- {comment}"));
    }
    all.join("; ")
}

fn indexes(doc: &mut Doc, table: &Table) {
    let rows: Vec<_> = table
        .indexes
        .iter()
        .map(|i| {
            let state = match (i.valid && i.ready, i.unique) {
                (false, _) => piece("invalid", Role::Bad),
                (true, true) => dim("unique"),
                (true, false) => dim(""),
            };
            let scans = dim(format!("{} scans", count(i.scans)));
            let what = i.definition.split_once(" USING ").map_or(i.definition.as_str(), |(_, what)| what);
            vec![text(&i.name), dim(Bytes(i.bytes)), scans, state, text(shown(what))]
        })
        .collect();
    doc.table(&rows);
}

fn constraints(doc: &mut Doc, table: &Table) {
    let rows: Vec<_> = table
        .constraints
        .iter()
        .map(|c| {
            let kind = match c.kind {
                ConstraintKind::PrimaryKey => "primary key",
                ConstraintKind::Unique => "unique",
                ConstraintKind::ForeignKey => "foreign key",
                ConstraintKind::Check => "check",
                ConstraintKind::NotNull => "not null",
                ConstraintKind::Exclusion => "exclusion",
                ConstraintKind::Trigger => "trigger",
            };
            let state = match (c.enforced, c.valid) {
                (false, _) => piece("not enforced", Role::Warn),
                (true, false) => piece("not valid", Role::Warn),
                (true, true) => dim(""),
            };
            vec![text(&c.name), dim(kind), state, text(shown(&c.definition))]
        })
        .collect();
    doc.table(&rows);
}

/// What would notice a change of the table.
fn used_by(catalog: &Catalog, table: &Table) -> Vec<Vec<Piece<'static>>> {
    let names = |list: &[crate::model::Ident]| list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let keys = catalog.referenced_by(&table.name).map(|(other, c)| {
        vec![dim("foreign key"), text(&other.name), text(format!("{} ({})", c.name, names(&c.columns)))]
    });
    let views = catalog.views_using(&table.name, &[]).map(|v| {
        let kind = match v.kind {
            ViewKind::View => "view",
            ViewKind::Materialized => "materialised view",
            ViewKind::Rule => "rule",
        };
        let used = v.uses.iter().find(|u| u.table == table.name).map(|u| names(&u.columns)).unwrap_or_default();
        vec![dim(kind), text(&v.name), dim(used)]
    });
    let functions = catalog.functions_naming(&table.name).map(|f| {
        vec![dim("function"), text(&f.name), dim(format!("({}) {}", shown(&f.arguments), shown(&f.language)))]
    });
    let sequences = catalog
        .sequences
        .iter()
        .filter(|s| s.owned_by.as_ref().is_some_and(|o| o.table == table.name))
        .map(|s| vec![dim("sequence"), text(&s.name), dim(shown(&s.data_type))]);
    let published =
        |p: &&crate::model::objects::Publication| p.all_tables || p.tables.iter().any(|t| t.table == table.name);
    let publications =
        catalog.publications.iter().filter(published).map(|p| vec![dim("publication"), text(&p.name), dim("")]);
    keys.chain(views).chain(functions).chain(sequences).chain(publications).collect()
}

fn triggers(doc: &mut Doc, table: &Table) {
    let mut rows: Vec<Vec<Piece<'static>>> = Vec::new();
    for t in &table.triggers {
        let update = if t.fires_on_update { piece("fires in backfills", Role::Warn) } else { dim("") };
        rows.push(vec![dim("trigger"), text(&t.name), update, text(shown(&t.definition))]);
    }
    for p in &table.policies {
        let rule = p.using.as_deref().or(p.check.as_deref()).unwrap_or("");
        let what = format!("{} {}", shown(&p.command), shown(rule));
        rows.push(vec![dim("policy"), text(&p.name), dim(if table.row_security { "on" } else { "off" }), text(what)]);
    }
    doc.table(&rows);
}

fn partitions(doc: &mut Doc, catalog: &Catalog, table: &Table) {
    if let Some(key) = &table.partition_key {
        doc.item("partitioned by ", Role::Text, &shown(&key.definition));
        doc.blank();
    }
    if let Some(own) = table.mysql.as_ref().and_then(|m| m.partitioning.as_ref()) {
        doc.item("partitioned by ", Role::Text, &shown(&format!("{} ({})", own.method, own.expression)));
        doc.blank();
        let row = |p: &MysqlPartition| {
            let holds = p.description.as_deref().map(|d| shown(d).into_owned()).unwrap_or_default();
            vec![text(&p.name), dim(Bytes(p.bytes)), dim(count(p.rows)), text(holds)]
        };
        doc.table(&own.partitions.iter().map(row).collect::<Vec<_>>());
    }
    if let Some(of) = &table.partition_of {
        doc.item("partition of ", Role::Text, &format!("{} {}", of.parent, shown(&of.bounds)));
        doc.blank();
    }
    let rows: Vec<_> = catalog
        .partitions_of(&table.name)
        .map(|p| {
            let bounds = p.partition_of.as_ref().map(|o| shown(&o.bounds).into_owned()).unwrap_or_default();
            vec![text(&p.name), dim(p.stats.total()), dim(count(p.stats.rows)), text(bounds)]
        })
        .collect();
    doc.table(&rows);
}

fn traffic(doc: &mut Doc, table: &Table) {
    let s = &table.stats;
    let per_second = |n: Option<u64>| match (n, s.counted_for_s.filter(|t| *t > 0.0)) {
        (Some(n), Some(t)) => rate(Some(n as f64 / t)),
        _ => "–".to_owned(),
    };
    let row = |name: &'static str, value: String, remark: String| vec![dim(name), text(value), dim(remark)];
    let pair =
        |name: &'static str, n: Option<u64>| row(name, format!("{}/s", per_second(n)), format!("{} counted", count(n)));
    let counted = row(
        "counted for",
        s.counted_for_s.map_or_else(|| "–".to_owned(), crate::model::quantity::seconds),
        "since the counters were reset".to_owned(),
    );
    if let Some(m) = &table.mysql {
        let spare = percent((m.free_bytes > 0).then(|| m.free_bytes as f64 / (m.free_bytes + s.total().0) as f64));
        let used = numbers_used(table).map(|(column, share)| {
            row(
                "next number",
                m.auto_increment.unwrap_or(0).to_string(),
                format!("{} of {column} used", percent(Some(share))),
            )
        });
        let versions = m.row_versions.map(|n| {
            row("row versions", n.to_string(), "instant changes since the table was last written anew".to_owned())
        });
        let sizes = [
            row("rows and primary key", Bytes(s.heap_bytes).to_string(), String::new()),
            row("other indexes", Bytes(s.index_bytes).to_string(), String::new()),
            row("free in its file", Bytes(m.free_bytes).to_string(), spare),
        ];
        let writes = [pair("inserts", s.inserts), pair("updates", s.updates), pair("deletes", s.deletes), counted];
        doc.table(&sizes.into_iter().chain(used).chain(versions).chain(writes).collect::<Vec<_>>());
        return;
    }
    let hot = match (s.hot_updates, s.updates) {
        (Some(hot), Some(all)) if all > 0 => percent(Some(hot as f64 / all as f64)),
        _ => "–".to_owned(),
    };
    let dead = match (s.dead_rows, s.rows) {
        (Some(d), Some(r)) if d + r > 0 => percent(Some(d as f64 / (d + r) as f64)),
        _ => "–".to_owned(),
    };
    doc.table(&[
        row("heap", Bytes(s.heap_bytes).to_string(), String::new()),
        row("indexes", Bytes(s.index_bytes).to_string(), String::new()),
        row("toast", Bytes(s.toast_bytes).to_string(), String::new()),
        row("dead rows", count(s.dead_rows), dead),
        pair("inserts", s.inserts),
        pair("updates", s.updates),
        row("  of them hot", hot, "no index was touched".to_owned()),
        pair("deletes", s.deletes),
        row("sequential scans", count(s.seq_scans), String::new()),
        row("index scans", count(s.index_scans), String::new()),
        row("last vacuum", s.last_vacuum.clone().unwrap_or_else(|| "–".to_owned()), String::new()),
        row("last analyze", s.last_analyze.clone().unwrap_or_else(|| "–".to_owned()), String::new()),
        counted,
    ]);
}
