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
          glow_diff_build_json_change (diff, "", &change, builder);
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
  JsonBuilder *builder = glow_cli_json_begin ("diff", (const char *const *) sides->files->pdata, sides->options.query, (GlowWarnings *const *) sides->warnings->pdata,
                                              sides->warnings->len);

  glow_diff_build_json (diff, options, builder);
  json_verdicts (builder, diff, verdicts);
  return glow_cli_json_end (builder);
}
