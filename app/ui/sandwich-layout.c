/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the parts of a sandwich stand. */
#include <config.h>

#include "ui/sandwich-layout.h"

#include <adwaita.h>
#include <glib/gi18n.h>

static GtkWidget *
with_heading (const char *heading, GtkWidget *table)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *label = gtk_label_new (heading);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "heading");
  gtk_widget_add_css_class (label, "view-bar");
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), table);
  return box;
}

void
glow_sandwich_layout_init (GlowSandwichLayout *self, GtkWidget *callers, GtkWidget *callees)
{
  GtkWidget *names = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2), *lower = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *paned = gtk_paned_new (GTK_ORIENTATION_VERTICAL);
  GtkWidget *none = g_object_new (ADW_TYPE_STATUS_PAGE, "title", _("No function chosen"), "description",
                                  _("Choose a frame in the flame graph or a row of a table; its callers and callees are shown here."), NULL);

  *self = (GlowSandwichLayout) { gtk_stack_new (), callers, callees, gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12), gtk_label_new (NULL), gtk_label_new (NULL) };
  gtk_widget_add_css_class (self->name, "title-4");
  gtk_widget_add_css_class (self->where, "dim-label");
  for (guint i = 0; i < 2; i++)
    {
      GtkWidget *label = i == 0 ? self->name : self->where;

      gtk_label_set_xalign (GTK_LABEL (label), 0);
      gtk_label_set_ellipsize (GTK_LABEL (label), i == 0 ? PANGO_ELLIPSIZE_MIDDLE : PANGO_ELLIPSIZE_END);
      gtk_label_set_selectable (GTK_LABEL (label), TRUE);
      gtk_box_append (GTK_BOX (names), label);
    }
  gtk_widget_set_hexpand (names, TRUE);
  gtk_box_append (GTK_BOX (self->middle), names);
  gtk_widget_add_css_class (self->middle, "sandwich-middle");
  gtk_box_append (GTK_BOX (lower), self->middle);
  gtk_box_append (GTK_BOX (lower), with_heading (_("Callees: where it spends its time"), callees));
  gtk_paned_set_start_child (GTK_PANED (paned), with_heading (_("Callers: who it works for"), callers));
  gtk_paned_set_end_child (GTK_PANED (paned), lower);
  gtk_widget_set_vexpand (paned, TRUE);
  gtk_stack_add_named (GTK_STACK (self->stack), none, "none");
  gtk_stack_add_named (GTK_STACK (self->stack), paned, "tables");
}

void
glow_sandwich_layout_show (GlowSandwichLayout *self, const char *name, const char *where)
{
  if (name != NULL)
    {
      gtk_label_set_text (GTK_LABEL (self->name), name);
      gtk_label_set_text (GTK_LABEL (self->where), where);
      gtk_widget_set_tooltip_text (self->where, where);
    }
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), name != NULL ? "tables" : "none");
}

void
glow_sandwich_layout_add (GlowSandwichLayout *self, GtkWidget *widget)
{
  gtk_widget_set_valign (widget, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (self->middle), widget);
}
