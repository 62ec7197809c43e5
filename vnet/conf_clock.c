/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The keys of clock: what time taktd goes by.
 */
#include "vnet/conf_type.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "ptp/follow.h"
#include "vnet/conf.h"

/* -- values ---------------------------------------------------------------------------------------------------- */

/* The field is the device, "" for CLOCK_TAI. */
static int read_reference(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	char *device = field;

	if (n->kind == YML_SCALAR && !strcmp(n->text, "tai")) {
		device[0] = '\0';
		return 0;
	}
	if (n->kind != YML_SCALAR || strncmp(n->text, "/dev/", 5))
		return conf_refuse(at, n->line, k->key, "is no clock: give tai (CLOCK_TAI), or the device of a PTP hardware clock such as /dev/ptp0");
	return conf_type_path.read(at, k, n, field);
}

static void print_reference(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	const char *device = field;

	(void)k;
	conf_print_text(device[0] ? device : "tai", f, indent);
}

static int read_offset(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	if (n->kind == YML_SCALAR && !strcmp(n->text, "kernel")) {
		*(int64_t *)field = FOLLOW_TAI_KERNEL;
		return 0;
	}
	if (n->kind != YML_SCALAR || (n->text[0] < '0' || n->text[0] > '9'))
		return conf_refuse(at, n->line, k->key, "%s%.80s%s is no offset: give kernel, or TAI - UTC in seconds: 37 since 2017, 0 for UTC on purpose",
				   n->kind == YML_SCALAR ? "\"" : "", n->kind == YML_SCALAR ? n->text : yml_kind_name(n), n->kind == YML_SCALAR ? "\"" : "");
	return conf_read_int(at, k, n, field);
}

static void print_offset(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	int64_t v = *(const int64_t *)field;

	(void)k;
	if (v == FOLLOW_TAI_KERNEL)
		conf_print_text("kernel", f, indent);
	else
		fprintf(f, "%" PRId64, v);
}

static int read_socket(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	return conf_type_path.read(at, k, n, field);
}

static void print_socket(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	(void)k;
	conf_print_text(field, f, indent);
}

static bool no_socket(const struct conf_key *k, const void *field)
{
	(void)k;
	return !*(const char *)field;
}

static const struct conf_type type_socket = {.name = "path", .read = read_socket, .print = print_socket, .absent = no_socket};
static const struct conf_type type_reference = {.name = "`tai` or the device of a PTP hardware clock", .read = read_reference,
						.print = print_reference};
static const struct conf_type type_offset = {.name = "`kernel` or seconds, 0 to 255", .read = read_offset, .print = print_offset};

/* -- the mapping ----------------------------------------------------------------------------------------------- */

#define AT(field) .offset = offsetof(struct conf_clock, field)

static const char *const holds[] = {"no", "open", "closed", NULL};

const struct conf_key conf_clock_keys[] = {
	{.key = "reference", .type = &type_reference, AT(device), .max = sizeof(((struct conf_clock *)0)->device), .def = "tai",
	 .help = "The clock that is followed: `tai`, the kernel's CLOCK_TAI, or `/dev/ptpN`, which has to show TAI."},
	{.key = "tai-offset", .type = &type_offset, AT(tai_offset), .min = 0, .max = 255, .def = "kernel",
	 .help = "TAI - UTC of CLOCK_TAI. `kernel`: as ptp4l, phc2sys or chrony set it; schedules are refused while it is 0, for nobody did. A number: "
		 "used as long as the kernel has 0. `0`: UTC on purpose, whatever the kernel has."},
	{.key = "max-error", .type = &conf_type_ns, AT(max_error_ns), .min = 100, .max = NS_PER_SEC, .def = "10us",
	 .help = "Beyond this bound the clock is not good: it is counted, logged and shown."},
	{.key = "hold-gates", .type = &conf_type_choice, AT(hold), .def = "no", .words = holds,
	 .help = "Until the clock is good for the first time, schedules do not start; gates and stream gates that have one are all open, or all shut. "
		 "`no`: they start at once. `closed` holds PTP too: a ptp4l whose PTP passes this taktd never becomes SLAVE; use `open`."},
	{.key = "ptp4l", .type = &type_socket, AT(ptp4l), .max = CONF_PATH_LEN,
	 .help = "Socket of the ptp4l that keeps the clock, its uds_address: the clock is good only while a port of it is SLAVE, or it is the "
		 "grandmaster, and its grandmaster's UTC offset fits."},
	{.key = "domain", .type = &conf_type_int, AT(domain), .min = 0, .max = 255, .def = "0", .help = "The domainNumber of that ptp4l."},
	{.key = NULL},
};

static int read_clock(const struct conf_at *at, const struct conf_key *k, const struct yml_node *n, void *field)
{
	struct conf_clock *c = field;
	int err = conf_keys_default(conf_clock_keys, c, at->why);

	(void)k;
	if (!err)
		err = conf_keys_read(at, conf_clock_keys, n, 0, c);
	if (err)
		return err;
	if (c->device[0] && c->tai_offset != FOLLOW_TAI_KERNEL)
		return conf_refuse(at, n->line, "clock", "tai-offset is CLOCK_TAI's, and reference is %s, which shows TAI by itself: give one of the two",
				   c->device);
	return 0;
}

static void print_clock(const struct conf_key *k, const void *field, FILE *f, int indent)
{
	(void)k;
	conf_keys_print_block(conf_clock_keys, field, f, indent);
}

const struct conf_type conf_type_clock = {.name = "mapping, see below", .read = read_clock, .print = print_clock, .block = true};

/* -- what depends on it ---------------------------------------------------------------------------------------- */

static bool has_schedule(const struct conf_port *p)
{
	uint32_t i;

	if (p->has_gate && p->gate.enabled)
		return true;
	for (i = 0; i < p->police.n_gates; i++)
		if (p->police.gates[i].gate.enabled && p->police.gates[i].gate.n_entries)
			return true;
	for (i = 0; i < TSN_CLASSES; i++)
		if (p->launch[i].enabled)
			return true;
	return false;
}

const struct conf_port *conf_scheduled(const struct conf *conf)
{
	uint32_t i;

	for (i = 0; i < conf->n_ports; i++)
		if (has_schedule(&conf->port[i]))
			return &conf->port[i];
	return NULL;
}

int conf_clock_check(const struct conf_clock *c, int kernel_offset, struct why *why)
{
	if (c->device[0] || c->tai_offset != FOLLOW_TAI_KERNEL || kernel_offset)
		return 0;
	return why_fail(why, EINVAL,
			"the kernel's TAI offset is 0, so CLOCK_TAI shows UTC, 37 s off, and cycles that do not divide a second are out of step "
			"with other stations: let ptp4l or chrony set it, or write `clock: {tai-offset: 37}` into taktd's file (0: UTC on purpose)");
}
