/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What may be asked of the privileged service: a closed vocabulary, described in data/dbus/io.github.afterglow.Helper1.xml. Needs GLib and GIO alone.
 * capture/ uses the same two files, so that the perf command that somebody is shown is the one that runs. */
#pragma once
#include <gio/gio.h>
#include <sys/types.h>

G_BEGIN_DECLS

typedef enum { HELPER_TARGET_PROCESSES, HELPER_TARGET_CGROUP, HELPER_TARGET_SYSTEM } HelperTarget;
typedef enum { HELPER_CALL_GRAPH_NONE, HELPER_CALL_GRAPH_FP, HELPER_CALL_GRAPH_DWARF, HELPER_CALL_GRAPH_LBR } HelperCallGraph;
typedef enum { HELPER_SAMPLER_PERF, HELPER_SAMPLER_RANDOM } HelperSampler;

/**
 * HelperEventKind:
 * @HELPER_EVENT_NONE: not in the vocabulary
 * @HELPER_EVENT_CLOCK: a timer of the kernel: needs a frequency or a period (nanoseconds)
 * @HELPER_EVENT_HARDWARE: a counter of the processor: needs a frequency or a period
 * @HELPER_EVENT_SOFTWARE: counted by the kernel for what user code did
 * @HELPER_EVENT_SCHEDULER: happens inside the kernel, never in user code
 * @HELPER_EVENT_TRACEPOINT: "subsystem:name"
 */
typedef enum {
  HELPER_EVENT_NONE, HELPER_EVENT_CLOCK, HELPER_EVENT_HARDWARE, HELPER_EVENT_SOFTWARE, HELPER_EVENT_SCHEDULER, HELPER_EVENT_TRACEPOINT
} HelperEventKind;

/**
 * helper_event_describe:
 * @name: as in a request, of any content
 * @type: (out) (optional): perf_event_attr.type, of all but tracepoints
 * @config: (out) (optional): perf_event_attr.config
 *
 * The grammar of event names.
 */
HelperEventKind    helper_event_describe (const char *name, guint32 *type, guint64 *config);
/* Whether perf would take what stands after a colon for a modifier ("cycles:k") and not for the name of a tracepoint. */
gboolean           helper_is_modifier    (const char *text);
/* Every name of the vocabulary but tracepoints (transfer full). */
char             **helper_event_dup_names (void);

typedef struct {
  guint pid;
  guint64 start_time;           /* clock ticks since boot: two processes of one number differ in it */
} HelperProcess;

typedef struct {
  char *name;                   /* perf's: "cpu-clock", "sched:sched_switch" */
  char *label;                  /* nullable */
  guint frequency;              /* Hz; 0: not by frequency */
  guint64 period;               /* 0: not by period; neither: every event */
} HelperEvent;

typedef struct {
  int binary;                   /* index into the message's descriptors */
  char *symbol;                 /* nullable: by offset */
  guint64 offset;               /* bytes in the file */
  gboolean is_return;
  char *label;                  /* [A-Za-z_][A-Za-z0-9_]*: how the event is called */
} HelperProbe;

typedef struct {
  HelperTarget target;
  GArray *processes;            /* of HelperProcess */
  guint64 cgroup;
  GPtrArray *events;            /* of HelperEvent */
  GPtrArray *probes;            /* of HelperProbe */
  HelperCallGraph call_graph;
  guint stack_size;             /* bytes */
  guint max_stack;              /* frames */
  guint compression;            /* zstd's level; 0: none */
  guint buffer;                 /* KiB */
  guint duration;               /* ms; 0: until stopped */
  guint64 size;                 /* bytes; 0: no ceiling of the caller's */
  gboolean kernel;
  gboolean switches;
  gboolean cgroups;
  gboolean inherit;
  HelperSampler sampler;
  gboolean per_process;
  gboolean paused;
  gboolean interactive;
  gboolean foreign_roots;       /* not of a request, set by who knows: files of some processes have other paths here, so that perf must not read build-ids */
} HelperRequest;

/**
 * helper_request_parse:
 * @dictionary: an a{sv} from anybody
 *
 * Every key is known, of its type, within its bounds and there once, or there is no request.
 *
 * Returns: (transfer full) (nullable): NULL with G_IO_ERROR_INVALID_ARGUMENT that names the key, what was found and what was expected
 */
HelperRequest *helper_request_parse (GVariant *dictionary, GError **error);
void           helper_request_free  (HelperRequest *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HelperRequest, helper_request_free)

/* How the child finds what it was handed. */
#define HELPER_OUTPUT_FD  3
#define HELPER_CONTROL_FD 4
#define HELPER_ANSWER_FD  5

/**
 * helper_request_dup_command:
 * @program: path of perf, or for the sampler of random gaps of this service, which samples when its first argument is "sample"
 * @process: (nullable): the one process of "per-process"
 * @cgroup: (nullable): the control group's path below the mount of control groups
 * @probe_events: (nullable): the tracepoints that were made for the request's probes, in their order
 * @output: "/proc/self/fd/3", "-" for a pipe, or, where somebody runs it without the service, a path
 * @control: whether it is told to begin, pause and resume (--control fd:4,5): it then begins paused, so that what it attached to can be looked at again
 *   before anything is recorded
 *
 * The one place that knows how a request becomes arguments. Duration is left to who runs it; "-o -" writes to the standard output.
 * Events without a label are called as they are in the request, with ":u" where the kernel is left out.
 *
 * Returns: (transfer full): argv, NULL at its end
 */
char **helper_request_dup_command (const HelperRequest *request, const char *program, const HelperProcess *process, const char *cgroup,
                                   const char *const *probe_events, const char *output, gboolean control);

typedef enum { HELPER_BEGIN, HELPER_PAUSE, HELPER_RESUME } HelperOrder;

/**
 * helper_request_dup_orders:
 * @probe_events: (nullable): as for helper_request_dup_command()
 *
 * What is written to the recorder's control descriptor, a line an order; each line is answered with "ack\n". A recorder that was told "ping" answers
 * once it has attached and begins to listen, and later writes out what it has, which else waits until a buffer is half full. perf pauses event by event: told to pause as a whole it would also miss which files are mapped meanwhile.
 *
 * Returns: (transfer full): lines
 */
char *helper_request_dup_orders (const HelperRequest *request, const char *const *probe_events, HelperOrder order);

G_END_DECLS
