/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The warnings page. */
#include <config.h>

#include <adwaita.h>

#include "ui/warnings-page.h"

#include <glib/gi18n.h>

#define MAX_ROWS 200

typedef struct {
  GlowDocument *document;
  GtkWidget *warnings, *modules, *modules_group;
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

static void
fill_modules (Page *self, GlowProfile *profile)
{
  guint32 n, shown = 0;
  const GlowModule *modules = glow_profile_get_modules (profile, &n);

  clear_list (self->modules);
  for (guint32 i = 0; i < n && shown < MAX_ROWS; i++)
    {
      g_autofree char *name = NULL, *path = NULL;

      if (!lacks_names (&modules[i]))
        continue;
      name = glow_strings_dup_display (glow_profile_get_strings (profile), modules[i].name);
      path = glow_strings_dup_display (glow_profile_get_strings (profile), modules[i].path);
      add_row (self->modules, name, path, glow_symbol_status_get_label (modules[i].symbols));
      shown++;
    }
  gtk_widget_set_visible (self->modules_group, shown > 0);
}

static void
on_changed (Page *self, guint changes)
{
  GlowProfile *profile = glow_document_get_profile (self->document);

  if (!(changes & GLOW_CHANGED_PROFILE) || profile == NULL)
    return;
  fill_warnings (self, glow_profile_get_warnings (profile));
  fill_modules (self, profile);
}

static void
page_free (gpointer data, GClosure *unused)
{
  Page *self = data;

  g_object_unref (self->document);
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

GtkWidget *
glow_warnings_page_new (GlowDocument *document)
{
  Page *self = g_new0 (Page, 1);
  GtkWidget *group = adw_preferences_group_new (), *scrolled = gtk_scrolled_window_new (), *clamp = adw_clamp_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 24), *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *symfs = gtk_button_new_with_mnemonic (_("Choose a _Folder of Binaries…"));
  GtkWidget *kallsyms = gtk_button_new_with_mnemonic (_("Choose a _kallsyms File…"));
  GClosure *closure;

  self->document = g_object_ref (document);
  self->warnings = new_list ();
  self->modules = new_list ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _("What was left out or guessed"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), self->warnings);
  self->modules_group = adw_preferences_group_new ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (self->modules_group), _("Modules without all their names"));
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (self->modules_group),
                                         _("Install their debug symbols (packages that end in -dbg or -dbgsym), or point at a copy of the machine's files. "
                                           "A file is taken only where its build-id agrees."));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (symfs), "win.choose-symfs");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (kallsyms), "win.choose-kallsyms");
  gtk_box_append (GTK_BOX (buttons), symfs);
  gtk_box_append (GTK_BOX (buttons), kallsyms);
  gtk_widget_set_margin_bottom (buttons, 12);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->modules_group), buttons);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->modules_group), self->modules);
  gtk_box_append (GTK_BOX (box), group);
  gtk_box_append (GTK_BOX (box), self->modules_group);
  gtk_widget_set_margin_top (box, 24);
  gtk_widget_set_margin_bottom (box, 24);
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), 820);
  adw_clamp_set_child (ADW_CLAMP (clamp), box);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), clamp);
  closure = g_cclosure_new_swap (G_CALLBACK (on_changed), self, page_free);
  g_object_watch_closure (G_OBJECT (scrolled), closure);
  g_signal_connect_closure (document, "changed", closure, FALSE);
  return scrolled;
}
