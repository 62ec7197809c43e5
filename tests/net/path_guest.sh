#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# takt path --guest and takt clock guest with real guests: frames with numbers go from a sender in the guest to the wire and from the wire to a reader
# in the guest, 1,000 a second each way. Every hop from sendmsg() to the wire and from the wire to the socket's reader has to be seen for 99.9 % of them,
# hops have to add up, and nothing may be against its cause. Arguments pick scenarios: qemu, uml, pair; KERNEL=6.12 takes another kernel in QEMU.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

scenarios=${*:-qemu uml pair}
seconds=${SECONDS_EACH:-8}
rate=${RATE:-1000}
whole_ppm=${WHOLE_PPM:-999000}

[ "$(id -u)" = 0 ] || { skip "whole ways" "needs root"; finish; }
command -v jq > /dev/null || { skip "whole ways" "jq is not installed: make deps"; finish; }
O=$O scripts/guest-image || { fail images "scripts/guest-image failed"; finish; }

# What a guest does: its agent tells, a sender and a reader run until it is stopped.
play() {
	cat <<-END
		takt guest $1 > /run/guest.log 2>&1 &
		sleep ${3:-2}
		takt recv -i eth0 --ethertype 0xdead > /run/recv.log 2>&1 &
		echo playing
		exec takt send -i eth0 -d $2 --rate $rate > /run/send.log 2>&1
	END
}

boot() {	# NAME KIND SINK DESTINATION OPTION...
	local name=$1 kind=$2 sink=$3 to=$4
	shift 4
	play "$sink" "$to" > "$work/$name.play"
	start "$name" "$takt" vm run "--$kind" --socket "$work/$name.sock" --name "$name" --mac "02:00:00:00:00:0${name#g}" --timeout 300s --nice -20 \
		--kernel-dir "$O/guest" ${KERNEL:+$([ "$kind" = uml ] || echo --kernel "$KERNEL")} --log "$work/$name.console" --files "$work/$name.play=/play" "$@" -- sh /play
	until_true 150 grep -q '^playing' "$work/$name.log"
}

value() { jq -r "$1" "$work/path.json"; }

# Judge a table: TITLE, then hops that have to be there, "IN>OUT:HOP...".
judge() {
	local title=$1 n whole defects bad row hop key count total
	shift
	n=$(value .numbered) whole=$(value .numbered_whole) defects=$(value .defects) bad=$(value .bad_sums)
	echo "      $title: $whole of $n ways whole, bounds of clocks" \
		"$(value '[.sources[] | select(.clock) | "\(.port) \(.clock.bound_min_ns) to \(.clock.bound_max_ns) ns, \(.clock.breaks) breaks"] | join("; ")')"
	value '.hops[] | select(.count > 100) | "      \(.in) > \(.out) class \(.class) \(.hop): \(.count), +- \(.bound_ns), p50 \(.p50_ns), max \(.max_ns)"'
	[ "$n" -ge $((seconds * rate / 2)) ] || { fail "$title" "only $n numbered frames"; return; }
	[ "$(value .lost)" = 0 ] || { fail "$title" "records were lost"; return; }
	[ $((whole * 1000000 / n)) -ge "$whole_ppm" ] && ok "$title: $((whole * 1000000 / n)) ppm whole" ||
		fail "$title" "$whole of $n whole: $(value '.missing | to_entries | map(select(.value > 0) | "\(.value) without \(.key)") | join(", ")')"
	[ "$defects" = 0 ] && [ "$bad" = 0 ] && ok "$title: all add up, none against its cause" || fail "$title" "$defects against their cause, $bad do not add up"
	[ "$(value '[.hops[] | .negative] | add')" = 0 ] && ok "$title: no negative hop" || fail "$title" "negative hops"
	[ "$(value '[.sources[] | select(.clock) | .clock.breaks] | add')" = 0 ] && ok "$title: the clocks have no break" || fail "$title" "a clock that nobody stepped has breaks"
	for row; do
		key=${row%%:*} total=
		for hop in ${row#*:}; do
			count=$(value "[.hops[] | select(.in == \"${key%>*}\" and .out == \"${key#*>}\" and .hop == \"$hop\") | .count] | add // 0")
			: "${total:=$count}"
			[ "$count" -gt $((seconds * rate / 3)) ] || { fail "$title" "$key: hop $hop was seen $count times"; continue 2; }
		done
		ok "$title: $key has ${row#*:}"
	done
}

path() { taktd_ask_long path --json --interval "${seconds}s" "$@" > "$work/path.json" 2> "$work/path.log"; }
taktd_ask_long() { timeout $((seconds + 60)) "$takt" "$@" --name "$work/run/$tag.ctl"; }

talk_on_wire() {
	start far_send ip netns exec "$ns" "$takt" send -i "$peer_if" -d 02:00:00:00:00:01 --rate "$rate"
	start far_recv ip netns exec "$ns" "$takt" recv -i "$peer_if"
}

inner="copy class queue gate shape port send"

qemu() {
	local n
	boot g1 qemu "" 02:00:00:00:77:77 --events "$work/g1.ev" || { fail qemu "the guest does not play: $(tail -n 3 "$work/g1.console")"; return; }
	talk_on_wire
	sleep 1
	path -g "g1=$work/g1.ev" -w "wire=$peer_if@$ns" || fail qemu "takt path failed"
	judge "QEMU, guest and wire" "g1>wire:app driver ring $inner wire" "wire>g1:rx $inner call irq deliver"
	# The same again as a recording, damaged and not; and one frame's waterfall.
	taktd_ask_long record -o "$work/rec" -i 2s -g "g1=$work/g1.ev" -w "wire=$peer_if@$ns" > "$work/record.log" 2>&1 || fail qemu "takt record failed"
	"$takt" path --input "$work/rec" --json > "$work/path.json" 2> "$work/path.log"
	n=$(value .numbered)
	[ "$n" -gt "$rate" ] && [ "$(value .defects)" = 0 ] && ok "QEMU: a recording has the same to say ($n frames)" || fail "QEMU: a recording" "$n frames, $(value .defects) defects"
	n=$("$takt" path --input "$work/rec" --seqid "$(seqid_of)" --json 2> /dev/null | jq '[.frames[] | select(.whole and .adds_up)] | length')
	[ "${n:-0}" -ge 1 ] && ok "QEMU: one frame as a waterfall" || fail "QEMU: one frame" "none by its number $(seqid_of)"
	"$takt" clock guest --input "$work/rec" --json > "$work/clock.json" 2>> "$work/path.log"
	[ "$(jq '.guests[0].windows > 0 and .guests[0].breaks == 0 and (.guests[0].points | length) > 3 and ([.guests[0].points[] | .bound_ns] | max) < 100000000' "$work/clock.json")" = true ] &&
		ok "QEMU: takt clock guest: $(jq -r '.guests[0].joined' "$work/clock.json")" || fail "takt clock guest" "$(cut -c 1-300 "$work/clock.json")"
	damage
	halt far_send
	halt far_recv
	halt g1
}

# The number of a frame that is in the middle of the recording.
seqid_of() {
	local last i
	last=$("$takt" path --input "$work/rec/records.bin" --packet 0 2>&1 | sed -n 's/.*give one of [0-9]* to \([0-9]*\).*/\1/p')
	for i in 0 1 2 3; do
		"$takt" path --input "$work/rec" --packet $((last - 2 * rate - i)) --json 2> /dev/null | jq '.frames[0].seqid // empty' | grep . && return
	done
}

# A recording of which a part is cut off or overwritten: the rest is told, the damage with its offset.
damage() {
	local file size
	file=$(echo "$work"/rec/guest-*.ev)
	size=$(stat -c %s "$file")
	truncate -s $((size * 98 / 100)) "$file"
	dd if=/dev/urandom of="$file" bs=1 seek=$((size / 2)) count=64 conv=notrunc 2> /dev/null
	"$takt" path --input "$work/rec" --json > "$work/path.json" 2> "$work/path.log"
	[ "$(value .numbered)" -gt $((rate / 2)) ] && value '.sources[].trouble // empty' | grep -q 'offset [0-9]' &&
		ok "damage: $(value '[.sources[].trouble // empty][0]' | sed "s|$work||" | cut -c 1-100)" ||
		fail damage "$(value .numbered) frames, $(value '[.sources[].trouble // empty][0]')"
}

# No BPF in UML: a socket's stamps, and the coverage table says so. Its clock is the host's, so the bound has to hold the truth.
uml() {
	boot g1 uml "" 02:00:00:00:77:77 --events "$work/g1.ev" || { fail uml "the guest does not play: $(tail -n 3 "$work/g1.console")"; return; }
	talk_on_wire
	sleep 1
	path -g "g1=$work/g1.ev" -w "wire=$peer_if@$ns" || fail uml "takt path failed"
	judge "UML, guest and wire" "g1>wire:app ring $inner wire" "wire>g1:rx $inner call"
	[ "$(value '[.sources[].missing_hops[]?.hop] | (index("driver") and index("irq") and index("deliver")) != null')" = true ] && ok "UML: what cannot be seen is said" ||
		fail "UML: coverage" "$(value '[.sources[].missing_hops[]?]')"
	halt far_send
	halt far_recv
	halt g1
}

# From one guest to another: two clocks, and no wire.
pair() {
	boot g1 uml "" 02:00:00:00:00:02 --events "$work/g1.ev" || { fail pair "the first guest does not play"; return; }
	boot g2 uml "" 02:00:00:00:00:01 --events "$work/g2.ev" || { fail pair "the second guest does not play"; return; }
	path -g "g1=$work/g1.ev" -g "g2=$work/g2.ev" || fail pair "takt path failed"
	judge "UML to UML" "g1>g2:app ring $inner call" "g2>g1:app ring $inner call"
	halt g1
	halt g2
}

wire || { fail wire "no namespace"; finish; }
for scenario in $scenarios; do
	taktd_ports "records: 65536" <<-END || { fail "$scenario" "taktd does not start"; continue; }
		  - {name: wire, wire: "net_af_packet0,iface=$host_if"}
		  - {name: g1, guest: $work/g1.sock}
		  - {name: g2, guest: $work/g2.sock}
	END
	"$scenario"
	halt taktd
done
finish
