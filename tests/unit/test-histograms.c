/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Histograms of others: each file of tests/unit/histograms against what stands beside it, cut off and damaged everywhere; HdrHistogram's own answers (Java,
 * 2.1.11); what is between counters; sums; selectors; beside spans. GLOW_UPDATE_HISTOGRAMS=1 writes what is expected anew. */
#include <afterglow/afterglow.h>
#include <glib/gstdio.h>
#include "near.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static char *folder;

static void
append_time (GString *text, gint64 time)
{
  if (time == GLOW_TIME_UNKNOWN)
    g_string_append (text, " ?");
  else
    g_string_append_printf (text, " %.3f", (double) time / 1e9);
}

/* Times of files are the machine's: the caller says which one it is. */
static char *
dump (GlowHistograms *histograms, gint64 file_time)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "format %s\n", histograms->format);
  for (guint i = 0; i < histograms->series->len; i++)
    {
      const GlowHistogramSeries *series = g_ptr_array_index (histograms->series, i);
      g_autofree char *labels = glow_labels_dup_text (series->labels);

      g_string_append_printf (text, "series %s %s %s unit \"%s\" ns %g resets %u\n", series->name, labels, glow_histogram_form_get_id (series->form), series->unit,
                              series->ns_per_unit, series->n_resets);
      for (guint k = 0; k < series->intervals->len; k++)
        {
          const GlowHistogramInterval *interval = g_ptr_array_index (series->intervals, k);

          append_time (text, interval->from);
          if (interval->to == file_time)
            g_string_append (text, " file");
          else
            append_time (text, interval->to);
          g_string_append_printf (text, " count %g sum %g:", interval->count, interval->sum);
          for (guint b = 0; b < interval->buckets->len && b < 40; b++)
            {
              const GlowNativeBucket *bucket = &g_array_index (interval->buckets, GlowNativeBucket, b);

              g_string_append_printf (text, " %.8g..%.8g=%g", bucket->lower, bucket->upper, bucket->count);
            }
          g_string_append (text, interval->buckets->len > 40 ? " …\n" : "\n");
        }
      for (guint k = 0; k < series->exemplars->len; k++)
        {
          const GlowExemplar *exemplar = g_ptr_array_index (series->exemplars, k);
          g_autofree char *of = glow_labels_dup_text (exemplar->labels);

          g_string_append (text, " exemplar");
          append_time (text, exemplar->time);
          g_string_append_printf (text, " %g %s\n", exemplar->value, of);
        }
    }
  for (guint i = 0; i < glow_warnings_get_n (histograms->warnings); i++)
    {
      const GlowWarning *warning = glow_warnings_get (histograms->warnings, i);

      g_string_append_printf (text, "warning %s %" G_GUINT64_FORMAT " at %" G_GUINT64_FORMAT ": %s\n", warning->code, warning->count, warning->first_at, warning->message);
    }
  return g_string_free (text, FALSE);
}

static GlowHistograms *
load (const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr(GError) error = NULL;
  GlowHistograms *histograms = glow_histograms_load_paths ((const char *[]) { path, NULL }, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (glow_histograms_is_file (path));
  return histograms;
}

static void
test_file (gconstpointer data)
{
  const char *name = data;
  g_autofree char *path = g_build_filename (folder, name, NULL), *expected_path = g_strconcat (path, ".expected", NULL), *expected = NULL, *got = NULL;
  g_autoptr(GlowHistograms) histograms = load (name);
  GStatBuf status;

  g_assert_cmpint (g_stat (path, &status), ==, 0);
  got = dump (histograms, (gint64) status.st_mtim.tv_sec * 1000000000 + status.st_mtim.tv_nsec);
  if (g_getenv ("GLOW_UPDATE_HISTOGRAMS") != NULL)
    g_file_set_contents (expected_path, got, -1, NULL);
  g_assert_true (g_file_get_contents (expected_path, &expected, NULL, NULL));
  g_assert_cmpstr (got, ==, expected);
}

/* Cut off at every few bytes, and with a byte changed at every few: read or refused, never more. */
static void
test_damaged (gconstpointer data)
{
  g_autofree char *path = g_build_filename (folder, (const char *) data, NULL), *text = NULL;
  gsize n, step;
  guint read = 0;

  g_assert_true (g_file_get_contents (path, &text, &n, NULL));
  step = MAX (n / 120, 1);
  for (gsize i = 0; i < n; i += step)
    for (guint way = 0; way < 3; way++)
      {
        g_autofree char *copy = g_memdup2 (text, n);
        g_autoptr(GBytes) bytes = NULL;
        g_autoptr(GlowHistograms) histograms = NULL;
        g_autoptr(GError) error = NULL;

        if (way > 0)
          copy[i] = way == 1 ? (char) (copy[i] ^ 0x10) : '"';
        bytes = g_bytes_new (copy, way == 0 ? MAX (i, 1) : n);
        histograms = glow_histograms_load_bytes (bytes, "twin", NULL, &error);
        g_assert_true ((histograms != NULL) != (error != NULL));
        read += histograms != NULL;
      }
  g_assert_cmpuint (read, >, 0);
}

static void
test_refused (void)
{
  static const struct { const char *text, *piece; GlowError code; } cases[] = {
    { "a;b;c 5\n", "is no histogram", GLOW_ERROR_NOT_RECOGNISED },
    { "# TYPE a counter\na_total 5\n# EOF\n", "has no histograms", GLOW_ERROR_EMPTY },
    { "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"oh no\",\"data\":0}", "bad_data: oh no", GLOW_ERROR_FAILED },
    { "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\"}}", "data.result", GLOW_ERROR_DAMAGED },
    { "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[", "cut off", GLOW_ERROR_DAMAGED },
    { "0.1,1.0,2.0,HISTFAAAAEV42pNpmSzMwMCg\n", "compressed bytes are damaged", GLOW_ERROR_DAMAGED },
    { "0.1,1.0,2.0,HIST\n", "shorter than its head", GLOW_ERROR_DAMAGED },
  };
  g_autoptr(GString) deep = g_string_new ("{\"status\":\"success\",\"data\":{\"resultType\":");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GBytes) bytes = g_bytes_new_static (cases[i].text, strlen (cases[i].text));
      g_autoptr(GError) error = NULL;

      g_assert_null (glow_histograms_load_bytes (bytes, "case", NULL, &error));
      g_assert_error (error, GLOW_ERROR, (int) cases[i].code);
      g_assert_nonnull (strstr (error->message, cases[i].piece));
    }
  /* A reader that calls itself for each level would run out of stack. */
  for (guint i = 0; i < 1000000; i++)
    g_string_append_c (deep, '[');
  {
    g_autoptr(GBytes) bytes = g_bytes_new_static (deep->str, deep->len);
    g_autoptr(GError) error = NULL;

    g_assert_null (glow_histograms_load_bytes (bytes, "deep", NULL, &error));
    g_assert_error (error, GLOW_ERROR, GLOW_ERROR_DAMAGED);
  }
}

/* Java's answer is the highest value of the bucket that the quantile is in. */
static void
test_hdr (void)
{
  g_autofree char *path = g_build_filename (folder, "hdr-truth.tsv", NULL), *text = NULL;
  g_auto(GStrv) lines = NULL;
  guint checked = 0;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++)
    {
      g_auto(GStrv) cells = g_strsplit (lines[i], "\t", 3), names = g_strsplit (cells[0], " ", 2);
      g_autofree char *file = g_strconcat (names[0], ".hlog", NULL);
      g_autoptr(GlowHistograms) histograms = load (file);
      double truth = g_ascii_strtod (cells[2], NULL);

      for (guint s = 0; s < histograms->series->len; s++)
        {
          GlowHistogramSeries *series = g_ptr_array_index (histograms->series, s);
          g_autoptr(GPtrArray) one = g_ptr_array_new ();
          g_autoptr(GlowHistogram) sum = NULL;
          GlowPrometheusQuantile quantile;

          if (g_strcmp0 (glow_labels_get (series->labels, "tag"), names[1]) != 0)
            continue;
          g_ptr_array_add (one, series);
          sum = glow_histogram_new_sum (one, GLOW_TIME_UNKNOWN, GLOW_TIME_UNKNOWN);
          checked++;
          if (strcmp (cells[1], "count") == 0)
            {
              g_assert_cmpfloat (sum->count, ==, truth);
              continue;
            }
          /* 0.999 of 6,000 is 5,994: not a hair more, as the product of doubles has it. */
          quantile = glow_histogram_get_quantile (sum, g_ascii_strtod (cells[1] + 1, NULL) / 100 * (1 - 1e-12), TRUE);
          if (strcmp (names[1] != NULL ? names[1] : "", "double") == 0)
            assert_close (quantile.high, truth, 1e-5);
          else
            g_assert_cmpfloat (quantile.high - 1, ==, truth);
        }
    }
  g_assert_cmpuint (checked, >=, 48);
}

static GlowHistograms *
read_text (const char *text)
{
  g_autoptr(GBytes) bytes = g_bytes_new_static (text, strlen (text));
  g_autoptr(GError) error = NULL;
  GlowHistograms *histograms = glow_histograms_load_bytes (bytes, "text", NULL, &error);

  g_assert_no_error (error);
  return histograms;
}

static void
test_select (void)
{
  static const struct { const char *selector; int n; } cases[] = {
    { "rpc_duration_seconds", 2 }, { "rpc_duration_seconds_bucket", 2 }, { "rpc_duration_seconds{code=\"500\"}", 1 }, { "{code=~\"2..\"}", 1 },
    { "{__name__=~\".*seconds\", code!=\"200\"}", 2 }, { "queue_milliseconds{}", 1 }, { "{code!~\"2.*|5.*\"}", 1 }, { "nothing", 0 },
    { "rpc_duration_seconds{code=\"404\"}", 0 }, { "sum(x)", -1 }, { "x{", -1 }, { "x{a}", -1 }, { "", -1 }, { "{}", -1 }, { "x{a=~\"(\"}", -1 }, { "1x", -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GlowHistograms) histograms = load ("classic.om");
      g_autoptr(GError) error = NULL;
      gboolean selected = glow_histograms_select (histograms, cases[i].selector, &error);

      g_assert_cmpint (glow_prometheus_is_selector (cases[i].selector), ==, cases[i].n >= 0);
      g_assert_cmpint (selected, ==, cases[i].n > 0);
      if (selected)
        g_assert_cmpuint (histograms->series->len, ==, (guint) cases[i].n);
      else
        g_assert_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION);
    }
}

static void
test_sum (void)
{
  g_autoptr(GlowHistograms) histograms = load ("classic.om");
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) series = NULL;
  g_autoptr(GlowHistogram) all = NULL, part = NULL, none = NULL;
  GlowPrometheusQuantile quantile;

  /* Two names of durations: which one must be said. */
  g_assert_null (glow_histograms_choose (histograms, &error));
  g_assert_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION);
  g_assert_true (glow_histograms_select (histograms, "rpc_duration_seconds", NULL));
  series = glow_histograms_choose (histograms, NULL);
  g_assert_cmpuint (series->len, ==, 2);
  all = glow_histogram_new_sum (series, GLOW_TIME_UNKNOWN, GLOW_TIME_UNKNOWN);
  g_assert_cmpfloat (all->count, ==, 100 + 30 + 5 + 3);
  g_assert_cmpuint (all->buckets->len, ==, 3);
  /* From 900 s (_created) to 1000, 1015.5 and 1030; the second label set has no beginning. */
  part = glow_histogram_new_sum (series, G_GINT64_CONSTANT (1005000000000), G_GINT64_CONSTANT (1010000000000));
  g_assert_cmpfloat (part->count, ==, 30);
  g_assert_cmpint (part->from, ==, G_GINT64_CONSTANT (1000000000000));
  g_assert_cmpint (part->to, ==, G_GINT64_CONSTANT (1015500000000));
  /* 2, 8 and 20: the median is in the last. */
  quantile = glow_histogram_get_quantile (part, 0.5, TRUE);
  g_assert_cmpfloat (quantile.value, ==, 0.01);
  g_assert_true (isinf (quantile.high));
  quantile = glow_histogram_get_quantile (part, 0.2, TRUE);
  assert_close (quantile.value, 0.005 + 0.005 * 4 / 8, 1e-12);
  none = glow_histogram_new_sum (series, G_GINT64_CONSTANT (2000000000000), GLOW_TIME_UNKNOWN);
  g_assert_cmpfloat (none->count, ==, 0);
  g_assert_true (isnan (glow_histogram_get_quantile (none, 0.5, TRUE).value));
}

/* Buckets that overlap have no edge in common inside: they are one. */
static void
test_layouts (void)
{
  g_autoptr(GlowHistograms) histograms = read_text ("# TYPE a_seconds histogram\n"
                                                    "a_seconds_bucket{h=\"1\",le=\"1\"} 1\na_seconds_bucket{h=\"1\",le=\"3\"} 3\na_seconds_bucket{h=\"1\",le=\"+Inf\"} 6\n"
                                                    "a_seconds_bucket{h=\"2\",le=\"1\"} 1\na_seconds_bucket{h=\"2\",le=\"2\"} 2\na_seconds_bucket{h=\"2\",le=\"4\"} 4\n"
                                                    "a_seconds_bucket{h=\"2\",le=\"+Inf\"} 4\n");
  g_autoptr(GPtrArray) series = glow_histograms_choose (histograms, NULL);
  g_autoptr(GlowHistogram) sum = glow_histogram_new_sum (series, GLOW_TIME_UNKNOWN, GLOW_TIME_UNKNOWN);

  g_assert_cmpuint (sum->buckets->len, ==, 2);
  g_assert_cmpfloat (g_array_index (sum->buckets, GlowNativeBucket, 0).upper, ==, 1);
  g_assert_cmpfloat (g_array_index (sum->buckets, GlowNativeBucket, 0).count, ==, 2);
  g_assert_cmpfloat (g_array_index (sum->buckets, GlowNativeBucket, 1).count, ==, 8);
  g_assert_true (isinf (g_array_index (sum->buckets, GlowNativeBucket, 1).upper));
}

static void
test_map (void)
{
  g_autoptr(GlowHistograms) histograms = load ("classic.om");
  g_autoptr(GPtrArray) series = NULL;
  g_autoptr(GlowLatencyMap) map = NULL;
  gint64 offset = G_GINT64_CONSTANT (950000000000);

  g_assert_true (glow_histograms_select (histograms, "rpc_duration_seconds", NULL));
  series = glow_histograms_choose (histograms, NULL);
  map = glow_histograms_compute_map (series, offset);
  g_assert_nonnull (map);
  g_assert_cmpuint (map->n_columns, ==, 3);
  /* What began before the recording's clock begins with it. */
  g_assert_cmpuint (map->time[0], ==, 0);
  g_assert_cmpuint (map->time[1], ==, G_GUINT64_CONSTANT (50000000000));
  g_assert_cmpuint (map->n_rows, ==, 3);
  g_assert_cmpuint (map->bound[1], ==, 5000000);
  g_assert_cmpuint (map->bound[3], ==, GLOW_BUCKETS_INFINITE);
  g_assert_cmpfloat (glow_latency_map_get (map, 1, 0), ==, 2);
  g_assert_cmpfloat (glow_latency_map_get (map, 1, 1), ==, 8);
  g_assert_cmpfloat (glow_latency_map_get (map, 1, 2), ==, 20);
  g_assert_cmpfloat (glow_latency_map_get (map, 2, 2), ==, 3);
}

/* Spans and a service's counts of the same durations: alike, and in the same buckets. */
static void
test_compare (void)
{
  static const guint64 sorted[] = { 1000, 2000, 5000000, 5000001, 9000000, 20000000 };
  GlowSpanChoice choice = { .n_base = G_N_ELEMENTS (sorted), .sorted = (guint64 *) sorted };
  GlowLatency latency = { .choice = &choice };
  g_autoptr(GlowHistograms) histograms = read_text ("# TYPE a_seconds histogram\na_seconds_bucket{le=\"0.005\"} 30\na_seconds_bucket{le=\"0.01\"} 50\n"
                                                    "a_seconds_bucket{le=\"+Inf\"} 60\n");
  g_autoptr(GPtrArray) series = glow_histograms_choose (histograms, NULL);
  g_autoptr(GlowHistogramComparison) comparison = NULL;
  static const double wanted[] = { 0.5, 0.9, 0.99, 0.999, 1 };

  for (guint i = 0; i < GLOW_LATENCY_QUANTILES; i++)
    latency.quantiles[i] = glow_quantile_compute (sorted, G_N_ELEMENTS (sorted), wanted[i], 0.95);
  comparison = glow_histogram_comparison_new (&latency, glow_histogram_new_sum (series, GLOW_TIME_UNKNOWN, GLOW_TIME_UNKNOWN), TRUE);
  g_assert_cmpfloat (comparison->n_spans, ==, 6);
  g_assert_cmpfloat (comparison->n_server, ==, 60);
  /* 5 ms is in the bucket that ends there. */
  for (guint i = 0; i < comparison->buckets->len; i++)
    {
      const GlowComparedBucket *bucket = &g_array_index (comparison->buckets, GlowComparedBucket, i);

      g_assert_cmpfloat (bucket->server, ==, bucket->spans * 10);
    }
  assert_close (comparison->quantiles[0].server.value, comparison->quantiles[0].spans.value, 1e-9);
  assert_close (comparison->quantiles[0].server.value, 5000000, 1e-6);
  g_assert_true (isinf (comparison->quantiles[1].server.high));
}

static void
test_units (void)
{
  static const struct { const char *name; const char *unit; double ns; } cases[] = {
    { "http_request_duration_seconds", "s", 1e9 }, { "grpc_latency_ms", "ms", 1e6 }, { "x_microseconds", "us", 1e3 }, { "x_nanoseconds_total", "ns", 1 },
    { "size_bytes", "bytes", 0 }, { "plain", "", 0 }, { "bus", "", 0 }, { "s_of_something", "", 0 }, { "job:latency_seconds:rate5m", "s", 1e9 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf ("# TYPE %s histogram\n%s_bucket{le=\"1\"} 1\n%s_bucket{le=\"+Inf\"} 1\n", cases[i].name, cases[i].name, cases[i].name);
      g_autoptr(GlowHistograms) histograms = read_text (text);
      const GlowHistogramSeries *series = g_ptr_array_index (histograms->series, 0);

      g_assert_cmpstr (series->unit, ==, cases[i].unit);
      g_assert_cmpfloat (series->ns_per_unit, ==, cases[i].ns);
    }
}

int
main (int argc, char **argv)
{
  static const char *const files[] = { "classic.om", "text.prom", "matrix.json", "native.json", "bpftrace.txt", "bpftrace.json", "bcc.txt", "v2.hlog", "shapes.hlog" };

  g_test_init (&argc, &argv, NULL);
  folder = g_test_build_filename (G_TEST_DIST, "histograms", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *name = g_strconcat ("/histograms/file/", files[i], NULL), *damaged = g_strconcat ("/histograms/damaged/", files[i], NULL);

      g_test_add_data_func (name, files[i], test_file);
      g_test_add_data_func (damaged, files[i], test_damaged);
    }
  g_test_add_func ("/histograms/refused", test_refused);
  g_test_add_func ("/histograms/hdr", test_hdr);
  g_test_add_func ("/histograms/select", test_select);
  g_test_add_func ("/histograms/sum", test_sum);
  g_test_add_func ("/histograms/layouts", test_layouts);
  g_test_add_func ("/histograms/map", test_map);
  g_test_add_func ("/histograms/compare", test_compare);
  g_test_add_func ("/histograms/units", test_units);
  return g_test_run ();
}
