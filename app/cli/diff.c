/* SPDX-License-Identifier: GPL-3.0-or-later */
/* afterglow-cli diff: what changed between recordings, with evidence; and gates for pipelines. */
#include "config.h"
#include <afterglow/diff-text.h>
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>
#include "cli/diff-private.h"

#define DEFAULT_LIMIT 30
#define DEFAULT_LAST 10

static const char *const by_words[] = { "function", "module", "thread", "container", "path", NULL };
static const char *const measure_words[] = { "total", "self", NULL };
static const char *const discovery_words[] = { "bh", "by", NULL };
static const char *const test_words[] = { "welch", "permutation", NULL };
static const char *const view_words[] = { "side-by-side", "merged", NULL };
static const char *const width_words[] = { "before", "after", "larger", "change", NULL };

typedef enum { FORM_TEXT, FORM_JSON, FORM_JUNIT, FORM_OTHER } Form;

typedef struct {
  GlowCliDiffSides sides;
  GlowDiffOptions diff;
  GlowDiffExportOptions export;
  char *path, *by, *measure, *base, *discovery, *test, *view, *widths, *renames_path, *title, *search, *unit_words;
  char **gate_words, **rename_words;
  GPtrArray *gates;            /* of GlowDiffGate; NULL: none */
  double level, floor_pp, margin_pp;
  int limit;
  gboolean markdown, junit, csv, folded, dark, only_changed;
  GlowDiffFormat out_format, form_format;      /* of the file, of standard output */
  Form out_form, form;
} Diff;

static void
diff_clear (Diff *self)
{
  glow_cli_diff_sides_clear (&self->sides);
  g_free (self->path);
  g_free (self->by);
  g_free (self->measure);
  g_free (self->base);
  g_free (self->discovery);
  g_free (self->test);
  g_free (self->view);
  g_free (self->widths);
  g_free (self->renames_path);
  g_free (self->title);
  g_free (self->search);
  g_strfreev (self->gate_words);
  g_strfreev (self->rename_words);
  g_clear_pointer (&self->gates, g_ptr_array_unref);
  g_clear_pointer (&self->diff.renames, g_hash_table_unref);
  g_free (self->diff.unit);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Diff, diff_clear)

/* ---- options ---- */

/* "share", "time", "rate", or a unit's name and how many there were: "request=120000,118000". */
static gboolean
read_base (Diff *self)
{
  char *equals = self->base != NULL ? strchr (self->base, '=') : NULL;
  static const char *const words[] = { "share", "time", "rate", NULL };
  int chosen;

  if (self->base == NULL)
    return TRUE;
  if (equals != NULL && equals > self->base)
    {
      self->diff.base = GLOW_DIFF_PER_UNIT;
      self->diff.unit = g_strndup (self->base, equals - self->base);
      self->unit_words = equals + 1;
      return TRUE;
    }
  chosen = glow_cli_choose ("--base", self->base, words);
  self->diff.base = chosen;
  return chosen >= 0;
}

static gboolean
read_rename (Diff *self, const char *words, const char *separators, const char *where)
{
  const char *middle = words + strcspn (words, separators);
  g_autofree char *from = g_strstrip (g_strndup (words, middle - words)), *to = *middle != '\0' ? g_strstrip (g_strdup (middle + 1)) : NULL;

  if (to == NULL || *from == '\0' || *to == '\0')
    {
      glow_cli_complain (where, _("“%s”: expected OLD=NEW"), words);
      return FALSE;
    }
  if (self->diff.renames == NULL)
    self->diff.renames = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_hash_table_insert (self->diff.renames, g_steal_pointer (&from), g_steal_pointer (&to));
  return TRUE;
}

/* --rename OLD=NEW; a file has a pair a line, with a tab or = between, # for remarks. */
static gboolean
read_renames (Diff *self, int *status)
{
  g_autofree char *text = NULL;
  g_autoptr(GError) error = NULL;
  g_auto(GStrv) lines = NULL;

  for (guint i = 0; self->rename_words != NULL && self->rename_words[i] != NULL; i++)
    if (!read_rename (self, self->rename_words[i], "=", "--rename"))
      return FALSE;
  if (self->renames_path == NULL)
    return TRUE;
  if (!g_file_get_contents (self->renames_path, &text, NULL, &error))
    {
      *status = glow_cli_report (self->renames_path, error);
      return FALSE;
    }
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_strstrip (lines[i]);
      if (*lines[i] != '\0' && *lines[i] != '#' && !read_rename (self, lines[i], strchr (lines[i], '\t') != NULL ? "\t" : "=", self->renames_path))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_gates (Diff *self)
{
  for (guint i = 0; self->gate_words != NULL && self->gate_words[i] != NULL; i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GPtrArray) gates = glow_diff_gates_parse (self->gate_words[i], &error);

      if (gates == NULL)
        {
          glow_cli_complain (NULL, "diff: --gate: %s", error->message);
          return FALSE;
        }
      if (self->gates == NULL)
        self->gates = g_steal_pointer (&gates);
      else
        g_ptr_array_extend_and_steal (self->gates, g_steal_pointer (&gates));
    }
  return TRUE;
}

static gboolean
read_forms (Diff *self)
{
  guint n = self->sides.options.json + self->markdown + self->junit + self->csv + self->folded;

  if (n > 1)
    {
      glow_cli_complain (NULL, _("diff: one of --json, --markdown, --junit, --csv and --folded can go to standard output; another to a file with -o"));
      return FALSE;
    }
  self->form = self->sides.options.json ? FORM_JSON : self->junit ? FORM_JUNIT : FORM_OTHER;
  self->form_format = self->markdown ? GLOW_DIFF_MARKDOWN : self->csv ? GLOW_DIFF_CSV : self->folded ? GLOW_DIFF_FOLDED : GLOW_DIFF_TEXT;
  if (n == 0)
    self->form = FORM_TEXT;
  if (self->path == NULL)
    return TRUE;
  self->out_form = FORM_OTHER;
  if (g_str_has_suffix (self->path, ".xml"))
    self->out_form = FORM_JUNIT;
  else if (!glow_diff_format_from_path (self->path, &self->out_format))
    {
      glow_cli_complain (NULL, _("diff: -o “%s”: its ending says none of .svg, .png, .pdf, .html, .csv, .json, .md, .folded, .txt, .xml (JUnit)"), self->path);
      return FALSE;
    }
  return TRUE;
}

static gboolean
choose (const char *option, const char *word, const char *const *words, guint *chosen)
{
  int index = word != NULL ? glow_cli_choose (option, word, words) : (int) *chosen;

  if (index < 0)
    return FALSE;
  *chosen = (guint) index;
  return TRUE;
}

static gboolean
check_numbers (const Diff *self)
{
  if (self->limit < 0 || self->sides.last < 2)
    {
      glow_cli_complain (NULL, self->limit < 0 ? _("diff: --limit: expected 0 or more") : _("diff: --last: expected 2 or more"));
      return FALSE;
    }
  if (!(self->level > 0 && self->level < 1) || !(self->floor_pp >= 0 && self->floor_pp <= 100) || !(self->margin_pp > 0 && self->margin_pp <= 100))
    {
      glow_cli_complain (NULL, _("diff: --level lies between 0 and 1, --min-change and --margin between 0 and 100 points"));
      return FALSE;
    }
  if (!(self->export.width >= 200 && self->export.width <= 32767))
    {
      glow_cli_complain (NULL, _("diff: --width: %g; expected 200 to 32767"), self->export.width);
      return FALSE;
    }
  return TRUE;
}

/* FALSE with *status: everything having been said. */
static gboolean
read_wishes (Diff *self, int *status)
{
  guint by = 0, measure = 0, test = 0, discovery = 0, view = 0, widths = GLOW_DIFF_WIDTH_LARGER;

  *status = GLOW_CLI_EXIT_USAGE;
  if (!choose ("--by", self->by, by_words, &by) || !choose ("--measure", self->measure, measure_words, &measure) || !choose ("--discovery", self->discovery, discovery_words, &discovery)
      || !choose ("--test", self->test, test_words, &test) || !choose ("--view", self->view, view_words, &view) || !choose ("--widths", self->widths, width_words, &widths) || !read_base (self) || !check_numbers (self)
      || !read_gates (self) || !read_forms (self) || !read_renames (self, status))
    return FALSE;
  if (self->search != NULL)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GRegex) regex = g_regex_new (self->search, 0, 0, &error);

      if (regex == NULL)
        {
          glow_cli_complain (NULL, "diff: --search: %s", error->message);
          return FALSE;
        }
    }
  self->diff.level = self->level;
  self->diff.floor = MAX (self->floor_pp / 100, 1e-12);
  self->diff.margin = self->margin_pp / 100;
  self->diff.discovery = discovery == 1 ? GLOW_DISCOVERY_BY : GLOW_DISCOVERY_BH;
  self->export.by_path = by == GLOW_N_DIFF_KINDS;
  self->export.kind = self->export.by_path ? GLOW_DIFF_FUNCTIONS : by;
  self->diff.permutation = test == 1;
  self->export.measure = measure;
  self->export.limit = (guint) self->limit;
  self->export.only_matters = self->only_changed;
  self->export.merged = view == 1;
  self->export.widths = widths;
  self->export.title = self->title;
  self->export.search = self->search;
  self->export.theme = self->dark ? GLOW_THEME_DARK : GLOW_THEME_LIGHT;
  return TRUE;
}

/* Paths are made as fine as what is written needs them. */
static void
wish_paths (Diff *self)
{
  gboolean file = self->path != NULL && self->out_form == FORM_OTHER && glow_diff_format_has_paths (self->out_format);
  gboolean form = self->form == FORM_OTHER && glow_diff_format_has_paths (self->form_format);

  self->diff.no_paths = !file && !form && !self->export.by_path;
  if (self->export.by_path)
    self->diff.min_share = self->diff.floor;
  if (file)
    self->diff.min_share = glow_diff_get_min_share (self->out_format, &self->export);
  if (form)
    self->diff.min_share = 0;
}

/* ---- output ---- */

static int
write_file (Diff *self, GlowDiff *diff, const GPtrArray *verdicts)
{
  GError *error = NULL;
  GlowCliOutput *output = glow_cli_output_open (self->path, &error);
  int status;

  if (output == NULL)
    {
      status = glow_cli_report (self->path, error);
      g_error_free (error);
      return status;
    }
  if (self->out_form == FORM_JUNIT)
    {
      g_autofree char *text = glow_cli_diff_dup_junit (diff, verdicts);

      g_output_stream_write_all (glow_cli_output_get_stream (output), text, strlen (text), NULL, glow_cli_get_cancellable (), &error);
    }
  else
    glow_diff_write (diff, self->out_format, &self->export, glow_cli_output_get_stream (output), glow_cli_get_cancellable (), &error);
  return glow_cli_output_finish (output, error);
}

static int
print_form (Diff *self, GlowDiff *diff, const GPtrArray *verdicts)
{
  g_autoptr(GString) text = g_string_new (NULL);
  GlowCliOutput *output;
  GError *error = NULL;

  if (self->form == FORM_JSON)
    return glow_cli_diff_print_json (&self->sides, diff, &self->export, verdicts);
  if (self->form == FORM_JUNIT)
    {
      g_autofree char *junit = glow_cli_diff_dup_junit (diff, verdicts);

      return glow_cli_print (junit, strlen (junit));
    }
  output = glow_cli_output_open (NULL, &error);
  /* With a picture asked for, only what the gates say is told here. */
  if (self->form == FORM_OTHER || self->path == NULL)
    glow_diff_write (diff, self->form_format, &self->export, glow_cli_output_get_stream (output), glow_cli_get_cancellable (), &error);
  if (verdicts != NULL && error == NULL && (self->form == FORM_TEXT || self->form_format == GLOW_DIFF_MARKDOWN))
    {
      g_string_append_c (text, '\n');
      glow_cli_diff_append_verdicts (diff, verdicts, self->form != FORM_TEXT, text);
      g_output_stream_write_all (glow_cli_output_get_stream (output), text->str, text->len, NULL, glow_cli_get_cancellable (), &error);
    }
  return glow_cli_output_finish (output, error);
}

static int
answer (Diff *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GlowDiff) diff = glow_diff_compute (self->sides.before, self->sides.after, &self->diff, glow_cli_get_cancellable (), &error);
  g_autoptr(GPtrArray) verdicts = NULL;
  int status = GLOW_CLI_EXIT_DONE;

  if (diff != NULL && self->gates != NULL)
    verdicts = glow_diff_check_gates (diff, self->gates, &error);
  if (error != NULL)
    return glow_cli_report (NULL, error);
  if (self->path != NULL)
    status = write_file (self, diff, verdicts);
  if (status == GLOW_CLI_EXIT_DONE)
    status = print_form (self, diff, verdicts);
  for (guint i = 0; verdicts != NULL && i < verdicts->len && status == GLOW_CLI_EXIT_DONE; i++)
    if (!((GlowDiffVerdict *) g_ptr_array_index (verdicts, i))->held)
      status = GLOW_CLI_EXIT_GATE;
  return status;
}

static int
run (const GlowCliCommand *command, int argc, char **argv)
{
  g_auto(Diff) self = { .level = 0.05, .floor_pp = 0.1, .margin_pp = 0.5, .limit = DEFAULT_LIMIT, .sides.last = DEFAULT_LAST, .export.width = 1600 };
  const GOptionEntry own[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &self.path, N_(".svg, .png, .pdf, .html, .csv, .md, .folded, .xml"), N_("OUT") },
    { "gate", 0, 0, G_OPTION_ARG_STRING_ARRAY, &self.gate_words, N_("exit status 1 where it fails; see below"), N_("GATES") },
    { "baseline", 0, 0, G_OPTION_ARG_FILENAME, &self.sides.baseline, N_("before is the last runs in this folder"), N_("DIR") },
    { "last", 0, 0, G_OPTION_ARG_INT, &self.sides.last, N_("of --baseline: how many (default 10)"), N_("N") },
    { "base", 0, 0, G_OPTION_ARG_STRING, &self.base, N_("share (default), time, rate, or UNIT=N[,M]"), N_("BASE") },
    { "by", 0, 0, G_OPTION_ARG_STRING, &self.by, N_("function (default), module, thread, container, path"), N_("KIND") },
    { "measure", 0, 0, G_OPTION_ARG_STRING, &self.measure, N_("total (default) or self"), N_("WHICH") },
    { "limit", 0, 0, G_OPTION_ARG_INT, &self.limit, N_("how many rows (default 30); 0: all"), N_("N") },
    { "only-changed", 0, 0, G_OPTION_ARG_NONE, &self.only_changed, N_("only what changed, with evidence, and matters"), NULL },
    { "level", 0, 0, G_OPTION_ARG_DOUBLE, &self.level, N_("evidence is a q below this (default 0.05)"), N_("Q") },
    { "min-change", 0, 0, G_OPTION_ARG_DOUBLE, &self.floor_pp, N_("less is not worth colour (default 0.1 points)"), N_("PP") },
    { "margin", 0, 0, G_OPTION_ARG_DOUBLE, &self.margin_pp, N_("proven to be less: equivalent (default 0.5)"), N_("PP") },
    { "discovery", 0, 0, G_OPTION_ARG_STRING, &self.discovery, N_("bh (default), or by: for any dependence"), N_("METHOD") },
    { "test", 0, 0, G_OPTION_ARG_STRING, &self.test, N_("of runs: welch (default) or permutation"), N_("METHOD") },
    { "top-down", 0, 0, G_OPTION_ARG_NONE, &self.diff.top_down, N_("test paths only below callers that changed"), NULL },
    { "pool", 0, 0, G_OPTION_ARG_NONE, &self.diff.pool_runs, N_("the files of a side are one recording"), NULL },
    { "rename", 0, 0, G_OPTION_ARG_STRING_ARRAY, &self.rename_words, N_("compare these as one function"), N_("OLD=NEW") },
    { "renames", 0, 0, G_OPTION_ARG_FILENAME, &self.renames_path, N_("a file of such pairs, one a line"), N_("FILE") },
    { "exact-names", 0, 0, G_OPTION_ARG_NONE, &self.diff.exact_names, N_("strip nothing (.isra.0, hashes) from names"), NULL },
    { "before-time", 0, 0, G_OPTION_ARG_STRING, &self.sides.before_time, N_("as --time, of the side before alone"), N_("A,B") },
    { "after-time", 0, 0, G_OPTION_ARG_STRING, &self.sides.after_time, N_("as --time, of the side after alone"), N_("A,B") },
    { "before", 0, 0, G_OPTION_ARG_STRING, &self.sides.before_words, N_("any selection of the side before alone"), N_("'WORDS'") },
    { "after", 0, 0, G_OPTION_ARG_STRING, &self.sides.after_words, N_("any selection of the side after alone"), N_("'WORDS'") },
    { "markdown", 0, 0, G_OPTION_ARG_NONE, &self.markdown, N_("print Markdown, for a pull request"), NULL },
    { "junit", 0, 0, G_OPTION_ARG_NONE, &self.junit, N_("print JUnit XML, a test case a gate"), NULL },
    { "csv", 0, 0, G_OPTION_ARG_NONE, &self.csv, N_("print CSV, total and self"), NULL },
    { "folded", 0, 0, G_OPTION_ARG_NONE, &self.folded, N_("print “STACK BEFORE AFTER”, as difffolded.pl"), NULL },
    { "normalize", 0, 0, G_OPTION_ARG_NONE, &self.export.normalize, N_("folded: scale before to the whole of after"), NULL },
    { "annotate", 0, 0, G_OPTION_ARG_NONE, &self.export.annotate, N_("folded: mark _[k] kernel, _[i] inlined, _[j] JIT"), NULL },
    { "view", 0, 0, G_OPTION_ARG_STRING, &self.view, N_("pictures: side-by-side (default) or merged"), N_("WHICH") },
    { "widths", 0, 0, G_OPTION_ARG_STRING, &self.widths, N_("pictures: larger (default), before, after, change"), N_("WHICH") },
    { "width", 0, 0, G_OPTION_ARG_DOUBLE, &self.export.width, N_("pictures: 1600 unless given"), N_("PIXELS") },
    { "min-width", 0, 0, G_OPTION_ARG_DOUBLE, &self.export.min_width, N_("pictures: narrower frames are merged"), N_("PIXELS") },
    { "scale", 0, 0, G_OPTION_ARG_DOUBLE, &self.export.scale, N_("PNG: device pixels a pixel"), N_("FACTOR") },
    { "title", 0, 0, G_OPTION_ARG_STRING, &self.title, N_("the files' names unless given"), N_("TEXT") },
    { "search", 0, 0, G_OPTION_ARG_STRING, &self.search, N_("pictures: mark functions that match"), N_("REGEX") },
    { "icicle", 0, 0, G_OPTION_ARG_NONE, &self.export.icicle, N_("pictures: roots at the top"), NULL },
    { "dark", 0, 0, G_OPTION_ARG_NONE, &self.dark, N_("pictures: on a dark ground"), NULL },
    { NULL }
  };
  int status;

  glow_cli_diff_mark_middle (argc, argv);
  status = glow_cli_options_parse (&self.sides.options, command, GLOW_CLI_WITH_JSON | GLOW_CLI_WITH_SHAPE, own, argc, argv);
  if (status >= 0)
    return status;
  if (!read_wishes (&self, &status))
    return status;
  wish_paths (&self);
  status = glow_cli_diff_load_sides (&self.sides, self.unit_words);
  return status >= 0 ? status : answer (&self);
}

const GlowCliCommand glow_cli_diff = {
  .name = "diff",
  .arguments = "BEFORE… -- AFTER…",
  .summary = N_("what changed between recordings, with evidence, and gates for CI"),
  .notes = N_("One file a side: samples are the evidence; it is recordings that differ. More\n"
              "files a side: runs are the evidence; it is builds that differ. Take four a side\n"
              "or more. One file with --before-time and --after-time, or --before and --after\n"
              "('--comm web --cpu 0-3'): two selections of it. Folded stacks will do.\n"
              "\n"
              "GATES are separated by commas: SCOPE:GLOB>NUMBER UNIT[@LEVEL]\n"
              "  SCOPE  total, self (of functions), module, thread, container; share: total of\n"
              "         every function\n"
              "  UNIT   pp (points of share), % (of its own value before), x (times that);\n"
              "         ns us ms s with --base time, rate or UNIT=N\n"
              "  LEVEL  q0.01: false discoveries among what the gate names (q0.05 unless\n"
              "         given); p0.01: each by itself; sure: the whole 95 % interval is beyond\n"
              "A gate fails where something grew by more than the number, with evidence (for\n"
              "what shrank: <-NUMBER). What is beyond it without evidence is told and holds.\n"
              "\n"
              "A nightly job: ten recordings are kept; the new one must not be outside what\n"
              "they vary by, and joins them where it holds.\n"
              "  perf record -F 99 -g -o new.data -- ./benchmark\n"
              "  afterglow-cli fold new.data > new.folded\n"
              "  afterglow-cli diff --baseline nightly new.folded -o report.html --junit \\\n"
              "    --gate 'total:ParseJson>+1pp, self:*>+2pp@q0.01, module:libssl*>10%' \\\n"
              "    > junit.xml && mv new.folded nightly/$(date +%F).folded\n"
              "\n"
              "For a pull request, four runs of each build:\n"
              "  afterglow-cli diff main-?.folded -- branch-?.folded --markdown > comment.md"),
  .run = run,
};
