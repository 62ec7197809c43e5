/* SPDX-License-Identifier: BSD-3-Clause */
#include "probes/capture_if.h"

#include <errno.h>

static int set_filter(struct capture_if *ci, const char *filter, struct why *why)
{
	struct bpf_program prog;
	int rc;

	if (!filter)
		return 0;
	if (pcap_compile(ci->pcap, &prog, filter, 1, PCAP_NETMASK_UNKNOWN))
		return why_fail(why, EINVAL, "--filter \"%s\": %s (see pcap-filter(7))", filter, pcap_geterr(ci->pcap));
	rc = pcap_setfilter(ci->pcap, &prog);
	pcap_freecode(&prog);
	return rc ? why_fail(why, EIO, "--filter: %s", pcap_geterr(ci->pcap)) : 0;
}

int capture_if_open(struct capture_if *ci, const struct capture_if_conf *conf, struct why *why)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	int rc;

	ci->pcap = pcap_create(ci->name, error);
	if (!ci->pcap)
		return why_fail(why, ENODEV, "interface %s: %s", ci->name, error);
	pcap_set_snaplen(ci->pcap, (int)conf->snaplen);
	pcap_set_promisc(ci->pcap, 1);
	pcap_set_timeout(ci->pcap, CAPTURE_BLOCK_MS);
	pcap_set_buffer_size(ci->pcap, (int)conf->buffer_mib << 20);
	pcap_set_immediate_mode(ci->pcap, conf->immediate);
	if (pcap_set_tstamp_precision(ci->pcap, PCAP_TSTAMP_PRECISION_NANO))
		return why_fail(why, ENOTSUP, "interface %s gives no nanosecond stamps", ci->name);
	rc = pcap_activate(ci->pcap);
	if (rc == PCAP_ERROR_NO_SUCH_DEVICE)
		return why_fail(why, ENODEV, "interface %s does not exist here (`ip link` shows those that do)", ci->name);
	if (rc < 0)
		return why_fail(why, rc == PCAP_ERROR_PERM_DENIED ? EPERM : EIO, "interface %s: %s (%s)", ci->name, pcap_statustostr(rc), pcap_geterr(ci->pcap));
	if (pcap_datalink(ci->pcap) != DLT_EN10MB)
		return why_fail(why, ENOTSUP, "interface %s is no Ethernet", ci->name);
	if (pcap_setnonblock(ci->pcap, 1, error))
		return why_fail(why, EIO, "interface %s: %s", ci->name, error);
	return set_filter(ci, conf->filter, why);
}

void capture_if_close(struct capture_if *ci)
{
	if (ci->pcap)
		pcap_close(ci->pcap);
	ci->pcap = NULL;
}

int capture_if_read(struct capture_if *ci, pcap_handler on_frame, struct why *why)
{
	int n = pcap_dispatch(ci->pcap, -1, on_frame, (u_char *)ci);

	return n >= 0 ? n : why_fail(why, EIO, "interface %s: %s", ci->name, pcap_geterr(ci->pcap));
}
