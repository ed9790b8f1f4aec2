#!/bin/sh
# webdis in front of the Redis that start-database.sh started. Wants PORT, SECOND_PORT (Redis) and DATA (a folder).
set -eu
cat > "$DATA/webdis.json" <<END
{
  "redis_host": "127.0.0.1", "redis_port": $SECOND_PORT,
  "http_host": "127.0.0.1", "http_port": $PORT,
  "threads": 4, "pool_size": 20, "daemonize": false, "websockets": false,
  "database": 0, "acl": [], "verbosity": 0, "logfile": "/dev/null"
}
END
exec webdis "$DATA/webdis.json"
