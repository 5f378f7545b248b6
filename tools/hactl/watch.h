/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watch.h - hactl status --watch: the status on the whole terminal, drawn anew
 * whenever something happens. watch.c, or watch-none.c without ncurses.
 */
#ifndef HACTL_WATCH_H
#define HACTL_WATCH_H

#include "hactl.h"

/* Until q is typed; an exit code. */
int hactl_watch(struct hactl *h) __attribute__((warn_unused_result));

#endif
