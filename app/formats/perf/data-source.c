/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a processor says of a memory access, in perf's words.
 *
 * Bits: union perf_mem_data_src of include/uapi/linux/perf_event.h; words: tools/perf/util/mem-events.c */
#include "formats/perf/data-source-private.h"

#define BITS(value, from, n) ((guint) ((value) >> (from) & ((1u << (n)) - 1)))

static void
append_operation (guint64 value, GString *text)
{
  static const char *const words[] = { "N/A", "LOAD", "STORE", "PFETCH", "EXEC" };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (BITS (value, 0, 5) >> i & 1)
      {
        g_string_append (text, words[i]);
        return;
      }
  g_string_append (text, "No");
}

/* The words of set bits, with "or" between. Returns whether any was. */
static gboolean
append_bits (guint bits, const char *const *words, guint n, gboolean any, GString *text)
{
  for (guint i = 0; i < n; i++)
    if (bits >> i & 1)
      {
        g_string_append_printf (text, "%s%s", any ? " or " : "", words[i]);
        any = TRUE;
      }
  return any;
}

static void
append_level (guint64 value, GString *text)
{
  static const char *const words[] = { "N/A", "HIT", "MISS", "L1", "LFB/MAB", "L2", "L3", "Local RAM", "Remote RAM (1 hop)", "Remote RAM (2 hops)",
                                       "Remote Cache (1 hop)", "Remote Cache (2 hops)", "I/O", "Uncached" };
  static const char *const hops[] = { "N/A", "core, same node", "node, same socket", "socket, same board", "board" };
  static const char *const numbers[16] = { [5] = "L2 MHB", [6] = "MSC", [8] = "Uncached", [9] = "CXL", [10] = "I/O", [11] = "Any cache", [12] = "LFB/MAB", [13] = "RAM", [14] = "PMEM", [15] = "N/A" };
  guint level = BITS (value, 5, 14), number = BITS (value, 33, 4), hop = BITS (value, 43, 3);
  gsize start = text->len;
  gboolean any = FALSE;

  if (BITS (value, 37, 1))
    g_string_append (text, "Remote ");
  if (hop != 0)
    g_string_append_printf (text, "%s ", hop < G_N_ELEMENTS (hops) ? hops[hop] : "");
  else
    any = append_bits (level & ~6u, words, G_N_ELEMENTS (words), FALSE, text);
  if (number != 0)
    {
      g_string_append (text, any ? " or " : "");
      if (numbers[number] != NULL)
        g_string_append (text, numbers[number]);
      else
        g_string_append_printf (text, "L%u", number);
    }
  if (text->len == start)
    g_string_append (text, "N/A");
  if (level & 2)
    g_string_append (text, " hit");
  if (level & 4)
    g_string_append (text, " miss");
}

static void
append_snoop (guint64 value, GString *text)
{
  static const char *const words[] = { "N/A", "None", "Hit", "Miss", "HitM" };
  static const char *const more[] = { "Fwd", "Peer" };
  gboolean any = append_bits (BITS (value, 19, 5), words, G_N_ELEMENTS (words), FALSE, text);

  if (!append_bits (BITS (value, 38, 2), more, G_N_ELEMENTS (more), any, text))
    g_string_append (text, "N/A");
}

static void
append_tlb (guint64 value, GString *text)
{
  static const char *const words[] = { "N/A", "HIT", "MISS", "L1", "L2", "Walker", "Fault" };
  guint bits = BITS (value, 26, 7);

  if (!append_bits (bits & ~6u, words, G_N_ELEMENTS (words), FALSE, text))
    g_string_append (text, "N/A");
  if (bits & 2)
    g_string_append (text, " hit");
  if (bits & 4)
    g_string_append (text, " miss");
}

static void
append_lock (guint64 value, GString *text)
{
  guint bits = BITS (value, 24, 2);

  g_string_append (text, bits & 1 ? "N/A" : bits & 2 ? "Yes" : "No");
}

static void
append_blocked (guint64 value, GString *text)
{
  guint bits = BITS (value, 40, 3);

  if (bits == 0 || bits & 1)
    {
      g_string_append (text, " N/A");
      return;
    }
  if (bits & 2)
    g_string_append (text, " Data");
  if (bits & 4)
    g_string_append (text, " Addr");
}

static const struct {
  guint from, n;
  void (*append) (guint64 value, GString *text);
} parts[PERF_N_MEMORY_PARTS] = {
  { 0, 5, append_operation }, { 5, 14, append_level }, { 19, 5, append_snoop }, { 26, 7, append_tlb }, { 24, 2, append_lock }, { 40, 3, append_blocked },
};

/**
 * perf_memory_part:
 *
 * Returns: the bits of @value that @part is of, where they stand. The level's are in two places.
 */
guint64
perf_memory_part (guint64 value, PerfMemoryPart part)
{
  guint64 mask = ((G_GUINT64_CONSTANT (1) << parts[part].n) - 1) << parts[part].from;

  if (part == PERF_MEMORY_LEVEL)
    mask |= G_GUINT64_CONSTANT (0x1f) << 33 | G_GUINT64_CONSTANT (7) << 43;
  if (part == PERF_MEMORY_SNOOP)
    mask |= G_GUINT64_CONSTANT (3) << 38;
  return value & mask;
}

void
perf_append_memory_part (guint64 value, PerfMemoryPart part, GString *text)
{
  gsize start = text->len;

  parts[part].append (value, text);
  if (text->len > start && text->str[start] == ' ')
    g_string_erase (text, start, 1);
}

/**
 * perf_append_data_source:
 *
 * "|OP LOAD|LVL L1 hit|SNP None|TLB L1 or L2 hit|LCK No|BLK  N/A": as perf script prints it.
 */
void
perf_append_data_source (guint64 value, GString *text)
{
  static const char *const titles[PERF_N_MEMORY_PARTS] = { "|OP ", "|LVL ", "|SNP ", "|TLB ", "|LCK ", "|BLK " };

  for (guint i = 0; i < PERF_N_MEMORY_PARTS; i++)
    {
      g_string_append (text, titles[i]);
      parts[i].append (value, text);
    }
}

/**
 * perf_append_transaction:
 *
 * "TX SYNC CON :3": what ended a transaction, and the code the program gave.
 */
void
perf_append_transaction (guint64 value, GString *text)
{
  static const char *const words[] = { "EL ", "TX ", "SYNC ", "ASYNC ", "RETRY ", "CON ", "CAP-WRITE ", "CAP-READ " };
  gsize start = text->len;

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (value >> i & 1)
      g_string_append (text, words[i]);
  if (value != 0 && (value & (4 | 8)) == 0)
    g_string_append (text, "NEITHER ");
  if (value >> 32 != 0)
    g_string_append_printf (text, ":%x", (guint32) (value >> 32));
  if (text->len > start && text->str[text->len - 1] == ' ')
    g_string_truncate (text, text->len - 1);
}
