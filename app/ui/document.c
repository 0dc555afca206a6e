/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The model of a window: it reads in one worker (document-load.c), answers queries in another, and tells the views what has changed. */
#include <config.h>

#include "ui/document-private.h"

#include <glib/gi18n.h>
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#define MAX_HISTORY 200
/* Tables from this size on go back to the system when they are freed: malloc() would keep ever larger ones for itself. */
#define KEPT_AT_MOST (4 << 20)
/* µs: a recording without an end that was written on so recently is taken to be in the making. */
#define JUST_WRITTEN G_GINT64_CONSTANT (10000000)

G_DEFINE_FINAL_TYPE (GlowDocument, glow_document, G_TYPE_OBJECT)

static guint changed_signal, refused_signal;

void
glow_document_tell (GlowDocument *self, GlowChanges changes)
{
  g_signal_emit (self, changed_signal, 0, (guint) changes);
}

static void
keep_little (void)
{
#ifdef __GLIBC__
  mallopt (M_MMAP_THRESHOLD, KEPT_AT_MOST);
#endif
}

/* ---- queries ---- */

static void start_tree (GlowDocument *self);
static void tree_done (gpointer owner, gpointer result, const GError *error);
static void start_search (GlowDocument *self);

typedef struct {
  GlowProfile *profile;
  GlowQuery *query;
  GlowCallTree *coarse;        /* (nullable): the tree that is to be looked into further, of the same profile and query … */
  guint32 node, frame;         /* … about this node, or about the heaviest of this function where @node is GLOW_NONE */
} TreeRequest;

static void
tree_request_free (gpointer data)
{
  TreeRequest *request = data;

  g_object_unref (request->profile);
  glow_query_unref (request->query);
  g_clear_pointer (&request->coarse, glow_call_tree_unref);
  g_free (request);
}

typedef struct {
  GlowCallTree *tree;
  double unnamed_share;
  guint32 finest;
  guint32 found;               /* the node of the function that was asked for, or GLOW_NONE */
} TreeAnswer;

static void
tree_answer_free (gpointer data)
{
  TreeAnswer *answer = data;

  g_clear_pointer (&answer->tree, glow_call_tree_unref);
  g_free (answer);
}

static gpointer
compute_tree (gpointer data, GCancellable *cancellable, GError **error)
{
  TreeRequest *request = data;
  GlowCallTree *tree;
  TreeAnswer *answer;
  gboolean exact;

  if (request->coarse == NULL)
    tree = glow_call_tree_compute_for_view (request->profile, request->query, cancellable, error);
  else if (request->node != GLOW_NONE)
    tree = glow_call_tree_refine (request->coarse, request->node, cancellable, error);
  else
    tree = glow_call_tree_refine_frame (request->coarse, request->frame, cancellable, error);
  /* A function that does not occur: everything stays as it is. */
  if (tree == NULL && request->coarse != NULL && error != NULL && *error == NULL)
    tree = glow_call_tree_ref (request->coarse);
  if (tree == NULL)
    return NULL;
  /* Torn edges are found at the first question for one: not while painting. */
  glow_call_tree_get_tear (tree, 0);
  answer = g_new0 (TreeAnswer, 1);
  answer->tree = tree;
  answer->unnamed_share = glow_call_tree_compute_unnamed_share (tree, cancellable);
  answer->found = GLOW_NONE;
  if (request->coarse != NULL && request->node != GLOW_NONE)
    answer->finest = glow_call_tree_find_like (tree, request->coarse, request->node, &exact);
  else if (request->coarse != NULL)
    answer->finest = answer->found = glow_call_tree_find_frame (tree, request->frame);
  return answer;
}

/* What was left out of a tree below a node, or of a function that is nowhere wide enough. */
static void
look_closer (GlowDocument *self, guint32 node, guint32 frame)
{
  TreeRequest *request = g_new0 (TreeRequest, 1);

  *request = (TreeRequest) { g_object_ref (self->profile), glow_query_ref ((GlowQuery *) glow_call_tree_get_query (self->tree)),
                             glow_call_tree_ref (self->tree), node, frame };
  glow_job_start (&self->tree_job, self, compute_tree, request, tree_request_free, tree_answer_free, tree_done);
}

/* Whether the tree that is shown answers what is asked now: there is nothing to be looked into of one that is about to go. */
static gboolean
can_look_closer (GlowDocument *self)
{
  return self->tree != NULL && !glow_call_tree_is_whole (self->tree) && glow_call_tree_get_profile (self->tree) == self->profile
         && glow_query_equal (glow_call_tree_get_query (self->tree), glow_document_get_query (self));
}

/* Whether what fills the view now is a small part of what the tree was made for: its narrowest nodes would be seen. */
static gboolean
needs_closer_look (GlowDocument *self, guint32 node)
{
  const GlowCallTreeNodes *nodes = glow_call_tree_get_nodes (self->tree);
  guint64 fine = nodes->total[0];

  for (guint32 at = node; at != 0; at = nodes->parent[at])
    if (at == self->finest)
      fine = nodes->total[at];
  return nodes->total[node] < fine / 4;
}

static void
tree_done (gpointer owner, gpointer result, const GError *error)
{
  GlowDocument *self = owner;
  TreeAnswer *answer = result;
  g_autoptr(GlowCallTree) old = NULL;
  GlowChanges changes = GLOW_CHANGED_TREE | GLOW_CHANGED_SELECTION | GLOW_CHANGED_ZOOM;
  guint32 found;
  gboolean exact;

  if (answer == NULL && self->position > 0)
    {
      /* A query that cannot be answered (of this file: it may have been remembered, or given with it) takes nothing away: the one before is
       * asked again. */
      g_ptr_array_set_size (self->history, self->position--);
      g_signal_emit (self, refused_signal, 0, error->message);
      glow_document_tell (self, GLOW_CHANGED_QUERY);
      start_tree (self);
      return;
    }
  if (answer == NULL)
    {
      g_clear_error (&self->error);
      self->error = g_error_copy (error);
      glow_document_set_state (self, GLOW_DOCUMENT_FAILED);
      return;
    }
  old = g_steal_pointer (&self->tree);
  self->tree = g_steal_pointer (&answer->tree);
  self->unnamed_share = answer->unnamed_share;
  self->finest = answer->finest;
  found = answer->found;
  tree_answer_free (answer);
  self->hover = GLOW_NONE;
  if (old != NULL && self->selected != GLOW_NONE)
    {
      self->selected = glow_call_tree_find_like (self->tree, old, self->selected, &exact);
      if (!exact)
        self->selected = GLOW_NONE;
    }
  if (old != NULL)
    self->zoom = glow_call_tree_find_like (self->tree, old, self->zoom, &exact);
  if (found != GLOW_NONE)
    self->selected = found;
  if (can_look_closer (self) && needs_closer_look (self, self->zoom))
    look_closer (self, self->zoom, GLOW_NONE);
  g_clear_pointer (&self->search, glow_search_free);
  if (self->search_text != NULL)
    start_search (self);
  if (!glow_job_is_running (&self->load_job) || self->naming)
    {
      changes |= self->state != GLOW_DOCUMENT_READY ? GLOW_CHANGED_STATE : 0;
      self->state = GLOW_DOCUMENT_READY;
    }
  glow_document_start_facts (self);
  glow_document_tell (self, changes);
}

static void
start_tree (GlowDocument *self)
{
  TreeRequest *request;

  if (self->profile == NULL)
    return;
  request = g_new0 (TreeRequest, 1);
  request->profile = g_object_ref (self->profile);
  request->query = glow_query_ref ((GlowQuery *) glow_document_get_query (self));
  glow_job_start (&self->tree_job, self, compute_tree, request, tree_request_free, tree_answer_free, tree_done);
}

void
glow_document_set_profile (GlowDocument *self, GlowProfile *profile)
{
  g_set_object (&self->profile, profile);
  glow_document_tell (self, GLOW_CHANGED_PROFILE);
  start_tree (self);
}

const GlowQuery *
glow_document_get_query (GlowDocument *self)
{
  return g_ptr_array_index (self->history, self->position);
}

void
glow_document_set_query (GlowDocument *self, GlowQuery *query)
{
  if (glow_query_equal (query, glow_document_get_query (self)))
    {
      glow_query_unref (query);
      return;
    }
  g_ptr_array_set_size (self->history, self->position + 1);
  g_ptr_array_add (self->history, query);
  if (self->history->len > MAX_HISTORY)
    g_ptr_array_remove_index (self->history, 0);
  self->position = self->history->len - 1;
  glow_document_tell (self, GLOW_CHANGED_QUERY);
  start_tree (self);
}

gboolean
glow_document_toggle_term (GlowDocument *self, GlowQueryField field, const char *value, GError **error)
{
  const GlowQuery *query = glow_document_get_query (self);
  GlowQuery *changed = glow_query_has_term (query, field, value) ? glow_query_without (query, field, value)
                                                                 : glow_query_with (query, field, value, error);

  if (changed == NULL)
    return FALSE;
  glow_document_set_query (self, changed);
  return TRUE;
}

void
glow_document_add_function_term (GlowDocument *self, GlowQueryField field, guint32 frame)
{
  if (self->tree != NULL && frame != GLOW_NONE && glow_call_tree_get_frame (self->tree, frame)->kind != GLOW_FRAME_GROUP)
    glow_document_add_name_term (self, field, glow_call_tree_get_frame_name (self->tree, frame));
}

void
glow_document_add_name_term (GlowDocument *self, GlowQueryField field, const char *function)
{
  g_autofree char *name = g_utf8_make_valid (function, -1), *escaped = g_regex_escape_string (name, -1), *pattern = g_strdup_printf ("^%s$", escaped);
  GlowQuery *query = glow_query_with (glow_document_get_query (self), field, pattern, NULL);

  if (query != NULL)
    glow_document_set_query (self, query);
}

gboolean
glow_document_can_go_back (GlowDocument *self)
{
  return self->position > 0;
}

gboolean
glow_document_can_go_forward (GlowDocument *self)
{
  return self->position + 1 < self->history->len;
}

static void
go (GlowDocument *self, int step)
{
  self->position += step;
  glow_document_tell (self, GLOW_CHANGED_QUERY);
  start_tree (self);
}

void
glow_document_go_back (GlowDocument *self)
{
  if (glow_document_can_go_back (self))
    go (self, -1);
}

void
glow_document_go_forward (GlowDocument *self)
{
  if (glow_document_can_go_forward (self))
    go (self, 1);
}

/* ---- what is chosen ---- */

static void
on_facts (GlowFacts *facts, gpointer self)
{
  glow_document_tell (self, GLOW_CHANGED_FACTS);
}

void
glow_document_start_facts (GlowDocument *self)
{
  glow_facts_ask (self->facts, self->tree, glow_document_get_selected_frame (self), self->sources);
}

GlowFacts *
glow_document_get_facts (GlowDocument *self)
{
  return self->facts;
}

guint32
glow_document_get_selected (GlowDocument *self)
{
  return self->selected;
}

guint32
glow_document_get_selected_frame (GlowDocument *self)
{
  if (self->tree == NULL || self->selected == GLOW_NONE)
    return GLOW_NONE;
  return glow_call_tree_get_nodes (self->tree)->frame[self->selected];
}

void
glow_document_set_selected (GlowDocument *self, guint32 node)
{
  if (self->tree == NULL || node == self->selected || (node != GLOW_NONE && node >= glow_call_tree_get_nodes (self->tree)->n_nodes))
    return;
  self->selected = node;
  glow_document_start_facts (self);
  glow_document_tell (self, GLOW_CHANGED_SELECTION);
}

void
glow_document_look_closer (GlowDocument *self)
{
  if (self->tree != NULL && self->selected != GLOW_NONE && self->zoom == 0 && self->selected != self->finest && can_look_closer (self)
      && glow_call_tree_is_cut (self->tree, self->selected))
    look_closer (self, self->selected, GLOW_NONE);
}

void
glow_document_select_frame (GlowDocument *self, guint32 frame)
{
  guint32 node;

  if (self->tree == NULL || glow_document_get_selected_frame (self) == frame)
    return;
  node = glow_call_tree_find_frame (self->tree, frame);
  if (node == GLOW_NONE && frame != GLOW_NONE && can_look_closer (self))
    look_closer (self, GLOW_NONE, frame);
  else
    glow_document_set_selected (self, node);
}

guint32
glow_document_get_hover (GlowDocument *self)
{
  return self->hover;
}

void
glow_document_set_hover (GlowDocument *self, guint32 frame)
{
  if (frame == self->hover)
    return;
  self->hover = frame;
  glow_document_tell (self, GLOW_CHANGED_HOVER);
}

guint32
glow_document_get_zoom (GlowDocument *self)
{
  return self->zoom;
}

void
glow_document_set_zoom (GlowDocument *self, guint32 node)
{
  if (self->tree == NULL || node >= glow_call_tree_get_nodes (self->tree)->n_nodes)
    return;
  self->zoom = node;
  if (can_look_closer (self) && needs_closer_look (self, node))
    look_closer (self, node, GLOW_NONE);
  glow_document_tell (self, GLOW_CHANGED_ZOOM);
}

/* ---- search ---- */

typedef struct {
  GlowCallTree *tree;
  char *text;
} SearchRequest;

static void
search_request_free (gpointer data)
{
  SearchRequest *request = data;

  glow_call_tree_unref (request->tree);
  g_free (request->text);
  g_free (request);
}

/* Upper case is meant where somebody typed it. */
static gboolean
has_upper (const char *text)
{
  for (; *text != '\0'; text = g_utf8_next_char (text))
    if (*text == '\\' && text[1] != '\0')
      text = g_utf8_next_char (text);
    else if (g_unichar_isupper (g_utf8_get_char (text)))
      return TRUE;
  return FALSE;
}

static gpointer
compute_search (gpointer data, GCancellable *cancellable, GError **error)
{
  SearchRequest *request = data;

  return glow_search_compute (request->tree, request->text, has_upper (request->text), cancellable, error);
}

static void
search_done (gpointer owner, gpointer result, const GError *error)
{
  GlowDocument *self = owner;

  g_clear_pointer (&self->search, glow_search_free);
  g_clear_pointer (&self->search_error, g_free);
  self->search = result;
  if (error != NULL)
    self->search_error = g_strdup (error->message);
  glow_document_tell (self, GLOW_CHANGED_SEARCH);
}

static void
start_search (GlowDocument *self)
{
  SearchRequest *request;

  if (self->tree == NULL)
    return;
  request = g_new0 (SearchRequest, 1);
  request->tree = glow_call_tree_ref (self->tree);
  request->text = g_strdup (self->search_text);
  glow_job_start (&self->search_job, self, compute_search, request, search_request_free, (GDestroyNotify) glow_search_free, search_done);
}

void
glow_document_set_search (GlowDocument *self, const char *regex)
{
  if (regex != NULL && *regex == '\0')
    regex = NULL;
  if (g_strcmp0 (regex, self->search_text) == 0)
    return;
  g_free (self->search_text);
  self->search_text = g_strdup (regex);
  if (regex != NULL && self->tree != NULL)
    {
      start_search (self);
      return;
    }
  glow_job_cancel (&self->search_job);
  g_clear_pointer (&self->search, glow_search_free);
  g_clear_pointer (&self->search_error, g_free);
  glow_document_tell (self, GLOW_CHANGED_SEARCH);
}

const char *
glow_document_get_search_text (GlowDocument *self)
{
  return self->search_text;
}

const GlowSearch *
glow_document_get_search (GlowDocument *self)
{
  return self->search;
}

const char *
glow_document_get_search_error (GlowDocument *self)
{
  return self->search_error;
}

/* ---- the rest ---- */

GlowDocumentState
glow_document_get_state (GlowDocument *self)
{
  return self->state;
}

const char *const *
glow_document_get_paths (GlowDocument *self)
{
  return (const char *const *) self->paths;
}

char *
glow_document_dup_title (GlowDocument *self)
{
  guint n = self->paths != NULL ? g_strv_length (self->paths) : 0;
  g_autofree char *first = NULL;

  if (n == 0)
    return g_strdup (_("Afterglow"));
  first = strcmp (self->paths[0], "-") == 0 ? g_strdup (_("Standard input")) : g_filename_display_basename (self->paths[0]);
  return n == 1 ? g_steal_pointer (&first) : g_strdup_printf (ngettext ("%s and %u more", "%s and %u more", n - 1), first, n - 1);
}

const GError *
glow_document_get_error (GlowDocument *self)
{
  return self->error;
}

double
glow_document_get_progress (GlowDocument *self, const char **text)
{
  *text = self->progress_text;
  return self->fraction;
}

gboolean
glow_document_is_naming (GlowDocument *self)
{
  return self->naming;
}

gboolean
glow_document_is_busy (GlowDocument *self)
{
  return glow_job_is_running (&self->tree_job);
}

gboolean
glow_document_is_stale (GlowDocument *self)
{
  return self->stale;
}

gboolean
glow_document_is_growing (GlowDocument *self)
{
  const GlowProfileInfo *info = self->profile != NULL ? glow_profile_get_info (self->profile) : NULL;

  return info != NULL && info->unfinished && glow_follow_can_read_on (self->follow)
         && (glow_follow_get_n_grown (self->follow) > 0 || g_get_real_time () - info->file_time / 1000 < JUST_WRITTEN);
}

gboolean
glow_document_get_follows (GlowDocument *self)
{
  return glow_follow_get_active (self->follow);
}

void
glow_document_set_follows (GlowDocument *self, gboolean follows)
{
  glow_follow_set_active (self->follow, follows);
  if (follows)
    self->stale = FALSE;
  glow_document_tell (self, GLOW_CHANGED_FILE);
}

GlowProfile *
glow_document_get_profile (GlowDocument *self)
{
  return self->profile;
}

double
glow_document_get_unnamed_share (GlowDocument *self)
{
  return self->unnamed_share;
}

GlowCallTree *
glow_document_get_tree (GlowDocument *self)
{
  return self->tree;
}

GlowDocument *
glow_document_new (void)
{
  return g_object_new (GLOW_TYPE_DOCUMENT, NULL);
}

static void
glow_document_dispose (GObject *object)
{
  GlowDocument *self = GLOW_DOCUMENT (object);

  glow_document_stop_loading (self);
  glow_job_cancel (&self->tree_job);
  glow_job_cancel (&self->search_job);
  glow_facts_stop (self->facts);
  G_OBJECT_CLASS (glow_document_parent_class)->dispose (object);
}

static void
glow_document_finalize (GObject *object)
{
  GlowDocument *self = GLOW_DOCUMENT (object);

  g_strfreev (self->paths);
  glow_name_sources_free (self->sources);
  g_free (self->progress_text);
  g_free (self->search_text);
  g_free (self->search_error);
  g_clear_error (&self->error);
  g_clear_pointer (&self->search, glow_search_free);
  g_object_unref (self->facts);
  g_object_unref (self->follow);
  g_clear_pointer (&self->tree, glow_call_tree_unref);
  g_clear_object (&self->profile);
  g_ptr_array_unref (self->history);
  G_OBJECT_CLASS (glow_document_parent_class)->finalize (object);
}

static void
glow_document_class_init (GlowDocumentClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  keep_little ();
  object_class->dispose = glow_document_dispose;
  object_class->finalize = glow_document_finalize;
  changed_signal = g_signal_new ("changed", GLOW_TYPE_DOCUMENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  refused_signal = g_signal_new ("refused", GLOW_TYPE_DOCUMENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
glow_document_init (GlowDocument *self)
{
  self->history = g_ptr_array_new_with_free_func ((GDestroyNotify) glow_query_unref);
  g_ptr_array_add (self->history, glow_query_new ());
  glow_document_init_loading (self);
  self->selected = self->hover = GLOW_NONE;
  self->facts = glow_facts_new ();
  g_signal_connect_object (self->facts, "changed", G_CALLBACK (on_facts), self, 0);
}
