/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as an ELF file, its own package of split debug information among others: symbols, inlined functions and lines at places all over
 * it. */
#include <afterglow/afterglow.h>

#include <fcntl.h>
#include <unistd.h>

#include "symbols/elf-file-private.h"
#include "symbols/inlines-private.h"
#include "symbols/symbol-table-private.h"

#define PLACES 300

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
look_at (const char *path, gsize size)
{
  GlowInlines *inlines = glow_inlines_open (path, NULL, TRUE, NULL);
  GlowSymbolTable *table = glow_symbol_table_new ();
  g_autoptr(GPtrArray) names = g_ptr_array_new ();
  g_autoptr(GArray) lines = g_array_new (FALSE, FALSE, sizeof (GlowSourceLine));

  for (guint i = 0; inlines != NULL && i < PLACES; i++)
    {
      guint64 offset = (guint64) size * i / PLACES;
      guint n = glow_inlines_find (inlines, offset, names);
      GlowSourceLine line;

      g_assert_cmpuint (glow_inlines_find_lines (inlines, offset, lines), ==, n + 1);
      glow_inlines_find_declaration (inlines, offset, n > 0 ? g_ptr_array_index (names, names->len - 1) : NULL, &line);
    }
  g_clear_pointer (&inlines, glow_inlines_free);
  if (glow_elf_read_symbols (table, path, NULL, 0, NULL) == GLOW_ELF_OK)
    for (guint i = 0; i < PLACES; i++)
      {
        const GlowSymbol *symbol = glow_symbol_table_find (table, (guint64) size * i / PLACES);

        if (symbol != NULL)
          g_free (glow_demangle (symbol->name));
      }
  glow_symbol_table_free (table);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static char folder[] = "/dev/shm/afterglow-fuzz-XXXXXX";
  static char *path, *package;
  int fd;

  if (path == NULL)
    {
      if (mkdtemp (folder) == NULL)
        return 0;
      path = g_build_filename (folder, "file", NULL);
      package = g_strconcat (path, ".dwp", NULL);
      if (symlink ("file", package) != 0)
        return 0;
    }
  fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0)
    return 0;
  if (write (fd, data, size) == (gssize) size)
    look_at (path, size);
  close (fd);
  return 0;
}
