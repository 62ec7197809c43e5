#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# takt clock --linuxptp: the real ptp4l and phc2sys have to take what it writes, systemd has to read the units, two ptp4l made of it
# have to find each other, and what does not fit is refused with nothing written. Nobody touches this machine's clock: every ptp4l
# here has free_running, and phc2sys never gets as far as a clock.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

[ "$(id -u)" = 0 ] || { skip linuxptp "needs root"; finish; }
for program in ptp4l phc2sys pmc jq; do
	command -v "$program" > /dev/null || { skip linuxptp "$program is not installed: make deps"; finish; }
done

client_ns=${tag}c
net_down() { ip netns del "$ns"; ip netns del "$client_ns"; } 2> /dev/null
trap 'net_down; clean_up' EXIT
net_up() {
	ip netns add "$ns" && ip netns add "$client_ns" &&
	ip -n "$ns" link add a0 type veth peer name a1 netns "$client_ns" && ip -n "$ns" link add b0 type veth peer name b1 netns "$client_ns" &&
	ip -n "$ns" link set a0 up && ip -n "$client_ns" link set a1 up && ip -n "$ns" link set b0 up && ip -n "$client_ns" link set b1 up &&
	ip -n "$ns" addr add 10.78.0.1/24 dev a0 && ip -n "$client_ns" addr add 10.78.0.2/24 dev a1 && ip -n "$ns" addr add 10.79.0.1/24 dev b0
}
net_up || { fail linuxptp "cannot make the namespaces"; finish; }

# written DIR NAMESPACE OPTION...: with a socket of its own
written() {
	local dir=$1 where=$2
	shift 2
	mkdir -p "$dir"
	timeout 10 ip netns exec "$where" "$takt" clock --linuxptp "$dir" --ptp4l "$dir/s" "$@" > "$work/out" 2> "$work/err"
}

# What ptp4l is started with: the file as written, but stamps of the kernel and hands off the clock.
tame() { sed -e 's/^\[global\]/&\nfree_running 1/' -e 's/^\(time_stamping *\).*/\1software/' "$1/takt-ptp4l.conf" > "$1/tame.conf"; }
ptp4l_up() { [ -S "$1/s" ] && grep -q "port 1.*INITIALIZING to" "$work/$2.log"; }
ptp4l_run() { # NAME DIR NAMESPACE
	tame "$2"
	start "$1" ip netns exec "$3" ptp4l -f "$2/tame.conf"
	until_true 10 ptp4l_up "$2" "$1"
}

# What  Files, by letter (p: ptp4l, s: phc2sys, e: steer)  Options
forms='
client             p   -i a0 --time-stamping auto
client_hw          ps  -i a0 --time-stamping hardware
client_l2          p   -i a0 --time-stamping software --transport l2
client_v6          p   -i a0 --time-stamping software --transport udpv6
client_two         p   -i a0,b0 --time-stamping software
client_two_hw      ps  -i a0,b0 --time-stamping hardware --domain 24
client_steered     pse -i a0 --time-stamping hardware --steer 1
gm                 p   -i a0 --time-stamping software --role grandmaster
gm_hw              ps  -i a0 --time-stamping hardware --role grandmaster --traceable --steer 2 --transport L2
gm_two_hw          ps  -i a0,b0 --time-stamping hardware --role grandmaster
gptp               p   -i a0 --time-stamping software --profile gptp
gptp_hw            ps  -i a0 --time-stamping hardware --profile gptp
gptp_two_hw        ps  -i a0,b0 --time-stamping hardware --profile gptp
gptp_gm            p   -i a0 --time-stamping software --profile gptp --role grandmaster --traceable
gptp_gm_hw         ps  -i a0 --time-stamping hardware --profile gptp --role grandmaster
'

# systemd says what it does not like on standard error, whatever its exit status; machines without it are told of.
verify() {
	command -v systemd-analyze > /dev/null || return 0
	why=$(systemd-analyze verify --man=no "$1"/*.service 2>&1 | grep -F "$1" | head -n 1)
	[ -z "$why" ]
}

# phc2sys has read the file and all options when it asks for the interface's hardware clock, which veth has not.
phc2sys_takes() {
	local line
	[ -e "$1/takt-phc2sys.conf" ] || return 0
	line=$(sed -n 's/^ExecStart=\(.*phc2sys.*\)/\1/p' "$1/takt-phc2sys.service")
	why="phc2sys's command line: $line"
	# shellcheck disable=SC2086
	case $line in
	*" -a "*) timeout 5 ip netns exec "$ns" $line -h > "$work/phc2sys.log" 2>&1 ;; # it would ask ptp4l next
	*) timeout 5 ip netns exec "$ns" $line > "$work/phc2sys.log" 2>&1
		grep -q 'a0 does not have a PHC' "$work/phc2sys.log" ;;
	esac || return 1
	why="phc2sys does not know: $(grep -E 'invalid|unrecognized|unknown option|failed to parse' "$work/phc2sys.log")"
	[ "${why#*: }" = "" ]
}

# The file as it is: a NIC without a clock is the one thing that may be wrong with it.
ptp4l_takes_hardware() {
	grep -q '^time_stamping *hardware' "$1/takt-ptp4l.conf" || return 0
	timeout 5 ip netns exec "$ns" ptp4l -f "$1/takt-ptp4l.conf" > "$work/hw.log" 2>&1
	why="with hardware stamps: $(head -n 1 "$work/hw.log")"
	grep -q 'does not support requested timestamping mode' "$work/hw.log" && ! grep -qE 'line|unknown option|out of range' "$work/hw.log"
}

form() { # NAME FILES OPTION...
	local d=$work/$1 want=ptp4l got
	shift
	case $1 in *s*) want="$want phc2sys" ;; esac
	case $1 in *e*) want="$want steer" ;; esac
	case $* in *--steer*) want="${want% steer} steer" ;; esac
	shift
	why="not written"
	written "$d" "$ns" "$@" --cpu 1 || { why="$(cat "$work/err")"; return 1; }
	got=$(cd "$d" && echo takt-*.service)
	why="units $got, want $want"
	got=${got//takt-/}
	got=${got//.service/}
	[ "$(tr ' ' '\n' <<< "${got/ptp-steer/steer}" | sort | xargs)" = "$(tr ' ' '\n' <<< "$want" | sort | xargs)" ] || return 1
	verify "$d" || return 1
	phc2sys_takes "$d" || return 1
	ptp4l_takes_hardware "$d" || return 1
	why="ptp4l does not take it"
	ptp4l_run p "$d" "$ns" || return 1
	why="ptp4l complains"
	! grep -qiE 'unknown|deprecated|invalid|failed|range' "$work/p.log"
}

while read -r name files options; do
	[ -n "$name" ] || continue
	why=
	# shellcheck disable=SC2086
	if form "$name" "$files" $options; then ok "ptp4l, phc2sys and systemd take: $name"; else fail "$name" "$why"; fi
	halt p
	rm -f "$work"/*.log
done <<< "$forms"

# holds NAME FILE REGEX...: each in the file
holds() {
	local name=$1 file=$work/$2 re
	shift 2
	for re; do
		grep -qE -- "$re" "$file" || { fail "$name" "no $re in ${file##*/}: $(grep -vE '^#|^$' "$file" | tr '\n' '|')"; return; }
	done
	ok "$name"
}
lacks() { if grep -qE -- "$3" "$work/$2"; then fail "$1" "$(grep -E -- "$3" "$work/$2")"; else ok "$1"; fi; }

holds "a client's phc2sys keeps the system clock, and its TAI offset" client_hw/takt-phc2sys.service ' -s a0 -c CLOCK_REALTIME -w '
holds "a grandmaster's keeps the NIC's" gm_hw/takt-phc2sys.service ' -s CLOCK_REALTIME -c a0 -w '
holds "several hardware clocks" client_two_hw/takt-ptp4l.conf '^boundary_clock_jbod +1' '^domainNumber +24' '^\[a0\]' '^\[b0\]'
holds "... are followed" client_two_hw/takt-phc2sys.service ' -a -r -R'
holds "... or led" gm_two_hw/takt-phc2sys.service ' -a -r -r '
holds "phc2sys asks in the same domain" client_two_hw/takt-phc2sys.conf '^domainNumber +24' "^uds_address +$work/client_two_hw/s"
holds "802.1AS" gptp_hw/takt-ptp4l.conf '^transportSpecific +0x1' '^delay_mechanism +P2P' '^network_transport +L2' '^logSyncInterval +-3' \
	'^neighborPropDelayThresh +800$' '^priority1 +248'
holds "802.1AS with stamps of the kernel" gptp/takt-ptp4l.conf '^neighborPropDelayThresh +20000000' '^tx_timestamp_timeout +100'
holds "phc2sys speaks 802.1AS" gptp_hw/takt-phc2sys.conf '^transportSpecific +0x1'
holds "the price of stamps of the kernel" client/takt-ptp4l.conf '^# .*The cost:' '^time_stamping +software' '^tx_timestamp_timeout +100'
holds "off the worker's CPU" client_hw/takt-ptp4l.service '^CPUAffinity=[0-9,-]+$' '^CPUSchedulingPolicy=fifo'
lacks "and not on it" client_hw/takt-ptp4l.service '^CPUAffinity=(.*[,-])?1([,-].*)?$'
holds "nobody else steers the clock" client_hw/takt-phc2sys.service '^Conflicts=.*chrony.service'
holds "nor with stamps of the kernel" client/takt-ptp4l.service '^Conflicts=.*chrony.service'
lacks "with stamps of the kernel it steers nothing" gm/takt-ptp4l.conf 'steers CLOCK_REALTIME'
holds "... and says who has to" gm/takt-ptp4l.conf '^# .*something else \(chrony\) has to keep'
holds "a client with them does" client/takt-ptp4l.conf '^# .*ptp4l steers CLOCK_REALTIME itself'
lacks "a grandmaster needs somebody who does" gm_hw/takt-ptp4l.service 'chrony'
lacks "a grandmaster needs somebody who does: phc2sys" gm_hw/takt-phc2sys.service 'chrony'
holds "UDP past AF_XDP" client_steered/takt-ptp-steer.service 'ethtool -N a0 flow-type udp4 dst-port 319 action 1' 'dst-port 320'
holds "L2 past AF_XDP" gm_hw/takt-ptp-steer.service 'ethtool -N a0 flow-type ether proto 0x88f7 action 2'

# Two of them find each other, by each profile; --traceable's command is what the unit has.
pair() { # NAME OPTION...
	local name=$1 state
	shift
	written "$work/$name.m" "$ns" -i a0 --time-stamping software --role grandmaster --traceable "$@" &&
	written "$work/$name.c" "$client_ns" -i a1 --time-stamping software "$@" || { fail "$name" "$(cat "$work/err")"; return; }
	ptp4l_run master "$work/$name.m" "$ns" && ptp4l_run client "$work/$name.c" "$client_ns" || { fail "$name" "no ptp4l"; return; }
	measures() { [ "$(timeout 10 "$takt" clock --ptp4l "$work/$name.c/s" --json 2> /dev/null | jq -r '.ptp4l.path_delay_ns != null')" = true ]; }
	if until_true 40 measures; then ok "$name: the client measures its grandmaster"; else fail "$name" "no path delay"; fi
	if grep -qE 'to MASTER|to GRAND_MASTER|misconfigured' "$work/client.log"; then fail "$name: a client only" "$(grep -E 'MASTER|misconf' "$work/client.log")"; else ok "$name: a client only"; fi
	sed -n 's/^ExecStartPost=//p' "$work/$name.m/takt-ptp4l.service" > "$work/post"
	timeout 10 ip netns exec "$ns" sh -e "$work/post" > "$work/post.log" 2>&1
	state=$(timeout 10 "$takt" clock --ptp4l "$work/$name.m/s" --json | jq -r '.grandmaster | "\(.self) \(.utc_offset_s) \(.utc_offset_valid) \(.time_traceable) \(.ptp_timescale)"')
	if [ "$state" = "true 37 true true false" ]; then ok "$name: --traceable"; else fail "$name: --traceable" "$state"; fi
	halt client
	halt master
	rm -f "$work"/*.log
}
pair UDPv4
pair L2 --transport L2
pair gPTP --profile gptp

# Interfaces and CPU of a running taktd.
one_cpu=${cpus##*[,-]}
asked_conf="  - {name: w, wire: \"net_af_packet0,iface=$host_if\"}"
if veth "$host_if" "$peer_if" && { taktd_ports "cpu: $one_cpu" <<< "$asked_conf" || until_true 30 taktd_up; }; then
	mkdir "$work/asked"
	if taktd_ask clock --linuxptp "$work/asked" > "$work/out" 2> "$work/err" && grep -q "^\[$host_if\]" "$work/asked/takt-ptp4l.conf" &&
		! grep -qE "^CPUAffinity=(.*[,-])?$one_cpu([,-].*)?$" "$work/asked/takt-ptp4l.service" && grep -q '^CPUAffinity=' "$work/asked/takt-ptp4l.service"; then
		ok "wires and CPU of the running taktd"
	else
		fail "wires and CPU of the running taktd" "$(cat "$work/err" "$work/asked"/*.service)"
	fi
	halt taktd
else
	fail "wires and CPU of the running taktd" "no taktd"
fi

# refused NAME WORDS OPTION...: exit 2, one sentence, and the folder as it was
mkdir "$work/bad"
refused() {
	local name=$1 words=$2 before status
	shift 2
	before=$(find "$work/bad" -printf '%p %s %T@\n' | sort)
	ip netns exec "$ns" timeout 10 "$takt" clock "$@" > "$work/out" 2> "$work/err"
	status=$?
	if [ "$status" = 2 ] && [ "$(wc -l < "$work/err")" = 1 ] && [ ! -s "$work/out" ] && grep -qF -- "$words" "$work/err" &&
		[ "$(find "$work/bad" -printf '%p %s %T@\n' | sort)" = "$before" ]; then
		ok "refused: $name"
	else
		fail "refused: $name" "exit status $status: $(cat "$work/err") $(ls -A "$work/bad")"
	fi
}
b=(--linuxptp "$work/bad" -i a0 --cpu 1)
refused "no folder" "mkdir -p" --linuxptp "$work/none" -i a0 --cpu 1
refused "a file for a folder" "is no folder" --linuxptp "$0" -i a0 --cpu 1
refused "a folder that no unit can name" "unit file" --linuxptp "$work/a b" -i a0 --cpu 1
refused "a percent sign" "unit file" --linuxptp "$work/%i" -i a0 --cpu 1
refused "an interface that is none" "nosuch0" "${b[@]}" -i nosuch0
refused "a name that is none" "no name of an interface" "${b[@]}" -i 'a0]'
refused "a second [global]" "no name of an interface" "${b[@]}" -i global --time-stamping software
refused "a name that is an option" "no name of an interface" "${b[@]}" -i=-x --time-stamping software --steer 1
for name in 'a b' 'a"b' a%b a/b 'a[b' $'a\nb' "a'b" 'a$b' 'a\b' a0:1 a0,-x; do
	refused "$(printf 'the name %q' "$name")" "no name of an interface" "${b[@]}" "-i=$name" --time-stamping software
done
refused "an empty name" "no name of an interface" "${b[@]}" -i a0,
refused "an interface twice" "twice" "${b[@]}" -i a0,b0,a0
refused "no interface and no taktd" "--interface" --linuxptp "$work/bad" --cpu 1 --name "$work/nosuch.ctl"
refused "a role that is none" "client|grandmaster" "${b[@]}" --role master
refused "a profile that is none" "default|gptp" "${b[@]}" --profile as
refused "a transport that is none" "L2|UDPv4|UDPv6" "${b[@]}" --transport ip
refused "802.1AS over UDP" "L2 only" "${b[@]}" --profile gptp --transport UDPv4
refused "a client that is traceable" "--role grandmaster" "${b[@]}" --traceable
refused "stamps of another kind" "auto|hardware|software" "${b[@]}" --time-stamping phc
refused "CPUs that are none" "write it as" "${b[@]}" --cpu 1-
refused "no CPU left" "none of this machine" "${b[@]}" --cpu "$(cat /sys/devices/system/cpu/present)"
refused "a CPU that this machine has not" "no CPU 1023" "${b[@]}" --cpu 1,1023
refused "--watch with --linuxptp" "--watch does not go with --linuxptp" "${b[@]}" -w
refused "--phc with --linuxptp" "--phc does not go with --linuxptp" "${b[@]}" --phc /dev/ptp0
refused "a domain that is none" "out of range" "${b[@]}" --domain 256
refused "a socket that is no path" "no path" "${b[@]}" --ptp4l s
refused "an option without --linuxptp" "goes with --linuxptp" --role client
touch "$work/bad/takt-ptp4l.service"
refused "a file that is there" "--force" "${b[@]}"
mkdir "$work/bad/takt-ptp4l.conf"
refused "a folder in a file's place, with --force" "is a folder" "${b[@]}" --force
rmdir "$work/bad/takt-ptp4l.conf"

if written "$work/bad" "$ns" -i a0 --cpu 1 --force && grep -q ExecStart "$work/bad/takt-ptp4l.service" &&
	[ "$(ls -A "$work/bad")" = "$(printf '%s\n' takt-ptp4l.conf takt-ptp4l.service)" ]; then
	ok "--force replaces, and no temporary file stays"
else
	fail "--force" "$(cat "$work/err"; ls -A "$work/bad")"
fi

# A full disk: all or nothing.
mkdir "$work/full"
mount -t tmpfs -o size=8k,nr_inodes=3 none "$work/full" 2> "$work/err" || skip "a full disk" "$(cat "$work/err")"
if mountpoint -q "$work/full"; then
	written "$work/full" "$ns" -i a0 --time-stamping hardware --cpu 1
	status=$?
	left=$(ls -A "$work/full")
	umount "$work/full"
	if [ "$status" = 1 ] && [ -z "$left" ]; then ok "a full disk"; else fail "a full disk" "exit status $status, left: $left"; fi
fi

# Without a folder, to look at: as it would be written.
ip netns exec "$ns" "$takt" clock --linuxptp "$work/client_hw" --ptp4l "$work/client_hw/s" -i a0 --time-stamping hardware --cpu 1 --dry-run > "$work/out"
if cmp -s <(for f in ptp4l.conf phc2sys.conf ptp4l.service phc2sys.service; do
	[ "$f" = ptp4l.conf ] || echo
	echo "# $work/client_hw/takt-$f"; cat "$work/client_hw/takt-$f"
done) "$work/out"; then ok "--dry-run prints what is written"; else fail "--dry-run" "$(head -n 3 "$work/out")"; fi

[ -e /dev/ptp0 ] || skip "phc2sys on a hardware clock" "this machine has none: its command line was parsed, no clock was steered"
finish
