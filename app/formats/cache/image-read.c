/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A profile from its bytes, which stay where they are. Everything that is read is measured first: sizes by the cursor, numbers that point into tables
 * against those tables. */
#include <config.h>

#include "formats/cache/image-private.h"
#include "formats/cursor-private.h"
#include "formats/input-private.h"
#include "formats/load-private.h"
#include "formats/pack/archive-private.h"
#include "formats/registry-private.h"
#include "model/fields-private.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

static gboolean
fail (GlowCursor *cursor)
{
  cursor->failed = TRUE;
  cursor->at = cursor->end;
  return FALSE;
}

static gconstpointer
take_items (GlowCursor *cursor, gsize size, guint64 *n)
{
  gconstpointer items;

  *n = glow_cursor_u64 (cursor);
  if (*n == G_MAXUINT64)
    {
      *n = 0;
      return NULL;
    }
  if (*n > glow_cursor_remaining (cursor) / size)
    {
      fail (cursor);
      *n = 0;
      return NULL;
    }
  items = glow_cursor_take (cursor, *n * size);
  glow_cursor_take (cursor, (8 - *n * size % 8) % 8);
  return cursor->failed ? NULL : items;
}

/* A column of exactly @n, or none. It stays where it is. */
static gconstpointer
take_column (GlowCursor *cursor, GlowProfile *profile, GBytes *image, gsize size, guint64 n, gboolean may_lack)
{
  guint64 own;
  gconstpointer items = take_items (cursor, size, &own);

  if (items == NULL)
    {
      if (!may_lack)
        fail (cursor);
      return NULL;
    }
  if (own != n)
    {
      fail (cursor);
      return NULL;
    }
  glow_profile_share_column (profile, image, items, n * size);
  return items;
}

static GArray *
take_array (GlowCursor *cursor, gsize size)
{
  guint64 n;
  gconstpointer items = take_items (cursor, size, &n);
  GArray *array = g_array_new (FALSE, TRUE, size);

  if (items == NULL || n > G_MAXUINT32)
    fail (cursor);
  else
    g_array_append_vals (array, items, n);
  return array;
}

/* (transfer full) (nullable) */
static char *
take_text (GlowCursor *cursor)
{
  guint64 n;
  const char *text = take_items (cursor, 1, &n);

  return text != NULL ? g_strndup (text, n) : NULL;
}

static gboolean
dependencies_hold (GlowCursor *cursor)
{
  guint64 n = glow_cursor_u64 (cursor), one;

  for (guint64 i = 0; i < n && !cursor->failed; i++)
    {
      g_autofree char *path = take_text (cursor);
      const GlowFileState *then = take_items (cursor, sizeof *then, &one);
      GlowFileState now;

      if (path == NULL || then == NULL || one != 1)
        return fail (cursor);
      glow_file_state_read (&now, path);
      if (memcmp (&now, then, sizeof now) != 0)
        return FALSE;
    }
  return !cursor->failed;
}

static void
read_strings (GlowCursor *cursor, GlowProfile *profile)
{
  guint64 n, n_bytes, at = 0;
  const guint32 *lengths = take_items (cursor, sizeof (guint32), &n);
  const char *bytes = take_items (cursor, 1, &n_bytes);

  profile->strings = glow_strings_new ();
  for (guint64 i = 0; !cursor->failed && i < n; i++)
    {
      /* Ids are as they were only if texts are as distinct as they were. */
      if (lengths == NULL || bytes == NULL || lengths[i] > n_bytes - at || glow_strings_intern (profile->strings, bytes + at, lengths[i]) != i)
        {
          fail (cursor);
          return;
        }
      at += lengths[i];
    }
}

static void
read_warnings (GlowCursor *cursor, GlowProfile *profile)
{
  guint64 n = glow_cursor_u64 (cursor);

  profile->warnings = glow_warnings_new ();
  for (guint64 i = 0; i < n && !cursor->failed; i++)
    {
      g_autofree char *code = take_text (cursor), *message = NULL, *advice = NULL, *key = g_strdup_printf ("%u", (guint) i);
      guint64 count = glow_cursor_u64 (cursor), first_at = glow_cursor_u64 (cursor);

      message = take_text (cursor);
      advice = take_text (cursor);
      if (code == NULL || message == NULL)
        fail (cursor);
      else
        glow_warnings_add (profile->warnings, code, key, count, first_at, advice, "%s", message);
    }
}

static void
read_info (GlowCursor *cursor, GlowProfile *profile)
{
  const char *kept[GLOW_IMAGE_N_TEXTS];
  const char **texts[GLOW_IMAGE_N_TEXTS];
  const GlowProfileInfo *info;
  guint64 one;

  profile->chunk = g_string_chunk_new (1024);
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    {
      g_autofree char *text = take_text (cursor);

      kept[i] = text != NULL ? g_string_chunk_insert (profile->chunk, text) : NULL;
    }
  info = take_items (cursor, sizeof *info, &one);
  if (info == NULL || one != 1)
    {
      fail (cursor);
      return;
    }
  memcpy (&profile->info, info, sizeof *info);
  glow_image_list_texts (&profile->info, texts);
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    *texts[i] = kept[i];
}

static void
read_recorded (GlowCursor *cursor, GlowProfile *profile)
{
  guint64 n = glow_cursor_u64 (cursor);

  profile->recorded_symbols = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_array_unref);
  for (guint64 i = 0; i < n && !cursor->failed; i++)
    {
      guint64 module = glow_cursor_u64 (cursor);
      GArray *symbols = take_array (cursor, sizeof (GlowRecordedSymbol));

      g_hash_table_insert (profile->recorded_symbols, GUINT_TO_POINTER ((guint32) module), symbols);
      for (guint k = 0; k < symbols->len; k++)
        if (module >= profile->modules->len || g_array_index (symbols, GlowRecordedSymbol, k).name >= glow_strings_get_n (profile->strings))
          fail (cursor);
    }
}

/* A variant checks itself whatever bytes it is made of. (transfer full) (nullable): none, or damage */
static GVariant *
take_variant (GlowCursor *cursor, const char *type)
{
  g_autofree char *own = take_text (cursor);
  g_autoptr(GBytes) bytes = NULL;
  gconstpointer data;
  guint64 n;

  if (own == NULL)
    return NULL;
  data = take_items (cursor, 1, &n);
  if (data == NULL || (type != NULL && strcmp (own, type) != 0) || !g_variant_type_string_is_valid (own)
      || !g_variant_type_is_definite (G_VARIANT_TYPE (own)))
    {
      fail (cursor);
      return NULL;
    }
  bytes = g_bytes_new (data, n);
  return g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (own), bytes, FALSE));
}

/* ---- numbers that point into tables ---- */

static gboolean
are_below (const guint32 *column, guint64 n, guint64 bound)
{
  guint32 most = 0;

  for (guint64 i = 0; column != NULL && i < n; i++)
    most = MAX (most, column[i]);
  return column == NULL || n == 0 || most < bound;
}

static gboolean
is_trie (const GlowStacks *stacks, guint64 n_items)
{
  gboolean ok = stacks->n > 0 && stacks->parent[0] == 0;

  for (guint32 i = 1; i < stacks->n; i++)
    ok &= stacks->parent[i] < i && stacks->item[i] < n_items;
  return ok;
}

static gboolean
tables_hold (GlowProfile *self)
{
  guint32 n_strings = glow_strings_get_n (self->strings), n_modules = self->modules->len, n_frames = self->frames->len;
  gboolean ok = self->events->len > 0 && self->main_event < self->events->len && self->info.clock <= GLOW_CLOCK_TAI;

  for (guint i = 0; i < n_frames; i++)
    {
      const GlowFrame *frame = &g_array_index (self->frames, GlowFrame, i);

      ok &= frame->name < n_strings && frame->raw_name < n_strings && frame->file < n_strings && (frame->module < n_modules || frame->module == GLOW_NONE)
            && frame->kind < GLOW_N_FRAME_KINDS && frame->role < GLOW_N_ROLES;
    }
  for (guint i = 0; i < n_modules; i++)
    {
      const GlowModule *module = &g_array_index (self->modules, GlowModule, i);

      ok &= module->name < n_strings && module->path < n_strings && module->symbol_file < n_strings && module->kind <= GLOW_MODULE_OTHER
            && module->symbols <= GLOW_SYMBOLS_NOT_NEEDED && module->build_id_length <= sizeof module->build_id && module->root_pid == 0;
    }
  for (guint i = 0; i < self->threads->len; i++)
    {
      const GlowThread *thread = &g_array_index (self->threads, GlowThread, i);

      ok &= thread->comm < n_strings && thread->cgroup < n_strings && thread->cgroup_name < n_strings && thread->process < self->processes->len;
    }
  for (guint i = 0; i < self->processes->len; i++)
    ok &= g_array_index (self->processes, GlowProcess, i).comm < n_strings && g_array_index (self->processes, GlowProcess, i).origin < n_strings;
  for (guint i = 0; i < self->events->len; i++)
    ok &= g_array_index (self->events, GlowEvent, i).name < n_strings && g_array_index (self->events, GlowEvent, i).clock < n_strings
          && g_array_index (self->events, GlowEvent, i).unit <= GLOW_UNIT_COUNT;
  for (guint i = 0; i < self->records->len; i++)
    ok &= g_array_index (self->records, GlowRecordCount, i).name < n_strings;
  for (guint i = 0; i < self->marks->len; i++)
    ok &= g_array_index (self->marks, GlowMark, i).kind <= GLOW_MARK_CAME_BACK;
  return ok;
}

static gboolean
columns_hold (GlowProfile *self)
{
  const GlowSamples *samples = &self->samples;
  guint16 most_event = 0;

  for (gsize i = 0; samples->event != NULL && i < samples->n; i++)
    most_event = MAX (most_event, samples->event[i]);
  return (samples->n == 0 || samples->event == NULL || most_event < self->events->len) && are_below (samples->thread, samples->n, self->threads->len)
         && are_below (samples->stack, samples->n, self->stacks.n) && is_trie (&self->stacks, self->frames->len)
         && (samples->chain == NULL || (self->has_chains && are_below (samples->chain, samples->n, self->chains.stacks.n)));
}

static gboolean
chains_hold (GlowProfile *self, guint64 n_inlined)
{
  const GlowChains *chains = &self->chains;
  guint32 n_strings = glow_strings_get_n (self->strings);
  gboolean ok = is_trie (&chains->stacks, chains->n_locations) && are_below (chains->inline_frames, n_inlined, self->frames->len);

  for (guint32 i = 0; i < chains->n_locations; i++)
    {
      const GlowLocation *location = &chains->locations[i];

      ok &= (location->module < self->modules->len || location->module == GLOW_NONE) && location->frame < self->frames->len
            && location->source_file < n_strings && location->kind < GLOW_N_FRAME_KINDS
            && (location->n_inlined == 0 || (guint64) location->first_inlined + location->n_inlined <= n_inlined);
    }
  return ok;
}

static gboolean
read_chains (GlowCursor *cursor, GlowProfile *self, GBytes *image)
{
  GlowChains *chains = &self->chains;
  guint64 n, n_locations, n_inlined;
  GlowCursor peek = *cursor;

  take_items (&peek, sizeof (guint32), &n);
  take_items (&peek, sizeof (guint32), &(guint64) { 0 });
  take_items (&peek, sizeof (GlowLocation), &n_locations);
  take_items (&peek, sizeof (guint32), &n_inlined);
  if (peek.failed || n > G_MAXUINT32 || n_locations > G_MAXUINT32)
    return fail (cursor);
  chains->stacks.n = n;
  chains->stacks.parent = take_column (cursor, self, image, sizeof (guint32), n, FALSE);
  chains->stacks.item = take_column (cursor, self, image, sizeof (guint32), n, FALSE);
  chains->n_locations = n_locations;
  chains->locations = take_column (cursor, self, image, sizeof (GlowLocation), n_locations, FALSE);
  chains->inline_frames = take_column (cursor, self, image, sizeof (guint32), n_inlined, FALSE);
  chains->status = take_column (cursor, self, image, 1, n, TRUE);
  chains->call_stacks = take_column (cursor, self, image, sizeof (guint32), n, TRUE);
  return !cursor->failed && chains_hold (self, n_inlined) && are_below (chains->call_stacks, n, self->stacks.n);
}

static gboolean
read_columns (GlowCursor *cursor, GlowProfile *self, GBytes *image)
{
  GlowSamples *samples = &self->samples;
  guint64 n = glow_cursor_u64 (cursor), n_stacks;
  GlowCursor peek;

  samples->n = n;
  samples->time = take_column (cursor, self, image, sizeof (guint64), n, TRUE);
  samples->thread = take_column (cursor, self, image, sizeof (guint32), n, TRUE);
  samples->cpu = take_column (cursor, self, image, sizeof (guint16), n, TRUE);
  samples->event = take_column (cursor, self, image, sizeof (guint16), n, TRUE);
  samples->weight = take_column (cursor, self, image, sizeof (guint64), n, TRUE);
  samples->stack = take_column (cursor, self, image, sizeof (guint32), n, FALSE);
  samples->chain = take_column (cursor, self, image, sizeof (guint32), n, TRUE);
  peek = *cursor;
  take_items (&peek, sizeof (guint32), &n_stacks);
  if (peek.failed || n_stacks > G_MAXUINT32)
    return fail (cursor);
  self->stacks.n = n_stacks;
  self->stacks.parent = take_column (cursor, self, image, sizeof (guint32), n_stacks, FALSE);
  self->stacks.item = take_column (cursor, self, image, sizeof (guint32), n_stacks, FALSE);
  self->has_chains = glow_cursor_u64 (cursor) == 1;
  if (cursor->failed || (self->has_chains && !read_chains (cursor, self, image)))
    return FALSE;
  return columns_hold (self);
}

/* Fields are read out of the recording at @path as they were when it was read first. */
static gboolean
read_fields (GlowCursor *cursor, GlowProfile *self, GBytes *image, const char *path, const GlowLoadOptions *options)
{
  g_autoptr(GVariant) saved = take_variant (cursor, NULL);
  g_autoptr(GlowInput) input = NULL;
  g_autoptr(GBytes) rows = NULL;
  const GlowFormat *format;
  const guint8 *head;
  gconstpointer places;
  gsize n;

  if (saved == NULL)
    return !cursor->failed;
  places = take_column (cursor, self, image, sizeof (guint32), self->samples.n, FALSE);
  input = places != NULL ? glow_input_open_path (path, NULL, NULL) : NULL;
  head = input != NULL ? glow_input_peek (input, GLOW_RECOGNISE_HEAD, &n, NULL) : NULL;
  format = head != NULL ? glow_registry_recognise (head, n) : NULL;
  if (format == NULL || format->fields_again == NULL)
    return fail (cursor);
  rows = g_bytes_new_from_bytes (image, (const guint8 *) places - (const guint8 *) g_bytes_get_data (image, NULL), self->samples.n * sizeof (guint32));
  self->fields = format->fields_again (input, saved, rows, &self->info, options);
  return self->fields != NULL || fail (cursor);
}

/* They are opened when a file in them is asked for. */
static gboolean
read_archives (GlowCursor *cursor, GlowProfile *self, const char *path)
{
  g_autofree char *file = take_text (cursor), *beside = g_strconcat (path, GLOW_ARCHIVE_SUFFIX, NULL), *inside = g_strconcat (path, "/", NULL);

  if (file == NULL || (strcmp (file, path) != 0 && !g_str_has_prefix (file, inside)))
    return fail (cursor);
  self->files = g_new0 (char *, 2);
  self->files[0] = g_steal_pointer (&file);
  for (guint64 left = glow_cursor_u64 (cursor); left > 0 && !cursor->failed; left--)
    {
      g_autofree char *archive = take_text (cursor);
      GlowStore *store;

      if (archive == NULL || (strcmp (archive, path) != 0 && strcmp (archive, beside) != 0))
        return fail (cursor);
      store = glow_archive_open_later (archive);
      glow_profile_keep (self, store, (GDestroyNotify) glow_store_free);
      /* Another profile has it open under this name. */
      if (strcmp (glow_store_get_root (store), archive) != 0)
        return fail (cursor);
    }
  for (guint64 left = glow_cursor_u64 (cursor); left > 0 && !cursor->failed; left--)
    {
      g_autofree char *place = take_text (cursor);

      if (place == NULL || (strcmp (place, path) != 0 && strcmp (place, beside) != 0))
        return fail (cursor);
      glow_profile_add_place (self, place);
    }
  return !cursor->failed;
}

static const GlowImageHead *
take_head (const guint8 *bytes, gsize n)
{
  const GlowImageHead *head = (const GlowImageHead *) bytes;
  char version[sizeof head->version] = { 0 };

  g_strlcpy (version, AFTERGLOW_VERSION, sizeof version);
  if (memcmp (head->magic, GLOW_IMAGE_MAGIC, sizeof head->magic) != 0 || head->layout != GLOW_IMAGE_LAYOUT || head->n != n
      || memcmp (head->version, version, sizeof version) != 0)
    return NULL;
  return head;
}

gboolean
glow_profile_image_is_of_size (const guint8 bytes[GLOW_IMAGE_HEAD], gsize n, guint64 size)
{
  const GlowImageHead *head = take_head (bytes, n);

  return head != NULL && head->size == size;
}

void
glow_profile_image_seal (guint8 *bytes, const GlowHash *own)
{
  ((GlowImageHead *) bytes)->own = *own;
}

GlowProfile *
glow_profile_image_read (GBytes *image, const GlowHash *own, const GlowImageKey *key, const char *path, const GlowLoadOptions *options)
{
  gsize n;
  const guint8 *bytes = g_bytes_get_data (image, &n);
  const GlowImageHead *head = n >= sizeof *head ? take_head (bytes, n) : NULL;
  g_autoptr(GlowProfile) profile = NULL;
  GlowCursor cursor;

  if (head == NULL || !glow_hash_equal (head->content, key->content) || head->size != key->size
      || !glow_hash_equal (head->own, *own))
    return NULL;
  cursor = glow_cursor (bytes + sizeof *head, n - sizeof *head, FALSE);
  if (!dependencies_hold (&cursor))
    return NULL;
  profile = g_object_new (GLOW_TYPE_PROFILE, NULL);
  read_strings (&cursor, profile);
  read_warnings (&cursor, profile);
  read_info (&cursor, profile);
  profile->frames = take_array (&cursor, sizeof (GlowFrame));
  profile->modules = take_array (&cursor, sizeof (GlowModule));
  profile->threads = take_array (&cursor, sizeof (GlowThread));
  profile->processes = take_array (&cursor, sizeof (GlowProcess));
  profile->events = take_array (&cursor, sizeof (GlowEvent));
  profile->records = take_array (&cursor, sizeof (GlowRecordCount));
  profile->marks = take_array (&cursor, sizeof (GlowMark));
  read_recorded (&cursor, profile);
  profile->main_event = glow_cursor_u64 (&cursor);
  profile->header = take_variant (&cursor, "a{sv}");
  profile->named = TRUE;
  /* The same bytes may be another file by now. */
  if (profile->info.file_time != 0 || profile->info.file_born != 0)
    glow_file_get_dates (AT_FDCWD, path, &profile->info.file_time, &profile->info.file_born);
  if (cursor.failed || !tables_hold (profile) || !read_columns (&cursor, profile, image)
      || !read_fields (&cursor, profile, image, path, options) || !read_archives (&cursor, profile, path) || glow_cursor_remaining (&cursor) > 0)
    return NULL;
  return g_steal_pointer (&profile);
}
