/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * conf-story.h - a small cluster.xml that is right but for what a test puts
 * into it. Inline, since a test links nothing but lib/conf.
 */
#ifndef HA_TESTS_CONF_STORY_H
#define HA_TESTS_CONF_STORY_H

#include <check.h>
#include <string.h>

#include "conf/conf.h"

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

#define HOSTS "<host name='h1' id='1'/><host name='h2' id='2'/>" \
	      "<host name='h3' id='3'/>"
#define UUID "00000000-0000-0000-0000-00000000000"
#define DOMAIN(name, n, more) \
	"<domain type='kvm'><name>" name "</name><uuid>" UUID n "</uuid>" \
	"<memory unit='MiB'>64</memory>" more "</domain></vm>"
#define VM(name, n, attrs) "<vm name='" name "' " attrs ">" DOMAIN(name, n, "")
#define VMS VM("v1", "1", "groups='g'") VM("v2", "2", "groups='g'") \
	    VM("v3", "3", "") VM("v4", "4", "")
#define GROUPS "<vm-groups><vm-group name='g'/><vm-group name='empty'/>" \
	       "</vm-groups>\n"
#define RULES(text) GROUPS "<rules>\n" text "</rules>\n"

/* Line 1 is the cluster, 2 its hosts, 3 its VMs; `text` begins in line 4, or
 * the rules of RULES in line 6. */
struct story {
	const char *hosts; /* NULL: HOSTS */
	const char *vms;   /* NULL: VMS */
	const char *text;
	uint32_t line;     /* of the error */
	const char *says;
};

static inline void put_cluster(const struct story *s, struct ha_buf *out)
{
	ha_buf_printf(out, "<cluster name='c'>\n<hosts>%s</hosts>\n<vms>%s"
		      "</vms>\n", s->hosts ? s->hosts : HOSTS,
		      s->vms ? s->vms : VMS);
	ha_buf_puts(out, s->text ? s->text : "");
	if (!s->vms && !(s->text && strstr(s->text, "<vm-groups>"))) {
		ha_buf_puts(out, GROUPS);
	}
	ha_buf_puts(out, "</cluster>");
}

/* But those of hosts, which have no fence levels here. */
static inline size_t count_warnings(const struct ha_conf_errors *e)
{
	size_t n = 0;

	for (size_t i = 0; i < e->count; i++) {
		n += !strstr(e->list[i].text, "no fence level");
	}
	return n;
}

static inline struct ha_config *parse(const struct story *s, size_t warnings)
{
	struct ha_conf_errors errors = { 0 };
	struct ha_buf text = { 0 }, why = { 0 };
	struct ha_config *c = NULL;
	int err;

	put_cluster(s, &text);
	err = ha_conf_parse(text.data, text.len, &errors, &c);
	ha_conf_errors_print(&errors, NULL, &why);
	ck_assert_msg(err == 0 && count_warnings(&errors) == warnings, "%s",
		      why.data ? why.data : "no warning");
	ha_conf_errors_fini(&errors);
	ha_buf_fini(&text);
	ha_buf_fini(&why);
	return c;
}

#endif
