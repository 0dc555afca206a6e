/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the perf.data reader share. The way of the data: read.c walks records; samples go to a decoder (decode.c), which
 * interns their chains of raw addresses; everything else becomes a side-band entry (sideband.c). When all is read, the side-band is
 * replayed in order of time into threads and address spaces (spaces.c), and resolve.c makes locations, columns and the profile.
 *
 * Sources of the format: tools/perf/Documentation/perf.data-file-format.txt and include/uapi/linux/perf_event.h of Linux. */
#pragma once
#include "formats/cursor-private.h"
#include "formats/format-private.h"
#include "formats/perf/raw-trie-private.h"
#include "model/arena-private.h"
#include "model/key-order-private.h"
#include "model/profile-private.h"
#include "model/trie-private.h"
#include "symbols/symbolise-private.h"
#include "symbols/unwind-private.h"

#include <afterglow/error.h>

G_BEGIN_DECLS

enum {
  SAMPLE_IP = 1u << 0, SAMPLE_TID = 1u << 1, SAMPLE_TIME = 1u << 2, SAMPLE_ADDR = 1u << 3, SAMPLE_READ = 1u << 4,
  SAMPLE_CALLCHAIN = 1u << 5, SAMPLE_ID = 1u << 6, SAMPLE_CPU = 1u << 7, SAMPLE_PERIOD = 1u << 8, SAMPLE_STREAM_ID = 1u << 9,
  SAMPLE_RAW = 1u << 10, SAMPLE_BRANCH_STACK = 1u << 11, SAMPLE_REGS_USER = 1u << 12, SAMPLE_STACK_USER = 1u << 13,
  SAMPLE_WEIGHT = 1u << 14, SAMPLE_DATA_SRC = 1u << 15, SAMPLE_IDENTIFIER = 1u << 16, SAMPLE_TRANSACTION = 1u << 17,
  SAMPLE_REGS_INTR = 1u << 18, SAMPLE_PHYS_ADDR = 1u << 19, SAMPLE_AUX = 1u << 20, SAMPLE_CGROUP = 1u << 21,
  SAMPLE_DATA_PAGE_SIZE = 1u << 22, SAMPLE_CODE_PAGE_SIZE = 1u << 23, SAMPLE_WEIGHT_STRUCT = 1u << 24,
};
#define BRANCH_CALL_STACK (G_GUINT64_CONSTANT (1) << 11)
enum { READ_ENABLED = 1, READ_RUNNING = 2, READ_ID = 4, READ_GROUP = 8, READ_LOST = 16 };
enum {
  RECORD_MMAP = 1, RECORD_LOST = 2, RECORD_COMM = 3, RECORD_EXIT = 4, RECORD_THROTTLE = 5, RECORD_UNTHROTTLE = 6, RECORD_FORK = 7,
  RECORD_READ = 8, RECORD_SAMPLE = 9, RECORD_MMAP2 = 10, RECORD_AUX = 11, RECORD_ITRACE_START = 12, RECORD_LOST_SAMPLES = 13,
  RECORD_SWITCH = 14, RECORD_SWITCH_CPU_WIDE = 15, RECORD_NAMESPACES = 16, RECORD_KSYMBOL = 17, RECORD_BPF_EVENT = 18,
  RECORD_CGROUP = 19, RECORD_TEXT_POKE = 20, RECORD_AUX_OUTPUT_HW_ID = 21, RECORD_CALLCHAIN_DEFERRED = 22, RECORD_LAST_KERNEL = 22,
  RECORD_HEADER_ATTR = 64, RECORD_HEADER_EVENT_TYPE = 65, RECORD_HEADER_TRACING_DATA = 66, RECORD_HEADER_BUILD_ID = 67,
  RECORD_FINISHED_ROUND = 68, RECORD_ID_INDEX = 69, RECORD_AUXTRACE_INFO = 70, RECORD_AUXTRACE = 71, RECORD_AUXTRACE_ERROR = 72,
  RECORD_HEADER_FEATURE = 80, RECORD_COMPRESSED = 81, RECORD_EVENT_UPDATE = 78, RECORD_TIME_CONV = 79, RECORD_FINISHED_INIT = 82, RECORD_COMPRESSED2 = 83, RECORD_SIMPLEPERF = 32768,
};
enum { MISC_CPUMODE = 7, MISC_MMAP_BUILD_ID = 1 << 14 };

/* One event's attribute, in this machine's byte order, with what decoding its samples needs. */
typedef struct {
  guint32 type, size;
  guint64 config, sample_period, sample_type, read_format, flags, branch_sample_type;
  guint64 regs_user, regs_intr;
  gint32 clockid;
  guint16 max_stack;
  char *name;
  char *format;                /* (nullable): a tracepoint's, as the tracing data has it */
  gboolean fixed_prefix;       /* no READ before the chain: offsets are constant */
} PerfEvent;

#define PERF_FLAG_INHERIT (1u << 1)
#define PERF_FLAG_EXCLUDE_USER (1u << 4)
#define PERF_FLAG_EXCLUDE_KERNEL (1u << 5)
#define PERF_FLAG_EXCLUDE_HV (1u << 6)
#define PERF_FLAG_FREQ (1u << 10)
/* Whose work is counted: user's, kernel's, hypervisor's, idle tasks', the host's, guests'. */
#define PERF_FLAGS_EXCLUDE (0xfu << 4 | 3u << 19)
#define PERF_FLAG_SAMPLE_ID_ALL (1u << 18)
#define PERF_FLAG_USE_CLOCKID (1u << 25)

typedef struct {
  guint64 time, weight;
  gint32 pid, tid;
  guint32 chain;               /* node of the decoder's trie */
  guint16 cpu, event;
} RawSample;

typedef enum { PERF_DIALECT_PERF, PERF_DIALECT_SIMPLEPERF, PERF_DIALECT_HIPERF } PerfDialect;
#define PERF_COUNTED_TYPES 96

typedef struct _PerfReader PerfReader;
typedef struct _PerfAhead PerfAhead;

/* Compressed bytes in the recording. */
typedef struct { const guint8 *bytes; gsize n; gboolean starts; } PerfPiece;   /* starts: a stream of its own */
/* Data of one file, as it lies there; places of records are counted from @base on. */
typedef struct { GlowInput *input; const guint8 *data; gsize n; guint64 base; } PerfSegment;

/* Registers and stack of a sample, to be unwound when the maps are known. */
typedef struct {
  gsize row;
  const guint8 *registers, *stack;     /* in the file; NULL: in the spool, at @offset */
  guint64 offset;
  guint32 stack_size;          /* what was really copied */
  guint16 event;
  gboolean is_32;
} StackDump;

/* A sample whose user chain comes in a later record. */
typedef struct {
  gsize row;
  guint64 cookie;
} DeferredSample;

/* A counter: an event's id; with inheriting events each thread has its own under one id, else @tid is −1. */
typedef struct { guint64 id; gint64 tid; } CounterKey;
typedef struct { guint64 value, enabled, running; guint event; } CounterValue;

/* Turns sample records into rows. One a thread. */
typedef struct {
  const PerfReader *reader;
  RawTrie trie;
  RawSample *samples;
  gsize n, capacity;
  guint64 last_id;
  guint last_event;
  gint32 root_pid;             /* the last process whose root was asked for */
  guint32 root;
  guint64 *cgroup;             /* of each sample; NULL where the recording has none */
  guint32 *place;              /* of each sample's record, for its fields; NULL where there are none to be read */
  guint64 n_unplaced;          /* samples beyond what a place can say */
  GArray *deferred;            /* of DeferredSample */
  GArray *dumps;               /* of StackDump */
  GHashTable *counters;        /* CounterKey → CounterValue, the last of each counter */
  guint64 unwound_cut, unwound_broken, repaired;
  guint64 guest_samples;       /* with their address in a virtual machine */
  guint64 bad_samples, first_bad, unknown_ids, first_unknown_id, limited_chains, last_time;
  guint32 max_chain;
} PerfDecoder;

typedef enum { SIDE_MMAP, SIDE_COMM, SIDE_FORK, SIDE_EXIT, SIDE_KSYMBOL } SideKind;
/* There may be hundreds of thousands: what does not occur together lies in one place. */
typedef struct {
  guint64 time;
  gint32 pid, tid;
  guint32 text;                /* string of the builder: file name, comm */
  guint8 kind, cpumode, build_id_length;
  guint8 is_jit_file : 1;      /* MMAP2: simpleperf's mark of symbols by address in memory */
  guint8 is_program : 1;       /* KSYMBOL: text that is there, not its end */
  union {
    struct { guint64 start, length, pgoff; };
    struct { gint32 ppid, ptid; };       /* FORK, EXIT */
  };
  union {
    guint8 build_id[20];       /* as much as @build_id_length says */
    guint64 inode;             /* MMAP2 without a build-id: of the file; 0 where not recorded */
  };
} SideBand;

typedef struct {
  guint64 start, end, pgoff;
  guint32 module;
  guint8 kind;                 /* of frames in it where a chain does not say */
} SpaceMap;

/* What lies where. A forked process begins with its parent's maps, which are @below those that it adds, whatever number of processes they are shared by;
 * no address is in both. */
typedef struct _SpaceMaps SpaceMaps;
struct _SpaceMaps {
  const SpaceMaps *below;      /* (nullable): has none below itself, and is not changed any more */
  SpaceMap *maps;              /* sorted, disjoint */
  guint n, room;
  gboolean shared;             /* with another version: to be copied before it is changed */
};
/* The maps of a process for a while: a new version begins where a map takes the place of another, and at exec. */
typedef struct {
  guint64 from;                /* ns; the first version's is 0 */
  SpaceMaps *maps;
} SpaceVersion;
/* A piece of code that a just-in-time compiler wrote. */
typedef struct {
  guint64 start, end, from;    /* addresses; time from which it lay there */
  guint64 base;                /* offset that stands for its start in the dump's module */
  guint32 module;
  guint32 unwinding;           /* index + 1 of its table in the reader's jit_tables; 0: none */
} JitCode;
/* Where in its source the code behind an offset is from. */
typedef struct {
  guint64 offset;
  guint32 module, file, line;
} JitLine;
typedef struct {
  SpaceVersion *versions;      /* at least one */
  guint n_versions, room;
  GArray *jit;                 /* of JitCode, by address and time; NULL: none */
  GArray *jit_lines;           /* of JitLine, by offset in the dump's module; NULL: none */
  guint64 jit_longest;
  gboolean jit_reused;         /* some addresses had more than one owner */
} Space;

typedef struct { guint64 from; guint32 row; } ThreadSpan;
/* Who had a thread's number, one after the other. */
typedef struct {
  ThreadSpan *spans;
  guint n, room;
} ThreadSpans;

struct _PerfReader {
  GlowProfileBuilder *builder;
  GlowInput *input;
  const GlowLoadOptions *options;
  GCancellable *cancellable;
  const guint8 *bytes;
  gsize n_bytes;
  gboolean swap, pipe;
  gboolean unfinished;         /* perf has not written the size of the data yet */
  gboolean continued;          /* the header is of a later part: events are known */
  guint64 part_from;           /* ns: side-band without a time is of then; 0 in the first part */
  guint64 data_offset, data_size;
  const guint8 *tracing;       /* the feature's section, to be read when events have the names they bring; NULL: none */
  gsize n_tracing;
  GArray *events;              /* of PerfEvent */
  GHashTable *event_of_id;     /* guint64* → index + 1 */
  GPtrArray *side;             /* of blocks of SIDE_BLOCK times SideBand */
  guint n_side;
  GlowArena *arena;            /* spaces, their maps, and what threads were called */
  GHashTable *spaces;          /* pid → Space */
  GlowSymbolLoader *loader;    /* (nullable): opens the files of modules that occur */
  Space *kernel;
  GHashTable *threads;         /* tid → ThreadSpans */
  GHashTable *process_rows;    /* pid → row + 1 */
  GHashTable *modules;         /* key text → index + 1 */
  GHashTable *module_of_text;  /* path of a map and its mode → index + 1 */
  GHashTable *build_ids;       /* file name → GBytes */
  guint64 counts[PERF_COUNTED_TYPES];  /* of records, by type */
  GHashTable *other_counts;    /* of those of types beyond: type → count */
  guint64 aux_bytes;
  guint32 aux_kind;            /* of AUXTRACE_INFO */
  GHashTable *pmus;            /* type → name */
  GHashTable *namespaces;      /* pid → inode of its mount namespace (guint64 *) */
  guint64 time_shift, time_mult, time_zero;   /* from the processor's counter to the recording's clock (TIME_CONV); mult 0: not recorded */
  GHashTable *living;          /* pid → what living.c found of it */
  GHashTable *cgroups;         /* id (guint64*) → string of the builder */
  GHashTable *deferred;        /* CounterKey of cookie and tid → GBytes of addresses in this machine's order */
  guint64 sample_types;        /* of all events */
  gboolean needs_tail;         /* something behind the chains of samples is wanted */
  PerfDialect dialect;
  gboolean trace_off_cpu;      /* simpleperf: switches stand for the time until a thread runs again */
  int spool;                   /* stack dumps of compressed recordings; −1: none */
  guint64 spool_size;
  GPtrArray *jit_tables;       /* of GBytes: .eh_frame tables that just-in-time compilers wrote; one may serve several pieces of code */
  GHashTable *symbol_shifts;   /* simpleperf: module → what was added to its symbols' addresses (guint64 *) */
  GByteArray *split;           /* simpleperf: the pieces of a record that is longer than 64 KiB */
  GHashTable *stack_tables;    /* hiperf: pid → GHashTable of node index → node (guint64*) */
  gboolean compressed;
  guint64 current_offset;      /* of the record in the file */
  PerfDecoder decoder;
  PerfAhead *ahead;            /* (nullable): decodes the part at hand */
  guint64 sample_first, sample_last;   /* from the SAMPLE_TIME feature */
  gpointer zstd;
  GArray *segments;            /* of PerfSegment: the files that were read, the one at hand the last */
  guint64 room;                /* bytes that all files may have, where they are several or grow; 0: the first's */
  guint unit;                  /* what places of records are multiples of, bytes */
  gboolean stream_starts;      /* the next compressed record is the first of its file */
  GArray *packed;              /* of PerfPiece: what was decompressed, to be so again where fields are asked for */
  guint64 plain_start;         /* where @plain begins among all that was decompressed */
  guint8 long_size;            /* of the recorded machine, as the tracing data says; 0: not known */
  GByteArray *plain;           /* decompressed bytes whose last record is not whole yet */
  guint64 progress_at;
  gsize parts_done;            /* bytes that both threads have decoded */
};

typedef struct {
  guint32 type, size;
  guint16 misc;
} PerfRecordHeader;

static inline PerfRecordHeader
perf_record_header (const guint8 *bytes, gboolean swap)
{
  GlowCursor cursor = glow_cursor (bytes, 8, swap);
  PerfRecordHeader header;

  header.type = glow_cursor_u32 (&cursor);
  header.misc = glow_cursor_u16 (&cursor);
  header.size = glow_cursor_u16 (&cursor);
  /* simpleperf's own records are longer than 16 bits can say. */
  if (G_UNLIKELY (header.type > RECORD_SIMPLEPERF))
    header.size |= (guint32) header.misc << 16;
  return header;
}

/* attr.c */
gboolean perf_attr_read     (GlowCursor *cursor, gsize n, PerfEvent *event);
char    *perf_event_dup_name (const PerfEvent *event, GHashTable *pmus);
void     perf_event_clear   (gpointer event);
guint    perf_reader_add_event (PerfReader *self, PerfEvent *event, const guint8 *ids, gsize n_ids);
guint    perf_reader_event_of_id (const PerfReader *self, guint64 id);   /* 0-based; G_MAXUINT where not known */
/* read.c */
void     perf_reader_init   (PerfReader *self, const GlowLoadOptions *options, GCancellable *cancellable);
void     perf_reader_clear  (PerfReader *self);
void     perf_tables_init   (PerfReader *self);
void     perf_tables_clear  (PerfReader *self);
void     perf_walk_records  (PerfReader *self, const guint8 *bytes, gsize n);
gsize    perf_read_data     (PerfReader *self, gboolean whole);
void     perf_read_finish   (PerfReader *self, GArray *decoders);
void     perf_report        (PerfReader *self, guint64 at, guint64 samples);
/* read-ahead.c */
PerfAhead *perf_ahead_new   (PerfReader *reader);
void     perf_ahead_walked  (PerfAhead *self, gsize to);
void     perf_ahead_end     (PerfAhead *self, gsize middle, gsize end);
void     perf_ahead_finish  (PerfAhead *self, GArray *decoders);
void     perf_ahead_drop    (PerfAhead *self);
/* living.c */
char    *perf_cgroup_of_proc (const char *text);
void     perf_find_living   (PerfReader *self, PerfDecoder *decoders, guint n_decoders);
gboolean perf_has_own_root  (const PerfReader *self, gint32 pid);
void     perf_add_living    (PerfReader *self);
/* parts.c */
guint64  perf_last_time     (const PerfDecoder *decoders, guint n_decoders);
GlowProfile *perf_read_input (GlowInput *input, const GlowLoadOptions *options, GCancellable *cancellable, GError **error);
GlowProfile *perf_read_parts (GlowInput *const *inputs, guint n, guint n_headed, const GlowLoadOptions *options, GCancellable *cancellable,
                              GError **error);
GlowProfile *perf_read_on    (GlowInput *input, gpointer *state, const GlowLoadOptions *options, GCancellable *cancellable, GError **error);
gboolean     perf_is_finished (const guint8 *bytes, gsize n);
gboolean     perf_can_read_on (gpointer state, gsize n, gboolean *more);
void         perf_growing_free (gpointer state);
gboolean     perf_is_part    (const guint8 *a, gsize n_a, const guint8 *b, gsize n_b);
/* header.c */
gboolean perf_header_read   (PerfReader *self, GError **error);
guint64  perf_header_first_time (const guint8 *bytes, gsize n);
void     perf_feature_read  (PerfReader *self, guint feature, const guint8 *bytes, gsize n);
void     perf_tracing_read (PerfReader *self, const guint8 *bytes, gsize n);
void     perf_build_ids_read (PerfReader *self, GlowCursor *cursor);
/* clock.c */
void     perf_clock_data_read (PerfReader *self, GlowCursor *cursor);
void     perf_clock_set     (PerfReader *self);
/* header-facts.c */
void     perf_header_fact   (PerfReader *self, guint feature, GlowCursor cursor);
/* decode.c */
void     perf_decoder_init  (PerfDecoder *self, const PerfReader *reader);
void     perf_decoder_clear (PerfDecoder *self);
void     perf_decode_sample (PerfDecoder *self, const guint8 *record, guint16 misc, gsize size, guint64 offset);
guint32  perf_decoder_intern (PerfDecoder *self, const guint64 *ips, gsize n, gint32 pid);
/* sample-tail.c */
typedef struct {
  guint64 cgroup, stack_id, abi, stack_size;
  const guint8 *registers, *stack;     /* NULL: none */
  const guint8 *branches;      /* of 24 bytes each: from, to, flags */
  guint64 n_branches;
  const guint8 *raw;           /* NULL: none */
  guint32 n_raw;
  guint64 weight, data_source, transaction, phys_addr, data_page_size, code_page_size;
  gboolean has_stack_id;
} PerfSampleTail;
void     perf_sample_tail   (GlowCursor *cursor, const PerfEvent *event, PerfDialect dialect, PerfSampleTail *tail);
void     perf_read_values   (PerfDecoder *self, GlowCursor *cursor, guint event_index, guint64 id, gint32 tid);
void     perf_add_counters  (PerfReader *self, PerfDecoder *decoders, guint n_decoders);
guint    perf_counter_hash  (gconstpointer key);
gboolean perf_counter_equal (gconstpointer a, gconstpointer b);
/* off-cpu.c */
gboolean perf_event_is_off_cpu (const PerfEvent *event);
gboolean perf_off_cpu_unpack (GlowCursor *cursor, RawSample *sample, const guint8 **ips, guint64 *n_ips, guint64 *cgroup);
void     perf_off_cpu_place_sums (PerfReader *self, PerfDecoder *decoders, guint n_decoders);
void     perf_off_cpu_measure (PerfReader *self, GlowSampleArrays *samples);
/* sample-fields.c */
void     perf_segment_begin (PerfReader *self);
void     perf_segment_clear (gpointer segment);
gboolean perf_wants_place   (guint64 sample_types);
guint32  perf_place_of      (const PerfReader *self, const guint8 *body);
/* Takes @places, which malloc made: where each row's record lies. NULL where there are no fields. */
struct _GlowFieldSource *perf_fields_new (PerfReader *self, guint32 *places, gsize n);
/* fields-kept.c */
struct _GlowFieldSource *perf_fields_again (GlowInput *input, GVariant *saved, GBytes *rows, const GlowProfileInfo *info, const GlowLoadOptions *options);
/* deferred.c */
void     perf_deferred_add  (PerfReader *self, const guint8 *body, gsize size);
void     perf_deferred_join (PerfReader *self, PerfDecoder *decoder);
/* user-half.c */
void     perf_join_user     (PerfDecoder *decoder, RawSample *sample, const guint64 *ips, gsize n);
guint    perf_user_half     (const PerfDecoder *decoder, const RawSample *sample, guint64 *ips, guint max);
guint    perf_splice_user   (guint64 *ips, guint n, guint max, const guint64 *pointers, guint n_pointers, gboolean *joined, gboolean *missed);
/* stack-dumps.c */
void     perf_stack_dump_add (PerfDecoder *self, guint event, const PerfSampleTail *tail);
void     perf_stack_dumps_unwind (PerfReader *self, PerfDecoder *decoders, guint n_decoders);
/* jitdump.c */
gboolean perf_is_jitdump    (const char *path);
void     perf_jitdump_read  (PerfReader *self, Space *space, const char *path, const SideBand *side);
const JitLine *perf_jit_find_line (const Space *space, const JitCode *code, guint64 offset);
const JitCode *perf_jit_find (const Space *space, guint64 address, guint64 time);
/* namespaces.c */
void     perf_namespaces_read (PerfReader *self, const guint8 *body, gsize size);
guint64  perf_mount_namespace (const PerfReader *self, gint32 pid);
/* trampolines.c */
typedef struct _PerfTrampolines PerfTrampolines;
PerfTrampolines *perf_trampolines_new  (void);
void     perf_trampolines_free (PerfTrampolines *self);
GlowCfi *perf_trampolines_find (PerfTrampolines *self, PerfReader *reader, guint32 module, GlowArch arch, guint64 pc, guint64 *offset);
/* records.c */
const char *perf_record_name (guint32 type);
void     perf_count_record  (PerfReader *self, guint32 type);
void     perf_add_records   (PerfReader *self);
void     perf_mark          (PerfReader *self, GlowMarkKind kind, guint64 count, const guint8 *body, gsize size);
void perf_mark_switch (PerfReader *self, guint16 misc, const guint8 *body, gsize size);
/* simpleperf.c */
void     perf_simpleperf_files  (PerfReader *self, const guint8 *bytes, gsize n);
void     perf_simpleperf_files2 (PerfReader *self, const guint8 *bytes, gsize n);
void     perf_simpleperf_meta   (PerfReader *self, const guint8 *bytes, gsize n);
gboolean perf_simpleperf_record (PerfReader *self, guint32 type, const guint8 *body, gsize size);
/* hiperf.c */
void     perf_hiperf_files      (PerfReader *self, const guint8 *bytes, gsize n);
void     perf_hiperf_stacks     (PerfReader *self, const guint8 *bytes, gsize n);
GArray  *perf_hiperf_dup_chain  (const PerfReader *self, gint32 pid, guint64 stack_id);
/* sideband.c */
#define SIDE_BLOCK 1024u
static inline SideBand *
perf_side (const PerfReader *self, guint i)
{
  return (SideBand *) g_ptr_array_index (self->side, i / SIDE_BLOCK) + i % SIDE_BLOCK;
}
gboolean perf_trailer       (const PerfReader *self, const guint8 *record, gsize size, gint32 *tid, guint64 *time);
void     perf_sideband_add  (PerfReader *self, guint32 type, guint16 misc, const guint8 *record, gsize size);
gboolean perf_sideband_replay (PerfReader *self);
void     perf_sideband_set_roots (PerfReader *self);
guint32  perf_thread_at     (PerfReader *self, gint32 pid, gint32 tid, guint64 time);
guint32  perf_module        (PerfReader *self, const char *path, guint8 cpumode, gint32 pid, const guint8 *build_id, guint build_id_length);
/* spaces.c */
Space   *perf_space_new     (PerfReader *self);
Space   *perf_space_of      (PerfReader *self, gint32 pid);
void     perf_space_clear   (gpointer space);
void     perf_space_add_map (PerfReader *self, Space *space, const SpaceMap *map, guint64 time);
void     perf_space_fork    (PerfReader *self, Space *child, Space *parent, guint64 time);
const SpaceMaps *perf_space_at (const Space *space, guint64 time, guint *version);
const SpaceMap  *perf_maps_find (const SpaceMaps *maps, guint64 address);
const SpaceMap  *perf_maps_find_own (const SpaceMaps *maps, guint64 address);
/* resolve.c */
void     perf_begin_symbols (PerfReader *self);
gboolean perf_prepare       (PerfReader *self);
GlowProfile *perf_resolve   (PerfReader *self, PerfDecoder *decoders, guint n_decoders, GError **error);

G_END_DECLS
