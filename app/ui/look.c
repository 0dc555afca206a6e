/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Preferences and the desktop's wishes about colours, sizes and motion. */
#include <config.h>

#include "ui/look.h"

GSettings *
glow_look_get_settings (void)
{
  static GSettings *settings;
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr(GSettingsSchemaSource) own = NULL;
  g_autoptr(GSettingsSchema) schema = NULL;

  if (settings != NULL)
    return settings;
  if (source != NULL)
    schema = g_settings_schema_source_lookup (source, AFTERGLOW_APPLICATION_ID, TRUE);
  if (schema == NULL)
    {
      /* Installed under a prefix that the session does not look in. */
      own = g_settings_schema_source_new_from_directory (AFTERGLOW_SCHEMA_DIR, source, FALSE, NULL);
      schema = own != NULL ? g_settings_schema_source_lookup (own, AFTERGLOW_APPLICATION_ID, FALSE) : NULL;
    }
  if (schema == NULL)
    g_error ("The settings schema %s is not installed", AFTERGLOW_APPLICATION_ID);
  settings = g_settings_new_full (schema, NULL, NULL);
  return settings;
}

GlowTheme
glow_look_get_theme (void)
{
  AdwStyleManager *manager = adw_style_manager_get_default ();
  gboolean dark = adw_style_manager_get_dark (manager), contrast = adw_style_manager_get_high_contrast (manager);

  return contrast ? (dark ? GLOW_THEME_DARK_CONTRAST : GLOW_THEME_LIGHT_CONTRAST) : dark ? GLOW_THEME_DARK : GLOW_THEME_LIGHT;
}

GlowPalette
glow_look_get_palette (void)
{
  g_autofree char *id = g_settings_get_string (glow_look_get_settings (), "palette");
  GlowPalette palette = GLOW_PALETTE_KIND;

  glow_palette_from_id (id, &palette);
  return palette;
}

double
glow_look_get_row_height (void)
{
  static const double heights[] = { 17, 21, 27 };
  int size = g_settings_get_enum (glow_look_get_settings (), "row-size");

  return heights[CLAMP (size, 0, 2)];
}

double
glow_look_get_uncertain (void)
{
  return g_settings_get_boolean (glow_look_get_settings (), "hatch-uncertain") ? 0.5 : 0;
}

gboolean
glow_look_has_motion (GtkWidget *widget)
{
  return adw_get_enable_animations (widget);
}

static void
apply_scheme (GSettings *settings, const char *key, gpointer unused)
{
  static const AdwColorScheme schemes[] = { ADW_COLOR_SCHEME_DEFAULT, ADW_COLOR_SCHEME_FORCE_LIGHT, ADW_COLOR_SCHEME_FORCE_DARK };

  adw_style_manager_set_color_scheme (adw_style_manager_get_default (), schemes[CLAMP (g_settings_get_enum (settings, "color-scheme"), 0, 2)]);
}

void
glow_look_follow_settings (void)
{
  GSettings *settings = glow_look_get_settings ();

  g_signal_connect (settings, "changed::color-scheme", G_CALLBACK (apply_scheme), NULL);
  apply_scheme (settings, NULL, NULL);
}

void
glow_look_watch (GtkWidget *widget, GCallback callback)
{
  static const char *const keys[] = { "palette", "row-size", "hatch-uncertain", "icicle", "strip", "strip-rows", "latency-map" };
  AdwStyleManager *manager = adw_style_manager_get_default ();

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autofree char *signal = g_strconcat ("changed::", keys[i], NULL);

      g_signal_connect_object (glow_look_get_settings (), signal, callback, widget, G_CONNECT_SWAPPED);
    }
  g_signal_connect_object (manager, "notify::dark", callback, widget, G_CONNECT_SWAPPED);
  g_signal_connect_object (manager, "notify::high-contrast", callback, widget, G_CONNECT_SWAPPED);
}
