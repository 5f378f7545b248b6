/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bodies.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "files.h"

#define HISTORY "history"
#define HISTORY_BYTES_MAX (64u << 10)
#define HEX_SIZE (2 * sizeof(struct ha_hash) + 1)

static void print_hash(const struct ha_hash *hash, char *ret_hex)
{
	for (size_t i = 0; i < sizeof(hash->b); i++) {
		snprintf(ret_hex + 2 * i, 3, "%02x", hash->b[i]);
	}
}

static bool parse_hash(const char *hex, struct ha_hash *ret_hash)
{
	for (size_t i = 0; i < sizeof(ret_hash->b); i++) {
		unsigned byte;

		if (sscanf(hex + 2 * i, "%2x", &byte) != 1) {
			return false;
		}
		ret_hash->b[i] = (uint8_t)byte;
	}
	return true;
}

static bool is_held(const struct ha_bodies *b, const struct ha_hash *hash)
{
	for (size_t i = 0; i < b->count; i++) {
		if (ha_hash_equal(&b->held[i].hash, hash)) {
			return true;
		}
	}
	return false;
}

static void drop_oldest(struct ha_bodies *b)
{
	struct ha_hash hash = b->held[0].hash;
	char hex[HEX_SIZE];

	memmove(&b->held[0], &b->held[1],
		(b->count - 1) * sizeof(b->held[0]));
	b->count--;
	if (!is_held(b, &hash)) {
		print_hash(&hash, hex);
		(void)unlinkat(b->bodies_fd, hex, 0); /* may never have been */
	}
}

static void parse_line(struct ha_bodies *b, const char *line)
{
	struct ha_am_held h = { .version = 0 };
	char hex[HEX_SIZE];

	/* by and who may be missing */
	if (sscanf(line, "%" SCNu64 " %64s %" SCNd64 " %" SCNu32 " %" SCNu32,
		   &h.version, hex, &h.wall_s, &h.by, &h.who) < 3 ||
	    h.by > HA_HOSTS_MAX ||
	    strlen(hex) != HEX_SIZE - 1 || !parse_hash(hex, &h.hash)) {
		return; /* the history is for people: a bad line is no harm */
	}
	if (b->count == HA_CONFIGS_KEPT) {
		drop_oldest(b);
	}
	b->held[b->count++] = h;
}

static int read_history(struct ha_bodies *b)
{
	struct ha_buf buf = { 0 };
	int rc = ha_file_read(b->dirfd, HISTORY, HISTORY_BYTES_MAX, &buf);
	char *line = buf.data, *end;

	while (rc == 0 && line && *line) {
		end = strchr(line, '\n');
		if (end) {
			*end = '\0';
		}
		parse_line(b, line);
		line = end ? end + 1 : NULL;
	}
	ha_buf_fini(&buf);
	return rc == -ENOENT || rc == HA_E_LIMIT ? 0 : rc;
}

/* What a crash left of bodies that were being written. */
static void remove_leftovers(int bodies_fd)
{
	int fd = openat(bodies_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *e;

	while (dir && (e = readdir(dir)) != NULL) {
		if (strlen(e->d_name) != HEX_SIZE - 1 && e->d_name[0] != '.') {
			(void)unlinkat(bodies_fd, e->d_name, 0);
		}
	}
	if (dir) {
		closedir(dir);
	} else if (fd >= 0) {
		close(fd);
	}
}

int ha_bodies_open(struct ha_bodies *b, int dirfd)
{
	memset(b, 0, sizeof(*b));
	b->dirfd = dirfd;
	if (mkdirat(dirfd, "bodies", 0700) == 0 && fsync(dirfd) != 0) {
		return -errno;
	}
	b->bodies_fd = openat(dirfd, "bodies",
			      O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (b->bodies_fd < 0) {
		return -errno;
	}
	remove_leftovers(b->bodies_fd);
	return read_history(b);
}

void ha_bodies_close(struct ha_bodies *b)
{
	close(b->bodies_fd);
}

int ha_bodies_put(struct ha_bodies *b, const struct ha_hash *hash,
		  const void *data, size_t len)
{
	struct iovec iov = { (void *)(uintptr_t)data, len };
	char hex[HEX_SIZE];

	print_hash(hash, hex);
	return ha_file_replace(b->bodies_fd, hex, &iov, 1);
}

int ha_bodies_get(struct ha_bodies *b, const struct ha_hash *hash,
		  struct ha_buf *ret_buf)
{
	char hex[HEX_SIZE];

	print_hash(hash, hex);
	return ha_file_read(b->bodies_fd, hex, HA_CONFIG_BYTES_MAX, ret_buf);
}

static int write_history(struct ha_bodies *b)
{
	struct ha_buf buf = { 0 };
	struct iovec iov;
	int rc;

	for (size_t i = 0; i < b->count; i++) {
		char hex[HEX_SIZE];

		print_hash(&b->held[i].hash, hex);
		ha_buf_printf(&buf, "%" PRIu64 " %s %" PRId64 " %" PRIu32
			      " %" PRIu32 "\n", b->held[i].version, hex,
			      b->held[i].wall_s, b->held[i].by,
			      b->held[i].who);
	}
	iov = (struct iovec){ buf.data, buf.len };
	rc = buf.failed ? HA_E_NO_MEMORY
			: ha_file_replace(b->dirfd, HISTORY, &iov, 1);
	ha_buf_fini(&buf);
	return rc;
}

int ha_bodies_note(struct ha_bodies *b, const struct ha_am_held *held)
{
	if (b->count > 0 &&
	    b->held[b->count - 1].version == held->version &&
	    ha_hash_equal(&b->held[b->count - 1].hash, &held->hash)) {
		return 0;
	}
	if (b->count == HA_CONFIGS_KEPT) {
		drop_oldest(b);
	}
	b->held[b->count++] = *held;
	return write_history(b);
}
