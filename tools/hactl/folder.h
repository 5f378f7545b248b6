/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * folder.h - a folder in /tmp for one run, whose files only its owner can
 * read.
 */
#ifndef HACTL_FOLDER_H
#define HACTL_FOLDER_H

#include <stddef.h>

/* A descriptor of the folder, or -errno. */
int hactl_folder_open(const char *path) __attribute__((warn_unused_result));
/* A new file in it: 0, or -errno. */
int hactl_folder_write(int folder, const char *name, const char *data,
		       size_t len) __attribute__((warn_unused_result));
/* With all that is in it. */
void hactl_folder_remove(const char *path);

#endif
