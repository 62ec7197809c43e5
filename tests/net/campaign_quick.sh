#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# A minute's cut of bench/campaigns/quick.yaml, run and reported as a user would, and the other campaigns that are shipped: can their files be read, and what would they measure here?

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

[ "$(id -u)" = 0 ] || { skip "campaigns" "needs root"; finish; }
for program in gnuplot jq; do
	command -v "$program" > /dev/null || { skip "campaigns" "$program is not installed: make deps"; finish; }
done

for file in bench/campaigns/*.yaml; do
	if timeout 60 "$takt" bench run "$file" --dry-run --results "$work/dry" > "$work/dry.txt" 2> "$work/dry.err" && grep -q '^[0-9,]* cells' "$work/dry.txt" && [ ! -e "$work/dry" ]; then
		ok "$file: $(tail -n 1 "$work/dry.txt")"
	else
		fail "$file" "$(tail -n 1 "$work/dry.err")"
	fi
done

run=(timeout 300 "$takt" bench run bench/campaigns/quick.yaml --repetitions 1 --duration 1s --seed 60 --results "$work/results")
"${run[@]}" --dry-run > "$work/plan.txt"
"${run[@]}" > "$work/run.txt" 2> "$work/run.log"
status=$?
result=$work/results/quick/latest
planned=$(grep -c '^ *[0-9][0-9]*  ' "$work/plan.txt")
cells=$(ls "$result/cells" | wc -l)
if [ "$status" = 0 ] && [ "$planned" -gt 4 ] && [ "$cells" = "$planned" ]; then
	ok "the cut was measured: $cells cells"
else
	fail "the cut" "status $status, $cells cells of $planned: $(tail -n 1 "$work/run.log")"
fi
said() { jq -rs "$1" "$result"/cells/*/cell.json; }
[ "$(said '[.[] | select(.status == "ok")] | length')" -ge 4 ] && ok "what runs everywhere did" || fail "cells" "$(said '.[] | select(.status != "ok") | .cell + ": " + .reason')"
[ "$(said '[.[] | select(.status == "failed")] | length')" = 0 ] && ok "none failed" || fail "failed" "$(said '.[] | select(.status == "failed") | .cell + ": " + .reason')"
[ "$(said '[.[] | select(.status == "skipped" and (.reason | length) < 10)] | length')" = 0 ] && ok "what was skipped has a reason" || fail "skipped" "without a reason"
[ "$(said '[.[] | select(.status == "ok") | .counts | select(.sent == 0 or .received + .lost != .sent)] | length')" = 0 ] && ok "frames add up" ||
	fail "frames" "$(said '.[] | select(.status == "ok") | "\(.cell): \(.counts)"')"

timeout 120 "$takt" bench report "$result" > "$work/report.txt" 2> "$work/report.log" || fail "report" "$(tail -n 1 "$work/report.log")"
for file in index.html report.md summary.tsv summary.json cdf.svg cdf.png cdf.gp cdf.dat; do
	[ -s "$result/report/$file" ] || fail "report" "$file is not there"
done
missing=0
for cell in $(said '.[] | select(.status == "ok") | .cell'); do
	grep -q "$cell" "$result/report/index.html" || missing=$((missing + 1))
done
[ "$missing" = 0 ] && ok "the report speaks of each cell" || fail "report" "$missing cells are not in it"
finish
