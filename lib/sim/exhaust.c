/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exhaust.c - a search in depth. A branch is a process of its own, forked with
 * the whole world in it; what is known of all of them lies in shared memory.
 */
#include "sim/exhaust.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/conf.h"
#include "core/view.h"
#include "sim/exhaust_same.h"
#include "sim/world.h"

#define GRAIN HA_MS(100)
#define SETTLE_LIMIT HA_S(120)
#define LINGER HA_S(8)       /* what was done shows within this */
#define HEAL_LIMIT HA_S(180) /* until every VM runs, at the end of a path */
#define PLACES (1u << 22)    /* of states */
#define CHOICES_MAX 96
#define TEXT_MAX 16384
#define BEFORE HA_S(5)       /* faults of a story begin so late */

enum deed { DEED_EVENT, DEED_TIME, DEED_KILL, DEED_CRASH, DEED_CUT };

struct choice {
	enum deed deed;
	ha_hostid host;
	size_t place; /* EVENT: in the heap */
};

struct place {
	uint64_t state; /* 0: empty */
	uint32_t left;  /* depth that was left there */
};

struct shared {
	struct ha_exhaust_result result;
	size_t used;
	char text[TEXT_MAX], scenario[TEXT_MAX];
	struct place places[PLACES];
};

struct path_fault {
	enum deed deed;
	ha_hostid host;
	ha_time at;
};

struct search {
	const struct ha_exhaust_options *o;
	struct sim *sim;
	struct ha_config *config; /* owned */
	struct shared *shared;
	struct same same;         /* what the hosts have lived through */
	ha_time begun;
	uint32_t depth;
	uint32_t faults_left;
	struct path_fault faults[8];
	size_t fault_count;
	struct ha_buf path;       /* owned: a line for each choice */
};

/* --- the cluster --- */

void ha_exhaust_config(const struct ha_exhaust_options *o, struct ha_buf *out)
{
	ha_buf_puts(out, "<?xml version=\"1.0\"?>\n"
		    "<cluster name=\"small\">\n  <fence-devices>\n"
		    "    <device name=\"bmc\" agent=\"fence_ipmilan\"/>\n"
		    "  </fence-devices>\n  <hosts>\n");
	for (uint32_t i = 1; i <= o->hosts; i++) {
		ha_buf_printf(out, "    <host name=\"h%u\" id=\"%u\"><fence>"
			      "<level><device ref=\"bmc\"/></level></fence>"
			      "</host>\n", i, i);
	}
	ha_buf_puts(out, "  </hosts>\n  <vms>\n");
	for (uint32_t i = 1; i <= o->vms; i++) {
		ha_buf_printf(out, "    <vm name=\"v%u\"><domain type=\"kvm\">"
			      "<name>v%u</name><uuid>10000000-0000-4000-8000-"
			      "00000000000%u</uuid><memory unit=\"MiB\">64"
			      "</memory><vcpu>1</vcpu><os><type>hvm</type></os>"
			      "</domain></vm>\n", i, i, i);
	}
	ha_buf_puts(out, "  </vms>\n</cluster>\n");
}

static bool all_run(const struct sim *s)
{
	for (uint32_t i = 0; i < s->vm_count; i++) {
		if (s->vms[i].there == 0) {
			return false;
		}
	}
	return true;
}

static bool is_settled(struct sim *s)
{
	struct ha_cluster_view v;

	for (ha_hostid h = 1; h <= s->host_max; h++) {
		if (!sim_host(s, h)->core) {
			return false;
		}
		ha_core_view_cluster(sim_host(s, h)->core, &v);
		if (!v.settled || v.members != s->nodelist) {
			return false;
		}
	}
	return all_run(s);
}

static void run_until_settled(struct sim *s)
{
	ha_time limit = s->now + SETTLE_LIMIT;

	while (!is_settled(s) && s->now < limit && sim_run_one(s)) {
	}
	if (!is_settled(s)) {
		sim_oracle_fail(s, "the cluster does not come to rest");
	}
}

/* Not where the coordinator is, if there are others: h2, then h3. */
static void place_vm(struct search *x, uint32_t vm)
{
	struct sim *s = x->sim;
	ha_hostid to = 2 + vm % (x->o->hosts - 1);
	struct ha_command cmd = { .verb = HA_CMD_VM_MOVE, .host = to,
				  .vm = s->vms[vm].uuid };

	if (!ha_host_in(s->vms[vm].there, to)) {
		(void)sim_command(s, 1, &cmd);
		sim_run_until(s, s->now + HA_S(1));
		run_until_settled(s);
	}
}

static void begin(struct search *x)
{
	struct sim *s = x->sim;
	struct ha_command create = { .verb = HA_CMD_CLUSTER_CREATE,
				     .hash = x->config->hash,
				     .cluster = { 1, 2, 3 } };

	for (ha_hostid h = 1; h <= x->o->hosts; h++) {
		sim_power_on(s, h, SIM_BOOT);
	}
	while (!sim_host(s, 1)->in_group && sim_run_one(s)) {
	}
	sim_run_until(s, s->now + HA_S(2));
	(void)sim_command(s, 1, &create);
	run_until_settled(s);
	for (uint32_t i = 0; i < x->o->vms; i++) {
		place_vm(x, i);
	}
	x->begun = s->now;
}

static bool set_up(struct search *x)
{
	struct ha_conf_errors errors = { 0 };
	struct ha_buf text = { 0 };
	struct sim_params p = {
		.seed = 1, .token = HA_S(1), .two_node = x->o->hosts == 2,
		.freezes = true, .vms_max = EXHAUST_VMS_MAX,
	};
	int rc;

	ha_exhaust_config(x->o, &text);
	rc = ha_conf_parse(text.data, text.len, &errors, &x->config);
	ha_buf_fini(&text);
	ha_conf_errors_fini(&errors);
	if (rc != 0) {
		return false;
	}
	x->sim = sim_create(&p);
	x->sim->heap.grain = GRAIN;
	for (size_t i = 0; i < x->config->host_count; i++) {
		sim_add_host(x->sim, x->config->hosts[i].id,
			     x->config->hosts[i].name)->disk.latency = 0;
	}
	x->sim->nodelist = ha_config_hostset(x->config);
	(void)sim_add_body(x->sim, x->config);
	begin(x);
	return true;
}

/* --- what can be next --- */

static bool same_stream(const struct sim_pend *a, const struct sim_pend *b)
{
	return a->host == b->host && a->stream == b->stream &&
	       (a->stream != SIM_STREAM_OWN || a->fn == b->fn);
}

static bool is_before(const struct sim_pend *a, const struct sim_pend *b)
{
	return a->at != b->at ? a->at < b->at : a->seq < b->seq;
}

static bool is_first(const struct sim_heap *h, size_t i)
{
	for (size_t k = 0; k < h->count; k++) {
		if (k != i && same_stream(&h->list[k], &h->list[i]) &&
		    is_before(&h->list[k], &h->list[i])) {
			return false;
		}
	}
	return true;
}

static size_t list_faults(const struct search *x, struct choice *ret_list)
{
	size_t n = 0;

	for (ha_hostid h = 1; x->faults_left > 0 && h <= x->o->hosts; h++) {
		if (sim_host(x->sim, h)->core) {
			ret_list[n++] = (struct choice){ DEED_CRASH, h, 0 };
		}
		if (sim_host(x->sim, h)->power) {
			ret_list[n++] = (struct choice){ DEED_KILL, h, 0 };
		}
		if (x->sim->cut[0][h - 1] == 0) {
			ret_list[n++] = (struct choice){ DEED_CUT, h, 0 };
		}
	}
	return n;
}

/* In the order in which they came to be: what the heap looks like inside must
 * not matter. */
static size_t list_choices(const struct search *x, struct choice *ret_list)
{
	const struct sim_heap *h = &x->sim->heap;
	size_t n = list_faults(x, ret_list), first = n;

	for (size_t i = 0; i < h->count; i++) {
		size_t at = n;

		if (h->list[i].at > x->sim->now || !is_first(h, i) ||
		    n == CHOICES_MAX) {
			continue;
		}
		while (at > first && is_before(&h->list[i],
				&h->list[ret_list[at - 1].place])) {
			ret_list[at] = ret_list[at - 1];
			at--;
		}
		ret_list[at] = (struct choice){ DEED_EVENT, 0, i };
		n++;
	}
	if (n == first && h->count > 0) {
		ret_list[n++] = (struct choice){ DEED_TIME, 0, 0 };
	}
	return n;
}

/* --- doing it --- */

static void note_path(struct search *x, const char *what, ha_hostid host)
{
	ha_buf_printf(&x->path, "%10.6f %s %s\n",
		      (double)(x->sim->now - x->begun) / 1e6, what,
		      host != 0 ? sim_host(x->sim, host)->name : "");
}

static void do_fault(struct search *x, const struct choice *c)
{
	struct sim *s = x->sim;

	x->faults_left--;
	x->faults[x->fault_count++] = (struct path_fault){ c->deed, c->host,
							   s->now - x->begun };
	if (c->deed == DEED_KILL) {
		note_path(x, "kill", c->host);
		sim_power_off(s, c->host, "killed");
	} else if (c->deed == DEED_CRASH) {
		note_path(x, "crash hacd", c->host);
		sim_hacd_crash(s, c->host, 0);
	} else {
		note_path(x, "isolate", c->host);
		for (size_t i = 0; i < SIM_LINKS; i++) {
			s->cut[i][c->host - 1] = ~ha_host_bit(c->host);
		}
		sim_net_changed(s);
	}
	same_fault(&x->same, c->host, (uint32_t)c->deed);
}

static void do_event(struct search *x, size_t place)
{
	struct sim *s = x->sim;
	uint64_t orders = s->orders, changes = s->changes;
	struct sim_pend p;

	sim_heap_take(&s->heap, place, &p);
	/* what chance does follows from what the host has lived through */
	s->rand.state = same_chance(&x->same, p.host);
	sim_run_pend(s, &p);
	if (p.scope == SIM_SCOPE_WORLD || s->changes != changes) {
		same_world(&x->same, &p, s->now - x->begun);
	} else {
		same_host(&x->same, &p, s->now - x->begun,
			  s->orders != orders);
	}
}

static void apply(struct search *x, const struct choice *c)
{
	x->shared->result.transitions++;
	x->depth++;
	if (c->deed == DEED_TIME) {
		x->sim->now = sim_heap_next(&x->sim->heap);
	} else if (c->deed == DEED_EVENT) {
		do_event(x, c->place);
	} else {
		do_fault(x, c);
	}
}

/* --- what is known --- */

/* False: this state was here before, with no less depth left. */
static bool enter(struct search *x)
{
	struct shared *sh = x->shared;
	uint64_t state = same_sum(&x->same, x->sim->now - x->begun,
				  x->faults_left);
	uint32_t left = x->o->depth - x->depth;
	size_t i = state % PLACES;

	while (sh->places[i].state != 0 && sh->places[i].state != state) {
		i = (i + 1) % PLACES;
	}
	if (sh->places[i].state == state && sh->places[i].left >= left) {
		sh->result.again++;
		return false;
	}
	if (sh->places[i].state == 0) {
		if (sh->used >= PLACES / 4 * 3) {
			sh->result.full = true;
			return false;
		}
		sh->used++;
		sh->result.states++;
		sh->places[i].state = state;
	}
	sh->places[i].left = left;
	return true;
}

static void tell_failure(struct search *x)
{
	struct shared *sh = x->shared;
	struct ha_buf last = { 0 }, story = { 0 };
	ha_time at = 0;

	if (sh->result.failed) {
		return;
	}
	sh->result.failed = true;
	sim_log_last(x->sim, &last);
	snprintf(sh->text, sizeof(sh->text), "%s\n  after %u events; the faults "
		 "among them, and the time since the cluster was at rest:\n%s  "
		 "last lines of the trace:\n%s", x->sim->oracle.text, x->depth,
		 x->path.data ? x->path.data : "", last.data);
	for (size_t i = 0; i < x->fault_count; i++) {
		static const char *const words[] = {
			[DEED_KILL] = "kill", [DEED_CRASH] = "crash hacd",
			[DEED_CUT] = "isolate",
		};
		ha_time wait = BEFORE + x->faults[i].at - at;

		ha_buf_printf(&story, "wait %lldms\n%s h%u\n",
			      (long long)(wait / 1000),
			      words[x->faults[i].deed], x->faults[i].host);
		at = BEFORE + x->faults[i].at;
	}
	ha_buf_printf(&story, "wait %llds\n", (long long)(LINGER / HA_S(1)));
	snprintf(sh->scenario, sizeof(sh->scenario), "%s",
		 story.data ? story.data : "");
	ha_buf_fini(&last);
	ha_buf_fini(&story);
}

/* It goes on in one order for a while; then everything heals, and every VM has
 * to run. */
static void end_path(struct search *x)
{
	struct sim *s = x->sim;
	ha_time limit;

	x->shared->result.ends++;
	sim_run_until(s, s->now + LINGER);
	memset(s->cut, 0, sizeof(s->cut));
	sim_net_changed(s);
	for (ha_hostid h = 1; h <= x->o->hosts; h++) {
		sim_power_on(s, h, SIM_BOOT);
	}
	limit = s->now + HEAL_LIMIT;
	sim_run_until(s, s->now + HA_S(3));
	while (!all_run(s) && s->now < limit && sim_run_one(s)) {
	}
	if (!sim_failed(s) && !all_run(s)) {
		sim_oracle_fail(s, "always again: everything has healed, but "
				"not every VM runs");
	}
}

/* --- the search --- */

/* Of several ways each but the last is gone in a process of its own. True: this
 * is that process. */
static bool branch(struct search *x, const struct choice *c)
{
	pid_t pid;
	int status;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		apply(x, c);
		return true;
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid) {
		x->shared->result.full = true;
	} else if (status != 0 && !x->shared->result.failed) {
		/* what it was doing is on stderr; not here too */
		snprintf(x->sim->oracle.text, sizeof(x->sim->oracle.text),
			 "a core ended by an assertion, in what can follow "
			 "on this");
		tell_failure(x);
	}
	return false;
}

/* True: this is a process that goes on from one of them. */
static bool take_branches(struct search *x, const struct choice *list,
			  size_t count)
{
	for (size_t i = 0; i < count && !x->shared->result.failed; i++) {
		if (branch(x, &list[i])) {
			return true;
		}
	}
	return false;
}

static void go_on(struct search *x)
{
	struct choice choices[CHOICES_MAX + 16];
	size_t n;

	while (!sim_failed(x->sim) && !x->shared->result.failed && enter(x)) {
		n = x->depth < x->o->depth ? list_choices(x, choices) : 0;
		if (n == 0) {
			end_path(x);
			break;
		}
		if (!take_branches(x, choices, n - 1)) {
			apply(x, &choices[n - 1]);
		}
	}
	if (sim_failed(x->sim)) {
		tell_failure(x);
	}
}

struct ha_exhaust_result ha_sim_exhaust(const struct ha_exhaust_options *o,
					struct ha_buf *out,
					struct ha_buf *scenario)
{
	struct search x = { .o = o, .faults_left = o->faults };
	struct ha_exhaust_result result = { 0 };
	pid_t self = getpid();

	x.shared = mmap(NULL, sizeof(*x.shared), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (x.shared == MAP_FAILED || !set_up(&x)) {
		ha_buf_puts(out, "out of memory\n");
		result.failed = true;
		return result;
	}
	same_begin(&x.same, x.sim, !o->no_fold);
	if (sim_failed(x.sim)) {
		tell_failure(&x);
	}
	go_on(&x);
	if (getpid() != self) {
		_exit(0);
	}
	result = x.shared->result;
	ha_buf_puts(out, x.shared->text);
	ha_buf_puts(scenario, x.shared->scenario);
	sim_destroy(x.sim);
	ha_conf_free(x.config);
	ha_buf_fini(&x.path);
	(void)munmap(x.shared, sizeof(*x.shared));
	return result;
}
