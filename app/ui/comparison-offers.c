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

/* The query's own values of @field. (element-type const char *) (transfer container) */
static GPtrArray *
list_values (const GlowQuery *query, GlowQueryField field)
{
  GPtrArray *values = g_ptr_array_new ();

  for (guint i = 0; i < glow_query_get_n_terms (query); i++)
    {
      GlowQueryField own;
      const char *value = glow_query_get_term (query, i, &own);

      if (own == field)
        g_ptr_array_add (values, (gpointer) value);
    }
  return values;
}

static gboolean
is_chosen (const GPtrArray *values, GlowQueryField field, const char *own)
{
  for (guint i = 0; i < values->len; i++)
    if (field == GLOW_QUERY_COMM || field == GLOW_QUERY_CGROUP ? g_pattern_match_simple (g_ptr_array_index (values, i), own)
                                                                : strcmp (g_ptr_array_index (values, i), own) == 0)
      return TRUE;
  return FALSE;
}

/* What a thread is called in a term of @field; NULL where that is not known, or it is chosen. (transfer full) */
static char *
dup_other (GlowProfile *profile, const GlowThread *thread, GlowQueryField field, const GPtrArray *chosen)
{
  g_autofree char *own = NULL;

  if (field == GLOW_QUERY_CGROUP && (thread->cgroup_name == 0 || is_chosen (chosen, field, glow_profile_get_string (profile, thread->cgroup))))
    return NULL;
  own = field == GLOW_QUERY_COMM     ? g_strdup (glow_profile_get_string (profile, thread->comm))
        : field == GLOW_QUERY_CGROUP ? g_strdup (glow_profile_get_string (profile, thread->cgroup_name))
                                     : g_strdup_printf ("%d", field == GLOW_QUERY_TID ? thread->tid : thread->pid);
  if (*own == '\0' || is_chosen (chosen, field, own))
    return NULL;
  if (field == GLOW_QUERY_COMM || field == GLOW_QUERY_CGROUP)
    return glow_query_escape_glob (own);
  return g_steal_pointer (&own);
}

/* Values of @field that occur in the profile, but for @chosen ones. (transfer full) (nullable): NULL where they are not known, or too many */
static GPtrArray *
dup_others (GlowProfile *profile, GlowQueryField field, const GPtrArray *chosen)
{
  g_autoptr(GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *others = g_ptr_array_new_with_free_func (g_free);
  guint32 n;
  const GlowThread *threads = glow_profile_get_threads (profile, &n);
  guint cpus = field == GLOW_QUERY_CPU ? glow_profile_get_info (profile)->n_cpus_online : 0;
  gboolean are_numbers = TRUE;

  for (guint i = 0; i < chosen->len; i++)
    are_numbers &= strspn (g_ptr_array_index (chosen, i), "0123456789") == strlen (g_ptr_array_index (chosen, i));
  for (guint cpu = 0; cpu < cpus && cpus <= MAX_OTHERS && are_numbers; cpu++)
    {
      g_autofree char *own = g_strdup_printf ("%u", cpu);

      if (!is_chosen (chosen, field, own))
        g_ptr_array_add (others, g_steal_pointer (&own));
    }
  for (guint32 i = 0; i < n && field != GLOW_QUERY_CPU && others->len <= MAX_OTHERS; i++)
    {
      g_autofree char *own = dup_other (profile, &threads[i], field, chosen);

      if (own == NULL || g_hash_table_contains (seen, own))
        continue;
      g_hash_table_add (seen, own);
      g_ptr_array_add (others, g_steal_pointer (&own));
    }
  if (others->len > 0 && others->len <= MAX_OTHERS)
    return others;
  g_ptr_array_unref (others);
  return NULL;
}

/* "comm a and 2 more" (transfer full) */
static char *
dup_chosen_label (const GlowQuery *query, GlowQueryField field, guint n)
{
  for (guint i = 0; i < glow_query_get_n_terms (query); i++)
    {
      GlowQueryField own;

      glow_query_get_term (query, i, &own);
      if (own == field)
        {
          g_autofree char *chip = glow_query_dup_chip (query, i);

          return n > 1 ? g_strdup_printf (ngettext ("%s and %u more", "%s and %u more", n - 1), chip, n - 1) : g_steal_pointer (&chip);
        }
    }
  return g_strdup ("");
}

/* Of two the one against the other; of any number, all of them against the rest. */
static void
offer_values (GPtrArray *offers, const GlowQuery *query, GlowProfile *profile, GlowQueryField field)
{
  g_autoptr(GPtrArray) values = list_values (query, field), others = NULL;
  g_autofree char *chosen = NULL;

  if (values->len == 0)
    return;
  if (values->len == 2)
    {
      GlowQuery *one = glow_query_with_only (query, field, g_ptr_array_index (values, 0), NULL), *two = glow_query_with_only (query, field, g_ptr_array_index (values, 1), NULL);
      g_autofree char *first = one != NULL ? dup_chosen_label (one, field, 1) : NULL, *second = two != NULL ? dup_chosen_label (two, field, 1) : NULL;

      add (offers, g_strdup_printf (_("%s against %s"), second, first), one, two);
    }
  others = dup_others (profile, field, values);
  if (others == NULL)
    return;
  chosen = dup_chosen_label (query, field, values->len);
  add (offers, field == GLOW_QUERY_CGROUP ? g_strdup_printf (_("%s against all other containers"), chosen) : g_strdup_printf (_("%s against all others"), chosen),
       with_values (query, field, others), glow_query_ref ((GlowQuery *) query));
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
