/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check.h - is a configuration sensible? Everything that is wrong with it and
 * can be seen without leaving it, all at once. Pure; `c` may break every rule
 * of config.h but that its arrays are sorted: names may be NULL, an id may be
 * 0 and a step's device may be device_count, all of which are errors that the
 * reader has already told.
 */
#ifndef HA_MODEL_CHECK_H
#define HA_MODEL_CHECK_H

#include "model/config.h"
#include "model/errors.h"

void ha_config_check(const struct ha_config *c, struct ha_conf_errors *errors);

/* The parts of the above, one file each. */
void ha_config_check_fence(const struct ha_config *c,
			   struct ha_conf_errors *errors);
void ha_config_check_unique(const struct ha_config *c,
			    struct ha_conf_errors *errors);

void ha_config_check_admission(const struct ha_config *c,
			       struct ha_conf_errors *errors);
void ha_config_check_vms(const struct ha_config *c,
			 struct ha_conf_errors *errors);
void ha_config_check_storage(const struct ha_config *c,
			     struct ha_conf_errors *errors);
/* These two only where all names are known. */
void ha_config_check_rules(const struct ha_config *c,
			   struct ha_conf_errors *errors);
void ha_config_check_order(const struct ha_config *c,
			   struct ha_conf_errors *errors);

/* What VMs may have of the largest of these hosts; UINT64_MAX, UINT32_MAX if
 * one does not say how large it is. */
struct ha_host_size ha_config_largest(const struct ha_config *c,
				      ha_hostset hosts);
void ha_check_name(const char *name, const struct ha_conf_at *at,
		   struct ha_conf_errors *errors);
void ha_check_no_memory(const struct ha_config *c,
			struct ha_conf_errors *errors);
/* At most HA_ADDR_MAX characters, and safe on a command line. */
bool ha_address_is_valid(const char *address);
/* Letters, digits and "_.+:@-", no more than HA_NAME_MAX, a letter, digit or
 * "_" first: safe in a file name, on a command line and in a scenario. */
bool ha_name_is_valid(const char *name);
/* Absolute, without "." and ".." components, not too long. */
bool ha_path_is_valid(const char *path);
/* May a parameter of this name be a secret? Then it must come from a file. */
bool ha_param_is_secret(const char *name);

#endif
