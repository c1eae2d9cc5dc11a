#!/bin/sh
# Serve on a port of its own and stream a chat with curl, as any OpenAI client would.
set -eu
oratory=${ORATORY:-target/release/oratory}
port=${PORT:-11439}
ORATORY_HOME=$(mktemp -d)
export ORATORY_HOME
"$oratory" serve --listen "127.0.0.1:$port" &
server=$!
trap 'kill "$server"; wait "$server" || true; rm -rf "$ORATORY_HOME"' EXIT
until curl -sf "http://127.0.0.1:$port/health" >/dev/null; do sleep 0.05; done

curl -sN "http://127.0.0.1:$port/v1/chat/completions" \
  -H 'content-type: application/json' \
  -d '{"messages": [{"role": "user", "content": "Hello"}], "stream": true}'
