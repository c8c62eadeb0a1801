//! The walk over sqlparser's expression tree: which columns, where, which functions. A form it does not know makes the
//! expression "not understood" instead of half read.

use sqlparser::ast::{
    AccessExpr, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentClause, FunctionArguments, Ident as Name,
    ObjectName, ObjectNamePart, Subscript, WindowType,
};

#[derive(Default)]
pub(super) struct Walk<'e> {
    /// Column references, each with all its parts.
    pub columns: Vec<&'e [Name]>,
    pub functions: Vec<String>,
    pub subquery: bool,
    /// A form that the walk does not know.
    pub unknown: bool,
}

impl<'e> Walk<'e> {
    fn all(&mut self, list: impl IntoIterator<Item = &'e Expr>) {
        for expr in list {
            self.expr(expr);
        }
    }

    fn calls(&mut self, name: &str) {
        if !self.functions.iter().any(|f| f == name) {
            self.functions.push(name.to_owned());
        }
    }

    pub fn expr(&mut self, expr: &'e Expr) {
        match expr {
            // Written without parentheses, and no columns.
            Expr::Identifier(name)
                if name.quote_style.is_none() && BARE.iter().any(|f| name.value.eq_ignore_ascii_case(f)) =>
            {
                self.calls(&name.value.to_ascii_lowercase());
            }
            Expr::Identifier(name) => self.columns.push(std::slice::from_ref(name)),
            Expr::CompoundIdentifier(parts) => self.columns.push(parts),
            Expr::Value(_) | Expr::TypedString(_) => {}
            Expr::IsFalse(e)
            | Expr::IsNotFalse(e)
            | Expr::IsTrue(e)
            | Expr::IsNotTrue(e)
            | Expr::IsNull(e)
            | Expr::IsNotNull(e)
            | Expr::IsUnknown(e)
            | Expr::IsNotUnknown(e)
            | Expr::Nested(e)
            | Expr::UnaryOp { expr: e, .. }
            | Expr::Cast { expr: e, .. }
            | Expr::Collate { expr: e, .. }
            | Expr::IsNormalized { expr: e, .. }
            | Expr::IsJson { expr: e, .. } => self.expr(e),
            Expr::IsDistinctFrom(a, b)
            | Expr::IsNotDistinctFrom(a, b)
            | Expr::BinaryOp { left: a, right: b, .. }
            | Expr::AnyOp { left: a, right: b, .. }
            | Expr::AllOp { left: a, right: b, .. } => self.all([a.as_ref(), b.as_ref()]),
            Expr::InList { expr, list, .. } => {
                self.expr(expr);
                self.all(list);
            }
            Expr::InSubquery { expr, .. } => {
                self.subquery = true;
                self.expr(expr);
            }
            Expr::Exists { .. } | Expr::Subquery(_) => self.subquery = true,
            Expr::Between { expr, low, high, .. } => self.all([expr.as_ref(), low.as_ref(), high.as_ref()]),
            Expr::Like { expr, pattern, escape_char, .. }
            | Expr::ILike { expr, pattern, escape_char, .. }
            | Expr::SimilarTo { expr, pattern, escape_char, .. } => {
                self.all([expr.as_ref(), pattern.as_ref()]);
                self.all(escape_char.as_deref());
            }
            Expr::RLike { expr, pattern, .. } => self.all([expr.as_ref(), pattern.as_ref()]),
            Expr::MemberOf(member) => self.all([member.value.as_ref(), member.array.as_ref()]),
            Expr::Prefixed { value, .. } => self.expr(value),
            Expr::Convert { expr, .. } => {
                self.calls("convert");
                self.expr(expr);
            }
            Expr::AtTimeZone { timestamp, time_zone } => {
                self.calls("timezone");
                self.all([timestamp.as_ref(), time_zone.as_ref()]);
            }
            Expr::Extract { expr, .. } => {
                self.calls("extract");
                self.expr(expr);
            }
            Expr::Ceil { expr, .. } => {
                self.calls("ceil");
                self.expr(expr);
            }
            Expr::Floor { expr, .. } => {
                self.calls("floor");
                self.expr(expr);
            }
            Expr::Position { expr, r#in } => {
                self.calls("position");
                self.all([expr.as_ref(), r#in.as_ref()]);
            }
            Expr::Substring { expr, substring_from, substring_for, .. } => {
                self.calls("substring");
                self.expr(expr);
                self.all(substring_from.as_deref());
                self.all(substring_for.as_deref());
            }
            Expr::Trim { trim_where, trim_what, expr, trim_characters } => {
                use sqlparser::ast::TrimWhereField::{Leading, Trailing};
                self.calls(match trim_where {
                    Some(Leading) => "ltrim",
                    Some(Trailing) => "rtrim",
                    _ => "btrim",
                });
                self.all(trim_what.as_deref());
                self.expr(expr);
                self.all(trim_characters.iter().flatten());
            }
            Expr::Overlay { expr, overlay_what, overlay_from, overlay_for } => {
                self.calls("overlay");
                self.all([expr.as_ref(), overlay_what.as_ref(), overlay_from.as_ref()]);
                self.all(overlay_for.as_deref());
            }
            Expr::Case { operand, conditions, else_result, .. } => {
                self.all(operand.as_deref());
                for when in conditions {
                    self.all([&when.condition, &when.result]);
                }
                self.all(else_result.as_deref());
            }
            Expr::Tuple(list) => self.all(list),
            Expr::Array(array) => self.all(&array.elem),
            Expr::Interval(interval) => self.expr(&interval.value),
            Expr::CompoundFieldAccess { root, access_chain } => {
                self.expr(root);
                for access in access_chain {
                    self.access(access);
                }
            }
            Expr::Function(function) => self.function(function),
            _ => self.unknown = true,
        }
    }

    fn access(&mut self, access: &'e AccessExpr) {
        match access {
            // A field of a row value is no column of the table.
            AccessExpr::Dot(Expr::Identifier(_)) => {}
            AccessExpr::Dot(_) => self.unknown = true,
            AccessExpr::Subscript(Subscript::Index { index }) => self.expr(index),
            AccessExpr::Subscript(Subscript::Slice { lower_bound, upper_bound, stride }) => {
                self.all(lower_bound);
                self.all(upper_bound);
                self.all(stride);
            }
        }
    }

    fn function(&mut self, function: &'e Function) {
        match function_name(&function.name) {
            Some(name) => match name.as_str() {
                // Grammar, not functions.
                "coalesce" | "nullif" | "greatest" | "least" | "row" | "array" => {}
                "current_timestamp" | "current_date" | "current_time" | "localtime" | "localtimestamp" => {
                    self.calls("now")
                }
                "trim" => self.calls("btrim"),
                "ceiling" => self.calls("ceil"),
                other => self.calls(other),
            },
            None => self.unknown = true,
        }
        for arguments in [&function.parameters, &function.args] {
            match arguments {
                FunctionArguments::None => {}
                FunctionArguments::Subquery(_) => self.subquery = true,
                FunctionArguments::List(list) => {
                    for argument in &list.args {
                        let (FunctionArg::Named { arg, .. }
                        | FunctionArg::ExprNamed { arg, .. }
                        | FunctionArg::Unnamed(arg)) = argument;
                        match arg {
                            FunctionArgExpr::Expr(expr) => self.expr(expr),
                            FunctionArgExpr::Wildcard => {}
                            _ => self.unknown = true,
                        }
                    }
                    for clause in &list.clauses {
                        match clause {
                            FunctionArgumentClause::OrderBy(keys) => self.all(keys.iter().map(|k| &k.expr)),
                            _ => self.unknown = true,
                        }
                    }
                }
            }
        }
        self.all(function.filter.as_deref());
        self.all(function.within_group.iter().map(|k| &k.expr));
        match &function.over {
            None => {}
            Some(WindowType::NamedWindow(_)) => self.unknown = true,
            Some(WindowType::WindowSpec(spec)) => {
                self.all(&spec.partition_by);
                self.all(spec.order_by.iter().map(|k| &k.expr));
            }
        }
    }
}

const BARE: &[&str] =
    &["current_schema", "current_catalog", "current_role", "current_user", "session_user", "system_user", "user"];

fn function_name(name: &ObjectName) -> Option<String> {
    match name.0.last()? {
        ObjectNamePart::Identifier(ident) if ident.quote_style.is_some() => Some(ident.value.clone()),
        ObjectNamePart::Identifier(ident) => Some(ident.value.to_ascii_lowercase()),
        ObjectNamePart::Function(_) => None,
    }
}
