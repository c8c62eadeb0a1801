//! Both sides written by the application: three releases.

use super::Shadow;
use crate::change::Refusal;
use crate::engine::emit::probe;
use crate::model::Ident;
use crate::plan::PhaseName;
use crate::plan::build::{Builder, Guarded, listed};
use crate::plan::draft::{Draft, Rank};
use crate::plan::needs::{Mark, Need, Placement, Rule, Slot};

impl Shadow<'_> {
    pub(super) fn by_app(
        &self,
        b: &mut Builder,
        extra: impl FnOnce(&mut Builder) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let table = self.table().clone();
        let news = self.new_names();
        let t = b.name(&table);
        let made =
            self.news.iter().map(|n| format!("{} = {}", b.id(&n.name), n.forward.sql)).collect::<Vec<_>>().join(", ");
        let both = Need::new(Slot::Tolerate, Placement::Fixed, &table)
            .writes(&news)
            .say(format!(
                "Write {} beside {} in every INSERT and UPDATE of `{table}`, from the same value; go on reading {}.",
                listed(&news),
                listed(&self.olds),
                listed(&self.olds)
            ))
            .shape(format!("UPDATE {t} SET {} = …, {made} WHERE …", b.ids(&self.olds)));
        b.need(both);
        let until = format!(
            " Not to be run again once a release serves that no longer writes {}: it would bring old values back.",
            listed(&self.olds)
        );
        let fill = self.fill(b, self.outdated(b), Guarded::Yes, &until);
        b.rule(Rule::Older {
            than: Slot::Tolerate,
            from: Mark::After(fill),
            because: format!(
                "writes {} of `{table}` only, so {} would go out of date",
                listed(&self.olds),
                listed(&news)
            ),
        });
        extra(b)?;
        self.strict_news(b);
        self.agree(b);
        let uses = Need::new(Slot::Use, Placement::Fixed, &table).reads(&news).stops_reading(&self.olds).say(format!(
            "Read {} of `{table}` instead of {}; go on writing both.",
            listed(&news),
            listed(&self.olds)
        ));
        b.need(self.hints(b, uses));
        b.need(
            Need::new(Slot::Unused, Placement::Fixed, &table)
                .stops_writing(&self.olds)
                .say(format!("No longer write {} of `{table}`.", listed(&self.olds))),
        );
        self.relax(b);
        self.stale_after(b, Mark::Deployed(Slot::Unused));
        let defaults: Vec<String> = self
            .news
            .iter()
            .filter_map(|n| n.default.as_ref().map(|d| (n, d)))
            .map(|(n, default)| format!("ALTER TABLE {t} ALTER COLUMN {} SET DEFAULT {default}", b.id(&n.name)))
            .collect();
        if !defaults.is_empty() {
            let named: Vec<Ident> = self.news.iter().filter(|n| n.default.is_some()).map(|n| n.name.clone()).collect();
            let undo = named.iter().map(|n| format!("ALTER TABLE {t} ALTER COLUMN {} DROP DEFAULT", b.id(n))).collect();
            let done = named.first().map(|n| probe::default_changed(&table, n, None)).unwrap_or_default();
            b.push(
                Draft::sql(PhaseName::Settle, Rank::SetDefault, format!("Set the default of {}", listed(&named)), defaults, b.brief())
                    .why("Only now: earlier, a writer that leaves the new column out would have got the default instead of its own value.")
                    .on(&table)
                    .undo(b.undo_sql(undo, "Catalog only; brief lock."))
                    .done(done),
            );
        }
        self.drop_olds(b);
        Ok(())
    }
}
