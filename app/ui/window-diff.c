/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Before and after, as a window's actions: choosing what to compare with, dropping it, taking the answer away. */
#include <config.h>

#include "ui/comparison-offers.h"
#include "ui/compat.h"
#include "ui/window-private.h"

#include <glib/gi18n.h>
#include <string.h>

static GlowComparison *
comparison_of (gpointer window)
{
  return glow_diff_view_get_comparison (glow_window_get_diff (window));
}

void
glow_window_compare (GlowWindow *self, const char *const *paths)
{
  if (paths[0] == NULL)
    return;
  if (glow_document_get_profile (glow_window_get_document (self)) == NULL)
    {
      glow_window_toast (self, _("Open a recording first: the other is compared with it"));
      return;
    }
  glow_window_set_view (self, "diff");
  glow_comparison_compare_files (comparison_of (self), paths, GLOW_BEFORE);
}

/* ---- actions ---- */

static void
on_files (gpointer window, const char *const *paths)
{
  glow_window_compare (window, paths);
}

static void
compare_with (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  const GlowChooseOptions options = { GLOW_CHOOSE_FILES, _("Compare With: Recordings from Before"), _("_Compare"), NULL, NULL };

  glow_window_set_view (window, "diff");
  glow_compat_choose_files (window, &options, on_files, window);
}

static void
compare_path (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  glow_window_compare (window, (const char *[]) { g_variant_get_string (parameter, NULL), NULL });
}

static void
add_before (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  glow_comparison_add_files (comparison_of (window), (const char *[]) { g_variant_get_string (parameter, NULL), NULL }, GLOW_BEFORE);
}

static void
add_after (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  glow_comparison_add_files (comparison_of (window), (const char *[]) { g_variant_get_string (parameter, NULL), NULL }, GLOW_AFTER);
}

static void
compare_offer (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  g_autoptr(GPtrArray) offers = glow_comparison_dup_offers (glow_window_get_document (window));
  guint index = g_variant_get_uint32 (parameter);
  const GlowComparisonOffer *offer = index < offers->len ? g_ptr_array_index (offers, index) : NULL;

  if (offer == NULL)
    {
      glow_window_toast (window, _("Select a time, or two threads, first"));
      return;
    }
  glow_window_set_view (window, "diff");
  glow_comparison_compare_queries (comparison_of (window), offer->before, offer->after);
}

/* ---- a function in both recordings ---- */

/* A window that shows this file, or a new one. */
static GlowWindow *
window_of (GlowWindow *self, const char *path)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (self));
  g_autofree char *wanted = g_canonicalize_filename (path, NULL);
  GlowWindow *other;

  for (GList *window = gtk_application_get_windows (application); window != NULL; window = window->next)
    {
      const char *const *paths = GLOW_IS_WINDOW (window->data) && window->data != self ? glow_document_get_paths (glow_window_get_document (window->data)) : NULL;
      g_autofree char *shown = paths != NULL && paths[0] != NULL && paths[1] == NULL ? g_canonicalize_filename (paths[0], NULL) : NULL;

      if (g_strcmp0 (shown, wanted) == 0 && glow_document_get_state (glow_window_get_document (window->data)) != GLOW_DOCUMENT_FAILED)
        return window->data;
    }
  other = glow_window_new (ADW_APPLICATION (application));
  glow_window_open (other, (const char *[]) { path, NULL });
  return other;
}

/* The other recording's window, with the function chosen there. FALSE where no other has it. */
static gboolean
show_elsewhere (GlowWindow *self)
{
  GlowComparison *comparison = comparison_of (self);
  guint side, run;
  guint32 frame = glow_comparison_find_elsewhere (comparison, glow_comparison_get_selected_key (comparison), &side, &run);
  GlowProfile *profile;
  const GlowFrame *own;
  const char *module;
  GlowWindow *other;

  if (frame == GLOW_NONE)
    return FALSE;
  profile = glow_diff_get_run (glow_comparison_get_diff (comparison), side, run)->profile;
  own = &glow_profile_get_frames (profile, NULL)[frame];
  module = own->module != GLOW_NONE ? glow_profile_get_string (profile, glow_profile_get_modules (profile, NULL)[own->module].name) : NULL;
  other = window_of (self, glow_comparison_get_path (comparison, side, run));
  glow_window_choose_function (other, glow_profile_get_string (profile, own->name), module);
  gtk_window_present (GTK_WINDOW (other));
  return TRUE;
}

static gboolean
show_here (GlowWindow *self)
{
  GlowComparison *comparison = comparison_of (self);
  guint32 frame = glow_comparison_find_in_document (comparison, glow_comparison_get_selected_key (comparison));

  if (frame == GLOW_NONE)
    return FALSE;
  /* What is chosen is on the same path already, where there is one. */
  glow_document_select_frame (glow_window_get_document (self), frame);
  glow_window_set_view (self, "flame");
  return TRUE;
}

static void
open_here (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  if (!show_here (window))
    glow_window_toast (window, _("It does not occur in the recording of this window: open it in the other one"));
}

static void
open_in_other (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  if (!show_elsewhere (window))
    glow_window_toast (window, _("It does not occur in another recording"));
}

/* In this window and in another; where it is on one side alone, it is said. */
static void
open_in_both (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  gboolean here = show_here (window), elsewhere = show_elsewhere (window);

  if (!here)
    glow_window_toast (window, _("It does not occur in the recording of this window"));
  else if (!elsewhere && !glow_comparison_is_selections (comparison_of (window)))
    glow_window_toast (window, _("It does not occur in another recording"));
}

static void
sandwich_of_both (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  glow_comparison_set_everywhere (comparison_of (window), TRUE);
  glow_window_set_view (window, "sandwich");
}

static void
change_both_sides (GSimpleAction *action, GVariant *value, gpointer window)
{
  glow_comparison_set_everywhere (comparison_of (window), g_variant_get_boolean (value));
}

/* The page that shows is of both sides. */
static gboolean
shows_both (GlowWindow *self)
{
  const char *view = glow_window_get_view (self);
  GlowComparison *comparison = comparison_of (self);

  if (glow_comparison_get_diff (comparison) == NULL)
    return FALSE;
  return g_strcmp0 (view, "diff") == 0 || (glow_comparison_get_everywhere (comparison) && (g_strcmp0 (view, "tree") == 0 || g_strcmp0 (view, "sandwich") == 0));
}

const char *
glow_window_get_function_elsewhere (GlowWindow *self)
{
  GlowComparison *comparison = comparison_of (self);
  guint32 key = glow_comparison_get_selected_key (comparison), frame;
  GlowProfile *profile;
  guint side, run;

  if (!shows_both (self) || glow_comparison_find_in_document (comparison, key) != GLOW_NONE)
    return NULL;
  frame = glow_comparison_find_elsewhere (comparison, key, &side, &run);
  if (frame == GLOW_NONE)
    return NULL;
  profile = glow_diff_get_run (glow_comparison_get_diff (comparison), side, run)->profile;
  return glow_profile_get_string (profile, glow_profile_get_frames (profile, NULL)[frame].name);
}

static void
enable (GlowWindow *self, const char *name, gboolean enabled)
{
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self), name)), enabled);
}

void
glow_window_update_diff_actions (GlowWindow *self)
{
  static const char *const of_function[] = { "open-in-both", "open-in-other", "open-here", "sandwich-of-both" };
  GlowComparison *comparison = comparison_of (self);
  gboolean has_diff = glow_comparison_get_diff (comparison) != NULL, has_key = has_diff && glow_comparison_get_selected_key (comparison) != GLOW_NONE;
  gboolean has_frame = glow_document_get_selected_frame (glow_window_get_document (self)) != GLOW_NONE || (has_key && shows_both (self));
  const char *view = glow_window_get_view (self);
  GAction *both = g_action_map_lookup_action (G_ACTION_MAP (self), "both-sides");

  if (both == NULL)
    return;                    /* while the window is made */
  enable (self, "both-sides", has_diff && (g_strcmp0 (view, "tree") == 0 || g_strcmp0 (view, "sandwich") == 0));
  g_simple_action_set_state (G_SIMPLE_ACTION (both), g_variant_new_boolean (glow_comparison_get_everywhere (comparison)));
  for (guint i = 0; i < G_N_ELEMENTS (of_function); i++)
    enable (self, of_function[i], has_key);
  enable (self, "focus-frame", has_frame);
  enable (self, "hide-frame", has_frame);
}

static void
toast (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  glow_window_toast (window, g_variant_get_string (parameter, NULL));
}

void
glow_window_add_diff_actions (GlowWindow *self)
{
  static const GActionEntry entries[] = {
    { .name = "compare-with", .activate = compare_with },
    { .name = "compare-path", .activate = compare_path, .parameter_type = "s" },
    { .name = "compare-add-before", .activate = add_before, .parameter_type = "s" },
    { .name = "compare-add-after", .activate = add_after, .parameter_type = "s" },
    { .name = "compare-offer", .activate = compare_offer, .parameter_type = "u" },
    { .name = "open-here", .activate = open_here },
    { .name = "open-in-other", .activate = open_in_other },
    { .name = "open-in-both", .activate = open_in_both },
    { .name = "sandwich-of-both", .activate = sandwich_of_both },
    { .name = "both-sides", .state = "true", .change_state = change_both_sides },
    { .name = "toast", .activate = toast, .parameter_type = "s" },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
}

gboolean
glow_window_shows_diff (GlowWindow *self)
{
  return g_strcmp0 (glow_window_get_view (self), "diff") == 0 && glow_comparison_get_diff (comparison_of (self)) != NULL;
}

char *
glow_window_dup_diff_command (GlowWindow *self)
{
  return glow_comparison_dup_command (comparison_of (self), glow_diff_view_is_merged (glow_window_get_diff (self)));
}

/* ---- dropping ---- */

#define LOOK_AGAIN 250         /* ms */

GPtrArray *
glow_window_dup_dropped_paths (const GValue *value)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);

  for (GSList *files = g_value_get_boxed (value); files != NULL; files = files->next)
    {
      char *path = g_file_get_path (files->data);

      if (path != NULL)
        g_ptr_array_add (paths, path);
    }
  g_ptr_array_add (paths, NULL);
  return paths;
}

/* A drag comes from another program, which has the keyboard: the pointer's own state tells what is held. */
gboolean
glow_window_is_shift_held (GlowWindow *self)
{
  GdkSurface *surface = gtk_native_get_surface (GTK_NATIVE (self));
  GdkSeat *seat = gdk_display_get_default_seat (gtk_widget_get_display (GTK_WIDGET (self)));
  GdkModifierType state = 0;

  return surface != NULL && seat != NULL && gdk_surface_get_device_position (surface, gdk_seat_get_pointer (seat), NULL, NULL, &state) && (state & GDK_SHIFT_MASK) != 0;
}

/* The place goes when the drag has gone, from the window and from the place: the one is left for the other. */
typedef struct { GtkWidget *place; GtkDropTarget *window, *own; guint timer; } Place;

/* A drop ends what the targets know of the drag only later. */
void
glow_window_hide_drop_place (GtkWidget *label)
{
  Place *self = g_object_get_data (G_OBJECT (label), "glow-place");

  g_clear_handle_id (&self->timer, g_source_remove);
  gtk_widget_set_visible (label, FALSE);
}

static gboolean
on_drop (GtkDropTarget *target, const GValue *value, double x, double y, gpointer label)
{
  g_autoptr(GPtrArray) paths = glow_window_dup_dropped_paths (value);

  glow_window_hide_drop_place (label);
  glow_window_compare (GLOW_WINDOW (gtk_widget_get_root (label)), (const char *const *) paths->pdata);
  return paths->len > 1;
}

static gboolean
look_again (gpointer data)
{
  Place *self = data;

  if (gtk_drop_target_get_current_drop (self->window) != NULL || gtk_drop_target_get_current_drop (self->own) != NULL)
    return G_SOURCE_CONTINUE;
  gtk_widget_set_visible (self->place, FALSE);
  self->timer = 0;
  return G_SOURCE_REMOVE;
}

static void
on_drag (GtkDropTarget *target, GParamSpec *property, gpointer data)
{
  Place *self = data;
  GtkRoot *window = gtk_widget_get_root (self->place);

  if (gtk_drop_target_get_current_drop (target) == NULL || self->timer != 0 || !GLOW_IS_WINDOW (window)
      || glow_document_get_profile (glow_window_get_document (GLOW_WINDOW (window))) == NULL)
    return;
  gtk_widget_set_visible (self->place, TRUE);
  self->timer = g_timeout_add (LOOK_AGAIN, look_again, self);
}

static void
place_free (gpointer data)
{
  Place *self = data;

  g_clear_handle_id (&self->timer, g_source_remove);
  g_signal_handlers_disconnect_by_data (self->window, self);
  g_object_unref (self->window);
  g_free (self);
}

/* There while something is dragged over the window, which @target is of. (transfer floating) */
GtkWidget *
glow_window_new_drop_place (GtkDropTarget *target)
{
  GtkWidget *label = gtk_label_new (_("Compare with this one"));
  /* With Shift a drag offers to move, and nothing else; what is dropped is only read. */
  Place *place = g_new0 (Place, 1);

  *place = (Place) { label, g_object_ref (target), gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY | GDK_ACTION_MOVE), 0 };
  gtk_widget_add_css_class (label, "drop-place");
  gtk_widget_set_valign (label, GTK_ALIGN_END);
  gtk_widget_set_visible (label, FALSE);
  g_signal_connect (place->own, "drop", G_CALLBACK (on_drop), label);
  gtk_widget_add_controller (label, GTK_EVENT_CONTROLLER (place->own));
  g_signal_connect (target, "notify::current-drop", G_CALLBACK (on_drag), place);
  g_object_set_data_full (G_OBJECT (label), "glow-place", place, place_free);
  return label;
}
