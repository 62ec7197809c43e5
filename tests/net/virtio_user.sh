#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Guests whose driver is DPDK's (virtio-user): both rings, every frame compared byte by byte, and what comes back after
# a kill of either side. Arguments pick scenarios.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

frames=5000
header=020000000002020000000001dead
sizes="60 61 64 127 577 1514"
in_if=${tag}g	# where frames for a guest come from
in_peer=${tag}q

# Every frame that came in left, its hops add up, and no record was missed.
hops_hold() {
	local sent=$1
	halt path INT || { why="takt path: $(tail -n 1 "$work/path.log")"; return 1; }
	why="takt path: $(jq -c '{frames, lost, bad_sums, dropped}' "$work/path.log")"
	jq -e --argjson n "$sent" '.frames == $n and .lost == 0 and .bad_sums == 0 and ([.dropped[]] | add) == 0' \
		"$work/path.log" > /dev/null
}
same() {
	tests/net/frames from-pcap < "$work/out.pcap" > "$work/out.txt"
	cmp -s "$work/in.txt" "$work/out.txt" && return
	why="in $(wc -l < "$work/in.txt") frames, out $(wc -l < "$work/out.txt"), $(cmp "$work/in.txt" "$work/out.txt" 2>&1)"
	return 1
}
# DPDK's driver polls and asks for no interrupts; a wire knows none. 2048 is PKT_NO_CALL.
calls_told() {
	cp "/dev/shm/takt-$tag.rec" "$work/rec" && tests/net/records "$work/rec" > "$work/records" || { why="no records"; return 1; }
	why="records that tell of interrupts what was not: $(awk '{ no = int($6 / 2048) % 2 } $5 == 0 && no != ($3 == "b")' "$work/records" | head -n 3)"
	! awk '{ no = int($6 / 2048) % 2 } $5 == 0 && no != ($3 == "b")' "$work/records" | grep -q .
}
have_sent() { [ "$(shown '[.ports[].counters.tx_frames] | add' -)" -ge "$1" ]; }
is_up() { shown '.ports[] | select(.name == $p) | .up' "$1" | grep -qx true; }
ring_is() {
	local ring
	ring=$(shown '.ports[] | select(.name == $p) | .ring' "$1")
	why="ring of $1 is $ring, not $2"
	[ "$ring" = "$2" ]
}
guest() { echo "net_virtio_user$1,path=$work/$2.sock,queue_size=256,$3"; }	# which one, port, devargs
guest_row() { echo "  - {name: $1, guest: $work/$1.sock, queue-depth: 8192, link-speed: 100Mb/s, $2}"; }

# -- frames: guest a -> taktd -> guest b, guest a -> a wire's file, a wire -> guest b --------------------------------------
played() { # keys of taktd, devargs of the guest, ring
	taktd_ports "records: 65536" <<-END || return 1
		$(guest_row a "$1")
		$(guest_row b "$1")
	END
	why="testpmd did not start"
	pmd_start pmd "net_pcap0,rx_pcap=$work/in.pcap" "$(guest 0 a "$2")" "$(guest 1 b "$2")" \
		"net_pcap1,tx_pcap=$work/out.pcap" || return 1
	why="a guest's port did not come up"
	until_true 10 is_up a && until_true 10 is_up b || return 1
	ring_is a "$3" && ring_is b "$3" || return 1
	passes_all
}
to_wire() {
	taktd_ports "records: 65536" <<-END || return 1
		$(guest_row a "$1")
		  - {name: w, wire: "net_pcap0,tx_pcap=$work/out.pcap", queue-depth: 8192, link-speed: 100Mb/s}
	END
	why="testpmd did not start"
	pmd_start pmd "net_pcap0,rx_pcap=$work/in.pcap" "$(guest 0 a "$2")" || return 1
	why="the guest's port did not come up"
	until_true 10 is_up a || return 1
	ring_is a "$3" && passes_all
}
passes_all() {
	path_start
	pmd_tell pmd "set fwd io retry"
	pmd_tell pmd "set burst tx delay 10 retry 10000"
	pmd_tell pmd start
	why="not all frames were sent: $(shown '[.ports[].counters.tx_frames] | add' -)"
	until_true 20 have_sent $frames || { why="sent $(shown '[.ports[].counters.tx_frames] | add' -)"; return 1; }
	sleep 0.3
	hops_hold $frames && calls_told || return 1
	halt pmd
	halt taktd	# writes its files out
	same
}
from_wire() {
	taktd_ports "records: 65536" <<-END || return 1
		  - {name: w, wire: "net_af_xdp0,iface=$host_if", queue-depth: 8192}
		$(guest_row b "$1")
	END
	why="testpmd did not start"
	pmd_start pmd "$(guest 0 b "$2")" "net_pcap0,tx_pcap=$work/out.pcap" || return 1
	pmd_tell pmd start
	why="the guest's port did not come up"
	until_true 10 is_up b || return 1
	ring_is b "$3" || return 1
	path_start
	in_wire tests/net/frames send "$peer_if" 2000 < "$work/in.txt"
	until_true 20 have_sent $frames || { why="sent $(shown '[.ports[].counters.tx_frames] | add' -)"; return 1; }
	sleep 0.3
	hops_hold $frames || return 1
	halt pmd
	halt taktd
	same
}

# -- asks for the time (base/ask.h) ----------------------------------------------------------------------------------------
asks=300
our_address=0274616b7400
ask_frames() { # source: number i asks with id i, and its time is 1000 i
	local i
	for ((i = 1; i <= asks; i++)); do
		printf '%s%s88b574616b7401010000%016x%016x%044x\n' $our_address "$1" $i $((1000 * i)) 0
	done
}
verdicts() { shown '.ports[] | select(.name == $p) | .verdicts | "\(.sent) \(."time-rate") \(."time-off") \(."time-bad")"' "$1"; }
judged() { [ "$(shown '.ports[] | select(.name == $p) | [.verdicts[]] | add' "$1")" -ge $asks ]; }
asked() { # keys, devargs, ring
	local sent rate off bad begin n
	ask_frames 020000000001 | tests/net/frames to-pcap > "$work/asks.pcap"
	taktd_ports "records: 65536" <<-END || return 1
		$(guest_row a "$1")
		  - {name: w, wire: "net_pcap0,tx_pcap=$work/out.pcap", queue-depth: 8192}
	END
	why="testpmd did not start"
	begin=$(date +%s%N)
	pmd_start pmd "net_pcap0,rx_pcap=$work/asks.pcap,tx_pcap=$work/back.pcap" "$(guest 0 a "$2")" || return 1
	why="the guest's port did not come up"
	until_true 10 is_up a && ring_is a "$3" || return 1
	pmd_tell pmd "set fwd io retry"
	pmd_tell pmd "set burst tx delay 10 retry 10000"
	pmd_tell pmd start
	until_true 10 judged a
	sleep 0.3
	read -r sent rate off bad < <(verdicts a)
	why="of $asks asks $sent answered, $rate too many, $off not told, $bad bad"
	[ $((sent + rate + off)) = $asks ] && [ "$bad" = 0 ] || return 1
	case $1 in
	time-answer*) [ "$off" = $asks ] || return 1 ;;
	*) [ "$off" = 0 ] && [ "$sent" -ge 125 ] && [ "$rate" -gt 0 ] || return 1 ;;	# of a burst, and more by the rate
	esac
	cp "/dev/shm/takt-$tag.rec" "$work/rec" && tests/net/records "$work/rec" > "$work/records" || { why="no records"; return 1; }
	halt pmd
	halt taktd
	tests/net/frames from-pcap < "$work/back.pcap" > "$work/back.txt"
	why="the wire was sent $(tests/net/frames from-pcap < "$work/out.pcap" | head -n 1)"
	[ -z "$(tests/net/frames from-pcap < "$work/out.pcap")" ] || return 1
	n=$(grep -Ec "^020000000001${our_address}88b574616b7401020000[0-9a-f]{48}0{28}\$" "$work/back.txt")
	why="$(wc -l < "$work/back.txt") answers came back, $n of them well formed, of $sent"
	[ "$n" = "$sent" ] && [ "$(wc -l < "$work/back.txt")" = "$sent" ] || return 1
	# What they say is what the records say, ask by ask, and the truth.
	perl -nE '/^.{44}(.{16})(.{16})(.{16})/; say hex $3; die "id $1, time $2\n" if 1000 * hex $1 != hex $2' "$work/back.txt" > "$work/told" || return 1
	perl -anE 'say $F[7] + $F[9] if $F[1] eq "a" && $F[2] eq "a" && !$F[4]' "$work/records" > "$work/seen"
	why="told is not what the records say: $(diff "$work/told" "$work/seen" | head -n 2 | tr '\n' ' ')"
	cmp -s "$work/told" "$work/seen" && sort -nc "$work/told" || return 1
	why="told $(head -n 1 "$work/told"), it began at $begin"
	[ "$sent" = 0 ] || perl -E 'exit !($ARGV[0] > $ARGV[1] - 1e7 && $ARGV[2] < $ARGV[3] + 1e7)' "$(head -n 1 "$work/told")" "$begin" \
		"$(tail -n 1 "$work/told")" "$(date +%s%N)"
}
asked_by_wire() { # none is answered, and none is forwarded
	ask_frames 020000000002 > "$work/asks.txt"
	taktd_ports "records: 65536" <<-END || return 1
		  - {name: w, wire: "net_af_xdp0,iface=$host_if", queue-depth: 8192}
		$(guest_row b "$1")
	END
	why="testpmd did not start"
	pmd_start pmd "$(guest 0 b "$2")" "net_pcap0,tx_pcap=$work/out.pcap" || return 1
	pmd_tell pmd start
	why="the guest's port did not come up"
	until_true 10 is_up b && ring_is b "$3" || return 1
	in_wire tests/net/frames send "$peer_if" 3000 < "$work/asks.txt"
	until_true 10 judged w
	why="sent, too many, not told, bad: $(verdicts w)"
	[ "$(verdicts w)" = "0 0 $asks 0" ] && [ "$(shown '[.ports[].counters.tx_frames] | add' -)" = 0 ]
}

# -- what a guest must not send --------------------------------------------------------------------------------------------
# Verdict     Bytes from-to, and how the frame begins; the rest is zero.
bad_frames='
runt        1     13    0200000000020200000000010800
malformed   14    17    0200000000020200000000018100
malformed   60    64    0200000000020200000000018100ffff0800
malformed   60    61    0200000000020200000000018100efff0800
oversize    1515  1520  0200000000020200000000010800
oversize    1900  1904  0200000000020200000000010800
oversize    1519  1522  0200000000020200000000018100000108000000
bad-source  60    62    0200000000020300000000010800
vlan-in     60    66    0200000000020200000000018100006408000000
link-local  60    60    0180c20000000200000000010800
sent        60    99    0200000000020200000000010800
sent        18    20    0200000000020200000000018100000108000000
sent        14    15    0200000000020200000000010800
sent        1514  1514  0200000000020200000000010800
sent        1518  1518  0200000000020200000000018100000108000000
'
make_bad() {
	local verdict from to start n zeros
	zeros=$(printf '%04000d' 0)
	while read -r verdict from to start; do
		[ -n "$verdict" ] || continue
		for ((n = from; n <= to; n++)); do
			echo "$verdict" >> "$work/verdicts.all"
			printf '%s\n' "$start$zeros" | cut -c "1-$((2 * n))"
		done
	done <<< "$bad_frames" > "$work/bad.txt"
	tests/net/frames to-pcap < "$work/bad.txt" > "$work/bad.pcap"
}
have_come() { [ "$(shown '.ports[] | select(.name == $p) | [.verdicts[]] | add' a)" -ge "$1" ]; }
refused() { # keys, devargs, ring
	local n got
	rm -f "$work/verdicts.all"
	make_bad
	n=$(wc -l < "$work/bad.txt")
	taktd_ports "records: 65536" <<-END || return 1
		$(guest_row a "$1")
		  - {name: w, wire: "net_pcap0,tx_pcap=$work/out.pcap", queue-depth: 8192}
	END
	why="testpmd did not start"
	pmd_start pmd "net_pcap0,rx_pcap=$work/bad.pcap" "$(guest 0 a "$2")" || return 1
	why="the guest's port did not come up"
	until_true 10 is_up a || return 1
	ring_is a "$3" || return 1
	path_start
	pmd_tell pmd "set fwd io retry"
	pmd_tell pmd start
	until_true 10 have_come "$n"
	sleep 0.5
	got=$(shown '.ports[] | select(.name == $p) | .verdicts | to_entries[] | select(.value > 0) | "\(.value) \(.key)"' a | sort)
	why="verdicts: $(diff <(sort "$work/verdicts.all" | uniq -c | sed 's/^ *//' | sort) <(echo "$got") | grep '^[<>]' | tr '\n' ' ')"
	[ "$(sort "$work/verdicts.all" | uniq -c | sed 's/^ *//' | sort)" = "$got" ] || return 1
	why="received and verdicts differ"
	shown 'all(.ports[]; .counters.rx_frames + .counters.copies == ([.verdicts[]] | add))' - | grep -qx true || return 1
	halt path INT || { why="takt path: $(tail -n 1 "$work/path.log")"; return 1; }
	why="takt path: $(jq -c '{frames, lost, bad_sums, dropped}' "$work/path.log")"
	jq -e --argjson n "$n" '.frames + ([.dropped[]] | add) == $n and .lost == 0 and .bad_sums == 0' "$work/path.log" \
		> /dev/null
}

# -- coming back ----------------------------------------------------------------------------------------------------------
# At once, a stream of 500 numbered frames from the guest's side to the wire and one the other way.
streams() {
	local to from
	until_true 15 is_up a || { why="$1: the guest's port is not up"; return 1; }
	for to in "$in_peer" "$peer_if"; do
		start "to_$to" ip netns exec "$ns" "$takt" recv -i "$to" --count 500 --timeout 10s --strict
	done
	sleep 0.3
	for from in "$in_peer" "$peer_if"; do
		start "from_$from" ip netns exec "$ns" "$takt" send -i "$from" --rate 1000 --burst 7 --count 500
	done
	for to in "$in_peer" "$peer_if"; do
		until_true 12 ended "to_$to"
		halt "to_$to" || { why="$1: to $to: $(tail -n 1 "$work/to_$to.log")"; return 1; }
	done
	for from in "$in_peer" "$peer_if"; do
		until_true 5 ended "from_$from"
		halt "from_$from" || { why="$1: from $from: $(tail -n 1 "$work/from_$from.log")"; return 1; }
	done
}
ended() { ! alive "$1"; }
frontend() { # devargs
	why="testpmd did not start"
	[ "$role" = server ] || rm -f "$work/a.sock"	# the frontend listens, and a killed one leaves its socket
	pmd_start pmd "$(guest 0 a "$1")" "net_af_packet0,iface=$in_if" && pmd_tell pmd start
}
backend() {
	why="taktd did not start"
	taktd_ports <<-END
		  - {name: w, wire: "net_af_xdp0,iface=$host_if", queue-depth: 4096}
		  - {name: a, guest: $work/a.sock, queue-depth: 4096, $1}
	END
}
comes_back() { # keys, devargs, ring, who goes, how
	role=server
	case $1 in *client*) role=client ;; esac
	backend "$1" && frontend "$2" || return 1	# one that listens waits for taktd
	streams before && ring_is a "$3" || return 1
	halt "$4" "$5"
	if [ "$4" = pmd ]; then frontend "$2"; else backend "$1"; fi || return 1
	streams after && ring_is a "$3"
}

# What        taktd's keys              Guest's devargs       Ring    Who goes, how
scenarios='
played        packed:false              packed_vq=0           split
played        packed:true               packed_vq=1           packed
played        packed:true               packed_vq=0           split
played        packed:false              packed_vq=1           split
played        packed:false              packed_vq=0,mrg_rxbuf=0,in_order=0  split
played        packed:true               packed_vq=1,mrg_rxbuf=0,in_order=0  packed
to_wire       packed:false              packed_vq=0           split
to_wire       packed:true               packed_vq=1           packed
from_wire     packed:false              packed_vq=0           split
from_wire     packed:true               packed_vq=1           packed
asked         packed:false              packed_vq=0           split
asked         packed:true               packed_vq=1           packed
asked         time-answer:false         packed_vq=0           split
asked_by_wire packed:false              packed_vq=0           split
refused       packed:false              packed_vq=0           split
refused       packed:true               packed_vq=1           packed
comes_back    role:server               packed_vq=0           split   pmd    KILL
comes_back    role:server,packed:true   packed_vq=1           packed  pmd    KILL
comes_back    role:client               server=1              split   pmd    KILL
comes_back    role:client               server=1              split   taktd  KILL
comes_back    role:client               server=1              split   taktd  TERM
comes_back    role:client,packed:true   server=1,packed_vq=1  packed  taktd  KILL
'

if [ "$(id -u)" != 0 ]; then
	skip virtio-user "needs root"
	finish
fi
urgent
wire && veth "$in_if" "$in_peer" || { fail wire "cannot make the namespace"; finish; }
huge_pages 80 || { fail memory "no huge pages for the guest"; finish; }
# shellcheck disable=SC2086 # a list
tests/net/frames number $frames $header $sizes > "$work/in.txt"
tests/net/frames to-pcap < "$work/in.txt" > "$work/in.pcap"

while read -r what keys devargs ring who how; do
	[ -n "$what" ] || continue
	[ $# = 0 ] || case " $* " in *" $what "*) ;; *) continue ;; esac
	name="$what: $keys, guest $devargs${who:+, $who gone by SIG$how}"
	why="taktd did not start"
	keys=${keys//:/: }
	if $what "${keys//,/, }" "$devargs" "$ring" $who $how; then ok "$name"; else fail "$name" "$why"; fi
	halt path
	halt pmd
	halt taktd
	rm -f "$work"/*.log "$work"/out.*
done <<END
$scenarios
END
finish
