/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames of what was found for a module's places, and what could not be found, in words. */
#include <config.h>

#include <glib/gi18n-lib.h>

#include "symbols/symbol-job-private.h"

#include <stdlib.h>

static GlowFrameKind
kind_of (const GlowLocation *location, const GlowModule *module)
{
  if (location->kind == GLOW_FRAME_KERNEL || location->kind == GLOW_FRAME_GUEST || location->kind == GLOW_FRAME_HYPERVISOR)
    return location->kind;
  return module != NULL && module->kind == GLOW_MODULE_JIT ? GLOW_FRAME_JIT : GLOW_FRAME_USER;
}

/* Where a function of a just-in-time compiler is written, as its dump says. */
static void
add_source (GlowFrame *frame, const GlowSymbolJob *job, guint64 start)
{
  guint lower = 0, upper = job->recorded != NULL ? job->recorded->len : 0;

  while (lower < upper)
    {
      guint middle = (lower + upper) / 2;
      const GlowRecordedSymbol *symbol = &g_array_index (job->recorded, GlowRecordedSymbol, middle);

      if (symbol->start == start)
        {
          frame->file = symbol->file;
          frame->line = symbol->line;
          return;
        }
      if (symbol->start < start)
        lower = middle + 1;
      else
        upper = middle;
    }
}

static guint32
unnamed_frame (GlowProfileBuilder *builder, const GlowSymbolJob *job)
{
  GlowFrame frame = { .module = job->index, .kind = GLOW_FRAME_UNKNOWN };
  g_autofree char *name = NULL;

  if (job->index == GLOW_NONE)
    name = g_strdup ("[unknown]");
  else
    {
      const char *own = glow_strings_get (builder->strings, job->module->name);

      name = *own == '[' ? g_strdup (own) : g_strdup_printf ("[%s]", own);
    }
  frame.name = frame.raw_name = glow_strings_intern (builder->strings, name, -1);
  return glow_profile_builder_frame (builder, &frame);
}

/* The function that has the code gets those that were inlined into it put on top. */
static void
add_inlined (GlowProfileBuilder *builder, const GlowSymbolJob *job, guint from, guint n, GHashTable *known, GlowLocation *location, GArray *inline_frames)
{
  guint32 outer = location->frame;

  location->n_inlined = n;
  location->first_inlined = inline_frames->len;
  for (guint i = 0; i < n; i++)
    {
      const char *raw = g_ptr_array_index (job->inlined, from + i);
      gpointer found = g_hash_table_lookup (known, raw);
      guint32 frame;

      if (found == NULL)
        {
          g_autofree char *demangled = glow_demangle (raw);
          GlowFrame own = { .module = job->index, .kind = GLOW_FRAME_INLINED };

          own.raw_name = glow_strings_intern (builder->strings, raw, -1);
          own.name = demangled != NULL ? glow_strings_intern (builder->strings, demangled, -1) : own.raw_name;
          found = GUINT_TO_POINTER (glow_profile_builder_frame (builder, &own) + 1);
          g_hash_table_insert (known, (gpointer) raw, found);
        }
      frame = GPOINTER_TO_UINT (found) - 1;
      if (i == 0)
        location->frame = frame;
      else
        g_array_append_val (inline_frames, frame);
    }
  if (n > 0)
    g_array_append_val (inline_frames, outer);
}

static guint32
symbol_frame (GlowProfileBuilder *builder, GlowSymbolJob *job, const GlowSymbol *symbol, GlowFrameKind kind)
{
  guint at = symbol - (const GlowSymbol *) job->table->symbols->data;

  if (job->frame_of_symbol == NULL)
    job->frame_of_symbol = g_new0 (guint32, job->table->symbols->len);
  if (job->frame_of_symbol[at] == 0)
    {
      g_autofree char *demangled = glow_demangle (symbol->name);
      GlowFrame frame = { .module = job->index, .kind = kind };

      frame.raw_name = glow_strings_intern (builder->strings, symbol->name, -1);
      frame.name = demangled != NULL ? glow_strings_intern (builder->strings, demangled, -1) : frame.raw_name;
      add_source (&frame, job, symbol->start);
      job->frame_of_symbol[at] = glow_profile_builder_frame (builder, &frame) + 1;
    }
  return job->frame_of_symbol[at] - 1;
}

void
glow_symbol_job_name (GlowProfileBuilder *builder, GlowSymbolJob *job, GlowLocation *locations, GArray *inline_frames)
{
  g_autoptr(GHashTable) known = g_hash_table_new (NULL, NULL);     /* names are the debug information's own: equal ones of a unit are one */
  guint32 unnamed = GLOW_NONE;
  guint inlined = 0;

  for (guint i = 0; i < job->locations->len; i++)
    {
      guint n_inlined = job->n_inlined != NULL && i < job->n_inlined->len ? g_array_index (job->n_inlined, guint32, i) : 0;
      GlowLocation *location = &locations[g_array_index (job->locations, guint32, i)];
      const GlowSymbol *symbol = job->symbol_of != NULL && job->symbol_of[i] > 0
                                   ? &g_array_index (job->table->symbols, GlowSymbol, job->symbol_of[i] - 1) : NULL;

      if (symbol == NULL)
        {
          if (unnamed == GLOW_NONE)
            unnamed = unnamed_frame (builder, job);
          location->frame = unnamed;
          location->symbol_offset = G_MAXUINT64;
          inlined += n_inlined;
          continue;
        }
      location->frame = symbol_frame (builder, job, symbol, kind_of (location, job->module));
      location->symbol_offset = location->offset - symbol->start;
      add_inlined (builder, job, inlined, n_inlined, known, location, inline_frames);
      inlined += n_inlined;
    }
}

/* ---- chains of frame pointers ---- */

typedef struct {
  GlowProfileBuilder *builder;
  GPtrArray *jobs;
} Naming;

static guint32
missed_frame (gpointer data, guint32 module, const GlowSymbol *symbol)
{
  const Naming *naming = data;

  return symbol_frame (naming->builder, g_ptr_array_index (naming->jobs, MIN (module, naming->jobs->len - 1)), symbol, GLOW_FRAME_USER);
}

static void
warn_of_stacks (GlowProfileBuilder *builder, const GlowSamples *samples)
{
  guint64 skipped = 0, broken = 0;

  for (gsize i = 0; i < samples->n; i++)
    {
      guint8 status = builder->chain_status[samples->chain[i]];

      skipped += (status & GLOW_STACK_SKIPPED) != 0;
      broken += (status & (GLOW_STACK_BROKEN | GLOW_STACK_EXACT)) == GLOW_STACK_BROKEN;
    }
  if (skipped > 0)
    glow_warnings_add (builder->warnings, "missing-callers", NULL, skipped, 0,
                       _("Record with --call-graph dwarf, or build with -fno-omit-frame-pointer -mno-omit-leaf-frame-pointer -fno-shrink-wrap."),
                       _("Frame pointers missed a caller: the function that it called keeps none of its own at that place"));
  if (broken > 0)
    glow_warnings_add (builder->warnings, "stacks-without-start", NULL, broken, 0,
                       _("Record with --call-graph dwarf, or build what is named under “info” with -fno-omit-frame-pointer."),
                       _("Stacks do not go back to where a thread begins: frame pointers were lost on the way"));
}

void
glow_symbol_settle_doubts (GlowDoubts *doubts, GlowProfileBuilder *builder, GlowProfile *profile, const GlowLocation *locations, GPtrArray *jobs, gboolean repair)
{
  g_autofree GlowDoubtful *modules = g_new (GlowDoubtful, jobs->len);
  guint32 n = glow_profile_get_chains (profile)->stacks.n;
  Naming naming = { builder, jobs };

  for (guint i = 0; i < jobs->len; i++)
    modules[i] = glow_symbol_job_get_doubtful (g_ptr_array_index (jobs, i));
  if (builder->chain_status == NULL)
    builder->chain_status = calloc (n, 1);
  if (builder->chain_status == NULL)
    return;
  glow_doubts_settle (doubts, locations, modules, jobs->len, repair ? missed_frame : NULL, &naming, builder->chain_status, &builder->missed_callers);
  warn_of_stacks (builder, glow_profile_get_samples (profile));
}

void
glow_symbol_job_warn (GlowProfileBuilder *builder, const GlowSymbolJob *job)
{
  const char *name;

  if (job->index == GLOW_NONE)
    return;
  name = glow_strings_get (builder->strings, job->module->name);
  if (job->guessed)
    glow_warnings_add (builder->warnings, "jit-map-guessed", name, job->locations->len, 0, NULL,
                       _("“%s” was taken from “%s”, which knows the recorded addresses: the process is gone, and its number in its container is not recorded"),
                       name, job->file);
  if (job->module->symbols == GLOW_SYMBOLS_BUILD_ID_MISMATCH)
    glow_warnings_add (builder->warnings, "build-id-mismatch", name, job->locations->len, 0,
                       _("Open it where it was recorded, or give the files of that build with --sysroot, --symfs, --debug-dir or --kallsyms."),
                       _("“%s” here is another build than the one recorded; no names were taken from it"), name);
  else if (job->module->symbols == GLOW_SYMBOLS_NO_FILE && job->restricted)
    glow_warnings_add (builder->warnings, "kernel-addresses-hidden", NULL, job->locations->len, 0,
                       _("Open it as root, or lower kernel.kptr_restrict."), _("/proc/kallsyms shows no addresses to this user; the kernel is not named"));
  else if (job->module->symbols == GLOW_SYMBOLS_NO_FILE || job->module->symbols == GLOW_SYMBOLS_NONE)
    glow_warnings_add (builder->warnings, "no-symbols", name, job->locations->len, 0,
                       job->module->kind == GLOW_MODULE_JIT && job->module->pid != 0
                         ? _("It is code that was compiled while it ran: let its compiler write a map for perf (java -XX:+DumpPerfMapAtExit, node --perf-basic-prof, "
                             "python -X perf, DOTNET_PerfMapEnabled=1), and keep that in /tmp or beside the recording.")
                         : _("Install its debug symbols, or open the recording where they are."),
                       _("No symbols for “%s”: %s"), name,
                       glow_symbol_status_get_label (job->module->symbols));
}

void
glow_symbol_warn_of_unverified (GlowProfileBuilder *builder, GPtrArray *jobs)
{
  const char *first = NULL;
  guint n = 0;

  for (guint i = 0; i < jobs->len; i++)
    {
      const GlowSymbolJob *job = g_ptr_array_index (jobs, i);

      if (job->file == NULL || job->module == NULL || job->module->kind != GLOW_MODULE_USER || job->module->build_id_length > 0)
        continue;
      first = n++ == 0 ? glow_strings_get (builder->strings, job->module->name) : first;
    }
  if (n > 0)
    glow_warnings_add (builder->warnings, "unverified-names", NULL, n, 0, _("Record with perf record --buildid-mmap to be sure of the names."),
                       ngettext ("The recording has no build-id of “%s”: its names are right if it was not built anew since",
                                 "The recording has no build-id of “%s” and others: their names are right if they were not built anew since", n),
                       first);
}
