#!/bin/bash
# init-schema.sh HOST PORT COMPATIBILITY SUBJECT FILE: sets the compatibility and registers the schema, which a registry
# that has it already answers with the same id. HTTP by bash alone: the image needs no curl.
set -eu
host=$1 port=$2 compatibility=$3 subject=$4 file=$5
api=/apis/ccompat/v7

# request METHOD PATH BODY; the body is ASCII, so its length is its number of characters. Returns 2 where asking again may
# help: a registry that has just come up, or is busy, may hang up without an answer.
request() {
  exec 3<>"/dev/tcp/$host/$port" || return 2
  printf '%s %s HTTP/1.0\r\nHost: %s:%s\r\nContent-Type: application/vnd.schemaregistry.v1+json\r\nContent-Length: %s\r\n\r\n%s' \
    "$1" "$api$2" "$host" "$port" "${#3}" "$3" >&3 || return 2
  local answer status=none
  read -r -t 20 _ status _ <&3 || status=none
  answer=$(timeout 20 cat <&3) || answer="$answer (cut short)"
  exec 3<&- 3>&-
  if [ "$status" != 200 ]; then
    printf '%s %s: %s\n%s\n' "$1" "$2" "$status" "$answer" >&2
    case "$status" in none | 5*) return 2 ;; *) return 1 ;; esac
  fi
  # Behind the empty line: what was answered.
  echo "$2: ${answer##*$'\r\n\r\n'}"
}

# Each request may be made again: it sets what is set already.
ask() {
  local attempt result
  for attempt in 1 2 3 4 5; do
    result=0
    request "$@" || result=$?
    [ "$result" = 2 ] || return "$result"
    sleep "${RETRY_SECONDS:-1}"
  done
  return 1
}

# A JSON text within a JSON string.
schema=$(<"$file")
schema=${schema//\\/\\\\}
schema=${schema//\"/\\\"}
schema=${schema//$'\n'/\\n}

ask PUT /config "{\"compatibility\":\"$compatibility\"}"
# The subject's own level too: without it the registry says NONE for it, and kafkajs' client refuses such a subject. First,
# so that a script that was killed leaves none of those.
ask PUT "/config/$subject" "{\"compatibility\":\"$compatibility\"}"
ask POST "/subjects/$subject/versions" "{\"schema\":\"$schema\"}"
