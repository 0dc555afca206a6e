/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folded text of a query, as flamegraph.pl and its kin read it: one line a distinct stack, bytewise sorted. */
#include <config.h>

#include <afterglow/error.h>
#include <afterglow/fold.h>
#include <glib/gi18n-lib.h>

#include <string.h>

#define CHUNK (1u << 20)

typedef struct {
  gsize start, length;         /* in the text */
  guint64 weight;
} Line;

typedef struct {
  GString *text;
  GArray *lines;               /* of Line */
} Folding;

/* A separator inside a name would make two frames of it. */
static void
append_name (GString *text, const char *name)
{
  for (const char *at = name; *at != '\0';)
    {
      gsize plain = strcspn (at, ";\n\r");

      g_string_append_len (text, at, plain);
      at += plain;
      if (*at != '\0')
        g_string_append_c (text, *at++ == ';' ? ':' : ' ');
    }
}

/* Of a frame, not of a group. A runtime's own compiled code is code of its compiler all the same. */
const char *
glow_fold_get_annotation (GlowCallTree *tree, guint32 frame)
{
  const GlowFrame *own = glow_call_tree_get_frame (tree, frame);
  guint32 n;
  const GlowModule *modules = glow_profile_get_modules (glow_call_tree_get_profile (tree), &n);

  switch ((GlowFrameKind) own->kind)
    {
    case GLOW_FRAME_KERNEL: return "_[k]";
    case GLOW_FRAME_INLINED: return "_[i]";
    case GLOW_FRAME_JIT: return "_[j]";
    case GLOW_FRAME_RUNTIME: return own->module < n && modules[own->module].kind == GLOW_MODULE_JIT ? "_[j]" : "";
    default: return "";
    }
}

static gint
compare_lines (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const Line *left = a, *right = b;
  const char *text = user_data;
  int order = memcmp (text + left->start, text + right->start, MIN (left->length, right->length));

  return order != 0 ? order : left->length < right->length ? -1 : left->length > right->length;
}

/* Every node with weight of its own, as text; prefixes of the path are kept on the way down. */
static void
collect (Folding *self, GlowCallTree *tree, gboolean annotate)
{
  const GlowCallTreeNodes *nodes = glow_call_tree_get_nodes (tree);
  g_autoptr(GArray) path = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint32 node = 0; node < nodes->n_nodes; node++)
    {
      Line line = { self->text->len, 0, nodes->self[node] };

      if (nodes->self[node] == 0)
        continue;
      g_array_set_size (path, 0);
      for (guint32 at = node; at != 0; at = nodes->parent[at])
        g_array_append_val (path, at);
      for (guint i = path->len; i-- > 0;)
        {
          guint32 at = g_array_index (path, guint32, i);

          append_name (self->text, glow_call_tree_get_name (tree, at));
          if (annotate)
            g_string_append (self->text, glow_fold_get_annotation (tree, nodes->frame[at]));
          if (i > 0)
            g_string_append_c (self->text, ';');
        }
      if (path->len == 0
          || (path->len == 1 && glow_call_tree_get_frame (tree, nodes->frame[node])->kind == GLOW_FRAME_GROUP))
        g_string_append (self->text, path->len == 0 ? "[unknown]" : ";[unknown]");
      line.length = self->text->len - line.start;
      g_array_append_val (self->lines, line);
    }
}

static void
append_weight (GString *out, guint64 weight, guint8 decimals)
{
  guint64 scale = 1, rest;

  for (guint8 i = 0; i < decimals; i++)
    scale *= 10;
  g_string_append_printf (out, " %" G_GUINT64_FORMAT, weight / scale);
  rest = weight % scale;
  if (rest > 0)
    {
      g_string_append_printf (out, ".%0*" G_GUINT64_FORMAT, decimals, rest);
      while (out->str[out->len - 1] == '0')
        g_string_truncate (out, out->len - 1);
    }
  g_string_append_c (out, '\n');
}

static gboolean
write_lines (Folding *self, guint8 decimals, GOutputStream *output, GCancellable *cancellable, GError **error)
{
  g_autoptr(GString) out = g_string_sized_new (CHUNK + 4096);

  for (guint i = 0; i < self->lines->len; i++)
    {
      const Line *line = &g_array_index (self->lines, Line, i);
      guint64 weight = line->weight;

      /* Different functions may have one name. */
      for (; i + 1 < self->lines->len && compare_lines (line, &g_array_index (self->lines, Line, i + 1), self->text->str) == 0; i++)
        weight += g_array_index (self->lines, Line, i + 1).weight;
      g_string_append_len (out, self->text->str + line->start, line->length);
      append_weight (out, weight, decimals);
      if (out->len >= CHUNK)
        {
          if (!g_output_stream_write_all (output, out->str, out->len, NULL, cancellable, error))
            return FALSE;
          g_string_truncate (out, 0);
        }
    }
  return g_output_stream_write_all (output, out->str, out->len, NULL, cancellable, error);
}

/**
 * glow_fold_write:
 * @annotate: marks kernel, inlined and JIT frames as stackcollapse does
 *
 * O(text × log lines). %GLOW_ERROR_EMPTY where nothing is left after the selection.
 */
gboolean
glow_fold_write (GlowProfile *profile, const GlowQuery *query, GlowPrefix prefix, gboolean annotate, GOutputStream *output,
                 GCancellable *cancellable, GError **error)
{
  static const GlowRoots roots[] = { GLOW_ROOTS_COMM, GLOW_ROOTS_PROCESS, GLOW_ROOTS_THREAD, GLOW_ROOTS_NONE, GLOW_ROOTS_CGROUP };
  /* Split by a field, the first frame is its value. */
  g_autoptr(GlowQuery) rooted = glow_query_get_split (query) != NULL ? glow_query_ref ((GlowQuery *) query) : glow_query_with_roots (query, roots[prefix]);
  g_autoptr(GlowCallTree) tree = glow_call_tree_compute (profile, rooted, cancellable, error);
  Folding folding;
  gboolean written = FALSE;

  if (tree == NULL)
    return FALSE;
  if (glow_call_tree_get_base (tree)->weight == 0)
    {
      g_set_error_literal (error, GLOW_ERROR, GLOW_ERROR_EMPTY, _("Nothing is left to show: no samples, or none after the selection"));
      return FALSE;
    }
  folding.text = g_string_sized_new (CHUNK);
  folding.lines = g_array_new (FALSE, FALSE, sizeof (Line));
  collect (&folding, tree, annotate);
  g_array_sort_with_data (folding.lines, compare_lines, folding.text->str);
  written = write_lines (&folding, glow_call_tree_get_base (tree)->decimals, output, cancellable, error);
  g_string_free (folding.text, TRUE);
  g_array_unref (folding.lines);
  return written;
}

/**
 * glow_profile_dup_folded:
 *
 * Returns: (transfer full): the main event's folded text without a prefix, "" where it has no samples
 */
char *
glow_profile_dup_folded (GlowProfile *profile)
{
  g_autoptr(GOutputStream) stream = g_memory_output_stream_new_resizable ();
  g_autoptr(GlowQuery) query = glow_query_new ();

  if (!glow_fold_write (profile, query, GLOW_PREFIX_NONE, FALSE, stream, NULL, NULL))
    return g_strdup ("");
  g_output_stream_write_all (stream, "", 1, NULL, NULL, NULL);
  g_output_stream_close (stream, NULL, NULL);
  return g_memory_output_stream_steal_data (G_MEMORY_OUTPUT_STREAM (stream));
}
