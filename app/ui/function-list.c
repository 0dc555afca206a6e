/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Functions as a list model. */
#include <config.h>

#include "ui/function-list.h"

#include <stdlib.h>
#include <string.h>

struct _GlowFunctionRow {
  GObject parent_instance;
  GlowFunction function;
};

G_DEFINE_FINAL_TYPE (GlowFunctionRow, glow_function_row, G_TYPE_OBJECT)

const GlowFunction *
glow_function_row_get (GlowFunctionRow *self)
{
  return &self->function;
}

static void
glow_function_row_class_init (GlowFunctionRowClass *class)
{
}

static void
glow_function_row_init (GlowFunctionRow *self)
{
}

struct _GlowFunctionList {
  GObject parent_instance;
  GlowCallTree *tree;
  GArray *all;                 /* of GlowFunction, in order; (nullable) */
  guint *shown;                /* indices into all */
  guint n_shown;
  GlowFunctionOrder order;
  gboolean ascending;
  char *filter;
};

static GType
get_item_type (GListModel *model)
{
  return GLOW_TYPE_FUNCTION_ROW;
}

static guint
get_n_items (GListModel *model)
{
  return GLOW_FUNCTION_LIST (model)->n_shown;
}

static gpointer
get_item (GListModel *model, guint position)
{
  GlowFunctionList *self = GLOW_FUNCTION_LIST (model);
  GlowFunctionRow *row;

  if (position >= self->n_shown)
    return NULL;
  row = g_object_new (GLOW_TYPE_FUNCTION_ROW, NULL);
  row->function = g_array_index (self->all, GlowFunction, self->shown[position]);
  return row;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (GlowFunctionList, glow_function_list, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static const char *
module_name (GlowCallTree *tree, guint32 frame)
{
  const char *name = glow_call_tree_get_module_name (tree, frame);

  return name != NULL ? name : "";
}

static int
compare (gconstpointer a, gconstpointer b, gpointer data)
{
  GlowFunctionList *self = data;
  const GlowFunction *first = a, *second = b;
  gint64 order = 0;

  switch (self->order)
    {
    case GLOW_FUNCTION_BY_SELF: order = first->self < second->self ? -1 : first->self > second->self; break;
    case GLOW_FUNCTION_BY_TOTAL: order = first->total < second->total ? -1 : first->total > second->total; break;
    case GLOW_FUNCTION_BY_SAMPLES: order = first->samples_total < second->samples_total ? -1 : first->samples_total > second->samples_total; break;
    case GLOW_FUNCTION_BY_MODULE: order = strcmp (module_name (self->tree, first->frame), module_name (self->tree, second->frame)); break;
    case GLOW_FUNCTION_BY_NAME: break;
    }
  if (order == 0 && self->order != GLOW_FUNCTION_BY_NAME && self->order != GLOW_FUNCTION_BY_MODULE)
    order = first->total < second->total ? -1 : first->total > second->total;
  if (order == 0)
    {
      order = strcmp (glow_call_tree_get_frame_name (self->tree, first->frame), glow_call_tree_get_frame_name (self->tree, second->frame));
      /* Names read upwards whatever the numbers do. */
      if (self->order != GLOW_FUNCTION_BY_NAME && !self->ascending)
        order = -order;
    }
  return (int) (self->ascending ? CLAMP (order, -1, 1) : -CLAMP (order, -1, 1));
}

static gboolean
passes (GlowFunctionList *self, const GlowFunction *function, char **pieces)
{
  g_autofree char *name = NULL, *folded = NULL;

  if (pieces == NULL)
    return TRUE;
  name = g_utf8_make_valid (glow_call_tree_get_frame_name (self->tree, function->frame), -1);
  folded = g_utf8_casefold (name, -1);
  for (; *pieces != NULL; pieces++)
    if (strstr (folded, *pieces) == NULL && strstr (module_name (self->tree, function->frame), *pieces) == NULL)
      return FALSE;
  return TRUE;
}

static void
refill (GlowFunctionList *self)
{
  guint before = self->n_shown;
  g_autofree char *folded = self->filter != NULL ? g_utf8_casefold (self->filter, -1) : NULL;
  g_auto(GStrv) pieces = folded != NULL ? g_strsplit (folded, " ", -1) : NULL;

  self->n_shown = 0;
  g_clear_pointer (&self->shown, g_free);
  if (self->all != NULL)
    {
      self->shown = g_new (guint, self->all->len + 1);
      for (guint i = 0; i < self->all->len; i++)
        if (passes (self, &g_array_index (self->all, GlowFunction, i), pieces))
          self->shown[self->n_shown++] = i;
    }
  g_list_model_items_changed (G_LIST_MODEL (self), 0, before, self->n_shown);
}

static void
reorder (GlowFunctionList *self)
{
  if (self->all != NULL)
    g_array_sort_with_data (self->all, compare, self);
  refill (self);
}

void
glow_function_list_set (GlowFunctionList *self, GlowCallTree *tree, GArray *functions)
{
  g_clear_pointer (&self->all, g_array_unref);
  g_clear_pointer (&self->tree, glow_call_tree_unref);
  self->tree = tree != NULL ? glow_call_tree_ref (tree) : NULL;
  self->all = functions;
  reorder (self);
}

void
glow_function_list_set_order (GlowFunctionList *self, GlowFunctionOrder order, gboolean ascending)
{
  if (order == self->order && ascending == self->ascending)
    return;
  self->order = order;
  self->ascending = ascending;
  reorder (self);
}

void
glow_function_list_set_filter (GlowFunctionList *self, const char *words)
{
  g_free (self->filter);
  self->filter = words != NULL && *words != '\0' ? g_strdup (words) : NULL;
  refill (self);
}

guint
glow_function_list_find (GlowFunctionList *self, guint32 frame)
{
  for (guint i = 0; i < self->n_shown; i++)
    if (g_array_index (self->all, GlowFunction, self->shown[i]).frame == frame)
      return i;
  return G_MAXUINT;
}

guint
glow_function_list_get_n_all (GlowFunctionList *self)
{
  return self->all != NULL ? self->all->len : 0;
}

GlowFunctionList *
glow_function_list_new (void)
{
  return g_object_new (GLOW_TYPE_FUNCTION_LIST, NULL);
}

static void
glow_function_list_finalize (GObject *object)
{
  GlowFunctionList *self = GLOW_FUNCTION_LIST (object);

  g_clear_pointer (&self->all, g_array_unref);
  g_clear_pointer (&self->tree, glow_call_tree_unref);
  g_free (self->shown);
  g_free (self->filter);
  G_OBJECT_CLASS (glow_function_list_parent_class)->finalize (object);
}

static void
glow_function_list_class_init (GlowFunctionListClass *class)
{
  G_OBJECT_CLASS (class)->finalize = glow_function_list_finalize;
}

static void
glow_function_list_init (GlowFunctionList *self)
{
}
