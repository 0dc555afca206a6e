/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What OpenHarmony's hiperf adds to the format: symbols in the recording, and chains in a table of their own that samples refer to.
 *
 * Sources of the format: include/perf_file_format.h and unique_stack_table.h of OpenHarmony's developtools_hiperf. */
#include <config.h>

#include <glib/gi18n-lib.h>

#include "formats/perf/perf-private.h"

enum { FILE_KERNEL, FILE_KERNEL_MODULE, FILE_KERNEL_THREAD, FILE_ELF };

/* A node: 40 bits of the address, 23 of the node before it (towards the root), and whether the address is the kernel's. */
#define NODE_IP(node) ((node) & ((G_GUINT64_CONSTANT (1) << 40) - 1))
#define NODE_BEFORE(node) ((guint32) ((node) >> 40 & ((1u << 23) - 1)))
#define NODE_IS_KERNEL(node) ((node) >> 63)
#define KERNEL_PREFIX (G_GUINT64_CONSTANT (0xffffff) << 40)
#define STACK_NODE(id) ((guint32) ((id) & ((1u << 23) - 1)))
#define STACK_LENGTH(id) ((id) >> 23)

static char *
read_text (GlowCursor *cursor)
{
  guint32 length = glow_cursor_u32 (cursor);
  const guint8 *bytes = glow_cursor_take (cursor, length);

  return bytes != NULL ? g_strndup ((const char *) bytes, length) : NULL;
}

static guint
parse_hex (const char *text, guint8 *bytes, guint max)
{
  guint n = 0;

  for (; n < max && g_ascii_isxdigit (text[2 * n]) && g_ascii_isxdigit (text[2 * n + 1]); n++)
    bytes[n] = g_ascii_xdigit_value (text[2 * n]) << 4 | g_ascii_xdigit_value (text[2 * n + 1]);
  return n;
}

/**
 * perf_hiperf_files:
 *
 * The files with their symbols. Symbols are by the file's own addresses; locations by offset in the file.
 */
void
perf_hiperf_files (PerfReader *self, const guint8 *bytes, gsize n)
{
  GlowCursor cursor = glow_cursor (bytes, n, self->swap);
  guint32 n_files = glow_cursor_u32 (&cursor);

  for (guint32 i = 0; i < n_files && !cursor.failed; i++)
    {
      g_autofree char *path = read_text (&cursor), *build_id = NULL;
      guint32 type = glow_cursor_u32 (&cursor), n_symbols, module;
      guint64 vaddr = glow_cursor_u64 (&cursor), file_offset = glow_cursor_u64 (&cursor);
      GArray *symbols = g_array_new (FALSE, FALSE, sizeof (GlowRecordedSymbol));
      guint8 id[20];
      guint id_length;

      build_id = read_text (&cursor);
      n_symbols = glow_cursor_u32 (&cursor);
      for (guint32 s = 0; s < n_symbols && glow_cursor_remaining (&cursor) >= 16; s++)
        {
          GlowRecordedSymbol symbol;
          guint32 length;
          const guint8 *text;

          symbol.start = glow_cursor_u64 (&cursor);
          symbol.size = glow_cursor_u32 (&cursor);
          length = glow_cursor_u32 (&cursor);
          text = glow_cursor_take (&cursor, length);
          if (text == NULL)
            break;
          symbol.name = glow_strings_intern (self->builder->strings, (const char *) text, strnlen ((const char *) text, length));
          if (type >= FILE_ELF)
            symbol.start += file_offset - vaddr;
          g_array_append_val (symbols, symbol);
        }
      if (path == NULL || *path == '\0' || symbols->len == 0)
        {
          g_array_unref (symbols);
          continue;
        }
      id_length = build_id != NULL ? parse_hex (build_id, id, sizeof id) : 0;
      module = perf_module (self, path, type < FILE_ELF ? 1 : 2, -1, id, id_length);
      g_hash_table_insert (self->builder->recorded_symbols, GUINT_TO_POINTER (module), symbols);
    }
  if (cursor.failed)
    glow_warnings_add (self->builder->warnings, "damaged-header", "hiperf-symbols", 1, bytes - self->bytes, NULL,
                       _("The recorded symbols are damaged; those before the damage are used"));
}

/**
 * perf_hiperf_stacks:
 *
 * The tables of chains, one a process.
 */
void
perf_hiperf_stacks (PerfReader *self, const guint8 *bytes, gsize n)
{
  GlowCursor cursor = glow_cursor (bytes, n, self->swap);
  guint32 n_tables = glow_cursor_u32 (&cursor);

  for (guint32 i = 0; i < n_tables && glow_cursor_remaining (&cursor) >= 12; i++)
    {
      guint32 pid = glow_cursor_u32 (&cursor), n_nodes;
      GHashTable *table = g_hash_table_new_full (NULL, NULL, NULL, g_free);

      glow_cursor_take (&cursor, 4);       /* room the table had in memory */
      n_nodes = glow_cursor_u32 (&cursor);
      for (guint32 k = 0; k < n_nodes && glow_cursor_remaining (&cursor) >= 12; k++)
        {
          guint32 index = glow_cursor_u32 (&cursor);
          guint64 node = glow_cursor_u64 (&cursor);

          g_hash_table_insert (table, GUINT_TO_POINTER (index), g_memdup2 (&node, sizeof node));
        }
      g_hash_table_insert (self->stack_tables, GUINT_TO_POINTER (pid), table);
      self->needs_tail = TRUE;
    }
}

/**
 * perf_hiperf_dup_chain:
 *
 * Returns: (transfer full): (element-type guint64): the addresses of a chain, leaf first, context markers among them; empty where the
 *   table does not know it
 */
GArray *
perf_hiperf_dup_chain (const PerfReader *self, gint32 pid, guint64 stack_id)
{
  GArray *ips = g_array_new (FALSE, FALSE, sizeof (guint64));
  GHashTable *table = g_hash_table_lookup (self->stack_tables, GUINT_TO_POINTER ((guint32) pid));
  guint32 at = STACK_NODE (stack_id);
  /* The count bounds the walk: a damaged table may have circles. */
  guint64 left = MIN (STACK_LENGTH (stack_id), 4096);

  while (table != NULL && left-- > 0)
    {
      const guint64 *node = g_hash_table_lookup (table, GUINT_TO_POINTER (at));
      guint64 ip;

      if (node == NULL)
        break;
      ip = NODE_IP (*node) | (NODE_IS_KERNEL (*node) ? KERNEL_PREFIX : 0);
      g_array_append_val (ips, ip);
      at = NODE_BEFORE (*node);
      if (at == 0)
        break;
    }
  return ips;
}
