/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is known of addresses: lines FILE reads addresses (hexadecimal, as the file has them) and prints for each its inlined functions, innermost
 * first, the function that they were inlined into as "-", and where each stands: "name<tab>file:line"; an empty line after each address. lines --names
 * reads names as linkers have them and prints them as people wrote them. */
#include "symbols/elf-file-private.h"
#include "symbols/inlines-private.h"
#include "symbols/symbol-table-private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
print_names (void)
{
  char line[65536];

  while (fgets (line, sizeof line, stdin) != NULL)
    {
      g_autofree char *name = NULL;

      g_strchomp (line);
      name = glow_demangle (line);
      puts (name != NULL ? name : line);
    }
  return 0;
}

static int
print_places (const char *path)
{
  int fd;
  Elf *elf = glow_elf_open (path, &fd);
  GlowInlines *inlines = elf != NULL ? glow_inlines_open (path, NULL, TRUE, NULL) : NULL;
  g_autoptr(GArray) segments = elf != NULL ? glow_elf_dup_segments (elf) : NULL;
  char line[64];

  if (inlines == NULL)
    return 1;
  while (fgets (line, sizeof line, stdin) != NULL)
    {
      g_autoptr(GPtrArray) names = g_ptr_array_new ();
      g_autoptr(GArray) lines = g_array_new (FALSE, FALSE, sizeof (GlowSourceLine));
      guint64 offset;
      guint n = 0;

      if (glow_elf_to_offset (segments, strtoull (line, NULL, 16), &offset))
        {
          n = glow_inlines_find (inlines, offset, names);
          if (glow_inlines_find_lines (inlines, offset, lines) != n + 1)
            return 2;
        }
      for (guint i = 0; i < lines->len; i++)
        {
          const GlowSourceLine *source = &g_array_index (lines, GlowSourceLine, i);

          printf ("%s\t%s%s%s:%u\n", i < n ? (const char *) g_ptr_array_index (names, i) : "-", source->folder != NULL ? source->folder : "",
                  source->folder != NULL ? "/" : "", source->file != NULL ? source->file : "??", source->line);
        }
      printf ("\n");
    }
  glow_inlines_free (inlines);
  elf_end (elf);
  close (fd);
  return 0;
}

int
main (int argc, char **argv)
{
  if (argc < 2)
    return 2;
  return strcmp (argv[1], "--names") == 0 ? print_names () : print_places (argv[1]);
}
