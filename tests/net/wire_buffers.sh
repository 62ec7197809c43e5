#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# An AF_XDP wire gets its buffers back, whatever the order in which they are used: full frames from one wire pile up behind the other's gate, a thousand
# at a time, until each buffer of both pools was the kernel's several times. A buffer that lies beyond the memory that the kernel was told of is taken and
# never given back; once that were 2,048, a wire received nothing more. Then some frames at leisure: all of them come in, and all arrive.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

flood=80000 rest=500 # of the flood the kernel may drop what comes while this machine does something else

[ "$(id -u)" = 0 ] || { skip "wire buffers" "needs root"; finish; }
urgent
in_if=${tag}hi in_peer=${tag}pi out_if=${tag}ho out_peer=${tag}po
ip netns add "$ns" && veth "$in_if" "$in_peer" && veth "$out_if" "$out_peer" || { fail "wire buffers" "cannot make the namespace"; finish; }

received() { shown '.ports[0].counters.rx_frames' -; }
sent() { shown '.ports[1].counters.tx_frames' -; }
arrived() { in_wire cat "/sys/class/net/$out_peer/statistics/rx_packets"; }
settled() { [ "$(shown '[.ports[].classes[].queued] | add' -)" = 0 ]; }
send() { in_wire "$takt" send -i "$in_peer" -d 02:00:00:00:00:01 "$@" > "$work/send.log" 2>&1; }
counted() { # what came in, left and arrived, since the last time
	local now
	until_true 5 settled
	now=("$(received)" "$(sent)" "$(arrived)")
	came=$((now[0] - before[0])) left=$((now[1] - before[1])) there=$((now[2] - before[2]))
	before=("${now[@]}")
}

buffers() { # name, arguments of the wires' devices, mtu
	local size=$(($3 + 14))
	before=(0 0 "$(arrived)")
	taktd_ports <<-END || { fail "$1" "taktd did not start"; return; }
		  - {name: in, wire: "net_af_xdp0,iface=$in_if$2", mtu: $3, queue-depth: 2048}
		  - name: out
		    wire: "net_af_xdp1,iface=$out_if$2"
		    mtu: $3
		    queue-depth: 2048
		    link-speed: 10Gb/s
		    gate-parameters: {admin-control-list: [S 00 50000000, S ff 50000000]}
	END
	send -s $size --rate 20000 --burst 20 --count $flood || { fail "$1" "takt send failed"; return; }
	counted
	if [ "$came" -lt $((flood * 3 / 4)) ]; then
		fail "$1" "$came of the flood's $flood frames came in"
	elif [ "$there" -lt "$left" ]; then
		fail "$1" "$left frames of the flood left, $there arrived"
	elif send -s $size --rate 1000 --count $rest && counted && [ "$came" -lt $rest ]; then
		fail "$1" "after the flood $came of $rest frames came in"
	elif [ "$there" -lt $rest ]; then
		fail "$1" "after the flood $there of $rest frames arrived"
	else
		ok "$1"
	fi
	halt taktd
}

buffers "each buffer comes back, the kernel polled" "" 1500
buffers "each buffer comes back, the ring polled" ,busy_budget=0 1500
buffers "so it does with an mtu of 3000" ,busy_budget=0 3000
finish
