/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/afterglow.h>
#include "ui/name-sources.h"

G_BEGIN_DECLS

/* Watches the files of a document. Where one is only written on, "grown" brings a profile of everything, read from where the last reading
 * ended; where it is another one, or following is off, "changed" says so once. */
#define GLOW_TYPE_FOLLOW (glow_follow_get_type ())
G_DECLARE_FINAL_TYPE (GlowFollow, glow_follow, GLOW, FOLLOW, GObject)

GlowFollow *glow_follow_new       (void);
/* From now on these files, which are about to be read. */
void        glow_follow_watch     (GlowFollow *self, const char *const *paths);
/* They were read: what reading on needs (transfer full, nullable), and how names are looked up (nullable). */
void        glow_follow_begin     (GlowFollow *self, GlowGrowth *growth, const GlowNameSources *sources);
void        glow_follow_set_active (GlowFollow *self, gboolean active);
gboolean    glow_follow_get_active (GlowFollow *self);
/* Reads on at once, active or not. FALSE where there is nothing to read on: read the file anew. */
gboolean    glow_follow_read_now  (GlowFollow *self);
gboolean    glow_follow_can_read_on (GlowFollow *self);
/* How often the file has grown under the document's eyes. */
guint       glow_follow_get_n_grown (GlowFollow *self);

G_END_DECLS
