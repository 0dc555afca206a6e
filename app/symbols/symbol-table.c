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
  g_free (self);
}

void
glow_symbol_table_add (GlowSymbolTable *self, guint64 start, guint64 size, const char *name, gsize length, guint8 rank)
{
  GlowSymbol symbol = { start, start + MIN (size, G_MAXUINT64 - start), NULL, rank };

  symbol.name = g_string_chunk_insert_len (self->names, name, length);
  g_array_append_val (self->symbols, symbol);
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

/**
 * glow_symbol_table_seal:
 *
 * Sorts, keeps one symbol an address, and lets symbols without a size reach to the next one. O(n)
 */
void
glow_symbol_table_seal (GlowSymbolTable *self)
{
  const GlowSymbol *all = (const GlowSymbol *) self->symbols->data;
  guint n = 0, n_all = self->symbols->len;
  GlowKeyOrder *order = g_new (GlowKeyOrder, MAX (n_all, 1));
  GlowSymbol *symbols = g_new (GlowSymbol, MAX (n_all, 1));

  for (guint i = 0; i < n_all; i++)
    order[i] = (GlowKeyOrder) { all[i].start, i };
  order = glow_sort_by_key (order, n_all);
  for (guint i = 0; i < n_all; i++)
    {
      const GlowSymbol *symbol = &all[order[i].row];

      if (n == 0 || symbols[n - 1].start != symbol->start)
        symbols[n++] = *symbol;
      else if (compare_symbols (symbol, &symbols[n - 1]) < 0)
        symbols[n - 1] = *symbol;
    }
  g_free (order);
  for (guint i = 0; i < n; i++)
    if (symbols[i].end == symbols[i].start)
      symbols[i].end = i + 1 < n ? symbols[i + 1].start : (symbols[i].start | 4095) + 1;
  g_array_set_size (self->symbols, 0);
  g_array_append_vals (self->symbols, symbols, n);
  g_free (symbols);
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
