/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many records of each kind a recording holds, those that are not decoded among them. */
#include <config.h>

#include <glib/gi18n-lib.h>

#include "formats/perf/perf-private.h"

static const char *const kernel_names[] = {
  NULL, "MMAP", "LOST", "COMM", "EXIT", "THROTTLE", "UNTHROTTLE", "FORK", "READ", "SAMPLE", "MMAP2", "AUX", "ITRACE_START", "LOST_SAMPLES",
  "SWITCH", "SWITCH_CPU_WIDE", "NAMESPACES", "KSYMBOL", "BPF_EVENT", "CGROUP", "TEXT_POKE", "AUX_OUTPUT_HW_ID", "CALLCHAIN_DEFERRED",
};
static const char *const perf_names[] = {
  "HEADER_ATTR", "HEADER_EVENT_TYPE", "HEADER_TRACING_DATA", "HEADER_BUILD_ID", "FINISHED_ROUND", "ID_INDEX", "AUXTRACE_INFO", "AUXTRACE",
  "AUXTRACE_ERROR", "THREAD_MAP", "CPU_MAP", "STAT_CONFIG", "STAT", "STAT_ROUND", "EVENT_UPDATE", "TIME_CONV", "HEADER_FEATURE",
  "COMPRESSED", "FINISHED_INIT", "COMPRESSED2", "BPF_METADATA", "SCHEDSTAT_CPU", "SCHEDSTAT_DOMAIN",
};
static const char *const simpleperf_names[] = {
  NULL, "KERNEL_SYMBOL", "DSO", "SYMBOL", "SPLIT", "SPLIT_END", "EVENT_ID", "CALLCHAIN", "UNWINDING_RESULT", "TRACING_DATA", "DEBUG",
};

/**
 * perf_record_name:
 *
 * Returns: (nullable): the name of a record type that is known here
 */
const char *
perf_record_name (guint32 type)
{
  if (type < G_N_ELEMENTS (kernel_names))
    return kernel_names[type];
  if (type >= RECORD_HEADER_ATTR && type - RECORD_HEADER_ATTR < G_N_ELEMENTS (perf_names))
    return perf_names[type - RECORD_HEADER_ATTR];
  if (type > RECORD_SIMPLEPERF && type - RECORD_SIMPLEPERF < G_N_ELEMENTS (simpleperf_names))
    return simpleperf_names[type - RECORD_SIMPLEPERF];
  return NULL;
}

void
perf_count_record (PerfReader *self, guint32 type)
{
  if (type < PERF_COUNTED_TYPES)
    {
      self->counts[type]++;
      return;
    }
  g_hash_table_insert (self->other_counts, GUINT_TO_POINTER (type),
                       GSIZE_TO_POINTER (GPOINTER_TO_SIZE (g_hash_table_lookup (self->other_counts, GUINT_TO_POINTER (type))) + 1));
}

/**
 * perf_mark:
 * @body: of the record at hand
 *
 * Notes when records were lost or an event was throttled, where the record says when.
 */
void
perf_mark (PerfReader *self, GlowMarkKind kind, guint64 count, const guint8 *body, gsize size)
{
  GlowMark mark = { .count = count, .kind = kind };
  gint32 tid = -1;

  if (count > 0 && perf_trailer (self, body, size, &tid, &mark.time) && mark.time > 0)
    g_array_append_val (self->builder->marks, mark);
}

#define MISC_SWITCH_OUT (1 << 13)

/**
 * perf_mark_switch:
 *
 * When a thread came back to a CPU: of a thread that is recorded alone, sched_switch tells only when it left.
 */
void
perf_mark_switch (PerfReader *self, guint16 misc, const guint8 *body, gsize size)
{
  GlowMark mark = { .kind = GLOW_MARK_CAME_BACK };
  gint32 tid = -1;

  if ((misc & MISC_SWITCH_OUT) != 0 || !perf_trailer (self, body, size, &tid, &mark.time) || tid <= 0 || mark.time == 0)
    return;
  mark.count = (guint64) tid;
  g_array_append_val (self->builder->marks, mark);
}

static void
add_count (PerfReader *self, guint32 type, guint64 count)
{
  const char *known = perf_record_name (type);
  g_autofree char *name = known != NULL ? g_strdup (known) : g_strdup_printf ("type %u", type);
  GlowRecordCount record = { glow_strings_intern (self->builder->strings, name, -1), type, count };

  g_array_append_val (self->builder->records, record);
}

static gint
compare_types (gconstpointer a, gconstpointer b)
{
  const GlowRecordCount *left = a, *right = b;

  return left->type < right->type ? -1 : left->type > right->type;
}

/* AUX area data is a processor's own trace: named, and left to tools that decode it. */
static void
warn_of_aux (PerfReader *self)
{
  static const char *const kinds[] = { NULL, "Intel PT", "Intel BTS", "Arm CoreSight ETM", "Arm SPE", "s390 CPU-MF", "HiSilicon PTT" };
  const char *kind = self->aux_kind < G_N_ELEMENTS (kinds) && kinds[self->aux_kind] != NULL ? kinds[self->aux_kind] : _("a processor's trace");
  guint64 n = MAX (self->counts[RECORD_AUX], self->counts[RECORD_AUXTRACE]);
  g_autofree char *size = NULL;

  if (n == 0)
    return;
  size = g_format_size_full (self->aux_bytes, G_FORMAT_SIZE_IEC_UNITS);
  glow_warnings_add (self->builder->warnings, "aux-data", NULL, n, 0,
                     _("perf inject --itrace turns a trace into samples, which are shown here."),
                     _("The recording holds AUX area data (%s, %s), which is not decoded"), kind, size);
}

/**
 * perf_add_records:
 *
 * Hands the counts over to the profile, in order of type.
 */
void
perf_add_records (PerfReader *self)
{
  GHashTableIter iter;
  gpointer type, count;

  for (guint32 i = 0; i < PERF_COUNTED_TYPES; i++)
    if (self->counts[i] > 0)
      add_count (self, i, self->counts[i]);
  g_hash_table_iter_init (&iter, self->other_counts);
  while (g_hash_table_iter_next (&iter, &type, &count))
    add_count (self, GPOINTER_TO_UINT (type), GPOINTER_TO_SIZE (count));
  g_array_sort (self->builder->records, compare_types);
  warn_of_aux (self);
}
