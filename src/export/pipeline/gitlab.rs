//! A pipeline for GitLab CI. GitLab expands `$NAME` in many values: whatever comes from a plan stands in comments.

use super::super::layout::MARK;
use super::super::yaml::comment;
use super::super::{ExportError, ExportOptions, FileSet, FormatInfo};
use super::Runner;
use super::stages::Stage;
use crate::plan::Plan;
use std::fmt::Write;

pub(in super::super) const INFO: FormatInfo = FormatInfo {
    name: "gitlab-ci",
    title: "Pipeline for GitLab CI",
    traits: &[
        "runs the psql files, or a migration tool beside it",
        "rehearses on a clone or shadow",
        "manual, protected contract part",
    ],
    ran: "the published schema; its script against servers",
};

const HEAD: &str = include_str!("../../../assets/templates/gitlab-ci.yml");
const HEAD_TOOL: &str = include_str!("../../../assets/templates/gitlab-ci-tool.yml");

pub(in super::super) fn files(plan: &Plan, options: &ExportOptions) -> Result<FileSet, ExportError> {
    super::files(plan, options, "gitlab-ci.yml", pipeline)
}

fn pipeline(plan: &Plan, stages: &[Stage<'_>], runner: Runner) -> String {
    let tool = runner == Runner::Tool;
    let mut out = comment(&format!("{MARK}{}: its pipeline for GitLab CI", plan.id));
    out.push_str(&comment(&plan.title));
    out.push_str(if tool { HEAD_TOOL } else { HEAD });
    let mut columns = vec!["check".to_owned(), "rehearse".to_owned()];
    for stage in stages {
        columns.extend(stage.deploys.iter().map(|r| deploy(r)));
        columns.extend(promoted(stage, tool).map(|name| format!("promote_{name}")));
        columns.push(stage.name.clone());
    }
    let _ = write!(
        out,
        "stages: [{}]\n\nvariables:\n  MIGRATION_DIR: migrations/sidestep-{id}\n\n.sidestep:\n  # Any image with bash, git and psql{tools}.\n  \
         image: postgres:17\n  before_script:\n    - command -v sidestep || bash -c \"$SIDESTEP_INSTALL\"\n{install}\n\
         check:\n  extends: .sidestep\n  stage: check\n  variables:\n    GIT_DEPTH: \"0\"\n  rules: &always\n    \
         - if: $CI_PIPELINE_SOURCE == \"merge_request_event\"\n    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH\n  script:\n    \
         - bash \"$MIGRATION_DIR/pipeline.sh\" verify\n    - bash \"$MIGRATION_DIR/pipeline.sh\" lint \"${{CI_MERGE_REQUEST_DIFF_BASE_SHA:-}}\"\n\n\
         rehearse:\n  stage: rehearse\n  {image}\n  rules: *always\n  services:\n    - name: postgres:{major}\n      alias: shadow\n  variables:\n    \
         POSTGRES_PASSWORD: shadow\n  script:\n    \
         - export PGHOST=\"${{CLONE_PGHOST:-shadow}}\" PGDATABASE=\"${{CLONE_PGDATABASE:-postgres}}\"\n    \
         - export PGUSER=\"${{CLONE_PGUSER:-postgres}}\" PGPASSWORD=\"${{CLONE_PGPASSWORD:-shadow}}\"\n{tls}    \
         - if [ -z \"${{CLONE_PGHOST:-}}\" ]{dump}; then psql -X -q -v ON_ERROR_STOP=1 -f \"${{SHADOW_SCHEMA:-schema.sql}}\"; fi\n    \
         - bash \"$MIGRATION_DIR/pipeline.sh\" rehearse\n",
        columns.join(", "),
        tools = if tool { ", and whatever MIGRATE_INSTALL needs" } else { "" },
        install =
            if tool { "    - if [ -n \"${MIGRATE_INSTALL:-}\" ]; then bash -c \"$MIGRATE_INSTALL\"; fi\n" } else { "" },
        image = if tool { "extends: .sidestep" } else { "image: postgres:17" },
        // Drivers differ in what they try by themselves; without a dump the tool makes the schema from nothing.
        tls = if tool {
            "    - export PGSSLMODE=\"${CLONE_PGHOST:+${CLONE_PGSSLMODE:-require}}\" PGPORT=\"${CLONE_PGPORT:-5432}\"\n    - export PGSSLMODE=\"${PGSSLMODE:-disable}\"\n"
        } else {
            ""
        },
        dump = if tool { " && [ -n \"${SHADOW_SCHEMA:-}\" ]" } else { "" },
        id = plan.id,
        major = plan.server.version.major
    );
    for stage in stages {
        if !stage.after.is_empty() {
            let _ = write!(out, "\n{}", comment(&format!("before {}, in this order:", stage.name)));
            stage.after.iter().for_each(|line| out.push_str(&comment(&format!("- {line}"))));
        }
        for release in &stage.deploys {
            let _ = write!(
                out,
                "\n{job}:\n  stage: {job}\n  extends: .sidestep\n  environment:\n    name: release\n  variables:\n    RELEASE: \"{release}\"\n  \
                 rules: &by_hand\n    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH\n      when: manual\n  allow_failure: false\n  script:\n    \
                 - if [ -n \"${{DEPLOY_COMMAND:-}}\" ]; then bash -c \"$DEPLOY_COMMAND\"; else echo \"$GITLAB_USER_LOGIN says that $RELEASE is deployed everywhere.\"; fi\n",
                job = deploy(release)
            );
        }
        if let Some(name) = promoted(stage, tool) {
            let _ = write!(
                out,
                "\npromote_{name}:\n  stage: promote_{name}\n  extends: .sidestep\n  variables:\n    MERGE_REQUEST_TO: $CI_DEFAULT_BRANCH\n  \
                 rules:\n    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH\n      when: manual\n  allow_failure: false\n  script:\n    \
                 - export PUSH_TO=\"https://sidestep:$SIDESTEP_TOKEN@$CI_SERVER_HOST/$CI_PROJECT_PATH.git\"\n    \
                 - bash \"$MIGRATION_DIR/pipeline.sh\" promote {name} sidestep-{id}-{name}\n",
                id = plan.id
            );
        }
        out.push('\n');
        let environment = if stage.destructive { "database-contract" } else { "database" };
        let _ = write!(
            out,
            "{name}:\n  stage: {name}\n  extends: .sidestep\n  environment:\n    name: {environment}\n  resource_group: database\n  interruptible: false\n  \
             rules:\n    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH\n      when: manual\n  allow_failure: false\n  script:\n    \
             - bash \"$MIGRATION_DIR/pipeline.sh\" verify\n    - bash \"$MIGRATION_DIR/pipeline.sh\" stage {name}\n",
            name = stage.name
        );
    }
    out.replace(": &by_hand\n", ":\n")
}

/// The name of a stage whose migrations have to be proposed first.
fn promoted<'s>(stage: &'s Stage<'_>, tool: bool) -> Option<&'s str> {
    (tool && !stage.after.is_empty()).then_some(stage.name.as_str())
}

fn deploy(release: &str) -> String {
    format!("deploy_{}", release.to_lowercase().replace(['.', '-'], "_"))
}
