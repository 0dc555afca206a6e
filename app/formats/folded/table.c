/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one worker makes of its share of a folded text: names, frames, the trie of stacks, and a row of weight a distinct stack.
 *
 * The cost of reading folded text is memory latency, not work: at every frame a name and a trie node are looked up somewhere. So
 * - a stack that was seen whole is found by a hash of its bytes, and its frames are not looked at;
 * - frames that a stack shares with the one taken apart before it are not looked at (nearly all of them in sorted text);
 * - below the first frame that is new to the trie, all are new: they are appended at once, their slots are fetched in the
 *   background and written when the next stack has been taken apart;
 * - the big tables lie on huge pages.
 * A stack's hash has 128 bits and a key drawn at random: among 10^9 stacks two share one with a chance below 10^-20. */
#include <config.h>

#include "formats/folded/folded-private.h"
#include "model/cancelled-private.h"
#include "model/hash-private.h"
#include "model/memory-private.h"

#include <stdlib.h>

static guint64 key[4];

static void
draw_key (void)
{
  static gsize done;

  if (g_once_init_enter (&done))
    {
      for (guint i = 0; i < G_N_ELEMENTS (key); i++)
        key[i] = ((guint64) g_random_int () << 32 | g_random_int ()) | 1;
      g_once_init_leave (&done, 1);
    }
}

/* Two sums over all bytes, each with its own keys, 16 bytes a step. */
static inline FoldedHash
hash_stack (const char *at, gsize n)
{
  FoldedHash hash = { key[0] ^ n, key[1] + n };
  guint64 tail[2] = { 0, 0 };

  for (; n >= 16; at += 16, n -= 16)
    {
      guint64 first = glow_hash_word (at), second = glow_hash_word (at + 8);

      hash.a = glow_hash_product (first ^ key[2], second ^ hash.a);
      hash.b = glow_hash_product (second ^ key[3], first ^ hash.b);
    }
  memcpy (tail, at, n);
  hash.a = glow_hash_product (tail[0] ^ key[2], tail[1] ^ hash.a);
  hash.b = glow_hash_product (tail[1] ^ key[3], tail[0] ^ hash.b);
  hash.a = glow_hash_product (hash.a ^ key[1], key[3]);
  hash.b = glow_hash_product (hash.b ^ key[0], key[2]);
  return hash;
}

static inline guint64
hash_name (const char *at, gsize n)
{
  guint64 hash = key[0] ^ n, first = 0, second = 0;

  for (; n > 16; at += 16, n -= 16)
    hash = glow_hash_product (glow_hash_word (at) ^ key[2], glow_hash_word (at + 8) ^ hash);
  if (n >= 8)
    {
      first = glow_hash_word (at);
      second = glow_hash_word (at + n - 8);
    }
  else if (n >= 4)
    {
      guint32 low, high;

      memcpy (&low, at, 4);
      memcpy (&high, at + n - 4, 4);
      first = low;
      second = high;
    }
  else if (n > 0)
    first = (guchar) at[0] | (guint64) (guchar) at[n / 2] << 8 | (guint64) (guchar) at[n - 1] << 16;
  return glow_hash_product (first ^ key[2], second ^ hash ^ key[1]);
}

static inline guint64
hash_node (guint32 parent, guint32 item)
{
  guint64 x = (((guint64) parent << 32) | item) * G_GUINT64_CONSTANT (0x9E3779B97F4A7C15);

  x ^= x >> 32;
  x *= G_GUINT64_CONSTANT (0xD6E8FEB86659FD93);
  return x ^ (x >> 29);
}

static gpointer
resize_array (gpointer array, gsize n, gsize size)
{
  gpointer resized = reallocarray (array, n, size);

  if (resized == NULL)
    g_error ("Out of memory: %" G_GSIZE_FORMAT " entries of a table of stacks", n);
  return resized;
}

void
folded_table_init (FoldedTable *self, guint columns)
{
  draw_key ();
  *self = (FoldedTable) { .columns = columns, .last_row = GLOW_NONE };
  self->chunk = g_string_chunk_new (256 * 1024);
  self->names = g_array_new (FALSE, FALSE, sizeof (FoldedName));
  self->frames = g_array_new (FALSE, FALSE, sizeof (FoldedFrame));
  self->name_mask = 1023;
  self->name_slots = glow_allocate0 (self->name_mask + 1, sizeof (FoldedNameSlot));
  self->node_mask = 4095;
  self->node_slots = glow_allocate0 (self->node_mask + 1, sizeof (FoldedNodeSlot));
  self->stack_mask = 1023;
  self->stack_slots = glow_allocate0 (self->stack_mask + 1, sizeof (FoldedStackSlot));
  self->node_capacity = 4096;
  self->parent = resize_array (NULL, self->node_capacity, sizeof (guint32));
  self->item = resize_array (NULL, self->node_capacity, sizeof (guint32));
  self->parent[0] = self->item[0] = 0;
  self->n_nodes = self->pending_from = 1;
}

void
folded_table_clear (FoldedTable *self)
{
  g_clear_pointer (&self->chunk, g_string_chunk_free);
  g_clear_pointer (&self->names, g_array_unref);
  g_clear_pointer (&self->frames, g_array_unref);
  free (self->name_slots);
  free (self->node_slots);
  free (self->stack_slots);
  free (self->parent);
  free (self->item);
  free (self->row_node);
  free (self->row_weight[0]);
  free (self->row_weight[1]);
  free (self->last);
  free (self->ends);
  free (self->nodes);
  g_free (self->bad_text);
  *self = (FoldedTable) { 0 };
}

/* ---- names ---- */

static void
grow_names (FoldedTable *self)
{
  guint64 mask = self->name_mask * 2 + 1;
  FoldedNameSlot *slots = glow_allocate0 (mask + 1, sizeof *slots);

  for (guint64 i = 0; i <= self->name_mask; i++)
    if (self->name_slots[i].name != 0)
      {
        guint64 at = self->name_slots[i].hash & mask;

        while (slots[at].name != 0)
          at = (at + 1) & mask;
        slots[at] = self->name_slots[i];
      }
  free (self->name_slots);
  self->name_slots = slots;
  self->name_mask = mask;
}

static guint32 name_frame (FoldedTable *self, const char *text, gsize n);

/* A name not met before. Annotations that mean the same make the same frame, so that equal stacks stay one: _[1] is _[j], and _[0]
 * is a plain name. */
static guint32
add_name (FoldedTable *self, const char *text, gsize n, guint64 hash, guint64 at)
{
  FoldedName name = { .length = n };
  FoldedFrame frame;
  gsize length = n;
  guint index = self->names->len;

  name.text = g_string_chunk_insert_len (self->chunk, text, n);
  name.frame = self->frames->len;
  frame.kind = folded_frame_kind (text, &length);
  frame.text = name.text;
  frame.length = length;
  self->name_slots[at] = (FoldedNameSlot) { hash, index + 1, 0 };
  g_array_append_val (self->names, name);
  if (length < n && (text[n - 2] == '0' || text[n - 2] == '1'))
    {
      g_autofree char *same = g_strndup (name.text, n);

      same[n - 2] = 'j';
      name.frame = name_frame (self, same, text[n - 2] == '1' ? n : length);
      g_array_index (self->names, FoldedName, index).frame = name.frame;
    }
  else
    g_array_append_val (self->frames, frame);
  return name.frame;
}

static guint32
name_frame (FoldedTable *self, const char *text, gsize n)
{
  guint64 hash = hash_name (text, n), at;
  const FoldedName *name;

  if (G_UNLIKELY (self->names->len * 2 > self->name_mask))
    grow_names (self);
  for (at = hash & self->name_mask; self->name_slots[at].name != 0; at = (at + 1) & self->name_mask)
    {
      if (self->name_slots[at].hash != hash)
        continue;
      name = &g_array_index (self->names, FoldedName, self->name_slots[at].name - 1);
      if (name->length == n && memcmp (name->text, text, n) == 0)
        return name->frame;
    }
  return add_name (self, text, n, hash, at);
}

/* ---- nodes ---- */

static inline void
put_node (FoldedNodeSlot *slots, guint64 mask, guint32 parent, guint32 item, guint32 id)
{
  guint64 at = hash_node (parent, item) & mask;

  while (slots[at].id != 0)
    at = (at + 1) & mask;
  slots[at] = (FoldedNodeSlot) { parent, item, id, 0 };
}

/* From the arrays, in order, so that only the new table is met at random; and that a dozen nodes ahead. */
static void
grow_node_slots (FoldedTable *self, guint32 n)
{
  guint64 mask = self->node_mask;
  FoldedNodeSlot *slots;

  while ((guint64) n * 10 > mask * 6)
    mask = mask * 2 + 1;
  free (self->node_slots);
  slots = glow_allocate0 (mask + 1, sizeof *slots);
  for (guint32 id = 1; id < self->pending_from; id++)
    {
      if (glow_cancelled (id))
        break;
      if (id + 12 < self->pending_from)
        __builtin_prefetch (&slots[hash_node (self->parent[id + 12], self->item[id + 12]) & mask], 1);
      put_node (slots, mask, self->parent[id], self->item[id], id);
    }
  self->node_slots = slots;
  self->node_mask = mask;
}

static inline void
flush_pending (FoldedTable *self)
{
  if (G_UNLIKELY ((guint64) self->n_nodes * 10 > self->node_mask * 6))
    grow_node_slots (self, self->n_nodes);
  for (guint32 id = self->pending_from; id < self->n_nodes; id++)
    put_node (self->node_slots, self->node_mask, self->parent[id], self->item[id], id);
  self->pending_from = self->n_nodes;
}

static inline guint32
find_node (const FoldedTable *self, guint32 parent, guint32 item)
{
  guint64 at = hash_node (parent, item) & self->node_mask;

  for (; self->node_slots[at].id != 0; at = (at + 1) & self->node_mask)
    if (self->node_slots[at].parent == parent && self->node_slots[at].item == item)
      return self->node_slots[at].id;
  return 0;
}

static inline void
reserve_nodes (FoldedTable *self, guint32 more)
{
  guint64 wanted = (guint64) self->n_nodes + more;

  if (G_LIKELY (wanted <= self->node_capacity))
    return;
  if (wanted >= G_MAXUINT32)
    g_error ("More than 2^32 distinct stack prefixes");
  self->node_capacity = MIN (MAX (wanted, (guint64) self->node_capacity * 2), G_MAXUINT32);
  self->parent = resize_array (self->parent, self->node_capacity, sizeof (guint32));
  self->item = resize_array (self->item, self->node_capacity, sizeof (guint32));
}

/* ---- rows ---- */

static void
grow_stacks (FoldedTable *self)
{
  guint64 mask = self->stack_mask * 4 + 3;
  FoldedStackSlot *slots = glow_allocate0 (mask + 1, sizeof *slots);

  for (guint64 i = 0; i <= self->stack_mask; i++)
    if (self->stack_slots[i].row != 0)
      {
        guint64 at = self->stack_slots[i].hash.a & mask;

        while (slots[at].row != 0)
          at = (at + 1) & mask;
        slots[at] = self->stack_slots[i];
      }
  free (self->stack_slots);
  self->stack_slots = slots;
  self->stack_mask = mask;
}

static guint32
add_row (FoldedTable *self, guint32 node)
{
  if (self->n_rows == self->row_capacity)
    {
      self->row_capacity = self->row_capacity > 0 ? self->row_capacity * 2 : 1024;
      self->row_node = resize_array (self->row_node, self->row_capacity, sizeof (guint32));
      for (guint c = 0; c < self->columns; c++)
        self->row_weight[c] = resize_array (self->row_weight[c], self->row_capacity, sizeof (guint64));
    }
  self->row_node[self->n_rows] = node;
  for (guint c = 0; c < self->columns; c++)
    self->row_weight[c][self->n_rows] = 0;
  return self->n_rows++;
}

/* All weights to @decimals, rounded where that is fewer. */
static void
rescale (FoldedTable *self, guint decimals)
{
  for (guint c = 0; c < self->columns; c++)
    {
      __uint128_t total = 0;

      for (guint32 i = 0; i < self->n_rows; i++)
        {
          guint64 *weight = &self->row_weight[c][i];

          if (decimals >= self->decimals)
            *weight *= folded_power_of_ten (decimals - self->decimals);
          else
            {
              guint64 unit = folded_power_of_ten (self->decimals - decimals);

              self->inexact += *weight % unit != 0;
              *weight = *weight / unit + (*weight % unit >= unit / 2);
            }
          total += *weight;
        }
      self->total[c] = MIN (total, G_MAXUINT64);
    }
  self->decimals = decimals;
}

static guint64
weight_in_units (FoldedTable *self, const FoldedWeight *weight)
{
  guint64 unit;

  if (weight->decimals > self->decimals)
    {
      unit = folded_power_of_ten (weight->decimals - self->decimals);
      if (self->total[0] <= G_MAXUINT64 / unit && self->total[1] <= G_MAXUINT64 / unit)
        {
          rescale (self, weight->decimals);
          return weight->mantissa;
        }
      self->inexact++;
      return weight->mantissa / unit + (weight->mantissa % unit >= unit / 2);
    }
  unit = folded_power_of_ten (self->decimals - weight->decimals);
  if (weight->mantissa > G_MAXUINT64 / unit)
    {
      self->saturated++;
      return G_MAXUINT64;
    }
  return weight->mantissa * unit;
}

static inline void
add_weight (FoldedTable *self, guint32 row, guint column, const FoldedWeight *weight)
{
  guint64 value = weight->mantissa;

  if (G_UNLIKELY (weight->decimals != self->decimals))
    value = weight_in_units (self, weight);
  self->inexact += weight->inexact;
  if (G_UNLIKELY (value > G_MAXUINT64 - self->total[column]))
    {
      /* The sum of a file stays a number: what is above it is cut off and counted. */
      value = G_MAXUINT64 - self->total[column];
      self->saturated++;
    }
  self->total[column] += value;
  self->row_weight[column][row] += value;
}

static void
add_weights (FoldedTable *self, guint32 row, const FoldedLine *line)
{
  if (G_LIKELY (self->columns == 1))
    {
      add_weight (self, row, 0, &line->weight[0]);
      return;
    }
  if (line->n_weights == 2)
    {
      add_weight (self, row, 0, &line->weight[0]);
      add_weight (self, row, 1, &line->weight[1]);
      return;
    }
  /* flamegraph.pl draws such a line at its one weight. */
  self->short_lines++;
  add_weight (self, row, 1, &line->weight[0]);
}

/* ---- stacks ---- */

static inline gsize
shared_length (const char *a, const char *b, gsize n)
{
  gsize i = 0;

  for (; i + 8 <= n; i += 8)
    {
      guint64 differs = glow_hash_word (a + i) ^ glow_hash_word (b + i);

      if (differs != 0)
#if G_BYTE_ORDER == G_LITTLE_ENDIAN
        return i + (__builtin_ctzll (differs) >> 3);
#else
        return i + (__builtin_clzll (differs) >> 3);
#endif
    }
  while (i < n && a[i] == b[i])
    i++;
  return i;
}

/* How many frames of the last stack begin this one too, of which @shared bytes are equal. */
static guint32
shared_depth (const FoldedTable *self, const char *stack, gsize n, gsize shared)
{
  guint32 low = 0, high = self->depth;

  /* The ends ascend: the last that lies within what is shared. */
  while (low < high)
    {
      guint32 middle = low + (high - low) / 2;

      if (self->ends[middle] <= shared)
        low = middle + 1;
      else
        high = middle;
    }
  /* Within it, the byte at an end is a ';' in both; at its very end, it must be one here as well. What follows a class can make it
   * part of a longer frame: such a one is looked at again. */
  while (low > 0 && (self->ends[low - 1] < n ? stack[self->ends[low - 1]] != ';'
                                               || (self->ends[low - 1] + 1 < n && strchr (":.", stack[self->ends[low - 1] + 1]) != NULL)
                                             : self->ends[low - 1] > n))
    low--;
  return low;
}

static void
reserve_depth (FoldedTable *self)
{
  self->depth_size = self->depth_size > 0 ? self->depth_size * 2 : 256;
  self->ends = resize_array (self->ends, self->depth_size, sizeof (guint32));
  self->nodes = resize_array (self->nodes, self->depth_size, sizeof (guint32));
}

static void
keep_last (FoldedTable *self, const char *stack, gsize n, gsize shared)
{
  if (n > self->last_size)
    {
      self->last_size = MAX (n, self->last_size * 2);
      self->last = resize_array (self->last, self->last_size, 1);
    }
  memcpy (self->last + shared, stack + shared, n - shared);
  self->last_length = n;
}

/* Takes a stack apart that was not met before. Returns its node. */
static guint32
add_stack (FoldedTable *self, const char *stack, gsize n, gsize shared)
{
  guint32 depth = shared_depth (self, stack, n, shared), first = depth, at, node;
  const char *from = stack, *end = stack + n;
  guint64 slot;

  if (depth > 0)
    from = MIN (stack + self->ends[depth - 1] + 1, end);
  /* Empty frames at the end are none. */
  while (end > from && end[-1] == ';')
    end--;
  /* The frames first, into the places of their nodes. */
  while (from < end)
    {
      const char *stop = folded_frame_end (from, end);

      if (G_UNLIKELY (depth == self->depth_size))
        reserve_depth (self);
      self->ends[depth] = stop - stack;
      self->nodes[depth++] = name_frame (self, from, stop - from);
      from = stop + 1;
    }
  self->depth = depth;
  keep_last (self, stack, n, shared);
  node = first > 0 ? self->nodes[first - 1] : 0;
  if (first < depth)
    __builtin_prefetch (&self->node_slots[hash_node (node, self->nodes[first]) & self->node_mask]);
  flush_pending (self);
  for (at = first; at < depth; at++)
    {
      guint32 found = find_node (self, node, self->nodes[at]);

      if (found == 0)
        break;
      self->nodes[at] = node = found;
    }
  reserve_nodes (self, depth - at);
  for (; at < depth; at++)
    {
      guint32 id = self->n_nodes++;

      slot = hash_node (node, self->nodes[at]) & self->node_mask;
      __builtin_prefetch (&self->node_slots[slot], 1);
      self->parent[id] = node;
      self->item[id] = self->nodes[at];
      self->nodes[at] = node = id;
    }
  return node;
}

static void
add_line (FoldedTable *self, const char *stack, const FoldedLine *line)
{
  gsize n = line->stack_length, shared = shared_length (stack, self->last, MIN (n, self->last_length));
  FoldedHash hash;
  guint64 at;

  if (shared == n && n == self->last_length && self->last_row != GLOW_NONE)
    {
      add_weights (self, self->last_row, line);
      return;
    }
  hash = hash_stack (stack, n);
  if (G_UNLIKELY ((guint64) self->n_rows * 2 > self->stack_mask))
    grow_stacks (self);
  for (at = hash.a & self->stack_mask; self->stack_slots[at].row != 0; at = (at + 1) & self->stack_mask)
    if (self->stack_slots[at].hash.a == hash.a && self->stack_slots[at].hash.b == hash.b)
      {
        add_weights (self, self->stack_slots[at].row - 1, line);
        return;
      }
  self->last_row = add_row (self, add_stack (self, stack, n, shared));
  self->stack_slots[at] = (FoldedStackSlot) { hash, self->last_row + 1, 0 };
  add_weights (self, self->last_row, line);
}

static void
add_bad_line (FoldedTable *self, const char *text, gsize n)
{
  if (self->bad_lines++ > 0)
    return;
  self->first_bad = self->lines;
  self->bad_text = g_strndup (text, MIN (n, 80));
}

void
folded_table_add (FoldedTable *self, const char *text, gsize n)
{
  const char *end = text + n;

  while (text < end)
    {
      const char *eol = memchr (text, '\n', end - text);
      FoldedLine line;
      gsize length;

      if (eol == NULL)
        eol = end;
      length = eol - text;
      self->lines++;
      switch (folded_line_parse (text, length, self->columns, &line))
        {
        case FOLDED_LINE_STACK:
          add_line (self, text, &line);
          break;
        case FOLDED_LINE_COMMENT:
          self->comments++;
          break;
        case FOLDED_LINE_BAD:
          add_bad_line (self, text, length);
          break;
        case FOLDED_LINE_BLANK:
        default:
          break;
        }
      text = eol + 1;
    }
}

/* ---- merging ---- */

/* Both sides' weights in one scale in which their sum is a number. */
static void
agree_on_decimals (FoldedTable *self, FoldedTable *other)
{
  guint decimals = MAX (self->decimals, other->decimals);

  for (; decimals > 0; decimals--)
    {
      gboolean fits = TRUE;

      for (guint c = 0; c < self->columns; c++)
        {
          __uint128_t a = self->total[c], b = other->total[c];

          for (guint i = self->decimals; i < decimals; i++)
            a *= 10;
          for (guint i = other->decimals; i < decimals; i++)
            b *= 10;
          for (guint i = decimals; i < self->decimals; i++)
            a /= 10;
          for (guint i = decimals; i < other->decimals; i++)
            b /= 10;
          fits &= a + b <= G_MAXUINT64 - self->n_rows - other->n_rows;
        }
      if (fits)
        break;
    }
  if (decimals != self->decimals)
    rescale (self, decimals);
  if (decimals != other->decimals)
    rescale (other, decimals);
}

static guint32 *
merge_frames (FoldedTable *self, FoldedTable *other)
{
  guint32 *map = g_new (guint32, MAX (other->frames->len, 1));

  for (guint i = 0; i < other->names->len; i++)
    {
      const FoldedName *name = &g_array_index (other->names, FoldedName, i);

      map[name->frame] = name_frame (self, name->text, name->length);
    }
  return map;
}

/* Nodes below one that is new here are new too and need no looking up; nor, where nothing is looked up afterwards, a slot. */
static guint32 *
merge_nodes (FoldedTable *self, FoldedTable *other, const guint32 *frames, gboolean more)
{
  guint32 *map = glow_allocate0 (other->n_nodes, sizeof (guint32)), old = self->n_nodes;

  flush_pending (self);
  reserve_nodes (self, other->n_nodes);
  for (guint32 id = 1; id < other->n_nodes; id++)
    {
      guint32 parent = map[other->parent[id]], item = frames[other->item[id]], node = 0;

      if (glow_cancelled (id))
        break;
      if (parent < old)
        node = find_node (self, parent, item);
      if (node == 0)
        {
          node = self->n_nodes++;
          self->parent[node] = parent;
          self->item[node] = item;
        }
      map[id] = node;
    }
  if (more)
    flush_pending (self);
  return map;
}

void
folded_table_merge (FoldedTable *self, FoldedTable *other, gboolean more)
{
  g_autofree guint32 *frames = merge_frames (self, other);
  guint32 *nodes = merge_nodes (self, other, frames, more);

  agree_on_decimals (self, other);
  for (guint32 i = 0; i < other->n_rows; i++)
    {
      guint32 row;

      if (glow_cancelled (i))
        break;
      row = add_row (self, nodes[other->row_node[i]]);
      for (guint c = 0; c < self->columns; c++)
        {
          guint64 value = MIN (other->row_weight[c][i], G_MAXUINT64 - self->total[c]);

          self->saturated += value < other->row_weight[c][i];
          self->total[c] += value;
          self->row_weight[c][row] = value;
        }
    }
  free (nodes);
  self->inexact += other->inexact;
  self->saturated += other->saturated;
  self->short_lines += other->short_lines;
  self->comments += other->comments;
  if (self->bad_lines == 0 && other->bad_lines > 0)
    {
      self->first_bad = self->lines + other->first_bad;
      self->bad_text = g_steal_pointer (&other->bad_text);
    }
  self->bad_lines += other->bad_lines;
  self->lines += other->lines;
}
