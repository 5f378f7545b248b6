/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of hactl that change the configuration. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"
#include "conf/conf.h"
#include "conf/edit.h"
#include "core/view.h"
#include "sim/admin.h"

#define ATTRS_MAX 32

typedef int (*edit_fn)(const struct ha_conf_edit *edit,
		       struct ha_conf_errors *errors, struct ha_buf *ret_text);

/* NULL: it has been said why not. */
static void use_config(struct ask *a, const struct ha_config *kept)
{
	if (kept) {
		(void)sim_add_body(a->run->sim, kept);
		a->cmd.hash = kept->hash;
	}
}

/* Relative to the folder of the scenario. */
static const char *beside(const struct ask *a, const char *file,
			  struct ha_buf *path)
{
	const char *slash = strrchr(a->run->sc->path, '/');

	if (slash && file[0] != '/') {
		ha_buf_append(path, a->run->sc->path,
			      (size_t)(slash - a->run->sc->path) + 1);
	}
	ha_buf_puts(path, file);
	return path->data ? path->data : file;
}

static const struct ha_config *read_config(struct ask *a, const char *file)
{
	struct ha_buf path = { 0 };
	const struct ha_config *kept =
		run_read_config(a->run, beside(a, file, &path), &a->why);

	ha_buf_fini(&path);
	return kept;
}

static void use_file(struct ask *a)
{
	use_config(a, read_config(a, a->args[0]));
}

static void set_base(struct ask *a)
{
	const struct ha_core *core = a->run->sim->hosts[a->host - 1].core;
	const char *base = ask_option(a, "base");

	a->cmd.base_version = base ? strtoull(base, NULL, 10)
				   : ha_core_state(core)->config_version;
}

void ask_config_apply(struct ask *a)
{
	use_file(a);
	set_base(a);
}

/* The version that the host which is asked keeps is applied anew. */
void ask_config_rollback(struct ask *a)
{
	struct sim *s = a->run->sim;
	const struct sim_host *h = sim_host(s, a->host);
	const struct sim_version *v = sim_disk_version(
		&h->disk, strtoull(a->args[0], NULL, 10));

	if (!v) {
		ha_buf_printf(&a->why, "this host does not keep version %s",
			      a->args[0]);
		return;
	}
	a->cmd.hash = s->bodies[v->body].hash;
	set_base(a);
	if (ha_hash_equal(&a->cmd.hash, &ha_core_state(h->core)->config)) {
		a->cmd.verb = HA_CMD_NONE; /* it says just what is in force */
	}
}

void ask_cluster_create(struct ask *a)
{
	for (size_t i = 0; i < sizeof(a->cmd.cluster); i++) {
		a->cmd.cluster[i] =
			(uint8_t)(ha_rand_u64(&a->run->sim->rand) | 1);
	}
	use_file(a);
}

/* What the text becomes by the edit, parsed and kept. */
static const struct ha_config *edit_text(struct ask *a, edit_fn fn,
					 const struct ha_conf_edit *edit)
{
	struct ha_conf_errors errors = { 0 };
	struct ha_config *config = NULL;
	const struct ha_config *kept = NULL;
	struct ha_buf text = { 0 };
	int err = fn(edit, &errors, &text);

	if (err == 0) {
		err = ha_conf_parse(text.data, text.len, &errors, &config);
	}
	if (err == 0) {
		ha_conf_hash(text.data, text.len, &config->hash);
		kept = run_keep(a->run, config, &text);
		if (!kept) {
			ha_buf_puts(&a->why, "too many configurations");
		}
	} else {
		ha_buf_printf(&a->why, "%s\n", ha_err_text(err));
		ha_conf_errors_print(&errors, NULL, &a->why);
		ha_buf_fini(&text);
	}
	ha_conf_errors_fini(&errors);
	return kept;
}

/* A change of the text as it is now. */
static void edit_config(struct ask *a, edit_fn fn, struct ha_conf_edit *edit)
{
	const struct ha_core *core = a->run->sim->hosts[a->host - 1].core;
	const struct ha_config *now = ha_core_config(core);
	const struct ha_buf *text =
		now ? run_text_of(a->run, &now->hash) : NULL;

	if (!text) {
		ha_buf_puts(&a->why, "there is no configuration yet");
		return;
	}
	edit->text = text->data;
	edit->len = text->len;
	use_config(a, edit_text(a, fn, edit));
	set_base(a);
}

void ask_host_add(struct ask *a)
{
	const struct ha_config *first = a->run->first;
	ha_hostid h = run_host(a->run, a->args[0]);
	char id[12];
	struct ha_conf_attr attrs[] = { { "id", id, NULL } };
	struct ha_conf_edit edit = { .name = a->args[0], .attrs = attrs,
				     .attr_count = 1 };

	snprintf(id, sizeof(id), "%u", h);
	edit.device = first->device_count > 0 ? first->devices[0].name : NULL;
	/* corosync is told first, as the admin does */
	sim_net_set_nodes(a->run->sim,
			  a->run->sim->nodelist | ha_host_bit(h));
	edit_config(a, ha_conf_add_host, &edit);
}

void ask_host_remove(struct ask *a)
{
	struct ha_conf_edit edit = { .name = a->args[0] };

	edit_config(a, ha_conf_remove_host, &edit);
}

static void take_attrs(const struct ask *a, struct ha_conf_edit *edit,
		       struct ha_conf_attr *attrs)
{
	const char *name;

	for (size_t i = 0; (name = ha_conf_vm_attr(i)) != NULL; i++) {
		const char *value = ask_option(a, name);

		if (value && edit->attr_count < ATTRS_MAX) {
			attrs[edit->attr_count++] =
				(struct ha_conf_attr){ name, value, NULL };
		}
	}
	edit->attrs = attrs;
}

static bool read_domain(struct ask *a, const char *file, struct ha_buf *text)
{
	struct ha_buf path = { 0 };
	int fd = open(beside(a, file, &path), O_RDONLY | O_CLOEXEC);
	int err = fd < 0 ? HA_E_NOT_FOUND
			 : ha_buf_read_fd(text, fd, HA_DOMAIN_BYTES_MAX);

	if (fd >= 0) {
		(void)close(fd); /* only read */
	}
	if (err != 0) {
		ha_buf_printf(&a->why, "%s: %s", file, ha_err_text(err));
	}
	ha_buf_fini(&path);
	return err == 0;
}

void ask_vm_add(struct ask *a)
{
	struct ha_conf_attr attrs[ATTRS_MAX];
	struct ha_conf_edit edit = { 0 };
	struct ha_buf domain = { 0 };

	if (read_domain(a, a->args[0], &domain)) {
		take_attrs(a, &edit, attrs);
		edit.domain_xml = domain.data;
		edit.domain_len = domain.len;
		edit_config(a, ha_conf_add_vm, &edit);
	}
	ha_buf_fini(&domain);
}

void ask_vm_set(struct ask *a)
{
	struct ha_conf_attr attrs[ATTRS_MAX];
	struct ha_conf_edit edit = { .name = a->args[0] };

	take_attrs(a, &edit, attrs);
	edit_config(a, ha_conf_set_vm, &edit);
}

void ask_vm_remove(struct ask *a)
{
	struct ha_conf_edit edit = { .name = a->args[0] };

	edit_config(a, ha_conf_remove_vm, &edit);
}

/* --- before the run --- */

/* The names that it gives must last as long as the run. */
static void know(struct ask *a, const struct ha_config *kept)
{
	struct sim *s = a->run->sim;

	for (size_t i = 0; kept && i < kept->vm_count; i++) {
		if (s->vm_count == s->params.vms_max &&
		    sim_vm_number(s, &kept->vms[i].uuid) == UINT32_MAX) {
			ha_buf_puts(&a->why, "the story has too many VMs");
			return;
		}
		(void)sim_add_vm(s, &kept->vms[i].uuid, kept->vms[i].name);
	}
}

void ask_know_config(struct ask *a, const char *file)
{
	know(a, read_config(a, file));
}

void ask_know_domain(struct ask *a, const char *file)
{
	const struct ha_buf *now = run_text_of(a->run, &a->run->first->hash);
	struct ha_conf_edit edit = { .text = now->data, .len = now->len };
	struct ha_buf domain = { 0 };

	if (read_domain(a, file, &domain)) {
		edit.domain_xml = domain.data;
		edit.domain_len = domain.len;
		know(a, edit_text(a, ha_conf_add_vm, &edit));
	}
	ha_buf_fini(&domain);
}
