/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints what the reader made of recordings, address by address, for comparing with what other tools made of them. dump FILE…
 *
 * A line a sample, in order of time: time, pid, tid, processor (- where not recorded), weight, event, then addresses, leaf first; with
 * --fields in the addresses' place every field as name=value, bytes as hexadecimal digits, texts in quotes. */
#include <afterglow/afterglow.h>
#include <afterglow/fields.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void
dump_fields (GlowProfile *profile, gsize sample, guint event)
{
  guint n;
  const GlowField *fields = glow_profile_get_fields (profile, event, &n);

  for (guint i = 0; i < n; i++)
    {
      GlowFieldValue value;

      if (!glow_profile_read_field (profile, sample, i, G_MAXUINT, &value))
        continue;
      printf ("%s=", fields[i].name);
      switch (value.kind)
        {
        case GLOW_FIELD_SIGNED: printf ("%" PRId64, (gint64) value.number); break;
        case GLOW_FIELD_UNSIGNED: printf ("%" PRIu64, value.number); break;
        case GLOW_FIELD_TEXT: printf ("\"%.*s\"", (int) value.n_bytes, (const char *) value.bytes); break;
        default:
          for (gsize k = 0; k < value.n_bytes; k++)
            printf ("%02x", value.bytes[k]);
        }
      printf ("\t");
    }
}

static void
dump (GlowProfile *profile, gboolean with_fields)
{
  const GlowSamples *samples = glow_profile_get_samples (profile);
  const GlowChains *chains = glow_profile_get_chains (profile);
  const GlowThread *threads = glow_profile_get_threads (profile, NULL);
  const GlowEvent *events = glow_profile_get_events (profile, NULL);

  for (gsize i = 0; i < samples->n; i++)
    {
      const GlowThread *thread = &threads[samples->thread[i]];
      guint event = samples->event != NULL ? samples->event[i] : 0;

      printf ("%" PRIu64 "\t%d\t%d\t", samples->time != NULL ? samples->time[i] : 0, thread->pid, thread->tid);
      if (samples->cpu != NULL && samples->cpu[i] != G_MAXUINT16)
        printf ("%u", samples->cpu[i]);
      else
        printf ("-");
      printf ("\t%" PRIu64 "\t%s\t", samples->weight != NULL ? samples->weight[i] : 1, glow_profile_get_string (profile, events[event].name));
      if (with_fields)
        dump_fields (profile, i, event);
      for (guint32 node = chains != NULL && !with_fields ? samples->chain[i] : 0; node != 0; node = chains->stacks.parent[node])
        printf ("%" PRIx64 " ", chains->locations[chains->stacks.item[node]].address);
      printf ("\n");
    }
}

int
main (int argc, char **argv)
{
  const GlowLoadOptions options = { .no_symbols = TRUE, .keep_addresses = TRUE };

  gboolean with_fields = argc > 1 && strcmp (argv[1], "--fields") == 0;

  for (int i = with_fields ? 2 : 1; i < argc; i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GlowProfile) profile = glow_profile_load_path (argv[i], &options, NULL, &error);

      if (profile == NULL)
        {
          g_printerr ("%s\n", error->message);
          return 1;
        }
      dump (profile, with_fields);
    }
  return 0;
}
