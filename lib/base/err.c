/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/err.h"

#include <string.h>

const char *ha_err_text(int err)
{
	switch (err) {
#define X(name, num, text)      \
	case HA_E_##name:       \
		return text;
		HA_ERR_LIST(X)
#undef X
	case 0:
		return "success";
	}
	if (err < 0 && err > -HA_ERR_BASE) {
		return strerrordesc_np(-err) ? strerrordesc_np(-err)
					     : "unknown error";
	}
	return "unknown error";
}
