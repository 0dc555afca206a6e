/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ui/comparison.h"

G_BEGIN_DECLS

/* Buttons of the comparison's bar, each with what it sets in a popover. (transfer floating) */
GtkWidget *glow_diff_base_button_new     (GlowComparison *comparison);     /* what numbers are of */
GtkWidget *glow_diff_evidence_button_new (GlowComparison *comparison);     /* what counts as a change */
GtkWidget *glow_diff_runs_button_new     (GlowComparison *comparison);     /* which recordings are on which side */
GtkWidget *glow_diff_renames_button_new  (GlowComparison *comparison);     /* functions that may be the same; not there where there are none */

G_END_DECLS
