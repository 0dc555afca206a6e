/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Breadcrumbs: the callers of what fills the window. A long way is shortened in its middle. */
#include <config.h>

#include "ui/query-bar.h"

#include <glib/gi18n.h>

#define SHOWN 6

typedef struct {
  GlowDocument *document;
  GtkWidget *box;
} Crumbs;

static void
on_clicked (GtkButton *button, gpointer data)
{
  Crumbs *self = data;

  glow_document_set_zoom (self->document, GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "glow-node")));
}

static void
add_crumb (Crumbs *self, GlowCallTree *tree, guint32 node, gboolean last)
{
  g_autofree char *name = glow_call_tree_dup_display_name (tree, node), *brief = glow_label_shorten (name, 28);
  GtkWidget *button = gtk_button_new_with_label (brief);

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "crumb");
  if (last)
    gtk_widget_add_css_class (button, "crumb-last");
  gtk_widget_set_tooltip_text (button, name);
  g_object_set_data (G_OBJECT (button), "glow-node", GUINT_TO_POINTER (node));
  g_signal_connect (button, "clicked", G_CALLBACK (on_clicked), self);
  gtk_box_append (GTK_BOX (self->box), button);
  if (!last)
    gtk_box_append (GTK_BOX (self->box), gtk_label_new ("›"));
}

static void
on_changed (Crumbs *self, guint changes)
{
  GlowCallTree *tree = glow_document_get_tree (self->document);
  guint32 zoom = glow_document_get_zoom (self->document);
  g_autoptr(GArray) way = g_array_new (FALSE, FALSE, sizeof (guint32));
  GtkWidget *child;

  if (!(changes & (GLOW_CHANGED_ZOOM | GLOW_CHANGED_TREE)))
    return;
  while ((child = gtk_widget_get_first_child (self->box)) != NULL)
    gtk_box_remove (GTK_BOX (self->box), child);
  if (tree == NULL)
    return;
  for (guint32 at = zoom;; at = glow_call_tree_get_nodes (tree)->parent[at])
    {
      g_array_prepend_val (way, at);
      if (at == 0)
        break;
    }
  for (guint i = 0; i < way->len; i++)
    {
      if (way->len > SHOWN && i == 2)
        {
          gtk_box_append (GTK_BOX (self->box), gtk_label_new ("… ›"));
          i = way->len - SHOWN + 2;
        }
      add_crumb (self, tree, g_array_index (way, guint32, i), i + 1 == way->len);
    }
}

/* The end of the way is what matters. */
static void
show_end (GtkAdjustment *adjustment)
{
  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment));
}

static void
crumbs_free (gpointer data, GClosure *unused)
{
  Crumbs *self = data;

  g_object_unref (self->document);
  g_free (self);
}

GtkWidget *
glow_breadcrumbs_new (GlowDocument *document)
{
  Crumbs *self = g_new0 (Crumbs, 1);
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GClosure *closure;

  self->document = g_object_ref (document);
  self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 2);
  gtk_widget_add_css_class (self->box, "crumbs");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->box), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Zoomed to"), -1);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_EXTERNAL, GTK_POLICY_NEVER);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), self->box);
  gtk_widget_set_hexpand (scrolled, TRUE);
  g_signal_connect (gtk_scrolled_window_get_hadjustment (GTK_SCROLLED_WINDOW (scrolled)), "changed", G_CALLBACK (show_end), NULL);
  closure = g_cclosure_new_swap (G_CALLBACK (on_changed), self, crumbs_free);
  g_object_watch_closure (G_OBJECT (scrolled), closure);
  g_signal_connect_closure (document, "changed", closure, FALSE);
  return scrolled;
}
