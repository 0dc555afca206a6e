/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times in words for an axis: as fine as the steps between them, on the wall clock where the recording has one. */
#include <config.h>

#include <afterglow/time-axis.h>
#include <glib/gi18n-lib.h>

#define SECOND G_GINT64_CONSTANT (1000000000)

static guint
decimals_of (guint64 step)
{
  guint decimals = 0;

  for (guint64 unit = SECOND; step % unit != 0 && decimals < 9; unit /= 10)
    decimals++;
  return decimals;
}

/**
 * glow_time_axis_choose_step:
 * @span: ns that are seen
 * @most: how many labels there is room for
 *
 * Returns: ns between labels: 1, 2 or 5 × 10^k below a second, and whole seconds, minutes and hours above
 */
guint64
glow_time_axis_choose_step (guint64 span, guint most)
{
  static const guint seconds[] = { 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400 };
  guint64 step = 1;

  most = MAX (most, 1);
  for (guint i = 0; step < SECOND && span / step > most; i++)
    step = i % 3 == 1 ? step / 2 * 5 : step * 2;
  for (guint i = 0; step >= SECOND && i < G_N_ELEMENTS (seconds); i++)
    if (span / (seconds[i] * SECOND) <= most)
      return seconds[i] * SECOND;
  return step < SECOND ? step : MAX (span / most, 86400 * SECOND);
}

/**
 * glow_time_axis_dup_label:
 * @time: ns on the recording's clock
 * @step: ns: how fine it need be
 *
 * Returns: (transfer full): "14:03:10" (UTC) where the recording has a wall clock, else "1.25 s" from its start
 */
char *
glow_time_axis_dup_label (GlowProfile *profile, guint64 time, guint64 step)
{
  const GlowProfileInfo *info = glow_profile_get_info (profile);
  guint decimals = decimals_of (step);

  if (info->has_wall_clock)
    {
      gint64 wall = (gint64) (time + (guint64) info->wall_clock_offset), whole = wall / SECOND;
      g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc (whole);
      g_autofree char *clock = date != NULL ? g_date_time_format (date, "%H:%M:%S") : g_strdup ("");
      g_autofree char *fraction = g_strdup_printf ("%09" G_GINT64_FORMAT, wall % SECOND);

      return decimals == 0 ? g_steal_pointer (&clock) : g_strdup_printf ("%s.%.*s", clock, (int) decimals, fraction);
    }
  return g_strdup_printf (_("%.*f\xe2\x80\x89s"), (int) decimals, ((double) time - glow_profile_get_start (profile)) / 1e9);
}
