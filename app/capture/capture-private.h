/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the capture room share. A plan (plan.c) gets its events from its goal (goals.c, clocks.c), becomes a request of the closed vocabulary
 * (plan-request.c), and that, by the same parser and builder as in the privileged service, the arguments of perf: whoever runs it, the same command runs. */
#pragma once
#include <afterglow/capture.h>
#include <afterglow/error.h>

#include "helper/request.h"

G_BEGIN_DECLS

/* clocks.c */
gboolean     glow_capture_can_open    (guint32 type, guint64 config, gint64 pid, int cpu, gboolean kernel);
const char  *glow_capture_clock_event (void);  /* "cycles" where the machine counts them, else "cpu-clock" */

/* goals.c */
gboolean     glow_capture_has_contention_events (void);
guint        glow_capture_plan_sum_rates  (const GlowCapturePlan *plan);      /* Hz, of all events that have a frequency */
void         glow_capture_event_free  (gpointer event);
void         glow_capture_probe_free  (gpointer probe);

/* event-words.c */
GlowCaptureEvent *glow_capture_event_parse    (const char *word, char **modifier, guint *max_stack, GPtrArray *unknown, GError **error);
char         *glow_capture_event_dup_word     (const GlowCaptureEvent *event);
/* 0 with @error, unless it is set already. */
guint64       glow_capture_parse_number       (const char *option, const char *text, guint64 least, guint64 most, GError **error);

/* words.c */
void             glow_capture_append_word        (GString *line, const char *separator, const char *word);

/* plan-file.c: a plan as a key file, for presets and notes. */
GKeyFile        *glow_capture_plan_to_key_file   (const GlowCapturePlan *plan, gboolean with_target);
GlowCapturePlan *glow_capture_plan_from_key_file (GKeyFile *file, GError **error);

/* notes.c */
void          glow_capture_mark_free          (gpointer mark);
char         *glow_capture_notes_dup_path     (const char *recording);

/* recent.c */
void          glow_capture_recent_add         (const char *path);
/* @to: (nullable): its new name; %NULL: it is gone */
void          glow_capture_recent_rename      (const char *from, const char *to);

/* plan-request.c */

/* Whom a request is about, as the plan does not say it: the process of a launched command. */
typedef struct {
  const GlowCaptureProcess *processes;
  guint n_processes;
  guint64 cgroup;              /* inode number of the folder */
} GlowCaptureSubject;

/* The dictionary that the service is asked with. @binaries: (nullable) (out): the files that "binary" of probes are indices into, in order. */
GVariant      *glow_capture_plan_dup_request   (const GlowCapturePlan *plan, const GlowCaptureSubject *subject, gboolean interactive, GPtrArray *binaries);
/* The same, parsed by the service's parser: NULL with what it says of it. */
HelperRequest *glow_capture_plan_parse_request (const GlowCapturePlan *plan, const GlowCaptureSubject *subject, GError **error);
/* The inode number of a control group's folder; 0 with @error. */
guint64        glow_capture_cgroup_id          (const char *path, GError **error);
char          *glow_capture_cgroup_mount       (void);         /* where control groups are mounted (transfer full) (nullable) */
guint          glow_capture_plan_get_buffer    (const GlowCapturePlan *plan);   /* KiB: its own, or what its events need */
/* What perf calls the tracepoints of a plan's probes in group @group (transfer full). */
char         **glow_capture_plan_dup_probe_events (const GlowCapturePlan *plan, const char *group);

/* processes.c */
/* Whether one of them, or of all where none is named, has another root folder: build-ids are not to be read by path then. */
gboolean       glow_capture_has_foreign_roots (const GlowCaptureSubject *subject);
/* FALSE: there is no such process. Fields of /proc/PID/stat; any may be NULL. */
gboolean       glow_capture_read_stat (guint pid, guint64 *start_time, guint64 *ticks, char **comm);


/* usage.c */
double         glow_capture_read_tasks (guint pid);

G_END_DECLS
