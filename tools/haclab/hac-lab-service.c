/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hac-lab-service.c - what systemd is to a daemon on a real host: starts it,
 * restarts it as its unit says, kills it when it does not feed its watchdog.
 *
 * usage: hac-lab-service [-r always|failure|no] [-d DELAY_MS] [-w WATCHDOG_MS]
 *                        [-n NEEDED] NAME PROGRAM [ARGUMENT...]
 *
 * /run/lab/NAME.pid holds the daemon's pid while it runs, NAME.super ours.
 * SIGTERM to us ends the daemon for good, SIGUSR1 starts it again if it is
 * down. -n: before each start make sure that another service runs.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RUN_DIR "/run/lab"
#define STOP_MS 20000

enum restart { RESTART_NO, RESTART_FAILURE, RESTART_ALWAYS };

struct service {
	const char *name;
	char **argv;
	enum restart restart;
	int64_t delay_ms;
	int64_t watchdog_ms; /* 0: none */
	const char *needed;
	pid_t pid;           /* 0: not running */
	int64_t fed_ms;      /* when the watchdog was fed last; 0: never */
	int64_t start_ms;    /* when to start it; 0: do not */
	int64_t kill_ms;     /* when a stop becomes a kill; 0: no stop */
	int notify;
	int signals;
};

static int64_t now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_BOOTTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void say(const struct service *s, const char *what, int n)
{
	char clock[32];
	struct timespec t;
	struct tm tm;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	(void)gmtime_r(&t.tv_sec, &tm);
	(void)strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	(void)fprintf(stderr, "%s.%03ld lab: %s %s %d\n", clock, t.tv_nsec / 1000000,
		      s->name, what, n);
}

static void write_pid(const char *name, const char *suffix, pid_t pid)
{
	char path[128], temp[140];

	(void)snprintf(path, sizeof(path), RUN_DIR "/%s.%s", name, suffix);
	if (pid == 0) {
		(void)unlink(path);
		return;
	}
	(void)snprintf(temp, sizeof(temp), "%s.new", path);
	FILE *f = fopen(temp, "we");
	if (f == NULL) {
		return;
	}
	(void)fprintf(f, "%d\n", pid);
	(void)fclose(f);
	(void)rename(temp, path);
}

/* As systemd's Requires=: a needed service that died comes back with us. */
static void wake_needed(const struct service *s)
{
	char path[128];
	int pid = 0;

	(void)snprintf(path, sizeof(path), RUN_DIR "/%s.super", s->needed);
	FILE *f = fopen(path, "re");
	if (f == NULL) {
		return;
	}
	if (fscanf(f, "%d", &pid) == 1 && pid > 0) {
		(void)kill(pid, SIGUSR1);
	}
	(void)fclose(f);
}

static void run_program(const struct service *s)
{
	char text[64];
	sigset_t none;

	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)setsid();
	if (s->watchdog_ms > 0) {
		(void)snprintf(text, sizeof(text), RUN_DIR "/%s.notify", s->name);
		(void)setenv("NOTIFY_SOCKET", text, 1);
		(void)snprintf(text, sizeof(text), "%lld", (long long)s->watchdog_ms * 1000);
		(void)setenv("WATCHDOG_USEC", text, 1);
		(void)snprintf(text, sizeof(text), "%d", getpid());
		(void)setenv("WATCHDOG_PID", text, 1);
	}
	(void)execvp(s->argv[0], s->argv);
	(void)fprintf(stderr, "lab: cannot run '%s': %s\n", s->argv[0], strerror(errno));
	_exit(127);
}

static void start_program(struct service *s)
{
	s->start_ms = 0;
	if (s->pid != 0) {
		return;
	}
	if (s->needed != NULL) {
		wake_needed(s);
	}
	s->pid = fork();
	if (s->pid == 0) {
		run_program(s);
	}
	s->fed_ms = 0;
	s->kill_ms = 0;
	write_pid(s->name, "pid", s->pid);
	say(s, "started, pid", s->pid);
}

static void reap_program(struct service *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != s->pid) {
			continue;
		}
		bool clean = WIFEXITED(status) && WEXITSTATUS(status) == 0;
		say(s, WIFSIGNALED(status) ? "was killed by signal" : "ended with",
		    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
		/* What it left behind must not meet its successor. */
		(void)kill(-pid, SIGKILL);
		write_pid(s->name, "pid", 0);
		s->pid = 0;
		if (s->kill_ms != 0) {
			s->kill_ms = 0;
		} else if (s->restart == RESTART_ALWAYS ||
			   (s->restart == RESTART_FAILURE && !clean)) {
			s->start_ms = now_ms() + s->delay_ms;
		}
	}
}

static void read_signals(struct service *s)
{
	struct signalfd_siginfo info;

	while (read(s->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGUSR1 && s->pid == 0 && s->start_ms == 0) {
			s->start_ms = now_ms();
		} else if (info.ssi_signo == SIGTERM) {
			s->start_ms = 0;
			if (s->pid != 0) {
				(void)kill(s->pid, SIGTERM);
				s->kill_ms = now_ms() + STOP_MS;
			}
		}
	}
	reap_program(s);
}

static void read_notify(struct service *s)
{
	char text[512];
	ssize_t n;

	while ((n = recv(s->notify, text, sizeof(text) - 1, MSG_DONTWAIT)) > 0) {
		text[n] = '\0';
		if (strstr(text, "WATCHDOG=1") != NULL || strstr(text, "READY=1") != NULL) {
			s->fed_ms = now_ms();
		}
	}
}

static int next_ms(const struct service *s)
{
	int64_t now = now_ms();
	int64_t next = now + 60000;

	if (s->start_ms != 0 && s->start_ms < next) {
		next = s->start_ms;
	}
	if (s->kill_ms != 0 && s->kill_ms < next) {
		next = s->kill_ms;
	}
	if (s->pid != 0 && s->fed_ms != 0 && s->fed_ms + s->watchdog_ms < next) {
		next = s->fed_ms + s->watchdog_ms;
	}
	return next <= now ? 0 : (int)(next - now);
}

static void act(struct service *s)
{
	int64_t now = now_ms();

	if (s->start_ms != 0 && now >= s->start_ms) {
		start_program(s);
	}
	if (s->pid != 0 && s->kill_ms != 0 && now >= s->kill_ms) {
		say(s, "does not stop, kill", s->pid);
		(void)kill(s->pid, SIGKILL);
		s->kill_ms = now + STOP_MS;
	}
	if (s->pid != 0 && s->watchdog_ms > 0 && s->fed_ms != 0 &&
	    now >= s->fed_ms + s->watchdog_ms) {
		say(s, "did not feed its watchdog, kill", s->pid);
		(void)kill(s->pid, SIGKILL);
		s->fed_ms = 0;
	}
}

static void open_notify(struct service *s)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	s->notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	(void)snprintf(a.sun_path, sizeof(a.sun_path), RUN_DIR "/%s.notify", s->name);
	(void)unlink(a.sun_path);
	if (bind(s->notify, (struct sockaddr *)&a, sizeof(a)) != 0) {
		(void)fprintf(stderr, "lab: %s: %s\n", a.sun_path, strerror(errno));
	}
}

static int parse_options(struct service *s, int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "+r:d:w:n:")) != -1) {
		switch (c) {
		case 'r':
			s->restart = strcmp(optarg, "always") == 0 ? RESTART_ALWAYS :
				     strcmp(optarg, "failure") == 0 ? RESTART_FAILURE :
				     RESTART_NO;
			break;
		case 'd':
			s->delay_ms = strtol(optarg, NULL, 10);
			break;
		case 'w':
			s->watchdog_ms = strtol(optarg, NULL, 10);
			break;
		case 'n':
			s->needed = optarg;
			break;
		default:
			return -1;
		}
	}
	if (argc - optind < 2) {
		return -1;
	}
	s->name = argv[optind];
	s->argv = argv + optind + 1;
	return 0;
}

int main(int argc, char **argv)
{
	struct service s = { .restart = RESTART_ALWAYS, .delay_ms = 500, .notify = -1 };
	sigset_t set;

	if (parse_options(&s, argc, argv) != 0) {
		(void)fprintf(stderr, "usage: hac-lab-service [-r always|failure|no] "
				      "[-d MS] [-w MS] [-n NEEDED] NAME PROGRAM [ARGUMENT...]\n");
		return 2;
	}
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGUSR1);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	s.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s.watchdog_ms > 0) {
		open_notify(&s);
	}
	write_pid(s.name, "super", getpid());
	s.start_ms = now_ms();
	for (;;) {
		struct pollfd p[2] = {
			{ .fd = s.signals, .events = POLLIN },
			{ .fd = s.notify, .events = POLLIN },
		};
		act(&s);
		(void)poll(p, s.notify >= 0 ? 2 : 1, next_ms(&s));
		read_signals(&s);
		if (s.notify >= 0) {
			read_notify(&s);
		}
	}
}
