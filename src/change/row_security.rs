//! Policies and row level security: a policy is there before the switch is thrown, and one that is replaced never leaves a gap.

use super::form::Spec;
use super::wish::{Claim, Part, Wish};
use super::{Kind, Refusal, created_here};
use crate::engine::emit::{objects, probe};
use crate::model::objects::Policy;
use crate::model::{Ident, Table, TableName};
use crate::plan::build::{Builder, listed};
use crate::plan::draft::{Draft, Rank};
use crate::plan::{PhaseName, Severity, Undo};
use crate::sql::{Alter, Reader, Statement};

#[derive(Debug, Clone, PartialEq)]
pub struct RowSecurity {
    table: TableName,
    what: What,
}

#[derive(Debug, Clone, PartialEq)]
enum What {
    /// `rest`: everything behind the table's name.
    Create {
        name: Ident,
        rest: String,
    },
    /// Dropped and created again under the same name.
    Replace {
        name: Ident,
        rest: String,
    },
    Alter {
        name: Ident,
        rest: String,
    },
    Drop {
        name: Ident,
        missing: bool,
    },
    /// With the commands that policies of the same wish are for.
    Switch {
        on: bool,
        coming: Vec<String>,
    },
    Force {
        on: bool,
    },
}

impl Kind for RowSecurity {
    const NAME: &'static str = "row-security";
    const TITLE: &'static str = "Change policies and row level security";
    const FORMS: &'static [Spec] = &[
        (
            "Create a policy",
            "CREATE POLICY {name:new=users_own} ON {table:table=tickets}[ FOR {for:ALL|SELECT|INSERT|UPDATE|DELETE=SELECT}] USING ({using:sql=user_id = 1});",
        ),
        (
            "Switch row level security on or off",
            "ALTER TABLE {table:table=tickets} {how:ENABLE|DISABLE|FORCE|NO FORCE=DISABLE} ROW LEVEL SECURITY;",
        ),
        ("Drop a policy", "DROP POLICY {policy:policy=tickets_of_tenant} ON {table:table=tickets};"),
    ];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        let mut claims = Vec::new();
        let created = created(wish);
        for (at, atom) in wish.atoms.iter().enumerate() {
            let found = match &atom.part {
                Part::Whole(Statement::Known { op, target: Some(table), .. }) => {
                    let table = table.resolve(wish.catalog);
                    let what = match op.as_str() {
                        "create-policy" => policy(atom.text).map(|(name, rest)| What::Create { name, rest }),
                        "alter-policy" => policy(atom.text).map(|(name, rest)| What::Alter { name, rest }),
                        "drop-policy" => policy(atom.text).map(|(name, _)| {
                            let there = wish.table(&table).is_some_and(|t| t.policies.iter().any(|p| p.name == name));
                            What::Drop { missing: !there && Reader::new(atom.text).holds("if"), name }
                        }),
                        _ => None,
                    };
                    what.map(|what| (table, what))
                }
                Part::Alter { table, action: Alter::Other { op, .. } } => {
                    let what = match op.as_str() {
                        "enable-row-level-security" => {
                            let mine = created.iter().filter(|(_, t, ..)| t == table);
                            Some(What::Switch { on: true, coming: mine.map(|(_, _, _, c)| c.clone()).collect() })
                        }
                        "disable-row-level-security" => Some(What::Switch { on: false, coming: Vec::new() }),
                        "force-row-level-security" => Some(What::Force { on: true }),
                        "no-force-row-level-security" => Some(What::Force { on: false }),
                        _ => None,
                    };
                    what.map(|what| (table.clone(), what))
                }
                _ => None,
            };
            let Some((table, what)) = found else { continue };
            if let What::Drop { name, .. } = &what
                && let Some((again, ..)) = created.iter().find(|(n, t, p, _)| *n > at && *t == table && p == name)
                && let Some((name, rest)) = wish.atoms.get(*again).and_then(|a| policy(a.text))
            {
                let change = Self { table: table.clone(), what: What::Replace { name, rest } };
                claims.push(Claim { atoms: vec![at, *again], change });
            }
            claims.push(Claim::one(at, Self { table, what }));
        }
        claims
    }

    fn title(&self) -> String {
        let table = &self.table;
        match &self.what {
            What::Create { name, .. } => format!("Create policy `{name}` on `{table}`"),
            What::Replace { name, .. } => format!("Replace policy `{name}` of `{table}`"),
            What::Alter { name, .. } => format!("Change policy `{name}` of `{table}`"),
            What::Drop { name, .. } => format!("Drop policy `{name}` of `{table}`"),
            What::Switch { on: true, .. } => format!("Enable row level security on `{table}`"),
            What::Switch { .. } => format!("Disable row level security on `{table}`"),
            What::Force { on: true } => format!("Force row level security on the owner of `{table}`"),
            What::Force { .. } => format!("No longer force row level security on the owner of `{table}`"),
        }
    }

    fn tables(&self) -> Vec<TableName> {
        vec![self.table.clone()]
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let table = b.catalog.table(&self.table).ok_or_else(|| created_here(&self.table))?;
        match &self.what {
            What::Create { name, rest } => self.create(b, table, name, rest),
            What::Replace { name, rest } => self.replace(b, table, name, rest)?,
            What::Alter { name, rest } => self.alter(b, table, name, rest)?,
            What::Drop { missing: true, .. } => return Ok("nothing to do: the policy does not exist".to_owned()),
            What::Drop { name, .. } => self.drop(b, table, name)?,
            What::Switch { on, coming } => self.switch(b, table, *on, coming)?,
            What::Force { on } => self.force(b, table, *on),
        }
        Ok("one brief step: only the catalog changes".to_owned())
    }
}

impl RowSecurity {
    fn step(&self, b: &mut Builder, at: (PhaseName, Rank), sql: Vec<String>, undo: Undo, done: Option<String>) {
        let mut draft = Draft::sql(at.0, at.1, self.title(), sql, b.brief())
            .why("Catalog only, under a lock that readers feel: brief. Which rows a role sees is decided anew for every statement that starts afterwards.")
            .on(&self.table)
            .undo(undo)
            .watch("Who holds a lock on the table", probe::lock_holders(&self.table))
            .abort_if("A release misses rows, or its writes fail with 42501: take the step back.");
        if let Some(done) = done {
            draft = draft.done(done);
        }
        b.push(draft);
    }

    fn create(&self, b: &mut Builder, table: &Table, name: &Ident, rest: &str) {
        let t = b.name(&self.table);
        let undo = format!("DROP POLICY {} ON {t}", b.id(name));
        self.step(
            b,
            (PhaseName::Migrate, Rank::AddConstraint),
            vec![format!("CREATE POLICY {} ON {t} {rest}", b.id(name)).trim_end().to_owned()],
            b.undo_sql(vec![undo], "Catalog only; brief lock."),
            Some(objects::policy_exists(&self.table, name)),
        );
        if table.row_security {
            let text = if Reader::new(rest).holds("restrictive") {
                "takes rows away from every role it names, from the commit on"
            } else {
                "shows more rows to every role it names, from the commit on"
            };
            b.finding(
                Severity::Warning,
                format!("Row level security of `{}` is on: policy `{name}` {text}.", self.table),
            );
        }
    }

    fn known<'t>(&self, table: &'t Table, name: &Ident) -> Result<&'t Policy, Refusal> {
        table.policies.iter().find(|p| p.name == *name).ok_or_else(|| {
            Refusal::new(
                format!("`{}` has no policy `{name}` today", self.table),
                "Look at its policies with `sidestep inspect`, and plan what creates it first.",
            )
        })
    }

    fn replace(&self, b: &mut Builder, table: &Table, name: &Ident, rest: &str) -> Result<(), Refusal> {
        let old = self.known(table, name)?;
        let t = b.name(&self.table);
        let drop = format!("DROP POLICY {} ON {t}", b.id(name));
        let create = format!("CREATE POLICY {} ON {t} {rest}", b.id(name)).trim_end().to_owned();
        let undo = b.undo_sql([vec![drop.clone()], again(b, &self.table, old)].concat(), "Catalog only; brief lock.");
        let done = objects::policy_changed(&self.table, name, old.using.as_deref(), old.check.as_deref());
        self.step(b, (PhaseName::Migrate, Rank::AddConstraint), vec![drop, create], undo, Some(done));
        Ok(())
    }

    fn alter(&self, b: &mut Builder, table: &Table, name: &Ident, rest: &str) -> Result<(), Refusal> {
        let old = self.known(table, name)?;
        let t = b.name(&self.table);
        let mut words = Reader::new(rest);
        if words.eat("rename to") {
            let to = words.ident().unwrap_or_else(|| name.clone());
            let rename =
                |b: &Builder, x: &Ident, y: &Ident| format!("ALTER POLICY {} ON {t} RENAME TO {}", b.id(x), b.id(y));
            let undo = b.undo_sql(vec![rename(b, &to, name)], "Catalog only; brief lock.");
            let sql = vec![rename(b, name, &to)];
            self.step(b, (PhaseName::Migrate, Rank::Other), sql, undo, Some(objects::policy_exists(&self.table, &to)));
            return Ok(());
        }
        let mut back = format!("ALTER POLICY {} ON {t} TO {}", b.id(name), roles(b, old));
        for (word, text) in [("USING", &old.using), ("WITH CHECK", &old.check)] {
            if let Some(text) = text {
                back.push_str(&format!(" {word} ({text})"));
            }
        }
        // An expression that was not there cannot be taken away by ALTER.
        let added = (words.holds("using") && old.using.is_none()) || (words.holds("check") && old.check.is_none());
        let back = if added {
            [vec![format!("DROP POLICY {} ON {t}", b.id(name))], again(b, &self.table, old)].concat()
        } else {
            vec![back]
        };
        let undo = b.undo_sql(back, "Catalog only; brief lock.");
        let changes = words.holds("using") || words.holds("check");
        let done = objects::policy_changed(&self.table, name, old.using.as_deref(), old.check.as_deref());
        let sql = vec![format!("ALTER POLICY {} ON {t} {rest}", b.id(name))];
        self.step(b, (PhaseName::Migrate, Rank::Other), sql, undo, changes.then_some(done));
        if table.row_security {
            b.finding(Severity::Warning, format!("Row level security of `{}` is on: every release sees and writes by the new rule from the commit on.", self.table));
        }
        Ok(())
    }

    fn drop(&self, b: &mut Builder, table: &Table, name: &Ident) -> Result<(), Refusal> {
        let old = self.known(table, name)?;
        let sql = vec![format!("DROP POLICY {} ON {}", b.id(name), b.name(&self.table))];
        let undo = b.undo_sql(again(b, &self.table, old), "Catalog only; brief lock.");
        let done = objects::policy_gone(&self.table, name);
        self.step(b, (PhaseName::Contract, Rank::DropConstraint), sql, undo, Some(done));
        let others = table.policies.iter().any(|p| p.name != *name && p.permissive);
        if table.row_security && old.permissive {
            let (severity, text) = if others {
                (Severity::Warning, "roles that saw rows by it alone see them no longer")
            } else {
                (
                    Severity::Danger,
                    "no permissive policy is left: every role but the owner and those with BYPASSRLS sees no row and can write none",
                )
            };
            b.finding(severity, format!("Once policy `{name}` of `{}` is gone, {text}.", self.table));
        } else if table.row_security {
            b.finding(
                Severity::Danger,
                format!(
                    "Policy `{name}` of `{}` is restrictive: once it is gone, roles see rows that it kept from them.",
                    self.table
                ),
            );
        }
        Ok(())
    }

    fn switch(&self, b: &mut Builder, table: &Table, on: bool, coming: &[String]) -> Result<(), Refusal> {
        let t = b.name(&self.table);
        if table.row_security == on {
            b.finding(
                Severity::Note,
                format!("Row level security of `{}` is {} already.", self.table, if on { "on" } else { "off" }),
            );
        }
        let words = |on: bool| {
            let verb = if on { "ENABLE" } else { "DISABLE" };
            format!("ALTER TABLE {t} {verb} ROW LEVEL SECURITY")
        };
        let there: Vec<String> =
            table.policies.iter().filter(|p| p.permissive).map(|p| p.command.clone()).chain(coming.to_vec()).collect();
        if on && there.is_empty() {
            return Err(Refusal::new(
                format!(
                    "row level security without a policy shows no row of `{}` to anyone but the owner, from the commit on",
                    self.table
                ),
                "Add a CREATE POLICY for every role and command that the application uses; the plan creates it before it enables row level security.",
            ));
        }
        if on {
            let missing: Vec<Ident> = ["SELECT", "INSERT", "UPDATE", "DELETE"]
                .into_iter()
                .filter(|c| !there.iter().any(|p| p == c || p == "ALL"))
                .map(Ident::new)
                .collect();
            if !missing.is_empty() {
                b.finding(Severity::Danger, format!("No permissive policy of `{}` is for {}: from the commit on these reach no row for any role but the owner.", self.table, listed(&missing)));
            }
            b.finding(
                Severity::Danger,
                format!("From the commit on, `{}` shows and takes only what its policies allow, in every release: run the application's statements as its own role on a copy first. The owner and roles with BYPASSRLS see everything; views read with the rights of their owner.", self.table),
            );
        } else {
            b.finding(
                Severity::Danger,
                format!("From the commit on, every role that may read `{}` sees all of its rows.", self.table),
            );
        }
        let undo = b.undo_sql(vec![words(!on)], "Catalog only; brief lock.");
        let (phase, rank) = (PhaseName::Migrate, Rank::Other);
        self.step(
            b,
            (phase, rank),
            vec![words(on)],
            undo,
            Some(objects::table_flag(&self.table, "relrowsecurity", on)),
        );
        Ok(())
    }

    fn force(&self, b: &mut Builder, table: &Table, on: bool) {
        let t = b.name(&self.table);
        let words = |on: bool| format!("ALTER TABLE {t} {}FORCE ROW LEVEL SECURITY", if on { "" } else { "NO " });
        let undo = b.undo_sql(vec![words(!on)], "Catalog only; brief lock.");
        let done = objects::table_flag(&self.table, "relforcerowsecurity", on);
        self.step(b, (PhaseName::Migrate, Rank::Other), vec![words(on)], undo, Some(done));
        if on {
            let owner = table.owner.as_ref().map_or_else(String::new, |o| format!(" `{o}`"));
            b.finding(Severity::Danger, format!("The owner{owner} of `{}` obeys its policies, too: migrations, backfills and an application that logs in as the owner see only what a policy allows.", self.table));
        }
    }
}

/// Policies that the wish creates: atom, table, name, command.
fn created(wish: &Wish) -> Vec<(usize, TableName, Ident, String)> {
    let of = |(at, statement): (usize, &Statement)| match statement {
        Statement::Known { op, target: Some(table), .. } if op == "create-policy" => {
            let (name, rest) = policy(wish.atoms.get(at)?.text)?;
            let mut words = Reader::new(&rest);
            if words.holds("restrictive") {
                return Some((at, table.resolve(wish.catalog), name, String::new()));
            }
            words.up_to(&["for"]);
            let command =
                if words.eat("for") { words.up_to(&["to", "using", "with"]).to_uppercase() } else { "ALL".into() };
            Some((at, table.resolve(wish.catalog), name, command))
        }
        _ => None,
    };
    wish.statements().filter_map(of).collect()
}

/// Name, and everything behind the table.
fn policy(text: &str) -> Option<(Ident, String)> {
    let mut words = Reader::new(text);
    words.skip();
    words.eat("policy").then_some(())?;
    words.eat("if exists");
    let name = words.ident()?;
    words.eat("on").then_some(())?;
    words.name()?;
    Some((name, words.rest().to_owned()))
}

fn roles(b: &Builder, policy: &Policy) -> String {
    let named: Vec<String> = policy
        .roles
        .iter()
        .map(|r| if r.as_str().eq_ignore_ascii_case("public") { "PUBLIC".to_owned() } else { b.id(r) })
        .collect();
    if named.is_empty() { "PUBLIC".to_owned() } else { named.join(", ") }
}

/// The policy as it is today.
fn again(b: &Builder, table: &TableName, old: &Policy) -> Vec<String> {
    let kind = if old.permissive { "PERMISSIVE" } else { "RESTRICTIVE" };
    let mut sql = format!(
        "CREATE POLICY {} ON {} AS {kind} FOR {} TO {}",
        b.id(&old.name),
        b.name(table),
        old.command,
        roles(b, old)
    );
    for (word, text) in [("USING", &old.using), ("WITH CHECK", &old.check)] {
        if let Some(text) = text {
            sql.push_str(&format!(" {word} ({text})"));
        }
    }
    let mut all = vec![sql];
    if let Some(comment) = &old.comment {
        let text = b.dialect().literal(comment);
        all.push(format!("COMMENT ON POLICY {} ON {} IS {text}", b.id(&old.name), b.name(table)));
    }
    all
}
