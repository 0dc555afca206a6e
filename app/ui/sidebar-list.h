/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include "ui/document.h"

G_BEGIN_DECLS

typedef enum {
  GLOW_SIDEBAR_HEADING,
  GLOW_SIDEBAR_EVENT,
  GLOW_SIDEBAR_PROCESS,
  GLOW_SIDEBAR_THREAD,
  GLOW_SIDEBAR_CPU,
  GLOW_SIDEBAR_MODULE,
  GLOW_SIDEBAR_CGROUP,
  GLOW_SIDEBAR_MORE,           /* "and 812 more": unfolds */
  GLOW_SIDEBAR_KIND,           /* of code, or what it does */
} GlowSidebarKind;

#define GLOW_TYPE_SIDEBAR_ROW (glow_sidebar_row_get_type ())
G_DECLARE_FINAL_TYPE (GlowSidebarRow, glow_sidebar_row, GLOW, SIDEBAR_ROW, GObject)

typedef struct {
  GlowSidebarKind kind;
  guint32 index;               /* of the process, thread, … */
  GlowQueryField field;        /* and value: the term that choosing it toggles; GLOW_N_QUERY_FIELDS for none */
  char *value;
  char *label, *detail;        /* detail: what stands at the right where there is no share */
  char *tooltip;               /* (nullable): more than the label; else the label itself */
  double share;                /* of the base; < 0: none */
  gboolean chosen;
  gboolean has_color;          /* @color, 0xRRGGBB, is what stands for it in the graph */
  guint32 color;
  gboolean can_unfold, unfolded;
} GlowSidebarItem;
const GlowSidebarItem *glow_sidebar_row_get (GlowSidebarRow *self);

/* The sidebar as one flat list: headings, and under each what there is to choose from, heaviest first. Row objects exist while they show,
 * so that ten thousand threads cost an array. */
#define GLOW_TYPE_SIDEBAR_LIST (glow_sidebar_list_get_type ())
G_DECLARE_FINAL_TYPE (GlowSidebarList, glow_sidebar_list, GLOW, SIDEBAR_LIST, GObject)

GlowSidebarList *glow_sidebar_list_new    (GlowDocument *document);
void             glow_sidebar_list_unfold (GlowSidebarList *self, const GlowSidebarItem *item);   /* or folds */

G_END_DECLS
