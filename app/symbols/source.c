/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a function is written, and at which lines a place in code stands: from debug information, asked for when somebody wants to see it. */
#include <config.h>

#include <afterglow/error.h>
#include <afterglow/names.h>
#include <afterglow/source.h>
#include <glib/gi18n-lib.h>

#include "model/profile-private.h"
#include "symbols/inlines-private.h"
#include "symbols/module-files-private.h"

void
glow_source_free (GlowSource *self)
{
  g_free (self->file);
  g_free (self);
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
  GlowInlines *inlines = NULL;
  GlowSourceLine line;
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
    inlines = glow_inlines_open (glow_profile_get_string (profile, module->symbol_file), places.options.debug_dirs, TRUE, cancellable);
  if (inlines != NULL
      && glow_inlines_find_declaration (inlines, location->offset - (is_inlined ? 0 : location->symbol_offset),
                                        is_inlined ? glow_profile_get_string (profile, own->raw_name) : NULL, &line))
    {
      source = g_new0 (GlowSource, 1);
      source->file = line.folder != NULL ? g_build_filename (line.folder, line.file, NULL) : g_strdup (line.file);
      source->line = line.line;
    }
  g_clear_pointer (&inlines, glow_inlines_free);
  if (source == NULL && !g_cancellable_set_error_if_cancelled (cancellable, error))
    g_set_error (error, GLOW_ERROR, GLOW_ERROR_FAILED, _("“%s” has no debug information here: install its debug symbols to see the source"), name);
  return source;
}

/* ---- lines of places ---- */

struct _GlowSourceLines {
  GlowProfile *profile;
  GlowNamePlaces places;
  GCancellable *cancellable;
  GlowInlines **inlines;       /* by module; NULL: none, or not opened yet */
  guint8 *opened;
  guint32 n_modules;
  guint32 last;                /* the location whose lines are below */
  GArray *lines;               /* of GlowSourceLine */
};

/**
 * glow_source_lines_new:
 * @options: (nullable): those that the profile was loaded with; must stay
 */
GlowSourceLines *
glow_source_lines_new (GlowProfile *profile, const GlowLoadOptions *options, GCancellable *cancellable)
{
  GlowSourceLines *self = g_new0 (GlowSourceLines, 1);

  self->profile = g_object_ref (profile);
  glow_name_places_init (&self->places, options, glow_profile_get_places (profile));
  g_set_object (&self->cancellable, cancellable);
  glow_profile_get_modules (profile, &self->n_modules);
  self->inlines = g_new0 (GlowInlines *, self->n_modules + 1);
  self->opened = g_new0 (guint8, self->n_modules + 1);
  self->last = GLOW_NONE;
  self->lines = g_array_new (FALSE, FALSE, sizeof (GlowSourceLine));
  return self;
}

void
glow_source_lines_free (GlowSourceLines *self)
{
  for (guint32 i = 0; i < self->n_modules; i++)
    g_clear_pointer (&self->inlines[i], glow_inlines_free);
  g_free (self->inlines);
  g_free (self->opened);
  g_array_unref (self->lines);
  glow_name_places_clear (&self->places);
  g_clear_object (&self->cancellable);
  g_object_unref (self->profile);
  g_free (self);
}

static void
find_lines (GlowSourceLines *self, guint32 index)
{
  const GlowLocation *location = &glow_profile_get_chains (self->profile)->locations[index];
  const GlowModule *module = location->module < self->n_modules ? &glow_profile_get_modules (self->profile, NULL)[location->module] : NULL;

  self->last = index;
  g_array_set_size (self->lines, 0);
  if (module == NULL || module->kind != GLOW_MODULE_USER || module->symbol_file == 0)
    return;
  if (!self->opened[location->module])
    {
      self->opened[location->module] = TRUE;
      self->inlines[location->module] = glow_inlines_open (glow_profile_get_string (self->profile, module->symbol_file), self->places.options.debug_dirs, TRUE,
                                                            self->cancellable);
    }
  if (self->inlines[location->module] != NULL)
    glow_inlines_find_lines (self->inlines[location->module], location->offset, self->lines);
}

/**
 * glow_source_lines_find:
 * @location: of the profile's chains
 * @frame: 0 for the innermost function that was inlined there, up to its n_inlined for the function that has the code
 * @line: (out): to be cleared with g_free() of its file
 *
 * The line of the code for the innermost, the lines of the calls that were inlined for those around it. Opens the module's debug information where it
 * was not yet; after that O(log units + log functions + functions inlined into the one that has the code).
 *
 * Returns: FALSE where it is not known
 */
gboolean
glow_source_lines_find (GlowSourceLines *self, guint32 location, guint frame, GlowSource *line)
{
  const GlowLocation *place = &glow_profile_get_chains (self->profile)->locations[location];
  const GlowSourceLine *found;

  /* Recordings tell it of code that was compiled while it ran. */
  if (place->source_file != 0 && frame == place->n_inlined)
    {
      line->file = g_strdup (glow_profile_get_string (self->profile, place->source_file));
      line->line = place->source_line;
      return TRUE;
    }
  if (location != self->last)
    find_lines (self, location);
  if (frame >= self->lines->len)
    return FALSE;
  found = &g_array_index (self->lines, GlowSourceLine, frame);
  if (found->file == NULL)
    return FALSE;
  line->file = found->folder != NULL ? g_build_filename (found->folder, found->file, NULL) : g_strdup (found->file);
  line->line = found->line;
  return TRUE;
}
