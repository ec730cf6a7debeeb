#!/usr/bin/env bash
# Put freshly built results of the example in the place of the committed ones: models/<slug>/ and api/public/.
#
#     scripts/refresh_example.sh build/example
#
# The READMEs, api/main.py and the deployment files beside them stay. Look at `git diff --stat` afterwards.
set -euo pipefail

built=${1:?usage: scripts/refresh_example.sh DIR}
cd "$(dirname "$0")/.."

replace() { # replace FOLDER: its built version takes the place of the committed one
    rm -rf "$1"
    cp -R "$built/$1" "$1"
}

for folder in models/*/ "$built"/models/*/; do
    replace "models/$(basename "$folder")"
done
replace api/public
git status --short -- models api
