/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of small languages that people or the kernel write in one line. */
#pragma once
#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

static inline void
glow_scan_blanks (const char **at)
{
  while (g_ascii_isspace (**at))
    (*at)++;
}

/* Passes over @word, and blanks before it, where it stands there. */
static inline gboolean
glow_scan_take (const char **at, const char *word)
{
  glow_scan_blanks (at);
  if (strncmp (*at, word, strlen (word)) != 0)
    return FALSE;
  *at += strlen (word);
  return TRUE;
}

G_END_DECLS
