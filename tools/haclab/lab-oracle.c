/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lab-oracle.c - see lab-oracle.h; reads /proc and the lab's own files only. */
#include "lab-oracle.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define VMS_MAX 512
#define NAME_MAX_LEN 64
#define PERIOD_MS 50
#define RUNS_KEPT 8
#define CMDLINE_MAX 8192

struct qemu { /* a process */
	char name[NAME_MAX_LEN];
	char uuid[40];
	int host;
};

struct guest { /* what was seen of a VM's disk and console */
	char name[NAME_MAX_LEN];
	unsigned long boots, beats;
	unsigned long long runs[RUNS_KEPT]; /* of its boots, newest first */
	long said;                          /* bytes read of its console */
};

static struct qemu qemus[VMS_MAX];
static size_t qemu_count;
static struct guest guests[VMS_MAX];
static size_t guest_count;

const char *ha_lab_name(void)
{
	const char *name = getenv("HACLAB_NAME");

	return name == NULL || name[0] == '\0' ? "haclab" : name;
}

/* The host's pid namespace, as /proc shows it; false without power. */
static bool read_ns(int host, char ret_ns[64], int *ret_pid)
{
	char path[128], link[64];

	(void)snprintf(path, sizeof(path), "/run/%s/h%d/init", ha_lab_name(), host);
	FILE *f = fopen(path, "re");
	if (f == NULL) {
		return false;
	}
	int n = fscanf(f, "%d %63s", ret_pid, ret_ns);
	(void)fclose(f);
	(void)snprintf(path, sizeof(path), "/proc/%d/ns/pid", n == 2 ? *ret_pid : 0);
	ssize_t len = readlink(path, link, sizeof(link) - 1);
	return n == 2 && len > 0 && strncmp(link, ret_ns, (size_t)len) == 0;
}

bool ha_lab_oracle_powered(int host)
{
	char ns[64];
	int pid;

	return read_ns(host, ns, &pid);
}

bool ha_lab_oracle_hung(int host)
{
	char ns[64], path[64], state = '?';
	int pid;

	if (!read_ns(host, ns, &pid)) {
		return false;
	}
	(void)snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	FILE *f = fopen(path, "re");
	if (f != NULL) {
		(void)fscanf(f, "%*d (%*[^)]) %c", &state);
		(void)fclose(f);
	}
	return state == 'T';
}

/* What libvirt told the process, if it is a QEMU. */
static bool read_qemu(const char *pid, struct qemu *ret_q)
{
	char path[300], line[CMDLINE_MAX];

	ret_q->name[0] = '\0';
	ret_q->uuid[0] = '\0';
	(void)snprintf(path, sizeof(path), "/proc/%s/cmdline", pid);
	FILE *f = fopen(path, "re");
	if (f == NULL) {
		return false;
	}
	size_t n = fread(line, 1, sizeof(line) - 1, f);
	(void)fclose(f);
	line[n] = '\0';
	if (strstr(line, "qemu-system") == NULL) {
		return false;
	}
	for (size_t i = 0; i < n; i += strlen(line + i) + 1) {
		const char *next = line + i + strlen(line + i) + 1;
		(void)sscanf(line + i, "guest=%63[^,]", ret_q->name);
		if (strcmp(line + i, "-uuid") == 0 && next < line + n) {
			(void)snprintf(ret_q->uuid, sizeof(ret_q->uuid), "%.39s", next);
		}
	}
	return ret_q->name[0] != '\0' && ret_q->uuid[0] != '\0';
}

static int host_of(const char *pid, char ns[LAB_HOSTS_MAX + 1][64])
{
	char path[300], link[64] = "";

	(void)snprintf(path, sizeof(path), "/proc/%s/ns/pid", pid);
	if (readlink(path, link, sizeof(link) - 1) <= 0) {
		return 0;
	}
	for (int h = 1; h <= LAB_HOSTS_MAX; h++) {
		if (strcmp(ns[h], link) == 0) {
			return h;
		}
	}
	return 0;
}

static void find_qemus(void)
{
	char ns[LAB_HOSTS_MAX + 1][64] = { "" };
	struct dirent *e;
	int pid;

	for (int h = 1; h <= LAB_HOSTS_MAX; h++) {
		if (!read_ns(h, ns[h], &pid)) {
			ns[h][0] = '\0';
		}
	}
	qemu_count = 0;
	DIR *d = opendir("/proc");
	while (d != NULL && qemu_count < VMS_MAX && (e = readdir(d)) != NULL) {
		struct qemu *q = &qemus[qemu_count];
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9' &&
		    (q->host = host_of(e->d_name, ns)) != 0 && read_qemu(e->d_name, q)) {
			qemu_count++;
		}
	}
	if (d != NULL) {
		(void)closedir(d);
	}
}

uint32_t ha_lab_oracle_runs(const char *vm)
{
	uint32_t set = 0;

	find_qemus();
	for (size_t i = 0; i < qemu_count; i++) {
		if (strcmp(qemus[i].name, vm) == 0) {
			set |= 1u << qemus[i].host;
		}
	}
	return set;
}

static int judge_qemus(char *ret_why, size_t size)
{
	for (size_t i = 0; i < qemu_count; i++) {
		for (size_t k = 0; k < i; k++) {
			const struct qemu *a = &qemus[k], *b = &qemus[i];
			if (a->host != b->host && strcmp(a->uuid, b->uuid) == 0) {
				(void)snprintf(ret_why, size,
					       "VM %s runs twice: on h%d and h%d", a->name,
					       a->host, b->host);
				return -1;
			}
		}
	}
	return 0;
}

static struct guest *guest_of(const char *name)
{
	for (size_t i = 0; i < guest_count; i++) {
		if (strcmp(guests[i].name, name) == 0) {
			return &guests[i];
		}
	}
	if (guest_count == VMS_MAX) {
		return NULL;
	}
	struct guest *g = &guests[guest_count++];
	*g = (struct guest){ 0 };
	(void)snprintf(g->name, sizeof(g->name), "%s", name);
	return g;
}

/* A boot draws a number; one that was replaced must not write again. */
static int judge_run(struct guest *g, unsigned long long run, char *ret_why, size_t size)
{
	if (g->runs[0] == run) {
		return 0;
	}
	for (size_t i = 1; i < RUNS_KEPT; i++) {
		if (g->runs[i] == run) {
			(void)snprintf(ret_why, size,
				       "two QEMUs write on the disk of VM %s in turn", g->name);
			return -1;
		}
	}
	memmove(&g->runs[1], &g->runs[0], sizeof(g->runs) - sizeof(g->runs[0]));
	g->runs[0] = run;
	return 0;
}

/* What the guest counts in its first sector only grows. */
static int judge_disk(const char *path, struct guest *g, char *ret_why, size_t size)
{
	unsigned long boots, beats;
	unsigned long long run;
	char sector[513] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : pread(fd, sector, 512, 0);

	if (fd >= 0) {
		(void)close(fd);
	}
	if (n != 512 || sscanf(sector, "hac-guest %*s boots %lu beats %lu run %llx", &boots,
			       &beats, &run) != 3) {
		return 0; /* never booted */
	}
	if (boots < g->boots || beats < g->beats) {
		(void)snprintf(ret_why, size,
			       "the disk of VM %s lost writes: it counted %lu boots and "
			       "%lu beats, now %lu and %lu", g->name, g->boots, g->beats,
			       boots, beats);
		return -1;
	}
	g->boots = boots;
	g->beats = beats;
	return judge_run(g, run, ret_why, size);
}

/* The guest's own word, in what its console said since the last look. */
static int judge_console(struct guest *g, char *ret_why, size_t size)
{
	char path[256], line[256];
	int rc = 0;

	(void)snprintf(path, sizeof(path), "/var/lib/%s/store/console/%s.log", ha_lab_name(),
		       g->name);
	FILE *f = fopen(path, "re");
	if (f == NULL) {
		return 0;
	}
	(void)fseek(f, g->said, SEEK_SET);
	while (rc == 0 && fgets(line, sizeof(line), f) != NULL && strchr(line, '\n') != NULL) {
		g->said = ftell(f);
		if (strstr(line, "DOUBLE RUN") != NULL || strstr(line, "LOST WRITE") != NULL) {
			line[strcspn(line, "\r\n")] = '\0';
			(void)snprintf(ret_why, size, "%s", line);
			rc = -1;
		}
	}
	(void)fclose(f);
	return rc;
}

static int judge_guests(char *ret_why, size_t size)
{
	char folder[128], path[512], name[NAME_MAX_LEN];
	struct dirent *e;
	int rc = 0;

	(void)snprintf(folder, sizeof(folder), "/var/lib/%s/store", ha_lab_name());
	DIR *d = opendir(folder);
	while (d != NULL && rc == 0 && (e = readdir(d)) != NULL) {
		size_t len = strlen(e->d_name);
		if (len < 5 || len - 4 >= sizeof(name) ||
		    strcmp(e->d_name + len - 4, ".img") != 0) {
			continue;
		}
		(void)snprintf(name, sizeof(name), "%.*s", (int)len - 4, e->d_name);
		(void)snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		struct guest *g = guest_of(name);
		if (g != NULL && ((rc = judge_disk(path, g, ret_why, size)) == 0)) {
			rc = judge_console(g, ret_why, size);
		}
	}
	if (d != NULL) {
		(void)closedir(d);
	}
	return rc;
}

int ha_lab_oracle_look(char *ret_why, size_t size)
{
	static long long last = -PERIOD_MS;
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	long long now = (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
	if (now - last < PERIOD_MS) {
		return 0;
	}
	last = now;
	find_qemus();
	int rc = judge_qemus(ret_why, size);
	return rc != 0 ? rc : judge_guests(ret_why, size);
}

unsigned ha_lab_oracle_fenced(int host)
{
	char path[128], line[256];
	unsigned times = 0;

	(void)snprintf(path, sizeof(path), "/run/%s/h%d/power.log", ha_lab_name(), host);
	FILE *f = fopen(path, "re");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		times += strstr(line, "power 0 done, taken") != NULL;
	}
	if (f != NULL) {
		(void)fclose(f);
	}
	return times;
}
