/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A comparison as a line for a shell: the same numbers without a window. */
#include <config.h>

#include "ui/comparison-private.h"

static void
append_number (GString *command, const char *option, double value, double otherwise)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (value > otherwise * 0.9999 && value < otherwise * 1.0001)
    return;
  g_string_append_printf (command, " --%s %s", option, g_ascii_formatd (text, sizeof text, "%.6g", value));
}

static void
append_base (GlowComparison *self, GString *command)
{
  const char *unit = self->options.unit != NULL && *self->options.unit != '\0' ? self->options.unit : "unit";
  char before[G_ASCII_DTOSTR_BUF_SIZE], after[G_ASCII_DTOSTR_BUF_SIZE];
  g_autofree char *words = NULL, *quoted = NULL;

  if (self->options.base == GLOW_DIFF_TIME)
    g_string_append (command, " --base time");
  else if (self->options.base == GLOW_DIFF_RATE)
    g_string_append (command, " --base rate");
  else if (self->options.base == GLOW_DIFF_PER_UNIT)
    {
      g_ascii_formatd (before, sizeof before, "%.15g", self->units[GLOW_BEFORE]);
      g_ascii_formatd (after, sizeof after, "%.15g", self->units[GLOW_AFTER]);
      words = g_strdup_printf ("%s=%s,%s", unit, before, after);
      quoted = g_shell_quote (words);
      g_string_append_printf (command, " --base %s", quoted);
    }
}

static void
append_options (GlowComparison *self, GString *command)
{
  GHashTableIter iter;
  gpointer from, to;

  append_base (self, command);
  append_number (command, "level", self->options.level, 0.05);
  append_number (command, "min-change", self->options.floor * 100, 0.1);
  append_number (command, "margin", self->options.margin * 100, 0.5);
  if (self->options.discovery == GLOW_DISCOVERY_BY)
    g_string_append (command, " --discovery by");
  if (self->options.permutation)
    g_string_append (command, " --test permutation");
  if (self->options.pool_runs)
    g_string_append (command, " --pool");
  if (self->options.exact_names)
    g_string_append (command, " --exact-names");
  if (self->options.renames == NULL)
    return;
  g_hash_table_iter_init (&iter, self->options.renames);
  while (g_hash_table_iter_next (&iter, &from, &to))
    {
      g_autofree char *words = g_strdup_printf ("%s=%s", (char *) from, (char *) to), *quoted = g_shell_quote (words);

      g_string_append_printf (command, " --rename %s", quoted);
    }
}

static void
append_files (GlowComparison *self, guint side, GString *command)
{
  for (guint i = 0; i < self->runs[side]->len; i++)
    {
      const GlowComparedRun *run = g_ptr_array_index (self->runs[side], i);
      const char *const own[] = { run->path, NULL };
      const char *const *paths = run->path != NULL ? own : glow_document_get_paths (self->document);

      for (guint p = 0; paths != NULL && paths[p] != NULL; p++)
        {
          g_autofree char *quoted = g_shell_quote (paths[p]);

          g_string_append_printf (command, " %s", quoted);
        }
    }
}

char *
glow_comparison_dup_command (GlowComparison *self, gboolean merged)
{
  GString *command = g_string_new ("afterglow-cli diff");
  g_autofree char *sources = glow_name_sources_dup_words (glow_document_get_name_sources (self->document));

  g_string_append (command, sources);
  append_options (self, command);
  if (merged)
    g_string_append (command, " --view merged");
  if (self->next_width != GLOW_DIFF_WIDTH_LARGER)
    g_string_append_printf (command, " --widths %s", glow_diff_width_get_id (self->next_width));
  if (glow_comparison_is_selections (self))
    {
      for (guint s = 0; s < GLOW_N_SIDES; s++)
        {
          g_autofree char *words = glow_query_dup_words (((GlowComparedRun *) g_ptr_array_index (self->runs[s], 0))->query), *quoted = g_shell_quote (words);

          g_string_append_printf (command, " --%s %s", s == GLOW_BEFORE ? "before" : "after", quoted);
        }
      append_files (self, GLOW_AFTER, command);
    }
  else
    {
      g_autofree char *words = glow_query_dup_words (glow_document_get_query (self->document));

      if (*words != '\0')
        g_string_append_printf (command, " %s", words);
      append_files (self, GLOW_BEFORE, command);
      g_string_append (command, " --");
      append_files (self, GLOW_AFTER, command);
    }
  g_string_append (command, " -o diff.svg");
  return g_string_free (command, FALSE);
}
