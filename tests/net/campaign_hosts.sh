#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# A campaign on two hosts: namespaces with an sshd and a ptp4l each, a wire between them that is measured, and one from us to each. The talker is in an inventory of
# Ansible's as INI, and as YAML. A cell counts when both clocks are good, and only then.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

[ "$(nproc)" -gt 1 ] || { skip campaign_hosts "one CPU: a backend's worker needs one of its own"; finish; }
for program in /usr/sbin/sshd ssh ssh-keygen ansible-inventory ptp4l; do
	# Who installs openssh-server opens a port, so scripts/deps leaves that to whoever wants it.
	command -v "$program" > /dev/null || { skip campaign_hosts "$program is not installed (openssh-server, ansible-core, linuxptp)"; finish; }
done
results=$work/results
made=
[ -e /run/sshd ] || { mkdir /run/sshd && made=/run/sshd; }	# it wants that folder
trap 'clean_up; [ -z "$made" ] || rmdir "$made"; for h in a b; do ip netns del "$tag$h" 2> /dev/null; done' EXIT
mkdir "$work/ssh"
chmod 700 "$work/ssh"
for key in host user; do ssh-keygen -q -t ed25519 -N '' -f "$work/ssh/$key"; done

# In a: 10.78.1.2, in b: 10.78.2.2; we are .1. Interface m0 of both is the wire between them.
host() { # NAME NUMBER
	local h=$tag$1
	ip netns add "$h" && ip -n "$h" link set lo up &&
	ip link add "$h" type veth peer name c0 netns "$h" && links+=("$h") &&
	ip addr add "10.78.$2.1/30" dev "$h" && ip link set "$h" up &&
	ip -n "$h" addr add "10.78.$2.2/30" dev c0 && ip -n "$h" link set c0 up
	cat > "$work/ssh/sshd.$1" <<-END
		Port 2222
		ListenAddress 10.78.$2.2
		HostKey $work/ssh/host
		AuthorizedKeysFile $work/ssh/user.pub
		PidFile none
		StrictModes no
		UsePAM no
		PermitRootLogin prohibit-password
		PasswordAuthentication no
		LogLevel ERROR
	END
	start "sshd.$1" ip netns exec "$h" /usr/sbin/sshd -D -e -f "$work/ssh/sshd.$1"
}
host a 1 && host b 2 && ip -n "${tag}a" link add m0 type veth peer name m0 netns "${tag}b" || { fail "two hosts" "no namespaces"; finish; }
for h in a b; do
	ip netns exec "$tag$h" ethtool -K m0 tx off > /dev/null
	ip -n "$tag$h" link set m0 up addrgenmode none
done
ptp() { # NAME OPTION...
	printf '[global]\nfree_running 1\ntx_timestamp_timeout 50\nnetwork_transport L2\nlogAnnounceInterval -1\nlogSyncInterval -3\nlogMinDelayReqInterval -3\nuds_address %s\n' \
		"$work/ptp.$1" > "$work/ptp.$1.conf"
	start "ptp4l.$1" ip netns exec "$tag$1" ptp4l -S -m -f "$work/ptp.$1.conf" -i m0 "${@:2}"
}
ptp a --priority1 10
ptp b --slaveOnly 1
args="-o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no -o LogLevel=ERROR"
cat > "$work/hosts.ini" <<-END
	[talkers]
	plc1 ansible_host=10.78.1.2 takt_ptp4l=$work/ptp.a
	[listeners]
	host2 ansible_host=10.78.2.2 takt_ptp4l=$work/ptp.b
	[all:vars]
	ansible_port=2222
	ansible_user=root
	ansible_ssh_private_key_file=$work/ssh/user
	ansible_ssh_common_args=$args
	takt_interface=m0
	takt_program=$PWD/$O/takt
END
cat > "$work/hosts.yaml" <<-END
	all:
	  vars: {ansible_port: 2222, ansible_user: root, ansible_ssh_private_key_file: $work/ssh/user, ansible_ssh_common_args: "$args", takt_interface: m0, takt_program: $PWD/$O/takt}
	  children:
	    talkers: {hosts: {plc1: {ansible_host: 10.78.1.2, takt_ptp4l: $work/ptp.a}}}
	    listeners: {hosts: {host2: {ansible_host: 10.78.2.2, takt_ptp4l: $work/ptp.b}}}
END
campaign() { # NAME INVENTORY
	cat > "$work/$1.yaml" <<-END
		campaign: $1
		matrix: {backend: [hosts], guest: [none], direction: [to-guest, from-guest]}
		hosts: {inventory: $2, talker: plc1, listener: host2}
		traffic: {cycle: 1ms, size: 128, duration: 500ms, warm-up: 100ms}
		repetitions: 1
		retries: 0
		order: as-written
	END
}
run() { timeout -k 5 150 "$takt" bench run --results "$results" "$@" > "$work/out.log" 2> "$work/err.log"; }
campaign ini hosts.ini
campaign yml hosts.yaml

login() { ssh -n -p 2222 -i "$work/ssh/user" $args root@10.78."$1".2 true; }
until_true 20 login 1 && until_true 20 login 2 || { fail "ssh to both hosts" "no login"; finish; }
follows() { [ "$(ip netns exec "${tag}b" "$takt" clock --json -p "$work/ptp.b" | jq '.ptp4l.offset_ns != null and .ptp4l.offset_bound_ns != null')" = true ]; }
until_true 40 follows || { fail "the listener's ptp4l follows" "$(ip netns exec "${tag}b" "$takt" clock -p "$work/ptp.b" 2>&1 | head -n 5)"; finish; }

run "$work/ini.yaml"
status=$?
dir=$(readlink -f "$results/ini/latest")
name="both directions are measured over ssh; the clock's bound is told"
good='.status == "ok" and .counts.due == 500 and .counts.received == 500 and .counts.stamps_missing == 0 and .clock.between == "joined" and .clock.error_bound_ns > 0'
if [ $status = 0 ] && jq -e "$good" "$dir/cells/to-guest-r1/cell.json" > /dev/null && jq -e "$good" "$dir/cells/from-guest-r1/cell.json" > /dev/null; then
	ok "$name"
else
	fail "$name" "exit $status: $(cat "$work/out.log")"
fi
name="frames went from talker to listener, and back"
a=$(jq -r '.commands[] | select(contains(" send "))' "$dir/cells/to-guest-r1/cell.json") b=$(jq -r '.commands[] | select(contains(" send "))' "$dir/cells/from-guest-r1/cell.json")
if [[ $a == *root@10.78.1.2* && $b == *root@10.78.2.2* ]]; then ok "$name"; else fail "$name" "$a | $b"; fi
name="nothing is left on the hosts"
left=$(for h in a b; do ip netns pids "$tag$h"; done | xargs -r ps -o args= -p | grep -c 'takt \(send\|recv\|noise\)')
if [ "$left" = 0 ]; then ok "$name"; else fail "$name" "$left programs"; fi

run "$work/yml.yaml" --only direction=to-guest
status=$?
name="the same inventory as YAML"
if [ $status = 0 ] && jq -e "$good" "$results/yml/latest/cells/to-guest-r1/cell.json" > /dev/null; then ok "$name"; else fail "$name" "exit $status: $(cat "$work/out.log")"; fi

halt ptp4l.b
run "$work/ini.yaml" --only direction=to-guest
status=$?
name="a clock that nobody keeps: the cell has failed, and says whose"
if [ $status = 1 ] && jq -e '.status == "failed" and (.reason | contains("host2: its clock is not good"))' "$results/ini/latest/cells/to-guest-r1/cell.json" > /dev/null; then
	ok "$name"
else
	fail "$name" "exit $status: $(cat "$work/out.log")"
fi
halt sshd.b
run "$work/ini.yaml"
status=$?
name="a host that is not there: skipped, and says why"
if [ $status = 77 ] && jq -e '.status == "skipped" and (.reason | contains("host2"))' "$results/ini/latest/cells/to-guest-r1/cell.json" > /dev/null; then ok "$name"; else fail "$name" "exit $status: $(cat "$work/out.log")"; fi
sed 's/takt_interface=m0//' "$work/hosts.ini" > "$work/poor.ini"
campaign poor poor.ini
run "$work/poor.yaml"
status=$?
name="an inventory without an interface: skipped, and says what is missing"
if [ $status = 77 ] && grep -q 'plc1 has no takt_interface' "$work/out.log"; then ok "$name"; else fail "$name" "exit $status: $(cat "$work/out.log")"; fi
campaign none nowhere.ini
run "$work/none.yaml"
status=$?
name="no inventory: refused"
if [ $status = 2 ] && grep -q 'none.yaml: hosts: inventory: .*nowhere.ini: No such file' "$work/err.log" && [ ! -e "$results/none" ]; then ok "$name"; else fail "$name" "exit $status: $(cat "$work/err.log")"; fi
finish
