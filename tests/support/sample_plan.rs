//! A plan made by hand: every kind of step, three releases, a grid, an unknown estimate. The screens show it; nobody runs it.

use sidestep::change::CannotPlan;
use sidestep::model::{Bytes, Catalog, Lock, LockMode, TableName, Work};
use sidestep::plan::step::PLAN_FORMAT;
use sidestep::plan::{
    Act, AsWritten, Backfill, Check, Estimate, Finding, GridRow, Hazard, Phase, PhaseName, Plan, Policy, Release,
    Severity, Size, Step, TableUse, Timeouts, TransactionMode, Undo, Wanted, Watch,
};
use sidestep::sql::Problem;
use std::collections::BTreeMap;

pub const WISH: &str = "\
-- people have two names
ALTER TABLE users ADD COLUMN first_name varchar(50), ADD COLUMN last_name varchar(50);
UPDATE users SET first_name = split_part(name, ' ', 1), last_name = nullif(split_part(name, ' ', 2), '');
ALTER TABLE users DROP COLUMN name;";

/// Behind the screens in place of the real planner: a plan for [`WISH`], an error for a text that holds `nonsense`.
pub fn planner(text: &str, catalog: &Catalog, policy: &Policy) -> Result<Plan, CannotPlan> {
    if let Some(at) = text.find("nonsense") {
        let problem = Problem::at(text, at..at + 8, "column `nonsense` of `public.users` does not exist");
        return Err(CannotPlan {
            problems: vec![problem.hint("columns of `public.users`: id, email, name, created_at")],
        });
    }
    Ok(plan(catalog, policy))
}

fn sql(statements: &[&str]) -> Act {
    Act::Sql {
        sql: statements.iter().map(|s| (*s).to_owned()).collect(),
        transaction: TransactionMode::Single,
        timeouts: Timeouts { lock_ms: 2_000, statement_ms: 30_000 },
    }
}

fn lock(mode: LockMode) -> Vec<Lock> {
    vec![Lock::new("public.users", mode)]
}

fn step(id: &str, title: &str, why: &str, act: Act) -> Step {
    Step {
        id: id.to_owned(),
        title: title.to_owned(),
        why: why.to_owned(),
        act,
        locks: vec![],
        work: Work::None,
        bytes: None,
        blocked: Estimate::Instant,
        wall: Estimate::Instant,
        load: sidestep::plan::Load::default(),
        superseded_by: None,
        hazards: vec![],
        undo: Undo::Nothing { because: "It changes nothing in the database.".to_owned() },
        done_when: None,
        watch: vec![],
        abort_if: vec![],
        tables: vec![TableName::new("public", "users")],
    }
}

fn undo(statement: &str, because: &str) -> Undo {
    Undo::Sql {
        sql: vec![statement.to_owned()],
        transaction: TransactionMode::Single,
        timeouts: Timeouts { lock_ms: 2_000, statement_ms: 30_000 },
        because: because.to_owned(),
    }
}

fn deploy(id: &str, release: &str, title: &str) -> Step {
    step(
        id,
        title,
        "The app must know the new columns before the old one goes.",
        Act::Deploy { release: release.to_owned() },
    )
}

fn phases() -> Vec<Phase> {
    let mut leftovers = step(
        "1.1",
        "Look for leftovers and blockers",
        "A long transaction would make every later lock wait.",
        Act::Verify { sql: vec!["SELECT NOT EXISTS (SELECT FROM pg_index WHERE NOT indisvalid)".to_owned()] },
    );
    leftovers.wall = Estimate::Instant;
    let mut add = step(
        "2.1",
        "Add `first_name` and `last_name` to `public.users`",
        "Nullable columns without default change the catalog only: no row is touched, on any version.",
        sql(&["ALTER TABLE public.users ADD COLUMN first_name varchar(50),\n    ADD COLUMN last_name varchar(50)"]),
    );
    add.locks = lock(LockMode::AccessExclusive);
    add.work = Work::Catalog;
    add.undo = undo(
        "ALTER TABLE public.users DROP COLUMN first_name, DROP COLUMN last_name",
        "Instant; values written meanwhile are lost.",
    );
    add.done_when = Some(Check {
        sql: "SELECT count(*) = 2 FROM pg_attribute WHERE attrelid = 'public.users'::regclass AND attname IN ('first_name', 'last_name')".to_owned(),
        expect: "true".to_owned(),
    });
    add.watch.push(Watch {
        title: "who waits for whom".to_owned(),
        sql: "SELECT pid, pg_blocking_pids(pid), query FROM pg_stat_activity WHERE wait_event_type = 'Lock'".to_owned(),
    });
    add.abort_if.push("lock_timeout strikes five times in a row".to_owned());
    let mut sync = step(
        "2.2",
        "Keep `name` and its parts in step by a trigger",
        "While old and new app versions run, each must see what the other writes.",
        sql(&[
            "CREATE FUNCTION public.users_split_name() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n  NEW.first_name := split_part(NEW.name, ' ', 1);\n  RETURN NEW;\nEND $$",
            "CREATE TRIGGER users_split_name BEFORE INSERT OR UPDATE OF name ON public.users\n    FOR EACH ROW EXECUTE FUNCTION public.users_split_name()",
        ]),
    );
    sync.locks = lock(LockMode::ShareRowExclusive);
    sync.work = Work::Catalog;
    sync.undo = undo("DROP TRIGGER users_split_name ON public.users", "Instant.");
    let mut index = step(
        "2.3",
        "Build the index `users_last_name_idx`",
        "CONCURRENTLY lets writes go on; it scans the table twice.",
        Act::Sql {
            sql: vec!["CREATE INDEX CONCURRENTLY users_last_name_idx ON public.users (last_name)".to_owned()],
            transaction: TransactionMode::None,
            timeouts: Timeouts { lock_ms: 0, statement_ms: 0 },
        },
    );
    index.locks = lock(LockMode::ShareUpdateExclusive);
    index.work = Work::IndexBuild;
    index.wall = Estimate::range(400.0, 1500.0, "150 M rows at 200–800 k rows/s, twice");
    index.hazards.push(Hazard {
        id: "waits-for-transactions".to_owned(),
        severity: Severity::Warning,
        text: "It waits for every transaction that began before it; the longest is 14 min old.".to_owned(),
        ignored: None,
    });
    index.undo = undo("DROP INDEX CONCURRENTLY public.users_last_name_idx", "Waits for transactions, blocks nothing.");
    let mut fill = step(
        "3.1",
        "Fill `first_name` and `last_name`",
        "Batches by primary key, each its own transaction; a batch that is run again changes nothing.",
        Act::Backfill {
            sql: vec!["CALL sidestep.fill_users()".to_owned()],
            transaction: TransactionMode::PerBatch,
            timeouts: Timeouts { lock_ms: 5_000, statement_ms: 60_000 },
            backfill: Box::new(Backfill {
                table: TableName::new("public", "users"),
                key: vec!["id".to_owned()],
                start_key: String::new(),
                resume_key: String::new(),
                end_key: String::new(),
                next_key: "SELECT max(id) FROM (SELECT id FROM public.users WHERE id > :lo ORDER BY id LIMIT :n) b".to_owned(),
                batch: "UPDATE public.users SET first_name = split_part(name, ' ', 1) WHERE id > :lo AND id <= :hi AND first_name IS NULL".to_owned(),
                remaining: "SELECT count(*) FROM public.users WHERE first_name IS NULL AND name IS NOT NULL".to_owned(),
                batch_rows: 5_000,
                pause_ms: 50,
                max_lag_s: 10,
                rows: Some(150_000_000),
                generates_statements: false,
            }),
        },
    );
    fill.locks = lock(LockMode::RowExclusive);
    fill.work = Work::Rewrite;
    fill.wall = Estimate::range(2_500.0, 15_000.0, "150 M rows at 10–60 k rows/s");
    let verify = step(
        "3.2",
        "Check that every row is filled",
        "The switch must not find an empty name.",
        Act::Verify {
            sql: vec![
                "SELECT NOT EXISTS (SELECT FROM public.users WHERE first_name IS NULL AND name IS NOT NULL)".to_owned(),
            ],
        },
    );
    let mut switch = step(
        "4.1",
        "Turn the trigger round",
        "From here the new columns lead and `name` follows.",
        sql(&[
            "CREATE OR REPLACE FUNCTION public.users_split_name() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
        ]),
    );
    switch.undo = undo(
        "CREATE OR REPLACE FUNCTION public.users_split_name() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$",
        "Instant.",
    );
    let wait = step(
        "5.1",
        "Watch release R2 for 7 days",
        "The way back is open until the old column is dropped.",
        Act::Wait { until: "no query has read `name` for 7 days".to_owned(), sql: vec![] },
    );
    let outside = step(
        "5.2",
        "Refresh the search replica",
        "It copies `name` by its own schedule.",
        Act::External { command: "bin/reindex users".to_owned(), effect: Vec::new() },
    );
    let approve = step(
        "6.1",
        "Approve dropping `name`",
        "The values cannot be read again afterwards.",
        Act::Approve { question: "Is `name` unused everywhere, reports included?".to_owned() },
    );
    let mut drop = step(
        "6.2",
        "Drop the trigger and `name`",
        "Nothing reads it any more.",
        sql(&["DROP TRIGGER users_split_name ON public.users", "ALTER TABLE public.users DROP COLUMN name"]),
    );
    drop.locks = lock(LockMode::AccessExclusive);
    drop.work = Work::Catalog;
    drop.wall = Estimate::unknown("the view `public.user_names` must be recreated first");
    drop.undo = Undo::PointOfNoReturn { because: "The values of `name` are gone.".to_owned() };
    drop.hazards.push(Hazard {
        id: "drops-data".to_owned(),
        severity: Severity::Danger,
        text: "`name` cannot be restored from the database.".to_owned(),
        ignored: None,
    });
    let phase = |name, steps| Phase { name, steps };
    vec![
        phase(PhaseName::Prepare, vec![leftovers]),
        phase(PhaseName::Expand, vec![add, sync, index, deploy("2.4", "R1", "Deploy release R1: tolerates both")]),
        phase(PhaseName::Migrate, vec![fill, verify]),
        phase(PhaseName::Switch, vec![switch, deploy("4.2", "R2", "Deploy release R2: uses the new columns")]),
        phase(PhaseName::Settle, vec![wait, outside, deploy("5.3", "R3", "Deploy release R3: `name` is unused")]),
        phase(PhaseName::Contract, vec![approve, drop]),
    ]
}

fn release(id: &str, title: &str, reads: &[&str], writes: &[&str], instructions: &[&str]) -> Release {
    let idents = |list: &[&str]| list.iter().map(|c| (*c).into()).collect();
    let mut hints = BTreeMap::new();
    if id == "R3" {
        hints.insert("rails".to_owned(), vec!["self.ignored_columns += [\"name\"]".to_owned()]);
    }
    Release {
        id: id.to_owned(),
        title: title.to_owned(),
        tables: vec![TableUse {
            table: TableName::new("public", "users"),
            reads: idents(reads),
            writes: idents(writes),
        }],
        instructions: instructions.iter().map(|i| (*i).to_owned()).collect(),
        sql_shapes: if id == "R1" {
            vec!["INSERT INTO users (email, name, first_name, last_name) VALUES ($1, $2, $3, $4)".to_owned()]
        } else {
            vec![]
        },
        orm_hints: hints,
    }
}

fn grid(phases: &[Phase]) -> Vec<GridRow> {
    let steps: Vec<&Step> = phases.iter().flat_map(|p| &p.steps).collect();
    let place = |id: &str| steps.iter().position(|s| s.id == id).unwrap_or(usize::MAX);
    steps
        .iter()
        .enumerate()
        .map(|(at, s)| {
            let mut because = BTreeMap::new();
            let mut works = BTreeMap::new();
            for (r, ok, why) in [
                ("R0", at < place("6.2"), "`name` is gone"),
                ("R1", at < place("6.2"), "`name` is gone"),
                ("R2", at >= place("2.1"), "`first_name` does not exist yet"),
                ("R3", at >= place("2.1"), "`first_name` does not exist yet"),
            ] {
                works.insert(r.to_owned(), ok);
                if !ok {
                    because.insert(r.to_owned(), why.to_owned());
                }
            }
            let running: &[&str] = match () {
                () if at < place("2.4") => &["R0"],
                () if at == place("2.4") => &["R0", "R1"],
                () if at < place("4.2") => &["R1"],
                () if at == place("4.2") => &["R1", "R2"],
                () if at < place("5.3") => &["R2"],
                () if at == place("5.3") => &["R2", "R3"],
                () => &["R3"],
            };
            GridRow { step: s.id.clone(), works, because, running: running.iter().map(|r| (*r).to_owned()).collect() }
        })
        .collect()
}

pub fn plan(catalog: &Catalog, policy: &Policy) -> Plan {
    let phases = phases();
    let written = |sql: &str, mode, work, blocked: Estimate, wall: Estimate| AsWritten {
        sql: sql.to_owned(),
        locks: lock(mode),
        work,
        bytes: None,
        blocked,
        wall,
        hazards: vec![],
        fails: None,
    };
    let statements: Vec<&str> = WISH.split(";\n").collect();
    let rewrite = Estimate::range(2_500.0, 15_000.0, "150 M rows at 10–60 k rows/s, in one transaction");
    let mut as_written = vec![
        written(
            "ALTER TABLE users ADD COLUMN first_name varchar(50), ADD COLUMN last_name varchar(50)",
            LockMode::AccessExclusive,
            Work::Catalog,
            Estimate::Instant,
            Estimate::Instant,
        ),
        written(statements[1], LockMode::RowExclusive, Work::Rewrite, rewrite.clone(), rewrite),
        written(
            "ALTER TABLE users DROP COLUMN name",
            LockMode::AccessExclusive,
            Work::Catalog,
            Estimate::Instant,
            Estimate::Instant,
        ),
    ];
    as_written[1].hazards.push(Hazard {
        id: "update-all-rows".to_owned(),
        severity: Severity::Danger,
        text: "One transaction updates 150 M rows: row locks until its end, 34 GB of bloat, replicas behind."
            .to_owned(),
        ignored: None,
    });
    as_written[2].fails =
        Some("cannot drop column `name`: the view `public.user_names` depends on it (2BP01)".to_owned());
    let name_columns = ["id", "email", "name", "created_at"];
    let new_columns = ["id", "email", "first_name", "last_name", "created_at"];
    Plan {
        format: PLAN_FORMAT,
        id: "5f0c1e8b2a94d7e3".to_owned(),
        title: "Split `name` of `public.users` into `first_name` and `last_name`".to_owned(),
        server: catalog.server.clone(),
        database: catalog.database.clone(),
        policy: policy.clone(),
        wanted: vec![Wanted {
            title: "Split `name` of `public.users`".to_owned(),
            sql: WISH.to_owned(),
            kind: "column-split".to_owned(),
            tables: vec![TableName::new("public", "users")],
            because: "150 M rows, 340 writes/s: above the thresholds of a direct change".to_owned(),
        }],
        as_written,
        releases: vec![
            release("R0", "running today", &name_columns, &["email", "name"], &[]),
            release(
                "R1",
                "tolerates both",
                &name_columns,
                &["email", "name", "first_name", "last_name"],
                &["Write `first_name` and `last_name` whenever you write `name`."],
            ),
            release(
                "R2",
                "uses the new columns",
                &new_columns,
                &["email", "first_name", "last_name"],
                &["Read `first_name` and `last_name`, never `name`."],
            ),
            release(
                "R3",
                "`name` is unused",
                &new_columns,
                &["email", "first_name", "last_name"],
                &["Do not name `name` anywhere, `SELECT *` included."],
            ),
        ],
        grid: grid(&phases),
        phases,
        findings: vec![Finding {
            severity: Severity::Warning,
            text: "The view `public.user_names` reads `name`: it is recreated in step 6.2.".to_owned(),
        }],
        preflight: sidestep::plan::preflight::queries(
            std::iter::empty(),
            catalog,
            &[TableName::new("public", "users")],
        ),
        tables: vec![Size {
            table: TableName::new("public", "users"),
            rows: Some(150_000_000),
            bytes: Bytes(32 << 30),
        }],
    }
}
