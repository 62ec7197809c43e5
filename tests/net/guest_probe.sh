#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# `takt guest` inside real guests: numbered frames out and in, and what it tells of them beside what was sent, received, and recorded by taktd.
# Then here: that it ends with an END, and that nothing of it stays when it is killed. Arguments pick guests.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

frames=200
guest_mac=02:00:00:00:0e:01
# Guest     Its options       The agent's options   How: bpf or socket
guests='
qemu-6.1    --qemu,--kernel,6.1   -            bpf
qemu-6.12   --qemu,--kernel,6.12  -            bpf
kprobe      --qemu,--kernel,6.12,--queues,2   --without,fentry   bpf
no-bpf      --qemu,--kernel,6.1   --no-bpf     socket
uml         --uml                 -            socket
'
# What the agent refuses, by words of the sentence
refusals='
does.not.exist.here         --dev nosuch0 --out /dev/null
no.name.of.an.interface     --dev ../etc --out /dev/null
nosuch.0                    --dev lo --out serial:nosuch.0
nowhere.to.go               --dev lo
address.and.a.port          --dev lo --out udp:10.0.0.1
no.IP.address               --dev lo --out udp:example.com:7117
no.such.way                 --dev lo --out bogus:1
no.such.way                 --dev lo --out unix:/run/takt/plc.ev
No.such.file                --dev lo --out /nonexistent/file
out.of.range                --dev lo --out /dev/null --min-span 2s
is.no.way                   --dev lo --out /dev/null --without fentry,uprobe
at.most.64                  --out /dev/null --name 01234567890123456789012345678901234567890123456789012345678901234
no.such.option              --no-such
'

agent=$O/takt-guest
same() { # name, got, want
	if [ "$2" = "$3" ]; then ok "$1"; else fail "$1" "got $2, want $3"; fi
}
none() { # name, lines that should not be there
	if [ -z "$2" ]; then ok "$1"; else fail "$1" "$(echo "$2" | wc -l) lines, the first: $(echo "$2" | head -n 1)"; fi
}
ended() { ! alive "$1"; }
said() { grep -q "$2" "$work/$1.log"; }
keys() { awk -v kind="$1" '$1 == kind && $4 ~ /^[89a-f]/ { print $4 }' "$work/events" | sort; }	# of numbered frames
doubled() { uniq -d; }

# -- in a guest -------------------------------------------------------------------------------------------------------------------

boot() {
	local options=$1 agent_options=$2
	[ "$2" != - ] || agent_options=
	# shellcheck disable=SC2086
	start guest "$takt" vm run ${options//,/ } --socket "$work/g.sock" --mac $guest_mac --name "$tag" --nice -20 --timeout 150s \
		--kernel-dir "$O/guest" --events "$work/stream" --copy "$agent" -- sh -c "
		sysctl -qw net.ipv6.conf.all.disable_ipv6=1 2> /dev/null
		takt-guest ${agent_options//,/ } --json > /agent 2>&1 & agent=\$!
		until grep -q source /agent 2> /dev/null; do sleep 0.1; done
		takt recv -i eth0 -n $frames --timeout 60s & receiver=\$!
		sleep 1
		echo listening
		takt send -i eth0 --rate 200 -n $frames
		wait \$receiver
		echo receiver \$?
		printf '#!/bin/sh\nwhile :; do :; done\n' > /bin/hog
		chmod 755 /bin/hog
		hog & hogs=\$!
		hog & hogs=\"\$hogs \$!\"
		takt send -i eth0 -e 0x88b6 --rate 100 -n 20 > /dev/null
		kill \$hogs
		sleep 1
		kill -INT \$agent
		wait \$agent
		echo agent \$?
		cat /agent"
}

hears() { # what taktd recorded of numbered frames, by port: keys
	cp "/dev/shm/takt-$tag.rec" "$work/rec" && tests/net/records "$work/rec" > "$work/records" &&
		awk -v port="$2" -v at="$1" '$at == port && $(at == 2 ? 3 : 2) == "wire" && $5 == 0 && $12 ~ /^[89a-f]/ { print $12 }' "$work/records" | sort
}

# Frames of which nobody was told, though the driver had not got the next one with them (xmit_more): in the order of the driver, that one, which may be a
# question for the time, must have been in the queueing discipline before.
unkicked() {
	awk '$1 == "tx" { print $2 + $10, $2 + $9, int($8 / 2) % 2 + int($8 / 4) % 2, $0 } $1 == "sync" { print $2, 0, 1 }' "$work/events" | sort -n |
		awk 'line && !($2 <= driver) { print line } { line = ""; driver = $1 } !$3 { line = $0 } $3 > 1 { print } END { if (line) print line }'
}

# Edges: of tx queue driver published kick kicked done, ns after the call, 0 where not seen; of rx irq softirq poll, ns before the stack. A softirq
# that runs already when the interrupt comes polls for it too.
edges_bpf() {
	none "$1: edges out are in order" "$(awk '$1 == "tx" && $4 ~ /^[89a-f]/ {
		kick = int($8 / 2) % 2
		if (!($9 > 0 && $9 <= $10 && $10 <= $11 && $11 <= $14 && $8 % 2 == 0)) print
		else if (kick && !($11 <= $12 && $12 <= $13 && $13 <= $14)) print
		else if (!kick && ($12 || $13)) print }' "$work/events")"
	none "$1: edges in are in order" "$(awk '$1 == "rx" && $4 ~ /^[89a-f]/ && !($11 > 0 && $10 >= $11 && (int($8 / 8) % 2 ? !$9 : $9 >= $11)) { print }' "$work/events")"
	none "$1: the backend was told of each frame, or was not to be, or the next one waited already" "$(unkicked)"
	none "$1: each was read after it came up, by one thread" "$(awk '$1 == "rx" { up[$4] = $2 } $1 == "read" && $4 ~ /^[89a-f]/ {
		if (!($2 >= up[$4]) || !$6 || (tid && $6 != tid)) print; tid = $6 }' "$work/events")"
	same "$1: numbered frames read once each" "$(keys read | uniq | wc -l) $(keys read | doubled | wc -l)" "$frames 0"
	same "$1: who kept a sender from its CPU is named" "$(awk '$1 == "tx" { sends[$6] = 1 } ($1 == "preempted" || $1 == "wakeup") && sends[$6] && $10 == "hog" { print $10 }' "$work/events" | sort -u)" hog
	[ "$1" != kprobe ] || same "$1: and none of them by fentry" "$(jq -r '[.points[] | .how] | unique | join(" ")' "$work/meta")" "kprobe socket tp_btf"
	same "$1: all points are live" "$(jq -r '[.points[] | select(.live | not) | .name] | join(" ")' "$work/meta")" ""
	same "$1: waits and interrupts are named" "$(awk '($1 == "irq" || $1 == "softirq" || $1 == "preempted" || $1 == "wakeup") && ($10 == "" || $3 < $2) { print $1 }' "$work/events" | sort -u)" ""
}

edges_socket() {
	none "$1: the driver's edge alone, after the sender woke" "$(awk '$1 == "tx" && $4 ~ /^[89a-f]/ && !($8 == 32 && $10 > 0 && !($9 + $11 + $12 + $13 + $14)) { print }' "$work/events")"
	none "$1: nothing is said of interrupts" "$(awk '$1 == "rx" && $4 ~ /^[89a-f]/ && !($8 == 32 && !($9 + $10 + $11)) { print }' "$work/events")"
	same "$1: no point of BPF's is live, and each says why" "$(jq -r '[.points[] | select(.hop != "clock" and .how != "socket" and (.live or .why == "")) | .name] | join(" ")' "$work/meta")" ""
	same "$1: a socket's two are" "$(jq -r '[.points[] | select(.how == "socket" and .live) | .name] | join(" ")' "$work/meta")" "socket-out socket-in time"
}

probe() {
	local name=$1 how=$4 t_begin
	t_begin=$(date +%s%N)
	taktd_start "g , role: server, queue-depth: 4096" || { fail "$name" "taktd did not start"; halt taktd; return; }
	boot "$2" "$3"
	until_true 140 said guest ^listening || { fail "$name" "the guest did not get so far"; halt guest; halt taktd; return; }
	in_wire "$takt" send -i "$peer_if" -d $guest_mac --rate 200 -n $frames > "$work/send.log" 2>&1 || fail "$name" "the sender here failed"
	until_true 100 ended guest || fail "$name: the guest ends" "it did not"
	halt guest
	same "$name: all frames were received" "$(sed -n 's/^receiver //p' "$work/guest.log")" 0
	same "$name: the agent ends well" "$(sed -n 's/^agent //p' "$work/guest.log")" 0
	if ! tests/net/events "$work/stream" > "$work/events" 2> "$work/events.log" || ! tests/net/events "$work/stream" meta > "$work/meta"; then
		fail "$name: the stream is whole" "$(cat "$work/events.log")"
		halt taktd
		return
	fi
	ok "$name: the stream is whole"
	same "$name: nothing was lost" "$(grep -c ^lost "$work/events") $(jq -c '[.cost.lost, .cost.unsent, .cost.unkeyed]' "$work/meta")" "0 [0,0,0]"
	same "$name: frames out, once each" "$(keys tx | uniq | wc -l) $(keys tx | doubled | wc -l)" "$frames 0"
	same "$name: they are those that taktd had from it" "$(keys tx | cksum)" "$(hears 2 g | cksum)"
	same "$name: frames in, once each" "$(keys rx | uniq | wc -l) $(keys rx | doubled | wc -l)" "$frames 0"
	same "$name: they are those that taktd gave it" "$(keys rx | cksum)" "$(hears 3 g | cksum)"
	"edges_$how" "$name"
	none "$name: what time it was lies within the run" "$(awk -v a="$t_begin" -v b="$(date +%s%N)" '$1 == "sync" && !($3 >= $2 && $9 >= a && $9 <= b) { print }' "$work/events")"
	same "$name: taktd said what time it was, and recorded it under the same key" \
		"$(awk '$1 == "sync" { print $4 }' "$work/events" | sort | comm -12 - <(awk '{ print $12 }' "$work/records" | sort) | wc -l)" \
		"$(awk '$1 == "sync"' "$work/events" | wc -l)"
	same "$name: it was asked more than once" "$(awk '$1 == "sync"' "$work/events" | sed -n '2s/ .*//p')" sync
	halt taktd
}

# -- here -------------------------------------------------------------------------------------------------------------------------

programs() { bpftool prog show 2> /dev/null | grep -c -w -e t_queue -e t_switch -e t_gro -e t_read; }
no_more_programs() { [ "$(programs)" = "$had" ]; }

here() {
	local signal name
	had=$(programs)
	for signal in INT TERM HUP KILL; do
		name="here: nothing is left after SIG$signal"
		start agent "$agent" --dev "$host_if" --out "$work/here" --ask 0
		until_true 20 said agent POINT || { fail "$name" "it did not start"; halt agent; continue; }
		[ "$(programs)" -gt "$had" ] || skip "here: programs are gone after SIG$signal" "no BPF on this machine"
		halt agent $signal
		if ! until_true 5 no_more_programs; then
			fail "$name" "BPF programs are"
		elif [ $signal != KILL ] && ! tests/net/events "$work/here" > /dev/null 2> "$work/events.log"; then
			fail "$name" "the stream does not end: $(cat "$work/events.log")"
		else
			ok "$name"
		fi
	done
	same "here: it needs no library" "$(ldd "$agent" 2>&1 | grep -c -e statically -e 'not a dynamic')" 1
	[ -e /dev/vhost-vsock ] || skip "here: a stream over vsock" "NOT EXERCISED: this machine has no vhost-vsock"
	ok "here: it is $(($(stat -c %s "$agent") / 1024)) KiB"
	while read -r words options; do
		[ -n "$words" ] || continue
		# shellcheck disable=SC2086
		text=$(timeout 10 "$agent" $options 2>&1)
		status=$?
		if [ "$status" = 2 ] && [ "$(echo "$text" | wc -l)" = 1 ] && echo "$text" | grep -q -e "$words"; then
			ok "refused: $options"
		else
			fail "refused: $options" "exit $status: $text"
		fi
	done <<< "$refusals"
}

[ "$(id -u)" = 0 ] || { skip guest_probe "needs root"; finish; }
O=$O scripts/guest-image uml qemu-6.1 qemu-6.12 > "$work/image.log" 2>&1 || { fail images "scripts/guest-image failed"; finish; }
wire || { fail wire "cannot make the namespace"; finish; }
[ $# -gt 0 ] || here
while read -r name options agent_options how; do
	[ -n "$name" ] || continue
	[ $# = 0 ] || [[ " $* " == *" $name "* ]] || continue
	probe "$name" "$options" "$agent_options" "$how"
done <<< "$guests"
finish
