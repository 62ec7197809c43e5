#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# One schedule, three places: written as YAML, as a tc line and as instance data it is the same to a running taktd, which gives it back as each.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

[ "$(id -u)" = 0 ] || { skip "three notations" "needs root"; finish; }
mkdir -p "$work/run"
printf '%b\n' "name: $tag\nrun-dir: $work/run\nhuge-pages: false\nclock: {tai-offset: 0}\nmemory: 128\nrecords: 4096\nports:\n  - {name: w, mem: true}" > "$work/conf.yaml"
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
# As tc has them, masks are hexadecimal; here a number without 0x is not.
while read -r mask told; do
	echo "admin-control-list: [{gate-states-value: $mask, time-interval-value: 1ms}]" > "$work/mask.yaml"
	"$takt" gate check "$work/mask.yaml" > /dev/null 2> "$work/mask.log"
	if [ "$(grep -c 'is decimal' "$work/mask.log")" = "$told" ]; then ok "gate-states-value: $mask"; else fail "gate-states-value: $mask" "told or not"; fi
done <<-END
	80   1
	16   1
	0x80 0
	128  0
	7    0
END

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
# A schedule that runs while another is pending is in no dump: that is said, in the file too.
set_one() { echo "$1" | "$takt" gate set --name "$ctl" w -; }
running() { "$takt" gate show --name "$ctl" w --json | jq -e '.gate | .oper != null and .admin == null' > "$work/null"; }
dump() { "$takt" dump --name "$ctl" > "$work/dump.yaml" 2> "$work/err" && "$taktd" --check -c "$work/dump.yaml" > "$work/null" 2>&1; }
said=$(set_one 'admin-control-list: [S ff 9000]')
if until_true 5 running && [ "$said" = "w: schedule set (\`takt gate show w\` draws it)" ]; then ok "at once: no word of when"; else fail "at once: no word of when" "$said"; fi
if dump && [ ! -s "$work/err" ] && ! grep -q '^#' "$work/dump.yaml"; then ok "a dump of what runs"; else fail "a dump of what runs" "$(cat "$work/err")"; fi
said=$(set_one "{admin-base-time: $base, admin-control-list: [S ff 7000]}")
want="w: schedule set: pending, takes over in [0-9]{4} s \(TAI ${base:0:10}\.0000[0-9]{5}\)"
if grep -qE "$want" <<< "$said"; then ok "an hour from now: said so"; else fail "an hour from now: said so" "$said"; fi
pending() { "$takt" gate show --name "$ctl" w --json | jq -e '.gate | .oper != null and .admin != null' > "$work/null"; }
words="port w: schedule [0-9]+ runs until TAI ${base:0:10}\.[0-9]{9}, and is not in this file: .takt gate show w --to yaml. prints it"
if until_true 5 pending && dump && grep -qE "^takt dump: $words\$" "$work/err" && grep -qE "^# $words\$" "$work/dump.yaml"; then
	ok "a dump says what it lacks"
else
	fail "a dump says what it lacks" "$(cat "$work/err")"
fi
"$takt" gate show --name "$ctl" w --to yaml > "$work/shown" && grep -q "admin-cycle-time: 9us" "$work/shown" && ok "and gate show has it" || fail "and gate show has it" "$(head -c 200 "$work/shown")"
alive taktd && ok "taktd lives" || fail "taktd lives" "it does not"
halt taktd
finish
