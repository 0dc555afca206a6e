/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chains that were walked by frame pointers, doubted: which of their places keep no frame pointer, so that the caller is passed over, and which outermost
 * ones are not where a thread begins. */
#pragma once
#include "symbols/symbol-table-private.h"
#include "symbols/unwind-private.h"

#include <afterglow/profile.h>

G_BEGIN_DECLS

typedef struct _GlowDoubts GlowDoubts;

/* One module as its names were found. */
typedef struct {
  const GlowModule *module;    /* (nullable): what lies in none */
  const GlowSymbolTable *table;   /* (nullable) */
  const char *file;            /* (nullable): where it is */
  const GArray *locations;     /* of guint32: its own */
} GlowDoubtful;

/* A function that the chain passed over. The frame of @symbol of @module. */
typedef guint32 (*GlowFrameOfSymbol) (gpointer data, guint32 module, const GlowSymbol *symbol);

/* (nullable): NULL where no chain of @profile was walked by frame pointers. O(samples + chains). */
GlowDoubts *glow_doubts_new   (GlowProfile *profile);
void        glow_doubts_free  (GlowDoubts *self);
/* What the module's call frame information says of its places. Modules may be looked at in several threads at once.
 * @cfi: (transfer full) (nullable): where it was opened already. */
void        glow_doubts_check (GlowDoubts *self, const GlowDoubtful *module, GlowCfi *cfi, GCancellable *cancellable);
/* After naming. @modules: by index, and last what lies in none. @status: by chain, gets flags. @missed: (nullable) (out): by chain the frame of the caller that
 * belongs below it, GLOW_NONE where none does; free with g_free(). With @frame_of NULL they are marked as missing. */
void        glow_doubts_settle (GlowDoubts *self, const GlowLocation *locations, const GlowDoubtful *modules, guint n_modules, GlowFrameOfSymbol frame_of,
                                gpointer data, guint8 *status, guint32 **missed);

/* Whether a thread or a runtime's own stack may begin in a function of this name: thread-starts.txt. */
gboolean    glow_is_thread_start (const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowDoubts, glow_doubts_free)

G_END_DECLS
