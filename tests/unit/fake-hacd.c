/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fake-hacd SOCKET FOLDER - hacd's side of the socket, answering from files,
 * for tests that run hactl itself. FOLDER/status.json is the status, N.xml is
 * version N of the configuration, the highest is in force, refusal why a
 * command is refused. SIGUSR1 gives an event to all who follow.
 */
#include <fcntl.h>
#include <jansson.h>
#include <qb/qbloop.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../daemons/hacd/port-ipc.h"
#include "base/err.h"
#include "base/log.h"
#include "conf/conf.h"
#include "wire/request.h"

#define FOLLOWERS_MAX 16

static struct fake {
	qb_loop_t *loop;
	struct port_ipc *ipc;
	struct { uint64_t client, request; } followers[FOLLOWERS_MAX];
	size_t follower_count;
} fake;

static bool read_text(const char *name, struct ha_buf *ret)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	bool ok = fd >= 0 && ha_buf_read_fd(ret, fd, 1u << 20) == 0;

	if (fd >= 0) {
		close(fd);
	}
	return ok;
}

static unsigned long current_version(void)
{
	unsigned long n = 0;
	char name[32];

	do {
		snprintf(name, sizeof(name), "%lu.xml", ++n);
	} while (access(name, R_OK) == 0);
	return n - 1;
}

static void answer_json(uint64_t client, uint64_t id, json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);
	const struct ha_reply r = { .id = id, .json = text ? text : "" };

	port_ipc_reply(fake.ipc, client, &r);
	free(text);
	json_decref(json);
}

static void answer_text(uint64_t client, uint64_t id, int code,
			const char *text)
{
	const struct ha_reply r = { .id = id, .code = code, .text = text };

	port_ipc_reply(fake.ipc, client, &r);
}

static void answer_config(uint64_t client, const struct ha_request *req)
{
	struct ha_buf text = { 0 }, masked = { 0 };
	uint64_t version = ha_request_number(req, "version");
	char name[64];

	version = version ? version : current_version();
	snprintf(name, sizeof(name), "%llu.xml", (unsigned long long)version);
	if (!read_text(name, &text) ||
	    ha_conf_mask(text.data, text.len, &masked) != 0) {
		answer_text(client, req->id, HA_E_NOT_FOUND,
			    "this host does not keep that version");
	} else {
		answer_json(client, req->id, json_pack("{s:I,s:s,s:s}",
			"version", (json_int_t)version, "hash", "00", "text",
			ha_request_kind(req) == HA_REQUEST_CONFIG_SHOW ?
			masked.data : text.data));
	}
	ha_buf_fini(&text);
	ha_buf_fini(&masked);
}

static void answer_history(uint64_t client, const struct ha_request *req)
{
	unsigned long last = current_version();
	json_t *list = json_array();

	for (unsigned long i = 1; i <= last; i++) {
		json_array_append_new(list, json_pack("{s:I,s:s,s:s,s:s,s:i,s:b}",
			"version", (json_int_t)i, "time",
			"2026-11-24T10:11:12Z", "hash", "0123456789abcdef",
			"host", "h1", "uid", 0,
			"current", i == last));
	}
	answer_json(client, req->id, json_pack("{s:o}", "versions", list));
}

static void answer_command(uint64_t client, const struct ha_request *req)
{
	unsigned long last = current_version();
	struct ha_buf refusal = { 0 };
	char name[32];
	FILE *f;

	if (read_text("refusal", &refusal)) {
		answer_text(client, req->id, HA_E_REFUSED, refusal.data);
	} else if (req->command.base_version != last) {
		answer_text(client, req->id, HA_E_STALE, "stale");
	} else {
		snprintf(name, sizeof(name), "%lu.xml", last + 1);
		f = fopen(name, "we");
		if (!f || fwrite(req->text, 1, req->text_len, f) !=
				  req->text_len || fclose(f) != 0) {
			_exit(4);
		}
		answer_text(client, req->id, 0, "committed");
	}
	ha_buf_fini(&refusal);
}

static void answer_events(uint64_t client, const struct ha_request *req)
{
	const struct ha_reply r = { .id = req->id, .more = true,
				    .json = "{\"events\":[]}" };
	size_t n = fake.follower_count++ % FOLLOWERS_MAX;

	fake.followers[n].client = client;
	fake.followers[n].request = req->id;
	port_ipc_reply(fake.ipc, client, &r);
}

static void on_request(uint64_t client, bool may_change,
		       const struct ha_request *req, void *arg)
{
	struct ha_buf status = { 0 };

	(void)may_change;
	(void)arg;
	switch (ha_request_kind(req)) {
	case HA_REQUEST_STATUS:
		if (read_text("status.json", &status)) {
			answer_json(client, req->id, json_loads(status.data, 0,
								NULL));
		}
		ha_buf_fini(&status);
		break;
	case HA_REQUEST_CONFIG_SHOW:
	case HA_REQUEST_CONFIG_TEXT:
		answer_config(client, req);
		break;
	case HA_REQUEST_CONFIG_HISTORY:
		answer_history(client, req);
		break;
	case HA_REQUEST_COMMAND:
		answer_command(client, req);
		break;
	case HA_REQUEST_EVENTS:
		answer_events(client, req);
		break;
	case HA_REQUEST_NONE:
	case HA_REQUEST_HOST_SHOW:
	case HA_REQUEST_VM_SHOW:
	case HA_REQUEST_EXPLAIN:
	case HA_REQUEST_PLACEMENT:
	case HA_REQUEST_ADMISSION:
	case HA_REQUEST_FENCE_HISTORY:
	case HA_REQUEST_FENCE_CHECK:
	case HA_REQUEST_DOMAIN_XML:
	case HA_REQUEST_SNAPSHOT:
	case HA_REQUEST_RECORD:
	case HA_REQUEST_COUNT:
		answer_text(client, req->id, HA_E_REFUSED, "not here");
		break;
	}
}

static void on_closed(uint64_t client, void *arg)
{
	(void)client;
	(void)arg;
}

static int32_t on_signal(int32_t sig, void *arg)
{
	size_t n = fake.follower_count < FOLLOWERS_MAX ? fake.follower_count
						       : FOLLOWERS_MAX;

	(void)sig;
	(void)arg;
	for (size_t i = 0; i < n; i++) {
		const struct ha_reply r = {
			.id = fake.followers[i].request, .more = true,
			.json = "{\"events\":[{\"text\":\"it changed\"}]}",
		};

		port_ipc_reply(fake.ipc, fake.followers[i].client, &r);
	}
	return 0;
}

int main(int argc, char **argv)
{
	const struct port_ipc_user user = { .request = on_request,
					    .closed = on_closed };
	qb_loop_signal_handle handle;

	if (argc != 3 || chdir(argv[2]) != 0) {
		return 2;
	}
	ha_log_open("fake-hacd", HA_LOG_INFO);
	signal(SIGPIPE, SIG_IGN);
	fake.loop = qb_loop_create();
	if (port_ipc_create(fake.loop, argv[1], &user, &fake.ipc) != 0) {
		return 3;
	}
	qb_loop_signal_add(fake.loop, QB_LOOP_MED, SIGUSR1, NULL, on_signal,
			   &handle);
	qb_loop_run(fake.loop);
	return 0;
}
