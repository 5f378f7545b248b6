/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "watch.h"

int hactl_watch(struct hactl *h)
{
	return hactl_fail(h, HACTL_FAILED, "this hactl was built without "
			  "ncurses, so it cannot watch; 'hactl events "
			  "--follow' tells what happens as it comes");
}
