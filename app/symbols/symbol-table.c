/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sorted symbols, and the rules by which one of several names at an address is taken: those of perf. */
#include "symbols/symbol-table-private.h"

#include "model/key-order-private.h"

#include <string.h>

GlowSymbolTable *
glow_symbol_table_new (void)
{
  GlowSymbolTable *self = g_new0 (GlowSymbolTable, 1);

  self->symbols = g_array_new (FALSE, FALSE, sizeof (GlowSymbol));
  self->names = g_string_chunk_new (64 * 1024);
  return self;
}

void
glow_symbol_table_free (GlowSymbolTable *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->symbols);
  g_string_chunk_free (self->names);
  g_free (self->text);
  g_free (self);
}

void
glow_symbol_table_reserve (GlowSymbolTable *self, guint n)
{
  g_array_unref (self->symbols);
  self->symbols = g_array_sized_new (FALSE, FALSE, sizeof (GlowSymbol), n);
}

void
glow_symbol_table_add_kept (GlowSymbolTable *self, guint64 start, guint64 size, const char *name, guint8 rank)
{
  GlowSymbol symbol = { start, start + MIN (size, G_MAXUINT64 - start), name, rank };

  g_array_append_val (self->symbols, symbol);
}

void
glow_symbol_table_add (GlowSymbolTable *self, guint64 start, guint64 size, const char *name, gsize length, guint8 rank)
{
  glow_symbol_table_add_kept (self, start, size, g_string_chunk_insert_len (self->names, name, length), rank);
}

static guint
leading_underscores (const char *name)
{
  return strspn (name, "_");
}

/* Of one address: the better one comes first. */
static gint
compare_symbols (const GlowSymbol *left, const GlowSymbol *right)
{
  gsize left_length, right_length;

  if ((left->end > left->start) != (right->end > right->start))
    return left->end > left->start ? -1 : 1;
  if (left->rank != right->rank)
    return left->rank > right->rank ? -1 : 1;
  if (leading_underscores (left->name) != leading_underscores (right->name))
    return leading_underscores (left->name) < leading_underscores (right->name) ? -1 : 1;
  left_length = strlen (left->name);
  right_length = strlen (right->name);
  if (left_length != right_length)
    return left_length > right_length ? -1 : 1;
  return strcmp (left->name, right->name);
}

static gboolean
is_in_order (const GArray *symbols)
{
  for (guint i = 1; i < symbols->len; i++)
    if (g_array_index (symbols, GlowSymbol, i).start < g_array_index (symbols, GlowSymbol, i - 1).start)
      return FALSE;
  return TRUE;
}

/* (transfer full): the same by start; those of one address stay in their order */
static GArray *
dup_in_order (const GArray *symbols)
{
  GArray *sorted = g_array_sized_new (FALSE, FALSE, sizeof (GlowSymbol), symbols->len);
  GlowKeyOrder *order = g_new (GlowKeyOrder, symbols->len);

  for (guint i = 0; i < symbols->len; i++)
    order[i] = (GlowKeyOrder) { g_array_index (symbols, GlowSymbol, i).start, i };
  order = glow_sort_by_key (order, symbols->len);
  for (guint i = 0; i < symbols->len; i++)
    g_array_append_vals (sorted, &g_array_index (symbols, GlowSymbol, order[i].row), 1);
  g_free (order);
  return sorted;
}

/**
 * glow_symbol_table_seal:
 *
 * Sorts, keeps one symbol an address, and lets symbols without a size reach to the next one. O(n)
 */
void
glow_symbol_table_seal (GlowSymbolTable *self)
{
  GlowSymbol *symbols;
  guint n = 0;

  if (!is_in_order (self->symbols))
    {
      GArray *sorted = dup_in_order (self->symbols);

      g_array_unref (self->symbols);
      self->symbols = sorted;
    }
  symbols = (GlowSymbol *) (gpointer) self->symbols->data;
  for (guint i = 0; i < self->symbols->len; i++)
    if (n == 0 || symbols[n - 1].start != symbols[i].start)
      symbols[n++] = symbols[i];
    else if (compare_symbols (&symbols[i], &symbols[n - 1]) < 0)
      symbols[n - 1] = symbols[i];
  for (guint i = 0; i < n; i++)
    if (symbols[i].end == symbols[i].start)
      symbols[i].end = i + 1 < n ? symbols[i + 1].start : (symbols[i].start | 4095) + 1;
  g_array_set_size (self->symbols, n);
}

const GlowSymbol *
glow_symbol_table_find (const GlowSymbolTable *self, guint64 offset)
{
  const GlowSymbol *symbols = (const GlowSymbol *) self->symbols->data;
  guint lower = 0, upper = self->symbols->len;

  while (lower < upper)
    {
      guint middle = (lower + upper) / 2;

      if (symbols[middle].start <= offset)
        lower = middle + 1;
      else
        upper = middle;
    }
  /* A symbol may lie inside another: a few steps back find the outer one. */
  for (guint i = lower, steps = 0; i > 0 && steps < 8; i--, steps++)
    if (offset < symbols[i - 1].end)
      return &symbols[i - 1];
  return NULL;
}
