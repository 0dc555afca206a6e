/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/profile.h>

G_BEGIN_DECLS

typedef enum { GLOW_BOOT_UNKNOWN, GLOW_BOOT_SAME, GLOW_BOOT_OTHER } GlowBoot;

/* How one profile of several is laid on the time of the first. */
typedef struct {
  guint machine;               /* profiles of one boot of one machine have one number: their processes may be the same */
  gint64 shift;                /* ns to add to its times */
  gboolean joined;             /* its clock and the first's are related; else its start is laid on the first's start */
} GlowClockPlace;

/* (transfer full): a place for each. What cannot be joined is told in @warnings, with the reason. O(n²) */
GlowClockPlace *glow_clocks_join (GlowProfile *const *profiles, guint n, GlowWarnings *warnings);
/* Whether two recordings are of one boot of one machine. @reason (out) (optional) (transfer full): what says so, or what is missing. */
GlowBoot        glow_clocks_same_boot (GlowProfile *a, GlowProfile *b, char **reason);

G_END_DECLS
