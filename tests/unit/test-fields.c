/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Formats of tracepoints as tables of text, conditions as tables of results, and a recording that shrinks while its fields are wanted. */
#include <afterglow/afterglow.h>
#include <afterglow/fields.h>
#include "formats/perf/tracepoint-private.h"
#include "model/where-private.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* ---- formats ---- */

static const char format[] =
  "name: test\nID: 7\nformat:\n"
  "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
  "\n"
  "\tfield:char comm[8];\toffset:8;\tsize:8;\tsigned:0;\n"
  "\tfield:s16 small;\toffset:16;\tsize:2;\tsigned:1;\n"
  "\tfield:u8 flags;\toffset:18;\tsize:1;\tsigned:0;\n"
  "\tfield:void * where;\toffset:24;\tsize:8;\tsigned:0;\n"
  "\tfield:unsigned int args[2];\toffset:32;\tsize:8;\tsigned:0;\n"
  "\tfield:__data_loc char[] name;\toffset:40;\tsize:4;\tsigned:0;\n"
  "\tfield:__rel_loc u8[] blob;\toffset:44;\tsize:4;\tsigned:0;\n"
  "\n"
  "print fmt: \"";

/* comm "abc", small −2, flags 5, where 0x1000, args 7 and 9, name "longer" at 48, blob of 3 at 56. */
static void
make_data (guint8 data[64])
{
  const guint32 args[2] = { 7, 9 }, name = 7u << 16 | 48, blob = 3u << 16 | 8;
  const guint64 where = 0x1000;
  const gint16 small = -2;

  memset (data, 0, 64);
  memcpy (data + 8, "abc", 4);
  memcpy (data + 16, &small, 2);
  data[18] = 5;
  memcpy (data + 24, &where, 8);
  memcpy (data + 32, args, 8);
  memcpy (data + 40, &name, 4);
  memcpy (data + 44, &blob, 4);
  memcpy (data + 48, "longer", 7);
  memcpy (data + 56, "\x01\xff\x02", 3);
}

static void
test_print (void)
{
  static const struct { const char *print, *expected; } cases[] = {
    { "%s %d\", REC->comm, REC->small", "abc -2" },
    { "%-6s|%6s|%.2s\", REC->comm, REC->comm, REC->comm", "abc   |   abc|ab" },
    { "%05d|%-5d|%+d|%x|%#x|%X\", REC->args[0], REC->args[0], REC->args[1], REC->args[1], 255, 255", "00007|7    |+9|9|0xff|FF" },
    { "%hhu|%u|%llu\", 511, -1, -1", "255|4294967295|18446744073709551615" },
    { "%p|%p|%%\", REC->where, 0", "0x1000|(nil)|%" },
    { "%s|%s\", __get_str(name), REC->flags & 4 ? \"yes\" : \"no\"", "longer|yes" },
    { "%s\", __print_flags(REC->flags, \"|\", { 1, \"A\" }, { 2, \"B\" }, { 1UL << 2, \"C\" })", "A|C" },
    { "%s\", __print_flags(REC->flags & 2, \"|\", { 1, \"A\" }, { UNKNOWN_NAME, \"B\" })", "" },
    { "%s\", __print_symbolic(REC->args[1], { 8 + 1, \"nine\" }, { 0, ((void *)0) })", "nine" },
    { "%s\", __print_symbolic(REC->args[0], { SOME_NAME, \"zero\" })", "0x7" },
    { "%s\", __print_hex(__get_dynamic_array(blob), 3)", "01 ff 02" },
    { "%d\", __get_dynamic_array_len(blob)", "3" },
    { "%d %d\", (int)REC->args[0] * 2 - 20, (u8)(REC->small) >> 1", "-6 127" },
    { "%s\", __print_array(REC->args, 2, 4)", "{0x7,0x9}" },
    { "%c%c\", 'o', REC->args[0] + 100", "ok" },
  };
  guint8 data[64];

  make_data (data);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *whole = g_strdup_printf ("%.*s%s\n", (int) strlen (format), format, cases[i].print);
      g_autoptr(GString) printed = g_string_new (NULL);
      Tracepoint *tracepoint = perf_tracepoint_parse (whole, "test:test", 8, FALSE);

      g_assert_nonnull (tracepoint);
      if (tracepoint->print == NULL)
        g_error ("not understood: %s", cases[i].print);
      perf_print_format_append (tracepoint->print, &(TracepointData) { tracepoint, data, sizeof data }, NULL, NULL, printed);
      g_assert_cmpstr (printed->str, ==, cases[i].expected);
      /* Whatever is missing of the data, nothing is read beyond it. */
      for (gsize n = 0; n < sizeof data; n++)
        {
          g_autofree guint8 *cut = g_memdup2 (data, n);

          g_string_truncate (printed, 0);
          perf_print_format_append (tracepoint->print, &(TracepointData) { tracepoint, cut, n }, NULL, NULL, printed);
        }
      perf_tracepoint_free (tracepoint);
    }
}

static void
test_values (void)
{
  g_autofree char *text = g_strdup_printf ("%.*s\"\n", (int) strlen (format), format);
  Tracepoint *tracepoint = perf_tracepoint_parse (text, "test:test", 8, FALSE);
  GlowFieldValue value;
  guint8 data[64];
  TracepointData whole = { tracepoint, data, sizeof data };

  make_data (data);
  g_assert_cmpuint (tracepoint->fields->len, ==, 8);
  g_assert_true (perf_tracepoint_read (&whole, 1, G_MAXUINT, &value));
  g_assert_cmpmem (value.bytes, value.n_bytes, "abc", 3);
  g_assert_true (perf_tracepoint_read (&whole, 2, 0, &value));
  g_assert_cmpint ((gint64) value.number, ==, -2);
  g_assert_true (perf_tracepoint_read (&whole, 5, 1, &value));
  g_assert_cmpuint (value.number, ==, 9);
  g_assert_false (perf_tracepoint_read (&whole, 5, 2, &value));
  g_assert_true (perf_tracepoint_read (&whole, 6, G_MAXUINT, &value));
  g_assert_cmpmem (value.bytes, value.n_bytes, "longer", 6);
  g_assert_true (perf_tracepoint_read (&whole, 7, G_MAXUINT, &value));
  g_assert_cmpmem (value.bytes, value.n_bytes, "\x01\xff\x02", 3);
  /* A dynamic field that points out of the record. */
  data[42] = 200;
  g_assert_false (perf_tracepoint_read (&whole, 6, G_MAXUINT, &value));
  perf_tracepoint_free (tracepoint);
}

/* ---- conditions ---- */

static GlowProfile *
load_example (const char *path)
{
  const GlowLoadOptions options = { .no_symbols = TRUE };
  g_autoptr(GError) error = NULL;
  GlowProfile *profile = glow_profile_load_path (path, &options, NULL, &error);

  g_assert_no_error (error);
  return profile;
}

static char *
example_path (void)
{
  return g_build_filename (g_getenv ("AFTERGLOW_SOURCE_DIR"), "data", "examples", "orders.data", NULL);
}

static guint64
count (GlowProfile *profile, const char *condition)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GlowFieldColumn) column = glow_where_compute (condition, profile, NULL, &error);

  g_assert_no_error (error);
  return column->n_present;
}

static void
test_conditions (void)
{
  g_autofree char *path = example_path ();
  g_autoptr(GlowProfile) profile = load_example (path);
  guint64 all = count (profile, "prev_pid == prev_pid"), waiting = count (profile, "prev_state != 0");

  g_assert_cmpuint (all, ==, 5628);
  /* A sample without the field holds neither a condition nor its opposite. */
  g_assert_cmpuint (count (profile, "!(prev_pid == prev_pid)"), ==, 0);
  g_assert_cmpuint (count (profile, "prev_state"), ==, waiting);
  g_assert_cmpuint (count (profile, "!prev_state"), ==, all - waiting);
  /* Bits bind tighter than comparisons; "&&" tighter than "||". */
  g_assert_cmpuint (count (profile, "prev_state & 1 == 1"), ==, count (profile, "(prev_state & 1) == 1"));
  g_assert_cmpuint (count (profile, "prev_pid == prev_pid || prev_state == 1 && prev_pid < 0"), ==, all);
  g_assert_cmpuint (count (profile, "prev_state ^ 1 == 0"), ==, count (profile, "prev_state == 1"));
  g_assert_cmpuint (count (profile, "prev_pid > -1"), ==, all);
  g_assert_cmpuint (count (profile, "prev_comm ~ '*' && next_comm ~ \"*\""), ==, all);
  g_assert_cmpuint (count (profile, "prev_state == 'S'"), ==, count (profile, "prev_state == 1"));
  /* Decided by one side, the other may be of another event. */
  g_assert_cmpuint (count (profile, "sched_switch:prev_pid >= 0 || handle_request:__probe_ip != 0"), ==, all + 4144);
  g_assert_cmpuint (count (profile, "sched_switch:prev_pid >= 0 && handle_request:__probe_ip != 0"), ==, 0);
}

static void
test_words (void)
{
  static const char *const words[] = {
    "--where 'prev_state & 2' --weight field:bytes_req --split prev_comm", "--event a:b --where 'args[0] == -1' --where 'x ~ \"y*\"'",
  };
  g_autoptr(GString) deep = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GlowQuery) query = glow_query_parse_words (words[i], &error), again = NULL;
      g_autofree char *text = NULL;

      g_assert_no_error (error);
      text = glow_query_dup_words (query);
      again = glow_query_parse_words (text, &error);
      g_assert_no_error (error);
      g_assert_true (glow_query_equal (query, again));
      g_assert_cmpuint (glow_query_hash (query), ==, glow_query_hash (again));
    }
  /* Nothing is deep enough to break the parser. */
  for (guint i = 0; i < 100000; i++)
    g_string_append_c (deep, i % 2 ? '!' : '(');
  {
    g_autoptr(GError) error = NULL;
    g_autoptr(GlowWhere) where = glow_where_parse (deep->str, &error);

    g_assert_null (where);
    g_assert_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION);
  }
}

/* ---- a recording that becomes shorter ---- */

static void
test_shrinking (void)
{
  g_autofree char *example = example_path (), *copy = NULL, *bytes = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GlowProfile) profile = NULL, unpacked = NULL;
  g_autoptr(GlowFieldColumn) before = NULL, after = NULL;
  gsize n;
  int fd = g_file_open_tmp ("afterglow-XXXXXX.data", &copy, &error);

  g_assert_no_error (error);
  close (fd);
  g_assert_true (g_file_get_contents (example, &bytes, &n, NULL));
  g_assert_true (g_file_set_contents (copy, bytes, n, NULL));
  profile = load_example (copy);
  unpacked = load_example (copy);
  before = glow_profile_compute_field (unpacked, "prev_pid", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (before->n_present, ==, 5628);
  g_assert_cmpint (truncate (copy, 8192), ==, 0);
  /* What was unpacked before is whole, what is only now looked at is not, and is said not to be. */
  after = glow_profile_compute_field (unpacked, "prev_prio", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (after->n_present, ==, 5628);
  g_assert_null (glow_profile_compute_field (profile, "prev_prio", NULL, &error));
  g_assert_error (error, GLOW_ERROR, GLOW_ERROR_DAMAGED);
  g_unlink (copy);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fields/print", test_print);
  g_test_add_func ("/fields/values", test_values);
  g_test_add_func ("/fields/conditions", test_conditions);
  g_test_add_func ("/fields/words", test_words);
  g_test_add_func ("/fields/shrinking", test_shrinking);
  return g_test_run ();
}
