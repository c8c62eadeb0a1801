//! What is said of a table as a whole: options, comment, character set, rebuilds; and what no recipe plans.

use super::On;
use super::alter::{Piece, alter};
use super::column::way_told;
use crate::change::Refusal;
use crate::engine::emit::mysql::probe::Ask;
use crate::engine::emit::mysql::{id, literal};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::{PhaseName, Severity, Undo};
use crate::sql::mysql::statement::{Action, Spec};

/// Options that `information_schema` shows, and the way back.
pub fn other(b: &mut Builder, on: On, spec: &Spec) -> Result<String, Refusal> {
    let (table, ask) = (on.name().clone(), Ask(on.before));
    let words = on.table.mysql.as_deref();
    let (done, back, title) = match &spec.action {
        Action::Option { name, value } => {
            let bare = value.trim().trim_matches('\'').to_owned();
            match name.as_str() {
                "comment" => (
                    Some(ask.table_where(&table, &format!("TABLE_COMMENT = {}", literal(&bare)))),
                    Some(format!("COMMENT = {}", literal(on.table.comment.as_deref().unwrap_or("")))),
                    format!("Comment of `{table}`"),
                ),
                "engine" => (
                    Some(ask.table_where(&table, &format!("UPPER(ENGINE) = {}", literal(&bare.to_uppercase())))),
                    words.map(|m| format!("ENGINE = {}", m.engine)),
                    format!("`{table}` is kept by the engine {bare}"),
                ),
                "row_format" => (
                    Some(ask.table_where(&table, &format!("UPPER(ROW_FORMAT) = {}", literal(&bare.to_uppercase())))),
                    words.filter(|m| !m.row_format.is_empty()).map(|m| format!("ROW_FORMAT = {}", m.row_format)),
                    format!("`{table}` gets the row format {bare}"),
                ),
                "auto_increment" => {
                    b.finding(
                        Severity::Note,
                        format!(
                            "The server never sets the counter of `{table}` below the largest value that is there."
                        ),
                    );
                    // MySQL 8.0 tells the counter as it was up to a day ago.
                    return as_written(b, on, &spec.text);
                }
                _ => (None, None, format!("`{table}`: {}", super::names::brief(&spec.text).replace('`', "'"))),
            }
        }
        Action::Force => (None, None, format!("Rebuild `{table}`")),
        _ => (None, None, format!("`{table}`: {}", super::names::brief(&spec.text).replace('`', "'"))),
    };
    // ENGINE=InnoDB on a table that is InnoDB rebuilds it, and nothing tells afterwards.
    let same = match &spec.action {
        Action::Option { name, value } if name == "engine" => {
            words.is_some_and(|m| m.engine.eq_ignore_ascii_case(value.trim().trim_matches('\'')))
        }
        _ => false,
    };
    let Some(done) = done.filter(|_| !same) else { return as_written(b, on, &spec.text) };
    let because = if back.is_some() { "Puts the old setting back." } else { "The old setting is not known." };
    let (_, way) = alter(
        b,
        on,
        Piece {
            phase: PhaseName::Migrate,
            rank: Rank::Other,
            spec: spec.text.clone(),
            back,
            because: because.to_owned(),
            done,
            title,
            why: "A setting of the table.".to_owned(),
        },
    )?;
    Ok(way_told(&way))
}

/// No question tells whether it is done: a rebuild leaves the table as it was.
pub fn as_written(b: &mut Builder, on: On, text: &str) -> Result<String, Refusal> {
    let table = on.name().clone();
    let name = b.name(&table);
    let specs = [text.to_owned()];
    let way = super::way::best(b, on.before, &name, &specs)?;
    if way.blocks && b.direct(on.table).is_none() && b.policy.strategy != crate::plan::Strategy::Direct {
        b.finding(
            Severity::Danger,
            format!(
                "This is not planned online and blocks writes of `{table}` while it works: `{}`",
                super::names::brief(text).replace('`', "'")
            ),
        );
    }
    let mut draft = Draft::alone(
        PhaseName::Migrate,
        Rank::Other,
        format!("`{table}`: {}", super::names::brief(text).replace('`', "'")),
        super::way::statement(&name, &specs, &way.clauses),
        super::alter::timeouts(b, &way),
    )
    .why("It stands here as it was written; nothing in the database tells whether it was done, so it runs again when its file does.")
    .on(&table)
    .watch("Who stands in the way", b.dialect().speech().lock_holders(&b.catalog.server, &table));
    draft.undo = match text.to_uppercase().as_str() {
        "FORCE" | "ENGINE=INNODB" | "ENGINE = INNODB" | "ENGINE INNODB" => {
            Undo::Nothing { because: "A rebuild changes no structure.".to_owned() }
        }
        counter if counter.starts_with("AUTO_INCREMENT") => {
            Undo::Nothing { because: "The numbers in between are never used; that does no harm.".to_owned() }
        }
        _ => Undo::PointOfNoReturn { because: "No way back is known.".to_owned() },
    };
    b.push(draft);
    Ok(way_told(&way))
}

/// CONVERT TO CHARACTER SET copies the table with writes blocked.
pub fn convert(b: &mut Builder, on: On, spec: &Spec) -> Result<String, Refusal> {
    let (table, ask) = (on.name().clone(), Ask(on.before));
    let Action::ConvertCharset { charset, collation, .. } = &spec.action else { return as_written(b, on, &spec.text) };
    let old = on.table.mysql.as_deref().map(|m| m.collation.clone()).unwrap_or_default();
    let old_charset = old.split('_').next().unwrap_or("").to_owned();
    b.finding(
        Severity::Warning,
        format!("A text of `{table}` that is compared with one of another character set or collation makes no use of its index until both are converted: convert tables that are joined together."),
    );
    let done = match collation {
        Some(collation) => ask.table_where(&table, &format!("TABLE_COLLATION = {}", literal(collation))),
        None => ask.table_where(&table, &format!("TABLE_COLLATION LIKE {}", literal(&format!("{charset}\\_%")))),
    };
    // A text of more bytes to a character may become the next larger type; converted back it would stay that.
    let name = b.name(&table);
    let converted = super::alter::after(on.before, &format!("ALTER TABLE {name} {}", spec.text));
    let grown = converted.as_ref().and_then(|c| c.table(&table)).is_some_and(|after| {
        let other = |c: &crate::model::Column| after.column(&c.name).is_some_and(|a| a.data_type != c.data_type);
        on.table.columns.iter().any(other)
    });
    let texts = on.table.columns.iter().filter(|c| c.mysql.as_deref().is_some_and(|m| m.charset.is_some()));
    let each: Vec<String> = texts
        .map(|c| format!("MODIFY COLUMN {} {}", id(&c.name), super::spell::spelled(c, c.mysql.as_deref())))
        .collect();
    let back = (!old.is_empty()).then(|| match grown {
        // Beside a CONVERT, MySQL does not listen to a MODIFY of the type.
        true => format!("{}, DEFAULT CHARACTER SET {old_charset} COLLATE {old}", each.join(", ")),
        false => format!("CONVERT TO CHARACTER SET {old_charset} COLLATE {old}"),
    });
    let (_, way) = alter(
        b,
        on,
        Piece {
            phase: PhaseName::Migrate,
            rank: Rank::Other,
            spec: spec.text.clone(),
            back,
            because: "Converts it back; characters that the old set does not have stop it.".to_owned(),
            done,
            title: format!("Convert `{table}` to {charset}"),
            why: "Every text of every row is written anew.".to_owned(),
        },
    )?;
    Ok(way_told(&way))
}
