usage() {
  cat <<'EOF'
usage: bash pipeline.sh lint [BASE] | verify | rehearse | stage NAME | promote NAME [BRANCH] | stages

  lint [BASE]             what the SQL files changed since the Git revision BASE would do; without BASE, the files of this export
  verify                  whether the files are still what the plan wrote
  rehearse                every stage, by your migration tool, on the database that PG* names, which must be a copy: a restored
                          clone or a shadow; with the times. It works on a copy of the current directory
  stage NAME              your migration tool runs all that is pending, on the database that PG* names. The stage has to be the
                          newest one in the tool's folder
  promote NAME [BRANCH]   `sidestep promote` for the stage whose turn is next; with BRANCH committed and pushed to it
  stages                  the names of the stages, in order

Run it in the root of the repository. A stage is promoted and run when what stands before it has happened: its deploys are done
everywhere, its waits are over, its approvals are given. That is what doing it says; the migrations check what the database itself
can know.

MIGRATE_COMMAND=COMMAND  runs all that is pending; it finds the tool's folder in MIGRATIONS, and the database in PGHOST, PGPORT,
                         PGDATABASE, PGUSER, PGPASSWORD, or as a URL in DATABASE_URL. Without it COMMAND, at the top of this file
PROJECT_DIR=DIR          where MIGRATE_COMMAND is run (the current directory)
DATABASE_URL             made of PG* unless it is given
SIDESTEP_CATALOG=FILE    catalog.json of production (`sidestep inspect … -o catalog.json`): the linter knows the tables' sizes by it
SIDESTEP_FAIL_ON         severity that fails `lint` (danger)

exit status: 0 fine · 1 a hazard, files that differ, a stage out of turn, or a migration that failed · 2 wrong usage
EOF
}

# Paths are as the caller sees them.
ROOT=$PWD
case ${SIDESTEP_CATALOG:-} in '' | /*) ;; *) SIDESTEP_CATALOG=$PWD/$SIDESTEP_CATALOG ;; esac
case ${PROJECT_DIR:=.} in /*) ;; *) PROJECT_DIR=$PWD/$PROJECT_DIR ;; esac
cd -- "$(dirname -- "${BASH_SOURCE[0]}")" || exit 2

# What is not a plain character is written as its bytes.
encoded() {
  local LC_ALL=C text=$1 i c
  for ((i = 0; i < ${#text}; i++)); do
    c=${text:i:1}
    case $c in [a-zA-Z0-9._~-]) printf %s "$c" ;; *) printf '%%%02X' "'$c" | sed 's/%F*\(..\)$/%\1/' ;; esac
  done
}
url() {
  printf 'postgresql://%s%s@%s:%s/%s%s' "$(encoded "${PGUSER:-postgres}")" "${PGPASSWORD:+:$(encoded "$PGPASSWORD")}" \
    "${PGHOST:-localhost}" "${PGPORT:-5432}" "$(encoded "${PGDATABASE:-postgres}")" "${PGSSLMODE:+?sslmode=$PGSSLMODE}"
}

migrate() (
  MIGRATIONS=$(cd -- "$FOLDER" && pwd) || exit 1
  export MIGRATIONS DATABASE_URL="${DATABASE_URL:-$(url)}"
  cd -- "$PROJECT_DIR" || exit 1
  bash -c "${MIGRATE_COMMAND:-$COMMAND}"
)

# All that is pending. A migration may stop and name a file that psql has to run first: the same command goes on behind it.
everything() {
  local log file next tried='' begun=$SECONDS
  log=$(mktemp) || exit 1
  while ! migrate 2>&1 | tee "$log"; do
    next=
    for file in ${HAND[@]+"${HAND[@]}"}; do
      ! grep -qF "run $file with psql" "$log" || next=$file
    done
    if [ -z "$next" ] || [ "$next" = "$tried" ] || ! { heading "$next" && by_hand "$next"; }; then
      rm -f "$log"
      summary "| $1 | failed after $((SECONDS - begun)) s |"
      printf 'stage %s failed; ORDER.md says how to go on when the cause is gone\n' "$1" >&2
      exit 1
    fi
    tried=$next
  done
  rm -f "$log"
  summary "| $1 | $((SECONDS - begun)) s |"
  heading "stage $1 took $((SECONDS - begun)) s"
}

# A stage that is not in the tool's folder yet is a folder here.
waits() { [ -d "$1" ]; }
known() {
  local name
  for name in "${STAGES[@]}"; do [ "$name" != "$1" ] || return 0; done
  usage >&2
  exit 2
}
next() {
  local name
  for name in "${STAGES[@]}"; do if waits "$name"; then echo "$name"; return; fi; done
}

stage() {
  known "$1"
  if waits "$1"; then
    printf 'stage %s is not in the folder of your migration tool yet: promote it and merge that first (pipeline.sh promote %s)\n' "$1" "$1" >&2
    exit 1
  fi
  local name behind=
  for name in "${STAGES[@]}"; do
    if [ -n "$behind" ] && ! waits "$name"; then
      # The tool runs all that is pending: that is for the newest stage, whose approval covers it.
      echo "stage $name is in the tool's folder by now: what is pending of $1 is run with it"
      return
    fi
    [ "$name" != "$1" ] || behind=yes
  done
  summary '| stage | took |'
  summary '|---|---|'
  everything "$1"
}

promote() {
  known "$1"
  local name branch=$2 options=()
  waits "$1" || { echo "stage $1 is in the tool's folder already"; return; }
  name=$(next)
  [ "$name" = "$1" ] || { echo "stage $name comes before $1" >&2; exit 1; }
  if [ -z "$branch" ]; then sidestep promote . || exit 1; return; fi
  if git ls-remote --exit-code "${PUSH_TO:-origin}" "refs/heads/$branch" >/dev/null; then
    echo "the branch $branch is there already: merge it, or delete it to have it made anew"
    return
  fi
  # GitLab opens the merge request itself.
  [ -z "${MERGE_REQUEST_TO:-}" ] || options=(-o merge_request.create -o "merge_request.target=$MERGE_REQUEST_TO")
  if ! { git switch -q -c "$branch" && sidestep promote . && git add -A -- . "$FOLDER" \
    && git -c user.name="${GIT_AUTHOR_NAME:-sidestep}" -c user.email="${GIT_AUTHOR_EMAIL:-sidestep@localhost}" \
      commit -q -m "Promote stage $1 of plan $PLAN" \
    && git push -q ${options[@]+"${options[@]}"} "${PUSH_TO:-origin}" "HEAD:refs/heads/$branch"; }; then
    exit 1
  fi
}

rehearse() {
  local copy here=$PWD name last=
  copy=$(mktemp -d) || exit 1
  # shellcheck disable=SC2064
  trap "rm -rf -- '$copy'" EXIT
  case $here/ in "$ROOT"/*) ;; *) echo 'rehearse is run in the root of the repository, above this directory' >&2; exit 2 ;; esac
  cp -a -- "$ROOT/." "$copy/" || exit 1
  case $PROJECT_DIR/ in "$ROOT"/*) PROJECT_DIR=$copy${PROJECT_DIR#"$ROOT"} ;; esac
  cd -- "$copy${here#"$ROOT"}" || exit 1
  summary '| stage | took |'
  summary '|---|---|'
  for name in "${STAGES[@]}"; do waits "$name" || last=$name; done
  [ -z "$last" ] || everything "$last"
  while name=$(next); [ -n "$name" ]; do
    sidestep promote . >/dev/null || exit 1
    everything "$name"
  done
}
