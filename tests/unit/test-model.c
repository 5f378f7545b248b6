/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/config.h"

#include <check.h>
#include <stdlib.h>

#include "model/check.h"
#include "tests/unit/suite.h"

static const struct ha_host_conf hosts[] = {
	{ .id = 1, .name = "h1" },
	{ .id = 7, .name = "h7" },
	{ .id = 64, .name = "h64" },
};

static const struct ha_vm_conf vms[] = {
	{ .uuid = { { 1 } }, .name = "b" },
	{ .uuid = { { 2 } }, .name = "a" },
	{ .uuid = { { 2, 1 } }, .name = "c" },
};

static const struct ha_config config = {
	.name = "c", .hosts = hosts, .host_count = 3,
	.vms = vms, .vm_count = 3,
};

START_TEST(test_look_ups)
{
	const struct ha_uuid none = { { 9 } };

	for (size_t i = 0; i < 3; i++) {
		ck_assert_ptr_eq(ha_config_host(&config, hosts[i].id),
				 &hosts[i]);
		ck_assert_ptr_eq(ha_config_host_named(&config, hosts[i].name),
				 &hosts[i]);
		ck_assert_ptr_eq(ha_config_vm(&config, &vms[i].uuid), &vms[i]);
		ck_assert_ptr_eq(ha_config_vm_named(&config, vms[i].name),
				 &vms[i]);
	}
	ck_assert_ptr_null(ha_config_host(&config, 2));
	ck_assert_ptr_null(ha_config_host(&config, 65));
	ck_assert_ptr_null(ha_config_host_named(&config, "x"));
	ck_assert_ptr_null(ha_config_vm(&config, &none));
	ck_assert_ptr_null(ha_config_vm_named(&config, "x"));
	ck_assert_ptr_null(ha_config_device_named(&config, "x"));
	ck_assert(ha_config_hostset(&config) ==
		  (ha_host_bit(1) | ha_host_bit(7) | ha_host_bit(64)));
}
END_TEST

START_TEST(test_room)
{
	static const struct ha_host_size detected = { 1000, 8, 2000 };
	const struct ha_config c = { .cpu_overcommit_percent = 150,
				     .memory_overcommit_percent = 120 };
	struct ha_host_conf h = { .id = 1 };
	struct ha_host_size room = ha_config_room(&c, &h, &detected);

	ck_assert_uint_eq(room.memory_kib, 1200);
	ck_assert_uint_eq(room.cpus, 12);
	ck_assert_uint_eq(room.cpu_mhz, 16000);
	/* from an older agent, or where libvirt does not know it: a guess */
	room = ha_config_room(&c, &h, &(struct ha_host_size){ .cpus = 8 });
	ck_assert_uint_eq(room.cpu_mhz, 8000);
	h = (struct ha_host_conf){ .id = 1, .memory_kib = 2000,
				   .memory_reserve_kib = 500, .cpus = 4,
				   .cpu_reserve = 1, .cpu_mhz = 3000 };
	room = ha_config_room(&c, &h, &detected);
	ck_assert_uint_eq(room.memory_kib, 1800);
	ck_assert_uint_eq(room.cpus, 4);
	ck_assert_uint_eq(room.cpu_mhz, 9000);
	h.cpu_reserve = 5;
	h.memory_reserve_kib = 2001;
	room = ha_config_room(&c, &h, &detected);
	ck_assert_uint_eq(room.memory_kib, 0);
	ck_assert_uint_eq(room.cpus, 0);
	h = (struct ha_host_conf){ .id = 1, .memory_kib = UINT64_MAX,
				   .cpus = UINT32_MAX };
	room = ha_config_room(&c, &h, &detected);
	ck_assert_uint_eq(room.memory_kib, HA_POOL_MEMORY_KIB_MAX);
	ck_assert_uint_eq(room.cpus, UINT32_MAX);
	ck_assert_uint_eq(room.cpu_mhz, UINT32_MAX);
}
END_TEST

/* So many failures are demanded of so many usable hosts. */
START_TEST(test_failures)
{
	const struct ha_admission_conf a = { .failures = 2 };

	ck_assert_uint_eq(ha_admission_failures(&a, 0), 0);
	ck_assert_uint_eq(ha_admission_failures(&a, 1), 0);
	ck_assert_uint_eq(ha_admission_failures(&a, 2), 1);
	ck_assert_uint_eq(ha_admission_failures(&a, 3), 2);
	ck_assert_uint_eq(ha_admission_failures(&a, 64), 2);
}
END_TEST

START_TEST(test_names)
{
	static const char *const good[] = { "h1", "_", "a.b-c+d@e:f", "0" };
	static const char *const bad[] = { "",	  "-a", ".a", "a b", "a/b",
					   "a\n", "ä",	"a;b" };
	char name[HA_NAME_MAX + 2];

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		ck_assert_msg(ha_name_is_valid(good[i]), "%s", good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		ck_assert_msg(!ha_name_is_valid(bad[i]), "%s", bad[i]);
	}
	memset(name, 'a', sizeof(name));
	name[HA_NAME_MAX + 1] = '\0';
	ck_assert(!ha_name_is_valid(name));
	name[HA_NAME_MAX] = '\0';
	ck_assert(ha_name_is_valid(name));
}
END_TEST

START_TEST(test_paths)
{
	static const char *const good[] = { "/a", "/a/b.c/..d/.e" };
	static const char *const bad[] = { "", "/", "a", "./a", "/a/../b",
					   "/..", "/a/." };

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		ck_assert_msg(ha_path_is_valid(good[i]), "%s", good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		ck_assert_msg(!ha_path_is_valid(bad[i]), "%s", bad[i]);
	}
}
END_TEST

START_TEST(test_secrets)
{
	static const char *const secret[] = {
		"passwd", "password", "PassWord", "snmp-priv-passwd",
		"secret_key", "token", "community", "apikey"
	};
	static const char *const open_ones[] = {
		"ip", "username", "plug", "passwd_script", "password-script",
		"identity_file", "login_timeout", "port"
	};

	for (size_t i = 0; i < sizeof(secret) / sizeof(*secret); i++) {
		ck_assert_msg(ha_param_is_secret(secret[i]), "%s", secret[i]);
	}
	for (size_t i = 0; i < sizeof(open_ones) / sizeof(*open_ones); i++) {
		ck_assert_msg(!ha_param_is_secret(open_ones[i]), "%s",
			      open_ones[i]);
	}
}
END_TEST

/* What is kept is bounded, and errors push warnings out. */
START_TEST(test_errors)
{
	struct ha_conf_errors e = { 0 };
	struct ha_conf_at at = { .kind = "vm", .name = "v" };
	struct ha_buf out = { 0 };

	for (uint32_t i = 0; i < HA_CONF_ERRORS_MAX; i++) {
		at.line = i + 10;
		ha_conf_warning(&e, &at, "warning");
	}
	ck_assert_uint_eq(e.errors, 0);
	ck_assert_uint_eq(e.more, 0);
	at.line = 3;
	ha_conf_error(&e, &at, "error %d", 1);
	ha_conf_warning(&e, &at, "lost");
	ck_assert_uint_eq(e.errors, 1);
	ck_assert_uint_eq(e.more, 2);
	ck_assert_uint_eq(e.count, HA_CONF_ERRORS_MAX);
	ha_conf_errors_sort(&e);
	ha_conf_errors_print(&e, "f.xml", &out);
	ck_assert_ptr_eq(strstr(out.data, "f.xml:3: error: vm 'v': error 1\n"),
			 out.data);
	ck_assert_ptr_nonnull(strstr(out.data, "and 2 more\n"));
	ha_buf_fini(&out);
	ha_conf_errors_fini(&e);
}
END_TEST

/* A configuration that no text made, as the simulator's. */
START_TEST(test_check)
{
	struct ha_conf_errors e = { 0 };

	ha_config_check(&config, &e);
	ck_assert_uint_eq(e.errors, 0);
	ck_assert_uint_eq(e.count, 3); /* no fence levels */
	ha_conf_errors_fini(&e);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("model");
	TCase *t = tcase_create("model");

	tcase_add_test(t, test_look_ups);
	tcase_add_test(t, test_room);
	tcase_add_test(t, test_failures);
	tcase_add_test(t, test_names);
	tcase_add_test(t, test_paths);
	tcase_add_test(t, test_secrets);
	tcase_add_test(t, test_errors);
	tcase_add_test(t, test_check);
	suite_add_tcase(s, t);
	return test_main(s);
}
