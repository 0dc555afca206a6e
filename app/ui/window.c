/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The window: states, banners, panes, and the views that share one document. */
#include <config.h>

#include "ui/call-tree-view.h"
#include "ui/compat.h"
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
#include "ui/view-memory.h"
#include "ui/warnings-page.h"
#include "ui/window.h"

#include <afterglow/diff-text.h>
#include <glib/gi18n.h>
#include <string.h>

#define NARROW 760
#define MEDIUM 1040
#define WIDE 1180
#define HUGE_WIDTH 1800
#define LOW 880
#define RECENT 6

struct _GlowWindow {
  AdwApplicationWindow parent_instance;

  GlowDocument *document;
  GlowFetch *fetch;
  gboolean fetched_by_itself;  /* since the file was opened */
  GtkWidget *flame, *latency, *map, *prometheus, *tail, *time_order, *diff, *above, *below, *drop_place, *hint, *sidebar, *details;
  GtkDropTarget *drop;         /* of the window */
  AdwViewStackPage *warnings_page;
  GlowViewMemory *memory;      /* (nullable): still to be applied */
  GlowQuery *first_query;      /* (nullable): for the files that are opened next */
  GPtrArray *asked;            /* paths that a question is about; (nullable) */
  gboolean banner_closed;
  const char *banner_for;      /* what the banner that shows is about */

  AdwWindowTitle *title;
  GtkWidget *export_button, *search_entry, *view_row, *match_label, *match_previous, *match_next;
  GtkWidget *toasts, *states, *recent_box, *loading_page, *loading_bar, *loading_label, *error_page, *error_details;
  GtkWidget *banner, *banner_label, *banner_button, *naming, *naming_bar, *naming_label, *outer, *inner, *center, *views;
  GMenu *recent_menu;
  GMenuModel *frame_menu;
};

G_DEFINE_FINAL_TYPE (GlowWindow, glow_window, ADW_TYPE_APPLICATION_WINDOW)

/* ---- words ---- */

static char *
dup_subtitle (GlowProfile *profile)
{
  const GlowProfileInfo *info = glow_profile_get_info (profile);
  guint32 n_events;
  const GlowEvent *events = glow_profile_get_events (profile, &n_events);
  GString *text = g_string_new (NULL);
  guint64 samples = 0;
  g_autofree char *count = NULL;

  for (guint32 i = 0; i < n_events; i++)
    samples += events[i].n_samples;
  count = glow_text_count (samples);
  g_string_append_printf (text, ngettext ("%s sample", "%s samples", samples), count);
  if (glow_profile_get_duration (profile) > 0)
    {
      g_autofree char *duration = glow_text_duration ((double) glow_profile_get_duration (profile));

      g_string_append_printf (text, " · %s", duration);
    }
  if (n_events > 0 && events[glow_profile_get_main_event (profile)].frequency_hz > 0)
    g_string_append_printf (text, " · %" G_GUINT64_FORMAT "\xe2\x80\x89Hz", events[glow_profile_get_main_event (profile)].frequency_hz);
  if (info->n_cpus_online > 0)
    {
      g_string_append (text, " · ");
      g_string_append_printf (text, ngettext ("%u CPU", "%u CPUs", info->n_cpus_online), (guint) info->n_cpus_online);
    }
  if (info->lost_samples + info->lost_events > 0)
    {
      g_autofree char *lost = glow_text_share ((double) (info->lost_samples + info->lost_events) / (samples + info->lost_samples + info->lost_events));

      g_string_append (text, " · ");
      g_string_append_printf (text, _("%s lost"), lost);
    }
  if (info->hostname != NULL && *info->hostname != '\0')
    {
      g_autofree char *host = g_utf8_make_valid (info->hostname, -1);

      g_string_append_printf (text, " · %s", host);
    }
  return g_string_free (text, FALSE);
}

static const char *
advise (const GError *error)
{
  if (g_error_matches (error, GLOW_ERROR, GLOW_ERROR_NOT_RECOGNISED))
    return _("Open a file written by “perf record”, or folded stacks: one stack a line, frames separated by semicolons, then a number.");
  if (g_error_matches (error, GLOW_ERROR, GLOW_ERROR_DAMAGED))
    return _("Nothing of it could be read. Copy the file again from where it was recorded, or record once more.");
  if (g_error_matches (error, GLOW_ERROR, GLOW_ERROR_UNSUPPORTED))
    return _("Try “perf inject” or “perf script” of the machine it was recorded on, and open what that writes.");
  if (g_error_matches (error, GLOW_ERROR, GLOW_ERROR_EMPTY))
    return _("There are no samples in it. Record longer, or record something that runs.");
  if (g_error_matches (error, GLOW_ERROR, GLOW_ERROR_SELECTION))
    return _("Go back to the query before, or show everything.");
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return _("It may have been moved or renamed. Open it where it is now.");
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    return _("perf record leaves files that only root may read. Make it yours: sudo chown $USER perf.data");
  return _("Try again, or open another file.");
}

/* ---- banners: one at a time, the gravest first ---- */

static void
show_banner (GlowWindow *self, const char *about, const char *text, const char *button, const char *action)
{
  g_autofree char *name = NULL;
  g_autoptr(GVariant) target = NULL;

  if (self->banner_closed && g_strcmp0 (self->banner_for, about) == 0)
    return;
  self->banner_closed = FALSE;
  self->banner_for = about;
  gtk_label_set_text (GTK_LABEL (self->banner_label), text);
  gtk_button_set_label (GTK_BUTTON (self->banner_button), button);
  /* Never one action with the other's target, not even for a moment. */
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->banner_button), NULL);
  if (g_action_parse_detailed_name (action, &name, &target, NULL))
    {
      gtk_actionable_set_action_target_value (GTK_ACTIONABLE (self->banner_button), target);
      gtk_actionable_set_action_name (GTK_ACTIONABLE (self->banner_button), name);
    }
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->banner), TRUE);
}

void
glow_window_close_banner (GlowWindow *self)
{
  self->banner_closed = TRUE;
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->banner), FALSE);
}

static gboolean
may_ask_for_names (GlowWindow *self)
{
  g_autofree char *setting = g_settings_get_string (glow_look_get_settings (), "debuginfod");

  return strcmp (setting, "ask") == 0 && glow_fetch_can_start (self->fetch);
}

/* Of all samples, those that lack callers. */
static double
torn_share (GlowProfile *profile)
{
  const GlowProfileInfo *info = profile != NULL ? glow_profile_get_info (profile) : NULL;
  gsize n = info != NULL ? glow_profile_get_samples (profile)->n : 0;

  return n > 0 ? (double) info->torn_stacks / n : 0;
}

static void
update_banner (GlowWindow *self)
{
  GlowProfile *profile = glow_document_get_profile (self->document);
  GlowWarnings *warnings = profile != NULL ? glow_profile_get_warnings (profile) : NULL;
  double unnamed, torn;

  if (glow_document_is_stale (self->document))
    {
      show_banner (self, "stale", _("The file has changed since it was read."), _("Read Again"), "win.reload");
      return;
    }
  if (glow_document_is_growing (self->document))
    {
      if (glow_document_get_follows (self->document))
        show_banner (self, "growing", _("The recording is still being written, and the view follows it."), _("Hold the View"), "win.follow");
      else
        show_banner (self, "held", _("The recording is still being written; the view is held."), _("Follow Again"), "win.follow");
      return;
    }
  for (guint i = 0; warnings != NULL && i < glow_warnings_get_n (warnings); i++)
    if (strcmp (glow_warnings_get (warnings, i)->code, "more-parts") == 0)
      {
        show_banner (self, "parts", glow_warnings_get (warnings, i)->message, _("Open All Parts"), "win.open-parts");
        return;
      }
  for (guint i = 0; warnings != NULL && i < glow_warnings_get_n (warnings); i++)
    if (glow_warning_is_loss (glow_warnings_get (warnings, i)))
      {
        g_autofree char *text = g_strdup_printf (_("Read as far as it goes: %s"), glow_warnings_get (warnings, i)->message);

        show_banner (self, "partial", text, _("What Is Missing"), "win.view::warnings");
        return;
      }
  unnamed = glow_document_is_naming (self->document) || glow_fetch_is_running (self->fetch) ? 0 : glow_document_get_unnamed_share (self->document);
  if (unnamed > 0.05)
    {
      g_autofree char *share = glow_text_share (unnamed), *text = NULL;

      /* Asked once: whoever said no finds it on the page of warnings. */
      if (may_ask_for_names (self))
        {
          text = g_strdup_printf (_("%s of the time is in code without names. A debuginfod server may have them."), share);
          show_banner (self, "fetch", text, _("Fetch Names…"), "win.fetch-names");
          return;
        }
      text = g_strdup_printf (_("%s of the time is in code without names."), share);
      show_banner (self, "unnamed", text, _("What Would Help"), "win.view::warnings");
      return;
    }
  torn = glow_document_is_naming (self->document) ? 0 : torn_share (profile);
  if (torn > 0.05)
    {
      g_autofree char *share = glow_text_share (torn), *text = NULL;

      text = g_strdup_printf (_("%s of the stacks are not whole: callers are missing where frames have a torn edge."), share);
      show_banner (self, "torn", text, _("What Would Help"), "win.view::warnings");
      return;
    }
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->banner), FALSE);
}

/* ---- states ---- */

static void
show_progress (GlowWindow *self)
{
  const char *text;
  double fraction = glow_document_get_progress (self->document, &text);
  gboolean loading = glow_document_get_state (self->document) == GLOW_DOCUMENT_LOADING || glow_document_is_naming (self->document);
  GtkWidget *const bars[] = { self->loading_bar, self->naming_bar };
  g_autofree char *fetching = !loading && glow_fetch_is_running (self->fetch) ? glow_fetch_dup_words (self->fetch) : NULL;

  if (fetching != NULL)
    {
      text = fetching;
      fraction = glow_fetch_get_progress (self->fetch);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bars); i++)
    if (fraction >= 0)
      gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (bars[i]), CLAMP (fraction, 0, 1));
    else
      gtk_progress_bar_pulse (GTK_PROGRESS_BAR (bars[i]));
  gtk_label_set_text (GTK_LABEL (self->loading_label), text != NULL ? text : "");
  gtk_label_set_text (GTK_LABEL (self->naming_label), text != NULL ? text : "");
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->naming), (loading || fetching != NULL) && glow_document_get_tree (self->document) != NULL);
}

static void
show_error (GlowWindow *self)
{
  const GError *error = glow_document_get_error (self->document);
  g_autofree char *title = glow_document_dup_title (self->document), *heading = NULL, *details = NULL, *message = NULL, *body = NULL;

  if (error == NULL)
    return;
  message = g_utf8_make_valid (error->message, -1);
  heading = g_strdup_printf (_("“%s” could not be shown"), title);
  body = g_strdup_printf ("%s\n\n%s", message, advise (error));
  {
    g_autofree char *escaped = g_markup_escape_text (body, -1);

    adw_status_page_set_title (ADW_STATUS_PAGE (self->error_page), heading);
    adw_status_page_set_description (ADW_STATUS_PAGE (self->error_page), escaped);
  }
  details = g_strdup_printf ("%s\n%s (%s %d)\nAfterglow %s", glow_document_get_paths (self->document)[0], message, g_quark_to_string (error->domain),
                             error->code, AFTERGLOW_VERSION);
  {
    g_autofree char *valid = g_utf8_make_valid (details, -1);

    gtk_label_set_text (GTK_LABEL (self->error_details), valid);
  }
}

/* Panes give way to the graph where there is little room. */
static void
on_width (GlowWindow *self)
{
  GSettings *settings = glow_look_get_settings ();
  int width = 0, height = 0;
  gboolean is_diff;

  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  if (gtk_widget_get_width (GTK_WIDGET (self)) > 0 && (gtk_window_is_maximized (GTK_WINDOW (self)) || gtk_window_is_fullscreen (GTK_WINDOW (self))))
    {
      width = gtk_widget_get_width (GTK_WIDGET (self));
      height = gtk_widget_get_height (GTK_WIDGET (self));
    }
  glow_latency_map_area_set_has_room (GLOW_LATENCY_MAP_AREA (self->map), height <= 0 || height >= LOW);
  /* Two recordings beside each other take the width of both panes, and have no time in common. */
  is_diff = g_strcmp0 (glow_window_get_view (self), "diff") == 0;
  gtk_widget_set_visible (self->sidebar, g_settings_get_boolean (settings, "sidebar") && width >= (is_diff ? HUGE_WIDTH : NARROW));
  gtk_widget_set_visible (self->details, g_settings_get_boolean (settings, "details") && width >= (is_diff ? HUGE_WIDTH : MEDIUM));
  glow_diff_view_set_room (GLOW_DIFF_VIEW (self->diff), width);
  gtk_widget_set_visible (self->hint, width >= WIDE);
  glow_tabs_reveal (self->view_row);
  /* What has no room is in the main menu too, or told by the graph itself. */
  gtk_label_set_max_width_chars (GTK_LABEL (self->match_label), width >= WIDE ? -1 : width >= NARROW ? 24 : 10);
  gtk_editable_set_width_chars (GTK_EDITABLE (self->search_entry), width >= NARROW ? 8 : 3);
  gtk_widget_set_visible (self->export_button, glow_document_get_tree (self->document) != NULL && width >= NARROW);
}

static void
update_state (GlowWindow *self)
{
  GlowDocumentState state = glow_document_get_state (self->document);
  gboolean has_tree = glow_document_get_tree (self->document) != NULL;
  g_autofree char *title = glow_document_dup_title (self->document);
  const char *page = state == GLOW_DOCUMENT_FAILED ? "error" : has_tree ? "document" : state == GLOW_DOCUMENT_LOADING ? "loading" : "empty";

  adw_window_title_set_title (self->title, title);
  gtk_window_set_title (GTK_WINDOW (self), title);
  if (state == GLOW_DOCUMENT_LOADING)
    {
      g_autofree char *reading = g_strdup_printf (_("Opening “%s”"), title);

      adw_status_page_set_title (ADW_STATUS_PAGE (self->loading_page), reading);
    }
  if (state == GLOW_DOCUMENT_FAILED)
    show_error (self);
  gtk_stack_set_visible_child_name (GTK_STACK (self->states), page);
  gtk_widget_set_visible (self->view_row, strcmp (page, "document") == 0);
  gtk_widget_set_visible (self->search_entry, strcmp (page, "document") == 0);
  show_progress (self);
  on_width (self);
}

static void
show_matches (GlowWindow *self)
{
  const GlowSearch *search = glow_document_get_search (self->document);
  const char *wrong = glow_document_get_search_error (self->document), *text = glow_document_get_search_text (self->document);
  g_autofree char *words = NULL;

  if (g_strcmp0 (glow_window_get_view (self), "diff") == 0)
    search = glow_comparison_get_search (glow_diff_view_get_comparison (GLOW_DIFF_VIEW (self->diff)));
  if (wrong != NULL)
    words = g_utf8_make_valid (wrong, -1);
  else if (search != NULL && search->n_nodes > 0 && search != glow_document_get_search (self->document))
    {
      g_autofree char *count = glow_text_count (search->n_nodes);

      words = g_strdup_printf (ngettext ("%s path of both sides matches", "%s paths of both sides match", search->n_nodes), count);
    }
  else if (search != NULL && search->n_nodes == 0)
    words = g_strdup (_("no match"));
  else if (search != NULL)
    {
      const GlowBase *base = glow_call_tree_get_base (glow_document_get_tree (self->document));
      g_autofree char *share = glow_text_share (base->weight > 0 ? (double) search->weight / base->weight : 0);
      g_autofree char *count = glow_text_count (search->n_nodes);

      words = g_strdup_printf (ngettext ("%s frame matches, in %s of what is shown", "%s frames match, in %s of what is shown", search->n_nodes),
                               count, share);
    }
  gtk_label_set_text (GTK_LABEL (self->match_label), words != NULL ? words : "");
  gtk_widget_set_visible (self->match_label, text != NULL && words != NULL);
  gtk_widget_set_visible (self->match_previous, search != NULL && search->n_nodes > 0);
  gtk_widget_set_visible (self->match_next, search != NULL && search->n_nodes > 0);
  (wrong != NULL ? gtk_widget_add_css_class : gtk_widget_remove_css_class) (self->search_entry, "error");
}

/* ---- the view of each file ---- */

static gboolean
can_remember (GlowWindow *self)
{
  const char *const *paths = glow_document_get_paths (self->document);

  return g_settings_get_boolean (glow_look_get_settings (), "remember-views") && paths != NULL && paths[0] != NULL && paths[1] == NULL
         && strcmp (paths[0], "-") != 0;
}

static void
remember_view (GlowWindow *self)
{
  GlowCallTree *tree = glow_document_get_tree (self->document);
  guint32 selected = glow_document_get_selected (self->document);
  g_autofree char *query = NULL, *zoom = NULL, *chosen = NULL;
  GlowViewMemory memory;

  if (tree == NULL || !can_remember (self))
    return;
  query = glow_query_dup_words (glow_document_get_query (self->document));
  zoom = glow_call_tree_dup_stack (tree, glow_document_get_zoom (self->document));
  chosen = selected != GLOW_NONE ? glow_call_tree_dup_stack (tree, selected) : NULL;
  /* What it was compared with is not remembered, so neither is that page. */
  memory = (GlowViewMemory) { query, zoom, chosen, (char *) (g_strcmp0 (glow_window_get_view (self), "diff") == 0 ? "flame" : glow_window_get_view (self)) };
  glow_view_memory_save (glow_document_get_paths (self->document)[0], &memory);
}

/* Stacks are found by name, so not before names have come. */
static void
recall_view (GlowWindow *self)
{
  GlowCallTree *tree = glow_document_get_tree (self->document);
  gboolean exact;
  guint32 node;

  if (self->memory == NULL || tree == NULL || glow_document_is_naming (self->document)
      || !glow_query_equal (glow_call_tree_get_query (tree), glow_document_get_query (self->document)))
    return;
  if (self->memory->zoom != NULL && *self->memory->zoom != '\0')
    glow_document_set_zoom (self->document, glow_call_tree_find_stack (tree, self->memory->zoom, &exact));
  if (self->memory->selected != NULL && *self->memory->selected != '\0')
    {
      node = glow_call_tree_find_stack (tree, self->memory->selected, &exact);
      if (exact)
        glow_document_set_selected (self->document, node);
    }
  if (self->memory->page != NULL)
    glow_window_set_view (self, self->memory->page);
  g_clear_pointer (&self->memory, glow_view_memory_free);
}

/* ---- the document ---- */

static void
on_changed (GlowDocument *document, guint changes, gpointer data)
{
  GlowWindow *self = data;

  if (changes & (GLOW_CHANGED_STATE | GLOW_CHANGED_TREE))
    update_state (self);
  if ((changes & GLOW_CHANGED_PROFILE) && glow_document_get_profile (document) != NULL)
    {
      g_autofree char *subtitle = dup_subtitle (glow_document_get_profile (document));
      guint n = glow_warnings_get_n (glow_profile_get_warnings (glow_document_get_profile (document)));

      adw_window_title_set_subtitle (self->title, subtitle);
      adw_view_stack_page_set_badge_number (self->warnings_page, n);
    }
  if (changes & GLOW_CHANGED_PROGRESS)
    show_progress (self);
  if (changes & (GLOW_CHANGED_TREE | GLOW_CHANGED_FILE))
    update_banner (self);
  if (changes & GLOW_CHANGED_TREE)
    recall_view (self);
  if (changes & GLOW_CHANGED_SEARCH)
    show_matches (self);
  if (changes & ~(GLOW_CHANGED_HOVER | GLOW_CHANGED_PROGRESS))
    glow_window_update_actions (self);
}

/* On the page of two recordings both are in the title. */
static void
show_title (GlowWindow *self)
{
  GlowComparison *comparison = glow_diff_view_get_comparison (GLOW_DIFF_VIEW (self->diff));
  g_autofree char *before = NULL, *after = NULL, *title = NULL, *first = NULL, *second = NULL, *subtitle = NULL;

  if (glow_window_shows_diff (self))
    {
      GlowDiff *diff = glow_comparison_get_diff (comparison);

      before = glow_comparison_dup_label (comparison, GLOW_BEFORE);
      after = glow_comparison_dup_label (comparison, GLOW_AFTER);
      title = g_strdup_printf ("%s ↔ %s", before, after);
      first = glow_diff_text_side (diff, GLOW_BEFORE);
      second = glow_diff_text_side (diff, GLOW_AFTER);
      subtitle = g_strdup_printf (_("before %s · after %s"), first, second);
    }
  else
    {
      title = glow_document_dup_title (self->document);
      subtitle = glow_document_get_profile (self->document) != NULL ? dup_subtitle (glow_document_get_profile (self->document)) : g_strdup ("");
    }
  adw_window_title_set_title (self->title, title);
  adw_window_title_set_subtitle (self->title, subtitle);
}

/* A new answer is there to be taken away, and to have the keyboard. */
static void
on_compared (GlowComparison *comparison, guint changes, gpointer data)
{
  GlowWindow *self = data;

  if (g_strcmp0 (glow_window_get_view (self), "diff") != 0)
    return;
  if (changes & (GLOW_COMPARED_DIFF | GLOW_COMPARED_STATE))
    show_title (self);
  if (changes & GLOW_COMPARED_SEARCH)
    show_matches (self);
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
  show_progress (self);
  update_banner (self);
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

void
glow_window_focus_search (GlowWindow *self)
{
  gtk_widget_grab_focus (self->search_entry);
  gtk_editable_select_region (GTK_EDITABLE (self->search_entry), 0, -1);
}

void
glow_window_set_search_text (GlowWindow *self, const char *text)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search_entry), text);
}

void
glow_window_step_match (GlowWindow *self, int step)
{
  gboolean is_diff = g_strcmp0 (glow_window_get_view (self), "diff") == 0;
  guint n, place = is_diff ? glow_comparison_step_match (glow_diff_view_get_comparison (GLOW_DIFF_VIEW (self->diff)), step, &n)
                           : glow_flame_view_step_match (GLOW_FLAME_VIEW (self->flame), step, &n);
  g_autofree char *words = NULL;

  if (place == 0)
    {
      gtk_widget_error_bell (GTK_WIDGET (self));
      return;
    }
  show_matches (self);
  words = g_strdup_printf (_("%u of %u · %s"), place, n, gtk_label_get_text (GTK_LABEL (self->match_label)));
  gtk_label_set_text (GTK_LABEL (self->match_label), words);
}

static void
on_search (GlowWindow *self)
{
  glow_document_set_search (self->document, gtk_editable_get_text (GTK_EDITABLE (self->search_entry)));
}

static void
on_stop_search (GlowWindow *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search_entry), "");
  glow_document_set_search (self->document, NULL);
  gtk_widget_grab_focus (self->flame);
}

static gboolean
on_search_key (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state, gpointer data)
{
  GlowWindow *self = data;

  if (key != GDK_KEY_Return && key != GDK_KEY_KP_Enter)
    return GDK_EVENT_PROPAGATE;
  on_search (self);
  glow_window_step_match (self, state & GDK_SHIFT_MASK ? -1 : 1);
  return GDK_EVENT_STOP;
}

/* ---- opening ---- */

void
glow_window_set_first_query (GlowWindow *self, GlowQuery *query)
{
  g_clear_pointer (&self->first_query, glow_query_unref);
  self->first_query = query;
}

void
glow_window_open (GlowWindow *self, const char *const *paths)
{
  GlowQuery *query;

  remember_view (self);
  g_clear_pointer (&self->memory, glow_view_memory_free);
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->banner), FALSE);
  self->banner_closed = self->fetched_by_itself = FALSE;
  adw_window_title_set_subtitle (self->title, NULL);
  gtk_editable_set_text (GTK_EDITABLE (self->search_entry), "");
  glow_document_load (self->document, paths);
  query = g_steal_pointer (&self->first_query);
  if (query == NULL && can_remember (self))
    {
      self->memory = glow_view_memory_load (paths[0]);
      if (self->memory != NULL && self->memory->query != NULL)
        query = glow_query_parse_words (self->memory->query, NULL);
    }
  if (query != NULL)
    glow_document_set_query (self->document, query);
  for (guint i = 0; paths[i] != NULL; i++)
    if (strcmp (paths[i], "-") != 0)
      {
        g_autofree char *absolute = g_canonicalize_filename (paths[i], NULL), *uri = g_filename_to_uri (absolute, NULL, NULL);

        if (uri != NULL && g_file_test (paths[i], G_FILE_TEST_IS_REGULAR))
          gtk_recent_manager_add_item (gtk_recent_manager_get_default (), uri);
      }
  adw_view_stack_set_visible_child_name (ADW_VIEW_STACK (self->views), "flame");
}

static void
open_new (GlowWindow *self, const char *const *paths, GlowQuery *query)
{
  GlowWindow *window = self;

  if (glow_document_get_state (self->document) != GLOW_DOCUMENT_EMPTY && glow_document_get_state (self->document) != GLOW_DOCUMENT_FAILED)
    window = glow_window_new (ADW_APPLICATION (gtk_window_get_application (GTK_WINDOW (self))));
  if (query != NULL)
    glow_window_set_first_query (window, glow_query_ref (query));
  glow_window_open (window, paths);
  gtk_window_present (GTK_WINDOW (window));
}

static void
on_answer (gpointer data, const char *response)
{
  GlowWindow *self = data;
  g_autoptr(GPtrArray) asked = g_steal_pointer (&self->asked);
  g_autoptr(GlowQuery) query = g_steal_pointer (&self->first_query);

  if (asked == NULL)
    return;
  if (strcmp (response, "merge") == 0)
    open_new (self, (const char *const *) asked->pdata, query);
  else if (strcmp (response, "each") == 0)
    for (guint i = 0; i + 1 < asked->len; i++)
      open_new (self, (const char *[]) { g_ptr_array_index (asked, i), NULL }, query);
}

/* Parts of one recording are one profile: there is nothing to ask. */
static gboolean
are_parts (const char *const *paths)
{
  g_auto(GStrv) parts = glow_load_dup_parts (paths[0]);

  for (guint i = 0; parts != NULL && paths[i] != NULL; i++)
    if (!g_strv_contains ((const char *const *) parts, paths[i]))
      return FALSE;
  return parts != NULL;
}

void
glow_window_open_asking (GlowWindow *self, const char *const *paths)
{
  const char *const responses[] = { "cancel", _("_Cancel"), "each", _("A _Window Each"), "merge", _("_Merge"), NULL };
  guint n = g_strv_length ((char **) paths);
  g_autofree char *heading = NULL;

  if (n == 0)
    return;
  if (n == 1 || are_parts (paths))
    {
      g_autoptr(GlowQuery) query = g_steal_pointer (&self->first_query);

      open_new (self, paths, query);
      return;
    }
  g_clear_pointer (&self->asked, g_ptr_array_unref);
  self->asked = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (self->asked, g_strdup (paths[i]));
  g_ptr_array_add (self->asked, NULL);
  heading = g_strdup_printf (ngettext ("Open %u file", "Open %u files", n), n);
  glow_compat_ask (GTK_WINDOW (self), heading, _("Merged, they are one profile whose weights are added. Or each opens in a window of its own."), responses,
                   on_answer, self);
}

static gboolean
on_drop (GtkDropTarget *target, const GValue *value, double x, double y, gpointer data)
{
  g_autoptr(GPtrArray) paths = glow_window_dup_dropped_paths (value);
  GlowWindow *self = data;

  glow_window_hide_drop_place (self->drop_place);
  if (glow_document_get_profile (self->document) != NULL && glow_window_is_shift_held (self))
    glow_window_compare (self, (const char *const *) paths->pdata);
  else
    glow_window_open_asking (self, (const char *const *) paths->pdata);
  return paths->len > 1;
}

/* ---- recent files ---- */

static gint
newest_first (gconstpointer a, gconstpointer b)
{
  return g_date_time_compare (gtk_recent_info_get_modified ((GtkRecentInfo *) b), gtk_recent_info_get_modified ((GtkRecentInfo *) a));
}

static void
fill_recent (GlowWindow *self)
{
  GList *items = gtk_recent_manager_get_items (gtk_recent_manager_get_default ());
  GtkWidget *child;
  guint n = 0;

  g_menu_remove_all (self->recent_menu);
  while ((child = gtk_widget_get_first_child (self->recent_box)) != NULL)
    gtk_box_remove (GTK_BOX (self->recent_box), child);
  items = g_list_sort (items, newest_first);
  for (GList *item = items; item != NULL && n < RECENT; item = item->next)
    {
      GtkRecentInfo *info = item->data;
      g_autofree char *path = g_filename_from_uri (gtk_recent_info_get_uri (info), NULL, NULL);
      g_autofree char *label = NULL, *folder = NULL, *place = NULL;
      g_autoptr(GMenuItem) entry = NULL;
      GtkWidget *button;

      if (path == NULL || !gtk_recent_info_has_application (info, g_get_application_name ()) || !gtk_recent_info_exists (info))
        continue;
      if (n++ == 0)
        {
          GtkWidget *heading = gtk_label_new (_("Recent"));

          gtk_widget_add_css_class (heading, "heading");
          gtk_box_append (GTK_BOX (self->recent_box), heading);
        }
      label = g_filename_display_basename (path);
      folder = g_path_get_dirname (path);
      place = g_filename_display_name (folder);
      entry = g_menu_item_new (label, NULL);
      g_menu_item_set_action_and_target (entry, "win.open-path", "s", path);
      g_menu_append_item (self->recent_menu, entry);
      button = gtk_button_new_with_label (label);
      gtk_widget_add_css_class (button, "flat");
      gtk_widget_set_tooltip_text (button, place);
      gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.open-path");
      gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", path);
      gtk_box_append (GTK_BOX (self->recent_box), button);
    }
  g_list_free_full (items, (GDestroyNotify) gtk_recent_info_unref);
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
  remember_view (self);
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
  on_width (self);
  show_matches (self);
  show_title (self);
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
  GtkWidget *functions, *tree, *sandwich, *strip = glow_time_strip_new (self->document);

  gtk_box_prepend (GTK_BOX (self->center), strip);
  gtk_box_prepend (GTK_BOX (self->center), glow_query_bar_new (self->document));
  functions = glow_functions_view_new (self->document);
  tree = glow_call_tree_view_new (self->document);
  sandwich = glow_sandwich_view_new (self->document);
  add_view (views, new_flame_page (self), "flame", _("Flame"), AFTERGLOW_APPLICATION_ID "-symbolic");
  add_view (views, functions, "functions", _("Functions"), "view-list-symbolic");
  add_view (views, tree, "tree", _("Call Tree"), "view-list-bullet-symbolic");
  self->tail = glow_tail_view_new (self->document);
  self->latency = glow_latency_view_new (self->document);
  gtk_box_append (GTK_BOX (self->center), self->latency);
  self->prometheus = glow_prometheus_panel_new (self->document, GLOW_TIME_STRIP (strip), GLOW_LATENCY_VIEW (self->latency));
  gtk_box_insert_child_after (GTK_BOX (self->center), self->prometheus, strip);
  self->map = glow_latency_map_area_new (self->document, GLOW_TIME_STRIP (strip), GLOW_LATENCY_VIEW (self->latency));
  gtk_box_insert_child_after (GTK_BOX (self->center), self->map, strip);
  add_view (views, sandwich, "sandwich", _("Sandwich"), "object-flip-vertical-symbolic");
  self->time_order = glow_time_order_view_new (self->document);
  add_view (views, self->time_order, "time", _("Time Order"), "view-continuous-symbolic");
  add_view (views, self->tail, "slow", _("Slow Spans"), "emblem-important-symbolic");
  self->diff = glow_diff_view_new (self->document);
  add_view (views, self->diff, "diff", _("Diff"), "view-dual-symbolic");
  g_signal_connect_object (glow_diff_view_get_comparison (GLOW_DIFF_VIEW (self->diff)), "changed", G_CALLBACK (on_compared), self, 0);
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
  BIND (match_next); BIND (toasts); BIND (states); BIND (recent_box); BIND (loading_page); BIND (loading_bar); BIND (loading_label);
  BIND (error_page); BIND (error_details); BIND (banner); BIND (banner_label); BIND (banner_button); BIND (naming);
  BIND (naming_bar); BIND (naming_label); BIND (outer); BIND (inner); BIND (center); BIND (views); BIND (recent_menu); BIND (frame_menu);
#undef BIND
}

static void
glow_window_init (GlowWindow *self)
{
  GSettings *settings = glow_look_get_settings ();
  GtkEventController *search_keys = gtk_event_controller_key_new ();

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
  gtk_widget_add_controller (GTK_WIDGET (self), glow_window_new_letter_keys ());

  gtk_search_entry_set_key_capture_widget (GTK_SEARCH_ENTRY (self->search_entry), NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->search_entry), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Search functions"), -1);
  g_signal_connect_object (self->search_entry, "search-changed", G_CALLBACK (on_search), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->search_entry, "stop-search", G_CALLBACK (on_stop_search), self, G_CONNECT_SWAPPED);
  gtk_event_controller_set_propagation_phase (search_keys, GTK_PHASE_CAPTURE);
  g_signal_connect (search_keys, "key-pressed", G_CALLBACK (on_search_key), self);
  gtk_widget_add_controller (self->search_entry, search_keys);
  g_signal_connect (self->drop, "drop", G_CALLBACK (on_drop), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (self->drop));
  g_signal_connect_object (gtk_recent_manager_get_default (), "changed", G_CALLBACK (fill_recent), self, G_CONNECT_SWAPPED);
  fill_recent (self);

  gtk_window_set_default_size (GTK_WINDOW (self), g_settings_get_int (settings, "window-width"), g_settings_get_int (settings, "window-height"));
  if (g_settings_get_boolean (settings, "window-maximized"))
    gtk_window_maximize (GTK_WINDOW (self));
  g_signal_connect (self, "notify::default-width", G_CALLBACK (on_width), NULL);
  g_signal_connect (self, "notify::default-height", G_CALLBACK (on_width), NULL);
  g_signal_connect (self, "notify::maximized", G_CALLBACK (on_width), NULL);
  g_signal_connect_object (settings, "changed::sidebar", G_CALLBACK (on_width), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (settings, "changed::details", G_CALLBACK (on_width), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->states, "notify::visible-child", G_CALLBACK (on_page), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->views, "notify::visible-child", G_CALLBACK (on_page), self, G_CONNECT_SWAPPED);
  on_page (self);
  on_width (self);
  update_state (self);
  glow_window_update_actions (self);
}
