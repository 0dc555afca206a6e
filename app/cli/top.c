/* SPDX-License-Identifier: GPL-3.0-or-later */
/* afterglow-cli top: functions by self and total, each share with its 95 % interval. */
#include "config.h"
#include <glib/gi18n.h>
#include <string.h>
#include <afterglow/baseline.h>
#include "cli/cli.h"

#define DEFAULT_LIMIT 30

static const char *const sort_words[] = { "self", "total", NULL };

typedef struct {
  GlowCallTree *tree;
  gboolean by_total;
} Order;

/* Ties by the other weight, then by name, so that the same file gives the same text everywhere. */
static int
compare_functions (gconstpointer a, gconstpointer b, gpointer data)
{
  const GlowFunction *left = a, *right = b;
  const Order *order = data;
  guint64 first[2] = { order->by_total ? left->total : left->self, order->by_total ? right->total : right->self };
  guint64 second[2] = { order->by_total ? left->self : left->total, order->by_total ? right->self : right->total };
  int by_name;

  if (first[0] != first[1])
    return first[0] < first[1] ? 1 : -1;
  if (second[0] != second[1])
    return second[0] < second[1] ? 1 : -1;
  by_name = strcmp (glow_call_tree_get_frame_name (order->tree, left->frame), glow_call_tree_get_frame_name (order->tree, right->frame));
  if (by_name != 0)
    return by_name;
  return g_strcmp0 (glow_call_tree_get_module_name (order->tree, left->frame), glow_call_tree_get_module_name (order->tree, right->frame));
}

static GArray *
list_functions (GlowCallTree *tree, gboolean by_total)
{
  Order order = { tree, by_total };
  GArray *functions = glow_call_tree_compute_functions (tree, glow_cli_get_cancellable ());
  guint kept = 0;

  if (functions == NULL)
    return NULL;
  /* Rows that the query made (a root a process) are no functions. */
  for (guint i = 0; i < functions->len; i++)
    {
      GlowFunction *function = &g_array_index (functions, GlowFunction, i);

      if (glow_call_tree_get_frame (tree, function->frame)->kind != GLOW_FRAME_GROUP)
        g_array_index (functions, GlowFunction, kept++) = *function;
    }
  g_array_set_size (functions, kept);
  g_array_sort_with_data (functions, compare_functions, &order);
  return functions;
}

static void
append_cell (GString *text, const char *cell, int width)
{
  int length = g_utf8_strlen (cell, -1);

  for (int i = length; i < width; i++)
    g_string_append_c (text, ' ');
  g_string_append (text, cell);
}

static void
append_share (GString *text, guint64 weight, const GlowBase *base)
{
  GlowShare share = glow_base_get_share (base, weight);
  GlowInterval interval = { share.low, share.high };
  g_autofree char *share_text = glow_text_share (share.share);
  g_autofree char *interval_text = glow_text_interval (&interval);

  append_cell (text, share_text, 8);
  append_cell (text, interval_text, 15);
}

static int
print_table (GlowCallTree *tree, const GArray *functions, guint n, const GlowTail *baseline)
{
  const GlowBase *base = glow_call_tree_get_base (tree);
  g_autoptr(GString) text = g_string_new (NULL);
  g_autofree char *base_text = glow_text_base (tree);

  g_string_append_printf (text, _("Shares of %s, each with its 95 %% interval\n"), base_text);
  append_cell (text, _("SELF"), 8);
  append_cell (text, _("95 %"), 15);
  append_cell (text, _("TOTAL"), 8);
  append_cell (text, _("95 %"), 15);
  append_cell (text, _("SAMPLES"), 11);
  g_string_append_printf (text, "  %s\n", _("FUNCTION"));
  for (guint i = 0; i < n; i++)
    {
      const GlowFunction *function = &g_array_index (functions, GlowFunction, i);
      g_autofree char *name = glow_call_tree_dup_frame_display_name (tree, function->frame);
      g_autofree char *samples = glow_text_count (function->samples_total);
      const char *module = glow_call_tree_get_module_name (tree, function->frame);

      append_share (text, function->self, base);
      append_share (text, function->total, base);
      append_cell (text, samples, 11);
      g_string_append_printf (text, "  %s", name);
      if (module != NULL && name[0] != '[')
        {
          g_autofree char *shown = g_utf8_make_valid (module, -1);

          g_string_append_printf (text, "  (%s)", shown);
        }
      g_string_append_c (text, '\n');
    }
  if (n < functions->len)
    g_string_append_printf (text, ngettext ("and %u more; --limit shows it\n", "and %u more; --limit shows them\n", functions->len - n),
                            functions->len - n);
  if (baseline != NULL)
    {
      g_string_append_c (text, '\n');
      glow_cli_append_tail (text, glow_call_tree_get_profile (tree), baseline);
    }
  return glow_cli_print (text->str, text->len);
}

/* Where the function is written, where the recording or the name says it: of code that was compiled while it ran. */
static void
add_place (JsonBuilder *builder, GlowCallTree *tree, const GlowFrame *frame, const GlowNameParts *parts)
{
  guint line = frame->file != 0 ? frame->line : parts->line;

  glow_cli_json_string (builder, "file", frame->file != 0 ? glow_profile_get_string (glow_call_tree_get_profile (tree), frame->file) : parts->file);
  if (line > 0)
    glow_cli_json_count (builder, "line", line);
}

static int
print_json (GlowCallTree *tree, const GArray *functions, guint n, const GlowTail *baseline, const GlowCliOptions *options)
{
  const GlowBase *base = glow_call_tree_get_base (tree);
  GlowWarnings *warnings = glow_profile_get_warnings (glow_call_tree_get_profile (tree));
  JsonBuilder *builder = glow_cli_json_begin ("top", (const char *const *) options->files, options->query, &warnings, 1);

  glow_cli_json_base (builder, base);
  glow_cli_json_count (builder, "n_functions", functions->len);
  json_builder_set_member_name (builder, "functions");
  json_builder_begin_array (builder);
  for (guint i = 0; i < n; i++)
    {
      const GlowFunction *function = &g_array_index (functions, GlowFunction, i);
      const GlowFrame *frame = glow_call_tree_get_frame (tree, function->frame);
      g_auto(GlowNameParts) parts = { NULL };

      glow_name_parts_read (glow_profile_get_string (glow_call_tree_get_profile (tree), frame->raw_name), frame->kind, &parts);
      json_builder_begin_object (builder);
      glow_cli_json_string (builder, "name", glow_call_tree_get_frame_name (tree, function->frame));
      glow_cli_json_string (builder, "module", glow_call_tree_get_module_name (tree, function->frame));
      glow_cli_json_string (builder, "kind", glow_frame_kind_get_id (frame->kind));
      glow_cli_json_string (builder, "role", frame->role != GLOW_ROLE_NONE ? glow_role_get_id (frame->role) : NULL);
      glow_cli_json_string (builder, "language", parts.language);
      add_place (builder, tree, frame, &parts);
      glow_cli_json_weight (builder, "self", function->self, base->decimals);
      glow_cli_json_weight (builder, "total", function->total, base->decimals);
      glow_cli_json_count (builder, "samples_self", function->samples_self);
      glow_cli_json_count (builder, "samples_total", function->samples_total);
      glow_cli_json_share (builder, "self", function->self, base);
      glow_cli_json_share (builder, "total", function->total, base);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  if (baseline != NULL)
    glow_cli_json_tail (builder, glow_call_tree_get_profile (tree), baseline);
  return glow_cli_json_end (builder);
}

static int
run (const GlowCliCommand *command, int argc, char **argv)
{
  int limit = DEFAULT_LIMIT;
  g_autofree char *sort_word = NULL;
  const GOptionEntry own[] = {
    { "limit", 0, 0, G_OPTION_ARG_INT, &limit, N_("how many functions (default 30); 0: all"), N_("N") },
    { "sort", 0, 0, G_OPTION_ARG_STRING, &sort_word, N_("by self (default) or total"), N_("COLUMN") },
    { NULL }
  };
  g_auto(GlowCliOptions) options = { 0 };
  g_autoptr(GlowCallTree) tree = NULL;
  g_autoptr(GArray) functions = NULL;
  g_autoptr(GlowTail) baseline = NULL;
  int sort = 0;
  int status = glow_cli_options_parse (&options, command, GLOW_CLI_WITH_JSON, own, argc, argv);
  guint n;

  if (status >= 0)
    return status;
  if (sort_word != NULL && (sort = glow_cli_choose ("--sort", sort_word, sort_words)) < 0)
    return GLOW_CLI_EXIT_USAGE;
  if (limit < 0)
    {
      glow_cli_complain (NULL, _("top: --limit: %d; expected 0 or more"), limit);
      return GLOW_CLI_EXIT_USAGE;
    }
  tree = glow_cli_load_tree (&options, 0, &status);
  if (tree == NULL)
    return status;
  functions = list_functions (tree, sort == 1);
  if (functions == NULL)
    return glow_cli_interrupted ();
  n = limit == 0 ? functions->len : MIN (functions->len, (guint) limit);
  if (glow_query_has_term (options.query, GLOW_QUERY_BASELINE_TIME, NULL))
    {
      g_autoptr(GError) error = NULL;

      baseline = glow_baseline_compute (glow_call_tree_get_profile (tree), glow_call_tree_get_query (tree), glow_cli_get_cancellable (), &error);
      if (baseline == NULL)
        return glow_cli_report (options.files[0], error);
    }
  return options.json ? print_json (tree, functions, n, baseline, &options) : print_table (tree, functions, n, baseline);
}

const GlowCliCommand glow_cli_top = {
  .name = "top",
  .arguments = "FILE…",
  .summary = N_("functions by self and total weight, with 95 % intervals"),
  .notes = N_("Self is the weight of samples in the function itself, total that of samples with\n"
              "it anywhere on the stack (recursion counted once). The interval is where the\n"
              "share lies with 95 % confidence, given the number of samples (Wilson).\n"
              "With --baseline-time, what the selected time does that the baseline does not."),
  .run = run,
};
