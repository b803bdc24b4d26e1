#!/bin/sh
# Installs the pinned Python peers in a virtual environment and prints one table: kikitori beside them, same calls, same cores.
#
#   cargo build --release && benches/peers/run.sh [--calls N] [--repetitions N] [--bench FILE]
#
# PEERS_VENV names the environment (default: target/peers/venv), PYTHON the interpreter (3.11 or later).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
venv=${PEERS_VENV:-$here/../../target/peers/venv}
stamp=$venv/requirements.txt
if ! cmp -s "$here/requirements.txt" "$stamp"; then
    "${PYTHON:-python3}" -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt" >&2
    cp "$here/requirements.txt" "$stamp"
fi
exec "$venv/bin/python" "$here/compare.py" --python "$venv/bin/python" "$@"
