//! ADD COLUMN, with what belongs to it: default, NOT NULL, inline constraints, an UPDATE that fills it.

mod later;

use super::form::Spec;
use super::not_null::tests_null;
use super::recipe::constraint::{self, ForeignKey, Rows, UniqueBody};
use super::recipe::not_null::{Writers, not_null};
use super::recipe::{computed, fill_new, numbered};
use super::replace_columns::{added, guarded_by};
use super::wish::{Claim, Wish};
use super::{Kind, Refusal, created_here};
use crate::engine::emit::probe;
use crate::model::catalog::{GeneratedKind, Identity, Volatility};
use crate::model::objects::DataTypeKind;
use crate::model::{Ident, Table, TableKind, TableName};
use crate::plan::build::{Builder, Fill, Guarded, listed};
use crate::plan::draft::{Draft, Key, Rank};
use crate::plan::needs::{Need, Placement, Rule, Slot};
use crate::plan::{PhaseName, Severity};
use crate::sql::{Alter, ColumnDef, ConstraintBody, Expression, Statement, serial_base};

#[derive(Debug, Clone, PartialEq)]
pub struct AddColumn {
    table: TableName,
    columns: Vec<Added>,
}

/// One new column and what the script later says of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Added {
    pub column: ColumnDef,
    /// Everything after ADD COLUMN, verbatim.
    pub text: String,
    pub not_null: bool,
    /// The script takes NOT NULL off again, which a serial column has by itself.
    pub nullable: bool,
    pub default: Option<Expression>,
    /// From an UPDATE of the whole table.
    pub fill: Option<Expression>,
    pub if_not_exists: bool,
    /// The default stands for the rows that are there, and is dropped in the end.
    pub drops_default: bool,
    /// Under which the script adds it, where it renames it later.
    pub first_name: Option<Ident>,
}

impl Kind for AddColumn {
    const NAME: &'static str = "add-column";
    const TITLE: &'static str = "Add a column";
    const FORMS: &'static [Spec] = &[(
        "",
        "ALTER TABLE {table:table=users} ADD COLUMN {column:new=phone} {type:type=varchar(32)}[ DEFAULT {default:sql='none'}][ NOT NULL{not null:yes}][ UNIQUE{unique:yes}];",
    )];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        let mut claims: Vec<Claim<Self>> = wish
            .alters()
            .filter_map(|(at, table, action)| match action {
                Alter::AddColumn { column, .. } => one(wish, at, table, column)
                    .map(|(atoms, added)| Claim { atoms, change: Self { table: table.clone(), columns: vec![added] } }),
                _ => None,
            })
            .collect();
        for (at, statement) in wish.statements() {
            let Statement::Update(update) = statement else { continue };
            let table = update.table.resolve(wish.catalog);
            if update.from.is_some() || wish.table(&table).is_none() {
                continue;
            }
            let mut atoms = vec![at];
            let mut columns = Vec::new();
            for assignment in &update.assignments {
                let found = added(wish, &table, &assignment.column).and_then(|(i, def)| one(wish, i, &table, def));
                let Some((mut of_column, mut column)) = found else { break };
                atoms.append(&mut of_column);
                column.fill =
                    Some(guarded_by(&assignment.value, unless_null_test(update.filter.as_ref(), &assignment.column)));
                columns.push(column);
            }
            if !columns.is_empty() && columns.len() == update.assignments.len() {
                atoms.sort_unstable();
                claims.push(Claim { atoms, change: Self { table, columns } });
            }
        }
        claims
    }

    fn title(&self) -> String {
        let names: Vec<Ident> = self.columns.iter().map(|c| c.column.name.clone()).collect();
        format!("Add {} to `{}`", listed(&names), self.table)
    }

    fn tables(&self) -> Vec<TableName> {
        vec![self.table.clone()]
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let table = b.catalog.table(&self.table).ok_or_else(|| created_here(&self.table))?;
        let mut reasons = Vec::new();
        for column in &self.columns {
            if column.if_not_exists && table.column(&column.column.name).is_some() {
                reasons.push(format!("nothing to do: `{}` exists", column.column.name));
                continue;
            }
            reasons.push(plan_one(b, table, column)?);
        }
        reasons.dedup();
        Ok(reasons.join("; "))
    }
}

/// `WHERE c IS NULL` says nothing about a column that is new.
fn unless_null_test<'a>(filter: Option<&'a Expression>, column: &Ident) -> Option<&'a Expression> {
    filter.filter(|f| !tests_null(f, column))
}

fn one(wish: &Wish, at: usize, table: &TableName, column: &ColumnDef) -> Option<(Vec<usize>, Added)> {
    wish.table(table)?;
    let mut atoms = vec![at];
    let mut added = Added {
        column: column.clone(),
        text: wish.atoms.get(at).map(|a| definition_text(a.text)).unwrap_or_default(),
        not_null: column.not_null,
        nullable: false,
        default: column.default.clone(),
        fill: None,
        if_not_exists: matches!(
            wish.atoms.get(at).map(|a| &a.part),
            Some(super::wish::Part::Alter { action: Alter::AddColumn { if_not_exists: true, .. }, .. })
        ),
        drops_default: false,
        first_name: None,
    };
    atoms.extend(later::take_up(wish, at, table, &mut added));
    Some((atoms, added))
}

/// What follows `ADD [COLUMN] [IF NOT EXISTS]`.
fn definition_text(action: &str) -> String {
    let mut rest = action.trim();
    for word in ["ADD", "COLUMN", "IF", "NOT", "EXISTS"] {
        let starts = rest.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
        if starts && rest.get(word.len()..).is_some_and(|t| t.starts_with(char::is_whitespace)) {
            rest = rest.get(word.len()..).unwrap_or("").trim_start();
        }
    }
    rest.to_owned()
}

pub fn type_and_collation(column: &ColumnDef) -> String {
    match &column.collation {
        Some(collation) => format!("{} COLLATE {collation}", column.data_type),
        None => column.data_type.clone(),
    }
}

fn plan_one(b: &mut Builder, table: &Table, added: &Added) -> Result<String, Refusal> {
    if added.drops_default {
        let reason = plan_one(b, table, &Added { drops_default: false, ..added.clone() })?;
        later::drop_default(b, table, added);
        return Ok(reason);
    }
    if added.column.default.is_none() && added.default.is_some() && added.fill.is_none() && !added.not_null {
        let reason = plan_one(b, table, &Added { default: None, ..added.clone() })?;
        later::set_default(b, table, added)?;
        return Ok(reason);
    }
    let column = &added.column;
    let name = &column.name;
    let serial = serial_base(&column.data_type);
    let has_value =
        added.default.is_some() || column.identity.is_some() || column.generated.is_some() || serial.is_some();
    if let (Some(first), true) = (&added.first_name, column.identity.is_some() || serial.is_some()) {
        b.finding(
            Severity::Note,
            format!(
                "The sequence of `{}.{name}` is named after `{name}`, not after `{first}`, under which the script adds the column.",
                table.name
            ),
        );
    }
    let empty = table.stats.rows == Some(0) && table.stats.heap_bytes == 0;
    if added.not_null && !has_value && added.fill.is_none() && !empty {
        return Err(Refusal::new(
            format!("`{}` has rows, and `{name}` is NOT NULL without a value for them", table.name),
            format!("Add a DEFAULT, or an UPDATE that fills `{name}` before it is NOT NULL."),
        ));
    }
    constrained_domain(b, column)?;
    if added.not_null && !has_value && added.fill.is_none() {
        return sent_by_all(b, table, column);
    }
    let loose = column.identity.is_some() && table.kind == TableKind::Partitioned;
    let direct = if added.fill.is_none() && !loose { b.direct(table) } else { None };
    if let Some(reason) = direct {
        let definition = with_late(b, added);
        b.add_column(&table.name, name, &definition, "The table is small enough to be changed in one go.");
        if serial.is_some() && added.nullable {
            later::drop_not_null(b, table, column);
        }
        uses(b, table, column, Slot::Tolerate, None);
        return Ok(reason);
    }
    if column.identity.is_some() || serial.is_some() {
        numbered::numbered(b, table, column, serial, added.nullable)?;
        inline_constraints(b, table, column, Rows::New)?;
        return Ok("online: a serial or identity column added at once rewrites the table".to_owned());
    }
    if let Some((expression, kept)) = &column.generated {
        if *kept == GeneratedKind::Virtual {
            b.add_column(&table.name, name, &added.text, "A virtual column is computed when it is read; catalog only.");
            uses(b, table, column, Slot::Tolerate, None);
            return Ok("catalog only: the column is virtual".to_owned());
        }
        computed::computed(b, table, column, expression)?;
        return Ok("online: a stored generated column rewrites the table; a trigger computes it instead".to_owned());
    }
    if let Some(fill) = &added.fill {
        fill_new::fill_new(b, table, added, fill)?;
        inline_constraints(b, table, column, Rows::New)?;
        return Ok("online: added empty, filled in batches".to_owned());
    }
    let constrained = !column.constraints.is_empty();
    let reason = match &added.default {
        None => {
            b.add_column(&table.name, name, &bare(b, column), "Nullable and without a default: no row is touched.");
            "catalog only".to_owned()
        }
        Some(default) => {
            // What a later SET DEFAULT says is for new rows alone.
            let default = column.default.as_ref().unwrap_or(default);
            match volatility(default, b) {
                Volatility::Immutable | Volatility::Stable if b.since(11) => {
                    let null = if added.not_null { " NOT NULL" } else { "" };
                    let definition =
                        format!("{} DEFAULT {}{null}{}", bare(b, column), default.sql, later::for_new_rows(b, added));
                    b.add_column(&table.name, name, &definition, "The default is evaluated once and kept in the catalog (11 and later): no row is touched, and running releases that do not know the column get it.");
                    "catalog only: the default is not volatile".to_owned()
                }
                found => {
                    let key = by_backfill(b, table, added, default, found)?;
                    inline_constraints(b, table, column, Rows::New)?;
                    uses(b, table, column, Slot::Use, Some(key));
                    return Ok(match found {
                    Volatility::Volatile => "online: a volatile default rewrites the table".to_owned(),
                    Volatility::Unknown => "online: the default calls a function the catalog does not know, so it is taken to be volatile".to_owned(),
                    _ => format!("online: PostgreSQL {} rewrites the table for any default", b.catalog.server.version.major),
                });
                }
            }
        }
    };
    inline_constraints(b, table, column, Rows::New)?;
    uses(b, table, column, if constrained { Slot::Use } else { Slot::Tolerate }, None);
    Ok(reason)
}

/// NOT NULL without a value, on a table without rows: whoever inserts into it has to send one first.
fn sent_by_all(b: &mut Builder, table: &Table, column: &ColumnDef) -> Result<String, Refusal> {
    let name = &column.name;
    b.add_column(&table.name, name, &bare(b, column), "Nullable at first: the running release does not send it.");
    inline_constraints(b, table, column, Rows::New)?;
    let columns = std::slice::from_ref(name);
    b.need(
        Need::new(Slot::Tolerate, Placement::Fixed, &table.name)
            .reads(columns)
            .writes(columns)
            .say(format!("Send a value for `{name}` in every INSERT into `{}`.", table.name)),
    );
    super::recipe::not_null::no_nulls(b, &table.name, name);
    not_null(b, &table.name, name, Writers::Before(Slot::Tolerate));
    Ok("the table is empty, but may be written: NOT NULL comes once every release sends a value".to_owned())
}

fn bare(b: &Builder, column: &ColumnDef) -> String {
    format!("{} {}", b.id(&column.name), type_and_collation(column))
}

/// The user's definition, with a NOT NULL or DEFAULT that the script adds later.
fn with_late(b: &Builder, added: &Added) -> String {
    let mut text = added.text.clone();
    if added.column.default.is_none()
        && let Some(default) = &added.default
    {
        text = format!("{text} DEFAULT {}", default.sql);
    }
    if added.not_null && !added.column.not_null {
        text.push_str(" NOT NULL");
    }
    text + &later::for_new_rows(b, added)
}

/// The worst volatility of the functions in a default.
pub fn volatility(expression: &Expression, b: &Builder) -> Volatility {
    if !expression.understood {
        return Volatility::Unknown;
    }
    expression.functions.iter().map(|f| b.catalog.volatilities.of(f)).max().unwrap_or(Volatility::Immutable)
}

/// Empty column, default for new rows, batches for the old ones, NOT NULL last.
fn by_backfill(
    b: &mut Builder,
    table: &Table,
    added: &Added,
    default: &Expression,
    found: Volatility,
) -> Result<Key, Refusal> {
    super::recipe::table::walkable(b, table)?;
    let name = &added.column.name;
    let (t, c) = (b.name(&table.name), b.id(name));
    if found == Volatility::Unknown {
        b.finding(
            Severity::Warning,
            format!(
                "The default of `{name}` calls a function that the catalog does not know: {}.",
                default.functions.join(", ")
            ),
        );
    }
    b.add_column(&table.name, name, &bare(b, &added.column), "Nullable and without a default, so no row is touched.");
    b.push(
        Draft::sql(
            PhaseName::Expand,
            Rank::SetDefault,
            format!("Set the default of `{}.{name}`", table.name),
            vec![format!("ALTER TABLE {t} ALTER COLUMN {c} SET DEFAULT {}", added.default.as_ref().unwrap_or(default).sql)],
            b.brief(),
        )
        .why("For rows that come from now on; a statement of its own, since ADD COLUMN with this default would rewrite the table.")
        .on(&table.name)
        .undo(b.undo_sql(vec![format!("ALTER TABLE {t} ALTER COLUMN {c} DROP DEFAULT")], "Catalog only; brief lock."))
        .done(probe::default_changed(&table.name, name, None)),
    );
    let key = b.fill(
        &table.name,
        Fill {
            assignments: vec![(name.clone(), default.sql.clone())],
            needed: format!("{c} IS NULL"),
            why: format!("Gives `{name}` its default in the rows that were there before."),
            guarded: Guarded::Yes,
        },
    );
    super::recipe::table::user_triggers(b, table);
    if added.not_null {
        not_null(b, &table.name, name, Writers::Safe);
    }
    Ok(key)
}

/// The release that uses the new column; `filled`: the step after which it is complete.
pub fn uses(b: &mut Builder, table: &Table, definition: &ColumnDef, slot: Slot, filled: Option<Key>) {
    let column = &definition.name;
    let columns = std::slice::from_ref(column);
    let reads = Need::new(slot, Placement::Earliest, &table.name).reads(columns);
    // The server refuses a value for these, and the trigger that stands in for a stored one overwrites it.
    let computed = definition.generated.is_some() || definition.identity == Some(Identity::Always);
    b.need(if computed {
        reads.say(format!("May read `{column}` of `{}`; leave it out of every INSERT and UPDATE.", table.name))
    } else {
        reads.writes(columns).say(format!("May read and write `{column}` of `{}`.", table.name))
    });
    if let Some(until) = filled {
        b.rule(Rule::NotReady {
            table: table.name.clone(),
            column: column.clone(),
            until,
            because: format!("reads `{}.{column}` before every row has it", table.name),
        });
    }
}

/// A domain with constraints rewrites the table, even without a default.
fn constrained_domain(b: &Builder, column: &ColumnDef) -> Result<(), Refusal> {
    let bare = column.data_type.rsplit('.').next().unwrap_or("").trim_matches('"');
    let found = b.catalog.types.iter().find(|t| t.name.name.as_str() == bare);
    match found.map(|t| &t.kind) {
        Some(DataTypeKind::Domain { base, not_null, checks, .. }) if *not_null || !checks.is_empty() => {
            Err(Refusal::new(
                format!(
                    "adding `{}` of domain `{}` would rewrite the table: the domain has constraints",
                    column.name, column.data_type
                ),
                format!(
                    "Add it as `{} {base}`, with the domain's conditions as CHECK constraints of the table{}: that is planned online. PostgreSQL has no way to a column of this domain that reads no row.",
                    column.name,
                    checks
                        .iter()
                        .map(|c| format!(
                            " `{}`",
                            c.trim_end_matches(" NOT VALID").replace("VALUE", column.name.as_str())
                        ))
                        .collect::<String>()
                ),
            ))
        }
        _ => Ok(()),
    }
}

/// UNIQUE, PRIMARY KEY, CHECK and REFERENCES written beside the column.
pub fn inline_constraints(b: &mut Builder, table: &Table, column: &ColumnDef, rows: Rows) -> Result<(), Refusal> {
    let name = std::slice::from_ref(&column.name);
    for one in &column.constraints {
        match &one.body {
            ConstraintBody::Check { expression } => {
                let given = constraint::named(b, &table.name, one, name, "check");
                constraint::check(b, &table.name, &given, &expression.sql, &one.trailer, rows);
            }
            ConstraintBody::Unique { nulls_not_distinct, .. } => {
                let given = constraint::named(b, &table.name, one, name, "key");
                let body = UniqueBody {
                    columns: name,
                    include: &[],
                    nulls_not_distinct: *nulls_not_distinct,
                    primary: false,
                    trailer: &one.trailer,
                };
                constraint::unique(b, table, &given, &body, rows)?;
            }
            ConstraintBody::PrimaryKey { .. } => {
                let given = constraint::named(b, &table.name, one, &[], "pkey");
                let body = UniqueBody {
                    columns: name,
                    include: &[],
                    nulls_not_distinct: false,
                    primary: true,
                    trailer: &one.trailer,
                };
                constraint::unique(b, table, &given, &body, rows)?;
            }
            ConstraintBody::ForeignKey { table: target, referenced, actions, .. } => {
                let given = constraint::named(b, &table.name, one, name, "fkey");
                let target = target.resolve(b.catalog);
                let actions = format!("{actions} {}", one.trailer).trim().to_owned();
                let key = ForeignKey { name: &given, columns: name, target: &target, referenced, actions };
                constraint::foreign_key(b, table, &key, rows)?;
            }
            _ => {
                return Err(Refusal::new(
                    format!("a constraint of `{}` is not known beside a new column", column.name),
                    "Write it as `ALTER TABLE … ADD CONSTRAINT` of its own.",
                ));
            }
        }
    }
    Ok(())
}
