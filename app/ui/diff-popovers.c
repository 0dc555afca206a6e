/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a comparison is asked for: the base, the thresholds, the recordings of each side, what was renamed. */
#include <config.h>

#include "ui/compat.h"
#include "ui/diff-popovers.h"

#include <glib/gi18n.h>
#include <string.h>

#define PATIENCE 350           /* ms between the last turn of a number and its answer */

/* What the widgets of one button need; it goes with the button. */
typedef struct {
  GlowComparison *comparison;
  GtkWidget *button, *box;
  GtkWidget *bases[GLOW_N_DIFF_BASES], *unit, *units[GLOW_N_SIDES];
  GtkWidget *level, *floor, *margin, *dependence, *permutation, *pool, *exact;
  guint timer;
  gboolean syncing;
  guint side;                  /* that files are being chosen for */
} Setter;

static void
setter_free (gpointer data)
{
  Setter *self = data;

  g_clear_handle_id (&self->timer, g_source_remove);
  g_object_unref (self->comparison);
  g_free (self);
}

static Setter *
setter_new (GlowComparison *comparison, const char *label, const char *tooltip)
{
  Setter *self = g_new0 (Setter, 1);
  GtkWidget *popover = gtk_popover_new ();

  self->comparison = g_object_ref (comparison);
  self->button = gtk_menu_button_new ();
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_add_css_class (self->box, "field-box");
  gtk_menu_button_set_label (GTK_MENU_BUTTON (self->button), label);
  gtk_widget_set_tooltip_text (self->button, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gtk_popover_set_child (GTK_POPOVER (popover), self->box);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (self->button), popover);
  g_object_set_data_full (G_OBJECT (self->button), "glow-setter", self, setter_free);
  return self;
}

static gboolean
recompute (gpointer data)
{
  Setter *self = data;

  self->timer = 0;
  glow_comparison_recompute (self->comparison);
  return G_SOURCE_REMOVE;
}

static void
recompute_soon (Setter *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  self->timer = g_timeout_add (PATIENCE, recompute, self);
}

static GtkWidget *
add_row (Setter *self, const char *label, GtkWidget *widget)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12), *name = gtk_label_new (label);

  gtk_widget_set_hexpand (name, TRUE);
  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_box_append (GTK_BOX (row), name);
  gtk_box_append (GTK_BOX (row), widget);
  gtk_box_append (GTK_BOX (self->box), row);
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  return widget;
}

/* ---- the base ---- */

static const char *
base_label (GlowDiffBase base)
{
  const char *const labels[GLOW_N_DIFF_BASES] = { _("Share of Each Side"), _("Amount: CPU Time, Events"), _("Amount per Second"), _("Amount per Unit of Work") };

  return labels[base];
}

static const char *
short_base (GlowDiffBase base)
{
  const char *const labels[GLOW_N_DIFF_BASES] = { _("By Share"), _("By Amount"), _("By Rate"), _("By Unit") };

  return labels[base];
}

static void
show_base (Setter *self)
{
  GlowDiffOptions *options = glow_comparison_get_options (self->comparison);

  self->syncing = TRUE;
  gtk_menu_button_set_label (GTK_MENU_BUTTON (self->button), short_base (options->base));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL, short_base (options->base), -1);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (self->bases[options->base]), TRUE);
  for (guint s = 0; s < GLOW_N_SIDES; s++)
    gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->units[s]), glow_comparison_get_units (self->comparison)[s]);
  self->syncing = FALSE;
}

static void
on_base (Setter *self)
{
  GlowDiffOptions *options = glow_comparison_get_options (self->comparison);

  if (self->syncing)
    return;
  for (guint i = 0; i < GLOW_N_DIFF_BASES; i++)
    if (gtk_check_button_get_active (GTK_CHECK_BUTTON (self->bases[i])))
      options->base = i;
  g_free (options->unit);
  options->unit = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->unit)));
  for (guint s = 0; s < GLOW_N_SIDES; s++)
    glow_comparison_get_units (self->comparison)[s] = gtk_spin_button_get_value (GTK_SPIN_BUTTON (self->units[s]));
  recompute_soon (self);
}

static void
on_base_changed (GlowComparison *comparison, guint changes, gpointer button)
{
  if (changes & GLOW_COMPARED_STATE)
    show_base (g_object_get_data (button, "glow-setter"));
}

static void
on_unit (Setter *self)
{
  if (!self->syncing)
    gtk_check_button_set_active (GTK_CHECK_BUTTON (self->bases[GLOW_DIFF_PER_UNIT]), TRUE);
  on_base (self);
}

GtkWidget *
glow_diff_base_button_new (GlowComparison *comparison)
{
  Setter *self = setter_new (comparison, short_base (GLOW_DIFF_SHARE), _("What every number is of"));

  for (guint i = 0; i < GLOW_N_DIFF_BASES; i++)
    {
      self->bases[i] = gtk_check_button_new_with_label (base_label (i));
      gtk_check_button_set_group (GTK_CHECK_BUTTON (self->bases[i]), i > 0 ? GTK_CHECK_BUTTON (self->bases[0]) : NULL);
      gtk_box_append (GTK_BOX (self->box), self->bases[i]);
    }
  self->unit = gtk_entry_new ();
  gtk_editable_set_text (GTK_EDITABLE (self->unit), _("request"));
  add_row (self, _("Unit"), self->unit);
  for (guint s = 0; s < GLOW_N_SIDES; s++)
    {
      self->units[s] = gtk_spin_button_new_with_range (1, 1e12, 1);
      gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->units[s]), 1);
      add_row (self, s == GLOW_BEFORE ? _("Units before") : _("Units after"), self->units[s]);
      g_signal_connect_swapped (self->units[s], "value-changed", G_CALLBACK (on_unit), self);
    }
  show_base (self);
  for (guint i = 0; i < GLOW_N_DIFF_BASES; i++)
    g_signal_connect_swapped (self->bases[i], "toggled", G_CALLBACK (on_base), self);
  g_signal_connect_swapped (self->unit, "changed", G_CALLBACK (on_base), self);
  g_signal_connect_object (comparison, "changed", G_CALLBACK (on_base_changed), self->button, 0);
  return self->button;
}

/* ---- evidence ---- */

static void
on_evidence (Setter *self)
{
  GlowDiffOptions *options = glow_comparison_get_options (self->comparison);
  g_autofree char *label = NULL;

  options->level = gtk_spin_button_get_value (GTK_SPIN_BUTTON (self->level));
  options->floor = MAX (gtk_spin_button_get_value (GTK_SPIN_BUTTON (self->floor)) / 100, 1e-12);
  options->margin = gtk_spin_button_get_value (GTK_SPIN_BUTTON (self->margin)) / 100;
  options->discovery = gtk_check_button_get_active (GTK_CHECK_BUTTON (self->dependence)) ? GLOW_DISCOVERY_BY : GLOW_DISCOVERY_BH;
  options->permutation = gtk_check_button_get_active (GTK_CHECK_BUTTON (self->permutation));
  options->pool_runs = gtk_check_button_get_active (GTK_CHECK_BUTTON (self->pool));
  options->exact_names = gtk_check_button_get_active (GTK_CHECK_BUTTON (self->exact));
  label = g_strdup_printf (_("q < %.3g, ≥ %.3g pp"), options->level, options->floor * 100);
  gtk_menu_button_set_label (GTK_MENU_BUTTON (self->button), label);
  recompute_soon (self);
}

static GtkWidget *
add_number (Setter *self, const char *label, double low, double high, double step, guint digits, double value)
{
  GtkWidget *spin = gtk_spin_button_new_with_range (low, high, step);

  gtk_spin_button_set_digits (GTK_SPIN_BUTTON (spin), digits);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (spin), value);
  g_signal_connect_swapped (spin, "value-changed", G_CALLBACK (on_evidence), self);
  return add_row (self, label, spin);
}

static GtkWidget *
add_check (Setter *self, const char *label, const char *tooltip)
{
  GtkWidget *check = gtk_check_button_new_with_label (label);

  gtk_widget_set_tooltip_text (check, tooltip);
  g_signal_connect_swapped (check, "toggled", G_CALLBACK (on_evidence), self);
  gtk_box_append (GTK_BOX (self->box), check);
  return check;
}

GtkWidget *
glow_diff_evidence_button_new (GlowComparison *comparison)
{
  Setter *self = setter_new (comparison, _("q < 0.05, ≥ 0.1 pp"), _("What counts as a change: the rate of false discoveries, and the least that matters"));

  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Evidence"), -1);
  self->level = add_number (self, _("Evidence where q is below"), 0.0001, 0.5, 0.01, 4, 0.05);
  self->floor = add_number (self, _("Matters from, in points of share"), 0, 100, 0.1, 2, 0.1);
  self->margin = add_number (self, _("Equivalent where proven below, in points"), 0.01, 100, 0.1, 2, 0.5);
  self->dependence = add_check (self, _("For Any Dependence between Tests"), _("Benjamini and Yekutieli in place of Benjamini and Hochberg: fewer discoveries"));
  self->permutation = add_check (self, _("Test Runs by Permutation"), _("Asks for no distribution, and for four runs a side"));
  self->pool = add_check (self, _("Runs of a Side Are One Recording"), _("Samples stay the evidence: it says whether recordings differ"));
  self->exact = add_check (self, _("Compare Names as They Are"), _("Nothing that compilers add (.isra.0, hashes) is stripped"));
  return self->button;
}

/* ---- recordings ---- */

static void show_runs (Setter *self);

static void
on_files (gpointer data, const char *const *paths)
{
  g_autoptr(GtkWidget) button = data;
  Setter *self = g_object_get_data (G_OBJECT (button), "glow-setter");

  if (self != NULL)
    glow_comparison_add_files (self->comparison, paths, self->side);
}

static void
on_add (GtkWidget *add, gpointer data)
{
  Setter *self = data;
  const GlowChooseOptions options = { GLOW_CHOOSE_FILES, _("Add Runs"), _("_Add"), NULL, NULL };

  self->side = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (add), "glow-side"));
  gtk_menu_button_popdown (GTK_MENU_BUTTON (self->button));
  glow_compat_choose_files (GTK_WINDOW (gtk_widget_get_root (add)), &options, on_files, g_object_ref (self->button));
}

static void
on_remove (GtkWidget *remove, gpointer data)
{
  Setter *self = data;
  guint place = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (remove), "glow-place"));

  glow_comparison_remove_run (self->comparison, place % 2, place / 2);
  show_runs (self);
}

static void
add_run (Setter *self, guint side, guint run)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *label, *remove;
  const char *path = glow_comparison_get_path (self->comparison, side, run);
  g_autofree char *name = path != NULL ? g_filename_display_basename (path) : glow_document_dup_title (glow_comparison_get_document (self->comparison));
  g_autofree char *action = g_strdup_printf (_("Leave Out %s"), name);

  label = gtk_label_new (name);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 40);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_set_tooltip_text (label, path);
  gtk_box_append (GTK_BOX (row), label);
  if (glow_comparison_get_n_runs (self->comparison, side) > 1)
    {
      remove = gtk_button_new_from_icon_name ("window-close-symbolic");
      gtk_widget_add_css_class (remove, "flat");
      gtk_widget_set_tooltip_text (remove, action);
      gtk_accessible_update_property (GTK_ACCESSIBLE (remove), GTK_ACCESSIBLE_PROPERTY_LABEL, action, -1);
      g_object_set_data (G_OBJECT (remove), "glow-place", GUINT_TO_POINTER (run * 2 + side));
      g_signal_connect (remove, "clicked", G_CALLBACK (on_remove), self);
      gtk_box_append (GTK_BOX (row), remove);
    }
  gtk_box_append (GTK_BOX (self->box), row);
}

static void
show_runs (Setter *self)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (self->box)) != NULL)
    gtk_box_remove (GTK_BOX (self->box), child);
  for (guint s = 0; s < GLOW_N_SIDES; s++)
    {
      GtkWidget *heading = gtk_label_new (s == GLOW_BEFORE ? _("Before") : _("After")), *add;

      gtk_label_set_xalign (GTK_LABEL (heading), 0);
      gtk_widget_add_css_class (heading, "heading");
      gtk_box_append (GTK_BOX (self->box), heading);
      for (guint i = 0; i < glow_comparison_get_n_runs (self->comparison, s); i++)
        add_run (self, s, i);
      add = gtk_button_new_with_label (s == GLOW_BEFORE ? _("Add Runs before…") : _("Add Runs after…"));
      g_object_set_data (G_OBJECT (add), "glow-side", GUINT_TO_POINTER (s));
      g_signal_connect (add, "clicked", G_CALLBACK (on_add), self);
      gtk_box_append (GTK_BOX (self->box), add);
    }
}

static void
on_runs_changed (GlowComparison *comparison, guint changes, gpointer button)
{
  Setter *self = g_object_get_data (button, "glow-setter");
  g_autofree char *label = NULL;

  if (!(changes & GLOW_COMPARED_STATE))
    return;
  label = g_strdup_printf (_("%u ↔ %u Runs"), glow_comparison_get_n_runs (comparison, GLOW_BEFORE), glow_comparison_get_n_runs (comparison, GLOW_AFTER));
  gtk_menu_button_set_label (GTK_MENU_BUTTON (button), label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gtk_widget_set_visible (button, !glow_comparison_is_selections (comparison));
  show_runs (self);
}

GtkWidget *
glow_diff_runs_button_new (GlowComparison *comparison)
{
  Setter *self = setter_new (comparison, _("Runs"), _("Recordings of each side: with several, runs are the evidence, and it is the code that differs"));

  g_signal_connect_object (comparison, "changed", G_CALLBACK (on_runs_changed), self->button, 0);
  return self->button;
}

/* ---- renamed functions ---- */

static void
on_same (GtkWidget *button, gpointer data)
{
  Setter *self = data;

  gtk_menu_button_popdown (GTK_MENU_BUTTON (self->button));
  glow_comparison_rename (self->comparison, g_object_get_data (G_OBJECT (button), "glow-before"), g_object_get_data (G_OBJECT (button), "glow-after"));
}

static void
on_apart (GtkWidget *button, gpointer data)
{
  Setter *self = data;

  gtk_menu_button_popdown (GTK_MENU_BUTTON (self->button));
  glow_comparison_drop_renames (self->comparison);
}

static void
add_pair (Setter *self, GlowDiff *diff, const GlowDiffRename *pair)
{
  g_autofree char *before = glow_diff_dup_display_name (diff, GLOW_DIFF_FUNCTIONS, pair->before), *after = glow_diff_dup_display_name (diff, GLOW_DIFF_FUNCTIONS, pair->after);
  g_autofree char *likeness = glow_text_share (pair->likeness), *words = g_strdup_printf (_("%s → %s\ncallers and callees alike: %s"), before, after, likeness);
  g_autofree char *action = g_strdup_printf (_("Compare %s and %s as One Function"), before, after);
  GtkWidget *same = gtk_button_new_with_label (_("Same Function"));
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12), *label = gtk_label_new (words);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 48);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_set_valign (same, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (same), GTK_ACCESSIBLE_PROPERTY_LABEL, action, -1);
  g_object_set_data_full (G_OBJECT (same), "glow-before", g_strdup (glow_diff_get_name (diff, GLOW_DIFF_FUNCTIONS, pair->before)), g_free);
  g_object_set_data_full (G_OBJECT (same), "glow-after", g_strdup (glow_diff_get_name (diff, GLOW_DIFF_FUNCTIONS, pair->after)), g_free);
  g_signal_connect (same, "clicked", G_CALLBACK (on_same), self);
  gtk_box_append (GTK_BOX (row), label);
  gtk_box_append (GTK_BOX (row), same);
  gtk_box_append (GTK_BOX (self->box), row);
}

#define MOST_PAIRS 12

static void
on_renames_changed (GlowComparison *comparison, guint changes, gpointer button)
{
  Setter *self = g_object_get_data (button, "glow-setter");
  GlowDiff *diff = glow_comparison_get_diff (comparison);
  const GArray *pairs = diff != NULL ? glow_diff_get_renames (diff) : NULL;
  GHashTable *applied = glow_comparison_get_options (comparison)->renames;
  guint n = applied != NULL ? g_hash_table_size (applied) : 0;
  g_autofree char *label = NULL;
  GtkWidget *child, *intro;

  if (!(changes & GLOW_COMPARED_DIFF))
    return;
  gtk_widget_set_visible (button, pairs != NULL && pairs->len + n > 0);
  if (pairs == NULL)
    return;
  while ((child = gtk_widget_get_first_child (self->box)) != NULL)
    gtk_box_remove (GTK_BOX (self->box), child);
  label = pairs->len > 0 ? g_strdup_printf (_("Renamed? (%u)"), pairs->len) : g_strdup_printf (_("Renamed (%u)"), n);
  gtk_menu_button_set_label (GTK_MENU_BUTTON (button), label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  intro = gtk_label_new (pairs->len > 0 ? _("Gone before and new after, at the same place. None is taken as one function unless you say so.") : _("All likely pairs are taken as one function."));
  gtk_label_set_wrap (GTK_LABEL (intro), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (intro), 60);
  gtk_label_set_xalign (GTK_LABEL (intro), 0);
  gtk_widget_add_css_class (intro, "dim-label");
  gtk_box_append (GTK_BOX (self->box), intro);
  for (guint i = 0; i < MIN (pairs->len, MOST_PAIRS); i++)
    add_pair (self, diff, &g_array_index (pairs, GlowDiffRename, i));
  if (n > 0)
    {
      g_autofree char *undo = g_strdup_printf (ngettext ("Take %u Pair Apart Again", "Take %u Pairs Apart Again", n), n);
      GtkWidget *apart = gtk_button_new_with_label (undo);

      g_signal_connect (apart, "clicked", G_CALLBACK (on_apart), self);
      gtk_box_append (GTK_BOX (self->box), apart);
    }
}

GtkWidget *
glow_diff_renames_button_new (GlowComparison *comparison)
{
  Setter *self = setter_new (comparison, _("Renamed?"), _("Functions that may be the same under another name"));

  gtk_widget_set_visible (self->button, FALSE);
  g_signal_connect_object (comparison, "changed", G_CALLBACK (on_renames_changed), self->button, 0);
  return self->button;
}
