/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Before and after, as an object: how it is computed, and what it says. */
#include <config.h>

#include "analysis/diff-private.h"
#include "model/call-tree-private.h"

#include <afterglow/error.h>
#include <afterglow/names.h>
#include <glib/gi18n-lib.h>

#include <math.h>
#include <string.h>

#define LEVEL 0.05
#define FLOOR 0.001
#define MARGIN 0.005

const char *
glow_diff_evidence_get_id (GlowDiffEvidence evidence)
{
  static const char *const ids[] = { "no-evidence", "grew", "shrank", "equivalent" };

  return ids[MIN (evidence, GLOW_DIFF_EQUIVALENT)];
}

const char *
glow_diff_evidence_get_label (GlowDiffEvidence evidence)
{
  static const char *const labels[] = { N_("no evidence"), N_("grew"), N_("shrank"), N_("equivalent") };

  return _(labels[MIN (evidence, GLOW_DIFF_EQUIVALENT)]);
}

const char *
glow_diff_kind_get_id (GlowDiffKind kind)
{
  static const char *const ids[GLOW_N_DIFF_KINDS] = { "function", "module", "thread", "container" };

  g_return_val_if_fail (kind < GLOW_N_DIFF_KINDS, "");
  return ids[kind];
}

GlowDiffRun *
glow_diff_run_new (GlowProfile *profile, const GlowQuery *query, const char *label)
{
  GlowDiffRun *self = g_new0 (GlowDiffRun, 1);

  self->profile = g_object_ref (profile);
  self->query = glow_query_ref ((GlowQuery *) query);
  self->label = g_strdup (label);
  self->units = 1;
  return self;
}

void
glow_diff_run_free (GlowDiffRun *self)
{
  g_object_unref (self->profile);
  glow_query_unref (self->query);
  g_free (self->label);
  g_free (self);
}

/* ---- computing ---- */

static GPtrArray *
take_runs (GPtrArray *runs, guint side, gboolean *by_module)
{
  GPtrArray *sums = g_ptr_array_new_with_free_func (glow_diff_sum_free);

  for (guint i = 0; i < runs->len; i++)
    {
      const GlowDiffRun *run = g_ptr_array_index (runs, i);
      GlowDiffSum *sum = g_new0 (GlowDiffSum, 1);

      sum->run = glow_diff_run_new (run->profile, run->query, run->label);
      sum->run->units = run->units;
      sum->query = glow_query_ref (run->query);
      sum->side = side;
      *by_module &= glow_match_has_modules (run->profile);
      g_ptr_array_add (sums, sum);
    }
  return sums;
}

static void
take_options (GlowDiff *self, const GlowDiffOptions *options)
{
  if (options != NULL)
    self->options = *options;
  self->options.unit = options != NULL ? g_strdup (options->unit) : NULL;
  self->options.renames = options != NULL && options->renames != NULL ? g_hash_table_ref (options->renames) : NULL;
  if (!(self->options.level > 0))
    self->options.level = LEVEL;
  if (!(self->options.floor > 0))
    self->options.floor = FLOOR;
  if (!(self->options.margin > 0))
    self->options.margin = MARGIN;
}

/* A base that a recording has not: times, exposures, one unit on both sides. */
static gboolean
check_base (GlowDiff *self, GError **error)
{
  GlowUnit unit = ((GlowDiffSum *) g_ptr_array_index (self->runs[0], 0))->unit;

  for (guint i = 0; i < glow_diff_n_runs (self) && self->options.base != GLOW_DIFF_SHARE; i++)
    {
      const GlowDiffSum *run = glow_diff_nth_run (self, i);

      if (self->options.base == GLOW_DIFF_RATE && !(run->duration > 0))
        {
          g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("“%s” has no times: what it took per second is not known; compare shares, or per unit"), run->run->label);
          return FALSE;
        }
      if (run->unit != unit)
        {
          g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("“%s” counts %s and “%s” counts %s: only shares of them can be compared"),
                       glow_diff_nth_run (self, 0)->run->label, glow_unit_get_id (unit), run->run->label, glow_unit_get_id (run->unit));
          return FALSE;
        }
    }
  return TRUE;
}

GlowDiff *
glow_diff_compute (GPtrArray *before, GPtrArray *after, const GlowDiffOptions *options, GCancellable *cancellable, GError **error)
{
  g_autoptr(GlowDiff) self = g_new0 (GlowDiff, 1);
  gboolean by_module = TRUE;

  g_return_val_if_fail (before->len > 0 && after->len > 0, NULL);
  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->tree_lock);
  take_options (self, options);
  self->cancellable = cancellable;
  self->runs[GLOW_BEFORE] = take_runs (before, GLOW_BEFORE, &by_module);
  self->runs[GLOW_AFTER] = take_runs (after, GLOW_AFTER, &by_module);
  self->by_runs = !self->options.pool_runs && glow_diff_n_runs (self) > 2;
  glow_match_init (&self->match, &self->options, by_module);
  if (!glow_diff_sum_runs (self, cancellable, error) || !check_base (self, error))
    return NULL;
  glow_diff_sum_sides (self);
  glow_diff_test_rows (self);
  if (!self->options.no_paths && !glow_diff_build_union (self, cancellable, error))
    return NULL;
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  glow_diff_find_caveats (self);
  glow_diff_find_renames (self);
  self->cancellable = NULL;
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  return g_steal_pointer (&self);
}

GlowDiff *
glow_diff_ref (GlowDiff *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
glow_diff_unref (GlowDiff *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  for (guint i = 0; i < GLOW_N_DIFF_WIDTHS; i++)
    g_clear_pointer (&self->trees[i], glow_call_tree_unref);
  g_clear_object (&self->tree_profile);
  for (guint s = 0; s < GLOW_N_SIDES; s++)
    {
      g_clear_pointer (&self->runs[s], g_ptr_array_unref);
      g_free ((gpointer) self->nodes.total[s]);
      g_free ((gpointer) self->nodes.self[s]);
      g_free ((gpointer) self->nodes.weight[s]);
    }
  for (guint k = 0; k < GLOW_N_DIFF_KINDS && self->whole == NULL; k++)
    g_clear_pointer (&self->rows[k], g_array_unref);
  if (self->whole == NULL)
    {
      g_free (self->correlation[0]);
      g_free (self->correlation[1]);
      g_free (self->doubt[0]);
      g_free (self->doubt[1]);
      g_clear_pointer (&self->options.renames, g_hash_table_unref);
      g_free (self->options.unit);
      glow_match_clear (&self->match);
    }
  g_free ((gpointer) self->nodes.parent);
  g_free ((gpointer) self->nodes.key);
  g_free ((gpointer) self->nodes.first_child);
  g_free ((gpointer) self->nodes.n_children);
  g_free ((gpointer) self->nodes.depth);
  g_free ((gpointer) self->nodes.q);
  g_free ((gpointer) self->nodes.evidence);
  g_free ((gpointer) self->nodes.matters);
  g_free ((gpointer) self->nodes.is_uncertain);
  g_free (self->source_first);
  g_free (self->sources);
  g_clear_pointer (&self->caveats, g_ptr_array_unref);
  g_clear_pointer (&self->renames, g_array_unref);
  g_clear_pointer (&self->whole, glow_diff_unref);
  g_mutex_clear (&self->tree_lock);
  g_free (self);
}

/* ---- a sandwich ---- */

/* Every spelling of a function (f, f.cold) in @sum's tree; *frame is one of them, or GLOW_NONE. (transfer full) */
static guint8 *
find_frames (const GlowDiffSum *sum, guint32 key, guint32 *frame)
{
  guint32 n = glow_call_tree_get_n_frames (sum->plain);
  guint8 *chosen = g_new0 (guint8, n);

  *frame = GLOW_NONE;
  for (guint32 f = n; f-- > 0;)
    if (sum->plain_functions[f] == key)
      {
        chosen[f] = 1;
        *frame = f;
      }
  return chosen;
}

static GlowDiffSum *
borrow_run (const GlowDiffSum *whole, guint32 key, gboolean callers, GCancellable *cancellable)
{
  GlowDiffSum *sum = g_memdup2 (whole, sizeof *whole);
  guint32 frame;
  g_autofree guint8 *chosen = find_frames (whole, key, &frame);

  sum->borrows = TRUE;
  sum->run = glow_diff_run_new (whole->run->profile, whole->run->query, whole->run->label);
  sum->run->units = whole->run->units;
  sum->query = glow_query_ref (whole->query);
  sum->functions = whole->plain_functions;
  sum->modules = whole->plain_modules;
  sum->plain = glow_call_tree_ref (whole->plain);
  sum->tree = frame == GLOW_NONE ? NULL
              : callers          ? glow_call_tree_compute_callers_of (whole->plain, chosen, frame, cancellable)
                                 : glow_call_tree_compute_callees_of (whole->plain, chosen, frame, cancellable);
  return sum;
}

GlowDiff *
glow_diff_compute_about (GlowDiff *whole, guint32 key, gboolean callers, GCancellable *cancellable)
{
  g_autoptr(GlowDiff) self = g_new0 (GlowDiff, 1);

  g_atomic_ref_count_init (&self->ref_count);
  g_mutex_init (&self->tree_lock);
  self->whole = glow_diff_ref (whole);
  self->options = whole->options;
  self->options.top_down = FALSE;
  self->cancellable = cancellable;
  self->match = whole->match;
  self->by_runs = whole->by_runs;
  self->cluster_scale = whole->cluster_scale;
  self->alike = whole->alike;
  memcpy (self->offset, whole->offset, sizeof self->offset);
  memcpy (self->sides, whole->sides, sizeof self->sides);
  memcpy (self->clusters, whole->clusters, sizeof self->clusters);
  memcpy (self->correlation, whole->correlation, sizeof self->correlation);
  memcpy (self->doubt, whole->doubt, sizeof self->doubt);
  memcpy (self->rows, whole->rows, sizeof self->rows);
  self->caveats = g_ptr_array_ref (whole->caveats);
  self->renames = g_array_ref (whole->renames);
  for (guint s = 0; s < GLOW_N_SIDES; s++)
    {
      self->runs[s] = g_ptr_array_new_with_free_func (glow_diff_sum_free);
      for (guint r = 0; r < whole->runs[s]->len; r++)
        g_ptr_array_add (self->runs[s], borrow_run (g_ptr_array_index (whole->runs[s], r), key, callers, cancellable));
    }
  if (g_cancellable_is_cancelled (cancellable) || !glow_diff_build_union (self, cancellable, NULL))
    return NULL;
  self->cancellable = NULL;
  return g_steal_pointer (&self);
}

/* ---- what it says ---- */

const GlowDiffOptions *
glow_diff_get_options (GlowDiff *self)
{
  return &self->options;
}

const GlowDiffSide *
glow_diff_get_side (GlowDiff *self, guint side)
{
  return &self->sides[side];
}

const GlowDiffRun *
glow_diff_get_run (GlowDiff *self, guint side, guint run)
{
  return ((GlowDiffSum *) g_ptr_array_index (self->runs[side], run))->run;
}

gboolean
glow_diff_by_runs (GlowDiff *self)
{
  return self->by_runs;
}

const GArray *
glow_diff_get_rows (GlowDiff *self, GlowDiffKind kind)
{
  return self->rows[kind];
}

const GlowDiffNodes *
glow_diff_get_nodes (GlowDiff *self)
{
  return self->has_nodes ? &self->nodes : NULL;
}

const GPtrArray *
glow_diff_get_caveats (GlowDiff *self)
{
  return self->caveats;
}

const GArray *
glow_diff_get_renames (GlowDiff *self)
{
  return self->renames;
}

gboolean
glow_diff_row_is_new (const GlowDiffRow *row)
{
  return row->samples[GLOW_BEFORE] == 0;
}

gboolean
glow_diff_row_is_gone (const GlowDiffRow *row)
{
  return row->samples[GLOW_AFTER] == 0;
}

typedef struct { GlowDiff *self; GlowDiffKind kind; GlowDiffMeasure measure; } Order;

static gint
compare_rows (gconstpointer a, gconstpointer b, gpointer data)
{
  const Order *order = data;
  const GlowDiffRow *left = &g_array_index (order->self->rows[order->kind], GlowDiffRow, *(const guint32 *) a);
  const GlowDiffRow *right = &g_array_index (order->self->rows[order->kind], GlowDiffRow, *(const guint32 *) b);
  const GlowDiffChange *one = &left->change[order->measure], *two = &right->change[order->measure];
  gboolean is_one = one->evidence == GLOW_DIFF_GREW || one->evidence == GLOW_DIFF_SHRANK, is_two = two->evidence == GLOW_DIFF_GREW || two->evidence == GLOW_DIFF_SHRANK;

  if (one->matters != two->matters)
    return one->matters ? -1 : 1;
  if (is_one != is_two)
    return is_one ? -1 : 1;
  if (fabs (one->change) != fabs (two->change))
    return fabs (one->change) > fabs (two->change) ? -1 : 1;
  return strcmp (glow_diff_get_name (order->self, order->kind, left->key), glow_diff_get_name (order->self, order->kind, right->key));
}

GArray *
glow_diff_dup_order (GlowDiff *self, GlowDiffKind kind, GlowDiffMeasure measure)
{
  Order order = { self, kind, measure };
  guint32 n = self->rows[kind]->len;
  GArray *indices = g_array_sized_new (FALSE, FALSE, sizeof (guint32), n);

  for (guint32 i = 0; i < n; i++)
    g_array_append_val (indices, i);
  g_array_sort_with_data (indices, compare_rows, &order);
  return indices;
}

guint
glow_diff_count (GlowDiff *self, GlowDiffKind kind, GlowDiffMeasure measure, GlowDiffEvidence evidence, gboolean that_matter)
{
  guint n = 0;

  for (guint i = 0; i < self->rows[kind]->len; i++)
    {
      const GlowDiffChange *change = &g_array_index (self->rows[kind], GlowDiffRow, i).change[measure];

      n += change->evidence == evidence && (!that_matter || change->matters);
    }
  return n;
}

const char *
glow_diff_get_name (GlowDiff *self, GlowDiffKind kind, guint32 key)
{
  if (key == GLOW_NONE)
    return "all";
  if (kind == GLOW_DIFF_FUNCTIONS)
    return g_array_index (self->match.functions, GlowMatchFunction, key).name;
  return g_ptr_array_index (self->match.names[kind], key);
}

const char *
glow_diff_get_module (GlowDiff *self, guint32 key)
{
  return key != GLOW_NONE ? g_array_index (self->match.functions, GlowMatchFunction, key).module : NULL;
}

GlowFrameKind
glow_diff_get_frame_kind (GlowDiff *self, guint32 key)
{
  return key != GLOW_NONE ? g_array_index (self->match.functions, GlowMatchFunction, key).kind : GLOW_FRAME_GROUP;
}

const char *
glow_diff_get_annotation (GlowDiff *self, guint32 key)
{
  return key != GLOW_NONE ? g_array_index (self->match.functions, GlowMatchFunction, key).annotation : "";
}

char *
glow_diff_dup_display_name (GlowDiff *self, GlowDiffKind kind, guint32 key)
{
  g_autofree char *valid = NULL;
  char *tidy = NULL;

  if (key == GLOW_NONE)
    return g_strdup (_("all"));
  valid = g_utf8_make_valid (glow_diff_get_name (self, kind, key), -1);
  for (char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    if ((guchar) *at < 0x20 || *at == 0x7f)
      *at = ' ';
  if (kind == GLOW_DIFF_FUNCTIONS)
    tidy = glow_name_dup_tidy (valid, g_array_index (self->match.functions, GlowMatchFunction, key).kind);
  return tidy != NULL ? tidy : g_steal_pointer (&valid);
}

guint32
glow_diff_get_frame (GlowDiff *self, guint side, guint run, guint32 key)
{
  const GlowDiffSum *sum = g_ptr_array_index (self->runs[side], run);
  guint32 n;

  glow_profile_get_frames (sum->run->profile, &n);
  for (guint32 f = 0; f < n; f++)
    if (sum->plain_functions[f] == key)
      return f;
  return GLOW_NONE;
}

guint32
glow_diff_get_key (GlowDiff *self, guint side, guint run, guint32 frame)
{
  const GlowDiffSum *sum = g_ptr_array_index (self->runs[side], run);
  guint32 n;

  glow_profile_get_frames (sum->run->profile, &n);
  return frame < n ? sum->plain_functions[frame] : GLOW_NONE;
}

guint32
glow_diff_find_path (GlowDiff *self, const guint32 *keys, guint n, gboolean *exact)
{
  guint32 node = 0;

  *exact = self->has_nodes;
  for (guint i = 0; i < n && *exact; i++)
    {
      guint32 child = self->nodes.first_child[node], end = child + self->nodes.n_children[node];

      while (child < end && self->nodes.key[child] != keys[i])
        child++;
      *exact = child < end;
      if (*exact)
        node = child;
    }
  return node;
}

char *
glow_diff_dup_path (GlowDiff *self, guint32 node)
{
  g_autoptr(GPtrArray) names = g_ptr_array_new ();
  GString *text = g_string_new (NULL);

  for (; node != 0; node = self->nodes.parent[node])
    g_ptr_array_add (names, (gpointer) glow_diff_get_name (self, GLOW_DIFF_FUNCTIONS, self->nodes.key[node]));
  for (guint i = names->len; i-- > 0;)
    g_string_append_printf (text, "%s%s", (const char *) g_ptr_array_index (names, i), i > 0 ? ";" : "");
  return g_string_free (text, FALSE);
}
