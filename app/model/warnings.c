/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a reader had to leave out or guess: one entry a kind of damage, with a count and the first place,
 * so that a file with a million bad records gives one line and not a million. */
#include <afterglow/warnings.h>

#include <string.h>

struct _GlowWarnings {
  gatomicrefcount ref_count;
  GMutex lock;
  GPtrArray *entries;          /* of GlowWarning */
  GHashTable *by_key;          /* "code\1key" → GlowWarning, owned by entries */
};

static void
warning_free (gpointer data)
{
  GlowWarning *warning = data;

  g_free (warning->code);
  g_free (warning->message);
  g_free (warning->advice);
  g_free (warning);
}

/**
 * glow_warnings_new:
 *
 * Returns: (transfer full): an empty list
 */
GlowWarnings *
glow_warnings_new (void)
{
  GlowWarnings *self = g_new0 (GlowWarnings, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->lock);
  self->entries = g_ptr_array_new_with_free_func (warning_free);
  self->by_key = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

GlowWarnings *
glow_warnings_ref (GlowWarnings *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
glow_warnings_unref (GlowWarnings *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_hash_table_unref (self->by_key);
  g_ptr_array_unref (self->entries);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* Takes @key and @message. */
static void
add_entry (GlowWarnings *self, char *key, const char *code, guint64 count, guint64 first_at, const char *advice, char *message)
{
  GlowWarning *warning;

  g_mutex_lock (&self->lock);
  warning = g_hash_table_lookup (self->by_key, key);
  if (warning == NULL)
    {
      warning = g_new0 (GlowWarning, 1);
      warning->code = g_strdup (code);
      warning->first_at = first_at;
      warning->message = message;
      warning->advice = g_strdup (advice);
      g_ptr_array_add (self->entries, warning);
      g_hash_table_insert (self->by_key, key, warning);
    }
  else
    {
      g_free (message);
      g_free (key);
    }
  warning->count += count;
  g_mutex_unlock (&self->lock);
}

/**
 * glow_warnings_add:
 * @code: stable identifier of the kind of problem
 * @key: (nullable): tells entries of one code apart (a module, a record type)
 * @count: how many cases this call stands for
 * @first_at: byte offset or line; only that of the first call is kept
 * @advice: (nullable): what a person can do about it, translated
 * @format: the message, translated; only that of the first call is kept
 *
 * Thread-safe. Amortised O(1); formats the message each time, so count first where it is hot.
 */
void
glow_warnings_add (GlowWarnings *self, const char *code, const char *key, guint64 count, guint64 first_at,
                   const char *advice, const char *format, ...)
{
  char *message;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  add_entry (self, g_strdup_printf ("%s\1%s", code, key != NULL ? key : ""), code, count, first_at, advice, message);
}

/**
 * glow_warnings_add_all:
 * @other: entries to add; equal code and message become one entry
 */
void
glow_warnings_add_all (GlowWarnings *self, GlowWarnings *other)
{
  for (guint i = 0; i < glow_warnings_get_n (other); i++)
    {
      const GlowWarning *warning = glow_warnings_get (other, i);

      add_entry (self, g_strdup_printf ("%s\1\1%s", warning->code, warning->message), warning->code, warning->count, warning->first_at,
                 warning->advice, g_strdup (warning->message));
    }
}

guint
glow_warnings_get_n (GlowWarnings *self)
{
  return self->entries->len;
}

/**
 * glow_warnings_get:
 * @index: < glow_warnings_get_n()
 *
 * Returns: (transfer none): valid until the list grows or goes
 */
const GlowWarning *
glow_warnings_get (GlowWarnings *self, guint index)
{
  g_return_val_if_fail (index < self->entries->len, NULL);
  return g_ptr_array_index (self->entries, index);
}

gboolean
glow_warning_is_loss (const GlowWarning *warning)
{
  static const char *const codes[] = { "bad-bucket", "bad-histogram", "bad-json", "bad-line", "damaged-compression", "damaged-header", "damaged-record", "damaged-sample", "missing-column",
                                       "truncated", "truncated-input", "unknown-event-id" };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    if (strcmp (warning->code, codes[i]) == 0)
      return TRUE;
  return FALSE;
}
