/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What numbers of a histogram are: their names say it by convention ("…_seconds", "@usecs"), or a person does. */
#include "formats/histograms/histograms-private.h"

#include <string.h>

static const struct {
  const char *word, *unit;
  double ns;
} words[] = {
  { "seconds", "s", 1e9 }, { "second", "s", 1e9 }, { "secs", "s", 1e9 }, { "sec", "s", 1e9 }, { "s", "s", 1e9 },
  { "milliseconds", "ms", 1e6 }, { "millis", "ms", 1e6 }, { "msecs", "ms", 1e6 }, { "msec", "ms", 1e6 }, { "ms", "ms", 1e6 },
  { "microseconds", "us", 1e3 }, { "micros", "us", 1e3 }, { "usecs", "us", 1e3 }, { "usec", "us", 1e3 }, { "us", "us", 1e3 },
  { "nanoseconds", "ns", 1 }, { "nanos", "ns", 1 }, { "nsecs", "ns", 1 }, { "nsec", "ns", 1 }, { "ns", "ns", 1 },
  { "minutes", "min", 60e9 }, { "hours", "h", 3600e9 },
  { "bytes", "bytes", 0 }, { "kbytes", "KiB", 0 }, { "celsius", "°C", 0 }, { "ratio", "ratio", 0 }, { "percent", "%", 0 }, { "metres", "m", 0 },
};

gboolean
glow_unit_parse (const char *word, const char **unit, double *ns_per_unit)
{
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (strcmp (words[i].word, word) == 0)
      {
        *unit = words[i].unit;
        *ns_per_unit = words[i].ns;
        return TRUE;
      }
  return FALSE;
}

/* The last word of a name that is a unit; Prometheus' suffixes stand behind it. A name of two words that ends in one letter is no unit by that. */
void
glow_unit_from_name (const char *name, const char **unit, double *ns_per_unit)
{
  g_auto(GStrv) parts = g_strsplit_set (name, "_.@:/-", -1);
  guint n = g_strv_length (parts);

  *unit = "";
  *ns_per_unit = 0;
  while (n > 0 && (strcmp (parts[n - 1], "total") == 0 || strcmp (parts[n - 1], "bucket") == 0 || strcmp (parts[n - 1], "hist") == 0))
    n--;
  for (guint i = n; i-- > 0;)
    {
      g_autofree char *word = g_ascii_strdown (parts[i], -1);

      if ((word[0] != '\0' && word[1] == '\0' && n > 1 && i + 1 < n) || !glow_unit_parse (word, unit, ns_per_unit))
        continue;
      return;
    }
}
