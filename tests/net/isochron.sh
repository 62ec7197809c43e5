#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Beside the isochron of Debian: its receiver hears takt send, takt recv hears its sender, each reads the other's files and prints the same. isochron starts only where an interface
# has a PHC, which there is none of here: a shim plays one to it (phc_shim.c); its frames, its files and its words are its own.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

near=$ns far=${ns}b
near_ip=10.79.0.1 far_ip=10.79.0.2
frames=200
all_letters=qqSSwsTtRRraABCHW
all_codes='%u %x %d %T %d %d %d %d %T %u %d %x %d %u %d %T %d 100%% \t\\ \"x\n'

trap 'ip netns del "$far" 2> /dev/null; clean_up' EXIT
[ -x "$(command -v isochron)" ] || { skip isochron "isochron is not installed: scripts/deps test"; finish; }
gcc -O2 -Wall -Wextra -Werror -D_GNU_SOURCE -shared -fPIC -o "$work/phc.so" tests/net/phc_shim.c -ldl || { fail isochron "the shim is not built"; finish; }
ip netns add "$near" && ip netns add "$far" && ip link add e0 netns "$near" type veth peer name e0 netns "$far" &&
	ip -n "$near" addr add $near_ip/24 dev e0 && ip -n "$far" addr add $far_ip/24 dev e0 &&
	ip -n "$near" link set e0 up && ip -n "$far" link set e0 up || { fail isochron "cannot make the namespaces"; finish; }
far_mac=$(ip netns exec "$far" cat /sys/class/net/e0/address)
ip -n "$near" neigh replace $far_ip lladdr "$far_mac" dev e0 nud permanent
near_do() { ip netns exec "$near" "$@"; }
# With a PHC whose stamps of what leaves are 2 us late, so that they are no other's.
iso_near() { near_do env LD_PRELOAD="$work/phc.so" PHC_LATE=2000 timeout 30 isochron "$@"; }

ready() { ip netns exec "$far" ss -ltn | grep -q :5000; }
rcv_start() {
	start rcv ip netns exec "$far" env LD_PRELOAD="$work/phc.so" isochron rcv --interface e0
	until_true 10 ready || { fail "isochron rcv" "does not start"; return 1; }
}
listening() { grep -q 'listening on' "$work/recv.log"; }
is_over() { ! alive "$1"; }

# Both print all letters of all frames of this file alike; name, file
alike() {
	isochron report -F "$2" -f "$all_codes" -a $all_letters > "$work/theirs" 2>&1 && "$takt" report "$2" -f "$all_codes" -a $all_letters > "$work/ours" 2>&1 &&
		cmp -s "$work/theirs" "$work/ours" && [ "$(wc -l < "$work/ours")" = "${3:-$frames}" ] && return
	fail "$1" "isochron report and takt report print different lines: $(diff "$work/theirs" "$work/ours" | head -n 2)"
	return 1
}

# takt send, heard by isochron rcv. What its program and its kernel stamped is asked for, and stands beside ours.
to_rcv() { # name, options of takt send
	rcv_start || return
	# shellcheck disable=SC2086
	near_do "$takt" send -i e0 --count $frames --isochron $far_ip --log "$work/a.dat" $2 > "$work/send.log" 2>&1 || { fail "$1" "takt send failed"; return; }
	halt rcv
	"$takt" report "$work/a.dat" --json > "$work/a.json"
	jq -e ".due == $frames and .received == $frames and .not_stamped == 0 and (.metrics | map(.key // .name) | index(\"Arrival latency\")) and
		(.metrics[] | select(.name == \"End to end\") | .min_ns > 0)" "$work/a.json" > /dev/null || { fail "$1" "$(cut -c 1-300 "$work/a.json")"; return; }
	alike "$1" "$work/a.dat" && ok "$1"
}
to_rcv "isochron rcv hears takt send" ""
to_rcv "isochron rcv hears takt send, with a tag" "-v 10 -p 5"
to_rcv "isochron rcv hears takt send, UDP" "--udp $far_ip -s 90"

# isochron send, heard by takt recv: all frames, numbered, with their stamps. Its receiver has to be there too: version 0.9-rc4 dies without one (SIGSEGV), shim or not.
from_send() { # name, options of takt recv, of isochron send
	rcv_start || return
	# shellcheck disable=SC2086
	start recv ip netns exec "$far" "$takt" recv $2 --count $frames --timeout 20s --strict --log "$work/b.dat" --json
	until_true 10 listening || { fail "$1" "takt recv does not listen"; return; }
	# shellcheck disable=SC2086
	iso_near send --interface e0 --cycle-time 0.002 --num-frames $frames --frame-size 90 --omit-sync --quiet --client $far_ip --output-file "$work/iso.dat" $3 > "$work/iso.log" 2>&1 || { fail "$1" "isochron send failed"; return; }
	halt rcv
	until_true 25 is_over recv
	halt recv || { fail "$1" "takt recv missed some"; return; }
	[ "$("$takt" report "$work/b.dat" -f '%u %d %d\n' -a qra | awk '$1 == NR && $2 > 0 && $3 >= $2' | wc -l)" = $frames ] || { fail "$1" "not all have their stamps"; return; }
	ok "$1"
}
from_send "takt recv hears isochron send" "-i e0" "--dmac $far_mac"
from_send "takt recv hears isochron send, with a tag" "-i e0" "--dmac $far_mac --vid 10 --priority 5"
from_send "takt recv hears isochron send, UDP" "--udp 0.0.0.0:6001" "--l4 --ip-destination $far_ip --data-port 6001"

# A file of isochron's own: its summary is ours, and what we read and write again is the same.
name="isochron's file"
rcv_start && iso_near send --interface e0 --cycle-time 0.002 --num-frames $frames --frame-size 90 --omit-sync --quiet --client $far_ip --output-file "$work/c.dat" > "$work/iso.log" 2>&1
halt rcv
if [ -s "$work/c.dat" ]; then
	"$takt" report "$work/c.dat" -o "$work/again.dat" > "$work/ours"
	cmp -s "$work/c.dat" "$work/again.dat" && ok "$name: written again as it was" || fail "$name" "it is not the same when written again"
	alike "$name" "$work/c.dat" && ok "$name: printed alike"
else
	fail "$name" "isochron wrote none"
fi

# Its numbers of each metric, by its names. A frame without a stamp is in none of its metrics, and one that did not come neither: so each has its half, and no other.
metrics='Path delay|Sender latency|Wakeup latency|Driver latency|Application latency budget|MAC latency|Arrival latency'
summaries() { # name, file
	isochron report -F "$2" --summary | grep -E "^($metrics): |^HW TX|^Packets not received" | sed 's/^\(HW TX deadline misses: [0-9]* ([0-9.]*%\).*/\1/' | sort > "$work/theirs"
	"$takt" report "$2" | grep -E "^($metrics): |^HW TX|^Packets not received" | sed 's/^\(HW TX deadline misses: [0-9]* ([0-9.]*%\).*/\1/' | sort > "$work/ours"
	grep -q '^Packets not received' "$work/theirs" || sed -i '/^Packets not received: 0 /d' "$work/ours"
	[ "$(wc -l < "$work/theirs")" -ge 6 ] && cmp -s "$work/theirs" "$work/ours" && ok "$1" && return
	fail "$1" "$(diff "$work/theirs" "$work/ours" | head -n 4)"
}
summaries "summary: isochron's own file" "$work/c.dat"

# What did not come is printed alike, too: frames 3 and 150 of that file.
name="frames that did not come"
perl -e 'open F, "+<", $ARGV[0]; for (3, 150) { seek F, 96 + '$frames' * 48 + ($_ - 1) * 32, 0; print F "\0" x 32 }' "$work/c.dat"
if alike "$name" "$work/c.dat"; then
	[ "$("$takt" report "$work/c.dat" --json | jq -c '[.lost, .received]')" = "[2,$((frames - 2))]" ] && ok "$name" || fail "$name" "takt report does not count them"
fi

# isochron's metrics are of hardware's stamps alone; without these it tells none, and takt report those of software's, and says so.
name="no hardware stamps"
if isochron report -F "$work/a.dat" --summary | grep -q 'Could not calculate' &&
	jq -e '.metrics[] | select(.name == "Path delay") | .stamps == "software"' "$work/a.json" > /dev/null; then
	ok "$name"
else
	fail "$name" "isochron has a summary of software stamps now: let takt report be compared with it"
fi

# Nobody there who speaks it, and words that contradict each other.
refused() { # name, words, options of takt send
	# shellcheck disable=SC2086
	near_do timeout 20 "$takt" send -i e0 --count 10 --log "$work/no.dat" $3 > /dev/null 2> "$work/refused.log"
	if [ $? = 2 ] && grep -q -e "$2" "$work/refused.log" && [ ! -e "$work/no.dat" ]; then ok "$1"; else fail "$1" "$(cat "$work/refused.log")"; fi
}
refused "nobody who keeps stamps" "is .isochron rcv. running there" "--isochron $far_ip"
refused "a warm-up for isochron rcv" "--isochron and --warm-up" "--isochron $far_ip --warm-up 10ms"
finish
