/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is kept of a recording: the second opening says what the first did, byte for byte; whatever changed since is noticed, and nothing that is done
 * to an entry is believed. */
#include <afterglow/afterglow.h>
#include <afterglow/fields.h>
#include <afterglow/pack.h>
#include <afterglow/script.h>
#include <afterglow/source.h>
#include "formats/cache/cache-private.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MUTATIONS 1000

static G_GNUC_PRINTF (1, 2) char *
run (const char *format, ...)
{
  g_autofree char *command = NULL;
  char *output = NULL;
  va_list arguments;
  int status;

  va_start (arguments, format);
  command = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_assert_true (g_spawn_sync (NULL, (char *[]) { (char *) "/bin/sh", (char *) "-c", command, NULL }, NULL, 0, NULL, NULL, &output, NULL, &status, NULL));
  g_assert_cmpint (status, ==, 0);
  return output;
}

typedef struct {
  char *folder, *path, *program;
} Fixture;

/* A recording made now, of a copy of this program, which is its symbols' file: both may be written to. */
static char *recording, *recorded_program;

static __attribute__ ((noinline)) guint64
spin_in_here (guint64 rounds)
{
  volatile guint64 sum = 0;

  for (guint64 i = 0; i < rounds; i++)
    sum += i;
  return sum;
}

static void
record (const char *folder, const char *own)
{
  g_autofree char *program = g_build_filename (folder, "spin", NULL), *path = g_build_filename (folder, "spin.data", NULL), *command = NULL;
  int status;

  g_free (run ("cp '%s' '%s'", own, program));
  command = g_strdup_printf ("perf record -q -N -g --all-cgroups -e cpu-clock -F 4000 -o '%s' -- '%s' --spin", path, program);
  if (g_spawn_sync (NULL, (char *[]) { (char *) "/bin/sh", (char *) "-c", command, NULL }, NULL, G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                    NULL, NULL, NULL, NULL, &status, NULL) && status == 0)
    {
      recording = g_strdup (path);
      recorded_program = g_strdup (program);
    }
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = g_dir_make_tmp ("afterglow-cache-XXXXXX", NULL);
  g_assert_nonnull (self->folder);
  self->path = g_build_filename (self->folder, "spin.data", NULL);
  self->program = g_strdup (recorded_program);
  g_free (run ("cp '%s' '%s' && cp -p '%s' '%s/spin'", recording, self->path, self->program, self->folder));
  glow_cache_clear ();
  g_assert_cmpuint (glow_cache_get_size (), ==, 0);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_free (run ("cp -p '%s/spin' '%s' && rm -rf '%s'", self->folder, self->program, self->folder));
  g_free (self->folder);
  g_free (self->path);
  g_free (self->program);
}

static void
on_partial (GlowProfile *profile, gpointer data)
{
  g_atomic_int_inc ((gint *) data);
}

/* Every value of every field, as it is read and as it is shown, and every column. */
static void
describe_fields (GlowProfile *profile, GString *text)
{
  const GlowSamples *samples = glow_profile_get_samples (profile);

  for (gsize i = 0; i < samples->n; i++)
    {
      guint n;
      const GlowField *fields = glow_profile_get_fields (profile, samples->event[i], &n);

      for (guint f = 0; f < n; f++)
        {
          g_autoptr(GlowFieldColumn) column = glow_profile_compute_field (profile, fields[f].name, NULL, NULL);
          GlowFieldValue value;
          gboolean has = glow_profile_read_field (profile, i, f, 0, &value);

          g_string_append_printf (text, "%s %s %d ", fields[f].name, fields[f].type, has);
          if (has)
            glow_profile_append_field_text (profile, samples->event[i], f, &value, text);
          if (column != NULL)
            g_string_append_printf (text, " %" G_GUINT64_FORMAT " %d", column->value[i], column->has[i]);
          g_string_append_c (text, '\n');
        }
    }
}

/* What the file says, in all its words. (transfer full) */
static char *
describe (GlowProfile *profile)
{
  GString *text = g_string_new (NULL);
  g_autofree char *folded = glow_profile_dup_folded (profile);
  g_autoptr(GOutputStream) stream = g_memory_output_stream_new_resizable ();
  g_autoptr(GlowQuery) query = glow_query_new ();
  g_autoptr(GError) error = NULL;
  const GlowProfileInfo *info = glow_profile_get_info (profile);
  const GlowModule *modules;
  const GlowThread *threads;
  guint32 n;

  g_string_append (text, folded);
  g_assert_true (glow_script_write (profile, query, GLOW_SCRIPT_ALL, TRUE, NULL, stream, NULL, &error));
  g_assert_no_error (error);
  g_string_append_len (text, g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (stream)),
                       g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (stream)));
  g_string_append_printf (text, "%s %s %s %s %s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "\n", info->format, info->format_detail, info->hostname,
                          info->os_release, info->command_line, info->first_time, info->file_bytes);
  g_string_append_printf (text, "%d %d %" G_GUINT64_FORMAT "\n", info->clock, info->unfinished, info->tsc.mult);
  threads = glow_profile_get_threads (profile, &n);
  for (guint32 i = 0; i < n; i++)
    g_string_append_printf (text, "%s %s\n", glow_profile_get_string (profile, threads[i].cgroup), glow_profile_get_string (profile, threads[i].cgroup_name));
  modules = glow_profile_get_modules (profile, &n);
  for (guint32 i = 0; i < n; i++)
    g_string_append_printf (text, "%s %s %d %s\n", glow_profile_get_string (profile, modules[i].name), glow_profile_get_string (profile, modules[i].path),
                            modules[i].symbols, glow_profile_get_string (profile, modules[i].symbol_file));
  for (guint i = 0; i < glow_warnings_get_n (glow_profile_get_warnings (profile)); i++)
    {
      const GlowWarning *warning = glow_warnings_get (glow_profile_get_warnings (profile), i);

      g_string_append_printf (text, "%s %" G_GUINT64_FORMAT " %s %s\n", warning->code, warning->count, warning->message, warning->advice);
    }
  describe_fields (profile, text);
  return g_string_free (text, FALSE);
}

/* Opens it as a window would; *@hit: it was not read. (transfer full) */
static char *
open_with (const char *path, const char *const *debug_dirs, gboolean *hit)
{
  gint n_read = 0;
  GlowLoadOptions options = { .partial = on_partial, .user_data = &n_read, .cache = GLOW_CACHE_ALWAYS, .debug_dirs = debug_dirs };
  g_autoptr(GError) error = NULL;
  g_autoptr(GlowProfile) profile = glow_profile_load_path (path, &options, NULL, &error);

  g_assert_no_error (error);
  glow_cache_flush ();
  *hit = n_read == 0;
  return describe (profile);
}

/* Libraries that names came from may be installed anew while this runs, which is noticed as it should be: then the next time is a hit. */
static void
assert_opens (const Fixture *self, const char *expected, gboolean wanted_hit)
{
  gboolean hit = FALSE;

  for (guint i = 0; i < (wanted_hit ? 4 : 1) && !hit; i++)
    {
      g_autofree char *text = open_with (self->path, NULL, &hit);

      g_assert_cmpstr (text, ==, expected);
    }
  g_assert_cmpint (hit, ==, wanted_hit);
}

static void
test_again (Fixture *self, gconstpointer data)
{
  g_autofree char *first = NULL;
  gboolean hit;

  first = open_with (self->path, NULL, &hit);
  g_assert_false (hit);
  g_assert_cmpuint (glow_cache_get_size (), >, 0);
  assert_opens (self, first, TRUE);
  /* The same bytes are the same recording, whenever they were written. */
  g_free (run ("touch -d 2001-01-01 '%s'", self->path));
  assert_opens (self, first, TRUE);
  g_assert_cmpuint (glow_cache_clear (), >, 0);
  assert_opens (self, first, FALSE);
}

/* One byte in the middle of its samples, the size and the time as before. */
static void
test_changed_recording (Fixture *self, gconstpointer data)
{
  gboolean hit;
  g_autofree char *first = open_with (self->path, NULL, &hit), *changed = NULL, *again = NULL;
  struct stat status;
  guint8 byte;
  int fd;

  g_free (run ("cp -p '%s' '%s.old'", self->path, self->path));
  fd = open (self->path, O_RDWR);
  g_assert_cmpint (fstat (fd, &status), ==, 0);
  g_assert_cmpint (pread (fd, &byte, 1, status.st_size / 2), ==, 1);
  byte ^= 1;
  g_assert_cmpint (pwrite (fd, &byte, 1, status.st_size / 2), ==, 1);
  g_assert_cmpint (futimens (fd, (struct timespec[]) { status.st_atim, status.st_mtim }), ==, 0);
  close (fd);
  changed = open_with (self->path, NULL, &hit);
  g_assert_false (hit);
  again = open_with (self->path, NULL, &hit);
  g_assert_true (hit);
  g_assert_cmpstr (again, ==, changed);
  g_free (run ("cp -p '%s.old' '%s'", self->path, self->path));
  assert_opens (self, first, FALSE);
  assert_opens (self, first, TRUE);
}

/* The binary that names came from: written anew, replaced by a copy, gone. */
static void
test_changed_symbols (Fixture *self, gconstpointer data)
{
  static const char *const changes[] = { "printf x >> '%s'", "cp -p '%s' %s.new && mv %s.new '%s'", "rm '%s'" };
  const char *elf = self->program;
  gboolean hit;

  g_free (open_with (self->path, NULL, &hit));
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_auto(GStrv) parts = g_strsplit (changes[i], "%s", -1);
      g_autofree char *command = g_strjoinv (elf, parts), *text = NULL, *again = NULL;

      g_free (run ("%s", command));
      text = open_with (self->path, NULL, &hit);
      g_assert_false (hit);
      again = open_with (self->path, NULL, &hit);
      g_assert_true (hit);
      g_assert_cmpstr (text, ==, again);
    }
}

/* A debug file that was looked for in vain, and is there now. */
static void
test_new_debug_file (Fixture *self, gconstpointer data)
{
  g_autofree char *debug = g_build_filename (self->folder, "debug", NULL), *text = NULL;
  g_autofree char *id = run ("readelf -n '%s' | sed -n 's/.*Build ID: *//p'", self->program);
  const char *const dirs[] = { debug, NULL };
  gboolean hit;

  g_strchomp (id);
  g_assert_cmpuint (strlen (id), ==, 40);
  g_free (run ("strip '%s'", self->program));
  text = open_with (self->path, dirs, &hit);
  g_assert_null (strstr (text, "spin_in_here"));
  g_clear_pointer (&text, g_free);
  g_free (open_with (self->path, dirs, &hit));
  g_assert_true (hit);
  g_free (run ("mkdir -p '%s/.build-id/%.2s' && cp '%s/spin' '%s/.build-id/%.2s/%s.debug'", debug, id, self->folder, debug, id, id + 2));
  text = open_with (self->path, dirs, &hit);
  g_assert_false (hit);
  g_assert_nonnull (strstr (text, "spin_in_here"));
}

static char *
dup_entry_path (void)
{
  g_autofree char *found = run ("find '%s/afterglow/profiles' -name '*.profile' | head -n 1", g_get_user_cache_dir ());

  return g_strdup (g_strchomp (found));
}

/* Bytes that are not what was written, a file that was cut, one that is none: read again, and kept again. */
static void
test_damaged_entry (Fixture *self, gconstpointer data)
{
  GRand *random = g_rand_new_with_seed (11);
  gboolean hit;
  g_autofree char *first = open_with (self->path, NULL, &hit), *path = dup_entry_path (), *bytes = NULL;
  gsize n;

  g_assert_true (g_file_get_contents (path, &bytes, &n, NULL));
  for (guint i = 0; i < 16; i++)
    {
      gsize at = i < 10 ? i * 9 : (gsize) g_rand_int_range (random, 0, (gint32) n), length = i % 4 == 3 ? at : n;
      g_autofree char *damaged = g_memdup2 (bytes, n);

      damaged[at] ^= 1 << g_rand_int_range (random, 0, 8);
      g_assert_true (g_file_set_contents (path, damaged, (gssize) length, NULL));
      assert_opens (self, first, FALSE);
      assert_opens (self, first, TRUE);
    }
  g_free (run ("rm '%s' && mkdir '%s'", path, path));
  assert_opens (self, first, FALSE);
  g_free (run ("rmdir '%s'", path));
  g_rand_free (random);
}

/* Nowhere to keep anything. */
static void
test_no_folder (Fixture *self, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (g_get_user_cache_dir (), "afterglow", NULL), *first = NULL;
  gboolean hit;

  g_free (run ("mv '%s' '%s.away' && : > '%s'", folder, folder, folder));
  first = open_with (self->path, NULL, &hit);
  g_assert_false (hit);
  assert_opens (self, first, FALSE);
  g_free (run ("rm '%s' && mv '%s.away' '%s'", folder, folder, folder));
}

/* A file that may grow, as the window opens it. (transfer full) */
static GlowProfile *
open_growing (const char *path, GlowGrowth **growth, gboolean *hit)
{
  gint n_read = 0;
  GlowLoadOptions options = { .partial = on_partial, .user_data = &n_read, .cache = GLOW_CACHE_ALWAYS };
  g_autoptr(GError) error = NULL;
  GlowProfile *profile = glow_profile_load_growing (path, &options, growth, NULL, &error);

  g_assert_no_error (error);
  glow_cache_flush ();
  *hit = n_read == 0;
  return profile;
}

/* What is finished is not read again; text neither, and what is behind it then is read on. */
static void
test_growing (Fixture *self, gconstpointer data)
{
  g_autofree char *text = g_build_filename (self->folder, "text", NULL), *first = NULL, *again = NULL;
  GlowLoadOptions options = { .cache = GLOW_CACHE_NONE };
  gboolean hit = FALSE;

  for (guint i = 0; i < 5 && !hit; i++)
    {
      g_autoptr(GlowGrowth) growth = NULL;
      g_autoptr(GlowProfile) profile = open_growing (self->path, &growth, &hit);

      g_assert_null (growth);
      g_assert_true (i > 0 || !hit);
      g_clear_pointer (&again, g_free);
      again = describe (profile);
      if (first == NULL)
        first = g_strdup (again);
      g_assert_cmpstr (again, ==, first);
    }
  g_assert_true (hit);
  g_assert_true (g_file_set_contents (text, "main;work 3\n", -1, NULL));
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr(GlowGrowth) growth = NULL;
      g_autoptr(GlowProfile) profile = open_growing (text, &growth, &hit), more = NULL;

      g_assert_cmpint (hit, ==, i > 0);
      g_assert_nonnull (growth);
      g_assert_cmpint (glow_growth_check (growth), ==, GLOW_GROWTH_NONE);
      g_assert_cmpuint (glow_profile_get_events (profile, NULL)[0].total_weight, ==, 3);
      if (i == 0)
        continue;
      g_free (run ("printf 'main;rest 4\\n' >> '%s'", text));
      g_assert_cmpint (glow_growth_check (growth), ==, GLOW_GROWTH_MORE);
      more = glow_growth_read (growth, &options, NULL, NULL);
      g_assert_cmpuint (glow_profile_get_events (more, NULL)[0].total_weight, ==, 7);
    }
}

/* What is said of files beside the recording is not of the recording. */
static void
test_parts (Fixture *self, gconstpointer data)
{
  gboolean hit;
  g_autofree char *first = open_with (self->path, NULL, &hit), *stamped = g_strconcat (self->path, ".2026010203040506", NULL);
  g_autofree char *other = g_strconcat (self->path, ".2026010203040507", NULL);

  g_free (run ("mv '%s' '%s'", self->path, stamped));
  g_free (self->path);
  self->path = g_steal_pointer (&stamped);
  for (guint i = 0; i < 4; i++)
    {
      gboolean with_more = i == 0 || i == 2;
      g_autofree char *text = NULL, *again = NULL;

      if (with_more)
        g_free (run ("cp '%s' '%s'", self->path, other));
      else
        g_free (run ("rm '%s'", other));
      text = open_with (self->path, NULL, &hit);
      g_assert_cmpint (hit, ==, i > 0);
      g_assert_cmpint (strstr (text, "more-parts") != NULL, ==, with_more);
      again = open_with (self->path, NULL, &hit);
      g_assert_true (hit);
      /* In another order. */
      g_assert_cmpuint (strlen (again), ==, strlen (text));
      g_assert_cmpint (strstr (again, "more-parts") != NULL, ==, with_more);
    }
  g_assert_null (strstr (first, "more-parts"));
}

static gpointer
open_in_thread (gpointer data)
{
  gboolean hit;

  return open_with (data, NULL, &hit);
}

static void
test_at_once (Fixture *self, gconstpointer data)
{
  GThread *threads[6];
  g_autofree char *first = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("open", open_in_thread, self->path);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      g_autofree char *text = g_thread_join (threads[i]);

      if (first == NULL)
        first = g_strdup (text);
      g_assert_cmpstr (text, ==, first);
    }
  assert_opens (self, first, TRUE);
}

/* Bytes with numbers changed at random, sealed as if they had been written so: either refused, or a profile that can be used. */
static void
test_hostile_image (Fixture *self, gconstpointer data)
{
  GlowLoadOptions options = { .cache = GLOW_CACHE_NONE };
  g_autoptr(GlowProfile) profile = glow_profile_load_path (self->path, &options, NULL, NULL);
  GlowDependencies *dependencies = glow_dependencies_begin (NULL);
  GlowImageKey key = { { 1, 2 }, { 3, 4 }, 5 };
  g_autofree char *path = g_build_filename (self->folder, "image", NULL), *bytes = NULL;
  GRand *random = g_rand_new_with_seed (12);
  int fd = open (path, O_RDWR | O_CREAT, 0600);
  guint read = 0;
  gsize n;

  glow_dependencies_end (dependencies);
  g_assert_true (glow_profile_image_write (profile, dependencies, &key, fd));
  close (fd);
  g_assert_true (g_file_get_contents (path, &bytes, &n, NULL));
  for (guint i = 0; i < MUTATIONS; i++)
    {
      g_autofree guint8 *changed = g_memdup2 (bytes, n);
      g_autoptr(GBytes) image = NULL;
      g_autoptr(GlowProfile) again = NULL;
      GlowHash own;

      for (gint k = g_rand_int_range (random, 0, 3); i > 0 && k >= 0; k--)
        {
          gsize at = (gsize) g_rand_int_range (random, 10, (gint32) (i % 2 == 0 ? n / 8 : MIN (n / 8, 2000))) * 8;
          guint64 values[] = { 0, 1, G_MAXUINT32, G_MAXUINT64, (guint64) n, G_MAXINT64, g_rand_int (random), (guint64) g_rand_int (random) << 32 };

          if (g_rand_boolean (random))
            memcpy (changed + at, &values[g_rand_int_range (random, 0, G_N_ELEMENTS (values))], 8);
          else
            memcpy (changed + at + 4 * g_rand_int_range (random, 0, 2), &values[g_rand_int_range (random, 0, G_N_ELEMENTS (values))], 4);
        }
      own = glow_hash_bytes (changed + GLOW_IMAGE_HEAD, n - GLOW_IMAGE_HEAD, &key.seed);
      glow_profile_image_seal (changed, &own);
      image = g_bytes_new_static (changed, n);
      again = glow_profile_image_read (image, &own, &key, self->path, &options);
      g_assert_true (i > 0 || again != NULL);
      if (again != NULL)
        {
          g_autofree char *text = describe (again);
          g_autoptr(GlowQuery) query = glow_query_new ();
          g_autoptr(GlowCallTree) tree = glow_call_tree_compute (again, query, NULL, NULL);

          /* Whatever it holds, it can be walked. */
          g_assert_true (text != NULL && (tree == NULL || glow_call_tree_get_nodes (tree)->n_nodes > 0));
          read++;
        }
    }
  g_assert_cmpuint (read, >, MUTATIONS / 100);
  glow_dependencies_free (dependencies);
  g_rand_free (random);
}

/* ---- what an entry has not in itself ---- */

/* Whether the command could be run: perf may not record everything here, and there may be no compiler. */
static G_GNUC_PRINTF (1, 2) gboolean
can_run (const char *format, ...)
{
  g_autofree char *command = NULL;
  va_list arguments;
  int status;

  va_start (arguments, format);
  command = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  return g_spawn_sync (NULL, (char *[]) { (char *) "/bin/sh", (char *) "-c", command, NULL }, NULL, G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                       NULL, NULL, NULL, NULL, &status, NULL) && status == 0;
}

/* A miss, then a hit that says the same. (transfer full) */
static char *
open_twice (const char *path)
{
  gboolean hit;
  char *text = open_with (path, NULL, &hit);

  g_assert_false (hit);
  for (guint i = 0; i < 4 && !hit; i++)
    {
      g_autofree char *again = open_with (path, NULL, &hit);

      g_assert_cmpstr (again, ==, text);
    }
  g_assert_true (hit);
  return text;
}

/* Values are read out of the recording: those of a tracepoint, in records as they lie and compressed ones. */
static void
test_fields (Fixture *self, gconstpointer data)
{
  const char *const ways[] = { "", "-z" };

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/fields%u.data", self->folder, i), *first = NULL, *second = NULL, *bytes = NULL;
      char *found;
      gsize n;

      if (!can_run ("perf record -q -N %s -e sched:sched_process_exec -e sched:sched_process_fork -e cpu-clock -g -o '%s' -- "
                    "sh -c 'for i in 1 2 3 4 5 6 7 8 9; do env true; done'", ways[i], path))
        {
          g_test_skip ("perf cannot record tracepoints here");
          return;
        }
      first = open_twice (path);
      g_assert_nonnull (strstr (first, "filename __data_loc char[] 1 "));
      g_assert_nonnull (strstr (first, "child_pid pid_t 1 "));
      /* A byte of a value alone: it is another recording. */
      g_assert_true (g_file_get_contents (path, &bytes, &n, NULL));
      found = i == 0 ? memmem (bytes, n, "bin/true", 8) : bytes + n / 2;
      g_assert_nonnull (found);
      *found = 'B';
      g_assert_true (g_file_set_contents (path, bytes, (gssize) n, NULL));
      second = open_twice (path);
      g_assert_true ((strstr (second, "Bin/true") != NULL) == (i == 0));
    }
}

/* (transfer full): where a function is written, found in the files that belong to the recording */
static char *
find_source (const char *path, const char *function)
{
  GlowLoadOptions options = { .cache = GLOW_CACHE_ALWAYS };
  g_autoptr(GlowProfile) profile = glow_profile_load_path (path, &options, NULL, NULL);
  g_autoptr(GlowSource) source = NULL;
  const GlowFrame *frames;
  guint32 n;

  glow_cache_flush ();
  frames = glow_profile_get_frames (profile, &n);
  for (guint32 i = 0; i < n && source == NULL; i++)
    if (g_str_has_prefix (glow_profile_get_string (profile, frames[i].name), function))
      source = glow_source_find (profile, i, &options, NULL, NULL);
  return source != NULL ? g_strdup_printf ("%s:%u", source->file, source->line) : NULL;
}

static void
write_pack (const Fixture *self, const char *pack, gboolean whole_files)
{
  GlowLoadOptions options = { .cache = GLOW_CACHE_NONE };
  GlowPackOptions packing = { .load = &options, .whole_files = whole_files };
  g_autoptr(GlowProfile) profile = glow_profile_load_path (self->path, &options, NULL, NULL);
  g_autoptr(GFile) file = g_file_new_for_path (pack);
  g_autoptr(GFileOutputStream) stream = g_file_replace (file, NULL, FALSE, G_FILE_CREATE_NONE, NULL, NULL);
  g_autoptr(GlowPackSummary) summary = glow_pack_write (profile, self->path, &packing, G_OUTPUT_STREAM (stream), NULL, NULL);

  g_assert_nonnull (summary);
  g_assert_true (g_output_stream_close (G_OUTPUT_STREAM (stream), NULL, NULL));
}

/* A pack is its own bytes, and the files in it are still found: names, and where functions are written. */
static void
test_pack (Fixture *self, gconstpointer data)
{
  g_autofree char *pack = g_build_filename (self->folder, "spin.afterglow-pack", NULL), *first = NULL, *other = NULL, *source = NULL, *again = NULL;
  gboolean hit;

  write_pack (self, pack, TRUE);
  g_free (run ("mv '%s' '%s.away'", self->program, self->program));
  first = open_twice (pack);
  g_assert_nonnull (strstr (first, "spin_in_here"));
  source = find_source (pack, "spin_in_here");
  g_assert_nonnull (source);
  glow_cache_clear ();
  again = find_source (pack, "spin_in_here");
  g_assert_cmpstr (source, ==, again);
  g_free (run ("touch -d 2001-01-01 '%s'", pack));
  g_free (open_with (pack, NULL, &hit));
  g_assert_true (hit);
  /* One of the same recording with other bytes. */
  g_free (run ("mv '%s.away' '%s'", self->program, self->program));
  write_pack (self, pack, FALSE);
  other = open_twice (pack);
  g_assert_nonnull (strstr (other, "spin_in_here"));
}

/* What perf archive wrote beside the recording: put there, used, replaced, taken away. */
static void
test_archive_beside (Fixture *self, gconstpointer data)
{
  g_autofree char *id = run ("readelf -n '%s' | sed -n 's/.*Build ID: *//p'", self->program), *archive = g_strconcat (self->path, ".tar.bz2", NULL);
  gboolean hit;

  g_strchomp (id);
  g_free (run ("cd '%s' && mkdir -p .build-id/%.2s/%s && mv '%s' .build-id/%.2s/%s/elf", self->folder, id, id + 2, self->program, id, id + 2));
  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *text = NULL;

      if (i == 1)
        g_free (run ("cd '%s' && tar cjf '%s' .build-id", self->folder, archive));
      if (i == 2)
        g_free (run ("cp '%s' '%s.new' && mv '%s.new' '%s'", archive, archive, archive, archive));
      if (i == 3)
        g_free (run ("rm '%s'", archive));
      text = open_twice (self->path);
      g_assert_cmpint (strstr (text, "spin_in_here") != NULL, ==, i == 1 || i == 2);
    }
  g_free (open_with (self->path, NULL, &hit));
  g_assert_true (hit);
}

/* Functions that were inlined, as a file tells that only libdw knows of: there, gone, there again, and a package that might be meant. */
static void
test_split_dwarf (Fixture *self, gconstpointer data)
{
  static const char source[] = "static inline __attribute__ ((always_inline)) unsigned long within (unsigned long n) { unsigned long sum = 0; "
                               "for (unsigned long i = 0; i < n; i++) { sum += i * i; __asm__ volatile (\"\" : : \"r\" (sum)); } return sum; }\n"
                               "__attribute__ ((noinline)) unsigned long around (unsigned long n) { return within (n) + 1; }\n"
                               "int main (void) { unsigned long sum = 0; for (int i = 0; i < 100; i++) sum += around (1000000); return sum == 0; }\n";
  g_autofree char *code = g_build_filename (self->folder, "split.c", NULL), *path = g_build_filename (self->folder, "split.data", NULL);
  const char *const changes[] = { "true", "mv split.dwo away", "mv away split.dwo", ": > split.dwp", "rm split.dwp" };

  g_assert_true (g_file_set_contents (code, source, -1, NULL));
  if (!can_run ("cd '%s' && gcc -O2 -g -gsplit-dwarf -c split.c && gcc -o split split.o && perf record -q -N -g -e cpu-clock -F 4000 -o split.data ./split",
                self->folder))
    {
      g_test_skip ("no gcc here");
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autofree char *text = NULL;

      g_free (run ("cd '%s' && %s", self->folder, changes[i]));
      text = open_twice (path);
      g_assert_cmpint (strstr (text, "within") != NULL, ==, i != 1);
    }
}

static void
test_hash (void)
{
  GlowHash seed = { 5, 6 }, other = { 5, 7 };
  guint8 bytes[300] = { 0 };
  g_autoptr(GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  /* Each length, and each bit of the longest: all different, and different under another secret. */
  for (guint n = 0; n <= 300 + 300 * 8; n++)
    {
      GlowHash hash, differently;

      if (n > 300)
        bytes[(n - 301) / 8] ^= 1 << (n - 301) % 8;
      hash = glow_hash_bytes (bytes, MIN (n, 300), &seed);
      differently = glow_hash_bytes (bytes, MIN (n, 300), &other);
      if (n > 300)
        bytes[(n - 301) / 8] ^= 1 << (n - 301) % 8;
      g_assert_true (g_hash_table_add (seen, g_strdup_printf ("%" G_GUINT64_FORMAT, hash.a)));
      g_assert_true (g_hash_table_add (seen, g_strdup_printf ("%" G_GUINT64_FORMAT, hash.b)));
      g_assert_false (glow_hash_equal (hash, differently));
    }
}

static void
test_no_perf (void)
{
  g_test_skip ("perf cannot record here");
}

int
main (int argc, char **argv)
{
  g_autofree char *cache = NULL;
  int status;

  if (argc > 1 && strcmp (argv[1], "--spin") == 0)
    return spin_in_here (200000000) == 0;
  cache = g_dir_make_tmp ("afterglow-cache-XXXXXX", NULL);
  g_setenv ("XDG_CACHE_HOME", cache, TRUE);
  g_setenv ("XDG_CONFIG_HOME", cache, TRUE);
  g_setenv ("HOME", cache, TRUE);
  record (cache, argv[0]);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cache/hash", test_hash);
#define ADD(name, func) \
  if (recording != NULL) \
    g_test_add ("/cache/" name, Fixture, NULL, set_up, func, tear_down); \
  else \
    g_test_add_func ("/cache/" name, test_no_perf);
  ADD ("again", test_again)
  ADD ("changed-recording", test_changed_recording)
  ADD ("changed-symbols", test_changed_symbols)
  ADD ("new-debug-file", test_new_debug_file)
  ADD ("damaged-entry", test_damaged_entry)
  ADD ("no-folder", test_no_folder)
  ADD ("growing", test_growing)
  ADD ("parts", test_parts)
  ADD ("at-once", test_at_once)
  ADD ("hostile-image", test_hostile_image)
  ADD ("fields", test_fields)
  ADD ("pack", test_pack)
  ADD ("archive-beside", test_archive_beside)
  ADD ("split-dwarf", test_split_dwarf)
  status = g_test_run ();
  g_free (run ("rm -rf '%s'", cache));
  g_free (recording);
  g_free (recorded_program);
  return status;
}
