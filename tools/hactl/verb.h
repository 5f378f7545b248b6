/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verb.h - one verb of hactl as a constant. Help, the check of arguments and
 * the bash completion are all made from these tables, so they cannot differ.
 */
#ifndef HACTL_VERB_H
#define HACTL_VERB_H

#include <stddef.h>

struct hactl;

/* Of all verbs that admission control may refuse; see ask.c. */
#define HACTL_OPT_FORCE \
	{ "force", NULL, "do it even if admission control refuses it" }

struct hactl_opt {
	const char *name;  /* without "--"; NULL ends the list */
	const char *value; /* "HOST", "FILE", "SECONDS"; NULL: a flag */
	const char *help;
};

/*
 * args: words apart by a blank. HOST, VM, FILE and so on are to be given;
 * "on|off" is one of these words; "[FILE]" may be left out; "VM..." is one
 * or more. Host and VM names are completed by asking hacd.
 */
struct hactl_verb {
	const char *noun;
	const char *verb; /* NULL: the noun alone is the command */
	const char *args;
	const char *help; /* one line, no full stop */
	const char *more; /* paragraphs, NULL: nothing to add */
	const struct hactl_opt *opts; /* NULL: none of its own */
	int (*run)(struct hactl *h);  /* returns an exit code */
};

/* Options that every verb takes. */
extern const struct hactl_opt hactl_common_opts[];

/* All verbs, in the order of the help; NULL at the end. */
extern const struct hactl_verb *const hactl_verbs[];

/* NULL: there is none. verb may be NULL. */
const struct hactl_verb *hactl_verb_find(const char *noun, const char *verb);
/* The first verb of a noun, NULL if there is no such noun. */
const struct hactl_verb *hactl_noun_find(const char *noun);
const struct hactl_opt *hactl_opt_find(const struct hactl_verb *v,
				       const char *name);
/* How many arguments a verb takes, told by its args. */
void hactl_args_count(const char *args, size_t *ret_min, size_t *ret_max);
/* The word of args that names argument number i ("HOST", "on|off"), without
 * brackets and dots, to ret_word[size]; "" if there is none. */
void hactl_args_word(const char *args, size_t i, char *ret_word, size_t size);

#endif
