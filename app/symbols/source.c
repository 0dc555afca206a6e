/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a function is written, from DWARF through libdw. Asked for one function at a time, when somebody wants to see it. */
#include <config.h>

#include <afterglow/error.h>
#include <afterglow/names.h>
#include <afterglow/source.h>
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "model/profile-private.h"
#include "symbols/alt-file-private.h"
#include "symbols/elf-file-private.h"
#include "symbols/module-files-private.h"

void
glow_source_free (GlowSource *self)
{
  g_free (self->file);
  g_free (self);
}

/* File and line of an entry, the file made absolute. */
static GlowSource *
source_of (Dwarf_Die *unit, const char *file, int line)
{
  GlowSource *source;
  Dwarf_Attribute attribute;
  const char *folder = NULL;

  if (file == NULL || line <= 0)
    return NULL;
  if (*file != '/' && dwarf_attr (unit, DW_AT_comp_dir, &attribute) != NULL)
    folder = dwarf_formstring (&attribute);
  source = g_new0 (GlowSource, 1);
  source->file = folder != NULL ? g_build_filename (folder, file, NULL) : g_strdup (file);
  source->line = line;
  return source;
}

/* Whether an entry is what was inlined under the name @wanted, as the linker or the source has it. */
static gboolean
is_inlined_as (Dwarf_Die *die, const char *wanted)
{
  Dwarf_Attribute attribute;
  const char *name = NULL;

  if (dwarf_tag (die) != DW_TAG_inlined_subroutine)
    return FALSE;
  if (dwarf_attr_integrate (die, DW_AT_linkage_name, &attribute) != NULL || dwarf_attr_integrate (die, DW_AT_MIPS_linkage_name, &attribute) != NULL)
    name = dwarf_formstring (&attribute);
  return g_strcmp0 (name != NULL ? name : dwarf_diename (die), wanted) == 0;
}

/* The function that has code at @address; with @inlined, the one of that name that was inlined there. */
static GlowSource *
find_in_unit (Dwarf_Die *unit, guint64 address, const char *inlined)
{
  Dwarf_Die *scopes = NULL;
  int n = dwarf_getscopes (unit, address, &scopes);
  GlowSource *source = NULL;
  Dwarf_Line *line;

  for (int i = 0; i < n && source == NULL; i++)
    if (inlined != NULL ? is_inlined_as (&scopes[i], inlined) : dwarf_tag (&scopes[i]) == DW_TAG_subprogram)
      {
        int number = 0;

        /* Names and lines of out-of-line copies are those of their origin: dwarf_decl_… follow it. */
        dwarf_decl_line (&scopes[i], &number);
        source = source_of (unit, dwarf_decl_file (&scopes[i]), number);
      }
  free (scopes);
  line = source == NULL ? dwarf_getsrc_die (unit, address) : NULL;
  if (line != NULL)
    {
      int number = 0;

      dwarf_lineno (line, &number);
      source = source_of (unit, dwarf_linesrc (line, NULL, NULL), number);
    }
  return source;
}

/* Through the table of ranges where there is one, else unit by unit. */
static GlowSource *
find_in_dwarf (Dwarf *dwarf, guint64 address, const char *inlined, GCancellable *cancellable)
{
  Dwarf_CU *unit = NULL;
  Dwarf_Die die;

  if (dwarf_addrdie (dwarf, address, &die) != NULL)
    return find_in_unit (&die, address, inlined);
  while (!g_cancellable_is_cancelled (cancellable) && dwarf_get_units (dwarf, unit, &unit, NULL, NULL, &die, NULL) == 0)
    if (dwarf_haspc (&die, address) == 1)
      return find_in_unit (&die, address, inlined);
  return NULL;
}

static GlowSource *
find_in_file (const char *path, const guint8 *build_id, guint build_id_length, guint64 address, const char *inlined,
              const char *const *debug_dirs, GCancellable *cancellable)
{
  GlowSource *source = NULL;
  guint8 own[20];
  int fd;
  Elf *elf = glow_elf_open (path, &fd);
  Dwarf *dwarf;
  guint n;

  if (elf == NULL)
    return NULL;
  n = glow_elf_get_build_id (elf, own);
  dwarf = build_id_length == 0 || (n == build_id_length && memcmp (own, build_id, n) == 0) ? dwarf_begin_elf (elf, DWARF_C_READ, NULL) : NULL;
  if (dwarf != NULL)
    {
      GlowAltFile alt;

      glow_alt_file_open (&alt, dwarf, elf, path, debug_dirs);
      source = find_in_dwarf (dwarf, address, inlined, cancellable);
      dwarf_end (dwarf);
      glow_alt_file_close (&alt);
    }
  glow_elf_close (elf, fd);
  return source;
}

/* The file itself, then its split debug information. */
static GlowSource *
find_for_module (const char *path, guint64 offset, const char *inlined, const char *const *debug_dirs, GCancellable *cancellable)
{
  g_autoptr(GArray) segments = NULL;
  g_autoptr(GPtrArray) places = NULL;
  GlowSource *source = NULL;
  guint8 build_id[20];
  guint64 address;
  int fd;
  Elf *elf = glow_elf_open (path, &fd);
  guint n;

  if (elf == NULL)
    return NULL;
  segments = glow_elf_dup_segments (elf);
  n = glow_elf_get_build_id (elf, build_id);
  places = glow_elf_dup_debug_places (elf, path, build_id, n, debug_dirs);
  glow_elf_close (elf, fd);
  if (!glow_elf_to_vaddr (segments, offset, &address))
    return NULL;
  source = find_in_file (path, NULL, 0, address, inlined, debug_dirs, cancellable);
  for (guint i = 0; i < places->len && source == NULL && !g_cancellable_is_cancelled (cancellable); i++)
    source = find_in_file (g_ptr_array_index (places, i), build_id, n, address, inlined, debug_dirs, cancellable);
  return source;
}

/* A place in code where the function is, inlined or not. (nullable) */
static const GlowLocation *
find_location (const GlowChains *chains, guint32 frame)
{
  for (guint32 i = 0; chains != NULL && i < chains->n_locations; i++)
    {
      const GlowLocation *location = &chains->locations[i];

      if (location->symbol_offset == G_MAXUINT64)
        continue;
      if (location->frame == frame)
        return location;
      for (guint32 k = 0; k < location->n_inlined; k++)
        if (chains->inline_frames[location->first_inlined + k] == frame)
          return location;
    }
  return NULL;
}

/* What the recording says of it, or the name of the function itself: a just-in-time compiler's. */
static GlowSource *
find_in_names (GlowProfile *profile, const GlowFrame *frame)
{
  g_auto(GlowNameParts) parts = { NULL };
  GlowSource *source;

  glow_name_parts_read (glow_profile_get_string (profile, frame->raw_name), frame->kind, &parts);
  if (frame->file == 0 && (parts.file == NULL || *parts.file != '/'))
    return NULL;
  source = g_new0 (GlowSource, 1);
  source->file = frame->file != 0 ? g_strdup (glow_profile_get_string (profile, frame->file)) : g_steal_pointer (&parts.file);
  source->line = frame->file != 0 ? frame->line : parts.line;
  return source;
}

/**
 * glow_source_find:
 * @frame: of @profile
 * @options: (nullable): where debug files are looked for
 *
 * Blocks: opens the module's debug information. O(locations) and a look into DWARF.
 *
 * Returns: (transfer full): where the function is written; %NULL with what is missing in @error
 */
GlowSource *
glow_source_find (GlowProfile *profile, guint32 frame, const GlowLoadOptions *options, GCancellable *cancellable, GError **error)
{
  const GlowChains *chains = glow_profile_get_chains (profile);
  const GlowFrame *own = &glow_profile_get_frames (profile, NULL)[frame];
  const GlowModule *module = own->module != GLOW_NONE ? &glow_profile_get_modules (profile, NULL)[own->module] : NULL;
  const GlowLocation *location = find_location (chains, frame);
  gboolean is_inlined = own->kind == GLOW_FRAME_INLINED;
  g_autofree char *name = NULL;
  g_auto(GlowNamePlaces) places = { 0 };
  GlowSource *source = find_in_names (profile, own);

  if (source != NULL)
    return source;
  if (location == NULL || module == NULL)
    {
      g_set_error_literal (error, GLOW_ERROR, GLOW_ERROR_UNSUPPORTED, _("The recording holds no address of this function, so its source is not known"));
      return NULL;
    }
  name = glow_strings_dup_display (glow_profile_get_strings (profile), module->name);
  glow_name_places_init (&places, options, glow_profile_get_places (profile));
  if (module->symbol_file != 0 && module->kind == GLOW_MODULE_USER)
    source = find_for_module (glow_profile_get_string (profile, module->symbol_file), location->offset - (is_inlined ? 0 : location->symbol_offset),
                              is_inlined ? glow_profile_get_string (profile, own->raw_name) : NULL, places.options.debug_dirs,
                              cancellable);
  if (source == NULL && !g_cancellable_set_error_if_cancelled (cancellable, error))
    g_set_error (error, GLOW_ERROR, GLOW_ERROR_FAILED, _("“%s” has no debug information here: install its debug symbols to see the source"), name);
  return source;
}
