/* SPDX-License-Identifier: GPL-3.0-or-later */
/* afterglow-cli tree: the call tree as text or JSON, or turned round about functions. */
#include "config.h"
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>
#include <afterglow/text-tree.h>
#include "cli/cli.h"

#define DEFAULT_MIN_SHARE 0.5

typedef struct {
  GlowCliOptions options;
  char *callers_of;
  double min_percent;
} Tree;

static void
tree_clear (Tree *self)
{
  glow_cli_options_clear (&self->options);
  g_free (self->callers_of);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Tree, tree_clear)

/* Depth-first and flat: a tree nested as deep as its stacks would be more than most JSON readers take. */
static void
add_nodes (JsonBuilder *builder, GlowCallTree *tree, double min_share)
{
  const GlowCallTreeNodes *nodes = glow_call_tree_get_nodes (tree);
  const GlowBase *base = glow_call_tree_get_base (tree);
  g_autoptr(GArray) list = glow_text_tree_list (tree, min_share, NULL);
  g_autofree guint32 *ids = g_new0 (guint32, nodes->n_nodes);

  json_builder_set_member_name (builder, "nodes");
  json_builder_begin_array (builder);
  for (guint i = 0; i < list->len; i++)
    {
      guint32 node = g_array_index (list, guint32, i);
      const GlowFrame *frame = nodes->frame[node] != GLOW_NONE ? glow_call_tree_get_frame (tree, nodes->frame[node]) : NULL;

      ids[node] = i;
      json_builder_begin_object (builder);
      glow_cli_json_count (builder, "id", i);
      if (node == 0)
        glow_cli_json_string (builder, "parent", NULL);
      else
        glow_cli_json_count (builder, "parent", ids[nodes->parent[node]]);
      glow_cli_json_string (builder, "name", glow_call_tree_get_name (tree, node));
      glow_cli_json_string (builder, "module", glow_call_tree_get_module_name (tree, nodes->frame[node]));
      glow_cli_json_string (builder, "kind", frame != NULL ? glow_frame_kind_get_id (frame->kind) : NULL);
      glow_cli_json_string (builder, "role", frame != NULL && frame->role != GLOW_ROLE_NONE ? glow_role_get_id (frame->role) : NULL);
      glow_cli_json_weight (builder, "self", nodes->self[node], base->decimals);
      glow_cli_json_weight (builder, "total", nodes->total[node], base->decimals);
      glow_cli_json_count (builder, "samples_self", nodes->samples_self[node]);
      glow_cli_json_count (builder, "samples_total", nodes->samples_total[node]);
      glow_cli_json_share (builder, "self", nodes->self[node], base);
      glow_cli_json_share (builder, "total", nodes->total[node], base);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

typedef struct {
  guint32 frame;
  guint64 total;
} Match;

static int
compare_matches (gconstpointer a, gconstpointer b)
{
  const Match *left = a, *right = b;

  if (left->total != right->total)
    return left->total < right->total ? 1 : -1;
  return left->frame < right->frame ? -1 : left->frame > right->frame;
}

/* The functions whose names match, heaviest first, those below the least share left out. */
static GArray *
find_functions (GlowCallTree *tree, const char *regex, double min_share, GError **error)
{
  g_autoptr(GlowSearch) search = glow_search_compute (tree, regex, TRUE, glow_cli_get_cancellable (), error);
  g_autoptr(GArray) functions = NULL;
  double least = min_share * (double) glow_call_tree_get_base (tree)->weight;
  GArray *matches;

  if (search == NULL)
    return NULL;
  functions = glow_call_tree_compute_functions (tree, glow_cli_get_cancellable ());
  if (functions == NULL)
    {
      g_cancellable_set_error_if_cancelled (glow_cli_get_cancellable (), error);
      return NULL;
    }
  matches = g_array_new (FALSE, FALSE, sizeof (Match));
  for (guint i = 0; i < functions->len; i++)
    {
      const GlowFunction *function = &g_array_index (functions, GlowFunction, i);
      Match match = { function->frame, function->total };

      if (search->frame_matches[function->frame] && function->total > 0 && function->total >= least
          && glow_call_tree_get_frame (tree, function->frame)->kind != GLOW_FRAME_GROUP)
        g_array_append_val (matches, match);
    }
  g_array_sort (matches, compare_matches);
  return matches;
}

static int
show_tree (const Tree *self, GlowCallTree *tree)
{
  GlowCliOutput *output;
  GError *error = NULL;
  g_autofree char *base = NULL;
  g_autofree char *head = NULL;

  if (self->options.json)
    {
      GlowWarnings *warnings = glow_profile_get_warnings (glow_call_tree_get_profile (tree));
      JsonBuilder *builder = glow_cli_json_begin ("tree", (const char *const *) self->options.files, self->options.query, &warnings, 1);

      glow_cli_json_base (builder, glow_call_tree_get_base (tree));
      glow_cli_json_number (builder, "min_share", self->min_percent / 100);
      add_nodes (builder, tree, self->min_percent / 100);
      return glow_cli_json_end (builder);
    }
  base = glow_text_base (tree);
  head = g_strdup_printf (_("Shares of %s\n"), base);
  output = glow_cli_output_open (NULL, &error);
  if (g_output_stream_write_all (glow_cli_output_get_stream (output), head, strlen (head), NULL, glow_cli_get_cancellable (), &error))
    glow_text_tree_write (tree, self->min_percent / 100, glow_cli_output_get_stream (output), glow_cli_get_cancellable (), &error);
  return glow_cli_output_finish (output, error);
}

static gboolean
write_callers (const Tree *self, GlowCallTree *tree, GlowCallTree *callers, const char *name, GOutputStream *stream, GError **error)
{
  g_autofree char *base = glow_text_base (tree);
  g_autofree char *shown = g_utf8_make_valid (name, -1);
  g_autofree char *head = g_strdup_printf (_("Callers of %s. Shares of %s\n"), shown, base);

  return g_output_stream_write_all (stream, head, strlen (head), NULL, glow_cli_get_cancellable (), error)
         && glow_text_tree_write (callers, self->min_percent / 100, stream, glow_cli_get_cancellable (), error)
         && g_output_stream_write_all (stream, "\n", 1, NULL, glow_cli_get_cancellable (), error);
}

static gboolean
show_callers_of_all (const Tree *self, GlowCallTree *tree, const GArray *matches, JsonBuilder *builder, GOutputStream *stream, GError **error)
{
  for (guint i = 0; i < matches->len; i++)
    {
      const Match *match = &g_array_index (matches, Match, i);
      const GlowFrame *frame = glow_call_tree_get_frame (tree, match->frame);
      const char *name = glow_profile_get_string (glow_call_tree_get_profile (tree), frame->name);
      g_autoptr(GlowCallTree) callers = glow_call_tree_compute_callers (tree, match->frame, glow_cli_get_cancellable ());

      if (callers == NULL)
        {
          g_cancellable_set_error_if_cancelled (glow_cli_get_cancellable (), error);
          return FALSE;
        }
      if (builder == NULL)
        {
          if (!write_callers (self, tree, callers, name, stream, error))
            return FALSE;
          continue;
        }
      json_builder_begin_object (builder);
      glow_cli_json_string (builder, "name", name);
      glow_cli_json_string (builder, "module", glow_call_tree_get_module_name (tree, match->frame));
      add_nodes (builder, callers, self->min_percent / 100);
      json_builder_end_object (builder);
    }
  return TRUE;
}

static int
show_callers (const Tree *self, GlowCallTree *tree)
{
  GlowWarnings *warnings = glow_profile_get_warnings (glow_call_tree_get_profile (tree));
  g_autoptr(GArray) matches = NULL;
  g_autoptr(JsonBuilder) builder = NULL;
  GlowCliOutput *output;
  GError *error = NULL;

  matches = find_functions (tree, self->callers_of, self->min_percent / 100, &error);
  if (matches == NULL)
    {
      int status = error != NULL ? glow_cli_report (NULL, error) : glow_cli_interrupted ();

      g_clear_error (&error);
      return status;
    }
  if (matches->len == 0)
    {
      glow_cli_complain (self->options.files[0], _("no function matches “%s” (with a share of at least %g %%)"),
                         self->callers_of, self->min_percent);
      return GLOW_CLI_EXIT_NOTHING;
    }
  if (!self->options.json)
    {
      output = glow_cli_output_open (NULL, &error);
      show_callers_of_all (self, tree, matches, NULL, glow_cli_output_get_stream (output), &error);
      return glow_cli_output_finish (output, error);
    }
  builder = glow_cli_json_begin ("tree", (const char *const *) self->options.files, self->options.query, &warnings, 1);
  glow_cli_json_base (builder, glow_call_tree_get_base (tree));
  glow_cli_json_number (builder, "min_share", self->min_percent / 100);
  glow_cli_json_string (builder, "callers_of", self->callers_of);
  json_builder_set_member_name (builder, "functions");
  json_builder_begin_array (builder);
  if (!show_callers_of_all (self, tree, matches, builder, NULL, &error))
    {
      g_clear_error (&error);
      return glow_cli_interrupted ();
    }
  json_builder_end_array (builder);
  return glow_cli_json_end (g_steal_pointer (&builder));
}

static int
run (const GlowCliCommand *command, int argc, char **argv)
{
  g_auto(Tree) self = { .min_percent = DEFAULT_MIN_SHARE };
  const GOptionEntry own[] = {
    { "callers-of", 0, 0, G_OPTION_ARG_FILENAME, &self.callers_of, N_("turn it round: who calls such functions"), N_("REGEX") },
    { "min-share", 0, 0, G_OPTION_ARG_DOUBLE, &self.min_percent, N_("leave out calls below this (default 0.5)"), N_("PERCENT") },
    { NULL }
  };
  g_autoptr(GlowCallTree) tree = NULL;
  g_autoptr(GRegex) regex = NULL;
  g_autoptr(GError) error = NULL;
  int status = glow_cli_options_parse (&self.options, command, GLOW_CLI_WITH_SHAPE | GLOW_CLI_WITH_JSON, own, argc, argv);

  if (status >= 0)
    return status;
  if (!isfinite (self.min_percent) || self.min_percent < 0 || self.min_percent > 100)
    {
      glow_cli_complain (NULL, _("tree: --min-share: %g; expected a percentage from 0 to 100"), self.min_percent);
      return GLOW_CLI_EXIT_USAGE;
    }
  if (self.callers_of != NULL && (regex = g_regex_new (self.callers_of, 0, 0, &error)) == NULL)
    {
      glow_cli_complain (NULL, "tree: --callers-of: %s", error->message);
      return GLOW_CLI_EXIT_USAGE;
    }
  tree = glow_cli_load_tree (&self.options, 0, &status);
  if (tree == NULL)
    return status;
  return self.callers_of != NULL ? show_callers (&self, tree) : show_tree (&self, tree);
}

const GlowCliCommand glow_cli_tree = {
  .name = "tree",
  .arguments = "FILE…",
  .summary = N_("the call tree as text, with shares and their 95 % intervals"),
  .notes = N_("A function that is the only one its caller calls stands below it without\n"
              "indentation. --callers-of shows, for each function that matches, who calls it."),
  .run = run,
};
