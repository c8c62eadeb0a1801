//! Reading: text → [`Script`] of our own statements with byte ranges. sqlparser types never leave this folder.

pub mod statement;

pub use statement::{
    Alter, AlterAction, Assignment, ColumnDef, ConstraintBody, CreateIndex, Expression, Located, ObjectName, Problem,
    Script, Statement, TableConstraint, Update,
};
