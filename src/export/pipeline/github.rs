//! A workflow for GitHub Actions. Expressions are ours alone: whatever comes from a plan stands in comments.

use super::super::layout::MARK;
use super::super::yaml::comment;
use super::super::{ExportError, ExportOptions, FileSet, FormatInfo};
use super::Runner;
use super::stages::Stage;
use crate::plan::Plan;
use std::fmt::Write;

pub(in super::super) const INFO: FormatInfo = FormatInfo {
    name: "github-actions",
    title: "Pipeline for GitHub Actions",
    traits: &[
        "runs the psql files, or a migration tool beside it",
        "rehearses on a clone or shadow",
        "reviewers before the contract part",
    ],
    ran: "actionlint 1.7 and the published schema; its script against servers",
};

const HEAD: &str = include_str!("../../../assets/templates/github-actions.yml");

const HEAD_TOOL: &str = include_str!("../../../assets/templates/github-actions-tool.yml");

const CHECKOUT_ACTION: &str = "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2";

const CHECKOUT: &str = "      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2\n        with:\n          persist-credentials: false\n";

pub(in super::super) fn files(plan: &Plan, options: &ExportOptions) -> Result<FileSet, ExportError> {
    super::files(plan, options, "github-actions.yml", workflow)
}

fn workflow(plan: &Plan, stages: &[Stage<'_>], runner: Runner) -> String {
    let mut out = comment(&format!("{MARK}{}: its pipeline for GitHub Actions", plan.id));
    out.push_str(&comment(&plan.title));
    let mut names: Vec<&str> = stages.iter().map(|s| s.name.as_str()).collect();
    let (head, input, about) = match runner {
        Runner::Psql => (HEAD, "from", "The first stage to run"),
        Runner::Tool => (HEAD_TOOL, "stage", "The stage to run; what prepares the next one follows"),
    };
    // The tool's first stage may have to be promoted too.
    if runner == Runner::Tool && stages.first().is_some_and(|s| !s.after.is_empty()) {
        names.insert(0, BEGIN);
    }
    out.push_str(head);
    let first = names.first().copied().unwrap_or("expand");
    let _ = write!(
        out,
        "name: sidestep {id}\non:\n  pull_request:\n    paths: [\"**.sql\", \"**/sidestep.json\"]\n  workflow_dispatch:\n    inputs:\n      {input}:\n        \
         description: {about}\n        type: choice\n        default: {first}\n        options: [{}]\n\
         permissions:\n  contents: read\nconcurrency:\n  group: sidestep-{id}-${{{{ github.event_name }}}}-${{{{ github.head_ref }}}}\n  cancel-in-progress: false\n\
         defaults:\n  run:\n    shell: bash\nenv:\n  MIGRATION_DIR: migrations/sidestep-{id}\n",
        names.join(", "),
        id = plan.id
    );
    if runner == Runner::Tool {
        out.push_str("  MIGRATE_COMMAND: ${{ vars.MIGRATE_COMMAND }}\n");
    }
    out.push_str("jobs:\n");
    check(&mut out);
    rehearse(&mut out, plan, runner);
    match runner {
        Runner::Psql => one_run(&mut out, stages, &names),
        Runner::Tool => a_run_for_each(&mut out, plan, stages),
    }
    out
}

const BEGIN: &str = "begin";

/// A run goes from the chosen stage to the end, waiting at each environment.
fn one_run(out: &mut String, stages: &[Stage<'_>], names: &[&str]) {
    let mut before = "rehearse".to_owned();
    for (at, stage) in stages.iter().enumerate() {
        // Stages before the chosen one are left out, those behind it follow.
        let from = names.get(..=at).unwrap_or(names).iter().map(|n| format!("\"{n}\"")).collect::<Vec<_>>().join(", ");
        let due = due(&format!("contains(fromJSON('[{from}]'), inputs.from)"));
        conditions(out, stage);
        for release in &stage.deploys {
            before = deploy(out, release, &before, &due);
        }
        apply(out, stage, &before, &due, "");
        before.clone_from(&stage.name);
    }
}

/// A run is for one stage: behind it the deploys for the next one, and the pull request that puts its migrations into the
/// tool's folder. Merging that is its approval; the next run is started then.
fn a_run_for_each(out: &mut String, plan: &Plan, stages: &[Stage<'_>]) {
    let mut chosen = BEGIN;
    let mut before = "rehearse".to_owned();
    for stage in stages {
        conditions(out, stage);
        if !stage.after.is_empty() {
            let due = due(&format!("inputs.stage == '{chosen}'"));
            for release in &stage.deploys {
                before = deploy(out, release, &before, &due);
            }
            let _ = write!(
                out,
                "\n  promote_{name}:\n    needs: [{before}]\n{due}    runs-on: ubuntu-latest\n    permissions:\n      contents: write\n      \
                 pull-requests: write\n    env:\n      BRANCH: sidestep-{id}-{name}\n    steps:\n      - uses: {CHECKOUT_ACTION}\n        with:\n          \
                 token: ${{{{ secrets.SIDESTEP_TOKEN || github.token }}}}\n{INSTALL}      - name: Propose the migrations of the stage\n        env:\n          \
                 GH_TOKEN: ${{{{ secrets.SIDESTEP_TOKEN || github.token }}}}\n          BASE: ${{{{ github.ref_name }}}}\n        run: |\n          \
                 bash \"$MIGRATION_DIR/pipeline.sh\" promote {name} \"$BRANCH\" 2>&1 | tee \"$RUNNER_TEMP/said\"\n          \
                 if git ls-remote --exit-code origin \"refs/heads/$BRANCH\" && ! gh pr view \"$BRANCH\"; then\n            \
                 gh pr create --base \"$BASE\" --head \"$BRANCH\" --title \"sidestep {id}: stage {name}\" --body-file \"$RUNNER_TEMP/said\"\n          fi\n",
                name = stage.name,
                id = plan.id
            );
        }
        let due = due(&format!("inputs.stage == '{}'", stage.name));
        apply(out, stage, "rehearse", &due, INSTALL_TOOL);
        chosen = &stage.name;
        before.clone_from(&stage.name);
    }
}

fn due(chosen: &str) -> String {
    format!("    if: ${{{{ !cancelled() && !failure() && github.event_name == 'workflow_dispatch' && {chosen} }}}}\n")
}

fn conditions(out: &mut String, stage: &Stage<'_>) {
    if stage.after.is_empty() {
        return;
    }
    let _ = write!(out, "\n  {}", comment(&format!("before {}, in this order:", stage.name)));
    stage.after.iter().for_each(|line| {
        let _ = write!(out, "  {}", comment(&format!("- {line}")));
    });
}

/// The name of the job.
fn deploy(out: &mut String, release: &str, before: &str, due: &str) -> String {
    let job = format!("deploy_{}", release.to_lowercase().replace(['.', '-'], "_"));
    let _ = write!(
        out,
        "\n  {job}:\n    needs: [{before}]\n{due}    runs-on: ubuntu-latest\n    environment: release\n    steps:\n{CHECKOUT}      \
         - name: Deploy\n        env:\n          RELEASE: \"{release}\"\n          DEPLOY_COMMAND: ${{{{ vars.DEPLOY_COMMAND }}}}\n        \
         run: if [ -n \"$DEPLOY_COMMAND\" ]; then bash -c \"$DEPLOY_COMMAND\"; else echo \"The reviewers say that $RELEASE is deployed everywhere.\"; fi\n"
    );
    job
}

fn apply(out: &mut String, stage: &Stage<'_>, before: &str, due: &str, more: &str) {
    let environment = if stage.destructive { "database-contract" } else { "database" };
    let _ = write!(
        out,
        "\n  {name}:\n    needs: [{before}]\n{due}    runs-on: ubuntu-latest\n    timeout-minutes: 360\n    environment: {environment}\n    \
         concurrency:\n      group: database\n      cancel-in-progress: false\n    env:\n      PGHOST: ${{{{ vars.PGHOST }}}}\n      \
         PGPORT: ${{{{ vars.PGPORT || '5432' }}}}\n      PGDATABASE: ${{{{ vars.PGDATABASE }}}}\n      PGUSER: ${{{{ vars.PGUSER }}}}\n      \
         PGPASSWORD: ${{{{ secrets.PGPASSWORD }}}}\n      PGSSLMODE: ${{{{ vars.PGSSLMODE || 'require' }}}}\n    steps:\n{CHECKOUT}{INSTALL}{more}      \
         - run: bash \"$MIGRATION_DIR/pipeline.sh\" verify\n      - run: bash \"$MIGRATION_DIR/pipeline.sh\" stage {name}\n",
        name = stage.name
    );
}

const INSTALL_TOOL: &str = "      - name: Install the migration tool\n        env:\n          MIGRATE_INSTALL: ${{ vars.MIGRATE_INSTALL }}\n        \
     run: if [ -n \"$MIGRATE_INSTALL\" ]; then bash -c \"$MIGRATE_INSTALL\"; fi\n";

const INSTALL: &str = "      - name: Install sidestep\n        env:\n          SIDESTEP_INSTALL: ${{ vars.SIDESTEP_INSTALL }}\n        \
     run: command -v sidestep || bash -c \"$SIDESTEP_INSTALL\"\n";

fn check(out: &mut String) {
    let _ = write!(
        out,
        "  check:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: {CHECKOUT_ACTION}\n        \
         with:\n          persist-credentials: false\n          fetch-depth: 0\n{INSTALL}      \
         - run: bash \"$MIGRATION_DIR/pipeline.sh\" verify\n      - name: Lint the SQL of the pull request\n        env:\n          \
         SIDESTEP_CATALOG: ${{{{ vars.SIDESTEP_CATALOG }}}}\n          \
         BASE: ${{{{ github.event.pull_request.base.sha }}}}\n        run: bash \"$MIGRATION_DIR/pipeline.sh\" lint \"$BASE\"\n"
    );
}

fn rehearse(out: &mut String, plan: &Plan, runner: Runner) {
    let (tls, install, only) = match runner {
        Runner::Psql => ("", String::new(), "!vars.CLONE_PGHOST"),
        // Drivers differ in what they try by themselves; without a dump the tool makes the schema from nothing.
        Runner::Tool => (
            "      PGPORT: ${{ vars.CLONE_PGPORT || '5432' }}\n      \
             PGSSLMODE: ${{ vars.CLONE_PGHOST && (vars.CLONE_PGSSLMODE || 'require') || 'disable' }}\n",
            format!("{INSTALL}{INSTALL_TOOL}"),
            "!vars.CLONE_PGHOST && vars.SHADOW_SCHEMA",
        ),
    };
    let _ = write!(
        out,
        "\n  rehearse:\n    needs: [check]\n    runs-on: ubuntu-latest\n    timeout-minutes: 360\n    services:\n      shadow:\n        \
         image: postgres:{}\n        env:\n          POSTGRES_PASSWORD: shadow\n        ports: [\"5432:5432\"]\n        \
         options: >-\n          --health-cmd pg_isready --health-interval 2s --health-retries 30\n    env:\n      \
         PGHOST: ${{{{ vars.CLONE_PGHOST || 'localhost' }}}}\n      PGDATABASE: ${{{{ vars.CLONE_PGDATABASE || 'postgres' }}}}\n      \
         PGUSER: ${{{{ vars.CLONE_PGUSER || 'postgres' }}}}\n      PGPASSWORD: ${{{{ secrets.CLONE_PGPASSWORD || 'shadow' }}}}\n{tls}    steps:\n{CHECKOUT}{install}      \
         - name: Restore the schema into the shadow database\n        if: ${{{{ {only} }}}}\n        env:\n          \
         SHADOW_SCHEMA: ${{{{ vars.SHADOW_SCHEMA || 'schema.sql' }}}}\n        run: psql -X -q -v ON_ERROR_STOP=1 -f \"$SHADOW_SCHEMA\"\n      \
         - name: Every stage, with its time\n        run: bash \"$MIGRATION_DIR/pipeline.sh\" rehearse\n",
        plan.server.version.major
    );
}
