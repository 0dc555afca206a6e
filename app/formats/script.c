/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The writer of perf script's text. A large recording has tens of millions of frames but only some ten thousand places in code: the line of
 * a place is made once and copied from then on, and so is what stands before the time of a thread's samples. */
#include "config.h"
#include <glib/gi18n-lib.h>
#include <string.h>
#include <afterglow/error.h>
#include <afterglow/fields.h>
#include <afterglow/script.h>
#include <afterglow/source.h>
#include "model/sample-filter-private.h"

#define BUFFER_SIZE (1024 * 1024)
#define CHECK_CANCELLED_EVERY 4096

static const struct {
  const char *word;
  GlowScriptFields field;
} field_words[] = {
  { "comm", GLOW_SCRIPT_COMM }, { "pid", GLOW_SCRIPT_PID }, { "tid", GLOW_SCRIPT_TID }, { "cpu", GLOW_SCRIPT_CPU },
  { "time", GLOW_SCRIPT_TIME }, { "period", GLOW_SCRIPT_PERIOD }, { "event", GLOW_SCRIPT_EVENT }, { "ip", GLOW_SCRIPT_IP },
  { "sym", GLOW_SCRIPT_SYM }, { "symoff", GLOW_SCRIPT_SYMOFF },
  { "dso", GLOW_SCRIPT_DSO }, { "srcline", GLOW_SCRIPT_SRCLINE }, { "trace", GLOW_SCRIPT_TRACE }, { "addr", GLOW_SCRIPT_ADDR }, { "data_src", GLOW_SCRIPT_DATA_SRC },
  { "weight", GLOW_SCRIPT_WEIGHT }, { "ins_lat", GLOW_SCRIPT_INS_LAT }, { "retire_lat", GLOW_SCRIPT_RETIRE_LAT },
  { "phys_addr", GLOW_SCRIPT_PHYS_ADDR }, { "data_page_size", GLOW_SCRIPT_DATA_PAGE_SIZE }, { "code_page_size", GLOW_SCRIPT_CODE_PAGE_SIZE },
  { "transaction", GLOW_SCRIPT_TRANSACTION }, { "all", GLOW_SCRIPT_ALL },
};

#define FRAME_FIELDS (GLOW_SCRIPT_IP | GLOW_SCRIPT_SYM | GLOW_SCRIPT_SYMOFF | GLOW_SCRIPT_DSO)

static char *
dup_known_words (void)
{
  GString *words = g_string_new (NULL);

  for (guint i = 0; i + 1 < G_N_ELEMENTS (field_words); i++)
    g_string_append_printf (words, "%s%s", i > 0 ? ", " : "", field_words[i].word);
  return g_string_free (words, FALSE);
}

gboolean
glow_script_fields_parse (const char *words, GlowScriptFields *fields, GError **error)
{
  g_auto(GStrv) names = g_strsplit (words, ",", -1);
  g_autofree char *known = dup_known_words ();
  guint found = 0;

  /* "+addr" or "-ip" as the first word begins from what is printed by default. */
  if (names[0] != NULL && (names[0][0] == '+' || names[0][0] == '-'))
    found = GLOW_SCRIPT_ALL;
  for (guint i = 0; names[i] != NULL; i++)
    {
      const char *word = names[i][0] == '+' || names[i][0] == '-' ? names[i] + 1 : names[i];
      guint k = 0;

      while (k < G_N_ELEMENTS (field_words) && strcmp (field_words[k].word, word) != 0)
        k++;
      if (k == G_N_ELEMENTS (field_words))
        {
          g_autofree char *shown = g_utf8_make_valid (names[i], -1);

          g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("“%s” is not a field; expected some of %s"), shown, known);
          return FALSE;
        }
      if (names[i][0] == '-')
        found &= ~field_words[k].field;
      else
        found |= field_words[k].field;
    }
  if (found == 0)
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("no field was named; expected some of %s"), known);
      return FALSE;
    }
  if ((found & GLOW_SCRIPT_SYMOFF) != 0 && (found & GLOW_SCRIPT_SYM) == 0)
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("symoff was given without sym; expected both"));
      return FALSE;
    }
  *fields = found;
  return TRUE;
}

/* Pieces of text made once: offset and length in one growing buffer; length 0 is "not made yet". */
typedef struct {
  gsize offset;
  guint32 length;
} Piece;

typedef struct {
  GlowProfile *profile;
  const GlowSamples *samples;
  const GlowStacks *stacks;    /* chains where there are addresses, call stacks otherwise */
  const GlowChains *chains;    /* NULL where there are none */
  const guint32 *stack_column;
  const GlowFrame *frames;
  const GlowModule *modules;
  const GlowThread *threads;
  const GlowEvent *events;
  guint32 n_frames, n_modules, n_threads, n_events;
  GlowScriptFields fields;
  gboolean nanoseconds;
  gboolean collapse;

  GlowSourceLines *sources;    /* NULL where lines are not asked for, or there are no addresses */

  GString *text;               /* of all pieces */
  Piece *lines;                /* by location, or by frame where there are no chains */
  guint8 *hidden;              /* by frame; NULL where nothing is hidden */
  Piece *who;                  /* by thread: "comm pid/tid " */
  Piece *what;                 /* by event: "     cycles: " */
  guint *own;                  /* by event and field of own_columns: its index, G_MAXUINT: none; NULL where nothing is asked for */
  GString *line;               /* scratch */

  char *buffer;
  gsize used;
  GOutputStream *output;
  GCancellable *cancellable;
} Writer;

static gboolean
flush (Writer *self, GError **error)
{
  gboolean written = g_output_stream_write_all (self->output, self->buffer, self->used, NULL, self->cancellable, error);

  self->used = 0;
  return written;
}

/* @n bytes of room, for which the caller answers: BUFFER_SIZE at most. */
static inline gboolean
reserve (Writer *self, gsize n, GError **error)
{
  return G_LIKELY (self->used + n <= BUFFER_SIZE) || flush (self, error);
}

static gboolean
put (Writer *self, const char *bytes, gsize n, GError **error)
{
  if (G_UNLIKELY (n > BUFFER_SIZE))
    return flush (self, error) && g_output_stream_write_all (self->output, bytes, n, NULL, self->cancellable, error);
  if (!reserve (self, n, error))
    return FALSE;
  memcpy (self->buffer + self->used, bytes, n);
  self->used += n;
  return TRUE;
}

/* Right-aligned in @width, filled with @fill; printf would be most of the time of a sample's line. Room has been reserved. */
static void
put_number (Writer *self, guint64 value, guint width, char fill)
{
  char digits[20];
  guint n = 0;

  do
    digits[n++] = '0' + value % 10;
  while ((value /= 10) != 0);
  for (; width > n; width--)
    self->buffer[self->used++] = fill;
  while (n > 0)
    self->buffer[self->used++] = digits[--n];
}

/* A name with a line end in it would be read as two lines. */
static void
append_clean (GString *text, const char *bytes)
{
  gsize start = text->len;

  g_string_append (text, bytes);
  for (gsize i = start; i < text->len; i++)
    if (text->str[i] == '\n' || text->str[i] == '\r')
      text->str[i] = ' ';
}

static const char *
module_path (Writer *self, guint32 module)
{
  const GlowModule *found;
  const char *path;

  if (module >= self->n_modules)
    return "[unknown]";
  found = &self->modules[module];
  /* perf calls it so whichever way the recording spells the mapping ("[kernel.kallsyms]_text"). */
  if (found->kind == GLOW_MODULE_KERNEL)
    return "[kernel.kallsyms]";
  path = glow_profile_get_string (self->profile, found->path);
  return path[0] != '\0' ? path : glow_profile_get_string (self->profile, found->name);
}

/* What perf writes in place of a module, whether modules are asked for or not. */
static const char inlined_mark[] = "inlined";

static void
append_frame (Writer *self, guint64 address, guint32 frame, guint64 symbol_offset, const char *dso)
{
  GString *text = self->text;

  g_string_append_c (text, '\t');
  if ((self->fields & GLOW_SCRIPT_IP) != 0)
    g_string_append_printf (text, "%16" G_GINT64_MODIFIER "x", address);
  if ((self->fields & GLOW_SCRIPT_SYM) != 0)
    {
      gboolean named = frame < self->n_frames && self->frames[frame].kind != GLOW_FRAME_UNKNOWN;

      g_string_append_c (text, ' ');
      append_clean (text, named ? glow_profile_get_string (self->profile, self->frames[frame].name) : "[unknown]");
      if (named && (self->fields & GLOW_SCRIPT_SYMOFF) != 0 && symbol_offset != G_MAXUINT64)
        g_string_append_printf (text, "+0x%" G_GINT64_MODIFIER "x", symbol_offset);
    }
  if (dso != NULL && (dso == inlined_mark || (self->fields & GLOW_SCRIPT_DSO) != 0))
    {
      g_string_append (text, " (");
      append_clean (text, dso);
      g_string_append_c (text, ')');
    }
  g_string_append_c (text, '\n');
}

static gboolean
is_hidden (Writer *self, guint32 frame)
{
  return self->hidden != NULL && frame < self->n_frames && self->hidden[frame];
}

/* In a line of its own below the frame's, as with perf's --full-source-path; that is where perf marks what was inlined, then. */
static void
append_source (Writer *self, guint32 location, guint frame, gboolean inlined)
{
  GlowSource source = { NULL, 0 };

  if (self->sources == NULL)
    return;
  g_string_append (self->text, "  ");
  if (glow_source_lines_find (self->sources, location, frame, &source))
    {
      append_clean (self->text, source.file);
      g_string_append_printf (self->text, ":%u", source.line);
      g_free (source.file);
    }
  else if (inlined)
    g_string_append (self->text, "??:0");
  else
    {
      g_string_truncate (self->text, self->text->len - 2);
      return;
    }
  g_string_append (self->text, inlined ? " (inlined)\n" : "\n");
}

/* The line of a place in code, or the lines where functions were inlined there. */
static void
make_location_lines (Writer *self, guint32 index)
{
  const GlowLocation *location = &self->chains->locations[index];
  guint64 address = location->module < self->n_modules ? location->offset : location->address;
  guint32 frame = location->frame;

  for (guint32 i = 0; i < location->n_inlined; i++)
    {
      if (!is_hidden (self, frame))
        {
          append_frame (self, address, frame, G_MAXUINT64, self->sources == NULL ? inlined_mark : NULL);
          append_source (self, index, i, TRUE);
        }
      frame = self->chains->inline_frames[location->first_inlined + i];
    }
  if (!is_hidden (self, frame))
    {
      append_frame (self, address, frame, location->symbol_offset, module_path (self, location->module));
      append_source (self, index, location->n_inlined, FALSE);
    }
}

static void
make_frame_lines (Writer *self, guint32 frame)
{
  if (!is_hidden (self, frame))
    append_frame (self, 0, frame, G_MAXUINT64, module_path (self, self->frames[frame].module));
}

static gboolean
put_stack (Writer *self, guint32 stack, GError **error)
{
  guint32 previous = GLOW_NONE;

  for (guint32 node = stack; node != 0; node = self->stacks->parent[node])
    {
      guint32 item = self->stacks->item[node];
      Piece *piece = &self->lines[item];

      if (self->collapse)
        {
          guint32 frame = self->chains != NULL ? self->chains->locations[item].frame : item;

          if (frame == previous && frame != GLOW_NONE)
            continue;
          previous = frame;
        }
      if (G_UNLIKELY (piece->offset == G_MAXSIZE))
        {
          piece->offset = self->text->len;
          if (self->chains != NULL)
            make_location_lines (self, item);
          else
            make_frame_lines (self, item);
          piece->length = self->text->len - piece->offset;
        }
      if (!put (self, self->text->str + piece->offset, piece->length, error))
        return FALSE;
    }
  return put (self, "\n", 1, error);
}

static const Piece *
get_who (Writer *self, guint32 index)
{
  Piece *piece = &self->who[index];
  const GlowThread *thread = &self->threads[index];

  if (piece->offset != G_MAXSIZE)
    return piece;
  piece->offset = self->text->len;
  if ((self->fields & GLOW_SCRIPT_COMM) != 0)
    {
      const char *comm = glow_profile_get_string (self->profile, thread->comm);
      gsize length = strlen (comm);

      /* As perf: in a column where no stack follows, else as long as it is. */
      for (; (self->fields & FRAME_FIELDS) == 0 && length < 16; length++)
        g_string_append_c (self->text, ' ');
      if (comm[0] == '\0')
        g_string_append_printf (self->text, ":%d", thread->tid);
      else
        append_clean (self->text, comm);
      g_string_append_c (self->text, ' ');
    }
  if ((self->fields & GLOW_SCRIPT_PID) != 0 && (self->fields & GLOW_SCRIPT_TID) != 0)
    g_string_append_printf (self->text, "%5d/%-5d ", thread->pid, thread->tid);
  else if ((self->fields & GLOW_SCRIPT_PID) != 0)
    g_string_append_printf (self->text, "%5d ", thread->pid);
  else if ((self->fields & GLOW_SCRIPT_TID) != 0)
    g_string_append_printf (self->text, "%5d ", thread->tid);
  piece->length = self->text->len - piece->offset;
  return piece;
}

static void
make_events (Writer *self)
{
  gsize width = 0;

  for (guint32 i = 0; i < self->n_events; i++)
    width = MAX (width, strlen (glow_profile_get_string (self->profile, self->events[i].name)));
  for (guint32 i = 0; i < self->n_events; i++)
    {
      const char *name = glow_profile_get_string (self->profile, self->events[i].name);

      self->what[i].offset = self->text->len;
      for (gsize length = strlen (name); length < width; length++)
        g_string_append_c (self->text, ' ');
      append_clean (self->text, name);
      g_string_append (self->text, ": ");
      self->what[i].length = self->text->len - self->what[i].offset;
    }
}

static void
put_time (Writer *self, guint64 time)
{
  put_number (self, time / G_GUINT64_CONSTANT (1000000000), 5, ' ');
  self->buffer[self->used++] = '.';
  if (self->nanoseconds)
    put_number (self, time % 1000000000, 9, '0');
  else
    put_number (self, time % 1000000000 / 1000, 6, '0');
  self->buffer[self->used++] = ':';
  self->buffer[self->used++] = ' ';
}

/* Fields that are not of every recording, in perf's order and with its widths. */
static const struct {
  GlowScriptFields field;
  const char *name;
} own_columns[] = {
  { GLOW_SCRIPT_ADDR, "addr" }, { GLOW_SCRIPT_DATA_SRC, "data_src" }, { GLOW_SCRIPT_WEIGHT, "weight" }, { GLOW_SCRIPT_INS_LAT, "ins_lat" },
  { GLOW_SCRIPT_RETIRE_LAT, "retire_lat" }, { GLOW_SCRIPT_PHYS_ADDR, "phys_addr" }, { GLOW_SCRIPT_DATA_PAGE_SIZE, "data_page_size" },
  { GLOW_SCRIPT_CODE_PAGE_SIZE, "code_page_size" }, { GLOW_SCRIPT_TRANSACTION, "transaction" },
};

static void
find_own_columns (Writer *self)
{
  guint element;

  self->own = g_new (guint, MAX (self->n_events, 1) * G_N_ELEMENTS (own_columns));
  for (guint32 e = 0; e < self->n_events; e++)
    for (guint c = 0; c < G_N_ELEMENTS (own_columns); c++)
      {
        guint *field = &self->own[e * G_N_ELEMENTS (own_columns) + c];

        if ((self->fields & own_columns[c].field) == 0 || !glow_profile_find_field (self->profile, e, own_columns[c].name, field, &element))
          *field = G_MAXUINT;
      }
}

/* "4K", as perf names pages: one of a unit is still 1024 of the next smaller. */
static void
append_page_size (guint64 size, GString *text)
{
  static const char units[] = { 'B', 'K', 'M', 'G' };
  guint unit = 0;

  if (size == 0)
    {
      g_string_append (text, " N/A");
      return;
    }
  for (; size / 1024 > 1 && unit + 1 < G_N_ELEMENTS (units); unit++)
    size /= 1024;
  g_string_append_printf (text, " %" G_GUINT64_FORMAT "%c", size, units[unit]);
}

static void
append_own (Writer *self, gsize i, guint32 event)
{
  for (guint c = 0; c < G_N_ELEMENTS (own_columns); c++)
    {
      guint field = self->own[event * G_N_ELEMENTS (own_columns) + c];
      GlowFieldValue value;

      if (field == G_MAXUINT || !glow_profile_read_field (self->profile, i, field, 0, &value))
        continue;
      switch (own_columns[c].field)
        {
        case GLOW_SCRIPT_ADDR:
        case GLOW_SCRIPT_PHYS_ADDR: g_string_append_printf (self->line, "%16" G_GINT64_MODIFIER "x", value.number); break;
        case GLOW_SCRIPT_DATA_SRC:
          g_string_append_printf (self->line, "%16" G_GINT64_MODIFIER "x ", value.number);
          glow_profile_append_field_text (self->profile, event, field, &value, self->line);
          break;
        case GLOW_SCRIPT_DATA_PAGE_SIZE:
        case GLOW_SCRIPT_CODE_PAGE_SIZE: append_page_size (value.number, self->line); break;
        case GLOW_SCRIPT_TRANSACTION:
          g_string_append_c (self->line, ' ');
          glow_profile_append_field_text (self->profile, event, field, &value, self->line);
          break;
        default: g_string_append_printf (self->line, "%16" G_GUINT64_FORMAT, value.number);
        }
    }
}

/* What the sample's record holds beside its stack. A line's end in a text would be read as two lines. */
static gboolean
put_fields (Writer *self, gsize i, guint32 event, GError **error)
{
  g_string_truncate (self->line, 0);
  if (self->fields & GLOW_SCRIPT_TRACE)
    glow_profile_append_trace (self->profile, i, self->line);
  if (self->own != NULL)
    append_own (self, i, event);
  for (gsize k = 0; k < self->line->len; k++)
    if (self->line->str[k] == '\n' || self->line->str[k] == '\r' || self->line->str[k] == '\0')
      self->line->str[k] = ' ';
  return put (self, self->line->str, self->line->len, error);
}

static gboolean
put_sample (Writer *self, gsize i, GError **error)
{
  const GlowSamples *samples = self->samples;
  guint32 event = samples->event != NULL ? samples->event[i] : 0;

  if (samples->thread != NULL)
    {
      const Piece *who = get_who (self, samples->thread[i]);

      if (!put (self, self->text->str + who->offset, who->length, error))
        return FALSE;
    }
  /* The numbers of a line, with their spaces and marks, need fewer bytes than this. */
  if (!reserve (self, 128, error))
    return FALSE;
  if (samples->cpu != NULL && samples->cpu[i] != G_MAXUINT16 && (self->fields & GLOW_SCRIPT_CPU) != 0)
    {
      self->buffer[self->used++] = '[';
      put_number (self, samples->cpu[i], 3, '0');
      self->buffer[self->used++] = ']';
      self->buffer[self->used++] = ' ';
    }
  if (samples->time != NULL && (self->fields & GLOW_SCRIPT_TIME) != 0)
    put_time (self, samples->time[i]);
  if ((self->fields & GLOW_SCRIPT_PERIOD) != 0)
    {
      put_number (self, samples->weight != NULL ? samples->weight[i] : 1, 10, ' ');
      self->buffer[self->used++] = ' ';
    }
  if (event < self->n_events && (self->fields & GLOW_SCRIPT_EVENT) != 0
      && !put (self, self->text->str + self->what[event].offset, self->what[event].length, error))
    return FALSE;
  if (self->line != NULL && !put_fields (self, i, event, error))
    return FALSE;
  if (!put (self, "\n", 1, error))
    return FALSE;
  return (self->fields & FRAME_FIELDS) == 0 || put_stack (self, self->stack_column[i], error);
}

static Piece *
pieces_new (gsize n)
{
  Piece *pieces = g_new (Piece, MAX (n, 1));

  for (gsize i = 0; i < n; i++)
    pieces[i].offset = G_MAXSIZE;
  return pieces;
}

static void
writer_clear (Writer *self)
{
  g_clear_pointer (&self->sources, glow_source_lines_free);
  g_string_free (self->text, TRUE);
  g_free (self->lines);
  g_free (self->hidden);
  g_free (self->who);
  g_free (self->what);
  g_free (self->own);
  if (self->line != NULL)
    g_string_free (self->line, TRUE);
  g_free (self->buffer);
}

static void
writer_init (Writer *self, GlowProfile *profile, const GlowQuery *query, GlowScriptFields fields, const GlowLoadOptions *options)
{
  self->profile = profile;
  self->samples = glow_profile_get_samples (profile);
  self->frames = glow_profile_get_frames (profile, &self->n_frames);
  self->modules = glow_profile_get_modules (profile, &self->n_modules);
  self->threads = glow_profile_get_threads (profile, &self->n_threads);
  self->events = glow_profile_get_events (profile, &self->n_events);
  self->chains = self->samples->chain != NULL ? glow_profile_get_chains (profile) : NULL;
  self->stacks = self->chains != NULL ? &self->chains->stacks : glow_profile_get_stacks (profile);
  self->stack_column = self->chains != NULL ? self->samples->chain : self->samples->stack;
  self->fields = fields;
  self->collapse = glow_query_get_collapse_recursion (query);
  self->text = g_string_sized_new (64 * 1024);
  self->lines = pieces_new (self->chains != NULL ? self->chains->n_locations : self->n_frames);
  self->who = pieces_new (self->n_threads);
  self->what = pieces_new (self->n_events);
  self->buffer = g_malloc (BUFFER_SIZE);
  make_events (self);
  if (fields & GLOW_SCRIPT_SRCLINE && self->chains != NULL)
    self->sources = glow_source_lines_new (profile, options, self->cancellable);
  if (glow_profile_has_fields (profile))
    self->line = g_string_new (NULL);
  if (self->line != NULL && (fields & ~GLOW_SCRIPT_ALL) != 0)
    find_own_columns (self);
}

gboolean
glow_script_write (GlowProfile *profile, const GlowQuery *query, GlowScriptFields fields, gboolean nanoseconds, const GlowLoadOptions *options,
                   GOutputStream *output, GCancellable *cancellable, GError **error)
{
  const GlowSamples *samples = glow_profile_get_samples (profile);
  Writer writer = { .nanoseconds = nanoseconds, .output = output, .cancellable = cancellable };
  g_autofree guint8 *kept = NULL;
  gsize n_written = 0;
  gboolean ok = TRUE;

  if (samples->time == NULL && samples->thread == NULL)
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_EMPTY,
                   _("sums of stacks were found, without times and threads; expected samples. Folded text can be written of them, not this"));
      return FALSE;
    }
  kept = glow_sample_filter_compute (profile, query, cancellable, error);
  if (kept == NULL)
    return FALSE;
  writer_init (&writer, profile, query, fields, options);
  writer.hidden = glow_sample_filter_dup_hidden_frames (profile, query);
  for (gsize i = 0; ok && i < samples->n; i++)
    {
      if (i % CHECK_CANCELLED_EVERY == 0 && g_cancellable_set_error_if_cancelled (cancellable, error))
        ok = FALSE;
      else if (kept[i])
        {
          ok = put_sample (&writer, i, error);
          n_written++;
        }
    }
  if (ok)
    ok = flush (&writer, error);
  if (ok && n_written == 0)
    {
      ok = FALSE;
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_EMPTY, samples->n == 0 ? _("no samples in it") : _("no samples are left after the selection"));
    }
  writer_clear (&writer);
  return ok;
}
