/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One event as a word, as perf writes it: "cpu-clock/freq=33,name=clkA/", "sched:sched_switch", "cycles:u". */
#include <config.h>

#include "capture/capture-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

guint64
glow_capture_parse_number (const char *option, const char *text, guint64 least, guint64 most, GError **error)
{
  guint64 number = 0;

  if (!g_ascii_string_to_unsigned (text, 10, least, most, &number, NULL) && (error == NULL || *error == NULL))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("%s: “%s”; a number from %" PRIu64 " to %" PRIu64 " is expected"),
                 option, text, least, most);
  return number;
}

static void
unquote (char *text)
{
  gsize n = strlen (text);

  if (n < 2 || text[0] != '\'' || text[n - 1] != '\'')
    return;
  memmove (text, text + 1, n - 2);
  text[n - 2] = '\0';
}

/* What stands between two slashes: "freq=99,name='clkA'". */
static void
take_terms (GlowCaptureEvent *event, const char *terms, guint *max_stack, GPtrArray *unknown, GError **error)
{
  g_auto(GStrv) parts = g_strsplit (terms, ",", -1);

  for (guint i = 0; parts[i] != NULL && *terms != '\0'; i++)
    {
      g_auto(GStrv) pair = g_strsplit (parts[i], "=", 2);
      const char *term = pair[0] != NULL && pair[1] != NULL ? pair[0] : "";

      if (*term != '\0')
        unquote (pair[1]);
      if (strcmp (term, "freq") == 0)
        event->frequency = (guint) glow_capture_parse_number ("freq", pair[1], 1, G_MAXUINT32, error);
      else if (strcmp (term, "period") == 0)
        event->period = glow_capture_parse_number ("period", pair[1], 1, G_MAXINT64, error);
      else if (strcmp (term, "max-stack") == 0 && max_stack != NULL)
        *max_stack = (guint) glow_capture_parse_number ("max-stack", pair[1], 1, 4096, error);
      else if (strcmp (term, "name") == 0)
        {
          g_free (event->label);
          event->label = g_strdup (pair[1]);
        }
      else
        g_ptr_array_add (unknown, g_strdup (parts[i]));
    }
  /* An event that is called by its own name has no other: builders say it so that ":u" is there for readers. */
  if (event->label != NULL && g_str_has_prefix (event->label, event->name)
      && (event->label[strlen (event->name)] == '\0' || strcmp (event->label + strlen (event->name), ":u") == 0))
    g_clear_pointer (&event->label, g_free);
}

/**
 * glow_capture_event_parse:
 * @modifier: (out) (optional) (transfer full): the letters behind it, "" where there are none; %NULL where letters are unknown words
 * @max_stack: (out) (optional): set where it is told
 * @unknown: what there is no word for is added here, owned
 *
 * Returns: (transfer full): the event; @error may be set all the same
 */
GlowCaptureEvent *
glow_capture_event_parse (const char *word, char **modifier, guint *max_stack, GPtrArray *unknown, GError **error)
{
  GlowCaptureEvent *event = g_new0 (GlowCaptureEvent, 1);
  const char *slash = strchr (word, '/'), *end = slash != NULL ? strrchr (word, '/') : NULL, *letters = "";

  if (slash != NULL && end > slash)
    {
      g_autofree char *terms = g_strndup (slash + 1, end - slash - 1);

      event->name = g_strndup (word, slash - word);
      take_terms (event, terms, max_stack, unknown, error);
      letters = *(end + 1) == ':' ? end + 2 : end + 1;
    }
  else
    {
      const char *last = strrchr (word, ':');
      gboolean has_letters = last != NULL && helper_is_modifier (last + 1);

      /* "cycles:u" is an event with a modifier, "sched:sched_switch" a tracepoint, "sched:sched_switch:u" both. */
      event->name = has_letters ? g_strndup (word, last - word) : g_strdup (word);
      letters = has_letters ? last + 1 : "";
    }
  if (strcmp (event->name, "cpu-cycles") == 0)
    {
      g_free (event->name);
      event->name = g_strdup ("cycles");
    }
  if (modifier != NULL)
    *modifier = g_strdup (letters);
  else if (*letters != '\0')
    g_ptr_array_add (unknown, g_strdup_printf (":%s", letters));
  return event;
}

/* The word that is parsed to the same (transfer full). */
char *
glow_capture_event_dup_word (const GlowCaptureEvent *event)
{
  GString *word = g_string_new (event->name);
  char separator = '/';

  if (event->frequency > 0)
    {
      g_string_append_printf (word, "%cfreq=%u", separator, event->frequency);
      separator = ',';
    }
  if (event->period > 0)
    {
      g_string_append_printf (word, "%cperiod=%" PRIu64, separator, event->period);
      separator = ',';
    }
  if (event->label != NULL)
    {
      g_string_append_printf (word, "%cname=%s", separator, event->label);
      separator = ',';
    }
  if (separator == ',')
    g_string_append_c (word, '/');
  return g_string_free (word, FALSE);
}

/**
 * glow_capture_plan_set_event_words:
 * @words: events as perf writes them, "cpu-clock/freq=33,name=clkA/", "sched:sched_switch"; clocks and counters without a rate get the plan's
 *
 * Makes it a plan of these events, and of probes where a function is named (GLOW_CAPTURE_CUSTOM).
 */
gboolean
glow_capture_plan_set_event_words (GlowCapturePlan *plan, const char *const *words, GError **error)
{
  g_autoptr(GPtrArray) unknown = g_ptr_array_new_with_free_func (g_free);
  GError *own = NULL;

  if (plan->function != NULL)
    {
      plan->goal = GLOW_CAPTURE_FUNCTION;
      glow_capture_plan_set_events (plan);
    }
  plan->goal = GLOW_CAPTURE_CUSTOM;
  plan->clock = GLOW_CAPTURE_SINGLE;
  g_ptr_array_set_size (plan->events, 0);
  for (guint i = 0; words[i] != NULL; i++)
    {
      GlowCaptureEvent *event = glow_capture_event_parse (words[i], NULL, NULL, unknown, &own);

      if (event->frequency == 0 && event->period == 0 && helper_event_describe (event->name, NULL, NULL) != HELPER_EVENT_TRACEPOINT)
        event->frequency = plan->rate;
      g_ptr_array_add (plan->events, event);
    }
  if (own == NULL && unknown->len > 0)
    g_set_error (&own, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("“%s” is not known; an event with freq=, period= or name= between slashes is expected"),
                 (char *) g_ptr_array_index (unknown, 0));
  if (own == NULL)
    return TRUE;
  g_propagate_error (error, own);
  return FALSE;
}
