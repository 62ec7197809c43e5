#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The live benches, short: every frame in its window, changes on time, shapers without a burst error, by taktd's stamps and by a receiver
# that does not believe them; what they refuse, and that nothing stays behind. Rates and latencies are the machine's and not looked at.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

left() {
	ls -d /tmp/takt-live-* /dev/shm/takt-rig-* /var/run/dpdk/takt-rig-* /var/run/dpdk/takt-judge-* 2> /dev/null
	pgrep -x takt-judge
}
bench() { timeout -k 5 120 "$takt" bench "$@"; }
value() { jq -r --arg n "$1" '.[] | select(.name == $n) | .value' "$work/$2.json"; }

# Figures that have to be 0.
zero() {
	local run=$1 name
	shift
	for name; do
		[ "$(value "$name" "$run")" = 0 ] && continue
		fail "$run" "$name is $(value "$name" "$run")"
		return 1
	done
	ok "$run: $*"
}

if [ "$(nproc)" -lt 2 ]; then
	skip live 'worker and receiver want a CPU each'
	finish
fi

before=$(left)
if bench gate -n 50000 -c 30 --json > "$work/gate.json" 2> "$work/gate.log"; then
	ok 'gate: exit status'
else
	fail 'gate: exit status' "$?: $(tail -n 1 "$work/gate.log")"
fi
zero gate gate_outside gate_overruns_unmatched gate_overruns_uncounted gate_lost gate_seen_outside gate_change_errors
frames=$(value gate_frames_class7 gate)
if [ "${frames%.*}" -ge 50000 ] && [ "$(value gate_changes gate)" = 30 ]; then
	ok 'gate: as many frames and changes as asked for'
else
	fail 'gate: as many frames and changes as asked for' "$frames frames, $(value gate_changes gate) changes"
fi

if bench cbs --span 2s --json > "$work/cbs.json" 2> "$work/cbs.log"; then
	ok 'cbs: exit status'
else
	fail 'cbs: exit status' "$?: $(tail -n 1 "$work/cbs.log")"
fi
zero cbs cbs_lost cbs_burst_errors cbs_burst_seen_errors cbs_b_burst_errors cbs_b_burst_seen_errors

# Words of the refusal  Options
while read -r words options; do
	# shellcheck disable=SC2086
	out=$(bench $options 2>&1 > /dev/null)
	status=$?
	if [ "$status" = 2 ] && grep -q -e "$words" <<< "$out"; then
		ok "refused: $options"
	else
		fail "refused: $options" "status $status: $out"
	fi
done <<-END
	this.machine.has  gate --cpu 1000
	is.not.there      gate --taktd /nonexistent/taktd
	--judge           cbs --judge /nonexistent/judge
	out.of.range      gate --frames 1
	out.of.range      cbs --span 1ms
END

# Interrupted in the middle: everything is taken down.
start interrupted "$takt" bench gate
sleep 6
halt interrupted INT
status=$?
[ "$status" = 130 ] && ok 'Ctrl-C: exit status' || fail 'Ctrl-C: exit status' "$status"
grep -q 'interrupted; cleaned up' "$work/interrupted.log" && ok 'and said so' || fail 'and said so' "$(tail -n 1 "$work/interrupted.log")"
[ "$(left)" = "$before" ] && ok 'nothing left behind' || fail 'nothing left behind' "$(left)"
finish
