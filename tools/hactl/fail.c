/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>

#include "ask.h"
#include "hactl.h"

static const char *code_word(int code)
{
	switch ((enum hactl_exit)code) {
	case HACTL_OK:
		return "ok";
	case HACTL_FAILED:
		return "failed";
	case HACTL_USAGE:
		return "usage";
	case HACTL_UNREACHABLE:
		return "unreachable";
	}
	return "failed";
}

int hactl_fail(const struct hactl *h, int code, const char *fmt, ...)
{
	struct ha_buf text = { .data = NULL };
	va_list ap;

	va_start(ap, fmt);
	ha_buf_vprintf(&text, fmt, ap);
	va_end(ap);
	if (h->json) {
		json_t *json = json_pack("{s:b,s:s,s:s}", "ok", 0, "error",
					 code_word(code), "text",
					 text.data != NULL ? text.data : "");

		hactl_print_json(json);
		json_decref(json);
	}
	(void)fprintf(stderr, "%s: %s\n", program_invocation_short_name,
		      text.data != NULL ? text.data : "out of memory");
	ha_buf_fini(&text);
	return code;
}

int hactl_flush(struct ha_buf *b)
{
	int code = b->failed ? HACTL_FAILED : HACTL_OK;

	if (b->failed) {
		(void)fprintf(stderr, "hactl: out of memory\n");
	} else if (b->len > 0) {
		(void)fwrite(b->data, 1, b->len, stdout);
	}
	ha_buf_fini(b);
	return code;
}
