//! Expressions: what columns and functions they read, by the walk that PostgreSQL's share.

use super::Reading;
use super::lex::{Item, Lexer};
use crate::model::{Engine, Ident};
use crate::sql::expr::{Tongue, expression_in, renamed_in};
use crate::sql::lex::Token;
use crate::sql::statement::Expression;
use sqlparser::dialect::MySqlDialect;

static TONGUE: Tongue = Tongue { dialect: &MySqlDialect {}, grammar: &super::MARIADB, tokens };

fn tokens(sql: &str) -> Vec<Token> {
    let mut lexer = Lexer::new(sql, Reading::newest(Engine::Mariadb));
    let mut tokens: Vec<Token> = Vec::new();
    while let Some(item) = lexer.next() {
        if let Ok(Item::Token(token)) = item {
            tokens.push(token);
        }
    }
    tokens
}

/// What could be read out of `sql`, one expression of MySQL or MariaDB. Names keep their case.
pub fn expression(sql: &str) -> Expression {
    expression_in(&TONGUE, sql)
}

/// Like [`crate::sql::rename_column_in`].
pub fn rename_column_in(expr: &Expression, rename: &dyn Fn(&Ident) -> Option<String>) -> Option<String> {
    renamed_in(&TONGUE, expr, rename)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_expression_reads_and_calls() {
        for (sql, columns, functions, understood) in [
            ("concat(first, ' ', `last name`)", "first last name", "concat", true),
            ("IF(a > 1, b, \"c\")", "a b", "if", true),
            ("t.`x` * 2", "x", "", true),
            ("date_add(created, INTERVAL 1 DAY)", "created", "date_add", true),
            ("data->>'$.name'", "data", "", true),
            ("(a <=> b) and c rlike '^x' or d regexp 'y'", "a b c d", "", true),
            ("cast(json_extract(doc, '$.id') as unsigned)", "doc", "json_extract", true),
            ("`a` div 2 + b % 3", "a b", "", true),
            // Read by its words alone.
            ("a + b mod 3", "a b", "", false),
            ("CURRENT_TIMESTAMP(6)", "", "now", true),
            ("md5(concat(_utf8mb4'x', a))", "a", "md5 concat", true),
            ("case when a is null then 'x\\'y' else upper(b) end", "a b", "upper", true),
            ("json_valid(`doc`)", "doc", "json_valid", true),
        ] {
            let read = expression(sql);
            let names = read.columns.iter().map(|c| c.0.as_str()).collect::<Vec<_>>().join(" ");
            assert_eq!(
                (names.as_str(), read.functions.join(" ").as_str(), read.understood),
                (columns, functions, understood),
                "{sql}"
            );
            if understood {
                assert_eq!(rename_column_in(&read, &|_| None).as_deref(), Some(sql));
            }
        }
        let read = expression("`a` + t.a + b");
        let renamed = rename_column_in(&read, &|c| (c.as_str() == "a").then(|| "`c`".into()));
        assert_eq!(renamed.as_deref(), Some("`c` + `c` + b"));
    }
}
