/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/linuxptp_cmd.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cmd.h"
#include "base/out.h"
#include "probes/linuxptp.h"
#include "ptp/phc.h"
#include "vnet/client.h"

#define PATHS	"._/@+,:=-" /* and letters and digits: what systemd reads as it stands */
#define NAMES	"._-"
#define UDS_MAX 107 /* sizeof(sockaddr_un.sun_path) - 1 */
#define NOTES	4

/* Facts in the making. */
struct making {
	struct linuxptp l;
	char dir[PATH_MAX], names[512]; /* what l points to */
	char clock[LINUXPTP_PORTS][PHC_PATH_LEN];
	struct why note[NOTES]; /* what the user should know */
	int notes;
};

static struct why *note(struct making *m)
{
	return &m->note[m->notes < NOTES ? m->notes++ : NOTES - 1];
}

const char *linuxptp_stray(const struct linuxptp_opts *o)
{
	const struct {
		bool given;
		const char *name;
	} all[] = {
		{o->interfaces, "--interface"}, {o->cpus, "--cpu"}, {o->profile, "--profile"}, {o->role, "--role"},
		{o->transport, "--transport"}, {o->stamps, "--time-stamping"}, {o->steer >= 0, "--steer"},
		{o->traceable, "--traceable"}, {o->dry_run, "--dry-run"}, {o->force, "--force"},
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].given)
			return all[i].name;
	return NULL;
}

/* -- words --------------------------------------------------------------------------------------------------------- */

/* The index of `word` among `words` (separated by '|'), whatever its case; the first when there is none. -EINVAL. */
static int choose(const char *option, const char *word, const char *words, struct why *why)
{
	const char *s = words;
	size_t len;
	int i;

	if (!word)
		return 0;
	for (i = 0; *s; i++, s += len + (s[len] == '|')) {
		len = strcspn(s, "|");
		if (strlen(word) == len && !strncasecmp(s, word, len))
			return i;
	}
	return why_fail(why, EINVAL, "%s: \"%.40s\" is none of %s", option, word, words);
}

static bool plain(const char *text, const char *besides)
{
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && !strchr(besides, *text))
			return false;
	return true;
}

static int set_paths(struct making *m, const char *dir, const char *uds, struct why *why)
{
	char cwd[PATH_MAX] = "", real[PATH_MAX];

	if (realpath(dir, real)) /* else it is not there: --dry-run may say so before it is made */
		dir = real;
	if (dir[0] != '/' && !getcwd(cwd, sizeof(cwd)))
		return why_fail(why, errno, "the current folder is gone: give a path that begins with /");
	if (snprintf(m->dir, sizeof(m->dir), "%s%s%s", cwd, dir[0] == '/' ? "" : "/", dir) >= FILE_SET_PATH - 64)
		return why_fail(why, EINVAL, "--linuxptp: the path is too long: choose another folder");
	if (!dir[0] || !plain(m->dir, PATHS))
		return why_fail(why, EINVAL, "--linuxptp: \"%.80s\" cannot stand in a unit file: letters, digits and %s only", m->dir, PATHS);
	m->l.dir = m->dir;
	m->l.uds = uds ? uds : LINUXPTP_UDS;
	if (m->l.uds[0] != '/' || strlen(m->l.uds) > UDS_MAX || !plain(m->l.uds, PATHS))
		return why_fail(why, EINVAL, "--ptp4l: \"%.60s\" is no path for a socket: begin with /, letters, digits and %s only", m->l.uds, PATHS);
	return 0;
}

static int set_choices(struct linuxptp *l, const struct linuxptp_opts *o, struct why *why)
{
	int profile = choose("--profile", o->profile, "default|gptp", why);
	int role = choose("--role", o->role, "client|grandmaster", why);
	int transport = choose("--transport", o->transport, "L2|UDPv4|UDPv6", why);

	if (profile < 0 || role < 0 || transport < 0)
		return -EINVAL;
	l->gptp = profile;
	l->grandmaster = role;
	l->transport = l->gptp || o->transport ? (enum linuxptp_transport)transport : LINUXPTP_UDPV4;
	l->traceable = o->traceable;
	l->steer = (int)o->steer;
	if (l->gptp && l->transport != LINUXPTP_L2)
		return why_fail(why, EINVAL, "--transport: 802.1AS goes over L2 only: leave the option out, or --profile default");
	if (l->traceable && !l->grandmaster)
		return why_fail(why, EINVAL, "--traceable is what a grandmaster says of its time: add --role grandmaster");
	return 0;
}

/* -- interfaces ---------------------------------------------------------------------------------------------------- */

/*
 * What the kernel takes for a name (dev_valid_name()), less what means something else where it is written: "-x" is an option to ethtool and
 * phc2sys, and [global] ptp4l's own section.
 */
static bool is_interface(const char *name)
{
	return name[0] && name[0] != '-' && strlen(name) < IF_NAMESIZE && plain(name, NAMES) && strcmp(name, ".") && strcmp(name, "..") &&
	       strcasecmp(name, "global");
}

static int add_interface(struct making *m, char *name, struct why *why)
{
	int i;

	if (!is_interface(name))
		return why_fail(why, EINVAL, "--interface: \"%.40s\" is no name of an interface: write one, or several as eth0,eth1", name);
	for (i = 0; i < m->l.ports; i++)
		if (!strcmp(m->l.interface[i], name))
			return why_fail(why, EINVAL, "--interface: %s stands there twice", name);
	if (m->l.ports == LINUXPTP_PORTS)
		return why_fail(why, EINVAL, "--interface: more than %d: ptp4l's ports are as many as interfaces", LINUXPTP_PORTS);
	m->l.interface[m->l.ports++] = name;
	return 0;
}

static int add_interfaces(struct making *m, const char *list, struct why *why)
{
	char *s = m->names, *comma;
	int err;

	if (strlen(list) >= sizeof(m->names))
		return why_fail(why, EINVAL, "--interface: the list is too long");
	strcpy(s, list);
	do {
		comma = strchr(s, ',');
		if (comma)
			*comma = '\0';
		err = add_interface(m, s, why);
		s = comma + 1;
	} while (!err && comma);
	return err;
}

/* The kernel's interface behind a wire: "net_af_xdp0,iface=eth0,...". Others have no kernel driver, and so no hardware clock. */
static void add_wire(char *list, size_t size, const json_t *port, struct making *m)
{
	const char *device = json_string_value(json_object_get(port, "device"));
	const char *kind = json_string_value(json_object_get(port, "kind"));
	const char *iface = device ? strstr(device, ",iface=") : NULL;
	size_t len = strlen(list);

	if (!kind || strcmp(kind, "wire") || !device)
		return;
	if (!iface) {
		why_fail(note(m), 0, "wire %.80s has no kernel interface, so no clock that ptp4l could use: it is left out", device);
		return;
	}
	iface += strlen(",iface=");
	snprintf(list + len, size - len, "%s%.*s", len ? "," : "", (int)strcspn(iface, ","), iface);
}

static int ask_wires(struct making *m, const char *taktd, struct why *why)
{
	char list[sizeof(m->names)] = "";
	struct why silent;
	const json_t *port;
	json_t *reply;
	size_t i;

	if (client_request(taktd, json_pack("{s:s}", "cmd", "show"), &reply, &silent))
		return why_fail(why, EINVAL, "name the interfaces with --interface eth0,...: no running taktd tells its wires");
	json_array_foreach(json_object_get(reply, "ports"), i, port)
		add_wire(list, sizeof(list), port, m);
	json_decref(reply);
	if (!list[0])
		return why_fail(why, EINVAL, "this taktd has no wire with a kernel interface: name one that has a clock with --interface");
	return add_interfaces(m, list, why);
}

/* -- stamps -------------------------------------------------------------------------------------------------------- */

/* The hardware clock of each; m->clock[i] is "" where there is none. */
static int look_at_clocks(struct making *m, struct why *why)
{
	struct why none;
	int i, err;

	for (i = 0; i < m->l.ports; i++) {
		err = phc_of_interface(m->clock[i], m->l.interface[i], &none);
		if (err == -EOPNOTSUPP)
			m->clock[i][0] = '\0';
		else if (err)
			return why_fail(why, EINVAL, "--interface: %.200s; with --time-stamping hardware or software the files can be written for another machine", none.text);
	}
	return 0;
}

static int set_stamps(struct making *m, const char *wanted, struct why *why)
{
	int how = choose("--time-stamping", wanted, "auto|hardware|software", why), with = 0, i;

	if (how < 0)
		return how;
	m->l.hardware = how == 1;
	m->l.one_clock = m->l.ports == 1;
	if (how)
		return 0;
	if (look_at_clocks(m, why))
		return -EINVAL;
	m->l.one_clock = true;
	for (i = 0; i < m->l.ports; i++) {
		with += m->clock[i][0] != '\0';
		if (strcmp(m->clock[i], m->clock[0]))
			m->l.one_clock = false;
	}
	if (with && with < m->l.ports)
		return why_fail(why, EINVAL, "some of these interfaces have a hardware clock and others none, and a ptp4l uses one kind of stamps: leave some out, or --time-stamping software");
	m->l.hardware = with;
	if (!with)
		why_fail(note(m), 0, "no hardware clock on %s: stamps by the kernel, good to microseconds at best, worse under load", m->l.interface[0]);
	return 0;
}

/* -- CPUs ---------------------------------------------------------------------------------------------------------- */

/* "cpu: N" at the top level of the file that taktd would be started from. -1: any, or not told. */
static int ask_cpu(const char *taktd)
{
	const char *yaml, *line;
	json_t *reply;
	struct why silent;
	int cpu = -1;

	if (client_request(taktd, json_pack("{s:s}", "cmd", "dump"), &reply, &silent))
		return -1;
	yaml = json_string_value(json_object_get(reply, "yaml"));
	for (line = yaml; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
		if (!strncmp(line, "cpu:", 4))
			cpu = atoi(line + 4);
	json_decref(reply);
	return cpu;
}

/* A list that the kernel tells. -ENOENT where it tells none. */
static int kernel_list(struct cpu_list *out, const char *path)
{
	char text[1024] = "";
	FILE *f = fopen(path, "re");
	bool read = f && fgets(text, sizeof(text), f);

	if (f)
		fclose(f);
	return read ? cpu_list_read(out, text) : -ENOENT;
}

/* A number too high is a slip that would leave the daemons on the worker's CPU. */
static int check_present(const struct cpu_list *wanted, struct why *why)
{
	char has[CPU_LIST_STR_LEN], lacks[CPU_LIST_STR_LEN];
	struct cpu_list present, absent;

	if (kernel_list(&present, "/sys/devices/system/cpu/present"))
		return 0;
	absent = cpu_list_without(*wanted, &present);
	if (cpu_list_empty(&absent))
		return 0;
	return why_fail(why, EINVAL, "--cpu: this machine has no CPU %s: it has %s", cpu_list_str(lacks, &absent), cpu_list_str(has, &present));
}

static int set_cpus(struct making *m, const char *list, const char *taktd, struct why *why)
{
	struct cpu_list all, isolated;
	struct linuxptp *l = &m->l;
	int cpu;

	if (list && cpu_list_parse(&l->apart, list, why)) {
		why_at(why, "--cpu");
		return -EINVAL;
	}
	if (list && check_present(&l->apart, why))
		return -EINVAL;
	cpu = list ? -1 : ask_cpu(taktd);
	if (cpu >= 0 && cpu < CPU_LIST_MAX)
		cpu_list_add(&l->apart, cpu);
	else if (!list)
		why_fail(note(m), 0, "which CPU taktd's worker has is not known, so the units do not keep off it: give --cpu");
	if (!kernel_list(&isolated, "/sys/devices/system/cpu/isolated"))
		l->apart = cpu_list_or(l->apart, &isolated);
	if (cpu_list_empty(&l->apart))
		return 0;
	if (kernel_list(&all, "/sys/devices/system/cpu/online"))
		return why_fail(why, EINVAL, "/sys/devices/system/cpu/online does not say which CPUs there are: is /sys mounted?");
	l->cpus = cpu_list_without(all, &l->apart);
	if (cpu_list_empty(&l->cpus))
		return why_fail(why, EINVAL, "--cpu, or taktd's, and the isolated CPUs leave none of this machine's for ptp4l and phc2sys");
	return 0;
}

/* -- the command --------------------------------------------------------------------------------------------------- */

static int make(struct making *m, const struct linuxptp_opts *o, const char *uds, int domain, const char *taktd, struct why *why)
{
	int err = set_paths(m, o->dir, uds, why);

	m->l.domain = domain;
	if (!err)
		err = set_choices(&m->l, o, why);
	if (!err)
		err = o->interfaces ? add_interfaces(m, o->interfaces, why) : ask_wires(m, taktd, why);
	if (!err)
		err = set_stamps(m, o->stamps, why);
	if (!err)
		err = set_cpus(m, o->cpus, taktd, why);
	if (!err && m->l.gptp && domain)
		why_fail(note(m), 0, "802.1AS-2011 knows domain 0 only; others are 802.1AS-2020's");
	return err;
}

static void say(const struct making *m, const struct file_set *s, bool json)
{
	struct out o;
	int i;

	out_init(&o, stdout, json);
	out_object(&o, NULL);
	out_str(&o, "folder", m->dir, NULL);
	out_str(&o, "time_stamping", m->l.hardware ? "hardware" : "software", NULL);
	out_array(&o, "files");
	for (i = 0; i < s->n; i++)
		out_str(&o, NULL, s->file[i].name, "%s/%s\n", m->dir, s->file[i].name);
	out_end(&o);
	out_array(&o, "notes");
	for (i = 0; i < m->notes; i++)
		out_str(&o, NULL, m->note[i].text, "note: %s\n", m->note[i].text);
	out_end(&o);
	out_text(&o, "\nNext:  systemctl link");
	for (i = 0; i < s->n; i++)
		if (strstr(s->file[i].name, ".service"))
			out_text(&o, " %s/%s", m->dir, s->file[i].name);
	out_text(&o, "\n       systemctl enable --now takt-ptp4l%s\n       takt clock --watch\n", linuxptp_has_phc2sys(&m->l) ? " takt-phc2sys" : "");
	out_fini(&o);
}

int linuxptp_cmd(const struct linuxptp_opts *o, const char *uds, int domain, const char *taktd, bool json)
{
	struct making m = {0};
	struct file_set set;
	struct why why = {""};
	int i, err;

	file_set_init(&set, m.dir);
	err = make(&m, o, uds, domain, taktd, &why);
	if (!err)
		err = linuxptp_files(&m.l, &set, &why);
	if (!err)
		err = o->dry_run ? file_set_print(&set, stdout, &why) : file_set_write(&set, o->force, &why);
	if (!err && !o->dry_run)
		say(&m, &set, json);
	for (i = 0; !err && o->dry_run && i < m.notes; i++)
		fprintf(stderr, "takt: note: %s\n", m.note[i].text);
	file_set_fini(&set);
	if (err)
		return cmd_refuse(err, &why);
	return fflush(stdout) || ferror(stdout) ? CMD_FAILED : CMD_OK;
}
