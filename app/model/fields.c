/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fields of samples by name: look-up, columns and their cache, what values are most frequent. What a value is comes from the format's source. */
#include <config.h>

#include <afterglow/error.h>
#include <glib/gi18n-lib.h>

#include "model/fields-private.h"
#include "model/memory-private.h"
#include "model/profile-storage-private.h"

#include <stdlib.h>
#include <string.h>

/* Columns are as long as the recording has samples: those not asked for lately make room. */
#define MAX_COLUMNS 16
#define PARALLEL_FROM 200000

GlowFieldColumn *
glow_field_column_ref (GlowFieldColumn *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
glow_field_column_unref (GlowFieldColumn *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  free (self->value);
  free (self->has);
  g_clear_pointer (&self->texts, glow_strings_unref);
  g_free (self);
}

void
glow_field_source_init (GlowFieldSource *self, const GlowFieldSourceClass *class)
{
  self->class = class;
  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->lock);
  self->columns = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) glow_field_column_unref);
  g_queue_init (&self->order);
}

GlowFieldSource *
glow_field_source_ref (GlowFieldSource *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
glow_field_source_unref (GlowFieldSource *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_queue_clear (&self->order);
  g_hash_table_unref (self->columns);
  g_mutex_clear (&self->lock);
  self->class->free (self);
}

GlowFieldSource *
glow_profile_get_field_source (GlowProfile *self)
{
  return self->fields;
}

gboolean
glow_profile_has_fields (GlowProfile *self)
{
  guint n;

  for (guint32 e = 0; self->fields != NULL && e < self->events->len; e++)
    if (glow_profile_get_fields (self, e, &n) != NULL && n > 0)
      return TRUE;
  return FALSE;
}

const GlowField *
glow_profile_get_fields (GlowProfile *self, guint32 event, guint *n)
{
  *n = 0;
  return self->fields != NULL && event < self->events->len ? self->fields->class->list (self->fields, event, n) : NULL;
}

/* Of an event named "sched:sched_switch", the whole name and what follows the colon. */
static gboolean
is_event (const char *event, const char *words, gsize n)
{
  const char *short_name = strchr (event, ':');

  return (strlen (event) == n && memcmp (event, words, n) == 0)
         || (short_name != NULL && strlen (short_name + 1) == n && memcmp (short_name + 1, words, n) == 0);
}

gboolean
glow_field_name_split (const char *name, const char *event, const char **field, gsize *length, guint *element)
{
  const char *colon = strrchr (name, ':'), *bracket;

  if (colon != NULL && !is_event (event, name, colon - name))
    return FALSE;
  *field = colon != NULL ? colon + 1 : name;
  bracket = strchr (*field, '[');
  *length = bracket != NULL ? (gsize) (bracket - *field) : strlen (*field);
  *element = bracket != NULL ? MIN (g_ascii_strtoull (bracket + 1, NULL, 10), G_MAXINT) : 0;
  return TRUE;
}

gboolean
glow_profile_find_field (GlowProfile *self, guint32 event, const char *name, guint *field, guint *element)
{
  const char *own;
  gsize length;
  guint n;
  const GlowField *fields = glow_profile_get_fields (self, event, &n);

  if (fields == NULL
      || !glow_field_name_split (name, glow_strings_get (self->strings, g_array_index (self->events, GlowEvent, event).name), &own, &length, element))
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (strncmp (fields[i].name, own, length) == 0 && fields[i].name[length] == '\0')
      {
        *field = i;
        return own[length] != '[' || fields[i].kind == GLOW_FIELD_BYTES;
      }
  return FALSE;
}

gboolean
glow_profile_read_field (GlowProfile *self, gsize sample, guint field, guint element, GlowFieldValue *value)
{
  if (self->fields == NULL || !self->fields->class->prepare (self->fields, NULL, NULL))
    return FALSE;
  return self->fields->class->read (self->fields, sample, self->samples.event != NULL ? self->samples.event[sample] : 0, field, element, value);
}

void
glow_profile_append_field_text (GlowProfile *self, guint32 event, guint field, const GlowFieldValue *value, GString *text)
{
  self->fields->class->append_text (self->fields, event, field, value, text);
}

gboolean
glow_profile_append_trace (GlowProfile *self, gsize sample, GString *text)
{
  if (self->fields == NULL || !self->fields->class->prepare (self->fields, NULL, NULL))
    return FALSE;
  return self->fields->class->append_trace (self->fields, sample, self->samples.event != NULL ? self->samples.event[sample] : 0, text);
}

/* ---- columns ---- */

typedef struct { guint field, element; gboolean is_there, whole; guint8 kind; } Place;

typedef struct {
  GlowProfile *profile;
  const Place *places;         /* by event */
  GlowFieldColumn *column;
  GMutex *lock;                /* of the column's texts */
  gsize from, to, n_present, n_negative;
  GCancellable *cancellable;
} Fill;

/* Texts repeat: a short memory of those met last spares most look-ups in the shared table. */
typedef struct { const char *bytes; gsize n; guint32 id; } Recent;

static guint32
intern_text (Fill *self, const GlowFieldValue *value, Recent *recent, GString *scratch, guint32 event, guint field)
{
  const char *bytes = (const char *) value->bytes;
  gsize n = value->n_bytes;
  guint hash = 5381;
  guint32 id;

  if (value->kind != GLOW_FIELD_TEXT)
    {
      g_string_truncate (scratch, 0);
      glow_profile_append_field_text (self->profile, event, field, value, scratch);
      bytes = scratch->str;
      n = scratch->len;
    }
  for (gsize i = 0; i < n; i++)
    hash = hash * 33 + (guint8) bytes[i];
  recent += hash % 64;
  if (recent->bytes != NULL && recent->n == n && memcmp (recent->bytes, bytes, n) == 0)
    return recent->id;
  g_mutex_lock (self->lock);
  id = glow_strings_intern (self->column->texts, bytes, n);
  g_mutex_unlock (self->lock);
  if (value->kind == GLOW_FIELD_TEXT)
    *recent = (Recent) { bytes, n, id };
  return id;
}

static gpointer
fill (gpointer data)
{
  Fill *self = data;
  GlowProfile *profile = self->profile;
  GlowFieldSource *source = profile->fields;
  const guint16 *events = profile->samples.event;
  GlowFieldColumn *column = self->column;
  Recent recent[64] = { { 0 } };
  g_autoptr(GString) scratch = g_string_new (NULL);

  for (gsize i = self->from; i < self->to; i++)
    {
      guint event = events != NULL ? events[i] : 0;
      const Place *place = &self->places[event];
      GlowFieldValue value;

      if ((i & 0xffff) == 0 && g_cancellable_is_cancelled (self->cancellable))
        break;
      if (!place->is_there || !source->class->read (source, i, event, place->field, place->whole ? G_MAXUINT : place->element, &value))
        continue;
      column->has[i] = 1;
      self->n_present++;
      if (column->kind == GLOW_FIELD_TEXT)
        column->value[i] = intern_text (self, &value, recent, scratch, event, place->field);
      else
        {
          column->value[i] = value.number;
          self->n_negative += value.kind == GLOW_FIELD_SIGNED && (gint64) value.number < 0;
        }
    }
  return NULL;
}

static char *
list_fields (GlowProfile *self)
{
  GString *names = g_string_new (NULL);

  for (guint32 e = 0; e < self->events->len && names->len < 600; e++)
    {
      guint n;
      const GlowField *fields = glow_profile_get_fields (self, e, &n);
      gboolean any = FALSE;

      for (guint i = 0; i < n; i++)
        {
          if (fields[i].is_common)
            continue;
          if (!any)
            g_string_append_printf (names, "%s%s: ", names->len > 0 ? "; " : "", glow_strings_get (self->strings, g_array_index (self->events, GlowEvent, e).name));
          g_string_append_printf (names, "%s%s", any ? ", " : "", fields[i].name);
          any = TRUE;
        }
    }
  return g_string_free (names, FALSE);
}

/* Where the name is of each event. @kind: what the column is of: text where any is. */
static Place *
find_places (GlowProfile *self, const char *name, GlowFieldColumn *column, GError **error)
{
  Place *places = g_new0 (Place, self->events->len + 1);
  gboolean any = FALSE, text = FALSE, number = FALSE;
  const char *bracket = strchr (name, '[');

  for (guint32 e = 0; e < self->events->len; e++)
    {
      guint n;
      const GlowField *fields = glow_profile_get_fields (self, e, &n);
      Place *place = &places[e];

      if (!glow_profile_find_field (self, e, name, &place->field, &place->element))
        continue;
      place->is_there = TRUE;
      place->whole = bracket == NULL;
      place->kind = fields[place->field].kind;
      if (place->kind == GLOW_FIELD_TEXT || (place->kind == GLOW_FIELD_BYTES && place->whole))
        text = TRUE;
      else
        number = TRUE;
      if (place->kind == GLOW_FIELD_SIGNED)
        column->kind = GLOW_FIELD_SIGNED;
      column->is_address |= fields[place->field].is_address;
      if (!any)
        column->unit = fields[place->field].unit;
      else if (column->unit != fields[place->field].unit)
        column->unit = GLOW_UNIT_UNKNOWN;
      any = TRUE;
    }
  if (text)
    column->kind = GLOW_FIELD_TEXT;
  if (any && !(text && number))
    return places;
  if (any)
    g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("“%s” is text in some events and a number in others; name the event, as in EVENT:%s"),
                 name, name);
  else
    {
      g_autofree char *known = list_fields (self);

      if (*known != '\0')
        g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("There is no field “%s”; this recording has %s"), name, known);
      else
        g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("There is no field “%s”: this recording has no fields of events"), name);
    }
  g_free (places);
  return NULL;
}

static GlowFieldColumn *
make_column (GlowProfile *self, const char *name, GCancellable *cancellable, GError **error)
{
  gsize n = self->samples.n;
  g_autoptr(GlowFieldColumn) column = g_new0 (GlowFieldColumn, 1);
  g_autofree Place *places = NULL;
  GMutex lock;
  Fill whole, half;
  GThread *thread = NULL;

  g_atomic_ref_count_init (&column->ref_count);
  column->unit = GLOW_UNIT_UNKNOWN;
  column->n = n;
  places = find_places (self, name, column, error);
  if (places == NULL || !self->fields->class->prepare (self->fields, cancellable, error))
    return NULL;
  column->value = glow_allocate0 (n + 1, sizeof (guint64));
  column->has = glow_allocate0 (n + 1, 1);
  if (column->kind == GLOW_FIELD_TEXT)
    column->texts = glow_strings_new ();
  g_mutex_init (&lock);
  whole = (Fill) { .profile = self, .places = places, .column = column, .lock = &lock, .to = n, .cancellable = cancellable };
  half = whole;
  if (n > PARALLEL_FROM)
    {
      half.from = n / 2;
      thread = g_thread_try_new ("glow-field", fill, &half, NULL);
    }
  if (thread != NULL)
    whole.to = half.from;
  fill (&whole);
  column->n_present = whole.n_present;
  column->n_negative = whole.n_negative;
  if (thread != NULL)
    {
      g_thread_join (thread);
      column->n_present += half.n_present;
      column->n_negative += half.n_negative;
    }
  g_mutex_clear (&lock);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  if (self->fields->class->is_damaged (self->fields))
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_DAMAGED, _("“%s” cannot be read any more: the recording became shorter since it was opened"), name);
      return NULL;
    }
  return g_steal_pointer (&column);
}

GlowFieldColumn *
glow_field_source_lookup (GlowFieldSource *self, const char *key)
{
  GlowFieldColumn *column;
  GList *known;

  g_mutex_lock (&self->lock);
  column = g_hash_table_lookup (self->columns, key);
  if (column != NULL)
    {
      glow_field_column_ref (column);
      known = g_queue_find_custom (&self->order, key, (GCompareFunc) strcmp);
      g_queue_unlink (&self->order, known);
      g_queue_push_head_link (&self->order, known);
    }
  g_mutex_unlock (&self->lock);
  return column;
}

void
glow_field_source_keep (GlowFieldSource *self, const char *key, GlowFieldColumn *column)
{
  g_mutex_lock (&self->lock);
  if (!g_hash_table_contains (self->columns, key))
    {
      char *own = g_strdup (key);

      g_hash_table_insert (self->columns, own, glow_field_column_ref (column));
      g_queue_push_head (&self->order, own);
      if (self->order.length > MAX_COLUMNS)
        g_hash_table_remove (self->columns, g_queue_pop_tail (&self->order));
    }
  g_mutex_unlock (&self->lock);
}

GlowFieldColumn *
glow_profile_compute_field (GlowProfile *self, const char *name, GCancellable *cancellable, GError **error)
{
  GlowFieldColumn *column = self->fields != NULL ? glow_field_source_lookup (self->fields, name) : NULL;

  if (column != NULL)
    return column;
  column = make_column (self, name, cancellable, error);     /* without a source it says that there are no fields */
  if (column != NULL)
    glow_field_source_keep (self->fields, name, column);
  return column;
}

/* ---- units ---- */

static gboolean
is_one_of (const char *word, const char *const *words)
{
  for (guint i = 0; words[i] != NULL; i++)
    if (strcmp (words[i], word) == 0)
      return TRUE;
  return FALSE;
}

GlowUnit
glow_field_guess_unit (const char *event, const char *name, const char *type, GlowFieldKind kind)
{
  static const char *const bytes[] = { "bytes", "bytes_req", "bytes_alloc", "nr_bytes", "len", "length", "size", "copied", "nbytes", "skblen", "datalen", NULL };
  static const char *const ns[] = { "runtime", "vruntime", "delay", "duration", "latency", "wait_time", "period", NULL };
  /* What these calls return and are asked for is bytes. */
  static const char *const transfers[] = { "read", "write", "pread64", "pwrite64", "readv", "writev", "preadv", "pwritev", "preadv2", "pwritev2",
                                           "sendto", "recvfrom", "sendmsg", "recvmsg", "sendfile64", "splice", "tee", "vmsplice",
                                           "copy_file_range", "getrandom", NULL };
  const char *call = strstr (event, "sys_exit_") != NULL ? strstr (event, "sys_exit_") + strlen ("sys_exit_")
                     : strstr (event, "sys_enter_") != NULL ? strstr (event, "sys_enter_") + strlen ("sys_enter_") : NULL;

  if (kind > GLOW_FIELD_SIGNED)
    return GLOW_UNIT_UNKNOWN;
  if (g_str_has_suffix (name, "_bytes") || is_one_of (name, bytes))
    return GLOW_UNIT_BYTES;
  if (call != NULL && (strcmp (name, "ret") == 0 || strcmp (name, "count") == 0) && is_one_of (call, transfers))
    return GLOW_UNIT_BYTES;
  if (g_str_has_suffix (name, "_ns") || (strncmp (event, "sched:", 6) == 0 && is_one_of (name, ns)))
    return GLOW_UNIT_NANOSECONDS;
  return GLOW_UNIT_UNKNOWN;
}

/* ---- what values there are ---- */

static gint
compare_shares (gconstpointer a, gconstpointer b)
{
  const GlowFieldShare *left = a, *right = b;

  if (left->samples != right->samples)
    return left->samples > right->samples ? -1 : 1;
  return strcmp (left->text, right->text);
}

static void
clear_share (gpointer data)
{
  g_free (((GlowFieldShare *) data)->text);
}

typedef struct { guint64 value, samples; guint32 event; } Count;

static gint
compare_counts (gconstpointer a, gconstpointer b)
{
  const Count *left = *(Count *const *) a, *right = *(Count *const *) b;

  if (left->samples != right->samples)
    return left->samples > right->samples ? -1 : 1;
  return left->value < right->value ? -1 : left->value > right->value;
}

static void
append_value (GlowProfile *self, const GlowFieldColumn *column, const char *name, const Count *count, GString *text)
{
  GlowFieldValue value = { .kind = column->kind, .number = count->value };
  guint field, element;

  if (column->kind == GLOW_FIELD_TEXT)
    g_string_append (text, glow_strings_get (column->texts, count->value));
  else if (glow_profile_find_field (self, count->event, name, &field, &element))
    glow_profile_append_field_text (self, count->event, field, &value, text);
}

GArray *
glow_profile_compute_field_shares (GlowProfile *self, const char *name, const guint8 *keep, guint n, guint *n_distinct,
                                   GCancellable *cancellable, GError **error)
{
  g_autoptr(GlowFieldColumn) column = glow_profile_compute_field (self, name, cancellable, error);
  g_autoptr(GHashTable) counts = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  g_autoptr(GPtrArray) list = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer key, value;
  Count *last = NULL;
  GArray *shares;

  if (column == NULL)
    return NULL;
  for (gsize i = 0; i < column->n; i++)
    {
      if ((i & 0xfffff) == 0 && g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
      if (!column->has[i] || !keep[i])
        continue;
      if (last == NULL || last->value != column->value[i])
        last = g_hash_table_lookup (counts, &column->value[i]);
      if (last == NULL)
        {
          last = g_new0 (Count, 1);
          last->value = column->value[i];
          last->event = self->samples.event != NULL ? self->samples.event[i] : 0;
          g_hash_table_insert (counts, &last->value, last);
        }
      last->samples++;
    }
  *n_distinct = g_hash_table_size (counts);
  g_hash_table_iter_init (&iter, counts);
  while (g_hash_table_iter_next (&iter, &key, &value))
    g_ptr_array_add (list, value);
  g_ptr_array_sort (list, compare_counts);
  shares = g_array_new (FALSE, FALSE, sizeof (GlowFieldShare));
  g_array_set_clear_func (shares, clear_share);
  for (guint i = 0; i < MIN (n, list->len); i++)
    {
      const Count *count = g_ptr_array_index (list, i);
      g_autoptr(GString) text = g_string_new (NULL);
      GlowFieldShare share = { NULL, count->samples };

      append_value (self, column, name, count, text);
      share.text = g_utf8_make_valid (text->str, text->len);
      g_array_append_val (shares, share);
    }
  g_array_sort (shares, compare_shares);
  return shares;
}
