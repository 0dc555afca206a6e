/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a path to a profile: open, recognise, read, hand on what is known, name, merge. */
#include <config.h>

#include <glib/gi18n-lib.h>

#include "formats/cache/cache-private.h"
#include "formats/load-private.h"
#include "formats/pack/archive-private.h"
#include "formats/pack/tar-private.h"
#include "formats/registry-private.h"
#include "symbols/module-files-private.h"
#include "symbols/symbolise-private.h"
#include "model/profile-private.h"

#include <glib/gstdio.h>
#include <string.h>

#define MAX_THREAD_FILES 4096

/**
 * glow_stage_get_label:
 *
 * Returns: (transfer none): translated: what is being done, for a progress bar
 */
const char *
glow_stage_get_label (GlowStage stage)
{
  static const char *const labels[] = { N_("Reading"), N_("Sorting"), N_("Looking up names"), N_("Fetching names"), N_("Done") };

  g_return_val_if_fail (stage < G_N_ELEMENTS (labels), "");
  return _(labels[stage]);
}

static void
report (const GlowLoadOptions *options, GlowStage stage, double fraction, guint64 bytes, guint64 samples)
{
  GlowProgress progress = { .stage = stage, .fraction = fraction, .bytes = bytes, .bytes_total = bytes, .samples = samples };

  if (options != NULL && options->progress != NULL)
    options->progress (&progress, options->user_data);
}

static char *
dup_format_labels (void)
{
  guint n;
  const GlowFormatInfo *infos = glow_formats_list (&n);
  GString *labels = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    {
      if (i > 0)
        g_string_append (labels, i + 1 < n ? ", " : _(" or "));
      g_string_append (labels, _(infos[i].label));
    }
  return g_string_free (labels, FALSE);
}

const GlowFormat *
glow_load_recognise (GlowInput *input, GCancellable *cancellable, GError **error)
{
  g_autoptr(GError) local = NULL;
  g_autofree char *labels = NULL;
  const GlowFormat *format;
  const guint8 *head;
  gsize n;

  head = glow_input_peek (input, GLOW_RECOGNISE_HEAD, &n, &local);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  if (head == NULL)
    {
      g_set_error (error, local->domain, local->code, _("“%s” cannot be read: %s"), glow_input_get_name (input), local->message);
      return NULL;
    }
  format = glow_registry_recognise (head, n);
  if (format != NULL)
    return format;
  labels = dup_format_labels ();
  g_set_error (error, GLOW_ERROR, GLOW_ERROR_NOT_RECOGNISED, _("“%s” is not read here: it looks like %s; expected %s"),
               glow_input_get_name (input), glow_describe_content (head, n), labels);
  return NULL;
}

/* What `perf archive` wrote beside the recording, with the files of its modules. (transfer full) (nullable) */
static GlowStore *
open_archive_beside (GlowInput *input, GCancellable *cancellable)
{
  const char *own = glow_input_get_path (input);
  g_autofree char *path = own != NULL ? g_strconcat (own, GLOW_ARCHIVE_SUFFIX, NULL) : NULL;
  g_autoptr(GlowInput) archive = path != NULL && g_file_test (path, G_FILE_TEST_IS_REGULAR) ? glow_input_open_path (path, cancellable, NULL) : NULL;
  guint64 damaged_at;
  const guint8 *head;
  gsize n;

  if (path != NULL)
    glow_dependencies_saw (path);
  head = archive != NULL ? glow_input_peek (archive, GLOW_RECOGNISE_HEAD, &n, NULL) : NULL;
  return head != NULL && glow_tar_recognise (head, n) ? glow_archive_open (archive, &damaged_at, cancellable, NULL) : NULL;
}

/* Where names are looked up for a recording, for as long as it is read. */
void
glow_load_begin (GlowLoadPlaces *self, GlowInput *input, const GlowLoadOptions *options, GCancellable *cancellable)
{
  self->archive = open_archive_beside (input, cancellable);
  self->more[0] = self->archive != NULL ? glow_store_get_root (self->archive) : NULL;
  self->more[1] = NULL;
  glow_name_places_init (&self->places, options, self->more);
  if (cancellable != NULL)
    g_cancellable_push_current (cancellable);
}

/* Takes @profile (nullable); what it needs of the places stays with it. */
GlowProfile *
glow_load_end (GlowLoadPlaces *self, GlowProfile *profile, GCancellable *cancellable, GError **error)
{
  if (cancellable != NULL)
    g_cancellable_pop_current (cancellable);
  if (profile != NULL && g_cancellable_set_error_if_cancelled (cancellable, error))
    g_clear_object (&profile);
  if (profile != NULL && self->archive != NULL)
    {
      glow_profile_add_place (profile, self->more[0]);
      glow_profile_keep (profile, g_steal_pointer (&self->archive), (GDestroyNotify) glow_store_free);
    }
  g_clear_pointer (&self->archive, glow_store_free);
  glow_name_places_clear (&self->places);
  return profile;
}

static void
note_damage (GlowProfile *profile, GlowInput *input)
{
  const GError *damage = glow_input_get_damage (input);

  if (damage != NULL)
    glow_warnings_add (glow_profile_get_warnings (profile), "truncated-input", NULL, 1, 0,
                       _("What came before was read. Copy or record the file again to have the rest."), _("The file ends early: %s"),
                       damage->message);
}

/* Where one part of several was asked for, say that there are others. */
static void
note_parts (GlowProfile *profile, const char *path)
{
  g_auto(GStrv) parts = glow_load_dup_parts (path);
  guint n = parts != NULL ? g_strv_length (parts) : 1;
  g_autofree char *name = NULL;

  if (n < 2)
    return;
  name = g_filename_display_basename (path);
  glow_warnings_add (glow_profile_get_warnings (profile), GLOW_WARNING_MORE_PARTS, NULL, 1, 0, _("Give all of them, and they are shown as one recording."),
                     ngettext ("“%s” is one of several parts of its recording; %u more lies beside it",
                               "“%s” is one of several parts of its recording; %u more lie beside it", n - 1), name, n - 1);
}

void
glow_load_note (GlowProfile *profile, GlowInput *input, const char *path)
{
  note_damage (profile, input);
  if (path != NULL)
    note_parts (profile, path);
}

/* ---- recordings of one file or of several ---- */

typedef struct {
  const GlowFormat *format;
  GPtrArray *inputs;           /* of GlowInput */
  guint n_headed;              /* the others are data without a header of their own */
  guint n_missing;             /* files of a folder that are not there */
} Recording;

static void
recording_free (gpointer data)
{
  Recording *self = data;

  g_ptr_array_unref (self->inputs);
  g_free (self);
}

/* One more than the highest number there is. */
static guint
count_thread_files (const char *path)
{
  g_autoptr(GDir) listing = g_dir_open (path, 0, NULL);
  const char *name;
  guint64 number;
  guint n = 0;

  while (listing != NULL && (name = g_dir_read_name (listing)) != NULL)
    if (g_str_has_prefix (name, "data.") && g_ascii_string_to_unsigned (name + 5, 10, 0, MAX_THREAD_FILES - 1, &number, NULL))
      n = MAX (n, number + 1);
  return n;
}

/* The folder that perf record --threads writes: "data" with the header, "data.0", "data.1" … with what each thread read. */
static gboolean
open_folder (Recording *self, const char *path, GCancellable *cancellable, GError **error)
{
  g_autofree char *head = g_build_filename (path, "data", NULL);
  GlowInput *input;
  guint n;

  input = glow_input_open_path (head, cancellable, error);
  if (input == NULL)
    return FALSE;
  g_ptr_array_add (self->inputs, input);
  n = count_thread_files (path);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *part = g_strdup_printf ("%s.%u", head, i);
      GStatBuf status;

      if (g_stat (part, &status) < 0)
        {
          self->n_missing++;
          continue;
        }
      /* A thread that had nothing to write leaves an empty file. */
      if (status.st_size == 0)
        continue;
      input = glow_input_open_path (part, cancellable, error);
      if (input == NULL)
        return FALSE;
      g_ptr_array_add (self->inputs, input);
    }
  return TRUE;
}

static Recording *
recording_new (GlowInput *input)
{
  Recording *self = g_new0 (Recording, 1);

  self->inputs = g_ptr_array_new_with_free_func ((GDestroyNotify) glow_input_free);
  self->n_headed = 1;
  if (input != NULL)
    g_ptr_array_add (self->inputs, input);
  return self;
}

static gboolean
recording_recognise (Recording *self, GCancellable *cancellable, GError **error)
{
  self->format = glow_load_recognise (g_ptr_array_index (self->inputs, 0), cancellable, error);
  return self->format != NULL;
}

static Recording *
recording_open (const char *path, GCancellable *cancellable, GError **error)
{
  Recording *self = recording_new (NULL);
  g_autofree char *folder = strcmp (path, "-") != 0 ? glow_load_dup_folder (path) : NULL;
  gboolean opened;

  if (folder != NULL)
    opened = open_folder (self, folder, cancellable, error);
  else
    {
      GlowInput *input = glow_input_open_path (path, cancellable, error);

      opened = input != NULL;
      if (opened)
        g_ptr_array_add (self->inputs, input);
    }
  if (opened && recording_recognise (self, cancellable, error))
    return self;
  recording_free (self);
  return NULL;
}

/* A profile as its format knows it, not named where the format needs symbols. */
static GlowProfile *
recording_read (Recording *self, const GlowLoadOptions *options, GCancellable *cancellable, GError **error)
{
  GlowInput *const *inputs = (GlowInput *const *) self->inputs->pdata;
  guint n = self->inputs->len;
  GlowLoadPlaces places;
  GlowProfile *profile;

  glow_load_begin (&places, inputs[0], options, cancellable);
  if (n > 1 && self->format->read_parts != NULL)
    profile = self->format->read_parts (inputs, n, self->n_headed, &places.places.options, cancellable, error);
  else
    profile = self->format->read (inputs[0], &places.places.options, cancellable, error);
  profile = glow_load_end (&places, profile, cancellable, error);
  for (guint i = 0; profile != NULL && i < n; i++)
    glow_load_note (profile, inputs[i], NULL);
  if (profile != NULL && self->n_missing > 0)
    glow_warnings_add (glow_profile_get_warnings (profile), "truncated", "folder", self->n_missing, 0,
                       _("Copy the whole folder; each file holds what one thread of perf read."), _("A file of the folder “%s” is missing"),
                       glow_input_get_name (inputs[0]));
  return profile;
}

static gboolean
are_parts (Recording *a, Recording *b, GCancellable *cancellable)
{
  gsize n_a, n_b;
  const guint8 *left, *right;

  if (a->format != b->format || a->format->is_part == NULL || a->inputs->len > a->n_headed || b->inputs->len > b->n_headed)
    return FALSE;
  left = glow_input_map (g_ptr_array_index (a->inputs, 0), &n_a, cancellable, NULL);
  right = glow_input_map (g_ptr_array_index (b->inputs, 0), &n_b, cancellable, NULL);
  return left != NULL && right != NULL && a->format->is_part (left, n_a, right, n_b);
}

/* Takes @next: joined to the recording that it is a part of, or added as another one. */
static void
add_recording (GPtrArray *recordings, Recording *next, GCancellable *cancellable)
{
  for (guint i = 0; i < recordings->len; i++)
    {
      Recording *known = g_ptr_array_index (recordings, i);

      if (!are_parts (known, next, cancellable))
        continue;
      g_ptr_array_add (known->inputs, g_ptr_array_steal_index (next->inputs, 0));
      known->n_headed++;
      recording_free (next);
      return;
    }
  g_ptr_array_add (recordings, next);
}

/* Shows what is there, then gives it names. Takes @profile (nullable). */
GlowProfile *
glow_load_finish (GlowProfile *profile, const GlowLoadOptions *options, GCancellable *cancellable, GError **error)
{
  g_autoptr(GlowProfile) unnamed = profile;
  GlowProfile *named;

  if (unnamed == NULL)
    return NULL;
  if (options != NULL && options->partial != NULL)
    options->partial (unnamed, options->user_data);
  if (cancellable != NULL)
    g_cancellable_push_current (cancellable);
  named = glow_profile_is_named (unnamed) ? g_object_ref (unnamed) : glow_profile_symbolise (unnamed, options, cancellable, error);
  if (cancellable != NULL)
    g_cancellable_pop_current (cancellable);
  if (named != NULL && g_cancellable_set_error_if_cancelled (cancellable, error))
    g_clear_object (&named);
  if (named != NULL)
    report (options, GLOW_STAGE_DONE, 1, glow_profile_get_info (named)->file_bytes, glow_profile_get_samples (named)->n);
  return named;
}

static GlowProfile *
read_paths (const char *const *paths, const GlowLoadOptions *options, GCancellable *cancellable, GError **error)
{
  g_autoptr(GPtrArray) recordings = g_ptr_array_new_with_free_func (recording_free);
  g_autoptr(GPtrArray) profiles = g_ptr_array_new_with_free_func (g_object_unref);
  GlowProfile *merged;

  for (guint i = 0; paths[i] != NULL; i++)
    {
      Recording *recording = recording_open (paths[i], cancellable, error);

      if (recording == NULL)
        return NULL;
      add_recording (recordings, recording, cancellable);
    }
  for (guint i = 0; i < recordings->len; i++)
    {
      GlowProfile *profile = recording_read (g_ptr_array_index (recordings, i), options, cancellable, error);

      if (profile == NULL)
        return NULL;
      g_ptr_array_add (profiles, profile);
    }
  merged = glow_profile_merge ((GlowProfile *const *) profiles->pdata, profiles->len, error);
  for (guint i = 0; merged != NULL && merged != g_ptr_array_index (profiles, 0) && i < profiles->len; i++)
    glow_profile_keep_as (merged, g_ptr_array_index (profiles, i));
  return merged;
}

static GlowProfile *
load_paths (const char *const *paths, const GlowLoadOptions *options, GCancellable *cancellable, GError **error)
{
  g_auto(GStrv) parts = NULL;
  GlowProfile *profile;

  if (paths[1] == NULL && strcmp (paths[0], "-") != 0 && !g_file_test (paths[0], G_FILE_TEST_EXISTS))
    parts = glow_load_dup_parts (paths[0]);
  profile = read_paths (parts != NULL ? (const char *const *) parts : paths, options, cancellable, error);
  if (profile != NULL && paths[1] == NULL && parts == NULL)
    note_parts (profile, paths[0]);
  return glow_load_finish (profile, options, cancellable, error);
}

/**
 * glow_profile_load_path:
 * @path: a file, a pipe, the folder of perf record --threads, or "-" for standard input; where there is no such file, the name that was
 *   given to perf record --switch-output, whose parts are read as one
 * @options: (nullable):
 *
 * Blocks for as long as reading takes; see #GlowLoadOptions for progress, and for whether a file that was read before need not be read again.
 *
 * Returns: (transfer full): the profile, or %NULL with one sentence in @error that names the file
 */
GlowProfile *
glow_profile_load_path (const char *path, const GlowLoadOptions *options, GCancellable *cancellable, GError **error)
{
  const char *paths[] = { path, NULL };
  GlowCacheEntry *entry = glow_cache_entry_new (path, options);
  GlowProfile *profile = entry != NULL ? glow_cache_entry_load (entry, options, cancellable) : NULL;
  gboolean kept = profile != NULL;

  if (kept)
    {
      /* What lies beside the file is not kept. */
      note_parts (profile, path);
      report (options, GLOW_STAGE_DONE, 1, glow_profile_get_info (profile)->file_bytes, glow_profile_get_samples (profile)->n);
    }
  else
    {
      if (entry != NULL)
        glow_cache_entry_begin (entry);
      profile = load_paths (paths, options, cancellable, error);
    }
  if (entry != NULL)
    glow_cache_entry_finish (entry, kept ? NULL : profile);
  return profile;
}

/**
 * glow_profile_load_fd:
 * @fd: open for reading; stays the caller's
 * @name: what messages call it
 *
 * Returns: (transfer full): as glow_profile_load_path()
 */
GlowProfile *
glow_profile_load_fd (int fd, const char *name, const GlowLoadOptions *options, GCancellable *cancellable, GError **error)
{
  GlowInput *input = glow_input_open_fd (fd, name, cancellable, error);
  Recording *recording = input != NULL ? recording_new (input) : NULL;
  GlowProfile *profile = NULL;

  if (recording == NULL)
    return NULL;
  if (recording_recognise (recording, cancellable, error))
    profile = recording_read (recording, options, cancellable, error);
  recording_free (recording);
  return glow_load_finish (profile, options, cancellable, error);
}

/**
 * glow_profile_load_paths:
 * @paths: %NULL-terminated, at least one
 *
 * Parts of one recording are read as one; others are merged: equal stacks add up, samples with times are in one order.
 *
 * Returns: (transfer full): the profile, or %NULL with the first file's @error that could not be read
 */
GlowProfile *
glow_profile_load_paths (const char *const *paths, const GlowLoadOptions *options, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (paths[0] != NULL, NULL);
  return paths[1] == NULL ? glow_profile_load_path (paths[0], options, cancellable, error) : load_paths (paths, options, cancellable, error);
}
