/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints samples of a tracepoint as it prints itself.
 *
 * What values print as: libtraceevent. */
#include <config.h>

#include "formats/perf/print-format-private.h"

#include <arpa/inet.h>
#include <string.h>

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
gint64
perf_print_number (const PrintFormat *self, const TracepointData *data, guint index)
{
  const Node *node = perf_print_node (self, index);
  GlowFieldValue value;
  gint64 a;

  switch (node->kind)
    {
    case NODE_NUMBER: return node->number;
    case NODE_FIELD:
      return data != NULL && perf_tracepoint_read (data, node->a, G_MAXUINT, &value) ? (gint64) value.number : 0;
    case NODE_ELEMENT:
      a = perf_print_number (self, data, node->b);
      return data != NULL && a >= 0 && a < G_MAXINT && perf_tracepoint_read (data, node->a, a, &value) ? (gint64) value.number : 0;
    case NODE_LENGTH:
      return data != NULL && perf_tracepoint_read (data, node->a, G_MAXUINT, &value) ? (gint64) value.n_bytes : 0;
    case NODE_UNARY:
      a = perf_print_number (self, data, node->a);
      return node->op == '!' ? a == 0 : node->op == '~' ? ~a : node->op == '-' ? (gint64) -(guint64) a : a;
    case NODE_BINARY:
      if (node->op == OP2 ('&', '&'))
        return perf_print_number (self, data, node->a) != 0 && perf_print_number (self, data, node->b) != 0;
      if (node->op == OP2 ('|', '|'))
        return perf_print_number (self, data, node->a) != 0 || perf_print_number (self, data, node->b) != 0;
      return compute (node->op, perf_print_number (self, data, node->a), perf_print_number (self, data, node->b));
    case NODE_CHOICE: return perf_print_number (self, data, perf_print_number (self, data, node->a) != 0 ? node->b : node->c);
    case NODE_CAST: return cast (node->op, perf_print_number (self, data, node->a));
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

void
perf_print_text (const PrintFormat *self, const TracepointData *data, guint index, GString *text)
{
  const Node *node = perf_print_node (self, index);
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
    case NODE_CHOICE: perf_print_text (self, data, perf_print_number (self, data, node->a) != 0 ? node->b : node->c, text); break;
    case NODE_CAST: perf_print_text (self, data, node->a, text); break;
    case NODE_FLAGS: append_flags (node, perf_print_number (self, data, node->a), text); break;
    case NODE_SYMBOLS: append_symbol (node, perf_print_number (self, data, node->a), text); break;
    case NODE_HEX:
    case NODE_ARRAY:
      if (perf_print_node (self, node->a)->kind != NODE_FIELD || !perf_tracepoint_read (data, perf_print_node (self, node->a)->a, G_MAXUINT, &value) || value.bytes == NULL)
        break;
      n = perf_print_number (self, data, node->b);
      size = node->kind == NODE_HEX ? 1 : perf_print_number (self, data, node->c);
      if (size != 1 && size != 2 && size != 4 && size != 8)
        break;
      if (value.kind == GLOW_FIELD_TEXT)   /* its end is where it says, not the first zero */
        value.n_bytes = n >= 0 && (gsize) n <= data->n - (value.bytes - data->bytes) ? (gsize) n : 0;
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
      g_string_append_printf (text, "0x%" G_GINT64_MODIFIER "x", (guint64) perf_print_number (self, data, index));
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
  const Node *node = perf_print_node (self, index);
  GlowFieldValue value;

  if (node->kind != NODE_FIELD || !perf_tracepoint_read (data, node->a, G_MAXUINT, &value) || value.bytes == NULL)
    g_string_append_printf (text, "0x%" G_GINT64_MODIFIER "x", (guint64) perf_print_number (self, data, index));
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
          perf_print_text (self, data, argument, text);
          break;
        }
      own = g_string_new (NULL);
      perf_print_text (self, data, argument, own);
      append_padded (piece, width, precision, own, text);
      break;
    case 'p':
      own = g_string_new (NULL);
      if (piece->pointer[0] != '\0' && strchr ("SsFfB", piece->pointer[0]) != NULL)
        {
          guint64 address = perf_print_number (self, data, argument);

          if (namer == NULL || !namer (user_data, address, strchr ("SF", piece->pointer[0]) != NULL, own))
            g_string_append_printf (own, "0x%" G_GINT64_MODIFIER "x", address);
        }
      else if (piece->pointer[0] != '\0' && strchr ("IiMU", piece->pointer[0]) != NULL)
        append_bytes (self, data, argument, piece, own);
      else if (perf_print_number (self, data, argument) == 0)
        g_string_append (own, "(nil)");
      else
        {
          g_string_append (own, "0x");
          append_digits (perf_print_number (self, data, argument), 16, FALSE, own);
        }
      append_padded (piece, width, -1, own, text);
      break;
    case 'c': g_string_append_c (text, (char) perf_print_number (self, data, argument)); break;
    case 'd':
    case 'i':
    case 'u':
    case 'x':
    case 'X':
    case 'o':
      append_number (self, piece, width, precision, perf_print_number (self, data, argument), text);
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
        width = CLAMP (perf_print_number (self, data, g_array_index (self->arguments, guint, argument++)), -1000, 1000);
      if (piece->star_precision && argument < self->arguments->len)
        precision = CLAMP (perf_print_number (self, data, g_array_index (self->arguments, guint, argument++)), -1, 1000);
      if (argument >= self->arguments->len)
        return FALSE;
      append_conversion (self, data, piece, width, precision, g_array_index (self->arguments, guint, argument++), namer, user_data, text);
    }
  return TRUE;
}
