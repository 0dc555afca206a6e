/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ui/document.h"

G_BEGIN_DECLS

/* Names for a document from debuginfod servers: which modules would gain, which of them are chosen, and fetching them one after another in a worker.
 * "changed" (boolean: the list itself, not only how far it has come). Asks no server before glow_fetch_start(). */
#define GLOW_TYPE_FETCH (glow_fetch_get_type ())
G_DECLARE_FINAL_TYPE (GlowFetch, glow_fetch, GLOW, FETCH, GObject)

typedef enum { GLOW_FETCH_IDLE, GLOW_FETCH_WAITING, GLOW_FETCH_RUNNING, GLOW_FETCH_HERE, GLOW_FETCH_NOWHERE } GlowFetchState;

typedef struct {
  char *build_id;              /* hexadecimal */
  char *name, *path;           /* valid UTF-8 */
  double unnamed_share, total_share;   /* of what is shown */
  guint32 module;              /* of the document's profile; GLOW_NONE: no longer wanted */
  GlowSymbolStatus symbols;
  GlowFetchState state;
  guint64 bytes, total;        /* fetched so far, and in all, 0 where not known */
  gboolean chosen;
} GlowFetchRow;

GlowFetch          *glow_fetch_new         (GlowDocument *document);
guint               glow_fetch_get_n_rows  (GlowFetch *self);
const GlowFetchRow *glow_fetch_get_row     (GlowFetch *self, guint row);
void                glow_fetch_set_chosen  (GlowFetch *self, guint row, gboolean chosen);
guint               glow_fetch_get_n_chosen (GlowFetch *self);
/* Those chosen that are not here yet. Whether somebody agreed is the caller's to know. */
void                glow_fetch_start       (GlowFetch *self);
gboolean            glow_fetch_can_start   (GlowFetch *self);
void                glow_fetch_cancel      (GlowFetch *self);
gboolean            glow_fetch_is_running  (GlowFetch *self);
double              glow_fetch_get_progress (GlowFetch *self);
/* What is being done, or what came of it. (transfer full) (nullable) */
char               *glow_fetch_dup_words   (GlowFetch *self);
/* (nullable): why no server answered */
const char         *glow_fetch_get_problem (GlowFetch *self);
/* (nullable): why nothing can be asked for here. (transfer none) */
const char         *glow_fetch_get_obstacle (void);

G_END_DECLS
