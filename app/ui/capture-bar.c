/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bar of a recording that runs. Figures are the session's, twice a second; the rate is of the last of these steps, not of all the time. */
#include <config.h>

#include "ui/capture-bar.h"
#include "ui/rows.h"
#include "ui/wrap.h"

#include <afterglow/text.h>
#include <glib/gi18n.h>

#define LONGEST_STATE 30       /* characters in one line, whatever the width */

struct _GlowCaptureBar {
  GtkWidget parent_instance;

  GlowCaptureSession *session; /* (nullable) */
  GtkWidget *bar, *icon, *state, *figures, *mark, *mark_button, *pause, *stop, *discard, *open, *forget, *again, *close;
  double last_elapsed, rate;
  guint64 last_samples;
  guint n_marks;
};

G_DEFINE_FINAL_TYPE (GlowCaptureBar, glow_capture_bar, GTK_TYPE_WIDGET)

/* ---- words ---- */

static char *
dup_clock (double seconds)
{
  guint whole = (guint) seconds;

  return whole >= 3600 ? g_strdup_printf ("%u:%02u:%02u", whole / 3600, whole / 60 % 60, whole % 60) : g_strdup_printf ("%u:%02u", whole / 60, whole % 60);
}

static void
add (GString *text, const char *words)
{
  g_string_append_printf (text, "%s%s", text->len > 0 ? " · " : "", words);
}

static void
add_losses (GString *text, const GlowCaptureFigures *figures)
{
  g_autofree char *lost = glow_text_count (figures->lost), *throttled = glow_text_count (figures->throttled);
  g_autofree char *words = g_strdup_printf (ngettext ("%s record lost", "%s records lost", figures->lost), lost);
  g_autofree char *times = g_strdup_printf (ngettext ("throttled %s time", "throttled %s times", figures->throttled), throttled);

  add (text, figures->lost > 0 ? words : _("none lost"));
  if (figures->throttled > 0)
    add (text, times);
}

static char *
dup_figures (GlowCaptureBar *self, const GlowCaptureFigures *figures)
{
  g_autoptr(GString) text = g_string_new (NULL);
  g_autofree char *clock = dup_clock (figures->elapsed), *count = glow_text_count (figures->samples), *bytes = glow_text_bytes (figures->bytes);
  g_autofree char *rate = glow_text_count ((guint64) (self->rate + 0.5)), *samples = g_strdup_printf (ngettext ("%s sample", "%s samples", figures->samples), count);
  g_autofree char *now = g_strdup_printf (_("%s a second"), rate);

  add (text, clock);
  add (text, samples);
  if (glow_capture_session_get_state (self->session) == GLOW_CAPTURE_RUNNING)
    add (text, now);
  add (text, bytes);
  add_losses (text, figures);
  if (figures->elapsed > 0)
    {
      g_autofree char *share = glow_text_share (figures->recorder_seconds / figures->elapsed), *used = g_strdup_printf (_("perf itself used %s of a CPU"), share);

      add (text, used);
    }
  return g_strdup (text->str);
}

/* Why it ended, where that was not somebody's wish. */
static const char *
get_reason_words (GlowCaptureSession *session)
{
  const char *reason = glow_capture_session_get_reason (session);

  if (g_strcmp0 (reason, "duration") == 0)
    return _("Recorded as long as it should");
  if (g_strcmp0 (reason, "size") == 0)
    return _("Recorded until the file was as large as it may be");
  if (g_strcmp0 (reason, "disk") == 0)
    return _("Ended because the disk is nearly full");
  if (g_strcmp0 (reason, "ended") == 0)
    return _("Recorded until it ended by itself");
  return _("Recorded");
}

/* ---- showing ---- */

static void
count_rate (GlowCaptureBar *self, const GlowCaptureFigures *figures)
{
  double step = figures->elapsed - self->last_elapsed;

  /* The clock stands while it is paused. */
  if (step <= 0.2)
    return;
  self->rate = (figures->samples - MIN (self->last_samples, figures->samples)) / step;
  self->last_elapsed = figures->elapsed;
  self->last_samples = figures->samples;
}

static void
show_buttons (GlowCaptureBar *self, gboolean runs, gboolean offers)
{
  GtkWidget *const running[] = { self->mark, self->mark_button, self->pause, self->stop, self->discard };

  for (guint i = 0; i < G_N_ELEMENTS (running); i++)
    gtk_widget_set_visible (running[i], runs);
  gtk_widget_set_visible (self->open, offers);
  gtk_widget_set_visible (self->forget, offers);
  gtk_widget_set_visible (self->close, !runs);
}

static void
set_state (GlowCaptureBar *self, const char *words, const char *icon, const char *class)
{
  static const char *const classes[] = { "error", "accent", "warning" };

  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    gtk_widget_remove_css_class (self->icon, classes[i]);
  if (class != NULL)
    gtk_widget_add_css_class (self->icon, class);
  gtk_image_set_from_icon_name (GTK_IMAGE (self->icon), icon);
  gtk_label_set_width_chars (GTK_LABEL (self->state), (int) MIN (g_utf8_strlen (words, -1) + 1, LONGEST_STATE));
  gtk_label_set_text (GTK_LABEL (self->state), words);
  gtk_widget_set_visible (self->bar, TRUE);
}

static void
on_changed (GlowCaptureBar *self)
{
  const GlowCaptureFigures *figures = glow_capture_session_get_figures (self->session);
  const GError *error = glow_capture_session_get_error (self->session);
  GlowCaptureState state = glow_capture_session_get_state (self->session);
  gboolean is_over = state == GLOW_CAPTURE_DONE || state == GLOW_CAPTURE_FAILED;
  g_autofree char *words = NULL;

  count_rate (self, figures);
  words = dup_figures (self, figures);
  show_buttons (self, !is_over, FALSE);
  gtk_widget_set_visible (self->again, state == GLOW_CAPTURE_FAILED);
  gtk_widget_set_sensitive (self->pause, state == GLOW_CAPTURE_RUNNING || state == GLOW_CAPTURE_PAUSED);
  gtk_widget_set_sensitive (self->mark_button, state == GLOW_CAPTURE_RUNNING || state == GLOW_CAPTURE_PAUSED);
  gtk_widget_set_sensitive (self->stop, !is_over && state != GLOW_CAPTURE_STOPPING);
  gtk_button_set_label (GTK_BUTTON (self->pause), state == GLOW_CAPTURE_PAUSED ? _("Resume") : _("Pause"));
  glow_rows_set_words (self->figures, state == GLOW_CAPTURE_FAILED ? NULL : words);
  switch (state)
    {
    case GLOW_CAPTURE_STARTING:
      set_state (self, _("Starting to record…"), "content-loading-symbolic", NULL);
      break;
    case GLOW_CAPTURE_RUNNING:
      set_state (self, _("Recording"), "media-record-symbolic", "error");
      break;
    case GLOW_CAPTURE_PAUSED:
      set_state (self, _("Paused"), "media-playback-pause-symbolic", "warning");
      break;
    case GLOW_CAPTURE_STOPPING:
      set_state (self, _("Finishing the recording…"), "content-loading-symbolic", NULL);
      break;
    case GLOW_CAPTURE_DONE:
      set_state (self, get_reason_words (self->session), "object-select-symbolic", "accent");
      break;
    case GLOW_CAPTURE_FAILED:
    default:
      set_state (self, error != NULL ? error->message : _("Nothing could be recorded"), "dialog-error-symbolic", "error");
      break;
    }
}

void
glow_capture_bar_set_session (GlowCaptureBar *self, GlowCaptureSession *session)
{
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_set_object (&self->session, session);
  self->last_elapsed = self->rate = 0;
  self->last_samples = 0;
  self->n_marks = 0;
  gtk_widget_set_visible (self->bar, session != NULL);
  if (session == NULL)
    return;
  g_signal_connect_object (session, "changed", G_CALLBACK (on_changed), self, G_CONNECT_SWAPPED);
  on_changed (self);
}

void
glow_capture_bar_offer (GlowCaptureBar *self, GPtrArray *paths)
{
  g_autofree char *name = NULL, *words = NULL, *more = NULL;

  if (paths->len == 0 || self->session != NULL)
    return;
  name = g_filename_display_basename (g_ptr_array_index (paths, 0));
  words = g_strdup_printf (_("“%s” was being recorded when Afterglow ended. What was written by then can be opened."), name);
  if (paths->len > 1)
    more = g_strdup_printf (ngettext ("and %u more", "and %u more", paths->len - 1), paths->len - 1);
  set_state (self, words, "dialog-information-symbolic", "accent");
  glow_rows_set_words (self->figures, more);
  show_buttons (self, FALSE, TRUE);
  gtk_widget_set_visible (self->again, FALSE);
}

char *
glow_capture_bar_take_mark (GlowCaptureBar *self)
{
  g_autofree char *text = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->mark))));

  self->n_marks++;
  gtk_editable_set_text (GTK_EDITABLE (self->mark), "");
  return *text != '\0' ? g_steal_pointer (&text) : g_strdup_printf (_("Mark %u"), self->n_marks);
}

void
glow_capture_bar_focus_mark (GlowCaptureBar *self)
{
  gtk_widget_grab_focus (self->mark);
}

/* ---- making ---- */

static GtkWidget *
new_button (GtkWidget *row, const char *label, const char *action, const char *class)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  if (class != NULL)
    gtk_widget_add_css_class (button, class);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  glow_wrap_append (row, button);
  return button;
}

static void
on_mark (GtkWidget *entry)
{
  gtk_widget_activate_action (entry, "win.capture-mark", NULL);
}

static void
glow_capture_bar_init (GlowCaptureBar *self)
{
  GtkWidget *row = glow_wrap_new (6), *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  gtk_widget_set_layout_manager (GTK_WIDGET (self), gtk_bin_layout_new ());
  self->bar = row;
  self->icon = gtk_image_new ();
  self->state = gtk_label_new (NULL);
  self->figures = glow_rows_new_words ("numeric");
  self->mark = gtk_entry_new ();
  gtk_label_set_wrap (GTK_LABEL (self->state), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (self->state), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (self->state), 0);
  gtk_widget_add_css_class (self->state, "heading");
  gtk_label_set_selectable (GTK_LABEL (self->figures), FALSE);
  gtk_label_set_width_chars (GTK_LABEL (self->figures), 30);
  gtk_widget_set_hexpand (self->figures, TRUE);
  gtk_box_append (GTK_BOX (head), self->icon);
  gtk_box_append (GTK_BOX (head), self->state);
  gtk_widget_add_css_class (row, "capture-bar");
  glow_wrap_append (row, head);
  gtk_widget_set_valign (self->mark, GTK_ALIGN_CENTER);
  gtk_entry_set_placeholder_text (GTK_ENTRY (self->mark), _("Here it hung"));
  gtk_editable_set_width_chars (GTK_EDITABLE (self->mark), 12);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->mark), GTK_ACCESSIBLE_PROPERTY_LABEL, _("What a mark says"), -1);
  g_signal_connect (self->mark, "activate", G_CALLBACK (on_mark), NULL);
  glow_wrap_append (row, self->mark);
  self->mark_button = new_button (row, _("_Mark"), "win.capture-mark", NULL);
  self->pause = new_button (row, _("Pause"), "win.capture-pause", NULL);
  self->stop = new_button (row, _("_Stop"), "win.capture-stop", "suggested-action");
  self->discard = new_button (row, _("_Discard…"), "win.capture-discard", "flat");
  self->open = new_button (row, _("_Open It"), "win.capture-open-unfinished", "suggested-action");
  self->forget = new_button (row, _("_Delete It"), "win.capture-delete-unfinished", NULL);
  self->again = new_button (row, _("_Capture…"), "win.capture-again", "suggested-action");
  self->close = new_button (row, _("_Close"), "win.capture-close-bar", "flat");
  /* What changes twice a second comes last, so that no button moves. */
  glow_wrap_append (row, self->figures);
  gtk_widget_set_tooltip_text (self->mark_button, _("Puts a mark at this moment of the recording (Ctrl+M)"));
  gtk_widget_set_tooltip_text (self->pause, _("Pause or go on (Ctrl+Shift+P)"));
  gtk_widget_set_tooltip_text (self->stop, _("Stop and keep the recording; a command that was launched for it ends, too (Ctrl+.)"));
  gtk_widget_set_parent (row, GTK_WIDGET (self));
  gtk_widget_set_visible (row, FALSE);
}

static void
glow_capture_bar_dispose (GObject *object)
{
  GlowCaptureBar *self = GLOW_CAPTURE_BAR (object);

  g_clear_object (&self->session);
  g_clear_pointer (&self->bar, gtk_widget_unparent);
  G_OBJECT_CLASS (glow_capture_bar_parent_class)->dispose (object);
}

static void
glow_capture_bar_class_init (GlowCaptureBarClass *class)
{
  G_OBJECT_CLASS (class)->dispose = glow_capture_bar_dispose;
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (class), "capturebar");
}

GtkWidget *
glow_capture_bar_new (void)
{
  return g_object_new (GLOW_TYPE_CAPTURE_BAR, NULL);
}
