/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sidebar: one list whose rows are bound as they show. */
#include <config.h>

#include "ui/share-cell.h"
#include "ui/sidebar-list.h"
#include "ui/sidebar.h"

#include <glib/gi18n.h>

typedef struct {
  GlowDocument *document;
  GlowSidebarList *list;
} Sidebar;

/* A row's parts; which of them show depends on what it is. */
typedef struct {
  GtkWidget *box, *arrow, *check, *swatch, *label, *detail, *share;
  Sidebar *sidebar;
  const GlowSidebarItem *item; /* while bound */
  gboolean binding;
  guint32 color;
} Row;

/* Whether an event counts what the events of the query count. */
static gboolean
same_unit (GlowProfile *profile, const GlowQuery *query, guint32 event)
{
  guint32 n;
  const GlowEvent *events = glow_profile_get_events (profile, &n);

  for (guint32 e = 0; e < n; e++)
    if (glow_query_has_term (query, GLOW_QUERY_EVENT, glow_profile_get_string (profile, events[e].name)))
      return events[e].unit == events[event].unit;   /* they are alike, or they would not be in one query */
  return events[glow_profile_get_main_event (profile)].unit == events[event].unit;
}

/* What is shown when no event is chosen is a choice like any other once one joins it or leaves. */
static GlowQuery *
with_shown_events (const GlowQuery *query, GlowProfile *profile)
{
  GlowQuery *next = glow_query_ref ((GlowQuery *) query);
  guint32 n, main_event = glow_profile_get_main_event (profile);
  const GlowEvent *events = glow_profile_get_events (profile, &n);

  for (guint32 e = 0; e < n && !glow_query_has_term (query, GLOW_QUERY_EVENT, NULL); e++)
    if (glow_event_is_beside (&events[main_event], &events[e]))
      {
        g_autoptr(GlowQuery) before = next;

        next = glow_query_with (before, GLOW_QUERY_EVENT, glow_profile_get_string (profile, events[e].name), NULL);
        if (next == NULL)
          next = glow_query_ref (before);
      }
  return next;
}

static void
toggle (Sidebar *self, const GlowSidebarItem *item)
{
  const GlowQuery *query = glow_document_get_query (self->document);

  if (item->field == GLOW_N_QUERY_FIELDS)
    return;
  if (item->kind == GLOW_SIDEBAR_EVENT)
    {
      GlowProfile *profile = glow_document_get_profile (self->document);
      g_autoptr(GlowQuery) shown = with_shown_events (query, profile);
      GlowQuery *next;

      /* The last stays. */
      if (item->chosen)
        next = glow_query_without (shown, GLOW_QUERY_EVENT, item->value);
      else if (glow_query_get_weight (query) == GLOW_WEIGHT_EVENT && !same_unit (profile, query, item->index))
        /* Nanoseconds and switches cannot be added: the other event is shown by itself. */
        next = glow_query_with_only (query, GLOW_QUERY_EVENT, item->value, NULL);
      else
        next = glow_query_with (shown, GLOW_QUERY_EVENT, item->value, NULL);
      if (next != NULL)
        glow_document_set_query (self->document, next);
      return;
    }
  glow_document_toggle_term (self->document, item->field, item->value, NULL);
}

static void
activate_item (Sidebar *self, const GlowSidebarItem *item)
{
  if (item->kind == GLOW_SIDEBAR_MORE)
    glow_sidebar_list_unfold (self->list, item);
  else
    toggle (self, item);
}

static void
on_activate (GtkListView *view, guint position, gpointer data)
{
  Sidebar *self = data;
  g_autoptr(GlowSidebarRow) row = g_list_model_get_item (G_LIST_MODEL (self->list), position);

  if (row != NULL)
    activate_item (self, glow_sidebar_row_get (row));
}

static void
on_check (Row *row)
{
  if (!row->binding && row->item != NULL)
    toggle (row->sidebar, row->item);
}

static void
on_arrow (Row *row)
{
  if (row->item != NULL)
    glow_sidebar_list_unfold (row->sidebar->list, row->item);
}

static void
draw_swatch (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer data)
{
  const Row *row = data;

  cairo_set_source_rgb (cr, (row->color >> 16) / 255.0, (row->color >> 8 & 0xff) / 255.0, (row->color & 0xff) / 255.0);
  cairo_rectangle (cr, 0, 0, width, height);
  cairo_fill (cr);
}

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  Row *row = g_new0 (Row, 1);

  row->sidebar = data;
  row->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  row->arrow = gtk_button_new_from_icon_name ("pan-end-symbolic");
  row->check = gtk_check_button_new ();
  row->swatch = gtk_drawing_area_new ();
  row->label = gtk_label_new (NULL);
  row->detail = gtk_label_new (NULL);
  row->share = glow_share_cell_new (36);
  gtk_widget_add_css_class (row->arrow, "flat");
  gtk_widget_add_css_class (row->arrow, "sidebar-arrow");
  gtk_widget_add_css_class (row->detail, "dim-label");
  gtk_widget_add_css_class (row->detail, "numeric");
  gtk_widget_set_focusable (row->check, FALSE);
  gtk_widget_set_focusable (row->arrow, FALSE);
  gtk_widget_set_valign (row->arrow, GTK_ALIGN_CENTER);
  gtk_drawing_area_set_content_width (GTK_DRAWING_AREA (row->swatch), 16);
  gtk_drawing_area_set_content_height (GTK_DRAWING_AREA (row->swatch), 12);
  gtk_widget_set_valign (row->swatch, GTK_ALIGN_CENTER);
  gtk_drawing_area_set_draw_func (GTK_DRAWING_AREA (row->swatch), draw_swatch, row, NULL);
  gtk_label_set_xalign (GTK_LABEL (row->label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (row->label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_set_hexpand (row->label, TRUE);
  for (guint i = 0; i < 6; i++)
    gtk_box_append (GTK_BOX (row->box), (GtkWidget *[]) { row->arrow, row->check, row->swatch, row->label, row->detail, row->share }[i]);
  g_signal_connect_swapped (row->check, "toggled", G_CALLBACK (on_check), row);
  g_signal_connect_swapped (row->arrow, "clicked", G_CALLBACK (on_arrow), row);
  g_object_set_data_full (G_OBJECT (row->box), "glow-row", row, g_free);
  gtk_list_item_set_child (item, row->box);
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer data)
{
  Row *row = g_object_get_data (G_OBJECT (gtk_list_item_get_child (list_item)), "glow-row");
  const GlowSidebarItem *item = glow_sidebar_row_get (gtk_list_item_get_item (list_item));
  gboolean heading = item->kind == GLOW_SIDEBAR_HEADING, more = item->kind == GLOW_SIDEBAR_MORE;
  g_autofree char *words = NULL;

  row->item = item;
  row->binding = TRUE;
  row->color = item->color;
  gtk_widget_set_visible (row->arrow, item->can_unfold);
  gtk_button_set_icon_name (GTK_BUTTON (row->arrow), item->unfolded ? "pan-down-symbolic" : "pan-end-symbolic");
  gtk_accessible_update_property (GTK_ACCESSIBLE (row->arrow), GTK_ACCESSIBLE_PROPERTY_LABEL, item->unfolded ? _("Fold") : _("Show threads"), -1);
  gtk_widget_set_visible (row->check, item->field != GLOW_N_QUERY_FIELDS);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (row->check), item->chosen);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row->check), GTK_ACCESSIBLE_PROPERTY_LABEL, item->label, -1);
  gtk_widget_set_visible (row->swatch, item->has_color);
  gtk_label_set_text (GTK_LABEL (row->label), item->label);
  /* Identifiers are told apart by how they begin. */
  gtk_label_set_ellipsize (GTK_LABEL (row->label), item->kind == GLOW_SIDEBAR_CGROUP ? PANGO_ELLIPSIZE_END : PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_set_visible (row->detail, item->detail != NULL);
  gtk_label_set_text (GTK_LABEL (row->detail), item->detail != NULL ? item->detail : "");
  gtk_widget_set_visible (row->share, item->share >= 0);
  if (item->share >= 0)
    glow_share_cell_set (GLOW_SHARE_CELL (row->share), item->share, 0, 0);
  gtk_widget_set_tooltip_text (row->label, heading || more ? NULL : item->tooltip != NULL ? item->tooltip : item->label);
  (heading ? gtk_widget_add_css_class : gtk_widget_remove_css_class) (row->box, "sidebar-heading");
  (item->kind == GLOW_SIDEBAR_THREAD ? gtk_widget_add_css_class : gtk_widget_remove_css_class) (row->box, "sidebar-inner");
  (more ? gtk_widget_add_css_class : gtk_widget_remove_css_class) (row->label, "dim-label");
  gtk_list_item_set_activatable (list_item, !heading);
  gtk_list_item_set_selectable (list_item, FALSE);
  row->binding = FALSE;
  gtk_widget_queue_draw (row->swatch);
  if (item->share >= 0)
    {
      g_autofree char *share = glow_text_share (item->share);

      words = g_strdup_printf (item->chosen ? _("%s, %s, chosen") : _("%s, %s"), item->label, share);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_widget_get_parent (row->box)), GTK_ACCESSIBLE_PROPERTY_LABEL, words != NULL ? words : item->label, -1);
}

static void
on_unbind (GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer data)
{
  Row *row = g_object_get_data (G_OBJECT (gtk_list_item_get_child (list_item)), "glow-row");

  row->item = NULL;
}

static void
sidebar_free (gpointer data)
{
  Sidebar *self = data;

  g_object_unref (self->document);
  g_object_unref (self->list);
  g_free (self);
}

GtkWidget *
glow_sidebar_new (GlowDocument *document)
{
  Sidebar *self = g_new0 (Sidebar, 1);
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkWidget *scrolled = gtk_scrolled_window_new (), *view;

  self->document = g_object_ref (document);
  self->list = glow_sidebar_list_new (document);
  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), self);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), self);
  g_signal_connect (factory, "unbind", G_CALLBACK (on_unbind), self);
  view = gtk_list_view_new (GTK_SELECTION_MODEL (gtk_no_selection_new (G_LIST_MODEL (g_object_ref (self->list)))), factory);
  gtk_list_view_set_single_click_activate (GTK_LIST_VIEW (view), TRUE);
  g_signal_connect (view, "activate", G_CALLBACK (on_activate), self);
  gtk_widget_add_css_class (view, "navigation-sidebar");
  gtk_widget_add_css_class (view, "glow-sidebar");
  gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Choose what is shown"), -1);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), view);
  gtk_widget_set_size_request (scrolled, 200, -1);
  g_object_set_data_full (G_OBJECT (scrolled), "glow-sidebar", self, sidebar_free);
  return scrolled;
}
