/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A diff in words: numbers with their signs and units, what was found, and what cannot be said. */
#include <config.h>

#include <afterglow/diff-text.h>
#include <afterglow/text.h>
#include <glib/gi18n-lib.h>

#include <math.h>
#include <string.h>

#define THIN "\xe2\x80\x89"        /* U+2009 */
#define MINUS "\xe2\x88\x92"       /* U+2212 */
#define FEW_RUNS 4                 /* fewer a side have no permutation test below 0.05 */

static const char *
sign_of (double value)
{
  return value > 0 ? "+" : value < 0 ? MINUS : "±";
}

static int
point_decimals (double points)
{
  return fabs (points) < 1 && points != 0 ? 2 : 1;
}

/* A quantity without sign, in the unit of the base. */
static char *
dup_quantity (GlowDiff *self, double value)
{
  GlowUnit unit = glow_diff_get_side (self, GLOW_BEFORE)->unit;

  if (unit == GLOW_UNIT_NANOSECONDS)
    return glow_text_duration (value);
  if (unit == GLOW_UNIT_BYTES)
    return glow_text_bytes ((guint64) llround (MAX (value, 0)));
  if (value >= 1000)
    return glow_text_count ((guint64) llround (value));
  return g_strdup_printf ("%.3g", value);
}

/* "" for shares and whole runs. */
static char *
dup_per (GlowDiff *self)
{
  const GlowDiffOptions *options = glow_diff_get_options (self);

  if (options->base == GLOW_DIFF_RATE)
    return g_strdup (_(" per second"));
  if (options->base == GLOW_DIFF_PER_UNIT)
    return g_strdup_printf (_(" per %s"), options->unit != NULL ? options->unit : _("unit"));
  return g_strdup ("");
}

char *
glow_diff_text_value (GlowDiff *self, double value)
{
  g_autofree char *quantity = NULL;

  if (glow_diff_get_options (self)->base == GLOW_DIFF_SHARE)
    return glow_text_share (MAX (value, 0));
  quantity = dup_quantity (self, value);
  return g_steal_pointer (&quantity);
}

static char *
dup_signed (GlowDiff *self, double change, int decimals)
{
  g_autofree char *quantity = NULL;

  if (glow_diff_get_options (self)->base == GLOW_DIFF_SHARE)
    {
      g_autofree char *points = g_strdup_printf ("%.*f", decimals, fabs (change) * 100);

      /* What rounds to nothing has no sign. */
      return g_strconcat (strspn (points, "0.,") == strlen (points) ? "±" : sign_of (change), points, NULL);
    }
  quantity = dup_quantity (self, fabs (change));
  return g_strconcat (sign_of (change), quantity, NULL);
}

char *
glow_diff_text_change (GlowDiff *self, double change)
{
  g_autofree char *text = dup_signed (self, change, point_decimals (change * 100));

  return glow_diff_get_options (self)->base == GLOW_DIFF_SHARE ? g_strconcat (text, THIN "pp", NULL) : g_steal_pointer (&text);
}

char *
glow_diff_text_interval (GlowDiff *self, const GlowDiffChange *change)
{
  int decimals = point_decimals (MAX (fabs (change->low), fabs (change->high)) * 100);
  g_autofree char *low = NULL, *high = NULL;

  if (!isfinite (change->low) || !isfinite (change->high))
    return g_strdup ("–");
  low = dup_signed (self, change->low, decimals);
  high = dup_signed (self, change->high, decimals);
  return g_strconcat (low, " … ", high, glow_diff_get_options (self)->base == GLOW_DIFF_SHARE ? THIN "pp" : "", NULL);
}

char *
glow_diff_text_q (double q)
{
  if (isnan (q))
    return g_strdup ("–");
  if (q < 0.001)
    return g_strdup ("< 0.001");
  return g_strdup_printf (q < 0.0995 ? "%.3f" : "%.2f", q);
}

/* ---- sides ---- */

static char *
dup_event (GlowDiff *self)
{
  const GlowDiffRun *run = glow_diff_get_run (self, GLOW_AFTER, 0);
  guint32 n;
  const GlowEvent *events = glow_profile_get_events (run->profile, &n);
  guint32 main_event = glow_profile_get_main_event (run->profile);
  g_autoptr(GString) names = g_string_new (NULL);
  GlowQueryField field;

  for (guint i = 0; i < glow_query_get_n_terms (run->query); i++)
    {
      const char *value = glow_query_get_term (run->query, i, &field);

      if (field == GLOW_QUERY_EVENT)
        return g_utf8_make_valid (value, -1);
    }
  for (guint32 e = 0; e < n; e++)
    if (glow_event_is_beside (&events[main_event], &events[e]))
      g_string_append_printf (names, "%s%s", names->len > 0 ? " + " : "", glow_profile_get_string (run->profile, events[e].name));
  return g_utf8_make_valid (names->len > 0 ? names->str : _("samples"), -1);
}

char *
glow_diff_text_base (GlowDiff *self)
{
  g_autofree char *event = dup_event (self), *per = dup_per (self);
  GlowUnit unit = glow_diff_get_side (self, GLOW_AFTER)->unit;

  if (glow_diff_get_options (self)->base == GLOW_DIFF_SHARE)
    return g_strdup_printf (_("Shares of each side's %s"), event);
  if (unit == GLOW_UNIT_NANOSECONDS)
    return g_strdup_printf (_("Time of %s%s"), event, per);
  if (unit == GLOW_UNIT_SAMPLES)
    return g_strdup_printf (_("Samples of each side%s"), per);
  return g_strdup_printf (_("%s (%s)%s"), event, glow_unit_get_id (unit), per);
}

char *
glow_diff_text_side (GlowDiff *self, guint side)
{
  const GlowDiffSide *own = glow_diff_get_side (self, side);
  g_autofree char *samples = glow_text_count ((guint64) llround (own->samples)), *effective = NULL, *time = NULL;
  GString *text = g_string_new (NULL);

  if (own->n_runs > 1)
    g_string_append_printf (text, ngettext ("%u run, ", "%u runs, ", own->n_runs), own->n_runs);
  g_string_append_printf (text, ngettext ("%s sample", "%s samples", own->samples == 1 ? 1 : 2), samples);
  if (own->effective_n < 0.8 * own->samples)
    {
      effective = glow_text_count ((guint64) llround (own->effective_n));
      g_string_append_printf (text, _(" (as good as %s equal ones)"), effective);
    }
  if (own->seconds > 0)
    {
      time = glow_text_duration (own->seconds * 1e9);
      g_string_append_printf (text, ", %s", time);
    }
  return g_string_free (text, FALSE);
}

/* ---- rows ---- */

const char *
glow_diff_row_get_word (const GlowDiffRow *row, GlowDiffMeasure measure)
{
  const GlowDiffChange *change = &row->change[measure];
  gboolean is_evident = change->evidence == GLOW_DIFF_GREW || change->evidence == GLOW_DIFF_SHRANK;

  if (is_evident && glow_diff_row_is_new (row))
    return _("new");
  if (is_evident && glow_diff_row_is_gone (row))
    return _("gone");
  return glow_diff_evidence_get_label (change->evidence);
}

char *
glow_diff_text_evidence (GlowDiff *self, const GlowDiffChange *change)
{
  g_autofree char *before = glow_diff_text_value (self, change->value[GLOW_BEFORE]), *after = glow_diff_text_value (self, change->value[GLOW_AFTER]);
  g_autofree char *difference = glow_diff_text_change (self, change->change), *interval = glow_diff_text_interval (self, change), *q = glow_diff_text_q (change->q);

  if (isnan (change->q))
    return g_strdup_printf (_("%s → %s, %s (%s), too little to be tested"), before, after, difference, interval);
  return g_strdup_printf (_("%s → %s, %s (%s), q %s: %s"), before, after, difference, interval, q, glow_diff_evidence_get_label (change->evidence));
}

/* ---- sentences ---- */

static void
append_count (GString *text, guint n, const char *one, const char *several)
{
  if (n > 0)
    g_string_append_printf (text, "%s%u %s", text->len > 0 ? ", " : "", n, n == 1 ? one : several);
}

/* The row that says most: the largest change that matters. −1: none. */
static gint
find_largest (GlowDiff *self, GlowDiffKind kind, GlowDiffMeasure measure, GlowDiffEvidence evidence)
{
  const GArray *rows = glow_diff_get_rows (self, kind);
  gint best = -1;

  for (guint i = 0; i < rows->len; i++)
    {
      const GlowDiffChange *change = &g_array_index (rows, GlowDiffRow, i).change[measure];

      if (change->matters && change->evidence == evidence
          && (best < 0 || fabs (change->change) > fabs (g_array_index (rows, GlowDiffRow, best).change[measure].change)))
        best = (gint) i;
    }
  return best;
}

static void
append_largest (GlowDiff *self, GString *text, GlowDiffKind kind, GlowDiffMeasure measure, GlowDiffEvidence evidence)
{
  gint best = find_largest (self, kind, measure, evidence);
  const GlowDiffRow *row;
  g_autofree char *name = NULL, *change = NULL;

  if (best < 0)
    return;
  row = &g_array_index (glow_diff_get_rows (self, kind), GlowDiffRow, best);
  name = glow_diff_dup_display_name (self, kind, row->key);
  change = glow_diff_text_change (self, row->change[measure].change);
  if (evidence == GLOW_DIFF_GREW)
    g_string_append_printf (text, _("What grew most is %s, %s. "), name, change);
  else
    g_string_append_printf (text, _("What shrank most is %s, %s. "), name, change);
}

char *
glow_diff_text_findings (GlowDiff *self, GlowDiffKind kind, GlowDiffMeasure measure)
{
  guint grew = glow_diff_count (self, kind, measure, GLOW_DIFF_GREW, TRUE), shrank = glow_diff_count (self, kind, measure, GLOW_DIFF_SHRANK, TRUE);
  guint small = glow_diff_count (self, kind, measure, GLOW_DIFF_GREW, FALSE) + glow_diff_count (self, kind, measure, GLOW_DIFF_SHRANK, FALSE) - grew - shrank;
  guint equivalent = glow_diff_count (self, kind, measure, GLOW_DIFF_EQUIVALENT, FALSE), unknown = glow_diff_count (self, kind, measure, GLOW_DIFF_NO_EVIDENCE, FALSE);
  GString *text = g_string_new (NULL);

  if (grew + shrank == 0)
    g_string_append (text, _("No evidence of a change worth showing"));
  append_count (text, grew, _("grew"), _("grew"));
  append_count (text, shrank, _("shrank"), _("shrank"));
  append_count (text, small, _("changed by less than is worth showing"), _("changed by less than is worth showing"));
  append_count (text, equivalent, _("is equivalent"), _("are equivalent"));
  append_count (text, unknown, _("without evidence either way"), _("without evidence either way"));
  g_string_append (text, ". ");
  append_largest (self, text, kind, measure, GLOW_DIFF_GREW);
  append_largest (self, text, kind, measure, GLOW_DIFF_SHRANK);
  g_string_truncate (text, text->len - 1);
  return g_string_free (text, FALSE);
}

/* The largest share that nothing was found about: what it would take. */
static void
append_needed (GlowDiff *self, GString *text)
{
  g_autofree char *count = NULL;

  if (glow_diff_by_runs (self) || glow_diff_get_options (self)->base != GLOW_DIFF_SHARE)
    return;
  count = glow_text_count ((guint64) glow_diff_get_needed (self, 0.05, 0.01, 0));
  g_string_append_printf (text, _(" To see 5 %% become 6 %% four times of five takes %s samples a side; these have "), count);
  for (guint s = 0; s < GLOW_N_SIDES; s++)
    {
      g_autofree char *own = glow_text_count ((guint64) llround (glow_diff_get_side (self, s)->effective_n));

      g_string_append_printf (text, "%s%s", s > 0 ? _(" and ") : "", own);
    }
  g_string_append (text, ".");
}

char *
glow_diff_text_limits (GlowDiff *self)
{
  const GlowDiffSide *before = glow_diff_get_side (self, GLOW_BEFORE), *after = glow_diff_get_side (self, GLOW_AFTER);
  GString *text = g_string_new (NULL);

  if (!glow_diff_by_runs (self))
    {
      g_string_append (text, before->n_runs + after->n_runs > 2
                               ? _("The runs of each side are taken as one recording: this says whether the recordings differ.")
                               : _("One recording a side: this says whether the recordings differ, not whether the code does. Runs of the same code differ too; to blame a change "
                                   "takes several runs of each side."));
      append_needed (self, text);
    }
  else if (MIN (before->n_runs, after->n_runs) == 1)
    g_string_append_printf (text, _("One run against %u: it is outside what those runs vary by, or it is not. What that one run had of its own (another machine load, "
                                    "another cache) cannot be told from the code."), MAX (before->n_runs, after->n_runs));
  else if (MIN (before->n_runs, after->n_runs) < FEW_RUNS)
    g_string_append_printf (text, _("Runs are the evidence: %u against %u. With fewer than four a side it rests on runs being normally distributed, and small changes "
                                    "cannot be found."), before->n_runs, after->n_runs);
  else
    g_string_append_printf (text, _("Runs are the evidence: %u against %u. What differs here differs between builds or settings, beyond what runs vary by."), before->n_runs, after->n_runs);
  if (glow_diff_get_options (self)->base == GLOW_DIFF_SHARE && glow_diff_count (self, GLOW_DIFF_FUNCTIONS, GLOW_DIFF_TOTAL, GLOW_DIFF_GREW, TRUE) > 0)
    g_string_append (text, _(" Shares add up to the whole: what grew makes all others smaller, though they cost what they did; amounts of time, or per unit, tell them apart."));
  g_string_append (text, _(" “No evidence” does not mean unchanged; “equivalent” does, within the margin."));
  return g_string_free (text, FALSE);
}
