/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/near.h"

#include <string.h>

#define NAME_MAX_LEN 40	/* longer names are never near */

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Levenshtein's distance, one row at a time; both names at most NAME_MAX_LEN long. */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int row[NAME_MAX_LEN + 1], diagonal, above, i, j;
	unsigned int n = (unsigned int)strlen(b);

	for (j = 0; j <= n; j++)
		row[j] = j;
	for (i = 1; a[i - 1]; i++) {
		diagonal = row[0];
		row[0] = i;
		for (j = 1; j <= n; j++) {
			above = row[j];
			row[j] = least(least(above, row[j - 1]) + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[n];
}

void near_init(struct near *n, const char *word)
{
	size_t len = strlen(word);

	n->word = word;
	n->best = NULL;
	n->distance = len < 4 ? 2 : len < 8 ? 3 : 4;
}

void near_try(struct near *n, const char *name)
{
	size_t len = strlen(n->word);
	unsigned int d;

	if (!len || len > NAME_MAX_LEN || strlen(name) > NAME_MAX_LEN)
		return;
	d = !strncmp(n->word, name, len) ? 0 : distance(n->word, name);
	if (d >= n->distance)
		return;
	n->distance = d;
	n->best = name;
}
