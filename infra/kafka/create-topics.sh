#!/bin/sh
# The runbook's command: creates the lab's topics and registers their schema; what is there is left alone.
exec "$(dirname "$0")/../../bin/labctl" topics create "$@"
