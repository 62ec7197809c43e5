#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# A hostile guest against the host's clocks: it plays Announce (priority1 0), Sync, Follow_Up, Delay_Resp, Delay_Req, Pdelay_Req, management
# SET and Signaling over Ethernet, UDP/IPv4 and UDP/IPv6, tagged and not, and what is PTP but cannot be read, into a guest port of each role.
# On the wires' far sides are four real ptp4l, masters of their own, one for each way to them, and a capture that has its own opinion. One of
# them is on a wire in VLAN 10, which has the role client-only, so that the four do not hear of each other. Arguments pick parts: exact flood.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

parts=${*:-exact flood}
mac=020000000066
rounds=25
tell="announce sync follow_up delay_resp"
all="$tell delay_req pdelay_req management signaling"
unread="version1 cut piece triple"
clocks="l2 udp4 udp6 vlan"

[ "$(id -u)" = 0 ] || { skip "PTP roles" "needs root"; finish; }
for program in ptp4l pmc jq dpdk-testpmd; do
	command -v "$program" > /dev/null || { skip "PTP roles" "$program is not installed: make deps"; finish; }
done
urgent
vlan_if=${tag}v vlan_peer=${tag}w
wire && veth "$vlan_if" "$vlan_peer" && ip -n "$ns" addr add fe80::1/64 dev "$peer_if" nodad || { fail wire "cannot make the namespace"; finish; }
huge_pages 80 || { fail memory "no huge pages for the guest"; finish; }

same() { # NAME GOT WANT
	if [ "$2" = "$3" ]; then ok "$1"; else fail "$1" "got $2, want $3"; fi
}

# -- the host's clocks ----------------------------------------------------------------------------------------------------
ptp4l_start() { # NAME INTERFACE TRANSPORT
	cat > "$work/$1.cfg" <<-END
		[global]
		free_running 1
		time_stamping software
		network_transport $3
		logAnnounceInterval -1
		announceReceiptTimeout 6
		tx_timestamp_timeout 100
		uds_address $work/$1.uds
	END
	start "$1" ip netns exec "$ns" ptp4l -f "$work/$1.cfg" -i "$2" -m
}
# All that anybody could have changed, without the lines that number the answers.
data_sets() {
	pmc -u -b 0 -s "$work/$1.uds" 'GET DEFAULT_DATA_SET' 'GET PARENT_DATA_SET' 'GET CURRENT_DATA_SET' 'GET TIME_PROPERTIES_DATA_SET' \
		'GET PORT_DATA_SET' 'GET PRIORITY1' 2> /dev/null | grep -v -e '^sending' -e 'RESPONSE'
}
answers() { data_sets "$1" > "$work/now"; [ "$(wc -l < "$work/now")" -ge 40 ]; } # within a second, which a busy machine may not have
is_master() { data_sets "$1" | grep -q 'portState *MASTER'; }
all_masters() { local c; for c in $clocks; do is_master "$c" || return 1; done; }
follows() { data_sets "$1" | grep -q 'grandmasterIdentity *020000.fffe.000066'; }
# So many times the data sets of each clock are what they were.
unchanged() {
	local c
	for c in $clocks; do
		until_true 20 answers "$c" || { why="$c: ptp4l does not answer"; return 1; }
		cmp -s "$work/$c.was" "$work/now" || { why="$c: $(diff "$work/$c.was" "$work/now" | tr -s ' \n' ' ')"; return 1; }
	done
}

# -- a guest in front of a port with these keys -------------------------------------------------------------------------------
verdict() { shown ".ports[] | select(.name == \$p) | .verdicts.\"$1\"" a; }
counter() { shown ".ports[] | select(.name == \$p) | .counters.$1" "${2:-a}"; }
is_up() { shown '.ports[] | select(.name == $p) | .up' "$1" | grep -qx true; }
have_come() { [ "$(counter rx_frames)" -ge "$1" ]; }
quiet() { [ "$(shown '[.ports[].classes[].queued] | add' -)" = 0 ]; }
heard() { tests/net/frames from-pcap < "$work/out.pcapng" | grep -i "^.\{12\}$mac"; }

house() { # KEYS PCAP-DEVARGS
	why="taktd did not start"
	taktd_ports "records: 65536" <<-END || return 1
		  - {name: w, wire: "net_af_xdp0,iface=$host_if", queue-depth: 8192, link-speed: 10Gb/s, vlans: [10]}
		  - {name: v, wire: "net_af_xdp1,iface=$vlan_if", queue-depth: 8192, link-speed: 10Gb/s, pvid: 10, ptp: {role: client-only}}
		  - {name: a, guest: $work/a.sock, vlans: [10]$1}
	END
	start hear ip netns exec "$ns" "$takt" capture -i "$peer_if" -w "$work/out.pcapng" --immediate --snaplen 256
	why="takt capture did not begin"
	until_true 10 grep -q 'capturing on' "$work/hear.log" || return 1
	why="testpmd did not start"
	pmd_start pmd "net_pcap0,$2,tx_pcap=$work/guest.pcap" "net_virtio_user0,path=$work/a.sock,queue_size=256" || return 1
	pmd_tell pmd "set fwd io retry"
	pmd_tell pmd "set burst tx delay 10 retry 10000"
	why="a port did not come up"
	until_true 10 is_up a && until_true 10 is_up w && until_true 10 is_up v
}
house_down() {
	halt pmd
	halt hear INT
	halt taktd
}

# What is played once: nothing of it is lost on the way, so that every number is exact.
# shellcheck disable=SC2086 # lists of words
tests/net/ptp_frames $mac $rounds $all $unread other > "$work/all.txt"
awk '{print $4}' "$work/all.txt" | tests/net/frames to-pcap > "$work/all.pcap"
# And what is played over and over.
# shellcheck disable=SC2086
tests/net/ptp_frames $mac 4 $all | awk '{print $4}' | tests/net/frames to-pcap > "$work/flood.pcap"
frames=$(wc -l < "$work/all.txt")
vlan_of() { awk -v types=" $* " '$3 == "10" && index(types, " " $1 " ") {n++} END {print n + 0}' "$work/all.txt"; }	# these leave twice
# In hexadecimal: EtherType 88F7 or UDP to 319 or 320, behind a tag or none.
ptp='^.{24}(8100.{4})?(88f7|(0800|86dd).*01(3f|40)01(3f|40))'
n_of() { awk -v types=" $* " 'index(types, " " $1 " ") {n++} END {print n + 0}' "$work/all.txt"; }
bytes_of() { awk -v types=" $* " 'index(types, " " $1 " ") {print $4}' "$work/all.txt"; }

# Role's words, keys, then the types that pass; what passes is compared byte by byte, and counted.
exactly() { # NAME KEYS TYPE...
	local name=$1 keys=$2
	shift 2
	house "$keys" "rx_pcap=$work/all.pcap" || { fail "$name" "$why"; house_down; return; }
	pmd_tell pmd start
	until_true 20 have_come "$frames" && until_true 5 quiet
	sleep 0.3
	same "$name: takt show" "$(shown '.ports[] | select(.name == $p) | ."ptp-role"' a)" "$name"
	# shellcheck disable=SC2086
	same "$name: what came in is counted: event, general, unread" "$(counter ptp_events) $(counter ptp_general) $(counter ptp_unread)" \
		"$(n_of sync delay_req pdelay_req) $(n_of announce follow_up delay_resp signaling management) $(n_of $unread)"
	same "$name: and what became of it: sent, by role, by rate, all" \
		"$(verdict sent) $(verdict ptp-role) $(verdict ptp-rate) $(shown '.ports[] | select(.name == $p) | [.verdicts[]] | add' a)" \
		"$(($(n_of "$@") + $(vlan_of "$@"))) $((frames - $(n_of "$@"))) 0 $((frames + $(vlan_of "$@")))"
	kept=$(counter ptp_kept)
	house_down
	# The masters here speak as well: to all guests but one that is denied.
	tests/net/frames from-pcap < "$work/guest.pcap" > "$work/guest.txt"
	if [ "$name" = deny ]; then
		same "$name: the guest hears nothing of PTP" "$(grep -cE "$ptp" "$work/guest.txt") $((kept > 0))" "0 1"
	else
		same "$name: the guest hears the masters" "$(($(grep -cE "$ptp" "$work/guest.txt") > 0)) $kept" "1 0"
	fi
	heard > "$work/got"
	bytes_of "$@" > "$work/want"
	if cmp -s "$work/want" "$work/got"; then
		ok "$name: on the wire, byte by byte: $(wc -l < "$work/got") of $frames frames"
	else
		fail "$name: on the wire" "$(wc -l < "$work/got") frames, want $(wc -l < "$work/want"): $(diff "$work/want" "$work/got" | cut -c 1-80 | head -n 4 | tr '\n' ' ')"
	fi
}

# Floods for some seconds while somebody looks at the clocks.
flood() { # NAME KEYS
	house "$2" "rx_pcap=$work/flood.pcap,infinite_rx=1" || { fail "$1" "$why"; return 1; }
	flood_from=$(date +%s%N)
	pmd_tell pmd start
	until_true 20 have_come 20000 || { fail "$1" "$(counter rx_frames) frames came"; return 1; }
}
flood_end() {
	pmd_tell pmd stop
	sleep 0.5
	flood_ns=$(($(date +%s%N) - flood_from))
	flood_sent=$(verdict sent) flood_doubt=$(verdict ptp-doubt) flood_rate=$(verdict ptp-rate)
	flood_all=$(counter rx_frames) flood_copies=$(counter copies)
	flood_sum=$(shown '.ports[] | select(.name == $p) | [.verdicts[]] | add' a)
	house_down
	heard > "$work/got"
}

for c in $clocks; do
	case $c in
	l2) ptp4l_start l2 "$peer_if" L2 ;;
	udp4) ptp4l_start udp4 "$peer_if" UDPv4 ;;
	udp6) ptp4l_start udp6 "$peer_if" UDPv6 ;;
	vlan) ptp4l_start vlan "$vlan_peer" L2 ;;
	esac
done
until_true 40 all_masters || { fail "the host's clocks" "not all four are masters"; finish; }
for c in $clocks; do until_true 20 answers "$c" && cp "$work/now" "$work/$c.was"; done

fast="message-rate: 1000000, correction: false" # bytes are compared
# A guest that says nothing is denied.
# shellcheck disable=SC2086
if [[ $parts = *exact* ]]; then
exactly deny "" other
exactly client-only ", ptp: {role: client-only, $fast}" delay_req other
exactly server-allowed ", ptp: {role: server-allowed, $fast}" $tell delay_req other
exactly transparent ", ptp: {role: transparent, $fast}" $all $unread other
fi
[[ $parts = *flood* ]] || finish

# The four exact runs end with an Announce of the best clock there is, which some clock may have believed: wait until all are themselves again.
until_true 40 all_masters || fail "the host's clocks" "not all four are masters again"

looks() { # NAME: the clocks are looked at while the flood goes on
	local i
	for i in 1 2 3 4; do
		unchanged || { fail "$1: the host's clocks under the flood" "$why"; return; }
		sleep 0.4
	done
	ok "$1: the host's four clocks keep their data sets under the flood"
}
if flood deny ""; then looks deny; flood_end; fi
same "deny: nothing of $flood_all frames is on the wire" "$(wc -l < "$work/got")" 0
same "deny: every frame has its verdict" "$flood_sum" "$((flood_all + flood_copies))"
house_down

rate=64
if flood client-only ", ptp: {role: client-only, message-rate: $rate}"; then looks client-only; flood_end; fi
most=$((8 + rate * flood_ns / 1000000000))
flood_sent=$((flood_sent - flood_copies)) # once each
let_in=$((flood_sent + flood_doubt)) # of some it is not known well enough when they came
if [ "$let_in" -ge 8 ] && [ "$let_in" -le "$most" ] && [ "$flood_rate" -gt "$let_in" ]; then
	ok "client-only: of $flood_all frames no more than the rate, $let_in"
else
	fail "client-only: the rate" "$let_in of $flood_all were let in, $flood_rate dropped by the rate: want 8 to $most"
fi
same "client-only: nothing but Delay_Req on the wire, and as many" "$(grep -cE '88f70102|013f013f.{8}0102' "$work/got") $(wc -l < "$work/got")" \
	"$flood_sent $flood_sent"
same "client-only: every frame has its verdict" "$flood_sum" "$((flood_all + flood_copies))"
house_down

# The same where it is allowed: so the test above can fail.
if flood server-allowed ", ptp: {role: server-allowed, message-rate: 400}"; then
	for c in $clocks; do
		if until_true 20 follows "$c"; then ok "server-allowed: the clock over $c believes the guest"; else fail "server-allowed: the clock over $c" "$(data_sets "$c" | grep -e portState -e grandmasterIdentity | tr -s ' \n' ' ')"; fi
	done
	flood_end
fi
same "server-allowed: no management, Signaling or Pdelay_Req on the wire" \
	"$(grep -cE '88f70[2cd]|01(3f|40)01(3f|40).{8}0[2cd]02' "$work/got")" 0
house_down
finish
