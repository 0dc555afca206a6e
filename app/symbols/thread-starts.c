/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of functions that stacks begin with, from thread-starts.txt. */
#include "symbols/doubts-private.h"
#include "thread-starts.h"

#include <string.h>

typedef struct {
  GHashTable *names;
  GPtrArray *heads;            /* names may go on as they like */
} Starts;

static gpointer
read_starts (gpointer unused)
{
  Starts *starts = g_new (Starts, 1);
  g_auto(GStrv) lines = g_strsplit (thread_starts, "\n", -1);

  starts->names = g_hash_table_new (g_str_hash, g_str_equal);
  starts->heads = g_ptr_array_new ();
  for (guint i = 0; lines[i] != NULL; i++)
    {
      gsize length = strlen (lines[i]);

      if (length == 0 || *lines[i] == '#')
        continue;
      if (lines[i][length - 1] == '*')
        g_ptr_array_add (starts->heads, g_strndup (lines[i], length - 1));
      else
        g_hash_table_add (starts->names, g_strdup (lines[i]));
    }
  return starts;
}

/**
 * glow_is_thread_start:
 * @name: of a symbol; what follows an "@" or ".abi0" in it does not count
 *
 * O(length × patterns).
 */
gboolean
glow_is_thread_start (const char *name)
{
  static GOnce once = G_ONCE_INIT;
  const Starts *starts = g_once (&once, read_starts, NULL);
  const char *at = strchr (name, '@');
  g_autofree char *plain = at != NULL && at != name ? g_strndup (name, at - name) : g_strdup (name);

  if (g_str_has_suffix (plain, ".abi0"))
    plain[strlen (plain) - strlen (".abi0")] = '\0';
  if (g_hash_table_contains (starts->names, plain))
    return TRUE;
  for (guint i = 0; i < starts->heads->len; i++)
    if (g_str_has_prefix (plain, g_ptr_array_index (starts->heads, i)))
      return TRUE;
  return FALSE;
}
