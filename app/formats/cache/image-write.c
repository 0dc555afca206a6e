/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A profile as bytes, and which profiles can be: all that is in one, but not what its recording or archives hold themselves. */
#include <config.h>

#include "formats/cache/image-private.h"
#include "formats/load-private.h"
#include "model/fields-private.h"

#include <string.h>
#include <unistd.h>

#define SIZE_OF_PROFILE 648

/* Whoever gives a profile something new to hold must have it written and read here, or keep such profiles out of the cache in
 * glow_profile_image_can_write(); then this number may be set anew. */
#if GLIB_SIZEOF_VOID_P == 8
G_STATIC_ASSERT (sizeof (struct _GlowProfile) == SIZE_OF_PROFILE);
#endif

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

static void
put_info (Writer *self, const GlowProfileInfo *info)
{
  GlowProfileInfo copy = *info;
  const char **texts[GLOW_IMAGE_N_TEXTS];

  glow_image_list_texts (&copy, texts);
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
put_variant (Writer *self, GVariant *variant)
{
  put_text (self, variant != NULL ? g_variant_get_type_string (variant) : NULL);
  if (variant != NULL)
    put_items (self, g_variant_get_data (variant), g_variant_get_size (variant), 1);
}

/* Where they lie in the recording; values are read there again. */
static void
put_fields (Writer *self, GlowFieldSource *fields)
{
  g_autoptr(GBytes) rows = NULL;
  g_autoptr(GVariant) saved = fields != NULL ? fields->class->save (fields, &rows) : NULL;

  put_variant (self, saved);
  if (saved != NULL)
    put_items (self, g_bytes_get_data (rows, NULL), g_bytes_get_size (rows) / sizeof (guint32), sizeof (guint32));
  self->failed |= fields != NULL && saved == NULL;
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

/* Files that lie in an archive are found there again: in the recording itself, where it is a pack, or beside it. */
static gboolean
are_archives (GlowProfile *unnamed)
{
  guint n_places = unnamed->places != NULL ? unnamed->places->len - 1 : 0, n_found = 0;

  for (guint i = 0; unnamed->kept != NULL && i < unnamed->kept->len; i++)
    {
      const GlowKept *kept = &g_array_index (unnamed->kept, GlowKept, i);
      const char *root;

      if (kept->free_data != (GDestroyNotify) glow_store_free)
        return FALSE;
      /* Its labels would be another's: it was opened twice at the same time. */
      root = glow_store_get_root (kept->data);
      if (strcmp (root, glow_store_get_path (kept->data)) != 0)
        return FALSE;
      for (guint k = 0; k < n_places; k++)
        n_found += strcmp (g_ptr_array_index (unnamed->places, k), root) == 0;
    }
  return n_found == n_places;
}

/* Of what the recording holds itself, and what lies in archives, all can be had again; there must be no more than the file that is hashed. */
gboolean
glow_profile_image_can_write (GlowProfile *profile)
{
  return profile->named && !is_of_opening (profile) && (profile->fields == NULL || profile->fields->class->save != NULL)
         && are_archives (glow_profile_get_unnamed (profile)) && g_strv_length (profile->files) == 1;
}

static void
put_archives (Writer *self, GlowProfile *unnamed)
{
  guint n = unnamed->kept != NULL ? unnamed->kept->len : 0;

  put_text (self, unnamed->files[0]);
  put_u64 (self, n);
  for (guint i = 0; i < n; i++)
    put_text (self, glow_store_get_path (g_array_index (unnamed->kept, GlowKept, i).data));
  put_u64 (self, unnamed->places != NULL ? unnamed->places->len - 1 : 0);
  for (guint i = 0; unnamed->places != NULL && i + 1 < unnamed->places->len; i++)
    put_text (self, g_ptr_array_index (unnamed->places, i));
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
  GlowImageHead head = { .layout = GLOW_IMAGE_LAYOUT, .size = key->size, .content = key->content };

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
  put_variant (&writer, profile->header);
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
  put_fields (&writer, profile->fields);
  put_archives (&writer, glow_profile_get_unnamed (profile));
  flush (&writer);
  memcpy (head.magic, GLOW_IMAGE_MAGIC, sizeof head.magic);
  g_strlcpy (head.version, AFTERGLOW_VERSION, sizeof head.version);
  head.n = sizeof head + writer.n;
  head.own = glow_hash_of_blocks ((const GlowHash *) (gconstpointer) blocks->data, blocks->len, writer.n);
  return !writer.failed && pwrite (fd, &head, sizeof head, 0) == sizeof head;
}
