#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# ptp4l -S in real guests, its servo on, through a gated port: the guest's clock begins half a second and 30 ppm off, and has to come
# back. What the guest believes is printed beside the truth (tests/guest/guestclock.c), with the transparent clock and without it.
# Arguments pick kinds of guests. This machine's clock is only read: its ptp4l runs free, and has it as it is.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

# Guest  ptp of both ports   of the guest's; "found": an egress-latency that makes up for the error of the row before
# QEMU without correction asserts nothing that these three do not: ask for it by SCENARIOS.
scenarios=${SCENARIOS:-'
uml      correction:true     -
uml      correction:false    -
qemu     correction:true     -
'}
begin_ns=-500000000	# the guest is late already: it waited for its CPU while it booted
begin_ppb=30000
settle=${SETTLE:-40} samples=${SAMPLES:-40}	# looks at the guest's clock, ten a second
ptp4l=$(command -v ptp4l)
ethtool=$(command -v ethtool)
guestclock=$O/tests/guest/guestclock

[ "$(id -u)" = 0 ] || { skip "ptp4l in guests" "needs root"; finish; }
for program in ptp4l pmc jq ethtool; do
	command -v "$program" > /dev/null || { skip "ptp4l in guests" "$program is not installed: make deps"; finish; }
done
[ -x "$guestclock" ] || { echo "$guestclock is missing: run make $guestclock first"; exit 1; }
O=$O scripts/guest-image || { fail images "scripts/guest-image failed"; finish; }

ptp4l_conf() {
	cat <<-END
		[global]
		time_stamping software
		network_transport L2
		logSyncInterval -3
		logMinDelayReqInterval -3
		logAnnounceInterval -2
		tx_timestamp_timeout 100
		summary_interval -4
	END
	printf '%s\n' "$@"
}

# PTP's class is shut for 7 ms of 10, on both of its ways.
gates='gate-parameters: {admin-cycle-time: 10ms, admin-control-list: ["sched-entry S 02 3000000", "sched-entry S fd 7000000"]}'
ports() {
	cat <<-END
		  - {name: wire, wire: "net_af_packet0,iface=$host_if", ptp: {$1}, $gates}
		  - {name: g, guest: $work/g.sock, ptp: {role: client-only, $1$2}, $gates}
	END
}

# Who stamps is awake when there is something to stamp, whatever else the machine does. Not QEMU, whose threads would starve each
# other, and not taktd, which spins: it has a CPU of its own where there are two.
fifo="taskset -c $(($(nproc) - 1))"
! chrt -f 10 true 2> /dev/null || fifo+=' chrt -f 10'

# In a session of its own, whose priority it may raise: the worker's stamps are as good as its hold of a CPU.
taktd_run() {
	start taktd setsid "$taktd" --config "$work/conf.yaml"
	until_true 15 taktd_up
}

# What the guest does. Its ptp4l's lines come at the end: writing them would disturb it.
guest_script() {
	cat <<-END
		ethtool -T eth0 | sed 's/^/# stamps /'
		guestclock share $token 60 || exit
		guestclock disturb $begin_ns $begin_ppb || exit
		echo '# begin'
		guestclock pairs 100 1
		ptp4l -f /ptp4l.cfg -i eth0 -m > /run/log 2>&1 &
		for i in \$(seq 400); do
			grep -q 'to SLAVE' /run/log && break
			usleep 100000
		done
		echo '# settle'
		guestclock pairs 100 $settle
		n=\$(wc -l < /run/log)
		echo '# measure'
		guestclock pairs 100 $samples
		sed -n 's/^/# ptp4l /p' /run/log
		echo '# believed'
		tail -n +\$((n + 1)) /run/log
		echo '# end'
	END
}

boot() {
	local soon=$fifo
	[ "$1" = uml ] || soon=
	token=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
	guest_script > "$work/play"
	# shellcheck disable=SC2086
	start guest $soon "$takt" vm run "--$1" --socket "$work/g.sock" --name "$tag" --nice -20 --timeout 120s --kernel-dir "$O/guest" --files \
		"$guestclock=/bin/guestclock,$ptp4l=/bin/ptp4l,$ethtool=/bin/ethtool$(with_libs "$ptp4l" "$ethtool"),$work/guest.cfg=/ptp4l.cfg,$work/play=/play" \
		-- sh /play
	until_true 60 grep -q '^# stamps' "$work/guest.log"
}

# The lines between two marks.
between() { sed -n "/^# $1\$/,/^# $2\$/p" "$work/truth.log"; }
# The true error of each look, best known, and its bound.
errors() { awk '$1 == "true" { if (NF > 3) print $4, $5; else print $2, $3 }'; }
beliefs() { sed -n 's/.*master offset *\(-\?[0-9]*\) s2 .*/\1/p'; }
# Of the numbers in the first column: how many, the median with its sign, and of their sizes the median, p99 and maximum, us.
figures() {
	sort -n | awk '{ v[NR] = $1; print ($1 < 0 ? -$1 : $1) | "sort -n" } END { close("sort -n"); print "signed", v[int((NR + 1) / 2)] }' |
		awk '$1 == "signed" { m = $2; next } { v[++n] = $1 }
			END { if (n) printf "%d %.1f %.1f %.1f %.1f\n", n, m / 1e3, v[int((n + 1) / 2)] / 1e3, v[int(n * .99 + .99)] / 1e3, v[n] / 1e3; else print 0, 0, 0, 0, 0 }'
}

check() { # NAME CONDITION WORDS
	if [ -n "$2" ]; then ok "$name: $1"; else fail "$name: $1" "$3"; fi
}
is() { awk "BEGIN { exit !($1) }" && echo yes; }

# The longest that a frame to PORT waited for its gate, ns.
gate_wait() { "$takt" path --input "$work/records" --port "$1" --class 1 --json | jq '[.hops[] | select(.hop == "gate").max_ns] | max // 0'; }

master_says() { pmc -u -b 0 -s "$work/m.sock" 'GET PORT_STATS_NP' | awk -v f="rx_$1" '$1 == f { print $2 }'; }

measure() {
	local memory offset to_guest to_wire begin believed truth outside bound
	memory=$(guest_memory guest)
	offset=$(nice -n -20 "$guestclock" ask "$token" "$memory" 2> "$work/ask.log")
	check "its TSC is the host's but for a constant" "$(is "${offset% *}+0 <= ${offset#* }+0 && ${#offset} > 2")" "$offset $(cat "$work/ask.log")"
	[ -n "$offset" ] || return
	local uml=${memory#/proc/}
	[ "$kind" != uml ] || check "which is 0 in UML" "$(is "${offset% *} <= 0 && ${offset#* } >= 0")" "$offset"
	[ "$kind" = uml ] && uml=${uml%%/*} || uml=
	start truth sh -c 'tail -n +1 -F --pid "$1" "$2" | nice -n -20 "$3" truth $4' - "${pid[guest]}" "$work/guest.log" "$guestclock" "$offset $uml"
	until_true 90 grep -q '^# measure' "$work/truth.log" || { fail "$name: measures" "it does not begin"; return; }
	until_true 60 grep -q '^# end' "$work/truth.log" || { fail "$name: measures" "it does not end"; return; }
	cp "/dev/shm/takt-$tag.rec" "$work/records"
	to_guest=$(gate_wait g) to_wire=$(gate_wait wire)

	check "software stamps, and no others" "$(grep -q 'software-transmit' "$work/truth.log" && grep -q 'Hardware Clock: none' "$work/truth.log" &&
		! grep -q 'hardware-' "$work/truth.log" && echo yes)" "$(grep stamps "$work/truth.log" | tr '\n' ' ')"
	check "ptp4l is a slave" "$(grep -q 'to SLAVE' "$work/truth.log" && echo yes)" "$(grep '^# ptp4l' "$work/truth.log" | tail -n 3)"
	check "PTP waited for its gate, both ways" "$(is "$to_guest > 1000000 && $to_wire > 1000000")" "$to_guest $to_wire ns"
	check "the guest sent Delay_Req, and nothing else of PTP" \
		"$(is "$(master_says Delay_Req)+0 > 0 && $(master_says Sync)+$(master_says Announce)+$(master_says Follow_Up)+$(master_says Delay_Resp)+0 == 0" &&
			[ "$(shown '.ports[] | select(.name == $p).verdicts["ptp-role"]' g)" = 0 ] && echo yes)" "$(pmc -u -b 0 -s "$work/m.sock" 'GET PORT_STATS_NP')"

	begin=$(between begin settle | errors | awk '{ print int(($1 < 0 ? -$1 : $1) / 1000); exit }')
	believed=$(between believed end | beliefs | figures)
	truth=$(between measure believed | errors | figures)
	bound=$(between measure believed | errors | awk '{ print $2 }' | figures)
	# The timekeeper and the pairs are two roads to one truth; the servo turns the clock by 500 ppm at most between them.
	outside=$(between begin believed | awk '$1 == "true" && NF > 3 { d = $2 - $4; if (d < 0) d = -d; if (d > $3 + $5 + $6 * 1e-3) n++ } END { print n + 0 }')
	check "the truth is one" "$(is "$outside == 0")" "$outside looks differ"
	check "from ${begin%???} ms off to less than a tenth of that" \
		"$(is "$begin > 100000 && ${truth%% *} >= $samples / 2 && ${believed%% *} >= 10 && $(cut -d' ' -f4 <<< "$truth") * 10 < $begin")" "$begin us; believed $believed; true $truth"
	printf '      %-30s %-9s %8s %10s %10s %10s %10s\n' "$name" "" samples "median us" "|median|" "p99" "max"
	# shellcheck disable=SC2086
	printf '      %-30s %-9s %8s %10s %10s %10s %10s\n' "" believed $believed "" true $truth "" bound $bound
	error_ns=$(awk '{ printf "%d", $2 * 1000 }' <<< "$truth")
}

ptp4l_conf "free_running 1" "priority1 10" "uds_address $work/m.sock" > "$work/m.cfg"
# The servo settles within seconds at eight Syncs each, and a spike moves it by 62 us at most.
ptp4l_conf "slaveOnly 1" "pi_proportional_const 0.4" "pi_integral_const 0.01" "max_frequency 500000" "uds_address /run/ptp4l" > "$work/guest.cfg"
wire || { fail wire "cannot make the namespace"; finish; }

error_ns=0
while read -r kind keys own; do
	[ -n "$kind" ] || continue
	[ $# = 0 ] || [[ " $* " == *" $kind "* ]] || continue
	# Sync waits until the guest notices it, Delay_Req does not: half of that is what the guest's clock is late.
	case $own in
	-|'') own= ;;
	found) own=", egress-latency: $((-2 * error_ns))ns" ;;
	*) own=", ${own//:/: }" ;;
	esac
	name="$kind, $keys$own"
	for try in 1 2 3; do
		taktd_ports "records: 16384"$'\n'"cpu: 0" < <(ports "${keys//:/: }" "$own") || { fail "$name" "taktd did not start"; break; }
		# shellcheck disable=SC2086
		start master $fifo ip netns exec "$ns" ptp4l -f "$work/m.cfg" -i "$peer_if" -m
		if boot "$kind"; then
			measure
			break
		fi
		[ "$try" -lt 3 ] || fail "$name" "the guest does not boot"
		for p in guest master taktd; do halt "$p"; done
		sleep 5
	done
	for p in truth guest master taktd; do halt "$p"; done
	rm -f "$work"/*.log
done <<END
$scenarios
END
finish
