/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is compared, and the diff that answers it: the newest question wins, the last answer stays until there is another. */
#include <config.h>

#include "ui/comparison-private.h"

#include <glib/gi18n.h>

#include <afterglow/diff-text.h>
#include <math.h>
#include <string.h>

/* Up to so many stacks every path is looked into; above, those that could be seen in a pane of so many device pixels. */
#define WHOLE_UP_TO 100000
#define PANE_PIXELS 2400
#define LEAST_PIXELS 0.1

G_DEFINE_FINAL_TYPE (GlowComparison, glow_comparison, G_TYPE_OBJECT)

static guint changed_signal, refused_signal;

void
glow_comparison_tell (GlowComparison *self, GlowComparedChanges changes)
{
  g_signal_emit (self, changed_signal, 0, (guint) changes);
}

/* ---- the sides ---- */

static GlowComparedRun *
run_new (const char *path, GlowQuery *query)
{
  GlowComparedRun *run = g_new0 (GlowComparedRun, 1);

  run->path = path != NULL ? g_strdup (path) : NULL;
  run->query = query != NULL ? glow_query_ref (query) : NULL;
  return run;
}

/* A file that was read for either side before need not be read again. */
static void
add_file (GlowComparison *self, GPtrArray *runs, const char *path, const GPtrArray *known)
{
  GlowComparedRun *run = run_new (path, NULL);

  for (guint i = 0; known != NULL && i < known->len && run->profile == NULL; i++)
    {
      const GlowComparedRun *other = g_ptr_array_index (known, i);

      if (g_strcmp0 (other->path, path) == 0 && other->profile != NULL)
        run->profile = g_object_ref (other->profile);
    }
  g_ptr_array_add (runs, run);
}

static void
drop_answer (GlowComparison *self)
{
  glow_job_cancel (&self->compute_job);
  glow_job_cancel (&self->width_job);
  glow_job_cancel (&self->search_job);
  glow_comparison_stop_moving (self);
  glow_comparison_stop_leading (self);
  g_clear_handle_id (&self->rest_timer, g_source_remove);
  g_clear_pointer (&self->diff, glow_diff_unref);
  g_clear_pointer (&self->search, glow_search_free);
  g_clear_pointer (&self->findings, g_free);
  g_clear_pointer (&self->limits, g_free);
  self->selected = self->selected_key = self->hover = GLOW_NONE;
  self->from = self->scroll = 0;
  self->to = self->finest = 1;
}

static void
begin (GlowComparison *self)
{
  g_strfreev (self->document_paths);
  self->document_paths = g_strdupv ((char **) glow_document_get_paths (self->document));
  glow_job_cancel (&self->read_job);
  drop_answer (self);
  g_clear_pointer (&self->options.renames, g_hash_table_unref);
  glow_comparison_tell (self, GLOW_COMPARED_DIFF | GLOW_COMPARED_SELECTION | GLOW_COMPARED_SIGHT);
  glow_comparison_start (self);
}

void
glow_comparison_compare_files (GlowComparison *self, const char *const *paths, guint side)
{
  g_autoptr(GPtrArray) known = NULL;

  if (paths[0] == NULL || glow_document_get_profile (self->document) == NULL)
    return;
  known = self->runs[side];
  self->runs[side] = g_ptr_array_new_with_free_func (glow_compared_run_free);
  for (guint i = 0; paths[i] != NULL; i++)
    add_file (self, self->runs[side], paths[i], known);
  g_ptr_array_set_size (self->runs[!side], 0);
  g_ptr_array_add (self->runs[!side], run_new (NULL, NULL));
  begin (self);
}

void
glow_comparison_add_files (GlowComparison *self, const char *const *paths, guint side)
{
  for (guint i = 0; paths[i] != NULL; i++)
    add_file (self, self->runs[side], paths[i], NULL);
  if (paths[0] != NULL)
    glow_comparison_start (self);
}

void
glow_comparison_remove_run (GlowComparison *self, guint side, guint run)
{
  if (run >= self->runs[side]->len || self->runs[side]->len < 2)
    return;
  g_ptr_array_remove_index (self->runs[side], run);
  glow_comparison_compute (self);
}

void
glow_comparison_compare_queries (GlowComparison *self, GlowQuery *before, GlowQuery *after)
{
  GlowQuery *const queries[] = { before, after };

  for (guint s = 0; s < GLOW_N_SIDES; s++)
    {
      g_ptr_array_set_size (self->runs[s], 0);
      g_ptr_array_add (self->runs[s], run_new (NULL, queries[s]));
    }
  begin (self);
}

void
glow_comparison_swap (GlowComparison *self)
{
  GPtrArray *before = self->runs[GLOW_BEFORE];
  double units = self->units[GLOW_BEFORE];

  if (self->state == GLOW_COMPARISON_EMPTY || self->state == GLOW_COMPARISON_READING)
    return;
  self->runs[GLOW_BEFORE] = self->runs[GLOW_AFTER];
  self->runs[GLOW_AFTER] = before;
  self->units[GLOW_BEFORE] = self->units[GLOW_AFTER];
  self->units[GLOW_AFTER] = units;
  if (self->options.renames != NULL)
    {
      GHashTable *turned = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      GHashTableIter iter;
      gpointer from, to;

      g_hash_table_iter_init (&iter, self->options.renames);
      while (g_hash_table_iter_next (&iter, &from, &to))
        g_hash_table_insert (turned, g_strdup (to), g_strdup (from));
      g_hash_table_unref (self->options.renames);
      self->options.renames = turned;
    }
  glow_comparison_compute (self);
}

void
glow_comparison_clear (GlowComparison *self)
{
  glow_job_cancel (&self->read_job);
  drop_answer (self);
  for (guint s = 0; s < GLOW_N_SIDES; s++)
    g_ptr_array_set_size (self->runs[s], 0);
  g_clear_pointer (&self->options.renames, g_hash_table_unref);
  g_clear_error (&self->error);
  self->state = GLOW_COMPARISON_EMPTY;
  glow_comparison_tell (self, GLOW_COMPARED_STATE | GLOW_COMPARED_DIFF | GLOW_COMPARED_SELECTION | GLOW_COMPARED_SIGHT);
}

/* ---- computing ---- */

typedef struct {
  GPtrArray *runs[GLOW_N_SIDES];   /* of GlowDiffRun */
  GlowDiffOptions options;
  GlowDiffWidth width;
} Question;

typedef struct {
  GlowDiff *diff;
  char *findings, *limits;
} Answer;

static void
question_free (gpointer data)
{
  Question *self = data;

  for (guint s = 0; s < GLOW_N_SIDES; s++)
    g_ptr_array_unref (self->runs[s]);
  g_free (self->options.unit);
  g_clear_pointer (&self->options.renames, g_hash_table_unref);
  g_free (self);
}

static void
answer_free (gpointer data)
{
  Answer *self = data;

  g_clear_pointer (&self->diff, glow_diff_unref);
  g_free (self->findings);
  g_free (self->limits);
  g_free (self);
}

/* Everything that takes a look at every row or path is made here. */
static gpointer
compute (gpointer data, GCancellable *cancellable, GError **error)
{
  Question *question = data;
  Answer *answer;
  GlowDiff *diff = glow_diff_compute (question->runs[GLOW_BEFORE], question->runs[GLOW_AFTER], &question->options, cancellable, error);

  if (diff == NULL)
    return NULL;
  answer = g_new0 (Answer, 1);
  answer->diff = diff;
  glow_diff_get_tree (diff, question->width);
  answer->findings = glow_diff_text_findings (diff, GLOW_DIFF_FUNCTIONS, GLOW_DIFF_TOTAL);
  answer->limits = glow_diff_text_limits (diff);
  return answer;
}

static void start_search (GlowComparison *self);

/* What was zoomed to and chosen, by their paths, for the numbers of another union are others. */
typedef struct {
  char *container, *selected;
  double from, to;             /* of the container */
} Memory;

static void
remember (GlowComparison *self, Memory *memory)
{
  GlowCallTree *tree = glow_comparison_get_tree (self);
  double low, high;
  guint32 container;

  *memory = (Memory) { .to = 1 };
  if (tree == NULL)
    return;
  container = glow_layout_find_container (tree, self->from, self->to);
  glow_layout_node_extent (tree, container, &low, &high);
  memory->container = glow_call_tree_dup_stack (tree, container);
  memory->from = (self->from - low) / MAX (high - low, 1e-300);
  memory->to = (self->to - low) / MAX (high - low, 1e-300);
  if (self->selected != GLOW_NONE)
    memory->selected = glow_call_tree_dup_stack (tree, self->selected);
}

static void
recall (GlowComparison *self, Memory *memory)
{
  GlowCallTree *tree = glow_comparison_get_tree (self);
  const GlowDiffNodes *nodes = glow_diff_get_nodes (self->diff);
  double low, high;
  gboolean exact = FALSE;

  self->selected = self->selected_key = self->hover = GLOW_NONE;
  self->from = 0;
  self->to = 1;
  if (memory->container != NULL)
    {
      guint32 container = *memory->container != '\0' ? glow_call_tree_find_stack (tree, memory->container, &exact) : 0;

      glow_layout_node_extent (tree, container, &low, &high);
      if (high > low && (exact || container == 0) && (container != 0 || *memory->container == '\0'))
        {
          self->from = CLAMP (low + memory->from * (high - low), 0, 1);
          self->to = CLAMP (low + memory->to * (high - low), self->from + 1e-9, 1);
        }
    }
  if (memory->selected != NULL && *memory->selected != '\0')
    {
      guint32 node = glow_call_tree_find_stack (tree, memory->selected, &exact);

      if (exact)
        {
          self->selected = node;
          self->selected_key = nodes->key[node];
        }
    }
  g_free (memory->container);
  g_free (memory->selected);
}

static void
computed (gpointer owner, gpointer result, const GError *error)
{
  GlowComparison *self = owner;
  Answer *answer = result;
  Memory memory;

  if (answer == NULL)
    {
      glow_comparison_fail (self, error);
      return;
    }
  glow_comparison_lead (self);
  glow_comparison_stop_moving (self);
  glow_job_cancel (&self->width_job);
  remember (self, &memory);
  g_clear_pointer (&self->diff, glow_diff_unref);
  g_clear_pointer (&self->search, glow_search_free);
  g_free (self->findings);
  g_free (self->limits);
  self->diff = g_steal_pointer (&answer->diff);
  self->findings = g_steal_pointer (&answer->findings);
  self->limits = g_steal_pointer (&answer->limits);
  answer_free (answer);
  self->width = self->next_width;
  self->computed_options = self->options;
  self->computed_options.unit = NULL;
  self->computed_options.renames = NULL;
  recall (self, &memory);
  if (self->selected_key == GLOW_NONE)
    glow_comparison_follow_choice (self);
  self->state = GLOW_COMPARISON_READY;
  start_search (self);
  glow_comparison_tell (self, GLOW_COMPARED_STATE | GLOW_COMPARED_DIFF | GLOW_COMPARED_WIDTH | GLOW_COMPARED_SELECTION | GLOW_COMPARED_SIGHT | GLOW_COMPARED_SEARCH);
}

/* A question that has no answer leaves the last one where there is one. */
void
glow_comparison_fail (GlowComparison *self, const GError *error)
{
  g_clear_error (&self->error);
  self->error = error != NULL ? g_error_copy (error) : g_error_new_literal (GLOW_ERROR, GLOW_ERROR_FAILED, _("Nothing came of comparing them"));
  if (self->diff != NULL)
    {
      char *unit = self->options.unit;
      GHashTable *renames = self->options.renames;

      self->options = self->computed_options;
      self->options.unit = unit;
      self->options.renames = renames;
      for (guint s = 0; s < GLOW_N_SIDES; s++)
        for (guint i = self->runs[s]->len; i-- > 0;)
          {
            const GlowComparedRun *run = g_ptr_array_index (self->runs[s], i);

            if (run->path != NULL && run->profile == NULL)
              g_ptr_array_remove_index (self->runs[s], i);
          }
      self->state = GLOW_COMPARISON_READY;
      glow_comparison_tell (self, GLOW_COMPARED_STATE);
      g_signal_emit (self, refused_signal, 0, self->error->message);
      return;
    }
  self->state = GLOW_COMPARISON_FAILED;
  glow_comparison_tell (self, GLOW_COMPARED_STATE);
}

/* (transfer full) (nullable): NULL where a profile is not there yet */
static GPtrArray *
dup_side (GlowComparison *self, guint side)
{
  GPtrArray *runs = g_ptr_array_new_with_free_func ((GDestroyNotify) glow_diff_run_free);

  for (guint i = 0; i < self->runs[side]->len; i++)
    {
      const GlowComparedRun *own = g_ptr_array_index (self->runs[side], i);
      GlowProfile *profile = own->path != NULL ? own->profile : glow_document_get_profile (self->document);
      const char *const *paths = glow_document_get_paths (self->document);
      g_autofree char *label = own->path != NULL ? g_strdup (own->path) : paths != NULL && paths[1] == NULL ? g_strdup (paths[0]) : glow_document_dup_title (self->document);
      GlowDiffRun *run;

      if (profile == NULL)
        {
          g_ptr_array_unref (runs);
          return NULL;
        }
      run = glow_diff_run_new (profile, own->query != NULL ? own->query : glow_document_get_query (self->document), label);
      run->units = self->units[side] / self->runs[side]->len;
      g_ptr_array_add (runs, run);
    }
  return runs;
}

static double
count_stacks (const GPtrArray *runs)
{
  double n = 0;

  for (guint i = 0; i < runs->len; i++)
    n += glow_profile_get_stacks (((GlowDiffRun *) g_ptr_array_index (runs, i))->profile)->n;
  return n;
}

/* The share that is a tenth of a pixel wide in what is seen. */
static double
seen_share (GlowComparison *self)
{
  return LEAST_PIXELS / PANE_PIXELS * (self->to - self->from);
}

void
glow_comparison_compute (GlowComparison *self)
{
  g_autoptr(GPtrArray) before = NULL, after = NULL;
  Question *question;

  self->is_stale = TRUE;
  if (self->n_watchers == 0 || glow_document_is_naming (self->document) || self->runs[GLOW_BEFORE]->len == 0 || self->runs[GLOW_AFTER]->len == 0)
    return;
  if (glow_job_is_running (&self->read_job))
    return;                    /* it computes when it has read */
  before = dup_side (self, GLOW_BEFORE);
  after = dup_side (self, GLOW_AFTER);
  if (before == NULL || after == NULL)
    return;
  self->is_stale = FALSE;
  question = g_new0 (Question, 1);
  question->options = self->options;
  question->options.unit = g_strdup (self->options.unit);
  question->options.renames = self->options.renames != NULL ? g_hash_table_ref (self->options.renames) : NULL;
  question->options.min_share = count_stacks (before) + count_stacks (after) <= WHOLE_UP_TO ? 0 : MIN (seen_share (self), self->finest);
  question->width = self->next_width;
  question->runs[GLOW_BEFORE] = g_steal_pointer (&before);
  question->runs[GLOW_AFTER] = g_steal_pointer (&after);
  self->state = GLOW_COMPARISON_COMPUTING;
  glow_job_start (&self->compute_job, self, compute, question, question_free, answer_free, computed);
  glow_comparison_tell (self, GLOW_COMPARED_STATE | GLOW_COMPARED_PROGRESS);
}

void
glow_comparison_recompute (GlowComparison *self)
{
  if (self->state != GLOW_COMPARISON_EMPTY)
    glow_comparison_compute (self);
}

void
glow_comparison_look_finer (GlowComparison *self)
{
  double made = self->diff != NULL ? glow_diff_get_options (self->diff)->min_share : 0;

  /* Four times finer than the union was made: worth looking into it again. */
  if (made > 0 && seen_share (self) < made / 4 && !glow_job_is_running (&self->compute_job))
    glow_comparison_compute (self);
}

GlowDiff *
glow_comparison_refine (GlowDiff *diff, double min_share, GCancellable *cancellable, GError **error)
{
  GlowDiffOptions options = *glow_diff_get_options (diff);
  g_autoptr(GPtrArray) before = g_ptr_array_new (), after = g_ptr_array_new ();

  if (options.min_share <= min_share)
    return glow_diff_ref (diff);
  options.min_share = min_share;
  for (guint i = 0; i < glow_diff_get_side (diff, GLOW_BEFORE)->n_runs; i++)
    g_ptr_array_add (before, (gpointer) glow_diff_get_run (diff, GLOW_BEFORE, i));
  for (guint i = 0; i < glow_diff_get_side (diff, GLOW_AFTER)->n_runs; i++)
    g_ptr_array_add (after, (gpointer) glow_diff_get_run (diff, GLOW_AFTER, i));
  return glow_diff_compute (before, after, &options, cancellable, error);
}

/* ---- widths ---- */

typedef struct { GlowDiff *diff; GlowDiffWidth width; } Widths;

static void
widths_free (gpointer data)
{
  glow_diff_unref (((Widths *) data)->diff);
  g_free (data);
}

static gpointer
make_tree (gpointer data, GCancellable *cancellable, GError **error)
{
  const Widths *widths = data;

  return glow_diff_get_tree (widths->diff, widths->width);
}

static void
tree_made (gpointer owner, gpointer result, const GError *error)
{
  GlowComparison *self = owner;
  double low, high;
  guint32 container;

  if (result == NULL)
    return;
  container = glow_layout_find_container (glow_comparison_get_tree (self), self->from, self->to);
  self->width = self->next_width;
  glow_layout_node_extent (result, container, &low, &high);
  self->from = high > low ? low : 0;
  self->to = high > low ? high : 1;
  start_search (self);
  glow_comparison_tell (self, GLOW_COMPARED_WIDTH | GLOW_COMPARED_SIGHT);
}

void
glow_comparison_set_width (GlowComparison *self, GlowDiffWidth width)
{
  Widths *widths;

  if (width == self->next_width)
    return;
  self->next_width = width;
  if (self->diff == NULL)
    {
      self->width = width;
      return;
    }
  widths = g_new0 (Widths, 1);
  *widths = (Widths) { glow_diff_ref (self->diff), width };
  glow_comparison_stop_moving (self);
  glow_job_start (&self->width_job, self, make_tree, widths, widths_free, NULL, tree_made);
}

GlowDiffWidth
glow_comparison_get_width (GlowComparison *self)
{
  return self->width;
}

/* ---- search: what the document searches for ---- */

typedef struct { GlowCallTree *tree; char *text; } Search;

static void
search_free (gpointer data)
{
  Search *self = data;

  glow_call_tree_unref (self->tree);
  g_free (self->text);
  g_free (self);
}

/* Upper case letters mean themselves, as in every search of the window. */
static gpointer
find (gpointer data, GCancellable *cancellable, GError **error)
{
  const Search *search = data;
  gboolean upper = FALSE;

  for (const char *at = search->text; *at != '\0'; at = g_utf8_next_char (at))
    if (*at == '\\' && at[1] != '\0')
      at = g_utf8_next_char (at);
    else
      upper |= g_unichar_isupper (g_utf8_get_char (at));
  return glow_search_compute (search->tree, search->text, upper, cancellable, NULL);
}

static void
found (gpointer owner, gpointer result, const GError *error)
{
  GlowComparison *self = owner;

  g_clear_pointer (&self->search, glow_search_free);
  self->search = result;
  glow_comparison_tell (self, GLOW_COMPARED_SEARCH);
}

static void
start_search (GlowComparison *self)
{
  GlowCallTree *tree = glow_comparison_get_tree (self);
  const char *text = glow_document_get_search_text (self->document);
  Search *search;

  glow_job_cancel (&self->search_job);
  if (tree == NULL || text == NULL || *text == '\0')
    {
      found (self, NULL, NULL);
      return;
    }
  search = g_new0 (Search, 1);
  *search = (Search) { glow_call_tree_ref (tree), g_strdup (text) };
  glow_job_start (&self->search_job, self, find, search, search_free, (GDestroyNotify) glow_search_free, found);
}

const GlowSearch *
glow_comparison_get_search (GlowComparison *self)
{
  return self->search;
}

/* ---- the document ---- */

static gboolean
same_paths (GlowComparison *self)
{
  const char *const *paths = glow_document_get_paths (self->document);

  return paths != NULL && self->document_paths != NULL && g_strv_equal (paths, (const char *const *) self->document_paths);
}

static void
on_document (GlowDocument *document, guint changes, gpointer data)
{
  GlowComparison *self = data;

  if (self->state != GLOW_COMPARISON_EMPTY && (changes & GLOW_CHANGED_STATE) && !same_paths (self))
    glow_comparison_clear (self);
  if (self->state == GLOW_COMPARISON_EMPTY)
    return;
  if ((changes & GLOW_CHANGED_PROFILE) || ((changes & GLOW_CHANGED_QUERY) && !glow_comparison_is_selections (self)))
    glow_comparison_compute (self);
  if (changes & GLOW_CHANGED_SEARCH)
    start_search (self);
  if (changes & GLOW_CHANGED_SELECTION)
    glow_comparison_follow_choice (self);
}

void
glow_comparison_watch (GlowComparison *self)
{
  self->n_watchers++;
  if (self->is_stale && self->state != GLOW_COMPARISON_EMPTY)
    glow_comparison_compute (self);
}

void
glow_comparison_unwatch (GlowComparison *self)
{
  glow_comparison_lead (self);
  self->n_watchers--;
}

gboolean
glow_comparison_get_everywhere (GlowComparison *self)
{
  return self->everywhere;
}

void
glow_comparison_set_everywhere (GlowComparison *self, gboolean everywhere)
{
  if (everywhere == self->everywhere)
    return;
  self->everywhere = everywhere;
  glow_comparison_tell (self, GLOW_COMPARED_STATE);
}

/* ---- asking ---- */

GlowDocument *
glow_comparison_get_document (GlowComparison *self)
{
  return self->document;
}

GlowComparisonState
glow_comparison_get_state (GlowComparison *self)
{
  return self->state;
}

gboolean
glow_comparison_is_busy (GlowComparison *self)
{
  return glow_job_is_running (&self->compute_job) || glow_job_is_running (&self->read_job);
}

const GError *
glow_comparison_get_error (GlowComparison *self)
{
  return self->error;
}

guint
glow_comparison_get_n_runs (GlowComparison *self, guint side)
{
  return self->runs[side]->len;
}

const char *
glow_comparison_get_path (GlowComparison *self, guint side, guint run)
{
  return ((GlowComparedRun *) g_ptr_array_index (self->runs[side], run))->path;
}

gboolean
glow_comparison_is_selections (GlowComparison *self)
{
  return self->runs[GLOW_BEFORE]->len == 1 && ((GlowComparedRun *) g_ptr_array_index (self->runs[GLOW_BEFORE], 0))->query != NULL;
}

/* The terms of @query that @other has not, as chips say them. */
static char *
dup_difference (const GlowQuery *query, const GlowQuery *other)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < glow_query_get_n_terms (query); i++)
    {
      GlowQueryField field;
      const char *value = glow_query_get_term (query, i, &field);
      g_autofree char *chip = NULL;

      if (glow_query_has_term (other, field, value))
        continue;
      chip = glow_query_dup_chip (query, i);
      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", chip);
      if (g_utf8_strlen (text->str, -1) > 60)
        {
          g_string_append (text, "…");
          break;
        }
    }
  return g_string_free (text, FALSE);
}

char *
glow_comparison_dup_label (GlowComparison *self, guint side)
{
  const GlowComparedRun *first;
  g_autofree char *name = NULL;
  guint more;

  if (self->runs[side]->len == 0)
    return g_strdup ("");
  first = g_ptr_array_index (self->runs[side], 0);
  if (glow_comparison_is_selections (self))
    {
      const GlowComparedRun *other = g_ptr_array_index (self->runs[!side], 0);

      return dup_difference (first->query, other->query);
    }
  name = first->path != NULL ? g_filename_display_basename (first->path) : glow_document_dup_title (self->document);
  more = self->runs[side]->len - 1;
  return more > 0 ? g_strdup_printf (ngettext ("%s and %u more", "%s and %u more", more), name, more) : g_steal_pointer (&name);
}

GlowDiffOptions *
glow_comparison_get_options (GlowComparison *self)
{
  return &self->options;
}

double *
glow_comparison_get_units (GlowComparison *self)
{
  return self->units;
}

void
glow_comparison_rename (GlowComparison *self, const char *before, const char *after)
{
  GHashTable *all = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GHashTableIter iter;
  gpointer from, to;

  /* A worker may be reading the table that is there. */
  if (self->options.renames != NULL)
    {
      g_hash_table_iter_init (&iter, self->options.renames);
      while (g_hash_table_iter_next (&iter, &from, &to))
        g_hash_table_insert (all, g_strdup (from), g_strdup (to));
      g_hash_table_unref (self->options.renames);
    }
  g_hash_table_insert (all, g_strdup (before), g_strdup (after));
  self->options.renames = all;
  glow_comparison_recompute (self);
}

void
glow_comparison_drop_renames (GlowComparison *self)
{
  g_clear_pointer (&self->options.renames, g_hash_table_unref);
  glow_comparison_recompute (self);
}

GlowDiff *
glow_comparison_get_diff (GlowComparison *self)
{
  return self->diff;
}

GlowCallTree *
glow_comparison_get_tree (GlowComparison *self)
{
  return self->diff != NULL ? glow_diff_get_tree (self->diff, self->width) : NULL;
}

const char *
glow_comparison_get_findings (GlowComparison *self)
{
  return self->findings != NULL ? self->findings : "";
}

const char *
glow_comparison_get_limits (GlowComparison *self)
{
  return self->limits != NULL ? self->limits : "";
}

/* ---- the object ---- */

GlowComparison *
glow_comparison_new (GlowDocument *document)
{
  GlowComparison *self = g_object_new (GLOW_TYPE_COMPARISON, NULL);

  self->document = g_object_ref (document);
  g_signal_connect_object (document, "changed", G_CALLBACK (on_document), self, 0);
  return self;
}

static void
glow_comparison_dispose (GObject *object)
{
  GlowComparison *self = GLOW_COMPARISON (object);

  glow_job_cancel (&self->read_job);
  g_clear_handle_id (&self->note_timer, g_source_remove);
  g_clear_pointer (&self->note, glow_reading_note_unref);
  drop_answer (self);
  g_clear_object (&self->document);
  G_OBJECT_CLASS (glow_comparison_parent_class)->dispose (object);
}

static void
glow_comparison_finalize (GObject *object)
{
  GlowComparison *self = GLOW_COMPARISON (object);

  for (guint s = 0; s < GLOW_N_SIDES; s++)
    g_ptr_array_unref (self->runs[s]);
  g_strfreev (self->document_paths);
  g_clear_error (&self->error);
  g_free (self->options.unit);
  g_clear_pointer (&self->options.renames, g_hash_table_unref);
  G_OBJECT_CLASS (glow_comparison_parent_class)->finalize (object);
}

static void
glow_comparison_class_init (GlowComparisonClass *class)
{
  G_OBJECT_CLASS (class)->dispose = glow_comparison_dispose;
  G_OBJECT_CLASS (class)->finalize = glow_comparison_finalize;
  changed_signal = g_signal_new ("changed", GLOW_TYPE_COMPARISON, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  refused_signal = g_signal_new ("refused", GLOW_TYPE_COMPARISON, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
glow_comparison_init (GlowComparison *self)
{
  for (guint s = 0; s < GLOW_N_SIDES; s++)
    {
      self->runs[s] = g_ptr_array_new_with_free_func (glow_compared_run_free);
      self->units[s] = 1;
    }
  self->options = (GlowDiffOptions) { .level = 0.05, .floor = 0.001, .margin = 0.005 };
  self->width = self->next_width = GLOW_DIFF_WIDTH_LARGER;
  self->selected = self->selected_key = self->hover = GLOW_NONE;
  self->to = self->finest = 1;
  self->everywhere = TRUE;
}
