/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page of before and after. */
#include <config.h>

#include "ui/comparison-offers.h"
#include "ui/diff-graph.h"
#include "ui/diff-legend.h"
#include "ui/diff-popovers.h"
#include "ui/diff-table.h"
#include "ui/diff-view.h"
#include "ui/diff-words.h"
#include "ui/look.h"
#include "ui/pages.h"

#include <adwaita.h>
#include <afterglow/diff-text.h>
#include <glib/gi18n.h>
#include <string.h>

#define MANY_CAVEATS 4         /* more of them, or a narrow page: statements scroll in so many pixels */
#define SOME_TEXT 96
#define ONE_ROW 1600           /* pixels of width from which the legend has room beside the controls */

typedef enum { SIDE_BY_SIDE, MERGED, TABLE, N_MODES } Mode;
static const char *const mode_ids[N_MODES] = { "side-by-side", "merged", "table" };

struct _GlowDiffView {
  GtkBox parent_instance;

  GlowDocument *document;
  GlowComparison *comparison;
  GtkWidget *stack, *offers, *loading_bar, *loading_label, *error;
  GtkWidget *controls, *control_rows, *spinner, *legend, *findings, *limits, *caveats, *statements, *scroller, *words;
  GtkWidget *graphs, *cards[3], *heads[3], *sides[3], *panes[3], *chosen_row, *chosen, *paned, *table;
  GSimpleActionGroup *actions;
  GMenu *menu;
  Mode mode;
  gboolean narrow;
  guint pulse;
};

G_DEFINE_FINAL_TYPE (GlowDiffView, glow_diff_view, GTK_TYPE_BOX)

/* ---- words ---- */

static GtkWidget *
new_label (const char *text, const char *style)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  if (style != NULL)
    gtk_widget_add_css_class (label, style);
  return label;
}

/* All that can be read at once is shown at once; a scrolled window would not give wrapped text its height. */
static void
fit_statements (GlowDiffView *self)
{
  GlowDiff *diff = glow_comparison_get_diff (self->comparison);
  gboolean scrolls = self->narrow || (diff != NULL && glow_diff_get_caveats (diff)->len > MANY_CAVEATS), is_scrolled = gtk_widget_get_visible (self->scroller);
  GtkScrolledWindow *scroller = GTK_SCROLLED_WINDOW (self->scroller);

  if (scrolls == is_scrolled)
    return;
  g_object_ref (self->words);
  if (scrolls)
    {
      gtk_box_remove (GTK_BOX (self->statements), self->words);
      gtk_scrolled_window_set_child (scroller, self->words);
    }
  else
    {
      gtk_scrolled_window_set_child (scroller, NULL);
      gtk_box_append (GTK_BOX (self->statements), self->words);
    }
  g_object_unref (self->words);
  gtk_widget_set_visible (self->scroller, scrolls);
}

static void
show_caveats (GlowDiffView *self, GlowDiff *diff)
{
  const GPtrArray *caveats = glow_diff_get_caveats (diff);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (self->caveats)) != NULL)
    gtk_box_remove (GTK_BOX (self->caveats), child);
  for (guint i = 0; i < caveats->len; i++)
    {
      const GlowDiffCaveat *caveat = g_ptr_array_index (caveats, i);
      GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *icon = gtk_image_new_from_icon_name (caveat->is_grave ? "dialog-warning-symbolic" : "dialog-information-symbolic");
      g_autofree char *text = g_strdup_printf ("%s. %s.", caveat->message, caveat->effect);
      GtkWidget *label = new_label (text, NULL);

      gtk_widget_set_valign (icon, GTK_ALIGN_START);
      gtk_widget_add_css_class (icon, caveat->is_grave ? "warning" : "dim-label");
      gtk_accessible_update_property (GTK_ACCESSIBLE (icon), GTK_ACCESSIBLE_PROPERTY_LABEL, caveat->is_grave ? _("Grave") : _("Note"), -1);
      gtk_box_append (GTK_BOX (row), icon);
      gtk_box_append (GTK_BOX (row), label);
      gtk_box_append (GTK_BOX (self->caveats), row);
    }
  fit_statements (self);
}

static void
show_heads (GlowDiffView *self, GlowDiff *diff)
{
  g_autofree char *before = glow_comparison_dup_label (self->comparison, GLOW_BEFORE), *after = glow_comparison_dup_label (self->comparison, GLOW_AFTER);
  g_autofree char *both = g_strdup_printf ("%s ↔ %s", before, after), *first = glow_diff_text_side (diff, GLOW_BEFORE), *second = glow_diff_text_side (diff, GLOW_AFTER);
  g_autofree char *titles[2] = { g_strdup_printf (_("Before: %s"), before), g_strdup_printf (_("After: %s"), after) };
  const char *const labels[] = { titles[0], titles[1], both }, *const words[] = { first, second, "" };

  for (guint i = 0; i < 3; i++)
    {
      gtk_label_set_text (GTK_LABEL (self->heads[i]), labels[i]);
      gtk_widget_set_tooltip_text (self->heads[i], labels[i]);
      gtk_label_set_text (GTK_LABEL (self->sides[i]), words[i]);
    }
}

static void
show_chosen (GlowDiffView *self)
{
  GlowDiff *diff = glow_comparison_get_diff (self->comparison);
  guint32 node = glow_comparison_get_selected (self->comparison), key = glow_comparison_get_selected_key (self->comparison);
  static const char *const names[] = { "zoom-in", "copy-name", "copy-stack" };
  g_autofree char *words = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self->actions), names[i])), key != GLOW_NONE);
  if (diff == NULL || key == GLOW_NONE)
    {
      gtk_label_set_text (GTK_LABEL (self->chosen), _("wheel: zoom · drag: pan · W: widths · V: view · X: swap · O: only what matters · F: focus · Alt+←: back"));
      gtk_widget_add_css_class (self->chosen, "dim-label");
      return;
    }
  gtk_widget_remove_css_class (self->chosen, "dim-label");
  if (node != GLOW_NONE)
    {
      GlowDiffChange change = glow_diff_get_node_change (diff, node);
      g_autofree char *name = glow_diff_dup_display_name (diff, GLOW_DIFF_FUNCTIONS, key), *evidence = glow_diff_text_evidence (diff, &change);

      words = g_strdup_printf (_("%s on this path: %s"), name, evidence);
    }
  else
    words = glow_diff_dup_display_name (diff, GLOW_DIFF_FUNCTIONS, key);
  gtk_label_set_text (GTK_LABEL (self->chosen), words);
  gtk_widget_set_tooltip_text (self->chosen, words);
}

static void
show_answer (GlowDiffView *self)
{
  GlowDiff *diff = glow_comparison_get_diff (self->comparison);
  g_autofree char *base = NULL, *text = NULL;

  if (diff == NULL)
    return;
  base = glow_diff_text_base (diff);
  text = g_strdup_printf ("%s. %s", base, glow_comparison_get_limits (self->comparison));
  gtk_label_set_text (GTK_LABEL (self->findings), glow_comparison_get_findings (self->comparison));
  gtk_label_set_text (GTK_LABEL (self->limits), text);
  show_caveats (self, diff);
  show_heads (self, diff);
}

/* ---- states ---- */

static gboolean
on_pulse (gpointer data)
{
  GlowDiffView *self = data;
  double fraction;
  g_autofree char *text = glow_comparison_dup_progress (self->comparison, &fraction);

  gtk_label_set_text (GTK_LABEL (self->loading_label), text);
  if (fraction >= 0)
    gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->loading_bar), CLAMP (fraction, 0, 1));
  else
    gtk_progress_bar_pulse (GTK_PROGRESS_BAR (self->loading_bar));
  return G_SOURCE_CONTINUE;
}

static void
fill_offers (GlowDiffView *self)
{
  g_autoptr(GPtrArray) offers = glow_comparison_dup_offers (self->document);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (self->offers)) != NULL)
    gtk_box_remove (GTK_BOX (self->offers), child);
  for (guint i = 0; i < offers->len; i++)
    {
      GtkWidget *button = gtk_button_new_with_label (((GlowComparisonOffer *) g_ptr_array_index (offers, i))->label);

      gtk_widget_add_css_class (button, "pill");
      gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.compare-offer");
      gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "u", i);
      gtk_box_append (GTK_BOX (self->offers), button);
    }
}

static void
show_failure (GlowDiffView *self)
{
  const GError *error = glow_comparison_get_error (self->comparison);
  g_autofree char *valid = error != NULL ? g_utf8_make_valid (error->message, -1) : g_strdup (""), *escaped = g_markup_escape_text (valid, -1);

  adw_status_page_set_description (ADW_STATUS_PAGE (self->error), escaped);
}

static void
update_state (GlowDiffView *self)
{
  GlowComparisonState state = glow_comparison_get_state (self->comparison);
  gboolean has_diff = glow_comparison_get_diff (self->comparison) != NULL, is_busy = state == GLOW_COMPARISON_READING || state == GLOW_COMPARISON_COMPUTING;
  const char *page = state == GLOW_COMPARISON_FAILED ? "error" : has_diff && state != GLOW_COMPARISON_READING ? "answer" : is_busy ? "loading" : "none";

  if (state == GLOW_COMPARISON_FAILED)
    show_failure (self);
  if (state == GLOW_COMPARISON_EMPTY)
    fill_offers (self);
  if (is_busy && self->pulse == 0)
    self->pulse = g_timeout_add (100, on_pulse, self);
  if (is_busy)
    on_pulse (self);
  else
    g_clear_handle_id (&self->pulse, g_source_remove);
  gtk_widget_set_visible (self->spinner, is_busy);
  gtk_spinner_set_spinning (GTK_SPINNER (self->spinner), is_busy);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), page);
  glow_pages_hide_others (gtk_stack_get_visible_child (GTK_STACK (self->stack)), self->stack);
}

static void
on_changed (GlowComparison *comparison, guint changes, gpointer data)
{
  GlowDiffView *self = data;

  if (changes & GLOW_COMPARED_DIFF)
    show_answer (self);
  if (changes & (GLOW_COMPARED_DIFF | GLOW_COMPARED_SELECTION))
    show_chosen (self);
  if (changes & GLOW_COMPARED_STATE)
    update_state (self);
  if (changes & GLOW_COMPARED_WIDTH)
    g_simple_action_set_state (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self->actions), "width")),
                               g_variant_new_string (glow_diff_width_get_id (glow_comparison_get_width (comparison))));
}

static void
on_document (GlowDocument *document, guint changes, gpointer data)
{
  GlowDiffView *self = data;

  if ((changes & (GLOW_CHANGED_QUERY | GLOW_CHANGED_PROFILE)) && glow_comparison_get_state (self->comparison) == GLOW_COMPARISON_EMPTY)
    fill_offers (self);
}

/* ---- what is shown ---- */

static void
set_mode (GlowDiffView *self, Mode mode)
{
  const gboolean visible[3] = { mode == SIDE_BY_SIDE, mode == SIDE_BY_SIDE, mode == MERGED };
  GtkWidget *first;

  self->mode = mode;
  for (guint i = 0; i < 3; i++)
    gtk_widget_set_visible (self->cards[i], visible[i]);
  gtk_widget_set_visible (gtk_paned_get_start_child (GTK_PANED (self->paned)), mode != TABLE);
  g_simple_action_set_state (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self->actions), "mode")), g_variant_new_string (mode_ids[mode]));
  first = glow_diff_view_get_first (self);
  if (first != NULL && gtk_widget_get_mapped (GTK_WIDGET (self)))
    gtk_widget_grab_focus (first);
}

GtkWidget *
glow_diff_view_get_first (GlowDiffView *self)
{
  if (glow_comparison_get_diff (self->comparison) == NULL || self->mode == TABLE)
    return NULL;
  return self->panes[self->mode == MERGED ? 2 : 0];
}

gboolean
glow_diff_view_is_merged (GlowDiffView *self)
{
  return self->mode == MERGED;
}

GlowComparison *
glow_diff_view_get_comparison (GlowDiffView *self)
{
  return self->comparison;
}

void
glow_diff_view_set_room (GlowDiffView *self, int width)
{
  gboolean narrow = width < 760, one_row = width >= ONE_ROW;

  self->narrow = narrow;
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->graphs), narrow ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->control_rows), narrow ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->controls), one_row ? GTK_ORIENTATION_HORIZONTAL : GTK_ORIENTATION_VERTICAL);
  gtk_widget_set_hexpand (self->legend, one_row);
  gtk_widget_set_halign (self->legend, one_row ? GTK_ALIGN_END : GTK_ALIGN_FILL);
  for (guint i = 0; i < 3; i++)
    gtk_widget_set_visible (self->sides[i], !narrow);
  gtk_widget_set_visible (gtk_widget_get_last_child (self->chosen_row), !narrow);
  glow_diff_table_set_narrow (GLOW_DIFF_TABLE (self->table), narrow);
  fit_statements (self);
}

void
glow_diff_view_get_export (GlowDiffView *self, GlowDiffExportOptions *options)
{
  GlowDiffTable *table = GLOW_DIFF_TABLE (self->table);

  *options = (GlowDiffExportOptions) {
    .kind = glow_diff_table_get_kind (table),
    .measure = glow_diff_table_get_measure (table),
    .only_matters = glow_diff_table_get_only (table),
    .merged = self->mode == MERGED,
    .widths = glow_comparison_get_width (self->comparison),
    .width = 1600,
    .icicle = g_settings_get_boolean (glow_look_get_settings (), "icicle"),
  };
  glow_comparison_get_sight (self->comparison, &options->from, &options->to);
}

/* ---- actions ---- */

static void
on_mode (GSimpleAction *action, GVariant *value, gpointer data)
{
  for (Mode mode = 0; mode < N_MODES; mode++)
    if (strcmp (mode_ids[mode], g_variant_get_string (value, NULL)) == 0)
      set_mode (data, mode);
}

static void
on_next_mode (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  set_mode (data, (GLOW_DIFF_VIEW (data)->mode + 1) % N_MODES);
}

static void
on_width (GSimpleAction *action, GVariant *value, gpointer data)
{
  GlowDiffWidth width;

  if (glow_diff_width_from_id (g_variant_get_string (value, NULL), &width))
    glow_comparison_set_width (GLOW_DIFF_VIEW (data)->comparison, width);
}

static void
on_next_width (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GlowComparison *comparison = GLOW_DIFF_VIEW (data)->comparison;

  glow_comparison_set_width (comparison, (glow_comparison_get_width (comparison) + 1) % GLOW_N_DIFF_WIDTHS);
}

static void
on_swap (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  glow_comparison_swap (GLOW_DIFF_VIEW (data)->comparison);
}

static void
on_only (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  glow_diff_table_toggle_only (GLOW_DIFF_TABLE (GLOW_DIFF_VIEW (data)->table));
}

static void
on_measure (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  glow_diff_table_next_measure (GLOW_DIFF_TABLE (GLOW_DIFF_VIEW (data)->table));
}

static void
on_cancel (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  glow_comparison_cancel (GLOW_DIFF_VIEW (data)->comparison);
}

static void
on_clear (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  glow_comparison_clear (GLOW_DIFF_VIEW (data)->comparison);
}

static void
on_retry (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GlowComparison *comparison = GLOW_DIFF_VIEW (data)->comparison;

  glow_comparison_add_files (comparison, (const char *[]) { NULL }, GLOW_BEFORE);
}

static void
on_zoom_in (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GlowDiffView *self = data;

  if (glow_comparison_get_selected (self->comparison) != GLOW_NONE)
    glow_comparison_zoom_to (self->comparison, glow_comparison_get_selected (self->comparison), GTK_WIDGET (self));
}

static void
on_zoom_out (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  glow_comparison_zoom_out (GLOW_DIFF_VIEW (data)->comparison, data);
}

static void
copy (GlowDiffView *self, char *text, const char *toast)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), valid);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", toast);
  g_free (text);
}

static void
on_copy_name (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GlowDiffView *self = data;
  GlowDiff *diff = glow_comparison_get_diff (self->comparison);

  if (diff != NULL && glow_comparison_get_selected_key (self->comparison) != GLOW_NONE)
    copy (self, g_strdup (glow_diff_get_name (diff, GLOW_DIFF_FUNCTIONS, glow_comparison_get_selected_key (self->comparison))), _("Name copied"));
}

static void
on_copy_stack (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GlowDiffView *self = data;
  GlowDiff *diff = glow_comparison_get_diff (self->comparison);

  if (diff != NULL && glow_comparison_get_selected (self->comparison) != GLOW_NONE)
    copy (self, glow_diff_dup_path (diff, glow_comparison_get_selected (self->comparison)), _("Stack copied"));
}

static void
on_activated (GlowDiffTable *table, guint key, gpointer data)
{
  GlowDiffView *self = data;

  glow_comparison_select_key (self->comparison, key);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.open-in-both", NULL);
}

static const GActionEntry entries[] = {
  { .name = "mode", .parameter_type = "s", .state = "'side-by-side'", .change_state = on_mode },
  { .name = "next-mode", .activate = on_next_mode },
  { .name = "width", .parameter_type = "s", .state = "'larger'", .change_state = on_width },
  { .name = "next-width", .activate = on_next_width },
  { .name = "swap", .activate = on_swap },
  { .name = "only", .activate = on_only },
  { .name = "measure", .activate = on_measure },
  { .name = "cancel", .activate = on_cancel },
  { .name = "clear", .activate = on_clear },
  { .name = "retry", .activate = on_retry },
  { .name = "zoom-in", .activate = on_zoom_in },
  { .name = "zoom-out", .activate = on_zoom_out },
  { .name = "copy-name", .activate = on_copy_name },
  { .name = "copy-stack", .activate = on_copy_stack },
};

/* ---- making ---- */

static GtkWidget *
new_button (const char *label, const char *action, const char *style)
{
  GtkWidget *button = gtk_button_new_with_label (label);

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  if (style != NULL)
    gtk_widget_add_css_class (button, style);
  return button;
}

static GtkWidget *
new_status (const char *title, const char *description, const char *icon, GtkWidget *child)
{
  GtkWidget *page = adw_status_page_new ();

  adw_status_page_set_title (ADW_STATUS_PAGE (page), title);
  adw_status_page_set_description (ADW_STATUS_PAGE (page), description);
  adw_status_page_set_icon_name (ADW_STATUS_PAGE (page), icon);
  adw_status_page_set_child (ADW_STATUS_PAGE (page), child);
  gtk_widget_set_halign (child, GTK_ALIGN_CENTER);
  return page;
}

static GtkWidget *
new_empty_page (GlowDiffView *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12), *choose = new_button (_("Compare With…"), "win.compare-with", "pill");

  gtk_widget_add_css_class (choose, "suggested-action");
  self->offers = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  gtk_box_append (GTK_BOX (box), choose);
  gtk_box_append (GTK_BOX (box), self->offers);
  return new_status (_("What changed?"),
                     _("Choose a recording from before, or several runs of it. Or drop it here with Shift held. Two selected threads, processors or containers, and a selected time and the rest, can be compared too."),
                     "view-dual-symbolic", box);
}

static GtkWidget *
new_loading_page (GlowDiffView *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12), *cancel = new_button (_("Cancel"), "diff.cancel", "pill");

  self->loading_bar = gtk_progress_bar_new ();
  gtk_widget_set_size_request (self->loading_bar, 260, -1);
  self->loading_label = gtk_label_new (NULL);
  gtk_label_set_ellipsize (GTK_LABEL (self->loading_label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_add_css_class (self->loading_label, "dim-label");
  gtk_widget_add_css_class (self->loading_label, "numeric");
  gtk_widget_set_halign (cancel, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), self->loading_bar);
  gtk_box_append (GTK_BOX (box), self->loading_label);
  gtk_box_append (GTK_BOX (box), cancel);
  return new_status (_("Comparing"), NULL, NULL, box);
}

static GtkWidget *
new_error_page (GlowDiffView *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);

  gtk_box_append (GTK_BOX (box), new_button (_("Compare With Another…"), "win.compare-with", "pill"));
  gtk_box_append (GTK_BOX (box), new_button (_("Try Again"), "diff.retry", "pill"));
  gtk_box_append (GTK_BOX (box), new_button (_("Back"), "diff.clear", "pill"));
  self->error = new_status (_("These could not be compared"), NULL, "dialog-error-symbolic", box);
  return self->error;
}

static GtkWidget *
new_modes (void)
{
  static const char *const labels[N_MODES] = { N_("Side by Side"), N_("Merged"), N_("Table") };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_widget_add_css_class (box, "linked");
  for (Mode mode = 0; mode < N_MODES; mode++)
    {
      GtkWidget *button = gtk_toggle_button_new_with_label (_(labels[mode]));

      gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "diff.mode");
      gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", mode_ids[mode]);
      gtk_box_append (GTK_BOX (box), button);
    }
  return box;
}

static GtkWidget *
new_width_button (void)
{
  g_autoptr(GMenu) menu = g_menu_new ();
  GtkWidget *button = gtk_menu_button_new ();

  for (GlowDiffWidth width = 0; width < GLOW_N_DIFF_WIDTHS; width++)
    {
      g_autoptr(GMenuItem) item = g_menu_item_new (glow_diff_width_get_label (width), NULL);

      g_menu_item_set_action_and_target (item, "diff.width", "s", glow_diff_width_get_id (width));
      g_menu_append_item (menu, item);
    }
  gtk_menu_button_set_label (GTK_MENU_BUTTON (button), _("Widths"));
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), G_MENU_MODEL (menu));
  gtk_widget_set_tooltip_text (button, _("What a frame is as wide as (W)"));
  return button;
}

static GtkWidget *
new_controls (GlowDiffView *self)
{
  GtkWidget *swap = new_button (_("Swap ⇄"), "diff.swap", NULL), *scrolled = gtk_scrolled_window_new ();
  GtkWidget *left = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *right = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *end = gtk_button_new_from_icon_name ("window-close-symbolic");

  gtk_actionable_set_action_name (GTK_ACTIONABLE (end), "diff.clear");
  gtk_widget_set_tooltip_text (end, _("End the Comparison"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (end), GTK_ACCESSIBLE_PROPERTY_LABEL, _("End the Comparison"), -1);
  gtk_widget_add_css_class (end, "flat");
  self->spinner = gtk_spinner_new ();
  self->legend = glow_diff_legend_new (self->comparison);
  gtk_widget_set_valign (self->legend, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (swap, _("What was before is after (X)"));
  gtk_box_append (GTK_BOX (left), new_modes ());
  gtk_box_append (GTK_BOX (left), new_width_button ());
  gtk_box_append (GTK_BOX (left), swap);
  gtk_box_append (GTK_BOX (right), glow_diff_base_button_new (self->comparison));
  gtk_box_append (GTK_BOX (right), glow_diff_evidence_button_new (self->comparison));
  gtk_box_append (GTK_BOX (right), glow_diff_runs_button_new (self->comparison));
  gtk_box_append (GTK_BOX (right), glow_diff_renames_button_new (self->comparison));
  gtk_box_append (GTK_BOX (right), end);
  gtk_box_append (GTK_BOX (right), self->spinner);
  self->control_rows = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  gtk_box_append (GTK_BOX (self->control_rows), left);
  gtk_box_append (GTK_BOX (self->control_rows), right);
  self->controls = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_EXTERNAL, GTK_POLICY_NEVER);
  gtk_scrolled_window_set_propagate_natural_width (GTK_SCROLLED_WINDOW (scrolled), TRUE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), self->control_rows);
  gtk_box_append (GTK_BOX (self->controls), scrolled);
  gtk_box_append (GTK_BOX (self->controls), self->legend);
  gtk_widget_add_css_class (self->controls, "diff-controls");
  return self->controls;
}

static GtkWidget *
new_statements (GlowDiffView *self)
{
  self->statements = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->scroller = gtk_scrolled_window_new ();
  self->words = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  self->findings = new_label (NULL, "heading");
  self->limits = new_label (NULL, "dim-label");
  self->caveats = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  gtk_box_append (GTK_BOX (self->words), self->findings);
  gtk_box_append (GTK_BOX (self->words), self->caveats);
  gtk_box_append (GTK_BOX (self->words), self->limits);
  gtk_widget_add_css_class (self->words, "diff-statements");
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (self->scroller), SOME_TEXT);
  gtk_widget_set_visible (self->scroller, FALSE);
  gtk_box_append (GTK_BOX (self->statements), self->scroller);
  gtk_box_append (GTK_BOX (self->statements), self->words);
  return self->statements;
}

static GtkWidget *
new_card (GlowDiffView *self, guint index)
{
  static const gint sides[] = { GLOW_BEFORE, GLOW_AFTER, -1 };
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  self->heads[index] = gtk_label_new (NULL);
  self->sides[index] = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->heads[index]), 0);
  gtk_label_set_ellipsize (GTK_LABEL (self->heads[index]), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_set_hexpand (self->heads[index], TRUE);
  gtk_widget_add_css_class (self->heads[index], "heading");
  gtk_widget_add_css_class (self->sides[index], "dim-label");
  gtk_widget_add_css_class (self->sides[index], "numeric");
  gtk_label_set_ellipsize (GTK_LABEL (self->sides[index]), PANGO_ELLIPSIZE_END);
  gtk_box_append (GTK_BOX (row), self->heads[index]);
  gtk_box_append (GTK_BOX (row), self->sides[index]);
  gtk_widget_add_css_class (row, "diff-head");
  self->panes[index] = glow_diff_graph_new (self->comparison, sides[index]);
  gtk_widget_set_size_request (self->panes[index], 100, 110);
  glow_diff_graph_set_menu (GLOW_DIFF_GRAPH (self->panes[index]), G_MENU_MODEL (self->menu));
  gtk_box_append (GTK_BOX (card), row);
  gtk_box_append (GTK_BOX (card), self->panes[index]);
  gtk_widget_add_css_class (card, "flame-card");
  gtk_widget_add_css_class (card, "diff-card");
  self->cards[index] = card;
  return card;
}

static void
add_items (GMenu *menu, const char *const *items)
{
  g_autoptr(GMenu) section = g_menu_new ();

  for (; items[0] != NULL; items += 2)
    g_menu_append (section, _(items[0]), items[1]);
  g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
}

static GMenu *
new_menu (void)
{
  static const char *const zoom[] = { N_("_Zoom In"), "diff.zoom-in", N_("Zoom _Out"), "diff.zoom-out", NULL };
  static const char *const query[] = { N_("Only Stacks with _This Function"), "win.focus-frame", N_("_Hide This Function"), "win.hide-frame", NULL };
  static const char *const open[] = { N_("Callers and Callees (_Sandwich)"), "win.sandwich-of-both", N_("Open in _Both Recordings"), "win.open-in-both",
                                      N_("In the _Flame Graph"), "win.open-here", N_("Open in the O_ther Recording"), "win.open-in-other", NULL };
  static const char *const take[] = { N_("_Copy Name"), "diff.copy-name", N_("Copy Stac_k"), "diff.copy-stack", NULL };
  GMenu *menu = g_menu_new ();

  add_items (menu, zoom);
  add_items (menu, query);
  add_items (menu, open);
  add_items (menu, take);
  return menu;
}

static GtkWidget *
new_graphs (GlowDiffView *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->graphs = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_box_set_homogeneous (GTK_BOX (self->graphs), TRUE);
  for (guint i = 0; i < 3; i++)
    gtk_box_append (GTK_BOX (self->graphs), new_card (self, i));
  self->chosen_row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  self->chosen = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->chosen), 0);
  gtk_label_set_ellipsize (GTK_LABEL (self->chosen), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (self->chosen, TRUE);
  gtk_widget_add_css_class (self->chosen, "numeric");
  gtk_box_append (GTK_BOX (self->chosen_row), self->chosen);
  gtk_box_append (GTK_BOX (self->chosen_row), new_button (_("Sandwich"), "win.sandwich-of-both", "flat"));
  gtk_box_append (GTK_BOX (self->chosen_row), new_button (_("Open in Both"), "win.open-in-both", "flat"));
  gtk_widget_add_css_class (self->chosen_row, "diff-chosen");
  gtk_box_append (GTK_BOX (box), self->graphs);
  gtk_box_append (GTK_BOX (box), self->chosen_row);
  return box;
}

static GtkWidget *
new_answer_page (GlowDiffView *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *graphs = new_graphs (self), *scrolled = gtk_scrolled_window_new ();

  self->table = glow_diff_table_new (self->comparison);
  g_signal_connect_object (self->table, "activated", G_CALLBACK (on_activated), self, 0);
  self->paned = gtk_paned_new (GTK_ORIENTATION_VERTICAL);
  gtk_paned_set_start_child (GTK_PANED (self->paned), graphs);
  gtk_paned_set_end_child (GTK_PANED (self->paned), self->table);
  gtk_paned_set_shrink_start_child (GTK_PANED (self->paned), FALSE);
  gtk_paned_set_shrink_end_child (GTK_PANED (self->paned), FALSE);
  gtk_widget_set_vexpand (graphs, TRUE);
  gtk_widget_set_size_request (self->table, -1, 150);
  gtk_widget_set_vexpand (self->paned, TRUE);
  gtk_box_append (GTK_BOX (box), new_controls (self));
  gtk_box_append (GTK_BOX (box), new_statements (self));
  gtk_box_append (GTK_BOX (box), self->paned);
  /* In a low window all of it scrolls, so that nothing is out of reach. */
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), box);
  return scrolled;
}

static void
add_keys (GlowDiffView *self)
{
  static const struct { const char *key, *action; } keys[] = {
    { "w", "diff.next-width" }, { "v", "diff.next-mode" }, { "x", "diff.swap" }, { "o", "diff.only" }, { "s", "diff.measure" }, { "<Control>c", "diff.copy-name" },
    { "<Control><Shift>c", "diff.copy-stack" },
  };
  GtkEventController *controller = gtk_shortcut_controller_new ();

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (controller),
                                          gtk_shortcut_new (gtk_shortcut_trigger_parse_string (keys[i].key), gtk_named_action_new (keys[i].action)));
  gtk_widget_add_controller (GTK_WIDGET (self), controller);
}

static void
on_refused (GlowComparison *comparison, const char *message, gpointer data)
{
  gtk_widget_activate_action (data, "win.toast", "s", message);
}

GtkWidget *
glow_diff_view_new (GlowDocument *document)
{
  GlowDiffView *self = g_object_new (GLOW_TYPE_DIFF_VIEW, "orientation", GTK_ORIENTATION_VERTICAL, NULL);

  self->document = g_object_ref (document);
  self->comparison = glow_comparison_new (document);
  gtk_stack_add_named (GTK_STACK (self->stack), new_empty_page (self), "none");
  gtk_stack_add_named (GTK_STACK (self->stack), new_loading_page (self), "loading");
  gtk_stack_add_named (GTK_STACK (self->stack), new_error_page (self), "error");
  gtk_stack_add_named (GTK_STACK (self->stack), new_answer_page (self), "answer");
  g_signal_connect_object (self->comparison, "changed", G_CALLBACK (on_changed), self, 0);
  g_signal_connect_object (self->comparison, "refused", G_CALLBACK (on_refused), self, 0);
  g_signal_connect_object (document, "changed", G_CALLBACK (on_document), self, 0);
  add_keys (self);
  set_mode (self, SIDE_BY_SIDE);
  show_chosen (self);
  update_state (self);
  return GTK_WIDGET (self);
}

static void
glow_diff_view_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (glow_diff_view_parent_class)->map (widget);
  glow_comparison_watch (GLOW_DIFF_VIEW (widget)->comparison);
}

static void
glow_diff_view_unmap (GtkWidget *widget)
{
  glow_comparison_unwatch (GLOW_DIFF_VIEW (widget)->comparison);
  GTK_WIDGET_CLASS (glow_diff_view_parent_class)->unmap (widget);
}

static void
glow_diff_view_dispose (GObject *object)
{
  GlowDiffView *self = GLOW_DIFF_VIEW (object);

  g_clear_handle_id (&self->pulse, g_source_remove);
  g_clear_object (&self->menu);
  g_clear_object (&self->actions);
  g_clear_object (&self->comparison);
  g_clear_object (&self->document);
  G_OBJECT_CLASS (glow_diff_view_parent_class)->dispose (object);
}

static void
glow_diff_view_class_init (GlowDiffViewClass *class)
{
  G_OBJECT_CLASS (class)->dispose = glow_diff_view_dispose;
  GTK_WIDGET_CLASS (class)->map = glow_diff_view_map;
  GTK_WIDGET_CLASS (class)->unmap = glow_diff_view_unmap;
}

static void
glow_diff_view_init (GlowDiffView *self)
{
  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries), self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "diff", G_ACTION_GROUP (self->actions));
  self->menu = new_menu ();
  self->stack = gtk_stack_new ();
  gtk_widget_set_vexpand (self->stack, TRUE);
  gtk_box_append (GTK_BOX (self), self->stack);
}
