/* SPDX-License-Identifier: GPL-3.0-or-later */
/* afterglow-cli latency: how long spans last, what the long ones do otherwise, and gates on quantiles. */
#include "config.h"
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>
#include <afterglow/baseline.h>
#include "cli/prometheus.h"

#define BARS 24                /* rows of a histogram in a terminal, at most */
#define BAR_WIDTH 40
#define MAX_WIDTH 32767

typedef struct {
  GlowBuckets buckets;
  GArray *le;                  /* (nullable): holds explicit bounds */
  gboolean is_linear;
  const char *tail;            /* (nullable): "p99", "18ms" */
  char **gates;
  GlowCliPrometheus prometheus;
  char *output, *format, *title;   /* (nullable): of a picture */
  double width;
  gboolean dark;
  GlowHistograms *histograms;  /* (nullable): a service's, to stand beside */
} Wish;

/* Of one kind of spans. */
typedef struct {
  GlowLatency *latency;
  GlowLatency *baseline;       /* (nullable): how long spans of the baseline last */
  GlowTail *tail;              /* (nullable) */
  GlowHistogramComparison *beside;     /* (nullable) */
} Answer;

static const char *const bucket_words[] = { "relative", "log-linear", "log2", "linear", NULL };

/* Equal steps are of one kind's own durations. */
static GlowBuckets
buckets_for (const Wish *wish, const GlowSpanChoice *choice)
{
  return wish->is_linear ? glow_buckets_linear_for (choice->sorted, choice->n_base) : wish->buckets;
}

/* ---- gates: "p99<250ms" ---- */

typedef struct {
  double q;
  gboolean is_less;
  double ns;
  const char *text;
} Gate;

gboolean
glow_cli_parse_gate (const char *text, double *q, gboolean *is_less, double *ns)
{
  const char *sign = strpbrk (text, "<>");
  g_autofree char *name = sign != NULL ? g_strstrip (g_strndup (text, sign - text)) : NULL;
  g_autoptr(GlowQuery) empty = glow_query_new (), query = NULL;
  g_autofree char *bound = sign != NULL ? g_strstrip (g_strdup (sign + 1 + (sign[1] == '='))) : NULL;
  char *end;

  if (sign == NULL || !glow_quantile_parse (name, q))
    return FALSE;
  *is_less = *sign == '<';
  /* The grammar of durations is that of --longer. */
  query = glow_query_with (empty, GLOW_QUERY_LONGER, bound, NULL);
  if (query == NULL)
    return FALSE;
  *ns = g_ascii_strtod (glow_query_get_term (query, 0, NULL), &end);
  *ns *= strcmp (end, "s") == 0 ? 1e9 : strcmp (end, "ms") == 0 ? 1e6 : strcmp (end, "us") == 0 ? 1e3 : 1;
  return *end != '\0' && end != glow_query_get_term (query, 0, NULL);
}

static gboolean
parse_gate (const char *text, Gate *gate)
{
  gate->text = text;
  return glow_cli_parse_gate (text, &gate->q, &gate->is_less, &gate->ns);
}

/* Whether a gate holds; a quantile that cannot be told holds nothing. */
static gboolean
holds (const Gate *gate, const GlowLatency *latency)
{
  GlowQuantile quantile = glow_latency_get_quantile (latency, gate->q);

  return quantile.has_value && (quantile.is_known || quantile.q >= 1) && (gate->is_less ? quantile.value_ns < gate->ns : quantile.value_ns > gate->ns);
}

static void
answer_free (gpointer data)
{
  Answer *answer = data;

  g_clear_pointer (&answer->latency, glow_latency_free);
  g_clear_pointer (&answer->baseline, glow_latency_free);
  g_clear_pointer (&answer->tail, glow_tail_free);
  g_clear_pointer (&answer->beside, glow_histogram_comparison_free);
  g_free (answer);
}

/* ---- text ---- */

static void
append_quantile (GString *text, const GlowQuantile *quantile)
{
  g_autofree char *label = glow_quantile_dup_label (quantile->q), *value = glow_text_duration ((double) quantile->value_ns);

  if (!quantile->has_value)
    g_string_append_printf (text, _("  %-6s not determined: what is longer was cut by the recording's edges\n"), label);
  else if (quantile->is_known)
    {
      g_autofree char *low = glow_text_duration ((double) quantile->low_ns), *high = glow_text_duration ((double) quantile->high_ns);

      g_string_append_printf (text, _("  %-6s %10s  (95 %%: %s to %s)\n"), label, value, low, high);
    }
  else if (quantile->q >= 1)
    g_string_append_printf (text, "  %-6s %10s\n", label, value);
  else
    {
      g_autofree char *needs = glow_text_count (quantile->needs);

      g_string_append_printf (text, _("  %-6s %10s  (not determined: needs %s spans or more)\n"), label, value, needs);
    }
}

static void
append_bars (GString *text, const GlowSpanChoice *choice, const Wish *wish)
{
  GlowBuckets buckets = buckets_for (wish, choice), coarse = glow_buckets_log2 ();
  g_autoptr(GArray) rows = glow_buckets_count (&buckets, choice->sorted, choice->n_base, TRUE);
  guint64 most = 1;

  /* A terminal has few rows: fine buckets are shown by octaves; JSON has them all. */
  if (rows->len > BARS && wish->le == NULL)
    {
      g_array_unref (g_steal_pointer (&rows));
      rows = glow_buckets_count (&coarse, choice->sorted, choice->n_base, TRUE);
    }
  for (guint i = 0; i < rows->len; i++)
    most = MAX (most, g_array_index (rows, GlowBucketRow, i).count);
  for (guint i = 0; i < rows->len; i++)
    {
      const GlowBucketRow *row = &g_array_index (rows, GlowBucketRow, i);
      g_autofree char *low = glow_text_duration ((double) row->lower_ns), *count = glow_text_count (row->count);
      g_autofree char *high = row->upper_ns == GLOW_BUCKETS_INFINITE ? g_strdup ("+Inf") : glow_text_duration ((double) row->upper_ns);

      g_string_append (text, "  ");
      glow_cli_append_padded (text, low, 10, TRUE);
      g_string_append (text, " … ");
      glow_cli_append_padded (text, high, 11, FALSE);
      glow_cli_append_padded (text, count, 9, TRUE);
      g_string_append (text, "  ");
      glow_cli_append_bar (text, (double) row->count / most, BAR_WIDTH);
      g_string_truncate (text, strlen (g_strchomp (text->str)));
      g_string_append_c (text, '\n');
    }
}

static void
append_baseline (GString *text, const GlowLatency *baseline)
{
  g_autofree char *count = glow_text_count (baseline->choice->n_base);

  g_string_append_printf (text, ngettext ("  baseline: %s span\n", "  baseline: %s spans\n", baseline->choice->n_base), count);
  for (guint i = 0; i < GLOW_LATENCY_QUANTILES && baseline->choice->n_base > 0; i++)
    append_quantile (text, &baseline->quantiles[i]);
}

static void
append_kind (GString *text, GlowProfile *profile, const Answer *answer, const Wish *wish)
{
  const GlowLatency *latency = answer->latency;
  const GlowSpanChoice *choice = latency->choice;
  const GlowSpans *spans = choice->spans;
  g_autofree char *count = glow_text_count (choice->n_base), *cut = glow_text_count (latency->n_censored);
  g_autofree char *starts = glow_text_count (spans->unpaired_starts), *ends = glow_text_count (spans->unpaired_ends);

  g_string_append_printf (text, ngettext ("%s (%s): %s span", "%s (%s): %s spans", choice->n_base), spans->kind->label, spans->kind->id, count);
  if (latency->n_censored > 0)
    g_string_append_printf (text, ngettext (", %s cut by the recording's edge", ", %s cut by the recording's edges", latency->n_censored), cut);
  if (spans->unpaired_starts + spans->unpaired_ends > 0)
    g_string_append_printf (text, _(", unpaired: %s beginnings, %s ends"), starts, ends);
  if (spans->ended_by_wakeup > 0)
    {
      g_autofree char *woken = glow_text_count (spans->ended_by_wakeup);

      g_string_append_printf (text, _(", %s end at their wake-up (no switch back was recorded)"), woken);
    }
  g_string_append_c (text, '\n');
  for (guint i = 0; i < GLOW_LATENCY_QUANTILES && choice->n_base > 0; i++)
    append_quantile (text, &latency->quantiles[i]);
  if (answer->baseline != NULL)
    append_baseline (text, answer->baseline);
  if (choice->n_base > 0)
    append_bars (text, choice, wish);
  if (answer->beside != NULL)
    glow_cli_prometheus_append (text, wish->histograms, profile, answer->beside);
  if (answer->tail != NULL)
    glow_cli_append_tail (text, profile, answer->tail);
}

/* ---- JSON ---- */

static void
json_quantile (JsonBuilder *builder, const GlowQuantile *quantile)
{
  json_builder_begin_object (builder);
  glow_cli_json_number (builder, "q", quantile->q);
  /* A quantile that the data cannot determine is null, and says what it needs; the largest is itself. */
  if (quantile->has_value && (quantile->is_known || quantile->q >= 1))
    glow_cli_json_count (builder, "value_ns", quantile->value_ns);
  else
    glow_cli_json_number (builder, "value_ns", NAN);
  if (quantile->is_known)
    {
      glow_cli_json_count (builder, "low_ns", quantile->low_ns);
      glow_cli_json_count (builder, "high_ns", quantile->high_ns);
    }
  else
    {
      glow_cli_json_number (builder, "low_ns", NAN);
      glow_cli_json_number (builder, "high_ns", NAN);
    }
  glow_cli_json_count (builder, "needs_spans", quantile->needs);
  json_builder_end_object (builder);
}

static void
json_quantiles (JsonBuilder *builder, const GlowLatency *latency)
{
  json_builder_set_member_name (builder, "quantiles");
  json_builder_begin_array (builder);
  for (guint i = 0; i < GLOW_LATENCY_QUANTILES; i++)
    json_quantile (builder, &latency->quantiles[i]);
  json_builder_end_array (builder);
}

static void
json_buckets (JsonBuilder *builder, const GlowSpanChoice *choice, const GlowBuckets *buckets)
{
  g_autoptr(GArray) rows = glow_buckets_count (buckets, choice->sorted, choice->n_base, buckets->kind == GLOW_BUCKETS_EXPLICIT);

  json_builder_set_member_name (builder, "buckets");
  json_builder_begin_array (builder);
  for (guint i = 0; i < rows->len; i++)
    {
      const GlowBucketRow *row = &g_array_index (rows, GlowBucketRow, i);

      json_builder_begin_object (builder);
      glow_cli_json_count (builder, "lower_ns", row->lower_ns);
      if (row->upper_ns == GLOW_BUCKETS_INFINITE)
        glow_cli_json_number (builder, "upper_ns", NAN);
      else
        glow_cli_json_count (builder, "upper_ns", row->upper_ns);
      glow_cli_json_count (builder, "count", row->count);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  glow_cli_json_number (builder, "relative_error", glow_buckets_relative_error (buckets));
}

static void
json_kind (JsonBuilder *builder, GlowProfile *profile, const Answer *answer, const Wish *wish)
{
  const GlowLatency *latency = answer->latency;
  const GlowSpans *spans = latency->choice->spans;
  GlowBuckets buckets = buckets_for (wish, latency->choice);

  json_builder_begin_object (builder);
  glow_cli_json_string (builder, "kind", spans->kind->id);
  glow_cli_json_string (builder, "label", spans->kind->label);
  glow_cli_json_count (builder, "spans", latency->choice->n_base);
  glow_cli_json_count (builder, "unpaired", spans->unpaired_starts + spans->unpaired_ends);
  glow_cli_json_count (builder, "unpaired_starts", spans->unpaired_starts);
  glow_cli_json_count (builder, "unpaired_ends", spans->unpaired_ends);
  glow_cli_json_count (builder, "ended_by_wakeup", spans->ended_by_wakeup);
  glow_cli_json_count (builder, "censored", latency->n_censored);
  json_buckets (builder, latency->choice, &buckets);
  json_quantiles (builder, latency);
  if (answer->baseline != NULL)
    {
      json_builder_set_member_name (builder, "baseline");
      json_builder_begin_object (builder);
      glow_cli_json_count (builder, "spans", answer->baseline->choice->n_base);
      glow_cli_json_count (builder, "censored", answer->baseline->n_censored);
      json_quantiles (builder, answer->baseline);
      json_builder_end_object (builder);
    }
  if (answer->tail != NULL)
    glow_cli_json_tail (builder, profile, answer->tail);
  if (answer->beside != NULL)
    glow_cli_prometheus_json (builder, wish->histograms, answer->beside);
  json_builder_end_object (builder);
}

/* ---- the command ---- */

/* The kinds that were asked for, or all that the recording has. (transfer full) */
static GPtrArray *
list_queries (GlowProfile *profile, const GlowQuery *query)
{
  GPtrArray *queries = g_ptr_array_new_with_free_func ((GDestroyNotify) glow_query_unref);
  g_autoptr(GPtrArray) kinds = NULL;

  if (glow_query_has_term (query, GLOW_QUERY_SPANS, NULL))
    {
      g_ptr_array_add (queries, glow_query_ref ((GlowQuery *) query));
      return queries;
    }
  kinds = glow_span_kinds_list (profile);
  for (guint i = 0; i < kinds->len; i++)
    g_ptr_array_add (queries, glow_query_with (query, GLOW_QUERY_SPANS, ((GlowSpanKind *) g_ptr_array_index (kinds, i))->id, NULL));
  return queries;
}

static gboolean
find_bound (GlowProfile *profile, const GlowQuery *query, const char *tail, guint64 *bound, GError **error)
{
  g_autoptr(GlowQuery) longer = glow_query_with (query, GLOW_QUERY_LONGER, tail, error);
  g_autoptr(GlowSpanChoice) choice = longer != NULL ? glow_span_choice_compute (profile, longer, glow_cli_get_cancellable (), error) : NULL;

  if (choice == NULL)
    return FALSE;
  *bound = choice->low;
  return TRUE;
}

/* @only: of several kinds, one with nothing to compare still has its figures and its gates. */
static Answer *
answer_query (GlowProfile *profile, const GlowQuery *query, const Wish *wish, gboolean only, GError **error)
{
  g_autoptr(GlowQuery) baseline = glow_query_dup_baseline (query);
  Answer *answer = g_new0 (Answer, 1);
  GError *problem = NULL;
  guint64 bound;

  answer->latency = glow_latency_compute (profile, query, glow_cli_get_cancellable (), &problem);
  if (answer->latency != NULL && baseline != NULL)
    answer->baseline = glow_latency_compute (profile, baseline, glow_cli_get_cancellable (), &problem);
  if (answer->latency != NULL && problem == NULL && wish->tail != NULL && answer->latency->choice->n_base > 0 && find_bound (profile, query, wish->tail, &bound, &problem))
    answer->tail = glow_tail_compute (profile, query, bound, glow_cli_get_cancellable (), &problem);
  if (answer->latency != NULL && !only && g_error_matches (problem, GLOW_ERROR, GLOW_ERROR_EMPTY))
    g_clear_error (&problem);
  if (problem == NULL)
    return answer;
  g_propagate_error (error, problem);
  answer_free (answer);
  return NULL;
}

static void
complain_of_gate (const Gate *gate, const GlowLatency *latency)
{
  GlowQuantile quantile = glow_latency_get_quantile (latency, gate->q);
  const char *kind = latency->choice->spans->kind->id;
  g_autofree char *value = glow_text_duration ((double) quantile.value_ns), *needs = glow_text_count (quantile.needs);

  if (quantile.has_value && (quantile.is_known || quantile.q >= 1))
    glow_cli_complain (NULL, _("gate %s does not hold for %s: it is %s"), gate->text, kind, value);
  else if (quantile.needs > 0)
    glow_cli_complain (NULL, _("gate %s does not hold for %s: it cannot be told from so few, it needs %s spans or more"), gate->text, kind, needs);
  else
    glow_cli_complain (NULL, _("gate %s does not hold for %s: it cannot be told, the recording's edges cut what is longer"), gate->text, kind);
}

static int
check_gates (const Wish *wish, GPtrArray *answers)
{
  int status = GLOW_CLI_EXIT_DONE;

  for (guint g = 0; wish->gates != NULL && wish->gates[g] != NULL; g++)
    for (guint i = 0; i < answers->len; i++)
      {
        const Answer *answer = g_ptr_array_index (answers, i);
        Gate gate = { 0 };

        parse_gate (wish->gates[g], &gate);
        if (holds (&gate, answer->latency))
          continue;
        complain_of_gate (&gate, answer->latency);
        status = GLOW_CLI_EXIT_GATE;
      }
  return status;
}

static int
print_answers (GlowProfile *profile, GPtrArray *answers, const Wish *wish, const GlowCliOptions *options)
{
  GlowWarnings *warnings = glow_profile_get_warnings (profile);
  g_autoptr(GString) text = g_string_new (NULL);
  JsonBuilder *builder;

  if (!options->json)
    {
      for (guint i = 0; i < answers->len; i++)
        {
          const Answer *answer = g_ptr_array_index (answers, i);

          append_kind (text, profile, answer, wish);
          if (i + 1 < answers->len)
            g_string_append_c (text, '\n');
        }
      return glow_cli_print (text->str, text->len);
    }
  builder = glow_cli_json_begin ("latency", (const char *const *) options->files, options->query, &warnings, 1);
  json_builder_set_member_name (builder, "kinds");
  json_builder_begin_array (builder);
  for (guint i = 0; i < answers->len; i++)
    json_kind (builder, profile, g_ptr_array_index (answers, i), wish);
  json_builder_end_array (builder);
  return glow_cli_json_end (builder);
}

static int
draw_answers (GPtrArray *answers, const Wish *wish, const GlowCliOptions *options)
{
  g_autoptr(GlowLatencyPicture) picture = glow_latency_picture_new ();
  gboolean as_fine_as_fits = wish->le == NULL && !wish->is_linear && wish->buckets.kind != GLOW_BUCKETS_LOG2;

  for (guint i = 0; i < answers->len; i++)
    {
      const Answer *answer = g_ptr_array_index (answers, i);
      GlowBuckets buckets = buckets_for (wish, answer->latency->choice);

      glow_latency_picture_add_latency (picture, answer->latency, as_fine_as_fits ? NULL : &buckets);
      if (answer->beside != NULL)
        glow_latency_picture_add_comparison (picture, answer->latency, answer->beside);
    }
  return glow_cli_latency_draw (picture, wish->output, wish->format, wish->title, options->files[0], wish->width, wish->dark);
}

static gboolean
read_wish (Wish *wish, const char *le, const char *buckets)
{
  g_autoptr(GError) error = NULL;
  Gate gate = { 0 };
  int chosen = 0;

  wish->buckets = glow_buckets_relative (GLOW_BUCKETS_DEFAULT_ERROR);
  if (buckets != NULL && (chosen = glow_cli_choose ("--buckets", buckets, bucket_words)) < 0)
    return FALSE;
  wish->is_linear = le == NULL && strcmp (bucket_words[chosen], "linear") == 0;
  if (chosen == 1)
    wish->buckets = glow_buckets_log_linear (6);
  else if (chosen == 2)
    wish->buckets = glow_buckets_log2 ();
  if (le != NULL)
    {
      wish->le = glow_buckets_parse_le (le, &error);
      if (wish->le == NULL)
        {
          glow_cli_complain (NULL, "latency: --le: %s", error->message);
          return FALSE;
        }
      wish->buckets = glow_buckets_explicit ((const guint64 *) wish->le->data, wish->le->len);
    }
  for (guint g = 0; wish->gates != NULL && wish->gates[g] != NULL; g++)
    if (!parse_gate (wish->gates[g], &gate))
      {
        glow_cli_complain (NULL, _("latency: --gate “%s”: expected a quantile, < or >, and a duration, as p99<250ms"), wish->gates[g]);
        return FALSE;
      }
  if (wish->width < 0 || wish->width > MAX_WIDTH)
    {
      glow_cli_complain (NULL, _("latency: --width: %g; expected a number from 0 to %d"), wish->width, MAX_WIDTH);
      return FALSE;
    }
  return glow_cli_prometheus_check (&wish->prometheus);
}

/* A service's histogram is of one kind of requests. */
static int
put_beside (GlowProfile *profile, Wish *wish, GPtrArray *answers, const GlowCliOptions *options)
{
  int status = GLOW_CLI_EXIT_DONE;
  Answer *answer = g_ptr_array_index (answers, 0);

  if (answers->len > 1)
    {
      glow_cli_complain (NULL, _("latency: --prometheus: --spans says which of the recording's %u kinds of spans are what it counted"), answers->len);
      return GLOW_CLI_EXIT_USAGE;
    }
  wish->histograms = glow_cli_prometheus_load (&wish->prometheus, options, profile, &status);
  if (wish->histograms != NULL)
    answer->beside = glow_cli_prometheus_compare (wish->histograms, profile, answer->latency, &status);
  return status;
}

static int
answer_all (GlowProfile *profile, Wish *wish, const GlowCliOptions *options)
{
  g_autoptr(GPtrArray) queries = list_queries (profile, options->query), answers = g_ptr_array_new_with_free_func (answer_free);
  int status;

  for (guint i = 0; i < queries->len; i++)
    {
      g_autoptr(GError) error = NULL;
      Answer *answer;

      answer = answer_query (profile, g_ptr_array_index (queries, i), wish, queries->len == 1, &error);
      if (answer == NULL && (queries->len == 1 || !g_error_matches (error, GLOW_ERROR, GLOW_ERROR_EMPTY)))
        return glow_cli_report (options->files[0], error);
      if (answer != NULL)
        g_ptr_array_add (answers, answer);
    }
  if (answers->len == 0)
    {
      glow_cli_complain (options->files[0], _("no spans in it: it has no events that belong together, as a probe and its return, sched:sched_switch, or system calls"));
      return GLOW_CLI_EXIT_NOTHING;
    }
  if (wish->prometheus.sources != NULL && (status = put_beside (profile, wish, answers, options)) != GLOW_CLI_EXIT_DONE)
    return status;
  status = wish->output != NULL ? draw_answers (answers, wish, options) : print_answers (profile, answers, wish, options);
  return status != GLOW_CLI_EXIT_DONE ? status : check_gates (wish, answers);
}

static gboolean
are_histograms (const char *const *files)
{
  for (guint i = 0; files[i] != NULL; i++)
    if (!glow_histograms_is_file (files[i]))
      return FALSE;
  return TRUE;
}

static int
run_histograms (const Wish *wish, const GlowCliOptions *options)
{
  GlowCliHistograms histograms = { &wish->prometheus, wish->gates, wish->output, wish->format, wish->title, wish->width, wish->dark };
  g_autofree char *selection = glow_query_dup_words (options->query);

  /* They have no threads, no stacks, and no single durations. */
  if (selection[0] != '\0' || wish->tail != NULL || wish->le != NULL || wish->prometheus.sources != NULL)
    {
      glow_cli_complain (options->files[0], _("a histogram, and no recording: there is nothing in it to select from or to compare by %s"),
                         selection[0] != '\0' ? selection : wish->tail != NULL ? "--compare-tail" : wish->le != NULL ? "--le" : "--prometheus");
      return GLOW_CLI_EXIT_USAGE;
    }
  return glow_cli_histograms_run (&histograms, options);
}

static void
wish_clear (Wish *self)
{
  g_clear_pointer (&self->le, g_array_unref);
  g_clear_pointer (&self->histograms, glow_histograms_unref);
  glow_cli_prometheus_clear (&self->prometheus);
  g_free (self->output);
  g_free (self->format);
  g_free (self->title);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Wish, wish_clear)

static int
run (const GlowCliCommand *command, int argc, char **argv)
{
  g_autofree char *le = NULL, *buckets = NULL, *tail = NULL;
  g_auto(GStrv) gates = NULL;
  g_auto(Wish) wish = { 0 };
  const GOptionEntry own[] = {
    { "buckets", 0, 0, G_OPTION_ARG_STRING, &buckets, N_("relative (1 %), log-linear, log2, linear"), N_("KIND") },
    { "le", 0, 0, G_OPTION_ARG_STRING, &le, N_("upper bounds in seconds, as Prometheus has them"), N_("0.005,0.01,…") },
    { "compare-tail", 0, 0, G_OPTION_ARG_STRING, &tail, N_("what longer spans do otherwise: p99, 18ms"), N_("BOUND") },
    { "gate", 0, 0, G_OPTION_ARG_STRING_ARRAY, &gates, N_("exit status 1 unless it holds, as p99<250ms"), N_("GATE") },
    { "prometheus", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &wish.prometheus.sources, N_("beside a service's histogram: a file, a URL"), N_("FROM") },
    { "promql", 0, 0, G_OPTION_ARG_STRING, &wish.prometheus.promql, N_("which: a selector, or an expression"), N_("PROMQL") },
    { "step", 0, 0, G_OPTION_ARG_STRING, &wish.prometheus.step_word, N_("URL: ask at such steps, not for scrapes"), N_("DURATION") },
    { "auth-file", 0, 0, G_OPTION_ARG_FILENAME, &wish.prometheus.auth_file, N_("URL: bearer, basic, netrc"), N_("FILE") },
    { "ca-file", 0, 0, G_OPTION_ARG_FILENAME, &wish.prometheus.ca_file, N_("URL: trust these certificates (PEM)"), N_("FILE") },
    { "unit", 0, 0, G_OPTION_ARG_STRING, &wish.prometheus.unit, N_("what a histogram's numbers are: ns, us, ms, s"), N_("UNIT") },
    { "sum-by", 0, 0, G_OPTION_ARG_STRING, &wish.prometheus.sum_by, N_("histograms: put together by these alone"), N_("LABEL,…") },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &wish.output, N_("draw it: .svg, .png or .pdf; - for stdout"), N_("OUT") },
    { "format", 0, 0, G_OPTION_ARG_STRING, &wish.format, N_("svg, png, pdf; else the ending of OUT"), N_("FORMAT") },
    { "width", 0, 0, G_OPTION_ARG_DOUBLE, &wish.width, N_("900 unless given (PDF: points)"), N_("PIXELS") },
    { "title", 0, 0, G_OPTION_ARG_STRING, &wish.title, N_("the file's name unless given"), N_("TEXT") },
    { "dark", 0, 0, G_OPTION_ARG_NONE, &wish.dark, N_("on a dark ground"), NULL },
    { NULL }
  };
  g_auto(GlowCliOptions) options = { 0 };
  g_autoptr(GlowProfile) profile = NULL;
  int status = glow_cli_options_parse (&options, command, GLOW_CLI_WITH_JSON, own, argc, argv);

  if (status >= 0)
    return status;
  wish.tail = tail;
  wish.gates = gates;
  if (!read_wish (&wish, le, buckets))
    return GLOW_CLI_EXIT_USAGE;
  if (are_histograms ((const char *const *) options.files))
    return run_histograms (&wish, &options);
  status = GLOW_CLI_EXIT_DONE;
  if ((profile = glow_cli_load (&options, (const char *const *) options.files, &status)) != NULL)
    status = answer_all (profile, &wish, &options);
  return status;
}

const GlowCliCommand glow_cli_latency = {
  .name = "latency",
  .arguments = "FILE…",
  .summary = N_("how long spans last: histogram, quantiles, what the long ones do"),
  .notes = N_("Spans are what two events mark: a probe and its return, a system call, being off\n"
              "the CPU (sched_switch). --spans chooses a kind; without it all are shown.\n"
              "Any two events make one: --spans 'a..b', 'a..b:key=FIELD'. Of raw_syscalls,\n"
              "--spans syscall:read are those of one name.\n"
              "A FILE may also be a histogram that something else counted: Prometheus text\n"
              "or OpenMetrics, an answer of its query API, an HdrHistogram log, bpftrace's\n"
              "hist(). User, password and token for a URL: --auth-file, or the\n"
              "environment: AFTERGLOW_PROMETHEUS_USER, _PASSWORD, _TOKEN."),
  .run = run,
};
