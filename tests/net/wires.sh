#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Wires of every kind that needs no hardware: frames from a file leave through each of them, all of them, and nothing stays behind.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

frames=500 # fewer than a class queue holds: the file is read as fast as it goes

# Kind|devargs of the wire under test|how many arrived there, by another's count ("-": nobody else can tell)
kinds='
null|net_null0,no-rx=1|-
pcap|net_pcap1,rx_pcap=EMPTY,tx_pcap=OUT|tests/net/frames from-pcap < OUT | grep -c ^02
ring|net_ring0|-
tap|net_tap0,iface=TAP|cat /sys/class/net/TAP/statistics/rx_packets
af_xdp, the kernel polled|net_af_xdp0,iface=IFACE|in_wire cat /sys/class/net/PEER/statistics/rx_packets
af_xdp, the ring polled|net_af_xdp0,iface=IFACE,busy_budget=0|in_wire cat /sys/class/net/PEER/statistics/rx_packets
af_packet|net_af_packet0,iface=IFACE|in_wire cat /sys/class/net/PEER/statistics/rx_packets
'

[ "$(id -u)" = 0 ] || { skip wires "needs root"; finish; }
wire || { fail wire "cannot make the namespace"; finish; }
tests/net/frames number $frames "0200000000ee02000000000a0800" 60 200 1000 1514 | tests/net/frames to-pcap > "$work/in.pcap"
tests/net/frames to-pcap < /dev/null > "$work/empty.pcap"

fill() { sed "s|EMPTY|$work/empty.pcap|; s|OUT|$work/out.pcap|; s|TAP|${tag}t|; s|IFACE|$host_if|; s|PEER|$peer_if|" <<< "$1"; }

tx_frames() { "$takt" show --name "$work/run/$tag.ctl" --json 2> /dev/null | tr ',{' '\n\n' | sed -n 's/.*"tx_frames": \([0-9]*\).*/\1/p' | sed -n 2p; }
all_left() { [ "$(tx_frames)" = $frames ]; }

run_kind() {
	local kind=$1 devargs arrived base
	devargs=$(fill "$2")
	cat > "$work/conf.yaml" <<-END
		name: $tag
		run-dir: $work/run
		memory: 256
		huge-pages: false
		records: 4096
		ports:
		  - {name: file, wire: "net_pcap0,rx_pcap=$work/in.pcap,tx_pcap=$work/back.pcap", queue-depth: 1024}
		  - {name: wire, wire: "$devargs", queue-depth: 1024, link-speed: 10Gb/s}
	END
	rm -f "$work/out.pcap"
	base=0
	[[ $3 == *PEER* ]] && base=$(eval "$(fill "$3")")
	start taktd "$taktd" --config "$work/conf.yaml"
	until_true 15 taktd_up || { fail "$kind" "taktd did not start"; return; }
	until_true 15 all_left || { fail "$kind" "$(tx_frames) of $frames left"; return; }
	if [ "$3" != - ]; then
		[ "$kind" != pcap ] || halt taktd # the file is complete when it is closed
		arrived=$(eval "$(fill "$3")")
		[ $((arrived - base)) -ge $frames ] || { fail "$kind" "$((arrived - base)) of $frames arrived"; return; }
	fi
	halt taktd
	if ls -d "$work"/run "/dev/shm/takt-$tag"* "/run/dpdk/takt-$tag" 2> /dev/null || [ -e "/sys/class/net/${tag}t" ]; then
		fail "$kind" "something was left behind"
	else
		ok "$kind"
	fi
}

while IFS='|' read -r kind devargs count; do
	[ -n "$kind" ] || continue
	run_kind "$kind" "$devargs" "$count"
	halt taktd
	rm -f "$work"/*.log
done <<< "$kinds"
finish
