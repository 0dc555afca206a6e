/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times of several recordings on one clock. Clocks that count from the start of a machine agree only within one boot; which boot a recording is
 * of is told by what it notes of the kernel, of the wall clock and of the processor's counter, and by the date of its file. Between boots
 * and machines the wall clock joins what notes it. What nothing relates is not guessed at: each keeps its own time, from its start.
 *
 * Sources: PERF_RECORD_TIME_CONV and the conversion in include/uapi/linux/perf_event.h; HEADER_CLOCK_DATA of perf.data-file-format.txt. */
#include <config.h>

#include <glib/gi18n-lib.h>

#include "model/clocks-private.h"

#include <string.h>

#define SECOND G_GINT64_CONSTANT (1000000000)
/* A wall clock that is disciplined moves against the others by less, within a recording's life; one that was set moves by more. */
#define SAME_WALL SECOND
/* A file is closed soon after its last sample. */
#define SAME_DATE (3 * SECOND)
/* Copies that were made at one time have one date, as do recordings that ended at one time. */
#define APART (10 * SECOND)

static const char *
file_of (GlowProfile *profile)
{
  const char *const *files = glow_profile_get_files (profile);

  return files[0] != NULL ? files[0] : "?";
}

static const GlowModule *
kernel_of (GlowProfile *profile)
{
  guint32 n;
  const GlowModule *modules = glow_profile_get_modules (profile, &n);

  for (guint32 i = 0; i < n; i++)
    if (modules[i].kind == GLOW_MODULE_KERNEL && modules[i].build_id_length > 0)
      return &modules[i];
  return NULL;
}

static gboolean
counts_from_boot (GlowClock clock)
{
  return clock == GLOW_CLOCK_KERNEL || clock == GLOW_CLOCK_MONOTONIC || clock == GLOW_CLOCK_MONOTONIC_RAW || clock == GLOW_CLOCK_BOOTTIME;
}

/* Whether the date of a file is when its recording ended: a copy is born when it is written, or has a date from before its birth. */
static gboolean
is_dated (const GlowProfileInfo *info)
{
  gint64 duration = info->last_time - info->first_time;

  return info->file_born != 0 && (info->file_born > info->file_time + SECOND
                                  || (duration >= SECOND && info->file_time - info->file_born >= duration / 10 * 9));
}

static gboolean
dates_agree (const GlowProfileInfo *a, const GlowProfileInfo *b)
{
  gint64 between = (gint64) (a->last_time - b->last_time);

  if (a->clock != b->clock || !counts_from_boot (a->clock) || a->file_time == 0 || b->file_time == 0 || a->last_time == 0 || b->last_time == 0)
    return FALSE;
  if (ABS (a->file_time - b->file_time - between) > SAME_DATE)
    return FALSE;
  return ABS (between) > APART || (is_dated (a) && is_dated (b));
}

static gboolean
differ (const char *a, const char *b)
{
  return a != NULL && b != NULL && strcmp (a, b) != 0;
}

static GlowBoot
say (char **reason, GlowBoot boot, const char *text)
{
  if (reason != NULL)
    *reason = g_strdup (text);
  return boot;
}

GlowBoot
glow_clocks_same_boot (GlowProfile *first, GlowProfile *second, char **reason)
{
  const GlowProfileInfo *a = glow_profile_get_info (first), *b = glow_profile_get_info (second);
  const GlowModule *kernel = kernel_of (first), *other = kernel_of (second);

  if (differ (a->hostname, b->hostname))
    {
      if (reason != NULL)
        *reason = g_strdup_printf (_("they are of different hosts, “%s” and “%s”"), a->hostname, b->hostname);
      return GLOW_BOOT_OTHER;
    }
  if (differ (a->os_release, b->os_release) || differ (a->arch, b->arch)
      || (kernel != NULL && other != NULL && (kernel->build_id_length != other->build_id_length
                                              || memcmp (kernel->build_id, other->build_id, kernel->build_id_length) != 0)))
    return say (reason, GLOW_BOOT_OTHER, _("they are of different kernels"));
  if (a->kernel_reference != NULL && g_strcmp0 (a->kernel_reference, b->kernel_reference) == 0 && a->kernel_reference_address != 0
      && b->kernel_reference_address != 0 && a->kernel_reference_address != b->kernel_reference_address)
    return say (reason, GLOW_BOOT_OTHER, _("they are of different boots: the kernel lay at other addresses"));
  if (a->hostname == NULL || b->hostname == NULL)
    return say (reason, GLOW_BOOT_UNKNOWN, _("not both say which host they are of"));
  if (a->has_wall_clock && b->has_wall_clock && a->clock == b->clock && counts_from_boot (a->clock))
    {
      if (ABS (a->wall_clock_offset - b->wall_clock_offset) <= SAME_WALL)
        return say (reason, GLOW_BOOT_SAME, _("their clocks were at the same distance from the wall clock"));
      return say (reason, GLOW_BOOT_OTHER, _("they are of different boots, or the wall clock was set between them"));
    }
  if (a->tsc.mult != 0 && a->tsc.mult == b->tsc.mult && a->tsc.shift == b->tsc.shift && a->tsc.zero == b->tsc.zero)
    return say (reason, GLOW_BOOT_SAME, _("they read the processor's counter in the same way"));
  if (dates_agree (a, b))
    return say (reason, GLOW_BOOT_SAME, _("the dates of the files are as far apart as their times"));
  return say (reason, GLOW_BOOT_UNKNOWN, _("nothing in them says whether they are of one boot"));
}

/* ---- the processor's counter ---- */

static guint64
from_counter (const GlowCounterClock *clock, guint64 counter)
{
  return clock->zero + (guint64) (((unsigned __int128) counter * clock->mult) >> clock->shift);
}

static guint64
to_counter (const GlowCounterClock *clock, guint64 time)
{
  return (guint64) (((unsigned __int128) (time - clock->zero) << clock->shift) / clock->mult);
}

/* How far the kernel's clock of @b is behind that of @a. Both are made of the counter, but how may change while the machine runs. */
static gint64
shift_by_counter (const GlowProfileInfo *a, const GlowProfileInfo *b)
{
  if (a->clock != GLOW_CLOCK_KERNEL || a->tsc.mult == 0 || b->tsc.mult == 0 || b->first_time == 0 || a->tsc.shift > 63 || b->tsc.shift > 63)
    return 0;
  return (gint64) (from_counter (&a->tsc, to_counter (&b->tsc, b->first_time)) - b->first_time);
}

/* ---- pairs ---- */

typedef enum { NOT_JOINED, BY_CLOCK, BY_WALL } Join;

static gboolean
wall_offset (const GlowProfileInfo *info, gint64 *offset)
{
  *offset = info->clock == GLOW_CLOCK_REALTIME ? 0 : info->wall_clock_offset;
  return info->has_wall_clock || info->clock == GLOW_CLOCK_REALTIME;
}

/* @shift: (out): ns to add to @second's times. @reason: (out) (transfer full): where they are not joined. */
static Join
join (GlowProfile *first, GlowProfile *second, GlowBoot boot, const char *boot_reason, gint64 *shift, char **reason)
{
  const GlowProfileInfo *a = glow_profile_get_info (first), *b = glow_profile_get_info (second);
  gint64 wall_a, wall_b;
  gboolean has_a = wall_offset (a, &wall_a), has_b = wall_offset (b, &wall_b);

  *shift = 0;
  *reason = NULL;
  if (boot == GLOW_BOOT_SAME && a->clock == b->clock && a->clock != GLOW_CLOCK_UNKNOWN)
    {
      *shift = shift_by_counter (a, b);
      return BY_CLOCK;
    }
  if (has_a && has_b)
    {
      *shift = wall_b - wall_a;
      return BY_WALL;
    }
  if (a->clock == GLOW_CLOCK_UNKNOWN || b->clock == GLOW_CLOCK_UNKNOWN)
    *reason = g_strdup (_("not both say which clock their times are of"));
  else if (a->clock != b->clock)
    *reason = g_strdup (_("their clocks are different, and not both note the wall clock"));
  else
    *reason = g_strdup_printf (_("%s, and not both note the wall clock"), boot_reason);
  return NOT_JOINED;
}

static gboolean
has_times (GlowProfile *profile)
{
  return glow_profile_get_samples (profile)->time != NULL && glow_profile_get_samples (profile)->n > 0;
}

static void
warn_not_joined (GlowWarnings *warnings, GlowProfile *first, GlowProfile *second, const char *reason)
{
  g_autofree char *own = g_filename_display_name (file_of (first)), *other = g_filename_display_name (file_of (second));

  glow_warnings_add (warnings, "clocks-not-joined", other, 1, 0,
                     _("Record with perf record -k CLOCK_MONOTONIC, which notes the wall clock too. Their processes are kept apart."),
                     _("The times of “%s” and “%s” cannot be put on one clock: %s. Each counts from its own start."), own, other, reason);
}

static void
warn_by_wall (GlowWarnings *warnings, GlowProfile *first, GlowProfile *second, const char *reason)
{
  g_autofree char *own = g_filename_display_name (file_of (first)), *other = g_filename_display_name (file_of (second));

  glow_warnings_add (warnings, "clocks-by-wall", other, 1, 0, _("Order across the files is only as good as the wall clocks agreed."),
                     _("The times of “%s” and “%s” were put on one clock by the wall clock: %s"), own, other, reason);
}

GlowClockPlace *
glow_clocks_join (GlowProfile *const *profiles, guint n, GlowWarnings *warnings)
{
  GlowClockPlace *places = g_new0 (GlowClockPlace, n + 1);
  g_autofree guint *cluster = g_new0 (guint, n + 1);
  g_autofree gint64 *starts = g_new (gint64, n + 1);

  for (guint s = 0; s < n; s++)
    {
      Join best = NOT_JOINED;
      g_autofree char *why_not = NULL, *wall_reason = NULL;
      guint partner = 0;

      places[s].machine = cluster[s] = s;
      for (guint t = 0; t < s && best != BY_CLOCK; t++)
        {
          g_autofree char *boot_reason = NULL, *reason = NULL;
          GlowBoot boot = glow_clocks_same_boot (profiles[t], profiles[s], &boot_reason);
          gint64 shift;
          Join how = join (profiles[t], profiles[s], boot, boot_reason, &shift, &reason);

          if (boot == GLOW_BOOT_SAME)
            places[s].machine = places[t].machine;
          if (t == 0)
            why_not = g_steal_pointer (&reason);
          if (how <= best)
            continue;
          best = how;
          partner = t;
          places[s].shift = places[t].shift + shift;
          cluster[s] = cluster[t];
          g_free (wall_reason);
          wall_reason = how == BY_WALL ? g_steal_pointer (&boot_reason) : NULL;
        }
      if (!has_times (profiles[s]) || s == 0)
        continue;
      if (best == BY_WALL)
        warn_by_wall (warnings, profiles[partner], profiles[s], wall_reason);
      else if (best == NOT_JOINED && has_times (profiles[0]))
        warn_not_joined (warnings, profiles[0], profiles[s], why_not);
    }
  /* The start of each group of files that are not related to the first is laid on the first's start. */
  for (guint c = 0; c < n; c++)
    {
      starts[c] = G_MAXINT64;
      for (guint s = 0; s < n; s++)
        if (cluster[s] == c && has_times (profiles[s]))
          starts[c] = MIN (starts[c], (gint64) glow_profile_get_info (profiles[s])->first_time + places[s].shift);
    }
  for (guint s = 0; s < n; s++)
    {
      places[s].joined = cluster[s] == 0;
      if (cluster[s] != 0 && starts[cluster[s]] != G_MAXINT64 && starts[0] != G_MAXINT64)
        places[s].shift += starts[0] - starts[cluster[s]];
    }
  return places;
}
