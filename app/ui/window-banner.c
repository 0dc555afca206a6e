/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Banners: one at a time, the gravest first. */
#include <config.h>

#include "ui/look.h"
#include "ui/window-private.h"

#include <glib/gi18n.h>
#include <string.h>

static void
show_banner (GlowWindow *self, const char *about, const char *text, const char *button, const char *action)
{
  g_autofree char *name = NULL;
  g_autoptr(GVariant) target = NULL;

  if (self->banner_closed && g_strcmp0 (self->banner_for, about) == 0)
    return;
  self->banner_closed = FALSE;
  self->banner_for = about;
  gtk_label_set_text (GTK_LABEL (self->banner_label), text);
  gtk_button_set_label (GTK_BUTTON (self->banner_button), button);
  /* Never one action with the other's target, not even for a moment. */
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->banner_button), NULL);
  if (g_action_parse_detailed_name (action, &name, &target, NULL))
    {
      gtk_actionable_set_action_target_value (GTK_ACTIONABLE (self->banner_button), target);
      gtk_actionable_set_action_name (GTK_ACTIONABLE (self->banner_button), name);
    }
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->banner), TRUE);
}

void
glow_window_close_banner (GlowWindow *self)
{
  self->banner_closed = TRUE;
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->banner), FALSE);
}

static gboolean
may_ask_for_names (GlowWindow *self)
{
  g_autofree char *setting = g_settings_get_string (glow_look_get_settings (), "debuginfod");

  return strcmp (setting, "ask") == 0 && glow_fetch_can_start (self->fetch);
}

/* Of all samples, those that lack callers. */
static double
torn_share (GlowProfile *profile)
{
  const GlowProfileInfo *info = profile != NULL ? glow_profile_get_info (profile) : NULL;
  gsize n = info != NULL ? glow_profile_get_samples (profile)->n : 0;

  return n > 0 ? (double) info->torn_stacks / n : 0;
}

void
glow_window_update_banner (GlowWindow *self)
{
  GlowProfile *profile = glow_document_get_profile (self->document);
  GlowWarnings *warnings = profile != NULL ? glow_profile_get_warnings (profile) : NULL;
  double unnamed, torn;

  if (glow_document_is_stale (self->document))
    {
      show_banner (self, "stale", _("The file has changed since it was read."), _("Read Again"), "win.reload");
      return;
    }
  if (glow_document_is_growing (self->document))
    {
      if (glow_document_get_follows (self->document))
        show_banner (self, "growing", _("The recording is still being written, and the view follows it."), _("Hold the View"), "win.follow");
      else
        show_banner (self, "held", _("The recording is still being written; the view is held."), _("Follow Again"), "win.follow");
      return;
    }
  for (guint i = 0; warnings != NULL && i < glow_warnings_get_n (warnings); i++)
    if (strcmp (glow_warnings_get (warnings, i)->code, "more-parts") == 0)
      {
        show_banner (self, "parts", glow_warnings_get (warnings, i)->message, _("Open All Parts"), "win.open-parts");
        return;
      }
  for (guint i = 0; warnings != NULL && i < glow_warnings_get_n (warnings); i++)
    if (glow_warning_is_loss (glow_warnings_get (warnings, i)))
      {
        g_autofree char *text = g_strdup_printf (_("Read as far as it goes: %s"), glow_warnings_get (warnings, i)->message);

        show_banner (self, "partial", text, _("What Is Missing"), "win.view::warnings");
        return;
      }
  unnamed = glow_document_is_naming (self->document) || glow_fetch_is_running (self->fetch) ? 0 : glow_document_get_unnamed_share (self->document);
  if (unnamed > 0.05)
    {
      g_autofree char *share = glow_text_share (unnamed), *text = NULL;

      /* Asked once: whoever said no finds it on the page of warnings. */
      if (may_ask_for_names (self))
        {
          text = g_strdup_printf (_("%s of the time is in code without names. A debuginfod server may have them."), share);
          show_banner (self, "fetch", text, _("Fetch Names…"), "win.fetch-names");
          return;
        }
      text = g_strdup_printf (_("%s of the time is in code without names."), share);
      show_banner (self, "unnamed", text, _("What Would Help"), "win.view::warnings");
      return;
    }
  torn = glow_document_is_naming (self->document) ? 0 : torn_share (profile);
  if (torn > 0.05)
    {
      g_autofree char *share = glow_text_share (torn), *text = NULL;

      text = g_strdup_printf (_("%s of the stacks are not whole: callers are missing where frames have a torn edge."), share);
      show_banner (self, "torn", text, _("What Would Help"), "win.view::warnings");
      return;
    }
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->banner), FALSE);
}
