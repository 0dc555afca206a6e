/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How inputs are opened: the registry's side of GlowInput. */
#pragma once
#include "formats/format-private.h"

G_BEGIN_DECLS

/* @path "-" is standard input. */
GlowInput *glow_input_open_path (const char *path, GCancellable *cancellable, GError **error);
/* @fd stays the caller's. @name is for messages. */
GlowInput *glow_input_open_fd   (int fd, const char *name, GCancellable *cancellable, GError **error);
/* The bytes of a file inside another, whose path is only a name. */
GlowInput *glow_input_open_bytes (GBytes *bytes, const char *path, const char *name, GCancellable *cancellable, GError **error);
/* What glow_input_map() gives, for as long as it is referenced: the input has it no longer. *@fd: the file that holds just that, the caller's to close;
 * −1 where there is none. (transfer full) */
GBytes    *glow_input_take_map  (GlowInput *self, int *fd, GCancellable *cancellable, GError **error);
/* As glow_input_get_dates(), of the file at @path below @fd, or of @fd where that is "". */
void       glow_file_get_dates  (int fd, const char *path, gint64 *changed, gint64 *born);
/* Files that grow while they are open. */
gboolean   glow_input_reserve   (GlowInput *self, gsize reserve);
gboolean   glow_input_follow    (GlowInput *self, gsize *n);
GlowInput *glow_input_new_part  (GlowInput *whole, gsize from, gsize n);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowInput, glow_input_free)

G_END_DECLS
