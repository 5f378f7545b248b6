/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "file.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "text.h"

#define MARK "<!-- hac configuration version "

void hactl_file_mark(const char *text, unsigned long long version,
		     struct ha_buf *b)
{
	const char *rest = text;

	if (strncmp(text, "<?xml", 5) == 0) {
		const char *end = strstr(text, "?>");

		rest = end != NULL ? end + 2 : text;
		rest += *rest == '\n';
	}
	ha_buf_append(b, text, (size_t)(rest - text));
	ha_buf_printf(b, MARK "%llu -->\n%s", version, rest);
	if (b->len > 0 && b->data[b->len - 1] != '\n') {
		ha_buf_puts(b, "\n");
	}
}

unsigned long long hactl_file_unmark(char *text, size_t *len)
{
	char *mark = strstr(text, MARK);
	char *end = mark != NULL ? strstr(mark, "-->") : NULL;
	unsigned long long version;

	if (end == NULL) {
		return 0;
	}
	version = strtoull(mark + strlen(MARK), NULL, 10);
	end += 3;
	end += *end == '\n';
	memmove(mark, end, *len - (size_t)(end - text) + 1);
	*len -= (size_t)(end - mark);
	return version;
}

int hactl_file_read(const struct hactl *h, const char *path,
		    struct hactl_file *ret_file)
{
	struct ha_conf_errors errors = { .list = NULL };
	struct ha_buf text = { .data = NULL };
	struct ha_config *config = NULL;
	int r = ha_conf_read_file(path, &errors, &text, &config);

	hactl_show_errors(&errors, path);
	if (r < 0) {
		r = hactl_fail(h, HACTL_FAILED, "%s is not valid, nothing was "
			       "changed: %zu error%s", path, errors.errors,
			       hactl_s(errors.errors));
	} else {
		ret_file->config = config;
		ret_file->as_sent.len = text.len;
		ret_file->as_sent.text = ha_buf_steal(&text);
		ret_file->as_sent.version =
			hactl_file_unmark(ret_file->as_sent.text,
					  &ret_file->as_sent.len);
		r = HACTL_OK;
	}
	ha_buf_fini(&text);
	ha_conf_errors_fini(&errors);
	return r;
}

void hactl_file_fini(struct hactl_file *f)
{
	ha_conf_free(f->config);
	hactl_config_fini(&f->as_sent);
	f->config = NULL;
}

int hactl_config_parse(const struct hactl *h, const struct hactl_config *c,
		       struct ha_config **ret_config)
{
	struct ha_conf_errors errors = { .list = NULL };
	int r = ha_conf_parse(c->text, c->len, &errors, ret_config);

	if (r < 0) {
		hactl_show_errors(&errors, "the configuration in force");
		r = hactl_fail(h, HACTL_FAILED, "this hactl cannot read the "
			       "configuration in force (%s); hacd and hactl "
			       "differ in version?", ha_err_text(r));
	}
	ha_conf_errors_fini(&errors);
	return r;
}
