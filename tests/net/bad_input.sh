#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What is wrong is refused: exit 2, one sentence on standard error that names the place and the matter, nothing left behind; and a running
# taktd goes on as it was.

cd "$(dirname "$0")/../.." || exit 1
. tests/net/lib.sh

# A row: name|words the sentence must hold, comma between|lines of the file, \n between.
good='ports:\n  - name: w\n    mem: true'
gates='ports:\n  - name: w\n    mem: true\n    gate-parameters:'
files='
wrong key|F:3:,porst,ports|name: x\n\nporst: []
wrong key in a port|F:4:,link-sped,link-speed|ports:\n  - name: w\n    mem: true\n    link-sped: 1Gb/s
not YAML|F:|ports: [
wrong type|F:1:,memory|memory: lots\n'"$good"'
out of range|F:1:,records,7|records: 7\n'"$good"'
two ports of a name|F:,w|ports:\n  - {name: w, mem: true}\n  - {name: w, mem: true}
neither guest nor wire|F:,guest,wire|ports:\n  - name: w
zero entries|F:,entr|'"$gates"'\n      admin-cycle-time: 1ms\n      admin-control-list: []
entry too short|F:,672|'"$gates"'\n      admin-cycle-time: 1ms\n      admin-control-list: ["sched-entry S 80 100", "sched-entry S 7f 900000"]
cycle of zero|F:,admin-cycle-time|'"$gates"'\n      admin-cycle-time: 0\n      admin-control-list: ["sched-entry S ff 100000"]
cycle over the limit|F:,admin-cycle-time,1s|'"$gates"'\n      admin-cycle-time: 2s\n      admin-control-list: ["sched-entry S ff 100000"]
window too short for its class|F:,class 7,queue-max-sdu|'"$gates"'\n      queue-max-sdu: [0, 0, 0, 0, 0, 0, 0, 1500]\n      admin-control-list: ["sched-entry S 80 5000", "sched-entry S 7f 900000"]
a mask in decimal|F:,128,mask is hexadecimal|'"$gates"'\n      admin-control-list: ["sched-entry S 128 100000"]
a mask that is none|F:,zz|'"$gates"'\n      admin-control-list: ["sched-entry S zz 100000"]
missing folder of a socket|/nodir,make it|huge-pages: false\nports:\n  - {name: g, guest: /nodir/g.sock}
missing interface|nosuch0|huge-pages: false\nports:\n  - {name: w, wire: "net_af_xdp0,iface=nosuch0"}
a driver that is none|net_nosuch|huge-pages: false\nports:\n  - {name: w, wire: "net_nosuch0"}
too few huge pages|huge,nr_hugepages|memory: 262144\nhuge-pages: true\n'"$good"'
a clock that is none|F:1:,reference,/dev/ptp0|clock: {reference: gps}\n'"$good"'
a TAI offset that is none|F:1:,tai-offset,"-3",37|clock: {tai-offset: -3}\n'"$good"'
a TAI offset of a hardware clock|F:1:,tai-offset,/dev/ptp0|clock: {reference: /dev/ptp0, tai-offset: 37}\n'"$good"'
a hardware clock that is none|clock: reference,/dev/null|huge-pages: false\nclock: {reference: /dev/null}\n'"$good"'
a CPU that is none|cpu|cpu: 4000\nhuge-pages: false\n'"$good"'
'

# What this process could leave: compared before and after each row. Others may run beside us: only what bears our name counts.
traces() {
	ls -d "/run/takt/$tag"* "/dev/shm/takt-$tag"* "/run/dpdk/takt-$tag"* "$work"/*.sock "$work"/run "$work"/run/* 2> /dev/null
	ip -o link | grep -o "$tag[^:@]*"
	true
}

# refused NAME WORDS COMMAND...: exit 2, one line, all words, no trace.
refused() {
	local name=$1 words=$2 before status lines word
	shift 2
	before=$(traces)
	timeout -k 3 20 "$@" > "$work/out" 2> "$work/err" < /dev/null
	status=$?
	lines=$(wc -l < "$work/err")
	[ "$status" = 2 ] || { fail "$name" "exit status $status: $(head -n 1 "$work/err")"; return; }
	[ "$lines" = 1 ] || { fail "$name" "$lines lines: $(head -n 2 "$work/err" | tr '\n' '|')"; return; }
	while read -r -d , word; do
		grep -qF -- "${word/#F:/$work/bad.yaml:}" "$work/err" || { fail "$name" "no \"$word\" in: $(cat "$work/err")"; return; }
	done <<< "$words,"
	[ "$(traces)" = "$before" ] || { fail "$name" "left behind: $(diff <(echo "$before") <(traces) | grep '^[<>]' | tr '\n' ' ')"; return; }
	ok "$name"
}

[ "$(id -u)" = 0 ] || { skip "bad input" "needs root"; finish; }
mkdir -p "$work/run"
head="name: $tag\nrun-dir: $work/run"

while IFS='|' read -r name words text; do
	[ -n "$name" ] || continue
	printf '%b\n' "$text" > "$work/bad.yaml"
	refused "file: $name" "$words" "$taktd" -c "$work/bad.yaml" --name "$tag"
done <<< "$files"

refused "no file" "nosuch.yaml" "$taktd" -c "$work/nosuch.yaml"
refused "no option" "--config" "$taktd"
printf '%b\n' "clock: {reference: /dev/null}\n$good" > "$work/check.yaml"
if "$taktd" --check -c "$work/check.yaml" > "$work/out" 2>&1 && grep -q 'warning: .*clock: reference: /dev/null is no PTP hardware clock' "$work/out"; then
	ok "--check warns of a clock that this machine has not"
else
	fail "--check warns of a clock that this machine has not" "$(cat "$work/out")"
fi
refused "unknown option" "--nosuch" "$taktd" --nosuch
refused "a name that is a path" "--name" "$taktd" -c examples/takt.yaml --name ../x
printf '%b\n' "$good" > "$work/good.yaml"
chmod 755 "$work" && chmod 644 "$work/good.yaml"
cp "$taktd" "$work/taktd" && chmod 755 "$work/taktd"
refused "no root" "root" setpriv --reuid 65534 --regid 65534 --clear-groups "$work/taktd" -c "$work/good.yaml"
rm -f "$work/taktd"

# CLOCK_TAI that nobody set: a schedule would be 37 s off. Without one taktd starts, and refuses to be given one.
if [ "$("$takt" clock --json | jq .system.tai_offset_s)" = 0 ]; then
	words="port w,TAI offset is 0,37 s,ptp4l or chrony,tai-offset: 37,UTC on purpose"
	printf '%b\n' "huge-pages: false\nmemory: 64\n$gates\n      admin-control-list: [\"sched-entry S ff 100000\"]" > "$work/bad.yaml"
	refused "no TAI offset" "$words" "$taktd" -c "$work/bad.yaml" --name "${tag}b"
	printf '%b\n' "huge-pages: false\nmemory: 64\n$good\n    launch-time: {7: {}}" > "$work/bad.yaml"
	refused "no TAI offset, launch times" "$words" "$taktd" -c "$work/bad.yaml" --name "${tag}b"
	printf '%b\n' "huge-pages: false\nmemory: 64\n$good\n    cqf: {cycle-time: 500us, classes: [5, 4]}" > "$work/bad.yaml"
	refused "no TAI offset, cqf" "$words" "$taktd" -c "$work/bad.yaml" --name "${tag}b"
	printf '%b\n' "$head\nhuge-pages: false\nmemory: 64\n$good\n    stream-gates: [{stream-gate-instance-id: g, gate-enable: no}]\n    stream-filters: [{stream-filter-instance-id: f, stream-gate-ref: g}]" > "$work/conf.yaml"
	start taktd "$taktd" -c "$work/conf.yaml"
	until_true 15 [ -S "$work/run/$tag.ctl" ] && until_true 5 grep -q 'warning: .*TAI offset is 0.*schedules are refused' "$work/taktd.log" &&
		ok "no schedule, no TAI offset: a warning" || fail "no schedule, no TAI offset" "no such warning"
	echo 'admin-control-list: ["sched-entry S ff 100000"]' > "$work/list.yaml"
	refused "no TAI offset: gate set" "$words" "$takt" gate set --name "$work/run/$tag.ctl" w "$work/list.yaml"
	echo 'admin-control-list: [open 1000000]' > "$work/list.yaml"
	refused "no TAI offset: police set" "${words#*,}" "$takt" police set --name "$work/run/$tag.ctl" w g "$work/list.yaml"
	echo 'gate-enabled: no' > "$work/list.yaml"
	"$takt" gate set --name "$work/run/$tag.ctl" w "$work/list.yaml" > "$work/out" && ok "gates may be switched off without" || fail "gates off" "refused"
	halt taktd
else
	skip "no TAI offset" "this kernel has one"
fi

# A running one, with a schedule that works.
printf '%b\n' "$head\nhuge-pages: false\nclock: {tai-offset: 0}\nmemory: 128\nrecords: 4096\nports:\n  - {name: g, guest: $work/g.sock}\n  - name: w\n    mem: true\n    gate-parameters:\n      admin-cycle-time: 1ms\n      admin-control-list: [\"sched-entry S 80 100000\", \"sched-entry S 7f 900000\"]" > "$work/conf.yaml"
start taktd "$taktd" -c "$work/conf.yaml"
ctl=$work/run/$tag.ctl
if until_true 15 [ -S "$ctl" ]; then ok "a good one starts"; else fail "a good one starts" "it does not"; finish; fi
until_true 5 "$takt" show --name "$ctl" > /dev/null
dump=$("$takt" dump --name "$ctl")

refused "second instance" "$tag,runs already" "$taktd" -c "$work/conf.yaml"
printf '%b\n' "huge-pages: false\nmemory: 64\nports:\n  - {name: g, guest: $work/g.sock}" > "$work/bad.yaml"
refused "socket path in use" "g.sock,in use" "$taktd" -c "$work/bad.yaml" --name "${tag}b"

lists='
zero entries|entr|admin-control-list: []
entry too short|672|admin-control-list: ["sched-entry S 80 100"]
cycle of zero|admin-cycle-time|admin-cycle-time: 0\nadmin-control-list: ["sched-entry S ff 100000"]
cycle over the limit|admin-cycle-time,1s|admin-cycle-time: 3s\nadmin-control-list: ["sched-entry S ff 100000"]
window too short|class 7|queue-max-sdu: [0, 0, 0, 0, 0, 0, 0, 1500]\nadmin-control-list: ["sched-entry S 80 5000", "sched-entry S 7f 900000"]
wrong key|admin-cyle-time|admin-cyle-time: 1ms\nadmin-control-list: ["sched-entry S ff 100000"]
'
while IFS='|' read -r name words text; do
	[ -n "$name" ] || continue
	printf '%b\n' "$text" > "$work/bad.yaml"
	refused "gate set: $name" "F:,$words" "$takt" gate set --name "$ctl" w "$work/bad.yaml"
	refused "gate check: $name" "F:,$words" "$takt" gate check "$work/bad.yaml"
done <<< "$lists"
# The other notations: F: is the file.
others='
yang, unknown leaf|gate-parameter-table: gate-enable,gate-enabled|{"gate-parameter-table": {"gate-enable": true}}
yang, wrong type|:2:,seconds,in quotes|{"gate-parameter-table": {\n"admin-base-time": {"seconds": 1, "nanoseconds": 0}}}
yang, module left out|set-gate-states,give "ieee802|{"gate-parameter-table": {"gate-enabled": true, "admin-control-list": {"gate-control-entry": [{"index": 0, "operation-name": "set-gate-states", "time-interval-value": 100000, "gate-states-value": 255}]}}}
yang, no entries|entries|{"gate-parameter-table": {"gate-enabled": true}}
yang, no interface|no interface|{"ietf-interfaces:interfaces": {}}
tc, no entry|no sched-entry|tc qdisc replace dev eth0 root taprio num_tc 2
tc, no schedule|etf is no schedule|tc qdisc replace dev eth0 root etf delta 1000
tc, unknown word|sched-entri|tc qdisc replace dev eth0 root taprio sched-entri S ff 100000
json, not closed|not JSON|{"gate-parameter-table": {
tc, entry too short|672|taprio sched-entry S 80 100
'
while IFS='|' read -r name words text; do
	[ -n "$name" ] || continue
	printf '%b\n' "$text" > "$work/bad.yaml"
	refused "gate set: $name" "F:,$words" "$takt" gate set --name "$ctl" w "$work/bad.yaml"
	refused "gate check: $name" "F:,$words" "$takt" gate check "$work/bad.yaml"
	refused "gate export: $name" "F:,$words" "$takt" gate export "$work/bad.yaml" --to tc
done <<< "$others"
echo 'admin-control-list: ["sched-entry S ff 100000"]' > "$work/list.yaml"
refused "gate export: no notation" "--to,yang" "$takt" gate export "$work/list.yaml"
refused "gate export: no such notation" "--to,xml,yaml, tc or yang" "$takt" gate export "$work/list.yaml" --to xml
refused "gate export: a device that is a command" "eth0;reboot,--dev" "$takt" gate export "$work/list.yaml" --to tc --dev 'eth0;reboot'
refused "gate check: no such notation" "--format,xml" "$takt" gate check "$work/list.yaml" --format xml
refused "gate check: another notation" "F:,not JSON" "$takt" gate check "$work/bad.yaml" --format yang
refused "gate check: a folder that is none" "/nodir/x.svg" "$takt" gate check "$work/list.yaml" --svg /nodir/x.svg
printf 'gate-enabled: no\n' > "$work/bad.yaml"
refused "gate export: switched off" "gate-enabled" "$takt" gate export "$work/bad.yaml" --to tc
refused "gate set: no such port" "nosuch" "$takt" gate set --name "$ctl" nosuch "$work/list.yaml"
refused "gate set: no such file" "none.yaml" "$takt" gate set --name "$ctl" w "$work/none.yaml"
calc='
nothing to shape|--idle-slope,--stream|
no class|8=1Mb/s,6=75Mb/s|8=1Mb/s
a rate that is none|class 6,1kb/s|6=fast
a rate of zero|class 6,1kb/s|6=0
over the link|2000000000,class 6,1000000000|6=2Gb/s
together over the link|1200000000,1000000000|6=600Mb/s 5=600Mb/s
a stream without interval|--stream,1518|--stream 1518
a stream cut off|--stream,BYTES,INTERVAL|--stream 1518,125us+
a frame too long|9018|6=9019,125us
an interval too short|class 6,1us|6=60,999ns
a speed that is none|--link-speed,1Mb/s|--link-speed 0 6=75Mb/s
a frame too short|--max-frame,60|--max-frame 59 6=75Mb/s
a class given twice|class 5,twice,+|5=298,125us 6=75Mb/s 5=298,125us
a class by option and by word|class 6,twice|--idle-slope 75Mb/s 6=5Mb/s
a class by two options|class 6,twice|--idle-slope 75Mb/s --stream 1518,125us
a size without an interval|class 6,1518,INTERVAL|6=1518
a class out of range|--class,7|--class 8 --idle-slope 75Mb/s
'
while IFS='|' read -r name words args; do
	[ -n "$name" ] || continue
	# shellcheck disable=SC2086
	refused "cbs calc: $name" "$words" "$takt" cbs calc $args
done <<< "$calc"
refused "send: a launch too far away" "--launch-in,2s" "$takt" send -i lo --launch-in 3s --count 1
refused "send: no interface" "--interface,which" "$takt" send --count 1
refused "send: UDP to no address" "--udp,10.0.0.2" "$takt" send --udp plc --count 1
refused "send: UDP to no port" "port,65535" "$takt" send --udp 10.0.0.2:0 --count 1
refused "send: a VLAN in UDP" "--udp,--vlan" "$takt" send --udp 127.0.0.1 -v 5 --count 1
refused "send: too short for IPv6" "--size 64,82" "$takt" send --udp ::1 --count 1
refused "send: launched by nobody" "--txtime,lo,etf" "$takt" send -i lo --txtime --advance 1ms --count 1
refused "send: launched when it is due, and sent then" "--txtime,--advance" "$takt" send -i lo --txtime --count 1
refused "send: launched by two" "--txtime,--launch-in" "$takt" send -i lo --txtime --advance 1ms --launch-in 1ms --count 1
refused "send: a CPU that is none" "--cpu 1000,nproc" "$takt" send -i lo --cpu 1000 --count 1
refused "send: a deadline for what does not come back" "--deadline,--round-trip,takt recv" "$takt" send -i lo --deadline 1ms --count 1
refused "send: a flood with a warm-up" "--flood,--warm-up" "$takt" send -i lo --flood --warm-up 1ms --count 1
refused "send: isochron rcv, and no number" "--isochron,--count,--log" "$takt" send -i lo --isochron 127.0.0.1
refused "send: a log in no folder" "--log,nodir" "$takt" send -i lo --count 1 --log /nodir/x.dat
refused "recv: a log that is a folder" "--log,$work,directory" "$takt" recv -i lo --count 1 --log "$work"
refused "recv: no interface" "--interface,listen" "$takt" recv --count 1
refused "recv: an address that is not ours" "--udp 192.0.2.1" "$takt" recv --udp 192.0.2.1 --count 1
refused "reflect: no interface" "--interface,listen" "$takt" reflect --count 1
cp tests/vectors/isochron.dat "$work/iso.dat"
head -c 300 "$work/iso.dat" > "$work/short.dat"
refused "report: no file of isochron's" "Makefile,begin,ISOCHRON" "$takt" report Makefile
refused "report: a file cut off" "short.dat,cut off,frame 2 of 3" "$takt" report "$work/short.dat"
refused "report: a folder" "$work,directory" "$takt" report "$work"
refused "report: two files of both halves" "both files,sender,receiver" "$takt" report "$work/iso.dat" "$work/iso.dat"
refused "report: a letter that is none" "--printf-args,z" "$takt" report "$work/iso.dat" -f %d -a z
refused "report: a letter too many" "--printf-args,left over" "$takt" report "$work/iso.dat" -f %d -a Sw
refused "report: a letter too few" "--printf-args,%u" "$takt" report "$work/iso.dat" -f "%u %u" -a q
refused "report: letters without a format" "--printf-args,--printf-format" "$takt" report "$work/iso.dat" -a q
refused "report: beyond the end" "--start 4,3 frames" "$takt" report "$work/iso.dat" --start 4
refused "report: from behind to before" "--start 3,--stop 2" "$takt" report "$work/iso.dat" --start 3 --stop 2
refused "report: into no folder" "nodir" "$takt" report "$work/iso.dat" -o /nodir/x.dat
refused "send: a flood with a cycle" "--flood,--cycle" "$takt" send -i lo --flood -c 1ms
refused "send: a flood with a phase" "--flood,--phase" "$takt" send -i lo --flood --phase 1us
refused "send: a rate with a cycle" "--rate,--cycle" "$takt" send -i lo --rate 5 -c 1ms
refused "send: a rate with a phase" "--rate,--phase" "$takt" send -i lo --rate 5 --phase 1us
refused "send: UDP to a MAC address" "--udp,--dst" "$takt" send --udp 127.0.0.1 -d 02:00:00:00:00:01
refused "send: UDP with an EtherType" "--udp,--ethertype" "$takt" send --udp 127.0.0.1 -e 0xbeef --count 1
refused "recv: UDP with an EtherType" "--udp,--ethertype" "$takt" recv --udp 127.0.0.1 -e 0xbeef --count 1
refused "send: lingering for nothing" "--linger,--round-trip" "$takt" send -i lo --count 1 --linger 1ms
refused "send: strict about nothing" "--strict,--round-trip" "$takt" send -i lo --count 1 --strict
refused "send: a time without a unit" "--duration,5,no unit,ms" "$takt" send -i lo --duration 5
refused "report: a time without a unit" "--deadline,5,no unit,ms" "$takt" report "$work/iso.dat" --deadline 5
refused "report: a letter that is no option's" "-d,--deadline" "$takt" report "$work/iso.dat" -d 5
refused "send: a flood in bursts" "--flood,--burst" "$takt" send -i lo --flood --burst 2
cp "/dev/shm/takt-$tag.rec" "$work/copy" && perl -e 'open F, "+<", $ARGV[0]; seek F, 8, 0; print F pack "L", 1' "$work/copy"
refused "path: records of the first version" "copy,version,1" "$takt" path --input "$work/copy"
refused "path: a key that is none" "--key,0xyz" "$takt" path --name "$ctl" --key 0xyz
refused "path: a number that nobody sent" "--seqid 7,no frame" "$takt" path --name "$ctl" --seqid 7
refused "bench: a set of probes that is none" "--probes,paht,path" "$takt" bench overhead --probes host,paht
refused "bench: a ring that is none" "--ring,torn,split" "$takt" bench overhead --ring torn
# A campaign's file: name|words|lines
while IFS='|' read -r name words text; do
	[ -n "$name" ] || continue
	printf '%b\n' "$text" > "$work/bad.yaml"
	refused "campaign: $name" "$words" "$takt" bench run "$work/bad.yaml" --results "$work/run/results"
done <<- 'END'
	a wrong key|F:2:,repetition,repetitions|campaign: x\nrepetition: 3
	no name|F:1:,campaign: NAME|repetitions: 3
	a name that leads elsewhere|F:1:,../x,letters|campaign: ../x
	an axis that is none|F:3:,backnd,backend|campaign: x\nmatrix:\n  backnd: [veth]
	a value that is none|F:3:,veht,veth|campaign: x\nmatrix:\n  backend: [veht]
	a value twice|F:3:,veth,twice|campaign: x\nmatrix:\n  backend: [veth, veth]
	a schedule that nobody made|F:2:,gates,none|campaign: x\nmatrix: {schedule: gates}
	an exception that leaves out nothing|F:4:,taktd,matrix|campaign: x\nmatrix: {backend: veth}\nexcept:\n  - {backend: taktd}
	exceptions that leave nothing|F:,no cell is left|campaign: x\nmatrix: {backend: veth}\nexcept:\n  - {backend: veth}
	traffic too fast|F:2:,cycle,50us|campaign: x\ntraffic: {cycle: 1us}
	more than a result holds|F:,4096,drop values|campaign: x\nrepetitions: 1000\nmatrix: {backend: [veth, taktd, testpmd], load: [none, flood]}
	no YAML|F:|campaign: [
END
refused "bench run: no file" "nosuch.yaml,No such file" "$takt" bench run "$work/nosuch.yaml"
refused "bench run: a pipe" "no plain file" "$takt" bench run /dev/null
refused "bench rerun: a folder that is no result's" "meta.json,a result's folder" "$takt" bench rerun "$work"
refused "bench report: a folder that is none" "nodir,No such file" "$takt" bench report /nodir
refused "bench report: a folder that is no campaign's" "meta.json,campaign's folder" "$takt" bench report "$work"
refused "bench report: a format that is none" "--format,docx,html" "$takt" bench report /nodir --format html,docx
refused "bench compare: a folder that is none" "nodir,No such file" "$takt" bench compare /nodir /nodir
refused "bench compare: a folder that is no campaign's" "meta.json,campaign's folder" "$takt" bench compare "$work" "$work"
refused "bench compare: one run" "A B" "$takt" bench compare "$work"
refused "bench compare: a least that is no time" "--least,5 apples" "$takt" bench compare --least "5 apples" /nodir /nodir
refused "bench compare: a least that is no share" "--least,x%,percentage" "$takt" bench compare --least 1us,x% /nodir /nodir
refused "bench compare: a least below nothing" "--least,negative" "$takt" bench compare --least=-1us /nodir /nodir
refused "bench compare: surer than sure" "--confidence,99" "$takt" bench compare --confidence 100 /nodir /nodir
refused "no such instance" "nosuch" "$takt" show --name nosuch
refused "no such command" "sohw,show" "$takt" sohw

printf '%b\n' "name: ${tag}b\nrun-dir: $work/run\nhuge-pages: false\nclock: {tai-offset: 0}\nmemory: 64\nrecords: 0\n$good" > "$work/none.yaml"
start none "$taktd" -c "$work/none.yaml"
until_true 15 [ -S "$work/run/${tag}b.ctl" ]
refused "path: a taktd that makes no records" "takt-${tag}b.rec,records: 0,start it again" "$takt" path --name "$work/run/${tag}b.ctl"
halt none

if [ "$("$takt" dump --name "$ctl")" = "$dump" ] && alive taktd; then
	ok "after all this taktd is as it was"
else
	fail "after all this taktd is as it was" "dump differs, or it is gone"
fi
halt taktd
if [ -z "$(traces)" ]; then ok "it ends and leaves nothing"; else fail "it ends and leaves nothing" "$(traces | tr '\n' ' ')"; fi
finish
