/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The members that every JSON document of the command begins with, and values as COMMAND.md wants them: valid UTF-8,
 * numbers as numbers, null for what is not known. The schemas stand in data/schemas/. */
#include "config.h"
#include <math.h>
#include <string.h>
#include "cli/cli.h"

/**
 * glow_cli_dup_utf8:
 * @bytes: text from a recording, of any encoding
 *
 * Returns: (transfer full): @bytes as valid UTF-8, what is not replaced by U+FFFD
 */
char *
glow_cli_dup_utf8 (const char *bytes)
{
  return g_utf8_make_valid (bytes, -1);
}

void
glow_cli_json_string (JsonBuilder *builder, const char *member, const char *bytes)
{
  g_autofree char *text = bytes != NULL ? glow_cli_dup_utf8 (bytes) : NULL;

  if (member != NULL)
    json_builder_set_member_name (builder, member);
  if (text != NULL)
    json_builder_add_string_value (builder, text);
  else
    json_builder_add_null_value (builder);
}

void
glow_cli_json_number (JsonBuilder *builder, const char *member, double value)
{
  json_builder_set_member_name (builder, member);
  if (isfinite (value))
    json_builder_add_double_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

/* JSON-GLib has signed 64-bit integers; what is larger is written as a double, as every reader in JavaScript would take it. */
void
glow_cli_json_count (JsonBuilder *builder, const char *member, guint64 value)
{
  if (value > G_MAXINT64)
    {
      glow_cli_json_number (builder, member, (double) value);
      return;
    }
  json_builder_set_member_name (builder, member);
  json_builder_add_int_value (builder, (gint64) value);
}

void
glow_cli_json_weight (JsonBuilder *builder, const char *member, guint64 weight, guint8 decimals)
{
  if (decimals == 0)
    glow_cli_json_count (builder, member, weight);
  else
    glow_cli_json_number (builder, member, (double) weight / pow (10, decimals));
}

void
glow_cli_json_base (JsonBuilder *builder, const GlowBase *base)
{
  glow_cli_json_weight (builder, "total_weight", base->weight, base->decimals);
  glow_cli_json_string (builder, "weight_unit", glow_unit_get_id (base->unit));
  glow_cli_json_count (builder, "samples", base->samples);
  glow_cli_json_number (builder, "effective_samples", base->effective_n);
}

void
glow_cli_json_share (JsonBuilder *builder, const char *prefix, guint64 weight, const GlowBase *base)
{
  GlowShare share = glow_base_get_share (base, weight);
  g_autofree char *share_member = g_strconcat (prefix, "_share", NULL);
  g_autofree char *low_member = g_strconcat (prefix, "_low", NULL);
  g_autofree char *high_member = g_strconcat (prefix, "_high", NULL);

  glow_cli_json_number (builder, share_member, share.share);
  glow_cli_json_number (builder, low_member, share.low);
  glow_cli_json_number (builder, high_member, share.high);
}

JsonBuilder *
glow_cli_json_begin (const char *command, const char *const *files, const GlowQuery *query, GlowWarnings *const *warnings, guint n_warnings)
{
  JsonBuilder *builder = json_builder_new ();
  g_autofree char *schema = g_strdup_printf ("afterglow/%s/1", command);
  g_autofree char *selection = glow_query_dup_words (query);

  json_builder_begin_object (builder);
  glow_cli_json_string (builder, "schema", schema);
  if (files[0] != NULL && files[1] == NULL)
    glow_cli_json_string (builder, "file", files[0]);
  else
    {
      json_builder_set_member_name (builder, "files");
      json_builder_begin_array (builder);
      for (guint i = 0; files[i] != NULL; i++)
        glow_cli_json_string (builder, NULL, files[i]);
      json_builder_end_array (builder);
    }
  glow_cli_json_string (builder, "selection", selection);
  glow_warnings_build_json (warnings, n_warnings, builder);
  return builder;
}

int
glow_cli_json_end (JsonBuilder *builder)
{
  g_autoptr(JsonBuilder) owned = builder;
  g_autoptr(JsonGenerator) generator = json_generator_new ();
  g_autoptr(JsonNode) root = NULL;
  g_autoptr(GString) text = g_string_new (NULL);

  json_builder_end_object (owned);
  root = json_builder_get_root (owned);
  json_generator_set_pretty (generator, TRUE);
  json_generator_set_root (generator, root);
  json_generator_to_gstring (generator, text);
  g_string_append_c (text, '\n');
  return glow_cli_print (text->str, text->len);
}
