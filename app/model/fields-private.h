/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where fields come from: a format gives a profile a source, which reads single values out of its recording. Columns are made here, of it. */
#pragma once
#include <afterglow/fields.h>

G_BEGIN_DECLS

typedef struct _GlowFieldSource GlowFieldSource;

/* All but @free may be called by any thread at any time. */
typedef struct {
  const GlowField *(*list) (GlowFieldSource *self, guint32 event, guint *n);
  /* Called before values are read: what has to be unpacked is. */
  gboolean (*prepare)      (GlowFieldSource *self, GCancellable *cancellable, GError **error);
  gboolean (*read)         (GlowFieldSource *self, gsize row, guint32 event, guint field, guint element, GlowFieldValue *value);
  void     (*append_text)  (GlowFieldSource *self, guint32 event, guint field, const GlowFieldValue *value, GString *text);
  gboolean (*append_trace) (GlowFieldSource *self, gsize row, guint32 event, GString *text);
  /* Whether the recording became shorter since. */
  gboolean (*is_damaged)   (GlowFieldSource *self);
  void     (*free)         (GlowFieldSource *self);
  /* (nullable): what the source can be made of again, beside its recording and @rows, a number for each row. (transfer full) (nullable) */
  GVariant *(*save)        (GlowFieldSource *self, GBytes **rows);
} GlowFieldSourceClass;

struct _GlowFieldSource {
  const GlowFieldSourceClass *class;
  gatomicrefcount ref_count;
  GMutex lock;                 /* of the cache */
  GHashTable *columns;         /* name → GlowFieldColumn */
  GQueue order;                /* of names, the last used first */
};

void             glow_field_source_init  (GlowFieldSource *self, const GlowFieldSourceClass *class);
GlowFieldSource *glow_field_source_ref   (GlowFieldSource *self);
void             glow_field_source_unref (GlowFieldSource *self);
/* The cache: columns by field, conditions by their words. (transfer full) (nullable) */
GlowFieldColumn *glow_field_source_lookup (GlowFieldSource *self, const char *key);
void             glow_field_source_keep   (GlowFieldSource *self, const char *key, GlowFieldColumn *column);
GlowFieldSource *glow_profile_get_field_source (GlowProfile *self);   /* (nullable) */

/* A source for the rows of several: row r of the whole is row @rows[r] of @sources[@of[r]] (nullable); @events[s][e] is what event e of source s
 * became. Takes @of and @rows, which malloc made. NULL, the arrays freed, where no source has fields. */
GlowFieldSource *glow_field_source_merge (GlowFieldSource *const *sources, guint n, const guint32 *const *events, const guint *n_events,
                                          guint n_merged_events, guint16 *of, guint32 *rows);

/* "bytes_req", "args[2]" or "kmem:kmalloc:bytes_req" against one event: whether the words before the last colon mean the event, and what the
 * field's own name is. */
gboolean         glow_field_name_split   (const char *name, const char *event, const char **field, gsize *length, guint *element);
/* What a name and a type say of the values: bytes, nanoseconds or nothing. */
GlowUnit         glow_field_guess_unit   (const char *event, const char *name, const char *type, GlowFieldKind kind);

G_END_DECLS
