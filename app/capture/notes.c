/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is known of a recording beside its samples, as JSON beside it. Written anew as a whole, so that it is whole at any time; of this user alone, since a
 * command's arguments and environment stand in it. */
#include <config.h>

#include "capture/capture-private.h"

#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#define SCHEMA "afterglow/capture/1"
#define MOST_BYTES (16 << 20)

/* Members that are numbers, and where they are kept. */
typedef struct { const char *name; gsize place; enum { NUMBER_COUNT, NUMBER_UINT, NUMBER_DOUBLE, NUMBER_FLAG } kind; } Number;

#define FIGURE(name, field, kind) { name, G_STRUCT_OFFSET (GlowCaptureFigures, field), kind }
static const Number figure_members[] = {
  FIGURE ("elapsed_s", elapsed, NUMBER_DOUBLE), FIGURE ("bytes", bytes, NUMBER_COUNT), FIGURE ("samples", samples, NUMBER_COUNT),
  FIGURE ("lost", lost, NUMBER_COUNT), FIGURE ("throttled", throttled, NUMBER_COUNT), FIGURE ("recorder_cpu_s", recorder_seconds, NUMBER_DOUBLE),
};
#define OVERHEAD(name, field, kind) { name, G_STRUCT_OFFSET (GlowCaptureOverhead, field), kind }
static const Number overhead_members[] = {
  OVERHEAD ("blocks", n_blocks, NUMBER_UINT), OVERHEAD ("by_windows", by_windows, NUMBER_FLAG),
  OVERHEAD ("time", time, NUMBER_DOUBLE), OVERHEAD ("time_low", time_low, NUMBER_DOUBLE), OVERHEAD ("time_high", time_high, NUMBER_DOUBLE),
  OVERHEAD ("task_clock", task_clock, NUMBER_DOUBLE), OVERHEAD ("task_clock_low", task_clock_low, NUMBER_DOUBLE),
  OVERHEAD ("task_clock_high", task_clock_high, NUMBER_DOUBLE), OVERHEAD ("instructions", instructions, NUMBER_DOUBLE),
  OVERHEAD ("instructions_low", instructions_low, NUMBER_DOUBLE), OVERHEAD ("instructions_high", instructions_high, NUMBER_DOUBLE),
  OVERHEAD ("proposed_rate_hz", proposed_rate, NUMBER_UINT),
};

char *
glow_capture_notes_dup_path (const char *recording)
{
  return g_strconcat (recording, ".capture.json", NULL);
}

static void
add_numbers (JsonBuilder *builder, const char *member, const Number *numbers, guint n, gconstpointer values)
{
  json_builder_set_member_name (builder, member);
  json_builder_begin_object (builder);
  for (guint i = 0; i < n; i++)
    {
      gconstpointer value = G_STRUCT_MEMBER_P (values, numbers[i].place);

      json_builder_set_member_name (builder, numbers[i].name);
      if (numbers[i].kind == NUMBER_COUNT)
        json_builder_add_int_value (builder, (gint64) MIN (*(const guint64 *) value, (guint64) G_MAXINT64));
      else if (numbers[i].kind == NUMBER_UINT)
        json_builder_add_int_value (builder, *(const guint *) value);
      else if (numbers[i].kind == NUMBER_FLAG)
        json_builder_add_boolean_value (builder, *(const gboolean *) value);
      else if (isfinite (*(const double *) value))
        json_builder_add_double_value (builder, *(const double *) value);
      else
        json_builder_add_null_value (builder);
    }
  json_builder_end_object (builder);
}

static void
read_numbers (JsonObject *object, const Number *numbers, guint n, gpointer values)
{
  for (guint i = 0; i < n; i++)
    {
      gpointer value = G_STRUCT_MEMBER_P (values, numbers[i].place);
      double number = json_object_get_double_member_with_default (object, numbers[i].name, NAN);

      if (numbers[i].kind == NUMBER_COUNT)
        *(guint64 *) value = (guint64) MAX (json_object_get_int_member_with_default (object, numbers[i].name, 0), 0);
      else if (numbers[i].kind == NUMBER_UINT)
        *(guint *) value = (guint) CLAMP (json_object_get_int_member_with_default (object, numbers[i].name, 0), 0, (gint64) G_MAXUINT);
      else if (numbers[i].kind == NUMBER_FLAG)
        *(gboolean *) value = json_object_get_boolean_member_with_default (object, numbers[i].name, FALSE);
      else
        *(double *) value = number;
    }
}

static void
add_marks (JsonBuilder *builder, GPtrArray *marks)
{
  json_builder_set_member_name (builder, "marks");
  json_builder_begin_array (builder);
  for (guint i = 0; marks != NULL && i < marks->len; i++)
    {
      const GlowCaptureMark *mark = g_ptr_array_index (marks, i);
      g_autofree char *text = g_utf8_make_valid (mark->text, -1);

      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "time_ns");
      json_builder_add_int_value (builder, (gint64) mark->time_ns);
      json_builder_set_member_name (builder, "text");
      json_builder_add_string_value (builder, text);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static JsonNode *
build (const GlowCaptureNotes *notes)
{
  g_autoptr(JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "schema");
  json_builder_add_string_value (builder, SCHEMA);
  json_builder_set_member_name (builder, "reason");
  if (notes->reason != NULL)
    json_builder_add_string_value (builder, notes->reason);
  else
    json_builder_add_null_value (builder);
  if (notes->plan != NULL)
    {
      g_autoptr(GKeyFile) file = glow_capture_plan_to_key_file (notes->plan, TRUE);
      g_autofree char *plan = g_key_file_to_data (file, NULL, NULL), *valid = g_utf8_make_valid (plan, -1);

      json_builder_set_member_name (builder, "plan");
      json_builder_add_string_value (builder, valid);
    }
  add_numbers (builder, "figures", figure_members, G_N_ELEMENTS (figure_members), &notes->figures);
  add_marks (builder, notes->marks);
  if (notes->overhead != NULL)
    add_numbers (builder, "overhead", overhead_members, G_N_ELEMENTS (overhead_members), notes->overhead);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

/**
 * glow_capture_notes_save:
 * @notes: its plan and marks may be %NULL
 * @recording: path of the recording, not of the notes
 */
gboolean
glow_capture_notes_save (const GlowCaptureNotes *notes, const char *recording, GError **error)
{
  g_autofree char *path = glow_capture_notes_dup_path (recording), *text = NULL;
  g_autoptr(JsonNode) root = build (notes);

  text = json_to_string (root, TRUE);
  return g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, error);
}

void
glow_capture_mark_free (gpointer data)
{
  GlowCaptureMark *mark = data;

  g_free (mark->text);
  g_free (mark);
}

static void
read_marks (JsonObject *object, GPtrArray *marks)
{
  JsonArray *array = json_object_has_member (object, "marks") && JSON_NODE_HOLDS_ARRAY (json_object_get_member (object, "marks"))
                       ? json_object_get_array_member (object, "marks") : NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      JsonObject *own = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      GlowCaptureMark *mark;

      if (own == NULL)
        continue;
      mark = g_new0 (GlowCaptureMark, 1);
      mark->time_ns = (guint64) json_object_get_int_member_with_default (own, "time_ns", 0);
      mark->text = g_strdup (json_object_get_string_member_with_default (own, "text", ""));
      g_ptr_array_add (marks, mark);
    }
}

static JsonObject *
get_object (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static GlowCapturePlan *
read_plan (JsonObject *object)
{
  g_autoptr(GKeyFile) file = g_key_file_new ();
  const char *text = json_object_get_string_member_with_default (object, "plan", NULL);
  GlowCapturePlan *plan = text != NULL && g_key_file_load_from_data (file, text, -1, G_KEY_FILE_NONE, NULL) ? glow_capture_plan_from_key_file (file, NULL) : NULL;

  /* Of a plan that cannot be read the marks and figures are still of use. */
  return plan != NULL ? plan : glow_capture_plan_new ();
}

/**
 * glow_capture_notes_load:
 * @recording: path of the recording, not of the notes
 *
 * Returns: (transfer full) (nullable): its notes; %NULL with @error where there are none (G_FILE_ERROR_NOENT) or they are none
 */
GlowCaptureNotes *
glow_capture_notes_load (const char *recording, GError **error)
{
  g_autofree char *path = glow_capture_notes_dup_path (recording), *text = NULL;
  g_autoptr(JsonNode) root = NULL;
  GlowCaptureNotes *notes;
  JsonObject *object, *part;
  gsize n;

  if (!g_file_get_contents (path, &text, &n, error))
    return NULL;
  root = n <= MOST_BYTES ? json_from_string (text, NULL) : NULL;
  object = root != NULL && JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root) : NULL;
  if (object == NULL || strcmp (json_object_get_string_member_with_default (object, "schema", ""), SCHEMA) != 0)
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_NOT_RECOGNISED, _("“%s”: an object of schema %s is expected"), path, SCHEMA);
      return NULL;
    }
  notes = g_new0 (GlowCaptureNotes, 1);
  notes->plan = read_plan (object);
  notes->marks = g_ptr_array_new_with_free_func (glow_capture_mark_free);
  notes->reason = g_strdup (json_object_get_string_member_with_default (object, "reason", NULL));
  read_marks (object, notes->marks);
  part = get_object (object, "figures");
  if (part != NULL)
    read_numbers (part, figure_members, G_N_ELEMENTS (figure_members), &notes->figures);
  part = get_object (object, "overhead");
  if (part != NULL)
    {
      notes->overhead = g_new0 (GlowCaptureOverhead, 1);
      read_numbers (part, overhead_members, G_N_ELEMENTS (overhead_members), notes->overhead);
    }
  return notes;
}

void
glow_capture_notes_free (GlowCaptureNotes *notes)
{
  if (notes == NULL)
    return;
  glow_capture_plan_free (notes->plan);
  g_ptr_array_unref (notes->marks);
  g_free (notes->reason);
  g_free (notes->overhead);
  g_free (notes);
}
