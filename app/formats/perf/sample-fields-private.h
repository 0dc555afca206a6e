/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What reading fields out of a recording needs, whether the recording has just been read (sample-fields.c) or was before (fields-kept.c). */
#pragma once
#include "formats/perf/perf-private.h"
#include "formats/perf/tracepoint-private.h"
#include "model/fields-private.h"
#include "symbols/symbol-table-private.h"

G_BEGIN_DECLS

typedef struct {
  gsize made;                  /* once */
  Tracepoint *tracepoint;      /* (nullable) */
  GArray *fields;              /* of GlowField: those of raw data, then own ones */
  GArray *own;                 /* of guint: which, for those behind the raw ones */
  guint n_raw;
} EventFields;

typedef struct {
  GlowFieldSource parent;
  GArray *segments;            /* of PerfSegment: records, as they lie in the recording */
  gboolean swap;
  PerfDialect dialect;
  GArray *events;              /* of PerfEvent */
  EventFields *fields;         /* by event */
  guint8 long_size;
  gboolean is_this_kernel;     /* the running kernel made the recording */
  char *kallsyms, *reference;  /* (nullable) */
  guint64 reference_address;
  GBytes *rows;
  const guint32 *places;       /* by row, in @rows */
  guint unit;
  gsize n_rows;
  GArray *packed;              /* (nullable): of PerfPiece */
  gint unpacked;               /* atomic; set under the lock */
  GMutex unpack_lock;
  guint8 *plain;               /* mapped */
  gsize n_plain;
  gsize named;                 /* once */
  GlowSymbolTable *kernel;     /* (nullable) */
} PerfFields;

/* Takes @segments (of PerfSegment), @events (of PerfEvent) and @rows (guint32 each); the rest is the caller's to fill. */
PerfFields      *perf_fields_alloc (GArray *segments, GArray *events, GBytes *rows, const GlowProfileInfo *info, const GlowLoadOptions *options);
/* ---- fields-kept.c ---- */
GVariant        *perf_fields_save  (GlowFieldSource *source, GBytes **rows);

G_END_DECLS
