/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A call tree in characters. Walked with the parent and child arrays, never by recursion: stacks from a file may be of any depth. */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>
#include <afterglow/interval.h>
#include <afterglow/text.h>
#include <afterglow/text-tree.h>

/* Branchings that are still indented. Deeper ones stand below each other: a line would be all lines and no name. */
#define MAX_INDENT 40
#define FLUSH_AT (256 * 1024)

static guint64
threshold (const GlowBase *base, double min_share)
{
  double least = min_share * (double) base->weight;

  return least >= (double) G_MAXUINT64 ? G_MAXUINT64 : (guint64) least;
}

static gboolean
is_shown (const GlowCallTreeNodes *nodes, guint32 node, guint64 least)
{
  return nodes->total[node] > 0 && nodes->total[node] >= least;
}

GArray *
glow_text_tree_list (GlowCallTree *tree, double min_share, gboolean *left_out)
{
  const GlowCallTreeNodes *nodes = glow_call_tree_get_nodes (tree);
  guint64 least = threshold (glow_call_tree_get_base (tree), min_share);
  GArray *list = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr(GArray) pending = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint32 node = 0;
  gboolean skipped = FALSE;

  g_array_append_val (pending, node);
  while (pending->len > 0)
    {
      node = g_array_index (pending, guint32, pending->len - 1);
      g_array_set_size (pending, pending->len - 1);
      g_array_append_val (list, node);
      /* Pushed from the last to the first, so that the first comes off next. */
      for (guint32 i = nodes->n_children[node]; i-- > 0; )
        {
          guint32 child = nodes->first_child[node] + i;

          if (is_shown (nodes, child, least))
            g_array_append_val (pending, child);
          else
            skipped = TRUE;
        }
    }
  if (left_out != NULL)
    *left_out = skipped;
  return list;
}

/* Where a node stands among those that are shown. */
typedef struct {
  guint32 n_shown;             /* its shown children */
  guint32 last;                /* the last of them */
} Branch;

static Branch *
count_branches (const GlowCallTreeNodes *nodes, const GArray *list)
{
  Branch *branches = g_new0 (Branch, nodes->n_nodes);

  for (guint i = 1; i < list->len; i++)
    {
      guint32 node = g_array_index (list, guint32, i);
      Branch *branch = &branches[nodes->parent[node]];

      branch->n_shown++;
      branch->last = node;
    }
  return branches;
}

static void
append_cell (GString *text, const char *cell, int width)
{
  for (int i = g_utf8_strlen (cell, -1); i < width; i++)
    g_string_append_c (text, ' ');
  g_string_append (text, cell);
}

static void
append_numbers (GString *text, GlowCallTree *tree, guint32 node)
{
  const GlowCallTreeNodes *nodes = glow_call_tree_get_nodes (tree);
  const GlowBase *base = glow_call_tree_get_base (tree);
  GlowShare total = glow_base_get_share (base, nodes->total[node]);
  GlowInterval interval = { total.low, total.high };
  g_autofree char *total_text = glow_text_share (total.share);
  g_autofree char *interval_text = glow_text_interval (&interval);
  g_autofree char *self_text = nodes->self[node] == 0 ? g_strdup ("") :
                               glow_text_share (base->weight > 0 ? (double) nodes->self[node] / base->weight : 0);

  append_cell (text, total_text, 8);
  append_cell (text, interval_text, 16);
  append_cell (text, self_text, 10);
  g_string_append (text, "  ");
}

/* The lines to the left of a name: for each branching above it, whether siblings are still to come. Built from the node upwards. */
static void
append_lines (GString *text, const GlowCallTreeNodes *nodes, const Branch *branches, guint32 node)
{
  const char *pieces[MAX_INDENT];
  guint n = 0;
  guint32 at = node;

  while (at != 0 && n < MAX_INDENT)
    {
      guint32 parent = nodes->parent[at];

      if (branches[parent].n_shown > 1)
        {
          gboolean last = branches[parent].last == at;

          if (at == node)
            pieces[n++] = last ? "└ " : "├ ";
          else
            pieces[n++] = last ? "  " : "│ ";
        }
      at = parent;
    }
  while (n > 0)
    g_string_append (text, pieces[--n]);
}

static gboolean
flush (GString *text, GOutputStream *output, GCancellable *cancellable, GError **error)
{
  gboolean written = g_output_stream_write_all (output, text->str, text->len, NULL, cancellable, error);

  g_string_truncate (text, 0);
  return written;
}

gboolean
glow_text_tree_write (GlowCallTree *tree, double min_share, GOutputStream *output, GCancellable *cancellable, GError **error)
{
  const GlowCallTreeNodes *nodes = glow_call_tree_get_nodes (tree);
  gboolean left_out = FALSE;
  g_autoptr(GArray) list = glow_text_tree_list (tree, min_share, &left_out);
  g_autofree Branch *branches = count_branches (nodes, list);
  g_autoptr(GString) text = g_string_new (NULL);

  append_cell (text, _("TOTAL"), 8);
  append_cell (text, _("95 %"), 16);
  append_cell (text, _("SELF"), 10);
  g_string_append_printf (text, "  %s\n", _("FUNCTION"));
  for (guint i = 0; i < list->len; i++)
    {
      guint32 node = g_array_index (list, guint32, i);
      g_autofree char *name = glow_call_tree_dup_display_name (tree, node);

      append_numbers (text, tree, node);
      append_lines (text, nodes, branches, node);
      g_string_append (text, name);
      g_string_append_c (text, '\n');
      if (text->len >= FLUSH_AT && !flush (text, output, cancellable, error))
        return FALSE;
    }
  if (left_out)
    {
      g_autofree char *least = glow_text_share (min_share);

      g_string_append_printf (text, _("Calls below %s are left out.\n"), least);
    }
  return flush (text, output, cancellable, error);
}
