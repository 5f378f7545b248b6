/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A TCP port is tried without blocking: who answers, who refuses, who says
 * nothing, and this host in another's place. */
#include "../../agents/vm/dial.h"

#include <arpa/inet.h>
#include <libvirt/libvirt.h>
#include <unistd.h>

#include "base/time.h"
#include "helper.h"

static struct {
	unsigned calls;
	bool answered;
	ha_time at;
} said;

static void note_end(void *opaque, bool answered)
{
	ck_assert_ptr_eq(opaque, &said);
	said.calls++;
	said.answered = answered;
	said.at = ha_time_now();
}

static void set_up(void)
{
	ck_assert_int_eq(virEventRegisterDefaultImpl(), 0);
}

/* A port of loopback that listens, or that does not but is nobody else's. */
static uint16_t take_port(const char *address, bool listens, int *ret_fd)
{
	union ha_address a = { .in = { .sin_family = AF_INET } };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(inet_pton(AF_INET, address, &a.in.sin_addr), 1);
	ck_assert_int_eq(bind(fd, &a.any, sizeof(a.in)), 0);
	ck_assert_int_eq(getsockname(fd, &a.any, &len), 0);
	if (listens) {
		ck_assert_int_eq(listen(fd, 0), 0);
	}
	*ret_fd = fd;
	return ntohs(a.in.sin_port);
}

static void add(struct ha_address_list *l, int family, const char *address)
{
	union ha_address *a = &l->list[l->count++];

	a->any.sa_family = (sa_family_t)family;
	ck_assert_int_eq(inet_pton(family, address, family == AF_INET
				   ? (void *)&a->in.sin_addr
				   : (void *)&a->in6.sin6_addr), 1);
}

static void run_until_said(void)
{
	while (said.calls == 0) {
		ck_assert_int_eq(virEventRunDefaultImpl(), 0);
	}
}

static bool dial(const struct ha_address_list *l, uint16_t port, bool hearsay)
{
	const struct ha_dial_to to = { l, port, hearsay };

	said.calls = 0;
	ck_assert_ptr_nonnull(ha_dial_begin(&to, note_end, &said));
	ck_assert_uint_eq(said.calls, 0);
	run_until_said();
	return said.answered;
}

START_TEST(test_answers)
{
	struct ha_address_list l = { 0 };
	int fd;
	uint16_t port = take_port("127.0.0.2", true, &fd);

	ck_assert(!dial(&l, port, false)); /* nobody to ask */
	add(&l, AF_INET, "127.0.0.3");
	ck_assert(!dial(&l, port, false)); /* who refuses */
	add(&l, AF_INET, "127.0.0.2");
	ck_assert(dial(&l, port, false)); /* beside who answers */
	close(fd);
	ck_assert(!dial(&l, port, false));
}
END_TEST

START_TEST(test_both_families)
{
	struct ha_address_list l = { 0 };
	union ha_address a = { .in6 = { .sin6_family = AF_INET6,
					.sin6_addr = IN6ADDR_LOOPBACK_INIT } };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, &a.any, sizeof(a.in6)) != 0) {
		return; /* a machine without IPv6 */
	}
	ck_assert_int_eq(listen(fd, 0), 0);
	ck_assert_int_eq(getsockname(fd, &a.any, &len), 0);
	add(&l, AF_INET6, "::1");
	ck_assert(dial(&l, ntohs(a.in6.sin6_port), false));
	ck_assert(!dial(&l, ntohs(a.in6.sin6_port), true));
	close(fd);
}
END_TEST

/* This host answers at its own address whatever guest claims that one. */
START_TEST(test_own_does_not_count)
{
	struct ha_address_list l = { 0 };
	int fd;
	uint16_t port = take_port("127.0.0.1", true, &fd);

	add(&l, AF_INET, "127.0.0.1");
	ck_assert(dial(&l, port, false));
	ck_assert(!dial(&l, port, true));
	close(fd);
}
END_TEST

/* A listener whose queue is full drops what comes: the limit is kept. */
START_TEST(test_silence)
{
	struct ha_address_list l = { 0 };
	union ha_address a = { .in = { .sin_family = AF_INET } };
	int fd, waiting[3];
	uint16_t port = take_port("127.0.0.1", true, &fd);
	ha_time begin;

	add(&l, AF_INET, "127.0.0.1");
	a = l.list[0];
	a.in.sin_port = htons(port);
	for (size_t i = 0; i < 3; i++) {
		waiting[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK |
				    SOCK_CLOEXEC, 0);
		(void)connect(waiting[i], &a.any, sizeof(a.in));
	}
	begin = ha_time_now();
	ck_assert(!dial(&l, port, false));
	ck_assert_int_ge(said.at - begin, HA_MS(HA_DIAL_LIMIT_MS - 100));
	for (size_t i = 0; i < 3; i++) {
		close(waiting[i]);
	}
	close(fd);
}
END_TEST

static void note_late(int timer, void *opaque)
{
	virEventRemoveTimeout(timer);
	*(bool *)opaque = true;
}

START_TEST(test_cancel)
{
	struct ha_address_list l = { 0 };
	int fd;
	uint16_t port = take_port("127.0.0.1", true, &fd);
	const struct ha_dial_to to = { &l, port, false };
	bool late = false;

	add(&l, AF_INET, "127.0.0.1");
	said.calls = 0;
	ha_dial_cancel(ha_dial_begin(&to, note_end, &said));
	ck_assert_int_ge(virEventAddTimeout(50, note_late, &late, NULL), 0);
	while (!late) {
		ck_assert_int_eq(virEventRunDefaultImpl(), 0);
	}
	ck_assert_uint_eq(said.calls, 0);
	close(fd);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dial");
	TCase *tc = tcase_create("dial");

	tcase_add_checked_fixture(tc, set_up, NULL);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test_answers);
	tcase_add_test(tc, test_both_families);
	tcase_add_test(tc, test_own_does_not_count);
	tcase_add_test(tc, test_silence);
	tcase_add_test(tc, test_cancel);
	suite_add_tcase(s, tc);
	return test_main(s);
}
