/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of widgets that break where the room ends. GtkFlowBox has columns and selections, which toolbars and chips have not. */
#include <config.h>

#include "ui/wrap.h"

#define GLOW_TYPE_WRAP_LAYOUT (glow_wrap_layout_get_type ())
G_DECLARE_FINAL_TYPE (GlowWrapLayout, glow_wrap_layout, GLOW, WRAP_LAYOUT, GtkLayoutManager)

struct _GlowWrapLayout {
  GtkLayoutManager parent_instance;
  int spacing;
};

G_DEFINE_TYPE (GlowWrapLayout, glow_wrap_layout, GTK_TYPE_LAYOUT_MANAGER)

#define GLOW_TYPE_WRAP (glow_wrap_get_type ())
G_DECLARE_FINAL_TYPE (GlowWrap, glow_wrap, GLOW, WRAP, GtkWidget)

struct _GlowWrap {
  GtkWidget parent_instance;
};

G_DEFINE_TYPE (GlowWrap, glow_wrap, GTK_TYPE_WIDGET)

static GtkSizeRequestMode
get_request_mode (GtkLayoutManager *manager, GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

/* Who takes the rest of a row takes less than it wants before it begins another. */
static int
width_of (GtkWidget *child, int available)
{
  int least, wanted;

  gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &least, &wanted, NULL, NULL);
  return gtk_widget_get_hexpand (child) ? least : MAX (MIN (wanted, available), least);
}

static int
height_of (GtkWidget *child, int width)
{
  int wanted;

  gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, width, NULL, &wanted, NULL, NULL);
  return wanted;
}

/* The first child that is shown, from @child on. */
static GtkWidget *
shown (GtkWidget *child)
{
  while (child != NULL && !gtk_widget_should_layout (child))
    child = gtk_widget_get_next_sibling (child);
  return child;
}

/* Lays a row from @child on and returns what begins the next. */
static GtkWidget *
measure_row (const GlowWrapLayout *self, GtkWidget *child, int available, int *height)
{
  GtkWidget *last = NULL;
  int x = 0, before_last = 0;

  *height = 0;
  for (; child != NULL; child = shown (gtk_widget_get_next_sibling (child)))
    {
      int width = width_of (child, available);

      if (x > 0 && x + width > available)
        break;
      /* Of the one before: what takes the rest of the row is only known to be the last when the row is full. */
      if (last != NULL)
        *height = MAX (*height, height_of (last, width_of (last, available)));
      last = child;
      before_last = x;
      x += width + self->spacing;
    }
  if (last != NULL)
    *height = MAX (*height, height_of (last, gtk_widget_get_hexpand (last) ? MAX (width_of (last, available), available - before_last) : width_of (last, available)));
  return child;
}

static void
measure (GtkLayoutManager *manager, GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline,
         int *natural_baseline)
{
  GlowWrapLayout *self = GLOW_WRAP_LAYOUT (manager);
  GtkWidget *child = shown (gtk_widget_get_first_child (widget));
  int available = for_size < 0 ? G_MAXINT / 2 : for_size;

  *minimum = *natural = 0;
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    for (; child != NULL; child = shown (gtk_widget_get_next_sibling (child)))
      {
        int least, wanted;

        gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &least, &wanted, NULL, NULL);
        *minimum = MAX (*minimum, least);
        *natural += wanted + (*natural > 0 ? self->spacing : 0);
      }
  else
    {
      while (child != NULL)
        {
          int height;

          child = measure_row (self, child, available, &height);
          *natural += height + (*natural > 0 ? self->spacing : 0);
        }
      *minimum = *natural;
    }
}

static void
allocate (GtkLayoutManager *manager, GtkWidget *widget, int width, int height, int baseline)
{
  GlowWrapLayout *self = GLOW_WRAP_LAYOUT (manager);
  gboolean mirrored = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  GtkWidget *child = shown (gtk_widget_get_first_child (widget));
  int y = 0;

  while (child != NULL)
    {
      int x = 0, row;
      GtkWidget *next = measure_row (self, child, width, &row);

      for (; child != next; child = shown (gtk_widget_get_next_sibling (child)))
        {
          int own = width_of (child, width);

          if (shown (gtk_widget_get_next_sibling (child)) == next && gtk_widget_get_hexpand (child))
            own = MAX (own, width - x);
          gtk_widget_size_allocate (child, &(GtkAllocation) { mirrored ? width - x - own : x, y, own, row }, -1);
          x += own + self->spacing;
        }
      y += row + self->spacing;
    }
}

static void
glow_wrap_layout_class_init (GlowWrapLayoutClass *class)
{
  GtkLayoutManagerClass *manager = GTK_LAYOUT_MANAGER_CLASS (class);

  manager->get_request_mode = get_request_mode;
  manager->measure = measure;
  manager->allocate = allocate;
}

static void
glow_wrap_layout_init (GlowWrapLayout *self)
{
}

void
glow_wrap_append (GtkWidget *wrap, GtkWidget *child)
{
  gtk_widget_insert_before (child, wrap, NULL);
}

static void
glow_wrap_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (glow_wrap_parent_class)->dispose (object);
}

static void
glow_wrap_class_init (GlowWrapClass *class)
{
  G_OBJECT_CLASS (class)->dispose = glow_wrap_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (class), GLOW_TYPE_WRAP_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (class), "wrap");
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (class), GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
glow_wrap_init (GlowWrap *self)
{
}

GtkWidget *
glow_wrap_new (int spacing)
{
  GtkWidget *wrap = g_object_new (GLOW_TYPE_WRAP, NULL);

  GLOW_WRAP_LAYOUT (gtk_widget_get_layout_manager (wrap))->spacing = spacing;
  return wrap;
}
