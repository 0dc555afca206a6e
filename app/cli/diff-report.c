/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What “diff” tells machines: JSON, JUnit XML, and the gates' verdicts. */
#include "config.h"
#include <afterglow/diff-text.h>
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>
#include "cli/diff-private.h"

/* ---- verdicts ---- */

static char *
dup_failure (GlowDiff *diff, const GlowDiffGate *gate, const GlowDiffGateFailure *failure)
{
  const GlowDiffRow *row = &g_array_index (glow_diff_get_rows (diff, gate->kind), GlowDiffRow, failure->row);
  GlowDiffChange change = row->change[gate->measure];
  g_autofree char *name = glow_diff_dup_display_name (diff, gate->kind, row->key), *evidence = NULL;

  change.q = failure->q;
  change.evidence = change.change > 0 ? GLOW_DIFF_GREW : GLOW_DIFF_SHRANK;
  evidence = glow_diff_text_evidence (diff, &change);
  return g_strdup_printf ("%s: %s", name, evidence);
}

/* Of a gate that held: what it could have seen. */
static char *
dup_held (GlowDiff *diff, const GlowDiffVerdict *verdict)
{
  g_autofree char *seen = NULL;

  if (verdict->n_named == 0)
    return g_strdup (_("holds: it names nothing that occurs"));
  if (isnan (verdict->seen))
    return g_strdup (_("holds"));
  seen = glow_diff_text_value (diff, verdict->seen);
  if (glow_diff_get_options (diff)->base == GLOW_DIFF_SHARE)
    {
      g_free (seen);
      seen = g_strdup_printf ("%.2f pp", verdict->seen * 100);
    }
  if (verdict->n_unsure > 0)
    return g_strdup_printf (ngettext ("holds, but %u is beyond it without evidence; what would have been seen four times of five is %s",
                                      "holds, but %u are beyond it without evidence; what would have been seen four times of five is %s", verdict->n_unsure),
                            verdict->n_unsure, seen);
  return g_strdup_printf (_("holds; what would have been seen four times of five is %s"), seen);
}

void
glow_cli_diff_append_verdicts (GlowDiff *diff, const GPtrArray *verdicts, gboolean as_markdown, GString *text)
{
  for (guint i = 0; i < verdicts->len; i++)
    {
      const GlowDiffVerdict *verdict = g_ptr_array_index (verdicts, i);
      g_autofree char *held = verdict->held ? dup_held (diff, verdict) : NULL;

      if (as_markdown)
        g_string_append_printf (text, "- %s `%s` %s\n", verdict->held ? "\xe2\x9c\x85" : "\xe2\x9d\x8c", verdict->gate->expression, held != NULL ? held : _("failed"));
      else
        g_string_append_printf (text, _("gate %s %s\n"), verdict->gate->expression, held != NULL ? held : _("FAILED:"));
      for (guint f = 0; f < verdict->failures->len; f++)
        {
          g_autofree char *failure = dup_failure (diff, verdict->gate, &g_array_index (verdict->failures, GlowDiffGateFailure, f));

          g_string_append_printf (text, as_markdown ? "  - %s\n" : "  %s\n", failure);
        }
    }
}

/* ---- JUnit ---- */

static void
append_xml (GString *text, const char *words)
{
  g_autofree char *valid = g_utf8_make_valid (words, -1), *escaped = NULL;

  /* XML 1.0 has no controls. */
  for (char *at = valid; *at != '\0'; at++)
    if ((guchar) *at < 0x20)
      *at = ' ';
  escaped = g_markup_escape_text (valid, -1);
  g_string_append (text, escaped);
}

/* As Ant wrote it first and every CI reads it. Without gates there is one case, which passes: that the comparison was made. */
char *
glow_cli_diff_dup_junit (GlowDiff *diff, const GPtrArray *verdicts)
{
  GString *text = g_string_new ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
  g_autofree char *findings = glow_diff_text_findings (diff, GLOW_DIFF_FUNCTIONS, GLOW_DIFF_TOTAL), *limits = glow_diff_text_limits (diff);
  guint failed = 0, n = verdicts != NULL ? verdicts->len : 0;

  for (guint i = 0; i < n; i++)
    failed += !((GlowDiffVerdict *) g_ptr_array_index (verdicts, i))->held;
  g_string_append_printf (text, "<testsuites><testsuite name=\"afterglow diff\" tests=\"%u\" failures=\"%u\" errors=\"0\">\n", MAX (n, 1), failed);
  if (n == 0)
    g_string_append (text, "<testcase classname=\"afterglow.diff\" name=\"compared\"/>\n");
  for (guint i = 0; i < n; i++)
    {
      const GlowDiffVerdict *verdict = g_ptr_array_index (verdicts, i);

      g_string_append (text, "<testcase classname=\"afterglow.diff\" name=\"");
      append_xml (text, verdict->gate->expression);
      g_string_append (text, verdict->held ? "\"><system-out>" : "\">");
      if (verdict->held)
        {
          g_autofree char *held = dup_held (diff, verdict);

          append_xml (text, held);
          g_string_append (text, "</system-out></testcase>\n");
          continue;
        }
      for (guint f = 0; f < verdict->failures->len; f++)
        {
          g_autofree char *failure = dup_failure (diff, verdict->gate, &g_array_index (verdict->failures, GlowDiffGateFailure, f));

          if (f == 0)
            {
              g_string_append (text, "<failure message=\"");
              append_xml (text, failure);
              g_string_append (text, "\">");
            }
          append_xml (text, failure);
          g_string_append_c (text, '\n');
        }
      g_string_append (text, "</failure></testcase>\n");
    }
  g_string_append (text, "<system-out>");
  append_xml (text, findings);
  g_string_append_c (text, '\n');
  append_xml (text, limits);
  g_string_append (text, "</system-out>\n</testsuite></testsuites>\n");
  return g_string_free (text, FALSE);
}

/* ---- JSON ---- */

static void
json_files (JsonBuilder *builder, const char *const *files, guint from, guint to)
{
  json_builder_set_member_name (builder, "files");
  json_builder_begin_array (builder);
  for (guint i = from; i < to; i++)
    glow_cli_json_string (builder, NULL, files[i]);
  json_builder_end_array (builder);
}

static void
json_side (JsonBuilder *builder, const char *member, GlowDiff *diff, guint side, const GlowCliDiffSides *sides)
{
  const GlowDiffSide *own = glow_diff_get_side (diff, side);
  g_autofree char *selection = glow_query_dup_words (glow_diff_get_run (diff, side, 0)->query);
  guint n = sides->files->len - 1;

  json_builder_set_member_name (builder, member);
  json_builder_begin_object (builder);
  json_files (builder, (const char *const *) sides->files->pdata, side == GLOW_BEFORE ? 0 : sides->n_before_files, side == GLOW_BEFORE ? sides->n_before_files : n);
  glow_cli_json_string (builder, "selection", selection);
  glow_cli_json_count (builder, "runs", own->n_runs);
  glow_cli_json_count (builder, "samples", (guint64) llround (own->samples));
  glow_cli_json_number (builder, "effective_samples", own->effective_n);
  glow_cli_json_number (builder, "weight", own->weight);
  glow_cli_json_string (builder, "weight_unit", glow_unit_get_id (own->unit));
  glow_cli_json_number (builder, "duration_ns", own->duration * 1e9);
  glow_cli_json_count (builder, "clusters", own->clusters);
  json_builder_end_object (builder);
}

/* Members as the base has them: "before_share", or "before_ns" and "before" of other units. */
static void
json_change (JsonBuilder *builder, const char *prefix, GlowDiff *diff, const GlowDiffChange *change)
{
  gboolean is_share = glow_diff_get_options (diff)->base == GLOW_DIFF_SHARE;
  const char *ending = is_share ? "share" : glow_diff_get_side (diff, GLOW_BEFORE)->unit == GLOW_UNIT_NANOSECONDS ? "ns" : "weight";
  g_autofree char *before = g_strdup_printf ("%sbefore_%s", prefix, ending), *after = g_strdup_printf ("%safter_%s", prefix, ending);
  g_autofree char *difference = g_strdup_printf ("%schange", prefix), *low = g_strdup_printf ("%schange_low", prefix), *high = g_strdup_printf ("%schange_high", prefix);
  g_autofree char *p = g_strdup_printf ("%sp", prefix), *q = g_strdup_printf ("%sq", prefix), *evidence = g_strdup_printf ("%sevidence", prefix), *matters = g_strdup_printf ("%smatters", prefix);

  glow_cli_json_number (builder, before, change->value[GLOW_BEFORE]);
  glow_cli_json_number (builder, after, change->value[GLOW_AFTER]);
  glow_cli_json_number (builder, difference, change->change);
  glow_cli_json_number (builder, low, change->low);
  glow_cli_json_number (builder, high, change->high);
  glow_cli_json_number (builder, p, change->p);
  glow_cli_json_number (builder, q, change->q);
  glow_cli_json_string (builder, evidence, glow_diff_evidence_get_id (change->evidence));
  json_builder_set_member_name (builder, matters);
  json_builder_add_boolean_value (builder, change->matters);
}

static void
json_rows (JsonBuilder *builder, const char *member, GlowDiff *diff, const GlowDiffExportOptions *options)
{
  const GArray *rows = glow_diff_get_rows (diff, options->kind);
  g_autoptr(GArray) order = glow_diff_dup_order (diff, options->kind, options->measure);
  guint n = options->limit > 0 ? MIN (order->len, options->limit) : order->len;

  json_builder_set_member_name (builder, member);
  json_builder_begin_array (builder);
  for (guint i = 0; i < n; i++)
    {
      const GlowDiffRow *row = &g_array_index (rows, GlowDiffRow, g_array_index (order, guint32, i));

      if (options->only_matters && !row->change[options->measure].matters)
        break;
      json_builder_begin_object (builder);
      glow_cli_json_string (builder, "name", glow_diff_get_name (diff, options->kind, row->key));
      if (options->kind == GLOW_DIFF_FUNCTIONS)
        glow_cli_json_string (builder, "module", glow_diff_get_module (diff, row->key));
      glow_cli_json_count (builder, "before_samples", (guint64) llround (row->samples[GLOW_BEFORE]));
      glow_cli_json_count (builder, "after_samples", (guint64) llround (row->samples[GLOW_AFTER]));
      json_change (builder, "", diff, &row->change[GLOW_DIFF_TOTAL]);
      json_change (builder, "self_", diff, &row->change[GLOW_DIFF_SELF]);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
json_paths (JsonBuilder *builder, GlowDiff *diff, const GlowDiffExportOptions *options)
{
  guint n_left;
  g_autoptr(GArray) order = glow_diff_list_paths (diff, options->limit, options->only_matters, &n_left);

  json_builder_set_member_name (builder, "paths");
  json_builder_begin_array (builder);
  for (guint i = 0; i < order->len; i++)
    {
      guint32 node = g_array_index (order, guint32, i);
      GlowDiffChange change = glow_diff_get_node_change (diff, node);
      g_autofree char *path = glow_diff_dup_path (diff, node);

      json_builder_begin_object (builder);
      glow_cli_json_string (builder, "path", path);
      json_change (builder, "", diff, &change);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
json_caveats (JsonBuilder *builder, GlowDiff *diff)
{
  const GPtrArray *caveats = glow_diff_get_caveats (diff);
  const GArray *renames = glow_diff_get_renames (diff);

  json_builder_set_member_name (builder, "caveats");
  json_builder_begin_array (builder);
  for (guint i = 0; i < caveats->len; i++)
    {
      const GlowDiffCaveat *caveat = g_ptr_array_index (caveats, i);

      json_builder_begin_object (builder);
      glow_cli_json_string (builder, "code", caveat->code);
      glow_cli_json_string (builder, "message", caveat->message);
      glow_cli_json_string (builder, "effect", caveat->effect);
      json_builder_set_member_name (builder, "grave");
      json_builder_add_boolean_value (builder, caveat->is_grave);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "likely_renamed");
  json_builder_begin_array (builder);
  for (guint i = 0; i < renames->len; i++)
    {
      const GlowDiffRename *rename = &g_array_index (renames, GlowDiffRename, i);

      json_builder_begin_object (builder);
      glow_cli_json_string (builder, "before", glow_diff_get_name (diff, GLOW_DIFF_FUNCTIONS, rename->before));
      glow_cli_json_string (builder, "after", glow_diff_get_name (diff, GLOW_DIFF_FUNCTIONS, rename->after));
      glow_cli_json_number (builder, "likeness", rename->likeness);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
json_verdicts (JsonBuilder *builder, GlowDiff *diff, const GPtrArray *verdicts)
{
  g_autoptr(GString) all = g_string_new (NULL);
  gboolean held = TRUE;

  json_builder_set_member_name (builder, "gate");
  if (verdicts == NULL)
    {
      json_builder_add_null_value (builder);
      return;
    }
  for (guint i = 0; i < verdicts->len; i++)
    {
      const GlowDiffVerdict *verdict = g_ptr_array_index (verdicts, i);

      g_string_append_printf (all, "%s%s", i > 0 ? "," : "", verdict->gate->expression);
      held &= verdict->held;
    }
  json_builder_begin_object (builder);
  glow_cli_json_string (builder, "expression", all->str);
  json_builder_set_member_name (builder, "held");
  json_builder_add_boolean_value (builder, held);
  json_builder_set_member_name (builder, "gates");
  json_builder_begin_array (builder);
  for (guint i = 0; i < verdicts->len; i++)
    {
      const GlowDiffVerdict *verdict = g_ptr_array_index (verdicts, i);

      json_builder_begin_object (builder);
      glow_cli_json_string (builder, "expression", verdict->gate->expression);
      json_builder_set_member_name (builder, "held");
      json_builder_add_boolean_value (builder, verdict->held);
      glow_cli_json_count (builder, "named", verdict->n_named);
      glow_cli_json_count (builder, "without_evidence", verdict->n_unsure);
      glow_cli_json_number (builder, "seen_change", verdict->seen);
      json_builder_set_member_name (builder, "failures");
      json_builder_begin_array (builder);
      for (guint f = 0; f < verdict->failures->len; f++)
        {
          const GlowDiffGateFailure *failure = &g_array_index (verdict->failures, GlowDiffGateFailure, f);
          const GlowDiffRow *row = &g_array_index (glow_diff_get_rows (diff, verdict->gate->kind), GlowDiffRow, failure->row);
          GlowDiffChange change = row->change[verdict->gate->measure];

          change.q = failure->q;
          change.evidence = change.change > 0 ? GLOW_DIFF_GREW : GLOW_DIFF_SHRANK;
          json_builder_begin_object (builder);
          glow_cli_json_string (builder, "name", glow_diff_get_name (diff, verdict->gate->kind, row->key));
          json_change (builder, "", diff, &change);
          json_builder_end_object (builder);
        }
      json_builder_end_array (builder);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

int
glow_cli_diff_print_json (const GlowCliDiffSides *sides, GlowDiff *diff, const GlowDiffExportOptions *options, const GPtrArray *verdicts)
{
  static const char *const bases[GLOW_N_DIFF_BASES] = { "share", "time", "rate", "unit" };
  static const char *const plurals[GLOW_N_DIFF_KINDS] = { "functions", "modules", "threads", "containers" };
  const GlowDiffOptions *own = glow_diff_get_options (diff);
  g_autofree char *findings = glow_diff_text_findings (diff, options->kind, options->measure), *limits = glow_diff_text_limits (diff), *base = glow_diff_text_base (diff);
  JsonBuilder *builder = glow_cli_json_begin ("diff", (const char *const *) sides->files->pdata, sides->options.query, (GlowWarnings *const *) sides->warnings->pdata,
                                              sides->warnings->len);

  json_side (builder, "before", diff, GLOW_BEFORE, sides);
  json_side (builder, "after", diff, GLOW_AFTER, sides);
  glow_cli_json_string (builder, "base", bases[own->base]);
  glow_cli_json_string (builder, "unit", own->unit);
  glow_cli_json_string (builder, "base_words", base);
  glow_cli_json_string (builder, "evidence_of", glow_diff_by_runs (diff) ? "runs" : "samples");
  glow_cli_json_number (builder, "level", own->level);
  glow_cli_json_number (builder, "floor", own->floor);
  glow_cli_json_number (builder, "margin", own->margin);
  glow_cli_json_string (builder, "discovery", own->discovery == GLOW_DISCOVERY_BY ? "by" : "bh");
  json_caveats (builder, diff);
  glow_cli_json_string (builder, "findings", findings);
  glow_cli_json_string (builder, "limits", limits);
  glow_cli_json_count (builder, "n_rows", options->by_path ? glow_diff_get_nodes (diff)->n_nodes - 1 : glow_diff_get_rows (diff, options->kind)->len);
  if (options->by_path)
    json_paths (builder, diff, options);
  else
    json_rows (builder, plurals[options->kind], diff, options);
  json_verdicts (builder, diff, verdicts);
  return glow_cli_json_end (builder);
}
