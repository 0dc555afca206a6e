/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a jitdump file beside a recording that maps one, with samples in what it may tell of. */
#include <afterglow/afterglow.h>
#include <glib/gstdio.h>

#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);
int LLVMFuzzerInitialize (int *argc, char ***argv);

static char *folder, *recording, *dump;

#define PUT(type, value) g_byte_array_append (out, (const guint8 *) &(type) { value }, sizeof (type))

/* A recording of process 7: two maps, the dump's and code's, and samples there, with registers and stack. */
static void
write_recording (void)
{
  static const char mapped[] = "/nowhere/jit-7.dump\0\0\0\0\0", anonymous[] = "//anon";
  g_autoptr(GByteArray) out = g_byte_array_new ();
  const guint64 kind = 1 | 2 | 4 | 1u << 12 | 1u << 13;   /* ip, tid, time, registers and stack of the user */
  const guint n_samples = 8, sample = 8 + 8 + 8 + 8 + 8 + 8 * 17 + 8 + 256 + 8;
  guint64 data_size = (8 + 32 + sizeof mapped + 16) + (8 + 32 + sizeof anonymous + 16) + n_samples * sample;

  g_byte_array_append (out, (const guint8 *) "PERFILE2", 8);
  PUT (guint64, 104); PUT (guint64, 128); PUT (guint64, 104); PUT (guint64, 128);
  PUT (guint64, 232); PUT (guint64, data_size); PUT (guint64, 0); PUT (guint64, 0);
  PUT (guint64, 1u << 6); PUT (guint64, 0); PUT (guint64, 0); PUT (guint64, 0);
  PUT (guint32, 1); PUT (guint32, 112); PUT (guint64, 0); PUT (guint64, 1); PUT (guint64, kind); PUT (guint64, 0); PUT (guint64, 1u << 18);
  PUT (guint64, 0); PUT (guint64, 0); PUT (guint64, 0); PUT (guint64, 0); PUT (guint64, 0xff0fff & ~(guint64) 0xf000); PUT (guint64, 256);
  PUT (guint64, 0); PUT (guint64, 0); PUT (guint64, 0); PUT (guint64, 0);
  for (guint map = 0; map < 2; map++)
    {
      gsize length = map == 0 ? sizeof mapped : sizeof anonymous;

      PUT (guint32, 1); PUT (guint16, 2); PUT (guint16, 8 + 32 + length + 16);
      PUT (guint32, 7); PUT (guint32, 7); PUT (guint64, map == 0 ? 0x8000 : 0x10000); PUT (guint64, map == 0 ? 0x1000 : 0x100000); PUT (guint64, 0);
      g_byte_array_append (out, (const guint8 *) (map == 0 ? mapped : anonymous), length);
      PUT (guint32, 7); PUT (guint32, 7); PUT (guint64, 1);
    }
  for (guint i = 0; i < n_samples; i++)
    {
      PUT (guint32, 9); PUT (guint16, 2); PUT (guint16, sample);
      PUT (guint64, 0x10000 + i * 0x40); PUT (guint32, 7); PUT (guint32, 7); PUT (guint64, 10 + i * 100);
      PUT (guint64, 2);
      for (guint r = 0; r < 17; r++)
        PUT (guint64, r == 7 ? 0x20000 : r == 8 ? 0x10000 + i * 0x40 : 0x20010);
      PUT (guint64, 256);
      for (guint w = 0; w < 32; w++)
        PUT (guint64, 0x10000 + w * 0x20);
      PUT (guint64, 256);
    }
  PUT (guint64, out->len + 16); PUT (guint64, 12); PUT (guint32, 8); g_byte_array_append (out, (const guint8 *) "x86_64\0\0", 8);
  g_file_set_contents (recording, (const char *) out->data, out->len, NULL);
}

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  folder = g_dir_make_tmp ("glow-fuzz-XXXXXX", NULL);
  recording = g_build_filename (folder, "perf.data", NULL);
  dump = g_build_filename (folder, "jit-7.dump", NULL);
  write_recording ();
  return 0;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const GlowLoadOptions options = { .n_threads = 1, .symfs = folder };
  g_autoptr(GlowProfile) profile = NULL;
  FILE *file = fopen (dump, "w");

  if (file == NULL || fwrite (data, 1, size, file) != size || fclose (file) != 0)
    return 0;
  profile = glow_profile_load_path (recording, &options, NULL, NULL);
  g_assert_nonnull (profile);
  g_assert_cmpuint (glow_profile_get_samples (profile)->n, ==, 8);
  return 0;
}
