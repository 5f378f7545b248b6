/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "files.h"
#include "record.h"

#define LOG "log"
#define SNAPSHOT "snapshot"
#define MARK "mark"
#define DAMAGED "damaged"

void ha_store_open(struct ha_store *s, int dirfd)
{
	memset(s, 0, sizeof(*s));
	s->dirfd = dirfd;
	s->log_fd = -1;
	s->mark_fd = -1;
	s->next_op = 1;
}

static void close_fd(int *fd)
{
	if (*fd >= 0) {
		close(*fd);
	}
	*fd = -1;
}

/* As just opened. */
static void forget_files(struct ha_store *s)
{
	int dirfd = s->dirfd;

	close_fd(&s->log_fd);
	close_fd(&s->mark_fd);
	free(s->recs);
	ha_store_open(s, dirfd);
}

void ha_store_close(struct ha_store *s)
{
	forget_files(s);
	close_fd(&s->dirfd);
}

void ha_store_content_fini(struct ha_store_content *c)
{
	ha_buf_fini(&c->snapshot);
	ha_buf_fini(&c->log);
	free(c->bodies);
	memset(c, 0, sizeof(*c));
}

/* Room for further records, so that noting them cannot fail. */
static int reserve_recs(struct ha_store *s, size_t count)
{
	size_t max = s->rec_max;
	void *p;

	if (s->rec_max - s->rec_count >= count) {
		return 0;
	}
	while (max - s->rec_count < count) {
		max = max ? 2 * max : 64;
	}
	p = realloc(s->recs, max * sizeof(*s->recs));
	if (!p) {
		return HA_E_NO_MEMORY;
	}
	s->recs = p;
	s->rec_max = max;
	return 0;
}

/* The new record replaces all entries from its first one on. */
static void cut_recs(struct ha_store *s, uint64_t first)
{
	for (size_t i = 0; i < s->rec_count; i++) {
		struct ha_store_rec *r = &s->recs[i];

		if (r->first >= first) {
			r->first = r->last = 0;
		} else if (r->last >= first) {
			r->last = first - 1;
		}
	}
}

static void note_rec(struct ha_store *s, const struct ha_record_head *h,
		     uint64_t offset)
{
	struct ha_store_rec rec = {
		.op = h->op,
		.offset = offset,
		.first = h->first,
		.last = h->last,
		.size = (uint32_t)(sizeof(*h) + h->len),
	};

	if (h->first > 0) {
		cut_recs(s, h->first);
		s->last = h->last;
	}
	s->next_op = h->op + 1;
	assert(s->rec_count < s->rec_max);
	s->recs[s->rec_count++] = rec;
}

/*
 * The number of the newest operation that was acknowledged, written after its
 * sync and not synced itself: it may be old, but never ahead of the truth. So
 * it tells a last record that went bad from one that a crash tore, and files
 * that are gone or old from those of a new store.
 */
static void write_mark(struct ha_store *s)
{
	struct ha_record_head h = { .op = s->next_op - 1 };

	if (s->mark_fd < 0) {
		s->mark_fd = openat(s->dirfd, MARK,
				    O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	}
	ha_record_seal(&h, HA_RECORD_MARK, NULL, 0);
	if (s->mark_fd >= 0 &&
	    pwrite(s->mark_fd, &h, sizeof(h), 0) != (ssize_t)sizeof(h)) {
		close_fd(&s->mark_fd); /* an old one only tells less */
	}
}

/* ---- the log, written anew */

static int copy_rec(struct ha_store *s, const struct ha_store_rec *r,
		    struct ha_buf *out)
{
	char *p = malloc(r->size);
	struct ha_record_head h;
	int rc = 0;

	if (!p) {
		return HA_E_NO_MEMORY;
	}
	if (pread(s->log_fd, p, r->size, (off_t)r->offset) !=
		    (ssize_t)r->size ||
	    !ha_record_read(p, r->size, HA_RECORD_LOG, &h)) {
		rc = -EIO;
	} else {
		ha_buf_append(out, p, r->size);
	}
	free(p);
	return rc;
}

/* They become durable all together. */
static void seal_again(struct ha_buf *log)
{
	struct ha_record_head h;
	size_t at;

	for (at = 0; at < log->len; at += sizeof(h) + h.len) {
		memcpy(&h, log->data + at, sizeof(h));
		h.durable = log->len;
		ha_record_seal(&h, HA_RECORD_LOG, log->data + at + sizeof(h),
			       h.len);
		memcpy(log->data + at, &h, sizeof(h));
	}
}

/* Does it hold entries that the snapshot has not, or, being the newest of all
 * operations, the meta that counts? */
static bool rec_counts(const struct ha_store *s, const struct ha_store_rec *r)
{
	return r->last > s->base || r->op + 1 == s->next_op;
}

/* The new log's bytes and, in kept, its records. */
static int collect_log(struct ha_store *s, struct ha_store_rec *kept,
		       size_t *ret_count, struct ha_buf *out)
{
	size_t n = 0;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < s->rec_count; i++) {
		if (!rec_counts(s, &s->recs[i])) {
			continue;
		}
		kept[n] = s->recs[i];
		kept[n++].offset = out->len;
		rc = copy_rec(s, &s->recs[i], out);
	}
	*ret_count = n;
	if (rc == 0 && out->failed) {
		rc = HA_E_NO_MEMORY;
	}
	if (rc == 0) {
		seal_again(out);
	}
	return rc;
}

static int replace_log(struct ha_store *s, const struct ha_buf *out)
{
	struct iovec iov = { out->data, out->len };
	int rc = ha_file_replace(s->dirfd, LOG, &iov, 1);
	int fd;

	if (rc != 0) {
		/* ours may be no file of the folder any more */
		s->broken = s->broken || rc == HA_E_UNKNOWN_RESULT;
		return rc;
	}
	fd = openat(s->dirfd, LOG, O_RDWR | O_APPEND | O_CLOEXEC);
	if (fd < 0) {
		s->broken = true; /* we hold a file that no longer counts */
		return -errno;
	}
	close_fd(&s->log_fd);
	s->log_fd = fd;
	s->log_bytes = out->len;
	return 0;
}

/*
 * The records that hold entries after the snapshot go into a new log. If that
 * fails the old one still counts: what is in the snapshot is skipped at load.
 */
static void rewrite_log(struct ha_store *s, bool drop_all)
{
	struct ha_store_rec *kept;
	struct ha_buf out = { 0 };
	size_t count = 0;
	int rc = 0;

	kept = calloc(s->rec_count + 1, sizeof(*kept));
	if (!kept) {
		return;
	}
	if (!drop_all) {
		rc = collect_log(s, kept, &count, &out);
	}
	if (rc == 0) {
		rc = replace_log(s, &out);
	}
	ha_buf_fini(&out);
	if (rc != 0) {
		free(kept);
		return;
	}
	free(s->recs);
	s->recs = kept;
	s->rec_max = s->rec_count + 1;
	s->rec_count = count;
}

/* ---- loading */

/* 0: there is none that can be read. */
static uint64_t read_mark(const struct ha_store *s)
{
	struct ha_record_head h = { 0 };
	struct ha_buf buf = { 0 };

	if (ha_file_read(s->dirfd, MARK, sizeof(h), &buf) != 0 ||
	    !ha_record_read(buf.data, buf.len, HA_RECORD_MARK, &h)) {
		h.op = 0;
	}
	ha_buf_fini(&buf);
	return h.op;
}

static void say_damaged(struct ha_store_content *c, const char *text)
{
	c->damaged = true;
	snprintf(c->text, sizeof(c->text), "%s", text);
}

/* Does a record that was written after a sync of byte `at` follow it? Then
 * what is wrong there once was right. */
static bool was_durable(const struct ha_buf *log, size_t at)
{
	const uint32_t magic = HA_RECORD_LOG;
	struct ha_record_head h;
	const char *p = log->data;
	size_t left = log->len - at;

	if (left > 0) {
		p += at;
	}
	while (left >= sizeof(h)) {
		const char *next = memmem(p, left, &magic, sizeof(magic));

		if (!next) {
			return false;
		}
		left -= (size_t)(next - p);
		p = next;
		if (ha_record_read(p, left, magic, &h) && h.durable > at) {
			return true;
		}
		p++;
		left--;
	}
	return false;
}

static int cut_tail(struct ha_store *s, struct ha_store_content *c, size_t at)
{
	if (ftruncate(s->log_fd, (off_t)at) != 0 || fsync(s->log_fd) != 0) {
		return -errno;
	}
	snprintf(c->text, sizeof(c->text),
		 "the last %zu bytes of the log were torn off by a crash "
		 "before they counted; they were cut", c->log.len - at);
	c->log.len = at;
	return 0;
}

/* ret_end: of the last record that is whole. */
static int scan_log(struct ha_store *s, struct ha_store_content *c,
		    uint64_t dropped_op, size_t *ret_end)
{
	const struct ha_buf *log = &c->log;
	struct ha_record_head h;
	size_t at = 0;
	int rc;

	while (at < log->len && ha_record_read(log->data + at, log->len - at,
					       HA_RECORD_LOG, &h)) {
		if (h.op > dropped_op) {
			rc = reserve_recs(s, 1);
			if (rc != 0) {
				return rc;
			}
			if (h.first > s->last + 1 || h.op < s->next_op) {
				say_damaged(c, h.op < s->next_op ?
					    "the log is out of order" :
					    "entries of the log are missing");
				return 0;
			}
			note_rec(s, &h, at);
		}
		at += sizeof(h) + h.len;
	}
	*ret_end = at;
	return 0;
}

static int load_snapshot(struct ha_store *s, struct ha_store_content *c,
			 struct ha_record_head *ret_head)
{
	int rc = ha_file_read(s->dirfd, SNAPSHOT, HA_STORE_SNAPSHOT_MAX,
			      &c->snapshot);
	struct ha_record_head h;

	if (rc == -ENOENT) {
		return 0;
	}
	if (rc == HA_E_LIMIT || rc == -EIO ||
	    (rc == 0 && (!ha_record_read(c->snapshot.data, c->snapshot.len,
					 HA_RECORD_SNAPSHOT, &h) ||
			 h.len + sizeof(h) != c->snapshot.len))) {
		say_damaged(c, "the snapshot is damaged");
		return 0;
	}
	if (rc == 0) {
		memmove(c->snapshot.data, c->snapshot.data + sizeof(h), h.len);
		c->snapshot.len = h.len;
		s->base = s->last = h.first;
		*ret_head = h;
	}
	return rc;
}

static int open_log(struct ha_store *s, struct ha_store_content *c)
{
	int flags = O_RDWR | O_APPEND | O_CLOEXEC;
	int rc;

	s->log_fd = openat(s->dirfd, LOG, flags);
	if (s->log_fd < 0 && errno == ENOENT) {
		if (c->snapshot.len > 0) {
			say_damaged(c, "the log is missing");
			return 0;
		}
		s->log_fd = openat(s->dirfd, LOG, flags | O_CREAT, 0600);
		if (s->log_fd >= 0 && fsync(s->dirfd) != 0) {
			return -errno;
		}
	}
	if (s->log_fd < 0) {
		return -errno;
	}
	rc = ha_buf_read_fd(&c->log, s->log_fd, HA_STORE_LOG_MAX);
	if (rc == HA_E_LIMIT || rc == -EIO) {
		say_damaged(c, "the log cannot be read");
		rc = 0;
	}
	return rc;
}

/* Where the bodies of the records that count are. */
static int list_bodies(struct ha_store *s, struct ha_store_content *c)
{
	const size_t head = sizeof(struct ha_record_head);

	c->bodies = calloc(s->rec_count + 1, 2 * sizeof(size_t));
	if (!c->bodies) {
		return HA_E_NO_MEMORY;
	}
	for (size_t i = 0; i < s->rec_count; i++) {
		const struct ha_store_rec *r = &s->recs[i];

		if (rec_counts(s, r)) {
			c->bodies[2 * c->body_count] = (size_t)r->offset + head;
			c->bodies[2 * c->body_count + 1] = r->size - head;
			c->body_count++;
		}
	}
	return 0;
}

static int load_files(struct ha_store *s, struct ha_store_content *c)
{
	struct ha_record_head snap = { 0 };
	size_t end = 0;
	int rc = load_snapshot(s, c, &snap);

	if (rc == 0 && !c->damaged) {
		rc = open_log(s, c);
	}
	if (rc == 0 && !c->damaged) {
		rc = scan_log(s, c, snap.flags & 1 ? snap.op : 0, &end);
	}
	if (rc != 0 || c->damaged) {
		return rc;
	}
	if (snap.op >= s->next_op) {
		c->snapshot_newest = true;
		s->next_op = snap.op + 1;
	}
	if (was_durable(&c->log, end)) {
		say_damaged(c, "a record in the middle of the log is damaged");
	} else if (read_mark(s) >= s->next_op) {
		say_damaged(c, "what was written last is missing or damaged");
	} else if (end < c->log.len) {
		rc = cut_tail(s, c, end);
	}
	s->log_bytes = c->log.len;
	s->last = s->last < s->base ? s->base : s->last;
	return rc == 0 && !c->damaged ? list_bodies(s, c) : rc;
}

static void remove_leftovers(struct ha_store *s)
{
	static const char *const names[] = { LOG ".new", SNAPSHOT ".new" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)unlinkat(s->dirfd, names[i], 0); /* mostly not there */
	}
}

/* Set aside before, and nothing has come in its place yet? */
static void look_for_damage(const struct ha_store *s,
			    struct ha_store_content *c)
{
	struct ha_buf why = { 0 };
	int rc = ha_file_read(s->dirfd, DAMAGED, sizeof(c->text) - 1, &why);

	if (rc != -ENOENT) {
		say_damaged(c, rc == 0 && why.len > 0 ? why.data : "damaged");
	}
	ha_buf_fini(&why);
}

int ha_store_load(struct ha_store *s, struct ha_store_content *ret_content)
{
	struct ha_store_content c = { 0 };
	int rc;

	forget_files(s);
	remove_leftovers(s);
	rc = load_files(s, &c);
	if (rc == 0 && c.damaged) {
		rc = ha_store_set_aside(s, c.text);
	} else if (rc == 0) {
		look_for_damage(s, &c);
		if (s->log_bytes > 0) {
			/* A sync may have failed before we were started: then
			 * the kernel shows what the disk does not have. */
			rewrite_log(s, false);
		}
	}
	if (rc != 0) {
		ha_store_content_fini(&c);
		return rc;
	}
	*ret_content = c;
	return 0;
}

static int rename_away(struct ha_store *s, const char *name, const char *to)
{
	if (renameat(s->dirfd, name, s->dirfd, to) != 0 && errno != ENOENT) {
		return -errno;
	}
	return 0;
}

int ha_store_set_aside(struct ha_store *s, const char *why)
{
	struct iovec iov = { (void *)(uintptr_t)why, strlen(why) };
	int rc = ha_file_replace(s->dirfd, DAMAGED, &iov, 1);

	if (rc == 0) {
		rc = rename_away(s, SNAPSHOT, SNAPSHOT ".damaged");
	}
	if (rc == 0) {
		rc = rename_away(s, LOG, LOG ".damaged");
	}
	if (rc == 0) {
		rc = rename_away(s, MARK, MARK ".damaged");
	}
	forget_files(s);
	s->log_fd = openat(s->dirfd, LOG,
			   O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (rc == 0 && (s->log_fd < 0 || fsync(s->dirfd) != 0)) {
		rc = -errno;
	}
	return rc;
}

/* ---- appending */

static int seal_all(struct ha_store *s, const struct ha_store_append *list,
		    size_t count, struct ha_buf *out)
{
	uint64_t last = s->last;

	for (size_t i = 0; i < count; i++) {
		struct ha_record_head h = {
			.op = s->next_op + i,
			.durable = s->log_bytes,
			.first = list[i].first,
			.last = list[i].last,
		};

		if (h.first > 0) {
			/* what is missing below was refused before */
			if (h.first > last + 1 || h.last < h.first) {
				return HA_E_REFUSED;
			}
			last = h.last;
		}
		ha_record_seal(&h, HA_RECORD_LOG, list[i].data, list[i].len);
		ha_buf_append(out, &h, sizeof(h));
		ha_buf_append(out, list[i].data, list[i].len);
	}
	if (out->failed) {
		return HA_E_NO_MEMORY;
	}
	return s->log_bytes + out->len > HA_STORE_LOG_MAX ? HA_E_LIMIT : 0;
}

static int write_log(struct ha_store *s, const struct ha_buf *out)
{
	int rc = ha_fd_write_all(s->log_fd, out->data, out->len);

	if (rc != 0) {
		/* no space, most likely: what half stands there must go */
		if (ftruncate(s->log_fd, (off_t)s->log_bytes) != 0) {
			s->broken = true;
		}
		return rc;
	}
	if (fdatasync(s->log_fd) != 0) {
		rc = -errno;
		s->broken = true;
	}
	return rc;
}

int ha_store_append(struct ha_store *s, const struct ha_store_append *list,
		    size_t count)
{
	struct ha_buf out = { 0 };
	struct ha_record_head h;
	size_t at = 0;
	int rc;

	if (s->broken || s->log_fd < 0) {
		return -EIO;
	}
	rc = seal_all(s, list, count, &out);
	if (rc == 0) {
		rc = reserve_recs(s, count);
	}
	if (rc == 0) {
		rc = write_log(s, &out);
	}
	while (rc == 0 && at < out.len) {
		memcpy(&h, out.data + at, sizeof(h));
		note_rec(s, &h, s->log_bytes + at);
		at += sizeof(h) + h.len;
	}
	if (rc == 0) {
		s->log_bytes += out.len;
		write_mark(s);
	}
	ha_buf_fini(&out);
	return rc;
}

/* ---- snapshots */

int ha_store_snapshot(struct ha_store *s, const struct ha_store_append *snap,
		      bool drop_all)
{
	struct ha_record_head h = {
		.op = s->next_op,
		.first = snap->first,
		.flags = drop_all ? 1 : 0,
	};
	struct iovec iov[2] = { { &h, sizeof(h) },
				{ (void *)(uintptr_t)snap->data, snap->len } };
	int rc;

	if (s->broken) {
		return -EIO;
	}
	if (snap->len > HA_STORE_SNAPSHOT_MAX - sizeof(h)) {
		return HA_E_LIMIT;
	}
	ha_record_seal(&h, HA_RECORD_SNAPSHOT, snap->data, snap->len);
	rc = ha_file_replace(s->dirfd, SNAPSHOT, iov, 2);
	if (rc != 0) {
		s->broken = rc == HA_E_UNKNOWN_RESULT;
		return rc;
	}
	s->next_op++;
	s->base = snap->first;
	write_mark(s);
	if (drop_all) {
		cut_recs(s, 0);
		s->last = s->base;
	}
	s->last = s->last < s->base ? s->base : s->last;
	(void)unlinkat(s->dirfd, DAMAGED, 0); /* mostly not there */
	rewrite_log(s, drop_all);
	return 0;
}
