/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where files are looked for: those of modules, and those that stand beside a recording. One place, so that names, unwinding and packing agree. */
#pragma once
#include <afterglow/load.h>

G_BEGIN_DECLS

/* Options with all folders of debug information in one list: those given, those of the root that was given, and those that belong to a recording. */
typedef struct {
  GlowLoadOptions options;
  GPtrArray *debug_dirs;       /* of char *, NULL-terminated */
} GlowNamePlaces;

/* @options may be NULL, @more too. @self->options is good as long as both. */
void       glow_name_places_init    (GlowNamePlaces *self, const GlowLoadOptions *options, const char *const *more);
void       glow_name_places_clear   (GlowNamePlaces *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GlowNamePlaces, glow_name_places_clear)

/* (transfer full): hexadecimal; @folders: with a slash behind the first byte, as files are kept by build-id. */
char      *glow_build_id_dup_hex    (const guint8 *build_id, guint n, gboolean folders);
char      *glow_module_dup_build_id (const GlowModule *module, gboolean folders);
/* (transfer full): (element-type utf8): where a file with this build-id may lie: beside the recordings, in perf's own cache, and in copies of it
 * among @debug_dirs (nullable), each with the @leaves that it may be called there. */
GPtrArray *glow_module_dup_build_id_places (const GlowModule *module, const char *const *recordings, const char *const *debug_dirs,
                                            const char *const *leaves);
/* (transfer full): (element-type utf8): where the ELF file @path of a module may lie, the surest first. */
GPtrArray *glow_module_dup_places   (const GlowModule *module, const char *path, const char *const *recordings, const GlowLoadOptions *options);
/* Whether paths of the recordings may be this machine's: no root was given, and they are not packed, for then the paths are another machine's, and
 * what lies there is not what was recorded. */
gboolean   glow_places_are_here     (const char *const *recordings, const GlowLoadOptions *options);
/* (transfer full): (element-type utf8): where the image of a kernel may lie. */
GPtrArray *glow_kernel_dup_places   (const GlowModule *module, const char *release, const char *const *recordings, const GlowLoadOptions *options);
/* @path below @root, absolute links followed as if @root were "/". (transfer full) */
char      *glow_root_dup_path       (const char *root, const char *path);

G_END_DECLS
