//! The inspector against real servers: what it reads, and what it does where it may not or cannot read.

use crate::support::{Database, Server, Session, majors};
use sidestep::db::target::{Env, parse};
use sidestep::db::{self, Error};
use sidestep::model::catalog::{GeneratedKind, Identity, Volatility};
use sidestep::model::objects::{DataTypeKind, TransactionKind, ViewKind};
use sidestep::model::{Catalog, ConstraintKind, Ident, Table, TableKind, TableName};

const RICH: &str = include_str!("../support/rich.sql");

pub fn try_load(target: &str) -> Result<Catalog, Error> {
    let target = parse(target, &Env::of_vars([]))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(db::load(&target))
}

/// What the inspector says of a database that lets everybody in.
pub fn inspect(url: &str) -> Catalog {
    try_load(url).unwrap_or_else(|why| panic!("{url}: {why}"))
}

fn rich(server: &Server) -> (Database, Session) {
    let database = server.fresh_database();
    let mut sql = database.session();
    sql.run(RICH);
    sql.run("ANALYZE");
    (database, sql)
}

fn table<'a>(catalog: &'a Catalog, name: &str) -> &'a Table {
    catalog.table(&TableName::new("public", name)).unwrap_or_else(|| panic!("no table {name}"))
}

fn names(idents: &[Ident]) -> Vec<&str> {
    idents.iter().map(Ident::as_str).collect()
}

#[test]
fn a_rich_schema_on_every_major() {
    for major in majors() {
        let (database, _sql) = rich(Server::major(major));
        let catalog = inspect(&database.url);
        assert_eq!((catalog.server.version.major, catalog.gaps.as_slice()), (major, [].as_slice()));
        assert_eq!(catalog.server.settings["wal_level"], "logical");
        assert_eq!(catalog.server.settings["lock_timeout"], "0", "the session's own value, not ours");
        assert_eq!(names(&catalog.search_path), ["public"]);
        columns(&catalog);
        attached(&catalog, major);
        around(&catalog);
        assert_eq!(db::from_json(&db::to_json(&catalog)).unwrap(), catalog);
    }
}

fn columns(catalog: &Catalog) {
    let listed: Vec<String> = catalog.tables.iter().map(|t| t.name.to_string()).collect();
    let expected = ["gone_columns", "measured", "measured_1", "orders", "users"].map(|t| format!("public.{t}"));
    assert_eq!(listed[1..], expected);
    assert_eq!(listed[0], "other.users");
    let users = table(catalog, "users");
    let column = |name: &str| users.column(&name.into()).unwrap();
    let volatility = |name: &str| column(name).default.as_ref().map(|d| d.volatility);
    assert_eq!(column("email").data_type, "character varying(255)");
    assert_eq!(column("feeling").data_type, "public.mood");
    assert_eq!(column("feeling").default.as_ref().unwrap().sql, "'ok'::public.mood");
    assert_eq!(
        ["id", "feeling", "created_at", "token", "name"].map(volatility),
        [
            Some(Volatility::Volatile),
            Some(Volatility::Immutable),
            Some(Volatility::Stable),
            Some(Volatility::Volatile),
            None
        ]
    );
    assert_eq!(
        (column("body").collation.as_deref(), column("body").storage.as_deref()),
        (Some("pg_catalog.\"C\""), Some("external"))
    );
    assert_eq!((column("name").statistics, column("name").comment.as_deref()), (Some(500), Some("full name")));
    assert_eq!((column("email").statistics, column("email").collation.as_deref()), (None, None));
    assert_eq!(
        (users.comment.as_deref(), users.replica_identity.as_deref()),
        (Some("people"), Some("index users_email_key"))
    );
    assert_eq!((users.options.join(","), users.stats.rows), ("fillfactor=90".to_owned(), Some(500)));
    assert!(users.stats.heap_bytes > 0 && users.stats.index_bytes > 0 && users.stats.counted_for_s.unwrap() > 0.0);
    let orders = table(catalog, "orders");
    assert_eq!(orders.columns[0].identity, Some(Identity::Always));
    assert_eq!(orders.stats.rows, Some(200));
    assert_eq!(names(&table(catalog, "gone_columns").indexes[0].uses), ["d", "c"]);
}

fn attached(catalog: &Catalog, major: u16) {
    let orders = table(catalog, "orders");
    let part = orders.index(&"orders_part".into()).unwrap();
    assert_eq!(part.keys, [None, Some("total".into())]);
    let mut uses = names(&part.uses);
    uses.sort_unstable();
    assert_eq!(
        (uses, part.has_expressions, part.predicate.as_deref()),
        (vec!["note", "total", "user_id"], true, Some("(user_id > 10)"))
    );
    let primary = orders.index(&"orders_pkey".into()).unwrap();
    assert!(primary.primary && primary.unique && primary.valid && primary.constraint == Some("orders_pkey".into()));
    let constraint = |name: &str| orders.constraint(&name.into()).unwrap();
    assert_eq!(constraint("orders_user_id_fkey").references.as_ref().unwrap().table, TableName::new("public", "users"));
    assert_eq!(names(&constraint("orders_total_check").columns), ["total"]);
    assert!(!constraint("note_short").valid && constraint("orders_total_check").valid);
    assert_eq!(orders.constraints.iter().any(|c| c.kind == ConstraintKind::NotNull), major >= 18);
    assert!(orders.constraints.iter().any(|c| c.kind == ConstraintKind::Exclusion));
    assert_eq!((names(&orders.policies[0].columns), orders.row_security), (vec!["user_id"], true));
    let trigger = &table(catalog, "users").triggers[0];
    assert_eq!((names(&trigger.columns), trigger.fires_on_update), (vec!["email", "name"], true));
    let part = table(catalog, "measured_1").partition_of.as_ref().unwrap();
    assert_eq!(part.parent, TableName::new("public", "measured"));
    assert!(part.bounds.starts_with("FOR VALUES FROM ('2024-01-01"), "{}", part.bounds);
    let parent = table(catalog, "measured");
    assert_eq!(
        (parent.kind, names(&parent.partition_key.as_ref().unwrap().columns)),
        (TableKind::Partitioned, vec!["at"])
    );
    assert_eq!(catalog.referenced_by(&TableName::new("public", "users")).count(), 1);
}

fn around(catalog: &Catalog) {
    let view = |name: &str| catalog.views.iter().find(|v| v.name.name.as_str() == name).unwrap();
    let reads = |name: &str, table: &str| {
        let used = view(name).uses.iter().find(|u| u.table.name.as_str() == table);
        used.map(|u| names(&u.columns).join(",")).unwrap_or_default()
    };
    assert_eq!(reads("order_names", "users"), "id,name");
    assert_eq!(reads("names", "order_names"), "name");
    assert_eq!(reads("totals", "orders"), "user_id,total");
    assert_eq!((view("totals").kind, view("log_it").kind), (ViewKind::Materialized, ViewKind::Rule));
    assert_eq!(reads("log_it", "orders"), "user_id,total,note");
    assert!(view("order_names").definition.contains("FROM (public.users u"), "names come with their schema");
    assert_eq!(view("order_names").options, ["security_barrier=true"]);
    let sequence = |name: &str| catalog.sequences.iter().find(|s| s.name.name.as_str() == name).unwrap();
    assert_eq!(sequence("users_id_seq").last_value, Some(500));
    assert_eq!(sequence("orders_id_seq").owned_by.as_ref().unwrap().column, "id".into());
    assert_eq!((sequence("loose").last_value, sequence("loose").max_value), (None, 32767));
    let kinds: Vec<_> = catalog.types.iter().map(|t| (t.name.name.as_str(), &t.kind)).collect();
    assert!(matches!(kinds[0], ("mood", DataTypeKind::Enum { labels }) if labels == &["sad", "ok", "happy"]));
    assert!(
        matches!(kinds[1], ("posint", DataTypeKind::Domain { base, not_null: true, checks, .. }) if base == "integer" && checks.len() == 1)
    );
    let functions: Vec<_> = catalog.functions.iter().map(|f| (f.name.name.as_str(), f.names_tables.len())).collect();
    assert_eq!(functions, [("count_orders", 1), ("touch", 0)]);
    assert_eq!(catalog.volatilities.of("now"), Volatility::Stable);
    assert_eq!(catalog.volatilities.of("gen_no_such"), Volatility::Unknown);
    assert_eq!(catalog.publications[0].tables[0].table, TableName::new("public", "users"));
    // What an extension owns is the extension's: its view, types and functions are not listed.
    assert_eq!(table(catalog, "gone_columns").columns.last().unwrap().data_type, "public.citext");
    assert_eq!((catalog.views.len(), catalog.types.len()), (4, 2));
    assert!(table(catalog, "orders").grants.contains(&"=r/postgres".to_owned()));
    assert_eq!(table(catalog, "users").column(&"name".into()).unwrap().grants, ["=w/postgres"]);
}

#[test]
fn slots_and_subscriptions() {
    for major in majors() {
        let database = Server::major(major).fresh_database();
        let mut sql = database.session();
        let slot = format!("slot_{}", database.name);
        sql.run(&format!("SELECT pg_create_physical_replication_slot('{slot}', true)"));
        sql.run("CREATE SUBSCRIPTION feed CONNECTION 'dbname=nowhere' PUBLICATION feed WITH (connect = false, slot_name = NONE)");
        let catalog = inspect(&database.url);
        sql.run(&format!("SELECT pg_drop_replication_slot('{slot}'); DROP SUBSCRIPTION feed"));
        let found = catalog.slots.iter().find(|s| s.name.as_str() == slot).unwrap();
        assert_eq!((found.kind.as_str(), found.active), ("physical", false));
        assert!(found.retained_bytes.is_some());
        assert_eq!(
            catalog.subscriptions.iter().map(|s| (s.name.as_str(), s.enabled)).collect::<Vec<_>>(),
            [("feed", false)]
        );
    }
}

#[test]
fn what_newer_majors_know() {
    for major in majors().into_iter().filter(|m| *m >= 12) {
        let database = Server::major(major).fresh_database();
        let mut sql = database.session();
        sql.run("CREATE TABLE t (id int PRIMARY KEY, a int, b int GENERATED ALWAYS AS (a * 2) STORED, c text)");
        sql.run("CREATE UNIQUE INDEX t_wide ON t (a) INCLUDE (c)");
        if major >= 15 {
            sql.run("CREATE PUBLICATION narrow FOR TABLE t (id, a) WHERE (id > 5)");
        }
        if major >= 18 {
            sql.run("ALTER TABLE t ADD v int GENERATED ALWAYS AS (a + 1) VIRTUAL; CREATE TABLE u (r int REFERENCES t NOT ENFORCED)");
        }
        let catalog = inspect(&database.url);
        let t = table(&catalog, "t");
        let generated = |name: &str| t.column(&name.into()).and_then(|c| c.generated.as_ref()).map(|g| g.kept);
        assert_eq!(generated("b"), Some(GeneratedKind::Stored));
        let wide = t.index(&"t_wide".into()).unwrap();
        assert_eq!((wide.keys.len(), names(&wide.include)), (1, vec!["c"]));
        if major >= 15 {
            let published = &catalog.publications[0].tables[0];
            assert_eq!(
                (names(&published.columns), published.row_filter.as_deref()),
                (vec!["id", "a"], Some("(id > 5)"))
            );
        }
        if major >= 18 {
            assert_eq!(generated("v"), Some(GeneratedKind::Virtual));
            assert!(!table(&catalog, "u").constraints[0].enforced);
        }
    }
}

#[test]
fn a_role_that_may_little_gets_what_it_may_and_is_told_the_rest() {
    for major in majors() {
        let (database, mut sql) = rich(Server::major(major));
        let role = format!("guest_{}", database.name);
        sql.run(&format!("CREATE ROLE {role} LOGIN; REVOKE ALL ON pg_subscription, pg_replication_slots FROM PUBLIC"));
        sql.run("SELECT now()");
        let catalog = inspect(&database.url.replace("postgres@", &format!("{role}@")));
        assert_eq!(catalog.tables.len(), 6);
        assert!(catalog.sequences.iter().all(|s| s.last_value.is_none()));
        let gaps: Vec<String> = catalog.gaps.iter().map(|g| format!("{}: {}", g.what, g.because)).collect();
        let has = |text: &str| gaps.iter().any(|g| g.contains(text));
        assert!(has("last value of 3 sequences"), "{gaps:?}");
        assert!(has("permission denied for"), "{gaps:?}");
        assert!(has("transactions of"), "{gaps:?}");
        assert_eq!(db::from_json(&db::to_json(&catalog)).unwrap().gaps, catalog.gaps);
    }
}

#[test]
fn hostile_names_come_through_unharmed() {
    let long = "x".repeat(63);
    let hostile = ["\"; drop table x; --", "a.b", "line\nfeed", "日本語", long.as_str(), "Ünï 'quoted'", "select"];
    for major in majors() {
        let database = Server::major(major).fresh_database();
        let mut sql = database.session();
        for name in hostile {
            let quoted = format!("\"{}\"", name.replace('"', "\"\""));
            sql.run(&format!("CREATE TABLE {quoted} (id int PRIMARY KEY, \"esc\u{1b}[31m\" text)"));
        }
        sql.run("CREATE SCHEMA \"a.b\"; CREATE TABLE \"a.b\".\"c\" (\"\u{202e}\" int)");
        let catalog = inspect(&database.url);
        for name in hostile {
            assert_eq!(table(&catalog, name).columns[1].name.as_str(), "esc\u{1b}[31m");
        }
        assert!(catalog.table(&TableName::new("a.b", "c")).is_some());
        assert_eq!(db::from_json(&db::to_json(&catalog)).unwrap(), catalog);
        assert!(catalog.tables.iter().all(|t| !t.name.to_string().contains('\n')));
    }
}

/// The path puts a schema before `pg_catalog` whose objects answer wrongly or do harm.
#[test]
fn a_hostile_search_path_changes_nothing() {
    for major in majors() {
        let (database, mut sql) = rich(Server::major(major));
        sql.run("CREATE SCHEMA evil; CREATE TABLE evil.pg_class (oid oid, relname name);
            CREATE FUNCTION evil.format_type(oid, int) RETURNS text LANGUAGE sql AS 'SELECT 1/0 || $$x$$';
            CREATE FUNCTION evil.same(oid, oid) RETURNS bool LANGUAGE sql AS 'SELECT 1/0 = 1';
            CREATE OPERATOR evil.= (LEFTARG = oid, RIGHTARG = oid, PROCEDURE = evil.same);
            CREATE FUNCTION evil.current_schemas(bool) RETURNS name[] LANGUAGE sql AS 'SELECT array[(1/0)::text::name]'");
        sql.run(&format!("ALTER DATABASE {} SET search_path = evil, public, pg_catalog", database.name));
        let catalog = inspect(&database.url);
        assert_eq!(names(&catalog.search_path), ["evil", "public", "pg_catalog"]);
        assert_eq!(table(&catalog, "users").columns[1].data_type, "character varying(255)");
        assert_eq!(catalog.gaps, []);
    }
}

/// On call one inspects while somebody's DDL hangs: nothing here may wait for its lock.
#[test]
fn a_table_under_access_exclusive_does_not_stop_us() {
    for major in majors() {
        let (database, _sql) = rich(Server::major(major));
        let mut holder = database.session();
        holder.run("BEGIN; LOCK TABLE users, orders, measured, measured_1 IN ACCESS EXCLUSIVE MODE; ALTER SEQUENCE users_id_seq INCREMENT 2");
        let started = std::time::Instant::now();
        let catalog = inspect(&database.url);
        // The sequence under ALTER is waited for, for the session's own second, and told as a gap; nothing else is.
        assert!(started.elapsed().as_secs_f64() < 10.0, "PostgreSQL {major} took {:?}", started.elapsed());
        let users = table(&catalog, "users");
        assert_eq!((users.columns.len(), users.stats.rows), (8, Some(500)));
        assert!(users.columns[0].default.as_ref().unwrap().sql.starts_with("nextval("));
        assert_eq!(users.triggers.len() + users.indexes.len(), 3);
        assert!(table(&catalog, "orders").constraints.iter().any(|c| c.definition.starts_with("FOREIGN KEY")));
        let gaps: Vec<String> = catalog.gaps.iter().map(|g| g.what.clone()).collect();
        assert!(
            gaps.contains(&"exact size and expressions of `public.users`".to_owned()),
            "{major}: {:?}",
            catalog.gaps
        );
        assert!(gaps.contains(&"definition of the view `public.order_names`".to_owned()), "{major}: {gaps:?}");
    }
}

#[test]
fn long_and_prepared_transactions_are_seen_with_their_tables() {
    let open = |major: u16| {
        let (database, sql) = rich(Server::major(major));
        let mut holder = database.session();
        holder.run("BEGIN; LOCK TABLE orders IN ROW EXCLUSIVE MODE");
        database.session().run("BEGIN; LOCK TABLE users IN SHARE MODE; PREPARE TRANSACTION 'left over'");
        (database, sql, holder)
    };
    let opened: Vec<_> = majors().into_iter().map(open).collect();
    std::thread::sleep(std::time::Duration::from_millis(5100));
    for (database, mut sql, holder) in opened {
        let catalog = inspect(&database.url);
        let session = catalog.transactions.iter().find(|t| t.kind == TransactionKind::Session).unwrap();
        assert_eq!((session.pid, session.state.as_deref()), (Some(holder.pid), Some("idle in transaction")));
        assert_eq!(session.tables, [TableName::new("public", "orders")]);
        assert!(session.age_s >= 5.0);
        let prepared = catalog.transactions.iter().find(|t| t.kind == TransactionKind::Prepared).unwrap();
        assert_eq!(prepared.application.as_deref(), Some("left over"));
        assert_eq!(prepared.tables, [TableName::new("public", "users")]);
        sql.run("ROLLBACK PREPARED 'left over'");
    }
}

/// The server's own log says how many statements an inspection is, whatever the number of tables.
#[test]
fn ten_queries_in_one_read_only_transaction() {
    let server = Server::private(15, &[("log_statement", "all"), ("log_line_prefix", "%a|%x|")], None);
    let database = server.fresh_database();
    let mut sql = database.session();
    for n in 0..50 {
        sql.run(&format!("CREATE TABLE t{n} (id int PRIMARY KEY)"));
    }
    let before = server.log().len();
    let catalog = inspect(&database.url);
    assert_eq!(catalog.tables.len(), 50);
    // Log lines are written when the statement starts: all are there once the answer is.
    let log = server.log().split_off(before);
    for query in db::postgres::QUERIES {
        assert_eq!(
            log.matches(&format!("/* sidestep:{} */", query.name)).count(),
            if query.name == "activity" { 7 } else { 1 },
            "{}",
            query.name
        );
    }
    let ours: Vec<&str> = log.lines().filter(|l| l.starts_with("sidestep|")).collect();
    let sent = ours.iter().filter(|l| l.contains("execute <unnamed>") || l.contains("statement: BEGIN")).count();
    assert_eq!(sent, 10, "{log}");
    assert!(ours.iter().all(|l| l.starts_with("sidestep|0|")), "no transaction number is ever taken");
}

/// Dropping the future closes the connection: no session of ours stays behind.
#[test]
fn dropping_the_future_ends_the_session() {
    let (database, mut sql) = rich(Server::major(15));
    let target = parse(&database.url, &Env::of_vars([])).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let loading = db::load(&target);
        let _ = tokio::time::timeout(std::time::Duration::from_millis(8), loading).await;
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    });
    let left =
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'sidestep' AND datname = current_database()";
    assert_eq!(sql.value(left), "0");
}
