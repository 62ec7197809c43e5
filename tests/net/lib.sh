# SPDX-License-Identifier: BSD-3-Clause
#
# What tests with real processes share. Source it; end with `finish`.
#
#   ok|fail|skip NAME [WHY]     one line each; finish prints "N passed, N failed, N skipped" and exits 1 when one failed
#   start NAME COMMAND...       in the background, output in $work/NAME.log, its process id in ${pid[NAME]}
#   halt NAME [SIGNAL]          signal it, wait (10 s, then SIGKILL), forget it; returns its exit status
#   until_true SECONDS COMMAND...   poll until the command succeeds
#   wire                        namespace $ns with $peer_if ($wire_ip/24) behind our $host_if
#   veth HOST PEER              a pair: HOST here, PEER in the namespace, with no word of the kernel's own on it
#   taktd_start ROW...          an instance with the wire as port "wire" and a guest port per row "NAME , KEY: VALUE..."
#   taktd_ports [ROW]           an instance with the ports that standard input lists; ROW: "KEY: VALUE" for the top level
#   taktd_ask COMMAND...        `takt COMMAND...` of that instance
#   path_start                  `takt path` of it in the background as "path", as JSON, until it is interrupted; it looks when this returns
#   pmd_start NAME DEVICE...    dpdk-testpmd with these devices in order, forwarding between 0 and 1, 2 and 3, ...;
#   pmd_tell NAME COMMAND       it does nothing before it is told so: pmd_tell NAME start
#   urgent                      from here on run as urgently as taktd's worker, which would starve us on a small machine
#   with_libs PROGRAM...        ",FILE,FILE...": the libraries they are linked to, for a guest's --files
#   guest_memory NAME           the file that is the memory of the guest that `start NAME takt vm run ...` runs
#   huge_pages N                N free ones of 2 MiB, for a guest's memory; given back at the end
#
# Instances go by UTC on purpose: tests run on machines whose kernel has no TAI offset, and that is refused otherwise.
#
# Everything is under names of this process ($tag), so that tests may run side by side, and is removed on any exit.

O=${O:-build}
takt=$O/takt
taktd=$O/taktd
tag=tk$$
ns=$tag
host_if=${tag}h
peer_if=${tag}p
wire_ip=10.77.0.1
for program in "$takt" "$taktd"; do
	[ -x "$program" ] || { echo "$program is missing: run make first"; exit 1; }
done
work=$(mktemp -d "/tmp/$tag-XXXXXX")
declare -A pid=()
order=()
links=()
cpus=$(taskset -pc $$ | sed "s/.*: //")
pages=0	# huge ones that are to be given back
passed=0 failed=0 skipped=0

# jq 1.6 says yes to an empty input: -e is to mean that there was an answer.
jq() {
	local out rc
	[ "$1" = -e ] || { command jq "$@"; return; }
	out=$(command jq "$@")
	rc=$?
	[ -z "$out" ] || printf '%s\n' "$out"
	[ "$rc" != 0 ] || [ -n "$out" ] || rc=4
	return "$rc"
}

ok() { passed=$((passed + 1)); echo "ok    $1"; }
skip() { skipped=$((skipped + 1)); echo "skip  $1: $2"; }
fail() {
	failed=$((failed + 1))
	echo "FAIL  $1: $2"
	[ ! -S "$work/run/$tag.ctl" ] || timeout 5 "$takt" show --name "$work/run/$tag.ctl" > "$work/show.log" 2>&1
	for log in "$work"/*.log; do
		[ -s "$log" ] || continue
		echo "      -- ${log##*/}"
		grep -v -e ^libxdp -e ^libbpf "$log" | tail -n 24 | cut -c 1-200 | sed 's/^/      /'
	done
}

finish() {
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" = 0 ] && [ $((passed + skipped)) -gt 0 ]
	exit
}

start() {
	local name=$1
	shift
	"$@" > "$work/$name.log" 2>&1 <> "${input:-/dev/null}" &
	pid[$name]=$!
	order+=("$name")
}

alive() { kill -0 "${pid[$1]}" 2> /dev/null; }

# Its standard error goes nowhere: bash would tell of each process that was killed.
halt() {
	local name=$1 p=${pid[$1]:-} i
	[ -n "$p" ] || return 0
	unset "pid[$name]"
	{
		kill -"${2:-TERM}" "$p"
		for ((i = 0; i < 100; i++)); do
			kill -0 "$p" || break
			sleep 0.1
		done
		kill -KILL "$p"
		wait "$p"
	} 2> /dev/null
}

until_true() {
	local end=$((SECONDS + $1))
	shift
	until "$@" 2> /dev/null; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.1
	done
}

wire() {
	ip netns add "$ns" &&
	ip link add "$host_if" type veth peer name "$peer_if" netns "$ns" &&
	ethtool -K "$host_if" tx off > /dev/null &&
	ip netns exec "$ns" ethtool -K "$peer_if" tx off > /dev/null &&
	ip link set "$host_if" up addrgenmode none &&
	ip -n "$ns" link set "$peer_if" up addrgenmode none &&
	ip -n "$ns" addr add "$wire_ip/24" dev "$peer_if"
}

in_wire() { ip netns exec "$ns" "$@"; }

veth() {
	ip link add "$1" type veth peer name "$2" netns "$ns" || return 1
	links+=("$1")
	sysctl -q -w "net.ipv6.conf.$1.disable_ipv6=1" &&
	in_wire sysctl -q -w "net.ipv6.conf.$2.disable_ipv6=1" &&
	ethtool -K "$1" tx off txvlan off rxvlan off > /dev/null &&
	in_wire ethtool -K "$2" tx off txvlan off rxvlan off > /dev/null &&
	ip link set "$1" up mtu 3000 && ip -n "$ns" link set "$2" up mtu 3000
}

taktd_top() {
	cat <<-END
		name: $tag
		run-dir: $work/run
		memory: 256
		huge-pages: false
		clock: {tai-offset: ${tai_offset:-0}}
	END
}

taktd_conf() {
	taktd_top
	cat <<-END
		records: 4096
		ports:
		  - {name: wire, wire: "net_af_xdp0,iface=$host_if", queue-depth: 4096}
	END
	local row
	for row; do
		echo "  - {name: ${row%% *}, guest: $work/${row%% *}.sock${row#"${row%% *}"}}"
	done
}

taktd_up() { alive taktd && [ -S "$work/run/$tag.ctl" ]; }

taktd_settled() { taktd_up || ! alive taktd; }

# DPDK 22.11 numbers an AF_PACKET fanout group by process id and interface: another process may have the same by chance.
taktd_run() {
	local try
	for try in 1 2 3; do
		start taktd "$taktd" --config "$work/conf.yaml"
		until_true 40 taktd_settled
		taktd_up && return
		grep -q PACKET_FANOUT "$work/taktd.log" || return 1
		halt taktd
	done
	return 1
}

taktd_start() {
	taktd_conf "$@" > "$work/conf.yaml"
	taktd_run
}

taktd_ports() {
	{ taktd_top; echo "${1:-records: 4096}"; echo "ports:"; cat; } > "$work/conf.yaml"
	taktd_run
}

taktd_ask() { timeout 10 "$takt" "$@" --name "$work/run/$tag.ctl"; }

# It maps the records once it has measured the floor.
path_looks() { grep -q "takt-$tag.rec" "/proc/${pid[path]}/maps"; }
path_start() {
	start path "$takt" path --json --interval 600s --name "$work/run/$tag.ctl"
	until_true 10 path_looks
	sleep 0.1
}

# The value of a jq expression over `takt show`; the port in it is $p.
shown() { taktd_ask show --all --json | jq -r --arg p "$2" "$1"; }

urgent() { renice -n -20 -p $$ > /dev/null; }

with_libs() { ldd "$@" | awk '{ for (i = 1; i <= NF; i++) if ($i ~ /^\/.*[^:]$/ && !done[$i]++) printf ",%s", $i }'; }

guest_memory() {
	local p f
	for p in $(pgrep -g "$(pgrep -P "${pid[$1]}" | head -n 1)") $(pgrep -P "${pid[$1]}"); do
		for f in /proc/"$p"/fd/*; do
			[[ $(readlink "$f") == *deleted* ]] && [ "$(stat -L -c %s "$f")" -gt 10000000 ] && echo "$f" && return
		done
	done
	return 1
}

# Ours are added to what others have, and taken away again: they may run at the same time.
huge_pages_add() { echo $(($(cat /proc/sys/vm/nr_hugepages) + $1)) > /proc/sys/vm/nr_hugepages; }
huge_pages_free() { [ "$(awk '/^HugePages_Free/ {print $2}' /proc/meminfo)" -ge "$1" ]; }
huge_pages() {
	local try
	for try in 1 2 3 4 5; do
		huge_pages_add "$1" && pages=$1 && sleep 0.2 && huge_pages_free "$1" && return
		huge_pages_add "-$1"
		pages=0
		sleep "$try"
	done
	return 1
}

pmd_ready() { grep -q 'testpmd>' "$work/$1.log"; }
pmd_start() {
	local name=$1 device devices=()
	shift
	for device; do
		devices+=(--vdev "$device")
	done
	rm -f "$work/$name.in"
	mkfifo "$work/$name.in" || return 1
	# Opened for both: it never sees an end of its input.
	input=$work/$name.in start "$name" stdbuf -oL dpdk-testpmd --in-memory --single-file-segments --no-pci --no-telemetry \
		--file-prefix "$tag$name" --lcores "0@($cpus),1@($cpus)" -m 128 "${devices[@]}" -- -i --no-flush-rx --nb-cores=1 \
		--total-num-mbufs=16384
	until_true 60 pmd_ready "$name"
}
pmd_tell() { echo "$2" > "$work/$1.in"; }

clean_up() {
	local i
	for ((i = ${#order[@]} - 1; i >= 0; i--)); do
		halt "${order[i]}"
	done
	local link
	for link in "$host_if" "${links[@]}"; do
		ip link del "$link" 2> /dev/null
	done
	[ "$pages" = 0 ] || huge_pages_add "-$pages"
	ip netns del "$ns" 2> /dev/null
	rm -rf /run/dpdk/"$tag"* /run/dpdk/takt-"$tag"* # what DPDK leaves, of ours when killed and of testpmd always
	rm -rf "$work"
	rm -f "/dev/shm/takt-$tag.rec"	# of a taktd that was killed and not started again
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP
