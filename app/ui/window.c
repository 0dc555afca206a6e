/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The window: panes, and the views that share one document. */
#include <config.h>

#include "ui/both-sides.h"
#include "ui/call-tree-view.h"
#include "ui/details.h"
#include "ui/functions-view.h"
#include "ui/latency-map.h"
#include "ui/latency-view.h"
#include "ui/look.h"
#include "ui/pages.h"
#include "ui/prometheus-panel.h"
#include "ui/query-bar.h"
#include "ui/sidebar.h"
#include "ui/spans-dialog.h"
#include "ui/tabs.h"
#include "ui/tail-view.h"
#include "ui/time-strip.h"
#include "ui/warnings-page.h"
#include "ui/window-private.h"

#include <glib/gi18n.h>
#include <string.h>

G_DEFINE_FINAL_TYPE (GlowWindow, glow_window, ADW_TYPE_APPLICATION_WINDOW)

/* ---- the document ---- */

static void
on_changed (GlowDocument *document, guint changes, gpointer data)
{
  GlowWindow *self = data;

  if (changes & (GLOW_CHANGED_STATE | GLOW_CHANGED_TREE))
    glow_window_update_state (self);
  if ((changes & GLOW_CHANGED_PROFILE) && glow_document_get_profile (document) != NULL)
    {
      guint n = glow_warnings_get_n (glow_profile_get_warnings (glow_document_get_profile (document)));

      glow_window_show_title (self);
      adw_view_stack_page_set_badge_number (self->warnings_page, n);
    }
  if (changes & GLOW_CHANGED_PROGRESS)
    glow_window_show_progress (self);
  if (changes & (GLOW_CHANGED_TREE | GLOW_CHANGED_FILE))
    glow_window_update_banner (self);
  if (changes & GLOW_CHANGED_TREE)
    glow_window_recall_view (self);
  if (changes & GLOW_CHANGED_SEARCH)
    glow_window_show_matches (self);
  if (changes & ~(GLOW_CHANGED_HOVER | GLOW_CHANGED_PROGRESS))
    glow_window_update_actions (self);
}

/* A new answer is there to be taken away, and to have the keyboard. */
static void
on_compared (GlowComparison *comparison, guint changes, gpointer data)
{
  GlowWindow *self = data;

  if (changes & (GLOW_COMPARED_DIFF | GLOW_COMPARED_STATE | GLOW_COMPARED_SELECTION))
    glow_window_update_diff_actions (self);
  if (g_strcmp0 (glow_window_get_view (self), "diff") != 0)
    return;
  if (changes & (GLOW_COMPARED_DIFF | GLOW_COMPARED_STATE))
    glow_window_show_title (self);
  if (changes & GLOW_COMPARED_SEARCH)
    glow_window_show_matches (self);
  if ((changes & GLOW_COMPARED_DIFF) && gtk_window_get_focus (GTK_WINDOW (self)) == NULL)
    glow_window_set_view (self, "diff");
}

/* Somebody agreed before: what this file lacks is fetched as soon as it is known, once. */
static void
on_fetch_changed (GlowFetch *fetch, gboolean list, gpointer data)
{
  GlowWindow *self = data;
  g_autofree char *setting = g_settings_get_string (glow_look_get_settings (), "debuginfod");

  if (list && !self->fetched_by_itself && strcmp (setting, "allow") == 0 && glow_fetch_can_start (fetch))
    {
      self->fetched_by_itself = TRUE;
      glow_fetch_start (fetch);
    }
  glow_window_show_progress (self);
  glow_window_update_banner (self);
  glow_window_update_actions (self);
}

GlowFetch *
glow_window_get_fetch (GlowWindow *self)
{
  return self->fetch;
}

GlowDocument *
glow_window_get_document (GlowWindow *self)
{
  return self->document;
}

GlowDiffView *
glow_window_get_diff (GlowWindow *self)
{
  return GLOW_DIFF_VIEW (self->diff);
}

GlowFlameView *
glow_window_get_flame (GlowWindow *self)
{
  return GLOW_FLAME_VIEW (self->flame);
}

GlowTimeOrderView *
glow_window_get_time_order (GlowWindow *self)
{
  return GLOW_TIME_ORDER_VIEW (self->time_order);
}

void
glow_window_toast (GlowWindow *self, const char *text)
{
  AdwToast *toast = adw_toast_new (text);

  /* The newest is what somebody just did; older ones do not make it wait. */
  adw_toast_set_priority (toast, ADW_TOAST_PRIORITY_HIGH);
  adw_toast_set_timeout (toast, 3);
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (self->toasts), toast);
}

const char *
glow_window_get_view (GlowWindow *self)
{
  return adw_view_stack_get_visible_child_name (ADW_VIEW_STACK (self->views));
}

/* The first table that shows under @widget. */
static GtkWidget *
find_table (GtkWidget *widget)
{
  GtkWidget *found = GTK_IS_COLUMN_VIEW (widget) ? widget : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL; child = gtk_widget_get_next_sibling (child))
    if (gtk_widget_get_child_visible (child))
      found = find_table (child);
  return found;
}

void
glow_window_set_view (GlowWindow *self, const char *name)
{
  GtkWidget *child = adw_view_stack_get_child_by_name (ADW_VIEW_STACK (self->views), name), *table;

  if (child == NULL)
    return;
  adw_view_stack_set_visible_child (ADW_VIEW_STACK (self->views), child);
  /* To what is looked at, never to an entry: letters are keys here. Grabbing, unlike tabbing, selects no row. */
  table = strcmp (name, "flame") == 0 ? self->flame
          : strcmp (name, "time") == 0 ? GTK_WIDGET (glow_time_order_view_get_area (GLOW_TIME_ORDER_VIEW (self->time_order)))
          : strcmp (name, "diff") == 0 ? glow_diff_view_get_first (GLOW_DIFF_VIEW (child)) : NULL;
  if (table == NULL)
    table = find_table (child);
  if (table == NULL || !gtk_widget_grab_focus (table))
    gtk_window_set_focus (GTK_WINDOW (self), NULL);
}

/* ---- the window ---- */

static gboolean
glow_window_close_request (GtkWindow *window)
{
  GlowWindow *self = GLOW_WINDOW (window);
  GSettings *settings = glow_look_get_settings ();
  int width, height;

  gtk_window_get_default_size (window, &width, &height);
  if (!gtk_window_is_maximized (window) && width >= 360 && height >= 300)
    {
      g_settings_set_int (settings, "window-width", width);
      g_settings_set_int (settings, "window-height", height);
    }
  g_settings_set_boolean (settings, "window-maximized", gtk_window_is_maximized (window));
  glow_window_remember_view (self);
  return GTK_WINDOW_CLASS (glow_window_parent_class)->close_request (window);
}

static GtkWidget *
new_flame_page (GlowWindow *self)
{
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  self->hint = gtk_label_new (_("wheel: zoom · drag: pan · F: focus · H: hide · Alt+←: back · I: icicle"));
  self->flame = glow_flame_view_new (self->document);
  glow_flame_view_set_menu (GLOW_FLAME_VIEW (self->flame), self->frame_menu);
  gtk_widget_add_css_class (card, "flame-card");
  gtk_widget_add_css_class (self->hint, "dim-label");
  gtk_widget_add_css_class (self->hint, "hint");
  gtk_label_set_ellipsize (GTK_LABEL (self->hint), PANGO_ELLIPSIZE_END);
  gtk_box_append (GTK_BOX (row), glow_breadcrumbs_new (self->document));
  gtk_box_append (GTK_BOX (row), self->hint);
  gtk_box_append (GTK_BOX (card), row);
  gtk_box_append (GTK_BOX (card), self->flame);
  return card;
}

static void
on_page (GlowWindow *self)
{
  gboolean is_diff = g_strcmp0 (glow_window_get_view (self), "diff") == 0;

  glow_pages_hide_others (gtk_stack_get_visible_child (GTK_STACK (self->states)), self->states);
  glow_pages_hide_others (adw_view_stack_get_visible_child (ADW_VIEW_STACK (self->views)), self->views);
  gtk_widget_set_visible (self->above, !is_diff);
  gtk_widget_set_visible (self->below, !is_diff);
  glow_window_fit (self);
  glow_window_show_matches (self);
  glow_window_show_title (self);
  glow_window_update_diff_actions (self);
}

/* Children of @box from @first on, up to @end, into a box of their own in the same place. */
static GtkWidget *
gather (GtkBox *box, GtkWidget *first, GtkWidget *end)
{
  GtkWidget *gathered = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *before = first != NULL ? gtk_widget_get_prev_sibling (first) : gtk_widget_get_last_child (GTK_WIDGET (box));

  while (first != NULL && first != end)
    {
      GtkWidget *next = gtk_widget_get_next_sibling (first);

      g_object_ref (first);
      gtk_box_remove (box, first);
      gtk_box_append (GTK_BOX (gathered), first);
      g_object_unref (first);
      first = next;
    }
  gtk_box_insert_child_after (box, gathered, before);
  return gathered;
}

/* What stands around the views is of one recording: put together, so that it can make room for two. Files are dropped on the views. */
static void
gather_panes (GlowWindow *self)
{
  GtkBox *center = GTK_BOX (self->center);
  GtkWidget *overlay = gtk_overlay_new (), *bar = gtk_widget_get_first_child (self->center), *before;

  self->above = gather (center, gtk_widget_get_next_sibling (bar), self->views);
  self->below = gather (center, gtk_widget_get_next_sibling (self->views), NULL);
  before = gtk_widget_get_prev_sibling (self->views);
  g_object_ref (self->views);
  gtk_box_remove (center, self->views);
  gtk_overlay_set_child (GTK_OVERLAY (overlay), self->views);
  g_object_unref (self->views);
  self->drop_place = glow_window_new_drop_place (self->drop);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), self->drop_place);
  gtk_box_insert_child_after (center, overlay, before);
}

static AdwViewStackPage *
add_view (AdwViewStack *views, GtkWidget *child, const char *name, const char *title, const char *icon)
{
  AdwViewStackPage *page = adw_view_stack_add_titled (views, child, name, title);

  adw_view_stack_page_set_icon_name (page, icon);
  return page;
}

static void
add_views (GlowWindow *self)
{
  AdwViewStack *views = ADW_VIEW_STACK (self->views);
  GtkWidget *functions, *strip = glow_time_strip_new (self->document);
  GlowComparison *comparison;

  gtk_box_prepend (GTK_BOX (self->center), strip);
  gtk_box_prepend (GTK_BOX (self->center), glow_query_bar_new (self->document));
  functions = glow_functions_view_new (self->document);
  self->diff = glow_diff_view_new (self->document);
  comparison = glow_diff_view_get_comparison (GLOW_DIFF_VIEW (self->diff));
  self->both_tree = glow_both_sides_new (comparison, glow_call_tree_view_new (self->document), glow_diff_tree_view_new (comparison));
  self->both_sandwich = glow_both_sides_new (comparison, glow_sandwich_view_new (self->document), glow_diff_sandwich_new (comparison));
  add_view (views, new_flame_page (self), "flame", _("Flame"), AFTERGLOW_APPLICATION_ID "-symbolic");
  add_view (views, functions, "functions", _("Functions"), "view-list-symbolic");
  add_view (views, self->both_tree, "tree", _("Call Tree"), "view-list-bullet-symbolic");
  self->tail = glow_tail_view_new (self->document);
  self->latency = glow_latency_view_new (self->document);
  gtk_box_append (GTK_BOX (self->center), self->latency);
  self->prometheus = glow_prometheus_panel_new (self->document, GLOW_TIME_STRIP (strip), GLOW_LATENCY_VIEW (self->latency));
  gtk_box_insert_child_after (GTK_BOX (self->center), self->prometheus, strip);
  self->map = glow_latency_map_area_new (self->document, GLOW_TIME_STRIP (strip), GLOW_LATENCY_VIEW (self->latency));
  gtk_box_insert_child_after (GTK_BOX (self->center), self->map, strip);
  add_view (views, self->both_sandwich, "sandwich", _("Sandwich"), "object-flip-vertical-symbolic");
  self->time_order = glow_time_order_view_new (self->document);
  add_view (views, self->time_order, "time", _("Time Order"), "view-continuous-symbolic");
  add_view (views, self->tail, "slow", _("Slow Spans"), "emblem-important-symbolic");
  add_view (views, self->diff, "diff", _("Diff"), "view-dual-symbolic");
  g_signal_connect_object (comparison, "changed", G_CALLBACK (on_compared), self, 0);
  self->warnings_page = add_view (views, glow_warnings_page_new (self->document, self->fetch), "warnings", _("Warnings"), "dialog-warning-symbolic");
  gather_panes (self);
}

void
glow_window_compare_tail (GlowWindow *self)
{
  const char *kind = glow_latency_view_get_kind (GLOW_LATENCY_VIEW (self->latency));
  guint64 bound = glow_latency_view_get_bound (GLOW_LATENCY_VIEW (self->latency));

  if (kind == NULL || bound == 0)
    {
      glow_window_toast (self, _("This recording has no spans to compare"));
      return;
    }
  glow_tail_view_compare (GLOW_TAIL_VIEW (self->tail), kind, bound);
  glow_window_set_view (self, "slow");
}

void
glow_window_show_span (GlowWindow *self, guint64 start, guint64 end, guint32 thread)
{
  glow_window_set_view (self, "time");
  glow_time_order_view_show (GLOW_TIME_ORDER_VIEW (self->time_order), start, end, thread);
}

void
glow_window_compare_prometheus (GlowWindow *self)
{
  if (glow_latency_view_get_kind (GLOW_LATENCY_VIEW (self->latency)) == NULL)
    glow_window_toast (self, _("This recording has no spans to compare"));
  else
    glow_prometheus_panel_ask (GLOW_PROMETHEUS_PANEL (self->prometheus));
}

void
glow_window_ask_spans (GlowWindow *self)
{
  glow_spans_dialog_show (GTK_WINDOW (self), self->document, GLOW_LATENCY_VIEW (self->latency));
}

void
glow_window_compare_baseline (GlowWindow *self)
{
  glow_tail_view_compare_baseline (GLOW_TAIL_VIEW (self->tail));
  glow_window_set_view (self, "slow");
}

GlowWindow *
glow_window_new (AdwApplication *application)
{
  return g_object_new (GLOW_TYPE_WINDOW, "application", application, NULL);
}

static void
glow_window_dispose (GObject *object)
{
  GlowWindow *self = GLOW_WINDOW (object);

  g_clear_object (&self->fetch);
  g_clear_object (&self->document);
  g_clear_pointer (&self->memory, glow_view_memory_free);
  g_clear_pointer (&self->asked, g_ptr_array_unref);
  g_clear_pointer (&self->first_query, glow_query_unref);
  g_clear_pointer (&self->first_function, g_free);
  g_clear_pointer (&self->first_module, g_free);
  G_OBJECT_CLASS (glow_window_parent_class)->dispose (object);
}

static void
glow_window_class_init (GlowWindowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = glow_window_dispose;
  GTK_WINDOW_CLASS (class)->close_request = glow_window_close_request;
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/afterglow/Afterglow/ui/window.ui");
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, GlowWindow, name)
  BIND (title); BIND (export_button); BIND (search_entry); BIND (view_row); BIND (match_label); BIND (match_previous);
  BIND (match_next); BIND (capture_place); BIND (toasts); BIND (states); BIND (recent_box); BIND (loading_page); BIND (loading_bar); BIND (loading_label);
  BIND (error_page); BIND (error_details); BIND (banner); BIND (banner_label); BIND (banner_button); BIND (naming);
  BIND (naming_bar); BIND (naming_label); BIND (outer); BIND (inner); BIND (center); BIND (views); BIND (recent_menu); BIND (frame_menu);
#undef BIND
}

static void
glow_window_init (GlowWindow *self)
{
  GSettings *settings = glow_look_get_settings ();

  self->drop = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY | GDK_ACTION_MOVE);
  self->document = glow_document_new ();
  self->fetch = glow_fetch_new (self->document);
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (self->document, "changed", G_CALLBACK (on_changed), self, 0);
  g_signal_connect_object (self->fetch, "changed", G_CALLBACK (on_fetch_changed), self, 0);
  g_signal_connect_object (self->document, "refused", G_CALLBACK (glow_window_toast), self, G_CONNECT_SWAPPED);
  self->sidebar = glow_sidebar_new (self->document);
  self->details = glow_details_new (self->document);
  gtk_paned_set_start_child (GTK_PANED (self->outer), self->sidebar);
  gtk_paned_set_end_child (GTK_PANED (self->inner), self->details);
  add_views (self);
  glow_window_add_actions (self);
  glow_window_add_name_actions (self);
  glow_window_add_diff_actions (self);
  glow_window_add_capture (self, GTK_BOX (self->capture_place));
  gtk_widget_add_controller (GTK_WIDGET (self), glow_window_new_letter_keys ());
  glow_window_init_search (self);
  glow_window_init_opening (self);
  gtk_window_set_default_size (GTK_WINDOW (self), g_settings_get_int (settings, "window-width"), g_settings_get_int (settings, "window-height"));
  if (g_settings_get_boolean (settings, "window-maximized"))
    gtk_window_maximize (GTK_WINDOW (self));
  g_signal_connect (self, "notify::default-width", G_CALLBACK (glow_window_fit), NULL);
  g_signal_connect (self, "notify::default-height", G_CALLBACK (glow_window_fit), NULL);
  g_signal_connect (self, "notify::maximized", G_CALLBACK (glow_window_fit), NULL);
  g_signal_connect_object (settings, "changed::sidebar", G_CALLBACK (glow_window_fit), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (settings, "changed::details", G_CALLBACK (glow_window_fit), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->states, "notify::visible-child", G_CALLBACK (on_page), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->views, "notify::visible-child", G_CALLBACK (on_page), self, G_CONNECT_SWAPPED);
  on_page (self);
  glow_window_fit (self);
  glow_window_update_state (self);
  glow_window_update_actions (self);
}
