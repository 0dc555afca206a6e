/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said of a path of a diff: in a tooltip, by a screen reader. */
#include <config.h>

#include "ui/diff-words.h"

#include <afterglow/diff-text.h>
#include <afterglow/painter.h>
#include <glib/gi18n.h>

#define MAX_NAME 200

char *
glow_diff_words_module (GlowDiff *diff, guint32 key)
{
  const char *module = key != GLOW_NONE ? glow_diff_get_module (diff, key) : NULL;

  return g_utf8_make_valid (module != NULL ? module : "", -1);
}

const char *
glow_diff_words_evidence (GlowDiff *diff, guint32 node)
{
  const GlowDiffNodes *nodes = glow_diff_get_nodes (diff);

  if (node != 0 && nodes->total[GLOW_BEFORE][node] == 0)
    return nodes->evidence[node] == GLOW_DIFF_GREW ? _("new") : _("new, without evidence");
  if (node != 0 && nodes->total[GLOW_AFTER][node] == 0)
    return nodes->evidence[node] == GLOW_DIFF_SHRANK ? _("gone") : _("gone, without evidence");
  return glow_diff_evidence_get_label (nodes->evidence[node]);
}

char *
glow_diff_words_spoken (GlowDiff *diff, guint32 node)
{
  const GlowDiffNodes *nodes = glow_diff_get_nodes (diff);
  GlowDiffChange change = glow_diff_get_node_change (diff, node);
  g_autofree char *name = glow_diff_dup_display_name (diff, GLOW_DIFF_FUNCTIONS, nodes->key[node]), *evidence = glow_diff_text_evidence (diff, &change);
  guint32 parent = nodes->parent[node];

  if (node == 0)
    return g_strdup_printf (ngettext ("%s, %u function called directly", "%s, %u functions called directly", nodes->n_children[0]), name, nodes->n_children[0]);
  return g_strdup_printf (_("%s, %s. %s. Depth %u, %u of %u callees of its caller"), name, glow_diff_words_evidence (diff, node), evidence, (guint) nodes->depth[node],
                          node - nodes->first_child[parent] + 1, nodes->n_children[parent]);
}

char *
glow_diff_words_tooltip (GlowDiff *diff, const GlowRect *rect)
{
  const GlowDiffNodes *nodes = glow_diff_get_nodes (diff);
  GlowDiffChange change;
  g_autofree char *name = NULL, *shown = NULL, *module = NULL, *before = NULL, *after = NULL, *points = NULL, *interval = NULL, *q = NULL;

  if (rect->n_merged > 0)
    return g_markup_printf_escaped (ngettext ("<b>%u path too narrow to draw</b>\nZoom in to see it", "<b>%u paths too narrow to draw</b>\nZoom in to see them", rect->n_merged),
                                    rect->n_merged);
  change = glow_diff_get_node_change (diff, rect->node);
  name = glow_diff_dup_display_name (diff, GLOW_DIFF_FUNCTIONS, nodes->key[rect->node]);
  shown = glow_label_shorten (name, MAX_NAME);
  module = glow_diff_words_module (diff, nodes->key[rect->node]);
  before = glow_diff_text_value (diff, change.value[GLOW_BEFORE]);
  after = glow_diff_text_value (diff, change.value[GLOW_AFTER]);
  points = glow_diff_text_change (diff, change.change);
  interval = glow_diff_text_interval (diff, &change);
  q = glow_diff_text_q (change.q);
  return g_markup_printf_escaped (_("<b>%s</b>\n%s%s%s\nbefore %s · after %s\n%s, 95 %% %s · q %s"), shown, module, *module != '\0' ? " · " : "",
                                  glow_diff_words_evidence (diff, rect->node), before, after, points, interval, q);
}
