/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* An encoded histogram in base64, compressed or not: its buckets that hold something, of GlowNativeBucket, [lower, upper) in the histogram's own numbers.
 * NULL with *@problem, one untranslated sentence. (transfer full) */
GArray *glow_hdr_decode (const char *base64, const char **problem);

G_END_DECLS
