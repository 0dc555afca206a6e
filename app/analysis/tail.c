/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What long spans do that short ones do not. Every sample inside a span, and every wait of its thread on the same base of time, is a piece of that
 * span; contrast.c tells the two sides apart. */
#include <config.h>

#include <glib/gi18n-lib.h>

#include "analysis/contrast-private.h"

#include <afterglow/error.h>

#define NEARLY 0.6             /* of the largest difference: what lies on the same stacks */

GlowTail *
glow_tail_compute (GlowProfile *profile, const GlowQuery *query, guint64 bound, GCancellable *cancellable, GError **error)
{
  g_autoptr(GlowQuery) any = glow_query_without (query, GLOW_QUERY_LONGER, NULL), all = glow_query_without (any, GLOW_QUERY_SHORTER, NULL);
  g_autoptr(GlowQuery) outside = glow_query_without (all, GLOW_QUERY_SPANS, NULL);
  g_autoptr(GlowSpanChoice) choice = glow_span_choice_compute (profile, all, cancellable, error);
  g_autoptr(GlowTail) tail = NULL;
  g_autoptr(GArray) rows = NULL;
  g_autofree guint8 *is_long = NULL;

  if (choice == NULL)
    return NULL;
  tail = g_new0 (GlowTail, 1);
  tail->bound = bound;
  rows = glow_span_rows_compute (profile, choice, outside, &tail->has_waits, cancellable, error);
  if (rows == NULL)
    return NULL;
  is_long = g_new0 (guint8, choice->spans->n + 1);
  for (gsize i = 0; i < choice->spans->n; i++)
    if (choice->is_base[i])
      {
        is_long[i] = choice->spans->end[i] - choice->spans->start[i] >= bound;
        tail->n_long += is_long[i];
        tail->n_short += !is_long[i];
      }
  if (!glow_contrast_compute (profile, rows, is_long, tail, cancellable))
    {
      g_cancellable_set_error_if_cancelled (cancellable, error);
      return NULL;
    }
  if (tail->rows == NULL)
    {
      g_autofree char *inside = g_strdup_printf ("%" G_GUINT64_FORMAT, tail->samples_long), *outside_of = g_strdup_printf ("%" G_GUINT64_FORMAT, tail->samples_short);
      g_autofree char *slow = g_strdup_printf ("%" G_GSIZE_FORMAT, tail->n_long), *others = g_strdup_printf ("%" G_GSIZE_FORMAT, tail->n_short);

      g_set_error (error, GLOW_ERROR, GLOW_ERROR_EMPTY, _("There is nothing to compare: %s samples in the %s long spans, %s in the %s others"), inside, slow,
                   outside_of, others);
      return NULL;
    }
  return g_steal_pointer (&tail);
}

void
glow_tail_free (GlowTail *self)
{
  g_clear_pointer (&self->rows, g_array_unref);
  g_free (self);
}

gint
glow_tail_find_cause (const GlowTail *self, GlowProfile *profile)
{
  const GlowFrame *frames = glow_profile_get_frames (profile, NULL);
  gint best = -1;
  gboolean best_is_user = FALSE;
  double most = self->n_evident > 0 ? g_array_index (self->rows, GlowTailRow, 0).share.change : 0;

  for (guint i = 0; i < self->n_evident; i++)
    {
      const GlowTailRow *row = &g_array_index (self->rows, GlowTailRow, i);
      gboolean is_user = frames[row->frame].kind != GLOW_FRAME_KERNEL && frames[row->frame].kind != GLOW_FRAME_UNKNOWN;

      if (row->share.change >= NEARLY * most && is_user >= best_is_user
          && (best < 0 || is_user > best_is_user || row->depth > g_array_index (self->rows, GlowTailRow, best).depth))
        {
          best = (gint) i;
          best_is_user = is_user;
        }
    }
  return best;
}
