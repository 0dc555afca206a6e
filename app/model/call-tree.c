/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tree as an object: its nodes, names and base. */
#include <config.h>

#include <afterglow/names.h>
#include <glib/gi18n-lib.h>

#include "model/call-tree-private.h"

#include <stdlib.h>

#define CONFIDENCE 0.95

GlowCallTree *
glow_call_tree_new (GlowProfile *profile, const GlowQuery *query)
{
  GlowCallTree *self = g_new0 (GlowCallTree, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->profile = g_object_ref (profile);
  self->query = glow_query_ref ((GlowQuery *) query);
  self->group_names = g_ptr_array_new_with_free_func (g_free);
  glow_profile_get_frames (profile, &self->n_profile_frames);
  self->n_frames = self->n_profile_frames;
  self->root_frame = GLOW_NONE;
  return self;
}

GlowCallTree *
glow_call_tree_ref (GlowCallTree *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
glow_call_tree_unref (GlowCallTree *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  if (self->nodes.samples_total != self->nodes.total)
    {
      free ((gpointer) self->nodes.samples_total);
      free ((gpointer) self->nodes.samples_self);
    }
  free ((gpointer) self->nodes.parent);
  free ((gpointer) self->nodes.frame);
  free ((gpointer) self->nodes.first_child);
  free ((gpointer) self->nodes.n_children);
  free ((gpointer) self->nodes.depth);
  free ((gpointer) self->nodes.total);
  free ((gpointer) self->nodes.self);
  g_free (self->about);
  g_free (self->group_frames);
  g_free (self->has_event);
  g_free (self->group_rank);
  g_free (self->group_of_thread);
  g_free (self->group_of_row);
  g_clear_pointer (&self->tears, g_hash_table_unref);
  g_ptr_array_unref (self->group_names);
  g_object_unref (self->profile);
  glow_query_unref (self->query);
  g_free (self);
}

const GlowCallTreeNodes *
glow_call_tree_get_nodes (GlowCallTree *self)
{
  return &self->nodes;
}

const GlowBase *
glow_call_tree_get_base (GlowCallTree *self)
{
  return &self->base;
}

/**
 * glow_call_tree_has_event:
 *
 * Returns: whether the tree is of samples of @event, which the query need not name
 */
gboolean
glow_call_tree_has_event (GlowCallTree *self, guint32 event)
{
  guint32 n;

  glow_profile_get_events (self->profile, &n);
  return event < n && self->has_event != NULL && self->has_event[event];
}

GlowProfile *
glow_call_tree_get_profile (GlowCallTree *self)
{
  return self->profile;
}

const GlowQuery *
glow_call_tree_get_query (GlowCallTree *self)
{
  return self->query;
}

guint32
glow_call_tree_get_n_frames (GlowCallTree *self)
{
  return self->n_frames;
}

const GlowFrame *
glow_call_tree_get_frame (GlowCallTree *self, guint32 frame)
{
  if (frame < self->n_profile_frames)
    return &glow_profile_get_frames (self->profile, NULL)[frame];
  g_return_val_if_fail (frame < self->n_frames, NULL);
  return &self->group_frames[frame - self->n_profile_frames];
}

/**
 * glow_call_tree_get_frame_name:
 *
 * Returns: (transfer none): the raw name of a frame, those of groups included
 */
const char *
glow_call_tree_get_frame_name (GlowCallTree *self, guint32 frame)
{
  if (frame < self->n_profile_frames)
    return glow_profile_get_string (self->profile, glow_profile_get_frames (self->profile, NULL)[frame].name);
  if (frame < self->n_frames)
    return g_ptr_array_index (self->group_names, frame - self->n_profile_frames);
  return "all";
}

const char *
glow_call_tree_get_module_name (GlowCallTree *self, guint32 frame)
{
  guint32 n, module = frame < self->n_frames ? glow_call_tree_get_frame (self, frame)->module : GLOW_NONE;
  const GlowModule *modules = glow_profile_get_modules (self->profile, &n);

  return module < n ? glow_profile_get_string (self->profile, modules[module].name) : NULL;
}

GlowShare
glow_base_get_share (const GlowBase *base, guint64 weight)
{
  return glow_share_compute (weight, base->weight, base->effective_n, CONFIDENCE);
}

const char *
glow_call_tree_get_name (GlowCallTree *self, guint32 node)
{
  return glow_call_tree_get_frame_name (self, self->nodes.frame[node]);
}

char *
glow_call_tree_dup_full_name (GlowCallTree *self, guint32 frame)
{
  if (frame < self->n_profile_frames)
    return glow_strings_dup_display (glow_profile_get_strings (self->profile), glow_profile_get_frames (self->profile, NULL)[frame].name);
  return g_utf8_make_valid (frame == GLOW_NONE ? _("all") : glow_call_tree_get_frame_name (self, frame), -1);
}

char *
glow_call_tree_dup_frame_display_name (GlowCallTree *self, guint32 frame)
{
  g_autofree char *full = glow_call_tree_dup_full_name (self, frame);
  char *tidy = frame < self->n_profile_frames ? glow_name_dup_tidy (full, glow_profile_get_frames (self->profile, NULL)[frame].kind) : NULL;

  return tidy != NULL ? tidy : g_steal_pointer (&full);
}

char *
glow_call_tree_dup_display_name (GlowCallTree *self, guint32 node)
{
  return glow_call_tree_dup_frame_display_name (self, self->nodes.frame[node]);
}

char *
glow_call_tree_dup_stack (GlowCallTree *self, guint32 node)
{
  GPtrArray *names = g_ptr_array_new ();
  GString *text = g_string_new (NULL);

  for (; node != 0; node = self->nodes.parent[node])
    g_ptr_array_add (names, (gpointer) glow_call_tree_get_name (self, node));
  for (guint i = names->len; i-- > 0;)
    g_string_append_printf (text, "%s%s", (const char *) g_ptr_array_index (names, i), i > 0 ? ";" : "");
  g_ptr_array_unref (names);
  return g_string_free (text, FALSE);
}
