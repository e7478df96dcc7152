#!/usr/bin/env python3
"""Measures an image service beside another, in turn (A B A B …), and prints the medians as rows of bench/run's table.

serve.py DIR OURS PEER   OURS and PEER are URL,TOKEN,PID; PID is the server's, whose children count too.

  BENCH_RUNS   counted runs of each (default 5)
  BENCH_SIZE   MiB that are uploaded and downloaded (default 1024)
  BENCH_WRK    seconds of each run of requests (default 5)
  BENCH_WITH   put before each client
  BENCH_PARTS  of: raw packed requests (default: all)
"""
import http.client
import json
import os
import re
import subprocess
import sys
import time
import urllib.parse

RUNS = int(os.environ.get("BENCH_RUNS", "5"))
SIZE = int(os.environ.get("BENCH_SIZE", "1024")) << 20
SECONDS = os.environ.get("BENCH_WRK", "5")
WITH = os.environ.get("BENCH_WITH", "").split()
PARTS = os.environ.get("BENCH_PARTS", "raw packed requests").split()
IMAGES = 100


class Service:
    def __init__(self, text):
        self.url, self.token, pid = text.split(",")
        self.pid = int(pid)

    def call(self, method, path, body=None):
        address = urllib.parse.urlsplit(self.url)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=600)
        headers = {"X-Auth-Token": self.token, "Content-Type": "application/json"}
        connection.request(method, path, body and json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        if answer.status >= 300:
            sys.exit(f"{method} {self.url}{path}: {answer.status} {text[:300]}")
        return text and json.loads(text)

    def make(self, name):
        image = {"name": name, "disk_format": "raw", "container_format": "bare", "visibility": "private",
                 "os_distro": "debian", "tags": ["a", "b"]}
        return self.call("POST", "/v2/images", image)["id"]

    def delete(self, image):
        self.call("DELETE", "/v2/images/" + image)

    def curl(self, image, *more):
        """MB/s of one transfer, and what the server took of the processors for it, in seconds."""
        before = self.cpu()
        words = WITH + ["curl", "-s", "-S", "-o", "/dev/null", "-w", "%{http_code} %{time_total}", "-H",
                        "X-Auth-Token: " + self.token, *more, f"{self.url}/v2/images/{image}/file"]
        code, seconds = subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()
        if code not in ("200", "204"):
            sys.exit(f"{words[-1]}: {code}")
        return SIZE / 1e6 / float(seconds), self.cpu() - before

    def put(self, image, file):
        return self.curl(image, "-H", "Content-Type: application/octet-stream", "-H", "Expect:", "-T", file)

    def get(self, image):
        return self.curl(image)

    def wrk(self, path):
        """Requests a second, p50 and p99 in ms."""
        words = WITH + ["wrk", "-t1", "-c8", f"-d{SECONDS}", "--latency", "-H", "X-Auth-Token: " + self.token,
                        self.url + path]
        text = subprocess.run(words, check=True, capture_output=True, text=True).stdout
        if "Non-2xx" in text or "Socket errors" in text:
            sys.exit(text)
        quantile = lambda q: milliseconds(re.search(rf"(?m)^\s+{q}%\s+(\S+)", text)[1])
        return float(re.search(r"Requests/sec:\s+(\S+)", text)[1]), quantile(50), quantile(99)

    def processes(self):
        children = {}
        for each in filter(str.isdigit, os.listdir("/proc")):
            try:
                children.setdefault(int(stat(each)[1]), []).append(int(each))
            except OSError:
                pass
        todo, found = [self.pid], []
        while todo:
            found.append(todo.pop())
            todo += children.get(found[-1], [])
        return found

    def memory(self):
        """Resident now and at most, in MB, pages that processes share counted once."""
        now = peak = 0
        for each in self.processes():
            now += kib(each, "smaps_rollup", "Pss:")
            peak += kib(each, "status", "VmHWM:")
        return now / 1e3, peak / 1e3

    def cpu(self):
        ticks = 0
        for each in self.processes():
            fields = stat(each)
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


def stat(process):
    with open(f"/proc/{process}/stat") as file:
        return file.read().rsplit(")", 1)[1].split()


def kib(process, file, name):
    with open(f"/proc/{process}/{file}") as lines:
        return sum(int(line.split()[1]) * 1.024 for line in lines if line.startswith(name))


def milliseconds(text):
    number, unit = re.match(r"([\d.]+)(\w+)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def median(values):
    values = sorted(values)
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2


def row(name, unit, ours, peer, wanted, note=""):
    shown = lambda values: f"{median(values):,.1f}" if median(values) < 10 else f"{median(values):,.0f}"
    print(f"| {name:<46} | {shown(ours) + ' ' + unit:>12} | {shown(peer) + ' ' + unit:>12} "
          f"| {median(ours) / median(peer):6.2f} | {wanted:<28} | {note} |", flush=True)


def fill(file, seed, packed):
    """Bytes that no run had before: noise; or the files of this machine, moved by so much that no chunk is one of before."""
    noise = f"openssl enc -aes-128-ctr -pass pass:{seed} -nosalt -md sha256 </dev/zero 2>/dev/null || true"
    files = "tar -C / -cf - usr/lib usr/share usr/bin 2>/dev/null || true"
    text = f"({noise}) | head -c {1 + int(seed) // 1000 % 500000}; ({files})" if packed else noise
    subprocess.run(["bash", "-c", f"({text}) | head -c {SIZE} >'{file}'"], check=True)


def transfers(directory, ours, peer, packed):
    file = os.path.join(directory, "serve.img")
    puts, gets, cpu = ([], []), ([], []), ([], [])
    for run in range(RUNS + 1):
        fill(file, f"{time.time_ns()}", packed)
        for side, service in enumerate((ours, peer)):
            image = service.make("transfer")
            up, spent = service.put(image, file)
            if run > 0:
                puts[side].append(up)
                cpu[side].append(spent)
            service.get(image)
            if run > 0:
                gets[side].extend(service.get(image)[0] for _ in range(3))
            service.delete(image)
    os.remove(file)
    kind = "packed" if packed else "kept raw"
    note = f"processor seconds {median(cpu[0]):.1f}, {median(cpu[1]):.1f}"
    size = f"{SIZE >> 20} MiB"
    row(f"upload {size}, {kind}", "MB/s", *puts, "ratio >= 1.5", note)
    row(f"download {size}, {kind}", "MB/s", *gets, "ratio >= 0.5" if packed else "ratio >= 1.0")


def requests(ours, peer):
    both = (ours, peer)
    images = [[service.make(f"image-{i:04}") for i in range(IMAGES)] for service in both]
    for what, wanted in (("one", "requests >= 20, p99 <= 0.1"), ("list of 25", "requests >= 20, p99 <= 0.1")):
        rates, halves, tails = ([], []), ([], []), ([], [])
        for run in range(RUNS + 1):
            for side, service in enumerate(both):
                path = f"/v2/images/{images[side][9]}" if what == "one" else "/v2/images?limit=25"
                rate, half, tail = service.wrk(path)
                if run > 0:
                    rates[side].append(rate)
                    halves[side].append(half)
                    tails[side].append(tail)
        row(f"get {what}, 8 connections", "/s", *rates, wanted)
        row("  half within", "ms", *halves, "")
        row("  99 % within", "ms", *tails, wanted)
    for side, service in enumerate(both):
        for image in images[side]:
            service.delete(image)


def main():
    directory, ours, peer = sys.argv[1], Service(sys.argv[2]), Service(sys.argv[3])
    if "requests" in PARTS:
        requests(ours, peer)
    for part in ("raw", "packed"):
        if part in PARTS:
            transfers(directory, ours, peer, part == "packed")
    resident = [service.memory() for service in (ours, peer)]
    row("resident after all", "MB", *[[each[0]] for each in resident], "<= 400 MB")
    row("  at most", "MB", *[[each[1]] for each in resident], "")


if __name__ == "__main__":
    main()
