#!/bin/sh
# Parse Server. Wants PORT, MONGODB (with the name of a database), PARTS (where npm's packages are) and PEER (this folder).
set -eu
cp "$PEER/server.cjs" "$PARTS/server.cjs"
cd "$DATA"
NODE_ENV=production PARSE_SERVER_LOGS_FOLDER=null exec node "$PARTS/server.cjs"
