/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HdrHistogram logs: a line an interval, its histogram in base64. The log does not say what its numbers are; nanoseconds are the tools' convention. */
#include <config.h>

#include "formats/histograms/hdr-private.h"
#include "formats/histograms/histograms-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define YEAR 31536000.0

typedef struct {
  GlowHistogramsDraft *draft;
  double start_time, base_time;        /* seconds since 1970; NaN: not told */
  gboolean base_is_decided;
  guint64 line;
} Log;

int
glow_hlog_recognise (const char *text, gsize n)
{
  if (g_strstr_len (text, n, "#[Histogram log format") != NULL)
    return 99;
  return g_strstr_len (text, n, ",HIST") != NULL || g_strstr_len (text, n, ",DHIST") != NULL ? 95 : 0;
}

static void
complain (Log *log, const char *code, const char *what)
{
  g_autofree char *line = g_strdup_printf ("%" G_GUINT64_FORMAT, log->line);

  glow_warnings_add (log->draft->histograms->warnings, code, what, 1, log->line, NULL, _("line %s: %s"), line, what);
}

/* "#[StartTime: 1441812279.474 (seconds since epoch), …]" */
static void
read_comment (Log *log, const char *line)
{
  const char *start = strstr (line, "[StartTime:"), *base = strstr (line, "[BaseTime:");

  if (start != NULL)
    log->start_time = g_ascii_strtod (start + strlen ("[StartTime:"), NULL);
  if (base != NULL)
    {
      log->base_time = g_ascii_strtod (base + strlen ("[BaseTime:"), NULL);
      log->base_is_decided = TRUE;
    }
}

/* Times of lines count from the log's start where they lie long before it, as HdrHistogram's own reader has it; from 1970 otherwise. */
static gint64
to_wall (Log *log, double timestamp)
{
  double seconds;

  if (!log->base_is_decided)
    {
      log->base_time = !isnan (log->start_time) && timestamp < log->start_time - YEAR ? log->start_time : 0;
      log->base_is_decided = TRUE;
    }
  seconds = log->base_time + timestamp;
  /* A log whose start is told nowhere counts from zero: that is no time of day. */
  if (log->base_time == 0 && isnan (log->start_time) && timestamp < YEAR)
    return GLOW_TIME_UNKNOWN;
  return isfinite (seconds) && fabs (seconds) < 9e9 ? (gint64) floor (seconds) * 1000000000 + (gint64) round ((seconds - floor (seconds)) * 1e9) : GLOW_TIME_UNKNOWN;
}

static gboolean
read_double (const char *text, double *value)
{
  char *end;

  *value = g_ascii_strtod (text, &end);
  return end > text && *end == '\0' && isfinite (*value);
}

static void
read_line (Log *log, char *line)
{
  g_auto(GStrv) words = NULL;
  g_autoptr(GArray) labels = glow_labels_new ();
  g_autoptr(GArray) buckets = NULL;
  const char *tag = NULL, *problem = NULL;
  double timestamp, length;
  gint64 from;
  char **word;

  words = g_strsplit (line, ",", 6);
  for (guint i = 0; words[i] != NULL; i++)
    g_strstrip (words[i]);
  word = words;
  if (word[0] != NULL && g_str_has_prefix (word[0], "Tag="))
    tag = *word++ + strlen ("Tag=");
  if (g_strv_length (word) < 4 || !read_double (word[0], &timestamp) || !read_double (word[1], &length) || length < 0)
    {
      complain (log, "bad-line", _("expected [Tag=NAME,]START,LENGTH,MAX,HISTOGRAM; it was left out"));
      return;
    }
  buckets = glow_hdr_decode (word[3], &problem);
  if (buckets == NULL)
    {
      complain (log, "bad-histogram", _(problem));
      return;
    }
  if (tag != NULL)
    glow_labels_add (labels, "tag", -1, tag, -1);
  from = to_wall (log, timestamp);
  {
    GlowSeriesDraft *series = glow_histograms_draft_series (log->draft, "", labels, GLOW_HISTOGRAM_HDR);

    series->series->unit = "ns";
    series->series->ns_per_unit = 1;
    glow_series_draft_interval (series, from, from == GLOW_TIME_UNKNOWN ? GLOW_TIME_UNKNOWN : from + (gint64) MIN (length * 1e9, 9e18 - (double) from),
                                g_steal_pointer (&buckets), NAN);
  }
}

gboolean
glow_hlog_read (GlowHistogramsDraft *draft, const char *text, gsize n, GCancellable *cancellable, GError **error)
{
  Log log = { .draft = draft, .start_time = NAN };
  const char *end = text + n;

  g_free (draft->histograms->format);
  draft->histograms->format = g_strdup ("HdrHistogram log");
  for (const char *at = text; at < end;)
    {
      const char *stop = memchr (at, '\n', end - at);
      g_autofree char *line = g_strndup (at, (stop != NULL ? stop : end) - at);

      at = stop != NULL ? stop + 1 : end;
      log.line++;
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      g_strstrip (line);
      if (line[0] == '#')
        read_comment (&log, line);
      else if (line[0] != '\0' && line[0] != '"')
        read_line (&log, line);
    }
  return TRUE;
}
