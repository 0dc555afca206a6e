/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a tracepoint prints itself, as a tree: parsed once by print-parse.c, printed by print-format.c; print-words.c finds what its tables say of single
 * fields. */
#pragma once
#include "formats/perf/tracepoint-private.h"

G_BEGIN_DECLS

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

static inline const Node *
perf_print_node (const PrintFormat *self, guint index)
{
  return &g_array_index (self->nodes, Node, index);
}

/* What an expression comes to for a record; @data: (nullable): where it is of numbers alone. */
gint64 perf_print_number (const PrintFormat *self, const TracepointData *data, guint index);
/* The same in words. */
void   perf_print_text   (const PrintFormat *self, const TracepointData *data, guint index, GString *text);

G_END_DECLS
