#!/bin/bash
# init-topics.sh BROKERS REPLICATION MIN_IN_SYNC TOPIC:PARTITIONS:BYTES...: creates the topics that are missing. BYTES is
# the largest record that a topic takes.
set -eu
brokers=$1 replication=$2 min_in_sync=$3
shift 3
topics=${KAFKA_TOPICS:-/opt/kafka/bin/kafka-topics.sh}

# A broker answers before its controller lets it have replicas: for a moment there are fewer of them than healthy ones.
patiently() { # COMMAND...
  local left
  for left in 5 4 3 2 1; do
    "$@" && return 0
    echo "failed; $left more attempts" >&2
    sleep "${RETRY_SECONDS:-2}"
  done
  "$@"
}

existing=$(patiently "$topics" --bootstrap-server "$brokers" --list)
for wanted in "$@"; do
  IFS=: read -r topic partitions bytes <<<"$wanted"
  if [[ $'\n'$existing$'\n' == *$'\n'"$topic"$'\n'* ]]; then
    echo "$topic is there already"
    continue
  fi
  patiently "$topics" --bootstrap-server "$brokers" --create --if-not-exists --topic "$topic" \
    --partitions "$partitions" --replication-factor "$replication" \
    --config "min.insync.replicas=$min_in_sync" --config "max.message.bytes=$bytes"
done
