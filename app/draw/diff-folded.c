/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "stack BEFORE AFTER" a line: what difffolded.pl and inferno-diff-folded write, and flamegraph.pl draws as a differential. */
#include <config.h>

#include "draw/diff-export-private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What would break a line or a frame. */
static void
append_name (GString *line, const char *name)
{
  for (; *name != '\0'; name++)
    g_string_append_c (line, *name == ';' ? ':' : *name == '\n' || *name == '\r' ? ' ' : *name);
}

static void
append_weight (GString *line, double weight)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append_c (line, ' ');
  g_string_append (line, g_ascii_formatd (text, sizeof text, weight == floor (weight) ? "%.0f" : "%.15g", weight));
}

static int
compare_lines (const void *a, const void *b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/**
 * glow_diff_write_folded:
 *
 * Scaling cuts fractions off, as difffolded.pl's int() and inferno do.
 */
gboolean
glow_diff_write_folded (GlowDiff *self, const GlowDiffExportOptions *options, GOutputStream *output, GCancellable *cancellable, GError **error)
{
  const GlowDiffNodes *nodes = glow_diff_get_nodes (self);
  double before = glow_diff_get_side (self, GLOW_BEFORE)->weight, after = glow_diff_get_side (self, GLOW_AFTER)->weight;
  g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GString) line = g_string_new (NULL);
  g_autoptr(GArray) path = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr(GString) all = g_string_new (NULL);

  for (guint32 i = 1; i < nodes->n_nodes; i++)
    {
      double weight = nodes->weight[GLOW_BEFORE][i];

      if (weight == 0 && nodes->weight[GLOW_AFTER][i] == 0)
        continue;
      if (options->normalize && before != after)
        weight = floor (weight * after / before);
      g_string_truncate (line, 0);
      g_array_set_size (path, 0);
      for (guint32 at = i; at != 0; at = nodes->parent[at])
        g_array_append_val (path, at);
      for (guint d = path->len; d-- > 0;)
        {
          guint32 key = nodes->key[g_array_index (path, guint32, d)];

          append_name (line, glow_diff_get_name (self, GLOW_DIFF_FUNCTIONS, key));
          if (options->annotate)
            g_string_append (line, glow_diff_get_annotation (self, key));
          if (d > 0)
            g_string_append_c (line, ';');
        }
      append_weight (line, weight);
      append_weight (line, nodes->weight[GLOW_AFTER][i]);
      g_ptr_array_add (lines, g_strndup (line->str, line->len));
    }
  qsort (lines->pdata, lines->len, sizeof (gpointer), compare_lines);
  for (guint i = 0; i < lines->len; i++)
    {
      g_string_append (all, g_ptr_array_index (lines, i));
      g_string_append_c (all, '\n');
      if (all->len >= 65536)
        {
          if (!g_output_stream_write_all (output, all->str, all->len, NULL, cancellable, error))
            return FALSE;
          g_string_truncate (all, 0);
        }
    }
  return g_output_stream_write_all (output, all->str, all->len, NULL, cancellable, error);
}
