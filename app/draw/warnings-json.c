/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Warnings of recordings as every JSON document has them. */
#include <config.h>

#include <afterglow/warnings.h>
#include <json-glib/json-glib.h>

static void
add_string (JsonBuilder *builder, const char *member, const char *bytes)
{
  g_autofree char *text = g_utf8_make_valid (bytes, -1);

  json_builder_set_member_name (builder, member);
  json_builder_add_string_value (builder, text);
}

static void
add_count (JsonBuilder *builder, const char *member, guint64 value)
{
  json_builder_set_member_name (builder, member);
  json_builder_add_int_value (builder, (gint64) MIN (value, (guint64) G_MAXINT64));
}

void
glow_warnings_build_json (GlowWarnings *const *lists, guint n, JsonBuilder *builder)
{
  json_builder_set_member_name (builder, "warnings");
  json_builder_begin_array (builder);
  for (guint k = 0; k < n; k++)
    for (guint i = 0; i < glow_warnings_get_n (lists[k]); i++)
      {
        const GlowWarning *warning = glow_warnings_get (lists[k], i);

        json_builder_begin_object (builder);
        add_string (builder, "code", warning->code);
        add_count (builder, "count", warning->count);
        add_count (builder, "first_at", warning->first_at);
        add_string (builder, "message", warning->message);
        if (warning->advice != NULL)
          add_string (builder, "advice", warning->advice);
        json_builder_end_object (builder);
      }
  json_builder_end_array (builder);
}
