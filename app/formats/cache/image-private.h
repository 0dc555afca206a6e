/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What writing (image-write.c) and reading (image-read.c) an entry agree on. The layout is this program's own memory's: an entry of another version or
 * machine is not read. */
#pragma once
#include "formats/cache/cache-private.h"
#include "model/profile-storage-private.h"

#include <string.h>

G_BEGIN_DECLS

#define GLOW_IMAGE_MAGIC "AGLOWIMG"
#define GLOW_IMAGE_LAYOUT 7

typedef struct {
  char magic[8];
  guint64 layout, n, size;     /* @n: bytes of the whole entry; @size: of the recording */
  GlowHash content, own;       /* of the recording; of what follows */
  char version[16];
} GlowImageHead;
G_STATIC_ASSERT (sizeof (GlowImageHead) == GLOW_IMAGE_HEAD);

#define GLOW_IMAGE_N_TEXTS 11

/* The texts of what a recording says of itself, one after another. */
static inline void
glow_image_list_texts (GlowProfileInfo *info, const char **texts[GLOW_IMAGE_N_TEXTS])
{
  const char **all[] = { &info->format, &info->format_detail, &info->hostname, &info->os_release, &info->arch, &info->perf_version, &info->command_line,
                         &info->cpu_description, &info->cpu_id, &info->clock_name, &info->kernel_reference };

  memcpy (texts, all, sizeof all);
}

G_END_DECLS
