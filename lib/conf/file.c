/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * file.c - a cluster.xml as an admin keeps it: domains may lie in files of
 * their own. They are put into the text here, once, by hactl; the cluster only
 * ever sees the whole text.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"
#include "conf/build.h"
#include "conf/conf.h"
#include "conf/xml.h"

struct file_reader {
	const char *path; /* of the cluster.xml */
	xmlDoc *doc;
	struct ha_conf_errors *errors;
	bool included; /* the tree is no longer the text */
};

/* 0, -errno or HA_E_LIMIT. Only regular files: a pipe could block for ever. */
static int read_whole(const char *path, size_t max_bytes, struct ha_buf *b)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	int err = 0;

	if (fd < 0) {
		return -errno;
	}
	if (fstat(fd, &st) < 0) {
		err = -errno;
	} else if (!S_ISREG(st.st_mode)) {
		err = S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	} else if ((uint64_t)st.st_size > max_bytes) {
		err = HA_E_LIMIT;
	} else {
		err = ha_buf_read_fd(b, fd, max_bytes);
	}
	close(fd);
	return err;
}

static void tell_unreadable(struct ha_conf_errors *errors,
			    const struct ha_conf_at *at, const char *path,
			    int err, size_t max_bytes)
{
	if (err == HA_E_LIMIT) {
		ha_conf_error(errors, at,
			      "'%.200s' is larger than %zu KiB; shorten it",
			      path, max_bytes >> 10);
	} else if (err == -EINVAL) {
		ha_conf_error(errors, at,
			      "'%.200s' is not a regular file; name one", path);
	} else {
		ha_conf_error(errors, at, "'%.200s' cannot be read: %s", path,
			      ha_err_text(err));
	}
}

/* Relative paths start at the folder of the cluster.xml; malloced. */
static char *resolve_path(const char *base, const char *path)
{
	struct ha_buf b = { 0 };
	const char *slash = strrchr(base, '/');

	if (path[0] != '/' && slash) {
		ha_buf_append(&b, base, (size_t)(slash - base) + 1);
	}
	ha_buf_puts(&b, path);
	return ha_buf_steal(&b);
}

/* The tree of a domain file, all of whose errors become one of `at`. */
static xmlDoc *read_domain_doc(struct file_reader *r, const char *path,
			       const struct ha_conf_at *at)
{
	struct ha_conf_errors own = { 0 };
	struct ha_buf text = { 0 };
	xmlDoc *doc = NULL;
	int err = read_whole(path, HA_DOMAIN_BYTES_MAX, &text);

	if (err) {
		tell_unreadable(r->errors, at, path, err, HA_DOMAIN_BYTES_MAX);
		goto out;
	}
	err = ha_xml_read(text.data ? text.data : "", text.len, &own, &doc);
	if (err) {
		ha_conf_error(r->errors, at, "'%.200s' line %u: %s", path,
			      own.count > 0 ? own.list[0].line : 0,
			      own.count > 0 ? own.list[0].text
					    : ha_err_text(err));
		doc = NULL;
	} else if (!ha_xml_is(xmlDocGetRootElement(doc), "domain")) {
		ha_conf_error(r->errors, at,
			      "'%.200s' is not a libvirt domain: its root is "
			      "not <domain>", path);
		xmlFreeDoc(doc);
		doc = NULL;
	}
out:
	ha_conf_errors_fini(&own);
	ha_buf_fini(&text);
	return doc;
}

static int include_domain(struct file_reader *r, xmlNode *domain,
			  const char *vm)
{
	struct ha_conf_at at = { ha_xml_line(domain), "vm", vm };
	char *path = resolve_path(r->path, ha_xml_attr(domain, "file"));
	xmlDoc *doc;
	xmlNode *copy;

	if (!path) {
		return HA_E_NO_MEMORY;
	}
	if (domain->properties->next || domain->children) {
		ha_conf_error(r->errors, &at,
			      "<domain file=…> must be empty and have no other "
			      "attribute; the file has all of the domain");
	}
	doc = read_domain_doc(r, path, &at);
	free(path);
	if (!doc) {
		return 0;
	}
	copy = xmlDocCopyNode(xmlDocGetRootElement(doc), r->doc, 1);
	xmlFreeDoc(doc);
	if (!copy) {
		return HA_E_NO_MEMORY;
	}
	ha_xml_set_line(copy, at.line);
	xmlReplaceNode(domain, copy);
	xmlFreeNode(domain);
	r->included = true;
	return 0;
}

static int include_domains(struct file_reader *r)
{
	const xmlNode *vms = ha_xml_child(xmlDocGetRootElement(r->doc), "vms");

	for (const xmlNode *vm = ha_xml_child(vms, "vm"); vm;
	     vm = ha_xml_next(vm, "vm")) {
		xmlNode *domain = ha_xml_child(vm, "domain");
		int err;

		if (!ha_xml_attr(domain, "file")) {
			continue;
		}
		err = include_domain(r, domain, ha_xml_attr(vm, "name"));
		if (err) {
			return err;
		}
	}
	return 0;
}

static int finish_text(struct file_reader *r, struct ha_buf *ret_text)
{
	struct ha_conf_at at = { .kind = "XML" };
	int err;

	if (!r->included) {
		return 0;
	}
	ha_buf_clear(ret_text);
	err = ha_xml_dump(r->doc, ret_text);
	if (!err && ret_text->len > HA_CONFIG_BYTES_MAX) {
		ha_conf_error(r->errors, &at,
			      "with all domains the text is larger than 32 MiB; "
			      "shorten the domains or remove VMs");
		err = HA_E_LIMIT;
	}
	return err;
}

static int read_text(struct file_reader *r, struct ha_buf *ret_text,
		     struct ha_config **ret_config)
{
	struct ha_config *c;
	int err = ha_xml_read(ret_text->data ? ret_text->data : "",
			      ret_text->len, r->errors, &r->doc);

	if (err) {
		return err;
	}
	err = include_domains(r);
	if (!err) {
		err = ha_conf_from_doc(r->doc, r->errors, &c);
	}
	if (err) {
		return err;
	}
	err = finish_text(r, ret_text);
	if (err || !ret_config) {
		ha_conf_free(c);
		return err;
	}
	ha_conf_hash(ret_text->data, ret_text->len, &c->hash);
	*ret_config = c;
	return 0;
}

int ha_conf_read_file(const char *path, struct ha_conf_errors *errors,
		      struct ha_buf *ret_text, struct ha_config **ret_config)
{
	struct file_reader r = { .path = path, .errors = errors };
	struct ha_conf_at at = { .kind = "file" };
	struct ha_buf text = { 0 };
	int err;

	assert(path);
	assert(errors);
	err = read_whole(path, HA_CONFIG_BYTES_MAX, &text);
	if (err) {
		tell_unreadable(errors, &at, path, err, HA_CONFIG_BYTES_MAX);
	} else {
		err = read_text(&r, &text, ret_config);
		xmlFreeDoc(r.doc);
	}
	if (!err && ret_text) {
		ha_buf_append(ret_text, text.data, text.len);
		err = ret_text->failed ? HA_E_NO_MEMORY : 0;
		if (err && ret_config) {
			ha_conf_free(*ret_config);
			*ret_config = NULL;
		}
	}
	ha_buf_fini(&text);
	return err;
}
