/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "play.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"

struct play play;

/* ---- the world */

void check(bool ok, const char *what)
{
	play.tests++;
	play.failed += !ok;
	printf("%s %u - %s\n", ok ? "ok" : "not ok", play.tests, what);
	fflush(stdout);
}

void figure(const char *what, ha_dur us)
{
	printf("# %-58s %9.1f ms\n", what, (double)us / 1000.0);
	fflush(stdout);
}

static pid_t spawn(const char *command)
{
	pid_t pid = fork();

	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	return pid;
}

int run(const char *command)
{
	int status = -1;
	pid_t pid = spawn(command);

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
	}
	return status;
}

struct ha_uuid uuid_of(unsigned vm)
{
	struct ha_uuid u = { { 0x5c, 0xa1, 0xab, 0x1e, 0, 0, 0x40, 0,
			       0x80, 0, 0, 0, 0, 0, 1, (uint8_t)vm } };

	return u;
}

void uuid_text(unsigned vm, char text[40])
{
	snprintf(text, 40, "5ca1ab1e-0000-4000-8000-0000000001%02x", vm);
}

pid_t qemu_of(unsigned vm)
{
	char line[8192], path[300], uuid[40];
	DIR *dir = opendir("/proc");
	struct dirent *e;
	pid_t found = 0;

	uuid_text(vm, uuid);
	while (!found && (e = readdir(dir))) {
		ssize_t n = 0;
		int fd;

		snprintf(path, sizeof(path), "/proc/%s/cmdline", e->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0) {
			n = read(fd, line, sizeof(line));
			close(fd);
		}
		if (n > 0 && strstr(line, "qemu-system") &&
		    memmem(line, (size_t)n, uuid, strlen(uuid))) {
			found = (pid_t)strtol(e->d_name, NULL, 10);
		}
	}
	closedir(dir);
	return found;
}

/* Never 0 or less to kill: that is oneself and others. */
void signal_process(pid_t pid, int signo)
{
	if (pid > 1) {
		kill(pid, signo);
	}
}

pid_t libvirtd_pid(void)
{
	FILE *f = fopen("/run/libvirtd.pid", "re");
	int pid = 0;

	if (f) {
		if (fscanf(f, "%d", &pid) != 1) {
			pid = 0;
		}
		fclose(f);
	}
	return pid;
}

void start_libvirtd(void)
{
	if (run("libvirtd -d") != 0) {
		printf("Bail out! libvirtd does not start\n");
		exit(1);
	}
}

/* ---- the agent */

void start_agent(void)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		exit(1);
	}
	play.agent = fork();
	if (play.agent == 0) {
		if (pair[1] == HA_AGENT_FD) {
			fcntl(pair[1], F_SETFD, 0);
		} else {
			dup2(pair[1], HA_AGENT_FD);
		}
		execl(play.program, "hac-agent-vm", (char *)NULL);
		_exit(127);
	}
	close(pair[1]);
	play.fd = pair[0];
	fcntl(play.fd, F_SETFL, O_NONBLOCK);
}

static void note_domain(const struct ha_domain *d)
{
	struct seen *s = &play.vms[d->vm.b[15] % VMS];

	s->seen = d->seen;
	s->end = d->end;
	s->instance = d->instance;
	s->told++;
	s->at = ha_time_now();
}

static void note_inventory(const struct ha_am *m)
{
	play.inventories++;
	play.listed = m->domain_count;
	play.memory_kib = m->memory_kib;
	play.cpus = m->cpus;
	play.cpu_mhz = m->cpu_mhz;
	for (unsigned i = 0; i < VMS; i++) {
		play.vms[i].seen = HA_SEEN_ABSENT;
	}
	for (size_t i = 0; i < m->domain_count; i++) {
		note_domain(&m->domains[i].domain);
	}
}

static void note_result(const struct ha_am *m)
{
	struct answer *a = &play.answers[m->id % ANSWERS];

	if (a->id == m->id && a->at != 0) {
		check(false, "an operation has one result only");
	}
	a->id = m->id;
	a->code = m->code;
	a->at = ha_time_now();
	snprintf(a->text, sizeof(a->text), "%s", m->text);
}

static void note_message(const struct ha_am *m)
{
	if (m->kind == HA_AM_UP) {
		play.ups++;
		play.up_at = ha_time_now();
	} else if (m->kind == HA_AM_DOWN) {
		play.downs++;
		play.down_at = ha_time_now();
	} else if (m->kind == HA_AM_INVENTORY) {
		note_inventory(m);
	} else if (m->kind == HA_AM_DOMAIN) {
		note_domain(&m->domains[0].domain);
	} else if (m->kind == HA_AM_RESULT) {
		note_result(m);
	} else if (m->kind == HA_AM_NOTE) {
		play.notes++;
		snprintf(play.last_note, sizeof(play.last_note), "%s", m->text);
	} else if (m->kind == HA_AM_XML) {
		free(play.xml);
		play.xml = strdup(m->text);
	}
}

bool await(bool (*cond)(uint64_t), uint64_t arg, int ms)
{
	ha_time end = ha_time_now() + HA_MS(ms);

	for (;;) {
		struct pollfd p = { .fd = play.fd, .events = POLLIN };
		struct ha_am m;
		int rc;

		if (cond(arg)) {
			return true;
		}
		if (ha_time_now() >= end) {
			return false;
		}
		(void)poll(&p, 1, (int)((end - ha_time_now()) / 1000) + 1);
		rc = ha_am_recv(play.fd, &m);
		if (rc == 0) {
			note_message(&m);
			ha_am_fini(&m);
		} else if (rc != -EAGAIN) {
			printf("# from the agent: %s\n", ha_err_text(rc));
			return false;
		}
	}
}

bool answered(uint64_t id)
{
	return answer_of(id)->id == id && answer_of(id)->at != 0;
}
bool is_absent(uint64_t vm)
{
	return play.vms[vm].seen == HA_SEEN_ABSENT;
}
bool is_running(uint64_t vm)
{
	return play.vms[vm].seen == HA_SEEN_RUNNING;
}
bool is_paused(uint64_t vm)
{
	return play.vms[vm].seen == HA_SEEN_PAUSED;
}
bool is_up(uint64_t n)
{
	return play.inventories >= n && play.ups >= n;
}
bool is_down(uint64_t n)
{
	return play.downs >= n;
}
bool never(uint64_t n)
{
	(void)n;
	return false;
}

uint64_t send_message(struct ha_am *m)
{
	m->id = ++play.next_id;
	play.answers[m->id % ANSWERS].at = 0;
	if (ha_am_send(play.fd, m) != 0) {
		check(false, "the agent takes messages");
	}
	return m->id;
}

uint64_t ask(enum ha_am_kind kind, unsigned vm, const char *xml,
	     uint32_t timeout_ms)
{
	char name[16];
	struct ha_am m = { .kind = kind, .uuid = uuid_of(vm), .name = name,
			   .text = xml, .timeout_ms = timeout_ms };

	snprintf(name, sizeof(name), "vm%u", vm);
	return send_message(&m);
}

uint32_t ask_wait(enum ha_am_kind kind, unsigned vm, const char *xml)
{
	uint64_t id = ask(kind, vm, xml, 60000);

	return await(answered, id, 70000) ? answer_of(id)->code : 99;
}

const struct answer *answer_of(uint64_t id)
{
	return &play.answers[id % ANSWERS];
}

const char *last_text(void)
{
	return answer_of(play.next_id)->text;
}

int play_end(void)
{
	printf("1..%u\n# %u passed, %u failed\n", play.tests,
	       play.tests - play.failed, play.failed);
	return play.failed ? 1 : 0;
}
