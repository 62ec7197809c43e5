#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Real guests on a real wire: ping, 10,000 frames each way in order and complete, and what comes back after kill -9 of
# either side. Arguments pick scenarios or kinds; SCENARIOS replaces the table.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

guest_ip=10.77.0.2
frames=10000
rate=2000

# What, step by step with the same taktd and guest as far as they live    Guest  taktd    Guest's options   taktd's keys
scenarios=${SCENARIOS:-'
ping+frames_out+frames_in+who+guest_killed+taktd_killed+memory_gone       uml    server   -                 -
ping+frames_out+frames_in+who+guest_killed+taktd_killed                   qemu   server   -                 -
ping+who+taktd_killed+taktd_ended+guest_ended                             qemu   client   -                 -
frames_out                                                                qemu   server   --packed          packed:true
frames_in                                                                 qemu   server   --queues,2        queues:2
'}

# The guest connects where taktd is server, and listens where it is client.
boot() {
	local role=client
	[ "$backend" = server ] || role=server
	# As urgent as taktd's worker: a busy machine would starve it.
	# shellcheck disable=SC2086
	start guest "$takt" vm run "--$kind" --role $role --socket "$work/g.sock" --ip $guest_ip/24 --name "$tag" \
		--nice -20 --timeout 90s --kernel-dir "$O/guest" $options -- "$@"
}
booted() { until_true 60 grep -q 'guest .*: ready' "$work/guest.log"; }
# Queues that hold what comes at once when the sender was kept from its CPU for a second.
backend_up() { taktd_start "g , role: $backend, queue-depth: 4096$keys"; }

answers() { grep -c 'bytes from' "$work/guest.log"; }
answers_at_least() { [ "$(answers)" -ge "$1" ]; }
more_answers() { until_true 30 answers_at_least $(($(answers) + 5)); }
frontend() { pgrep -P "${pid[guest]}" | head -n 1; }	# whom `takt vm run` started
ended() { ! alive "$1"; }

# Frames into the guest's ring with which it was interrupted; 2048 is PKT_NO_CALL.
interrupts() {
	cp "/dev/shm/takt-$tag.rec" "$work/rec" && tests/net/records "$work/rec" > "$work/records" &&
		awk '$3 == "g" && $5 == 0 && !(int($6 / 2048) % 2)' "$work/records" | wc -l
}

recv="recv --count $frames --timeout 60s --strict"	# fails unless every frame came, once and in order
send="send --rate $rate --count $frames"

# What a guest does that plays these steps: it says when it begins and ends one, and pings on in the end.
part() {
	case $1 in
	ping) echo "ping -c 5 -i 0.2 -W 5 $wire_ip; echo pinged \$?; sleep 1" ;;	# 1 s: nothing else is in the records yet
	frames_out) echo "takt $send -i eth0; echo sent \$?" ;;
	frames_in) echo "echo receiving; takt $recv -i eth0; echo received \$?" ;;
	esac
}
play() {
	local step script=
	for step in ${what//+/ }; do
		script+="$(part "$step")
"
	done
	[[ $what != *frames_out* ]] || start wire ip netns exec "$ns" "$takt" $recv -i "$peer_if"
	boot sh -c "${script}exec ping -i 0.2 $wire_ip"
}
said() { grep -qx "$1" "$work/guest.log"; }
played() { [[ ${pid[guest]:-} ]] && alive guest || play; }
pinging() { [[ ${pid[guest]:-} ]] && alive guest || boot ping -i 0.2 $wire_ip; more_answers; }

# Each step leaves its reason in `why` when it fails.
ping_() {
	played
	why="ping failed"
	until_true 90 said 'pinged [0-9]*' && said 'pinged 0' && grep -q ' 0% packet loss' "$work/guest.log" || return 1
	why="an idle guest was pinged back 5 times, and interrupted $(interrupts) times"
	[ "$(interrupts)" -ge 5 ]
}

# What a probe asks for: whose threads these are. The frontend is one of those that `takt vm run` started.
who() {
	local tid peer
	why="no ping"
	pinging || return 1
	tid=$(shown .worker.tid -)
	why="worker.tid is $tid"
	[ -d "/proc/${pid[taktd]}/task/$tid" ] && [ "$tid" != "${pid[taktd]}" ] || return 1
	[ "$(shown .worker.cpu -)" = null ] || { why="it is not pinned"; return 1; }
	tid=$(shown .clock.tid -)
	why="clock.tid is $tid"
	[ -d "/proc/${pid[taktd]}/task/$tid" ] || return 1
	peer=$(shown '.ports[] | select(.name == $p) | .peer_pid' g)
	why="peer_pid is $peer, and $(frontend) is whom vm run started"
	[ "$peer" -gt 1 ] && [[ " $(pgrep -g "$(frontend)" | tr '\n' ' ') $(frontend) $(pgrep -P "$(frontend)" | tr '\n' ' ') " == *" $peer "* ]] || return 1
	why="a wire has a peer"
	[ "$(shown '.ports[] | select(.name == $p) | .peer_pid' wire)" = null ]
}
no_peer() { [ "$(shown '.ports[] | select(.name == $p) | .peer_pid' g)" = null ]; }


# The receiver has ended, with its blessing.
complete() {
	until_true 90 ended wire && halt wire && return 0
	why="wire said: $(grep -v guest "$work/wire.log" | tail -n 1)"
	return 1
}

frames_out() {
	played
	until_true 90 said 'sent [0-9]*' && complete || return 1
	why="the guest did not send all"
	said 'sent 0'
}

frames_in() {
	played
	why="the guest does not receive"
	until_true 90 said receiving && sleep 1 || return 1
	# shellcheck disable=SC2086
	start wire nice -n -20 ip netns exec "$ns" "$takt" $send -i "$peer_if"
	complete && until_true 90 said 'received [0-9]*'
	why="guest said: $(grep -B 1 '^received' "$work/guest.log" | head -n 1)"
	said 'received 0'
}

guest_killed() {
	why="no ping before the kill"
	pinging || return 1
	kill -KILL "$(frontend)"
	why="takt vm run did not notice that its guest died"
	until_true 10 ended guest || return 1
	halt guest
	why="peer_pid stays when the guest has gone"
	until_true 30 no_peer || return 1
	why="no ping from a new guest"
	pinging
}

guest_ended() {
	why="no ping before"
	pinging || return 1
	halt guest
	why="peer_pid stays when the guest has gone"
	until_true 30 no_peer
}

# UML cannot reconnect: its command ends with the backend, and a new guest comes. QEMU's guest goes on.
restarted() {
	why="no ping before taktd went"
	pinging || return 1
	halt taktd "$1"
	if [ "$kind" = uml ]; then
		why="UML outlived its backend"
		until_true 10 ended guest || return 1
		halt guest
	fi
	why="taktd did not start again"
	backend_up || return 1
	why="no ping after taktd came back"
	pinging
}
taktd_killed() { restarted KILL; }
taktd_ended() { restarted TERM; }

# The guest's memory is a file of its own, which it may truncate under us: that ends its port, and nothing else.
memory_gone() {
	local memory
	why="no ping before"
	pinging || return 1
	why="the guest's memory is nowhere to be found"
	memory=$(guest_memory guest) || return 1
	truncate -s 0 "$memory"
	why="taktd did not notice, or did not live"
	until_true 10 grep -q 'taken its memory away' "$work/taktd.log" && alive taktd || return 1
	halt guest
	why="no ping from a new guest"
	pinging
}

if [ "$(id -u)" != 0 ]; then
	skip guests "needs root"
	finish
fi
O=$O scripts/guest-image || { fail images "scripts/guest-image failed"; finish; }
wire || { fail wire "cannot make the namespace"; finish; }

# What a step needs and finds dead is made anew, and nothing that failed is left to the next.
clear_away() {
	halt guest
	halt wire
	halt taktd
	rm -f "$work"/*.log
}

while read -r what kind backend options keys; do
	[ -n "$what" ] || continue
	of="$kind, taktd is $backend"
	[ "$options" = - ] || of="$of, $options"
	[ "$options" != - ] || options=
	[ "$keys" != - ] || keys=
	options=${options//,/ }
	keys=${keys:+, ${keys//:/: }}
	if [ $# != 0 ] && [[ " $* " != *" $kind "* ]]; then
		chosen=
		for step in ${what//+/ }; do [[ " $* " != *" $step "* ]] || chosen+=${chosen:++}$step; done
		what=$chosen
	fi
	for step in ${what//+/ }; do
		run=$step
		[ "$step" != ping ] || run=ping_
		why="taktd did not start"
		if { [[ ${pid[taktd]:-} ]] && alive taktd || backend_up; } && $run; then
			ok "$step: $of"
		else
			fail "$step: $of" "$why"
			clear_away
		fi
	done
	clear_away
done <<END
$scenarios
END
finish
