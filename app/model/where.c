/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Conditions on fields, in the manner of tracefs filters: integers, comparisons, & | ^ !, && ||, parentheses; texts with == != ~ (glob). Bits
 * bind tighter than comparisons, so that "flags & 2 == 2" is what it looks like. A number compared with a text is compared by its words.
 *
 * Grammar of tracefs: Documentation/trace/events.rst of Linux, section 5. */
#include <config.h>

#include <afterglow/error.h>
#include <glib/gi18n-lib.h>

#include "model/fields-private.h"
#include "model/scan-private.h"
#include "model/where-private.h"

#include <stdlib.h>
#include <string.h>

/* Deeper than any hand writes: parsing is recursive. */
#define MAX_DEPTH 100
#define MAX_NODES 2000

typedef enum {
  NODE_NUMBER, NODE_TEXT, NODE_FIELD, NODE_NOT, NODE_AND, NODE_OR, NODE_EQUAL, NODE_DIFFERENT, NODE_LESS, NODE_LESS_EQUAL, NODE_MORE,
  NODE_MORE_EQUAL, NODE_GLOB, NODE_BIT_AND, NODE_BIT_OR, NODE_BIT_XOR,
} NodeKind;

typedef struct {
  NodeKind kind;
  guint left, right;           /* nodes */
  guint64 number;
  gboolean negative;           /* NUMBER: it is the two's complement */
  guint text;                  /* TEXT: index of texts; FIELD: index of fields */
} Node;

struct _GlowWhere {
  GArray *nodes;               /* of Node */
  GPtrArray *texts;            /* of char* */
  GPtrArray *fields;           /* of char*, NULL-terminated once parsed */
  guint root;
};

/* ---- parsing ---- */

typedef struct {
  GlowWhere *where;
  const char *text, *at;
  guint depth;
  GError **error;
} Parser;

static gboolean parse_or (Parser *self, guint *node);

static gboolean
wrong (Parser *self, const char *expected)
{
  if (*self->at == '\0')
    g_set_error (self->error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("Condition “%s” ends where %s was expected"), self->text, expected);
  else
    g_set_error (self->error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("Condition “%s”: “%s” stands where %s was expected"), self->text, self->at, expected);
  return FALSE;
}

static guint
add_node (Parser *self, Node node)
{
  g_array_append_val (self->where->nodes, node);
  return self->where->nodes->len - 1;
}

static gboolean
parse_text (Parser *self, guint *node)
{
  char quote = *self->at++;
  GString *text = g_string_new (NULL);

  while (*self->at != '\0' && *self->at != quote)
    {
      if (*self->at == '\\' && self->at[1] != '\0')
        self->at++;
      g_string_append_c (text, *self->at++);
    }
  g_ptr_array_add (self->where->texts, g_string_free (text, FALSE));
  if (*self->at != quote)
    return wrong (self, quote == '"' ? "\"" : "'");
  self->at++;
  *node = add_node (self, (Node) { NODE_TEXT, .text = self->where->texts->len - 1 });
  return TRUE;
}

/* "0x1f", "4096", "10ms", "4K"; @negative: a minus stood before it. */
static gboolean
parse_number (Parser *self, gboolean negative, guint *node)
{
  static const struct { const char *suffix; guint64 times; } units[] = {
    { "ns", 1 }, { "us", 1000 }, { "µs", 1000 }, { "ms", 1000000 }, { "s", 1000000000 },
    { "K", 1024 }, { "M", 1 << 20 }, { "G", 1 << 30 }, { "", 1 },
  };
  char *end;
  guint64 number = g_ascii_strtoull (self->at, &end, 0);
  guint i = 0;

  if (end == self->at)
    return wrong (self, _("a number"));
  self->at = end;
  while (strncmp (self->at, units[i].suffix, strlen (units[i].suffix)) != 0)
    i++;
  self->at += strlen (units[i].suffix);
  if (g_ascii_isalnum (*self->at) || *self->at == '_' || number > G_MAXUINT64 / units[i].times)
    return wrong (self, _("a number"));
  number *= units[i].times;
  *node = add_node (self, (Node) { NODE_NUMBER, .number = negative ? -number : number, .negative = negative });
  return TRUE;
}

/* "prev_state", "sched:sched_switch:prev_state", "args[2]". */
static gboolean
parse_field (Parser *self, guint *node)
{
  const char *start = self->at;
  char *name;
  guint i = 0;

  for (;;)
    {
      while (g_ascii_isalnum (*self->at) || *self->at == '_' || *self->at == '.' || (*self->at == '-' && g_ascii_isalnum (self->at[1]) && strchr (self->at, ':') != NULL))
        self->at++;
      if (*self->at != ':' || !(g_ascii_isalpha (self->at[1]) || self->at[1] == '_'))
        break;
      self->at++;
    }
  if (*self->at == '[')
    {
      self->at++;
      while (g_ascii_isdigit (*self->at))
        self->at++;
      if (*self->at != ']')
        return wrong (self, "]");
      self->at++;
    }
  name = g_strndup (start, self->at - start);
  while (i < self->where->fields->len && strcmp (g_ptr_array_index (self->where->fields, i), name) != 0)
    i++;
  if (i == self->where->fields->len)
    g_ptr_array_add (self->where->fields, name);
  else
    g_free (name);
  *node = add_node (self, (Node) { NODE_FIELD, .text = i });
  return TRUE;
}

static gboolean
parse_value (Parser *self, guint *node)
{
  gboolean fine;

  glow_scan_blanks (&self->at);
  if (self->depth > MAX_DEPTH || self->where->nodes->len > MAX_NODES)
    return wrong (self, _("less"));
  self->depth++;
  if (*self->at == '!' && self->at[1] != '=')
    {
      guint inner;

      self->at++;
      fine = parse_value (self, &inner);
      if (fine)
        *node = add_node (self, (Node) { NODE_NOT, .left = inner });
    }
  else if (*self->at == '(')
    {
      self->at++;
      fine = parse_or (self, node) && (glow_scan_take (&self->at, ")") || wrong (self, ")"));
    }
  else if (*self->at == '"' || *self->at == '\'')
    fine = parse_text (self, node);
  else if (*self->at == '-' && g_ascii_isdigit (self->at[1]))
    {
      self->at++;
      fine = parse_number (self, TRUE, node);
    }
  else if (g_ascii_isdigit (*self->at))
    fine = parse_number (self, FALSE, node);
  else if (g_ascii_isalpha (*self->at) || *self->at == '_')
    fine = parse_field (self, node);
  else
    fine = wrong (self, _("a field, a number or a text"));
  self->depth--;
  return fine;
}

/* Operators of one level, from the left. "&" is not the beginning of "&&". */
static gboolean
parse_level (Parser *self, const char *const *words, const NodeKind *kinds, gboolean (*inner) (Parser *self, guint *node), guint *node)
{
  if (!inner (self, node))
    return FALSE;
  for (;;)
    {
      guint i = 0, right;

      glow_scan_blanks (&self->at);
      while (words[i] != NULL && (strncmp (self->at, words[i], strlen (words[i])) != 0
                                  || (strlen (words[i]) == 1 && strchr ("&|", words[i][0]) != NULL && self->at[1] == words[i][0])))
        i++;
      if (words[i] == NULL)
        return TRUE;
      self->at += strlen (words[i]);
      if (!inner (self, &right))
        return FALSE;
      *node = add_node (self, (Node) { kinds[i], .left = *node, .right = right });
    }
}

static gboolean
parse_bits (Parser *self, guint *node)
{
  static const char *const words[] = { "&", "|", "^", NULL };
  static const NodeKind kinds[] = { NODE_BIT_AND, NODE_BIT_OR, NODE_BIT_XOR };

  return parse_level (self, words, kinds, parse_value, node);
}

static NodeKind
kind_of (Parser *self, guint node)
{
  return g_array_index (self->where->nodes, Node, node).kind;
}

static gboolean
parse_comparison (Parser *self, guint *node)
{
  static const char *const words[] = { "==", "!=", "<=", ">=", "<", ">", "~", NULL };
  static const NodeKind kinds[] = { NODE_EQUAL, NODE_DIFFERENT, NODE_LESS_EQUAL, NODE_MORE_EQUAL, NODE_LESS, NODE_MORE, NODE_GLOB };
  guint i = 0, right;

  if (!parse_bits (self, node))
    return FALSE;
  glow_scan_blanks (&self->at);
  while (words[i] != NULL && strncmp (self->at, words[i], strlen (words[i])) != 0)
    i++;
  if (words[i] == NULL)
    {
      if (*self->at == '=')
        return wrong (self, "==");
      return TRUE;
    }
  self->at += strlen (words[i]);
  if (!parse_bits (self, &right))
    return FALSE;
  /* A text stands on the right of a field, and only some operators are for it. */
  if (kind_of (self, right) == NODE_TEXT || kinds[i] == NODE_GLOB || kind_of (self, *node) == NODE_TEXT)
    {
      if (kind_of (self, right) != NODE_TEXT || kind_of (self, *node) != NODE_FIELD
          || (kinds[i] != NODE_EQUAL && kinds[i] != NODE_DIFFERENT && kinds[i] != NODE_GLOB))
        {
          g_set_error (self->error, GLOW_ERROR, GLOW_ERROR_SELECTION,
                       _("Condition “%s”: texts are compared as FIELD == \"TEXT\", FIELD != \"TEXT\" or FIELD ~ \"GLOB\""), self->text);
          return FALSE;
        }
    }
  *node = add_node (self, (Node) { kinds[i], .left = *node, .right = right });
  return TRUE;
}

static gboolean
parse_and (Parser *self, guint *node)
{
  static const char *const words[] = { "&&", NULL };
  static const NodeKind kinds[] = { NODE_AND };

  return parse_level (self, words, kinds, parse_comparison, node);
}

static gboolean
parse_or (Parser *self, guint *node)
{
  static const char *const words[] = { "||", NULL };
  static const NodeKind kinds[] = { NODE_OR };

  return parse_level (self, words, kinds, parse_and, node);
}

GlowWhere *
glow_where_parse (const char *text, GError **error)
{
  g_autoptr(GlowWhere) self = g_new0 (GlowWhere, 1);
  Parser parser = { .where = self, .text = text, .at = text, .error = error };

  self->nodes = g_array_new (FALSE, FALSE, sizeof (Node));
  self->texts = g_ptr_array_new_with_free_func (g_free);
  self->fields = g_ptr_array_new_with_free_func (g_free);
  if (!g_utf8_validate (text, -1, NULL))
    {
      g_set_error_literal (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("The condition is not UTF-8"));
      return NULL;
    }
  if (!parse_or (&parser, &self->root))
    return NULL;
  glow_scan_blanks (&parser.at);
  if (*parser.at != '\0')
    {
      wrong (&parser, _("an operator"));
      return NULL;
    }
  if (self->fields->len == 0)
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("Condition “%s” names no field"), text);
      return NULL;
    }
  g_ptr_array_add (self->fields, NULL);
  return g_steal_pointer (&self);
}

void
glow_where_free (GlowWhere *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->nodes);
  g_ptr_array_unref (self->texts);
  g_ptr_array_unref (self->fields);
  g_free (self);
}

const char *const *
glow_where_get_fields (const GlowWhere *self)
{
  return (const char *const *) self->fields->pdata;
}

/* ---- answering ---- */

/* What a comparison of a field with a text gives, by value: texts are few, and so are values with words. */
typedef struct {
  guint8 *by_text;             /* of text columns: by id of the text */
  GHashTable *by_number;       /* (event, value) → answer + 1 */
} Known;

typedef struct {
  const GlowWhere *where;
  GlowProfile *profile;
  GlowFieldColumn **columns;   /* by field of the condition */
  Known *known;                /* by node */
  const guint16 *events;
} Evaluation;

typedef struct {
  gboolean missing, is_signed;
  guint64 number;
} Value;

static gboolean
text_matches (NodeKind kind, const char *text, const char *wanted)
{
  if (kind == NODE_GLOB)
    return g_pattern_match_simple (wanted, text);
  return (strcmp (text, wanted) == 0) == (kind == NODE_EQUAL);
}

static gboolean
compare_words (Evaluation *self, guint index, gsize row)
{
  const Node *node = &g_array_index (self->where->nodes, Node, index);
  const Node *left = &g_array_index (self->where->nodes, Node, node->left);
  const char *wanted = g_ptr_array_index (self->where->texts, g_array_index (self->where->nodes, Node, node->right).text);
  const GlowFieldColumn *column = self->columns[left->text];
  Known *known = &self->known[index];
  guint32 event = self->events != NULL ? self->events[row] : 0;
  guint64 value = column->value[row], key;
  GlowFieldValue number = { .kind = column->kind, .number = value };
  gpointer answer;
  guint field, element;

  if (column->kind == GLOW_FIELD_TEXT)
    {
      if (known->by_text == NULL)
        {
          known->by_text = g_new0 (guint8, glow_strings_get_n (column->texts) + 1);
          for (guint32 id = 0; id < glow_strings_get_n (column->texts); id++)
            {
              g_autofree char *valid = g_utf8_make_valid (glow_strings_get (column->texts, id), -1);

              known->by_text[id] = text_matches (node->kind, valid, wanted);
            }
        }
      return known->by_text[value];
    }
  key = value ^ (guint64) event << 48;
  if (known->by_number == NULL)
    known->by_number = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  answer = g_hash_table_lookup (known->by_number, &key);
  if (answer == NULL)
    {
      g_autoptr(GString) words = g_string_new (NULL);

      if (glow_profile_find_field (self->profile, event, g_ptr_array_index (self->where->fields, left->text), &field, &element))
        glow_profile_append_field_text (self->profile, event, field, &number, words);
      answer = GUINT_TO_POINTER (1 + text_matches (node->kind, words->str, wanted));
      g_hash_table_insert (known->by_number, g_memdup2 (&key, sizeof key), answer);
    }
  return GPOINTER_TO_UINT (answer) - 1;
}

static inline __int128
wide (const Value *value)
{
  return value->is_signed ? (__int128) (gint64) value->number : (__int128) value->number;
}

static Value
evaluate (Evaluation *self, guint index, gsize row)
{
  const Node *node = &g_array_index (self->where->nodes, Node, index);
  Value left, right;

  switch (node->kind)
    {
    case NODE_NUMBER: return (Value) { .number = node->number, .is_signed = node->negative };
    case NODE_TEXT: return (Value) { .missing = TRUE };
    case NODE_FIELD:
      {
        const GlowFieldColumn *column = self->columns[node->text];

        if (!column->has[row])
          return (Value) { .missing = TRUE };
        if (column->kind == GLOW_FIELD_TEXT)
          return (Value) { .number = column->value[row] != 0 };      /* the empty text is no */
        return (Value) { .number = column->value[row], .is_signed = column->kind == GLOW_FIELD_SIGNED };
      }
    case NODE_NOT:
      left = evaluate (self, node->left, row);
      left.number = left.number == 0;
      return left;
    case NODE_AND:
    case NODE_OR:
      left = evaluate (self, node->left, row);
      /* Decided by one side, the other may be missing. */
      if (!left.missing && (left.number != 0) == (node->kind == NODE_OR))
        return (Value) { .number = left.number != 0 };
      right = evaluate (self, node->right, row);
      if (!right.missing && (right.number != 0) == (node->kind == NODE_OR))
        return (Value) { .number = right.number != 0 };
      return (Value) { .missing = left.missing || right.missing, .number = node->kind == NODE_AND };
    default: break;
    }
  left = evaluate (self, node->left, row);
  if (left.missing)
    return left;
  if (g_array_index (self->where->nodes, Node, node->right).kind == NODE_TEXT)
    return (Value) { .number = compare_words (self, index, row) };
  right = evaluate (self, node->right, row);
  if (right.missing)
    return right;
  switch (node->kind)
    {
    case NODE_EQUAL: return (Value) { .number = wide (&left) == wide (&right) };
    case NODE_DIFFERENT: return (Value) { .number = wide (&left) != wide (&right) };
    case NODE_LESS: return (Value) { .number = wide (&left) < wide (&right) };
    case NODE_LESS_EQUAL: return (Value) { .number = wide (&left) <= wide (&right) };
    case NODE_MORE: return (Value) { .number = wide (&left) > wide (&right) };
    case NODE_MORE_EQUAL: return (Value) { .number = wide (&left) >= wide (&right) };
    case NODE_BIT_AND: return (Value) { .number = left.number & right.number, .is_signed = left.is_signed && right.is_signed };
    case NODE_BIT_OR: return (Value) { .number = left.number | right.number, .is_signed = left.is_signed && right.is_signed };
    case NODE_BIT_XOR: return (Value) { .number = left.number ^ right.number, .is_signed = left.is_signed && right.is_signed };
    default: return (Value) { .missing = TRUE };
    }
}

/* Texts are compared with texts in quotes: a bare number is a mistake that would silently select nothing. */
static gboolean
check_kinds (const Evaluation *self, GError **error)
{
  for (guint i = 0; i < self->where->nodes->len; i++)
    {
      const Node *node = &g_array_index (self->where->nodes, Node, i);
      const guint sides[2] = { node->left, node->right };

      if (node->kind < NODE_EQUAL || g_array_index (self->where->nodes, Node, node->right).kind == NODE_TEXT)
        continue;
      for (guint s = 0; s < 2; s++)
        {
          const Node *side = &g_array_index (self->where->nodes, Node, sides[s]);

          if (side->kind == NODE_FIELD && self->columns[side->text]->kind == GLOW_FIELD_TEXT)
            {
              g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("“%s” is text; compare it with == != or ~ and a text in quotes"),
                           (const char *) g_ptr_array_index (self->where->fields, side->text));
              return FALSE;
            }
        }
    }
  return TRUE;
}

static GlowFieldColumn *
compute (const GlowWhere *self, GlowProfile *profile, GCancellable *cancellable, GError **error)
{
  const GlowSamples *samples = glow_profile_get_samples (profile);
  guint n_fields = self->fields->len - 1;
  Evaluation evaluation = { .where = self, .profile = profile, .events = samples->event };
  g_autoptr(GlowFieldColumn) answer = g_new0 (GlowFieldColumn, 1);
  gboolean fine = TRUE;

  g_atomic_ref_count_init (&answer->ref_count);
  evaluation.columns = g_new0 (GlowFieldColumn *, n_fields);
  evaluation.known = g_new0 (Known, self->nodes->len);
  for (guint i = 0; i < n_fields && fine; i++)
    {
      evaluation.columns[i] = glow_profile_compute_field (profile, g_ptr_array_index (self->fields, i), cancellable, error);
      fine = evaluation.columns[i] != NULL;
    }
  fine = fine && check_kinds (&evaluation, error);
  if (fine)
    {
      answer->n = samples->n;
      answer->has = malloc (samples->n + 1);
    }
  for (gsize i = 0; fine && i < samples->n; i++)
    {
      Value value;

      if ((i & 0xfffff) == 0 && g_cancellable_set_error_if_cancelled (cancellable, error))
        {
          fine = FALSE;
          break;
        }
      value = evaluate (&evaluation, self->root, i);
      answer->has[i] = !value.missing && value.number != 0;
      answer->n_present += answer->has[i];
    }
  for (guint i = 0; i < n_fields; i++)
    glow_field_column_unref (evaluation.columns[i]);
  for (guint i = 0; i < self->nodes->len; i++)
    {
      g_free (evaluation.known[i].by_text);
      g_clear_pointer (&evaluation.known[i].by_number, g_hash_table_unref);
    }
  g_free (evaluation.columns);
  g_free (evaluation.known);
  return fine ? g_steal_pointer (&answer) : NULL;
}

GlowFieldColumn *
glow_where_compute (const char *text, GlowProfile *profile, GCancellable *cancellable, GError **error)
{
  GlowFieldSource *source = glow_profile_get_field_source (profile);
  g_autofree char *key = g_strconcat ("?", text, NULL);
  GlowFieldColumn *answer = source != NULL ? glow_field_source_lookup (source, key) : NULL;
  g_autoptr(GlowWhere) where = NULL;

  if (answer != NULL || (where = glow_where_parse (text, error)) == NULL)
    return answer;
  answer = compute (where, profile, cancellable, error);
  if (answer != NULL)
    glow_field_source_keep (source, key, answer);
  return answer;
}
