/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ask.h"
#include "verbs.h"

/* Nobody else may read it, and nothing that is there is lost. */
static int write_new(const struct hactl *h, const char *path,
		     const struct ha_buf *b)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	size_t at = 0;

	if (fd < 0 && errno == EEXIST) {
		return hactl_fail(h, HACTL_FAILED, "%s is there already; give "
				  "the record another name", path);
	}
	while (fd >= 0 && at < b->len) {
		ssize_t n = write(fd, b->data + at, b->len - at);

		if (n < 0 && errno != EINTR) {
			break;
		}
		at += n > 0 ? (size_t)n : 0;
	}
	if (fd < 0 || at < b->len || close(fd) != 0) {
		int err = errno;

		if (fd >= 0) {
			(void)unlink(path);
		}
		return hactl_fail(h, HACTL_FAILED, "%s cannot be written: %s",
				  path, strerror(err));
	}
	return HACTL_OK;
}

static int run_record_save(struct hactl *h)
{
	struct hactl_question q = { .kind = HA_REQUEST_RECORD };
	struct ha_buf record = { .data = NULL };
	char done[300];
	int r = hactl_fetch(h, &q, &record);

	if (r == HACTL_OK) {
		r = write_new(h, h->args[0], &record);
	}
	if (r == HACTL_OK) {
		(void)snprintf(done, sizeof(done), "%.200s: %zu bytes; 'hacsim "
			       "replay' of the same build replays it",
			       h->args[0], record.len);
		hactl_say_done(h, done);
	}
	ha_buf_fini(&record);
	return r;
}

const struct hactl_verb hactl_record_save_verb = {
	.noun = "record", .verb = "save", .args = "FILE",
	.help = "write this host's flight record into a new file",
	.more = "hacd keeps, in memory, all that its decisions were made from "
		"in the last hours, at least since the last few thousand "
		"events. 'hacsim replay FILE' makes the same decisions from it "
		"once more, wherever the same build of hac is: for looking "
		"into what happened. Passwords are masked, but names, "
		"addresses and what happened are in it.",
	.run = run_record_save,
};
