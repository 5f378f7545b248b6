/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verb.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

const struct hactl_opt hactl_common_opts[] = {
	{ "json", NULL, "print JSON for programs" },
	{ "timeout", "SECONDS", "give up waiting for an answer (60)" },
	{ "help", NULL, "say what this command does" },
	{ NULL, NULL, NULL },
};

const struct hactl_verb *hactl_verb_find(const char *noun, const char *verb)
{
	for (size_t i = 0; hactl_verbs[i] != NULL; i++) {
		const struct hactl_verb *v = hactl_verbs[i];

		if (strcmp(v->noun, noun) != 0) {
			continue;
		}
		if (verb == NULL ? v->verb == NULL :
		    v->verb != NULL && strcmp(v->verb, verb) == 0) {
			return v;
		}
	}
	return NULL;
}

const struct hactl_verb *hactl_noun_find(const char *noun)
{
	for (size_t i = 0; hactl_verbs[i] != NULL; i++) {
		if (strcmp(hactl_verbs[i]->noun, noun) == 0) {
			return hactl_verbs[i];
		}
	}
	return NULL;
}

static const struct hactl_opt *find_in(const struct hactl_opt *opts,
				       const char *name)
{
	for (; opts != NULL && opts->name != NULL; opts++) {
		if (strcmp(opts->name, name) == 0) {
			return opts;
		}
	}
	return NULL;
}

const struct hactl_opt *hactl_opt_find(const struct hactl_verb *v,
				       const char *name)
{
	const struct hactl_opt *o = find_in(v->opts, name);

	return o != NULL ? o : find_in(hactl_common_opts, name);
}

void hactl_args_count(const char *args, size_t *ret_min, size_t *ret_max)
{
	size_t min = 0, max = 0;

	for (const char *p = args; *p != '\0';) {
		size_t n = strcspn(p, " ");

		min += p[0] != '[';
		max = max == SIZE_MAX ? max : max + 1;
		if (n >= 3 && memcmp(p + n - 3, "...", 3) == 0) {
			max = SIZE_MAX;
		}
		p += n;
		p += *p == ' ';
	}
	*ret_min = min;
	*ret_max = max;
}

void hactl_args_word(const char *args, size_t i, char *ret_word, size_t size)
{
	const char *p = args;
	size_t n = strcspn(p, " ");

	/* beyond the last word only "..." goes on */
	while (i > 0 && p[n] == ' ') {
		p += n + 1;
		n = strcspn(p, " ");
		i--;
	}
	if (i > 0 && (n < 3 || memcmp(p + n - 3, "...", 3) != 0)) {
		n = 0;
	}
	if (n > 0 && p[0] == '[') {
		p++;
		n -= 2;
	}
	if (n >= 3 && memcmp(p + n - 3, "...", 3) == 0) {
		n -= 3;
	}
	(void)snprintf(ret_word, size, "%.*s", (int)n, p);
}
