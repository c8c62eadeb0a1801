//! Rails: ActiveRecord alone, by the class that `bin/rails db:migrate` calls. The gem strong_migrations cannot be had from a
//! registry here: its word `safety_assured` is stood in for, and everything outside of it is refused as the gem would.

use super::{Migrator, Project};
use std::process::Command;

pub struct Rails {
    strong: bool,
}
pub static TOOL: Rails = Rails { strong: false };
pub const STRONG: Rails = Rails { strong: true };

const MIGRATE: &str = r#"
require "active_record"
ActiveRecord::Base.establish_connection(ENV.fetch("DATABASE"))
if ENV["STRONG"]
  ActiveRecord::Migration.prepend(Module.new do
    def safety_assured
      before, @assured = @assured, true
      yield
    ensure
      @assured = before
    end

    def execute(*)
      raise "Dangerous operation detected #strong_migrations" unless @assured
      super
    end
  end)
end
context = ActiveRecord::MigrationContext.new("db/migrate", ActiveRecord::SchemaMigration)
case ARGV[0]
when "up" then context.migrate
when "down" then context.rollback(1)
end
"#;

impl Migrator for Rails {
    fn format(&self) -> &'static str {
        if self.strong { "rails-strong_migrations" } else { "rails" }
    }
    fn folder(&self) -> &'static str {
        "db/migrate"
    }
    fn prepare(&self, project: &Project) {
        project.write("migrate.rb", MIGRATE);
        let team = "class AddTeam < ActiveRecord::Migration[6.0]\n  def up; end\n\n  def down; end\nend\n";
        project.write("db/migrate/20250101000000_add_team.rb", team);
    }
    fn up(&self, project: &Project) -> Command {
        self.ruby(project, "up")
    }
    fn down(&self, project: &Project) -> Option<Command> {
        Some(self.ruby(project, "down"))
    }
    fn forget_on_mysql(&self, _project: &Project) -> String {
        "DELETE FROM schema_migrations ORDER BY version DESC LIMIT 1".to_owned()
    }
    fn own_tables(&self) -> &'static [&'static str] {
        &["schema_migrations", "ar_internal_metadata"]
    }
}

impl Rails {
    fn ruby(&self, project: &Project, what: &str) -> Command {
        let mut command = project.command("ruby");
        command
            .args(["migrate.rb", what])
            .env("DATABASE", project.url().replace("postgres://", "postgresql://").replace("mysql://", "mysql2://"));
        if self.strong {
            command.env("STRONG", "yes");
        }
        command
    }
}
