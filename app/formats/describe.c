/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a file that is not read here looks like, so that the refusal can say it. */
#include <config.h>

#include <glib/gi18n-lib.h>

#include "formats/registry-private.h"

#include <string.h>

typedef struct {
  const char *magic;
  guint length;
  const char *label;
} Magic;

static const Magic magics[] = {
  { "\177ELF", 4, N_("an ELF program, library or core dump") },
  { "PERFFILE", 8, N_("a perf.data file of version 1, as perf wrote before Linux 2.6.33") },
  { "SIMPLEPERF", 10, N_("a simpleperf protobuf report") },
  { "QPERFSTREAM", 11, N_("a stream of hotspot-perfparser") },
  { "FLR\0", 4, N_("a Java Flight Recorder file") },
  { "JAVA PROFILE", 12, N_("a Java heap or CPU profile (hprof)") },
  { "go 1.", 5, N_("a Go execution trace") },
  { "gmon", 4, N_("a gprof gmon.out file") },
  { "DTiJ", 4, N_("a jitdump file: open the recording of its process, beside which it may lie") },
  { "JiTD", 4, N_("a jitdump file: open the recording of its process, beside which it may lie") },
  { "\027\010Dtracing", 10, N_("a trace-cmd trace.dat file") },
  { "PK\003\004", 4, N_("a ZIP archive: unpack it first") },
  { "7z\274\257'\034", 6, N_("a 7-Zip archive: unpack it first") },
  { "\004\"M\030", 4, N_("an LZ4-compressed file: uncompress it first") },
  { "SQLite format 3", 15, N_("an SQLite database") },
  { "\211PNG", 4, N_("a PNG picture") },
  { "%PDF", 4, N_("a PDF document") },
  { "\037\213", 2, N_("compressed data inside compressed data: uncompress it once") },
  { "\050\265\057\375", 4, N_("compressed data inside compressed data: uncompress it once") },
  { "\3757zXZ", 6, N_("compressed data inside compressed data: uncompress it once") },
  { "# callgrind format", 18, N_("a callgrind file") },
  { "version: 1\ncreator:", 19, N_("a callgrind file") },
  { "Flat profile:", 13, N_("gprof text") },
  { "# HELP ", 7, N_("Prometheus metrics") },
  { "# TYPE ", 7, N_("Prometheus metrics") },
  { "Analysis of sampling ", 21, N_("output of sample on macOS") },
  { "--- ", 4, N_("an old text profile of pprof") },
  { "heap profile:", 13, N_("an old text profile of pprof") },
  { "CPU     ID ", 11, N_("DTrace output: fold it with stackcollapse.pl first") },
};

static gboolean
contains (const guint8 *head, gsize n, const char *text)
{
  return head != NULL && memmem (head, n, text, strlen (text)) != NULL;
}

static const char *
describe_json (const guint8 *head, gsize n)
{
  if (contains (head, n, "speedscope"))
    return N_("a speedscope file (JSON)");
  if (contains (head, n, "\"traceEvents\"") || contains (head, n, "\"ph\":"))
    return N_("a Chrome trace (JSON)");
  if (contains (head, n, "\"callFrame\""))
    return N_("a V8 .cpuprofile (JSON)");
  if (contains (head, n, "\"flamebearer\""))
    return N_("a Pyroscope flamebearer profile (JSON)");
  if (contains (head, n, "\"meta\"") && contains (head, n, "\"interval\""))
    return N_("a Firefox profile (JSON)");
  return N_("JSON");
}

static gboolean
starts_with_word (const guint8 *at, gsize n, const char *word)
{
  return n >= strlen (word) && g_ascii_strncasecmp ((const char *) at, word, strlen (word)) == 0;
}

static const char *
describe_markup (const guint8 *at, gsize n)
{
  if (starts_with_word (at, n, "<!doctype html") || starts_with_word (at, n, "<html"))
    return N_("an HTML page");
  if (contains (at, MIN (n, 4096), "<svg"))
    return N_("an SVG picture: open the recording it was drawn from");
  if (starts_with_word (at, n, "<?xml"))
    return N_("XML");
  return NULL;
}

static gboolean
is_text (const guint8 *head, gsize n)
{
  gsize controls = 0;

  for (gsize i = 0; i < n; i++)
    controls += head[i] < 0x20 && head[i] != '\n' && head[i] != '\r' && head[i] != '\t' && head[i] != 0x1b && head[i] != '\f';
  return controls == 0;
}

/**
 * glow_describe_content:
 * @head: the first bytes, a few kilobytes
 *
 * Returns: (transfer none): translated: what the content looks like, with its article
 */
const char *
glow_describe_content (const guint8 *head, gsize n)
{
  const guint8 *at = head, *end = head + n;
  const char *markup;

  for (guint i = 0; i < G_N_ELEMENTS (magics); i++)
    if (n >= magics[i].length && memcmp (head, magics[i].magic, magics[i].length) == 0)
      return _(magics[i].label);
  if (n > 262 && memcmp (head + 257, "ustar", 5) == 0)
    return _("a tar archive: unpack it first");
  if (!is_text (head, n))
    return _("binary data of a kind that is not known here");
  if (n >= 3 && memcmp (at, "\357\273\277", 3) == 0)
    at += 3;
  while (at < end && g_ascii_isspace (*at))
    at++;
  if (at == end)
    return _("nothing but blank lines");
  if (*at == '{' || *at == '[')
    return _(describe_json (at, end - at));
  markup = describe_markup (at, end - at);
  if (markup != NULL)
    return _(markup);
  if (contains (head, n, "proto-message:") || (contains (head, n, " {\n") && contains (head, n, "\n}\n") && contains (head, n, ": ")))
    return _("protobuf text");
  return _("text without a number at the ends of its lines");
}
