/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a tracepoint prints itself: a printf format and expressions of C over the record's fields. Parsed once into a tree, which prints any
 * number of samples; its tables of flags and symbols give values their words.
 *
 * Format: include/trace/stages/stage3_trace_output.h of Linux; what values print as: libtraceevent. */
#include <config.h>

#include "formats/perf/tracepoint-private.h"

#include <arpa/inet.h>
#include <string.h>

#define MAX_DEPTH 200
#define MAX_NODES 4000

typedef enum {
  NODE_NUMBER, NODE_TEXT, NODE_FIELD, NODE_ELEMENT, NODE_UNARY, NODE_BINARY, NODE_CHOICE, NODE_CAST, NODE_FLAGS, NODE_SYMBOLS, NODE_HEX, NODE_ARRAY,
  NODE_LENGTH,
} NodeKind;

/* Operators of two letters by the sum of the letters' codes times 128. */
#define OP2(a, b) ((a) << 7 | (b))

typedef struct {
  NodeKind kind;
  guint op;
  guint a, b, c;               /* nodes; FIELD, ELEMENT, LENGTH: @a is the field */
  gint64 number;
  char *text;                  /* TEXT; FLAGS: what stands between */
  GArray *table;               /* of Word */
} Node;

typedef struct {
  gint64 value;
  char *text;
  gboolean is_unknown;         /* the value has only a name: it matches nothing */
} Word;

#define UNKNOWN 1              /* op of a NUMBER that has only a name */

/* A piece of the format: text up to a conversion, and the conversion. */
typedef struct {
  char *text;
  char *flags;                 /* "-08" */
  gboolean star_width, star_precision, has_precision;
  int width, precision;
  char conversion;             /* 0: none */
  char pointer[6];             /* what follows %p: "S", "I4", "ISpc", … */
  int length;                  /* −2 hh, −1 h, 0 int, 1 long, 2 long long */
} Piece;

struct _PrintFormat {
  const Tracepoint *tracepoint;
  GArray *nodes;               /* of Node */
  GArray *pieces;              /* of Piece */
  GArray *arguments;           /* of guint */
};

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
static gint64 number_of (const PrintFormat *self, const TracepointData *data, guint index);

static void
skip_blanks (Parser *self)
{
  while (g_ascii_isspace (*self->at))
    self->at++;
}

static gboolean
take (Parser *self, const char *word)
{
  skip_blanks (self);
  if (strncmp (self->at, word, strlen (word)) != 0)
    return FALSE;
  self->at += strlen (word);
  return TRUE;
}

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

  skip_blanks (self);
  if (*self->at != '"')
    return NULL;
  text = g_string_new (NULL);
  while (take (self, "\""))
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

  skip_blanks (self);
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
      skip_blanks (self);
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

  if (!take (self, "->"))
    return FALSE;
  name = parse_word (self);
  field = perf_tracepoint_find (self->format->tracepoint, name, strlen (name));
  if (field < 0)
    return FALSE;
  if (take (self, "["))
    {
      guint index;

      return parse_choice (self, &index) && take (self, "]") && add_node (self, &(Node) { NODE_ELEMENT, .a = field, .b = index }, node);
    }
  return add_node (self, &(Node) { NODE_FIELD, .a = field }, node);
}

/* "{ 1, "S" }, { 2, "D" })" and the closing parenthesis. */
static GArray *
parse_table (Parser *self)
{
  GArray *table = g_array_new (FALSE, FALSE, sizeof (Word));

  g_array_set_clear_func (table, clear_word);
  while (!take (self, ")"))
    {
      Word word = { 0 };
      guint value, before = self->format->nodes->len;

      if (!take (self, "{") || !parse_choice (self, &value) || !take (self, ","))
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
          if (take (self, "}"))
            take (self, ",");
          continue;
        }
      word.value = number_of (self->format, NULL, value);
      word.is_unknown = g_array_index (self->format->nodes, Node, value).kind == NODE_NUMBER && g_array_index (self->format->nodes, Node, value).op == UNKNOWN;
      g_array_set_size (self->format->nodes, before);      /* a constant: long ones repeat in every entry */
      g_array_append_val (table, word);
      if (!take (self, "}"))
        {
          g_array_unref (table);
          return NULL;
        }
      take (self, ",");
    }
  return table;
}

static gboolean
parse_tabled (Parser *self, gboolean flags, guint *node)
{
  Node own = { flags ? NODE_FLAGS : NODE_SYMBOLS };
  gboolean fine = parse_choice (self, &own.a) && take (self, ",");

  if (fine && flags)
    fine = (own.text = parse_string (self)) != NULL && (take (self, ",") || TRUE);
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

  return field >= 0 && take (self, ")") && add_node (self, &(Node) { kind, .a = field }, node);
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

      return parse_choice (self, &own.a) && take (self, ",") && parse_choice (self, &own.b) && take (self, ")") && add_node (self, &own, node);
    }
  if (strcmp (name, "__print_array") == 0)
    {
      guint array;

      return parse_choice (self, &array) && take (self, ",") && parse_choice (self, &length) && take (self, ",") && parse_choice (self, &size)
             && take (self, ")") && add_node (self, &(Node) { NODE_ARRAY, .a = array, .b = length, .c = size }, node);
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

  skip_blanks (self);
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
      return parse_choice (self, node) && take (self, ")");
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
  if (take (self, "("))
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

      skip_blanks (self);
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
  if (fine && take (self, "?"))
    {
      Node own = { NODE_CHOICE, .a = *node };

      fine = parse_choice (self, &own.b) && take (self, ":") && parse_choice (self, &own.c) && add_node (self, &own, node);
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
  while (fine && take (&parser, ","))
    {
      guint node;

      fine = parse_choice (&parser, &node);
      if (fine)
        g_array_append_val (self->arguments, node);
    }
  skip_blanks (&parser);
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

/* ---- values ---- */

static const Node *
get_node (const PrintFormat *self, guint index)
{
  return &g_array_index (self->nodes, Node, index);
}

static gint64
compute (guint op, gint64 a, gint64 b)
{
  switch (op)
    {
    case '*': return (gint64) ((guint64) a * (guint64) b);
    case '/': return b == 0 || (b == -1 && a == G_MININT64) ? 0 : a / b;
    case '%': return b == 0 || b == -1 ? 0 : a % b;
    case '+': return (gint64) ((guint64) a + (guint64) b);
    case '-': return (gint64) ((guint64) a - (guint64) b);
    case OP2 ('<', '<'): return b < 0 || b > 63 ? 0 : (gint64) ((guint64) a << b);
    case OP2 ('>', '>'): return b < 0 || b > 63 ? 0 : a >> b;
    case '<': return a < b;
    case '>': return a > b;
    case OP2 ('<', '='): return a <= b;
    case OP2 ('>', '='): return a >= b;
    case OP2 ('=', '='): return a == b;
    case OP2 ('!', '='): return a != b;
    case '&': return a & b;
    case '^': return a ^ b;
    case '|': return a | b;
    default: return 0;
    }
}

static gint64
cast (guint op, gint64 value)
{
  guint bits = op / 2 * 8;
  guint64 part = (guint64) value << (64 - bits);

  return op & 1 ? (gint64) part >> (64 - bits) : (gint64) (part >> (64 - bits));
}

/* @data NULL: of constants, as tables hold them. */
static gint64
number_of (const PrintFormat *self, const TracepointData *data, guint index)
{
  const Node *node = get_node (self, index);
  GlowFieldValue value;
  gint64 a;

  switch (node->kind)
    {
    case NODE_NUMBER: return node->number;
    case NODE_FIELD:
      return data != NULL && perf_tracepoint_read (data, node->a, G_MAXUINT, &value) ? (gint64) value.number : 0;
    case NODE_ELEMENT:
      a = number_of (self, data, node->b);
      return data != NULL && a >= 0 && a < G_MAXINT && perf_tracepoint_read (data, node->a, a, &value) ? (gint64) value.number : 0;
    case NODE_LENGTH:
      return data != NULL && perf_tracepoint_read (data, node->a, G_MAXUINT, &value) ? (gint64) value.n_bytes : 0;
    case NODE_UNARY:
      a = number_of (self, data, node->a);
      return node->op == '!' ? a == 0 : node->op == '~' ? ~a : node->op == '-' ? (gint64) -(guint64) a : a;
    case NODE_BINARY:
      if (node->op == OP2 ('&', '&'))
        return number_of (self, data, node->a) != 0 && number_of (self, data, node->b) != 0;
      if (node->op == OP2 ('|', '|'))
        return number_of (self, data, node->a) != 0 || number_of (self, data, node->b) != 0;
      return compute (node->op, number_of (self, data, node->a), number_of (self, data, node->b));
    case NODE_CHOICE: return number_of (self, data, number_of (self, data, node->a) != 0 ? node->b : node->c);
    case NODE_CAST: return cast (node->op, number_of (self, data, node->a));
    default: return 0;
    }
}

static void
append_flags (const Node *node, gint64 value, GString *text)
{
  gboolean any = FALSE;

  for (guint i = 0; i < node->table->len; i++)
    {
      const Word *word = &g_array_index (node->table, Word, i);

      if (word->is_unknown)
        continue;
      if (value == 0 && word->value < 0)
        {
          g_string_append (text, word->text);
          break;
        }
      if (word->value > 0 && (value & word->value) == word->value)
        {
          g_string_append_printf (text, "%s%s", any ? node->text : "", word->text);
          any = TRUE;
          value &= ~word->value;
        }
    }
  if (value != 0)
    g_string_append_printf (text, "%s0x%" G_GINT64_MODIFIER "x", any ? node->text : "", (guint64) value);
}

static void
append_symbol (const Node *node, gint64 value, GString *text)
{
  for (guint i = 0; i < node->table->len; i++)
    if (g_array_index (node->table, Word, i).value == value && !g_array_index (node->table, Word, i).is_unknown)
      {
        g_string_append (text, g_array_index (node->table, Word, i).text);
        return;
      }
  g_string_append_printf (text, "0x%" G_GINT64_MODIFIER "x", (guint64) value);
}

static guint64
load_element (const guint8 *bytes, guint size, gboolean swap)
{
  guint64 value = 0;

  for (guint i = 0; i < size; i++)
    value |= (guint64) bytes[swap != (G_BYTE_ORDER == G_BIG_ENDIAN) ? size - 1 - i : i] << (8 * i);
  return value;
}

static void
append_text (const PrintFormat *self, const TracepointData *data, guint index, GString *text)
{
  const Node *node = get_node (self, index);
  GlowFieldValue value;
  gint64 n, size;

  switch (node->kind)
    {
    case NODE_TEXT: g_string_append (text, node->text); break;
    case NODE_FIELD:
      if (!perf_tracepoint_read (data, node->a, G_MAXUINT, &value))
        break;
      if (value.kind == GLOW_FIELD_TEXT)
        g_string_append_len (text, (const char *) value.bytes, value.n_bytes);
      else if (value.kind == GLOW_FIELD_BYTES)
        g_string_append_len (text, (const char *) value.bytes, strnlen ((const char *) value.bytes, value.n_bytes));
      else
        g_string_append_printf (text, "0x%" G_GINT64_MODIFIER "x", value.number);
      break;
    case NODE_CHOICE: append_text (self, data, number_of (self, data, node->a) != 0 ? node->b : node->c, text); break;
    case NODE_CAST: append_text (self, data, node->a, text); break;
    case NODE_FLAGS: append_flags (node, number_of (self, data, node->a), text); break;
    case NODE_SYMBOLS: append_symbol (node, number_of (self, data, node->a), text); break;
    case NODE_HEX:
    case NODE_ARRAY:
      if (get_node (self, node->a)->kind != NODE_FIELD || !perf_tracepoint_read (data, get_node (self, node->a)->a, G_MAXUINT, &value) || value.bytes == NULL)
        break;
      n = number_of (self, data, node->b);
      size = node->kind == NODE_HEX ? 1 : number_of (self, data, node->c);
      if (size != 1 && size != 2 && size != 4 && size != 8)
        break;
      if (value.kind == GLOW_FIELD_TEXT)   /* its end is where it says, not the first zero */
        value.n_bytes = n >= 0 && value.bytes + n <= data->bytes + data->n ? (gsize) n : 0;
      n = CLAMP (n, 0, (gint64) value.n_bytes / size);
      if (node->kind == NODE_ARRAY)
        g_string_append_c (text, '{');
      for (gint64 i = 0; i < n; i++)
        g_string_append_printf (text, node->kind == NODE_HEX ? "%s%02" G_GINT64_MODIFIER "x" : "%s0x%" G_GINT64_MODIFIER "x",
                                i == 0 || (node->kind == NODE_HEX && node->op) ? "" : node->kind == NODE_HEX ? " " : ",",
                                load_element (value.bytes + i * size, size, data->format->swap));
      if (node->kind == NODE_ARRAY)
        g_string_append_c (text, '}');
      break;
    default:
      g_string_append_printf (text, "0x%" G_GINT64_MODIFIER "x", (guint64) number_of (self, data, index));
    }
}

/* An address of four or sixteen bytes, in the short form where it is asked for. */
static void
append_internet (const guint8 *bytes, gboolean six, gboolean is_short, GString *text)
{
  char shown[INET6_ADDRSTRLEN];

  if (!six || is_short)
    g_string_append (text, inet_ntop (six ? AF_INET6 : AF_INET, bytes, shown, sizeof shown) != NULL ? shown : "?");
  else
    for (guint i = 0; i < 16; i += 2)
      g_string_append_printf (text, "%s%04x", i > 0 ? ":" : "", bytes[i] << 8 | bytes[i + 1]);
}

/* %pISpc: an address with its family, and its port. */
static gboolean
append_socket (const GlowFieldValue *value, const Piece *piece, gboolean swap, GString *text)
{
  guint family = value->n_bytes >= 8 ? load_element (value->bytes, 2, swap) : 0;
  gboolean port = strchr (piece->pointer, 'p') != NULL, six = family == 10;

  if ((family != 2 && family != 10) || (six && value->n_bytes < 24))
    return FALSE;
  if (six && port)
    g_string_append_c (text, '[');
  append_internet (value->bytes + (six ? 8 : 4), six, strchr (piece->pointer, 'c') != NULL, text);
  if (port)
    g_string_append_printf (text, "%s:%u", six ? "]" : "", value->bytes[2] << 8 | value->bytes[3]);
  return TRUE;
}

/* %pI4, %pM and %pU are of bytes in the record. */
static void
append_bytes (const PrintFormat *self, const TracepointData *data, guint index, const Piece *piece, GString *text)
{
  const Node *node = get_node (self, index);
  GlowFieldValue value;

  if (node->kind != NODE_FIELD || !perf_tracepoint_read (data, node->a, G_MAXUINT, &value) || value.bytes == NULL)
    g_string_append_printf (text, "0x%" G_GINT64_MODIFIER "x", (guint64) number_of (self, data, index));
  else if (piece->pointer[0] == 'M' && value.n_bytes >= 6)
    for (guint i = 0; i < 6; i++)
      g_string_append_printf (text, "%s%02x", i > 0 ? ":" : "", value.bytes[i]);
  else if (piece->pointer[0] != 'U' && piece->pointer[1] == '4' && value.n_bytes >= 4)
    append_internet (value.bytes, FALSE, FALSE, text);
  else if (piece->pointer[0] != 'U' && piece->pointer[1] == '6' && value.n_bytes >= 16)
    append_internet (value.bytes, TRUE, piece->pointer[2] == 'c', text);
  else if (piece->pointer[1] == 'S' && append_socket (&value, piece, data->format->swap, text))
    ;
  else
    perf_tracepoint_append_plain (data->format, node->a, &value, text);
}

static void
append_padded (const Piece *piece, int width, int precision, const GString *own, GString *text)
{
  gsize n = precision >= 0 ? MIN (own->len, (gsize) precision) : own->len;
  gboolean left = strchr (piece->flags, '-') != NULL || width < 0;
  int fill = ABS (width) - (int) MIN (n, 1000);

  for (int i = 0; !left && i < fill; i++)
    g_string_append_c (text, ' ');
  g_string_append_len (text, own->str, n);
  for (int i = 0; left && i < fill; i++)
    g_string_append_c (text, ' ');
}

/* What printf would make of it; by hand, for most of the time of printing a sample goes by here. */
static void
append_digits (guint64 value, guint base, gboolean upper, GString *text)
{
  const char *const letters = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  char digits[24];
  guint at = sizeof digits;

  do
    digits[--at] = letters[value % base];
  while ((value /= base) != 0);
  g_string_append_len (text, digits + at, sizeof digits - at);
}

static void
append_number (const PrintFormat *self, const Piece *piece, int width, int precision, gint64 value, GString *text)
{
  int length = piece->length == 1 && self->tracepoint->long_size == 4 ? 0 : piece->length;
  gboolean is_signed = piece->conversion == 'd' || piece->conversion == 'i', left = strchr (piece->flags, '-') != NULL || width < 0;
  gboolean negative, zeros = strchr (piece->flags, '0') != NULL && !left && precision < 0;
  guint base = piece->conversion == 'o' ? 8 : g_ascii_tolower (piece->conversion) == 'x' ? 16 : 10;
  gsize start = text->len, body, want;
  guint64 size;

  if (length <= 0)
    value = cast ((length <= -2 ? 1 : length == -1 ? 2 : 4) * 2 + is_signed, value);
  negative = is_signed && value < 0;
  size = negative ? -(guint64) value : (guint64) value;
  if (negative)
    g_string_append_c (text, '-');
  else if (is_signed && strchr (piece->flags, '+') != NULL)
    g_string_append_c (text, '+');
  else if (is_signed && strchr (piece->flags, ' ') != NULL)
    g_string_append_c (text, ' ');
  else if (strchr (piece->flags, '#') != NULL && base != 10 && size != 0)
    g_string_append (text, base == 8 ? "0" : piece->conversion == 'x' ? "0x" : "0X");
  body = text->len;
  append_digits (size, base, piece->conversion == 'X', text);
  /* Zeros go behind the sign, up to the precision, or the width where it is to be filled by them. */
  want = precision > 0 ? (gsize) precision : zeros && (gsize) ABS (width) > body - start ? (gsize) ABS (width) - (body - start) : 0;
  while (text->len - body < want)
    g_string_insert_c (text, body, '0');
  while (text->len - start < (gsize) ABS (width))
    g_string_insert_c (text, left ? -1 : (gssize) start, ' ');
}

static void
append_conversion (const PrintFormat *self, const TracepointData *data, const Piece *piece, int width, int precision, guint argument, TracepointNamer namer,
                   gpointer user_data, GString *text)
{
  g_autoptr(GString) own = NULL;

  switch (piece->conversion)
    {
    case 's':
      if (width == 0 && precision < 0)
        {
          append_text (self, data, argument, text);
          break;
        }
      own = g_string_new (NULL);
      append_text (self, data, argument, own);
      append_padded (piece, width, precision, own, text);
      break;
    case 'p':
      own = g_string_new (NULL);
      if (piece->pointer[0] != '\0' && strchr ("SsFfB", piece->pointer[0]) != NULL)
        {
          guint64 address = number_of (self, data, argument);

          if (namer == NULL || !namer (user_data, address, strchr ("SF", piece->pointer[0]) != NULL, own))
            g_string_append_printf (own, "0x%" G_GINT64_MODIFIER "x", address);
        }
      else if (piece->pointer[0] != '\0' && strchr ("IiMU", piece->pointer[0]) != NULL)
        append_bytes (self, data, argument, piece, own);
      else if (number_of (self, data, argument) == 0)
        g_string_append (own, "(nil)");
      else
        {
          g_string_append (own, "0x");
          append_digits (number_of (self, data, argument), 16, FALSE, own);
        }
      append_padded (piece, width, -1, own, text);
      break;
    case 'c': g_string_append_c (text, (char) number_of (self, data, argument)); break;
    case 'd':
    case 'i':
    case 'u':
    case 'x':
    case 'X':
    case 'o':
      append_number (self, piece, width, precision, number_of (self, data, argument), text);
      break;
    default: break;
    }
}

gboolean
perf_print_format_append (const PrintFormat *self, const TracepointData *data, TracepointNamer namer, gpointer user_data, GString *text)
{
  guint argument = 0;

  for (guint i = 0; i < self->pieces->len; i++)
    {
      const Piece *piece = &g_array_index (self->pieces, Piece, i);
      int width = piece->width, precision = piece->has_precision ? piece->precision : -1;

      g_string_append (text, piece->text);
      if (piece->conversion == '\0')
        continue;
      if (piece->star_width && argument < self->arguments->len)
        width = CLAMP (number_of (self, data, g_array_index (self->arguments, guint, argument++)), -1000, 1000);
      if (piece->star_precision && argument < self->arguments->len)
        precision = CLAMP (number_of (self, data, g_array_index (self->arguments, guint, argument++)), -1, 1000);
      if (argument >= self->arguments->len)
        return FALSE;
      append_conversion (self, data, piece, width, precision, g_array_index (self->arguments, guint, argument++), namer, user_data, text);
    }
  return TRUE;
}

/* ---- words of one field ---- */

/* Whether a node reads @field, and no other. */
static gboolean
is_of (const PrintFormat *self, guint index, guint field)
{
  const Node *node = get_node (self, index);

  switch (node->kind)
    {
    case NODE_FIELD: return node->a == field;
    case NODE_CAST:
    case NODE_UNARY: return is_of (self, node->a, field);
    case NODE_BINARY:
      {
        gboolean left = is_of (self, node->a, field), right = is_of (self, node->b, field);

        return (left && (right || get_node (self, node->b)->kind == NODE_NUMBER || get_node (self, node->b)->kind == NODE_BINARY))
               || (right && (get_node (self, node->a)->kind == NODE_NUMBER || get_node (self, node->a)->kind == NODE_BINARY));
      }
    default: return FALSE;
    }
}

/* The arguments that put @field into words: tables of it, or a choice about it that ends in texts or tables. */
static gboolean
is_wordy (const PrintFormat *self, guint index, guint field)
{
  const Node *node = get_node (self, index);

  switch (node->kind)
    {
    case NODE_FLAGS:
    case NODE_SYMBOLS: return is_of (self, node->a, field);
    case NODE_CHOICE:
      {
        NodeKind b = get_node (self, node->b)->kind, c = get_node (self, node->c)->kind;

        return is_of (self, node->a, field) && (b == NODE_TEXT || is_wordy (self, node->b, field)) && (c == NODE_TEXT || is_wordy (self, node->c, field));
      }
    default: return FALSE;
    }
}

/* Whether there is a table in it: a choice between two texts says less. */
static gboolean
has_table (const PrintFormat *self, guint index)
{
  const Node *node = get_node (self, index);

  return node->kind == NODE_FLAGS || node->kind == NODE_SYMBOLS || (node->kind == NODE_CHOICE && (has_table (self, node->b) || has_table (self, node->c)));
}

/* The arguments, from @first up to @end, that put @field into words: the first that has a table, and those printed right behind it ("%s%s"). */
static gboolean
find_words (const PrintFormat *self, guint field, guint *first, guint *end)
{
  guint argument = 0;
  gboolean found = FALSE, sure = FALSE;

  for (guint i = 0; i < self->pieces->len; i++)
    {
      const Piece *piece = &g_array_index (self->pieces, Piece, i);
      gboolean wordy, table;

      argument += piece->star_width + piece->star_precision;
      if (piece->conversion == '\0' || argument >= self->arguments->len)
        continue;
      wordy = is_wordy (self, g_array_index (self->arguments, guint, argument), field);
      table = wordy && has_table (self, g_array_index (self->arguments, guint, argument));
      if (found && wordy && *piece->text == '\0' && *end == argument)
        (*end)++;
      else if (wordy && !sure && (table || !found))
        {
          *first = argument;
          *end = argument + 1;
          found = TRUE;
          sure = table;
        }
      argument++;
    }
  return found;
}

gboolean
perf_print_format_has_words (const PrintFormat *self, guint field)
{
  guint first, end;

  return find_words (self, field, &first, &end);
}

/* The conversion that prints @field as a pointer. (nullable) */
static const Piece *
find_pointer (const PrintFormat *self, guint field)
{
  guint argument = 0;

  for (guint i = 0; i < self->pieces->len && argument < self->arguments->len; i++)
    {
      const Piece *piece = &g_array_index (self->pieces, Piece, i);

      argument += piece->star_width + piece->star_precision;
      if (piece->conversion == '\0')
        continue;
      if (argument < self->arguments->len && piece->conversion == 'p' && is_of (self, g_array_index (self->arguments, guint, argument), field))
        return piece;
      argument++;
    }
  return NULL;
}

gboolean
perf_print_format_is_address (const PrintFormat *self, guint field)
{
  return find_pointer (self, field) != NULL;
}

gboolean
perf_print_format_is_code (const PrintFormat *self, guint field)
{
  const Piece *piece = find_pointer (self, field);

  return piece != NULL && piece->pointer[0] != '\0' && strchr ("SsFfB", piece->pointer[0]) != NULL;
}

/* A record in which only @field is, to be printed by the arguments about it. */
void
perf_print_format_append_words (const PrintFormat *self, guint field, guint64 value, GString *text)
{
  const TracepointField *own = &g_array_index (self->tracepoint->fields, TracepointField, field);
  g_autofree guint8 *bytes = g_malloc0 ((gsize) own->offset + own->size + 8);
  TracepointData data = { self->tracepoint, bytes, (gsize) own->offset + own->size };
  guint first = 0, end = 0;

  if (!find_words (self, field, &first, &end))
    return;
  for (guint i = 0; i < own->size && i < 8; i++)
    bytes[own->offset + (self->tracepoint->swap != (G_BYTE_ORDER == G_BIG_ENDIAN) ? own->size - 1 - i : i)] = value >> (8 * i);
  for (guint i = first; i < end; i++)
    append_text (self, &data, g_array_index (self->arguments, guint, i), text);
}
