/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is chosen in a comparison, in step with the document: a path where there is one on the other side, else the function. */
#include <config.h>

#include "ui/comparison-private.h"

/* Of a path that is looked into further: callees of this part of it. */
#define CALLEES_SEEN 200
#define REST 100               /* ms without another choice */

guint32
glow_comparison_get_selected (GlowComparison *self)
{
  return self->selected;
}

guint32
glow_comparison_get_selected_key (GlowComparison *self)
{
  return self->selected_key;
}

/* ---- the document, in step ---- */

/* Which run is the document. */
static gboolean
find_document_run (GlowComparison *self, guint *side, guint *run)
{
  GlowProfile *profile = glow_document_get_profile (self->document);

  for (guint s = GLOW_N_SIDES; self->diff != NULL && s-- > 0;)
    for (guint i = 0; i < glow_diff_get_side (self->diff, s)->n_runs; i++)
      if (glow_diff_get_run (self->diff, s, i)->profile == profile)
        {
          *side = s;
          *run = i;
          return TRUE;
        }
  return FALSE;
}

guint32
glow_comparison_find_in_document (GlowComparison *self, guint32 key)
{
  guint side, run;

  return key != GLOW_NONE && find_document_run (self, &side, &run) ? glow_diff_get_frame (self->diff, side, run, key) : GLOW_NONE;
}

guint32
glow_comparison_find_elsewhere (GlowComparison *self, guint32 key, guint *side, guint *run)
{
  guint32 frame = GLOW_NONE;

  for (guint s = 0; self->diff != NULL && key != GLOW_NONE && s < GLOW_N_SIDES; s++)
    for (guint i = 0; i < MIN (self->runs[s]->len, glow_diff_get_side (self->diff, s)->n_runs) && frame == GLOW_NONE; i++)
      {
        const GlowComparedRun *own = g_ptr_array_index (self->runs[s], i);

        *side = s;
        *run = i;
        frame = own->path != NULL ? glow_diff_get_frame (self->diff, s, i, key) : GLOW_NONE;
      }
  return frame;
}

/* The node of the document's tree on the same path; GLOW_NONE where it has none. */
static guint32
find_in_tree (GlowComparison *self, guint32 node, guint side, guint run)
{
  GlowCallTree *tree = glow_document_get_tree (self->document);
  const GlowCallTreeNodes *nodes = tree != NULL ? glow_call_tree_get_nodes (tree) : NULL;
  const GlowDiffNodes *both = glow_diff_get_nodes (self->diff);
  g_autoptr(GArray) way = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint32 at = 0;

  for (; node != 0; node = both->parent[node])
    g_array_append_val (way, both->key[node]);
  for (guint i = way->len; nodes != NULL && i-- > 0;)
    {
      guint32 child = nodes->first_child[at], end = child + nodes->n_children[at];

      while (child < end && glow_diff_get_key (self->diff, side, run, nodes->frame[child]) != g_array_index (way, guint32, i))
        child++;
      if (child == end)
        return GLOW_NONE;
      at = child;
    }
  return nodes != NULL ? at : GLOW_NONE;
}

static void
lead_document (GlowComparison *self)
{
  guint side, run;
  guint32 node, frame;

  if (!find_document_run (self, &side, &run))
    return;
  self->leads = TRUE;
  node = self->selected != GLOW_NONE ? find_in_tree (self, self->selected, side, run) : GLOW_NONE;
  if (node != GLOW_NONE)
    glow_document_set_selected (self->document, node);
  else
    {
      frame = glow_diff_get_frame (self->diff, side, run, self->selected_key);
      if (frame != GLOW_NONE)
        glow_document_select_frame (self->document, frame);
    }
  self->leads = FALSE;
}

void
glow_comparison_stop_leading (GlowComparison *self)
{
  g_clear_handle_id (&self->lead_timer, g_source_remove);
}

void
glow_comparison_lead (GlowComparison *self)
{
  if (self->lead_timer == 0)
    return;
  glow_comparison_stop_leading (self);
  lead_document (self);
}

static gboolean
choice_rests (gpointer data)
{
  glow_comparison_lead (data);
  return G_SOURCE_REMOVE;
}

static void
choose (GlowComparison *self, guint32 node, guint32 key)
{
  if (node == self->selected && key == self->selected_key)
    return;
  self->selected = node;
  self->selected_key = key;
  glow_comparison_stop_leading (self);
  if (key != GLOW_NONE && self->diff != NULL && !self->leads)
    self->lead_timer = g_timeout_add (REST, choice_rests, self);
  glow_comparison_tell (self, GLOW_COMPARED_SELECTION);
}

void
glow_comparison_follow_choice (GlowComparison *self)
{
  GlowCallTree *tree = glow_document_get_tree (self->document);
  const GlowCallTreeNodes *nodes = tree != NULL ? glow_call_tree_get_nodes (tree) : NULL;
  g_autoptr(GArray) keys = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint32 node = glow_document_get_selected (self->document), key;
  guint side, run;
  gboolean exact;

  if (self->leads || node == GLOW_NONE || node == 0 || nodes == NULL || !find_document_run (self, &side, &run))
    return;
  key = glow_diff_get_key (self->diff, side, run, nodes->frame[node]);
  if (key == GLOW_NONE)
    return;
  for (; node != 0; node = nodes->parent[node])
    {
      guint32 own = glow_diff_get_key (self->diff, side, run, nodes->frame[node]);

      g_array_prepend_val (keys, own);
    }
  node = glow_diff_find_path (self->diff, (const guint32 *) keys->data, keys->len, &exact);
  self->leads = TRUE;
  if (exact)
    choose (self, node, key);
  else
    glow_comparison_select_key (self, key);
  self->leads = FALSE;
}

void
glow_comparison_look_closer (GlowComparison *self, guint32 node)
{
  const GlowDiffNodes *nodes = self->diff != NULL ? glow_diff_get_nodes (self->diff) : NULL;
  double least = self->diff != NULL ? glow_diff_get_options (self->diff)->min_share : 0, share = 0;

  if (least == 0 || node >= nodes->n_nodes || nodes->n_children[node] > 0)
    return;
  for (guint s = 0; s < GLOW_N_SIDES; s++)
    if (nodes->total[s][node] > nodes->self[s][node] && glow_diff_get_side (self->diff, s)->value > 0)
      share = MAX (share, nodes->total[s][node] / glow_diff_get_side (self->diff, s)->value);
  if (share == 0)
    return;
  self->finest = share / CALLEES_SEEN;
  glow_comparison_compute (self);
}

void
glow_comparison_set_selected (GlowComparison *self, guint32 node)
{
  const GlowDiffNodes *nodes = self->diff != NULL ? glow_diff_get_nodes (self->diff) : NULL;

  if (nodes == NULL || node >= nodes->n_nodes)
    node = GLOW_NONE;
  choose (self, node, node != GLOW_NONE ? nodes->key[node] : GLOW_NONE);
}

void
glow_comparison_select_key (GlowComparison *self, guint32 key)
{
  GlowCallTree *tree = glow_comparison_get_tree (self);

  if (tree == NULL || key == self->selected_key)
    return;
  choose (self, key != GLOW_NONE ? glow_call_tree_find_frame (tree, key) : GLOW_NONE, key);
}

guint
glow_comparison_step_match (GlowComparison *self, int step, guint *n)
{
  const GlowDiffNodes *nodes = self->diff != NULL ? glow_diff_get_nodes (self->diff) : NULL;
  guint32 found = GLOW_NONE, edge = GLOW_NONE, at = self->selected != GLOW_NONE ? self->selected : 0;
  guint count = 0, place = 0;

  *n = 0;
  if (nodes == NULL || self->search == NULL || self->search->n_nodes == 0)
    return 0;
  for (guint32 i = 1; i < nodes->n_nodes; i++)
    {
      if (!self->search->frame_matches[nodes->key[i]])
        continue;
      count++;
      if (step < 0 || edge == GLOW_NONE)
        edge = i;              /* the last, or the first: where it goes round */
      if (step > 0 ? i > at && found == GLOW_NONE : i < at)
        {
          found = i;
          place = count;
        }
    }
  if (found == GLOW_NONE)
    {
      found = edge;
      place = step > 0 ? 1 : count;
    }
  glow_comparison_set_selected (self, found);
  *n = count;
  return place;
}
