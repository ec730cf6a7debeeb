#!/usr/bin/env bash
# Put freshly built results of the example in the place of the committed ones: models/<slug>/, api/public/, api/openapi.json.
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
.venv/bin/python - > api/openapi.json.new <<'PYTHON'
import json
from pathlib import Path

from geoinv.api.definition import definition
from geoinv.api.releases import OpenRelease, find_release
from geoinv.api.server import all_paths

print(json.dumps(definition(all_paths(OpenRelease(find_release(Path("api/public"))))), ensure_ascii=False, indent=1))
PYTHON
mv api/openapi.json.new api/openapi.json
git status --short -- models api
