/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each file of tests/unit/conf says in comments what is wrong with it:
 * "<!-- expect LINE: TEXT -->" for every error, in the order in which they are
 * told. A file without any must be accepted, written and read back unchanged.
 */
#include "conf/conf.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"
#include "tests/unit/suite.h"

#define FILES_MAX 64

static char *files[FILES_MAX];
static int file_count;

static void read_text(const char *path, struct ha_buf *ret)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	ck_assert_msg(fd >= 0, "%s cannot be opened", path);
	ck_assert_int_eq(ha_buf_read_fd(ret, fd, 1u << 20), 0);
	close(fd);
}

static const char *data_dir(void)
{
	static char dir[4096];
	const char *srcdir = getenv("srcdir");

	snprintf(dir, sizeof(dir), "%s/tests/unit/conf",
		 srcdir ? srcdir : ".");
	return dir;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list_files(void)
{
	DIR *dir = opendir(data_dir());
	struct dirent *d;

	while (dir && (d = readdir(dir)) != NULL) {
		size_t len = strlen(d->d_name);

		if (len > 4 && strcmp(d->d_name + len - 4, ".xml") == 0 &&
		    file_count < FILES_MAX) {
			files[file_count++] = strdup(d->d_name);
		}
	}
	if (dir) {
		closedir(dir);
	}
	qsort(files, (size_t)file_count, sizeof(*files), compare_names);
}

/* Takes the next error (not warning) from *i on. */
static const struct ha_conf_error *next_error(const struct ha_conf_errors *e,
					      size_t *i)
{
	while (*i < e->count && e->list[*i].warning) {
		(*i)++;
	}
	return *i < e->count ? &e->list[(*i)++] : NULL;
}

static size_t check_expected(const char *name, const char *text,
			     const struct ha_conf_errors *errors)
{
	static const char mark[] = "<!-- expect ";
	size_t i = 0, count = 0;

	for (const char *p = text; (p = strstr(p, mark)) != NULL; count++) {
		const struct ha_conf_error *e = next_error(errors, &i);
		char want[512];
		char *end;
		unsigned long line = strtoul(p + strlen(mark), &end, 10);
		const char *stop = strstr(end, " -->");

		ck_assert(stop != NULL);
		snprintf(want, sizeof(want), "%.*s", (int)(stop - end - 2),
			 end + 2);
		ck_assert_msg(e != NULL, "%s: missing: %lu: %s", name, line,
			      want);
		ck_assert_msg(e->line == line && strstr(e->text, want),
			      "%s: got %u: %s: %s\nwanted %lu: %s", name,
			      e->line, e->object, e->text, line, want);
		p = stop;
	}
	if (next_error(errors, &i)) {
		ck_abort_msg("%s: unexpected: %u: %s: %s", name,
			     errors->list[i - 1].line,
			     errors->list[i - 1].object,
			     errors->list[i - 1].text);
	}
	ck_assert_uint_eq(errors->errors, count);
	return count;
}

static void check_round_trip(const struct ha_config *c)
{
	struct ha_conf_errors errors = { 0 };
	struct ha_buf first = { 0 }, second = { 0 }, diff = { 0 };
	struct ha_config *again;

	ck_assert_int_eq(ha_conf_write(c, &first), 0);
	ck_assert_int_eq(ha_conf_parse(first.data, first.len, &errors, &again),
			 0);
	ck_assert_int_eq(ha_conf_write(again, &second), 0);
	ck_assert_str_eq(first.data, second.data);
	ck_assert_int_eq(ha_conf_diff_text(c, again, &diff), 0);
	ck_assert_uint_eq(diff.len, 0);
	for (size_t i = 0; i < c->vm_count; i++) {
		ck_assert_str_eq(c->vms[i].domain_xml,
				 again->vms[i].domain_xml);
	}
	ha_conf_free(again);
	ha_conf_errors_fini(&errors);
	ha_buf_fini(&first);
	ha_buf_fini(&second);
	ha_buf_fini(&diff);
}

START_TEST(test_file)
{
	char path[8192];
	struct ha_buf text = { 0 };
	struct ha_conf_errors errors = { 0 };
	struct ha_config *c = NULL;
	size_t expected;
	int err;

	snprintf(path, sizeof(path), "%s/%s", data_dir(), files[_i]);
	read_text(path, &text);
	err = ha_conf_parse(text.data, text.len, &errors, &c);
	expected = check_expected(files[_i], text.data, &errors);
	if (expected == 0) {
		ck_assert_msg(err == 0, "%s: %s", files[_i], ha_err_text(err));
		check_round_trip(c);
	} else {
		ck_assert_int_eq(err, HA_E_SYNTAX);
		ck_assert_ptr_null(c);
	}
	ha_conf_free(c);
	ha_conf_errors_fini(&errors);
	ha_buf_fini(&text);
}
END_TEST

static struct ha_config *parse(const char *text)
{
	struct ha_conf_errors errors = { 0 };
	struct ha_buf out = { 0 };
	struct ha_config *c = NULL;
	int err = ha_conf_parse(text, strlen(text), &errors, &c);

	ha_conf_errors_print(&errors, NULL, &out);
	ck_assert_msg(err == 0, "%s", out.data ? out.data : "?");
	ha_conf_errors_fini(&errors);
	ha_buf_fini(&out);
	return c;
}

static struct ha_config *parse_full(void)
{
	char path[8192];
	struct ha_buf text = { 0 };
	struct ha_config *c;

	snprintf(path, sizeof(path), "%s/good-full.xml", data_dir());
	read_text(path, &text);
	c = parse(text.data);
	ha_buf_fini(&text);
	return c;
}

START_TEST(test_values)
{
	struct ha_config *c = parse_full();
	const struct ha_vm_conf *vm = ha_config_vm_named(c, "db1");
	const struct ha_host_conf *h = ha_config_host(c, 64);

	ck_assert_str_eq(c->name, "prod");
	ck_assert_uint_eq(c->host_count, 2);
	ck_assert_uint_eq(c->hosts[0].id, 1);
	ck_assert_uint_eq(c->hosts[0].memory_kib, 0);
	ck_assert_uint_eq(h->memory_kib, 64 << 20);
	ck_assert_uint_eq(h->level_count, 2);
	ck_assert_uint_eq(h->levels[1].step_count, 2);
	ck_assert_str_eq(c->devices[h->levels[1].steps[1].device].name,
			 "pdu-b");
	ck_assert(!c->devices[0].power_on);
	ck_assert(c->devices[1].power_on);
	ck_assert_int_eq(c->devices[0].timeout, HA_S(30));
	ck_assert_uint_eq(c->devices[1].retries, 2);
	ck_assert_int_eq(c->leave_timeout, HA_MS(500));
	ck_assert_int_eq(c->start_wait, HA_S(120));
	ck_assert_uint_eq(c->starts_per_host, 4);
	ck_assert_uint_eq(c->cpu_overcommit_percent, 150);
	ck_assert_uint_eq(c->memory_overcommit_percent, 120);
	ck_assert_int_eq(c->placement, HA_SCORE_PACK);
	ck_assert(c->preemption);
	ck_assert_int_eq(vm->priority, HA_PRIORITY_HIGHEST);
	ck_assert_int_eq(vm->on_guest_shutdown, HA_GUEST_SHUTDOWN_RESTART);
	ck_assert_int_eq(vm->on_host_shutdown, HA_HOST_SHUTDOWN_STOP);
	ck_assert_int_eq(vm->start_timeout, HA_MS(1500));
	ck_assert_uint_eq(vm->memory_kib, (2048 + 128) << 10);
	ck_assert_uint_eq(vm->vcpus, 2);
	ck_assert_uint_eq(vm->disk_count, 6); /* the empty drive is none */
	ck_assert_str_eq(vm->disks[2].source, "rbd:p/db1@m1:6789");
	ck_assert_str_eq(vm->disks[3].source, "default/db1");
	ck_assert(vm->disks[4].read_only);
	ck_assert_str_eq(vm->disks[5].target, "nvram");
	ck_assert_str_eq(vm->nics[0].mac, "52:54:00:aa:bb:01");
	ck_assert_int_eq(vm->nics[0].kind, HA_NIC_BRIDGE);
	ck_assert_str_eq(vm->nics[0].source, "br0");
	ck_assert_ptr_nonnull(strstr(vm->domain_xml, "<uuid>11111111-2222-"));
	ck_assert(!ha_hash_is_none(&c->hash));
	ha_conf_free(c);
}
END_TEST

START_TEST(test_defaults)
{
	struct ha_config *c = parse(
		"<cluster name='c'><defaults stop-timeout='7s'/><hosts>"
		"<host name='h1' id='1'/></hosts><vms><vm name='v'><domain "
		"type='kvm'><name>v</name><uuid>11111111222233334444"
		"000000000002</uuid><memory>65536</memory></domain></vm></vms>"
		"</cluster>");
	const struct ha_vm_conf *vm = &c->vms[0];

	ck_assert_uint_eq(c->starts_per_host, 8);
	ck_assert_uint_eq(c->cpu_overcommit_percent, 400);
	ck_assert_uint_eq(c->memory_overcommit_percent, 100);
	ck_assert_int_eq(c->placement, HA_SCORE_SPREAD);
	ck_assert(!c->preemption);
	ck_assert_int_eq(c->fence_delay, HA_S(5));
	ck_assert_int_eq(c->start_wait, HA_S(120));
	ck_assert_int_eq(c->leave_timeout, HA_S(30));
	ck_assert_ptr_null(c->alert);
	ck_assert_int_eq(vm->priority, HA_PRIORITY_MEDIUM);
	ck_assert_int_eq(vm->wanted, HA_WANTED_RUNNING);
	ck_assert_int_eq(vm->on_guest_shutdown, HA_GUEST_SHUTDOWN_OFF);
	ck_assert_int_eq(vm->on_host_shutdown, HA_HOST_SHUTDOWN_MOVE);
	ck_assert_int_eq(vm->start_timeout, HA_S(120));
	ck_assert_int_eq(vm->stop_timeout, HA_S(7));
	ck_assert_uint_eq(vm->memory_kib, 65536 + (64 << 10));
	ck_assert_uint_eq(vm->vcpus, 1);
	ha_conf_free(c);
}
END_TEST

/* A hostile text, made of a head, a repeated middle and a tail. */
struct hostile {
	const char *head, *middle, *tail;
	size_t times;
	int err;
	const char *text;
};

static const struct hostile hostiles[] = {
	{ "", "", "", 0, HA_E_SYNTAX, "empty" },
	{ "<cluster name='", "x", "'/>", 50u << 20, HA_E_LIMIT,
	  "larger than 32 MiB" },
	{ "<cluster>", "<a>", "", 65, HA_E_LIMIT, "nested deeper" },
	{ "<cluster>", "<a>", "", 500000, HA_E_LIMIT, "nested deeper" },
	{ "<cluster>", "<a/>", "</cluster>", 5000000, HA_E_LIMIT,
	  "more than 3 million" },
	{ "<cluster ", "a='' ", "/>", 1000000, HA_E_LIMIT,
	  "more than 64 attributes" },
	{ "<cluster ", "xmlns:a='' ", "/>", 9, HA_E_LIMIT,
	  "more than 8 namespaces" },
	{ "<cluster name='c'>", "a&#65;", "</cluster>", 500000, HA_E_SYNTAX,
	  "text in <cluster>" },
	{ "<cluster name='c'>", "<![CDATA[a]]>", "</cluster>", 300000,
	  HA_E_SYNTAX, "text in <cluster>" },
	{ "<cluster name='c'>", "<?p q?>", "</cluster>", 300000, HA_E_SYNTAX,
	  "there is no host" },
	{ "<cluster name='c'>", "&#65;&quot;&x;", "</cluster>", 100000,
	  HA_E_SYNTAX, "not well-formed" },
	{ "<!DOCTYPE x [", "<!ENTITY a 'x'>", "]><x/>", 1000, HA_E_SYNTAX,
	  "DOCTYPE" },
	{ "", "<", "", 1000000, HA_E_SYNTAX, "not well-formed" },
	{ "<cluster name='", "\"", "", 1000000, HA_E_SYNTAX, "not well-formed" },
	{ "<cluster><!--", "-", "", 1000000, HA_E_SYNTAX,
	  "inside a comment" },
	{ "<cluster>", "<hosd/>", "</cluster>", 1000000, HA_E_SYNTAX,
	  "unknown element" },
	{ "<cluster name='", "&#x41;", "'/>", 100000, HA_E_SYNTAX,
	  "name cannot be used" },
};

START_TEST(test_hostile)
{
	const struct hostile *h = &hostiles[_i];
	struct ha_conf_errors errors = { 0 };
	struct ha_buf text = { 0 }, out = { 0 };
	struct ha_config *c = NULL;
	int err;

	ha_buf_puts(&text, h->head);
	for (size_t i = 0; i < h->times; i++) {
		ha_buf_puts(&text, h->middle);
	}
	ha_buf_puts(&text, h->tail);
	err = ha_conf_parse(text.data, text.len, &errors, &c);
	ha_conf_errors_print(&errors, "f", &out);
	ck_assert_msg(err == h->err, "%d: %d: %s", _i, err, out.data);
	ck_assert_uint_gt(errors.errors, 0);
	ck_assert_uint_le(errors.count, HA_CONF_ERRORS_MAX);
	ck_assert_msg(strstr(out.data, h->text) != NULL, "%d: %.300s", _i,
		      out.data);
	if (errors.errors > HA_CONF_ERRORS_MAX) {
		ck_assert_ptr_nonnull(strstr(out.data, " more\n"));
	}
	ck_assert_ptr_null(c);
	ha_conf_errors_fini(&errors);
	ha_buf_fini(&text);
	ha_buf_fini(&out);
}
END_TEST

/* What a message quotes cannot play tricks on a terminal. */
START_TEST(test_clean_messages)
{
	static const char text[] = "<cluster name='c'><hosts><host name="
				   "'a&#10;b\302\233c\342\200\256d' id='1'/>"
				   "</hosts></cluster>";
	struct ha_conf_errors errors = { 0 };

	ck_assert_int_eq(ha_conf_parse(text, strlen(text), &errors, NULL),
			 HA_E_SYNTAX);
	ck_assert_uint_ge(errors.count, 1);
	for (size_t i = 0; i < errors.count; i++) {
		ck_assert_str_eq(errors.list[i].object,
				 "host 'a b\?\?c\?\?\?d'");
	}
	ha_conf_errors_fini(&errors);
}
END_TEST

static void write_file(const char *dir, const char *name, const char *text)
{
	char path[4200];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "we");
	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

START_TEST(test_domain_files)
{
	char dir[] = "/tmp/hac-test-conf-XXXXXX", path[256], cmd[256];
	struct ha_conf_errors errors = { 0 };
	struct ha_buf text = { 0 };
	struct ha_config *c = NULL, *again;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	write_file(dir, "v.xml", "<?xml version='1.0'?>\n<domain type='kvm'>"
		   "<name>v</name>\n<uuid>11111111-2222-3333-4444-000000000001"
		   "</uuid><memory>65536</memory></domain>\n");
	write_file(dir, "c.xml", "<cluster name='c'><hosts><host name='h1' "
		   "id='1'/></hosts>\n<!-- kept -->\n<vms><vm name='v'>"
		   "<domain file='v.xml'/></vm></vms></cluster>");
	snprintf(path, sizeof(path), "%s/c.xml", dir);
	ck_assert_int_eq(ha_conf_read_file(path, &errors, &text, &c), 0);
	ck_assert_str_eq(c->vms[0].name, "v");
	ck_assert_ptr_nonnull(strstr(text.data, "<!-- kept -->"));
	ck_assert_ptr_nonnull(strstr(text.data, "<name>v</name>"));
	again = parse(text.data);
	ck_assert(ha_hash_equal(&c->hash, &again->hash));
	ha_conf_free(c);
	ha_conf_free(again);
	ha_buf_clear(&text);

	write_file(dir, "v.xml", "<domain>\n<name>");
	write_file(dir, "c.xml", "<cluster name='c'><hosts/><vms>\n<vm name='v'>"
		   "<domain file='v.xml'/></vm>\n<vm name='w'>"
		   "<domain file='/dev/zero'/></vm>\n<vm name='x'>"
		   "<domain file='no.xml'/></vm></vms></cluster>");
	ha_conf_errors_fini(&errors);
	c = NULL;
	ck_assert_int_eq(ha_conf_read_file(path, &errors, &text, &c),
			 HA_E_SYNTAX);
	ck_assert_ptr_null(c);
	ck_assert_uint_eq(text.len, 0);
	ck_assert_uint_eq(errors.count, 4);
	ck_assert_ptr_nonnull(strstr(errors.list[0].text, "there is no host"));
	ck_assert_ptr_nonnull(strstr(errors.list[1].text, "v.xml' line 2"));
	ck_assert_ptr_nonnull(strstr(errors.list[2].text, "not a regular"));
	ck_assert_ptr_nonnull(strstr(errors.list[3].text, "No such file"));
	ck_assert_uint_eq(errors.list[3].line, 4);
	ha_conf_errors_fini(&errors);
	ha_buf_fini(&text);
	snprintf(cmd, sizeof(cmd), "rm -r %s", dir);
	ck_assert_int_eq(system(cmd), 0);
}
END_TEST

START_TEST(test_diff)
{
	struct ha_config *a = parse_full();
	struct ha_buf text = { 0 }, diff = { 0 };
	struct ha_config *b = parse(
		"<cluster name='prod'><hosts><host name='h1' id='1'/>"
		"<host name='h4' id='4'/></hosts><vms><vm name='db1' "
		"restart-priority='low'><domain type='kvm'><name>db1</name>"
		"<uuid>11111111-2222-3333-4444-000000000001</uuid><memory "
		"unit='GiB'>1</memory></domain></vm></vms></cluster>");

	ck_assert_int_eq(ha_conf_diff_text(a, b, &diff), 0);
	ck_assert_ptr_nonnull(strstr(
		diff.data, "vm db1: restart-priority highest -> low\n"));
	ck_assert_ptr_nonnull(strstr(
		diff.data, "vm db1: memory 2048MiB -> 1024MiB\n"));
	ck_assert_ptr_nonnull(strstr(diff.data, "vm web_1.x: removed\n"));
	ck_assert_ptr_nonnull(strstr(diff.data, "host h4: added\n"));
	ck_assert_ptr_nonnull(strstr(diff.data, "host h64: removed\n"));
	ck_assert_ptr_nonnull(strstr(diff.data, "host h1: fence bmc -> none"));
	ck_assert_ptr_nonnull(strstr(diff.data, "fence device bmc: removed"));
	ck_assert_ptr_nonnull(strstr(
		diff.data, "cluster prod: command /usr/local/sbin/alert -> "));
	ck_assert_ptr_nonnull(strstr(
		diff.data, "defaults: starts-per-host 4 -> 8\n"));
	ck_assert_ptr_null(strstr(diff.data, "geheim"));
	ha_conf_free(a);
	ha_conf_free(b);
	ha_buf_fini(&text);
	ha_buf_fini(&diff);
}
END_TEST

START_TEST(test_mask)
{
	static const char text[] =
		"<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/"
		"domain/qemu/1.0'><devices><graphics type='vnc' passwd='s3cr3t'"
		"/></devices><!-- password s3cr3t --><qemu:commandline>"
		"<qemu:arg value='secret,data=s3cr3t'/></qemu:commandline>"
		"<sysinfo type='smbios'><oemStrings><entry>s3cr3t</entry>"
		"</oemStrings></sysinfo><name>v</name></domain>";
	static const char plain[] =
		"<cluster name='c'>\n  <!-- kept -->\n</cluster>\n";
	struct ha_buf out = { 0 };

	ck_assert_int_eq(ha_conf_mask(text, strlen(text), &out), 0);
	ck_assert_ptr_null(strstr(out.data, "s3cr3t"));
	ck_assert_ptr_nonnull(strstr(out.data, "passwd=\"***\""));
	ha_conf_stand_in(out.data);
	ck_assert_ptr_null(strstr(out.data, "passwd=\"***\""));
	ck_assert_ptr_nonnull(strstr(out.data, "passwd=\"---\""));
	ck_assert_ptr_nonnull(strstr(out.data, "<name>v</name>"));
	ha_buf_clear(&out);
	ck_assert_int_eq(ha_conf_mask(plain, strlen(plain), &out), 0);
	ck_assert_str_eq(out.data, plain);
	ha_buf_clear(&out);
	ck_assert_int_ne(ha_conf_mask("<a", 2, &out), 0);
	ck_assert_uint_eq(out.len, 0);
	ha_buf_fini(&out);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("conf");
	TCase *t = tcase_create("conf");
	int code;

	list_files();
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, test_file, 0, file_count);
	tcase_add_test(t, test_values);
	tcase_add_test(t, test_defaults);
	tcase_add_loop_test(t, test_hostile, 0,
			    (int)(sizeof(hostiles) / sizeof(hostiles[0])));
	tcase_add_test(t, test_clean_messages);
	tcase_add_test(t, test_domain_files);
	tcase_add_test(t, test_diff);
	tcase_add_test(t, test_mask);
	suite_add_tcase(s, t);
	code = test_main(s);
	for (int i = 0; i < file_count; i++) {
		free(files[i]);
	}
	return file_count > 0 ? code : EXIT_FAILURE;
}
