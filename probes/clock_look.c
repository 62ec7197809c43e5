/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/clock_look.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>

#include "base/ns.h"
#include "ptp/chain_ask.h"
#include "ptp/now.h"
#include "ptp/phc.h"
#include "vnet/client.h"

/* -- ptp4l --------------------------------------------------------------------------------------------------------- */

static int look_at_ptp4l(struct clock_look *l, const char *path, uint8_t domain)
{
	struct chain_ptp *p = &l->chain.ptp;
	struct pmc_sock *s;
	int err = pmc_sock_open(&s, path, domain, &p->missing);

	if (err)
		return err;
	snprintf(l->ptp4l, sizeof(l->ptp4l), "%s", pmc_sock_path(s));
	l->sdo = pmc_sock_sdo(s);
	err = chain_ask(p, s);
	pmc_sock_close(s);
	return err;
}

/* -- the hardware clock ------------------------------------------------------------------------------------------- */

/* The interface of the first port whose stamps come from hardware; NULL. */
static const char *stamping_interface(const struct chain_ptp *p)
{
	int i;

	for (i = 0; p->known && i < p->ports; i++)
		if (p->port[i].properties && p->port[i].timestamping)
			return p->port[i].interface;
	return NULL;
}

/* After the system: the hardware clock is compared with CLOCK_TAI, whose offset has to be known. */
static void look_at_phc(struct clock_look *l, const char *path)
{
	const char *interface = stamping_interface(&l->chain.ptp);
	struct chain_phc *c = &l->chain.phc;
	struct phc p;
	int err;

	c->wanted = path || interface;
	if (!c->wanted)
		return;
	if (path)
		snprintf(l->phc, sizeof(l->phc), "%s", path);
	else if (phc_of_interface(l->phc, interface, &c->missing))
		return;
	if (phc_open(&p, path ? path : l->phc, NULL, &c->missing))
		return;
	err = phc_offset(&p, &c->offset_ns, &c->half_ns);
	if (err)
		why_fail(&c->missing, -err, "%s: %s", l->phc, strerror(-err));
	c->offset_ns -= l->chain.system.tai_offset * NS_PER_SEC;
	c->known = !err;
	l->phc_method = phc_method_name(p.method);
	phc_close(&p);
}

/* -- the kernel, and taktd ----------------------------------------------------------------------------------------- */

static void look_at_system(struct chain_system *s)
{
	struct timex tx = {0};

	adjtimex(&tx);
	*s = (struct chain_system){
		.tai_offset = tx.tai,
		.kept = !(tx.status & STA_UNSYNC),
		.max_error_ns = tx.maxerror * NS_PER_US,
		.est_error_ns = tx.esterror * NS_PER_US,
	};
}

static int64_t number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

/* Its answer was written between two looks at CLOCK_TAI: that bounds its clock from outside. */
static int look_at_taktd(struct clock_look *l, const char *name)
{
	struct chain_taktd *t = &l->chain.taktd;
	const json_t *clock;
	int64_t t_before, t_after;
	json_t *reply;
	int err;

	t->asked_for = name != NULL;
	t_before = now_of(CLOCK_TAI);
	err = client_request(name, json_pack("{s:s}", "cmd", "show"), &reply, &t->missing);
	t_after = now_of(CLOCK_TAI);
	if (err)
		return err;
	clock = json_object_get(reply, "clock");
	t->known = true;
	t->half_ns = (t_after - t_before + 1) / 2;
	t->tai_offset = (int)number(clock, "tai_offset_s");
	t->good = json_is_true(json_object_get(clock, "good"));
	why_fail(&t->why_not, 0, "%s", json_string_value(json_object_get(clock, "why_not")) ?: "");
	t->offset_ns = number(clock, "t_now") - (t_before + t->half_ns) - (t->tai_offset - l->chain.system.tai_offset) * NS_PER_SEC;
	t->bound_ns = number(clock, "error_bound_ns");
	t->steps = (uint64_t)number(json_object_get(clock, "counters"), "steps");
	l->taktd_pid = number(reply, "pid");
	snprintf(t->held, sizeof(t->held), "%s", json_string_value(json_object_get(clock, "gates_held")) ?: "");
	snprintf(l->taktd_reference, sizeof(l->taktd_reference), "%s", json_string_value(json_object_get(clock, "reference")) ?: "");
	snprintf(l->instance, sizeof(l->instance), "%s", json_string_value(json_object_get(reply, "instance")) ?: "");
	json_decref(reply);
	return 0;
}

int clock_look(struct clock_look *l, const char *ptp4l, uint8_t domain, const char *phc, const char *taktd)
{
	memset(l, 0, sizeof(*l));
	l->t_now = now_of(CLOCK_TAI);
	if (look_at_ptp4l(l, ptp4l, domain) == -EINTR)
		return -EINTR;
	look_at_system(&l->chain.system);
	look_at_phc(l, phc);
	return look_at_taktd(l, taktd) == -EINTR ? -EINTR : 0;
}
