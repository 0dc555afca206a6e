/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decodes samples in a thread of its own, while another still walks over the records and sorts out what is said beside the samples. The data has two
 * parts, each with a decoder of its own, so that what comes of it does not depend on which thread was faster. */
#include "formats/perf/perf-private.h"

#define PROGRESS_STEP (4u << 20)

typedef struct {
  PerfDecoder decoder;
  gsize at, to;                /* in the file: where the next record begins; the end */
  gsize reported;
  gint taken;                  /* a thread is at it */
} Part;

struct _PerfAhead {
  PerfReader *reader;
  Part parts[2];
  GThread *thread;
  GMutex lock;
  GCond changed;
  gsize walked;                /* locked: records before it are known to be whole */
  gboolean over;               /* locked: there are no more to come */
  gint stopped;
};

/* Decodes up to @to, or less where cancelled or stopped. */
static void
decode (PerfAhead *self, Part *part, gsize to)
{
  PerfReader *reader = self->reader;

  while (part->at + 8 <= to)
    {
      PerfRecordHeader header = perf_record_header (reader->bytes + part->at, reader->swap);

      if (header.size < 8 || header.size > to - part->at)
        break;
      if (header.type == RECORD_SAMPLE)
        perf_decode_sample (&part->decoder, reader->bytes + part->at + 8, header.misc, header.size - 8, part->at);
      part->at += header.size;
      if (part->at - part->reported > PROGRESS_STEP)
        {
          gsize more = part->at - part->reported;

          perf_report (reader, g_atomic_pointer_add (&reader->parts_done, more) + more, 0);
          part->reported = part->at;
          if (g_cancellable_is_cancelled (reader->cancellable) || g_atomic_int_get (&self->stopped))
            return;
        }
    }
}

static void
decode_second (PerfAhead *self)
{
  Part *part = &self->parts[1];

  if (g_atomic_int_compare_and_exchange (&part->taken, FALSE, TRUE))
    decode (self, part, part->to);
}

static gpointer
run (gpointer data)
{
  PerfAhead *self = data;
  Part *part = &self->parts[0];
  gboolean over = FALSE;

  while (!over && !g_atomic_int_get (&self->stopped))
    {
      gsize to;

      g_mutex_lock (&self->lock);
      while (self->walked == part->at && !self->over)
        g_cond_wait (&self->changed, &self->lock);
      to = self->walked;
      over = self->over;
      g_mutex_unlock (&self->lock);
      decode (self, part, to);
      if (g_cancellable_is_cancelled (self->reader->cancellable))
        return NULL;
    }
  if (!g_atomic_int_get (&self->stopped))
    decode_second (self);
  return NULL;
}

/**
 * perf_ahead_new:
 *
 * Begins at the reader's data; decodes no more than it is told of by perf_ahead_walked().
 *
 * Returns: (transfer full):
 */
PerfAhead *
perf_ahead_new (PerfReader *reader)
{
  PerfAhead *self = g_new0 (PerfAhead, 1);

  self->reader = reader;
  for (guint i = 0; i < 2; i++)
    perf_decoder_init (&self->parts[i].decoder, reader);
  self->parts[0].at = self->parts[0].reported = self->walked = reader->data_offset;
  reader->parts_done = 0;
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->thread = g_thread_new ("perf-decode", run, self);
  return self;
}

static void
publish (PerfAhead *self, gsize walked, gboolean over)
{
  g_mutex_lock (&self->lock);
  self->walked = walked;
  self->over = over;
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->lock);
}

/**
 * perf_ahead_walked:
 * @to: in the file: records up to there are whole, and belong to the first part
 */
void
perf_ahead_walked (PerfAhead *self, gsize to)
{
  publish (self, to, FALSE);
}

/**
 * perf_ahead_end:
 * @middle: where the second part begins, no less than was told before
 * @end: where it ends
 */
void
perf_ahead_end (PerfAhead *self, gsize middle, gsize end)
{
  self->parts[1].at = self->parts[1].reported = middle;
  self->parts[1].to = end;
  publish (self, middle, TRUE);
}

/* Without what was decoded, where @decoders is NULL. */
static void
finish (PerfAhead *self, GArray *decoders)
{
  g_thread_join (self->thread);
  for (guint i = 0; i < 2; i++)
    if (decoders != NULL)
      g_array_append_val (decoders, self->parts[i].decoder);
    else
      perf_decoder_clear (&self->parts[i].decoder);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  g_free (self);
}

/**
 * perf_ahead_finish:
 * @self: (transfer full): after perf_ahead_end()
 * @decoders: of PerfDecoder; both are appended
 *
 * Helps with what is not done yet, and waits.
 */
void
perf_ahead_finish (PerfAhead *self, GArray *decoders)
{
  decode_second (self);
  finish (self, decoders);
}

/**
 * perf_ahead_drop:
 * @self: (transfer full):
 *
 * Stops, and forgets what was decoded.
 */
void
perf_ahead_drop (PerfAhead *self)
{
  g_atomic_int_set (&self->stopped, TRUE);
  publish (self, self->walked, TRUE);
  finish (self, NULL);
}
