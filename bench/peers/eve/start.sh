#!/bin/sh
# Two processes with eight threads each. Wants PORT, MONGODB (with the name of a database), and PEER (this folder).
set -eu
cd "$PEER"
PYTHONDONTWRITEBYTECODE=1 exec gunicorn --worker-class gthread --workers 2 --threads 8 --keep-alive 60 \
  --worker-tmp-dir "$DATA" --bind "127.0.0.1:$PORT" --log-level warning app:app
