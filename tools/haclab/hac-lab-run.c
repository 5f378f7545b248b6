/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hac-lab-run.c - plays a scenario(5) in the lab: each line becomes a verb of
 * haclab or a hactl on a host. All the while the oracle looks from outside;
 * what it sees ends the run, whatever hac believes.
 *
 * Exit codes as hacsim's: 0 all held, 1 a line did not, 2 the file is wrong or
 * wants what a lab cannot do.
 */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab-run.h"

#define POLL_MS 100
#define START_MS 300000
#define NOW_MS 5000 /* of an "expect" without a time: as tools lag behind */
#define PATIENCE_MAX 100
#define SILENT_MS 60000 /* longer than that nobody's silence is believed */

/* --- before the run: can a lab do all of it? --- */

static const char *cannot_cond(const struct ha_scn_cond *c)
{
	return c->kind == HA_SCN_COND_HOST && c->state == HA_SCN_HOST_ISOLATED ? "isolated" : NULL;
}

/* The name of what is not there in the lab; NULL: it can be done. */
static const char *cannot(const struct ha_scn_step *s)
{
	if (s->tried) {
		return "try";
	}
	if (s->verb == HA_SCN_HEAL && s->hosts.count > 0) {
		return "heal HOST or all";
	}
	if (s->verb == HA_SCN_UPGRADE || s->verb == HA_SCN_DATASTORE ||
	    s->verb == HA_SCN_CLOCK || s->verb == HA_SCN_DISK ||
	    s->verb == HA_SCN_LIBVIRT || s->verb == HA_SCN_QDEVICE ||
	    s->verb == HA_SCN_PAUSE_VM || s->verb == HA_SCN_BREAK_HOST) {
		return ha_scn_verb_name(s->verb);
	}
	if (s->verb == HA_SCN_BREAK_VM && s->mode != HA_SCN_MODE_START &&
	    s->mode != HA_SCN_MODE_GUEST_AGENT && s->mode != HA_SCN_MODE_APP) {
		return "break vm ... other than start, guest-agent and app";
	}
	if (s->argc > 1 && strcmp(s->argv[0], "vm") == 0 && strcmp(s->argv[1], "add") == 0) {
		return "hactl vm add"; /* its file would have to be on the host */
	}
	if (s->mode == HA_SCN_MODE_LOSS || s->mode == HA_SCN_MODE_DELAY ||
	    s->mode == HA_SCN_MODE_PASSWORD || s->mode == HA_SCN_MODE_SHARED) {
		return ha_scn_mode_name((enum ha_scn_mode)s->mode);
	}
	if (s->verb != HA_SCN_LINK && s->verb != HA_SCN_BREAK_VM && s->has_number) {
		return "link NUMBER";
	}
	if (s->verb == HA_SCN_CRASH && s->mode != HA_SCN_MODE_NONE) {
		return "crash hacd HOST after ACTION";
	}
	if (s->verb == HA_SCN_CRASH && s->has_time) {
		return "crash PROGRAM HOST for TIME";
	}
	if (s->program == HA_SCN_PROGRAM_AGENT_STORE || s->program == HA_SCN_PROGRAM_WATCHDOGD ||
	    s->program == HA_SCN_PROGRAM_WEBD) {
		return ha_scn_program_name(s->program);
	}
	if (s->verb == HA_SCN_EXPECT || s->verb == HA_SCN_HOLD) {
		return cannot_cond(&s->cond);
	}
	return NULL;
}

static bool check(const struct ha_scenario *s)
{
	if (s->spares.count > 0) {
		(void)fprintf(stderr, "%s: 'spare' is not there yet in the lab\n", s->path);
		return false;
	}
	for (size_t i = 0; i < s->step_count; i++) {
		const char *what = cannot(&s->steps[i]);
		if (what != NULL) {
			(void)fprintf(stderr, "%s:%u: '%s' is not there yet in the lab\n", s->path,
				      s->steps[i].line, what);
			return false;
		}
	}
	return true;
}

/* --- steps; each 0, or not and `why` --- */

static int new_lab(struct lab_run *r)
{
	char token[24], quorum[64] = "";
	const char *words[12] = { "up", "--config", r->s.cluster, "--token", token,
				  "--coefficient", "0", "--quorum", quorum };

	(void)snprintf(token, sizeof(token), "%lld",
		       (long long)((r->s.token > 0 ? r->s.token : HA_S(1)) / HA_MS(1)));
	(void)snprintf(quorum, sizeof(quorum), "%s%s",
		       r->s.wait_for_all ? "wait_for_all=1," : "",
		       r->s.auto_tie_breaker ? "auto_tie_breaker=1," : "");
	if (r->light) {
		words[9] = "--light";
	}
	int rc = ha_lab_verb(r, words, -1);
	r->up = rc == 0;
	return rc;
}

static int start(struct lab_run *r)
{
	long long end = ha_lab_now_ms() + START_MS;
	int rc = r->up ? ha_lab_verb(r, (const char *[]){ "boot", "all", NULL }, -1) : new_lab(r);

	while (rc == 0 && (rc = ha_lab_look(r)) == 0 && !ha_lab_all_online(r)) {
		if (ha_lab_now_ms() >= end) {
			return 1;
		}
		rc = ha_lab_wait(r, POLL_MS);
	}
	return rc;
}

/* Until it holds, or for as long as it must. */
static int watch(struct lab_run *r, const struct ha_scn_step *s, bool hold)
{
	long long limit = hold || s->has_time ? s->time / HA_MS(1) : NOW_MS;
	long long end = ha_lab_now_ms() + (hold ? limit : limit * r->patience);
	long long silent_end = end + SILENT_MS;

	for (;;) {
		int rc = ha_lab_look(r);
		if (rc == 0 && !ha_lab_known(r, &s->cond) && ha_lab_now_ms() < silent_end) {
			rc = ha_lab_wait(r, POLL_MS);
			if (rc == 0) {
				continue;
			}
		}
		int holds = rc == 0 ? ha_lab_holds(r, &s->cond) : -1;
		if (holds < 0) {
			return -1;
		}
		bool as_said = (holds != 0) != s->cond.negated;
		if (as_said != hold) {
			return as_said ? 0 : 1;
		}
		if (ha_lab_now_ms() >= end) {
			return hold ? 0 : 1;
		}
		if (ha_lab_wait(r, POLL_MS) != 0) {
			return -1;
		}
	}
}

/* The lab's version of a cluster's file, where hosts can read it. */
static int bring_config(struct lab_run *r, const char *file, char *ret_path, size_t size)
{
	char from[1024], to[1024];
	const char *name = strrchr(file, '/') == NULL ? file : strrchr(file, '/') + 1;

	(void)snprintf(from, sizeof(from), "%s%s", file[0] == '/' ? "" : r->folder, file);
	(void)snprintf(to, sizeof(to), "/var/lib/%s/store/%s", ha_lab_name(), name);
	int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0) {
		(void)snprintf(r->why, sizeof(r->why), "cannot write %.400s", to);
		return 1;
	}
	int rc = ha_lab_verb(r, (const char *[]){ "config", from, NULL }, fd);
	(void)close(fd);
	(void)snprintf(ret_path, size, "/var/lib/libvirt/images/%s", name);
	return rc;
}

static int ask_hactl(struct lab_run *r, const struct ha_scn_step *s)
{
	const char *words[LAB_WORDS_MAX] = { "exec", NULL, "hactl" };
	char host[12], path[512];
	int rc = ha_lab_look(r);

	(void)snprintf(host, sizeof(host), "h%d", r->asked == 0 ? 1 : r->asked);
	words[1] = s->hosts.count > 0 ? s->hosts.names[0] : host;
	for (size_t i = 0; i < s->argc && i < LAB_WORDS_MAX - 4; i++) {
		words[i + 3] = s->argv[i];
	}
	if (rc == 0 && s->argc > 2 && strcmp(s->argv[0], "config") == 0 &&
	    strcmp(s->argv[1], "apply") == 0) {
		rc = bring_config(r, s->argv[2], path, sizeof(path));
		words[5] = path;
	}
	if (rc != 0) {
		return rc;
	}
	rc = ha_lab_verb(r, words, -1);
	if (s->verb == HA_SCN_HACTL || rc < 0) {
		return rc;
	}
	if (rc == 0) {
		(void)snprintf(r->why, sizeof(r->why), "it was done, not refused");
	}
	return rc == 0;
}

/* Which may take long goes on beside the story, as a real machine would. */
static int each_host(struct lab_run *r, const struct ha_scn_step *s)
{
	const char *verb = ha_scn_verb_name(s->verb);
	bool beside = s->verb == HA_SCN_SHUTDOWN || s->verb == HA_SCN_REBOOT || s->has_time;
	int rc = 0;

	for (size_t i = 0; i < s->hosts.count && rc == 0 && beside; i++) {
		rc = ha_lab_beside(r, (const char *[]){ verb, s->hosts.names[i], NULL },
				   s->has_time ? s->time / HA_MS(1) : 0);
	}
	if (beside) {
		return rc;
	}
	const char *words[LAB_WORDS_MAX] = { verb };
	for (size_t i = 0; i < s->hosts.count && i < LAB_WORDS_MAX - 2; i++) {
		words[i + 1] = s->hosts.names[i];
	}
	return ha_lab_verb(r, words, -1);
}

static int partition(struct lab_run *r, const struct ha_scn_step *s)
{
	const char *words[LAB_WORDS_MAX] = { "partition" };
	char sides[LAB_HOSTS_MAX][128];

	for (size_t i = 0; i < s->group_count && i < LAB_HOSTS_MAX; i++) {
		int n = 0;
		for (size_t k = 0; k < s->groups[i].count && n < 100; k++) {
			n += snprintf(sides[i] + n, sizeof(sides[i]) - (size_t)n, "%s%s",
				      k > 0 ? "," : "", s->groups[i].names[k]);
		}
		words[i + 1] = sides[i];
	}
	return ha_lab_verb(r, words, -1);
}

static int network(struct lab_run *r, const struct ha_scn_step *s)
{
	const char *words[5] = { ha_scn_verb_name(s->verb) };
	char number[12];

	if (s->verb == HA_SCN_PARTITION) {
		return partition(r, s);
	}
	for (size_t i = 0; i < s->hosts.count && i < 2; i++) {
		words[i + 1] = s->hosts.names[i];
	}
	if (s->verb == HA_SCN_LINK) {
		(void)snprintf(number, sizeof(number), "%u", s->number % 2);
		words[2] = number;
		words[3] = ha_scn_mode_name(s->mode);
	}
	return ha_lab_verb(r, words, -1);
}

static int set_bmc(struct lab_run *r, const struct ha_scn_step *s)
{
	r->blind = r->blind || s->mode == HA_SCN_MODE_LYING;
	return ha_lab_verb(r, (const char *[]){ "bmc", s->hosts.names[0],
						ha_scn_mode_name(s->mode), NULL }, -1);
}

/* Of a host, or of a program of one. */
static int hang(struct lab_run *r, const struct ha_scn_step *s)
{
	const char *host = s->hosts.names[0];
	const char *words[4] = { "hang", host };

	if (s->verb == HA_SCN_HANG_PROGRAM) {
		words[1] = ha_scn_program_name(s->program);
		words[2] = host;
	}
	int rc = ha_lab_verb(r, words, -1);
	words[0] = "wake";
	return rc == 0 && s->has_time ? ha_lab_beside(r, words, s->time / HA_MS(1)) : rc;
}

static int program(struct lab_run *r, const struct ha_scn_step *s)
{
	return ha_lab_verb(r, (const char *[]){ ha_scn_verb_name(s->verb),
						ha_scn_program_name(s->program),
						s->hosts.names[0], NULL }, -1);
}

static int guest(struct lab_run *r, const struct ha_scn_step *s)
{
	const char *words[LAB_WORDS_MAX] = { "", "vm", s->name };
	char times[12];
	size_t n = 3;

	if (s->verb == HA_SCN_BREAK_VM) {
		words[n++] = ha_scn_mode_name((enum ha_scn_mode)s->mode);
		if (s->number > 0) {
			(void)snprintf(times, sizeof(times), "%u", s->number);
			words[n++] = "times";
			words[n++] = times;
		}
	}
	for (size_t i = 0; i < s->hosts.count && n < LAB_WORDS_MAX - 1; i++) {
		words[n++] = s->hosts.names[i];
	}
	words[0] = s->verb == HA_SCN_CRASH_VM	   ? "crash"
		   : s->verb == HA_SCN_HANG_VM	   ? "hang"
		   : s->verb == HA_SCN_POWEROFF_VM ? "poweroff"
		   : s->verb == HA_SCN_REBOOT_VM   ? "reboot"
		   : s->verb == HA_SCN_BREAK_VM	   ? "break"
						   : "stray";
	return ha_lab_verb(r, words, -1);
}

static int play(struct lab_run *r, const struct ha_scn_step *s)
{
	switch (s->verb) {
	case HA_SCN_START:
		return start(r);
	case HA_SCN_BOOT:
	case HA_SCN_KILL:
	case HA_SCN_SHUTDOWN:
	case HA_SCN_REBOOT:
	case HA_SCN_REINSTALL:
		return each_host(r, s);
	case HA_SCN_ISOLATE:
	case HA_SCN_PARTITION:
	case HA_SCN_CUT:
	case HA_SCN_LINK:
	case HA_SCN_HEAL:
		return network(r, s);
	case HA_SCN_BMC:
		return set_bmc(r, s);
	case HA_SCN_HANG:
	case HA_SCN_HANG_PROGRAM:
		return hang(r, s);
	case HA_SCN_CRASH:
	case HA_SCN_RESTART:
		return program(r, s);
	case HA_SCN_CRASH_VM:
	case HA_SCN_HANG_VM:
	case HA_SCN_POWEROFF_VM:
	case HA_SCN_REBOOT_VM:
	case HA_SCN_BREAK_VM:
	case HA_SCN_STRAY_VM:
		return guest(r, s);
	case HA_SCN_HACTL:
	case HA_SCN_REFUSED:
		return ask_hactl(r, s);
	case HA_SCN_WAIT:
		return ha_lab_wait(r, s->time / HA_MS(1));
	case HA_SCN_MARK:
		return ha_lab_mark(r);
	case HA_SCN_EXPECT:
		return watch(r, s, false);
	case HA_SCN_HOLD:
		return watch(r, s, true);
	case HA_SCN_DATASTORE:
	case HA_SCN_UPGRADE:
	case HA_SCN_CLOCK:
	case HA_SCN_DISK:
	case HA_SCN_LIBVIRT:
	case HA_SCN_QDEVICE:
	case HA_SCN_PAUSE_VM:
	case HA_SCN_BREAK_HOST:
	case HA_SCN_VERB_COUNT:
		break;
	}
	return 1;
}

static int run(struct lab_run *r, bool follow)
{
	long long begin = ha_lab_now_ms();
	int rc = 0;

	for (size_t i = 0; i < r->s.step_count && rc == 0; i++) {
		const struct ha_scn_step *s = &r->s.steps[i];
		long long at = ha_lab_now_ms() - begin;
		if (follow) {
			(void)printf("%4lld.%03lld s  %s\n", at / 1000, at % 1000, s->text);
			(void)fflush(stdout);
		}
		rc = play(r, s);
		if (rc != 0) {
			at = ha_lab_now_ms() - begin;
			(void)printf("%s:%u: %s\n    did not hold: %s; at %lld.%03lld s\n",
				     r->s.path, s->line, s->text, r->why, at / 1000, at % 1000);
		}
	}
	if (rc == 0) {
		(void)printf("%s: passed, %lld s\n", r->s.path, (ha_lab_now_ms() - begin) / 1000);
	}
	return rc;
}

static int usage(void)
{
	(void)fprintf(stderr,
		      "usage: haclab run [--light] [--quiet] [--patience N] FILE\n");
	return 2;
}

/* 0, or an exit code that is told already. */
static int options(struct lab_run *r, bool *ret_follow, int argc, char **argv)
{
	static const struct option known[] = { { "light", no_argument, NULL, 'l' },
					       { "quiet", no_argument, NULL, 'q' },
					       { "patience", required_argument, NULL, 'p' },
					       { 0 } };
	char *end = NULL;

	for (int c; (c = getopt_long(argc, argv, "", known, NULL)) != -1;) {
		switch (c) {
		case 'l':
			r->light = true;
			break;
		case 'q':
			*ret_follow = false;
			break;
		case 'p':
			r->patience = strtol(optarg, &end, 10);
			if (*end != '\0' || r->patience < 1 || r->patience > PATIENCE_MAX) {
				(void)fprintf(stderr, "haclab: '%s' is not a number from 1 "
					      "to %d\n", optarg, PATIENCE_MAX);
				return 2;
			}
			break;
		default:
			return usage();
		}
	}
	return argc - optind == 1 && r->haclab != NULL ? 0 : usage();
}

int main(int argc, char **argv)
{
	struct lab_run r = { .haclab = getenv("HACLAB"), .patience = 1 };
	struct ha_buf error = { 0 };
	bool follow = true;
	int rc = options(&r, &follow, argc, argv);

	if (rc != 0) {
		return rc;
	}
	const char *file = argv[optind];
	if (ha_scenario_read(file, &r.s, &error) != 0 ||
	    !ha_scenario_names_cluster(&r.s, &error)) {
		(void)fprintf(stderr, "%s", error.data == NULL ? file : error.data);
		return 2;
	}
	if (!check(&r.s)) {
		return 2;
	}
	char *folder = strdup(file);
	if (folder == NULL) {
		return 2;
	}
	folder[strrchr(folder, '/') == NULL ? 0 : strrchr(folder, '/') + 1 - folder] = '\0';
	r.folder = folder;
	rc = run(&r, follow);
	ha_lab_stop(&r);
	for (int h = 1; h <= LAB_HOSTS_MAX; h++) {
		json_decref(r.status[h]);
	}
	ha_scenario_fini(&r.s);
	free(folder);
	return rc == 0 ? 0 : 1;
}
