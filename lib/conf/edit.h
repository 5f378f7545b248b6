/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * edit.h - small changes of a cluster's text: text in, text out. What is not
 * touched stays as it was, comments too. The result has been checked: it is
 * refused with errors if it is not a valid configuration.
 *
 * HA_E_EXISTS, HA_E_NOT_FOUND: of the object; HA_E_SYNTAX: see errors.
 */
#ifndef HA_CONF_EDIT_H
#define HA_CONF_EDIT_H

#include <stddef.h>

#include "base/buf.h"
#include "model/errors.h"

struct ha_conf_attr {
	const char *name;  /* an attribute as in cluster.xml(5); a parameter's */
	const char *value; /* NULL: remove the attribute */
	const char *file;  /* of a parameter, instead of value */
};

struct ha_conf_edit {
	const char *text; /* the configuration to change */
	size_t len;
	const char *name; /* of the object */
	const struct ha_conf_attr *attrs;
	size_t attr_count;
	/* add_vm, set_vm: libvirt's domain XML; set_vm: NULL leaves it */
	const char *domain_xml;
	size_t domain_len;
	/* add_device: parameters; add_host: those of its device ("plug") */
	const struct ha_conf_attr *params;
	size_t param_count;
	const char *device; /* add_host: its fence device, or NULL */
};

/* The attributes of a VM that an edit may set, by their index; NULL: no more. */
const char *ha_conf_vm_attr(size_t index);

int ha_conf_add_host(const struct ha_conf_edit *edit,
		     struct ha_conf_errors *errors, struct ha_buf *ret_text)
	__attribute__((warn_unused_result));
/* Lists that name the host lose it, told as warnings; refused if one names no
 * other. */
int ha_conf_remove_host(const struct ha_conf_edit *edit,
			struct ha_conf_errors *errors, struct ha_buf *ret_text)
	__attribute__((warn_unused_result));
int ha_conf_add_device(const struct ha_conf_edit *edit,
		       struct ha_conf_errors *errors, struct ha_buf *ret_text)
	__attribute__((warn_unused_result));
int ha_conf_remove_device(const struct ha_conf_edit *edit,
			  struct ha_conf_errors *errors,
			  struct ha_buf *ret_text)
	__attribute__((warn_unused_result));
/* The VM's name and UUID are the domain's, if edit->name is NULL. */
int ha_conf_add_vm(const struct ha_conf_edit *edit,
		   struct ha_conf_errors *errors, struct ha_buf *ret_text)
	__attribute__((warn_unused_result));
int ha_conf_set_vm(const struct ha_conf_edit *edit,
		   struct ha_conf_errors *errors, struct ha_buf *ret_text)
	__attribute__((warn_unused_result));
/* Rules that name the VM lose it, and one that says nothing then goes too:
 * told as warnings. */
int ha_conf_remove_vm(const struct ha_conf_edit *edit,
		      struct ha_conf_errors *errors, struct ha_buf *ret_text)
	__attribute__((warn_unused_result));

#endif
