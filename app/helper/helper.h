/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the service's files know of each other. Each guards one thing that a caller controls: targets.c processes and control groups, outputs.c descriptors,
 * authority.c rights, probes.c and elf.c binaries, launch.c what a recorder inherits, recording.c its life. */
#pragma once
#include "helper/request.h"

#include <gio/gunixfdlist.h>

G_BEGIN_DECLS

#define HELPER_NAME "io.github.afterglow.Helper1"
#define HELPER_PATH "/io/github/afterglow/Helper1"

/* ---- who asks ---- */
typedef struct {
  uid_t uid;
  GArray *groups;               /* of gid_t, all of the caller's; empty where the bus does not say */
} HelperCaller;

/* ---- targets.c ---- */
typedef struct {
  GArray *pidfds;               /* of int */
  gboolean own;                 /* all of them the caller's own */
  gid_t gid;                    /* one of the caller's: that of own processes */
  char *cgroup;                 /* nullable: path below the mount of control groups */
  char *words;                  /* what is recorded, for people */
} HelperTargets;

HelperTargets *helper_targets_open  (HelperRequest *request, const HelperCaller *caller, GError **error);
/* Whether processes are still those that were looked at, and as much the caller's own. */
gboolean       helper_targets_check (const HelperTargets *targets, const HelperRequest *request, const HelperCaller *caller, GError **error);
void           helper_targets_free  (HelperTargets *targets);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (HelperTargets, helper_targets_free)

/* ---- outputs.c ---- */
typedef struct {
  int fd;
  gboolean is_pipe;
  guint64 device, inode;
} HelperOutput;

/* @fd: (transfer none). Refuses what is not an empty regular file of @uid or a pipe, open for writing, with room on its disk. */
gboolean helper_output_check    (int fd, uid_t uid, HelperOutput *output, GError **error);
/* Bytes that were written (of files), and whether its disk is fuller than it may be. */
void     helper_output_measure  (const HelperOutput *output, guint64 *bytes, gboolean *is_full);
/* Whether reading or describing @fd could wait for a file system that somebody runs as a program. */
gboolean helper_fd_may_wait     (int fd);

/* ---- authority.c ---- */
typedef enum { HELPER_RIGHT_OWN = 1, HELPER_RIGHT_OTHER = 2, HELPER_RIGHT_SYSTEM = 4, HELPER_RIGHT_PROBES = 8 } HelperRights;

/* Which rights a request needs. */
HelperRights helper_rights_needed        (const HelperRequest *request, const HelperTargets *targets);
/* Asks polkit for each of @rights for whoever has the bus name @sender; G_IO_ERROR_PERMISSION_DENIED where one is refused. */
void         helper_authority_ask        (const char *sender, uid_t uid, HelperRights rights, const char *words, const char *events, gboolean interactive,
                                          GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data);
gboolean     helper_authority_ask_finish (GAsyncResult *result, GError **error);

/* ---- elf.c ---- */
/* The offset in the file of a function, or with %NULL as @symbol whether the code at @offset may be probed: @must_begin, only where a function begins. */
gboolean helper_elf_find (int fd, const char *symbol, gboolean must_begin, guint64 *offset, GError **error);

/* ---- probes.c ---- */
typedef struct {
  char **events;                /* "group:event", in the order of the request's probes */
} HelperProbes;

HelperProbes *helper_probes_make   (const HelperRequest *request, GUnixFDList *fds, gboolean own, GError **error);
/* Removes them; %FALSE where some are still in use. */
gboolean      helper_probes_remove (HelperProbes *probes);
void          helper_probes_free   (HelperProbes *probes);
/* Removes what a service that was killed has left; %FALSE where some are still in use: to be tried again. */
gboolean      helper_probes_sweep  (void);

/* ---- launch.c ---- */
typedef struct {
  uid_t uid;
  gid_t gid;
  const gid_t *groups;
  gsize n_groups;
  guint64 capabilities;         /* a bit a capability: all that there will ever be */
  guint64 locked_memory;        /* bytes */
} HelperPowers;

/* Starts a program with those powers and nothing else of ours: @fds become its descriptors 1 (-1: none), 2 and 3 to 5 (-1: none). Returns its pid, 0 on error. */
GPid helper_launch (char **argv, const HelperPowers *powers, const int fds[5], GError **error);

/* ---- facts.c ---- */
/* Path of perf (%NULL: none), of root alone to write. */
const char *helper_facts_perf         (void);
GVariant   *helper_facts_describe     (void);
gboolean    helper_facts_check_events (const HelperRequest *request, GError **error);
int         helper_facts_paranoid     (void);
/* "/sys/kernel/tracing", or where older systems have it; ends without a slash. */
const char *helper_facts_tracefs      (void);
/* A small file as text, %NULL where it cannot be read. */
char       *helper_read_text          (const char *path);

/* ---- recording.c ---- */
typedef struct _HelperRecording HelperRecording;
typedef void (*HelperRecordingGone) (HelperRecording *recording, gpointer data);

struct _HelperRecording {
  guint id;
  char *sender;
  HelperCaller caller;
  HelperRequest *request;       /* nullable: symbols of the kernel are read */
  GUnixFDList *fds;
  GArray *outputs;              /* of HelperOutput */
  HelperTargets *targets;
  HelperProbes *probes;
  GCancellable *cancellable;    /* of what is asked before it begins */
  guint watch;
  GDBusConnection *bus;
  GDBusMethodInvocation *invocation;    /* that is to be answered when it runs; of symbols, when they are written */
  GDBusMethodInvocation *order;         /* that is to be answered when recorders did what they were told */
  GPtrArray *recorders;
  int state;
  const char *reason;
  char *message;                /* what went wrong */
  gint64 since, recorded;       /* µs: when it last began to record; how long it did before */
  guint tick, n_ticks, ending, waiting;
  gboolean is_full;
  HelperRecordingGone gone;
  gpointer gone_data;
};

HelperRecording *helper_recording_new    (GDBusMethodInvocation *invocation, HelperRecordingGone gone, gpointer data);
/* Starts recorders, when rights are there; answers the invocation when it runs or cannot. */
void             helper_recording_start  (HelperRecording *recording);
/* Ends it before it began. */
void             helper_recording_refuse (HelperRecording *recording, const GError *error);
void             helper_recording_stop   (HelperRecording *recording, const char *reason);
/* Answers @invocation once the recorders did. */
void             helper_recording_order  (HelperRecording *recording, HelperOrder order, GDBusMethodInvocation *invocation);

/* ---- modes of the same program ---- */
int helper_sample_main  (int argc, char **argv);
int helper_symbols_main (void);
int helper_service_main (void);

G_END_DECLS
