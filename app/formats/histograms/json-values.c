/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the JSON values of a text begin and end: bpftrace prints one a line, others print one over many. What is nested so deep that a reader which
 * calls itself for each level would run out of stack is not handed to one. */
#include <config.h>

#include "formats/histograms/histograms-private.h"

#include <glib/gi18n-lib.h>

#define DEEPEST 64

/* Behind the closing quote; NULL: there is none. */
static const char *
skip_string (const char *at, const char *end)
{
  for (at++; at < end && *at != '"'; at++)
    if (*at == '\\' && at + 1 < end)
      at++;
  return at < end ? at + 1 : NULL;
}

gboolean
glow_json_next (const char **at, const char *end, const char **value, gsize *n, const char **problem)
{
  const char *c = *at;
  guint depth = 0;

  *problem = NULL;
  while (c < end && (g_ascii_isspace (*c) || *c == ',' || *c == '\0'))
    c++;
  *at = c;
  if (c >= end)
    return FALSE;
  if (*c != '{' && *c != '[')
    {
      *problem = N_("expected a JSON object");
      return FALSE;
    }
  *value = c;
  while (c != NULL && c < end)
    {
      if (*c == '"')
        {
          c = skip_string (c, end);
          continue;
        }
      if (*c == '{' || *c == '[')
        depth++;
      else if (*c == '}' || *c == ']')
        depth--;
      c++;
      if (depth == 0)
        {
          *n = c - *value;
          *at = c;
          return TRUE;
        }
      if (depth > DEEPEST)
        {
          *problem = N_("JSON nested too deep to be what it should be");
          return FALSE;
        }
    }
  *problem = N_("the JSON ends before its end: it was cut off");
  return FALSE;
}
