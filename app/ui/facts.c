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
  GlowJobSlot job, source_job;
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

void
glow_facts_ask (GlowFacts *self, GlowCallTree *tree, guint32 frame, const GlowNameSources *sources)
{
  GlowFunctionFacts *request;

  ask_source (self, tree, frame, sources);
  if (self->facts != NULL && self->facts->tree == tree && self->facts->frame == frame)
    return;                    /* another frame of the same function */
  glow_job_cancel (&self->job);
  g_clear_pointer (&self->facts, facts_free);
  if (frame == GLOW_NONE)
    return;
  request = g_new0 (GlowFunctionFacts, 1);
  request->tree = glow_call_tree_ref (tree);
  request->frame = frame;
  glow_job_start (&self->job, self, compute, request, facts_free, facts_free, computed);
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
