/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * agent-vm - plays hacd to hac-agent-vm, and breaks what stands behind it.
 * Started by agent-vm.sh inside namespaces where this libvirtd and these
 * QEMUs are the only ones.
 *
 * usage: agent-vm PATH-OF-hac-agent-vm
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/time.h"
#include "wire/agent.h"

#define VMS 32
#define ANSWERS 256

struct answer {
	uint64_t id;
	uint32_t code;
	ha_time at;
	char text[HA_TEXT_MAX + 1];
};

struct seen {
	uint32_t seen;
	uint32_t end;
	uint64_t instance;
	unsigned told; /* how often */
	ha_time at;
};

static struct {
	const char *program;
	pid_t agent;
	int fd;
	unsigned tests;
	unsigned failed;
	uint64_t next_id;
	/* what the agent told */
	unsigned ups;
	unsigned downs;
	unsigned inventories;
	unsigned notes;
	size_t listed;
	uint64_t memory_kib;
	uint32_t cpus, cpu_mhz;
	ha_time down_at;
	ha_time up_at;
	struct seen vms[VMS];
	struct answer answers[ANSWERS]; /* a ring, by id */
	char *xml;
	char last_note[HA_TEXT_MAX + 1];
} t;

/* ---- the world */

static void check(bool ok, const char *what)
{
	t.tests++;
	t.failed += !ok;
	printf("%s %u - %s\n", ok ? "ok" : "not ok", t.tests, what);
	fflush(stdout);
}

static void figure(const char *what, ha_dur us)
{
	printf("# %-58s %9.1f ms\n", what, (double)us / 1000.0);
	fflush(stdout);
}

static pid_t spawn(const char *command)
{
	pid_t pid = fork();

	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	return pid;
}

static int run(const char *command)
{
	int status = -1;
	pid_t pid = spawn(command);

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
	}
	return status;
}

static struct ha_uuid uuid_of(unsigned vm)
{
	struct ha_uuid u = { { 0x5c, 0xa1, 0xab, 0x1e, 0, 0, 0x40, 0,
			       0x80, 0, 0, 0, 0, 0, 1, (uint8_t)vm } };

	return u;
}

static void uuid_text(unsigned vm, char text[40])
{
	snprintf(text, 40, "5ca1ab1e-0000-4000-8000-0000000001%02x", vm);
}

/* The pid of the QEMU of a VM, 0 if there is none. */
static pid_t qemu_of(unsigned vm)
{
	char line[8192], path[300], uuid[40];
	DIR *dir = opendir("/proc");
	struct dirent *e;
	pid_t found = 0;

	uuid_text(vm, uuid);
	while (!found && (e = readdir(dir))) {
		ssize_t n = 0;
		int fd;

		snprintf(path, sizeof(path), "/proc/%s/cmdline", e->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0) {
			n = read(fd, line, sizeof(line));
			close(fd);
		}
		if (n > 0 && strstr(line, "qemu-system") &&
		    memmem(line, (size_t)n, uuid, strlen(uuid))) {
			found = (pid_t)strtol(e->d_name, NULL, 10);
		}
	}
	closedir(dir);
	return found;
}

/* Never 0 or less to kill: that is oneself and others. */
static void signal_process(pid_t pid, int signo)
{
	if (pid > 1) {
		kill(pid, signo);
	}
}

static pid_t libvirtd_pid(void)
{
	FILE *f = fopen("/run/libvirtd.pid", "re");
	int pid = 0;

	if (f) {
		if (fscanf(f, "%d", &pid) != 1) {
			pid = 0;
		}
		fclose(f);
	}
	return pid;
}

static void start_libvirtd(void)
{
	if (run("libvirtd -d") != 0) {
		printf("Bail out! libvirtd does not start\n");
		exit(1);
	}
}

static void make_disk(const char *path, const unsigned char *code, size_t len)
{
	unsigned char sector[512] = { 0 };
	FILE *f = fopen(path, "we");

	memcpy(sector, code, len);
	sector[510] = 0x55;
	sector[511] = 0xaa;
	fwrite(sector, 1, sizeof(sector), f);
	fclose(f);
}

/* For each VM one that waits for ever; and one that switches itself off. */
static void make_disks(void)
{
	static const unsigned char waits[] = { 0xf4, 0xeb, 0xfd };
	static const unsigned char off[] = { 0xba, 0x04, 0x06, 0xb8, 0x00, 0x20,
					     0xef, 0xf4, 0xeb, 0xfd };
	char path[32];

	for (unsigned i = 0; i < VMS; i++) {
		snprintf(path, sizeof(path), "waits%u.img", i);
		make_disk(path, waits, sizeof(waits));
		snprintf(path, sizeof(path), "off%u.img", i);
		make_disk(path, off, sizeof(off));
	}
}

static void domain_xml(unsigned vm, const char *disk, struct ha_buf *xml)
{
	char uuid[40];

	uuid_text(vm, uuid);
	ha_buf_clear(xml);
	ha_buf_printf(xml,
		"<domain type='qemu'><name>vm%u</name><uuid>%s</uuid>"
		"<memory unit='KiB'>16392</memory><vcpu>1</vcpu>"
		"<os><type arch='x86_64' machine='pc'>hvm</type></os>"
		"<features><acpi/></features><on_crash>destroy</on_crash>"
		"<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>"
		"<disk type='file' device='disk'><driver name='qemu' "
		"type='raw'/><source file='/run/test/%s%u.img'/>"
		"<target dev='hda' bus='ide'/></disk>"
		"<controller type='usb' model='none'/>"
		"<graphics type='vnc' socket='/run/test/vnc%u' "
		"passwd='geheim'/><memballoon model='none'/>"
		"</devices></domain>", vm, uuid, disk, vm, vm);
}

/* ---- the agent */

static void start_agent(void)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		exit(1);
	}
	t.agent = fork();
	if (t.agent == 0) {
		if (pair[1] == HA_AGENT_FD) {
			fcntl(pair[1], F_SETFD, 0);
		} else {
			dup2(pair[1], HA_AGENT_FD);
		}
		execl(t.program, "hac-agent-vm", (char *)NULL);
		_exit(127);
	}
	close(pair[1]);
	t.fd = pair[0];
	fcntl(t.fd, F_SETFL, O_NONBLOCK);
}

static void note_domain(const struct ha_domain *d)
{
	struct seen *s = &t.vms[d->vm.b[15] % VMS];

	s->seen = d->seen;
	s->end = d->end;
	s->instance = d->instance;
	s->told++;
	s->at = ha_time_now();
}

static void note_inventory(const struct ha_am *m)
{
	t.inventories++;
	t.listed = m->domain_count;
	t.memory_kib = m->memory_kib;
	t.cpus = m->cpus;
	t.cpu_mhz = m->cpu_mhz;
	for (unsigned i = 0; i < VMS; i++) {
		t.vms[i].seen = HA_SEEN_ABSENT;
	}
	for (size_t i = 0; i < m->domain_count; i++) {
		note_domain(&m->domains[i].domain);
	}
}

static void note_result(const struct ha_am *m)
{
	struct answer *a = &t.answers[m->id % ANSWERS];

	if (a->id == m->id && a->at != 0) {
		check(false, "an operation has one result only");
	}
	a->id = m->id;
	a->code = m->code;
	a->at = ha_time_now();
	snprintf(a->text, sizeof(a->text), "%s", m->text);
}

static void note_message(const struct ha_am *m)
{
	if (m->kind == HA_AM_UP) {
		t.ups++;
		t.up_at = ha_time_now();
	} else if (m->kind == HA_AM_DOWN) {
		t.downs++;
		t.down_at = ha_time_now();
	} else if (m->kind == HA_AM_INVENTORY) {
		note_inventory(m);
	} else if (m->kind == HA_AM_DOMAIN) {
		note_domain(&m->domains[0].domain);
	} else if (m->kind == HA_AM_RESULT) {
		note_result(m);
	} else if (m->kind == HA_AM_NOTE) {
		t.notes++;
		snprintf(t.last_note, sizeof(t.last_note), "%s", m->text);
	} else if (m->kind == HA_AM_XML) {
		free(t.xml);
		t.xml = strdup(m->text);
	}
}

/* Takes what comes until cond holds; false after ms. */
static bool await(bool (*cond)(uint64_t), uint64_t arg, int ms)
{
	ha_time end = ha_time_now() + HA_MS(ms);

	for (;;) {
		struct pollfd p = { .fd = t.fd, .events = POLLIN };
		struct ha_am m;
		int rc;

		if (cond(arg)) {
			return true;
		}
		if (ha_time_now() >= end) {
			return false;
		}
		(void)poll(&p, 1, (int)((end - ha_time_now()) / 1000) + 1);
		rc = ha_am_recv(t.fd, &m);
		if (rc == 0) {
			note_message(&m);
			ha_am_fini(&m);
		} else if (rc != -EAGAIN) {
			printf("# from the agent: %s\n", ha_err_text(rc));
			return false;
		}
	}
}

static bool answered(uint64_t id)
{
	return t.answers[id % ANSWERS].id == id &&
		t.answers[id % ANSWERS].at != 0;
}
static bool is_absent(uint64_t vm)
{
	return t.vms[vm].seen == HA_SEEN_ABSENT;
}
static bool is_running(uint64_t vm)
{
	return t.vms[vm].seen == HA_SEEN_RUNNING;
}
static bool is_paused(uint64_t vm)
{
	return t.vms[vm].seen == HA_SEEN_PAUSED;
}
static bool is_up(uint64_t n)
{
	return t.inventories >= n && t.ups >= n;
}
static bool is_down(uint64_t n)
{
	return t.downs >= n;
}
static bool never(uint64_t n)
{
	(void)n;
	return false;
}

static uint64_t ask(enum ha_am_kind kind, unsigned vm, const char *xml,
		    uint32_t timeout_ms)
{
	char name[16];
	struct ha_am m = { .kind = kind, .id = ++t.next_id, .uuid = uuid_of(vm),
			   .name = name, .text = xml,
			   .timeout_ms = timeout_ms };

	snprintf(name, sizeof(name), "vm%u", vm);
	t.answers[m.id % ANSWERS].at = 0;
	if (ha_am_send(t.fd, &m) != 0) {
		check(false, "the agent takes messages");
	}
	return m.id;
}

/* Asks and waits: the code, or 99 for no answer. */
static uint32_t ask_wait(enum ha_am_kind kind, unsigned vm, const char *xml)
{
	uint64_t id = ask(kind, vm, xml, 60000);

	return await(answered, id, 70000) ? t.answers[id % ANSWERS].code : 99;
}

static const char *last_text(void)
{
	return t.answers[t.next_id % ANSWERS].text;
}

static uint32_t start_vm(unsigned vm, const char *disk)
{
	struct ha_buf xml = { 0 };
	uint32_t code;

	domain_xml(vm, disk, &xml);
	code = ask_wait(HA_AM_VM_START, vm, xml.data);
	if (code != HA_OP_OK) {
		printf("# start of vm%u: %s\n", vm, last_text());
	}
	ha_buf_fini(&xml);
	return code;
}

/* ---- the tests */

static void test_basics(void)
{
	ha_time begin = ha_time_now();
	uint64_t instance;
	unsigned told;

	check(await(is_up, 1, 5000), "up, with an inventory");
	check(t.listed == 0 && t.memory_kib > 100000 && t.cpus > 0 &&
	      t.cpu_mhz > 0,
	      "an empty host is empty, and its size is told");
	check(start_vm(1, "waits") == HA_OP_OK, "a VM is started");
	check(is_running(1), "and was told running before the result");
	figure("start, to the result", ha_time_now() - begin);
	instance = t.vms[1].instance;
	told = t.vms[1].told;
	check(start_vm(1, "waits") == HA_OP_OK &&
	      t.vms[1].instance == instance,
	      "a start of one that runs is no second start");
	check(ask_wait(HA_AM_VM_LOOK, 1, NULL) == HA_OP_OK &&
	      t.vms[1].told > told && t.vms[1].instance == instance,
	      "a look tells it again, the same instance");
	(void)run("virsh -q suspend vm1 >/dev/null");
	check(await(is_paused, 1, 5000), "paused by an admin");
	(void)run("virsh -q resume vm1 >/dev/null");
	check(await(is_running, 1, 5000), "resumed by an admin");
	check(ask_wait(HA_AM_VM_SHUTDOWN, 1, NULL) == HA_OP_OK,
	      "a guest is asked to shut down");
	begin = ha_time_now();
	check(ask_wait(HA_AM_VM_DESTROY, 1, NULL) == HA_OP_OK && is_absent(1) &&
	      t.vms[1].end == HA_END_DESTROYED && qemu_of(1) == 0,
	      "destroyed: told absent, then the result");
	figure("destroy, to the result", ha_time_now() - begin);
	check(ask_wait(HA_AM_VM_DESTROY, 1, NULL) == HA_OP_OK,
	      "destroying what is not there is done");
	check(ask_wait(HA_AM_VM_SHUTDOWN, 1, NULL) == HA_OP_FAILED,
	      "shutting down what is not there fails");
	check(start_vm(1, "waits") == HA_OP_OK &&
	      t.vms[1].instance != instance, "a new QEMU is a new instance");
}

static void test_ends(void)
{
	ha_time begin;

	begin = ha_time_now();
	signal_process(qemu_of(1), SIGKILL);
	check(await(is_absent, 1, 5000) && t.vms[1].end == HA_END_CRASHED,
	      "a killed QEMU is told as crashed");
	figure("kill -9 of a QEMU, to the word of it", t.vms[1].at - begin);
	begin = ha_time_now();
	check(start_vm(1, "waits") == HA_OP_OK, "and can be started again");
	figure("start again, to the result", ha_time_now() - begin);
	signal_process(qemu_of(1), SIGTERM);
	check(await(is_absent, 1, 5000) && t.vms[1].end != HA_END_GUEST,
	      "a QEMU ended by a signal is no guest's shutdown");
	printf("# its end: %u\n", t.vms[1].end);
	check(start_vm(2, "off") == HA_OP_OK &&
	      await(is_absent, 2, 10000) && t.vms[2].end == HA_END_GUEST,
	      "a guest that switches itself off is told as such");
	(void)start_vm(1, "waits");
	(void)run("virsh -q destroy vm1 >/dev/null");
	check(await(is_absent, 1, 5000) && t.vms[1].end == HA_END_DESTROYED,
	      "destroyed by an admin");
}

static void test_refusals(void)
{
	static const char garbage[] = "\xff\xff nonsense";
	struct ha_buf xml = { 0 };

	check(start_vm(3, "missing") == HA_OP_FAILED &&
	      strstr(last_text(), "missing3.img"),
	      "a start that cannot work fails and says why");
	printf("# %s\n", last_text());
	domain_xml(3, "waits", &xml);
	memcpy(strstr(xml.data, "</graphics") ? xml.data
	       : strstr(xml.data, "passwd="), "passwx=", 7);
	ha_buf_puts(&xml, "<oops passwd='geheim'");
	check(ask_wait(HA_AM_VM_START, 3, xml.data) == HA_OP_FAILED &&
	      !strstr(last_text(), "geheim"), "no password in what is told");
	printf("# %s\n", last_text());
	domain_xml(4, "waits", &xml);
	check(ask_wait(HA_AM_VM_START, 3, xml.data) == HA_OP_FAILED &&
	      qemu_of(4) == 0, "the XML of another VM is refused");
	check(send(t.fd, garbage, sizeof(garbage), 0) > 0 &&
	      ask(HA_AM_LOADED, 3, NULL, 0) &&
	      ask_wait(HA_AM_VM_LOOK, 3, NULL) == HA_OP_OK,
	      "nonsense is ignored, and what follows is answered");
	ha_buf_fini(&xml);
}

static void test_persistent(void)
{
	struct ha_buf xml = { 0 };
	FILE *f = fopen("vm5.xml", "we");
	struct ha_am m = { .kind = HA_AM_VM_XML, .id = ++t.next_id,
			   .name = "vm5" };
	unsigned notes = t.notes;

	domain_xml(5, "waits", &xml);
	fputs(xml.data, f);
	fclose(f);
	(void)run("virsh -q define vm5.xml && virsh -q autostart vm5");
	check(ha_am_send(t.fd, &m) == 0 && !await(answered, m.id, 500) && t.xml &&
	      strstr(t.xml, "<name>vm5</name>") && strstr(t.xml, "geheim"),
	      "the XML of a domain of libvirt's is told, whole");
	check(start_vm(5, "waits") == HA_OP_OK, "a defined VM is started");
	check(run("virsh dominfo vm5 | grep -q 'Autostart:.*disable'") == 0,
	      "and libvirt no longer starts it by itself");
	check(ask_wait(HA_AM_VM_DESTROY, 5, NULL) == HA_OP_OK,
	      "a defined VM is destroyed");
	(void)run("virsh -q undefine vm5");
	(void)notes;
	ha_buf_fini(&xml);
}

static void test_stopped_qemu(void)
{
	ha_time begin;
	uint64_t id;

	(void)start_vm(6, "waits");
	signal_process(qemu_of(6), SIGSTOP);
	begin = ha_time_now();
	check(ask_wait(HA_AM_VM_LOOK, 6, NULL) == HA_OP_OK && is_running(6),
	      "a stopped QEMU is there");
	figure("look at a stopped QEMU", ha_time_now() - begin);
	id = ask(HA_AM_VM_DESTROY, 6, NULL, 2000);
	begin = ha_time_now();
	check(start_vm(7, "waits") == HA_OP_OK,
	      "a hanging destroy does not hold up a start");
	figure("start beside a hanging destroy", ha_time_now() - begin);
	check(await(answered, id, 4000) &&
	      t.answers[id % ANSWERS].code == HA_OP_UNKNOWN,
	      "at its time limit its outcome is unknown");
	check(await(is_absent, 6, 60000) && t.vms[6].end == HA_END_DESTROYED,
	      "and is told once it is known");
	figure("destroy of a stopped QEMU", t.vms[6].at - begin);
	(void)ask_wait(HA_AM_VM_DESTROY, 7, NULL);
}

static void test_libvirt_killed(void)
{
	unsigned downs = t.downs, ups = t.ups;
	uint64_t instance;
	ha_time begin;

	(void)start_vm(8, "waits");
	(void)start_vm(9, "waits");
	instance = t.vms[8].instance;
	begin = ha_time_now();
	signal_process(libvirtd_pid(), SIGKILL);
	check(await(is_down, downs + 1, 2000), "libvirtd killed: down");
	figure("kill -9 of libvirtd, to down", t.down_at - begin);
	check(start_vm(10, "waits") == HA_OP_FAILED,
	      "a start without libvirtd fails: nothing was begun");
	check(ask_wait(HA_AM_VM_DESTROY, 8, NULL) == HA_OP_UNKNOWN &&
	      qemu_of(8) != 0, "a destroy without libvirtd is unknown");
	signal_process(qemu_of(9), SIGKILL);
	begin = ha_time_now();
	start_libvirtd();
	check(await(is_up, ups + 1, 10000), "libvirtd back: up");
	figure("start of libvirtd, to up and inventory", ha_time_now() - begin);
	check(is_running(8) && t.vms[8].instance == instance,
	      "the VM was left alone: same instance");
	check(is_absent(9), "the one that died meanwhile is not there");
}

static void test_forgotten(void)
{
	unsigned ups = t.ups;
	ha_time begin;

	signal_process(libvirtd_pid(), SIGKILL);
	await(never, 0, 100);
	(void)run("rm -f /run/libvirt/qemu/vm8.xml /run/libvirt/qemu/vm8.pid");
	start_libvirtd();
	check(await(is_up, ups + 1, 10000) &&
	      t.vms[8].seen == HA_SEEN_UNKNOWN && qemu_of(8) != 0,
	      "a QEMU that libvirt forgot is unknown, not absent");
	check(ask_wait(HA_AM_VM_LOOK, 8, NULL) == HA_OP_OK ||
	      t.vms[8].seen == HA_SEEN_UNKNOWN, "a look says so, too");
	check(start_vm(8, "waits") == HA_OP_UNKNOWN,
	      "it is not started a second time");
	printf("# %s\n", last_text());
	check(ask_wait(HA_AM_VM_DESTROY, 8, NULL) == HA_OP_UNKNOWN,
	      "nor is it said to be destroyed");
	begin = ha_time_now();
	signal_process(qemu_of(8), SIGKILL);
	check(await(is_absent, 8, 2000), "absent once its process has ended");
	figure("kill -9 of a forgotten QEMU, to absent", t.vms[8].at - begin);
	check(start_vm(8, "waits") == HA_OP_OK, "then it can be started");
}

static void test_libvirt_hung(void)
{
	unsigned downs = t.downs, ups = t.ups;
	struct ha_buf xml = { 0 };
	uint64_t look, start, instance;
	ha_time begin;

	(void)start_vm(8, "waits");
	instance = t.vms[8].instance;
	begin = ha_time_now();
	signal_process(libvirtd_pid(), SIGSTOP);
	domain_xml(11, "waits", &xml);
	look = ask(HA_AM_VM_LOOK, 8, NULL, 1000);
	start = ask(HA_AM_VM_START, 11, xml.data, 1500);
	check(await(answered, look, 3000) &&
	      t.answers[look % ANSWERS].code == HA_OP_UNKNOWN,
	      "libvirtd hung: a look is unknown at its time limit");
	check(await(answered, start, 3000) &&
	      t.answers[start % ANSWERS].code == HA_OP_UNKNOWN,
	      "libvirtd hung: a start is unknown at its time limit");
	check(await(is_down, downs + 1, 60000), "libvirtd hung: down");
	figure("SIGSTOP of libvirtd, to down", t.down_at - begin);
	begin = ha_time_now();
	await(never, 0, 12000);
	signal_process(libvirtd_pid(), SIGCONT);
	begin = ha_time_now();
	check(await(is_up, ups + 1, 20000), "libvirtd goes on: up");
	figure("SIGCONT of libvirtd, to up and inventory",
	       ha_time_now() - begin);
	check(is_running(8) && t.vms[8].instance == instance,
	      "the VM was left alone: same instance");
	await(never, 0, 3000);
	check((qemu_of(11) != 0) == is_running(11),
	      "a start that libvirtd found late is told as it is");
	printf("# the late start %s\n", qemu_of(11) ? "ran" : "did not run");
	(void)ask_wait(HA_AM_VM_DESTROY, 11, NULL);
	(void)ask_wait(HA_AM_VM_DESTROY, 8, NULL);
	ha_buf_fini(&xml);
}

static void write_xmls(unsigned first, unsigned count)
{
	struct ha_buf xml = { 0 };

	for (unsigned i = 0; i < count; i++) {
		char path[32];
		FILE *f;

		snprintf(path, sizeof(path), "many%u.xml", first + i);
		domain_xml(first + i, "waits", &xml);
		f = fopen(path, "we");
		fputs(xml.data, f);
		fclose(f);
	}
	ha_buf_fini(&xml);
}

static unsigned count_answers(const uint64_t *ids, unsigned count)
{
	unsigned ok = 0;

	for (unsigned i = 0; i < count; i++) {
		bool done = await(answered, ids[i], 120000) &&
			    t.answers[ids[i] % ANSWERS].code == HA_OP_OK;

		if (!done) {
			printf("# vm%u: code %u, %s\n", i,
			       t.answers[ids[i] % ANSWERS].code,
			       t.answers[ids[i] % ANSWERS].text);
		}
		ok += done;
	}
	return ok;
}

/* On a busy machine a QEMU may outlive the time that libvirt gives it to end;
 * that is unknown, and asked again, as hacd does. */
static void destroy_again(const uint64_t *ids, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (t.answers[ids[i] % ANSWERS].code == HA_OP_UNKNOWN) {
			check(ask_wait(HA_AM_VM_DESTROY, i, NULL) == HA_OP_OK,
			      "destroyed when asked again");
		}
	}
}

static bool all_absent(unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (!await(is_absent, i, 20000)) {
			return false;
		}
	}
	return true;
}

static void test_many(unsigned count)
{
	struct ha_buf xml = { 0 };
	uint64_t ids[VMS] = { 0 };
	char command[256], what[80];
	pid_t pids[VMS] = { 0 };
	unsigned gone = 0;
	ha_time begin;

	write_xmls(0, count);
	snprintf(command, sizeof(command), "for i in $(seq 0 %u); do virsh -q "
		 "create many$i.xml >/dev/null & done; wait", count - 1);
	begin = ha_time_now();
	(void)run(command);
	snprintf(what, sizeof(what), "%u starts by virsh alone", count);
	figure(what, ha_time_now() - begin);
	for (unsigned i = 0; i < count; i++) {
		ids[i] = ask(HA_AM_VM_DESTROY, i, NULL, 60000);
	}
	begin = ha_time_now();
	gone = count_answers(ids, count);
	snprintf(what, sizeof(what), "%u of %u destroyed at once", gone, count);
	figure(what, ha_time_now() - begin);
	destroy_again(ids, count);
	check(all_absent(count), "all destroyed at once");
	gone = 0;
	begin = ha_time_now();
	for (unsigned i = 0; i < count; i++) {
		domain_xml(i, "waits", &xml);
		ids[i] = ask(HA_AM_VM_START, i, xml.data, 120000);
	}
	check(count_answers(ids, count) == count, "all started at once");
	snprintf(what, sizeof(what), "%u starts by the agent", count);
	figure(what, ha_time_now() - begin);
	for (unsigned i = 0; i < count; i++) {
		pids[i] = qemu_of(i);
	}
	begin = ha_time_now();
	for (unsigned i = 0; i < count; i++) {
		signal_process(pids[i], SIGKILL);
	}
	for (unsigned i = 0; i < count; i++) {
		gone += await(is_absent, i, 20000) &&
			t.vms[i].end == HA_END_CRASHED;
	}
	check(gone == count, "all killed at once: all told as crashed");
	snprintf(what, sizeof(what), "%u killed, to the last word of it", count);
	figure(what, ha_time_now() - begin);
	ha_buf_fini(&xml);
}

static void print_memory(void)
{
	char command[160];

	snprintf(command, sizeof(command), "grep -E 'VmRSS|RssAnon|Threads' "
		 "/proc/%d/status | sed 's/^/# agent /'; grep ^Pss: "
		 "/proc/%d/smaps_rollup | sed 's/^/# agent /'",
		 (int)t.agent, (int)t.agent);
	(void)run(command);
}

static void test_goodbye(void)
{
	int status = -1;

	(void)start_vm(1, "waits");
	close(t.fd);
	waitpid(t.agent, &status, 0);
	check(status == 0, "hacd gone: the agent ends");
	check(qemu_of(1) != 0, "and leaves the VM running");
	start_agent();
	t.inventories = 0;
	t.ups = 0;
	check(await(is_up, 1, 5000) && is_running(1) && t.listed == 1,
	      "the next agent finds it");
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: agent-vm PATH-OF-hac-agent-vm\n");
		return 2;
	}
	t.program = argv[1];
	make_disks();
	start_libvirtd();
	start_agent();
	test_basics();
	test_ends();
	test_refusals();
	test_persistent();
	test_stopped_qemu();
	test_libvirt_killed();
	test_forgotten();
	print_memory();
	test_many(10);
	test_many(30);
	print_memory();
	test_libvirt_hung();
	test_goodbye();
	print_memory();
	printf("1..%u\n# %u passed, %u failed\n", t.tests, t.tests - t.failed,
	       t.failed);
	return t.failed ? 1 : 0;
}
