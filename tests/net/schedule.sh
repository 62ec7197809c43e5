#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# One schedule, three places: written as YAML, as a tc line and as instance data it is the same to a running taktd, which gives it back as each.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

[ "$(id -u)" = 0 ] || { skip "three notations" "needs root"; finish; }
mkdir -p "$work/run"
printf '%b\n' "name: $tag\nrun-dir: $work/run\nhuge-pages: false\nmemory: 128\nrecords: 4096\nports:\n  - {name: w, mem: true}" > "$work/conf.yaml"
start taktd "$taktd" -c "$work/conf.yaml"
ctl=$work/run/$tag.ctl
if until_true 30 [ -S "$ctl" ]; then ok "taktd starts"; else fail "taktd starts" "it does not"; finish; fi

# A base time to come: it stays pending, and what is shown is what was set.
base=$((($(date +%s) + 3600) * 1000000000))
cat > "$work/one.yaml" <<E
admin-base-time: $base
admin-cycle-time: 1ms
admin-cycle-time-extension: 5us
queue-max-sdu: {7: 128}
admin-control-list: ["sched-entry S 80 100000", "sched-entry S 3f 400000", "sched-entry S 7f 500000"]
E
for to in tc yang; do
	"$takt" gate export "$work/one.yaml" --to $to --dev w > "$work/one.$to" || fail "export to $to" "exit status $?"
done
[ "$(jq -r '.. | ."gate-control-entry"? // empty | map(."gate-states-value") | @csv' "$work/one.yang")" = 128,63,127 ] &&
	ok "instance data is JSON with the leaves" || fail "instance data is JSON with the leaves" "$(head -c 200 "$work/one.yang")"

# The worker takes a schedule up when its turn comes.
shown_as() {
	"$takt" gate show --name "$ctl" w --to "$1" > "$work/shown" 2> "$work/err" && cmp -s "$work/shown" "$work/one.$1" && [ ! -s "$work/err" ]
}

for from in yaml tc yang; do
	echo "{admin-base-time: $base, admin-control-list: [S ff 7000]}" | "$takt" gate set --name "$ctl" w - > "$work/out" || fail "another schedule" "not set"
	"$takt" gate set --name "$ctl" w "$work/one.$from" > "$work/out" 2>&1 || { fail "set from $from" "$(head -n 1 "$work/out")"; continue; }
	ok "set from $from"
	for to in tc yang; do
		if until_true 10 shown_as $to; then
			ok "set from $from, shown as $to"
		else
			fail "set from $from, shown as $to" "$(cat "$work/err"; diff "$work/shown" "$work/one.$to" | head -n 4 | tr '\n' '|')"
		fi
	done
done
alive taktd && ok "taktd lives" || fail "taktd lives" "it does not"
halt taktd
finish
