/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a document's recording was made: what its notes say, in words. */
#include <config.h>

#include "ui/recorded.h"

#include <afterglow/text.h>
#include <glib/gi18n.h>
#include <string.h>

#define EVENT_SECONDS 200e-6   /* of which it is said whether it would have been seen */

typedef struct {
  char *path;
  GlowCaptureNotes *notes;     /* (nullable) */
} Recorded;

static void
recorded_free (gpointer data)
{
  Recorded *self = data;

  g_free (self->path);
  g_clear_pointer (&self->notes, glow_capture_notes_free);
  g_free (self);
}

void
glow_recorded_forget (GlowDocument *document)
{
  g_object_set_data (G_OBJECT (document), "glow-recorded", NULL);
}

const GlowCaptureNotes *
glow_recorded_get_notes (GlowDocument *document)
{
  Recorded *self = g_object_get_data (G_OBJECT (document), "glow-recorded");
  const char *const *paths = glow_document_get_paths (document);

  if (paths == NULL || paths[0] == NULL || strcmp (paths[0], "-") == 0)
    return NULL;
  if (self == NULL || strcmp (self->path, paths[0]) != 0)
    {
      self = g_new0 (Recorded, 1);
      self->path = g_strdup (paths[0]);
      self->notes = glow_capture_notes_load (paths[0], NULL);
      g_object_set_data_full (G_OBJECT (document), "glow-recorded", self, recorded_free);
    }
  return self->notes;
}

const GPtrArray *
glow_recorded_get_marks (GlowDocument *document)
{
  const GlowCaptureNotes *notes = glow_recorded_get_notes (document);

  return notes != NULL ? notes->marks : NULL;
}

/* ---- words ---- */

static void
add (GPtrArray *facts, const char *title, const char *words)
{
  g_ptr_array_add (facts, g_strdup (title));
  g_ptr_array_add (facts, g_strdup (words));
}

static char *
dup_end (const GlowCaptureNotes *notes)
{
  if (notes->reason == NULL || strcmp (notes->reason, "interrupted") == 0)
    return g_strdup (_("Afterglow ended before the recording did: there is what was written by then"));
  if (strcmp (notes->reason, "duration") == 0)
    return g_strdup (_("After as long as was asked for"));
  if (strcmp (notes->reason, "size") == 0)
    return g_strdup (_("When the file was as large as it may be"));
  if (strcmp (notes->reason, "disk") == 0)
    return g_strdup (_("When the disk was nearly full"));
  if (strcmp (notes->reason, "ended") == 0)
    return g_strdup (_("When nothing was left to be recorded"));
  if (strcmp (notes->reason, "stopped") == 0)
    return g_strdup (_("When it was stopped"));
  return g_strdup (notes->reason);
}

static char *
dup_cost (const GlowCaptureNotes *notes)
{
  const GlowCaptureFigures *figures = &notes->figures;
  g_autofree char *bytes = glow_text_bytes (figures->bytes), *lost = glow_text_count (figures->lost), *throttled = glow_text_count (figures->throttled);
  g_autofree char *used = figures->elapsed > 0 ? glow_text_share (figures->recorder_seconds / figures->elapsed) : g_strdup ("?");

  return g_strdup_printf (_("%s; perf itself used %s of a CPU; records lost: %s; throttled: %s times"), bytes, used, lost, throttled);
}

GPtrArray *
glow_recorded_dup_facts (GlowDocument *document)
{
  const GlowCaptureNotes *notes = glow_recorded_get_notes (document);
  GPtrArray *facts;
  g_autofree char *end = NULL, *cost = NULL;

  if (notes == NULL)
    return NULL;
  facts = g_ptr_array_new_with_free_func (g_free);
  if (notes->plan != NULL)
    {
      g_autofree char *words = glow_capture_plan_dup_words (notes->plan), *missed = NULL;
      GlowCaptureEstimate estimate;

      glow_capture_estimate_init (&estimate, notes->plan, EVENT_SECONDS);
      missed = glow_capture_estimate_dup_sentence (&estimate, notes->plan);
      add (facts, _("How it was recorded"), words);
      add (facts, _("What it could not see"), missed);
    }
  cost = dup_cost (notes);
  add (facts, _("What it cost"), cost);
  if (notes->overhead != NULL && notes->plan != NULL)
    {
      g_autofree char *overhead = glow_capture_overhead_dup_sentence (notes->overhead, notes->plan);

      add (facts, _("Measured overhead"), overhead);
    }
  end = dup_end (notes);
  add (facts, _("How it ended"), end);
  return facts;
}
