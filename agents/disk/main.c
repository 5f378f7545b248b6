/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hac-agent-disk: all that hacd writes to the local disk. hacd waits for no
 * disk; this program does. Started by hacd with its socket as HA_AGENT_FD.
 *
 * Log records that wait together are written and synced together.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "../common/start.h"
#include "base/err.h"
#include "base/log.h"
#include "bodies.h"
#include "events.h"
#include "files.h"
#include "store.h"
#include "wire/agent.h"

#define BATCH_MAX 64
#define TAIL_LINES 300
#define PROBE_MS 5000
#define PROBE_BYTES (1u << 20)

static const char *arg_state = HA_LOCALSTATEDIR "/lib/hac";
static const char *arg_events = HA_LOCALSTATEDIR "/log/hac";

struct agent {
	struct ha_store store;
	struct ha_bodies bodies;
	struct ha_events_file events;
	struct ha_am batch[BATCH_MAX]; /* PERSIST messages not yet written */
	size_t batch_count;
	bool failed; /* a write did: said once */
};

static void send_or_exit(const struct ha_am *m)
{
	int rc = ha_am_send(HA_AGENT_FD, m);

	if (rc != 0) {
		exit(rc == HA_E_GONE ? 0 : 1); /* hacd is gone: so are we */
	}
}

static void send_note(enum ha_log_level level, const char *text)
{
	struct ha_am m = { .kind = HA_AM_NOTE, .code = level, .text = text };

	send_or_exit(&m);
}

static void send_result(struct agent *a, uint64_t id, int rc, const char *what)
{
	struct ha_am m = { .kind = HA_AM_RESULT, .id = id, .code = HA_OP_OK };
	char text[HA_TEXT_MAX] = "";

	if (rc != 0) {
		snprintf(text, sizeof(text), "%s: %s", what, ha_err_text(rc));
		m.code = HA_OP_FAILED;
		m.text = text;
	}
	send_or_exit(&m);
	if (rc != 0 && !a->failed) {
		snprintf(text, sizeof(text), "disk: %s in %s failed: %s", what,
			 arg_state, ha_err_text(rc));
		send_note(HA_LOG_ERR, text);
		a->failed = true;
	}
}

static int write_batch(struct agent *a, size_t from, size_t count)
{
	struct ha_store_append list[BATCH_MAX];

	for (size_t i = 0; i < count; i++) {
		const struct ha_am *m = &a->batch[from + i];

		list[i] = (struct ha_store_append){ m->first, m->last,
						    m->data.data,
						    m->data.len };
	}
	return ha_store_append(&a->store, list, count);
}

static void flush_batch(struct agent *a)
{
	size_t n = a->batch_count;
	int rc;

	if (n == 0) {
		return;
	}
	rc = write_batch(a, 0, n);
	for (size_t i = 0; i < n; i++) {
		/* together they failed; one by one, some may do */
		int one = rc == 0 || n == 1 ? rc : write_batch(a, i, 1);

		send_result(a, a->batch[i].id, one, "writing the log");
		ha_am_fini(&a->batch[i]);
	}
	a->batch_count = 0;
}

static void send_line(const char *line, void *arg)
{
	struct ha_am m = { .kind = HA_AM_EVENT, .text = line };

	(void)arg;
	send_or_exit(&m);
}

static int send_content(struct agent *a, const struct ha_store_content *c)
{
	struct ha_am m = { .kind = HA_AM_LOADED,
			   .flag = c->damaged,
			   .text = c->text,
			   .code = c->snapshot_newest ? 1 : 0,
			   .held = a->bodies.held,
			   .held_count = a->bodies.count };
	struct ha_am_bytes *records;

	records = calloc(c->body_count + 1, sizeof(*records));
	if (!records) {
		return HA_E_NO_MEMORY;
	}
	for (size_t i = 0; i < c->body_count && !c->damaged; i++) {
		records[i].data = c->log.data + c->bodies[2 * i];
		records[i].len = c->bodies[2 * i + 1];
	}
	if (!c->damaged) {
		m.data.data = c->snapshot.data;
		m.data.len = c->snapshot.len;
		m.records = records;
		m.record_count = c->body_count;
	}
	send_or_exit(&m);
	free(records);
	return 0;
}

static int load(struct agent *a, bool set_aside)
{
	struct ha_store_content c;
	int rc = 0;

	if (set_aside) {
		rc = ha_store_set_aside(&a->store,
					"the records make no sense together");
	}
	if (rc == 0) {
		rc = ha_store_load(&a->store, &c);
	}
	if (rc != 0) {
		ha_log(HA_LOG_ERR, "cannot read the store: %s",
		       ha_err_text(rc));
		return rc;
	}
	rc = send_content(a, &c);
	ha_store_content_fini(&c);
	ha_events_tail(&a->events, TAIL_LINES, send_line, NULL);
	return rc;
}

static void get_body(struct agent *a, const struct ha_am *m)
{
	struct ha_am out = { .kind = HA_AM_BODY, .id = m->id, .hash = m->hash };
	struct ha_buf buf = { 0 };
	int rc = ha_bodies_get(&a->bodies, &m->hash, &buf);

	if (rc == 0) {
		out.data.data = buf.data;
		out.data.len = buf.len;
		send_or_exit(&out);
	} else {
		out.kind = HA_AM_RESULT;
		out.code = HA_OP_FAILED;
		out.text = ha_err_text(rc);
		send_or_exit(&out);
	}
	ha_buf_fini(&buf);
}

static void write_snapshot(struct agent *a, const struct ha_am *m)
{
	struct ha_store_append snap = { .first = m->first,
					.data = m->data.data,
					.len = m->data.len };

	send_result(a, m->id, ha_store_snapshot(&a->store, &snap, m->flag),
		    "writing a snapshot");
}

/* Everything but PERSIST. */
static void handle(struct agent *a, const struct ha_am *m)
{
	int rc;

	if (m->kind == HA_AM_LOAD) {
		if (load(a, m->flag) != 0) {
			exit(1);
		}
	} else if (m->kind == HA_AM_SNAPSHOT) {
		write_snapshot(a, m);
	} else if (m->kind == HA_AM_BODY_PUT) {
		rc = ha_bodies_put(&a->bodies, &m->hash, m->data.data,
				   m->data.len);
		send_result(a, m->id, rc, "writing a configuration");
	} else if (m->kind == HA_AM_BODY_GET) {
		get_body(a, m);
	} else if (m->kind == HA_AM_HELD) {
		rc = ha_bodies_note(&a->bodies, &m->held[0]);
		if (rc != 0) {
			send_note(HA_LOG_WARNING,
				  "disk: the history of configurations could "
				  "not be written");
		}
	} else if (m->kind == HA_AM_EVENT) {
		ha_events_add(&a->events, m->text);
	} else {
		ha_log(HA_LOG_WARNING, "a message that is not for this agent: "
		       "%s; dropped", ha_am_kind_name(m->kind));
	}
}

static bool has_more(int ms)
{
	struct pollfd p = { HA_AGENT_FD, POLLIN, 0 };

	return poll(&p, 1, ms) > 0;
}

/* After a failure: is there room again, for more than the next few records? */
static void probe(struct agent *a)
{
	static const char bytes[PROBE_BYTES];
	const struct iovec iov = { (void *)(uintptr_t)bytes, sizeof(bytes) };
	const struct ha_am up = { .kind = HA_AM_UP };

	if (ha_file_replace(a->store.dirfd, "probe", &iov, 1) == 0 &&
	    unlinkat(a->store.dirfd, "probe", 0) == 0) {
		a->failed = false;
		send_or_exit(&up);
	}
}

static int run(struct agent *a)
{
	struct ha_am m;
	int rc;

	for (;;) {
		if (a->batch_count == BATCH_MAX || !has_more(0)) {
			flush_batch(a);
		}
		while (a->failed && !has_more(PROBE_MS)) {
			probe(a);
		}
		rc = ha_am_recv(HA_AGENT_FD, &m);
		if (rc == HA_E_SYNTAX || rc == HA_E_LIMIT) {
			ha_log(HA_LOG_WARNING, "nonsense from hacd: dropped");
			continue;
		}
		if (rc != 0) {
			flush_batch(a);
			return rc == HA_E_GONE ? 0 : 1;
		}
		if (m.kind == HA_AM_PERSIST) {
			a->batch[a->batch_count++] = m;
			continue;
		}
		if (m.kind != HA_AM_EVENT) {
			flush_batch(a); /* results keep the order */
		}
		handle(a, &m);
		ha_am_fini(&m);
	}
}

/* The predecessor may still be in its last sync: wait for it. */
static int lock_folder(int dirfd)
{
	int fd = openat(dirfd, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0) {
		return -errno;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		return 0; /* held until we end */
	}
	ha_log(HA_LOG_NOTICE, "another hac-agent-disk uses %s: waiting for its "
	       "end", arg_state);
	return flock(fd, LOCK_EX) == 0 ? 0 : -errno;
}

static int open_all(struct agent *a)
{
	int dirfd = ha_folder_open(arg_state);
	int events = ha_folder_open(arg_events);
	int rc;

	if (dirfd < 0) {
		ha_log(HA_LOG_ERR, "cannot open %s: %s", arg_state,
		       ha_err_text(dirfd));
		return dirfd;
	}
	rc = lock_folder(dirfd);
	if (rc != 0) {
		ha_log(HA_LOG_ERR, "cannot lock %s: %s", arg_state,
		       ha_err_text(rc));
		return rc;
	}
	ha_store_open(&a->store, dirfd);
	rc = ha_bodies_open(&a->bodies, dirfd);
	if (rc != 0) {
		ha_log(HA_LOG_ERR, "cannot use %s/bodies: %s", arg_state,
		       ha_err_text(rc));
		return rc;
	}
	if (events < 0) {
		ha_log(HA_LOG_WARNING, "cannot open %s: %s; no events are kept",
		       arg_events, ha_err_text(events));
	}
	ha_events_open(&a->events, events);
	return 0;
}

static const struct ha_agent_option options[] = {
	{ 's', "state", "DIR", "log, snapshot, bodies", &arg_state, true },
	{ 'e', "events", "DIR", "the events file", &arg_events, true },
};

static const struct ha_agent_program program = {
	.name = "hac-agent-disk",
	.what = "Writes to the local disk for hacd",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.waits = true,
};

int main(int argc, char **argv)
{
	static struct agent agent;
	int code;

	if (!ha_agent_start(&program, argc, argv, &code)) {
		return code;
	}
	return open_all(&agent) == 0 ? run(&agent) : 1;
}
