/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench/said.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int said_wait(json_t **said, struct proc *p, const char *name, const char *log, int64_t limit_ns, struct why *why)
{
	char line[WHY_LEN] = "";
	json_error_t error;
	int status, rc = proc_wait(p, limit_ns, &status);
	FILE *f;

	*said = NULL;
	proc_stop(p, 0);
	if (rc == -ETIMEDOUT)
		return why_fail(why, EIO, "%s does not end", name);
	if (rc)
		return rc;
	*said = json_load_file(log, JSON_DISABLE_EOF_CHECK, &error);
	if (!status && *said)
		return 0;
	f = fopen(log, "re");
	if (f && fgets(line, sizeof(line), f))
		line[strcspn(line, "\n")] = '\0';
	if (f)
		fclose(f);
	rc = why_fail(why, EIO, "%s ended with %d (%.60s): %s", name, status, *said ? "" : error.text, line);
	json_decref(*said);
	*said = NULL;
	return rc;
}
