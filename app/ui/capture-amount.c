/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much is recorded: rate and clocks, duration and size, which stacks and what each kind of them costs here. */
#include <config.h>

#include "ui/capture-parts.h"
#include "ui/capture-slider.h"
#include "ui/rows.h"

#include <afterglow/text.h>
#include <glib/gi18n.h>
#include <math.h>

#define MIB (1 << 20)
#define LEAST_RATE 1
#define MOST_SECONDS 3600
#define LONGEST_EVENT_US 10000000
#define MOST_STACK 65528       /* bytes: what the kernel copies at most */
#define GOOD_LEVEL 3           /* of zstd: beyond it is slower for little */

typedef struct {
  GlowCaptureDraft *draft;
  GtkWidget *rate, *duration, *event, *clock, *call_graph, *stack_size, *kernel, *compression, *size;
  gboolean is_showing;
} Amount;

static const GlowCaptureCallGraph call_graphs[] = { GLOW_CAPTURE_FP, GLOW_CAPTURE_DWARF, GLOW_CAPTURE_LBR, GLOW_CAPTURE_NO_STACKS };

/* ---- words ---- */

static const char *
get_clock_words (GlowCaptureClock clock)
{
  switch (clock)
    {
    case GLOW_CAPTURE_SINGLE:
      return _("May run in step with what it samples: something that happens 100 times a second is then seen always, or never");
    case GLOW_CAPTURE_RANDOM:
      return _("Gaps are drawn anew after each sample: cannot run in step with anything. Written by Afterglow’s own sampler");
    case GLOW_CAPTURE_INTERLEAVED:
    default:
      return _("Two or three clocks at rates without a common divisor: what locks onto one of them shows against the others");
    }
}

/* CPUs that the target keeps busy, as far as that was measured; else one. */
static double
busy_cpus (Amount *self)
{
  double measured = glow_capture_draft_get_estimate (self->draft)->busy_cpus;

  return isnan (measured) || measured <= 0 ? 1 : measured;
}

static char *
dup_call_graph_words (Amount *self, const GlowCapturePlan *plan)
{
  const GlowCaptureAbilities *abilities = glow_capture_draft_get_abilities (self->draft);
  gboolean is_measured = !isnan (glow_capture_draft_get_estimate (self->draft)->busy_cpus);
  g_autofree char *each = glow_text_bytes (plan->stack_size), *rate = glow_text_bytes ((guint64) (plan->stack_size * (double) plan->rate * busy_cpus (self)));

  switch (plan->call_graph)
    {
    case GLOW_CAPTURE_DWARF:
      if (is_measured)
        return g_strdup_printf (_("Copies %s of stack with each sample: up to %s a second of what runs now. Whole stacks of any code that has unwind tables"), each, rate);
      return g_strdup_printf (_("Copies %s of stack with each sample: up to %s a second for each busy CPU. Whole stacks of any code that has unwind tables"), each, rate);
    case GLOW_CAPTURE_LBR:
      if (abilities != NULL && !abilities->lbr)
        return g_strdup (_("Not here: this processor, or the virtual machine it is, keeps no record of branches"));
      return g_strdup (_("The processor’s record of branches: costs next to nothing, but only the last calls, and none of the kernel’s"));
    case GLOW_CAPTURE_NO_STACKS:
      return g_strdup (_("The function that runs, and not who called it: no flame, but the least data"));
    case GLOW_CAPTURE_FP:
    default:
      return g_strdup (_("Little data and little time for each sample. Callers are missing where code was built without frame pointers"));
    }
}

/* ---- showing ---- */

static guint
place_of (GlowCaptureCallGraph call_graph)
{
  guint place = 0;

  while (place + 1 < G_N_ELEMENTS (call_graphs) && call_graphs[place] != call_graph)
    place++;
  return place;
}

static void
show_abilities (Amount *self)
{
  const GlowCaptureAbilities *abilities = glow_capture_draft_get_abilities (self->draft);

  if (abilities == NULL)
    return;
  if (abilities->max_rate > LEAST_RATE)
    glow_capture_slider_set_high (GLOW_CAPTURE_SLIDER (self->rate), abilities->max_rate);
  gtk_widget_set_sensitive (glow_rows_get_row (self->compression), abilities->compression);
  if (!abilities->compression)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (glow_rows_get_row (self->compression)), _("Not here: this perf was built without zstd"));
}

static void
show (Amount *self)
{
  const GlowCapturePlan *plan = glow_capture_draft_get_plan (self->draft);
  g_autofree char *words = dup_call_graph_words (self, plan);

  self->is_showing = TRUE;
  glow_capture_slider_set_value (GLOW_CAPTURE_SLIDER (self->rate), plan->rate);
  glow_capture_slider_set_value (GLOW_CAPTURE_SLIDER (self->duration), plan->duration);
  adw_combo_row_set_selected (ADW_COMBO_ROW (self->clock), plan->clock);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->clock), get_clock_words (plan->clock));
  adw_combo_row_set_selected (ADW_COMBO_ROW (self->call_graph), place_of (plan->call_graph));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->call_graph), words);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->stack_size), plan->stack_size);
  gtk_widget_set_visible (glow_rows_get_row (self->stack_size), plan->call_graph == GLOW_CAPTURE_DWARF);
  gtk_switch_set_active (GTK_SWITCH (self->kernel), plan->kernel);
  gtk_switch_set_active (GTK_SWITCH (self->compression), plan->compression > 0);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->size), ceil ((double) plan->size / MIB));
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->event), glow_capture_draft_get_event (self->draft) * 1e6);
  self->is_showing = FALSE;
}

static void
on_changed (GlowCaptureDraft *draft, guint changes, GtkWidget *group)
{
  Amount *self = g_object_get_data (G_OBJECT (group), "glow-amount");

  if (changes & GLOW_DRAFT_ABILITIES)
    show_abilities (self);
  if (changes & (GLOW_DRAFT_PLAN | GLOW_DRAFT_ESTIMATE))
    show (self);
}

/* ---- changing ---- */

/* Rate and clock are what events are made of; the rest stands beside them. */
static void
on_clocks (Amount *self)
{
  GlowCapturePlan *plan = glow_capture_draft_get_plan (self->draft);

  if (self->is_showing)
    return;
  plan->rate = (guint) glow_capture_slider_get_value (GLOW_CAPTURE_SLIDER (self->rate));
  plan->clock = adw_combo_row_get_selected (ADW_COMBO_ROW (self->clock));
  glow_capture_draft_edited (self->draft, TRUE);
}

static void
on_rest (Amount *self)
{
  GlowCapturePlan *plan = glow_capture_draft_get_plan (self->draft);
  gboolean compress = gtk_switch_get_active (GTK_SWITCH (self->compression));
  double mib = gtk_spin_button_get_value (GTK_SPIN_BUTTON (self->size));

  if (self->is_showing)
    return;
  plan->duration = glow_capture_slider_get_value (GLOW_CAPTURE_SLIDER (self->duration));
  plan->call_graph = call_graphs[adw_combo_row_get_selected (ADW_COMBO_ROW (self->call_graph))];
  plan->stack_size = (guint) gtk_spin_button_get_value (GTK_SPIN_BUTTON (self->stack_size)) / 8 * 8;
  plan->kernel = gtk_switch_get_active (GTK_SWITCH (self->kernel));
  if (compress != (plan->compression > 0))
    plan->compression = compress ? GOOD_LEVEL : 0;
  if (mib != ceil ((double) plan->size / MIB))
    plan->size = (guint64) mib * MIB;
  glow_capture_draft_edited (self->draft, FALSE);
}

/* Whether the kernel is sampled is part of an event's name. */
static void
on_kernel (Amount *self)
{
  if (self->is_showing)
    return;
  glow_capture_draft_get_plan (self->draft)->kernel = gtk_switch_get_active (GTK_SWITCH (self->kernel));
  glow_capture_draft_edited (self->draft, TRUE);
}

static void
on_event (Amount *self)
{
  if (!self->is_showing)
    glow_capture_draft_set_event (self->draft, gtk_spin_button_get_value (GTK_SPIN_BUTTON (self->event)) / 1e6);
}

static gboolean
on_size_output (GtkSpinButton *spin)
{
  if (gtk_spin_button_get_value (spin) > 0)
    return FALSE;
  gtk_editable_set_text (GTK_EDITABLE (spin), _("no limit"));
  return TRUE;
}

static int
on_size_input (GtkSpinButton *spin, double *value)
{
  if (g_strcmp0 (gtk_editable_get_text (GTK_EDITABLE (spin)), _("no limit")) != 0)
    return FALSE;
  *value = 0;
  return TRUE;
}

/* ---- making ---- */

static void
amount_free (gpointer data)
{
  Amount *self = data;

  g_object_unref (self->draft);
  g_free (self);
}

static void
add_rows (Amount *self, AdwPreferencesGroup *group)
{
  const char *const clocks[] = { _("Interleaved"), _("Single"), _("Random"), NULL };
  const char *const graphs[] = { _("Frame pointers"), _("DWARF"), _("LBR"), _("None"), NULL };

  self->rate = glow_capture_slider_new (_("Samples a second"), _("Hz"), LEAST_RATE, 10000, NULL);
  adw_preferences_group_add (group, self->rate);
  self->clock = glow_rows_add_choice (group, _("Clocks"), clocks);
  self->duration = glow_capture_slider_new (_("Stop after"), _("s"), 1, MOST_SECONDS, _("when I stop it"));
  adw_preferences_group_add (group, self->duration);
  self->event = glow_rows_add_number (group, _("Would it see a single event of … µs?"), _("What the sentence below is about"), 1, LONGEST_EVENT_US, 100);
  self->call_graph = glow_rows_add_choice (group, _("Callers by"), graphs);
  self->stack_size = glow_rows_add_number (group, _("Bytes of stack in a sample"), _("Deeper stacks are cut off there"), 512, MOST_STACK, 1024);
  self->kernel = glow_rows_add_switch (group, _("The kernel’s code too"), _("What it does for the program; needs a right of its own"));
  self->size = glow_rows_add_number (group, _("No larger than, in MiB"), _("It ends there; what was recorded is kept"), 0, 1 << 20, 64);
  self->compression = glow_rows_add_switch (group, _("Compress while recording"), _("A file some times smaller for a little more of perf’s own time"));
}

GtkWidget *
glow_capture_amount_new (GlowCaptureDraft *draft)
{
  Amount *self = g_new0 (Amount, 1);
  GtkWidget *group = adw_preferences_group_new ();

  self->draft = g_object_ref (draft);
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _("How much"));
  add_rows (self, ADW_PREFERENCES_GROUP (group));
  gtk_editable_set_width_chars (GTK_EDITABLE (self->size), 7);
  gtk_spin_button_set_numeric (GTK_SPIN_BUTTON (self->size), FALSE);
  g_signal_connect (self->size, "output", G_CALLBACK (on_size_output), NULL);
  g_signal_connect (self->size, "input", G_CALLBACK (on_size_input), NULL);
  g_signal_connect_swapped (self->rate, "moved", G_CALLBACK (on_clocks), self);
  g_signal_connect_swapped (self->clock, "notify::selected", G_CALLBACK (on_clocks), self);
  g_signal_connect_swapped (self->kernel, "notify::active", G_CALLBACK (on_kernel), self);
  g_signal_connect_swapped (self->event, "value-changed", G_CALLBACK (on_event), self);
  g_signal_connect_swapped (self->duration, "moved", G_CALLBACK (on_rest), self);
  g_signal_connect_swapped (self->call_graph, "notify::selected", G_CALLBACK (on_rest), self);
  g_signal_connect_swapped (self->stack_size, "value-changed", G_CALLBACK (on_rest), self);
  g_signal_connect_swapped (self->compression, "notify::active", G_CALLBACK (on_rest), self);
  g_signal_connect_swapped (self->size, "value-changed", G_CALLBACK (on_rest), self);
  g_object_set_data_full (G_OBJECT (group), "glow-amount", self, amount_free);
  g_signal_connect_object (draft, "changed", G_CALLBACK (on_changed), group, 0);
  show (self);
  /* Zero is what it began with, so nothing has told it to say so in words. */
  gtk_spin_button_update (GTK_SPIN_BUTTON (self->size));
  show_abilities (self);
  return group;
}
