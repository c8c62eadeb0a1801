usage() {
  cat <<'EOF'
usage: bash backfill.sh [--step ID] [options]

  --step ID          which backfill (--list shows them; needed only if there are several)
  --dry-run          say where it would begin and explain the first batch; changes nothing
  --verify           count the rows that are left; changes nothing
  --list             the backfills of this plan

  --batch N          rows a batch
  --pause MS         milliseconds between two batches
  --max-lag S        wait while a replica is further behind than S seconds; 0: never
  --max-wait S       wait while a session has been waiting for a lock for longer than S seconds; 0: never
  --max-active N     wait while more than N other sessions are active; 0: never
%CLIENT-OPTION-HELP%
  --retries N        how often in a row a batch may fail for a passing reason
  --every S          seconds between two lines about the progress
  --count            count the rows at the start: an exact estimate of the end for the price of reading the table
  --from-start       forget the saved position
  --state DIR        where the progress, the stop file and the lock are; default: beside this script

%CLIENT-CONNECTION%

Stop it with `touch DIR/backfill.stop`, Ctrl-C or SIGTERM: the batch at hand ends first. Run it again and it goes on.

exit status: 0 done, and no row is left · 1 rows are left · 2 wrong usage · 3 cannot connect · 4 the database refused a statement
  5 gave up after --retries · 6 not its turn yet · 7 another one is running · 10 the stop file · 130 SIGINT · 143 SIGTERM
EOF
}

say() { printf '%(%H:%M:%S)T backfill %s: %s\n' -1 "$STEP" "$*" >&2; }
die() {
  # A Ctrl-C ends whatever runs in the terminal: what fails then did not fail by itself.
  [ -z "${SIGNAL:-}" ] || stop_if_asked
  local status=$1
  shift
  say "$*"
  exit "$status"
}

# ---- options

STEP='' MODE=run STATE='' EVERY=10 RETRIES=8 COUNT='' FRESH='' MAX_WAIT=5
WANT_BATCH='' WANT_PAUSE='' WANT_LAG=''

number() { case ${2:-} in '' | *[!0-9]*) STEP=${STEP:--} die 2 "$1 needs a whole number" ;; esac; }

while [ $# -gt 0 ]; do
  case $1 in
    --dry-run) MODE=dry ;;
    --verify) MODE=verify ;;
    --list) list_steps; exit 0 ;;
    --count) COUNT=yes ;;
    --from-start) FRESH=yes ;;
    --help | -h) usage; exit 0 ;;
    --step | --state | %CLIENT-OPTION%)
      [ $# -ge 2 ] || { usage >&2; exit 2; }
      case $1 in --step) STEP=$2 ;; --state) STATE=$2 ;; *) client_option "$2" ;; esac
      shift ;;
    --batch | --pause | --max-lag | --max-wait | --max-active | --retries | --every)
      number "$1" "${2:-}"
      case $1 in
        --batch) WANT_BATCH=$2 ;;
        --pause) WANT_PAUSE=$2 ;;
        --max-lag) WANT_LAG=$2 ;;
        --max-wait) MAX_WAIT=$2 ;;
        --max-active) MAX_ACTIVE=$2 ;;
        --retries) RETRIES=$2 ;;
        *) EVERY=$2 ;;
      esac
      shift ;;
    *) usage >&2; exit 2 ;;
  esac
  shift
done

if [ -z "$STEP" ]; then
  [ ${#STEPS[@]} = 1 ] || { printf 'backfill.sh: which one? --step ID\n' >&2; list_steps >&2; exit 2; }
  STEP=${STEPS[0]}
fi
load_step "$STEP" || { printf 'backfill.sh: this plan has no backfill %q\n' "$STEP" >&2; list_steps >&2; exit 2; }
BATCH=${WANT_BATCH:-$BATCH} PAUSE=${WANT_PAUSE:-$PAUSE} MAX_LAG=${WANT_LAG:-$MAX_LAG}
[ "$BATCH" -gt 0 ] || die 2 "--batch needs at least 1"
client_ready

STATE=${STATE:-$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)}
PROGRESS=$STATE/backfill-$STEP-$PLAN.progress
STOP_FILE=$STATE/backfill.stop
LOCK=$STATE/backfill-$STEP-$PLAN.lock

# ---- the client

# Statements on standard input; the answer in OUT, what stands behind `sidestep:hi` in KEY, what went wrong in WRONG.
STATUS=0 CONNECTED='' KEY=''
ask() {
  # Beside the shell: a client that takes a Ctrl-C for itself and ends well would keep it from us.
  client <&0 >"$TEMP/out" 2>"$TEMP/wrong" &
  wait $!
  STATUS=$?
  while kill -0 $! 2>/dev/null; do wait $!; done
  [ -z "$SIGNAL" ] || { wait $!; STATUS=$?; }
  OUT=$(cat "$TEMP/out")
  WRONG=$(cat "$TEMP/wrong")
  KEY=''
  case $OUT in *$'\n'sidestep:hi$'\n'*) KEY=${OUT#*$'\n'sidestep:hi$'\n'} OUT=${OUT%%$'\n'sidestep:hi$'\n'*} ;; esac
  [ $STATUS != 0 ] || CONNECTED=yes
  return $STATUS
}

# ---- stopping

SIGNAL=''
on_signal() { [ -z "$SIGNAL" ] || exit $((128 + $1)); SIGNAL=$1; }
trap 'on_signal 2' INT
trap 'on_signal 15' TERM
tidy() { rm -rf -- "${TEMP:-}"; [ -z "${LOCKED:-}" ] || rm -f -- "$LOCK"; }
trap tidy EXIT
TEMP=$(mktemp -d) || die 2 "cannot make a temporary directory"

stop_if_asked() {
  if [ -n "$SIGNAL" ]; then
    report
    say "stopped by a signal; run it again and it goes on"
    exit $((128 + SIGNAL))
  fi
  if [ -e "$STOP_FILE" ]; then
    report
    say "stopped by $STOP_FILE; remove it, run it again and it goes on"
    exit 10
  fi
}

# Sleeps in pieces, so that a signal or the stop file is seen at once.
rest() {
  local left=$1
  while [ "$left" -gt 0 ]; do
    stop_if_asked
    if [ "$left" -ge 500 ]; then sleep 0.5; else sleep "0.$(printf '%03d' "$left")"; fi
    left=$((left - 500))
  done
}

# ---- progress: a file here, so that the database needs no further table and no right to make one. Nothing depends on it: without
# it the first row that still needs the backfill is looked for.

HI='' DONE=0 TOTAL=0
load_progress() {
  [ -z "$FRESH" ] && [ -r "$PROGRESS" ] || return 0
  { read -r _; read -r _ DONE; read -r _ TOTAL; IFS= read -r -d '' HI || true; } <"$PROGRESS"
  HI=${HI%$'\n'}
  case $DONE$TOTAL in *[!0-9]* | '') die 2 "$PROGRESS is damaged: run with --from-start" ;; esac
}

save_progress() {
  if ! printf '# sidestep plan %s: progress of step %s. Remove this file to begin again: finished rows are found finished\ndone %s\ntotal %s\n%s\n' \
    "$PLAN" "$STEP" "$DONE" "$TOTAL" "$HI" >"$PROGRESS.new" || ! mv -f -- "$PROGRESS.new" "$PROGRESS"; then
    die 2 "cannot write $PROGRESS: give --state a directory"
  fi
}

span() {
  local s=$1
  if [ "$s" -ge 172800 ]; then printf '%d d' $((s / 86400)); elif [ "$s" -ge 5400 ]; then printf '%d h %02d min' $((s / 3600)) $((s % 3600 / 60))
  elif [ "$s" -ge 90 ]; then printf '%d min' $((s / 60)); else printf '%d s' "$s"; fi
}

BEGUN=$SECONDS TOLD=-1000 HERE=0 LAG=0 WAIT=0 ACTIVE=0
report() {
  local took=$((SECONDS - BEGUN)) rate left=''
  [ "$MODE" = run ] || return 0
  [ $took -gt 0 ] || took=1
  rate=$((HERE / took))
  if [ $rate -gt 0 ] && [ "$TOTAL" -gt "$DONE" ]; then left=", at most $(span $(((TOTAL - DONE) / rate))) left"; fi
  say "$DONE rows done, $rate rows/s$left, replica lag $LAG s"
  TOLD=$SECONDS
}

# ---- the work

over_limit() {
  if [ "$MAX_LAG" -gt 0 ] && [ "$LAG" -gt "$MAX_LAG" ]; then OVER="replica lag $LAG s is above $MAX_LAG s"
  elif [ "$MAX_WAIT" -gt 0 ] && [ "$WAIT" -gt "$MAX_WAIT" ]; then OVER="a session waits for a lock for $WAIT s, above $MAX_WAIT s"
  elif [ "$MAX_ACTIVE" -gt 0 ] && [ "$ACTIVE" -gt "$MAX_ACTIVE" ]; then OVER="$ACTIVE sessions are active, above $MAX_ACTIVE"
  else return 1; fi
}

yield_to_others() {
  local told=''
  while over_limit; do
    [ -n "$told" ] || say "waiting: $OVER"
    told=yes
    rest 1000
    { session; figures; } >"$TEMP/statements"
    if ask <"$TEMP/statements"; then read_figures; else failed; fi
  done
  [ -z "$told" ] || say "going on"
}

failures=0
failed() {
  # Ctrl-C ends the client, too: that is no failure.
  stop_if_asked
  if passing; then
    failures=$((failures + 1))
    stop_if_asked
    [ $failures -le "$RETRIES" ] || die 5 "gave up after $RETRIES retries: $WHY"
    # A batch that runs into its own time limit is too large.
    if too_long && [ "$BATCH" -gt 100 ]; then BATCH=$((BATCH / 2)); say "batches of $BATCH rows from here on"; fi
    local pause=$((1 << (failures < 6 ? failures : 6)))
    say "trying again in $pause s: $WHY"
    rest $((pause * 1000 + RANDOM % 1000))
    return 0
  fi
  if refused; then die 4 "$WHY"; fi
  die 3 "$WHY"
}

# True after a batch, false at the end.
one_batch() {
  local rows
  while :; do
    stop_if_asked
    statements >"$TEMP/statements"
    if ask <"$TEMP/statements"; then break; fi
    failed
  done
  failures=0
  case $OUT in sidestep:over* | *$'\n'sidestep:over*) return 1 ;; esac
  read_figures
  rows=$(grep -A1 -m1 -x sidestep:batch <<<"$OUT" | tail -n 1)
  rows=${rows##* }
  case $rows in '' | *[!0-9]*) die 4 "the client did not say how many rows it changed: $OUT" ;; esac
  HI=$KEY
  DONE=$((DONE + rows)) HERE=$((HERE + rows))
  save_progress
  [ $((SECONDS - TOLD)) -lt "$EVERY" ] || report
}

may_begin() {
  local line
  while :; do
    { session; recovery; sql "$STEP" gates; figures; } >"$TEMP/statements"
    if ask <"$TEMP/statements"; then break; fi
    failed
  done
  failures=0
  read_figures
  case $OUT in *sidestep:recovery*) die 3 "this server is a replica: connect to the primary" ;; esac
  case $OUT in *sidestep:past*) say "a later step has taken away what it fills: nothing to do"; exit 0 ;; esac
  line=$(grep -m1 '^sidestep:no ' <<<"$OUT") && die 6 "${line#sidestep:no }"
  return 0
}

count_left() {
  while :; do
    { session; sql "$STEP" remaining; printf ';\n'; } >"$TEMP/statements"
    if ask <"$TEMP/statements"; then break; fi
    failed
  done
  failures=0
  LEFT=$(grep -E -x -m1 '[0-9]+' <<<"$OUT") || die 4 "the client did not say how many rows are left: $OUT"
}

case $MODE in
  verify)
    count_left
    printf '%s\n' "$LEFT"
    [ "$LEFT" = 0 ] || exit 1
    exit 0 ;;
  dry)
    may_begin
    load_progress
    statements >"$TEMP/statements"
    ask <"$TEMP/statements" || failed
    printf 'step %s: %s\nbatches of %s rows, %s ms apart; waits above %s s of replica lag (now %s s)\n' "$STEP" "$TITLE" "$BATCH" "$PAUSE" "$MAX_LAG" "$LAG"
    case $OUT in *sidestep:over*) printf 'no row needs it\n' ;; *) printf 'the first batch goes\n'; grep -vx SET <<<"$OUT" ;; esac
    exit 0 ;;
esac

if ! (set -o noclobber; printf '%s\n' $$ >"$LOCK") 2>/dev/null; then
  [ -e "$LOCK" ] || die 2 "cannot write into $STATE: give --state a directory"
  other=$(cat "$LOCK")
  if [ "$other" != $$ ] && kill -0 "$other" 2>/dev/null; then die 7 "process $other is running it: $LOCK"; fi
  printf '%s\n' $$ >"$LOCK"
fi
LOCKED=yes
stop_if_asked
may_begin
load_progress
if [ -n "$HI" ]; then say "$TITLE: going on after $DONE rows"; else say "$TITLE"; fi
if [ -n "$COUNT" ]; then
  count_left
  TOTAL=$((DONE + LEFT))
elif [ "$TOTAL" = 0 ]; then
  { session; sql "$STEP" estimate; printf ';\n'; } >"$TEMP/statements"
  if ask <"$TEMP/statements"; then TOTAL=$(grep -E -x -m1 '[0-9]+' <<<"$OUT" || printf 0); fi
fi
BEGUN=$SECONDS

# Rows that were written behind its back are found by going round again; a table that never ends is somebody else's fault.
for round in 1 2 3; do
  yield_to_others
  while one_batch; do
    rest "$PAUSE"
    yield_to_others
  done
  count_left
  [ "$LEFT" != 0 ] || break
  say "$LEFT rows are left after round $round"
  HI=''
done
report
if [ "$LEFT" != 0 ]; then
  rm -f -- "$PROGRESS"
  die 1 "$LEFT rows still need it: something writes them that the plan does not know"
fi
rm -f -- "$PROGRESS"
say "done: no row is left"
exit 0
