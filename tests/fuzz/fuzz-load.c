/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes through the whole of loading: recognition, decompression, reading, call tree, fields of samples. */
#include <afterglow/afterglow.h>
#include <afterglow/fields.h>

#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

#define SAMPLES 200

/* Every field of the first samples, as a value and as text; then the columns of an event's first fields. */
static void
read_fields (GlowProfile *profile)
{
  const GlowSamples *samples = glow_profile_get_samples (profile);
  g_autoptr(GString) text = g_string_new (NULL);
  guint32 n_events;

  for (gsize i = 0; i < MIN (samples->n, SAMPLES); i++)
    {
      guint event = samples->event != NULL ? samples->event[i] : 0, n;

      glow_profile_get_fields (profile, event, &n);
      for (guint f = 0; f < n; f++)
        {
          GlowFieldValue value;

          g_string_truncate (text, 0);
          if (glow_profile_read_field (profile, i, f, f % 2 ? G_MAXUINT : 0, &value))
            glow_profile_append_field_text (profile, event, f, &value, text);
        }
      glow_profile_append_trace (profile, i, text);
    }
  glow_profile_get_events (profile, &n_events);
  for (guint32 e = 0; e < MIN (n_events, 4); e++)
    {
      guint n;
      const GlowField *fields = glow_profile_get_fields (profile, e, &n);

      for (guint f = 0; f < MIN (n, 6); f++)
        {
          g_autoptr(GlowFieldColumn) column = glow_profile_compute_field (profile, fields[f].name, NULL, NULL);
        }
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const GlowLoadOptions options = { .no_symbols = TRUE, .n_threads = 1 };
  g_autoptr(GlowProfile) profile = NULL;
  int fd = memfd_create ("input", MFD_CLOEXEC);

  if (fd < 0)
    return 0;
  if (write (fd, data, size) == (gssize) size && lseek (fd, 0, SEEK_SET) == 0)
    profile = glow_profile_load_fd (fd, "input", &options, NULL, NULL);
  if (profile != NULL)
    {
      g_autoptr(GlowQuery) query = glow_query_new ();
      g_autoptr(GlowCallTree) tree = glow_call_tree_compute (profile, query, NULL, NULL);

      read_fields (profile);
    }
  close (fd);
  return 0;
}
