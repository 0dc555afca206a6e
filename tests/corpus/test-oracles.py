#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What other tools made of the corpus's recordings, against what is made of them here. test-oracles.py AFTERGLOW_CLI DUMP

quipper's text dumps (each sample's address, thread, time, period, processor and chain; records by type), LinuxTracepoints' decoded records,
perfparser's samples, simpleperf's folded stacks, flamelens's stacks, inferno's and flamegraph.pl's pictures and difffolded's sums."""
import collections
import datetime
import html
import json
import os
import re
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "cli"))
from tap import plan, report  # noqa: E402

CLI, DUMP = sys.argv[1:3]
TOP = os.environ.get("AFTERGLOW_SOURCE_DIR", os.path.join(os.path.dirname(__file__), "..", ".."))
CORPUS = os.environ.get("AFTERGLOW_CORPUS") or os.path.join(TOP, "..", "shared", "corpus")
CONTEXT = (1 << 64) - 4095
Sample = collections.namedtuple("Sample", "time pid tid cpu weight event chain")


def path_of(*parts):
    return os.path.join(CORPUS, *parts)


def read(path):
    return open(path, encoding="utf-8", errors="replace").read()


def ask(*arguments):
    result = subprocess.run([CLI, *arguments, "--quiet"], capture_output=True, timeout=120)
    return result.stdout.decode(errors="replace")


def ours(path):
    """The samples as the reader has them, in order of time."""
    result = subprocess.run([DUMP, path], capture_output=True, timeout=120)
    rows = []
    for line in result.stdout.decode(errors="replace").splitlines():
        time, pid, tid, cpu, weight, event, chain = line.split("\t")
        rows.append(Sample(int(time), int(pid), int(tid), None if cpu == "-" else int(cpu), int(weight), event,
                           tuple(int(address, 16) for address in chain.split())))
    return rows


def records(path):
    return {row["name"]: row["count"] for row in json.loads(ask("info", "--json", path))["records"]}


def first_difference(left, right, count=3):
    return "\n".join("%s\n  oracle: %s\n  here:   %s" % (i, str(a)[:300], str(b)[:300])
                     for i, (a, b) in enumerate(zip(left, right)) if a != b for _ in [0])[:1200] or "lengths %d and %d" % (len(left), len(right))


# ---- quipper ----

NAMES = {1: "MMAP", 2: "LOST", 3: "COMM", 4: "EXIT", 5: "THROTTLE", 6: "UNTHROTTLE", 7: "FORK", 8: "READ", 9: "SAMPLE", 10: "MMAP2", 11: "AUX",
         12: "ITRACE_START", 13: "LOST_SAMPLES", 14: "SWITCH", 15: "SWITCH_CPU_WIDE", 16: "NAMESPACES", 68: "FINISHED_ROUND",
         70: "AUXTRACE_INFO", 71: "AUXTRACE", 79: "TIME_CONV", 73: "THREAD_MAP"}


def signed(text):
    value = int(text)
    return value - (1 << 32) if value >= 1 << 31 else value


def quipper_samples(text):
    """sample_event { … } in a dump: each scalar by its name, chains as lists."""
    for match in re.finditer(r"\n  sample_event \{\n(.*?)\n  \}", text, re.S):
        fields, chain = {}, []
        for line in re.findall(r"^    (\w+): (\S+)", match.group(1), re.M):
            if line[0] == "callchain":
                chain.append(int(line[1]))
            else:
                fields[line[0]] = line[1]
        yield fields, chain


def user(address):
    """In chains that ran into garbage above their root, quipper's dump has the top bit set where the file has it clear."""
    return address if address >> 47 == (1 << 17) - 1 or address >> 47 == 0 else address & ~(1 << 63)


def anonymous_maps(recording):
    """How many MMAP records name //anon, some of which quipper leaves out of its dumps; of a little-endian file."""
    data = open(recording, "rb").read()
    size, = struct.unpack_from("<Q", data, 8)
    at, length = struct.unpack_from("<QQ", data, 40) if size > 16 else (16, len(data) - 16)
    end, found = at + length, 0
    while at + 8 <= end:
        kind, _, size = struct.unpack_from("<IHH", data, at)
        found += kind == 1 and data[at + 40:at + size].split(b"\0")[0] == b"//anon"
        if size < 8:
            break
        at += size
    return found


def check_quipper(recording, oracle):
    text = read(oracle)
    name = os.path.basename(recording)
    rows = ours(recording)
    has_time = any(row.time for row in rows)
    has_period = re.search(r"sample_event \{[^}]*\bperiod:", text) is not None
    has_pid = re.search(r"sample_event \{[^}]*\bpid:", text) is not None
    has_cpu = re.search(r"sample_event \{[^}]*\bcpu:", text) is not None
    expected = []
    for fields, chain in quipper_samples(text):
        addresses = tuple(user(a) for a in chain if a <= CONTEXT) if chain else (int(fields["ip"]),) if "ip" in fields else ()
        expected.append((int(fields.get("sample_time_ns", 0)), signed(fields.get("pid", "-1")) if has_pid else None,
                         signed(fields.get("tid", "-1")) if has_pid else None, int(fields.get("cpu", 0)) if has_cpu else None,
                         int(fields.get("period", 0)) if has_period else None, addresses))
    here = [(row.time, row.pid if has_pid else None, row.tid if has_pid else None, row.cpu if has_cpu else None,
             row.weight if has_period else None, tuple(user(a) for a in row.chain)) for row in rows]
    if has_time:
        # quipper sorts by time, but leaves equal times as they stood; so do both sides here.
        expected.sort(key=lambda row: row[0])
    report(sorted(expected, key=str) == sorted(here, key=str) and len(expected) > 0, "quipper: every sample of %s (%d)" % (name, len(expected)),
           first_difference(expected, here))
    counts = collections.Counter(NAMES.get(int(kind), kind) for kind in re.findall(r"^events \{\n  header \{\n    type: (\d+)", text, re.M))
    mine = records(recording)
    anonymous = anonymous_maps(recording)
    # A dump holds the kernel's records; what perf put between them is there only in part.
    kernel = {kind: count for kind, count in counts.items() if kind in list(NAMES.values())[:16]}
    different = {kind: (count, mine.get(kind, 0)) for kind, count in kernel.items() if not count <= mine.get(kind, 0) <= count + (anonymous if kind == "MMAP" else 0)}
    report(not different, "quipper: records by type of %s" % name, "oracle, here: %s" % different)


def quipper():
    folder = path_of("perf.data", "google__perf_data_converter", "src", "quipper", "testdata")
    for oracle in sorted(os.listdir(folder)):
        recording = os.path.join(folder, oracle[:-len(".pb_text")])
        if oracle.endswith(".pb_text") and os.path.exists(recording):
            check_quipper(recording, os.path.join(folder, oracle))


# ---- LinuxTracepoints ----

def tracepoints():
    folder = path_of("perf.data", "microsoft__LinuxTracepoints-Net", "DecodeTest")
    recording = os.path.join(folder, "input", "perf.data")
    if not os.path.exists(recording):
        return
    text = read(os.path.join(folder, "expected", "perf.data.txt"))
    spelled = {"Ksymbol": "KSYMBOL", "BpfEvent": "BPF_EVENT", "IdIndex": "ID_INDEX", "ThreadMap": "THREAD_MAP", "CpuMap": "CPU_MAP",
               "FinishedRound": "FINISHED_ROUND", "FinishedInit": "FINISHED_INIT"}
    counts = collections.Counter(spelled.get(kind, kind.upper()) for kind in re.findall(r"^NonSample: (\w+)", text, re.M))
    counts["SAMPLE"] = len(re.findall(r"^Sample: ", text, re.M))
    mine = records(recording)
    report(counts == {kind: mine.get(kind, 0) for kind in counts}, "LinuxTracepoints: records by type", "%s\n%s" % (dict(counts), mine))
    # "info = {"time": …Z, "cpu": 0, "pid": 2002}": wall time to 100 ns.
    expected = []
    for event, information in re.findall(r"^Sample: (\S+)\n.*?\n?  info = (\{.*?\})$", text, re.M | re.S):
        fields = json.loads(information)
        stamp = re.match(r"(.*)\.(\d+)Z", fields["time"])
        seconds = int(datetime.datetime.fromisoformat(stamp.group(1)).replace(tzinfo=datetime.timezone.utc).timestamp())
        expected.append((seconds * 10**9 + int(stamp.group(2).ljust(9, "0")), fields["cpu"], signed(fields.get("tid", fields["pid"])), event))
    rows = ours(recording)
    if not expected or len(expected) != len(rows):
        report(False, "LinuxTracepoints: samples", "%d and %d" % (len(expected), len(rows)))
        return
    expected.sort()
    offset = expected[0][0] - rows[0].time
    same = sum(abs(a[0] - offset - row.time) < 200 and a[1] == row.cpu and a[2] == row.tid and row.event.split(":")[-1] == a[3].split(":")[-1]
               for a, row in zip(expected, rows))
    report(same == len(rows), "LinuxTracepoints: time, processor, thread and event of each of %d samples" % len(rows),
           "%d of %d; %s" % (same, len(rows), [(a, row) for a, row in zip(expected, rows) if a[2] != row.tid or a[1] != row.cpu][:3]))


def fields_of(path):
    """Each sample's event, time and fields by name, as the reader has them."""
    result = subprocess.run([DUMP, "--fields", path], capture_output=True, timeout=120)
    rows = []
    for line in result.stdout.decode(errors="replace").splitlines():
        parts = line.split("\t")
        rows.append((parts[5], int(parts[0]), dict(part.split("=", 1) for part in parts[6:] if "=" in part)))
    return rows


def tracepoint_fields():
    """Every field of the recording's kernel tracepoints. user_events in EventHeader's own encoding are bytes here."""
    folder = path_of("perf.data", "microsoft__LinuxTracepoints-Net", "DecodeTest")
    recording = os.path.join(folder, "input", "perf.data")
    if not os.path.exists(recording):
        return
    expected = collections.Counter()
    for fields in re.findall(r"^Sample: sched:sched_switch\n.*?\n((?:  \w+ = .*\n)+)", read(os.path.join(folder, "expected", "perf.data.txt")).replace("\r", ""), re.M):
        values = {}
        for name, value in re.findall(r"^  (\w+) = (.*)$", fields, re.M):
            value = json.loads(value)
            if name not in ("size", "info"):
                values[name] = str(int(value, 16)) if isinstance(value, str) and value.startswith("0x") else json.dumps(value) if isinstance(value, str) else str(value)
        expected[tuple(sorted(values.items()))] += 1
    mine = collections.Counter(tuple(sorted((name, value) for name, value in fields.items() if not name.startswith("common_")))
                               for event, _, fields in fields_of(recording) if event == "sched:sched_switch")
    report(expected == mine and sum(expected.values()) > 100, "LinuxTracepoints: fields of each of %d switches" % sum(expected.values()),
           "%s\n%s" % (list((expected - mine).items())[:2], list((mine - expected).items())[:2]))
    # Those of user_events are in the samples themselves: names and values, in order, as JSON.
    expected, mine = collections.Counter(), collections.Counter()
    for lines in re.findall(r"^Sample: user_events:\S+\n  size = .*\n  info = .*\n((?:  .* = .*\n)*)", read(os.path.join(folder, "expected", "perf.data.txt")).replace("\r", ""), re.M):
        expected[repr([(name, json.loads(value, object_pairs_hook=list)) for name, value in re.findall(r"^  (.*?) = (.*)$", lines, re.M)])] += 1
    for line in ask("script", "--fields", "event,trace", recording).splitlines():
        if "user_events:" in line:
            # The oracle names the tags of inner fields alone.
            pairs = json.loads(line[line.index(" {") + 1:], object_pairs_hook=list) if " {" in line else []
            mine[repr([(re.sub(";tag=0x[0-9A-F]+$", "", field), value) for field, value in pairs])] += 1
    report(not expected - mine and sum(expected.values()) > 200, "LinuxTracepoints: names and values in each of %d user events" % sum(expected.values()),
           "\n".join(list(expected - mine)[:8] + ["here:"] + list(mine - expected)[:8]))
    bytes_of = [fields for event, _, fields in fields_of(recording) if event.startswith("user_events:")]
    report(len(bytes_of) > 200 and all("eventheader_flags" in fields for fields in bytes_of), "LinuxTracepoints: the fixed fields of each of %d user events" % len(bytes_of))


# ---- quipper's hand-made recordings ----

def textproto(text):
    """Messages of a text dump as (name, value or list of the same)."""
    stack, tokens = [[]], re.findall(r"[{}]|[A-Za-z_]\w*(?=\s*[:{])|\"(?:[^\"\\]|\\.)*\"|[^\s{}:]+", re.sub(r"(?m)^\s*#.*$", "", text))
    names, name = [], None
    for token in tokens:
        if token == "{":
            names.append(name)
            stack.append([])
        elif token == "}":
            message = stack.pop()
            stack[-1].append((names.pop(), message))
        elif name is None or re.fullmatch(r"[A-Za-z_]\w*", token) and token not in ("true", "false"):
            name = token
            continue
        else:
            stack[-1].append((name, token))
    return stack[0]


def memory_protos():
    """Samples that quipper's authors wrote down, as a recording, and what is read of it."""
    sys.path.insert(0, os.path.join(TOP, "tests", "cli"))
    import perfdata as p
    folder = path_of("perf.data", "google__perf_data_converter", "src", "testdata")
    members = {"addr": p.ADDR, "weight": p.WEIGHT, "data_src": p.DATA_SRC, "data_page_size": p.DATA_PAGE_SIZE, "code_page_size": p.CODE_PAGE_SIZE}
    for name in ("perf-datasrc", "perf-weight", "perf-code-data-page-sizes", "profile-with-data-addresses-flat"):
        source = os.path.join(folder, name + ".textproto")
        if not os.path.exists(source):
            continue
        dump = textproto(read(source))
        samples = [dict(value) for key, event in dump if key == "events" for inner, value in event if inner == "sample_event"]
        samples = [{key: int(value, 0) for key, value in sample.items() if isinstance(value, str) and re.fullmatch(r"-?(0x)?[0-9a-fA-F]+", value)} for sample in samples]
        present = sorted({key for sample in samples for key in sample} & set(members))
        kind = p.IP | p.TID | p.TIME
        for key in present:
            kind |= members[key]
        writer, expected = p.Writer(), []
        writer.event(kind, kind=0)
        for sample in samples:
            body = writer.pack("QIIQ", sample.get("ip", 0), sample.get("pid", 0), sample.get("tid", 0), sample.get("sample_time_ns", 0))
            for key in ("addr", "weight", "data_src", "data_page_size", "code_page_size"):
                if key in present:
                    body += writer.pack("Q", sample.get(key, 0))
            writer.record(p.SAMPLE, body, misc=2)
            expected.append(tuple(str(sample.get(key, 0)) for key in present))
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "perf.data")
            with open(path, "wb") as file:
                file.write(writer.to_bytes())
            mine = [tuple(fields[key] for key in present) for _, _, fields in fields_of(path)]
        report(sorted(expected) == sorted(mine) and expected and present, "quipper: %s of the %d samples in %s" % (", ".join(present), len(expected), name),
               first_difference(sorted(expected), sorted(mine)))


def raw_data():
    """Raw data of an event that has no format."""
    recording = path_of("perf.data", "google__perf_data_converter", "src", "quipper", "testdata", "perf.data.raw-3.4")
    if not os.path.exists(recording):
        return
    expected = []
    for fields in re.findall(r"\n  sample_event \{\n(.*?)\n  \}", read(recording + ".pb_text"), re.S):
        raw = re.search(r'^    raw: "(.*)"$', fields, re.M)
        time = re.search(r"sample_time_ns: (\d+)", fields)
        expected.append((int(time.group(1)), raw.group(1).encode().decode("unicode_escape").encode("latin-1").hex()))
    mine = [(time, fields["raw"]) for _, time, fields in fields_of(recording)]
    report(sorted(expected) == sorted(mine) and expected, "quipper: raw data of each of %d samples" % len(expected), first_difference(sorted(expected), sorted(mine)))


def build_ids():
    """quipper's lists of build-ids: each of a file that is known here has that id."""
    folder = path_of("perf.data", "google__perf_data_converter", "src", "quipper", "testdata")
    if not os.path.isdir(folder):
        return
    compared, wrong = 0, []
    for oracle in sorted(name for name in os.listdir(folder) if name.endswith(".buildids")):
        recording = os.path.join(folder, re.sub(r"\.buildids$", "", oracle))
        if not os.path.exists(recording):
            continue
        mine = {module["path"]: module["build_id"] for module in json.loads(ask("info", "--json", recording))["modules"]}
        for line in read(os.path.join(folder, oracle)).splitlines():
            identity, _, path = line.strip().partition(" ")
            path = path.strip()
            if path in mine:
                compared += 1
                # A list may end an id in zeros that are padding.
                if mine[path] is None or not (mine[path].startswith(identity.rstrip("0")) or identity.startswith(mine[path])):
                    wrong.append("%s: %s: %s, here %s" % (oracle, path, identity, mine[path]))
    report(compared > 50 and not wrong, "quipper: build-ids of %d modules" % compared, "%d; %s" % (compared, "\n".join(wrong[:6])))


def waits():
    """simpleperf --trace-offcpu: a switch lasts until its thread's next sample."""
    recording = path_of("perf.data", "jbeich__platform_system_extras", "simpleperf", "testdata", "perf_with_trace_offcpu.data")
    if not os.path.exists(recording):
        return
    rows, following, wrong = ours(recording), {}, 0
    for row in reversed(rows):
        if row.event == "sched:sched_switch" and row.weight != max(following.get(row.tid, row.time) - row.time, 0):
            wrong += 1
        following[row.tid] = row.time
    event = next(event for event in json.loads(ask("info", "--json", recording))["events"] if event["name"] == "sched:sched_switch")
    report(wrong == 0 and event["weight_unit"] == "ns" and event["off_cpu"] and event["weight"] > 0, "simpleperf: switches weigh the time off the processor", "%s, %s" % (wrong, event))


def gecko():
    """The Firefox profiles that simpleperf's script made: time and depth of each sample."""
    folder = path_of("perf.data", "jbeich__platform_system_extras", "simpleperf")
    for name in ("perf_with_tracepoint_event", "perf_with_jit_symbol"):
        recording = os.path.join(folder, "testdata", name + ".data")
        oracle = os.path.join(folder, "scripts", "test", "script_testdata", name + ".gecko.json")
        if not os.path.exists(recording) or not os.path.exists(oracle):
            continue
        expected = collections.Counter()
        for thread in json.loads(read(oracle))["threads"]:
            at = thread["samples"]["schema"]["time"]
            for row in thread["samples"]["data"]:
                expected[(thread["tid"], round(row[at] * 1000))] += 1
        mine = collections.Counter((row.tid, round(row.time / 1000)) for row in ours(recording))
        report(not expected - mine and expected, "simpleperf: thread and time of each of %d samples of the Firefox profile of %s" % (sum(expected.values()), name),
               "%s\n%s" % (list((expected - mine).items())[:3], list((mine - expected).items())[:3]))


def folded_variants():
    """simpleperf's folded stacks with process and thread numbers: the same sums by those."""
    folder = path_of("perf.data", "jbeich__platform_system_extras", "simpleperf", "testdata")
    recording = os.path.join(folder, "perf_with_jit_symbol.data")
    for ending, prefix, place in (("with_pid", "pid", 1), ("with_tid", "tid", 1)):
        oracle = recording[:-5] + ".foldedstack_" + ending
        if not os.path.exists(oracle):
            continue
        def by_number(text):
            sums = collections.Counter()
            for stack, weight in folded_pairs(text):
                sums[re.search(r"-(\d+(?:/\d+)?)", stack.split(";")[0]).group(1).split("/")[-1]] += weight
            return sums
        expected, mine = by_number(read(oracle)), by_number(ask("fold", "--prefix", prefix, recording))
        report(expected == mine and expected, "simpleperf: folded weights by %s" % prefix, "%s\n%s" % (expected, mine))
    oracle = recording[:-5] + ".foldedstack_with_kernel"
    if os.path.exists(oracle):
        marked = sum(weight for stack, weight in folded_pairs(read(oracle)) if "_[k]" in stack)
        # Code of the kernel that has no name is called so here, and needs no mark.
        mine = sum(weight for stack, weight in folded_pairs(ask("fold", "--annotate", recording)) if "_[k]" in stack or "[kernel]" in stack)
        report(marked == mine > 0, "simpleperf: weight of stacks with code of the kernel", "%s, %s" % (marked, mine))


# ---- header ----

def headers():
    """What perf report says of the machine, of every recording that it opens."""
    if subprocess.run(["sh", "-c", "command -v perf"], capture_output=True).returncode != 0:
        return
    compared, wrong = 0, []
    for line in open(path_of("MANIFEST.tsv"), encoding="utf-8").read().splitlines()[1:]:
        name, kind, role = line.split("\t")[:3]
        if kind != "perf.data" or role != "input" or name.endswith((".textproto", ".gz")):
            continue
        text = subprocess.run(["perf", "report", "--header-only", "-I", "-i", path_of(name)], capture_output=True, text=True, errors="replace", timeout=60).stdout
        if "# hostname" not in text and "# cpudesc" not in text:
            continue
        try:
            told = json.loads(ask("info", "--json", path_of(name)))["header"] or {}
        except ValueError:
            continue
        # A pipe's recording says it in records; a header that perf cannot read whole is cut at other places.
        theirs, mine = {}, {}
        found = re.search(r"^# pmu mappings: (.*)$", text, re.M)
        if found and "=" in found.group(1):
            theirs["pmu"] = {key: int(value) for key, value in re.findall(r"(\S+) = (\d+)", found.group(1))}
            mine["pmu"] = told.get("pmu_types")
        nodes = re.findall(r"^# node(\d+) meminfo\s+: total = (\d+) kB, free = (\d+) kB$", text, re.M)
        if nodes:
            theirs["numa"] = [(int(a), int(b) * 1024, int(c) * 1024) for a, b, c in nodes]
            mine["numa"] = [(row["node"], row["total_bytes"], row["free_bytes"]) for row in told.get("numa_nodes", [])]
        cpus = re.findall(r"^# CPU (\d+): Core ID (-?\d+), (?:Die ID -?\d+, )?Socket ID (-?\d+)$", text, re.M)
        if cpus:
            theirs["cpus"] = [(int(a), int(b) % (1 << 32), int(c) % (1 << 32)) for a, b, c in cpus]
            mine["cpus"] = [(row["cpu"], row["core"], row["socket"]) for row in told.get("cpu_topology", {}).get("cpus", [])]
        caches = re.findall(r"^#  L(\d) (\w+)\s+(\S+) \[(\S+)\]$", text, re.M)
        if caches:
            theirs["caches"] = sorted(caches)
            mine["caches"] = sorted((str(row["level"]), row["type"], row["size"], row["cpus"]) for row in told.get("caches", []))
        siblings = re.findall(r"^# sibling (?:sockets|cores)\s*: (\S+)$", text, re.M)
        if siblings:
            theirs["sockets"] = siblings
            mine["sockets"] = told.get("cpu_topology", {}).get("sockets")
        hybrid = re.findall(r"^# (cpu_\w+) cpu list : (\S+)$", text, re.M)
        if hybrid:
            theirs["hybrid"] = hybrid
            mine["hybrid"] = [(row["pmu"], row["cpus"]) for row in told.get("hybrid_topology", [])]
        programs = re.findall(r"^# bpf_prog_info of id (\d+)", text, re.M) + re.findall(r"^# bpf_prog_info (\d+):", text, re.M)
        if programs:
            theirs["bpf"] = sorted(map(int, programs))
            mine["bpf"] = sorted(row["id"] for row in told.get("bpf_programs", []))
        for key, what in (("branch_stack", "contains samples with branch stack"), ("auxtrace", "contains AUX area data"), ("stat", "contains stat data")):
            if what in text:
                theirs[key], mine[key] = True, told.get(key)
        compared += len(theirs)
        wrong += ["%s: %s: %s, here %s" % (os.path.basename(name), key, str(theirs[key])[:120], str(mine[key])[:120]) for key in theirs if theirs[key] != mine[key]]
    report(compared > 50 and not wrong, "perf report --header-only: %d facts of the corpus's headers" % compared, "\n".join(wrong[:8]))


# ---- perfparser ----

def perfparser():
    folder = path_of("perf.data", "KDAB__perfparser", "tests", "auto", "perfdata")
    for top, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            recording = os.path.join(top, name[:-len(".expected.txt")])
            if not name.endswith(".expected.txt") or not os.path.exists(recording):
                continue
            expected = []
            for pid, tid, time, cost in re.findall(r"^[^\t\n]+\t(\d+)\t(\d+)\t(\d+\.\d+)\n\t[^:\n]+: (\d+)", read(os.path.join(top, name)), re.M):
                expected.append((int(pid), int(tid), round(float(time) * 10**6), int(cost)))
            # Its times are seconds, ours nanoseconds; a double has room for microseconds.
            here = [(row.pid, row.tid, round(row.time / 1000), row.weight) for row in ours(recording)]
            report(sorted(expected) == sorted(here) and expected, "perfparser: threads, times and periods of %s" % os.path.relpath(recording, folder),
                   first_difference(sorted(expected), sorted(here)))


def branches():
    """A recording of --call-graph lbr: the user halves are those that the processor noted, as perf script has them."""
    recording = path_of("perf.data", "KDAB__perfparser", "tests", "auto", "perfdata", "vector_static_gcc", "perf.lbr.data")
    if not os.path.exists(recording):
        return
    def stacks(command):
        text = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=60).stdout
        return [re.findall(r"^\s+([0-9a-f]+) ", part, re.M) for part in text.split("\n\n") if part.strip()]
    theirs, here = stacks(["perf", "script", "-i", recording]), stacks([CLI, "script", "--quiet", recording])
    # Of a record of one branch perf 6.1 prints where it went to, from the wrong place in the record; perfparser has what is here.
    same = sum(a == b or a[:-1] == b[:-1] for a, b in zip(theirs, here))
    report(len(theirs) == len(here) == same and any(len(stack) > 3 for stack in here), "LBR call stacks, as perf script has them", "%d of %d" % (same, len(theirs)))


# ---- simpleperf ----

def plain(name):
    """A name as simpleperf's script prints it, without what only one side has: annotations, parameters, module offsets."""
    name = re.sub(r"_\[[jikw]\]$", "", name)
    depth, kept = 0, []
    for letter in name.split("(")[0] if not name.startswith("(") else name:
        depth += letter == "<"
        kept.append(letter if depth == 0 else "")
        depth -= letter == ">"
    return "".join(kept).strip()


def is_subsequence(part, whole):
    remaining = iter(whole)
    return all(any(word == other for other in remaining) for word in part)


def folded_pairs(text):
    rows = []
    for line in text.splitlines():
        stack, _, weight = line.rpartition(" ")
        if stack:
            rows.append((stack, float(weight)))
    return rows


def simpleperf():
    folder = path_of("perf.data", "jbeich__platform_system_extras", "simpleperf", "testdata")
    recording = os.path.join(folder, "perf_with_jit_symbol.data")
    if not os.path.exists(recording):
        return
    expected = folded_pairs(read(recording[:-5] + ".foldedstack"))
    here = folded_pairs(ask("fold", recording))
    report(sum(weight for _, weight in expected) == sum(weight for _, weight in here) > 0, "simpleperf: sum of the folded weights",
           "%s, %s" % (sum(w for _, w in expected), sum(w for _, w in here)))
    # Its script leaves out frames of the Java runtime; what it keeps stands in our stacks in the same order.
    stacks = [[plain(frame) for frame in stack.split(";")] for stack, _ in here]
    lost = [stack for stack, _ in expected
            if not any(is_subsequence([plain(frame) for frame in stack.split(";") if frame != "unknown"], mine) for mine in stacks)]
    report(not lost, "simpleperf: each of %d folded stacks is here in its order" % len(expected), "\n".join(lost[:3]))


# ---- folded text ----

def flamelens():
    folder = path_of("folded", "YS-L__flamelens", "tests")
    if not os.path.isdir(folder):
        return
    for name in sorted(os.listdir(os.path.join(folder, "fixtures"))):
        frames = json.loads(read(os.path.join(folder, "fixtures", name, "expected_stacks.json")))
        expected = {}
        for frame in frames:
            path, at = [], frame
            while at["parent"] is not None:
                path.append(at["short_name"])
                at = frames[at["parent"]]
            if frame["self_count"] > 0 and path:
                expected[tuple(reversed(path))] = frame["self_count"]
        here = collections.Counter()
        for stack, weight in folded_pairs(ask("fold", os.path.join(folder, "data", name + ".txt"))):
            here[tuple(stack.split(";"))] += weight
        report(expected == here and expected, "flamelens: every stack of %s" % name,
               "%s\n%s" % (list(expected.items())[:3], list(here.items())[:3]))


def tree_frames(document):
    """(name, weight) of every node of tree --json, but the root."""
    return collections.Counter((node["name"], round(node["total"])) for node in document["nodes"] if node["parent"] is not None)


def pictures():
    inferno = path_of("folded", "jonhoo__inferno", "tests", "data", "flamegraph")
    drawn = path_of("flamegraph-svg", "jonhoo__inferno", "tests", "data", "flamegraph")
    pairs = [("austin/flames.txt", "austin/flame.svg"), ("grey-frames/grey-frames.txt", "grey-frames/grey-frames.svg"),
             ("narrow-blocks/narrow-blocks.txt", "narrow-blocks/narrow-blocks.svg"),
             ("unsorted-input/perf-vertx-stacks-01-collapsed-all-unsorted.txt", "perf-vertx-stacks/perf-vertx-stacks-01-collapsed-all.svg")]
    for source, picture in pairs:
        source, picture = os.path.join(inferno, source), os.path.join(drawn, picture)
        if not os.path.exists(source) or not os.path.exists(picture):
            continue
        expected = collections.Counter()
        for title in re.findall(r"<title>(.*?)</title>", read(picture), re.S):
            match = re.match(r"(.*) \(([\d,]+) (?:samples|μs)?.*\)$", html.unescape(title), re.S)
            # A blank before the weight is no frame here: its weight is its caller's own.
            if match and match.group(1).strip() not in ("", "all"):
                expected[(re.sub(r"_\[[jikw]\]$", "", match.group(1)), int(match.group(2).replace(",", "")))] += 1
        here = tree_frames(json.loads(ask("tree", "--json", "--min-share", "0", source)))
        missing = expected - here
        report(not missing and expected, "inferno: each of %d frames drawn in %s has its weight here" % (sum(expected.values()), os.path.basename(picture)),
               str(list(missing.items())[:5]))


def differences():
    folder = path_of("folded-diff", "jonhoo__inferno", "tests", "data", "diff-folded")
    oracle = os.path.join(folder, "results", "default.txt")
    if not os.path.exists(oracle):
        return
    sums = [0, 0]
    for line in read(oracle).splitlines():
        before, after = line.rsplit(" ", 2)[1:]
        sums[0] += int(before)
        sums[1] += int(after)
    for which, total in zip(("before.txt", "after.txt"), sums):
        mine = sum(weight for _, weight in folded_pairs(ask("fold", os.path.join(folder, which))))
        report(mine == total, "difffolded: the sum of %s" % which, "%s, %s" % (total, mine))
    mine = sum(weight for _, weight in folded_pairs(ask("fold", oracle)))
    report(mine == sums[1], "a two-column file weighs what its second column does", "%s, %s" % (sums[1], mine))


# ---- perf script text ----

def collapsed(path):
    """A folded oracle: weights by command and depth, and by each name that no tool tidies."""
    shape, names = collections.Counter(), collections.Counter()
    for stack, weight in folded_pairs(read(path)):
        frames = stack.split(";")
        shape[(re.split(r"-[\d?]", frames[0])[0].replace(" ", "_"), len(frames))] += weight
        for name in set(map(plain_name, frames[1:])) - {None}:
            names[name] += weight
    return shape, names


def plain_name(name):
    """C names alone: C++, Rust, Java and unknown frames are tidied by every tool in its own way."""
    name = re.sub(r"_\[[kji]\]$", "", name)
    return name if re.fullmatch(r"[a-z][a-z0-9_.]*", name) and not name.startswith("_Z") else None


def script_text():
    folder = path_of("perf-script")
    for top, _, names in sorted(os.walk(folder)):
        for name in sorted(names):
            match = re.fullmatch(r"(.*)-collapsed(-\w+)?\.txt", name)
            if not match or os.path.basename(top) != "results":
                continue
            source = next((path for path in (os.path.join(folder, base, match.group(1) + end) for end in (".txt", ".txt.gz")
                                             for base in (os.path.relpath(os.path.dirname(top), folder),
                                                          "brendangregg__FlameGraph/test", "brendangregg__FlameGraph")) if os.path.exists(path)), None)
            if source is None:
                continue
            document = json.loads(ask("info", "--json", source))
            # FlameGraph's script takes the first event alone.
            first = re.sub(r":[ukhHGPpSDIWeb]+$", "", document["events"][0]["name"])
            mine_shape, mine_names = collections.Counter(), collections.Counter()
            for stack, weight in folded_pairs(ask("fold", "--event", first, source)):
                frames = stack.split(";")
                mine_shape[(frames[0].replace(" ", "_"), len(frames))] += weight
                for frame in {plain_name(re.sub(r"\(.*", "", name_of)) for name_of in frames[1:]} - {None}:
                    mine_names[frame] += weight
            shape, others = collapsed(os.path.join(top, name))
            # Samples without a stack are left out by those tools.
            mine_shape = collections.Counter({key: count for key, count in mine_shape.items() if key[1] > 1})
            # They also lose the last sample of a text that does not end in a blank line.
            last = list((mine_shape - shape).values())
            slack = last[0] if len(last) == 1 and not source.endswith(".gz") and not read(source).endswith("\n\n") else 0
            wrong = {key: (count, mine_names[key]) for key, count in others.items() if mine_names[key] - count not in (0, slack)}
            report(not shape - mine_shape and sum((mine_shape - shape).values()) == slack and not wrong and shape, "perf script text: weights by command, depth and name of %s" % name,
                   "%s\n%s\n%s" % (list((shape - mine_shape).items())[:4], list((mine_shape - shape).items())[:4], list(wrong.items())[:4]))


def main():
    if not os.path.exists(path_of("MANIFEST.tsv")):
        print("1..0 # SKIP oracles: no corpus at AFTERGLOW_CORPUS or ../shared/corpus")
        return 0
    for part in (quipper, tracepoints, tracepoint_fields, memory_protos, raw_data, build_ids, waits, gecko, folded_variants, headers, perfparser, branches, simpleperf, flamelens, pictures, differences, script_text):
        part()
    plan()
    return 0


sys.exit(main())
