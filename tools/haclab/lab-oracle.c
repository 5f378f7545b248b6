/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lab-oracle.c - see lab-oracle.h; reads /proc and the lab's own state only. */
#include "lab-oracle.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VMS_MAX 512

struct seen {
	char name[64];
	int host;
};

/* The host's pid namespace, as /proc shows it; false without power. */
static bool read_ns(int host, char ret_ns[64])
{
	char path[64], link[64];
	int pid;

	(void)snprintf(path, sizeof(path), "/run/haclab/h%d/init", host);
	FILE *f = fopen(path, "re");
	if (f == NULL) {
		return false;
	}
	int n = fscanf(f, "%d %63s", &pid, ret_ns);
	(void)fclose(f);
	(void)snprintf(path, sizeof(path), "/proc/%d/ns/pid", n == 2 ? pid : 0);
	ssize_t len = readlink(path, link, sizeof(link) - 1);
	return n == 2 && len > 0 && strncmp(link, ret_ns, (size_t)len) == 0;
}

bool ha_lab_oracle_powered(const char *host)
{
	char ns[64];

	return read_ns((int)strtol(host + 1, NULL, 10), ns);
}

/* The VM's name, if the process is a QEMU that libvirt started. */
static bool read_name(const char *pid, char ret_name[64])
{
	char path[300], line[4096];

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
		if (sscanf(line + i, "guest=%63[^,]", ret_name) == 1) {
			return true;
		}
	}
	return false;
}

static int host_of(const char *pid, char ns[9][64])
{
	char path[300], link[64] = "";

	(void)snprintf(path, sizeof(path), "/proc/%s/ns/pid", pid);
	if (readlink(path, link, sizeof(link) - 1) <= 0) {
		return 0;
	}
	for (int h = 1; h <= 8; h++) {
		if (strcmp(ns[h], link) == 0) {
			return h;
		}
	}
	return 0;
}

int ha_lab_oracle_look(char *ret_why, size_t size)
{
	static struct seen seen[VMS_MAX];
	char ns[9][64] = { "" };
	size_t count = 0;
	int rc = 0;
	struct dirent *e;

	for (int h = 1; h <= 8; h++) {
		if (!read_ns(h, ns[h])) {
			ns[h][0] = '\0';
		}
	}
	DIR *d = opendir("/proc");
	while (d != NULL && rc == 0 && count < VMS_MAX && (e = readdir(d)) != NULL) {
		struct seen *s = &seen[count];
		if (e->d_name[0] < '1' || e->d_name[0] > '9' ||
		    (s->host = host_of(e->d_name, ns)) == 0 || !read_name(e->d_name, s->name)) {
			continue;
		}
		for (size_t i = 0; i < count; i++) {
			if (seen[i].host != s->host && strcmp(seen[i].name, s->name) == 0) {
				(void)snprintf(ret_why, size, "VM %s runs twice: on h%d and h%d",
					       s->name, seen[i].host, s->host);
				rc = -1;
			}
		}
		count++;
	}
	if (d != NULL) {
		(void)closedir(d);
	}
	return rc;
}
