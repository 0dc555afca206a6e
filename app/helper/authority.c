/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rights: which a request needs, and polkit's word on them. The subject is the caller's name on the bus, which nobody can take over, not a process number. */
#include "helper/helper.h"

#include <polkit/polkit.h>
#include <pwd.h>

static const struct {
  HelperRights right;
  const char *action;
} actions[] = {
  { HELPER_RIGHT_OWN, "io.github.afterglow.helper.record-own" },
  { HELPER_RIGHT_OTHER, "io.github.afterglow.helper.record-other" },
  { HELPER_RIGHT_SYSTEM, "io.github.afterglow.helper.record-system" },
  { HELPER_RIGHT_PROBES, "io.github.afterglow.helper.record-probes" },
};

typedef struct {
  PolkitAuthority *authority;
  PolkitSubject *subject;
  PolkitDetails *details;
  HelperRights rights;          /* that are still to be asked for */
  gboolean interactive;
} Question;

static void ask_next (GTask *task);

HelperRights
helper_rights_needed (const HelperRequest *request, const HelperTargets *targets)
{
  HelperRights rights;

  /* A control group has its events a CPU, not a process: the kernel checks none of the processes, and programs with rights run in groups of users. */
  if (request->kernel || request->target != HELPER_TARGET_PROCESSES)
    rights = HELPER_RIGHT_SYSTEM;
  else
    rights = targets->own ? HELPER_RIGHT_OWN : HELPER_RIGHT_OTHER;
  for (guint i = 0; i < request->events->len; i++)
    if (helper_event_describe (((HelperEvent *) g_ptr_array_index (request->events, i))->name, NULL, NULL) == HELPER_EVENT_TRACEPOINT)
      rights |= HELPER_RIGHT_PROBES;
  return request->probes->len > 0 ? rights | HELPER_RIGHT_PROBES : rights;
}

static void
question_free (gpointer data)
{
  Question *question = data;

  g_clear_object (&question->authority);
  g_clear_object (&question->subject);
  g_clear_object (&question->details);
  g_free (question);
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr(GTask) task = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(PolkitAuthorizationResult) answer = polkit_authority_check_authorization_finish (POLKIT_AUTHORITY (source), result, &error);

  if (answer == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else if (polkit_authorization_result_get_is_authorized (answer))
    ask_next (g_steal_pointer (&task));
  else if (polkit_authorization_result_get_dismissed (answer))
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "The question for the right to record was dismissed");
  else if (polkit_authorization_result_get_is_challenge (answer))
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "The right to record has to be asked for, and nobody can be asked");
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "The right to record so was refused");
}

static void
ask_next (GTask *task)
{
  Question *question = g_task_get_task_data (task);

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    if ((question->rights & actions[i].right) != 0)
      {
        question->rights &= ~actions[i].right;
        polkit_authority_check_authorization (question->authority, question->subject, actions[i].action, question->details,
                                              question->interactive ? POLKIT_CHECK_AUTHORIZATION_FLAGS_ALLOW_USER_INTERACTION
                                                                    : POLKIT_CHECK_AUTHORIZATION_FLAGS_NONE,
                                              g_task_get_cancellable (task), on_answer, task);
        return;
      }
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

static void
on_authority (GObject *source, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  Question *question = g_task_get_task_data (task);
  GError *error = NULL;

  question->authority = polkit_authority_get_finish (result, &error);
  if (question->authority != NULL)
    {
      ask_next (task);
      return;
    }
  g_task_return_error (task, error);
  g_object_unref (task);
}

void
helper_authority_ask (const char *sender, uid_t uid, HelperRights rights, const char *words, const char *events, gboolean interactive,
                      GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  Question *question = g_new0 (Question, 1);
  const struct passwd *entry = getpwuid (uid);
  g_autofree char *number = g_strdup_printf ("%u", uid);

  question->subject = polkit_system_bus_name_new (sender);
  question->details = polkit_details_new ();
  question->rights = rights;
  question->interactive = interactive;
  /* For the policy's messages: "$(user)", "$(target)", "$(events)". */
  polkit_details_insert (question->details, "user", entry != NULL && g_utf8_validate (entry->pw_name, -1, NULL) ? entry->pw_name : number);
  polkit_details_insert (question->details, "target", words);
  polkit_details_insert (question->details, "events", events);
  g_task_set_task_data (task, question, question_free);
  polkit_authority_get_async (cancellable, on_authority, task);
}

gboolean
helper_authority_ask_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
