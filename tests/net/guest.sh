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

# What        Guest  taktd    Guest's options   taktd's keys
scenarios=${SCENARIOS:-'
ping          uml    server   -                 -
who           uml    server   -                 -
frames_out    uml    server   -                 -
frames_in     uml    server   -                 -
guest_killed  uml    server   -                 -
taktd_killed  uml    server   -                 -
memory_gone   uml    server   -                 -
ping          qemu   server   -                 -
who           qemu   server   -                 -
frames_out    qemu   server   -                 -
frames_in     qemu   server   -                 -
guest_killed  qemu   server   -                 -
taktd_killed  qemu   server   -                 -
ping          qemu   client   -                 -
who           qemu   client   -                 -
taktd_killed  qemu   client   -                 -
taktd_ended   qemu   client   -                 -
frames_out    qemu   server   --packed          packed:true
frames_in     qemu   server   --queues,2        queues:2
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

# Each scenario leaves its reason in `why` when it fails.
ping_() {
	boot ping -c 5 -i 0.2 -W 5 $wire_ip
	why="ping failed"
	until_true 90 ended guest && halt guest && grep -q ' 0% packet loss' "$work/guest.log" || return 1
	why="an idle guest was pinged back 5 times, and interrupted $(interrupts) times"
	[ "$(interrupts)" -ge 5 ]
}

# What a probe asks for: whose threads these are. The frontend is one of those that `takt vm run` started.
who() {
	local tid peer
	boot ping -i 0.2 $wire_ip
	why="no ping"
	more_answers || return 1
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
	[ "$(shown '.ports[] | select(.name == $p) | .peer_pid' wire)" = null ] || { why="a wire has a peer"; return 1; }
	halt guest
	why="peer_pid stays when the guest has gone"
	until_true 10 no_peer
}
no_peer() { [ "$(shown '.ports[] | select(.name == $p) | .peer_pid' g)" = null ]; }

recv="recv --count $frames --timeout 60s --strict"	# fails unless every frame came, once and in order
send="send --rate $rate --count $frames"

# The receiver has ended, with its blessing.
complete() {
	until_true 90 ended "$1" && halt "$1" && return 0
	why="$1 said: $(grep -v guest "$work/$1.log" | tail -n 1)"
	return 1
}

frames_out() {
	# shellcheck disable=SC2086
	start wire ip netns exec "$ns" "$takt" $recv -i "$peer_if"
	sleep 0.5
	# shellcheck disable=SC2086
	boot takt $send -i eth0
	complete guest && complete wire
}

frames_in() {
	# shellcheck disable=SC2086
	boot takt $recv -i eth0
	why="the guest did not boot"
	booted && sleep 1 || return 1
	# shellcheck disable=SC2086
	start wire nice -n -20 ip netns exec "$ns" "$takt" $send -i "$peer_if"
	complete wire && complete guest
}

guest_killed() {
	boot ping -i 0.2 $wire_ip
	why="no ping before the kill"
	more_answers || return 1
	kill -KILL "$(frontend)"
	why="takt vm run did not notice that its guest died"
	until_true 10 ended guest || return 1
	halt guest
	boot ping -i 0.2 $wire_ip
	why="no ping from a new guest"
	more_answers
}

# UML cannot reconnect: its command ends with the backend, and a new guest comes. QEMU's guest goes on.
restarted() {
	boot ping -i 0.2 $wire_ip
	why="no ping before taktd went"
	more_answers || return 1
	halt taktd "$1"
	if [ "$kind" = uml ]; then
		why="UML outlived its backend"
		until_true 10 ended guest || return 1
		halt guest
	fi
	why="taktd did not start again"
	backend_up || return 1
	[ "$kind" = qemu ] || boot ping -i 0.2 $wire_ip
	why="no ping after taktd came back"
	more_answers
}
taktd_killed() { restarted KILL; }
taktd_ended() { restarted TERM; }

# The guest's memory is a file of its own, which it may truncate under us: that ends its port, and nothing else.
memory_gone() {
	local memory
	boot ping -i 0.05 $wire_ip
	why="no ping before"
	more_answers || return 1
	why="the guest's memory is nowhere to be found"
	memory=$(guest_memory guest) || return 1
	truncate -s 0 "$memory"
	why="taktd did not notice, or did not live"
	until_true 10 grep -q 'taken its memory away' "$work/taktd.log" && alive taktd || return 1
	halt guest
	boot ping -i 0.2 $wire_ip
	why="no ping from a new guest"
	more_answers
}

if [ "$(id -u)" != 0 ]; then
	skip guests "needs root"
	finish
fi
O=$O scripts/guest-image || { fail images "scripts/guest-image failed"; finish; }
wire || { fail wire "cannot make the namespace"; finish; }

while read -r what kind backend options keys; do
	[ -n "$what" ] || continue
	[ $# = 0 ] || case " $* " in *" $what "*|*" $kind "*) ;; *) continue ;; esac
	name="$kind, taktd is $backend"
	[ "$options" = - ] || name="$name, $options"
	[ "$options" != - ] || options=
	[ "$keys" != - ] || keys=
	options=${options//,/ }
	keys=${keys:+, ${keys//:/: }}
	name="$what: $name"
	why="taktd did not start"
	run=$what
	[ "$what" != ping ] || run=ping_
	if backend_up && $run; then ok "$name"; else fail "$name" "$why"; fi
	halt guest
	halt wire
	halt taktd
	rm -f "$work"/*.log
done <<END
$scenarios
END
finish
