#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# takt blame on a live taktd: frames cross it from wire to wire, both far ends and the host's kernel are watched, and things are done to it: another
# thread takes the worker's CPU, the worker is stopped, a gate is shut, a class is shaped, the wire takes nothing. Each is named with the evidence for it.
# Nothing depends on how late things are beside these: the machine may do worse at the same time, and that is named too.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

same() { if [ "$2" = "$3" ]; then ok "$1"; else fail "$1" "got $2, want $3"; fi; }
holds() { if jq -e "$3" "$2" > /dev/null; then ok "$1"; else fail "$1" "$(jq -c "${4:-[.causes[] | [.cause, .frames, .longest_ns]]}" "$2" 2>&1 | cut -c 1-300)"; fi; }
refused() { # name, words that the sentence has, arguments
	local name=$1 words=$2 got
	shift 2
	got=$("$takt" blame "$@" 2>&1 > /dev/null)
	if [ $? = 2 ] && grep -q -- "$words" <<< "$got"; then ok "$name"; else fail "$name" "$got"; fi
}

refused "no taktd" "no taktd" --name "$work/none.ctl"
refused "no hop of that name" "no such hop: give one of app" --hop rong
refused "a share above the whole" "above 0 and up to 100" --worst 101%
refused "a share that is none" "above 0 and up to 100" --worst 0
refused "a command without a threshold" "run by --on-threshold" -- true
refused "a place to save without a threshold" "--save is for --on-threshold" --save "$work/x"
refused "a threshold for what is over" "leave out --input" --on-threshold 1ms --input "$work"
refused "a folder that is there" "is there already" --on-threshold 1ms --save "$work"
refused "no recording" "$work/none: no such file: give a recording's folder" --input "$work/none"
refused "a place to save that cannot be made" "--save: $work/none/late cannot be made" --on-threshold 1ms --save "$work/none/late"
refused "a command that is not there" "no such program" --on-threshold 1ms -- "$work/none"
refused "a command that PATH has not" "no such program" --on-threshold 1ms -- takt-there-is-no-such-program

if [ "$(id -u)" != 0 ] || [ "$(nproc)" -lt 2 ]; then
	skip blame "needs root and two CPUs"
	finish
fi
urgent
in_if=${tag}hi in_peer=${tag}pi out_if=${tag}ho out_peer=${tag}po
ip netns add "$ns" && veth "$in_if" "$in_peer" && veth "$out_if" "$out_peer" || { fail blame "cannot make the namespace"; finish; }
tai_offset=37	# not the kernel's: the host's events are to be found on taktd's axis all the same
taktd_ports "cpu: 1
records: 65536" <<-END || { fail blame "taktd did not start"; finish; }
	  - {name: in, wire: "net_af_packet0,iface=$in_if", vlans: [10]}
	  - {name: out, wire: "net_af_packet1,iface=$out_if,qdisc_bypass=0", vlans: [10], queue-depth: 4096}
END
are_up() { shown 'all(.ports[]; .up)' - | grep -qx true; }
until_true 20 are_up || { fail blame "not all ports came up"; finish; }
for priority in 7 6; do
	start "send$priority" ip netns exec "$ns" taskset -c 0 "$takt" send -i "$in_peer" -d 02:00:00:00:fe:ed -v 10 -p $priority -c 1ms
done
sources=(--name "$work/run/$tag.ctl" --host live --wire "in=$in_peer@$ns" --wire "out=$out_peer@$ns")

gates() { echo "admin-control-list: [\"S $1\", \"S $2\"]" | taktd_ask gate set out - > /dev/null; }
input=/dev/null
"$takt" blame "${sources[@]}" -i 9s -t 5ms --top 0 --json > "$work/blame.json" 2> "$work/blame.log" &
pid[blame]=$!
order+=(blame)
sleep 2.5
for _ in 1 2 3; do
	taskset -c 1 chrt -f 50 perl -MTime::HiRes=time -e '$0 = "hog"; $end = time + 0.04; 1 while time < $end' # ends by itself: whoever were to end it would starve
	sleep 0.1
	kill -STOP "${pid[taktd]}"
	sleep 0.04
	kill -CONT "${pid[taktd]}"
	sleep 0.1
done
gates "7f 39900000" "ff 100000"
sleep 0.2
gates "ff 500000" "ff 500000"
sleep 0.3
taktd_ask cbs set out 6 --idle-slope 350kb/s > /dev/null
sleep 0.2
taktd_ask cbs set out 6 --off > /dev/null
wait "${pid[blame]}"
same "blame ends well" $? 0
unset "pid[blame]"

got=$work/blame.json
holds "frames were late" "$got" '.tail > 50 and (.frames | length) == .tail' '[.tail, .frames_sent]'
holds "the causes of each frame add up to its excess" "$got" 'all(.frames[]; ([.causes[].ns] | add // 0) == .excess_ns)' .tail
holds "and to the table" "$got" '([.causes[].total_ns] | add) == .excess_ns and ([.causes[].first] | add) <= .tail'
holds "worker-preempted, by the hog" "$got" 'any(.frames[]; .first == "worker-preempted" and .causes[0].longest.who == "perl")'
holds "worker-stopped" "$got" 'any(.frames[]; .first == "worker-stopped" and .causes[0].longest.event == "stopped")'
holds "gate" "$got" 'any(.frames[]; any(.causes[]; .cause == "gate" and .ns > 5000000 and .hop == "gate") and .class == 7)'
holds "credit" "$got" 'any(.frames[]; any(.causes[]; .cause == "credit" and .ns > 5000000) and .class == 6)'
holds "what happened overlaps whom it delayed" "$got" 'all(.frames[]; . as $f | all(.causes[] | select(.longest and (.knock_on | not)); .longest.t < $f.t_begin + $f.total_ns and .longest.t_end > $f.t_begin))'
holds "no cause of what is not here" "$got" 'all(.causes[].cause; IN("launch", "clock-step", "ring-full", "halt", "no-irq") or startswith("vcpu") or startswith("guest") | not)'
holds "what is not watched is told" "$got" '[.not_watched[] | select(.cause == "guest-irq" or .cause == "vcpu-stopped") | .why] | length == 2' '.not_watched'

# Records alone: the gap is there, who made it is not known, and says so.
( sleep 1; kill -STOP "${pid[taktd]}"; sleep 0.05; kill -CONT "${pid[taktd]}" ) &
taktd_ask blame -i 2s -t 10ms --json --top 0 > "$work/alone.json"
holds "without --host: not watched" "$work/alone.json" 'any(.not_watched[]; .cause == "worker-stopped") and all(.causes[].cause; startswith("worker-") | not)' '.not_watched'

# Until one is late.
( sleep 3; kill -STOP "${pid[taktd]}"; sleep 0.2; kill -CONT "${pid[taktd]}" ) &
"$takt" blame "${sources[@]}" -i 20s --on-threshold 150ms --save "$work/late" --json -- sh -c "echo \$TAKT_FRAME \$TAKT_RECORDING > $work/told" > "$work/late.json" 2> "$work/late.log"
same "a frame that took too long: exit status 3" $? 3
holds "it is told" "$work/late.json" '.frames | length >= 1 and .[0].total_ns > 150000000' .frames
same "the command knows which, and where" "$(cat "$work/told")" "$(jq .frames[0].seq "$work/late.json") $work/late"
"$takt" blame --input "$work/late" --frame "$(jq .frames[0].seq "$work/late.json")" --json > "$work/again.json"
holds "the recording says the same" "$work/again.json" ".frames[0].first == $(jq .frames[0].first "$work/late.json")" '.frames[0]'
cp -r "$work/late" "$work/holes"
jq '.sources[0].lost = 7 | .sources[1].blocks_missing = 3 | .gaps_lost = 5' "$work/late/meta.json" > "$work/holes/meta.json"
"$takt" blame --input "$work/holes" --json > "$work/holes.json"
holds "what a recording lacks is told" "$work/holes.json" '.gaps_lost == 5 and .sources[0].lost == 7 and .sources[1].blocks_missing == 3 and .sources[2].lost == 0' '[.gaps_lost, .sources]'

# It is found when the sources have told, more than a second later: with the least of the past it is there all the same.
( sleep 3; kill -STOP "${pid[taktd]}"; sleep 0.2; kill -CONT "${pid[taktd]}" ) &
"$takt" blame "${sources[@]}" -i 20s --on-threshold 150ms --keep 1ms --save "$work/short" --json > "$work/short.json" 2> "$work/short.log"
same "a frame that took too long, and little is kept: exit status 3" $? 3
holds "it is in what was kept" "$work/short.json" '.frames | length >= 1 and .[0].total_ns > 150000000' .frames
# Later than taktd's own record by more than sources usually are: the far end tells of it only when it has it.
( sleep 1; tc qdisc add dev "$out_if" root tbf rate 100kbit burst 1600 limit 4mb; sleep 5; tc qdisc del dev "$out_if" root ) &
"$takt" blame "${sources[@]}" -i 9s --on-threshold 900ms --hop wire --save "$work/slow" --json > "$work/slow.json" 2> "$work/slow.log"
same "a frame that came very late at the far end: exit status 3" $? 3
holds "that was the wire" "$work/slow.json" 'any(.frames[]; .hops_ns.wire > 900000000)' .frames
wait $!
taktd_ask blame -i 1s --on-threshold 100s > /dev/null 2> "$work/quiet.log"
same "none was: exit status 0" $? 0
grep -q "no frame took longer than 100 s" "$work/quiet.log" && ok "and that is told" || fail "none was, and that is told" "$(cat "$work/quiet.log")"

# A frame that taktd still knows.
seq=$(taktd_ask blame -i 1s --worst 100% --json --top 0 -t 1ns | jq '.frames[-1].seq')
taktd_ask blame --frame "$seq" > "$work/frame.txt"
if grep -q "^frame $seq: in -> out" "$work/frame.txt"; then ok "one frame"; else fail "one frame" "$(head -3 "$work/frame.txt")"; fi

# A guest that comes while others look: its vCPU is known from then on, and when it left too.
if ! O=$O scripts/guest-image uml; then
	skip "a guest that comes later" "scripts/guest-image failed"
	finish
fi
halt taktd
taktd_ports "cpu: 1" <<< "  - {name: g, guest: $work/g.sock}" || { fail "a guest that comes later" "taktd did not start"; finish; }
"$takt" blame --name "$work/run/$tag.ctl" --host live -i 100s --json > "$work/came.json" 2> "$work/came.log" &
pid[came]=$!
order+=(came)
sleep 1
start guest "$takt" vm run --uml --kernel-dir "$O/guest" --socket "$work/g.sock" --timeout 60s
has_peer() { shown '.ports[0].peer_pid' - | grep -qv null; }
if until_true 40 has_peer; then ok "a guest came"; else fail "a guest came" "$(tail -n 1 "$work/guest.log")"; fi
sleep 2.5
halt guest
sleep 1.5
halt came INT
holds "its vCPU is watched" "$work/came.json" 'all(.not_watched[]; .cause != "vcpu-stopped")' '[.not_watched[] | select(.cause == "vcpu-stopped")]'
finish
