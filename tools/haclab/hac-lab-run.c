/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hac-lab-run.c - plays a scenario(5) in the lab: each line becomes a verb of
 * haclab or a hactl on a host; conditions are read from hactl's JSON. While it
 * waits it looks at the QEMU processes of all hosts from outside: one VM on
 * two powered hosts ends the run, whatever hac believes.
 *
 * Exit codes as hacsim's: 0 all held, 1 a line did not, 2 the file is wrong or
 * wants what a lab cannot do.
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lab-oracle.h"
#include "sim/scenario.h"

#define ARGS_MAX 64
#define POLL_MS 100
#define START_MS 300000
#define EXPECT_MS 30000 /* without "within" */

struct run {
	const char *haclab;
	struct ha_scenario s;
	json_t *status; /* of the last host asked; owned, may be NULL */
	char why[256];
};

static long long now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Runs a program, watching meanwhile. Its exit code, or -1: the oracle. */
static int run_program(struct run *r, char *const *argv, const char *output)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (output != NULL) {
			int fd = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
			(void)dup2(fd, 1);
			fd = open("/dev/null", O_WRONLY);
			(void)dup2(fd, 2);
		}
		(void)execv(argv[0], argv);
		_exit(127);
	}
	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (ha_lab_oracle_look(r->why, sizeof(r->why)) != 0) {
			return -1;
		}
		(void)usleep(20000);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static int verb(struct run *r, const char *const *words)
{
	char *argv[ARGS_MAX + 2] = { (char *)(uintptr_t)r->haclab };
	size_t n = 1;

	for (; words[n - 1] != NULL && n < ARGS_MAX; n++) {
		argv[n] = (char *)(uintptr_t)words[n - 1];
	}
	int rc = run_program(r, argv, NULL);
	if (rc > 0) {
		(void)snprintf(r->why, sizeof(r->why), "haclab %s: exit code %d", words[0], rc);
	}
	return rc;
}

/* Asks the hosts in turn; the first whose hacd answers is believed. */
static void ask_status(struct run *r)
{
	const char *path = "/run/haclab/status.json";
	char host[16];

	json_decref(r->status);
	r->status = NULL;
	for (int i = 1; i <= 8 && r->status == NULL; i++) {
		(void)snprintf(host, sizeof(host), "h%d", i);
		char *argv[] = { (char *)(uintptr_t)r->haclab, "exec", host, "timeout", "2",
				 "hactl", "--json", "status", NULL };
		if (run_program(r, argv, path) == 0) {
			r->status = json_load_file(path, 0, NULL);
			json_t *c = json_object_get(r->status, "cluster");
			if (r->status != NULL && !json_is_true(json_object_get(c, "quorate"))) {
				json_decref(r->status);
				r->status = NULL;
			}
		}
	}
}

static json_t *find(const struct run *r, const char *list, const char *name)
{
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(r->status, list), i, item) {
		const char *have = json_string_value(json_object_get(item, "name"));
		if (have != NULL && strcmp(have, name) == 0) {
			return item;
		}
	}
	return NULL;
}

static const char *word(json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));
	return s == NULL ? "" : s;
}

static bool named(const struct ha_scn_list *l, const char *name)
{
	for (size_t i = 0; i < l->count; i++) {
		if (strcmp(l->names[i], name) == 0) {
			return true;
		}
	}
	return l->count == 0;
}

static bool vm_holds(struct run *r, const struct ha_scn_cond *c)
{
	json_t *vm = find(r, "vms", c->name);

	(void)snprintf(r->why, sizeof(r->why), "vm %s is %s on '%s'", c->name,
		       word(vm, "state"), word(vm, "owner"));
	return strcmp(word(vm, "state"), ha_scn_vm_state_name(c->state)) == 0 &&
	       named(&c->names, word(vm, "owner"));
}

static bool holds(struct run *r, const struct ha_scn_cond *c)
{
	json_t *cluster = json_object_get(r->status, "cluster");
	json_t *host = c->name == NULL ? NULL : find(r, "hosts", c->name);

	(void)snprintf(r->why, sizeof(r->why), "no quorate host answers");
	if (r->status == NULL) {
		return false;
	}
	if (c->kind == HA_SCN_COND_VM) {
		return vm_holds(r, c);
	}
	if (c->kind == HA_SCN_COND_HOST) {
		(void)snprintf(r->why, sizeof(r->why), "host %s is %s", c->name,
			       word(host, "state"));
		return strcmp(word(host, "state"), ha_scn_host_state_name(c->state)) == 0;
	}
	if (c->kind == HA_SCN_COND_COORDINATOR) {
		(void)snprintf(r->why, sizeof(r->why), "the coordinator is %s",
			       word(cluster, "coordinator"));
		return strcmp(word(cluster, "coordinator"), c->name) == 0;
	}
	if (c->kind == HA_SCN_COND_QUORATE) {
		return true;
	}
	(void)snprintf(r->why, sizeof(r->why), "the cluster has not settled");
	return json_is_true(json_object_get(cluster, "settled"));
}

static int watch(struct run *r, const struct ha_scn_step *s, long long for_ms, bool until)
{
	long long end = now_ms() + for_ms;

	for (;;) {
		ask_status(r);
		bool is = holds(r, &s->cond) != s->cond.negated;
		if (is == until) {
			return until ? 0 : 1;
		}
		if (now_ms() >= end) {
			return until ? 1 : 0;
		}
		(void)usleep(POLL_MS * 1000);
		if (ha_lab_oracle_look(r->why, sizeof(r->why)) != 0) {
			return 1;
		}
	}
}

static bool can_do(const struct ha_scn_step *s)
{
	if (s->verb == HA_SCN_EXPECT || s->verb == HA_SCN_HOLD) {
		return s->cond.kind == HA_SCN_COND_VM || s->cond.kind == HA_SCN_COND_HOST ||
		       s->cond.kind == HA_SCN_COND_COORDINATOR ||
		       s->cond.kind == HA_SCN_COND_QUORATE ||
		       s->cond.kind == HA_SCN_COND_SETTLED;
	}
	return s->verb == HA_SCN_START || s->verb == HA_SCN_BOOT || s->verb == HA_SCN_KILL ||
	       s->verb == HA_SCN_SHUTDOWN || s->verb == HA_SCN_REBOOT ||
	       s->verb == HA_SCN_ISOLATE || s->verb == HA_SCN_HEAL ||
	       s->verb == HA_SCN_BMC || s->verb == HA_SCN_CRASH ||
	       s->verb == HA_SCN_RESTART || s->verb == HA_SCN_CRASH_VM ||
	       s->verb == HA_SCN_POWEROFF_VM || s->verb == HA_SCN_HACTL ||
	       s->verb == HA_SCN_REFUSED || s->verb == HA_SCN_WAIT ||
	       s->verb == HA_SCN_MARK || s->verb == HA_SCN_CUT;
}

static int start(struct run *r)
{
	const char *words[] = { "up", "--hosts", "3", "--config",
				r->s.cluster, "--quorum", "", NULL };
	char hosts[8] = "3";
	struct ha_scn_step settled = { .cond = { .kind = HA_SCN_COND_SETTLED } };
	FILE *f = fopen(r->s.cluster, "re");
	char line[512];
	int count = 0;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		count += strstr(line, "<host ") != NULL;
	}
	if (f != NULL) {
		(void)fclose(f);
	}
	(void)snprintf(hosts, sizeof(hosts), "%d", count);
	words[2] = hosts;
	if (r->s.auto_tie_breaker) {
		words[6] = "auto_tie_breaker=1";
	}
	int rc = verb(r, words);
	return rc != 0 ? rc : watch(r, &settled, START_MS, true);
}

static int ask_hactl(struct run *r, const struct ha_scn_step *s)
{
	const char *words[ARGS_MAX] = { "exec", s->hosts.count > 0 ? s->hosts.names[0] : NULL,
					"hactl" };
	char host[16];

	for (int i = 1; words[1] == NULL && i <= 8; i++) {
		(void)snprintf(host, sizeof(host), "h%d", i);
		if (ha_lab_oracle_powered(host)) {
			words[1] = host;
		}
	}
	for (size_t i = 0; i < s->argc && i < ARGS_MAX - 4; i++) {
		words[i + 3] = s->argv[i];
	}
	int rc = verb(r, words);
	if (s->verb == HA_SCN_REFUSED && rc == 0) {
		(void)snprintf(r->why, sizeof(r->why), "hactl did it");
	}
	return s->verb == HA_SCN_REFUSED && rc >= 0 ? rc == 0 : rc;
}

static int each_host(struct run *r, const struct ha_scn_step *s)
{
	const char *words[ARGS_MAX] = { ha_scn_verb_name(s->verb) };

	for (size_t i = 0; i < s->hosts.count && i < ARGS_MAX - 2; i++) {
		words[i + 1] = s->hosts.names[i];
	}
	return verb(r, words);
}

static int play(struct run *r, const struct ha_scn_step *s)
{
	const char *host = s->hosts.count > 0 ? s->hosts.names[0] : NULL;
	long long ms = s->time / HA_MS(1);

	if (s->verb == HA_SCN_START) {
		return start(r);
	}
	if (s->verb == HA_SCN_EXPECT) {
		return watch(r, s, s->has_time ? ms : EXPECT_MS, true);
	}
	if (s->verb == HA_SCN_HOLD) {
		return watch(r, s, ms, false);
	}
	if (s->verb == HA_SCN_HACTL || s->verb == HA_SCN_REFUSED) {
		return ask_hactl(r, s);
	}
	if (s->verb == HA_SCN_WAIT) {
		(void)usleep((useconds_t)s->time);
		return 0;
	}
	if (s->verb == HA_SCN_MARK) {
		return 0;
	}
	if (s->verb == HA_SCN_BMC) {
		return verb(r, (const char *[]){ "bmc", host, ha_scn_mode_name(s->mode), NULL });
	}
	if (s->verb == HA_SCN_CRASH || s->verb == HA_SCN_RESTART) {
		return verb(r, (const char *[]){ ha_scn_verb_name(s->verb),
						 ha_scn_program_name(s->program), host, NULL });
	}
	if (s->verb == HA_SCN_CRASH_VM || s->verb == HA_SCN_POWEROFF_VM) {
		return verb(r, (const char *[]){ s->verb == HA_SCN_CRASH_VM ? "crash" : "poweroff",
						 "vm", s->name, NULL });
	}
	return each_host(r, s);
}

int main(int argc, char **argv)
{
	struct run r = { .haclab = getenv("HACLAB") };
	struct ha_buf error = { 0 };

	if (argc != 2 || r.haclab == NULL) {
		(void)fprintf(stderr, "usage: haclab run FILE\n");
		return 2;
	}
	if (ha_scenario_read(argv[1], &r.s, &error) != 0) {
		(void)fprintf(stderr, "%s\n", error.data == NULL ? argv[1] : error.data);
		return 2;
	}
	for (size_t i = 0; i < r.s.step_count; i++) {
		if (!can_do(&r.s.steps[i])) {
			(void)fprintf(stderr, "%s:%u: '%s' is not there yet in the lab\n", argv[1],
				      r.s.steps[i].line, r.s.steps[i].text);
			return 2;
		}
	}
	for (size_t i = 0; i < r.s.step_count; i++) {
		if (play(&r, &r.s.steps[i]) != 0) {
			(void)printf("%s:%u: %s: did not hold: %s\n", argv[1], r.s.steps[i].line,
				     r.s.steps[i].text, r.why);
			return 1;
		}
	}
	(void)printf("%s: passed\n", argv[1]);
	return 0;
}
