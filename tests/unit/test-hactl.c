/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hactl without hacd: what is typed, tables, and answers as people see them.
 * tests/unit/hactl holds recorded answers (NAME.json) and the screens expected
 * (NAME.txt); with HACTL_REWRITE set the screens are written anew: read them.
 */
#include "tools/hactl/parse.h"

#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/uuid.h"
#include "tests/unit/suite.h"
#include "tools/hactl/doctor.h"
#include "tools/hactl/edit.h"
#include "tools/hactl/help.h"
#include "tools/hactl/mask.h"
#include "tools/hactl/render.h"
#include "tools/hactl/table.h"
#include "tools/hactl/text.h"
#include "tools/hactl/wait.h"

#define WORDS(...) (char *const[]){ __VA_ARGS__, NULL }

static const struct hactl_screen screen = { .width = 80 };

static enum hactl_parsed parse(char *const *words, struct hactl *h,
			       struct ha_buf *why)
{
	int n = 0;

	while (words[n] != NULL) {
		n++;
	}
	memset(h, 0, sizeof(*h));
	ha_buf_clear(why);
	return hactl_parse(n, words, h, why);
}

START_TEST(words_become_a_verb)
{
	struct ha_buf why = { .data = NULL };
	struct hactl h;

	ck_assert_int_eq(parse(WORDS("vm", "move", "db1", "--wait", "h2",
				     "--timeout=5", "--json"), &h, &why),
			 HACTL_RUN);
	ck_assert_str_eq(h.verb->verb, "move");
	ck_assert_uint_eq(h.arg_count, 2);
	ck_assert_str_eq(h.args[1], "h2");
	ck_assert_int_eq(h.timeout_s, 5);
	ck_assert(h.json);
	ck_assert_ptr_nonnull(hactl_given(&h, "wait"));
	ck_assert_ptr_null(hactl_given(&h, "force"));
	ck_assert_int_eq(parse(WORDS("vm", "settle", "db1", "--runs-on", "h2"),
			       &h, &why), HACTL_RUN);
	ck_assert_str_eq(hactl_given(&h, "runs-on"), "h2");
	ck_assert_int_eq(parse(WORDS("vm", "set", "db1", "--ready-port=80",
				     "--unset=groups", "--unset=ready"),
			       &h, &why), HACTL_RUN);
	ck_assert_uint_eq(h.given_count, 3);
	ck_assert_int_eq(parse(WORDS("vm", "--help"), &h, &why), HACTL_HELP);
	ck_assert_str_eq(h.noun, "vm");
	ck_assert_int_eq(parse(WORDS("vm", "add", "--help"), &h, &why),
			 HACTL_HELP);
	ck_assert_str_eq(h.verb->verb, "add");
	ha_buf_fini(&why);
}
END_TEST

struct wrong {
	char *const *words;
	const char *why;
};

START_TEST(wrong_words_are_explained)
{
	const struct wrong all[] = {
		{ WORDS("statsu"), "did you mean 'status'?" },
		{ WORDS("--json"), "options come after the command" },
		{ WORDS("vm"), "'vm' what? One of list" },
		{ WORDS("vm", "strat", "db1"), "did you mean 'vm start'?" },
		{ WORDS("vm", "start"), "VM is missing: hactl vm start VM" },
		{ WORDS("vm", "start", "a", "b"), "'b' is too much" },
		{ WORDS("vm", "stop", "a", "--force"), "has no option --f" },
		{ WORDS("vm", "start", "a", "--wait=1"), "takes no value" },
		{ WORDS("vm", "settle", "a", "--runs-on"), "needs a value" },
		{ WORDS("status", "--timeout=x"), "takes seconds" },
		{ WORDS("status", "--timeout=0"), "takes seconds" },
		{ WORDS("host", "maintenance", "maybe", "h1"),
		  "'maybe' must be one of on|off" },
	};
	struct ha_buf why = { .data = NULL };
	struct hactl h;

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		ck_assert_int_eq(parse(all[i].words, &h, &why),
				 HACTL_BAD_USAGE);
		ck_assert_msg(strstr(why.data, all[i].why) != NULL,
			      "'%s' in '%s'", all[i].why, why.data);
	}
	ha_buf_fini(&why);
}
END_TEST

START_TEST(args_tell_how_many)
{
	size_t min, max;
	char word[32];

	hactl_args_count("", &min, &max);
	ck_assert(min == 0 && max == 0);
	hactl_args_count("on|off [HOST]", &min, &max);
	ck_assert(min == 1 && max == 2);
	hactl_args_count("VM...", &min, &max);
	ck_assert(min == 1 && max == SIZE_MAX);
	hactl_args_word("on|off [HOST]", 1, word, sizeof(word));
	ck_assert_str_eq(word, "HOST");
	hactl_args_word("VM...", 7, word, sizeof(word));
	ck_assert_str_eq(word, "VM");
	hactl_args_word("VM", 1, word, sizeof(word));
	ck_assert_str_eq(word, "");
}
END_TEST

/* What may stand at a VM in cluster.xml, and nothing else, can be set. */
START_TEST(vm_options_are_attributes)
{
	const char *attr;
	size_t options = 0, attrs = 0;

	for (; (attr = ha_conf_vm_attr(attrs)) != NULL; attrs++) {
		bool found = false;

		for (size_t i = 0; hactl_vm_opts[i].name != NULL; i++) {
			found |= strcmp(hactl_vm_opts[i].name, attr) == 0;
		}
		ck_assert_msg(found, "'hactl vm add' has no --%s", attr);
	}
	for (size_t i = 0; hactl_vm_opts[i].name != NULL; i++) {
		options += hactl_vm_opts[i].value != NULL;
	}
	ck_assert_uint_eq(options, attrs);
}
END_TEST

/* Every verb has what help needs, and no line of help is too wide. */
START_TEST(help_fits)
{
	for (size_t i = 0; hactl_verbs[i] != NULL; i++) {
		const struct hactl_verb *v = hactl_verbs[i];
		struct ha_buf b = { .data = NULL };
		int column = 0;

		ck_assert_ptr_nonnull(v->run);
		ck_assert_ptr_nonnull(v->help);
		hactl_help(v, &screen, &b);
		for (const char *p = b.data; *p != '\0'; p++) {
			column = *p == '\n' ? 0 : column + 1;
			ck_assert_msg(column <= 80, "%s %s is too wide",
				      v->noun, v->verb ? v->verb : "");
		}
		ha_buf_fini(&b);
	}
}
END_TEST

START_TEST(tables_align)
{
	static const char *const heads[] = { "NAME", ">N", "EMPTY", "WHY",
					     NULL };
	struct hactl_screen narrow = { .width = 40 };
	struct ha_buf b = { .data = NULL };
	struct hactl_table t;

	hactl_table_init(&t, heads);
	hactl_table_row(&t, (const char *const[]){ "a", "1", "", "" });
	hactl_table_row(&t, (const char *const[]){
		"long-name", "200", "", "why it is so, in many words" });
	hactl_table_print(&t, &narrow, &b);
	ck_assert_str_eq(b.data,
			 "NAME         N  WHY\n"
			 "a            1\n"
			 "long-name  200  why it is so, in many\n"
			 "                words\n");
	hactl_table_fini(&t);
	ha_buf_fini(&b);
}
END_TEST

START_TEST(text_is_made_harmless)
{
	struct ha_buf b = { .data = NULL };

	hactl_wrap(&b, &screen, "a\033[31mb\tc", 0);
	ck_assert_str_eq(b.data, "a?[31mb?c\n");
	ha_buf_fini(&b);
}
END_TEST

START_TEST(keys_are_masked)
{
	char text[] = "totem.key (str) = topsecret\n"
		      "  passwd: x\n token: 1000\nkeyfile: /a\npassword=abcd";
	size_t len = strlen(text);

	hactl_mask_keys(text, &len);
	ck_assert_str_eq(text, "totem.key (str) = ***\n  passwd: *\n"
			 " token: 1000\nkeyfile: /a\npassword=***");
	ck_assert_uint_eq(len, strlen(text));
	hactl_mask_keys(NULL, &len);
}
END_TEST

START_TEST(uuids)
{
	const char *text = "12345678-9abc-def0-1234-56789abcdef0";
	char back[HA_UUID_TEXT];
	struct ha_uuid u;

	ck_assert(ha_uuid_parse(text, &u));
	ha_uuid_print(&u, back);
	ck_assert_str_eq(back, text);
	ck_assert(!ha_uuid_parse("db1", &u));
	ck_assert(!ha_uuid_parse("12345678-9abc", &u));
}
END_TEST

static char *path_of(const char *name, const char *suffix)
{
	static char path[4][512];
	static int n;
	const char *src = getenv("srcdir");

	n = (n + 1) % 4;
	(void)snprintf(path[n], sizeof(path[n]), "%s/tests/unit/hactl/%s%s",
		       src != NULL ? src : ".", name, suffix);
	return path[n];
}

static void compare_golden(const char *name, const struct ha_buf *b)
{
	bool rewrite = getenv("HACTL_REWRITE") != NULL;
	char expected[16384];
	size_t n;
	FILE *f = fopen(path_of(name, ".txt"), rewrite ? "we" : "re");

	ck_assert_ptr_nonnull(f);
	if (rewrite) {
		(void)fwrite(b->data, 1, b->len, f);
		(void)fclose(f);
		return;
	}
	n = fread(expected, 1, sizeof(expected) - 1, f);
	expected[n] = '\0';
	(void)fclose(f);
	ck_assert_str_eq(b->data, expected);
}

static const char *const recorded[] = { "fine", "host-lost", "no-quorum",
					"empty", "disarmed", "many", "rules" };

START_TEST(status_answers_in_order)
{
	const char *name = recorded[_i];
	json_t *status = json_load_file(path_of(name, ".json"), 0, NULL);
	struct ha_buf b = { .data = NULL };
	int lines = 0, column = 0;

	ck_assert_ptr_nonnull(status);
	hactl_render_status(status, &screen, &b);
	compare_golden(name, &b);
	for (const char *p = b.data; *p != '\0'; p++) {
		lines += *p == '\n';
		column = *p == '\n' ? 0 : column + 1;
		ck_assert_int_le(column, 80);
	}
	ck_assert_int_le(lines, 24);
	ck_assert(hactl_status_fine(status) == (strcmp(name, "fine") == 0));
	ha_buf_fini(&b);
	json_decref(status);
}
END_TEST

START_TEST(lists)
{
	json_t *status = json_load_file(path_of("host-lost", ".json"), 0,
					NULL);
	struct ha_buf b = { .data = NULL };

	ck_assert_ptr_nonnull(status);
	hactl_render_hosts(json_object_get(status, "hosts"), &screen, &b);
	ha_buf_puts(&b, "\n");
	hactl_render_vms(json_object_get(status, "vms"), NULL, &screen, &b);
	ha_buf_puts(&b, "\n");
	hactl_render_vms(json_object_get(status, "vms"), "h3", &screen, &b);
	ha_buf_puts(&b, "\n");
	hactl_render_vm(json_array_get(json_object_get(status, "vms"), 4),
			&screen, &b);
	compare_golden("lists", &b);
	ha_buf_fini(&b);
	json_decref(status);
}
END_TEST

/* The first three stand in the sentence; where there are more, all are told. */
START_TEST(admission_names_all)
{
	json_t *o = json_pack("{s:s,s:s,s:i,s:b,s:i,s:s,s:i,s:[s],s:[s,s,s],s:i}",
			      "policy", "plan", "mode", "enforce", "demanded",
			      1, "met", 0, "tolerated", 0, "limit",
			      "without host h1 9 VMs find no place", "waiting",
			      0, "remedies", "stop vm e", "left_out", "a", "b",
			      "c", "left_out_count", 3);
	struct ha_buf b = { .data = NULL };

	ck_assert_ptr_nonnull(o);
	hactl_render_admission(o, &screen, &b);
	ck_assert_ptr_null(strstr(b.data, "Without a place"));
	ha_buf_clear(&b);
	json_array_append_new(json_object_get(o, "left_out"),
			      json_string("d"));
	json_object_set_new(o, "left_out_count", json_integer(9));
	hactl_render_admission(o, &screen, &b);
	ck_assert_ptr_nonnull(strstr(b.data, "What would help: stop vm e.\n"
		"Without a place, the most important first: a, b, c, d and 5 "
		"more.\n"));
	ha_buf_fini(&b);
	json_decref(o);
}
END_TEST

START_TEST(goals)
{
	json_t *status = json_load_file(path_of("host-lost", ".json"), 0,
					NULL);
	struct ha_buf now = { .data = NULL };
	struct hactl_goal goal = { .vm = "web1", .state = "running" };

	ck_assert_ptr_nonnull(status);
	ck_assert(!hactl_goal_met(status, &goal, &now));
	ck_assert_str_eq(now.data, "vm web1 is starting on h3");
	goal = (struct hactl_goal){ .vm = "db1", .state = "running",
				    .starts = 2 };
	ck_assert(!hactl_goal_met(status, &goal, &now));
	goal.starts = 1;
	ck_assert(hactl_goal_met(status, &goal, &now));
	goal = (struct hactl_goal){ .no_vm_runs = true, .host = "h2" };
	ck_assert(!hactl_goal_met(status, &goal, &now));
	ha_buf_fini(&now);
	json_decref(status);
}
END_TEST

static void check_cmap(const char *cmap, enum hactl_level worst,
		       const char *text)
{
	struct hactl_findings f = { .list = NULL };
	struct ha_buf b = { .data = NULL };

	hactl_doctor_corosync(cmap, &f);
	hactl_findings_print(&f, &(struct hactl_screen){ .width = 10000 }, &b);
	ck_assert_msg(hactl_findings_worst(&f) == worst, "%s", b.data);
	ck_assert_msg(strstr(b.data, text) != NULL, "'%s' in %s", text,
		      b.data);
	ha_buf_fini(&b);
	hactl_findings_fini(&f);
}

#define GOOD_CMAP                                                      \
	"nodelist.node.0.name (str) = h1\n"                            \
	"nodelist.node.0.nodeid (u32) = 1\n"                           \
	"nodelist.node.0.ring0_addr (str) = 10.0.0.1\n"                \
	"nodelist.node.0.ring1_addr (str) = 10.0.1.1\n"                \
	"nodelist.node.1.nodeid (u32) = 2\n"                           \
	"totem.crypto_cipher (str) = aes256\n"                         \
	"totem.crypto_hash (str) = sha256\n"

START_TEST(doctor_reads_corosync)
{
	check_cmap(GOOD_CMAP "runtime.config.totem.token (u32) = 1000\n",
		   HACTL_FINE, "token 1000 ms");
	check_cmap(GOOD_CMAP "runtime.config.totem.token (u32) = 200\n",
		   HACTL_WARNING, "below 500 ms");
	check_cmap(GOOD_CMAP "quorum.two_node (u8) = 1\n"
		   "quorum.wait_for_all (u8) = 0\n", HACTL_ERROR,
		   "two_node without wait_for_all");
	check_cmap(GOOD_CMAP "quorum.two_node (u8) = 1\n", HACTL_FINE,
		   "two_node with wait_for_all");
	check_cmap(GOOD_CMAP "nodelist.node.2.nodeid (u32) = 100\n"
		   "totem.token_coefficient (u32) = 0\n", HACTL_ERROR,
		   "nodeids from 1 to 64 only");
	check_cmap("nodelist.node.0.nodeid (u32) = 1\n", HACTL_WARNING,
		   "only one link");
	check_cmap("", HACTL_ERROR, "no nodelist");
}
END_TEST

START_TEST(doctor_reads_quorum)
{
	struct hactl_findings f = { .list = NULL };

	hactl_doctor_quorum("Quorum information\nQuorate:          Yes\n", &f);
	ck_assert_int_eq(hactl_findings_worst(&f), HACTL_FINE);
	hactl_doctor_quorum("Quorate:          No\n", &f);
	ck_assert_int_eq(hactl_findings_worst(&f), HACTL_ERROR);
	hactl_findings_fini(&f);
}
END_TEST

START_TEST(doctor_reads_status)
{
	json_t *status = json_load_file(path_of("host-lost", ".json"), 0,
					NULL);
	struct hactl_findings f = { .list = NULL };

	hactl_doctor_cluster(status, &f);
	ck_assert_int_eq(hactl_findings_worst(&f), HACTL_ERROR);
	ck_assert_str_eq(f.list[f.count - 1].object, "host h2");
	hactl_findings_fini(&f);
	json_decref(status);
	status = json_load_file(path_of("fine", ".json"), 0, NULL);
	hactl_doctor_cluster(status, &f);
	ck_assert_int_eq(hactl_findings_worst(&f), HACTL_FINE);
	hactl_findings_fini(&f);
	json_decref(status);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("hactl");
	TCase *t = tcase_create("all");

	tcase_add_test(t, vm_options_are_attributes);
	tcase_add_test(t, words_become_a_verb);
	tcase_add_test(t, wrong_words_are_explained);
	tcase_add_test(t, args_tell_how_many);
	tcase_add_test(t, help_fits);
	tcase_add_test(t, tables_align);
	tcase_add_test(t, text_is_made_harmless);
	tcase_add_test(t, keys_are_masked);
	tcase_add_test(t, uuids);
	tcase_add_loop_test(t, status_answers_in_order, 0,
			    sizeof(recorded) / sizeof(*recorded));
	tcase_add_test(t, lists);
	tcase_add_test(t, admission_names_all);
	tcase_add_test(t, goals);
	tcase_add_test(t, doctor_reads_corosync);
	tcase_add_test(t, doctor_reads_quorum);
	tcase_add_test(t, doctor_reads_status);
	suite_add_tcase(s, t);
	return test_main(s);
}
