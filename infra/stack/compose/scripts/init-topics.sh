#!/bin/bash
# init-topics.sh BROKERS REPLICATION MIN_IN_SYNC TOPIC:PARTITIONS...: creates the topics that are missing.
set -eu
brokers=$1 replication=$2 min_in_sync=$3
shift 3
topics=${KAFKA_TOPICS:-/opt/kafka/bin/kafka-topics.sh}
existing=$("$topics" --bootstrap-server "$brokers" --list)
for wanted in "$@"; do
  topic=${wanted%:*}
  if [[ $'\n'$existing$'\n' == *$'\n'"$topic"$'\n'* ]]; then
    echo "$topic is there already"
    continue
  fi
  "$topics" --bootstrap-server "$brokers" --create --if-not-exists --topic "$topic" --partitions "${wanted##*:}" \
    --replication-factor "$replication" --config "min.insync.replicas=$min_in_sync"
done
