/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Following files that are written while they are shown. Reading on is work for a worker like any other: it is begun at most once a second, and no
 * sooner than twice as long as it took the last time, so that a quick writer does not keep two processors busy. */
#include <config.h>

#include "ui/follow.h"
#include "ui/job.h"

#include <glib/gstdio.h>
#include <string.h>

#define LEAST_WAIT_MS 1000

struct _GlowFollow {
  GObject parent_instance;
  GPtrArray *monitors;         /* of GFileMonitor */
  GArray *stamps;              /* of Stamp: of their files, before they were last read */
  GlowGrowth *growth;          /* (nullable): with the worker while it runs */
  GlowNameSources *sources;    /* (nullable) */
  GlowJobSlot job;
  guint timer;
  gint64 started, last_read;   /* µs */
  gint64 took;
  guint n_grown;
  gboolean active, reading;    /* reading: the document is */
  gboolean look_again, told;
};

typedef struct {
  char *path;
  gint64 size, modified;       /* ns */
  guint64 inode;
} Stamp;

G_DEFINE_FINAL_TYPE (GlowFollow, glow_follow, G_TYPE_OBJECT)

static guint grown_signal, changed_signal;

static void look (GlowFollow *self);

static void
tell_changed (GlowFollow *self)
{
  if (!self->told)
    {
      self->told = TRUE;
      g_signal_emit (self, changed_signal, 0);
    }
}

/* ---- the worker ---- */

typedef struct {
  GlowGrowth *growth;
  GlowNameSources *sources;    /* (nullable) */
} Request;

typedef struct {
  GlowGrowth *growth;
  GlowProfile *profile;
} Answer;

static void
request_free (gpointer data)
{
  Request *request = data;

  glow_growth_free (request->growth);
  g_clear_pointer (&request->sources, glow_name_sources_free);
  g_free (request);
}

static void
answer_free (gpointer data)
{
  Answer *answer = data;

  glow_growth_free (answer->growth);
  g_clear_object (&answer->profile);
  g_free (answer);
}

static gpointer
read_on (gpointer data, GCancellable *cancellable, GError **error)
{
  Request *request = data;
  GlowLoadOptions options = glow_name_sources_get_options (request->sources);
  GlowProfile *profile = glow_growth_read (request->growth, &options, cancellable, error);
  Answer *answer;

  if (profile == NULL)
    return NULL;
  answer = g_new0 (Answer, 1);
  answer->growth = g_steal_pointer (&request->growth);
  answer->profile = profile;
  return answer;
}

static void
read_done (gpointer owner, gpointer result, const GError *error)
{
  GlowFollow *self = owner;
  Answer *answer = result;

  self->last_read = g_get_monotonic_time ();
  self->took = self->last_read - self->started;
  if (answer == NULL)
    {
      tell_changed (self);
      return;
    }
  self->growth = g_steal_pointer (&answer->growth);
  self->n_grown++;
  g_signal_emit (self, grown_signal, 0, answer->profile);
  answer_free (answer);
  if (self->look_again)
    look (self);
}

static void
take_stamp (Stamp *stamp)
{
  GStatBuf status;

  stamp->size = -1;
  if (g_stat (stamp->path, &status) != 0)
    return;
  stamp->size = status.st_size;
  stamp->modified = status.st_mtim.tv_sec * G_GINT64_CONSTANT (1000000000) + status.st_mtim.tv_nsec;
  stamp->inode = status.st_ino;
}

static void
start (GlowFollow *self)
{
  Request *request = g_new0 (Request, 1);

  for (guint i = 0; i < self->stamps->len; i++)
    take_stamp (&g_array_index (self->stamps, Stamp, i));
  *request = (Request) { g_steal_pointer (&self->growth), glow_name_sources_copy (self->sources) };
  self->started = g_get_monotonic_time ();
  self->look_again = FALSE;
  glow_job_start (&self->job, self, read_on, request, request_free, answer_free, read_done);
}

/* ---- when ---- */

static gboolean
on_timer (gpointer data)
{
  GlowFollow *self = data;

  self->timer = 0;
  look (self);
  return G_SOURCE_REMOVE;
}

static void
look (GlowFollow *self)
{
  gint64 wait = self->last_read + MAX (LEAST_WAIT_MS * 1000, 2 * self->took) - g_get_monotonic_time ();

  if (self->reading || glow_job_is_running (&self->job))
    {
      self->look_again = TRUE;
      return;
    }
  if (self->growth == NULL || self->timer != 0)
    return;
  if (wait > 0)
    {
      self->timer = g_timeout_add (wait / 1000 + 1, on_timer, self);
      return;
    }
  switch (glow_growth_check (self->growth))
    {
    case GLOW_GROWTH_NONE:
      break;
    case GLOW_GROWTH_MORE:
      if (self->active)
        start (self);
      else
        tell_changed (self);
      break;
    case GLOW_GROWTH_REPLACED:
      g_clear_pointer (&self->growth, glow_growth_free);
      tell_changed (self);
      break;
    }
}

/* A monitor tells late: what it tells may have been read already. */
static gboolean
is_as_read (GlowFollow *self, GFileMonitor *monitor)
{
  guint place;

  if (g_ptr_array_find (self->monitors, monitor, &place))
    {
      const Stamp *before = &g_array_index (self->stamps, Stamp, place);
      Stamp now = *before;

      take_stamp (&now);
      return before->size == now.size && before->modified == now.modified && before->inode == now.inode;
    }
  return FALSE;
}

static void
on_file_changed (GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event, gpointer data)
{
  GlowFollow *self = data;

  if (self->growth != NULL || self->reading || glow_job_is_running (&self->job))
    look (self);
  else if ((event == G_FILE_MONITOR_EVENT_CHANGES_DONE_HINT || event == G_FILE_MONITOR_EVENT_CREATED || event == G_FILE_MONITOR_EVENT_RENAMED)
           && !is_as_read (self, monitor))
    tell_changed (self);
}

static void
stop (GlowFollow *self)
{
  glow_job_cancel (&self->job);
  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_pointer (&self->growth, glow_growth_free);
}

void
glow_follow_watch (GlowFollow *self, const char *const *paths)
{
  stop (self);
  self->reading = TRUE;
  self->look_again = self->told = FALSE;
  self->n_grown = 0;
  self->took = self->last_read = 0;
  g_ptr_array_set_size (self->monitors, 0);
  g_array_set_size (self->stamps, 0);
  for (guint i = 0; paths[i] != NULL; i++)
    {
      g_autoptr(GFile) file = g_file_new_for_path (paths[i]);
      GFileMonitor *monitor = strcmp (paths[i], "-") != 0 ? g_file_monitor_file (file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL) : NULL;

      if (monitor == NULL)
        continue;
      g_signal_connect (monitor, "changed", G_CALLBACK (on_file_changed), self);
      g_ptr_array_add (self->monitors, monitor);
      {
        Stamp stamp = { g_strdup (paths[i]) };

        take_stamp (&stamp);
        g_array_append_val (self->stamps, stamp);
      }
    }
}

void
glow_follow_begin (GlowFollow *self, GlowGrowth *growth, const GlowNameSources *sources)
{
  self->growth = growth;
  g_clear_pointer (&self->sources, glow_name_sources_free);
  self->sources = sources != NULL ? glow_name_sources_copy (sources) : NULL;
  self->reading = FALSE;
  /* It may have grown between being read and now. */
  look (self);
}

void
glow_follow_set_active (GlowFollow *self, gboolean active)
{
  self->active = active;
  self->told = FALSE;
  if (active)
    look (self);
}

gboolean
glow_follow_get_active (GlowFollow *self)
{
  return self->active;
}

gboolean
glow_follow_can_read_on (GlowFollow *self)
{
  return self->growth != NULL || glow_job_is_running (&self->job);
}

gboolean
glow_follow_read_now (GlowFollow *self)
{
  if (glow_job_is_running (&self->job))
    return TRUE;
  if (self->growth == NULL || glow_growth_check (self->growth) != GLOW_GROWTH_MORE)
    return FALSE;
  g_clear_handle_id (&self->timer, g_source_remove);
  self->told = FALSE;
  start (self);
  return TRUE;
}

guint
glow_follow_get_n_grown (GlowFollow *self)
{
  return self->n_grown;
}

static void
monitor_free (gpointer monitor)
{
  g_signal_handlers_disconnect_matched (monitor, G_SIGNAL_MATCH_FUNC, 0, 0, NULL, on_file_changed, NULL);
  g_file_monitor_cancel (monitor);
  g_object_unref (monitor);
}

static void
glow_follow_dispose (GObject *object)
{
  GlowFollow *self = GLOW_FOLLOW (object);

  stop (self);
  g_clear_pointer (&self->monitors, g_ptr_array_unref);
  g_clear_pointer (&self->stamps, g_array_unref);
  G_OBJECT_CLASS (glow_follow_parent_class)->dispose (object);
}

static void
glow_follow_finalize (GObject *object)
{
  GlowFollow *self = GLOW_FOLLOW (object);

  g_clear_pointer (&self->sources, glow_name_sources_free);
  G_OBJECT_CLASS (glow_follow_parent_class)->finalize (object);
}

static void
glow_follow_class_init (GlowFollowClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = glow_follow_dispose;
  object_class->finalize = glow_follow_finalize;
  grown_signal = g_signal_new ("grown", GLOW_TYPE_FOLLOW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, GLOW_TYPE_PROFILE);
  changed_signal = g_signal_new ("changed", GLOW_TYPE_FOLLOW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
stamp_clear (gpointer stamp)
{
  g_free (((Stamp *) stamp)->path);
}

static void
glow_follow_init (GlowFollow *self)
{
  self->monitors = g_ptr_array_new_with_free_func (monitor_free);
  self->stamps = g_array_new (FALSE, FALSE, sizeof (Stamp));
  g_array_set_clear_func (self->stamps, stamp_clear);
  self->active = TRUE;
}

GlowFollow *
glow_follow_new (void)
{
  return g_object_new (GLOW_TYPE_FOLLOW, NULL);
}
