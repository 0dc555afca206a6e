/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of formats. A further format is one line here and one folder beside this file. */
#include <config.h>

#include "formats/registry-private.h"

static const GlowFormat *const formats[] = {
  &glow_format_folded,
  &glow_format_perf_data,
  &glow_format_pack,
  &glow_format_perf_script,
};

const GlowFormat *
glow_registry_recognise (const guint8 *head, gsize n)
{
  const GlowFormat *best = NULL;
  int best_score = 0;

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      int score = formats[i]->recognise (head, n);

      if (score > best_score)
        {
          best_score = score;
          best = formats[i];
        }
    }
  return best;
}

/**
 * glow_formats_list:
 * @n: (out) (optional): how many there are
 *
 * Returns: (transfer none): the formats that are read here, ended by one whose id is %NULL; labels are marked for translation, not
 * translated
 */
const GlowFormatInfo *
glow_formats_list (guint *n)
{
  static GlowFormatInfo list[G_N_ELEMENTS (formats) + 1];
  static gsize done;

  if (g_once_init_enter (&done))
    {
      for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
        list[i] = formats[i]->info;
      g_once_init_leave (&done, 1);
    }
  if (n != NULL)
    *n = G_N_ELEMENTS (formats);
  return list;
}
