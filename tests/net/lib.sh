# SPDX-License-Identifier: BSD-3-Clause
#
# What tests with real processes share. Source it; end with `finish`.
#
#   ok|fail|skip NAME [WHY]     one line each; finish prints "N passed, N failed, N skipped" and exits 1 when one failed
#   start NAME COMMAND...       in the background, output in $work/NAME.log, its process id in ${pid[NAME]}
#   halt NAME [SIGNAL]          signal it, wait (10 s, then SIGKILL), forget it; returns its exit status
#   until_true SECONDS COMMAND...   poll until the command succeeds
#   wire                        namespace $ns with $peer_if ($wire_ip/24) behind our $host_if
#   taktd_start ROW...          an instance with the wire as port "wire" and a guest port per row "NAME , KEY: VALUE..."
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
passed=0 failed=0 skipped=0

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
	[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
	exit
}

start() {
	local name=$1
	shift
	"$@" > "$work/$name.log" 2>&1 < /dev/null &
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

taktd_conf() {
	cat <<-END
		name: $tag
		run-dir: $work/run
		memory: 128
		huge-pages: false
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

taktd_start() {
	taktd_conf "$@" > "$work/conf.yaml"
	start taktd "$taktd" --config "$work/conf.yaml"
	until_true 15 taktd_up
}

clean_up() {
	local i
	for ((i = ${#order[@]} - 1; i >= 0; i--)); do
		halt "${order[i]}"
	done
	ip link del "$host_if" 2> /dev/null
	ip netns del "$ns" 2> /dev/null
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP
