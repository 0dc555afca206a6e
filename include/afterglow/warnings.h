/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/**
 * GlowWarning:
 * @code: stable kebab-case identifier, as in the command's JSON ("unknown-record", "build-id-mismatch", …)
 * @count: how often it was met
 * @first_at: the first place: byte offset in the input, or line number for text; 0 where a place has no meaning
 * @message: one translated sentence: what was found, where, what was expected
 * @advice: (nullable): one translated sentence: what to do about it
 */
typedef struct {
  char *code;
  guint64 count;
  guint64 first_at;
  char *message;
  char *advice;
} GlowWarning;

/* A list of warnings, one entry a (code, key). Thread-safe while it is filled; read-only once a profile owns it. Reference counted. */
typedef struct _GlowWarnings GlowWarnings;

GlowWarnings      *glow_warnings_new   (void);
GlowWarnings      *glow_warnings_ref   (GlowWarnings *self);
void               glow_warnings_unref (GlowWarnings *self);
/* Equal (code, key) are one entry whose count grows by @count; message and place are those of the first. @key may be NULL. */
void               glow_warnings_add   (GlowWarnings *self, const char *code, const char *key, guint64 count, guint64 first_at,
                                        const char *advice, const char *format, ...) G_GNUC_PRINTF (7, 8);
void               glow_warnings_add_all (GlowWarnings *self, GlowWarnings *other);
guint              glow_warnings_get_n (GlowWarnings *self);
const GlowWarning *glow_warnings_get   (GlowWarnings *self, guint index);
/* Whether it says that part of the input could not be read, as against what could not be named or is not known here. */
gboolean           glow_warning_is_loss (const GlowWarning *warning);
/* All of them as the member "warnings" of an open object of json-glib. */
struct _JsonBuilder;
void               glow_warnings_build_json (GlowWarnings *const *lists, guint n, struct _JsonBuilder *builder);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowWarnings, glow_warnings_unref)

G_END_DECLS
