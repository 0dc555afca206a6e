/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/load.h>

G_BEGIN_DECLS

/* (transfer full): hexadecimal; @folders: with a slash behind the first byte, as files are kept by build-id. */
char      *glow_module_dup_build_id (const GlowModule *module, gboolean folders);
/* (transfer full): (element-type utf8): where a file with this build-id may lie: beside the recordings, and in perf's own cache, each with the
 * @leaves that it may be called there. */
GPtrArray *glow_module_dup_build_id_places (const GlowModule *module, const char *const *recordings, const char *const *leaves);
/* (transfer full): (element-type utf8): where the ELF file @path of a module may lie, the surest first. */
GPtrArray *glow_module_dup_places   (const GlowModule *module, const char *path, const char *const *recordings, const GlowLoadOptions *options);

G_END_DECLS
