#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Launch time, credit and eligibility on a real wire. A capture with the kernel's stamps is the witness: no frame is there before the instant that
# its sender, its bucket or its class's credit gives it; they come in that order, without their trailers; and what cannot go is counted. Nothing here
# depends on how late things are: lateness is allowed for half a second.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

conf='
  - name: in
    wire: "net_af_xdp0,iface=IN"
    vlans: [10]
    stream-filters: [{stream-filter-instance-id: s, vlan: 10, priority-spec: 4, scheduler-ref: s}]
    schedulers: [{scheduler-instance-id: s, committed-information-rate: 80kb/s, committed-burst-size: 1088, scheduler-group-ref: g}]
    scheduler-groups: [{scheduler-group-instance-id: g, max-residence-time: 1s}]
  - name: out
    wire: "net_af_xdp1,iface=OUT"
    vlans: [10]
    credit-based-shaper: {3: 100kb/s}
    launch-time:
      7: {mode: strict, late: 500ms}
      6: {mode: deadline}
      5: {source: avtp, offset: -100ms, late: 500ms}
    asynchronous-shaper: [4]
'

# Frames of 64 bytes in memory, tag included, to 02:00:00:00:PP:NN (priority, number): prints them, and "PP:NN EARLIEST" into $work/earliest.
#   craft KIND PRIORITY COUNT MS STEP_NS    frame i: at now + MS ms + its place * STEP_NS. Places are 0, 1, 2, ... but for KIND
#     shuffled: trailer, places in another order; past, soon: trailer, with nothing to hold against the stamp; none: no trailer;
#     avtp: as 32 bits, leaving 100 ms before; plain: no time in the frame, and the first BURST have place 0 (STEP_NS is "NS/BURST")
craft() {
	perl -MTime::HiRes=clock_gettime -e '
		my ($kind, $pcp, $n, $ms, $step, $file) = @ARGV;
		my $burst = $step =~ s{/(\d+)}{} ? $1 : 1;
		select undef, undef, undef, 0.3;	# whoever reads this is ready by now
		my $now = int(clock_gettime(11) * 1e6) * 1000;
		open my $earliest, ">>", $file or die;
		for my $i (0 .. $n - 1) {
			my $place = $kind eq "shuffled" ? $i * 7 % $n : $kind eq "plain" ? ($i < $burst ? 0 : $i - $burst + 1) : $i;
			my $t = $now + $ms * 1000000 + $place * $step;
			my $head = pack "nnnnNnnn", 0x0200, 0, $pcp << 8 | $i, 0x0200, 0xee, 0x8100, $pcp << 13 | 10, $kind eq "avtp" ? 0x22f0 : 0x88b5;
			my $body = $kind eq "avtp" ? pack("CCnNNN", 2, 0x81, 0, 1, 2, $t & 0xffffffff) : "";
			my $tail = $kind =~ /shuffled|past|soon/ ? pack("Nq>", 0x7414c7a1, $t) : "";
			print unpack("H*", pack("a64", $head . $body) . $tail), "\n";
			printf $earliest "%02x:%02x %d %d\n", $pcp, $i, $t - ($kind eq "avtp" ? 100000000 : 0), $kind eq "soon" if $kind !~ /past|none/;
		}' "$@" "$work/earliest"
}

send() { craft "$@" | in_wire tests/net/frames send "$in_peer"; sent=$((sent + $3)); }
in_all() { shown '.ports[0].counters.rx_frames' -; }
taken() { [ "$(in_all)" = "$sent" ] && [ "$(shown '[.ports[].classes[].queued] | add' -)" = 0 ]; }
are_up() { shown 'all(.ports[]; .up)' - | grep -qx true; }
verdict() { shown "[.ports[].verdicts.\"$1\"] | add" -; }
same() { # name, got, want
	if [ "$2" = "$3" ]; then ok "$1"; else fail "$1" "got $2, want $3"; fi
}

if [ "$(id -u)" != 0 ]; then
	skip shapers "needs root"
	finish
fi
urgent
in_if=${tag}hi in_peer=${tag}pi out_if=${tag}ho out_peer=${tag}po sent=0
ip netns add "$ns" && veth "$in_if" "$in_peer" && veth "$out_if" "$out_peer" || { fail shapers "cannot make the namespace"; finish; }
conf=${conf//IN/$in_if}
taktd_ports <<< "${conf//OUT/$out_if}" || { fail shapers "taktd did not start"; finish; }
until_true 10 are_up || { fail shapers "not all ports came up"; finish; }
start hear ip netns exec "$ns" "$takt" capture -i "$out_peer" -w "$work/out.pcapng" --immediate
until_true 10 grep -q 'capturing on' "$work/hear.log" || { fail shapers "takt capture did not begin"; finish; }

send shuffled 7 20 600 5000000
send none 7 5 0 0
send past 7 4 -1000 0
send soon 6 5 1500 0
send past 6 3 -10 0
send avtp 5 5 700 1000000
send plain 4 120 0 6800000/2	# 68 bytes with FCS at 80 kb/s: 6.8 ms each, two at once
send plain 3 120 0 7040000/1	# 88 bytes on the wire at 100 kb/s: 7.04 ms each
until_true 10 taken || fail taken "$(in_all) of $sent frames were received"
sleep 0.3
halt hear INT

# Each frame's number, its length, its stamp as TAI.
offset=$(perl -MTime::HiRes=clock_gettime -e 'printf "%.0f", clock_gettime(11) - clock_gettime(0)')
tshark -r "$work/out.pcapng" -T fields -e eth.dst -e frame.len -e frame.time_epoch 2> /dev/null |
	sed 's/^02:00:00:00://; s/\.//' > "$work/got"

# What is early: by more than the clocks' bounds, a hand-over while the link is still busy, and a longest frame's worth of credit: 30 us together.
judge() { # priority; prints what is wrong
	perl -e '
		my ($pcp, $offset, @file) = @ARGV;
		my (%earliest, %before);
		open my $e, "<", $file[0]; open my $g, "<", $file[1];
		while (<$e>) { my ($id, $t, $before) = split; ($earliest{$id}, $before{$id}) = ($t, $before) if $id =~ /^0$pcp:/; }
		my ($n, $last) = (0, 0);
		while (<$g>) {
			my ($id, $len, $t) = split;
			next if $id !~ /^0$pcp:/;
			my $want = delete $earliest{$id};
			defined $want or print("$id came twice, or should not have come; ") and next;
			$t += $offset * 1000000000;
			print "$id has $len bytes; " if $len != 64;
			if ($before{$id}) { print "$id came ", $t - $want, " ns after its deadline; " if $t > $want + 30000; next; }
			print "$id came ", $want - $t, " ns early; " if $t < $want - 30000;
			print "$id came behind a later one; " if $want < $last;
			$last = $want;
		}
		print "missing: ", join(" ", sort keys %earliest) if %earliest;
	' "$1" "$offset" "$work/earliest" "$work/got"
}
same "strict launch times: in their order, none early, without the trailer" "$(judge 7)" ""
same "deadlines: before them, without the trailer" "$(judge 6)" ""
same "AVTP presentation times less the offset" "$(judge 5)" ""
same "eligibility times: a burst, then the rate" "$(judge 4)" ""
same "credit: the idle slope, and no more" "$(judge 3)" ""
same "no launch time is launch-invalid" "$(verdict launch-invalid)" 5
same "one that has passed is launch-missed" "$(verdict launch-missed)" 7
same "classes count what they sent" "$(shown '[.ports[1].classes[7, 6, 5, 4, 3].sent] | join(" ")' -)" "20 5 5 120 120"
finish
