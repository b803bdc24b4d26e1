#!/bin/sh
# Installs the pinned topic models in a virtual environment and prints one table: kikitori beside them, same texts, same terms.
#
#   cargo build --release && benches/peers/topics.sh --input FILE.jsonl [--themes N] [--seeds N] [--methods lda,nmf,umap]
#   cargo build --release && benches/peers/topics.sh --samples
#
# TOPICS_VENV names the environment (default: target/peers/topics-venv), PYTHON the interpreter (3.11 or later). What cannot be
# installed is named and is missing from the table.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
venv=${TOPICS_VENV:-$here/../../target/peers/topics-venv}
wanted=$here/topics-requirements.txt
stamp=$venv/topics-requirements.txt
install() {
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@" >&2
}
if ! cmp -s "$wanted" "$stamp"; then
    "${PYTHON:-python3}" -m venv "$venv"
    if install -r "$wanted"; then
        cp "$wanted" "$stamp"
    else
        grep -v '^#' "$wanted" | while read -r package; do
            install "$package" </dev/null || echo "not installed: $package" >&2
        done
    fi
fi
exec "$venv/bin/python" "$here/topics.py" "$@"
