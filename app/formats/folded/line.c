/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grammar of folded text, as the known producers write it and the known consumers read it:
 *
 *   frame;frame;…;frame WEIGHT            stackcollapse-*.pl, inferno, async-profiler, py-spy, austin, bcc, bpftrace scripts
 *   frame;frame;…;frame BEFORE AFTER      difffolded.pl, inferno-diff-folded
 *   # anything                            austin's metadata, notes by hand
 *
 * - The weight is what follows the last blank (space or tab), so names may hold blanks. Digits, a point with digits on either side of
 *   it or on one, an exponent (awk and Perl print large sums so). White space before the line's end is nobody's.
 * - A file has two columns where every line at its beginning has: one name that ends in a number does not make a comparison.
 * - ';' ends a frame. Producers write ':' for a ';' inside a name; the one exception that is known, Java's class signature as
 *   perf-map-agent gives it and bcc and perf's own reports pass on ("Lorg/acme/Foo;::bar", "Lorg/acme/Foo;.bar(Lorg/acme/X;)V"), is
 *   put together again here.
 * - Empty frames count, but at the end of a stack they do not: as Perl's split, hence flamegraph.pl, has it.
 * - _[k] kernel, _[i] inlined, _[j] JIT are perf's and FlameGraph's; async-profiler adds _[0] interpreted and _[1] compiled by C1.
 *   _[w] (waker) stays in the name: no kind stands for it, and without it wakers and sleepers would fall together. */
#include <config.h>

#include "formats/folded/folded-private.h"

static inline gboolean
is_blank (char c)
{
  return c == ' ' || c == '\t';
}

static inline gboolean
is_digit (char c)
{
  return c >= '0' && c <= '9';
}

/* The number that is the whole of @text: digits, point, exponent. */
static gboolean
parse_number (const char *text, const char *end, FoldedWeight *weight)
{
  guint64 mantissa = 0;
  int decimals = 0, exponent = 0;
  gboolean any = FALSE, point = FALSE, inexact = FALSE, negative = FALSE;

  for (; text < end && (is_digit (*text) || *text == '.'); text++)
    {
      if (*text == '.')
        {
          if (point)
            return FALSE;
          point = TRUE;
          continue;
        }
      any = TRUE;
      if (mantissa > (G_MAXUINT64 - 9) / 10 || (point && decimals >= 15))
        {
          /* Further digits only move the point, or are lost behind it. */
          inexact |= *text != '0';
          exponent += !point;
          continue;
        }
      mantissa = mantissa * 10 + (*text - '0');
      decimals += point;
    }
  if (!any)
    return FALSE;
  if (text < end && (*text == 'e' || *text == 'E'))
    {
      int written = 0;

      text++;
      if (text < end && (*text == '+' || *text == '-'))
        negative = *text++ == '-';
      if (text == end)
        return FALSE;
      for (; text < end && is_digit (*text); text++)
        written = MIN (written * 10 + (*text - '0'), 10000);
      exponent += negative ? -written : written;
    }
  if (text != end)
    return FALSE;
  decimals -= exponent;
  for (; decimals < 0 && mantissa <= G_MAXUINT64 / 10 && mantissa > 0; decimals++)
    mantissa *= 10;
  if (decimals < 0 && mantissa > 0)
    {
      mantissa = G_MAXUINT64;
      inexact = TRUE;
    }
  for (; decimals > 0 && mantissa % 10 == 0; decimals--)
    mantissa /= 10;
  for (; decimals > FOLDED_MAX_DECIMALS; decimals--)
    {
      guint64 digit = mantissa % 10;

      /* Halves go up; one digit at a time is at most one unit of the last place off. */
      mantissa = mantissa / 10 + (digit >= 5 && decimals == FOLDED_MAX_DECIMALS + 1);
      inexact |= digit != 0;
    }
  *weight = (FoldedWeight) { mantissa, MAX (decimals, 0), inexact };
  return TRUE;
}

/* Takes the number off the end of the line: *@end moves to the end of what is before it and its blanks. */
static inline gboolean
take_weight (const char *line, const char **end, FoldedWeight *weight)
{
  const char *stop = *end, *at;
  guint64 value = 0, place = 1;

  /* Nearly always a few digits: no more than a loop over them. */
  for (at = stop; at > line && is_digit (at[-1]) && stop - at < 18; at--)
    {
      value += (at[-1] - '0') * place;
      place *= 10;
    }
  if (at > line && at < stop && is_blank (at[-1]))
    *weight = (FoldedWeight) { value, 0, FALSE };
  else
    {
      while (at > line && !is_blank (at[-1]) && stop - at < 64)
        at--;
      if (at == line || at == stop || !is_blank (at[-1]) || !parse_number (at, stop, weight))
        return FALSE;
    }
  while (at > line && is_blank (at[-1]))
    at--;
  *end = at;
  return TRUE;
}

FoldedLineKind
folded_line_parse (const char *line, gsize n, guint columns, FoldedLine *result)
{
  const char *end = line + n;
  FoldedWeight weight;

  while (end > line && (is_blank (end[-1]) || end[-1] == '\r'))
    end--;
  if (end == line)
    return FOLDED_LINE_BLANK;
  if (line[0] == '#' && (end == line + 1 || is_blank (line[1])))
    return FOLDED_LINE_COMMENT;
  if (n > FOLDED_MAX_LINE || !take_weight (line, &end, &result->weight[0]))
    return FOLDED_LINE_BAD;
  result->n_weights = 1;
  if (columns == 2)
    {
      const char *before_end = end;

      if (take_weight (line, &before_end, &weight) && before_end > line)
        {
          result->weight[1] = result->weight[0];
          result->weight[0] = weight;
          result->n_weights = 2;
          end = before_end;
        }
    }
  /* A stack of nothing but separators has no frame. */
  if (*line == ';' || end == line)
    {
      const char *at = line;

      while (at < end && *at == ';')
        at++;
      if (at == end)
        return FOLDED_LINE_BAD;
    }
  result->stack_length = end - line;
  return FOLDED_LINE_STACK;
}

/* A number alone says nothing of a stack: tables of figures are not folded text. */
static gboolean
has_name (const char *stack, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (g_ascii_isalpha (stack[i]) || (guchar) stack[i] >= 0x80 || stack[i] == '[')
      return TRUE;
  return FALSE;
}

/* Lines as protobuf's text form has them. */
static void
count_markup (const char *at, const char *end, guint *opened, guint *closed, guint *members)
{
  const char *word;

  while (at < end && g_ascii_isspace (*at))
    at++;
  while (end > at && g_ascii_isspace (end[-1]))
    end--;
  for (word = at; word < end && (g_ascii_isalnum (*word) || *word == '_');)
    word++;
  if (end - at == 1 && *at == '}')
    ++*closed;
  else if (word > at && end - word == 2 && memcmp (word, " {", 2) == 0)
    ++*opened;
  else if (word > at && end - word > 2 && memcmp (word, ": ", 2) == 0)
    ++*members;
}

int
folded_recognise (const guint8 *head, gsize n, guint *columns)
{
  const char *at = (const char *) head, *end = at + n;
  guint good = 0, lines = 0, two = 0, nested = 0, opened = 0, closed = 0, members = 0;

  if (columns != NULL)
    *columns = 1;
  if (n >= 3 && memcmp (at, "\357\273\277", 3) == 0)
    at += 3;
  if (memchr (head, 0, n) != NULL || at == end || *at == '{' || (*at == '<' && end - at > 1 && (at[1] == '!' || at[1] == '?')))
    return 0;
  if (end - at >= 7 && (memcmp (at, "# HELP ", 7) == 0 || memcmp (at, "# TYPE ", 7) == 0))
    return 0;
  while (at < end)
    {
      const char *eol = memchr (at, '\n', end - at);
      FoldedLine line;
      FoldedLineKind kind;

      /* The last line may be cut off; it counts only where it is all there is. */
      if (eol == NULL && lines > 0 && n >= 4096)
        break;
      kind = folded_line_parse (at, (eol != NULL ? eol : end) - at, 2, &line);
      lines += kind == FOLDED_LINE_STACK || kind == FOLDED_LINE_BAD;
      count_markup (at, eol != NULL ? eol : end, &opened, &closed, &members);
      if (kind == FOLDED_LINE_STACK && has_name (at, line.stack_length))
        {
          good++;
          two += line.n_weights == 2;
          nested += memchr (at, ';', line.stack_length) != NULL;
        }
      if (eol == NULL)
        break;
      at = eol + 1;
    }
  /* Protobuf text: "name {", "name: value" and "}" are what nearly all of it is. */
  if (opened > 0 && closed > 0 && (opened + closed + members) * 10 >= lines * 9)
    return 0;
  if (columns != NULL && two > 0 && two == good)
    *columns = 2;
  /* One line, longer than what is looked at: a very deep stack. */
  if (good == 0 && lines <= 1 && n >= 32768 && memchr (head, '\n', n) == NULL && memchr (head, ';', n) != NULL)
    return 10;
  if (good == 0 || good * 3 < lines)
    return 0;
  return nested * 2 >= good ? 60 : 30;
}

static gboolean
is_address (const char *text, gsize n)
{
  if (n < 3 || text[0] != '0' || text[1] != 'x')
    return FALSE;
  for (gsize i = 2; i < n; i++)
    if (!g_ascii_isxdigit (text[i]))
      return FALSE;
  return TRUE;
}

GlowFrameKind
folded_frame_kind (const char *text, gsize *length)
{
  gsize n = *length;

  if (n > 4 && text[n - 4] == '_' && text[n - 3] == '[' && text[n - 1] == ']')
    {
      *length = n - 4;
      switch (text[n - 2])
        {
        case 'k':
          return GLOW_FRAME_KERNEL;
        case 'i':
          return GLOW_FRAME_INLINED;
        case 'j':
        case '1':
          return GLOW_FRAME_JIT;
        case '0':
          return GLOW_FRAME_USER;
        default:
          *length = n;
        }
    }
  /* "[unknown]", "[libc.so.6]"; but "[main tid=12]" is async-profiler's thread. */
  if (n > 2 && text[0] == '[' && text[n - 1] == ']' && memchr (text, ' ', n) == NULL && memchr (text, '=', n) == NULL)
    return GLOW_FRAME_UNKNOWN;
  return is_address (text, n) ? GLOW_FRAME_UNKNOWN : GLOW_FRAME_USER;
}

static const char *
piece_end (const char *at, const char *end)
{
  const char *found = at < end ? memchr (at, ';', end - at) : NULL;

  return found != NULL ? found : end;
}

/* "Lorg/acme/Foo", perhaps of an array; where the method follows a point, only with its package. */
static gboolean
is_java_class (const char *at, const char *end, gboolean needs_package)
{
  gboolean package = FALSE;

  while (at < end && *at == '[')
    at++;
  if (end - at < 2 || *at != 'L')
    return FALSE;
  for (at++; at < end; at++)
    {
      package |= *at == '/';
      if (!g_ascii_isalnum (*at) && strchr ("/_$-.", *at) == NULL && (guchar) *at < 0x80)
        return FALSE;
    }
  return package || !needs_package;
}

/* @at is where the method's name begins, behind its class. A signature in its frame has classes, each with a ';', as arguments and as
 * what is returned. */
static const char *
java_method_end (const char *at, const char *end)
{
  const char *stop = piece_end (at, end);
  const char *open = memchr (at, '(', stop - at), *close;

  if (open == NULL)
    return stop;
  close = memchr (open, ')', end - open);
  if (close == NULL)
    return stop;
  for (at = open + 1; at < close; at++)
    if (!g_ascii_isalnum (*at) && strchr ("/_$-.;[", *at) == NULL && (guchar) *at < 0x80)
      return stop;
  at = close + 1;
  while (at < end && *at == '[')
    at++;
  stop = piece_end (at, end);
  /* What returns a class ends in that class's own ';'. */
  if (stop < end && stop > at && *at == 'L' && (stop + 1 == end || stop[1] == ';'))
    stop++;
  return stop;
}

const char *
folded_frame_end (const char *at, const char *end)
{
  const char *stop = piece_end (at, end);

  if (G_LIKELY (stop + 2 >= end || (stop[1] != ':' && stop[1] != '.')))
    return stop;
  if ((stop[1] == ':' && stop[2] == ':' && is_java_class (at, stop, FALSE)) || (stop[1] == '.' && is_java_class (at, stop, TRUE)))
    return java_method_end (stop + 1, end);
  return stop;
}
