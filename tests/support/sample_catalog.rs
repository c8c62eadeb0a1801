//! A small believable catalog, made by hand so that screen snapshots do not change with the demo.

use sidestep::model::catalog::{DefaultValue, Reference, Volatility};
use sidestep::model::objects::{
    ColumnUse, Function, Gap, Partition, PartitionKey, Policy, Replica, Transaction, TransactionKind, Trigger, View,
    ViewKind,
};
use sidestep::model::{
    Catalog, Column, Constraint, ConstraintKind, Engine, Ident, Index, Table, TableKind, TableName, TableStats, Version,
};

const GB: u64 = 1 << 30;
const MB: u64 = 1 << 20;

fn name(table: &str) -> TableName {
    let (schema, table) = table.split_once('.').unwrap_or(("public", table));
    TableName::new(schema, table)
}

/// `name type [not null] [default …]`, separated by commas.
fn columns(list: &str) -> Vec<Column> {
    list.split(", ")
        .map(|text| {
            let (text, default) = match text.split_once(" default ") {
                Some((text, default)) => (text, Some(default)),
                None => (text, None),
            };
            let not_null = text.ends_with(" not null");
            let (column, data_type) = text.trim_end_matches(" not null").split_once(' ').unwrap();
            let mut column = Column::new(column, data_type);
            column.not_null = not_null;
            column.default = default.map(|sql| DefaultValue { sql: sql.to_owned(), volatility: Volatility::Stable });
            column
        })
        .collect()
}

fn table(table: &str, rows: u64, heap: u64, index: u64, writes: u64, list: &str) -> Table {
    let mut table = Table::new(name(table), columns(list));
    table.stats = TableStats {
        rows: Some(rows),
        heap_bytes: heap,
        index_bytes: index,
        dead_rows: Some(rows / 40),
        inserts: Some(writes * 600),
        updates: Some(writes * 300),
        deletes: Some(writes * 100),
        counted_for_s: Some(1000.0),
        seq_scans: Some(12),
        index_scans: Some(rows / 3),
        last_vacuum: Some("2026-03-01T02:10:00Z".to_owned()),
        last_analyze: Some("2026-03-01T02:14:00Z".to_owned()),
        ..TableStats::default()
    };
    let key = Ident::new("id");
    let constraint = Ident::new(format!("{}_pkey", table.name.name));
    table.indexes.push(index_on(&table.name, constraint.as_str(), &["id"], index / 3, true));
    table.constraints.push(Constraint {
        name: constraint,
        kind: ConstraintKind::PrimaryKey,
        columns: vec![key],
        definition: "PRIMARY KEY (id)".to_owned(),
        valid: true,
        enforced: true,
        deferrable: false,
        references: None,
        comment: None,
    });
    table
}

fn index_on(table: &TableName, index: &str, keys: &[&str], bytes: u64, unique: bool) -> Index {
    let list = keys.join(", ");
    let word = if unique { "UNIQUE INDEX" } else { "INDEX" };
    Index {
        name: index.into(),
        definition: format!("CREATE {word} {index} ON {table} USING btree ({list})"),
        method: "btree".to_owned(),
        keys: keys.iter().map(|k| Some(Ident::from(*k))).collect(),
        include: vec![],
        uses: keys.iter().map(|k| Ident::from(*k)).collect(),
        has_expressions: false,
        predicate: None,
        unique,
        primary: index.ends_with("_pkey"),
        valid: true,
        ready: true,
        bytes,
        scans: Some(1_200_000),
        constraint: unique.then(|| index.into()),
        comment: None,
        tablespace: None,
        clustered: false,
        statistics: Vec::new(),
        mysql: None,
    }
}

fn foreign_key(table: &mut Table, column: &str, to: &str) {
    table.constraints.push(Constraint {
        name: Ident::new(format!("{}_{column}_fkey", table.name.name)),
        kind: ConstraintKind::ForeignKey,
        columns: vec![column.into()],
        definition: format!("FOREIGN KEY ({column}) REFERENCES {to}(id)"),
        valid: true,
        enforced: true,
        deferrable: false,
        references: Some(Reference { table: name(to), columns: vec!["id".into()] }),
        comment: None,
    });
}

pub fn catalog() -> Catalog {
    let mut c = Catalog::empty(Engine::Postgresql, Version::new(15, 4));
    c.database = "acme".to_owned();
    c.captured_at = "2026-03-02T09:30:00Z".to_owned();
    let mut users = table(
        "users",
        150_000_000,
        21 * GB,
        13 * GB,
        340,
        "id bigint not null default nextval('users_id_seq'::regclass), email character varying(255) not null, \
         name character varying(100), created_at timestamp with time zone not null default now()",
    );
    users.indexes.push(index_on(&users.name, "users_email_key", &["email"], 5 * GB, true));
    users.constraints.push(Constraint {
        name: "users_email_key".into(),
        kind: ConstraintKind::Unique,
        columns: vec!["email".into()],
        definition: "UNIQUE (email)".to_owned(),
        valid: true,
        enforced: true,
        deferrable: false,
        references: None,
        comment: None,
    });
    let mut broken = index_on(&users.name, "users_created_at_idx", &["created_at"], 3 * GB, false);
    broken.valid = false;
    users.indexes.push(broken);
    users.triggers.push(Trigger {
        name: "users_touch".into(),
        definition: "CREATE TRIGGER users_touch BEFORE UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION touch()"
            .into(),
        function: name("touch"),
        columns: vec![],
        enabled: Some("origin".into()),
        fires_on_update: true,
        comment: None,
    });
    users.policies.push(Policy {
        name: "own_row".into(),
        command: "SELECT".into(),
        columns: vec!["id".into()],
        using: Some("(id = current_user_id())".into()),
        check: None,
        roles: vec!["app".into()],
        permissive: true,
        comment: None,
    });
    users.owner = Some("app".into());
    let mut orders = table(
        "orders",
        500_000_000,
        96 * GB,
        61 * GB,
        1200,
        "id bigint not null, user_id bigint not null, note text, total numeric(12,2) not null, placed_at timestamp with time zone not null",
    );
    foreign_key(&mut orders, "user_id", "users");
    let mut items = table(
        "order_items",
        1_900_000_000,
        190 * GB,
        120 * GB,
        3400,
        "id bigint not null, order_id bigint not null, sku text not null, quantity integer not null default 1",
    );
    foreign_key(&mut items, "order_id", "orders");
    let mut sessions =
        table("sessions", 61_000_000, 14 * GB, 9 * GB, 900, "id uuid not null, user_id bigint, data jsonb");
    foreign_key(&mut sessions, "user_id", "users");
    sessions.stats.dead_rows = Some(31_000_000);
    let mut events =
        Table::new(name("events"), columns("id bigint not null, at timestamp with time zone not null, body jsonb"));
    events.kind = TableKind::Partitioned;
    events.partition_key = Some(PartitionKey { definition: "RANGE (at)".into(), columns: vec!["at".into()] });
    for (i, rows) in [620_000_000u64, 700_000_000, 780_000_000].into_iter().enumerate() {
        let month = i + 1;
        let mut part = table(
            &format!("events_2026_0{month}"),
            rows,
            rows * 500,
            rows * 110,
            800 * (i as u64),
            "id bigint not null, at timestamp with time zone not null, body jsonb",
        );
        part.partition_of = Some(Partition::new(
            events.name.clone(),
            format!("FOR VALUES FROM ('2026-0{month}-01') TO ('2026-0{}-01')", month + 1),
        ));
        c.put_table(part);
    }
    for t in [users, orders, items, sessions, events] {
        c.put_table(t);
    }
    c.put_table(table("countries", 249, 64 << 10, 32 << 10, 0, "id integer not null, code text not null"));
    c.put_table(table(
        "plans",
        4_000,
        2 * MB,
        MB,
        1,
        "id integer not null, title text not null, price numeric not null",
    ));
    c.put_table(table(
        "billing.invoices",
        38_000_000,
        7 * GB,
        4 * GB,
        25,
        "id bigint not null, order_id bigint not null, paid boolean",
    ));
    c.put_table(table(
        "audit.log",
        900_000_000,
        310 * GB,
        20 * GB,
        2100,
        "id bigint not null, at timestamp with time zone, what jsonb",
    ));
    let mut fresh = table("imports", 0, 8 << 10, 8 << 10, 0, "id bigint not null, payload text");
    fresh.stats = TableStats { heap_bytes: 8 << 10, ..TableStats::default() };
    c.put_table(fresh);
    // A name that tries to clear the screen and write over it.
    c.put_table(table(
        "evil\u{1b}[2J\u{202e}名前",
        10,
        16 << 10,
        16 << 10,
        0,
        "id bigint not null, \u{1b}]0;owned\u{7} text",
    ));
    c.views.push(View {
        name: name("user_names"),
        kind: ViewKind::View,
        columns: vec![],
        definition: " SELECT users.id,\n    users.name\n   FROM users;".into(),
        uses: vec![ColumnUse { table: name("users"), columns: vec!["id".into(), "name".into()] }],
        writes_to: None,
        owner: None,
        options: vec![],
        grants: vec![],
        comment: None,
        bytes: 0,
        triggers: Vec::new(),
        rule_on: None,
        held_by: Vec::new(),
        refreshes_concurrently: false,
        stored: None,
    });
    c.functions.push(Function {
        name: name("greet"),
        arguments: "bigint".into(),
        language: "plpgsql".into(),
        volatility: Volatility::Stable,
        names_tables: vec![name("users")],
        uses: Vec::new(),
        definition: None,
    });
    c.replicas.push(Replica {
        name: "replica-1".into(),
        state: "streaming".into(),
        lag_bytes: Some(4096),
        lag_s: Some(0.4),
    });
    c.transactions.push(Transaction {
        kind: TransactionKind::Session,
        pid: Some(4711),
        age_s: 840.0,
        state: Some("idle in transaction".into()),
        user: Some("reports".into()),
        application: Some("metabase".into()),
        tables: vec![name("orders")],
    });
    c.gaps.push(Gap { what: "replication slots".into(), because: "permission denied".into() });
    c
}

/// `n` tables of no particular size.
pub fn wide(n: usize) -> Catalog {
    let mut c = Catalog::empty(Engine::Postgresql, Version::new(16, 2));
    c.database = "wide".to_owned();
    c.tables = (0..n)
        .map(|i| {
            let size = (i as u64 * 7919) % 100_000;
            table(
                &format!("tenant_{:03}.entity_{:05}", i % 97, i),
                size * 40,
                size << 14,
                size << 12,
                size % 50,
                "id bigint not null, body text",
            )
        })
        .collect();
    c.tables.sort_by(|a, b| a.name.cmp(&b.name));
    c
}
