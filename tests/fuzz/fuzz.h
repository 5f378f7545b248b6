/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz.h - a fuzz target: one function that takes bytes from outside and must
 * neither crash, leak nor hang. tests/fuzz/fuzz-X.c defines it; linked with
 * main.c it is a test of `make check`, with libFuzzer (--enable-fuzz) it runs
 * for as long as one likes.
 */
#ifndef HA_TESTS_FUZZ_H
#define HA_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
