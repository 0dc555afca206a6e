/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/histogram.h>
#include <afterglow/spans.h>

G_BEGIN_DECLS

/* Latency over time: how many durations of each bucket there were in each interval of time. Whoever has such counts can have them drawn
 * (latency-map-chart.h): spans of a recording, or histograms that a service exposed and somebody scraped.
 *
 * Source of the idea: B. Gregg, "Visualizing System Latency", CACM 53(7), 2010. */
typedef struct {
  guint n_columns, n_rows;
  guint64 *time;               /* n_columns + 1, ascending: ns on the recording's clock; column c is [time[c], time[c + 1]). They need not be equally wide */
  guint64 *bound;              /* n_rows + 1, ascending: ns; row r lies between bound[r] and bound[r + 1]. The first may be 0, the last GLOW_BUCKETS_INFINITE */
  double *count;               /* column by column, each from the shortest row up; NaN: not known (nobody looked), which is not 0 */
  double largest;              /* of the counts that are known */
} GlowLatencyMap;

/* Copies the edges; every count is 0. O(cells). (transfer full) */
GlowLatencyMap *glow_latency_map_new     (const guint64 *time, guint n_columns, const guint64 *bound, guint n_rows);
void            glow_latency_map_free    (GlowLatencyMap *self);
double          glow_latency_map_get     (const GlowLatencyMap *self, guint column, guint row);
/* @count: 0 or more, or NaN. */
void            glow_latency_map_set     (GlowLatencyMap *self, guint column, guint row, double count);
/* Of a rectangle of cells, both ends counted; what is not known counts as nothing. O(cells in it). */
double          glow_latency_map_sum     (const GlowLatencyMap *self, guint first_column, guint last_column, guint first_row, guint last_row);

/* Spans made ready to be counted for any interval of time, at any zoom: built once in a worker, asked at every frame. Immutable. */
typedef struct _GlowLatencyIndex GlowLatencyIndex;

/* Rows a decade that maps can have; 20, the finest, are 12 % apart. */
#define GLOW_LATENCY_INDEX_FINEST 20

/* The base of @choice, by when they begin, as a query's times choose them. O(spans), 8 bytes a span. (transfer full) */
GlowLatencyIndex *glow_latency_index_new  (const GlowSpanChoice *choice);
GlowLatencyIndex *glow_latency_index_ref  (GlowLatencyIndex *self);
void              glow_latency_index_unref (GlowLatencyIndex *self);
gsize             glow_latency_index_get_n (const GlowLatencyIndex *self);
/* How many rows a map of so many a decade has. */
guint             glow_latency_index_get_n_rows (const GlowLatencyIndex *self, guint rows_a_decade);

/**
 * glow_latency_index_compute_map:
 * @from: ns: where the first column begins
 * @column: ns a column
 * @rows_a_decade: 1, 2, 5, 10 or 20; edges lie on the powers of ten
 *
 * Exact counts. O(columns × rows × log of the spans of a row), and no more than O(spans) where that is less.
 *
 * Returns: (transfer full) (nullable): %NULL where there are no spans
 */
GlowLatencyMap   *glow_latency_index_compute_map (const GlowLatencyIndex *self, guint64 from, guint64 column, guint n_columns, guint rows_a_decade);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowLatencyMap, glow_latency_map_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowLatencyIndex, glow_latency_index_unref)

G_END_DECLS
