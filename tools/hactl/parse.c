/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "parse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

enum { NUMBER_MAX = 18 }; /* digits */

struct words {
	int argc;
	char *const *argv;
	int next;
};

static bool word_in(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = words; *p != '\0';) {
		size_t n = strcspn(p, "|");

		if (n == len && memcmp(p, word, n) == 0) {
			return true;
		}
		p += n;
		p += *p == '|';
	}
	return false;
}

/* How far apart two words are: letters to change, add or drop. Both short. */
static size_t word_distance(const char *a, const char *b)
{
	size_t row[32];
	size_t na = strlen(a), nb = strlen(b);

	if (na >= 32 || nb >= 32) {
		return 32;
	}
	for (size_t j = 0; j <= nb; j++) {
		row[j] = j;
	}
	for (size_t i = 1; i <= na; i++) {
		size_t diag = row[0];

		row[0] = i;
		for (size_t j = 1; j <= nb; j++) {
			size_t best = diag + (a[i - 1] != b[j - 1]);

			diag = row[j];
			best = row[j] + 1 < best ? row[j] + 1 : best;
			row[j] = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
		}
	}
	return row[nb];
}

/* The noun (noun NULL) or verb of a noun that was probably meant, or NULL. */
static const char *guess_word(const char *noun, const char *typed)
{
	const char *best = NULL;
	size_t best_distance = 3;

	for (size_t i = 0; hactl_verbs[i] != NULL; i++) {
		const struct hactl_verb *v = hactl_verbs[i];
		const char *word = noun == NULL ? v->noun : v->verb;

		if (word == NULL ||
		    (noun != NULL && strcmp(v->noun, noun) != 0)) {
			continue;
		}
		if (word_distance(typed, word) < best_distance) {
			best = word;
			best_distance = word_distance(typed, word);
		}
	}
	return best;
}

static enum hactl_parsed no_such_noun(const char *typed, struct ha_buf *why)
{
	const char *guess = guess_word(NULL, typed);

	ha_buf_printf(why, "there is no command '%s'", typed);
	if (typed[0] == '-') {
		ha_buf_puts(why, "; options come after the command, as in "
			    "'hactl status --json'");
	} else if (guess != NULL) {
		ha_buf_printf(why, "; did you mean '%s'?", guess);
	} else {
		ha_buf_puts(why, "; 'hactl help' lists them all");
	}
	return HACTL_BAD_USAGE;
}

static void list_verbs(const char *noun, struct ha_buf *why)
{
	const char *sep = "";

	for (size_t i = 0; hactl_verbs[i] != NULL; i++) {
		if (strcmp(hactl_verbs[i]->noun, noun) == 0) {
			ha_buf_printf(why, "%s%s", sep, hactl_verbs[i]->verb);
			sep = ", ";
		}
	}
}

static enum hactl_parsed no_such_verb(const char *noun, const char *typed,
				      struct ha_buf *why)
{
	const char *guess = typed != NULL ? guess_word(noun, typed) : NULL;

	if (typed == NULL) {
		ha_buf_printf(why, "'%s' what? One of ", noun);
		list_verbs(noun, why);
		return HACTL_BAD_USAGE;
	}
	ha_buf_printf(why, "there is no command '%s %s'", noun, typed);
	if (guess != NULL) {
		ha_buf_printf(why, "; did you mean '%s %s'?", noun, guess);
	} else {
		ha_buf_puts(why, "; there are ");
		list_verbs(noun, why);
	}
	return HACTL_BAD_USAGE;
}

/* Sets h->verb; *ret_used is how many words it took. */
static enum hactl_parsed find_verb(int argc, char *const *argv,
				   struct hactl *h, struct ha_buf *ret_why)
{
	const char *second = argc > 1 && argv[1][0] != '-' ? argv[1] : NULL;
	const struct hactl_verb *first = hactl_noun_find(argv[0]);

	if (first == NULL) {
		return no_such_noun(argv[0], ret_why);
	}
	if (first->verb == NULL) {
		h->verb = first;
		return HACTL_RUN;
	}
	if (second == NULL && argc > 1 && (strcmp(argv[1], "--help") == 0 ||
					   strcmp(argv[1], "-h") == 0)) {
		h->noun = argv[0];
		return HACTL_HELP;
	}
	h->verb = second != NULL ? hactl_verb_find(argv[0], second) : NULL;
	if (h->verb == NULL && second != NULL && strpbrk(second, "./")) {
		h->verb = hactl_verb_find(argv[0], "run"); /* of a file */
	}
	if (h->verb == NULL) {
		return no_such_verb(argv[0], second, ret_why);
	}
	return HACTL_RUN;
}

static enum hactl_parsed take_timeout(const char *value, struct hactl *h,
				      struct ha_buf *ret_why)
{
	char *end = NULL;
	long n;

	errno = 0;
	n = strtol(value, &end, 10);
	if (errno != 0 || end == value || *end != '\0' || n < 1 ||
	    n > 24 * 3600) {
		ha_buf_printf(ret_why, "--timeout takes seconds from 1 to "
			      "86400, not '%s'", value);
		return HACTL_BAD_USAGE;
	}
	h->timeout_s = (int)n;
	return HACTL_RUN;
}

/* Where one of several words or a number is wanted. */
static bool check_value(const struct hactl_opt *o, const char *value,
			struct ha_buf *ret_why)
{
	if (strchr(o->value, '|') != NULL && !word_in(o->value, value)) {
		ha_buf_printf(ret_why, "--%s takes one of %s, not '%s'",
			      o->name, o->value, value);
		return false;
	}
	if (strcmp(o->value, "N") == 0 &&
	    (value[strspn(value, "0123456789")] != '\0' ||
	     strlen(value) > NUMBER_MAX)) {
		ha_buf_printf(ret_why, "--%s takes a number, not '%s'",
			      o->name, value);
		return false;
	}
	return true;
}

/* One option, and its value if that is a word of its own. */
static enum hactl_parsed take_option(struct words *w, struct hactl *h,
				     struct ha_buf *ret_why)
{
	const char *word = w->argv[w->next++];
	const char *typed = word + 2;
	size_t len = strcspn(typed, "=");
	const char *value = typed[len] == '=' ? typed + len + 1 : NULL;
	const struct hactl_opt *o;
	char name[32];

	if (len >= sizeof(name)) {
		ha_buf_printf(ret_why, "there is no option '%s'", word);
		return HACTL_BAD_USAGE;
	}
	memcpy(name, typed, len);
	name[len] = '\0';
	o = hactl_opt_find(h->verb, name);
	if (o == NULL) {
		ha_buf_printf(ret_why, "'%s%s%s' has no option --%s",
			      h->verb->noun, h->verb->verb ? " " : "",
			      h->verb->verb ? h->verb->verb : "", name);
		return HACTL_BAD_USAGE;
	}
	if (o->value == NULL && value != NULL) {
		ha_buf_printf(ret_why, "--%s takes no value", name);
		return HACTL_BAD_USAGE;
	}
	if (o->value != NULL && value == NULL && w->next < w->argc) {
		value = w->argv[w->next++];
	}
	if (o->value != NULL && (value == NULL || value[0] == '\0')) {
		ha_buf_printf(ret_why, "--%s needs a value: --%s=%s", name,
			      name, o->value);
		return HACTL_BAD_USAGE;
	}
	if (o->value != NULL && !check_value(o, value, ret_why)) {
		return HACTL_BAD_USAGE;
	}
	if (strcmp(name, "timeout") == 0 &&
	    take_timeout(value, h, ret_why) != HACTL_RUN) {
		return HACTL_BAD_USAGE;
	}
	if (h->given_count == HACTL_ARGS_MAX) {
		ha_buf_puts(ret_why, "too many options");
		return HACTL_BAD_USAGE;
	}
	h->given[h->given_count++] = (struct hactl_given){
		o->name, value != NULL ? value : ""
	};
	return strcmp(name, "help") == 0 ? HACTL_HELP : HACTL_RUN;
}

static enum hactl_parsed check_args(struct hactl *h, struct ha_buf *ret_why)
{
	const struct hactl_verb *v = h->verb;
	size_t min, max;

	hactl_args_count(v->args, &min, &max);
	if (h->arg_count < min) {
		char word[32];

		hactl_args_word(v->args, h->arg_count, word, sizeof(word));
		ha_buf_printf(ret_why, "%s is missing: ", word);
	} else if (h->arg_count > max) {
		ha_buf_printf(ret_why, "'%s' is too much: ", h->args[max]);
	}
	if (h->arg_count < min || h->arg_count > max) {
		ha_buf_printf(ret_why, "hactl %s%s%s %s", v->noun,
			      v->verb != NULL ? " " : "",
			      v->verb != NULL ? v->verb : "", v->args);
		return HACTL_BAD_USAGE;
	}
	for (size_t i = 0; i < h->arg_count; i++) {
		char word[64];

		hactl_args_word(v->args, i, word, sizeof(word));
		if (strchr(word, '|') != NULL && !word_in(word, h->args[i])) {
			ha_buf_printf(ret_why, "'%s' must be one of %s",
				      h->args[i], word);
			return HACTL_BAD_USAGE;
		}
	}
	return HACTL_RUN;
}

static enum hactl_parsed take_words(struct words *w, struct hactl *h,
				    struct ha_buf *ret_why)
{
	bool only_args = false;

	while (w->next < w->argc) {
		const char *word = w->argv[w->next];

		if (strcmp(word, "-h") == 0 && !only_args) {
			return HACTL_HELP;
		}
		if (strcmp(word, "--") == 0 && !only_args) {
			only_args = true;
			w->next++;
			continue;
		}
		if (strncmp(word, "--", 2) == 0 && !only_args) {
			enum hactl_parsed p = take_option(w, h, ret_why);

			if (p != HACTL_RUN) {
				return p;
			}
			continue;
		}
		if (h->arg_count == HACTL_ARGS_MAX) {
			ha_buf_puts(ret_why, "too many arguments");
			return HACTL_BAD_USAGE;
		}
		h->args[h->arg_count++] = word;
		w->next++;
	}
	return check_args(h, ret_why);
}

enum hactl_parsed hactl_parse(int argc, char *const *argv, struct hactl *h,
			      struct ha_buf *ret_why)
{
	struct words w = { argc, argv, 0 };
	enum hactl_parsed p;

	h->timeout_s = HACTL_TIMEOUT_S;
	if (argc == 0 || strcmp(argv[0], "--help") == 0 ||
	    strcmp(argv[0], "-h") == 0) {
		return HACTL_HELP;
	}
	if (strcmp(argv[0], "--version") == 0) {
		h->verb = hactl_verb_find("version", NULL);
		return HACTL_RUN;
	}
	p = find_verb(argc, argv, h, ret_why);
	if (p != HACTL_RUN) {
		return p;
	}
	w.next = h->verb->verb != NULL && strcmp(argv[1], h->verb->verb) == 0
			 ? 2 : 1;
	p = take_words(&w, h, ret_why);
	h->json = hactl_given(h, "json") != NULL;
	return p;
}

const char *hactl_given(const struct hactl *h, const char *name)
{
	for (size_t i = h->given_count; i > 0; i--) {
		if (strcmp(h->given[i - 1].name, name) == 0) {
			return h->given[i - 1].value;
		}
	}
	return NULL;
}
