/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "domains.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "port.h"
#include "table.h"

#define LOOK_TRIES 5
#define RECHECK_MS 5000  /* for what is unknown, beside its process's end */
#define SCAN_LIMIT_MS 3000

struct item { /* news in the queue */
	struct item *next;
	struct ha_news news;
};

struct scan_job {
	struct ha_job job;
	struct ha_domains *domains;
	struct item *first;
	struct ha_procs procs;
};

struct waiter { /* for news that are in the queue already */
	struct waiter *next;
	struct ha_observe what;
};

struct look_job {
	struct ha_job job;
	struct ha_domains *domains;
	struct ha_observe what;
	unsigned tries;
	unsigned events; /* of the entry, when the look began */
	struct ha_look look;
};

struct ha_domains {
	struct ha_pool *pool;
	struct ha_port *port;
	struct ha_table table;
	bool held;
	struct item *first; /* queue of news */
	struct item *last;
	struct scan_job *scan; /* in flight: one at a time keeps the order */
	int scan_timer;
	int recheck_timer;
	struct waiter *waiters;
};

static void begin_scan(struct ha_domains *d);
static void begin_look(struct ha_domains *d, const struct ha_observe *what,
		       unsigned tries);

static void tell(struct ha_domains *d, const struct ha_tracked *e)
{
	struct ha_am_domain domain = ha_tracked_describe(e);
	struct ha_am msg = { .kind = HA_AM_DOMAIN, .domains = &domain,
			     .domain_count = 1 };

	if (!d->held) { /* else the inventory tells it */
		ha_port_send(d->port, &msg);
	}
}

static void look_again(struct ha_domains *d, const struct ha_tracked *e)
{
	struct ha_observe what = { .uuid = e->uuid };

	begin_look(d, &what, 0);
}

static void unwatch(struct ha_tracked *e)
{
	if (e->watch >= 0) {
		virEventRemoveHandle(e->watch);
		close(e->pidfd);
	}
	e->watch = -1;
	e->pidfd = -1;
}

/* The process has ended, all of its threads: then the UUID may be free. */
static void on_process_end(int watch, int fd, int events, void *opaque)
{
	struct ha_domains *d = opaque;

	(void)events;
	for (size_t i = 0; i < d->table.count; i++) {
		struct ha_tracked *e = d->table.list[i];

		if (e->watch == watch && e->pidfd == fd) {
			struct ha_news news = { .kind = HA_NEWS_RECHECK,
						.uuid = e->uuid };

			unwatch(e);
			ha_domains_news(d, &news);
			return;
		}
	}
}

static void on_recheck(int timer, void *opaque)
{
	struct ha_domains *d = opaque;
	size_t unknown = 0;

	for (size_t i = 0; i < d->table.count; i++) {
		struct ha_tracked *e = d->table.list[i];

		if (e->seen == HA_SEEN_UNKNOWN) {
			unknown++;
			if (e->looks == 0) {
				look_again(d, e);
			}
		}
	}
	if (unknown == 0) {
		virEventUpdateTimeout(timer, -1);
	}
}

/* libvirt does not have it, or cannot say; p: the process in the way. */
static void become_unknown(struct ha_domains *d, struct ha_tracked *e,
			   const struct ha_proc *p)
{
	struct ha_news news = { .kind = HA_NEWS_RECHECK };

	e->seen = HA_SEEN_UNKNOWN;
	unwatch(e);
	if (p) {
		e->pid = p->pid;
		e->start = p->start;
		e->pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0);
		if (e->pidfd < 0 && errno == ESRCH) { /* ended just now */
			news.uuid = e->uuid;
			ha_domains_news(d, &news);
		}
	}
	if (e->pidfd >= 0) {
		e->watch = virEventAddHandle(e->pidfd,
					     VIR_EVENT_HANDLE_READABLE,
					     on_process_end, d, NULL);
	}
	virEventUpdateTimeout(d->recheck_timer, RECHECK_MS);
}

static void become_absent(struct ha_tracked *e)
{
	unwatch(e);
	e->seen = HA_SEEN_ABSENT;
	e->pid = 0;
	e->start = 0;
}

static void become_active(struct ha_tracked *e, uint32_t seen, int id,
			  const struct ha_proc *p)
{
	unwatch(e);
	ha_tracked_activate(e, seen, id, p);
}

/* libvirt says that it stopped; is its QEMU gone, too? */
static void conclude_stop(struct ha_domains *d, struct ha_tracked *e,
			  const struct ha_procs *procs)
{
	const struct ha_proc *p;

	switch (ha_table_left(&d->table, e, procs, &p)) {
	case HA_LEFT_NOTHING:
		become_absent(e);
		tell(d, e);
		return;
	case HA_LEFT_OWN:
	case HA_LEFT_UNREAD:
		become_unknown(d, e, p);
		tell(d, e);
		return;
	case HA_LEFT_OTHER: /* started again meanwhile, or beside libvirt */
		if (e->pending == 0) {
			look_again(d, e);
		}
		return;
	}
}

/* At a start, "resumed" comes before "started": both may be the first word. */
static void apply_active(struct ha_domains *d, struct ha_tracked *e,
			 const struct ha_news *news,
			 const struct ha_procs *procs)
{
	uint32_t seen = news->kind == HA_NEWS_PAUSED ? HA_SEEN_PAUSED
						      : HA_SEEN_RUNNING;
	const struct ha_proc *p = ha_procs_find(procs, &e->uuid);
	bool same = p && e->seen == seen && e->id == news->id &&
		e->pid == p->pid && e->start == p->start;

	if (!p) { /* ended already: its end is on the way, or was missed */
		if (e->pending == 0) {
			look_again(d, e);
		}
		return;
	}
	if (!same) {
		become_active(e, seen, news->id, p);
		tell(d, e);
	}
}

static void apply_news(struct ha_domains *d, const struct ha_news *news,
		       const struct ha_procs *procs)
{
	struct ha_tracked *e = ha_table_find(&d->table, &news->uuid);

	assert(e);
	assert(e->pending > 0);
	e->pending--;
	switch (news->kind) {
	case HA_NEWS_STARTED:
	case HA_NEWS_PAUSED:
	case HA_NEWS_RESUMED:
		apply_active(d, e, news, procs);
		break;
	case HA_NEWS_STOPPED:
		e->gone_in_virt = true;
		if (news->end != HA_END_GUEST || e->end == HA_END_NONE) {
			e->end = news->end;
		}
		conclude_stop(d, e, procs);
		break;
	case HA_NEWS_TERMINATED:
		e->end = HA_END_DESTROYED;
		break;
	case HA_NEWS_RECHECK:
		if (e->seen == HA_SEEN_UNKNOWN && e->gone_in_virt) {
			conclude_stop(d, e, procs);
		} else if (e->seen == HA_SEEN_UNKNOWN) {
			look_again(d, e);
		}
		break;
	}
	ha_table_drop_idle(&d->table, e);
}

static void run_scan(struct ha_job *job, struct ha_worker *worker)
{
	struct scan_job *s = (struct scan_job *)job;

	(void)worker;
	ha_procs_scan("/proc", &s->procs);
}

/* Those who waited for these news may have their answer now. */
static void wake_waiters(struct ha_domains *d)
{
	struct waiter *w = d->waiters;

	d->waiters = NULL;
	while (w) {
		struct waiter *next = w->next;
		struct ha_observe what = w->what;

		free(w);
		ha_domains_observe(d, &what);
		w = next;
	}
}

static void finish_scan(struct ha_job *job)
{
	struct scan_job *s = (struct scan_job *)job;
	struct ha_domains *d = s->domains;

	virEventUpdateTimeout(d->scan_timer, -1);
	d->scan = NULL;
	while (s->first) {
		struct item *item = s->first;

		s->first = item->next;
		apply_news(d, &item->news, &s->procs);
		free(item);
	}
	ha_procs_fini(&s->procs);
	free(s);
	begin_scan(d);
	wake_waiters(d);
}

/* A process whose command line cannot be read holds the scan up. */
static void on_scan_limit(int timer, void *opaque)
{
	struct ha_domains *d = opaque;

	virEventUpdateTimeout(timer, -1);
	for (struct item *i = d->scan ? d->scan->first : NULL; i; i = i->next) {
		struct ha_tracked *e = ha_table_find(&d->table, &i->news.uuid);

		if (i->news.kind == HA_NEWS_STOPPED && ha_tracked_active(e)) {
			ha_port_note(d->port, HA_LOG_WARNING,
				     "vm '%s': libvirt says it stopped, but "
				     "/proc cannot be read at the moment; it "
				     "counts as unknown until it can",
				     i->news.name);
			become_unknown(d, e, NULL);
			tell(d, e);
		}
	}
}

static void begin_scan(struct ha_domains *d)
{
	struct scan_job *s;

	if (d->scan || d->held || !d->first) {
		return;
	}
	s = calloc(1, sizeof(*s));
	if (!s) {
		return; /* the next news try again */
	}
	s->job.run = run_scan;
	s->job.done = finish_scan;
	s->domains = d;
	s->first = d->first;
	if (!ha_pool_alone(d->pool, &s->job)) {
		free(s);
		return;
	}
	d->first = NULL;
	d->last = NULL;
	d->scan = s;
	virEventUpdateTimeout(d->scan_timer, SCAN_LIMIT_MS);
}

void ha_domains_news(struct ha_domains *d, const struct ha_news *news)
{
	struct ha_tracked *e = ha_table_get(&d->table, &news->uuid);
	struct item *item = e ? calloc(1, sizeof(*item)) : NULL;

	if (!item) {
		ha_port_note(d->port, HA_LOG_ERR, "out of memory: what happened "
			     "to vm '%s' is not known", news->name);
		return;
	}
	if (news->name[0] != '\0') {
		memcpy(e->name, news->name, sizeof(e->name));
	}
	e->events++;
	e->pending++;
	item->news = *news;
	if (d->last) {
		d->last->next = item;
	} else {
		d->first = item;
	}
	d->last = item;
	begin_scan(d);
}

static void run_look(struct ha_job *job, struct ha_worker *worker)
{
	struct look_job *l = (struct look_job *)job;

	ha_virt_look(ha_worker_connect(worker), &l->what.uuid, &l->look);
}

/* What the look says is as of now: no event came in between. */
static void apply_look(struct look_job *l, struct ha_tracked *e)
{
	struct ha_domains *d = l->domains;
	struct ha_tracked before = *e;
	const struct ha_proc *p;

	if (l->look.active) {
		memcpy(e->name, l->look.name, sizeof(e->name));
		become_active(e, l->look.seen, l->look.id,
			      ha_procs_find(&l->look.procs, &e->uuid));
	} else {
		enum ha_left left =
			ha_table_left(&d->table, e, &l->look.procs, &p);

		e->gone_in_virt = true;
		if (left == HA_LEFT_NOTHING) {
			become_absent(e);
		} else {
			become_unknown(d, e, p);
		}
	}
	if (l->what.always || e->seen != before.seen ||
	    (ha_tracked_active(e) && (e->id != before.id || e->pid != before.pid ||
				    e->start != before.start))) {
		tell(d, e);
	}
}

static void finish_look(struct ha_job *job)
{
	struct look_job *l = (struct look_job *)job;
	struct ha_domains *d = l->domains;
	struct ha_tracked *e = ha_table_find(&d->table, &l->what.uuid);
	struct ha_observed o = { .seen = HA_SEEN_UNKNOWN };
	bool quiet = e->pending == 0 && e->events == l->events;
	const struct ha_proc *p;

	assert(e->looks > 0);
	e->looks--;
	if (l->look.answered && !quiet && l->tries + 1 < LOOK_TRIES) {
		begin_look(d, &l->what, l->tries + 1);
	} else {
		if (l->look.answered && quiet) {
			apply_look(l, e);
			o.seen = e->seen;
		}
		o.no_process = ha_table_left(&d->table, e, &l->look.procs, &p)
			== HA_LEFT_NOTHING;
		if (l->what.fn) {
			l->what.fn(l->what.opaque, &o);
		}
	}
	ha_look_fini(&l->look);
	ha_table_drop_idle(&d->table, e);
	free(l);
}

static void begin_look(struct ha_domains *d, const struct ha_observe *what,
		       unsigned tries)
{
	const struct ha_observed nothing = { .seen = HA_SEEN_UNKNOWN };
	struct ha_tracked *e = ha_table_get(&d->table, &what->uuid);
	struct look_job *l = e ? calloc(1, sizeof(*l)) : NULL;

	if (!l) {
		if (what->fn) {
			what->fn(what->opaque, &nothing);
		}
		return;
	}
	l->job.run = run_look;
	l->job.done = finish_look;
	l->domains = d;
	l->what = *what;
	l->tries = tries;
	l->events = e->events;
	e->looks++;
	ha_pool_submit(d->pool, &l->job);
}

void ha_domains_observe(struct ha_domains *d, const struct ha_observe *what)
{
	struct ha_tracked *e = ha_table_find(&d->table, &what->uuid);

	if (what->known_will_do && e && e->pending > 0 && !d->held) {
		struct waiter *w = calloc(1, sizeof(*w));

		if (w) {
			w->what = *what;
			w->next = d->waiters;
			d->waiters = w;
			return;
		}
	}
	if (what->known_will_do && e && ha_tracked_active(e) && e->pending == 0) {
		struct ha_observed o = { .seen = e->seen };

		what->fn(what->opaque, &o);
		return;
	}
	begin_look(d, what, 0);
}

void ha_domains_hold(struct ha_domains *d)
{
	d->held = true;
	wake_waiters(d);
}

/* QEMUs that libvirt does not list: it may have forgotten them. */
static void find_strays(struct ha_domains *d, const struct ha_procs *procs)
{
	static const struct ha_uuid none;

	for (size_t i = 0; i < procs->count; i++) {
		const struct ha_proc *p = &procs->list[i];
		struct ha_tracked *e = NULL;

		if (ha_uuid_cmp(&p->uuid, &none) != 0) {
			e = ha_table_get(&d->table, &p->uuid);
		}
		for (size_t k = 0; !e && k < d->table.count; k++) {
			if (d->table.list[k]->pid == p->pid &&
			    d->table.list[k]->start == p->start) {
				e = d->table.list[k];
			}
		}
		if (e && !e->listed) {
			e->listed = true;
			e->gone_in_virt = true;
			become_unknown(d, e, p);
		}
	}
}

static void send_inventory(struct ha_domains *d, const struct ha_listing *l)
{
	struct ha_am msg = { .kind = HA_AM_INVENTORY,
			     .memory_kib = l->memory_kib, .cpus = l->cpus,
			     .cpu_mhz = l->cpu_mhz };
	struct ha_am_domain *list = calloc(d->table.count + 1, sizeof(*list));

	for (size_t i = 0; i < d->table.count && list; i++) {
		if (d->table.list[i]->seen != HA_SEEN_ABSENT) {
			list[msg.domain_count++] =
				ha_tracked_describe(d->table.list[i]);
		}
	}
	msg.domains = list;
	ha_port_send(d->port, &msg);
	free(list);
}

void ha_domains_inventory(struct ha_domains *d, const struct ha_listing *l)
{
	struct ha_table *t = &d->table;

	assert(d->held);
	for (size_t i = 0; i < t->count; i++) {
		t->list[i]->listed = false;
	}
	for (size_t i = 0; i < l->count; i++) {
		struct ha_tracked *e = ha_table_get(t, &l->list[i].uuid);

		if (e) {
			memcpy(e->name, l->list[i].name, sizeof(e->name));
			e->persistent = l->list[i].persistent;
			e->autostart = l->list[i].autostart;
			e->listed = true;
			become_active(e, l->list[i].seen, l->list[i].id,
				      ha_procs_find(&l->procs, &e->uuid));
		}
	}
	find_strays(d, &l->procs);
	for (size_t i = t->count; i > 0; i--) {
		if (!t->list[i - 1]->listed) {
			become_absent(t->list[i - 1]);
			ha_table_drop_idle(t, t->list[i - 1]);
		}
	}
	send_inventory(d, l);
	d->held = false;
	begin_scan(d);
}

struct ha_domains *ha_domains_create(struct ha_pool *pool,
				     struct ha_port *port)
{
	struct ha_domains *d = calloc(1, sizeof(*d));

	if (!d) {
		return NULL;
	}
	d->pool = pool;
	d->port = port;
	d->held = true;
	d->scan_timer = virEventAddTimeout(-1, on_scan_limit, d, NULL);
	d->recheck_timer = virEventAddTimeout(-1, on_recheck, d, NULL);
	if (d->scan_timer < 0 || d->recheck_timer < 0) {
		free(d);
		return NULL;
	}
	return d;
}
