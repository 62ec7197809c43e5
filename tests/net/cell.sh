#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Cells of campaigns: each backend that is here, for half a second: files are complete and agree with each other; who dies makes a cell fail, with a sentence, and nothing is left.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

# cell NAME AXIS=VALUE...: into $work/NAME; its exit status
cell() {
	local name=$1
	shift
	timeout 100 "$takt" bench cell -o "$work/$name" -t "${span:-500ms}" --warm-up 100ms "$@" > "$work/$name.log" 2>&1
}

# told NAME JQ...: does it hold of its cell.json?
told() { jq -e "${@:2}" "$work/$1/cell.json" > /dev/null; }

# Frames as `takt report` finds them in frames.dat.
reported() { "$takt" report --json "$work/$1/frames.dat" | jq -c '[.due, .received]'; }

complete() {
	local n=$1
	told "$n" '.status == "ok" and .reason == ""' &&
	told "$n" '.counts | .due == 500 and .sent <= .due and .received + .lost == .sent and .received > 250 and .duplicate == 0 and .reordered == 0' &&
	told "$n" '.t_end - .t_begin == 500000000 and (.commands | length) > 1 and .floor.max_ns > 0' &&
	[ "$(reported "$n")" = "$(jq -c '.counts | [.due, .received]' "$work/$n/cell.json")" ]
}

# No frame is there twice; each that came has its hops; these are no longer than its way, but for the first and the last: the worker looks at its clock before it looks for frames, and the far end's
# kernel has it before the hand-over is over (docs/guest-hops.md).
hops_fit() {
	local n=$1 bound
	bound=$(jq '.clock.error_bound_ns + 50000' "$work/$n/cell.json")
	"$takt" report "$work/$n/frames.dat" --printf-format '%u %d %d\n' --printf-args qtr > "$work/$n.stamps" &&
	awk -v bound="$bound" '
		FNR == NR { if ($3 > 0) { way[$1] = $3 - $2; n++ } next }
		FNR == 1 { for (i = 2; i <= NF; i++) { if ($i == "send") send = i; if ($i == "copy") copy = i } next }
		{ sum = 0; for (i = 2; i <= NF; i++) sum += $i; if (seen[$1]++ || sum <= 0) bad++
		  if ($1 in way) { known++; if (sum - $send - $copy > way[$1] + bound) bad++ } }
		END { exit !(send && copy && n > 250 && known == n && !bad) }
	' "$work/$n.stamps" "$work/$n/hops.tsv"
}

taktd_kept() {
	hops_fit "$1" && jq -e .causes "$work/$1/blame.json" > /dev/null && told "$1" '.poll_gaps.unread == 0 and .poll_gaps.count >= 0' && [ -s "$work/$1/takt.yaml" ] &&
		[ ! -e "$work/$1/recording" ]
}

# A guest boots with a clock that is some hundred us off, and takes over ours: a step is as good as one look (a system call there), and the bound is that of many.
clock_set() { told "$1" '.clock | .between == "same" or (.offset_ns | fabs) < 20 * .error_bound_ns'; }

# One line each: NAME, the words of the cell. What is not installed is skipped with the sentence that it says.
while read -r name words; do
	# shellcheck disable=SC2086
	cell "$name" $words
	case $? in
	0)
		if complete "$name"; then ok "$name: counts add up, frames.dat has the same"; else fail "$name" "$(jq -c '[.status, .reason, .counts]' "$work/$name/cell.json")"; fi
		if clock_set "$name"; then ok "$name: both ends have one clock"; else fail "$name: clock" "$(jq -c .clock "$work/$name/cell.json")"; fi
		case $words in
		*backend=taktd*round-trip*) ;;
		*backend=taktd*) if taktd_kept "$name"; then ok "$name: hops of each frame, causes, gaps"; else fail "$name: hops" "$(head -n 2 "$work/$name/hops.tsv")"; fi ;;
		esac ;;
	77) skip "$name" "$(tail -n 1 "$work/$name.log")" ;;
	*) fail "$name" "$(tail -n 1 "$work/$name.log")" ;;
	esac
done <<END
veth backend=veth guest=none
taktd-none backend=taktd guest=none
taktd-to-guest backend=taktd guest=uml direction=to-guest
taktd-from-guest backend=taktd guest=uml direction=from-guest load=flood
taktd-round-trip backend=taktd guest=uml direction=round-trip
testpmd backend=testpmd guest=uml direction=to-guest
ovs-dpdk backend=ovs-dpdk guest=uml direction=from-guest
bridge backend=qemu-bridge guest=qemu-6.1 direction=round-trip
macvtap backend=qemu-macvtap guest=qemu-6.1 direction=round-trip
END

gates='{gate-parameters: {admin-cycle-time: 1ms, admin-control-list: [S 80 300000, S 7f 700000]}}'
cell gates backend=taktd guest=none --keys "$gates"
if told gates --arg k "$gates" '.schedule == $k and .gates == {"t_base": 0, "cycle_ns": 1000000, "open": [[0, 300000]]}'; then
	ok "gates: when they were open is kept"
else
	fail gates "$(jq -c '[.reason, .schedule, .gates]' "$work/gates/cell.json")"
fi

# Behind a gate that is shut for nine tenths of the time, a PTP client is off by its wait where nothing corrects that.
for correction in off on; do
	cell "ptp-$correction" backend=taktd guest=none direction=round-trip correction=$correction -c 125ms -t 3s --warm-up 6s \
		--keys '{gate-parameters: {admin-cycle-time: 10ms, admin-control-list: [S 80 1000000, S 7f 9000000]}}'
done
rms() { jq .ptp.rms_ns "$work/ptp-$1/cell.json"; }
if told ptp-on '.ptp.samples > 5' && told ptp-off --argjson on "$(rms on)" '.ptp.rms_ns > 10 * $on' &&
	[ "$(wc -l < "$work/ptp-on/ptp.tsv")" = "$(jq '.ptp.samples + 1' "$work/ptp-on/cell.json")" ]; then
	ok "PTP: what the client takes for its offset, without correction and with it"
else
	fail PTP "$(jq -c '[.reason, .ptp]' "$work"/ptp-*/cell.json)"
fi

# Refused before anything is started: a sentence, and 77.
while read -r sentence; do
	read -r words
	# shellcheck disable=SC2086
	"$takt" bench cell --can $words > "$work/can.log" 2>&1
	if [ $? = 77 ] && grep -q "$sentence" "$work/can.log"; then ok "cannot be: $words"; else fail "cannot be: $words" "$(cat "$work/can.log")"; fi
done <<END
clock is not the host's
backend=taktd guest=qemu-6.1 direction=to-guest
two ends and no guest
backend=veth guest=uml
one queue pair
backend=qemu-bridge guest=qemu-6.1 direction=round-trip queues=2
two ports
backend=testpmd guest=uml neighbours=1
backend has to be taktd
backend=testpmd guest=uml correction=on
END

# All below a process, by name.
below() {
	local p
	for p in $(pgrep -P "$1"); do
		[ "$(cat "/proc/$p/comm" 2> /dev/null)" = "$2" ] && echo "$p"
		below "$p" "$2"
	done
}
while read -r name comm sentence; do
	start dying "$takt" bench cell -o "$work/$name" -t 60s backend=taktd guest=uml direction=to-guest
	if ! until_true 60 test -e "$work/$name/send.log"; then	# the talker begins
		fail "$name" "it did not start"
		halt dying
		continue
	fi
	sleep 1
	victim=$(below "${pid[dying]}" "$comm" | head -n 1)
	kill -KILL "$victim"
	if ! until_true 30 test ! -e "/proc/${pid[dying]}/exe"; then
		fail "$name" "it goes on"
	elif told "$name" --arg s "$sentence" '.status == "failed" and (.reason | test($s))' && [ ! -e "/proc/$victim/exe" ]; then
		ok "$name: $(jq -r .reason "$work/$name/cell.json")"
	else
		fail "$name" "$(jq -c '[.status, .reason]' "$work/$name/cell.json")"
	fi
	halt dying
done <<END
guest-dies kernel guest guest
backend-dies taktd taktd ended with 137
END
if [ -z "$(ip netns list | grep -w -e far -e guest)" ] && ! ip link show p-far > /dev/null 2>&1 && [ ! -e /run/takt-cell ]; then ok "nothing is left"; else fail "nothing is left" "$(ip netns list)"; fi
finish
