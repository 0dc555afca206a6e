#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes the example recording anew: orders.data, and beside it what its names come from. Needs root, perf, gcc and binutils.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=/tmp/orders
mkdir "$work"
probes () { perf probe -q --del 'probe_orders:*' 2> /dev/null || true; }
trap 'probes; rm -rf "$work"' EXIT
gcc -O2 -fno-omit-frame-pointer -fno-optimize-sibling-calls -static -pthread -Wl,--build-id "$here/orders.c" -o "$work/orders"
cd "$work"
probes
perf probe -q -x ./orders handle_request
perf probe -q -x ./orders 'handle_request%return'
unshare --uts bash -c 'hostname example; exec perf record -q -z --buildid-mmap -o orders.data --call-graph fp -m 1024 \
  -e cpu-clock/freq=999,name=cpu-clock/ -e sched:sched_switch -e probe_orders:handle_request -e probe_orders:handle_request__return -- ./orders 4'

# The names of the program: its symbol table alone, where the recording's build-id says.
id=$(readelf -n orders | sed -n 's/.*Build ID: //p')
rm -rf "$here"/orders.data*
mkdir -p "$here/orders.data.symbols/.build-id/${id:0:2}/${id:2}"
objcopy --strip-debug orders "$here/orders.data.symbols/.build-id/${id:0:2}/${id:2}/elf"
cp orders.data "$here/orders.data"
# The names of the kernel: of /proc/kallsyms what stands around the addresses in the recording.
perf script -i orders.data -F ip 2> /dev/null | sed -n 's/^[[:space:]]*\(ffff[0-9a-f]*\).*/\1/p' | sort -u > addresses
python3 - addresses /proc/kallsyms "$here/orders.data.kallsyms" << 'END'
import bisect, sys
lines = [line.split(None, 2) for line in open(sys.argv[2])]
lines.sort(key=lambda parts: int(parts[0], 16))
starts = [int(parts[0], 16) for parts in lines]
keep = {i for i, parts in enumerate(lines) if parts[2].split()[0] in ('_text', '_stext', '_etext')}
for line in open(sys.argv[1]):
    last = bisect.bisect_right(starts, int(line, 16))
    first = bisect.bisect_left(starts, starts[last - 1])
    keep.update(range(first, last))                      # all names of that address
    if last < len(lines):
        keep.update(range(last, bisect.bisect_right(starts, starts[last])))
with open(sys.argv[3], 'w') as out:
    for i in sorted(keep):
        out.write(' '.join(part.strip() for part in lines[i]) + '\n')
END
du -bc "$here"/orders.data* | tail -n 1
