#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# takt clock beside two live ptp4l, a master and a client on a veth pair: what it prints has to be what Debian's pmc
# prints. Software stamps and free_running: nobody touches this machine's clock, and a client's port then stays
# UNCALIBRATED for ever.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

client_ns=${tag}c
declare -A sock=([master]=$work/m.sock [client]=$work/c.sock)

[ "$(id -u)" = 0 ] || { skip "takt clock" "needs root"; finish; }
for program in ptp4l pmc jq; do
	command -v "$program" > /dev/null || { skip "takt clock" "$program is not installed: make deps"; finish; }
done

# Two namespaces of their own: nothing else is on this wire.
net_down() { ip netns del "$ns"; ip netns del "$client_ns"; } 2> /dev/null
trap 'net_down; clean_up' EXIT
net_up() {
	ip netns add "$ns" && ip netns add "$client_ns" &&
	ip -n "$ns" link add "$host_if" type veth peer name "$peer_if" netns "$client_ns" &&
	ip -n "$ns" link set "$host_if" up && ip -n "$client_ns" link set "$peer_if" up
}
net_up || { fail "takt clock" "cannot make the namespaces"; finish; }

# ptp4l_start ROLE NAMESPACE INTERFACE LINE...
ptp4l_start() {
	local role=$1 where=$2 interface=$3
	shift 3
	{
		cat <<-END
			[global]
			free_running 1
			time_stamping software
			network_transport L2
			logSyncInterval -3
			logMinDelayReqInterval -3
			logAnnounceInterval -2
			announceReceiptTimeout 80
			tx_timestamp_timeout 100
			uds_address ${sock[$role]}
		END
		printf '%s\n' "$@"
	} > "$work/$role.cfg"
	start "$role" ip netns exec "$where" ptp4l -f "$work/$role.cfg" -i "$interface" -m
}

clock() { timeout 10 "$takt" clock --ptp4l "${sock[$1]}" --json "${@:2}"; }
told() { clock "$1" "${@:3}" 2> /dev/null | jq -r "$2"; }
# What pmc prints behind a field's name.
pmc_says() { pmc -u -b 0 -s "${sock[$1]}" "GET $2" "${@:4}" 2> /dev/null | awk -v field="$3" '$1 == field {print $2; exit}'; }
same() { # NAME WANT GOT
	if [ -n "$2" ] && [ "$2" = "$3" ]; then ok "$1"; else fail "$1" "\"$3\", want \"$2\""; fi
}

ptp4l_start master "$ns" "$host_if" "priority1 10"
ptp4l_start client "$client_ns" "$peer_if" "slaveOnly 1"
measures() { [ "$(told client '.ptp4l.path_delay_ns != null')" = true ]; }
until_true 30 measures || { fail "the client measures its master" "$(told client .ptp4l)"; finish; }
ok "the client measures its master"

gm=$(pmc_says master DEFAULT_DATA_SET clockIdentity)
same "the client's grandmaster" "$gm" "$(told client .grandmaster.identity)"
same "the client's parent" "$gm-1" "$(told client .ptp4l.parent)"
same "the master's grandmaster is itself" "$gm true" "$(told master '.grandmaster | "\(.identity) \(.self)"')"
same "the client's own identity" "$(pmc_says client DEFAULT_DATA_SET clockIdentity)" "$(told client .ptp4l.identity)"
same "the client's port" "1 $peer_if software UNCALIBRATED" \
	"$(told client '.ptp4l.ports[] | "\(.number) \(.interface) \(.timestamping) \(.state)"')"
same "the master's port" "1 $host_if software MASTER" \
	"$(told master '.ptp4l.ports[] | "\(.number) \(.interface) \(.timestamping) \(.state)"')"
same "class and priority" "248 10 128" "$(told client '.grandmaster | "\(.clock_class) \(.priority1) \(.priority2)"')"
same "time scale and UTC offset" "false 37 false" \
	"$(told client '.grandmaster | "\(.ptp_timescale) \(.utc_offset_s) \(.utc_offset_valid)"')"
same "a master has no offset" "null null" "$(told master '.ptp4l | "\(.offset_ns) \(.path_delay_ns)"')"
same "both exit with 0" "0 0" "$(clock client > /dev/null; echo -n "$? "; clock master > /dev/null; echo $?)"
same "UNCALIBRATED is explained" ptp4l "$(told client '.findings[] | select(.text | test("free_running")).link')"

# While the master is stopped no Sync comes, so that the offset stays what it is.
kill -STOP "${pid[master]}"
sleep 0.5
offset=$(pmc_says client CURRENT_DATA_SET offsetFromMaster)
delay=$(pmc_says client CURRENT_DATA_SET meanPathDelay)
same "offset and path delay are pmc's" "${offset%.*} ${delay%.*}" "$(told client '.ptp4l | "\(.offset_ns) \(.path_delay_ns)"')"
kill -CONT "${pid[master]}"
# Both use this machine's one clock, so the true offset is 0: it has to lie within the bound that is printed.
bounded() { [ "$(told client '.ptp4l | (.offset_ns | fabs) <= .offset_bound_ns')" = true ]; }
if until_true 10 bounded; then ok "the true offset, 0, is within the bound"; else fail "the bound" "$(told client .ptp4l)"; fi

tai=$(told client .system.tai_offset_s)
if [ "$tai" = 0 ]; then
	same "the 37 s trap" system "$(told client '.findings[] | select(.text | test("TAI offset is 0")).link')"
else
	same "no 37 s trap" "" "$(told client '.findings[] | select(.text | test("TAI offset is 0")).link')"
fi

# taktd's own link
if taktd_ports <<< "  - {name: m, mem: true}"; then
	until_true 5 taktd_ask show > /dev/null
	same "taktd's link" "$tag ${pid[taktd]} true" "$(told client \
		'"\(.taktd.instance) \(.taktd.pid) \((.taktd.offset_ns | fabs) <= .taktd.offset_half_ns + .taktd.error_bound_ns)"' \
		--name "$work/run/$tag.ctl")"
else
	fail "taktd's link" "taktd did not start"
fi
halt taktd
clock client --name "$work/run/$tag.ctl" > "$work/out"
same "a taktd that was named and is gone" "1 broken" \
	"$? $(jq -r '.findings[] | select(.link == "taktd").severity' "$work/out")"

# No hardware clock here: what can be shown is that none is invented.
same "software stamps, no hardware clock" null "$(told client .phc)"
same "a device that is no clock" "null phc" \
	"$(told client '"\(.phc) \(.findings[] | select(.text | test("/dev/null is no PTP hardware clock")).link)"' --phc /dev/null)"

# Live: three looks, then Ctrl-C.
start watch "$takt" clock --ptp4l "${sock[client]}" --watch --json
three_lines() { [ "$(wc -l < "$work/watch.log")" -ge 3 ]; }
if until_true 15 three_lines && [ "$(jq -r .grandmaster.identity "$work/watch.log" | sort -u)" = "$gm" ]; then
	halt watch INT
	same "--watch ends by a signal with 0" 0 $?
else
	fail "--watch" "$(head -c 300 "$work/watch.log")"
fi

# A domain that it does not serve: silence. A ptp4l that is stopped: the same. One that was killed leaves its socket's file.
gone() { # NAME WORD ARGUMENT...
	local begin=$SECONDS code
	clock client "${@:3}" > "$work/out" 2> "$work/err"
	code=$?
	if [ "$code" = 1 ] && [ $((SECONDS - begin)) -le 4 ] && [ ! -s "$work/err" ] &&
		[ "$(jq -r '.ptp4l, .grandmaster, .whole' "$work/out" | tr '\n' ' ')" = "null null false " ] &&
		jq -r '.findings[] | select(.severity == "broken").text' "$work/out" | grep -qF "$2"; then
		ok "$1"
	else
		fail "$1" "exit status $code after $((SECONDS - begin)) s: $(head -c 400 "$work/out" "$work/err")"
	fi
}
gone "another domain" domainNumber --domain 5
kill -STOP "${pid[client]}"
gone "a ptp4l that is stopped" "does not answer"
kill -CONT "${pid[client]}"
halt client KILL
[ -S "${sock[client]}" ] || fail "a ptp4l that was killed" "it took its socket along"
gone "a ptp4l that was killed" "has ended"
rm -f "${sock[client]}"
gone "no socket" "no ptp4l at"

# The master goes too: its client, started again, has nobody to follow.
halt master
ptp4l_start client "$client_ns" "$peer_if" "slaveOnly 1"
listening() { [ "$(told client '.ptp4l.ports[0].state')" = LISTENING ]; }
until_true 15 listening
clock client > "$work/out"
same "nobody to follow" "1 broken null" \
	"$? $(jq -r '"\(.findings[] | select(.link == "grandmaster").severity) \(.grandmaster)"' "$work/out")"

# gPTP's clocks answer to their own transport-specific nibble only.
halt client
ptp4l_start client "$client_ns" "$peer_if" "slaveOnly 1" "transportSpecific 1" "domainNumber 7"
until_true 15 [ -S "${sock[client]}" ]
same "a gPTP clock in domain 7" "1 7" "$(told client '.ptp4l | "\(.transport_specific) \(.domain)"' --domain 7)"

# takt-pmc.PID.N of a process that is no more
left_behind() {
	local f owner
	for f in /run/takt-pmc.* /tmp/takt-pmc.*; do
		owner=${f##*/takt-pmc.}
		[ ! -S "$f" ] || kill -0 "${owner%.*}" 2> /dev/null || echo "$f"
	done
}
if [ -z "$(left_behind)" ]; then ok "no socket is left behind"; else fail "no socket is left behind" "$(left_behind)"; fi
finish
