/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lab-run.h - one run of a scenario in the lab, between hac-lab-run.c (steps),
 * lab-cond.c (conditions) and lab-child.c (the programs that do the work).
 *
 * Whatever waits here calls ha_lab_idle() meanwhile: it looks after what runs
 * beside the story, and lets the oracle look at the lab.
 */
#ifndef HA_HACLAB_LAB_RUN_H
#define HA_HACLAB_LAB_RUN_H

#include <jansson.h>
#include <sys/types.h>

#include "lab-oracle.h"
#include "sim/scenario.h"

#define LAB_WORDS_MAX 64
#define LAB_BESIDE_MAX 32

struct lab_beside {      /* a verb that runs beside the story */
	pid_t pid;           /* 0: not yet started */
	long long at_ms;
	const char *words[5]; /* borrowed from the scenario or constant */
};

struct lab_run {
	const char *haclab;   /* path of its program */
	const char *folder;   /* "" or the scenario's, with its slash; owned */
	struct ha_scenario s;
	bool light;
	long patience;        /* how many times as long a story's times may take */
	bool up;              /* the lab is there: the oracle looks */
	bool blind;           /* a BMC lied: what runs twice is its fault */
	struct lab_beside beside[LAB_BESIDE_MAX];
	size_t beside_count;
	json_t *status[LAB_HOSTS_MAX + 1]; /* newest answers; owned, NULL: none */
	int asked;            /* the host that is believed; 0: nobody answers */
	long long mark_index; /* facts up to there are before the mark */
	char mark_time[40];   /* as in events; "": the beginning */
	char why[512];        /* what is true instead, or broke */
};

long long ha_lab_now_ms(void);

/* --- lab-child.c: 0 or an exit code; -1: the oracle saw something, or what
 * ran beside failed; `why` says it --- */

/* Runs haclab with these words to its end; words end with NULL. Output to
 * the file of that descriptor, or our own (-1). */
int ha_lab_verb(struct lab_run *r, const char *const *words, int output)
	__attribute__((warn_unused_result));
/* Starts it after that time, and goes on. */
int ha_lab_beside(struct lab_run *r, const char *const *words, long long in_ms)
	__attribute__((warn_unused_result));
int ha_lab_idle(struct lab_run *r) __attribute__((warn_unused_result));
/* As ha_lab_idle, for that time. */
int ha_lab_wait(struct lab_run *r, long long ms) __attribute__((warn_unused_result));
/* Ends all that runs beside. */
void ha_lab_stop(struct lab_run *r);
/*
 * Asks hactl of all hosts with power at once; words end with NULL. ret_answers
 * has LAB_HOSTS_MAX + 1 places for new references, NULL for who does not
 * answer. Who is slow is not waited for once another has answered.
 */
int ha_lab_ask(struct lab_run *r, const char *const *words, json_t **ret_answers)
	__attribute__((warn_unused_result));

/* --- lab-cond.c --- */

/* Makes status and asked new. */
int ha_lab_look(struct lab_run *r) __attribute__((warn_unused_result));
/* Whether ha_lab_look saw what it takes to judge: who is starved by a busy
 * machine does not answer, and silence is no evidence. */
bool ha_lab_known(const struct lab_run *r, const struct ha_scn_cond *c);
/* 1, 0, or -1 as above; with `why`. From what ha_lab_look saw. */
int ha_lab_holds(struct lab_run *r, const struct ha_scn_cond *c)
	__attribute__((warn_unused_result));
/* All hosts online and the cluster settled. */
bool ha_lab_all_online(struct lab_run *r);
int ha_lab_mark(struct lab_run *r) __attribute__((warn_unused_result));

#endif
