#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# takt send, recv and reflect as processes: priority, CPU and memory of each thread; what is left when they are interrupted, killed, or the disk is full; frames of a warm-up;
# reflectors that hear each other; frames that are no answers.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

ip netns add "$ns" && ip -n "$ns" link add v0 type veth peer name v1 && ip -n "$ns" link set v0 up && ip -n "$ns" link set v1 up || { fail instruments "cannot make the namespace"; finish; }
run() { ip netns exec "$ns" "$takt" "$@"; }
begin() { local name=$1; shift; start "$name" ip netns exec "$ns" "$takt" "$@"; }
heard() { grep -q -e 'listening on' -e 'reflecting on' "$work/$1.log"; }
is_over() { ! alive "$1"; }

# Each of its threads: SCHED_FIFO at 10 on one CPU, and all its memory locked.
cpu=$(taskset -pc $$ | sed 's/.*: //; s/[,-].*//')
threads() {
	local t
	for t in "/proc/${pid[$1]}/task"/*; do
		chrt -p "${t##*/}" | grep -q FIFO && chrt -p "${t##*/}" | grep -q 'priority: 10$' && [ "$(taskset -pc "${t##*/}" | sed 's/.*: //')" = "$cpu" ] || return 1
	done
	[ "$(find "/proc/${pid[$1]}/task" -maxdepth 1 -mindepth 1 | wc -l)" = "$2" ] && [ "$(awk '/^VmLck/ {print $2}' "/proc/${pid[$1]}/status")" -gt 0 ]
}
while IFS='|' read -r name n args; do
	# shellcheck disable=SC2086
	begin fast $args --sched-fifo 10 --cpu "$cpu"
	if until_true 5 threads fast "$n"; then ok "$name: SCHED_FIFO, pinned, locked"; else fail "$name" "its threads are not as they were asked to be"; fi
	halt fast
done <<< 'takt send|1|send -i v0 --duration 5s
takt send --round-trip|2|send -i v0 --duration 5s --round-trip
takt recv|1|recv -i v1 --timeout 5s
takt reflect|1|reflect -i v1 --timeout 5s'

# Frames that were sent before the first that counts.
begin recv recv -i v1 --count 50 --timeout 20s --strict --json
until_true 10 heard recv
run send -i v0 --cycle 1ms --warm-up 20ms --count 50 > "$work/send.log" 2>&1
until_true 20 is_over recv
got=$(grep '^{' "$work/recv.log" | jq -r '"\(.received) \(.warm_up) \(.unknown) \(.senders[0].first)"')
if halt recv && [ "$got" = "50 20 0 1" ]; then ok "warm-up: counted apart"; else fail warm-up "received, of a warm-up, unknown, first: $got"; fi

# Neither its frames nor its time are in the rate.
run send -i v0 --cycle 1ms --warm-up 2s --duration 1s --json > "$work/rate.json" 2> "$work/rate.log"
name="warm-up: its time is not in the rate"
if jq -e '.took_ns < 2e9 and .rate_pps > .sent / 2' "$work/rate.json" > /dev/null; then ok "$name"; else fail "$name" "$(cat "$work/rate.json" "$work/rate.log")"; fi
run send -i v0 --cycle 1ms --count 5 --round-trip --linger 100ms > "$work/alone.log" 2>&1
name="nothing came back: what to look at"
if grep -q 'takt reflect' "$work/alone.log"; then ok "$name"; else fail "$name" "$(cat "$work/alone.log")"; fi

# Interrupted: what there is is written, whole.
begin recv recv -i v1 --log "$work/came.dat"
begin send send -i v0 --cycle 1ms --log "$work/sent.dat" --json
until_true 10 heard recv
sleep 1
halt send && halt recv INT
due=$(grep '^{' "$work/send.log" | jq .due)
if "$takt" report "$work/sent.dat" "$work/came.dat" --json > "$work/report.json" && [ "$(jq .due "$work/report.json")" = "$due" ] && [ "$due" -ge 50 ]; then
	ok "interrupted: $due frames in the log"
else
	fail interrupted "$due due, and the log has $(jq -c '[.due, .received]' "$work/report.json")"
fi

# One half alone says so, says where the other is, and that nothing is known to be lost; of stamps of hardware that nobody gave nothing is said. Both halves: lost is lost.
half() { # name, words of the text, what jq says of the JSON, arguments
	local name=$1 words=$2 expression=$3
	shift 3
	"$takt" report "$@" > "$work/half.txt" && "$takt" report --json "$@" > "$work/half.json" || { fail "$name" "takt report failed"; return; }
	if grep -q -- "$words" "$work/half.txt" && ! grep -q '100\.000%' "$work/half.txt" && jq -e "$expression" "$work/half.json" > /dev/null; then ok "$name"; else fail "$name" "$(head -n 6 "$work/half.txt")"; fi
}
half "half of a pair: sent" 'one half of a pair' '.half == "sent" and .lost == null and .deadline_misses == null and .due > 0 and .received == 0' --deadline 1s "$work/sent.dat"
half "and where the other is" 'takt recv --log FILE' '.tx_deadline_misses == null' "$work/sent.dat"
half "half of a pair: received" 'takt send --log FILE' '.half == "received" and .lost == null and .due == 0 and .received > 0' "$work/came.dat"
half "both halves" 'Packets not received: 0 ' '.half == null and .lost == 0' "$work/sent.dat" "$work/came.dat"
half "no hardware, no misses of it" 'HW TX deadline misses: not available' '.tx_deadline_misses == null' "$work/sent.dat" "$work/came.dat"
"$takt" report --help > "$work/help"
missing=$("$takt" report --json "$work/sent.dat" "$work/came.dat" | jq -r '.metrics[].name' | while read -r m; do grep -q "^  $m (" "$work/help" || echo "$m"; done)
if [ -z "$missing" ]; then ok "--help explains each metric"; else fail "--help explains each metric" "not: $missing"; fi

# Killed: no file of that name, and no other.
mkdir "$work/killed"
begin send send -i v0 --cycle 1ms --log "$work/killed/sent.dat"
sleep 0.5
halt send KILL
if [ -z "$(ls -A "$work/killed")" ]; then ok "killed: nothing is left"; else fail killed "left: $(ls -A "$work/killed")"; fi

# A full disk: told, nothing is left of the file, and the summary is printed all the same.
# shellcheck disable=SC2016
full='mount -t tmpfs -o size=8k none "$3" && cd "$3" && ip netns exec "$1" "$2" send -i v0 --cycle 200us --count 1000 --log full.dat --json; echo "exit $?"; ls -A | sed "s/^/left /"'
mkdir "$work/disk"
unshare -m sh -c "$full" sh "$ns" "$PWD/$takt" "$work/disk" > "$work/disk.out" 2> "$work/disk.log"
if grep -q 'No space left' "$work/disk.log" && grep -qx 'exit 1' "$work/disk.out" && ! grep -q '^left' "$work/disk.out" && [ "$(grep '^{' "$work/disk.out" | jq .due)" = 1000 ]; then
	ok "full disk: told, and nothing is left"
else
	fail "full disk" "$(cat "$work/disk.out")"
fi

# A device is written to, and stays one.
if "$takt" report tests/vectors/isochron.dat -o /dev/null > "$work/dev.log" && [ -c /dev/null ] && ! "$takt" report tests/vectors/isochron.dat -o /dev/full > "$work/dev.log" 2>&1; then
	ok "a device stays one"
else
	fail "a device" "is none any more, or full and nobody says so"
fi

# Two reflectors that hear each other's answers: each frame goes round for a while, and no longer.
begin one reflect -i v0 --json
begin two reflect -i v1 --json
until_true 10 heard one && until_true 10 heard two
run send -i v0 --cycle 1ms --count 20 > "$work/send.log" 2>&1
sleep 1
halt one && halt two
said() { grep '^{' "$work/$1.log" | jq "$2"; }
if [ "$(said one .answered)" = 1280 ] && [ "$(said two .answered)" = 1280 ] && [ $(($(said one .looped) + $(said two .looped))) = 20 ]; then
	ok "reflectors face to face: 64 rounds of each frame"
else
	fail "reflectors face to face" "$(said one .answered) and $(said two .answered) answers to 20 frames"
fi

# Nobody answers, but another talker's frames come by, more of them than ours, and with our numbers: none of them is an answer, addressed to all or to us.
# The phase: a frame of the same number and date as one of ours could not be told from an answer.
for to in ff:ff:ff:ff:ff:ff "$(ip netns exec "$ns" cat /sys/class/net/v0/address)"; do
	begin other send -i v1 --cycle 1ms --phase 300us -d "$to"
	run send -i v0 --cycle 3ms --count 50 --round-trip --linger 100ms --log "$work/alone.dat" --json > "$work/alone.json" 2> "$work/alone.log"
	status=$?
	halt other
	got=$(jq -r '"\(.received) \(.lost) \(.duplicate)"' "$work/alone.json")
	if [ "$status $got" = "0 0 50 0" ]; then ok "another talker to $to: no answers"; else fail "another talker to $to" "exit $status, received, lost, duplicate: $got"; fi
done

# A frame is late once, whatever its copies are, and however long ago it was due.
ip -n "$ns" link set lo up
begin recv recv --udp 127.0.0.1 --count 5 --timeout 10s --deadline 1s --json
until_true 10 heard recv
# shellcheck disable=SC2016
ip netns exec "$ns" perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(Proto => "udp", PeerAddr => "127.0.0.1:6000") or die; $far = 2 ** 62;
	$s->send(pack "q>q>N", @$_) for [0, 0, 1], [0, 0, 1], [0, 0, 1], [-2 * $far, 0, 2], [$far, 0, 3]'
until_true 10 is_over recv
got=$(grep '^{' "$work/recv.log" | jq -c '.senders[0] | [.received, .duplicate, .deadline_misses]')
if [ "$got" = "[5,2,2]" ]; then ok "late once"; else fail "late once" "received, copies, misses: $got"; fi

# What a log cannot hold is told.
begin recv recv --udp 127.0.0.1 --count 2 --timeout 10s --log "$work/few.dat" --json
until_true 10 heard recv
# shellcheck disable=SC2016
ip netns exec "$ns" perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(Proto => "udp", PeerAddr => "127.0.0.1:6000") or die; $s->send(pack "q>q>N", @$_) for [0, 0, 1], [0, 0, 90000000]'
until_true 10 is_over recv
got=$(grep '^{' "$work/recv.log" | jq -c '[.received, .not_logged]')
if [ "$got" = "[2,1]" ]; then ok "beyond the log"; else fail "beyond the log" "received, not in the log: $got"; fi

# A number that lies costs no memory and no disk, and hides no frame that tells the truth.
begin recv recv --udp 127.0.0.1 --count 3 --timeout 10s --log "$work/lie.dat" --json
until_true 10 heard recv
# shellcheck disable=SC2016
ip netns exec "$ns" perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(Proto => "udp", PeerAddr => "127.0.0.1:6000") or die; $s->send(pack "q>q>N", @$_) for [0, 0, 1], [0, 0, 20000000]'
sleep 0.3
memory=$(awk '/^VmHWM/ {print $2}' "/proc/$(pgrep -P "${pid[recv]}" takt || echo "${pid[recv]}")/status")
# shellcheck disable=SC2016
ip netns exec "$ns" perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(Proto => "udp", LocalPort => 6001, PeerAddr => "127.0.0.1:6000") or die; $s->send(pack "q>q>N", 0, 0, 2)'
until_true 10 is_over recv
got=$(grep '^{' "$work/recv.log" | jq -c '[.received, .not_logged]')
if [ "$got" = "[3,1]" ] && [ "$memory" -lt 200000 ] && [ "$(stat -c %s "$work/lie.dat")" -lt 1000 ]; then ok "a number that lies: $((memory / 1024)) MiB"; else fail "a number that lies" "received, not logged: $got; $memory KiB"; fi

# More senders than are told apart: counted, and --strict cannot vouch for them.
begin recv recv --udp 127.0.0.1 --timeout 10s --idle 1s --strict --json
until_true 10 heard recv
# shellcheck disable=SC2016
ip netns exec "$ns" perl -MIO::Socket::INET -e 'for (1 .. 70) { push @s, IO::Socket::INET->new(Proto => "udp", PeerAddr => "127.0.0.1:6000") or die; $s[-1]->send(pack "q>q>N", 0, 0, 1) }'
until_true 10 is_over recv
got=$(grep '^{' "$work/recv.log" | jq -c '[.received, .further_senders, .unknown, (.senders | length)]')
if ! halt recv && [ "$got" = "[64,6,0,64]" ]; then ok "more senders than are told apart"; else fail "more senders than are told apart" "received, further, unknown, senders: $got"; fi

# --strict: what does not come back is a failure; what is refused has its sentence.
run send -i v0 --cycle 1ms --count 5 --round-trip --linger 0 --strict > "$work/send.log" 2>&1
[ $? = 1 ] && ok "send --strict: nothing came back" || fail "send --strict" "a lost frame is no failure"
begin mirror reflect -i v1 --timeout 10s
until_true 10 heard mirror
if run send -i v0 --cycle 2ms --count 20 --round-trip --linger 3s --deadline 2s --strict > "$work/send.log" 2>&1; then ok "send --strict: all came back"; else fail "send --strict: all came back" "$(cat "$work/send.log")"; fi
run send -i v0 --cycle 2ms --count 20 --round-trip --linger 3s --deadline 1ns --strict > "$work/send.log" 2>&1
[ $? = 1 ] && ok "send --strict: too late" || fail "send --strict: too late" "$(cat "$work/send.log")"
halt mirror

# A tag behind a tag: the answer has both. The kernel takes the outer one out of what is heard, here as there: what is left of the answer is the inner one; of one that had lost its outer one it would be none.
# A frame from several is answered to nobody.
cat > "$work/stacked.pl" <<'END'
my ($from, $type) = @ARGV;
open my $i, '<', '/sys/class/net/v0/ifindex' or die;
open my $m, '<', '/sys/class/net/v0/address' or die;
chomp(my $index = <$i>);
chomp(my $mac = <$m>);
$mac = pack 'H12', $mac =~ tr/://dr;
socket my $s, 17, 3, 0x0300 or die;
bind $s, pack 'S n i S C C a8', 17, 3, $index, 0, 0, 0, '' or die;
my $rest = pack 'H4 n n n n q>q>N x40', $type, 0x6005, 0x8100, 0xa00a, 0xdead, 1000, 1000, 7;
send $s, "\xff" x 6 . ($from eq 'own' ? $mac : pack 'H12', $from) . $rest, 0 or die;
$SIG{ALRM} = sub { print "nothing\n"; exit };
alarm 1;
while (my $who = recv $s, my $got, 200, 0) {
	next if (unpack 'S n i S C', $who)[4] == 4;	# what we sent
	next if unpack("n", substr $got, 12) == 0x86dd;	# the kernel of the far end looks for routers
	print unpack('H8', substr $got, 12), "\n";
	exit;
}
END
begin mirror reflect -i v1 --timeout 20s --json
until_true 10 heard mirror
for row in 'own 8100 8100a00a' 'own 88a8 8100a00a' '030000000001 8100 nothing'; do
	read -r from type want <<< "$row"
	got=$(ip netns exec "$ns" perl "$work/stacked.pl" "$from" "$type")
	if [ "$got" = "$want" ]; then ok "a tag behind a tag, $type from $from: $want"; else fail "a tag behind a tag, $type from $from" "the answer's tag: $got, not $want"; fi
done
halt mirror
got=$(said mirror '[.received, .answered, .failed]' | jq -c .)
if [ "$got" = "[3,2,1]" ]; then ok "from several: answered to nobody"; else fail "from several" "received, answered, failed: $got"; fi

# More than there is room for is not answered in part.
begin mirror reflect --udp 127.0.0.1 --timeout 10s --json
until_true 10 heard mirror
# shellcheck disable=SC2016
ip netns exec "$ns" perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(Proto => "udp", PeerAddr => "127.0.0.1:6000") or die; $s->send(pack("q>q>N", 0, 0, $_) . "x" x ($_ == 1 ? 100 : 9500)) for 1, 2'
sleep 0.3
halt mirror
got=$(said mirror '[.received, .answered, .failed]' | jq -c .)
if [ "$got" = "[2,1,1]" ]; then ok "too long to be answered"; else fail "too long to be answered" "received, answered, failed: $got"; fi

# The interface goes down meanwhile: told, and what had come is in the log.
begin recv recv -i v1 --timeout 20s --log "$work/down.dat" --json
until_true 10 heard recv
run send -i v0 --cycle 1ms --count 20 > "$work/send.log" 2>&1
ip -n "$ns" link set v1 down
until_true 10 is_over recv
got=$(grep '^{' "$work/recv.log" | jq .received)
if ! halt recv && grep -q 'Network is down' "$work/recv.log" && [ "$got" = 20 ] && [ "$("$takt" report "$work/down.dat" --json | jq .received)" = 20 ]; then ok "the interface goes down: told"; else fail "the interface goes down" "received $got: $(tail -n 2 "$work/recv.log")"; fi
ip -n "$ns" link set v1 up
finish
