/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading the recordings that a document is compared with: one after the other in a worker, which leaves notes of how far it is. */
#include <config.h>

#include "ui/comparison-private.h"

#include <glib/gi18n.h>
#include <string.h>

#define NOTE_EVERY 100         /* ms */

typedef struct {
  GPtrArray *paths;            /* of char* */
  GPtrArray *profiles;         /* of GlowProfile, as many as could be read */
  GlowNameSources *sources;
  GlowReadingNote *note;
} Reading;

/* For a callback of the loader: which file it is about. */
typedef struct {
  GlowReadingNote *note;
  const char *path;
  guint nth, n;
} Place;

void
glow_reading_note_unref (GlowReadingNote *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_mutex_clear (&self->lock);
  g_free (self->text);
  g_free (self);
}

void
glow_compared_run_free (gpointer data)
{
  GlowComparedRun *run = data;

  g_free (run->path);
  g_clear_pointer (&run->query, glow_query_unref);
  g_clear_object (&run->profile);
  g_free (run);
}

static void
reading_free (gpointer data)
{
  Reading *self = data;

  g_ptr_array_unref (self->paths);
  g_ptr_array_unref (self->profiles);
  glow_name_sources_free (self->sources);
  glow_reading_note_unref (self->note);
  g_free (self);
}

static void
on_progress (const GlowProgress *progress, gpointer data)
{
  const Place *place = data;
  g_autofree char *name = g_filename_display_basename (place->path), *count = glow_text_count (progress->samples);
  GString *text = g_string_new (name);

  if (place->n > 1)
    g_string_append_printf (text, _(" (%u of %u)"), place->nth + 1, place->n);
  g_string_append_printf (text, " · %s", glow_stage_get_label (progress->stage));
  if (progress->samples > 0)
    {
      g_string_append (text, " · ");
      g_string_append_printf (text, ngettext ("%s sample", "%s samples", progress->samples), count);
    }
  g_mutex_lock (&place->note->lock);
  place->note->fraction = progress->fraction < 0 ? -1 : (place->nth + progress->fraction) / place->n;
  g_free (place->note->text);
  place->note->text = g_string_free (text, FALSE);
  g_mutex_unlock (&place->note->lock);
}

/* All, or the first error, with the file's name before it. */
static gpointer
read_all (gpointer data, GCancellable *cancellable, GError **error)
{
  Reading *self = data;
  GPtrArray *profiles = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < self->paths->len; i++)
    {
      Place place = { self->note, g_ptr_array_index (self->paths, i), i, self->paths->len };
      GlowLoadOptions options = glow_name_sources_get_options (self->sources);
      GlowProfile *profile;

      options.progress = on_progress;
      options.user_data = &place;
      options.cache = GLOW_CACHE_WORTHWHILE;
      profile = glow_profile_load_path (place.path, &options, cancellable, error);
      if (profile == NULL)
        {
          g_autofree char *name = g_filename_display_basename (place.path);

          /* What does not know the format says which file, what does not find it may not. */
          if (error != NULL && *error != NULL && strstr ((*error)->message, name) == NULL)
            g_prefix_error (error, _("“%s”: "), name);
          g_ptr_array_unref (profiles);
          return NULL;
        }
      g_ptr_array_add (profiles, profile);
    }
  return profiles;
}

static gboolean
show_note (gpointer data)
{
  glow_comparison_tell (data, GLOW_COMPARED_PROGRESS);
  return G_SOURCE_CONTINUE;
}

static void
end_note (GlowComparison *self)
{
  g_clear_handle_id (&self->note_timer, g_source_remove);
  g_clear_pointer (&self->note, glow_reading_note_unref);
}

static void
read_done (gpointer owner, gpointer result, const GError *error)
{
  GlowComparison *self = owner;
  g_autoptr(GPtrArray) profiles = result;
  guint next = 0;

  end_note (self);
  if (profiles == NULL)
    {
      glow_comparison_fail (self, error);
      return;
    }
  for (guint s = 0; s < GLOW_N_SIDES; s++)
    for (guint i = 0; i < self->runs[s]->len; i++)
      {
        GlowComparedRun *run = g_ptr_array_index (self->runs[s], i);

        if (run->path != NULL && run->profile == NULL && next < profiles->len)
          run->profile = g_object_ref (g_ptr_array_index (profiles, next++));
      }
  glow_comparison_compute (self);
}

void
glow_comparison_start (GlowComparison *self)
{
  Reading *reading = g_new0 (Reading, 1);

  glow_job_cancel (&self->read_job);
  end_note (self);
  reading->paths = g_ptr_array_new_with_free_func (g_free);
  reading->profiles = g_ptr_array_new_with_free_func (g_object_unref);
  reading->sources = glow_name_sources_copy (glow_document_get_name_sources (self->document));
  reading->note = g_new0 (GlowReadingNote, 1);
  g_atomic_ref_count_init (&reading->note->ref_count);
  g_mutex_init (&reading->note->lock);
  reading->note->fraction = -1;
  for (guint s = 0; s < GLOW_N_SIDES; s++)
    for (guint i = 0; i < self->runs[s]->len; i++)
      {
        const GlowComparedRun *run = g_ptr_array_index (self->runs[s], i);

        if (run->path != NULL && run->profile == NULL)
          g_ptr_array_add (reading->paths, g_strdup (run->path));
      }
  if (reading->paths->len == 0)
    {
      reading_free (reading);
      glow_comparison_compute (self);
      return;
    }
  g_atomic_ref_count_inc (&reading->note->ref_count);
  self->note = reading->note;
  self->note_timer = g_timeout_add (NOTE_EVERY, show_note, self);
  self->state = GLOW_COMPARISON_READING;
  glow_job_start (&self->read_job, self, read_all, reading, reading_free, (GDestroyNotify) g_ptr_array_unref, read_done);
  glow_comparison_tell (self, GLOW_COMPARED_STATE | GLOW_COMPARED_PROGRESS);
}

char *
glow_comparison_dup_progress (GlowComparison *self, double *fraction)
{
  char *text;

  *fraction = -1;
  if (self->note == NULL)
    return g_strdup (self->state == GLOW_COMPARISON_COMPUTING ? _("Comparing") : "");
  g_mutex_lock (&self->note->lock);
  *fraction = self->note->fraction;
  text = g_strdup (self->note->text != NULL ? self->note->text : "");
  g_mutex_unlock (&self->note->lock);
  return text;
}

void
glow_comparison_cancel (GlowComparison *self)
{
  glow_job_cancel (&self->read_job);
  glow_job_cancel (&self->compute_job);
  end_note (self);
  /* What could not be read before is not there; a comparison that was shown comes back. */
  for (guint s = 0; s < GLOW_N_SIDES; s++)
    for (guint i = self->runs[s]->len; i-- > 0;)
      {
        const GlowComparedRun *run = g_ptr_array_index (self->runs[s], i);

        if (run->path != NULL && run->profile == NULL)
          g_ptr_array_remove_index (self->runs[s], i);
      }
  if (self->diff != NULL && self->runs[GLOW_BEFORE]->len > 0 && self->runs[GLOW_AFTER]->len > 0)
    self->state = GLOW_COMPARISON_READY;
  else
    {
      glow_comparison_clear (self);
      return;
    }
  glow_comparison_tell (self, GLOW_COMPARED_STATE);
}
