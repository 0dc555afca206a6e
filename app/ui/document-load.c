/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a document reads: in a worker that says how far it is and what it has so far; names that come later; files that change or grow. */
#include <config.h>

#include "ui/document-private.h"

#include <glib/gi18n.h>
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

/* What worker threads leave for the main one. Outlives the document if it must. */
struct _GlowMailbox {
  gatomicrefcount ref_count;
  GMutex lock;
  GWeakRef document;
  GlowProgress progress;
  char *detail;
  GlowProfile *partial;
  gboolean scheduled;
};
typedef struct _GlowMailbox Mailbox;

/* ---- what workers say ---- */

static void
mailbox_unref (Mailbox *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_weak_ref_clear (&self->document);
  g_mutex_clear (&self->lock);
  g_clear_object (&self->partial);
  g_free (self->detail);
  g_free (self);
}

static Mailbox *
mailbox_ref (Mailbox *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

static Mailbox *
mailbox_new (GlowDocument *document)
{
  Mailbox *self = g_new0 (Mailbox, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->lock);
  g_weak_ref_init (&self->document, document);
  return self;
}

static char *
describe_progress (GlowDocument *self, const GlowProgress *progress, const char *detail)
{
  GString *text = g_string_new (glow_stage_get_label (progress->stage));
  double seconds = (g_get_monotonic_time () - self->load_started) / 1e6;

  if (detail != NULL && *detail != '\0')
    g_string_append_printf (text, " · %s", detail);
  if (progress->samples > 0)
    {
      g_autofree char *count = glow_text_count (progress->samples);

      g_string_append_printf (text, " · ");
      g_string_append_printf (text, ngettext ("%s sample", "%s samples", progress->samples), count);
    }
  if (progress->stage == GLOW_STAGE_READING && progress->bytes > 0 && seconds > 0.3)
    {
      g_autofree char *rate = glow_text_bytes ((guint64) (progress->bytes / seconds));

      g_string_append (text, " · ");
      g_string_append_printf (text, _("%s a second"), rate);
    }
  return g_string_free (text, FALSE);
}

static gboolean
empty_mailbox (gpointer data)
{
  Mailbox *mailbox = data;
  g_autoptr(GlowDocument) self = g_weak_ref_get (&mailbox->document);
  g_autoptr(GlowProfile) partial = NULL;
  g_autofree char *detail = NULL;
  GlowProgress progress;

  g_mutex_lock (&mailbox->lock);
  mailbox->scheduled = FALSE;
  progress = mailbox->progress;
  detail = g_strdup (mailbox->detail);
  partial = g_steal_pointer (&mailbox->partial);
  g_mutex_unlock (&mailbox->lock);
  if (self == NULL || self->mailbox != mailbox)
    return G_SOURCE_REMOVE;
  self->fraction = progress.fraction;
  g_free (self->progress_text);
  self->progress_text = describe_progress (self, &progress, detail);
  if (partial != NULL)
    {
      self->naming = TRUE;
      glow_document_set_profile (self, partial);
    }
  glow_document_tell (self, GLOW_CHANGED_PROGRESS);
  return G_SOURCE_REMOVE;
}

static void
schedule (Mailbox *mailbox)
{
  if (mailbox->scheduled)
    return;
  mailbox->scheduled = TRUE;
  g_idle_add_full (G_PRIORITY_DEFAULT, empty_mailbox, mailbox_ref (mailbox), (GDestroyNotify) mailbox_unref);
}

static void
on_progress (const GlowProgress *progress, gpointer data)
{
  Mailbox *mailbox = data;

  g_mutex_lock (&mailbox->lock);
  mailbox->progress = *progress;
  g_free (mailbox->detail);
  mailbox->detail = progress->detail != NULL ? g_utf8_make_valid (progress->detail, -1) : NULL;
  schedule (mailbox);
  g_mutex_unlock (&mailbox->lock);
}

static void
on_partial (GlowProfile *profile, gpointer data)
{
  Mailbox *mailbox = data;

  g_mutex_lock (&mailbox->lock);
  g_set_object (&mailbox->partial, profile);
  schedule (mailbox);
  g_mutex_unlock (&mailbox->lock);
}

/* ---- reading ---- */

typedef struct {
  char **paths;
  GlowNameSources *sources;
  Mailbox *mailbox;
} LoadRequest;

static void
load_request_free (gpointer data)
{
  LoadRequest *request = data;

  g_strfreev (request->paths);
  glow_name_sources_free (request->sources);
  mailbox_unref (request->mailbox);
  g_free (request);
}

/* What reading needed beside the profile, to the system: a window stays open for hours. */
static void
give_back (void)
{
#ifdef __GLIBC__
  malloc_trim (0);
#endif
}

typedef struct {
  GlowProfile *profile;
  GlowGrowth *growth;          /* (nullable) */
} LoadAnswer;

static void
load_answer_free (gpointer data)
{
  LoadAnswer *answer = data;

  g_clear_object (&answer->profile);
  g_clear_pointer (&answer->growth, glow_growth_free);
  g_free (answer);
}

static gpointer
load (gpointer data, GCancellable *cancellable, GError **error)
{
  LoadRequest *request = data;
  GlowLoadOptions options = glow_name_sources_get_options (request->sources);
  LoadAnswer *answer = g_new0 (LoadAnswer, 1);

  options.progress = on_progress;
  options.partial = on_partial;
  options.user_data = request->mailbox;
  options.cache = GLOW_CACHE_WORTHWHILE;
  if (request->paths[1] == NULL)
    answer->profile = glow_profile_load_growing (request->paths[0], &options, &answer->growth, cancellable, error);
  else
    answer->profile = glow_profile_load_paths ((const char *const *) request->paths, &options, cancellable, error);
  give_back ();
  if (answer->profile != NULL)
    return answer;
  load_answer_free (answer);
  return NULL;
}

void
glow_document_set_state (GlowDocument *self, GlowDocumentState state)
{
  self->state = state;
  glow_document_tell (self, GLOW_CHANGED_STATE);
}

static void
load_done (gpointer owner, gpointer result, const GError *error)
{
  GlowDocument *self = owner;

  self->naming = FALSE;
  g_clear_pointer (&self->mailbox, mailbox_unref);
  if (result != NULL)
    {
      LoadAnswer *answer = result;

      glow_follow_begin (self->follow, g_steal_pointer (&answer->growth), self->sources);
      glow_document_set_profile (self, answer->profile);
      load_answer_free (answer);
      return;
    }
  glow_follow_begin (self->follow, NULL, NULL);
  g_clear_error (&self->error);
  self->error = error != NULL ? g_error_copy (error) : g_error_new (GLOW_ERROR, GLOW_ERROR_FAILED, _("Nothing came of reading it"));
  glow_document_set_state (self, GLOW_DOCUMENT_FAILED);
}

static void
on_file_changed (GlowFollow *follow, gpointer data)
{
  GlowDocument *self = data;

  self->stale = TRUE;
  glow_document_tell (self, GLOW_CHANGED_FILE);
}

static void
on_file_grown (GlowFollow *follow, GlowProfile *profile, gpointer data)
{
  GlowDocument *self = data;

  self->stale = FALSE;
  glow_document_set_profile (self, profile);
}

static void
start_loading (GlowDocument *self)
{
  LoadRequest *request = g_new0 (LoadRequest, 1);

  glow_job_cancel (&self->name_job);
  self->name_once_more = FALSE;
  g_clear_pointer (&self->mailbox, mailbox_unref);
  g_clear_error (&self->error);
  g_clear_pointer (&self->progress_text, g_free);
  self->mailbox = mailbox_new (self);
  self->fraction = -1;
  self->stale = FALSE;
  self->load_started = g_get_monotonic_time ();
  *request = (LoadRequest) { g_strdupv (self->paths), glow_name_sources_copy (self->sources), mailbox_ref (self->mailbox) };
  glow_follow_watch (self->follow, (const char *const *) self->paths);
  glow_job_start (&self->load_job, self, load, request, load_request_free, load_answer_free, load_done);
  glow_document_set_state (self, GLOW_DOCUMENT_LOADING);
}

/* From @paths (transfer full) on nothing of what was shown is left. */
static void
forget (GlowDocument *self, char **paths)
{
  g_strfreev (self->paths);
  self->paths = paths;
  g_ptr_array_set_size (self->history, 0);
  g_ptr_array_add (self->history, glow_query_new ());
  self->position = 0;
  glow_job_cancel (&self->tree_job);
  g_clear_object (&self->profile);
  g_clear_pointer (&self->tree, glow_call_tree_unref);
  glow_document_set_search (self, NULL);
  self->selected = self->hover = GLOW_NONE;
  self->zoom = 0;
  glow_document_start_facts (self);
}

void
glow_document_load (GlowDocument *self, const char *const *paths)
{
  forget (self, g_strdupv ((char **) paths));
  start_loading (self);
}

void
glow_document_close (GlowDocument *self)
{
  static const char *const nothing[] = { NULL };

  glow_job_cancel (&self->load_job);
  glow_job_cancel (&self->name_job);
  g_clear_pointer (&self->mailbox, mailbox_unref);
  self->naming = self->stale = FALSE;
  forget (self, NULL);
  glow_follow_watch (self->follow, nothing);
  glow_document_set_state (self, GLOW_DOCUMENT_EMPTY);
}

void
glow_document_reload (GlowDocument *self)
{
  if (self->state != GLOW_DOCUMENT_LOADING && glow_follow_read_now (self->follow))
    return;
  if (self->paths != NULL && g_strv_length (self->paths) > 0 && !g_strv_contains ((const char *const *) self->paths, "-"))
    start_loading (self);
}

void
glow_document_cancel (GlowDocument *self)
{
  if (self->state != GLOW_DOCUMENT_LOADING && !self->naming)
    return;
  glow_job_cancel (&self->load_job);
  g_clear_pointer (&self->mailbox, mailbox_unref);
  self->naming = FALSE;
  glow_follow_begin (self->follow, NULL, NULL);
  glow_document_set_state (self, self->tree != NULL ? GLOW_DOCUMENT_READY : GLOW_DOCUMENT_EMPTY);
}

GlowNameSources *
glow_document_get_name_sources (GlowDocument *self)
{
  return self->sources;
}

/* ---- names that come later ---- */

typedef struct {
  GlowProfile *profile;
  GlowNameSources *sources;
} NameRequest;

static void
name_request_free (gpointer data)
{
  NameRequest *request = data;

  g_object_unref (request->profile);
  glow_name_sources_free (request->sources);
  g_free (request);
}

static gpointer
name_profile (gpointer data, GCancellable *cancellable, GError **error)
{
  NameRequest *request = data;
  const GlowLoadOptions options = glow_name_sources_get_options (request->sources);

  return glow_profile_name_again (request->profile, &options, cancellable, error);
}

static void
name_done (gpointer owner, gpointer result, const GError *error)
{
  GlowDocument *self = owner;
  g_autoptr(GlowProfile) profile = result;

  if (profile != NULL)
    glow_document_set_profile (self, profile);
  if (self->name_once_more)
    glow_document_name_again (self);
}

void
glow_document_name_again (GlowDocument *self)
{
  NameRequest *request;

  /* One that runs may have looked before the file came: it ends, and then it is done again. */
  self->name_once_more = glow_job_is_running (&self->name_job);
  if (self->name_once_more || self->profile == NULL || glow_job_is_running (&self->load_job))
    return;
  request = g_new0 (NameRequest, 1);
  request->profile = g_object_ref (self->profile);
  request->sources = glow_name_sources_copy (self->sources);
  glow_job_start (&self->name_job, self, name_profile, request, name_request_free, g_object_unref, name_done);
}

/* ---- the document's beginning and end ---- */

void
glow_document_init_loading (GlowDocument *self)
{
  self->follow = glow_follow_new ();
  g_signal_connect_object (self->follow, "changed", G_CALLBACK (on_file_changed), self, 0);
  g_signal_connect_object (self->follow, "grown", G_CALLBACK (on_file_grown), self, 0);
  self->sources = glow_name_sources_new ();
}

void
glow_document_stop_loading (GlowDocument *self)
{
  glow_job_cancel (&self->load_job);
  glow_job_cancel (&self->name_job);
  g_clear_pointer (&self->mailbox, mailbox_unref);
  g_signal_handlers_disconnect_by_data (self->follow, self);
}
