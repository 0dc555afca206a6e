/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a path to a profile: open, recognise, read, hand on what is known, name, merge. */
#include <config.h>

#include <glib/gi18n-lib.h>

#include "formats/input-private.h"
#include "formats/pack/archive-private.h"
#include "formats/pack/tar-private.h"
#include "formats/registry-private.h"
#include "symbols/module-files-private.h"
#include "symbols/symbolise-private.h"
#include "model/profile-private.h"

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

static const GlowFormat *
recognise (GlowInput *input, GCancellable *cancellable, GError **error)
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
  g_autofree char *path = own != NULL ? g_strconcat (own, ".tar.bz2", NULL) : NULL;
  g_autoptr(GlowInput) archive = path != NULL && g_file_test (path, G_FILE_TEST_IS_REGULAR) ? glow_input_open_path (path, cancellable, NULL) : NULL;
  guint64 damaged_at;
  const guint8 *head;
  gsize n;

  head = archive != NULL ? glow_input_peek (archive, GLOW_RECOGNISE_HEAD, &n, NULL) : NULL;
  return head != NULL && glow_tar_recognise (head, n) ? glow_archive_open (archive, &damaged_at, cancellable, NULL) : NULL;
}

/* A profile as its format knows it, not named where the format needs symbols. */
static GlowProfile *
read_input (GlowInput *input, const GlowLoadOptions *options, GCancellable *cancellable, GError **error)
{
  const GlowFormat *format = recognise (input, cancellable, error);
  g_auto(GlowNamePlaces) places = { 0 };
  g_autoptr(GlowStore) archive = NULL;
  const char *more[2] = { NULL, NULL };
  const GError *damage;
  GlowProfile *profile;

  if (format == NULL)
    return NULL;
  archive = open_archive_beside (input, cancellable);
  more[0] = archive != NULL ? glow_store_get_root (archive) : NULL;
  glow_name_places_init (&places, options, more);
  if (cancellable != NULL)
    g_cancellable_push_current (cancellable);
  profile = format->read (input, &places.options, cancellable, error);
  if (cancellable != NULL)
    g_cancellable_pop_current (cancellable);
  if (profile != NULL && g_cancellable_set_error_if_cancelled (cancellable, error))
    g_clear_object (&profile);
  if (profile == NULL)
    return NULL;
  if (archive != NULL)
    {
      glow_profile_add_place (profile, more[0]);
      glow_profile_keep (profile, g_steal_pointer (&archive), (GDestroyNotify) glow_store_free);
    }
  damage = glow_input_get_damage (input);
  if (damage != NULL)
    glow_warnings_add (glow_profile_get_warnings (profile), "truncated-input", NULL, 1, 0,
                       _("What came before was read. Copy or record the file again to have the rest."), _("The file ends early: %s"),
                       damage->message);
  return profile;
}

/* Shows what is there, then gives it names. Takes @profile. */
static GlowProfile *
finish (GlowProfile *profile, const GlowLoadOptions *options, GCancellable *cancellable, GError **error)
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

/**
 * glow_profile_load_path:
 * @path: a file, a pipe, or "-" for standard input
 * @options: (nullable):
 *
 * Blocks for as long as reading takes; see #GlowLoadOptions for progress.
 *
 * Returns: (transfer full): the profile, or %NULL with one sentence in @error that names the file
 */
GlowProfile *
glow_profile_load_path (const char *path, const GlowLoadOptions *options, GCancellable *cancellable, GError **error)
{
  g_autoptr(GlowInput) input = glow_input_open_path (path, cancellable, error);

  return input != NULL ? finish (read_input (input, options, cancellable, error), options, cancellable, error) : NULL;
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
  g_autoptr(GlowInput) input = glow_input_open_fd (fd, name, cancellable, error);

  return input != NULL ? finish (read_input (input, options, cancellable, error), options, cancellable, error) : NULL;
}

/**
 * glow_profile_load_paths:
 * @paths: %NULL-terminated, at least one
 *
 * Loads each and merges them: equal stacks add up, samples with times are in one order.
 *
 * Returns: (transfer full): the profile, or %NULL with the first file's @error that could not be read
 */
GlowProfile *
glow_profile_load_paths (const char *const *paths, const GlowLoadOptions *options, GCancellable *cancellable, GError **error)
{
  g_autoptr(GPtrArray) profiles = g_ptr_array_new_with_free_func (g_object_unref);
  GlowProfile *merged;

  g_return_val_if_fail (paths[0] != NULL, NULL);
  if (paths[1] == NULL)
    return glow_profile_load_path (paths[0], options, cancellable, error);
  for (guint i = 0; paths[i] != NULL; i++)
    {
      g_autoptr(GlowInput) input = glow_input_open_path (paths[i], cancellable, error);
      GlowProfile *profile = input != NULL ? read_input (input, options, cancellable, error) : NULL;

      if (profile == NULL)
        return NULL;
      g_ptr_array_add (profiles, profile);
    }
  merged = glow_profile_merge ((GlowProfile *const *) profiles->pdata, profiles->len, error);
  for (guint i = 0; merged != NULL && i < profiles->len; i++)
    glow_profile_keep_as (merged, g_ptr_array_index (profiles, i));
  return finish (merged, options, cancellable, error);
}
