/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recording: what, why and how much (a plan), what such a recording could miss and cost (an estimate), and the recording while it runs (a session). */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum { GLOW_CAPTURE_COMMAND, GLOW_CAPTURE_PROCESSES, GLOW_CAPTURE_CGROUP, GLOW_CAPTURE_SYSTEM } GlowCaptureTarget;

/**
 * GlowCaptureGoal:
 * @GLOW_CAPTURE_CPU: where CPU time goes
 * @GLOW_CAPTURE_WAITING: why it waits
 * @GLOW_CAPTURE_FUNCTION: what is slow about one function
 * @GLOW_CAPTURE_SYSCALLS: system calls
 * @GLOW_CAPTURE_LOCKS: locks
 * @GLOW_CAPTURE_IO: block and file I/O
 * @GLOW_CAPTURE_EVERYTHING: everything about a time window
 * @GLOW_CAPTURE_CUSTOM: events as they were written
 *
 * Each sets events, and every one has its own rate: a frequency on tracepoints would lose most of them.
 */
typedef enum {
  GLOW_CAPTURE_CPU, GLOW_CAPTURE_WAITING, GLOW_CAPTURE_FUNCTION, GLOW_CAPTURE_SYSCALLS, GLOW_CAPTURE_LOCKS, GLOW_CAPTURE_IO, GLOW_CAPTURE_EVERYTHING,
  GLOW_CAPTURE_CUSTOM
} GlowCaptureGoal;

typedef enum { GLOW_CAPTURE_NO_STACKS, GLOW_CAPTURE_FP, GLOW_CAPTURE_DWARF, GLOW_CAPTURE_LBR } GlowCaptureCallGraph;

/**
 * GlowCaptureClock:
 * @GLOW_CAPTURE_INTERLEAVED: two or three clocks at coprime rates whose sum is the rate: what locks onto one of them shows against the others
 * @GLOW_CAPTURE_SINGLE: one clock: may run in step with what it samples
 * @GLOW_CAPTURE_RANDOM: gaps drawn anew after each sample: cannot run in step
 */
typedef enum { GLOW_CAPTURE_INTERLEAVED, GLOW_CAPTURE_SINGLE, GLOW_CAPTURE_RANDOM } GlowCaptureClock;

/* Who runs perf: this program where rights allow it, the privileged service, or whichever of them can. */
typedef enum { GLOW_CAPTURE_EITHER, GLOW_CAPTURE_DIRECT, GLOW_CAPTURE_HELPER } GlowCaptureWay;

typedef struct {
  guint pid;
  guint64 start_time;           /* clock ticks since boot */
} GlowCaptureProcess;

typedef struct {
  char *name;                   /* perf's */
  char *label;                  /* nullable */
  guint frequency;              /* Hz, 0: not by frequency */
  guint64 period;               /* 0: not by period */
} GlowCaptureEvent;

typedef struct {
  char *binary;                 /* path */
  char *symbol;                 /* nullable: by offset */
  guint64 offset;
  gboolean is_return;
  char *label;
} GlowCaptureProbe;

/**
 * GlowCapturePlan:
 *
 * What is to be recorded. A value: copied, changed, compared; nothing in it is of a running recording.
 */
typedef struct {
  GlowCaptureTarget target;
  char **command;               /* argv, of GLOW_CAPTURE_COMMAND */
  char *directory;              /* nullable: the current one */
  char **environment;           /* NAME=VALUE that are set beside those of this program */
  GArray *processes;            /* of GlowCaptureProcess */
  char *cgroup;                 /* path below the mount of control groups */
  GlowCaptureGoal goal;
  char *function_binary;        /* of GLOW_CAPTURE_FUNCTION */
  char *function;
  GlowCaptureClock clock;
  guint rate;                   /* Hz, of all clocks together */
  GPtrArray *events;            /* of GlowCaptureEvent: what the goal, clock and rate come to, or what was written by hand */
  GPtrArray *probes;            /* of GlowCaptureProbe */
  GlowCaptureCallGraph call_graph;
  guint stack_size;             /* bytes, of GLOW_CAPTURE_DWARF */
  guint max_stack;              /* frames */
  gboolean kernel;
  gboolean switches;            /* when threads are switched away and back, as records of their own: the goal sets it */
  gboolean cgroups;             /* which control group samples are in */
  guint compression;            /* zstd's level, 0: none */
  guint buffer;                 /* KiB a CPU, a power of two; 0: what the events need */
  double duration;              /* seconds, 0: until stopped or the command ends */
  guint64 size;                 /* bytes, 0: no ceiling */
  gboolean inherit;
  gboolean per_process;
} GlowCapturePlan;

GlowCapturePlan *glow_capture_plan_new   (void);
GlowCapturePlan *glow_capture_plan_copy  (const GlowCapturePlan *plan);
void             glow_capture_plan_free  (GlowCapturePlan *plan);
gboolean         glow_capture_plan_equal (const GlowCapturePlan *a, const GlowCapturePlan *b);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowCapturePlan, glow_capture_plan_free)
/* The words of enumerations in their order, NULL-terminated: of options, presets and JSON. */
extern const char *const glow_capture_goal_words[], *const glow_capture_clock_words[], *const glow_capture_call_graph_words[];
/* Sets events anew by goal, clock and rate; to be called after one of them was changed. Does nothing to GLOW_CAPTURE_CUSTOM. */
void             glow_capture_plan_set_events (GlowCapturePlan *plan);
/* A plan of events as perf writes them ("sched:sched_switch", "cpu-clock/freq=33,name=a/"), and of the probes of its function, where it has one. */
gboolean         glow_capture_plan_set_event_words (GlowCapturePlan *plan, const char *const *words, GError **error);
/* The clocks that a rate is split into, so that they cannot run in step with anything for long: GlowCaptureClock and the rule in clocks.c. @rates has room for
 * three; returns how many. */
guint            glow_capture_split_rate (guint rate, guint *rates);
/* What cannot be recorded so: G_IO_ERROR_INVALID_ARGUMENT names what and what to do. */
gboolean         glow_capture_plan_check (const GlowCapturePlan *plan, GError **error);

/**
 * glow_capture_plan_dup_perf_command:
 * @output: (nullable): path of the recording; "perf.data" is perf's own choice
 *
 * The perf command that records by @plan, as argv with "perf" first: what runs, but for --control and the number of the process, which a launched command
 * has only once it stands at its barrier; here it stands behind "--". Probes of functions have to be made first: glow_capture_plan_dup_probe_commands().
 *
 * Returns: (transfer full) (nullable): %NULL with @error where the plan cannot be recorded
 */
char           **glow_capture_plan_dup_perf_command (const GlowCapturePlan *plan, const char *output, GError **error);
/* The lines of a shell that make and remove the plan's probes, around its perf command: NULL-terminated, empty where there are none (transfer full). */
char           **glow_capture_plan_dup_probe_commands (const GlowCapturePlan *plan, gboolean remove);
/**
 * glow_capture_plan_set_perf_command:
 * @words: argv of a perf record
 *
 * Takes what somebody wrote as perf's command line. Words outside of the vocabulary of the service are an error that names them; they can be run directly by
 * glow_capture_session_start_words().
 */
gboolean         glow_capture_plan_set_perf_command (GlowCapturePlan *plan, const char *const *words, GError **error);
/* Lines of a shell that record the same without this program (transfer full); @privileged: with sudo, for whom this user's rights do not suffice. */
char            *glow_capture_plan_dup_shell (const GlowCapturePlan *plan, const char *output, gboolean privileged, GError **error);
/* Words as somebody would type them into a shell, quoted only where that is needed (transfer full); "" of %NULL. */
char            *glow_capture_dup_line (const char *const *words);
/* The words of `afterglow-cli record` that say the same (transfer full). */
char            *glow_capture_plan_dup_words (const GlowCapturePlan *plan);

/* Presets: plans by name, without their target, as key files ("*.afterglow-capture") in the user's configuration folder, and some that are built in. */
GPtrArray       *glow_capture_presets_load  (void);     /* of char*, built-in ones first */
GlowCapturePlan *glow_capture_preset_load   (const char *name_or_path, GError **error);
gboolean         glow_capture_preset_save   (const GlowCapturePlan *plan, const char *name_or_path, GError **error);
gboolean         glow_capture_preset_delete (const char *name, GError **error);
/* Whether it is the user's, and not built in. */
gboolean         glow_capture_preset_is_own (const char *name);
/* The text of a preset, without a file (transfer full). */
char            *glow_capture_plan_dup_preset   (const GlowCapturePlan *plan);
GlowCapturePlan *glow_capture_plan_parse_preset (const char *text, GError **error);

/**
 * GlowCaptureAbilities:
 * @helper_error: (nullable): why the privileged service cannot be asked
 *
 * What can be recorded here, by whom.
 */
typedef struct {
  char *perf_version;           /* nullable: no perf on this machine */
  int paranoid;                 /* kernel.perf_event_paranoid */
  guint max_rate;               /* Hz */
  guint cpu_percent;            /* kernel.perf_cpu_time_max_percent */
  guint n_cpus;
  char **events;
  char **tracepoints;
  gboolean lbr;
  gboolean compression;
  gboolean helper;              /* the service answers */
  gboolean direct_processes;    /* own processes, without the service */
  gboolean direct_kernel;
  gboolean direct_system;
  gboolean direct_tracepoints;
  gboolean direct_probes;
  gboolean sandboxed;           /* inside Flatpak */
  char *helper_error;
} GlowCaptureAbilities;

void                  glow_capture_abilities_load_async  (GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data);
GlowCaptureAbilities *glow_capture_abilities_load_finish (GAsyncResult *result, GError **error);
void                  glow_capture_abilities_free        (GlowCaptureAbilities *abilities);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowCaptureAbilities, glow_capture_abilities_free)
/* Which way a plan goes here: G_IO_ERROR_PERMISSION_DENIED says what is missing, and the exact command to run elsewhere stands in the plan. */
gboolean              glow_capture_plan_choose_way       (const GlowCapturePlan *plan, const GlowCaptureAbilities *abilities, GlowCaptureWay asked,
                                                          GlowCaptureWay *way, GError **error);

/**
 * GlowCaptureRow:
 *
 * A process that can be attached to.
 */
typedef struct {
  GlowCaptureProcess process;
  char *comm;
  char *command;                /* words with blanks between */
  char *user;
  char *container;              /* nullable: as glow_cgroup names it */
  char *cgroup;                 /* nullable */
  double cpu_share;             /* of one CPU since the listing before; NAN where there is none */
  guint64 ticks;                /* CPU time used so far, in clock ticks */
  gint64 read_at;               /* µs, monotonic */
  gboolean own;
} GlowCaptureRow;

/* The process that has this number now; FALSE where there is none. */
gboolean   glow_capture_process_find   (guint pid, GlowCaptureProcess *process);
/* All processes, of GlowCaptureRow. @before: (nullable): the listing before, for their use of the CPU. Reads /proc: some 20 ms for a thousand processes. */
GPtrArray *glow_capture_list_processes (GPtrArray *before);

/**
 * GlowCaptureEstimate:
 *
 * What a recording by a plan could miss (STATISTICS C2) and cost.
 */
typedef struct {
  double certain_seconds;       /* CPU time of which one sample is seen with probability 0.95: ln 20 / rate */
  double five_seconds;          /* … five samples */
  double event_seconds;         /* a single event as long as this … */
  double event_probability;     /* … is seen with this probability */
  gboolean samples;             /* whether a clock samples at all: the four above are of clocks */
  double busy_cpus;             /* CPUs that the target kept busy during the probe; NAN: not measured */
  double samples_per_second;    /* NAN: not measured; of a command for each CPU that it keeps busy, as the next */
  double bytes_per_second;      /* NAN: not measured */
  double overhead;              /* share of CPU time that the recording takes; NAN: not measured */
  double overhead_low, overhead_high;
  double sample_seconds;        /* CPU time that one sample costs the sampled; NAN: not measured */
  double sample_seconds_low, sample_seconds_high;
} GlowCaptureEstimate;

/* What can be said without measuring. */
void  glow_capture_estimate_init (GlowCaptureEstimate *estimate, const GlowCapturePlan *plan, double event_seconds);
/* Records by the plan for a short time (about two seconds) and measures; of a command it measures the machine's cost a sample on a loop of its own. */
void  glow_capture_estimate_measure_async  (const GlowCapturePlan *plan, GlowCaptureWay way, double event_seconds, GCancellable *cancellable,
                                            GAsyncReadyCallback callback, gpointer data);
GlowCaptureEstimate *glow_capture_estimate_measure_finish (GAsyncResult *result, GError **error);        /* g_free() it */
/* "Can miss anything below 30 ms of CPU in these 30 s; a single 200 µs event is seen with probability 0.02: trace it instead." (transfer full) */
char *glow_capture_estimate_dup_sentence (const GlowCaptureEstimate *estimate, const GlowCapturePlan *plan);
/* "About 4.2 MB a minute; costs about 0.6 % (0.4–0.9 %) of the CPU time." (transfer full) */
char *glow_capture_estimate_dup_cost     (const GlowCaptureEstimate *estimate, const GlowCapturePlan *plan);

/**
 * GlowCaptureOverhead:
 *
 * Measured overhead (STATISTICS C6): off, on, on, off, in blocks.
 */
typedef struct {
  guint n_blocks;
  gboolean by_windows;          /* of an attached recording: it was paused and resumed; else the command was run anew */
  double time, time_low, time_high;                     /* relative cost of wall-clock time, or of throughput */
  double task_clock, task_clock_low, task_clock_high;   /* NAN where not counted */
  double instructions, instructions_low, instructions_high;     /* NAN where there is no counter */
  guint proposed_rate;          /* Hz that would cost less than 3 %; 0: this one does */
} GlowCaptureOverhead;

void                 glow_capture_overhead_measure_async  (const GlowCapturePlan *plan, GlowCaptureWay way, guint n_blocks, GCancellable *cancellable,
                                                           GFileProgressCallback progress, gpointer progress_data, GAsyncReadyCallback callback,
                                                           gpointer data);
GlowCaptureOverhead *glow_capture_overhead_measure_finish (GAsyncResult *result, GError **error);        /* g_free() it */
char                *glow_capture_overhead_dup_sentence   (const GlowCaptureOverhead *overhead, const GlowCapturePlan *plan);

typedef enum {
  GLOW_CAPTURE_STARTING, GLOW_CAPTURE_RUNNING, GLOW_CAPTURE_PAUSED, GLOW_CAPTURE_STOPPING, GLOW_CAPTURE_DONE, GLOW_CAPTURE_FAILED
} GlowCaptureState;

typedef struct {
  double elapsed;               /* seconds of recording */
  guint64 bytes;
  guint64 samples;              /* as read from what was written so far */
  guint64 lost;
  guint64 throttled;
  double recorder_seconds;      /* CPU time of perf itself */
} GlowCaptureFigures;

/**
 * GlowCaptureSession:
 *
 * One recording that runs, in the main context of who made it, who is in the main thread. Signal "changed": state or figures (each half second). Files grow
 * while it runs, so that they can be opened and followed; they are complete when the state is GLOW_CAPTURE_DONE. A file is made under its own name where
 * that is free; an older recording of that name is replaced at the end, and until then the new one grows beside it: see
 * glow_capture_session_get_outputs(), which tells other names then before and after GLOW_CAPTURE_DONE.
 */
#define GLOW_TYPE_CAPTURE_SESSION (glow_capture_session_get_type ())
G_DECLARE_FINAL_TYPE (GlowCaptureSession, glow_capture_session, GLOW, CAPTURE_SESSION, GObject)

GlowCaptureSession       *glow_capture_session_new         (const GlowCapturePlan *plan, const char *output);
void                      glow_capture_session_set_interactive (GlowCaptureSession *self, gboolean interactive);
/* What was measured of the plan before, to be kept with the recording. */
void                      glow_capture_session_set_overhead (GlowCaptureSession *self, const GlowCaptureOverhead *overhead);
/* Begins. A launched command stands at a barrier until the recording runs. Failures come as GLOW_CAPTURE_FAILED. */
void                      glow_capture_session_start       (GlowCaptureSession *self, GlowCaptureWay way);
/* Runs words of perf record as they are, directly. */
void                      glow_capture_session_start_words (GlowCaptureSession *self, const char *const *words);
void                      glow_capture_session_pause       (GlowCaptureSession *self);
void                      glow_capture_session_resume      (GlowCaptureSession *self);
/* "Here it hung": kept with the recording, on its clock. */
void                      glow_capture_session_mark        (GlowCaptureSession *self, const char *text);
void                      glow_capture_session_stop        (GlowCaptureSession *self);
/* Sends a signal to the launched command: what a terminal said to this program, or SIGTERM where the command is to end with its recording. */
void                      glow_capture_session_signal      (GlowCaptureSession *self, int number);
/* Stops and deletes what was recorded. */
void                      glow_capture_session_discard     (GlowCaptureSession *self);
GlowCaptureState          glow_capture_session_get_state   (GlowCaptureSession *self);
const GlowCaptureFigures *glow_capture_session_get_figures (GlowCaptureSession *self);
const GError             *glow_capture_session_get_error   (GlowCaptureSession *self);  /* of GLOW_CAPTURE_FAILED */
/* Why it ended ("duration", "size", "disk", "stopped", "ended"; the interface file of the service says what they mean). */
const char               *glow_capture_session_get_reason  (GlowCaptureSession *self);
/* One, or one for each process. */
const char *const        *glow_capture_session_get_outputs (GlowCaptureSession *self);
/* Process of a launched command, 0 where there is none. */
guint                     glow_capture_session_get_command_pid    (GlowCaptureSession *self);
/* Wait status of a launched command, -1 before it ended: it may outlive its recording, and "changed" is emitted then, too. */
int                       glow_capture_session_get_command_status (GlowCaptureSession *self);

/**
 * GlowCaptureNotes:
 *
 * What is known of a recording beside its samples: the plan, marks, reason, figures, overhead. Kept as JSON beside the recording ("FILE.capture.json"), so that
 * it is found again after the window died.
 */
typedef struct {
  GlowCapturePlan *plan;
  GPtrArray *marks;             /* of GlowCaptureMark */
  char *reason;                 /* nullable: it did not end as it should */
  GlowCaptureFigures figures;
  GlowCaptureOverhead *overhead;        /* nullable */
} GlowCaptureNotes;

typedef struct {
  guint64 time_ns;              /* the recording's clock, CLOCK_MONOTONIC */
  char *text;
} GlowCaptureMark;

GlowCaptureNotes *glow_capture_notes_load (const char *recording, GError **error);
gboolean          glow_capture_notes_save (const GlowCaptureNotes *notes, const char *recording, GError **error);
void              glow_capture_notes_free (GlowCaptureNotes *notes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowCaptureNotes, glow_capture_notes_free)

/* Recordings made here, newest first, of char* (paths); unfinished ones are those whose session died: to be opened as far as they go. */
GPtrArray *glow_capture_recent_load     (void);
GPtrArray *glow_capture_unfinished_load (void);
/* It has been seen to: its notes say "interrupted" from now on. */
void       glow_capture_forget_unfinished (const char *recording);
/* Deletes a recording with its notes. */
gboolean   glow_capture_delete          (const char *recording, GError **error);

G_END_DECLS
