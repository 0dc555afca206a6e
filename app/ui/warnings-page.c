/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The warnings page: what was left out or guessed, and which modules lack names, with what would give them. Rows of modules that a server may know have a
 * check box; how far fetching has come is told in them, in place, so that the keyboard stays where it is. */
#include <config.h>

#include <adwaita.h>

#include "ui/job.h"
#include "ui/look.h"
#include "ui/recorded.h"
#include "ui/strip-marks.h"
#include "ui/warnings-page.h"

#include <afterglow/time-axis.h>

#include <glib/gi18n.h>

#define MAX_ROWS 200
#define ABOUT_A_MARK G_GUINT64_CONSTANT (1000000000)   /* ns */

typedef struct {
  GlowDocument *document;
  GlowFetch *fetch;
  GtkWidget *warnings, *modules, *modules_group, *status;
  GPtrArray *rows;             /* of GtkWidget: of modules that can be fetched, as @fetch has them; owned by the list */
  GtkWidget *page, *stacks, *stacks_group, *recorded, *recorded_group;
  GlowJobSlot stacks_job;
} Page;

static void
clear_list (GtkWidget *list)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (list)) != NULL)
    gtk_list_box_remove (GTK_LIST_BOX (list), child);
}

static void
add_row (GtkWidget *list, const char *title, const char *subtitle, const char *suffix)
{
  GtkWidget *row = adw_action_row_new (), *label = gtk_label_new (suffix);
  g_autofree char *valid_title = g_utf8_make_valid (title, -1), *valid_subtitle = g_utf8_make_valid (subtitle, -1);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), valid_title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), valid_subtitle);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 0);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  gtk_widget_add_css_class (label, "numeric");
  gtk_widget_add_css_class (label, "dim-label");
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), label);
  gtk_list_box_append (GTK_LIST_BOX (list), row);
}

static void
fill_warnings (Page *self, GlowWarnings *warnings)
{
  guint n = glow_warnings_get_n (warnings);

  clear_list (self->warnings);
  for (guint i = 0; i < MIN (n, MAX_ROWS); i++)
    {
      const GlowWarning *warning = glow_warnings_get (warnings, i);
      g_autofree char *count = glow_text_count (warning->count), *times = g_strdup_printf (_("× %s"), count);
      GString *below = g_string_new (warning->advice);

      if (warning->first_at != 0)
        g_string_append_printf (below, "%s%s%" G_GUINT64_FORMAT, below->len > 0 ? "\n" : "", _("First at "), warning->first_at);
      g_string_append_printf (below, "%s%s", below->len > 0 ? " · " : "", warning->code);
      add_row (self->warnings, warning->message, below->str, times);
      g_string_free (below, TRUE);
    }
  if (n > MAX_ROWS)
    {
      g_autofree char *more = g_strdup_printf (_("and %u more kinds"), n - MAX_ROWS);

      add_row (self->warnings, more, _("“afterglow-cli info” lists them all"), NULL);
    }
  if (n == 0)
    add_row (self->warnings, _("Nothing was left out or guessed"), _("Every record of this file was understood."), NULL);
}

static gboolean
lacks_names (const GlowModule *module)
{
  return module->symbols == GLOW_SYMBOLS_NONE || module->symbols == GLOW_SYMBOLS_NO_FILE || module->symbols == GLOW_SYMBOLS_BUILD_ID_MISMATCH
         || module->symbols == GLOW_SYMBOLS_DYNAMIC_ONLY;
}

/* What is known of a module's names, and of fetching them. */
static char *
dup_state (const GlowFetchRow *row)
{
  g_autofree char *bytes = glow_text_bytes (row->bytes), *total = glow_text_bytes (row->total);
  const char *status = glow_symbol_status_get_label (row->symbols);

  switch (row->state)
    {
    case GLOW_FETCH_WAITING:
      return g_strdup (_("waiting"));
    case GLOW_FETCH_RUNNING:
      return row->total > 0 ? g_strdup_printf (_("%s of %s"), bytes, total) : g_strdup (_("asking…"));
    case GLOW_FETCH_HERE:
      return g_strdup_printf (_("fetched, %s"), bytes);
    case GLOW_FETCH_NOWHERE:
      return g_strdup_printf (_("%s; no server has it"), status);
    case GLOW_FETCH_IDLE:
    default:
      return g_strdup (status);
    }
}

static void
on_toggled (GtkCheckButton *check, gpointer data)
{
  Page *self = data;

  glow_fetch_set_chosen (self->fetch, GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (check), "glow-row")), gtk_check_button_get_active (check));
}

static void
update_row (Page *self, guint i)
{
  const GlowFetchRow *row = glow_fetch_get_row (self->fetch, i);
  GtkWidget *widget = g_ptr_array_index (self->rows, i), *check = g_object_get_data (G_OBJECT (widget), "glow-check");
  g_autofree char *state = dup_state (row), *share = glow_text_share (row->unnamed_share), *total = glow_text_share (row->total_share);
  g_autofree char *subtitle = NULL;

  if (row->state == GLOW_FETCH_HERE)
    subtitle = g_strdup_printf ("%s\n%s", row->path, state);
  else if (row->unnamed_share > 0)
    subtitle = g_strdup_printf (_("%s\n%s of what is shown is in code of it without names · %s"), row->path, share, state);
  else
    subtitle = g_strdup_printf (_("%s\nall its frames have a name (%s of what is shown) · %s"), row->path, total, state);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (widget), subtitle);
  gtk_widget_set_sensitive (check, row->module != GLOW_NONE && !glow_fetch_is_running (self->fetch) && glow_fetch_get_obstacle () == NULL);
  if (gtk_check_button_get_active (GTK_CHECK_BUTTON (check)) != row->chosen)
    gtk_check_button_set_active (GTK_CHECK_BUTTON (check), row->chosen);
}

static void
add_fetch_row (Page *self, guint i)
{
  const GlowFetchRow *row = glow_fetch_get_row (self->fetch, i);
  GtkWidget *widget = adw_action_row_new (), *check = gtk_check_button_new ();
  g_autofree char *label = g_strdup_printf (_("Fetch names of %s"), row->name);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (widget), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (widget), row->name);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (widget), 0);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (widget), 0);
  gtk_widget_set_valign (check, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (check), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  g_object_set_data (G_OBJECT (check), "glow-row", GUINT_TO_POINTER (i));
  g_object_set_data (G_OBJECT (widget), "glow-check", check);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (check), row->chosen);
  g_signal_connect (check, "toggled", G_CALLBACK (on_toggled), self);
  adw_action_row_add_prefix (ADW_ACTION_ROW (widget), check);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (widget), check);
  gtk_list_box_append (GTK_LIST_BOX (self->modules), widget);
  g_ptr_array_add (self->rows, widget);
  update_row (self, i);
}

/* Whether it stands in the list already, as one that can be fetched. */
static gboolean
has_row (Page *self, guint32 module)
{
  for (guint i = 0; i < self->rows->len; i++)
    if (glow_fetch_get_row (self->fetch, i)->module == module)
      return TRUE;
  return FALSE;
}

static void
update_status (Page *self)
{
  g_autofree char *words = glow_fetch_dup_words (self->fetch), *setting = g_settings_get_string (glow_look_get_settings (), "debuginfod");
  const char *problem = glow_fetch_get_problem (self->fetch), *obstacle = glow_fetch_get_obstacle ();
  const char *text = obstacle != NULL ? obstacle : problem != NULL ? problem : words;

  if (text == NULL && strcmp (setting, "never") == 0)
    text = _("Servers are not asked unless you press Fetch Names, because you said never.");
  gtk_label_set_text (GTK_LABEL (self->status), text != NULL ? text : "");
  gtk_widget_set_visible (self->status, text != NULL && self->rows->len > 0);
}

static void
fill_modules (Page *self)
{
  GlowProfile *profile = glow_document_get_profile (self->document);
  guint32 n = 0, shown = 0;
  const GlowModule *modules = profile != NULL ? glow_profile_get_modules (profile, &n) : NULL;

  g_ptr_array_set_size (self->rows, 0);
  clear_list (self->modules);
  for (guint i = 0; i < glow_fetch_get_n_rows (self->fetch) && shown < MAX_ROWS; i++, shown++)
    add_fetch_row (self, i);
  for (guint32 i = 0; i < n && shown < MAX_ROWS; i++)
    {
      g_autofree char *name = NULL, *path = NULL;

      if (!lacks_names (&modules[i]) || has_row (self, i))
        continue;
      name = glow_strings_dup_display (glow_profile_get_strings (profile), modules[i].name);
      path = glow_strings_dup_display (glow_profile_get_strings (profile), modules[i].path);
      add_row (self->modules, name, path, glow_symbol_status_get_label (modules[i].symbols));
      shown++;
    }
  gtk_widget_set_visible (self->modules_group, shown > 0);
  update_status (self);
}

/* From a second before a mark to a second after it. */
static void
on_mark (GtkListBox *list, GtkListBoxRow *row, Page *self)
{
  const guint64 *time = g_object_get_data (G_OBJECT (row), "glow-time");
  GlowProfile *profile = glow_document_get_profile (self->document);
  g_autofree char *words = NULL;
  GlowQuery *query;

  if (time == NULL || profile == NULL)
    return;
  words = glow_strip_dup_time (profile, *time - MIN (*time, ABOUT_A_MARK), *time + ABOUT_A_MARK);
  query = glow_query_with_only (glow_document_get_query (self->document), GLOW_QUERY_TIME, words, NULL);
  if (query != NULL)
    glow_document_set_query (self->document, query);
}

static void
add_mark (Page *self, GlowProfile *profile, const GlowCaptureMark *mark)
{
  g_autofree char *when = glow_time_axis_dup_label (profile, mark->time_ns, 1000000);
  GtkWidget *row;

  add_row (self->recorded, mark->text, _("Marked while it was recorded; activate to see the second before and after"), when);
  row = gtk_widget_get_last_child (self->recorded);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_object_set_data_full (G_OBJECT (row), "glow-time", g_memdup2 (&mark->time_ns, sizeof mark->time_ns), g_free);
}

static void
fill_recorded (Page *self, GlowProfile *profile)
{
  g_autoptr(GPtrArray) facts = glow_recorded_dup_facts (self->document);
  const GPtrArray *marks = glow_recorded_get_marks (self->document);

  clear_list (self->recorded);
  gtk_widget_set_visible (self->recorded_group, facts != NULL);
  for (guint i = 0; facts != NULL && i + 1 < facts->len; i += 2)
    add_row (self->recorded, g_ptr_array_index (facts, i), g_ptr_array_index (facts, i + 1), NULL);
  for (guint i = 0; marks != NULL && i < MIN (marks->len, MAX_ROWS); i++)
    add_mark (self, profile, g_ptr_array_index (marks, i));
}

static gpointer
compute_stacks (gpointer data, GCancellable *cancellable, GError **error)
{
  return glow_stack_quality_compute (data);
}

/* Where stacks end too early or lack a caller, by module. */
static void
fill_stacks (gpointer owner, gpointer result, const GError *error)
{
  Page *self = g_object_get_data (owner, "glow-page");
  g_autoptr(GlowStackQuality) quality = result;
  GlowProfile *profile = glow_document_get_profile (self->document);
  guint32 n = 0;
  const GlowModule *modules = profile != NULL ? glow_profile_get_modules (profile, &n) : NULL;

  clear_list (self->stacks);
  if (profile == NULL)
    return;
  gtk_widget_set_visible (self->stacks_group, quality->modules->len > 0 || quality->repaired > 0);
  for (guint i = 0; i < MIN (quality->modules->len, MAX_ROWS); i++)
    {
      const GlowModuleQuality *own = &g_array_index (quality->modules, GlowModuleQuality, i);
      const struct { GlowStackFlags flag; guint64 samples; } lacks[] = {
        { GLOW_STACK_CUT, own->cut }, { GLOW_STACK_LIMIT, own->limit }, { GLOW_STACK_BROKEN, own->broken }, { GLOW_STACK_SKIPPED, own->skipped },
      };
      g_autofree char *share = glow_text_share ((double) own->samples / quality->samples);
      g_autofree char *name = own->module < n ? glow_strings_dup_display (glow_profile_get_strings (profile), modules[own->module].name)
                                              : g_strdup (_("Addresses where nothing was mapped"));
      g_autoptr(GString) below = g_string_new (NULL);

      for (guint k = 0; k < G_N_ELEMENTS (lacks); k++)
        {
          g_autofree char *count = glow_text_count (lacks[k].samples);

          if (lacks[k].samples > 0)
            g_string_append_printf (below, "%s%s × %s", below->len > 0 ? " · " : "", count, glow_stack_flag_get_label (lacks[k].flag));
        }
      add_row (self->stacks, name, below->str, share);
    }
  if (quality->repaired > 0)
    {
      g_autofree char *share = glow_text_share ((double) quality->repaired / quality->samples);

      add_row (self->stacks, _("Put right"), _("Callers that frame pointers had missed stand where they belong"), share);
    }
}

static void
on_changed (Page *self, guint changes)
{
  GlowProfile *profile = glow_document_get_profile (self->document);

  /* An answer about a profile that is gone names modules of the next, or of none. */
  if (changes & (GLOW_CHANGED_PROFILE | GLOW_CHANGED_STATE) && profile == NULL)
    glow_job_cancel (&self->stacks_job);
  if (!(changes & GLOW_CHANGED_PROFILE) || profile == NULL)
    return;
  fill_warnings (self, glow_profile_get_warnings (profile));
  fill_recorded (self, profile);
  /* The list of what can be fetched follows with the tree. */
  if (glow_fetch_get_n_rows (self->fetch) == 0)
    fill_modules (self);
  glow_job_start (&self->stacks_job, self->page, compute_stacks, g_object_ref (profile), g_object_unref, (GDestroyNotify) glow_stack_quality_free, fill_stacks);
}

static void
on_fetch_changed (Page *self, gboolean list)
{
  if (list || self->rows->len != MIN (glow_fetch_get_n_rows (self->fetch), MAX_ROWS))
    {
      fill_modules (self);
      return;
    }
  for (guint i = 0; i < self->rows->len; i++)
    update_row (self, i);
  update_status (self);
}

static void
page_free (Page *self)
{
  g_signal_handlers_disconnect_by_data (self->document, self);
  g_signal_handlers_disconnect_by_data (self->fetch, self);
  glow_job_cancel (&self->stacks_job);
  g_object_unref (self->document);
  g_object_unref (self->fetch);
  g_ptr_array_unref (self->rows);
  g_free (self);
}

static GtkWidget *
new_list (void)
{
  GtkWidget *list = gtk_list_box_new ();

  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  return list;
}

/* Other places to look in: what the command's options of these names say. */
static GMenuModel *
new_places (void)
{
  GMenu *menu = g_menu_new ();

  g_menu_append (menu, _("A Folder that Stands for _/…"), "win.choose-names::symfs");
  g_menu_append (menu, _("A Folder of _Debug Files…"), "win.choose-names::debug-dir");
  g_menu_append (menu, _("A _kallsyms File…"), "win.choose-names::kallsyms");
  g_menu_append (menu, _("A Kernel Image (_vmlinux)…"), "win.choose-names::vmlinux");
  return G_MENU_MODEL (menu);
}

static void
add_button (GtkWidget *box, GtkWidget *button)
{
  gtk_flow_box_append (GTK_FLOW_BOX (box), button);
  gtk_widget_set_focusable (gtk_widget_get_parent (button), FALSE);
}

/* What can be done about names, in a row, or below one another where it is narrow. */
static GtkWidget *
new_buttons (void)
{
  GtkWidget *box = gtk_flow_box_new (), *fetch = gtk_button_new_with_mnemonic (_("_Fetch Names…"));
  GtkWidget *sysroot = gtk_button_new_with_mnemonic (_("Choose a Folder of _Binaries…")), *places = gtk_menu_button_new ();
  g_autoptr(GMenuModel) menu = new_places ();

  gtk_actionable_set_action_name (GTK_ACTIONABLE (fetch), "win.fetch-names");
  gtk_widget_add_css_class (fetch, "suggested-action");
  gtk_widget_set_tooltip_text (fetch, _("Asks debuginfod servers for the modules that are ticked"));
  gtk_actionable_set_detailed_action_name (GTK_ACTIONABLE (sysroot), "win.choose-names::sysroot");
  gtk_menu_button_set_label (GTK_MENU_BUTTON (places), _("_More Places"));
  gtk_menu_button_set_use_underline (GTK_MENU_BUTTON (places), TRUE);
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (places), menu);
  gtk_flow_box_set_selection_mode (GTK_FLOW_BOX (box), GTK_SELECTION_NONE);
  gtk_flow_box_set_max_children_per_line (GTK_FLOW_BOX (box), 3);
  gtk_flow_box_set_column_spacing (GTK_FLOW_BOX (box), 6);
  gtk_flow_box_set_row_spacing (GTK_FLOW_BOX (box), 6);
  add_button (box, fetch);
  add_button (box, sysroot);
  add_button (box, places);
  return box;
}

GtkWidget *
glow_warnings_page_new (GlowDocument *document, GlowFetch *fetch)
{
  Page *self = g_new0 (Page, 1);
  GtkWidget *group = adw_preferences_group_new (), *scrolled = gtk_scrolled_window_new (), *clamp = adw_clamp_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 24), *head = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  self->document = g_object_ref (document);
  self->fetch = g_object_ref (fetch);
  self->rows = g_ptr_array_new ();
  self->warnings = new_list ();
  self->modules = new_list ();
  self->status = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->status), TRUE);
  gtk_label_set_xalign (GTK_LABEL (self->status), 0);
  gtk_widget_add_css_class (self->status, "dim-label");
  gtk_widget_add_css_class (self->status, "numeric");
  self->stacks = new_list ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _("What was left out or guessed"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), self->warnings);
  self->modules_group = adw_preferences_group_new ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (self->modules_group), _("Modules without all their names"));
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (self->modules_group),
                                         _("Fetch them from a debuginfod server, install their debug symbols (packages that end in -dbg or -dbgsym), or point at "
                                           "a copy of the machine’s files. A file is taken only where its build-id agrees."));
  gtk_box_append (GTK_BOX (head), new_buttons ());
  gtk_box_append (GTK_BOX (head), self->status);
  gtk_widget_set_margin_bottom (head, 12);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->modules_group), head);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->modules_group), self->modules);
  gtk_widget_set_visible (self->modules_group, FALSE);
  self->recorded = new_list ();
  self->recorded_group = adw_preferences_group_new ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (self->recorded_group), _("How it was recorded"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->recorded_group), self->recorded);
  gtk_widget_set_visible (self->recorded_group, FALSE);
  g_signal_connect (self->recorded, "row-activated", G_CALLBACK (on_mark), self);
  gtk_box_append (GTK_BOX (box), self->recorded_group);
  gtk_box_append (GTK_BOX (box), group);
  self->stacks_group = adw_preferences_group_new ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (self->stacks_group), _("Stacks that are not whole"));
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (self->stacks_group),
                                         _("Share of the samples whose stack ends too early or lacks a caller, by the module where it does. "
                                           "Frames with a torn edge mark the places. Recording with --call-graph dwarf needs no frame pointers."));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->stacks_group), self->stacks);
  gtk_widget_set_visible (self->stacks_group, FALSE);
  gtk_box_append (GTK_BOX (box), self->stacks_group);
  gtk_box_append (GTK_BOX (box), self->modules_group);
  gtk_widget_set_margin_top (box, 24);
  gtk_widget_set_margin_bottom (box, 24);
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), 820);
  adw_clamp_set_child (ADW_CLAMP (clamp), box);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), clamp);
  self->page = scrolled;
  g_object_set_data (G_OBJECT (scrolled), "glow-page", self);
  g_signal_connect_swapped (document, "changed", G_CALLBACK (on_changed), self);
  g_signal_connect_swapped (fetch, "changed", G_CALLBACK (on_fetch_changed), self);
  g_signal_connect_swapped (scrolled, "destroy", G_CALLBACK (page_free), self);
  return scrolled;
}
