/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chips, and what the percentages are of. */
#include <config.h>

#include "ui/field-button.h"
#include "ui/query-bar.h"

#include <glib/gi18n.h>
#include <string.h>

typedef struct {
  GlowDocument *document;
  GtkWidget *bar, *chips, *compare, *base, *spinner;
} Bar;

typedef GlowQuery *(*Remove) (const GlowQuery *query, GlowQueryField field, const char *value);

typedef struct {
  Bar *bar;
  Remove remove;
  GlowQueryField field;
  char *value;
} Chip;

static void
chip_free (gpointer data, GClosure *unused)
{
  Chip *chip = data;

  g_free (chip->value);
  g_free (chip);
}

static void
on_remove (GtkButton *button, gpointer data)
{
  Chip *chip = data;
  GlowDocument *document = chip->bar->document;

  glow_document_set_query (document, chip->remove (glow_document_get_query (document), chip->field, chip->value));
}

static void
add_chip (Bar *self, const char *text, Remove remove, GlowQueryField field, const char *value)
{
  GtkWidget *button = gtk_button_new (), *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4), *label = gtk_label_new (text);
  g_autofree char *name = g_strdup_printf (_("Remove “%s” from the query"), text);
  Chip *chip = g_new0 (Chip, 1);

  *chip = (Chip) { self, remove, field, g_strdup (value) };
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 40);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name ("window-close-symbolic"));
  gtk_button_set_child (GTK_BUTTON (button), box);
  gtk_widget_add_css_class (button, "chip");
  gtk_widget_set_tooltip_text (button, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_signal_connect_data (button, "clicked", G_CALLBACK (on_remove), chip, chip_free, 0);
  gtk_box_append (GTK_BOX (self->chips), button);
}

static GlowQuery *
without_term (const GlowQuery *query, GlowQueryField field, const char *value)
{
  return glow_query_without (query, field, value);
}

static GlowQuery *
not_inverted (const GlowQuery *query, GlowQueryField field, const char *value)
{
  return glow_query_with_inverted (query, FALSE);
}

static GlowQuery *
not_collapsed (const GlowQuery *query, GlowQueryField field, const char *value)
{
  return glow_query_with_collapse_recursion (query, FALSE);
}

static GlowQuery *
without_roots (const GlowQuery *query, GlowQueryField field, const char *value)
{
  return glow_query_with_roots (query, GLOW_ROOTS_NONE);
}

static GlowQuery *
by_event_weight (const GlowQuery *query, GlowQueryField field, const char *value)
{
  return glow_query_with_weight (query, GLOW_WEIGHT_EVENT);
}

static void
show_chips (Bar *self)
{
  const GlowQuery *query = glow_document_get_query (self->document);
  static const char *const roots[] = { NULL, N_("by command"), N_("by process"), N_("by thread"), N_("by container") };
  static const char *const weights[] = { NULL, N_("counted in samples"), N_("counted in time") };
  GtkWidget *child;
  guint n = glow_query_get_n_terms (query), shown = 0;

  while ((child = gtk_widget_get_first_child (self->chips)) != NULL)
    gtk_box_remove (GTK_BOX (self->chips), child);
  for (guint i = 0; i < n; i++, shown++)
    {
      GlowQueryField field;
      const char *value = glow_query_get_term (query, i, &field);
      g_autofree char *text = glow_query_dup_chip (query, i);

      add_chip (self, text, without_term, field, value);
    }
  if (glow_query_get_inverted (query))
    add_chip (self, _("callers first"), not_inverted, 0, NULL), shown++;
  if (glow_query_get_collapse_recursion (query))
    add_chip (self, _("recursion collapsed"), not_collapsed, 0, NULL), shown++;
  if (glow_query_get_roots (query) == GLOW_ROOTS_FIELD)
    {
      g_autofree char *words = g_strdup_printf (_("by %s"), glow_query_get_split (query));

      add_chip (self, words, without_roots, 0, NULL), shown++;
    }
  else if (glow_query_get_roots (query) != GLOW_ROOTS_NONE)
    add_chip (self, _(roots[glow_query_get_roots (query)]), without_roots, 0, NULL), shown++;
  if (glow_query_get_weight (query) == GLOW_WEIGHT_FIELD)
    {
      g_autofree char *words = g_strdup_printf (_("weighed by %s"), glow_query_get_weight_field (query));

      add_chip (self, words, by_event_weight, 0, NULL), shown++;
    }
  else if (glow_query_get_weight (query) != GLOW_WEIGHT_EVENT)
    add_chip (self, _(weights[glow_query_get_weight (query)]), by_event_weight, 0, NULL), shown++;
  /* What was chosen comes before what it is a share of, which has a tooltip too. */
  gtk_label_set_max_width_chars (GTK_LABEL (self->base), shown > 1 ? 20 : -1);
  if (shown == 0)
    {
      GtkWidget *all = gtk_label_new (_("everything"));

      gtk_widget_add_css_class (all, "dim-label");
      gtk_box_append (GTK_BOX (self->chips), all);
    }
}

static void
on_changed (Bar *self, guint changes)
{
  GlowCallTree *tree = glow_document_get_tree (self->document);
  g_autofree char *base = NULL, *words = NULL;

  if (changes & (GLOW_CHANGED_QUERY | GLOW_CHANGED_STATE))
    {
      show_chips (self);
      gtk_widget_set_visible (self->compare, glow_query_has_term (glow_document_get_query (self->document), GLOW_QUERY_BASELINE_TIME, NULL));
    }
  if (!(changes & (GLOW_CHANGED_TREE | GLOW_CHANGED_QUERY | GLOW_CHANGED_STATE)))
    return;
  gtk_widget_set_visible (self->spinner, glow_document_is_busy (self->document));
  gtk_spinner_set_spinning (GTK_SPINNER (self->spinner), glow_document_is_busy (self->document));
  base = tree != NULL ? glow_text_base (tree) : g_strdup ("");
  words = tree != NULL ? g_strdup_printf (_("100 %% = %s"), base) : g_strdup ("");
  gtk_label_set_text (GTK_LABEL (self->base), words);
  if (tree != NULL)
    {
      g_autofree char *tooltip = g_strdup_printf (_("What every percentage is of: %s"), base);

      gtk_widget_set_tooltip_text (self->base, tooltip);
    }
  else
    gtk_widget_set_tooltip_text (self->base, NULL);
}

static void
bar_free (gpointer data, GClosure *unused)
{
  Bar *self = data;

  g_object_unref (self->document);
  g_free (self);
}

GtkWidget *
glow_query_bar_new (GlowDocument *document)
{
  Bar *self = g_new0 (Bar, 1);
  GtkWidget *showing = gtk_label_new (_("Showing")), *scrolled = gtk_scrolled_window_new ();
  GtkWidget *fields = glow_field_button_new (document);
  GtkWidget *back = gtk_button_new_from_icon_name ("edit-undo-symbolic"), *forward = gtk_button_new_from_icon_name ("edit-redo-symbolic");
  GClosure *closure;

  self->document = g_object_ref (document);
  self->bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  self->chips = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  self->compare = gtk_button_new_with_label (_("Compare"));
  self->base = gtk_label_new (NULL);
  self->spinner = gtk_spinner_new ();
  gtk_widget_set_visible (self->spinner, FALSE);
  gtk_widget_set_visible (self->compare, FALSE);
  gtk_widget_add_css_class (self->compare, "query-compare");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->compare), "win.compare-baseline");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->compare), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Compare with baseline"), -1);
  gtk_widget_set_tooltip_text (self->compare, _("What the selected time does that the baseline does not (Shift+B)"));
  gtk_widget_add_css_class (self->bar, "query-bar");
  gtk_widget_add_css_class (showing, "dim-label");
  gtk_widget_add_css_class (self->base, "dim-label");
  gtk_widget_add_css_class (self->base, "numeric");
  gtk_label_set_ellipsize (GTK_LABEL (self->base), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (self->base), 1);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_EXTERNAL, GTK_POLICY_NEVER);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), self->chips);
  /* Chips are as wide as they want to be, and the bar's room is shared with what the percentages are of. */
  gtk_scrollable_set_hscroll_policy (GTK_SCROLLABLE (gtk_scrolled_window_get_child (GTK_SCROLLED_WINDOW (scrolled))), GTK_SCROLL_NATURAL);
  gtk_scrolled_window_set_propagate_natural_width (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_widget_set_hexpand (scrolled, TRUE);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (back), "win.back");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (forward), "win.forward");
  gtk_widget_set_tooltip_text (back, _("Back to the query before (Alt+←)"));
  gtk_widget_set_tooltip_text (forward, _("Forward (Alt+→)"));
  gtk_widget_add_css_class (back, "flat");
  gtk_widget_add_css_class (forward, "flat");
  for (guint i = 0; i < 8; i++)
    gtk_box_append (GTK_BOX (self->bar), (GtkWidget *[]) { showing, scrolled, self->compare, fields, self->spinner, self->base, back, forward }[i]);
  closure = g_cclosure_new_swap (G_CALLBACK (on_changed), self, bar_free);
  g_object_watch_closure (G_OBJECT (self->bar), closure);
  g_signal_connect_closure (document, "changed", closure, FALSE);
  return self->bar;
}
