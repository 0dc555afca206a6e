/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state of a window: which page shows, its title, progress, and what has room. */
#include <config.h>

#include "ui/both-sides.h"
#include "ui/latency-map.h"
#include "ui/look.h"
#include "ui/tabs.h"
#include "ui/window-private.h"

#include <afterglow/diff-text.h>
#include <glib/gi18n.h>
#include <string.h>

#define NARROW 760
#define MEDIUM 1040
#define WIDE 1180
#define HUGE_WIDTH 1800
#define LOW 880
#define PANE 270               /* of one pane, about */

/* ---- words ---- */

static char *
dup_subtitle (GlowProfile *profile)
{
  const GlowProfileInfo *info = glow_profile_get_info (profile);
  guint32 n_events;
  const GlowEvent *events = glow_profile_get_events (profile, &n_events);
  guint32 main_event = glow_profile_get_main_event (profile);
  GString *text = g_string_new (NULL);
  guint64 samples = 0;
  g_autofree char *count = NULL;
  guint rates = 0;

  for (guint32 i = 0; i < n_events; i++)
    samples += events[i].n_samples;
  count = glow_text_count (samples);
  g_string_append_printf (text, ngettext ("%s sample", "%s samples", samples), count);
  if (glow_profile_get_duration (profile) > 0)
    {
      g_autofree char *duration = glow_text_duration ((double) glow_profile_get_duration (profile));

      g_string_append_printf (text, " · %s", duration);
    }
  for (guint32 e = 0; e < n_events; e++)
    if (events[e].frequency_hz > 0 && glow_event_is_beside (&events[main_event], &events[e]))
      g_string_append_printf (text, "%s%" G_GUINT64_FORMAT, rates++ == 0 ? " · " : " + ", events[e].frequency_hz);
  if (rates > 0)
    g_string_append (text, "\xe2\x80\x89Hz");
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

/* On the page of two recordings both are in the title. */
void
glow_window_show_title (GlowWindow *self)
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
  gtk_window_set_title (GTK_WINDOW (self), title);
}

/* ---- states ---- */

void
glow_window_show_progress (GlowWindow *self)
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
void
glow_window_fit (GlowWindow *self)
{
  GSettings *settings = glow_look_get_settings ();
  int width = 0, height = 0, room;
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
  room = width - (gtk_widget_get_visible (self->sidebar) ? PANE : 0) - (gtk_widget_get_visible (self->details) ? PANE : 0);
  glow_both_sides_set_room (GLOW_BOTH_SIDES (self->both_tree), room);
  glow_both_sides_set_room (GLOW_BOTH_SIDES (self->both_sandwich), room);
  gtk_widget_set_visible (self->hint, width >= WIDE);
  glow_tabs_reveal (self->view_row);
  /* What has no room is in the main menu too, or told by the graph itself. */
  gtk_label_set_max_width_chars (GTK_LABEL (self->match_label), width >= WIDE ? -1 : width >= NARROW ? 24 : 10);
  gtk_editable_set_width_chars (GTK_EDITABLE (self->search_entry), width >= NARROW ? 8 : 3);
  gtk_widget_set_visible (self->export_button, glow_document_get_tree (self->document) != NULL && width >= NARROW);
}

void
glow_window_update_state (GlowWindow *self)
{
  GlowDocumentState state = glow_document_get_state (self->document);
  gboolean has_tree = glow_document_get_tree (self->document) != NULL;
  g_autofree char *title = glow_document_dup_title (self->document);
  const char *page = state == GLOW_DOCUMENT_FAILED ? "error" : has_tree ? "document" : glow_window_is_recording (self) ? "recording"
                     : state == GLOW_DOCUMENT_LOADING ? "loading" : "empty";

  glow_window_show_title (self);
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
  glow_window_show_progress (self);
  glow_window_fit (self);
}
