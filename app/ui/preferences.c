/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preferences: each row is bound to a setting and takes effect at once. */
#include <config.h>

#include "ui/compat.h"
#include "ui/look.h"
#include "ui/preferences.h"
#include "ui/rows.h"

#include <afterglow/cache.h>
#include <afterglow/text.h>
#include <glib/gi18n.h>
#include <string.h>

/* Settings that are one of a few words, by their place in a list. */
static const char *const scheme_ids[] = { "system", "light", "dark", NULL };
static const char *const palette_ids[] = { "kind", "role", "module", "hash", NULL };
static const char *const debuginfod_ids[] = { "ask", "allow", "never", NULL };
static const char *const size_ids[] = { "compact", "normal", "large", NULL };

static gboolean
id_to_index (GValue *value, GVariant *variant, gpointer ids)
{
  for (guint i = 0; ((const char *const *) ids)[i] != NULL; i++)
    if (strcmp (((const char *const *) ids)[i], g_variant_get_string (variant, NULL)) == 0)
      {
        g_value_set_uint (value, i);
        return TRUE;
      }
  return FALSE;
}

static GVariant *
index_to_id (const GValue *value, const GVariantType *type, gpointer ids)
{
  return g_variant_new_string (((const char *const *) ids)[g_value_get_uint (value)]);
}

static void
add_choice (AdwPreferencesGroup *group, const char *title, const char *key, const char *const *labels, const char *const *ids)
{
  GtkWidget *row = glow_rows_add_choice (group, title, labels);

  g_settings_bind_with_mapping (glow_look_get_settings (), key, row, "selected", G_SETTINGS_BIND_DEFAULT, id_to_index, index_to_id, (gpointer) ids, NULL);
}

static void
add_switch (AdwPreferencesGroup *group, const char *title, const char *subtitle, const char *key)
{
  g_settings_bind (glow_look_get_settings (), key, glow_rows_add_switch (group, title, subtitle), "active", G_SETTINGS_BIND_DEFAULT);
}

static void
add_text (AdwPreferencesGroup *group, const char *title, const char *key)
{
  GtkWidget *row = glow_rows_add (group, title, adw_entry_row_new ());

  g_settings_bind (glow_look_get_settings (), key, row, "text", G_SETTINGS_BIND_DEFAULT);
}

static void
show_cache (GtkWidget *row)
{
  guint64 size = glow_cache_get_size ();
  g_autofree char *bytes = glow_text_bytes (size), *text = g_strdup_printf (_("%s of files that took long to read; they open at once again"), bytes);

  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), size > 0 ? text : _("Nothing is kept"));
}

static void
on_clear (GtkButton *button, GtkWidget *row)
{
  glow_cache_clear ();
  show_cache (row);
}

static void
add_cache (AdwPreferencesGroup *group)
{
  GtkWidget *row = adw_action_row_new (), *button = gtk_button_new_with_mnemonic (_("_Clear"));

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _("Cache"));
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, _("Remove what is kept of files that were read"));
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  g_signal_connect (button, "clicked", G_CALLBACK (on_clear), row);
  show_cache (row);
  adw_preferences_group_add (group, row);
}

static AdwPreferencesGroup *
add_group (AdwPreferencesPage *page, const char *title)
{
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());

  adw_preferences_group_set_title (group, title);
  adw_preferences_page_add (page, group);
  return group;
}

void
glow_preferences_show (GtkWindow *parent)
{
  AdwPreferencesPage *page = ADW_PREFERENCES_PAGE (adw_preferences_page_new ());
  AdwPreferencesGroup *looks = add_group (page, _("Looks")), *graph = add_group (page, _("Flame graph")), *files = add_group (page, _("Files"));
  const char *const schemes[] = { _("As the system"), _("Light"), _("Dark"), NULL };
  const char *const sizes[] = { _("Compact"), _("Normal"), _("Large"), NULL };
  const char *const palettes[] = { glow_palette_get_label (GLOW_PALETTE_KIND), glow_palette_get_label (GLOW_PALETTE_ROLE),
                                   glow_palette_get_label (GLOW_PALETTE_MODULE), glow_palette_get_label (GLOW_PALETTE_HASH), NULL };
  const char *const fetching[] = { _("Ask me"), _("Fetch them"), _("Never"), NULL };

  add_choice (looks, _("Colour scheme"), "color-scheme", schemes, scheme_ids);
  add_choice (looks, _("Size of frames"), "row-size", sizes, size_ids);
  add_choice (graph, _("Colour frames by"), "palette", palettes, palette_ids);
  add_switch (graph, _("Roots at the top"), _("An icicle graph instead of flames"), "icicle");
  add_switch (graph, _("Hatch what is uncertain"), _("Frames whose 95 % interval is wider than their share"), "hatch-uncertain");
  add_switch (files, _("Remember the view of each file"), _("The query, the zoom and the page that was open"), "remember-views");
  add_choice (files, _("Names that are not here, from debuginfod servers"), "debuginfod", fetching, debuginfod_ids);
  add_text (files, _("debuginfod servers from the next start on (empty: those of the system)"), "debuginfod-servers");
  add_text (files, _("Command that opens source (%f file, %l line); empty: the system's editor"), "editor");
  add_cache (files);
  gtk_window_present (glow_compat_preferences (parent, page));
}
