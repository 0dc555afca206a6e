/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folded stacks: a share of a mapped file, or the blocks of a stream, to each worker; their tables merged; a profile of the sum.
 *
 * A profile of folded text has one sample a distinct stack, whose weight is the sum of its lines. It does not say what it counts: the
 * weights are taken for numbers of samples, as flamegraph.pl labels them, though since 2022 stackcollapse-perf.pl writes periods. */
#include <config.h>

#include <inttypes.h>
#include <glib/gi18n-lib.h>

#include "formats/folded/folded-private.h"
#include "formats/format-private.h"
#include "model/cancelled-private.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* What a worker reads between looks at the clock and the cancellable; whole pages. */
#define STRIDE ((gsize) 1 << 20)
/* A worker with less to do than this is not worth its tables. */
#define LEAST_SHARE ((gsize) 4 << 20)
#define MOST_WORKERS 8
#define STREAM_BLOCK ((gsize) 4 << 20)
#define STREAM_BLOCKS 3

typedef struct {
  GlowInput *input;
  const GlowLoadOptions *options;
  GCancellable *cancellable;
  guint64 bytes_total;         /* 0 where not known */
  guint64 bytes_done;          /* atomic by __atomic builtins */
  gint64 last_report;
  guint columns;
} Reading;

typedef struct {
  Reading *reading;
  const char *from, *to;
  gboolean reports;
  FoldedTable table;
} Share;

static void
report (Reading *reading, guint64 rows)
{
  GlowProgress progress = { .stage = GLOW_STAGE_READING, .fraction = -1, .bytes_total = reading->bytes_total, .samples = rows };
  gint64 now = g_get_monotonic_time ();

  if (reading->options == NULL || reading->options->progress == NULL || now - reading->last_report < 80000)
    return;
  reading->last_report = now;
  progress.bytes = __atomic_load_n (&reading->bytes_done, __ATOMIC_RELAXED);
  if (reading->bytes_total > 0)
    progress.fraction = MIN ((double) progress.bytes / reading->bytes_total, 1);
  reading->options->progress (&progress, reading->options->user_data);
}

/* Pages behind @to are not needed again; they stay in the page cache, but leave this process. */
static void
let_go (const char *from, const char *to)
{
  gsize page = sysconf (_SC_PAGESIZE);
  guintptr first = ((guintptr) from + page - 1) & ~(page - 1), last = (guintptr) to & ~(page - 1);

  if (last > first)
    madvise ((gpointer) first, last - first, MADV_DONTNEED);
}

static gpointer
read_share (gpointer data)
{
  Share *share = data;
  Reading *reading = share->reading;

  if (reading->cancellable != NULL)
    g_cancellable_push_current (reading->cancellable);
  while (share->from < share->to && !g_cancellable_is_cancelled (reading->cancellable))
    {
      const char *stop = share->to;

      if ((gsize) (share->to - share->from) > STRIDE)
        {
          const char *eol = memchr (share->from + STRIDE, '\n', share->to - share->from - STRIDE);

          if (eol != NULL)
            stop = eol + 1;
        }
      folded_table_add (&share->table, share->from, stop - share->from);
      let_go (share->from, stop);
      __atomic_fetch_add (&reading->bytes_done, stop - share->from, __ATOMIC_RELAXED);
      share->from = stop;
      if (share->reports)
        report (reading, share->table.n_rows);
    }
  if (reading->cancellable != NULL)
    g_cancellable_pop_current (reading->cancellable);
  return NULL;
}

/* A mapped file: a contiguous share each, cut at line ends, so that what is near in the file is near in the tables. */
static gboolean
read_mapped (Reading *reading, const char *text, gsize n, FoldedTable *table, GError **error)
{
  guint wanted = reading->options != NULL && reading->options->n_threads > 0 ? reading->options->n_threads : g_get_num_processors ();
  guint n_shares = CLAMP (MIN (n / LEAST_SHARE, wanted), 1, MOST_WORKERS);
  Share shares[MOST_WORKERS];
  GThread *threads[MOST_WORKERS] = { NULL };
  const char *from = text, *end = text + n;
  gboolean ok;

  for (guint i = 0; i < n_shares; i++)
    {
      const char *to = i + 1 < n_shares ? MAX (from, text + n / n_shares * (i + 1)) : end;
      const char *eol = to < end ? memchr (to, '\n', end - to) : NULL;

      shares[i] = (Share) { reading, from, eol != NULL ? eol + 1 : end, i == 0, { 0 } };
      folded_table_init (&shares[i].table, reading->columns);
      from = shares[i].to;
    }
  for (guint i = 1; i < n_shares; i++)
    threads[i] = g_thread_new ("glow-folded", read_share, &shares[i]);
  read_share (&shares[0]);
  for (guint i = 1; i < n_shares; i++)
    g_thread_join (threads[i]);
  ok = !g_cancellable_set_error_if_cancelled (reading->cancellable, error);
  *table = shares[0].table;
  for (guint i = 1; i < n_shares; i++)
    {
      if (ok)
        folded_table_merge (table, &shares[i].table, i + 1 < n_shares);
      folded_table_clear (&shares[i].table);
    }
  return ok;
}

/* Blocks of whole lines from the reading to the parsing thread, and back when they are done with. */
typedef struct {
  char *bytes;
  gsize n, size;
} Block;

typedef struct {
  Reading *reading;
  FoldedTable *table;
  GAsyncQueue *full, *empty;   /* of Block; one with n = 0 ends the work */
} Stream;

static gpointer
parse_blocks (gpointer data)
{
  Stream *stream = data;

  for (;;)
    {
      Block *block = g_async_queue_pop (stream->full);
      gsize n = block->n;

      if (n > 0 && !g_cancellable_is_cancelled (stream->reading->cancellable))
        folded_table_add (stream->table, block->bytes, n);
      g_async_queue_push (stream->empty, block);
      if (n == 0)
        return NULL;
    }
}

static void
block_free (Block *block)
{
  g_free (block->bytes);
  g_free (block);
}

/* Fills @block behind what it holds. FALSE at the end. */
static gboolean
fill_block (Reading *reading, Block *block, GError **error)
{
  while (block->n < block->size)
    {
      gssize got = glow_input_read (reading->input, block->bytes + block->n, block->size - block->n, reading->cancellable, error);

      if (got <= 0)
        return FALSE;
      block->n += got;
      __atomic_fetch_add (&reading->bytes_done, got, __ATOMIC_RELAXED);
    }
  return TRUE;
}

/* What follows the last line end of @block begins @next. Where there is no line end, the line grows: a bound keeps it from growing for
 * ever, and what is beyond is dropped as part of a line that is too long. */
static void
carry_over (Block *block, Block *next)
{
  const char *eol = memrchr (block->bytes, '\n', block->n);
  gsize rest = eol != NULL ? block->n - (eol + 1 - block->bytes) : block->n;

  if (rest > next->size / 2)
    {
      next->size = rest * 2;
      next->bytes = g_realloc (next->bytes, next->size);
    }
  if (rest > FOLDED_MAX_LINE)
    {
      memcpy (next->bytes, block->bytes + block->n - rest, FOLDED_MAX_LINE + 1);
      next->n = FOLDED_MAX_LINE + 1;
    }
  else
    {
      memcpy (next->bytes, block->bytes + block->n - rest, rest);
      next->n = rest;
    }
  block->n -= rest;
}

static gboolean
read_stream (Reading *reading, FoldedTable *table, GError **error)
{
  g_autoptr(GAsyncQueue) full = g_async_queue_new_full ((GDestroyNotify) block_free);
  g_autoptr(GAsyncQueue) empty = g_async_queue_new_full ((GDestroyNotify) block_free);
  Stream stream = { reading, table, full, empty };
  GThread *thread;
  Block *block;
  gboolean more = TRUE;
  g_autoptr(GError) local = NULL;

  for (guint i = 0; i < STREAM_BLOCKS; i++)
    {
      block = g_new0 (Block, 1);
      block->size = STREAM_BLOCK;
      block->bytes = g_malloc (block->size);
      g_async_queue_push (empty, block);
    }
  folded_table_init (table, reading->columns);
  thread = g_thread_new ("glow-folded", parse_blocks, &stream);
  block = g_async_queue_pop (empty);
  while (more)
    {
      Block *next;

      more = fill_block (reading, block, &local);
      if (!more)
        break;
      next = g_async_queue_pop (empty);
      next->n = 0;
      carry_over (block, next);
      if (block->n > 0)
        g_async_queue_push (full, block);
      else
        g_async_queue_push (empty, block);
      block = next;
      report (reading, 0);
    }
  if (block->n > 0)
    {
      g_async_queue_push (full, block);
      block = g_async_queue_pop (empty);
    }
  block->n = 0;
  g_async_queue_push (full, block);
  g_thread_join (thread);
  if (g_cancellable_set_error_if_cancelled (reading->cancellable, error))
    return FALSE;
  /* Nothing could be had but the damage. */
  if (local != NULL && table->n_rows == 0)
    {
      g_set_error (error, local->domain, local->code, _("“%s” cannot be read: %s"), glow_input_get_name (reading->input), local->message);
      return FALSE;
    }
  return TRUE;
}

/* ---- the profile ---- */

static guint32 *
add_frames (GlowProfileBuilder *builder, const FoldedTable *table)
{
  guint32 *map = g_new (guint32, MAX (table->frames->len, 1));

  for (guint i = 0; i < table->frames->len; i++)
    {
      const FoldedFrame *folded = &g_array_index (table->frames, FoldedFrame, i);
      GlowFrame frame = { .module = GLOW_NONE, .kind = folded->kind };

      frame.name = frame.raw_name = glow_strings_intern (builder->strings, folded->text, folded->length);
      map[i] = glow_profile_builder_frame (builder, &frame);
    }
  return map;
}

static void
add_event (GlowProfileBuilder *builder, const FoldedTable *table, const char *name)
{
  GlowEvent event = { .unit = GLOW_UNIT_SAMPLES, .weight_decimals = table->decimals, .weight_counts_samples = TRUE };

  event.name = glow_strings_intern (builder->strings, name, -1);
  g_array_append_val (builder->events, event);
}

/* Different texts can be one stack ("a;b" and "a;b;"): their rows become one. Returns how many rows are left. */
static guint32
unite_rows (FoldedTable *table)
{
  guint32 *row_of_node = calloc (table->n_nodes, sizeof (guint32));
  guint32 n = 0;

  if (row_of_node == NULL)
    g_error ("Out of memory: %u entries of a table of stacks", table->n_nodes);
  for (guint32 i = 0; i < table->n_rows; i++)
    {
      guint32 *row = &row_of_node[table->row_node[i]];

      if (glow_cancelled (i))
        break;
      if (*row == 0)
        {
          table->row_node[n] = table->row_node[i];
          for (guint c = 0; c < table->columns; c++)
            table->row_weight[c][n] = table->row_weight[c][i];
          *row = ++n;
          continue;
        }
      for (guint c = 0; c < table->columns; c++)
        table->row_weight[c][*row - 1] += table->row_weight[c][i];
    }
  free (row_of_node);
  table->n_rows = n;
  return n;
}

/* Two columns are two events; a stack has a sample of each in which it has weight. */
static void
make_two_columns (FoldedTable *table, GlowSampleArrays *samples)
{
  gsize n = 0;

  samples->event = malloc (MAX ((gsize) table->n_rows * 2, 1) * sizeof (guint16));
  samples->stack = malloc (MAX ((gsize) table->n_rows * 2, 1) * sizeof (guint32));
  samples->weight = malloc (MAX ((gsize) table->n_rows * 2, 1) * sizeof (guint64));
  if (samples->event == NULL || samples->stack == NULL || samples->weight == NULL)
    g_error ("Out of memory: %u rows of stacks", table->n_rows);
  for (guint32 i = 0; i < table->n_rows; i++)
    for (guint c = 0; c < 2; c++)
      if (table->row_weight[c][i] > 0 || (c == 1 && table->row_weight[0][i] == 0))
        {
          samples->event[n] = c;
          samples->stack[n] = table->row_node[i];
          samples->weight[n++] = table->row_weight[c][i];
        }
  samples->n = n;
}

static void
add_warnings (GlowWarnings *warnings, const FoldedTable *table)
{
  if (table->bad_lines > 0)
    {
      g_autofree char *excerpt = g_utf8_make_valid (table->bad_text, -1);

      glow_warnings_add (warnings, "bad-line", NULL, table->bad_lines, table->first_bad,
                         _("Lines as “frame;frame;frame 12” are read. The others were left out."),
                         _("Line %" PRIu64 " does not end in a blank and a number: “%s”"), table->first_bad,
                         g_strchomp (excerpt));
    }
  if (table->inexact > 0)
    glow_warnings_add (warnings, "rounded-weight", NULL, table->inexact, 0, NULL,
                       _("Weights with more digits than can be kept were rounded to %u decimals"), table->decimals);
  if (table->saturated > 0)
    glow_warnings_add (warnings, "weight-overflow", NULL, table->saturated, 0, NULL,
                       _("The weights of the file add up to more than 2⁶⁴; what is above that was cut off"));
  if (table->short_lines > 0)
    glow_warnings_add (warnings, "missing-column", NULL, table->short_lines, 0, NULL,
                       _("Lines with one weight in a file with two columns were counted as “after”"));
}

static void
describe (GlowProfileBuilder *builder, Reading *reading, const FoldedTable *table)
{
  const char *coding = glow_input_get_coding (reading->input), *path = glow_input_get_path (reading->input);
  g_autoptr(GString) detail = g_string_new (table->columns == 2 ? "two columns" : "one column");

  if (coding != NULL)
    g_string_append_printf (detail, ", %s", coding);
  builder->named = TRUE;
  builder->info.format = "folded";
  builder->info.format_detail = g_string_chunk_insert (builder->chunk, detail->str);
  builder->info.file_bytes = glow_input_get_size (reading->input);
  if (builder->info.file_bytes == 0)
    builder->info.file_bytes = reading->bytes_done;
  g_ptr_array_add (builder->files, g_strdup (path != NULL ? path : glow_input_get_name (reading->input)));
}

/* Takes the table's columns. */
static GlowProfile *
make_profile (Reading *reading, FoldedTable *table)
{
  GlowProfileBuilder *builder = glow_profile_builder_new ();
  g_autofree guint32 *frames = add_frames (builder, table);
  GlowSampleArrays samples = { 0 };
  GlowStackArrays stacks = { table->n_nodes, NULL, NULL };

  for (guint32 id = 1; id < table->n_nodes; id++)
    table->item[id] = frames[table->item[id]];
  samples.n = unite_rows (table);
  if (table->columns == 2)
    {
      add_event (builder, table, "before");
      add_event (builder, table, "after");
      make_two_columns (table, &samples);
    }
  else
    {
      add_event (builder, table, "samples");
      samples.stack = g_steal_pointer (&table->row_node);
      samples.weight = g_steal_pointer (&table->row_weight[0]);
    }
  stacks.parent = g_steal_pointer (&table->parent);
  stacks.item = g_steal_pointer (&table->item);
  describe (builder, reading, table);
  add_warnings (builder->warnings, table);
  return glow_profile_builder_finish (builder, &samples, &stacks, NULL, NULL, 0, NULL, 0);
}

static int
recognise (const guint8 *head, gsize n)
{
  return folded_recognise (head, n, NULL);
}

static GlowProfile *
read_folded (GlowInput *input, const GlowLoadOptions *options, GCancellable *cancellable, GError **error)
{
  Reading reading = { .input = input, .options = options, .cancellable = cancellable };
  GlowProfile *profile = NULL;
  FoldedTable table = { 0 };
  const guint8 *head;
  gsize n;
  gboolean ok;

  head = glow_input_peek (input, 64 * 1024, &n, error);
  if (head == NULL)
    return NULL;
  folded_recognise (head, n, &reading.columns);
  if (glow_input_is_mapped (input))
    {
      const char *text = (const char *) glow_input_map (input, &n, cancellable, error);
      gsize mark = n >= 3 && memcmp (text, "\357\273\277", 3) == 0 ? 3 : 0;

      reading.bytes_total = n;
      ok = read_mapped (&reading, text + mark, n - mark, &table, error);
    }
  else
    ok = read_stream (&reading, &table, error);
  if (ok && table.n_rows == 0)
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_EMPTY, _("“%s” holds no stack in %" PRIu64 " lines, expected “frame;frame 12”"),
                   glow_input_get_name (input), table.lines);
      ok = FALSE;
    }
  if (ok)
    profile = make_profile (&reading, &table);
  folded_table_clear (&table);
  return profile;
}

static gboolean
ends_whole (const guint8 *bytes, gsize n)
{
  return n > 0 && bytes[n - 1] == '\n';
}

const GlowFormat glow_format_folded = {
  .info = { "folded", N_("folded stacks"), "text/x-folded-stacks" },
  .recognise = recognise,
  .read = read_folded,
  .ends_whole = ends_whole,
};
