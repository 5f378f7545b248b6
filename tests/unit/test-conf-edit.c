/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Edits of a cluster's text: what is added, changed and removed, and what else
 * in it named that.
 */
#include "conf/edit.h"

#include <string.h>

#include "base/err.h"
#include "conf/conf.h"
#include "helper.h"

static const char small_text[] =
	"<cluster name='c'>\n  <!-- kept -->\n  <hosts>\n"
	"    <host name='h1' id='1'/>\n  </hosts>\n</cluster>\n";
static const char domain_text[] =
	"<domain type='kvm' id='3'><name>v</name><uuid>11111111-2222-3333-4444-"
	"000000000001</uuid><memory>65536</memory></domain>";

START_TEST(test_edit)
{
	struct ha_conf_errors errors = { 0 };
	struct ha_buf a = { 0 }, b = { 0 }, c = { 0 }, d = { 0 };
	struct ha_conf_attr id = { "id", "2", NULL };
	struct ha_conf_attr low = { "restart-priority", "low", NULL };
	struct ha_conf_attr agent = { "agent", "fence_ipmilan", NULL };
	struct ha_conf_attr secret = { "password", NULL, "/etc/hac/s" };
	struct ha_conf_edit e = { .text = small_text, .name = "bmc",
				  .len = sizeof(small_text) - 1,
				  .attrs = &agent, .attr_count = 1,
				  .params = &secret, .param_count = 1 };

	ck_assert_int_eq(ha_conf_add_device(&e, &errors, &a), 0);
	e = (struct ha_conf_edit){ .text = a.data, .len = a.len, .name = "h2",
				   .attrs = &id, .attr_count = 1,
				   .device = "bmc" };
	ck_assert_int_eq(ha_conf_add_host(&e, &errors, &b), 0);
	ck_assert_ptr_nonnull(strstr(b.data, "<!-- kept -->"));
	e = (struct ha_conf_edit){ .text = b.data, .len = b.len,
				   .attrs = &low, .attr_count = 1,
				   .domain_xml = domain_text,
				   .domain_len = sizeof(domain_text) - 1 };
	ck_assert_int_eq(ha_conf_add_vm(&e, &errors, &c), 0);
	ck_assert_ptr_nonnull(strstr(c.data, "<vm name=\"v\" restart-pr"));
	ck_assert_ptr_null(strstr(c.data, "id=\"3\""));
	e.text = c.data;
	e.len = c.len;
	ck_assert_int_eq(ha_conf_add_vm(&e, &errors, &d), HA_E_EXISTS);
	low.value = NULL;
	e.name = "v";
	ck_assert_int_eq(ha_conf_set_vm(&e, &errors, &d), 0);
	ck_assert_ptr_null(strstr(d.data, "restart-priority"));
	ha_buf_clear(&d);
	ck_assert_int_eq(ha_conf_remove_vm(&e, &errors, &d), 0);
	ck_assert_ptr_null(strstr(d.data, "<vm "));
	ha_buf_clear(&d);
	e.name = "h3";
	ck_assert_int_eq(ha_conf_remove_host(&e, &errors, &d),
			 HA_E_NOT_FOUND);
	e.name = "bmc"; /* still used by h2 */
	ck_assert_int_eq(ha_conf_remove_device(&e, &errors, &d), HA_E_SYNTAX);
	ck_assert_uint_eq(d.len, 0);
	ha_buf_fini(&a);
	ha_buf_fini(&b);
	ha_buf_fini(&c);
	ha_buf_fini(&d);
	ha_conf_errors_fini(&errors);
}
END_TEST

typedef int (*edit_fn)(const struct ha_conf_edit *edit,
		       struct ha_conf_errors *errors, struct ha_buf *ret_text);

#define UUID "00000000-0000-0000-0000-00000000000"
#define VM(n, attrs) \
	"<vm name='v" n "' " attrs "><domain type='kvm'><name>v" n "</name>" \
	"<uuid>" UUID n "</uuid><memory unit='MiB'>64</memory></domain></vm>"

static const char many_rules[] =
	"<cluster name='c'><hosts><host name='h1' id='1'/>"
	"<host name='h2' id='2'/><host name='h3' id='3'/></hosts>"
	"<vms>" VM("1", "groups='g'") VM("2", "groups='g'") VM("3", "")
	VM("4", "") "</vms><vm-groups><vm-group name='g'/></vm-groups>"
	"<host-groups><host-group name='a' hosts='h1\th2'/></host-groups>"
	"<datastores><datastore name='d' path='/d' hosts='h2 h1'/></datastores>"
	"<rules>"
	"<vm-host name='p' strength='must' vms='v3' run-on='h3 a'/>"
	"<vm-vm name='q' strength='should' vms='v3 v4' keep='apart'/>"
	"<vm-vm name='r' strength='should' vms='v3 g' keep='apart'/>"
	"<dependency name='s' vms='g' after='v4'/>"
	"<vm-host name='t' strength='should' vms='v1' keep-off='h3'/>"
	"</rules></cluster>";

static const struct removal {
	edit_fn fn;
	const char *name;
	const char *diff; /* NULL: it is refused */
	const char *says;
} removals[] = {
	{ ha_conf_remove_vm, "v3",
	  "vm-host rule p: removed\n"
	  "vm-vm rule q: removed\n"
	  "vm-vm rule r: vms v3 g -> g\n"
	  "vm v3: removed\n",
	  "warning: vm-host rule 'p': is removed with vm 'v3'; without it, it "
	  "says nothing\n"
	  "warning: vm-vm rule 'q': is removed with vm 'v3'; without it, it "
	  "says nothing\n"
	  "warning: vm-vm rule 'r': vm 'v3' is taken out of its vms\n" },
	{ ha_conf_remove_vm, "v4",
	  "vm-vm rule q: removed\n"
	  "dependency s: removed\n"
	  "vm v4: removed\n",
	  "warning: vm-vm rule 'q': is removed with vm 'v4'; without it, it "
	  "says nothing\n"
	  "warning: dependency 's': is removed with vm 'v4'; without it, it "
	  "says nothing\n" },
	{ ha_conf_remove_vm, "v1", /* its groups go with it */
	  "vm-host rule t: removed\n"
	  "vm v1: removed\n",
	  "warning: vm-host rule 't': is removed with vm 'v1'; without it, it "
	  "says nothing\n" },
	{ ha_conf_remove_host, "h2",
	  "host h2: removed\n"
	  "datastore d: hosts h2 h1 -> h1\n"
	  "host group a: hosts h1 h2 -> h1\n",
	  "warning: datastore 'd': host 'h2' is taken out of its hosts\n"
	  "warning: host group 'a': host 'h2' is taken out of its hosts\n" },
	{ ha_conf_remove_host, "h3", NULL,
	  "warning: vm-host rule 'p': host 'h3' is taken out of its run-on\n"
	  "error: vm-host rule 't': its keep-off names host 'h3' alone; change "
	  "or remove it first\n" },
};

START_TEST(test_removal)
{
	const struct removal *r = &removals[_i];
	const struct ha_conf_edit edit = { .text = many_rules,
					   .len = sizeof(many_rules) - 1,
					   .name = r->name };
	struct ha_conf_errors errors = { 0 };
	struct ha_config *from, *to;
	struct ha_buf after = { 0 }, diff = { 0 }, says = { 0 };
	int err = r->fn(&edit, &errors, &after);

	ha_conf_errors_print(&errors, NULL, &says);
	/* what the check of the result says comes after it */
	ck_assert_msg(strncmp(says.data, r->says, strlen(r->says)) == 0, "%s",
		      says.data);
	if (r->diff) {
		ck_assert_int_eq(err, 0);
		ck_assert_int_eq(ha_conf_parse(edit.text, edit.len, &errors,
					       &from), 0);
		ck_assert_int_eq(ha_conf_parse(after.data, after.len, &errors,
					       &to), 0);
		ck_assert_int_eq(ha_conf_diff_text(from, to, &diff), 0);
		ck_assert_str_eq(diff.data, r->diff);
		ha_conf_free(from);
		ha_conf_free(to);
	} else {
		ck_assert_int_eq(err, HA_E_SYNTAX);
		ck_assert_uint_eq(errors.errors, 1);
		ck_assert_uint_eq(after.len, 0);
	}
	ha_conf_errors_fini(&errors);
	ha_buf_fini(&after);
	ha_buf_fini(&diff);
	ha_buf_fini(&says);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("conf-edit");
	TCase *t = tcase_create("all");

	tcase_add_test(t, test_edit);
	tcase_add_loop_test(t, test_removal, 0,
			    (int)(sizeof(removals) / sizeof(removals[0])));
	suite_add_tcase(s, t);
	return test_main(s);
}
