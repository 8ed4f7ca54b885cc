#!/bin/bash
# init-database.sh HOST PORT DATABASE LOCK MIGRATION_TABLES FOLDER: applies the migrations that the database does not have
# yet, and notes them where `labctl up` does, under its lock. The password comes in MYSQL_PWD.
set -eu
host=$1 port=$2 database=$3 lock=$4 migration_tables=$5 folder=$6
# TCP, because this is another container.
client=(mysql --protocol=TCP --host="$host" --port="$port" --user=root --batch --skip-column-names --default-character-set=utf8mb4)

"${client[@]}" --execute="CREATE DATABASE IF NOT EXISTS \`$database\` CHARACTER SET utf8mb4"
# A lock of MySQL lives as long as its session: one client stays open for it.
coproc HOLDER { "${client[@]}" --unbuffered; }
holder=$HOLDER_PID
trap 'exec {HOLDER[1]}>&- 2>/dev/null || true; wait "$holder" || true' EXIT
echo "SELECT GET_LOCK('$lock', 60);" >&"${HOLDER[1]}"
read -r -t 70 locked <&"${HOLDER[0]}"
[ "$locked" = 1 ] || { echo "another migration is under way" >&2; exit 1; }

client+=("--database=$database")
"${client[@]}" --execute="$migration_tables"
applied=$("${client[@]}" --execute='SELECT name FROM migration')
for file in "$folder"/*.sql; do
  name=${file##*/}
  if [[ $'\n'$applied$'\n' == *$'\n'"$name"$'\n'* ]]; then
    echo "$name is there already"
    continue
  fi
  begun=$("${client[@]}" --execute="INSERT IGNORE INTO migration_begun VALUES ('$name'); SELECT ROW_COUNT()")
  if [ "$begun" = 1 ]; then
    "${client[@]}" <"$file" # stops at the first statement that fails
  else
    # Somebody was killed in it: gone through again, each statement whole or there already.
    problems=$("${client[@]}" --force <"$file" 2>&1 >/dev/null | grep -Ev '^ERROR (1050|1060|1061|1091|1051|1826) ' || true)
    [ -z "$problems" ] || { echo "$problems" >&2; exit 1; }
  fi
  "${client[@]}" --execute="INSERT INTO migration (name) VALUES ('$name'); DELETE FROM migration_begun WHERE name = '$name'"
  echo "migrated: $name"
done
