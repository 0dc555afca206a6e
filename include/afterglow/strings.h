/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* An interning table of byte strings (not necessarily UTF-8): equal bytes have equal ids. Id 0 is the empty string.
 * Append-only; not thread-safe while it grows, freely read once a profile owns it. Reference counted. */
typedef struct _GlowStrings GlowStrings;

GlowStrings *glow_strings_new    (void);
GlowStrings *glow_strings_copy   (GlowStrings *self);           /* same ids, grows on its own */
GlowStrings *glow_strings_ref    (GlowStrings *self);
void         glow_strings_unref  (GlowStrings *self);
guint32      glow_strings_intern (GlowStrings *self, const char *bytes, gssize length);   /* length -1: NUL-terminated */
gboolean     glow_strings_find   (GlowStrings *self, const char *bytes, gssize length, guint32 *id);
const char  *glow_strings_get    (GlowStrings *self, guint32 id);                         /* NUL-terminated, owned by the table */
const char  *glow_strings_get_bytes (GlowStrings *self, guint32 id, gsize *length);
guint32      glow_strings_get_n  (GlowStrings *self);
gsize        glow_strings_get_memory (GlowStrings *self);
/* Valid UTF-8 for people: bytes that are not UTF-8 and control characters are replaced by U+FFFD. (transfer full) */
char        *glow_strings_dup_display (GlowStrings *self, guint32 id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowStrings, glow_strings_unref)

G_END_DECLS
