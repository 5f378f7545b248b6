/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/scenario.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "sim/scenario_cond.h"

#define STEPS_MAX 2000
#define FILE_BYTES_MAX (1u << 20)
#define DRIFT_MAX 100000

typedef void (*parse_fn)(struct ha_scn_lex *x, struct ha_scn_step *s);

static const char a_host[] = "a host's name";
static const char a_vm[] = "a VM's name";
static const char hosts_word[] = "hosts, such as h1 or h1,h2";

static void parse_none(struct ha_scn_lex *x, struct ha_scn_step *s)
{
	(void)x;
	(void)s;
}

static void parse_hosts(struct ha_scn_lex *x, struct ha_scn_step *s)
{
	s->hosts = scn_lex_list(x, hosts_word);
}

static void parse_host(struct ha_scn_lex *x, struct ha_scn_step *s)
{
	s->hosts = scn_lex_list(x, a_host);
	if (s->hosts.count > 1) {
		scn_lex_fail(x, "one host is expected, not %zu", s->hosts.count);
	}
}

static void parse_for(struct ha_scn_lex *x, struct ha_scn_step *s,
		      const char *word)
{
	if (scn_lex_accept(x, word)) {
		s->has_time = true;
		s->time = scn_lex_time(x);
	}
}

static void parse_boot(struct ha_scn_lex *x, struct ha_scn_step *s)
{
	parse_hosts(x, s);
	parse_for(x, s, "taking");
}

static void parse_upgrade(struct ha_scn_lex *x, struct ha_scn_step *s)
{
	parse_hosts(x, s);
	s->since = 1;
	if (!scn_lex_accept(x, "level")) {
		scn_lex_fail(x, "'level NUMBER' is expected, such as level 2");
		return;
	}
	s->number = scn_lex_number(x, "a level of the protocol");
	if (scn_lex_accept(x, "since")) {
		s->since = scn_lex_number(x, "the lowest level it speaks");
	}
	if (s->since < 1 || s->number < s->since) {
		scn_lex_fail(x, "levels are counted from 1, the lower one "
			     "stands after 'since'");
	}
}

static enum ha_scn_program find_program(const char *word)
{
	for (int p = 1; p < HA_SCN_PROGRAM_COUNT; p++) {
		if (strcmp(ha_scn_program_name((enum ha_scn_program)p),
			   word) == 0) {
			return (enum ha_scn_program)p;
		}
	}
	return HA_SCN_PROGRAM_NONE;
}

static void parse_heal(struct ha_scn_lex *x, struct ha_scn_step *s)
{
	if (scn_lex_peek(x)) {
		parse_hosts(x, s);
		parse_for(x, s, "within");
	}
}

static void parse_program(struct ha_scn_lex *x, struct ha_scn_step *s)
{
	const char *word = scn_lex_word(x, "a program's name");

	s->program = word ? find_program(word) : HA_SCN_PROGRAM_NONE;
	if (word && s->program == HA_SCN_PROGRAM_NONE) {
		scn_lex_fail(x, "'%s' where a program is expected: hacd, "
			     "corosync, libvirt or an agent such as "
			     "hac-agent-vm", word);
	}
	parse_host(x, s);
}

static void parse_hang(struct ha_scn_lex *x, struct ha_scn_step *s)
{
	const char *word = scn_lex_peek(x);

	if (word && find_program(word) != HA_SCN_PROGRAM_NONE) {
		s->verb = HA_SCN_HANG_PROGRAM;
		parse_program(x, s);
	} else {
		parse_host(x, s);
	}
	parse_for(x, s, "for");
}

/* Of both links, only that one. */
static void parse_one_link(struct ha_scn_lex *x, struct ha_scn_step *s)
{
	if (scn_lex_accept(x, "link")) {
		s->has_number = true;
		s->number = scn_lex_number(x, "a link's number");
	}
}

static void parse_partition(struct ha_scn_lex *x, struct ha_scn_step *s)
{
	s->groups = scn_arena_take(x->arena,
				   SCN_WORDS_MAX * sizeof(*s->groups));
	if (!s->groups) {
		scn_lex_fail(x, "out of memory");
		return;
	}
	do {
		s->groups[s->group_count++] = scn_lex_list(x, hosts_word);
	} while (scn_lex_accept(x, "|"));
	parse_one_link(x, s);
	if (s->group_count < 2) {
		scn_lex_fail(x, "two or more sides are expected, with ' | ' "
			     "between them");
	}
}

static void parse_cut(struct ha_scn_lex *x, struct ha_scn_step *s)
{
	const char *from = scn_lex_name(x, a_host);
	const char *to = scn_lex_name(x, a_host);

	s->hosts.names = scn_arena_take(x->arena, 2 * sizeof(char *));
	if (s->hosts.names && to) {
		s->hosts.names[0] = from;
		s->hosts.names[1] = to;
		s->hosts.count = 2;
	}
	parse_one_link(x, s);
}

/* Is it one of the words of the verb's arguments, between bars and blanks? */
static bool is_argument(const char *args, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = args; (at = strstr(at, word)) != NULL; at += len) {
		bool starts = at == args || strchr(" |", at[-1]);

		if (starts && (at[len] == '\0' || strchr(" |", at[len]))) {
			return true;
		}
	}
	return false;
}

/* One of those that the verb's arguments name. */
static void parse_mode(struct ha_scn_lex *x, struct ha_scn_step *s)
{
	const char *args = ha_scn_verb_args(s->verb);
	const char *word = scn_lex_word(x, args);

	for (int m = 1; word && m < HA_SCN_MODE_COUNT; m++) {
		if (strcmp(ha_scn_mode_name((enum ha_scn_mode)m), word) == 0 &&
		    is_argument(args, word)) {
			s->mode = (uint32_t)m;
			return;
		}
	}
	if (word) {
		scn_lex_fail(x, "'%s' is not expected here: %s %s", word,
			     ha_scn_verb_name(s->verb), args);
	}
}

static void parse_link(struct ha_scn_lex *x, struct ha_scn_step *s)
{
	parse_host(x, s);
	s->number = scn_lex_number(x, "a link's number");
	parse_mode(x, s);
	if (s->mode == HA_SCN_MODE_LOSS) {
		s->percent = scn_lex_number(x, "so many of 100");
	} else if (s->mode == HA_SCN_MODE_DELAY) {
		s->time = scn_lex_time(x);
	}
	if (s->percent > 100) {
		scn_lex_fail(x, "%u where so many of 100 are expected",
			     s->percent);
	}
}

static void parse_datastore(struct ha_scn_lex *x, struct ha_scn_step *s)
{
	s->name = scn_lex_name(x, "a datastore's or host's name");
	parse_mode(x, s);
}

/* bmc, disk, libvirt */
static void parse_device(struct ha_scn_lex *x, struct ha_scn_step *s)
{
	parse_host(x, s);
	parse_mode(x, s);
}

static void parse_qdevice(struct ha_scn_lex *x, struct ha_scn_step *s)
{
	parse_mode(x, s);
	if (scn_lex_peek(x)) {
		parse_hosts(x, s);
	}
}

static void parse_drift(struct ha_scn_lex *x, struct ha_scn_step *s)
{
	const char *word = scn_lex_word(x, "a drift");
	char *end = NULL;
	long n = word ? strtol(word, &end, 10) : 0;

	s->mode = HA_SCN_MODE_DRIFT;
	if (word && (end == word || *end != '\0' || n < -DRIFT_MAX ||
		     n > DRIFT_MAX)) {
		scn_lex_fail(x, "'%s' where a drift is expected: millionths, "
			     "from -%d to %d", word, DRIFT_MAX, DRIFT_MAX);
		return;
	}
	s->drift = (int32_t)n;
}

static void parse_clock(struct ha_scn_lex *x, struct ha_scn_step *s)
{
	const char *word;

	parse_host(x, s);
	if (scn_lex_accept(x, "drift")) {
		parse_drift(x, s);
		return;
	}
	word = scn_lex_peek(x);
	if (word && word[0] == '+') {
		x->words[x->next] = word + 1;
		s->time = scn_lex_time(x);
		return;
	}
	scn_lex_fail(x, "a time with a plus is expected, such as +30s, or "
		     "'drift'");
}

/* Of the actions that its core asks for. */
static void parse_after(struct ha_scn_lex *x, struct ha_scn_step *s)
{
	const char *next;

	parse_mode(x, s);
	next = scn_lex_peek(x);
	s->number = next && strcmp(next, "for") != 0
			    ? scn_lex_number(x, "a number of actions")
			    : 1;
	if (s->program != HA_SCN_PROGRAM_HACD || s->number == 0) {
		scn_lex_fail(x, "'after' an action, counted from 1, only hacd "
			     "can crash");
	}
}

static void parse_crash(struct ha_scn_lex *x, struct ha_scn_step *s)
{
	parse_program(x, s);
	if (scn_lex_accept(x, "after")) {
		parse_after(x, s);
	}
	parse_for(x, s, "for");
}

static void parse_vm(struct ha_scn_lex *x, struct ha_scn_step *s)
{
	s->name = scn_lex_name(x, a_vm);
}

static void parse_break(struct ha_scn_lex *x, struct ha_scn_step *s)
{
	parse_vm(x, s);
	parse_mode(x, s);
	if (scn_lex_accept(x, "on")) {
		parse_hosts(x, s);
	}
	if (scn_lex_accept(x, "times")) {
		s->number = scn_lex_number(x, "how many times");
	}
}

static void parse_break_host(struct ha_scn_lex *x, struct ha_scn_step *s)
{
	parse_host(x, s);
	if (!scn_lex_accept(x, "coordinator")) {
		scn_lex_fail(x, "'coordinator' is expected: whose hacd crashes "
			     "when it decides about the host");
	}
	if (scn_lex_accept(x, "times")) {
		s->number = scn_lex_number(x, "how many times");
	}
}

static void parse_stray(struct ha_scn_lex *x, struct ha_scn_step *s)
{
	parse_vm(x, s);
	if (!scn_lex_accept(x, "on")) {
		scn_lex_fail(x, "'on HOST' is expected");
	}
	parse_host(x, s);
}

static void parse_hactl(struct ha_scn_lex *x, struct ha_scn_step *s)
{
	if (x->next == x->count) {
		scn_lex_fail(x, "the line ends where arguments of hactl are "
			     "expected");
		return;
	}
	s->argc = x->count - x->next;
	s->argv = scn_arena_take(x->arena, (s->argc + 1) * sizeof(char *));
	if (!s->argv) {
		scn_lex_fail(x, "out of memory");
		return;
	}
	memcpy(s->argv, &x->words[x->next], s->argc * sizeof(char *));
	x->next = x->count;
}

static void parse_refused(struct ha_scn_lex *x, struct ha_scn_step *s)
{
	if (!scn_lex_accept(x, "hactl")) {
		scn_lex_fail(x, "'hactl' is expected after 'refused'");
		return;
	}
	parse_hactl(x, s);
}

static void parse_wait(struct ha_scn_lex *x, struct ha_scn_step *s)
{
	s->time = scn_lex_time(x);
}

static void parse_expect(struct ha_scn_lex *x, struct ha_scn_step *s)
{
	scn_cond_parse(x, &s->cond);
	parse_for(x, s, "within");
}

static void parse_hold(struct ha_scn_lex *x, struct ha_scn_step *s)
{
	scn_cond_parse(x, &s->cond);
	if (!scn_lex_accept(x, "for")) {
		scn_lex_fail(x, "'for TIME' is expected, such as for 10s");
	}
	s->time = scn_lex_time(x);
}

static const struct {
	enum ha_scn_verb verb;
	parse_fn parse;
} parsers[] = {
	{ HA_SCN_START, parse_none },
	{ HA_SCN_BOOT, parse_boot },
	{ HA_SCN_KILL, parse_hosts },
	{ HA_SCN_SHUTDOWN, parse_hosts },
	{ HA_SCN_REBOOT_VM, parse_vm },  /* two words: before one */
	{ HA_SCN_REBOOT, parse_hosts },
	{ HA_SCN_REINSTALL, parse_hosts },
	{ HA_SCN_UPGRADE, parse_upgrade },
	{ HA_SCN_ISOLATE, parse_host },
	{ HA_SCN_PARTITION, parse_partition },
	{ HA_SCN_CUT, parse_cut },
	{ HA_SCN_LINK, parse_link },
	{ HA_SCN_HEAL, parse_heal },
	{ HA_SCN_DATASTORE, parse_datastore },
	{ HA_SCN_QDEVICE, parse_qdevice },
	{ HA_SCN_BMC, parse_device },
	{ HA_SCN_DISK, parse_device },
	{ HA_SCN_LIBVIRT, parse_device },
	{ HA_SCN_CLOCK, parse_clock },
	{ HA_SCN_CRASH_VM, parse_vm },
	{ HA_SCN_HANG_VM, parse_vm },
	{ HA_SCN_PAUSE_VM, parse_vm },
	{ HA_SCN_POWEROFF_VM, parse_vm },
	{ HA_SCN_BREAK_VM, parse_break },
	{ HA_SCN_BREAK_HOST, parse_break_host },
	{ HA_SCN_STRAY_VM, parse_stray },
	{ HA_SCN_CRASH, parse_crash },
	{ HA_SCN_HANG, parse_hang },     /* or HANG_PROGRAM */
	{ HA_SCN_RESTART, parse_program },
	{ HA_SCN_HACTL, parse_hactl },
	{ HA_SCN_REFUSED, parse_refused },
	{ HA_SCN_WAIT, parse_wait },
	{ HA_SCN_MARK, parse_none },
	{ HA_SCN_EXPECT, parse_expect },
	{ HA_SCN_HOLD, parse_hold },
};

/* Takes the words of a verb's name, if they are there. */
static bool accept_verb(struct ha_scn_lex *x, const char *name)
{
	const char *blank = strchr(name, ' ');
	const char *word = scn_lex_peek(x);
	size_t len = blank ? (size_t)(blank - name) : strlen(name);

	if (!word || strlen(word) != len || memcmp(word, name, len) != 0) {
		return false;
	}
	x->next++;
	if (!blank || scn_lex_accept(x, blank + 1)) {
		return true;
	}
	x->next--;
	return false;
}

/* "on h2 hactl ...": asked on that host. */
static void parse_on(struct ha_scn_lex *x, struct ha_scn_step *s)
{
	const char *word;

	s->tried = scn_lex_accept(x, "try");
	if (!scn_lex_accept(x, "on")) {
		return;
	}
	parse_host(x, s);
	word = scn_lex_peek(x);
	if (!word || (strcmp(word, "hactl") != 0 &&
		      strcmp(word, "refused") != 0)) {
		scn_lex_fail(x, "'hactl' or 'refused hactl' is expected after "
			     "'on HOST'");
	}
}

/* What is checked cannot be tried. */
static void check_tried(struct ha_scn_lex *x, const struct ha_scn_step *s)
{
	if (s->tried && (s->verb == HA_SCN_REFUSED || s->verb == HA_SCN_HOLD ||
			 s->verb == HA_SCN_EXPECT || s->verb == HA_SCN_START)) {
		scn_lex_fail(x, "a deed is expected after 'try', such as "
			     "'try hactl vm stop db1' or 'try crash vm db1'");
	}
}

static void parse_step(struct ha_scn_lex *x, struct ha_scn_step *s)
{
	parse_on(x, s);
	for (size_t i = 0; i < sizeof(parsers) / sizeof(parsers[0]); i++) {
		if (accept_verb(x, ha_scn_verb_name(parsers[i].verb))) {
			s->verb = parsers[i].verb;
			parsers[i].parse(x, s);
			scn_lex_end(x);
			check_tried(x, s);
			return;
		}
	}
	if (!x->failed) {
		scn_lex_fail(x, "'%s' is not a step of a scenario; "
			     "scenario(5) lists them", scn_lex_peek(x));
	}
}

/* Relative to the folder of the scenario. */
static const char *beside(struct ha_scn_lex *x, const char *path,
			  const char *file)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash && file[0] != '/' ? (size_t)(slash - path) + 1 : 0;
	char *full = scn_arena_take(x->arena, len + strlen(file) + 1);

	if (!full) {
		scn_lex_fail(x, "out of memory");
		return NULL;
	}
	memcpy(full, path, len);
	memcpy(full + len, file, strlen(file));
	return full;
}

static bool take_flag(struct ha_scn_lex *x, bool *flag, const char *word)
{
	if (!scn_lex_accept(x, word)) {
		return false;
	}
	*flag = true;
	return true;
}

static enum sim_qdevice_kind parse_arbitrator(struct ha_scn_lex *x)
{
	if (scn_lex_accept(x, "ffsplit")) {
		return SIM_QDEVICE_FFSPLIT;
	}
	if (!scn_lex_accept(x, "lms")) {
		scn_lex_fail(x, "ffsplit or lms is expected after 'qdevice'");
	}
	return SIM_QDEVICE_LMS;
}

static void parse_corosync(struct ha_scn_lex *x, struct ha_scenario *sc)
{
	do {
		if (scn_lex_accept(x, "token")) {
			sc->token = scn_lex_time(x);
		} else if (scn_lex_accept(x, "token_coefficient")) {
			sc->token_coefficient = scn_lex_time(x);
			sc->has_coefficient = true;
		} else if (scn_lex_accept(x, "qdevice")) {
			sc->qdevice = parse_arbitrator(x);
		} else if (!take_flag(x, &sc->two_node, "two_node") &&
			   !take_flag(x, &sc->wait_for_all, "wait_for_all") &&
			   !take_flag(x, &sc->auto_tie_breaker,
				      "auto_tie_breaker")) {
			scn_lex_fail(x, "one of token TIME, "
				     "token_coefficient TIME, qdevice, two_node, "
				     "wait_for_all and auto_tie_breaker is "
				     "expected");
		}
	} while (scn_lex_peek(x));
}

static void parse_simulator(struct ha_scn_lex *x, struct ha_scenario *sc)
{
	do {
		if (scn_lex_accept(x, "seed")) {
			sc->seed = scn_lex_number(x, "a seed");
		} else if (scn_lex_accept(x, "disk")) {
			sc->disk = scn_lex_time(x);
		} else if (scn_lex_accept(x, "network")) {
			sc->network = scn_lex_time(x);
		} else if (!take_flag(x, &sc->never_freezes, "never-freezes")) {
			scn_lex_fail(x, "one of seed NUMBER, disk TIME, "
				     "network TIME and never-freezes is "
				     "expected");
		}
	} while (scn_lex_peek(x));
}

/* Lines about the whole story; they stand before the first step. */
static bool parse_head(struct ha_scn_lex *x, struct ha_scenario *sc)
{
	bool head = true;

	if (scn_lex_accept(x, "cluster")) {
		const char *file = scn_lex_word(x, "a file's name");

		if (file && sc->cluster) {
			scn_lex_fail(x, "a second 'cluster'");
		} else if (file) {
			sc->cluster = beside(x, sc->path, file);
		}
	} else if (scn_lex_accept(x, "corosync")) {
		parse_corosync(x, sc);
	} else if (scn_lex_accept(x, "simulator")) {
		parse_simulator(x, sc);
	} else if (scn_lex_accept(x, "spare")) {
		sc->spares = scn_lex_list(x, hosts_word);
	} else {
		head = false;
	}
	if (head && sc->step_count > 0) {
		scn_lex_fail(x, "'%s' must stand before the first step",
			     x->words[0]);
	}
	if (head) {
		scn_lex_end(x);
	}
	return head;
}

static void parse_line(struct ha_scn_lex *x, struct ha_scenario *sc,
		       const char *line, size_t len)
{
	struct ha_scn_step *s;

	while (len > 0 && (line[len - 1] == ' ' || line[len - 1] == '\t' ||
			   line[len - 1] == '\r')) {
		len--;
	}
	scn_lex_line(x, line, len);
	if (x->failed || x->count == 0 || parse_head(x, sc) || x->failed) {
		return;
	}
	if (sc->step_count == STEPS_MAX) {
		scn_lex_fail(x, "more than %d steps", STEPS_MAX);
		return;
	}
	s = &sc->steps[sc->step_count++];
	s->line = x->line;
	s->text = scn_arena_text(x->arena, line, len);
	parse_step(x, s);
}

static void set_title(struct ha_scn_lex *x, struct ha_scenario *sc,
		      const char *line, size_t len)
{
	while (len > 0 && (*line == '#' || *line == ' ')) {
		line++;
		len--;
	}
	sc->title = scn_arena_text(x->arena, line, len);
}

static void parse_text(struct ha_scn_lex *x, struct ha_scenario *sc,
		       const char *text)
{
	while (*text && x->errors < SCN_ERRORS_MAX) {
		size_t len = strcspn(text, "\n");

		x->line++;
		if (len > 0 && text[0] == '#' && !sc->title) {
			set_title(x, sc, text, len);
		}
		parse_line(x, sc, text, len);
		text += len;
		text += *text == '\n';
	}
	if (x->errors == SCN_ERRORS_MAX) {
		ha_buf_printf(x->error, "  %s: and perhaps more\n", x->path);
	} else if (x->errors == 0 && sc->step_count == 0) {
		x->errors++;
		ha_buf_printf(x->error, "  %s: it has no step; add one, "
			      "usually 'start' first\n", x->path);
	}
}

int ha_scenario_parse(const char *path, const char *text,
		      struct ha_scenario *ret_scenario,
		      struct ha_buf *ret_error)
{
	struct ha_scenario sc = { .path = path };
	struct ha_scn_lex x = { .path = path, .error = ret_error };

	sc.arena = scn_arena_create();
	if (!sc.arena) {
		return HA_E_NO_MEMORY;
	}
	x.arena = sc.arena;
	sc.path = scn_arena_text(sc.arena, path, strlen(path));
	sc.steps = scn_arena_take(sc.arena, STEPS_MAX * sizeof(*sc.steps));
	if (!sc.path || !sc.steps) {
		ha_scenario_fini(&sc);
		return HA_E_NO_MEMORY;
	}
	parse_text(&x, &sc, text);
	if (x.errors > 0) {
		ha_scenario_fini(&sc);
		return HA_E_SYNTAX;
	}
	sc.title = sc.title ? sc.title : "";
	*ret_scenario = sc;
	return 0;
}

int ha_scenario_read(const char *path, struct ha_scenario *ret_scenario,
		     struct ha_buf *ret_error)
{
	struct ha_buf text = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int err;

	if (fd < 0) {
		err = -errno;
		ha_buf_printf(ret_error, "  %s: %s\n", path, strerror(-err));
		return err;
	}
	err = ha_buf_read_fd(&text, fd, FILE_BYTES_MAX);
	(void)close(fd); /* only read */
	if (err == 0 && text.data && strlen(text.data) != text.len) {
		err = HA_E_SYNTAX;
		ha_buf_printf(ret_error, "  %s: is not a text\n", path);
	} else if (err == 0) {
		err = ha_scenario_parse(path, text.data ? text.data : "",
					ret_scenario, ret_error);
	} else {
		ha_buf_printf(ret_error, "  %s: %s\n", path, ha_err_text(err));
	}
	ha_buf_fini(&text);
	return err;
}

bool ha_scenario_names_cluster(const struct ha_scenario *s,
			       struct ha_buf *ret_error)
{
	if (!s->cluster) {
		ha_buf_printf(ret_error, "  %s:%u: 'cluster FILE' must come "
			      "before the first step\n", s->path,
			      s->steps[0].line);
	}
	return s->cluster;
}

void ha_scenario_fini(struct ha_scenario *s)
{
	scn_arena_destroy(s->arena);
	memset(s, 0, sizeof(*s));
}
