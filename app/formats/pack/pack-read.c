/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opens packed recordings: the recording inside is read as if it lay on disk with its files beside it. Nothing is unpacked by name. */
#include <config.h>

#include <inttypes.h>
#include <glib/gi18n-lib.h>

#include "formats/input-private.h"
#include "formats/pack/archive-private.h"
#include "formats/pack/pack-private.h"
#include "formats/pack/tar-private.h"
#include "formats/registry-private.h"
#include "model/profile-private.h"

#include <string.h>

static int
recognise (const guint8 *head, gsize n)
{
  return glow_tar_recognise (head, n) && strcmp ((const char *) head, GLOW_PACK_MANIFEST) == 0 ? 100 : 0;
}

/* *@damaged_at: where reading ended before the archive does, else 0. */
static void
add_members (GlowStore *store, GBytes *bytes, guint64 *damaged_at)
{
  GlowTarReader reader;
  GlowTarMember member;
  gboolean damage;
  gsize n;
  const guint8 *data = g_bytes_get_data (bytes, &n);

  glow_tar_reader_init (&reader, data, n);
  while (glow_tar_reader_next (&reader, &member, &damage))
    {
      if (member.kind == GLOW_TAR_FILE)
        glow_store_add (store, member.name, member.offset, member.size);
      else if (member.kind == GLOW_TAR_LINK)
        glow_store_add_link (store, member.name, member.target);
    }
  *damaged_at = damage ? reader.at : 0;
  glow_tar_reader_clear (&reader);
}

GlowStore *
glow_archive_open (GlowInput *input, guint64 *damaged_at, GCancellable *cancellable, GError **error)
{
  int fd = -1;
  g_autoptr(GBytes) bytes = glow_input_take_map (input, &fd, cancellable, error);
  GlowStore *store;

  *damaged_at = 0;
  if (bytes == NULL)
    return NULL;
  store = glow_store_new (glow_input_get_path (input) != NULL ? glow_input_get_path (input) : glow_input_get_name (input), bytes, fd);
  add_members (store, bytes, damaged_at);
  return store;
}

static void
open_now (GlowStore *store)
{
  g_autoptr(GlowInput) input = glow_input_open_path (glow_store_get_path (store), NULL, NULL);
  int fd = -1;
  g_autoptr(GBytes) bytes = input != NULL ? glow_input_take_map (input, &fd, NULL, NULL) : NULL;
  guint64 damaged_at;

  if (bytes == NULL)
    return;
  glow_store_fill (store, bytes, fd);
  add_members (store, bytes, &damaged_at);
}

GlowStore *
glow_archive_open_later (const char *path)
{
  return glow_store_new_later (path, open_now);
}

/* The name of the recording inside. (transfer full) (nullable) */
static char *
dup_recording (GlowStore *store, const char *name, GError **error)
{
  GBytes *manifest = glow_store_get (store, GLOW_PACK_MANIFEST);
  g_autofree char *text = manifest != NULL ? g_strndup (g_bytes_get_data (manifest, NULL), MIN (g_bytes_get_size (manifest), 64 * 1024)) : g_strdup ("");
  g_auto(GStrv) lines = g_strsplit (text, "\n", 64);
  guint64 version = 0;

  if (lines[0] != NULL && g_str_has_prefix (lines[0], GLOW_PACK_TITLE))
    version = g_ascii_strtoull (lines[0] + strlen (GLOW_PACK_TITLE), NULL, 10);
  if (version > GLOW_PACK_VERSION)
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_UNSUPPORTED, _("“%s” is a packed recording of version %u, newer than the %u that is read here"), name,
                   (guint) version, GLOW_PACK_VERSION);
      return NULL;
    }
  for (guint i = 1; version > 0 && lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], GLOW_PACK_RECORDING))
      return g_strdup (lines[i] + strlen (GLOW_PACK_RECORDING));
  g_set_error (error, GLOW_ERROR, GLOW_ERROR_DAMAGED, _("“%s” is a packed recording that does not say which of its files is the recording"), name);
  return NULL;
}

static GlowProfile *
read_recording (GlowStore *store, const char *recording, const char *name, const GlowLoadOptions *options, GCancellable *cancellable, GError **error)
{
  GBytes *bytes = glow_store_get (store, recording);
  g_autofree char *path = g_build_filename (glow_store_get_root (store), recording, NULL);
  g_autoptr(GlowInput) input = NULL;
  const GlowFormat *format;
  const GError *damage;
  const guint8 *head;
  GlowProfile *profile;
  gsize n;

  if (bytes == NULL)
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_DAMAGED, _("“%s” is a packed recording without its recording, “%s”"), name, recording);
      return NULL;
    }
  input = glow_input_open_bytes (bytes, path, name, cancellable, error);
  head = input != NULL ? glow_input_peek (input, GLOW_RECOGNISE_HEAD, &n, error) : NULL;
  if (head == NULL)
    return NULL;
  format = glow_registry_recognise (head, n);
  if (format == NULL || format == &glow_format_pack)
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_NOT_RECOGNISED, _("“%s” is a packed recording, but “%s” in it is not read here: it looks like %s"), name,
                   recording, glow_describe_content (head, n));
      return NULL;
    }
  profile = format->read (input, options, cancellable, error);
  damage = profile != NULL ? glow_input_get_damage (input) : NULL;
  if (damage != NULL)
    glow_warnings_add (glow_profile_get_warnings (profile), "truncated-input", recording, 1, 0, NULL, _("The recording inside ends early: %s"),
                       damage->message);
  return profile;
}

static GlowProfile *
read_input (GlowInput *input, const GlowLoadOptions *options, GCancellable *cancellable, GError **error)
{
  guint64 damaged_at;
  g_autoptr(GlowStore) store = glow_archive_open (input, &damaged_at, cancellable, error);
  g_autofree char *recording = store != NULL ? dup_recording (store, glow_input_get_name (input), error) : NULL;
  GlowProfile *profile = recording != NULL ? read_recording (store, recording, glow_input_get_name (input), options, cancellable, error) : NULL;

  if (profile == NULL)
    return NULL;
  if (damaged_at > 0)
    glow_warnings_add (glow_profile_get_warnings (profile), "truncated", "pack", 1, damaged_at, _("Copy the file again to have the rest."),
                       _("The archive is damaged at byte %" PRIu64 "; files of modules behind it are missing"), damaged_at);
  glow_profile_keep (profile, g_steal_pointer (&store), (GDestroyNotify) glow_store_free);
  return profile;
}

const GlowFormat glow_format_pack = {
  .info = { "pack", N_("packed recording"), "application/x-afterglow-pack" },
  .recognise = recognise,
  .read = read_input,
};
