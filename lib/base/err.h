/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * err.h - error codes of functions that can fail: 0 or one of these negative
 * numbers (or a negative errno, which lies above HA_ERR_BASE). The text is for
 * people and never depends on the locale.
 */
#ifndef HA_BASE_ERR_H
#define HA_BASE_ERR_H

#define HA_ERR_BASE 5000

#define HA_ERR_LIST(X)                                        \
	X(SYNTAX, 1, "malformed input")                       \
	X(LIMIT, 2, "a limit is exceeded")                    \
	X(NOT_FOUND, 3, "no such object")                     \
	X(EXISTS, 4, "already exists")                        \
	X(STALE, 5, "based on an outdated version")           \
	X(NO_QUORUM, 6, "no quorum")                          \
	X(REFUSED, 7, "refused")                              \
	X(TIMEOUT, 8, "timed out")                            \
	X(UNKNOWN_RESULT, 9, "the outcome is unknown")        \
	X(DAMAGED, 10, "damaged data")                        \
	X(BUSY, 11, "busy")                                   \
	X(NO_MEMORY, 12, "out of memory")                     \
	X(GONE, 13, "the other side went away")               \
	X(PERMISSION, 14, "permission denied")                \
	X(FAILED, 15, "failed")

enum ha_err {
#define X(name, num, text) HA_E_##name = -(HA_ERR_BASE + (num)),
	HA_ERR_LIST(X)
#undef X
};

/* Never NULL; "unknown error" for a number that is not one of ours. */
const char *ha_err_text(int err);

#endif
