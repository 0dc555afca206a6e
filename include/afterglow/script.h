/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include <afterglow/load.h>
#include <afterglow/query.h>

G_BEGIN_DECLS

/* Samples as text in the form of perf script's output, which flame graph scripts, speedscope, FlameScope, Firefox's profiler and others read. */
typedef enum {
  GLOW_SCRIPT_COMM = 1 << 0,
  GLOW_SCRIPT_PID = 1 << 1,
  GLOW_SCRIPT_TID = 1 << 2,
  GLOW_SCRIPT_CPU = 1 << 3,
  GLOW_SCRIPT_TIME = 1 << 4,
  GLOW_SCRIPT_PERIOD = 1 << 5,
  GLOW_SCRIPT_EVENT = 1 << 6,
  GLOW_SCRIPT_IP = 1 << 7,
  GLOW_SCRIPT_SYM = 1 << 8,
  GLOW_SCRIPT_SYMOFF = 1 << 9,
  GLOW_SCRIPT_DSO = 1 << 10,
  GLOW_SCRIPT_TRACE = 1 << 11,       /* a tracepoint's fields, as its format prints them */
  GLOW_SCRIPT_ALL = (1 << 12) - 1,   /* what is printed unless something else is asked for */
  GLOW_SCRIPT_ADDR = 1 << 12,
  GLOW_SCRIPT_DATA_SRC = 1 << 13,
  GLOW_SCRIPT_WEIGHT = 1 << 14,
  GLOW_SCRIPT_INS_LAT = 1 << 15,
  GLOW_SCRIPT_RETIRE_LAT = 1 << 16,
  GLOW_SCRIPT_PHYS_ADDR = 1 << 17,
  GLOW_SCRIPT_DATA_PAGE_SIZE = 1 << 18,
  GLOW_SCRIPT_CODE_PAGE_SIZE = 1 << 19,
  GLOW_SCRIPT_TRANSACTION = 1 << 20,
  GLOW_SCRIPT_SRCLINE = 1 << 21,     /* a line more for each frame, where it is known: at which line of its source execution stands */
} GlowScriptFields;

/**
 * glow_script_fields_parse:
 * @words: names as perf script's -F takes them, "comm,tid,time,ip,sym"; "all" stands for all that are printed by default, and names that
 *   begin with + or − are added to these or left out
 * @fields: (out):
 * @error: GLOW_ERROR_SELECTION where a name is not known, or symoff comes without sym
 */
gboolean glow_script_fields_parse (const char *words, GlowScriptFields *fields, GError **error);

/**
 * glow_script_write:
 * @profile: of samples; sums of stacks without threads and times (folded text) are GLOW_ERROR_EMPTY
 * @query: which samples; without event terms the profile's main event alone. Hidden functions and, where the query collapses it, recursion
 *   are left out of the stacks; weight, order, roots and direction have no meaning here
 * @fields: what to print; a field that was not recorded is left out
 * @nanoseconds: nine decimals of a second instead of six
 * @options: (nullable): those that @profile was loaded with; debug information is looked for where they say
 * @output: where the text goes
 * @cancellable: (nullable):
 * @error: GLOW_ERROR_EMPTY where no sample is left, what writing said, or cancellation
 *
 * In the order of time, a line `comm pid/tid [cpu] time: period event:`, a line a frame from the innermost outwards with the offset in
 * the file for user code and the address for the kernel, an empty line. Linear in samples and frames.
 *
 * Format: as perf 6.1 prints it (tools/perf/Documentation/perf-script.txt); samples without a stack have their own line and the empty one alone.
 */
gboolean glow_script_write (GlowProfile *profile, const GlowQuery *query, GlowScriptFields fields, gboolean nanoseconds, const GlowLoadOptions *options,
                            GOutputStream *output, GCancellable *cancellable, GError **error);

G_END_DECLS
