/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers in words, the same wherever they are shown: window, command and pictures. Thin spaces keep a number and its unit together. */
#include <config.h>

#include <afterglow/stack-quality.h>
#include <afterglow/text.h>
#include <glib/gi18n-lib.h>

#include <langinfo.h>
#include <math.h>
#include <string.h>

#include "draw/fixed-private.h"

#define THIN "\xe2\x80\x89"        /* U+2009, before a unit */
#define GROUP "\xe2\x80\xaf"       /* U+202F, between thousands: does not break a line */

/**
 * glow_text_count:
 *
 * Returns: (transfer full): digits in groups of three
 */
char *
glow_text_count (guint64 count)
{
  char text[48], *at = text + sizeof text;
  guint n = 0;

  *--at = '\0';
  do
    {
      if (n > 0 && n % 3 == 0)
        at = memcpy (at - strlen (GROUP), GROUP, strlen (GROUP));
      *--at = '0' + count % 10;
      n++;
    }
  while ((count /= 10) > 0);
  return g_strdup (at);
}

/* As "%.*f" has it in the locale at hand. */
static char *
dup_fixed (double value, int decimals)
{
  char text[GLOW_FIXED_SIZE], *fixed = glow_fixed_write (text, value, decimals), *point;
  const char *radix = nl_langinfo (RADIXCHAR);

  if (fixed == NULL || radix[0] == '\0' || radix[1] != '\0')
    return g_strdup_printf ("%.*f", decimals, value);
  point = decimals > 0 ? strchr (fixed, '.') : NULL;
  if (point != NULL)
    *point = *radix;
  return g_strdup (fixed);
}

/* A number and its unit. */
static char *
dup_with_unit (double value, int decimals, const char *unit)
{
  g_autofree char *number = dup_fixed (value, decimals);

  return g_strconcat (number, THIN, unit, NULL);
}

static int
share_decimals (double percent)
{
  return percent != 0 && percent < 1 ? 2 : 1;
}

/**
 * glow_text_share:
 * @share: in [0, 1]
 */
char *
glow_text_share (double share)
{
  if (share > 0 && share < 0.0001)
    return g_strdup_printf ("< %.2f" THIN "%%", 0.01);
  return dup_with_unit (share * 100, share_decimals (share * 100), "%");
}

char *
glow_text_interval (const GlowInterval *interval)
{
  int decimals = share_decimals (interval->high * 100);
  g_autofree char *low = NULL, *high = NULL;

  if (interval->high > 0 && interval->high < 0.00005)
    return glow_text_share (interval->high);
  low = dup_fixed (interval->low * 100, decimals);
  high = dup_fixed (interval->high * 100, decimals);
  return g_strconcat (low, "–", high, THIN "%", NULL);
}

char *
glow_text_duration (double ns)
{
  if (!isfinite (ns))
    return g_strdup (_("not known"));
  if (ns < 1e3)
    return dup_with_unit (ns, 0, "ns");
  if (ns < 1e6)
    return dup_with_unit (ns / 1e3, ns < 1e5 ? 1 : 0, "µs");
  if (ns < 1e9)
    return dup_with_unit (ns / 1e6, ns < 1e8 ? 1 : 0, "ms");
  return dup_with_unit (ns / 1e9, ns < 1e10 ? 2 : 1, "s");
}

char *
glow_text_bytes (guint64 bytes)
{
  return g_format_size (bytes);
}

char *
glow_text_weight (guint64 weight, GlowUnit unit, guint8 decimals)
{
  double value = weight / pow (10, decimals);
  g_autofree char *count = NULL;

  if (unit == GLOW_UNIT_NANOSECONDS)
    return glow_text_duration (value);
  if (unit == GLOW_UNIT_BYTES)
    return glow_text_bytes ((guint64) value);
  count = decimals == 0 || value == floor (value) ? glow_text_count ((guint64) value) : g_strdup_printf ("%.*f", decimals, value);
  if (unit == GLOW_UNIT_SAMPLES)
    return g_strdup_printf (ngettext ("%s sample", "%s samples", value == 1 ? 1 : 2), count);
  if (unit == GLOW_UNIT_EVENTS)
    return g_strdup_printf (ngettext ("%s event", "%s events", value == 1 ? 1 : 2), count);
  return g_steal_pointer (&count);
}

/* The names of the events a tree is of. */
static char *
dup_event_names (GlowCallTree *tree)
{
  GlowProfile *profile = glow_call_tree_get_profile (tree);
  GString *names = g_string_new (NULL);
  guint32 n;
  const GlowEvent *events = glow_profile_get_events (profile, &n);

  for (guint32 e = 0; e < n; e++)
    if (glow_call_tree_has_event (tree, e) && events[e].n_samples > 0)
      g_string_append_printf (names, "%s%s", names->len > 0 ? " + " : "", glow_profile_get_string (profile, events[e].name));
  if (names->len == 0 && n > 0)
    g_string_append (names, glow_profile_get_string (profile, events[glow_profile_get_main_event (profile)].name));
  return g_string_free (names, FALSE);
}

/**
 * glow_text_base:
 *
 * Returns: (transfer full): what the percentages of @tree are of
 */
char *
glow_text_base (GlowCallTree *tree)
{
  const GlowBase *base = glow_call_tree_get_base (tree);
  g_autofree char *names = dup_event_names (tree), *samples = glow_text_count (base->samples), *valid = g_utf8_make_valid (names, -1);
  g_autofree char *all = glow_text_count (base->profile_samples), *of = NULL, *weight = NULL;

  of = base->samples != base->profile_samples ? g_strdup_printf (_("%s of %s samples"), samples, all)
                                              : g_strdup_printf (ngettext ("%s sample", "%s samples", base->samples), samples);
  if (strcmp (valid, "samples") != 0 && *valid != '\0')
    {
      char *longer = g_strdup_printf (_("%s of %s"), of, valid);

      g_free (of);
      of = longer;
    }
  if (base->unit == GLOW_UNIT_SAMPLES)
    return g_steal_pointer (&of);
  weight = glow_text_weight (base->weight, base->unit, base->decimals);
  if (glow_query_get_weight_field (glow_call_tree_get_query (tree)) != NULL)
    /* "… of kmem:kmalloc, 1.2 MB of bytes_req" */
    return g_strdup_printf (_("%s, %s of %s"), of, weight, glow_query_get_weight_field (glow_call_tree_get_query (tree)));
  return g_strdup_printf ("%s, %s", of, weight);
}

/**
 * glow_text_evidence:
 *
 * Returns: (transfer full): a share with its interval and what it rests on
 */
char *
glow_text_evidence (GlowCallTree *tree, guint64 weight, guint64 samples)
{
  const GlowBase *base = glow_call_tree_get_base (tree);
  GlowShare share = glow_base_get_share (base, weight);
  GlowInterval interval = { share.low, share.high };
  g_autofree char *part = glow_text_share (share.share), *range = glow_text_interval (&interval);
  g_autofree char *own = glow_text_count (samples), *all = glow_text_count (base->samples), *time = NULL;

  if (base->unit != GLOW_UNIT_NANOSECONDS)
    return g_strdup_printf (_("%s (%s), %s of %s samples"), part, range, own, all);
  time = glow_text_duration ((double) weight);
  return g_strdup_printf (_("%s (%s), %s of %s samples, ≈ %s"), part, range, own, all, time);
}

static void
append_lack (GString *text, GlowStackFlags flag, guint64 weight, guint64 total)
{
  g_autofree char *share = glow_text_share ((double) MIN (weight, total) / total);

  if (weight > 0)
    g_string_append_printf (text, "%s%s (%s)", text->len > 0 ? ", " : "", share, glow_stack_flag_get_label (flag));
}

/**
 * glow_text_tear:
 *
 * Returns: (transfer full) (nullable): what stacks lack next to a node, as shares of the node's weight; %NULL where they are whole
 */
char *
glow_text_tear (GlowCallTree *tree, guint32 node)
{
  const GlowTear *tear = glow_call_tree_get_tear (tree, node);
  guint64 total = glow_call_tree_get_nodes (tree)->total[node];
  g_autoptr(GString) parts = NULL;

  if (tear == NULL || total == 0)
    return NULL;
  parts = g_string_new (NULL);
  append_lack (parts, GLOW_STACK_CUT, tear->cut, total);
  append_lack (parts, GLOW_STACK_LIMIT, tear->limit, total);
  append_lack (parts, GLOW_STACK_BROKEN, tear->broken, total);
  append_lack (parts, GLOW_STACK_SKIPPED, tear->skipped, total);
  return g_strdup_printf (_("Callers missing here: %s"), parts->str);
}
