/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who records a plan: this user where rights allow it, since then nobody has to be asked, else the service; and where neither can, what is to be run elsewhere. */
#include <config.h>

#include "capture/session-private.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <linux/perf_event.h>
#include <string.h>
#include <unistd.h>

static gboolean
has_tracepoints (const GlowCapturePlan *plan)
{
  for (guint i = 0; i < plan->events->len; i++)
    if (strchr (((const GlowCaptureEvent *) g_ptr_array_index (plan->events, i))->name, ':') != NULL)
      return TRUE;
  return FALSE;
}

static char *
dup_process_obstacle (const GlowCapturePlan *plan)
{
  for (guint i = 0; i < plan->processes->len; i++)
    {
      const GlowCaptureProcess *process = &g_array_index (plan->processes, GlowCaptureProcess, i);
      guint64 start_time;

      if (!glow_capture_read_stat (process->pid, &start_time, NULL, NULL) || (process->start_time != 0 && process->start_time != start_time))
        return g_strdup_printf (_("There is no process %u any more"), process->pid);
      if (!glow_capture_can_open (PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK, process->pid, -1, plan->kernel))
        return g_strdup_printf (_("Process %u may not be recorded by this user"), process->pid);
    }
  return NULL;
}

/* What stands against recording as this user (transfer full) (nullable). */
static char *
dup_direct_obstacle (const GlowCapturePlan *plan, const GlowCaptureAbilities *abilities)
{
  gboolean random = plan->clock == GLOW_CAPTURE_RANDOM;

  if (abilities->sandboxed)
    return g_strdup (_("In a sandbox nothing can be recorded but by the host's recording service"));
  if (!random && abilities->perf_version == NULL)
    return g_strdup (_("There is no perf on this machine; it is in the package linux-perf, linux-tools or perf"));
  if (random && g_access (glow_capture_sampler_path (), X_OK) != 0)
    return g_strdup_printf (_("Random gaps need “%s”, which is not installed"), glow_capture_sampler_path ());
  if (!abilities->direct_processes)
    return g_strdup_printf (_("This user may not record anything (kernel.perf_event_paranoid is %d)"), abilities->paranoid);
  if (plan->target >= GLOW_CAPTURE_CGROUP && !abilities->direct_system)
    return g_strdup_printf (_("This user may not record the whole machine or a container (kernel.perf_event_paranoid is %d; 0 or less is needed)"), abilities->paranoid);
  if (plan->probes->len > 0 && !abilities->direct_probes)
    return g_strdup (_("This user may not make probes of functions"));
  if (has_tracepoints (plan) && !abilities->direct_tracepoints)
    return g_strdup_printf (_("This user may not record tracepoints (kernel.perf_event_paranoid is %d; -1 and readable tracing files are needed)"),
                            abilities->paranoid);
  if (plan->kernel && !abilities->direct_kernel)
    return g_strdup_printf (_("This user may not record the kernel (kernel.perf_event_paranoid is %d; 1 or less is needed)"), abilities->paranoid);
  return plan->target == GLOW_CAPTURE_PROCESSES ? dup_process_obstacle (plan) : NULL;
}

static gboolean
check_machine (const GlowCapturePlan *plan, const GlowCaptureAbilities *abilities, GError **error)
{
  if (plan->call_graph == GLOW_CAPTURE_LBR && !abilities->lbr)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, _("This processor has no last branch records; take stacks by frame pointers or DWARF"));
  else if (plan->compression > 0 && abilities->perf_version != NULL && !abilities->compression)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, _("This machine's perf was built without zstd: it cannot compress"));
  else if (abilities->max_rate > 0 && plan->rate > abilities->max_rate && !has_tracepoints (plan))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("%u Hz is more than the kernel allows (kernel.perf_event_max_sample_rate is %u)"), plan->rate,
                 abilities->max_rate);
  else
    return TRUE;
  return FALSE;
}

/**
 * glow_capture_plan_dup_shell:
 * @output: (nullable)
 * @privileged: with sudo, as somebody has to run it who may not record this
 *
 * Returns: (transfer full): lines of a shell that record by the plan, without this program
 */
char *
glow_capture_plan_dup_shell (const GlowCapturePlan *plan, const char *output, gboolean privileged, GError **error)
{
  g_auto(GStrv) before = NULL, after = NULL, words = glow_capture_plan_dup_perf_command (plan, output, error);
  GString *text;
  const char *sudo = privileged && geteuid () != 0 ? "sudo " : "";
  gboolean behind = FALSE;

  if (words == NULL)
    return NULL;
  text = g_string_new (NULL);
  before = glow_capture_plan_dup_probe_commands (plan, FALSE);
  after = glow_capture_plan_dup_probe_commands (plan, TRUE);
  for (guint i = 0; before[i] != NULL; i++)
    g_string_append_printf (text, "%s%s\n", sudo, before[i]);
  if (plan->directory != NULL)
    {
      g_autofree char *quoted = g_shell_quote (plan->directory);

      g_string_append_printf (text, "cd %s\n", quoted);
    }
  g_string_append (text, sudo);
  for (guint i = 0; words[i] != NULL; i++)
    {
      glow_capture_append_word (text, i > 0 ? " " : "", words[i]);
      if (behind || strcmp (words[i], "--") != 0)
        continue;
      /* The command itself stays its user's. */
      behind = TRUE;
      if (*sudo != '\0')
        g_string_append_printf (text, " sudo -u %s", g_get_user_name ());
      if (plan->environment != NULL && plan->environment[0] != NULL)
        g_string_append (text, " env");
      for (guint e = 0; plan->environment != NULL && plan->environment[e] != NULL; e++)
        glow_capture_append_word (text, " ", plan->environment[e]);
    }
  g_string_append_c (text, '\n');
  for (guint i = 0; after[i] != NULL; i++)
    g_string_append_printf (text, "%s%s\n", sudo, after[i]);
  return g_string_free (text, FALSE);
}

/**
 * glow_capture_plan_choose_way:
 * @asked: GLOW_CAPTURE_EITHER, or the one that is wanted
 * @way: (out): GLOW_CAPTURE_DIRECT or GLOW_CAPTURE_HELPER
 *
 * Returns: %FALSE with @error: G_IO_ERROR_PERMISSION_DENIED says what stands against either, and what to run elsewhere; G_IO_ERROR_NOT_SUPPORTED and
 *   G_IO_ERROR_INVALID_ARGUMENT what nobody can record here
 */
gboolean
glow_capture_plan_choose_way (const GlowCapturePlan *plan, const GlowCaptureAbilities *abilities, GlowCaptureWay asked, GlowCaptureWay *way, GError **error)
{
  g_autofree char *obstacle = NULL, *shell = NULL;
  g_autoptr(GString) message = g_string_new (NULL);

  if (!glow_capture_plan_check (plan, error) || !check_machine (plan, abilities, error))
    return FALSE;
  obstacle = dup_direct_obstacle (plan, abilities);
  if (asked != GLOW_CAPTURE_HELPER && obstacle == NULL)
    {
      *way = GLOW_CAPTURE_DIRECT;
      return TRUE;
    }
  if (asked != GLOW_CAPTURE_DIRECT && abilities->helper)
    {
      *way = GLOW_CAPTURE_HELPER;
      return TRUE;
    }
  if (asked != GLOW_CAPTURE_HELPER)
    g_string_append_printf (message, "%s. ", obstacle);
  if (asked != GLOW_CAPTURE_DIRECT)
    g_string_append_printf (message, _("The recording service cannot be asked: %s. "), abilities->helper_error != NULL ? abilities->helper_error : "");
  shell = glow_capture_plan_dup_shell (plan, NULL, TRUE, NULL);
  if (shell != NULL)
    g_string_append_printf (message, _("Where it is allowed, this records the same:\n%s"), shell);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, g_strchomp (message->str));
  return FALSE;
}
