/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What record says of itself: a summary on standard error, JSON on standard output. */
#include "config.h"
#include <glib/gi18n.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>
#include <sys/wait.h>
#include "cli/capture-notes.h"
#include "cli/record.h"

static void
add_plan (JsonBuilder *builder, const GlowCliRecord *record, GlowCaptureWay way)
{
  g_autofree char *words = glow_capture_plan_dup_words (record->plan);
  g_auto(GStrv) command = glow_capture_plan_dup_perf_command (record->plan, record->output, NULL);

  glow_cli_json_string (builder, "way", way == GLOW_CAPTURE_HELPER ? "helper" : "direct");
  glow_cli_json_string (builder, "words", words);
  json_builder_set_member_name (builder, "command");
  json_builder_begin_array (builder);
  for (guint i = 0; command != NULL && command[i] != NULL; i++)
    glow_cli_json_string (builder, NULL, command[i]);
  json_builder_end_array (builder);
}

static void
add_estimate (JsonBuilder *builder, const GlowCliRecord *record, const GlowCaptureEstimate *estimate)
{
  g_autofree char *sentence = glow_capture_estimate_dup_sentence (estimate, record->plan), *cost = glow_capture_estimate_dup_cost (estimate, record->plan);

  json_builder_set_member_name (builder, "estimate");
  json_builder_begin_object (builder);
  glow_cli_json_number (builder, "certain_cpu_s", estimate->certain_seconds);
  glow_cli_json_number (builder, "five_samples_cpu_s", estimate->five_seconds);
  glow_cli_json_number (builder, "event_s", estimate->event_seconds);
  glow_cli_json_number (builder, "event_probability", estimate->event_probability);
  glow_cli_json_number (builder, "busy_cpus", estimate->busy_cpus);
  glow_cli_json_number (builder, "samples_per_s", estimate->samples_per_second);
  glow_cli_json_number (builder, "bytes_per_s", estimate->bytes_per_second);
  glow_cli_json_number (builder, "sample_cost_s", estimate->sample_seconds);
  glow_cli_json_number (builder, "sample_cost_low_s", estimate->sample_seconds_low);
  glow_cli_json_number (builder, "sample_cost_high_s", estimate->sample_seconds_high);
  glow_cli_json_number (builder, "overhead_share", estimate->overhead);
  glow_cli_json_number (builder, "overhead_low", estimate->overhead_low);
  glow_cli_json_number (builder, "overhead_high", estimate->overhead_high);
  glow_cli_json_string (builder, "sentence", sentence);
  glow_cli_json_string (builder, "cost", cost);
  json_builder_end_object (builder);
}

static JsonBuilder *
begin_json (const GlowCliRecord *record, GlowCaptureWay way, const GlowCaptureEstimate *estimate, const GlowCaptureOverhead *overhead)
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  glow_cli_json_string (builder, "schema", "afterglow/record/1");
  add_plan (builder, record, way);
  add_estimate (builder, record, estimate);
  if (overhead != NULL)
    {
      g_autofree char *sentence = glow_capture_overhead_dup_sentence (overhead, record->plan);

      json_builder_set_member_name (builder, "overhead");
      glow_cli_json_overhead (builder, overhead, sentence);
    }
  return builder;
}

int
glow_cli_record_print_estimate (const GlowCliRecord *record, GlowCaptureWay way, const GlowCaptureEstimate *estimate, const GlowCaptureOverhead *overhead)
{
  g_autoptr(GString) text = NULL;
  g_autofree char *sentence = NULL, *cost = NULL, *measured = NULL;

  if (record->json)
    return glow_cli_json_end (begin_json (record, way, estimate, overhead));
  sentence = glow_capture_estimate_dup_sentence (estimate, record->plan);
  cost = glow_capture_estimate_dup_cost (estimate, record->plan);
  measured = overhead != NULL ? glow_capture_overhead_dup_sentence (overhead, record->plan) : NULL;
  text = g_string_new (NULL);
  g_string_append_printf (text, "%s\n%s\n", sentence, cost);
  if (measured != NULL)
    g_string_append_printf (text, "%s\n", measured);
  return glow_cli_print (text->str, text->len);
}

static void
add_recording (JsonBuilder *builder, GlowCaptureSession *session)
{
  const GlowCaptureFigures *figures = glow_capture_session_get_figures (session);
  const char *const *outputs = glow_capture_session_get_outputs (session);
  int status = glow_capture_session_get_command_status (session);

  json_builder_set_member_name (builder, "recording");
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "files");
  json_builder_begin_array (builder);
  for (guint i = 0; outputs[i] != NULL; i++)
    glow_cli_json_string (builder, NULL, outputs[i]);
  json_builder_end_array (builder);
  glow_cli_json_string (builder, "reason", glow_capture_session_get_reason (session));
  glow_cli_json_number (builder, "elapsed_s", figures->elapsed);
  glow_cli_json_count (builder, "bytes", figures->bytes);
  glow_cli_json_count (builder, "samples", figures->samples);
  glow_cli_json_count (builder, "lost", figures->lost);
  glow_cli_json_count (builder, "throttled", figures->throttled);
  glow_cli_json_number (builder, "recorder_cpu_s", figures->recorder_seconds);
  if (status != -1)
    glow_cli_json_count (builder, "exit_status", WIFSIGNALED (status) ? 128 + WTERMSIG (status) : WEXITSTATUS (status));
  json_builder_end_object (builder);
}

static const char *
describe_reason (const char *reason)
{
  if (strcmp (reason, "size") == 0)
    return _("; ended at its size");
  if (strcmp (reason, "disk") == 0)
    return _("; ended because the disk was full");
  if (strcmp (reason, "failed") == 0)
    return _("; the recorder failed before its end");
  return "";
}

static void
print_summary (const GlowCliRecord *record, const GlowCaptureEstimate *estimate, const GlowCaptureOverhead *overhead, GlowCaptureSession *session)
{
  const GlowCaptureFigures *figures = glow_capture_session_get_figures (session);
  const char *const *outputs = glow_capture_session_get_outputs (session);
  guint n = g_strv_length ((char **) outputs);
  g_autofree char *samples = glow_text_count (figures->samples), *elapsed = glow_text_duration (figures->elapsed * 1e9), *bytes = glow_text_bytes (figures->bytes);
  g_autofree char *lost = glow_text_count (figures->lost), *used = glow_text_duration (figures->recorder_seconds * 1e9);
  g_autofree char *sentence = glow_capture_estimate_dup_sentence (estimate, record->plan), *files = NULL;
  g_autofree char *measured = overhead != NULL ? glow_capture_overhead_dup_sentence (overhead, record->plan) : NULL;

  files = n == 1 ? g_strdup (outputs[0]) : g_strdup_printf (ngettext ("%s and %u more", "%s and %u more", n - 1), outputs[0], n - 1);
  glow_cli_complain (files, _("%s samples in %s, %s; %s lost, throttled %" PRIu64 " times; the recorder used %s of CPU%s. %s"), samples, elapsed, bytes, lost,
                     figures->throttled, used, describe_reason (glow_capture_session_get_reason (session)), sentence);
  if (measured != NULL)
    glow_cli_complain (files, "%s", measured);
}

int
glow_cli_record_print_done (const GlowCliRecord *record, GlowCaptureWay way, const GlowCaptureEstimate *estimate, const GlowCaptureOverhead *overhead,
                            GlowCaptureSession *session)
{
  JsonBuilder *builder;

  if (!record->quiet)
    print_summary (record, estimate, overhead, session);
  if (!record->json)
    return GLOW_CLI_EXIT_DONE;
  builder = begin_json (record, way, estimate, overhead);
  add_recording (builder, session);
  return glow_cli_json_end (builder);
}
