/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/diff-export.h>

G_BEGIN_DECLS

/* Each appends to @text. */
void     glow_diff_append_text     (GlowDiff *self, const GlowDiffExportOptions *options, GString *text);
void     glow_diff_append_markdown (GlowDiff *self, const GlowDiffExportOptions *options, GString *text);
void     glow_diff_append_csv      (GlowDiff *self, const GlowDiffExportOptions *options, GString *text);
void     glow_diff_append_json     (GlowDiff *self, const GlowDiffExportOptions *options, GString *text);
/* Indices of the rows that are to be shown, in order. *n_left: how many more there are. (transfer full) */
GArray  *glow_diff_list_rows       (GlowDiff *self, const GlowDiffExportOptions *options, guint *n_left);
gboolean glow_diff_write_folded    (GlowDiff *self, const GlowDiffExportOptions *options, GOutputStream *output, GCancellable *cancellable, GError **error);
gboolean glow_diff_write_html      (GlowDiff *self, const GlowDiffExportOptions *options, GOutputStream *output, GCancellable *cancellable, GError **error);
gboolean glow_diff_write_picture   (GlowDiff *self, GlowDiffFormat format, const GlowDiffExportOptions *options, GOutputStream *output, GCancellable *cancellable, GError **error);

G_END_DECLS
