/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of histograms: which reader is for one, and several as one. */
#include <config.h>

#include "formats/histograms/histograms-private.h"
#include "formats/input-private.h"

#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

/* Pages begin with whatever comes first by name; what tells them stands in every few lines. */
#define HEAD (256 * 1024)

typedef struct {
  int (*recognise) (const char *text, gsize n);
  gboolean (*read) (GlowHistogramsDraft *draft, const char *text, gsize n, GCancellable *cancellable, GError **error);
} Reader;

static const Reader readers[] = {
  { glow_hlog_recognise, glow_hlog_read },
  { glow_query_json_recognise, glow_query_json_read },
  { glow_exposition_recognise, glow_exposition_read },
  { glow_bpftrace_recognise, glow_bpftrace_read },
};

static const Reader *
find_reader (const char *text, gsize n)
{
  const Reader *best = NULL;
  int most = 0;

  for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
    {
      int score = readers[i].recognise (text, n);

      if (score > most)
        {
          most = score;
          best = &readers[i];
        }
    }
  return best;
}

static gboolean
read_input (GlowHistogramsDraft *draft, GlowInput *input, GCancellable *cancellable, GError **error)
{
  const GError *damage;
  const guint8 *text;
  const Reader *reader;
  gint64 changed, born;
  gsize n;

  if ((text = glow_input_map (input, &n, cancellable, error)) == NULL)
    {
      if (error != NULL && *error == NULL)
        g_set_error (error, GLOW_ERROR, GLOW_ERROR_EMPTY, _("“%s” is empty"), glow_input_get_name (input));
      return FALSE;
    }
  reader = find_reader ((const char *) text, MIN (n, HEAD));
  if (reader == NULL)
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_NOT_RECOGNISED,
                   _("“%s” is no histogram that is read here: expected Prometheus text or OpenMetrics, an answer of its query API, an HdrHistogram log, or "
                     "what bpftrace prints of hist()"), glow_input_get_name (input));
      return FALSE;
    }
  glow_input_get_dates (input, &changed, &born);
  draft->file_time = changed != 0 ? changed : GLOW_TIME_UNKNOWN;
  if (!reader->read (draft, (const char *) text, n, cancellable, error))
    {
      g_prefix_error (error, _("“%s”: "), glow_input_get_name (input));
      return FALSE;
    }
  damage = glow_input_get_damage (input);
  if (damage != NULL)
    glow_warnings_add (draft->histograms->warnings, "damaged-compression", NULL, 1, n, NULL, "%s", damage->message);
  return TRUE;
}

GlowHistograms *
glow_histograms_load_paths (const char *const *paths, GCancellable *cancellable, GError **error)
{
  GlowHistogramsDraft *draft = glow_histograms_draft_new (paths[0]);

  for (guint i = 0; paths[i] != NULL; i++)
    {
      g_autoptr(GlowInput) input = glow_input_open_path (paths[i], cancellable, error);

      if (input == NULL || !read_input (draft, input, cancellable, error))
        {
          glow_histograms_draft_free (draft);
          return NULL;
        }
    }
  return glow_histograms_draft_finish (draft, error);
}

GlowHistograms *
glow_histograms_load_bytes (GBytes *bytes, const char *name, GCancellable *cancellable, GError **error)
{
  GlowHistogramsDraft *draft = glow_histograms_draft_new (name);
  g_autoptr(GlowInput) input = glow_input_open_bytes (bytes, name, name, cancellable, error);

  if (input == NULL || !read_input (draft, input, cancellable, error))
    {
      glow_histograms_draft_free (draft);
      return NULL;
    }
  return glow_histograms_draft_finish (draft, error);
}

/* ---- looking only ---- */

/* Text whose first lines are here, and which says nothing yet of what it is: waited for a little, as a writer sends it line by line. */
#define PATIENCE_MS 1000
#define STEP_MS 20

static gsize
twin_pipe (char *buffer)
{
  gssize n = 0;
  int ends[2];

  for (guint waited = 0; waited <= PATIENCE_MS; waited += STEP_MS)
    {
      struct pollfd end = { STDIN_FILENO, POLLIN, 0 };

      if (pipe2 (ends, O_CLOEXEC) != 0)
        return 0;
      /* Waits for the first bytes, as the reader would. A terminal or a socket has no twin: it is not looked at. */
      n = tee (STDIN_FILENO, ends[1], HEAD, 0);
      if (n > 0)
        n = read (ends[0], buffer, n);
      close (ends[0]);
      close (ends[1]);
      if (n <= 0 || n >= 4096 || !g_utf8_validate (buffer, MAX (n - 8, 0), NULL) || memchr (buffer, '\0', n) != NULL || find_reader (buffer, n) != NULL
          || poll (&end, 1, 0) < 0 || (end.revents & POLLHUP) != 0)
        break;
      g_usleep (STEP_MS * 1000);
    }
  return MAX (n, 0);
}

/* The first bytes of standard input, which stay there: of a file by their place, of a pipe by a twin of it. (transfer full) (nullable) */
static GBytes *
peek_standard_input (void)
{
  g_autofree char *buffer = g_malloc (HEAD);
  gssize n = pread (STDIN_FILENO, buffer, HEAD, 0);

  if (n < 0)
    n = twin_pipe (buffer);
  return n > 0 ? g_bytes_new (buffer, n) : NULL;
}

gboolean
glow_histograms_is_file (const char *path)
{
  g_autoptr(GlowInput) input = NULL;
  g_autoptr(GBytes) bytes = NULL;
  const guint8 *head;
  gsize n = 0;

  if (strcmp (path, "-") == 0)
    {
      bytes = peek_standard_input ();
      input = bytes != NULL ? glow_input_open_bytes (bytes, NULL, "-", NULL, NULL) : NULL;
    }
  else if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
    input = glow_input_open_path (path, NULL, NULL);
  head = input != NULL ? glow_input_peek (input, HEAD, &n, NULL) : NULL;
  return head != NULL && find_reader ((const char *) head, MIN (n, HEAD)) != NULL;
}
