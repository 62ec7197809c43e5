/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/perfetto.h"

static void add(struct perfetto *p, const char *name, int64_t t, int64_t t_end, uint64_t flow)
{
	struct perfetto_slice s = { .track = perfetto_track(p, perfetto_process(p, "frames"), "queue", 1), .t = t, .t_end = t_end, .flow = flow };

	snprintf(s.name, sizeof(s.name), "%s", name);
	assert_int_equal(perfetto_add(p, &s), 0);
}

static int lane_of(const struct perfetto *p, const char *name)
{
	size_t i;

	for (i = 0; i < p->n_slices; i++)
		if (!strcmp(p->slice[i].name, name))
			return p->slice[i].lane;
	return -1;
}

static char *write_all(struct perfetto *p)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	struct out o;

	assert_non_null(f);
	out_init(&o, f, true);
	out_object(&o, NULL);
	assert_int_equal(perfetto_write(p, &o, 1000), 0);
	out_end(&o);
	fclose(f);
	return text;
}

static void test_slices_of_a_lane_do_not_overlap(void **state)
{
	struct perfetto p = { 0 };

	(void)state;
	add(&p, "c", 2500, 4000, 0);	/* overlaps b, follows a */
	add(&p, "a", 1000, 2500, 0);
	add(&p, "b", 2000, 3000, 0);	/* overlaps a */
	add(&p, "d", 2600, 2700, 0);	/* inside b and c: neither's lane is free */
	add(&p, "e", 3000, 3100, 0);
	free(write_all(&p));
	assert_int_equal(lane_of(&p, "a"), 0);
	assert_int_equal(lane_of(&p, "b"), 1);
	assert_int_equal(lane_of(&p, "c"), 0);
	assert_int_equal(lane_of(&p, "d"), 2);
	assert_int_equal(lane_of(&p, "e"), 1);
	assert_int_equal(p.n_tracks, 1);
	assert_int_equal(p.track[0].lanes, 3);
	perfetto_fini(&p);
}

static void test_flows_and_times(void **state)
{
	struct perfetto p = { 0 };
	char *text;

	(void)state;
	add(&p, "first", 1000, 3001, 7);
	add(&p, "second", 3001, 5001, 7);
	add(&p, "third", 5001, 6001, 7);
	add(&p, "alone", 8000, 9000, 8);	/* ties nothing to nothing */
	add(&p, "instant", 9500, 9500, 0);
	text = write_all(&p);
	assert_non_null(strstr(text, "\"ph\": \"s\", \"name\": \"frame\", \"pid\": 1, \"tid\": 1, \"cat\": \"frame\", \"id\": 7, \"ts\": 1}"));
	assert_non_null(strstr(text, "\"ph\": \"t\", \"name\": \"frame\", \"pid\": 1, \"tid\": 1, \"cat\": \"frame\", \"id\": 7, \"ts\": 3.001}"));
	assert_non_null(strstr(text, "\"id\": 7, \"ts\": 4.501, \"bp\": \"e\"}"));
	assert_non_null(strstr(text, "\"ts\": 0, \"dur\": 2.001}"));
	assert_non_null(strstr(text, "{\"ph\": \"i\", \"name\": \"instant\", \"pid\": 1, \"tid\": 1, \"ts\": 8.5, \"s\": \"t\"}"));
	assert_null(strstr(text, "\"id\": 8"));
	free(text);
	perfetto_fini(&p);
}

/* However many threads somebody tells of, and however long each of them was away. */
static void test_tracks_and_lanes_are_bounded(void **state)
{
	struct perfetto p = { 0 };
	char name[32];
	int i, process = perfetto_process(&p, "guest"), last = 0;

	(void)state;
	for (i = 0; i < 3 * PERFETTO_TRACKS; i++) {
		snprintf(name, sizeof(name), "thread %d", i);
		last = perfetto_track(&p, process, name, i);
		assert_true(last >= 0 && last < PERFETTO_TRACKS);
	}
	assert_int_equal(p.n_tracks, PERFETTO_TRACKS);
	assert_string_equal(p.track[last].name, "(others)");
	assert_int_equal(perfetto_track(&p, process, "thread 3", 0), 3);
	for (i = 0; i < 3 * PERFETTO_LANES; i++) {
		struct perfetto_slice s = { .track = 3, .t = i, .t_end = 1000000 };

		assert_int_equal(perfetto_add(&p, &s), 0);
	}
	free(write_all(&p));
	assert_int_equal(p.track[3].lanes, PERFETTO_LANES);
	perfetto_fini(&p);
}

TEST_GROUP("probes/perfetto",
	cmocka_unit_test(test_slices_of_a_lane_do_not_overlap),
	cmocka_unit_test(test_flows_and_times),
	cmocka_unit_test(test_tracks_and_lanes_are_bounded),
)
