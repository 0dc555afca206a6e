/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two sides of one recording, as text and as JSON: slow spans and the rest, a time and its baseline. */
#include "config.h"
#include <glib/gi18n.h>
#include <afterglow/latency.h>
#include "cli/cli.h"

#define SHOWN 15               /* functions of a comparison */

void
glow_cli_append_tail (GString *text, GlowProfile *profile, const GlowTail *tail)
{
  g_autofree char *sentence = glow_tail_dup_sentence (tail, profile);
  guint shown = MIN (tail->n_evident, SHOWN);

  g_string_append_printf (text, "  %s.\n", sentence);
  for (guint i = 0; i < shown; i++)
    {
      const GlowTailRow *row = &g_array_index (tail->rows, GlowTailRow, i);
      g_autofree char *name = g_utf8_make_valid (glow_profile_get_string (profile, glow_profile_get_frames (profile, NULL)[row->frame].name), -1);
      g_autofree char *share1 = glow_text_share (row->share.share1), *share2 = glow_text_share (row->share.share2);
      GlowInterval change = { row->share.change_low, row->share.change_high };
      g_autofree char *interval = glow_text_interval (&change);

      g_string_append_printf (text, tail->is_of_time ? _("  %9s  baseline %9s  more by %-16s q %-8.2g %s\n") : _("  %9s  rest %9s  more by %-16s q %-8.2g %s\n"), share1, share2, interval, row->q, name);
    }
  if (shown < tail->n_evident)
    g_string_append_printf (text, ngettext ("  and %u more\n", "  and %u more\n", tail->n_evident - shown), tail->n_evident - shown);
}

static void
json_sided (JsonBuilder *builder, const char *side, const char *what, guint64 count)
{
  g_autofree char *member = g_strconcat (side, what, NULL);

  glow_cli_json_count (builder, member, count);
}

static void
json_share (JsonBuilder *builder, const char *side, double share)
{
  g_autofree char *member = g_strconcat (side, "share", NULL);

  glow_cli_json_number (builder, member, share);
}

void
glow_cli_json_tail (JsonBuilder *builder, GlowProfile *profile, const GlowTail *tail)
{
  g_autofree char *sentence = glow_tail_dup_sentence (tail, profile);
  guint32 n_modules;
  const GlowModule *modules = glow_profile_get_modules (profile, &n_modules);

  const char *first = tail->is_of_time ? "" : "tail_", *second = tail->is_of_time ? "baseline_" : "rest_", *clusters = tail->is_of_time ? "blocks" : "spans";

  json_builder_set_member_name (builder, tail->is_of_time ? "baseline" : "tail");
  json_builder_begin_object (builder);
  if (tail->is_of_time)
    {
      glow_cli_json_count (builder, "time_ns", tail->time_long);
      glow_cli_json_count (builder, "baseline_time_ns", tail->time_short);
      glow_cli_json_count (builder, "block_ns", tail->block);
    }
  else
    glow_cli_json_count (builder, "bound_ns", tail->bound);
  json_sided (builder, "", clusters, tail->n_long);
  json_sided (builder, second, clusters, tail->n_short);
  glow_cli_json_count (builder, "samples", tail->samples_long);
  json_sided (builder, second, "samples", tail->samples_short);
  if (!tail->is_of_time)
    {
      json_builder_set_member_name (builder, "waits_included");
      json_builder_add_boolean_value (builder, tail->has_waits);
    }
  glow_cli_json_string (builder, "sentence", sentence);
  json_builder_set_member_name (builder, "functions");
  json_builder_begin_array (builder);
  for (guint i = 0; i < tail->rows->len; i++)
    {
      const GlowTailRow *row = &g_array_index (tail->rows, GlowTailRow, i);
      const GlowFrame *frame = &glow_profile_get_frames (profile, NULL)[row->frame];

      json_builder_begin_object (builder);
      glow_cli_json_string (builder, "name", glow_profile_get_string (profile, frame->name));
      glow_cli_json_string (builder, "module", frame->module < n_modules ? glow_profile_get_string (profile, modules[frame->module].name) : NULL);
      json_share (builder, first, row->share.share1);
      json_share (builder, second, row->share.share2);
      glow_cli_json_number (builder, "change", row->share.change);
      glow_cli_json_number (builder, "change_low", row->share.change_low);
      glow_cli_json_number (builder, "change_high", row->share.change_high);
      glow_cli_json_number (builder, "p", row->share.p);
      glow_cli_json_number (builder, "q", row->q);
      json_sided (builder, first, clusters, row->spans1);
      json_sided (builder, second, clusters, row->spans2);
      json_builder_set_member_name (builder, "evidence");
      json_builder_add_boolean_value (builder, i < tail->n_evident);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}
