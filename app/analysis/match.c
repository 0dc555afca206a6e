/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys that functions, modules, threads and containers have in common on both sides: by (name, basename of the module), never by address. */
#include <config.h>

#include "analysis/match-private.h"

#include <afterglow/fold.h>

#include <string.h>

void
glow_match_init (GlowMatch *self, const GlowDiffOptions *options, gboolean by_module)
{
  g_autofree char *path = g_build_filename (g_get_user_config_dir (), "afterglow", "match-rules.txt", NULL), *own = NULL;

  memset (self, 0, sizeof *self);
  if (!options->exact_names)
    {
      g_file_get_contents (path, &own, NULL, NULL);
      self->rules = glow_match_rules_new (own);
    }
  self->by_module = by_module;
  self->chunk = g_string_chunk_new (16384);
  for (guint k = 0; k < GLOW_N_DIFF_KINDS; k++)
    {
      self->index[k] = g_hash_table_new (g_str_hash, g_str_equal);
      self->names[k] = g_ptr_array_new ();
    }
  self->functions = g_array_new (FALSE, FALSE, sizeof (GlowMatchFunction));
  if (options->renames != NULL)
    {
      GHashTableIter iter;
      gpointer from, to;

      self->renames = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      g_hash_table_iter_init (&iter, options->renames);
      while (g_hash_table_iter_next (&iter, &from, &to))
        g_hash_table_insert (self->renames, self->rules != NULL ? glow_match_strip_function (self->rules, from) : g_strdup (from),
                             self->rules != NULL ? glow_match_strip_function (self->rules, to) : g_strdup (to));
    }
}

void
glow_match_clear (GlowMatch *self)
{
  g_clear_pointer (&self->rules, glow_match_rules_free);
  g_clear_pointer (&self->renames, g_hash_table_unref);
  for (guint k = 0; k < GLOW_N_DIFF_KINDS; k++)
    {
      g_hash_table_unref (self->index[k]);
      g_ptr_array_unref (self->names[k]);
    }
  g_array_unref (self->functions);
  g_string_chunk_free (self->chunk);
}

guint32
glow_match_n (const GlowMatch *self, GlowDiffKind kind)
{
  return kind == GLOW_DIFF_FUNCTIONS ? self->functions->len : self->names[kind]->len;
}

guint32
glow_match_name (GlowMatch *self, GlowDiffKind kind, const char *name)
{
  g_autofree char *stripped = kind == GLOW_DIFF_MODULES && self->rules != NULL ? glow_match_strip_module (self->rules, name) : g_strdup (name);
  guint32 key = GPOINTER_TO_UINT (g_hash_table_lookup (self->index[kind], stripped));
  char *kept;

  if (key > 0)
    return key - 1;
  kept = g_string_chunk_insert (self->chunk, stripped);
  g_ptr_array_add (self->names[kind], kept);
  g_hash_table_insert (self->index[kind], kept, GUINT_TO_POINTER (self->names[kind]->len));
  return self->names[kind]->len - 1;
}

static guint32
add_function (GlowMatch *self, GString *identity, const GlowMatchFunction *function)
{
  guint32 key = GPOINTER_TO_UINT (g_hash_table_lookup (self->index[GLOW_DIFF_FUNCTIONS], identity->str));
  GlowMatchFunction kept = *function;

  if (key > 0)
    {
      GlowMatchFunction *known = &g_array_index (self->functions, GlowMatchFunction, key - 1);

      /* Shown as the newer side has it. */
      if (function->shown_by > known->shown_by)
        {
          known->name = g_string_chunk_insert_const (self->chunk, function->name);
          known->module = function->module != NULL ? g_string_chunk_insert_const (self->chunk, function->module) : NULL;
          known->shown_by = function->shown_by;
        }
      else if (known->module == NULL && function->module != NULL)
        known->module = g_string_chunk_insert_const (self->chunk, function->module);
      return key - 1;
    }
  kept.name = g_string_chunk_insert_const (self->chunk, function->name);
  kept.module = function->module != NULL ? g_string_chunk_insert_const (self->chunk, function->module) : NULL;
  g_array_append_val (self->functions, kept);
  g_hash_table_insert (self->index[GLOW_DIFF_FUNCTIONS], g_string_chunk_insert (self->chunk, identity->str), GUINT_TO_POINTER (self->functions->len));
  return self->functions->len - 1;
}

gboolean
glow_match_has_modules (GlowProfile *profile)
{
  guint32 n;
  const GlowFrame *frames = glow_profile_get_frames (profile, &n);

  for (guint32 f = 0; f < n; f++)
    if (frames[f].module != GLOW_NONE)
      return TRUE;
  return FALSE;
}

/* A root for each process or thread: the number says nothing about another run. (transfer full) */
static char *
dup_without_number (const char *name)
{
  gsize n = strlen (name), end = n;

  while (end > 0 && (g_ascii_isdigit (name[end - 1]) || name[end - 1] == '/'))
    end--;
  return end > 1 && end < n && name[end - 1] == '-' ? g_strndup (name, end - 1) : g_strdup (name);
}

void
glow_match_frames (GlowMatch *self, GlowCallTree *tree, guint side, guint32 **functions, guint32 **modules)
{
  guint32 n = glow_call_tree_get_n_frames (tree);
  g_autoptr(GString) identity = g_string_new (NULL);
  GlowRoots roots = glow_query_get_roots (glow_call_tree_get_query (tree));
  g_autoptr(GHashTable) stripped_modules = g_hash_table_new_full (NULL, NULL, NULL, g_free);

  *functions = g_new (guint32, n + 1);
  *modules = g_new (guint32, n + 1);
  for (guint32 f = 0; f < n; f++)
    {
      const GlowFrame *frame = glow_call_tree_get_frame (tree, f);
      const char *name = glow_call_tree_get_frame_name (tree, f), *module = glow_call_tree_get_module_name (tree, f), *renamed;
      gboolean is_group = frame->kind == GLOW_FRAME_GROUP;
      g_autofree char *stripped = self->rules != NULL && !is_group                                                       ? glow_match_strip_function (self->rules, name)
                                  : is_group && (roots == GLOW_ROOTS_PROCESS || roots == GLOW_ROOTS_THREAD) ? dup_without_number (name)
                                                                                                            : NULL;
      GlowMatchFunction function = { name, module, frame->kind, frame->role, (guint8) side, glow_fold_get_annotation (tree, f) };
      const char *bare_module = module;

      if (module != NULL && self->rules != NULL)
        {
          bare_module = g_hash_table_lookup (stripped_modules, module);
          if (bare_module == NULL)
            {
              bare_module = glow_match_strip_module (self->rules, module);
              g_hash_table_insert (stripped_modules, (gpointer) module, (gpointer) bare_module);
            }
        }
      (*modules)[f] = bare_module != NULL ? glow_match_name (self, GLOW_DIFF_MODULES, bare_module) : GLOW_NONE;
      renamed = side == GLOW_BEFORE && self->renames != NULL ? g_hash_table_lookup (self->renames, stripped != NULL ? stripped : name) : NULL;
      g_string_assign (identity, is_group ? "\001" : "");
      g_string_append (identity, renamed != NULL ? renamed : stripped != NULL ? stripped : name);
      if (self->by_module && bare_module != NULL && !is_group)
        g_string_append_printf (identity, "\n%s", bare_module);
      /* As they are: read and read_[k] are two. */
      if (self->rules == NULL)
        g_string_append_printf (identity, "\n%s", function.annotation);
      (*functions)[f] = add_function (self, identity, &function);
    }
  (*functions)[n] = (*modules)[n] = GLOW_NONE;
}
