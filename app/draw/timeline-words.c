/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A place in a timeline in words: when, what state and for how long, in which stack, who ended it, and in which stack that one stood. */
#include <config.h>

#include <afterglow/painter.h>
#include <afterglow/text.h>
#include <afterglow/time-axis.h>
#include <afterglow/timeline-chart.h>
#include <glib/gi18n-lib.h>

#include <math.h>
#include <string.h>

#define SOME_FRAMES 12
#define FEW_FRAMES 6

static char *
dup_thread_name (GlowProfile *profile, guint32 thread)
{
  const GlowThread *row = &glow_profile_get_threads (profile, NULL)[thread];
  g_autofree char *comm = glow_strings_dup_display (glow_profile_get_strings (profile), row->comm);

  return row->tid >= 0 ? g_strdup_printf ("%s %d", *comm != '\0' ? comm : _("thread"), row->tid) : g_strdup (*comm != '\0' ? comm : _("thread"));
}

char *
glow_timeline_dup_lane_name (GlowTimeline *timeline, guint32 lane)
{
  const GlowLane *own = &glow_timeline_get_lanes (timeline, NULL, NULL)[lane];

  return own->is_cpu ? g_strdup_printf (_("CPU %u"), own->cpu) : dup_thread_name (glow_timeline_get_profile (timeline), own->thread);
}

char *
glow_timeline_dup_row_name (const GlowTimelineRows *rows, guint index)
{
  const GlowTimelineRow *row = &g_array_index (rows->rows, GlowTimelineRow, index);
  GlowProfile *profile = glow_timeline_get_profile (rows->timeline);
  const GlowProcess *process;
  g_autofree char *comm = NULL;

  if (!row->is_group)
    return glow_timeline_dup_lane_name (rows->timeline, row->lane);
  if (row->process == GLOW_NONE)
    return g_strdup (_("CPUs"));
  process = &glow_profile_get_processes (profile, NULL)[row->process];
  comm = glow_strings_dup_display (glow_profile_get_strings (profile), process->comm);
  return process->pid >= 0 ? g_strdup_printf ("%s %d", *comm != '\0' ? comm : _("process"), process->pid) : g_strdup (*comm != '\0' ? comm : _("process"));
}

/* What the letters of sched_switch mean. */
static const char *
letter_words (char letter)
{
  switch (letter)
    {
    case 'S': return _("asleep, S");
    case 'D': return _("uninterruptible, D");
    case 'I': return _("idle kernel thread, I");
    case 'T': return _("stopped, T");
    case 't': return _("stopped by a tracer, t");
    case 'P': return _("parked, P");
    case 'R': return _("pushed off, R");
    case 'X': case 'Z': return _("exited");
    default: return NULL;
    }
}

static void
append_frames (GString *text, GlowProfile *profile, guint32 stack, guint most, const char *separator)
{
  const GlowStacks *stacks = glow_profile_get_stacks (profile);
  const GlowFrame *frames = glow_profile_get_frames (profile, NULL);
  guint n = 0;

  for (; stack != 0 && n < most; stack = stacks->parent[stack], n++)
    {
      g_autofree char *name = glow_strings_dup_display (glow_profile_get_strings (profile), frames[stacks->item[stack]].name);
      g_autofree char *label = g_utf8_strlen (name, -1) > 70 ? glow_label_shorten (name, 70) : g_strdup (name);

      g_string_append_printf (text, "%s%s", n > 0 ? separator : "", label);
    }
  if (stack != 0)
    g_string_append_printf (text, "%s…", separator);
}

/* Whoever wakes does it in the kernel: what called for it says more. */
static guint32
skip_kernel (GlowProfile *profile, guint32 stack)
{
  const GlowStacks *stacks = glow_profile_get_stacks (profile);
  const GlowFrame *frames = glow_profile_get_frames (profile, NULL);
  guint32 at = stack;

  while (at != 0 && frames[stacks->item[at]].kind == GLOW_FRAME_KERNEL)
    at = stacks->parent[at];
  return at != 0 ? at : stack;
}

/* The change behind which a thread could run again, at or before @at: its sample is the wake-up. GLOW_NONE */
static guint32
find_wakeup (GlowTimeline *timeline, guint32 lane, guint32 at)
{
  const GlowTaskChange *changes = glow_timeline_get_changes (timeline, lane);

  if (at == GLOW_NONE || glow_timeline_get_lanes (timeline, NULL, NULL)[lane].is_cpu)
    return GLOW_NONE;
  if (changes[at].state == GLOW_TASK_RUNNING && at > 0)
    at--;
  /* One that is blocked is told what will end it. */
  else if (changes[at].state == GLOW_TASK_BLOCKED && at + 1 < glow_timeline_get_lanes (timeline, NULL, NULL)[lane].n_changes)
    at++;
  return (changes[at].state == GLOW_TASK_QUEUED || changes[at].state == GLOW_TASK_WOKEN) && changes[at].letter == 0 ? at : GLOW_NONE;
}

static guint64
end_of (GlowTimeline *timeline, guint32 lane, guint32 change)
{
  const GlowTaskChange *changes = glow_timeline_get_changes (timeline, lane);

  return change + 1 < glow_timeline_get_lanes (timeline, NULL, NULL)[lane].n_changes ? changes[change + 1].time : glow_timeline_get_to (timeline);
}

/* Whether nothing told of the end of a wait. */
static gboolean
ends_unseen (GlowTimeline *timeline, guint32 lane, guint32 change)
{
  const GlowTaskChange *changes = glow_timeline_get_changes (timeline, lane);

  return change + 1 < glow_timeline_get_lanes (timeline, NULL, NULL)[lane].n_changes && changes[change + 1].state == GLOW_TASK_UNKNOWN;
}

static void
append_state (GString *text, GlowTimeline *timeline, const GlowTimelineHit *hit)
{
  const GlowLane *lane = &glow_timeline_get_lanes (timeline, NULL, NULL)[hit->lane];
  const GlowTaskChange *change = hit->change != GLOW_NONE ? &glow_timeline_get_changes (timeline, hit->lane)[hit->change] : NULL;
  const char *letter = change != NULL ? letter_words (change->letter) : NULL;
  g_autofree char *duration = NULL;

  if (lane->n_changes == 0)
    return;
  if (change == NULL)
    {
      g_string_append (text, _("Not known: before the first switch that was recorded of it"));
      return;
    }
  duration = glow_text_duration ((double) (end_of (timeline, hit->lane, hit->change) - change->time));
  if (lane->is_cpu)
    {
      g_autofree char *name = change->state == GLOW_TASK_RUNNING && change->on != GLOW_NONE ? glow_timeline_dup_lane_name (timeline, change->on) : NULL;

      if (change->state == GLOW_TASK_RUNNING)
        g_string_append_printf (text, _("Runs %s for %s"), name != NULL ? name : _("a thread that is not in the recording"), duration);
      else
        g_string_append_printf (text, _("Idle for %s"), duration);
      return;
    }
  if (change->state == GLOW_TASK_GONE)
    g_string_append (text, _("Ended"));
  else if (change->state == GLOW_TASK_UNKNOWN && change->letter != 0)
    g_string_append_printf (text, _("Left the CPU (%s), ran again within %s: when was not recorded"), letter != NULL ? letter : "?", duration);
  else if (change->state == GLOW_TASK_UNKNOWN && hit->change > 0)
    g_string_append_printf (text, _("Not known: it ran again within %s, when was not recorded"), duration);
  else if (change->state == GLOW_TASK_BLOCKED && ends_unseen (timeline, hit->lane, hit->change))
    g_string_append_printf (text, _("Blocked (%s) for at least %s: when it ran again was not recorded"), letter != NULL ? letter : "?", duration);
  else if (change->state == GLOW_TASK_WOKEN)
    g_string_append_printf (text, _("Woken, and ran within %s: when it got a CPU was not recorded"), duration);
  else if (letter != NULL)
    g_string_append_printf (text, _("%s (%s) for %s"), glow_task_state_get_label (change->state), letter, duration);
  else
    g_string_append_printf (text, _("%s for %s"), glow_task_state_get_label (change->state), duration);
  if (change->state == GLOW_TASK_RUNNING && change->on != GLOW_NONE)
    g_string_append_printf (text, _(" on CPU %u"), change->on);
}

static void
append_waker (GString *text, GlowTimeline *timeline, const GlowTimelineHit *hit, const char *before, guint frames)
{
  guint32 wakeup = find_wakeup (timeline, hit->lane, hit->change);
  GlowProfile *profile = glow_timeline_get_profile (timeline);
  const GlowSamples *samples = glow_profile_get_samples (profile);
  g_autofree char *name = NULL, *when = NULL;
  guint32 sample;
  guint64 time;

  if (wakeup == GLOW_NONE)
    return;
  sample = glow_timeline_get_changes (timeline, hit->lane)[wakeup].sample;
  time = samples->time[sample];
  name = glow_profile_get_threads (profile, NULL)[samples->thread[sample]].tid == 0 ? g_strdup (_("an interrupt, while the CPU was idle"))
         : dup_thread_name (profile, samples->thread[sample]);
  when = glow_time_axis_dup_label (profile, time, 1000);
  g_string_append (text, before);
  g_string_append_printf (text, _("Woken by %s at %s"), name, when);
  if (samples->stack[sample] != 0)
    {
      g_string_append (text, _(", in "));
      append_frames (text, profile, skip_kernel (profile, samples->stack[sample]), frames, " ← ");
    }
}

static void
append_span (GString *text, GlowTimeline *timeline, const GlowTimelineHit *hit)
{
  const GlowLaneSpan *span = &glow_timeline_get_spans (timeline, hit->lane)[hit->span];
  const GlowSpanKind *kind = g_ptr_array_index ((GPtrArray *) glow_timeline_get_span_kinds (timeline), span->kind);
  g_autofree char *duration = glow_text_duration ((double) (span->end - span->start));
  g_autofree char *from = glow_time_axis_dup_label (glow_timeline_get_profile (timeline), span->start, 1000);
  GlowLaneSum sum;
  guint64 all = span->end - span->start;

  if (span->cut != GLOW_SPAN_WHOLE)
    g_string_append_printf (text, _("%s: at least %s, cut by the recording's edge"), kind->label, duration);
  else
    g_string_append_printf (text, _("%s: %s from %s"), kind->label, duration, from);
  glow_timeline_sum (timeline, hit->lane, span->start, span->end, &sum);
  for (guint s = GLOW_TASK_RUNNING; s <= GLOW_TASK_BLOCKED && all > 0; s++)
    if (sum.ns[s] > 0 && glow_timeline_has_switches (timeline))
      {
        g_autofree char *share = glow_text_share ((double) sum.ns[s] / all), *time = glow_text_duration ((double) sum.ns[s]);

        g_string_append_printf (text, "\n  %s: %s (%s)", glow_task_state_get_label (s), time, share);
      }
  g_string_append_c (text, '\n');
  g_string_append_printf (text, ngettext ("%u sample inside", "%u samples inside", sum.n_samples), sum.n_samples);
}

static void
append_slice (GString *text, GlowTimeline *timeline, const GlowTimelineHit *hit)
{
  GlowProfile *profile = glow_timeline_get_profile (timeline);
  const GlowSamples *samples = glow_profile_get_samples (profile);
  const GlowLaneSlice *slice = &hit->slice;
  guint32 event = slice->sample != GLOW_NONE && samples->event != NULL ? samples->event[slice->sample] : 0;
  const char *name = glow_profile_get_string (profile, glow_profile_get_events (profile, NULL)[event].name);
  g_autofree char *duration = glow_text_duration ((double) (slice->end - slice->start));

  if (hit->n_merged > 0)
    g_string_append_printf (text, ngettext ("%u sample behind this pixel", "%u samples behind this pixel; drawn is the stack of most of them", hit->n_merged),
                            hit->n_merged);
  else if (slice->sample == GLOW_NONE)
    g_string_append (text, glow_timeline_get_lanes (timeline, NULL, NULL)[hit->lane].is_cpu ? "" : _("No sample stands here"));
  else if (slice->n == 0)
    g_string_append (text, _("It waits in this stack"));
  else if (slice->n > 1)
    g_string_append_printf (text, _("%u adjacent samples of %s with this stack, merged: %s"), slice->n, name, duration);
  else if (slice->end > slice->start)
    g_string_append_printf (text, _("One sample of %s, which stands for %s"), name, duration);
  else
    g_string_append_printf (text, _("%s, a moment"), name);
}

static void
new_line (GString *text)
{
  if (text->len > 0 && text->str[text->len - 1] != '\n')
    g_string_append_c (text, '\n');
}

static char *
dup_time (const GlowTimelineRows *rows, const GlowTimelineHit *hit)
{
  guint64 step = 1;

  while (step < 1000000000 && step * 10 <= hit->width)
    step *= 10;
  return glow_time_axis_dup_label (glow_timeline_get_profile (rows->timeline), hit->time, step);
}

char *
glow_timeline_dup_hit_words (const GlowTimelineRows *rows, const GlowTimelineHit *hit)
{
  GString *text = g_string_new (NULL);
  g_autofree char *time = dup_time (rows, hit), *name = NULL;

  if (hit->part == GLOW_TIMELINE_NOTHING || hit->row == G_MAXUINT)
    return g_string_free (text, FALSE);
  name = glow_timeline_dup_row_name (rows, hit->row);
  g_string_append (text, name);
  if (hit->part == GLOW_TIMELINE_NAME)
    return g_string_free (text, FALSE);
  g_string_append_printf (text, " · %s", time);
  new_line (text);
  if (hit->part == GLOW_TIMELINE_SPAN && hit->span != GLOW_NONE)
    {
      append_span (text, rows->timeline, hit);
      return g_string_free (text, FALSE);
    }
  append_state (text, rows->timeline, hit);
  append_waker (text, rows->timeline, hit, "\n", FEW_FRAMES);
  new_line (text);
  append_slice (text, rows->timeline, hit);
  if (hit->slice.stack != 0)
    {
      new_line (text);
      append_frames (text, glow_timeline_get_profile (rows->timeline), hit->node != 0 ? hit->node : hit->slice.stack, SOME_FRAMES, "\n  ");
    }
  return g_string_free (text, FALSE);
}

char *
glow_timeline_dup_spoken (const GlowTimelineRows *rows, const GlowTimelineHit *hit)
{
  GString *text = g_string_new (NULL);
  g_autofree char *time = dup_time (rows, hit), *name = hit->row != G_MAXUINT ? glow_timeline_dup_row_name (rows, hit->row) : NULL;
  gsize before;

  if (name == NULL)
    return g_string_free (text, FALSE);
  g_string_append (text, name);
  if (hit->lane == GLOW_NONE)
    {
      const GlowTimelineRow *row = &g_array_index (rows->rows, GlowTimelineRow, hit->row);
      g_autofree char *share = isfinite (row->share) ? glow_text_share (row->share) : NULL;

      g_string_append_printf (text, ngettext (", %u lane", ", %u lanes", row->n_lanes), row->n_lanes);
      if (share != NULL)
        g_string_append_printf (text, _(", %s of the activity"), share);
      g_string_append (text, row->open ? _(", open") : _(", put away"));
      return g_string_free (text, FALSE);
    }
  g_string_append_printf (text, ", %s, ", time);
  before = text->len;
  if (hit->span != GLOW_NONE)
    append_span (text, rows->timeline, hit);
  else
    append_state (text, rows->timeline, hit);
  if (hit->span == GLOW_NONE)
    {
      if (text->len > before)
        g_string_append (text, ", ");
      append_slice (text, rows->timeline, hit);
      if (hit->slice.stack != 0)
        {
          g_string_append (text, ", ");
          append_frames (text, glow_timeline_get_profile (rows->timeline), hit->slice.stack, 3, _(" called by "));
        }
      append_waker (text, rows->timeline, hit, ", ", 2);
    }
  for (char *c = text->str; *c != '\0'; c++)
    if (*c == '\n')
      *c = ' ';
  return g_string_free (text, FALSE);
}
