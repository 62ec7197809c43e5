#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The instruments inside real guests: takt reflect answers from there, takt recv hears there and takt send talks there, on layer 2 and in UDP, each with the kernel's stamps; the logs
# leave the guest by its standard output.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

guest_ip=10.77.0.2
frames=200
kinds=${KINDS:-uml qemu}

# What the guest does, one after the other; a log goes to the console in letters, between two marks.
cat > "$work/play.sh" <<END
letters() { echo "begin \$1"; base64 \$2; echo "end \$1"; }
takt reflect -i eth0 --count $frames --timeout 60s; echo "reflected \$?"
takt recv -i eth0 --count $frames --timeout 60s --strict --log - > /run/came; echo "received \$?"
letters came /run/came
sleep 1
takt send -i eth0 -p 5 --cycle 2ms --count $frames --warm-up 20ms --log - | cat > /run/sent
letters sent /run/sent
takt send --udp $wire_ip --cycle 2ms --count $frames --log /run/udp; echo "sent \$?"
letters udp /run/udp
END
said() { grep -q "$1" "$work/guest.log"; }
out() { sed -n "/^begin $1/,/^end $1/p" "$work/guest.log" | tr -d '\r' | grep -v -e '^begin ' -e '^end ' | base64 -d > "$work/$1.dat"; }
is_over() { ! alive "$1"; }
# Every frame due, and with these stamps: name, file, letters that are instants
stamped() {
	local n
	n=$("$takt" report "$work/$2" -f "%u$(printf ' %%d%.0s' $(seq ${#3}))\n" -a "q$3" | awk 'BEGIN { n = 0 } { good = $1 == NR; for (i = 2; i <= NF; i++) good = good && $i > 0; n += good } END { print n }')
	[ "$n" = $frames ] && return
	fail "$1" "$n of $frames frames have their stamps $3"
	return 1
}

perform() {
	local name
	start guest "$takt" vm run "--$1" --socket "$work/g.sock" --ip $guest_ip/24 --name "$tag" --nice -20 --timeout 150s --kernel-dir "$O/guest" \
		--files "$work/play.sh=/play.sh" -- sh /play.sh
	until_true 90 said 'reflecting on' || { fail "$1" "the guest does not answer"; return; }
	in_wire ping -q -c 2 -W 5 $guest_ip > "$work/ping.log"

	name="$1: there and back"
	in_wire "$takt" send -i "$peer_if" --cycle 2ms --count $frames --warm-up 20ms --round-trip --linger 5s --log "$work/back.dat" --json > "$work/back.json" 2> "$work/send.log"
	if jq -e ".received == $frames and .lost == 0 and .duplicate == 0 and .reordered == 0" "$work/back.json" > /dev/null; then
		stamped "$name" back.dat Swstra && ok "$name"
	else
		fail "$name" "$(cut -c 1-200 "$work/back.json")"
	fi

	name="$1: heard in the guest"
	until_true 30 said 'listening on eth0' || { fail "$name" "it does not listen"; return; }
	in_wire "$takt" send -i "$peer_if" --cycle 2ms --count $frames --log "$work/far.dat" > "$work/send.log" 2>&1
	until_true 60 said '^end came' || { fail "$name" "no log left the guest"; return; }
	out came
	if said '^received 0' && "$takt" report "$work/far.dat" "$work/came.dat" -o "$work/frames.dat" > "$work/report.log"; then
		stamped "$name" frames.dat Swstra && ok "$name"
	else
		fail "$name" "not every frame came once and in order"
	fi

	name="$1: sent by the guest"
	start wire ip netns exec "$ns" "$takt" recv -i "$peer_if" --count $frames --timeout 60s --strict --log "$work/wire.dat"
	start udp ip netns exec "$ns" "$takt" recv --udp 0.0.0.0 --count $frames --timeout 90s --strict --log "$work/udp_came.dat"
	until_true 60 said '^end sent' && until_true 60 is_over wire
	out sent
	if halt wire && "$takt" report "$work/sent.dat" "$work/wire.dat" -o "$work/frames.dat" > "$work/report.log"; then
		stamped "$name" frames.dat Swstra && ok "$name"
	else
		fail "$name" "not every frame came once and in order"
	fi

	name="$1: sent by the guest, UDP"
	until_true 60 said '^end udp' && until_true 60 is_over udp
	out udp
	if said '^sent 0' && halt udp && "$takt" report "$work/udp.dat" "$work/udp_came.dat" -o "$work/frames.dat" > "$work/report.log"; then
		stamped "$name" frames.dat Swstra && ok "$name"
	else
		fail "$name" "not every frame came once and in order"
	fi
}

wire || { fail guest_stamps "cannot make the wire"; finish; }
for kind in $kinds; do
	taktd_start "g , queue-depth: 4096" || { fail "$kind" "taktd did not start"; continue; }
	perform "$kind"
	halt wire
	halt udp
	halt guest
	halt taktd
done
finish
