#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What takt gives to other tools, judged by readers that know nothing of takt: tshark (with and without our dissector), jq and perl. One live taktd
# between two wires, a known number of numbered frames through it, and the same frames asked for in each format.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

conf='
  - {name: "in", wire: "net_af_xdp0,iface=IN", vlans: [10]}
  - {name: out, wire: "net_af_xdp1,iface=OUT", vlans: [10]}
'
frames=200

are_up() { shown 'all(.ports[]; .up)' - | grep -qx true; }
same() { # name, got, want
	if [ "$2" = "$3" ]; then ok "$1"; else fail "$1" "got $2, want $3"; fi
}
send() { in_wire "$takt" send -i "$in_peer" -d 02:00:00:00:00:09 -v 10 -p 6 --cycle 1ms "$@" > /dev/null 2> "$work/send.log"; }
fields() { # file, filter, field...
	local file=$1 filter=$2 args=() f
	shift 2
	for f; do args+=(-e "$f"); done
	tshark -r "$file" -X lua_script:share/takt.lua -Y "$filter" -T fields "${args[@]}" 2> "$work/tshark.log"
}

if [ "$(id -u)" != 0 ]; then
	skip export "needs root"
	finish
fi
in_if=${tag}hi in_peer=${tag}pi out_if=${tag}ho out_peer=${tag}po
ip netns add "$ns" && veth "$in_if" "$in_peer" && veth "$out_if" "$out_peer" || { fail export "cannot make the namespace"; finish; }
conf=${conf//IN/$in_if}
taktd_ports <<< "${conf//OUT/$out_if}" || { fail export "taktd did not start"; finish; }
until_true 10 are_up || { fail export "not all ports came up"; finish; }
ctl=$work/run/$tag.ctl


# -- live: a capture beside taktd's own edges, a pipe to tshark, and the lines, all of the same frames --------------------------

start hops ip netns exec "$ns" "$takt" capture --taktd "$ctl" -i "$out_peer" -w "$work/hops.pcapng" --filter 'vlan 10'
mkfifo "$work/live"
tshark -l -r - -T fields -e frame.interface_name -e frame.packet_id < "$work/live" > "$work/live.txt" 2> /dev/null &
reader=$!
start live "$takt" capture --taktd "$ctl" -w "$work/live"
for format in jsonl csv hlog; do
	start $format "$takt" export $format --name "$ctl" --duration 0 --interval 1ms --output "$work/x.$format"
done
start prom "$takt" export openmetrics --name "$ctl" --duration 0 --interval 200ms --output "$work/x.prom"
start om "$takt" export openmetrics --name "$ctl" --duration 0 --output "$work/x.om"
for name in hops live; do
	until_true 10 grep -q 'capturing on' "$work/$name.log" || fail "capture --taktd" "did not begin: $name"
done
for format in jsonl csv hlog; do
	until_true 10 eval "ls $work/.x.$format.*" > /dev/null || fail export "$format did not begin"
done
until_true 10 test -e "$work/x.prom" || fail export "openmetrics did not begin"
sleep 0.3
send -n $frames
recorded() { [ "$(taktd_ask path --packet $((frames - 1)) --json 2> /dev/null | jq '.frames | length')" = 1 ]; }
until_true 10 recorded || fail export "taktd has not recorded $frames frames"
cp "/dev/shm/takt-$tag.rec" "$work/records"
sleep 0.5
# A reader that is slow holds the writer up: what is asked for here is that nothing is lost.
all_live() { [ "$(wc -l < "$work/live.txt")" -ge $((5 * frames)) ]; }
until_true 60 all_live || fail "live" "tshark read $(wc -l < "$work/live.txt") packets"
for name in hops live jsonl csv hlog om prom; do
	halt $name INT
	same "$name: exit status" $? 0
done
wait $reader

# -- refusals, and what is left of them ---------------------------------------------------------------------------------------

# Status  Words of the sentence  Arguments
while read -r want words arguments; do
	# shellcheck disable=SC2086
	out=$(timeout 20 "$takt" ${arguments//CTL/$ctl} 2>&1 > /dev/null)
	same "refused: ${arguments//CTL/NAME}" "$? $(grep -c -e "${words//_/ }" <<< "$out") $(wc -l <<< "$out")" "$want 1 1"
done <<-END
	2 is_no_format     export nosuch
	2 no_such_port     export jsonl --name CTL --port nosuch
	2 is_a_folder      export csv --name CTL -o $work
	2 cannot_write     export csv --name CTL -o /nonexistent/x
	2 no_file_of       export csv --input /etc/passwd
	2 name_a_folder    export hgrm --input $work/records
	2 is_no_folder     export hgrm --input $work/records -o $work/records
	1 No_space         export openmetrics --name CTL --duration 100ms -o /dev/full
	1 No_space         export trace --input $work/records -o /dev/full
	2 no_taktd         export csv --name nosuch
	1 No_space         export csv --input $work/records -o /dev/full
	2 is_missing       capture -w $work/x
	2 no_taktd         capture --taktd nosuch -w $work/x
	2 no_interface_has capture -i $(printf 'x%.0s' {1..80}) -w $work/x
	2 does_not_exist   capture -i nosuch0 --taktd CTL -w $work/x
END
"$takt" export jsonl --input "$work/records" 2> "$work/gone.log" | head -n 1 > /dev/null
same "a reader that has seen enough" "${PIPESTATUS[0]} $(wc -c < "$work/gone.log")" "0 0"
"$takt" capture --taktd "$ctl" -w /dev/full --duration 300ms > "$work/full.log" 2>&1
same "capture: a full disk" "$? $(grep -c 'No space left' "$work/full.log")" "1 1"
same "nothing half-written is left" "$(find "$work" -name '.x*' -o -name '.again*' | wc -l)" 0

# A taktd that dies meanwhile: a file of records whose clock stands still.
halt taktd KILL
"$takt" export csv --name "$ctl" --duration 600ms -o "$work/dead.csv" 2> "$work/dead.log"
same "a taktd that was killed" "$? $(grep -c 'was taktd killed' "$work/dead.log") $(find "$work" -name '*dead.csv*' | wc -l)" "1 1 0"
# -- pcapng ----------------------------------------------------------------------------------------------------------------

edges="takt:chosen takt:copied takt:handed takt:queued takt:seen"
fields "$work/hops.pcapng" frame frame.interface_name frame.packet_id takt.edge takt.seq takt.in takt.out takt.tc takt.copy_ns takt.class_ns takt.queue_ns \
	takt.gate_ns takt.shape_ns takt.port_ns takt.send_ns takt.stay takt.bytes takt.verdict takt.seqid takt.stamp.seqid frame.time_epoch takt.ns > "$work/hops.txt"
counted() { sort | uniq -c | sed 's/^ *//'; }
same "hops: each frame at each edge and on the wire" "$(cut -f 1 "$work/hops.txt" | counted)" "$(for e in $edges $out_peer; do echo "$frames $e"; done)"
same "hops: six packets share a frame's id" "$(cut -f 2 "$work/hops.txt" | counted | awk '{print $1}' | counted)" "$frames 6"
same "live: a pipe to tshark" "$(cut -f 1 "$work/live.txt" | counted)" "$(for e in $edges; do echo "$frames $e"; done)"
same "live: the same ids" "$(cut -f 2 "$work/live.txt" | sort -u | md5sum)" "$(cut -f 2 "$work/hops.txt" | sort -u | md5sum)"

# What Wireshark shows by our dissector is what the records say, read by a program of its own.
tests/net/records "$work/records" > "$work/records.txt"
awk -F '\t' '$3 == "handed" {print $4, $5, $6, $7, $8, $14, $15, $16, $17}' "$work/hops.txt" | sort -n > "$work/by_lua"
perl -ane 'print "@F[0 .. 3, 9, 10] ", $F[8] - $F[7], " 1 sent\n"' "$work/records.txt" | sort -n > "$work/by_records"
same "lua: fields are the records'" "$(diff "$work/by_lua" "$work/by_records" | head -n 3)" ""
same "lua: as many as were sent" "$(wc -l < "$work/by_lua")" $frames
same "lua: the sender's number, from the stamp and from the key" "$(awk -F '\t' '$3 == "seen" && $18 == $19 {print $18}' "$work/hops.txt" | sort -u | wc -l)" $frames
same "lua: hops of a frame add up to its stay" "$(awk -F '\t' '$3 != "" && $8 + $9 + $10 + $11 + $12 + $13 + $14 != $15' "$work/hops.txt" | wc -l)" 0
# Each edge is later than the one before by what its packet says.
same "pcapng: instants differ by the hops" "$(awk -F '\t' '$3 != "" {print $4, $20, $21}' "$work/hops.txt" | sort -n -s -k 1,1 | perl -ane '
	my ($seq, $t, $ns) = @F;
	my ($s, $f) = $t =~ /^(\d+)\.(\d{9})$/;
	print "$seq " if defined $ns && ($last != $seq || ($s - $ls) * 1000000000 + $f - $lf != $ns);
	($last, $ls, $lf) = ($seq, $s, $f);')" ""

# An ask and its answer, and one that is cut off.
head=0274616b7400020000000001
{
	echo ${head}88b574616b740101000000000000000000070000000000000bb80000000000000000
	echo ${head}88b574616b740102000000000000000000070000000000000bb818eae4c2a1b2c3d4
	echo ${head}88b574616b7401020000
} | tests/net/frames to-pcap > "$work/ask.pcap"
same "lua: asks for the time" "$(fields "$work/ask.pcap" frame takt.ask.op takt.ask.id takt.ask.t_guest takt.ask.t_seen | tr '\t' ' ')" "1 7 3000 0
2 7 3000 $((0x18eae4c2a1b2c3d4))
   "

# -- lines -----------------------------------------------------------------------------------------------------------------

same "jsonl: an object a line" "$(jq -c type "$work/x.jsonl" | sort | uniq -c | sed 's/^ *//')" "$frames \"object\""
same "jsonl: the records" "$(jq -r '"\(.seq) \(.in) \(.out) \(.class) \(.hops_ns.copy) \(.hops_ns.send) \(.stay_ns) \(if .key then 1 else 0 end) \(.verdict)"' "$work/x.jsonl" |
	sort -n | diff - "$work/by_records" | head -n 3)" ""
same "jsonl: hops add up" "$(jq -c 'select((.hops_ns | add) != .stay_ns or (.timestamps.names | length) != (.timestamps.values | length))' "$work/x.jsonl" | wc -l)" 0
same "csv: the records" "$(perl -ne 's/\r\n//; s/"//g; my @f = split /,/, $_, -1; next if $. == 1;
	print join(" ", @f[0, 3, 4, 5], $f[15], $f[21], $f[15] + $f[16] + $f[17] + $f[18] + $f[19] + $f[20] + $f[21], $f[2] ? 1 : 0, $f[8]), "\n"' "$work/x.csv" |
	sort -n | diff - "$work/by_records" | head -n 3)" ""
same "csv: as many columns in each row" "$(awk -F, '{print NF}' "$work/x.csv" | sort -u | wc -l)" 1

# -- HdrHistogram ----------------------------------------------------------------------------------------------------------

# Of each hop, from the lines: COUNT MIN MAX P50 P99, each to be found within a thousandth.
judge_hdr() { # reads "HOP COUNT MIN MAX P50 P99"; prints what is not so
	jq -r '. as $f | (.hops_ns | to_entries[] | "\(.key) \(.value)"), "total \($f.stay_ns)"' "$work/x.jsonl" | sort -k 1,1 -k 2,2n | perl -e '
		my %v;
		open my $lines, "<&=", 0;
		while (<$lines>) { my ($hop, $ns) = split; push @{$v{$hop}}, $ns; }
		open my $got, "<", $ARGV[0];
		my $n = 0;
		while (<$got>) {
			my ($hop, $count, @got) = split;
			my @v = @{delete $v{$hop} // []};
			my @want = (@v[0, -1], $v[int(($#v + 1) * 0.5 + 0.5) - 1], $v[int(($#v + 1) * 0.99 + 0.999) - 1]);
			print "$hop has $count, not ", scalar(@v), "; " if $count != @v;
			for (0 .. 3) { print "$hop: $got[$_] is not $want[$_]; " if defined $got[$_] && abs($got[$_] - $want[$_]) > $want[$_] / 1000; }
			$n++;
		}
		print join(" ", keys %v), " missing" if %v;
		print "nothing there" if !$n;' "$1"
}
tests/net/hlog "$work/x.hlog" > "$work/hlog.txt" 2> "$work/hlog.err"
same "hlog: read by a program of its own" "$? $(cat "$work/hlog.err")" "0 "
sed 's/^out\.c6\.//' "$work/hlog.txt" | cut -d ' ' -f 1,3- > "$work/hlog.hops"
same "hlog: counts, extremes and quantiles are the frames'" "$(judge_hdr "$work/hlog.hops")" ""
# A machine that is busy hands all frames over at once: so the intervals are counted from the frames.
same "hlog: a line for each interval that has frames" "$(awk '{print $2}' "$work/hlog.txt" | counted)" \
	"8 $(perl -ane '$t //= $F[7]; $in{int(($F[8] - $t) / 1000000)} = 1; END { print scalar keys %in }' "$work/records.txt")"
"$takt" export hlog --interval 1ms --input "$work/records" > "$work/again" 2> "$work/again.log"
same "hlog: a copied file gives the same" "$(diff "$work/again" "$work/x.hlog" | head -n 2)" ""

"$takt" export hgrm --input "$work/records" -o "$work/hgrm" 2> "$work/hgrm.log"
same "hgrm: a file for each hop" "$(ls "$work/hgrm" | wc -l)" 8
for f in "$work"/hgrm/out.c6.*.hgrm; do
	hop=${f#*.c6.} perl -ne '
		next if /^\s*Value\s+Percentile\s+TotalCount\s+1\/\(1-Percentile\)$/ || /^$/ || /^#\[takt: /;
		if (/^#\[Max\s+=\s+([\d.]+), Total count\s+=\s+(\d+)\]$/) { ($max, $n) = ($1, $2); next; }
		next if /^#\[(?:Mean|Buckets)\s+=\s+[\d.]+, (?:StdDeviation|SubBuckets)\s+=\s+[\d.]+\]$/;
		my ($v, $p, $count, $rest) = /^\s*([\d.]+) ([01]\.\d{12})\s+(\d+)(?:\s+([\d.]+))?$/ or die "line $.: $_";
		die "line $.: not ascending\n" if defined $last && ($v < $last || $p < $lp || $count < $lc);
		die "line $.: $rest\n" if defined $rest && abs($rest - 1 / (1 - $p)) > $rest / 100;
		($p50, $first) = ($p50 // ($p >= 0.5 ? $v : undef), $first // $v);
		($last, $lp, $lc) = ($v, $p, $count);
		END {
			die "ends at $lp, $lc of $n, $last\n" if $lp != 1 || $lc != $n || $last != $max;
			printf "%s %d %d %d %d\n", $ENV{hop}, $n, $first * 1000, $max * 1000, $p50 * 1000;
		}' "$f" 2>> "$work/hgrm.log"
done > "$work/hgrm.txt" < /dev/null
same "hgrm: the table's grammar" "$(cat "$work/hgrm.log")" ""
sed 's/\.hgrm//' "$work/hgrm.txt" > "$work/hgrm.hops"
same "hgrm: counts, extremes and the median are the frames'" "$(judge_hdr "$work/hgrm.hops")" ""

# -- OpenMetrics -----------------------------------------------------------------------------------------------------------

tests/net/openmetrics < "$work/x.om" > "$work/om.txt" 2> "$work/om.err"
same "openmetrics: its grammar" "$? $(cat "$work/om.err")" "0 "
tests/net/openmetrics --prom < "$work/x.prom" > "$work/prom.txt" 2> "$work/prom.err"
same "openmetrics: the textfile collector's grammar" "$? $(cat "$work/prom.err")" "0 "
for f in om prom; do
	same "$f: taktd's counter, the verdicts, the classes" "$(grep -e '^takt_port_rx_frames_total.*port="in"' -e '^takt_frames_total.*port="in".*verdict="sent"' \
		-e '^takt_class_sent_frames_total{class="6",port="out"' "$work/$f.txt" | awk '{print $2}' | sort -u)" $frames
	same "$f: the sum of a hop is the frames'" "$(grep '^takt_hop_seconds_sum.*hop="send"' "$work/$f.txt" | awk '{printf "%.0f\n", $2 * 1e9}')" \
		"$(jq -s 'map(.hops_ns.send) | add' "$work/x.jsonl")"
	same "$f: frames up to 5 us" "$(grep '^takt_hop_seconds_bucket.*hop="send",le="5e-06"' "$work/$f.txt" | awk '{print $2}')" \
		"$(jq -s 'map(select(.hops_ns.send <= 5000)) | length' "$work/x.jsonl")"
done
sed -n 's/.*hop="total".* # {seq="\([0-9]*\)",seqid="\([0-9]*\)"} \([0-9.]*\) .*/\1 \2 \3/p' "$work/x.om" | awk '{printf "%s %s %.0f\n", $1, $2, $3 * 1e9}' | sort > "$work/exemplars"
same "openmetrics: exemplars are frames" "$(jq -r '"\(.seq) \(.seqid) \(.stay_ns)"' "$work/x.jsonl" | sort | comm -23 "$work/exemplars" - | wc -l) $(test -s "$work/exemplars"; echo $?)" "0 0"

# -- trace -----------------------------------------------------------------------------------------------------------------

judge_trace() { # file; prints what is wrong with it
	jq -r '
		.traceEvents as $e |
		# On one track slices either follow each other or nest.
		($e | map(select(.ph == "X")) | group_by([.pid, .tid])[] | sort_by(.ts, -.dur) | . as $s | range(1; length) |
			select($s[.].ts < $s[. - 1].ts + $s[. - 1].dur - 0.0005 and $s[.].ts + $s[.].dur > $s[. - 1].ts + $s[. - 1].dur + 0.0005) | "slices overlap: \($s[.])"),
		# A flow begins once, ends once, and goes forward in time.
		($e | map(select(.id)) | group_by(.id)[] | sort_by(.ts) | map(.ph) | join("") | select(test("^st*f$") | not) | "flow \(.)"),
		# What flows is on a slice.
		($e | map(select(.ph == "X")) | group_by([.pid, .tid]) | map({key: "\(.[0].pid) \(.[0].tid)", value: .}) | from_entries) as $track |
		($e[] | select(.id) | . as $f | select($track["\(.pid) \(.tid)"] | any(.ts <= $f.ts and $f.ts <= .ts + .dur) | not) | "flow in the air: \($f)"),
		# Times are whole nanoseconds, none before zero; each track has a name.
		($e[] | select(.ts) | select(.ts < 0 or ((.ts * 1000 - (.ts * 1000 | round)) | fabs) > 0.001) | "ts \(.ts)"),
		($e | map(select(.ph == "M" and .name == "thread_name") | [.pid, .tid]) | unique) as $named |
		($e | map(select(.ph != "M") | [.pid, .tid]) | unique | (. - $named)[] | "no name: \(.)")' "$1"
}
"$takt" export trace --input "$work/records" --worst 20 -o "$work/trace.json" 2> "$work/trace.log"
same "trace: slices, flows, tracks" "$(judge_trace "$work/trace.json" 2>&1 | head -n 3)" ""
same "trace: the frames that stayed longest" "$(jq '[.traceEvents[] | select(.ph == "X" and .args.whole_ns) | {seq: .args.seq, ns: .args.whole_ns}] | unique | map(.ns) | sort' -c "$work/trace.json")" \
	"$(jq -s -c 'map(.stay_ns) | sort | .[-20:]' "$work/x.jsonl")"
same "trace: slices of a frame are as long as its stay" "$(jq '[.traceEvents[] | select(.ph == "X" and .args.whole_ns)] | group_by(.args.seq)[] |
	select(((map(.dur) | add) * 1000 | round) != .[0].args.whole_ns)' "$work/trace.json" | wc -l)" 0
"$takt" export trace --input "$work/records" --threshold 1h > "$work/empty.json"
same "trace: no frame above the threshold" "$(jq -c '[(.traceEvents | length), .otherData.frames]' "$work/empty.json" | tr -dc '0-9,')" "0,0"

# -- names that no taktd gives, verdicts and ports that are none ---------------------------------------------------------------

# Characters that mean something to somebody; others are refused with the whole file. Records of no class or port that there is are lost, and counted.
perl -e '
	open my $f, "<:raw", $ARGV[0]; local $/; my $all = <$f>;
	my $at = 8 + 6 * 4 + 8 + 8 + 2 * 4 + 16;
	substr $all, $at, 16, "\"a,b}\\{%;&= <>/\0";
	my ($header, $size, $capacity, $gaps) = unpack "x12 L4", $all;
	my $rec = $header + 24 * $gaps;
	substr $all, $rec + 64 * 3 + 63, 1, chr(250);	# a verdict
	substr $all, $rec + 64 * 4 + 60, 2, "\x63\x64";	# ports
	substr $all, $rec + 64 * 5 + 62, 1, "\xff";	# a class
	open my $o, ">:raw", $ARGV[1]; print $o $all' "$work/records" "$work/hostile"
for format in jsonl csv trace hlog openmetrics pcapng hgrm; do
	"$takt" export $format --input "$work/hostile" -o "$work/hostile.$format" 2> "$work/hostile.log"
	same "hostile records: $format" "$? $(grep -c '3 records were lost' "$work/hostile.log")" "0 1"
done
same "hostile records: jsonl is JSON" "$(jq -r .out "$work/hostile.jsonl" | wc -l) $(jq -s length "$work/hostile.jsonl")" "$((frames - 3)) $((frames - 3))"
same "hostile records: csv has one row a frame" "$(perl -e 'local $/; $_ = <STDIN>; my $n = 0; $n++ while s/^(?:(?:"(?:[^"]|"")*"|[^",\r\n]*)(?:,|(?=\r\n))){27}\r\n//; print $n, length' < "$work/hostile.csv")" "$((frames - 2))0"
same "hostile records: trace" "$(judge_trace "$work/hostile.trace" 2>&1 | head -n 3)" ""
tests/net/hlog "$work/hostile.hlog" > "$work/hostile.txt" 2> "$work/hostile.err"
same "hostile records: hlog" "$? $(cat "$work/hostile.err")" "0 "
tests/net/openmetrics < "$work/hostile.openmetrics" > "$work/hostile.txt" 2> "$work/hostile.err"
same "hostile records: openmetrics" "$? $(cat "$work/hostile.err")" "0 "
same "hostile records: pcapng" "$(fields "$work/hostile.pcapng" 'takt.verdict == "?"' takt.seq | wc -l) $(fields "$work/hostile.pcapng" takt takt.seq | sort -u | wc -l)" "0 $((frames - 3))"
same "hostile records: hgrm's files are in their folder" "$(find "$work/hostile.hgrm" -type f | wc -l) $(find "$work" -newer "$work/hostile.hgrm" -name '*.hgrm' -type f -not -path '*/hostile.hgrm/*' | wc -l)" \
	"$(find "$work/hostile.hgrm" -type f -name '*.c?.*.hgrm' | wc -l) 0"

# -- whole ways: a guest's events beside its taktd's records, both recorded -------------------------------------------------------

gzip -dc tests/data/guest-6.1.rec.gz > "$work/guest.rec"
for format in jsonl csv pcapng trace hlog openmetrics; do
	"$takt" export $format --input "$work/guest.rec" --guest g=tests/data/guest-6.1.tak -o "$work/guest.$format" 2> "$work/guest.log"
	same "ways: $format" "$? $(cat "$work/guest.log")" "0 "
done
same "ways: every frame is whole, and has its hops" "$(jq -r '"\(.out) \(.whole) \(.hops_ns | keys_unsorted | join(" "))"' "$work/guest.jsonl" | counted)" \
	"400 g true copy class queue gate shape port send call irq deliver
400 wire true app driver ring copy class queue gate shape port send"
# Where clocks meet, and inside the guest, whose clock's rate is known to a bound: not inside taktd.
same "ways: bounds at the seams, and of what the guest's clock measures" "$(jq -r 'select(.hops_ns | has("ring") or has("call")) | .bounds_ns | [has("app", "class", "queue", "gate", "shape", "port", "deliver"), length > 0] | join(" ")' \
	"$work/guest.jsonl" | counted)" "400 false false false false false false true true
400 true false false false false false false true"
fields "$work/guest.pcapng" takt takt.edge takt.seq frame.time_epoch takt.ns > "$work/guest.txt"
same "ways: packets at each edge" "$(cut -f 1 "$work/guest.txt" | counted)" "400 app
800 chosen
800 copied
400 driver
800 handed
400 irq
400 published
800 queued
400 read
800 seen
400 stack"
same "ways: instants differ by the hops" "$(cut -f 2- "$work/guest.txt" | sort -n -s -k 1,1 | perl -ane '
	my ($seq, $t, $ns) = @F;
	my ($s, $f) = $t =~ /^(\d+)\.(\d{9})$/;
	print "$seq " if defined $ns && ($last != $seq || ($s - $ls) * 1000000000 + $f - $lf != $ns);
	($last, $ls, $lf) = ($seq, $s, $f);')" ""
same "ways: trace" "$(judge_trace "$work/guest.trace" 2>&1 | head -n 3)" ""
same "ways: slices of a frame are as long as its way" "$(jq '[.traceEvents[] | select(.ph == "X" and .args.whole_ns)] | group_by(.args.seq)[] |
	select(((map(.dur) | add) * 1000 | round) != .[0].args.whole_ns)' "$work/guest.trace" | wc -l)" 0
same "ways: the guest's threads are in it" "$(jq -r '.traceEvents[] | select(.name == "process_name") | .args.name' "$work/guest.trace" | sort | tr '\n' ,)" "frames of the tail,guest g,worker,"
tests/net/openmetrics < "$work/guest.openmetrics" > "$work/guest.om" 2> "$work/guest.err"
same "ways: openmetrics" "$? $(cat "$work/guest.err") $(grep -c '_count.*class="1".*hop="app"' "$work/guest.om")" "0  1"
same "ways: hlog" "$(tests/net/hlog "$work/guest.hlog" | awk '$1 ~ /\.total$/ {print $3}' | tr '\n' ' ')" "400 400 "

# -- from a copied file -----------------------------------------------------------------------------------------------------

for format in jsonl csv; do
	"$takt" export $format --input "$work/records" > "$work/again" 2> "$work/again.log"
	same "$format: a copied file gives the same" "$(diff "$work/again" "$work/x.$format" | head -n 2)" ""
done
"$takt" export pcapng --input "$work/records" -o "$work/again.pcapng" 2> "$work/again.log"
same "pcapng: a copied file gives the same edges, without bytes" \
	"$(fields "$work/again.pcapng" 'takt.bytes == 0' takt.edge | sort | uniq -c | sed 's/^ *//')" "$(for e in $edges; do echo "$frames ${e#takt:}"; done)"

finish
