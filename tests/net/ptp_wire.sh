#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# taktd between two live ptp4l, a master and a client, behind gates that are open for 1 ms of 10: every transport,
# end-to-end and peer-to-peer (tags: tests/vectors/resid.vec, and tests/unit/ptp/resid_tshark_test.c). What is added to a message's correction, by both captures, is never
# more than its whole way took, and never less than it surely waited; what carries no time is not touched. Software
# stamps and free_running: nobody touches this machine's clock.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

# Row|transport|delay mechanism|peers or not|comes through or not
rows='
over Ethernet|L2|E2E|no|yes
over UDP and IPv4|UDPv4|E2E|no|yes
over UDP and IPv6|UDPv6|E2E|no|yes
802.1AS between two peers|L2|P2P|yes|yes
802.1AS without peers|L2|P2P|no|no
'

[ "$(id -u)" = 0 ] || { skip "transparent clock" "needs root"; finish; }
for program in ptp4l tshark jq; do
	command -v "$program" > /dev/null || { skip "transparent clock" "$program is not installed: make deps"; finish; }
done

client_ns=${tag}c
client_if=${tag}q client_host=${tag}i
trap 'ip netns del "$client_ns" 2> /dev/null; clean_up' EXIT
declare -A where=([master]=$ns [client]=$client_ns) port=([master]=$peer_if [client]=$client_if) ip4=([master]=10.78.0.1 [client]=10.78.0.2)

# end ROLE HOST
end() {
	local netns=${where[$1]} interface=${port[$1]} host=$2
	ip link add "$host" type veth peer name "$interface" netns "$netns" || return
	links+=("$host")
	ethtool -K "$host" tx off txvlan off rxvlan off > /dev/null
	ip netns exec "$netns" ethtool -K "$interface" tx off txvlan off rxvlan off > /dev/null
	sysctl -q -w "net.ipv6.conf.$host.disable_ipv6=1"
	ip netns exec "$netns" sysctl -q -w net.ipv6.conf.default.accept_dad=0 "net.ipv6.conf.$interface.accept_dad=0" &&
	ip link set "$host" up && ip -n "$netns" link set "$interface" up && ip -n "$netns" addr add "${ip4[$1]}/24" dev "$interface"
}
ip netns add "$ns" && ip netns add "$client_ns" && end master "$host_if" && end client "$client_host" ||
	{ fail "transparent clock" "cannot make the namespaces"; finish; }

gates="gate-parameters: {gate-enabled: true, admin-base-time: 0, admin-cycle-time: 10ms, admin-control-list: [
      {gate-states-value: 255, time-interval-value: 1ms}, {gate-states-value: 0, time-interval-value: 9ms}]}"

ptp4l_start() { # ROLE TRANSPORT DELAY LINE
	cat > "$work/$1.cfg" <<-END
		[global]
		free_running 1
		freq_est_interval 0
		summary_interval -4
		time_stamping software
		network_transport $2
		delay_mechanism $3
		logSyncInterval -4
		logMinDelayReqInterval -4
		logMinPdelayReqInterval -4
		logAnnounceInterval -2
		announceReceiptTimeout 3
		tx_timestamp_timeout 200
		neighborPropDelayThresh 100000000
		transportSpecific $([ "$3" = P2P ] && echo 1 || echo 0)
		$([ "$3" = P2P ] && echo "ptp_dst_mac 01:80:C2:00:00:0E")
		uds_address $work/$1.ptp4l
		$4
	END
	start "$1" ip netns exec "${where[$1]}" ptp4l -f "$work/$1.cfg" -i "${port[$1]}" -m
}

watch() { start "$1.capture" ip netns exec "${where[$1]}" "$takt" capture -i "${port[$1]}" -w "$work/$1.pcapng"; }

# Messages of a capture, a line each: type:clock:sequence correction (ns) time (ns) UDP checksum (1: good)
messages() {
	tshark -r "$work/$1.pcapng" -o udp.check_checksum:TRUE -T fields -e ptp.v2.messagetype -e ptp.v2.clockidentity -e ptp.v2.sequenceid \
		-e ptp.v2.correction.ns -e frame.time_epoch -e udp.checksum.status ptp 2> /dev/null |
		awk -F '\t' '{split($5, t, "."); type = $1; sub(/^0x0*/, "", type); if (type == "") type = 0
			printf "%s:%s:%s %d %d%s %s\n", type, $2, $3, $4, t[1] % 100000, substr(t[2] "000000000", 1, 9), $6}'
}

# compare FROM TO TYPE: of each message of a type that went from FROM's end to TO's (and not the other way): what was added to its correction, and how long its way took
compare() {
	awk -v type="$3" 'NR == FNR {split($1, k, ":"); if (k[1] == type) {cf[$1] = $2; t[$1] = $3}; next}
		$1 in cf && $3 > t[$1] {print $2 - cf[$1], $3 - t[$1]; delete cf[$1]}' <(messages "$1") <(messages "$2")
}

# A clock may run by up to 500 ppm against another, and the kernel stamps the capture before or after it stamps for us.
judge() { # ROW FROM TO TYPE [WAITED]: at least one of WAITED waited for over 1 ms (0: none needs to)
	compare "$2" "$3" "$4" > "$work/added"
	awk -v slack=2000 -v one_of="${5:-3}" '
		{n++; sum += $1; way += $2; if ($1 > $2 * 1.0005 + slack) over++; if ($1 < 0) under++; if ($1 > 1000000) waited++}
		END {printf "%d messages, %.3f of %.3f ms added on average, %d over, %d below 0, %d waited", n, sum / n / 1e6, way / n / 1e6, over, under, waited
			exit !(n >= 5 && !over && !under && (!one_of || waited * one_of >= n) && sum > way * 0.8)}' "$work/added" > "$work/verdict"
	if [ $? = 0 ]; then ok "$1: $(cat "$work/verdict")"; else fail "$1" "$(cat "$work/verdict")"; fi
}

untouched() { # ROW FROM TO TYPE
	compare "$2" "$3" "$4" | awk '{n++; if ($1 < 0 || $1 > 1000000) bad++} END {exit !(n >= 3 && !bad)}' && ok "$1" || fail "$1" "$(compare "$2" "$3" "$4" | head -n 5)"
}

run_row() {
	local row=$1 transport=$2 delay=$3 peers=$4 through=$5 peer_m="" peer_c=""
	[ "$peers" = no ] || { peer_m="peer: client"; peer_c="peer: master"; }
	taktd_ports "records: 65536" <<-END
		  - {name: master, wire: "net_af_packet0,iface=$host_if", ptp: {$peer_m}, $gates}
		  - {name: client, wire: "net_af_packet1,iface=$client_host", ptp: {$peer_c}, $gates}
	END
	taktd_up || { fail "$row" "taktd did not start"; halt taktd; return; }
	rm -f "$work"/*.pcapng
	watch master
	watch client
	ptp4l_start master "$transport" "$delay" "priority1 10"
	ptp4l_start client "$transport" "$delay" "slaveOnly 1"
	if [ "$through" = yes ]; then
		until_true 20 grep -q "delay  *[0-9-]" "$work/client.log" || fail "$row" "the client measures no delay"
	fi
	[ "$through" = no ] && sleep 3 || sleep 4
	halt client.capture INT
	halt master.capture INT
	if [ "$through" = no ]; then
		until_true 1 test -s "$work/master.pcapng"
		[ "$(messages master | grep -c .)" -ge 3 ] && [ -z "$(compare master client 0)$(compare client master 2)$(compare master client b)" ] &&
			ok "$row: $(shown '[.ports[].verdicts."link-local" // 0] | add' x) messages dropped" ||
			fail "$row" "$(messages client | head -n 3)"
	elif [ "$delay" = E2E ]; then
		judge "$row, Sync" master client 0
		judge "$row, Delay_Req" client master 1
		untouched "$row, Announce" master client b
	else
		judge "$row, Sync" master client 0
		judge "$row, Pdelay_Req" client master 2
		judge "$row, Pdelay_Resp" master client 3 0 # the answer to a request that a gate let out: it is open
	fi
	[[ $transport != UDP* ]] ||
		{ messages client | awk '$4 != 1 {bad++} END {exit !(NR >= 10 && !bad)}' && ok "$row: checksums" || fail "$row: checksums" "$(messages client | head -n 4)"; }
	halt client
	halt master
	halt taktd
}

while IFS='|' read -r row transport delay peers through; do
	[ -z "$row" ] || run_row "$row" "$transport" "$delay" "$peers" "$through"
done <<< "$rows"
finish
