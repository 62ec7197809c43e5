#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The transparent clock, live: a ptp4l follows another through taktd, whose gates hold PTP for up to nine milliseconds of ten.
# Every event message that is captured behind taktd has to carry what taktd's record says of its stay, read by tshark; and
# the client has to be nearer to the truth by far than without correction. All clocks here are one, and nobody sets it.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

client_ns=${tag}c
client_if=${tag}q	# its end; ours is the master's with an i
our_client_if=${tag}i
least=40		# event messages that have to pass in each direction

[ "$(id -u)" = 0 ] || { skip "transparent clock" "needs root"; finish; }
for program in ptp4l tshark jq; do
	command -v "$program" > /dev/null || { skip "transparent clock" "$program is not installed: make deps"; finish; }
done

trap 'clean_up; ip link del "$our_client_if" 2> /dev/null; ip netns del "$client_ns" 2> /dev/null' EXIT
client_wire() {
	ip netns add "$client_ns" &&
	ip link add "$our_client_if" type veth peer name "$client_if" netns "$client_ns" &&
	ethtool -K "$our_client_if" tx off > /dev/null &&
	ip netns exec "$client_ns" ethtool -K "$client_if" tx off > /dev/null &&
	ip link set "$our_client_if" up addrgenmode none &&
	ip -n "$client_ns" link set "$client_if" up addrgenmode none &&
	ip -n "$client_ns" addr add 10.77.0.2/24 dev "$client_if"
}
{ wire && client_wire; } || { fail "transparent clock" "cannot make the namespaces"; finish; }

# ptp4l_start NAME NAMESPACE INTERFACE TRANSPORT LINE...
ptp4l_start() {
	local name=$1 where=$2 interface=$3 transport=$4
	shift 4
	{
		cat <<-END
			[global]
			free_running 1
			time_stamping software
			network_transport $transport
			logSyncInterval -4
			logMinDelayReqInterval -4
			logAnnounceInterval -2
			tx_timestamp_timeout 100
			uds_address $work/$name.sock
		END
		printf '%s\n' "$@"
	} > "$work/$name.cfg"
	start "$name" ip netns exec "$where" ptp4l -f "$work/$name.cfg" -i "$interface" -m
}

port_conf() { # NAME NUMBER INTERFACE CORRECTION
	cat <<-END
		  - name: $1
		    wire: "net_af_packet$2,iface=$3"
		    priority: 7
		    traffic-class-table: [0, 1, 2, 3, 4, 5, 6, 7]
		    ptp: {correction: $4}
		    gate-parameters: {admin-control-list: ["sched-entry S 80 1000000", "sched-entry S 7f 9000000"]}
	END
}

records_now() { cp "/dev/shm/takt-$tag.rec" "$work/rec" && tests/net/records "$work/rec" > "$work/records"; }
# Event messages have flag 9, their verdict is 0.
left_by() { awk -v port="$1" '$3 == port && $5 == 0 && int($6 / 512) % 2' "$work/records" | wc -l; }
enough() { records_now && [ "$(left_by client)" -ge $least ] && [ "$(left_by master)" -ge $least ]; }
capturing() { grep -q capturing "$work/$1.log"; }
ended() { ! alive "$1"; }

capture() { # NAME NAMESPACE INTERFACE
	start "$1" ip netns exec "$2" "$takt" capture -i "$3" -w "$work/$1.pcapng" -f 'ether proto 0x88f7 or udp port 319'
	until_true 15 capturing "$1"
}
fields() { # NAME: what tshark reads in a capture
	tshark -r "$work/$1.pcapng" -Y ptp -T fields -e frame.time_epoch -e ptp.v2.messagetype -e ptp.v2.sequenceid \
		-e ptp.v2.correction.ns -e ptp.v2.correction.subns > "$work/$1.tsv" 2> /dev/null && [ -s "$work/$1.tsv" ]
}
bad_checksums() { # NAME: datagrams whose UDP checksum is wrong, or missing
	tshark -o udp.check_checksum:TRUE -r "$work/$1.pcapng" -Y 'udp && !(udp.checksum.status == 1)' 2> /dev/null | wc -l
}

# Run until enough has passed both ways; leave records and captures.
pass() { # TRANSPORT CORRECTION
	# Not behind a pipe: what a subshell starts, nobody ends.
	taktd_ports "records: 65536" < <(port_conf master 0 "$host_if" "$2"; port_conf client 1 "$our_client_if" "$2") ||
		{ fail "$1, correction $2" "taktd did not start"; return 1; }
	{ capture at_master "$ns" "$peer_if" && capture at_client "$client_ns" "$client_if"; } ||
		{ fail "$1, correction $2" "nothing captures"; return 1; }
	ptp4l_start client "$client_ns" "$client_if" "$1" "slaveOnly 1" "announceReceiptTimeout 80"
	ptp4l_start master "$ns" "$peer_if" "$1" "priority1 10" "announceReceiptTimeout 3"
	until_true 60 enough || { fail "$1, correction $2" "$(left_by client) and $(left_by master) passed"; return 1; }
	# The client asks no more before its master is gone; what still waits for its gate has time to leave.
	halt client
	halt master
	sleep 0.5
	records_now
	# A capture tells what was dropped, and has written everything, when it has ended.
	halt at_client
	halt at_master
	cp "/dev/shm/takt-$tag.rec" "$work/rec"
	{ fields at_client && fields at_master; } || { fail "$1, correction $2" "tshark reads no PTP"; return 1; }
}

pass_over() {
	halt client
	halt master
	halt at_client
	halt at_master
	halt taktd
	rm -f "$work"/*.log "$work"/*.sock
}

corrected() { # NAME TYPE PORT NEAR FAR
	local frames largest
	if ! tests/net/corrections "$2" "$3" "$work/records" "$work/$4.tsv" "$work/$5.tsv" > "$work/out" 2> "$work/err"; then
		fail "$1" "$(cat "$work/err")"
		return
	fi
	read -r frames largest < "$work/out"
	if [ "$frames" -ge $least ] && [ "$largest" -gt 1000000 ] && [ "$largest" -lt 4000000000 ]; then
		ok "$1"
	else
		fail "$1" "$frames frames, corrections up to $largest ns"
	fi
}

for transport in L2 UDPv4; do
	pass $transport true && {
		corrected "$transport: each Sync carries its stay" 0 client at_master at_client
		corrected "$transport: each Delay_Req carries its stay" 1 master at_client at_master
		n=$(($(bad_checksums at_client) + $(bad_checksums at_master)))
		if [ "$n" = 0 ]; then ok "$transport: checksums"; else fail "$transport: checksums" "$n are wrong"; fi
	}
	pass_over
done

# Without correction they pass as they are, however long they stay.
touched() { awk -F'\t' '$4 + 0 || $5 + 0' "$work/$1.tsv" | wc -l; }
pass L2 false && {
	n=$(($(touched at_client) + $(touched at_master)))
	if [ "$n" = 0 ]; then ok "no correction: none is changed"; else fail "no correction" "$n have one"; fi
}
pass_over

# With other frames in the way, and by what the client itself finds.
"$takt" bench ptp --ways tc,uncorrected --rounds 1 --span 4s > "$work/out" 2> "$work/err"
code=$?
if [ $code = 77 ]; then
	skip "the client's offsets" "$(cat "$work/err")"
elif [ $code != 0 ]; then
	fail "the client's offsets" "exit status $code: $(cat "$work/err" "$work/out")"
else
	figure() { awk -F'\t' -v name="$1" '$1 == name {printf "%d", $2}' "$work/out"; }
	if [ "$(figure ptp_tc_samples)" -ge 10 ] && [ "$(figure ptp_uncorrected_samples)" -ge 10 ] &&
		[ $(($(figure ptp_tc_median_ns) * 10)) -lt "$(figure ptp_uncorrected_median_ns)" ]; then
		ok "the client's offsets, corrected and not"
	else
		fail "the client's offsets" "$(cat "$work/out")"
	fi
fi
finish
