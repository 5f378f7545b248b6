/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "conf/conf.h"
#include "core/view.h"
#include "sim/resume.h"
#include "sim/run_priv.h"

#define TOKEN_COEFFICIENT HA_MS(650) /* corosync's, if not said */
#define START_PATIENCE HA_S(300)
#define VMS_ROOM 32 /* that a later configuration may add */

static void say_expected(struct sim_run *r, const struct ha_scn_step *step)
{
	double from, to;

	if (!r->begun) {
		return; /* all steps are done: it failed after them */
	}
	from = (double)r->begun[r->done - 1].at / 1e6;
	to = from + (double)step->time / 1e6;
	if (step->verb == HA_SCN_EXPECT || step->verb == HA_SCN_HOLD) {
		ha_buf_puts(r->out, "    expected: ");
		ha_scn_cond_print(&step->cond, r->out);
		if (step->verb == HA_SCN_HOLD) {
			ha_buf_printf(r->out, ", from %.3f s to %.3f s\n",
				      from, to);
		} else {
			ha_buf_printf(r->out, ", by %.3f s\n", to);
		}
	} else if (step->verb == HA_SCN_HACTL) {
		ha_buf_puts(r->out, "    expected: the command is done\n");
	} else if (step->verb == HA_SCN_REFUSED) {
		ha_buf_puts(r->out, "    expected: the command is refused\n");
	}
}

void run_fail(struct sim_run *r, const struct ha_scn_step *step,
	      const char *fmt, ...)
{
	struct ha_buf what = { 0 };
	va_list ap;

	if (r->failed) {
		return;
	}
	r->failed = true;
	va_start(ap, fmt);
	ha_buf_vprintf(&what, fmt, ap);
	va_end(ap);
	if (r->sim->oracle.failed) { /* what the step saw follows from it */
		ha_buf_clear(&what);
		ha_buf_puts(&what, r->sim->oracle.text);
	}
	snprintf(r->why, sizeof(r->why), "%s", what.data ? what.data : "");
	ha_buf_printf(r->out, "  %s:%u: %s\n", r->sc->path, step->line,
		      step->text);
	say_expected(r, step);
	ha_buf_printf(r->out, "    but at %.3f s: %s\n",
		      (double)r->sim->now / 1e6, what.data ? what.data : "");
	run_tell_about(r, step->text, what.data ? what.data : "", r->out);
	ha_buf_fini(&what);
}

ha_hostid run_host(const struct sim_run *r, const char *name)
{
	for (ha_hostid h = 1; h <= r->sim->host_max; h++) {
		if (r->sim->hosts[h - 1].exists &&
		    strcmp(r->sim->hosts[h - 1].name, name) == 0) {
			return h;
		}
	}
	return HA_HOST_NONE;
}

uint32_t run_vm(const struct sim_run *r, const char *name)
{
	for (uint32_t i = 0; i < r->sim->vm_count; i++) {
		if (strcmp(r->sim->vms[i].name, name) == 0) {
			return i;
		}
	}
	return UINT32_MAX;
}

const struct ha_config *run_keep(struct sim_run *r, struct ha_config *config,
				 struct ha_buf *text)
{
	const struct ha_config *kept = NULL;

	for (size_t i = 0; i < r->config_count; i++) {
		if (ha_hash_equal(&r->configs[i]->hash, &config->hash)) {
			kept = r->configs[i]; /* the very same */
		}
	}
	if (kept || r->config_count == RUN_BODIES_MAX) {
		ha_conf_free(config);
		ha_buf_fini(text);
		return kept;
	}
	r->configs[r->config_count] = config;
	r->texts[r->config_count++] = *text;
	return config;
}

const struct ha_buf *run_text_of(const struct sim_run *r,
				 const struct ha_hash *hash)
{
	for (size_t i = 0; i < r->config_count; i++) {
		if (ha_hash_equal(&r->configs[i]->hash, hash)) {
			return &r->texts[i];
		}
	}
	return NULL;
}

static const char *given_text(const struct sim_run *r, const char *path)
{
	const struct ha_sim_options *o = r->options;

	return o->text ? o->text(path, o->text_arg) : NULL;
}

const struct ha_config *run_read_config(struct sim_run *r, const char *path,
					struct ha_buf *why)
{
	struct ha_conf_errors errors = { 0 };
	struct ha_buf text = { 0 };
	struct ha_config *config = NULL;
	const struct ha_config *kept = NULL;
	const char *given = given_text(r, path);
	int err;

	if (given) {
		ha_buf_puts(&text, given);
		err = ha_conf_parse(given, text.len, &errors, &config);
	} else {
		err = ha_conf_read_file(path, &errors, &text, &config);
	}
	if (err != 0) {
		ha_buf_printf(why, "%s: %s\n", path, ha_err_text(err));
		ha_conf_errors_print(&errors, path, why);
		ha_buf_fini(&text);
	} else {
		ha_conf_hash(text.data, text.len, &config->hash);
		kept = run_keep(r, config, &text);
		if (!kept) {
			ha_buf_puts(why, "too many configurations");
		}
	}
	ha_conf_errors_fini(&errors);
	return kept;
}

/* --- steps --- */

ha_hostset run_hosts(const struct sim_run *r, const struct ha_scn_list *l)
{
	ha_hostset set = 0;

	for (size_t i = 0; i < l->count; i++) {
		if (strcmp(l->names[i], "all") == 0) {
			return ha_config_hostset(r->first);
		}
		set |= ha_host_bit(run_host(r, l->names[i]));
	}
	return set;
}

static bool all_online(struct sim_run *r)
{
	ha_hostid asked = run_asked(r);
	const struct ha_core *core =
		asked ? r->sim->hosts[asked - 1].core : NULL;
	struct ha_cluster_view v;

	if (!core) {
		return false;
	}
	ha_core_view_cluster(core, &v);
	for (size_t i = 0; i < r->first->host_count && v.settled; i++) {
		struct ha_host_view h;

		ha_core_view_host(core, r->first->hosts[i].id, &h);
		if (h.shown != HA_HOST_SHOWN_ONLINE) {
			return false;
		}
	}
	return v.settled;
}

/* At the host that creates the cluster. */
static void command(struct sim_run *r, const struct ha_scn_step *st,
		    const struct ha_command *cmd, const char *what)
{
	ha_time limit = r->sim->now + START_PATIENCE;
	const struct ha_answer *answer = NULL;
	uint64_t id = sim_command(r->sim, r->first->hosts[0].id, cmd);

	while (!(answer = sim_oracle_find(r->sim, id)) &&
	       r->sim->now < limit && sim_run_one(r->sim)) {
	}
	if (!answer || answer->code != 0) {
		run_fail(r, st, "the cluster could not be %s: %s", what,
			 answer ? answer->text : "no answer");
	}
}

static void create(struct sim_run *r, const struct ha_scn_step *st)
{
	ha_hostid h = r->first->hosts[0].id;
	struct ha_command cmd = { .verb = HA_CMD_CLUSTER_CREATE,
				  .hash = r->first->hash,
				  .cluster = { 1, 2, 3 } };
	struct ha_command disarm = { .verb = HA_CMD_DISARM };

	while (!sim_host(r->sim, h)->in_group && sim_run_one(r->sim)) {
	}
	sim_run_until(r->sim, r->sim->now + HA_S(2));
	command(r, st, &cmd, "created");
	if (r->disarmed && !r->failed) {
		/* the others have not said what they run: nothing starts */
		command(r, st, &disarm, "disarmed");
	}
	r->created = true;
}

static void start(struct sim_run *r, const struct ha_scn_step *st)
{
	ha_time limit = r->sim->now + START_PATIENCE;
	struct ha_scn_cond c = { .kind = HA_SCN_COND_SETTLED };

	for (size_t i = 0; i < r->first->host_count; i++) {
		sim_power_on(r->sim, r->first->hosts[i].id, SIM_BOOT);
	}
	if (!r->created) {
		create(r, st);
	}
	while (!r->failed && !all_online(r) && r->sim->now < limit &&
	       sim_run_one(r->sim)) {
	}
	if (!all_online(r)) {
		struct ha_buf b = { 0 };

		run_cond_tell(r, &c, &b);
		for (size_t i = 0; i < r->first->host_count; i++) {
			c.kind = HA_SCN_COND_HOST;
			c.name = r->first->hosts[i].name;
			ha_buf_puts(&b, "; ");
			run_cond_tell(r, &c, &b);
		}
		run_fail(r, st, "not all hosts are online and settled: %s",
			 b.data);
		ha_buf_fini(&b);
	}
}

static void tell_failure(struct sim_run *r, const struct ha_scn_step *st)
{
	struct ha_buf b = { 0 };

	run_cond_tell(r, &st->cond, &b);
	run_fail(r, st, "%s", b.data ? b.data : "");
	ha_buf_fini(&b);
}

/* Until it holds, or for as long as it must. */
static void expect(struct sim_run *r, const struct ha_scn_step *st, bool hold)
{
	ha_time limit = r->sim->now + st->time;

	for (;;) {
		bool holds = run_cond_holds(r, &st->cond);

		if (holds != hold || r->sim->oracle.failed) {
			break;
		}
		if (sim_heap_next(&r->sim->heap) > limit ||
		    !sim_run_one(r->sim)) {
			sim_run_until(r->sim, limit);
			break;
		}
	}
	if (!run_cond_holds(r, &st->cond)) {
		tell_failure(r, st);
	}
}

static void do_step(struct sim_run *r, const struct ha_scn_step *st)
{
	struct sim *s = r->sim;

	if (st->verb == HA_SCN_START) {
		start(r, st);
	} else if (st->verb == HA_SCN_HACTL || st->verb == HA_SCN_REFUSED) {
		run_hactl(r, st);
	} else if (st->verb == HA_SCN_WAIT) {
		sim_run_until(s, s->now + st->time);
	} else if (st->verb == HA_SCN_MARK) {
		sim_oracle_mark(s);
		sim_log_mark(s);
	} else if (st->verb == HA_SCN_EXPECT || st->verb == HA_SCN_HOLD) {
		expect(r, st, st->verb == HA_SCN_HOLD);
	} else {
		run_fault(r, st);
	}
}

/* --- setting up --- */

static const struct ha_config *read_cluster(struct sim_run *r)
{
	struct ha_buf why = { 0 };
	const struct ha_config *first;

	if (!ha_scenario_names_cluster(r->sc, r->out)) {
		return NULL;
	}
	first = run_read_config(r, r->sc->cluster, &why);
	if (!first) {
		ha_buf_printf(r->out, "  %s: the cluster's file is refused: %s",
			      r->sc->path, why.data ? why.data : "");
	}
	ha_buf_fini(&why);
	return first;
}

static const struct ha_config *take_cluster(struct sim_run *r,
					    const struct ha_sim_begin *begin)
{
	struct ha_conf_errors errors = { 0 };
	struct ha_buf text = { 0 };
	struct ha_config *config = NULL;

	ha_buf_puts(&text, begin->text);
	if (ha_conf_parse(text.data, text.len, &errors, &config) != 0) {
		ha_conf_errors_print(&errors, "the record", r->out);
		ha_buf_fini(&text);
	} else {
		config->hash = begin->hash;
		run_keep(r, config, &text);
	}
	ha_conf_errors_fini(&errors);
	return config;
}

/* Until a side of the hosts goes on together, or cannot. */
static void resume_from(struct sim_run *r, const struct ha_core *core)
{
	ha_time limit = r->sim->now + START_PATIENCE;
	struct ha_scn_cond quorate = { .kind = HA_SCN_COND_QUORATE };

	sim_resume(r->sim, core);
	r->created = true;
	while (!run_cond_holds(r, &quorate) && r->sim->now < limit &&
	       sim_run_one(r->sim)) {
	}
}

static void play(struct sim_run *r)
{
	r->begun = sim_alloc(r->sc->step_count * sizeof(*r->begun));
	r->done = 0;
	while (r->done < r->sc->step_count && !r->failed) {
		r->begun[r->done] = (struct run_begun){ r->sim->now,
							r->sim->log.all.len };
		r->done++;
		do_step(r, &r->sc->steps[r->done - 1]);
		if (r->sim->oracle.failed) {
			run_fail(r, &r->sc->steps[r->done - 1], "%s",
				 r->sim->oracle.text);
		}
	}
	if (r->options->decisions) {
		run_tell_decisions(r, r->options->decisions);
	}
	free(r->begun);
	r->begun = NULL;
}

enum ha_sim_verdict run_steps(struct sim_run *r)
{
	if (!run_check(r)) {
		return HA_SIM_BAD_FILE;
	}
	if (r->options->begin) {
		resume_from(r, r->options->begin->core);
	}
	play(r);
	return r->failed ? HA_SIM_BROKEN : HA_SIM_HELD;
}

static uint64_t seed_of(const struct ha_scenario *sc,
			const struct ha_sim_options *o)
{
	return o->seed > 0 ? o->seed : sc->seed > 0 ? sc->seed : 1;
}

/* The configurations of a scenario have no secret worth masking, but a record
 * of them is to be as one of a real hacd. */
static bool masked_text(const struct ha_config *config, struct ha_buf *out,
			void *arg)
{
	const struct ha_buf *text = run_text_of(arg, &config->hash);

	return text && ha_conf_mask(text->data, text->len, out) == 0;
}

static void take_record(ha_hostid host, const struct ha_buf *record, void *arg)
{
	const struct sim_run *r = arg;

	r->options->record(sim_host(r->sim, host)->name, record,
			   r->options->record_arg);
}

static void set_up(struct sim_run *r, const struct ha_sim_options *o)
{
	struct sim_params p = {
		.seed = seed_of(r->sc, o),
		.token = r->sc->token > 0 ? r->sc->token : HA_S(1),
		.token_coefficient = r->sc->has_coefficient
					     ? r->sc->token_coefficient
					     : TOKEN_COEFFICIENT,
		.two_node = r->sc->two_node,
		.qdevice = r->sc->qdevice,
		.wait_for_all = r->sc->wait_for_all,
		.auto_tie_breaker = r->sc->auto_tie_breaker,
		.freezes = !r->sc->never_freezes,
		.flight = r->sc->network,
		.vms_max = (uint32_t)r->first->vm_count + VMS_ROOM,
		.trace = o->trace,
		.watch = run_answered,
		.watch_arg = r,
	};

	r->recording = (struct sim_recording){
		.bytes_max = o->record_bytes, .text = masked_text,
		.ended = take_record, .arg = r,
	};
	p.recording = o->record ? &r->recording : NULL;
	r->sim = sim_create(&p);
	r->sim->log.keep = true;
	for (size_t i = 0; i < r->first->host_count; i++) {
		struct sim_host *h = sim_add_host(r->sim, r->first->hosts[i].id,
						  r->first->hosts[i].name);

		if (r->sc->disk > 0) {
			h->disk.latency = 1 + sim_rand_dur(r->sim, r->sc->disk);
		}
	}
	r->sim->nodelist = ha_config_hostset(r->first);
	for (size_t i = 0; i < r->sc->spares.count; i++) {
		(void)sim_add_host(r->sim, r->sim->host_max + 1,
				   r->sc->spares.names[i]);
	}
	(void)sim_add_body(r->sim, r->first);
}

enum ha_sim_verdict ha_sim_run(const struct ha_scenario *sc,
			       const struct ha_sim_options *options,
			       struct ha_buf *out)
{
	struct sim_run r = { .sc = sc, .options = options, .out = out };
	enum ha_sim_verdict verdict;

	r.first = options->begin ? take_cluster(&r, options->begin)
				 : read_cluster(&r);
	if (!r.first) {
		return HA_SIM_BAD_FILE;
	}
	set_up(&r, options);
	verdict = run_steps(&r);
	if (options->ret_figures) {
		struct ha_sim_figures *f = options->ret_figures;

		f->seconds = (double)r.sim->now / 1e6;
		f->steps = r.sim->steps;
		f->done = r.done;
		snprintf(f->why, sizeof(f->why), "%s", r.why);
	}
	sim_destroy(r.sim);
	for (size_t i = 0; i < r.config_count; i++) {
		ha_conf_free(r.configs[i]);
		ha_buf_fini(&r.texts[i]);
	}
	return verdict;
}
