/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions with the perf of this machine: states, files, the launched command, marks, what is counted while it runs. */
#include <afterglow/afterglow.h>
#include <afterglow/capture.h>

#include <glib/gstdio.h>
#include <signal.h>
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

static gboolean
has_path (GPtrArray *paths, const char *path)
{
  return g_ptr_array_find_with_equal_func (paths, path, g_str_equal, NULL);
}

static gboolean
on_later (gpointer data)
{
  g_main_loop_quit (((Fixture *) data)->loop);
  return G_SOURCE_REMOVE;
}

static void
run_for (Fixture *self, guint ms)
{
  self->wanted = GLOW_CAPTURE_FAILED + 1;
  g_timeout_add (ms, on_later, self);
  g_main_loop_run (self->loop);
}

static GlowCaptureSession *
start_spinning (Fixture *self)
{
  g_autoptr(GlowCapturePlan) plan = plan_of ("while :; do :; done");
  GlowCaptureSession *session = glow_capture_session_new (plan, self->path);

  g_signal_connect (session, "changed", G_CALLBACK (on_changed), self);
  glow_capture_session_start (session, GLOW_CAPTURE_DIRECT);
  run_until (self, GLOW_CAPTURE_RUNNING);
  g_assert_cmpint (glow_capture_session_get_state (session), ==, GLOW_CAPTURE_RUNNING);
  return session;
}

static void
end_command (Fixture *self, GlowCaptureSession *session)
{
  glow_capture_session_signal (session, SIGKILL);
  while (glow_capture_session_get_command_status (session) == -1)
    g_main_context_iteration (NULL, TRUE);
}

/* It rests: time and samples stand still; and goes on. What came before an end that somebody asked for is whole. */
static void
test_pause (Fixture *self, gconstpointer data)
{
  g_autoptr(GlowCaptureSession) session = start_spinning (self);
  g_autoptr(GlowProfile) profile = NULL;
  g_autoptr(GError) error = NULL;
  const GlowCaptureFigures *figures = glow_capture_session_get_figures (session);
  guint64 samples;
  double elapsed;

  run_for (self, 700);
  glow_capture_session_pause (session);
  run_until (self, GLOW_CAPTURE_PAUSED);
  g_assert_cmpint (glow_capture_session_get_state (session), ==, GLOW_CAPTURE_PAUSED);
  /* The buffers are written at the next tick. */
  run_for (self, 1200);
  samples = figures->samples;
  elapsed = figures->elapsed;
  g_assert_cmpuint (samples, >, 10);
  run_for (self, 1200);
  g_assert_cmpuint (figures->samples, ==, samples);
  g_assert_cmpfloat (figures->elapsed, ==, elapsed);
  glow_capture_session_resume (session);
  run_for (self, 1500);
  g_assert_cmpint (glow_capture_session_get_state (session), ==, GLOW_CAPTURE_RUNNING);
  g_assert_cmpuint (figures->samples, >, samples);
  g_assert_cmpfloat (figures->recorder_seconds, >, 0);
  glow_capture_session_stop (session);
  run_until (self, GLOW_CAPTURE_DONE);
  g_assert_cmpstr (glow_capture_session_get_reason (session), ==, "stopped");
  end_command (self, session);
  profile = glow_profile_load_path (self->path, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (glow_profile_get_samples (profile)->n, ==, figures->samples);
}

static void
test_discard (Fixture *self, gconstpointer data)
{
  g_autoptr(GlowCaptureSession) session = start_spinning (self);
  g_autofree char *notes = g_strconcat (self->path, ".capture.json", NULL);
  g_autoptr(GPtrArray) recent = glow_capture_recent_load (), after = NULL;

  g_assert_true (has_path (recent, self->path));
  g_assert_true (g_file_test (notes, G_FILE_TEST_EXISTS));
  glow_capture_session_discard (session);
  run_until (self, GLOW_CAPTURE_DONE);
  g_assert_false (g_file_test (self->path, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (notes, G_FILE_TEST_EXISTS));
  after = glow_capture_recent_load ();
  g_assert_false (has_path (after, self->path));
  end_command (self, session);
}

/* Whose session is gone without having said why is found; not one that runs. */
static void
test_unfinished (Fixture *self, gconstpointer data)
{
  GlowCaptureSession *session = start_spinning (self);
  guint pid = glow_capture_session_get_command_pid (session);
  g_autoptr(GPtrArray) now = NULL, later = NULL;

  run_for (self, 700);
  now = glow_capture_unfinished_load ();
  g_assert_false (has_path (now, self->path));
  g_object_unref (session);
  kill (pid, SIGKILL);
  later = glow_capture_unfinished_load ();
  g_assert_true (has_path (later, self->path));
}

static void
test_failures (Fixture *self, gconstpointer data)
{
  g_autoptr(GlowCapturePlan) plan = plan_of ("true");
  g_autoptr(GlowCaptureSession) missing = NULL, early = NULL;

  early = glow_capture_session_new (plan, self->path);
  g_signal_connect (early, "changed", G_CALLBACK (on_changed), self);
  glow_capture_session_start (early, GLOW_CAPTURE_DIRECT);
  glow_capture_session_stop (early);
  if (glow_capture_session_get_state (early) < GLOW_CAPTURE_DONE)
    run_until (self, GLOW_CAPTURE_DONE);
  g_assert_cmpint (glow_capture_session_get_state (early), ==, GLOW_CAPTURE_FAILED);
  g_assert_error (glow_capture_session_get_error (early), G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_false (g_file_test (self->path, G_FILE_TEST_EXISTS));

  g_free (plan->command[0]);
  plan->command[0] = g_strdup ("no-such-program-anywhere");
  missing = glow_capture_session_new (plan, self->path);
  glow_capture_session_start (missing, GLOW_CAPTURE_DIRECT);
  g_assert_cmpint (glow_capture_session_get_state (missing), ==, GLOW_CAPTURE_FAILED);
  g_assert_error (glow_capture_session_get_error (missing), G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_assert_false (g_file_test (self->path, G_FILE_TEST_EXISTS));
}

/* What the vocabulary has no word for, as it was written. */
static void
test_words (Fixture *self, gconstpointer data)
{
  const char *words[] = { "perf", "record", "-e", "cpu-clock:u", "-F", "997", "--timestamp", "-o", "/nowhere", "--", "sh", "-c", "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done", NULL };
  g_autoptr(GlowCapturePlan) plan = glow_capture_plan_new ();
  g_autoptr(GlowCaptureSession) session = glow_capture_session_new (plan, self->path);
  g_autoptr(GlowProfile) profile = NULL;
  g_autoptr(GError) error = NULL;

  g_signal_connect (session, "changed", G_CALLBACK (on_changed), self);
  glow_capture_session_start_words (session, words);
  run_until (self, GLOW_CAPTURE_DONE);
  g_assert_no_error (glow_capture_session_get_error (session));
  profile = glow_profile_load_path (self->path, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (glow_profile_get_samples (profile)->n, >, 50);
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
  g_test_add ("/capture/session/pause", Fixture, NULL, set_up, test_pause, tear_down);
  g_test_add ("/capture/session/discard", Fixture, NULL, set_up, test_discard, tear_down);
  g_test_add ("/capture/session/unfinished", Fixture, NULL, set_up, test_unfinished, tear_down);
  g_test_add ("/capture/session/failures", Fixture, NULL, set_up, test_failures, tear_down);
  g_test_add ("/capture/session/words", Fixture, NULL, set_up, test_words, tear_down);
  return g_test_run ();
}
