/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The terms of a query become tables, one entry an event, thread, processor and stack, so that the pass over samples only looks up. */
#include <config.h>

#include <glib/gi18n-lib.h>

#include "model/query-private.h"
#include "model/sample-filter-private.h"
#include "model/selection-private.h"
#include "model/where-private.h"

#include <afterglow/error.h>
#include <afterglow/names.h>

#include <stdlib.h>
#include <string.h>

#define DAY_NS (G_GINT64_CONSTANT (86400) * 1000000000)

static gboolean
has_field (const GlowQuery *query, GlowQueryField field)
{
  for (guint i = 0; i < glow_query_get_n_terms (query); i++)
    {
      GlowQueryField own;

      glow_query_get_term (query, i, &own);
      if (own == field)
        return TRUE;
    }
  return FALSE;
}

/* Runs over the values of one field. */
#define FOR_TERMS(query, wanted, value) \
  for (guint term_ = 0; term_ < glow_query_get_n_terms (query); term_++) \
    for (const char *value = term_of (query, term_, wanted); value != NULL; value = NULL)

static const char *
term_of (const GlowQuery *query, guint index, GlowQueryField field)
{
  GlowQueryField own;
  const char *value = glow_query_get_term (query, index, &own);

  return own == field ? value : NULL;
}

static gboolean
matches_event (const char *name, const char *wanted)
{
  gsize n = strlen (wanted);

  if (strcmp (name, wanted) == 0)
    return TRUE;
  /* "cycles" means "cycles:u" too; "sched" does not mean "sched:sched_switch". */
  return strncmp (name, wanted, n) == 0 && name[n] == ':' && strspn (name + n + 1, "ukhHGPpSDIWeb") == strlen (name + n + 1);
}

/* The fields that a query's conditions, weight and roots name. (transfer full) */
static GPtrArray *
named_fields (const GlowQuery *query)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);

  FOR_TERMS (query, GLOW_QUERY_WHERE, value)
    {
      g_autoptr(GlowWhere) where = glow_where_parse (value, NULL);

      for (guint i = 0; where != NULL && glow_where_get_fields (where)[i] != NULL; i++)
        g_ptr_array_add (names, g_strdup (glow_where_get_fields (where)[i]));
    }
  if (glow_query_get_weight_field (query) != NULL)
    g_ptr_array_add (names, g_strdup (glow_query_get_weight_field (query)));
  if (glow_query_get_split (query) != NULL)
    g_ptr_array_add (names, g_strdup (glow_query_get_split (query)));
  return names;
}

static gboolean
has_fields (GlowProfile *profile, guint32 event, const GPtrArray *names)
{
  guint field, element;

  for (guint i = 0; i < names->len; i++)
    if (!glow_profile_find_field (profile, event, g_ptr_array_index (names, i), &field, &element))
      return FALSE;
  return TRUE;
}

/* Without an event in the query: the main one with the clocks beside it, or, where it lacks the fields that are asked about, those that have them. */
static void
select_default_events (GlowSelection *self, const GlowQuery *query, guint32 n)
{
  const GlowEvent *events = glow_profile_get_events (self->profile, NULL);
  guint32 main_event = glow_profile_get_main_event (self->profile);
  g_autoptr(GPtrArray) names = named_fields (query);
  gboolean any = FALSE;

  if (names->len > 0 && !has_fields (self->profile, main_event, names))
    for (guint32 e = 0; e < n; e++)
      any |= self->event_ok[e] = has_fields (self->profile, e, names);
  if (any)
    return;
  for (guint32 e = 0; e < n; e++)
    self->event_ok[e] = glow_event_is_beside (&events[main_event], &events[e]);
}

GlowQuery *
glow_query_with_fitting_events (const GlowQuery *self, GlowProfile *profile)
{
  guint32 n, main_event = glow_profile_get_main_event (profile);
  const GlowEvent *events = glow_profile_get_events (profile, &n);
  g_autoptr(GPtrArray) names = named_fields (self);
  GlowQuery *fitting;
  gboolean any_term = has_field (self, GLOW_QUERY_EVENT);

  for (guint32 e = 0; e < n; e++)
    {
      gboolean chosen = !any_term && glow_event_is_beside (&events[main_event], &events[e]);

      FOR_TERMS (self, GLOW_QUERY_EVENT, value)
        chosen |= matches_event (glow_profile_get_string (profile, events[e].name), value);
      if (chosen && has_fields (profile, e, names))
        return glow_query_ref ((GlowQuery *) self);
    }
  fitting = glow_query_without (self, GLOW_QUERY_EVENT, NULL);
  for (guint32 e = 0; e < n; e++)
    if (has_fields (profile, e, names))
      {
        GlowQuery *more = glow_query_with (fitting, GLOW_QUERY_EVENT, glow_profile_get_string (profile, events[e].name), NULL);

        if (more == NULL)
          continue;
        glow_query_unref (fitting);
        fitting = more;
      }
  return fitting;
}

static gboolean
select_events (GlowSelection *self, const GlowQuery *query, GError **error)
{
  guint32 n;
  const GlowEvent *events = glow_profile_get_events (self->profile, &n);

  self->event_ok = g_new0 (guint8, n + 1);
  if (!has_field (query, GLOW_QUERY_EVENT))
    {
      select_default_events (self, query, n);
      return TRUE;
    }
  FOR_TERMS (query, GLOW_QUERY_EVENT, value)
    {
      gboolean found = FALSE;

      for (guint32 e = 0; e < n; e++)
        if (matches_event (glow_profile_get_string (self->profile, events[e].name), value))
          found = self->event_ok[e] = TRUE;
      if (!found)
        {
          g_autoptr(GString) names = g_string_new (NULL);

          for (guint32 e = 0; e < n; e++)
            g_string_append_printf (names, "%s%s", e > 0 ? ", " : "", glow_profile_get_string (self->profile, events[e].name));
          g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("There is no event “%s”; this recording has: %s"), value, names->str);
          return FALSE;
        }
    }
  return TRUE;
}

/* Samples weigh what a field says. */
static gboolean
select_field (GlowSelection *self, const GlowQuery *query, GError **error)
{
  const char *name = glow_query_get_weight_field (query);
  double sum = 0;

  self->field = glow_profile_compute_field (self->profile, name, NULL, error);
  if (self->field == NULL)
    return FALSE;
  if (self->field->kind == GLOW_FIELD_TEXT || self->field->is_address)
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION,
                   self->field->is_address ? _("“%s” is a place in memory, which cannot be added up; use it with --split or --where")
                                           : _("“%s” is text, which cannot be added up; use it with --split or --where"), name);
      return FALSE;
    }
  for (gsize i = 0; i < self->field->n; i++)
    if (self->field->has[i] && !(self->field->kind == GLOW_FIELD_SIGNED && (gint64) self->field->value[i] < 0))
      sum += self->field->value[i];
  if (sum >= 1.8e19)
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("The values of “%s” are too large to be added up"), name);
      return FALSE;
    }
  self->unit = self->field->unit != GLOW_UNIT_UNKNOWN ? self->field->unit : GLOW_UNIT_COUNT;
  return TRUE;
}

static gboolean
select_conditions (GlowSelection *self, const GlowQuery *query, GError **error)
{
  FOR_TERMS (query, GLOW_QUERY_WHERE, value)
    {
      g_autoptr(GlowFieldColumn) more = glow_where_compute (value, self->profile, NULL, error);
      GlowFieldColumn *both;

      if (more == NULL)
        return FALSE;
      if (self->condition == NULL)
        {
          self->condition = g_steal_pointer (&more);
          continue;
        }
      both = g_new0 (GlowFieldColumn, 1);
      g_atomic_ref_count_init (&both->ref_count);
      both->n = more->n;
      both->has = malloc (more->n + 1);
      for (gsize i = 0; i < more->n; i++)
        both->has[i] = more->has[i] & self->condition->has[i];
      glow_field_column_unref (self->condition);
      self->condition = both;
    }
  if (self->condition != NULL)
    self->row_ok = self->condition->has;
  return TRUE;
}

/* Each of several clocks that count the same would say by itself how much that was: together, each says its part, by its rate, so that all their samples weigh
 * alike. */
static void
share_clocks (GlowSelection *self, const GlowEvent *events, guint32 n)
{
  for (guint32 e = 0; e < n; e++)
    {
      double all = 0;
      guint n_clocks = 0;

      for (guint32 other = 0; other < n && self->event_ok[e]; other++)
        if (self->event_ok[other] && glow_event_is_beside (&events[e], &events[other]))
          {
            double rate = glow_event_get_rate (&events[other]);

            n_clocks++;
            all = rate > 0 && all >= 0 ? all + rate : -1;
          }
      if (n_clocks < 2)
        continue;
      if (self->clock_share == NULL)
        {
          self->clock_share = g_new (double, n);
          for (guint32 i = 0; i < n; i++)
            self->clock_share[i] = 1;
        }
      /* Of recordings at several rates that were put together no rate is known. */
      self->clock_share[e] = all > 0 ? glow_event_get_rate (&events[e]) / all : 1.0 / n_clocks;
      if (self->fixed_weight != NULL)
        self->fixed_weight[e] = (guint64) (self->fixed_weight[e] * self->clock_share[e] + 0.5);
    }
}

static gboolean
select_weights (GlowSelection *self, const GlowQuery *query, GError **error)
{
  guint32 n, first = GLOW_NONE;
  const GlowEvent *events = glow_profile_get_events (self->profile, &n);

  self->weight = glow_query_get_weight (query);
  if (self->weight == GLOW_WEIGHT_FIELD)
    return select_field (self, query, error);
  if (self->weight != GLOW_WEIGHT_EVENT)
    self->fixed_weight = g_new0 (guint64, n + 1);
  for (guint32 e = 0; e < n; e++)
    {
      if (!self->event_ok[e])
        continue;
      if (self->weight == GLOW_WEIGHT_SAMPLES)
        self->fixed_weight[e] = 1;
      else if (self->weight == GLOW_WEIGHT_TIME && events[e].unit != GLOW_UNIT_NANOSECONDS)
        {
          if (events[e].frequency_hz == 0)
            {
              g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION,
                           _("Samples of “%s” stand for no known time (recorded by period, not by frequency); use --weight samples or event"),
                           glow_profile_get_string (self->profile, events[e].name));
              return FALSE;
            }
          self->fixed_weight[e] = (G_GUINT64_CONSTANT (1000000000) + events[e].frequency_hz / 2) / events[e].frequency_hz;
        }
      if (first == GLOW_NONE)
        first = e;
      else if (self->weight == GLOW_WEIGHT_EVENT && (events[e].unit != events[first].unit || events[e].weight_decimals != events[first].weight_decimals))
        {
          g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION,
                       _("“%s” and “%s” count different things and cannot be added; use --weight samples, or one event"),
                       glow_profile_get_string (self->profile, events[first].name), glow_profile_get_string (self->profile, events[e].name));
          return FALSE;
        }
    }
  if (self->weight != GLOW_WEIGHT_SAMPLES)
    share_clocks (self, events, n);
  self->unit = self->weight == GLOW_WEIGHT_TIME ? GLOW_UNIT_NANOSECONDS
               : self->weight == GLOW_WEIGHT_SAMPLES ? GLOW_UNIT_SAMPLES : first != GLOW_NONE ? events[first].unit : GLOW_UNIT_UNKNOWN;
  self->decimals = self->weight == GLOW_WEIGHT_EVENT && first != GLOW_NONE ? events[first].weight_decimals : 0;
  return TRUE;
}

static gboolean
number_in (const GlowQuery *query, GlowQueryField field, gint64 number)
{
  FOR_TERMS (query, field, value)
    {
      guint32 low, high;

      if (glow_number_range_parse (value, &low, &high) && number >= low && number <= high)
        return TRUE;
    }
  return FALSE;
}

static gboolean
text_in (const GlowQuery *query, GlowQueryField field, const char *text)
{
  FOR_TERMS (query, field, value)
    if (g_pattern_match_simple (value, text))
      return TRUE;
  return FALSE;
}

static void
select_threads (GlowSelection *self, const GlowQuery *query)
{
  gboolean pid = has_field (query, GLOW_QUERY_PID), tid = has_field (query, GLOW_QUERY_TID), comm = has_field (query, GLOW_QUERY_COMM);
  gboolean cgroup = has_field (query, GLOW_QUERY_CGROUP);
  guint32 n;
  const GlowThread *threads = glow_profile_get_threads (self->profile, &n);

  if (has_field (query, GLOW_QUERY_CPU))
    {
      self->cpu_ok = g_new0 (guint8, G_MAXUINT16 + 1);
      for (guint c = 0; c < G_MAXUINT16; c++)
        self->cpu_ok[c] = number_in (query, GLOW_QUERY_CPU, c);
    }
  if (!pid && !tid && !comm && !cgroup)
    return;
  self->thread_ok = g_new0 (guint8, n + 1);
  for (guint32 t = 0; t < n; t++)
    self->thread_ok[t] = (!pid || number_in (query, GLOW_QUERY_PID, threads[t].pid)) && (!tid || number_in (query, GLOW_QUERY_TID, threads[t].tid))
                         && (!comm || text_in (query, GLOW_QUERY_COMM, glow_profile_get_string (self->profile, threads[t].comm)))
                         && (!cgroup || text_in (query, GLOW_QUERY_CGROUP, glow_profile_get_string (self->profile, threads[t].cgroup))
                             || text_in (query, GLOW_QUERY_CGROUP, glow_profile_get_string (self->profile, threads[t].cgroup_name)));
}

static guint64
bound_time (const GlowProfileInfo *info, const GlowTimeBound *bound, guint64 otherwise)
{
  gint64 start = (gint64) info->first_time, wall;

  if (!bound->is_set)
    return otherwise;
  if (!bound->is_wall)
    return start + bound->ns;
  if (bound->has_date)
    return bound->ns - info->wall_clock_offset;
  /* A time of day is the first of that name at or after the recording's own day began. */
  wall = start + info->wall_clock_offset;
  return wall - wall % DAY_NS + bound->ns - info->wall_clock_offset;
}

/**
 * glow_query_dup_time_ranges:
 * @profile: whose clock the ranges are on
 * @ranges: (out) (nullable) (element-type guint64): pairs [from, to) in ns; %NULL where the query leaves out no time
 *
 * Returns: %FALSE with @error where the recording cannot answer
 */
gboolean
glow_query_dup_time_ranges (const GlowQuery *query, GlowProfile *profile, GArray **ranges, GError **error)
{
  const GlowProfileInfo *info = glow_profile_get_info (profile);
  g_autoptr(GArray) found = NULL;

  *ranges = NULL;
  if (!has_field (query, GLOW_QUERY_TIME))
    return TRUE;
  if (glow_profile_get_samples (profile)->time == NULL)
    {
      g_set_error_literal (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("This recording has no times to select by"));
      return FALSE;
    }
  found = g_array_new (FALSE, FALSE, sizeof (guint64));
  FOR_TERMS (query, GLOW_QUERY_TIME, value)
    {
      GlowTimeTerm term;
      guint64 range[2];

      if (!glow_time_term_parse (value, &term, error))
        return FALSE;
      if ((term.from.is_wall || term.to.is_wall) && !info->has_wall_clock)
        {
          g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION,
                       _("“%s” is wall clock time, which this recording does not know; give seconds from the start"), value);
          return FALSE;
        }
      range[0] = bound_time (info, &term.from, 0);
      range[1] = bound_time (info, &term.to, G_MAXUINT64);
      g_array_append_vals (found, range, 2);
    }
  *ranges = g_steal_pointer (&found);
  return TRUE;
}

/* One byte a frame, 1 where its name matches: the recorded one, or the one that people see. */
static guint8 *
match_frames (GlowProfile *profile, GRegex *regex)
{
  guint32 n;
  const GlowFrame *frames = glow_profile_get_frames (profile, &n);
  guint8 *match = g_new0 (guint8, n + 1);

  for (guint32 f = 0; f < n; f++)
    {
      const char *name = glow_profile_get_string (profile, frames[f].name);
      g_autofree char *valid = g_utf8_validate (name, -1, NULL) ? NULL : g_utf8_make_valid (name, -1);

      match[f] = g_regex_match (regex, valid != NULL ? valid : name, 0, NULL);
      if (!match[f])
        {
          g_autofree char *tidy = glow_name_dup_tidy (valid != NULL ? valid : name, frames[f].kind);

          match[f] = tidy != NULL && g_regex_match (regex, tidy, 0, NULL);
        }
    }
  return match;
}

/* One byte a frame, 1 where its kind or role is one that the query's terms of @field name. */
static guint8 *
match_kinds (GlowProfile *profile, const GlowQuery *query, GlowQueryField field)
{
  guint32 n;
  const GlowFrame *frames = glow_profile_get_frames (profile, &n);
  guint8 *match = g_new0 (guint8, n + 1);
  guint8 known[GLOW_N_FRAME_KINDS][GLOW_N_ROLES] = { { 0 } };

  for (guint kind = 0; kind < GLOW_N_FRAME_KINDS; kind++)
    for (guint role = 0; role < GLOW_N_ROLES; role++)
      FOR_TERMS (query, field, value)
        known[kind][role] |= glow_query_kind_matches (value, kind, role);
  for (guint32 f = 0; f < n; f++)
    match[f] = known[frames[f].kind][frames[f].role];
  return match;
}

/* Stacks that hold a frame that matches: a prefix trie answers from the root down. */
static void
keep_stacks_with (GlowSelection *self, const guint8 *match)
{
  const GlowStacks *stacks = glow_profile_get_stacks (self->profile);
  g_autofree guint8 *has = g_new0 (guint8, stacks->n);

  for (guint32 s = 1; s < stacks->n; s++)
    has[s] = has[stacks->parent[s]] | match[stacks->item[s]];
  if (self->stack_ok == NULL)
    self->stack_ok = g_steal_pointer (&has);
  else
    for (guint32 s = 0; s < stacks->n; s++)
      self->stack_ok[s] &= has[s];
}

static gboolean
select_stacks (GlowSelection *self, const GlowQuery *query, GError **error)
{
  FOR_TERMS (query, GLOW_QUERY_FOCUS, value)
    {
      g_autoptr(GRegex) regex = glow_regex_compile (value, TRUE, error);
      g_autofree guint8 *match = NULL;

      if (regex == NULL)
        return FALSE;
      match = match_frames (self->profile, regex);
      keep_stacks_with (self, match);
    }
  if (has_field (query, GLOW_QUERY_MODULE))
    {
      guint32 n, n_frames;
      const GlowModule *modules = glow_profile_get_modules (self->profile, &n);
      const GlowFrame *frames = glow_profile_get_frames (self->profile, &n_frames);
      g_autofree guint8 *module_ok = g_new0 (guint8, n + 1), *match = g_new0 (guint8, n_frames + 1);

      for (guint32 m = 0; m < n; m++)
        module_ok[m] = text_in (query, GLOW_QUERY_MODULE, glow_profile_get_string (self->profile, modules[m].name))
                       || text_in (query, GLOW_QUERY_MODULE, glow_profile_get_string (self->profile, modules[m].path));
      for (guint32 f = 0; f < n_frames; f++)
        match[f] = frames[f].module < n && module_ok[frames[f].module];
      keep_stacks_with (self, match);
    }
  if (has_field (query, GLOW_QUERY_KIND))
    {
      g_autofree guint8 *match = match_kinds (self->profile, query, GLOW_QUERY_KIND);

      keep_stacks_with (self, match);
    }
  return TRUE;
}

/**
 * glow_selection_init:
 *
 * O(stacks + frames × regexes). On failure there is nothing to clear.
 */
gboolean
glow_selection_init (GlowSelection *self, GlowProfile *profile, const GlowQuery *query, GError **error)
{
  memset (self, 0, sizeof *self);
  self->profile = profile;
  if (!select_events (self, query, error) || !select_weights (self, query, error) || !glow_query_dup_time_ranges (query, profile, &self->ranges, error)
      || !select_conditions (self, query, error) || !select_stacks (self, query, error))
    {
      glow_selection_clear (self);
      return FALSE;
    }
  select_threads (self, query);
  if (has_field (query, GLOW_QUERY_SPANS) && !glow_selection_add_spans (self, query, error))
    {
      glow_selection_clear (self);
      return FALSE;
    }
  return TRUE;
}

gboolean
glow_selection_init_threads (GlowSelection *self, GlowProfile *profile, const GlowQuery *query, GError **error)
{
  memset (self, 0, sizeof *self);
  self->profile = profile;
  if (!glow_query_dup_time_ranges (query, profile, &self->ranges, error))
    return FALSE;
  select_threads (self, query);
  return TRUE;
}

const char *
glow_query_get_only (const GlowQuery *query, GlowQueryField field)
{
  FOR_TERMS (query, field, value)
    return value;
  return NULL;
}

void
glow_selection_clear (GlowSelection *self)
{
  g_free (self->event_ok);
  g_free (self->thread_ok);
  g_free (self->stack_ok);
  g_free (self->cpu_ok);
  g_free (self->fixed_weight);
  g_free (self->clock_share);
  g_clear_pointer (&self->ranges, g_array_unref);
  g_clear_pointer (&self->condition, glow_field_column_unref);
  g_free (self->own_rows);
  g_clear_pointer (&self->field, glow_field_column_unref);
}

guint8 *
glow_sample_filter_compute (GlowProfile *profile, const GlowQuery *query, GCancellable *cancellable, GError **error)
{
  const GlowSamples *samples = glow_profile_get_samples (profile);
  /* What samples weigh does not matter here, nor whether it could be added up. */
  g_autoptr(GlowQuery) counted = glow_query_with_weight (query, GLOW_WEIGHT_SAMPLES);
  GlowSelection selection;
  guint8 *keep;

  if (!glow_selection_init (&selection, profile, counted, error))
    return NULL;
  keep = g_new0 (guint8, samples->n + 1);
  for (gsize i = 0; i < samples->n; i++)
    keep[i] = glow_selection_has (&selection, samples, i);
  glow_selection_clear (&selection);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    g_clear_pointer (&keep, g_free);
  return keep;
}

guint8 *
glow_sample_filter_dup_hidden_frames (GlowProfile *profile, const GlowQuery *query)
{
  guint8 *hidden = NULL;
  guint32 n;

  glow_profile_get_frames (profile, &n);
  FOR_TERMS (query, GLOW_QUERY_HIDE, value)
    {
      g_autoptr(GRegex) regex = glow_regex_compile (value, TRUE, NULL);
      g_autofree guint8 *match = regex != NULL ? match_frames (profile, regex) : NULL;

      if (match == NULL)
        continue;
      if (hidden == NULL)
        hidden = g_new0 (guint8, n + 1);
      for (guint32 f = 0; f < n; f++)
        hidden[f] |= match[f];
    }
  if (has_field (query, GLOW_QUERY_HIDE_KIND))
    {
      g_autofree guint8 *match = match_kinds (profile, query, GLOW_QUERY_HIDE_KIND);

      if (hidden == NULL)
        hidden = g_new0 (guint8, n + 1);
      for (guint32 f = 0; f < n; f++)
        hidden[f] |= match[f];
    }
  return hidden;
}
