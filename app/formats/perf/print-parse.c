/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The print format of a tracepoint, read once: a printf format and expressions of C over the record's fields.
 *
 * Format: include/trace/stages/stage3_trace_output.h of Linux. */
#include <config.h>

#include "formats/perf/print-format-private.h"
#include "model/scan-private.h"

#include <string.h>

#define MAX_DEPTH 200
#define MAX_NODES 4000

static void
clear_word (gpointer data)
{
  g_free (((Word *) data)->text);
}

static void
clear_node (gpointer data)
{
  Node *node = data;

  g_free (node->text);
  g_clear_pointer (&node->table, g_array_unref);
}

static void
clear_piece (gpointer data)
{
  Piece *piece = data;

  g_free (piece->text);
  g_free (piece->flags);
}

/* ---- parsing ---- */

typedef struct {
  PrintFormat *format;
  const char *at;
  guint depth;
} Parser;

static gboolean parse_choice (Parser *self, guint *node);

static gboolean
add_node (Parser *self, const Node *node, guint *index)
{
  g_array_append_vals (self->format->nodes, node, 1);
  *index = self->format->nodes->len - 1;
  return self->format->nodes->len < MAX_NODES;
}

/* "abc" "def", escapes undone. (transfer full) (nullable) */
static char *
parse_string (Parser *self)
{
  GString *text;

  glow_scan_blanks (&self->at);
  if (*self->at != '"')
    return NULL;
  text = g_string_new (NULL);
  while (glow_scan_take (&self->at, "\""))
    {
      for (; *self->at != '\0' && *self->at != '"'; self->at++)
        if (*self->at == '\\' && self->at[1] != '\0')
          {
            self->at++;
            g_string_append_c (text, *self->at == 'n' ? '\n' : *self->at == 't' ? '\t' : *self->at);
          }
        else
          g_string_append_c (text, *self->at);
      if (*self->at != '"')
        {
          g_string_free (text, TRUE);
          return NULL;
        }
      self->at++;
    }
  return g_string_free (text, FALSE);
}

static char *
parse_word (Parser *self)
{
  const char *start;

  glow_scan_blanks (&self->at);
  for (start = self->at; g_ascii_isalnum (*self->at) || *self->at == '_'; self->at++)
    ;
  return g_strndup (start, self->at - start);
}

/* The words of a type in parentheses, the first already known to be one: "unsigned long)", "void *)". FALSE where it is not a type. */
static gboolean
parse_type (Parser *self, GString *type)
{
  const char *start = self->at;

  for (;;)
    {
      glow_scan_blanks (&self->at);
      if (*self->at == ')' && type->len > 0)
        {
          self->at++;
          return TRUE;
        }
      if (*self->at == '*' || g_ascii_isalpha (*self->at) || *self->at == '_')
        {
          g_autofree char *word = *self->at == '*' ? g_strndup (self->at++, 1) : parse_word (self);

          if (strcmp (word, "REC") == 0 || (type->len == 0 && *word == '*') || *self->at == '(' || strncmp (word, "__get_", 6) == 0)
            break;
          g_string_append_printf (type, "%s%s", type->len > 0 ? " " : "", word);
          continue;
        }
      break;
    }
  self->at = start;
  g_string_truncate (type, 0);
  return FALSE;
}

/* Bytes and sign of a type as a cast: width × 2 + signed; 0 where it changes nothing. */
static guint
cast_of (const char *type)
{
  gboolean is_unsigned = strstr (type, "unsigned") != NULL;

  if (strchr (type, '*') != NULL)
    return 0;
  if (strcmp (type, "u8") == 0 || strcmp (type, "__u8") == 0 || strcmp (type, "unsigned char") == 0)
    return 2;
  if (strcmp (type, "u16") == 0 || strcmp (type, "__u16") == 0 || strcmp (type, "unsigned short") == 0)
    return 4;
  if (strcmp (type, "u32") == 0 || strcmp (type, "__u32") == 0 || strcmp (type, "unsigned int") == 0 || strcmp (type, "unsigned") == 0)
    return 8;
  if (strcmp (type, "s8") == 0 || strcmp (type, "char") == 0)
    return 3;
  if (strcmp (type, "s16") == 0 || strcmp (type, "short") == 0)
    return 5;
  if (strcmp (type, "s32") == 0 || (strcmp (type, "int") == 0 && !is_unsigned))
    return 9;
  return 0;
}

/* "REC->field", "REC->field[2]" */
static gboolean
parse_member (Parser *self, guint *node)
{
  g_autofree char *name = NULL;
  int field;

  if (!glow_scan_take (&self->at, "->"))
    return FALSE;
  name = parse_word (self);
  field = perf_tracepoint_find (self->format->tracepoint, name, strlen (name));
  if (field < 0)
    return FALSE;
  if (glow_scan_take (&self->at, "["))
    {
      guint index;

      return parse_choice (self, &index) && glow_scan_take (&self->at, "]") && add_node (self, &(Node) { NODE_ELEMENT, .a = field, .b = index }, node);
    }
  return add_node (self, &(Node) { NODE_FIELD, .a = field }, node);
}

/* "{ 1, "S" }, { 2, "D" })" and the closing parenthesis. */
static GArray *
parse_table (Parser *self)
{
  GArray *table = g_array_new (FALSE, FALSE, sizeof (Word));

  g_array_set_clear_func (table, clear_word);
  while (!glow_scan_take (&self->at, ")"))
    {
      Word word = { 0 };
      guint value, before = self->format->nodes->len;

      if (!glow_scan_take (&self->at, "{") || !parse_choice (self, &value) || !glow_scan_take (&self->at, ","))
        {
          g_array_unref (table);
          return NULL;
        }
      /* The entry that ends a table has no text: "((void *)0)". */
      if ((word.text = parse_string (self)) == NULL)
        {
          while (*self->at != '\0' && *self->at != '}')
            self->at++;
          g_array_set_size (self->format->nodes, before);
          if (glow_scan_take (&self->at, "}"))
            glow_scan_take (&self->at, ",");
          continue;
        }
      word.value = perf_print_number (self->format, NULL, value);
      word.is_unknown = g_array_index (self->format->nodes, Node, value).kind == NODE_NUMBER && g_array_index (self->format->nodes, Node, value).op == UNKNOWN;
      g_array_set_size (self->format->nodes, before);      /* a constant: long ones repeat in every entry */
      g_array_append_val (table, word);
      if (!glow_scan_take (&self->at, "}"))
        {
          g_array_unref (table);
          return NULL;
        }
      glow_scan_take (&self->at, ",");
    }
  return table;
}

static gboolean
parse_tabled (Parser *self, gboolean flags, guint *node)
{
  Node own = { flags ? NODE_FLAGS : NODE_SYMBOLS };
  gboolean fine = parse_choice (self, &own.a) && glow_scan_take (&self->at, ",");

  if (fine && flags)
    fine = (own.text = parse_string (self)) != NULL && (glow_scan_take (&self->at, ",") || TRUE);
  if (fine)
    fine = (own.table = parse_table (self)) != NULL;
  if (!fine)
    {
      g_free (own.text);
      return FALSE;
    }
  return add_node (self, &own, node);
}

/* A field's bare name in parentheses: "__get_str(name)". */
static gboolean
parse_named (Parser *self, NodeKind kind, guint *node)
{
  g_autofree char *name = parse_word (self);
  int field = perf_tracepoint_find (self->format->tracepoint, name, strlen (name));

  return field >= 0 && glow_scan_take (&self->at, ")") && add_node (self, &(Node) { kind, .a = field }, node);
}

static gboolean
parse_call (Parser *self, const char *name, guint *node)
{
  static const char *const getters[] = { "__get_str", "__get_rel_str", "__get_dynamic_array", "__get_rel_dynamic_array", "__get_bitmask", "__get_rel_bitmask",
                                         "__get_cpumask", "__get_rel_cpumask", NULL };
  guint length, size;

  if (g_strv_contains (getters, name))
    return parse_named (self, NODE_FIELD, node);
  if (strcmp (name, "__get_dynamic_array_len") == 0 || strcmp (name, "__get_rel_dynamic_array_len") == 0)
    return parse_named (self, NODE_LENGTH, node);
  if (g_str_has_prefix (name, "__print_flags"))
    return parse_tabled (self, TRUE, node);
  if (g_str_has_prefix (name, "__print_symbolic"))
    return parse_tabled (self, FALSE, node);
  if (strcmp (name, "__print_hex") == 0 || strcmp (name, "__print_hex_str") == 0)
    {
      Node own = { NODE_HEX, .op = name[strlen ("__print_hex")] == '_' };

      return parse_choice (self, &own.a) && glow_scan_take (&self->at, ",") && parse_choice (self, &own.b) && glow_scan_take (&self->at, ")") && add_node (self, &own, node);
    }
  if (strcmp (name, "__print_array") == 0)
    {
      guint array;

      return parse_choice (self, &array) && glow_scan_take (&self->at, ",") && parse_choice (self, &length) && glow_scan_take (&self->at, ",") && parse_choice (self, &size)
             && glow_scan_take (&self->at, ")") && add_node (self, &(Node) { NODE_ARRAY, .a = array, .b = length, .c = size }, node);
    }
  if (strcmp (name, "sizeof") == 0)
    {
      GString *type = g_string_new (NULL);
      gboolean fine = parse_type (self, type);
      gint64 bytes = strstr (type->str, "8") != NULL || strstr (type->str, "char") != NULL ? 1 : strstr (type->str, "16") != NULL || strstr (type->str, "short") != NULL ? 2
                     : strstr (type->str, "64") != NULL || strstr (type->str, "long") != NULL || strchr (type->str, '*') != NULL ? 8 : 4;

      g_string_free (type, TRUE);
      return fine && add_node (self, &(Node) { NODE_NUMBER, .number = bytes }, node);
    }
  return FALSE;
}

static gboolean
parse_atom (Parser *self, guint *node)
{
  g_autofree char *word = NULL;

  glow_scan_blanks (&self->at);
  if (*self->at == '"')
    {
      Node own = { NODE_TEXT };

      own.text = parse_string (self);
      return own.text != NULL && add_node (self, &own, node);
    }
  if (*self->at == '\'' && self->at[1] != '\0' && self->at[2] == '\'')
    {
      Node own = { NODE_NUMBER, .number = self->at[1] };

      self->at += 3;
      return add_node (self, &own, node);
    }
  if (g_ascii_isdigit (*self->at))
    {
      char *end;
      Node own = { NODE_NUMBER, .number = (gint64) g_ascii_strtoull (self->at, &end, 0) };

      for (self->at = end; *self->at != '\0' && strchr ("uUlL", *self->at) != NULL;)
        self->at++;
      return add_node (self, &own, node);
    }
  if (*self->at == '(')
    {
      GString *type = g_string_new (NULL);
      gboolean is_type;
      guint cast;

      self->at++;
      is_type = parse_type (self, type);
      cast = cast_of (type->str);
      g_string_free (type, TRUE);
      if (is_type)
        {
          guint inner;

          self->depth++;
          if (self->depth > MAX_DEPTH || !parse_atom (self, &inner))
            return FALSE;
          self->depth--;
          *node = inner;
          return cast == 0 || add_node (self, &(Node) { NODE_CAST, .a = inner, .op = cast }, node);
        }
      return parse_choice (self, node) && glow_scan_take (&self->at, ")");
    }
  if (*self->at != '\0' && strchr ("!~-+", *self->at) != NULL)
    {
      guint inner, op = *self->at++;

      self->depth++;
      if (self->depth > MAX_DEPTH || !parse_atom (self, &inner))
        return FALSE;
      self->depth--;
      return add_node (self, &(Node) { NODE_UNARY, .op = op, .a = inner }, node);
    }
  word = parse_word (self);
  if (strcmp (word, "REC") == 0)
    return parse_member (self, node);
  if (strcmp (word, "true") == 0 || strcmp (word, "false") == 0)
    return add_node (self, &(Node) { NODE_NUMBER, .number = *word == 't' }, node);
  if (*word == '\0')
    return FALSE;
  if (glow_scan_take (&self->at, "("))
    return parse_call (self, word, node);
  /* A name that the kernel has not replaced by its number. */
  return add_node (self, &(Node) { NODE_NUMBER, .op = UNKNOWN }, node);
}

/* C's levels, the tightest first; within each the longer words first. */
static const char *const levels[][5] = {
  { "*", "/", "%", NULL }, { "+", "-", NULL }, { "<<", ">>", NULL }, { "<=", ">=", "<", ">", NULL }, { "==", "!=", NULL }, { "&", NULL }, { "^", NULL },
  { "|", NULL }, { "&&", NULL }, { "||", NULL },
};

static gboolean
parse_binary (Parser *self, guint level, guint *node)
{
  if (!(level == 0 ? parse_atom (self, node) : parse_binary (self, level - 1, node)))
    return FALSE;
  for (;;)
    {
      guint i = 0, right, op;

      glow_scan_blanks (&self->at);
      while (levels[level][i] != NULL)
        {
          const char *word = levels[level][i];
          gsize n = strlen (word);

          if (strncmp (self->at, word, n) == 0 && !(n == 1 && (self->at[1] == *word || (strchr ("<>", *word) != NULL && self->at[1] == '='))
                                                    && strchr ("&|<>", *word) != NULL))
            break;
          i++;
        }
      if (levels[level][i] == NULL)
        return TRUE;
      op = levels[level][i][1] != '\0' ? OP2 (levels[level][i][0], levels[level][i][1]) : (guint) levels[level][i][0];
      self->at += strlen (levels[level][i]);
      if (!(level == 0 ? parse_atom (self, &right) : parse_binary (self, level - 1, &right))
          || !add_node (self, &(Node) { NODE_BINARY, .op = op, .a = *node, .b = right }, node))
        return FALSE;
    }
}

static gboolean
parse_choice (Parser *self, guint *node)
{
  gboolean fine;

  if (++self->depth > MAX_DEPTH)
    return FALSE;
  fine = parse_binary (self, G_N_ELEMENTS (levels) - 1, node);
  if (fine && glow_scan_take (&self->at, "?"))
    {
      Node own = { NODE_CHOICE, .a = *node };

      fine = parse_choice (self, &own.b) && glow_scan_take (&self->at, ":") && parse_choice (self, &own.c) && add_node (self, &own, node);
    }
  self->depth--;
  return fine;
}

/* The format's text, cut at its conversions. */
static void
cut_format (PrintFormat *self, const char *text)
{
  const char *at = text;

  while (*at != '\0')
    {
      Piece piece = { 0 };
      GString *plain = g_string_new (NULL);
      const char *flags;

      for (; *at != '\0' && (*at != '%' || at[1] == '%'); at++)
        {
          g_string_append_c (plain, *at);
          at += *at == '%';
        }
      piece.text = g_string_free (plain, FALSE);
      if (*at == '%')
        {
          flags = ++at;
          while (*at != '\0' && strchr ("-+ #0", *at) != NULL)
            at++;
          piece.flags = g_strndup (flags, at - flags);
          if (*at == '*')
            piece.star_width = *at++ == '*';
          for (; g_ascii_isdigit (*at); at++)
            piece.width = MIN (piece.width * 10 + (*at - '0'), 1000);
          if (*at == '.')
            {
              piece.has_precision = TRUE;
              if (*++at == '*')
                piece.star_precision = *at++ == '*';
              for (; g_ascii_isdigit (*at); at++)
                piece.precision = MIN (piece.precision * 10 + (*at - '0'), 1000);
            }
          for (; *at != '\0' && strchr ("hlLzjt", *at) != NULL; at++)
            piece.length += *at == 'h' ? -1 : *at == 'l' ? 1 : 2;
          piece.conversion = *at;
          if (*at != '\0')
            at++;
          if (piece.conversion == 'p')
            for (guint i = 0; i < sizeof piece.pointer - 1 && (g_ascii_isalpha (*at) || (i > 0 && g_ascii_isdigit (*at))); i++)
              {
                /* Only letters that the kernel's printf has behind %p. */
                if (i == 0 && strchr ("SsFfBIiMmUKdxtgGhEDRrbNVCe", *at) == NULL)
                  break;
                if (i > 0 && (strchr ("IiUMh", piece.pointer[0]) == NULL || strchr ("46Spcfshnb", *at) == NULL))
                  break;
                piece.pointer[i] = *at++;
              }
        }
      g_array_append_val (self->pieces, piece);
    }
}

PrintFormat *
perf_print_format_parse (const Tracepoint *tracepoint, const char *text)
{
  PrintFormat *self = g_new0 (PrintFormat, 1);
  Parser parser = { .format = self, .at = text };
  g_autofree char *format = NULL;
  gboolean fine;

  self->tracepoint = tracepoint;
  self->nodes = g_array_new (FALSE, FALSE, sizeof (Node));
  self->pieces = g_array_new (FALSE, FALSE, sizeof (Piece));
  self->arguments = g_array_new (FALSE, FALSE, sizeof (guint));
  g_array_set_clear_func (self->nodes, clear_node);
  g_array_set_clear_func (self->pieces, clear_piece);
  format = parse_string (&parser);
  fine = format != NULL;
  if (fine)
    cut_format (self, format);
  while (fine && glow_scan_take (&parser.at, ","))
    {
      guint node;

      fine = parse_choice (&parser, &node);
      if (fine)
        g_array_append_val (self->arguments, node);
    }
  glow_scan_blanks (&parser.at);
  if (fine && *parser.at == '\0')
    return self;
  perf_print_format_free (self);
  return NULL;
}

void
perf_print_format_free (PrintFormat *self)
{
  g_array_unref (self->nodes);
  g_array_unref (self->pieces);
  g_array_unref (self->arguments);
  g_free (self);
}
