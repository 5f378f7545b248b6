/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lab-child.c - the programs that a run starts, and what it does meanwhile. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lab-run.h"

#define NAP_US 20000
#define ANSWER_MS 5000  /* who has not answered by then does not */
#define STRAGGLE_MS 500 /* more, once a quorate host has answered */

long long ha_lab_now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* In a process group of its own, so that all of it can be ended. */
static pid_t start_child(const struct lab_run *r, const char *const *words, int output)
{
	char *argv[LAB_WORDS_MAX + 2] = { (char *)(uintptr_t)r->haclab };
	pid_t pid = fork();

	if (pid != 0) {
		return pid;
	}
	for (size_t n = 0; words[n] != NULL && n < LAB_WORDS_MAX; n++) {
		argv[n + 1] = (char *)(uintptr_t)words[n];
	}
	(void)setpgid(0, 0);
	if (output >= 0) {
		(void)dup2(output, 1);
		(void)dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), 2);
	}
	(void)dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), 0);
	(void)execv(argv[0], argv);
	_exit(127);
}

static void end_child(pid_t pid)
{
	(void)kill(-pid, SIGKILL);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
}

static int exit_code(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static void tell_failed(struct lab_run *r, const char *const *words, int code)
{
	int n = snprintf(r->why, sizeof(r->why), "exit code %d of haclab", code);

	for (; *words != NULL && n > 0 && (size_t)n < sizeof(r->why); words++) {
		n += snprintf(r->why + n, sizeof(r->why) - (size_t)n, " %s", *words);
	}
}

/* Starts what is due, buries what has ended. */
static int tend_beside(struct lab_run *r)
{
	long long now = ha_lab_now_ms();
	int status;

	for (size_t i = 0; i < r->beside_count; i++) {
		struct lab_beside *b = &r->beside[i];
		if (b->pid == 0 && b->at_ms <= now) {
			b->pid = start_child(r, b->words, -1);
		}
		if (b->pid > 0 && waitpid(b->pid, &status, WNOHANG) == b->pid) {
			struct lab_beside ended = *b;
			*b = r->beside[--r->beside_count];
			i--;
			if (exit_code(status) != 0) {
				tell_failed(r, ended.words, exit_code(status));
				return -1;
			}
		}
	}
	return 0;
}

int ha_lab_idle(struct lab_run *r)
{
	int rc = tend_beside(r);

	if (rc == 0 && r->up && !r->blind) {
		rc = ha_lab_oracle_look(r->why, sizeof(r->why));
	}
	return rc;
}

int ha_lab_wait(struct lab_run *r, long long ms)
{
	long long end = ha_lab_now_ms() + ms;
	int rc;

	while ((rc = ha_lab_idle(r)) == 0 && ha_lab_now_ms() < end) {
		(void)usleep(NAP_US);
	}
	return rc;
}

int ha_lab_beside(struct lab_run *r, const char *const *words, long long in_ms)
{
	if (r->beside_count == LAB_BESIDE_MAX) {
		(void)snprintf(r->why, sizeof(r->why), "too much at once");
		return -1;
	}
	struct lab_beside *b = &r->beside[r->beside_count++];
	*b = (struct lab_beside){ .at_ms = ha_lab_now_ms() + in_ms };
	for (size_t i = 0; words[i] != NULL && i < 4; i++) {
		b->words[i] = words[i];
	}
	return ha_lab_idle(r);
}

void ha_lab_stop(struct lab_run *r)
{
	for (size_t i = 0; i < r->beside_count; i++) {
		if (r->beside[i].pid > 0) {
			end_child(r->beside[i].pid);
		}
	}
	r->beside_count = 0;
}

int ha_lab_verb(struct lab_run *r, const char *const *words, int output)
{
	pid_t pid = start_child(r, words, output);
	int status = 0;

	if (pid < 0) {
		(void)snprintf(r->why, sizeof(r->why), "fork: %s", strerror(errno));
		return -1;
	}
	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (ha_lab_idle(r) != 0) {
			end_child(pid);
			return -1;
		}
		(void)usleep(NAP_US);
	}
	int rc = exit_code(status);
	if (rc != 0) {
		tell_failed(r, words, rc);
	}
	return rc;
}

/* --- all hosts at once --- */

struct asking {
	pid_t pid; /* 0: nobody is asked, or has answered */
	int output;
};

static void start_asking(const struct lab_run *r, const char *const *words,
			 struct asking *asks)
{
	const char *all[LAB_WORDS_MAX] = { "exec", NULL, "hactl" };
	char host[16];
	size_t n = 3;

	for (size_t i = 0; words[i] != NULL && n < LAB_WORDS_MAX - 2; i++) {
		all[n++] = words[i];
	}
	all[n] = "--json";
	for (int h = 1; h <= LAB_HOSTS_MAX; h++) {
		asks[h] = (struct asking){ .output = -1 };
		if (!ha_lab_oracle_powered(h) || ha_lab_oracle_hung(h)) {
			continue;
		}
		(void)snprintf(host, sizeof(host), "h%d", h);
		all[1] = host;
		asks[h].output = memfd_create("answer", MFD_CLOEXEC);
		asks[h].pid = start_child(r, all, asks[h].output);
	}
}

static json_t *read_answer(int fd)
{
	(void)lseek(fd, 0, SEEK_SET);
	return json_loadfd(fd, 0, NULL);
}

/* How many have not answered yet. */
static int collect_answers(struct asking *asks, json_t **answers)
{
	int left = 0, status;

	for (int h = 1; h <= LAB_HOSTS_MAX; h++) {
		if (asks[h].pid <= 0) {
			continue;
		}
		if (waitpid(asks[h].pid, &status, WNOHANG) != asks[h].pid) {
			left++;
			continue;
		}
		asks[h].pid = 0;
		if (exit_code(status) == 0) {
			answers[h] = read_answer(asks[h].output);
		}
	}
	return left;
}

static bool any_quorate(json_t *const *answers)
{
	for (int h = 1; h <= LAB_HOSTS_MAX; h++) {
		json_t *c = json_object_get(answers[h], "cluster");
		if (json_is_true(json_object_get(c, "quorate"))) {
			return true;
		}
	}
	return false;
}

int ha_lab_ask(struct lab_run *r, const char *const *words, json_t **ret_answers)
{
	struct asking asks[LAB_HOSTS_MAX + 1];
	long long end = ha_lab_now_ms() + ANSWER_MS;
	bool quorate = false;
	int rc = 0;

	memset(ret_answers, 0, (LAB_HOSTS_MAX + 1) * sizeof(*ret_answers));
	start_asking(r, words, asks);
	while (collect_answers(asks, ret_answers) > 0 && ha_lab_now_ms() < end &&
	       (rc = ha_lab_idle(r)) == 0) {
		if (!quorate && any_quorate(ret_answers)) {
			quorate = true;
			end = ha_lab_now_ms() + STRAGGLE_MS;
		}
		(void)usleep(NAP_US / 4);
	}
	for (int h = 1; h <= LAB_HOSTS_MAX; h++) {
		if (asks[h].pid > 0) {
			end_child(asks[h].pid);
		}
		if (asks[h].output >= 0) {
			(void)close(asks[h].output);
		}
	}
	return rc;
}
