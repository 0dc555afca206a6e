/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <cairo.h>
#include <gio/gio.h>
#include <afterglow/diff.h>
#include <afterglow/palette.h>

G_BEGIN_DECLS

/* What a diff is written as. */
typedef enum {
  GLOW_DIFF_SVG, GLOW_DIFF_PNG, GLOW_DIFF_PDF,
  GLOW_DIFF_HTML,              /* a page by itself: statements, picture, table that sorts and searches */
  GLOW_DIFF_CSV, GLOW_DIFF_MARKDOWN, GLOW_DIFF_TEXT,
  GLOW_DIFF_JSON,              /* as data/schemas/diff-1.json says, without gates */
  GLOW_DIFF_FOLDED,            /* "stack BEFORE AFTER" a line, bytewise sorted: what flamegraph.pl and inferno-flamegraph draw as a differential */
  GLOW_N_DIFF_FORMATS
} GlowDiffFormat;

typedef struct {
  GlowDiffKind kind;           /* of tables */
  gboolean by_path;            /* of tables: paths instead, of their totals; CSV, text and Markdown */
  GlowDiffMeasure measure;     /* that tables are ordered by */
  guint limit;                 /* rows; 0: all */
  gboolean only_matters;       /* leave out rows without evidence, or below the floor */
  gboolean merged;             /* one picture coloured by change; else both sides beside each other, in step */
  GlowDiffWidth widths;        /* of pictures; LARGER is the one that hides nothing */
  gboolean normalize;          /* folded: before is scaled to the whole of after, as difffolded.pl -n */
  gboolean annotate;           /* folded: kernel, inlined and JIT frames are marked, as stackcollapse-perf.pl does */
  double width, scale, min_width;       /* pictures: as of GlowPictureOptions; width of all of it */
  double from, to;             /* pictures: the part of the union's width that is drawn; both 0: all */
  const char *title, *subtitle, *search;       /* (nullable) */
  GlowTheme theme;
  gboolean icicle;
} GlowDiffExportOptions;

gboolean glow_diff_format_from_path (const char *path, GlowDiffFormat *format);
/* The least share that a picture looks into: for GlowDiffOptions.min_share. 0 where every path is written. */
double   glow_diff_get_min_share    (GlowDiffFormat format, const GlowDiffExportOptions *options);
/* Whether paths are needed: GlowDiffOptions.no_paths where not. */
gboolean glow_diff_format_has_paths (GlowDiffFormat format);
/* Paths worth a row (guint32 nodes): what matters first, then evidence, each by |change|; *n_left more there are. (transfer full) O(nodes log nodes) */
GArray  *glow_diff_list_paths       (GlowDiff *self, guint limit, gboolean only_matters, guint *n_left);
/* Writes @self, in whole; O(rows) for tables, O(rectangles) for pictures, O(paths) for folded text. */
gboolean glow_diff_write (GlowDiff *self, GlowDiffFormat format, const GlowDiffExportOptions *options, GOutputStream *output, GCancellable *cancellable,
                          GError **error);
/* Members of that JSON into an open object of json-glib: all but schema, files, selection, warnings and gate; and one change, its members' names behind @prefix. */
struct _JsonBuilder;
void     glow_diff_build_json (GlowDiff *self, const GlowDiffExportOptions *options, struct _JsonBuilder *builder);
void     glow_diff_build_json_change (GlowDiff *self, const char *prefix, const GlowDiffChange *change, struct _JsonBuilder *builder);
/* Onto any cairo context, from (0, 0): for a printer. Width and height are the page's. */
gboolean glow_diff_draw  (GlowDiff *self, const GlowDiffExportOptions *options, double width, double height, cairo_t *cr, GError **error);

G_END_DECLS
