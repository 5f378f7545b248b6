/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files of hac-agent-disk, as a broken disk may give them back: the input
 * is the log, then the snapshot. What is not refused can be gone on with, and
 * is the same when it is loaded again.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../agents/disk/files.h"
#include "../../agents/disk/record.h"
#include "../../agents/disk/store.h"
#include "base/fd.h"
#include "fuzz.h"

static char folder[64];

static void empty_folder(void)
{
	static const char *const names[] = { "log", "snapshot", "mark",
					     "damaged", "log.damaged",
					     "snapshot.damaged",
					     "mark.damaged" };
	char path[128];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		(void)unlink(path);
	}
}

static void remove_folder(void)
{
	empty_folder();
	(void)rmdir(folder);
}

/* In memory, if it can be: each input is synced several times. */
static int open_folder(void)
{
	if (folder[0] == '\0') {
		(void)snprintf(folder, sizeof(folder), "%s/hac-fuzz-XXXXXX",
			       access("/dev/shm", W_OK) == 0 ? "/dev/shm"
							     : "/tmp");
		if (mkdtemp(folder) == NULL || atexit(remove_folder) != 0) {
			abort();
		}
	}
	return ha_folder_open(folder);
}

static void put_file(int dirfd, const char *name, const void *data, size_t len)
{
	int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || ha_fd_write_all(fd, data, len) != 0) {
		abort();
	}
	close(fd);
}

/* A checksum that fits: else no input would ever get beyond it. */
static void seal(uint8_t *data, size_t size, uint32_t magic)
{
	struct ha_record_head h;
	size_t at = 0;

	while (size - at >= sizeof(h)) {
		memcpy(&h, data + at, sizeof(h));
		if (h.magic != magic || h.len > size - at - sizeof(h)) {
			return;
		}
		ha_record_seal(&h, magic, data + at + sizeof(h), h.len);
		memcpy(data + at, &h, sizeof(h));
		at += sizeof(h) + h.len;
	}
}

static void load(struct ha_store *s, struct ha_store_content *c)
{
	ha_store_open(s, open_folder());
	if (ha_store_load(s, c) != 0) {
		abort();
	}
}

/* What is there after `first` is one entry more, or the same. */
static void go_on(const struct ha_store_content *first)
{
	const struct ha_store_append meta = { .data = "m", .len = 1 };
	struct ha_store_content again;
	struct ha_store s;

	load(&s, &again);
	if (again.damaged != first->damaged ||
	    (!again.damaged && (again.body_count != first->body_count ||
				again.snapshot.len != first->snapshot.len))) {
		abort();
	}
	ha_store_content_fini(&again);
	if (ha_store_append(&s, &meta, 1) != 0) {
		abort();
	}
	ha_store_close(&s);
	load(&s, &again);
	if (again.damaged != first->damaged) {
		abort();
	}
	ha_store_content_fini(&again);
	ha_store_close(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint32_t magic = HA_RECORD_SNAPSHOT;
	struct ha_store_content c;
	struct ha_store s;
	uint8_t *copy, *snap;
	size_t log_len = size;
	bool sealed = size > 0 && data[size - 1] % 2 == 0;
	int dirfd = open_folder();

	empty_folder();
	copy = malloc(size + 1);
	if (copy == NULL) {
		abort();
	}
	if (size > 0) {
		memcpy(copy, data, size);
	}
	snap = memmem(copy, size, &magic, sizeof(magic));
	if (snap != NULL) {
		log_len = (size_t)(snap - copy);
		if (sealed) {
			seal(snap, size - log_len, magic);
		}
		put_file(dirfd, "snapshot", snap, size - log_len);
	}
	if (sealed) {
		seal(copy, log_len, HA_RECORD_LOG);
	}
	put_file(dirfd, "log", copy, log_len);
	close(dirfd);
	free(copy);
	load(&s, &c);
	ha_store_close(&s);
	go_on(&c);
	ha_store_content_fini(&c);
	return 0;
}
