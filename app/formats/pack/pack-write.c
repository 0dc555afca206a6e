/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packs a recording with what its names come from. Files are looked for where names are, and taken only where their build-id is the recorded one. */
#include <config.h>

#include <glib/gi18n-lib.h>

#include "formats/pack/pack-private.h"
#include "formats/pack/tar-private.h"
#include "model/profile-private.h"
#include "symbols/alt-file-private.h"
#include "symbols/elf-file-private.h"
#include "symbols/elf-tables-private.h"
#include "symbols/module-files-private.h"
#include "symbols/store-private.h"
#include "symbols/symbol-table-private.h"

#include <afterglow/error.h>
#include <afterglow/pack.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
  GlowProfile *profile;
  const GlowPackOptions *options;
  const GlowLoadOptions *load;
  GlowTarWriter *tar;
  char *recording;             /* its name in the pack */
  gint64 time;
  GHashTable *written;         /* names of members */
  GlowPackSummary *summary;
  gboolean has_kallsyms;
  GCancellable *cancellable;
} Pack;

static void
entry_free (gpointer data)
{
  GlowPackEntry *entry = data;

  g_free (entry->name);
  g_free (entry->why);
  g_free (entry);
}

void
glow_pack_summary_free (GlowPackSummary *self)
{
  g_ptr_array_unref (self->taken);
  g_ptr_array_unref (self->missing);
  g_free (self);
}

static GlowPackEntry *
add_entry (GPtrArray *list, const char *name, const char *why)
{
  GlowPackEntry *entry = g_new0 (GlowPackEntry, 1);

  entry->name = g_utf8_make_valid (name, -1);
  entry->why = g_strdup (why);
  g_ptr_array_add (list, entry);
  return entry;
}

/* ---- members ---- */

static gboolean
add_member (Pack *self, const char *name, GBytes *bytes, GError **error)
{
  gsize n;
  gconstpointer data = g_bytes_get_data (bytes, &n);

  if (!g_hash_table_add (self->written, g_strdup (name)))
    return TRUE;
  return glow_tar_writer_add (self->tar, name, data, n, self->time, self->cancellable, error);
}

static GBytes *
map_file (const char *path)
{
  g_autoptr(GMappedFile) file = g_mapped_file_new (path, FALSE, NULL);

  return file != NULL ? g_mapped_file_get_bytes (file) : glow_store_find (path);
}

/* The bytes to take of an ELF file, and those it has. (nullable) */
static GBytes *
dup_elf (Pack *self, const char *path, guint64 *original)
{
  g_autoptr(GBytes) whole = NULL;
  GBytes *tables = NULL;
  Elf *elf;
  int fd;

  whole = map_file (path);
  if (whole == NULL)
    return NULL;
  *original = g_bytes_get_size (whole);
  elf = self->options->whole_files ? NULL : glow_elf_open (path, &fd);
  if (elf != NULL)
    {
      tables = glow_elf_dup_tables (elf, !self->options->no_inlines);
      glow_elf_close (elf, fd);
    }
  return tables != NULL ? tables : g_steal_pointer (&whole);
}

static gboolean
add_elf (Pack *self, const char *name, const char *path, GlowPackEntry *entry, GError **error)
{
  guint64 original = 0;
  g_autoptr(GBytes) bytes = g_hash_table_contains (self->written, name) ? NULL : dup_elf (self, path, &original);

  if (bytes == NULL)
    return TRUE;
  entry->original += original;
  entry->packed += g_bytes_get_size (bytes);
  return add_member (self, name, bytes, error);
}

/* ---- modules ---- */

/* "NAME.symbols/.build-id/ab/cdef…", or by path where there is no build-id. (transfer full) */
static char *
dup_folder (Pack *self, const GlowModule *module, const char *path)
{
  g_autofree char *hex = module->build_id_length > 1 ? glow_module_dup_build_id (module, TRUE) : NULL;

  return hex != NULL ? g_strdup_printf ("%s.symbols/.build-id/%s", self->recording, hex)
                     : g_strdup_printf ("%s.symbols/root/%s", self->recording, path + (*path == '/'));
}

/* The first place with a file of this build: where names and rules of unwinding are taken from. */
static char *
find_file (Pack *self, const GlowModule *module, const char *path, gboolean *mismatch)
{
  g_autoptr(GPtrArray) places = glow_module_dup_places (module, path, glow_profile_get_files (self->profile), self->load);

  if (module->symbol_file != 0)
    g_ptr_array_insert (places, 0, g_strdup (glow_profile_get_string (self->profile, module->symbol_file)));
  for (guint i = 0; i < places->len; i++)
    {
      const char *place = g_ptr_array_index (places, i);
      guint8 own[20];
      gboolean fits;
      int fd;
      Elf *elf = glow_file_exists (place) ? glow_elf_open (place, &fd) : NULL;

      if (elf == NULL)
        continue;
      fits = glow_elf_is_build (own, glow_elf_get_build_id (elf, own), module->build_id, MIN (module->build_id_length, 20));
      *mismatch |= !fits;
      glow_elf_close (elf, fd);
      if (fits)
        return g_strdup (place);
    }
  return NULL;
}

/* Its split debug information, and what that shares with others' (dwz). */
static gboolean
add_debug_file (Pack *self, const char *folder, const char *path, GlowPackEntry *entry, GError **error)
{
  g_autoptr(GPtrArray) places = NULL;
  g_autofree char *name = g_build_filename (folder, "debug", NULL);
  guint8 build_id[20], own[20];
  int fd;
  Elf *elf = glow_elf_open (path, &fd);
  guint n;

  if (elf == NULL)
    return TRUE;
  n = glow_elf_get_build_id (elf, build_id);
  places = glow_elf_dup_debug_places (elf, path, build_id, n, self->load->debug_dirs);
  glow_elf_close (elf, fd);
  for (guint i = 0; i < places->len; i++)
    {
      const char *place = g_ptr_array_index (places, i);
      g_autofree char *alt = NULL, *alt_name = NULL;
      gboolean fits;

      elf = strcmp (place, path) != 0 && glow_file_exists (place) ? glow_elf_open (place, &fd) : NULL;
      if (elf == NULL)
        continue;
      fits = glow_elf_is_build (own, glow_elf_get_build_id (elf, own), build_id, n);
      alt = fits && !self->options->no_inlines ? glow_alt_file_dup_place (elf, place, self->load->debug_dirs, own, &n) : NULL;
      glow_elf_close (elf, fd);
      if (!fits)
        continue;
      if (alt != NULL)
        {
          g_autofree char *hex = glow_build_id_dup_hex (own, n, TRUE);

          alt_name = g_strdup_printf ("%s.symbols/.build-id/%s/debug", self->recording, hex);
          if (!add_elf (self, alt_name, alt, entry, error))
            return FALSE;
        }
      return add_elf (self, name, place, entry, error);
    }
  return TRUE;
}

static gboolean
add_user_module (Pack *self, const GlowModule *module, const char *name, const char *path, GError **error)
{
  g_autofree char *folder = dup_folder (self, module, path), *member = g_build_filename (folder, "elf", NULL), *place = NULL;
  gboolean mismatch = FALSE;
  GlowPackEntry *entry;

  if (g_hash_table_contains (self->written, member))
    return TRUE;
  place = find_file (self, module, path, &mismatch);
  if (place == NULL)
    {
      add_entry (self->summary->missing, name, glow_symbol_status_get_label (mismatch ? GLOW_SYMBOLS_BUILD_ID_MISMATCH : GLOW_SYMBOLS_NO_FILE));
      return TRUE;
    }
  entry = add_entry (self->summary->taken, name, NULL);
  return add_elf (self, member, place, entry, error) && add_debug_file (self, folder, place, entry, error);
}

static gboolean
add_vdso (Pack *self, const GlowModule *module, const char *name, const char *path, GError **error)
{
  g_autofree char *folder = dup_folder (self, module, path), *member = g_build_filename (folder, module->build_id_length > 1 ? "vdso" : "elf", NULL);
  const char *file = module->symbol_file != 0 ? glow_profile_get_string (self->profile, module->symbol_file) : NULL;
  g_autoptr(GBytes) bytes = NULL;
  GlowPackEntry *entry;

  if (file == NULL)
    return add_user_module (self, module, name, path, error);
  bytes = strcmp (file, "[vdso]") == 0 ? glow_vdso_dup_bytes () : map_file (file);
  if (bytes == NULL)
    return TRUE;
  entry = add_entry (self->summary->taken, name, NULL);
  entry->original = entry->packed = g_bytes_get_size (bytes);
  return add_member (self, member, bytes, error);
}

/* The lines of a list of kernel symbols that names come from. */
static GBytes *
dup_functions (const char *text, gsize n)
{
  GString *kept = g_string_sized_new (n / 2);

  for (const char *at = text, *end = text + n; at < end;)
    {
      const char *line_end = memchr (at, '\n', end - at), *space = memchr (at, ' ', end - at);

      line_end = line_end != NULL ? line_end + 1 : end;
      if (space != NULL && space + 2 < line_end && strchr ("tTwW", space[1]) != NULL)
        g_string_append_len (kept, at, line_end - at);
      at = line_end;
    }
  return g_string_free_to_bytes (kept);
}

static gboolean
add_kernel (Pack *self, const GlowModule *module, const char *name, GError **error)
{
  const char *file = module->symbol_file != 0 ? glow_profile_get_string (self->profile, module->symbol_file) : NULL;
  g_autofree char *text = NULL, *list = g_strconcat (self->recording, ".kallsyms", NULL), *folder = NULL, *member = NULL;
  g_autoptr(GBytes) bytes = NULL;
  GlowPackEntry *entry;
  gsize n = 0;

  if (file == NULL)
    {
      add_entry (self->summary->missing, name, glow_symbol_status_get_label (module->symbols));
      return TRUE;
    }
  if (g_hash_table_contains (self->written, file))
    return TRUE;
  g_hash_table_add (self->written, g_strdup (file));
  if (!glow_file_get_contents (file, &text, &n))
    return TRUE;
  if (n > SELFMAG && memcmp (text, ELFMAG, SELFMAG) == 0)
    {
      folder = dup_folder (self, module, "kernel");
      member = module->build_id_length > 1 ? g_build_filename (folder, "vmlinux", NULL) : g_strconcat (self->recording, ".symbols/vmlinux", NULL);
      return add_elf (self, member, file, add_entry (self->summary->taken, name, NULL), error);
    }
  bytes = dup_functions (text, n);
  entry = add_entry (self->summary->taken, name, NULL);
  entry->original = n;
  entry->packed = g_bytes_get_size (bytes);
  return add_member (self, list, bytes, error);
}

/* A file that a just-in-time compiler wrote, as it is. */
static gboolean
add_side_file (Pack *self, const char *name, const char *base, const char *found, GError **error)
{
  g_autofree char *member = g_strdup_printf ("%s.maps/%s", self->recording, base);
  g_autoptr(GBytes) bytes = NULL;
  GlowPackEntry *entry;

  if (g_hash_table_contains (self->written, member))
    return TRUE;
  bytes = found != NULL && glow_file_exists (found) ? map_file (found) : NULL;
  if (bytes == NULL)
    {
      add_entry (self->summary->missing, name, glow_symbol_status_get_label (GLOW_SYMBOLS_NO_FILE));
      return TRUE;
    }
  entry = add_entry (self->summary->taken, name, NULL);
  entry->original = entry->packed = g_bytes_get_size (bytes);
  return add_member (self, member, bytes, error);
}

static gboolean
add_module (Pack *self, const GlowModule *module, GError **error)
{
  const char *name = glow_profile_get_string (self->profile, module->name), *path = glow_profile_get_string (self->profile, module->path);
  const char *file = module->symbol_file != 0 ? glow_profile_get_string (self->profile, module->symbol_file) : NULL;

  switch ((GlowModuleKind) module->kind)
    {
    case GLOW_MODULE_USER:
      /* Not files, or their symbols are in the recording. */
      return *path == '[' || *path == '\0' || (file == NULL && module->symbols == GLOW_SYMBOLS_FULL) || add_user_module (self, module, name, path, error);
    case GLOW_MODULE_VDSO:
      return add_vdso (self, module, name, path, error);
    case GLOW_MODULE_KERNEL:
    case GLOW_MODULE_KERNEL_MODULE:
    case GLOW_MODULE_BPF:
      return (file == NULL && module->symbols == GLOW_SYMBOLS_FULL) || add_kernel (self, module, name, error);
    case GLOW_MODULE_JIT:
      {
        /* A dump of the code, or a map of one process. */
        g_autofree char *base = *path == '/' && g_str_has_suffix (path, ".dump") ? g_path_get_basename (path) : g_strdup_printf ("perf-%u.map", module->pid);

        return add_side_file (self, name, base, file, error);
      }
    case GLOW_MODULE_GUEST_KERNEL:
    case GLOW_MODULE_GUEST_USER:
    case GLOW_MODULE_OTHER:
      return TRUE;
    }
  return TRUE;
}

/* ---- the recording ---- */

static gboolean
add_recording (Pack *self, const char *path, GError **error)
{
  g_autofree char *manifest = g_strdup_printf (GLOW_PACK_TITLE "%u\n" GLOW_PACK_RECORDING "%s\n", GLOW_PACK_VERSION, self->recording);
  g_autoptr(GBytes) head = g_bytes_new (manifest, strlen (manifest)), bytes = NULL;
  g_autoptr(GMappedFile) file = g_mapped_file_new (path, FALSE, error);

  if (file == NULL)
    return FALSE;
  bytes = g_mapped_file_get_bytes (file);
  self->summary->recording = g_bytes_get_size (bytes);
  return add_member (self, GLOW_PACK_MANIFEST, head, error) && add_member (self, self->recording, bytes, error);
}

static gboolean
write_all (Pack *self, const char *path, GError **error)
{
  guint32 n;
  const GlowModule *modules = glow_profile_get_modules (self->profile, &n);
  gboolean ok = add_recording (self, path, error);

  for (guint32 i = 0; ok && i < n; i++)
    {
      ok = !g_cancellable_set_error_if_cancelled (self->cancellable, error);
      if (ok && (modules[i].symbols != GLOW_SYMBOLS_NOT_NEEDED || (self->options->all_modules && modules[i].kind == GLOW_MODULE_USER)))
        ok = add_module (self, &modules[i], error);
    }
  return ok && glow_tar_writer_finish (self->tar, self->cancellable, error);
}

/**
 * glow_pack_write:
 * @profile: named
 * @path: the recording, a regular file
 *
 * O(bytes of the files taken), most of it compression.
 *
 * Returns: (transfer full): what was taken, and what could not be
 */
GlowPackSummary *
glow_pack_write (GlowProfile *profile, const char *path, const GlowPackOptions *options, GOutputStream *stream, GCancellable *cancellable, GError **error)
{
  g_auto(GlowNamePlaces) places = { 0 };
  g_autoptr(GlowTarWriter) tar = glow_tar_writer_new (stream);
  g_autoptr(GHashTable) written = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *recording = g_path_get_basename (path);
  Pack self = { .profile = profile, .options = options, .tar = tar, .recording = recording, .written = written, .cancellable = cancellable };
  GStatBuf status;

  glow_name_places_init (&places, options->load, glow_profile_get_places (profile));
  self.load = &places.options;
  self.time = g_stat (path, &status) == 0 ? status.st_mtime : 0;
  self.summary = g_new0 (GlowPackSummary, 1);
  self.summary->taken = g_ptr_array_new_with_free_func (entry_free);
  self.summary->missing = g_ptr_array_new_with_free_func (entry_free);
  g_strdelimit (recording, "\n\r", '_');
  if (!write_all (&self, path, error))
    {
      glow_pack_summary_free (self.summary);
      return NULL;
    }
  self.summary->written = glow_tar_writer_get_written (tar);
  return self.summary;
}
