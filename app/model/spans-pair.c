/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From events to intervals: one pass over the samples in the order of time. What is open is kept by key (a thread, a CPU, values of fields), the
 * innermost on top. */
#include <config.h>

#include "model/spans-private.h"

#include <afterglow/fields.h>

#include <stdlib.h>
#include <string.h>

typedef struct { guint64 part[GLOW_SPAN_MAX_KEYS + 1]; } Key;

/* What began and has not ended. */
typedef struct {
  guint32 sample, depth;
  guint32 below;               /* index + 1 into the pool; 0: nothing */
  guint32 thread;
} Open;

typedef struct {
  Key key;
  guint32 top;                 /* index + 1 into the pool */
  guint32 woken;               /* sample + 1 that woke it while it was off the CPU; 0: none did */
  gboolean known;              /* something of it was seen */
} Slot;

typedef struct {
  GlowProfile *profile;
  const GlowSpanKind *kind;
  const GlowSamples *samples;
  const GlowThread *threads;
  GlowFieldColumn *columns[2][GLOW_SPAN_MAX_KEYS];       /* of the events that begin and end */
  GlowFieldColumn *calls[2];   /* (nullable): numbers of system calls, where only some are wanted */
  guint n_keys;
  GHashTable *index;           /* Key* → slot + 1 */
  GPtrArray *slots;
  GArray *pool;                /* of Open */
  guint32 free_list;           /* index + 1 */
  GArray *rows;
  guint32 *depths;             /* by stack; NULL: not looked at */
  gint delta;                  /* of a call's depth over its return's */
  GlowUnpaired unpaired;
} Pairing;

static guint
key_hash (gconstpointer data)
{
  const Key *key = data;
  guint64 hash = 0;

  for (guint i = 0; i <= GLOW_SPAN_MAX_KEYS; i++)
    hash = (hash ^ key->part[i]) * G_GUINT64_CONSTANT (0x9E3779B97F4A7C15);
  return (guint) (hash >> 32);
}

static gboolean
key_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, sizeof (Key)) == 0;
}

static Slot *
slot_of (Pairing *self, const Key *key)
{
  guint found = GPOINTER_TO_UINT (g_hash_table_lookup (self->index, key));
  Slot *slot;

  if (found != 0)
    return g_ptr_array_index (self->slots, found - 1);
  slot = g_new0 (Slot, 1);
  slot->key = *key;
  g_ptr_array_add (self->slots, slot);
  g_hash_table_insert (self->index, &slot->key, GUINT_TO_POINTER (self->slots->len));
  return slot;
}

static Open *
open_at (Pairing *self, guint32 index)
{
  return &g_array_index (self->pool, Open, index - 1);
}

static void
push (Pairing *self, Slot *slot, const Open *what)
{
  guint32 at = self->free_list;
  Open *open;

  if (at != 0)
    self->free_list = open_at (self, at)->below;
  else
    {
      g_array_set_size (self->pool, self->pool->len + 1);
      at = self->pool->len;
    }
  open = open_at (self, at);
  *open = *what;
  open->below = slot->top;
  slot->top = at;
  slot->known = TRUE;
}

static void
pop (Pairing *self, Slot *slot)
{
  guint32 at = slot->top;
  Open *open = open_at (self, at);

  slot->top = open->below;
  open->below = self->free_list;
  self->free_list = at;
}

static void
add_row (Pairing *self, const Open *open, guint32 last, guint8 cut, guint64 edge)
{
  const guint64 *time = self->samples->time;
  GlowSpanRow row = { .first = open != NULL ? open->sample : GLOW_NONE, .last = last, .cut = cut };

  row.start = open != NULL ? time[open->sample] : edge;
  row.end = last != GLOW_NONE ? time[last] : edge;
  row.thread = open != NULL ? open->thread : self->samples->thread[last];
  g_array_append_val (self->rows, row);
}

/* ---- two events ---- */

static Key
key_of (const Pairing *self, gsize i, guint half)
{
  Key key = { { 0 } };

  if (self->kind->pairing == GLOW_SPAN_TASK)
    key.part[0] = ((guint64) (guint32) self->threads[self->samples->thread[i]].pid << 32) | (guint32) self->threads[self->samples->thread[i]].tid;
  else if (self->kind->pairing == GLOW_SPAN_CPU && self->samples->cpu != NULL)
    key.part[0] = self->samples->cpu[i];
  for (guint k = 0; k < self->n_keys; k++)
    key.part[k + 1] = self->columns[half][k]->has[i] ? self->columns[half][k]->value[i] : G_MAXUINT64;
  return key;
}

/* A return belongs to the innermost call, but for calls that were jumped out of: they are deeper than what returns. Only where a call of just
 * the right depth waits below them are they given up; depths of broken stacks decide nothing. */
static void
drop_jumped_over (Pairing *self, Slot *slot, guint32 depth)
{
  guint32 at = slot->top;
  guint n = 0;

  if (self->depths == NULL || depth == 0)
    return;
  while (at != 0 && open_at (self, at)->depth > depth + self->delta)
    {
      at = open_at (self, at)->below;
      n++;
    }
  if (at == 0 || open_at (self, at)->depth != depth + self->delta)
    return;
  for (; n > 0; n--)
    {
      pop (self, slot);
      self->unpaired.starts++;
    }
}

static gboolean
is_other_call (const Pairing *self, gsize i, guint event)
{
  guint half = event == self->kind->end_event;

  return self->calls[half] != NULL && (event == self->kind->start_event || half == 1)
         && !(self->calls[half]->has[i] && self->calls[half]->value[i] == (guint64) self->kind->syscall);
}

static void
pair_two (Pairing *self, gsize i)
{
  guint event = self->samples->event != NULL ? self->samples->event[i] : 0;
  guint32 depth = self->depths != NULL ? self->depths[self->samples->stack[i]] : 0;
  Open open = { (guint32) i, depth, 0, self->samples->thread[i] };
  Slot *slot;
  Key key;

  if (is_other_call (self, i, event))
    return;
  if (self->kind->start_event == self->kind->end_event)
    {
      /* From one of them to the next. */
      if (event != self->kind->start_event)
        return;
      key = key_of (self, i, 0);
      slot = slot_of (self, &key);
      if (slot->top != 0)
        {
          add_row (self, open_at (self, slot->top), (guint32) i, GLOW_SPAN_WHOLE, 0);
          pop (self, slot);
        }
      push (self, slot, &open);
    }
  else if (event == self->kind->end_event)
    {
      key = key_of (self, i, 1);
      slot = slot_of (self, &key);
      drop_jumped_over (self, slot, depth);
      if (slot->top != 0)
        {
          add_row (self, open_at (self, slot->top), (guint32) i, GLOW_SPAN_WHOLE, 0);
          pop (self, slot);
        }
      else if (!slot->known)
        add_row (self, NULL, (guint32) i, GLOW_SPAN_NO_START, self->samples->time[0]);
      else
        self->unpaired.ends++;
      slot->known = TRUE;
    }
  else if (event == self->kind->start_event)
    {
      key = key_of (self, i, 0);
      slot = slot_of (self, &key);
      /* What a key names is one thing at a time; only threads and CPUs call from within calls. */
      if (self->kind->pairing == GLOW_SPAN_FIELDS && slot->top != 0)
        {
          pop (self, slot);
          self->unpaired.starts++;
        }
      push (self, slot, &open);
    }
}

/* By how much most calls are deeper than their returns: whether the probed function is on the stack of its own entry depends on the probe. */
static void
find_delta (Pairing *self)
{
  gsize counts[5] = { 0 };
  guint best = 2;

  for (guint r = 0; r < self->rows->len; r++)
    {
      const GlowSpanRow *row = &g_array_index (self->rows, GlowSpanRow, r);

      if (row->cut == GLOW_SPAN_WHOLE)
        {
          gint64 by = (gint64) self->depths[self->samples->stack[row->first]] - self->depths[self->samples->stack[row->last]];

          if (by >= -2 && by <= 2)
            counts[by + 2]++;
        }
    }
  for (guint i = 0; i < 5; i++)
    if (counts[i] > counts[best])
      best = i;
  self->delta = (gint) best - 2;
}

/* ---- the scheduler ---- */

typedef struct {
  GlowFieldColumn *next, *state, *woken;
  guint32 switches, wakes;     /* events */
} Scheduler;

/* 0 is running; the bit that says "pre-empted" is the first above what a task reports, 0x100 since Linux 4.14, 0x400 and 0x800 before. */
static gboolean
is_runnable (guint64 state)
{
  return (state & 0xff) == 0;
}

/* Bits of TASK_INTERRUPTIBLE, _UNINTERRUPTIBLE and (since 4.14, as sched_switch reports it) idle kernel threads. */
static gboolean
left_so (guint8 left, guint64 state)
{
  switch (left)
    {
    case GLOW_LEFT_PREEMPTED: return is_runnable (state);
    case GLOW_LEFT_ASLEEP: return (state & 0x81) != 0;
    case GLOW_LEFT_UNINTERRUPTIBLE: return (state & 2) != 0 && (state & 0x80) == 0;
    default: return TRUE;
    }
}

static Slot *
slot_of_task (Pairing *self, guint64 tid)
{
  Key key = { { tid } };

  return slot_of (self, &key);
}

/* A thread that was woken ran from about then on, though no switch to it was recorded. FALSE where nothing woke it. */
static gboolean
close_at_wakeup (Pairing *self, Slot *slot)
{
  if (slot->top == 0 || slot->woken == 0)
    return FALSE;
  add_row (self, open_at (self, slot->top), slot->woken - 1, GLOW_SPAN_WHOLE, 0);
  pop (self, slot);
  slot->woken = 0;
  self->unpaired.by_wakeup++;
  return TRUE;
}

static void
switch_out (Pairing *self, const Scheduler *scheduler, gsize i)
{
  gint32 tid = self->threads[self->samples->thread[i]].tid;
  gboolean runnable = scheduler->state->has[i] && is_runnable (scheduler->state->value[i]);
  Open open = { (guint32) i, 0, 0, self->samples->thread[i] };
  Slot *slot;

  if (tid <= 0)
    return;
  slot = slot_of_task (self, (guint64) tid);
  if (slot->top != 0 && !close_at_wakeup (self, slot))
    {
      pop (self, slot);          /* it came back without our seeing it */
      self->unpaired.starts++;
    }
  slot->known = TRUE;
  slot->woken = 0;
  if (self->kind->left != GLOW_LEFT_ANYHOW)
    {
      if (scheduler->state->has[i] && left_so (self->kind->left, scheduler->state->value[i]))
        push (self, slot, &open);
    }
  else if (self->kind->pairing == GLOW_SPAN_OFF_CPU || (self->kind->pairing == GLOW_SPAN_BLOCKED) == !runnable)
    push (self, slot, &open);
}

/* @thread: row of the thread that something happens to, where it has one of its own by then. */
static void
close_task (Pairing *self, Slot *slot, gsize i)
{
  add_row (self, open_at (self, slot->top), (guint32) i, GLOW_SPAN_WHOLE, 0);
  pop (self, slot);
}

static void
switch_in (Pairing *self, const Scheduler *scheduler, gsize i)
{
  gint64 tid = scheduler->next->has[i] ? (gint64) scheduler->next->value[i] : 0;
  Slot *slot;

  if (tid <= 0)
    return;
  slot = slot_of_task (self, (guint64) tid);
  if (slot->top != 0 && self->kind->pairing == GLOW_SPAN_BLOCKED)
    {
      pop (self, slot);          /* its wake-up was not recorded: how long it was blocked is not known */
      self->unpaired.starts++;
    }
  else if (slot->top != 0)
    close_task (self, slot, i);
  else if (slot->known && self->kind->pairing == GLOW_SPAN_OFF_CPU && self->kind->left == GLOW_LEFT_ANYHOW)
    self->unpaired.ends++;
  slot->known = TRUE;
}

static void
wake (Pairing *self, const Scheduler *scheduler, gsize i, const guint32 *row_of_tid, guint32 n_tids)
{
  gint64 tid = scheduler->woken->has[i] ? (gint64) scheduler->woken->value[i] : 0;
  Slot *slot;

  if (tid <= 0)
    return;
  slot = slot_of_task (self, (guint64) tid);
  if (self->kind->pairing == GLOW_SPAN_OFF_CPU)
    slot->woken = slot->top != 0 && slot->woken == 0 ? (guint32) i + 1 : slot->woken;
  else if (self->kind->pairing == GLOW_SPAN_BLOCKED && slot->top != 0)
    close_task (self, slot, i);
  else if (self->kind->pairing == GLOW_SPAN_RUN_QUEUE && slot->top == 0 && slot->known && tid < n_tids && row_of_tid[tid] != GLOW_NONE)
    {
      Open open = { (guint32) i, 0, 0, row_of_tid[tid] };

      push (self, slot, &open);
    }
}

/* The same, told by a record and not by a sample: there is a time and no stack. */
static void
come_back (Pairing *self, const GlowMark *mark)
{
  Slot *slot = slot_of_task (self, mark->count);

  if (slot->top != 0 && self->kind->pairing == GLOW_SPAN_BLOCKED)
    {
      pop (self, slot);
      self->unpaired.starts++;
    }
  else if (slot->top != 0)
    {
      add_row (self, open_at (self, slot->top), GLOW_NONE, GLOW_SPAN_WHOLE, mark->time);
      pop (self, slot);
    }
  slot->woken = 0;
  slot->known = TRUE;
}

/* Which row a thread has, by number: what wake-ups name is a number, and the waker is not the woken. */
static guint32 *
rows_by_tid (GlowProfile *profile, guint32 *n)
{
  guint32 n_threads, *rows;
  const GlowThread *threads = glow_profile_get_threads (profile, &n_threads);
  gint32 largest = 0;

  for (guint32 t = 0; t < n_threads; t++)
    largest = MAX (largest, threads[t].tid);
  *n = (guint32) MIN (largest, 1 << 23) + 1;
  rows = g_new (guint32, *n);
  memset (rows, 0xff, *n * sizeof (guint32));
  for (guint32 t = 0; t < n_threads; t++)
    if (threads[t].tid >= 0 && (guint32) threads[t].tid < *n)
      rows[threads[t].tid] = t;
  return rows;
}

static gboolean
pair_scheduler (Pairing *self, GCancellable *cancellable, GError **error)
{
  guint32 wakes = glow_span_wake_event (self->profile), n_tids, n_marks, m = 0;
  const GlowMark *marks = glow_profile_get_marks (self->profile, &n_marks);
  gboolean waking = wakes != GLOW_NONE;
  g_autofree guint32 *row_of_tid = rows_by_tid (self->profile, &n_tids);
  Scheduler scheduler = { .switches = self->kind->pairing == GLOW_SPAN_RUN_QUEUE ? self->kind->end_event : self->kind->start_event };
  const char *name = glow_profile_get_string (self->profile, glow_profile_get_events (self->profile, NULL)[scheduler.switches].name);
  g_autoptr(GlowFieldColumn) next = NULL, state = NULL, woken = NULL;
  g_autofree char *next_name = g_strconcat (name, ":next_pid", NULL), *state_name = g_strconcat (name, ":prev_state", NULL);

  scheduler.wakes = wakes;
  scheduler.next = next = glow_profile_compute_field (self->profile, next_name, cancellable, error);
  scheduler.state = state = next != NULL ? glow_profile_compute_field (self->profile, state_name, cancellable, error) : NULL;
  if (state == NULL)
    return FALSE;
  if (waking)
    {
      g_autofree char *pid = g_strconcat (glow_profile_get_string (self->profile, glow_profile_get_events (self->profile, NULL)[scheduler.wakes].name), ":pid", NULL);

      scheduler.woken = woken = glow_profile_compute_field (self->profile, pid, cancellable, error);
      if (woken == NULL)
        return FALSE;
    }
  for (gsize i = 0; i < self->samples->n; i++)
    {
      guint event = self->samples->event != NULL ? self->samples->event[i] : 0;

      if ((i & 0xffff) == 0 && g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      for (; m < n_marks && marks[m].time <= self->samples->time[i]; m++)
        if (marks[m].kind == GLOW_MARK_CAME_BACK)
          come_back (self, &marks[m]);
      if (event == scheduler.switches)
        {
          switch_in (self, &scheduler, i);
          switch_out (self, &scheduler, i);
        }
      else if (waking && event == scheduler.wakes)
        wake (self, &scheduler, i, row_of_tid, n_tids);
    }
  for (; m < n_marks; m++)
    if (marks[m].kind == GLOW_MARK_CAME_BACK)
      come_back (self, &marks[m]);
  return TRUE;
}

/* ---- told by one sample ---- */

/* A wait as perf samples it is told at its end, as simpleperf's switches at its beginning. What perf could only sum up has no time, and so no CPU either. */
static void
take_sampled (Pairing *self)
{
  const GlowSamples *samples = self->samples;
  const char *name = glow_profile_get_string (self->profile, glow_profile_get_events (self->profile, NULL)[self->kind->start_event].name);
  gboolean forward = g_str_has_prefix (name, "sched:sched_switch");
  guint64 last = samples->time[samples->n - 1];

  for (gsize i = 0; i < samples->n; i++)
    {
      guint64 weight = samples->weight != NULL ? samples->weight[i] : 0, time = samples->time[i];
      GlowSpanRow row = { .first = (guint32) i, .last = (guint32) i, .thread = samples->thread[i] };

      if ((samples->event != NULL ? samples->event[i] : 0) != self->kind->start_event || weight == 0)
        continue;
      if (!forward && (samples->cpu != NULL ? samples->cpu[i] == G_MAXUINT16 : time == last))
        continue;
      row.start = forward ? time : time - MIN (weight, time);
      row.end = forward ? time + MIN (weight, G_MAXUINT64 - time) : time;
      g_array_append_val (self->rows, row);
    }
}

/* ---- both ---- */

static gboolean
find_columns (Pairing *self, GCancellable *cancellable, GError **error)
{
  const GlowEvent *events = glow_profile_get_events (self->profile, NULL);

  for (guint half = 0; half < 2 && self->kind->syscall >= 0; half++)
    {
      self->calls[half] = glow_profile_compute_field (self->profile, half == 0 ? "raw_syscalls:sys_enter:id" : "raw_syscalls:sys_exit:id", cancellable, error);
      if (self->calls[half] == NULL)
        return FALSE;
    }
  for (; self->kind->keys[self->n_keys] != NULL && *self->kind->keys[self->n_keys] != '\0' && self->n_keys < GLOW_SPAN_MAX_KEYS; self->n_keys++)
    for (guint half = 0; half < 2; half++)
      {
        guint32 event = half == 0 ? self->kind->start_event : self->kind->end_event;
        g_autofree char *name = g_strdup_printf ("%s:%s", glow_profile_get_string (self->profile, events[event].name), self->kind->keys[self->n_keys]);

        self->columns[half][self->n_keys] = glow_profile_compute_field (self->profile, name, cancellable, error);
        if (self->columns[half][self->n_keys] == NULL)
          return FALSE;
      }
  return TRUE;
}

static gboolean
run (Pairing *self, GCancellable *cancellable, GError **error)
{
  self->unpaired = (GlowUnpaired) { 0 };
  g_array_set_size (self->rows, 0);
  g_array_set_size (self->pool, 0);
  self->free_list = 0;
  g_hash_table_remove_all (self->index);
  g_ptr_array_set_size (self->slots, 0);
  if (self->kind->pairing == GLOW_SPAN_SAMPLED)
    {
      take_sampled (self);
      return TRUE;
    }
  if (self->kind->pairing >= GLOW_SPAN_OFF_CPU)
    return pair_scheduler (self, cancellable, error);
  for (gsize i = 0; i < self->samples->n; i++)
    {
      if ((i & 0xffff) == 0 && g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      pair_two (self, i);
    }
  return TRUE;
}

/* What is still open goes on beyond the recording, unless its thread has ended: then its end was lost. */
static void
close_all (Pairing *self)
{
  guint64 last = self->samples->time[self->samples->n - 1];

  for (guint s = 0; s < self->slots->len; s++)
    close_at_wakeup (self, g_ptr_array_index (self->slots, s));
  for (guint s = 0; s < self->slots->len; s++)
    for (guint32 at = ((Slot *) g_ptr_array_index (self->slots, s))->top; at != 0; at = open_at (self, at)->below)
      if (self->threads[open_at (self, at)->thread].end_time >= last)
        add_row (self, open_at (self, at), GLOW_NONE, GLOW_SPAN_NO_END, last);
      else
        self->unpaired.starts++;
}

/* What a key names has its own beginning: one that was never seen is before the recording only if it can be, as long as the longest of the others lasted.
 * Later ends without a beginning lost it. */
static void
drop_late_ends (Pairing *self)
{
  guint64 longest = 0, first = self->samples->time[0];
  guint kept = 0;

  for (guint r = 0; r < self->rows->len; r++)
    {
      const GlowSpanRow *row = &g_array_index (self->rows, GlowSpanRow, r);

      if (row->cut == GLOW_SPAN_WHOLE)
        longest = MAX (longest, row->end - row->start);
    }
  for (guint r = 0; r < self->rows->len; r++)
    {
      GlowSpanRow row = g_array_index (self->rows, GlowSpanRow, r);

      if (row.cut == GLOW_SPAN_NO_START && row.end - first > longest)
        self->unpaired.ends++;
      else
        g_array_index (self->rows, GlowSpanRow, kept++) = row;
    }
  g_array_set_size (self->rows, kept);
}

static guint32 *
compute_depths (GlowProfile *profile)
{
  const GlowStacks *stacks = glow_profile_get_stacks (profile);
  guint32 *depths = g_new (guint32, MAX (stacks->n, 1));

  depths[0] = 0;
  for (guint32 s = 1; s < stacks->n; s++)
    depths[s] = depths[stacks->parent[s]] + 1;
  return depths;
}

GArray *
glow_spans_pair (GlowProfile *profile, const GlowSpanKind *kind, GlowUnpaired *unpaired, GCancellable *cancellable, GError **error)
{
  Pairing self = { .profile = profile, .kind = kind, .samples = glow_profile_get_samples (profile), .threads = glow_profile_get_threads (profile, NULL) };
  gboolean done;

  self.index = g_hash_table_new (key_hash, key_equal);
  self.slots = g_ptr_array_new_with_free_func (g_free);
  self.pool = g_array_new (FALSE, FALSE, sizeof (Open));
  self.rows = g_array_new (FALSE, FALSE, sizeof (GlowSpanRow));
  done = find_columns (&self, cancellable, error) && run (&self, cancellable, error);
  if (done && kind->pairing == GLOW_SPAN_TASK && self.rows->len > 0)
    {
      /* Once more with depths, now that it is known how they compare. */
      self.depths = compute_depths (profile);
      find_delta (&self);
      done = run (&self, cancellable, error);
    }
  if (done)
    close_all (&self);
  if (done && kind->pairing == GLOW_SPAN_FIELDS)
    drop_late_ends (&self);
  *unpaired = self.unpaired;
  g_clear_pointer (&self.calls[0], glow_field_column_unref);
  g_clear_pointer (&self.calls[1], glow_field_column_unref);
  for (guint half = 0; half < 2; half++)
    for (guint k = 0; k < GLOW_SPAN_MAX_KEYS; k++)
      g_clear_pointer (&self.columns[half][k], glow_field_column_unref);
  g_hash_table_unref (self.index);
  g_ptr_array_unref (self.slots);
  g_array_unref (self.pool);
  g_free (self.depths);
  if (!done)
    g_clear_pointer (&self.rows, g_array_unref);
  return self.rows;
}
