/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decoding ahead of the reader: a thread fills a ring of buffers. */
#include "formats/input-object-private.h"

#include <string.h>

void
glow_pump_free (GlowPump *pump)
{
  if (pump == NULL)
    return;
  g_cancellable_cancel (pump->stop);
  g_mutex_lock (&pump->lock);
  pump->finished = TRUE;
  g_cond_broadcast (&pump->changed);
  g_mutex_unlock (&pump->lock);
  g_thread_join (pump->thread);
  g_object_unref (pump->stop);
  for (guint i = 0; i < GLOW_PUMP_BUFFERS; i++)
    g_free (pump->chunks[i].bytes);
  g_mutex_clear (&pump->lock);
  g_cond_clear (&pump->changed);
  g_free (pump);
}

static gpointer
run_pump (gpointer data)
{
  GlowInput *self = data;
  GlowPump *pump = self->pump;
  gboolean more = TRUE;

  while (more)
    {
      g_autoptr(GError) error = NULL;
      GlowChunk *chunk;
      gssize got;

      g_mutex_lock (&pump->lock);
      while (pump->filled - pump->taken == GLOW_PUMP_BUFFERS && !pump->finished)
        g_cond_wait (&pump->changed, &pump->lock);
      more = !pump->finished;
      chunk = &pump->chunks[pump->filled % GLOW_PUMP_BUFFERS];
      g_mutex_unlock (&pump->lock);
      if (!more)
        break;
      if (chunk->bytes == NULL)
        chunk->bytes = g_malloc (GLOW_PUMP_SIZE);
      got = glow_input_read_text (self, chunk->bytes, GLOW_PUMP_SIZE, pump->stop, &error);
      g_mutex_lock (&pump->lock);
      chunk->n = MAX (got, 0);
      more = got > 0;
      if (got > 0)
        pump->filled++;
      else
        pump->finished = TRUE;
      if (error != NULL && self->damage == NULL)
        self->damage = g_steal_pointer (&error);
      g_cond_broadcast (&pump->changed);
      g_mutex_unlock (&pump->lock);
    }
  return NULL;
}

void
glow_input_start_pump (GlowInput *self)
{
  GlowPump *pump = g_new0 (GlowPump, 1);

  g_mutex_init (&pump->lock);
  g_cond_init (&pump->changed);
  pump->stop = g_cancellable_new ();
  self->pump = pump;
  pump->thread = g_thread_new ("glow-decode", run_pump, self);
}

static void
wake_pump (GCancellable *cancellable, gpointer data)
{
  GlowPump *pump = data;

  g_mutex_lock (&pump->lock);
  g_cond_broadcast (&pump->changed);
  g_mutex_unlock (&pump->lock);
}

gssize
glow_pump_read (GlowPump *pump, void *buffer, gsize n, GCancellable *cancellable, GError **error)
{
  gulong handler = cancellable != NULL ? g_cancellable_connect (cancellable, G_CALLBACK (wake_pump), pump, NULL) : 0;
  gboolean cancelled = FALSE;
  GlowChunk *chunk = NULL;
  gsize take;

  g_mutex_lock (&pump->lock);
  while (pump->filled == pump->taken && !pump->finished && !(cancelled = g_cancellable_is_cancelled (cancellable)))
    g_cond_wait (&pump->changed, &pump->lock);
  if (pump->filled != pump->taken)
    chunk = &pump->chunks[pump->taken % GLOW_PUMP_BUFFERS];
  g_mutex_unlock (&pump->lock);
  if (handler != 0)
    g_cancellable_disconnect (cancellable, handler);
  if (cancelled)
    {
      g_cancellable_set_error_if_cancelled (cancellable, error);
      return -1;
    }
  if (chunk == NULL)
    return 0;
  take = MIN (n, chunk->n - pump->at);
  memcpy (buffer, chunk->bytes + pump->at, take);
  pump->at += take;
  if (pump->at == chunk->n)
    {
      pump->at = 0;
      g_mutex_lock (&pump->lock);
      pump->taken++;
      g_cond_broadcast (&pump->changed);
      g_mutex_unlock (&pump->lock);
    }
  return take;
}
