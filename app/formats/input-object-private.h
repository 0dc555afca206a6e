/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the input share. Three layers, each a read function: raw bytes, decompressed bytes, UTF-8 bytes. */
#pragma once
#include "formats/decompress-private.h"
#include "formats/input-private.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define GLOW_RAW_BUFFER (256 * 1024)
#define GLOW_PUMP_BUFFERS 4
#define GLOW_PUMP_SIZE (1024 * 1024)

typedef struct {
  guint8 *bytes;
  gsize n;
} GlowChunk;

/* Buffers that a thread fills ahead of the reader, in a ring. */
typedef struct {
  GThread *thread;
  GMutex lock;
  GCond changed;
  GCancellable *stop;
  GlowChunk chunks[GLOW_PUMP_BUFFERS];
  guint filled, taken;         /* running counts; filled − taken ≤ GLOW_PUMP_BUFFERS */
  gsize at;                    /* in the chunk being taken */
  gboolean finished;
} GlowPump;

struct _GlowInput {
  gatomicrefcount ref_count;
  char *name, *path, *coding;
  int fd;
  guint64 size;
  gboolean blocks;             /* a read may wait: a pipe, a terminal */
  GCancellable *cancellable;   /* of the opening; peeking has none of its own */

  GBytes *bytes;               /* (nullable): what @map is then, instead of a file */
  guint8 *map;                 /* the file as it lies */
  gsize map_size, map_at;
  gsize map_reserved;          /* addresses that were mapped, behind the file's end too; 0: map_size */
  gboolean map_is_borrowed;    /* of another input */
  guint8 *raw;                 /* read from a stream, not yet taken */
  gsize raw_n, raw_at;
  gboolean raw_end;

  GlowDecoder *decoder;
  gboolean decoder_finished, trailing;

  GConverter *text;            /* from UTF-16 */
  guint8 *wide;
  gsize wide_n, wide_at;
  gboolean wide_end;

  guint8 *head;                /* decoded and peeked at */
  gsize head_n, head_at, head_size;
  gboolean head_end;           /* the content ends within the head */
  GlowPump *pump;
  GError *damage;

  guint8 *spool;               /* NULL: not spooled; else @spool_fd is open */
  gsize spool_n;
  int spool_fd;
};

/* input-layers.c: bytes read, 0 at the end, −1 with @error. */
gboolean glow_input_fill_raw  (GlowInput *self, gsize wanted, GCancellable *cancellable, GError **error);
gssize   glow_input_read_raw  (GlowInput *self, guint8 *buffer, gsize n, GCancellable *cancellable, GError **error);
gssize   glow_input_read_text (GlowInput *self, guint8 *buffer, gsize n, GCancellable *cancellable, GError **error);
/* input-pump.c */
void     glow_input_start_pump (GlowInput *self);
gssize   glow_pump_read       (GlowPump *pump, void *buffer, gsize n, GCancellable *cancellable, GError **error);
void     glow_pump_free       (GlowPump *pump);
/* input-guard.c: a mapped file that becomes shorter reads as zeros, and is told to have done so. */
gpointer glow_guard_map       (int fd, gsize n);              /* (nullable) */
gboolean glow_guard_unmap     (gpointer map, gsize n);        /* TRUE where the file became shorter meanwhile */
gboolean glow_guard_was_hit   (gconstpointer map);

G_END_DECLS
