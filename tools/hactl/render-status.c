/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hactl status: one screen, in this order: is the cluster fine; what is not;
 * what is being done about it; what should I do. Objects with the same trouble
 * share a line, so that a lost host with 300 VMs still fits.
 */
#include "render.h"

#include <stdio.h>
#include <string.h>

#include "js.h"
#include "table.h"
#include "text.h"

enum { GROUPS_MAX = 64, LINES_MAX = 6, NAMES_MAX = 40, HOSTS_SHOWN_MAX = 8 };

enum section { FINE, WRONG, DOING, OTHERWISE };

/* Objects of one kind with the same trouble. Strings are borrowed. */
struct group {
	enum section section;
	const char *kind; /* "host", "vm", "rule" */
	const char *state;
	const char *why;
	const char *todo;
	size_t count;
	struct ha_buf names; /* "db1, db2" while there is room */
	struct ha_buf text;  /* of a rule: its state */
};

struct summary {
	struct group groups[GROUPS_MAX];
	size_t group_count;
	size_t dropped; /* hosts and VMs that found no group */
	size_t rules_hidden; /* broken, and not told of */
	size_t hosts, hosts_online;
	size_t vms_wanted, vms_running;
};

static const struct {
	const char *state;
	enum section host, vm;
} sections[] = {
	{ "new", WRONG, DOING },        { "online", FINE, FINE },
	{ "joining", DOING, FINE },     { "maintenance", FINE, FINE },
	{ "leaving", DOING, FINE },     { "left", FINE, FINE },
	{ "agent-down", WRONG, FINE },  { "lost", WRONG, FINE },
	{ "fenced", WRONG, FINE },      { "frozen", WRONG, FINE },
	{ "stopped", FINE, FINE },      { "waiting", FINE, WRONG },
	{ "starting", FINE, DOING },    { "running", FINE, FINE },
	{ "stopping", FINE, DOING },    { "migrating", FINE, DOING },
	{ "recovering", FINE, WRONG },  { "failed", FINE, WRONG },
	{ "unknown", WRONG, WRONG },    { "incident", WRONG, WRONG },
	{ "aside", WRONG, WRONG },
};

static enum section section_of(const char *state, bool host)
{
	for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++) {
		if (strcmp(sections[i].state, state) == 0) {
			return host ? sections[i].host : sections[i].vm;
		}
	}
	return WRONG; /* a state that this hactl does not know */
}

static void add_name(struct group *g, const char *name)
{
	g->count++;
	if (g->names.len == 0) {
		ha_buf_puts(&g->names, name);
	} else if (g->names.len + strlen(name) + 2 <= NAMES_MAX) {
		ha_buf_printf(&g->names, ", %s", name);
	}
}

/* NULL: there are too many. */
static struct group *new_group(struct summary *sum, const struct group *g)
{
	if (sum->group_count == GROUPS_MAX) {
		return NULL;
	}
	sum->groups[sum->group_count] = *g;
	return &sum->groups[sum->group_count++];
}

static void add_object(struct summary *sum, const json_t *o, bool host)
{
	const char *kind = host ? "host" : "vm";
	const char *state = hactl_js_str(o, "state");
	const char *why = hactl_js_str(o, "why");
	const char *todo = hactl_js_str(o, "todo");
	enum section section = section_of(state, host);
	struct group *g;

	if (section == FINE && todo[0] == '\0') {
		return;
	}
	for (size_t i = 0; i < sum->group_count; i++) {
		g = &sum->groups[i];
		if (strcmp(g->kind, kind) == 0 && strcmp(g->state, state) == 0 &&
		    strcmp(g->why, why) == 0 && strcmp(g->todo, todo) == 0) {
			add_name(g, hactl_js_str(o, "name"));
			return;
		}
	}
	g = new_group(sum, &(struct group){ .section = section, .kind = kind,
					    .state = state, .why = why,
					    .todo = todo });
	if (g != NULL) {
		add_name(g, hactl_js_str(o, "name"));
	} else {
		sum->dropped++;
	}
}

/* What breaks it, and, if that is so, that it is being mended. */
static void add_rule(struct summary *sum, const json_t *rule)
{
	bool must = strcmp(hactl_js_str(rule, "strength"), "must") == 0;
	const char *mend = hactl_js_str(rule, "mend");
	struct group *g = new_group(sum, &(struct group){
		.section = must ? WRONG : OTHERWISE, .kind = "rule",
		.why = hactl_js_str(rule, "why"),
		.todo = hactl_js_str(rule, "todo") });

	if (g == NULL) {
		sum->rules_hidden++;
		return;
	}
	add_name(g, hactl_js_str(rule, "name"));
	hactl_render_breaking(rule, &g->text);
	g->state = g->text.data;
	if (strcmp(mend, "next") == 0 || strcmp(mend, "waits") == 0) {
		g = new_group(sum, &(struct group){
			.section = DOING, .kind = "rule",
			.state = hactl_js_str(rule, "meaning"), .why = "",
			.todo = "" });
		if (g != NULL) {
			add_name(g, hactl_js_str(rule, "name"));
		}
	}
}

static void add_rules(struct summary *sum, const json_t *broken)
{
	const json_t *rules = json_object_get(broken, "rules");
	size_t told = json_array_size(rules);
	long long count = hactl_js_int(broken, "count");

	for (size_t i = 0; i < told; i++) {
		add_rule(sum, json_array_get(rules, i));
	}
	sum->rules_hidden += count > (long long)told ? (size_t)count - told : 0;
}

static void summarise(const json_t *status, struct summary *sum)
{
	const json_t *hosts = json_object_get(status, "hosts");
	const json_t *vms = json_object_get(status, "vms");

	for (size_t i = 0; i < json_array_size(hosts); i++) {
		const json_t *o = json_array_get(hosts, i);

		sum->hosts++;
		sum->hosts_online +=
			strcmp(hactl_js_str(o, "state"), "online") == 0;
		add_object(sum, o, true);
	}
	for (size_t i = 0; i < json_array_size(vms); i++) {
		const json_t *o = json_array_get(vms, i);
		bool running = strcmp(hactl_js_str(o, "state"), "running") == 0;

		sum->vms_running += running;
		sum->vms_wanted += running ||
			strcmp(hactl_js_str(o, "wanted"), "running") == 0;
		add_object(sum, o, false);
	}
	add_rules(sum, json_object_get(json_object_get(status, "cluster"),
				       "broken"));
}

static void fini_summary(struct summary *sum)
{
	for (size_t i = 0; i < sum->group_count; i++) {
		ha_buf_fini(&sum->groups[i].names);
		ha_buf_fini(&sum->groups[i].text);
	}
}

static size_t count_section(const struct summary *sum, enum section section)
{
	size_t n = 0;

	for (size_t i = 0; i < sum->group_count; i++) {
		n += sum->groups[i].section == section;
	}
	return n;
}

static bool cluster_fine(const json_t *cluster, const struct summary *sum)
{
	return hactl_js_bool(cluster, "quorate") &&
	       !hactl_js_bool(cluster, "disarmed") &&
	       !hactl_js_bool(cluster, "stopped") &&
	       !hactl_js_bool(cluster, "frozen") &&
	       !hactl_js_bool(cluster, "empty") &&
	       count_section(sum, WRONG) == 0 && sum->dropped == 0;
}

bool hactl_status_fine(const json_t *status)
{
	struct summary sum = { .group_count = 0 };
	bool fine;

	summarise(status, &sum);
	fine = cluster_fine(json_object_get(status, "cluster"), &sum);
	fini_summary(&sum);
	return fine;
}

/* "Cluster lab is fine: 3 of 3 hosts online, 6 of 6 VMs running." */
static void print_verdict(const json_t *cluster, const struct summary *sum,
			  const struct hactl_screen *s, struct ha_buf *b)
{
	bool fine = cluster_fine(cluster, sum);
	const char *name = hactl_js_str(cluster, "name");
	char line[256];

	if (hactl_js_bool(cluster, "empty")) {
		hactl_colour(b, s, HACTL_YELLOW);
		hactl_wrap(b, s, "This host belongs to no cluster yet.", 0);
		hactl_colour(b, s, HACTL_PLAIN);
		return;
	}
	hactl_colour(b, s, fine ? HACTL_GREEN : HACTL_RED);
	(void)snprintf(line, sizeof(line), "Cluster %s is %s: %zu of %zu host%s "
		       "online, %zu of %zu VM%s running.", name,
		       fine && count_section(sum, DOING) == 0 ? "fine" :
		       fine ? "fine, and busy" : "NOT FINE",
		       sum->hosts_online, sum->hosts, hactl_s(sum->hosts),
		       sum->vms_running, sum->vms_wanted,
		       hactl_s(sum->vms_wanted));
	hactl_wrap(b, s, line, 0);
	hactl_colour(b, s, HACTL_PLAIN);
}

static void print_title(const char *title, const struct hactl_screen *s,
			struct ha_buf *b)
{
	hactl_colour(b, s, HACTL_BOLD);
	ha_buf_printf(b, "%s\n", title);
	hactl_colour(b, s, HACTL_PLAIN);
}

static void print_item(const char *text, const struct hactl_screen *s,
		       struct ha_buf *b)
{
	ha_buf_puts(b, "  ");
	hactl_wrap(b, s, text, 4);
}

/* "vm db1, db2 and 3 more" */
static void print_names(const struct group *g, struct ha_buf *b)
{
	size_t shown = 1;

	for (const char *p = g->names.data; p != NULL && *p != '\0'; p++) {
		shown += *p == ',';
	}
	ha_buf_printf(b, "%s %s", g->kind, g->names.data);
	if (g->count > shown) {
		ha_buf_printf(b, " and %zu more", g->count - shown);
	}
}

static void print_section(const struct summary *sum, enum section section,
			  const struct hactl_screen *s, struct ha_buf *b)
{
	size_t lines = 0, hidden = 0, rules = 0;
	char more[96];

	for (size_t i = 0; i < sum->group_count; i++) {
		const struct group *g = &sum->groups[i];
		struct ha_buf line = { .data = NULL };

		if (g->section != section) {
			continue;
		}
		if (lines++ >= LINES_MAX) {
			hidden += g->count;
			rules += strcmp(g->kind, "rule") == 0;
			continue;
		}
		print_names(g, &line);
		ha_buf_printf(&line, ": %s", g->state);
		if (g->why[0] != '\0') {
			ha_buf_printf(&line, ", %s", g->why);
		}
		print_item(line.data, s, b);
		ha_buf_fini(&line);
	}
	hidden += section == WRONG ? sum->dropped : 0;
	hidden += section == OTHERWISE ? sum->rules_hidden : 0;
	rules += section == OTHERWISE ? sum->rules_hidden : 0;
	if (hidden > 0) {
		(void)snprintf(more, sizeof(more), "and %zu more: %s", hidden,
			       rules == hidden
				       ? "'hactl status --json'"
				       : "'hactl host list', 'hactl vm list'");
		print_item(more, s, b);
	}
}

/* hacd here follows a cluster whose configuration does not name this host. */
static bool is_outside(const json_t *status)
{
	const json_t *cluster = json_object_get(status, "cluster");

	return !hactl_js_bool(cluster, "empty") &&
	       hactl_js_find(json_object_get(status, "hosts"), "name",
			     hactl_js_str(cluster, "local")) == NULL;
}

static void print_wrong(const json_t *cluster, const struct summary *sum,
			const struct hactl_screen *s, struct ha_buf *b)
{
	const char *why = hactl_js_str(cluster, "why");
	char line[512];
	bool more = why[0] != '\0' && strcmp(why, "no quorum") != 0;

	print_title("What is wrong", s, b);
	if (!hactl_js_bool(cluster, "quorate")) {
		(void)snprintf(line, sizeof(line), "no quorum on this host, "
			       "so nothing is started or fenced from here%s%s",
			       more ? ": " : "", more ? why : "");
		print_item(line, s, b);
	} else if (why[0] != '\0') {
		print_item(why, s, b);
	}
	if (hactl_js_bool(cluster, "disarmed")) {
		print_item("the cluster is DISARMED: nothing is fenced, "
			   "nothing is restarted", s, b);
	}
	if (hactl_js_bool(cluster, "stopped")) {
		print_item("the cluster is STOPPED: no VM is started", s, b);
	}
	if (hactl_js_bool(cluster, "frozen")) {
		print_item("hacd on this host is FROZEN: it observes and "
			   "votes, but starts and fences nothing", s, b);
	}
	print_section(sum, WRONG, s, b);
}

static void print_doing(const json_t *cluster, const struct summary *sum,
			const struct hactl_screen *s, struct ha_buf *b)
{
	bool busy = hactl_js_bool(cluster, "quorate") &&
		    !hactl_js_bool(cluster, "settled") &&
		    !hactl_js_bool(cluster, "disarmed");

	if (count_section(sum, DOING) == 0 && !busy) {
		if (!cluster_fine(cluster, sum)) {
			print_title("What is being done about it", s, b);
			print_item("nothing, until the above changes", s, b);
		}
		return;
	}
	print_title("What is being done about it", s, b);
	if (count_section(sum, DOING) == 0) {
		print_item("the cluster works on it; 'hactl events --follow' "
			   "shows each step", s, b);
	}
	print_section(sum, DOING, s, b);
}

/* The advice that belongs to the cluster as a whole. */
static size_t print_cluster_todo(const json_t *cluster,
				 const struct hactl_screen *s,
				 struct ha_buf *b)
{
	size_t n = 0;

	if (!hactl_js_bool(cluster, "quorate")) {
		print_item("bring hosts back until more than half of them are "
			   "there ('corosync-quorumtool' shows who is); if a "
			   "majority is gone for good: 'hactl help cluster "
			   "start'", s, b);
		n++;
	}
	if (hactl_js_bool(cluster, "disarmed")) {
		print_item("when your work is done: hactl arm", s, b);
		n++;
	}
	if (hactl_js_bool(cluster, "stopped")) {
		print_item("to start the VMs: hactl cluster start", s, b);
		n++;
	}
	if (hactl_js_bool(cluster, "frozen")) {
		print_item("find out why hacd crashed ('hactl report'), then: "
			   "hactl host unfreeze", s, b);
		n++;
	}
	return n;
}

static void print_todo(const json_t *cluster, const struct summary *sum,
		       const struct hactl_screen *s, struct ha_buf *b)
{
	size_t n;

	print_title("What to do", s, b);
	n = print_cluster_todo(cluster, s, b);
	for (size_t i = 0; i < sum->group_count; i++) {
		const struct group *g = &sum->groups[i];
		struct ha_buf line = { .data = NULL };

		if (g->todo[0] == '\0' || n >= LINES_MAX) {
			continue;
		}
		print_names(g, &line);
		ha_buf_printf(&line, ": %s", g->todo);
		print_item(line.data, s, b);
		ha_buf_fini(&line);
		n++;
	}
	if (n == 0) {
		print_item("nothing", s, b);
	}
}

/* "5 online, 1 lost", states in the order of their first host. */
static void print_counts(const json_t *list, struct ha_buf *b)
{
	size_t n = json_array_size(list);
	const char *sep = "";

	for (size_t i = 0; i < n; i++) {
		const char *state =
			hactl_js_str(json_array_get(list, i), "state");
		size_t count = 0;

		if (hactl_js_find(list, "state", state) !=
		    json_array_get(list, i)) {
			continue; /* counted before */
		}
		for (size_t j = i; j < n; j++) {
			count += strcmp(hactl_js_str(json_array_get(list, j),
						     "state"), state) == 0;
		}
		ha_buf_printf(b, "%s%zu %s", sep, count, state);
		sep = ", ";
	}
}

static void print_short_hosts(const json_t *hosts,
			      const struct hactl_screen *s, struct ha_buf *b)
{
	static const char *const heads[] = { "HOST", "STATE", ">VMS",
					     ">MEMORY MiB", ">VCPUS", NULL };
	struct hactl_table t;

	hactl_table_init(&t, heads);
	for (size_t i = 0; i < json_array_size(hosts); i++) {
		const json_t *o = json_array_get(hosts, i);
		char vms[24], memory[48], cpus[48];
		const char *cells[] = { hactl_js_str(o, "name"),
					hactl_js_str(o, "state"), vms, memory,
					cpus };

		(void)snprintf(vms, sizeof(vms), "%lld",
			       hactl_js_int(o, "vms"));
		(void)snprintf(memory, sizeof(memory), "%lld of %lld",
			       hactl_js_int(o, "memory_used_kib") / 1024,
			       hactl_js_int(o, "memory_kib") / 1024);
		(void)snprintf(cpus, sizeof(cpus), "%lld on %lld",
			       hactl_js_int(o, "vcpus_used"),
			       hactl_js_int(o, "cpus"));
		hactl_table_row(&t, cells);
	}
	hactl_table_print(&t, s, b);
	hactl_table_fini(&t);
}

static void print_footer(const json_t *status, const struct hactl_screen *s,
			 struct ha_buf *b)
{
	const json_t *cluster = json_object_get(status, "cluster");
	const json_t *hosts = json_object_get(status, "hosts");
	const json_t *vms = json_object_get(status, "vms");
	struct ha_buf line = { .data = NULL };

	ha_buf_puts(b, "\n");
	if (json_array_size(hosts) <= HOSTS_SHOWN_MAX) {
		print_short_hosts(hosts, s, b);
	} else {
		ha_buf_puts(&line, "Hosts: ");
		print_counts(hosts, &line);
		ha_buf_puts(&line, ".");
		hactl_wrap(b, s, line.data, 2);
		ha_buf_clear(&line);
	}
	if (json_object_get(cluster, "admission") != NULL) {
		hactl_render_failures(json_object_get(cluster, "admission"),
				      s, b);
	}
	ha_buf_puts(&line, "VMs: ");
	print_counts(vms, &line);
	ha_buf_printf(&line, "%s. Coordinator %s, epoch %lld, configuration "
		      "%lld. More: hactl vm list, hactl events.",
		      json_array_size(vms) == 0 ? "none" : "",
		      hactl_js_str(cluster, "coordinator")[0] != '\0' ?
		      hactl_js_str(cluster, "coordinator") : "none",
		      hactl_js_int(cluster, "epoch"),
		      hactl_js_int(cluster, "config_version"));
	hactl_wrap(b, s, line.data, 2);
	ha_buf_fini(&line);
}

void hactl_render_status(const json_t *status, const struct hactl_screen *s,
			 struct ha_buf *b)
{
	const json_t *cluster = json_object_get(status, "cluster");
	struct summary sum = { .group_count = 0 };

	summarise(status, &sum);
	if (is_outside(status)) {
		hactl_wrap(b, s, "This host is not, or no longer, in the "
			   "cluster that is shown: it runs none of its VMs. To "
			   "add it: 'hactl host add' on a host of the "
			   "cluster.", 0);
	}
	print_verdict(cluster, &sum, s, b);
	if (hactl_js_bool(cluster, "empty")) {
		if (hactl_js_str(cluster, "why")[0] != '\0') {
			print_item(hactl_js_str(cluster, "why"), s, b);
		}
		print_title("What to do", s, b);
		print_item("new cluster: 'hactl cluster create FILE' on one "
			   "host; to join one: 'hactl host add' on a host "
			   "that belongs to it", s, b);
		fini_summary(&sum);
		return;
	}
	if (!cluster_fine(cluster, &sum)) {
		print_wrong(cluster, &sum, s, b);
	}
	if (count_section(&sum, OTHERWISE) > 0) {
		print_title("What should be otherwise", s, b);
		print_section(&sum, OTHERWISE, s, b);
	}
	print_doing(cluster, &sum, s, b);
	print_todo(cluster, &sum, s, b);
	print_footer(status, s, b);
	fini_summary(&sum);
}
