/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can be asked of the time strip. */
#include <config.h>

#include "ui/strip-marks.h"

#include <glib/gi18n.h>

GMenu *
glow_strip_menu_new (void)
{
  static const struct { const char *label, *action; } of_times[] = {
    { N_("Selection as _Baseline"), "win.mark-baseline" }, { N_("_Compare with Baseline"), "win.compare-baseline" }, { N_("Select _All Times"), "win.clear-times" },
  };
  static const struct { const char *label, *style; } styles[] = { { N_("Heat Map"), "heat" }, { N_("Rate of Each Event"), "rate" }, { N_("Hidden"), "hidden" } };
  static const guint rows[] = { 0, 2, 5, 10, 20, 25, 50 };
  GMenu *menu = g_menu_new ();
  g_autoptr(GMenu) first = g_menu_new (), second = g_menu_new (), third = g_menu_new ();

  for (guint i = 0; i < G_N_ELEMENTS (of_times); i++)
    g_menu_append (first, _(of_times[i].label), of_times[i].action);
  for (guint i = 0; i < G_N_ELEMENTS (styles); i++)
    {
      g_autoptr(GMenuItem) item = g_menu_item_new (_(styles[i].label), NULL);

      g_menu_item_set_action_and_target (item, "win.strip", "s", styles[i].style);
      g_menu_append_item (second, item);
    }
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *label = rows[i] == 0 ? g_strdup (_("By the Rate of Samples")) : g_strdup_printf (ngettext ("%u row", "%u rows", rows[i]), rows[i]);
      g_autoptr(GMenuItem) item = g_menu_item_new (label, NULL);

      g_menu_item_set_action_and_target (item, "win.strip-rows", "u", rows[i]);
      g_menu_append_item (third, item);
    }
  g_menu_append_section (menu, NULL, G_MENU_MODEL (first));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (second));
  g_menu_append_submenu (menu, _("_Rows of the Heat Map"), G_MENU_MODEL (third));
  return menu;
}
