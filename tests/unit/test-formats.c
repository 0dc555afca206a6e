/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How bytes become content, and lines of text stacks: every coding, every kind of line, and files that change under the reader. */
#include <afterglow/afterglow.h>
#include "formats/folded/folded-private.h"
#include "formats/input-private.h"
#include "formats/registry-private.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* ---- one line ---- */

static void
test_lines (void)
{
  static const struct {
    const char *line;
    guint columns;
    FoldedLineKind kind;
    const char *stack;
    guint n_weights;
    guint64 first, second;
    guint8 decimals;
  } lines[] = {
    { "a;b;c 12", 1, FOLDED_LINE_STACK, "a;b;c", 1, 12, 0, 0 },
    { "a;b;c 12\r", 1, FOLDED_LINE_STACK, "a;b;c", 1, 12, 0, 0 },
    { "a;b\t7  ", 1, FOLDED_LINE_STACK, "a;b", 1, 7, 0, 0 },
    { "a 1.50", 1, FOLDED_LINE_STACK, "a", 1, 15, 0, 1 },
    { "a .25", 1, FOLDED_LINE_STACK, "a", 1, 25, 0, 2 },
    { "a 2e3", 1, FOLDED_LINE_STACK, "a", 1, 2000, 0, 0 },
    { "a;b 3 4", 2, FOLDED_LINE_STACK, "a;b", 2, 3, 4, 0 },
    { "a;b 3 4", 1, FOLDED_LINE_STACK, "a;b 3", 1, 4, 0, 0 },
    { "operator<(int, char) 5", 1, FOLDED_LINE_STACK, "operator<(int, char)", 1, 5, 0, 0 },
    { "f(a; b) 5", 1, FOLDED_LINE_STACK, "f(a; b)", 1, 5, 0, 0 },
    { "18446744073709551615 is a name 999999999999999999", 1, FOLDED_LINE_STACK, "18446744073709551615 is a name", 1, 999999999999999999, 0, 0 },
    { "# perf script", 1, FOLDED_LINE_COMMENT, NULL, 0, 0, 0, 0 },
    { "", 1, FOLDED_LINE_BLANK, NULL, 0, 0, 0, 0 },
    { "  \r", 1, FOLDED_LINE_BLANK, NULL, 0, 0, 0, 0 },
    { "no number", 1, FOLDED_LINE_BAD, NULL, 0, 0, 0, 0 },
    { "a;b x12", 1, FOLDED_LINE_BAD, NULL, 0, 0, 0, 0 },
    { "12", 1, FOLDED_LINE_BAD, NULL, 0, 0, 0, 0 },
    { ";;; 3", 1, FOLDED_LINE_BAD, NULL, 0, 0, 0, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      FoldedLine result = { 0 };
      FoldedLineKind kind = folded_line_parse (lines[i].line, strlen (lines[i].line), lines[i].columns, &result);
      g_autofree char *stack = NULL;

      g_test_message ("“%s”", lines[i].line);
      g_assert_cmpint (kind, ==, lines[i].kind);
      if (kind != FOLDED_LINE_STACK)
        continue;
      stack = g_strndup (lines[i].line, result.stack_length);
      g_assert_cmpstr (stack, ==, lines[i].stack);
      g_assert_cmpuint (result.n_weights, ==, lines[i].n_weights);
      g_assert_cmpuint (result.weight[0].mantissa, ==, lines[i].first);
      g_assert_cmpuint (result.weight[0].decimals, ==, lines[i].decimals);
      if (result.n_weights == 2)
        g_assert_cmpuint (result.weight[1].mantissa, ==, lines[i].second);
    }
}

static void
test_marks (void)
{
  static const struct { const char *text; GlowFrameKind kind; const char *name; } marks[] = {
    { "sys_read_[k]", GLOW_FRAME_KERNEL, "sys_read" }, { "run_[j]", GLOW_FRAME_JIT, "run" }, { "get_[i]", GLOW_FRAME_INLINED, "get" },
    { "plain", GLOW_FRAME_USER, "plain" }, { "odd_[x]", GLOW_FRAME_USER, "odd_[x]" }, { "_[k]", GLOW_FRAME_USER, "_[k]" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    {
      gsize length = strlen (marks[i].text);

      g_assert_cmpint (folded_frame_kind (marks[i].text, &length), ==, marks[i].kind);
      g_assert_cmpmem (marks[i].text, length, marks[i].name, strlen (marks[i].name));
    }
}

static void
test_recognise (void)
{
  static const struct { const char *text; gboolean folded; } texts[] = {
    { "main;a;b 1\nmain;c 2\n", TRUE },
    { "# a comment\nmain;a 1\n", TRUE },
    { "# HELP x y\n# TYPE x counter\nx 12\n", FALSE },
    { "events {\n  header {\n    type: 1\n    misc: 2\n  }\n}\n", FALSE },
    { "{\"a\": 1}\n", FALSE },
    { "1 2 3\n4 5 6\n", FALSE },
    { "the quick brown fox\njumps over\n", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      int sure = folded_recognise ((const guint8 *) texts[i].text, strlen (texts[i].text), NULL);

      g_test_message ("%s", texts[i].text);
      g_assert_true (texts[i].folded == (sure > 0));
    }
  g_assert_cmpstr (glow_describe_content ((const guint8 *) "\177ELF....", 8), ==, "an ELF program, library or core dump");
  g_assert_cmpstr (glow_describe_content ((const guint8 *) "a {\n b: 1\n}\n", 12), ==, "protobuf text");
}

/* ---- codings ---- */

static char *folder;

static void
write_file (const char *name, const void *bytes, gsize n)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, bytes, n, NULL));
}

static void
shell (const char *command)
{
  const char *arguments[] = { "sh", "-c", command, NULL };
  g_autoptr(GError) error = NULL;
  int status;

  g_assert_true (g_spawn_sync (folder, (char **) arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, &error));
  g_assert_cmpint (status, ==, 0);
}

static GString *
contents_of (GlowInput *input, GError **error)
{
  GString *text = g_string_new (NULL);
  char buffer[777];
  gssize got;

  while ((got = glow_input_read (input, buffer, sizeof buffer, NULL, error)) > 0)
    g_string_append_len (text, buffer, got);
  return text;
}

/* Text that compresses, but not to nothing. */
static GString *
long_text (void)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < 60000; i++)
    g_string_append_printf (text, "main;function_%u;leaf_%u %u\n", i % 977, i * 7919u % 10007, i % 13 + 1);
  return text;
}

static void
test_codings (void)
{
  static const struct { const char *command, *name, *coding; } codings[] = {
    { "gzip -c plain > plain.gz", "plain.gz", "gzip" }, { "xz -c plain > plain.xz", "plain.xz", "xz" },
    { "zstd -q -c plain > plain.zst", "plain.zst", "zstd" }, { "bzip2 -c plain > plain.bz2", "plain.bz2", "bzip2" },
    { "gzip -c plain > twice && gzip -c plain >> twice", "twice", "gzip" },
    { "printf '\\377\\376' > wide; iconv -f UTF-8 -t UTF-16LE plain >> wide", "wide", "UTF-16LE" },
    { "gzip -c wide > wide.gz", "wide.gz", "gzip, UTF-16LE" }, { "cp plain copy", "copy", NULL },
  };
  g_autoptr(GString) plain = long_text ();

  write_file ("plain", plain->str, plain->len);
  for (guint i = 0; i < G_N_ELEMENTS (codings); i++)
    for (guint mapped = 0; mapped < 2; mapped++)
      {
        g_autofree char *coded = g_build_filename (folder, codings[i].name, NULL);
        g_autoptr(GlowInput) input = NULL;
        g_autoptr(GError) error = NULL;
        g_autoptr(GString) twice = g_string_new (plain->str);
        const GString *wanted = strcmp (codings[i].name, "twice") == 0 ? twice : plain;

        g_string_append (twice, plain->str);
        shell (codings[i].command);
        input = glow_input_open_path (coded, NULL, &error);
        g_assert_no_error (error);
        g_test_message ("%s", codings[i].name);
        g_assert_cmpstr (glow_input_get_coding (input), ==, codings[i].coding);
        if (mapped)
          {
            gsize n;
            const guint8 *bytes = glow_input_map (input, &n, NULL, &error);

            g_assert_no_error (error);
            g_assert_cmpmem (bytes, n, wanted->str, wanted->len);
          }
        else
          {
            g_autoptr(GString) text = contents_of (input, &error);

            g_assert_no_error (error);
            g_assert_cmpmem (text->str, text->len, wanted->str, wanted->len);
          }
      }
}

/* Half a compressed file: all that can be had comes, then one error; the profile has a warning. */
static void
test_cut_compression (void)
{
  g_autoptr(GString) plain = long_text ();
  g_autofree char *cut = g_build_filename (folder, "cut", NULL);
  static const char *const programs[] = { "gzip", "xz", "zstd -q", "bzip2" };

  write_file ("plain", plain->str, plain->len);
  for (guint i = 0; i < G_N_ELEMENTS (programs); i++)
    {
      g_autofree char *command = g_strdup_printf ("%s -c plain > whole; head -c $(($(stat -c %%s whole) / 2)) whole > cut", programs[i]);
      g_autoptr(GlowInput) input = NULL;
      g_autoptr(GError) error = NULL, load_error = NULL;
      g_autoptr(GString) text = NULL;
      g_autoptr(GlowProfile) profile = NULL;

      shell (command);
      input = glow_input_open_path (cut, NULL, &error);
      g_assert_no_error (error);
      text = contents_of (input, &error);
      g_assert_error (error, GLOW_ERROR, GLOW_ERROR_DAMAGED);
      g_assert_cmpuint (text->len, <, plain->len);
      g_assert_cmpint (strncmp (text->str, plain->str, text->len), ==, 0);
      if (strncmp (programs[i], "xz", 2) == 0 || strncmp (programs[i], "bzip2", 5) == 0)
        continue;              /* blocks larger than this text: nothing may have come */
      profile = glow_profile_load_path (cut, NULL, NULL, &load_error);
      g_assert_no_error (load_error);
      g_assert_cmpuint (glow_warnings_get_n (glow_profile_get_warnings (profile)), >, 0);
    }
}

static gpointer
write_slowly (gpointer data)
{
  int fd = GPOINTER_TO_INT (data);

  for (guint i = 0; i < 50; i++)
    {
      g_usleep (1000);
      g_assert_cmpint (write (fd, "main;piece 1\n", 13), ==, 13);
    }
  close (fd);
  return NULL;
}

static void
test_pipe (void)
{
  g_autoptr(GlowProfile) profile = NULL;
  g_autoptr(GError) error = NULL;
  GThread *thread;
  int ends[2];

  g_assert_cmpint (pipe (ends), ==, 0);
  thread = g_thread_new ("writer", write_slowly, GINT_TO_POINTER (ends[1]));
  profile = glow_profile_load_fd (ends[0], "a pipe", NULL, NULL, &error);
  g_thread_join (thread);
  close (ends[0]);
  g_assert_no_error (error);
  g_assert_cmpuint (glow_profile_get_events (profile, NULL)[0].total_weight, ==, 50);
}

/* A file that another program cuts short while it is mapped: no crash, zeros behind the end, and it is told. */
static void
test_shrinking (void)
{
  g_autoptr(GString) plain = long_text ();
  g_autofree char *path = g_build_filename (folder, "shrinks", NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(GlowInput) input = NULL;
  const guint8 *bytes;
  gsize n, sum = 0;

  write_file ("shrinks", plain->str, plain->len);
  input = glow_input_open_path (path, NULL, &error);
  g_assert_no_error (error);
  bytes = glow_input_map (input, &n, NULL, &error);
  g_assert_cmpuint (n, ==, plain->len);
  g_assert_null (glow_input_get_damage (input));
  g_assert_cmpint (truncate (path, 4096), ==, 0);
  for (gsize i = 0; i < n; i += 512)
    sum += bytes[i];
  g_assert_cmpuint (sum, >, 0);
  g_assert_cmpuint (bytes[n - 1], ==, 0);
  g_assert_nonnull (glow_input_get_damage (input));
  g_assert_true (strstr (glow_input_get_damage (input)->message, "shorter") != NULL);
}

static void
test_refusals (void)
{
  g_autofree char *empty = g_build_filename (folder, "empty", NULL), *missing = g_build_filename (folder, "missing", NULL);
  static const char *const endings[] = { "does not exist", "is a folder", "is empty" };
  const char *paths[] = { missing, folder, empty };

  write_file ("empty", "", 0);
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (glow_input_open_path (paths[i], NULL, &error));
      g_assert_true (strstr (error->message, endings[i]) != NULL);
    }
}

#define RATE_BYTES ((gsize) 48 << 20)
#define RATE_PIECE ((gsize) 256 << 10)
/* What is between the writer and what is counted: the pipe, and the blocks that are being read and parsed. */
#define RATE_BETWEEN ((gsize) 16 << 20)

typedef struct {
  int fd;
  gsize written;               /* atomic */
  gint64 started;
  guint n, n_late;
  double worst;                /* shown over measured, or the other way round: ≥ 1 */
} Rate;

/* Some 30 MB a second. */
static gpointer
write_at_a_rate (gpointer data)
{
  Rate *rate = data;
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint i = 0; text->len < RATE_PIECE; i++)
    g_string_append_printf (text, "main;step_%u;part_%u;leaf_of_some_length_%u 1\n", i % 97, i % 109, i);
  while (rate->written < RATE_BYTES)
    {
      /* Before, so that nobody can have read what was not counted. */
      g_atomic_pointer_add (&rate->written, text->len);
      for (gsize at = 0; at < text->len;)
        {
          gssize done = write (rate->fd, text->str + at, text->len - at);

          g_assert_cmpint (done, >, 0);
          at += done;
        }
      g_usleep (8000);
    }
  close (rate->fd);
  return NULL;
}

static void
on_rate (const GlowProgress *progress, gpointer data)
{
  Rate *rate = data;
  gsize written = (gsize) g_atomic_pointer_get (&rate->written);
  double seconds = (g_get_monotonic_time () - rate->started) / 1e6, shown = progress->bytes / seconds, measured = written / seconds;

  if (progress->stage != GLOW_STAGE_READING)
    return;
  rate->n++;
  /* Never more than there was, and never far behind. */
  g_assert_cmpuint (progress->bytes, <=, written);
  g_assert_cmpuint (progress->bytes + RATE_BETWEEN, >=, written);
  if (progress->bytes > RATE_BYTES / 2)
    {
      rate->n_late++;
      rate->worst = MAX (rate->worst, measured / shown);
    }
}

/* The figures that a loading bar makes its rate of, against a writer that counts what it gave. */
static void
test_rate (void)
{
  Rate rate = { 0 };
  GlowLoadOptions options = { .progress = on_rate, .user_data = &rate };
  g_autoptr(GlowProfile) profile = NULL;
  g_autoptr(GError) error = NULL;
  GThread *thread;
  int ends[2];

  g_assert_cmpint (pipe (ends), ==, 0);
  rate.fd = ends[1];
  rate.started = g_get_monotonic_time ();
  thread = g_thread_new ("writer", write_at_a_rate, &rate);
  profile = glow_profile_load_fd (ends[0], "pipe", &options, NULL, &error);
  g_thread_join (thread);
  close (ends[0]);
  g_assert_no_error (error);
  g_assert_cmpuint (rate.n, >, 3);
  g_assert_cmpuint (rate.n_late, >, 0);
  g_test_message ("%u reports, the rate off by at most %.2f", rate.n, rate.worst);
  g_assert_cmpfloat (rate.worst, <, 1.7);
  g_assert_cmpuint (glow_profile_get_info (profile)->file_bytes, ==, rate.written);
}

int
main (int argc, char **argv)
{
  int result;
  g_autofree char *command = NULL;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("afterglow-XXXXXX", NULL);
  g_test_add_func ("/formats/lines", test_lines);
  g_test_add_func ("/formats/marks", test_marks);
  g_test_add_func ("/formats/recognise", test_recognise);
  g_test_add_func ("/formats/codings", test_codings);
  g_test_add_func ("/formats/cut-compression", test_cut_compression);
  g_test_add_func ("/formats/pipe", test_pipe);
  g_test_add_func ("/formats/shrinking", test_shrinking);
  g_test_add_func ("/formats/refusals", test_refusals);
  g_test_add_func ("/formats/rate", test_rate);
  result = g_test_run ();
  command = g_strdup_printf ("rm -r %s", folder);
  g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL);
  g_free (folder);
  return result;
}
