/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Causes are not recorded as such: they follow from the facts. A VM was given
 * to a host because it was released before; it was released because its host
 * was proven down, or because it was to stop; and so on. So each rule names
 * what the cause is about, and the newest such event before is it.
 */
#include "explain.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "ask.h"
#include "core/fact.h"
#include "js.h"

enum { CHAIN_MAX = 32 };

struct wanted { /* an event to look for; NULL: any */
	const char *fact, *or_fact;
	const char *seen, *fence;
	const char *host, *vm, *on;
};

static bool is(const json_t *event, const char *key, const char *value)
{
	return value == NULL || strcmp(hactl_js_str(event, key), value) == 0;
}

static bool fits(const json_t *event, const struct wanted *w)
{
	if (w->fact != NULL && !is(event, "fact", w->fact) &&
	    (w->or_fact == NULL || !is(event, "fact", w->or_fact))) {
		return false;
	}
	return is(event, "seen", w->seen) && is(event, "fence", w->fence) &&
	       is(event, "host", w->host) && is(event, "vm", w->vm) &&
	       is(event, "on", w->on);
}

/* The newest before `at`. */
static const json_t *find_before(const json_t *events, size_t at,
				 const struct wanted *w)
{
	while (at-- > 0) {
		const json_t *e = json_array_get(events, at);

		if (fits(e, w)) {
			return e;
		}
	}
	return NULL;
}

/* Who owned it before; older events do not say so themselves. */
static const char *last_owner(const json_t *events, size_t at)
{
	const json_t *e = json_array_get(events, at);
	const char *from = hactl_js_str(e, "from");
	const json_t *before;

	if (from[0] != '\0') {
		return from;
	}
	before = find_before(events, at, &(struct wanted){
		.fact = "vm-owner", .vm = hactl_js_str(e, "vm") });
	return before != NULL ? hactl_js_str(before, "on") : NULL;
}

static const json_t *cause_of_owner(const json_t *events, size_t at)
{
	const json_t *e = json_array_get(events, at);
	const char *vm = hactl_js_str(e, "vm");
	const json_t *cause;

	if (is(e, "code", "host-lost")) {
		return find_before(events, at, &(struct wanted){
			.fact = "proof", .or_fact = "left",
			.host = last_owner(events, at) });
	}
	cause = find_before(events, at, &(struct wanted){
		.fact = "vm-wanted", .or_fact = "vm-release", .vm = vm });
	return cause != NULL ? cause : find_before(events, at, &(struct wanted){
		.fact = "vm-survey", .vm = vm });
}

static const json_t *cause_of_stop(const json_t *events, size_t at)
{
	static const struct {
		const char *code, *fact;
		bool of_host;
	} rules[] = {
		{ "maintenance", "maintenance", true },
		{ "leaving", "leaving", true },
		{ "move", "vm-move", false },
		{ "admin", "vm-wanted", false },
	};
	const json_t *e = json_array_get(events, at);

	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		struct wanted w = { .fact = rules[i].fact };

		if (!is(e, "code", rules[i].code)) {
			continue;
		}
		if (rules[i].of_host) {
			w.host = hactl_js_str(e, "on");
		} else {
			w.vm = hactl_js_str(e, "vm");
		}
		return find_before(events, at, &w);
	}
	return is(e, "code", "cluster-stop") ?
	       find_before(events, at, &(struct wanted){
			.fact = "cluster-stop" }) : NULL;
}

static const json_t *cause_of_proof(const json_t *events, size_t at)
{
	const json_t *e = json_array_get(events, at);

	return is(e, "code", "power") ?
	       find_before(events, at, &(struct wanted){
			.fence = "asked", .host = hactl_js_str(e, "host") }) :
	       NULL;
}

const json_t *hactl_explain_cause(const json_t *events, size_t at)
{
	const json_t *e = json_array_get(events, at);
	const char *fact = hactl_js_str(e, "fact");
	const char *host = hactl_js_str(e, "host");

	if (strcmp(fact, "vm-owner") == 0) {
		return cause_of_owner(events, at);
	}
	if (strcmp(fact, "vm-release") == 0 && !is(e, "code", "start-failed") &&
	    !is(e, "code", "guest-shutdown")) {
		return find_before(events, at, &(struct wanted){
			.fact = "vm-stop", .vm = hactl_js_str(e, "vm") });
	}
	if (strcmp(fact, "vm-stop") == 0) {
		return cause_of_stop(events, at);
	}
	if (strcmp(fact, "proof") == 0) {
		return cause_of_proof(events, at);
	}
	if (strcmp(fact, "left") == 0) {
		return find_before(events, at, &(struct wanted){
			.fact = "leaving", .host = host });
	}
	if (is(e, "fence", "failed") || is(e, "fence", "on")) {
		return find_before(events, at, &(struct wanted){
			.fence = "asked", .host = host });
	}
	if (is(e, "fence", "asked") &&
	    strncmp(hactl_js_str(e, "text"), "admin", 5) != 0) {
		return find_before(events, at, &(struct wanted){
			.seen = "lost", .host = host });
	}
	if (strcmp(fact, "admit") == 0) {
		return find_before(events, at, &(struct wanted){
			.seen = "here", .host = host });
	}
	return NULL;
}

/* --- sentences --- */

static const char *why_text(const char *name)
{
	for (int w = HA_WHY_NONE + 1; w < HA_WHY_COUNT; w++) {
		if (strcmp(ha_why_name((enum ha_why)w), name) == 0) {
			return ha_why_text((enum ha_why)w);
		}
	}
	return "wanted running";
}

static const char *proof_text(const char *name)
{
	for (int p = HA_PROOF_NONE + 1; p < HA_PROOF_COUNT; p++) {
		if (strcmp(ha_proof_name((enum ha_proof)p), name) == 0) {
			return ha_proof_text((enum ha_proof)p);
		}
	}
	return name;
}

static void tell_owner(const json_t *e, struct ha_buf *b)
{
	const char *code = hactl_js_str(e, "code");
	const char *from = hactl_js_str(e, "from");
	const char *on = hactl_js_str(e, "on");
	const char *note = hactl_js_str(e, "note");

	ha_buf_printf(b, "vm %s was started on %s because ",
		      hactl_js_str(e, "vm"), on);
	if (strcmp(code, "host-lost") == 0) {
		ha_buf_printf(b, "its host %s was proven down", from);
	} else if (from[0] != '\0' && code[0] != '\0') {
		ha_buf_printf(b, "it had been stopped on %s (%s)", from,
			      why_text(code));
	} else {
		ha_buf_puts(b, "it was wanted running and ran nowhere");
	}
	if (note[0] != '\0') {
		ha_buf_printf(b, "; %s was chosen: %s", on, note);
	}
}

static void tell_vm(const json_t *e, struct ha_buf *b)
{
	const char *fact = hactl_js_str(e, "fact");
	const char *vm = hactl_js_str(e, "vm");
	const char *on = hactl_js_str(e, "on");
	const char *note = hactl_js_str(e, "note");

	if (strcmp(fact, "vm-owner") == 0) {
		tell_owner(e, b);
	} else if (strcmp(fact, "vm-stop") == 0) {
		ha_buf_printf(b, "vm %s was to stop on %s: %s", vm, on,
			      why_text(hactl_js_str(e, "code")));
	} else if (strcmp(fact, "vm-release") == 0) {
		ha_buf_printf(b, "vm %s was over on %s: %s%s%s%s", vm, on,
			      why_text(hactl_js_str(e, "code")), note[0] ?
			      " (" : "", note, note[0] ? ")" : "");
	} else if (strcmp(fact, "vm-wanted") == 0) {
		ha_buf_printf(b, "an admin wanted vm %s %s", vm,
			      hactl_js_str(e, "code"));
	} else if (strcmp(fact, "vm-move") == 0 && note[0] != '\0') {
		ha_buf_printf(b, "vm %s was to move to %s: %s", vm, on, note);
	} else if (strcmp(fact, "vm-move") == 0) {
		ha_buf_printf(b, "an admin moved vm %s to %s", vm, on);
	} else if (strcmp(fact, "vm-survey") == 0 && on[0] != '\0') {
		ha_buf_printf(b, "%s was found to run vm %s, and owns it", on,
			      vm);
	} else if (strcmp(fact, "vm-survey") == 0) {
		ha_buf_printf(b, "vm %s ran nowhere when it was taken into "
			      "care", vm);
	} else if (strcmp(fact, "vm-copy") == 0) {
		ha_buf_printf(b, is(e, "code", "on") ?
			      "%s ran vm %s, and did not own it" :
			      "%s did not run vm %s any more", on, vm);
	} else if (strcmp(fact, "vm-aside") == 0) {
		ha_buf_printf(b, "vm %s was set aside: hacd had crashed over "
			      "it on %s", vm, note);
	}
}

static void tell_host(const json_t *e, struct ha_buf *b)
{
	const char *fact = hactl_js_str(e, "fact");
	const char *host = hactl_js_str(e, "host");
	const char *by = hactl_js_str(e, "by");

	if (is(e, "seen", "lost")) {
		ha_buf_printf(b, "%s was lost: it left corosync's membership",
			      host);
	} else if (is(e, "seen", "here")) {
		ha_buf_printf(b, "%s came into corosync's membership", host);
	} else if (strcmp(fact, "proof") == 0) {
		ha_buf_printf(b, "%s was proven down: %s%s%s", host,
			      proof_text(hactl_js_str(e, "code")), by[0] ?
			      ", said through " : "", by);
	} else if (strcmp(fact, "admit") == 0) {
		ha_buf_printf(b, "%s was admitted: it may own VMs", host);
	} else if (strcmp(fact, "leaving") == 0) {
		ha_buf_printf(b, "%s asked to leave in good order", host);
	} else if (strcmp(fact, "left") == 0) {
		ha_buf_printf(b, "%s left in good order, running no VM", host);
	} else if (strcmp(fact, "maintenance") == 0) {
		ha_buf_printf(b, "an admin %s %s", is(e, "code", "on") ?
			      "put into maintenance" :
			      "took out of maintenance", host);
	}
}

static json_t *sentence(const json_t *e)
{
	struct ha_buf b = { .data = NULL };
	json_t *o;

	if (is(e, "fence", "asked") || is(e, "fence", "failed") ||
	    is(e, "fence", "on")) {
		ha_buf_puts(&b, hactl_js_str(e, "text")); /* says it all */
	}
	if (b.len == 0) {
		tell_vm(e, &b);
	}
	if (b.len == 0) {
		tell_host(e, &b);
	}
	if (b.len == 0) {
		ha_buf_puts(&b, hactl_js_str(e, "text"));
	}
	o = json_pack("{s:I,s:s,s:s}", "id",
		      (json_int_t)hactl_js_int(e, "id"), "time",
		      hactl_js_str(e, "time"), "text", b.data ? b.data : "");
	ha_buf_fini(&b);
	return o;
}

/* --- chains --- */

size_t hactl_explain_find(const json_t *events, long long id)
{
	for (size_t i = json_array_size(events); i > 0; i--) {
		if (hactl_js_int(json_array_get(events, i - 1), "id") == id) {
			return i - 1;
		}
	}
	return SIZE_MAX;
}

json_t *hactl_explain_chain(const json_t *events, size_t at)
{
	json_t *list = json_array();

	for (int n = 0; n < CHAIN_MAX && at != SIZE_MAX; n++) {
		const json_t *cause = hactl_explain_cause(events, at);

		(void)json_array_append_new(list, sentence(
			json_array_get(events, at)));
		at = cause != NULL ? hactl_explain_find(events, hactl_js_int(
					     cause, "id")) : SIZE_MAX;
	}
	return list;
}

json_t *hactl_explain_effects(const json_t *events, size_t at)
{
	const json_t *e = json_array_get(events, at);
	json_t *list = json_array();

	for (size_t i = at + 1; i < json_array_size(events); i++) {
		if (hactl_explain_cause(events, i) == e) {
			(void)json_array_append_new(list, sentence(
				json_array_get(events, i)));
		}
	}
	return list;
}

/* A VM that its host took with it has no event of its own then. */
static size_t find_end(const json_t *events, size_t newest)
{
	const json_t *e = json_array_get(events, newest);
	const char *on = hactl_js_str(e, "on");
	struct wanted w = { .fact = "proof", .or_fact = "left", .host = on };

	if (on[0] == '\0' || is(e, "fact", "vm-release") ||
	    is(e, "fact", "vm-move")) {
		return newest; /* nobody owned it by then */
	}
	for (size_t i = newest + 1; i < json_array_size(events); i++) {
		if (fits(json_array_get(events, i), &w)) {
			return i;
		}
	}
	return newest;
}

size_t hactl_explain_newest_vm(const json_t *events, const char *vm)
{
	for (size_t i = json_array_size(events); i > 0; i--) {
		const json_t *e = json_array_get(events, i - 1);

		if (is(e, "vm", vm) &&
		    strncmp(hactl_js_str(e, "fact"), "vm-", 3) == 0 &&
		    !is(e, "fact", "vm-reset")) {
			return find_end(events, i - 1);
		}
	}
	return SIZE_MAX;
}

size_t hactl_explain_newest_host(const json_t *events, const char *host)
{
	for (size_t i = json_array_size(events); i > 0; i--) {
		const json_t *e = json_array_get(events, i - 1);

		if (is(e, "host", host) &&
		    (hactl_js_str(e, "fact")[0] != '\0' ||
		     hactl_js_str(e, "seen")[0] != '\0')) {
			return i - 1;
		}
	}
	return SIZE_MAX;
}

int hactl_explain_fetch(struct hactl *h, json_t **ret_events)
{
	json_t *answer;
	int r = hactl_get(h, HA_REQUEST_EVENTS, NULL, &answer);

	if (r == HACTL_OK) {
		*ret_events = json_incref(json_object_get(answer, "events"));
		json_decref(answer);
	}
	return r;
}

void hactl_explain_add(json_t *answer, const json_t *events, size_t at)
{
	bool any = at != SIZE_MAX;

	(void)json_object_set_new(answer, "because", any ?
				  hactl_explain_chain(events, at) :
				  json_array());
	(void)json_object_set_new(answer, "led_to", any ?
				  hactl_explain_effects(events, at) :
				  json_array());
}
