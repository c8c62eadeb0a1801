//! ALTER DOMAIN: a new condition is proved table by table under weak locks, because the domain's own proof blocks every writer.

use super::data_type::owner;
use super::enum_value::tables_of;
use super::form::Spec;
use super::recipe::constraint::{self, Rows};
use super::recipe::not_null::no_nulls;
use super::wish::{Claim, Wish};
use super::{Kind, Refusal};
use crate::engine::emit::type_probe;
use crate::engine::user_types;
use crate::model::objects::DataTypeKind;
use crate::model::{Column, Ident, Table, TableName};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Key, Rank};
use crate::plan::needs::{Mark, Need, Placement, Rule, Slot};
use crate::plan::{PhaseName, TransactionMode, Undo};
use crate::sql::data_type::{DomainAction, DomainCheck};
use crate::sql::{Statement, expression, rename_column_in};

#[derive(Debug, Clone, PartialEq)]
pub struct AlterDomain {
    name: TableName,
    action: DomainAction,
    users: Vec<TableName>,
}

impl Kind for AlterDomain {
    const NAME: &'static str = "alter-domain";
    const TITLE: &'static str = "Change a domain";
    const FORMS: &'static [Spec] = &[(
        "Add a rule to a domain",
        "ALTER DOMAIN {domain:user type=currency_code} ADD CONSTRAINT {name:new=three_letters} CHECK ({check:sql=length(VALUE) = 3});",
    )];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        wish.statements()
            .filter_map(|(at, statement)| match statement {
                Statement::AlterDomain(alter) => {
                    let name = user_types::resolve(wish.catalog, &alter.name);
                    let known = wish.catalog.types.iter().any(|t| t.name == name);
                    let users = tables_of(wish, &name);
                    known.then(|| Claim::one(at, Self { name, action: alter.action.clone(), users }))
                }
                _ => None,
            })
            .collect()
    }

    fn title(&self) -> String {
        let n = &self.name;
        match &self.action {
            DomainAction::AddCheck { check: DomainCheck { name: Some(c), .. }, .. } => {
                format!("Add the condition `{c}` to the domain `{n}`")
            }
            DomainAction::AddCheck { .. } => format!("Add a condition to the domain `{n}`"),
            DomainAction::Validate { name } => format!("Validate `{name}` of the domain `{n}`"),
            DomainAction::DropConstraint { name, .. } => format!("Drop the condition `{name}` of the domain `{n}`"),
            DomainAction::RenameConstraint { from, to } => format!("Rename `{from}` of the domain `{n}` to `{to}`"),
            DomainAction::SetNotNull => format!("Make the domain `{n}` NOT NULL"),
            DomainAction::DropNotNull => format!("Let the domain `{n}` be NULL"),
            DomainAction::SetDefault { .. } => format!("Set the default of the domain `{n}`"),
            DomainAction::DropDefault => format!("Drop the default of the domain `{n}`"),
            DomainAction::Owner { to } => format!("Give the domain `{n}` to `{}`", crate::model::name::shown(to)),
        }
    }

    fn tables(&self) -> Vec<TableName> {
        self.users.clone()
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let n = b.name(&self.name);
        let alter = |rest: String| format!("ALTER DOMAIN {n} {rest}");
        match &self.action {
            DomainAction::AddCheck { check, not_valid } => self.add_check(b, check, *not_valid),
            DomainAction::SetNotNull => self.set_not_null(b),
            DomainAction::Validate { name } => self.validate(b, name),
            DomainAction::DropConstraint { name, .. } => self.drop_constraint(b, name),
            DomainAction::DropNotNull => {
                let undo = b.undo_sql(
                    vec![alter("SET NOT NULL".into())],
                    "Reads every table of the domain while their writers wait, and fails once a NULL was written.",
                );
                self.relaxed(b, alter("DROP NOT NULL".into()), undo, type_probe::domain_nullable(&self.name), "NULL");
                Ok("catalog only".to_owned())
            }
            DomainAction::SetDefault { .. } | DomainAction::DropDefault => Ok(self.default(b)),
            DomainAction::RenameConstraint { from, to } => {
                let (f, t) = (b.id(from), b.id(to));
                let undo = b.undo_sql(vec![alter(format!("RENAME CONSTRAINT {t} TO {f}"))], "Catalog only.");
                let done = type_probe::domain_constraint_exists(&self.name, to);
                self.simple(b, alter(format!("RENAME CONSTRAINT {f} TO {t}")), undo, done);
                Ok("catalog only".to_owned())
            }
            DomainAction::Owner { to } => {
                owner(b, "DOMAIN", &self.name, to);
                Ok("catalog only".to_owned())
            }
        }
    }
}

/// A column whose values the domain's conditions hold for.
struct User<'c> {
    table: &'c Table,
    column: &'c Column,
    /// The value itself, not something inside an array or a row.
    plain: bool,
}

impl AlterDomain {
    /// Columns of the domain, each once: a partition's are those of its parent.
    fn columns<'c>(&self, b: &Builder<'c>) -> Vec<User<'c>> {
        let catalog = b.catalog;
        let all = user_types::users(catalog, &self.name);
        let parents: Vec<&TableName> = all.iter().map(|(t, _)| &t.name).collect();
        all.iter()
            .filter(|(t, _)| !t.partition_of.as_ref().is_some_and(|p| parents.contains(&&p.parent)))
            .map(|(table, column)| {
                let of = user_types::find(catalog, &column.data_type);
                let domain = of.is_some_and(|t| matches!(t.kind, DataTypeKind::Domain { .. }));
                User { table, column, plain: domain && !column.data_type.ends_with("[]") }
            })
            .collect()
    }

    /// The tables end with a CHECK that the script does not have.
    fn proved_elsewhere(&self, b: &mut Builder, text: String) {
        let places: Vec<(TableName, Ident)> = user_types::users(b.catalog, &self.name)
            .into_iter()
            .map(|(t, c)| (t.name.clone(), c.name.clone()))
            .collect();
        for (table, column) in &places {
            b.ends_otherwise(table, Some(column), text.clone());
        }
    }

    fn kind<'c>(&self, b: &Builder<'c>) -> Option<&'c DataTypeKind> {
        let catalog = b.catalog;
        catalog.types.iter().find(|t| t.name == self.name).map(|t| &t.kind)
    }

    fn push(&self, b: &mut Builder, mut draft: Draft) -> Key {
        draft.tables.clone_from(&self.users);
        b.push(draft)
    }

    fn simple(&self, b: &mut Builder, sql: String, undo: Undo, done: String) -> Key {
        let draft = Draft::sql(PhaseName::Migrate, Rank::Other, self.title(), vec![sql], b.brief())
            .why("Catalog only.")
            .undo(undo)
            .done(done);
        self.push(b, draft)
    }

    fn relaxed(&self, b: &mut Builder, sql: String, undo: Undo, done: String, what: &str) {
        let draft = Draft::sql(PhaseName::Expand, Rank::Relax, self.title(), vec![sql], b.brief())
            .why("Catalog only. Nothing writes such a value before the release that follows.")
            .undo(undo)
            .done(done);
        self.push(b, draft);
        for table in &self.users {
            b.need(Need::new(Slot::Tolerate, Placement::Earliest, table).say(format!(
                "Every reader of values of `{}` must bear {what} before the first writer sends it.",
                self.name
            )));
        }
    }

    fn may_block(&self, b: &Builder) -> Option<String> {
        let catalog = b.catalog;
        let tables: Vec<&Table> = self.users.iter().filter_map(|t| catalog.table(t)).collect();
        let reasons: Vec<String> = tables.iter().filter_map(|t| b.direct(t)).collect();
        (reasons.len() == tables.len()).then(|| match reasons.first() {
            Some(reason) => reason.clone(),
            None => "direct: no column is of this domain".to_owned(),
        })
    }

    fn add_check(&self, b: &mut Builder, check: &DomainCheck, not_valid: bool) -> Result<String, Refusal> {
        let n = b.name(&self.name);
        let taken = match self.kind(b) {
            Some(DataTypeKind::Domain { constraints, .. }) => constraints.clone(),
            _ => Vec::new(),
        };
        let name = check.name.clone().unwrap_or_else(|| free_name(&self.name.name, &taken));
        let c = b.id(&name);
        let direct = self.may_block(b);
        let whole = direct.is_some() && !not_valid;
        let late = if whole { "" } else { " NOT VALID" };
        let text = &check.expression.sql;
        if !not_valid {
            self.prove(b, &name, text, whole)?;
        }
        let draft = Draft::sql(
            PhaseName::Migrate,
            Rank::AddConstraint,
            self.title(),
            vec![format!("ALTER DOMAIN {n} ADD CONSTRAINT {c} CHECK ({text}){late}")],
            b.brief(),
        )
        .why(if whole {
            "Reads every table with a column of the domain while their writers wait, which is brief here."
        } else {
            "NOT VALID: from now on new values are checked, no table is read or locked."
        })
        .undo(b.undo_sql(vec![format!("ALTER DOMAIN {n} DROP CONSTRAINT {c}")], "Catalog only."))
        .done(type_probe::domain_constraint_exists(&self.name, &name))
        .abort_if(format!("Writers fail on `{name}`: the running release breaks the rule; take the step back."));
        self.push(b, draft);
        for table in &self.users {
            b.need(
                Need::new(Slot::Tolerate, Placement::Earliest, table)
                    .say(format!("Send values of `{}` that satisfy `{name}` only.", self.name)),
            );
        }
        if whole || self.users.is_empty() {
            return Ok(direct.unwrap_or_else(|| "catalog only: no column is of this domain".to_owned()));
        }
        if !not_valid {
            self.proved_elsewhere(
                b,
                format!(
                    "`{name}` stays NOT VALID on the domain: PostgreSQL {} validates a domain while the writers of all its tables wait. \
                     The CHECK of each table proves the rows instead; `ALTER DOMAIN {n} VALIDATE CONSTRAINT {c}` in a quiet moment makes those checks superfluous.",
                    b.catalog.server.version.major
                ),
            );
        }
        Ok("online: new values are checked at once, the rows are proved table by table".to_owned())
    }

    /// The condition as a CHECK of every table, proved under a weak lock; with `only_ask` the question alone.
    fn prove(&self, b: &mut Builder, name: &Ident, text: &str, only_ask: bool) -> Result<(), Refusal> {
        let condition = expression(text);
        for user in self.columns(b) {
            let (table, column) = (user.table, user.column);
            if !user.plain {
                return Err(Refusal::new(
                    format!(
                        "`{}.{}` holds values of the domain `{}` inside `{}`; whether they satisfy `{name}` cannot be asked row by row here",
                        table.name, column.name, self.name, column.data_type
                    ),
                    "Write the constraint NOT VALID, look at those values yourself, and validate it in a maintenance window.",
                ));
            }
            let value = Ident::new("value");
            let own =
                rename_column_in(&condition, &|c| (*c == value).then(|| b.id(&column.name))).ok_or_else(|| {
                    Refusal::new(
                        format!("`{text}` could not be read, so it cannot be asked of the rows of `{}`", table.name),
                        "Write the constraint NOT VALID and validate it in a maintenance window.",
                    )
                })?;
            let parts = [table.name.name.as_str(), column.name.as_str(), name.as_str()];
            if only_ask {
                let t = b.name(&table.name);
                b.push(
                    Draft::verify(
                        PhaseName::Prepare,
                        Rank::Check,
                        format!("Every value in `{}.{}` satisfies `{name}`", table.name, column.name),
                        format!("SELECT NOT EXISTS (SELECT 1 FROM {t} WHERE NOT ({own}))"),
                    )
                    .why("A value that breaks the rule would make the statement fail.")
                    .on(&table.name),
                );
            } else {
                let given = b.fresh(&table.name, &parts);
                constraint::check(b, &table.name, &given, &own, "", Rows::Existing);
            }
        }
        Ok(())
    }

    fn set_not_null(&self, b: &mut Builder) -> Result<String, Refusal> {
        if matches!(self.kind(b), Some(DataTypeKind::Domain { not_null: true, .. })) {
            return Ok("nothing to do: the domain is NOT NULL already".to_owned());
        }
        let n = b.name(&self.name);
        for table in &self.users {
            b.need(Need::new(Slot::Tolerate, Placement::Fixed, table).say(format!(
                "Send a value other than NULL for every column of `{table}` that is of the domain `{}`, and cast no NULL to it.",
                self.name
            )));
        }
        let columns = self.columns(b);
        if let Some(user) = columns.iter().find(|u| !u.plain) {
            return Err(Refusal::new(
                format!(
                    "`{}.{}` holds values of the domain `{}` inside `{}`",
                    user.table.name, user.column.name, self.name, user.column.data_type
                ),
                "Make it NOT NULL in a maintenance window, once those values hold no NULL.",
            ));
        }
        let direct = self.may_block(b);
        for user in columns.iter().filter(|u| !u.column.not_null) {
            no_nulls(b, &user.table.name, &user.column.name);
        }
        let because = "may send NULL for a value of a domain that refuses it from here on".to_owned();
        if let Some(reason) = direct {
            let draft = Draft::sql(
                PhaseName::Migrate,
                Rank::Attach,
                self.title(),
                vec![format!("ALTER DOMAIN {n} SET NOT NULL")],
                b.brief(),
            )
            .why("Reads every table with a column of the domain while their writers wait, which is brief here.")
            .undo(b.undo_sql(vec![format!("ALTER DOMAIN {n} DROP NOT NULL")], "Catalog only."))
            .done(type_probe::domain_not_null(&self.name));
            let key = self.push(b, draft);
            if !self.users.is_empty() {
                b.rule(Rule::Older { than: Slot::Tolerate, from: Mark::After(key), because });
            }
            return Ok(reason);
        }
        let taken = match self.kind(b) {
            Some(DataTypeKind::Domain { constraints, .. }) => constraints.clone(),
            _ => Vec::new(),
        };
        let stem = Ident(format!("{}_not_null", self.name.name));
        let name = if taken.contains(&stem) { free_name(&stem, &taken) } else { stem };
        let c = b.id(&name);
        let draft = Draft::sql(
            PhaseName::Migrate,
            Rank::AddConstraint,
            format!("Refuse new NULLs of the domain `{}`", self.name),
            vec![format!("ALTER DOMAIN {n} ADD CONSTRAINT {c} CHECK (VALUE IS NOT NULL) NOT VALID")],
            b.brief(),
        )
        .why("NOT NULL of a domain has no NOT VALID; a CHECK that says the same has. No table is read or locked.")
        .undo(b.undo_sql(vec![format!("ALTER DOMAIN {n} DROP CONSTRAINT {c}")], "Catalog only."))
        .done(type_probe::domain_constraint_exists(&self.name, &name));
        let key = self.push(b, draft);
        b.rule(Rule::Older { than: Slot::Tolerate, from: Mark::After(key), because });
        for user in columns.iter().filter(|u| !u.column.not_null) {
            let parts = [user.table.name.name.as_str(), user.column.name.as_str(), name.as_str()];
            let given = b.fresh(&user.table.name, &parts);
            let own = format!("{} IS NOT NULL", b.id(&user.column.name));
            constraint::check(b, &user.table.name, &given, &own, "", Rows::New);
        }
        self.proved_elsewhere(
            b,
            format!(
                "The domain `{}` refuses NULL by the CHECK `{name}`, and a CHECK of every table proves the rows; \
                 `ALTER DOMAIN {n} SET NOT NULL` itself reads all its tables while their writers wait.",
                self.name
            ),
        );
        Ok("online: a CHECK of the domain for new values, one of every table for the rows".to_owned())
    }

    fn validate(&self, b: &mut Builder, name: &Ident) -> Result<String, Refusal> {
        let check = match self.kind(b) {
            Some(DataTypeKind::Domain { checks, constraints, .. }) => {
                constraints.iter().position(|c| c == name).and_then(|at| checks.get(at)).cloned()
            }
            _ => None,
        };
        let Some(check) = check else {
            return Err(Refusal::new(
                format!("the domain `{}` has no constraint `{name}`", self.name),
                "Look at the domain with `\\dD` and correct the script.",
            ));
        };
        let Some(check) = check.strip_suffix(" NOT VALID") else {
            return Ok("nothing to do: the constraint is valid already".to_owned());
        };
        let text = check.strip_prefix("CHECK (").and_then(|c| c.strip_suffix(')')).unwrap_or(check).to_owned();
        let Some(reason) = self.may_block(b) else {
            self.prove(b, name, &text, false)?;
            self.proved_elsewhere(
                b,
                format!(
                    "`{name}` stays NOT VALID on the domain `{}`: its own VALIDATE reads all its tables while their writers wait. The CHECK of each table proves the rows instead.",
                    self.name
                ),
            );
            return Ok("online: proved by a CHECK of every table".to_owned());
        };
        self.prove(b, name, &text, true)?;
        let sql = format!("ALTER DOMAIN {} VALIDATE CONSTRAINT {}", b.name(&self.name), b.id(name));
        let draft = Draft::sql(PhaseName::Migrate, Rank::Validate, self.title(), vec![sql], b.brief())
            .why("Reads every table with a column of the domain while their writers wait, which is brief here.")
            .undo(Undo::Nothing { because: "A proof takes nothing away.".to_owned() })
            .done(type_probe::domain_constraint_valid(&self.name, name));
        self.push(b, draft);
        Ok(reason)
    }

    fn drop_constraint(&self, b: &mut Builder, name: &Ident) -> Result<String, Refusal> {
        let (n, c) = (b.name(&self.name), b.id(name));
        let check = match self.kind(b) {
            Some(DataTypeKind::Domain { checks, constraints, .. }) => {
                constraints.iter().position(|c| c == name).and_then(|at| checks.get(at)).cloned()
            }
            _ => None,
        };
        let Some(check) = check else { return Ok("nothing to do: the domain has no such constraint".to_owned()) };
        let bare = check.trim_end_matches(" NOT VALID");
        let mut sql = vec![format!("ALTER DOMAIN {n} ADD CONSTRAINT {c} {bare} NOT VALID")];
        if bare.len() == check.len() {
            sql.push(format!("ALTER DOMAIN {n} VALIDATE CONSTRAINT {c}"));
        }
        let undo = Undo::Sql {
            sql,
            transaction: TransactionMode::None,
            timeouts: b.validating(),
            because: "New values are checked again at once; the proof reads every table of the domain while their writers wait.".to_owned(),
        };
        let done = type_probe::domain_constraint_gone(&self.name, name);
        let what = format!("values that break `{name}`");
        self.relaxed(b, format!("ALTER DOMAIN {n} DROP CONSTRAINT {c}"), undo, done, &what);
        Ok("catalog only".to_owned())
    }

    fn default(&self, b: &mut Builder) -> String {
        let n = b.name(&self.name);
        let before = match self.kind(b) {
            Some(DataTypeKind::Domain { default, .. }) => default.clone(),
            _ => None,
        };
        let set = |value: &str| format!("ALTER DOMAIN {n} SET DEFAULT {value}");
        let sql = match &self.action {
            DomainAction::SetDefault { default } => set(&default.sql),
            _ if before.is_none() => return "nothing to do: the domain has no default".to_owned(),
            _ => format!("ALTER DOMAIN {n} DROP DEFAULT"),
        };
        let back = before.as_deref().map_or_else(|| format!("ALTER DOMAIN {n} DROP DEFAULT"), set);
        let draft = Draft::sql(PhaseName::Expand, Rank::SetDefault, self.title(), vec![sql], b.brief())
            .why("Catalog only: it holds for rows inserted from now on that leave out a column of the domain without a default of its own.")
            .undo(b.undo_sql(vec![back], "Catalog only."))
            .done(type_probe::domain_default_changed(&self.name, before.as_deref()));
        self.push(b, draft);
        "catalog only".to_owned()
    }
}

/// The name the server would give.
fn free_name(stem: &Ident, taken: &[Ident]) -> Ident {
    let mut name = Ident(format!("{stem}_check"));
    let mut pass = 0;
    while taken.contains(&name) {
        pass += 1;
        name = Ident(format!("{stem}_check{pass}"));
    }
    name
}
