/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include <afterglow/strings.h>
#include <afterglow/warnings.h>

G_BEGIN_DECLS

/* The recording as the engine knows it: columns and tables, built once by a loader, immutable and shared by threads afterwards.
 *
 * A sample has up to two stacks. Its *call stack* (GlowSamples.stack → GlowStacks) is a path of functions and is what every view
 * draws. Its *address chain* (GlowSamples.chain → GlowChains) is the path of instruction addresses the recording held; formats
 * without addresses have none. Names arriving later make a new profile that shares the columns and the chains, and has its own
 * strings, frames, call stacks and stack column. */

#define GLOW_NONE G_MAXUINT32

typedef enum {
  GLOW_FRAME_UNKNOWN,          /* no symbol: the name is "[module]" or "[unknown]" */
  GLOW_FRAME_USER,
  GLOW_FRAME_KERNEL,
  GLOW_FRAME_JIT,
  GLOW_FRAME_INLINED,
  GLOW_FRAME_RUNTIME,          /* garbage collector, JIT compiler, interpreter loop: user and JIT code with such a role */
  GLOW_FRAME_GUEST,
  GLOW_FRAME_HYPERVISOR,
  GLOW_FRAME_GROUP,            /* not a function: a root made by the query (comm, process, thread) */
  GLOW_N_FRAME_KINDS
} GlowFrameKind;
const char *glow_frame_kind_get_id    (GlowFrameKind kind);     /* "user", stable, for JSON and classes */
const char *glow_frame_kind_get_label (GlowFrameKind kind);     /* translated */

/* What a function is there for, where its name and module tell it. The rules are data: data/roles.txt. */
typedef enum {
  GLOW_ROLE_NONE,
  GLOW_ROLE_GC,
  GLOW_ROLE_COMPILER,          /* just in time */
  GLOW_ROLE_INTERPRETER,       /* the loop, not what it interprets */
  GLOW_ROLE_ALLOCATOR,
  GLOW_ROLE_LOCK,
  GLOW_ROLE_SYSCALL,
  GLOW_ROLE_SUPPORT,           /* the rest of a language's runtime */
  GLOW_N_ROLES
} GlowRole;
const char *glow_role_get_id    (GlowRole role);                /* "gc", stable, for JSON and selections */
const char *glow_role_get_label (GlowRole role);                /* translated */

/* A function: what call stacks are made of. Equal (name, module, kind) are one frame. */
typedef struct {
  guint32 name;                /* string: demangled; "[module]" where there is no symbol */
  guint32 raw_name;            /* string: as in the symbol table; = name where not mangled */
  guint32 module;              /* index of GlowModule, or GLOW_NONE */
  guint32 file;                /* string: source file, 0 where not known */
  guint32 line;                /* of the function's declaration, 0 where not known */
  guint8 kind;                 /* GlowFrameKind */
  guint8 role;                 /* GlowRole; known when the profile is named */
} GlowFrame;

typedef enum {
  GLOW_SYMBOLS_NOT_TRIED, GLOW_SYMBOLS_FULL, GLOW_SYMBOLS_DYNAMIC_ONLY, GLOW_SYMBOLS_NONE, GLOW_SYMBOLS_NO_FILE,
  GLOW_SYMBOLS_BUILD_ID_MISMATCH, GLOW_SYMBOLS_NOT_NEEDED
} GlowSymbolStatus;
const char *glow_symbol_status_get_id    (GlowSymbolStatus status);
const char *glow_symbol_status_get_label (GlowSymbolStatus status);

typedef enum {
  GLOW_MODULE_USER, GLOW_MODULE_KERNEL, GLOW_MODULE_KERNEL_MODULE, GLOW_MODULE_BPF, GLOW_MODULE_VDSO, GLOW_MODULE_JIT,
  GLOW_MODULE_GUEST_KERNEL, GLOW_MODULE_GUEST_USER, GLOW_MODULE_OTHER     /* [heap], [stack], //anon */
} GlowModuleKind;

typedef struct {
  guint32 name;                /* string: what people see: basename, "[kernel]", "[vdso]", "perf-1234.map", … */
  guint32 path;                /* string: as recorded */
  guint8 kind;                 /* GlowModuleKind */
  guint8 symbols;              /* GlowSymbolStatus */
  gboolean deleted;            /* the recording says the file was deleted */
  guint8 build_id_length;      /* 0 where not known */
  guint8 build_id[32];
  guint32 symbol_file;         /* string: the file the names came from, 0 where none */
  guint32 pid;                 /* for JIT modules, whose names are in one process; else 0 */
  guint64 mount_namespace;     /* inode of the one that @pid was in; 0 where the recording does not say */
  guint32 root_pid;            /* a process that still runs and has @path under a root of its own; 0 where none is known */
} GlowModule;

/* One place in code, wherever processes had it mapped. The seam for unwinding and inlines: a location has a *chain* of frames. */
typedef struct {
  guint64 address;             /* as recorded: of each sample with GlowLoadOptions.keep_addresses, else one of those at which the place lay */
  guint64 offset;              /* in the file for user modules (address − start + pgoff); = address for kernel and JIT */
  guint32 module;              /* GlowModule, or GLOW_NONE */
  guint32 frame;               /* innermost GlowFrame; inlined callers of it follow in GlowChains.inline_… (GLOW_NONE before naming) */
  guint64 symbol_offset;       /* address − start of the symbol; G_MAXUINT64 where there is no symbol */
  guint32 source_file, source_line;   /* of this address; 0 where not known */
  guint32 n_inlined;           /* how many inlined frames lie between @frame and the function that has code here */
  guint32 first_inlined;       /* index into inline_frames, innermost first, the outermost is the real function */
  guint8 kind;                 /* GlowFrameKind as the context marker said: user, kernel, guest, hypervisor */
} GlowLocation;

/* A prefix trie. Id 0 is the root: the empty stack. parent[i] < i for i > 0. @item is a frame (call stacks) or a location (chains). */
typedef struct {
  guint32 n;
  const guint32 *parent;
  const guint32 *item;
} GlowStacks;

/* How whole an address chain is; bits, 0 where nothing speaks against it. The first four are what a sample lacks whose chain ends there. */
typedef enum {
  GLOW_STACK_CUT = 1 << 0,     /* the copied stack ended first, or the user half is not in the recording: outer callers are missing */
  GLOW_STACK_LIMIT = 1 << 1,   /* as many frames as the recording keeps: outer callers are missing */
  GLOW_STACK_BROKEN = 1 << 2,  /* its outermost frame is not where a thread begins, or nothing is known of that place */
  GLOW_STACK_SKIPPED = 1 << 3, /* somewhere in it a caller is missing: a function that keeps no frame pointer stood there */
  GLOW_STACK_REPAIRED = 1 << 4,   /* holds callers that the frame pointers had missed */
  GLOW_STACK_EXACT = 1 << 5,   /* not walked by frame pointers: they need not be doubted */
  GLOW_STACK_GAP = 1 << 6,     /* of a node, not of samples: the caller of this very place is missing, what stands below it is not its caller */
} GlowStackFlags;
#define GLOW_STACK_LACKS (GLOW_STACK_CUT | GLOW_STACK_LIMIT | GLOW_STACK_BROKEN | GLOW_STACK_SKIPPED)
/* Those that concern the outermost frame. */
#define GLOW_STACK_OPEN_ENDED (GLOW_STACK_CUT | GLOW_STACK_LIMIT | GLOW_STACK_BROKEN)

typedef struct {
  GlowStacks stacks;           /* item: index into locations */
  const GlowLocation *locations;
  guint32 n_locations;
  const guint32 *inline_frames;
  const guint8 *status;        /* GlowStackFlags by chain; NULL: no chain has any */
  const guint32 *call_stacks;  /* call stack by chain, kept where some node has a gap; else NULL */
} GlowChains;

/* Columns, each @n long and sorted by time where there is time. A column that the format has no data for is NULL. */
typedef struct {
  gsize n;
  const guint64 *time;         /* ns on the recording's clock */
  const guint32 *thread;       /* index of GlowThread */
  const guint16 *cpu;          /* G_MAXUINT16: not recorded */
  const guint16 *event;        /* index of GlowEvent; NULL: all of event 0 */
  const guint64 *weight;       /* in the event's unit, times 10^weight_decimals; NULL: all 1 */
  const guint32 *stack;        /* call stack */
  const guint32 *chain;        /* address chain; NULL where the format has no addresses */
} GlowSamples;

/* One incarnation: a new row for each (pid, tid, comm) over time. */
typedef struct {
  gint32 pid, tid;             /* −1: not recorded */
  guint32 comm;                /* string */
  guint32 process;             /* index of GlowProcess */
  guint32 cgroup;              /* string: path of its control group, 0 where not known */
  guint64 start_time, end_time;   /* ns; 0 / G_MAXUINT64 where not known */
  guint32 cgroup_name;         /* string: what people call @cgroup: glow_cgroup_dup_name() */
  gboolean cgroup_at_opening;  /* the recording does not say @cgroup: it was looked up when the recording was opened */
} GlowThread;

typedef struct {
  gint32 pid;
  guint32 comm;                /* string: of its main thread, the last known */
  guint32 origin;              /* string: the file it is from, where the profile holds several machines or boots; else 0 */
  gboolean is_running;         /* opening found it alive on this machine, and could prove that it is the same */
} GlowProcess;

typedef enum { GLOW_UNIT_SAMPLES, GLOW_UNIT_NANOSECONDS, GLOW_UNIT_EVENTS, GLOW_UNIT_BYTES, GLOW_UNIT_UNKNOWN, GLOW_UNIT_COUNT } GlowUnit;
const char *glow_unit_get_id (GlowUnit unit);                    /* "samples", "ns", "events", "bytes", "unknown", "count" */

typedef struct {
  guint32 name;                /* string: "cycles:u", "sched:sched_switch", … */
  guint8 unit;                 /* GlowUnit of weight */
  guint8 weight_decimals;      /* weights are stored times 10^this (folded text with fractions) */
  gboolean weight_counts_samples;   /* each weight is a number of samples (folded text): evidence is the weight, not the row */
  gboolean is_tracepoint;
  gboolean is_off_cpu;         /* each weight is a time that a thread did not run */
  guint64 frequency_hz;        /* 0 where recorded by period */
  guint64 period;              /* 0 where recorded by frequency */
  guint32 clock;               /* string: what it counts, where several events of a recording count the same beside each other at rates of their own; else 0.
                                * Chosen together they are one clock of the sum of their rates */
  guint64 n_samples;
  guint64 total_weight;
  guint64 sum_squared_weight;  /* saturated; for the effective n. Use the double below for arithmetic */
  double sum_squared;          /* Σw² */
  guint64 counted;             /* what the kernel counted, from read_format, 0 where not known */
  guint64 time_enabled, time_running;  /* ns, multiplexing; 0 where not known */
} GlowEvent;

/* What times are counted on. */
typedef enum {
  GLOW_CLOCK_UNKNOWN, GLOW_CLOCK_KERNEL /* perf's own, from the start of the machine */, GLOW_CLOCK_REALTIME, GLOW_CLOCK_MONOTONIC,
  GLOW_CLOCK_MONOTONIC_RAW, GLOW_CLOCK_BOOTTIME, GLOW_CLOCK_TAI
} GlowClock;

/* How the kernel's clock is made of a processor's counter: zero + (counter × mult >> shift). */
typedef struct { guint64 zero, mult, shift; } GlowCounterClock;

/* What the recording says of itself. Strings may be NULL: not recorded. Times in ns. */
typedef struct {
  const char *format;          /* "perf.data", "folded" */
  const char *format_detail;   /* "file, version 2, little-endian, zstd", … */
  const char *hostname, *os_release, *arch, *perf_version, *command_line, *cpu_description, *cpu_id, *clock_name;
  guint64 n_cpus_online, n_cpus_available, memory_bytes;
  guint64 first_time, last_time;          /* of all timed records, on the recording's clock */
  gint64 wall_clock_offset;               /* wall = time + this, ns since 1970 */
  gboolean has_wall_clock;
  guint8 clock;                           /* GlowClock of all times */
  GlowCounterClock tsc;                   /* mult 0 where not recorded */
  gint64 file_time, file_born;            /* of the file, ns since 1970: changed, made; 0 where not known */
  gboolean unfinished;                    /* it was being written, or its writing was cut off */
  guint64 lost_samples, lost_events, throttled, unthrottled;
  guint64 truncated_stacks;               /* samples whose chain reached the recording's limit or whose dump ended first */
  guint64 broken_stacks;                  /* samples whose chain ends where no thread begins, or at a place without a rule */
  guint64 skipped_stacks;                 /* samples whose chain lacks a caller that kept no frame pointer */
  guint64 torn_stacks;                    /* samples that lack any of these */
  guint64 repaired_stacks;                /* samples whose chain lacked callers that were put back */
  guint64 unknown_leaf_samples;
  guint64 file_bytes;
  guint32 max_stack;                      /* 0 where not known */
  gboolean has_frame_pointers;            /* user stacks were walked by frame pointers, those that say nothing else of themselves */
  const char *kernel_reference;           /* a kernel symbol whose address the recording notes: "_text" */
  guint64 kernel_reference_address;
} GlowProfileInfo;

/* How many records of a kind the recording holds. */
typedef struct {
  guint32 name;                /* string: "MMAP2", "AUX", "type 95" where the type is not known */
  guint32 type;                /* its number in the format */
  guint64 count;
} GlowRecordCount;

/* A moment at which the recording itself was not as it should be; or at which a thread came back to a CPU, as records beside its samples tell. */
typedef enum { GLOW_MARK_LOST, GLOW_MARK_THROTTLED, GLOW_MARK_UNTHROTTLED, GLOW_MARK_CAME_BACK } GlowMarkKind;
typedef struct {
  guint64 time;                /* ns: lost records are told when the next ones could be written, behind the gap */
  guint64 count;               /* of lost records or samples; the number of the thread that came back; else 1 */
  guint8 kind;                 /* GlowMarkKind */
} GlowMark;

#define GLOW_TYPE_PROFILE (glow_profile_get_type ())
G_DECLARE_FINAL_TYPE (GlowProfile, glow_profile, GLOW, PROFILE, GObject)

const GlowProfileInfo *glow_profile_get_info    (GlowProfile *self);
GlowStrings           *glow_profile_get_strings (GlowProfile *self);
GlowWarnings          *glow_profile_get_warnings (GlowProfile *self);
const GlowSamples     *glow_profile_get_samples (GlowProfile *self);
const GlowStacks      *glow_profile_get_stacks  (GlowProfile *self);     /* items are frames */
const GlowChains      *glow_profile_get_chains  (GlowProfile *self);     /* (nullable) */
const GlowFrame       *glow_profile_get_frames  (GlowProfile *self, guint32 *n);
const GlowModule      *glow_profile_get_modules (GlowProfile *self, guint32 *n);
const GlowThread      *glow_profile_get_threads (GlowProfile *self, guint32 *n);
const GlowProcess     *glow_profile_get_processes (GlowProfile *self, guint32 *n);
const GlowEvent       *glow_profile_get_events  (GlowProfile *self, guint32 *n);
GVariant              *glow_profile_get_header  (GlowProfile *self);     /* (nullable): a vardict of what else a recording says of its machine */
const GlowRecordCount *glow_profile_get_records (GlowProfile *self, guint32 *n);   /* by type; none where the format has no records */
const GlowMark        *glow_profile_get_marks   (GlowProfile *self, guint32 *n);   /* by time */
const char *const     *glow_profile_get_files   (GlowProfile *self);     /* paths it was loaded from, NULL-terminated */
const char            *glow_profile_get_string  (GlowProfile *self, guint32 id);
/* Of a tracepoint or a probe: whether only some of its events became samples, each standing for those before it. */
gboolean               glow_event_is_sampled    (const GlowEvent *event);
/* Samples that stand for a second of what the event counts, where it counts time, or that are taken in one; 0 where the recording does not say. */
double   glow_event_get_rate (const GlowEvent *event);
/* Whether both are one event, or clocks beside each other: what is chosen where nothing is chosen is the main event with those. */
gboolean glow_event_is_beside (const GlowEvent *event, const GlowEvent *other);
guint32                glow_profile_get_main_event (GlowProfile *self);  /* the one shown first: most samples with stacks, clocks before tracepoints */
guint64                glow_profile_get_start   (GlowProfile *self);     /* ns; what "seconds from the start" counts from */
guint64                glow_profile_get_duration (GlowProfile *self);    /* ns */
gsize                  glow_profile_get_memory  (GlowProfile *self);     /* bytes of columns, tables and strings */
gboolean               glow_profile_is_named    (GlowProfile *self);     /* symbolisation has been done, or the format has names */

G_END_DECLS
