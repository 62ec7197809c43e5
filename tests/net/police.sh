#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Policing on a real wire: streams of frames come in at one and leave by another; how many of which leave, with which tag, and that the counters of
# `takt police show` say so. Everything here is the same whatever the time: gates stand still or have octets, buckets do not fill.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

# A stream for each thing that policing does: the last byte of its destination names it. Rates are 0: a bucket holds so many 64-byte frames.
conf='
  - name: in
    wire: "net_af_xdp0,iface=IN"
    vlans: [10]
    stream-filters:
      - {stream-filter-instance-id: closed, destination-mac: 02:00:00:00:00:01, stream-gate-ref: shut}
      - {stream-filter-instance-id: meter, destination-mac: 02:00:00:00:00:02, flow-meter-ref: ten-and-five}
      - {stream-filter-instance-id: sdu, destination-mac: 02:00:00:00:00:03, max-sdu-size: 100,
         stream-blocked-due-to-oversize-frame-enabled: yes}
      - {stream-filter-instance-id: ipv, destination-mac: 02:00:00:00:00:04, vlan: 10, priority-spec: 3, stream-gate-ref: six}
      - {stream-filter-instance-id: once, destination-mac: 02:00:00:00:00:05, stream-gate-ref: once}
      - {stream-filter-instance-id: rate, destination-mac: 02:00:00:00:00:06, flow-meter-ref: rate}
    stream-gates:
      - {stream-gate-instance-id: shut, gate-enable: no, admin-gate-states: closed}
      - {stream-gate-instance-id: six, gate-enable: no, admin-ipv: 6}
      - {stream-gate-instance-id: once, gate-closed-due-octets-exceeded-enable: yes, admin-control-list: [open 1000000000 -1 184]}
    flow-meters:
      - {flow-meter-instance-id: ten-and-five, committed-burst-size: 640, excess-burst-size: 320}
      - {flow-meter-instance-id: rate, committed-information-rate: 512kb/s, committed-burst-size: 640}
  - {name: out, wire: "net_af_xdp1,iface=OUT", vlans: [10]}
'
# Name, last byte of the destination, PCP and DEI of the tag, bytes of payload, frames; how many leave so, and so with DEI set.
streams='
free    00 6 46   8    8 0
closed  01 6 46   7    0 0
meter   02 6 42  20   10 5
fits    03 6 100  3    3 0
longer  03 6 101  1    0 0
blocked 03 6 46   2    0 0
ipv     04 6 46   9    9 0
other   04 4 46   2    2 0
'

if [ "$(id -u)" != 0 ]; then
	skip police "needs root"
	finish
fi
urgent
in_if=${tag}hi in_peer=${tag}pi out_if=${tag}ho out_peer=${tag}po

frame() { # last byte, PCP and DEI in hexadecimal, payload
	printf '0200000000%s0200000000ee8100%s00a88b5%0*d\n' "$1" "$2" $((2 * $3)) 0
}
send() { for ((i = 0; i < $1; i++)); do frame "$2" "$3" "$4"; done | in_wire tests/net/frames send "$in_peer"; }
in_all() { shown '.ports[0].counters.rx_frames' -; }
taken() { [ "$(in_all)" = "$sent" ] && [ "$(shown '[.ports[].classes[].queued] | add' -)" = 0 ]; }
are_up() { shown 'all(.ports[]; .up)' - | grep -qx true; }
filter() { taktd_ask police show in --json | jq -c ".\"stream-filters\"[] | select(.\"stream-filter-instance-id\" == \"$1\") | $2"; }
same() { # name, got, want
	if [ "$2" = "$3" ]; then ok "$1"; else fail "$1" "got $2, want $3"; fi
}

ip netns add "$ns" && veth "$in_if" "$in_peer" && veth "$out_if" "$out_peer" || { fail police "cannot make the namespace"; finish; }
conf=${conf//IN/$in_if}
taktd_ports <<< "${conf//OUT/$out_if}" || { fail police "taktd did not start"; finish; }
until_true 10 are_up || { fail police "not all ports came up"; finish; }
start hear ip netns exec "$ns" "$takt" capture -i "$out_peer" -w "$work/out.pcapng" --immediate
until_true 10 grep -q 'capturing on' "$work/hear.log" || { fail police "takt capture did not begin"; finish; }

sent=0
while read -r name last tag_hex size n green yellow; do
	[ -n "$name" ] || continue
	send "$n" "$last" "$tag_hex" "$size"
	sent=$((sent + n))
	until_true 5 taken || fail "$name" "$(in_all) of $sent frames were received"
	{
		for ((i = 0; i < green; i++)); do frame "$last" "$tag_hex" "$size"; done
		for ((i = 0; i < yellow; i++)); do frame "$last" "$(printf %x $((16#$tag_hex | 1)))" "$size"; done
	} >> "$work/want"
done <<< "$streams"
sleep 0.3
halt hear INT
tests/net/frames from-pcap < "$work/out.pcapng" > "$work/got"
if cmp -s "$work/want" "$work/got"; then
	ok "what may pass leaves, in order, with its PCP, yellow frames with DEI: $(wc -l < "$work/want") of $sent"
else
	fail "frames that left" "$(diff "$work/want" "$work/got" | cut -c 1-60 | tr '\n' ' ')"
fi

counts='[."matching-frames-count", ."passing-sdu-count", ."not-passing-sdu-count", ."passing-frames-count", ."not-passing-frames-count",
	."red-frames-count"]'
same "a closed gate drops, and counts" "$(filter closed "$counts")" "[7,7,0,0,7,0]"
same "a meter drops the excess" "$(filter meter "$counts")" "[20,20,0,20,0,5]"
same "an oversize frame blocks its stream" "$(filter sdu "$counts")" "[6,3,3,3,0,0]"
same "the latch is shown" "$(filter sdu '."stream-blocked-due-to-oversize-frame"')" true
same "VLAN and priority count too" "$(filter ipv "$counts")" "[9,9,0,9,0,0]"
same "an internal priority value decides about the class" "$(shown '.ports[1].classes[6].sent' -)" 9
same "verdicts say the same" \
	"$(shown '.ports[0].verdicts | [."stream-gate", ."meter-red", ."stream-sdu", ."stream-octets", ."ats-late"] | join(" ")' -)" "7 5 3 0 0"

# Four frames of 46 are the 184 octets, a fifth is too much: all at once, so within one second, or two at most.
send 20 05 6 46
sent=$((sent + 20))
until_true 5 taken || fail once "not taken"
passed_once=$(filter once '."passing-frames-count"')
if [ "$passed_once" = 4 ] || [ "$passed_once" = 8 ]; then ok "octets of an interval"; else fail "octets of an interval" "$passed_once passed"; fi
latch='[.["stream-gates"][] | select(."stream-gate-instance-id" == "once")][0]."gate-closed-due-octets-exceeded"'
same "too many shut the gate" "$(taktd_ask police show in --json | jq "$latch")" true
sleep 1.1
send 1 05 6 46
sent=$((sent + 1))
until_true 5 taken
same "for good" "$(filter once '."passing-frames-count"')" "$passed_once"
taktd_ask police reset in > "$work/reset.log" || fail "police reset" "exit $?"
not_latched() { taktd_ask police show in --json | jq -e "$latch == false"; }
until_true 5 not_latched || fail "police reset" "the latch is still set"
send 1 05 6 46
send 1 03 6 46
sent=$((sent + 2))
until_true 5 taken
same "until it is reset" "$(filter once '."passing-frames-count"')" $((passed_once + 1))
same "the stream that was blocked too" "$(filter sdu '."passing-sdu-count"')" 4

# 512 kb/s are 1000 frames of 64 bytes a second, and ten at once: whatever the time it took, no more than that.
begin=$(date +%s%N)
send 400 06 6 42
sent=$((sent + 400))
until_true 5 taken || fail rate "not taken"
most=$((10 + ($(date +%s%N) - begin) / 1000000))
got=$((400 - $(filter rate '."red-frames-count"')))
if [ "$got" -ge 10 ] && [ "$got" -le "$most" ]; then ok "a rate holds"; else fail "a rate holds" "$got passed, at most $most could"; fi

# The closed gate gets other lists while it stands: at once without one, at its ConfigChangeTime with one.
echo 'gate-enable: no' | taktd_ask police set in shut - > "$work/set.log" || fail "police set" "exit $?"
gate_is() { taktd_ask police show in --json | jq -e ".\"stream-gates\"[] | select(.\"stream-gate-instance-id\" == \"shut\") | $1"; }
until_true 5 gate_is '."oper-gate-state" == "open"' || fail "police set" "still closed"
send 3 01 6 46
sent=$((sent + 3))
until_true 5 taken
same "a gate that was set anew lets frames pass" "$(filter closed '."passing-frames-count"')" 3
far=$((($(date +%s) + 1000) * 1000000000))
echo "{admin-base-time: $far, admin-gate-states: closed, admin-control-list: [open 1000000 2]}" | taktd_ask police set in shut - > "$work/set.log"
until_true 5 gate_is '."config-pending" and ."config-change-time" == '$far' and ."oper-gate-state" == "closed"' &&
	ok "its list is pending until its base time" || fail "police set" "$(gate_is . | tr -d '\n ')"
grep -qE "in: stream gate shut set: pending, takes over in [0-9]+ s \\(TAI ${far:0:10}\\." "$work/set.log" && ok "and said so" || fail "and said so" "$(cat "$work/set.log")"
echo 'admin-control-list: [open 1000000 2, close 1000000]' | taktd_ask police set in shut - > "$work/set.log"
until_true 5 gate_is '(."config-pending" | not) and .entry != null' && ok "or runs from the next cycle on" || fail "police set" "$(gate_is . | tr -d '\n ')"
echo 'admin-control-list: [open 10]' | taktd_ask police set in shut - > "$work/refused.log" 2>&1
same "a bad list is refused" "$? $(grep -c 'time-interval-value 10 ns' "$work/refused.log")" "2 1"
echo 'gate-enable: no' | taktd_ask police set in nosuch - > "$work/refused.log" 2>&1
same "and so is a gate that is not there" "$?" 2

taktd_ask police show in > "$work/show.txt" && grep -q 'closed  *02:00:00:00:00:01 ' "$work/show.txt" && grep -q 'gate six  *open' "$work/show.txt" &&
	ok "takt police show" || fail "takt police show" "$(head -c 400 "$work/show.txt")"
taktd_ask dump > "$work/dump.yaml" && "$taktd" --check -c "$work/dump.yaml" > /dev/null && grep -q 'stream-gate-instance-id: once' "$work/dump.yaml" &&
	grep -q 'gate-state-value: open, ipv-spec: 2' "$work/dump.yaml" &&
	ok "takt dump rebuilds it" || fail "takt dump" "$(grep -c . "$work/dump.yaml") lines"
taktd_ask police reset out > "$work/refused.log" 2>&1
same "a port without filters has nothing to reset" "$?" 2
taktd_ask police show out | grep -q 'no stream filters' && ok "and nothing to show" || fail "police show out" "no such words"
finish
