#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# `takt noise`: a program that takes a tenth of a CPU in bursts of 30 ms is seen there, as that, and nowhere else; what is refused; the
# floor beside `takt path`. How late anything is otherwise is the machine's, and not looked at.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

mapfile -t cpu < <(taskset -pc $$ | sed 's/.*: //' | awk -v RS='[,\n]' -F- 'NF { for (i = $1; i <= ($2 == "" ? $1 : $2); i++) print i }')

# 30 ms of every 300, more urgent than what measures.
hog='use Time::HiRes qw(time sleep);
	while (1) { my $end = time + 0.03; 1 while time < $end; sleep 0.27 }'

# What the hog's CPU and the other one show, as `name value` lines; bursts are what lasted for 28 ms and more, at the histogram's resolution.
seen() { jq -r '.cpus[] | "\(.cpu) \(.away.lost_ppm) \(.away.max_ns) \([.away.histogram[] | select(.from_ns >= 16777216) | .count] | add // 0)"' "$work/noise.json"; }
judge() {
	local c ppm longest bursts
	while read -r c ppm longest bursts; do
		if [ "$c" = "${cpu[0]}" ]; then
			[ "$ppm" -ge 50000 ] && [ "$ppm" -le 200000 ] && [ "$longest" -ge 28000000 ] && [ "$bursts" -ge 3 ] || return 1
		else
			[ "$longest" -lt 28000000 ] && [ "$bursts" -lt 3 ] || return 1
		fi
	done < <(seen)
}

if ! chrt -f 90 true 2> /dev/null; then
	skip "a hog is seen" "no SCHED_FIFO for us here"
else
	start hog chrt -f 90 taskset -c "${cpu[0]}" perl -e "$hog"
	name="a hog is seen on its CPU, for its share, and not on another"
	for try in 1 2 3; do	# somebody else may stop the whole machine meanwhile
		"$takt" noise --fifo --cpu "${cpu[0]}${cpu[1]:+,${cpu[1]}}" -d 1500ms --json > "$work/noise.json" 2> "$work/noise.log" && judge && break
	done
	if judge; then ok "$name"; else fail "$name" "cpu, ppm, longest, bursts: $(seen | tr '\n' ';')"; fi
	[ "${#cpu[@]}" -gt 1 ] || skip "another CPU" "there is one only"

	name="beyond the threshold: exit status 1, and it is said"
	"$takt" noise --fifo --cpu "${cpu[0]}" -d 400ms --threshold 10ms > "$work/noise.log" 2>&1
	status=$?
	if [ $status = 1 ] && grep -q '^beyond 10.0 ms' "$work/noise.log"; then ok "$name"; else fail "$name" "exit $status"; fi
	halt hog KILL
fi

name="within the threshold: exit status 0"
if "$takt" noise -d 100ms --threshold 1h > "$work/noise.log" 2>&1 && grep -q '^nothing beyond' "$work/noise.log"; then ok "$name"; else fail "$name" "exit $?"; fi

name="each measurement counts its instants: noted and missed ones fill the time"
"$takt" noise -d 500ms -p 1ms --json > "$work/noise.json" 2> "$work/noise.log"
# One that is away when its time is up counts what passes until it is back.
if jq -e '[.cpus[] | .notice, .wake, .timer | .count + .missed - 500 | . >= -50] | all' "$work/noise.json" > /dev/null &&
   jq -e '[.cpus[] | .notice, .wake, .timer | .count + .missed - 500 - .max_ns / 1e6 | . <= 2] | all' "$work/noise.json" > /dev/null &&
   [ "$(jq '.cpus | length' "$work/noise.json")" = "${#cpu[@]}" ]; then
	ok "$name"
else
	fail "$name" "$(jq -c '[.cpus[] | .notice, .wake, .timer | .count + .missed]' "$work/noise.json")"
fi

name="Ctrl-C shows what there is"
start noise "$takt" noise -d 1h --json
sleep 1
halt noise INT
if jq -e '.cpus[0].notice.count > 0 and .cpus[0].wake.count == 0' "$work/noise.log" > /dev/null; then ok "$name"; else fail "$name" "no"; fi

# Words of the refusal  Options
while read -r words options; do
	# shellcheck disable=SC2086
	said=$("$takt" noise $options 2>&1)
	status=$?
	if [ "$status" = 2 ] && [ "$(echo "$said" | wc -l)" = 1 ] && grep -q -e "$words" <<< "$said"; then
		ok "refused: $options"
	else
		fail "refused: $options" "exit $status: $said"
	fi
done <<-END
	this.process.may.use  --cpu 1023
	list.of.CPUs          --cpu 0-
	out.of.range          --duration 1ms
	out.of.range          --period 1us
	out.of.range          --gap 1ns
	out.of.range          --threshold -1us
	too.many.operands     0
END

# The floor under what `takt path` shows: on CPUs where it does not stand in the worker's way.
wire || { fail wire "no namespace"; finish; }
last=${cpu[${#cpu[@]} - 1]}
taktd_ports "cpu: $last" <<-END || { fail taktd "it does not start"; finish; }
	  - {name: wire, wire: "net_af_xdp0,iface=$host_if"}
END
name="takt path has a floor, measured twice, and not on the worker's CPU"
taktd_ask path -i 200ms --json > "$work/path.json" 2> "$work/path.log"
if [ "${#cpu[@]}" = 1 ]; then
	want='.floor.wake == null and .floor.worker.span_ns >= 200000000'
else
	want='.floor.runs == 2 and .floor.wake.count > 0 and (.floor.wake.cpus | split(",") | index($last) | not) and .floor.worker.span_ns >= 200000000'
fi
if jq -e --arg last "$last" "$want" "$work/path.json" > /dev/null; then ok "$name"; else fail "$name" "$(jq -c .floor "$work/path.json")"; fi
name="and says so in a line"
if [ "$(taktd_ask path -i 50ms | grep -c '^floor: worker away')" = 1 ]; then ok "$name"; else fail "$name" "no line"; fi

name="a stopped worker is seen in it"
(sleep 0.4; kill -STOP "${pid[taktd]}"; sleep 0.2; kill -CONT "${pid[taktd]}") &
taktd_ask path -i 1s --json > "$work/path.json" 2> "$work/path.log"
if jq -e '.floor.worker | .longest_ns >= 150000000 and .lost_ns >= .longest_ns and .gaps >= 1' "$work/path.json" > /dev/null; then
	ok "$name"
else
	fail "$name" "$(jq -c .floor "$work/path.json")"
fi

name="a file has none"
cp "/dev/shm/takt-$tag.rec" "$work/copy.rec"
if "$takt" path --input "$work/copy.rec" --json | jq -e '.floor == null' > /dev/null; then ok "$name"; else fail "$name" "it has one"; fi
finish
