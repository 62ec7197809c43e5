/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * takt clock: where taktd's time comes from, and how far it may be wrong at each link.
 */
#include "probes/probes.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ns.h"
#include "base/out.h"
#include "base/term.h"
#include "probes/clock_look.h"
#include "probes/linuxptp_cmd.h"

#define INDENT	12  /* columns of a link's name */
#define COLUMNS 100 /* of sentences */

struct conf {
	const char *ptp4l, *phc, *name;
	int64_t domain;
	bool watch, json;
	struct linuxptp_opts linuxptp;
};

#define AT(field) offsetof(struct conf, field)
const struct opt clock_opts[] = {
	{"ptp4l", 'p', OPT_STR, AT(ptp4l), "SOCKET", NULL, 0, 0, "ptp4l's uds_address (default: the usual ones)"},
	{"domain", 'd', OPT_INT, AT(domain), "N", "0", 0, 255, "its domainNumber: to others it does not answer"},
	{"phc", 0, OPT_STR, AT(phc), "DEVICE", NULL, 0, 0, "hardware clock, /dev/ptpN (default: of the port with hardware stamps)"},
	{"name", 'n', OPT_STR, AT(name), "NAME", NULL, 0, 0, "taktd's instance, or path of its control socket (default takt)"},
	{"watch", 'w', OPT_FLAG, AT(watch), NULL, NULL, 0, 0, "refresh once a second until Ctrl-C"},
	{"json", 'j', OPT_FLAG, AT(json), NULL, NULL, 0, 0, "JSON: times are integers in ns"},
	{"linuxptp", 0, OPT_STR, AT(linuxptp.dir), "DIR", NULL, 0, 0, "write configurations and units of ptp4l and phc2sys into DIR; goes with:"},
	{"interface", 'i', OPT_STR, AT(linuxptp.interfaces), "LIST", NULL, 0, 0, "  ptp4l's interfaces, eth0,eth1 (default: of the running taktd's wires)"},
	{"role", 0, OPT_STR, AT(linuxptp.role), "client|grandmaster", NULL, 0, 0, "  follow a grandmaster (default), or give this host's time"},
	{"profile", 0, OPT_STR, AT(linuxptp.profile), "default|gptp", NULL, 0, 0, "  IEEE 1588, or 802.1AS"},
	{"transport", 0, OPT_STR, AT(linuxptp.transport), "L2|UDPv4|UDPv6", NULL, 0, 0, "  UDPv4 is the default; gptp has L2"},
	{"time-stamping", 0, OPT_STR, AT(linuxptp.stamps), "auto|hardware|software", NULL, 0, 0, "  auto: by the NIC where it has a clock (default)"},
	{"cpu", 'c', OPT_STR, AT(linuxptp.cpus), "LIST", NULL, 0, 0, "  keep both daemons off these CPUs (default: the running taktd's worker's)"},
	{"steer", 0, OPT_INT, AT(linuxptp.steer), "QUEUE", "-1", -1, 1023, "  PTP to that receive queue, away from AF_XDP's; -1: as it comes"},
	{"traceable", 0, OPT_FLAG, AT(linuxptp.traceable), NULL, NULL, 0, 0, "  announce UTC offset and time as good, so that clients set their TAI offset"},
	{"dry-run", 0, OPT_FLAG, AT(linuxptp.dry_run), NULL, NULL, 0, 0, "  print the files, write none"},
	{"force", 'f', OPT_FLAG, AT(linuxptp.force), NULL, NULL, 0, 0, "  replace files that are there"},
	OPT_END,
};
#undef AT

const char clock_examples[] = "  takt clock                           the chain; exit status 1 when a link is missing\n"
			      "  takt clock --watch                   live\n"
			      "  takt clock --ptp4l /run/ptp4l-eth0   a ptp4l with an uds_address of its own\n"
			      "  takt clock --json | jq .ptp4l.offset_ns\n"
			      "  takt clock --linuxptp /etc/takt -i eth0 --cpu 1           the host follows PTP on eth0; taktd's worker is on CPU 1\n"
			      "  takt clock --linuxptp /etc/takt -i eth0 --profile gptp    802.1AS\n"
			      "  takt clock --linuxptp /etc/takt -i eth0 --steer 1         taktd's wire is eth0 by AF_XDP, on queue 0\n"
			      "  takt clock --linuxptp . -i eth0 --role grandmaster --traceable --dry-run\n";

/* -- numbers that may not be known --------------------------------------------------------------------------------- */

static void put_maybe(struct out *o, const char *key, int64_t v, bool known)
{
	if (known)
		out_int(o, key, v, NULL);
	else
		out_null(o, key, NULL);
}

/* "within 2.00 us", or why there is no number */
static const char *within(char *buf, size_t size, int64_t bound_ns, const char *unknown)
{
	char text[NS_STR_LEN];

	if (bound_ns < 0)
		snprintf(buf, size, "%s", unknown);
	else
		snprintf(buf, size, "within %s", ns_str(text, bound_ns));
	return buf;
}

/* -- links --------------------------------------------------------------------------------------------------------- */

static void heading(struct out *o, const char *link)
{
	out_text(o, "%s%-12s%s", out_style(o, OUT_BOLD), link, out_style(o, OUT_PLAIN));
}

static void put_grandmaster(struct out *o, const struct chain_ptp *p)
{
	const struct pmc_time_properties *t = &p->time;
	int64_t accuracy_ns = pmc_accuracy_ns(p->parent.gm_quality.accuracy);
	char id[PMC_ID_STR_LEN], text[64];

	heading(o, "grandmaster");
	out_object(o, "grandmaster");
	out_str(o, "identity", pmc_clock_str(id, &p->parent.gm_identity), "%s", id);
	out_bool(o, "self", chain_is_grandmaster(p), "%s", chain_is_grandmaster(p) ? ", this clock itself" : "");
	out_int(o, "priority1", p->parent.gm_priority1, NULL);
	out_int(o, "priority2", p->parent.gm_priority2, NULL);
	out_int(o, "clock_class", p->parent.gm_quality.clock_class, ", class %u", p->parent.gm_quality.clock_class);
	put_maybe(o, "accuracy_ns", accuracy_ns, accuracy_ns >= 0);
	out_text(o, ", %s%s", within(text, sizeof(text), accuracy_ns, "accuracy not known"),
		 accuracy_ns < 0 ? "" : " of its reference");
	out_str(o, "time_source", pmc_time_source(t->time_source), ", %s\n", pmc_time_source(t->time_source));
	out_bool(o, "ptp_timescale", t->ptp_timescale, "%*s%s", INDENT, "", t->ptp_timescale ? "TAI" : "arbitrary time scale");
	out_int(o, "utc_offset_s", t->utc_offset, ", UTC offset %d s", t->utc_offset);
	out_bool(o, "utc_offset_valid", t->utc_offset_valid, "%s", t->utc_offset_valid ? "" : " (not valid)");
	out_bool(o, "time_traceable", t->time_traceable, ", time %straceable", t->time_traceable ? "" : "not ");
	out_bool(o, "frequency_traceable", t->freq_traceable, ", frequency %straceable\n", t->freq_traceable ? "" : "not ");
	out_end(o);
}

static void put_port(struct out *o, const struct chain_port *port)
{
	out_object(o, NULL);
	out_int(o, "number", port->ds.identity.number, "%*sport %u ", INDENT, "", port->ds.identity.number);
	if (port->properties) {
		out_str(o, "interface", port->interface, "(%s) ", port->interface);
		out_str(o, "timestamping", pmc_timestamping(port->timestamping), NULL);
	} else {
		out_null(o, "interface", NULL);
		out_null(o, "timestamping", NULL);
	}
	out_str(o, "state", pmc_port_state(port->ds.state), "%s", pmc_port_state(port->ds.state));
	out_int(o, "delay_mechanism", port->ds.delay_mechanism, NULL);
	out_int(o, "peer_delay_ns", port->ds.peer_delay_ns, NULL);
	if (port->properties)
		out_text(o, ", %s stamps\n", pmc_timestamping(port->timestamping));
	else
		out_text(o, "\n");
	out_end(o);
}

static void put_ptp4l(struct out *o, const struct clock_look *l)
{
	const struct chain_ptp *p = &l->chain.ptp;
	bool follows = chain_follows(p);
	int64_t bound_ns = chain_offset_bound_ns(p);
	char id[PMC_ID_STR_LEN], offset[NS_STR_LEN], delay[NS_STR_LEN], text[64];
	int i;

	heading(o, "ptp4l");
	out_object(o, "ptp4l");
	out_str(o, "socket", l->ptp4l, NULL);
	out_int(o, "domain", p->clock.domain, NULL);
	out_int(o, "transport_specific", l->sdo, NULL);
	out_str(o, "identity", pmc_clock_str(id, &p->clock.identity), "%s", id);
	out_text(o, ", domain %u, %s\n", p->clock.domain, l->ptp4l);
	out_str(o, "parent", pmc_port_str(id, &p->parent.port), NULL);
	out_int(o, "steps_removed", p->current.steps_removed, NULL);
	put_maybe(o, "offset_ns", p->current.offset_ns, follows);
	put_maybe(o, "servo_offset_ns", p->status.offset_ns, follows);
	put_maybe(o, "path_delay_ns", bound_ns, bound_ns >= 0);
	put_maybe(o, "offset_bound_ns", bound_ns, bound_ns >= 0);
	put_maybe(o, "t_last_sync", p->status.t_ingress, p->status.t_ingress != 0);
	if (follows)
		out_text(o, "%*s%s from %s, %s, path delay %s, %u step%s from the grandmaster\n", INDENT, "",
			 ns_str(offset, p->current.offset_ns), id, within(text, sizeof(text), bound_ns, "bound not known"),
			 bound_ns < 0 ? "not measured" : ns_str(delay, bound_ns),
			 p->current.steps_removed, p->current.steps_removed == 1 ? "" : "s");
	out_array(o, "ports");
	for (i = 0; i < p->ports; i++)
		put_port(o, &p->port[i]);
	out_end(o);
	out_end(o);
}

static void put_phc(struct out *o, const struct clock_look *l)
{
	const struct chain_phc *p = &l->chain.phc;
	char offset[NS_STR_LEN], half[NS_STR_LEN];

	heading(o, "phc");
	out_object(o, "phc");
	out_str(o, "device", l->phc, "%s", l->phc);
	out_str(o, "method", l->phc_method, NULL);
	out_int(o, "offset_ns", p->offset_ns, ", %s from CLOCK_TAI", ns_str(offset, p->offset_ns));
	out_int(o, "offset_half_ns", p->half_ns, ", within %s (%s reads)\n", ns_str(half, p->half_ns), l->phc_method);
	out_end(o);
}

static void put_system(struct out *o, const struct clock_look *l)
{
	const struct chain_system *s = &l->chain.system;
	char text[64], est[NS_STR_LEN];

	heading(o, "system");
	out_object(o, "system");
	out_int(o, "t_tai", l->t_now, NULL);
	out_int(o, "tai_offset_s", s->tai_offset, "CLOCK_TAI is CLOCK_REALTIME + %d s", s->tai_offset);
	out_bool(o, "kept", s->kept, NULL);
	put_maybe(o, "max_error_ns", s->max_error_ns, s->kept);
	put_maybe(o, "est_error_ns", s->est_error_ns, s->kept);
	out_text(o, ", %s", within(text, sizeof(text), s->kept ? s->max_error_ns : -1, "bound not known"));
	if (s->kept)
		out_text(o, " (estimated %s)", ns_str(est, s->est_error_ns));
	out_text(o, "\n");
	out_end(o);
}

static void put_taktd(struct out *o, const struct clock_look *l)
{
	const struct chain_taktd *t = &l->chain.taktd;
	char bound[NS_STR_LEN], offset[NS_STR_LEN], half[NS_STR_LEN];

	heading(o, "taktd");
	out_object(o, "taktd");
	out_str(o, "instance", l->instance, "%s", l->instance);
	out_int(o, "pid", l->taktd_pid, ", pid %" PRId64, l->taktd_pid);
	out_str(o, "reference", l->taktd_reference, NULL);
	out_int(o, "tai_offset_s", t->tai_offset, NULL);
	out_int(o, "error_bound_ns", t->bound_ns, ", its map within %s of %s", ns_str(bound, t->bound_ns), l->taktd_reference);
	out_int(o, "offset_ns", t->offset_ns, "; seen from here %s off", ns_str(offset, t->offset_ns));
	out_int(o, "offset_half_ns", t->half_ns, ", within %s", ns_str(half, t->half_ns));
	out_bool(o, "good", t->good, t->good ? ", good" : ", not good");
	out_str(o, "why_not", t->why_not.text, NULL);
	out_str(o, "gates_held", t->held, NULL);
	out_uint(o, "clock_steps", t->steps, ", %" PRIu64 " steps\n", t->steps);
	out_end(o);
}

static void put_missing(struct out *o, const char *link, const char *key)
{
	heading(o, link);
	out_null(o, key, "%smissing%s\n", out_style(o, OUT_RED), out_style(o, OUT_PLAIN));
}

/* A sentence in lines that fit, each but the first indented. */
static void wrap(struct out *o, const char *text, int column, int indent)
{
	size_t len;

	for (; *text; text += len + strspn(text + len, " ")) {
		len = strcspn(text, " ");
		if (column > indent && column + 1 + (int)len > COLUMNS) {
			out_text(o, "\n%*s", indent, "");
			column = indent;
		} else if (column > indent) {
			out_text(o, " ");
			column++;
		}
		out_text(o, "%.*s", (int)len, text);
		column += (int)len;
	}
	out_text(o, "\n");
}

static void put_finding(void *arg, enum chain_link link, enum chain_severity severity, const char *sentence)
{
	static const enum out_style styles[] = {[CHAIN_NOTE] = OUT_DIM, [CHAIN_TRAP] = OUT_YELLOW, [CHAIN_BROKEN] = OUT_RED};
	struct out *o = arg;

	out_object(o, NULL);
	out_str(o, "link", chain_link_name(link), NULL);
	out_str(o, "severity", chain_severity_name(severity), "%s%-11s%s %s:", out_style(o, styles[severity]),
		chain_severity_name(severity), out_style(o, OUT_PLAIN), chain_link_name(link));
	out_str(o, "text", sentence, NULL);
	wrap(o, sentence, INDENT + (int)strlen(chain_link_name(link)) + 1, INDENT);
	out_end(o);
}

static bool put_chain(struct out *o, const struct clock_look *l)
{
	const struct chain *c = &l->chain;
	bool whole;

	out_object(o, NULL);
	if (c->ptp.known && (chain_follows(&c->ptp) || chain_is_grandmaster(&c->ptp)))
		put_grandmaster(o, &c->ptp);
	else
		put_missing(o, "grandmaster", "grandmaster");
	if (c->ptp.known)
		put_ptp4l(o, l);
	else
		put_missing(o, "ptp4l", "ptp4l");
	if (c->phc.known)
		put_phc(o, l);
	else if (c->phc.wanted)
		put_missing(o, "phc", "phc");
	else
		out_null(o, "phc", NULL);
	put_system(o, l);
	if (c->taktd.known)
		put_taktd(o, l);
	else
		put_missing(o, "taktd", "taktd");
	out_text(o, "\n");
	out_array(o, "findings");
	whole = chain_judge(c, put_finding, o);
	out_end(o);
	out_bool(o, "whole", whole, NULL);
	out_end(o);
	return whole;
}

/* -- the command --------------------------------------------------------------------------------------------------- */

static int show(const struct conf *c, const struct term *t, bool *whole, struct why *why)
{
	struct clock_look l;
	struct out like, o;
	char *text = NULL;
	size_t len;
	FILE *f;
	int err = clock_look(&l, c->ptp4l, (uint8_t)c->domain, c->phc, c->name);

	if (err)
		return why_fail(why, -err, "interrupted");
	f = open_memstream(&text, &len);
	if (!f)
		return why_fail(why, ENOMEM, "out of memory");
	out_init(&like, stdout, c->json);
	out_init(&o, f, c->json);
	o.colour = like.colour;
	*whole = put_chain(&o, &l);
	out_fini(&o);
	if (c->watch && !c->json && !t->tty)
		fputc('\n', f);
	fclose(f);
	term_draw(t, text);
	free(text);
	return fflush(stdout) || ferror(stdout) ? why_fail(why, EIO, "cannot write the output: %s", strerror(errno)) : 0;
}

int clock_run(const struct cmd *self, int argc, char **argv)
{
	struct conf c = {0};
	struct why why = {""};
	bool whole = false;
	struct term t;
	int err, status;

	if (cmd_options(self, &c, argc, argv, 0, 0, &status) < 0)
		return status;
	if (c.linuxptp.dir && (c.watch || c.phc))
		return cmd_refuse(why_fail(&why, EINVAL, "%s does not go with --linuxptp, which looks at no clock: leave one of them out",
					   c.watch ? "--watch" : "--phc"), &why);
	if (c.linuxptp.dir)
		return linuxptp_cmd(&c.linuxptp, c.ptp4l, (int)c.domain, c.name, c.json);
	if (linuxptp_stray(&c.linuxptp))
		return cmd_refuse(why_fail(&why, EINVAL, "%s goes with --linuxptp DIR", linuxptp_stray(&c.linuxptp)), &why);
	term_open(&t, c.watch && !c.json); /* once, too: a signal must not leave our socket's file behind */
	do {
		err = show(&c, &t, &whole, &why);
	} while (!err && c.watch && term_sleep(NS_PER_SEC));
	if (c.watch && term_stopped())
		err = 0;
	term_close(&t);
	if (err) {
		cmd_refuse(err, &why);
		return CMD_FAILED;
	}
	return whole || c.watch ? CMD_OK : CMD_FAILED;
}
