/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of two pages is seen: of one recording, or of both. */
#include <config.h>

#include "ui/both-sides.h"
#include "ui/pages.h"
#include "ui/tree-table.h"

#include <afterglow/diff-text.h>
#include <glib/gi18n.h>

#define SOME 680               /* pixels from which tables have more columns */
#define ALL 1080               /* and all */

struct _GlowBothSides {
  GtkBox parent_instance;
  GlowComparison *comparison;
  GtkWidget *bar, *label, *stack;
};

G_DEFINE_FINAL_TYPE (GlowBothSides, glow_both_sides, GTK_TYPE_BOX)

static void
refresh (GlowBothSides *self)
{
  GlowDiff *diff = glow_comparison_get_diff (self->comparison);
  g_autofree char *before = NULL, *after = NULL, *base = NULL, *words = NULL;

  gtk_widget_set_visible (self->bar, diff != NULL);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), diff != NULL && glow_comparison_get_everywhere (self->comparison) ? "both" : "alone");
  glow_pages_hide_others (gtk_stack_get_visible_child (GTK_STACK (self->stack)), self->stack);
  if (diff == NULL)
    return;
  before = glow_comparison_dup_label (self->comparison, GLOW_BEFORE);
  after = glow_comparison_dup_label (self->comparison, GLOW_AFTER);
  base = glow_diff_text_base (diff);
  words = g_strdup_printf ("%s ↔ %s · %s", before, after, base);
  gtk_label_set_text (GTK_LABEL (self->label), words);
  gtk_widget_set_tooltip_text (self->label, words);
}

static void
on_changed (GlowComparison *comparison, guint changes, gpointer data)
{
  if (changes & (GLOW_COMPARED_DIFF | GLOW_COMPARED_STATE))
    refresh (data);
}

static void
set_room (GtkWidget *widget, guint room)
{
  if (GLOW_IS_TREE_TABLE (widget))
    glow_tree_table_set_room (GLOW_TREE_TABLE (widget), room);
  else
    for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
      set_room (child, room);
}

void
glow_both_sides_set_room (GlowBothSides *self, int width)
{
  set_room (gtk_stack_get_child_by_name (GTK_STACK (self->stack), "both"), width < SOME ? 0 : width < ALL ? 1 : 2);
}

GtkWidget *
glow_both_sides_new (GlowComparison *comparison, GtkWidget *alone, GtkWidget *both)
{
  GlowBothSides *self = g_object_new (GLOW_TYPE_BOTH_SIDES, NULL);

  self->comparison = g_object_ref (comparison);
  gtk_stack_add_named (GTK_STACK (self->stack), alone, "alone");
  gtk_stack_add_named (GTK_STACK (self->stack), both, "both");
  g_signal_connect_object (comparison, "changed", G_CALLBACK (on_changed), self, 0);
  refresh (self);
  return GTK_WIDGET (self);
}

static void
glow_both_sides_dispose (GObject *object)
{
  g_clear_object (&GLOW_BOTH_SIDES (object)->comparison);
  G_OBJECT_CLASS (glow_both_sides_parent_class)->dispose (object);
}

static void
glow_both_sides_class_init (GlowBothSidesClass *class)
{
  G_OBJECT_CLASS (class)->dispose = glow_both_sides_dispose;
}

static void
glow_both_sides_init (GlowBothSides *self)
{
  GtkWidget *button = gtk_toggle_button_new_with_label (_("Before and After"));

  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  self->bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  self->label = gtk_label_new (NULL);
  self->stack = gtk_stack_new ();
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.both-sides");
  gtk_widget_set_tooltip_text (button, _("Both sides of the comparison, or this recording alone (V)"));
  gtk_label_set_xalign (GTK_LABEL (self->label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (self->label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_add_css_class (self->label, "dim-label");
  gtk_widget_set_vexpand (self->stack, TRUE);
  gtk_box_append (GTK_BOX (self->bar), button);
  gtk_box_append (GTK_BOX (self->bar), self->label);
  gtk_widget_add_css_class (self->bar, "view-bar");
  gtk_box_append (GTK_BOX (self), self->bar);
  gtk_box_append (GTK_BOX (self), self->stack);
}
