/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said of a frame: in a tooltip, by a screen reader, at the head of the details. */
#include <config.h>

#include "ui/flame-words.h"

#include <glib/gi18n.h>

#define MAX_NAME 300

char *
glow_flame_words_share (GlowCallTree *tree, guint64 weight)
{
  GlowShare share = glow_base_get_share (glow_call_tree_get_base (tree), weight);
  GlowInterval interval = { share.low, share.high };
  g_autofree char *part = glow_text_share (share.share), *range = glow_text_interval (&interval);

  return g_strdup_printf ("%s (%s)", part, range);
}

char *
glow_flame_words_where (GlowCallTree *tree, guint32 frame)
{
  GlowProfile *profile = glow_call_tree_get_profile (tree);
  const GlowFrame *own;
  const char *module = glow_call_tree_get_module_name (tree, frame);
  GString *text = g_string_new (NULL);
  g_autofree char *words = NULL;
  g_auto(GlowNameParts) parts = { NULL };

  if (frame == GLOW_NONE)
    return g_string_free (g_string_append (text, _("everything that is shown")), FALSE);
  own = glow_call_tree_get_frame (tree, frame);
  if (module != NULL)
    {
      g_autofree char *name = g_utf8_make_valid (module, -1);

      g_string_append_printf (text, "%s · ", name);
    }
  if (own->file != 0)
    {
      g_autofree char *path = glow_strings_dup_display (glow_profile_get_strings (profile), own->file);
      g_autofree char *file = g_path_get_basename (path);

      if (own->line > 0)
        g_string_append_printf (text, "%s:%u · ", file, own->line);
      else
        g_string_append_printf (text, "%s · ", file);
    }
  words = glow_palette_dup_words (own);
  g_string_append (text, words);
  glow_name_parts_read (glow_profile_get_string (profile, own->raw_name), own->kind, &parts);
  if (parts.language != NULL)
    g_string_append_printf (text, " · %s", parts.language);
  if (parts.tier != NULL)
    g_string_append_printf (text, ", %s", parts.tier);
  return g_string_free (text, FALSE);
}

char *
glow_flame_words_spoken (GlowCallTree *tree, guint32 node)
{
  const GlowCallTreeNodes *nodes = glow_call_tree_get_nodes (tree);
  g_autofree char *name = glow_call_tree_dup_display_name (tree, node), *share = glow_flame_words_share (tree, nodes->total[node]);
  g_autofree char *self = glow_text_share (nodes->total[0] > 0 ? (double) nodes->self[node] / nodes->total[0] : 0);
  g_autofree char *torn = glow_text_tear (tree, node), *text = NULL;
  guint32 parent = nodes->parent[node];

  if (node == 0)
    return g_strdup_printf (ngettext ("%s, %u function called directly", "%s, %u functions called directly", nodes->n_children[0]), name,
                            nodes->n_children[0]);
  text = g_strdup_printf (_("%s, %s, self %s, depth %u, %u of %u callees of its caller"), name, share, self, (guint) nodes->depth[node],
                          node - nodes->first_child[parent] + 1, nodes->n_children[parent]);
  return torn != NULL ? g_strdup_printf ("%s. %s", text, torn) : g_steal_pointer (&text);
}

char *
glow_flame_words_tooltip (GlowCallTree *tree, const GlowRect *rect)
{
  const GlowCallTreeNodes *nodes = glow_call_tree_get_nodes (tree);
  g_autofree char *name = NULL, *shown = NULL, *where = NULL, *share = NULL, *self = NULL, *samples = NULL, *torn = NULL, *escaped = NULL, *text = NULL;

  if (rect->n_merged > 0)
    {
      guint64 weight = 0;

      for (guint32 i = 0; i < rect->n_merged; i++)
        weight += nodes->total[rect->node + i];
      share = glow_flame_words_share (tree, weight);
      return g_markup_printf_escaped (ngettext ("<b>%u frame too narrow to draw</b>\ntotal %s\nZoom in to see it",
                                                "<b>%u frames too narrow to draw</b>\ntotal %s\nZoom in to see them", rect->n_merged),
                                      rect->n_merged, share);
    }
  torn = glow_text_tear (tree, rect->node);
  name = glow_call_tree_dup_display_name (tree, rect->node);
  shown = glow_label_shorten (name, MAX_NAME);
  where = glow_flame_words_where (tree, nodes->frame[rect->node]);
  share = glow_flame_words_share (tree, nodes->total[rect->node]);
  self = glow_text_share (nodes->total[0] > 0 ? (double) nodes->self[rect->node] / nodes->total[0] : 0);
  samples = glow_text_count (nodes->samples_total[rect->node]);
  text = g_markup_printf_escaped (ngettext ("<b>%s</b>\n%s\ntotal %s · self %s\n%s sample", "<b>%s</b>\n%s\ntotal %s · self %s\n%s samples",
                                            nodes->samples_total[rect->node]),
                                  shown, where, share, self, samples);
  escaped = torn != NULL ? g_markup_escape_text (torn, -1) : NULL;
  return torn != NULL ? g_strdup_printf ("%s\n%s", text, escaped) : g_steal_pointer (&text);
}
