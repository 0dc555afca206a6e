/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parts of one recording that lie beside each other: perf record --switch-output=… -o NAME writes NAME.YYYYMMDDhhmmsscc, one after the other. */
#include <config.h>

#include "formats/input-private.h"
#include "formats/registry-private.h"

#include <stdio.h>
#include <string.h>

#define STAMP 16               /* digits: second and hundredth of it */

static gboolean
has_stamp (const char *name, gsize base)
{
  return strlen (name) == base + 1 + STAMP && name[base] == '.' && strspn (name + base + 1, "0123456789") == STAMP;
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static gboolean
is_part_of (const GlowFormat *format, const guint8 *bytes, gsize n, const char *path)
{
  g_autoptr(GlowInput) input = glow_input_open_path (path, NULL, NULL);
  const guint8 *own;
  gsize size;

  if (input == NULL || !glow_input_is_mapped (input))
    return FALSE;
  own = glow_input_map (input, &size, NULL, NULL);
  return own != NULL && format->is_part (bytes, n, own, size);
}

/* HEADER_DIR_FORMAT. */
static gboolean
is_folder_head (const char *path)
{
  guint8 head[104];
  FILE *file = fopen (path, "rbe");
  gsize n = file != NULL ? fread (head, 1, sizeof head, file) : 0;

  g_clear_pointer (&file, fclose);
  if (n < sizeof head)
    return FALSE;
  return (memcmp (head, "PERFILE2", 8) == 0 && head[72 + 24 / 8] & 1) || (memcmp (head, "2ELIFREP", 8) == 0 && head[79 - 24 / 8] & 1);
}

/**
 * glow_load_dup_folder:
 *
 * perf record --threads writes a folder: "data" with the header, and data of each thread beside it. In a file dialog one gets to "data".
 *
 * Returns: (transfer full) (nullable): the folder, where @path is one or its "data"; else %NULL
 */
char *
glow_load_dup_folder (const char *path)
{
  g_autofree char *base = g_path_get_basename (path), *head = g_build_filename (path, "data", NULL), *first = g_strconcat (path, ".0", NULL);

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    return g_file_test (head, G_FILE_TEST_IS_REGULAR) ? g_strdup (path) : NULL;
  if (strcmp (base, "data") == 0 && g_file_test (first, G_FILE_TEST_EXISTS) && is_folder_head (path))
    return g_path_get_dirname (path);
  return NULL;
}

/**
 * glow_load_dup_parts:
 * @path: a part, or the name that all parts begin with, without their stamps
 *
 * Looks at the folder and at the headers of the files whose names say that they may be parts. Of several runs with one name, it is that of
 * @path, or the latest.
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): the parts in the order they were written, @path among them; %NULL where
 * there is no more than @path
 */
char **
glow_load_dup_parts (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path), *base = g_path_get_basename (path), *model = NULL;
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GStrvBuilder) parts = g_strv_builder_new ();
  g_autoptr(GlowInput) input = NULL;
  g_autoptr(GDir) listing = g_dir_open (folder, 0, NULL);
  const GlowFormat *format;
  const guint8 *bytes;
  const char *name;
  gsize n = strlen (base), size;
  guint found = 0;
  gboolean one = n > STAMP + 1 && has_stamp (base, n - STAMP - 1);

  if (listing == NULL)
    return NULL;
  if (one)
    base[n -= STAMP + 1] = '\0';
  while ((name = g_dir_read_name (listing)) != NULL)
    if (strncmp (name, base, n) == 0 && has_stamp (name, n))
      g_ptr_array_add (names, strcmp (folder, ".") == 0 && *path != '.' ? g_strdup (name) : g_build_filename (folder, name, NULL));
  if (names->len == 0)
    return NULL;
  g_ptr_array_sort (names, compare_names);
  model = g_strdup (one ? path : g_ptr_array_index (names, names->len - 1));
  input = glow_input_open_path (model, NULL, NULL);
  if (input == NULL || !glow_input_is_mapped (input))
    return NULL;
  bytes = glow_input_map (input, &size, NULL, NULL);
  format = bytes != NULL ? glow_registry_recognise (bytes, MIN (size, GLOW_RECOGNISE_HEAD)) : NULL;
  if (format == NULL || format->is_part == NULL)
    return NULL;
  for (guint i = 0; i < names->len; i++)
    {
      const char *part = g_ptr_array_index (names, i);

      if (strcmp (part, model) != 0 && !is_part_of (format, bytes, size, part))
        continue;
      g_strv_builder_add (parts, part);
      found++;
    }
  return found > (one ? 1 : 0) ? g_strv_builder_end (parts) : NULL;
}
