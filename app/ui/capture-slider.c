/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rates and durations: from one end to the other is a factor of thousands, so the slider is logarithmic; what it stands for is typed beside it as exactly as
 * anybody likes. */
#include <config.h>

#include "ui/capture-slider.h"
#include "ui/rows.h"

#include <glib/gi18n.h>
#include <math.h>

#define PAST_THE_END 0.3       /* decades from the highest number to "endless" */

struct _GlowCaptureSlider {
  AdwPreferencesRow parent_instance;
  GtkWidget *scale, *spin, *unit;
  char *endless;               /* (nullable) */
  double low, high, value;
  gboolean is_setting;
};

G_DEFINE_FINAL_TYPE (GlowCaptureSlider, glow_capture_slider, ADW_TYPE_PREFERENCES_ROW)

static guint moved_signal;

static double
to_place (GlowCaptureSlider *self, double value)
{
  return value <= 0 ? log10 (self->high) + PAST_THE_END : log10 (CLAMP (value, self->low, self->high));
}

/* Two digits: nobody means 987.4 by a slider. */
static double
from_place (GlowCaptureSlider *self, double place)
{
  double value, step;

  if (self->endless != NULL && place > log10 (self->high) + PAST_THE_END / 2)
    return 0;
  value = CLAMP (pow (10, place), self->low, self->high);
  step = MAX (pow (10, floor (log10 (value)) - 1), 1);
  return CLAMP (round (value / step) * step, self->low, self->high);
}

static void
show (GlowCaptureSlider *self)
{
  self->is_setting = TRUE;
  gtk_range_set_value (GTK_RANGE (self->scale), to_place (self, self->value));
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->spin), self->value);
  gtk_widget_set_opacity (self->unit, self->value > 0);
  self->is_setting = FALSE;
}

static void
on_scale (GlowCaptureSlider *self)
{
  double value = from_place (self, gtk_range_get_value (GTK_RANGE (self->scale)));

  if (self->is_setting || value == self->value)
    return;
  self->value = value;
  show (self);
  g_signal_emit (self, moved_signal, 0);
}

static void
on_spin (GlowCaptureSlider *self)
{
  if (self->is_setting)
    return;
  self->value = gtk_spin_button_get_value (GTK_SPIN_BUTTON (self->spin));
  show (self);
  g_signal_emit (self, moved_signal, 0);
}

static gboolean
on_output (GtkSpinButton *spin, GlowCaptureSlider *self)
{
  if (gtk_spin_button_get_value (spin) > 0 || self->endless == NULL)
    return FALSE;
  gtk_editable_set_text (GTK_EDITABLE (spin), self->endless);
  return TRUE;
}

static int
on_input (GtkSpinButton *spin, double *value, GlowCaptureSlider *self)
{
  if (g_strcmp0 (gtk_editable_get_text (GTK_EDITABLE (spin)), self->endless) != 0)
    return FALSE;
  *value = 0;
  return TRUE;
}

double
glow_capture_slider_get_value (GlowCaptureSlider *self)
{
  return self->value;
}

void
glow_capture_slider_set_value (GlowCaptureSlider *self, double value)
{
  self->value = self->endless != NULL && value <= 0 ? 0 : CLAMP (value, self->low, self->high);
  show (self);
}

static void
set_range (GlowCaptureSlider *self)
{
  self->is_setting = TRUE;
  gtk_range_set_range (GTK_RANGE (self->scale), log10 (self->low), log10 (self->high) + (self->endless != NULL ? PAST_THE_END : 0));
  gtk_spin_button_set_range (GTK_SPIN_BUTTON (self->spin), self->endless != NULL ? 0 : self->low, self->high);
  self->is_setting = FALSE;
}

void
glow_capture_slider_set_high (GlowCaptureSlider *self, double high)
{
  if (high == self->high || high <= self->low)
    return;
  self->high = high;
  set_range (self);
  show (self);
}

void
glow_capture_slider_add_mark (GlowCaptureSlider *self, double value, const char *label)
{
  gtk_scale_add_mark (GTK_SCALE (self->scale), to_place (self, value), GTK_POS_BOTTOM, label);
}

GtkWidget *
glow_capture_slider_new (const char *title, const char *unit, double low, double high, const char *endless)
{
  GlowCaptureSlider *self = g_object_new (GLOW_TYPE_CAPTURE_SLIDER, "title", title, "activatable", FALSE, "focusable", FALSE, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *name = gtk_label_new (title);
  g_autofree char *whole = g_strdup_printf ("%s (%s)", title, unit);

  self->low = low;
  self->high = high;
  self->endless = g_strdup (endless);
  self->unit = gtk_label_new (unit);
  self->scale = gtk_scale_new_with_range (GTK_ORIENTATION_HORIZONTAL, log10 (low), log10 (high), 0.05);
  self->spin = gtk_spin_button_new_with_range (low, high, 1);
  /* What 0 is called has letters. */
  gtk_spin_button_set_numeric (GTK_SPIN_BUTTON (self->spin), endless == NULL);
  glow_rows_let_scroll (self->scale);
  glow_rows_let_scroll (self->spin);
  set_range (self);
  gtk_scale_set_draw_value (GTK_SCALE (self->scale), FALSE);
  gtk_range_set_increments (GTK_RANGE (self->scale), 0.05, 0.3);
  gtk_spin_button_set_increments (GTK_SPIN_BUTTON (self->spin), 1, 100);
  gtk_widget_set_hexpand (name, TRUE);
  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_label_set_wrap (GTK_LABEL (name), TRUE);
  gtk_widget_add_css_class (self->unit, "dim-label");
  gtk_widget_add_css_class (box, "capture-slider");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->scale), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->spin), GTK_ACCESSIBLE_PROPERTY_LABEL, whole, -1);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (self->spin), endless != NULL ? 12 : 7);
  gtk_editable_set_width_chars (GTK_EDITABLE (self->spin), endless != NULL ? 12 : 7);
  gtk_box_append (GTK_BOX (line), name);
  gtk_box_append (GTK_BOX (line), self->spin);
  gtk_box_append (GTK_BOX (line), self->unit);
  gtk_box_append (GTK_BOX (box), line);
  gtk_box_append (GTK_BOX (box), self->scale);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (self), box);
  g_signal_connect_object (self->scale, "value-changed", G_CALLBACK (on_scale), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->spin, "value-changed", G_CALLBACK (on_spin), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->spin, "output", G_CALLBACK (on_output), self, 0);
  g_signal_connect_object (self->spin, "input", G_CALLBACK (on_input), self, 0);
  return GTK_WIDGET (self);
}

static void
glow_capture_slider_finalize (GObject *object)
{
  g_free (GLOW_CAPTURE_SLIDER (object)->endless);
  G_OBJECT_CLASS (glow_capture_slider_parent_class)->finalize (object);
}

static void
glow_capture_slider_class_init (GlowCaptureSliderClass *class)
{
  G_OBJECT_CLASS (class)->finalize = glow_capture_slider_finalize;
  moved_signal = g_signal_new ("moved", GLOW_TYPE_CAPTURE_SLIDER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
glow_capture_slider_init (GlowCaptureSlider *self)
{
}
