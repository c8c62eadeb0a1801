//! `DROP INDEX x; CREATE INDEX x …`: another definition under the same name, without a moment in which neither is there.

use super::create_index;
use super::form::Spec;
use super::recipe::index::{NewIndex, Unique, swap_in};
use super::wish::{Claim, Wish};
use super::{Kind, Refusal, created_here, drop_index};
use crate::model::{Ident, TableKind, TableName};
use crate::plan::build::Builder;
use crate::sql::{self, Statement};

#[derive(Debug, Clone, PartialEq)]
pub struct ReplaceIndex {
    table: TableName,
    name: Ident,
    index: sql::CreateIndex,
}

impl Kind for ReplaceIndex {
    const NAME: &'static str = "replace-index";
    const TITLE: &'static str = "Replace an index by another of the same name";
    const FORMS: &'static [Spec] = &[(
        "",
        "DROP INDEX {index:index=reviews_stars_idx};\nCREATE INDEX {index} ON {table:table=reviews} ({columns:keys=stars, user_id});",
    )];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        let mut claims = Vec::new();
        for (dropped, statement) in wish.statements() {
            let Statement::DropIndex { names, cascade: false, .. } = statement else { continue };
            let [name] = names.as_slice() else { continue };
            let Some((table, old)) = wish.catalog.index_owner(name.schema.as_ref(), &name.name) else { continue };
            for (made, statement) in wish.statements() {
                let Statement::CreateIndex(index) = statement else { continue };
                let same = index.name.as_ref() == Some(&old.name) && index.table.resolve(wish.catalog) == table.name;
                if same && made > dropped {
                    let change = Self { table: table.name.clone(), name: old.name.clone(), index: index.clone() };
                    claims.push(Claim { atoms: vec![dropped, made], change });
                }
            }
        }
        claims
    }

    fn title(&self) -> String {
        format!("Replace index `{}` of `{}`", self.name, self.table)
    }

    fn tables(&self) -> Vec<TableName> {
        vec![self.table.clone()]
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let table = b.catalog.table(&self.table).ok_or_else(|| created_here(&self.table))?;
        let old = table.index(&self.name).ok_or_else(|| created_here(&self.table))?.clone();
        drop_index::allowed(b, table, &old)?;
        if table.kind == TableKind::Partitioned {
            return Err(Refusal::new(
                format!(
                    "`{}` is an index of the partitioned table `{}`: its parts cannot be exchanged under one name",
                    self.name, self.table
                ),
                "Give the new index a name of its own, and drop the old one in the same script: both are planned.",
            ));
        }
        create_index::possible(b, table, &self.index)?;
        let unique = if self.index.unique { Unique::Yes } else { Unique::No };
        if unique == Unique::Yes {
            create_index::duplicates(b, &self.table, &self.index);
        }
        let new = NewIndex {
            name: b.fresh(&self.table, &[self.name.as_str(), "new"]),
            unique,
            definition: self.index.definition.clone(),
            why: format!("Built under another name: until it is ready, `{}` serves as it is.", self.name),
        };
        swap_in(b, table, &old, &new)?;
        Ok("online: built beside the old one, then the names change".to_owned())
    }
}
