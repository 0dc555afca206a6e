/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ui/latency-view.h"

G_BEGIN_DECLS

/* Asks for two events and what they share, with a count of what pairs as they are chosen; the answer becomes the kind of spans that is shown. */
void glow_spans_dialog_show (GtkWindow *parent, GlowDocument *document, GlowLatencyView *latency);

G_END_DECLS
