/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The status is asked for when hacd has an event, and slowly beside, since not
 * every figure in it has one. A child waits for the events: lib/client blocks,
 * and keys must not wait for hacd. When hacd is away the last status stays and
 * its age is said; nothing here ends but by q.
 */
#include "watch.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <ncurses.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ask.h"
#include "client/client.h"
#include "js.h"
#include "render.h"

enum {
	REFRESH_MS = 10000, /* without an event */
	AGE_MS = 1000,      /* between two drawings of an age */
	ANSWER_S = 5        /* a hacd that takes longer is hung */
};

struct watch {
	struct hactl *h;
	struct ha_client *client; /* owned; of the status */
	json_t *status;           /* owned; the last one */
	time_t taken;             /* when */
	bool old;                 /* hacd did not answer since */
	int events;               /* readable: something happened */
	pid_t listener;
	int top;                  /* first line shown */
	int lines;                /* of the status, as wide as the screen */
};

/* --- the child that waits for events */

static int pass_on(const struct ha_reply *reply, void *arg)
{
	(void)reply;
	/* a full pipe has already said it */
	return write(*(int *)arg, "e", 1) < 0 && errno != EAGAIN;
}

static void listen_for_events(int fd)
{
	const struct ha_arg args[] = { { "follow", "1" }, { "limit", "1" } };
	struct ha_client_options options = { .wait = HA_TIME_NEVER };
	struct ha_client *client = NULL;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)signal(SIGINT, SIG_IGN);
	while (ha_client_connect(&options, &client) == 0) {
		struct ha_request req = { .args = args, .arg_count = 2 };

		req.name = ha_request_name(HA_REQUEST_EVENTS);
		(void)!ha_client_stream(client, &req, HA_TIME_NEVER, pass_on,
					&fd);
		ha_client_close(client);
		if (write(fd, "g", 1) < 0 && errno != EAGAIN) {
			break;
		}
	}
	_exit(0);
}

static int start_listener(struct watch *w)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0) {
		return -errno;
	}
	w->listener = fork();
	if (w->listener == 0) {
		(void)close(fds[0]);
		listen_for_events(fds[1]);
	}
	(void)close(fds[1]);
	w->events = fds[0];
	return w->listener < 0 ? -errno : 0;
}

/* --- the status */

static void refresh_status(struct watch *w)
{
	struct ha_request req = { .name = ha_request_name(HA_REQUEST_STATUS) };
	struct ha_reply reply;
	json_t *status = NULL;

	if (w->client == NULL &&
	    ha_client_connect(NULL, &w->client) != 0) {
		w->client = NULL;
		w->old = true;
		return;
	}
	if (ha_client_call(w->client, &req, HA_S(ANSWER_S), &reply) == 0) {
		status = reply.code == 0 ? json_loads(reply.json, 0, NULL) :
					   NULL;
		ha_reply_fini(&reply);
	}
	w->old = status == NULL;
	if (status != NULL) {
		json_decref(w->status);
		w->status = status;
		w->taken = time(NULL);
	}
}

/* --- drawing */

/* The colour switches of hactl_colour, as ncurses has them. */
static void switch_colour(const char *code)
{
	long number = strtol(code, NULL, 10);

	if (number == 1) {
		(void)attrset(A_BOLD);
	} else if (number >= 31 && number <= 33 && has_colors()) {
		(void)attrset((unsigned)COLOR_PAIR((int)number - 30));
	} else {
		(void)attrset(A_NORMAL);
	}
}

static void draw_line(int row, const char *line, size_t len)
{
	(void)move(row, 0);
	(void)attrset(A_NORMAL);
	while (len > 0) {
		size_t n = 0;

		while (n < len && line[n] != '\033') {
			n++;
		}
		(void)addnstr(line, (int)n);
		if (n < len) {
			switch_colour(line + n + 2);
			while (n < len && line[n] != 'm') {
				n++;
			}
			n += n < len;
		}
		line += n;
		len -= n;
	}
}

static void draw_head(const struct watch *w)
{
	const json_t *cluster = json_object_get(w->status, "cluster");
	char when[32] = "";
	struct tm tm;

	if (localtime_r(&w->taken, &tm) != NULL) {
		(void)strftime(when, sizeof(when), "%H:%M:%S", &tm);
	}
	(void)attrset(A_REVERSE);
	(void)mvhline(0, 0, ' ', COLS);
	(void)move(0, 0);
	if (w->old) {
		(void)printw("OLD: hacd on this host does not answer since %s "
			     "(%lld s); waiting for it. q: quit", when,
			     (long long)(time(NULL) - w->taken));
	} else {
		(void)printw("hac status, host %s, %s. q: quit",
			     hactl_js_str(cluster, "local"), when);
	}
	(void)attrset(A_NORMAL);
}

static void draw(struct watch *w)
{
	struct hactl_screen screen = w->h->screen;
	struct ha_buf b = { .data = NULL };
	const char *line;
	int row = 0;

	screen.width = COLS > 1 ? COLS - 1 : 1;
	hactl_render_status(w->status, &screen, &b);
	(void)erase();
	line = b.data;
	while (line != NULL && *line != '\0') {
		size_t len = strcspn(line, "\n");

		if (row >= w->top && row - w->top + 1 < LINES) {
			draw_line(row - w->top + 1, line, len);
		}
		row++;
		line += len + (line[len] == '\n');
	}
	w->lines = row;
	draw_head(w);
	(void)refresh();
	ha_buf_fini(&b);
}

/* --- keys */

static void scroll_by(struct watch *w, int n)
{
	int last = w->lines - (LINES - 1);

	w->top += n;
	w->top = w->top > last ? last : w->top;
	w->top = w->top < 0 ? 0 : w->top;
}

/* All that were typed; false: the admin has seen enough. */
static bool take_keys(struct watch *w)
{
	int key;

	while ((key = getch()) != ERR) {
		switch (key) {
		case 'q':
		case 'Q':
		case 3: /* ^C, where the terminal gives it as a key */
			return false;
		case KEY_UP:
			scroll_by(w, -1);
			break;
		case KEY_DOWN:
			scroll_by(w, 1);
			break;
		case KEY_PPAGE:
			scroll_by(w, 2 - LINES);
			break;
		case KEY_NPAGE:
		case ' ':
			scroll_by(w, LINES - 2);
			break;
		case KEY_RESIZE:
			scroll_by(w, 0);
			break;
		default:
			break;
		}
	}
	return true;
}

/* False: the terminal is gone. */
static bool wait_for_news(struct watch *w)
{
	struct pollfd p[2] = { { STDIN_FILENO, POLLIN, 0 },
			       { w->events, POLLIN, 0 } };
	char said[256];
	int n = poll(p, 2, w->old ? AGE_MS : REFRESH_MS);

	if (n == 0 || (n > 0 && p[1].revents != 0)) {
		while (read(w->events, said, sizeof(said)) ==
		       (ssize_t)sizeof(said)) {
		}
		refresh_status(w);
	}
	return n <= 0 || (p[0].revents & (POLLHUP | POLLERR)) == 0;
}

static void open_screen(void)
{
	(void)initscr();
	(void)cbreak();
	(void)noecho();
	(void)nodelay(stdscr, true);
	(void)keypad(stdscr, true);
	(void)curs_set(0);
	if (has_colors()) {
		(void)start_color();
		(void)use_default_colors();
		(void)init_pair(1, COLOR_RED, -1);
		(void)init_pair(2, COLOR_GREEN, -1);
		(void)init_pair(3, COLOR_YELLOW, -1);
	}
}

int hactl_watch(struct hactl *h)
{
	struct watch w = { .h = h, .events = -1 };
	int r;

	if (h->json || !isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		return hactl_fail(h, HACTL_USAGE, "--watch needs a terminal; "
				  "programs have 'hactl events --follow "
				  "--json'");
	}
	r = hactl_get(h, HA_REQUEST_STATUS, NULL, &w.status);
	if (r != HACTL_OK) {
		return r; /* told in a sentence: there was nothing to show yet */
	}
	w.taken = time(NULL);
	hactl_close(h);
	if (start_listener(&w) != 0) {
		json_decref(w.status);
		return hactl_fail(h, HACTL_FAILED, "no process can be "
				  "started: %s", strerror(errno));
	}
	(void)setlocale(LC_CTYPE, "");
	open_screen();
	do {
		draw(&w);
	} while (wait_for_news(&w) && take_keys(&w));
	(void)endwin();
	(void)kill(w.listener, SIGKILL);
	(void)waitpid(w.listener, NULL, 0);
	(void)close(w.events);
	ha_client_close(w.client);
	json_decref(w.status);
	return HACTL_OK;
}
