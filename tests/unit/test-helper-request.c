/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests to the privileged service: a row a request, what it comes to as a command, or what is wrong with it. */
#include "helper/request.h"

#include <string.h>

#define CLOCK "'events': <[{'name': <'cpu-clock'>, 'frequency': <uint32 99>}]>"
#define SYSTEM "'target': <'system'>"
#define OWN "'target': <'processes'>, 'processes': <[(uint32 41, uint64 7), (uint32 42, uint64 8)]>"
#define ONE "'target': <'processes'>, 'processes': <[(uint32 41, uint64 7)]>"
#define EVENTS(text) SYSTEM ", 'events': <[{" text "}]>"
#define PROBES(text) SYSTEM ", 'probes': <[{" text "}]>"

static const struct {
  const char *request;          /* GVariant's text, between the braces */
  const char *command;          /* a piece of the command; NULL: refused */
  const char *error;            /* pieces of the message, with a bar between */
} rows[] = {
  /* target */
  { SYSTEM ", " CLOCK, "record --output=/proc/self/fd/3 --mmap-pages=512K --delay=-1 --control=fd:4,5 --clockid=CLOCK_MONOTONIC --buildid-mmap "
                       "--no-bpf-event --event=cpu-clock/freq=99,name='cpu-clock:u'/u --call-graph=fp --user-callchains --all-cpus", NULL },
  { ONE ", " CLOCK, " --pid=41", NULL },
  { CLOCK, NULL, "target|missing" },
  { "'target': <'everything'>, " CLOCK, NULL, "target|everything|processes|cgroup|system" },
  { "'target': <uint32 1>, " CLOCK, NULL, "target|type u|s is" },
  { "'target': <''>, " CLOCK, NULL, "target" },
  { SYSTEM ", " SYSTEM ", " CLOCK, NULL, "target|twice" },
  /* processes */
  { OWN ", " CLOCK, " --pid=41,42", NULL },
  { "'target': <'processes'>, " CLOCK, NULL, "processes" },
  { SYSTEM ", 'processes': <[(uint32 41, uint64 7)]>, " CLOCK, NULL, "processes" },
  { "'target': <'processes'>, 'processes': <@a(ut) []>, " CLOCK, NULL, "processes|0; 1 to 64" },
  { "'target': <'processes'>, 'processes': <[(uint32 0, uint64 7)]>, " CLOCK, NULL, "processes|0; 1 to 4194304" },
  { "'target': <'processes'>, 'processes': <[(uint32 4194305, uint64 7)]>, " CLOCK, NULL, "4194305" },
  { "'target': <'processes'>, 'processes': <[(uint32 41, uint64 7), (41, 8)]>, " CLOCK, NULL, "41 twice" },
  { "'target': <'processes'>, 'processes': <[(int32 41, uint64 7)]>, " CLOCK, NULL, "processes|a(it)|a(ut)" },
  { "'target': <'processes'>, 'processes': <[uint32 41]>, " CLOCK, NULL, "processes|au|a(ut)" },
  { OWN ", 'processes': <[(uint32 41, uint64 7)]>, " CLOCK, NULL, "processes|twice" },
  /* cgroup */
  { "'target': <'cgroup'>, 'cgroup': <uint64 77>, " CLOCK, " --all-cpus --cgroup=/a/b", NULL },
  { "'target': <'cgroup'>, 'cgroup': <uint64 0>, " CLOCK, NULL, "cgroup|0; 1 to" },
  { "'target': <'cgroup'>, 'cgroup': <uint32 77>, " CLOCK, NULL, "cgroup|type u" },
  { "'target': <'cgroup'>, " CLOCK, NULL, "cgroup" },
  { "'target': <'cgroup'>, 'cgroup': <'/user.slice'>, " CLOCK, NULL, "cgroup|type s" },
  { SYSTEM ", 'cgroup': <uint64 77>, " CLOCK, NULL, "cgroup" },
  { SYSTEM ", 'cgroup': <uint64 77>, 'cgroup': <uint64 77>, " CLOCK, NULL, "cgroup|twice" },
  /* events: names */
  { SYSTEM, NULL, "events|probes" },
  { SYSTEM ", 'events': <@aa{sv} []>", NULL, "events|0; 1 to 16" },
  { SYSTEM ", 'events': <['cpu-clock']>", NULL, "events|as|aa{sv}" },
  { SYSTEM ", " CLOCK ", " CLOCK, NULL, "events|twice" },
  { EVENTS ("'frequency': <uint32 99>"), NULL, "name" },
  { EVENTS ("'name': <uint32 1>"), NULL, "name|events|type u" },
  { EVENTS ("'name': <'page-faults'>, 'name': <'page-faults'>"), NULL, "name|twice|events" },
  { EVENTS ("'name': <'page-faults'>, 'modifier': <'k'>"), NULL, "modifier" },
  { EVENTS ("'a': <1>, 'b': <1>, 'c': <1>, 'd': <1>, 'e': <1>, 'f': <1>, 'g': <1>, 'h': <1>, 'i': <1>, 'j': <1>, 'k': <1>, 'l': <1>, 'm': <1>, 'n': <1>, "
            "'o': <1>, 'p': <1>, 'q': <1>"), NULL, "events|17; at most 16" },
  { EVENTS ("'name': <'page-faults'>"), "--event=page-faults/period=1,name='page-faults:u'/u ", NULL },
  { EVENTS ("'name': <'cycles'>, 'period': <uint64 100003>"), "--event=cycles/period=100003,name='cycles:u'/u ", NULL },
  { EVENTS ("'name': <'LLC-load-misses'>, 'frequency': <uint32 97>"), "--event=LLC-load-misses/freq=97,name='LLC-load-misses:u'/u ", NULL },
  { EVENTS ("'name': <'sched:sched_switch'>"), "--event=sched:sched_switch --call-graph=fp --user-callchains ", NULL },
  { EVENTS ("'name': <'kvm-intel:kvm_exit'>"), "--event=kvm-intel:kvm_exit ", NULL },
  { EVENTS ("'name': <'sched:*'>"), NULL, "sched:*" },
  { EVENTS ("'name': <'sched:'>"), NULL, "sched:" },
  { EVENTS ("'name': <':sched_switch'>"), NULL, ":sched_switch" },
  { EVENTS ("'name': <'sched:sched_switch:k'>"), NULL, "sched_switch:k" },
  { EVENTS ("'name': <'sched:sched_switch/'>"), NULL, "sched_switch/" },
  { EVENTS ("'name': <'sched:sched-switch'>"), NULL, "sched-switch" },
  { EVENTS ("'name': <'a-b-c:d'>"), NULL, "a-b-c:d" },
  { EVENTS ("'name': <'-a:d'>"), NULL, "-a:d" },
  { EVENTS ("'name': <'a-:d'>"), NULL, "a-:d" },
  { EVENTS ("'name': <'1a:d'>"), NULL, "1a:d" },
  { EVENTS ("'name': <'sched:sched_switch,cycles'>"), NULL, "cycles" },
  { EVENTS ("'name': <'sched:sched_switch cycles'>"), NULL, "cycles" },
  { EVENTS ("'name': <'sched:a012345678901234567890123456789012345678901234567890123456789012345'>"), NULL, "sched:a" },
  { EVENTS ("'name': <'r00c0'>, 'frequency': <uint32 99>"), NULL, "r00c0" },
  { EVENTS ("'name': <'cpu/event=0xc0/'>, 'frequency': <uint32 99>"), NULL, "cpu/event" },
  { EVENTS ("'name': <'./a.o'>"), NULL, "./a.o" },
  { EVENTS ("'name': <'mem:0x1000:x'>"), NULL, "mem:" },
  { EVENTS ("'name': <'cycles:k'>"), NULL, "cycles:k" },
  { EVENTS ("'name': <'cpu-clock:ppp'>"), NULL, "cpu-clock:ppp" },
  { EVENTS ("'name': <''>"), NULL, "event" },
  { EVENTS ("'name': <'cpu-clock'>"), NULL, "cpu-clock|frequency|period" },
  { EVENTS ("'name': <'cycles'>"), NULL, "cycles|frequency|period" },
  { EVENTS ("'name': <'context-switches'>"), NULL, "context-switches|kernel" },
  { EVENTS ("'name': <'context-switches'>") ", 'kernel': <true>", "--event=context-switches/period=1,name='context-switches'/ --call-graph=fp --all-cpus", NULL },
  /* events: rates */
  { EVENTS ("'name': <'cpu-clock'>, 'frequency': <uint32 1>"), "freq=1,", NULL },
  { EVENTS ("'name': <'cpu-clock'>, 'frequency': <uint32 100000>"), "freq=100000,", NULL },
  { EVENTS ("'name': <'cpu-clock'>, 'frequency': <uint32 0>"), NULL, "frequency|0; 1 to 100000" },
  { EVENTS ("'name': <'cpu-clock'>, 'frequency': <uint32 100001>"), NULL, "100001" },
  { EVENTS ("'name': <'cpu-clock'>, 'frequency': <99>"), NULL, "frequency|type i" },
  { EVENTS ("'name': <'cpu-clock'>, 'period': <uint64 10000>"), "cpu-clock/period=10000,", NULL },
  { EVENTS ("'name': <'cpu-clock'>, 'period': <uint64 9999>"), NULL, "period|9999; 10000 to" },
  { EVENTS ("'name': <'cycles'>, 'period': <uint64 0>"), NULL, "period|0; 1 to" },
  { EVENTS ("'name': <'cycles'>, 'period': <uint64 281474976710657>"), NULL, "281474976710657" },
  { EVENTS ("'name': <'cycles'>, 'period': <uint32 1>"), NULL, "period|type u" },
  { EVENTS ("'name': <'cycles'>, 'period': <uint64 1>, 'frequency': <uint32 1>"), NULL, "cycles|frequency|period" },
  { EVENTS ("'name': <'sched:sched_switch'>, 'frequency': <uint32 1>"), NULL, "sched:sched_switch|frequency" },
  { EVENTS ("'name': <'sched:sched_switch'>, 'period': <uint64 10>"), " --event=sched:sched_switch --count=10 ", NULL },
  { EVENTS ("'name': <'sched:sched_switch'>, 'period': <uint64 10>}, {'name': <'sched:sched_wakeup'>, 'period': <uint64 10>"), "--count=10 ", NULL },
  { EVENTS ("'name': <'sched:sched_switch'>, 'period': <uint64 10>}, {'name': <'sched:sched_wakeup'>"), NULL, "period|sched_wakeup" },
  /* events: labels */
  { EVENTS ("'name': <'cpu-clock'>, 'frequency': <uint32 99>, 'label': <'clkA'>"), "name='clkA'/u ", NULL },
  { EVENTS ("'name': <'cpu-clock'>, 'frequency': <uint32 99>, 'label': <'a_0123456789012345678901234567890'>"), NULL, "label" },
  { EVENTS ("'name': <'cpu-clock'>, 'frequency': <uint32 99>, 'label': <\"x'/k\">"), NULL, "label|x'/k" },
  { EVENTS ("'name': <'cpu-clock'>, 'frequency': <uint32 99>, 'label': <'1a'>"), NULL, "label|1a" },
  { EVENTS ("'name': <'cpu-clock'>, 'frequency': <uint32 99>, 'label': <''>"), NULL, "label" },
  { EVENTS ("'name': <'cpu-clock'>, 'frequency': <uint32 99>, 'label': <true>"), NULL, "label|type b" },
  { EVENTS ("'name': <'sched:sched_switch'>, 'label': <'a'>"), NULL, "sched_switch|label" },
  { EVENTS ("'name': <'cpu-clock'>, 'frequency': <uint32 99>}, {'name': <'cpu-clock'>, 'frequency': <uint32 97>"), NULL, "Two|cpu-clock|label" },
  { EVENTS ("'name': <'cpu-clock'>, 'frequency': <uint32 99>}, {'name': <'cpu-clock'>, 'frequency': <uint32 97>, 'label': <'b'>"), "name='b'/u ", NULL },
  /* probes */
  { PROBES ("'binary': <handle 0>, 'symbol': <'main'>"), "--event=afterglow_1:p0:u ", NULL },
  { PROBES ("'binary': <handle 0>, 'symbol': <'main'>") ", 'max-stack': <uint32 9>", "--event=afterglow_1:p0/max-stack=9/u ", NULL },
  { PROBES ("'binary': <handle 0>, 'offset': <uint64 4096>, 'return': <true>, 'label': <'x'>") ", " CLOCK, "'/u --event=afterglow_1:p0:u ", NULL },
  { PROBES ("'binary': <handle 0>, 'symbol': <'main'>") ", 'kernel': <true>", "--event=afterglow_1:p0 --call-graph=fp --all-cpus", NULL },
  { SYSTEM ", 'probes': <[{'binary': <handle 0>, 'symbol': <'f'>}]>, 'events': <[{'name': <'a:tp'>, 'period': <uint64 2>}]>", NULL, "period|a:tp" },
  { SYSTEM ", 'probes': <@aa{sv} []>, " CLOCK, NULL, "probes|0; 1 to" },
  { SYSTEM ", 'probes': <['main']>, " CLOCK, NULL, "probes|as" },
  { PROBES ("'symbol': <'main'>"), NULL, "binary" },
  { PROBES ("'binary': <'/bin/ls'>, 'symbol': <'main'>"), NULL, "binary|type s" },
  { PROBES ("'binary': <handle -1>, 'symbol': <'main'>"), NULL, "binary|-1" },
  { PROBES ("'binary': <handle 0>"), NULL, "symbol|offset" },
  { PROBES ("'binary': <handle 0>, 'symbol': <'main'>, 'offset': <uint64 1>"), NULL, "symbol|offset" },
  { PROBES ("'binary': <handle 0>, 'symbol': <''>"), NULL, "symbol|0 bytes" },
  { PROBES ("'binary': <handle 0>, 'symbol': <uint32 1>"), NULL, "symbol|type u" },
  { PROBES ("'binary': <handle 0>, 'offset': <uint64 9223372036854775808>"), NULL, "offset|9223372036854775808" },
  { PROBES ("'binary': <handle 0>, 'offset': <uint32 1>"), NULL, "offset|type u" },
  { PROBES ("'binary': <handle 0>, 'symbol': <'main'>, 'return': <uint32 1>"), NULL, "return|type u" },
  { PROBES ("'binary': <handle 0>, 'symbol': <'main'>, 'label': <'a b'>"), NULL, "label|a b" },
  { PROBES ("'binary': <handle 0>, 'symbol': <'main'>, 'label': <'k'>"), NULL, "label|k" },
  { PROBES ("'binary': <handle 0>, 'symbol': <'main'>, 'path': <'/bin/ls'>"), NULL, "path" },
  { PROBES ("'binary': <handle 0>, 'symbol': <'a'>, 'label': <'x'>}, {'binary': <handle 0>, 'symbol': <'b'>, 'label': <'x'>"), NULL, "Two|x" },
  /* call-graph, stack-size, max-stack */
  { SYSTEM ", " CLOCK ", 'call-graph': <'none'>, 'max-stack': <uint32 9>", "--event=cpu-clock/freq=99,name='cpu-clock:u'/u --all-cpus", NULL },
  { SYSTEM ", " CLOCK ", 'call-graph': <'fp'>", " --call-graph=fp ", NULL },
  { SYSTEM ", " CLOCK ", 'call-graph': <'dwarf'>", " --call-graph=dwarf,8192 ", NULL },
  { SYSTEM ", " CLOCK ", 'call-graph': <'lbr'>", " --call-graph=lbr ", NULL },
  { SYSTEM ", " CLOCK ", 'call-graph': <'caller'>", NULL, "call-graph|caller" },
  { SYSTEM ", " CLOCK ", 'call-graph': <true>", NULL, "call-graph|type b" },
  { SYSTEM ", " CLOCK ", 'call-graph': <'fp'>, 'call-graph': <'fp'>", NULL, "call-graph|twice" },
  { SYSTEM ", " CLOCK ", 'call-graph': <'dwarf'>, 'stack-size': <uint32 65528>", " --call-graph=dwarf,65528 ", NULL },
  { SYSTEM ", " CLOCK ", 'stack-size': <uint32 65536>", NULL, "stack-size|65536" },
  { SYSTEM ", " CLOCK ", 'stack-size': <uint32 63>", NULL, "stack-size|63; 64 to" },
  { SYSTEM ", " CLOCK ", 'stack-size': <uint32 65>", NULL, "stack-size|65|8" },
  { SYSTEM ", " CLOCK ", 'stack-size': <uint64 64>", NULL, "stack-size|type t" },
  { SYSTEM ", " CLOCK ", 'stack-size': <uint32 64>, 'stack-size': <uint32 64>", NULL, "stack-size|twice" },
  { SYSTEM ", " CLOCK ", 'max-stack': <uint32 1>", ",max-stack=1/u ", NULL },
  { SYSTEM ", " CLOCK ", 'max-stack': <uint32 4096>", ",max-stack=4096/u ", NULL },
  { SYSTEM ", " CLOCK ", 'max-stack': <uint32 0>", NULL, "max-stack|0; 1" },
  { SYSTEM ", " CLOCK ", 'max-stack': <uint32 4097>", NULL, "max-stack|4097" },
  { SYSTEM ", " CLOCK ", 'max-stack': <'1'>", NULL, "max-stack|type s" },
  { SYSTEM ", " CLOCK ", 'max-stack': <uint32 1>, 'max-stack': <uint32 1>", NULL, "max-stack|twice" },
  /* numbers */
  { SYSTEM ", " CLOCK ", 'compression': <uint32 22>", " --compression-level=22 ", NULL },
  { SYSTEM ", " CLOCK ", 'compression': <uint32 23>", NULL, "compression|23; 0 to 22" },
  { SYSTEM ", " CLOCK ", 'compression': <true>", NULL, "compression|type b" },
  { SYSTEM ", " CLOCK ", 'compression': <uint32 1>, 'compression': <uint32 1>", NULL, "compression|twice" },
  { SYSTEM ", " CLOCK ", 'buffer': <uint32 4>", " --mmap-pages=4K ", NULL },
  { SYSTEM ", " CLOCK ", 'buffer': <uint32 65536>", " --mmap-pages=65536K ", NULL },
  { SYSTEM ", " CLOCK ", 'buffer': <uint32 2>", NULL, "buffer|2; 4" },
  { SYSTEM ", " CLOCK ", 'buffer': <uint32 131072>", NULL, "buffer|131072" },
  { SYSTEM ", " CLOCK ", 'buffer': <uint32 500>", NULL, "buffer|500|power of two" },
  { SYSTEM ", " CLOCK ", 'buffer': <uint64 512>", NULL, "buffer|type t" },
  { SYSTEM ", " CLOCK ", 'buffer': <uint32 4>, 'buffer': <uint32 4>", NULL, "buffer|twice" },
  { SYSTEM ", " CLOCK ", 'duration': <uint32 86400000>", " --all-cpus", NULL },
  { SYSTEM ", " CLOCK ", 'duration': <uint32 86400001>", NULL, "duration|86400001" },
  { SYSTEM ", " CLOCK ", 'duration': <1.5>", NULL, "duration|type d" },
  { SYSTEM ", " CLOCK ", 'duration': <uint32 1>, 'duration': <uint32 1>", NULL, "duration|twice" },
  { SYSTEM ", " CLOCK ", 'size': <uint64 1048576>", " --max-size=1048576B", NULL },
  { SYSTEM ", " CLOCK ", 'size': <uint64 9223372036854775808>", NULL, "size|9223372036854775808" },
  { SYSTEM ", " CLOCK ", 'size': <uint32 1>", NULL, "size|type u" },
  { SYSTEM ", " CLOCK ", 'size': <uint64 1>, 'size': <uint64 1>", NULL, "size|twice" },
  /* flags */
  { SYSTEM ", " CLOCK ", 'kernel': <true>", "--event=cpu-clock/freq=99,name='cpu-clock'/ --call-graph=fp --all-cpus", NULL },
  { SYSTEM ", " CLOCK ", 'kernel': <uint32 1>", NULL, "kernel|type u" },
  { SYSTEM ", " CLOCK ", 'kernel': <true>, 'kernel': <true>", NULL, "kernel|twice" },
  { SYSTEM ", " CLOCK ", 'switches': <true>", " --switch-events ", NULL },
  { SYSTEM ", " CLOCK ", 'switches': <'true'>", NULL, "switches|type s" },
  { SYSTEM ", " CLOCK ", 'switches': <true>, 'switches': <true>", NULL, "switches|twice" },
  { SYSTEM ", " CLOCK ", 'cgroups': <true>", " --all-cgroups ", NULL },
  { SYSTEM ", " CLOCK ", 'cgroups': <byte 0>", NULL, "cgroups|type y" },
  { SYSTEM ", " CLOCK ", 'cgroups': <true>, 'cgroups': <true>", NULL, "cgroups|twice" },
  { SYSTEM ", " CLOCK ", 'inherit': <false>", " --no-inherit", NULL },
  { SYSTEM ", " CLOCK ", 'inherit': <0>", NULL, "inherit|type i" },
  { SYSTEM ", " CLOCK ", 'inherit': <true>, 'inherit': <true>", NULL, "inherit|twice" },
  { ONE ", " CLOCK ", 'per-process': <true>", " --pid=41", NULL },
  { SYSTEM ", " CLOCK ", 'per-process': <true>", NULL, "per-process|processes" },
  { ONE ", " CLOCK ", 'per-process': <'yes'>", NULL, "per-process|type s" },
  { ONE ", " CLOCK ", 'per-process': <true>, 'per-process': <true>", NULL, "per-process|twice" },
  { SYSTEM ", " CLOCK ", 'paused': <true>", " --delay=-1 ", NULL },
  { SYSTEM ", " CLOCK ", 'paused': <[true]>", NULL, "paused|type ab" },
  { SYSTEM ", " CLOCK ", 'paused': <true>, 'paused': <true>", NULL, "paused|twice" },
  { SYSTEM ", " CLOCK ", 'interactive': <true>", "--", NULL },
  { SYSTEM ", " CLOCK ", 'interactive': <<true>>", NULL, "interactive|type v" },
  { SYSTEM ", " CLOCK ", 'interactive': <true>, 'interactive': <true>", NULL, "interactive|twice" },
  /* sampler */
  { SYSTEM ", " CLOCK ", 'sampler': <'perf'>", "record ", NULL },
  { ONE ", " CLOCK ", 'sampler': <'random'>", "sample --output=/proc/self/fd/3 --mmap-pages=512K --delay=-1 --control=fd:4,5 --event=cpu-clock --freq=99 --pid=41", NULL },
  { EVENTS ("'name': <'task-clock'>, 'period': <uint64 10000000>, 'label': <'t'>") ", 'sampler': <'random'>, 'kernel': <true>, 'max-stack': <uint32 5>",
    "--event=task-clock --name=t --count=10000000 --kernel --max-stack=5 --all-cpus", NULL },
  { SYSTEM ", " CLOCK ", 'sampler': <'random'>, 'call-graph': <'none'>", " --call-graph=none --all-cpus", NULL },
  { EVENTS ("'name': <'cycles'>, 'frequency': <uint32 99>") ", 'sampler': <'random'>", NULL, "cycles|period" },
  { EVENTS ("'name': <'page-faults'>") ", 'sampler': <'random'>", NULL, "sampler|clock" },
  { EVENTS ("'name': <'cpu-clock'>, 'frequency': <uint32 99>}, {'name': <'cpu-clock'>, 'frequency': <uint32 97>") ", 'sampler': <'random'>", NULL, "sampler|one" },
  { PROBES ("'binary': <handle 0>, 'symbol': <'main'>") ", 'sampler': <'random'>", NULL, "sampler" },
  { SYSTEM ", " CLOCK ", 'sampler': <'random'>, 'call-graph': <'dwarf'>", NULL, "sampler|dwarf" },
  { SYSTEM ", " CLOCK ", 'sampler': <'random'>, 'switches': <true>", NULL, "sampler|switches" },
  { SYSTEM ", " CLOCK ", 'sampler': <'often'>", NULL, "sampler|often" },
  { SYSTEM ", " CLOCK ", 'sampler': <uint32 0>", NULL, "sampler|type u" },
  { SYSTEM ", " CLOCK ", 'sampler': <'perf'>, 'sampler': <'perf'>", NULL, "sampler|twice" },
  /* what nobody knows */
  { SYSTEM ", " CLOCK ", 'output': <'/etc/passwd'>", NULL, "output" },
  { SYSTEM ", " CLOCK ", 'argv': <['-x']>", NULL, "argv" },
  { SYSTEM ", " CLOCK ", '': <true>", NULL, "know" },
  { SYSTEM ", " CLOCK ", 'Target': <'system'>", NULL, "Target" },
};

static void
test_row (gconstpointer data)
{
  static const char *const probes[] = { "afterglow_1:p0", NULL };
  guint i = GPOINTER_TO_UINT (data);
  g_autofree char *text = g_strdup_printf ("@a{sv} {%s}", rows[i].request);
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) dictionary = g_variant_parse (NULL, text, NULL, NULL, &error);
  g_autoptr(HelperRequest) request = NULL;
  g_auto(GStrv) command = NULL, pieces = NULL;
  g_autofree char *joined = NULL;

  g_assert_no_error (error);
  request = helper_request_parse (dictionary, &error);
  if (rows[i].command == NULL)
    {
      g_assert_null (request);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
      pieces = g_strsplit (rows[i].error, "|", -1);
      for (guint j = 0; pieces[j] != NULL; j++)
        if (strstr (error->message, pieces[j]) == NULL)
          g_error ("“%s” is not in: %s", pieces[j], error->message);
      return;
    }
  g_assert_no_error (error);
  g_assert_nonnull (request);
  command = helper_request_dup_command (request, "/usr/bin/perf", NULL, request->cgroup != 0 ? "/a/b" : NULL, request->probes->len > 0 ? probes : NULL,
                                        "/proc/self/fd/3", TRUE);
  joined = g_strjoinv (" ", command);
  if (strstr (joined, rows[i].command) == NULL)
    g_error ("“%s” is not in: %s", rows[i].command, joined);
  g_assert_null (strstr (joined, "processes"));
}

/* The defaults, and each process by itself. */
static void
test_values (void)
{
  g_autoptr(GVariant) dictionary = g_variant_ref_sink (g_variant_new_parsed ("@a{sv} {'target': <'processes'>, 'per-process': <true>, "
    "'processes': <[(uint32 41, uint64 7), (uint32 42, uint64 8)]>, 'events': <[{'name': <'cpu-clock'>, 'frequency': <uint32 99>}]>}"));
  g_autoptr(GError) error = NULL;
  g_autoptr(HelperRequest) request = helper_request_parse (dictionary, &error);
  g_auto(GStrv) command = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (request->target, ==, HELPER_TARGET_PROCESSES);
  g_assert_cmpint (request->call_graph, ==, HELPER_CALL_GRAPH_FP);
  g_assert_cmpuint (request->stack_size, ==, 8192);
  g_assert_cmpuint (request->max_stack, ==, 127);
  g_assert_cmpuint (request->buffer, ==, 512);
  g_assert_true (request->inherit);
  g_assert_false (request->kernel || request->switches || request->cgroups || request->paused || request->interactive);
  g_assert_cmpuint (request->compression + request->duration + request->size, ==, 0);
  g_assert_cmpuint (g_array_index (request->processes, HelperProcess, 1).start_time, ==, 8);
  command = helper_request_dup_command (request, "perf", &g_array_index (request->processes, HelperProcess, 1), NULL, NULL, "a b", FALSE);
  g_assert_true (g_strv_contains ((const char *const *) command, "--pid=42"));
  g_assert_true (g_strv_contains ((const char *const *) command, "--output=a b"));
  for (guint i = 0; command[i] != NULL; i++)
    g_assert_false (g_str_has_prefix (command[i], "--control") || g_str_has_prefix (command[i], "--delay"));
}

/* Probes are all called something, and differently. */
static void
test_labels (void)
{
  g_autoptr(GVariant) dictionary = g_variant_ref_sink (g_variant_new_parsed ("@a{sv} {'target': <'system'>, 'probes': <["
    "{'binary': <handle 0>, 'symbol': <'main'>}, {'binary': <handle 0>, 'symbol': <'main'>, 'return': <true>}, {'binary': <handle 0>, 'symbol': <'main'>},"
    "{'binary': <handle 0>, 'symbol': <'_ZN3foo3barEv.cold'>}, {'binary': <handle 0>, 'symbol': <'1st'>}, {'binary': <handle 0>, 'offset': <uint64 255>},"
    "{'binary': <handle 0>, 'symbol': <'a'>, 'label': <'main_2'>}, {'binary': <handle 0>, 'symbol': <'größe'>}, {'binary': <handle 0>, 'symbol': <'h'>}]>}"));
  static const char *const expected[] = { "main", "main__return", "main_3", "_ZN3foo3barEv_cold", "_1st", "at_ff", "main_2", "gr____e", "h_" };
  g_autoptr(GError) error = NULL;
  g_autoptr(HelperRequest) request = helper_request_parse (dictionary, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (request->probes->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < request->probes->len; i++)
    g_assert_cmpstr (((HelperProbe *) g_ptr_array_index (request->probes, i))->label, ==, expected[i]);
}

/* What a recorder is told. */
static void
test_orders (void)
{
  static const struct {
    const char *request, *pause;
  } cases[] = {
    { "'events': <[{'name': <'cpu-clock'>, 'frequency': <uint32 99>}, {'name': <'sched:sched_switch'>}, {'name': <'cycles'>, 'period': <uint64 9>, 'label': <'c'>}]>",
      "disable cpu-clock:u\ndisable sched:sched_switch\ndisable c\n" },
    { "'events': <[{'name': <'cpu-clock'>, 'frequency': <uint32 99>}]>, 'kernel': <true>, 'probes': <[{'binary': <handle 0>, 'symbol': <'main'>}]>",
      "disable cpu-clock\ndisable afterglow_1:p0\n" },
    { "'events': <[{'name': <'cpu-clock'>, 'frequency': <uint32 99>}]>, 'sampler': <'random'>", "disable\n" },
    { "'events': <[{'name': <'syscalls:sys_enter_of_which_the_name_is_longer_than_perf_reads'>}]>", "disable\n" },
  };
  static const char *const probes[] = { "afterglow_1:p0", NULL };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf ("@a{sv} {'target': <'system'>, %s}", cases[i].request);
      g_autoptr(GVariant) dictionary = g_variant_parse (NULL, text, NULL, NULL, NULL);
      g_autoptr(HelperRequest) request = helper_request_parse (dictionary, NULL);
      const char *const *made = request->probes->len > 0 ? probes : NULL;
      g_autofree char *begin = helper_request_dup_orders (request, made, HELPER_BEGIN), *pause = helper_request_dup_orders (request, made, HELPER_PAUSE),
                      *resume = helper_request_dup_orders (request, made, HELPER_RESUME);
      g_auto(GStrv) halves = g_strsplit (resume, "enable", -1);
      g_autofree char *turned = g_strjoinv ("disable", halves);

      g_assert_cmpstr (begin, ==, "enable\n");
      g_assert_cmpstr (pause, ==, cases[i].pause);
      g_assert_cmpstr (turned, ==, pause);
    }
}

/* More than a request may hold. */
static void
test_most (void)
{
  for (guint n = 63; n < 67; n++)
    {
      GVariantBuilder processes, request;
      g_autoptr(GVariant) dictionary = NULL;
      g_autoptr(HelperRequest) parsed = NULL;

      g_variant_builder_init (&processes, G_VARIANT_TYPE ("a(ut)"));
      for (guint i = 0; i < n; i++)
        g_variant_builder_add (&processes, "(ut)", i + 1, (guint64) i);
      g_variant_builder_init (&request, G_VARIANT_TYPE_VARDICT);
      g_variant_builder_add (&request, "{sv}", "target", g_variant_new_string ("processes"));
      g_variant_builder_add (&request, "{sv}", "processes", g_variant_builder_end (&processes));
      g_variant_builder_add (&request, "{sv}", "events", g_variant_new_parsed ("[{'name': <'cpu-clock'>, 'frequency': <uint32 99>}]"));
      dictionary = g_variant_ref_sink (g_variant_builder_end (&request));
      parsed = helper_request_parse (dictionary, NULL);
      g_assert_cmpint (parsed != NULL, ==, n <= 64);
    }
}

/* Bytes of any kind in place of a dictionary: each is refused or comes to a command, and nothing is read that is not there. */
static void
test_damaged (void)
{
  const guint n_rounds = g_test_slow () ? 1000000 : 50000;
  guint n_good = 0;

  for (guint i = 0; i < n_rounds; i++)
    {
      g_autofree char *text = g_strdup_printf ("@a{sv} {%s}", rows[g_test_rand_int_range (0, G_N_ELEMENTS (rows))].request);
      g_autoptr(GVariant) dictionary = g_variant_parse (NULL, text, NULL, NULL, NULL);
      gsize n = g_variant_get_size (dictionary);
      guint8 *bytes = g_memdup2 (g_variant_get_data (dictionary), n);
      g_autoptr(GVariant) damaged = NULL;
      g_autoptr(HelperRequest) request = NULL;
      g_autoptr(GError) error = NULL;

      for (int change = g_test_rand_int_range (1, 4); change > 0; change--)
        bytes[g_test_rand_int_range (0, n)] = g_test_rand_int_range (0, 256);
      damaged = g_variant_ref_sink (g_variant_new_from_data (G_VARIANT_TYPE_VARDICT, bytes, n, FALSE, g_free, bytes));
      request = helper_request_parse (damaged, &error);
      g_assert_cmpint (request == NULL, ==, error != NULL);
      if (request != NULL)
        {
          g_auto(GStrv) command = helper_request_dup_command (request, "perf", NULL, "/", NULL, "-", TRUE);

          g_assert_nonnull (command[3]);
          n_good++;
        }
    }
  g_assert_cmpuint (n_good, >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *name = g_strdup_printf ("/helper/request/%03u", i);

      g_test_add_data_func (name, GUINT_TO_POINTER (i), test_row);
    }
  g_test_add_func ("/helper/request/values", test_values);
  g_test_add_func ("/helper/request/labels", test_labels);
  g_test_add_func ("/helper/request/orders", test_orders);
  g_test_add_func ("/helper/request/most", test_most);
  g_test_add_func ("/helper/request/damaged", test_damaged);
  return g_test_run ();
}
