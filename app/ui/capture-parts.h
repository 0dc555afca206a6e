/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <adwaita.h>
#include "ui/capture-draft.h"

G_BEGIN_DECLS

/* The parts of the capture dialog. Each shows and changes one side of a draft, and knows of no other part. All (transfer floating). */

/* capture-target.c: what is recorded. */
GtkWidget *glow_capture_target_new    (GlowCaptureDraft *draft);
/* Puts the keyboard where the target is said. */
void       glow_capture_target_focus  (GtkWidget *target);
/* capture-processes.c: processes, to be ticked; containers, one to be chosen, where @containers. */
GtkWidget *glow_capture_processes_new (GlowCaptureDraft *draft, gboolean containers);
/* capture-goal.c: why. */
GtkWidget *glow_capture_goal_new      (GlowCaptureDraft *draft);
/* capture-amount.c: how often, how long, with which stacks. */
GtkWidget *glow_capture_amount_new    (GlowCaptureDraft *draft);
/* capture-command.c: the perf command that comes of it. */
GtkWidget *glow_capture_command_new   (GlowCaptureDraft *draft);
/* capture-elsewhere.c: commands for where this program may not record, and a place for what comes of them. */
GtkWidget *glow_capture_elsewhere_new (GlowCaptureDraft *draft);
/* capture-cost.c: what it could miss and cost; who records. */
GtkWidget *glow_capture_cost_new      (GlowCaptureDraft *draft);
/* capture-presets.c: a menu of presets and of what was recorded before. */
GtkWidget *glow_capture_presets_new   (GlowCaptureDraft *draft);

/* A command, monospaced and wrapping, with a button that copies it. */
GtkWidget *glow_capture_line_new      (const char *name);
void       glow_capture_line_set      (GtkWidget *line, const char *text);
const char *glow_capture_line_get     (GtkWidget *line);

G_END_DECLS
