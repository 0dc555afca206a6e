/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Probes of functions where this user may make them itself (root): perf finds where a function begins, the kernel's list is told to forget them. Their
 * group carries the number of this process, so that those of one that died are known and swept. */
#include <config.h>

#include "capture/session-private.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PREFIX "afterglow_by_"

char *
glow_capture_probe_group (void)
{
  static guint number;

  return g_strdup_printf (PREFIX "%u_%u", (guint) getpid (), ++number);
}

static char *
dup_list_path (void)
{
  static const char *const mounts[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };

  for (guint i = 0; i < G_N_ELEMENTS (mounts); i++)
    {
      g_autofree char *path = g_build_filename (mounts[i], "uprobe_events", NULL);

      if (g_access (path, W_OK) == 0)
        return g_steal_pointer (&path);
    }
  return NULL;
}

static void
write_line (const char *path, const char *line)
{
  int fd = open (path, O_WRONLY | O_APPEND | O_CLOEXEC);

  if (fd < 0 || write (fd, line, strlen (line)) < 0)
    g_debug ("%s: %s", path, line);
  if (fd >= 0)
    close (fd);
}

/* The lines of the list that are of groups which @wanted says to remove: "p:GROUP/EVENT PATH:0x…". */
static void
remove_groups (gboolean (*wanted) (const char *group, gconstpointer data), gconstpointer data)
{
  g_autofree char *path = dup_list_path (), *text = NULL;
  g_auto(GStrv) lines = NULL;

  if (path == NULL || !g_file_get_contents (path, &text, NULL, NULL))
    return;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *colon = strchr (lines[i], ':'), *slash = colon != NULL ? strchr (colon, '/') : NULL;
      g_autofree char *group = slash != NULL ? g_strndup (colon + 1, slash - colon - 1) : NULL;
      g_autofree char *line = slash != NULL ? g_strdup_printf ("-:%s%.*s\n", group, (int) strcspn (slash, " "), slash) : NULL;

      if (group != NULL && g_str_has_prefix (group, PREFIX) && wanted (group, data))
        write_line (path, line);
    }
}

static gboolean
is_group (const char *group, gconstpointer data)
{
  return strcmp (group, data) == 0;
}

/* "afterglow_by_PID_N" of a process that is gone. */
static gboolean
is_orphan (const char *group, gconstpointer data)
{
  char *end;
  guint64 pid = g_ascii_strtoull (group + strlen (PREFIX), &end, 10);

  return *end == '_' && pid > 0 && pid < G_MAXINT32 && kill ((pid_t) pid, 0) != 0;
}

void
glow_capture_probes_remove (const char *group)
{
  remove_groups (is_group, group);
}

void
glow_capture_probes_sweep (void)
{
  remove_groups (is_orphan, NULL);
}

/* argv of the perf that makes the plan's probes, all of one binary at once: of the probe at @from and those behind it; *@next is the first of another (transfer full). */
char **
glow_capture_probes_dup_command (const GlowCapturePlan *plan, const char *perf, const char *group, guint from, guint *next)
{
  const GlowCaptureProbe *first = g_ptr_array_index (plan->probes, from);
  g_autoptr(GStrvBuilder) words = g_strv_builder_new ();

  g_strv_builder_add_many (words, perf, "probe", "-q", "-x", first->binary, NULL);
  for (*next = from; *next < plan->probes->len; ++*next)
    {
      const GlowCaptureProbe *probe = g_ptr_array_index (plan->probes, *next);
      g_autofree char *place = probe->symbol != NULL ? g_strdup (probe->symbol) : g_strdup_printf ("0x%" G_GINT64_MODIFIER "x", probe->offset);
      g_autofree char *definition = NULL, *label = g_strdup (probe->label);

      if (strcmp (probe->binary, first->binary) != 0)
        break;
      /* perf puts it behind the name of a return itself. */
      if (probe->is_return && g_str_has_suffix (label, "__return"))
        label[strlen (label) - strlen ("__return")] = '\0';
      definition = g_strdup_printf ("%s:%s=%s%s", group, label, place, probe->is_return ? "%return" : "");
      g_strv_builder_add_many (words, "--add", definition, NULL);
    }
  return g_strv_builder_end (words);
}
