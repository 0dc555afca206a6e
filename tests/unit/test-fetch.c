/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files inside archives found by path, tables of ELF files, which modules are worth asking a server for, and how soon a question is given up. */
#include <afterglow/afterglow.h>
#include "formats/pack/tar-private.h"
#include "symbols/debuginfod-private.h"
#include "symbols/elf-file-private.h"
#include "symbols/elf-tables-private.h"
#include "symbols/inlines-private.h"
#include "symbols/module-files-private.h"
#include "symbols/store-private.h"
#include "symbols/symbol-table-private.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What cancelling may take, on a machine that does other things too. */
#define AT_ONCE_US (100 * 1000)
#define TRIES 5

static void
test_store (void)
{
  g_autoptr(GBytes) bytes = g_bytes_new_static ("onetwothree", 11);
  g_autoptr(GlowStore) store = glow_store_new ("/nowhere/archive", bytes, -1);
  g_autoptr(GlowStore) other = glow_store_new ("/nowhere/archive", bytes, -1);
  g_autofree char *text = NULL;
  gsize n;
  char *map;

  g_assert_cmpstr (glow_store_get_root (store), ==, "/nowhere/archive");
  g_assert_cmpstr (glow_store_get_root (other), !=, "/nowhere/archive");
  glow_store_add (store, "./a/one", 0, 3);
  glow_store_add (store, "a//b/../two", 3, 3);
  glow_store_add (store, "../three", 6, 5);
  glow_store_add_link (store, "l/link", "../a");
  glow_store_add_link (store, "absolute", "/a/one");
  glow_store_add_link (store, "x", "y");
  glow_store_add_link (store, "y", "x");
  g_assert_true (glow_file_exists ("/nowhere/archive/a/one"));
  g_assert_true (glow_file_exists ("/nowhere/archive/l/link/two"));
  g_assert_true (glow_file_exists ("/nowhere/archive/absolute"));
  g_assert_false (glow_file_exists ("/nowhere/archive/three"));
  g_assert_false (glow_file_exists ("/nowhere/three"));
  g_assert_false (glow_file_exists ("/nowhere/archive/x"));
  g_assert_false (glow_file_exists ("/nowhere/archive#2/a/one"));
  g_assert_true (glow_file_get_contents ("/nowhere/archive/l/link/two", &text, &n));
  g_assert_cmpstr (text, ==, "two");
  map = glow_store_map ("/nowhere/archive/a/one", &n);
  g_assert_cmpmem (map, n, "one", 3);
  map[0] = 'O';                /* a copy of its own */
  glow_store_unmap (map, n);
  g_assert_cmpmem (g_bytes_get_data (glow_store_get (store, "a/one"), NULL), 3, "one", 3);
}

/* Names longer than the plain header has room for, and what comes back. */
static void
test_tar (void)
{
  g_autoptr(GOutputStream) stream = g_memory_output_stream_new_resizable ();
  g_autoptr(GlowTarWriter) writer = glow_tar_writer_new (stream);
  g_autoptr(GError) error = NULL;
  g_autofree char *path = NULL, *long_name = g_strnfill (300, 'n'), *long_target = g_strnfill (200, 't');
  g_autofree guint8 *big = g_malloc0 (3 << 20);
  g_autoptr(GlowProfile) profile = NULL;

  g_assert_true (glow_tar_writer_add (writer, "afterglow-pack.txt", "Afterglow pack 1\nrecording: stacks\n", 35, 5, NULL, &error));
  g_assert_true (glow_tar_writer_add (writer, long_name, big, 3 << 20, 5, NULL, &error));
  g_assert_true (glow_tar_writer_add_link (writer, "link", long_target, 5, NULL, &error));
  g_assert_true (glow_tar_writer_add (writer, "stacks", "main;work 7\n", 12, 5, NULL, &error));
  g_assert_true (glow_tar_writer_finish (writer, NULL, &error));
  g_assert_cmpint (close (g_file_open_tmp ("afterglow-pack-XXXXXX", &path, &error)), ==, 0);
  g_assert_true (g_file_set_contents (path, g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (stream)),
                                      g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (stream)), &error));
  g_assert_cmpuint (glow_tar_writer_get_written (writer), ==, g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (stream)));
  profile = glow_profile_load_path (path, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (glow_profile_get_samples (profile)->n, ==, 1);
  g_assert_true (g_str_has_suffix (glow_profile_get_files (profile)[0], "/stacks"));
  g_unlink (path);
}

static GBytes *
map_self (void)
{
  g_autoptr(GMappedFile) file = g_mapped_file_new ("/proc/self/exe", FALSE, NULL);

  return g_mapped_file_get_bytes (file);
}

/* Every symbol and every inlined function that the file itself tells, its tables tell. */
static void
test_tables (void)
{
  int fd, again;
  Elf *elf = glow_elf_open ("/proc/self/exe", &fd), *copy;
  g_autoptr(GBytes) tables = glow_elf_dup_tables (elf, TRUE), whole = map_self (), plain = glow_elf_dup_tables (elf, FALSE);
  g_autoptr(GlowStore) store = glow_store_new ("/nowhere/tables", tables, -1);
  g_autoptr(GlowSymbolTable) theirs = glow_symbol_table_new (), ours = glow_symbol_table_new ();
  g_autoptr(GArray) segments = glow_elf_dup_segments (elf), own = NULL;
  guint8 id[20], own_id[20];
  GlowInlines *file_inlines, *table_inlines;

  g_assert_cmpuint (g_bytes_get_size (tables), <, g_bytes_get_size (whole));
  g_assert_cmpuint (g_bytes_get_size (plain), <, g_bytes_get_size (tables));
  glow_store_add (store, "elf", 0, g_bytes_get_size (tables));
  copy = glow_elf_open ("/nowhere/tables/elf", &again);
  g_assert_nonnull (copy);
  own = glow_elf_dup_segments (copy);
  g_assert_cmpmem (own->data, own->len * sizeof (GlowElfSegment), segments->data, segments->len * sizeof (GlowElfSegment));
  g_assert_cmpuint (glow_elf_get_build_id (elf, id), ==, glow_elf_get_build_id (copy, own_id));
  g_assert_cmpmem (id, 20, own_id, 20);
  glow_elf_close (copy, again);
  glow_elf_close (elf, fd);
  g_assert_cmpint (glow_elf_read_symbols (theirs, "/proc/self/exe", NULL, 0, NULL), ==, GLOW_ELF_OK);
  g_assert_cmpint (glow_elf_read_symbols (ours, "/nowhere/tables/elf", NULL, 0, NULL), ==, GLOW_ELF_OK);
  g_assert_cmpuint (ours->symbols->len, ==, theirs->symbols->len);
  file_inlines = glow_inlines_open ("/proc/self/exe", NULL, FALSE, NULL);
  table_inlines = glow_inlines_open ("/nowhere/tables/elf", NULL, FALSE, NULL);
  g_assert_nonnull (file_inlines);
  g_assert_nonnull (table_inlines);
  for (guint i = 0; i < ours->symbols->len; i++)
    {
      const GlowSymbol *a = &g_array_index (ours->symbols, GlowSymbol, i), *b = &g_array_index (theirs->symbols, GlowSymbol, i);
      g_autoptr(GPtrArray) here = g_ptr_array_new (), there = g_ptr_array_new ();

      g_assert_cmpstr (a->name, ==, b->name);
      g_assert_cmpuint (a->start, ==, b->start);
      g_assert_cmpuint (a->end, ==, b->end);
      if (i % 16 != 0)
        continue;
      glow_inlines_find (file_inlines, (a->start + a->end) / 2, here);
      glow_inlines_find (table_inlines, (a->start + a->end) / 2, there);
      g_assert_cmpuint (here->len, ==, there->len);
      for (guint k = 0; k < here->len; k++)
        g_assert_cmpstr (g_ptr_array_index (here, k), ==, g_ptr_array_index (there, k));
    }
  glow_inlines_free (file_inlines);
  glow_inlines_free (table_inlines);
}

/* Damaged files give some copy or none, and never more than they have. */
static void
test_damaged_tables (void)
{
  g_autoptr(GBytes) whole = map_self ();
  gsize n;
  const guint8 *bytes = g_bytes_get_data (whole, &n);
  g_autoptr(GRand) rand = g_rand_new_with_seed (7);

  elf_version (EV_CURRENT);
  for (guint i = 0; i < 300; i++)
    {
      gsize size = i % 3 == 0 ? (gsize) g_rand_int_range (rand, 1, MIN (n, 1 << 16)) : n;
      g_autofree guint8 *copy = g_memdup2 (bytes, size);
      gsize headers = n > 20000 ? n - 20000 : 0;
      Elf *elf;

      for (guint k = 0; k < 20; k++)
        {
          gsize at = k % 2 == 0 ? (gsize) g_rand_int_range (rand, 0, 64) : headers + g_rand_int_range (rand, 0, n - headers);

          if (at > 5 && at < size)
            copy[at] = g_rand_int (rand);
        }
      elf = elf_memory ((char *) copy, size);
      if (elf != NULL && elf_kind (elf) == ELF_K_ELF)
        {
          g_autoptr(GBytes) tables = glow_elf_dup_tables (elf, TRUE);

          g_assert_true (tables == NULL || g_bytes_get_size (tables) < 64 * n);
        }
      elf_end (elf);
    }
}

/* Absolute links in a copy of a machine mean that machine. */
static void
test_root (void)
{
  g_autofree char *root = g_dir_make_tmp ("afterglow-root-XXXXXX", NULL), *real = g_build_filename (root, "real", NULL);
  g_autofree char *link = g_build_filename (root, "lib", NULL), *loop = g_build_filename (root, "loop", NULL), *found = NULL, *outside = NULL, *endless = NULL;

  g_assert_cmpint (g_mkdir (real, 0700), ==, 0);
  g_assert_cmpint (symlink ("/real", link), ==, 0);
  g_assert_cmpint (symlink ("loop", loop), ==, 0);
  found = glow_root_dup_path (root, "/lib/x.so");
  g_assert_true (g_str_has_suffix (found, "/real/x.so") && g_str_has_prefix (found, root));
  outside = glow_root_dup_path (root, "/../../etc/passwd");
  g_assert_true (g_str_has_prefix (outside, root));
  endless = glow_root_dup_path (root, "/loop/x");
  g_assert_true (g_str_has_prefix (endless, root));
  g_unlink (link);
  g_unlink (loop);
  g_rmdir (real);
  g_rmdir (root);
}

typedef struct {
  GCancellable *cancellable;
  gint64 cancelled_at;
} Cancel;

static gpointer
cancel_soon (gpointer data)
{
  Cancel *cancel = data;

  g_usleep (150 * 1000);
  cancel->cancelled_at = g_get_monotonic_time ();
  g_cancellable_cancel (cancel->cancellable);
  return NULL;
}

/* A server that takes the question and says nothing. The best of some tries is taken: the machine may do other things meanwhile. */
static void
test_cancel (void)
{
  g_autoptr(GSocketListener) listener = g_socket_listener_new ();
  guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, NULL);
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u", port), *cache = g_dir_make_tmp ("afterglow-cache-XXXXXX", NULL);
  g_autofree char *remove = g_strdup_printf ("rm -rf '%s'", cache);
  GlowModule module = { .kind = GLOW_MODULE_USER, .symbols = GLOW_SYMBOLS_NO_FILE, .build_id_length = 20, .build_id = { 1, 2, 3 } };
  gint64 best = G_MAXINT64;

  if (!glow_debuginfod_is_supported ())
    {
      g_test_skip ("libdebuginfod was not there when this was built");
      return;
    }
  g_setenv ("DEBUGINFOD_URLS", url, TRUE);
  g_setenv ("DEBUGINFOD_CACHE_PATH", cache, TRUE);
  for (guint i = 0; i < TRIES && best > AT_ONCE_US; i++)
    {
      g_autoptr(GCancellable) cancellable = g_cancellable_new ();
      g_autoptr(GError) error = NULL;
      Cancel cancel = { cancellable, 0 };
      GThread *thread = g_thread_new ("cancel", cancel_soon, &cancel);
      GlowFetched fetched;

      g_assert_cmpint (glow_fetch_module (&module, NULL, NULL, &fetched, cancellable, &error), ==, GLOW_FETCH_FAILED);
      g_thread_join (thread);
      best = MIN (best, g_get_monotonic_time () - cancel.cancelled_at);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    }
  g_test_message ("cancelled in %.1f ms", best / 1e3);
  g_assert_cmpint (best, <=, AT_ONCE_US);
  g_assert_true (g_spawn_command_line_sync (remove, NULL, NULL, NULL, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fetch/store", test_store);
  g_test_add_func ("/fetch/tar", test_tar);
  g_test_add_func ("/fetch/tables", test_tables);
  g_test_add_func ("/fetch/damaged-tables", test_damaged_tables);
  g_test_add_func ("/fetch/root", test_root);
  g_test_add_func ("/fetch/cancel", test_cancel);
  return g_test_run ();
}
