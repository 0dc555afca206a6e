/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Samples in groups by a field's value: the roots of a tree that is split by it. */
#include <config.h>

#include <glib/gi18n-lib.h>

#include "model/fields-private.h"
#include "model/selection-private.h"

#include <string.h>

/* More numbers than these are shown in ranges that double, more texts and addresses than those by the most frequent ones and the rest. */
#define MAX_NUMBERS 64
#define MAX_GROUPS 1000

typedef struct {
  guint64 value, samples;
  guint32 event, group;
} Member;

static gint
compare_members (gconstpointer a, gconstpointer b)
{
  const Member *left = *(Member *const *) a, *right = *(Member *const *) b;

  if (left->samples != right->samples)
    return left->samples > right->samples ? -1 : 1;
  return left->value < right->value ? -1 : left->value > right->value;
}

/* "bytes_req=[1024,2047]", with the sign of what is below zero. */
static char *
name_range (const char *field, guint64 value, gboolean is_signed)
{
  gboolean negative = is_signed && (gint64) value < 0;
  guint64 size = negative ? -value : value, low, high;

  if (size == 0)
    return g_strdup_printf ("%s=0", field);
  low = G_GUINT64_CONSTANT (1) << (63 - __builtin_clzll (size));
  high = low - 1 + low;
  return negative ? g_strdup_printf ("%s=[-%" G_GUINT64_FORMAT ",-%" G_GUINT64_FORMAT "]", field, high, low)
                  : g_strdup_printf ("%s=[%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT "]", field, low, high);
}

static char *
name_value (GlowProfile *profile, const GlowFieldColumn *column, const char *name, const char *field, const Member *member)
{
  g_autoptr(GString) text = g_string_new (NULL);
  GlowFieldValue value = { .kind = column->kind, .number = member->value };
  guint index, element;

  g_string_printf (text, "%s=", field);
  if (column->kind == GLOW_FIELD_TEXT)
    g_string_append (text, glow_strings_get (column->texts, member->value));
  else if (glow_profile_find_field (profile, member->event, name, &index, &element))
    glow_profile_append_field_text (profile, member->event, index, &value, text);
  return g_strdup (text->str);
}

static gboolean
is_selected (const GlowSelection *selection, const GlowSamples *samples, gsize i, guint32 *event)
{
  *event = samples->event != NULL ? samples->event[i] : 0;
  return selection->event_ok[*event] && glow_selection_has (selection, samples, i);
}

static guint32
take_name (GPtrArray *names, GHashTable *known, char *name)
{
  gpointer found;

  if (g_hash_table_lookup_extended (known, name, NULL, &found))
    g_free (name);
  else
    {
      found = GUINT_TO_POINTER (names->len);
      g_ptr_array_add (names, name);
      g_hash_table_insert (known, name, found);
    }
  return GPOINTER_TO_UINT (found);
}

/* Whether the values of some event have words, and numbers are not to be put into ranges. */
static gboolean
has_words (GlowProfile *profile, const char *name)
{
  guint32 n_events;
  guint field, element, n;

  glow_profile_get_events (profile, &n_events);
  for (guint32 e = 0; e < n_events; e++)
    if (glow_profile_find_field (profile, e, name, &field, &element) && glow_profile_get_fields (profile, e, &n)[field].has_words)
      return TRUE;
  return FALSE;
}

static void
name_groups (GlowProfile *profile, const GlowFieldColumn *column, const char *name, GPtrArray *members, GPtrArray *names)
{
  const char *field = strrchr (name, ':') != NULL ? strrchr (name, ':') + 1 : name;
  gboolean ranges = members->len > MAX_NUMBERS && column->kind != GLOW_FIELD_TEXT && !column->is_address && !has_words (profile, name);
  g_autoptr(GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);

  g_ptr_array_sort (members, compare_members);
  for (guint i = 0; i < members->len; i++)
    {
      Member *member = g_ptr_array_index (members, i);

      member->group = take_name (names, known, ranges ? name_range (field, member->value, column->kind == GLOW_FIELD_SIGNED)
                                               : i < MAX_GROUPS ? name_value (profile, column, name, field, member)
                                                                : g_strdup_printf ("%s=…", field));
    }
}

/**
 * glow_field_groups_compute:
 * @names: (element-type utf8): the groups' names are added to it
 *
 * O(samples) and a look-up for each change of the value.
 *
 * Returns: (transfer full) (nullable): the group of each sample that is selected
 */
guint32 *
glow_field_groups_compute (const GlowSelection *selection, const char *name, GPtrArray *names, GCancellable *cancellable, GError **error)
{
  GlowProfile *profile = selection->profile;
  const GlowSamples *samples = glow_profile_get_samples (profile);
  g_autoptr(GlowFieldColumn) column = glow_profile_compute_field (profile, name, cancellable, error);
  g_autoptr(GHashTable) index = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  g_autoptr(GPtrArray) members = g_ptr_array_new ();
  guint32 *group, event, without = GLOW_NONE;
  Member *last = NULL;

  if (column == NULL)
    return NULL;
  group = g_new0 (guint32, samples->n + 1);
  for (gsize i = 0; i < samples->n; i++)
    {
      if ((i & 0xfffff) == 0 && g_cancellable_set_error_if_cancelled (cancellable, error))
        {
          g_free (group);
          return NULL;
        }
      if (!is_selected (selection, samples, i, &event) || !column->has[i])
        continue;
      if (last == NULL || last->value != column->value[i])
        last = g_hash_table_lookup (index, &column->value[i]);
      if (last == NULL)
        {
          last = g_new0 (Member, 1);
          *last = (Member) { .value = column->value[i], .event = event };
          g_hash_table_insert (index, &last->value, last);
          g_ptr_array_add (members, last);
          if (members->len >= G_MAXINT32)
            break;
        }
      last->samples++;
    }
  name_groups (profile, column, name, members, names);
  for (gsize i = 0; i < samples->n; i++)
    {
      if (!is_selected (selection, samples, i, &event))
        continue;
      if (!column->has[i])
        {
          if (without == GLOW_NONE)
            {
              without = names->len;
              g_ptr_array_add (names, g_strdup_printf (_("without %s"), name));
            }
          group[i] = without;
          continue;
        }
      if (last == NULL || last->value != column->value[i])
        last = g_hash_table_lookup (index, &column->value[i]);
      group[i] = last != NULL ? last->group : 0;
    }
  return group;
}
