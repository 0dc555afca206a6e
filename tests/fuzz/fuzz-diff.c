/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as what a diff is asked with: parted at NUL into gates, rules of matching, and the folded text of two sides. */
#include <afterglow/afterglow.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analysis/match-private.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static GlowProfile *
load (const char *folder, const char *name, const char *text, gsize length)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return g_file_set_contents (path, text, (gssize) length, NULL) ? glow_profile_load_path (path, NULL, NULL, NULL) : NULL;
}

static void
write_all (GlowDiff *diff)
{
  GlowDiffExportOptions options = { .width = 700, .widths = GLOW_DIFF_WIDTH_LARGER };

  for (GlowDiffFormat format = 0; format < GLOW_N_DIFF_FORMATS; format++)
    {
      g_autoptr(GOutputStream) output = g_memory_output_stream_new_resizable ();

      /* Not what libraries draw. */
      if (format != GLOW_DIFF_PNG && format != GLOW_DIFF_PDF)
        glow_diff_write (diff, format, &options, output, NULL, NULL);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static char folder[] = "/dev/shm/afterglow-fuzz-XXXXXX";
  static gboolean made;
  const char *parts[4] = { "", "", "", "" };
  g_autofree char *text = g_malloc0 (size + 1);
  gsize lengths[4] = { 0 }, at = 0;
  GlowMatchRules *rules;
  g_autoptr(GPtrArray) gates = NULL;
  g_autoptr(GlowProfile) before = NULL, after = NULL;

  if (!made && mkdtemp (folder) == NULL)
    return 0;
  made = TRUE;
  memcpy (text, data, size);
  for (guint i = 0; i < 4 && at <= size; i++)
    {
      const char *end = memchr (text + at, '\0', size + 1 - at);

      parts[i] = text + at;
      lengths[i] = end != NULL ? (gsize) (end - parts[i]) : size - at;
      at += lengths[i] + 1;
    }
  gates = glow_diff_gates_parse (parts[0], NULL);
  rules = glow_match_rules_new (parts[1]);
  g_free (glow_match_strip_function (rules, parts[0]));
  glow_match_rules_free (rules);
  before = load (folder, "before", parts[2], lengths[2]);
  after = load (folder, "after", parts[3], lengths[3]);
  if (before != NULL && after != NULL)
    {
      g_autoptr(GPtrArray) one = g_ptr_array_new_with_free_func ((GDestroyNotify) glow_diff_run_free), two = g_ptr_array_new_with_free_func ((GDestroyNotify) glow_diff_run_free);
      g_autoptr(GlowQuery) query = glow_query_new ();
      g_autoptr(GlowDiff) diff = NULL;

      g_ptr_array_add (one, glow_diff_run_new (before, query, "before"));
      g_ptr_array_add (two, glow_diff_run_new (after, query, "after"));
      diff = glow_diff_compute (one, two, NULL, NULL, NULL);
      if (diff != NULL)
        write_all (diff);
      if (diff != NULL && gates != NULL)
        {
          g_autoptr(GPtrArray) verdicts = glow_diff_check_gates (diff, gates, NULL);
        }
    }
  return 0;
}
