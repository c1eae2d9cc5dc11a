#!/bin/sh
# A policy of your own, and what it says to two texts.
set -eu
oratory=${ORATORY:-target/release/oratory}
here=$(dirname "$0")
ORATORY_HOME=$(mktemp -d)
export ORATORY_HOME
trap 'rm -rf "$ORATORY_HOME"' EXIT

cat > "$ORATORY_HOME/config.toml" <<'SETTINGS'
[places.lab]
url = "http://127.0.0.1:8000/v1"
tier = "onprem"
clearance = "confidential"
models = ["qwen3-32b"]
SETTINGS

"$oratory" policy test "$here/policy.cedar"

for text in "Our plan for spring" "Write to ada@example.org"; do
  printf '\n%s\n' "$text"
  "$oratory" route --explain --policy "$here/policy.cedar" --model lab/qwen3-32b "$text" ||
    echo "(refused: exit code $?)"
done
