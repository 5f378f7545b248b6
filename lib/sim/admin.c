/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of hactl, made into commands as hactl makes them. What only looks is
 * not checked here: the words must be known, the answer is not.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "conf/conf.h"
#include "conf/edit.h"
#include "core/view.h"
#include "sim/run_priv.h"

#define ADMIN_PATIENCE HA_S(120)

struct ask { /* one line, on its way */
	struct sim_run *run;
	const struct ha_scn_step *step;
	ha_hostid host;
	struct ha_command cmd;
	struct ha_buf why; /* not understood, or refused by hactl itself */
	bool looks;        /* nothing to be done */
};

static const char *arg(const struct ask *a, size_t i)
{
	return i < a->step->argc ? a->step->argv[i] : "";
}

static bool is(const struct ask *a, const char *noun, const char *verb)
{
	return strcmp(arg(a, 0), noun) == 0 && strcmp(arg(a, 1), verb) == 0;
}

/* The value of --name=VALUE or --name VALUE; NULL if it is not there. */
static const char *option(const struct ask *a, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < a->step->argc; i++) {
		const char *w = a->step->argv[i];

		if (strncmp(w, "--", 2) == 0 && strncmp(w + 2, name, len) == 0) {
			if (w[2 + len] == '=') {
				return w + 3 + len;
			}
			if (w[2 + len] == '\0') {
				return arg(a, i + 1);
			}
		}
	}
	return NULL;
}

static void take_host(struct ask *a, const char *name)
{
	a->cmd.host = run_host(a->run, name);
	if (a->cmd.host == HA_HOST_NONE) {
		ha_buf_printf(&a->why, "there is no host '%s'", name);
	}
}

static void take_vm(struct ask *a, const char *name)
{
	uint32_t vm = run_vm(a->run, name);

	if (vm == UINT32_MAX) {
		ha_buf_printf(&a->why, "there is no vm '%s'", name);
		return;
	}
	a->cmd.vm = a->run->sim->vms[vm].uuid;
}

static void take_random(struct ask *a)
{
	for (size_t i = 0; i < sizeof(a->cmd.cluster); i++) {
		a->cmd.cluster[i] =
			(uint8_t)(ha_rand_u64(&a->run->sim->rand) | 1);
	}
}

static void vm_line(struct ask *a)
{
	static const struct {
		const char *word;
		enum ha_verb verb;
	} verbs[] = {
		{ "start", HA_CMD_VM_START }, { "stop", HA_CMD_VM_STOP },
		{ "restart", HA_CMD_VM_RESTART }, { "move", HA_CMD_VM_MOVE },
		{ "reset", HA_CMD_VM_RESET },
	};
	const char *on;

	take_vm(a, arg(a, 2));
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(arg(a, 1), verbs[i].word) == 0) {
			a->cmd.verb = verbs[i].verb;
		}
	}
	if (a->cmd.verb == HA_CMD_VM_MOVE) {
		take_host(a, arg(a, 3));
	} else if (strcmp(arg(a, 1), "settle") == 0) {
		on = option(a, "stopped-on");
		a->cmd.verb = on ? HA_CMD_VM_SETTLE_STOPPED
				 : HA_CMD_VM_SETTLE_RUNS;
		take_host(a, on ? on : option(a, "runs-on") ? option(a,
				"runs-on") : "");
	}
}

static const struct ha_config *current(const struct ask *a)
{
	const struct ha_core *core = a->run->sim->hosts[a->host - 1].core;

	return core ? ha_core_config(core) : NULL;
}

static void use_config(struct ask *a, const struct ha_config *kept)
{
	if (!kept) {
		ha_buf_puts(&a->why, "too many configurations");
		return;
	}
	(void)sim_add_body(a->run->sim, kept);
	a->cmd.hash = kept->hash;
}

static const char *beside(const struct ask *a, const char *file,
			  struct ha_buf *path)
{
	const char *slash = strrchr(a->run->sc->path, '/');

	if (slash && file[0] != '/') {
		ha_buf_append(path, a->run->sc->path,
			      (size_t)(slash - a->run->sc->path) + 1);
	}
	ha_buf_puts(path, file);
	return path->data ? path->data : file;
}

static void read_config(struct ask *a, const char *file)
{
	struct ha_buf path = { 0 };
	const struct ha_config *kept =
		run_read_config(a->run, beside(a, file, &path), &a->why);

	if (kept) {
		use_config(a, kept);
	}
	ha_buf_fini(&path);
}

static void set_base(struct ask *a)
{
	const struct ha_core *core = a->run->sim->hosts[a->host - 1].core;
	const char *base = option(a, "base");

	a->cmd.verb = HA_CMD_CONFIG_APPLY;
	a->cmd.base_version = base ? strtoull(base, NULL, 10)
				   : ha_core_state(core)->config_version;
}

typedef int (*edit_fn)(const struct ha_conf_edit *edit,
		       struct ha_conf_errors *errors, struct ha_buf *ret_text);

/* A change of the text as it is now. */
static void edit_config(struct ask *a, edit_fn fn, struct ha_conf_edit *edit)
{
	const struct ha_config *now = current(a);
	const struct ha_buf *text =
		now ? run_text_of(a->run, &now->hash) : NULL;
	struct ha_conf_errors errors = { 0 };
	struct ha_buf next = { 0 };
	struct ha_config *config = NULL;
	int err = HA_E_NOT_FOUND;

	if (text) {
		edit->text = text->data;
		edit->len = text->len;
		err = fn(edit, &errors, &next);
	}
	if (err == 0) {
		err = ha_conf_parse(next.data, next.len, &errors, &config);
	}
	if (err == 0) {
		ha_conf_hash(next.data, next.len, &config->hash);
		use_config(a, run_keep(a->run, config, &next));
		set_base(a);
	} else {
		ha_buf_printf(&a->why, "%s\n", ha_err_text(err));
		ha_conf_errors_print(&errors, NULL, &a->why);
		ha_buf_fini(&next);
	}
	ha_conf_errors_fini(&errors);
}

static void host_add(struct ask *a)
{
	char id[12];
	struct ha_conf_attr attrs[] = { { "id", id, NULL } };
	struct ha_conf_edit edit = { .name = arg(a, 2), .attrs = attrs,
				     .attr_count = 1 };
	ha_hostid h = run_host(a->run, arg(a, 2));

	snprintf(id, sizeof(id), "%u", h);
	edit.device = a->run->first->device_count > 0
			      ? a->run->first->devices[0].name
			      : NULL;
	if (h == HA_HOST_NONE) {
		ha_buf_printf(&a->why, "there is no machine '%s'", arg(a, 2));
		return;
	}
	/* corosync is told first, as the admin does */
	sim_net_set_nodes(a->run->sim,
			  a->run->sim->nodelist | ha_host_bit(h));
	edit_config(a, ha_conf_add_host, &edit);
}

static void host_line(struct ask *a)
{
	const char *verb = arg(a, 1);

	if (strcmp(verb, "maintenance") == 0) {
		a->cmd.verb = HA_CMD_HOST_MAINTENANCE;
		a->cmd.on = strcmp(arg(a, 2), "on") == 0;
		take_host(a, arg(a, 3));
	} else if (strcmp(verb, "add") == 0) {
		host_add(a);
	} else if (strcmp(verb, "remove") == 0) {
		struct ha_conf_edit edit = { .name = arg(a, 2) };

		edit_config(a, ha_conf_remove_host, &edit);
	} else if (strcmp(verb, "leave") == 0 || strcmp(verb, "stay") == 0) {
		a->cmd.verb = strcmp(verb, "leave") == 0 ? HA_CMD_HOST_LEAVE
							 : HA_CMD_HOST_STAY;
		take_host(a, arg(a, 2));
	} else if (strcmp(verb, "unfreeze") == 0) {
		a->cmd.verb = HA_CMD_HOST_UNFREEZE;
		take_host(a, arg(a, 2));
		a->host = a->cmd.host != 0 ? a->cmd.host : a->host;
	}
}

static void accept_loss(struct ask *a, const char *list)
{
	a->cmd.verb = HA_CMD_ACCEPT_LOSS;
	take_random(a);
	while (*list) {
		char name[HA_NAME_MAX + 1];
		size_t len = strcspn(list, ",");
		ha_hostid h;

		snprintf(name, sizeof(name), "%.*s", (int)len, list);
		h = run_host(a->run, name);
		if (h == HA_HOST_NONE) {
			ha_buf_printf(&a->why, "there is no host '%s'", name);
			return;
		}
		a->cmd.hosts |= ha_host_bit(h);
		list += len;
		list += *list == ',';
	}
}

static void cluster_line(struct ask *a)
{
	const char *loss = option(a, "accept-loss");

	if (strcmp(arg(a, 1), "create") == 0) {
		a->cmd.verb = HA_CMD_CLUSTER_CREATE;
		take_random(a);
		read_config(a, arg(a, 2));
	} else if (strcmp(arg(a, 1), "stop") == 0) {
		a->cmd.verb = HA_CMD_CLUSTER_STOP;
	} else if (strcmp(arg(a, 1), "start") == 0 && loss) {
		accept_loss(a, loss);
	} else if (strcmp(arg(a, 1), "start") == 0) {
		a->cmd.verb = HA_CMD_CLUSTER_START;
	}
}

static void fence_line(struct ask *a)
{
	const char *word = option(a, "yes-host-is-off");

	if (strcmp(arg(a, 1), "host") == 0) {
		a->cmd.verb = HA_CMD_FENCE_HOST;
		take_host(a, arg(a, 2));
	} else if (strcmp(arg(a, 1), "confirm") == 0) {
		a->cmd.verb = HA_CMD_FENCE_CONFIRM;
		take_host(a, arg(a, 2));
		if (!word || strcmp(word, arg(a, 2)) != 0) {
			ha_buf_puts(&a->why, "the host's name must be said "
				    "again with --yes-host-is-off");
		}
	}
}

static bool only_looks(const struct ask *a)
{
	static const char *const lines[][2] = {
		{ "status", NULL }, { "events", NULL }, { "doctor", NULL },
		{ "version", NULL }, { "report", NULL }, { "explain", "vm" },
		{ "host", "list" }, { "host", "show" }, { "vm", "list" },
		{ "vm", "show" }, { "config", "show" }, { "config", "diff" },
		{ "config", "history" }, { "config", "check" },
		{ "fence", "history" },
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		if (strcmp(arg(a, 0), lines[i][0]) == 0 &&
		    (!lines[i][1] || strcmp(arg(a, 1), lines[i][1]) == 0)) {
			return true;
		}
	}
	return false;
}

static void understand(struct ask *a)
{
	a->looks = only_looks(a);
	if (a->looks) {
		return;
	}
	if (is(a, "config", "apply")) {
		read_config(a, arg(a, 2));
		set_base(a);
	} else if (is(a, "vm", "remove")) {
		struct ha_conf_edit edit = { .name = arg(a, 2) };

		edit_config(a, ha_conf_remove_vm, &edit);
	} else if (strcmp(arg(a, 0), "vm") == 0) {
		vm_line(a);
	} else if (strcmp(arg(a, 0), "host") == 0) {
		host_line(a);
	} else if (strcmp(arg(a, 0), "cluster") == 0) {
		cluster_line(a);
	} else if (strcmp(arg(a, 0), "fence") == 0) {
		fence_line(a);
	} else if (strcmp(arg(a, 0), "disarm") == 0) {
		a->cmd.verb = HA_CMD_DISARM;
	} else if (strcmp(arg(a, 0), "arm") == 0) {
		a->cmd.verb = HA_CMD_ARM;
	}
	if (a->cmd.verb == HA_CMD_NONE && !a->why.data) {
		ha_buf_puts(&a->why, "the simulator does not know this "
			    "command");
	}
}

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
static void after_config(struct ask *a)
{
	if (is(a, "host", "remove")) {
		sim_net_set_nodes(a->run->sim,
				  a->run->sim->nodelist &
				  ~ha_host_bit(run_host(a->run, arg(a, 2))));
	}
}

static void judge(struct ask *a, int code, const char *text)
{
	bool wanted = a->step->verb == HA_SCN_HACTL;

	if (a->step->tried) {
		return;
	}
	if ((code == 0) == wanted) {
		if (code == 0) {
			after_config(a);
		}
		return;
	}
	if (wanted) {
		run_fail(a->run, a->step, "it was refused: %s", text);
	} else {
		run_fail(a->run, a->step, "it was done, not refused");
	}
}

void run_hactl(struct sim_run *r, const struct ha_scn_step *step)
{
	struct ask a = { .run = r, .step = step };
	const struct ha_answer *answer = NULL;
	uint64_t id = 0;

	a.host = step->hosts.count > 0 ? run_host(r, step->hosts.names[0])
				       : run_asked(r);
	if (a.host == HA_HOST_NONE || !r->sim->hosts[a.host - 1].core) {
		judge(&a, HA_E_GONE, "no hacd answers");
		return;
	}
	understand(&a);
	if (a.why.data || a.looks) {
		judge(&a, a.looks ? 0 : HA_E_REFUSED,
		      a.why.data ? a.why.data : "");
		ha_buf_fini(&a.why);
		return;
	}
	id = sim_command(r->sim, a.host, &a.cmd);
	if (step->tried) {
		return;
	}
	answer = wait_for(&a, id);
	if (!r->sim->oracle.failed) {
		judge(&a, answer ? answer->code : HA_E_TIMEOUT,
		      answer ? answer->text : "no answer in time");
	}
}
