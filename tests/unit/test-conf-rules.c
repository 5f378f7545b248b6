/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Admission control, groups, rules and restarts in cluster.xml: each wrong
 * combination is one error, in its line, that says what to do; what is right
 * comes to what a plan is made from.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/conf-story.h"
#include "tests/unit/suite.h"

static const struct story wrong[] = {
	/* admission control */
	{ .text = "<admission policy='percentage' cpu-percent='101%' "
		  "memory-percent='10%'/>\n",
	  .line = 4,
	  .says = "cpu-percent=\"101%\" is not a percentage from 0% to 100%" },
	{ .text = "<admission policy='percentage' cpu-percent='10%'/>\n",
	  .line = 4, .says = "cpu-percent stands without memory-percent; give "
			     "both" },
	{ .text = "<admission policy='percentage' cpu-percent='10%' "
		  "memory-percent='10%' failures='1'/>\n",
	  .line = 4, .says = "failures and percentages are both given" },
	{ .text = "<admission cpu-percent='10%' memory-percent='10%'/>\n",
	  .line = 4, .says = "percentages do not matter to policy plan; remove "
			     "them" },
	{ .text = "<admission policy='host-failures' slot-cpu='0MHz'/>\n",
	  .line = 4, .says = "slot-cpu=\"0MHz\" is not 'computed' or a "
			     "frequency with its unit (MHz, GHz) from 1MHz" },
	{ .text = "<admission policy='host-failures' slot-memory='0KiB'/>\n",
	  .line = 4, .says = "slot-memory=\"0KiB\" is not 'computed' or a "
			     "size" },
	{ .text = "<admission policy='percentage' slot-cpu='1GHz'/>\n",
	  .line = 4, .says = "slot sizes do not matter to policy percentage" },
	{ .text = "<admission policy='host-failures' slot-cpu='1GHz' "
		  "slot-cpu-max='2GHz'/>\n",
	  .line = 4, .says = "size is set and limited at once" },
	{ .text = "<admission policy='host-failures' slot-memory-max='1GiB' "
		  "slot-memory-min='2GiB'/>\n",
	  .line = 4, .says = "the smallest slot is larger than the largest" },
	{ .text = "<admission failures='3'/>\n",
	  .line = 4, .says = "failures=\"3\" is not below the number of hosts, "
			     "which is 3; lower it to 2" },
	{ .hosts = "<host name='h1' id='1'/>",
	  .text = "<admission failures='1'/>\n",
	  .line = 4, .says = "not below the number of hosts, which is 1; lower "
			     "it to 0" },
	{ .text = "<admission failures='64'/>\n",
	  .line = 4, .says = "is not a number from 0 to 63" },
	{ .text = "<admission policy='failover-hosts'/>\n",
	  .line = 4, .says = "0 failover hosts cannot stand in for 1 that "
			     "fail; give <host> elements failover=\"yes\"" },
	{ .hosts = "<host name='h1' id='1' failover='yes'/>",
	  .line = 0, .says = "all hosts are failover hosts" },
	{ .text = "<admission policy='slots'/>\n",
	  .line = 4, .says = "is not one of plan, host-failures, percentage, "
			     "failover-hosts" },
	{ .text = "<admission/>\n<admission/>\n",
	  .line = 5, .says = "a second <admission>" },
	/* groups */
	{ .text = "<host-groups>\n<host-group name='a' hosts='h1 h9'/>"
		  "</host-groups>\n",
	  .line = 5, .says = "unknown host 'h9'; correct the name or add it" },
	{ .text = "<host-groups>\n<host-group name='a' hosts='h1'/>\n"
		  "<host-group name='b' hosts='h2 a'/></host-groups>\n",
	  .line = 6, .says = "unknown host 'a'" },
	{ .text = "<host-groups>\n<host-group name='a' hosts='  '/>"
		  "</host-groups>\n",
	  .line = 5, .says = "is not a list of names" },
	{ .text = "<host-groups>\n<host-group name='h1' hosts='h1'/>"
		  "</host-groups>\n",
	  .line = 5, .says = "the name is already that of the host in line 2" },
	{ .text = "<host-groups>\n"
		  "<host-group name='a' hosts='h1 h2' fault-domain='yes'/>\n"
		  "<host-group name='b' hosts='h2' fault-domain='yes'/>\n"
		  "</host-groups>\n",
	  .line = 6, .says = "host 'h2' is in fault domain 'a' (line 5) "
			     "already" },
	{ .vms = VM("v1", "1", "groups='x'"),
	  .line = 3, .says = "unknown VM group 'x'" },
	{ .vms = VM("v1", "1", "groups='v1'"),
	  .line = 3, .says = "unknown VM group 'v1'" },
	{ .text = "<vm-groups>\n<vm-group name='v3'/><vm-group name='g'/>"
		  "</vm-groups>\n",
	  .line = 5, .says = "the name is already that of the vm in line 3" },
	/* rules between VMs and hosts */
	{ .text = RULES("<vm-host name='r' strength='must' vms='v1 x' "
			"run-on='h1'/>\n"),
	  .line = 6, .says = "unknown VM or VM group 'x'" },
	{ .text = RULES("<vm-host name='r' strength='must' vms='v1' "
			"run-on='h1 x'/>\n"),
	  .line = 6, .says = "unknown host or host group 'x'" },
	{ .text = RULES("<vm-host name='r' strength='must' vms='v1' "
			"keep-off='x'/>\n"),
	  .line = 6, .says = "unknown host or host group 'x'" },
	{ .text = RULES("<vm-host name='r' strength='must' vms='v1'/>\n"),
	  .line = 6, .says = "it must have either run-on or keep-off" },
	{ .text = RULES("<vm-host name='r' strength='must' vms='v1' "
			"run-on='h1' keep-off='h2'/>\n"),
	  .line = 6, .says = "it must have either run-on or keep-off; for both "
			     "write two rules" },
	{ .text = RULES("<vm-host name='r' vms='v1' run-on='h1'/>\n"),
	  .line = 6, .says = "<vm-host> has no strength; add strength=" },
	{ .hosts = HOSTS "<host name='h4' id='4'/>",
	  .text = RULES("<vm-host name='r' strength='should' vms='v1' "
			"run-on='h1 h2 h3 h4'/>\n"),
	  .line = 6, .says = "run-on has more than 3 levels of preference; put "
			     "hosts that are equally good into a <host-group>" },
	{ .text = RULES("<vm-host name='r' strength='must' vms='v1 v2' "
			"keep-off='h1 h2 h3'/>\n"),
	  .line = 6, .says = "it leaves vm 'v1' and 1 more no host; change" },
	{ .text = RULES("<vm-host name='a' strength='must' vms='v1' "
			"run-on='h1'/>\n"
			"<vm-host name='b' strength='must' vms='g' "
			"run-on='h2 h3'/>\n"),
	  .line = 7, .says = "it leaves vm 'v1' no host, together with vm-host "
			     "rule 'a' (line 6)" },
	{ .text = RULES("<vm-host name='a' strength='must' vms='v1' "
			"run-on='h1'/>\n"
			"<vm-host name='b' strength='must' vms='v1' "
			"keep-off='h1'/>\n"),
	  .line = 7, .says = "no host, together with vm-host rule 'a'" },
	{ .text = RULES("<vm-host name='a' strength='should' vms='v1' "
			"run-on='h1'/>\n"
			"<vm-host name='b' strength='must' vms='v1 v2' "
			"run-on='h2 h1'/>\n"),
	  .line = 7, .says = "vm 'v1' prefers hosts by vm-host rule 'a' (line "
			     "6) already; list all its hosts in one rule" },
	{ .text = RULES("<vm-vm name='r' strength='should' vms='v1 v2' "
			"keep='apart'/>\n"
			"<vm-host name='r' strength='should' vms='v1' "
			"run-on='h1'/>\n"),
	  .line = 7, .says = "the name is already that of the vm-vm rule in "
			     "line 6" },
	{ .hosts = HOSTS "<host name='h4' id='4' failover='yes'/>",
	  .text = RULES("<vm-host name='r' strength='must' vms='v1' "
			"run-on='h4'/>\n"),
	  .line = 3, .says = "only failover hosts are left to it" },
	{ .hosts = "<host name='h1' id='1' memory='1GiB'/>"
		   "<host name='h2' id='2' memory='100MiB'/>",
	  .text = RULES("<vm-host name='r' strength='must' vms='v3' "
			"run-on='h2'/>\n"),
	  .line = 3, .says = "the largest host that it may run on has 100 MiB" },
	/* rules among VMs */
	{ .text = RULES("<vm-vm name='r' strength='must' vms='v1' "
			"keep='apart'/>\n"),
	  .line = 6, .says = "it has one VM only; name two or more VMs, or a VM "
			     "group" },
	{ .text = RULES("<vm-vm name='r' strength='must' vms='' "
			"keep='apart'/>\n"),
	  .line = 6, .says = "vms=\"\" is not a list of names" },
	{ .text = RULES("<vm-vm name='r' strength='must' keep='apart'/>\n"),
	  .line = 6, .says = "<vm-vm> has no vms; add vms=" },
	{ .text = RULES("<vm-vm name='r' strength='must' vms='v1 v1' "
			"keep='together'/>\n"),
	  .line = 6, .says = "it has one VM only" },
	{ .text = RULES("<vm-vm name='r' strength='must' vms='v1 v2' "
			"keep='together' most='1'/>\n"),
	  .line = 6, .says = "most does not go with keep=\"together\"" },
	{ .text = RULES("<vm-vm name='r' strength='should' vms='v1 v2' "
			"keep='apart' most='even'/>\n"),
	  .line = 6, .says = "most=\"even\" goes with keep=\"spread\" only" },
	{ .text = RULES("<vm-vm name='r' strength='should' vms='v1 v2' "
			"keep='apart' most='0'/>\n"),
	  .line = 6, .says = "most=\"0\" is not 'even' or a number from 1" },
	{ .text = RULES("<vm-vm name='t' strength='must' vms='v1 v2' "
			"keep='together'/>\n"
			"<vm-vm name='a' strength='must' vms='v2 v1' "
			"keep='apart'/>\n"),
	  .line = 7, .says = "vm 'v1' and vm 'v2' must be together by vm-vm "
			     "rule 't' (line 6), which puts 2 of this one's "
			     "VMs where at most 1 may be" },
	{ .text = RULES("<vm-vm name='a' strength='must' vms='v1 v3' "
			"keep='apart'/>\n"
			"<vm-vm name='t' strength='must' vms='v1 v2' "
			"keep='together'/>\n"
			"<vm-vm name='u' strength='must' vms='v2 v3' "
			"keep='together'/>\n"),
	  .line = 6, .says = "vm 'v1' and vm 'v3' must be together by vm-vm "
			     "rule 'u'" },
	{ .text = RULES("<vm-vm name='a' strength='must' keep='spread' "
			"vms='v1 v3 v4'/>\n"
			"<vm-vm name='t' strength='must' vms='v1 v3' "
			"keep='together'/>\n"),
	  .line = 6, .says = "must be together by vm-vm rule 't'" },
	{ .text = RULES("<vm-host name='h' strength='must' vms='v1' "
			"run-on='h1'/>\n"
			"<vm-host name='i' strength='must' vms='v2' "
			"keep-off='h1'/>\n"
			"<vm-vm name='t' strength='must' vms='v1 v2' "
			"keep='together'/>\n"),
	  .line = 8, .says = "no host may run both vm 'v1' (h1) and vm 'v2' "
			     "(h2, h3)" },
	{ .hosts = "<host name='h1' id='1' memory='200MiB'/>",
	  .text = RULES("<vm-vm name='t' strength='must' vms='v1 v2' "
			"keep='together'/>\n"),
	  .line = 6, .says = "need 256 MiB of memory, the largest host that "
			     "they may run on has 200 MiB" },
	{ .hosts = "<host name='h1' id='1' cpus='1'/>",
	  .text = "<defaults cpu-overcommit='100%'/>\n"
		  GROUPS "<rules><vm-vm name='t' strength='must' vms='v1 v2' "
		  "keep='together'/></rules>\n",
	  .line = 6, .says = "need 2 vcpus" },
	{ .text = RULES("<vm-vm name='a' strength='must' vms='v1 v2 v3 v4' "
			"keep='apart'/>\n"),
	  .line = 6, .says = "4 of its VMs may run on h1, h2, h3 alone, and 3 "
			     "hosts with 1 each take at most 3; raise most" },
	{ .text = RULES("<vm-host name='h' strength='must' vms='v1 v2' "
			"run-on='h1'/>\n"
			"<vm-vm name='a' strength='must' vms='v1 v2 v3' "
			"keep='apart'/>\n"),
	  .line = 7, .says = "2 of its VMs may run on h1 alone, and 1 hosts" },
	{ .text = GROUPS "<host-groups>"
		  "<host-group name='r' hosts='h1 h2 h3' fault-domain='yes'/>"
		  "</host-groups><rules>\n"
		  "<vm-vm name='a' strength='must' vms='v1 v2' keep='spread' "
		  "most='1'/></rules>\n",
	  .line = 6, .says = "and 1 fault domains with 1 each take at most 1" },
	{ .text = RULES("<vm-vm name='a' strength='should' vms='v1 v2' "
			"keep='apart'/>\n"
			"<vm-vm name='b' strength='should' vms='v1 v2' "
			"keep='apart'/>\n"
			"<vm-vm name='c' strength='should' vms='v1 v2' "
			"keep='apart'/>\n"
			"<vm-vm name='d' strength='should' vms='v1 v2' "
			"keep='apart'/>\n"
			"<vm-vm name='e' strength='should' vms='v1 v2' "
			"keep='apart'/>\n"),
	  .line = 10, .says = "vm 'v1' and 1 more is in 4 other vm-vm rules "
			      "already, which is the limit" },
	/* dependencies and restarts */
	{ .text = RULES("<dependency name='d' vms='v1' after='x'/>\n"),
	  .line = 6, .says = "unknown VM or VM group 'x'" },
	{ .text = RULES("<dependency name='d' vms='g' after='v1'/>\n"),
	  .line = 6, .says = "a cycle: vm 'v1' waits (d) for 'v1'; take" },
	{ .text = RULES("<dependency name='d' vms='v1' after='v2'/>\n"
			"<dependency name='e' vms='v2' after='v3'/>\n"
			"<dependency name='f' vms='v3' after='v1'/>\n"),
	  .line = 8, .says = "a cycle: vm 'v1' waits (d) for 'v2' waits (e) for "
			     "'v3' waits (f) for 'v1'; take one of these out" },
	{ .text = RULES("<dependency name='d' vms='v1 v3' after='v2'/>\n"
			"<dependency name='e' vms='v2' after='v3'/>\n"),
	  .line = 6, .says = "a cycle: vm 'v2' waits (e) for 'v3' waits (d) for "
			     "'v2'; take one of these out" },
	{ .text = RULES("<dependency name='d' vms='v1' after='v3' "
			"ready='app-ready'/>\n"),
	  .line = 6, .says = "vm 'v3' does not say how that is seen; give it "
			     "ready-port or ready-command" },
	{ .vms = VM("v1", "1", "ready='app-ready'"),
	  .line = 3, .says = "nothing says how that is seen; add ready-port or "
			     "ready-command" },
	{ .vms = VM("v1", "1", "ready-port='65536'"),
	  .line = 3, .says = "is not 'none' or a number from 1 to 65535" },
	{ .vms = VM("v1", "1", "ready-address='a b'"),
	  .line = 3, .says = "ready-address is not a host name or an IP" },
	{ .vms = VM("v1", "1", "ready-command='a&#10;b'"),
	  .line = 3, .says = "ready-command is not one line" },
	{ .vms = VM("v1", "1", "fail-back='window'"),
	  .line = 3, .says = "fail-back is window, but there is none; add "
			     "fail-back-window=" },
	{ .vms = VM("v1", "1", "fail-back='window' "
				"fail-back-window='05:00-01:00'"),
	  .line = 3, .says = "that ends after it begins, or two of them, such "
			     "as \"22:00-24:00 00:00-05:30\" for one night" },
	{ .vms = VM("v1", "1", "fail-back-window='01:00-01:00'"),
	  .line = 3, .says = "that ends after it begins" },
	{ .vms = VM("v1", "1", "fail-back-window='01:00-24:01'"),
	  .line = 3, .says = "is not a time of day" },
	{ .vms = VM("v1", "1", "fail-back-window='01:00-02:000'"),
	  .line = 3, .says = "is not a time of day" },
	{ .vms = VM("v1", "1", "fail-back-window='01:60-03:00'"),
	  .line = 3, .says = "is not a time of day" },
	{ .vms = VM("v1", "1", "fail-back-window='01:00-02:00 03:00-04:00 "
		    "05:00-06:00'"),
	  .line = 3, .says = "is not a time of day" },
	{ .vms = VM("v1", "1", "memory-reservation='1GiB'"),
	  .line = 3, .says = "its reservation of 1024 MiB is more than the 128 "
			     "MiB that it has" },
	/* datastores and networks */
	{ .text = "<datastores>\n<datastore name='d'/></datastores>\n",
	  .line = 5, .says = "it must have one of path, pool and source" },
	{ .text = "<datastores>\n<datastore name='d' path='/a' pool='p'/>"
		  "</datastores>\n",
	  .line = 5, .says = "it must have one of path, pool and source, by "
			     "which hac knows the disks on it, and has 2" },
	{ .text = "<datastores>\n<datastore name='d' path='a/b'/>"
		  "</datastores>\n",
	  .line = 5, .says = "its path is not absolute" },
	{ .text = "<datastores>\n<datastore name='d' path='/a' hosts='x'/>"
		  "</datastores>\n",
	  .line = 5, .says = "unknown host or host group 'x'" },
	{ .text = "<datastores>\n<datastore name='d' path='/a' starts='0'/>"
		  "</datastores>\n",
	  .line = 5, .says = "starts=\"0\" is not 'unlimited' or a number from "
			     "1" },
	{ .text = "<networks>\n<network name='n' hosts='h1'/></networks>\n",
	  .line = 5, .says = "it must have at least one of bridge, network and "
			     "device" },
	{ .vms = "<vm name='v1'>"
		 DOMAIN("v1", "1", "<devices><interface type='bridge'>"
			"<mac address='52:54:00:00:00:01'/>"
			"<source bridge='br0'/></interface>"
			"<disk><source file='/a/b'/><target dev='vda'/></disk>"
			"</devices>"),
	  .text = "<networks><network name='n' bridge='br0' hosts='h1'/>"
		  "</networks><datastores>"
		  "<datastore name='d' path='/a' hosts='h2'/></datastores>\n",
	  .line = 3, .says = "no host has all of its networks and datastores" },
	{ .vms = "<vm name='v1'>"
		 DOMAIN("v1", "1", "<devices><interface type='network'>"
			"<mac address='52:54:00:00:00:01'/>"
			"<source network='n'/></interface></devices>"),
	  .text = "<networks><network name='n' network='n' hosts='h1'/>"
		  "</networks><rules><vm-host name='r' strength='must' "
		  "vms='v1' keep-off='h1'/></rules>\n",
	  .line = 3, .says = "the hosts that must rules leave it lack its "
			     "networks or datastores" },
};

static const struct ha_conf_error *first_error(const struct ha_conf_errors *e)
{
	for (size_t i = 0; i < e->count; i++) {
		if (!e->list[i].warning) {
			return &e->list[i];
		}
	}
	return NULL;
}

START_TEST(test_wrong)
{
	const struct story *s = &wrong[_i];
	struct ha_conf_errors errors = { 0 };
	const struct ha_conf_error *e;
	struct ha_buf text = { 0 };
	struct ha_config *c = NULL;

	put_cluster(s, &text);
	ck_assert_int_ne(ha_conf_parse(text.data, text.len, &errors, &c), 0);
	ck_assert_ptr_null(c);
	e = first_error(&errors);
	ck_assert_msg(e != NULL, "not refused: %s", text.data);
	ck_assert_msg(strstr(e->text, s->says) && e->line == s->line,
		      "got %u: %s: %s\nwanted %u: %s", e->line, e->object,
		      e->text, s->line, s->says);
	ck_assert_msg(errors.errors == 1, "%zu errors: %s", errors.errors,
		      text.data);
	ha_conf_errors_fini(&errors);
	ha_buf_fini(&text);
}
END_TEST

/* A rule with an unknown name is not worked out, all the others are. */
START_TEST(unknown_names_hide_no_other_error)
{
	static const struct story s = {
		.text = RULES("<vm-host name='a' strength='must' vms='v1' "
			      "run-on='x'/>\n"
			      "<vm-vm name='b' strength='must' keep='apart' "
			      "vms='v1 x'/>\n"
			      "<dependency name='c' vms='v1' after='x'/>\n"
			      "<vm-vm name='d' strength='must' keep='apart' "
			      "vms='v1'/>\n")
	};
	struct ha_conf_errors errors = { 0 };
	struct ha_buf text = { 0 };
	struct ha_config *c = NULL;

	put_cluster(&s, &text);
	ck_assert_int_ne(ha_conf_parse(text.data, text.len, &errors, &c), 0);
	ck_assert_uint_eq(errors.errors, 4);
	for (size_t i = 0; i < errors.count; i++) {
		const char *says = errors.list[i].text;

		ck_assert_msg(errors.list[i].warning || strstr(says, "'x'") ||
				      strstr(says, "one VM only"), "%s", says);
		ck_assert(!strstr(says, "nothing yet"));
	}
	ha_conf_errors_fini(&errors);
	ha_buf_fini(&text);
}
END_TEST

START_TEST(test_defaults)
{
	struct ha_config *c = parse(&(struct story){ 0 }, 0);
	const struct ha_admission_conf *a = &c->admission;
	const struct ha_vm_conf *vm = &c->vms[3];
	const struct ha_vm_placement none = { 0 };

	ck_assert_int_eq(a->policy, HA_ADMISSION_PLAN);
	ck_assert_int_eq(a->mode, HA_ADMISSION_ENFORCE);
	ck_assert_uint_eq(a->failures, 1);
	ck_assert(!a->failures_set && !a->by_hand);
	ck_assert_uint_eq(a->slot_cpu_mhz_min, 32);
	ck_assert_uint_eq(a->line, 0);
	ck_assert_uint_eq(c->starts_per_datastore, 0);
	ck_assert_int_eq(vm->restart.ready, HA_READY_PLACED);
	ck_assert_int_eq(vm->restart.ready_timeout, HA_S(600));
	ck_assert_int_eq(vm->restart.fail_back, HA_FAIL_BACK_NEVER);
	ck_assert_int_eq(vm->restart.fail_back_after, HA_S(600));
	ck_assert_uint_eq(vm->restart.start_tries, 2);
	ck_assert_uint_eq(vm->memory_reserved_kib, 0);
	ck_assert_int_eq(memcmp(&vm->placement, &none,
				offsetof(struct ha_vm_placement,
					 dependencies)), 0);
	ck_assert_uint_eq(c->hosts[0].memory_reserve_kib, 0);
	ck_assert(!c->hosts[0].failover);
	ha_conf_free(c);
}
END_TEST

/* One host alone demands nothing, although the default is one failure. */
START_TEST(test_one_host)
{
	struct ha_config *c = parse(&(struct story){
		.hosts = "<host name='h1' id='1'/>" }, 0);

	ck_assert_uint_eq(ha_admission_failures(&c->admission, 1), 0);
	ha_conf_free(c);
}
END_TEST

START_TEST(test_admission)
{
	struct ha_config *c = parse(&(struct story){
		.hosts = HOSTS "<host name='h4' id='4' failover='yes'/>",
		.text = "<admission policy='percentage' mode='off' "
			"cpu-percent='0%' memory-percent='25%'/>\n" }, 0);

	ck_assert(c->admission.by_hand);
	ck_assert_uint_eq(c->admission.cpu_percent, 0);
	ck_assert_uint_eq(c->admission.memory_percent, 25);
	ck_assert_str_eq(ha_admission_policy_name(c->admission.policy),
			 "percentage");
	ck_assert_str_eq(ha_admission_mode_name(c->admission.mode), "off");
	ck_assert(c->hosts[3].failover);
	ha_conf_free(c);
}
END_TEST

#define SET(id) ha_host_bit(id)

START_TEST(test_placement)
{
	static const struct story story = {
		.text = "<host-groups>"
			"<host-group name='a' hosts='h1 h2' "
			"fault-domain='yes'/>"
			"<host-group name='rest' hosts='h3'/></host-groups>"
			RULES("<vm-host name='m' strength='must' vms='g' "
			      "run-on='h2 a'/>"
			      "<vm-host name='s' strength='should' vms='v3' "
			      "run-on='rest h1'/>"
			      "<vm-host name='k' strength='should' "
			      "vms='g v3' keep-off='h2'/>"
			      "<vm-host name='n' strength='must' vms='v4' "
			      "keep-off='a'/>"
			      "<vm-vm name='x' strength='should' vms='v4 g' "
			      "keep='apart'/>"
			      "<vm-vm name='y' strength='must' vms='g v3' "
			      "keep='spread' most='3'/>"
			      "<dependency name='d' vms='g' after='v3 v4'/>"
			      "<dependency name='e' vms='v1' after='v2'/>"),
	};
	struct ha_config *c = parse(&story, 0);
	const struct ha_vm_placement *v1 = &c->vms[0].placement;
	const struct ha_vm_placement *v3 = &c->vms[2].placement;
	const struct ha_vm_placement *v4 = &c->vms[3].placement;

	ck_assert_uint_eq(c->hosts[0].fault_domain, 1);
	ck_assert_uint_eq(c->hosts[1].fault_domain, 1);
	ck_assert_uint_eq(c->hosts[2].fault_domain, 0);
	ck_assert(v1->forbidden == SET(3));
	ck_assert(v1->preferred[0] == SET(2) && v1->preferred[1] == SET(1));
	ck_assert(v1->avoided == SET(2));
	ck_assert_uint_eq(v1->group_count, 2);
	ck_assert_uint_eq(v1->groups[0], 0);
	ck_assert_uint_eq(v1->groups[1], 1);
	ck_assert_uint_eq(v1->dependency_count, 2);
	ck_assert_uint_eq(v1->dependencies[1], 1);
	ck_assert(v3->forbidden == 0);
	ck_assert(v3->preferred[0] == SET(3) && v3->preferred[1] == SET(1));
	ck_assert_uint_eq(v3->groups[0], 1);
	ck_assert_uint_eq(v3->dependency_count, 0);
	ck_assert(v4->forbidden == (SET(1) | SET(2)));
	ck_assert(v4->preferred[0] == 0);
	ck_assert_uint_eq(c->vm_vm_rules[0].most, 1);
	ck_assert_uint_eq(c->vm_vm_rules[0].members.count, 3);
	ck_assert_uint_eq(c->vm_vm_rules[1].most, 3);
	ck_assert_int_eq(c->dependencies[0].ready, HA_READY_STARTED);
	ck_assert_uint_eq(c->dependencies[0].awaited.vms[1], 3);
	ha_conf_free(c);
}
END_TEST

START_TEST(test_reach)
{
	static const struct story story = {
		.vms = "<vm name='v1' memory-reservation='10MiB'>"
		       DOMAIN("v1", "1", "<memtune><min_guarantee unit='MiB'>20"
			      "</min_guarantee></memtune><devices>"
			      "<interface type='direct'>"
			      "<mac address='52:54:00:00:00:01'/>"
			      "<source dev='eth1'/></interface>"
			      "<disk><source file='/a/b/c'/>"
			      "<target dev='vda'/></disk>"
			      "<disk><source pool='p' volume='v'/>"
			      "<target dev='vdb'/></disk>"
			      "<disk><source protocol='rbd' name='x/y'/>"
			      "<target dev='vdc'/></disk></devices>")
		       "<vm name='v2'>"
		       DOMAIN("v2", "2", "<devices>"
			      "<disk><source file='/a/bc'/>"
			      "<target dev='vda'/></disk></devices>"),
		.text = "<networks>"
			"<network name='other' bridge='eth1' hosts='h3'/>"
			"<network name='n' device='eth1' hosts='h1 h2'/>"
			"</networks><defaults starts-per-datastore='7'/>"
			"<datastores>"
			"<datastore name='a' path='/a' hosts='h1 h2 h3'/>"
			"<datastore name='b' path='/a/b/' hosts='h2 h3'/>"
			"<datastore name='p' pool='p' starts='unlimited'/>"
			"<datastore name='r' source='rbd:x/'/>"
			"</datastores>",
	};
	struct ha_config *c = parse(&story, 0);

	ck_assert(c->vms[0].placement.unreached == (SET(1) | SET(3)));
	ck_assert_uint_eq(c->vms[0].placement.datastores, 0xe);
	ck_assert(c->vms[1].placement.unreached == 0);
	ck_assert_uint_eq(c->vms[1].placement.datastores, 0x1);
	ck_assert_uint_eq(c->datastores[0].starts_max, 7);
	ck_assert_uint_eq(c->datastores[2].starts_max, 0);
	ck_assert_uint_eq(c->vms[0].memory_reserved_kib, 20 << 10);
	ha_conf_free(c);
}
END_TEST

/* A VM's own command goes before a port by default, its own port before a
 * command by default. */
START_TEST(test_ready)
{
	struct ha_config *c = parse(&(struct story){
		.vms = VM("v1", "1", "ready-command='/bin/a b'")
		       VM("v2", "2", ""),
		.text = "<defaults ready='app-ready' ready-port='80' "
			"ready-address='10.0.0.1' ready-command='/bin/c' "
			"fail-back-window='01:00-02:30 22:00-24:00'/>" }, 1);
	const struct ha_vm_restart *r = &c->vms[0].restart;

	ck_assert_uint_eq(r->ready_port, 0);
	ck_assert_str_eq(r->ready_command, "/bin/a b");
	ck_assert_uint_eq(c->vms[1].restart.ready_port, 80);
	ck_assert_uint_eq(r->windows[0].begin_min, 60);
	ck_assert_uint_eq(r->windows[0].end_min, 150);
	ck_assert_uint_eq(r->windows[1].end_min, 24 * 60);
	ha_conf_free(c);
}
END_TEST

/* Rules may stand before their VMs do: they only warn. */
START_TEST(test_waiting_rules)
{
	struct ha_config *c = parse(&(struct story){
		.text = RULES("<vm-vm name='a' strength='must' vms='empty' "
			      "keep='apart'/>"
			      "<vm-vm name='b' strength='must' "
			      "vms='empty v3' keep='together'/>"
			      "<vm-host name='c' strength='must' vms='empty' "
			      "keep-off='h1'/>"
			      "<dependency name='d' vms='v1' "
			      "after='empty'/>") }, 4);

	ha_conf_free(c);
}
END_TEST

START_TEST(test_diff)
{
	struct ha_config *from = parse(&(struct story){
		.text = "<admission failures='2'/><defaults ready-delay='1s'/>"
			RULES("<vm-vm name='a' strength='must' vms='v1 v2' "
			      "keep='apart'/>"
			      "<dependency name='d' vms='v1' after='v2'/>") },
		0);
	struct ha_config *to = parse(&(struct story){
		.text = "<admission mode='warn'/>"
			"<host-groups><host-group name='r' hosts='h1'/>"
			"</host-groups>"
			RULES("<vm-vm name='a' strength='should' vms='v1  g' "
			      "keep='apart' most='2'/>"
			      "<vm-host name='b' strength='must' vms='v3' "
			      "run-on='r h2'/>") }, 0);
	struct ha_buf text = { 0 };

	ck_assert_int_eq(ha_conf_diff_text(from, to, &text), 0);
	ck_assert_str_eq(text.data,
			 "defaults: ready-delay 1s -> 0s\n"
			 "admission: mode enforce -> warn\n"
			 "admission: failures 2 -> 1\n"
			 "host group r: added\n"
			 "vm-host rule b: added\n"
			 "vm-vm rule a: strength must -> should\n"
			 "vm-vm rule a: vms v1 v2 -> v1 g\n"
			 "vm-vm rule a: most 1 -> 2\n"
			 "dependency d: removed\n");
	ha_buf_fini(&text);
	ha_conf_free(from);
	ha_conf_free(to);
}
END_TEST

/* As many as there may be: told as a limit, and soon. */
START_TEST(test_limits)
{
	static const struct {
		const char *head, *item, *more, *tail, *says;
		int count;
	} many[] = {
		{ "<rules>", "<dependency vms='v1' after='v3' name='d",
		  "'/>",
		  "</rules>", "1001 rules are more than the limit of 1000",
		  1001 },
		{ "<host-groups>", "<host-group hosts='h1' name='g", "'/>",
		  "</host-groups>", "1001 host groups are more than", 1001 },
		{ "<datastores>", "<datastore path='/a' name='d", "'/>",
		  "</datastores>", "65 datastores are more than", 65 },
		{ "<networks>", "<network bridge='b' name='n", "'/>",
		  "</networks>", "257 networks are more than", 257 },
	};

	for (size_t i = 0; i < LEN(many); i++) {
		struct ha_conf_errors errors = { 0 };
		struct ha_buf text = { 0 };
		ha_buf_puts(&text, "<cluster name='c'><hosts>" HOSTS "</hosts>"
			    "<vms>" VMS "</vms>" GROUPS);
		ha_buf_puts(&text, many[i].head);
		for (int k = 0; k < many[i].count; k++) {
			ha_buf_printf(&text, "%s%d%s", many[i].item, k,
				      many[i].more);
		}
		ha_buf_printf(&text, "%s</cluster>", many[i].tail);
		ck_assert_int_ne(ha_conf_parse(text.data, text.len, &errors,
					       NULL), 0);
		ck_assert_uint_eq(errors.errors, 1);
		ck_assert_msg(strstr(errors.list[0].text, many[i].says),
			      "%s", errors.list[0].text);
		ha_conf_errors_fini(&errors);
		ha_buf_fini(&text);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("conf-rules");
	TCase *tc = tcase_create("all");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, test_wrong, 0, (int)LEN(wrong));
	tcase_add_test(tc, unknown_names_hide_no_other_error);
	tcase_add_test(tc, test_defaults);
	tcase_add_test(tc, test_one_host);
	tcase_add_test(tc, test_admission);
	tcase_add_test(tc, test_placement);
	tcase_add_test(tc, test_reach);
	tcase_add_test(tc, test_ready);
	tcase_add_test(tc, test_waiting_rules);
	tcase_add_test(tc, test_diff);
	tcase_add_test(tc, test_limits);
	suite_add_tcase(suite, tc);
	return test_main(suite);
}
