/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of a window: what it is made of (window.c), what state it is in (window-state.c, window-banner.c), what is searched for (window-search.c), opening
 * files (window-open.c). */
#pragma once
#include "ui/view-memory.h"
#include "ui/window.h"

G_BEGIN_DECLS

struct _GlowWindow {
  AdwApplicationWindow parent_instance;

  GlowDocument *document;
  GlowFetch *fetch;
  gboolean fetched_by_itself;  /* since the file was opened */
  GtkWidget *flame, *latency, *map, *prometheus, *tail, *time_order, *diff, *both_tree, *both_sandwich, *above, *below, *drop_place, *hint, *sidebar, *details;
  GtkDropTarget *drop;         /* of the window */
  AdwViewStackPage *warnings_page;
  GlowViewMemory *memory;      /* (nullable): still to be applied */
  GlowQuery *first_query;      /* (nullable): for the files that are opened next */
  GPtrArray *asked;            /* paths that a question is about; (nullable) */
  char *first_function, *first_module;   /* (nullable): to be chosen when names are there */
  gboolean banner_closed;
  const char *banner_for;      /* what the banner that shows is about */

  AdwWindowTitle *title;
  GtkWidget *export_button, *search_entry, *view_row, *match_label, *match_previous, *match_next;
  GtkWidget *capture_place, *toasts, *states, *recent_box, *loading_page, *loading_bar, *loading_label, *error_page, *error_details;
  GtkWidget *banner, *banner_label, *banner_button, *naming, *naming_bar, *naming_label, *outer, *inner, *center, *views;
  GMenu *recent_menu;
  GMenuModel *frame_menu;
};

/* window-state.c */
void glow_window_update_state  (GlowWindow *self);
void glow_window_show_progress (GlowWindow *self);
void glow_window_show_title    (GlowWindow *self);
/* Panes give way to the graph where there is little room. */
void glow_window_fit           (GlowWindow *self);
/* window-banner.c: the gravest of what is to be said. */
void glow_window_update_banner (GlowWindow *self);
/* window-search.c */
void glow_window_show_matches  (GlowWindow *self);
void glow_window_init_search   (GlowWindow *self);
/* window-open.c: how each file was left, dropping, recent files. */
void glow_window_remember_view (GlowWindow *self);
void glow_window_recall_view   (GlowWindow *self);
void glow_window_init_opening  (GlowWindow *self);
/* window-capture.c: recording; its bar goes into @place. */
void glow_window_add_capture   (GlowWindow *self, GtkBox *place);
gboolean glow_window_is_recording (GlowWindow *self);
/* window-diff.c */
void glow_window_update_diff_actions (GlowWindow *self);
/* (nullable): the name of what is chosen on a page of both sides, where it does not occur in the document. */
const char *glow_window_get_function_elsewhere (GlowWindow *self);

G_END_DECLS
