usage() {
  cat <<'EOF'
usage: bash pipeline.sh lint [BASE] | verify | rehearse | stage NAME | stages

  lint [BASE]   what the SQL files changed since the Git revision BASE would do; without BASE, the files of this export
  verify        whether the files are still what the plan wrote
  rehearse      every stage on the database that PG* names, which must be a copy: a restored clone or a shadow; with the times
  stage NAME    the files of one stage, on the database that PG* names; a file whose step is done does nothing
  stages        the names of the stages, in order

A stage is run when what stands before it has happened: its deploys are done everywhere, its waits are over, its approvals are
given. That is what running it says; the files check what the database itself can know.

SIDESTEP_CATALOG=FILE   catalog.json of production (`sidestep inspect … -o catalog.json`): the linter knows the tables' sizes by it
SIDESTEP_FAIL_ON        severity that fails `lint` (danger)

exit status: 0 fine · 1 a hazard, files that differ, or a statement that failed · 2 wrong usage
EOF
}

# Paths are as the caller sees them.
case ${SIDESTEP_CATALOG:-} in '' | /*) ;; *) SIDESTEP_CATALOG=$PWD/$SIDESTEP_CATALOG ;; esac
cd -- "$(dirname -- "${BASH_SOURCE[0]}")" || exit 2

# One step: its file, and the variable that says that people have done their part.
step() {
  local id=$1 file=$2 say=$3 begun=$SECONDS
  heading "step $id: $file"
  if ! psql -X -w ${say:+-v "$say"} -c '\timing on' -f "$file"; then
    summary "| $id | failed after $((SECONDS - begun)) s |"
    printf 'step %s failed; run the same stage again when the cause is gone\n' "$id" >&2
    exit 1
  fi
  summary "| $id | $((SECONDS - begun)) s |"
}

# Out of turn? What the release uses must be there; the query on standard input lists what is not.
serves() {
  local missing
  missing=$(psql -XAtwq -v ON_ERROR_STOP=1) || exit 1
  if [ -n "$missing" ]; then
    printf 'this stage is not due: release %s uses %s, which the database does not have. Run the stages before it first\n' "$1" "$missing" >&2
    exit 1
  fi
}

stage() {
  summary "| step of $1 | took |"
  summary '|---|---|'
  run_stage "$1" || { usage >&2; exit 2; }
}

rehearse() {
  local name begun
  for name in "${STAGES[@]}"; do
    begun=$SECONDS
    stage "$name"
    heading "stage $name took $((SECONDS - begun)) s"
  done
}

# The psql files are all there from the beginning.
promote() { usage >&2; exit 2; }
