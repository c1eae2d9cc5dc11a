#!/bin/sh
# One question through the whole path, and how it was decided. Nothing is downloaded.
set -eu
oratory=${ORATORY:-target/release/oratory}
ORATORY_HOME=$(mktemp -d)
export ORATORY_HOME
trap 'rm -rf "$ORATORY_HOME"' EXIT

"$oratory" ask --explain "Write to ada@example.org that I am late."
