#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Two guests and a wire: who gets which frame, tagged how, to the byte; and what is counted of the rest.
# The guests are DPDK's driver (virtio-user), each with a veth behind it, so that frames enter and leave as bytes.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

# Port  VLANs
ports='
a  {name: a, guest: SOCKET, pvid: 1, vlans: [10]}
b  {name: b, guest: SOCKET, pvid: 10, vlans: [1]}
w  {name: w, wire: "net_af_xdp0,iface=IFACE", pvid: 1, vlans: [10, 20, 30]}
'
A=02000000000a
B=02000000000b
W=02000000000c
X=0200000000ee	# nobody
G=0180c200000e	# not forwarded by bridges
M=01005e000001	# a group
t1=81000001 t10=8100000a t10p7=8100e00a t20=81000014 t30=8100001e p5=8100a000 tfff=81000fff tcut=8100 q10=88a8000a

# One frame after the other. The sender's port, destination, source and tag; the verdict of each copy of it at that port;
# where it comes out, and with which tag ("-": none).
steps='
unknown.is.flooded               a  B  A  -      sent,sent  b:t1    w:-
reply.is.unicast                 b  A  B  t1     sent       a:-
learned.is.unicast               a  B  A  -      sent       b:t1
from.the.wire.to.a               w  A  W  -      sent       a:-
broadcast.is.flooded             w  F  W  -      sent,sent  a:-     b:t1
group.is.flooded                 a  M  A  -      sent,sent  b:t1    w:-
tag.of.the.own.pvid              w  A  W  t1     sent       a:-
VLAN.10.is.learned.apart         a  B  A  t10    sent,sent  b:-     w:t10
VLAN.10.reply.untagged           b  A  B  -      sent       a:t10
priority.is.kept                 w  A  W  t10p7  sent       a:t10p7
priority.tag.joins.pvid          a  B  A  p5     sent       b:t1p5
to.the.untagged.side             w  B  W  t10p7  sent       b:-
no.member.elsewhere              w  F  W  t20    no-port
no.member.here                   a  F  A  t20    vlan-in
no.member.here.either            b  F  B  t30    vlan-in
own.segment                      a  A  X  -      no-port
link-local.stays                 a  G  A  -      link-local
group.as.source                  a  B  M  -      bad-source
reserved.VLAN.ID                 a  B  A  tfff   malformed
service.tag.is.payload           w  B  W  q10    sent       b:t1q10
X.moves.from.a.to.w              w  A  X  -      sent       a:-
X.is.found.at.w                  b  X  B  t1     sent       w:-
A.moves.to.w                     w  B  A  -      sent       b:t1
A.is.found.at.w                  b  A  B  t1     sent       w:-
A.moves.back                     a  B  A  -      sent       b:t1
A.is.found.at.a                  b  A  B  t1     sent       a:-
1500.bytes                       a  B  A  -      sent       b:t1
1500.bytes.and.a.tag             w  A  W  t10    sent       a:t10
1501.bytes                       a  B  A  -      oversize
1501.bytes.and.a.tag             w  A  W  t10    oversize
'
t1p5=8100a001 t1q10=${t1}${q10} F=ffffffffffff
moves=3

# The frame's bytes behind its tag: type, number of the step, filling.
payload() { # number, name
	local size=46
	case $2 in 1500.*) size=1500 ;; 1501.*) size=1501 ;; esac
	printf '88b5%08x%0*d' "$1" $((2 * (size - 4))) 0
}
tag() { [ "$1" = - ] || printf '%s' "${!1}"; }

frame_count() { shown '[.ports[].counters.rx_frames] | add' -; }
is_settled() {
	shown "([.ports[].counters.rx_frames] | add) == $1 and ([.ports[].classes[].queued] | add) == 0" - | grep -qx true
}
are_up() { shown 'all(.ports[]; .up)' - | grep -qx true; }
hear() { # port
	start "hear_$1" ip netns exec "$ns" "$takt" capture -i "${tag}p$1" -w "$work/$1.pcapng" --snaplen 2000 \
		--immediate
}

start_all() {
	local p row rows=
	while read -r p row; do
		[ -n "$p" ] || continue
		veth "${tag}h$p" "${tag}p$p" || return 1
		row=${row/SOCKET/$work/$p.sock}
		rows+="  - ${row/IFACE/${tag}h$p}"$'\n'
	done <<< "$ports"
	why="taktd did not start"
	taktd_ports "records: 4096" <<< "$rows" || return 1
	why="testpmd did not start"
	pmd_start pmd "net_virtio_user0,path=$work/a.sock" "net_af_packet0,iface=${tag}ha" \
		"net_virtio_user1,path=$work/b.sock" "net_af_packet1,iface=${tag}hb" || return 1
	pmd_tell pmd start
	why="not all ports came up"
	until_true 10 are_up || return 1
	for p in a b w; do
		hear $p
	done
	why="takt capture did not begin"
	for p in a b w; do
		until_true 10 grep -q 'capturing on' "$work/hear_$p.log" || return 1
	done
}

# Sends each step's frame; leaves what should be seen on PORT's veth, in and out, in PORT.want, and PORT VERDICT in
# verdicts.want.
play() {
	local n=0 name port dst src tags verdicts out
	touch "$work"/{a,b,w,verdicts}.want
	while read -r name port dst src tags verdicts out; do
		[ -n "$name" ] || continue
		n=$((n + 1))
		echo "${!dst}${!src}$(tag "$tags")$(payload $n "$name")" | tee -a "$work/$port.want" |
			in_wire tests/net/frames send "${tag}p$port" || return 1
		for v in ${verdicts//,/ }; do
			echo "$port $v" >> "$work/verdicts.want"
		done
		for o in $out; do
			echo "${!dst}${!src}$(tag "${o#*:}")$(payload $n "$name")" >> "$work/${o%:*}.want"
		done
		why="$name: not taken: $(frame_count) of $n frames were received"
		until_true 5 is_settled $n || return 1
	done <<< "$steps"
	sleep 0.5
	copies=$(($(wc -l < "$work/verdicts.want") - n))
}

named() { # names of steps whose numbers are in the frames of standard input
	local line n
	while read -r line; do
		n=$((16#$(sed -E 's/.*88b5(.{8}).*/\1/' <<< "$line")))
		grep . <<< "$steps" | sed -n "$n s/ .*//p"
	done | tr '\n' ' '
}
check_port() {
	halt "hear_$1" INT
	tests/net/frames from-pcap < "$work/$1.pcapng" > "$work/$1.got"
	if cmp -s "$work/$1.want" "$work/$1.got"; then
		ok "port $1: what went in and out, to the byte and in order: $(wc -l < "$work/$1.want") frames"
	else
		fail "port $1" "missing: $(diff "$work/$1.want" "$work/$1.got" | sed -n 's/^< //p' | named), not expected: $(
			diff "$work/$1.want" "$work/$1.got" | sed -n 's/^> //p' | named)"
	fi
}
# A jq expression over `takt show` or `takt path` that must be true.
check() { # name, file, expression, what to show
	if jq -e "$3" "$2" > /dev/null; then ok "$1"; else fail "$1" "$(jq -c "$4" "$2")"; fi
}

if [ "$(id -u)" != 0 ]; then
	skip bridge "needs root"
	finish
fi
urgent
ip netns add "$ns" && huge_pages 80 || { fail bridge "no namespace, or no huge pages for the guests"; finish; }
start_all && play || { fail "bridge" "$why"; finish; }

for port in a b w; do
	check_port $port
done
taktd_ask show --all --json > "$work/show.json"
cp "/dev/shm/takt-$tag.rec" "$work/records"
"$takt" path --json --input "$work/records" > "$work/path.json" || fail "takt path" "exit $?"

jq -r '.ports[] | .name as $n | .verdicts | to_entries[] | range(.value) as $i | "\($n) \(.key)"' "$work/show.json" |
	sort > "$work/verdicts.got"
if sort "$work/verdicts.want" | cmp -s - "$work/verdicts.got"; then
	ok "one verdict for each frame and copy, and the right one"
else
	fail "verdicts" "$(sort "$work/verdicts.want" | diff - "$work/verdicts.got" | grep '^[<>]' | tr '\n' ' ')"
fi
check "received and copied is the sum of verdicts, at each port" "$work/show.json" \
	'all(.ports[]; .counters.rx_frames + .counters.copies == ([.verdicts[]] | add))' \
	'[.ports[] | {name, rx: .counters.rx_frames, copies: .counters.copies, verdicts}]'
check "copies" "$work/show.json" "([.ports[].counters.copies] | add) == $copies" '[.ports[].counters.copies]'
check "moves" "$work/show.json" "([.ports[].counters.moved] | add) == $moves" '[.ports[].counters.moved]'
check "every record is there, and its hops add up" "$work/path.json" \
	".bad_sums == 0 and .lost == 0 and .frames + ([.dropped[]] | add) == $(wc -l < "$work/verdicts.want")" \
	'{frames, dropped, lost, bad_sums}'
finish
