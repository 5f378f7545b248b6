/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is senseless in a cluster.xml, or cannot be kept by any placement, and
 * has been taken all the same: one warning, in its line, that says what to do.
 */
#include "tests/unit/conf-story.h"
#include "tests/unit/suite.h"

#define SIZED "<host name='h1' id='1' memory='1GiB'/>" \
	      "<host name='h2' id='2' memory='200MiB'/>" \
	      "<host name='h3' id='3' memory='1GiB'/>"
#define DOMAINS "<host-groups><host-group name='r' hosts='h1 h2 h3' " \
		"fault-domain='yes'/></host-groups>"

static const struct story senseless[] = {
	/* hosts, VMs, admission control */
	{ .hosts = HOSTS "<host name='h4' id='4' memory='8GiB' "
		   "memory-reserve='8GiB'/>",
	  .line = 2, .says = "make it less than 8192 MiB" },
	{ .hosts = HOSTS "<host name='h4' id='4' cpus='8' cpu-reserve='9'/>",
	  .line = 2, .says = "make it less than 8" },
	{ .vms = VM("v1", "1", "fail-back='window' fail-back-window="
			       "'01:00-03:00 02:59-05:00'"),
	  .line = 3, .says = "overlap; make them one" },
	{ .vms = VM("v1", "1", "fail-back-after='1min'"),
	  .line = 3, .says = "fail-back-after does nothing without "
			     "fail-back=\"after\"; add that" },
	{ .vms = VM("v1", "1", "fail-back='after' "
			       "fail-back-window='01:00-02:00'"),
	  .line = 3, .says = "fail-back-window does nothing without "
			     "fail-back=\"window\"; add that" },
	{ .vms = VM("v1", "1", "fail-back='after' restart-priority='disabled'"),
	  .line = 3, .says = "never recovered; remove it" },
	{ .text = "<admission policy='percentage' cpu-percent='100%' "
		  "memory-percent='10%'/>\n",
	  .line = 4, .says = "no VM may be started; lower cpu-percent" },
	/* lists */
	{ .text = "<host-groups>\n<host-group name='a' hosts='h1 h2 h1'/>"
		  "</host-groups>\n",
	  .line = 5, .says = "'h1' is named twice in one list; remove one" },
	{ .text = RULES("<vm-host name='r' strength='should' vms='v1' "
			"run-on='h1 h1'/>\n"),
	  .line = 6, .says = "'h1' is named twice" },
	{ .text = RULES("<vm-host name='r' strength='must' vms='v1' "
			"keep-off='h1 h2 h1'/>\n"),
	  .line = 6, .says = "'h1' is named twice" },
	{ .text = RULES("<vm-vm name='r' strength='must' vms='v1 g v1' "
			"keep='together'/>\n"),
	  .line = 6, .says = "'v1' is named twice" },
	{ .text = RULES("<dependency name='d' vms='v1' after='v3 v3'/>\n"),
	  .line = 6, .says = "'v3' is named twice" },
	{ .vms = VM("v1", "1", "restart-priority='disabled'")
		 VM("v2", "2", ""),
	  .text = "<rules>\n<dependency name='d' vms='v2' after='v1'/>"
		  "</rules>\n",
	  .line = 5, .says = "only an admin starts it" },
	/* should against must, and rules that do nothing */
	{ .text = RULES("<vm-host name='s' strength='should' vms='v1' "
			"keep-off='h1 h2 h3'/>\n"),
	  .line = 6, .says = "off all hosts, which none can do; leave a host" },
	{ .text = RULES("<vm-host name='m' strength='must' vms='v1' "
			"run-on='h1'/>\n"
			"<vm-host name='s' strength='should' vms='v1 v2' "
			"keep-off='h1'/>\n"),
	  .line = 7, .says = "vm 'v1' can never keep it: must rules" },
	{ .text = RULES("<vm-host name='m' strength='must' vms='v2' "
			"keep-off='h1'/>\n"
			"<vm-host name='s' strength='should' vms='v1 v2' "
			"run-on='h1'/>\n"),
	  .line = 7, .says = "vm 'v2' can never keep it: must rules" },
	{ .text = RULES("<vm-vm name='m' strength='must' vms='g v3' "
			"keep='apart'/>\n"
			"<vm-vm name='s' strength='should' vms='v1 v3' "
			"keep='together'/>\n"),
	  .line = 7, .says = "vm 'v1' and vm 'v3' can never be together: vm-vm "
			     "rule 'm' (line 6) keeps them apart" },
	{ .text = RULES("<vm-vm name='m' strength='must' vms='v2 v3' "
			"keep='apart'/>\n"
			"<vm-vm name='s' strength='should' vms='v1 v2 v3' "
			"keep='together'/>\n"),
	  .line = 7, .says = "vm 'v2' and vm 'v3' can never be together: vm-vm "
			     "rule 'm' (line 6)" },
	{ .text = RULES("<vm-host name='m' strength='must' vms='v2' "
			"run-on='h1'/>\n"
			"<vm-host name='n' strength='must' vms='v3' "
			"run-on='h2'/>\n"
			"<vm-vm name='s' strength='should' vms='v1 v2 v3' "
			"keep='together'/>\n"),
	  .line = 8, .says = "vm 'v2' and vm 'v3' can never be together: must" },
	{ .text = RULES("<vm-host name='m' strength='must' vms='v1' "
			"run-on='h1'/>\n"
			"<vm-host name='n' strength='must' vms='v2' "
			"run-on='h2'/>\n"
			"<vm-vm name='s' strength='should' vms='v1 v2' "
			"keep='together'/>\n"),
	  .line = 8, .says = "leave them no host in common" },
	{ .text = RULES("<vm-vm name='m' strength='must' vms='v1 v3' "
			"keep='together'/>\n"
			"<vm-vm name='s' strength='should' vms='v1 v2 v3' "
			"keep='apart'/>\n"),
	  .line = 7, .says = "2 of its VMs must be together by vm-vm rule 'm' "
			     "(line 6), where at most 1 should be" },
	{ .text = RULES("<vm-vm name='s' strength='must' vms='v1 v3' "
			"keep='apart' most='2'/>\n"),
	  .line = 6, .says = "it does nothing: most is 2 and it has 2 VMs" },
	{ .text = DOMAINS RULES("<vm-vm name='s' strength='should' "
				"vms='v1 v3' keep='spread'/>\n"),
	  .line = 6, .says = "all hosts are in one fault domain, so that "
			     "nothing can be spread" },
	/* what cannot all be kept */
	{ .hosts = SIZED,
	  .text = RULES("<vm-host name='r' strength='must' vms='v3 v4' "
			"run-on='h2'/>\n"),
	  .line = 6, .says = "2 VMs may run on h2 alone and need 256 MiB of "
			     "memory, of which there are 200: they cannot all "
			     "run at once; open more hosts" },
	{ .hosts = "<host name='h1' id='1'/><host name='h2' id='2'/>",
	  .text = RULES("<vm-vm name='a' strength='must' vms='v1 v3' "
			"keep='apart'/>\n"
			"<vm-vm name='b' strength='must' vms='v3 v4' "
			"keep='apart'/>\n"
			"<vm-vm name='c' strength='must' vms='v1 v4' "
			"keep='apart'/>\n"),
	  .line = 8, .says = "it keeps 3 VMs ('v1', 'v3', 'v4') apart from "
			     "each other, which may run on h1, h2 alone" },
};

/* Near to these, and right. */
static const struct story sensible[] = {
	{ .hosts = HOSTS "<host name='h4' id='4' memory='8GiB' cpus='8' "
		   "memory-reserve='8191MiB' cpu-reserve='7'/>",
	  .vms = VM("v1", "1", "fail-back='window' fail-back-window="
			       "'03:00-05:00 01:00-03:00'") },
	{ .text = "<defaults fail-back-after='1min' "
		  "fail-back-window='01:00-02:00'/>" },
	{ .text = "<admission policy='percentage' cpu-percent='99%' "
		  "memory-percent='0%'/>\n" },
	{ .text = RULES("<vm-host name='m' strength='must' vms='v1' "
			"run-on='h1 h2'/>\n"
			"<vm-host name='s' strength='should' vms='v1' "
			"keep-off='h1'/>\n"
			"<vm-vm name='a' strength='must' vms='v1 v3' "
			"keep='apart'/>\n"
			"<vm-vm name='b' strength='must' vms='v3 v4' "
			"keep='apart'/>\n"
			"<vm-vm name='c' strength='must' vms='v1 v4' "
			"keep='apart'/>\n") },
	{ .text = RULES("<vm-vm name='s' strength='must' vms='g' keep='apart' "
			"most='2'/>\n") }, /* may have more one day */
	{ .hosts = SIZED,
	  .text = RULES("<vm-host name='r' strength='must' vms='v3' "
			"run-on='h2'/>\n") },
	{ .hosts = "<host name='h1' id='1'/><host name='h2' id='2'/>",
	  .text = RULES("<vm-vm name='a' strength='must' vms='v1 v3' "
			"keep='apart'/>\n"
			"<vm-vm name='b' strength='must' vms='v3 v4' "
			"keep='apart'/>\n") },
};

START_TEST(test_senseless)
{
	const struct story *s = &senseless[_i];
	struct ha_conf_errors errors = { 0 };
	const struct ha_conf_error *found = NULL;
	struct ha_buf text = { 0 }, all = { 0 };
	struct ha_config *c = NULL;
	int err;

	put_cluster(s, &text);
	err = ha_conf_parse(text.data, text.len, &errors, &c);
	ha_conf_errors_print(&errors, NULL, &all);
	ck_assert_msg(err == 0, "refused: %s", all.data);
	ck_assert_msg(count_warnings(&errors) == 1, "%s", all.data);
	for (size_t i = 0; i < errors.count && !found; i++) {
		found = strstr(errors.list[i].text, s->says)
				? &errors.list[i] : NULL;
	}
	ck_assert_msg(found && found->line == s->line, "%s\nwanted %u: %s",
		      all.data, s->line, s->says);
	ha_conf_free(c);
	ha_conf_errors_fini(&errors);
	ha_buf_fini(&text);
	ha_buf_fini(&all);
}
END_TEST

START_TEST(test_sensible)
{
	ha_conf_free(parse(&sensible[_i], 0));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("conf-sense");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, test_senseless, 0, (int)LEN(senseless));
	tcase_add_loop_test(tc, test_sensible, 0, (int)LEN(sensible));
	suite_add_tcase(suite, tc);
	return test_main(suite);
}
