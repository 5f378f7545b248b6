/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said to guest agents, and what they may answer: anything. */
#include "../../agents/vm/guest.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "helper.h"

static const char *const nonsense[] = {
	"", " ", "x", "0", "null", "[]", "{}", "\"return\"", "{\"return\":",
	"{\"return\":{}}", "{\"return\":null}",
	"{\"return\":7}", "{\"return\":\"pid\"}", "{\"error\":{\"class\":\"x\"}}",
	"{\"return\":{\"pid\":\"7\"}}", "{\"return\":{\"pid\":7.5}}",
	"{\"return\":{\"pid\":-1}}", "{\"return\":{\"pid\":null}}",
	"{\"return\":{\"pid\":true}}", "{\"return\":{\"pid\":[7]}}",
	"{\"return\":{\"pid\":99999999999999999999999}}",
	"{\"return\":{\"pid\":7},\"return\":{\"pid\":8}}",
	"{\"return\":{\"pid\":7}} {}", "{\"return\":{\"pid\":7}}x",
	"{\"return\":{\"exited\":1}}", "{\"return\":{\"exited\":\"true\"}}",
	"{\"return\":{\"exitcode\":0}}", "\xff\xfe", "{\"return\":{\"\xff\":1}}",
	"{\"return\":\"\\u0000\"}", "[{\"return\":{\"pid\":7}}]",
};

static void expect_end(const char *answer, enum ha_guest_end end, int status)
{
	int said = 42;

	ck_assert_int_eq(ha_guest_read_end(answer, &said), end);
	ck_assert_int_eq(said, status);
}

/* As one line of text; NULL: nonsense. */
static void expect_addresses(const char *answer, const char *expected)
{
	struct ha_address_list l = { .count = 99 };
	char text[INET6_ADDRSTRLEN];
	struct ha_buf line = { 0 };
	bool ok = ha_guest_read_addresses(answer, &l);

	ck_assert_int_eq(ok, expected != NULL);
	for (size_t i = 0; ok && i < l.count; i++) {
		const union ha_address *a = &l.list[i];

		ha_buf_printf(&line, "%s%s", i > 0 ? " " : "",
			      inet_ntop(a->any.sa_family,
					a->any.sa_family == AF_INET
					? (const void *)&a->in.sin_addr
					: (const void *)&a->in6.sin6_addr,
					text, sizeof(text)));
	}
	if (ok) {
		ck_assert_str_eq(line.data ? line.data : "", expected);
	} else {
		ck_assert_uint_eq(l.count, 99);
	}
	ha_buf_fini(&line);
}

START_TEST(test_nonsense)
{
	int64_t pid = 42;

	ck_assert(!ha_guest_read_pid(nonsense[_i], &pid));
	ck_assert_int_eq(pid, 42);
	expect_end(nonsense[_i], HA_GUEST_NONSENSE, 42);
	expect_addresses(nonsense[_i], NULL);
}
END_TEST

/* As long as it likes. */
START_TEST(test_huge)
{
	static const char right[] = "{\"return\":{\"pid\":7}}";
	size_t size = 8u << 20;
	char *text = malloc(size);
	int64_t pid = 42;

	ck_assert_ptr_nonnull(text);
	memset(text, ' ', size - 1);
	text[size - 1] = '\0';
	memcpy(text, right, sizeof(right) - 1);
	ck_assert(!ha_guest_read_pid(text, &pid));
	text[HA_GUEST_ANSWER_BYTES_MAX + 1] = '\0';
	ck_assert(!ha_guest_read_pid(text, &pid));
	text[HA_GUEST_ANSWER_BYTES_MAX] = '\0';
	ck_assert(ha_guest_read_pid(text, &pid));
	ck_assert_int_eq(pid, 7);
	free(text);
}
END_TEST

static bool read_nested(int depth, const char *name)
{
	struct ha_buf b = { 0 };
	int64_t pid = 42;
	bool ok;

	ha_buf_printf(&b, "{\"return\":{\"pid\":7,\"%s\":", name);
	for (int i = 0; i < depth; i++) {
		ha_buf_puts(&b, "[");
	}
	for (int i = 0; i < depth; i++) {
		ha_buf_puts(&b, "]");
	}
	ha_buf_puts(&b, "}}");
	ck_assert(!b.failed);
	ok = ha_guest_read_pid(b.data, &pid);
	ck_assert_int_eq(pid, ok ? 7 : 42);
	ha_buf_fini(&b);
	return ok;
}

/* As deep as it likes, and it hides that as it likes. */
START_TEST(test_deep)
{
	ck_assert(read_nested(30, "more"));
	ck_assert(!read_nested(31, "more"));
	ck_assert(!read_nested(1000, "more"));
	ck_assert(!read_nested(500000, "more"));
	ck_assert(read_nested(30, "[[[[\\\"{{{{\\\\"));
	ck_assert(!read_nested(31, "]]]]\\\"}}}}\\\\"));
}
END_TEST

START_TEST(test_answers)
{
	int64_t pid = 42;

	ck_assert(ha_guest_read_pid("{\"return\":{\"pid\":0}}", &pid));
	ck_assert_int_eq(pid, 0);
	ck_assert(ha_guest_read_pid("{\"id\":3,\"return\":{\"pid\":1711,"
				    "\"more\":[1]}}\n", &pid));
	ck_assert_int_eq(pid, 1711);
	expect_end("{\"return\":{\"exited\":false}}", HA_GUEST_RUNS, 42);
	expect_end("{\"return\":{\"exitcode\":0,\"exited\":true}}",
		   HA_GUEST_EXITED, 0);
	expect_end("{\"return\":{\"exitcode\":3,\"exited\":true}}",
		   HA_GUEST_EXITED, 3);
	expect_end("{\"return\":{\"exitcode\":4294967296,\"exited\":true}}",
		   HA_GUEST_KILLED, 42);
	expect_end("{\"return\":{\"exitcode\":\"0\",\"exited\":true}}",
		   HA_GUEST_KILLED, 42);
	expect_end("{\"return\":{\"signal\":9,\"exited\":true}}",
		   HA_GUEST_KILLED, 42);
}
END_TEST

#define CARD(addresses) \
	"{\"return\":[{\"name\":\"eth0\",\"ip-addresses\":[" addresses "]}]}"
#define IP(address) "{\"ip-address\":\"" address "\"}"

START_TEST(test_addresses)
{
	expect_addresses("{\"return\":[]}", "");
	expect_addresses("{\"return\":[7,null,[],{},{\"ip-addresses\":7}]}", "");
	expect_addresses("{\"return\":[{\"name\":\"eth0\"},"
			 "{\"ip-addresses\":[" IP("10.0.0.1") "]},"
			 "{\"ip-addresses\":[" IP("2001:db8::1") ",7,{},"
			 IP("10.0.0.2") "]}]}",
			 "10.0.0.1 2001:db8::1 10.0.0.2");
	expect_addresses(CARD("{\"ip-address\":7},{\"ip-address\":null}"), "");
	/* those of one host or link only, and groups */
	expect_addresses(CARD(IP("127.0.0.1") "," IP("127.1.2.3") ","
			      IP("0.0.0.0") "," IP("169.254.1.1") ","
			      IP("224.0.0.1") "," IP("255.255.255.255") ","
			      IP("::1") "," IP("::") "," IP("fe80::1") ","
			      IP("ff02::1") "," IP("::ffff:127.0.0.1") ","
			      IP("::127.0.0.1") "," IP("192.168.0.1")),
			 "192.168.0.1");
	/* no name, no number that only some libraries read, nothing more */
	expect_addresses(CARD(IP("localhost") "," IP("example.org") ","
			      IP("2130706433") "," IP("0x7f.1") ","
			      IP("fe80::1%eth0") "," IP("10.0.0.1 ") ","
			      IP("") "," IP("10.0.0.1/24")), "");
	expect_addresses(CARD(IP("10.0.0.1") "," IP("10.0.0.2") ","
			      IP("10.0.0.3") "," IP("10.0.0.4") ","
			      IP("10.0.0.5") "," IP("10.0.0.6") ","
			      IP("10.0.0.7") "," IP("10.0.0.8") ","
			      IP("10.0.0.9") "," IP("10.0.0.10")),
			 "10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4 10.0.0.5 "
			 "10.0.0.6 10.0.0.7 10.0.0.8");
}
END_TEST

static void expect_exec(const char *command, const char *request)
{
	char *said = ha_guest_exec(command);

	ck_assert_pstr_eq(said, request);
	free(said);
}

START_TEST(test_requests)
{
	char *said = ha_guest_exec_status(17);

	ck_assert_str_eq(said, "{\"execute\":\"guest-exec-status\","
			 "\"arguments\":{\"pid\":17}}");
	free(said);
	expect_exec("/bin/true", "{\"execute\":\"guest-exec\",\"arguments\":"
		    "{\"path\":\"/bin/true\",\"arg\":[]}}");
	expect_exec("  /bin/sh -c\t\"x\\ ", "{\"execute\":\"guest-exec\","
		    "\"arguments\":{\"path\":\"/bin/sh\","
		    "\"arg\":[\"-c\",\"\\\"x\\\\\"]}}");
	expect_exec("", NULL);
	expect_exec(" \t ", NULL);
	expect_exec("\xff", NULL); /* no text that JSON could carry */
	expect_exec("/bin/true a \xff b", NULL); /* nor with a word less */
}
END_TEST

int main(void)
{
	Suite *s = suite_create("guest");
	TCase *tc = tcase_create("guest");

	tcase_add_loop_test(tc, test_nonsense, 0,
			    (int)(sizeof(nonsense) / sizeof(nonsense[0])));
	tcase_add_test(tc, test_huge);
	tcase_add_test(tc, test_deep);
	tcase_add_test(tc, test_answers);
	tcase_add_test(tc, test_addresses);
	tcase_add_test(tc, test_requests);
	suite_add_tcase(s, tc);
	return test_main(s);
}
