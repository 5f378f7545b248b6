/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hacsim bench plan: how long the policy engine takes for a cluster of a
 * given size, made up from a fixed seed. Times are of one processor, the
 * median of several runs.
 */
#include "hacsim.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "policy/admission.h"
#include "policy/correct.h"
#include "tools/hacsim/bench.h"
#include "tools/hacsim/cib.h"
#include "tools/hacsim/made-pool.h"

#define RUNS 5
#define STEP_HOSTS_MIN 5 /* two are lost, and a majority stays */
#define PLAN_ALL_SETS_MAX 50000 /* seconds */

static const char usage[] =
	"usage: hacsim bench plan --hosts N --vms N [--fail N] [--rules PERCENT]\n"
	"                         [--load PERCENT] [--seed N] [--cib FILE]\n"
	"       hacsim bench step --hosts N --vms N\n"
	"\n"
	"How long does it take, for a made-up cluster of that size, to plan the\n"
	"recovery of hosts that fail (plan_ms), to place all VMs anew (full_ms),\n"
	"to find out whether any --fail hosts (1 if not said) may fail at once\n"
	"(admission_ms; plan_all_ms without the bound, once), whether one more VM\n"
	"may be started then (incremental_ms), and which move mends most of the\n"
	"rules that are broken: where none is (correct_none_ms), where they are for\n"
	"a quarter of the VMs in rules (correct_ms), and with one more rule, that\n"
	"all VMs should be spread over the racks (correct_wide_ms)? Processor time,\n"
	"the median of 5 runs. --rules: VMs in rules (10), --load: of memory and\n"
	"cpu, all hosts running (65). --cib writes the cluster, the first host\n"
	"failed, for Pacemaker's crm_simulate; without its rules, so say --rules 0.\n"
	"\n"
	"step: how long is the longest, and the median, of all steps of all hosts'\n"
	"cores in a running cluster, while it takes up its VMs, a VM is reported on,\n"
	"a minute passes, a VM ends, one is stopped and started by an admin, a host\n"
	"is lost and recovered from, and the coordinator is?\n";

struct bench {
	const char *what; /* is to be measured */
	struct made_pool_spec spec;
	uint32_t fail;
	const char *cib;
	struct made_pool made;
	struct ha_planner *planner;
	void *mem; /* owned; the planner's */
};

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1000000;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double *ms)
{
	qsort(ms, RUNS, sizeof(*ms), compare);
	return ms[RUNS / 2];
}

/* From the pool as it is, so with all that has to be done anew after it has
 * changed. */
static double measure_plan(struct bench *b, const struct ha_recovery_ask *ask,
			   struct ha_recovery *ret)
{
	double ms[RUNS];

	for (int i = 0; i < RUNS; i++) {
		double start = now_ms();

		b->planner = ha_planner_init(b->mem, &b->made.pool);
		*ret = *ha_recovery_plan(b->planner, ask);
		ms[i] = now_ms() - start;
	}
	return median(ms);
}

static void bench_recovery(struct bench *b)
{
	struct ha_recovery_ask ask = { .waiting = true };
	struct ha_recovery r;
	double ms;

	for (uint32_t i = 0; i < b->fail; i++) {
		ask.lost |= ha_host_bit(i + 1);
	}
	ms = measure_plan(b, &ask, &r);
	printf("plan_ms=%.3f\n", ms);
	printf("planned=%zu left_out=%zu broken_should=%zu\n", r.step_count,
	       r.left_out_count, r.broken_count);
}

/* Every VM waits for a place, and then runs there. */
static void bench_full(struct bench *b)
{
	struct ha_recovery_ask ask = { .waiting = true };
	struct ha_recovery r;
	double ms;

	for (uint32_t i = 0; i < b->spec.vms; i++) {
		b->made.vms[i].host = HA_HOST_NONE;
	}
	ms = measure_plan(b, &ask, &r);
	printf("full_ms=%.3f\n", ms);
	printf("full_left_out=%zu\n", r.left_out_count);
	for (size_t i = 0; i < r.step_count; i++) {
		b->made.vms[r.steps[i].vm].host = r.steps[i].host;
	}
}

static void print_admission(const char *name, double ms,
			    const struct ha_admission_answer *a)
{
	printf("%s_ms=%.3f\n", name, ms);
	printf("%s=%s %s_sets=%" PRIu32 " %s_planned=%" PRIu32
	       " %s_tolerated=%" PRIu32 "\n", name, a->yes ? "yes" : "no",
	       name, a->sets, name, a->planned, name, a->tolerated);
}

static double time_admission(struct bench *b,
			     const struct ha_admission_ask *ask,
			     struct ha_admission_answer *ret)
{
	double start = now_ms();

	b->planner = ha_planner_init(b->mem, &b->made.pool);
	ha_admission_check(b->planner, ask, ret);
	return now_ms() - start;
}

static void bench_admission(struct bench *b)
{
	struct ha_admission_ask ask = { .failures = b->fail };
	struct ha_admission_answer answer;
	double ms[RUNS];

	for (int i = 0; i < RUNS; i++) {
		ms[i] = time_admission(b, &ask, &answer);
	}
	print_admission("admission", median(ms), &answer);
	if (answer.sets <= PLAN_ALL_SETS_MAX) {
		ask.plan_all = true;
		ms[0] = time_admission(b, &ask, &answer);
		print_admission("plan_all", ms[0], &answer);
	}
}

/* The last VM of them is started last. */
static void bench_incremental(struct bench *b)
{
	struct ha_pool_vm *vm = &b->made.vms[b->spec.vms - 1];
	ha_hostid host = vm->host != HA_HOST_NONE ? vm->host : 1;
	const struct ha_admission_ask ask = {
		.failures = b->fail, .change = { b->spec.vms - 1, host } };
	struct ha_admission_answer answer;
	double ms[RUNS];

	vm->host = HA_HOST_NONE;
	vm->wanted = false;
	b->planner = ha_planner_init(b->mem, &b->made.pool);
	for (int i = 0; i < RUNS; i++) {
		double start = now_ms();

		ha_admission_check(b->planner, &ask, &answer);
		ms[i] = now_ms() - start;
	}
	print_admission("incremental", median(ms), &answer);
	vm->host = host;
	vm->wanted = true;
}

static const struct ha_choose_how balanced = { .score = HA_SCORE_SPREAD };

/* One round of it. */
static void measure_correction(struct bench *b, const char *name)
{
	struct ha_correction c;
	double ms[RUNS];
	bool moves = false;

	for (int i = 0; i < RUNS; i++) {
		double start = now_ms();

		b->planner = ha_planner_init(b->mem, &b->made.pool);
		moves = ha_correct_next(b->planner, &balanced, &c);
		ms[i] = now_ms() - start;
	}
	printf("%s_ms=%.3f\n%s=%s\n", name, median(ms), name,
	       moves ? "yes" : "no");
}

/* Then all moves, one after the other. */
static int bench_correction(struct bench *b)
{
	struct ha_correction c;
	struct ha_harm before, after;
	uint32_t moves = 0;

	measure_correction(b, "correct_none");
	if (made_pool_break(&b->made, b->spec.seed) != 0) {
		return HA_E_NO_MEMORY;
	}
	measure_correction(b, "correct");
	before = ha_correct_count(b->planner);
	while (ha_correct_next(b->planner, &balanced, &c)) {
		ha_planner_move(b->planner, c.vm, c.to);
		moves++;
	}
	after = ha_correct_count(b->planner);
	printf("misplaced=%" PRIu32 " moves=%" PRIu32 " broken_must=%" PRIu32
	       " left_must=%" PRIu32 " broken_should=%" PRIu32
	       " left_should=%" PRIu32 "\n", b->made.misplaced, moves,
	       before.must, after.must, before.should, after.should);
	if (made_pool_spread(&b->made)) {
		measure_correction(b, "correct_wide");
	}
	return 0;
}

/* Of this program: getrusage would count what its parent had before exec. */
static double memory_most_mb(void)
{
	FILE *f = fopen("/proc/self/status", "re");
	unsigned long kib = 0;
	char line[128];

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "VmHWM: %lu kB", &kib) == 1) {
			break;
		}
	}
	if (f) {
		fclose(f);
	}
	return (double)kib / 1024;
}

static bool write_cib(const struct bench *b)
{
	struct ha_buf text = { 0 };
	bool good;

	cib_print(&b->made.pool, 1, &text);
	errno = ENOMEM;
	good = !text.failed && hacsim_write_file(b->cib, &text);
	ha_buf_fini(&text);
	return good;
}

static int no_memory(void)
{
	fputs("hacsim: not enough memory\n", stderr);
	return 1;
}

static int run(struct bench *b)
{
	struct ha_pool most = { .vm_count = b->spec.vms,
				.group_count = HA_POOL_GROUPS_MAX };

	if (made_pool_init(&b->made, &b->spec) != 0 ||
	    !(b->mem = malloc(ha_planner_size(&most)))) {
		return no_memory();
	}
	printf("hosts=%" PRIu32 " vms=%" PRIu32 " fail=%" PRIu32 " rules=%"
	       PRIu32 " load=%" PRIu32 " waiting=%" PRIu32 "\n", b->spec.hosts,
	       b->spec.vms, b->fail, b->spec.rules_percent,
	       b->spec.load_percent, b->made.waiting);
	if (b->cib && !write_cib(b)) {
		fprintf(stderr, "hacsim: %s: %s\n", b->cib, strerror(errno));
		return 1;
	}
	bench_recovery(b);
	bench_admission(b);
	bench_incremental(b);
	bench_full(b);
	if (bench_correction(b) != 0) {
		return no_memory();
	}
	printf("rss_mb=%.1f\n", memory_most_mb());
	return 0;
}

static bool take_number(const char *text, uint32_t min, uint32_t max,
			uint32_t *ret)
{
	const char *end = "";
	uint64_t n;

	if (!hacsim_take_number(text, &end, &n) || *end != '\0' || n < min ||
	    n > max) {
		return false;
	}
	*ret = (uint32_t)n;
	return true;
}

static bool parse_args(int argc, char **argv, struct bench *b)
{
	static const struct option options[] = {
		{ "hosts", required_argument, NULL, 'h' },
		{ "vms", required_argument, NULL, 'v' },
		{ "fail", required_argument, NULL, 'f' },
		{ "rules", required_argument, NULL, 'r' },
		{ "load", required_argument, NULL, 'l' },
		{ "seed", required_argument, NULL, 's' },
		{ "cib", required_argument, NULL, 'c' },
		{ 0 },
	};
	uint32_t seed = 1;
	bool good = true;
	int c;

	while (good && (c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'h') {
			good = take_number(optarg, 1, HA_HOSTS_MAX,
					   &b->spec.hosts);
		} else if (c == 'v') {
			good = take_number(optarg, 1, HA_VMS_MAX, &b->spec.vms);
		} else if (c == 'f') {
			good = take_number(optarg, 0, HA_HOSTS_MAX, &b->fail);
		} else if (c == 'r') {
			good = take_number(optarg, 0, 100,
					   &b->spec.rules_percent);
		} else if (c == 'l') {
			good = take_number(optarg, 1, 1000,
					   &b->spec.load_percent);
		} else if (c == 's') {
			good = take_number(optarg, 0, UINT32_MAX, &seed);
		} else if (c == 'c') {
			b->cib = optarg;
		} else {
			good = false;
		}
	}
	b->spec.seed = seed;
	b->what = good && optind + 1 == argc ? argv[optind] : "";
	return b->spec.hosts > 0 && b->spec.vms > 0 &&
	       b->fail <= b->spec.hosts;
}

int hacsim_bench(int argc, char **argv)
{
	struct bench b = { .spec = { .load_percent = 65, .rules_percent = 10 },
			   .fail = 1 };
	int code = 2;
	bool good;

	if (argc >= 2 && strcmp(argv[argc - 1], "--help") == 0) {
		fputs(usage, stdout);
		return 0;
	}
	good = parse_args(argc, argv, &b);
	if (good && strcmp(b.what, "plan") == 0) {
		code = run(&b);
	} else if (good && strcmp(b.what, "step") == 0 &&
		   b.spec.hosts >= STEP_HOSTS_MIN) {
		code = bench_step(b.spec.hosts, b.spec.vms);
	} else {
		fputs(usage, stderr);
	}
	made_pool_fini(&b.made);
	free(b.mem);
	return code;
}
