/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What estimate.c and overhead.c measure with: use of the CPU (usage.c), a loop of known work (loop.c), and windows with and without the recorder, in the order
 * off, on, on, off, so that what drifts steadily cancels (windows.c). */
#pragma once
#include "capture/session-private.h"

#include <afterglow/interval.h>

G_BEGIN_DECLS

/* usage.c */
double glow_capture_read_usage (const GlowCapturePlan *plan);
typedef struct { int task_clock, instructions; } GlowCaptureCounts;      /* descriptors; −1: none */
void   glow_capture_counts_open (GlowCaptureCounts *self, guint pid);
void   glow_capture_counts_take (GlowCaptureCounts *self, double *task_clock, double *instructions);

/* loop.c: a child that does nothing but known work, at the bottom of a stack of many frames. */
typedef struct _GlowCaptureLoop GlowCaptureLoop;
/* @calls: it makes system calls as its work, for the cost of tracing them */
GlowCaptureLoop *glow_capture_loop_new  (gboolean calls, GError **error);
guint            glow_capture_loop_get_pid  (GlowCaptureLoop *self);
guint64          glow_capture_loop_get_work (GlowCaptureLoop *self);
void             glow_capture_loop_free (GlowCaptureLoop *self);

/* windows.c */
typedef struct {
  double work, cpu, wall;      /* done, used and passed in a window */
} GlowCaptureWindow;
typedef struct _GlowCaptureWindows GlowCaptureWindows;
/* Reads how much was done and used until now. */
typedef void (*GlowCaptureWindowRead) (double *work, double *cpu, gpointer data);
/* @windows: (nullable): four a block; %NULL with @error */
typedef void (*GlowCaptureWindowsDone) (const GlowCaptureWindow *windows, guint n_blocks, const GError *error, gpointer data);
typedef void (*GlowCaptureWindowsProgress) (guint n_done, guint n, gpointer data);
/* Of a session that runs. It is left paused. */
GlowCaptureWindows *glow_capture_windows_start (GlowCaptureSession *session, guint n_blocks, guint window_ms, GlowCaptureWindowRead read,
                                                GlowCaptureWindowsProgress progress, GlowCaptureWindowsDone done, gpointer data);
void                glow_capture_windows_free  (GlowCaptureWindows *self);
gboolean            glow_capture_window_is_on  (guint index);

/* Mean of the blocks' logarithms of on ÷ off, as a relative change with its interval; NANs where a value is not finite or there are fewer than two blocks. */
double              glow_capture_change_of_blocks (const double *logarithms, guint n_blocks, double *low, double *high);
/* What a measurement has about it: a folder for recordings that nobody keeps, and that it can be cancelled. */
typedef struct {
  char *folder;
  GSource *cancelled;
} GlowCaptureScratch;
/* @cancelled is called in the task's context with the task. */
gboolean            glow_capture_scratch_init  (GlowCaptureScratch *self, GTask *task, GCancellableSourceFunc cancelled, GError **error);
void                glow_capture_scratch_clear (GlowCaptureScratch *self);

G_END_DECLS
