#!/usr/bin/env bash
# Copy the fictional example that lies at the root into a folder of its own, build it, publish it, and say where everything is.
#
#     scripts/demo.sh build/demo
#
# The root is a case like any other; working in a copy keeps the clone clean. Run through `make demo`, which makes .venv first.
set -euo pipefail

case_dir=${1:?usage: scripts/demo.sh DIR}
cd "$(dirname "$0")/.."
geoinv=.venv/bin/geoinv
started=$SECONDS

rm -rf "$case_dir"
mkdir -p "$case_dir"
cp -R case.toml facilities imagery "$case_dir"/
rm -f "$case_dir"/{facilities,imagery}/README.md # ours, about the repository; no part of the case

echo "building $case_dir, with what its fictional investigator decided (scripts/decide_example.sh)"
scripts/decide_example.sh "$case_dir"
"$geoinv" build --case "$case_dir"
built=$SECONDS
echo "publishing $case_dir for the public"
release=$("$geoinv" publish --audience public --case "$case_dir" | tail -n 1)

echo
echo "What was built and what may be shown:"
find "$case_dir/models" "$release" -type f | LC_ALL=C sort | while read -r file; do
    printf '  %8s  %s\n' "$(du -h --apparent-size "$file" | cut -f1)" "$file"
done
echo
for report in "$case_dir"/models/*/report.html; do
    echo "Read first:  $report"
done
echo "Built in $((built - started)) s, published in $((SECONDS - built)) s."
echo "To serve it at http://127.0.0.1:8000 :"
echo "  $geoinv serve --release $release"
