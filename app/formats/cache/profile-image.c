/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A profile as bytes and back. Everything that is read is measured first: sizes by the cursor, numbers that point into tables against those tables.
 * The layout is this program's own memory's: an entry of another version or machine is not read. */
#include <config.h>

#include "formats/cache/cache-private.h"
#include "formats/cursor-private.h"
#include "formats/load-private.h"
#include "model/profile-storage-private.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAGIC "AGLOWIMG"
#define LAYOUT 4
#define SIZE_OF_PROFILE 648

/* Whoever gives a profile something new to hold must have it written and read here, or keep such profiles out of the cache in
 * glow_profile_image_can_write(); then this number may be set anew. */
#if GLIB_SIZEOF_VOID_P == 8
G_STATIC_ASSERT (sizeof (struct _GlowProfile) == SIZE_OF_PROFILE);
#endif

typedef struct {
  char magic[8];
  guint64 layout, n, size;     /* @n: bytes of the whole entry; @size: of the recording */
  GlowHash content, own;       /* of the recording; of what follows */
  char version[16];
} Head;
G_STATIC_ASSERT (sizeof (Head) == GLOW_IMAGE_HEAD);

/* ---- writing ---- */

typedef struct {
  int fd;
  const GlowHash *seed;
  GArray *blocks;              /* of GlowHash */
  guint8 *buffer;
  gsize used;
  guint64 n;
  gboolean failed;
} Writer;

static void
flush (Writer *self)
{
  for (gsize at = 0; at < self->used && !self->failed;)
    {
      gssize done = write (self->fd, self->buffer + at, self->used - at);

      self->failed = done <= 0;
      at += done > 0 ? (gsize) done : 0;
    }
  if (self->used > 0)
    {
      GlowHash hash = glow_hash_bytes (self->buffer, self->used, self->seed);

      g_array_append_val (self->blocks, hash);
    }
  self->used = 0;
}

static void
put (Writer *self, gconstpointer bytes, gsize n)
{
  const guint8 *at = bytes;

  self->n += n;
  while (n > 0 && !self->failed)
    {
      gsize part = MIN (n, GLOW_HASH_BLOCK - self->used);

      memcpy (self->buffer + self->used, at, part);
      self->used += part;
      at += part;
      n -= part;
      if (self->used == GLOW_HASH_BLOCK)
        flush (self);
    }
}

static void
put_u64 (Writer *self, guint64 value)
{
  put (self, &value, sizeof value);
}

/* A count, then the items. No column at all is a count of its own. */
static void
put_items (Writer *self, gconstpointer items, guint64 n, gsize size)
{
  static const guint8 nothing[8] = { 0 };

  put_u64 (self, items != NULL ? n : G_MAXUINT64);
  if (items == NULL)
    return;
  put (self, items, n * size);
  put (self, nothing, (8 - n * size % 8) % 8);
}

static void
put_array (Writer *self, const GArray *array)
{
  put_items (self, array->data != NULL ? array->data : "", array->len, g_array_get_element_size ((GArray *) array));
}

static void
put_text (Writer *self, const char *text)
{
  put_items (self, text, text != NULL ? strlen (text) : 0, 1);
}

/* The texts of what a recording says of itself, one after another. */
static void
list_texts (GlowProfileInfo *info, const char **texts[11])
{
  const char **all[] = { &info->format, &info->format_detail, &info->hostname, &info->os_release, &info->arch, &info->perf_version, &info->command_line,
                         &info->cpu_description, &info->cpu_id, &info->clock_name, &info->kernel_reference };

  memcpy (texts, all, sizeof all);
}

static void
put_info (Writer *self, const GlowProfileInfo *info)
{
  GlowProfileInfo copy = *info;
  const char **texts[11];

  list_texts (&copy, texts);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      put_text (self, *texts[i]);
      *texts[i] = NULL;
    }
  put_items (self, &copy, 1, sizeof copy);
}

static void
put_strings (Writer *self, GlowStrings *strings)
{
  guint32 n = glow_strings_get_n (strings);
  g_autofree guint32 *lengths = g_new (guint32, n + 1);
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint32 id = 0; id < n; id++)
    {
      gsize length;
      const char *bytes = glow_strings_get_bytes (strings, id, &length);

      lengths[id] = length;
      g_string_append_len (text, bytes, length);
    }
  put_items (self, lengths, n, sizeof (guint32));
  put_items (self, text->str, text->len, 1);
}

/* What is said of files beside the recording is found anew. */
static gboolean
is_of_the_moment (const GlowWarning *warning)
{
  return strcmp (warning->code, GLOW_WARNING_MORE_PARTS) == 0;
}

static void
put_warnings (Writer *self, GlowWarnings *warnings)
{
  guint n = glow_warnings_get_n (warnings), n_kept = 0;

  for (guint i = 0; i < n; i++)
    n_kept += !is_of_the_moment (glow_warnings_get (warnings, i));
  put_u64 (self, n_kept);
  for (guint i = 0; i < n; i++)
    {
      const GlowWarning *warning = glow_warnings_get (warnings, i);

      if (is_of_the_moment (warning))
        continue;
      put_text (self, warning->code);
      put_u64 (self, warning->count);
      put_u64 (self, warning->first_at);
      put_text (self, warning->message);
      put_text (self, warning->advice);
    }
}

static void
put_recorded (Writer *self, GHashTable *recorded)
{
  GHashTableIter iter;
  gpointer module, symbols;

  put_u64 (self, recorded != NULL ? g_hash_table_size (recorded) : 0);
  if (recorded == NULL)
    return;
  g_hash_table_iter_init (&iter, recorded);
  while (g_hash_table_iter_next (&iter, &module, &symbols))
    {
      put_u64 (self, GPOINTER_TO_UINT (module));
      put_array (self, symbols);
    }
}

static void
put_dependency (const char *path, const GlowFileState *state, gpointer data)
{
  put_text (data, path);
  put_items (data, state, 1, sizeof *state);
}

static void
put_samples (Writer *self, const GlowSamples *samples)
{
  put_u64 (self, samples->n);
  put_items (self, samples->time, samples->n, sizeof (guint64));
  put_items (self, samples->thread, samples->n, sizeof (guint32));
  put_items (self, samples->cpu, samples->n, sizeof (guint16));
  put_items (self, samples->event, samples->n, sizeof (guint16));
  put_items (self, samples->weight, samples->n, sizeof (guint64));
  put_items (self, samples->stack, samples->n, sizeof (guint32));
  put_items (self, samples->chain, samples->n, sizeof (guint32));
}

static void
put_stacks (Writer *self, const GlowStacks *stacks)
{
  put_items (self, stacks->parent, stacks->n, sizeof (guint32));
  put_items (self, stacks->item, stacks->n, sizeof (guint32));
}

static void
put_header (Writer *self, GVariant *header)
{
  put_text (self, header != NULL ? g_variant_get_type_string (header) : NULL);
  if (header != NULL)
    put_items (self, g_variant_get_data (header), g_variant_get_size (header), 1);
}

/* Whether processes were asked that still ran: true only of the moment. */
static gboolean
is_of_opening (GlowProfile *profile)
{
  gboolean any = FALSE;

  for (guint i = 0; i < profile->processes->len; i++)
    any |= g_array_index (profile->processes, GlowProcess, i).is_running;
  for (guint i = 0; i < profile->threads->len; i++)
    any |= g_array_index (profile->threads, GlowThread, i).cgroup_at_opening;
  for (guint i = 0; i < profile->modules->len; i++)
    any |= g_array_index (profile->modules, GlowModule, i).root_pid != 0;
  return any;
}

/* Fields are read out of the recording when they are asked for; what else is kept open is not to be had again from bytes. */
gboolean
glow_profile_image_can_write (GlowProfile *profile)
{
  return profile->named && !is_of_opening (profile) && profile->fields == NULL && profile->places == NULL && (profile->kept == NULL || profile->kept->len == 0);
}

static guint64
count_inlined (const GlowChains *chains)
{
  guint64 n = 0;

  for (guint32 i = 0; i < chains->n_locations; i++)
    if (chains->locations[i].n_inlined > 0)
      n = MAX (n, (guint64) chains->locations[i].first_inlined + chains->locations[i].n_inlined);
  return n;
}

gboolean
glow_profile_image_write (GlowProfile *profile, GlowDependencies *dependencies, const GlowImageKey *key, int fd)
{
  g_autofree guint8 *buffer = g_malloc (GLOW_HASH_BLOCK);
  g_autoptr(GArray) blocks = g_array_new (FALSE, FALSE, sizeof (GlowHash));
  Writer writer = { .fd = fd, .seed = &key->seed, .blocks = blocks, .buffer = buffer };
  Head head = { .layout = LAYOUT, .size = key->size, .content = key->content };

  if (!glow_profile_image_can_write (profile) || lseek (fd, sizeof head, SEEK_SET) != sizeof head)
    return FALSE;
  put_u64 (&writer, glow_dependencies_get_n (dependencies));
  glow_dependencies_foreach (dependencies, put_dependency, &writer);
  put_strings (&writer, profile->strings);
  put_warnings (&writer, profile->warnings);
  put_info (&writer, &profile->info);
  put_array (&writer, profile->frames);
  put_array (&writer, profile->modules);
  put_array (&writer, profile->threads);
  put_array (&writer, profile->processes);
  put_array (&writer, profile->events);
  put_array (&writer, profile->records);
  put_array (&writer, profile->marks);
  put_recorded (&writer, profile->recorded_symbols);
  put_u64 (&writer, profile->main_event);
  put_header (&writer, profile->header);
  put_samples (&writer, &profile->samples);
  put_stacks (&writer, &profile->stacks);
  put_u64 (&writer, profile->has_chains);
  if (profile->has_chains)
    {
      put_stacks (&writer, &profile->chains.stacks);
      put_items (&writer, profile->chains.locations, profile->chains.n_locations, sizeof (GlowLocation));
      put_items (&writer, profile->chains.inline_frames != NULL ? (gconstpointer) profile->chains.inline_frames : "", count_inlined (&profile->chains),
                 sizeof (guint32));
      put_items (&writer, profile->chains.status, profile->chains.stacks.n, 1);
      put_items (&writer, profile->chains.call_stacks, profile->chains.stacks.n, sizeof (guint32));
    }
  flush (&writer);
  memcpy (head.magic, MAGIC, sizeof head.magic);
  g_strlcpy (head.version, AFTERGLOW_VERSION, sizeof head.version);
  head.n = sizeof head + writer.n;
  head.own = glow_hash_of_blocks ((const GlowHash *) (gconstpointer) blocks->data, blocks->len, writer.n);
  return !writer.failed && pwrite (fd, &head, sizeof head, 0) == sizeof head;
}

/* ---- reading ---- */

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
  const char *kept[11];
  const char **texts[11];
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
  list_texts (&profile->info, texts);
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

/* What else a header said: a variant checks itself whatever bytes it is made of. */
static void
read_header (GlowCursor *cursor, GlowProfile *profile)
{
  g_autofree char *type = take_text (cursor);
  g_autoptr(GBytes) bytes = NULL;
  gconstpointer data;
  guint64 n;

  if (type == NULL)
    return;
  data = take_items (cursor, 1, &n);
  if (data == NULL || strcmp (type, "a{sv}") != 0)
    {
      fail (cursor);
      return;
    }
  bytes = g_bytes_new (data, n);
  profile->header = g_variant_ref_sink (g_variant_new_from_bytes (G_VARIANT_TYPE (type), bytes, FALSE));
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
    ok &= g_array_index (self->events, GlowEvent, i).name < n_strings && g_array_index (self->events, GlowEvent, i).unit <= GLOW_UNIT_COUNT;
  for (guint i = 0; i < self->records->len; i++)
    ok &= g_array_index (self->records, GlowRecordCount, i).name < n_strings;
  for (guint i = 0; i < self->marks->len; i++)
    ok &= g_array_index (self->marks, GlowMark, i).kind <= GLOW_MARK_UNTHROTTLED;
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

static const Head *
take_head (const guint8 *bytes, gsize n)
{
  const Head *head = (const Head *) bytes;
  char version[sizeof head->version] = { 0 };

  g_strlcpy (version, AFTERGLOW_VERSION, sizeof version);
  if (memcmp (head->magic, MAGIC, sizeof head->magic) != 0 || head->layout != LAYOUT || head->n != n
      || memcmp (head->version, version, sizeof version) != 0)
    return NULL;
  return head;
}

gboolean
glow_profile_image_is_of_size (const guint8 bytes[GLOW_IMAGE_HEAD], gsize n, guint64 size)
{
  const Head *head = take_head (bytes, n);

  return head != NULL && head->size == size;
}

void
glow_profile_image_seal (guint8 *bytes, const GlowHash *own)
{
  ((Head *) bytes)->own = *own;
}

GlowProfile *
glow_profile_image_read (GBytes *image, const GlowHash *own, const GlowImageKey *key, const char *path)
{
  gsize n;
  const guint8 *bytes = g_bytes_get_data (image, &n);
  const Head *head = n >= sizeof *head ? take_head (bytes, n) : NULL;
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
  read_header (&cursor, profile);
  profile->files = g_new0 (char *, 2);
  profile->files[0] = g_strdup (path);
  profile->named = TRUE;
  /* The same bytes may be another file by now. */
  if (profile->info.file_time != 0 || profile->info.file_born != 0)
    glow_file_get_dates (AT_FDCWD, path, &profile->info.file_time, &profile->info.file_born);
  if (cursor.failed || !tables_hold (profile) || !read_columns (&cursor, profile, image) || cursor.failed || glow_cursor_remaining (&cursor) > 0)
    return NULL;
  return g_steal_pointer (&profile);
}
