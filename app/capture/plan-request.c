/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plan as a request of the closed vocabulary. Whoever records, a plan goes through the parser of the privileged service, so that what can be recorded
 * directly and what through the service is the same. */
#include <config.h>

#include "capture/capture-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* KiB a CPU. An ordinary user may lock 512 KiB a CPU (kernel.perf_event_mlock_kb), which is ample for a clock; tracepoints come in bursts. */
#define CLOCK_BUFFER 512
#define TRACE_BUFFER 4096

static const char *const target_words[] = { "processes", "processes", "cgroup", "system" };

guint
glow_capture_plan_get_buffer (const GlowCapturePlan *plan)
{
  if (plan->buffer > 0)
    return plan->buffer;
  for (guint i = 0; i < plan->events->len; i++)
    if (strchr (((const GlowCaptureEvent *) g_ptr_array_index (plan->events, i))->name, ':') != NULL)
      return TRACE_BUFFER;
  return plan->probes->len > 0 ? TRACE_BUFFER : CLOCK_BUFFER;
}

static GVariant *
build_events (const GlowCapturePlan *plan)
{
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < plan->events->len; i++)
    {
      const GlowCaptureEvent *event = g_ptr_array_index (plan->events, i);

      g_variant_builder_open (&list, G_VARIANT_TYPE_VARDICT);
      g_variant_builder_add (&list, "{sv}", "name", g_variant_new_string (event->name));
      if (event->label != NULL)
        g_variant_builder_add (&list, "{sv}", "label", g_variant_new_string (event->label));
      if (event->frequency > 0)
        g_variant_builder_add (&list, "{sv}", "frequency", g_variant_new_uint32 (event->frequency));
      if (event->period > 0)
        g_variant_builder_add (&list, "{sv}", "period", g_variant_new_uint64 (event->period));
      g_variant_builder_close (&list);
    }
  return g_variant_builder_end (&list);
}

static gint32
index_of_binary (GPtrArray *binaries, const char *path)
{
  guint i;

  if (!g_ptr_array_find_with_equal_func (binaries, path, g_str_equal, &i))
    {
      i = binaries->len;
      g_ptr_array_add (binaries, g_strdup (path));
    }
  return (gint32) i;
}

static GVariant *
build_probes (const GlowCapturePlan *plan, GPtrArray *binaries)
{
  GVariantBuilder list;

  g_variant_builder_init (&list, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < plan->probes->len; i++)
    {
      const GlowCaptureProbe *probe = g_ptr_array_index (plan->probes, i);

      g_variant_builder_open (&list, G_VARIANT_TYPE_VARDICT);
      g_variant_builder_add (&list, "{sv}", "binary", g_variant_new_handle (index_of_binary (binaries, probe->binary)));
      if (probe->symbol != NULL)
        g_variant_builder_add (&list, "{sv}", "symbol", g_variant_new_string (probe->symbol));
      else
        g_variant_builder_add (&list, "{sv}", "offset", g_variant_new_uint64 (probe->offset));
      g_variant_builder_add (&list, "{sv}", "return", g_variant_new_boolean (probe->is_return));
      if (probe->label != NULL)
        g_variant_builder_add (&list, "{sv}", "label", g_variant_new_string (probe->label));
      g_variant_builder_close (&list);
    }
  return g_variant_builder_end (&list);
}

static void
add_subject (GVariantBuilder *dictionary, const GlowCapturePlan *plan, const GlowCaptureSubject *subject)
{
  GVariantBuilder list;

  g_variant_builder_add (dictionary, "{sv}", "target", g_variant_new_string (target_words[plan->target]));
  if (plan->target == GLOW_CAPTURE_CGROUP)
    g_variant_builder_add (dictionary, "{sv}", "cgroup", g_variant_new_uint64 (subject->cgroup));
  if (plan->target > GLOW_CAPTURE_PROCESSES)
    return;
  g_variant_builder_init (&list, G_VARIANT_TYPE ("a(ut)"));
  for (guint i = 0; i < subject->n_processes; i++)
    g_variant_builder_add (&list, "(ut)", subject->processes[i].pid, subject->processes[i].start_time);
  g_variant_builder_add (dictionary, "{sv}", "processes", g_variant_builder_end (&list));
}

GVariant *
glow_capture_plan_dup_request (const GlowCapturePlan *plan, const GlowCaptureSubject *subject, gboolean interactive, GPtrArray *binaries)
{
  g_autoptr(GPtrArray) own = binaries == NULL ? g_ptr_array_new_with_free_func (g_free) : g_ptr_array_ref (binaries);
  GVariantBuilder dictionary;

  g_variant_builder_init (&dictionary, G_VARIANT_TYPE_VARDICT);
  add_subject (&dictionary, plan, subject);
  if (plan->events->len > 0)
    g_variant_builder_add (&dictionary, "{sv}", "events", build_events (plan));
  if (plan->probes->len > 0)
    g_variant_builder_add (&dictionary, "{sv}", "probes", build_probes (plan, own));
  g_variant_builder_add (&dictionary, "{sv}", "call-graph", g_variant_new_string (glow_capture_call_graph_words[plan->call_graph]));
  g_variant_builder_add (&dictionary, "{sv}", "stack-size", g_variant_new_uint32 (plan->stack_size));
  g_variant_builder_add (&dictionary, "{sv}", "max-stack", g_variant_new_uint32 (plan->max_stack));
  g_variant_builder_add (&dictionary, "{sv}", "kernel", g_variant_new_boolean (plan->kernel));
  g_variant_builder_add (&dictionary, "{sv}", "compression", g_variant_new_uint32 (plan->compression));
  g_variant_builder_add (&dictionary, "{sv}", "buffer", g_variant_new_uint32 (glow_capture_plan_get_buffer (plan)));
  g_variant_builder_add (&dictionary, "{sv}", "duration", g_variant_new_uint32 ((guint32) MIN (plan->duration * 1000 + 0.5, (double) G_MAXUINT32)));
  g_variant_builder_add (&dictionary, "{sv}", "size", g_variant_new_uint64 (plan->size));
  g_variant_builder_add (&dictionary, "{sv}", "switches", g_variant_new_boolean (plan->switches));
  g_variant_builder_add (&dictionary, "{sv}", "cgroups", g_variant_new_boolean (plan->cgroups));
  g_variant_builder_add (&dictionary, "{sv}", "inherit", g_variant_new_boolean (plan->inherit));
  g_variant_builder_add (&dictionary, "{sv}", "sampler", g_variant_new_string (plan->clock == GLOW_CAPTURE_RANDOM ? "random" : "perf"));
  g_variant_builder_add (&dictionary, "{sv}", "per-process", g_variant_new_boolean (plan->per_process));
  g_variant_builder_add (&dictionary, "{sv}", "interactive", g_variant_new_boolean (interactive));
  return g_variant_ref_sink (g_variant_builder_end (&dictionary));
}

HelperRequest *
glow_capture_plan_parse_request (const GlowCapturePlan *plan, const GlowCaptureSubject *subject, GError **error)
{
  g_autoptr(GVariant) dictionary = glow_capture_plan_dup_request (plan, subject, FALSE, NULL);

  return helper_request_parse (dictionary, error);
}

char **
glow_capture_plan_dup_probe_events (const GlowCapturePlan *plan, const char *group)
{
  char **names = g_new0 (char *, plan->probes->len + 1);

  for (guint i = 0; i < plan->probes->len; i++)
    names[i] = g_strdup_printf ("%s:%s", group, ((const GlowCaptureProbe *) g_ptr_array_index (plan->probes, i))->label);
  return names;
}

/* The line of /proc/self/mounts for the one hierarchy of version 2. */
char *
glow_capture_cgroup_mount (void)
{
  g_autofree char *mounts = NULL;
  g_auto(GStrv) lines = NULL;

  if (!g_file_get_contents ("/proc/self/mounts", &mounts, NULL, NULL))
    return NULL;
  lines = g_strsplit (mounts, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto(GStrv) words = g_strsplit (lines[i], " ", 4);

      if (g_strv_length (words) == 4 && strcmp (words[2], "cgroup2") == 0)
        return g_strcompress (words[1]);
    }
  return NULL;
}

guint64
glow_capture_cgroup_id (const char *path, GError **error)
{
  g_autofree char *mount = glow_capture_cgroup_mount (), *folder = mount != NULL ? g_build_filename (mount, path, NULL) : NULL;
  struct stat status;

  if (folder == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, _("There are no control groups of version 2 here: a container cannot be recorded as one; choose its processes"));
      return 0;
    }
  if (stat (folder, &status) != 0 || !S_ISDIR (status.st_mode))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("There is no control group “%s” below “%s”"), path, mount);
      return 0;
    }
  return status.st_ino;
}
