/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ui/document.h"

G_BEGIN_DECLS

/* Two selections of one document that what is selected now suggests. */
typedef struct {
  char *label;
  GlowQuery *before, *after;
} GlowComparisonOffer;

/* (transfer full) (element-type GlowComparisonOffer): "the selected time against the rest", "comm a against comm b", … O(terms + threads) */
GPtrArray *glow_comparison_dup_offers (GlowDocument *document);

G_END_DECLS
