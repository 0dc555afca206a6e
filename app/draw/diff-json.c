/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A diff as JSON (data/schemas/diff-1.json). */
#include <config.h>

#include "draw/diff-export-private.h"

#include <afterglow/diff-text.h>
#include <json-glib/json-glib.h>
#include <math.h>

static void
add_string (JsonBuilder *builder, const char *member, const char *bytes)
{
  g_autofree char *text = bytes != NULL ? g_utf8_make_valid (bytes, -1) : NULL;

  if (member != NULL)
    json_builder_set_member_name (builder, member);
  if (text != NULL)
    json_builder_add_string_value (builder, text);
  else
    json_builder_add_null_value (builder);
}

/* What is not known is null. */
static void
add_number (JsonBuilder *builder, const char *member, double value)
{
  json_builder_set_member_name (builder, member);
  if (isfinite (value))
    json_builder_add_double_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

static void
add_count (JsonBuilder *builder, const char *member, guint64 value)
{
  json_builder_set_member_name (builder, member);
  json_builder_add_int_value (builder, (gint64) MIN (value, (guint64) G_MAXINT64));
}

static void
json_side (JsonBuilder *builder, const char *member, GlowDiff *diff, guint side)
{
  const GlowDiffSide *own = glow_diff_get_side (diff, side);
  g_autofree char *selection = glow_query_dup_words (glow_diff_get_run (diff, side, 0)->query);

  json_builder_set_member_name (builder, member);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "files");
  json_builder_begin_array (builder);
  for (guint i = 0; i < own->n_runs; i++)
    add_string (builder, NULL, glow_diff_get_run (diff, side, i)->label);
  json_builder_end_array (builder);
  add_string (builder, "selection", selection);
  add_count (builder, "runs", own->n_runs);
  add_count (builder, "samples", (guint64) llround (own->samples));
  add_number (builder, "effective_samples", own->effective_n);
  add_number (builder, "weight", own->weight);
  add_string (builder, "weight_unit", glow_unit_get_id (own->unit));
  add_number (builder, "duration_ns", own->duration * 1e9);
  add_count (builder, "clusters", own->clusters);
  json_builder_end_object (builder);
}

/* Members as the base has them: "before_share", or "before_ns" and "before" of other units. */
void
glow_diff_build_json_change (GlowDiff *diff, const char *prefix, const GlowDiffChange *change, JsonBuilder *builder)
{
  gboolean is_share = glow_diff_get_options (diff)->base == GLOW_DIFF_SHARE;
  const char *ending = is_share ? "share" : glow_diff_get_side (diff, GLOW_BEFORE)->unit == GLOW_UNIT_NANOSECONDS ? "ns" : "weight";
  g_autofree char *before = g_strdup_printf ("%sbefore_%s", prefix, ending), *after = g_strdup_printf ("%safter_%s", prefix, ending);
  g_autofree char *difference = g_strdup_printf ("%schange", prefix), *low = g_strdup_printf ("%schange_low", prefix), *high = g_strdup_printf ("%schange_high", prefix);
  g_autofree char *p = g_strdup_printf ("%sp", prefix), *q = g_strdup_printf ("%sq", prefix), *evidence = g_strdup_printf ("%sevidence", prefix), *matters = g_strdup_printf ("%smatters", prefix);

  add_number (builder, before, change->value[GLOW_BEFORE]);
  add_number (builder, after, change->value[GLOW_AFTER]);
  add_number (builder, difference, change->change);
  add_number (builder, low, change->low);
  add_number (builder, high, change->high);
  add_number (builder, p, change->p);
  add_number (builder, q, change->q);
  add_string (builder, evidence, glow_diff_evidence_get_id (change->evidence));
  json_builder_set_member_name (builder, matters);
  json_builder_add_boolean_value (builder, change->matters);
}

static void
json_rows (JsonBuilder *builder, const char *member, GlowDiff *diff, const GlowDiffExportOptions *options)
{
  const GArray *rows = glow_diff_get_rows (diff, options->kind);
  g_autoptr(GArray) order = glow_diff_dup_order (diff, options->kind, options->measure);
  guint n = options->limit > 0 ? MIN (order->len, options->limit) : order->len;

  json_builder_set_member_name (builder, member);
  json_builder_begin_array (builder);
  for (guint i = 0; i < n; i++)
    {
      const GlowDiffRow *row = &g_array_index (rows, GlowDiffRow, g_array_index (order, guint32, i));

      if (options->only_matters && !row->change[options->measure].matters)
        break;
      json_builder_begin_object (builder);
      add_string (builder, "name", glow_diff_get_name (diff, options->kind, row->key));
      if (options->kind == GLOW_DIFF_FUNCTIONS)
        add_string (builder, "module", glow_diff_get_module (diff, row->key));
      add_count (builder, "before_samples", (guint64) llround (row->samples[GLOW_BEFORE]));
      add_count (builder, "after_samples", (guint64) llround (row->samples[GLOW_AFTER]));
      glow_diff_build_json_change (diff, "", &row->change[GLOW_DIFF_TOTAL], builder);
      glow_diff_build_json_change (diff, "self_", &row->change[GLOW_DIFF_SELF], builder);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
json_paths (JsonBuilder *builder, GlowDiff *diff, const GlowDiffExportOptions *options)
{
  guint n_left;
  g_autoptr(GArray) order = glow_diff_list_paths (diff, options->limit, options->only_matters, &n_left);

  json_builder_set_member_name (builder, "paths");
  json_builder_begin_array (builder);
  for (guint i = 0; i < order->len; i++)
    {
      guint32 node = g_array_index (order, guint32, i);
      GlowDiffChange change = glow_diff_get_node_change (diff, node);
      g_autofree char *path = glow_diff_dup_path (diff, node);

      json_builder_begin_object (builder);
      add_string (builder, "path", path);
      glow_diff_build_json_change (diff, "", &change, builder);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
json_caveats (JsonBuilder *builder, GlowDiff *diff)
{
  const GPtrArray *caveats = glow_diff_get_caveats (diff);
  const GArray *renames = glow_diff_get_renames (diff);

  json_builder_set_member_name (builder, "caveats");
  json_builder_begin_array (builder);
  for (guint i = 0; i < caveats->len; i++)
    {
      const GlowDiffCaveat *caveat = g_ptr_array_index (caveats, i);

      json_builder_begin_object (builder);
      add_string (builder, "code", caveat->code);
      add_string (builder, "message", caveat->message);
      add_string (builder, "effect", caveat->effect);
      json_builder_set_member_name (builder, "grave");
      json_builder_add_boolean_value (builder, caveat->is_grave);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "likely_renamed");
  json_builder_begin_array (builder);
  for (guint i = 0; i < renames->len; i++)
    {
      const GlowDiffRename *rename = &g_array_index (renames, GlowDiffRename, i);

      json_builder_begin_object (builder);
      add_string (builder, "before", glow_diff_get_name (diff, GLOW_DIFF_FUNCTIONS, rename->before));
      add_string (builder, "after", glow_diff_get_name (diff, GLOW_DIFF_FUNCTIONS, rename->after));
      add_number (builder, "likeness", rename->likeness);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

void
glow_diff_build_json (GlowDiff *diff, const GlowDiffExportOptions *options, JsonBuilder *builder)
{
  static const char *const bases[GLOW_N_DIFF_BASES] = { "share", "time", "rate", "unit" };
  static const char *const plurals[GLOW_N_DIFF_KINDS] = { "functions", "modules", "threads", "containers" };
  const GlowDiffOptions *own = glow_diff_get_options (diff);
  g_autofree char *findings = glow_diff_text_findings (diff, options->kind, options->measure), *limits = glow_diff_text_limits (diff), *base = glow_diff_text_base (diff);

  json_side (builder, "before", diff, GLOW_BEFORE);
  json_side (builder, "after", diff, GLOW_AFTER);
  add_string (builder, "base", bases[own->base]);
  add_string (builder, "unit", own->unit);
  add_string (builder, "base_words", base);
  add_string (builder, "evidence_of", glow_diff_by_runs (diff) ? "runs" : "samples");
  add_number (builder, "level", own->level);
  add_number (builder, "floor", own->floor);
  add_number (builder, "margin", own->margin);
  add_string (builder, "discovery", own->discovery == GLOW_DISCOVERY_BY ? "by" : "bh");
  json_caveats (builder, diff);
  add_string (builder, "findings", findings);
  add_string (builder, "limits", limits);
  add_count (builder, "n_rows", options->by_path ? glow_diff_get_nodes (diff)->n_nodes - 1 : glow_diff_get_rows (diff, options->kind)->len);
  if (options->by_path)
    json_paths (builder, diff, options);
  else
    json_rows (builder, plurals[options->kind], diff, options);
}

/* Of each recording once, whatever it is compared with. */
static void
json_warnings (JsonBuilder *builder, GlowDiff *diff)
{
  g_autoptr(GPtrArray) profiles = g_ptr_array_new (), warnings = g_ptr_array_new ();

  for (guint s = 0; s < GLOW_N_SIDES; s++)
    for (guint i = 0; i < glow_diff_get_side (diff, s)->n_runs; i++)
      {
        GlowProfile *profile = glow_diff_get_run (diff, s, i)->profile;

        if (g_ptr_array_find (profiles, profile, NULL))
          continue;
        g_ptr_array_add (profiles, profile);
        g_ptr_array_add (warnings, glow_profile_get_warnings (profile));
      }
  glow_warnings_build_json ((GlowWarnings *const *) warnings->pdata, warnings->len, builder);
}

/* By itself, as of a window: there are no gates. */
void
glow_diff_append_json (GlowDiff *self, const GlowDiffExportOptions *options, GString *text)
{
  g_autoptr(JsonBuilder) builder = json_builder_new ();
  g_autoptr(JsonGenerator) generator = json_generator_new ();
  g_autoptr(JsonNode) root = NULL;
  g_autofree char *selection = glow_query_dup_words (glow_diff_get_run (self, GLOW_AFTER, 0)->query);

  json_builder_begin_object (builder);
  add_string (builder, "schema", "afterglow/diff/1");
  json_builder_set_member_name (builder, "files");
  json_builder_begin_array (builder);
  for (guint s = 0; s < GLOW_N_SIDES; s++)
    for (guint i = 0; i < glow_diff_get_side (self, s)->n_runs; i++)
      add_string (builder, NULL, glow_diff_get_run (self, s, i)->label);
  json_builder_end_array (builder);
  add_string (builder, "selection", selection);
  json_warnings (builder, self);
  glow_diff_build_json (self, options, builder);
  add_string (builder, "gate", NULL);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  json_generator_set_pretty (generator, TRUE);
  json_generator_set_root (generator, root);
  json_generator_to_gstring (generator, text);
  g_string_append_c (text, '\n');
}
