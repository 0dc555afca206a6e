/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can be compared within one document: a selected time with the rest, one of two selected threads, containers or processors with the other, a
 * thread with the others. */
#include <config.h>

#include "ui/comparison-offers.h"

#include <afterglow/baseline.h>
#include <glib/gi18n.h>
#include <string.h>

#define MAX_OTHERS 400         /* terms that stand for the rest */

static void
offer_free (gpointer data)
{
  GlowComparisonOffer *offer = data;

  g_free (offer->label);
  glow_query_unref (offer->before);
  glow_query_unref (offer->after);
  g_free (offer);
}

/* Takes the label and both queries, where there are both. */
static void
add (GPtrArray *offers, char *label, GlowQuery *before, GlowQuery *after)
{
  GlowComparisonOffer *offer = g_new0 (GlowComparisonOffer, 1);

  *offer = (GlowComparisonOffer) { label, before, after };
  if (before != NULL && after != NULL)
    {
      g_ptr_array_add (offers, offer);
      return;
    }
  g_clear_pointer (&offer->before, glow_query_unref);
  g_clear_pointer (&offer->after, glow_query_unref);
  g_free (offer->label);
  g_free (offer);
}

/* @query with these values of @field, and no other. (transfer full) (nullable) */
static GlowQuery *
with_values (const GlowQuery *query, GlowQueryField field, const GPtrArray *values)
{
  GlowQuery *result = glow_query_without (query, field, NULL);

  for (guint i = 0; result != NULL && i < values->len; i++)
    {
      GlowQuery *more = glow_query_with (result, field, g_ptr_array_index (values, i), NULL);

      glow_query_unref (result);
      result = more;
    }
  return result;
}

/* ---- time ---- */

static int
by_start (gconstpointer a, gconstpointer b)
{
  const guint64 *x = a, *y = b;

  return x[0] < y[0] ? -1 : x[0] > y[0];
}

static void
append_time (GPtrArray *values, guint64 from, guint64 to, guint64 start)
{
  char low[G_ASCII_DTOSTR_BUF_SIZE] = "", high[G_ASCII_DTOSTR_BUF_SIZE] = "";

  if (from >= to)
    return;
  if (from > start)
    g_ascii_formatd (low, sizeof low, "%.9f", (from - start) / 1e9);
  if (to != G_MAXUINT64)
    g_ascii_formatd (high, sizeof high, "%.9f", (to - MIN (start, to)) / 1e9);
  g_ptr_array_add (values, g_strdup_printf ("%s,%s", low, high));
}

/* What lies between the selected times. (transfer full) (nullable) */
static GlowQuery *
other_times (const GlowQuery *query, GlowProfile *profile)
{
  g_autoptr(GArray) ranges = NULL, pairs = NULL;
  g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func (g_free);
  guint64 start = glow_profile_get_start (profile), at = start;

  if (!glow_query_dup_time_ranges (query, profile, &ranges, NULL) || ranges == NULL)
    return NULL;
  pairs = g_array_new (FALSE, FALSE, 2 * sizeof (guint64));
  g_array_append_vals (pairs, ranges->data, ranges->len / 2);
  g_array_sort (pairs, by_start);
  for (guint i = 0; i < pairs->len; i++)
    {
      const guint64 *range = (const guint64 *) pairs->data + 2 * i;

      append_time (values, at, MIN (range[0], G_MAXUINT64 - 1), start);
      at = MAX (at, range[1]);
    }
  append_time (values, at, G_MAXUINT64, start);
  return values->len > 0 ? with_values (query, GLOW_QUERY_TIME, values) : NULL;
}

static gboolean
has_field (const GlowQuery *query, GlowQueryField field)
{
  return glow_query_has_term (query, field, NULL);
}

/* The baseline of the time strip, and what is selected, or everything else. */
static void
offer_baseline (GPtrArray *offers, const GlowQuery *query, GlowProfile *profile)
{
  GlowQuery *before = glow_query_dup_baseline (query);
  g_autoptr(GlowQuery) plain = glow_query_without (query, GLOW_QUERY_BASELINE_TIME, NULL);

  if (before == NULL)
    return;
  if (has_field (query, GLOW_QUERY_TIME))
    add (offers, g_strdup (_("The selected time against the baseline")), before, glow_query_ref (plain));
  else
    add (offers, g_strdup (_("Everything else against the baseline")), before, other_times (before, profile));
}

static void
offer_times (GPtrArray *offers, const GlowQuery *query, GlowProfile *profile)
{
  if (has_field (query, GLOW_QUERY_TIME))
    add (offers, g_strdup (_("The selected time against the rest")), other_times (query, profile), glow_query_without (query, GLOW_QUERY_BASELINE_TIME, NULL));
}

/* ---- threads, processes, processors, containers ---- */

/* Values of @field that occur in the profile, but for @value. (transfer full) (nullable): NULL where they are not known, or too many */
static GPtrArray *
dup_others (GlowProfile *profile, GlowQueryField field, const char *value)
{
  g_autoptr(GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GPtrArray *others = g_ptr_array_new_with_free_func (g_free);
  guint32 n;
  const GlowThread *threads = glow_profile_get_threads (profile, &n);
  guint cpus = glow_profile_get_info (profile)->n_cpus_online;

  if (field == GLOW_QUERY_CPU)
    for (guint cpu = 0; cpu < cpus && cpus <= MAX_OTHERS && strspn (value, "0123456789") == strlen (value); cpu++)
      if (cpu != (guint) g_ascii_strtoull (value, NULL, 10))
        g_ptr_array_add (others, g_strdup_printf ("%u", cpu));
  for (guint32 i = 0; i < n && field != GLOW_QUERY_CPU && others->len <= MAX_OTHERS; i++)
    {
      g_autofree char *own = field == GLOW_QUERY_COMM ? g_strdup (glow_profile_get_string (profile, threads[i].comm))
                                                      : g_strdup_printf ("%d", field == GLOW_QUERY_TID ? threads[i].tid : threads[i].pid);

      /* Names with signs of a pattern in them would mean more than themselves. */
      if (strcmp (own, value) == 0 || *own == '\0' || (field == GLOW_QUERY_COMM && strpbrk (own, "*?[\\") != NULL) || g_hash_table_contains (seen, own))
        continue;
      g_ptr_array_add (others, g_strdup (own));
      g_hash_table_add (seen, g_steal_pointer (&own));
    }
  if (others->len > 0 && others->len <= MAX_OTHERS && (field != GLOW_QUERY_COMM || strpbrk (value, "*?[\\") == NULL))
    return others;
  g_ptr_array_unref (others);
  return NULL;
}

static void
offer_values (GPtrArray *offers, const GlowQuery *query, GlowProfile *profile, GlowQueryField field)
{
  const char *values[2] = { NULL, NULL };
  guint chips[2] = { 0, 0 }, n = 0;
  g_autofree char *first = NULL, *second = NULL;

  for (guint i = 0; i < glow_query_get_n_terms (query); i++)
    {
      GlowQueryField own;
      const char *value = glow_query_get_term (query, i, &own);

      if (own != field)
        continue;
      if (n < 2)
        {
          values[n] = value;
          chips[n] = i;
        }
      n++;
    }
  if (n == 0 || n > 2)
    return;
  first = glow_query_dup_chip (query, chips[0]);
  if (n == 2)
    {
      second = glow_query_dup_chip (query, chips[1]);
      add (offers, g_strdup_printf (_("%s against %s"), second, first), glow_query_with_only (query, field, values[0], NULL),
           glow_query_with_only (query, field, values[1], NULL));
    }
  else if (field != GLOW_QUERY_CGROUP)
    {
      g_autoptr(GPtrArray) others = dup_others (profile, field, values[0]);

      if (others != NULL)
        add (offers, g_strdup_printf (_("%s against all others"), first), with_values (query, field, others), glow_query_ref ((GlowQuery *) query));
    }
}

GPtrArray *
glow_comparison_dup_offers (GlowDocument *document)
{
  static const GlowQueryField fields[] = { GLOW_QUERY_COMM, GLOW_QUERY_PID, GLOW_QUERY_TID, GLOW_QUERY_CPU, GLOW_QUERY_CGROUP };
  GPtrArray *offers = g_ptr_array_new_with_free_func (offer_free);
  GlowProfile *profile = glow_document_get_profile (document);
  const GlowQuery *query = glow_document_get_query (document);

  if (profile == NULL)
    return offers;
  offer_baseline (offers, query, profile);
  offer_times (offers, query, profile);
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    offer_values (offers, query, profile, fields[i]);
  return offers;
}
