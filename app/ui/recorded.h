/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/capture.h>
#include "ui/document.h"

G_BEGIN_DECLS

/* (nullable): how a document's recording was made, where it was made here: its plan, marks, why it ended, what it cost. Read once for each file. */
const GlowCaptureNotes *glow_recorded_get_notes (GlowDocument *document);
/* (nullable): what was marked while it was recorded, of GlowCaptureMark. */
const GPtrArray        *glow_recorded_get_marks (GlowDocument *document);
/* They may have changed. */
void                    glow_recorded_forget    (GlowDocument *document);
/* What is known of it, as lines of a title and what is said (transfer full) (nullable), of char*: title, words, title, words, … */
GPtrArray              *glow_recorded_dup_facts (GlowDocument *document);

G_END_DECLS
