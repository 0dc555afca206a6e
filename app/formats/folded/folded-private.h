/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folded text inside: the grammar of one line, and the tables that one worker fills. */
#pragma once
#include "model/profile-private.h"

#include <string.h>

G_BEGIN_DECLS

/* ---- line.c: one line ---- */

#define FOLDED_MAX_DECIMALS 9
#define FOLDED_MAX_LINE (64u << 20)

typedef struct {
  guint64 mantissa;            /* the weight is mantissa / 10^decimals */
  guint8 decimals;
  gboolean inexact;            /* more decimals or digits than are kept */
} FoldedWeight;

typedef enum { FOLDED_LINE_STACK, FOLDED_LINE_COMMENT, FOLDED_LINE_BLANK, FOLDED_LINE_BAD } FoldedLineKind;

typedef struct {
  gsize stack_length;          /* the stack is the line's first bytes */
  guint n_weights;             /* 1, or 2 where the text has two columns */
  FoldedWeight weight[2];      /* before and after; one column is in [0] */
} FoldedLine;

/* @n without the line end. @columns is 2 where the file is known to be a comparison. */
FoldedLineKind folded_line_parse (const char *line, gsize n, guint columns, FoldedLine *result);
/* How sure this is folded text, 0 … 100; *@columns (nullable) is how many weights its lines have. */
int            folded_recognise  (const guint8 *head, gsize n, guint *columns);
/* The frame's kind, and *@length without the annotation that said so. */
GlowFrameKind  folded_frame_kind (const char *text, gsize *length);
/* Where a stack's frame that begins at @at ends: at a ';' or at @end. */
const char    *folded_frame_end  (const char *at, const char *end);

static inline guint64
folded_power_of_ten (guint n)
{
  static const guint64 powers[] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000 };

  return powers[n];
}

/* ---- table.c: what one worker has seen ---- */

typedef struct { guint64 a, b; } FoldedHash;

typedef struct {
  const char *text;            /* as written, with its annotation */
  guint32 length;
  guint32 frame;
} FoldedName;

typedef struct {
  const char *text;            /* without annotation */
  guint32 length;
  guint8 kind;
} FoldedFrame;

typedef struct { guint32 parent, item, id, unused; } FoldedNodeSlot;
typedef struct { guint64 hash; guint32 name, unused; } FoldedNameSlot;
typedef struct { FoldedHash hash; guint32 row, unused; } FoldedStackSlot;

typedef struct {
  guint columns;

  GStringChunk *chunk;         /* owns the texts */
  GArray *names;               /* of FoldedName */
  GArray *frames;              /* of FoldedFrame */
  FoldedNameSlot *name_slots;
  guint64 name_mask;

  guint32 n_nodes, node_capacity;
  guint32 *parent, *item;      /* node 0 is the root */
  FoldedNodeSlot *node_slots;
  guint64 node_mask;
  guint32 pending_from;        /* nodes from here on are not in the slots yet */

  guint32 n_rows, row_capacity;
  guint32 *row_node;
  guint64 *row_weight[2];
  FoldedStackSlot *stack_slots;
  guint64 stack_mask;

  /* The stack that was taken apart last: what the next one shares with it need not be looked at again. */
  char *last;                  /* a copy */
  gsize last_length, last_size;
  guint32 *ends, *nodes;       /* by depth: where the frame ends in it, and its node */
  guint32 depth, depth_size;
  guint32 last_row;

  guint8 decimals;
  guint64 total[2];            /* saturating */
  guint64 inexact;             /* weights that could not be kept exactly */
  guint64 saturated;
  guint64 short_lines;         /* lines with one column among two */
  guint64 lines, comments, bad_lines, first_bad;   /* line numbers from 1, in what this table was given */
  char *bad_text;
} FoldedTable;

void folded_table_init   (FoldedTable *self, guint columns);
void folded_table_clear  (FoldedTable *self);
/* Reads whole lines (the last may lack its end). */
void folded_table_add    (FoldedTable *self, const char *text, gsize n);
/* Takes over what @other has, which is of no use afterwards but to be cleared. @more: a further one will be merged. */
void folded_table_merge  (FoldedTable *self, FoldedTable *other, gboolean more);

G_END_DECLS
