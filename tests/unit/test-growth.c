/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that grow under the reader. What was read on must be what reading the whole file gives, at every step; what was replaced must never be
 * taken for a continuation. */
#include <afterglow/afterglow.h>

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

typedef struct {
  char *folder, *path;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = g_dir_make_tmp ("afterglow-growth-XXXXXX", NULL);
  self->path = g_build_filename (self->folder, "growing", NULL);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_unlink (self->path);
  g_rmdir (self->folder);
  g_free (self->folder);
  g_free (self->path);
}

/* In place: the file stays the one it is. */
static void
append (const char *path, gconstpointer bytes, gsize n)
{
  FILE *file = fopen (path, "ab");

  g_assert_nonnull (file);
  g_assert_cmpuint (fwrite (bytes, 1, n, file), ==, n);
  g_assert_cmpint (fclose (file), ==, 0);
}

static void
overwrite (const char *path, gsize at, gconstpointer bytes, gsize n)
{
  FILE *file = fopen (path, "r+b");

  g_assert_nonnull (file);
  g_assert_cmpint (fseek (file, at, SEEK_SET), ==, 0);
  g_assert_cmpuint (fwrite (bytes, 1, n, file), ==, n);
  g_assert_cmpint (fclose (file), ==, 0);
}

static const GlowLoadOptions unnamed = { .no_symbols = TRUE };

static void
assert_like_whole (GlowProfile *profile, const char *path)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GlowProfile) whole = glow_profile_load_path (path, &unnamed, NULL, &error);
  g_autofree char *own = NULL, *expected = NULL;
  guint32 n, m;

  g_assert_no_error (error);
  /* Equal lines of folded text are one row of the file they are in. */
  if (glow_profile_get_samples (whole)->time != NULL)
    g_assert_cmpuint (glow_profile_get_samples (profile)->n, ==, glow_profile_get_samples (whole)->n);
  g_assert_cmpuint (glow_profile_get_events (profile, NULL)[0].total_weight, ==, glow_profile_get_events (whole, NULL)[0].total_weight);
  g_assert_cmpuint (glow_profile_get_start (profile), ==, glow_profile_get_start (whole));
  g_assert_cmpuint (glow_profile_get_duration (profile), ==, glow_profile_get_duration (whole));
  glow_profile_get_threads (profile, &n);
  glow_profile_get_threads (whole, &m);
  g_assert_cmpuint (n, ==, m);
  glow_profile_get_modules (profile, &n);
  glow_profile_get_modules (whole, &m);
  g_assert_cmpuint (n, ==, m);
  g_assert_cmpuint (glow_profile_get_info (profile)->lost_events, ==, glow_profile_get_info (whole)->lost_events);
  g_assert_cmpuint (glow_profile_get_info (profile)->file_bytes, ==, glow_profile_get_info (whole)->file_bytes);
  g_assert_cmpuint (g_strv_length ((char **) glow_profile_get_files (profile)), ==, 1);
  own = glow_profile_dup_folded (profile);
  expected = glow_profile_dup_folded (whole);
  g_assert_cmpstr (own, ==, expected);
}

/* ---- a recording ---- */

static GBytes *
example (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("AFTERGLOW_SOURCE_DIR"), "data", "examples", "orders.data", NULL);
  char *bytes;
  gsize n;

  g_assert_true (g_file_get_contents (path, &bytes, &n, NULL));
  return g_bytes_new_take (bytes, n);
}

static guint64
read_u64 (const guint8 *bytes)
{
  guint64 value;

  memcpy (&value, bytes, sizeof value);
  return GUINT64_FROM_LE (value);
}

static void
add_u64 (guint8 *bytes, guint64 more)
{
  guint64 value = GUINT64_TO_LE (read_u64 (bytes) + more);

  memcpy (bytes, &value, sizeof value);
}

/* The same recording with its data not compressed: features move behind it. */
static GBytes *
example_in_plain (void)
{
  g_autoptr(GBytes) packed = example ();
  gsize n;
  const guint8 *bytes = g_bytes_get_data (packed, &n);
  gsize at = read_u64 (bytes + 40), end = at + read_u64 (bytes + 48);
  GByteArray *plain = g_byte_array_new ();
  ZSTD_DStream *stream = ZSTD_createDStream ();
  guint64 grown;
  guint8 *table;

  g_byte_array_append (plain, bytes, at);
  for (gsize record = at; record < end;)
    {
      guint32 type = bytes[record] | (guint32) bytes[record + 1] << 8;
      gsize size = bytes[record + 6] | (gsize) bytes[record + 7] << 8;
      ZSTD_inBuffer in = { bytes + record + 8, size - 8, 0 };
      guint8 buffer[65536];

      if (type != 81)
        g_byte_array_append (plain, bytes + record, size);
      for (gboolean full = type == 81; full || (type == 81 && in.pos < in.size);)
        {
          ZSTD_outBuffer out = { buffer, sizeof buffer, 0 };

          g_assert_false (ZSTD_isError (ZSTD_decompressStream (stream, &out, &in)));
          g_byte_array_append (plain, buffer, out.pos);
          full = out.pos == out.size;
        }
      record += size;
    }
  ZSTD_freeDStream (stream);
  grown = plain->len - end;
  g_byte_array_append (plain, bytes + end, n - end);
  add_u64 (plain->data + 48, grown);
  table = plain->data + end + grown;
  for (guint bit = 0; bit < 256; bit++)
    if (bytes[72 + bit / 8] >> bit % 8 & 1)
      {
        add_u64 (table, grown);
        table += 16;
      }
  return g_byte_array_free_to_bytes (plain);
}

/* As perf leaves it while it records: no size of the data, no features. (transfer full) */
static guint8 *
unfinish (const guint8 *bytes, gsize n, gsize *data_at, gsize *data_end)
{
  guint8 *copy = g_memdup2 (bytes, n);

  *data_at = read_u64 (bytes + 40);
  *data_end = *data_at + read_u64 (bytes + 48);
  memset (copy + 48, 0, 8);
  memset (copy + 72, 0, 32);
  return copy;
}

static void
test_recording (Fixture *self, gconstpointer data)
{
  g_autoptr(GBytes) bytes = data == NULL ? example () : example_in_plain ();
  gsize n, at, end, done;
  const guint8 *finished = g_bytes_get_data (bytes, &n);
  g_autofree guint8 *growing = unfinish (finished, n, &at, &end);
  g_autoptr(GError) error = NULL;
  g_autoptr(GlowGrowth) growth = NULL;
  g_autoptr(GlowProfile) profile = NULL;
  g_autoptr(GRand) random = g_rand_new_with_seed (3);
  guint steps = 0;

  done = at + (end - at) / 7 + 3;
  append (self->path, growing, done);
  profile = glow_profile_load_growing (self->path, &unnamed, &growth, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (growth);
  g_assert_true (glow_profile_get_info (profile)->unfinished);
  g_assert_true (data == NULL || glow_profile_get_samples (profile)->n > 1000);
  assert_like_whole (profile, self->path);
  g_assert_cmpint (glow_growth_check (growth), ==, GLOW_GROWTH_NONE);
  while (done < end)
    {
      gsize more = MIN (end - done, (gsize) g_rand_int_range (random, 1, (end - at) / 5));

      append (self->path, growing + done, more);
      done += more;
      g_assert_cmpint (glow_growth_check (growth), ==, GLOW_GROWTH_MORE);
      g_clear_object (&profile);
      profile = glow_growth_read (growth, &unnamed, NULL, &error);
      g_assert_no_error (error);
      assert_like_whole (profile, self->path);
      g_assert_cmpint (glow_growth_check (growth), ==, GLOW_GROWTH_NONE);
      steps++;
    }
  g_assert_cmpuint (steps, >, 4);
  /* perf ends: features behind the data, then the header. */
  append (self->path, finished + done, n - done);
  overwrite (self->path, 0, finished, at);
  g_assert_cmpint (glow_growth_check (growth), ==, GLOW_GROWTH_MORE);
  g_clear_object (&profile);
  profile = glow_growth_read (growth, &unnamed, NULL, &error);
  g_assert_no_error (error);
  g_assert_false (glow_profile_get_info (profile)->unfinished);
  g_assert_nonnull (glow_profile_get_info (profile)->hostname);
  g_assert_cmpuint (glow_profile_get_samples (profile)->n, ==, 17134);
  assert_like_whole (profile, self->path);
  g_assert_cmpint (glow_growth_check (growth), ==, GLOW_GROWTH_NONE);
}

/* A finished recording keeps nothing. */
static void
test_finished (Fixture *self, gconstpointer data)
{
  g_autoptr(GBytes) bytes = example ();
  g_autoptr(GlowGrowth) growth = NULL;
  g_autoptr(GlowProfile) profile = NULL;

  append (self->path, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  profile = glow_profile_load_growing (self->path, &unnamed, &growth, NULL, NULL);
  g_assert_nonnull (profile);
  g_assert_null (growth);
}

typedef enum { RENAMED, TRUNCATED, BLOCK_CHANGED, HEADER_CHANGED, SHORTER, GONE } Change;

static void
test_replaced (Fixture *self, gconstpointer data)
{
  Change change = GPOINTER_TO_INT (data);
  g_autoptr(GBytes) bytes = example_in_plain ();
  gsize n, at, end, half;
  const guint8 *finished = g_bytes_get_data (bytes, &n);
  g_autofree guint8 *growing = unfinish (finished, n, &at, &end);
  g_autoptr(GlowGrowth) growth = NULL;
  g_autoptr(GlowProfile) profile = NULL;
  g_autofree char *other = g_strconcat (self->path, ".new", NULL);

  half = at + (end - at) / 2;
  append (self->path, growing, half);
  profile = glow_profile_load_growing (self->path, &unnamed, &growth, NULL, NULL);
  g_assert_nonnull (growth);
  switch (change)
    {
    case RENAMED:
      append (other, growing, end);
      g_assert_cmpint (g_rename (other, self->path), ==, 0);
      break;
    case TRUNCATED:
      g_assert_cmpint (truncate (self->path, 0), ==, 0);
      append (self->path, growing, end);
      overwrite (self->path, 16, "\xff", 1);
      break;
    case BLOCK_CHANGED:
      overwrite (self->path, half - 2000, "other", 5);
      append (self->path, growing + half, end - half);
      break;
    case HEADER_CHANGED:
      overwrite (self->path, 24, "\x10", 1);
      append (self->path, growing + half, end - half);
      break;
    case SHORTER:
      g_assert_cmpint (truncate (self->path, half - 100), ==, 0);
      break;
    case GONE:
      g_unlink (self->path);
      break;
    }
  g_assert_cmpint (glow_growth_check (growth), ==, GLOW_GROWTH_REPLACED);
}

/* Bytes of the header that perf_can_read_on() looks at and those that are damaged later: neither may end badly. */
static void
test_damaged (Fixture *self, gconstpointer data)
{
  g_autoptr(GBytes) bytes = example_in_plain ();
  gsize n, at, end;
  const guint8 *finished = g_bytes_get_data (bytes, &n);
  g_autofree guint8 *growing = unfinish (finished, n, &at, &end);
  g_autoptr(GRand) random = g_rand_new_with_seed (5);

  for (guint round = 0; round < 40; round++)
    {
      g_autofree guint8 *damaged = g_memdup2 (growing, n);
      g_autoptr(GlowGrowth) growth = NULL;
      g_autoptr(GlowProfile) profile = NULL;
      gsize done = at + (end - at) / 3;

      for (guint i = 0; i < 30; i++)
        damaged[g_rand_int_range (random, done - (round & 1 ? 20000 : 0), end)] = g_rand_int_range (random, 0, 256);
      g_unlink (self->path);
      append (self->path, damaged, done);
      profile = glow_profile_load_growing (self->path, &unnamed, &growth, NULL, NULL);
      while (growth != NULL && done < end)
        {
          gsize more = MIN (end - done, (end - at) / 4);

          append (self->path, damaged + done, more);
          done += more;
          if (glow_growth_check (growth) != GLOW_GROWTH_MORE)
            break;
          g_clear_object (&profile);
          profile = glow_growth_read (growth, &unnamed, NULL, NULL);
          if (profile == NULL)
            break;
        }
    }
}

/* ---- text ---- */

static const char *const folded[] = { "main;work;add 12\nmain;work 3\n", "main;work;add 5\nmain;read 7\n", "other 1\nma", "in;work 2\n" };
static const char *const script[] = {
  "work 42 10.000001: 1 cycles:\n\t401000 add (/bin/work)\n\t401100 main (/bin/work)\n\n",
  "work 42 10.000002: 1 cycles:\n\t401000 add (/bin/work)\n\t401100 main (/bin/work)\n\nrest 43 10.000003: 1 cycles:\n\t401200 rest (/bin/work)\n\n",
  "work 42 10.000004: 1 cycles:\n\t4010", "00 add (/bin/work)\n\t401100 main (/bin/work)\n\n",
};

static void
test_text (Fixture *self, gconstpointer data)
{
  const char *const *pieces = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GlowGrowth) growth = NULL;
  g_autoptr(GlowProfile) profile = NULL;

  append (self->path, pieces[0], strlen (pieces[0]));
  profile = glow_profile_load_growing (self->path, &unnamed, &growth, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (growth);
  for (guint i = 1; i < 4; i++)
    {
      append (self->path, pieces[i], strlen (pieces[i]));
      /* A line that is not whole is waited for. */
      g_assert_cmpint (glow_growth_check (growth), ==, i == 2 ? GLOW_GROWTH_NONE : GLOW_GROWTH_MORE);
      if (i == 2)
        continue;
      g_clear_object (&profile);
      profile = glow_growth_read (growth, &unnamed, NULL, &error);
      g_assert_no_error (error);
      assert_like_whole (profile, self->path);
    }
  overwrite (self->path, 1, "X", 1);
  g_assert_cmpint (glow_growth_check (growth), ==, GLOW_GROWTH_REPLACED);
}

/* What ends within a line, and what is compressed, cannot be continued. */
static void
test_not_growing (Fixture *self, gconstpointer data)
{
  g_autoptr(GlowGrowth) growth = NULL;
  g_autoptr(GlowProfile) profile = NULL;

  append (self->path, "main;work 3\nmain;re", 19);
  profile = glow_profile_load_growing (self->path, &unnamed, &growth, NULL, NULL);
  g_assert_nonnull (profile);
  g_assert_null (growth);
  g_clear_object (&profile);
  g_unlink (self->path);
  append (self->path, "main;work 3 4\nmain;rest 5 6\n", 28);
  profile = glow_profile_load_growing (self->path, &unnamed, &growth, NULL, NULL);
  g_assert_nonnull (profile);
  g_assert_null (growth);
}

int
main (int argc, char **argv)
{
  static const char *const changes[] = { "renamed", "truncated", "block", "header", "shorter", "gone" };

  g_test_init (&argc, &argv, NULL);
  g_test_add ("/growth/recording/plain", Fixture, "plain", set_up, test_recording, tear_down);
  g_test_add ("/growth/recording/compressed", Fixture, NULL, set_up, test_recording, tear_down);
  g_test_add ("/growth/finished", Fixture, NULL, set_up, test_finished, tear_down);
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autofree char *path = g_strconcat ("/growth/replaced/", changes[i], NULL);

      g_test_add (path, Fixture, GINT_TO_POINTER (i), set_up, test_replaced, tear_down);
    }
  g_test_add ("/growth/damaged", Fixture, NULL, set_up, test_damaged, tear_down);
  g_test_add ("/growth/folded", Fixture, folded, set_up, test_text, tear_down);
  g_test_add ("/growth/script", Fixture, script, set_up, test_text, tear_down);
  g_test_add ("/growth/none", Fixture, NULL, set_up, test_not_growing, tear_down);
  return g_test_run ();
}
