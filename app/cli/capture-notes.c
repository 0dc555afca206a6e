/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What lies beside a recording that was made here, as a part of info: its marks, how it ended, what it cost. */
#include "config.h"
#include <glib/gi18n.h>
#include <math.h>
#include "cli/capture-notes.h"

static void
add_change (JsonBuilder *builder, const char *name, double change, double low, double high)
{
  g_autofree char *low_name = g_strconcat (name, "_low", NULL), *high_name = g_strconcat (name, "_high", NULL), *change_name = g_strconcat (name, "_change", NULL);

  glow_cli_json_number (builder, change_name, change);
  glow_cli_json_number (builder, low_name, low);
  glow_cli_json_number (builder, high_name, high);
}

void
glow_cli_json_overhead (JsonBuilder *builder, const GlowCaptureOverhead *overhead, const char *sentence)
{
  json_builder_begin_object (builder);
  glow_cli_json_count (builder, "blocks", overhead->n_blocks);
  glow_cli_json_string (builder, "by", overhead->by_windows ? "windows" : "runs");
  add_change (builder, "time", overhead->time, overhead->time_low, overhead->time_high);
  add_change (builder, "task_clock", overhead->task_clock, overhead->task_clock_low, overhead->task_clock_high);
  add_change (builder, "instructions", overhead->instructions, overhead->instructions_low, overhead->instructions_high);
  json_builder_set_member_name (builder, "proposed_rate_hz");
  if (overhead->proposed_rate > 0)
    json_builder_add_int_value (builder, overhead->proposed_rate);
  else
    json_builder_add_null_value (builder);
  glow_cli_json_string (builder, "sentence", sentence);
  json_builder_end_object (builder);
}

/* Of a recording on the clock of its marks; else they are of another time. */
static double
offset_of (const GlowCaptureMark *mark, GlowProfile *profile)
{
  guint64 first = glow_profile_get_start (profile);

  return mark->time_ns >= first ? (double) (mark->time_ns - first) : -(double) (first - mark->time_ns);
}

void
glow_cli_print_notes (GString *text, GlowProfile *profile, const char *file)
{
  g_autoptr(GlowCaptureNotes) notes = glow_capture_notes_load (file, NULL);
  g_autofree char *sentence = NULL, *words = NULL;

  if (notes == NULL)
    return;
  words = glow_capture_plan_dup_words (notes->plan);
  g_string_append_printf (text, _("Recorded by: %s\n"), words);
  if (notes->reason != NULL)
    g_string_append_printf (text, _("Ended: %s\n"), notes->reason);
  else
    g_string_append_printf (text, "%s\n", _("Ended: it is running, or what recorded it died"));
  if (notes->overhead != NULL)
    {
      sentence = glow_capture_overhead_dup_sentence (notes->overhead, notes->plan);
      g_string_append_printf (text, _("Overhead: %s\n"), sentence);
    }
  for (guint i = 0; i < notes->marks->len; i++)
    {
      const GlowCaptureMark *mark = g_ptr_array_index (notes->marks, i);
      double offset = offset_of (mark, profile);
      g_autofree char *when = glow_text_duration (fabs (offset)), *shown = glow_cli_dup_utf8 (mark->text);

      g_strdelimit (shown, "\r\n", ' ');
      g_string_append_printf (text, _("Mark at %s%s: %s\n"), offset < 0 ? "−" : "", when, shown);
    }
}

void
glow_cli_json_notes (JsonBuilder *builder, GlowProfile *profile, const char *file)
{
  g_autoptr(GlowCaptureNotes) notes = glow_capture_notes_load (file, NULL);
  g_autofree char *words = NULL;

  if (notes == NULL)
    return;
  words = glow_capture_plan_dup_words (notes->plan);
  json_builder_set_member_name (builder, "capture");
  json_builder_begin_object (builder);
  glow_cli_json_string (builder, "words", words);
  glow_cli_json_string (builder, "reason", notes->reason);
  glow_cli_json_number (builder, "recorder_cpu_s", notes->figures.recorder_seconds);
  json_builder_set_member_name (builder, "marks");
  json_builder_begin_array (builder);
  for (guint i = 0; i < notes->marks->len; i++)
    {
      const GlowCaptureMark *mark = g_ptr_array_index (notes->marks, i);

      json_builder_begin_object (builder);
      glow_cli_json_count (builder, "time_ns", mark->time_ns);
      glow_cli_json_number (builder, "offset_ns", offset_of (mark, profile));
      glow_cli_json_string (builder, "text", mark->text);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  if (notes->overhead != NULL)
    {
      g_autofree char *sentence = glow_capture_overhead_dup_sentence (notes->overhead, notes->plan);

      json_builder_set_member_name (builder, "overhead");
      glow_cli_json_overhead (builder, notes->overhead, sentence);
    }
  json_builder_end_object (builder);
}
