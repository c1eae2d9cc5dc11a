#!/bin/sh
# Where would it go? Two places beside this machine, five texts, and no request is sent.
set -eu
oratory=${ORATORY:-target/release/oratory}
ORATORY_HOME=$(mktemp -d)
export ORATORY_HOME
trap 'rm -rf "$ORATORY_HOME"' EXIT

cat > "$ORATORY_HOME/config.toml" <<'SETTINGS'
[places.lab]
url = "http://127.0.0.1:8000/v1"
tier = "onprem"
clearance = "confidential"
models = ["qwen3-32b"]

[places.cloud]
url = "https://api.example.com/v1"
clearance = "internal"
masked_clearance = "confidential"
models = ["large"]
SETTINGS

try() {
  printf '\n$ oratory route %s\n' "$*"
  "$oratory" route --explain "$@" || echo "(refused: exit code $?)"
}
try "Our plan for spring"
try --model lab/qwen3-32b "Our plan for spring"
try --model cloud/large --label public "Why is the sky blue?"
try --model cloud/large "Write to ada@example.org"
try --model cloud/large --label confidential "The merger is on Friday"
