/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Searching: the entry, how much matches, from match to match. */
#include <config.h>

#include "ui/window-private.h"

#include <glib/gi18n.h>

void
glow_window_show_matches (GlowWindow *self)
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
  glow_window_show_matches (self);
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

void
glow_window_init_search (GlowWindow *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_search_entry_set_key_capture_widget (GTK_SEARCH_ENTRY (self->search_entry), NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->search_entry), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Search functions"), -1);
  g_signal_connect_object (self->search_entry, "search-changed", G_CALLBACK (on_search), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->search_entry, "stop-search", G_CALLBACK (on_stop_search), self, G_CONNECT_SWAPPED);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (on_search_key), self);
  gtk_widget_add_controller (self->search_entry, keys);
}
