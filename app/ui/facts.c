/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is known of the selected function: sums, callers and callees, and where it is written. Two workers, for debug information may be slow
 * to open. */
#include <config.h>

#include "ui/facts.h"
#include "ui/job.h"

#include <glib/gi18n.h>

struct _GlowFacts {
  GObject parent_instance;
  GlowFunctionFacts *facts;    /* (nullable) */
  GlowProfile *profile;        /* (nullable): the source is of, with @frame */
  guint32 frame;
  GlowSource *source;          /* (nullable) */
  char *no_source;             /* (nullable): why there is none */
  guint n_watchers;
  GlowCallTree *asked_tree;    /* (nullable): the question, which is answered while anybody watches */
  guint32 asked_frame;
  const GlowNameSources *asked_sources;   /* (nullable): nothing was asked; the document's, which has this too */
  gboolean wants_fields;
  GlowCallTree *fields_tree;   /* (nullable): the fields are of it, and of @fields_frame */
  guint32 fields_frame;
  GPtrArray *fields;           /* (nullable): of GlowFieldFacts */
  GlowJobSlot job, source_job, fields_job;
};

G_DEFINE_FINAL_TYPE (GlowFacts, glow_facts, G_TYPE_OBJECT)

static guint changed_signal;

static void
facts_free (gpointer data)
{
  GlowFunctionFacts *facts = data;

  glow_call_tree_unref (facts->tree);
  g_clear_pointer (&facts->callers, glow_call_tree_unref);
  g_clear_pointer (&facts->callees, glow_call_tree_unref);
  g_free (facts);
}

/* @data has tree and frame; so does the answer. */
static gpointer
compute (gpointer data, GCancellable *cancellable, GError **error)
{
  const GlowFunctionFacts *request = data;
  GlowFunctionFacts *facts = g_new0 (GlowFunctionFacts, 1);

  facts->tree = glow_call_tree_ref (request->tree);
  facts->frame = request->frame;
  facts->callees = glow_call_tree_compute_callees (request->tree, request->frame, cancellable);
  facts->callers = glow_call_tree_compute_callers (request->tree, request->frame, cancellable);
  facts->has_spread = glow_call_tree_compute_frame_spread (request->tree, request->frame, &facts->spread, cancellable);
  if (facts->callees == NULL || facts->callers == NULL)
    g_clear_pointer (&facts, facts_free);
  return facts;
}

static void
computed (gpointer owner, gpointer result, const GError *error)
{
  GlowFacts *self = owner;

  self->facts = result;
  g_signal_emit (self, changed_signal, 0);
}

/* ---- source ---- */

typedef struct {
  GlowProfile *profile;
  guint32 frame;
  GlowNameSources *sources;
} SourceRequest;

static void
source_request_free (gpointer data)
{
  SourceRequest *request = data;

  g_object_unref (request->profile);
  glow_name_sources_free (request->sources);
  g_free (request);
}

static gpointer
find_source (gpointer data, GCancellable *cancellable, GError **error)
{
  const SourceRequest *request = data;

  const GlowLoadOptions options = glow_name_sources_get_options (request->sources);

  return glow_source_find (request->profile, request->frame, &options, cancellable, error);
}

static void
source_found (gpointer owner, gpointer result, const GError *error)
{
  GlowFacts *self = owner;

  self->source = result;
  self->no_source = result == NULL ? g_strdup (error != NULL ? error->message : _("The source of this function is not known")) : NULL;
  g_signal_emit (self, changed_signal, 0);
}

static void
ask_source (GlowFacts *self, GlowCallTree *tree, guint32 frame, const GlowNameSources *sources)
{
  GlowProfile *profile = tree != NULL ? glow_call_tree_get_profile (tree) : NULL;
  SourceRequest *request;

  if (profile == self->profile && frame == self->frame)
    return;
  glow_job_cancel (&self->source_job);
  g_clear_pointer (&self->source, glow_source_free);
  g_clear_pointer (&self->no_source, g_free);
  g_set_object (&self->profile, profile);
  self->frame = frame;
  if (frame == GLOW_NONE || profile == NULL)
    return;
  if (glow_call_tree_get_frame (tree, frame)->kind == GLOW_FRAME_GROUP)
    {
      self->no_source = g_strdup (_("This is a group of stacks, not a function"));
      return;
    }
  request = g_new0 (SourceRequest, 1);
  request->profile = g_object_ref (profile);
  request->frame = frame;
  request->sources = glow_name_sources_copy (sources);
  glow_job_start (&self->source_job, self, find_source, request, source_request_free, (GDestroyNotify) glow_source_free, source_found);
}

/* ---- fields ---- */

#define SHOWN_FIELDS 12
#define SHOWN_VALUES 3

typedef struct {
  GlowCallTree *tree;
  guint32 frame;
} FieldsRequest;

static void
fields_request_free (gpointer data)
{
  FieldsRequest *request = data;

  glow_call_tree_unref (request->tree);
  g_free (request);
}

static void
field_facts_free (gpointer data)
{
  GlowFieldFacts *facts = data;

  g_free (facts->name);
  g_array_unref (facts->shares);
  g_free (facts);
}

static void
fields_free (gpointer data)
{
  g_ptr_array_unref (data);
}

static gpointer
count_fields (gpointer data, GCancellable *cancellable, GError **error)
{
  const FieldsRequest *request = data;
  GlowProfile *profile = glow_call_tree_get_profile (request->tree);
  g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func (field_facts_free);
  g_autofree guint8 *keep = glow_call_tree_compute_frame_samples (request->tree, request->frame, cancellable);
  guint32 n_events;

  glow_profile_get_events (profile, &n_events);
  for (guint32 e = 0; keep != NULL && e < n_events; e++)
    {
      guint n = 0;
      const GlowField *fields = glow_call_tree_has_event (request->tree, e) ? glow_profile_get_fields (profile, e, &n) : NULL;

      for (guint i = 0; i < n && found->len < SHOWN_FIELDS; i++)
        {
          GlowFieldFacts *facts;
          guint n_distinct;
          GArray *shares;

          if (fields[i].is_common)
            continue;
          shares = glow_profile_compute_field_shares (profile, fields[i].name, keep, SHOWN_VALUES, &n_distinct, cancellable, NULL);
          if (shares == NULL)
            continue;
          facts = g_new0 (GlowFieldFacts, 1);
          facts->name = g_strdup (fields[i].name);
          facts->shares = shares;
          facts->n_distinct = n_distinct;
          g_ptr_array_add (found, facts);
        }
    }
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  return g_steal_pointer (&found);
}

static void
fields_counted (gpointer owner, gpointer result, const GError *error)
{
  GlowFacts *self = owner;

  self->fields = result;
  g_signal_emit (self, changed_signal, 0);
}

static void
ask_fields (GlowFacts *self, GlowCallTree *tree, guint32 frame)
{
  FieldsRequest *request;

  if (tree == self->fields_tree && frame == self->fields_frame)
    return;
  glow_job_cancel (&self->fields_job);
  g_clear_pointer (&self->fields, g_ptr_array_unref);
  g_clear_pointer (&self->fields_tree, glow_call_tree_unref);
  self->fields_frame = frame;
  if (tree == NULL || !self->wants_fields)
    return;
  self->fields_tree = glow_call_tree_ref (tree);
  request = g_new0 (FieldsRequest, 1);
  request->tree = glow_call_tree_ref (tree);
  request->frame = frame;
  glow_job_start (&self->fields_job, self, count_fields, request, fields_request_free, fields_free, fields_counted);
}

void
glow_facts_want_fields (GlowFacts *self, gboolean want)
{
  self->wants_fields = want;
  if (want && self->facts != NULL)
    ask_fields (self, self->facts->tree, self->facts->frame);
}

const GPtrArray *
glow_facts_get_fields (GlowFacts *self)
{
  return self->wants_fields ? self->fields : NULL;
}

static void
answer (GlowFacts *self)
{
  GlowCallTree *tree = self->asked_tree;
  guint32 frame = self->asked_frame;
  GlowFunctionFacts *request;

  ask_source (self, tree, frame, self->asked_sources);
  ask_fields (self, frame != GLOW_NONE ? tree : NULL, frame);
  if (self->facts != NULL && self->facts->tree == tree && self->facts->frame == frame)
    return;                    /* another frame of the same function */
  glow_job_cancel (&self->job);
  g_clear_pointer (&self->facts, facts_free);
  if (frame == GLOW_NONE || tree == NULL)
    return;
  request = g_new0 (GlowFunctionFacts, 1);
  request->tree = glow_call_tree_ref (tree);
  request->frame = frame;
  glow_job_start (&self->job, self, compute, request, facts_free, facts_free, computed);
}

void
glow_facts_ask (GlowFacts *self, GlowCallTree *tree, guint32 frame, const GlowNameSources *sources)
{
  if (tree != NULL)
    glow_call_tree_ref (tree);
  g_clear_pointer (&self->asked_tree, glow_call_tree_unref);
  self->asked_tree = tree;
  self->asked_frame = frame;
  self->asked_sources = sources;
  if (self->n_watchers > 0)
    {
      answer (self);
      return;
    }
  /* What is known of another function, or will be, is not of this one. */
  glow_job_cancel (&self->job);
  if (self->facts != NULL && (self->facts->tree != tree || self->facts->frame != frame))
    g_clear_pointer (&self->facts, facts_free);
}

void
glow_facts_watch (GlowFacts *self)
{
  if (self->n_watchers++ == 0 && self->asked_sources != NULL)
    answer (self);
}

void
glow_facts_unwatch (GlowFacts *self)
{
  self->n_watchers--;
}

void
glow_facts_seek_source (GlowFacts *self)
{
  if (self->asked_sources != NULL)
    ask_source (self, self->asked_tree, self->asked_frame, self->asked_sources);
}

const GlowFunctionFacts *
glow_facts_get (GlowFacts *self)
{
  return self->facts;
}

const GlowSource *
glow_facts_get_source (GlowFacts *self, const char **reason)
{
  if (reason != NULL)
    *reason = self->no_source;
  return self->source;
}

void
glow_facts_stop (GlowFacts *self)
{
  glow_job_cancel (&self->job);
  glow_job_cancel (&self->source_job);
  glow_job_cancel (&self->fields_job);
}

GlowFacts *
glow_facts_new (void)
{
  return g_object_new (GLOW_TYPE_FACTS, NULL);
}

static void
glow_facts_dispose (GObject *object)
{
  glow_facts_stop (GLOW_FACTS (object));
  G_OBJECT_CLASS (glow_facts_parent_class)->dispose (object);
}

static void
glow_facts_finalize (GObject *object)
{
  GlowFacts *self = GLOW_FACTS (object);

  g_clear_pointer (&self->facts, facts_free);
  g_clear_pointer (&self->source, glow_source_free);
  g_clear_pointer (&self->fields, g_ptr_array_unref);
  g_clear_pointer (&self->fields_tree, glow_call_tree_unref);
  g_clear_pointer (&self->asked_tree, glow_call_tree_unref);
  g_clear_object (&self->profile);
  g_free (self->no_source);
  G_OBJECT_CLASS (glow_facts_parent_class)->finalize (object);
}

static void
glow_facts_class_init (GlowFactsClass *class)
{
  G_OBJECT_CLASS (class)->dispose = glow_facts_dispose;
  G_OBJECT_CLASS (class)->finalize = glow_facts_finalize;
  changed_signal = g_signal_new ("changed", GLOW_TYPE_FACTS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
glow_facts_init (GlowFacts *self)
{
  self->frame = GLOW_NONE;
}
