#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# `takt host` against threads of which is known what befell them (host_load.c): who preempted them and from when to when, stops, wake-ups, moves;
# interrupts of known number; halts and injections of a virtual machine of a few instructions (kvm_loop.c); what this kernel does not
# pass is played into the same programs (host_replay.c) and said so. Counts and containment, no times.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

urgent
cpu=$(taskset -pc $$ | sed 's/.*: //; s/.*[,-]//')	# the last that we may use: its interrupts are fewer, as a rule
first=$(taskset -pc $$ | sed 's/.*: //; s/[,-].*//')

build() { gcc -O2 -Wall -Wextra -Werror -D_GNU_SOURCE -I. "-I$O" "$@"; }
if ! build -o "$work/load" tests/net/host_load.c || ! build -pthread -o "$work/kvm_loop" tests/net/kvm_loop.c ||
   ! build -o "$work/replay" tests/net/host_replay.c -lbpf; then
	fail 'host probe' 'its helpers are not built'
	finish
fi

# -- helpers -----------------------------------------------------------------------------------------------------------------

declare -A tid=()

# NAME ARGUMENTS...: one of host_load's threads, its input a pipe that we write to: it waits.
load() {
	local name=$1
	shift
	rm -f "$work/$name.in"
	mkfifo "$work/$name.in"
	input=$work/$name.in start "$name" "$work/load" "$@"
	until_true 10 grep -q '^tid' "$work/$name.log" || return 1
	tid[$name]=$(awk '/^tid/ { print $2 }' "$work/$name.log")
}
go() { echo > "$work/$1.in"; }

# NAME OPTIONS...: takt host in the background, until the points are attached.
probe() {
	local name=$1
	shift
	rm -f "$work/$name.ev"
	start "$name" "$takt" host -d 60s -j -o "$work/$name.ev" "$@"
	until_true 60 test -s "$work/$name.ev" && sleep 0.3 && alive "$name"
}

# What a process has open of a kind: prog_id, map_id, link_id.
fds() { sed -n "s/^$2:[[:space:]]*//p" /proc/"$1"/fdinfo/* 2> /dev/null | sort -un; }

# How often a thread went to sleep so far, or lost its CPU, as the kernel counts it (voluntary, nonvoluntary).
switches() { awk -v what="$2_ctxt_switches:" '$1 == what { print $2 }' "/proc/${tid[$1]}/status"; }

# The end of a probe; its table is then $work/NAME.log.
done_probing() {
	halt "$1" INT
	jq -e .threads "$work/$1.log" > /dev/null
}
value() { jq -r "$2" "$work/$1.log"; }
thread() { value "$1" ".threads[] | select(.tid == ${tid[$2]}) | $3"; }
events() { tests/net/host_events "$work/$1.ev" "$2"; }

check() { # NAME, what is so: two numbers and how they compare
	if [ -n "$2" ] && [ "$2" "$3" "$4" ] 2> /dev/null; then
		ok "$1"
	else
		fail "$1" "$2 is not $3 $4"
	fi
}

# Of spans "BEGIN END" on standard input, how many lie within one event of KIND of thread TID, by BY ("" is anybody); "N OF".
contained() { # PROBE KIND TID BY
	awk -v tid="$3" -v by="$4" '
		FNR == NR { if ($5 == tid && (by == "" || $6 == by)) { t[n] = $2; e[n++] = $3 } next }
		NF == 2 { of++; while (at < n && e[at] < $2) at++; if (at < n && t[at] <= $1) in_one++ }
		END { print in_one + 0, of + 0 }' <(events "$1" "$2" | sort -n -k 3) <(grep -v ^tid)
}

# -- who preempts ------------------------------------------------------------------------------------------------------------
load busy busy "$cpu" && load hog hog "$cpu" 400 || { skip 'host probe' "no threads to watch: $(cat "$work"/{busy,hog}.log)"; finish; }
go busy
start=$(switches busy nonvoluntary)
if ! probe hogged --tid "${tid[busy]}"; then
	if grep -q -e 'refuses BPF' -e 'tell its types' "$work/hogged.log"; then
		skip 'host probe' "$(tail -n 1 "$work/hogged.log")"
		finish
	fi
	fail 'takt host runs' "$(tail -n 1 "$work/hogged.log")"
	finish
fi
ok 'takt host runs'
from=$(switches busy nonvoluntary)
go hog
wait "${pid[hog]}"
status=$?
inner=$(($(switches busy nonvoluntary) - from))
done_probing hogged || fail 'its table is JSON' "$(head -c 200 "$work/hogged.log")"
if [ "$status" = 77 ]; then
	skip 'the hog is named' "$(tail -n 1 "$work/hog.log")"
else
	read -r n of < <(contained hogged preempted "${tid[busy]}" "${tid[hog]}" < "$work/hog.log")
	check "the hog is named for at least 99 % of $of stretches in which it ran ($n)" $((n * 100)) -ge $((of * 99))
	check 'and there were 400 bursts' "$of" -ge 400
	n=$(thread hogged busy '.preempted_by[] | select(.name == "load-hog") | .n + .more')
	check "by name, and about as often as it ran ($n)" "$n" -ge 396
fi
n=$(thread hogged busy .preempted.n)
check "the kernel counts $inner preemptions meanwhile ($n)" "$n" -ge "$inner"
check "and $(($(switches busy nonvoluntary) - start)) since it began" "$n" -le $(($(switches busy nonvoluntary) - start))
n=$(thread hogged busy '(.ran_ns + .preempted.total_ns) * 1000 / '"$(value hogged .duration_ns)"' | floor')
check "what it ran and what it lost add up to the time ($n of 1000)" "$n" -ge 980
check 'and to no more' "$n" -le 1020
check 'events end with "end"' "$(tests/net/host_events "$work/hogged.ev" | tail -n 1)" = end
check 'none lost' "$(value hogged .cost.lost)" = 0
check 'interrupts shorter than asked for are no events' "$(for kind in irq softirq ipi; do events hogged $kind; done | awk '$3 - $2 < 5000 { n++ } END { print n + 0 }')" = 0

# Waits are whole: each piece but the first begins where the one before ended.
n=$(events hogged preempted | sort -n -k 2 | awk -v tid="${tid[busy]}" '
	$5 != tid { next }
	int($7 / 128) % 2 && $2 != end { n++ }
	{ end = $3 }
	END { print n + 0 }')
check 'pieces of a wait touch' "$n" = 0

# -- stops -------------------------------------------------------------------------------------------------------------------
load stop stop "${pid[busy]}" 20
probe stopped --tid "${tid[busy]}"
go stop
wait "${pid[stop]}"
kill -STOP "${pid[busy]}"	# and once more, until after the recording
sleep 0.3
done_probing stopped
kill -CONT "${pid[busy]}"
read -r n of < <(contained stopped stopped "${tid[busy]}" "" < "$work/stop.log")
check "18 of 20 stops and more are each covered by a span ($n of $of)" "$n" -ge 18	# a stopped thread may still wait for its last turn
check 'stops are counted, with the one that lasts' "$(thread stopped busy .stopped.n)" = 21
check 'the one that lasts is written as open' "$(events stopped stopped | awk 'int($7 / 256) % 2' | wc -l)" = 1
check 'it has no preemption of its own' "$(events stopped preempted | awk -v t="${tid[busy]}" '$5 == t && int($7 / 256) % 2' | wc -l)" = 0

# -- wake-ups, moves ---------------------------------------------------------------------------------------------------------
load sleeper sleep "$cpu" 1200 200000
probe woken --tid "${tid[sleeper]}"
before=$(switches sleeper voluntary)
go sleeper
until_true 30 grep -q '^done' "$work/sleeper.log"
sleep 0.3
of=$(($(switches sleeper voluntary) - before))
done_probing woken
n=$(thread woken sleeper .wakeup.n)
untold=$(value woken .cost.untold)	# the machine's kernel may hide some: then that is said
check "1200 sleeps are as many wake-ups, as the kernel counts $of ($n, and $untold untold)" $((n + untold)) -ge "$of"
check 'and no more' "$n" -le "$of"
check 'and that many at least' "$n" -ge 1150
n=$(events woken slept | awk -v t="${tid[sleeper]}" '$5 == t && !(int($7 / 256) % 2)' | wc -l)
check "its sleeps are as many spans ($n)" $((n + untold)) -ge "$of"
check 'it waits behind the busy thread' "$(thread woken sleeper '.waited_behind | any(.name == "load-busy")')" = true
check 'quantiles are in order' "$(thread woken sleeper '.wakeup | .p50_ns <= .p99_ns and .p99_ns <= .max_ns * 1.13')" = true
halt busy KILL

if [ "$cpu" = "$first" ]; then
	skip 'moves' 'there is one CPU only'
else
	load mover move "$cpu" "$first" 100
	probe moved --tid "${tid[mover]}"
	go mover
	until_true 30 grep -q '^done' "$work/mover.log"
	sleep 0.2
	done_probing moved
	check 'a hundred moves' "$(thread moved mover .migrations)" = 100
	n=$(events moved migrated | awk -v t="${tid[mover]}" -v a="$cpu" -v b="$first" '$5 == t && $4 == (n % 2 ? a : b) && $8 == (n % 2 ? b : a) { n++ } END { print n + 0 }')
	check "each from where it was to where it went ($n)" "$n" = 100
	check 'both CPUs are watched then' "$(value moved '[.cpus[].cpu] | length')" -ge 2
fi

# -- interrupts --------------------------------------------------------------------------------------------------------------
softirqs() { awk -v c="$((cpu + 2))" '/NET_RX:/ { print $c }' /proc/softirqs; }
seen() { value "$1" "[.cpus[] | select(.cpu == $cpu) | .interrupts[] | select(.kind == \"$2\" and .name == \"$3\") | .n] | add // 0"; }
ip netns add "$ns" && ip -n "$ns" link set lo up
before=$(softirqs)
probe stormed --cpu "$cpu"
within=$(softirqs)
in_wire taskset -c "$cpu" ping -q -f -c 3000 -s 64 127.0.0.1 > "$work/ping.log" 2>&1 || fail 'storm' "$(tail -n 2 "$work/ping.log")"
less=$(($(softirqs) - within))
done_probing stormed
more=$(($(softirqs) - before))
n=$(seen stormed softirq net_rx)
check "a storm of net_rx: the kernel counts $less while we look ($n)" "$n" -ge "$less"
check "and $more from before until after" "$n" -le "$more"
check 'it is a storm' "$n" -ge 3000
check 'timers of that CPU too' "$(seen stormed ipi 'local timer')" -gt 0

# A reader that stands still loses events: all are counted, in the table and in the file.
load flood sleep "$cpu" 30000 1
probe flooded --tid "${tid[flood]}" --min-span 1ns
kill -STOP "${pid[flooded]}"
before=$(switches flood voluntary)
go flood
until_true 60 grep -q '^done' "$work/flood.log"
sleep 0.2
of=$(($(switches flood voluntary) - before))
kill -CONT "${pid[flooded]}"
done_probing flooded
n=$(value flooded .cost.lost)
check "a reader that stood still lost some ($n)" "$n" -gt 0
check 'and tells how many' "$(events flooded lost | awk '{ n += $8 } END { print n + 0 }')" = "$n"
untold=$(value flooded .cost.untold)
n=$(thread flooded flood .wakeup.n)
check "its sums lost none of $of ($n, and $untold untold)" $((n + untold)) -ge "$of"
check 'and have no more' "$n" -le "$of"
halt flood KILL

# -- the clock ---------------------------------------------------------------------------------------------------------------
check 'the clock is told again and again' "$(events stopped clock | wc -l)" -ge 3
n=$(events stopped clock | perl -lane '$d = $F[2] - $F[1]; @first = ($d, $F[7]) if !@first; $n++ if abs($d - $first[0]) > $F[7] + $first[1]; END { print $. > 5 ? $n + 0 : "few" }')
check 'and stands within its brackets' "$n" = 0
check 'no step was made up' "$(events stopped step | wc -l)" = 0

# -- KVM ---------------------------------------------------------------------------------------------------------------------
mkfifo "$work/kvm.in"
input=$work/kvm.in start kvm "$work/kvm_loop" 500
if ! until_true 5 grep -q ready "$work/kvm.log"; then
	skip 'KVM live' "$(tail -n 1 "$work/kvm.log")"
else
	vcpu_tid=$(ps -L -o tid=,comm= -p "${pid[kvm]}" | awk '/CPU 0.KVM/ { print $1 }')
	tid[vcpu]=$vcpu_tid tid[kvm]=${pid[kvm]}
	probe halted --pid "${pid[kvm]}"
	go kvm
	until_true 20 grep -q ^tid "$work/kvm.log"
	done_probing halted
	n=$(awk '/^tid/ { print $6 }' "$work/kvm.log")
	check "a machine that halted 500 times and more ($n)" "${n:-0}" = 500
	check 'its vCPU is told by its name' "$(thread halted vcpu .role)" = vcpu
	kvm() { value halted "[.kvm[] | select(.tid == ${tid[$1]} and .kind == \"$2\" and (.name | test(\"$3\"))) | .n] | add // 0"; }
	n=$(kvm vcpu halt '')
	check "halts: one before each interrupt, unless it came early ($n)" "$n" -ge 450
	check 'interrupts: accepted by its APIC' "$(kvm kvm inject '^#65')" -ge 500
	check 'as messages' "$(kvm kvm inject '^msi #65')" = "$(kvm kvm inject '^#65')"
	check 'exits to the monitor: port' "$(kvm vcpu exit '^io')" = 500
	check 'exits to the monitor: memory' "$(kvm vcpu exit '^mmio')" = 500
	n=$(events halted halt | awk -v t="$vcpu_tid" '$5 == t { n++ } END { print n + 0 }')
	check "halts as spans ($n)" "$n" -ge 440
	live=$(value halted '[.coverage[] | select(.name == "kvm_exit" or .name == "kvm_entry") | .live] | all')
	exits=$(kvm vcpu exit '^[^im]|^i[^o]')
	if [ "$live" = true ]; then
		check 'exits, as the processor numbers them' "$exits" -gt 0
	else
		check 'exits: none is told, and said to be untold' "$exits" = 0
		skip 'exits live' "NOT EXERCISED LIVE: $(value halted '.coverage[] | select(.name == "kvm_exit") | .why')"
	fi
fi

# The programs themselves, run by the kernel, with what a KVM on hardware would pass.
if out=$("$work/replay" tests/data/kvm_exits.txt 2>&1); then
	ok "made exits, halts and injections come out as they should ($out)"
else
	fail 'made exits, halts and injections' "$out"
fi
echo "      NOT EXERCISED LIVE: exits by reason, kicks taken in the kernel, injection on entry: played from tests/data/kvm_exits.txt, which is made by hand"

# -- coverage ----------------------------------------------------------------------------------------------------------------
n=$(value stormed '[.coverage[] | select(.live | not) | select(.why == "")] | length')
check 'what is not live says why' "$n" = 0
[ "$(value stormed .cost.untold)" = 0 ] || [ -n "$(value stormed '.coverage[] | select(.name == "sched_switch") | .why')" ] &&
	ok 'what is untold is said' || fail 'what is untold is said' "$(value stormed .cost.untold) and no word"
check 'every point has its row' "$(value stormed '.coverage | length')" = "$(sed -n '/^} points/,/^};/p' probes/host_points.c | grep -c '^	{')"
check 'and so it is in the stream, where readers look for it' "$(tests/net/events "$work/stormed.ev" meta | jq -r '.points[].name')" = "$(value stormed '.coverage[].name')"
has() { grep -aqP "\\0btf_trace_$1\\0" /sys/kernel/btf/*; }
wrong=
while read -r name live; do
	present=true
	for point in $(sed -n "s/.*VECTOR(\"$name\").*/${name}_entry ${name}_exit/p; s/^	{\"$name\", \"\\([a-z_0-9]*\\)\", .*PROG.*/\\1/p" probes/host_points.c); do
		has "$point" || present=false
	done
	[ "$present" = "$live" ] || wrong="$wrong $name"
done < <(value stormed '.coverage[] | "\(.name) \(.live)"')
[ -z "$wrong" ] && ok 'live is what this kernel has, by its own types' || fail 'live is what this kernel has' "not so:$wrong"
check 'what it costs is told' "$(value stormed '.cost | (.runs > 0 and .total_ns > 0 and (.programs | length) > 10)')" = true
check 'and the share of the CPU' "$(value stormed ".cpus[] | select(.cpu == $cpu) | .probe_share > 0 and .probe_share < 1")" = true

# -- a real worker and real guests -------------------------------------------------------------------------------------------
wire_up() { ip link add "$host_if" type veth peer name "$peer_if" netns "$ns" && ip link set "$host_if" up && ip -n "$ns" link set "$peer_if" up; }
if wire_up && taktd_start "plc"; then
	tid[worker]=$(shown .worker.tid -)
	start guest "$takt" vm run --kernel-dir "$O/guest" --uml --socket "$work/plc.sock" --timeout 60s
	guest_up() { grep -q ': ready' "$work/guest.log" && shown '.ports[] | select(.name == $p) | .up and .peer_pid != null' plc | grep -qx true; }
	if until_true 60 guest_up; then
		start named "$takt" host --name "$work/run/$tag.ctl" -d 2s -j -o "$work/named.ev"
		wait "${pid[named]}"
		check "taktd's worker is watched" "$(thread named worker .role)" = worker
		check 'and it ran' "$(thread named worker .ran_ns)" -gt 0
		check "the guest's vCPU is found through its socket" "$(value named '[.threads[] | select(.role == "vcpu")] | length')" -ge 1
		check 'and it ran or slept' "$(events named slept | wc -l)" -gt 0
	else
		fail 'a guest comes up' "$(tail -n 2 "$work/guest.log")"
	fi
	halt guest INT
	halt taktd
else
	fail 'taktd starts' "$(tail -n 2 "$work/taktd.log")"
fi

# -- refusals ----------------------------------------------------------------------------------------------------------------
while read -r words options; do
	# shellcheck disable=SC2086
	out=$("$takt" host -d 50ms $options 2>&1 > /dev/null)
	status=$?
	if [ "$status" = 2 ] && grep -q -e "$words" <<< "$out" && [ "$(wc -l <<< "$out")" = 1 ]; then
		ok "refused: $options"
	else
		fail "refused: $options" "status $status: $out"
	fi
done <<-END
	process.numbers       --pid 0
	process.numbers       --pid 1,
	process.numbers       --tid x
	there.is.none         --pid 2147483647
	there.is.none         --tid 2147483647
	--cpu                 --cpu 0-
	no.CPU                --cpu 1023
	out.of.range          --cpu 0 --min-span 0
	nonexistent           --cpu 0 --out /nonexistent/file
	nonexistent           --name /nonexistent/socket
END
out=$(setpriv --reuid 65534 --clear-groups --inh-caps=-all "$takt" host --cpu 0 -d 50ms 2>&1 > /dev/null)
status=$?
[ "$status" = 2 ] && grep -q 'root' <<< "$out" && ok 'refused to others than root' || fail 'refused to others than root' "status $status: $out"

# -- nothing stays -----------------------------------------------------------------------------------------------------------
left() { # what is still in the kernel of these
	local id
	for id in $1; do bpftool prog show id "$id" > /dev/null 2>&1 && echo "prog $id"; done
	for id in $2; do bpftool link show id "$id" 2> /dev/null | grep -q . && echo "link $id"; done
	for id in $3; do bpftool map show id "$id" > /dev/null 2>&1 && echo "map $id"; done
}
nothing_left() { [ -z "$(left "$@")" ]; }
for signal in INT TERM HUP KILL; do
	probe ended --cpu "$cpu"
	progs=$(fds "${pid[ended]}" prog_id) links_of=$(fds "${pid[ended]}" link_id) maps=$(fds "${pid[ended]}" map_id)
	halt ended "$signal"
	if [ -z "$progs" ] || [ -z "$maps" ]; then
		fail "SIG$signal leaves nothing" 'there was nothing to leave'
	elif until_true 10 nothing_left "$progs" "$links_of" "$maps"; then
		ok "SIG$signal leaves none of $(wc -w <<< "$progs") programs, $(wc -w <<< "$links_of") links, $(wc -w <<< "$maps") maps"
	else
		fail "SIG$signal leaves nothing" "$(left "$progs" "$links_of" "$maps" | tr '\n' ' ')"
	fi
done
finish
