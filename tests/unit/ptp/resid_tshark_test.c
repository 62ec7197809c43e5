/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Corrections as Wireshark sees them: frames of every transport, tag depth, event type and kind of checksum are
 * corrected, written to a file and dissected by tshark. It has to find the same message, the correction that the sum
 * should be, and a good checksum.
 */
#include "ptp/resid.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ptp/be.h"
#include "tests/unit/test.h"

#define FRAME_MAX 256

enum shape { L2, UDP4, UDP4_OPTIONS, UDP4_NO_SUM, UDP4_PARTIAL, UDP6, UDP6_HOP, UDP6_PARTIAL, SHAPES };

static const struct {
	int n;
	uint16_t tpid[2];
} tags[] = {{0, {0, 0}}, {1, {0x8100, 0}}, {1, {0x88a8, 0}}, {2, {0x88a8, 0x8100}}, {2, {0x8100, 0x8100}}};

static const int64_t corrections[] = {0, 0x18000, -0x28001, INT64_MAX - 0x10000, INT64_MIN + 5, INT64_MAX};
static const struct {
	int64_t stay_ns;
	int32_t rate;
} stays[] = {{0, 0}, {720, 0}, {9000123, 109951163}, {9000123, -109951163}, {-77, 1}, {INT64_C(1) << 50, 0}};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct frame {
	uint8_t data[FRAME_MAX];
	uint32_t len, ip, udp; /* offsets; 0 for none */
	enum shape shape;
};

static void put(struct frame *f, const void *bytes, size_t len)
{
	assert_true(f->len + len <= FRAME_MAX);
	memcpy(f->data + f->len, bytes, len);
	f->len += (uint32_t)len;
}

static void put16(struct frame *f, uint32_t v)
{
	uint8_t b[2] = {(uint8_t)(v >> 8), (uint8_t)v};

	put(f, b, 2);
}

/* RFC 1071, word for word. */
static uint16_t sum_of(const uint8_t *p, uint32_t len, uint32_t sum)
{
	uint32_t i;

	for (i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)(p[i] << 8 | p[i + 1]);
	if (len % 2)
		sum += (uint32_t)p[len - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static uint16_t pseudo_sum(const struct frame *f)
{
	bool v6 = f->shape >= UDP6;
	const uint8_t *addresses = f->data + f->ip + (v6 ? 8 : 12);

	return sum_of(addresses, v6 ? 32 : 8, 17 + be_get16(f->data + f->udp + 4));
}

/* What a device does with a frame that needs its checksum: the field holds the sum of the pseudo header. */
static void finish_checksum(struct frame *f)
{
	uint16_t sum = (uint16_t)~sum_of(f->data + f->udp, be_get16(f->data + f->udp + 4), 0);

	be_put16(f->data + f->udp + 6, sum ? sum : 0xffff);
}

static void put_ip(struct frame *f, uint32_t udp_len)
{
	static const uint8_t router_alert[] = {0x94, 4, 0, 0}, hop[] = {17, 0, 5, 2, 0, 0, 0, 0};
	static const uint8_t v4_rest[] = {0, 1, 0x40, 0, 1, 17, 0, 0, 10, 9, 0, 1, 224, 0, 1, 129};
	static const uint8_t v6_rest[] = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0x5c, 0x19, 0x71, 0xff, 0xfe, 0xb9, 0xf9, 0x0b,
					  0xff, 0x0e, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x81};
	uint32_t options = f->shape == UDP4_OPTIONS ? sizeof(router_alert) : 0;
	uint32_t ext = f->shape == UDP6_HOP ? sizeof(hop) : 0;

	f->ip = f->len;
	if (f->shape < UDP6) {
		put16(f, 0x4500 + (options / 4 << 8));
		put16(f, 20 + options + udp_len);
		put(f, v4_rest, sizeof(v4_rest));
		be_put16(f->data + f->ip + 10, (uint16_t)~sum_of(f->data + f->ip, 20, options ? 0x9404 : 0));
		put(f, router_alert, options);
	} else {
		put16(f, 0x6000);
		put16(f, 0);
		put16(f, ext + udp_len);
		put16(f, (ext ? 0 : 17) << 8 | 1);
		put(f, v6_rest, sizeof(v6_rest));
		put(f, hop, ext);
	}
}

/* A frame with an event message of this type whose correctionField is `correction`. */
static void build(struct frame *f, enum shape shape, size_t tag, uint8_t type, int64_t correction)
{
	static const uint8_t addresses[] = {1, 0x1b, 0x19, 0, 0, 0, 2, 0, 0, 0, 0, 1};
	uint32_t len = type < MSG_PDELAY_REQ ? 44 : 54, pad = shape >= UDP6 ? 2 : 0, i;
	uint8_t message[56] = {type, 2, 0, (uint8_t)len, 3};

	*f = (struct frame){.shape = shape};
	put(f, addresses, sizeof(addresses));
	for (i = 0; i < (uint32_t)tags[tag].n; i++) {
		put16(f, tags[tag].tpid[i]);
		put16(f, 0xe064);
	}
	put16(f, shape == L2 ? MSG_ETHERTYPE : shape < UDP6 ? 0x0800 : 0x86dd);
	be_put64(message + MSG_CORRECTION, (uint64_t)correction);
	for (i = 20; i < len; i++)
		message[i] = (uint8_t)(i * 7 + type);
	if (shape == L2) {
		put(f, message, len);
		return;
	}
	put_ip(f, 8 + len + pad);
	f->udp = f->len;
	put16(f, MSG_PORT_EVENT);
	put16(f, MSG_PORT_EVENT);
	put16(f, 8 + len + pad);
	put16(f, 0);
	put(f, message, len + pad);
	if (shape == UDP4_NO_SUM)
		return;
	be_put16(f->data + f->udp + 6, pseudo_sum(f));
	if (shape != UDP4_PARTIAL && shape != UDP6_PARTIAL)
		finish_checksum(f);
}

static void write_pcap_header(FILE *pcap)
{
	static const uint32_t header[] = {0xa1b2c3d4, 0x00040002, 0, 0, 65535, 1};

	fwrite(header, sizeof(header), 1, pcap);
}

static void write_frame(FILE *pcap, const struct frame *f)
{
	const uint32_t header[] = {0, 0, f->len, f->len};

	fwrite(header, sizeof(header), 1, pcap);
	fwrite(f->data, f->len, 1, pcap);
}

/*
 * What tshark has to say: type, domain, sequence, whole ns of the correction (which it prints without a sign), the
 * checksum's status (1 good, 3 none there), parts of a ns.
 */
static void write_want(FILE *want, const struct frame *f, const struct msg *m, int64_t sum)
{
	fprintf(want, "%u %u %u %" PRIu64 " %d %u\n", m->type, m->domain, m->sequence, (uint64_t)(sum >> 16),
		f->shape == L2 ? -1 : f->shape == UDP4_NO_SUM ? 3 : 1, (unsigned int)(sum & 0xffff));
}

static int write_all(FILE *pcap, FILE *want)
{
	size_t tag, c, s;
	int shape, n = 0;
	struct frame f;
	uint8_t type;
	struct msg m;
	int64_t sum;

	write_pcap_header(pcap);
	for (shape = 0; shape < SHAPES; shape++)
		for (tag = 0; tag < COUNT(tags); tag++)
			for (type = 0; type < 4; type++)
				for (c = 0; c < COUNT(corrections); c++)
					for (s = 0; s < COUNT(stays); s++, n++) {
						build(&f, (enum shape)shape, tag, type, corrections[c]);
						if (msg_find(&m, f.data, f.len) != MSG_FOUND || !m.event || m.tags != tags[tag].n)
							fail_msg("shape %d, tags %zu, type %u: not found", shape, tag, type);
						sum = resid_sum(corrections[c], resid_interval(stays[s].stay_ns, stays[s].rate));
						resid_apply(f.data, &m, resid_interval(stays[s].stay_ns, stays[s].rate),
							    shape == UDP4_PARTIAL || shape == UDP6_PARTIAL);
						if (shape == UDP4_PARTIAL || shape == UDP6_PARTIAL)
							finish_checksum(&f);
						write_frame(pcap, &f);
						write_want(want, &f, &m, sum);
					}
	return n;
}

/* A line of tshark's in the form of write_want(); false at the end. */
static bool next_line(FILE *tshark, char *out, size_t size)
{
	char line[256], *field[6], *at = line;
	size_t i;

	if (!fgets(line, sizeof(line), tshark))
		return false;
	for (i = 0; i < 6; i++)
		field[i] = strsep(&at, "\t\n") ?: "";
	snprintf(out, size, "%ld %s %s %s %s %ld\n", strtol(field[0], NULL, 0), field[1], field[2], field[3],
		 field[4][0] ? field[4] : "-1", lround(strtod(field[5], NULL) * 65536));
	return true;
}

static void test_tshark_agrees(void **state)
{
	char path[] = "/tmp/resid_test-XXXXXX", command[512], got[256], line[256];
	int frames, n = 0, differ = 0;
	FILE *pcap, *want, *tshark;

	(void)state;
	if (access("/usr/bin/tshark", X_OK))
		skip();
	pcap = fdopen(mkstemp(path), "w");
	want = tmpfile();
	assert_true(pcap && want);
	frames = write_all(pcap, want);
	fclose(pcap);
	rewind(want);
	snprintf(command, sizeof(command),
		 "tshark -n -r %s -o udp.check_checksum:TRUE -T fields -e ptp.v2.messagetype -e ptp.v2.domainnumber "
		 "-e ptp.v2.sequenceid -e ptp.v2.correction.ns -e udp.checksum.status -e ptp.v2.correction.subns 2> /dev/null",
		 path);
	tshark = popen(command, "re");
	assert_non_null(tshark);
	while (next_line(tshark, got, sizeof(got)) && fgets(line, sizeof(line), want)) {
		n++;
		if (strcmp(got, line) && differ++ < 5)
			print_error("frame %d: tshark says %s  want %s", n, got, line);
	}
	pclose(tshark);
	fclose(want);
	unlink(path);
	assert_int_equal(differ, 0);
	assert_int_equal(n, frames);
	assert_int_equal(frames, SHAPES * COUNT(tags) * 4 * COUNT(corrections) * COUNT(stays));
}

TEST_GROUP("ptp/resid_tshark",
	cmocka_unit_test(test_tshark_agrees),
)
