/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "cli/cli.h"

#include <afterglow/capture.h>

G_BEGIN_DECLS

/* Nothing where no notes lie beside the recording. */
void glow_cli_print_notes   (GString *text, GlowProfile *profile, const char *file);
void glow_cli_json_notes    (JsonBuilder *builder, GlowProfile *profile, const char *file);      /* member "capture" */
void glow_cli_json_overhead (JsonBuilder *builder, const GlowCaptureOverhead *overhead, const char *sentence);    /* an object, its member's name being set */

G_END_DECLS
