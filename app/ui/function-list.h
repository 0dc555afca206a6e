/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include <afterglow/call-tree.h>

G_BEGIN_DECLS

/* A row of a table: a function's sums, made when it is shown. */
#define GLOW_TYPE_FUNCTION_ROW (glow_function_row_get_type ())
G_DECLARE_FINAL_TYPE (GlowFunctionRow, glow_function_row, GLOW, FUNCTION_ROW, GObject)
const GlowFunction *glow_function_row_get (GlowFunctionRow *self);

typedef enum { GLOW_FUNCTION_BY_SELF, GLOW_FUNCTION_BY_TOTAL, GLOW_FUNCTION_BY_SAMPLES, GLOW_FUNCTION_BY_NAME, GLOW_FUNCTION_BY_MODULE } GlowFunctionOrder;

/* The functions of a tree as a list model: sorted and filtered as numbers in an array; a row object exists only while it shows. */
#define GLOW_TYPE_FUNCTION_LIST (glow_function_list_get_type ())
G_DECLARE_FINAL_TYPE (GlowFunctionList, glow_function_list, GLOW, FUNCTION_LIST, GObject)

GlowFunctionList *glow_function_list_new        (void);
/* @functions as glow_call_tree_compute_functions() gives them; (transfer full), NULL for none. */
void              glow_function_list_set        (GlowFunctionList *self, GlowCallTree *tree, GArray *functions);
void              glow_function_list_set_order  (GlowFunctionList *self, GlowFunctionOrder order, gboolean ascending);
void              glow_function_list_set_filter (GlowFunctionList *self, const char *words);   /* case-insensitive pieces, all of which must occur */
guint             glow_function_list_find       (GlowFunctionList *self, guint32 frame);       /* G_MAXUINT where it is not listed */
guint             glow_function_list_get_n_all  (GlowFunctionList *self);

G_END_DECLS
