/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <adwaita.h>
#include "ui/diff-view.h"
#include "ui/document.h"
#include "ui/fetch.h"
#include "ui/flame-view.h"
#include "ui/time-order-view.h"

G_BEGIN_DECLS

#define GLOW_TYPE_WINDOW (glow_window_get_type ())
G_DECLARE_FINAL_TYPE (GlowWindow, glow_window, GLOW, WINDOW, AdwApplicationWindow)

GlowWindow    *glow_window_new          (AdwApplication *application);
GlowDocument  *glow_window_get_document (GlowWindow *self);
GlowFetch     *glow_window_get_fetch    (GlowWindow *self);
GlowFlameView *glow_window_get_flame    (GlowWindow *self);
GlowDiffView  *glow_window_get_diff     (GlowWindow *self);
GlowTimeOrderView *glow_window_get_time_order (GlowWindow *self);
/* Opens here. Several paths are one profile. */
void           glow_window_open         (GlowWindow *self, const char *const *paths);
/* Several files: asks whether they are one profile or a window each; one: opens it, in a new window where this one has a document. */
void           glow_window_open_asking  (GlowWindow *self, const char *const *paths);
/* What the next files are opened with, in place of the view they were left in. (transfer full) */
void           glow_window_set_first_query (GlowWindow *self, GlowQuery *query);
/* Chooses a function as soon as names are there, and shows it in the flame graph; @module (nullable) is a base name. */
void           glow_window_choose_function (GlowWindow *self, const char *name, const char *module);
void           glow_window_toast        (GlowWindow *self, const char *text);
const char    *glow_window_get_view     (GlowWindow *self);
void           glow_window_set_view     (GlowWindow *self, const char *name);
void           glow_window_focus_search (GlowWindow *self);
void           glow_window_set_search_text (GlowWindow *self, const char *text);
void           glow_window_step_match   (GlowWindow *self, int step);
void           glow_window_close_banner (GlowWindow *self);
/* Slow spans, as the latency pane has them, against the rest: shows the page of them. */
void           glow_window_compare_tail (GlowWindow *self);
/* An interval of a thread (GlowThread row of the document's profile, GLOW_NONE: of none) in time order, ns on the recording's clock. */
void           glow_window_show_span    (GlowWindow *self, guint64 start, guint64 end, guint32 thread);
void           glow_window_compare_prometheus (GlowWindow *self);
/* Asks for two events whose spans are to be shown. */
void           glow_window_ask_spans (GlowWindow *self);
/* The selected time, or everything else, against the baseline. */
void           glow_window_compare_baseline (GlowWindow *self);
/* In window-actions.c: everything that can be done, as actions; keys for them. */
void           glow_window_add_actions  (GlowWindow *self);
void           glow_window_update_actions (GlowWindow *self);
GtkEventController *glow_window_new_letter_keys (void);
/* In window-diff.c: before and after. */
void           glow_window_add_diff_actions (GlowWindow *self);
/* Recordings from before, several being runs of the same; shows the page. */
void           glow_window_compare      (GlowWindow *self, const char *const *paths);
gboolean       glow_window_shows_diff   (GlowWindow *self);
char          *glow_window_dup_diff_command (GlowWindow *self);
/* NULL-terminated. */
GPtrArray     *glow_window_dup_dropped_paths (const GValue *value);
gboolean       glow_window_is_shift_held (GlowWindow *self);
GtkWidget     *glow_window_new_drop_place (GtkDropTarget *target);
void           glow_window_hide_drop_place (GtkWidget *label);
/* In window-capture.c: asks what to record. */
void           glow_window_capture      (GlowWindow *self);
/* In name-actions.c. */
void           glow_window_add_name_actions (GlowWindow *self);
/* Fetches what is not here, where somebody agreed to that, and opens it then. FALSE where nothing is to be fetched. */
gboolean       glow_window_fetch_source (GlowWindow *self, const GlowSource *source);
/* In export.c: of both sides where the page of them shows. */
void           glow_window_export       (GlowWindow *self);
void           glow_window_export_to    (GlowWindow *self, const char *path);
void           glow_window_export_folded (GlowWindow *self);
void           glow_window_copy_picture (GlowWindow *self);
void           glow_window_print        (GlowWindow *self);

G_END_DECLS
