/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hac-guest.c - pid 1 of the lab's guests, beside a guest agent the only
 * program in their initramfs. It says on its console who it is and how often
 * it booted, brings its network card up, and counts on its disk once a second,
 * so that a test can see a VM that ran twice or lost a write. Its application
 * is a TCP port, 7777 too, that listens and does no more. The power button,
 * and words in a datagram to port 7777, do what their names say:
 *	poweroff reboot agent-start agent-stop agent-continue app-start
 *
 * The kernel's command line: hac.name= hac.ip=, and hac.agent=no, hac.app=no
 * for what is started by a word only. The last page of the disk says the same,
 * as "guest-agent" or "app", where the lab broke it for this boot.
 *
 * Called by the guest agent it is a program that ends: "exit N"; "check", with
 * 0 once the application listens; "wait", never. As "shutdown" it has pid 1
 * switch the guest off, as the guest agent wants it.
 *
 * Linked statically and silent otherwise: a dozen guests under an emulator on
 * two processors should cost next to nothing.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SECTOR 512
#define BROKEN_AT (255 * 4096)
#define BUTTONS_MAX 4
#define PORT 7777
#define APP_RUNS "/run/app"
#define AGENT_PORT "org.qemu.guest_agent.0"

struct guest {
	char name[64];
	char address[16];
	int console;
	int disk;
	int socket;
	int app; /* -1: it does not listen yet */
	pid_t agent;
	bool agent_wanted;
	bool app_starts;
	int buttons[BUTTONS_MAX];
	int button_count;
	unsigned long boots;
	unsigned long beats;
	unsigned long long run; /* random, of this boot */
	bool spoiled;           /* someone else wrote on the disk */
};

/* What the first sector of the disk says. */
struct tally {
	unsigned long boots;
	unsigned long beats;
	unsigned long long run;
	bool clean;
};

static void say(const struct guest *g, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void say(const struct guest *g, const char *format, ...)
{
	char line[256];
	struct timespec up;
	va_list ap;

	(void)clock_gettime(CLOCK_BOOTTIME, &up);
	int n = snprintf(line, sizeof(line), "hac-guest %s: ", g->name);
	va_start(ap, format);
	n += vsnprintf(line + n, sizeof(line) - (size_t)n, format, ap);
	va_end(ap);
	if (n > 200) {
		n = 200;
	}
	n += snprintf(line + n, sizeof(line) - (size_t)n, " [%ld.%02ld]\r\n",
		      (long)up.tv_sec, up.tv_nsec / 10000000);
	(void)!write(g->console, line, (size_t)n);
}

static void read_word(const char *text, const char *key, char *ret, size_t size)
{
	const char *at = strstr(text, key);

	if (at == NULL) {
		return;
	}
	at += strlen(key);
	size_t n = strcspn(at, " \n");
	if (n >= size) {
		n = size - 1;
	}
	memcpy(ret, at, n);
	ret[n] = '\0';
}

static void mount_all(struct guest *g)
{
	char line[2048] = "", word[8] = "";

	(void)mkdir("/run", 0755);
	(void)mkdir("/proc", 0755);
	(void)mkdir("/sys", 0755);
	(void)mkdir("/dev", 0755);
	(void)mount("proc", "/proc", "proc", 0, NULL);
	(void)mount("sysfs", "/sys", "sysfs", 0, NULL);
	(void)mount("dev", "/dev", "devtmpfs", 0, NULL);
	g->console = open("/dev/console", O_RDWR | O_NOCTTY | O_CLOEXEC);
	int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		(void)!read(fd, line, sizeof(line) - 1);
		(void)close(fd);
	}
	read_word(line, "hac.name=", g->name, sizeof(g->name));
	read_word(line, "hac.ip=", g->address, sizeof(g->address));
	read_word(line, "hac.agent=", word, sizeof(word));
	g->agent_wanted = strcmp(word, "no") != 0;
	word[0] = '\0';
	read_word(line, "hac.app=", word, sizeof(word));
	g->app_starts = strcmp(word, "no") != 0;
}

/* The list is in the order in which they need each other. */
static void load_modules(const struct guest *g)
{
	char path[128];
	FILE *list = fopen("/modules", "re");

	if (list == NULL) {
		return;
	}
	while (fgets(path, sizeof(path), list) != NULL) {
		path[strcspn(path, "\n")] = '\0';
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || syscall(SYS_finit_module, fd, "", 0) != 0) {
			say(g, "module %s: %s", path, strerror(errno));
		}
		if (fd >= 0) {
			(void)close(fd);
		}
	}
	(void)fclose(list);
}

static void bring_network_up(struct guest *g)
{
	struct ifreq r = { .ifr_name = "lo" };
	struct sockaddr_in a = { .sin_family = AF_INET };

	g->socket = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	r.ifr_flags = IFF_UP | IFF_RUNNING;
	(void)ioctl(g->socket, SIOCSIFFLAGS, &r);
	if (g->address[0] == '\0' || g->socket < 0) {
		return;
	}
	(void)snprintf(r.ifr_name, sizeof(r.ifr_name), "eth0");
	(void)inet_pton(AF_INET, g->address, &a.sin_addr);
	memcpy(&r.ifr_addr, &a, sizeof(a));
	if (ioctl(g->socket, SIOCSIFADDR, &r) != 0) {
		say(g, "eth0: %s", strerror(errno));
		return;
	}
	r.ifr_flags = IFF_UP | IFF_RUNNING;
	(void)ioctl(g->socket, SIOCSIFFLAGS, &r);
	a.sin_port = htons(PORT);
	a.sin_addr.s_addr = htonl(INADDR_ANY);
	(void)bind(g->socket, (struct sockaddr *)&a, sizeof(a));
	say(g, "eth0 is up, %s", g->address);
}

static void start_app(struct guest *g)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(PORT) };

	if (g->app >= 0) {
		return;
	}
	g->app = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (bind(g->app, (struct sockaddr *)&a, sizeof(a)) != 0 ||
	    listen(g->app, 16) != 0) {
		say(g, "app: %s", strerror(errno));
		return;
	}
	(void)close(open(APP_RUNS, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
	say(g, "the application listens");
}

/* There is no udev to name it: which port of the virtio consoles is it? */
static bool find_agent_port(char *ret_path, size_t size)
{
	DIR *ports = opendir("/sys/class/virtio-ports");
	char path[300], name[64];
	bool found = false;

	for (struct dirent *e; !found && ports != NULL && (e = readdir(ports));) {
		(void)snprintf(path, sizeof(path),
			       "/sys/class/virtio-ports/%s/name", e->d_name);
		FILE *f = fopen(path, "re");
		if (f == NULL) {
			continue;
		}
		name[0] = '\0';
		(void)!fgets(name, sizeof(name), f);
		(void)fclose(f);
		name[strcspn(name, "\n")] = '\0';
		found = strcmp(name, AGENT_PORT) == 0;
		(void)snprintf(ret_path, size, "/dev/%s", e->d_name);
	}
	if (ports != NULL) {
		(void)closedir(ports);
	}
	return found;
}

/* A guest without the channel has none. The port may be there a bit later than
 * its driver, so this is tried each second. */
static void start_agent(struct guest *g)
{
	char port[300];

	if (!g->agent_wanted || g->agent > 0 || access("/bin/qemu-ga", X_OK) != 0 ||
	    !find_agent_port(port, sizeof(port))) {
		return;
	}
	g->agent = fork();
	if (g->agent == 0) {
		(void)execl("/bin/qemu-ga", "qemu-ga", "-p", port, "-t", "/run",
			    "-l", "/dev/console", (char *)NULL);
		_exit(127);
	}
	say(g, "the guest agent starts, at %s", port);
}

static void reap(struct guest *g)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == g->agent) {
			say(g, "the guest agent has ended: %d", status);
			g->agent = 0;
		}
	}
}

static int read_tally(const struct guest *g, struct tally *ret_tally)
{
	_Alignas(SECTOR) char sector[SECTOR];
	int clean = 0;

	memset(ret_tally, 0, sizeof(*ret_tally));
	if (pread(g->disk, sector, SECTOR, 0) != SECTOR) {
		return -errno;
	}
	sector[SECTOR - 1] = '\0';
	if (strncmp(sector, "hac-guest", 9) == 0) {
		(void)sscanf(sector, "hac-guest %*s boots %lu beats %lu run %llx clean %d",
			     &ret_tally->boots, &ret_tally->beats, &ret_tally->run, &clean);
	}
	ret_tally->clean = clean != 0;
	return 0;
}

static void write_tally(struct guest *g, int clean)
{
	_Alignas(SECTOR) char sector[SECTOR] = "";

	(void)snprintf(sector, sizeof(sector),
		       "hac-guest %s\nboots %lu\nbeats %lu\nrun %llx\n"
		       "clean %d\n", g->name, g->boots, g->beats, g->run, clean);
	if (pwrite(g->disk, sector, SECTOR, 0) != SECTOR) {
		say(g, "disk: cannot write: %s", strerror(errno));
	}
}

/* Early in its life the kernel has no randomness yet; the cycle counter and
 * the clock tell two runs apart. */
static unsigned long long draw_number(void)
{
	struct timespec now;
	unsigned long long n = 0;

	(void)!getrandom(&n, sizeof(n), GRND_NONBLOCK);
	(void)clock_gettime(CLOCK_REALTIME, &now);
	return n ^ __builtin_ia32_rdtsc() ^ ((unsigned long long)now.tv_sec << 32);
}

static void open_disk(struct guest *g)
{
	struct tally t;

	g->disk = open("/dev/vda", O_RDWR | O_DIRECT | O_SYNC | O_CLOEXEC);
	if (g->disk < 0) {
		say(g, "disk: %s", strerror(errno));
		return;
	}
	if (read_tally(g, &t) != 0) {
		say(g, "disk: cannot read: %s", strerror(errno));
	}
	g->boots = t.boots + 1;
	g->beats = t.beats;
	g->run = draw_number();
	write_tally(g, 0);
	say(g, "disk counts %lu beats, last run ended %s", t.beats,
	    t.boots == 0 ? "never" : t.clean ? "well" : "at once");
}

static void read_broken(struct guest *g)
{
	_Alignas(SECTOR) char sector[SECTOR] = "";

	if (g->disk < 0 || pread(g->disk, sector, SECTOR, BROKEN_AT) != SECTOR) {
		return;
	}
	sector[SECTOR - 1] = '\0';
	sector[strcspn(sector, " ")] = '\0';
	if (strcmp(sector, "guest-agent") == 0) {
		g->agent_wanted = false;
	} else if (strcmp(sector, "app") == 0) {
		g->app_starts = false;
	} else {
		return;
	}
	say(g, "the lab broke my %s", sector);
}

/* What another has written since our last beat betrays it. */
static void beat(struct guest *g)
{
	struct tally t;

	if (g->disk < 0 || g->spoiled) {
		return;
	}
	if (read_tally(g, &t) != 0) {
		say(g, "disk: cannot read: %s", strerror(errno));
		return;
	}
	if (t.run != g->run) {
		say(g, "DOUBLE RUN: my run is %llx, the disk says %llx", g->run, t.run);
		g->spoiled = true;
		return;
	}
	if (t.beats != g->beats) {
		say(g, "LOST WRITE: I wrote beat %lu, the disk says %lu", g->beats, t.beats);
	}
	g->beats++;
	write_tally(g, 0);
}

static void open_buttons(struct guest *g)
{
	char path[32];

	for (int i = 0; i < BUTTONS_MAX; i++) {
		(void)snprintf(path, sizeof(path), "/dev/input/event%d", i);
		int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		if (fd >= 0) {
			g->buttons[g->button_count++] = fd;
		}
	}
}

static void power_off(struct guest *g)
{
	if (g->disk >= 0 && !g->spoiled) {
		write_tally(g, 1);
	}
	say(g, "power off");
	sync();
	(void)reboot(RB_POWER_OFF);
}

static void read_button(struct guest *g, int fd)
{
	struct input_event e;

	while (read(fd, &e, sizeof(e)) == (ssize_t)sizeof(e)) {
		if (e.type == EV_KEY && e.code == KEY_POWER && e.value == 1) {
			say(g, "power button");
			power_off(g);
		}
	}
}

static void signal_agent(const struct guest *g, int sig)
{
	if (g->agent > 0) {
		(void)kill(g->agent, sig);
	}
}

static void read_socket(struct guest *g)
{
	char word[32] = "";

	if (recv(g->socket, word, sizeof(word) - 1, 0) <= 0) {
		return;
	}
	word[strcspn(word, "\n")] = '\0';
	say(g, "asked to %s from inside", word);
	if (strcmp(word, "poweroff") == 0) {
		power_off(g);
	} else if (strcmp(word, "reboot") == 0) {
		(void)reboot(RB_AUTOBOOT);
	} else if (strcmp(word, "agent-start") == 0) {
		g->agent_wanted = true;
		start_agent(g);
	} else if (strcmp(word, "agent-stop") == 0) {
		signal_agent(g, SIGSTOP);
	} else if (strcmp(word, "agent-continue") == 0) {
		signal_agent(g, SIGCONT);
	} else if (strcmp(word, "app-start") == 0) {
		start_app(g);
	}
}

static void live(struct guest *g)
{
	struct pollfd p[BUTTONS_MAX + 1];
	struct timespec now, next;

	(void)clock_gettime(CLOCK_MONOTONIC, &next);
	for (;;) {
		nfds_t n = 0;
		for (int i = 0; i < g->button_count; i++) {
			p[n++] = (struct pollfd){ .fd = g->buttons[i], .events = POLLIN };
		}
		p[n++] = (struct pollfd){ .fd = g->socket, .events = POLLIN };
		(void)clock_gettime(CLOCK_MONOTONIC, &now);
		int64_t wait_ms = (next.tv_sec - now.tv_sec) * 1000 +
				  (next.tv_nsec - now.tv_nsec) / 1000000;
		(void)poll(p, n, wait_ms < 0 ? 0 : (int)wait_ms);
		for (nfds_t i = 0; i + 1 < n; i++) {
			read_button(g, p[i].fd);
		}
		read_socket(g);
		reap(g);
		(void)clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec > next.tv_sec ||
		    (now.tv_sec == next.tv_sec && now.tv_nsec >= next.tv_nsec)) {
			beat(g);
			start_agent(g);
			next = now;
			next.tv_sec++;
		}
	}
}

/* What the guest agent runs. */
static int be_program(int argc, char **argv)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	const char *what = argc > 1 ? argv[1] : "";

	if (strstr(argv[0], "shutdown") != NULL) {
		int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return sendto(fd, "poweroff", 8, 0, (struct sockaddr *)&a, sizeof(a)) < 0;
	}
	if (strcmp(what, "wait") == 0) {
		(void)pause();
	}
	if (strcmp(what, "check") == 0) {
		return access(APP_RUNS, F_OK) != 0;
	}
	return argc > 2 && strcmp(what, "exit") == 0 ? (int)strtol(argv[2], NULL, 10) : 2;
}

int main(int argc, char **argv)
{
	struct guest g = { .name = "guest", .console = 2, .disk = -1, .socket = -1,
			   .app = -1 };

	if (getpid() != 1) {
		return be_program(argc, argv);
	}

	mount_all(&g);
	load_modules(&g);
	bring_network_up(&g);
	open_disk(&g);
	read_broken(&g);
	open_buttons(&g);
	start_agent(&g);
	if (g.app_starts) {
		start_app(&g);
	}
	say(&g, "I am up, boot %lu", g.boots);
	live(&g);
}
