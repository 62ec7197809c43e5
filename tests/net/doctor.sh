#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# takt doctor on machines that are folders (doctor/*.machine, each without a trap) with one thing changed: that one trap is found, or
# it is said that it cannot be told, and nothing else. Then on this machine, and in a real guest.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

command -v jq > /dev/null || { skip doctor "jq is not installed: make deps"; finish; }

# put ROOT PATH CONTENT: "-" takes it away, "-> X" is a link, else \n, \t and \0 are read
put() {
	local file=$1$2
	case $3 in
	-) rm -rf "$file" ;;
	'-> '*) mkdir -p "${file%/*}" && ln -sfn "${3#-> }" "$file" ;;
	*) mkdir -p "${file%/*}" && printf '%b' "$3" > "$file" ;;
	esac
}

machine() { # FILE ROOT
	local path content line
	while IFS= read -r line; do
		case $line in '' | '#'*) continue ;; esac
		path=${line%% *}
		content=${line#* }
		if [ "$content" = '<<' ]; then
			mkdir -p "$2${path%/*}"
			: > "$2$path"
			while IFS= read -r line && [ "$line" != . ]; do echo "$line" >> "$2$path"; done
		else
			put "$2" "$path" "$content"
		fi
	done < "$1"
}
machine tests/net/doctor/host.machine "$work/host"
machine tests/net/doctor/guest.machine "$work/guest"

# Name | where, options | what is changed: PATH CONTENT, ";;" between | what is found besides ok: ID:VERDICT... | words of the text
cpu=/sys/devices/system/cpu
shown() { jq -c "$1" "$work/host/answers/show.json"; }
dumped() { sed "$1" "$work/host/answers/dump.yaml" | sed ':a;N;$!ba;s/\n/\\n/g'; }
rows="
no trap|host|||
no trap|guest|||
TAI offset 0|host|/answers/adjtimex tai 0 status 0|tai-offset:trap|37 s
TAI offset 0 in a guest|guest|/answers/adjtimex tai 0 status 0|tai-offset:trap|37 s
nobody keeps the clock|host|/answers/adjtimex tai 37 status 64|clock-kept:trap|nobody
no adjtimex|host|/answers/adjtimex -|tai-offset:unknown clock-kept:unknown|
powersave|host|$cpu/cpu2/cpufreq/scaling_governor powersave|governor:trap|CPU 2: governor powersave
powersave elsewhere, worker not known|host|/answers/show.json -|taktd-clock:unknown ptp-gates:unknown ptp-roles:unknown wire-speed:unknown daemons:unknown isolation:unknown tick:unknown interrupts:unknown governor:trap|CPU 0: governor powersave
the worker's CPU by hand|host --cpu 2|/answers/show.json -|taktd-clock:unknown ptp-gates:unknown ptp-roles:unknown wire-speed:unknown|
no cpufreq|host|$cpu/cpu2/cpufreq -|governor:unknown|hypervisor
deep C-states|host|$cpu/cpu2/cpuidle/state2/disable 0|idle-states:trap|CPU 2 may go into C6, and needs 133 us
deep C-states forbidden by dma latency|host|$cpu/cpu2/cpuidle/state2/disable 0;;/answers/cpu_dma_latency 10||
no cpuidle|host|$cpu/cpu2/cpuidle -|idle-states:unknown|
kvm-clock on a host|host|/sys/devices/system/clocksource/clocksource0/current_clocksource kvm-clock|clocksource:trap|virtual machine itself
kvm-clock in a guest|guest|/sys/devices/system/clocksource/clocksource0/current_clocksource kvm-clock||
jiffies|guest|/sys/devices/system/clocksource/clocksource0/current_clocksource jiffies|clocksource:trap|jiffies
hpet|host|/sys/devices/system/clocksource/clocksource0/current_clocksource hpet|clocksource:trap|hpet
no invariant TSC|host|/proc/cpuinfo flags\t: x\n\nflags\t\t: fpu tsc constant_tsc aes|invariant-tsc:trap|nonstop_tsc
a flag of a longer name is another|host|/proc/cpuinfo x\nflags\t\t: fpu constant_tsc xnonstop_tsc nonstop_tscx|invariant-tsc:trap|nonstop_tsc
no x86|host|/proc/cpuinfo processor\t: 0\nFeatures\t: fp asimd|invariant-tsc:unknown|
stolen time|guest|/proc/stat cpu  1000 0 1000 90000 10 0 5 5000 0 0|steal:trap|5.15 %
an old /proc/stat|guest|/proc/stat cpu  1000 0 1000|steal:unknown|
not isolated|host|$cpu/isolated 3|isolation:trap|CPU 2 is not isolated
nothing isolated|host|$cpu/isolated \n|isolation:trap|
isolated by a cpuset|host|$cpu/isolated \n;;/sys/fs/cgroup/cpuset.cpus.isolated 2||
a tick|host|$cpu/nohz_full -|tick:trap|no nohz_full
a tick on this one|host|$cpu/nohz_full 3|tick:trap|CPU 2
an interrupt|host|/proc/irq/26/effective_affinity_list 0-3|interrupts:trap|1 interrupts go to CPU 2, where taktd's worker spins (26)
an older kernel's interrupts|host|/proc/irq/26/smp_affinity_list 2|interrupts:trap|(26)
no /proc/irq|host|/proc/irq -|interrupts:unknown|
ptp4l on the worker's CPU|host|/proc/500/status Name:\tptp4l\nCpus_allowed_list:\t0-3|daemons:trap|ptp4l 500 may run on CPU 2
a worker that is not pinned|host|/answers/dump.yaml $(dumped 's/^cpu: 2/cpu: -1/')|daemons:unknown isolation:unknown tick:unknown interrupts:unknown governor:trap|cpu: -1
ksm|host|/sys/kernel/mm/ksm/run 1|ksm:trap|
no ksm|host|/sys/kernel/mm/ksm -||
huge pages of anything|host|/sys/kernel/mm/transparent_hugepage/enabled [always] madvise never|huge-pages:trap|
chronyd beside phc2sys|host|/proc/700/comm chronyd;;/proc/700/cmdline chronyd\0-d\0;;/proc/700/status Name:\tc\nCpus_allowed_list:\t0|two-steer:trap|phc2sys 501, chronyd 700
chronyd that steers nothing|host|/proc/700/comm chronyd;;/proc/700/cmdline chronyd\0-d\0-x\0;;/proc/700/status Name:\tc\nCpus_allowed_list:\t0||
timesyncd and ptp4l -S|guest|/proc/700/comm systemd-timesyn;;/proc/700/cmdline /lib/systemd/systemd-timesyncd\0|two-steer:trap|ptp4l 300, systemd-timesyn 700
chronyd and a grandmaster's phc2sys|host|/proc/501/cmdline phc2sys\0-s\0CLOCK_REALTIME\0-c\0eth0\0-w\0;;/proc/700/comm chronyd;;/proc/700/cmdline chronyd\0;;/proc/700/status Name:\tc\nCpus_allowed_list:\t0||
chronyd and phc2sys -a|host|/proc/501/cmdline phc2sys\0-a\0;;/proc/700/comm chronyd;;/proc/700/cmdline chronyd\0;;/proc/700/status Name:\tc\nCpus_allowed_list:\t0||
chronyd and phc2sys -a -r|host|/proc/501/cmdline phc2sys\0-ar\0;;/proc/700/comm chronyd;;/proc/700/cmdline chronyd\0;;/proc/700/status Name:\tc\nCpus_allowed_list:\t0|two-steer:trap|
free_running|guest|/proc/300/cmdline ptp4l\0-S\0-i\0eth0\0--free_running=1\0--tx_timestamp_timeout=100\0|free-running:trap|ptp4l 300
free_running in the file|host|/etc/takt/takt-ptp4l.conf [global]\n free_running\t1\ntx_timestamp_timeout 50|free-running:trap|ptp4l 500
... in the same network namespace|host|/proc/self/ns/net -> net:[1];;/proc/500/ns/net -> net:[1];;/etc/takt/takt-ptp4l.conf [global]\n free_running\t1\ntx_timestamp_timeout 50|free-running:trap|ptp4l 500
... in another: it is nobody's clock|host|/proc/self/ns/net -> net:[1];;/proc/500/ns/net -> net:[2];;/etc/takt/takt-ptp4l.conf [global]\n free_running\t1\ntx_timestamp_timeout 50||
tx_timestamp_timeout not set|host|/etc/takt/takt-ptp4l.conf [global]\ntime_stamping hardware|tx-timeout:trap|1 ms in linuxptp 3.1.1
tx_timestamp_timeout too small for the kernel's|guest|/proc/300/cmdline ptp4l\0-S\0-i\0eth0\0--tx_timestamp_timeout=10\0|tx-timeout:trap|10 ms with stamps by the kernel
... but not for the NIC's|guest|/proc/300/cmdline ptp4l\0-i\0eth0\0--tx_timestamp_timeout=10\0||
a value that is none|host|/etc/takt/takt-ptp4l.conf [global]\ntx_timestamp_timeout lots|tx-timeout:unknown|no number
a file that is gone|host|/etc/takt/takt-ptp4l.conf -|two-steer:unknown free-running:unknown tx-timeout:unknown neighbour-delay:unknown|
802.1AS's 800 ns with the kernel's stamps|guest|/proc/300/cmdline ptp4l\0-Sf/gPTP.cfg\0-i\0eth0\0;;/gPTP.cfg [global]\ndelay_mechanism P2P\nneighborPropDelayThresh 800\ntx_timestamp_timeout 100|neighbour-delay:trap|800 ns
... with the NIC's|guest|/proc/300/cmdline ptp4l\0-f/gPTP.cfg\0-i\0eth0\0;;/gPTP.cfg [global]\ndelay_mechanism P2P\nneighborPropDelayThresh 800\ntx_timestamp_timeout 100||
... without peer delay|guest|/proc/300/cmdline ptp4l\0-Sf/gPTP.cfg\0-i\0eth0\0;;/gPTP.cfg [global]\nneighborPropDelayThresh 800\ntx_timestamp_timeout 100||
no ptp4l|host|/proc/500 -||
no /proc|guest|/proc -|two-steer:unknown free-running:unknown tx-timeout:unknown neighbour-delay:unknown steal:unknown|
speed not known|guest|/sys/class/net/eth0/speed -1|link-speed:trap|eth0: the speed is not known, so taprio and cbs reckon with 10 Mb/s
speed not told|guest|/sys/class/net/eth0/speed -|link-speed:unknown|is it down
another driver|guest|/sys/class/net/eth0/device/driver -> /x/e1000|link-speed:unknown queues:unknown|virtio_net
queues not enabled|guest|/answers/channels-eth0 1 of 4|queues:trap|1 of 4
queues not told|guest|/answers/channels-eth0 -|queues:unknown|
two interfaces, one slow|guest|/sys/class/net/eth1/device/driver -> x/virtio_net;;/sys/class/net/eth1/speed -1;;/answers/channels-eth1 8 of 8|link-speed:trap|eth1
ptp_kvm not loaded|guest|/sys/class/ptp -|ptp-kvm:trap|not loaded
another clock in its place|guest|/sys/class/ptp/ptp0/clock_name e1000e-ptp|ptp-kvm:trap|not loaded
ptp_kvm compressed|guest|/sys/class/ptp -;;/lib -;;/lib/modules/6.1.0-44-cloud-amd64/kernel/drivers/ptp/ptp_kvm.ko.xz x|ptp-kvm:trap|
no ptp_kvm|guest|/sys/class/ptp -;;/lib -|ptp-kvm:unknown|
no KVM|guest|/sys/class/ptp -;;/sys/devices/system/clocksource/clocksource0/available_clocksource timer||
taprio that never opens|guest|/answers/qdisc.json $(jq -c '.[1].options.schedule[1].gatemask = "0x2"' "$work/guest/answers/qdisc.json")|taprio:trap|never opens
taprio that shuts too long|guest|/answers/qdisc.json $(jq -c '.[1].options.cycle_time = 300000000 | .[1].options.schedule[0].interval = 200000000' "$work/guest/answers/qdisc.json")|taprio:trap|200 ms of 300 ms: ptp4l waits 100 ms
taprio that shuts over the end of its cycle|guest|/answers/qdisc.json $(jq -c '.[1].options |= (.cycle_time = 200000000 | .schedule = [{gatemask:"2",interval:60000000},{gatemask:"1",interval:80000000},{gatemask:"2",interval:60000000}])' "$work/guest/answers/qdisc.json")|taprio:trap|120 ms of 200 ms
tc that prints no JSON|guest|/answers/qdisc.json [{\"options\":{ {} }]|taprio:unknown|6.5
no tc|guest|/answers/qdisc.json -|taprio:unknown|iproute2
taktd's clock is not good|host|/answers/show.json $(shown '.clock = {good: false, why_not: "no port follows"}')|taktd-clock:trap|no port follows
an older taktd|host|/answers/show.json $(shown 'del(.clock)');;/answers/dump.yaml $(dumped '/  ptp:/d')|taktd-clock:unknown ptp-roles:unknown|older
PTP's gate never opens|host|/answers/show.json $(shown '.ports[0].gate.oper."admin-control-list"[1]."gate-states-value" = 125')|ptp-gates:trap|port wire never opens the gate of class 1
... in a schedule that has not begun|host|/answers/show.json $(shown '.ports[0].gate |= {oper: null, admin: .oper} | .ports[0].gate.admin."admin-control-list"[1]."gate-states-value" = 125')|ptp-gates:trap|port wire never opens the gate of class 1
PTP's gate is shut, and not corrected|host|/answers/dump.yaml $(dumped '/role: transparent/s/correction: true/correction: false/')|ptp-gates:trap|port wire shuts class 1, which untagged PTP has, for 1.00 ms of 10.0 ms
... another class's|host|/answers/dump.yaml $(dumped '/role: transparent/s/correction: true/correction: false/;s/priority: 0/priority: 7/')|ptp-gates:trap|class 7, which untagged PTP has, for 9.00 ms
... by the table|host|/answers/dump.yaml $(dumped '/role: transparent/s/correction: true/correction: false/;s/\[1, 0/[7, 0/')|ptp-gates:trap|class 7
... and nobody's PTP goes there|host|/answers/dump.yaml $(dumped '/role: transparent/s/correction: true/correction: false/;s/role: transparent/role: deny/')||
a guest that may give time|host|/answers/dump.yaml $(dumped 's/role: client-only/role: transparent/')|ptp-roles:trap|guest plc has the role transparent
a wire slower than told|host|/sys/class/net/eth0/speed 100|wire-speed:trap|reckons with 1000 Mb/s, and eth0 has 100
a wire that does not tell|host|/sys/class/net/eth0/speed -1|wire-speed:unknown|
"

look() { # NAME WHERE CHANGES WANT WORDS
	local root=$work/m where=${2%% *} options=${2#"${2%% *}"} change status got want=$4 traps
	rm -rf "$root"
	cp -r "$work/$where" "$root"
	while [ -n "$3" ] && IFS= read -r change; do
		put "$root" "${change%% *}" "${change#* }"
	done <<< "${3//;;/$'\n'}"
	# shellcheck disable=SC2086
	timeout 10 "$takt" doctor "$where" --root "$root" --json $options > "$work/out" 2> "$work/err"
	status=$?
	got=$(jq -r '.results[] | select(.verdict != "ok") | "\(.id):\(.verdict)"' "$work/out" | sort -u | xargs)
	want=$(tr ' ' '\n' <<< "$want" | sort -u | xargs)
	traps=0
	[[ $want == *:trap* ]] && traps=1
	if [ "$got" != "$want" ]; then
		fail "$where: $1" "found \"$got\", want \"$want\": $(cat "$work/err")"
	elif [ "$status" != "$traps" ]; then
		fail "$where: $1" "exit status $status"
	elif [ -n "$5" ] && ! jq -r '.results[] | select(.verdict != "ok") | .text' "$work/out" | grep -qF -- "$5"; then
		fail "$where: $1" "no \"$5\" in: $(jq -r '.results[] | select(.verdict != "ok") | .text' "$work/out")"
	elif jq -e '.results[] | select((.verdict == "trap") != (.mend != null) or .text == "")' "$work/out" > /dev/null; then
		fail "$where: $1" "a trap without a way out of it"
	else
		ok "$where: $1"
	fi
}
while IFS='|' read -r name where changes want words; do
	[ -n "$name" ] || continue
	look "$name" "$where" "$changes" "$want" "$words"
done <<< "$rows"

# Every row of the table was seen to find its trap.
declared=$(sed -n 's/^\t{"\([a-z-]*\)", \(GUEST\|HOST\).*/\1/p' probes/doctor.c | sort -u)
seen=$(grep -oE '[a-z-]+:trap' <<< "$rows" | cut -d: -f1 | sort -u)
if [ "$declared" = "$seen" ]; then ok "each check found its trap"; else fail "each check found its trap" "$(diff <(echo "$declared") <(echo "$seen") | grep '^[<>]' | xargs)"; fi

# Text: no colour off a terminal, the way out once per check, the sum.
"$takt" doctor host --root "$work/host" > "$work/out"
if [ $? = 0 ] && tail -n 1 "$work/out" | grep -qE '^0 traps, 0 unknown, [0-9]+ ok$' && ! grep -q $'\033' "$work/out"; then ok "text"; else fail "text" "$(tail -n 2 "$work/out")"; fi
NO_COLOR='' script -qec "$takt doctor host --root $work/host" /dev/null > "$work/out" < /dev/null
if grep -q $'\033''\[32mok' "$work/out"; then ok "colour on a terminal"; else fail "colour on a terminal" "$(head -n 1 "$work/out" | cat -v)"; fi

usage() { # WORDS OPTION...
	timeout 10 "$takt" doctor "${@:2}" > "$work/out" 2> "$work/err"
	if [ $? = 2 ] && [ ! -s "$work/out" ] && grep -qF -- "$1" "$work/err"; then ok "refused: $1"; else fail "refused: $1" "$(cat "$work/err")"; fi
}
usage "list of CPUs" host --cpu 1-
usage "no command" hosts
usage "--cpu: no such option" guest --cpu 1
usage "too many operands" host x

# This machine: whatever it is, each check says something, and the exit status is what it says.
for where in host guest; do
	timeout 20 "$takt" doctor $where --json > "$work/out" 2> "$work/err"
	status=$?
	if [ "$(jq -r --argjson s $status '(.traps > 0) == ($s == 1) and ([.results[].id] | unique | length) > 10 and .where != ""' "$work/out")" = true ] && [ $status -le 1 ]; then
		ok "this machine as a $where"
	else
		fail "this machine as a $where" "exit status $status: $(cat "$work/err")"
	fi
done

# Anybody may call a program ptp4l and name any file: what is no stored file is not opened. Whoever writes to a pipe waits until it is.
printf '#!/bin/sh\nread x <> "%s"\n' "$work/idle" > "$work/ptp4l"
chmod +x "$work/ptp4l"
mkfifo "$work/pipe" "$work/idle"
start writer sh -c ': > "$1"' sh "$work/pipe"
for file in "$work/pipe" /dev/null /sys/kernel/notes /kernel; do
	start named "$work/ptp4l" -f "$file"
	until_true 5 grep -q ptp4l "/proc/${pid[named]}/comm"
	timeout 20 "$takt" doctor host --json > "$work/out" 2> "$work/err"
	found=$(jq -r --arg p "${pid[named]}" '.results[] | select(.id == "free-running" and (.text | contains($p))) | "\(.verdict) \(.text)"' "$work/out")
	want="no file that is stored anywhere, and was not opened"
	[ "$file" != /kernel ] || want="No such file"
	if [[ $found == "unknown "*"its file $file "*"$want"* ]]; then ok "ptp4l -f $file"; else fail "ptp4l -f $file" "$found $(cat "$work/err")"; fi
	halt named KILL
done
if kill -0 "${pid[writer]}" 2> "$work/null"; then ok "nobody opened the pipe"; else fail "nobody opened the pipe" "somebody did"; fi
halt writer KILL

# A live taktd and a live ptp4l: what the doctor reads of them is what they were told.
if [ "$(id -u)" != 0 ]; then
	skip "a live taktd, a guest" "needs root"
	finish
fi
one_cpu=${cpus##*[,-]}
if taktd_ports "cpu: $one_cpu" <<< "  - {name: m, mem: true, ptp: {role: deny}}
  - {name: n, mem: true, priority: 3, ptp: {correction: false}, gate-parameters: {admin-cycle-time: 10ms, admin-control-list: [\"S 08 1000000\", \"S f7 9000000\"]}}
  - {name: o, mem: true, priority: 3}
  - {name: p, guest: \"$work/p.sock\", ptp: {role: server-allowed}}" || until_true 30 taktd_up; then
	taktd_ask doctor host --json > "$work/out" 2> "$work/err"
	found() { jq -r --arg id "$1" '[.results[] | select(.id == $id) | "\(.verdict) \(.text)"] | join("; ")' "$work/out"; }
	if [[ $(found ptp-gates) == *"trap port n shuts class 3, which untagged PTP has, for 9.00 ms of 10.0 ms"* ]] && [[ $(found ptp-roles) == "trap guest p has the role server-allowed"* ]] &&
		[[ $(found isolation) == *"CPU $one_cpu "* ]]; then
		ok "a live taktd"
	else
		fail "a live taktd" "$(found ptp-gates); $(found ptp-roles); $(found isolation); $(cat "$work/err")"
	fi
	halt taktd
else
	fail "a live taktd" "it did not start"
fi

if [ -e "$O/guest/uml/kernel" ] || O=$O scripts/guest-image uml > "$work/image.log" 2>&1; then
	boots() { timeout 120 "$takt" vm run --uml --timeout 90s --kernel-dir "$O/guest" -- takt doctor guest --json > "$work/guest.log" 2>&1; grep -q '^{' "$work/guest.log"; }
	boots || boots || boots
	grep '^{' "$work/guest.log" | tr -d '\r' | head -n 1 > "$work/out"
	if [ "$(jq -r '"\(.where) \(.traps > 0) \(.results[] | select(.id == "tai-offset").verdict)"' "$work/out")" = "guest true trap" ]; then
		ok "in a UML guest"
	else
		fail "in a UML guest" "$(tail -n 3 "$work/guest.log")"
	fi
else
	skip "in a UML guest" "no image: $(tail -n 1 "$work/image.log")"
fi
finish
