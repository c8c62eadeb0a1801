# ---- the mysql or mariadb client

REPLICAS=${REPLICAS:-} MAX_ACTIVE=50
client_option() { REPLICAS=${REPLICAS:+$REPLICAS,}$1; }
client_ready() {
  local name
  [ -n "${MYSQL_DATABASE:-}" ] || die 2 "MYSQL_DATABASE does not say which database"
  for name in "${MYSQL:-}" $CLIENTS; do
    [ -n "$name" ] && command -v "$name" >/dev/null && { MYSQL=$name; return; }
  done
  die 3 "there is no mysql or mariadb client on this machine"
}

export LC_ALL=C

# talk HOST PORT ARGUMENTS...: no password here; the option file or MYSQL_PWD has it
talk() {
  local host=$1 port=$2 option=()
  shift 2
  [ -z "${MYSQL_CONF:-}" ] || option+=("--defaults-extra-file=$MYSQL_CONF")
  "$MYSQL" ${option[@]+"${option[@]}"} ${MYSQL_USER:+"--user=$MYSQL_USER"} ${host:+"--host=$host"} ${port:+"--port=$port"} \
    --connect-timeout="${CONNECT_TIMEOUT:-15}" --default-character-set=utf8mb4 "$@"
}
client() { talk "${MYSQL_HOST:-}" "${MYSQL_TCP_PORT:-}" --batch --skip-column-names -- "$MYSQL_DATABASE"; }

recovery() { printf "SELECT IF(@@GLOBAL.read_only, 'sidestep:recovery', 'sidestep:primary');\n"; }

# Backslashes mean the same on every server, values that do not fit are refused, every batch is a transaction of its own.
session() {
  local lock_s=$(((LOCK_MS + 999) / 1000))
  cat <<'EOF'
SET NAMES utf8mb4;
SET SESSION autocommit = 1, sql_mode = TRIM(BOTH ',' FROM CONCAT(REPLACE(REPLACE(@@SESSION.sql_mode, 'NO_BACKSLASH_ESCAPES', ''), ',,', ','), ',STRICT_TRANS_TABLES'));
EOF
  printf 'SET SESSION lock_wait_timeout = %s, innodb_lock_wait_timeout = %s;\n' "$lock_s" "$lock_s"
}

# What of the server the limits look at: the longest wait for a metadata lock that this account may see, running threads but this one.
figures() {
  cat <<'EOF'
SELECT CONCAT('sidestep:wait ', COALESCE(MAX(TIME), 0)) FROM information_schema.PROCESSLIST WHERE STATE LIKE 'Waiting for %lock%';
SHOW GLOBAL STATUS LIKE 'Threads_running';
EOF
}

# How far the replicas are behind only they can say. One that stands still, or cannot be asked, is endlessly far.
ENDLESS=999999
lag_of() {
  local replica=$1 host port='' said lag
  host=${replica%%:*}
  case $replica in *:*) port=${replica##*:} ;; esac
  said=$(talk "$host" "${port:-${MYSQL_TCP_PORT:-}}" --vertical -e 'SHOW REPLICA STATUS' 2>"$TEMP/replica") \
    || said=$(talk "$host" "${port:-${MYSQL_TCP_PORT:-}}" --vertical -e 'SHOW SLAVE STATUS' 2>"$TEMP/replica") \
    || { say "replica $replica: $(tail -n 1 "$TEMP/replica")"; printf '%s\n' "$ENDLESS"; return; }
  lag=$(sed -n 's/^ *Seconds_Behind_\(Source\|Master\): *//p' <<<"$said")
  case $lag in
    '') say "replica $replica replicates from nobody"; printf '%s\n' "$ENDLESS" ;;
    *NULL*) say "replica $replica stands still"; printf '%s\n' "$ENDLESS" ;;
    *) sort -n <<<"$lag" | tail -n 1 ;;
  esac
}

ASKED=-1
read_figures() {
  local replica lag
  WAIT=$(sed -n 's/^sidestep:wait //p' <<<"$OUT" | tail -n 1) WAIT=${WAIT:-0}
  ACTIVE=$(sed -n 's/^Threads_running[[:space:]]//p' <<<"$OUT" | tail -n 1)
  ACTIVE=$((${ACTIVE:-1} - 1))
  [ "$MAX_LAG" -gt 0 ] && [ -n "$REPLICAS" ] && [ "$ASKED" != "$SECONDS" ] || return 0
  ASKED=$SECONDS LAG=0
  for replica in ${REPLICAS//,/ }; do
    lag=$(lag_of "$replica")
    [ "$lag" -le "$LAG" ] || LAG=$lag
  done
}

# Sorts a failure into passing (0) and lasting (1); leaves its words in WHY.
passing() {
  WHY=$(grep -m1 '^ERROR' <<<"$WRONG" || grep -v -m1 -i warning <<<"$WRONG" || true)
  case $WRONG in
    # A server that went away comes back; one that was never there may be another one.
    *'ERROR 2002 '* | *'ERROR 2003 '* | *'ERROR 2006 '* | *'ERROR 2013 '* | *'ERROR 1040 '* | *'ERROR 1053 '* | *'ERROR 1927 '*) [ -n "$CONNECTED" ] ;;
    *'ERROR 1205 '* | *'ERROR 1213 '* | *'ERROR 1317 '* | *'ERROR 1969 '* | *'ERROR 3024 '* | *'ERROR 3572 '*) return 0 ;;
    *) return 1 ;;
  esac
}
too_long() { case $WRONG in *'ERROR 1205 '* | *'ERROR 1969 '* | *'ERROR 3024 '*) return 0 ;; *) return 1 ;; esac; }
# The client's own errors begin with 2, those of an account that may not enter are three.
refused() { case $WRONG in *'ERROR 2'* | *'ERROR 1044 '* | *'ERROR 1045 '* | *'ERROR 1049 '*) return 1 ;; *'ERROR '*) return 0 ;; *) return 1 ;; esac; }

# A statement of the step by its name, sent as a text, so that the client reads nothing in it.
send() {
  local text
  text=$(sql "$STEP" "$1")
  printf '%s;\n' "${text/$ROWS_HERE/$BATCH}"
}

# One batch: from the first row behind the last one that needs it, to the end of the batch. Without a row the bounds stay NULL, and
# nothing lies between them.
statements() {
  session
  printf 'SET %s;\n' "$NO_BOUNDS"
  if [ -n "$HI" ]; then
    printf 'SET %s;\n' "$HI"
    send resume
  else
    send start
  fi
  send end
  if [ "$MODE" = dry ]; then
    printf "SELECT IF(@sidestep_lo_1 IS NULL OR @sidestep_hi_1 IS NULL, 'sidestep:over', 'sidestep:batch');\n"
    printf "SELECT CONCAT('from ', %s, ' to ', %s);\n" "$KEY_LO" "$KEY_HI"
    send explain
    return
  fi
  printf '%s\n' "$LIMITED"
  send batch
  printf "SELECT IF(@sidestep_lo_1 IS NULL OR @sidestep_hi_1 IS NULL, 'sidestep:over', 'sidestep:batch');\nSELECT @sidestep_rows;\n"
  figures
  printf "SELECT 'sidestep:hi';\n"
  send hi
}

