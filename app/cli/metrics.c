/* SPDX-License-Identifier: GPL-3.0-or-later */
/* afterglow-cli metrics: a recording's own figures as OpenMetrics, for what collects them from files and for pipelines.
 *
 * A recording is over: its counts are gauges, nothing counts on. Only durations are a histogram, which is what can be added up over recordings.
 *
 * Source: OpenMetrics 1.0. */
#include "config.h"
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>
#include <afterglow/latency.h>
#include "cli/cli.h"

#define DEFAULT_LIMIT 20

typedef struct {
  GString *text;
  GlowProfile *profile;
  GlowCallTree *tree;
  GArray *le;                  /* of guint64: ns */
  guint limit;
  gboolean has_created;
} Page;

/* ---- the format ---- */

static void
append_escaped (GString *text, const char *value)
{
  g_autofree char *valid = g_utf8_make_valid (value, -1);

  for (const char *c = valid; *c != '\0'; c++)
    if (*c == '\n')
      g_string_append (text, "\\n");
    else if (*c == '"' || *c == '\\')
      g_string_append_printf (text, "\\%c", *c);
    else
      g_string_append_c (text, *c);
}

static void
append_number (GString *text, double value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  /* As short as says it exactly. */
  if (value == floor (value) && fabs (value) < 1e15)
    g_string_append_printf (text, "%.0f", value);
  else if (isinf (value))
    g_string_append (text, value < 0 ? "-Inf" : "+Inf");
  else if (isnan (value))
    g_string_append (text, "NaN");
  else
    {
      g_ascii_formatd (buffer, sizeof buffer, "%.15g", value);
      g_string_append (text, g_ascii_strtod (buffer, NULL) == value ? buffer : g_ascii_dtostr (buffer, sizeof buffer, value));
    }
}

/* @unit is the end of the name, as OpenMetrics wants it. */
static void
begin_family (Page *page, const char *name, const char *type, const char *unit, const char *help)
{
  g_string_append_printf (page->text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
  if (unit != NULL)
    g_string_append_printf (page->text, "# UNIT %s %s\n", name, unit);
}

/* NAME{label="value",…} VALUE; labels are pairs, the last NULL; values that are NULL are left out. */
static void
add_sample (Page *page, const char *name, const char *const *labels, double value)
{
  gboolean any = FALSE;

  g_string_append (page->text, name);
  for (guint i = 0; labels != NULL && labels[i] != NULL; i += 2)
    if (labels[i + 1] != NULL)
      {
        g_string_append_printf (page->text, "%s%s=\"", any ? "," : "{", labels[i]);
        append_escaped (page->text, labels[i + 1]);
        g_string_append_c (page->text, '"');
        any = TRUE;
      }
  g_string_append (page->text, any ? "} " : " ");
  append_number (page->text, value);
  g_string_append_c (page->text, '\n');
}

static void
add_gauge (Page *page, const char *name, const char *unit, const char *help, double value)
{
  begin_family (page, name, "gauge", unit, help);
  add_sample (page, name, NULL, value);
}

/* ---- the recording ---- */

/* What the recorder itself ran, of the samples that are asked for: perf's own threads, where the recording holds them. */
static double
recorder_share (GlowProfile *profile, const GlowQuery *query)
{
  g_autoptr(GArray) rows = glow_breakdown_compute (profile, query, GLOW_BREAKDOWN_PROCESS, glow_cli_get_cancellable (), NULL);
  const GlowProcess *processes = glow_profile_get_processes (profile, NULL);
  double recorder = 0, all = 0;

  for (guint i = 0; rows != NULL && i < rows->len; i++)
    {
      const GlowBreakdownRow *row = &g_array_index (rows, GlowBreakdownRow, i);
      const char *comm = glow_profile_get_string (profile, processes[row->index].comm);

      all += (double) row->weight;
      if (strcmp (comm, "perf") == 0 || g_str_has_prefix (comm, "perf_") || strcmp (comm, "perf-exec") == 0 || strcmp (comm, "simpleperf") == 0)
        recorder += (double) row->weight;
    }
  return all > 0 ? recorder / all : NAN;
}

static void
add_events (Page *page)
{
  guint32 n;
  const GlowEvent *events = glow_profile_get_events (page->profile, &n);
  gboolean any = FALSE;

  begin_family (page, "afterglow_recording_samples", "gauge", NULL, "Samples that the recording holds, by event.");
  for (guint32 i = 0; i < n; i++)
    add_sample (page, "afterglow_recording_samples", (const char *[]) { "event", glow_profile_get_string (page->profile, events[i].name), NULL },
                (double) events[i].n_samples);
  for (guint32 i = 0; i < n; i++)
    any |= events[i].frequency_hz > 0;
  if (!any)
    return;
  begin_family (page, "afterglow_recording_frequency_hertz", "gauge", "hertz", "Samples a second of each CPU that were asked for, by event.");
  for (guint32 i = 0; i < n; i++)
    if (events[i].frequency_hz > 0)
      add_sample (page, "afterglow_recording_frequency_hertz", (const char *[]) { "event", glow_profile_get_string (page->profile, events[i].name), NULL },
                  (double) events[i].frequency_hz);
}

static void
add_recording (Page *page, const GlowQuery *query)
{
  const GlowProfileInfo *info = glow_profile_get_info (page->profile);
  double share = recorder_share (page->profile, query);

  begin_family (page, "afterglow_recording_info", "gauge", NULL, "What the recording is.");
  add_sample (page, "afterglow_recording_info", (const char *[]) { "format", info->format, "hostname", info->hostname, "os_release", info->os_release, "arch", info->arch,
                                                                   "perf_version", info->perf_version, NULL }, 1);
  if (info->has_wall_clock)
    add_gauge (page, "afterglow_recording_start_seconds", "seconds", "When the recording begins, in seconds since 1970.",
               ((double) glow_profile_get_start (page->profile) + (double) info->wall_clock_offset) / 1e9);
  add_gauge (page, "afterglow_recording_duration_seconds", "seconds", "How long the recording lasts.", (double) glow_profile_get_duration (page->profile) / 1e9);
  if (info->file_bytes > 0)
    add_gauge (page, "afterglow_recording_size_bytes", "bytes", "How large the recording is.", (double) info->file_bytes);
  add_events (page);
  add_gauge (page, "afterglow_recording_lost_samples", NULL, "Samples that the recorder says were lost.", (double) info->lost_samples);
  add_gauge (page, "afterglow_recording_lost_events", NULL, "Other records that the recorder says were lost.", (double) info->lost_events);
  add_gauge (page, "afterglow_recording_throttled", NULL, "How often the kernel took sampling to be too expensive and paused it.", (double) info->throttled);
  add_gauge (page, "afterglow_recording_torn_stacks", NULL, "Samples whose stacks lack callers.", (double) info->torn_stacks);
  if (!isnan (share))
    add_gauge (page, "afterglow_recording_recorder_ratio", "ratio", "Share of what is selected that the recorder itself ran.", share);
}

/* ---- functions ---- */

typedef struct { char *name, *module; const char *kind; guint64 self, total; } Row;

static void
row_free (gpointer data)
{
  Row *row = data;

  g_free (row->name);
  g_free (row->module);
  g_free (row);
}

static int
compare_rows (gconstpointer a, gconstpointer b)
{
  const Row *left = *(const Row *const *) a, *right = *(const Row *const *) b;

  if (left->self != right->self)
    return left->self < right->self ? 1 : -1;
  if (left->total != right->total)
    return left->total < right->total ? 1 : -1;
  return g_strcmp0 (left->name, right->name);
}

/* Modules of one name in two places are one here: a series has its labels and nothing else. */
static GPtrArray *
list_rows (Page *page)
{
  g_autoptr(GArray) functions = glow_call_tree_compute_functions (page->tree, glow_cli_get_cancellable ());
  g_autoptr(GHashTable) by_key = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GPtrArray *rows = g_ptr_array_new_with_free_func (row_free);

  for (guint i = 0; functions != NULL && i < functions->len; i++)
    {
      const GlowFunction *function = &g_array_index (functions, GlowFunction, i);
      const GlowFrame *frame = glow_call_tree_get_frame (page->tree, function->frame);
      const char *module = glow_call_tree_get_module_name (page->tree, function->frame);
      g_autofree char *name = NULL, *key = NULL;
      Row *row;

      if (frame->kind == GLOW_FRAME_GROUP)
        continue;
      name = glow_call_tree_dup_full_name (page->tree, function->frame);
      key = g_strdup_printf ("%s\1%s\1%d", name, module != NULL ? module : "", frame->kind);
      row = g_hash_table_lookup (by_key, key);
      if (row == NULL)
        {
          row = g_new0 (Row, 1);
          row->name = g_steal_pointer (&name);
          row->module = module != NULL ? g_utf8_make_valid (module, -1) : NULL;
          row->kind = glow_frame_kind_get_id (frame->kind);
          g_ptr_array_add (rows, row);
          g_hash_table_insert (by_key, g_steal_pointer (&key), row);
        }
      row->self += function->self;
      row->total += function->total;
    }
  g_ptr_array_sort (rows, compare_rows);
  return rows;
}

static void
add_functions (Page *page)
{
  static const struct { const char *name, *help; gboolean is_total; guint which; } families[] = {
    { "afterglow_function_self_ratio", "Share of the weight in the function itself.", FALSE, 0 },
    { "afterglow_function_self_low_ratio", "Lower end of its 95 % interval.", FALSE, 1 },
    { "afterglow_function_self_high_ratio", "Upper end of its 95 % interval.", FALSE, 2 },
    { "afterglow_function_total_ratio", "Share of the weight with the function anywhere on the stack.", TRUE, 0 },
    { "afterglow_function_total_low_ratio", "Lower end of its 95 % interval.", TRUE, 1 },
    { "afterglow_function_total_high_ratio", "Upper end of its 95 % interval.", TRUE, 2 },
  };
  const GlowBase *base = glow_call_tree_get_base (page->tree);
  g_autoptr(GPtrArray) rows = list_rows (page);
  guint n = page->limit == 0 ? rows->len : MIN (rows->len, page->limit);

  add_gauge (page, "afterglow_selected_samples", NULL, "Samples that shares of functions are of.", (double) base->samples);
  for (guint f = 0; f < G_N_ELEMENTS (families); f++)
    {
      begin_family (page, families[f].name, "gauge", "ratio", families[f].help);
      for (guint i = 0; i < n; i++)
        {
          const Row *row = g_ptr_array_index (rows, i);
          GlowShare share = glow_base_get_share (base, families[f].is_total ? row->total : row->self);

          add_sample (page, families[f].name, (const char *[]) { "function", row->name, "kind", row->kind, "module", row->module, NULL },
                      families[f].which == 0 ? share.share : families[f].which == 1 ? share.low : share.high);
        }
    }
}

/* ---- spans ---- */

static void
add_histogram (Page *page, const char *name, const GlowLatency *latency)
{
  const GlowSpanChoice *choice = latency->choice;
  const GlowProfileInfo *info = glow_profile_get_info (page->profile);
  const char *kind = choice->spans->kind->id;
  g_autofree char *bucket = g_strconcat (name, "_bucket", NULL), *count = g_strconcat (name, "_count", NULL), *sum = g_strconcat (name, "_sum", NULL);
  g_autofree char *created = g_strconcat (name, "_created", NULL);
  double all = 0;
  gsize below = 0;

  for (gsize i = 0; i < choice->n_base; i++)
    all += (double) choice->sorted[i];
  for (guint i = 0; i < page->le->len; i++)
    {
      guint64 bound = g_array_index (page->le, guint64, i);
      char le[G_ASCII_DTOSTR_BUF_SIZE];

      while (below < choice->n_base && choice->sorted[below] <= bound)
        below++;
      /* Canonical numbers, as OpenMetrics wants them in labels: 0.005, 1.0. */
      g_ascii_formatd (le, sizeof le, "%.9g", (double) bound / 1e9);
      if (strpbrk (le, ".e") == NULL)
        g_strlcat (le, ".0", sizeof le);
      add_sample (page, bucket, (const char *[]) { "kind", kind, "le", le, NULL }, (double) below);
    }
  add_sample (page, bucket, (const char *[]) { "kind", kind, "le", "+Inf", NULL }, (double) choice->n_base);
  add_sample (page, count, (const char *[]) { "kind", kind, NULL }, (double) choice->n_base);
  add_sample (page, sum, (const char *[]) { "kind", kind, NULL }, all / 1e9);
  if (page->has_created && info->has_wall_clock)
    add_sample (page, created, (const char *[]) { "kind", kind, NULL }, ((double) glow_profile_get_start (page->profile) + (double) info->wall_clock_offset) / 1e9);
}

static void
add_quantiles (Page *page, GPtrArray *latencies)
{
  static const struct { const char *name, *help; } families[] = {
    { "afterglow_span_quantile_seconds", "Exact quantile of the spans' durations; none where there are too few to tell it." },
    { "afterglow_span_quantile_low_seconds", "Lower end of its 95 % interval." },
    { "afterglow_span_quantile_high_seconds", "Upper end of its 95 % interval." },
  };

  for (guint f = 0; f < G_N_ELEMENTS (families); f++)
    {
      begin_family (page, families[f].name, "gauge", "seconds", families[f].help);
      for (guint i = 0; i < latencies->len; i++)
        {
          const GlowLatency *latency = g_ptr_array_index (latencies, i);

          for (guint k = 0; k + 1 < GLOW_LATENCY_QUANTILES; k++)
            {
              const GlowQuantile *quantile = &latency->quantiles[k];
              char q[G_ASCII_DTOSTR_BUF_SIZE];

              if (quantile->has_value && quantile->is_known)
                add_sample (page, families[f].name, (const char *[]) { "kind", latency->choice->spans->kind->id, "q", g_ascii_formatd (q, sizeof q, "%.6g", quantile->q), NULL },
                            (double) (f == 0 ? quantile->value_ns : f == 1 ? quantile->low_ns : quantile->high_ns) / 1e9);
            }
        }
    }
}

/* (transfer full) (element-type GlowLatency): of the kind that was asked for, or of all that have spans */
static GPtrArray *
list_latencies (Page *page, const GlowQuery *query)
{
  GPtrArray *latencies = g_ptr_array_new_with_free_func ((GDestroyNotify) glow_latency_free);
  g_autoptr(GPtrArray) kinds = NULL;

  if (glow_query_has_term (query, GLOW_QUERY_SPANS, NULL))
    {
      GlowLatency *latency = glow_latency_compute (page->profile, query, glow_cli_get_cancellable (), NULL);

      if (latency != NULL)
        g_ptr_array_add (latencies, latency);
      return latencies;
    }
  kinds = glow_span_kinds_list (page->profile);
  for (guint i = 0; i < kinds->len; i++)
    {
      g_autoptr(GlowQuery) one = glow_query_with (query, GLOW_QUERY_SPANS, ((GlowSpanKind *) g_ptr_array_index (kinds, i))->id, NULL);
      GlowLatency *latency = one != NULL ? glow_latency_compute (page->profile, one, glow_cli_get_cancellable (), NULL) : NULL;

      if (latency != NULL && latency->choice->n_base > 0)
        g_ptr_array_add (latencies, latency);
      else if (latency != NULL)
        glow_latency_free (latency);
    }
  return latencies;
}

static void
add_spans (Page *page, const GlowQuery *query)
{
  g_autoptr(GPtrArray) latencies = list_latencies (page, query);

  if (latencies->len == 0)
    return;
  begin_family (page, "afterglow_span_duration_seconds", "histogram", "seconds", "How long spans last, by kind.");
  for (guint i = 0; i < latencies->len; i++)
    add_histogram (page, "afterglow_span_duration_seconds", g_ptr_array_index (latencies, i));
  begin_family (page, "afterglow_spans_censored", "gauge", NULL, "Spans that the recording's edges cut, so that they are in no bucket.");
  for (guint i = 0; i < latencies->len; i++)
    add_sample (page, "afterglow_spans_censored", (const char *[]) { "kind", ((GlowLatency *) g_ptr_array_index (latencies, i))->choice->spans->kind->id, NULL },
                (double) ((GlowLatency *) g_ptr_array_index (latencies, i))->n_censored);
  add_quantiles (page, latencies);
}

/* ---- the command ---- */

/* 1, 2.5 and 5 of every decade from a microsecond to a hundred seconds. */
static GArray *
default_bounds (void)
{
  static const guint64 parts[] = { 10, 25, 50 };
  GArray *le = g_array_new (FALSE, FALSE, sizeof (guint64));

  for (guint64 decade = 100; decade <= G_GUINT64_CONSTANT (10000000000); decade *= 10)
    for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
      {
        guint64 bound = decade * parts[i];

        if (bound <= G_GUINT64_CONSTANT (100000000000))
          g_array_append_val (le, bound);
      }
  return le;
}

static int
run (const GlowCliCommand *command, int argc, char **argv)
{
  int limit = DEFAULT_LIMIT;
  g_autofree char *le_word = NULL;
  Page page = { 0 };
  const GOptionEntry own[] = {
    { "limit", 0, 0, G_OPTION_ARG_INT, &limit, N_("how many functions (default 20); 0: all"), N_("N") },
    { "le", 0, 0, G_OPTION_ARG_STRING, &le_word, N_("bounds of the histogram in seconds"), N_("0.005,0.01,…") },
    { "created", 0, 0, G_OPTION_ARG_NONE, &page.has_created, N_("also when histograms began (_created)"), NULL },
    { NULL }
  };
  g_auto(GlowCliOptions) options = { 0 };
  g_autoptr(GlowCallTree) tree = NULL;
  g_autoptr(GArray) le = NULL;
  g_autoptr(GString) text = g_string_new (NULL);
  g_autoptr(GError) error = NULL;
  int status = glow_cli_options_parse (&options, command, 0, own, argc, argv);

  if (status >= 0)
    return status;
  le = le_word != NULL ? glow_buckets_parse_le (le_word, &error) : default_bounds ();
  if (le == NULL || limit < 0)
    {
      if (le == NULL)
        glow_cli_complain (NULL, "metrics: --le: %s", error->message);
      else
        glow_cli_complain (NULL, _("metrics: --limit: %d; expected 0 or more"), limit);
      return GLOW_CLI_EXIT_USAGE;
    }
  tree = glow_cli_load_tree (&options, 0, &status);
  if (tree == NULL)
    return status;
  page.text = text;
  page.tree = tree;
  page.profile = glow_call_tree_get_profile (tree);
  page.le = le;
  page.limit = limit;
  add_recording (&page, options.query);
  add_functions (&page);
  add_spans (&page, options.query);
  if (glow_cli_interrupted () != 0)
    return glow_cli_interrupted ();
  g_string_append (text, "# EOF\n");
  return glow_cli_print (text->str, text->len);
}

const GlowCliCommand glow_cli_metrics = {
  .name = "metrics",
  .arguments = "FILE…",
  .summary = N_("a recording's own figures as OpenMetrics, for Prometheus"),
  .notes = N_("Samples, lost, rates, what the recorder itself ran, shares of functions with\n"
              "their 95 % intervals, spans as a histogram with exact quantiles beside it. A\n"
              "recording is over, so counts are gauges. “promtool check metrics” accepts it;\n"
              "with --created it misses a help text, which OpenMetrics has no place for."),
  .run = run,
};
