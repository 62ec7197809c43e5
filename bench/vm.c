/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/vm.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/ns.h"
#include "bench/accel.h"
#include "bench/vm_args.h"
#include "bench/vm_check.h"
#include "bench/vm_events.h"
#include "bench/vm_initrd.h"
#include "ptp/now.h"

#define WATCH_NS	(500 * NS_PER_MS)	/* how often UML's backend is looked for */

enum vm_state { VM_BOOTING, VM_READY, VM_ENDED, VM_DEAD };

struct vm {
	struct procs *set;
	struct proc *proc;
	enum vm_state state;
	char token[32];
	int status;		/* of the command, when VM_ENDED */
	int initrd_fd;
	struct vm_events events;
	bool watch;		/* its backend was seen listening: the guest goes when that goes */
	char socket[VM_SOCKET_LEN];
	char name[64];
	char how[WHY_LEN + 32];
	char run_dir[40];	/* UML's; "" when there is none */
	char last[200];		/* last line before it was ready, or why it is dead */
	char before[200];	/* the line before that */
};

/* -- start -------------------------------------------------------------------------------------------------------- */

static int find_image(char dir[static PATH_MAX], const struct vm_conf *c, struct why *why)
{
	const char *kind = c->uml ? "uml" : "qemu", *dash = c->kernel ? "-" : "", *kernel = c->kernel ? c->kernel : "";
	char exe[PATH_MAX / 2] = "", path[PATH_MAX + 16];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	if (n > 0 && strrchr(exe, '/'))
		*strrchr(exe, '/') = '\0';
	if (c->kernel_dir)
		snprintf(dir, PATH_MAX, "%.2000s/%s%s%s", c->kernel_dir, kind, dash, kernel);
	else
		snprintf(dir, PATH_MAX, "%s/guest/%s%s%s", exe, kind, dash, kernel);
	snprintf(path, sizeof(path), "%s/initrd", dir);
	if (access(path, R_OK))
		return why_fail(why, ENOENT, "no guest image in %.150s: make one with scripts/guest-image %s%s%s, or point "
				"--kernel-dir to it", dir, kind, dash, kernel);
	return 0;
}

/* A locally administered address that a name keeps from run to run (FNV-1a). */
static void mac_of(char mac[static 18], const char *name)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
	snprintf(mac, 18, "02:%02x:%02x:%02x:%02x:%02x", (unsigned int)(h >> 32 & 255), (unsigned int)(h >> 24 & 255),
		 (unsigned int)(h >> 16 & 255), (unsigned int)(h >> 8 & 255), (unsigned int)(h & 255));
}

/* Is `path` bound by a listening socket of this network namespace? */
static bool listening(const char *path)
{
	char line[512], *shown;
	unsigned int flags;
	bool found = false;
	FILE *f = fopen("/proc/net/unix", "re");

	while (f && !found && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		shown = strrchr(line, ' ');
		found = shown && !strcmp(shown + 1, path) && sscanf(line, "%*s %*s %*s %x", &flags) == 1 &&
			flags & 0x10000;	/* SO_ACCEPTCON */
	}
	if (f)
		fclose(f);
	return found;
}

/* Where UML puts its management console: /tmp/takt-vm-..., removed when it is up. */
static int make_run_dir(struct vm *vm, struct why *why)
{
	snprintf(vm->run_dir, sizeof(vm->run_dir), "/tmp/takt-vm-%d-XXXXXX", (int)getpid());
	if (mkdtemp(vm->run_dir))
		return 0;
	vm->run_dir[0] = '\0';
	return why_fail(why, errno, "no folder for UML in /tmp: %s", strerror(errno));
}

static int find_accel(struct vm *vm, const struct vm_conf *c, const char *dir, bool *kvm, struct why *why)
{
	struct accel accel = { .kvm = !strcmp(c->accel, "kvm"), .reason = "as asked" };

	if (!strcmp(c->accel, "auto")) {
		int rc = accel_find(&accel, vm->set, dir);

		if (rc)
			return why_fail(why, -rc, "interrupted");
	}
	*kvm = accel.kvm;
	if (accel.kvm)
		strcpy(vm->how, "QEMU with KVM");
	else
		snprintf(vm->how, sizeof(vm->how), "QEMU with TCG (%s)", accel.reason);
	return 0;
}

/* Its command line, and what has to be there when it runs. */
static int prepare(struct vm *vm, struct words *w, const struct vm_conf *c, const char *dir, const char *mac, struct why *why)
{
	bool kvm = false;
	int rc;

	if (c->uml) {
		rc = make_run_dir(vm, why);
		if (rc)
			return rc;
		strcpy(vm->how, "UML");
		vm_args_uml(w, c, dir, vm->initrd_fd, vm->run_dir);
	} else {
		rc = find_accel(vm, c, dir, &kvm, why);
		if (rc)
			return rc;
		vm_args_qemu(w, c, dir, vm->initrd_fd, mac, kvm);
	}
	if (!c->events)
		return 0;
	rc = vm_events_open(&vm->events, c->events, why);
	if (!rc)
		vm_args_events(w, c, &vm->events);
	return rc;
}

int vm_start(struct vm **out, struct procs *set, const struct vm_conf *c, struct why *why)
{
	struct proc_conf proc = {
		.name = c->name, .log = c->log, .cpu = c->cpu, .nice = (int)c->nice, .own_pids = true
	};
	char dir[PATH_MAX], mac[18];
	struct words *w = NULL;
	struct vm *vm = NULL;
	uint64_t random;
	int rc;

	rc = vm_check(c, why) ?: find_image(dir, c, why);
	if (rc)
		return rc;
	vm = calloc(1, sizeof(*vm));
	w = calloc(1, sizeof(*w));
	if (!vm || !w) {
		rc = why_fail(why, ENOMEM, "out of memory");
		goto out;
	}
	vm->set = set;
	vm->initrd_fd = -1;
	vm->events = VM_EVENTS_NONE;
	snprintf(vm->name, sizeof(vm->name), "%s", c->name);
	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		random = (uint64_t)time(NULL) << 20 ^ getpid();
	snprintf(vm->token, sizeof(vm->token), "@takt-%016llx", (unsigned long long)random);
	snprintf(mac, sizeof(mac), "%s", c->mac ? c->mac : "");
	if (!c->mac)
		mac_of(mac, c->name);
	rc = vm->initrd_fd = vm_initrd(c, mac, vm->token, dir, why);
	if (rc < 0)
		goto out;
	rc = prepare(vm, w, c, dir, mac, why);
	if (rc)
		goto out;
	snprintf(vm->socket, sizeof(vm->socket), "%s", c->socket ? c->socket : "");
	vm->watch = c->uml && c->socket && listening(c->socket);
	proc.argv = w->word;
	rc = proc_start(&vm->proc, set, &proc, why);
	if (rc)
		goto out;
	*out = vm;
	vm_events_handed(&vm->events);
	vm = NULL;
out:
	free(w);
	vm_stop(vm);
	return rc;
}

/* -- what it says ------------------------------------------------------------------------------------------------- */

static void remove_run_dir(struct vm *vm)
{
	static const char *const left[] = { "uml/pid", "uml/mconsole", "uml" };
	char path[80];

	if (!vm->run_dir[0])
		return;
	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", vm->run_dir, left[i]);
		remove(path);
	}
	rmdir(vm->run_dir);
	vm->run_dir[0] = '\0';
}

/* Acts on a line; returns how many bytes of it are the command's output. */
static size_t understand(struct vm *vm, char *line, size_t n)
{
	char *token = strstr(line, vm->token), *word;

	if (!token) {
		if (vm->state == VM_READY)
			return n;
		line[strcspn(line, "\r\n")] = '\0';
		if (*line && !strstr(vm->last, "panic")) {
			memcpy(vm->before, vm->last, sizeof(vm->before));
			snprintf(vm->last, sizeof(vm->last), "%.190s", line);
		}
		return 0;
	}
	word = token + strlen(vm->token);
	word[strcspn(word, "\r\n")] = '\0';
	*token = '\0';
	if (!strcmp(word, " ready") && vm->state == VM_BOOTING) {
		vm->state = VM_READY;
		remove_run_dir(vm);	/* for UML's management console, which nobody uses */
		return 0;
	}
	if (sscanf(word, " exit %d", &vm->status) == 1) {
		vm->state = VM_ENDED;
	} else if (!strncmp(word, " fail ", 6)) {
		vm->state = VM_DEAD;
		snprintf(vm->last, sizeof(vm->last), "%.190s", word + 6);
	}
	return token - line;
}

/* One step: output (its length), 0 when the state changed, or an error. */
static ssize_t step(struct vm *vm, char *buf, size_t size, int64_t t_end)
{
	int64_t left_ns = t_end - now_mono();
	ssize_t n;

	if (vm->state >= VM_ENDED)
		return -EPIPE;
	left_ns = left_ns < 0 ? 0 : left_ns;
	n = proc_read_line(vm->proc, buf, size, vm->watch && left_ns > WATCH_NS ? WATCH_NS : left_ns);
	if (n > 0)
		return understand(vm, buf, n);
	if (n == -EPIPE)
		vm->state = VM_DEAD;
	if (n != -ETIMEDOUT)
		return n;
	if (vm->watch && !listening(vm->socket)) {
		vm->state = VM_DEAD;	/* UML does not reconnect: it would spin for ever */
		snprintf(vm->last, sizeof(vm->last), "the backend of %s is gone", vm->socket);
		return -EPIPE;
	}
	return now_mono() >= t_end ? -ETIMEDOUT : 0;
}

static int64_t until(int64_t limit_ns)
{
	int64_t now = now_mono();

	return limit_ns > NS_NEVER - now ? NS_NEVER : now + limit_ns;
}

/* Too long for one line, were all of it said that may be the matter: what is usual, and where the rest is. */
static int too_slow(const struct vm *vm, int64_t limit_ns, struct why *why)
{
	char buf[NS_STR_LEN];

	return why_fail(why, ETIMEDOUT, "guest %s (%s) did not boot within %s: its console %s%.80s%s%.80s; --log FILE keeps all of it; "
			"has it a CPU to itself (--cpu, --nice)%s?", vm->name, strncmp(vm->how, "QEMU", 4) ? "UML" : "QEMU", ns_str(buf, limit_ns),
			vm->last[0] ? "said last: " : "said nothing", vm->before, vm->before[0] ? " / " : "", vm->last,
			vm->socket[0] ? ", does taktd answer (takt show)" : "");
}

int vm_wait_ready(struct vm *vm, int64_t limit_ns, struct why *why)
{
	int64_t t_end = until(limit_ns);
	char buf[1024];

	while (vm->state == VM_BOOTING) {
		ssize_t n = step(vm, buf, sizeof(buf), t_end);

		if (n == -EINTR)
			return why_fail(why, EINTR, "guest %s: interrupted", vm->name);
		if (n == -ETIMEDOUT)
			return too_slow(vm, limit_ns, why);
	}
	if (vm->state == VM_DEAD)
		return why_fail(why, EIO, "guest %s: %s", vm->name, vm->last[0] ? vm->last : "died while it booted");
	return 0;
}

ssize_t vm_read_line(struct vm *vm, char *buf, size_t size, int64_t limit_ns)
{
	int64_t t_end = until(limit_ns);
	ssize_t n;

	do
		n = step(vm, buf, size, t_end);
	while (!n);
	return n;
}

int vm_wait_line(struct vm *vm, const char *needle, char *line, size_t size, int64_t limit_ns)
{
	int64_t t_end = until(limit_ns);
	char own[1024];
	ssize_t n;

	if (!line) {
		line = own;
		size = sizeof(own);
	}
	for (;;) {
		n = step(vm, line, size, t_end);
		if (n < 0)
			return (int)n;
		if (n && strstr(line, needle))
			return 0;
	}
}

int vm_wait(struct vm *vm, int64_t limit_ns, int *status, struct why *why)
{
	int64_t t_end = until(limit_ns);
	char buf[1024];
	ssize_t n;

	while ((n = step(vm, buf, sizeof(buf), t_end)) >= 0)
		;
	if (n == -EINTR)
		return why_fail(why, EINTR, "guest %s: interrupted", vm->name);
	if (n == -ETIMEDOUT)
		return why_fail(why, ETIMEDOUT, "guest %s: its command is not done in time", vm->name);
	if (vm->state != VM_ENDED)
		return why_fail(why, EIO, "guest %s died: %s", vm->name, vm->last[0] ? vm->last : "it did not say why");
	*status = vm->status;
	return 0;
}

const char *vm_how(const struct vm *vm)
{
	return vm->how;
}

pid_t vm_pid(const struct vm *vm)
{
	return proc_pid(vm->proc);
}

void vm_stop(struct vm *vm)
{
	if (!vm)
		return;
	proc_stop(vm->proc, 0);		/* nothing in it is worth a farewell, and UML knows only SIGKILL */
	if (vm->initrd_fd >= 0)
		close(vm->initrd_fd);
	vm_events_close(&vm->events);
	remove_run_dir(vm);
	free(vm);
}
