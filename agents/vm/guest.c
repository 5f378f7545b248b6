/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guest.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <limits.h>
#include <string.h>

#define BLANKS " \t\r\n"
#define DEPTH_MAX 32 /* honest answers have 6 */

/* --- what is said --- */

/* Takes arguments. */
static char *say(const char *what, json_t *arguments)
{
	json_t *request = arguments ? json_pack("{s:s}", "execute", what) : NULL;
	char *text = NULL;

	if (request && json_object_set(request, "arguments", arguments) == 0) {
		text = json_dumps(request, JSON_COMPACT);
	}
	json_decref(arguments);
	json_decref(request);
	return text;
}

/* NULL: one of them is not UTF-8. */
static json_t *split_words(const char *text)
{
	json_t *words = json_array();

	for (const char *w = text + strspn(text, BLANKS); words && *w != '\0';
	     w += strspn(w, BLANKS)) {
		size_t len = strcspn(w, BLANKS);

		if (json_array_append_new(words, json_stringn(w, len)) != 0) {
			json_decref(words);
			return NULL;
		}
		w += len;
	}
	return words;
}

char *ha_guest_exec(const char *command)
{
	json_t *words = split_words(command);
	json_t *arguments = json_object();
	bool ok = arguments && json_array_size(words) > 0 &&
		  json_object_set(arguments, "path",
				  json_array_get(words, 0)) == 0 &&
		  json_array_remove(words, 0) == 0 &&
		  json_object_set(arguments, "arg", words) == 0;

	json_decref(words);
	if (!ok) {
		json_decref(arguments);
		return NULL;
	}
	return say("guest-exec", arguments);
}

char *ha_guest_exec_status(int64_t pid)
{
	return say("guest-exec-status", json_pack("{s:I}", "pid",
						  (json_int_t)pid));
}

/* --- what it answers --- */

/* The library's parser calls itself for each level, and the threads of workers
 * have small stacks. */
static bool is_deep(const char *text, size_t len)
{
	bool quoted = false;
	int depth = 0;

	for (size_t i = 0; i < len && depth <= DEPTH_MAX; i++) {
		if (text[i] == '"') {
			quoted = !quoted;
		} else if (quoted) {
			i += text[i] == '\\';
		} else if (text[i] == '[' || text[i] == '{') {
			depth++;
		} else if (text[i] == ']' || text[i] == '}') {
			depth--;
		}
	}
	return depth > DEPTH_MAX;
}

/* Owned by the caller; NULL: nonsense. */
static json_t *read_answer(const char *answer)
{
	size_t len = strnlen(answer, HA_GUEST_ANSWER_BYTES_MAX + 1);

	if (len > HA_GUEST_ANSWER_BYTES_MAX || is_deep(answer, len)) {
		return NULL;
	}
	return json_loadb(answer, len, JSON_REJECT_DUPLICATES, NULL);
}

bool ha_guest_read_pid(const char *answer, int64_t *ret_pid)
{
	json_t *root = read_answer(answer);
	const json_t *pid = json_object_get(json_object_get(root, "return"),
					    "pid");
	bool ok = json_is_integer(pid) && json_integer_value(pid) >= 0;

	if (ok) {
		*ret_pid = json_integer_value(pid);
	}
	json_decref(root);
	return ok;
}

enum ha_guest_end ha_guest_read_end(const char *answer, int *ret_status)
{
	json_t *root = read_answer(answer);
	const json_t *said = json_object_get(root, "return");
	const json_t *exited = json_object_get(said, "exited");
	const json_t *code = json_object_get(said, "exitcode");
	enum ha_guest_end end = HA_GUEST_NONSENSE;

	if (json_is_false(exited)) {
		end = HA_GUEST_RUNS;
	} else if (json_is_true(exited) && json_is_integer(code) &&
		   json_integer_value(code) >= INT_MIN &&
		   json_integer_value(code) <= INT_MAX) {
		*ret_status = (int)json_integer_value(code);
		end = HA_GUEST_EXITED;
	} else if (json_is_true(exited)) {
		end = HA_GUEST_KILLED;
	}
	json_decref(root);
	return end;
}

static bool is_outside4(struct in_addr a)
{
	uint32_t n = ntohl(a.s_addr);

	return n >> 24 != 0 && n >> 24 != 127 && n >> 16 != 0xa9fe &&
	       n >> 28 < 0xe;
}

static bool is_outside6(const struct in6_addr *a)
{
	return !IN6_IS_ADDR_UNSPECIFIED(a) && !IN6_IS_ADDR_LOOPBACK(a) &&
	       !IN6_IS_ADDR_LINKLOCAL(a) && !IN6_IS_ADDR_MULTICAST(a) &&
	       !IN6_IS_ADDR_V4MAPPED(a) && !IN6_IS_ADDR_V4COMPAT(a);
}

static void add_address(struct ha_address_list *l, const char *text)
{
	union ha_address a = { 0 };

	if (inet_pton(AF_INET, text, &a.in.sin_addr) == 1) {
		a.in.sin_family = AF_INET;
		if (!is_outside4(a.in.sin_addr)) {
			return;
		}
	} else if (inet_pton(AF_INET6, text, &a.in6.sin6_addr) == 1) {
		a.in6.sin6_family = AF_INET6;
		if (!is_outside6(&a.in6.sin6_addr)) {
			return;
		}
	} else {
		return; /* a name too: whom it asks is not the guest's to say */
	}
	if (l->count < HA_ADDRESSES_MAX) {
		l->list[l->count++] = a;
	}
}

bool ha_guest_read_addresses(const char *answer,
			     struct ha_address_list *ret_list)
{
	json_t *root = read_answer(answer);
	const json_t *cards = json_object_get(root, "return");
	bool ok = json_is_array(cards);
	size_t i, k;
	const json_t *card, *address;

	if (ok) {
		ret_list->count = 0;
	}
	json_array_foreach(cards, i, card) {
		const json_t *of = json_object_get(card, "ip-addresses");

		json_array_foreach(of, k, address) {
			const char *text = json_string_value(json_object_get(
				address, "ip-address"));

			if (text) {
				add_address(ret_list, text);
			}
		}
	}
	json_decref(root);
	return ok;
}
