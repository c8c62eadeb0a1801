//! Prisma. Its native engine is a download of its own; the bundled one goes through a driver adapter, which is told to send a
//! migration as one query, as the native engine does, and to read the type `name`. On MySQL the bundled engine does not run at all.

use super::{Migrator, Project, tools};
use std::process::Command;

pub struct Prisma;
pub static TOOL: Prisma = Prisma;

const CONFIG: &str = r#"
import { defineConfig } from 'prisma/config';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';

export default defineConfig({
  experimental: { adapter: true },
  schema: 'prisma/schema.prisma',
  engine: 'js',
  adapter: async () => {
    const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 1 });
    const query = pool.query.bind(pool);
    pool.query = async (...a) => {
      const r = await query(...a);
      for (const f of r?.fields ?? []) if (f.dataTypeID === 19) f.dataTypeID = 25;
      return r;
    };
    const factory = new PrismaPg(pool, { disposeExternalPool: true });
    for (const m of ['connect', 'connectToShadowDb']) {
      const connect = factory[m].bind(factory);
      factory[m] = async () => {
        const c = await connect();
        c.executeScript = async (script) => {
          try { await pool.query(script); } catch (e) { c.onError(e); }
        };
        return c;
      };
    }
    return factory;
  },
});
"#;

impl Migrator for Prisma {
    fn format(&self) -> &'static str {
        "prisma"
    }
    fn folder(&self) -> &'static str {
        "prisma/migrations"
    }
    fn prepare(&self, project: &Project) {
        std::os::unix::fs::symlink(tools().join("prisma/node_modules"), project.path("node_modules")).unwrap();
        project.write("prisma.config.mjs", CONFIG);
        project.write(
            "prisma/schema.prisma",
            "datasource db {\n  provider = \"postgresql\"\n  url      = env(\"DATABASE_URL\")\n}\n",
        );
        project.write("prisma/migrations/20250101000000_team/migration.sql", "SELECT 1;\n");
        project.write("prisma/migrations/migration_lock.toml", "provider = \"postgresql\"\n");
        let baseline = super::run(prisma(project, &["migrate", "resolve", "--applied", "20250101000000_team"]));
        baseline.unwrap();
    }
    fn up(&self, project: &Project) -> Command {
        prisma(project, &["migrate", "deploy"])
    }
    fn recover(&self, project: &Project, said: &str) -> Vec<Command> {
        // The name stands in the error, and in P3009 of every later deploy.
        let names = std::fs::read_dir(project.path("prisma/migrations")).unwrap().flatten();
        let names = names.map(|f| f.file_name().to_string_lossy().into_owned());
        let failed = "SELECT COALESCE((SELECT migration_name FROM _prisma_migrations \
                      WHERE finished_at IS NULL AND rolled_back_at IS NULL LIMIT 1), '')";
        let failed = if said.is_empty() { String::new() } else { project.value(failed) };
        let failed = names.filter(|name| !failed.is_empty() && *name == failed);
        failed.map(|name| prisma(project, &["migrate", "resolve", "--rolled-back", &name])).collect()
    }
    fn forget(&self) -> Option<&'static str> {
        Some(
            "DELETE FROM _prisma_migrations WHERE migration_name = (SELECT max(migration_name) FROM _prisma_migrations)",
        )
    }
    fn own_tables(&self) -> &'static [&'static str] {
        &["_prisma_migrations"]
    }
}

fn prisma(project: &Project, arguments: &[&str]) -> Command {
    let mut command = project.command("prisma");
    command.args(arguments).env("DATABASE_URL", project.url());
    command
}
