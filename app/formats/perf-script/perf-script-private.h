/* SPDX-License-Identifier: GPL-3.0-or-later */
/* perf script's text: what a line is. Every layout since 2010: with or without processor, flags, period, offsets, modules; trace fields behind the
 * event; a stack on the sample's own line. */
#pragma once
#include "model/profile-private.h"

G_BEGIN_DECLS

typedef enum { SCRIPT_LINE_BLANK, SCRIPT_LINE_COMMENT, SCRIPT_LINE_SAMPLE, SCRIPT_LINE_FRAME, SCRIPT_LINE_OTHER } ScriptLineKind;

typedef struct { const char *text; gsize n; } ScriptText;

typedef struct {
  ScriptText comm, event, rest;        /* rest: what stands behind the event */
  gint32 pid, tid;             /* −1 where not told; one number alone is the thread's */
  guint16 cpu;                 /* G_MAXUINT16: not told */
  guint64 time;                /* ns */
  guint64 period;              /* 0: not told */
  gboolean has_time;
} ScriptSample;

typedef struct {
  guint64 address;
  ScriptText name, module;     /* name without its offset; "[unknown]" as it stands */
  guint64 offset;              /* in the symbol; G_MAXUINT64: not told */
} ScriptFrame;

/* @n without the line's end. Sets @sample or @frame by what it is. */
ScriptLineKind perf_script_parse_line  (const char *line, gsize n, ScriptSample *sample, ScriptFrame *frame);
gboolean       perf_script_parse_frame (const char *text, gsize n, ScriptFrame *frame);
int            perf_script_recognise   (const guint8 *head, gsize n);

G_END_DECLS
