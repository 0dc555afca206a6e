/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/query.h>

G_BEGIN_DECLS

/* A bound of a time range, as its words say it. */
typedef struct {
  gboolean is_set, is_wall, has_date;
  gint64 ns;                   /* from the start; or of the day; or since 1970 where dated */
} GlowTimeBound;
typedef struct { GlowTimeBound from, to; } GlowTimeTerm;
gboolean  glow_time_term_parse (const char *text, GlowTimeTerm *term, GError **error);

/* The term or terms that @value stands for, each in its one canonical spelling. (transfer full) */
char    **glow_query_canonical_values (GlowQueryField field, const char *value, GError **error);
/* "0-3" to its bounds; a single number is both. */
gboolean  glow_number_range_parse (const char *text, guint32 *first, guint32 *last);
/* A regex ready for glow_regex_matches(); GLOW_ERROR_SELECTION with the position of what is wrong. */
GRegex   *glow_regex_compile (const char *pattern, gboolean case_sensitive, GError **error);
/* One byte a frame, 1 where the name matches; each distinct name is tried once. (transfer full): g_free; NULL with @error. */
guint8   *glow_profile_match_frames (GlowProfile *profile, GRegex *regex, GError **error);
gboolean  glow_glob_matches (GPatternSpec *spec, const char *pattern, const char *text);

/* How many samples a row of an event is, and what it weighs. */
typedef struct {
  gboolean wanted;
  guint64 weight_factor;       /* of the column's value, or the weight itself where !from_column */
  gboolean from_column;
  guint64 count_factor;
  gboolean count_from_column;
} GlowEventRule;

/* A query made ready for one profile: every test on a row is a look into a small table. */
typedef struct {
  GlowProfile *profile;        /* not owned: lives in the call */
  guint32 n_events;
  GlowEventRule *events;
  guint8 *threads;             /* (nullable) by thread: wanted */
  guint8 *cpus;                /* (nullable) 65536 long */
  guint8 *stacks;              /* (nullable) by stack: wanted (module, focus) */
  guint8 *hidden;              /* (nullable) by frame */
  GArray *ranges;              /* of gsize pairs: rows from, to; disjoint, ascending */
  GlowUnit unit;
  guint8 decimals, count_decimals;
  guint64 profile_weight, profile_count;
  gboolean counts_are_weights; /* the two sums are the same for every row */
} GlowSelection;

/* @any_unit: events of different units may stand together (for lists of events). */
GlowSelection *glow_selection_new  (GlowProfile *profile, const GlowQuery *query, gboolean any_unit, GError **error);
void           glow_selection_free (GlowSelection *self);

/* FALSE where the row is not selected. */
static inline gboolean
glow_selection_row (const GlowSelection *self, const GlowSamples *samples, gsize i, guint64 *weight, guint64 *count)
{
  guint32 event = samples->event != NULL ? samples->event[i] : 0;
  const GlowEventRule *rule;
  guint64 value;

  if (event >= self->n_events || !(rule = &self->events[event])->wanted)
    return FALSE;
  if (self->threads != NULL && !self->threads[samples->thread[i]])
    return FALSE;
  if (self->cpus != NULL && !self->cpus[samples->cpu[i]])
    return FALSE;
  if (self->stacks != NULL && !self->stacks[samples->stack[i]])
    return FALSE;
  value = samples->weight != NULL ? samples->weight[i] : 1;
  *weight = rule->from_column ? value * rule->weight_factor : rule->weight_factor;
  *count = rule->count_from_column ? value * rule->count_factor : rule->count_factor;
  return TRUE;
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowSelection, glow_selection_free)

G_END_DECLS
