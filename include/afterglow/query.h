/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/profile.h>

G_BEGIN_DECLS

/* What to show, as an immutable value: a list of terms and four settings. Terms of one field are alternatives (comm a OR comm b),
 * except FOCUS and WHERE, of which all must hold, and HIDE, of which each removes; fields are combined by AND. A chip above the graph is
 * a term; the selection words of the command are its text. */
typedef struct _GlowQuery GlowQuery;

typedef enum {
  GLOW_QUERY_EVENT,            /* an event's name; without one, the profile's main event */
  GLOW_QUERY_TIME,             /* "FROM,TO" seconds from the start, either may be empty; or "14:03:10..14:03:12" wall clock, UTC unless dated/zoned */
  GLOW_QUERY_BASELINE_TIME,    /* as TIME: what the selection is compared with (baseline.h); it selects nothing itself */
  GLOW_QUERY_COMM,             /* glob */
  GLOW_QUERY_PID,
  GLOW_QUERY_TID,
  GLOW_QUERY_CPU,              /* list as taskset: "0,2-5" */
  GLOW_QUERY_CGROUP,           /* glob on the path of a control group or what it is called */
  GLOW_QUERY_MODULE,           /* glob on name or path: samples with a frame of it; the stack stays whole */
  GLOW_QUERY_KIND,             /* glob on a frame's kind ("kernel") or role ("gc"): samples with such a frame; the stack stays whole */
  GLOW_QUERY_FOCUS,            /* regex: samples with a matching function; the stack stays whole */
  GLOW_QUERY_HIDE,             /* regex: matching frames are taken out of the stacks, their callees join the caller */
  GLOW_QUERY_HIDE_KIND,        /* glob as of KIND: such frames are taken out, as HIDE does */
  GLOW_QUERY_WHERE,            /* a condition on fields (fields.h): "prev_state & 2 && prev_comm ~ 'kworker*'" */
  GLOW_QUERY_SPANS,            /* a kind of spans (spans.h): samples inside them, or at their edges. One only, as are the three below */
  GLOW_QUERY_LONGER,           /* of these, those that last at least so long: "18ms", "1.5s", or a quantile of them: "p99" */
  GLOW_QUERY_SHORTER,          /* and less than so long */
  GLOW_QUERY_SPAN_STACKS,      /* "inside": samples inside; "edge": stacks at their beginning, by duration; "both": inside, and where the thread waited */
  GLOW_N_QUERY_FIELDS
} GlowQueryField;

typedef enum { GLOW_WEIGHT_EVENT, GLOW_WEIGHT_SAMPLES, GLOW_WEIGHT_TIME, GLOW_WEIGHT_FIELD } GlowWeight;
typedef enum { GLOW_ORDER_HEAVY, GLOW_ORDER_NAME } GlowOrder;
typedef enum { GLOW_ROOTS_NONE, GLOW_ROOTS_COMM, GLOW_ROOTS_PROCESS, GLOW_ROOTS_THREAD, GLOW_ROOTS_CGROUP, GLOW_ROOTS_FIELD } GlowRoots;

GlowQuery  *glow_query_new      (void);                          /* everything of the main event, by event weight, heavy first, no roots */
GlowQuery  *glow_query_ref      (GlowQuery *self);
void        glow_query_unref    (GlowQuery *self);
gboolean    glow_query_equal    (const GlowQuery *a, const GlowQuery *b);
guint       glow_query_hash     (const GlowQuery *self);

/* Each returns a new query (transfer full). _with checks @value against the field's grammar (GLOW_ERROR_SELECTION, NULL). */
GlowQuery  *glow_query_with     (const GlowQuery *self, GlowQueryField field, const char *value, GError **error);
GlowQuery  *glow_query_without  (const GlowQuery *self, GlowQueryField field, const char *value);   /* value NULL: all of the field */
GlowQuery  *glow_query_with_only (const GlowQuery *self, GlowQueryField field, const char *value, GError **error);
GlowQuery  *glow_query_with_weight   (const GlowQuery *self, GlowWeight weight);
/* Samples weigh what a field of theirs says; GLOW_ERROR_SELECTION where @field is no field's name. */
GlowQuery  *glow_query_with_weight_field (const GlowQuery *self, const char *field, GError **error);
GlowQuery  *glow_query_with_order    (const GlowQuery *self, GlowOrder order);
GlowQuery  *glow_query_with_roots    (const GlowQuery *self, GlowRoots roots);
/* A root for each value of a field. */
GlowQuery  *glow_query_with_split    (const GlowQuery *self, const char *field, GError **error);
GlowQuery  *glow_query_with_inverted (const GlowQuery *self, gboolean inverted);
GlowQuery  *glow_query_with_collapse_recursion (const GlowQuery *self, gboolean collapse);

guint       glow_query_get_n_terms (const GlowQuery *self);
const char *glow_query_get_term (const GlowQuery *self, guint index, GlowQueryField *field);
gboolean    glow_query_has_term (const GlowQuery *self, GlowQueryField field, const char *value);
GlowWeight  glow_query_get_weight   (const GlowQuery *self);
const char *glow_query_get_weight_field (const GlowQuery *self);    /* (nullable): of GLOW_WEIGHT_FIELD */
const char *glow_query_get_split    (const GlowQuery *self);        /* (nullable): of GLOW_ROOTS_FIELD */
GlowOrder   glow_query_get_order    (const GlowQuery *self);
GlowRoots   glow_query_get_roots    (const GlowQuery *self);
gboolean    glow_query_get_inverted (const GlowQuery *self);
gboolean    glow_query_get_collapse_recursion (const GlowQuery *self);

/* A query whose events have the fields that its conditions, weight and roots name: as it is where one of its events has them, else with the
 * events of the profile that do. (transfer full) */
GlowQuery  *glow_query_with_fitting_events (const GlowQuery *self, struct _GlowProfile *profile);
/* The option word of a field without dashes: "comm"; and back. */
const char *glow_query_field_get_word  (GlowQueryField field);
gboolean    glow_query_field_from_word (const char *word, GlowQueryField *field);
/* "--comm nginx --weight samples", shell-quoted, settings that differ from the default included; parses back to an equal query. */
char       *glow_query_dup_words (const GlowQuery *self);
GlowQuery  *glow_query_parse_words (const char *words, GError **error);
/* A term in translated words for a chip: "comm nginx", "time 1.0–2.5 s". */
char       *glow_query_dup_chip (const GlowQuery *self, guint index);
/* A value of a field of globs that means this text, and hardly anything else. (transfer full) */
char       *glow_query_escape_glob (const char *text);

/* Its time terms on the clock of a profile; see selection.c. */
gboolean    glow_query_dup_time_ranges (const GlowQuery *query, GlowProfile *profile, GArray **ranges, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowQuery, glow_query_unref)

G_END_DECLS
