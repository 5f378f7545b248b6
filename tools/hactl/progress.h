/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * progress.h - a word on stderr while a person waits. Silent when the answer
 * comes within two seconds.
 */
#ifndef HACTL_PROGRESS_H
#define HACTL_PROGRESS_H

struct hactl_progress;

/* "waiting for hacd (config)"; text is copied. NULL if it cannot be had,
 * which stop accepts. */
struct hactl_progress *hactl_progress_start(const char *text);
void hactl_progress_stop(struct hactl_progress *p);
/* Waits without a busy loop; a signal ends it early. */
void hactl_pause(int ms);

#endif
