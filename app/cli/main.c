/* SPDX-License-Identifier: GPL-3.0-or-later */
/* afterglow-cli: the engine without a display. Finds the subcommand, answers --help and --version, and turns SIGINT and
 * SIGTERM into cancellation, so that every subcommand ends by the same path whether it is done or interrupted. */
#include "config.h"
#include <errno.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include "cli/cli.h"

/* How long work may take to notice that it was cancelled. A read that never returns (a terminal, a silent pipe) must not hold Ctrl+C up. */
#define GRACE_SECONDS 2

static const GlowCliCommand *const commands[] = {
  &glow_cli_info, &glow_cli_fold, &glow_cli_script, &glow_cli_render, &glow_cli_top, &glow_cli_tree, &glow_cli_latency, &glow_cli_diff,
  &glow_cli_metrics, &glow_cli_pack, &glow_cli_record,
};

/* A command works once and ends: memory that it gave back is better used again than fetched anew from the kernel, page by page. */
#define KEEP_BELOW (64 << 20)

static GCancellable *cancellable;
static int caught_signal;

/* Who takes signals itself instead. */
static GMutex taker_lock;
static GlowCliSignalFunc taker;
static gpointer taker_data;

GCancellable *
glow_cli_get_cancellable (void)
{
  return cancellable;
}

int
glow_cli_interrupted (void)
{
  int number = g_atomic_int_get (&caught_signal);

  return number == 0 ? 0 : 128 + number;
}

typedef struct { GlowCliSignalFunc taker; gpointer data; siginfo_t info; } Signal;

static gboolean
give_signal (gpointer data)
{
  Signal *own = data;

  own->taker (own->info.si_signo, own->info.si_code > 0, own->data);
  g_free (own);
  return G_SOURCE_REMOVE;
}

/* To the main loop, where the taker lives. */
static gboolean
hand_on (const siginfo_t *info)
{
  Signal *own = NULL;

  g_mutex_lock (&taker_lock);
  if (taker != NULL)
    {
      own = g_new0 (Signal, 1);
      *own = (Signal) { taker, taker_data, *info };
    }
  g_mutex_unlock (&taker_lock);
  if (own == NULL)
    return FALSE;
  g_idle_add_full (G_PRIORITY_HIGH, give_signal, own, NULL);
  return TRUE;
}

void
glow_cli_take_signals (GlowCliSignalFunc func, gpointer data)
{
  g_mutex_lock (&taker_lock);
  taker = func;
  taker_data = data;
  g_mutex_unlock (&taker_lock);
}

/* A thread of its own may do what a signal handler may not: take locks, run cancellation callbacks, unlink. */
static gpointer
wait_for_signals (gpointer data)
{
  const sigset_t *signals = data;
  struct timespec grace = { .tv_sec = GRACE_SECONDS };
  siginfo_t info;
  int number;

  do
    {
      number = sigwaitinfo (signals, &info);
      if (number < 0 && errno != EINTR)
        return NULL;
    }
  while (number < 0 || hand_on (&info));
  g_atomic_int_set (&caught_signal, number);
  g_cancellable_cancel (cancellable);
  sigtimedwait (signals, NULL, &grace);
  glow_cli_output_remove_temporary ();
  _exit (128 + number);
}

static void
catch_signals (void)
{
  static sigset_t signals;
  pthread_t thread;

  /* Blocked before any thread is made, so that all inherit it and only the one below ever gets them. */
  sigemptyset (&signals);
  sigaddset (&signals, SIGINT);
  sigaddset (&signals, SIGTERM);
  if (pthread_sigmask (SIG_BLOCK, &signals, NULL) != 0 || pthread_create (&thread, NULL, wait_for_signals, &signals) != 0)
    {
      pthread_sigmask (SIG_UNBLOCK, &signals, NULL);
      return;
    }
  pthread_detach (thread);
}

static char *
dup_general_help (void)
{
  GString *text = g_string_new (NULL);

  g_string_append (text, _("Usage:\n  afterglow-cli COMMAND [OPTION…] FILE…\n\n"
                           "Reads recordings of where programs spend their time (perf.data, folded stacks;\n"
                           "plain or compressed) and shows them as text, JSON or pictures.\n\n"
                           "Commands:\n"));
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    g_string_append_printf (text, "  %-8s %s\n", commands[i]->name, _(commands[i]->summary));
  g_string_append (text, _("\nA FILE is a path, or - for standard input; its kind is found from its content.\n"
                           "Data goes to standard output, everything else to standard error.\n\n"
                           "  afterglow-cli COMMAND --help   options of one command\n"
                           "  afterglow-cli --version        the version\n"
                           "  man afterglow-cli              everything\n\n"
                           "Exit status: 0 done; 1 a gate failed; 2 wrong command line; 3 an input could\n"
                           "not be read or an output not written; 4 no samples to show; 130 or 143\n"
                           "interrupted.\n"));
  return g_string_free (text, FALSE);
}

static const GlowCliCommand *
find_command (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (strcmp (commands[i]->name, name) == 0)
      return commands[i];
  return NULL;
}

static int
say_unknown (const char *name)
{
  g_autoptr(GString) known = g_string_new (NULL);
  g_autofree char *shown = g_utf8_make_valid (name, -1);

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    g_string_append_printf (known, "%s%s", i > 0 ? ", " : "", commands[i]->name);
  if (name[0] == '-')
    g_printerr (_("afterglow-cli: %s: not known here; expected a command first (%s), --help or --version\n"), shown, known->str);
  else
    g_printerr (_("afterglow-cli: %s: not a command; expected one of %s\n"), shown, known->str);
  return GLOW_CLI_EXIT_USAGE;
}

int
main (int argc, char **argv)
{
  const GlowCliCommand *command;
  g_autofree char *help = NULL;
  int status;

#ifdef M_MMAP_THRESHOLD
  mallopt (M_MMAP_THRESHOLD, KEEP_BELOW / 2);
  mallopt (M_TRIM_THRESHOLD, 4 * KEEP_BELOW);
  mallopt (M_TOP_PAD, KEEP_BELOW / 4);
#endif
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, AFTERGLOW_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_prgname ("afterglow-cli");

  /* A closed pipe comes back as EPIPE, so that a temporary file can be removed before the process ends as SIGPIPE would have ended it. */
  signal (SIGPIPE, SIG_IGN);
  cancellable = g_cancellable_new ();
  glow_debuginfod_find_servers (NULL);
  catch_signals ();

  help = dup_general_help ();
  if (argc < 2)
    {
      g_printerr ("%s", help);
      return GLOW_CLI_EXIT_USAGE;
    }
  if (strcmp (argv[1], "--version") == 0)
    {
      g_autofree char *version = g_strdup_printf ("afterglow-cli %s\n", AFTERGLOW_VERSION);

      return glow_cli_print (version, strlen (version));
    }
  if (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0 || (strcmp (argv[1], "help") == 0 && argc == 2))
    return glow_cli_print (help, strlen (help));
  if (strcmp (argv[1], "help") == 0)
    {
      char *arguments[] = { argv[2], (char *) "--help", NULL };

      command = find_command (argv[2]);
      return command != NULL ? command->run (command, 2, arguments) : say_unknown (argv[2]);
    }

  command = find_command (argv[1]);
  if (command == NULL)
    return say_unknown (argv[1]);
  status = command->run (command, argc - 1, argv + 1);
  glow_cache_flush ();
  return status;
}
