# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes perf.data files, field by field, for what no perf on this machine would record.

Sources of the format: tools/perf/Documentation/perf.data-file-format.txt, include/uapi/linux/perf_event.h."""
import struct

IP, TID, TIME, ADDR, READ, CALLCHAIN, ID, CPU, PERIOD, STREAM_ID, RAW, BRANCH_STACK, REGS_USER, STACK_USER, WEIGHT, DATA_SRC, IDENTIFIER, \
    TRANSACTION, REGS_INTR, PHYS_ADDR, AUX, CGROUP, DATA_PAGE_SIZE, CODE_PAGE_SIZE, WEIGHT_STRUCT = (1 << bit for bit in range(25))
ENABLED, RUNNING, READ_ID, GROUP, READ_LOST = (1 << bit for bit in range(5))
MMAP, LOST, COMM, EXIT, THROTTLE, UNTHROTTLE, FORK, READ_RECORD, SAMPLE, MMAP2, AUX_RECORD = range(1, 12)
KERNEL_CONTEXT, USER_CONTEXT, DEFERRED_CONTEXT = (1 << 64) - 128, (1 << 64) - 512, (1 << 64) - 640
SAMPLE_ID_ALL, FREQ, INHERIT = 1 << 18, 1 << 10, 1 << 1


class Writer:
    """One recording. Events first, then records, then to_bytes()."""

    def __init__(self, big=False):
        self.order = ">" if big else "<"
        self.events, self.data, self.features = [], b"", {}

    def pack(self, form, *values):
        return struct.pack(self.order + form, *values)

    def event(self, sample_type, ids=(), read_format=0, flags=SAMPLE_ID_ALL, config=0, kind=1, period=1, branch_type=0, regs_user=0,
              regs_intr=0):
        if self.order == ">":            # bit fields are mirrored within each byte
            flags = sum(1 << (byte * 8 + 7 - bit) for byte in range(8) for bit in range(8) if flags >> (byte * 8 + bit) & 1)
            flags = int.from_bytes(flags.to_bytes(8, "little"), "big")
        attr = self.pack("IIQQQQQIIQQQQIiQIHH", kind, 112, config, period, sample_type, read_format, flags, 0, 0, 0, 0, branch_type, regs_user,
                         0, 0, regs_intr, 0, 0, 0)
        self.events.append((attr, ids, sample_type))

    def record(self, kind, body, misc=0, trailing=b""):
        body += b"\0" * (-len(body) % 8)
        if kind > 32768:                 # simpleperf: sizes beyond 16 bits
            size = len(body) + 8
            self.data += self.pack("IHH", kind, size >> 16, size & 0xffff) + body + trailing
        else:
            self.data += self.pack("IHH", kind, misc, len(body) + 8) + body + trailing

    def text(self, text):
        data = text.encode() + b"\0"
        return data + b"\0" * (-len(data) % 8)

    def trailer(self, pid=1, tid=1, time=0, event=0):
        kind = self.events[event][2]
        ids = self.events[event][1]
        body = b""
        if kind & TID:
            body += self.pack("II", pid, tid)
        if kind & TIME:
            body += self.pack("Q", time)
        for bit in (ID, STREAM_ID):
            if kind & bit:
                body += self.pack("Q", ids[0] if ids else 0)
        if kind & CPU:
            body += self.pack("II", 0, 0)
        if kind & IDENTIFIER:
            body += self.pack("Q", ids[0] if ids else 0)
        return body

    def comm(self, pid, tid, name, **trailer):
        self.record(COMM, self.pack("II", pid, tid) + self.text(name) + self.trailer(pid, tid, **trailer))

    def mmap2(self, pid, start, length, pgoff, path, prot=5, misc=2, **trailer):
        self.record(MMAP2, self.pack("IIQQQIIQQII", pid, pid, start, length, pgoff, 0, 0, 0, 0, prot, 2) + self.text(path)
                    + self.trailer(pid, pid, **trailer), misc)

    def feature_string(self, text):
        data = text.encode() + b"\0"
        return self.pack("I", len(data)) + data

    def to_bytes(self):
        header_size, attr_size = 104, 112 + 16
        at = header_size
        sections, ids = b"", b""
        ids_at = at + attr_size * len(self.events)
        for attr, numbers, _ in self.events:
            sections += attr + self.pack("QQ", ids_at + len(ids), 8 * len(numbers))
            ids += self.pack("%dQ" % len(numbers), *numbers)
        data_at = ids_at + len(ids)
        bitmap = [0, 0, 0, 0]
        for feature in self.features:
            bitmap[feature // 64] |= 1 << (feature % 64)
        content_at = data_at + len(self.data) + 16 * len(self.features)
        table, contents = b"", b""
        for feature in sorted(self.features):
            table += self.pack("QQ", content_at + len(contents), len(self.features[feature]))
            contents += self.features[feature]
        magic = b"PERFILE2" if self.order == "<" else b"2ELIFREP"
        header = magic + self.pack("QQQQQQQQ", header_size, attr_size, at, len(sections), data_at, len(self.data), 0, 0) \
            + self.pack("4Q", *bitmap)
        return header + sections + ids + self.data + table + contents
