#!/usr/bin/env bash
# Put freshly built results of the example in the place of the committed ones: models/<slug>/ and api/public/.
#
#     scripts/refresh_example.sh build/example
#
# The READMEs, api/main.py and the deployment files beside them stay. Look at `git diff --stat` afterwards.
set -euo pipefail

built=${1:?usage: scripts/refresh_example.sh DIR}
cd "$(dirname "$0")/.."

find models -mindepth 1 -maxdepth 1 -type d -exec rm -rf {} +
find "$built/models" -mindepth 1 -maxdepth 1 -type d -exec cp -R {} models/ \;
rm -rf api/public
cp -R "$built/api/public" api/public
git status --short -- models api
