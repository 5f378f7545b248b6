# SPDX-License-Identifier: GPL-2.0-or-later
"""lab.py - what the benches that need a lab share: three hosts with light
guests, what hactl says, libvirt's events with their times, and figures as
key=value lines.

All hosts are on one machine, so all times are of one clock.
"""
import collections
import datetime
import glob
import json
import os
import re
import subprocess
import threading
import time

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
HOSTS = ("h1", "h2", "h3")

Lifecycle = collections.namedtuple("Lifecycle", "time host vm what")


class BenchError(Exception):
    """What could not be measured, and why."""


def median(values):
    values = sorted(values)
    return values[len(values) // 2]


def show(what, **figures):
    """One line of figures; seconds have three digits."""
    words = [what]
    for key, value in figures.items():
        if isinstance(value, (list, tuple)):
            value = ",".join(f"{v:.3f}" for v in value)
        elif isinstance(value, float):
            value = f"{value:.3f}"
        words.append(f"{key}={value}")
    print(" ".join(words), flush=True)


def show_goal(name, value, limit, **figures):
    """A figure beside the one it must not exceed."""
    show("goal", name=name, **figures, value=float(value), limit=float(limit),
         ratio=value / limit if limit else 0.0,
         met="yes" if value <= limit else "NO")


def wait_for(what, seconds, condition):
    """Polls; returns what the condition returned."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise BenchError(f"{what}: not within {seconds} s")
        time.sleep(0.1)


def event_time(text):
    """hacd's stamp, 2026-11-24T10:11:12.345Z"""
    stamp = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")
    return stamp.replace(tzinfo=datetime.timezone.utc).timestamp()


class Lab:
    def __init__(self, build, name):
        self.haclab = os.path.join(TOP, "tools/haclab/haclab")
        self.name = name
        self.build = build
        self.store = f"/var/lib/{name}/store"
        self.seat = HOSTS[0]  # where hactl is typed
        os.environ.update(HACLAB_NAME=name, HACLAB_BUILD=build)

    def run(self, *args):
        r = subprocess.run((self.haclab,) + args, capture_output=True,
                           text=True, stdin=subprocess.DEVNULL, check=False)
        if r.returncode != 0:
            raise BenchError(f"haclab {' '.join(args)}: "
                             f"{(r.stderr or r.stdout).strip()}")
        return r.stdout

    def exec(self, host, *command):
        return self.run("exec", host, *command)

    def up(self, vms, coefficient):
        path = os.path.join(self.build, "bench-cluster.xml")
        with open(path, "w", encoding="utf-8") as f:
            f.write(cluster_xml(vms))
        self.run("up", "--hosts", str(len(HOSTS)), "--light",
                 "--coefficient", str(coefficient), "--config", path)
        wait_for("three hosts online", 60,
                 lambda: self.online() == set(HOSTS))
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.run("down")

    def status(self):
        try:
            return json.loads(self.exec(self.seat, "hactl", "status",
                                        "--json"))
        except (BenchError, ValueError):
            return {}

    def coordinator(self):
        return wait_for("a coordinator", 30, lambda: self.status().get(
            "cluster", {}).get("coordinator"))

    def online(self):
        return {h["name"] for h in self.status().get("hosts", [])
                if h["state"] == "online"}

    def owners(self):
        """VM to host, of those that run."""
        return {v["name"]: v["owner"] for v in self.status().get("vms", [])
                if v["state"] == "running"}

    def events(self, host, since):
        out = json.loads(self.exec(host, "hactl", "events", "--json",
                                   "--limit=1000"))
        found = []
        for e in out["events"]:
            e["at"] = event_time(e["time"])
            if e["at"] >= since:
                found.append(e)
        return found

    def want(self, verb, vms):
        """vm start or vm stop, of many in one go"""
        self.exec(self.seat, "sh", "-c", 'v=$1; shift; for vm; do '
                  'hactl vm "$v" "$vm" >/dev/null || exit 1; done',
                  "sh", verb, *vms)

    def gather(self, vms, host):
        """Exactly these run, all on this host."""
        others = [h for h in HOSTS if h != host]
        running = set(self.owners())
        for h in others:
            self.exec(self.seat, "hactl", "host", "maintenance", "on", h)
        self.want("start", sorted(set(vms) - running))
        self.want("stop", sorted(running - set(vms)))
        wait_for(f"{len(vms)} VMs on {host}", 300, lambda: self.owners() ==
                 {vm: host for vm in vms})
        for h in others:
            self.exec(self.seat, "hactl", "host", "maintenance", "off", h)
        wait_for("the end of maintenance", 30,
                 lambda: self.online() == set(HOSTS))

    def membership_time(self, host, since):
        """When corosync said that a new membership was formed."""
        path = f"/var/lib/{self.name}/{host}/log/corosync/corosync.log"
        year = time.localtime(since).tm_year
        with open(path, encoding="utf-8", errors="replace") as f:
            for line in f:
                if "A new membership" not in line:
                    continue
                stamp = " ".join(line.split()[:3])
                at = datetime.datetime.strptime(
                    f"{year} {stamp}", "%Y %b %d %H:%M:%S.%f").timestamp()
                if at >= since:
                    return at
        raise BenchError(f"{path} tells of no new membership")

    def console_times(self, vms, since):
        """When each guest said its last word, of those that said one."""
        times = {}
        for vm in vms:
            try:
                at = os.stat(f"{self.store}/console/{vm}.log").st_mtime
            except FileNotFoundError:
                continue
            if at >= since:
                times[vm] = at
        return times

    def init_pid(self, host):
        with open(f"/run/{self.name}/{host}/init", encoding="ascii") as f:
            return int(f.read().split()[0])

    def processes(self, host):
        """Pid to name, of all that run on a host."""
        space = os.readlink(f"/proc/{self.init_pid(host)}/ns/pid")
        found = {}
        for path in glob.glob("/proc/[0-9]*/ns/pid"):
            pid = path.split("/")[2]
            try:
                if os.readlink(path) == space:
                    with open(f"/proc/{pid}/comm", encoding="ascii") as f:
                        found[int(pid)] = f.read().strip()
            except OSError:
                continue  # it ended meanwhile
        return found

    def qemu_pid(self, vm, host):
        for pid, name in self.processes(host).items():
            if not name.startswith("qemu"):
                continue
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                if f"guest={vm},".encode() in f.read():
                    return pid
        raise BenchError(f"no QEMU of {vm} runs on {host}")


class Watch:
    """libvirt's lifecycle events of some hosts, from now on."""

    def __init__(self, lab, hosts):
        self.seen = []
        self.lab = lab
        self.children = []
        for host in hosts:
            child = subprocess.Popen(
                (lab.haclab, "exec", host, "virsh", "event", "--event",
                 "lifecycle", "--loop", "--timestamp"), text=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL)
            self.children.append(child)
            threading.Thread(target=self.read, args=(host, child.stdout),
                             daemon=True).start()

    def read(self, host, lines):
        pattern = re.compile(r"^(\S+ \S+): event 'lifecycle' for domain "
                             r"'?([^ ']+)'?: (\w+)")
        for line in lines:
            match = pattern.match(line)
            if match:
                at = datetime.datetime.strptime(
                    match.group(1), "%Y-%m-%d %H:%M:%S.%f%z").timestamp()
                self.seen.append(Lifecycle(at, host, match.group(2),
                                           match.group(3)))

    def first(self, what, vms, since):
        """VM to time of its first such event."""
        times = {}
        for e in list(self.seen):
            if e.what == what and e.vm in vms and e.time >= since:
                times.setdefault(e.vm, e.time)
        return times

    def wait(self, what, vms, since):
        def all_seen():
            times = self.first(what, set(vms), since)
            return times if len(times) == len(set(vms)) else None
        return wait_for(f"{what} of {len(vms)} VMs", 180, all_seen)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for child in self.children:
            child.kill()
            child.wait()


def cluster_xml(vms):
    """Three hosts that stay off once fenced, VMs that are not yet wanted."""
    hosts = "".join(
        f'<host name="{h}" id="{h[1:]}" memory="64GiB"><fence><level>'
        f'<device ref="bmc"/></level></fence></host>' for h in HOSTS)
    return ('<cluster name="bench">'
            '<defaults cpu-overcommit="10000%" stop-timeout="0s"/>'
            '<fence-devices><device name="bmc" agent="fence_ipmilan" '
            'timeout="30s" power-on="no"/></fence-devices>'
            f"<hosts>{hosts}</hosts><vms>"
            + "".join(f'<vm name="{vm}" wanted="stopped"><domain/></vm>'
                      for vm in vms) + "</vms></cluster>\n")
