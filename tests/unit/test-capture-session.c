/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions with the perf of this machine: states, files, the launched command, marks, what is counted while it runs. */
#include <afterglow/afterglow.h>
#include <afterglow/capture.h>

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

typedef struct {
  char *folder, *path;
  GMainLoop *loop;
  GlowCaptureState wanted;
  GPtrArray *states;
} Fixture;

static gboolean
can_record (void)
{
  int status = -1;

  return g_spawn_command_line_sync ("perf record -q -e cpu-clock:u -o /dev/null true", NULL, NULL, &status, NULL) && status == 0;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = g_dir_make_tmp ("afterglow-capture-XXXXXX", NULL);
  self->path = g_build_filename (self->folder, "out.data", NULL);
  self->loop = g_main_loop_new (NULL, FALSE);
  self->states = g_ptr_array_new ();
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_autofree char *line = g_strdup_printf ("rm -r %s", self->folder);

  g_spawn_command_line_sync (line, NULL, NULL, NULL, NULL);
  g_main_loop_unref (self->loop);
  g_ptr_array_unref (self->states);
  g_free (self->folder);
  g_free (self->path);
}

static void
on_changed (GlowCaptureSession *session, gpointer data)
{
  Fixture *self = data;
  GlowCaptureState state = glow_capture_session_get_state (session);

  if (self->states->len == 0 || GPOINTER_TO_UINT (g_ptr_array_index (self->states, self->states->len - 1)) != state)
    g_ptr_array_add (self->states, GUINT_TO_POINTER (state));
  if (state >= self->wanted)
    g_main_loop_quit (self->loop);
}

static gboolean
on_late (gpointer data)
{
  g_error ("nothing came of it");
  return G_SOURCE_REMOVE;
}

static void
run_until (Fixture *self, GlowCaptureState state)
{
  guint late = g_timeout_add_seconds (20, on_late, NULL);

  self->wanted = state;
  g_main_loop_run (self->loop);
  g_source_remove (late);
}

static GlowCapturePlan *
plan_of (const char *line)
{
  const char *command[] = { "sh", "-c", line, NULL };
  GlowCapturePlan *plan = glow_capture_plan_new ();

  plan->command = g_strdupv ((char **) command);
  plan->rate = 997;
  glow_capture_plan_set_events (plan);
  return plan;
}

static void
test_command (Fixture *self, gconstpointer data)
{
  g_autoptr(GlowCapturePlan) plan = plan_of ("i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; exit 3");
  g_autoptr(GlowCaptureSession) session = glow_capture_session_new (plan, self->path);
  g_autoptr(GlowCaptureNotes) notes = NULL;
  g_autoptr(GlowProfile) profile = NULL;
  g_autoptr(GError) error = NULL;
  GStatBuf status;
  int wait_status;

  g_signal_connect (session, "changed", G_CALLBACK (on_changed), self);
  glow_capture_session_start (session, GLOW_CAPTURE_DIRECT);
  g_assert_cmpint (g_stat (self->path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);
  run_until (self, GLOW_CAPTURE_RUNNING);
  g_assert_cmpint (glow_capture_session_get_state (session), ==, GLOW_CAPTURE_RUNNING);
  glow_capture_session_mark (session, "here");
  run_until (self, GLOW_CAPTURE_DONE);
  g_assert_no_error (glow_capture_session_get_error (session));
  g_assert_cmpint (glow_capture_session_get_state (session), ==, GLOW_CAPTURE_DONE);
  g_assert_cmpstr (glow_capture_session_get_reason (session), ==, "ended");
  wait_status = glow_capture_session_get_command_status (session);
  g_assert_true (WIFEXITED (wait_status) && WEXITSTATUS (wait_status) == 3);
  notes = glow_capture_notes_load (self->path, &error);
  g_assert_no_error (error);
  g_assert_true (glow_capture_plan_equal (notes->plan, plan));
  g_assert_cmpuint (notes->marks->len, ==, 1);
  g_assert_cmpstr (notes->reason, ==, "ended");
  profile = glow_profile_load_path (self->path, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (glow_profile_get_samples (profile)->n, ==, notes->figures.samples);
  g_assert_cmpuint (notes->figures.samples, >, 50);
  g_assert_cmpuint (glow_profile_get_info (profile)->lost_samples, ==, notes->figures.lost);
}

int
main (int argc, char **argv)
{
  g_autofree char *state = g_dir_make_tmp ("afterglow-state-XXXXXX", NULL);

  g_setenv ("XDG_STATE_HOME", state, TRUE);
  g_test_init (&argc, &argv, NULL);
  if (!can_record ())
    {
      g_test_skip ("no perf that could record here");
      return g_test_run ();
    }
  g_test_add ("/capture/session/command", Fixture, NULL, set_up, test_command, tear_down);
  return g_test_run ();
}
