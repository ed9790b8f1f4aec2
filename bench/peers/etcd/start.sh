#!/bin/sh
# etcd with its HTTP gateway, as its package starts it: every write is in its log before it is answered.
# Wants PORT, and DATA (a folder). The port for its peers is one that nobody asks.
set -eu
exec etcd --name default --data-dir "$DATA/etcd" --log-level error \
  --listen-client-urls "http://127.0.0.1:$PORT" --advertise-client-urls "http://127.0.0.1:$PORT" \
  --listen-peer-urls "http://127.0.0.1:$SECOND_PORT" --initial-advertise-peer-urls "http://127.0.0.1:$SECOND_PORT" \
  --initial-cluster "default=http://127.0.0.1:$SECOND_PORT"
