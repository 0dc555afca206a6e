/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a recording's header says of the machine, as values by name: topology, caches, memory, BPF programs, event sources, groups, compression.
 *
 * Format: tools/perf/Documentation/perf.data-file-format.txt; tools/perf/util/header.c of Linux. */
#include "formats/perf/perf-private.h"

enum {
  FEATURE_CPU_TOPOLOGY = 13, FEATURE_NUMA_TOPOLOGY, FEATURE_BRANCH_STACK, FEATURE_PMU_MAPPINGS, FEATURE_GROUP_DESC, FEATURE_AUXTRACE, FEATURE_STAT,
  FEATURE_CACHE, FEATURE_SAMPLE_TIME, FEATURE_MEM_TOPOLOGY, FEATURE_CLOCKID, FEATURE_DIR_FORMAT, FEATURE_BPF_PROG_INFO, FEATURE_BPF_BTF,
  FEATURE_COMPRESSED, FEATURE_CPU_PMU_CAPS, FEATURE_CLOCK_DATA, FEATURE_HYBRID_TOPOLOGY, FEATURE_PMU_CAPS,
};
/* More entries than any machine has. */
#define MAX_ENTRIES 100000

/* u32 length, then bytes that end in a NUL within it; "" where it is damaged. */
static GVariant *
take_string (GlowCursor *cursor)
{
  guint32 length = glow_cursor_u32 (cursor);
  const guint8 *bytes = glow_cursor_take (cursor, length);
  g_autofree char *text = bytes != NULL ? g_strndup ((const char *) bytes, length) : g_strdup ("");

  return g_variant_new_take_string (g_utf8_make_valid (text, -1));
}

static guint32
take_count (GlowCursor *cursor)
{
  guint32 n = glow_cursor_u32 (cursor);

  if (n > MAX_ENTRIES || n > glow_cursor_remaining (cursor))
    cursor->failed = TRUE;
  return cursor->failed ? 0 : n;
}

static void
add (GVariantBuilder *dict, const char *name, GVariant *value)
{
  g_variant_builder_add (dict, "{sv}", name, value);
}

static GVariant *
new_u64 (guint64 value)
{
  return g_variant_new_uint64 (value);
}

static GVariant *
take_strings (GlowCursor *cursor)
{
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("av"));
  for (guint32 n = take_count (cursor); n > 0 && !cursor->failed; n--)
    g_variant_builder_add (&list, "v", take_string (cursor));
  return g_variant_builder_end (&list);
}

static GVariant *
read_cpu_topology (PerfReader *self, GlowCursor *cursor)
{
  guint64 n_cpus = self->builder->info.n_cpus_available;
  GVariantBuilder dict, cpus;
  g_autoptr(GVariant) dies = NULL;
  GlowCursor at;

  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  add (&dict, "sockets", take_strings (cursor));
  add (&dict, "cores", take_strings (cursor));
  /* Later versions say more, and the size of the section is how that is known. */
  if (cursor->failed || n_cpus == 0 || n_cpus > glow_cursor_remaining (cursor) / 8)
    return g_variant_builder_end (&dict);
  at = *cursor;
  glow_cursor_take (cursor, n_cpus * 8);
  if (glow_cursor_remaining (cursor) >= 4)
    dies = g_variant_ref_sink (take_strings (cursor));
  g_variant_builder_init (&cpus, G_VARIANT_TYPE ("av"));
  for (guint64 i = 0; i < n_cpus; i++)
    {
      GVariantBuilder cpu;
      guint32 core = glow_cursor_u32 (&at), socket = glow_cursor_u32 (&at);

      g_variant_builder_init (&cpu, G_VARIANT_TYPE_VARDICT);
      add (&cpu, "cpu", new_u64 (i));
      add (&cpu, "core", new_u64 (core));
      if (dies != NULL && glow_cursor_remaining (cursor) >= 4)
        add (&cpu, "die", new_u64 (glow_cursor_u32 (cursor)));
      add (&cpu, "socket", new_u64 (socket));
      g_variant_builder_add (&cpus, "v", g_variant_builder_end (&cpu));
    }
  if (dies != NULL)
    add (&dict, "dies", dies);
  add (&dict, "cpus", g_variant_builder_end (&cpus));
  return g_variant_builder_end (&dict);
}

static void
read_numa_node (GlowCursor *cursor, GVariantBuilder *dict)
{
  add (dict, "node", new_u64 (glow_cursor_u32 (cursor)));
  add (dict, "total_bytes", new_u64 (glow_cursor_u64 (cursor) * 1024));
  add (dict, "free_bytes", new_u64 (glow_cursor_u64 (cursor) * 1024));
  add (dict, "cpus", take_string (cursor));
}

static void
read_group (GlowCursor *cursor, GVariantBuilder *dict)
{
  add (dict, "name", take_string (cursor));
  add (dict, "leader", new_u64 (glow_cursor_u32 (cursor)));
  add (dict, "members", new_u64 (glow_cursor_u32 (cursor)));
}

static void
read_cache (GlowCursor *cursor, GVariantBuilder *dict)
{
  add (dict, "level", new_u64 (glow_cursor_u32 (cursor)));
  add (dict, "line_bytes", new_u64 (glow_cursor_u32 (cursor)));
  add (dict, "sets", new_u64 (glow_cursor_u32 (cursor)));
  add (dict, "ways", new_u64 (glow_cursor_u32 (cursor)));
  add (dict, "type", take_string (cursor));
  add (dict, "size", take_string (cursor));
  add (dict, "cpus", take_string (cursor));
}

static void
read_hybrid (GlowCursor *cursor, GVariantBuilder *dict)
{
  add (dict, "pmu", take_string (cursor));
  add (dict, "cpus", take_string (cursor));
}

/* A program's own record, then as much data as it says: names and sizes are of interest, code is not. */
static void
read_bpf_program (GlowCursor *cursor, GVariantBuilder *dict)
{
  guint32 n_info = glow_cursor_u32 (cursor), n_data = glow_cursor_u32 (cursor);
  GlowCursor info;
  const guint8 *bytes, *name;

  glow_cursor_take (cursor, 8);            /* which arrays are there */
  bytes = glow_cursor_take (cursor, n_info);
  glow_cursor_take (cursor, n_data);
  info = glow_cursor (bytes, bytes != NULL ? n_info : 0, cursor->swap);
  add (dict, "type", new_u64 (glow_cursor_u32 (&info)));
  add (dict, "id", new_u64 (glow_cursor_u32 (&info)));
  glow_cursor_take (&info, 8);             /* tag */
  add (dict, "jited_bytes", new_u64 (glow_cursor_u32 (&info)));
  add (dict, "translated_bytes", new_u64 (glow_cursor_u32 (&info)));
  glow_cursor_take (&info, 8 * 3 + 4 * 2 + 8);
  name = glow_cursor_take (&info, 16);
  if (name != NULL && *name != '\0')
    {
      g_autofree char *text = g_strndup ((const char *) name, 16);

      add (dict, "name", g_variant_new_take_string (g_utf8_make_valid (text, -1)));
    }
}

static void
read_btf (GlowCursor *cursor, GVariantBuilder *dict)
{
  guint32 id = glow_cursor_u32 (cursor), size = glow_cursor_u32 (cursor);

  glow_cursor_take (cursor, size);
  add (dict, "id", new_u64 (id));
  add (dict, "bytes", new_u64 (size));
}

static GVariant *
read_list (GlowCursor *cursor, void (*read) (GlowCursor *cursor, GVariantBuilder *dict))
{
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("av"));
  for (guint32 n = take_count (cursor); n > 0 && !cursor->failed; n--)
    {
      GVariantBuilder dict;

      g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
      read (cursor, &dict);
      if (cursor->failed)
        g_variant_builder_clear (&dict);
      else
        g_variant_builder_add (&list, "v", g_variant_builder_end (&dict));
    }
  return g_variant_builder_end (&list);
}

/* "branches" = "32", … */
static GVariant *
read_capabilities (GlowCursor *cursor)
{
  GVariantBuilder dict;

  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  for (guint32 n = take_count (cursor); n > 0 && !cursor->failed; n--)
    {
      g_autoptr(GVariant) name = g_variant_ref_sink (take_string (cursor));
      GVariant *value = take_string (cursor);

      add (&dict, g_variant_get_string (name, NULL), value);
    }
  return g_variant_builder_end (&dict);
}

static void
read_pmu (GlowCursor *cursor, GVariantBuilder *dict)
{
  add (dict, "capabilities", read_capabilities (cursor));
  add (dict, "pmu", take_string (cursor));
}

/* u64 counts, and a map of the blocks of each node. */
static GVariant *
read_memory (GlowCursor *cursor)
{
  guint64 version = glow_cursor_u64 (cursor), block = glow_cursor_u64 (cursor), n = glow_cursor_u64 (cursor);
  GVariantBuilder dict, nodes;

  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_init (&nodes, G_VARIANT_TYPE ("av"));
  if (version != 1 || n > MAX_ENTRIES)
    n = 0;
  for (; n > 0 && !cursor->failed; n--)
    {
      guint64 node = glow_cursor_u64 (cursor), size = glow_cursor_u64 (cursor), n_bits = glow_cursor_u64 (cursor), blocks = 0;
      GVariantBuilder own;

      for (guint64 left = n_bits / 64 + (n_bits % 64 > 0); left > 0 && !cursor->failed; left--)
        blocks += __builtin_popcountll (glow_cursor_u64 (cursor));
      if (cursor->failed)
        break;
      g_variant_builder_init (&own, G_VARIANT_TYPE_VARDICT);
      add (&own, "node", new_u64 (node));
      add (&own, "blocks", new_u64 (size));
      add (&own, "present_blocks", new_u64 (blocks));
      g_variant_builder_add (&nodes, "v", g_variant_builder_end (&own));
    }
  add (&dict, "block_bytes", new_u64 (block));
  add (&dict, "nodes", g_variant_builder_end (&nodes));
  return g_variant_builder_end (&dict);
}

static GVariant *
read_compression (GlowCursor *cursor)
{
  GVariantBuilder dict;

  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  add (&dict, "version", new_u64 (glow_cursor_u32 (cursor)));
  add (&dict, "type", g_variant_new_string (glow_cursor_u32 (cursor) == 1 ? "zstd" : "unknown"));
  add (&dict, "level", new_u64 (glow_cursor_u32 (cursor)));
  add (&dict, "ratio", new_u64 (glow_cursor_u32 (cursor)));
  add (&dict, "buffer_bytes", new_u64 (glow_cursor_u32 (cursor)));
  return g_variant_builder_end (&dict);
}

static GVariant *
read_times (GlowCursor *cursor, const char *first, const char *second)
{
  GVariantBuilder dict;

  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  add (&dict, first, new_u64 (glow_cursor_u64 (cursor)));
  add (&dict, second, new_u64 (glow_cursor_u64 (cursor)));
  return g_variant_builder_end (&dict);
}

static GVariant *
read_pmu_types (GlowCursor *cursor)
{
  GVariantBuilder dict;

  g_variant_builder_init (&dict, G_VARIANT_TYPE_VARDICT);
  for (guint32 n = take_count (cursor); n > 0 && !cursor->failed; n--)
    {
      guint32 type = glow_cursor_u32 (cursor);
      g_autoptr(GVariant) name = g_variant_ref_sink (take_string (cursor));

      add (&dict, g_variant_get_string (name, NULL), new_u64 (type));
    }
  return g_variant_builder_end (&dict);
}

/**
 * perf_header_fact:
 * @cursor: a copy of the section's
 *
 * Keeps what a feature says, where it is one of these; what is damaged is kept as far as it could be read.
 */
void
perf_header_fact (PerfReader *self, guint feature, GlowCursor cursor)
{
  const char *name = NULL;
  GVariant *value = NULL;

  switch (feature)
    {
    case FEATURE_CPU_TOPOLOGY: name = "cpu_topology", value = read_cpu_topology (self, &cursor); break;
    case FEATURE_NUMA_TOPOLOGY: name = "numa_nodes", value = read_list (&cursor, read_numa_node); break;
    case FEATURE_BRANCH_STACK: name = "branch_stack", value = g_variant_new_boolean (TRUE); break;
    case FEATURE_PMU_MAPPINGS: name = "pmu_types", value = read_pmu_types (&cursor); break;
    case FEATURE_GROUP_DESC: name = "groups", value = read_list (&cursor, read_group); break;
    case FEATURE_AUXTRACE: name = "auxtrace", value = g_variant_new_boolean (TRUE); break;
    case FEATURE_STAT: name = "stat", value = g_variant_new_boolean (TRUE); break;
    case FEATURE_CACHE:
      if (glow_cursor_u32 (&cursor) == 1)
        name = "caches", value = read_list (&cursor, read_cache);
      break;
    case FEATURE_SAMPLE_TIME: name = "sample_time", value = read_times (&cursor, "first_ns", "last_ns"); break;
    case FEATURE_MEM_TOPOLOGY: name = "memory", value = read_memory (&cursor); break;
    case FEATURE_CLOCKID: name = "clock_resolution_ns", value = new_u64 (glow_cursor_u64 (&cursor)); break;
    case FEATURE_DIR_FORMAT: name = "directory_version", value = new_u64 (glow_cursor_u64 (&cursor)); break;
    case FEATURE_BPF_PROG_INFO: name = "bpf_programs", value = read_list (&cursor, read_bpf_program); break;
    case FEATURE_BPF_BTF: name = "btf", value = read_list (&cursor, read_btf); break;
    case FEATURE_COMPRESSED: name = "compression", value = read_compression (&cursor); break;
    case FEATURE_CPU_PMU_CAPS: name = "cpu_pmu_capabilities", value = read_capabilities (&cursor); break;
    case FEATURE_CLOCK_DATA:
      glow_cursor_take (&cursor, 8);
      name = "clock_data", value = read_times (&cursor, "wall_ns", "clock_ns");
      break;
    case FEATURE_HYBRID_TOPOLOGY: name = "hybrid_topology", value = read_list (&cursor, read_hybrid); break;
    case FEATURE_PMU_CAPS: name = "pmu_capabilities", value = read_list (&cursor, read_pmu); break;
    default: return;
    }
  if (value == NULL)
    return;
  if (self->builder->header == NULL)
    self->builder->header = g_variant_dict_new (NULL);
  g_variant_dict_insert_value (self->builder->header, name, value);
}
