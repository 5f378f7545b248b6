/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "domain.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"
#include "run.h"

enum { VIRSH_S = 30 };

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

static int get_from_libvirt(const struct hactl *h, const char *name,
			    struct hactl_domain *ret_domain)
{
	const char *const argv[] = { "virsh", "-q", "-c", "qemu:///system",
				     "dumpxml", "--inactive", "--security-info",
				     "--domain", name, NULL };
	struct ha_buf out = { .data = NULL }, err = { .data = NULL };
	int r = hactl_run(argv, VIRSH_S, &out, &err);

	hactl_one_line(&err);
	if (r == 0 && out.len > 0) {
		ret_domain->len = out.len;
		ret_domain->xml = ha_buf_steal(&out);
		ret_domain->from_libvirt = true;
		r = HACTL_OK;
	} else if (r == 127) {
		r = hactl_fail(h, HACTL_FAILED, "'virsh' is not installed "
			       "(Debian: libvirt-clients), so give the domain "
			       "XML as a file");
	} else {
		r = hactl_fail(h, HACTL_FAILED, "there is no file '%s', and "
			       "the libvirt of this host gives no domain of "
			       "that name: %s; run this on the host that has "
			       "it, or give a file with its domain XML", name,
			       err.len > 0 ? err.data : "no answer");
	}
	ha_buf_fini(&out);
	ha_buf_fini(&err);
	return r;
}

int hactl_domain_get(const struct hactl *h, const char *source,
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
