/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of tracepoints from the tracing data that perf copies into a recording: the kernel's own format files, in trace-cmd's container. */
#include <config.h>

#include "formats/perf/perf-private.h"

#include <string.h>

#define MAX_FORMAT 4096        /* the head of a format file holds its name and number */

/* "name: sched_switch\nID: 314\n…" */
static void
name_event (PerfReader *self, const char *system, const char *format, gsize n)
{
  g_autofree char *text = g_strndup (format, MIN (n, MAX_FORMAT));
  char *name = strstr (text, "name: "), *id = strstr (text, "\nID: "), *end = name != NULL ? strchr (name, '\n') : NULL;
  guint64 config;

  if (id == NULL || end == NULL)
    return;
  config = g_ascii_strtoull (id + strlen ("\nID: "), NULL, 10);
  *end = '\0';
  for (guint i = 0; i < self->events->len; i++)
    {
      PerfEvent *event = &g_array_index (self->events, PerfEvent, i);

      if (event->type == 2 && event->config == config && event->format == NULL)
        event->format = g_strndup (format, n);
      if (event->type == 2 && event->config == config && event->name == NULL)
        event->name = g_strdup_printf ("%s:%s", system, name + strlen ("name: "));
    }
}

/**
 * perf_tracing_read:
 * @bytes: the HEADER_TRACING_DATA feature, or what follows the record of that name in a pipe
 *
 * Names the tracepoints that have no name yet. What is damaged or of another version names nothing.
 *
 * Format: tools/perf/util/trace-event-read.c; trace-cmd.dat(5), version 6 and before.
 */
void
perf_tracing_read (PerfReader *self, const guint8 *bytes, gsize n)
{
  GlowCursor cursor = glow_cursor (bytes, n, FALSE);
  const guint8 *magic = glow_cursor_take (&cursor, 10), *order;
  guint32 n_systems;
  gsize length;

  if (magic == NULL || memcmp (magic, "\x17\x08\x44tracing", 10) != 0)
    return;
  glow_cursor_string (&cursor, &length);                    /* version */
  order = glow_cursor_take (&cursor, 2);                 /* byte order, size of a long */
  glow_cursor_take (&cursor, 4);                         /* size of a page */
  if (order == NULL)
    return;
  self->long_size = order[1];
  cursor.swap = (order[0] == 1) != (G_BYTE_ORDER == G_BIG_ENDIAN);
  for (guint i = 0; i < 2; i++)
    {
      glow_cursor_string (&cursor, &length);                /* "header_page", "header_event" */
      glow_cursor_take (&cursor, glow_cursor_u64 (&cursor));
    }
  for (guint32 left = glow_cursor_u32 (&cursor); left > 0 && !cursor.failed; left--)
    glow_cursor_take (&cursor, glow_cursor_u64 (&cursor));   /* ftrace's own */
  n_systems = glow_cursor_u32 (&cursor);
  for (; n_systems > 0 && !cursor.failed; n_systems--)
    {
      const char *system = glow_cursor_string (&cursor, &length);

      for (guint32 left = glow_cursor_u32 (&cursor); left > 0 && !cursor.failed; left--)
        {
          guint64 size = glow_cursor_u64 (&cursor);
          const guint8 *format = glow_cursor_take (&cursor, size);

          if (format != NULL && system != NULL)
            name_event (self, system, (const char *) format, size);
        }
    }
}
