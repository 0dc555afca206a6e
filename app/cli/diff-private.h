/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of “diff”: what was asked (diff.c), which files are on which side (diff-sides.c), JSON and JUnit. */
#pragma once
#include "cli/cli.h"

G_BEGIN_DECLS

typedef struct {
  GlowCliOptions options;
  char *before_time, *after_time, *before_words, *after_words;
  char *baseline;
  int last;
  GPtrArray *before, *after;   /* of GlowDiffRun */
  GPtrArray *files;            /* of char*: all that were read, before then after, NULL-terminated */
  GPtrArray *warnings;         /* of GlowWarnings*, one a profile */
  guint n_before_files;
} GlowCliDiffSides;

/* Takes the "--" out of @argv, which stands between the files and may be followed by options. Call before options are parsed. */
void     glow_cli_diff_mark_middle (int argc, char **argv);
/* Splits and loads the files. −1: done; else the exit status, everything having been said. */
int      glow_cli_diff_load_sides  (GlowCliDiffSides *self, const char *unit_words);
void     glow_cli_diff_sides_clear (GlowCliDiffSides *self);

/* @gates, @verdicts: NULL where none were asked. */
int      glow_cli_diff_print_json  (const GlowCliDiffSides *sides, GlowDiff *diff, const GlowDiffExportOptions *options, const GPtrArray *verdicts);
/* The same, as text. (transfer full) */
char    *glow_cli_diff_dup_junit   (GlowDiff *diff, const GPtrArray *verdicts);
/* What failed, with its evidence; and, of what held, what could have been seen. */
void     glow_cli_diff_append_verdicts (GlowDiff *diff, const GPtrArray *verdicts, gboolean as_markdown, GString *text);

G_END_DECLS
