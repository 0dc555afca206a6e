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
/* "1.05–1.85 s", "from 3 s"; wall clock as it was given. (transfer full) */
char     *glow_query_dup_time_words (const char *value);
gboolean  glow_time_term_parse (const char *text, GlowTimeTerm *term, GError **error);

/* The term or terms that @value stands for, each in its one canonical spelling. (transfer full) */
char    **glow_query_canonical_values (GlowQueryField field, const char *value, GError **error);
/* "18ms" in ns, or "p99" as a quantile in [0, 1]; *@q is −1 for a duration. */
gboolean  glow_span_bound_parse (const char *text, guint64 *ns, double *q);
/* "0-3" to its bounds; a single number is both. */
gboolean  glow_number_range_parse (const char *text, guint32 *first, guint32 *last);
/* A regex ready for glow_regex_matches(); GLOW_ERROR_SELECTION with the position of what is wrong. */
GRegex   *glow_regex_compile (const char *pattern, gboolean case_sensitive, GError **error);
/* Whether a frame's kind or role has an id that the glob fits. */
gboolean  glow_query_kind_matches (const char *glob, GlowFrameKind kind, GlowRole role);
/* (nullable): what people call the kind or role of this id */
const char *glow_query_kind_get_label (const char *id);

G_END_DECLS
