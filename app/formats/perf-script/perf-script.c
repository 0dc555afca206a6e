/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Samples from perf script's text, read line by line: nothing but the tables is kept. Names are those of the text, so that the profile is named. */
#include <config.h>

#include <inttypes.h>
#include <glib/gi18n-lib.h>

#include "formats/format-private.h"
#include "formats/perf-script/perf-script-private.h"
#include "model/trie-private.h"
#include "symbols/symbol-table-private.h"

#include <stdlib.h>
#include <string.h>

#define BUFFER (1u << 20)
#define LINE_AT_MOST (16u << 20)
#define FRAMES_AT_MOST 65536

typedef struct {
  guint64 time, weight;
  guint32 thread, chain, stack;
  guint16 cpu, event;
} Row;

typedef struct {
  GlowProfileBuilder *builder;
  GHashTable *events, *threads, *processes, *modules;   /* text → index + 1 */
  GHashTable *locations;       /* key text → index + 1 */
  GArray *location_rows;       /* of GlowLocation */
  GArray *inline_frames;       /* of guint32 */
  GArray *rows;                /* of Row */
  GArray *stack;               /* of guint32: locations of the sample at hand, leaf first */
  GArray *inlined;             /* of guint32: frames that wait for the function they were inlined into */
  GlowTrie chains, stacks;
  GString *waiting;            /* a frame without a module: with lines of source the next line says that it was inlined */
  gboolean open, has_time, has_cpu;
  Row row;
  guint64 lines, first_other, n_other;
  char *other;
} Reading;

static guint32
intern (Reading *self, ScriptText text)
{
  return glow_strings_intern (self->builder->strings, text.text, text.n);
}

static guint32
event_of (Reading *self, const ScriptSample *sample)
{
  g_autofree char *name = g_strndup (sample->event.text, sample->event.n);
  gpointer found = g_hash_table_lookup (self->events, name);

  if (found == NULL)
    {
      gboolean clock = g_str_has_prefix (name, "cpu-clock") || g_str_has_prefix (name, "task-clock");
      const char *colon = strchr (name, ':');
      GlowEvent event = {
        .name = intern (self, sample->event),
        .unit = sample->period == 0 ? GLOW_UNIT_SAMPLES : clock ? GLOW_UNIT_NANOSECONDS : GLOW_UNIT_EVENTS,
        /* "sched:sched_switch", and not "cycles:ppp". */
        .is_tracepoint = colon != NULL && strspn (colon + 1, "ukhHGPpSDIWeb") < strlen (colon + 1),
      };

      g_array_append_val (self->builder->events, event);
      found = GUINT_TO_POINTER (self->builder->events->len);
      g_hash_table_insert (self->events, g_steal_pointer (&name), found);
    }
  return MIN (GPOINTER_TO_UINT (found) - 1, G_MAXUINT16);
}

/* A process's number that is not told is its thread's: all there is to tell threads apart by. */
static guint32
thread_of (Reading *self, const ScriptSample *sample)
{
  gint32 pid = sample->pid >= 0 || sample->tid < 0 ? sample->pid : sample->tid;
  g_autofree char *key = g_strdup_printf ("%d %d %.*s", pid, sample->tid, (int) sample->comm.n, sample->comm.text);
  gpointer found = g_hash_table_lookup (self->threads, key);

  if (found == NULL)
    {
      gpointer process = g_hash_table_lookup (self->processes, GINT_TO_POINTER (pid));
      GlowThread thread = { .pid = pid, .tid = sample->tid, .comm = intern (self, sample->comm), .end_time = G_MAXUINT64 };

      if (process == NULL)
        {
          GlowProcess row = { pid, thread.comm };

          g_array_append_val (self->builder->processes, row);
          process = GUINT_TO_POINTER (self->builder->processes->len);
          g_hash_table_insert (self->processes, GINT_TO_POINTER (pid), process);
        }
      thread.process = GPOINTER_TO_UINT (process) - 1;
      g_array_append_val (self->builder->threads, thread);
      found = GUINT_TO_POINTER (self->builder->threads->len);
      g_hash_table_insert (self->threads, g_steal_pointer (&key), found);
    }
  return GPOINTER_TO_UINT (found) - 1;
}

static gboolean
ends_with (ScriptText text, const char *suffix)
{
  gsize n = strlen (suffix);

  return text.n >= n && memcmp (text.text + text.n - n, suffix, n) == 0;
}

static gboolean
is_text (ScriptText text, const char *wanted)
{
  return text.n == strlen (wanted) && memcmp (text.text, wanted, text.n) == 0;
}

static GlowModuleKind
module_kind (ScriptText path)
{
  const char *map = memmem (path.text, path.n, "/perf-", 6);

  if (is_text (path, "[vdso]") || is_text (path, "[vsyscall]"))
    return GLOW_MODULE_VDSO;
  if ((map != NULL && ends_with (path, ".map")) || is_text (path, "//anon") || is_text (path, "[heap]") || is_text (path, "[stack]"))
    return GLOW_MODULE_JIT;
  if ((path.n > 7 && memcmp (path.text, "[kernel", 7) == 0) || ends_with (path, "vmlinux"))
    return GLOW_MODULE_KERNEL;
  if ((path.n > 0 && path.text[0] == '[') || ends_with (path, ".ko") || memmem (path.text, path.n, "/vmlinux-", 9) != NULL)
    return GLOW_MODULE_KERNEL_MODULE;
  return GLOW_MODULE_USER;
}

static guint32
module_of (Reading *self, ScriptText path)
{
  g_autofree char *key = NULL;
  gpointer found;

  if (is_text (path, "[unknown]") || path.n == 0)
    return GLOW_NONE;
  key = g_strndup (path.text, path.n);
  found = g_hash_table_lookup (self->modules, key);
  if (found == NULL)
    {
      GlowModule module = { .kind = module_kind (path), .symbols = GLOW_SYMBOLS_FULL };
      const char *slash = strrchr (key, '/'), *name = slash != NULL && slash[1] != '\0' ? slash + 1 : key;

      module.path = intern (self, path);
      module.name = module.kind == GLOW_MODULE_KERNEL ? glow_strings_intern (self->builder->strings, "[kernel]", -1)
                                                       : glow_strings_intern (self->builder->strings, name, -1);
      g_array_append_val (self->builder->modules, module);
      found = GUINT_TO_POINTER (self->builder->modules->len);
      g_hash_table_insert (self->modules, g_steal_pointer (&key), found);
    }
  return GPOINTER_TO_UINT (found) - 1;
}

/* "clock_nanosleep@@GLIBC_2.17": the version is not part of a function's name, "@plt" is. */
static ScriptText
without_version (ScriptText name)
{
  for (gsize i = 1; i + 1 < name.n; i++)
    if (name.text[i] == '@' && (g_ascii_isupper (name.text[i + 1]) || (name.text[i + 1] == '@' && i + 2 < name.n && g_ascii_isupper (name.text[i + 2]))))
      return (ScriptText) { name.text, i };
  return name;
}

static guint32
frame_of (Reading *self, ScriptText name, guint32 module, gboolean is_inlined)
{
  GlowModuleKind kind = module != GLOW_NONE ? g_array_index (self->builder->modules, GlowModule, module).kind : GLOW_MODULE_USER;
  GlowFrame frame = { .module = module };
  g_autofree char *text = NULL, *plain = NULL;

  name = without_version (name);
  text = g_strndup (name.text, name.n);
  frame.kind = is_inlined ? GLOW_FRAME_INLINED
               : kind == GLOW_MODULE_KERNEL || kind == GLOW_MODULE_KERNEL_MODULE ? GLOW_FRAME_KERNEL
               : kind == GLOW_MODULE_JIT ? GLOW_FRAME_JIT : GLOW_FRAME_USER;
  if (is_text (name, "[unknown]") || name.n == 0)
    {
      const char *own = module != GLOW_NONE
                          ? glow_strings_get (self->builder->strings, g_array_index (self->builder->modules, GlowModule, module).name) : "[unknown]";

      plain = *own == '[' ? g_strdup (own) : g_strdup_printf ("[%s]", own);
      frame.kind = GLOW_FRAME_UNKNOWN;
      frame.name = frame.raw_name = glow_strings_intern (self->builder->strings, plain, -1);
      return glow_profile_builder_frame (self->builder, &frame);
    }
  plain = kind == GLOW_MODULE_JIT ? NULL : glow_demangle (text);
  frame.raw_name = glow_strings_intern (self->builder->strings, text, -1);
  frame.name = plain != NULL ? glow_strings_intern (self->builder->strings, plain, -1) : frame.raw_name;
  return glow_profile_builder_frame (self->builder, &frame);
}

/* A place in code; equal places of one text are one. Functions inlined there come before it, innermost first. */
static guint32
location_of (Reading *self, const ScriptFrame *frame)
{
  g_autoptr(GString) key = g_string_new (NULL);
  guint32 module = module_of (self, frame->module), outer = frame_of (self, frame->name, module, FALSE);
  gpointer found;

  g_string_append_printf (key, "%" G_GINT64_MODIFIER "x %u", frame->address, outer);
  for (guint i = 0; i < self->inlined->len; i++)
    g_string_append_printf (key, " %u", g_array_index (self->inlined, guint32, i));
  found = g_hash_table_lookup (self->locations, key->str);
  if (found == NULL)
    {
      GlowLocation location = { .address = frame->address, .offset = frame->address, .module = module, .frame = outer, .symbol_offset = frame->offset,
                                .n_inlined = self->inlined->len, .first_inlined = self->inline_frames->len };

      location.kind = g_array_index (self->builder->frames, GlowFrame, outer).kind == GLOW_FRAME_KERNEL ? GLOW_FRAME_KERNEL : GLOW_FRAME_USER;
      for (guint i = 0; i < self->inlined->len; i++)
        {
          guint32 next = i + 1 < self->inlined->len ? g_array_index (self->inlined, guint32, i + 1) : outer;

          if (i == 0)
            location.frame = g_array_index (self->inlined, guint32, 0);
          g_array_append_val (self->inline_frames, next);
        }
      g_array_append_val (self->location_rows, location);
      found = GUINT_TO_POINTER (self->location_rows->len);
      g_hash_table_insert (self->locations, g_strdup (key->str), found);
    }
  g_array_set_size (self->inlined, 0);
  return GPOINTER_TO_UINT (found) - 1;
}

/* "outer->inner": perf-map-agent's way to name what was inlined into a method. */
static void
add_frame (Reading *self, const ScriptFrame *frame)
{
  ScriptFrame own = *frame;
  guint32 index, module;

  if (!self->open || self->stack->len >= FRAMES_AT_MOST || (own.name.n > 0 && own.name.text[0] == '('))
    return;
  if (is_text (own.module, "inlined"))
    {
      /* Its module is that of the function it was inlined into, which follows. */
      index = frame_of (self, own.name, GLOW_NONE, TRUE);
      g_array_append_val (self->inlined, index);
      return;
    }
  module = module_of (self, own.module);
  if (module != GLOW_NONE && g_array_index (self->builder->modules, GlowModule, module).kind == GLOW_MODULE_JIT)
    for (const char *arrow; own.name.n > 4 && (arrow = g_strrstr_len (own.name.text, own.name.n, "->")) != NULL && arrow > own.name.text;)
      {
        ScriptText inner = { arrow + 2, own.name.text + own.name.n - (arrow + 2) };

        index = frame_of (self, inner, module, TRUE);
        g_array_append_val (self->inlined, index);
        own.name.n = arrow - own.name.text;
      }
  index = location_of (self, &own);
  g_array_append_val (self->stack, index);
}

/* The sample at hand is whole. */
static void
close_sample (Reading *self)
{
  guint32 chain = 0, stack = 0;

  if (!self->open)
    return;
  self->open = FALSE;
  g_array_set_size (self->inlined, 0);
  for (guint i = self->stack->len; i-- > 0;)
    {
      guint32 index = g_array_index (self->stack, guint32, i);
      const GlowLocation *location = &g_array_index (self->location_rows, GlowLocation, index);

      chain = glow_trie_intern (&self->chains, chain, index);
      for (guint32 k = location->n_inlined; k-- > 0;)
        stack = glow_trie_intern (&self->stacks, stack, g_array_index (self->inline_frames, guint32, location->first_inlined + k));
      stack = glow_trie_intern (&self->stacks, stack, location->frame);
    }
  self->row.chain = chain;
  self->row.stack = stack;
  g_array_append_val (self->rows, self->row);
}

static void
open_sample (Reading *self, const ScriptSample *sample)
{
  ScriptFrame frame;

  close_sample (self);
  self->open = TRUE;
  g_array_set_size (self->stack, 0);
  self->row = (Row) { .time = sample->time, .weight = sample->period > 0 ? sample->period : 1, .cpu = sample->cpu };
  self->row.event = event_of (self, sample);
  self->row.thread = thread_of (self, sample);
  self->has_time |= sample->has_time;
  self->has_cpu |= sample->cpu != G_MAXUINT16;
  if (sample->rest.n > 0 && perf_script_parse_frame (sample->rest.text, sample->rest.n, &frame))
    add_frame (self, &frame);
}

/* "# hostname : box" */
static void
read_comment (Reading *self, const char *line, gsize n)
{
  GlowProfileInfo *info = &self->builder->info;
  const struct { const char *key; const char **where; } keys[] = {
    { "hostname", &info->hostname }, { "os release", &info->os_release }, { "arch", &info->arch }, { "perf version", &info->perf_version },
    { "cpudesc", &info->cpu_description }, { "cmdline", &info->command_line },
  };
  const char *colon = memchr (line, ':', n);
  g_autofree char *key = NULL, *value = NULL;

  if (n < 3 || colon == NULL)
    return;
  key = g_strstrip (g_strndup (line + 1, colon - line - 1));
  value = g_strstrip (g_strndup (colon + 1, line + n - colon - 1));
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (strcmp (key, keys[i].key) == 0 && *value != '\0')
      *keys[i].where = g_string_chunk_insert_const (self->builder->chunk, value);
}

/* "\t 2cb8 lift+0x8", then "  chains.c:90 (inlined)": perf's way with -F +srcline. TRUE where the line is one of these. */
static gboolean
read_inlined_in_source (Reading *self, const char *line, gsize n)
{
  static const char mark[] = " (inlined)";
  gsize name = 0;

  if (n > strlen (mark) && line[0] == ' ' && memcmp (line + n - strlen (mark), mark, strlen (mark)) == 0 && self->waiting->len > 0)
    {
      ScriptFrame frame = { 0 };

      g_string_append (self->waiting, mark);
      if (perf_script_parse_frame (self->waiting->str, self->waiting->len, &frame))
        add_frame (self, &frame);
      g_string_truncate (self->waiting, 0);
      return TRUE;
    }
  g_string_truncate (self->waiting, 0);
  if (line[0] != '\t')
    return FALSE;
  while (name < n && g_ascii_isspace (line[name]))
    name++;
  while (name < n && g_ascii_isxdigit (line[name]))
    name++;
  if (name + 1 >= n || line[name] != ' ')
    return FALSE;
  g_string_append_len (self->waiting, line, n);
  return TRUE;
}

static void
read_line (Reading *self, const char *line, gsize n)
{
  ScriptSample sample;
  ScriptFrame frame;

  self->lines++;
  switch (perf_script_parse_line (line, n, &sample, &frame))
    {
    case SCRIPT_LINE_BLANK: close_sample (self); break;
    case SCRIPT_LINE_COMMENT: read_comment (self, line, n); break;
    case SCRIPT_LINE_SAMPLE: open_sample (self, &sample); break;
    case SCRIPT_LINE_FRAME: add_frame (self, &frame); break;
    case SCRIPT_LINE_OTHER:
      if (self->open && read_inlined_in_source (self, line, n))
        break;
      /* "  file.c:12" below a frame says where it is in the source. */
      if (n > 2 && line[0] == ' ' && line[1] == ' ' && self->open && self->stack->len > 0)
        break;
      if (self->n_other++ == 0)
        {
          self->first_other = self->lines;
          self->other = g_strndup (line, MIN (n, 60));
        }
      break;
    }
}

static gint
compare_rows (gconstpointer a, gconstpointer b)
{
  const Row *left = a, *right = b;

  return left->time < right->time ? -1 : left->time > right->time;
}

static GlowProfile *
make_profile (Reading *self, GlowInput *input)
{
  GlowProfileBuilder *builder = self->builder;
  GlowSampleArrays samples = { .n = self->rows->len };
  GlowStackArrays stacks, chains;
  guint32 n_locations = self->location_rows->len, n_inline = self->inline_frames->len;
  gsize n = MAX (samples.n, 1);

  if (self->has_time)
    g_array_sort (self->rows, compare_rows);
  samples.time = self->has_time ? malloc (n * sizeof (guint64)) : NULL;
  samples.thread = malloc (n * sizeof (guint32));
  samples.cpu = self->has_cpu ? malloc (n * sizeof (guint16)) : NULL;
  samples.event = malloc (n * sizeof (guint16));
  samples.weight = malloc (n * sizeof (guint64));
  samples.stack = malloc (n * sizeof (guint32));
  samples.chain = malloc (n * sizeof (guint32));
  for (gsize i = 0; i < samples.n; i++)
    {
      const Row *row = &g_array_index (self->rows, Row, i);

      if (samples.time != NULL)
        samples.time[i] = row->time;
      samples.thread[i] = row->thread;
      if (samples.cpu != NULL)
        samples.cpu[i] = row->cpu;
      samples.event[i] = row->event;
      samples.weight[i] = row->weight;
      samples.stack[i] = row->stack;
      samples.chain[i] = row->chain;
    }
  if (samples.n > 0 && samples.time != NULL)
    {
      builder->info.first_time = samples.time[0];
      builder->info.last_time = samples.time[samples.n - 1];
    }
  g_ptr_array_add (builder->files, g_strdup (glow_input_get_path (input) != NULL ? glow_input_get_path (input) : glow_input_get_name (input)));
  builder->info.format = "perf-script";
  builder->info.format_detail = glow_input_get_coding (input) != NULL ? g_string_chunk_insert_const (builder->chunk, glow_input_get_coding (input)) : NULL;
  builder->info.file_bytes = glow_input_get_size (input);
  builder->named = TRUE;
  if (self->n_other > 0)
    glow_warnings_add (builder->warnings, "bad-line", NULL, self->n_other, self->first_other, NULL,
                       _("Line %" PRIu64 " is neither a sample nor a frame: “%s”"), self->first_other, self->other);
  stacks = (GlowStackArrays) { self->stacks.n, g_steal_pointer (&self->stacks.parent), g_steal_pointer (&self->stacks.item) };
  chains = (GlowStackArrays) { self->chains.n, g_steal_pointer (&self->chains.parent), g_steal_pointer (&self->chains.item) };
  return glow_profile_builder_finish (g_steal_pointer (&self->builder), &samples, &stacks, &chains,
                                      (GlowLocation *) (gpointer) g_array_free (g_steal_pointer (&self->location_rows), FALSE), n_locations,
                                      (guint32 *) (gpointer) g_array_free (g_steal_pointer (&self->inline_frames), FALSE), n_inline);
}

/* Whole lines of the buffer; returns what was taken. */
static gsize
read_lines (Reading *self, const char *text, gsize n, gboolean last)
{
  gsize at = 0;

  if (self->lines == 0 && n >= 3 && memcmp (text, "\357\273\277", 3) == 0)
    at = 3;
  while (at < n)
    {
      const char *eol = memchr (text + at, '\n', n - at);
      gsize length = eol != NULL ? (gsize) (eol - text) - at : n - at;

      if (eol == NULL && !last && length < LINE_AT_MOST)
        break;
      read_line (self, text + at, length);
      at += length + (eol != NULL);
    }
  return at;
}

static gboolean
read_all (Reading *self, GlowInput *input, const GlowLoadOptions *options, GCancellable *cancellable, GError **error)
{
  g_autoptr(GByteArray) buffer = g_byte_array_new ();
  guint64 done = 0;

  for (;;)
    {
      g_autoptr(GError) local = NULL;
      gsize used = buffer->len, taken;
      gssize got;

      g_byte_array_set_size (buffer, used + BUFFER);
      got = glow_input_read (input, buffer->data + used, BUFFER, cancellable, &local);
      g_byte_array_set_size (buffer, used + MAX (got, 0));
      if (local != NULL && g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      taken = read_lines (self, (const char *) buffer->data, buffer->len, got <= 0);
      g_byte_array_remove_range (buffer, 0, taken);
      if (got <= 0)
        break;
      done += got;
      if (options != NULL && options->progress != NULL)
        {
          guint64 size = glow_input_is_mapped (input) ? glow_input_get_size (input) : 0;
          GlowProgress progress = { .stage = GLOW_STAGE_READING, .fraction = size > 0 ? (double) done / size : -1, .bytes = done, .bytes_total = size,
                                    .samples = self->rows->len };

          options->progress (&progress, options->user_data);
        }
    }
  close_sample (self);
  return TRUE;
}

static GlowProfile *
read_input (GlowInput *input, const GlowLoadOptions *options, GCancellable *cancellable, GError **error)
{
  Reading self = {
    .builder = glow_profile_builder_new (),
    .events = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
    .threads = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
    .processes = g_hash_table_new (NULL, NULL),
    .modules = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
    .locations = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL),
    .location_rows = g_array_new (FALSE, FALSE, sizeof (GlowLocation)),
    .inline_frames = g_array_new (FALSE, FALSE, sizeof (guint32)),
    .rows = g_array_new (FALSE, FALSE, sizeof (Row)),
    .stack = g_array_new (FALSE, FALSE, sizeof (guint32)),
    .inlined = g_array_new (FALSE, FALSE, sizeof (guint32)),
    .waiting = g_string_new (NULL),
  };
  GlowProfile *profile = NULL;

  glow_trie_init (&self.chains, 0);
  glow_trie_init (&self.stacks, 0);
  if (read_all (&self, input, options, cancellable, error))
    profile = make_profile (&self, input);
  g_clear_pointer (&self.builder, glow_profile_builder_free);
  g_hash_table_unref (self.events);
  g_hash_table_unref (self.threads);
  g_hash_table_unref (self.processes);
  g_hash_table_unref (self.modules);
  g_hash_table_unref (self.locations);
  g_clear_pointer (&self.location_rows, g_array_unref);
  g_clear_pointer (&self.inline_frames, g_array_unref);
  g_array_unref (self.rows);
  g_array_unref (self.stack);
  g_array_unref (self.inlined);
  g_string_free (self.waiting, TRUE);
  glow_trie_clear (&self.chains);
  glow_trie_clear (&self.stacks);
  g_free (self.other);
  return profile;
}

/* A sample's lines end with an empty one. */
static gboolean
ends_whole (const guint8 *bytes, gsize n)
{
  return n > 1 && bytes[n - 1] == '\n' && bytes[n - 2] == '\n';
}

const GlowFormat glow_format_perf_script = {
  .info = { "perf-script", N_("perf script text"), "text/plain" },
  .recognise = perf_script_recognise,
  .read = read_input,
  .ends_whole = ends_whole,
};
