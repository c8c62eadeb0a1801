//! The two triggers that keep two tables in step. They run as their owner: the application's role need not know the other
//! table yet. Values are compared as text, which every type can do.

use super::MoveColumns;
use crate::engine::emit::dollar_quote;
use crate::model::{Ident, TableName};
use crate::plan::build::Builder;

/// A function and the triggers that call it.
pub struct Sync {
    pub table: TableName,
    pub trigger: Ident,
    pub create: Vec<String>,
    pub drop: Vec<String>,
}

struct Names<'n> {
    b: &'n Builder<'n>,
    change: &'n MoveColumns,
}

impl Names<'_> {
    fn each(&self, pairs: &[(Ident, Ident)], join: &str, f: impl Fn(&str, &str) -> String) -> String {
        pairs.iter().map(|(o, n)| f(&self.b.id(o), &self.b.id(n))).collect::<Vec<_>>().join(join)
    }
    fn from(&self) -> String {
        self.b.name(&self.change.from)
    }
    fn to(&self) -> String {
        self.b.name(&self.change.to)
    }
}

/// Writes to today's place reach tomorrow's. `deletes`: a row that goes takes its other half along, or empties it.
pub fn forward(change: &MoveColumns, b: &mut Builder, deletes: bool) -> Sync {
    let (function, trigger) = fresh(change, b, &change.from.clone(), "out");
    let n = Names { b, change };
    let (keys, moved) = (&change.keys, &change.moved);
    let both: Vec<(Ident, Ident)> = keys.iter().chain(moved).cloned().collect();
    let body = if change.new_table() {
        let strict: Vec<(Ident, Ident)> =
            moved.iter().filter(|(_, new)| change.target.column(new).is_some_and(|c| c.not_null)).cloned().collect();
        // A release that leaves the column out writes the other table itself.
        let skip = if strict.is_empty() {
            String::new()
        } else {
            format!(
                "  IF {} THEN\n    RETURN NULL;\n  END IF;\n",
                n.each(&strict, " OR ", |o, _| format!("NEW.{o} IS NULL"))
            )
        };
        let gone = if deletes {
            format!(
                "  IF TG_OP = 'DELETE' THEN\n    DELETE FROM {} WHERE {};\n    RETURN OLD;\n  END IF;\n",
                n.to(),
                n.each(keys, " AND ", |o, k| format!("{k} = OLD.{o}"))
            )
        } else {
            String::new()
        };
        format!(
            "BEGIN\n{gone}{skip}  INSERT INTO {to} AS there ({columns}) VALUES ({values})\n    ON CONFLICT ({key}) DO UPDATE SET {set}\n    WHERE {differs};\n  RETURN NULL;\nEND",
            to = n.to(),
            columns = n.each(&both, ", ", |_, c| c.to_owned()),
            values = n.each(&both, ", ", |c, _| format!("NEW.{c}")),
            key = n.each(keys, ", ", |_, k| k.to_owned()),
            set = n.each(moved, ", ", |_, c| format!("{c} = EXCLUDED.{c}")),
            differs = n.each(moved, " OR ", |_, c| format!("there.{c}::text IS DISTINCT FROM EXCLUDED.{c}::text")),
        )
    } else {
        let gone = if deletes {
            format!(
                "  IF TG_OP = 'DELETE' THEN\n    UPDATE {} AS there SET {} WHERE {};\n    RETURN NULL;\n  END IF;\n",
                n.to(),
                n.each(moved, ", ", |_, c| format!("{c} = NULL")),
                n.each(keys, " AND ", |o, k| format!("there.{k} = OLD.{o}")),
            )
        } else {
            String::new()
        };
        format!(
            "BEGIN\n{gone}  UPDATE {} AS there SET {} WHERE {} AND ({});\n  RETURN NULL;\nEND",
            n.to(),
            n.each(moved, ", ", |o, c| format!("{c} = NEW.{o}")),
            n.each(keys, " AND ", |o, k| format!("there.{k} = NEW.{o}")),
            n.each(moved, " OR ", |o, c| format!("there.{c}::text IS DISTINCT FROM NEW.{o}::text")),
        )
    };
    let of = n.each(moved, ", ", |o, _| o.to_owned());
    let mut events = vec![format!("AFTER INSERT OR UPDATE OF {of}")];
    if deletes && !change.new_table() {
        events = vec![format!("AFTER INSERT OR DELETE OR UPDATE OF {of}")];
    }
    let mut sync = made(b, &change.from, &function, &trigger, &body, &events);
    if deletes && change.new_table() {
        let gone = b.fresh(&change.from, &["zz_sidestep", change.from.name.as_str(), change.to.name.as_str(), "gone"]);
        let more = create_trigger(b, &change.from, &function, &gone, "BEFORE DELETE");
        sync.create.push(more);
        sync.drop.insert(0, format!("DROP TRIGGER {} ON {}", b.id(&gone), b.name(&change.from)));
    }
    sync
}

/// Writes to tomorrow's place reach today's: the release of today finds what the next one wrote, and may come back.
pub fn back(change: &MoveColumns, b: &mut Builder) -> Sync {
    let (function, trigger) = fresh(change, b, &change.to.clone(), "back");
    let n = Names { b, change };
    let (keys, moved) = (&change.keys, &change.moved);
    let update = format!(
        "  UPDATE {} AS there SET {} WHERE {} AND ({});\n",
        n.from(),
        n.each(moved, ", ", |o, c| format!("{o} = NEW.{c}")),
        n.each(keys, " AND ", |o, k| format!("there.{o} = NEW.{k}")),
        n.each(moved, " OR ", |o, c| format!("there.{o}::text IS DISTINCT FROM NEW.{c}::text")),
    );
    let empty = n.each(moved, " AND ", |_, c| format!("NEW.{c} IS NULL"));
    let body = if change.new_table() {
        // Deeper than one it is a row of the old table that takes this one along.
        let gone = format!(
            "  IF TG_OP = 'DELETE' THEN\n    IF pg_catalog.pg_trigger_depth() = 1 THEN\n      UPDATE {} AS there SET {} WHERE {};\n    END IF;\n    RETURN NULL;\n  END IF;\n",
            n.from(),
            n.each(moved, ", ", |o, _| format!("{o} = NULL")),
            n.each(keys, " AND ", |o, k| format!("there.{o} = OLD.{k}")),
        );
        format!("BEGIN\n{gone}{update}  RETURN NULL;\nEND")
    } else if change.drops_table {
        let both: Vec<(Ident, Ident)> = keys.iter().chain(moved).cloned().collect();
        format!(
            "BEGIN\n  IF TG_OP = 'INSERT' AND {empty} THEN\n    RETURN NULL;\n  END IF;\n  INSERT INTO {from} AS there ({columns}) VALUES ({values})\n    ON CONFLICT ({key}) DO UPDATE SET {set}\n    WHERE {differs};\n  RETURN NULL;\nEND",
            from = n.from(),
            columns = n.each(&both, ", ", |c, _| c.to_owned()),
            values = n.each(&both, ", ", |_, c| format!("NEW.{c}")),
            key = n.each(keys, ", ", |k, _| k.to_owned()),
            set = n.each(moved, ", ", |c, _| format!("{c} = EXCLUDED.{c}")),
            differs = n.each(moved, " OR ", |c, _| format!("there.{c}::text IS DISTINCT FROM EXCLUDED.{c}::text")),
        )
    } else {
        // A release that does not know the column inserts the row without it: it takes what the old place holds.
        format!(
            "BEGIN\n  IF TG_OP = 'INSERT' AND {empty} THEN\n    UPDATE {to} AS here SET {set} FROM {from} AS there WHERE {joined} AND {mine};\n    RETURN NULL;\n  END IF;\n{update}  RETURN NULL;\nEND",
            to = n.to(),
            from = n.from(),
            set = n.each(moved, ", ", |o, c| format!("{c} = there.{o}")),
            joined = n.each(keys, " AND ", |o, k| format!("there.{o} = here.{k}")),
            mine = n.each(keys, " AND ", |_, k| format!("here.{k} = NEW.{k}")),
        )
    };
    let of = n.each(moved, ", ", |_, c| c.to_owned());
    let deletes = if change.new_table() { "DELETE OR " } else { "" };
    let events = [format!("AFTER INSERT OR {deletes}UPDATE OF {of}")];
    made(b, &change.to, &function, &trigger, &body, &events)
}

fn fresh(change: &MoveColumns, b: &mut Builder, on: &TableName, word: &str) -> (TableName, Ident) {
    let (from, to) = (change.from.name.as_str(), change.to.name.as_str());
    let function = b.fresh(on, &["sidestep", from, to, word]);
    let trigger = b.fresh(on, &["zz_sidestep", from, to, word]);
    (on.sibling(function.0), trigger)
}

fn create_trigger(b: &Builder, table: &TableName, function: &TableName, trigger: &Ident, event: &str) -> String {
    // PROCEDURE is the only spelling before 11.
    let execute = if b.since(11) { "FUNCTION" } else { "PROCEDURE" };
    format!(
        "CREATE TRIGGER {} {event} ON {} FOR EACH ROW EXECUTE {execute} {}()",
        b.id(trigger),
        b.name(table),
        b.name(function)
    )
}

fn made(b: &Builder, table: &TableName, function: &TableName, trigger: &Ident, body: &str, events: &[String]) -> Sync {
    let f = b.name(function);
    let mut create = vec![format!(
        "CREATE OR REPLACE FUNCTION {f}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS {}",
        dollar_quote(body)
    )];
    create.extend(events.iter().map(|event| create_trigger(b, table, function, trigger, event)));
    Sync {
        table: table.clone(),
        trigger: trigger.clone(),
        create,
        drop: vec![format!("DROP TRIGGER {} ON {}", b.id(trigger), b.name(table)), format!("DROP FUNCTION {f}()")],
    }
}
