/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can be recorded here: of the kernel, of perf and of the processor. Asks no rights, so it says nothing about what anybody does: names of events that
 * somebody made on this machine are left out. */
#include <config.h>

#include "helper/helper.h"

#include <fcntl.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/utsname.h>
#include <unistd.h>

#define NOBODY 65534

static char *perf;
static char *perf_version;
static gboolean perf_compresses;

char *
helper_read_text (const char *path)
{
  char buffer[4096];
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  gssize n = fd >= 0 ? read (fd, buffer, sizeof buffer - 1) : -1;

  if (fd >= 0)
    close (fd);
  if (n < 0)
    return NULL;
  buffer[n] = '\0';
  return g_strdup (buffer);
}

static gint64
read_number (const char *name, gint64 otherwise)
{
  g_autofree char *path = g_strconcat ("/proc/sys/kernel/", name, NULL), *text = helper_read_text (path);

  return text != NULL ? g_ascii_strtoll (text, NULL, 10) : otherwise;
}

int
helper_facts_paranoid (void)
{
  return read_number ("perf_event_paranoid", 4);
}

const char *
helper_facts_tracefs (void)
{
  return access ("/sys/kernel/tracing/uprobe_events", F_OK) == 0 ? "/sys/kernel/tracing" : "/sys/kernel/debug/tracing";
}

/* Asks perf itself, as nobody. */
static void
ask_perf (void)
{
  char *argv[] = { perf, (char *) "version", (char *) "--build-options", NULL };
  HelperPowers powers = { NOBODY, NOBODY, NULL, 0, 0, 0 };
  g_autofree char *text = g_malloc0 (16384);
  gsize n = 0;
  gssize got;
  int ends[2], none;
  GPid pid;

  if (pipe2 (ends, O_CLOEXEC) != 0)
    return;
  none = open ("/dev/null", O_WRONLY | O_CLOEXEC);
  pid = helper_launch (argv, &powers, (int[]) { ends[1], none, -1, -1, -1 }, NULL);
  close (ends[1]);
  close (none);
  while (pid > 0 && n < 16383 && (got = read (ends[0], text + n, 16383 - n)) > 0)
    n += got;
  close (ends[0]);
  if (pid > 0)
    waitpid (pid, NULL, 0);
  if (g_str_has_prefix (text, "perf version "))
    {
      perf_version = g_strndup (text + strlen ("perf version "), strcspn (text + strlen ("perf version "), "\n"));
      perf_compresses = g_regex_match_simple ("zstd: \\[ on", text, 0, 0);
    }
}

const char *
helper_facts_perf (void)
{
  static gboolean was_looked_for;
  struct utsname kernel;
  g_autofree char *of_kernel = NULL;

  if (was_looked_for)
    return perf;
  was_looked_for = TRUE;
  uname (&kernel);
  /* Where /usr/bin/perf is a script that looks for the kernel's own, that one comes first. */
  of_kernel = g_strdup_printf ("/usr/lib/linux-tools/%s/perf", kernel.release);
  const char *const places[] = { of_kernel, AFTERGLOW_PERF, "/usr/bin/perf", "/usr/sbin/perf" };

  for (guint i = 0; i < G_N_ELEMENTS (places) && perf == NULL; i++)
    {
      struct stat about;

      if (places[i][0] == '/' && stat (places[i], &about) == 0 && S_ISREG (about.st_mode) && about.st_uid == 0 && (about.st_mode & 0022) == 0
          && (about.st_mode & 0111) == 0111)
        perf = g_strdup (places[i]);
    }
  if (perf != NULL)
    ask_perf ();
  return perf;
}

static gboolean
can_open (const char *name, guint64 branches)
{
  struct perf_event_attr attr = { .size = sizeof attr, .disabled = 1, .exclude_kernel = 1, .sample_period = 1 << 20 };
  guint32 type = 0;
  guint64 config = 0;
  int fd;

  helper_event_describe (name, &type, &config);
  attr.type = type;
  attr.config = config;
  attr.branch_sample_type = branches;
  attr.sample_type = branches != 0 ? PERF_SAMPLE_BRANCH_STACK : 0;
  fd = syscall (SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
  if (fd >= 0)
    close (fd);
  return fd >= 0;
}

/* Groups of events that were made here: probes and the like. */
static GHashTable *
dup_made_groups (void)
{
  g_autofree char *path = g_strconcat (helper_facts_tracefs (), "/dynamic_events", NULL), *text = NULL;
  GHashTable *groups = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_auto(GStrv) lines = NULL;

  g_file_get_contents (path, &text, NULL, NULL);
  lines = g_strsplit (text != NULL ? text : "", "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *colon = strchr (lines[i], ':');

      if (colon != NULL)
        g_hash_table_add (groups, g_strndup (colon + 1, strcspn (colon + 1, "/ ")));
    }
  return groups;
}

static GVariant *
list_tracepoints (void)
{
  g_autofree char *path = g_strconcat (helper_facts_tracefs (), "/events", NULL);
  g_autoptr(GHashTable) made = dup_made_groups ();
  g_autoptr(GDir) groups = g_dir_open (path, 0, NULL);
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  const char *group, *event;

  while (groups != NULL && (group = g_dir_read_name (groups)) != NULL)
    {
      g_autofree char *folder = g_build_filename (path, group, NULL);
      g_autoptr(GDir) events = g_hash_table_contains (made, group) || g_str_equal (group, "user_events") ? NULL : g_dir_open (folder, 0, NULL);

      while (events != NULL && (event = g_dir_read_name (events)) != NULL)
        {
          g_autofree char *name = g_strdup_printf ("%s:%s", group, event), *id = g_build_filename (folder, event, "id", NULL);

          if (helper_event_describe (name, NULL, NULL) == HELPER_EVENT_TRACEPOINT && access (id, F_OK) == 0)
            g_ptr_array_add (names, g_steal_pointer (&name));
        }
    }
  return g_variant_new_strv ((const char *const *) names->pdata, names->len);
}

GVariant *
helper_facts_describe (void)
{
  g_auto(GVariantDict) facts = G_VARIANT_DICT_INIT (NULL);
  g_auto(GStrv) names = helper_event_dup_names ();
  g_autoptr(GPtrArray) events = g_ptr_array_new ();

  for (guint i = 0; names[i] != NULL; i++)
    if (can_open (names[i], 0))
      g_ptr_array_add (events, names[i]);
  g_variant_dict_insert (&facts, "version", "s", AFTERGLOW_VERSION);
  g_variant_dict_insert (&facts, "perf", "s", helper_facts_perf () != NULL && perf_version != NULL ? perf_version : "");
  g_variant_dict_insert (&facts, "paranoid", "i", helper_facts_paranoid ());
  g_variant_dict_insert (&facts, "max-rate", "u", (guint32) read_number ("perf_event_max_sample_rate", 0));
  g_variant_dict_insert (&facts, "cpu-percent", "u", (guint32) read_number ("perf_cpu_time_max_percent", 0));
  g_variant_dict_insert (&facts, "cpus", "u", (guint32) sysconf (_SC_NPROCESSORS_ONLN));
  g_variant_dict_insert_value (&facts, "events", g_variant_new_strv ((const char *const *) events->pdata, events->len));
  g_variant_dict_insert_value (&facts, "tracepoints", list_tracepoints ());
  g_variant_dict_insert (&facts, "lbr", "b", can_open ("cycles", PERF_SAMPLE_BRANCH_USER | PERF_SAMPLE_BRANCH_CALL_STACK));
  g_variant_dict_insert (&facts, "compression", "b", perf_compresses);
  return g_variant_ref_sink (g_variant_dict_end (&facts));
}

gboolean
helper_facts_check_events (const HelperRequest *request, GError **error)
{
  for (guint i = 0; i < request->events->len; i++)
    {
      const char *name = ((HelperEvent *) g_ptr_array_index (request->events, i))->name;
      g_auto(GStrv) halves = g_strsplit (name, ":", 2);
      g_autofree char *id = NULL;

      if (helper_event_describe (name, NULL, NULL) == HELPER_EVENT_TRACEPOINT)
        id = g_build_filename (helper_facts_tracefs (), "events", halves[0], halves[1], "id", NULL);
      if (id != NULL ? access (id, F_OK) == 0 : can_open (name, 0))
        continue;
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "There is no event “%s” on this machine", name);
      return FALSE;
    }
  return TRUE;
}
