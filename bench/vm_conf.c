/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/vm_conf.h"

#include <stddef.h>

#include "base/ns.h"

#define ROW(name, letter, type, field, arg, def, min, max, help) \
	{ name, letter, type, offsetof(struct vm_conf, field), arg, def, min, max, help }

const struct opt vm_opts[] = {
	ROW("uml", 0, OPT_FLAG, uml, NULL, NULL, 0, 0, "the guest is User-mode Linux"),
	ROW("qemu", 0, OPT_FLAG, qemu, NULL, NULL, 0, 0, "the guest runs in QEMU"),
	ROW("socket", 's', OPT_STR, socket, "PATH", NULL, 0, 0, "vhost-user socket; without: no network"),
	ROW("role", 0, OPT_STR, role, "client|server", "client", 0, 0, "server: QEMU listens, taktd connects"),
	ROW("name", 'n', OPT_STR, name, "NAME", "guest", 0, 0, "host name of the guest"),
	ROW("mac", 0, OPT_STR, mac, "MAC", NULL, 0, 0, "address of its interface (made from the name)"),
	ROW("ip", 0, OPT_STR, ip, "ADDR/LEN", NULL, 0, 0, "IPv4 address of its interface"),
	ROW("vlan", 0, OPT_INT, vlan, "VID", NULL, 1, 4094, "address on a VLAN sub-interface, PCP = SO_PRIORITY"),
	ROW("mem", 0, OPT_INT, mem_mib, "MIB", "256", 64, 65536, "memory"),
	ROW("queues", 0, OPT_INT, queues, "N", "1", 1, 8, "queue pairs (QEMU)"),
	ROW("cpus", 0, OPT_INT, cpus, "N", "0", 0, 64, "its CPUs (QEMU; 0: one per queue pair)"),
	ROW("packed", 0, OPT_FLAG, packed, NULL, NULL, 0, 0, "packed virtqueues (QEMU)"),
	ROW("cpu", 0, OPT_STR, cpu, "LIST", NULL, 0, 0, "host CPUs it may use, e.g. 0,2-3"),
	ROW("nice", 0, OPT_INT, nice, "N", "0", -20, 19, "its niceness"),
	ROW("kernel", 0, OPT_STR, kernel, "6.1|6.12|6.1-rt|6.12-rt", NULL, 0, 0, "which of Debian's (QEMU; without: qemu/'s)"),
	ROW("kernel-dir", 0, OPT_STR, kernel_dir, "DIR", NULL, 0, 0, "where scripts/guest-image put uml/, qemu/, qemu-6.12/"),
	ROW("files", 0, OPT_STR, files, "A,B=PATH", NULL, 0, 0, "host files; FILE=PATH: as PATH in the guest"),
	ROW("copy", 0, OPT_LIST, copies, "FILE[:NAME]", NULL, 0, 0, "a program for the guest's /bin; may be given again"),
	ROW("events", 0, OPT_STR, events, "FILE|unix:PATH", NULL, 0, 0, "where what the guest writes to /dev/virtio-ports/takt.0 goes: a file, or a socket at which QEMU listens"),
	ROW("timeout", 0, OPT_NS, timeout_ns, "TIME", NULL, 1, NS_NEVER, "stop the guest after TIME, exit status 124"),
	ROW("accel", 0, OPT_STR, accel, "auto|kvm|tcg", "auto", 0, 0, "QEMU's accelerator; auto probes KVM once"),
	ROW("log", 0, OPT_STR, log, "FILE", NULL, 0, 0, "all that the guest's console says goes to FILE"),
	OPT_END
};

void vm_conf_init(struct vm_conf *conf)
{
	char *argv[] = { (char *)"vm", NULL };

	*conf = (struct vm_conf){ 0 };
	opt_parse(vm_opts, conf, 1, argv, NULL);
}
