/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recording, as a window's actions: the dialog, the recording that runs in a window and grows in it, and what becomes of it. One window, one recording; a
 * window that shows something already leaves it alone, and the recording gets a window of its own. */
#include <config.h>

#include "ui/capture-dialog.h"
#include "ui/capture-bar.h"
#include "ui/compat.h"
#include "ui/recorded.h"
#include "ui/window-private.h"

#include <glib/gi18n.h>
#include <errno.h>
#include <signal.h>
#include <string.h>

typedef struct {
  GlowWindow *window;          /* it owns this */
  GtkWidget *bar;
  GlowCaptureSession *session; /* (nullable) */
  GlowCapturePlan *plan;       /* (nullable): what is or was recorded here */
  char **before;               /* (nullable): what it is to be compared with */
  GPtrArray *unfinished;       /* (nullable): offered */
  GtkWindow *dialog;           /* (nullable) */
  gboolean is_shown;           /* it is the window's document */
  gboolean is_discarded;
  gboolean closes;             /* the window goes when it is over */
} Capture;

static Capture *
capture_of (gpointer window)
{
  return g_object_get_data (window, "glow-capture");
}

static gboolean
runs (const Capture *self)
{
  GlowCaptureState state = self->session != NULL ? glow_capture_session_get_state (self->session) : GLOW_CAPTURE_DONE;

  return state != GLOW_CAPTURE_DONE && state != GLOW_CAPTURE_FAILED;
}

gboolean
glow_window_is_recording (GlowWindow *window)
{
  return capture_of (window) != NULL && runs (capture_of (window));
}

static void
enable (Capture *self, const char *name, gboolean enabled)
{
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self->window), name)), enabled);
}

static void
update_actions (Capture *self)
{
  GlowCaptureState state = self->session != NULL ? glow_capture_session_get_state (self->session) : GLOW_CAPTURE_DONE;
  gboolean is_on = state == GLOW_CAPTURE_RUNNING || state == GLOW_CAPTURE_PAUSED;

  enable (self, "capture-pause", is_on);
  enable (self, "capture-mark", is_on);
  enable (self, "capture-stop", runs (self) && state != GLOW_CAPTURE_STOPPING);
  enable (self, "capture-discard", runs (self));
  enable (self, "record-after", glow_document_get_profile (glow_window_get_document (self->window)) != NULL && !runs (self));
}

/* ---- while it runs ---- */

/* The first of several: each is a profile of its own until they are complete. */
static void
show_growing (Capture *self)
{
  const char *const *outputs = glow_capture_session_get_outputs (self->session);

  if (self->is_shown || outputs == NULL || outputs[0] == NULL)
    return;
  self->is_shown = TRUE;
  glow_window_open (self->window, (const char *[]) { outputs[0], NULL });
}

static void
compare_when_read (Capture *self)
{
  GlowDocument *document = glow_window_get_document (self->window);
  GlowProfile *profile = glow_document_get_profile (document);

  if (self->before == NULL || runs (self) || profile == NULL || glow_document_get_state (document) != GLOW_DOCUMENT_READY
      || glow_profile_get_info (profile)->unfinished)
    return;
  {
    g_auto(GStrv) before = g_steal_pointer (&self->before);

    glow_window_compare (self->window, (const char *const *) before);
  }
}

static void
on_document (GlowDocument *document, guint changes, gpointer window)
{
  Capture *self = capture_of (window);

  if (changes & (GLOW_CHANGED_STATE | GLOW_CHANGED_PROFILE | GLOW_CHANGED_TREE))
    {
      compare_when_read (self);
      update_actions (self);
    }
}

static void
finish (Capture *self)
{
  const char *const *outputs = glow_capture_session_get_outputs (self->session);
  GlowDocument *document = glow_window_get_document (self->window);

  glow_recorded_forget (document);
  if (outputs == NULL || outputs[0] == NULL)
    return;
  if (outputs[1] != NULL)
    glow_window_open_asking (self->window, outputs);
  else if (!self->is_shown || glow_document_get_state (document) == GLOW_DOCUMENT_FAILED)
    {
      self->is_shown = FALSE;
      show_growing (self);
    }
  else
    glow_document_reload (document);
  compare_when_read (self);
}

static void drop_session (Capture *self);

static void
on_session (Capture *self)
{
  GlowCaptureState state = glow_capture_session_get_state (self->session);

  /* A file without a sample is no recording yet. */
  if (state != GLOW_CAPTURE_FAILED && !self->is_discarded && glow_capture_session_get_figures (self->session)->samples > 0)
    show_growing (self);
  update_actions (self);
  glow_window_update_state (self->window);
  if (runs (self))
    return;
  g_signal_handlers_disconnect_by_data (self->session, self);
  /* It has no terminal, and nobody else knows of it. */
  if (glow_capture_session_get_command_pid (self->session) != 0 && glow_capture_session_get_command_status (self->session) == -1)
    glow_capture_session_signal (self->session, SIGTERM);
  if (self->closes)
    {
      gtk_window_destroy (GTK_WINDOW (self->window));
      return;
    }
  if (self->is_discarded)
    {
      drop_session (self);
      if (self->is_shown)
        glow_document_close (glow_window_get_document (self->window));
      glow_window_toast (self->window, _("The recording was discarded"));
    }
  else if (state == GLOW_CAPTURE_DONE)
    finish (self);
}

static void
drop_session (Capture *self)
{
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  glow_capture_bar_set_session (GLOW_CAPTURE_BAR (self->bar), NULL);
  g_clear_object (&self->session);
  update_actions (self);
  glow_window_update_state (self->window);
}

static void
begin (Capture *self, GlowCaptureDraft *draft)
{
  const GlowCapturePlan *plan = glow_capture_draft_get_plan (draft);
  const GlowCaptureOverhead *overhead = glow_capture_draft_get_overhead (draft);
  const char *const *words = glow_capture_draft_get_words (draft);
  g_autofree char *output = glow_capture_draft_dup_output (draft), *folder = g_path_get_dirname (output);
  GlowCaptureWay way;

  drop_session (self);
  glow_capture_draft_get_way (draft, &way, NULL);
  g_clear_pointer (&self->plan, glow_capture_plan_free);
  self->plan = glow_capture_plan_copy (plan);
  self->is_shown = self->is_discarded = FALSE;
  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      g_autofree char *problem = g_strdup_printf (_("The folder “%s” cannot be made: %s"), folder, g_strerror (errno));

      glow_window_toast (self->window, problem);
      return;
    }
  self->session = glow_capture_session_new (plan, output);
  if (overhead != NULL)
    glow_capture_session_set_overhead (self->session, overhead);
  g_signal_connect_swapped (self->session, "changed", G_CALLBACK (on_session), self);
  glow_capture_bar_set_session (GLOW_CAPTURE_BAR (self->bar), self->session);
  if (words != NULL)
    glow_capture_session_start_words (self->session, words);
  else
    glow_capture_session_start (self->session, way);
  on_session (self);
}

/* ---- the dialog ---- */

static void
on_record (GlowCaptureDialog *dialog, Capture *self)
{
  GlowDocumentState state = glow_document_get_state (glow_window_get_document (self->window));
  Capture *place = self;

  if (runs (self) || (state != GLOW_DOCUMENT_EMPTY && state != GLOW_DOCUMENT_FAILED))
    {
      GlowWindow *window = glow_window_new (ADW_APPLICATION (gtk_window_get_application (GTK_WINDOW (self->window))));

      gtk_window_present (GTK_WINDOW (window));
      place = capture_of (window);
    }
  g_clear_pointer (&place->before, g_strfreev);
  place->before = g_strdupv (g_object_get_data (G_OBJECT (dialog), "glow-before"));
  begin (place, glow_capture_dialog_get_draft (dialog));
}

static void
on_open (GlowCaptureDialog *dialog, const char *path, Capture *self)
{
  glow_window_open_asking (self->window, (const char *[]) { path, NULL });
}

static void
on_dialog_gone (Capture *self)
{
  self->dialog = NULL;
}

/* @before: (nullable): what is recorded is compared with these. */
static void
ask (Capture *self, const GlowCapturePlan *plan, const char *const *before)
{
  GlowCaptureDialog *dialog;

  if (self->dialog != NULL)
    {
      gtk_window_present (self->dialog);
      return;
    }
  dialog = glow_capture_dialog_new (GTK_WINDOW (self->window), before != NULL ? _("Record After") : _("Capture"), plan);
  self->dialog = GTK_WINDOW (dialog);
  /* Who looks at it for a screen reader may hold it for a while longer. */
  g_signal_connect_swapped (dialog, "destroy", G_CALLBACK (on_dialog_gone), self);
  g_object_set_data_full (G_OBJECT (dialog), "glow-before", g_strdupv ((char **) before), (GDestroyNotify) g_strfreev);
  g_signal_connect (dialog, "record", G_CALLBACK (on_record), self);
  g_signal_connect (dialog, "open", G_CALLBACK (on_open), self);
  gtk_window_present (GTK_WINDOW (dialog));
}

void
glow_window_capture (GlowWindow *window)
{
  ask (capture_of (window), NULL, NULL);
}

/* ---- actions ---- */

static void
capture (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  glow_window_capture (window);
}

static void
capture_again (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  Capture *self = capture_of (window);

  ask (self, self->plan, NULL);
}

/* As the open document was recorded, where that is known. Its processes may be gone by now. */
static void
record_after (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  GlowDocument *document = glow_window_get_document (window);
  const GlowCaptureNotes *notes = glow_recorded_get_notes (document);

  if (glow_document_get_profile (document) == NULL)
    glow_window_toast (window, _("Open a recording first: the new one is compared with it"));
  else
    ask (capture_of (window), notes != NULL ? notes->plan : NULL, glow_document_get_paths (document));
}

static void
pause_or_resume (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  const Capture *self = capture_of (window);

  if (glow_capture_session_get_state (self->session) == GLOW_CAPTURE_PAUSED)
    glow_capture_session_resume (self->session);
  else
    glow_capture_session_pause (self->session);
}

static void
mark (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  const Capture *self = capture_of (window);
  g_autofree char *text = glow_capture_bar_take_mark (GLOW_CAPTURE_BAR (self->bar)), *toast = g_strdup_printf (_("Marked: %s"), text);

  glow_capture_session_mark (self->session, text);
  glow_window_toast (window, toast);
}

static void
stop (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  glow_capture_session_stop (capture_of (window)->session);
}

static void
on_discard (gpointer data, const char *response)
{
  g_autoptr(GlowWindow) window = data;
  Capture *self = capture_of (window);

  if (strcmp (response, "discard") != 0 || self->session == NULL || !runs (self))
    return;
  self->is_discarded = TRUE;
  glow_capture_session_discard (self->session);
}

static void
discard (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  const char *const responses[] = { "cancel", _("_Go On"), "discard", _("_Discard"), NULL };

  glow_compat_ask (window, _("Discard the recording?"), _("It stops, and what was recorded is deleted."), responses, on_discard, g_object_ref (window));
}

static void
close_bar (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  Capture *self = capture_of (window);

  if (!runs (self))
    drop_session (self);
}

/* ---- what was left unfinished ---- */

static void
offer (Capture *self)
{
  if (self->unfinished != NULL && self->unfinished->len > 0)
    glow_capture_bar_offer (GLOW_CAPTURE_BAR (self->bar), self->unfinished);
  else
    drop_session (self);
  enable (self, "capture-open-unfinished", self->unfinished != NULL && self->unfinished->len > 0);
  enable (self, "capture-delete-unfinished", self->unfinished != NULL && self->unfinished->len > 0);
}

static void
open_unfinished (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  Capture *self = capture_of (window);
  g_autofree char *path = g_strdup (g_ptr_array_index (self->unfinished, 0));

  g_ptr_array_remove_index (self->unfinished, 0);
  glow_capture_forget_unfinished (path);
  offer (self);
  glow_window_open_asking (window, (const char *[]) { path, NULL });
}

static void
on_delete (gpointer data, const char *response)
{
  g_autoptr(GlowWindow) window = data;
  Capture *self = capture_of (window);
  g_autoptr(GError) error = NULL;

  if (strcmp (response, "delete") != 0 || self->unfinished->len == 0)
    return;
  if (!glow_capture_delete (g_ptr_array_index (self->unfinished, 0), &error))
    glow_window_toast (window, error->message);
  g_ptr_array_remove_index (self->unfinished, 0);
  offer (self);
}

static void
delete_unfinished (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  const char *const responses[] = { "cancel", _("_Keep It"), "delete", _("_Delete"), NULL };
  g_autofree char *name = g_filename_display_basename (g_ptr_array_index (capture_of (window)->unfinished, 0)), *heading = g_strdup_printf (_("Delete “%s”?"), name);

  glow_compat_ask (window, heading, _("What was recorded by then is lost."), responses, on_delete, g_object_ref (window));
}

/* Once a run of the program, in its first window. */
static void
find_unfinished (Capture *self)
{
  static gboolean is_found;

  if (is_found)
    return;
  is_found = TRUE;
  self->unfinished = glow_capture_unfinished_load ();
  if (self->unfinished->len > 0)
    offer (self);
}

/* ---- the window ---- */

static void
on_close_answer (gpointer data, const char *response)
{
  g_autoptr(GlowWindow) window = data;
  Capture *self = capture_of (window);

  if (strcmp (response, "cancel") == 0)
    return;
  if (!runs (self))
    {
      gtk_window_close (GTK_WINDOW (window));
      return;
    }
  /* The file is complete only when perf has gone. */
  self->closes = TRUE;
  if (strcmp (response, "discard") == 0)
    glow_capture_session_discard (self->session);
  else
    glow_capture_session_stop (self->session);
}

static gboolean
on_close_request (GtkWindow *window, Capture *self)
{
  const char *const responses[] = { "cancel", _("_Go On"), "discard", _("_Discard"), "keep", _("_Stop and Keep"), NULL };

  if (!runs (self) || self->closes)
    return FALSE;
  glow_compat_ask (window, _("A recording is running"), _("Closing the window ends it."), responses, on_close_answer, g_object_ref (window));
  return TRUE;
}

static void
capture_free (gpointer data)
{
  Capture *self = data;

  if (self->dialog != NULL)
    g_signal_handlers_disconnect_by_data (self->dialog, self);
  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_object (&self->session);
  g_clear_pointer (&self->plan, glow_capture_plan_free);
  g_strfreev (self->before);
  g_clear_pointer (&self->unfinished, g_ptr_array_unref);
  g_free (self);
}

void
glow_window_add_capture (GlowWindow *window, GtkBox *place)
{
  static const GActionEntry entries[] = {
    { .name = "capture", .activate = capture },
    { .name = "capture-again", .activate = capture_again },
    { .name = "record-after", .activate = record_after },
    { .name = "capture-pause", .activate = pause_or_resume },
    { .name = "capture-mark", .activate = mark },
    { .name = "capture-stop", .activate = stop },
    { .name = "capture-discard", .activate = discard },
    { .name = "capture-close-bar", .activate = close_bar },
    { .name = "capture-open-unfinished", .activate = open_unfinished },
    { .name = "capture-delete-unfinished", .activate = delete_unfinished },
  };
  Capture *self = g_new0 (Capture, 1);

  self->window = window;
  self->bar = glow_capture_bar_new ();
  gtk_box_append (place, self->bar);
  g_object_set_data_full (G_OBJECT (window), "glow-capture", self, capture_free);
  g_action_map_add_action_entries (G_ACTION_MAP (window), entries, G_N_ELEMENTS (entries), window);
  g_signal_connect (window, "close-request", G_CALLBACK (on_close_request), self);
  g_signal_connect_object (glow_window_get_document (window), "changed", G_CALLBACK (on_document), window, 0);
  find_unfinished (self);
  update_actions (self);
}
