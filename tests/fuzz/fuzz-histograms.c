/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a histogram of another's; what could be read is summed, mapped and asked for quantiles. */
#include <afterglow/afterglow.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr(GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr(GlowHistograms) histograms = size > 0 ? glow_histograms_load_bytes (bytes, "fuzz", NULL, NULL) : NULL;
  g_autoptr(GPtrArray) chosen = NULL;
  g_autoptr(GlowHistogram) sum = NULL;
  g_autoptr(GlowLatencyMap) map = NULL;

  if (histograms == NULL)
    return 0;
  g_assert_cmpuint (histograms->series->len, >, 0);
  sum = glow_histogram_new_sum (histograms->series, GLOW_TIME_UNKNOWN, GLOW_TIME_UNKNOWN);
  for (guint i = 1; i < sum->buckets->len; i++)
    g_assert_true (g_array_index (sum->buckets, GlowNativeBucket, i - 1).upper <= g_array_index (sum->buckets, GlowNativeBucket, i).lower);
  for (guint q = 0; q <= 4; q++)
    glow_histogram_get_quantile (sum, q / 4.0, q % 2 == 0);
  glow_histograms_set_unit (histograms, "ms");
  chosen = glow_histograms_choose (histograms, NULL);
  map = chosen != NULL ? glow_histograms_compute_map (chosen, G_GINT64_CONSTANT (1000000000000)) : NULL;
  return 0;
}
