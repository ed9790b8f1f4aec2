#!/bin/sh
# Redis in memory: nothing is written to disk. Wants SECOND_PORT and DATA (a folder).
set -eu
exec redis-server --bind 127.0.0.1 --port "$SECOND_PORT" --dir "$DATA" --save "" --appendonly no
