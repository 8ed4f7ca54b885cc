#!/bin/bash
# http-answers.sh PORT PATH: a GET on this container, by bash alone: not every image has curl or wget. 0 when it is 200.
set -eu
exec 3<>"/dev/tcp/127.0.0.1/$1"
printf 'GET %s HTTP/1.0\r\nHost: 127.0.0.1:%s\r\n\r\n' "$2" "$1" >&3
read -r -t 4 _ status _ <&3
[ "$status" = 200 ]
