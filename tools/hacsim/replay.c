/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hacsim replay: a flight record of a hacd, once more. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "hacsim.h"
#include "core/view.h"
#include "sim/replay.h"
#include "sim/run.h"

static const char usage[] =
	"usage: hacsim replay [--log] [--then SCENARIO] FILE\n"
	"\n"
	"Replays a flight record (hactl record save FILE): the core that it is\n"
	"of gets the same events once more. Exit 0: it did the same, bit for\n"
	"bit; 1: it did not; 2: the record cannot be read or replayed. --then goes\n"
	"on with a scenario in a world that begins where the record ends.\n";

static int read_file(const char *path, struct ha_buf *ret_buf)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc;

	if (fd < 0) {
		return -errno;
	}
	rc = ha_buf_read_fd(ret_buf, fd, HA_RECORD_BYTES_MAX);
	(void)close(fd);
	return rc;
}

static int tell(const char *path, const struct ha_replay *p,
		enum ha_replay_result result, const char *why)
{
	switch (result) {
	case HA_REPLAY_SAME:
		printf("%s: %zu events, %zu decisions, the same as recorded\n",
		       path, p->events, p->decisions);
		return 0;
	case HA_REPLAY_DIVERGES:
		printf("%s: %s\n", path, why);
		return 1;
	case HA_REPLAY_UNREADABLE:
		break;
	}
	fprintf(stderr, "hacsim: %s cannot be replayed: %s\n", path, why);
	return 2;
}

/* The story goes on in a world that is as the recorded core last knew it. */
static int run_then(const struct ha_replay *p, const char *path, FILE *trace)
{
	struct ha_sim_begin begin = { .core = p->core };
	struct ha_sim_options o = { .seed = 1, .trace = trace,
				    .begin = &begin };
	enum ha_sim_verdict verdict = HA_SIM_BAD_FILE;
	struct ha_buf out = { 0 };
	struct ha_scenario sc;
	char *text;

	begin.hash = ha_core_state(p->core)->config;
	text = ha_replay_text(p, &begin.hash);
	if (!text) {
		fprintf(stderr, "hacsim: the record ends without a cluster; "
			"there is nothing to go on with\n");
		return 2;
	}
	begin.text = text;
	if (ha_scenario_read(path, &sc, &out) == 0) {
		verdict = ha_sim_run(&sc, &o, &out);
		ha_scenario_fini(&sc);
	}
	hacsim_tell(path, verdict, out.data);
	ha_buf_fini(&out);
	free(text);
	return (int)verdict;
}

static int replay_file(const char *path, const struct ha_replay_options *o,
		       const char *then)
{
	struct ha_buf file = { 0 }, why = { 0 };
	struct ha_replay p;
	enum ha_replay_result result;
	int rc = read_file(path, &file);

	if (rc != 0) {
		fprintf(stderr, "hacsim: %s cannot be read: %s\n", path,
			ha_err_text(rc));
		ha_buf_fini(&file);
		return 2;
	}
	ha_buf_append(&file, "", 0); /* empty files have no data otherwise */
	result = ha_replay_run(&(struct ha_record_bytes){ file.data,
							  file.len },
			       o, &p, &why);
	rc = tell(path, &p, result, why.data ? why.data : "");
	if (rc == 0 && then) {
		rc = run_then(&p, then, o->trace);
	}
	ha_replay_fini(&p);
	ha_buf_fini(&why);
	ha_buf_fini(&file);
	return rc;
}

int hacsim_replay(int argc, char **argv)
{
	static const struct option options[] = {
		{ "log", no_argument, NULL, 'l' },
		{ "then", required_argument, NULL, 'n' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct ha_replay_options o = { 0 };
	const char *then = NULL;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'l') {
			o.trace = stdout;
		} else if (c == 'n') {
			then = optarg;
		} else if (c == 'h') {
			fputs(usage, stdout);
			return 0;
		} else {
			fputs(usage, stderr);
			return 2;
		}
	}
	if (optind + 1 != argc) {
		fputs(usage, stderr);
		return 2;
	}
	return replay_file(argv[optind], &o, then);
}
