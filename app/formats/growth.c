/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that are read before they are finished: a recording that perf is writing, text that is appended to. The file stays open and mapped with
 * room to grow; what was read is never read again. A file is taken for the same only where it is the same inode, not shorter, and where the last
 * block that was read (and the header of a recording) is as it was; else it is another one, and to be read from its start.
 *
 * A recording is continued by its format, which keeps the state of its decoder. Text whose records stand for themselves is read as a
 * second profile and merged. */
#include <config.h>

#include "formats/load-private.h"
#include "formats/registry-private.h"
#include "model/profile-private.h"

#include <string.h>

/* Addresses set aside behind the end of the file: they cost nothing. */
#define RESERVE_FACTOR 16
#define RESERVE_LEAST (sizeof (gpointer) > 4 ? G_GUINT64_CONSTANT (1) << 32 : G_GUINT64_CONSTANT (1) << 26)
#define BLOCK 4096

struct _GlowGrowth {
  const GlowFormat *format;
  GlowInput *input;
  gpointer state;              /* the format's own; NULL: text */
  GlowProfile *profile;        /* text: what was read so far */
  gsize n;                     /* text: bytes that were read */
  guint8 block[BLOCK];
  gsize n_block;
};

void
glow_growth_free (GlowGrowth *self)
{
  if (self == NULL)
    return;
  if (self->state != NULL)
    self->format->state_free (self->state);
  g_clear_object (&self->profile);
  glow_input_free (self->input);
  g_free (self);
}

/* Text that a person or a tool appends to. One event: two columns are told by the whole file. */
static gboolean
is_appendable (const GlowGrowth *self, GlowProfile *profile)
{
  gsize n;
  const guint8 *bytes = glow_input_map (self->input, &n, NULL, NULL);
  guint32 n_events;

  glow_profile_get_events (profile, &n_events);
  return self->format->ends_whole != NULL && bytes != NULL && self->format->ends_whole (bytes, n) && n_events == 1 && glow_profile_is_named (profile);
}

static void
remember (GlowGrowth *self, GlowProfile *profile)
{
  const guint8 *bytes = glow_input_map (self->input, &self->n, NULL, NULL);

  g_set_object (&self->profile, profile);
  self->n_block = MIN (BLOCK, self->n);
  memcpy (self->block, bytes + self->n - self->n_block, self->n_block);
}

static gboolean
is_finished (const GlowGrowth *self)
{
  const guint8 *head;
  gsize n;

  if (self->format->read_on == NULL)
    return self->format->ends_whole == NULL;
  head = glow_input_peek (self->input, GLOW_RECOGNISE_HEAD, &n, NULL);
  return head != NULL && self->format->is_finished (head, n);
}

static GlowProfile *
load_recording (GlowGrowth *self, const char *path, const GlowLoadOptions *options, GCancellable *cancellable, GError **error)
{
  GlowLoadPlaces places;
  GlowProfile *profile;

  glow_load_begin (&places, self->input, options, cancellable);
  /* What was archived beside it was finished. */
  if (places.archive == NULL)
    profile = self->format->read_on (self->input, &self->state, &places.places.options, cancellable, error);
  else
    profile = self->format->read (self->input, &places.places.options, cancellable, error);
  profile = glow_load_end (&places, profile, cancellable, error);
  if (profile != NULL)
    glow_load_note (profile, self->input, path);
  return glow_load_finish (profile, options, cancellable, error);
}

/* As any file, and from what was kept of it: all that reading on needs is the profile of the bytes that are mapped. */
static GlowProfile *
load_text (GlowGrowth *self, const char *path, const GlowLoadOptions *options, GCancellable *cancellable, GError **error)
{
  GlowProfile *profile = glow_profile_load_path (path, options, cancellable, error);
  gsize n;

  if (profile != NULL && glow_input_map (self->input, &n, NULL, NULL) != NULL && n == glow_profile_get_info (profile)->file_bytes
      && is_appendable (self, profile))
    remember (self, profile);
  return profile;
}

/**
 * glow_profile_load_growing:
 * @growth: (out) (transfer full): what reading on needs; %NULL where nothing is to come of the file, or where it cannot be told
 *
 * As glow_profile_load_path(), for a file that may not be finished.
 *
 * Returns: (transfer full): the profile of what is there, or %NULL with @error
 */
GlowProfile *
glow_profile_load_growing (const char *path, const GlowLoadOptions *options, GlowGrowth **growth, GCancellable *cancellable, GError **error)
{
  GlowGrowth *self;
  GlowInput *input;
  GlowProfile *profile;
  g_autofree char *folder = NULL;

  *growth = NULL;
  /* What lies in several files is loaded as such. */
  folder = glow_load_dup_folder (path);
  if (folder != NULL || !g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return glow_profile_load_path (path, options, cancellable, error);
  input = glow_input_open_path (path, cancellable, error);
  if (input == NULL)
    return NULL;
  self = g_new0 (GlowGrowth, 1);
  self->input = input;
  self->format = glow_load_recognise (input, cancellable, error);
  if (self->format == NULL)
    {
      glow_growth_free (self);
      return NULL;
    }
  /* What is finished may have been kept from when it was read before. */
  if (is_finished (self) || !glow_input_reserve (input, MAX (RESERVE_LEAST, glow_input_get_size (input) * RESERVE_FACTOR)))
    {
      glow_growth_free (self);
      return glow_profile_load_path (path, options, cancellable, error);
    }
  profile = self->format->read_on != NULL ? load_recording (self, path, options, cancellable, error) : load_text (self, path, options, cancellable, error);
  if (profile != NULL && (self->state != NULL || self->profile != NULL))
    *growth = self;
  else
    glow_growth_free (self);
  return profile;
}

/**
 * glow_growth_check:
 *
 * Looks at the file. Not while glow_growth_read() runs. O(1).
 */
GlowGrowthState
glow_growth_check (GlowGrowth *self)
{
  const guint8 *bytes;
  gboolean more;
  gsize n;

  if (!glow_input_follow (self->input, &n))
    return GLOW_GROWTH_REPLACED;
  if (self->state != NULL)
    return !self->format->can_read_on (self->state, n, &more) ? GLOW_GROWTH_REPLACED : more ? GLOW_GROWTH_MORE : GLOW_GROWTH_NONE;
  bytes = glow_input_map (self->input, &n, NULL, NULL);
  if (n < self->n || memcmp (bytes + self->n - self->n_block, self->block, self->n_block) != 0)
    return GLOW_GROWTH_REPLACED;
  /* A line that is not whole yet is left for the next time. */
  return n > self->n && self->format->ends_whole (bytes, n) ? GLOW_GROWTH_MORE : GLOW_GROWTH_NONE;
}

static GlowProfile *
read_appended (GlowGrowth *self, const GlowLoadOptions *options, GCancellable *cancellable, GError **error)
{
  gsize n;
  g_autoptr(GlowInput) part = NULL;
  g_autoptr(GlowProfile) added = NULL;
  GlowProfile *both[2], *merged;
  guint32 n_events;

  if (glow_input_map (self->input, &n, cancellable, error) == NULL)
    return NULL;
  part = glow_input_new_part (self->input, self->n, n - self->n);
  added = self->format->read (part, options, cancellable, error);
  if (added == NULL)
    return NULL;
  glow_profile_get_events (added, &n_events);
  if (n_events != 1)
    {
      g_set_error_literal (error, GLOW_ERROR, GLOW_ERROR_DAMAGED, "what was appended is of another kind");
      return NULL;
    }
  both[0] = self->profile;
  both[1] = added;
  merged = glow_profile_merge_parts (both, 2, error);
  if (merged != NULL)
    remember (self, merged);
  return merged;
}

/**
 * glow_growth_read:
 *
 * Reads what is new, after glow_growth_check() said that there is more.
 *
 * Returns: (transfer full): a profile of everything, or %NULL with @error; then the file is to be loaded anew and @self to be freed
 */
GlowProfile *
glow_growth_read (GlowGrowth *self, const GlowLoadOptions *options, GCancellable *cancellable, GError **error)
{
  GlowLoadPlaces places;
  GlowProfile *profile;

  glow_load_begin (&places, self->input, options, cancellable);
  if (self->state != NULL)
    profile = self->format->read_on (self->input, &self->state, &places.places.options, cancellable, error);
  else
    profile = read_appended (self, &places.places.options, cancellable, error);
  profile = glow_load_end (&places, profile, cancellable, error);
  return glow_load_finish (profile, options, cancellable, error);
}
