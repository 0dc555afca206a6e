/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was found about slow spans, as a sentence that can stand in a postmortem. */
#include <config.h>

#include <afterglow/latency.h>
#include <afterglow/text.h>
#include <glib/gi18n-lib.h>

static char *
dup_frame_name (GlowProfile *profile, guint32 frame)
{
  return g_utf8_make_valid (glow_profile_get_string (profile, glow_profile_get_frames (profile, NULL)[frame].name), -1);
}

/* "the selection (1.20 s)" and what it is compared with. */
static char *
dup_time_sentence (const GlowTail *self, const GlowTailRow *row, const char *name, const char *caller)
{
  g_autofree char *inside = glow_text_duration ((double) self->time_long), *baseline = glow_text_duration ((double) self->time_short);
  g_autofree char *share1 = row != NULL ? glow_text_share (row->share.share1) : NULL, *share2 = row != NULL ? glow_text_share (row->share.share2) : NULL;
  const char *side = self->is_of_rest ? _("the rest") : _("the selection");

  if (row == NULL)
    return g_strdup_printf (_("No evidence that %s (%s) spends its time otherwise than the baseline (%s)"), side, inside, baseline);
  if (caller == NULL)
    return g_strdup_printf (_("%s of the time of %s is in %s, against %s of the baseline; %s against %s of recording"), share1, side, name, share2, inside, baseline);
  return g_strdup_printf (_("%s of the time of %s is in %s \xe2\x86\x92 %s, against %s of the baseline; %s against %s of recording"), share1, side, caller, name, share2,
                          inside, baseline);
}

char *
glow_tail_dup_sentence (const GlowTail *self, GlowProfile *profile)
{
  gint cause = glow_tail_find_cause (self, profile);
  g_autofree char *n_long = glow_text_count (self->n_long), *n_all = glow_text_count (self->n_long + self->n_short), *bound = glow_text_duration ((double) self->bound);
  const GlowTailRow *row = cause >= 0 ? &g_array_index (self->rows, GlowTailRow, cause) : NULL;
  g_autofree char *name = NULL, *caller = NULL, *share1 = NULL, *share2 = NULL;

  if (self->is_of_time)
    {
      name = row != NULL ? dup_frame_name (profile, row->frame) : NULL;
      caller = row != NULL && row->caller != GLOW_NONE ? dup_frame_name (profile, row->caller) : NULL;
      return dup_time_sentence (self, row, name, caller);
    }
  if (row == NULL)
    return g_strdup_printf (_("No evidence that spans of at least %s spend their time otherwise than the rest; %s long ones of %s"), bound, n_long, n_all);
  name = dup_frame_name (profile, row->frame);
  share1 = glow_text_share (row->share.share1);
  share2 = glow_text_share (row->share.share2);
  if (row->caller == GLOW_NONE)
    return g_strdup_printf (_("%s of the time of the slowest (at least %s) is in %s, against %s of the rest; %s slow ones of %s"), share1, bound, name, share2,
                            n_long, n_all);
  caller = dup_frame_name (profile, row->caller);
  return g_strdup_printf (_("%s of the time of the slowest (at least %s) is in %s \xe2\x86\x92 %s, against %s of the rest; %s slow ones of %s"), share1, bound, caller,
                          name, share2, n_long, n_all);
}
