/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the halves of a session share: session.c keeps the state, the files and the figures; session-direct.c runs perf as this user, session-helper.c has the
 * privileged service run it. */
#pragma once
#include "capture/capture-private.h"

G_BEGIN_DECLS

/* barrier.c: a program that stands before its exec until it is let go. */
typedef struct _GlowCaptureBarrier GlowCaptureBarrier;
typedef void (*GlowCaptureBarrierEnded) (int wait_status, gpointer data);
/* @silent: what it writes goes nowhere. @ended is called once, in the main context, when the program has ended, or was given up. */
GlowCaptureBarrier *glow_capture_barrier_new      (const GlowCapturePlan *plan, gboolean silent, GlowCaptureBarrierEnded ended, gpointer data, GError **error);
guint               glow_capture_barrier_get_pid  (GlowCaptureBarrier *self);
void                glow_capture_barrier_release  (GlowCaptureBarrier *self);
/* %TRUE after it ended because it could not be begun. */
gboolean            glow_capture_barrier_failed   (GlowCaptureBarrier *self, GError **error);
void                glow_capture_barrier_signal   (GlowCaptureBarrier *self, int number);
/* What stands at the barrier ends; what runs is left alone. */
void                glow_capture_barrier_free     (GlowCaptureBarrier *self);

/* counter.c: what has been written to a recording so far. */
typedef struct _GlowCaptureCounter GlowCaptureCounter;
GlowCaptureCounter *glow_capture_counter_new    (const char *path);
/* Reads on and adds to @figures' samples, lost and throttled what is new. Costs a pass over the new bytes. */
void                glow_capture_counter_update (GlowCaptureCounter *self, GlowCaptureFigures *figures);
void                glow_capture_counter_free   (GlowCaptureCounter *self);

/* direct-probes.c */
char  *glow_capture_probe_group         (void);       /* a name of its own */
char **glow_capture_probes_dup_command  (const GlowCapturePlan *plan, const char *perf, const char *group, guint from, guint *next);
void   glow_capture_probes_remove       (const char *group);
void   glow_capture_probes_sweep        (void);       /* those of processes that died */

/* session-files.c: the files of a session. */
typedef struct {
  char *path;                  /* where it grows */
  char *final;                 /* its name at the end; the same where that was free */
  int lock;                    /* descriptor, locked while the session lives */
  gboolean listed;
} GlowCaptureFile;
/* Makes the empty file and its notes, and enters it among the recent ones, where somebody may want it again (@listed). */
GlowCaptureFile    *glow_capture_file_new     (const char *final, const GlowCapturePlan *plan, gboolean listed, GError **error);
/* Its notes are complete: gives the file its name. */
gboolean            glow_capture_file_finish  (GlowCaptureFile *self, const GlowCaptureNotes *notes, GError **error);
void                glow_capture_file_discard (GlowCaptureFile *self);
void                glow_capture_file_free    (GlowCaptureFile *self);

typedef struct _GlowCaptureDirect GlowCaptureDirect;
typedef struct _GlowCaptureService GlowCaptureService;

struct _GlowCaptureSession {
  GObject parent_instance;
  GlowCapturePlan *plan;
  char *output;
  char **words;                /* (nullable): perf's own, to be run as they are */
  GPtrArray *files;            /* of GlowCaptureFile */
  GPtrArray *counters;         /* of GlowCaptureCounter */
  GPtrArray *marks;            /* of GlowCaptureMark */
  char **outputs;
  GlowCaptureState state;
  GlowCaptureFigures figures;
  GError *error;
  char *reason;
  GlowCaptureBarrier *barrier;
  int command_status;
  GlowCaptureDirect *direct;
  GlowCaptureService *service;
  gint64 running_since;        /* µs; 0 while it does not run */
  double elapsed;              /* seconds before that */
  guint tick;
  GlowCaptureOverhead *overhead;       /* (nullable) */
  gboolean measures;           /* nobody keeps what it records, nor wants to hear its command */
  gboolean interactive;        /* somebody may be asked for a password */
  gboolean began;              /* it has run */
  gboolean discarded;
};

/* A session whose recording nobody keeps. */
GlowCaptureSession *glow_capture_session_new_measuring (const GlowCapturePlan *plan, const char *output);
/* Figures as they are now, not as they were at the last tick. */
const GlowCaptureFigures *glow_capture_session_update  (GlowCaptureSession *self);

/* What a way tells its session. */
void                glow_capture_session_runs     (GlowCaptureSession *self);
void                glow_capture_session_rests    (GlowCaptureSession *self);
/* Nothing more is written. @reason: (nullable): where the session has not given one itself. @error: (transfer full) (nullable) */
void                glow_capture_session_ended    (GlowCaptureSession *self, const char *reason, GError *error);
/* Whom to record: the launched command's process, or those of the plan. */
GlowCaptureSubject  glow_capture_session_get_subject (GlowCaptureSession *self, GlowCaptureProcess *own);

/* The program that samples at random gaps: AFTERGLOW_HELPER, or where the service is installed. */
const char         *glow_capture_sampler_path     (void);

/* session-direct.c */
GlowCaptureDirect  *glow_capture_direct_start     (GlowCaptureSession *session, GError **error);
void                glow_capture_direct_pause     (GlowCaptureDirect *self, gboolean paused);
/* Has what lies in the ring buffers written. */
void                glow_capture_direct_flush     (GlowCaptureDirect *self);
void                glow_capture_direct_stop      (GlowCaptureDirect *self);
double              glow_capture_direct_get_seconds (GlowCaptureDirect *self);         /* CPU time of its processes */
void                glow_capture_direct_free      (GlowCaptureDirect *self);

/* service.c */
#define GLOW_CAPTURE_SERVICE "io.github.afterglow.Helper1"
#define GLOW_CAPTURE_SERVICE_PATH "/io/github/afterglow/Helper1"
#define GLOW_CAPTURE_PATIENCE_MS 5000
GVariant           *glow_capture_service_call     (GDBusConnection *bus, const char *method, GVariant *arguments, const char *reply, GCancellable *cancellable,
                                                   GError **error);
void                glow_capture_service_strip    (GError *error);

/* session-helper.c */
GlowCaptureService *glow_capture_service_start    (GlowCaptureSession *session, GError **error);
void                glow_capture_service_pause    (GlowCaptureService *self, gboolean paused);
void                glow_capture_service_stop     (GlowCaptureService *self);
double              glow_capture_service_get_seconds (GlowCaptureService *self);
void                glow_capture_service_free     (GlowCaptureService *self);

G_END_DECLS
