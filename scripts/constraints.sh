#!/usr/bin/env bash
# Write constraints.txt anew: what resolves today, in an empty environment of the oldest Python we support.
# Names and versions only: which index they come from is the reader's business.
set -euo pipefail

cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

"${PYTHON:-python3.11}" -m venv "$folder/venv"
pip=("$folder/venv/bin/python" -m pip --disable-pip-version-check)
"${pip[@]}" install --quiet -e '.[formats,heic,test,check]'
{
    "${pip[@]}" freeze --exclude-editable
    # Machines without an open3d-cpu wheel take the full package, of the same version.
    "${pip[@]}" freeze | sed -n 's/^open3d-cpu==/open3d==/p'
} | LC_ALL=C sort --ignore-case > "$folder/constraints.txt"
mv "$folder/constraints.txt" constraints.txt
echo "constraints.txt: $(wc -l < constraints.txt) packages, $(du -sm "$folder/venv" | cut -f1) MB installed"
