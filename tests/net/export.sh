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
for format in jsonl csv; do
	start $format "$takt" export $format --name "$ctl" --duration 0 --output "$work/x.$format"
done
for name in hops live; do
	until_true 10 grep -q 'capturing on' "$work/$name.log" || fail "capture --taktd" "did not begin: $name"
done
until_true 10 test -e "$work"/.x.csv.* || fail export "csv did not begin"
sleep 0.3
send -n $frames
recorded() { [ "$(taktd_ask path --packet $((frames - 1)) --json 2> /dev/null | jq '.frames | length')" = 1 ]; }
until_true 10 recorded || fail export "taktd has not recorded $frames frames"
cp "/dev/shm/takt-$tag.rec" "$work/records"
sleep 0.5
for name in hops live jsonl csv; do
	halt $name INT
	same "$name: exit status" $? 0
done
wait $reader

# -- pcapng ----------------------------------------------------------------------------------------------------------------

edges="takt:chosen takt:copied takt:handed takt:queued takt:seen"
want=$(for e in $edges $out_peer; do echo "$frames $e"; done)
same "hops: each frame at each edge and on the wire" "$(tshark -r "$work/hops.pcapng" -T fields -e frame.interface_name 2> /dev/null | sort | uniq -c | sed 's/^ *//')" "$want"
same "hops: six packets share a frame's id" "$(tshark -r "$work/hops.pcapng" -T fields -e frame.packet_id 2> /dev/null | sort | uniq -c | awk '{print $1}' | sort | uniq -c | sed 's/^ *//')" "$frames 6"
same "live: a pipe to tshark" "$(cut -f 1 "$work/live.txt" | sort | uniq -c | sed 's/^ *//')" "$(for e in $edges; do echo "$frames $e"; done)"
same "live: the same ids" "$(cut -f 2 "$work/live.txt" | sort -u | md5sum)" "$(tshark -r "$work/hops.pcapng" -T fields -e frame.packet_id 2> /dev/null | sort -u | md5sum)"

# What Wireshark shows by our dissector is what the records say, read by a program of its own.
tests/net/records "$work/records" > "$work/records.txt"
fields "$work/hops.pcapng" 'takt.edge == "handed"' takt.seq takt.in takt.out takt.tc takt.copy_ns takt.send_ns takt.stay takt.bytes takt.verdict |
	tr '\t' ' ' | sort -n > "$work/by_lua"
perl -ane 'print "@F[0 .. 3, 9, 10] ", $F[8] - $F[7], " 1 sent\n"' "$work/records.txt" | sort -n > "$work/by_records"
same "lua: fields are the records'" "$(diff "$work/by_lua" "$work/by_records" | head -n 3)" ""
same "lua: as many as were sent" "$(wc -l < "$work/by_lua")" $frames
same "lua: the sender's number, from the stamp and from the key" \
	"$(fields "$work/hops.pcapng" 'takt.edge == "seen"' takt.seqid takt.stamp.seqid | awk '$1 == $2' | sort -u | wc -l)" $frames
same "lua: hops of a frame add up to its stay" \
	"$(fields "$work/hops.pcapng" 'takt.edge == "handed"' takt.stay takt.copy_ns takt.class_ns takt.queue_ns takt.gate_ns takt.shape_ns takt.port_ns takt.send_ns |
		awk '{s = 0; for (i = 2; i <= 8; i++) s += $i} s != $1' | wc -l)" 0
# Each edge is later than the one before by what its packet says; the wire's own stamp is another clock's and only in the right order of things.
same "pcapng: instants differ by the hops" "$(fields "$work/hops.pcapng" takt takt.seq frame.time_epoch takt.ns | sort -n -s -k 1,1 | perl -ane '
	my ($seq, $t, $ns) = @F;
	my ($s, $f) = $t =~ /^(\d+)\.(\d{9})$/;
	print "$seq " if defined $ns && ($last != $seq || ($s - $ls) * 1000000000 + $f - $lf != $ns);
	($last, $ls, $lf) = ($seq, $s, $f);')" ""

# -- lines -----------------------------------------------------------------------------------------------------------------

same "jsonl: an object a line" "$(jq -c type "$work/x.jsonl" | sort | uniq -c | sed 's/^ *//')" "$frames \"object\""
same "jsonl: the records" "$(jq -r '"\(.seq) \(.in) \(.out) \(.class) \(.hops_ns.copy) \(.hops_ns.send) \(.stay_ns) \(if .key then 1 else 0 end) \(.verdict)"' "$work/x.jsonl" |
	sort -n | diff - "$work/by_records" | head -n 3)" ""
same "jsonl: hops add up" "$(jq -c 'select((.hops_ns | add) != .stay_ns or (.timestamps.names | length) != (.timestamps.values | length))' "$work/x.jsonl" | wc -l)" 0
same "csv: the records" "$(perl -ne 's/\r\n//; s/"//g; my @f = split /,/, $_, -1; next if $. == 1;
	print join(" ", @f[0, 3, 4, 5], $f[15], $f[21], $f[15] + $f[16] + $f[17] + $f[18] + $f[19] + $f[20] + $f[21], $f[2] ? 1 : 0, $f[8]), "\n"' "$work/x.csv" |
	sort -n | diff - "$work/by_records" | head -n 3)" ""
same "csv: as many columns in each row" "$(awk -F, '{print NF}' "$work/x.csv" | sort -u | wc -l)" 1

# -- from a copied file -----------------------------------------------------------------------------------------------------

for format in jsonl csv; do
	"$takt" export $format --input "$work/records" > "$work/again" 2> "$work/again.log"
	same "$format: a copied file gives the same" "$(diff "$work/again" "$work/x.$format" | head -n 2)" ""
done
"$takt" export pcapng --input "$work/records" -o "$work/again.pcapng" 2> "$work/again.log"
same "pcapng: a copied file gives the same edges, without bytes" \
	"$(fields "$work/again.pcapng" 'takt.bytes == 0' takt.edge | sort | uniq -c | sed 's/^ *//')" "$(for e in $edges; do echo "$frames ${e#takt:}"; done)"

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
finish
