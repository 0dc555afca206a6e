/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which events may be asked for: perf's names for counters of processors and of the kernel, and any tracepoint. Neither wildcards nor raw numbers nor
 * modifiers: what is not a name in this file does not reach perf's parser.
 *
 * Source: linux/perf_event.h; tools/perf/util/parse-events.l for names, which perf prints with `perf list`. */
#include "helper/request.h"

#include <linux/perf_event.h>
#include <string.h>

static const struct {
  const char *name;
  HelperEventKind kind;
  guint32 type;
  guint64 config;
} table[] = {
  { "cpu-clock", HELPER_EVENT_CLOCK, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK },
  { "task-clock", HELPER_EVENT_CLOCK, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK },
  { "page-faults", HELPER_EVENT_SOFTWARE, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS },
  { "minor-faults", HELPER_EVENT_SOFTWARE, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MIN },
  { "major-faults", HELPER_EVENT_SOFTWARE, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MAJ },
  { "alignment-faults", HELPER_EVENT_SOFTWARE, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_ALIGNMENT_FAULTS },
  { "emulation-faults", HELPER_EVENT_SOFTWARE, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_EMULATION_FAULTS },
  { "context-switches", HELPER_EVENT_SCHEDULER, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES },
  { "cpu-migrations", HELPER_EVENT_SCHEDULER, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_MIGRATIONS },
  { "cycles", HELPER_EVENT_HARDWARE, PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES },
  { "ref-cycles", HELPER_EVENT_HARDWARE, PERF_TYPE_HARDWARE, PERF_COUNT_HW_REF_CPU_CYCLES },
  { "bus-cycles", HELPER_EVENT_HARDWARE, PERF_TYPE_HARDWARE, PERF_COUNT_HW_BUS_CYCLES },
  { "instructions", HELPER_EVENT_HARDWARE, PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS },
  { "branches", HELPER_EVENT_HARDWARE, PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_INSTRUCTIONS },
  { "branch-misses", HELPER_EVENT_HARDWARE, PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_MISSES },
  { "cache-references", HELPER_EVENT_HARDWARE, PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_REFERENCES },
  { "cache-misses", HELPER_EVENT_HARDWARE, PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES },
  { "stalled-cycles-frontend", HELPER_EVENT_HARDWARE, PERF_TYPE_HARDWARE, PERF_COUNT_HW_STALLED_CYCLES_FRONTEND },
  { "stalled-cycles-backend", HELPER_EVENT_HARDWARE, PERF_TYPE_HARDWARE, PERF_COUNT_HW_STALLED_CYCLES_BACKEND },
#define CACHE(name, cache, result) \
  { name, HELPER_EVENT_HARDWARE, PERF_TYPE_HW_CACHE, PERF_COUNT_HW_CACHE_##cache | PERF_COUNT_HW_CACHE_OP_READ << 8 | PERF_COUNT_HW_CACHE_RESULT_##result << 16 }
  CACHE ("L1-dcache-loads", L1D, ACCESS),
  CACHE ("L1-dcache-load-misses", L1D, MISS),
  CACHE ("L1-icache-load-misses", L1I, MISS),
  CACHE ("LLC-loads", LL, ACCESS),
  CACHE ("LLC-load-misses", LL, MISS),
  CACHE ("dTLB-load-misses", DTLB, MISS),
  CACHE ("iTLB-load-misses", ITLB, MISS),
#undef CACHE
};

/* One half of a tracepoint's name, as the kernel's own are: no character that perf's parser gives a meaning to but the one hyphen that it allows. */
static gboolean
is_tracepoint_half (const char *text, gsize n, gboolean hyphen)
{
  if (n == 0 || n > 63 || g_ascii_isdigit (text[0]) || text[0] == '-')
    return FALSE;
  for (gsize i = 0; i < n; i++)
    if (text[i] == '-' && hyphen && i + 1 < n)
      hyphen = FALSE;
    else if (!g_ascii_isalnum (text[i]) && text[i] != '_')
      return FALSE;
  return TRUE;
}

gboolean
helper_is_modifier (const char *text)
{
  return text[strspn (text, "ukhpPGHSDIWeb")] == '\0';
}

HelperEventKind
helper_event_describe (const char *name, guint32 *type, guint64 *config)
{
  const char *colon = strchr (name, ':');

  if (colon != NULL && is_tracepoint_half (name, colon - name, TRUE) && is_tracepoint_half (colon + 1, strlen (colon + 1), FALSE)
      && !helper_is_modifier (colon + 1))
    return HELPER_EVENT_TRACEPOINT;
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (g_str_equal (table[i].name, name))
      {
        if (type != NULL)
          *type = table[i].type;
        if (config != NULL)
          *config = table[i].config;
        return table[i].kind;
      }
  return HELPER_EVENT_NONE;
}

char **
helper_event_dup_names (void)
{
  char **names = g_new0 (char *, G_N_ELEMENTS (table) + 1);

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    names[i] = g_strdup (table[i].name);
  return names;
}
