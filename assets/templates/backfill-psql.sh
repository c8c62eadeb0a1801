# ---- psql

LAG_QUERY='' MAX_ACTIVE=0
client_option() { LAG_QUERY=$1; }
client_ready() {
  case $LAG_QUERY in *\\*) die 2 "--lag-query may not hold a backslash" ;; esac
  command -v psql >/dev/null || die 3 "there is no psql on this machine"
}

# The text of this file is UTF-8 whatever the machine speaks, and errors are read by their codes.
export LC_ALL=C PGCLIENTENCODING=UTF8
export PGCONNECT_TIMEOUT=${PGCONNECT_TIMEOUT:-15}

client() { psql -XAtw -v ON_ERROR_STOP=1 -v VERBOSITY=verbose; }

recovery() { printf "SELECT 'sidestep:recovery' WHERE pg_catalog.pg_is_in_recovery();\n"; }

session() {
  printf "SET application_name = 'sidestep backfill %s';\n" "$STEP"
  printf "SET lock_timeout = '%sms';\nSET statement_timeout = 0;\nSET datestyle = 'ISO';\nSET extra_float_digits = 3;\n" "$LOCK_MS"
  [ "$MODE" = run ] || printf 'SET default_transaction_read_only = on;\n'
}

# A value for psql's \set: quotes, backslashes and line ends must not end it.
quoted() {
  local text=$1
  text=${text//\\/\\\\}
  text=${text//\'/\\\'}
  text=${text//$'\n'/\\n}
  text=${text//$'\r'/\\r}
  printf "'%s'" "$text"
}

# The key of a query as SQL in the variable $2, and in sidestep_none whether there was none.
key() {
  printf 'SELECT count(*) = 0 AS sidestep_none, coalesce(max(sidestep_key), %s) AS %s FROM (SELECT %s AS sidestep_key FROM (\n' "''" "$2" "$KEY_TEXT"
  sql "$STEP" "$1"
  printf ') AS sidestep_row(%s)) AS sidestep_keys\n\\gset\n' "$KEY_NAMES"
}

# What of the server the limits look at: lag, the longest wait for a lock, active sessions, replicas that may not be seen.
figures() {
  printf "SELECT 'sidestep:figures ' || ceil(coalesce((\n%s\n), 0))::bigint" "${LAG_QUERY:-SELECT max(extract(epoch FROM replay_lag)) FROM pg_catalog.pg_stat_replication}"
  cat <<'EOF'
  || ' ' || (SELECT ceil(coalesce(max(extract(epoch FROM clock_timestamp() - query_start)), 0))::bigint FROM pg_catalog.pg_stat_activity
     WHERE wait_event_type = 'Lock' AND pid <> pg_catalog.pg_backend_pid())
  || ' ' || (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE state = 'active' AND pid <> pg_catalog.pg_backend_pid())
  || ' ' || (SELECT count(*) FROM pg_catalog.pg_stat_replication WHERE state IS NULL);
EOF
}

read_figures() {
  local line
  line=$(grep '^sidestep:figures ' <<<"$OUT") || return 0
  read -r _ LAG WAIT ACTIVE UNSEEN <<<"$line"
  if [ "$UNSEEN" -gt 0 ] && [ -z "${WARNED:-}" ]; then
    WARNED=yes
    say "this role may not see how far $UNSEEN replicas are behind: grant pg_monitor, or give --lag-query"
  fi
}

# Sorts a failure into passing (0) and lasting (1); leaves its words in WHY.
passing() {
  # A server that went away comes back; one that was never there may be another one.
  if [ $STATUS = 2 ] && [ -n "$CONNECTED" ]; then WHY=$(tail -n 1 <<<"$WRONG"); return 0; fi
  WHY=$(grep -E -m1 'ERROR|FATAL|PANIC|error:' <<<"$WRONG" || head -n 1 <<<"$WRONG")
  case $WRONG in
    *'ERROR:  55P03:'* | *'ERROR:  40P01:'* | *'ERROR:  40001:'* | *'ERROR:  57014:'* | *'ERROR:  53'[0-9][0-9][0-9]':'*) return 0 ;;
    *) return 1 ;;
  esac
}

too_long() { case $WRONG in *'ERROR:  57014:'*) return 0 ;; *) return 1 ;; esac; }
refused() { case $WRONG in *ERROR:*) return 0 ;; *) return 1 ;; esac; }

# One batch: from the first row behind the last one that needs it, to the end of the batch.
statements() {
  session
  printf '\\set sidestep_n %s\n' "$BATCH"
  if [ -n "$HI" ]; then
    printf '\\set sidestep_hi '; quoted "$HI"; printf '\n'
    key resume sidestep_lo
  else
    key start sidestep_lo
  fi
  printf '\\if :sidestep_none\n\\echo sidestep:over\n\\quit\n\\endif\n'
  key end sidestep_hi
  # Somebody deleted the rows meanwhile.
  printf '\\if :sidestep_none\n\\echo sidestep:over\n\\quit\n\\endif\n'
  if [ "$MODE" = dry ]; then
    printf "SELECT 'from ' || :'sidestep_lo' || ' to ' || :'sidestep_hi';\nEXPLAIN "
    sql "$STEP" batch
    printf ';\n'
    return
  fi
  printf "SET statement_timeout = '%sms';\n" "$STATEMENT_MS"
  printf '%s\n' '\echo sidestep:batch'
  sql "$STEP" batch
  printf ';\nSET statement_timeout = 0;\n'
  figures
  # Last, since a key may have several lines.
  printf '%s\n' '\echo sidestep:hi' "SELECT :'sidestep_hi';"
}

