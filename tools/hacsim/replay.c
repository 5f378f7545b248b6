/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hacsim replay: a flight record of a hacd, once more. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "hacsim.h"
#include "sim/replay.h"

static const char usage[] =
	"usage: hacsim replay [--trace] FILE\n"
	"\n"
	"Replays a flight record (hactl record save FILE): the core that it is\n"
	"of gets the same events once more. Exit 0: it did the same, bit for\n"
	"bit; 1: it did not; 2: the record cannot be read or replayed.\n";

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

static int replay_file(const char *path, const struct ha_replay_options *o)
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
	ha_replay_fini(&p);
	ha_buf_fini(&why);
	ha_buf_fini(&file);
	return rc;
}

int hacsim_replay(int argc, char **argv)
{
	static const struct option options[] = {
		{ "trace", no_argument, NULL, 't' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct ha_replay_options o = { 0 };
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 't') {
			o.trace = stdout;
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
	return replay_file(argv[optind], &o);
}
