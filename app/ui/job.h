/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* One kind of work of one owner, in a worker thread, the newest wins: starting it again cancels what was running, whose result is thrown
 * away. A slot lives inside its owner and is cancelled in the owner's dispose. */
typedef struct {
  GCancellable *cancellable;   /* (nullable): of what is running */
} GlowJobSlot;

typedef gpointer (*GlowJobFunc) (gpointer data, GCancellable *cancellable, GError **error);
/* In the main thread. @result is handed over; NULL with @error, or NULL alone. Not called for what was cancelled or overtaken. */
typedef void     (*GlowJobDone) (gpointer owner, gpointer result, const GError *error);

/* @data is freed by @free_data after @func; a result nobody wants any more by @free_result. */
void glow_job_start  (GlowJobSlot *slot, gpointer owner, GlowJobFunc func, gpointer data, GDestroyNotify free_data, GDestroyNotify free_result,
                      GlowJobDone done);
void glow_job_cancel (GlowJobSlot *slot);
gboolean glow_job_is_running (const GlowJobSlot *slot);

G_END_DECLS
