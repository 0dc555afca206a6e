/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Undoing of compression as a stream, one interface over the libraries. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef enum { GLOW_COMPRESSION_NONE, GLOW_COMPRESSION_GZIP, GLOW_COMPRESSION_ZSTD, GLOW_COMPRESSION_XZ, GLOW_COMPRESSION_BZIP2 } GlowCompression;

/* Bytes of the beginning that recognition looks at. */
#define GLOW_COMPRESSION_HEAD 16

typedef struct _GlowDecoder GlowDecoder;

GlowCompression glow_compression_recognise (const guint8 *head, gsize n);
const char     *glow_compression_get_label (GlowCompression compression);     /* "gzip" */

/* NULL with GLOW_ERROR_UNSUPPORTED where this build lacks the library. */
GlowDecoder *glow_decoder_new  (GlowCompression compression, GError **error);
void         glow_decoder_free (GlowDecoder *self);
/* Moves *@in and *@out on by what was used and made. @last says that nothing follows *@in. *@finished is set at the end of the content.
 * FALSE with GLOW_ERROR_DAMAGED; what was made before the damage stands. Concatenated members are one content; anything else that
 * follows is ignored and makes *@trailing TRUE, as zero padding does not. */
gboolean     glow_decoder_step (GlowDecoder *self, const guint8 **in, gsize *n_in, guint8 **out, gsize *n_out, gboolean last,
                                gboolean *finished, gboolean *trailing, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowDecoder, glow_decoder_free)

G_END_DECLS
