/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Series as readers make them: found by name and labels, filled with snapshots or intervals, and finished. */
#include <config.h>

#include "formats/histograms/histograms-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

const char *
glow_histogram_form_get_id (GlowHistogramForm form)
{
  static const char *const ids[] = { "classic", "native", "hdr", "traced" };

  return ids[form];
}

void
glow_exemplar_free (gpointer data)
{
  GlowExemplar *exemplar = data;

  g_array_unref (exemplar->labels);
  g_free (exemplar);
}

static void
series_free (gpointer data)
{
  GlowHistogramSeries *series = data;

  g_free (series->name);
  g_array_unref (series->labels);
  g_ptr_array_unref (series->intervals);
  g_ptr_array_unref (series->exemplars);
  g_free (series);
}

GlowHistograms *
glow_histograms_ref (GlowHistograms *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
glow_histograms_unref (GlowHistograms *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_free (self->format);
  g_free (self->source);
  g_free (self->server_version);
  g_ptr_array_unref (self->series);
  glow_warnings_unref (self->warnings);
  g_free (self);
}

static void
clear_snapshot (gpointer data)
{
  GlowSnapshot *snapshot = data;

  g_clear_pointer (&snapshot->le, g_array_unref);
  g_clear_pointer (&snapshot->buckets, g_array_unref);
}

static void
draft_series_free (gpointer data)
{
  GlowSeriesDraft *draft = data;

  g_clear_pointer (&draft->series, series_free);
  g_array_unref (draft->snapshots);
  g_clear_pointer (&draft->by_time, g_hash_table_unref);
  g_free (draft);
}

GlowHistogramsDraft *
glow_histograms_draft_new (const char *source)
{
  GlowHistogramsDraft *self = g_new0 (GlowHistogramsDraft, 1);

  self->histograms = g_new0 (GlowHistograms, 1);
  g_atomic_ref_count_init (&self->histograms->ref_count);
  self->histograms->source = g_strdup (source);
  self->histograms->series = g_ptr_array_new_with_free_func (series_free);
  self->histograms->warnings = glow_warnings_new ();
  self->by_key = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->drafts = g_ptr_array_new_with_free_func (draft_series_free);
  self->file_time = GLOW_TIME_UNKNOWN;
  return self;
}

void
glow_histograms_draft_free (GlowHistogramsDraft *self)
{
  g_clear_pointer (&self->histograms, glow_histograms_unref);
  g_hash_table_unref (self->by_key);
  g_ptr_array_unref (self->drafts);
  g_free (self);
}

GlowSeriesDraft *
glow_histograms_draft_series (GlowHistogramsDraft *self, const char *name, const GArray *labels, GlowHistogramForm form)
{
  g_autoptr(GArray) copy = glow_labels_copy (labels);
  g_autofree char *text = NULL, *key = NULL;
  GlowSeriesDraft *draft;

  glow_labels_sort (copy);
  text = glow_labels_dup_text (copy);
  key = g_strdup_printf ("%d %s%s", (int) form, name, text);
  draft = g_hash_table_lookup (self->by_key, key);
  if (draft != NULL)
    return draft;
  draft = g_new0 (GlowSeriesDraft, 1);
  draft->series = g_new0 (GlowHistogramSeries, 1);
  draft->series->name = g_strdup (name);
  draft->series->labels = g_steal_pointer (&copy);
  draft->series->form = form;
  draft->series->intervals = g_ptr_array_new_with_free_func (glow_interval_free_histogram);
  draft->series->exemplars = g_ptr_array_new_with_free_func (glow_exemplar_free);
  glow_unit_from_name (name, &draft->series->unit, &draft->series->ns_per_unit);
  draft->snapshots = g_array_new (FALSE, TRUE, sizeof (GlowSnapshot));
  g_array_set_clear_func (draft->snapshots, clear_snapshot);
  draft->created = GLOW_TIME_UNKNOWN;
  draft->scale = 1;
  g_ptr_array_add (self->drafts, draft);
  g_hash_table_insert (self->by_key, g_steal_pointer (&key), draft);
  return draft;
}

GlowSnapshot *
glow_series_draft_at (GlowSeriesDraft *self, gint64 time)
{
  GlowSnapshot snapshot = { .time = time, .count = NAN, .sum = NAN };
  gpointer found;

  /* Most pages have one time, and few series are worth a table. */
  if (self->by_time == NULL)
    for (guint i = self->snapshots->len; i-- > 0;)
      if (g_array_index (self->snapshots, GlowSnapshot, i).time == time)
        return &g_array_index (self->snapshots, GlowSnapshot, i);
  if (self->by_time != NULL && g_hash_table_lookup_extended (self->by_time, &time, NULL, &found))
    return &g_array_index (self->snapshots, GlowSnapshot, GPOINTER_TO_UINT (found));
  if (self->by_time == NULL && self->snapshots->len == 8)
    {
      self->by_time = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
      for (guint i = 0; i < self->snapshots->len; i++)
        g_hash_table_insert (self->by_time, g_memdup2 (&g_array_index (self->snapshots, GlowSnapshot, i).time, sizeof time), GUINT_TO_POINTER (i));
    }
  if (self->by_time != NULL)
    g_hash_table_insert (self->by_time, g_memdup2 (&time, sizeof time), GUINT_TO_POINTER (self->snapshots->len));
  g_array_append_val (self->snapshots, snapshot);
  return &g_array_index (self->snapshots, GlowSnapshot, self->snapshots->len - 1);
}

void
glow_series_draft_exemplar (GlowSeriesDraft *self, gint64 time, double value, GArray *labels)
{
  GlowExemplar *exemplar = g_new0 (GlowExemplar, 1);

  exemplar->time = time;
  exemplar->value = value;
  exemplar->labels = labels;
  g_ptr_array_add (self->series->exemplars, exemplar);
}

static int
compare_exemplars (gconstpointer a, gconstpointer b)
{
  gint64 left = (*(const GlowExemplar *const *) a)->time, right = (*(const GlowExemplar *const *) b)->time;

  return left < right ? -1 : left > right;
}

GlowHistograms *
glow_histograms_draft_finish (GlowHistogramsDraft *self, GError **error)
{
  GlowHistograms *histograms = NULL;

  for (guint i = 0; i < self->drafts->len; i++)
    {
      GlowSeriesDraft *draft = g_ptr_array_index (self->drafts, i);

      if (draft->snapshots->len > 0)
        glow_series_draft_make_intervals (draft, self->histograms->warnings);
      g_ptr_array_sort (draft->series->exemplars, compare_exemplars);
      if (draft->series->intervals->len > 0)
        g_ptr_array_add (self->histograms->series, g_steal_pointer (&draft->series));
    }
  if (self->histograms->series->len > 0)
    histograms = g_steal_pointer (&self->histograms);
  else if (glow_warnings_get_n (self->histograms->warnings) > 0)
    g_set_error (error, GLOW_ERROR, GLOW_ERROR_DAMAGED, _("“%s” has no histogram that can be read: %s"), self->histograms->source,
                 glow_warnings_get (self->histograms->warnings, 0)->message);
  else
    g_set_error (error, GLOW_ERROR, GLOW_ERROR_EMPTY, _("“%s” has no histograms in it"), self->histograms->source);
  glow_histograms_draft_free (self);
  return histograms;
}

gboolean
glow_histograms_set_unit (GlowHistograms *self, const char *word)
{
  const char *unit;
  double ns_per_unit;

  if (!glow_unit_parse (word, &unit, &ns_per_unit) || ns_per_unit == 0)
    return FALSE;
  for (guint i = 0; i < self->series->len; i++)
    {
      GlowHistogramSeries *series = g_ptr_array_index (self->series, i);

      series->unit = unit;
      series->ns_per_unit = ns_per_unit;
    }
  return TRUE;
}

GPtrArray *
glow_histograms_list_names (const GlowHistograms *self)
{
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < self->series->len; i++)
    {
      char *name = ((GlowHistogramSeries *) g_ptr_array_index (self->series, i))->name;

      if (!g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
        g_ptr_array_add (names, name);
    }
  return names;
}

gboolean
glow_histograms_is_exponential (const GlowHistograms *self)
{
  return self->server_version == NULL || g_ascii_strtoull (self->server_version, NULL, 10) >= 3;
}
