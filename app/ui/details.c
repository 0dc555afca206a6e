/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The details pane. What is known of the node itself stands at once; sums over the function, its callers and callees come when the document knows them. */
#include <config.h>

#include "ui/details.h"
#include "ui/flame-words.h"

#include <glib/gi18n.h>
#include <string.h>

#define NEIGHBOURS 6

struct _GlowDetails {
  GtkBox parent_instance;
  GlowDocument *document;
  GtkWidget *stack, *name, *where, *source, *raw, *raw_row, *here, *everywhere, *callers, *callees, *callers_title, *callees_title, *fields_row, *fields;
  GlowCallTree *tree;          /* (nullable): what is shown is of it */
  guint32 node;
};

G_DEFINE_FINAL_TYPE (GlowDetails, glow_details, GTK_TYPE_BOX)

/* ---- rows ---- */

static void
clear_box (GtkWidget *box)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (box)) != NULL)
    gtk_box_remove (GTK_BOX (box), child);
}

static void
add_row (GtkWidget *box, const char *title, const char *value)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8), *label = gtk_label_new (title), *text = gtk_label_new (value);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_set_valign (label, GTK_ALIGN_START);
  gtk_widget_add_css_class (label, "dim-label");
  gtk_label_set_xalign (GTK_LABEL (text), 1);
  gtk_label_set_wrap (GTK_LABEL (text), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (text), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_justify (GTK_LABEL (text), GTK_JUSTIFY_RIGHT);
  gtk_label_set_selectable (GTK_LABEL (text), TRUE);
  gtk_widget_set_can_focus (text, FALSE);
  gtk_widget_set_hexpand (text, TRUE);
  gtk_widget_add_css_class (text, "numeric");
  gtk_box_append (GTK_BOX (row), label);
  gtk_box_append (GTK_BOX (row), text);
  gtk_box_append (GTK_BOX (box), row);
}

static void
add_count (GtkWidget *box, const char *title, guint64 count)
{
  g_autofree char *text = glow_text_count (count);

  add_row (box, title, text);
}

/* Shares with intervals, samples, and time where the unit is one. */
static void
add_numbers (GtkWidget *box, GlowCallTree *tree, guint64 total, guint64 self, guint64 samples)
{
  const GlowBase *base = glow_call_tree_get_base (tree);
  g_autofree char *total_words = glow_flame_words_share (tree, total), *self_words = glow_flame_words_share (tree, self);
  g_autofree char *own = glow_text_count (samples), *all = glow_text_count (base->samples), *of = g_strdup_printf (_("%s of %s"), own, all);

  add_row (box, _("Total"), total_words);
  add_row (box, _("Self"), self_words);
  add_row (box, _("Samples"), of);
  if (base->unit != GLOW_UNIT_SAMPLES && base->unit != GLOW_UNIT_UNKNOWN)
    {
      g_autofree char *weight = glow_text_weight (total, base->unit, base->decimals);

      add_row (box, base->unit == GLOW_UNIT_NANOSECONDS ? _("Time") : _("Weight"), weight);
    }
}

static void
on_neighbour (GtkButton *button, gpointer data)
{
  GlowDetails *self = data;

  glow_document_select_frame (self->document, GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "glow-frame")));
}

static void
fill_neighbours (GlowDetails *self, GtkWidget *title, GtkWidget *box, GlowCallTree *tree)
{
  const GlowCallTreeNodes *nodes = tree != NULL ? glow_call_tree_get_nodes (tree) : NULL;
  guint32 n = nodes != NULL ? nodes->n_children[0] : 0;

  clear_box (box);
  gtk_widget_set_visible (title, n > 0);
  for (guint32 i = 0; i < MIN (n, NEIGHBOURS); i++)
    {
      guint32 node = nodes->first_child[0] + i;
      g_autofree char *name = glow_call_tree_dup_display_name (tree, node), *brief = glow_label_shorten (name, 60);
      g_autofree char *share = glow_text_share (nodes->total[0] > 0 ? (double) nodes->total[node] / nodes->total[0] : 0);
      GtkWidget *button = gtk_button_new (), *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8), *label = gtk_label_new (brief);
      GtkWidget *number = gtk_label_new (share);

      gtk_label_set_xalign (GTK_LABEL (label), 0);
      gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
      gtk_widget_set_hexpand (label, TRUE);
      gtk_widget_add_css_class (number, "numeric");
      gtk_widget_add_css_class (number, "dim-label");
      gtk_box_append (GTK_BOX (row), label);
      gtk_box_append (GTK_BOX (row), number);
      gtk_button_set_child (GTK_BUTTON (button), row);
      gtk_widget_add_css_class (button, "flat");
      gtk_widget_add_css_class (button, "neighbour");
      gtk_widget_set_tooltip_text (button, name);
      g_object_set_data (G_OBJECT (button), "glow-frame", GUINT_TO_POINTER (nodes->frame[node]));
      g_signal_connect (button, "clicked", G_CALLBACK (on_neighbour), self);
      gtk_box_append (GTK_BOX (box), button);
    }
  if (n > NEIGHBOURS)
    {
      g_autofree char *more = g_strdup_printf (ngettext ("and %u more: see Sandwich", "and %u more: see Sandwich", n - NEIGHBOURS), n - NEIGHBOURS);
      GtkWidget *label = gtk_label_new (more);

      gtk_label_set_xalign (GTK_LABEL (label), 0);
      gtk_widget_add_css_class (label, "dim-label");
      gtk_box_append (GTK_BOX (box), label);
    }
}

/* "orders.c:42", the whole path as its tooltip; what is missing where it is not known. */
static void
show_source (GlowDetails *self)
{
  const char *reason;
  const GlowSource *source = glow_facts_get_source (glow_document_get_facts (self->document), &reason);
  g_autofree char *base = source != NULL ? g_path_get_basename (source->file) : NULL, *valid = NULL, *text = NULL, *tip = NULL;

  if (source != NULL)
    {
      valid = g_utf8_make_valid (base, -1);
      text = source->line > 0 ? g_strdup_printf ("%s:%u", valid, source->line) : g_strdup (valid);
      tip = g_utf8_make_valid (source->file, -1);
    }
  else
    text = g_strdup (reason != NULL ? _("Source not known") : _("Looking for the source…"));
  gtk_label_set_text (GTK_LABEL (self->source), text);
  gtk_widget_set_tooltip_text (self->source, tip != NULL ? tip : reason);
}

/* For each field the values that most of the function's samples have. */
static void
show_fields (GlowDetails *self)
{
  const GPtrArray *fields = glow_facts_get_fields (glow_document_get_facts (self->document));
  GlowProfile *profile = glow_call_tree_get_profile (self->tree);

  clear_box (self->fields);
  gtk_widget_set_visible (self->fields_row, glow_profile_has_fields (profile));
  if (!gtk_expander_get_expanded (GTK_EXPANDER (self->fields_row)))
    return;
  if (fields == NULL)
    add_row (self->fields, _("Counting…"), "");
  else if (fields->len == 0)
    add_row (self->fields, _("None of its samples has fields"), "");
  for (guint i = 0; fields != NULL && i < fields->len; i++)
    {
      const GlowFieldFacts *facts = g_ptr_array_index (fields, i);
      g_autoptr(GString) values = g_string_new (NULL);

      for (guint k = 0; k < facts->shares->len; k++)
        {
          const GlowFieldShare *share = &g_array_index (facts->shares, GlowFieldShare, k);
          g_autofree char *brief = glow_label_shorten (share->text, 40), *count = glow_text_count (share->samples);

          g_string_append_printf (values, "%s%s × %s", k > 0 ? "\n" : "", *brief != '\0' ? brief : "“”", count);
        }
      if (facts->n_distinct > facts->shares->len)
        {
          g_autofree char *more = glow_text_count (facts->n_distinct - facts->shares->len);

          g_string_append_printf (values, _("\n%s more values"), more);
        }
      if (facts->shares->len > 0)
        add_row (self->fields, facts->name, values->str);
    }
}

static void
on_fields_expanded (GlowDetails *self)
{
  glow_facts_want_fields (glow_document_get_facts (self->document), gtk_expander_get_expanded (GTK_EXPANDER (self->fields_row)));
  if (self->tree != NULL)
    show_fields (self);
}

static void
show_facts (GlowDetails *self)
{
  const GlowFunctionFacts *facts = glow_facts_get (glow_document_get_facts (self->document));
  const GlowCallTreeNodes *nodes;

  clear_box (self->everywhere);
  show_source (self);
  show_fields (self);
  if (facts == NULL)
    return;
  nodes = glow_call_tree_get_nodes (facts->callees);
  add_numbers (self->everywhere, facts->tree, nodes->total[0], nodes->self[0], nodes->samples_total[0]);
  if (facts->has_spread)
    {
      add_count (self->everywhere, _("Distinct stacks"), facts->spread.n_stacks);
      if (facts->spread.has_threads)
        {
          add_count (self->everywhere, _("Threads"), facts->spread.n_threads);
          add_count (self->everywhere, _("Processes"), facts->spread.n_processes);
        }
      if (facts->spread.blocks.is_known)
        {
          g_autofree char *interval = g_strdup_printf ("%.1f–%.1f\xe2\x80\xaf%%", 100 * facts->spread.blocks.low, 100 * facts->spread.blocks.high);
          g_autofree char *effect = g_strdup_printf ("%.1f", facts->spread.blocks.design_effect);

          add_row (self->everywhere, _("By seconds"), interval);
          add_row (self->everywhere, _("Design effect"), effect);
        }
      if (facts->spread.last_time > facts->spread.first_time)
        {
          guint64 start = glow_profile_get_start (glow_call_tree_get_profile (facts->tree));
          g_autofree char *range = g_strdup_printf ("%.2f–%.2f\xe2\x80\x89s", (facts->spread.first_time - start) / 1e9,
                                                    (facts->spread.last_time - start) / 1e9);

          add_row (self->everywhere, _("Seen from start"), range);
        }
    }
  fill_neighbours (self, self->callers_title, self->callers, facts->callers);
  fill_neighbours (self, self->callees_title, self->callees, facts->callees);
}

static void
add_lack (GtkWidget *box, GlowStackFlags flag, guint64 weight, guint64 total)
{
  g_autofree char *share = glow_text_share ((double) MIN (weight, total) / MAX (total, 1));

  if (weight > 0)
    add_row (box, glow_stack_flag_get_label (flag), share);
}

/* What the torn edge of a frame stands for. */
static void
add_tear (GtkWidget *box, GlowCallTree *tree, guint32 node)
{
  const GlowTear *tear = glow_call_tree_get_tear (tree, node);
  guint64 total = glow_call_tree_get_nodes (tree)->total[node];
  GtkWidget *title;

  if (tear == NULL)
    return;
  title = gtk_label_new (_("Callers missing here"));
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_add_css_class (title, "heading");
  gtk_widget_set_margin_top (title, 6);
  gtk_box_append (GTK_BOX (box), title);
  add_lack (box, GLOW_STACK_CUT, tear->cut, total);
  add_lack (box, GLOW_STACK_LIMIT, tear->limit, total);
  add_lack (box, GLOW_STACK_BROKEN, tear->broken, total);
  add_lack (box, GLOW_STACK_SKIPPED, tear->skipped, total);
}

static void
show_node (GlowDetails *self)
{
  const GlowCallTreeNodes *nodes = glow_call_tree_get_nodes (self->tree);
  guint32 frame = nodes->frame[self->node];
  g_autofree char *name = glow_call_tree_dup_display_name (self->tree, self->node), *where = glow_flame_words_where (self->tree, frame);
  g_autofree char *raw = NULL;
  GlowProfile *profile = glow_call_tree_get_profile (self->tree);

  gtk_label_set_text (GTK_LABEL (self->name), name);
  gtk_label_set_text (GTK_LABEL (self->where), where);
  if (frame != GLOW_NONE)
    {
      const GlowFrame *own = glow_call_tree_get_frame (self->tree, frame);

      if (own->kind != GLOW_FRAME_GROUP && own->raw_name != 0)
        raw = glow_strings_dup_display (glow_profile_get_strings (profile), own->raw_name);
      if (g_strcmp0 (raw, name) == 0)
        g_clear_pointer (&raw, g_free);
    }
  gtk_widget_set_visible (self->raw_row, raw != NULL);
  gtk_label_set_text (GTK_LABEL (self->raw), raw != NULL ? raw : "");
  clear_box (self->here);
  add_numbers (self->here, self->tree, nodes->total[self->node], nodes->self[self->node], nodes->samples_total[self->node]);
  add_count (self->here, _("Depth"), nodes->depth[self->node]);
  add_tear (self->here, self->tree, self->node);
  show_facts (self);
  if (frame == GLOW_NONE)
    {
      fill_neighbours (self, self->callers_title, self->callers, NULL);
      fill_neighbours (self, self->callees_title, self->callees, self->tree);
    }
}

static void
on_changed (GlowDocument *document, guint changes, gpointer data)
{
  GlowDetails *self = data;
  GlowCallTree *tree = glow_document_get_tree (document);
  guint32 node = glow_document_get_selected (document);

  if ((changes & GLOW_CHANGED_FACTS) && self->tree != NULL)
    show_facts (self);
  if (!(changes & (GLOW_CHANGED_SELECTION | GLOW_CHANGED_TREE)) || (tree == self->tree && node == self->node))
    return;
  g_clear_pointer (&self->tree, glow_call_tree_unref);
  self->tree = tree != NULL ? glow_call_tree_ref (tree) : NULL;
  self->node = node;
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), tree != NULL && node != GLOW_NONE ? "frame" : "none");
  if (tree != NULL && node != GLOW_NONE)
    show_node (self);
}

static void
glow_details_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (glow_details_parent_class)->map (widget);
  glow_facts_watch (glow_document_get_facts (GLOW_DETAILS (widget)->document));
}

static void
glow_details_unmap (GtkWidget *widget)
{
  glow_facts_unwatch (glow_document_get_facts (GLOW_DETAILS (widget)->document));
  GTK_WIDGET_CLASS (glow_details_parent_class)->unmap (widget);
}

GtkWidget *
glow_details_new (GlowDocument *document)
{
  GlowDetails *self = g_object_new (GLOW_TYPE_DETAILS, NULL);

  self->document = g_object_ref (document);
  g_signal_connect_object (document, "changed", G_CALLBACK (on_changed), self, 0);
  return GTK_WIDGET (self);
}

static void
glow_details_dispose (GObject *object)
{
  GlowDetails *self = GLOW_DETAILS (object);

  g_clear_pointer (&self->tree, glow_call_tree_unref);
  g_clear_object (&self->document);
  G_OBJECT_CLASS (glow_details_parent_class)->dispose (object);
}

static void
glow_details_class_init (GlowDetailsClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = glow_details_dispose;
  widget_class->map = glow_details_map;
  widget_class->unmap = glow_details_unmap;
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/afterglow/Afterglow/ui/details.ui");
  gtk_widget_class_bind_template_child (widget_class, GlowDetails, stack);
  gtk_widget_class_bind_template_child (widget_class, GlowDetails, name);
  gtk_widget_class_bind_template_child (widget_class, GlowDetails, where);
  gtk_widget_class_bind_template_child (widget_class, GlowDetails, source);
  gtk_widget_class_bind_template_child (widget_class, GlowDetails, raw);
  gtk_widget_class_bind_template_child (widget_class, GlowDetails, raw_row);
  gtk_widget_class_bind_template_child (widget_class, GlowDetails, here);
  gtk_widget_class_bind_template_child (widget_class, GlowDetails, everywhere);
  gtk_widget_class_bind_template_child (widget_class, GlowDetails, callers);
  gtk_widget_class_bind_template_child (widget_class, GlowDetails, callees);
  gtk_widget_class_bind_template_child (widget_class, GlowDetails, callers_title);
  gtk_widget_class_bind_template_child (widget_class, GlowDetails, callees_title);
  gtk_widget_class_bind_template_child (widget_class, GlowDetails, fields_row);
  gtk_widget_class_bind_template_child (widget_class, GlowDetails, fields);
}

static void
glow_details_init (GlowDetails *self)
{
  self->node = GLOW_NONE;
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (self->fields_row, "notify::expanded", G_CALLBACK (on_fields_expanded), self, G_CONNECT_SWAPPED);
}
