/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The generated code, compiled as it is. */
#if defined(__clang__)
#pragma clang diagnostic ignored "-Weverything"
#else
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wswitch-enum"
#endif
#include "wire/hac.pb-c.c"
