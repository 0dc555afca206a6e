/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One line of perf script's text. A sample is known by its time, "4794564.109216:", which no other line has in that place; without times by the
 * event that ends it, "java 19983 cycles:". */
#include "formats/perf-script/perf-script-private.h"

#include <string.h>

#define MAX_TOKENS 64

static gboolean
is_blank (char c)
{
  return c == ' ' || c == '\t';
}

/* "12688", "24636/25607". */
static gboolean
parse_ids (ScriptText token, gint32 *pid, gint32 *tid)
{
  gint64 first = 0, second = 0;
  gsize i = 0, digits = 0;
  gboolean negative = token.n > 1 && token.text[0] == '-';

  for (i = negative; i < token.n && g_ascii_isdigit (token.text[i]) && digits < 10; i++, digits++)
    first = first * 10 + (token.text[i] - '0');
  if (digits == 0 || first > G_MAXINT32)
    return FALSE;
  if (negative)
    first = -first;
  if (i == token.n)
    {
      *pid = -1;
      *tid = first;
      return TRUE;
    }
  if (token.text[i] != '/')
    return FALSE;
  negative = i + 1 < token.n && token.text[i + 1] == '-';
  for (i += 1 + negative, digits = 0; i < token.n && g_ascii_isdigit (token.text[i]) && digits < 10; i++, digits++)
    second = second * 10 + (token.text[i] - '0');
  if (i < token.n || second > G_MAXINT32)
    return FALSE;
  *pid = first;
  *tid = digits == 0 ? first : negative ? -second : second;
  return TRUE;
}

/* "4794564.109216:" in ns. */
static gboolean
parse_time (ScriptText token, guint64 *time)
{
  guint64 seconds = 0, fraction = 0, scale = 1000000000;
  gsize i = 0;

  if (token.n < 4 || token.text[token.n - 1] != ':')
    return FALSE;
  for (; i < token.n && g_ascii_isdigit (token.text[i]) && i < 11; i++)
    seconds = seconds * 10 + (token.text[i] - '0');
  if (i == 0 || token.text[i] != '.')
    return FALSE;
  for (i++; i < token.n - 1 && g_ascii_isdigit (token.text[i]); i++)
    if (scale > 1)
      {
        scale /= 10;
        fraction += (token.text[i] - '0') * scale;
      }
  *time = seconds * 1000000000 + fraction;
  return i == token.n - 1;
}

/* "[001]" */
static gboolean
parse_cpu (ScriptText token, guint16 *cpu)
{
  guint number = 0;

  if (token.n < 3 || token.text[0] != '[' || token.text[token.n - 1] != ']')
    return FALSE;
  for (gsize i = 1; i + 1 < token.n; i++)
    {
      if (!g_ascii_isdigit (token.text[i]) || number >= G_MAXUINT16 / 10)
        return FALSE;
      number = number * 10 + (token.text[i] - '0');
    }
  *cpu = number;
  return TRUE;
}

static gboolean
parse_number (ScriptText token, guint64 *number)
{
  *number = 0;
  for (gsize i = 0; i < token.n; i++)
    {
      if (!g_ascii_isdigit (token.text[i]) || *number > G_MAXUINT64 / 10 - 10)
        return FALSE;
      *number = *number * 10 + (token.text[i] - '0');
    }
  return token.n > 0;
}

static guint
split (const char *line, gsize n, ScriptText *tokens, guint max)
{
  guint count = 0;

  for (gsize i = 0; i < n && count < max;)
    {
      gsize start;

      while (i < n && is_blank (line[i]))
        i++;
      for (start = i; i < n && !is_blank (line[i]);)
        i++;
      if (i > start)
        tokens[count++] = (ScriptText) { line + start, i - start };
    }
  return count;
}

/* "java 19983 [001] 1000 cycles:", the event at the end. */
static gboolean
parse_timeless (ScriptText *tokens, guint count, ScriptSample *sample)
{
  guint at = count;

  if (count < 3 || tokens[--at].n < 2 || tokens[at].text[tokens[at].n - 1] != ':')
    return FALSE;
  sample->event = (ScriptText) { tokens[at].text, tokens[at].n - 1 };
  sample->period = 0;
  sample->cpu = G_MAXUINT16;
  sample->time = 0;
  sample->has_time = FALSE;
  sample->rest = (ScriptText) { tokens[at].text + tokens[at].n, 0 };
  at--;
  /* Two numbers are a thread and a period, one is a thread. */
  if (at >= 2 && parse_number (tokens[at], &sample->period) && (parse_ids (tokens[at - 1], &sample->pid, &sample->tid) || parse_cpu (tokens[at - 1], &sample->cpu)))
    at--;
  else
    sample->period = 0;
  if (parse_cpu (tokens[at], &sample->cpu) && at > 1)
    at--;
  if (at < 1 || !parse_ids (tokens[at], &sample->pid, &sample->tid))
    return FALSE;
  sample->comm = (ScriptText) { tokens[0].text, tokens[at - 1].text + tokens[at - 1].n - tokens[0].text };
  return TRUE;
}

static gboolean
parse_sample (const char *line, gsize n, ScriptSample *sample)
{
  ScriptText tokens[MAX_TOKENS];
  guint count = split (line, n, tokens, MAX_TOKENS), time, ids, at;

  for (time = 1; time < count && !parse_time (tokens[time], &sample->time); time++)
    ;
  if (time >= count)
    return !is_blank (line[0]) && parse_timeless (tokens, count, sample);
  sample->has_time = TRUE;
  sample->cpu = G_MAXUINT16;
  /* Before the time: processor, flags of the trace ("d..2."), and before them the ids. */
  for (ids = time; ids-- > 0;)
    {
      if (parse_ids (tokens[ids], &sample->pid, &sample->tid))
        break;
      if (!parse_cpu (tokens[ids], &sample->cpu) && tokens[ids].n > 6)
        return FALSE;
    }
  if (ids == G_MAXUINT)
    return FALSE;
  sample->comm = ids > 0 ? (ScriptText) { tokens[0].text, tokens[ids - 1].text + tokens[ids - 1].n - tokens[0].text } : (ScriptText) { "", 0 };
  sample->period = 0;
  sample->event = (ScriptText) { "unknown", 7 };
  at = time + 1;
  if (at < count && parse_number (tokens[at], &sample->period))
    at++;
  if (at < count && tokens[at].n > 1 && tokens[at].text[tokens[at].n - 1] == ':')
    {
      sample->event = (ScriptText) { tokens[at].text, tokens[at].n - 1 };
      at++;
    }
  else if (at < count)
    return FALSE;
  sample->rest = at < count ? (ScriptText) { tokens[at].text, line + n - tokens[at].text } : (ScriptText) { line + n, 0 };
  return TRUE;
}

/* The module is what stands in parentheses at the end; parentheses in names are balanced, those in paths are followed back. */
gboolean
perf_script_parse_frame (const char *text, gsize n, ScriptFrame *frame)
{
  const char *end = text + n, *at = text, *name, *open;
  guint64 address = 0;
  gboolean is_hex = TRUE;
  gint depth = 0;

  while (at < end && is_blank (*at))
    at++;
  for (name = at; name < end && (g_ascii_isalnum (*name) || *name == '_'); name++)
    {
      is_hex &= g_ascii_isxdigit (*name);
      address = address << 4 | (is_hex ? (guint64) g_ascii_xdigit_value (*name) : 0);
    }
  if (name == at || name == end || !is_blank (*name) || end[-1] != ')')
    return FALSE;
  for (open = end - 1; open > name; open--)
    {
      depth += *open == ')';
      depth -= *open == '(';
      if (depth == 0)
        break;
    }
  if (open <= name || !is_blank (open[-1]))
    return FALSE;
  frame->address = is_hex ? address : 0;
  frame->module = (ScriptText) { open + 1, end - 1 - (open + 1) };
  while (name < open && is_blank (*name))
    name++;
  for (end = open; end > name && is_blank (end[-1]);)
    end--;
  frame->offset = G_MAXUINT64;
  for (at = end; at > name && g_ascii_isxdigit (at[-1]);)
    at--;
  if (at < end && at - name > 3 && at[-1] == 'x' && at[-2] == '0' && at[-3] == '+')
    {
      frame->offset = 0;
      for (const char *digit = at; digit < end; digit++)
        frame->offset = frame->offset << 4 | (guint64) g_ascii_xdigit_value (*digit);
      end = at - 3;
    }
  frame->name = (ScriptText) { name, end - name };
  return TRUE;
}

ScriptLineKind
perf_script_parse_line (const char *line, gsize n, ScriptSample *sample, ScriptFrame *frame)
{
  while (n > 0 && (line[n - 1] == '\r' || is_blank (line[n - 1])))
    n--;
  if (n == 0)
    return SCRIPT_LINE_BLANK;
  if (line[0] == '#')
    return SCRIPT_LINE_COMMENT;
  if (is_blank (line[0]) && perf_script_parse_frame (line, n, frame))
    {
      /* Names of programs are right-justified: a sample may begin with blanks, and hold its stack on its own line. */
      return parse_sample (line, n, sample) ? SCRIPT_LINE_SAMPLE : SCRIPT_LINE_FRAME;
    }
  if (parse_sample (line, n, sample))
    return SCRIPT_LINE_SAMPLE;
  /* Some have lost their indentation on the way. */
  return g_ascii_isxdigit (line[0]) && perf_script_parse_frame (line, n, frame) && frame->address > 0 ? SCRIPT_LINE_FRAME : SCRIPT_LINE_OTHER;
}

int
perf_script_recognise (const guint8 *head, gsize n)
{
  const char *at = (const char *) head, *end = at + n;
  guint samples = 0, others = 0;

  if (memchr (head, 0, n) != NULL)
    return 0;
  if (n >= 3 && memcmp (at, "\357\273\277", 3) == 0)
    at += 3;
  while (at < end)
    {
      const char *eol = memchr (at, '\n', end - at);
      ScriptSample sample;
      ScriptFrame frame;

      if (eol == NULL && samples + others > 0)
        break;
      switch (perf_script_parse_line (at, (eol != NULL ? eol : end) - at, &sample, &frame))
        {
        case SCRIPT_LINE_SAMPLE: samples++; break;
        case SCRIPT_LINE_OTHER: others++; break;
        default: break;
        }
      if (eol == NULL)
        break;
      at = eol + 1;
    }
  /* Lines of source stand between frames where they were asked for, at most one a frame; folded text has no sample at all. */
  return samples > 0 && samples * 100 >= others ? 80 : 0;
}
