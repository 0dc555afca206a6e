/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* What a memory access was, where it was answered, and so on: parts of one word. */
typedef enum {
  PERF_MEMORY_OPERATION, PERF_MEMORY_LEVEL, PERF_MEMORY_SNOOP, PERF_MEMORY_TLB, PERF_MEMORY_LOCK, PERF_MEMORY_BLOCKED, PERF_N_MEMORY_PARTS
} PerfMemoryPart;

guint64 perf_memory_part         (guint64 value, PerfMemoryPart part);
void    perf_append_memory_part  (guint64 value, PerfMemoryPart part, GString *text);
void    perf_append_data_source  (guint64 value, GString *text);
void    perf_append_transaction  (guint64 value, GString *text);

G_END_DECLS
