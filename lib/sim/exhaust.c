/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exhaust.c - a search in depth. A branch is a process of its own, forked with
 * the whole world in it; what is known of all of them lies in shared memory.
 */
#include "sim/exhaust.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/conf.h"
#include "sim/exhaust_same.h"
#include "sim/exhaust_story.h"
#include "sim/world.h"

#define HEAL_LIMIT HA_S(180) /* until every VM runs, at the end of a path */
#define PLACES (1u << 22)    /* of states */
#define CHOICES_MAX 96
#define TEXT_MAX 16384

enum deed {
	DEED_EVENT, DEED_TIME, DEED_KILL, DEED_KILL_ALL, DEED_CRASH, DEED_CUT,
	DEED_DIE /* EVENT, and hacd dies in its middle */
};

struct choice {
	enum deed deed;
	ha_hostid host;
	size_t place;   /* EVENT, DIE: in the heap */
	uint32_t after; /* DIE: so many actions; */
	bool keeps;     /* its disk has what was in hand then, else nothing */
};

struct place {
	uint64_t state; /* 0: empty */
	uint32_t left;  /* depth that was left there */
};

struct tried { /* an event: what the process that branches has to know of it */
	uint64_t effects; /* actions that a hacd did */
	uint64_t in_hand; /* writes, when a hacd ended */
};

struct shared {
	struct ha_exhaust_result result;
	size_t used;
	struct tried tried[EXHAUST_DEPTH_MAX + 1]; /* by depth: the last there */
	char text[TEXT_MAX];
	struct place places[PLACES];
};

struct search {
	const struct ha_exhaust_options *o;
	struct exhaust_story story; /* the cluster, and what was done to it */
	struct sim *sim;            /* its */
	struct shared *shared;
	struct same same;         /* what the hosts have lived through */
	uint32_t depth;
	uint32_t faults_left;
};

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

	/* writes in hand are lost: that one is done, and then it dies, is
	 * another order of events */
	if (x->faults_left > 0) {
		ret_list[n++] = (struct choice){ .deed = DEED_KILL_ALL };
	}
	for (ha_hostid h = 1; x->faults_left > 0 && h <= x->o->hosts; h++) {
		if (sim_host(x->sim, h)->core) {
			ret_list[n++] = (struct choice){ .deed = DEED_CRASH,
							 .host = h };
		}
		if (sim_host(x->sim, h)->power) {
			ret_list[n++] = (struct choice){ .deed = DEED_KILL,
							 .host = h };
		}
		if (x->sim->cut[0][h - 1] == 0) {
			ret_list[n++] = (struct choice){ .deed = DEED_CUT,
							 .host = h };
		}
	}
	return n;
}

/* In the order in which they came to be: what the heap looks like inside must
 * not matter. */
static size_t list_choices(const struct search *x, struct choice *ret_list)
{
	const struct sim_heap *h = &x->sim->heap;
	size_t n = 0;

	for (size_t i = 0; i < h->count; i++) {
		size_t at = n;

		if (h->list[i].at > x->sim->now || !is_first(h, i) ||
		    n == CHOICES_MAX) {
			continue;
		}
		while (at > 0 && is_before(&h->list[i],
				&h->list[ret_list[at - 1].place])) {
			ret_list[at] = ret_list[at - 1];
			at--;
		}
		ret_list[at] = (struct choice){ .deed = DEED_EVENT,
						.host = h->list[i].host,
						.place = i };
		n++;
	}
	if (n == 0 && h->count > 0) {
		ret_list[n++] = (struct choice){ .deed = DEED_TIME };
	}
	return n + (x->o->between ? 0 : list_faults(x, ret_list + n));
}

/* --- doing it --- */

static void do_fault(struct search *x, const struct choice *c)
{
	struct sim *s = x->sim;
	const char *name = c->host != 0 ? sim_host(s, c->host)->name : "";

	x->faults_left--;
	s->rand.state = same_chance(&x->same, c->host);
	if (c->deed == DEED_KILL) {
		exhaust_story_note(&x->story, "kill %s", name);
		sim_power_off(s, c->host, "killed");
	} else if (c->deed == DEED_KILL_ALL) {
		exhaust_story_note(&x->story, "kill all");
		for (ha_hostid h = 1; h <= x->o->hosts; h++) {
			sim_power_off(s, h, "killed");
		}
	} else if (c->deed == DEED_CRASH) {
		exhaust_story_note(&x->story, "crash hacd %s", name);
		sim_hacd_crash(s, c->host, 0);
	} else {
		exhaust_story_note(&x->story, "isolate %s", name);
		for (size_t i = 0; i < SIM_LINKS; i++) {
			s->cut[i][c->host - 1] = ~ha_host_bit(c->host);
		}
		sim_net_changed(s);
	}
	same_fault(&x->same, c->host, (uint32_t)c->deed);
}

/* Dying before the first of its actions is as dying before the event, and after
 * the last as dying after it: neither is tried here. */
static void begin_to_die(struct search *x, const struct choice *c)
{
	x->faults_left--;
	exhaust_story_note(&x->story, "crash hacd %s after action %u",
			   sim_host(x->sim, c->host)->name, c->after);
	sim_hacd_crash_after(x->sim, c->host,
			     &(struct sim_dying){ .left = c->after });
}

static void do_event(struct search *x, const struct choice *c)
{
	struct sim *s = x->sim;
	uint64_t orders = s->orders, changes = s->changes;
	struct tried before = { s->effects, s->in_hand };
	struct sim_pend p;

	sim_heap_take(&s->heap, c->place, &p);
	if (c->deed == DEED_DIE) {
		begin_to_die(x, c);
	}
	/* what chance does follows from what the host has lived through */
	s->rand.state = same_chance(&x->same, p.host);
	s->disks_keep = c->keeps;
	sim_run_pend(s, &p);
	s->disks_keep = false;
	if (p.scope == SIM_SCOPE_WORLD || s->changes != changes) {
		same_world(&x->same, &p, s->now - x->story.rest);
	} else {
		same_host(&x->same, &p, s->now - x->story.rest,
			  s->orders != orders);
	}
	if (c->deed == DEED_DIE) {
		same_fault(&x->same, c->host,
			   DEED_DIE << 16 | c->after << 1 | c->keeps);
	}
	x->shared->tried[x->depth] = (struct tried){
		s->effects - before.effects, s->in_hand - before.in_hand };
}

static void apply(struct search *x, const struct choice *c)
{
	x->shared->result.transitions++;
	x->shared->result.between += c->deed == DEED_DIE;
	x->depth++;
	if (c->deed == DEED_TIME) {
		x->sim->now = sim_heap_next(&x->sim->heap);
	} else if (c->deed == DEED_EVENT || c->deed == DEED_DIE) {
		do_event(x, c);
	} else {
		do_fault(x, c);
	}
}

/* --- what is known --- */

/* False: this state was here before, with no less depth left. */
static bool enter(struct search *x)
{
	struct shared *sh = x->shared;
	uint64_t state = same_sum(&x->same, x->sim->now - x->story.rest,
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
	struct ha_buf last = { 0 }, path = { 0 };
	const struct exhaust_story *st = &x->story;

	if (sh->result.failed) {
		return;
	}
	sh->result.failed = true;
	memcpy(sh->result.deeds, st->deeds, sizeof(st->deeds));
	sh->result.deed_count = st->deed_count;
	for (size_t i = 0; i < st->deed_count; i++) {
		ha_buf_printf(&path, "%10.6f %s\n",
			      (double)st->deeds[i].at / 1e6,
			      st->deeds[i].line);
	}
	sim_log_last(x->sim, &last);
	snprintf(sh->text, sizeof(sh->text), "%s\n  after %u events; what was "
		 "done, and the time since the cluster was at rest:\n%s  "
		 "last lines of the trace:\n%s", x->sim->oracle.text, x->depth,
		 path.data ? path.data : "", last.data);
	ha_buf_fini(&last);
	ha_buf_fini(&path);
}

/* It goes on in one order for a while; then everything heals, and every VM has
 * to run. */
static void end_path(struct search *x)
{
	struct sim *s = x->sim;
	ha_time limit;

	x->shared->result.ends++;
	sim_run_until(s, s->now + EXHAUST_LINGER);
	memset(s->cut, 0, sizeof(s->cut));
	sim_net_changed(s);
	for (ha_hostid h = 1; h <= x->o->hosts; h++) {
		sim_power_on(s, h, SIM_BOOT);
	}
	limit = s->now + HEAL_LIMIT;
	sim_run_until(s, s->now + HA_S(3));
	while (!exhaust_all_run(s) && s->now < limit && sim_run_one(s)) {
	}
	if (!sim_failed(s) && !exhaust_all_run(s)) {
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
			 "stopped by signal %d: a core, in what can follow on "
			 "this", WTERMSIG(status));
		tell_failure(x);
	}
	return false;
}

/* An event has been tried as a whole: its hacd dies in it at each place. True:
 * this is a process that goes on from there. */
static bool die_in(struct search *x, const struct choice *event)
{
	const struct tried *tried = &x->shared->tried[x->depth + 1];
	uint64_t effects = x->faults_left > 0 ? tried->effects : 0;
	struct choice c = *event;

	c.deed = DEED_DIE;
	for (c.after = 1; c.after < effects; c.after++) {
		c.keeps = false;
		if (branch(x, &c)) {
			return true;
		}
		c.keeps = true;
		if (tried->in_hand > 0 && branch(x, &c)) {
			return true;
		}
	}
	return false;
}

/* True: this is a process that goes on from one of them. */
static bool take_branches(struct search *x, const struct choice *list,
			  size_t count)
{
	for (size_t i = 0; i < count && !x->shared->result.failed; i++) {
		if (branch(x, &list[i]) ||
		    (list[i].deed == DEED_EVENT && die_in(x, &list[i]))) {
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
		bool whole; /* nothing else is tried of the last: no process */

		n = x->depth < x->o->depth ? list_choices(x, choices) : 0;
		if (n == 0) {
			end_path(x);
			break;
		}
		whole = x->faults_left == 0 ||
			choices[n - 1].deed != DEED_EVENT;
		if (take_branches(x, choices, n - whole)) {
			continue;
		}
		if (!whole) {
			break;
		}
		apply(x, &choices[n - 1]);
	}
	if (sim_failed(x->sim)) {
		tell_failure(x);
	}
}

static void search_all(const struct ha_exhaust_options *o,
		       struct shared *shared)
{
	struct search x = { .o = o, .shared = shared,
			    .faults_left = o->faults };

	if (!exhaust_story_begin(&x.story, o)) {
		shared->result.full = true;
		return;
	}
	x.sim = x.story.sim;
	/* with something under way, no two hosts and VMs stand alike */
	same_begin(&x.same, x.sim, !o->no_fold && o->from == HA_EXHAUST_REST);
	if (sim_failed(x.sim)) {
		tell_failure(&x);
	}
	go_on(&x);
	/* the world ends with the process: to free it would copy its pages */
}

/* The first process, too, may end by an assertion. */
static void search_apart(const struct ha_exhaust_options *o,
			 struct shared *shared)
{
	int status = 0;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		search_all(o, shared);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid) {
		shared->result.full = true;
	} else if (status != 0 && !shared->result.failed) {
		shared->result.failed = true;
		snprintf(shared->text, sizeof(shared->text), "stopped by "
			 "signal %d: a core, before the search began",
			 WTERMSIG(status));
	}
}

struct ha_exhaust_result ha_sim_exhaust(const struct ha_exhaust_options *o,
					struct ha_buf *out)
{
	struct ha_exhaust_result result = { .full = true };
	struct shared *shared = mmap(NULL, sizeof(*shared),
				     PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared != MAP_FAILED) {
		search_apart(o, shared);
		result = shared->result;
		ha_buf_puts(out, shared->text);
		(void)munmap(shared, sizeof(*shared));
	}
	return result;
}
