//! A workflow for GitHub Actions. Expressions are ours alone: whatever comes from a plan stands in comments.

use super::super::layout::MARK;
use super::super::yaml::comment;
use super::super::{ExportError, ExportOptions, FileSet, FormatInfo};
use super::stages::Stage;
use crate::plan::Plan;
use std::fmt::Write;

pub(in super::super) const INFO: FormatInfo = FormatInfo {
    name: "github-actions",
    title: "Pipeline for GitHub Actions",
    traits: &["runs the psql files", "rehearses on a clone or shadow", "reviewers before the contract part"],
    ran: "actionlint 1.7 and the published schema; its script against servers",
};

const HEAD: &str = include_str!("../../../assets/templates/github-actions.yml");

const CHECKOUT: &str = "      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2\n        with:\n          persist-credentials: false\n";

pub(in super::super) fn files(plan: &Plan, options: &ExportOptions) -> Result<FileSet, ExportError> {
    super::files(plan, options, "github-actions.yml", workflow)
}

fn workflow(plan: &Plan, stages: &[Stage<'_>]) -> String {
    let mut out = comment(&format!("{MARK}{}: its pipeline for GitHub Actions", plan.id));
    out.push_str(&comment(&plan.title));
    out.push_str(HEAD);
    let names: Vec<&str> = stages.iter().map(|s| s.name.as_str()).collect();
    let first = names.first().copied().unwrap_or("expand");
    let _ = write!(
        out,
        "name: sidestep {id}\non:\n  pull_request:\n    paths: [\"**.sql\", \"**/sidestep.json\"]\n  workflow_dispatch:\n    inputs:\n      from:\n        \
         description: The first stage to run\n        type: choice\n        default: {first}\n        options: [{}]\n\
         permissions:\n  contents: read\nconcurrency:\n  group: sidestep-{id}-${{{{ github.event_name }}}}-${{{{ github.head_ref }}}}\n  cancel-in-progress: false\n\
         defaults:\n  run:\n    shell: bash\nenv:\n  MIGRATION_DIR: migrations/sidestep-{id}\njobs:\n",
        names.join(", "),
        id = plan.id
    );
    check(&mut out);
    rehearse(&mut out, plan);
    let mut before = "rehearse".to_owned();
    for (at, stage) in stages.iter().enumerate() {
        // Stages before the chosen one are left out, those behind it follow.
        let from = names.get(..=at).unwrap_or(&names).iter().map(|n| format!("\"{n}\"")).collect::<Vec<_>>().join(", ");
        let due = format!(
            "    if: ${{{{ !cancelled() && !failure() && github.event_name == 'workflow_dispatch' && contains(fromJSON('[{from}]'), inputs.from) }}}}\n"
        );
        if !stage.after.is_empty() {
            let _ = write!(out, "\n  {}", comment(&format!("before {}, in this order:", stage.name)));
            stage.after.iter().for_each(|line| {
                let _ = write!(out, "  {}", comment(&format!("- {line}")));
            });
        }
        for release in &stage.deploys {
            let job = format!("deploy_{}", release.to_lowercase().replace(['.', '-'], "_"));
            let _ = write!(
                out,
                "\n  {job}:\n    needs: [{before}]\n{due}    runs-on: ubuntu-latest\n    environment: release\n    steps:\n{CHECKOUT}      \
                 - name: Deploy\n        env:\n          RELEASE: \"{release}\"\n          DEPLOY_COMMAND: ${{{{ vars.DEPLOY_COMMAND }}}}\n        \
                 run: if [ -n \"$DEPLOY_COMMAND\" ]; then bash -c \"$DEPLOY_COMMAND\"; else echo \"The reviewers say that $RELEASE is deployed everywhere.\"; fi\n"
            );
            before = job;
        }
        let environment = if stage.destructive { "database-contract" } else { "database" };
        out.push('\n');
        let _ = write!(
            out,
            "  {name}:\n    needs: [{before}]\n{due}    runs-on: ubuntu-latest\n    timeout-minutes: 360\n    environment: {environment}\n    \
             concurrency:\n      group: database\n      cancel-in-progress: false\n    env:\n      PGHOST: ${{{{ vars.PGHOST }}}}\n      \
             PGPORT: ${{{{ vars.PGPORT || '5432' }}}}\n      PGDATABASE: ${{{{ vars.PGDATABASE }}}}\n      PGUSER: ${{{{ vars.PGUSER }}}}\n      \
             PGPASSWORD: ${{{{ secrets.PGPASSWORD }}}}\n      PGSSLMODE: ${{{{ vars.PGSSLMODE || 'require' }}}}\n    steps:\n{CHECKOUT}{INSTALL}      \
             - run: bash \"$MIGRATION_DIR/pipeline.sh\" verify\n      - run: bash \"$MIGRATION_DIR/pipeline.sh\" stage {name}\n",
            name = stage.name
        );
        before.clone_from(&stage.name);
    }
    out
}

const INSTALL: &str = "      - name: Install sidestep\n        env:\n          SIDESTEP_INSTALL: ${{ vars.SIDESTEP_INSTALL }}\n        \
     run: command -v sidestep || bash -c \"$SIDESTEP_INSTALL\"\n";

fn check(out: &mut String) {
    let _ = write!(
        out,
        "  check:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2\n        \
         with:\n          persist-credentials: false\n          fetch-depth: 0\n{INSTALL}      \
         - run: bash \"$MIGRATION_DIR/pipeline.sh\" verify\n      - name: Lint the SQL of the pull request\n        env:\n          \
         SIDESTEP_CATALOG: ${{{{ vars.SIDESTEP_CATALOG }}}}\n          \
         BASE: ${{{{ github.event.pull_request.base.sha }}}}\n        run: bash \"$MIGRATION_DIR/pipeline.sh\" lint \"$BASE\"\n"
    );
}

fn rehearse(out: &mut String, plan: &Plan) {
    let _ = write!(
        out,
        "\n  rehearse:\n    needs: [check]\n    runs-on: ubuntu-latest\n    timeout-minutes: 360\n    services:\n      shadow:\n        \
         image: postgres:{}\n        env:\n          POSTGRES_PASSWORD: shadow\n        ports: [\"5432:5432\"]\n        \
         options: >-\n          --health-cmd pg_isready --health-interval 2s --health-retries 30\n    env:\n      \
         PGHOST: ${{{{ vars.CLONE_PGHOST || 'localhost' }}}}\n      PGDATABASE: ${{{{ vars.CLONE_PGDATABASE || 'postgres' }}}}\n      \
         PGUSER: ${{{{ vars.CLONE_PGUSER || 'postgres' }}}}\n      PGPASSWORD: ${{{{ secrets.CLONE_PGPASSWORD || 'shadow' }}}}\n    steps:\n{CHECKOUT}      \
         - name: Restore the schema into the shadow database\n        if: ${{{{ !vars.CLONE_PGHOST }}}}\n        env:\n          \
         SHADOW_SCHEMA: ${{{{ vars.SHADOW_SCHEMA || 'schema.sql' }}}}\n        run: psql -X -q -v ON_ERROR_STOP=1 -f \"$SHADOW_SCHEMA\"\n      \
         - name: Every stage, with its time\n        run: bash \"$MIGRATION_DIR/pipeline.sh\" rehearse\n",
        plan.server.version.major
    );
}
