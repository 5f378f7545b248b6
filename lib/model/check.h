/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check.h - is a configuration sensible? Everything that is wrong with it and
 * can be seen without leaving it, all at once. Pure; `c` may break every rule
 * of config.h but that its arrays and strings are there and sorted.
 */
#ifndef HA_MODEL_CHECK_H
#define HA_MODEL_CHECK_H

#include "model/config.h"
#include "model/errors.h"

void ha_config_check(const struct ha_config *c, struct ha_conf_errors *errors);

/* May a parameter of this name be a secret? Then it must come from a file. */
bool ha_param_is_secret(const char *name);

#endif
