/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test-ipc - tools and hacd: lib/client against port-ipc in a process of its
 * own, which must go on whatever a client does.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "../../daemons/hacd/port-ipc.h"
#include "base/err.h"
#include "base/log.h"
#include "base/rand.h"
#include "client/client.h"
#include "helper.h"

#define TICK_NS (2u * 1000000u)
#define ASLEEP_MAX_MS 90 /* between two ticks, whatever clients do */
#define LARGE (20u << 20)

static char name[TEST_PATH_MAX];
static pid_t server;

/* ---- the server */

static struct {
	qb_loop_t *loop;
	struct port_ipc *ipc;
	unsigned closed;   /* clients, since the start */
	ha_time last_busy;
	ha_time last_tick;
	ha_dur asleep_max; /* between two ticks; 2 ms are to be expected */
} srv;

/* How long this thread has run, or waited for a processor, so far. */
static ha_dur busy_time(void)
{
	unsigned long long ran = 0, waited = 0;
	FILE *f = fopen("/proc/thread-self/schedstat", "re");

	if (!f || fscanf(f, "%llu %llu", &ran, &waited) != 2) {
		_exit(4);
	}
	fclose(f);
	return (ha_dur)((ran + waited) / 1000);
}

static void tick(void *arg)
{
	qb_loop_timer_handle timer;
	ha_time now = ha_time_now(), busy = busy_time();
	ha_dur asleep = now - srv.last_tick - (busy - srv.last_busy);

	(void)arg;
	if (srv.last_tick != 0 && asleep > srv.asleep_max) {
		srv.asleep_max = asleep;
	}
	srv.last_tick = now;
	srv.last_busy = busy;
	qb_loop_timer_add(srv.loop, QB_LOOP_HIGH, TICK_NS, NULL, tick, &timer);
}

static size_t number_arg(const struct ha_request *req, const char *key)
{
	const char *text = ha_request_arg(req, key);

	return text ? strtoul(text, NULL, 10) : 0;
}

static void reply_large(uint64_t client, const struct ha_request *req)
{
	size_t n = number_arg(req, "size");
	char *text = malloc(n + 1);
	struct ha_reply r = { .id = req->id, .json = text };

	if (text) {
		memset(text, 'j', n);
		text[n] = '\0';
		port_ipc_reply(srv.ipc, client, &r);
	}
	free(text);
}

static void handle_request(uint64_t client, bool may_change,
			   const struct ha_request *req, void *arg)
{
	char json[64];
	struct ha_reply r = { .id = req->id, .json = json };

	(void)arg;
	snprintf(json, sizeof(json), "%u", may_change);
	if (strcmp(req->name, "echo") == 0) {
		r.json = req->text;
		r.code = HA_E_STALE;
		r.text = ha_request_arg(req, "word");
	} else if (strcmp(req->name, "large") == 0) {
		reply_large(client, req);
		return;
	} else if (strcmp(req->name, "stream") == 0) {
		for (size_t n = number_arg(req, "count"); n > 0; n--) {
			snprintf(json, sizeof(json), "%zu", n);
			r.more = n > 1;
			port_ipc_reply(srv.ipc, client, &r);
		}
		return;
	} else if (strcmp(req->name, "closed") == 0) {
		snprintf(json, sizeof(json), "%u", srv.closed);
	} else if (strcmp(req->name, "asleep") == 0) {
		snprintf(json, sizeof(json), "%lld",
			 (long long)(srv.asleep_max / 1000));
	} else if (strcmp(req->name, "never") == 0) {
		return;
	} else if (strcmp(req->name, "end") == 0) {
		_exit(0);
	}
	port_ipc_reply(srv.ipc, client, &r);
}

static void count_closed(uint64_t client, void *arg)
{
	(void)client;
	(void)arg;
	srv.closed++;
}

static int run_server(void)
{
	const struct port_ipc_user user = { .request = handle_request,
					    .closed = count_closed };

	ha_log_open("server", HA_LOG_INFO);
	signal(SIGPIPE, SIG_IGN);
	srv.loop = qb_loop_create();
	if (port_ipc_create(srv.loop, name, &user, &srv.ipc) != 0) {
		return 3;
	}
	tick(NULL);
	qb_loop_run(srv.loop);
	return 0;
}

static void start_server(void)
{
	server = fork();
	if (server == 0) {
		_exit(run_server());
	}
}

/* ---- clients */

static const struct ha_client_options options = { .ipc_name = name,
						  .wait = HA_S(20) };

static void setup(void)
{
	test_folder_make();
	snprintf(name, sizeof(name), "%s/ipc", test_folder);
	start_server();
}

static struct ha_client *connect_client(void)
{
	struct ha_client *c;

	ck_assert_int_eq(ha_client_connect(&options, &c), 0);
	return c;
}

/* Asks for a number; the reply's code must be 0. */
static long ask_number(struct ha_client *c, const char *what)
{
	struct ha_request req = { .name = what };
	struct ha_reply reply;
	long n;

	ck_assert_int_eq(ha_client_call(c, &req, HA_S(20), &reply), 0);
	ck_assert_int_eq(reply.code, 0);
	n = strtol(reply.json, NULL, 10);
	ha_reply_fini(&reply);
	return n;
}

static int ask_large(struct ha_client *c, const char *size, ha_dur timeout,
		     struct ha_reply *ret_reply)
{
	const struct ha_arg arg = { "size", size };
	struct ha_request req = { .name = "large", .args = &arg,
				  .arg_count = 1 };

	return ha_client_call(c, &req, timeout, ret_reply);
}

/* The server is well, and was at every moment. */
static void teardown(void)
{
	struct ha_client *c = connect_client();

	ck_assert_int_lt(ask_number(c, "asleep"), ASLEEP_MAX_MS);
	ha_client_close(c);
	kill(server, SIGKILL);
	ck_assert_int_eq(test_wait(server), 128 + SIGKILL);
	test_folder_remove();
}

static void wait_closed(struct ha_client *c, long count)
{
	while (ask_number(c, "closed") < count) {
	}
	ck_assert_int_eq(ask_number(c, "closed"), count);
}

START_TEST(what_is_asked_is_answered)
{
	const struct ha_arg arg = { "word", "no: \xc3\xa4" };
	struct ha_request req = { .name = "echo", .args = &arg, .arg_count = 1,
				  .text = "{}", .text_len = 2 };
	struct ha_client *c = connect_client();
	struct ha_reply reply;

	for (int i = 0; i < 1000; i++) {
		ck_assert_int_eq(ha_client_call(c, &req, HA_S(20), &reply), 0);
		ck_assert_int_eq(reply.code, HA_E_STALE);
		ck_assert_str_eq(reply.text, "no: \xc3\xa4");
		ck_assert_str_eq(reply.json, "{}");
		ha_reply_fini(&reply);
	}
	ck_assert_int_eq(ask_number(c, "may-change"), 1);
	ha_client_close(c);
}
END_TEST

START_TEST(large_messages_go_both_ways)
{
	char *text = malloc(LARGE + 1);
	struct ha_request req = { .name = "echo", .text = text,
				  .text_len = LARGE };
	struct ha_client *c = connect_client();
	struct ha_reply reply;

	ck_assert_ptr_nonnull(text);
	for (size_t i = 0; i < LARGE; i++) {
		text[i] = (char)('a' + i % 23);
	}
	text[LARGE] = '\0';
	ck_assert_int_eq(ha_client_call(c, &req, HA_S(50), &reply), 0);
	ck_assert(strcmp(reply.json, text) == 0);
	ha_reply_fini(&reply);
	/* at the edges of a frame */
	for (size_t n = HA_IPC_FRAME_MAX - 60; n < HA_IPC_FRAME_MAX + 10; n++) {
		req.text_len = n;
		ck_assert_int_eq(ha_client_call(c, &req, HA_S(20), &reply), 0);
		ck_assert_uint_eq(strlen(reply.json), n);
		ha_reply_fini(&reply);
	}
	/* a reply beyond all limits is told, a request is not even sent */
	ck_assert_int_eq(ask_large(c, "50000000", HA_S(20), &reply), 0);
	ck_assert_int_eq(reply.code, HA_E_LIMIT);
	ha_reply_fini(&reply);
	ck_assert_int_eq(ask_number(c, "ping"), 1);
	ha_client_close(c);
	free(text);
}
END_TEST

static int count_down(const struct ha_reply *reply, void *arg)
{
	long *next = arg;

	if (strtol(reply->json, NULL, 10) != *next) {
		return 77;
	}
	(*next)--;
	return *next == 4000 ? 88 : 0;
}

START_TEST(a_stream_comes_whole_and_in_order)
{
	const struct ha_arg arg = { "count", "3000" };
	const struct ha_arg longer = { "count", "5000" };
	struct ha_request req = { .name = "stream", .args = &arg,
				  .arg_count = 1 };
	struct ha_client *c = connect_client();
	long next = 3000;

	ck_assert_int_eq(ha_client_stream(c, &req, HA_S(20), count_down,
					  &next), 0);
	ck_assert_int_eq(next, 0);
	/* ended by the caller: the connection is good for the next */
	req.args = &longer;
	next = 5000;
	ck_assert_int_eq(ha_client_stream(c, &req, HA_S(20), count_down,
					  &next), 88);
	ck_assert_int_eq(ask_number(c, "ping"), 1);
	ha_client_close(c);
}
END_TEST

START_TEST(no_answer_is_a_timeout_and_no_more)
{
	struct ha_request req = { .name = "never" };
	struct ha_client *c = connect_client();
	struct ha_reply reply;

	ck_assert_int_eq(ha_client_call(c, &req, HA_MS(50), &reply),
			 HA_E_TIMEOUT);
	ck_assert_int_eq(ask_number(c, "ping"), 1);
	ha_client_close(c);
}
END_TEST

START_TEST(a_server_that_ends_is_gone_and_found_again)
{
	struct ha_request req = { .name = "end" };
	struct ha_client *c = connect_client();
	const struct ha_client_options nobody = { .ipc_name = "/dev/null" };
	struct ha_reply reply;
	struct ha_client *none;

	ck_assert_int_eq(ha_client_call(c, &req, HA_S(20), &reply), HA_E_GONE);
	ck_assert_int_eq(test_wait(server), 0);
	start_server();
	ck_assert_int_eq(ask_number(c, "ping"), 1);
	ha_client_close(c);
	ck_assert_int_eq(ha_client_connect(&nobody, &none), HA_E_GONE);
}
END_TEST

START_TEST(as_many_as_the_limit_are_served_at_once)
{
	struct ha_client *all[PORT_IPC_CLIENTS_MAX], *more;
	const struct ha_client_options once = { .ipc_name = name };

	for (size_t i = 0; i < PORT_IPC_CLIENTS_MAX; i++) {
		all[i] = connect_client();
	}
	for (size_t i = 0; i < PORT_IPC_CLIENTS_MAX; i++) {
		ck_assert_int_eq(ask_number(all[i], "ping"), 1);
	}
	ck_assert_int_eq(ha_client_connect(&once, &more), HA_E_BUSY);
	ha_client_close(all[7]);
	wait_closed(all[0], 1);
	all[7] = connect_client();
	ck_assert_int_eq(ask_number(all[7], "ping"), 1);
	for (size_t i = 0; i < PORT_IPC_CLIENTS_MAX; i++) {
		ha_client_close(all[i]);
	}
}
END_TEST

/* A client in a process of its own asks for large replies until it is killed. */
static pid_t start_greedy_client(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct ha_client *c;
		struct ha_reply reply;

		if (ha_client_connect(&options, &c) != 0) {
			_exit(1);
		}
		while (ask_large(c, "20000000", HA_S(20), &reply) == 0) {
			ha_reply_fini(&reply);
		}
		_exit(2);
	}
	return pid;
}

START_TEST(clients_that_die_in_the_middle_leave_nothing)
{
	struct ha_client *c = connect_client();
	struct ha_rand rand = { .state = 5 };

	for (int i = 1; i <= 20; i++) {
		pid_t pid = start_greedy_client();

		for (uint64_t n = ha_rand_below(&rand, 200); n > 0; n--) {
			ck_assert_int_eq(ask_number(c, "ping"), 1);
		}
		kill(pid, SIGKILL);
		ck_assert_int_eq(test_wait(pid), 128 + SIGKILL);
	}
	/* some may have died before they were connected */
	while (ask_number(c, "closed") < 1) {
	}
	ck_assert_int_eq(ask_number(c, "ping"), 1);
	ha_client_close(c);
}
END_TEST

START_TEST(one_that_reads_nothing_does_not_hold_up_others)
{
	struct ha_client *c = connect_client(), *slow = connect_client();
	struct ha_reply reply;

	/* each leaves 20 MB on the way; beyond a limit it is thrown out */
	for (int i = 0; i < 3; i++) {
		struct ha_client *lazy = connect_client();

		ck_assert_int_eq(ask_large(lazy, "20000000", 1, &reply),
				 HA_E_TIMEOUT);
		ck_assert_int_eq(ask_number(c, "ping"), 1);
		ha_client_close(lazy);
	}
	ck_assert_int_eq(ask_large(slow, "20000000", HA_S(50), &reply), 0);
	ck_assert_uint_eq(strlen(reply.json), 20000000);
	ha_reply_fini(&reply);
	ha_client_close(slow);
	ha_client_close(c);
}
END_TEST

/* A socket that is connected, no more. */
static int connect_raw(void)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	ck_assert_int_ge(fd, 0);
	ck_assert_uint_lt(strlen(name), sizeof(addr.sun_path));
	memcpy(addr.sun_path, name, strlen(name));
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&addr, sizeof(addr)),
			 0);
	return fd;
}

struct garbage {
	uint32_t total, offset;
	size_t len; /* of what is sent */
};

START_TEST(garbage_closes_its_own_connection)
{
	static const struct garbage list[] = {
		{ 0, 0, 3 },               /* half a head */
		{ 20, 5, 28 },             /* no beginning */
		{ 5, 0, 28 },              /* more than it says */
		{ 0xffffffff, 0, 28 },     /* beyond the limit */
		{ 20, 0xffffffff, 28 },
		{ 20, 0, 28 },             /* no request */
		{ 20, 0, 8 },              /* nothing in it */
		{ 99992, 0, 100000 },      /* larger than a frame */
	};
	static char data[100000];
	struct ha_client *c = connect_client();

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		const struct garbage *g = &list[i];
		const struct ha_ipc_frame h = { g->total, g->offset };
		int fd = connect_raw();

		memset(data, 0xee, sizeof(data));
		memcpy(data, &h, sizeof(h));
		ck_assert_int_eq(send(fd, data, g->len, 0), (ssize_t)g->len);
		ck_assert_int_eq(ask_number(c, "ping"), 1);
		wait_closed(c, (long)i + 1);
		/* the greeting, then the end */
		ck_assert_int_eq(recv(fd, data, sizeof(data), 0),
				 sizeof(struct ha_ipc_frame));
		ck_assert_int_le(recv(fd, data, sizeof(data), 0), 0);
		close(fd);
	}
	ha_client_close(c);
}
END_TEST

START_TEST(noise_does_no_harm)
{
	struct ha_client *c = connect_client();
	struct ha_rand rand = { .state = 11 };
	int fds[32];

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		uint64_t words[64];

		fds[i] = connect_raw();
		for (size_t j = 0; j < 64; j++) {
			words[j] = ha_rand_u64(&rand);
		}
		for (uint64_t n = ha_rand_below(&rand, 4); n > 0; n--) {
			/* it may be closed already */
			(void)send(fds[i], words, ha_rand_below(&rand, 512),
				   MSG_NOSIGNAL);
		}
		ck_assert_int_eq(ask_number(c, "ping"), 1);
		if (i % 2 == 0) {
			close(fds[i]); /* the others stay until the end */
		}
	}
	ha_client_close(c);
}
END_TEST

START_TEST(a_second_server_is_refused)
{
	const struct port_ipc_user user = { .request = handle_request,
					    .closed = count_closed };
	struct ha_client *c = connect_client();
	qb_loop_t *loop = qb_loop_create();
	struct port_ipc *ipc;

	ck_assert_int_eq(port_ipc_create(loop, name, &user, &ipc),
			 HA_E_EXISTS);
	ck_assert_int_eq(ask_number(c, "ping"), 1);
	qb_loop_destroy(loop);
	ha_client_close(c);
}
END_TEST

START_TEST(strangers_are_refused)
{
	struct ha_client *c;
	pid_t pid;

	if (geteuid() != 0) {
		return; /* only root can be another one */
	}
	ck_assert_int_eq(chmod(test_folder, 0755), 0);
	pid = fork();
	if (pid == 0) {
		_exit(setgid(65534) == 0 && setuid(65534) == 0 &&
		      ha_client_connect(&options, &c) == HA_E_PERMISSION ?
		      0 : 1);
	}
	ck_assert_int_eq(test_wait(pid), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ipc");
	TCase *t = tcase_create("ipc");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 120);
	tcase_add_test(t, what_is_asked_is_answered);
	tcase_add_test(t, large_messages_go_both_ways);
	tcase_add_test(t, a_stream_comes_whole_and_in_order);
	tcase_add_test(t, no_answer_is_a_timeout_and_no_more);
	tcase_add_test(t, a_server_that_ends_is_gone_and_found_again);
	tcase_add_test(t, as_many_as_the_limit_are_served_at_once);
	tcase_add_test(t, clients_that_die_in_the_middle_leave_nothing);
	tcase_add_test(t, one_that_reads_nothing_does_not_hold_up_others);
	tcase_add_test(t, garbage_closes_its_own_connection);
	tcase_add_test(t, noise_does_no_harm);
	tcase_add_test(t, a_second_server_is_refused);
	tcase_add_test(t, strangers_are_refused);
	suite_add_tcase(s, t);
	return test_main(s);
}
