/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which modules would gain from a debuginfod server, and fetching them. Rows are found again by build-id when the view or the names change, so that what
 * was chosen, and what came, stays. */
#include <config.h>

#include "ui/fetch.h"
#include "ui/job.h"

#include <glib/gi18n.h>
#include <string.h>

/* Modules with less of what is shown in unnamed code are listed, but not chosen. */
#define WORTH_CHOOSING 0.001

/* What the worker leaves for the main thread. */
typedef struct {
  gatomicrefcount ref_count;
  GMutex lock;
  GWeakRef fetch;
  char *build_id;              /* of the module at hand */
  guint64 bytes, total;
  guint place;                 /* how many modules came before it */
  GPtrArray *done;             /* of Answer */
  gboolean scheduled;
} Mailbox;

typedef struct {
  char *build_id;
  GlowFetchResult result;
  GlowFetched fetched;
} Answer;

struct _GlowFetch {
  GObject parent_instance;
  GlowDocument *document;      /* unowned: whoever owns this owns it too */
  GArray *rows;                /* of GlowFetchRow */
  Mailbox *mailbox;
  guint place, n_asked, n_here;
  guint64 bytes_here;
  gboolean programs;           /* a program came: stacks may be unwound further */
  char *problem;
  GlowJobSlot list_job, fetch_job;
};

G_DEFINE_FINAL_TYPE (GlowFetch, glow_fetch, G_TYPE_OBJECT)

static guint changed_signal;

static void
tell (GlowFetch *self, gboolean list)
{
  g_signal_emit (self, changed_signal, 0, list);
}

static void
row_clear (gpointer data)
{
  GlowFetchRow *row = data;

  g_free (row->build_id);
  g_free (row->name);
  g_free (row->path);
}

static GlowFetchRow *
find_row (GlowFetch *self, const char *build_id)
{
  for (guint i = 0; build_id != NULL && i < self->rows->len; i++)
    if (strcmp (g_array_index (self->rows, GlowFetchRow, i).build_id, build_id) == 0)
      return &g_array_index (self->rows, GlowFetchRow, i);
  return NULL;
}

/* ---- the list ---- */

static gpointer
compute_list (gpointer data, GCancellable *cancellable, GError **error)
{
  return glow_call_tree_compute_wanted (data);
}

static char *
dup_build_id (const GlowModule *module)
{
  GString *hex = g_string_new (NULL);

  for (guint i = 0; i < module->build_id_length; i++)
    g_string_append_printf (hex, "%02x", module->build_id[i]);
  return g_string_free (hex, FALSE);
}

static void
add_wanted (GlowFetch *self, GArray *rows, GlowProfile *profile, const GlowWantedModule *wanted)
{
  const GlowModule *module = &glow_profile_get_modules (profile, NULL)[wanted->module];
  GlowFetchRow row = { .build_id = dup_build_id (module), .module = wanted->module, .symbols = module->symbols, .unnamed_share = wanted->unnamed_share,
                       .total_share = wanted->total_share, .chosen = wanted->unnamed_share >= WORTH_CHOOSING };
  const GlowFetchRow *old = find_row (self, row.build_id);

  for (guint i = 0; i < rows->len; i++)
    if (strcmp (g_array_index (rows, GlowFetchRow, i).build_id, row.build_id) == 0)
      {
        /* One build under several paths. */
        g_free (row.build_id);
        return;
      }
  row.name = glow_strings_dup_display (glow_profile_get_strings (profile), module->name);
  row.path = glow_strings_dup_display (glow_profile_get_strings (profile), module->path);
  if (old != NULL)
    {
      row.state = old->state;
      row.bytes = old->bytes;
      row.total = old->total;
      row.chosen = old->chosen;
    }
  g_array_append_val (rows, row);
}

static void
list_done (gpointer owner, gpointer result, const GError *error)
{
  GlowFetch *self = owner;
  g_autoptr(GArray) wanted = result;
  GlowProfile *profile = glow_document_get_profile (self->document);
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (GlowFetchRow));
  guint32 n_modules = 0;

  if (profile != NULL)
    glow_profile_get_modules (profile, &n_modules);
  g_array_set_clear_func (rows, row_clear);
  for (guint i = 0; wanted != NULL && i < wanted->len; i++)
    if (g_array_index (wanted, GlowWantedModule, i).module < n_modules)
      add_wanted (self, rows, profile, &g_array_index (wanted, GlowWantedModule, i));
  /* What came, or is on its way, stays to be seen. */
  for (guint i = 0; i < self->rows->len; i++)
    {
      GlowFetchRow *old = &g_array_index (self->rows, GlowFetchRow, i), copy = *old;
      gboolean known = FALSE;

      for (guint k = 0; k < rows->len; k++)
        known |= strcmp (g_array_index (rows, GlowFetchRow, k).build_id, old->build_id) == 0;
      if (known || old->state == GLOW_FETCH_IDLE)
        continue;
      copy.build_id = g_strdup (old->build_id);
      copy.name = g_strdup (old->name);
      copy.path = g_strdup (old->path);
      copy.module = GLOW_NONE;
      copy.unnamed_share = 0;
      g_array_append_val (rows, copy);
    }
  g_array_unref (self->rows);
  self->rows = rows;
  tell (self, TRUE);
}

static void
on_document_changed (GlowFetch *self, guint changes)
{
  GlowCallTree *tree = glow_document_get_tree (self->document);

  if ((changes & GLOW_CHANGED_STATE) && glow_document_get_state (self->document) == GLOW_DOCUMENT_LOADING && tree == NULL)
    {
      glow_fetch_cancel (self);
      g_array_set_size (self->rows, 0);
      g_clear_pointer (&self->problem, g_free);
      self->n_here = 0;
      tell (self, TRUE);
    }
  if (!(changes & GLOW_CHANGED_TREE) || tree == NULL || glow_document_is_naming (self->document))
    return;
  glow_job_start (&self->list_job, self, compute_list, glow_call_tree_ref (tree), (GDestroyNotify) glow_call_tree_unref, (GDestroyNotify) g_array_unref,
                  list_done);
}

/* ---- fetching ---- */

static void
answer_free (gpointer data)
{
  Answer *answer = data;

  g_free (answer->build_id);
  g_free (answer);
}

static Mailbox *
mailbox_ref (Mailbox *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

static void
mailbox_unref (Mailbox *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_weak_ref_clear (&self->fetch);
  g_mutex_clear (&self->lock);
  g_free (self->build_id);
  g_ptr_array_unref (self->done);
  g_free (self);
}

static void
take_answer (GlowFetch *self, const Answer *answer)
{
  GlowFetchRow *row = find_row (self, answer->build_id);

  if (answer->result == GLOW_FETCH_FOUND)
    {
      self->n_here++;
      self->bytes_here += answer->fetched.bytes;
      self->programs |= answer->fetched.program;
    }
  if (row == NULL)
    return;
  row->state = answer->result == GLOW_FETCH_FOUND ? GLOW_FETCH_HERE : answer->result == GLOW_FETCH_NOT_THERE ? GLOW_FETCH_NOWHERE : GLOW_FETCH_IDLE;
  row->bytes = row->total = answer->fetched.bytes;
  /* What failed for want of a server can be tried again. */
  row->chosen &= answer->result == GLOW_FETCH_FAILED;
}

static gboolean
empty_mailbox (gpointer data)
{
  Mailbox *mailbox = data;
  g_autoptr(GlowFetch) self = g_weak_ref_get (&mailbox->fetch);
  g_autoptr(GPtrArray) done = NULL;
  gboolean any = FALSE;

  g_mutex_lock (&mailbox->lock);
  mailbox->scheduled = FALSE;
  if (self != NULL && self->mailbox == mailbox)
    {
      GlowFetchRow *row = find_row (self, mailbox->build_id);

      done = g_steal_pointer (&mailbox->done);
      mailbox->done = g_ptr_array_new_with_free_func (answer_free);
      self->place = mailbox->place;
      if (row != NULL)
        {
          row->state = GLOW_FETCH_RUNNING;
          row->bytes = mailbox->bytes;
          row->total = mailbox->total;
        }
    }
  g_mutex_unlock (&mailbox->lock);
  if (done == NULL)
    return G_SOURCE_REMOVE;
  for (guint i = 0; i < done->len; i++)
    {
      const Answer *answer = g_ptr_array_index (done, i);

      take_answer (self, answer);
      any |= answer->result == GLOW_FETCH_FOUND;
    }
  /* Names fill in module by module. */
  if (any)
    glow_document_name_again (self->document);
  tell (self, FALSE);
  return G_SOURCE_REMOVE;
}

/* With the lock held. */
static void
schedule (Mailbox *self)
{
  if (self->scheduled)
    return;
  self->scheduled = TRUE;
  g_idle_add_full (G_PRIORITY_DEFAULT, empty_mailbox, mailbox_ref (self), (GDestroyNotify) mailbox_unref);
}

typedef struct {
  Mailbox *mailbox;
  GArray *modules;             /* of GlowModule */
} Request;

static void
request_free (gpointer data)
{
  Request *request = data;

  mailbox_unref (request->mailbox);
  g_array_unref (request->modules);
  g_free (request);
}

static void
on_bytes (guint64 bytes, guint64 total, gpointer data)
{
  Mailbox *mailbox = data;

  g_mutex_lock (&mailbox->lock);
  if (mailbox->bytes != bytes || mailbox->total != total)
    {
      mailbox->bytes = bytes;
      mailbox->total = total;
      schedule (mailbox);
    }
  g_mutex_unlock (&mailbox->lock);
}

static gpointer
fetch (gpointer data, GCancellable *cancellable, GError **error)
{
  Request *request = data;
  Mailbox *mailbox = request->mailbox;

  for (guint i = 0; i < request->modules->len; i++)
    {
      const GlowModule *module = &g_array_index (request->modules, GlowModule, i);
      Answer *answer = g_new0 (Answer, 1);

      answer->build_id = dup_build_id (module);
      g_mutex_lock (&mailbox->lock);
      g_free (mailbox->build_id);
      mailbox->build_id = g_strdup (answer->build_id);
      mailbox->bytes = mailbox->total = 0;
      mailbox->place = i;
      schedule (mailbox);
      g_mutex_unlock (&mailbox->lock);
      answer->result = glow_fetch_module (module, on_bytes, mailbox, &answer->fetched, cancellable, error);
      g_mutex_lock (&mailbox->lock);
      g_clear_pointer (&mailbox->build_id, g_free);
      mailbox->place = i + 1;
      g_ptr_array_add (mailbox->done, answer);
      schedule (mailbox);
      g_mutex_unlock (&mailbox->lock);
      if (*error != NULL)
        return NULL;
    }
  return NULL;
}

static void
stop_rows (GlowFetch *self)
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      GlowFetchRow *row = &g_array_index (self->rows, GlowFetchRow, i);

      if (row->state == GLOW_FETCH_WAITING || row->state == GLOW_FETCH_RUNNING)
        {
          row->state = GLOW_FETCH_IDLE;
          row->bytes = row->total = 0;
        }
    }
}

static void
fetch_done (gpointer owner, gpointer result, const GError *error)
{
  GlowFetch *self = owner;
  Mailbox *mailbox = self->mailbox;

  /* What it said last comes before that it is done. */
  empty_mailbox (mailbox);
  g_clear_pointer (&self->mailbox, mailbox_unref);
  stop_rows (self);
  g_free (self->problem);
  self->problem = error != NULL ? g_strdup (error->message) : NULL;
  /* Without a program's call frame information its stacks broke, and they are unwound while the recording is read. */
  if (self->programs && glow_document_get_profile (self->document) != NULL
      && glow_profile_get_info (glow_document_get_profile (self->document))->broken_stacks > 0)
    glow_document_reload (self->document);
  tell (self, TRUE);
}

void
glow_fetch_start (GlowFetch *self)
{
  GlowProfile *profile = glow_document_get_profile (self->document);
  Request *request;

  if (glow_fetch_is_running (self) || profile == NULL || glow_fetch_get_n_chosen (self) == 0)
    return;
  request = g_new0 (Request, 1);
  request->modules = g_array_new (FALSE, FALSE, sizeof (GlowModule));
  for (guint i = 0; i < self->rows->len; i++)
    {
      GlowFetchRow *row = &g_array_index (self->rows, GlowFetchRow, i);

      if (!row->chosen || row->module == GLOW_NONE)
        continue;
      row->state = GLOW_FETCH_WAITING;
      g_array_append_val (request->modules, glow_profile_get_modules (profile, NULL)[row->module]);
    }
  self->mailbox = g_new0 (Mailbox, 1);
  g_atomic_ref_count_init (&self->mailbox->ref_count);
  g_mutex_init (&self->mailbox->lock);
  g_weak_ref_init (&self->mailbox->fetch, self);
  self->mailbox->done = g_ptr_array_new_with_free_func (answer_free);
  request->mailbox = mailbox_ref (self->mailbox);
  self->n_asked = request->modules->len;
  self->place = self->n_here = 0;
  self->bytes_here = 0;
  self->programs = FALSE;
  g_clear_pointer (&self->problem, g_free);
  glow_job_start (&self->fetch_job, self, fetch, request, request_free, NULL, fetch_done);
  tell (self, FALSE);
}

gboolean
glow_fetch_can_start (GlowFetch *self)
{
  return glow_fetch_get_obstacle () == NULL && !glow_fetch_is_running (self) && glow_fetch_get_n_chosen (self) > 0;
}

void
glow_fetch_cancel (GlowFetch *self)
{
  if (!glow_fetch_is_running (self))
    return;
  glow_job_cancel (&self->fetch_job);
  g_clear_pointer (&self->mailbox, mailbox_unref);
  stop_rows (self);
  tell (self, FALSE);
}

gboolean
glow_fetch_is_running (GlowFetch *self)
{
  return glow_job_is_running (&self->fetch_job);
}

/* ---- asking it ---- */

guint
glow_fetch_get_n_rows (GlowFetch *self)
{
  return self->rows->len;
}

const GlowFetchRow *
glow_fetch_get_row (GlowFetch *self, guint row)
{
  return &g_array_index (self->rows, GlowFetchRow, row);
}

void
glow_fetch_set_chosen (GlowFetch *self, guint row, gboolean chosen)
{
  if (row >= self->rows->len || g_array_index (self->rows, GlowFetchRow, row).chosen == chosen)
    return;
  g_array_index (self->rows, GlowFetchRow, row).chosen = chosen;
  tell (self, FALSE);
}

guint
glow_fetch_get_n_chosen (GlowFetch *self)
{
  guint n = 0;

  for (guint i = 0; i < self->rows->len; i++)
    n += g_array_index (self->rows, GlowFetchRow, i).chosen && g_array_index (self->rows, GlowFetchRow, i).module != GLOW_NONE;
  return n;
}

double
glow_fetch_get_progress (GlowFetch *self)
{
  double part = 0;

  for (guint i = 0; i < self->rows->len; i++)
    {
      const GlowFetchRow *row = &g_array_index (self->rows, GlowFetchRow, i);

      if (row->state == GLOW_FETCH_RUNNING && row->total > 0)
        part = (double) row->bytes / row->total;
    }
  return (self->place + part) / MAX (self->n_asked, 1);
}

char *
glow_fetch_dup_words (GlowFetch *self)
{
  g_autofree char *size = glow_text_bytes (self->bytes_here);

  for (guint i = 0; glow_fetch_is_running (self) && i < self->rows->len; i++)
    {
      const GlowFetchRow *row = &g_array_index (self->rows, GlowFetchRow, i);
      g_autofree char *bytes = glow_text_bytes (row->bytes), *total = glow_text_bytes (row->total);

      if (row->state != GLOW_FETCH_RUNNING)
        continue;
      if (row->total > 0)
        return g_strdup_printf (_("Fetching names · %s · %s of %s · module %u of %u"), row->name, bytes, total, self->place + 1, self->n_asked);
      return g_strdup_printf (_("Fetching names · %s · module %u of %u"), row->name, self->place + 1, self->n_asked);
    }
  if (glow_fetch_is_running (self))
    return g_strdup (_("Fetching names"));
  if (self->n_here > 0)
    return g_strdup_printf (ngettext ("Names of %u module were fetched (%s).", "Names of %u modules were fetched (%s).", self->n_here), self->n_here, size);
  return NULL;
}

const char *
glow_fetch_get_problem (GlowFetch *self)
{
  return self->problem;
}

const char *
glow_fetch_get_obstacle (void)
{
  g_auto(GStrv) servers = glow_debuginfod_dup_servers ();

  if (!glow_debuginfod_is_supported ())
    return _("This build cannot ask debuginfod servers: libdebuginfod was not there when it was made.");
  if (servers[0] == NULL)
    return _("No debuginfod server is known: set DEBUGINFOD_URLS, or install your distribution’s list of servers.");
  return NULL;
}

static void
glow_fetch_dispose (GObject *object)
{
  GlowFetch *self = GLOW_FETCH (object);

  glow_job_cancel (&self->list_job);
  glow_job_cancel (&self->fetch_job);
  g_clear_pointer (&self->mailbox, mailbox_unref);
  G_OBJECT_CLASS (glow_fetch_parent_class)->dispose (object);
}

static void
glow_fetch_finalize (GObject *object)
{
  GlowFetch *self = GLOW_FETCH (object);

  g_array_unref (self->rows);
  g_free (self->problem);
  G_OBJECT_CLASS (glow_fetch_parent_class)->finalize (object);
}

static void
glow_fetch_class_init (GlowFetchClass *class)
{
  G_OBJECT_CLASS (class)->dispose = glow_fetch_dispose;
  G_OBJECT_CLASS (class)->finalize = glow_fetch_finalize;
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
}

static void
glow_fetch_init (GlowFetch *self)
{
  self->rows = g_array_new (FALSE, FALSE, sizeof (GlowFetchRow));
  g_array_set_clear_func (self->rows, row_clear);
}

GlowFetch *
glow_fetch_new (GlowDocument *document)
{
  GlowFetch *self = g_object_new (GLOW_TYPE_FETCH, NULL);

  self->document = document;
  g_signal_connect_object (document, "changed", G_CALLBACK (on_document_changed), self, G_CONNECT_SWAPPED);
  return self;
}
