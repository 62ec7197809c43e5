/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/vm_args.h"

#include <string.h>
#include <unistd.h>

void vm_args_uml(struct words *w, const struct vm_conf *c, const char *dir, int initrd_fd, const char *run_dir)
{
	words_add(w, "%s/kernel", dir);
	words_add(w, "mem=%dM", (int)c->mem_mib);
	words_add(w, "initrd=/proc/%d/fd/%d", (int)getpid(), initrd_fd);
	words_add(w, "uml_dir=%s/", run_dir);
	words_split(w, "umid=uml con0=null,fd:1 con=null");
	if (c->socket)
		words_add(w, "virtio_uml.device=%s:1", c->socket);
	words_split(w, "quiet loglevel=1");
}

/*
 * Its card at a vhost-user socket. The backend maps guest memory; MSI-X with vhost-user crashes QEMU 7.2 under TCG; a ROM would drive the port first.
 */
static void add_socket(struct words *w, const struct vm_conf *c, const char *mac, bool kvm)
{
	words_split(w, "-object memory-backend-memfd,id=ram,size=%dM,share=on -numa node,memdev=ram", (int)c->mem_mib);
	words_split(w, "-chardev socket,id=vhost,path=%s,%s", c->socket, strcmp(c->role, "server") ? "reconnect=1" : "server=on,wait=off");
	words_split(w, "-netdev vhost-user,id=net,chardev=vhost,queues=%d", (int)c->queues);
	words_split(w, "-device virtio-net-pci,netdev=net,mac=%s,romfile=,mq=%s,packed=%s%s", mac, c->queues > 1 ? "on" : "off", c->packed ? "on" : "off",
		    kvm ? "" : ",vectors=0");
}

void vm_args_qemu(struct words *w, const struct vm_conf *c, const char *dir, int initrd_fd, const char *mac, bool kvm)
{
	words_split(w, "qemu-system-x86_64 -name guest,debug-threads=on -nodefaults -no-user-config -display none -no-reboot -machine q35 -serial stdio");
	words_split(w, "-accel %s -cpu %s -smp %d -m %d", kvm ? "kvm" : "tcg", kvm ? "host" : "qemu64", (int)(c->cpus ? c->cpus : c->queues),
		    (int)c->mem_mib);
	words_add(w, "-kernel"), words_add(w, "%s/kernel", dir);
	words_split(w, "-initrd /proc/%d/fd/%d", (int)getpid(), initrd_fd);
	/* The kernel panics when a busy host makes the emulated timer miss a check at boot. */
	words_add(w, "-append"), words_add(w, "console=ttyS0 quiet loglevel=1 panic=-1 no_timer_check");
	if (c->netdev) {	/* without ctrl_vlan: QEMU would drop tags that no interface of the guest is for */
		words_add(w, "-netdev"), words_add(w, "%s,id=net", c->netdev);
		words_split(w, "-device virtio-net-pci,netdev=net,mac=%s,romfile=,ctrl_vlan=off,mq=%s,packed=%s", mac, c->queues > 1 ? "on" : "off",
			    c->packed ? "on" : "off");
	}
	if (c->socket)
		add_socket(w, c, mac, kvm);
}

void vm_args_events(struct words *w, const struct vm_conf *c, const struct vm_events *e)
{
	if (c->uml) {
		words_add(w, "ssl0=null,fd:%d", e->fd);
		return;
	}
	if (e->listens)
		words_split(w, "-chardev socket,id=events,fd=%d,server=on,wait=off", e->fd);
	else
		words_split(w, "-add-fd fd=%d,set=1 -chardev file,id=events,path=/dev/fdset/1", e->fd);
	words_split(w, "-device virtio-serial-pci,max_ports=2 -device virtserialport,chardev=events,name=takt.0");
}
