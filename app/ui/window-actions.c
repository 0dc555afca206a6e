/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything a window can be asked to do, as actions: menus, keys, buttons and D-Bus reach the same ones. */
#include <config.h>

#include "ui/compat.h"
#include "ui/editor.h"
#include "ui/look.h"
#include "ui/window-private.h"

#include <glib/gi18n.h>
#include <string.h>

/* What has just been chosen on a page of both sides is chosen before anything is done with it. */
static GlowDocument *
document_of (gpointer window)
{
  glow_comparison_lead (glow_diff_view_get_comparison (glow_window_get_diff (window)));
  return glow_window_get_document (window);
}

/* ---- opening ---- */

static void
on_files (gpointer window, const char *const *paths)
{
  glow_window_open_asking (window, paths);
}

static void
open_file (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  const GlowChooseOptions options = { GLOW_CHOOSE_FILES, _("Open a Recording"), _("_Open"), NULL, NULL };

  glow_compat_choose_files (window, &options, on_files, window);
}

static void
open_path (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  glow_window_open_asking (window, (const char *[]) { g_variant_get_string (parameter, NULL), NULL });
}

static void
open_example (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  const char *folder = g_getenv ("AFTERGLOW_EXAMPLES");
  g_autofree char *path = g_build_filename (folder != NULL ? folder : AFTERGLOW_DATA_DIR "/examples", "orders.data", NULL);

  glow_window_open_asking (window, (const char *[]) { path, NULL });
}

static void
reload (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  glow_document_reload (document_of (window));
}

static void
cancel_loading (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  glow_document_cancel (document_of (window));
  glow_fetch_cancel (glow_window_get_fetch (window));
}

/* ---- the query ---- */

static void
back (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  glow_document_go_back (document_of (window));
}

static void
forward (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  glow_document_go_forward (document_of (window));
}

static void
set_words (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  g_autoptr(GError) error = NULL;
  GlowQuery *query = glow_query_parse_words (g_variant_get_string (parameter, NULL), &error);

  if (query != NULL)
    glow_document_set_query (document_of (window), query);
  else
    glow_window_toast (window, error->message);
}

static void
clear_query (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  glow_document_set_query (document_of (window), glow_query_new ());
}

/* What is chosen on a page of both sides may not occur in the document. */
static void
add_function_term (gpointer window, GlowQueryField field)
{
  const char *name = glow_window_get_function_elsewhere (window);

  if (name != NULL)
    glow_document_add_name_term (document_of (window), field, name);
  else
    glow_document_add_function_term (document_of (window), field, glow_document_get_selected_frame (document_of (window)));
}

static void
focus_frame (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  add_function_term (window, GLOW_QUERY_FOCUS);
}

static void
hide_frame (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  add_function_term (window, GLOW_QUERY_HIDE);
}

static void
only_module (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  GlowDocument *document = document_of (window);
  GlowCallTree *tree = glow_document_get_tree (document);
  const char *module = tree != NULL ? glow_call_tree_get_module_name (tree, glow_document_get_selected_frame (document)) : NULL;
  GlowQuery *query;

  if (module == NULL)
    {
      glow_window_toast (window, _("This frame's module is not known"));
      return;
    }
  query = glow_query_with_only (glow_document_get_query (document), GLOW_QUERY_MODULE, module, NULL);
  if (query != NULL)
    glow_document_set_query (document, query);
}

/* A frame's role tells more than its kind where it has one. */
static void
set_kind_term (gpointer window, GlowQueryField field, gboolean alone)
{
  GlowDocument *document = document_of (window);
  GlowCallTree *tree = glow_document_get_tree (document);
  guint32 frame = glow_document_get_selected_frame (document);
  const GlowFrame *own = tree != NULL && frame != GLOW_NONE ? glow_call_tree_get_frame (tree, frame) : NULL;
  const GlowQuery *query = glow_document_get_query (document);
  const char *id;
  GlowQuery *next;

  if (own == NULL || own->kind == GLOW_FRAME_GROUP)
    {
      glow_window_toast (window, _("This is a group of stacks, not a function"));
      return;
    }
  id = own->role != GLOW_ROLE_NONE ? glow_role_get_id (own->role) : glow_frame_kind_get_id (own->kind);
  next = alone ? glow_query_with_only (query, field, id, NULL) : glow_query_with (query, field, id, NULL);
  if (next != NULL)
    glow_document_set_query (document, next);
}

static void
only_kind (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  set_kind_term (window, GLOW_QUERY_KIND, TRUE);
}

static void
hide_kind (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  set_kind_term (window, GLOW_QUERY_HIDE_KIND, FALSE);
}

static void
change_invert (GSimpleAction *action, GVariant *value, gpointer window)
{
  glow_document_set_query (document_of (window), glow_query_with_inverted (glow_document_get_query (document_of (window)), g_variant_get_boolean (value)));
}

static void
change_collapse (GSimpleAction *action, GVariant *value, gpointer window)
{
  glow_document_set_query (document_of (window),
                           glow_query_with_collapse_recursion (glow_document_get_query (document_of (window)), g_variant_get_boolean (value)));
}

static const char *const order_ids[] = { "heavy", "name", NULL };
static const char *const roots_ids[] = { "none", "comm", "process", "thread", "cgroup", "field", NULL };
static const char *const weight_ids[] = { "event", "samples", "time", "field", NULL };

static int
index_of (const char *const *ids, GVariant *value)
{
  for (int i = 0; ids[i] != NULL; i++)
    if (strcmp (ids[i], g_variant_get_string (value, NULL)) == 0)
      return i;
  return 0;
}

static void
change_order (GSimpleAction *action, GVariant *value, gpointer window)
{
  glow_document_set_query (document_of (window), glow_query_with_order (glow_document_get_query (document_of (window)), index_of (order_ids, value)));
}

static void
change_roots (GSimpleAction *action, GVariant *value, gpointer window)
{
  /* A field is chosen by its name, elsewhere. */
  if (index_of (roots_ids, value) != GLOW_ROOTS_FIELD)
    glow_document_set_query (document_of (window), glow_query_with_roots (glow_document_get_query (document_of (window)), index_of (roots_ids, value)));
}

static void
change_weight (GSimpleAction *action, GVariant *value, gpointer window)
{
  if (index_of (weight_ids, value) != GLOW_WEIGHT_FIELD)
    glow_document_set_query (document_of (window), glow_query_with_weight (glow_document_get_query (document_of (window)), index_of (weight_ids, value)));
}

/* ---- looking ---- */

static void
zoom_selected (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  guint32 node = glow_document_get_selected (document_of (window));

  if (node != GLOW_NONE)
    glow_document_set_zoom (document_of (window), node);
}

static void
zoom_out (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  glow_flame_view_zoom_out (glow_window_get_flame (window));
}

static void
zoom_reset (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  glow_document_set_zoom (document_of (window), 0);
}

static guint32
find_stack (gpointer window, GVariant *parameter)
{
  GlowCallTree *tree = glow_document_get_tree (document_of (window));
  gboolean exact;

  return tree != NULL ? glow_call_tree_find_stack (tree, g_variant_get_string (parameter, NULL), &exact) : 0;
}

static void
zoom_to (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  glow_document_set_zoom (document_of (window), find_stack (window, parameter));
}

static void
select_stack (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  glow_document_set_selected (document_of (window), find_stack (window, parameter));
}

static void
search (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  glow_window_set_search_text (window, g_variant_get_string (parameter, NULL));
}

static void
focus_search (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  glow_window_focus_search (window);
}

static void
next_match (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  glow_window_step_match (window, 1);
}

static void
previous_match (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  glow_window_step_match (window, -1);
}

static void
view (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  glow_window_set_view (window, g_variant_get_string (parameter, NULL));
}

static void
sandwich (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  glow_window_set_view (window, "sandwich");
}

static void
follow (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  GlowDocument *document = document_of (window);

  glow_document_set_follows (document, !glow_document_get_follows (document));
}

/* All parts of the recording, of which one is shown; the view stays. */
static void
open_parts (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  const char *const *paths = glow_document_get_paths (document_of (window));
  g_auto(GStrv) parts = paths != NULL && paths[0] != NULL && paths[1] == NULL ? glow_load_dup_parts (paths[0]) : NULL;

  if (parts != NULL)
    glow_window_open (window, (const char *const *) parts);
}

static void
compare_tail (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  glow_window_compare_tail (window);
}

/* Start and end in ns on the recording's clock, and the row of the thread. */
static void
show_span (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  guint64 start, end;
  guint32 thread;

  g_variant_get (parameter, "(ttu)", &start, &end, &thread);
  glow_window_show_span (window, start, MAX (start, end), thread);
}

static void
compare_prometheus (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  glow_window_compare_prometheus (window);
}

/* What is selected becomes what later selections are compared with; where nothing is, there is no baseline any more. */
static void
mark_baseline (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  const GlowQuery *query = glow_document_get_query (document_of (window));
  gboolean has_time = glow_query_has_term (query, GLOW_QUERY_TIME, NULL);
  GlowQuery *next = glow_query_without (query, GLOW_QUERY_BASELINE_TIME, NULL);

  if (!has_time && !glow_query_has_term (query, GLOW_QUERY_BASELINE_TIME, NULL))
    glow_window_toast (window, _("Select a time first: it becomes the baseline"));
  for (guint i = 0; i < glow_query_get_n_terms (query); i++)
    {
      GlowQueryField field;
      const char *value = glow_query_get_term (query, i, &field);
      GlowQuery *more = field == GLOW_QUERY_TIME ? glow_query_with (next, GLOW_QUERY_BASELINE_TIME, value, NULL) : NULL;

      if (more == NULL)
        continue;
      glow_query_unref (next);
      next = more;
    }
  glow_document_set_query (document_of (window), glow_query_without (next, GLOW_QUERY_TIME, NULL));
  glow_query_unref (next);
}

static void
compare_baseline (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  glow_window_compare_baseline (window);
}

static void
clear_times (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  g_autoptr(GlowQuery) timeless = glow_query_without (glow_document_get_query (document_of (window)), GLOW_QUERY_TIME, NULL);

  glow_document_set_query (document_of (window), glow_query_without (timeless, GLOW_QUERY_BASELINE_TIME, NULL));
}

static void
spans_between (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  glow_window_ask_spans (window);
}

static void
close_banner (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  glow_window_close_banner (window);
}

static void
fullscreen (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  if (gtk_window_is_fullscreen (window))
    gtk_window_unfullscreen (window);
  else
    gtk_window_fullscreen (window);
}

static void
shortcuts (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  glow_compat_shortcuts (window);
}

static void
close_window (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  gtk_window_close (window);
}

/* ---- taking away ---- */

static void
copy_text (gpointer window, const char *text, const char *toast)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (window), text);
  glow_window_toast (window, toast);
}

static void
copy_frame (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  guint32 node = glow_document_get_selected (document_of (window));
  GlowCallTree *tree = glow_document_get_tree (document_of (window));
  g_autofree char *name = NULL;

  if (node == GLOW_NONE)
    return;
  name = glow_call_tree_dup_full_name (tree, glow_call_tree_get_nodes (tree)->frame[node]);
  copy_text (window, name, _("Name copied"));
}

static void
copy_stack (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  guint32 node = glow_document_get_selected (document_of (window));
  g_autofree char *stack = NULL, *valid = NULL;

  if (node == GLOW_NONE)
    return;
  stack = glow_call_tree_dup_stack (glow_document_get_tree (document_of (window)), node);
  valid = g_utf8_make_valid (stack, -1);
  copy_text (window, valid, _("Stack copied"));
}

/* The command that gives the same picture of the same query. */
static void
copy_command (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  GlowDocument *document = document_of (window);
  const char *const *paths = glow_document_get_paths (document);
  g_autofree char *words = glow_query_dup_words (glow_document_get_query (document));
  g_autofree char *sources = glow_name_sources_dup_words (glow_document_get_name_sources (document));
  g_autoptr(GString) command = g_string_new ("afterglow-cli render");

  if (glow_window_shows_diff (window))
    {
      g_autofree char *line = glow_window_dup_diff_command (window);

      copy_text (window, line, _("Command copied"));
      return;
    }
  g_string_append (command, sources);
  if (*words != '\0')
    g_string_append_printf (command, " %s", words);
  for (guint i = 0; paths[i] != NULL; i++)
    {
      g_autofree char *quoted = g_shell_quote (paths[i]);

      g_string_append_printf (command, " %s", quoted);
    }
  g_string_append (command, " -o flame.svg");
  copy_text (window, command->str, _("Command copied"));
}

static void
copy_error (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  const GError *error = glow_document_get_error (document_of (window));
  g_autofree char *valid = error != NULL ? g_utf8_make_valid (error->message, -1) : NULL;

  if (valid != NULL)
    copy_text (window, valid, _("Details copied"));
}

static gboolean
open_known_source (gpointer window)
{
  const char *reason;
  const GlowSource *source = glow_facts_get_source (glow_document_get_facts (document_of (window)), &reason);
  g_autoptr(GError) error = NULL;

  if (source == NULL && reason == NULL)
    return FALSE;
  if (source == NULL)
    glow_window_toast (window, reason);
  else if (!glow_window_fetch_source (window, source) && !glow_editor_open (source->file, MAX (source->line, 1), &error))
    glow_window_toast (window, error->message);
  return TRUE;
}

static void
on_source (GlowFacts *facts, gpointer window)
{
  if (open_known_source (window))
    g_signal_handlers_disconnect_by_func (facts, on_source, window);
}

static void
open_source (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  GlowDocument *document = document_of (window);

  if (glow_document_get_selected_frame (document) == GLOW_NONE)
    return;
  glow_facts_seek_source (glow_document_get_facts (document));
  if (open_known_source (window))
    return;
  g_signal_handlers_disconnect_by_func (glow_document_get_facts (document), on_source, window);
  g_signal_connect_object (glow_document_get_facts (document), "changed", G_CALLBACK (on_source), window, 0);
}

static void
export (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  glow_window_export (window);
}

static void
export_to (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  glow_window_export_to (window, g_variant_get_string (parameter, NULL));
}

static void
export_folded (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  glow_window_export_folded (window);
}

static void
copy_picture (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  glow_window_copy_picture (window);
}

static void
print_picture (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  glow_window_print (window);
}

/* ---- all together ---- */

static const GActionEntry entries[] = {
  { .name = "open", .activate = open_file },
  { .name = "open-path", .activate = open_path, .parameter_type = "s" },
  { .name = "open-example", .activate = open_example },
  { .name = "reload", .activate = reload },
  { .name = "follow", .activate = follow },
  { .name = "open-parts", .activate = open_parts },
  { .name = "cancel-loading", .activate = cancel_loading },
  { .name = "back", .activate = back },
  { .name = "forward", .activate = forward },
  { .name = "query", .activate = set_words, .parameter_type = "s" },
  { .name = "clear-query", .activate = clear_query },
  { .name = "focus-frame", .activate = focus_frame },
  { .name = "hide-frame", .activate = hide_frame },
  { .name = "only-module", .activate = only_module },
  { .name = "only-kind", .activate = only_kind },
  { .name = "hide-kind", .activate = hide_kind },
  { .name = "invert", .state = "false", .change_state = change_invert },
  { .name = "collapse", .state = "false", .change_state = change_collapse },
  { .name = "order", .parameter_type = "s", .state = "'heavy'", .change_state = change_order },
  { .name = "roots", .parameter_type = "s", .state = "'none'", .change_state = change_roots },
  { .name = "weight", .parameter_type = "s", .state = "'event'", .change_state = change_weight },
  { .name = "zoom-selected", .activate = zoom_selected },
  { .name = "zoom-out", .activate = zoom_out },
  { .name = "zoom-reset", .activate = zoom_reset },
  { .name = "zoom-to", .activate = zoom_to, .parameter_type = "s" },
  { .name = "select", .activate = select_stack, .parameter_type = "s" },
  { .name = "search", .activate = search, .parameter_type = "s" },
  { .name = "focus-search", .activate = focus_search },
  { .name = "next-match", .activate = next_match },
  { .name = "previous-match", .activate = previous_match },
  { .name = "view", .activate = view, .parameter_type = "s" },
  { .name = "sandwich", .activate = sandwich },
  { .name = "show-span", .activate = show_span, .parameter_type = "(ttu)" },
  { .name = "compare-tail", .activate = compare_tail },
  { .name = "compare-prometheus", .activate = compare_prometheus },
  { .name = "mark-baseline", .activate = mark_baseline },
  { .name = "compare-baseline", .activate = compare_baseline },
  { .name = "clear-times", .activate = clear_times },
  { .name = "spans-between", .activate = spans_between },
  { .name = "close-banner", .activate = close_banner },
  { .name = "fullscreen", .activate = fullscreen },
  { .name = "shortcuts", .activate = shortcuts },
  { .name = "close", .activate = close_window },
  { .name = "copy-frame", .activate = copy_frame },
  { .name = "copy-stack", .activate = copy_stack },
  { .name = "copy-command", .activate = copy_command },
  { .name = "copy-error", .activate = copy_error },
  { .name = "open-source", .activate = open_source },
  { .name = "export", .activate = export },
  { .name = "export-to", .activate = export_to, .parameter_type = "s" },
  { .name = "export-folded", .activate = export_folded },
  { .name = "copy-picture", .activate = copy_picture },
  { .name = "print", .activate = print_picture },
};

/* Single letters: not for the whole window, or they could not be typed into an entry. */
static const struct { const char *key, *action, *target; } letters[] = {
  { "f", "win.focus-frame", NULL },   { "h", "win.hide-frame", NULL },   { "r", "win.collapse", NULL },
  { "i", "win.icicle", NULL },        { "m", "win.only-module", NULL },  { "c", "win.invert", NULL },
  { "1", "win.view", "flame" },       { "2", "win.view", "functions" },  { "3", "win.view", "tree" },
  { "4", "win.view", "sandwich" },    { "5", "win.view", "time" },       { "6", "win.view", "slow" },
  { "7", "win.view", "diff" },        { "8", "win.view", "warnings" },   { "t", "win.compare-tail", NULL },
  { "b", "win.mark-baseline", NULL }, { "<Shift>b", "win.compare-baseline", NULL },
  { "d", "win.compare-with", NULL },  { "g", "win.open-in-both", NULL },  { "v", "win.both-sides", NULL },
};

GtkEventController *
glow_window_new_letter_keys (void)
{
  GtkEventController *controller = gtk_shortcut_controller_new ();

  for (guint i = 0; i < G_N_ELEMENTS (letters); i++)
    {
      GtkShortcut *shortcut = gtk_shortcut_new (gtk_shortcut_trigger_parse_string (letters[i].key), gtk_named_action_new (letters[i].action));

      if (letters[i].target != NULL)
        gtk_shortcut_set_arguments (shortcut, g_variant_new_string (letters[i].target));
      gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (controller), shortcut);
    }
  return controller;
}

void
glow_window_add_actions (GlowWindow *self)
{
  static const char *const settings[] = { "icicle", "palette", "sidebar", "details", "strip", "strip-rows", "latency-map" };

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      g_autoptr(GAction) action = g_settings_create_action (glow_look_get_settings (), settings[i]);

      g_action_map_add_action (G_ACTION_MAP (self), action);
    }
}

static void
enable (GlowWindow *self, const char *name, gboolean enabled)
{
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self), name)), enabled);
}

static void
set_state (GlowWindow *self, const char *name, GVariant *state)
{
  g_simple_action_set_state (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self), name)), state);
}

void
glow_window_update_actions (GlowWindow *self)
{
  static const char *const of_tree[] = { "export", "export-to", "export-folded", "copy-picture", "copy-command", "print", "zoom-out", "zoom-reset", "zoom-to", "select",
                                         "search", "focus-search", "query", "clear-query", "invert", "collapse", "order", "roots", "weight", "view", "show-span",
                                         "compare-with", "compare-path", "compare-offer" };
  static const char *const of_frame[] = { "only-module", "only-kind", "hide-kind", "zoom-selected", "copy-frame", "copy-stack", "open-source", "sandwich" };
  GlowDocument *document = glow_window_get_document (self);
  const GlowQuery *query = glow_document_get_query (document);
  const GlowSearch *found = glow_document_get_search (document);
  gboolean has_tree = glow_document_get_tree (document) != NULL, has_frame = glow_document_get_selected_frame (document) != GLOW_NONE;

  for (guint i = 0; i < G_N_ELEMENTS (of_tree); i++)
    enable (self, of_tree[i], has_tree);
  for (guint i = 0; i < G_N_ELEMENTS (of_frame); i++)
    enable (self, of_frame[i], has_frame);
  glow_window_update_diff_actions (self);
  enable (self, "compare-baseline", has_tree && glow_query_has_term (query, GLOW_QUERY_BASELINE_TIME, NULL));
  enable (self, "mark-baseline", has_tree);
  enable (self, "spans-between", has_tree && glow_profile_get_samples (glow_document_get_profile (document))->time != NULL);
  enable (self, "clear-times", glow_query_has_term (query, GLOW_QUERY_TIME, NULL) || glow_query_has_term (query, GLOW_QUERY_BASELINE_TIME, NULL));
  enable (self, "back", glow_document_can_go_back (document));
  enable (self, "forward", glow_document_can_go_forward (document));
  enable (self, "reload", glow_document_get_paths (document) != NULL);
  enable (self, "cancel-loading", glow_document_get_state (document) == GLOW_DOCUMENT_LOADING || glow_document_is_naming (document)
                                   || glow_fetch_is_running (glow_window_get_fetch (self)));
  enable (self, "fetch-names", has_tree && glow_fetch_can_start (glow_window_get_fetch (self)));
  enable (self, "cancel-fetch", glow_fetch_is_running (glow_window_get_fetch (self)));
  enable (self, "next-match", found != NULL && found->n_nodes > 0);
  enable (self, "previous-match", found != NULL && found->n_nodes > 0);
  set_state (self, "invert", g_variant_new_boolean (glow_query_get_inverted (query)));
  set_state (self, "collapse", g_variant_new_boolean (glow_query_get_collapse_recursion (query)));
  set_state (self, "order", g_variant_new_string (order_ids[glow_query_get_order (query)]));
  set_state (self, "roots", g_variant_new_string (roots_ids[glow_query_get_roots (query)]));
  set_state (self, "weight", g_variant_new_string (weight_ids[glow_query_get_weight (query)]));
}
