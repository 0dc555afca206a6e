/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lanes FILE: of each lane of a thread a line "lane TID NAME" with ns in each state, and of each wake-up one "wake TID WAKER-TID FRAME;FRAME…", leaf first. */
#include <afterglow/afterglow.h>

#include <stdio.h>

int
main (int argc, char **argv)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GlowProfile) profile = argc == 2 ? glow_profile_load_path (argv[1], NULL, NULL, &error) : NULL;
  GlowTimelineOptions options = { NULL, TRUE };
  g_autoptr(GlowTimeline) timeline = profile != NULL ? glow_timeline_compute (profile, &options, NULL, NULL, NULL, &error) : NULL;
  const GlowSamples *samples;
  const GlowStacks *stacks;
  const GlowFrame *frames;
  const GlowLane *lanes;
  guint32 n_threads;

  if (timeline == NULL)
    {
      fprintf (stderr, "lanes: %s\n", error != NULL ? error->message : "usage: lanes FILE");
      return 1;
    }
  samples = glow_profile_get_samples (profile);
  stacks = glow_profile_get_stacks (profile);
  frames = glow_profile_get_frames (profile, NULL);
  lanes = glow_timeline_get_lanes (timeline, NULL, &n_threads);
  printf ("span %" G_GUINT64_FORMAT "\nunseen %zu\n", glow_timeline_get_to (timeline) - glow_timeline_get_from (timeline), glow_timeline_get_n_unseen (timeline));
  for (guint32 l = 0; l < n_threads; l++)
    {
      const GlowTaskChange *changes = glow_timeline_get_changes (timeline, l);

      if (lanes[l].tid <= 0 || lanes[l].n_changes == 0)
        continue;
      printf ("lane %d", lanes[l].tid);
      for (guint s = 0; s < GLOW_N_TASK_STATES; s++)
        printf (" %s=%" G_GUINT64_FORMAT, glow_task_state_get_id (s), lanes[l].ns[s]);
      printf (" samples=%u changes=%u\n", lanes[l].n_samples, lanes[l].n_changes);
      for (guint32 c = 0; c < lanes[l].n_changes; c++)
        {
          if ((changes[c].state != GLOW_TASK_QUEUED && changes[c].state != GLOW_TASK_WOKEN) || changes[c].letter != 0)
            continue;
          printf ("wake %d %d ", lanes[l].tid, glow_profile_get_threads (profile, NULL)[samples->thread[changes[c].sample]].tid);
          for (guint32 s = samples->stack[changes[c].sample]; s != 0; s = stacks->parent[s])
            printf ("%s;", glow_profile_get_string (profile, frames[stacks->item[s]].name));
          printf ("\n");
        }
    }
  return 0;
}
