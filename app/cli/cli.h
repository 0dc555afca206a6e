/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the command share: exit statuses, options that mean the same in every subcommand, loading with
 * its messages, JSON documents, output that is never left half-written, and the progress bar. */
#pragma once
#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <afterglow/afterglow.h>

G_BEGIN_DECLS

/* COMMAND.md's table; scripts rely on it. An interrupted command ends with 128 + the signal. */
enum {
  GLOW_CLI_EXIT_DONE = 0,
  GLOW_CLI_EXIT_GATE = 1,
  GLOW_CLI_EXIT_USAGE = 2,
  GLOW_CLI_EXIT_UNREADABLE = 3,
  GLOW_CLI_EXIT_NOTHING = 4,
};

typedef struct _GlowCliCommand GlowCliCommand;
struct _GlowCliCommand {
  const char *name;
  const char *arguments;       /* as the usage line names them, untranslated */
  const char *summary;         /* one line, N_() */
  const char *notes;           /* (nullable): below the options in --help, N_(), wrapped by hand at 80 columns */
  int       (*run) (const GlowCliCommand *command, int argc, char **argv);
};

extern const GlowCliCommand glow_cli_diff, glow_cli_info, glow_cli_fold, glow_cli_latency, glow_cli_metrics, glow_cli_pack, glow_cli_record,
                           glow_cli_script, glow_cli_render, glow_cli_top, glow_cli_tree;

/* main.c: interruption. */
GCancellable *glow_cli_get_cancellable (void);
int           glow_cli_interrupted     (void);                   /* 130, 143, or 0 */

/* From now on @func gets SIGINT and SIGTERM, in the main loop, each time, and decides what they end; %NULL: as before. @from_kernel: a terminal's, which its
 * whole foreground group gets. */
typedef void (*GlowCliSignalFunc) (int number, gboolean from_kernel, gpointer data);
void          glow_cli_take_signals    (GlowCliSignalFunc func, gpointer data);

/* options.c */
typedef enum {
  GLOW_CLI_WITH_SHAPE = 1 << 0,      /* --order, --roots, --inverted */
  GLOW_CLI_WITH_JSON = 1 << 1,
  GLOW_CLI_ONE_FILE = 1 << 2,
} GlowCliOptionFlags;

typedef struct {
  GlowQuery *query;
  gboolean selects_event;      /* an --event was given */
  GlowLoadOptions load;
  GPtrArray *debug_dirs;
  char **files;
  gboolean json, strict, quiet, progress;
  gboolean debuginfod;         /* servers may be asked for names */
} GlowCliOptions;

/* Parses a subcommand's own entries (@own, of @own_data) and the shared ones. −1: go on; else the exit status, everything having been said. */
int      glow_cli_options_parse (GlowCliOptions *self, const GlowCliCommand *command, GlowCliOptionFlags flags,
                                 const GOptionEntry *own, int argc, char **argv);
void     glow_cli_options_clear (GlowCliOptions *self);
/* For commands with options of their own alone: a context with the command's help, its groups, its messages. */
GOptionContext *glow_cli_context_new (const GlowCliCommand *command);
void     glow_cli_context_add   (GOptionContext *context, const char *name, const char *title, const GOptionEntry *entries, gpointer data);
int      glow_cli_say_wrong     (const GlowCliCommand *command, const GError *error);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GlowCliOptions, glow_cli_options_clear)
/* Looks @word up among @words (NULL-terminated); −1 after a message that lists them. */
int      glow_cli_choose        (const char *option, const char *word, const char *const *words);

/* load.c: reads the files with progress and prints the warnings; NULL with *status set, the reason having been printed. */
GlowProfile  *glow_cli_load     (const GlowCliOptions *options, const char *const *files, int *status);
/* The same, with the call tree of the selection (see glow_call_tree_compute_visible for @min_share); one without samples is exit status 4. */
GlowCallTree *glow_cli_load_tree (const GlowCliOptions *options, double min_share, int *status);
/* Says where values of a field that samples are weighed by are negative. */
void          glow_cli_note_weight (const GlowCliOptions *options, GlowProfile *profile);
/* Prints @error as one line about @file (nullable) and gives the exit status for it. Takes no ownership. */
int           glow_cli_report   (const char *file, const GError *error);
void          glow_cli_complain (const char *file, const char *format, ...) G_GNUC_PRINTF (2, 3);
const char   *glow_cli_file_label (const char *file);            /* "-" is called standard input */
/* The event terms of @query, or all events of @profile where it has none. (transfer full) */
GlowQuery    *glow_cli_query_all_events (GlowProfile *profile, const GlowQuery *query);

/* fetch.c: gives *profile the names that debuginfod servers have and that are not here, modules that matter to the selection first. One line on
 * standard error for what could not be had. FALSE with @error where interrupted. *read_again: stacks can be unwound further now. */
gboolean      glow_cli_fetch_names (GlowProfile **profile, const GlowCliOptions *options, const GlowLoadOptions *load, const char *label,
                                    gboolean *read_again, GError **error);

/* containers.c: a part of info */
void          glow_cli_print_containers (GString *text, GlowProfile *profile);
void          glow_cli_json_containers  (JsonBuilder *builder, GlowProfile *profile);

/* contrast.c: a comparison in a sentence, then the functions behind it; and all of them as member "tail", or "baseline" for times */
void          glow_cli_append_tail      (GString *text, GlowProfile *profile, const GlowTail *tail);
void          glow_cli_json_tail        (JsonBuilder *builder, GlowProfile *profile, const GlowTail *tail);

/* progress.c */
typedef struct _GlowCliProgress GlowCliProgress;
GlowCliProgress *glow_cli_progress_new  (const char *label, gboolean always);    /* NULL where nothing is to be shown */
void             glow_cli_progress_func (const GlowProgress *progress, gpointer user_data);
void             glow_cli_progress_free (GlowCliProgress *self);                 /* wipes the bar; NULL is fine */

/* output.c */
typedef struct _GlowCliOutput GlowCliOutput;
GlowCliOutput *glow_cli_output_open  (const char *path, GError **error);         /* NULL or "-": standard output */
GOutputStream *glow_cli_output_get_stream (GlowCliOutput *self);                 /* (transfer none), buffered */
/* Ends the output: @error (nullable, taken) of the work before, then flushing, closing and renaming. Returns the exit status,
 * problems having been printed; a reader that closed the pipe ends the process quietly. */
int            glow_cli_output_finish (GlowCliOutput *self, GError *error);
void           glow_cli_output_remove_temporary (void);                          /* for the way out after a signal */
/* Text to standard output, through the same door. */
int            glow_cli_print (const char *text, gsize length);

/* json.c */
char        *glow_cli_dup_utf8 (const char *bytes);
/* Opens the object and writes schema, file or files, selection and warnings. */
JsonBuilder *glow_cli_json_begin (const char *command, const char *const *files, const GlowQuery *query, GlowWarnings *const *warnings, guint n_warnings);
void         glow_cli_json_string (JsonBuilder *builder, const char *member, const char *bytes);      /* null for NULL */
void         glow_cli_json_count  (JsonBuilder *builder, const char *member, guint64 value);
void         glow_cli_json_number (JsonBuilder *builder, const char *member, double value);           /* null for what is not finite */
void         glow_cli_json_weight (JsonBuilder *builder, const char *member, guint64 weight, guint8 decimals);
/* total_weight, weight_unit, samples, effective_samples: what every share of the document is of */
void         glow_cli_json_base   (JsonBuilder *builder, const GlowBase *base);
/* PREFIX_share, PREFIX_low, PREFIX_high */
void         glow_cli_json_share  (JsonBuilder *builder, const char *prefix, guint64 weight, const GlowBase *base);
/* Closes the object and prints it; returns the exit status. Frees @builder. */
int          glow_cli_json_end    (JsonBuilder *builder);

G_END_DECLS
