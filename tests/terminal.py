# SPDX-License-Identifier: GPL-2.0-or-later
"""terminal - a program on a terminal, and what an admin sees of it. Used by
tests that type at hactl; LIMIT is how long they wait for what is to come."""
import fcntl
import os
import pty
import select
import struct
import termios
import time

LIMIT = 60


def until(condition, what):
    """Waits for a condition, never for a time."""
    end = time.monotonic() + LIMIT
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(what())
        select.select([], [], [], 0.02)


class Terminal:
    """A program on a pty that is a vt52: what its screen shows."""

    def __init__(self, argv, env, rows=24, cols=80):
        self.rows, self.cols = rows, cols
        self.raw = ""
        self.clear()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.clear()
            os.environ.update(env, TERM="vt52", LINES="", COLUMNS="")
            for name in ("LINES", "COLUMNS"):
                del os.environ[name]
            os.execv(argv[0], argv)
        self.resize(rows, cols)

    def clear(self):
        self.cells = [[" "] * 200 for _ in range(100)]
        self.row = self.col = 0
        self.pending = ""

    def resize(self, rows, cols):
        self.rows, self.cols = rows, cols
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ,
                    struct.pack("HHHH", rows, cols, 0, 0))

    def put(self, text):
        text = self.pending + text
        self.pending = ""
        i = 0
        while i < len(text):
            ch = text[i]
            need = 4 if text[i:i + 2] == "\x1bY" else 2 if ch == "\x1b" else 1
            if i + need > len(text):
                self.pending = text[i:]
                return
            if ch == "\x1b":
                self.control(text[i + 1], text[i + 2:i + need])
            elif ch == "\n":
                self.row = min(self.row + 1, self.rows - 1)
            elif ch == "\r":
                self.col = 0
            elif ch == "\b":
                self.col = max(self.col - 1, 0)
            elif ch >= " ":
                self.cells[self.row][min(self.col, 199)] = ch
                self.col += 1
            i += need

    def control(self, letter, args):
        if letter == "Y":
            self.row, self.col = ord(args[0]) - 32, ord(args[1]) - 32
        elif letter == "H":
            self.row = self.col = 0
        elif letter == "A":
            self.row = max(self.row - 1, 0)
        elif letter == "B":
            self.row += 1
        elif letter == "C":
            self.col += 1
        elif letter == "D":
            self.col = max(self.col - 1, 0)
        elif letter in "JK":
            self.cells[self.row][self.col:] = [" "] * (200 - self.col)
            if letter == "J":
                for row in range(self.row + 1, 100):
                    self.cells[row] = [" "] * 200

    def read(self):
        """What has come; False: the program has ended."""
        while select.select([self.fd], [], [], 0)[0]:
            try:
                data = os.read(self.fd, 65536).decode("utf-8", "replace")
            except OSError:
                return False
            if not data:
                return False
            self.raw += data
            self.put(data)
        return True

    def screen(self):
        self.read()
        return "\n".join("".join(row).rstrip()
                         for row in self.cells[:self.rows])

    def wait_for(self, text):
        until(lambda: text in self.screen(),
              lambda: f"'{text}' does not come; the screen:\n"
                      f"{self.screen()}")

    def wait_raw(self, text):
        until(lambda: (self.read(), text in self.raw)[1],
              lambda: f"'{text}' is not said:\n{self.raw}")

    def type(self, keys):
        os.write(self.fd, keys.encode())

    def end(self):
        """Its exit code, once it has ended by itself."""
        until(lambda: not self.read(),
              lambda: f"it does not end:\n{self.screen()}")
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)
