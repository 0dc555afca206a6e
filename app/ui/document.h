/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/afterglow.h>
#include "ui/facts.h"
#include "ui/name-sources.h"

G_BEGIN_DECLS

/* What a window shows: files, the profile that came of them, the query with its history, the tree that answers it, and what is chosen in
 * it. Every view listens to "changed" (GlowChanges) and asks; none holds a copy. "refused" (a message) is about a query that cannot be answered. All work is done in workers; the newest query wins. */
#define GLOW_TYPE_DOCUMENT (glow_document_get_type ())
G_DECLARE_FINAL_TYPE (GlowDocument, glow_document, GLOW, DOCUMENT, GObject)

typedef enum { GLOW_DOCUMENT_EMPTY, GLOW_DOCUMENT_LOADING, GLOW_DOCUMENT_READY, GLOW_DOCUMENT_FAILED } GlowDocumentState;

typedef enum {
  GLOW_CHANGED_STATE = 1 << 0,
  GLOW_CHANGED_PROGRESS = 1 << 1,
  GLOW_CHANGED_PROFILE = 1 << 2,
  GLOW_CHANGED_QUERY = 1 << 3,     /* asked for; the tree follows */
  GLOW_CHANGED_TREE = 1 << 4,
  GLOW_CHANGED_SELECTION = 1 << 5,
  GLOW_CHANGED_HOVER = 1 << 6,
  GLOW_CHANGED_ZOOM = 1 << 7,
  GLOW_CHANGED_SEARCH = 1 << 8,
  GLOW_CHANGED_FACTS = 1 << 10,    /* what is known of the selected function */
  GLOW_CHANGED_FILE = 1 << 9,      /* the file on disk is no longer what was read */
} GlowChanges;

GlowDocument     *glow_document_new        (void);
/* Starts reading; "-" is standard input. */
void              glow_document_load       (GlowDocument *self, const char *const *paths);
void              glow_document_reload     (GlowDocument *self);
/* Nothing is shown any more. */
void              glow_document_close      (GlowDocument *self);
void              glow_document_cancel     (GlowDocument *self);
/* Where names are looked for, from the next reading on: to be filled. (transfer none) */
GlowNameSources  *glow_document_get_name_sources (GlowDocument *self);
/* Looks for names again in a worker, as after files of modules have come; the recording is not read again. */
void              glow_document_name_again (GlowDocument *self);

GlowDocumentState glow_document_get_state  (GlowDocument *self);
const char *const *glow_document_get_paths (GlowDocument *self);
char             *glow_document_dup_title  (GlowDocument *self);
const GError     *glow_document_get_error  (GlowDocument *self);
double            glow_document_get_progress (GlowDocument *self, const char **text);   /* < 0: the end is not known */
gboolean          glow_document_is_naming  (GlowDocument *self);    /* stacks are shown, names still come */
gboolean          glow_document_is_busy    (GlowDocument *self);    /* a query is being answered */
gboolean          glow_document_is_stale   (GlowDocument *self);
gboolean          glow_document_is_growing (GlowDocument *self);    /* the recording is still being written */
gboolean          glow_document_get_follows (GlowDocument *self);   /* and the view follows it */
void              glow_document_set_follows (GlowDocument *self, gboolean follows);

GlowProfile      *glow_document_get_profile (GlowDocument *self);   /* (nullable) */
GlowCallTree     *glow_document_get_tree    (GlowDocument *self);   /* (nullable): the last answer, maybe of an older query */
double            glow_document_get_unnamed_share (GlowDocument *self);  /* of the tree's weight that ends in code without a name */
const GlowQuery  *glow_document_get_query   (GlowDocument *self);
void              glow_document_set_query   (GlowDocument *self, GlowQuery *query);   /* (transfer full) */
/* Adds or takes away a term. FALSE with @error where the words are wrong. */
gboolean          glow_document_toggle_term (GlowDocument *self, GlowQueryField field, const char *value, GError **error);
/* Filters about one function: its name, exactly. */
void              glow_document_add_function_term (GlowDocument *self, GlowQueryField field, guint32 frame);
void              glow_document_add_name_term (GlowDocument *self, GlowQueryField field, const char *function);
gboolean          glow_document_can_go_back (GlowDocument *self);
gboolean          glow_document_can_go_forward (GlowDocument *self);
void              glow_document_go_back     (GlowDocument *self);
void              glow_document_go_forward  (GlowDocument *self);

guint32           glow_document_get_selected (GlowDocument *self);  /* a node; GLOW_NONE */
guint32           glow_document_get_selected_frame (GlowDocument *self);
void              glow_document_set_selected (GlowDocument *self, guint32 node);
void              glow_document_select_frame (GlowDocument *self, guint32 frame);   /* its heaviest node */
/* Where a table shows what is chosen: its callees are looked for where they were left out for being narrow. */
void              glow_document_look_closer (GlowDocument *self);
GlowFacts        *glow_document_get_facts (GlowDocument *self);      /* of the selected function, as far as they are known */
guint32           glow_document_get_hover   (GlowDocument *self);   /* a frame; GLOW_NONE */
void              glow_document_set_hover   (GlowDocument *self, guint32 frame);
guint32           glow_document_get_zoom    (GlowDocument *self);   /* a node; 0 is all */
void              glow_document_set_zoom    (GlowDocument *self, guint32 node);

/* A regex to mark; NULL or "" for none. An error in it is said by glow_document_get_search_error(). */
void              glow_document_set_search  (GlowDocument *self, const char *regex);
const char       *glow_document_get_search_text (GlowDocument *self);
const GlowSearch *glow_document_get_search  (GlowDocument *self);   /* (nullable) */
const char       *glow_document_get_search_error (GlowDocument *self);

G_END_DECLS
