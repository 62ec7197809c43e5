#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What a bad clock does to gates. First a real taktd whose CLOCK_REALTIME, CLOCK_TAI and TAI offset go through a shim
# (clock_shim.c): they are stepped, bent, broken, and put right again, while frames go through a gate on a real wire. A capture by
# the kernel's own clock is the witness: once taktd has counted and said what happened, each frame is in its window by the
# shimmed clock again, and those outside are as many as the overruns it counted. Then two real ptp4l with software stamps and free_running, one of
# which is the clock's keeper: nobody touches this machine's clock.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

[ "$(id -u)" = 0 ] || { skip "clock faults" "needs root"; finish; }
for program in gcc ptp4l jq; do
	command -v "$program" > /dev/null || { skip "clock faults" "$program is not installed: make deps"; finish; }
done
urgent
in_if=${tag}hi in_peer=${tag}pi out_if=${tag}ho out_peer=${tag}po
cycle=7000000	# divides neither 1 s nor 37 s: after a step every frame would be elsewhere in it
window=2000000

ip netns add "$ns" && veth "$in_if" "$in_peer" && veth "$out_if" "$out_peer" || { fail "clock faults" "cannot make the namespace"; finish; }
gcc -O2 -Wall -Werror -D_GNU_SOURCE -shared -fPIC -o "$work/shim.so" tests/net/clock_shim.c -ldl &&
	gcc -O2 -Wall -Werror -D_GNU_SOURCE -DSETTER -o "$work/clock_set" tests/net/clock_shim.c || { fail "clock faults" "the shim is not built"; finish; }

# set_clock WORD...: as clock_set has it; what holds from then on goes to the history.
set_clock() { "$work/clock_set" "$work/shim" "$@" >> "$work/history"; }
conf() { # CLOCK
	taktd_top | grep -v '^clock'
	cat <<-END
		clock: $1
		records: 4096
		ports:
		  - {name: in, wire: "net_af_xdp0,iface=$in_if", vlans: [10]}
		  - name: out
		    wire: "net_af_xdp1,iface=$out_if"
		    vlans: [10]
		    gate-parameters: {admin-control-list: [S 80 $window, S 7f $((cycle - window))]}
	END
}
are_up() { shown 'all(.ports[]; .up)' - | grep -qx true; }
clock_is() { taktd_ask show --json | jq -r ".clock | $1"; }
counter() { clock_is ".counters.$1"; }
at_least() { [ "$(counter "$1")" -ge "$2" ]; } 2> /dev/null
good() { [ "$(clock_is .good)" = true ]; }
bad() { [ "$(clock_is .good)" = false ]; }
said() { grep -c -- "$1" "$work/taktd.log"; }
said_more() { [ "$(said "$1")" -gt "$2" ]; }
same() { if [ "$2" = "$3" ]; then ok "$1"; else fail "$1" "got $2, want $3"; fi; }
tx() { shown '.ports[1].counters.tx_frames' -; }
sent_more() { [ "$(tx)" -ge "$1" ]; } 2> /dev/null
hears() { start hear ip netns exec "$ns" "$takt" capture -i "$out_peer" -w "$work/out.pcapng" --immediate; until_true 10 grep -q 'capturing on' "$work/hear.log"; }

# Frames of priority 7, five hundred a second and for long enough.
yes "$(printf '02000000000102000000ee0e8100e00a88b5%092d' 0)" | head -n 120000 > "$work/frames.txt"
sends() { input=$work/frames.txt start send ip netns exec "$ns" tests/net/frames send "$in_peer" 500; }

# -- by a shimmed clock -----------------------------------------------------------------------------------------------

set_clock tai=0
conf '{tai-offset: 37, max-error: 8us}' > "$work/conf.yaml"
start taktd env LD_PRELOAD="$work/shim.so" CLOCK_SHIM="$work/shim" "$taktd" -c "$work/conf.yaml"
until_true 15 taktd_up && until_true 10 are_up || { fail "clock faults" "taktd did not start"; finish; }
hears && sends || { fail "clock faults" "no capture"; finish; }
until_true 10 sent_more 50 || { fail "clock faults" "no frame comes out"; finish; }
same "CLOCK_REALTIME and 37 s" "$(clock_is .reference)" "CLOCK_REALTIME + 37 s"

# fault NAME COUNTER LOG WORD...: do it; it is counted and said, and before the next one frames go for a while. Between the two instants a frame
# may be anywhere: that is what was counted. A clock that is followed and not stepped is said to be not good until it is caught up with: until then, too.
fault() {
	local name=$1 counter=$2 log=$3 before lines from
	shift 3
	before=$(counter "$counter") lines=$(said "$log") from=$(date +%s%N)
	set_clock "$@"
	if until_true 10 at_least "$counter" $((before + 1)) && until_true 5 said_more "$log" "$lines"; then
		ok "$name: counted and said"
	else
		fail "$name" "$counter $before, then $(counter "$counter"); said $lines times, then $(said "$log")"
	fi
	[ "$counter" != over_error ] || until_true 20 good || fail "$name" "the clock is not good again: $(clock_is .why_not)"
	echo "$from $(date +%s%N) $name" >> "$work/faults"
	until_true 20 sent_more $(($(tx) + 150)) || fail "$name" "no more frames come out"
}
fault "a step of +1 s" steps 'was stepped by 1\.00 s, from ' step=1000000000
fault "a step of -1 s" steps 'was stepped by -1\.00 s, from ' step=-1000000000
fault "a step of +37 s" steps 'was stepped by 37\.0 s, from ' step=37000000000
fault "a step of -37 s" steps 'was stepped by -37\.0 s, from ' step=-37000000000
same "the last step is told" "$(clock_is '(.last_step_ns / 1e9 | round | tostring) + " " + (.t_last_step > 0 | tostring)')" "-37 true"
until_true 5 said_more 'the worker took the step over' 3 && ok "the worker took them over" || fail "the worker" "said $(said 'took the step over') times"
fault "100 ppm faster" over_error 'not good any more: .*max-error' ppm=100
fault "100 ppm slower" over_error 'not good any more: .*max-error' ppm=0
fault "300 us backwards" over_error 'not good any more: .*max-error' step=-300000
same "neither is a step" "$(counter steps)" 4
fault "the kernel has a TAI offset, the same" tai_changes 'changed from 0 s to 37 s, which is what is used already' tai=37
same "time goes on unbroken" "$(counter steps) $(clock_is .reference)" "4 CLOCK_TAI"
fault "the kernel has another one" tai_changes 'from 37 s to 38 s, which is not what .* says, .*: time moves by 1 s' tai=38
until_true 10 at_least steps 5
fault "and none again" tai_changes 'from 38 s to 0 s.*: time moves by -1 s' tai=0
until_true 10 at_least steps 6
same "each is a step" "$(counter steps)" 6
fault "garbage" holdovers 'gives no time (it contradicts itself)' mode=garbage
same "garbage moves no gate" "$(counter steps)" 6
set_clock mode=true
until_true 10 said_more 'is back after' 0 && ok "true again: said" || fail "true again" "said nothing"
fault "no answer" holdovers 'gives no time (Invalid argument)' mode=fails
same "nor does no answer" "$(counter steps)" 6
until_true 20 bad && [[ $(clock_is .why_not) == *"its reference gives no time"* ]] && ok "the bound grows beyond max-error" ||
	fail "holdover" "$(clock_is '"\(.good) \(.why_not) \(.error_bound_ns)"')"
set_clock mode=true
until_true 20 good && ok "and is good again" || fail "good again" "$(clock_is .why_not)"
halt send
sleep 0.5
overruns=$(shown '.ports[1].counters.overruns' -)
halt hear INT

# Each frame by the shimmed clock: where in its cycle? frames, of them outside, seen less than 1 ms after a close, outside while a fault was not counted yet.
# Between the hand-over and the capture's stamp is the kernel, which may be away from its CPU when taktd was not: so a few are seen late. By a clock that is wrong many would be.
judge() {
	perl - "$work/out.pcapng" "$work/history" "$work/faults" $cycle $window <<-'END'
		use strict; use integer;
		my ($pcap, $history, $faults, $cycle, $window) = @ARGV;
		my $slack = 50_000;	# ns: what the map may be off, far from a window
		open my $h, '<', $history; my @h = map { [split] } <$h>;
		open my $f, '<', $faults; my @f = map { chomp; [split ' ', $_, 3] } <$f>;
		open my $p, '<:raw', $pcap; local $/; my $d = <$p>;
		my ($n, $out, $seen, $excused) = (0, 0, 0, 0);
		my %in;	# frames in their window, by the last fault before
		for (my $at = 0; $at + 12 <= length $d;) {
			my ($type, $len) = unpack 'VV', substr $d, $at, 8;
			die "a block of $len bytes" if $len < 12;
			if ($type == 6) {
				my ($hi, $lo) = unpack 'VV', substr $d, $at + 12, 8;
				my $t = ($hi << 32) + $lo;
				my ($now) = grep { $_->[0] <= $t } reverse @h;
				my $bent; { no integer; $bent = int(($t - $now->[0]) * $now->[2] * 1e-6); }
				my $phase = ($t + $now->[1] + $bent + 37_000_000_000 + ($now->[3] > 37 ? 1_000_000_000 : 0)) % $cycle;
				my $ok = $phase <= $window + $slack || $phase >= $cycle - $slack;
				my ($fault) = grep { $_->[0] <= $t } reverse @f;
				$n++;
				if ($ok) { $in{$fault ? $fault->[2] : "calm"}++ if !$fault || $t > $fault->[1]; }
				elsif ($fault && $t <= $fault->[1]) { $excused++ }
				elsif ($phase <= $window + 1_000_000) { $seen++ }
				else { $out++; printf STDERR "at %d, phase %d us, after %s\n", $t, $phase / 1000, $fault ? $fault->[2] : "nothing" if $out < 6 }
			}
			$at += $len;
		}
		print "$n $out $seen $excused\n";
		for (@f) { my $k = $in{$_->[2]} // 0; print "few: $k after $_->[2]\n" if $k < 50 }
	END
}
judge > "$work/judged" 2> "$work/outside.log"
read -r frames outside seen excused < "$work/judged"
if [ "${frames:-0}" -ge 2000 ] && [ "$outside" -le "$overruns" ] && [ $((outside * 10)) -lt "$frames" ] && [ $((seen * 100)) -lt "$frames" ]; then
	ok "$frames frames: $outside outside their window, $seen seen up to 1 ms after it, and $overruns overruns counted; $excused more until a fault was counted"
else
	fail "every frame has its count" "$frames frames, $outside outside, $seen seen up to 1 ms late, $overruns overruns: $(tr '\n' ';' < "$work/outside.log")"
fi
if [ "$excused" -gt 0 ]; then ok "the faults were real: until they were known, gates were elsewhere"; else fail "the faults" "moved nothing"; fi
if ! grep few "$work/judged"; then ok "after each fault the gate is in phase again"; else fail "in phase again" "$(grep few "$work/judged" | tr '\n' ';')"; fi
halt taktd
same "it ends in order" "$(said 'taktd: ending')" 1

# -- by a ptp4l ----------------------------------------------------------------------------------------------------------

# It is the host's: on a veth pair of its own to another, which is the better clock when it runs.
host_ns=${tag}k
declare -A sock=([keeper]=$work/k.sock [better]=$work/b.sock)
trap 'ip netns del "$host_ns" 2> /dev/null; clean_up' EXIT
ip netns add "$host_ns" && ip -n "$host_ns" link add keep0 type veth peer name good0 netns "$ns" &&
	ip -n "$host_ns" link set keep0 up && ip -n "$ns" link set good0 up || { fail ptp4l "cannot make the namespaces"; finish; }
ptp4l_start() { # ROLE NAMESPACE INTERFACE PRIORITY
	cat > "$work/$1.cfg" <<-END
		[global]
		free_running 1
		time_stamping software
		network_transport L2
		logSyncInterval -3
		logMinDelayReqInterval -3
		logAnnounceInterval -2
		announceReceiptTimeout 8
		tx_timestamp_timeout 100
		priority1 $4
		uds_address ${sock[$1]}
	END
	rm -f "${sock[$1]}"
	start "$1" ip netns exec "$2" ptp4l -f "$work/$1.cfg" -i "$3" -m
}
keeper() { ptp4l_start keeper "$host_ns" keep0 128; }
better() { ptp4l_start better "$ns" good0 10; }
why() { clock_is .why_not | grep -q -- "$1"; }
gates() { shown '.ports[1].gate.states' -; }
gm() { pmc -u -b 0 -s "${sock[$1]}" "GET DEFAULT_DATA_SET" | awk '$1 == "clockIdentity" {print $2; exit}'; }

# First the better one, and time for the keeper to hear it: until then it takes itself for the grandmaster, which is good.
measures() { timeout 10 "$takt" clock --ptp4l "${sock[keeper]}" --json | jq -e '.ptp4l.ports[0].state == "UNCALIBRATED"' > "$work/null"; }
better
keeper
until_true 40 measures || { fail ptp4l "the keeper follows nobody"; finish; }
conf "{tai-offset: 0, max-error: 1s, hold-gates: closed, ptp4l: ${sock[keeper]}}" > "$work/conf.yaml"
start taktd "$taktd" -c "$work/conf.yaml"
until_true 15 taktd_up && until_true 10 are_up || { fail ptp4l "taktd did not start"; finish; }
sends
until_true 30 why UNCALIBRATED && ok "the client's port is never SLAVE: free_running" || fail "UNCALIBRATED" "$(clock_is .why_not)"
same "gates are held shut" "$(clock_is '"\(.good) \(.gates_held)"') $(gates) $(tx)" "false shut 0 0"
same "and it said so, once" "$(said 'gates are held shut until the clock is good')" 1
taktd_ask show > "$work/show.txt"
grep -q "not good.*UNCALIBRATED.*held shut until it is good" "$work/show.txt" && grep -q "out: all gates are held shut: the schedule waits until the clock is good (see clock: above)" "$work/show.txt" &&
	ok "takt show says it" || fail "takt show" "$(head -n 3 "$work/show.txt" | cut -c 1-300)"
timeout 10 "$takt" clock --ptp4l "${sock[keeper]}" --name "$work/run/$tag.ctl" --json > "$work/chain.json"
grep -q 'clock is not good: .*UNCALIBRATED.*gates are held shut' "$work/chain.json" && ok "takt clock says it" || fail "takt clock" "$(jq -c .findings "$work/chain.json")"
echo "admin-control-list: [S 80 $((window / 2)), S 7f $((cycle - window / 2))]" | taktd_ask gate set out - > "$work/set.txt"
grep -q 'waits, gates held shut, until the clock is good: .*UNCALIBRATED' "$work/set.txt" && ok "a schedule that is set meanwhile waits too" ||
	fail "gate set" "$(cat "$work/set.txt")"
sleep 1
same "and frames wait with it" "$(gates) $(tx)" "0 0"
taktd_ask dump | grep -q "time-interval-value: 1ms, gate-states-value: 0x80" && ok "the dump has it" || fail "dump" "$(taktd_ask dump | grep interval | head -n 2)"

# The better one goes: the keeper is the grandmaster itself.
halt better
until_true 30 good && until_true 10 said_more 'schedules start, 1 of them: gates were held shut' 0 && ok "a grandmaster is good: schedules start" ||
	fail "schedules start" "$(clock_is .why_not)"
until_true 20 sent_more 50 && ok "and frames go" || fail "frames" "$(tx) came out"
same "by the schedule that was set last" "$(taktd_ask gate show out --json | jq -r '"\(.gate.oper."admin-control-list"[0]."time-interval-value") \(.gate.held)"')" \
	"1000000 null"
same "another grandmaster is counted and said" "$(counter gm_changes) $(said "the grandmaster is another: $(gm keeper), it was")" "1 1"
bads=$(counter bad)

halt keeper KILL
until_true 10 bad
same "ptp4l killed: counted and said, once" "$(counter ptp4l_lost) $(counter bad) $(said 'ptp4l answers no more') $(said 'not good any more: .*has ended')" \
	"1 $((bads + 1)) 1 1"
until_true 20 sent_more $(($(tx) + 100)) && ok "schedules run on" || fail "schedules run on" "they do not"
keeper
until_true 30 good && ok "started again: good again" || fail "started again" "$(clock_is .why_not)"

better
until_true 30 bad
same "a better master: the port left, the grandmaster is another" "$(counter port_left) $(counter gm_changes)" "1 2"
same "all of it said" "$(said "ptp4l's port is UNCALIBRATED now") $(said "the grandmaster is another: $(gm better), it was $(gm keeper)")" "1 1"
until_true 20 sent_more $(($(tx) + 100)) && ok "schedules run on" || fail "schedules run on" "they do not"
same "gates are not held again" "$(clock_is .gates_held)" null

# The keeper is stopped: no answer.
kill -STOP "${pid[keeper]}"
until_true 10 why 'does not answer' && ok "silence is no answer" || fail silence "$(clock_is .why_not)"
kill -CONT "${pid[keeper]}"
halt taktd
same "it ends in order" "$(said 'taktd: ending')" 1

# Held open: frames go, by no schedule. And stream gates.
conf "{tai-offset: 0, hold-gates: open, ptp4l: $work/nosuch.sock}" > "$work/conf.yaml"
cat >> "$work/conf.yaml" <<-END
	  - name: m
	    mem: true
	    stream-filters: [{stream-filter-instance-id: f, stream-gate-ref: g}]
	    stream-gates: [{stream-gate-instance-id: g, admin-gate-states: closed, admin-control-list: [close 1000000]}]
END
start taktd "$taktd" -c "$work/conf.yaml"
until_true 15 taktd_up && until_true 10 are_up || { fail "held open" "taktd did not start"; finish; }
until_true 20 sent_more 100 && same "held open" "$(clock_is '"\(.good) \(.gates_held)"') $(gates)" "false open 255"
until_true 5 why "no ptp4l at $work/nosuch.sock" && ok "and why: there is none" || fail "no ptp4l" "$(clock_is .why_not)"
stream_gate() { taktd_ask police show m --json | jq -r '."stream-gates"[0] | "\(."oper-gate-state") \(."config-pending")"'; }
same "a stream gate as well" "$(stream_gate)" "open false"
sock[keeper]=$work/nosuch.sock
halt better
halt keeper
keeper
until_true 30 good
closed() { [ "$(stream_gate)" = "closed false" ]; }
until_true 10 closed && ok "until it is good: its list runs" || fail "stream gate" "$(stream_gate)"
until_true 5 said_more 'schedules start, 2 of them: gates were held open' 0 && ok "both are said" || fail "both" "$(grep 'schedules start' "$work/taktd.log")"
halt taktd
finish
