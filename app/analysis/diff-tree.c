/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The union as call trees whose weights are widths: what layouts, searches and painters know how to read. */
#include <config.h>

#include "analysis/diff-private.h"
#include "model/call-tree-private.h"
#include "model/profile-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The whole as an integer: wide enough for any zoom, far from overflow when sums of rounded parts are a little more. */
#define WHOLE 0x1p44

const char *
glow_diff_width_get_id (GlowDiffWidth width)
{
  static const char *const ids[GLOW_N_DIFF_WIDTHS] = { "before", "after", "larger", "change" };

  g_return_val_if_fail (width < GLOW_N_DIFF_WIDTHS, "larger");
  return ids[width];
}

const char *
glow_diff_width_get_label (GlowDiffWidth width)
{
  static const char *const labels[GLOW_N_DIFF_WIDTHS] = { N_("Before"), N_("After"), N_("The larger"), N_("The change") };

  g_return_val_if_fail (width < GLOW_N_DIFF_WIDTHS, "");
  return _(labels[width]);
}

gboolean
glow_diff_width_from_id (const char *id, GlowDiffWidth *width)
{
  for (guint i = 0; i < GLOW_N_DIFF_WIDTHS; i++)
    if (strcmp (id, glow_diff_width_get_id (i)) == 0)
      {
        *width = i;
        return TRUE;
      }
  return FALSE;
}

/* A profile without samples, whose frames are the keys. */
static GlowProfile *
make_profile (GlowDiff *self)
{
  GlowProfileBuilder *builder = glow_profile_builder_new ();
  GlowSampleArrays samples = { 0 };
  GlowStackArrays stacks = { 1, calloc (1, sizeof (guint32)), calloc (1, sizeof (guint32)) };
  g_autoptr(GHashTable) modules = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < self->match.functions->len; i++)
    {
      const GlowMatchFunction *function = &g_array_index (self->match.functions, GlowMatchFunction, i);
      GlowFrame frame = { .name = glow_strings_intern (builder->strings, function->name, -1), .module = GLOW_NONE, .kind = function->kind, .role = function->role };

      if (function->module != NULL)
        {
          guint32 place = GPOINTER_TO_UINT (g_hash_table_lookup (modules, function->module));

          if (place == 0)
            {
              GlowModule module = { .name = glow_strings_intern (builder->strings, function->module, -1) };

              module.path = module.name;
              g_array_append_val (builder->modules, module);
              place = builder->modules->len;
              g_hash_table_insert (modules, (gpointer) function->module, GUINT_TO_POINTER (place));
            }
          frame.module = place - 1;
        }
      frame.raw_name = frame.name;
      g_array_append_val (builder->frames, frame);
    }
  builder->named = TRUE;
  return glow_profile_builder_finish (builder, &samples, &stacks, NULL, NULL, 0, NULL, 0);
}

/* What a node is as wide as beside its children; all of it where they were left out. */
static double
own_width (const GlowDiffNodes *nodes, guint32 i, GlowDiffWidth width)
{
  gboolean is_whole = nodes->n_children[i] == 0;
  double before = is_whole ? nodes->total[GLOW_BEFORE][i] : nodes->self[GLOW_BEFORE][i], after = is_whole ? nodes->total[GLOW_AFTER][i] : nodes->self[GLOW_AFTER][i];

  switch (width)
    {
    case GLOW_DIFF_WIDTH_BEFORE: return before;
    case GLOW_DIFF_WIDTH_AFTER: return after;
    case GLOW_DIFF_WIDTH_CHANGE: return fabs (after - before);
    case GLOW_DIFF_WIDTH_LARGER:
    case GLOW_N_DIFF_WIDTHS: break;
    }
  return MAX (before, after);
}

static gpointer
copy (gconstpointer data, gsize n, gsize size)
{
  gpointer made = malloc (MAX (n, 1) * size);

  return memcpy (made, data, n * size);
}

static GlowCallTree *
make_tree (GlowDiff *self, GlowDiffWidth width)
{
  const GlowDiffNodes *nodes = &self->nodes;
  g_autoptr(GlowQuery) query = glow_query_new ();
  GlowCallTree *tree = glow_call_tree_new (self->tree_profile, query);
  double scale = WHOLE / MAX (MAX (self->sides[0].value, self->sides[1].value), 1e-300);
  guint64 *total = calloc (nodes->n_nodes, sizeof (guint64)), *own = calloc (nodes->n_nodes, sizeof (guint64));

  for (guint32 i = nodes->n_nodes; i-- > 0;)
    {
      own[i] = (guint64) llround (own_width (nodes, i, width) * scale);
      total[i] += own[i];
      if (i > 0)
        total[nodes->parent[i]] += total[i];
    }
  tree->nodes = (GlowCallTreeNodes) {
    .n_nodes = nodes->n_nodes,
    .max_depth = nodes->max_depth,
    .parent = copy (nodes->parent, nodes->n_nodes, sizeof (guint32)),
    .frame = copy (nodes->key, nodes->n_nodes, sizeof (guint32)),
    .first_child = copy (nodes->first_child, nodes->n_nodes, sizeof (guint32)),
    .n_children = copy (nodes->n_children, nodes->n_nodes, sizeof (guint32)),
    .depth = copy (nodes->depth, nodes->n_nodes, sizeof (guint16)),
    .total = total,
    .self = own,
    .samples_total = total,
    .samples_self = own,
  };
  tree->base = (GlowBase) { total[0], total[0], total[0], total[0], (double) total[0], GLOW_UNIT_UNKNOWN, 0, NAN };
  return tree;
}

GlowCallTree *
glow_diff_get_tree (GlowDiff *self, GlowDiffWidth width)
{
  g_return_val_if_fail (width < GLOW_N_DIFF_WIDTHS, NULL);
  if (!self->has_nodes)
    return NULL;
  g_mutex_lock (&self->tree_lock);
  if (self->tree_profile == NULL)
    self->tree_profile = make_profile (self);
  if (self->trees[width] == NULL)
    self->trees[width] = make_tree (self, width);
  g_mutex_unlock (&self->tree_lock);
  return self->trees[width];
}

double
glow_diff_get_node_width (GlowDiff *self, GlowDiffWidth width, guint32 node)
{
  GlowCallTree *tree = glow_diff_get_tree (self, width);

  return tree != NULL ? (double) glow_call_tree_get_nodes (tree)->total[node] / WHOLE * MAX (self->sides[0].value, self->sides[1].value) : 0;
}
