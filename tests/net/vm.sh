#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# `takt vm run` alone, without a backend: exit status, output, time limit, refusals, and that nothing stays behind.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

# Words of the refusal  Options
refusals='
one.of.--uml.and.--qemu    --uml --qemu
one.of.--uml.and.--qemu    --mem 128
1.to.32.letters            --uml --name a_b
start.taktd.first          --uml --socket /nonexistent/socket
is.not.a.socket            --qemu --socket /etc/passwd
UML.only.connects          --uml --role server --socket /tmp/x
are.QEMU.s                 --uml --packed
are.QEMU.s                 --uml --queues 2
need.an.interface          --qemu --ip 10.0.0.1/24
prefix.length              --qemu --ip 10.0.0.1 --socket /tmp/x
unicast                    --qemu --mac 01:00:00:00:00:01 --socket /tmp/x
list.of.CPUs               --uml --cpu 0-
auto,.kvm.or.tcg           --qemu --accel xen
out.of.range               --uml --mem 1
no.guest.image             --uml --kernel-dir /nonexistent
guest-image.qemu-6.1-rt    --qemu --kernel 6.1-rt --kernel-dir /nonexistent
6.1,.6.12,.6.1-rt.or       --qemu --kernel 6.2
UML.has.one.kernel         --uml --kernel 6.1
No.such.file               --qemu --events unix:/nonexistent/socket
something.else.than        --qemu --events unix:/etc/passwd
a.path.of.1.to             --qemu --events unix:
UML.cannot.listen          --uml --events unix:/tmp/takt-nobody
is.no.file                 --uml --events /tmp
No.such.file               --uml --events /nonexistent/file
No.such.file               --uml --copy /nonexistent/program
no.name.for.a.file         --uml --copy /bin/sh:a/b
'

run() { timeout -k 5 90 "$takt" vm run --kernel-dir "$O/guest" "$@"; }

# Processes of guests of ours, and UML's run folders whose owner (takt-vm-PID-...) is gone.
left() {
	local dir owner p
	for p in $(pgrep -f "$PWD/$O/guest/|^$O/guest/|-kernel $O/guest/"); do
		[ "$(readlink "/proc/$p/cwd")" != "$PWD" ] || echo "$p"	# another tree's are under the same name
	done
	for dir in /tmp/takt-vm-*; do
		owner=${dir#/tmp/takt-vm-}
		[ ! -d "$dir" ] || kill -0 "${owner%%-*}" 2> /dev/null || echo "$dir"
	done
}
nothing_left() { [ -z "$(left)" ]; }

# The child of `takt vm run` and its name; a guest that is up.
idle() {
	start guest "$takt" vm run --kernel-dir "$O/guest" "--$1" --timeout 60s
	until_true 60 grep -q ': ready' "$work/guest.log"
}

# Kind  Signal  Exit status of takt
ends='
uml   INT   130
uml   TERM  143
uml   KILL  137
qemu  INT   130
qemu  KILL  137
'

O=$O scripts/guest-image || { fail images "scripts/guest-image failed"; finish; }
nothing_left || { skip guests "others run from $O/guest"; finish; }

while read -r words options; do
	[ -n "$words" ] || continue
	# shellcheck disable=SC2086
	said=$(run $options 2>&1)
	status=$?
	if [ "$status" = 2 ] && [ "$(echo "$said" | wc -l)" = 1 ] && echo "$said" | grep -q -e "$words"; then
		ok "refused: $options"
	else
		fail "refused: $options" "exit $status: $said"
	fi
done <<< "$refusals"

# What is run in which guest, its exit status, the last line of its output ("-": whatever).
runs() {
	local kind=$1 want=$2 last=$3 shown status
	shift 3
	run "--$kind" -- "$@" > "$work/out.log" 2> "$work/err.log"
	status=$?
	shown=$(tail -n 1 "$work/out.log")
	if [ "$status" = "$want" ] && { [ "$last" = - ] || [ "$shown" = "$last" ]; }; then
		ok "$kind: exit $want: $*"
	else
		fail "$kind: exit $want: $*" "exit $status, last line \"$shown\""
	fi
}
runs uml 0 "it's \"5\" \$HOME  \\n" printf '%s' "it's \"5\" \$HOME  \\n"
runs uml 7 partial sh -c 'printf partial; exit 7'
runs uml 0 "colours: none" sh -c 'echo "colours: ${NO_COLOR:+none}"'
runs uml 127 - nosuchcommand
runs uml 137 - sh -c 'kill -9 $$'
runs uml 0 200000 sh -c 'seq 200000'
runs uml 0 "Usage: takt" sh -c 'takt --help | grep -o "^Usage: takt"'
runs qemu 0 hello echo hello
runs qemu 9 - sh -c 'exit 9'

# The guest's line to the host, under each kernel there is: every byte value, more than any buffer holds, in order, and the
# end when the guest ends. The program is one of ours, brought along.
cat > "$work/say" <<-'END'
	#!/bin/sh
	exec 3<> /dev/virtio-ports/takt.0
	awk 'BEGIN { for (i = 0; i < 256; i++) printf "%c", i }' >&3
	seq 300000 >&3
	uname -r
END
{ LC_ALL=C awk 'BEGIN { for (i = 0; i < 256; i++) printf "%c", i }'; seq 300000; } > "$work/want"
says() {
	local release=$1 where=$2 shown name="${*:3}: what the guest writes to takt.0 arrives (${2##*/})"
	shift 2
	shown=$(run "$@" --copy "$work/say:tell" --copy tests/guest/init --events "$where" -- sh -c 'test -x /bin/init && tell' 2> "$work/err.log")
	[ "${where%%:*}" != unix ] || { until_true 5 sunk; halt sink; }
	case $shown in
	"$release"*) if cmp "$work/want" "$work/events" > "$work/cmp.log" 2>&1; then ok "$name"; else fail "$name" "other bytes"; fi ;;
	*) fail "$name" "it said \"$shown\"" ;;
	esac
	rm -f "$work/events"
}
sunk() { ! alive sink; }
# Connects as soon as QEMU listens, and keeps what comes until that goes.
sink() {
	start sink perl -MIO::Socket::UNIX -e 'my $c; for (1 .. 600) { $c = IO::Socket::UNIX->new($ARGV[0]) and last; select undef, undef, undef, 0.1 }
		open(my $f, ">", $ARGV[1]) or die; print {$f} $_ while <$c>' "$work/sock" "$work/events"
}
for guest in "6.1. --uml" "6.1. --qemu --kernel 6.1" "6.12. --qemu --kernel 6.12"; do
	# shellcheck disable=SC2086
	says ${guest%% *} "$work/events" ${guest#* }
done
sink
says 6.12. "unix:$work/sock" --qemu --kernel 6.12
name="QEMU's socket for events goes with it"
if [ -e "$work/sock" ]; then fail "$name" "it is there"; else ok "$name"; fi
name="a socket for events that somebody listens at is left alone"
start squatter perl -MIO::Socket::UNIX -e 'my $l = IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 1) or die; sleep 60' "$work/sock"
until_true 5 test -S "$work/sock"
status=0
run --qemu --events "unix:$work/sock" -- true > "$work/out.log" 2>&1 || status=$?
if [ $status = 2 ] && grep -q 'somebody listens there already' "$work/out.log" && [ -S "$work/sock" ]; then ok "$name"; else fail "$name" "exit $status: $(cat "$work/out.log")"; fi
halt squatter
rm -f "$work/sock"

status=0
run --uml --timeout 4s -- sh -c 'while :; do echo still here; sleep 0.2; done' > "$work/out.log" 2>&1 || status=$?
name="a talking guest is stopped when its time is up"
if [ $status = 124 ]; then ok "$name"; else fail "$name" "exit $status"; fi

name="a guest that does not boot in time: what its console said, and where to look"
status=0
run --uml --timeout 50ms -- true > "$work/out.log" 2>&1 || status=$?
if [ $status = 1 ] && grep -q 'did not boot within 50.0 ms: its console said .*--log FILE.*--cpu' "$work/out.log"; then ok "$name"; else fail "$name" "exit $status"; fi

while read -r kind signal want; do
	[ -n "$kind" ] || continue
	name="$kind: SIG$signal ends takt with $want and leaves nothing"
	idle "$kind" || { fail "$name" "it did not boot"; halt guest; continue; }
	halt guest "$signal"
	status=$?
	if [ "$status" != "$want" ]; then
		fail "$name" "exit $status"
	elif until_true 3 nothing_left; then
		ok "$name"
	else
		fail "$name" "left: $(left | tr '\n' ' ')"
	fi
done <<< "$ends"
finish
