/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of `record` share: options become a plan (record-options.c), the plan is measured (record-measure.c) or recorded (record.c), and what
 * came of it is told (record-report.c). */
#pragma once
#include "cli/cli.h"

#include <afterglow/capture.h>

G_BEGIN_DECLS

typedef struct {
  GlowCapturePlan *plan;
  GlowCaptureWay way;          /* as asked */
  char *output;
  char *save_preset;           /* (nullable) */
  double event_seconds;        /* which single event the estimate is asked about */
  guint blocks;                /* of --overhead; 0: not asked */
  gboolean estimate, print_command, list_presets, json, quiet, pass_exit_status, interactive;
} GlowCliRecord;

/* −1: go on; else the exit status, everything having been said. */
int  glow_cli_record_parse (GlowCliRecord *self, const GlowCliCommand *command, int argc, char **argv);
void glow_cli_record_clear (GlowCliRecord *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GlowCliRecord, glow_cli_record_clear)

/* record-measure.c: NULL with @error. They wait, by the main loop. */
GlowCaptureAbilities *glow_cli_record_ask      (GError **error);
GlowCaptureEstimate  *glow_cli_record_estimate (const GlowCliRecord *record, GlowCaptureWay way, GError **error);
GlowCaptureOverhead  *glow_cli_record_overhead (const GlowCliRecord *record, GlowCaptureWay way, GError **error);

/* record-report.c */
int   glow_cli_record_print_estimate (const GlowCliRecord *record, GlowCaptureWay way, const GlowCaptureEstimate *estimate, const GlowCaptureOverhead *overhead);
int   glow_cli_record_print_done     (const GlowCliRecord *record, GlowCaptureWay way, const GlowCaptureEstimate *estimate, const GlowCaptureOverhead *overhead,
                                      GlowCaptureSession *session);

G_END_DECLS
