/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * agent-guest.c - asks hac-agent-vm whether guests are ready: real ones with a
 * real guest agent, an application, and neither. Started by agent-vm.sh, which
 * leaves the guests' kernel in boot/ and a bridge that reaches them.
 *
 * usage: agent-guest PATH-OF-hac-agent-vm kvm|qemu
 */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "play.h"

#define PORT 7777 /* of what hac-guest listens at, TCP and UDP */
#define BOOT_MS 120000

static const char *accel;

static const char with_agent[] =
	"<channel type='unix'><target type='virtio' "
	"name='org.qemu.guest_agent.0'/></channel>";

/* The guest's address; each call may have one of four. */
static const char *address_of(unsigned vm)
{
	static char text[4][16];
	static unsigned n;

	n = (n + 1) % 4;
	snprintf(text[n], sizeof(text[n]), "10.9.0.%u", 20 + vm);
	return text[n];
}

/* A guest with words for its kernel, and more devices. */
static bool start_guest(unsigned vm, const char *words, const char *devices)
{
	struct ha_buf xml = { 0 };
	char uuid[40];
	bool ok;

	uuid_text(vm, uuid);
	ha_buf_printf(&xml, "<domain type='%s'><name>vm%u</name><uuid>%s</uuid>"
		"<memory unit='KiB'>131080</memory><vcpu>1</vcpu>"
		"<os><type arch='x86_64' machine='pc'>hvm</type>"
		"<kernel>/run/test/boot/vmlinuz</kernel>"
		"<initrd>/run/test/boot/initrd</initrd>"
		"<cmdline>console=ttyS0 quiet hac.name=vm%u hac.ip=%s %s"
		"</cmdline></os><features><acpi/></features>"
		"<on_crash>destroy</on_crash><devices>",
		accel, vm, uuid, vm, address_of(vm), words);
	ha_buf_printf(&xml, "<interface type='bridge'>"
		"<mac address='52:54:00:ac:01:%02u'/><source bridge='guests'/>"
		"<model type='virtio'/></interface>"
		"<serial type='file'><source path='/run/test/vm%u.log'/>"
		"</serial><controller type='usb' model='none'/>"
		"<memballoon model='none'/>%s</devices></domain>",
		vm, vm, devices);
	ok = ask_wait(HA_AM_VM_START, vm, xml.data) == HA_OP_OK;
	if (!ok) {
		printf("# start of vm%u: %s\n", vm, last_text());
	}
	ha_buf_fini(&xml);
	return ok;
}

static void tell_guest(unsigned vm, const char *word)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(PORT) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, address_of(vm), &to.sin_addr);
	if (sendto(fd, word, strlen(word), 0, (struct sockaddr *)&to,
		   sizeof(to)) < 0) {
		check(false, "a guest can be told a word");
	}
	close(fd);
}

struct want { /* of whom it is asked whether it is ready */
	unsigned vm;
	uint32_t limit_ms;
	uint32_t port;
	const char *address;
	const char *command;
};

static uint64_t ask_ready(struct want w)
{
	struct ha_am m = { .kind = HA_AM_VM_READY, .uuid = uuid_of(w.vm),
			   .timeout_ms = w.limit_ms, .first = w.port,
			   .name = w.address, .text = w.command };

	return send_message(&m);
}

static bool is_answer(uint64_t id, uint32_t code, const char *text)
{
	bool ok = answered(id) && answer_of(id)->code == code &&
		  strstr(answer_of(id)->text, text);

	if (!ok) {
		printf("# the answer: %s, code %u, '%s'\n",
		       answered(id) ? "given" : "none", answer_of(id)->code,
		       answer_of(id)->text);
	}
	return ok;
}

/* Asks and waits for that answer. */
static bool ends(struct want w, uint32_t code, const char *text)
{
	uint64_t id = ask_ready(w);

	(void)await(answered, id, (int)w.limit_ms + 10000);
	return is_answer(id, code, text);
}

static bool is_up_inside(unsigned vm)
{
	return ends((struct want){ vm, BOOT_MS, PORT, address_of(vm), NULL },
		    HA_OP_OK, "");
}

/* ---- the tests */

static void test_agent_answers(void)
{
	ha_time begin = ha_time_now();
	uint64_t id;

	check(start_guest(1, "hac.app=no", with_agent), "a guest is started");
	id = ask_ready((struct want){ .vm = 1, .limit_ms = BOOT_MS });
	check(!await(answered, id, 500), "it is not ready while it boots");
	check(await(answered, id, BOOT_MS) && is_answer(id, HA_OP_OK, ""),
	      "it is ready once its guest agent answers");
	figure("start of a guest, to the answer of its agent",
	       answer_of(id)->at - begin);
	begin = ha_time_now();
	check(ends((struct want){ .vm = 1, .limit_ms = 5000 }, HA_OP_OK, ""),
	      "and is told so at once when asked again");
	figure("its agent asked again", ha_time_now() - begin);
}

static void test_no_agent(void)
{
	ha_time begin;
	uint64_t id;

	check(start_guest(2, "hac.agent=no", with_agent) && is_up_inside(2),
	      "a guest without an agent: its port answers where it is said");
	begin = ha_time_now();
	check(ends((struct want){ .vm = 2, .limit_ms = 8000 }, HA_OP_FAILED,
		   "not within 8s: ") && strstr(last_text(), "not connected"),
	      "its agent does not, and that is told at the time limit");
	printf("# %s\n", last_text());
	figure("asked for 8 s, to that answer", ha_time_now() - begin);
	check(ends((struct want){ .vm = 2, .limit_ms = 3000, .port = PORT },
		   HA_OP_FAILED, "not connected"),
	      "nor is anybody there to name an address");
	id = ask_ready((struct want){ .vm = 2, .limit_ms = 60000 });
	(void)await(never, 0, 9000); /* the pauses have grown by then */
	begin = ha_time_now();
	tell_guest(2, "agent-start");
	check(await(answered, id, 30000) && is_answer(id, HA_OP_OK, ""),
	      "an agent that starts late is heard");
	figure("start of a late agent, to its answer", ha_time_now() - begin);
	check(start_guest(3, "", "") &&
	      ends((struct want){ .vm = 3, .limit_ms = 60000 }, HA_OP_FAILED,
		   "no channel 'org.qemu.guest_agent.0'"),
	      "a domain without the channel fails at once");
	printf("# %s\n", last_text());
}

static void test_port(void)
{
	struct want port = { .vm = 1, .limit_ms = 4000, .port = PORT };
	ha_time begin;
	uint64_t id;

	check(ends(port, HA_OP_FAILED,
		   "its port 7777 does not answer at 10.9.0.21"),
	      "a port that refuses, where the agent says");
	printf("# %s\n", last_text());
	port.address = "10.9.0.99";
	check(ends(port, HA_OP_FAILED, "does not answer at 10.9.0.99"),
	      "a port where nobody is");
	port.address = "no.such.name";
	check(ends(port, HA_OP_FAILED, "'no.such.name' cannot be looked up"),
	      "a name that nobody knows");
	printf("# %s\n", last_text());
	port.address = "localhost-of-test";
	port.port = 22;
	check(ends(port, HA_OP_FAILED, "does not answer at localhost-of-test"),
	      "a name that is known");
	id = ask_ready((struct want){ .vm = 1, .limit_ms = 60000,
				      .port = PORT });
	check(!await(answered, id, 2000), "it is waited for");
	begin = ha_time_now();
	tell_guest(1, "app-start");
	check(await(answered, id, 30000) && is_answer(id, HA_OP_OK, ""),
	      "once the application listens it is ready");
	figure("start of an application, to the answer", ha_time_now() - begin);
}

static void test_command(void)
{
	struct want run_it = { .vm = 2, .limit_ms = 20000 };

	run_it.command = "/init check";
	check(ends(run_it, HA_OP_OK, ""), "a command that gives 0");
	run_it.limit_ms = 4000;
	run_it.command = "  /init exit 3";
	check(ends(run_it, HA_OP_FAILED, "ready-command ends with 3"),
	      "one that gives 3");
	printf("# %s\n", last_text());
	run_it.command = "/init wait";
	check(ends(run_it, HA_OP_FAILED, "ready-command runs still"),
	      "one that does not end");
	run_it.command = "/no/such/program";
	check(ends(run_it, HA_OP_FAILED, "/no/such/program"),
	      "one that is not there");
	printf("# %s\n", last_text());
}

/* Its agent takes questions and answers none. */
static void test_hung(void)
{
	struct ha_am cancel = { .kind = HA_AM_CANCEL };
	uint64_t ids[10], late, dropped;
	ha_time begin;
	bool ok = true;

	tell_guest(1, "agent-stop");
	(void)await(never, 0, 500);
	for (size_t i = 0; i < 10; i++) {
		ids[i] = ask_ready((struct want){ .vm = 1, .limit_ms = 12000 });
	}
	late = ask_ready((struct want){ .vm = 1, .limit_ms = BOOT_MS });
	begin = ha_time_now();
	check(ask_wait(HA_AM_VM_LOOK, 1, NULL) == HA_OP_OK,
	      "a hung agent holds up no look");
	figure("a look beside a hung agent", ha_time_now() - begin);
	check(ask_wait(HA_AM_VM_DESTROY, 3, NULL) == HA_OP_OK,
	      "and no destroy");
	figure("and a destroy", ha_time_now() - begin);
	check(start_guest(3, "", with_agent), "and no start");
	figure("and a start", ha_time_now() - begin);
	for (size_t i = 0; i < 10; i++) {
		ok = await(answered, ids[i], 20000) &&
		     is_answer(ids[i], HA_OP_FAILED, "not within 12s") && ok;
		ok = ok && answer_of(ids[i])->at - begin < HA_S(14);
	}
	check(ok, "asked ten times, it fails ten times at the time limit");
	printf("# %s\n", answer_of(ids[9])->text);
	dropped = ask_ready((struct want){ .vm = 1, .limit_ms = BOOT_MS });
	cancel.uuid = uuid_of(1);
	(void)send_message(&cancel); /* under an id that nobody knows */
	cancel.id = dropped;
	check(ha_am_send(play.fd, &cancel) == 0, "one is cancelled");
	tell_guest(1, "agent-continue");
	check(await(answered, late, 30000) && is_answer(late, HA_OP_OK, ""),
	      "who still waits is told when it goes on");
	check(!await(answered, dropped, 3000), "who cancelled is not");
	check(ends((struct want){ .vm = 3, .limit_ms = BOOT_MS, .port = PORT },
		   HA_OP_OK, ""),
	      "the one started meanwhile is ready too");
}

static void test_ends(void)
{
	unsigned ups = play.ups;
	uint64_t gone, waits;
	int status;

	check(ask_wait(HA_AM_VM_DESTROY, 3, NULL) == HA_OP_OK &&
	      start_guest(3, "hac.agent=no", with_agent) && is_up_inside(3),
	      "a guest without an agent, again");
	gone = ask_ready((struct want){ .vm = 2, .limit_ms = BOOT_MS,
					.command = "/init exit 1" });
	(void)await(never, 0, 2000);
	(void)run("virsh -q destroy vm2");
	check(await(answered, gone, 5000) &&
	      is_answer(gone, HA_OP_UNKNOWN, "its QEMU has ended"),
	      "a VM that ends is not waited for");
	waits = ask_ready((struct want){ .vm = 3, .limit_ms = BOOT_MS });
	signal_process(libvirtd_pid(), SIGKILL);
	(void)await(is_down, play.downs + 1, 2000);
	start_libvirtd();
	check(await(is_up, ups + 1, 20000), "libvirtd is killed, and is back");
	check(!await(answered, waits, 1000), "it is waited for all the same");
	tell_guest(3, "agent-start");
	check(await(answered, waits, 30000) && is_answer(waits, HA_OP_OK, ""),
	      "and is ready");
	(void)ask_ready((struct want){ .vm = 3, .limit_ms = BOOT_MS,
				       .command = "/init exit 1" });
	signal_process(play.agent, SIGKILL);
	(void)waitpid(play.agent, &status, 0);
	close(play.fd);
	play.ups = play.inventories = 0;
	start_agent();
	check(await(is_up, 1, 20000) &&
	      ends((struct want){ .vm = 3, .limit_ms = 20000 }, HA_OP_OK, ""),
	      "the agent is killed: the next one can be asked");
}

static void test_nonsense(void)
{
	struct ha_am nobody = { .kind = HA_AM_VM_READY, .timeout_ms = 1000 };
	uint64_t id = send_message(&nobody);

	(void)await(answered, id, 5000);
	check(is_answer(id, HA_OP_FAILED, "names no VM"), "no VM is named");
	check(ends((struct want){ .vm = 3, .limit_ms = 1000, .port = 70000 },
		   HA_OP_FAILED, "a port that cannot be"), "no such port");
	check(ends((struct want){ .vm = 9, .limit_ms = 3000 }, HA_OP_FAILED,
		   "not within 3s: Domain not found"), "no such VM");
	printf("# %s\n", last_text());
}

static long switches(void)
{
	char command[128], line[32] = "";
	FILE *f;

	snprintf(command, sizeof(command), "cat /proc/%d/task/*/status | awk "
		 "'/^voluntary/ { n += $2 } END { print n }'",
		 (int)play.agent);
	f = popen(command, "re");
	if (!f || !fgets(line, sizeof(line), f)) {
		check(false, "the agent's threads can be read");
	}
	if (f) {
		pclose(f);
	}
	return strtol(line, NULL, 10);
}

/* A guest whose agent never comes is asked at a pace, and nobody for nothing. */
static void test_pace(void)
{
	long before, asked, quiet;
	uint64_t id;

	check(ask_wait(HA_AM_VM_DESTROY, 3, NULL) == HA_OP_OK &&
	      start_guest(3, "hac.agent=no", with_agent),
	      "a guest without an agent, once more");
	id = ask_ready((struct want){ .vm = 3, .limit_ms = 40000 });
	(void)await(never, 0, 12000);
	before = switches();
	(void)await(never, 0, 12000);
	asked = switches() - before;
	check(await(answered, id, 30000) && is_answer(id, HA_OP_FAILED, ""),
	      "it has never come");
	before = switches();
	(void)await(never, 0, 12000);
	quiet = switches() - before;
	printf("# switches of the agent's threads in 12 s: %ld asking, %ld "
	       "not\n", asked, quiet);
	check(quiet < 60 && asked < quiet + 200, "nothing is polled hard");
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: agent-guest PATH-OF-hac-agent-vm "
			"kvm|qemu\n");
		return 2;
	}
	play.program = argv[1];
	accel = argv[2];
	start_libvirtd();
	start_agent();
	check(await(is_up, 1, 20000), "up, with an inventory");
	test_agent_answers();
	test_no_agent();
	test_port();
	test_command();
	test_hung();
	test_ends();
	test_nonsense();
	test_pace();
	if (play.failed > 0) {
		(void)run("tail -n 12 /run/test/vm*.log | sed 's/^/# /'");
	}
	return play_end();
}
