/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gates: what a pipeline refuses. The grammar is in diff.h and in the command's help. */
#include <config.h>

#include "analysis/diff-private.h"

#include <afterglow/error.h>
#include <glib/gi18n-lib.h>

#include <math.h>
#include <string.h>

#define LEVEL 0.05

static const struct { const char *word; GlowDiffKind kind; GlowDiffMeasure measure; gboolean is_all; } scopes[] = {
  { "total", GLOW_DIFF_FUNCTIONS, GLOW_DIFF_TOTAL, FALSE },   { "self", GLOW_DIFF_FUNCTIONS, GLOW_DIFF_SELF, FALSE },
  { "module", GLOW_DIFF_MODULES, GLOW_DIFF_TOTAL, FALSE },    { "thread", GLOW_DIFF_THREADS, GLOW_DIFF_TOTAL, FALSE },
  { "container", GLOW_DIFF_CONTAINERS, GLOW_DIFF_TOTAL, FALSE }, { "share", GLOW_DIFF_FUNCTIONS, GLOW_DIFF_TOTAL, TRUE },
};
static const char *const units[] = { "pp", "%", "x", "ns", "us", "ms", "s" };

static void
gate_free (gpointer data)
{
  GlowDiffGate *gate = data;

  g_free (gate->expression);
  g_free (gate->glob);
  g_free (gate);
}

static gboolean
refuse (GError **error, const char *text, const char *expected)
{
  g_autofree char *shown = g_utf8_make_valid (text, -1);

  g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("“%s”: expected %s"), shown, expected);
  return FALSE;
}

/* The last '>' or '<' that a number follows: a glob may hold others, as "operator>>" and "vector<*>" do. */
static const char *
find_comparison (const char *text)
{
  const char *found = NULL;

  for (const char *at = text; *at != '\0'; at++)
    if (*at == '>' || *at == '<')
      {
        const char *number = at + 1;

        number += *number == '+' || *number == '-';
        if (g_ascii_isdigit (*number) || (*number == '.' && g_ascii_isdigit (number[1])))
          found = at;
      }
  return found;
}

static gboolean
parse_level (GlowDiffGate *gate, const char *text, GError **error)
{
  char *end;

  gate->level_kind = 'q';
  gate->level = LEVEL;
  if (*text == '\0')
    return TRUE;
  if (strcmp (text, "@sure") == 0)
    {
      gate->level_kind = 's';
      return TRUE;
    }
  if (text[0] == '@' && (text[1] == 'q' || text[1] == 'p'))
    {
      gate->level_kind = text[1];
      gate->level = g_ascii_strtod (text + 2, &end);
      if (end > text + 2 && *end == '\0' && gate->level > 0 && gate->level < 1)
        return TRUE;
    }
  return refuse (error, gate->expression, _("@q0.01, @p0.01 or @sure behind the unit"));
}

static gboolean
parse_bound (GlowDiffGate *gate, const char *at, GError **error)
{
  const char *number = at + 1, *rest;
  char *end;

  gate->shrinks = *at == '<';
  if (*number == (gate->shrinks ? '-' : '+'))
    number++;
  else if (gate->shrinks || *number == '-')
    return refuse (error, gate->expression, _(">NUMBER for what grew, <-NUMBER for what shrank"));
  gate->threshold = g_ascii_strtod (number, &end);
  rest = end;
  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    {
      gsize n = strlen (units[i]);

      if (strncmp (rest, units[i], n) == 0 && (rest[n] == '\0' || rest[n] == '@'))
        {
          g_strlcpy (gate->unit, units[i], sizeof gate->unit);
          if (!isfinite (gate->threshold) || (units[i][0] == 'x' && gate->threshold < 1))
            return refuse (error, gate->expression, _("at least 1x"));
          return parse_level (gate, rest + n, error);
        }
    }
  return refuse (error, gate->expression, _("a unit behind the number: pp, %, x, ns, us, ms or s"));
}

static GlowDiffGate *
parse_gate (const char *text, GError **error)
{
  GlowDiffGate *gate = g_new0 (GlowDiffGate, 1);
  const char *colon = strchr (text, ':'), *comparison = find_comparison (text);

  gate->expression = g_strdup (text);
  if (colon != NULL && comparison != NULL && colon < comparison)
    for (guint i = 0; i < G_N_ELEMENTS (scopes); i++)
      {
        gsize n = strlen (scopes[i].word);

        if ((gsize) (colon - text) != n || strncmp (text, scopes[i].word, n) != 0)
          continue;
        gate->kind = scopes[i].kind;
        gate->measure = scopes[i].measure;
        gate->glob = comparison > colon + 1 ? g_strndup (colon + 1, comparison - colon - 1) : g_strdup ("*");
        if (parse_bound (gate, comparison, error))
          return gate;
        gate_free (gate);
        return NULL;
      }
  refuse (error, text, _("SCOPE:GLOB>NUMBER UNIT, as total:ParseJson>+1pp; scopes are total, self, module, thread, container, share"));
  gate_free (gate);
  return NULL;
}

/* A comma ends a gate where a scope follows: names hold commas too. */
static gboolean
begins_gate (const char *text)
{
  text += strspn (text, " \t\n");
  for (guint i = 0; i < G_N_ELEMENTS (scopes); i++)
    {
      gsize n = strlen (scopes[i].word);

      if (strncmp (text, scopes[i].word, n) == 0 && text[n] == ':')
        return TRUE;
    }
  return FALSE;
}

GPtrArray *
glow_diff_gates_parse (const char *text, GError **error)
{
  g_autoptr(GPtrArray) gates = g_ptr_array_new_with_free_func (gate_free);
  const char *start = text;

  for (const char *at = text;; at++)
    {
      g_autofree char *piece = NULL;
      GlowDiffGate *gate;

      if (*at != '\0' && (*at != ',' || !begins_gate (at + 1)))
        continue;
      piece = g_strstrip (g_strndup (start, at - start));
      gate = parse_gate (piece, error);
      if (gate == NULL)
        return NULL;
      g_ptr_array_add (gates, gate);
      if (*at == '\0')
        return g_steal_pointer (&gates);
      start = at + 1;
    }
}

/* ---- checking ---- */

static void
verdict_free (gpointer data)
{
  GlowDiffVerdict *verdict = data;

  g_array_unref (verdict->failures);
  g_free (verdict);
}

/* What a change is compared with, in the base. NaN: it cannot be asked here. */
static double
threshold_for (const GlowDiff *self, const GlowDiffGate *gate, const GlowDiffChange *change)
{
  static const struct { const char *unit; double seconds; } times[] = { { "ns", 1e-9 }, { "us", 1e-6 }, { "ms", 1e-3 }, { "s", 1 } };

  if (strcmp (gate->unit, "pp") == 0)
    return gate->threshold / 100 * self->sides[GLOW_BEFORE].value;
  if (strcmp (gate->unit, "%") == 0)
    return gate->threshold / 100 * change->value[GLOW_BEFORE];
  if (strcmp (gate->unit, "x") == 0)
    return (gate->threshold - 1) * change->value[GLOW_BEFORE];
  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    if (strcmp (gate->unit, times[i].unit) == 0)
      return self->options.base != GLOW_DIFF_SHARE && self->sides[0].unit == GLOW_UNIT_NANOSECONDS ? gate->threshold * times[i].seconds * 1e9 : NAN;
  return NAN;
}

typedef struct { guint32 row; double p, beyond; gboolean is_sure; } Named;

static gint
compare_failures (gconstpointer a, gconstpointer b, gpointer data)
{
  const GArray *rows = ((gpointer *) data)[0];
  const GlowDiffGate *gate = ((gpointer *) data)[1];
  double one = fabs (g_array_index (rows, GlowDiffRow, ((const GlowDiffGateFailure *) a)->row).change[gate->measure].change);
  double two = fabs (g_array_index (rows, GlowDiffRow, ((const GlowDiffGateFailure *) b)->row).change[gate->measure].change);

  return one > two ? -1 : one < two;
}

/* Names as they are shown, as they are recorded, and as they are matched all fit. */
static gboolean
is_named (GlowDiff *self, const GPatternSpec *glob, GlowDiffKind kind, guint32 key)
{
  const char *name = glow_diff_get_name (self, kind, key);
  g_autofree char *valid = g_utf8_make_valid (name, -1), *shown = NULL, *stripped = NULL;

  if (g_pattern_spec_match_string ((GPatternSpec *) glob, valid))
    return TRUE;
  shown = glow_diff_dup_display_name (self, kind, key);
  if (g_pattern_spec_match_string ((GPatternSpec *) glob, shown))
    return TRUE;
  if (kind != GLOW_DIFF_FUNCTIONS || self->match.rules == NULL)
    return FALSE;
  stripped = glow_match_strip_function (self->match.rules, valid);
  return g_utf8_validate (stripped, -1, NULL) && g_pattern_spec_match_string ((GPatternSpec *) glob, stripped);
}

static GlowDiffVerdict *
check_gate (GlowDiff *self, const GlowDiffGate *gate, GError **error)
{
  const GArray *rows = self->rows[gate->kind];
  g_autoptr(GArray) named = g_array_new (FALSE, FALSE, sizeof (Named));
  g_autoptr(GPatternSpec) glob = g_pattern_spec_new (gate->glob);
  g_autofree double *p = g_new (double, rows->len + 1), *q = g_new (double, rows->len + 1);
  GlowDiffVerdict *verdict;
  gpointer order[2] = { (gpointer) rows, (gpointer) gate };
  double seen = NAN;

  for (guint32 i = 0; i < rows->len; i++)
    {
      const GlowDiffRow *row = &g_array_index (rows, GlowDiffRow, i);
      const GlowDiffChange *change = &row->change[gate->measure];
      double threshold = threshold_for (self, gate, change), sign = gate->shrinks ? -1 : 1, own_seen = glow_diff_change_get_seen (change);
      Named one = { i, change->p, sign * change->change - threshold, FALSE };

      if (isnan (threshold))
        {
          g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("“%s”: times are gated with a base of time (--base time, rate or unit) of recordings that count it"), gate->expression);
          return NULL;
        }
      if (!is_named (self, glob, gate->kind, row->key))
        continue;
      one.is_sure = sign > 0 ? change->low > threshold : -change->high > threshold;
      p[named->len] = change->p;
      g_array_append_val (named, one);
      if (!isnan (own_seen) && !(own_seen <= seen))
        seen = isnan (seen) ? own_seen : MAX (seen, own_seen);
    }
  /* The family is what the gate names, not all that was tested. */
  glow_q_values (p, named->len, self->options.discovery, q);
  verdict = g_new0 (GlowDiffVerdict, 1);
  verdict->gate = gate;
  verdict->n_named = named->len;
  verdict->seen = seen;
  verdict->failures = g_array_new (FALSE, FALSE, sizeof (GlowDiffGateFailure));
  for (guint i = 0; i < named->len; i++)
    {
      const Named *one = &g_array_index (named, Named, i);
      double evidence = gate->level_kind == 'p' ? p[i] : q[i];
      GlowDiffGateFailure failure = { one->row, q[i] };

      if (!(one->beyond > 0))
        continue;
      if (gate->level_kind == 's' ? one->is_sure : evidence < gate->level)
        g_array_append_val (verdict->failures, failure);
      else
        verdict->n_unsure++;
    }
  g_array_sort_with_data (verdict->failures, compare_failures, order);
  verdict->held = verdict->failures->len == 0;
  return verdict;
}

GPtrArray *
glow_diff_check_gates (GlowDiff *self, const GPtrArray *gates, GError **error)
{
  g_autoptr(GPtrArray) verdicts = g_ptr_array_new_with_free_func (verdict_free);

  for (guint i = 0; i < gates->len; i++)
    {
      GlowDiffVerdict *verdict = check_gate (self, g_ptr_array_index (gates, i), error);

      if (verdict == NULL)
        return NULL;
      g_ptr_array_add (verdicts, verdict);
    }
  return g_steal_pointer (&verdicts);
}
