/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of a document: how it reads (document-load.c), its queries, choices and search (document.c). */
#pragma once
#include "ui/document.h"
#include "ui/follow.h"
#include "ui/job.h"

G_BEGIN_DECLS

struct _GlowDocument {
  GObject parent_instance;

  GlowDocumentState state;
  char **paths;
  GlowNameSources *sources;
  GError *error;
  struct _GlowMailbox *mailbox;   /* (nullable): while reading */
  double fraction;
  char *progress_text;
  gint64 load_started;
  gboolean naming, stale;
  GlowFollow *follow;

  GlowProfile *profile;
  GlowCallTree *tree;
  GPtrArray *history;          /* of GlowQuery */
  guint position;

  guint32 selected, hover, zoom;
  guint32 finest;              /* of a tree that is cut: the node it was looked into about; 0: none */
  char *search_text, *search_error;
  GlowSearch *search;

  double unnamed_share;        /* of the tree */
  GlowFacts *facts;            /* of the selected function */

  gboolean name_once_more;
  GlowJobSlot load_job, name_job, tree_job, search_job;
};

void glow_document_tell         (GlowDocument *self, GlowChanges changes);
void glow_document_set_state    (GlowDocument *self, GlowDocumentState state);
/* What was read, or what it is called now: the query is answered from it. */
void glow_document_set_profile  (GlowDocument *self, GlowProfile *profile);
/* Asks what is known of the function that is chosen. */
void glow_document_start_facts  (GlowDocument *self);
void glow_document_init_loading (GlowDocument *self);
void glow_document_stop_loading (GlowDocument *self);

G_END_DECLS
