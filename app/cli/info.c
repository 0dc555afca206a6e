/* SPDX-License-Identifier: GPL-3.0-or-later */
/* afterglow-cli info: what a recording is, before any question about it is asked. */
#include "config.h"
#include <inttypes.h>
#include <string.h>
#include <glib/gi18n.h>
#include <afterglow/fields.h>
#include "cli/capture-notes.h"

typedef struct {
  guint64 *module_samples;     /* samples with their leaf in the module */
  guint64 unknown;
  GlowStackQuality *quality;
} Figures;

static void
count_figures (GlowProfile *profile, Figures *figures)
{
  const GlowSamples *samples = glow_profile_get_samples (profile);
  const GlowStacks *stacks = glow_profile_get_stacks (profile);
  const GlowFrame *frames = glow_profile_get_frames (profile, NULL);
  guint32 n;

  figures->quality = glow_stack_quality_compute (profile);
  glow_profile_get_modules (profile, &n);
  figures->module_samples = g_new0 (guint64, n + 1);
  for (gsize i = 0; i < samples->n; i++)
    {
      const GlowFrame *leaf = samples->stack[i] != 0 ? &frames[stacks->item[samples->stack[i]]] : NULL;

      figures->unknown += leaf == NULL || leaf->kind == GLOW_FRAME_UNKNOWN;
      if (leaf != NULL && leaf->module < n)
        figures->module_samples[leaf->module]++;
    }
}

static char *
hex (const guint8 *bytes, guint n)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%02x", bytes[i]);
  return g_string_free (text, FALSE);
}

static guint
count_cpus (GlowProfile *profile)
{
  const GlowSamples *samples = glow_profile_get_samples (profile);
  g_autofree guint8 *seen = g_new0 (guint8, G_MAXUINT16 + 1);
  guint n = 0;

  for (gsize i = 0; samples->cpu != NULL && i < samples->n; i++)
    if (samples->cpu[i] != G_MAXUINT16 && !seen[samples->cpu[i]])
      {
        seen[samples->cpu[i]] = 1;
        n++;
      }
  return n;
}

static void
print_line (GString *text, const char *label, const char *value)
{
  g_autofree char *valid = value != NULL ? g_utf8_make_valid (value, -1) : NULL;

  if (valid != NULL && *valid != '\0')
    g_string_append_printf (text, "%s: %s\n", label, valid);
}

static void
print_modules (GString *text, GlowProfile *profile, const Figures *figures)
{
  guint32 n;
  const GlowModule *modules = glow_profile_get_modules (profile, &n);
  gboolean any = FALSE;

  for (guint32 i = 0; i < n; i++)
    {
      g_autofree char *name = NULL, *count = NULL;

      if (figures->module_samples[i] == 0)
        continue;
      if (!any)
        g_string_append_printf (text, "%s\n", _("Modules (samples with their leaf there)"));
      any = TRUE;
      name = glow_strings_dup_display (glow_profile_get_strings (profile), modules[i].path);
      count = glow_text_count (figures->module_samples[i]);
      g_string_append_printf (text, "  %12s  %s  — %s%s\n", count, name, glow_symbol_status_get_label (modules[i].symbols),
                              modules[i].deleted ? _(", deleted") : "");
    }
}

/* What the kernel counted, and for how much of the time it could: events that share a counter take turns. */
static void
print_counted (GString *text, const GlowEvent *event)
{
  g_autofree char *counted = glow_text_count (event->counted);

  if (event->counted == 0 && event->time_enabled == 0)
    return;
  g_string_append_printf (text, _("  counted by the kernel: %s"), counted);
  if (event->time_enabled > 0)
    g_string_append_printf (text, _(", running %.1f %% of the time it was enabled"), 100.0 * event->time_running / event->time_enabled);
  g_string_append_c (text, '\n');
}

static void
print_records (GString *text, GlowProfile *profile)
{
  guint32 n;
  const GlowRecordCount *records = glow_profile_get_records (profile, &n);

  if (n == 0)
    return;
  g_string_append_printf (text, "%s:", _("Records"));
  for (guint32 i = 0; i < n; i++)
    {
      g_autofree char *count = glow_text_count (records[i].count);

      g_string_append_printf (text, "%s %s %s", i > 0 ? "," : "", count, glow_profile_get_string (profile, records[i].name));
    }
  g_string_append_c (text, '\n');
}

/* A value of the header in one line: "total_bytes 25226371072, cpus 0-1". */
static void
append_value (GString *text, GVariant *value)
{
  g_autoptr(GVariant) inner = g_variant_is_of_type (value, G_VARIANT_TYPE_VARIANT) ? g_variant_get_variant (value) : g_variant_ref (value);
  gsize n = g_variant_is_container (inner) ? g_variant_n_children (inner) : 0;

  if (g_variant_is_of_type (inner, G_VARIANT_TYPE_STRING))
    g_string_append (text, g_variant_get_string (inner, NULL));
  else if (g_variant_is_of_type (inner, G_VARIANT_TYPE_BOOLEAN))
    g_string_append (text, _("yes"));
  else if (g_variant_is_of_type (inner, G_VARIANT_TYPE_UINT64))
    g_string_append_printf (text, "%" G_GUINT64_FORMAT, g_variant_get_uint64 (inner));
  for (gsize i = 0; i < n; i++)
    {
      g_autoptr(GVariant) child = g_variant_get_child_value (inner, i);

      if (g_variant_is_of_type (inner, G_VARIANT_TYPE_VARDICT))
        {
          g_autoptr(GVariant) key = g_variant_get_child_value (child, 0), own = g_variant_get_child_value (child, 1);

          g_string_append_printf (text, "%s%s ", i > 0 ? ", " : "", g_variant_get_string (key, NULL));
          append_value (text, own);
        }
      else
        {
          g_string_append (text, i > 0 ? "; " : "");
          append_value (text, child);
        }
    }
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Names in order: a dictionary keeps none. (transfer container) */
static GPtrArray *
sorted_names (GVariant *header)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);

  for (gsize i = 0; i < g_variant_n_children (header); i++)
    {
      g_autoptr(GVariant) entry = g_variant_get_child_value (header, i), key = g_variant_get_child_value (entry, 0);

      g_ptr_array_add (names, g_variant_dup_string (key, NULL));
    }
  g_ptr_array_sort (names, compare_names);
  return names;
}

#define MAX_LINE 240

static void
print_header (GString *text, GlowProfile *profile)
{
  GVariant *header = glow_profile_get_header (profile);
  g_autoptr(GPtrArray) names = NULL;

  if (header == NULL)
    return;
  names = sorted_names (header);
  g_string_append_printf (text, "%s\n", _("Header"));
  for (guint i = 0; i < names->len; i++)
    {
      g_autoptr(GVariant) value = g_variant_lookup_value (header, g_ptr_array_index (names, i), NULL);
      g_autoptr(GString) line = g_string_new (NULL);
      gboolean list = g_variant_is_of_type (value, G_VARIANT_TYPE ("av"));

      append_value (line, value);
      if (line->len > MAX_LINE)
        {
          gsize cut = g_utf8_find_prev_char (line->str, line->str + MAX_LINE) - line->str;

          g_string_truncate (line, cut);
          g_string_append (line, "…");
        }
      if (list)
        g_string_append_printf (text, "  %s (%" G_GSIZE_FORMAT "): %s\n", (char *) g_ptr_array_index (names, i), g_variant_n_children (value), line->str);
      else
        g_string_append_printf (text, "  %s: %s\n", (char *) g_ptr_array_index (names, i), line->str);
    }
}

static void
add_value (JsonBuilder *builder, GVariant *value)
{
  g_autoptr(GVariant) inner = g_variant_is_of_type (value, G_VARIANT_TYPE_VARIANT) ? g_variant_get_variant (value) : g_variant_ref (value);

  if (g_variant_is_of_type (inner, G_VARIANT_TYPE_STRING))
    json_builder_add_string_value (builder, g_variant_get_string (inner, NULL));
  else if (g_variant_is_of_type (inner, G_VARIANT_TYPE_BOOLEAN))
    json_builder_add_boolean_value (builder, g_variant_get_boolean (inner));
  else if (g_variant_is_of_type (inner, G_VARIANT_TYPE_UINT64))
    json_builder_add_int_value (builder, (gint64) MIN (g_variant_get_uint64 (inner), (guint64) G_MAXINT64));
  else if (g_variant_is_of_type (inner, G_VARIANT_TYPE_VARDICT))
    {
      g_autoptr(GPtrArray) names = sorted_names (inner);

      json_builder_begin_object (builder);
      for (guint i = 0; i < names->len; i++)
        {
          g_autoptr(GVariant) own = g_variant_lookup_value (inner, g_ptr_array_index (names, i), NULL);

          json_builder_set_member_name (builder, g_ptr_array_index (names, i));
          add_value (builder, own);
        }
      json_builder_end_object (builder);
    }
  else
    {
      json_builder_begin_array (builder);
      for (gsize i = 0; g_variant_is_container (inner) && i < g_variant_n_children (inner); i++)
        {
          g_autoptr(GVariant) child = g_variant_get_child_value (inner, i);

          add_value (builder, child);
        }
      json_builder_end_array (builder);
    }
}

static void
print_fields (GString *text, GlowProfile *profile, guint32 event)
{
  guint n;
  const GlowField *fields = glow_profile_get_fields (profile, event, &n);
  gboolean any = FALSE;

  for (guint i = 0; i < n; i++)
    if (!fields[i].is_common)
      {
        g_string_append_printf (text, "%s %s", any ? "," : _("  fields:"), fields[i].name);
        any = TRUE;
      }
  if (any)
    g_string_append_c (text, '\n');
}

static void
add_fields (JsonBuilder *builder, GlowProfile *profile, guint32 event)
{
  guint n;
  const GlowField *fields = glow_profile_get_fields (profile, event, &n);

  if (n == 0)
    return;
  json_builder_set_member_name (builder, "fields");
  json_builder_begin_array (builder);
  for (guint i = 0; i < n; i++)
    {
      json_builder_begin_object (builder);
      glow_cli_json_string (builder, "name", fields[i].name);
      glow_cli_json_string (builder, "type", fields[i].type);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
print_flag (GString *text, GlowStackFlags flag, guint64 samples, const char **separator)
{
  g_autofree char *count = glow_text_count (samples);

  if (samples == 0)
    return;
  g_string_append_printf (text, "%s%s %s", *separator, count, glow_stack_flag_get_label (flag));
  *separator = ", ";
}

/* What samples lack, and where: "12 %  libc.so.6  — 310 a caller is missing". */
static void
print_quality (GString *text, GlowProfile *profile, const GlowStackQuality *quality)
{
  const char *separator = ": ";
  guint32 n;
  const GlowModule *modules = glow_profile_get_modules (profile, &n);

  if (quality->samples == 0 || (quality->whole == quality->samples && quality->repaired == 0))
    return;
  {
    g_autofree char *whole = glow_text_share ((double) quality->whole / quality->samples);

    g_string_append_printf (text, _("Whole stacks: %s of the samples that have one"), whole);
  }
  print_flag (text, GLOW_STACK_CUT, quality->cut, &separator);
  print_flag (text, GLOW_STACK_LIMIT, quality->limit, &separator);
  print_flag (text, GLOW_STACK_BROKEN, quality->broken, &separator);
  print_flag (text, GLOW_STACK_SKIPPED, quality->skipped, &separator);
  print_flag (text, GLOW_STACK_REPAIRED, quality->repaired, &separator);
  g_string_append_c (text, '\n');
  if (quality->modules->len > 0)
    g_string_append_printf (text, "%s\n", _("Where stacks end too early or lack a caller (share of the samples)"));
  for (guint i = 0; i < quality->modules->len; i++)
    {
      const GlowModuleQuality *own = &g_array_index (quality->modules, GlowModuleQuality, i);
      g_autofree char *share = glow_text_share ((double) own->samples / quality->samples);
      g_autofree char *name = own->module < n ? glow_strings_dup_display (glow_profile_get_strings (profile), modules[own->module].path)
                                              : g_strdup (_("no module: an address where nothing was mapped"));

      g_string_append_printf (text, "  %12s  %s", share, name);
      separator = "  — ";
      print_flag (text, GLOW_STACK_CUT, own->cut, &separator);
      print_flag (text, GLOW_STACK_LIMIT, own->limit, &separator);
      print_flag (text, GLOW_STACK_BROKEN, own->broken, &separator);
      print_flag (text, GLOW_STACK_SKIPPED, own->skipped, &separator);
      g_string_append_c (text, '\n');
    }
}

static void
print_text (GString *text, GlowProfile *profile, const char *file, const Figures *figures)
{
  const GlowProfileInfo *info = glow_profile_get_info (profile);
  g_autofree char *samples = glow_text_count (glow_profile_get_samples (profile)->n), *duration = NULL, *format = NULL;
  guint32 n;
  const GlowEvent *events = glow_profile_get_events (profile, &n);

  print_line (text, _("File"), glow_cli_file_label (file));
  format = info->format_detail != NULL ? g_strdup_printf ("%s (%s)", info->format, info->format_detail) : g_strdup (info->format);
  print_line (text, _("Format"), format);
  print_line (text, _("Host"), info->hostname);
  print_line (text, _("Kernel"), info->os_release);
  print_line (text, _("Architecture"), info->arch);
  print_line (text, _("Processor"), info->cpu_description);
  print_line (text, _("Recorded by perf"), info->perf_version);
  print_line (text, _("Command line"), info->command_line);
  print_line (text, _("Clock"), info->clock_name);
  if (glow_profile_get_samples (profile)->time != NULL)
    {
      duration = glow_text_duration ((double) glow_profile_get_duration (profile));
      print_line (text, _("Duration"), duration);
    }
  print_line (text, _("Samples"), samples);
  for (guint32 e = 0; e < n; e++)
    {
      g_autofree char *count = glow_text_count (events[e].n_samples);
      g_autofree char *weight = glow_text_weight (events[e].total_weight, events[e].unit, events[e].weight_decimals);
      g_autofree char *rate = events[e].frequency_hz > 0 ? g_strdup_printf (_(", %" PRIu64 " Hz"), events[e].frequency_hz)
                              : events[e].period > 0     ? g_strdup_printf (_(", every %" PRIu64), events[e].period)
                                                         : g_strdup ("");
      g_autofree char *name = glow_strings_dup_display (glow_profile_get_strings (profile), events[e].name);

      g_string_append_printf (text, _("Event: %s — %s samples, %s%s%s\n"), name, count, weight, events[e].is_off_cpu ? _(" off the processor") : "", rate);
      print_counted (text, &events[e]);
      print_fields (text, profile, e);
    }
  glow_profile_get_processes (profile, &n);
  if (n > 0)
    {
      guint32 threads;

      glow_profile_get_threads (profile, &threads);
      g_string_append_printf (text, _("Processes: %u, threads: %u, processors: %u\n"), n, threads, count_cpus (profile));
    }
  g_string_append_printf (text, _("Lost: %" PRIu64 " samples, %" PRIu64 " events; throttled %" PRIu64 " times\n"),
                          info->lost_samples, info->lost_events, info->throttled);
  g_string_append_printf (text, _("Stacks: %u distinct; %" PRIu64 " samples cut at the recording's limit, %" PRIu64 " broken; "
                                  "%" PRIu64 " with an unnamed leaf\n"),
                          glow_profile_get_stacks (profile)->n - 1, info->truncated_stacks, info->broken_stacks, figures->unknown);
  print_quality (text, profile, figures->quality);
  glow_cli_print_containers (text, profile);
  glow_cli_print_notes (text, profile, file);
  print_records (text, profile);
  print_header (text, profile);
  print_modules (text, profile, figures);
}

static void
add_events (JsonBuilder *builder, GlowProfile *profile)
{
  guint32 n;
  const GlowEvent *events = glow_profile_get_events (profile, &n);

  json_builder_set_member_name (builder, "events");
  json_builder_begin_array (builder);
  for (guint32 e = 0; e < n; e++)
    {
      json_builder_begin_object (builder);
      glow_cli_json_string (builder, "name", glow_profile_get_string (profile, events[e].name));
      glow_cli_json_count (builder, "samples", events[e].n_samples);
      glow_cli_json_weight (builder, "weight", events[e].total_weight, events[e].weight_decimals);
      glow_cli_json_string (builder, "weight_unit", glow_unit_get_id (events[e].unit));
      if (events[e].is_off_cpu)
        {
          json_builder_set_member_name (builder, "off_cpu");
          json_builder_add_boolean_value (builder, TRUE);
        }
      if (events[e].frequency_hz > 0)
        glow_cli_json_count (builder, "frequency_hz", events[e].frequency_hz);
      if (events[e].period > 0)
        glow_cli_json_count (builder, "period", events[e].period);
      if (events[e].counted > 0 || events[e].time_enabled > 0)
        {
          glow_cli_json_count (builder, "counted", events[e].counted);
          glow_cli_json_count (builder, "time_enabled_ns", events[e].time_enabled);
          glow_cli_json_count (builder, "time_running_ns", events[e].time_running);
        }
      add_fields (builder, profile, e);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_modules (JsonBuilder *builder, GlowProfile *profile, const Figures *figures)
{
  guint32 n;
  const GlowModule *modules = glow_profile_get_modules (profile, &n);

  json_builder_set_member_name (builder, "modules");
  json_builder_begin_array (builder);
  for (guint32 i = 0; i < n; i++)
    {
      g_autofree char *id = modules[i].build_id_length > 0 ? hex (modules[i].build_id, modules[i].build_id_length) : NULL;

      json_builder_begin_object (builder);
      glow_cli_json_string (builder, "name", glow_profile_get_string (profile, modules[i].name));
      glow_cli_json_string (builder, "path", glow_profile_get_string (profile, modules[i].path));
      glow_cli_json_string (builder, "build_id", id);
      glow_cli_json_count (builder, "samples", figures->module_samples[i]);
      glow_cli_json_string (builder, "symbols", glow_symbol_status_get_id (modules[i].symbols));
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_records (JsonBuilder *builder, GlowProfile *profile)
{
  guint32 n;
  const GlowRecordCount *records = glow_profile_get_records (profile, &n);

  json_builder_set_member_name (builder, "records");
  json_builder_begin_array (builder);
  for (guint32 i = 0; i < n; i++)
    {
      json_builder_begin_object (builder);
      glow_cli_json_string (builder, "name", glow_profile_get_string (profile, records[i].name));
      glow_cli_json_count (builder, "type", records[i].type);
      glow_cli_json_count (builder, "count", records[i].count);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_quality (JsonBuilder *builder, GlowProfile *profile, const GlowStackQuality *quality)
{
  guint32 n;
  const GlowModule *modules = glow_profile_get_modules (profile, &n);

  glow_cli_json_count (builder, "samples", quality->samples);
  glow_cli_json_count (builder, "whole", quality->whole);
  glow_cli_json_count (builder, "cut", quality->cut);
  glow_cli_json_count (builder, "limit", quality->limit);
  glow_cli_json_count (builder, "skipped_callers", quality->skipped);
  glow_cli_json_count (builder, "repaired", quality->repaired);
  json_builder_set_member_name (builder, "modules");
  json_builder_begin_array (builder);
  for (guint i = 0; i < quality->modules->len; i++)
    {
      const GlowModuleQuality *own = &g_array_index (quality->modules, GlowModuleQuality, i);
      gboolean known = own->module < n;

      json_builder_begin_object (builder);
      glow_cli_json_string (builder, "name", known ? glow_profile_get_string (profile, modules[own->module].name) : NULL);
      glow_cli_json_string (builder, "path", known ? glow_profile_get_string (profile, modules[own->module].path) : NULL);
      glow_cli_json_count (builder, "samples", own->samples);
      glow_cli_json_number (builder, "share", (double) own->samples / quality->samples);
      glow_cli_json_count (builder, "cut", own->cut);
      glow_cli_json_count (builder, "limit", own->limit);
      glow_cli_json_count (builder, "broken", own->broken);
      glow_cli_json_count (builder, "skipped_callers", own->skipped);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static int
print_json (GlowProfile *profile, const GlowCliOptions *options, const Figures *figures)
{
  const GlowProfileInfo *info = glow_profile_get_info (profile);
  GlowWarnings *warnings = glow_profile_get_warnings (profile);
  JsonBuilder *builder = glow_cli_json_begin ("info", (const char *const *) options->files, options->query, &warnings, 1);
  guint32 n_processes, n_threads;
  gsize n = glow_profile_get_samples (profile)->n;

  glow_profile_get_processes (profile, &n_processes);
  glow_profile_get_threads (profile, &n_threads);
  glow_cli_json_string (builder, "format", info->format);
  glow_cli_json_string (builder, "format_detail", info->format_detail);
  glow_cli_json_string (builder, "hostname", info->hostname);
  glow_cli_json_string (builder, "kernel", info->os_release);
  glow_cli_json_string (builder, "arch", info->arch);
  glow_cli_json_string (builder, "perf_version", info->perf_version);
  glow_cli_json_string (builder, "command_line", info->command_line);
  glow_cli_json_string (builder, "clock", info->clock_name);
  add_events (builder, profile);
  glow_cli_json_count (builder, "samples", n);
  glow_cli_json_count (builder, "duration_ns", glow_profile_get_duration (profile));
  glow_cli_json_count (builder, "processes", n_processes);
  glow_cli_json_count (builder, "threads", n_threads);
  glow_cli_json_count (builder, "cpus", count_cpus (profile));
  glow_cli_json_count (builder, "lost_samples", info->lost_samples);
  glow_cli_json_count (builder, "lost_events", info->lost_events);
  glow_cli_json_count (builder, "throttled", info->throttled);
  glow_cli_json_containers (builder, profile);
  if (options->files[1] == NULL)
    glow_cli_json_notes (builder, profile, options->files[0]);
  add_records (builder, profile);
  json_builder_set_member_name (builder, "header");
  if (glow_profile_get_header (profile) != NULL)
    add_value (builder, glow_profile_get_header (profile));
  else
    json_builder_add_null_value (builder);
  add_modules (builder, profile, figures);
  json_builder_set_member_name (builder, "stacks");
  json_builder_begin_object (builder);
  glow_cli_json_count (builder, "distinct", glow_profile_get_stacks (profile)->n - 1);
  glow_cli_json_count (builder, "truncated", info->truncated_stacks);
  glow_cli_json_count (builder, "broken", info->broken_stacks);
  glow_cli_json_number (builder, "unknown_leaf_share", n > 0 ? (double) figures->unknown / n : 0);
  add_quality (builder, profile, figures->quality);
  json_builder_end_object (builder);
  return glow_cli_json_end (builder);
}

static int
run (const GlowCliCommand *command, int argc, char **argv)
{
  g_auto(GlowCliOptions) options = { 0 };
  g_autoptr(GlowProfile) profile = NULL;
  g_autoptr(GString) text = NULL;
  const GOptionEntry own[] = { { NULL } };
  Figures figures = { 0 };
  int status = glow_cli_options_parse (&options, command, GLOW_CLI_WITH_JSON, own, argc, argv);

  if (status >= 0)
    return status;
  profile = glow_cli_load (&options, (const char *const *) options.files, &status);
  if (profile == NULL)
    return status;
  count_figures (profile, &figures);
  if (options.json)
    status = print_json (profile, &options, &figures);
  else
    {
      text = g_string_new (NULL);
      print_text (text, profile, options.files[0], &figures);
      status = glow_cli_print (text->str, text->len);
    }
  g_free (figures.module_samples);
  glow_stack_quality_free (figures.quality);
  if (status == GLOW_CLI_EXIT_DONE && glow_profile_get_samples (profile)->n == 0)
    return GLOW_CLI_EXIT_NOTHING;
  return status;
}

const GlowCliCommand glow_cli_info = {
  .name = "info",
  .arguments = "FILE…",
  .summary = N_("what the recording is: events, samples, modules, what was lost"),
  .notes = N_("Of the whole recording, whatever the selection."),
  .run = run,
};
