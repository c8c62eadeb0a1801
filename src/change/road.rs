//! From a script to a plan: read, check names, claim, build, assemble.

use super::meet;
use super::near::named_tables;
use super::wish::{Claim, Part, Wish};
use super::{Change, Refusal};
use crate::engine::{Session, replay, replay_freed, search_path};
use crate::model::{Catalog, Ident, TableName};
use crate::plan::as_written::{Run, as_written};
use crate::plan::assemble::{Broken, assemble, is_part_of};
use crate::plan::build::Builder;
use crate::plan::preflight::{self, gap_findings};
use crate::plan::{Finding, Plan, Policy, Rename, Severity, Wanted};
use crate::sql::{self, Alter, Problem, Script, Statement};
use std::collections::BTreeSet;

/// A script that cannot be planned: every reason, in the order of the text.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct CannotPlan {
    pub problems: Vec<Problem>,
}

const ONE_AFTER_THE_OTHER: &str =
    "Plan the changes one after the other: run the first plan to its end, then plan the second.";

/// Makes the plan for `script` on the database that `catalog` describes. Pure: same input, same bytes.
///
/// # Errors
/// [`CannotPlan`] with places in the text: syntax, unknown tables or columns, changes no recipe is safe for.
pub fn plan(script: &str, catalog: &Catalog, policy: &Policy) -> Result<Plan, CannotPlan> {
    let read = sql::parse_for(script, &catalog.server).map_err(|problems| CannotPlan { problems })?;
    let session = session_of(&read, catalog);
    let path = path_of(&read)?;
    let elsewhere = path.clone().map(|search_path| Catalog { search_path, ..catalog.clone() });
    let catalog = elsewhere.as_ref().unwrap_or(catalog);
    let near = catalog.excerpt(&named_tables(&read, catalog));
    let target = check_names(&read, &near)?;
    let wish = Wish { catalog: &near, target: &target, script: &read, atoms: Wish::atoms_of(&read, &near) };
    if wish.atoms.is_empty() {
        let hint =
            "Write the change as you would run it on a laptop, for example `ALTER TABLE users ADD COLUMN phone text;`";
        return Err(cannot(Problem::at(script, 0..script.len(), "the script changes nothing").hint(hint)));
    }
    let claims = settle(&wish);
    conflicts(&wish, &claims, policy)?;
    partly(&wish, &claims)?;

    let build = |triggered: BTreeSet<TableName>| {
        let mut builder = Builder::new(&near, catalog, policy, &session);
        builder.target = Some(&target);
        builder.triggered = triggered;
        let told = recipes(&mut builder, &wish, &claims);
        (builder, told)
    };
    let (mut builder, (mut wanted, mut problems)) = build(BTreeSet::new());
    // A recipe does not know what the others do: where a tool would copy a table away from under its new triggers, all begin again.
    let triggered = builder.copied_beside_triggers();
    if !triggered.is_empty() {
        (builder, (wanted, problems)) = build(triggered);
    }
    if let Some(path) = &path {
        builder.look_up_by(path, &meet::whole_texts(&wish));
    }
    problems.extend(meet::put_behind(&mut builder, &wish, &claims));
    if !problems.is_empty() {
        problems.sort_by_key(|p| p.span.start);
        return Err(CannotPlan { problems });
    }
    let mut tables: Vec<TableName> = wanted.iter().flat_map(|w| w.tables.iter().cloned()).collect();
    tables.sort();
    tables.dedup();
    for finding in preflight::preflight(&near, &tables).into_iter().chain(script_findings(&read, &near)) {
        builder.finding(finding.severity, finding.text);
    }
    builder.preflight = preflight::queries(read.statements.iter().map(|l| &l.statement), &near, &tables);
    let statements: Vec<(&str, &Statement)> = read
        .statements
        .iter()
        .filter(|l| !matches!(l.statement, Statement::Set { .. } | Statement::Transaction { .. } | Statement::Select))
        .map(|l| (l.text.as_str(), &l.statement))
        .collect();
    let naive = as_written(&statements, &near, &session, policy);
    let title = match wanted.as_slice() {
        [one] => one.title.clone(),
        many => format!(
            "{}, and {} more",
            many.first().map(|w| w.title.clone()).unwrap_or_default(),
            many.len().saturating_sub(1)
        ),
    };
    let several = wanted.len() > 1;
    let plan = assemble(builder, &target, title, wanted, naive).map_err(|broken| {
        if several {
            let place = match broken.step.as_str() {
                Broken::AT_THE_END => String::new(),
                step => format!("at step `{step}`, "),
            };
            let message = format!("the changes of this script do not go together in one plan: {place}{}", broken.what);
            return cannot(Problem::at(script, 0..0, message).hint(ONE_AFTER_THE_OTHER));
        }
        let hint = "This is a fault in sidestep, not in the script: please report it with the script and the catalog.";
        cannot(Problem::at(script, 0..0, format!("no safe plan was found: {broken}")).hint(hint))
    })?;
    crate::plan::check::laws(&plan).map_err(|broken| {
        if several {
            let message = format!(
                "the changes of this script do not go together in one plan: at step `{}`, {}",
                broken.step, broken.what
            );
            return cannot(Problem::at(script, 0..0, message).hint(ONE_AFTER_THE_OTHER));
        }
        let hint = "This is a fault in sidestep, not in the script: please report it with the script and the catalog.";
        cannot(Problem::at(script, 0..0, format!("the plan breaks a law and is not shown: {broken}")).hint(hint))
    })?;
    Ok(plan)
}

/// Every change by its recipe: what was decided, and what cannot be planned.
fn recipes(builder: &mut Builder, wish: &Wish, claims: &[Claim<Change>]) -> (Vec<Wanted>, Vec<Problem>) {
    let mut wanted = Vec::new();
    let mut problems = Vec::new();
    for (number, claim) in claims.iter().enumerate() {
        builder.begin(number);
        match claim.change.plan(builder) {
            Ok(because) => wanted.push(Wanted {
                title: claim.change.title(),
                sql: wish.text_of(&claim.atoms),
                kind: claim.change.name().to_owned(),
                tables: claim.change.tables(),
                because,
            }),
            Err(Refusal { message, hint }) => {
                let span = claim.atoms.first().and_then(|a| wish.atoms.get(*a)).map_or(0..0, |a| a.span.clone());
                let mut problem = Problem::at(&wish.script.text, span, message);
                problem.hint = hint;
                problems.push(problem);
            }
        }
    }
    (wanted, problems)
}

fn cannot(problem: Problem) -> CannotPlan {
    CannotPlan { problems: vec![problem] }
}

/// The server's settings, overridden by what the script sets.
fn session_of(script: &Script, catalog: &Catalog) -> Session {
    let mut session = Session::default();
    for (name, value) in &catalog.server.settings {
        session.settings.insert(name.to_lowercase(), value.clone());
    }
    for located in &script.statements {
        if let Statement::Set { name, value, .. } = &located.statement {
            session.settings.insert(name.clone(), value.clone());
        }
    }
    session
}

/// The search path that the script sets for itself: bare names are looked up by it.
fn path_of(script: &Script) -> Result<Option<Vec<Ident>>, CannotPlan> {
    let mut path = None;
    let mut changed = false;
    for located in &script.statements {
        match &located.statement {
            Statement::Set { name, value, .. } if name == "search_path" => {
                let next = search_path(value);
                if changed && next != path {
                    let message = "the search path changes between the statements";
                    return Err(cannot(
                        Problem::at(&script.text, located.span.clone(), message)
                            .hint("Leave it out, and write the schema in front of the names."),
                    ));
                }
                path = next;
            }
            Statement::Set { .. } | Statement::Transaction { .. } | Statement::Select => {}
            _ => changed = true,
        }
    }
    Ok(path)
}

/// Replays the script piece by piece: an unknown name is found where it stands. Answers the wanted catalog.
fn check_names(script: &Script, catalog: &Catalog) -> Result<Catalog, CannotPlan> {
    let mut target = catalog.clone();
    let mut problems = Vec::new();
    for located in &script.statements {
        match &located.statement {
            Statement::AlterTable { table, only, if_exists, actions } => {
                for action in actions {
                    let alone = Statement::AlterTable {
                        table: table.clone(),
                        only: *only,
                        if_exists: *if_exists,
                        actions: vec![action.clone()],
                    };
                    let missing = table.table(&target).is_none();
                    // What depends on a column whose type changes is taken off and put on again by the plan.
                    let replayed = match &action.action {
                        Alter::SetType { column, .. } if !missing => {
                            let table = table.resolve(&target);
                            replay_freed(&mut target, &table, column, &alone)
                        }
                        _ => replay(&mut target, &alone),
                    };
                    if let Err(error) = replayed {
                        let span = if missing { located.span.clone() } else { action.span.clone() };
                        problems.push(advised(Problem::at(&script.text, span, error)));
                        if missing {
                            break;
                        }
                    }
                }
            }
            Statement::Update(update) => problems.extend(unknown_in_update(script, located, update, &target)),
            whole => {
                if let Err(error) = replay(&mut target, whole) {
                    problems.push(advised(Problem::at(&script.text, located.span.clone(), error)));
                }
            }
        }
    }
    if problems.is_empty() { Ok(target) } else { Err(CannotPlan { problems }) }
}

/// What remains where the server itself has no way.
fn advised(problem: Problem) -> Problem {
    if problem.message.contains("must hold its partition key") {
        return problem.hint(
            "Add the partition key to the columns: then a value is unique within its partition. To keep it unique over all of them, write it to a table of its own with a unique index, in the same transaction.",
        );
    }
    problem
}

fn unknown_in_update(
    script: &Script,
    located: &sql::Located,
    update: &sql::Update,
    catalog: &Catalog,
) -> Option<Problem> {
    let Some(table) = update.table.table(catalog) else {
        return Some(Problem::at(
            &script.text,
            located.span.clone(),
            format!("table `{}` does not exist", update.table),
        ));
    };
    // With FROM or a subquery a name may belong to another table: the server will tell.
    let plain = update.from.is_none();
    let read =
        update.assignments.iter().filter(|a| plain && !a.value.has_subquery).flat_map(|a| a.value.columns.iter());
    let filtered = update.filter.iter().filter(|f| plain && !f.has_subquery).flat_map(|f| f.columns.iter());
    update.assignments.iter().map(|a| &a.column).chain(read).chain(filtered).find(|c| table.column(c).is_none()).map(
        |c| Problem::at(&script.text, located.span.clone(), format!("column `{c}` of `{}` does not exist", table.name)),
    )
}

/// Picks claims that do not overlap: the one that covers most first, then the order of the kinds, then of the text.
/// Whatever nobody claims is taken by the pass-through kind, so that nothing is dropped.
fn settle(wish: &Wish) -> Vec<Claim<Change>> {
    let mut found = Change::recognise(wish);
    // Stable: between equals the order of `kinds!` decides, and within a kind the order of the text.
    found.sort_by_key(|c| (matches!(c.change, Change::PassThrough(_)), std::cmp::Reverse(c.atoms.len())));
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    let mut chosen: Vec<Claim<Change>> = Vec::new();
    for claim in found {
        if claim.atoms.iter().all(|a| !taken.contains(a)) {
            taken.extend(claim.atoms.iter().copied());
            chosen.push(claim);
        }
    }
    chosen.sort_by(|a, b| a.atoms.cmp(&b.atoms));
    chosen
}

/// Two claims that alter the same column by different ways would each plan as if the other were not there.
fn conflicts(wish: &Wish, claims: &[Claim<Change>], policy: &Policy) -> Result<(), CannotPlan> {
    // A default and NOT NULL are independent of each other; whatever moves the column itself is not.
    let mut seen: Vec<(TableName, Ident, usize, bool)> = Vec::new();
    let mut problems = Vec::new();
    // Behind a rename the script speaks of the column by its new name.
    let renamed = |table: &TableName, column: &Ident| {
        wish.alters().find_map(|(_, t, action)| match action {
            Alter::RenameColumn { from, to } if t == table && to == column => Some(from.clone()),
            _ => None,
        })
    };
    for (number, claim) in claims.iter().enumerate() {
        for atom in claim.atoms.iter().filter_map(|a| wish.atoms.get(*a)) {
            let Part::Alter { table, action } = &atom.part else { continue };
            let (column, moves) = match action {
                Alter::AddColumn { column, .. } => (&column.name, true),
                Alter::DropColumn { column, .. } | Alter::SetType { column, .. } => (column, true),
                Alter::SetNotNull { column }
                | Alter::DropNotNull { column }
                | Alter::SetDefault { column, .. }
                | Alter::DropDefault { column } => (column, false),
                Alter::RenameColumn { from, .. } => (from, true),
                _ => continue,
            };
            let today = renamed(table, column).unwrap_or_else(|| column.clone());
            let clash =
                seen.iter().find(|(t, c, n, other)| t == table && *c == today && *n != number && (moves || *other));
            if let Some((_, _, other, _)) = clash {
                let other = claims.get(*other).map(|c| c.change.title()).unwrap_or_default();
                problems.push(
                    Problem::at(
                        &wish.script.text,
                        atom.span.clone(),
                        format!("`{column}` is changed twice: also by “{other}”"),
                    )
                    .hint(ONE_AFTER_THE_OTHER),
                );
            }
            seen.push((table.clone(), today, number, moves));
        }
    }
    for (number, claim) in claims.iter().enumerate() {
        for atom in claim.atoms.iter().filter_map(|a| wish.atoms.get(*a)) {
            let Part::Whole(Statement::DropTable { tables, .. }) = &atom.part else { continue };
            let gone: Vec<TableName> = tables.iter().map(|t| t.resolve(wish.catalog)).collect();
            let other = claims.iter().enumerate().find(|(n, c)| {
                *n != number
                    && c.change
                        .tables()
                        .iter()
                        .any(|t| gone.iter().any(|g| is_part_of(wish.catalog, t, g) || is_part_of(wish.catalog, g, t)))
            });
            if let Some((_, other)) = other {
                let message = format!("the table is dropped here, and changed by “{}”", other.change.title());
                problems.push(
                    Problem::at(&wish.script.text, atom.span.clone(), message)
                        .hint("Leave one of the two out, or plan them one after the other."),
                );
            }
        }
    }
    problems.extend(renamed_and_changed(wish, claims, policy));
    if policy.rename == Rename::Copy {
        problems.extend(meet::by_the_old_name(wish, claims));
    }
    if problems.is_empty() { Ok(()) } else { Err(CannotPlan { problems }) }
}

/// Every other step would have to know which of its names a table has by then.
fn renamed_and_changed(wish: &Wish, claims: &[Claim<Change>], policy: &Policy) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (number, claim) in claims.iter().enumerate() {
        for atom in claim.atoms.iter().filter_map(|a| wish.atoms.get(*a)) {
            let Part::Alter { table: from, action } = &atom.part else { continue };
            let to = match action {
                Alter::RenameTable { to } => from.sibling(&to.0),
                Alter::SetSchema { schema } => TableName { schema: schema.clone(), name: from.name.clone() },
                // The table is behind a view meanwhile.
                Alter::RenameColumn { .. } if policy.rename == Rename::View => from.clone(),
                _ => continue,
            };
            if wish.catalog.table(from).is_none() && wish.target.table(&to).is_none() {
                continue;
            }
            let names = |claim: &Claim<Change>| {
                let statements =
                    claim.atoms.iter().filter_map(|a| wish.script.statements.get(wish.atoms.get(*a)?.statement));
                let objects = statements.flat_map(|l| l.statement.objects()).map(|o| o.resolve(wish.catalog));
                claim.change.tables().into_iter().chain(objects).any(|t| t == *from || t == to)
            };
            let other = claims.iter().enumerate().find(|(n, c)| *n != number && names(c));
            if let Some((_, other)) = other {
                problems.push(
                    Problem::at(
                        &wish.script.text,
                        atom.span.clone(),
                        format!("`{from}` gets another name here, and is used by “{}”", other.change.title()),
                    )
                    .hint("Plan the two one after the other: run the first plan to its end, then plan the second."),
                );
            }
        }
    }
    problems
}

/// ALTER TABLE ONLY leaves out what hangs under the table; the recipes change the whole.
fn partly(wish: &Wish, claims: &[Claim<Change>]) -> Result<(), CannotPlan> {
    let mut problems = Vec::new();
    for claim in claims.iter().filter(|c| !matches!(c.change, Change::PassThrough(_))) {
        for atom in claim.atoms.iter().filter_map(|a| wish.atoms.get(*a)) {
            let Part::Alter { table, .. } = &atom.part else { continue };
            let statement = wish.script.statements.get(atom.statement).map(|l| &l.statement);
            let only = matches!(statement, Some(Statement::AlterTable { only: true, .. }));
            if only && wish.catalog.partitions_of(table).next().is_some() {
                let message = format!("ALTER TABLE ONLY leaves out the tables under `{table}`, and is not planned");
                problems.push(
                    Problem::at(&wish.script.text, atom.span.clone(), message)
                        .hint("Leave ONLY out to change the whole, or change the tables under it one by one."),
                );
            }
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(CannotPlan { problems }) }
}

fn script_findings(script: &Script, catalog: &Catalog) -> Vec<Finding> {
    let mut findings = gap_findings(catalog);
    if script.statements.iter().any(|l| matches!(l.statement, Statement::Transaction { .. })) {
        findings.push(Finding {
            severity: Severity::Note,
            text: "The script's own BEGIN and COMMIT are left out: the plan decides what shares a transaction."
                .to_owned(),
        });
    }
    findings.extend(super::recipe::partition::whole_partitions(script, catalog));
    for located in &script.statements {
        if let Statement::Select = located.statement {
            let text = crate::model::name::shown(&located.text).into_owned();
            findings
                .push(Finding { severity: Severity::Note, text: format!("Left out, it changes nothing: `{text}`") });
        }
        // A step whose outcome depends on the time zone, or on where bare names are looked up, sets it itself.
        if let Statement::Set { name, value, .. } = &located.statement
            && name != "timezone"
            && name != "search_path"
        {
            findings.push(Finding {
                severity: Severity::Note,
                text: format!(
                    "The script sets `{name}` to `{value}`; the plan's steps do not: they carry their own timeouts."
                ),
            });
        }
    }
    findings
}

/// What each statement of one file does, for `lint`; the run goes on with the next file. The first of each pair is the
/// statement's place in the script.
pub fn judge_file(script: &Script, run: &mut Run) -> Vec<(usize, crate::plan::AsWritten)> {
    let session = session_of(script, &run.catalog);
    let statements: Vec<(&str, &Statement)> =
        script.statements.iter().map(|l| (l.text.as_str(), &l.statement)).collect();
    run.script(&statements, &session)
}
