/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "link.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "memory.h"

#define RETRY_FIRST_MS 50
#define RETRY_MAX_MS 2000
/* An attempt that takes longer is taken for hung, and another is made. */
#define ATTEMPT_MS 10000
#define ATTEMPTS_MAX 4
#define CALLBACKS 4

enum link_state {
	LINK_WAITING, /* for the time of the next attempt */
	LINK_OPENING, /* attempts are in flight */
	LINK_UP
};

/* One attempt, and the connection that came of it. */
struct attempt {
	struct ha_job job;
	struct ha_link *link;
	virConnectPtr conn;
	int callbacks[CALLBACKS]; /* -1: not registered */
	bool discarded; /* by the loop's thread */
	bool ok;        /* by the attempt's */
	char text[HA_VIRT_TEXT];
	struct ha_listing listing;
};

struct broken { /* news of the close callback, which runs in any thread */
	struct ha_job job;
	struct attempt *attempt;
	int reason;
};

struct ha_link {
	const char *uri;
	struct ha_pool *pool;
	struct ha_port *port;
	struct ha_domains *domains;
	struct ha_readiness *readiness;
	enum link_state state;
	struct attempt *up;   /* the one in use */
	unsigned in_flight;
	unsigned failures;    /* since it was up */
	bool told_down;
	int timer;
};

static void begin_attempt(struct ha_link *link);
static void on_close(virConnectPtr conn, int reason, void *opaque);

static enum ha_domain_end stopped_why(int detail)
{
	switch ((virDomainEventStoppedDetailType)detail) {
	case VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN:
		return HA_END_GUEST;
	case VIR_DOMAIN_EVENT_STOPPED_CRASHED:
	case VIR_DOMAIN_EVENT_STOPPED_FAILED:
		return HA_END_CRASHED;
	case VIR_DOMAIN_EVENT_STOPPED_MIGRATED:
		return HA_END_MIGRATED;
	case VIR_DOMAIN_EVENT_STOPPED_DESTROYED:
	case VIR_DOMAIN_EVENT_STOPPED_SAVED:
	case VIR_DOMAIN_EVENT_STOPPED_FROM_SNAPSHOT:
		return HA_END_DESTROYED;
	}
	return HA_END_CRASHED; /* a later libvirt's; not the guest's wish */
}

/* False: nothing that changes whether the VM is there. */
static bool translate_event(int event, int detail, struct ha_news *news)
{
	switch (event) {
	case VIR_DOMAIN_EVENT_STARTED:
		news->kind = HA_NEWS_STARTED;
		return true;
	case VIR_DOMAIN_EVENT_SUSPENDED:
	case VIR_DOMAIN_EVENT_PMSUSPENDED:
	case VIR_DOMAIN_EVENT_CRASHED: /* and kept, else STOPPED follows */
		news->kind = HA_NEWS_PAUSED;
		return true;
	case VIR_DOMAIN_EVENT_RESUMED:
		news->kind = HA_NEWS_RESUMED;
		return true;
	case VIR_DOMAIN_EVENT_SHUTDOWN:
		news->kind = HA_NEWS_TERMINATED;
		return detail == VIR_DOMAIN_EVENT_SHUTDOWN_HOST;
	case VIR_DOMAIN_EVENT_STOPPED:
		news->kind = HA_NEWS_STOPPED;
		news->end = stopped_why(detail);
		return true;
	}
	return false; /* defined, undefined */
}

static bool is_current(const struct attempt *a)
{
	return !a->discarded && (a->link->up == a || !a->link->up);
}

static int on_lifecycle(virConnectPtr conn, virDomainPtr dom, int event,
			int detail, void *opaque)
{
	struct ha_news news = { .end = HA_END_NONE };
	struct attempt *a = opaque;
	const char *name = virDomainGetName(dom);

	(void)conn;
	if (is_current(a) && translate_event(event, detail, &news) &&
	    virDomainGetUUID(dom, news.uuid.b) == 0) {
		snprintf(news.name, sizeof(news.name), "%s", name ? name : "?");
		news.id = (int)virDomainGetID(dom);
		ha_domains_news(a->link->domains, &news);
		if (news.kind == HA_NEWS_STOPPED) {
			ha_readiness_gone(a->link->readiness, &news.uuid);
		}
	}
	return 0;
}

static void on_io_error(virConnectPtr conn, virDomainPtr dom,
			const char *path, const char *alias, int action,
			const char *reason, void *opaque)
{
	struct attempt *a = opaque;

	(void)conn;
	if (is_current(a) && a->link->state == LINK_UP) {
		ha_port_note(a->link->port, HA_LOG_WARNING,
			     "vm '%s': I/O error on disk %s '%s'%s%s; its guest %s",
			     virDomainGetName(dom), alias ? alias : "?",
			     path ? path : "?", reason && *reason ? ": " : "",
			     reason ? reason : "",
			     action == VIR_DOMAIN_EVENT_IO_ERROR_PAUSE
			     ? "is paused" : "was told of it");
	}
}

static void on_watchdog(virConnectPtr conn, virDomainPtr dom, int action,
			void *opaque)
{
	struct attempt *a = opaque;

	(void)conn;
	(void)action;
	if (is_current(a) && a->link->state == LINK_UP) {
		ha_port_note(a->link->port, HA_LOG_WARNING,
			     "vm '%s': its guest no longer feeds its watchdog",
			     virDomainGetName(dom));
	}
}

static void on_guest_agent(virConnectPtr conn, virDomainPtr dom, int state,
			   int reason, void *opaque)
{
	struct attempt *a = opaque;
	struct ha_uuid uuid;

	(void)conn;
	(void)reason;
	if (is_current(a) &&
	    state == VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_STATE_CONNECTED &&
	    virDomainGetUUID(dom, uuid.b) == 0) {
		ha_readiness_hint(a->link->readiness, &uuid);
	}
}

/* The connection is broken: all of this is local, but in a thread to be sure. */
static void run_close(struct ha_job *job, struct ha_worker *worker)
{
	struct attempt *a = (struct attempt *)job;

	(void)worker;
	if (!a->conn) {
		return;
	}
	for (size_t i = 0; i < CALLBACKS; i++) {
		if (a->callbacks[i] >= 0) {
			virConnectDomainEventDeregisterAny(a->conn,
							   a->callbacks[i]);
		}
	}
	virConnectUnregisterCloseCallback(a->conn, on_close);
	virConnectClose(a->conn);
}

static void finish_close(struct ha_job *job)
{
	struct attempt *a = (struct attempt *)job;

	ha_listing_fini(&a->listing);
	free(a);
}

static void dispose(struct attempt *a)
{
	a->discarded = true;
	a->job.run = run_close;
	a->job.done = finish_close;
	if (!ha_pool_alone(a->link->pool, &a->job)) {
		ha_log(HA_LOG_WARNING, "a broken connection to libvirt is not "
		       "closed");
	}
}

static void tell_down(struct ha_link *link, const char *why)
{
	struct ha_am msg = { .kind = HA_AM_DOWN, .text = why };

	if (link->told_down) {
		return;
	}
	link->told_down = true;
	ha_log(HA_LOG_ERR, "libvirt does not answer: %s; its VMs are left "
	       "alone, trying again until it does", why);
	ha_port_send(link->port, &msg);
}

static void wait_to_retry(struct ha_link *link)
{
	unsigned shift = link->failures < 8 ? link->failures : 8;
	int ms = RETRY_FIRST_MS << shift;

	link->failures++;
	link->state = LINK_WAITING;
	virEventUpdateTimeout(link->timer, ms < RETRY_MAX_MS ? ms : RETRY_MAX_MS);
}

static const char *reason_text(int reason)
{
	switch ((virConnectCloseReason)reason) {
	case VIR_CONNECT_CLOSE_REASON_ERROR:
		return "the connection broke";
	case VIR_CONNECT_CLOSE_REASON_EOF:
		return "it closed the connection";
	case VIR_CONNECT_CLOSE_REASON_KEEPALIVE:
		return "it hangs";
	case VIR_CONNECT_CLOSE_REASON_CLIENT:
		return "we closed the connection";
	}
	return "the connection is closed";
}

static void finish_broken(struct ha_job *job)
{
	struct broken *b = (struct broken *)job;
	struct ha_link *link = b->attempt->link;

	if (link->up == b->attempt) {
		link->up = NULL;
		ha_domains_hold(link->domains);
		tell_down(link, reason_text(b->reason));
		dispose(b->attempt);
		wait_to_retry(link);
	}
	free(b);
}

/* An attempt that is not up yet notices by its own calls that fail. */
static void on_close(virConnectPtr conn, int reason, void *opaque)
{
	struct attempt *a = opaque;
	struct broken *b = calloc(1, sizeof(*b));

	(void)conn;
	if (!b) {
		abort(); /* nobody would learn it; a new agent starts over */
	}
	b->job.done = finish_broken;
	b->attempt = a;
	b->reason = reason;
	ha_pool_post(a->link->pool, &b->job);
}

static bool register_events(struct attempt *a)
{
	virConnectPtr c = a->conn;

	a->callbacks[0] = virConnectDomainEventRegisterAny(
		c, NULL, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
		VIR_DOMAIN_EVENT_CALLBACK(on_lifecycle), a, NULL);
	a->callbacks[1] = virConnectDomainEventRegisterAny(
		c, NULL, VIR_DOMAIN_EVENT_ID_IO_ERROR_REASON,
		VIR_DOMAIN_EVENT_CALLBACK(on_io_error), a, NULL);
	a->callbacks[2] = virConnectDomainEventRegisterAny(
		c, NULL, VIR_DOMAIN_EVENT_ID_WATCHDOG,
		VIR_DOMAIN_EVENT_CALLBACK(on_watchdog), a, NULL);
	a->callbacks[3] = virConnectDomainEventRegisterAny(
		c, NULL, VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE,
		VIR_DOMAIN_EVENT_CALLBACK(on_guest_agent), a, NULL);
	return a->callbacks[0] >= 0 &&
		virConnectRegisterCloseCallback(c, on_close, a, NULL) == 0;
}

/* Events first, then the list: what changes in between is not missed. */
static void run_attempt(struct ha_job *job, struct ha_worker *worker)
{
	struct attempt *a = (struct attempt *)job;

	(void)worker;
	a->conn = ha_virt_open(a->link->uri);
	if (!a->conn || !register_events(a)) {
		ha_virt_error(NULL, a->text);
		return;
	}
	a->ok = ha_virt_list(a->conn, &a->listing, a->text) == 0;
}

static void go_up(struct ha_link *link, struct attempt *a)
{
	struct ha_am msg = { .kind = HA_AM_UP };

	ha_log(HA_LOG_NOTICE, "libvirt answers; %zu domains, %zu QEMU processes",
	       a->listing.count, a->listing.procs.count);
	link->up = a;
	link->state = LINK_UP;
	link->failures = 0;
	link->told_down = false;
	virEventUpdateTimeout(link->timer, -1);
	ha_port_send(link->port, &msg);
	ha_domains_inventory(link->domains, &a->listing);
	ha_readiness_hint(link->readiness, NULL);
	ha_listing_fini(&a->listing);
	ha_memory_trim();
}

static void finish_attempt(struct ha_job *job)
{
	struct attempt *a = (struct attempt *)job;
	struct ha_link *link = a->link;

	assert(link->in_flight > 0);
	link->in_flight--;
	if (a->ok && !link->up && virConnectIsAlive(a->conn) == 1) {
		go_up(link, a);
		return;
	}
	if (!link->up && link->state == LINK_OPENING) {
		tell_down(link, a->text[0] ? a->text : "the connection broke");
		wait_to_retry(link);
	}
	dispose(a);
}

static void on_timer(int timer, void *opaque)
{
	struct ha_link *link = opaque;

	virEventUpdateTimeout(timer, -1);
	if (link->state == LINK_OPENING) {
		tell_down(link, "it hangs");
	}
	begin_attempt(link);
}

static void begin_attempt(struct ha_link *link)
{
	struct attempt *a = NULL;

	link->state = LINK_OPENING;
	virEventUpdateTimeout(link->timer, ATTEMPT_MS);
	if (link->in_flight >= ATTEMPTS_MAX) {
		return; /* one of them will end when libvirt goes on */
	}
	a = calloc(1, sizeof(*a));
	if (!a) {
		return;
	}
	a->job.run = run_attempt;
	a->job.done = finish_attempt;
	a->link = link;
	for (size_t i = 0; i < CALLBACKS; i++) {
		a->callbacks[i] = -1;
	}
	if (!ha_pool_alone(link->pool, &a->job)) {
		free(a);
		return;
	}
	link->in_flight++;
}

struct ha_link *ha_link_create(const char *uri, struct ha_pool *pool,
			       const struct ha_link_users *users)
{
	struct ha_link *link = calloc(1, sizeof(*link));

	if (!link) {
		return NULL;
	}
	link->uri = uri;
	link->pool = pool;
	link->port = users->port;
	link->domains = users->domains;
	link->readiness = users->readiness;
	link->timer = virEventAddTimeout(-1, on_timer, link, NULL);
	if (link->timer < 0) {
		free(link);
		return NULL;
	}
	begin_attempt(link);
	return link;
}
