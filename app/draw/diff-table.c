/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of what changed: for a terminal, for a pull request, for a spreadsheet. */
#include <config.h>

#include "draw/diff-export-private.h"

#include <afterglow/diff-text.h>
#include <glib/gi18n-lib.h>

#include <math.h>
#include <string.h>

#define COLUMNS 100

GArray *
glow_diff_list_rows (GlowDiff *self, const GlowDiffExportOptions *options, guint *n_left)
{
  const GArray *rows = glow_diff_get_rows (self, options->kind);
  GArray *order = glow_diff_dup_order (self, options->kind, options->measure);
  guint n = order->len;

  while (options->only_matters && n > 0 && !g_array_index (rows, GlowDiffRow, g_array_index (order, guint32, n - 1)).change[options->measure].matters)
    n--;
  if (options->limit > 0)
    n = MIN (n, options->limit);
  *n_left = order->len - n;
  g_array_set_size (order, n);
  return order;
}

typedef struct { guint32 node; double change; guint8 rank; } Path;

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  const Path *left = a, *right = b;

  if (left->rank != right->rank)
    return left->rank > right->rank ? -1 : 1;
  if (left->change != right->change)
    return left->change > right->change ? -1 : 1;
  return left->node < right->node ? -1 : left->node > right->node;
}

GArray *
glow_diff_list_paths (GlowDiff *self, guint limit, gboolean only_matters, guint *n_left)
{
  const GlowDiffNodes *nodes = glow_diff_get_nodes (self);
  g_autoptr(GArray) paths = g_array_sized_new (FALSE, FALSE, sizeof (Path), nodes->n_nodes);
  GArray *list = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint n;

  for (guint32 i = 1; i < nodes->n_nodes; i++)
    {
      gboolean is_evident = nodes->evidence[i] == GLOW_DIFF_GREW || nodes->evidence[i] == GLOW_DIFF_SHRANK;
      Path path = { i, fabs (nodes->total[GLOW_AFTER][i] - nodes->total[GLOW_BEFORE][i]), (guint8) (is_evident + nodes->matters[i]) };

      if (!only_matters || nodes->matters[i])
        g_array_append_val (paths, path);
    }
  g_array_sort (paths, compare_paths);
  n = limit > 0 ? MIN (paths->len, limit) : paths->len;
  *n_left = nodes->n_nodes - 1 - n;
  for (guint i = 0; i < n; i++)
    g_array_append_val (list, g_array_index (paths, Path, i).node);
  return list;
}

static void
append_cell (GString *text, const char *cell, int width)
{
  /* What is wider than its column keeps a blank before it. */
  if (text->len > 0 && text->str[text->len - 1] != '\n' && g_utf8_strlen (cell, -1) >= width)
    g_string_append_c (text, ' ');
  for (int i = (int) g_utf8_strlen (cell, -1); i < width; i++)
    g_string_append_c (text, ' ');
  g_string_append (text, cell);
}

/* Prose in lines that a terminal has room for, each but the first behind @indent. */
static void
append_wrapped (GString *text, const char *lead, const char *indent, const char *prose)
{
  g_auto(GStrv) words = g_strsplit (prose, " ", -1);
  glong column = g_utf8_strlen (lead, -1);

  g_string_append (text, lead);
  for (guint i = 0; words[i] != NULL; i++)
    {
      glong n = g_utf8_strlen (words[i], -1);

      if (i > 0 && column + 1 + n > COLUMNS)
        {
          g_string_append_printf (text, "\n%s", indent);
          column = g_utf8_strlen (indent, -1);
        }
      else if (i > 0)
        {
          g_string_append_c (text, ' ');
          column++;
        }
      g_string_append (text, words[i]);
      column += n;
    }
  g_string_append_c (text, '\n');
}

/* A caveat a line, what it does behind @between, or below it. */
static void
append_caveats (GlowDiff *self, const char *lead, const char *between, GString *text)
{
  const GPtrArray *caveats = glow_diff_get_caveats (self);

  for (guint i = 0; i < caveats->len; i++)
    {
      const GlowDiffCaveat *caveat = g_ptr_array_index (caveats, i);

      g_autofree char *effect = g_strconcat (caveat->effect, ".", NULL), *line = g_strconcat (caveat->message, between, effect, NULL);

      if (between == NULL)
        {
          append_wrapped (text, lead, "  ", caveat->message);
          append_wrapped (text, "  ", "  ", effect);
        }
      else
        g_string_append_printf (text, "%s%s\n", lead, line);
    }
}

static void
append_renames (GlowDiff *self, const char *lead, GString *text)
{
  const GArray *renames = glow_diff_get_renames (self);

  for (guint i = 0; i < renames->len; i++)
    {
      const GlowDiffRename *rename = &g_array_index (renames, GlowDiffRename, i);
      g_autofree char *before = glow_diff_dup_display_name (self, GLOW_DIFF_FUNCTIONS, rename->before), *after = glow_diff_dup_display_name (self, GLOW_DIFF_FUNCTIONS, rename->after);

      g_string_append (text, lead);
      g_string_append_printf (text, _("Likely renamed: %s → %s (callers and callees agree to %.0f %%); --rename 'OLD=NEW' compares them as one"), before, after, rename->likeness * 100);
      g_string_append (text, ".\n");
    }
}

static const char *
kind_heading (GlowDiffKind kind)
{
  static const char *const headings[GLOW_N_DIFF_KINDS] = { N_("FUNCTION"), N_("MODULE"), N_("THREAD"), N_("CONTAINER") };

  return _(headings[kind]);
}

typedef struct { char *name, *module, *before, *after, *change, *interval, *q; const char *word; } Cells;

static void
cells_fill (Cells *self, GlowDiff *diff, const GlowDiffExportOptions *options, const GlowDiffRow *row)
{
  const GlowDiffChange *change = &row->change[options->measure];
  const char *module = options->kind == GLOW_DIFF_FUNCTIONS ? glow_diff_get_module (diff, row->key) : NULL;

  self->name = glow_diff_dup_display_name (diff, options->kind, row->key);
  self->module = module != NULL && self->name[0] != '[' ? g_utf8_make_valid (module, -1) : NULL;
  self->before = glow_diff_row_is_new (row) ? g_strdup ("–") : glow_diff_text_value (diff, change->value[GLOW_BEFORE]);
  self->after = glow_diff_row_is_gone (row) ? g_strdup ("–") : glow_diff_text_value (diff, change->value[GLOW_AFTER]);
  self->change = glow_diff_text_change (diff, change->change);
  self->interval = glow_diff_text_interval (diff, change);
  self->q = glow_diff_text_q (change->q);
  self->word = glow_diff_row_get_word (row, options->measure);
}

static void
cells_fill_path (Cells *self, GlowDiff *diff, guint32 node, const GlowDiffChange *change)
{
  g_autofree char *path = glow_diff_dup_path (diff, node);

  self->name = g_utf8_make_valid (path, -1);
  self->before = change->value[GLOW_BEFORE] == 0 ? g_strdup ("–") : glow_diff_text_value (diff, change->value[GLOW_BEFORE]);
  self->after = change->value[GLOW_AFTER] == 0 ? g_strdup ("–") : glow_diff_text_value (diff, change->value[GLOW_AFTER]);
  self->change = glow_diff_text_change (diff, change->change);
  self->interval = glow_diff_text_interval (diff, change);
  self->q = glow_diff_text_q (change->q);
  self->word = glow_diff_evidence_get_label (change->evidence);
}

static void
cells_clear (Cells *self)
{
  g_free (self->name);
  g_free (self->module);
  g_free (self->before);
  g_free (self->after);
  g_free (self->change);
  g_free (self->interval);
  g_free (self->q);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Cells, cells_clear)

static void
append_side (GlowDiff *self, guint side, const char *label, GString *text)
{
  g_autofree char *words = glow_diff_text_side (self, side);
  const GlowDiffRun *run = glow_diff_get_run (self, side, 0);
  guint more = glow_diff_get_side (self, side)->n_runs - 1;
  g_autofree char *name = g_filename_display_name (run->label);

  g_string_append_printf (text, "%s: %s", label, name);
  if (more > 0)
    g_string_append_printf (text, ngettext (" and %u more", " and %u more", more), more);
  g_string_append_printf (text, " (%s)", words);
}

/* One line a path, or one a row, whatever it is of. */
static void
append_line (GString *text, const Cells *cells)
{
  append_cell (text, cells->before, 9);
  append_cell (text, cells->after, 9);
  append_cell (text, cells->change, 11);
  append_cell (text, cells->interval, 20);
  append_cell (text, cells->q, 9);
  g_string_append_printf (text, "  %s", cells->word);
  for (int w = (int) g_utf8_strlen (cells->word, -1); w < 12; w++)
    g_string_append_c (text, ' ');
  g_string_append (text, cells->name);
  if (cells->module != NULL)
    g_string_append_printf (text, "  (%s)", cells->module);
  g_string_append_c (text, '\n');
}

/* Rows, or paths, as their cells. */
typedef void (*EachLine) (const Cells *cells, const GlowDiffChange *change, GString *text);

static guint
for_each_line (GlowDiff *self, const GlowDiffExportOptions *options, EachLine each, GString *text)
{
  const GArray *rows = glow_diff_get_rows (self, options->kind);
  guint n_left;
  g_autoptr(GArray) order = options->by_path ? glow_diff_list_paths (self, options->limit, options->only_matters, &n_left) : glow_diff_list_rows (self, options, &n_left);

  for (guint i = 0; i < order->len; i++)
    {
      guint32 index = g_array_index (order, guint32, i);
      g_auto(Cells) cells = { NULL };
      GlowDiffChange change;

      if (options->by_path)
        {
          change = glow_diff_get_node_change (self, index);
          cells_fill_path (&cells, self, index, &change);
        }
      else
        {
          change = g_array_index (rows, GlowDiffRow, index).change[options->measure];
          cells_fill (&cells, self, options, &g_array_index (rows, GlowDiffRow, index));
        }
      each (&cells, &change, text);
    }
  return n_left;
}

static void
each_text_line (const Cells *cells, const GlowDiffChange *change, GString *text)
{
  append_line (text, cells);
}

void
glow_diff_append_text (GlowDiff *self, const GlowDiffExportOptions *options, GString *text)
{
  guint n_left;
  g_autofree char *base = glow_diff_text_base (self), *findings = glow_diff_text_findings (self, options->kind, options->measure), *limits = glow_diff_text_limits (self);
  g_autofree char *head = NULL;

  append_side (self, GLOW_BEFORE, _("Before"), text);
  g_string_append_c (text, '\n');
  append_side (self, GLOW_AFTER, _("After"), text);
  g_string_append (text, "\n\n");
  append_caveats (self, "! ", NULL, text);
  if (glow_diff_get_caveats (self)->len > 0)
    g_string_append_c (text, '\n');
  head = g_strdup_printf ("%s, %s. %s", base, options->measure == GLOW_DIFF_SELF ? _("self") : _("total"), findings);
  append_wrapped (text, "", "", head);
  g_string_append_c (text, '\n');
  append_cell (text, _("BEFORE"), 9);
  append_cell (text, _("AFTER"), 9);
  append_cell (text, _("CHANGE"), 11);
  append_cell (text, _("95 %"), 20);
  append_cell (text, "q", 9);
  g_string_append_printf (text, "  %-12s%s\n", _("EVIDENCE"), options->by_path ? _("PATH") : kind_heading (options->kind));
  n_left = for_each_line (self, options, each_text_line, text);
  if (n_left > 0)
    g_string_append_printf (text, ngettext ("and %u more; --limit 0 shows it\n", "and %u more; --limit 0 shows them\n", n_left), n_left);
  g_string_append_c (text, '\n');
  append_renames (self, "", text);
  append_wrapped (text, "", "", limits);
}

/* ---- Markdown ---- */

/* What would begin a cell, markup or HTML. */
static void
append_plain (GString *text, const char *words)
{
  for (; *words != '\0'; words++)
    {
      if (strchr ("|\\`*_[]<>#", *words) != NULL)
        g_string_append_c (text, '\\');
      g_string_append_c (text, *words == '\n' ? ' ' : *words);
    }
}

static const char *
mark_of (const GlowDiffChange *change)
{
  if (!change->matters)
    return "";
  return change->evidence == GLOW_DIFF_GREW ? "\xf0\x9f\x94\xba " : "\xf0\x9f\x94\xbb ";
}

static void
each_markdown_line (const Cells *cells, const GlowDiffChange *change, GString *text)
{
  g_string_append_printf (text, "| %s%s | ", mark_of (change), cells->word);
  append_plain (text, cells->name);
  if (cells->module != NULL)
    {
      g_string_append (text, " (");
      append_plain (text, cells->module);
      g_string_append_c (text, ')');
    }
  g_string_append_printf (text, " | %s | %s | %s | %s | %s |\n", cells->before, cells->after, cells->change, cells->interval, g_str_has_prefix (cells->q, "<") ? "\\< 0.001" : cells->q);
}

void
glow_diff_append_markdown (GlowDiff *self, const GlowDiffExportOptions *options, GString *text)
{
  guint n_left;
  g_autofree char *base = glow_diff_text_base (self), *findings = glow_diff_text_findings (self, options->kind, options->measure), *limits = glow_diff_text_limits (self);
  g_autoptr(GString) plain = g_string_new (NULL);

  g_string_append_printf (text, "### %s\n\n", options->title != NULL ? options->title : _("Profile: before and after"));
  append_side (self, GLOW_BEFORE, _("Before"), plain);
  g_string_append (plain, "; ");
  append_side (self, GLOW_AFTER, _("after"), plain);
  append_plain (text, plain->str);
  g_string_append (text, "\n\n");
  append_plain (text, findings);
  g_string_append (text, "\n\n");
  g_string_truncate (plain, 0);
  append_caveats (self, "", " — ", plain);
  {
    g_auto(GStrv) lines = g_strsplit (plain->str, "\n", -1);

    for (guint i = 0; lines[i] != NULL && *lines[i] != '\0'; i++)
      {
        g_string_append (text, "> ⚠ ");
        append_plain (text, lines[i]);
        g_string_append (text, lines[i + 1] != NULL && *lines[i + 1] != '\0' ? "\n>\n" : "\n\n");
      }
  }
  g_string_append_printf (text, "| %s | %s | %s | %s | %s | %s | q |\n|---|---|--:|--:|--:|--:|--:|\n", _("Evidence"),
                          options->by_path ? _("Path") : options->kind == GLOW_DIFF_FUNCTIONS ? _("Function") : _("Name"), _("Before"), _("After"), _("Change"), _("95 %"));
  n_left = for_each_line (self, options, each_markdown_line, text);
  g_string_append_c (text, '\n');
  if (n_left > 0)
    g_string_append_printf (text, ngettext ("and %u more\n\n", "and %u more\n\n", n_left), n_left);
  g_string_append_printf (text, "<sub>%s. %s</sub>\n", base, limits);
}

/* ---- CSV ---- */

/* RFC 4180. */
static void
append_quoted (GString *text, const char *words)
{
  g_autofree char *valid = words != NULL ? g_utf8_make_valid (words, -1) : g_strdup ("");

  g_string_append_c (text, '"');
  for (const char *at = valid; *at != '\0'; at++)
    {
      if (*at == '"')
        g_string_append_c (text, '"');
      g_string_append_c (text, *at);
    }
  g_string_append_c (text, '"');
}

/* Empty where it is not known. */
static void
append_number (GString *text, double value)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append_c (text, ',');
  if (isfinite (value))
    g_string_append (text, g_ascii_formatd (number, sizeof number, "%.9g", value));
}

static void
append_csv_change (GString *text, const GlowDiffChange *change)
{
  const double numbers[] = { change->value[0], change->value[1], change->change, change->low, change->high, change->p, change->q };

  for (guint k = 0; k < G_N_ELEMENTS (numbers); k++)
    append_number (text, numbers[k]);
  g_string_append_printf (text, ",%s", glow_diff_evidence_get_id (change->evidence));
}

static void
append_csv_paths (GlowDiff *self, const GlowDiffExportOptions *options, GString *text)
{
  guint n_left;
  g_autoptr(GArray) order = glow_diff_list_paths (self, options->limit, options->only_matters, &n_left);

  g_string_append (text, "path,total_before,total_after,total_change,total_low,total_high,total_p,total_q,total_evidence\r\n");
  for (guint i = 0; i < order->len; i++)
    {
      guint32 node = g_array_index (order, guint32, i);
      GlowDiffChange change = glow_diff_get_node_change (self, node);
      g_autofree char *path = glow_diff_dup_path (self, node);

      append_quoted (text, path);
      append_csv_change (text, &change);
      g_string_append (text, "\r\n");
    }
}

void
glow_diff_append_csv (GlowDiff *self, const GlowDiffExportOptions *options, GString *text)
{
  static const char *const measures[GLOW_N_DIFF_MEASURES] = { "total", "self" };
  const GArray *rows = glow_diff_get_rows (self, options->kind);
  guint n_left;
  g_autoptr(GArray) order = glow_diff_list_rows (self, options, &n_left);

  if (options->by_path)
    {
      append_csv_paths (self, options, text);
      return;
    }
  g_string_append (text, "kind,name,module,before_samples,after_samples");
  for (guint m = 0; m < GLOW_N_DIFF_MEASURES; m++)
    g_string_append_printf (text, ",%s_before,%s_after,%s_change,%s_low,%s_high,%s_p,%s_q,%s_evidence", measures[m], measures[m], measures[m], measures[m], measures[m],
                            measures[m], measures[m], measures[m]);
  g_string_append (text, "\r\n");
  for (guint i = 0; i < order->len; i++)
    {
      const GlowDiffRow *row = &g_array_index (rows, GlowDiffRow, g_array_index (order, guint32, i));

      g_string_append (text, glow_diff_kind_get_id (options->kind));
      g_string_append_c (text, ',');
      append_quoted (text, glow_diff_get_name (self, options->kind, row->key));
      g_string_append_c (text, ',');
      append_quoted (text, options->kind == GLOW_DIFF_FUNCTIONS ? glow_diff_get_module (self, row->key) : NULL);
      append_number (text, row->samples[GLOW_BEFORE]);
      append_number (text, row->samples[GLOW_AFTER]);
      for (guint m = 0; m < GLOW_N_DIFF_MEASURES; m++)
        append_csv_change (text, &row->change[m]);
      g_string_append (text, "\r\n");
    }
}
