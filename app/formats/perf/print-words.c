/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the print format of a tracepoint tells of single fields: words of their values, and which of them are addresses. */
#include <config.h>

#include "formats/perf/print-format-private.h"

#include <string.h>

/* Whether a node reads @field, and no other. */
static gboolean
is_of (const PrintFormat *self, guint index, guint field)
{
  const Node *node = perf_print_node (self, index);

  switch (node->kind)
    {
    case NODE_FIELD: return node->a == field;
    case NODE_CAST:
    case NODE_UNARY: return is_of (self, node->a, field);
    case NODE_BINARY:
      {
        gboolean left = is_of (self, node->a, field), right = is_of (self, node->b, field);

        return (left && (right || perf_print_node (self, node->b)->kind == NODE_NUMBER || perf_print_node (self, node->b)->kind == NODE_BINARY))
               || (right && (perf_print_node (self, node->a)->kind == NODE_NUMBER || perf_print_node (self, node->a)->kind == NODE_BINARY));
      }
    default: return FALSE;
    }
}

/* The arguments that put @field into words: tables of it, or a choice about it that ends in texts or tables. */
static gboolean
is_wordy (const PrintFormat *self, guint index, guint field)
{
  const Node *node = perf_print_node (self, index);

  switch (node->kind)
    {
    case NODE_FLAGS:
    case NODE_SYMBOLS: return is_of (self, node->a, field);
    case NODE_CHOICE:
      {
        NodeKind b = perf_print_node (self, node->b)->kind, c = perf_print_node (self, node->c)->kind;

        return is_of (self, node->a, field) && (b == NODE_TEXT || is_wordy (self, node->b, field)) && (c == NODE_TEXT || is_wordy (self, node->c, field));
      }
    default: return FALSE;
    }
}

/* Whether there is a table in it: a choice between two texts says less. */
static gboolean
has_table (const PrintFormat *self, guint index)
{
  const Node *node = perf_print_node (self, index);

  return node->kind == NODE_FLAGS || node->kind == NODE_SYMBOLS || (node->kind == NODE_CHOICE && (has_table (self, node->b) || has_table (self, node->c)));
}

/* The arguments, from @first up to @end, that put @field into words: the first that has a table, and those printed right behind it ("%s%s"). */
static gboolean
find_words (const PrintFormat *self, guint field, guint *first, guint *end)
{
  guint argument = 0;
  gboolean found = FALSE, sure = FALSE;

  for (guint i = 0; i < self->pieces->len; i++)
    {
      const Piece *piece = &g_array_index (self->pieces, Piece, i);
      gboolean wordy, table;

      argument += piece->star_width + piece->star_precision;
      if (piece->conversion == '\0' || argument >= self->arguments->len)
        continue;
      wordy = is_wordy (self, g_array_index (self->arguments, guint, argument), field);
      table = wordy && has_table (self, g_array_index (self->arguments, guint, argument));
      if (found && wordy && *piece->text == '\0' && *end == argument)
        (*end)++;
      else if (wordy && !sure && (table || !found))
        {
          *first = argument;
          *end = argument + 1;
          found = TRUE;
          sure = table;
        }
      argument++;
    }
  return found;
}

gboolean
perf_print_format_has_words (const PrintFormat *self, guint field)
{
  guint first, end;

  return find_words (self, field, &first, &end);
}

/* The conversion that prints @field as a pointer. (nullable) */
static const Piece *
find_pointer (const PrintFormat *self, guint field)
{
  guint argument = 0;

  for (guint i = 0; i < self->pieces->len && argument < self->arguments->len; i++)
    {
      const Piece *piece = &g_array_index (self->pieces, Piece, i);

      argument += piece->star_width + piece->star_precision;
      if (piece->conversion == '\0')
        continue;
      if (argument < self->arguments->len && piece->conversion == 'p' && is_of (self, g_array_index (self->arguments, guint, argument), field))
        return piece;
      argument++;
    }
  return NULL;
}

gboolean
perf_print_format_is_address (const PrintFormat *self, guint field)
{
  return find_pointer (self, field) != NULL;
}

gboolean
perf_print_format_is_code (const PrintFormat *self, guint field)
{
  const Piece *piece = find_pointer (self, field);

  return piece != NULL && piece->pointer[0] != '\0' && strchr ("SsFfB", piece->pointer[0]) != NULL;
}

/* A record in which only @field is, to be printed by the arguments about it. */
void
perf_print_format_append_words (const PrintFormat *self, guint field, guint64 value, GString *text)
{
  const TracepointField *own = &g_array_index (self->tracepoint->fields, TracepointField, field);
  g_autofree guint8 *bytes = g_malloc0 ((gsize) own->offset + own->size + 8);
  TracepointData data = { self->tracepoint, bytes, (gsize) own->offset + own->size };
  guint first = 0, end = 0;

  if (!find_words (self, field, &first, &end))
    return;
  for (guint i = 0; i < own->size && i < 8; i++)
    bytes[own->offset + (self->tracepoint->swap != (G_BYTE_ORDER == G_BIG_ENDIAN) ? own->size - 1 - i : i)] = value >> (8 * i);
  for (guint i = first; i < end; i++)
    perf_print_text (self, &data, g_array_index (self->arguments, guint, i), text);
}
