/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hacsim.h - the verbs of hacsim that have a file of their own. */
#ifndef HACSIM_HACSIM_H
#define HACSIM_HACSIM_H

/* Returns an exit code. */
int hacsim_swarm(int argc, char **argv);

#endif
