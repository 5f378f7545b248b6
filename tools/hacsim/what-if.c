/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hacsim what-if: what would happen to a cluster that is only a file yet. All
 * its hosts are started together and place the VMs anew; then it happens.
 */
#include "hacsim.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "conf/conf.h"
#include "tools/hactl/whatif.h"

#define WORDS_MAX 64

static const char usage[] =
	"usage: hacsim what-if --config FILE QUESTION [OPTION]...\n"
	"\n"
	"What would happen to the cluster in FILE, all of whose hosts run:\n"
	"  --kill HOST[,HOST...]         these lose their power, together\n"
	"  --partition 'HOST,...|HOST,...' the sides do not hear each other\n"
	"  --maintenance HOST[,HOST...]  these are put into maintenance\n"
	"  --apply FILE                  this configuration is applied\n"
	"  --run FILE                    the steps of this scenario are done\n"
	"  --json                        for programs, as hactl simulate\n"
	"  --log                         with all that happens before it\n"
	"\n"
	"exit 0: every VM would run, 1: one would not, 2: typed wrong. Times\n"
	"are those of the simulated world. Two hosts are taken for two_node.\n";

struct what_if_args {
	const char *config;
	char *question; /* owned; what stands behind its option */
	struct ha_question whatif;
	const char *words[WORDS_MAX];
	bool json, log;
};

/* "h1,h2" to words; "h1|h2" keeps its sides apart. */
static bool take_words(struct what_if_args *a, const char *text)
{
	bool sides = a->whatif.kind == HA_QUESTION_PARTITION;
	bool whole = a->whatif.kind == HA_QUESTION_APPLY ||
		     a->whatif.kind == HA_QUESTION_FILE;
	const char *apart = whole ? "" : sides ? "|" : ",";

	if (a->question) {
		return false;
	}
	a->question = strdup(text);
	a->whatif.words = a->words;
	for (char *p = a->question; p;) {
		char *end = apart[0] ? strpbrk(p, apart) : NULL;

		if (a->whatif.count + 2 > WORDS_MAX) {
			return false;
		}
		if (sides && a->whatif.count > 0) {
			a->words[a->whatif.count++] = "|";
		}
		if (end) {
			*end++ = '\0';
		}
		a->words[a->whatif.count++] = p;
		p = end;
	}
	return a->question != NULL;
}

static bool parse_args(int argc, char **argv, struct what_if_args *a)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "json", no_argument, NULL, 'j' },
		{ "log", no_argument, NULL, 'l' },
		{ "kill", required_argument, NULL, HA_QUESTION_KILL },
		{ "partition", required_argument, NULL,
		  HA_QUESTION_PARTITION },
		{ "maintenance", required_argument, NULL,
		  HA_QUESTION_MAINTENANCE },
		{ "apply", required_argument, NULL, HA_QUESTION_APPLY },
		{ "run", required_argument, NULL, HA_QUESTION_FILE },
		{ 0 },
	};
	bool good = true;
	int c;

	while (good && (c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'c') {
			a->config = optarg;
		} else if (c == 'j') {
			a->json = true;
		} else if (c == 'l') {
			a->log = true;
		} else if (c <= HA_QUESTION_FILE) {
			a->whatif.kind = (enum ha_question_kind)c;
			good = take_words(a, optarg);
		} else {
			good = false;
		}
	}
	return good && optind == argc && a->config && a->question;
}

static void note_guesses(const struct ha_config *c)
{
	for (size_t i = 0; i < c->host_count; i++) {
		if (c->hosts[i].memory_kib == 0 || c->hosts[i].cpus == 0) {
			fprintf(stderr, "hacsim: %s: the file does not say "
				"how large it is; 16 GiB and 16 cpus are "
				"taken\n", c->hosts[i].name);
		}
	}
}

static int answer(const struct what_if_args *a)
{
	struct hactl h = { .json = a->json, .screen = { .width = 80 } };
	struct ha_conf_errors errors = { 0 };
	struct ha_buf text = { 0 };
	struct ha_whatif w = { .trace = a->log ? stdout : NULL };
	int code = 2;
	int err = ha_conf_read_file(a->config, &errors, &text, &w.config);

	if (err == 0) {
		ha_conf_hash(text.data, text.len, &w.config->hash);
		w.text = text.data;
		w.text_len = text.len;
		w.two_node = w.config->host_count == 2;
		note_guesses(w.config);
		code = hactl_whatif_answer(&h, &a->whatif, &w);
	} else {
		struct ha_buf b = { 0 };

		ha_conf_errors_print(&errors, a->config, &b);
		fprintf(stderr, "%shacsim: %s: %s\n", b.data ? b.data : "",
			a->config, ha_err_text(err));
		ha_buf_fini(&b);
	}
	ha_conf_free(w.config);
	ha_conf_errors_fini(&errors);
	ha_buf_fini(&text);
	return code;
}

int hacsim_what_if(int argc, char **argv)
{
	struct what_if_args a = { .config = NULL };
	int code = 2;

	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		fputs(usage, stdout);
		return 0;
	}
	if (parse_args(argc, argv, &a)) {
		code = answer(&a);
	} else {
		fputs(usage, stderr);
	}
	free(a.question);
	return code;
}
