/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/admission.h"

const char *ha_admission_policy_name(enum ha_admission_policy p)
{
	switch (p) {
	case HA_ADMISSION_PLAN:
		return "plan";
	case HA_ADMISSION_HOST_FAILURES:
		return "host-failures";
	case HA_ADMISSION_PERCENTAGE:
		return "percentage";
	case HA_ADMISSION_FAILOVER_HOSTS:
		return "failover-hosts";
	}
	return "unknown";
}

const char *ha_admission_mode_name(enum ha_admission_mode m)
{
	switch (m) {
	case HA_ADMISSION_ENFORCE:
		return "enforce";
	case HA_ADMISSION_WARN:
		return "warn";
	case HA_ADMISSION_OFF:
		return "off";
	}
	return "unknown";
}
