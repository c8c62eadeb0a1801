//! Replay: names as the server makes them, renames followed, refusals without a trace.

use super::replay;
use crate::model::{Catalog, ConstraintKind, Engine, Ident, TableName, Version};
use crate::sql::parse;

fn catalog(major: u16, script: &str) -> Catalog {
    let mut catalog = Catalog::empty(Engine::Postgresql, Version::new(major, 0));
    run(&mut catalog, script).unwrap();
    catalog
}

fn run(catalog: &mut Catalog, script: &str) -> Result<(), String> {
    let script = parse(script, Engine::Postgresql).map_err(|problems| problems[0].to_string())?;
    script.statements.iter().try_for_each(|s| replay(catalog, &s.statement))
}

fn names<'n>(list: impl Iterator<Item = &'n Ident>) -> Vec<&'n str> {
    list.map(Ident::as_str).collect()
}

const USERS: &str =
    "CREATE TABLE users (id bigserial PRIMARY KEY, email varchar(255) NOT NULL UNIQUE, name varchar(100),
    created_at timestamptz NOT NULL DEFAULT now());
    CREATE TABLE orders (id int PRIMARY KEY, user_id bigint REFERENCES users, note text CHECK (note <> ''));
    CREATE INDEX orders_user_note_idx ON orders (user_id, lower(note)) WHERE note IS NOT NULL;";

#[test]
fn create_table_names_things_as_the_server_does() {
    let c = catalog(15, USERS);
    let users = c.table(&TableName::new("public", "users")).unwrap();
    assert_eq!(names(users.constraints.iter().map(|c| &c.name)), ["users_email_key", "users_pkey"]);
    assert_eq!(names(users.indexes.iter().map(|i| &i.name)), ["users_email_key", "users_pkey"]);
    assert_eq!(users.indexes[0].definition, "CREATE UNIQUE INDEX users_email_key ON public.users USING btree (email)");
    assert_eq!(users.column(&"id".into()).unwrap().data_type, "bigint");
    assert_eq!(users.column(&"id".into()).unwrap().default.as_ref().unwrap().sql, "nextval('users_id_seq'::regclass)");
    assert_eq!(c.sequences[0].name, TableName::new("public", "users_id_seq"));
    let orders = c.table(&TableName::new("public", "orders")).unwrap();
    assert_eq!(
        names(orders.constraints.iter().map(|c| &c.name)),
        ["orders_note_check", "orders_pkey", "orders_user_id_fkey"]
    );
    assert_eq!(
        orders.constraint(&"orders_user_id_fkey".into()).unwrap().definition,
        "FOREIGN KEY (user_id) REFERENCES public.users(id)"
    );
    assert_eq!(orders.indexes[1].uses, ["user_id".into(), "note".into()]);
}

#[test]
fn not_null_constraints_have_names_from_18_on() {
    let c = catalog(18, USERS);
    let users = c.table(&TableName::new("public", "users")).unwrap();
    let not_null = users.constraints.iter().filter(|c| c.kind == ConstraintKind::NotNull);
    assert_eq!(
        names(not_null.map(|c| &c.name)),
        ["users_created_at_not_null", "users_email_not_null", "users_id_not_null"]
    );
}

#[test]
fn a_renamed_column_is_followed() {
    let mut c = catalog(15, USERS);
    run(&mut c, "ALTER TABLE users RENAME COLUMN id TO user_no; ALTER TABLE orders RENAME note TO remark; ALTER TABLE users RENAME TO people")
        .unwrap();
    let orders = c.table(&TableName::new("public", "orders")).unwrap();
    let fk = orders.constraint(&"orders_user_id_fkey".into()).unwrap();
    assert_eq!(fk.definition, "FOREIGN KEY (user_id) REFERENCES public.people(user_no)");
    assert_eq!(fk.references.as_ref().unwrap().table, TableName::new("public", "people"));
    assert_eq!(
        orders.index(&"orders_user_note_idx".into()).unwrap().definition,
        "CREATE INDEX orders_user_note_idx ON public.orders USING btree (user_id, lower(remark)) WHERE remark IS NOT NULL"
    );
    assert!(
        c.index_owner(None, &"users_pkey".into())
            .unwrap()
            .1
            .definition
            .contains(" ON public.people USING btree (user_no)")
    );
    assert_eq!(c.sequences[0].owned_by.as_ref().unwrap().column, "user_no".into());
}

#[test]
fn a_dropped_column_takes_its_indexes_along() {
    let mut c = catalog(15, USERS);
    run(&mut c, "ALTER TABLE orders DROP COLUMN note").unwrap();
    let orders = c.table(&TableName::new("public", "orders")).unwrap();
    assert_eq!(names(orders.indexes.iter().map(|i| &i.name)), ["orders_pkey"]);
    assert_eq!(names(orders.constraints.iter().map(|c| &c.name)), ["orders_pkey", "orders_user_id_fkey"]);
}

#[test]
fn the_key_swap_of_one_statement_works() {
    let mut c = catalog(15, USERS);
    run(
        &mut c,
        "ALTER TABLE orders ADD COLUMN new_id bigint NOT NULL DEFAULT 0; CREATE UNIQUE INDEX CONCURRENTLY o ON orders (new_id);
         ALTER TABLE orders DROP CONSTRAINT orders_pkey, ADD CONSTRAINT orders_pkey PRIMARY KEY USING INDEX o",
    )
    .unwrap();
    let orders = c.table(&TableName::new("public", "orders")).unwrap();
    let key = orders.primary_key().unwrap();
    assert_eq!((key.name.as_str(), key.definition.as_str()), ("orders_pkey", "PRIMARY KEY (new_id)"));
    assert!(orders.index(&"orders_pkey".into()).unwrap().primary);
}

#[test]
fn what_the_server_refuses_is_refused_and_changes_nothing() {
    let start = catalog(15, USERS);
    for (sql, why) in [
        ("ALTER TABLE nope ADD COLUMN a int", "42P01"),
        ("ALTER TABLE users DROP COLUMN nope", "42703"),
        ("ALTER TABLE users ADD COLUMN name text", "42701"),
        ("ALTER TABLE users DROP COLUMN id", "2BP01"),
        ("ALTER TABLE users DROP CONSTRAINT users_pkey", "2BP01"),
        ("ALTER TABLE users VALIDATE CONSTRAINT nope", "42704"),
        ("CREATE INDEX users_pkey ON users (name)", "42P07"),
        ("CREATE INDEX i ON users (nope)", "42703"),
        ("DROP INDEX users_pkey", "2BP01"),
        ("DROP TABLE users", "2BP01"),
        ("ALTER TABLE orders ADD CONSTRAINT fk FOREIGN KEY (note) REFERENCES users (name)", "42830"),
    ] {
        let mut c = start.clone();
        let refused = run(&mut c, sql).unwrap_err();
        assert!(refused.contains(why), "{sql}: {refused}");
        assert_eq!(c, start, "{sql}");
    }
}
