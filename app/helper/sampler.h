/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file that the sampler of random gaps writes. */
#pragma once
#include <glib.h>
#include <linux/perf_event.h>
#include <sys/types.h>

G_BEGIN_DECLS

typedef struct {
  int fd;
  gboolean is_pipe;
  guint64 written;              /* bytes, of everything */
  guint64 data;                 /* offset of the first record */
  struct perf_event_attr attr;
  const char *name;
  char **command;
} SampleFile;

/* What stands behind each record that is no sample, by sample_type: TID, TIME, CPU and IDENTIFIER. */
#define SAMPLE_ID_BYTES 32

gboolean sample_file_write  (SampleFile *file, const void *bytes, gsize n);
/* The head, then the attribute. */
gboolean sample_file_begin  (SampleFile *file);
/* Names, maps and threads of a process that is there already. */
gboolean sample_file_add_process (SampleFile *file, pid_t pid);
/* Where the kernel stands. */
gboolean sample_file_add_kernel  (SampleFile *file);
gboolean sample_file_round  (SampleFile *file);
/* @ids: of guint64: all that samples may have. */
gboolean sample_file_finish (SampleFile *file, GArray *ids);

G_END_DECLS
