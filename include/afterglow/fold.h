/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/call-tree.h>

G_BEGIN_DECLS

typedef enum { GLOW_PREFIX_COMM, GLOW_PREFIX_PID, GLOW_PREFIX_TID, GLOW_PREFIX_NONE, GLOW_PREFIX_CGROUP } GlowPrefix;

/* Folded text of a query: one line a distinct stack, bytewise sorted, weights with their decimals. A ';' or line end inside a name is
 * replaced by ':' or ' '. The prefix is a first frame: comm, comm-pid, comm-pid/tid as stackcollapse writes them. */
gboolean glow_fold_write (GlowProfile *profile, const GlowQuery *query, GlowPrefix prefix, gboolean annotate,
                          GOutputStream *output, GCancellable *cancellable, GError **error);
/* What marks a frame of this kind in folded text: "_[k]", "_[i]", "_[j]", or "". (transfer none) */
const char *glow_fold_get_annotation (GlowCallTree *tree, guint32 frame);
/* The same as one string: for tests. */
char    *glow_profile_dup_folded (GlowProfile *profile);

G_END_DECLS
