/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hactl completion: the script for bash, from the table of verbs. Names of
 * hosts and VMs are asked for when they are needed.
 */
#include <stdio.h>
#include <string.h>

#include "ask.h"
#include "help.h"
#include "js.h"
#include "verbs.h"

static const char script_head[] =
"# bash completion of hactl; made by 'hactl completion', do not edit\n"
"_hactl_kind()\n"
"{\n"
"	case $1 in\n"
"	HOST|HOST,*) compgen -W \"$(hactl completion hosts 2>/dev/null)\" -- \"$2\" ;;\n"
"	VM) compgen -W \"$(hactl completion vms 2>/dev/null)\" -- \"$2\" ;;\n"
"	DOMAIN) compgen -W \"$(virsh -q list --all --name 2>/dev/null)\" -- \"$2\"\n"
"		compgen -f -- \"$2\" ;;\n"
"	FILE) compgen -f -- \"$2\" ;;\n"
"	*\\|*) compgen -W \"${1//|/ }\" -- \"$2\" ;;\n"
"	esac\n"
"}\n"
"\n"
"_hactl()\n"
"{\n"
"	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
"	local noun=${COMP_WORDS[1]} verb=${COMP_WORDS[2]} i n kinds opts kind\n"
"	COMPREPLY=()\n"
"	# bash splits --name=value into three words\n"
"	if [[ $cur == = ]]; then\n"
"		cur=; prev=$prev\n"
"	elif [[ $prev == = ]]; then\n"
"		prev=${COMP_WORDS[COMP_CWORD-2]}\n"
"	fi\n"
"	if ((COMP_CWORD == 1)); then\n";

static const char script_tail[] =
"	*) return ;;\n"
"	esac\n"
"	if [[ $prev == --* && $opts == *\" $prev=\"* ]]; then\n"
"		kind=${opts#*\" $prev=\"}; kind=${kind%% *}\n"
"		mapfile -t COMPREPLY < <(_hactl_kind \"$kind\" \"$cur\")\n"
"		return\n"
"	fi\n"
"	if [[ $cur == -* ]]; then\n"
"		for i in $opts; do\n"
"			[[ $i == *=* ]] && i=${i%%=*}=\n"
"			[[ $i == \"$cur\"* ]] && COMPREPLY+=(\"$i\")\n"
"		done\n"
"		[[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace\n"
"		return\n"
"	fi\n"
"	# which argument is this?\n"
"	n=0\n"
"	for ((i = first; i < COMP_CWORD; i++)); do\n"
"		[[ ${COMP_WORDS[i]} == -* || ${COMP_WORDS[i]} == = ||\n"
"			${COMP_WORDS[i-1]} == = ]] || ((n++))\n"
"	done\n"
"	set -- $kinds\n"
"	((n >= $#)) && n=$(($# - 1))\n"
"	shift \"$n\" 2>/dev/null || return\n"
"	[[ -n $1 ]] && mapfile -t COMPREPLY < <(_hactl_kind \"$1\" \"$cur\")\n"
"}\n"
"complete -F _hactl hactl\n";

static void put_opts(const struct hactl_opt *opts, struct ha_buf *b)
{
	for (; opts != NULL && opts->name != NULL; opts++) {
		ha_buf_printf(b, "--%s%s%s ", opts->name,
			      opts->value != NULL ? "=" : "",
			      opts->value != NULL ? opts->value : "");
	}
}

static void put_kinds(const char *args, struct ha_buf *b)
{
	size_t min, max;
	char word[64];

	hactl_args_count(args, &min, &max);
	for (size_t i = 0; i < max && i < HACTL_ARGS_MAX; i++) {
		hactl_args_word(args, i, word, sizeof(word));
		ha_buf_printf(b, "%s%s", i > 0 ? " " : "", word);
		if (max > HACTL_ARGS_MAX && i >= min) {
			break; /* the last kind goes on */
		}
	}
}

static void put_nouns(struct ha_buf *b)
{
	const char *noun = "";

	ha_buf_puts(b, "\t\tmapfile -t COMPREPLY < <(compgen -W \"");
	for (size_t i = 0; hactl_verbs[i] != NULL; i++) {
		if (strcmp(hactl_verbs[i]->noun, noun) != 0) {
			noun = hactl_verbs[i]->noun;
			ha_buf_printf(b, "%s ", noun);
		}
	}
	ha_buf_puts(b, "\" -- \"$cur\")\n\t\treturn\n\tfi\n");
}

/* Nouns with verbs: what may stand second. */
static void put_verbs(struct ha_buf *b)
{
	const char *noun = "";

	ha_buf_puts(b, "\tlocal first=2 verbs=\n\tcase $noun in\n");
	for (size_t i = 0; hactl_verbs[i] != NULL; i++) {
		const struct hactl_verb *v = hactl_verbs[i];

		if (v->verb == NULL) {
			continue;
		}
		if (strcmp(v->noun, noun) != 0) {
			ha_buf_printf(b, "%s\t%s) first=3 verbs=\"",
				      noun[0] != '\0' ? "\" ;;\n" : "",
				      v->noun);
			noun = v->noun;
		}
		ha_buf_printf(b, "%s ", v->verb);
	}
	ha_buf_puts(b, "\" ;;\n\t*) verb= ;;\n\tesac\n"
		    "\tif ((first == 3 && COMP_CWORD == 2)); then\n"
		    "\t\tmapfile -t COMPREPLY < "
		    "<(compgen -W \"$verbs\" -- \"$cur\")\n"
		    "\t\treturn\n\tfi\n");
}

void hactl_completion(struct ha_buf *b)
{
	ha_buf_puts(b, script_head);
	put_nouns(b);
	put_verbs(b);
	ha_buf_puts(b, "\tcase \"$noun $verb\" in\n");
	for (size_t i = 0; hactl_verbs[i] != NULL; i++) {
		const struct hactl_verb *v = hactl_verbs[i];

		ha_buf_printf(b, "\t\"%s %s\")\n\t\tkinds=\"", v->noun,
			      v->verb != NULL ? v->verb : "");
		put_kinds(v->args, b);
		ha_buf_puts(b, "\"\n\t\topts=\" ");
		put_opts(v->opts, b);
		put_opts(hactl_common_opts, b);
		ha_buf_puts(b, "\" ;;\n");
	}
	ha_buf_puts(b, script_tail);
}

static int print_names(struct hactl *h, const char *list)
{
	json_t *status;
	const json_t *array;
	int r = hactl_get(h, HA_REQUEST_STATUS, NULL, &status);

	if (r != HACTL_OK) {
		return r;
	}
	array = json_object_get(status, list);
	for (size_t i = 0; i < json_array_size(array); i++) {
		(void)printf("%s\n", hactl_js_str(json_array_get(array, i),
						  "name"));
	}
	json_decref(status);
	return HACTL_OK;
}

static int run_completion(struct hactl *h)
{
	struct ha_buf b = { .data = NULL };

	if (h->arg_count > 0) {
		return print_names(h, h->args[0]);
	}
	hactl_completion(&b);
	return hactl_flush(&b);
}

const struct hactl_verb hactl_completion_verb = {
	.noun = "completion", .args = "[hosts|vms]",
	.help = "print the completion script for bash",
	.more = "It is installed with hac. To try it at once:\n\n"
		"  source <(hactl completion)\n\n"
		"With an argument the names of all hosts or VMs are printed, "
		"which the script uses.",
	.run = run_completion,
};
