/* SPDX-License-Identifier: GPL-3.0-or-later */
/* afterglow: the window. */
#include <config.h>

#include "ui/application.h"

#include <afterglow/cache.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <string.h>

int
main (int argc, char **argv)
{
  g_autoptr(AdwApplication) application = NULL;
  int status;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, AFTERGLOW_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_application_name (_("Afterglow"));
  for (int i = 1; i < argc; i++)
    if (strcmp (argv[i], "-") == 0)
      argv[i] = (char *) "--stdin";
  application = glow_application_new ();
  status = g_application_run (G_APPLICATION (application), argc, argv);
  glow_cache_flush ();
  return status;
}
