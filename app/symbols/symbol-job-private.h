/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Naming a profile is a job a module: its files are opened (symbol-files.c), its places looked up (symbolise.c), and frames made of what was found
 * (symbol-frames.c). */
#pragma once
#include "model/profile-private.h"
#include "symbols/doubts-private.h"
#include "symbols/inlines-private.h"
#include "symbols/symbol-table-private.h"
#include "symbols/unwind-private.h"

#include <afterglow/load.h>

G_BEGIN_DECLS

typedef enum { GLOW_SYMBOL_JOB_WAITS, GLOW_SYMBOL_JOB_RUNS, GLOW_SYMBOL_JOB_DONE } GlowSymbolJobState;

typedef struct {
  guint32 index;               /* of the module, or GLOW_NONE */
  GArray *locations;           /* of guint32 */
  GlowSymbolTable *table;      /* (nullable) */
  GlowModule *module;          /* the named profile's; while stacks are still being resolved, @early */
  GlowModule early;
  const char *path;
  gint state;                  /* GlowSymbolJobState: of its files */
  guint64 work;                /* how much there is to do, roughly */
  GlowSymbolStatus status;
  const GArray *recorded;      /* (nullable) of GlowRecordedSymbol */
  char *file;                  /* (nullable): where the names are from */
  gboolean restricted;
  gboolean guessed;            /* a map of a process in a container, known by its addresses alone */
  GlowInlines *inlines;        /* (nullable): keeps the names below */
  GlowCfi *cfi;                /* (nullable): opened ahead, to be asked about chains of frame pointers */
  GPtrArray *inlined;          /* of const char *: those of all locations, one after another */
  GArray *n_inlined;           /* of guint32, by location */
  guint32 *symbol_of;          /* by location: index into the table + 1, 0 where there is none */
  guint32 *frame_of_symbol;    /* + 1, by symbol of the table; 0: not met yet */
} GlowSymbolJob;

typedef struct {
  const GlowProfileInfo *info;
  const char *const *files;    /* recordings */
  const GlowLoadOptions *options;
  GCancellable *cancellable;
  GlowStrings *strings;
  guint8 kernel_id[20];
  guint kernel_id_length;
  const GlowLocation *locations;
  GlowDoubts *doubts;          /* (nullable) */
  gint cfi_left;               /* files that may be kept open for their unwind tables */
  gint done, all;
  GMutex lock;                 /* of waiting for a job's state */
  GCond changed;
} GlowSymbolWork;

GlowSymbolJob *glow_symbol_job_new  (guint32 index);
void           glow_symbol_job_free (gpointer job);

/* Opens what can be opened before it is known which of the module's places occur. Once, by whoever comes first. @wait: for another thread that is at it. */
void           glow_symbol_job_open (GlowSymbolWork *work, GlowSymbolJob *job, gboolean wait);
GlowDoubtful   glow_symbol_job_get_doubtful (const GlowSymbolJob *job);

/* Frames for the locations of one module; symbols that do not occur are never demangled. */
void           glow_symbol_job_name (GlowProfileBuilder *builder, GlowSymbolJob *job, GlowLocation *locations, GArray *inline_frames);
void           glow_symbol_job_warn (GlowProfileBuilder *builder, const GlowSymbolJob *job);
/* Names from files that nothing says are those that ran: right where they have not been built anew since. */
void           glow_symbol_warn_of_unverified (GlowProfileBuilder *builder, GPtrArray *jobs);
/* Callers that were passed over, and outermost frames that begin nothing: put right or marked, and told. */
void           glow_symbol_settle_doubts (GlowDoubts *doubts, GlowProfileBuilder *builder, GlowProfile *profile, const GlowLocation *locations,
                                          GPtrArray *jobs, gboolean repair);

G_END_DECLS
