#!/usr/bin/env bash
# What the example's fictional investigator decided: which roofs on the scene are the buildings that most drawings show, and what
# the software does not read off the scans: two labels, and what some lines are.
#
#     scripts/decide_example.sh CASE
#
# Places and the outline stand in for clicks on the scene of 2017: they are the made world's own, off by up to about a metre. Two
# drawings of the camp are left to the software: the guard's, who knew only the outside, and one that is a mirror image.
set -euo pipefail

case_dir=${1:?usage: scripts/decide_example.sh CASE}
cd "$(dirname "$0")/.."

# What is to be decided about must have been taken in. Two pins of the example were never placed: add says so, and ends with 1.
"${GEOINV:-.venv/bin/geoinv}" -q add "$case_dir" --case "$case_dir" >/dev/null || [ $? = 1 ]

place() { # place SLUG SKETCH REASON TIE...
    local slug=$1 sketch=$2 reason=$3 tie ties=()
    shift 3
    for tie in "$@"; do ties+=(--tie "$tie"); done
    "${GEOINV:-.venv/bin/geoinv}" -q decide place "$slug" "$sketch" "${ties[@]}" --reason "$reason" --case "$case_dir"
}

read_off() { # read_off SLUG SKETCH#ELEMENT LABEL
    "${GEOINV:-.venv/bin/geoinv}" -q decide set "$1/$2" label "$3" --reason "as lettered on the scan" --case "$case_dir"
}

role() { # role SLUG SKETCH#ELEMENT ROLE REASON
    "${GEOINV:-.venv/bin/geoinv}" -q decide set "$1/$2" role "$3" --reason "$4" --case "$case_dir"
}

centre=garamnae-detention-centre
block=-158.61210,42.31795 kitchen=-158.61190,42.31796 hut=-158.61189,42.31803 shed=-158.61209,42.31819
place $centre sketch-w1.svg "the only L-shaped roof; kitchen and hut stand opposite it" b1=$block b2=$kitchen b3=$hut
role $centre scan-w2.png#t3 wall "the line round everything, with the gate and the posts on it"
role $centre scan-w2.png#t1 road "two lines with the word for road"
place $centre scan-w2.png "the only L-shaped roof" t5=$block
place $centre sketch-w3.svg "the only L-shaped roof" b1=$block
place $centre sketch-w4.svg "the only L-shaped roof, the hut by the gate, the shed in the corner" b1=$block b2=$hut b3=$shed
"${GEOINV:-.venv/bin/geoinv}" -q decide outline $centre sketch-w1.svg#b1 scripts/example/block.geojson \
    --reason "the four drawings' outlines of the block differ in size by half; drawn along the roof's edge instead" --case "$case_dir"
read_off $centre scan-w2.png#t5 구류장

camp=mulbyeol-camp
factory=-158.43845,42.39065 offices=-158.43777,42.39081 barracks4=-158.43764,42.39110 annex=-158.43840,42.39112
barracks3=-158.43781,42.39108 store=-158.43739,42.39136 punishment=-158.43737,42.39087
place $camp sketch-w1.svg "the row of four barracks, the two L-shaped roofs" b5=$factory b6=$offices b4=$barracks4 b7=$annex
place $camp scan-w2.png "the row of barracks, the store in the corner" t4=$store t9=$barracks4 t14=$punishment t7=$barracks3
place $camp sketch-w5.svg "the row of four barracks, the two L-shaped roofs" b6=$factory b7=$offices b5=$barracks4 b9=$annex
read_off $camp scan-w2.png#t14 독방동
