/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of hactl, made into commands as hactl makes them. What only looks is
 * not checked here: the words must be known, the answer is not; but "simulate"
 * is asked, and may say no. A line whose words are wrong makes the file wrong:
 * 'refused' is for what the cluster, or hactl by its own judgement, refuses.
 */
#include "sim/admin.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "conf/edit.h"

#define ADMIN_PATIENCE HA_S(120)

/* What stands in args: one letter per argument; [ begins those that may lack.
 * h host, v VM, f configuration file, d domain's file, o on or off, n number, s
 * hosts of one side or what stands between two, a any. */
struct admin_verb {
	const char *noun, *verb; /* verb "": of one word */
	const char *args;
	const char *options;     /* each followed by a blank; = takes a value */
	enum ha_verb command;
	void (*make)(struct ask *a); /* NULL: nothing more than its arguments */
};

static void make_settle(struct ask *a);
static void make_host(struct ask *a);
static void make_unfreeze(struct ask *a);
static void make_cluster_start(struct ask *a);
static void make_confirm(struct ask *a);

static const struct admin_verb verbs[] = {
	{ "status", "", "", "check ", HA_CMD_NONE, NULL },
	{ "events", "", "", "vm= host= since= limit= ", HA_CMD_NONE, NULL },
	{ "doctor", "", "", "", HA_CMD_NONE, NULL },
	{ "report", "", "[a", "", HA_CMD_NONE, NULL },
	{ "version", "", "", "", HA_CMD_NONE, NULL },
	{ "explain", "vm", "v", "", HA_CMD_NONE, NULL },
	{ "explain", "host", "h", "", HA_CMD_NONE, NULL },
	{ "explain", "event", "a", "", HA_CMD_NONE, NULL },
	{ "explain", "placement", "v", "", HA_CMD_NONE, NULL },
	{ "simulate", "kill", "h[hhh", "", HA_CMD_NONE, ask_simulate },
	{ "simulate", "partition", "sss[ssss", "", HA_CMD_NONE, ask_simulate },
	{ "simulate", "maintenance", "h[hhh", "", HA_CMD_NONE,
	  ask_simulate },
	{ "host", "list", "", "", HA_CMD_NONE, NULL },
	{ "host", "show", "h", "", HA_CMD_NONE, NULL },
	{ "vm", "list", "", "host= ", HA_CMD_NONE, NULL },
	{ "vm", "show", "v", "", HA_CMD_NONE, NULL },
	{ "config", "show", "", "version= secrets ", HA_CMD_NONE, NULL },
	{ "config", "check", "f", "", HA_CMD_NONE, NULL },
	{ "config", "diff", "f", "", HA_CMD_NONE, NULL },
	{ "config", "history", "", "", HA_CMD_NONE, NULL },
	{ "admission", "show", "", "", HA_CMD_NONE, NULL },
	{ "fence", "history", "[h", "", HA_CMD_NONE, NULL },
	{ "cluster", "create", "f", "", HA_CMD_CLUSTER_CREATE,
	  ask_cluster_create },
	{ "cluster", "stop", "", "wait ", HA_CMD_CLUSTER_STOP, NULL },
	{ "cluster", "start", "", "accept-loss= ", HA_CMD_CLUSTER_START,
	  make_cluster_start },
	{ "config", "apply", "f", "base= force ", HA_CMD_CONFIG_APPLY,
	  ask_config_apply },
	{ "config", "rollback", "n", "", HA_CMD_CONFIG_APPLY,
	  ask_config_rollback },
	{ "host", "add", "h", "", HA_CMD_CONFIG_APPLY, ask_host_add },
	{ "host", "remove", "h", "force ", HA_CMD_CONFIG_APPLY, ask_host_remove },
	{ "host", "maintenance", "oh", "wait force ", HA_CMD_HOST_MAINTENANCE, NULL },
	{ "host", "leave", "[h", "", HA_CMD_HOST_LEAVE, make_host },
	{ "host", "stay", "[h", "", HA_CMD_HOST_STAY, make_host },
	{ "host", "unfreeze", "[h", "", HA_CMD_HOST_UNFREEZE, make_unfreeze },
	{ "vm", "add", "d", "wanted= force ", HA_CMD_CONFIG_APPLY,
	  ask_vm_add },
	{ "vm", "set", "v", "force ", HA_CMD_CONFIG_APPLY, ask_vm_set },
	{ "vm", "remove", "v", "", HA_CMD_CONFIG_APPLY, ask_vm_remove },
	{ "vm", "start", "v", "wait force ", HA_CMD_VM_START, NULL },
	{ "vm", "stop", "v", "wait ", HA_CMD_VM_STOP, NULL },
	{ "vm", "restart", "v", "wait ", HA_CMD_VM_RESTART, NULL },
	{ "vm", "move", "vh", "wait force ", HA_CMD_VM_MOVE, NULL },
	{ "vm", "reset", "v", "", HA_CMD_VM_RESET, NULL },
	{ "vm", "settle", "v", "stopped-on= runs-on= ",
	  HA_CMD_VM_SETTLE_STOPPED, make_settle },
	{ "fence", "host", "h", "", HA_CMD_FENCE_HOST, NULL },
	{ "fence", "confirm", "h", "yes-host-is-off= ", HA_CMD_FENCE_CONFIRM,
	  make_confirm },
	{ "disarm", "", "", "", HA_CMD_DISARM, NULL },
	{ "arm", "", "", "", HA_CMD_ARM, NULL },
};

/* Of every verb. */
static const char common_options[] = "json timeout= ";

/* --- words --- */

const char *ask_option(const struct ask *a, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < a->step->argc; i++) {
		const char *w = a->step->argv[i];

		if (strncmp(w, "--", 2) == 0 && strncmp(w + 2, name, len) == 0) {
			if (w[2 + len] == '=') {
				return w + 3 + len;
			}
			if (w[2 + len] == '\0' && i + 1 < a->step->argc) {
				return a->step->argv[i + 1];
			}
		}
	}
	return NULL;
}

static bool has_word(const struct ask *a, const char *word)
{
	for (size_t i = 0; i < a->step->argc; i++) {
		if (strcmp(a->step->argv[i], word) == 0) {
			return true;
		}
	}
	return false;
}

static const struct admin_verb *find_verb(const struct ha_scn_step *st)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(st->argv[0], verbs[i].noun) == 0 &&
		    (verbs[i].verb[0] == '\0' ||
		     (st->argc > 1 &&
		      strcmp(st->argv[1], verbs[i].verb) == 0))) {
			return &verbs[i];
		}
	}
	return NULL;
}

/* 1: a word, 2: it takes a value; 0: not in this list. */
static int option_kind(const char *list, const char *name, size_t len)
{
	for (const char *p = list; *p; p += strcspn(p, " ") + 1) {
		if (strncmp(p, name, len) == 0 && p[len] == ' ') {
			return 1;
		}
		if (strncmp(p, name, len) == 0 && p[len] == '=') {
			return 2;
		}
	}
	return 0;
}

/* What else of cluster.xml the verbs for VMs take. */
static bool is_vm_attr(const struct ask *a, const char *name, size_t len)
{
	const char *attr;

	if (a->verb->make != ask_vm_add && a->verb->make != ask_vm_set) {
		return false;
	}
	for (size_t i = 0; (attr = ha_conf_vm_attr(i)) != NULL; i++) {
		if (strlen(attr) == len && strncmp(attr, name, len) == 0) {
			return strcmp(attr, "wanted") != 0;
		}
	}
	return false;
}

/* Takes one option, and its value if that is the next word. */
static size_t take_option(struct ask *a, size_t i)
{
	const char *word = a->step->argv[i] + 2;
	size_t len = strcspn(word, "=");
	int kind = option_kind(a->verb->options, word, len);

	kind = kind ? kind : option_kind(common_options, word, len);
	kind = kind ? kind : is_vm_attr(a, word, len) ? 2 : 0;
	if (kind == 0) {
		ha_buf_printf(&a->why, "hactl %s %s has no option '--%.*s'",
			      a->verb->noun, a->verb->verb, (int)len, word);
	} else if ((kind == 1 && word[len] == '=') ||
		   (kind == 2 && word[len] == '\0' &&
		    i + 1 == a->step->argc)) {
		ha_buf_printf(&a->why, "--%.*s %s", (int)len, word,
			      kind == 1 ? "takes no value"
					: "needs a value");
	}
	return kind == 2 && word[len] == '\0' ? i + 1 : i;
}

static void take_words(struct ask *a)
{
	size_t i = a->verb->verb[0] == '\0' ? 1 : 2;

	for (; i < a->step->argc && !a->why.data; i++) {
		if (strncmp(a->step->argv[i], "--", 2) == 0) {
			i = take_option(a, i);
		} else if (a->arg_count < ASK_ARGS_MAX) {
			a->args[a->arg_count++] = a->step->argv[i];
		}
	}
}

static bool take_host(struct ask *a, const char *name)
{
	a->cmd.host = run_host(a->run, name);
	if (a->cmd.host == HA_HOST_NONE) {
		ha_buf_printf(&a->why, "the cluster has no host '%s'", name);
	}
	return a->cmd.host != HA_HOST_NONE;
}

/* Hosts apart by commas. */
static void take_hosts(struct ask *a, const char *list)
{
	while (*list && !a->why.data) {
		char name[HA_NAME_MAX + 1];
		size_t len = strcspn(list, ",");

		snprintf(name, sizeof(name), "%.*s", (int)len, list);
		if (take_host(a, name)) {
			a->cmd.hosts |= ha_host_bit(a->cmd.host);
		}
		list += len;
		list += *list == ',';
	}
	a->cmd.host = HA_HOST_NONE;
}

/* What the argument is: it goes into the command. */
static void take_arg(struct ask *a, char kind, const char *arg)
{
	uint32_t vm = kind == 'v' ? run_vm(a->run, arg) : 0;

	if (kind == 'h') {
		(void)take_host(a, arg);
	} else if (kind == 's' && strcmp(arg, "|") != 0) {
		take_hosts(a, arg);
	} else if (kind == 'o') {
		a->cmd.on = strcmp(arg, "on") == 0;
		if (!a->cmd.on && strcmp(arg, "off") != 0) {
			ha_buf_printf(&a->why, "'%s' where on or off is "
				      "expected", arg);
		}
	} else if (kind == 'n' &&
		   (arg[0] == '\0' || arg[strspn(arg, "0123456789")])) {
		ha_buf_printf(&a->why, "'%s' where a number is expected", arg);
	} else if (kind == 'v' && vm == UINT32_MAX) {
		ha_buf_printf(&a->why, "the cluster has no vm '%s'", arg);
	} else if (kind == 'v') {
		a->cmd.vm = a->run->sim->vms[vm].uuid;
	}
}

static void take_args(struct ask *a)
{
	size_t n = 0;
	bool may_lack = false;

	for (const char *kind = a->verb->args; *kind && !a->why.data; kind++) {
		if (*kind == '[') {
			may_lack = true;
		} else if (n < a->arg_count) {
			take_arg(a, *kind, a->args[n++]);
		} else if (!may_lack) {
			ha_buf_printf(&a->why, "hactl %s %s needs more "
				      "arguments", a->verb->noun,
				      a->verb->verb);
		}
	}
	if (!a->why.data && n < a->arg_count) {
		ha_buf_printf(&a->why, "'%s' is an argument too many for hactl "
			      "%s %s", a->args[n], a->verb->noun,
			      a->verb->verb);
	}
}

static void read_line(struct ask *a)
{
	a->verb = find_verb(a->step);
	if (!a->verb) {
		ha_buf_printf(&a->why, "'hactl %s%s%s' is no command that the "
			      "simulator knows", a->step->argv[0],
			      a->step->argc > 1 ? " " : "",
			      a->step->argc > 1 ? a->step->argv[1] : "");
		return;
	}
	a->cmd.verb = a->verb->command;
	a->cmd.force = has_word(a, "--force");
	take_words(a);
	if (!a->why.data) {
		take_args(a);
	}
}

/* --- commands that are more than their arguments --- */

static void make_settle(struct ask *a)
{
	const char *stopped = ask_option(a, "stopped-on");
	const char *runs = ask_option(a, "runs-on");

	if ((stopped != NULL) == (runs != NULL)) {
		ha_buf_puts(&a->why, "either --stopped-on or --runs-on must "
			    "be said");
		return;
	}
	a->cmd.verb = stopped ? HA_CMD_VM_SETTLE_STOPPED
			      : HA_CMD_VM_SETTLE_RUNS;
	(void)take_host(a, stopped ? stopped : runs);
}

/* Without a name it is the host that is asked. */
static void make_host(struct ask *a)
{
	a->cmd.host = a->arg_count > 0 ? a->cmd.host : a->host;
}

static void make_unfreeze(struct ask *a)
{
	make_host(a);
	a->host = a->cmd.host; /* on that host */
}

static void make_cluster_start(struct ask *a)
{
	const char *list = ask_option(a, "accept-loss");

	if (!list) {
		return;
	}
	a->cmd.verb = HA_CMD_ACCEPT_LOSS;
	for (size_t i = 0; i < sizeof(a->cmd.cluster); i++) {
		a->cmd.cluster[i] =
			(uint8_t)(ha_rand_u64(&a->run->sim->rand) | 1);
	}
	take_hosts(a, list);
}

static bool has_power(const struct ask *a, ha_hostid h)
{
	return h != HA_HOST_NONE && sim_host(a->run->sim, h)->power;
}

static void make_confirm(struct ask *a)
{
	const char *word = ask_option(a, "yes-host-is-off");

	if (!word || strcmp(word, a->args[0]) != 0) {
		ha_buf_puts(&a->why, "the host's name must be said again with "
			    "--yes-host-is-off");
	} else if (a->step->tried && has_power(a, a->cmd.host)) {
		ha_buf_puts(&a->why, "who tries goes and looks: it has power");
	}
}

/* --- before the run --- */

bool run_hactl_check(struct sim_run *r, const struct ha_scn_step *step,
		     struct ha_buf *why)
{
	struct ask a = { .run = r, .step = step };
	bool good;

	read_line(&a);
	if (!a.why.data && strchr(a.verb->args, 'f')) {
		ask_know_config(&a, a.args[0]);
	} else if (!a.why.data && strchr(a.verb->args, 'd')) {
		ask_know_domain(&a, a.args[0]);
	}
	good = !a.why.data;
	if (!good) {
		ha_buf_puts(why, a.why.data);
	}
	ha_buf_fini(&a.why);
	return good;
}

/* --- in the run --- */

static const struct ha_answer *wait_for(struct ask *a, uint64_t id)
{
	struct sim *s = a->run->sim;
	ha_time limit = s->now + ADMIN_PATIENCE;
	const struct ha_answer *answer;

	while ((answer = sim_oracle_find(s, id)) == NULL && s->now < limit &&
	       sim_run_one(s)) {
	}
	return answer;
}

/* Membership of corosync follows what the cluster was told. */
static void forget_node(struct sim *s, ha_hostid host)
{
	sim_net_set_nodes(s, s->nodelist & ~ha_host_bit(host));
}

void run_answered(ha_hostid host, const struct ha_action *a, void *run)
{
	struct sim_run *r = run;

	(void)host;
	for (size_t i = 0; i < RUN_REMOVALS_MAX; i++) {
		struct run_removal *m = &r->removals[i];

		if (a->kind == HA_ACT_ANSWER && m->id != 0 &&
		    m->id == a->answer.id) {
			m->id = 0;
			if (a->answer.code == 0) {
				forget_node(r->sim, m->host);
			}
		}
	}
}

/* Whatever comes of it. */
static void await_removal(struct ask *a, uint64_t id)
{
	struct sim_run *r = a->run;

	if (a->verb->make == ask_host_remove) {
		r->removals[r->removal_count++ % RUN_REMOVALS_MAX] =
			(struct run_removal){ id, a->cmd.host };
	}
}

static void judge(struct ask *a, int code, const char *text)
{
	bool wanted = a->step->verb == HA_SCN_HACTL;

	if (a->step->tried) {
		return;
	}
	if ((code == 0) == wanted) {
		if (code == 0 && a->verb->make == ask_host_remove) {
			forget_node(a->run->sim, a->cmd.host);
		}
		return;
	}
	if (wanted) {
		run_fail(a->run, a->step, "it was refused: %s", text);
	} else {
		run_fail(a->run, a->step, "it was done, not refused");
	}
}

static bool answers(const struct ask *a)
{
	const struct sim_host *h =
		a->host != HA_HOST_NONE ? sim_host(a->run->sim, a->host) : NULL;

	return h && h->core && !h->hung && !h->hacd_hung;
}

static void submit(struct ask *a)
{
	struct sim *s = a->run->sim;
	uint64_t id = sim_command(s, a->host, &a->cmd);
	const struct ha_answer *answer;

	if (a->step->tried) {
		await_removal(a, id);
		return;
	}
	answer = wait_for(a, id);
	if (!s->oracle.failed) {
		judge(a, answer ? answer->code : HA_E_TIMEOUT,
		      answer ? answer->text : "no answer in time");
	}
}

void run_hactl(struct sim_run *r, const struct ha_scn_step *step)
{
	struct ask a = { .run = r, .step = step };

	a.host = step->hosts.count > 0 ? run_host(r, step->hosts.names[0])
				       : run_asked(r);
	read_line(&a); /* has been checked */
	if (a.verb->make && answers(&a)) {
		a.verb->make(&a);
	}
	if (a.why.data) {
		judge(&a, HA_E_REFUSED, a.why.data);
	} else if (!answers(&a)) {
		judge(&a, HA_E_GONE, "no hacd answers");
	} else if (a.cmd.verb == HA_CMD_NONE) {
		judge(&a, 0, "");
	} else {
		submit(&a);
	}
	ha_buf_fini(&a.why);
}
