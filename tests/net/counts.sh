#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# A path that loses, doubles, swaps and delays frames by number (mangler.c): takt recv, takt send --round-trip and takt report count exactly what was done, on layer 2
# with and without a tag and in UDP, one way and there and back.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

far=${ns}b
near_if=${tag}n far_if=${tag}f
near_ip=10.78.0.1 far_ip=10.78.0.2
frames=400	# at 2 ms: those that are late come back before the last
export LATE=600
deadline=300ms	# a machine that keeps a process from its CPU for so long fails this test

trap 'ip netns del "$far" 2> /dev/null; clean_up' EXIT

# An end of the path: namespace, interface here, interface there, address.
end() {
	ip netns add "$1" && ip link add "$2" type veth peer name "$3" netns "$1" || return 1
	links+=("$2")
	ethtool -K "$2" tx off txvlan off rxvlan off > /dev/null && ip netns exec "$1" ethtool -K "$3" tx off txvlan off rxvlan off > /dev/null &&
		sysctl -q -w "net.ipv6.conf.$2.disable_ipv6=1" && ip netns exec "$1" sysctl -q -w "net.ipv6.conf.$3.disable_ipv6=1" &&
		ip link set "$2" up && ip -n "$1" link set "$3" up && ip -n "$1" addr add "$4/24" dev "$3"
}
gcc -O2 -Wall -Wextra -Werror -D_GNU_SOURCE -o "$work/mangler" tests/net/mangler.c || { fail counts "the mangler is not built"; finish; }
end "$ns" "$near_if" t0 $near_ip && end "$far" "$far_if" t0 $far_ip || { fail counts "cannot make the namespaces"; finish; }
mac() { ip netns exec "$1" cat /sys/class/net/t0/address; }
near_mac=$(mac "$ns") far_mac=$(mac "$far")
ip -n "$ns" neigh replace $far_ip lladdr "$far_mac" dev t0 nud permanent && ip -n "$far" neigh replace $near_ip lladdr "$near_mac" dev t0 nud permanent

mangled() { grep -q ready "$work/mangler.log"; }
heard() { grep -q -e 'listening on' -e 'reflecting on' "$work/far.log"; }
is_over() { ! alive "$1"; }
# What a JSON file says, as "received lost duplicate reordered misses".
five() { jq -r "$1 | \"\(.received) \(.lost) \(.duplicate) \(.reordered) \(.deadline_misses)\"" "$2"; }
same() { [ "$2" = "$3" ] && return 0; fail "$1" "says \"$3\", not \"$2\""; return 1; }

lane_of() { # options of both ends; sets send and recv
	case $1 in
	untagged) send="-i t0 -d $far_mac" recv="-i t0" ;;
	tagged) send="-i t0 -d $far_mac -v 10 -p 6" recv="-i t0" ;;
	udp) send="--udp $far_ip -p 5" recv="--udp $far_ip" ;;
	esac
}

one_way() { # name, received, lost, duplicate, reordered, misses
	# shellcheck disable=SC2086
	start far ip netns exec "$far" "$takt" recv $recv --count "$2" --timeout 20s --deadline $deadline --log "$work/came.dat" --json
	until_true 10 heard || { fail "$1" "nobody listens"; return 1; }
	# shellcheck disable=SC2086
	in_wire "$takt" send $send --cycle 2ms --count $frames --log "$work/sent.dat" --json > "$work/sent.json" 2> "$work/send.log" || { fail "$1" "takt send failed"; return 1; }
	until_true 25 is_over far || { fail "$1" "fewer than $2 came"; return 1; }
	grep '^{' "$work/far.log" > "$work/came.json"
	same "$1: takt recv" "$2 $3 $4 $5 $6" "$(five '.senders[0]' "$work/came.json")" &&
		"$takt" report "$work/sent.dat" "$work/came.dat" -o "$work/frames.dat" --deadline $deadline --json > "$work/report.json"
}

there_and_back() {
	# shellcheck disable=SC2086
	start far ip netns exec "$far" "$takt" reflect $recv --timeout 30s
	until_true 10 heard || { fail "$1" "nobody answers"; return 1; }
	# shellcheck disable=SC2086
	in_wire "$takt" send $send --cycle 2ms --count $frames --round-trip --linger 3s --deadline $deadline --log "$work/frames.dat" --json \
		> "$work/sent.json" 2> "$work/send.log" || { fail "$1" "takt send failed"; return 1; }
	same "$1: takt send" "$2 $3 $4 $5 $6" "$(five . "$work/sent.json")" &&
		"$takt" report "$work/frames.dat" --deadline $deadline --json > "$work/report.json"
}

# The letters of lost frames are empty, and of no other: what the path did is in the file, frame by frame.
lost_ones() { "$takt" report "$work/frames.dat" -f '%u %d\n' -a qa | awk '$2 == 0 { printf "%s%s", sep, $1; sep = "," }'; }

# Way, lane, what the path does, what it comes to: received, lost, duplicate, reordered, later than the deadline.
rows='
one_way|untagged|lose=2,3,77,399|396 4 0 0 0
one_way|tagged|dup=1,50,51|403 0 3 0 0
one_way|udp|swap=10,20,30|400 0 0 3 0
one_way|untagged|late=5,6|400 0 0 2 2
one_way|udp|lose=9,100 dup=10,11 swap=12,300 late=40,41,42|400 2 2 5 3
one_way|tagged||400 0 0 0 0
there_and_back|untagged|lose=2,200,400|397 3 0 0 0
there_and_back|udp|lose=8 dup=9 swap=10 late=11|400 1 1 2 1
there_and_back|tagged|lose=100,101,102 dup=5,6 late=7,50|399 3 2 2 2
there_and_back|udp||400 0 0 0 0
'
while IFS='|' read -r way lane plan want; do
	[ -n "$way" ] || continue
	name="$way, $lane: ${plan:-nothing}"
	lane_of "$lane"
	# shellcheck disable=SC2086
	start mangler "$work/mangler" "$near_if" "$far_if" $plan
	until_true 10 mangled || { fail "$name" "the path is not there"; continue; }
	# shellcheck disable=SC2086
	if $way "$name" $want; then
		lost=$(tr ' ' '\n' <<< "$plan" | sed -n 's/^lose=//p')
		# shellcheck disable=SC2086
		set -- $want
		if same "$name: takt report" "$frames $((frames - $2)) $2 $5 0" "$(jq -r '"\(.due) \(.received) \(.lost) \(.deadline_misses.count) \(.not_stamped)"' "$work/report.json")" &&
			same "$name: lost in the file" "$lost" "$(lost_ones)"; then
			ok "$name"
		fi
	fi
	halt far
	halt mangler
done <<< "$rows"
finish
