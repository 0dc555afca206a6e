/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can be recorded here, and by whom. Rights are tried and not read off a setting: capabilities, containers and system call filters decide as much as
 * kernel.perf_event_paranoid does. */
#include <config.h>

#include "capture/session-private.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SANDBOX_MARK "/.flatpak-info"

void
glow_capture_abilities_free (GlowCaptureAbilities *abilities)
{
  if (abilities == NULL)
    return;
  g_free (abilities->perf_version);
  g_strfreev (abilities->events);
  g_strfreev (abilities->tracepoints);
  g_free (abilities->helper_error);
  g_free (abilities);
}

static gint64
read_number (const char *path, gint64 otherwise)
{
  g_autofree char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) ? g_ascii_strtoll (text, NULL, 10) : otherwise;
}

/* "perf version 6.1.192" to its last word. */
static void
read_perf (GlowCaptureAbilities *abilities)
{
  g_autofree char *perf = g_find_program_in_path ("perf"), *said = NULL, *built = NULL;
  const char *zstd;
  char *version[] = { perf, (char *) "--version", NULL }, *options[] = { perf, (char *) "version", (char *) "--build-options", NULL };

  if (perf == NULL || !g_spawn_sync (NULL, version, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &said, NULL, NULL, NULL))
    return;
  g_strchomp (said);
  abilities->perf_version = g_strdup (strrchr (said, ' ') != NULL ? strrchr (said, ' ') + 1 : said);
  if (!g_spawn_sync (NULL, options, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &built, NULL, NULL, NULL))
    return;
  zstd = strstr (built, "zstd: [");
  abilities->compression = zstd != NULL && g_str_has_prefix (zstd + strlen ("zstd: ["), " on ");
}

static char **
list_events (void)
{
  g_auto(GStrv) names = helper_event_dup_names ();
  g_autoptr(GStrvBuilder) found = g_strv_builder_new ();

  for (guint i = 0; names[i] != NULL; i++)
    {
      guint32 type = 0;
      guint64 config = 0;
      HelperEventKind kind = helper_event_describe (names[i], &type, &config);

      if (glow_capture_can_open (type, config, 0, -1, kind == HELPER_EVENT_SCHEDULER))
        g_strv_builder_add (found, names[i]);
    }
  return g_strv_builder_end (found);
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* "subsystem:name" of each, sorted; empty where this user may not look. */
static char **
list_tracepoints (void)
{
  static const char root[] = "/sys/kernel/tracing/events";
  GPtrArray *names = g_ptr_array_new ();
  g_autoptr(GDir) systems = g_dir_open (root, 0, NULL);
  const char *system, *name;

  while (systems != NULL && (system = g_dir_read_name (systems)) != NULL)
    {
      g_autofree char *folder = g_build_filename (root, system, NULL);
      g_autoptr(GDir) events = g_dir_open (folder, 0, NULL);

      while (events != NULL && (name = g_dir_read_name (events)) != NULL)
        {
          g_autofree char *format = g_build_filename (folder, name, "format", NULL), *full = g_strdup_printf ("%s:%s", system, name);

          if (helper_event_describe (full, NULL, NULL) == HELPER_EVENT_TRACEPOINT && g_file_test (format, G_FILE_TEST_EXISTS))
            g_ptr_array_add (names, g_steal_pointer (&full));
        }
    }
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (names, FALSE);
}

static gboolean
may_trace (void)
{
  gint64 id = read_number ("/sys/kernel/tracing/events/sched/sched_switch/id", -1);

  return id >= 0 && glow_capture_can_open (PERF_TYPE_TRACEPOINT, (guint64) id, 0, -1, TRUE);
}

static void
try_rights (GlowCaptureAbilities *abilities)
{
  abilities->direct_processes = glow_capture_can_open (PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK, 0, -1, FALSE);
  abilities->direct_kernel = glow_capture_can_open (PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK, 0, -1, TRUE);
  abilities->direct_system = glow_capture_can_open (PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK, -1, 0, FALSE);
  abilities->direct_tracepoints = may_trace ();
  abilities->direct_probes = abilities->direct_tracepoints && g_access ("/sys/kernel/tracing/uprobe_events", W_OK) == 0;
}

/* What the service says of itself; where it can record what this user cannot, its lists are the longer ones. */
static void
ask_service (GlowCaptureAbilities *abilities, GCancellable *cancellable)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SYSTEM, cancellable, &error);
  g_autoptr(GVariant) answer = bus != NULL ? glow_capture_service_call (bus, "GetCapabilities", NULL, "(a{sv})", cancellable, &error) : NULL;
  g_autoptr(GVariant) dictionary = NULL;
  g_auto(GStrv) events = NULL, tracepoints = NULL;
  const char *perf = "";

  if (answer == NULL)
    {
      abilities->helper_error = g_strdup (error->message);
      return;
    }
  dictionary = g_variant_get_child_value (answer, 0);
  g_variant_lookup (dictionary, "perf", "&s", &perf);
  if (*perf == '\0')
    {
      abilities->helper_error = g_strdup (_("There is no perf for the recording service to run"));
      return;
    }
  abilities->helper = TRUE;
  if (abilities->sandboxed || abilities->perf_version == NULL)
    {
      g_free (abilities->perf_version);
      abilities->perf_version = g_strdup (perf);
      g_variant_lookup (dictionary, "compression", "b", &abilities->compression);
    }
  g_variant_lookup (dictionary, "lbr", "b", &abilities->lbr);
  g_variant_lookup (dictionary, "paranoid", "i", &abilities->paranoid);
  g_variant_lookup (dictionary, "max-rate", "u", &abilities->max_rate);
  g_variant_lookup (dictionary, "cpu-percent", "u", &abilities->cpu_percent);
  g_variant_lookup (dictionary, "cpus", "u", &abilities->n_cpus);
  if (g_variant_lookup (dictionary, "events", "^as", &events) && g_strv_length (events) > g_strv_length (abilities->events))
    {
      g_strfreev (abilities->events);
      abilities->events = g_steal_pointer (&events);
    }
  if (g_variant_lookup (dictionary, "tracepoints", "^as", &tracepoints) && g_strv_length (tracepoints) > g_strv_length (abilities->tracepoints))
    {
      g_strfreev (abilities->tracepoints);
      abilities->tracepoints = g_steal_pointer (&tracepoints);
    }
}

static void
load (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GlowCaptureAbilities *abilities = g_new0 (GlowCaptureAbilities, 1);

  abilities->sandboxed = g_file_test (SANDBOX_MARK, G_FILE_TEST_EXISTS);
  if (!abilities->sandboxed)
    {
      read_perf (abilities);
      try_rights (abilities);
    }
  abilities->paranoid = (int) read_number ("/proc/sys/kernel/perf_event_paranoid", 2);
  abilities->max_rate = (guint) read_number ("/proc/sys/kernel/perf_event_max_sample_rate", 100000);
  abilities->cpu_percent = (guint) read_number ("/proc/sys/kernel/perf_cpu_time_max_percent", 25);
  abilities->n_cpus = g_get_num_processors ();
  abilities->lbr = read_number ("/sys/bus/event_source/devices/cpu/caps/branches", 0) > 0;
  abilities->events = list_events ();
  abilities->tracepoints = list_tracepoints ();
  ask_service (abilities, cancellable);
  if (!g_task_return_error_if_cancelled (task))
    g_task_return_pointer (task, abilities, (GDestroyNotify) glow_capture_abilities_free);
  else
    glow_capture_abilities_free (abilities);
}

/**
 * glow_capture_abilities_load_async:
 *
 * Some 50 ms of a thread; more where the service has to be started.
 */
void
glow_capture_abilities_load_async (GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, data);

  g_task_set_source_tag (task, (gpointer) glow_capture_abilities_load_async);
  g_task_run_in_thread (task, load);
}

GlowCaptureAbilities *
glow_capture_abilities_load_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
