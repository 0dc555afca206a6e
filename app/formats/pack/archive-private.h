/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "formats/format-private.h"
#include "symbols/store-private.h"

G_BEGIN_DECLS

/* The members of a tar archive, wherever they are looked for by path below its own. *@damaged_at: where reading ended before the archive does, else 0.
 * (transfer full) */
GlowStore *glow_archive_open (GlowInput *input, guint64 *damaged_at, GCancellable *cancellable, GError **error);

/* The same, opened when a member is first looked for. (transfer full) */
GlowStore *glow_archive_open_later (const char *path);

G_END_DECLS
