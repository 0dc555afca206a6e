/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Children of a call tree's node as a list model. */
#include <config.h>

#include "ui/node-list.h"

struct _GlowNodeRow {
  GObject parent_instance;
  GlowCallTree *tree;
  guint32 node;
};

G_DEFINE_FINAL_TYPE (GlowNodeRow, glow_node_row, G_TYPE_OBJECT)

GlowCallTree *
glow_node_row_get_tree (GlowNodeRow *self)
{
  return self->tree;
}

guint32
glow_node_row_get_node (GlowNodeRow *self)
{
  return self->node;
}

static void
glow_node_row_finalize (GObject *object)
{
  g_clear_pointer (&GLOW_NODE_ROW (object)->tree, glow_call_tree_unref);
  G_OBJECT_CLASS (glow_node_row_parent_class)->finalize (object);
}

static void
glow_node_row_class_init (GlowNodeRowClass *class)
{
  G_OBJECT_CLASS (class)->finalize = glow_node_row_finalize;
}

static void
glow_node_row_init (GlowNodeRow *self)
{
}

struct _GlowNodeList {
  GObject parent_instance;
  GlowCallTree *tree;
  guint32 first, n;
  guint32 *sorted;             /* nodes; NULL: in the tree's own order */
};

static GType
get_item_type (GListModel *model)
{
  return GLOW_TYPE_NODE_ROW;
}

static guint
get_n_items (GListModel *model)
{
  return GLOW_NODE_LIST (model)->n;
}

static gpointer
get_item (GListModel *model, guint position)
{
  GlowNodeList *self = GLOW_NODE_LIST (model);
  GlowNodeRow *row;

  if (position >= self->n)
    return NULL;
  row = g_object_new (GLOW_TYPE_NODE_ROW, NULL);
  row->tree = glow_call_tree_ref (self->tree);
  row->node = self->sorted != NULL ? self->sorted[position] : self->first + position;
  return row;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (GlowNodeList, glow_node_list, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

GlowNodeList *
glow_node_list_new (GlowCallTree *tree, guint32 node, GCompareDataFunc compare, gpointer data)
{
  const GlowCallTreeNodes *nodes = glow_call_tree_get_nodes (tree);
  GlowNodeList *self = g_object_new (GLOW_TYPE_NODE_LIST, NULL);

  self->tree = glow_call_tree_ref (tree);
  self->first = nodes->first_child[node];
  self->n = nodes->n_children[node];
  if (self->n > 1 && compare != NULL)
    {
      self->sorted = g_new (guint32, self->n);
      for (guint32 i = 0; i < self->n; i++)
        self->sorted[i] = self->first + i;
      g_qsort_with_data (self->sorted, (gint) self->n, sizeof (guint32), compare, data);
    }
  return self;
}

guint
glow_node_list_find (GlowNodeList *self, guint32 child)
{
  for (guint i = 0; i < self->n; i++)
    if ((self->sorted != NULL ? self->sorted[i] : self->first + i) == child)
      return i;
  return G_MAXUINT;
}

static void
glow_node_list_finalize (GObject *object)
{
  GlowNodeList *self = GLOW_NODE_LIST (object);

  g_clear_pointer (&self->tree, glow_call_tree_unref);
  g_free (self->sorted);
  G_OBJECT_CLASS (glow_node_list_parent_class)->finalize (object);
}

static void
glow_node_list_class_init (GlowNodeListClass *class)
{
  G_OBJECT_CLASS (class)->finalize = glow_node_list_finalize;
}

static void
glow_node_list_init (GlowNodeList *self)
{
}
