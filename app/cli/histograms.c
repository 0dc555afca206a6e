/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `latency` of files that hold histograms and no recording: quantiles with the bucket they lie in, which is all that such a file can tell. */
#include "config.h"
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>
#include <afterglow/latency-picture.h>
#include <afterglow/text.h>
#include "cli/prometheus.h"

#define SHOWN 20               /* in a terminal */
#define BARS 24
#define BAR_WIDTH 40

static const double wanted[] = { 0.5, 0.9, 0.99, 0.999, 1 };

/* What is shown as one: a series, or several that are the same in the labels that were asked for. */
typedef struct {
  GPtrArray *series;           /* of GlowHistogramSeries, borrowed */
  char *labels;
  GlowHistogram *sum;
} Group;

static void
group_free (gpointer data)
{
  Group *group = data;

  g_ptr_array_unref (group->series);
  g_clear_pointer (&group->sum, glow_histogram_free);
  g_free (group->labels);
  g_free (group);
}

static char *
dup_group_labels (const GlowHistogramSeries *series, const char *sum_by)
{
  g_auto(GStrv) names = sum_by != NULL ? g_strsplit (sum_by, ",", -1) : NULL;
  g_autoptr(GString) text = g_string_new (NULL);

  if (sum_by == NULL)
    return glow_labels_dup_text (series->labels);
  for (guint i = 0; names[i] != NULL; i++)
    {
      const char *value = glow_labels_get (series->labels, g_strstrip (names[i]));

      if (value != NULL)
        g_string_append_printf (text, "%s%s=\"%s\"", text->len > 0 ? "," : "{", names[i], value);
    }
  if (text->len > 0)
    g_string_append_c (text, '}');
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static GPtrArray *
group_series (const GlowHistograms *histograms, const char *sum_by)
{
  GPtrArray *groups = g_ptr_array_new_with_free_func (group_free);
  g_autoptr(GHashTable) by_key = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < histograms->series->len; i++)
    {
      GlowHistogramSeries *series = g_ptr_array_index (histograms->series, i);
      g_autofree char *labels = dup_group_labels (series, sum_by);
      g_autofree char *key = g_strdup_printf ("%d %s %s %s", (int) series->form, series->unit, series->name, labels);
      Group *group = g_hash_table_lookup (by_key, key);

      if (group == NULL)
        {
          group = g_new0 (Group, 1);
          group->series = g_ptr_array_new ();
          group->labels = g_steal_pointer (&labels);
          g_ptr_array_add (groups, group);
          g_hash_table_insert (by_key, g_steal_pointer (&key), group);
        }
      g_ptr_array_add (group->series, series);
    }
  for (guint i = 0; i < groups->len; i++)
    {
      Group *group = g_ptr_array_index (groups, i);

      group->sum = glow_histogram_new_sum (group->series, GLOW_TIME_UNKNOWN, GLOW_TIME_UNKNOWN);
    }
  return groups;
}

/* ---- text ---- */

static char *
dup_value (const GlowHistogram *histogram, double value)
{
  if (isinf (value))
    return g_strdup (value < 0 ? "−∞" : "+Inf");
  if (histogram->ns_per_unit > 0)
    return value < 0 ? g_strdup_printf ("%g\xe2\x80\x89%s", value, histogram->unit) : glow_text_duration (value * histogram->ns_per_unit);
  return g_strdup_printf (histogram->unit[0] != '\0' ? "%.6g\xe2\x80\x89%s" : "%.6g%s", value, histogram->unit);
}

/* Which octave a bucket ends in: what fine buckets are put together by. */
static int
octave_of (const GlowNativeBucket *bucket)
{
  return bucket->upper <= 0 ? G_MININT : isinf (bucket->upper) ? G_MAXINT : (int) ceil (log2 (bucket->upper) - 1e-9);
}

/* A terminal has few rows: more buckets than it has are shown by octaves, or evenly; JSON has all. (transfer full) (element-type GlowNativeBucket) */
static GArray *
dup_rows (const GArray *buckets)
{
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (GlowNativeBucket));
  guint first = 0, last = buckets->len, step;

  while (first < last && g_array_index (buckets, GlowNativeBucket, first).count <= 0)
    first++;
  while (last > first && g_array_index (buckets, GlowNativeBucket, last - 1).count <= 0)
    last--;
  if (last == first)
    return rows;
  step = last - first <= BARS ? 1
       : octave_of (&g_array_index (buckets, GlowNativeBucket, last - 1)) - (gint64) octave_of (&g_array_index (buckets, GlowNativeBucket, first)) >= 4
       ? 0 : (last - first) / BARS + 1;
  for (guint i = first; i < last; i++)
    {
      const GlowNativeBucket *bucket = &g_array_index (buckets, GlowNativeBucket, i);
      gboolean joins = rows->len > 0 && (step > 0 ? (i - first) % step != 0
                                                  : octave_of (&g_array_index (rows, GlowNativeBucket, rows->len - 1)) == octave_of (bucket));

      if (!joins)
        g_array_append_val (rows, *bucket);
      else
        {
          g_array_index (rows, GlowNativeBucket, rows->len - 1).upper = bucket->upper;
          g_array_index (rows, GlowNativeBucket, rows->len - 1).count += bucket->count;
        }
    }
  return rows;
}

static void
append_bars (GString *text, const GlowHistogram *histogram)
{
  g_autoptr(GArray) rows = dup_rows (histogram->buckets);
  double most = 0;

  for (guint i = 0; i < rows->len; i++)
    most = MAX (most, g_array_index (rows, GlowNativeBucket, i).count);
  for (guint i = 0; i < rows->len; i++)
    {
      const GlowNativeBucket *row = &g_array_index (rows, GlowNativeBucket, i);
      g_autofree char *low = dup_value (histogram, row->lower), *high = dup_value (histogram, row->upper);
      g_autofree char *count = row->count == floor (row->count) && row->count < 1e15 ? glow_text_count ((guint64) row->count) : g_strdup_printf ("%.4g", row->count);

      g_string_append (text, "  ");
      glow_cli_append_padded (text, low, 10, TRUE);
      g_string_append (text, " … ");
      glow_cli_append_padded (text, high, 10, FALSE);
      g_string_append_c (text, ' ');
      glow_cli_append_padded (text, count, 9, TRUE);
      g_string_append (text, "  ");
      glow_cli_append_bar (text, row->count / most, BAR_WIDTH);
      while (text->len > 0 && text->str[text->len - 1] == ' ')
        g_string_truncate (text, text->len - 1);
      g_string_append_c (text, '\n');
    }
}

static void
append_group (GString *text, const Group *group, gboolean is_exponential)
{
  const GlowHistogram *sum = group->sum;
  g_autofree char *count = glow_text_count ((guint64) llround (MIN (sum->count, 9e18)));

  g_string_append_printf (text, _("%s%s: %s observations"), sum->name[0] != '\0' ? sum->name : group->labels[0] != '\0' ? "" : _("all"), group->labels, count);
  if (sum->n_series > 1)
    g_string_append_printf (text, ngettext (" of %u series", " of %u series", sum->n_series), sum->n_series);
  if (sum->form == GLOW_HISTOGRAM_HDR)
    g_string_append_printf (text, _(", taken as %s"), sum->unit);
  if (sum->from != GLOW_TIME_UNKNOWN && sum->to != GLOW_TIME_UNKNOWN)
    {
      g_autoptr(GDateTime) from = g_date_time_new_from_unix_utc (sum->from / 1000000000), to = g_date_time_new_from_unix_utc (sum->to / 1000000000);
      g_autofree char *first = from != NULL ? g_date_time_format (from, "%F %T") : NULL, *last = to != NULL ? g_date_time_format (to, "%T UTC") : NULL;

      if (first != NULL && last != NULL)
        g_string_append_printf (text, ", %s … %s", first, last);
    }
  g_string_append_c (text, '\n');
  if (sum->count <= 0)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    {
      GlowPrometheusQuantile quantile = glow_histogram_get_quantile (sum, wanted[i], is_exponential);
      g_autofree char *label = glow_quantile_dup_label (wanted[i]), *value = dup_value (sum, quantile.value);
      g_autofree char *low = dup_value (sum, quantile.low), *high = dup_value (sum, quantile.high);

      if (isnan (quantile.value))
        continue;
      g_string_append (text, "  ");
      glow_cli_append_padded (text, label, 6, FALSE);
      /* What Prometheus answers there is the bucket's lower bound. */
      if (isinf (quantile.high))
        {
          g_autofree char *above = g_strconcat ("> ", low, NULL);

          glow_cli_append_padded (text, above, 11, TRUE);
        }
      else
        glow_cli_append_padded (text, value, 11, TRUE);
      g_string_append_printf (text, _("  (in a bucket of %s to %s)\n"), low, high);
    }
  append_bars (text, sum);
}

static int
print_text (GPtrArray *groups, const GlowHistograms *histograms)
{
  g_autoptr(GString) text = g_string_new (NULL);
  guint shown = MIN (groups->len, SHOWN);

  for (guint i = 0; i < shown; i++)
    {
      append_group (text, g_ptr_array_index (groups, i), glow_histograms_is_exponential (histograms));
      if (i + 1 < shown)
        g_string_append_c (text, '\n');
    }
  if (shown < groups->len)
    g_string_append_printf (text, ngettext ("\nand %u more histogram; --json has all, --promql NAME chooses, --sum-by LABELS puts together\n",
                                            "\nand %u more histograms; --json has all, --promql NAME chooses, --sum-by LABELS puts together\n", groups->len - shown),
                            groups->len - shown);
  return glow_cli_print (text->str, text->len);
}

/* ---- JSON ---- */

/* In ns where they are durations, else in the histogram's own unit, as the member's name says. */
static void
json_value (JsonBuilder *builder, const GlowHistogram *histogram, const char *word, double value)
{
  g_autofree char *member = g_strconcat (word, histogram->ns_per_unit > 0 ? "_ns" : "", NULL);

  glow_cli_json_number (builder, member, histogram->ns_per_unit > 0 ? value * histogram->ns_per_unit : value);
}

static void
json_exemplars (JsonBuilder *builder, const Group *group)
{
  json_builder_set_member_name (builder, "exemplars");
  json_builder_begin_array (builder);
  for (guint i = 0; i < group->series->len; i++)
    {
      const GlowHistogramSeries *series = g_ptr_array_index (group->series, i);

      for (guint k = 0; k < series->exemplars->len; k++)
        {
          const GlowExemplar *exemplar = g_ptr_array_index (series->exemplars, k);

          json_builder_begin_object (builder);
          glow_cli_json_number (builder, "time_s", exemplar->time != GLOW_TIME_UNKNOWN ? (double) exemplar->time / 1e9 : NAN);
          json_value (builder, group->sum, "value", exemplar->value);
          json_builder_set_member_name (builder, "labels");
          json_builder_begin_object (builder);
          for (guint l = 0; l < exemplar->labels->len; l++)
            glow_cli_json_string (builder, g_array_index (exemplar->labels, GlowLabel, l).name, g_array_index (exemplar->labels, GlowLabel, l).value);
          json_builder_end_object (builder);
          json_builder_end_object (builder);
        }
    }
  json_builder_end_array (builder);
}

static void
json_group (JsonBuilder *builder, const Group *group, gboolean is_exponential)
{
  const GlowHistogram *sum = group->sum;
  const GlowHistogramSeries *first = g_ptr_array_index (group->series, 0);

  json_builder_begin_object (builder);
  glow_cli_json_string (builder, "name", sum->name);
  json_builder_set_member_name (builder, "labels");
  json_builder_begin_object (builder);
  for (guint i = 0; i < first->labels->len && group->series->len == 1; i++)
    glow_cli_json_string (builder, g_array_index (first->labels, GlowLabel, i).name, g_array_index (first->labels, GlowLabel, i).value);
  json_builder_end_object (builder);
  glow_cli_json_string (builder, "form", glow_histogram_form_get_id (sum->form));
  glow_cli_json_string (builder, "unit", sum->unit);
  glow_cli_json_count (builder, "series", group->series->len);
  glow_cli_json_count (builder, "intervals", first->intervals->len);
  glow_cli_json_number (builder, "from_s", sum->from != GLOW_TIME_UNKNOWN ? (double) sum->from / 1e9 : NAN);
  glow_cli_json_number (builder, "to_s", sum->to != GLOW_TIME_UNKNOWN ? (double) sum->to / 1e9 : NAN);
  glow_cli_json_number (builder, "observations", sum->count);
  json_value (builder, sum, "sum", sum->sum);
  json_builder_set_member_name (builder, "buckets");
  json_builder_begin_array (builder);
  for (guint i = 0; i < sum->buckets->len; i++)
    {
      const GlowNativeBucket *bucket = &g_array_index (sum->buckets, GlowNativeBucket, i);

      json_builder_begin_object (builder);
      json_value (builder, sum, "lower", bucket->lower);
      json_value (builder, sum, "upper", bucket->upper);
      glow_cli_json_number (builder, "count", bucket->count);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "quantiles");
  json_builder_begin_array (builder);
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    {
      GlowPrometheusQuantile quantile = glow_histogram_get_quantile (sum, wanted[i], is_exponential);

      json_builder_begin_object (builder);
      glow_cli_json_number (builder, "q", wanted[i]);
      json_value (builder, sum, "value", quantile.value);
      json_value (builder, sum, "low", quantile.low);
      json_value (builder, sum, "high", quantile.high);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_exemplars (builder, group);
  json_builder_end_object (builder);
}

static int
print_json (GPtrArray *groups, const GlowHistograms *histograms, const GlowCliOptions *options)
{
  JsonBuilder *builder = glow_cli_json_begin ("latency", (const char *const *) options->files, options->query, &histograms->warnings, 1);

  json_builder_set_member_name (builder, "kinds");
  json_builder_begin_array (builder);
  json_builder_end_array (builder);
  glow_cli_json_string (builder, "format", histograms->format);
  json_builder_set_member_name (builder, "histograms");
  json_builder_begin_array (builder);
  for (guint i = 0; i < groups->len; i++)
    json_group (builder, g_ptr_array_index (groups, i), glow_histograms_is_exponential (histograms));
  json_builder_end_array (builder);
  return glow_cli_json_end (builder);
}

/* ---- pictures ---- */

static int
draw (const GlowCliHistograms *self, GPtrArray *groups, const GlowHistograms *histograms, const GlowCliOptions *options)
{
  g_autoptr(GlowLatencyPicture) picture = glow_latency_picture_new ();

  for (guint i = 0; i < groups->len; i++)
    {
      const Group *group = g_ptr_array_index (groups, i);
      g_autofree char *name = g_strconcat (group->sum->name, group->labels, NULL);

      if (group->sum->count > 0)
        glow_latency_picture_add_histogram (picture, name, group->sum, glow_histograms_is_exponential (histograms));
    }
  return glow_cli_latency_draw (picture, self->output, self->format, self->title, options->files[0], self->width, self->dark);
}

/* ---- gates ---- */

static int
check_gates (const GlowCliHistograms *self, GPtrArray *groups, gboolean is_exponential)
{
  int status = GLOW_CLI_EXIT_DONE;

  for (guint g = 0; self->gates != NULL && self->gates[g] != NULL; g++)
    for (guint i = 0; i < groups->len; i++)
      {
        const Group *group = g_ptr_array_index (groups, i);
        GlowPrometheusQuantile quantile;
        g_autofree char *low = NULL, *high = NULL;
        gboolean is_less;
        double q, ns, unit = group->sum->ns_per_unit;

        glow_cli_parse_gate (self->gates[g], &q, &is_less, &ns);
        quantile = glow_histogram_get_quantile (group->sum, q, is_exponential);
        /* It holds where the whole bucket does: inside it nothing can be told. */
        if (unit > 0 && (is_less ? quantile.high * unit < ns : quantile.low * unit > ns))
          continue;
        low = dup_value (group->sum, quantile.low);
        high = dup_value (group->sum, quantile.high);
        status = GLOW_CLI_EXIT_GATE;
        if (unit <= 0)
          glow_cli_complain (NULL, _("gate %s does not hold for %s%s: nothing says that its numbers are durations (--unit)"), self->gates[g], group->sum->name, group->labels);
        else if (isnan (quantile.value))
          glow_cli_complain (NULL, _("gate %s does not hold for %s%s: it has no observations"), self->gates[g], group->sum->name, group->labels);
        else if (quantile.low * unit < ns && quantile.high * unit > ns)
          glow_cli_complain (NULL, _("gate %s does not hold for %s%s: it cannot be told, it is in a bucket of %s to %s"), self->gates[g], group->sum->name,
                             group->labels, low, high);
        else
          glow_cli_complain (NULL, _("gate %s does not hold for %s%s: it is in a bucket of %s to %s"), self->gates[g], group->sum->name, group->labels, low, high);
      }
  return status;
}

int
glow_cli_histograms_run (const GlowCliHistograms *self, const GlowCliOptions *options)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GlowHistograms) histograms = glow_histograms_load_paths ((const char *const *) options->files, glow_cli_get_cancellable (), &error);
  g_autoptr(GPtrArray) groups = NULL;
  int status;

  if (histograms == NULL)
    return glow_cli_report (options->files[0], error);
  glow_cli_print_histogram_warnings (options, options->files[0], histograms);
  for (guint i = 0; options->strict && i < glow_warnings_get_n (histograms->warnings); i++)
    if (glow_warning_is_loss (glow_warnings_get (histograms->warnings, i)))
      {
        glow_cli_complain (options->files[0], _("damaged in part (%s); refused because of --strict"), glow_warnings_get (histograms->warnings, i)->code);
        return GLOW_CLI_EXIT_UNREADABLE;
      }
  if (self->prometheus->unit != NULL)
    glow_histograms_set_unit (histograms, self->prometheus->unit);
  if (self->prometheus->promql != NULL && !glow_histograms_select (histograms, self->prometheus->promql, &error))
    return glow_cli_report (NULL, error);
  groups = group_series (histograms, self->prometheus->sum_by);
  status = self->output != NULL ? draw (self, groups, histograms, options)
         : options->json ? print_json (groups, histograms, options) : print_text (groups, histograms);
  return status != GLOW_CLI_EXIT_DONE ? status : check_gates (self, groups, glow_histograms_is_exponential (histograms));
}
