/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/domain.h"

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/uuid.h"
#include "conf/field.h"

#define TEXT_BYTES 512 /* of one small value */

static struct ha_conf_at at_node(const struct ha_domain_reader *r, const xmlNode *n)
{
	return (struct ha_conf_at){ .line = ha_xml_line(n), .kind = "vm",
				    .name = r->vm->name };
}

static const char *keep_text(struct ha_domain_reader *r, const char *text)
{
	return ha_arena_text(r->arena, text, strlen(text));
}

/* libvirt's units: bytes, decimal (KB) and binary (K, KiB) ones. */
static uint64_t unit_bytes(const char *unit)
{
	static const struct {
		const char *name;
		uint64_t bytes;
	} units[] = {
		{ "b", 1 },
		{ "bytes", 1 },
		{ "KB", 1000 },
		{ "k", 1024 },
		{ "K", 1024 },
		{ "KiB", 1024 },
		{ "MB", 1000000 },
		{ "M", 1 << 20 },
		{ "MiB", 1 << 20 },
		{ "GB", 1000000000 },
		{ "G", 1 << 30 },
		{ "GiB", 1 << 30 },
		{ "TB", 1000000000000 },
		{ "T", (uint64_t)1 << 40 },
		{ "TiB", (uint64_t)1 << 40 },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(units[i].name, unit) == 0) {
			return units[i].bytes;
		}
	}
	return 0;
}

static bool parse_count(const char *text, uint64_t max, uint64_t *ret_n)
{
	uint64_t n = 0;

	if (*text == '\0') {
		return false;
	}
	for (; *text; text++) {
		if (*text < '0' || *text > '9' || n > (max - 9) / 10) {
			return false;
		}
		n = n * 10 + (uint64_t)(*text - '0');
	}
	*ret_n = n;
	return true;
}

/* False if it is there and makes no sense; 0 if it is not there. */
static bool read_memory(struct ha_domain_reader *r, const xmlNode *parent,
			const char *name, uint64_t *ret_kib)
{
	const xmlNode *n = ha_xml_child(parent, name);
	struct ha_conf_at at = at_node(r, n);
	char buf[TEXT_BYTES];
	const char *unit;
	uint64_t count, bytes;

	*ret_kib = 0;
	if (!n) {
		return true;
	}
	unit = ha_xml_attr(n, "unit");
	if (unit_bytes(unit ? unit : "KiB") == 0) {
		ha_conf_error(r->errors, &at,
			      "unknown unit '%s' of the domain's <%s>; use "
			      "KiB, MiB or GiB", unit, name);
		return false;
	}
	if (!parse_count(ha_xml_text(n, buf, sizeof(buf)), UINT64_MAX / 2,
			 &count) ||
	    count == 0 ||
	    __builtin_mul_overflow(count, unit_bytes(unit ? unit : "KiB"),
				   &bytes) ||
	    bytes > (uint64_t)1 << 60) {
		ha_conf_error(r->errors, &at,
			      "<%s> of the domain is not a sensible amount; "
			      "write <%s unit='MiB'>1024</%s>", name, name,
			      name);
		return false;
	}
	*ret_kib = (bytes + 1023) / 1024;
	return true;
}

static void read_memories(struct ha_domain_reader *r)
{
	struct ha_conf_at at = at_node(r, r->domain);
	uint64_t kib, current, guaranteed;
	bool ok = read_memory(r, r->domain, "memory", &kib);

	if (ok && kib == 0) {
		ha_conf_error(r->errors, &at, "the domain has no <memory>; add "
			      "<memory unit='MiB'>1024</memory>");
		return;
	}
	if (read_memory(r, r->domain, "currentMemory", &current) && ok &&
	    current > kib) {
		ha_conf_error(r->errors, &at,
			      "the domain's <currentMemory> is larger than its "
			      "<memory>; lower it");
	}
	r->vm->memory_kib = kib + r->vm->memory_overhead_kib;
	r->vm->memory_reserved_kib = r->vm->memory_reservation_kib;
	if (read_memory(r, ha_xml_child(r->domain, "memtune"),
			"min_guarantee", &guaranteed) &&
	    guaranteed > r->vm->memory_reserved_kib) {
		r->vm->memory_reserved_kib = guaranteed;
	}
}

static void read_vcpus(struct ha_domain_reader *r)
{
	const xmlNode *n = ha_xml_child(r->domain, "vcpu");
	struct ha_conf_at at = at_node(r, n);
	char buf[TEXT_BYTES];
	const char *current = ha_xml_attr(n, "current");
	uint64_t max = 1, now;

	if (n && (!parse_count(ha_xml_text(n, buf, sizeof(buf)), 4096, &max) ||
		  max == 0)) {
		ha_conf_error(r->errors, &at,
			      "<vcpu> of the domain is not a number from 1 to "
			      "4096; write <vcpu>2</vcpu>");
		max = 1;
	}
	now = max;
	if (current && (!parse_count(current, 4096, &now) || now == 0 ||
			now > max)) {
		ha_conf_error(r->errors, &at,
			      "current='%s' of the domain's <vcpu> is not a "
			      "number from 1 to %" PRIu64, current, max);
		now = max;
	}
	r->vm->vcpus = (uint32_t)now;
}

static void check_name(struct ha_domain_reader *r)
{
	char buf[TEXT_BYTES];
	const xmlNode *n = ha_xml_child(r->domain, "name");
	const char *name = n ? ha_xml_text(n, buf, sizeof(buf)) : NULL;
	struct ha_conf_at at = at_node(r, n ? n : r->domain);

	if (!name || !*name) {
		ha_conf_error(r->errors, &at,
			      "the domain has no <name>; add <name>%s</name>",
			      r->vm->name ? r->vm->name : "…");
	} else if (r->vm->name && strcmp(name, r->vm->name) != 0) {
		ha_conf_error(r->errors, &at,
			      "the domain's name is '%.64s'; the VM and its "
			      "domain must have one name: change one of them",
			      name);
	}
}

static void add_uuid(struct ha_domain_reader *r)
{
	xmlNode *name = ha_xml_child(r->domain, "name");
	char text[37];
	xmlNode *n;

	ha_uuid_print(&r->vm->uuid, text);
	n = xmlNewDocNode(r->domain->doc, NULL, BAD_CAST "uuid",
			  BAD_CAST text);
	if (!n) {
		r->arena->failed = true;
		return;
	}
	if (name) {
		xmlAddNextSibling(name, n);
	} else {
		xmlAddChild(r->domain, n);
	}
}

static void check_uuid(struct ha_domain_reader *r, bool has_uuid)
{
	char buf[TEXT_BYTES];
	const xmlNode *n = ha_xml_child(r->domain, "uuid");
	const char *text = n ? ha_xml_text(n, buf, sizeof(buf)) : NULL;
	struct ha_conf_at at = at_node(r, n ? n : r->domain);
	struct ha_uuid uuid;

	if (!text && !has_uuid) {
		ha_conf_error(r->errors, &at,
			      "neither the VM nor its domain has a UUID; put "
			      "<uuid>…</uuid> in the domain ('uuidgen' makes "
			      "one)");
	} else if (!text) {
		add_uuid(r);
	} else if (!ha_uuid_parse(text, &uuid)) {
		ha_conf_error(r->errors, &at,
			      "the domain's UUID '%.64s' is not a UUID; 'uuidgen' "
			      "makes one", text);
	} else if (has_uuid && ha_uuid_cmp(&uuid, &r->vm->uuid) != 0) {
		ha_conf_error(r->errors, &at,
			      "the domain's UUID is not that of the VM; remove "
			      "the VM's uuid attribute or correct one of them");
	} else {
		r->vm->uuid = uuid;
	}
}

/* "/a//b/./c" is "/a/b/c": two spellings of one disk must not hide it. */
static const char *keep_path(struct ha_domain_reader *r, const char *path)
{
	char *copy = ha_arena_text(r->arena, path, strlen(path));
	size_t n = 0;

	for (size_t i = 0; copy && copy[i]; i++) {
		if (copy[i] == '/' && n > 0 && copy[n - 1] == '/') {
			continue;
		}
		if (copy[i] == '.' && n > 0 && copy[n - 1] == '/' &&
		    copy[i + 1] == '/') {
			i++;
			continue;
		}
		copy[n++] = copy[i];
	}
	if (copy) {
		copy[n] = '\0';
	}
	return copy;
}

/* A network disk: what is named, and by whom it is served. */
static const char *keep_network_source(struct ha_domain_reader *r, const xmlNode *src)
{
	struct ha_buf b = { 0 };
	const char *protocol = ha_xml_attr(src, "protocol");
	const char *name = ha_xml_attr(src, "name");
	const char *text;

	ha_buf_printf(&b, "%s:%s", protocol ? protocol : "?",
		      name ? name : "");
	for (const xmlNode *h = ha_xml_child(src, "host"); h;
	     h = ha_xml_next(h, "host")) {
		const char *host = ha_xml_attr(h, "name");
		const char *port = ha_xml_attr(h, "port");
		const char *path = ha_xml_attr(h, "socket");

		ha_buf_printf(&b, "@%s", host ? host : path ? path : "?");
		if (port) {
			ha_buf_printf(&b, ":%s", port);
		}
	}
	if (b.failed) {
		r->arena->failed = true;
	}
	text = b.data ? keep_text(r, b.data) : NULL;
	ha_buf_fini(&b);
	return text;
}

static void read_source(struct ha_domain_reader *r, const xmlNode *disk,
			struct ha_disk *d)
{
	static const char *const path_attrs[] = { "file", "dev", "dir" };
	const xmlNode *src = ha_xml_child(disk, "source");
	const char *pool = ha_xml_attr(src, "pool");
	const char *volume = ha_xml_attr(src, "volume");

	for (size_t i = 0; i < 3; i++) {
		const char *path = ha_xml_attr(src, path_attrs[i]);

		if (path && *path) {
			d->source = keep_path(r, path);
			d->is_path = true;
			return;
		}
	}
	if (ha_xml_attr(src, "protocol")) {
		d->source = keep_network_source(r, src);
	} else if (pool && volume) {
		struct ha_buf b = { 0 };

		ha_buf_printf(&b, "%s/%s", pool, volume);
		d->source = b.data ? keep_text(r, b.data) : NULL;
		r->arena->failed |= b.failed;
		ha_buf_fini(&b);
	}
}

static void read_disk(struct ha_domain_reader *r, const xmlNode *n, struct ha_disk *d)
{
	const char *device = ha_xml_attr(n, "device");
	const char *target = ha_xml_attr(ha_xml_child(n, "target"), "dev");

	d->line = ha_xml_line(n);
	d->target = keep_text(r, target ? target : "?");
	d->read_only = ha_xml_child(n, "readonly") ||
		       (device && strcmp(device, "cdrom") == 0);
	d->shareable = ha_xml_child(n, "shareable") != NULL;
	read_source(r, n, d);
}

/* The firmware's variables are written too: they count as a disk. */
static const xmlNode *find_nvram(const struct ha_domain_reader *r, char *buf,
				 size_t size, const char **ret_path)
{
	const xmlNode *os = ha_xml_child(r->domain, "os");
	const xmlNode *n = ha_xml_child(os, "nvram");
	const xmlNode *src = ha_xml_child(n, "source");

	if (!n) {
		return NULL;
	}
	*ret_path = src ? ha_xml_attr(src, "file")
			: ha_xml_text(n, buf, size);
	return *ret_path && **ret_path ? n : NULL;
}

static void read_disks(struct ha_domain_reader *r)
{
	const xmlNode *devices = ha_xml_child(r->domain, "devices");
	size_t max = ha_xml_count(devices, "disk") + 1;
	struct ha_disk *disks = ha_arena_alloc(r->arena, max, sizeof(*disks));
	char buf[TEXT_BYTES];
	const char *path;
	const xmlNode *nvram;
	size_t count = 0;

	if (!disks) {
		return;
	}
	for (const xmlNode *n = ha_xml_child(devices, "disk"); n;
	     n = ha_xml_next(n, "disk")) {
		read_disk(r, n, &disks[count]);
		if (disks[count].source) {
			count++;
		} else {
			memset(&disks[count], 0, sizeof(disks[count]));
		}
	}
	nvram = find_nvram(r, buf, sizeof(buf), &path);
	if (nvram) {
		disks[count++] = (struct ha_disk){
			.source = keep_path(r, path),
			.target = "nvram",
			.is_path = true,
			.line = ha_xml_line(nvram),
		};
	}
	r->vm->disks = disks;
	r->vm->disk_count = count;
}

/* By which name the host's network is meant. */
static void read_nic_source(struct ha_domain_reader *r, const xmlNode *n,
			    struct ha_nic *nic)
{
	static const struct {
		const char *attr;
		enum ha_nic_kind kind;
	} sources[] = { { "bridge", HA_NIC_BRIDGE },
			{ "network", HA_NIC_NETWORK },
			{ "dev", HA_NIC_DEVICE } };
	const xmlNode *src = ha_xml_child(n, "source");

	for (size_t i = 0; i < sizeof(sources) / sizeof(*sources); i++) {
		const char *name = ha_xml_attr(src, sources[i].attr);

		if (name && *name) {
			nic->kind = sources[i].kind;
			nic->source = keep_text(r, name);
			return;
		}
	}
}

static void read_nics(struct ha_domain_reader *r)
{
	const xmlNode *devices = ha_xml_child(r->domain, "devices");
	size_t max = ha_xml_count(devices, "interface");
	struct ha_nic *nics = ha_arena_alloc(r->arena, max, sizeof(*nics));
	size_t count = 0;

	if (!nics) {
		return;
	}
	for (const xmlNode *n = ha_xml_child(devices, "interface"); n;
	     n = ha_xml_next(n, "interface")) {
		const char *mac = ha_xml_attr(ha_xml_child(n, "mac"),
					      "address");
		char *copy = mac ? ha_arena_text(r->arena, mac, strlen(mac))
				 : NULL;

		for (char *p = copy; p && *p; p++) {
			*p = (char)tolower((unsigned char)*p);
		}
		nics[count] = (struct ha_nic){ .mac = copy,
					       .line = ha_xml_line(n) };
		read_nic_source(r, n, &nics[count++]);
	}
	r->vm->nics = nics;
	r->vm->nic_count = count;
}

static bool has_guest_agent(const xmlNode *domain)
{
	const xmlNode *devices = ha_xml_child(domain, "devices");

	for (const xmlNode *n = ha_xml_child(devices, "channel"); n;
	     n = ha_xml_next(n, "channel")) {
		const char *name = ha_xml_attr(ha_xml_child(n, "target"),
					       "name");

		if (name && strcmp(name, "org.qemu.guest_agent.0") == 0) {
			return true;
		}
	}
	return false;
}

/* "***" is what stands for a secret in a text that was made for showing. */
static bool has_masked_secret(const xmlNode *n)
{
	for (const xmlAttr *a = n->properties; a; a = a->next) {
		if (strcmp(ha_xml_attr_value(a), "***") == 0) {
			return true;
		}
	}
	for (const xmlNode *c = ha_xml_child(n, NULL); c;
	     c = ha_xml_next(c, NULL)) {
		if (has_masked_secret(c)) {
			return true;
		}
	}
	return false;
}

static void keep_domain_text(struct ha_domain_reader *r)
{
	struct ha_conf_at at = at_node(r, r->domain);
	const struct ha_buf *text = &r->dumper.text;

	if (ha_xml_dump_node(&r->dumper, r->domain)) {
		r->arena->failed = true;
	} else if (text->len > HA_DOMAIN_BYTES_MAX) {
		ha_conf_error(r->errors, &at,
			      "the domain XML is larger than 256 KiB; shorten "
			      "it");
	} else {
		r->vm->domain_xml = ha_arena_text(r->arena, text->data,
						  text->len);
	}
}

void ha_domain_read(struct ha_domain_reader *r, xmlNode *domain,
		    struct ha_vm_conf *vm, bool has_uuid)
{
	struct ha_conf_at at;

	assert(ha_xml_is(domain, "domain"));
	r->vm = vm;
	r->domain = domain;
	at = at_node(r, domain);
	if (!ha_xml_attr(domain, "type")) {
		ha_conf_error(r->errors, &at,
			      "the domain has no type; write <domain "
			      "type='kvm'>");
	}
	if (has_masked_secret(domain)) {
		ha_conf_error(r->errors, &at,
			      "the domain has \"***\" where a secret was masked "
			      "for showing; put the secret in again");
	}
	check_name(r);
	check_uuid(r, has_uuid);
	read_memories(r);
	read_vcpus(r);
	read_disks(r);
	read_nics(r);
	r->vm->guest_agent = has_guest_agent(domain);
	keep_domain_text(r);
}
