/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Profiles that took long to make, kept for the next time the same file is opened.
 *
 * An entry is trusted when (1) every byte of the recording hashes to what it did, whatever its times say; (2) every file that names came from, or that
 * was looked for in vain, has the inode, size and times of change it had (the time of change cannot be set back by a program); (3) options, language
 * and version of this program are the same; (4) the entry's own bytes hash to what was written. Anything else is a miss.
 *
 * What is large and lies in files anyway is not kept: values of fields are read out of the recording, which is mapped while its inode and times are
 * those of what was hashed; files in a pack, which is the recording, and in an archive beside it, which is one of (2), are looked up there. */
#pragma once
#include "symbols/dependencies-private.h"

#include <afterglow/load.h>

G_BEGIN_DECLS

/* ---- content-hash.c ---- */

typedef struct { guint64 a, b; } GlowHash;
/* Not to be forged by those who do not know @seed; 10 GB a second. */
GlowHash glow_hash_bytes (gconstpointer bytes, gsize n, const GlowHash *seed);
GlowHash glow_hash_join  (GlowHash left, GlowHash right);
static inline gboolean
glow_hash_equal (GlowHash left, GlowHash right)
{
  return left.a == right.a && left.b == right.b;
}
/* Of what is hashed block by block: the first @n blocks of @size bytes. */
#define GLOW_HASH_BLOCK ((gsize) 1 << 20)
GlowHash glow_hash_of_blocks (const GlowHash *blocks, gsize n, guint64 size);
/* @size bytes of a file, by blocks, in two threads; @keep: (nullable): where they are kept. FALSE where they cannot be read, or cancelled. */
gboolean glow_hash_file (int fd, guint64 from, guint64 size, const GlowHash *seed, GlowHash *hash, guint8 *keep, GCancellable *cancellable);

/* ---- image-write.c, image-read.c ---- */

/* What the entry is of. */
typedef struct {
  GlowHash seed, content;
  guint64 size;                /* of the recording */
} GlowImageKey;

/* Writes all of @profile and its dependencies. FALSE where that cannot be: a full disk, or a profile that holds more than its recording's own bytes. */
gboolean     glow_profile_image_can_write (GlowProfile *profile);
gboolean     glow_profile_image_write (GlowProfile *profile, GlowDependencies *dependencies, const GlowImageKey *key, int fd);
/* Bytes that an entry begins with; what follows them is hashed. */
#define GLOW_IMAGE_HEAD ((gsize) 80)
/* Whether an entry of @n bytes that begins so is of a recording of this size; the first thing to be asked. */
gboolean     glow_profile_image_is_of_size (const guint8 head[GLOW_IMAGE_HEAD], gsize n, guint64 size);
/* (transfer full) (nullable): NULL where anything is not as it must be. @own: what follows the head hashes to. @path: of the recording. The profile's
 * arrays are @image's own; its fields are read out of the recording, which the caller has to know to be the one that was hashed. */
GlowProfile *glow_profile_image_read (GBytes *image, const GlowHash *own, const GlowImageKey *key, const char *path,
                                      const GlowLoadOptions *options);
/* Makes @own the entry's own hash: for tests of what is read beyond it. */
void         glow_profile_image_seal (guint8 *bytes, const GlowHash *own);

/* ---- cache.c ---- */

typedef struct _GlowCacheEntry GlowCacheEntry;
/* (nullable): where the file may be kept; NULL where it may not (a pipe, a small file, no folder to write to). */
GlowCacheEntry *glow_cache_entry_new  (const char *path, const GlowLoadOptions *options);
/* (transfer full) (nullable): NULL is a miss. */
GlowProfile    *glow_cache_entry_load (GlowCacheEntry *self, const GlowLoadOptions *options, GCancellable *cancellable);
/* Between these the file is read. */
void            glow_cache_entry_begin (GlowCacheEntry *self);
/* Keeps @profile (nullable) where it took long enough to make, in a thread of its own. Takes @self. */
void            glow_cache_entry_finish (GlowCacheEntry *self, GlowProfile *profile);

G_END_DECLS
