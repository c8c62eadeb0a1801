//! `job.yaml`: the backfill script as a Kubernetes Job, one for each backfill step, with the script itself in a ConfigMap.

use super::backfill::{BATCH_STATEMENT_MS, Job as Container, Part, driver};
use super::layout::MARK;
use super::yaml::{comment, literal, quoted};
use crate::plan::Plan;
use base64::{Engine, engine::general_purpose::STANDARD};
use std::fmt::Write;

/// Seconds from SIGTERM to SIGKILL: a batch may end first.
const GRACE_S: u64 = BATCH_STATEMENT_MS / 1000 + 30;

pub(super) fn file(plan: &Plan, parts: &[Part<'_>], script: &str) -> String {
    let name = format!("sidestep-{}", plan.id);
    let driver = driver(plan);
    let Container { secret, image } = driver.job(plan);
    let first = parts.first().map(|p| slug(p)).unwrap_or_default();
    let mut out = comment(&format!("{MARK}{}: its backfills as Kubernetes Jobs", plan.id));
    out.push_str(&comment(&plan.title));
    let _ = write!(
        out,
        "#\n\
         # 1. The connection, without a file in Git:\n\
         #      kubectl create secret generic {name}-db {secret}\n\
         # 2. kubectl apply -f job.yaml   (the Jobs are suspended: nothing runs yet)\n\
         # 3. In the place of the backfill step, when the steps before it are done (the script asks the database):\n\
         #      kubectl patch job {name}-{first} -p '{{\"spec\":{{\"suspend\":false}}}}'\n\
         #    Stop it by suspending the Job again: the batch at hand ends first. Resume it in the same way.\n\
         #\n\
         # Nothing has to outlive a pod, and so there is no volume claim and no table for the progress: a finished row does not need\n\
         # the backfill any more, and a new pod begins with the first row that does. /state only spares it from looking for that row\n\
         # after each batch. There is no deadline: a backfill takes the time that its limits leave it. Exit codes that another try cannot\n\
         # mend (1 rows left at the end, 2 usage, 4 a refused statement, 6 not its turn yet) fail the Job at once.\n\
         apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n  labels:\n    app.kubernetes.io/name: sidestep-backfill\n    \
         sidestep/plan: {}\n",
        quoted(&plan.id)
    );
    // Some names hold characters that YAML can only write escaped.
    match literal(script, 4) {
        Some(block) => {
            let _ = write!(out, "data:\n  backfill.sh: {block}");
        }
        None => {
            let _ = writeln!(out, "binaryData:\n  backfill.sh: {}", STANDARD.encode(script));
        }
    }
    for part in parts {
        job(&mut out, plan, part, &name, (driver.needs(), &image));
    }
    out
}

/// The step's id as a part of a Kubernetes name.
fn slug(part: &Part<'_>) -> String {
    part.placed.step.id.to_lowercase().replace('.', "-")
}

fn job(out: &mut String, plan: &Plan, part: &Part<'_>, name: &str, (needs, image): (&str, &str)) {
    let step = part.placed.step;
    let id = slug(part);
    let labels = |indent: &str| {
        format!(
            "{indent}app.kubernetes.io/name: sidestep-backfill\n{indent}sidestep/plan: {}\n{indent}sidestep/step: {}\n",
            quoted(&plan.id),
            quoted(&step.id)
        )
    };
    let _ = write!(
        out,
        "---\n{}apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: {name}-{id}\n  labels:\n{}spec:\n  suspend: true\n  \
         completions: 1\n  parallelism: 1\n  backoffLimit: 20\n  podFailurePolicy:\n    rules:\n      - action: FailJob\n        \
         onExitCodes:\n          containerName: backfill\n          operator: In\n          values: [1, 2, 4, 6]\n      - action: Ignore\n        \
         onPodConditions:\n          - type: DisruptionTarget\n            status: \"True\"\n  template:\n    metadata:\n      labels:\n{}    spec:\n      \
         restartPolicy: Never\n      terminationGracePeriodSeconds: {GRACE_S}\n      automountServiceAccountToken: false\n      securityContext:\n        \
         runAsNonRoot: true\n        runAsUser: 65532\n        runAsGroup: 65532\n        fsGroup: 65532\n        seccompProfile:\n          type: RuntimeDefault\n      \
         containers:\n        - name: backfill\n          # Any image with bash and {needs}.\n          image: {image}\n          \
         command: [bash, /sidestep/backfill.sh]\n          args: [--step, {}, --state, /state]\n          envFrom:\n            - secretRef:\n                name: {name}-db\n          \
         env:\n            - name: HOME\n              value: /state\n            - name: TMPDIR\n              value: /state\n          \
         securityContext:\n            allowPrivilegeEscalation: false\n            readOnlyRootFilesystem: true\n            capabilities:\n              drop: [ALL]\n          \
         resources:\n            requests:\n              cpu: 50m\n              memory: 64Mi\n            limits:\n              memory: 256Mi\n          \
         volumeMounts:\n            - name: script\n              mountPath: /sidestep\n              readOnly: true\n            - name: state\n              mountPath: /state\n      \
         volumes:\n        - name: script\n          configMap:\n            name: {name}\n        - name: state\n          emptyDir:\n            sizeLimit: 16Mi\n",
        comment(&format!("step {}: {}", step.id, step.title)),
        labels("    "),
        labels("        "),
        quoted(&step.id),
    );
}
