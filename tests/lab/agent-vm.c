/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * agent-vm - plays hacd to hac-agent-vm, and breaks what stands behind it.
 * Started by agent-vm.sh inside namespaces where this libvirtd and these
 * QEMUs are the only ones.
 *
 * usage: agent-vm PATH-OF-hac-agent-vm
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "play.h"

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
	check(play.listed == 0 && play.memory_kib > 100000 && play.cpus > 0 &&
	      play.cpu_mhz > 0,
	      "an empty host is empty, and its size is told");
	check(start_vm(1, "waits") == HA_OP_OK, "a VM is started");
	check(is_running(1), "and was told running before the result");
	figure("start, to the result", ha_time_now() - begin);
	instance = play.vms[1].instance;
	told = play.vms[1].told;
	check(start_vm(1, "waits") == HA_OP_OK &&
	      play.vms[1].instance == instance,
	      "a start of one that runs is no second start");
	check(ask_wait(HA_AM_VM_LOOK, 1, NULL) == HA_OP_OK &&
	      play.vms[1].told > told && play.vms[1].instance == instance,
	      "a look tells it again, the same instance");
	(void)run("virsh -q suspend vm1 >/dev/null");
	check(await(is_paused, 1, 5000), "paused by an admin");
	(void)run("virsh -q resume vm1 >/dev/null");
	check(await(is_running, 1, 5000), "resumed by an admin");
	check(ask_wait(HA_AM_VM_SHUTDOWN, 1, NULL) == HA_OP_OK,
	      "a guest is asked to shut down");
	begin = ha_time_now();
	check(ask_wait(HA_AM_VM_DESTROY, 1, NULL) == HA_OP_OK && is_absent(1) &&
	      play.vms[1].end == HA_END_DESTROYED && qemu_of(1) == 0,
	      "destroyed: told absent, then the result");
	figure("destroy, to the result", ha_time_now() - begin);
	check(ask_wait(HA_AM_VM_DESTROY, 1, NULL) == HA_OP_OK,
	      "destroying what is not there is done");
	check(ask_wait(HA_AM_VM_SHUTDOWN, 1, NULL) == HA_OP_FAILED,
	      "shutting down what is not there fails");
	check(start_vm(1, "waits") == HA_OP_OK &&
	      play.vms[1].instance != instance, "a new QEMU is a new instance");
}

static void test_ends(void)
{
	ha_time begin;

	begin = ha_time_now();
	signal_process(qemu_of(1), SIGKILL);
	check(await(is_absent, 1, 5000) && play.vms[1].end == HA_END_CRASHED,
	      "a killed QEMU is told as crashed");
	figure("kill -9 of a QEMU, to the word of it", play.vms[1].at - begin);
	begin = ha_time_now();
	check(start_vm(1, "waits") == HA_OP_OK, "and can be started again");
	figure("start again, to the result", ha_time_now() - begin);
	signal_process(qemu_of(1), SIGTERM);
	check(await(is_absent, 1, 5000) && play.vms[1].end != HA_END_GUEST,
	      "a QEMU ended by a signal is no guest's shutdown");
	printf("# its end: %u\n", play.vms[1].end);
	check(start_vm(2, "off") == HA_OP_OK &&
	      await(is_absent, 2, 10000) && play.vms[2].end == HA_END_GUEST,
	      "a guest that switches itself off is told as such");
	(void)start_vm(1, "waits");
	(void)run("virsh -q destroy vm1 >/dev/null");
	check(await(is_absent, 1, 5000) && play.vms[1].end == HA_END_DESTROYED,
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
	check(send(play.fd, garbage, sizeof(garbage), 0) > 0 &&
	      ask(HA_AM_LOADED, 3, NULL, 0) &&
	      ask_wait(HA_AM_VM_LOOK, 3, NULL) == HA_OP_OK,
	      "nonsense is ignored, and what follows is answered");
	ha_buf_fini(&xml);
}

static void test_persistent(void)
{
	struct ha_buf xml = { 0 };
	FILE *f = fopen("vm5.xml", "we");
	struct ha_am m = { .kind = HA_AM_VM_XML, .name = "vm5" };
	unsigned notes = play.notes;

	domain_xml(5, "waits", &xml);
	fputs(xml.data, f);
	fclose(f);
	(void)run("virsh -q define vm5.xml && virsh -q autostart vm5");
	check(!await(answered, send_message(&m), 500) && play.xml &&
	      strstr(play.xml, "<name>vm5</name>") && strstr(play.xml, "geheim"),
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
	      answer_of(id)->code == HA_OP_UNKNOWN,
	      "at its time limit its outcome is unknown");
	check(await(is_absent, 6, 60000) && play.vms[6].end == HA_END_DESTROYED,
	      "and is told once it is known");
	figure("destroy of a stopped QEMU", play.vms[6].at - begin);
	(void)ask_wait(HA_AM_VM_DESTROY, 7, NULL);
}

static void test_libvirt_killed(void)
{
	unsigned downs = play.downs, ups = play.ups;
	uint64_t instance;
	ha_time begin;

	(void)start_vm(8, "waits");
	(void)start_vm(9, "waits");
	instance = play.vms[8].instance;
	begin = ha_time_now();
	signal_process(libvirtd_pid(), SIGKILL);
	check(await(is_down, downs + 1, 2000), "libvirtd killed: down");
	figure("kill -9 of libvirtd, to down", play.down_at - begin);
	check(start_vm(10, "waits") == HA_OP_FAILED,
	      "a start without libvirtd fails: nothing was begun");
	check(ask_wait(HA_AM_VM_DESTROY, 8, NULL) == HA_OP_UNKNOWN &&
	      qemu_of(8) != 0, "a destroy without libvirtd is unknown");
	signal_process(qemu_of(9), SIGKILL);
	begin = ha_time_now();
	start_libvirtd();
	check(await(is_up, ups + 1, 10000), "libvirtd back: up");
	figure("start of libvirtd, to up and inventory", ha_time_now() - begin);
	check(is_running(8) && play.vms[8].instance == instance,
	      "the VM was left alone: same instance");
	check(is_absent(9), "the one that died meanwhile is not there");
}

static void test_forgotten(void)
{
	unsigned ups = play.ups;
	ha_time begin;

	signal_process(libvirtd_pid(), SIGKILL);
	await(never, 0, 100);
	(void)run("rm -f /run/libvirt/qemu/vm8.xml /run/libvirt/qemu/vm8.pid");
	start_libvirtd();
	check(await(is_up, ups + 1, 10000) &&
	      play.vms[8].seen == HA_SEEN_UNKNOWN && qemu_of(8) != 0,
	      "a QEMU that libvirt forgot is unknown, not absent");
	check(ask_wait(HA_AM_VM_LOOK, 8, NULL) == HA_OP_OK ||
	      play.vms[8].seen == HA_SEEN_UNKNOWN, "a look says so, too");
	check(start_vm(8, "waits") == HA_OP_UNKNOWN,
	      "it is not started a second time");
	printf("# %s\n", last_text());
	check(ask_wait(HA_AM_VM_DESTROY, 8, NULL) == HA_OP_UNKNOWN,
	      "nor is it said to be destroyed");
	begin = ha_time_now();
	signal_process(qemu_of(8), SIGKILL);
	check(await(is_absent, 8, 2000), "absent once its process has ended");
	figure("kill -9 of a forgotten QEMU, to absent", play.vms[8].at - begin);
	check(start_vm(8, "waits") == HA_OP_OK, "then it can be started");
}

static void test_libvirt_hung(void)
{
	unsigned downs = play.downs, ups = play.ups;
	struct ha_buf xml = { 0 };
	uint64_t look, start, instance;
	ha_time begin;

	(void)start_vm(8, "waits");
	instance = play.vms[8].instance;
	begin = ha_time_now();
	signal_process(libvirtd_pid(), SIGSTOP);
	domain_xml(11, "waits", &xml);
	look = ask(HA_AM_VM_LOOK, 8, NULL, 1000);
	start = ask(HA_AM_VM_START, 11, xml.data, 1500);
	check(await(answered, look, 3000) &&
	      answer_of(look)->code == HA_OP_UNKNOWN,
	      "libvirtd hung: a look is unknown at its time limit");
	check(await(answered, start, 3000) &&
	      answer_of(start)->code == HA_OP_UNKNOWN,
	      "libvirtd hung: a start is unknown at its time limit");
	check(await(is_down, downs + 1, 60000), "libvirtd hung: down");
	figure("SIGSTOP of libvirtd, to down", play.down_at - begin);
	begin = ha_time_now();
	await(never, 0, 12000);
	signal_process(libvirtd_pid(), SIGCONT);
	begin = ha_time_now();
	check(await(is_up, ups + 1, 20000), "libvirtd goes on: up");
	figure("SIGCONT of libvirtd, to up and inventory",
	       ha_time_now() - begin);
	check(is_running(8) && play.vms[8].instance == instance,
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
			    answer_of(ids[i])->code == HA_OP_OK;

		if (!done) {
			printf("# vm%u: code %u, %s\n", i,
			       answer_of(ids[i])->code,
			       answer_of(ids[i])->text);
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
		if (answer_of(ids[i])->code == HA_OP_UNKNOWN) {
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
			play.vms[i].end == HA_END_CRASHED;
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
		 (int)play.agent, (int)play.agent);
	(void)run(command);
}

static void test_goodbye(void)
{
	int status = -1;

	(void)start_vm(1, "waits");
	close(play.fd);
	waitpid(play.agent, &status, 0);
	check(status == 0, "hacd gone: the agent ends");
	check(qemu_of(1) != 0, "and leaves the VM running");
	start_agent();
	play.inventories = 0;
	play.ups = 0;
	check(await(is_up, 1, 5000) && is_running(1) && play.listed == 1,
	      "the next agent finds it");
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: agent-vm PATH-OF-hac-agent-vm\n");
		return 2;
	}
	play.program = argv[1];
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
	return play_end();
}
