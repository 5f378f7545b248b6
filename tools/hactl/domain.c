/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "domain.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <stdlib.h>
#include <unistd.h>

#include "ask.h"
#include "base/err.h"
#include "base/limits.h"
#include "js.h"

static int get_from_file(const struct hactl *h, const char *path,
			 struct hactl_domain *ret_domain)
{
	struct ha_buf b = { .data = NULL };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int r;

	if (fd < 0) {
		return hactl_fail(h, HACTL_FAILED, "%s cannot be read: %s",
				  path, strerror(errno));
	}
	r = ha_buf_read_fd(&b, fd, HA_DOMAIN_BYTES_MAX);
	(void)close(fd);
	if (r < 0 || b.len == 0) {
		ha_buf_fini(&b);
		return hactl_fail(h, HACTL_FAILED, "%s is no domain XML: %s",
				  path, r == HA_E_LIMIT ?
				  "it is larger than 256 KiB" :
				  r < 0 ? ha_err_text(r) : "it is empty");
	}
	ret_domain->len = b.len;
	ret_domain->xml = ha_buf_steal(&b);
	return HACTL_OK;
}

static int get_from_libvirt(struct hactl *h, const char *name,
			    struct hactl_domain *ret_domain)
{
	struct ha_arg arg = { .key = "name", .value = name };
	json_t *answer;
	int r = hactl_get(h, HA_REQUEST_DOMAIN_XML, &arg, &answer);

	if (r != HACTL_OK) {
		return r;
	}
	ret_domain->xml = strdup(hactl_js_str(answer, "xml"));
	ret_domain->len = ret_domain->xml != NULL ?
			  strlen(ret_domain->xml) : 0;
	ret_domain->from_libvirt = true;
	json_decref(answer);
	return ret_domain->len > 0 ? HACTL_OK :
	       hactl_fail(h, HACTL_FAILED, "libvirt gives no XML of domain "
			  "'%s'", name);
}

int hactl_domain_get(struct hactl *h, const char *source,
		     struct hactl_domain *ret_domain)
{
	if (strchr(source, '/') != NULL || access(source, F_OK) == 0) {
		return get_from_file(h, source, ret_domain);
	}
	return get_from_libvirt(h, source, ret_domain);
}

void hactl_domain_fini(struct hactl_domain *d)
{
	free(d->xml);
	memset(d, 0, sizeof(*d));
}
