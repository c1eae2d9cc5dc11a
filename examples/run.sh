#!/bin/sh
# Chat with a model on this machine: a prompt, a pipe, or a file of your own.
set -eu
oratory=${ORATORY:-target/release/oratory}
ORATORY_HOME=$(mktemp -d)
export ORATORY_HOME
trap 'rm -rf "$ORATORY_HOME"' EXIT

"$oratory" run mini --temperature 0 "Who are you?"
printf 'Sort by length, shortest first: whale, roll, postman' | "$oratory" run mini --temperature 0
# With a model of your own:  oratory run ./qwen3-4b.gguf
