/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is corosync set up as hac needs it? Read from what corosync-cmapctl and
 * corosync-quorumtool print, so that only facts in force count, not a file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "doctor.h"

enum { TOKEN_LEAST_MS = 500, TOKEN_MOST_MS = 10000, LINKS_MAX = 8 };

/* "totem.token (u32) = 1000" -> "1000" to ret[size]; false: no such key. */
static bool find_key(const char *cmap, const char *key, char *ret, size_t size)
{
	size_t len = strlen(key);

	for (const char *p = cmap; p != NULL && *p != '\0';) {
		const char *eq;

		if (strncmp(p, key, len) == 0 && p[len] == ' ') {
			eq = strstr(p, ") = ");
			if (eq == NULL) {
				return false;
			}
			(void)snprintf(ret, size, "%.*s",
				       (int)strcspn(eq + 4, "\n"), eq + 4);
			return true;
		}
		p = strchr(p, '\n');
		p = p != NULL ? p + 1 : NULL;
	}
	return false;
}

static long find_number(const char *cmap, const char *key, long otherwise)
{
	char text[32];

	return find_key(cmap, key, text, sizeof(text)) ?
	       strtol(text, NULL, 10) : otherwise;
}

/* "host h2 (2)" of nodelist entry n; false: there is no such entry. */
static bool find_node(const char *cmap, long n, char *ret, size_t size)
{
	char key[64], id[32], name[80];

	(void)snprintf(key, sizeof(key), "nodelist.node.%ld.nodeid", n);
	if (!find_key(cmap, key, id, sizeof(id))) {
		return false;
	}
	(void)snprintf(key, sizeof(key), "nodelist.node.%ld.name", n);
	if (find_key(cmap, key, name, sizeof(name))) {
		(void)snprintf(ret, size, "node %s (%s)", name, id);
	} else {
		(void)snprintf(ret, size, "node %s", id);
	}
	return true;
}

static long count_nodes(const char *cmap)
{
	char name[128];
	long n = 0;

	while (n < 1000 && find_node(cmap, n, name, sizeof(name))) {
		n++;
	}
	return n;
}

static void check_ids(const char *cmap, struct hactl_findings *f)
{
	struct hactl_finding *bad = NULL;
	long count = count_nodes(cmap);

	if (count == 0) {
		hactl_finding(f, HACTL_ERROR, "corosync has no nodelist with "
			      "nodeids", "list every host in the nodelist of "
			      "corosync.conf, each with name and nodeid");
		return;
	}
	for (long i = 0; i < count; i++) {
		char key[64], name[128];
		long id;

		(void)snprintf(key, sizeof(key), "nodelist.node.%ld.nodeid", i);
		id = find_number(cmap, key, 0);
		if (id >= 1 && id <= HA_HOSTS_MAX) {
			continue;
		}
		(void)find_node(cmap, i, name, sizeof(name));
		bad = hactl_find(f, HACTL_ERROR, name);
		(void)snprintf(bad->text, sizeof(bad->text), "hac takes "
			       "nodeids from 1 to %d only", HA_HOSTS_MAX);
		(void)snprintf(bad->todo, sizeof(bad->todo), "give it such a "
			       "nodeid in corosync.conf on all hosts");
	}
	if (bad == NULL) {
		bad = hactl_find(f, HACTL_FINE, "");
		(void)snprintf(bad->text, sizeof(bad->text), "%ld nodes, all "
			       "nodeids from 1 to %d", count, HA_HOSTS_MAX);
	}
}

void hactl_corosync_quorum(const char *cmap, struct hactl_quorum *q)
{
	q->two_node = find_number(cmap, "quorum.two_node", 0) == 1 ||
		      find_number(cmap, "runtime.votequorum.two_node", 0) == 1;
	q->wait_for_all = find_number(cmap, "quorum.wait_for_all",
				      q->two_node) == 1;
	q->auto_tie_breaker =
		find_number(cmap, "quorum.auto_tie_breaker", 0) == 1;
}

static void check_two_node(const char *cmap, struct hactl_findings *f)
{
	struct hactl_quorum q;

	hactl_corosync_quorum(cmap, &q);
	if (q.two_node && !q.wait_for_all) {
		hactl_finding(f, HACTL_ERROR, "two_node without wait_for_all: "
			      "after a power cut each host could go on alone; "
			      "hacd refuses to decide", "remove 'wait_for_all: "
			      "0' from corosync.conf and restart corosync");
	} else if (q.two_node) {
		hactl_finding(f, HACTL_FINE, "two_node with wait_for_all",
			      NULL);
	}
	if (find_number(cmap, "quorum.last_man_standing", 0) == 1) {
		hactl_finding(f, HACTL_WARNING, "last_man_standing is set; hac "
			      "does not use quorum of fewer than half of the "
			      "hosts", "remove it from corosync.conf");
	}
}

static void check_token(const char *cmap, struct hactl_findings *f)
{
	long nodes = count_nodes(cmap);
	long token = find_number(cmap, "totem.token", 3000);
	long coefficient = find_number(cmap, "totem.token_coefficient", 650);
	long real = find_number(cmap, "runtime.config.totem.token",
				token + (nodes > 2 ? nodes - 2 : 0) *
				coefficient);
	struct hactl_finding *n = hactl_find(f, HACTL_FINE, "");

	(void)snprintf(n->text, sizeof(n->text), "token %ld ms: a dead host is "
		       "noticed after about %.1f s", real,
		       (double)real * 2.2 / 1000);
	if (real < TOKEN_LEAST_MS) {
		n->level = HACTL_WARNING;
		(void)snprintf(n->todo, sizeof(n->todo), "below %d ms a busy "
			       "host may be taken for dead; set token: 1000 "
			       "in corosync.conf", TOKEN_LEAST_MS);
	} else if (real > TOKEN_MOST_MS) {
		n->level = HACTL_WARNING;
		(void)snprintf(n->todo, sizeof(n->todo), "every recovery waits "
			       "that long; set token: 1000 in corosync.conf");
	}
	if (nodes > 2 && coefficient > 0) {
		n = hactl_find(f, HACTL_WARNING, "");
		(void)snprintf(n->text, sizeof(n->text), "token_coefficient "
			       "%ld ms adds %ld ms with %ld hosts, and more "
			       "with each further host", coefficient,
			       (nodes - 2) * coefficient, nodes);
		(void)snprintf(n->todo, sizeof(n->todo), "set "
			       "token_coefficient: 0 in corosync.conf");
	}
}

static void check_links(const char *cmap, struct hactl_findings *f)
{
	int links = 0;
	char key[64], addr[300];

	for (int i = 0; i < LINKS_MAX; i++) {
		(void)snprintf(key, sizeof(key), "nodelist.node.0.ring%d_addr",
			       i);
		links += find_key(cmap, key, addr, sizeof(addr));
	}
	if (links >= 2) {
		(void)snprintf(key, sizeof(key), "%d links", links);
		hactl_finding(f, HACTL_FINE, key, NULL);
	} else {
		hactl_finding(f, HACTL_WARNING, "only one link between the "
			      "hosts: when that switch dies, all hosts lose "
			      "each other", "add a ring1_addr on another "
			      "network to each node in corosync.conf");
	}
}

static void check_crypto(const char *cmap, struct hactl_findings *f)
{
	char cipher[64] = "none", hash[64] = "none", old[16] = "off";

	(void)find_key(cmap, "totem.crypto_cipher", cipher, sizeof(cipher));
	(void)find_key(cmap, "totem.crypto_hash", hash, sizeof(hash));
	(void)find_key(cmap, "totem.secauth", old, sizeof(old));
	if ((strcmp(cipher, "none") != 0 && strcmp(hash, "none") != 0) ||
	    strcmp(old, "on") == 0) {
		hactl_finding(f, HACTL_FINE, "traffic between hosts is "
			      "encrypted", NULL);
	} else {
		hactl_finding(f, HACTL_WARNING, "traffic between hosts is not "
			      "encrypted: whoever is on that network can steer "
			      "the cluster", "set crypto_cipher: aes256 and "
			      "crypto_hash: sha256 in corosync.conf, and "
			      "distribute an authkey (corosync-keygen)");
	}
}

void hactl_doctor_corosync(const char *cmap, struct hactl_findings *f)
{
	f->check = "corosync";
	check_ids(cmap, f);
	check_two_node(cmap, f);
	check_token(cmap, f);
	check_links(cmap, f);
	check_crypto(cmap, f);
}

void hactl_doctor_quorum(const char *quorumtool, struct hactl_findings *f)
{
	const char *line = strstr(quorumtool, "Quorate:");
	bool quorate = line != NULL &&
		       strncmp(line + 8 + strspn(line + 8, " \t"), "Yes",
			       3) == 0;

	f->check = "quorum";
	if (quorate) {
		hactl_finding(f, HACTL_FINE, "corosync is quorate", NULL);
	} else {
		hactl_finding(f, HACTL_ERROR, "corosync is not quorate here: "
			      "nothing is started or fenced from this host",
			      "bring more than half of the hosts up; "
			      "'corosync-quorumtool' and 'corosync-cfgtool "
			      "-s' show who is connected");
	}
}
