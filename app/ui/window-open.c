/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening files: asking, dropping, recent ones, and the view that each was left in. */
#include <config.h>

#include "ui/compat.h"
#include "ui/look.h"
#include "ui/window-private.h"

#include <glib/gi18n.h>
#include <string.h>

#define RECENT 6
#define SEEN_FROM 100          /* times its width a view is, in which a frame is seen */

/* ---- the view of each file ---- */

static gboolean
can_remember (GlowWindow *self)
{
  const char *const *paths = glow_document_get_paths (self->document);

  return g_settings_get_boolean (glow_look_get_settings (), "remember-views") && paths != NULL && paths[0] != NULL && paths[1] == NULL
         && strcmp (paths[0], "-") != 0;
}

void
glow_window_remember_view (GlowWindow *self)
{
  GlowCallTree *tree = glow_document_get_tree (self->document);
  guint32 selected = glow_document_get_selected (self->document);
  g_autofree char *query = NULL, *zoom = NULL, *chosen = NULL;
  GlowViewMemory memory;

  if (tree == NULL || !can_remember (self))
    return;
  query = glow_query_dup_words (glow_document_get_query (self->document));
  zoom = glow_call_tree_dup_stack (tree, glow_document_get_zoom (self->document));
  chosen = selected != GLOW_NONE ? glow_call_tree_dup_stack (tree, selected) : NULL;
  /* What it was compared with is not remembered, so neither is that page. */
  memory = (GlowViewMemory) { query, zoom, chosen, (char *) (g_strcmp0 (glow_window_get_view (self), "diff") == 0 ? "flame" : glow_window_get_view (self)) };
  glow_view_memory_save (glow_document_get_paths (self->document)[0], &memory);
}

/* The frame that has most, of those with this name. */
static guint32
find_function (GlowCallTree *tree, const char *name, const char *module)
{
  const GlowCallTreeNodes *nodes = glow_call_tree_get_nodes (tree);
  guint32 best = GLOW_NONE;

  for (guint32 i = 1; i < nodes->n_nodes; i++)
    if ((best == GLOW_NONE || nodes->total[i] > nodes->total[best]) && strcmp (glow_call_tree_get_frame_name (tree, nodes->frame[i]), name) == 0
        && (module == NULL || g_strcmp0 (glow_call_tree_get_module_name (tree, nodes->frame[i]), module) == 0))
      best = i;
  return best;
}

void
glow_window_choose_function (GlowWindow *self, const char *name, const char *module)
{
  GlowCallTree *tree = glow_document_get_tree (self->document);
  const GlowCallTreeNodes *nodes;
  guint32 node, at;

  g_clear_pointer (&self->first_function, g_free);
  g_clear_pointer (&self->first_module, g_free);
  if (tree == NULL || glow_document_is_naming (self->document))
    {
      self->first_function = g_strdup (name);
      self->first_module = g_strdup (module);
      return;
    }
  node = find_function (tree, name, module);
  if (node == GLOW_NONE)
    {
      g_autofree char *valid = g_utf8_make_valid (name, -1), *words = g_strdup_printf (_("“%s” is not in what is shown of this recording"), valid);

      glow_window_toast (self, words);
      return;
    }
  glow_window_set_view (self, "flame");
  glow_document_set_selected (self->document, node);
  /* Nothing has a width yet where a window has just been made: what is narrow is looked for now. */
  nodes = glow_call_tree_get_nodes (tree);
  for (at = node; at != 0 && nodes->total[nodes->parent[at]] < nodes->total[node] * SEEN_FROM;)
    at = nodes->parent[at];
  glow_document_set_zoom (self->document, at);
}

/* Stacks are found by name, so not before names have come. */
void
glow_window_recall_view (GlowWindow *self)
{
  GlowCallTree *tree = glow_document_get_tree (self->document);
  gboolean exact;
  guint32 node;

  if (self->first_function != NULL && tree != NULL && !glow_document_is_naming (self->document))
    {
      g_autofree char *name = g_steal_pointer (&self->first_function), *module = g_steal_pointer (&self->first_module);

      g_clear_pointer (&self->memory, glow_view_memory_free);
      glow_window_choose_function (self, name, module);
    }
  if (self->memory == NULL || tree == NULL || glow_document_is_naming (self->document)
      || !glow_query_equal (glow_call_tree_get_query (tree), glow_document_get_query (self->document)))
    return;
  if (self->memory->zoom != NULL && *self->memory->zoom != '\0')
    glow_document_set_zoom (self->document, glow_call_tree_find_stack (tree, self->memory->zoom, &exact));
  if (self->memory->selected != NULL && *self->memory->selected != '\0')
    {
      node = glow_call_tree_find_stack (tree, self->memory->selected, &exact);
      if (exact)
        glow_document_set_selected (self->document, node);
    }
  if (self->memory->page != NULL)
    glow_window_set_view (self, self->memory->page);
  g_clear_pointer (&self->memory, glow_view_memory_free);
}

/* ---- opening ---- */

void
glow_window_set_first_query (GlowWindow *self, GlowQuery *query)
{
  g_clear_pointer (&self->first_query, glow_query_unref);
  self->first_query = query;
}

void
glow_window_open (GlowWindow *self, const char *const *paths)
{
  GlowQuery *query;

  glow_window_remember_view (self);
  g_clear_pointer (&self->memory, glow_view_memory_free);
  g_clear_pointer (&self->first_function, g_free);
  g_clear_pointer (&self->first_module, g_free);
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->banner), FALSE);
  self->banner_closed = self->fetched_by_itself = FALSE;
  adw_window_title_set_subtitle (self->title, NULL);
  gtk_editable_set_text (GTK_EDITABLE (self->search_entry), "");
  glow_document_load (self->document, paths);
  query = g_steal_pointer (&self->first_query);
  if (query == NULL && can_remember (self))
    {
      self->memory = glow_view_memory_load (paths[0]);
      if (self->memory != NULL && self->memory->query != NULL)
        query = glow_query_parse_words (self->memory->query, NULL);
    }
  if (query != NULL)
    glow_document_set_query (self->document, query);
  for (guint i = 0; paths[i] != NULL; i++)
    if (strcmp (paths[i], "-") != 0)
      {
        g_autofree char *absolute = g_canonicalize_filename (paths[i], NULL), *uri = g_filename_to_uri (absolute, NULL, NULL);

        if (uri != NULL && g_file_test (paths[i], G_FILE_TEST_IS_REGULAR))
          gtk_recent_manager_add_item (gtk_recent_manager_get_default (), uri);
      }
  adw_view_stack_set_visible_child_name (ADW_VIEW_STACK (self->views), "flame");
}

static void
open_new (GlowWindow *self, const char *const *paths, GlowQuery *query)
{
  GlowWindow *window = self;

  if (glow_document_get_state (self->document) != GLOW_DOCUMENT_EMPTY && glow_document_get_state (self->document) != GLOW_DOCUMENT_FAILED)
    window = glow_window_new (ADW_APPLICATION (gtk_window_get_application (GTK_WINDOW (self))));
  if (query != NULL)
    glow_window_set_first_query (window, glow_query_ref (query));
  glow_window_open (window, paths);
  gtk_window_present (GTK_WINDOW (window));
}

static void
on_answer (gpointer data, const char *response)
{
  GlowWindow *self = data;
  g_autoptr(GPtrArray) asked = g_steal_pointer (&self->asked);
  g_autoptr(GlowQuery) query = g_steal_pointer (&self->first_query);

  if (asked == NULL)
    return;
  if (strcmp (response, "merge") == 0)
    open_new (self, (const char *const *) asked->pdata, query);
  else if (strcmp (response, "each") == 0)
    for (guint i = 0; i + 1 < asked->len; i++)
      open_new (self, (const char *[]) { g_ptr_array_index (asked, i), NULL }, query);
}

/* Parts of one recording are one profile: there is nothing to ask. */
static gboolean
are_parts (const char *const *paths)
{
  g_auto(GStrv) parts = glow_load_dup_parts (paths[0]);

  for (guint i = 0; parts != NULL && paths[i] != NULL; i++)
    if (!g_strv_contains ((const char *const *) parts, paths[i]))
      return FALSE;
  return parts != NULL;
}

void
glow_window_open_asking (GlowWindow *self, const char *const *paths)
{
  const char *const responses[] = { "cancel", _("_Cancel"), "each", _("A _Window Each"), "merge", _("_Merge"), NULL };
  guint n = g_strv_length ((char **) paths);
  g_autofree char *heading = NULL;

  if (n == 0)
    return;
  if (n == 1 || are_parts (paths))
    {
      g_autoptr(GlowQuery) query = g_steal_pointer (&self->first_query);

      open_new (self, paths, query);
      return;
    }
  g_clear_pointer (&self->asked, g_ptr_array_unref);
  self->asked = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (self->asked, g_strdup (paths[i]));
  g_ptr_array_add (self->asked, NULL);
  heading = g_strdup_printf (ngettext ("Open %u file", "Open %u files", n), n);
  glow_compat_ask (GTK_WINDOW (self), heading, _("Merged, they are one profile whose weights are added. Or each opens in a window of its own."), responses,
                   on_answer, self);
}

static gboolean
on_drop (GtkDropTarget *target, const GValue *value, double x, double y, gpointer data)
{
  g_autoptr(GPtrArray) paths = glow_window_dup_dropped_paths (value);
  GlowWindow *self = data;

  glow_window_hide_drop_place (self->drop_place);
  if (glow_document_get_profile (self->document) != NULL && glow_window_is_shift_held (self))
    glow_window_compare (self, (const char *const *) paths->pdata);
  else
    glow_window_open_asking (self, (const char *const *) paths->pdata);
  return paths->len > 1;
}

/* ---- recent files ---- */

static gint
newest_first (gconstpointer a, gconstpointer b)
{
  return g_date_time_compare (gtk_recent_info_get_modified ((GtkRecentInfo *) b), gtk_recent_info_get_modified ((GtkRecentInfo *) a));
}

static void
fill_recent (GlowWindow *self)
{
  GList *items = gtk_recent_manager_get_items (gtk_recent_manager_get_default ());
  GtkWidget *child;
  guint n = 0;

  g_menu_remove_all (self->recent_menu);
  while ((child = gtk_widget_get_first_child (self->recent_box)) != NULL)
    gtk_box_remove (GTK_BOX (self->recent_box), child);
  items = g_list_sort (items, newest_first);
  for (GList *item = items; item != NULL && n < RECENT; item = item->next)
    {
      GtkRecentInfo *info = item->data;
      g_autofree char *path = g_filename_from_uri (gtk_recent_info_get_uri (info), NULL, NULL);
      g_autofree char *label = NULL, *folder = NULL, *place = NULL;
      g_autoptr(GMenuItem) entry = NULL;
      GtkWidget *button;

      if (path == NULL || !gtk_recent_info_has_application (info, g_get_application_name ()) || !gtk_recent_info_exists (info))
        continue;
      if (n++ == 0)
        {
          GtkWidget *heading = gtk_label_new (_("Recent"));

          gtk_widget_add_css_class (heading, "heading");
          gtk_box_append (GTK_BOX (self->recent_box), heading);
        }
      label = g_filename_display_basename (path);
      folder = g_path_get_dirname (path);
      place = g_filename_display_name (folder);
      entry = g_menu_item_new (label, NULL);
      g_menu_item_set_action_and_target (entry, "win.open-path", "s", path);
      g_menu_append_item (self->recent_menu, entry);
      button = gtk_button_new_with_label (label);
      gtk_widget_add_css_class (button, "flat");
      gtk_widget_set_tooltip_text (button, place);
      gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.open-path");
      gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", path);
      gtk_box_append (GTK_BOX (self->recent_box), button);
    }
  g_list_free_full (items, (GDestroyNotify) gtk_recent_info_unref);
}

void
glow_window_init_opening (GlowWindow *self)
{
  g_signal_connect (self->drop, "drop", G_CALLBACK (on_drop), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (self->drop));
  g_signal_connect_object (gtk_recent_manager_get_default (), "changed", G_CALLBACK (fill_recent), self, G_CONNECT_SWAPPED);
  fill_recent (self);
}
