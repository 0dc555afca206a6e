/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The recording as the engine knows it. Built by the builder beside this file, immutable afterwards: any thread reads it without
 * a lock. */
#include <config.h>

#include <glib/gi18n-lib.h>

#include "model/fields-private.h"
#include "model/profile-storage-private.h"

#include <stdlib.h>
#include <string.h>

G_DEFINE_FINAL_TYPE (GlowProfile, glow_profile, G_TYPE_OBJECT)


static void
glow_profile_finalize (GObject *object)
{
  GlowProfile *self = GLOW_PROFILE (object);

  g_clear_pointer (&self->strings, glow_strings_unref);
  g_clear_pointer (&self->warnings, glow_warnings_unref);
  if (self->chunk_owner == NULL && self->chunk != NULL)
    g_string_chunk_free (self->chunk);
  g_clear_object (&self->chunk_owner);
  g_clear_pointer (&self->frames, g_array_unref);
  g_clear_pointer (&self->modules, g_array_unref);
  g_clear_pointer (&self->threads, g_array_unref);
  g_clear_pointer (&self->processes, g_array_unref);
  g_clear_pointer (&self->events, g_array_unref);
  g_clear_pointer (&self->records, g_array_unref);
  g_clear_pointer (&self->marks, g_array_unref);
  g_clear_pointer (&self->files, g_strfreev);
  g_clear_pointer (&self->recorded_symbols, g_hash_table_unref);
  g_clear_pointer (&self->columns, g_ptr_array_unref);
  g_free (self->name_ranks);
  glow_field_source_unref (self->fields);
  g_clear_pointer (&self->places, g_ptr_array_unref);
  for (guint i = 0; self->kept != NULL && i < self->kept->len; i++)
    g_array_index (self->kept, GlowKept, i).free_data (g_array_index (self->kept, GlowKept, i).data);
  g_clear_pointer (&self->kept, g_array_unref);
  g_clear_pointer (&self->header, g_variant_unref);
  G_OBJECT_CLASS (glow_profile_parent_class)->finalize (object);
}

/* What still opens files in the background ends before the files go that it may be at. */
static void
glow_profile_dispose (GObject *object)
{
  g_object_set_data (object, "glow-symbol-loader", NULL);
  G_OBJECT_CLASS (glow_profile_parent_class)->dispose (object);
}

static void
glow_profile_class_init (GlowProfileClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = glow_profile_dispose;
  G_OBJECT_CLASS (klass)->finalize = glow_profile_finalize;
}

static void
glow_profile_init (GlowProfile *self)
{
  self->columns = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
}

gpointer
glow_profile_take_column (GlowProfile *self, gpointer data, gsize bytes)
{
  if (data == NULL)
    return NULL;
  g_ptr_array_add (self->columns, g_bytes_new_with_free_func (data, bytes, free, data));
  self->memory += bytes;
  return data;
}

void
glow_profile_share_column (GlowProfile *self, GBytes *whole, gconstpointer data, gsize bytes)
{
  g_ptr_array_add (self->columns, g_bytes_new_from_bytes (whole, (gsize) ((const guint8 *) data - (const guint8 *) g_bytes_get_data (whole, NULL)), bytes));
  self->memory += bytes;
}

GlowProfile *
glow_profile_get_unnamed (GlowProfile *self)
{
  return self->chunk_owner != NULL ? self->chunk_owner : self;
}

void
glow_profile_keep (GlowProfile *self, gpointer data, GDestroyNotify free_data)
{
  GlowKept kept = { data, free_data };

  if (self->kept == NULL)
    self->kept = g_array_new (FALSE, FALSE, sizeof (GlowKept));
  g_array_append_val (self->kept, kept);
}

void
glow_profile_add_place (GlowProfile *self, const char *folder)
{
  if (self->places == NULL)
    {
      self->places = g_ptr_array_new_with_free_func (g_free);
      g_ptr_array_add (self->places, NULL);
    }
  g_ptr_array_insert (self->places, self->places->len - 1, g_strdup (folder));
}

void
glow_profile_keep_as (GlowProfile *self, GlowProfile *other)
{
  if (self == other)
    return;
  if (other->kept != NULL)
    glow_profile_keep (self, g_object_ref (other), g_object_unref);
  for (guint i = 0; other->places != NULL && i + 1 < other->places->len; i++)
    glow_profile_add_place (self, g_ptr_array_index (other->places, i));
}

const char *const *
glow_profile_get_places (GlowProfile *self)
{
  const GlowProfile *unnamed = glow_profile_get_unnamed (self);

  return unnamed->places != NULL ? (const char *const *) unnamed->places->pdata : NULL;
}

const GlowProfileInfo *
glow_profile_get_info (GlowProfile *self)
{
  return &self->info;
}

/**
 * glow_profile_get_header:
 *
 * What else the recording says of the machine and of itself: a dictionary of values by name ("cpu_topology", "caches", "bpf_programs"), each a
 * dictionary, a list or a scalar. Units are in the names.
 *
 * Returns: (transfer none) (nullable): a vardict; NULL where the format has none, or where recordings were merged
 */
GVariant *
glow_profile_get_header (GlowProfile *self)
{
  return self->header;
}

GlowStrings *
glow_profile_get_strings (GlowProfile *self)
{
  return self->strings;
}

GlowWarnings *
glow_profile_get_warnings (GlowProfile *self)
{
  return self->warnings;
}

const GlowSamples *
glow_profile_get_samples (GlowProfile *self)
{
  return &self->samples;
}

const GlowStacks *
glow_profile_get_stacks (GlowProfile *self)
{
  return &self->stacks;
}

const GlowChains *
glow_profile_get_chains (GlowProfile *self)
{
  return self->has_chains ? &self->chains : NULL;
}

static gpointer
array_items (GArray *array, guint32 *n)
{
  if (n != NULL)
    *n = array->len;
  return array->data;
}

const GlowFrame *
glow_profile_get_frames (GlowProfile *self, guint32 *n)
{
  return array_items (self->frames, n);
}

const GlowModule *
glow_profile_get_modules (GlowProfile *self, guint32 *n)
{
  return array_items (self->modules, n);
}

const GlowThread *
glow_profile_get_threads (GlowProfile *self, guint32 *n)
{
  return array_items (self->threads, n);
}

const GlowProcess *
glow_profile_get_processes (GlowProfile *self, guint32 *n)
{
  return array_items (self->processes, n);
}

const GlowEvent *
glow_profile_get_events (GlowProfile *self, guint32 *n)
{
  return array_items (self->events, n);
}

const GlowRecordCount *
glow_profile_get_records (GlowProfile *self, guint32 *n)
{
  return array_items (self->records, n);
}

const GlowMark *
glow_profile_get_marks (GlowProfile *self, guint32 *n)
{
  return array_items (self->marks, n);
}

const char *const *
glow_profile_get_files (GlowProfile *self)
{
  return (const char *const *) self->files;
}

const char *
glow_profile_get_string (GlowProfile *self, guint32 id)
{
  return glow_strings_get (self->strings, id);
}

/* A tracepoint that is recorded by period 1 may weigh what it likes, as times that tasks ran: only periods of many say that events were passed over. */
gboolean
glow_event_is_sampled (const GlowEvent *event)
{
  return event->is_tracepoint && (event->frequency_hz > 0 || event->period > 1) && event->total_weight > event->n_samples;
}

double
glow_event_get_rate (const GlowEvent *event)
{
  if (event->frequency_hz > 0)
    return (double) event->frequency_hz;
  return event->unit == GLOW_UNIT_NANOSECONDS && event->period > 0 ? 1e9 / (double) event->period : 0;
}

gboolean
glow_event_is_beside (const GlowEvent *event, const GlowEvent *other)
{
  return event == other || (event->clock != 0 && event->clock == other->clock);
}

guint32
glow_profile_get_main_event (GlowProfile *self)
{
  return self->main_event;
}

guint64
glow_profile_get_start (GlowProfile *self)
{
  return self->info.first_time;
}

guint64
glow_profile_get_duration (GlowProfile *self)
{
  return self->info.last_time > self->info.first_time ? self->info.last_time - self->info.first_time : 0;
}

/**
 * glow_profile_get_memory:
 *
 * Returns: bytes of columns, tables and strings. Columns that are shared with the profile before naming count in both.
 */
gsize
glow_profile_get_memory (GlowProfile *self)
{
  return self->memory + glow_strings_get_memory (self->strings) + self->frames->len * sizeof (GlowFrame)
         + self->threads->len * sizeof (GlowThread) + self->modules->len * sizeof (GlowModule);
}

gboolean
glow_profile_is_named (GlowProfile *self)
{
  return self->named;
}

const GArray *
glow_profile_get_recorded_symbols (GlowProfile *self, guint32 module)
{
  return self->recorded_symbols != NULL ? g_hash_table_lookup (self->recorded_symbols, GUINT_TO_POINTER (module)) : NULL;
}

const char *
glow_frame_kind_get_id (GlowFrameKind kind)
{
  static const char *const ids[GLOW_N_FRAME_KINDS] = {
    "unknown", "user", "kernel", "jit", "inlined", "runtime", "guest", "hypervisor", "group",
  };

  g_return_val_if_fail (kind < GLOW_N_FRAME_KINDS, "unknown");
  return ids[kind];
}

const char *
glow_frame_kind_get_label (GlowFrameKind kind)
{
  static const char *const labels[GLOW_N_FRAME_KINDS] = {
    N_("unknown"), N_("user"), N_("kernel"), N_("JIT"), N_("inlined"), N_("runtime"), N_("guest"), N_("hypervisor"), N_("group"),
  };

  g_return_val_if_fail (kind < GLOW_N_FRAME_KINDS, "");
  return _(labels[kind]);
}

static const struct {
  const char *id, *label;
} symbol_statuses[] = {
  [GLOW_SYMBOLS_NOT_TRIED] = { "not-tried", N_("not looked up yet") },
  [GLOW_SYMBOLS_FULL] = { "full", N_("full symbol table") },
  [GLOW_SYMBOLS_DYNAMIC_ONLY] = { "dynamic-only", N_("exported symbols only") },
  [GLOW_SYMBOLS_NONE] = { "none", N_("no symbols in the file") },
  [GLOW_SYMBOLS_NO_FILE] = { "no-file", N_("file not found") },
  [GLOW_SYMBOLS_BUILD_ID_MISMATCH] = { "build-id-mismatch", N_("another build of the file") },
  [GLOW_SYMBOLS_NOT_NEEDED] = { "not-needed", N_("not needed") },
};

const char *
glow_symbol_status_get_id (GlowSymbolStatus status)
{
  g_return_val_if_fail (status < G_N_ELEMENTS (symbol_statuses), "none");
  return symbol_statuses[status].id;
}

const char *
glow_symbol_status_get_label (GlowSymbolStatus status)
{
  g_return_val_if_fail (status < G_N_ELEMENTS (symbol_statuses), "");
  return _(symbol_statuses[status].label);
}

const char *
glow_unit_get_id (GlowUnit unit)
{
  static const char *const ids[] = { "samples", "ns", "events", "bytes", "unknown", "count" };

  g_return_val_if_fail (unit < G_N_ELEMENTS (ids), "unknown");
  return ids[unit];
}

/* ---- order of names ---- */

typedef struct {
  const char *name;
  guint32 frame;
} NamedFrame;

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  const NamedFrame *left = a, *right = b;
  int order = strcmp (left->name, right->name);

  return order != 0 ? order : left->frame < right->frame ? -1 : left->frame > right->frame;
}

const guint32 *
glow_profile_get_name_ranks (GlowProfile *self)
{
  if (g_once_init_enter (&self->name_ranks))
    {
      guint n = self->frames->len;
      g_autofree NamedFrame *named = g_new (NamedFrame, n + 1);
      guint32 *ranks = g_new0 (guint32, n + 1);

      for (guint i = 0; i < n; i++)
        named[i] = (NamedFrame) { glow_strings_get (self->strings, g_array_index (self->frames, GlowFrame, i).name), i };
      qsort (named, n, sizeof *named, compare_names);
      for (guint i = 0; i < n; i++)
        ranks[named[i].frame] = i;
      g_once_init_leave (&self->name_ranks, (gpointer) ranks);
    }
  return self->name_ranks;
}
