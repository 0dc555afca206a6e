/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Containers, pods, applications and units in what "info" says: by name, heaviest first, with the paths behind each. */
#include "config.h"
#include <glib/gi18n.h>
#include "cli/cli.h"

typedef struct {
  guint32 name;
  guint64 samples;
  GArray *paths;               /* of guint32, strings */
  gboolean at_opening;
} Container;

static void
clear_container (gpointer data)
{
  g_array_unref (((Container *) data)->paths);
}

static gint
compare_containers (gconstpointer a, gconstpointer b)
{
  const Container *left = a, *right = b;

  if (left->samples != right->samples)
    return left->samples > right->samples ? -1 : 1;
  return left->name < right->name ? -1 : left->name > right->name;
}

static void
add_path (Container *container, guint32 path)
{
  for (guint i = 0; i < container->paths->len; i++)
    if (g_array_index (container->paths, guint32, i) == path)
      return;
  g_array_append_val (container->paths, path);
}

/* Of those that have samples. O(samples + threads) */
static GArray *
collect (GlowProfile *profile)
{
  const GlowSamples *samples = glow_profile_get_samples (profile);
  GArray *containers = g_array_new (FALSE, TRUE, sizeof (Container));
  g_autoptr(GHashTable) index = g_hash_table_new (NULL, NULL);
  guint32 n;
  const GlowThread *threads = glow_profile_get_threads (profile, &n);
  g_autofree guint64 *count = g_new0 (guint64, n + 1);

  g_array_set_clear_func (containers, clear_container);
  for (gsize i = 0; samples->thread != NULL && i < samples->n; i++)
    count[samples->thread[i]]++;
  for (guint32 t = 0; t < n; t++)
    {
      gpointer key = GUINT_TO_POINTER (threads[t].cgroup_name), found;
      Container *container;

      if (threads[t].cgroup_name == 0 || count[t] == 0)
        continue;
      if (!g_hash_table_lookup_extended (index, key, NULL, &found))
        {
          Container fresh = { threads[t].cgroup_name, 0, g_array_new (FALSE, FALSE, sizeof (guint32)), FALSE };

          found = GUINT_TO_POINTER (containers->len);
          g_array_append_val (containers, fresh);
          g_hash_table_insert (index, key, found);
        }
      container = &g_array_index (containers, Container, GPOINTER_TO_UINT (found));
      container->samples += count[t];
      container->at_opening |= threads[t].cgroup_at_opening;
      add_path (container, threads[t].cgroup);
    }
  g_array_sort (containers, compare_containers);
  return containers;
}

void
glow_cli_print_containers (GString *text, GlowProfile *profile)
{
  g_autoptr(GArray) containers = collect (profile);

  if (containers->len > 0)
    g_string_append_printf (text, "%s\n", _("Containers and units (samples)"));
  for (guint i = 0; i < containers->len; i++)
    {
      const Container *container = &g_array_index (containers, Container, i);
      g_autofree char *count = glow_text_count (container->samples), *name = NULL;

      name = glow_strings_dup_display (glow_profile_get_strings (profile), container->name);
      g_string_append_printf (text, "  %12s  %s%s\n", count, name, container->at_opening ? _(" (as of opening)") : "");
    }
}

void
glow_cli_json_containers (JsonBuilder *builder, GlowProfile *profile)
{
  g_autoptr(GArray) containers = collect (profile);

  json_builder_set_member_name (builder, "containers");
  json_builder_begin_array (builder);
  for (guint i = 0; i < containers->len; i++)
    {
      const Container *container = &g_array_index (containers, Container, i);
      g_autofree char *name = NULL;
      GlowCgroupKind kind;

      name = glow_cgroup_dup_name (glow_profile_get_string (profile, g_array_index (container->paths, guint32, 0)), &kind);
      json_builder_begin_object (builder);
      glow_cli_json_string (builder, "name", name);
      glow_cli_json_string (builder, "kind", glow_cgroup_kind_get_id (kind));
      json_builder_set_member_name (builder, "paths");
      json_builder_begin_array (builder);
      for (guint p = 0; p < container->paths->len; p++)
        glow_cli_json_string (builder, NULL, glow_profile_get_string (profile, g_array_index (container->paths, guint32, p)));
      json_builder_end_array (builder);
      glow_cli_json_count (builder, "samples", container->samples);
      glow_cli_json_string (builder, "as_of", container->at_opening ? "opening" : "recording");
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}
