/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands below the page while everything above it is changed: what such a recording could miss, what it costs, and who would make it. */
#include <config.h>

#include "ui/capture-parts.h"
#include "ui/compat.h"
#include "ui/rows.h"
#include "ui/wrap.h"

#include <glib/gi18n.h>
#include <math.h>

#define RUNS 12                /* of a command, for its overhead: three blocks of off, on, on, off */

typedef struct {
  GlowCaptureDraft *draft;
  GtkWidget *box, *sentence, *cost, *spinner, *problem, *overhead, *progress, *measure, *measure_overhead, *cancel, *take, *icon, *who;
} Cost;

static void
show_who (Cost *self)
{
  const char *problem = NULL, *icon = "system-users-symbolic";
  GlowCaptureWay way;
  gboolean has_way = glow_capture_draft_get_way (self->draft, &way, &problem);
  const GlowCaptureAbilities *abilities = glow_capture_draft_get_abilities (self->draft);
  const char *words;

  if (!has_way && problem != NULL)
    {
      icon = glow_capture_draft_is_whole (self->draft) ? "dialog-warning-symbolic" : "dialog-information-symbolic";
      words = problem;
    }
  else if (!has_way)
    words = abilities == NULL ? _("Looking what can be recorded here…") : "";
  else if (way == GLOW_CAPTURE_HELPER)
    {
      icon = "dialog-password-symbolic";
      words = _("Recorded by Afterglow’s service, because your own rights do not reach: you will be asked for a password.");
    }
  else
    words = _("Recorded by perf with your own rights: no password is needed.");
  gtk_image_set_from_icon_name (GTK_IMAGE (self->icon), icon);
  gtk_label_set_text (GTK_LABEL (self->who), words);
}

static void
show_overhead (Cost *self)
{
  const GlowCaptureOverhead *overhead = glow_capture_draft_get_overhead (self->draft);
  const GlowCapturePlan *plan = glow_capture_draft_get_plan (self->draft);
  const char *problem = glow_capture_draft_get_overhead_problem (self->draft);
  g_autofree char *words = overhead != NULL ? glow_capture_overhead_dup_sentence (overhead, plan) : NULL, *take = NULL;
  double fraction;
  gboolean runs = glow_capture_draft_is_measuring_overhead (self->draft, &fraction), proposes = overhead != NULL && overhead->proposed_rate > 0;

  glow_rows_set_words (self->overhead, words != NULL ? words : problem);
  gtk_widget_set_visible (self->progress, runs);
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->progress), CLAMP (fraction, 0, 1));
  gtk_widget_set_visible (self->take, proposes);
  if (proposes)
    {
      take = g_strdup_printf (_("Take %u Hz"), overhead->proposed_rate);
      gtk_button_set_label (GTK_BUTTON (self->take), take);
    }
}

static void
show (Cost *self)
{
  const GlowCaptureEstimate *estimate = glow_capture_draft_get_estimate (self->draft);
  const GlowCapturePlan *plan = glow_capture_draft_get_plan (self->draft);
  gboolean is_custom = glow_capture_draft_get_words (self->draft) != NULL, measures = glow_capture_draft_is_measuring (self->draft), runs;
  gboolean has_way = glow_capture_draft_get_way (self->draft, NULL, NULL), is_measured = !isnan (estimate->samples_per_second);
  g_autofree char *sentence = is_custom ? NULL : glow_capture_estimate_dup_sentence (estimate, plan);
  g_autofree char *cost = is_measured ? glow_capture_estimate_dup_cost (estimate, plan) : NULL;
  double fraction;

  runs = glow_capture_draft_is_measuring_overhead (self->draft, &fraction);
  glow_rows_set_words (self->sentence, is_custom ? _("What this command could miss is not known: it runs as it was written.") : sentence);
  glow_rows_set_words (self->cost, measures ? _("Recording for two seconds to see what it costs…") : runs ? _("Measuring off, on, on, off…") : cost);
  glow_rows_set_words (self->problem, glow_capture_draft_get_measure_problem (self->draft));
  gtk_widget_set_visible (self->spinner, measures);
  gtk_spinner_set_spinning (GTK_SPINNER (self->spinner), measures);
  gtk_widget_set_visible (self->cancel, measures || runs);
  gtk_widget_set_visible (self->measure, !measures && !runs);
  gtk_widget_set_visible (self->measure_overhead, !runs && (plan->target == GLOW_CAPTURE_COMMAND || plan->target == GLOW_CAPTURE_PROCESSES));
  gtk_widget_set_sensitive (self->measure, has_way && !is_custom);
  gtk_widget_set_sensitive (self->measure_overhead, has_way && !is_custom && !measures);
  gtk_button_set_label (GTK_BUTTON (self->measure), is_measured ? _("M_easure Again") : _("M_easure"));
  show_overhead (self);
  show_who (self);
}

static void
on_changed (GlowCaptureDraft *draft, guint changes, GtkWidget *box)
{
  show (g_object_get_data (G_OBJECT (box), "glow-cost"));
}

/* ---- overhead ---- */

static void
on_agreed (gpointer data, const char *response)
{
  g_autoptr(GlowCaptureDraft) draft = data;

  if (g_strcmp0 (response, "run") == 0)
    glow_capture_draft_measure_overhead (draft);
}

/* A command may do more than burn time: nobody's is run twelve times unasked. */
static void
on_measure_overhead (Cost *self)
{
  const char *const responses[] = { "cancel", _("_Cancel"), "run", _("_Run It"), NULL };
  g_autofree char *heading = NULL;

  if (glow_capture_draft_get_plan (self->draft)->target != GLOW_CAPTURE_COMMAND)
    {
      glow_capture_draft_measure_overhead (self->draft);
      return;
    }
  heading = g_strdup_printf (_("Run the command %d times?"), RUNS);
  glow_compat_ask (GTK_WINDOW (gtk_widget_get_root (self->box)), heading,
                   _("Without recording, with, with, without, and so again: only so does a difference tell what recording costs. The command does each time what it does."),
                   responses, on_agreed, g_object_ref (self->draft));
}

static void
on_take (Cost *self)
{
  const GlowCaptureOverhead *overhead = glow_capture_draft_get_overhead (self->draft);

  if (overhead == NULL || overhead->proposed_rate == 0)
    return;
  glow_capture_draft_get_plan (self->draft)->rate = overhead->proposed_rate;
  glow_capture_draft_edited (self->draft, TRUE);
}

/* ---- making ---- */

static GtkWidget *
new_button (Cost *self, GtkWidget *row, const char *label, GCallback clicked)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  g_signal_connect_swapped (button, "clicked", clicked, self);
  glow_wrap_append (row, button);
  return button;
}

static void
on_measure (Cost *self)
{
  glow_capture_draft_measure (self->draft);
}

static void
on_cancel (Cost *self)
{
  glow_capture_draft_cancel (self->draft);
}

static void
cost_free (gpointer data)
{
  Cost *self = data;

  g_object_unref (self->draft);
  g_free (self);
}

GtkWidget *
glow_capture_cost_new (GlowCaptureDraft *draft)
{
  Cost *self = g_new0 (Cost, 1);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6), *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *row = glow_wrap_new (6);
  GtkWidget *who = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  self->draft = g_object_ref (draft);
  self->box = box;
  self->sentence = glow_rows_new_words ("capture-sentence");
  self->cost = glow_rows_new_words ("numeric");
  self->problem = glow_rows_new_words ("error");
  self->overhead = glow_rows_new_words ("numeric");
  self->spinner = gtk_spinner_new ();
  self->progress = gtk_progress_bar_new ();
  self->icon = gtk_image_new ();
  self->who = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->who), TRUE);
  gtk_label_set_xalign (GTK_LABEL (self->who), 0);
  gtk_label_set_selectable (GTK_LABEL (self->who), TRUE);
  gtk_widget_set_valign (self->icon, GTK_ALIGN_START);
  gtk_widget_add_css_class (who, "dim-label");
  gtk_widget_add_css_class (box, "capture-cost");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->progress), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Measuring overhead"), -1);
  self->measure = new_button (self, row, _("M_easure"), G_CALLBACK (on_measure));
  self->measure_overhead = new_button (self, row, _("Measure O_verhead…"), G_CALLBACK (on_measure_overhead));
  self->cancel = new_button (self, row, _("Cance_l Measuring"), G_CALLBACK (on_cancel));
  self->take = new_button (self, row, "", G_CALLBACK (on_take));
  gtk_widget_set_tooltip_text (self->measure, _("Records like this for two seconds, and throws that away"));
  gtk_widget_set_tooltip_text (self->measure_overhead, _("Off, on, on, off, in blocks: what recording costs what is recorded"));
  gtk_widget_add_css_class (self->take, "suggested-action");
  gtk_box_append (GTK_BOX (line), self->spinner);
  gtk_box_append (GTK_BOX (line), self->cost);
  gtk_box_append (GTK_BOX (who), self->icon);
  gtk_box_append (GTK_BOX (who), self->who);
  gtk_box_append (GTK_BOX (box), self->sentence);
  gtk_box_append (GTK_BOX (box), line);
  gtk_box_append (GTK_BOX (box), self->problem);
  gtk_box_append (GTK_BOX (box), self->overhead);
  gtk_box_append (GTK_BOX (box), self->progress);
  gtk_box_append (GTK_BOX (box), row);
  gtk_box_append (GTK_BOX (box), who);
  g_object_set_data_full (G_OBJECT (box), "glow-cost", self, cost_free);
  g_signal_connect_object (draft, "changed", G_CALLBACK (on_changed), box, 0);
  show (self);
  return box;
}
