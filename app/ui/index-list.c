/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A list model of numbers. */
#include <config.h>

#include "ui/index-list.h"

#define GLOW_TYPE_INDEX_ITEM (glow_index_item_get_type ())
G_DECLARE_FINAL_TYPE (GlowIndexItem, glow_index_item, GLOW, INDEX_ITEM, GObject)

struct _GlowIndexItem {
  GObject parent_instance;
  guint index;
};

G_DEFINE_FINAL_TYPE (GlowIndexItem, glow_index_item, G_TYPE_OBJECT)

static void
glow_index_item_class_init (GlowIndexItemClass *class)
{
}

static void
glow_index_item_init (GlowIndexItem *self)
{
}

struct _GlowIndexList {
  GObject parent_instance;
  guint n;
};

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (GlowIndexList, glow_index_list, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static GType
get_item_type (GListModel *model)
{
  return GLOW_TYPE_INDEX_ITEM;
}

static guint
get_n_items (GListModel *model)
{
  return GLOW_INDEX_LIST (model)->n;
}

static gpointer
get_item (GListModel *model, guint position)
{
  GlowIndexItem *item;

  if (position >= GLOW_INDEX_LIST (model)->n)
    return NULL;
  item = g_object_new (GLOW_TYPE_INDEX_ITEM, NULL);
  item->index = position;
  return item;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

void
glow_index_list_set_n (GlowIndexList *self, guint n)
{
  guint before = self->n;

  self->n = n;
  g_list_model_items_changed (G_LIST_MODEL (self), 0, before, n);
}

guint
glow_index_list_get_index (gpointer item)
{
  return GLOW_INDEX_ITEM (item)->index;
}

GlowIndexList *
glow_index_list_new (void)
{
  return g_object_new (GLOW_TYPE_INDEX_LIST, NULL);
}

static void
glow_index_list_class_init (GlowIndexListClass *class)
{
}

static void
glow_index_list_init (GlowIndexList *self)
{
}
