/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which requests there are, and whether one is as it should be. */
#include "wire/request.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#define DIGITS_MAX 18
#define QUOTED_MAX 40 /* of what came from outside, in a sentence */

enum who { WHO_CHANGE, WHO_VIEW };

static const struct rule {
	const char *name;
	const char *args;
	enum who who;
} rules[HA_REQUEST_COUNT] = {
#define X(id, name, args, who) \
	[HA_REQUEST_##id] = { name, args, WHO_##who },
	HA_REQUEST_LIST(X)
#undef X
};

const char *ha_request_name(enum ha_request_kind kind)
{
	assert(kind > HA_REQUEST_NONE);
	assert(kind < HA_REQUEST_COUNT);
	return rules[kind].name;
}

enum ha_request_kind ha_request_kind(const struct ha_request *req)
{
	for (int i = HA_REQUEST_NONE + 1; i < HA_REQUEST_COUNT; i++) {
		if (strcmp(rules[i].name, req->name) == 0) {
			return (enum ha_request_kind)i;
		}
	}
	return HA_REQUEST_NONE;
}

/* Cut, and without what a terminal could take for a command. */
static const char *quote(const char *from, char to[QUOTED_MAX + 1])
{
	size_t n = 0;

	for (; from[n] != '\0' && n < QUOTED_MAX; n++) {
		bool plain = from[n] >= ' ' && from[n] <= '~';

		to[n] = plain ? from[n] : '?';
	}
	to[n] = '\0';
	return to;
}

static int refuse(char *ret_text, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static int refuse(char *ret_text, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(ret_text, HA_TEXT_MAX + 1, fmt, ap);
	va_end(ap);
	return HA_E_REFUSED;
}

/* The next word of a rule's args, to ret_key; false: there is none. */
static bool next_arg(const char **args, char ret_key[HA_IPC_NAME_MAX + 1],
		     bool *ret_needed)
{
	const char *p = *args + strspn(*args, " ");
	size_t len;

	*ret_needed = *p == '!';
	p += *ret_needed;
	len = strcspn(p, " ");
	snprintf(ret_key, HA_IPC_NAME_MAX + 1, "%.*s", (int)len, p);
	*args = p + len;
	return len > 0;
}

static bool takes_arg(const struct rule *rule, const char *key)
{
	const char *args = rule->args;
	char taken[HA_IPC_NAME_MAX + 1];
	bool needed;

	while (next_arg(&args, taken, &needed)) {
		if (strcmp(taken, key) == 0) {
			return true;
		}
	}
	return false;
}

static const char *missing_arg(const struct rule *rule,
			       const struct ha_request *req,
			       char key[HA_IPC_NAME_MAX + 1])
{
	const char *args = rule->args;
	bool needed;

	while (next_arg(&args, key, &needed)) {
		if (needed && !ha_request_arg(req, key)) {
			return key;
		}
	}
	return NULL;
}

static int check_value(const struct ha_arg *arg, char *ret_text)
{
	const char *v = arg->value;
	size_t digits = strspn(v, "0123456789");
	char q[QUOTED_MAX + 1];

	if (strcmp(arg->key, "version") == 0 ||
	    strcmp(arg->key, "limit") == 0) {
		return digits > 0 && digits <= DIGITS_MAX && v[digits] == '\0'
			       ? 0
			       : refuse(ret_text, "%s takes a number, not '%s'",
					arg->key, quote(v, q));
	}
	if (strcmp(arg->key, "since") == 0) {
		return digits == 4 && (v[4] == '-' || v[4] == '\0')
			       ? 0
			       : refuse(ret_text, "since takes a time (UTC) "
					"like 2026-11-24T10:11, or its "
					"beginning, not '%s'", quote(v, q));
	}
	if (strcmp(arg->key, "follow") == 0) {
		return strcmp(v, "1") == 0
			       ? 0
			       : refuse(ret_text, "follow is 1 or not given");
	}
	return v[0] != '\0' ? 0 : refuse(ret_text, "%s is empty", arg->key);
}

int ha_request_check(const struct ha_request *req, bool may_change,
		     char ret_text[HA_TEXT_MAX + 1])
{
	enum ha_request_kind kind = ha_request_kind(req);
	const struct rule *rule = &rules[kind];
	char key[HA_IPC_NAME_MAX + 1], q[QUOTED_MAX + 1];
	int rc = 0;

	ret_text[0] = '\0';
	if (kind == HA_REQUEST_NONE) {
		return refuse(ret_text, "hacd knows no request '%s'; it and "
			      "the tool that asks differ in version?",
			      quote(req->name, q));
	}
	if (rule->who == WHO_CHANGE && !may_change) {
		refuse(ret_text, "this user may only look; be root or a member "
		       "of the group 'hac'");
		return HA_E_PERMISSION;
	}
	if ((kind == HA_REQUEST_COMMAND) !=
	    (req->command.verb != HA_CMD_NONE)) {
		return refuse(ret_text, "request '%s' %s", rule->name,
			      kind == HA_REQUEST_COMMAND ? "has no command"
							 : "takes none");
	}
	for (size_t i = 0; rc == 0 && i < req->arg_count; i++) {
		rc = takes_arg(rule, req->args[i].key)
			     ? check_value(&req->args[i], ret_text)
			     : refuse(ret_text, "request '%s' takes no '%s'",
				      rule->name, quote(req->args[i].key, q));
	}
	if (rc == 0 && missing_arg(rule, req, key)) {
		rc = refuse(ret_text, "request '%s' needs a %s", rule->name,
			    key);
	}
	return rc;
}

uint64_t ha_request_number(const struct ha_request *req, const char *key)
{
	const char *value = ha_request_arg(req, key);

	return value ? strtoull(value, NULL, 10) : 0;
}
