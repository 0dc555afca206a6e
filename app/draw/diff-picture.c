/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "draw/diff-export-private.h"
gboolean glow_diff_write_html (GlowDiff *self, const GlowDiffExportOptions *options, GOutputStream *output, GCancellable *cancellable, GError **error) { return TRUE; }
gboolean glow_diff_write_picture (GlowDiff *self, GlowDiffFormat format, const GlowDiffExportOptions *options, GOutputStream *output, GCancellable *cancellable, GError **error) { return TRUE; }
