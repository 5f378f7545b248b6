/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "base/limits.h"
#include "model/check.h"

struct checker {
	const struct ha_config *c;
	struct ha_conf_errors *errors;
	bool used[HA_FENCE_DEVICES_MAX]; /* devices that some host uses */
};

/* Lower case, '-' as '_', as fence agents read it; cut at size - 1. */
static void normalise_name(char *to, size_t size, const char *name)
{
	size_t n = 0;

	for (; name[n] && n + 1 < size; n++) {
		to[n] = name[n] == '-' ? '_'
				       : (char)tolower((unsigned char)name[n]);
	}
	to[n] = '\0';
}

static bool ends_with(const char *s, const char *end)
{
	size_t len = strlen(s), end_len = strlen(end);

	return len >= end_len && strcmp(s + len - end_len, end) == 0;
}

/*
 * By the names that the agents of fence-agents 4.12 use: passwd, password,
 * snmp_priv_passwd, secret_key, token, apikey, … Their *_script and *_file
 * variants name a program or a file, which is no secret.
 */
bool ha_param_is_secret(const char *name)
{
	static const char *const parts[] = {
		"passw",   "passphrase",  "secret",     "token",
		"apikey",  "api_key",     "access_key", "private_key",
		"credential"
	};
	static const char *const harmless[] = { "_script", "_file", "_path",
						"_timeout", "_type" };
	char n[HA_PARAM_MAX + 1];

	normalise_name(n, sizeof(n), name);
	if (strcmp(n, "community") == 0) {
		return true;
	}
	for (size_t i = 0; i < sizeof(harmless) / sizeof(*harmless); i++) {
		if (ends_with(n, harmless[i])) {
			return false;
		}
	}
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (strstr(n, parts[i])) {
			return true;
		}
	}
	return false;
}

static bool is_agent_name(const char *agent)
{
	static const char prefix[] = "fence_";
	const char *p = agent + strlen(prefix);

	if (strncmp(agent, prefix, strlen(prefix)) != 0 || *p == '\0' ||
	    strlen(agent) > HA_NAME_MAX) {
		return false;
	}
	for (; *p; p++) {
		if (!((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') ||
		      *p == '_' || *p == '-')) {
			return false;
		}
	}
	return true;
}

/* Agents read one parameter a line: name=value. */
static bool is_param_name(const char *name)
{
	if (*name == '\0' || strlen(name) > HA_NAME_MAX) {
		return false;
	}
	for (const char *p = name; *p; p++) {
		if (!isalnum((unsigned char)*p) && !strchr("_-.", *p)) {
			return false;
		}
	}
	return true;
}

/* What hac itself tells the agent. */
static bool is_own_param(const char *name)
{
	return strcmp(name, "action") == 0 || strcmp(name, "option") == 0;
}

static void check_param(struct checker *k, const struct ha_param *p,
			const struct ha_conf_at *at)
{
	if (!p->name) {
		return;
	}
	if (!is_param_name(p->name)) {
		ha_conf_error(k->errors, at,
			      "'%.64s' cannot be the name of a parameter; see "
			      "the agent's man page", p->name);
	} else if (is_own_param(p->name)) {
		ha_conf_error(k->errors, at,
			      "parameter '%s' is set by hac itself; remove it",
			      p->name);
	} else if (p->value && ha_param_is_secret(p->name)) {
		ha_conf_error(k->errors, at,
			      "parameter '%s' is a secret and must not stand in "
			      "the configuration; put it alone into a file that "
			      "only root can read, on every host, and write "
			      "file=\"/etc/hac/secrets/…\"", p->name);
	}
	if (p->value && (strlen(p->value) > HA_PARAM_MAX ||
			 strpbrk(p->value, "\n\r"))) {
		ha_conf_error(k->errors, at,
			      "the value of parameter '%.64s' is longer than "
			      "%d characters or has a line break; correct it",
			      p->name, HA_PARAM_MAX);
	}
	if (p->file && !ha_path_is_valid(p->file)) {
		ha_conf_error(k->errors, at,
			      "the file of parameter '%.64s' must be an "
			      "absolute path without . and ..", p->name);
	}
}

static void check_params(struct checker *k, const struct ha_param *params,
			 size_t count, const struct ha_conf_at *about)
{
	struct ha_conf_at at = *about;

	if (count > HA_FENCE_PARAMS_MAX) {
		ha_conf_error(k->errors, &at,
			      "%zu parameters are more than the limit of %d",
			      count, HA_FENCE_PARAMS_MAX);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		at.line = params[i].line;
		check_param(k, &params[i], &at);
		for (size_t j = 0; j < i; j++) {
			if (params[i].name && params[j].name &&
			    strcmp(params[i].name, params[j].name) == 0) {
				ha_conf_error(k->errors, &at,
					      "parameter '%.64s' is given twice; "
					      "remove one", params[i].name);
				break;
			}
		}
	}
}

static void check_device(struct checker *k, const struct ha_fence_device *d)
{
	struct ha_conf_at at = { d->line, "fence device", d->name };

	if (d->name && !ha_name_is_valid(d->name)) {
		ha_conf_error(k->errors, &at,
			      "this name cannot be used; take at most %d "
			      "letters, digits and _ . + : @ -", HA_NAME_MAX);
	}
	if (d->agent && !is_agent_name(d->agent)) {
		ha_conf_error(k->errors, &at,
			      "agent '%.64s' is not the name of a program of "
			      "fence-agents, such as fence_ipmilan", d->agent);
	}
	check_params(k, d->params, d->param_count, &at);
}

static void check_step(struct checker *k, const struct ha_fence_level *level,
		       size_t index, const struct ha_conf_at *about)
{
	const struct ha_fence_step *s = &level->steps[index];
	struct ha_conf_at at = *about;

	at.line = s->line;
	check_params(k, s->params, s->param_count, &at);
	if (s->device < HA_FENCE_DEVICES_MAX) {
		k->used[s->device] = true;
	}
	for (size_t i = 0; i < index; i++) {
		if (level->steps[i].device == s->device &&
		    s->device < k->c->device_count && s->param_count == 0) {
			ha_conf_error(k->errors, &at,
				      "fence device '%.64s' stands twice in one "
				      "level; remove one",
				      k->c->devices[s->device].name
					      ? k->c->devices[s->device].name
					      : "?");
			break;
		}
	}
}

static void check_host(struct checker *k, const struct ha_host_conf *h)
{
	struct ha_conf_at at = { h->line, "host", h->name };

	if (h->level_count == 0) {
		ha_conf_warning(k->errors, &at,
				"it has no fence level: if it is lost, its VMs "
				"wait until an admin says 'hactl fence "
				"confirm'; add <fence><level>…");
	}
	if (h->level_count > HA_FENCE_LEVELS_MAX) {
		ha_conf_error(k->errors, &at,
			      "%zu fence levels are more than the limit of %d",
			      h->level_count, HA_FENCE_LEVELS_MAX);
	}
	for (size_t i = 0; i < h->level_count; i++) {
		const struct ha_fence_level *l = &h->levels[i];

		at.line = l->line;
		if (l->step_count == 0) {
			ha_conf_error(k->errors, &at,
				      "a fence level is empty; add <device "
				      "ref=\"…\"/> or remove the level");
		}
		if (l->step_count > HA_FENCE_STEPS_MAX) {
			ha_conf_error(k->errors, &at,
				      "%zu devices in a fence level are more "
				      "than the limit of %d",
				      l->step_count, HA_FENCE_STEPS_MAX);
			continue;
		}
		for (size_t j = 0; j < l->step_count; j++) {
			check_step(k, l, j, &at);
		}
	}
}

void ha_config_check_fence(const struct ha_config *c,
			   struct ha_conf_errors *errors)
{
	struct checker k = { c, errors, { false } };
	struct ha_conf_at at = { 0, "cluster", c->name };

	assert(c->devices || c->device_count == 0);
	if (c->device_count > HA_FENCE_DEVICES_MAX) {
		ha_conf_error(errors, &at,
			      "%zu fence devices are more than the limit of %d",
			      c->device_count, HA_FENCE_DEVICES_MAX);
	}
	for (size_t i = 0; i < c->device_count; i++) {
		check_device(&k, &c->devices[i]);
	}
	for (size_t i = 0; i < c->host_count; i++) {
		check_host(&k, &c->hosts[i]);
	}
	for (size_t i = 0; i < c->device_count && i < HA_FENCE_DEVICES_MAX;
	     i++) {
		if (!k.used[i]) {
			at = (struct ha_conf_at){ c->devices[i].line,
						  "fence device",
						  c->devices[i].name };
			ha_conf_warning(errors, &at,
					"no host uses it; name it in a host's "
					"<fence><level>");
		}
	}
}
