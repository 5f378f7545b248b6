/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hacsim.h"

int hacsim_swarm(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 2;
}
