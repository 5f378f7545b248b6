/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "golden.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "hacsim.h"

#define TRACE_BYTES_MAX (16u << 20)
#define LINES_SHOWN 8

/* a.scenario -> a.trace */
static void name_trace(const char *story, struct ha_buf *path)
{
	const char *dot = strrchr(story, '.');
	const char *slash = strrchr(story, '/');
	size_t len = dot && (!slash || dot > slash) ? (size_t)(dot - story)
						    : strlen(story);

	ha_buf_append(path, story, len);
	ha_buf_puts(path, ".trace");
}

/* -ENOENT: there is none. */
static int read_trace(const char *path, struct ha_buf *text)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int err;

	if (fd < 0) {
		return -errno;
	}
	err = ha_buf_read_fd(text, fd, TRACE_BYTES_MAX);
	(void)close(fd); /* only read */
	return err;
}

static void show_lines(const char *sign, const char *from, struct ha_buf *out)
{
	for (unsigned i = 0; i < LINES_SHOWN && *from; i++) {
		size_t len = strcspn(from, "\n");

		ha_buf_printf(out, "    %s %.*s\n", sign, (int)len, from);
		from += len;
		from += *from == '\n';
	}
}

static void show_difference(const char *path, const char *golden,
			    const char *now, struct ha_buf *out)
{
	size_t same = 0, line = 1, start = 0;

	for (; golden[same] && golden[same] == now[same]; same++) {
		if (golden[same] == '\n') {
			line++;
			start = same + 1;
		}
	}
	ha_buf_printf(out, "  the decisions are not those of %s, from its line "
		      "%zu on; - as known, + as now:\n", path, line);
	show_lines("-", golden + start, out);
	show_lines("+", now + start, out);
	ha_buf_puts(out, "  if it is right as it is now: hacsim run --rewrite "
		    "accepts it\n");
}

enum ha_sim_verdict hacsim_golden_compare(const char *story,
					  const struct ha_buf *trace,
					  struct ha_buf *out)
{
	struct ha_buf path = { 0 }, golden = { 0 };
	enum ha_sim_verdict verdict = HA_SIM_HELD;
	int err;

	name_trace(story, &path);
	err = path.data ? read_trace(path.data, &golden) : HA_E_NO_MEMORY;
	if (err == 0) {
		const char *known = golden.data ? golden.data : "";
		const char *now = trace->data ? trace->data : "";

		if (strcmp(known, now) != 0) {
			show_difference(path.data, known, now, out);
			verdict = HA_SIM_BROKEN;
		}
	} else if (err != -ENOENT) {
		ha_buf_printf(out, "  %s cannot be read: %s\n", path.data,
			      ha_err_text(err));
		verdict = HA_SIM_BAD_FILE;
	}
	ha_buf_fini(&path);
	ha_buf_fini(&golden);
	return verdict;
}

enum ha_sim_verdict hacsim_golden_write(const char *story, bool create,
					const struct ha_buf *trace,
					struct ha_buf *out)
{
	struct ha_buf path = { 0 }, fresh = { 0 };
	bool good = true;

	name_trace(story, &path);
	ha_buf_printf(&fresh, "%s.new", path.data ? path.data : "");
	if (create || (path.data && access(path.data, F_OK) == 0)) {
		good = fresh.data && hacsim_write_file(fresh.data, trace) &&
		       rename(fresh.data, path.data) == 0;
		if (!good) {
			ha_buf_printf(out, "  %s cannot be written: %s\n",
				      path.data ? path.data : story,
				      strerror(errno));
		}
	}
	ha_buf_fini(&path);
	ha_buf_fini(&fresh);
	return good ? HA_SIM_HELD : HA_SIM_BAD_FILE;
}
