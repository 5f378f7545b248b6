/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * notify.h - the service manager's notification protocol, sd_notify(3): a
 * datagram of text to the socket named in NOTIFY_SOCKET. Nothing happens where
 * there is none.
 */
#ifndef HACD_NOTIFY_H
#define HACD_NOTIFY_H

#include <stdint.h>

/* state: "READY=1", "WATCHDOG=1", "STATUS=…" */
void notify(const char *state);
/* How often WATCHDOG=1 is to be sent, 0 never. */
uint64_t notify_watchdog_ns(void);

#endif
