#!/bin/bash
# Six Redis servers of one cluster in one container, each announcing 127.0.0.1, so that what it tells a client of the host
# is where that client finds it. Ports are the same inside and outside; the bus (port + 10000) never leaves the container.
#
#   redis-cluster.sh run DATA PORT... -- FLAG...   starts them, makes the cluster once, stops them on TERM
#   redis-cluster.sh answers DATA PORT...          0 when it is made and one of them says that the cluster is whole
#   redis-cluster.sh kill|pause|resume|stop|start DATA PORT
#   redis-cluster.sh state DATA PORT...            running, paused, dead or stopped: a line a port
set -u

# A pid alone may be somebody else by now: it must work in that server's folder, which it enters at its start.
pid_of() { # DATA PORT
  local pid
  pid=$(cat "$1/$2/redis.pid" 2>/dev/null) || return 1
  [ "$(readlink "/proc/$pid/cwd")" = "$1/$2" ] && echo "$pid"
}

start() { # DATA PORT
  pid_of "$1" "$2" >/dev/null && return 0
  local flags
  eval "flags=($(<"$1/flags"))"
  mkdir -p "$1/$2"
  redis-server --port "$2" "${flags[@]}" --bind 0.0.0.0 --protected-mode no --dir "$1/$2" --daemonize yes \
    --pidfile "$1/$2/redis.pid" --logfile "$1/$2/redis.log" >/dev/null
  # It goes into the background before it writes its pid.
  for _ in $(seq 100); do
    [ "$(redis-cli -p "$2" ping 2>/dev/null)" = PONG ] && pid_of "$1" "$2" >/dev/null && return 0
    sleep 0.1
  done
  return 1
}

signal() { # SIGNAL DATA PORT
  local pid
  pid=$(pid_of "$2" "$3") || { echo "no server on port $3" >&2; return 1; }
  kill "-$1" "$pid"
}

gone() { # DATA PORT
  for _ in $(seq 100); do
    pid_of "$1" "$2" >/dev/null || return 0
    sleep 0.1
  done
  return 1
}

stop() { # DATA PORT
  pid_of "$1" "$2" >/dev/null || return 0
  signal TERM "$1" "$2"
  # A paused one hears TERM only now; the others may be gone already.
  signal CONT "$1" "$2" 2>/dev/null
  gone "$1" "$2" && rm -f "$1/$2/redis.pid"
}

answers() { # PORT...
  local port
  for port; do
    redis-cli -p "$port" cluster info 2>/dev/null | grep -q '^cluster_state:ok' && return 0
  done
  return 1
}

state() { # DATA PORT
  local pid
  if ! pid=$(pid_of "$1" "$2"); then
    # Who was stopped in order took its pid file along.
    if [ -e "$1/$2/redis.pid" ]; then echo dead; else echo stopped; fi
  elif grep -q '^State:.T' "/proc/$pid/status"; then echo paused; else echo running; fi
}

end() { # DATA PORT...
  local port stopping=()
  for port in "${@:2}"; do
    stop "$1" "$port" &
    stopping+=($!)
  done
  wait "${stopping[@]}"
  # The log's reader, where there is one already.
  [ -z "${reader-}" ] || kill "$reader"
  exit 0
}

# Each server says that the cluster is whole, and knows three replicas.
whole() { # PORT...
  local port
  for port; do
    answers "$port" && [ "$(redis-cli -p "$port" cluster nodes 2>/dev/null | grep -c slave)" = 3 ] || return 1
  done
}

# Once in the life of the data. Who was killed in it left servers of which some have met and some own slots: they are
# emptied, and it is begun anew. The mark is missing too where an older version of this script made the cluster.
create() { # DATA PORT...
  local data=$1 port
  shift
  [ -e "$data/created" ] && return 0
  # A server that never met another knows itself alone.
  if ! redis-cli -p "$1" cluster info | grep -q '^cluster_known_nodes:1[^0-9]*$'; then
    for _ in $(seq 20); do
      whole "$@" && { touch "$data/created"; return 0; }
      sleep 0.5
    done
  fi
  for port; do
    redis-cli -p "$port" flushall >/dev/null
    redis-cli -p "$port" cluster reset hard >/dev/null
  done
  redis-cli --cluster create "${@/#/127.0.0.1:}" --cluster-replicas 1 --cluster-yes && touch "$data/created"
}

run() { # DATA PORT... -- FLAG...
  local data=$1 ports=() port logs=()
  shift
  while [ "$1" != -- ]; do ports+=("$1") && shift; done
  shift
  mkdir -p "$data" && printf '%q ' "$@" >"$data/flags"
  trap 'end "$data" "${ports[@]}"' TERM INT
  for port in "${ports[@]}"; do
    logs+=("$data/$port/redis.log")
    rm -f "$data/$port/redis.pid" "$data/$port/redis.log" # of an earlier life of the container
    start "$data" "$port" || exit 1
  done
  create "$data" "${ports[@]}" || exit 1
  # Nodes come and go by faults; the container stays for those that are left, and shows their logs.
  tail -q -n +1 -F "${logs[@]}" 2>/dev/null &
  reader=$!
  wait "$reader"
}

case ${1-} in
  run) run "${@:2}" ;;
  # One that is still being made may call itself whole between two of its steps.
  answers) [ -e "$2/created" ] && answers "${@:3}" ;;
  start) start "$2" "$3" ;;
  kill) signal KILL "$2" "$3" && gone "$2" "$3" ;;
  stop) stop "$2" "$3" ;;
  pause) signal STOP "$2" "$3" ;;
  # Who is gone is not paused.
  resume) signal CONT "$2" "$3" 2>/dev/null || true ;;
  state) for port in "${@:3}"; do state "$2" "$port"; done ;;
  *)
    sed -n '2,8p' "$0" >&2
    exit 64
    ;;
esac
