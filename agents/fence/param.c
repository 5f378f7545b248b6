/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "param.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"

static bool is_name(const char *s)
{
	if (*s == '\0') {
		return false;
	}
	for (; *s; s++) {
		if (!isalnum((unsigned char)*s) && *s != '_' && *s != '-') {
			return false;
		}
	}
	return true;
}

/* A control character would end the line and begin another parameter. */
static bool is_value(const char *s)
{
	for (; *s; s++) {
		if ((unsigned char)*s < ' ' || *s == 127) {
			return false;
		}
	}
	return true;
}

static int complain(const struct ha_am_step *step, const struct ha_param *p,
		    const char *why, char text[HA_FENCE_TEXT])
{
	snprintf(text, HA_FENCE_TEXT, "device '%.63s', parameter '%.63s'%s%.80s%s: %s",
		 step->device, p->name, p->file ? ", file '" : "",
		 p->file ? p->file : "", p->file ? "'" : "", why);
	return HA_E_FAILED;
}

static const char *check_file(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		return "it is no regular file";
	}
	if (st.st_mode & 0777 & ~0640u) {
		return "others may read or change it; chmod it to 0600 or 0640";
	}
	if (st.st_uid != 0 && st.st_uid != geteuid()) {
		return "it does not belong to root; chown it";
	}
	return NULL;
}

/* The first line of the file, without its end. */
static int read_secret(const struct ha_am_step *step, const struct ha_param *p,
		       struct ha_param_lines *lines, char value[HA_PARAM_MAX + 2])
{
	int fd = open(p->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	const char *fault;
	ssize_t n = -1;

	if (fd < 0) {
		return complain(step, p, errno == ENOENT
				? "it does not exist on this host; put the "
				  "secret there, mode 0600"
				: strerrordesc_np(errno), lines->text);
	}
	fault = check_file(fd);
	if (!fault) {
		n = read(fd, value, HA_PARAM_MAX + 1);
		fault = n < 0 ? "it cannot be read" : NULL;
	}
	close(fd);
	if (fault) {
		return complain(step, p, fault, lines->text);
	}
	value[n] = '\0';
	value[strcspn(value, "\r\n")] = '\0';
	if (value[0] == '\0') {
		return complain(step, p, "its first line is empty", lines->text);
	}
	if (strlen(value) > HA_PARAM_MAX) {
		return complain(step, p, "its first line is too long", lines->text);
	}
	ha_buf_append(&lines->secrets, value, strlen(value) + 1);
	return 0;
}

static int render_param(const struct ha_am_step *step, const struct ha_param *p,
			struct ha_param_lines *lines)
{
	char value[HA_PARAM_MAX + 2] = "";
	int rc = 0;

	if (!is_name(p->name)) {
		return complain(step, p, "this is no name of a parameter",
				lines->text);
	}
	if (strcmp(p->name, "action") == 0) {
		return complain(step, p, "hac says what is to be done; remove it",
				lines->text);
	}
	if (p->file && p->file[0]) {
		rc = read_secret(step, p, lines, value);
	} else {
		snprintf(value, sizeof(value), "%s", p->value ? p->value : "");
		if (strstr(p->name, "passw")) {
			ha_buf_append(&lines->secrets, value, strlen(value) + 1);
		}
	}
	if (rc == 0 && !is_value(value)) {
		rc = complain(step, p, "its value has control characters",
			      lines->text);
	}
	if (rc == 0) {
		ha_buf_printf(&lines->input, "%s=%s\n", p->name, value);
	}
	explicit_bzero(value, sizeof(value));
	return rc;
}

int ha_param_render(const struct ha_am_step *step, const char *action,
		    struct ha_param_lines *ret_lines)
{
	*ret_lines = (struct ha_param_lines){ .text = "" };
	for (size_t i = 0; i < step->param_count; i++) {
		int rc = render_param(step, &step->params[i], ret_lines);

		if (rc < 0) {
			return rc;
		}
	}
	ha_buf_printf(&ret_lines->input, "action=%s\n", action);
	if (ret_lines->input.failed || ret_lines->secrets.failed) {
		snprintf(ret_lines->text, HA_FENCE_TEXT, "out of memory");
		return HA_E_NO_MEMORY;
	}
	return 0;
}

void ha_param_wipe(struct ha_buf *b)
{
	if (b->data) {
		explicit_bzero(b->data, b->size);
	}
	ha_buf_fini(b);
}

void ha_param_mask(const struct ha_buf *secrets, char *text)
{
	const char *s = secrets->data;
	const char *end = s ? s + secrets->len : NULL;

	for (; s < end; s += strlen(s) + 1) {
		size_t len = strlen(s);
		char *at = text;

		while (len > 0 && (at = strstr(at, s))) {
			memset(at, '*', len);
			at += len;
		}
	}
}
