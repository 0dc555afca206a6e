/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which events of a recording begin and end something: by the words their authors give them, or as a person says. */
#include <config.h>

#include <glib/gi18n-lib.h>

#include "model/spans-private.h"

#include <afterglow/error.h>
#include <afterglow/fields.h>

#include <string.h>

/* What begins, and what ends it, wherever in the name it stands; the first that fits is taken. perf writes NAME__return for the return of a
 * probed function; dtrace's probes have two underscores between their words. */
static const struct { const char *begin, *end; } words[] = {
  { "sys_enter", "sys_exit" },
  { "__entry", "__return" },
  { "_entry", "_exit" },
  { "_entry", "_return" },
  { "_enter", "_exit" },
  { "__begin", "__end" },
  { "_begin", "_end" },
  { "_start", "_end" },
  { "_start", "_done" },
  { "_start", "_stop" },
  { "_start", "_finish" },
  { "_issue", "_complete" },
  { "_lock", "_unlock" },
};

/* Events whose halves need not be of one thread. Glob over "system:name". */
static const struct { const char *event; guint8 pairing; const char *keys; } keyed[] = {
  { "block:*", GLOW_SPAN_FIELDS, "dev,sector" },
  { "irq:irq_handler_*", GLOW_SPAN_CPU, "irq" },
  { "irq:softirq_*", GLOW_SPAN_CPU, "vec" },
  { "irq_vectors:*", GLOW_SPAN_CPU, "" },
  { "workqueue:workqueue_execute_*", GLOW_SPAN_FIELDS, "work" },
  { "lock:contention_*", GLOW_SPAN_TASK, "lock_addr" },
  { "nvme:*", GLOW_SPAN_FIELDS, "disk,ctrl_id,qid,cid" },
};

void
glow_span_kind_free (gpointer data)
{
  GlowSpanKind *kind = data;

  g_free (kind->id);
  g_free (kind->label);
  g_strfreev (kind->keys);
  g_free (kind);
}

GlowSpanKind *
glow_span_kind_copy (const GlowSpanKind *kind)
{
  GlowSpanKind *copy = g_memdup2 (kind, sizeof *kind);

  copy->id = g_strdup (kind->id);
  copy->label = g_strdup (kind->label);
  copy->keys = g_strdupv (kind->keys);
  return copy;
}

/* "sched:sched_switch:u" is "sched:sched_switch" too: letters behind the last colon only say when it counts. */
static gboolean
is_event (const char *name, const char *wanted)
{
  gsize n = strlen (wanted);

  return strncmp (name, wanted, n) == 0 && (name[n] == '\0' || (name[n] == ':' && strspn (name + n + 1, "ukhHGPpSDIWeb") == strlen (name + n + 1)));
}

guint32
glow_span_event (GlowProfile *profile, const char *name)
{
  guint32 n;
  const GlowEvent *events = glow_profile_get_events (profile, &n);

  for (guint32 e = 0; e < n; e++)
    if (events[e].n_samples > 0 && is_event (glow_profile_get_string (profile, events[e].name), name))
      return e;
  return GLOW_NONE;
}

static GlowSpanKind *
kind_new (const char *id, const char *label, GlowSpanPairing pairing, guint32 start, guint32 end, const char *keys)
{
  GlowSpanKind *kind = g_new0 (GlowSpanKind, 1);

  kind->id = g_strdup (id);
  kind->label = g_strdup (label);
  kind->pairing = pairing;
  kind->waits = pairing >= GLOW_SPAN_OFF_CPU;
  kind->start_event = start;
  kind->end_event = end;
  kind->keys = g_strsplit (keys, ",", -1);
  kind->syscall = -1;
  return kind;
}

static gboolean
is_number (GlowProfile *profile, guint32 event, const char *name)
{
  guint field, element, n;

  return glow_profile_find_field (profile, event, name, &field, &element)
         && (glow_profile_get_fields (profile, event, &n)[field].kind != GLOW_FIELD_TEXT);
}

/* Those of @keys that both events have, as numbers: texts of two events are not comparable by what they are kept as. (transfer full) */
static char *
dup_known_keys (GlowProfile *profile, guint32 start, guint32 end, const char *keys)
{
  g_auto(GStrv) names = g_strsplit (keys, ",", -1);
  GString *known = g_string_new (NULL);

  for (guint i = 0; names[i] != NULL; i++)
    if (*names[i] != '\0' && is_number (profile, start, names[i]) && is_number (profile, end, names[i]))
      g_string_append_printf (known, "%s%s", known->len > 0 ? "," : "", names[i]);
  return g_string_free (known, FALSE);
}

/* "probe_orders:handle_request" to "handle_request", "raw_syscalls:sys_enter" to "system calls". */
static char *
dup_label (const char *name, const char *begin)
{
  const char *base = strchr (name, ':') != NULL ? strchr (name, ':') + 1 : name;
  g_autofree char *system = g_strndup (name, base > name ? base - name - 1 : 0);
  const char *place = *begin != '\0' ? strstr (base, begin) : NULL;
  GString *label;

  if (strcmp (name, "raw_syscalls:sys_enter") == 0)
    return g_strdup (_("System calls"));
  if (strcmp (name, "lock:contention_begin") == 0)
    return g_strdup (_("Lock contention"));
  if (g_str_has_prefix (name, "syscalls:sys_enter_"))
    return g_strdup_printf (_("System call %s"), name + strlen ("syscalls:sys_enter_"));
  if (g_str_has_prefix (name, "block:block_rq_issue"))
    return g_strdup (_("Block I/O"));
  label = g_string_new_len (base, place != NULL ? place - base : (gssize) strlen (base));
  if (place != NULL)
    g_string_append (label, place + strlen (begin));
  if (label->len == 0)
    g_string_append (label, system);
  return g_string_free (label, FALSE);
}

/* The event that ends what @name begins; *@begin is the word for it. */
static guint32
find_end (GlowProfile *profile, const char *name, const char **begin)
{
  g_autofree char *returned = g_strconcat (name, "__return", NULL);
  const char *base = strchr (name, ':') != NULL ? strchr (name, ':') + 1 : name;
  guint32 end = glow_span_event (profile, returned);

  *begin = "";
  for (guint w = 0; end == GLOW_NONE && w < G_N_ELEMENTS (words); w++)
    {
      const char *place = strstr (base, words[w].begin);
      g_autofree char *other = NULL;

      if (place == NULL)
        continue;
      other = g_strdup_printf ("%.*s%s%s", (int) (place - name), name, words[w].end, place + strlen (words[w].begin));
      end = glow_span_event (profile, other);
      *begin = words[w].begin;
    }
  return end;
}

guint32
glow_span_wake_event (GlowProfile *profile)
{
  guint32 wake = glow_span_event (profile, "sched:sched_waking");
  guint field, element;

  if (wake == GLOW_NONE)
    wake = glow_span_event (profile, "sched:sched_wakeup");
  return wake != GLOW_NONE && glow_profile_find_field (profile, wake, "pid", &field, &element) ? wake : GLOW_NONE;
}

static void
add_switches (GlowProfile *profile, GPtrArray *kinds)
{
  guint32 out = glow_span_event (profile, "sched:sched_switch"), wake = glow_span_wake_event (profile);
  guint field, element;

  if (out == GLOW_NONE || !glow_profile_find_field (profile, out, "next_pid", &field, &element))
    return;
  g_ptr_array_add (kinds, kind_new ("off-cpu", _("Off CPU"), GLOW_SPAN_OFF_CPU, out, out, ""));
  if (glow_profile_find_field (profile, out, "prev_state", &field, &element))
    {
      static const struct { const char *id, *label; GlowLeft left; } ways[] = {
        { "preempted", N_("Pre-empted (R): off CPU, though it could run"), GLOW_LEFT_PREEMPTED },
        { "asleep", N_("Asleep (S): off CPU until something happens"), GLOW_LEFT_ASLEEP },
        { "uninterruptible", N_("Uninterruptible (D): off CPU, as for a disk"), GLOW_LEFT_UNINTERRUPTIBLE },
      };

      for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
        {
          GlowSpanKind *kind = kind_new (ways[i].id, _(ways[i].label), GLOW_SPAN_OFF_CPU, out, out, "");

          kind->left = ways[i].left;
          g_ptr_array_add (kinds, kind);
        }
    }
  if (wake == GLOW_NONE)
    return;
  g_ptr_array_add (kinds, kind_new ("blocked", _("Blocked: off CPU until woken"), GLOW_SPAN_BLOCKED, out, wake, ""));
  g_ptr_array_add (kinds, kind_new ("run-queue", _("Waiting for a CPU"), GLOW_SPAN_RUN_QUEUE, wake, out, ""));
}

/* Waits that were told whole, each by one sample. */
static void
add_sampled (GlowProfile *profile, GPtrArray *kinds)
{
  guint32 n;
  const GlowEvent *events = glow_profile_get_events (profile, &n);

  for (guint32 e = 0; e < n; e++)
    if (events[e].is_off_cpu && events[e].n_samples > 0)
      g_ptr_array_add (kinds, kind_new ("off-cpu-samples", _("Off CPU, as sampled"), GLOW_SPAN_SAMPLED, e, e, ""));
}

static GlowSpanKind *
pair_events (GlowProfile *profile, const char *id, guint32 start, guint32 end, const char *label)
{
  const GlowEvent *events = glow_profile_get_events (profile, NULL);
  const char *name = glow_profile_get_string (profile, events[start].name);

  for (guint k = 0; k < G_N_ELEMENTS (keyed); k++)
    if (g_pattern_match_simple (keyed[k].event, name))
      {
        g_autofree char *keys = dup_known_keys (profile, start, end, keyed[k].keys);
        gboolean lacks = keyed[k].pairing == GLOW_SPAN_FIELDS ? *keys == '\0' : keyed[k].pairing == GLOW_SPAN_CPU && glow_profile_get_samples (profile)->cpu == NULL;

        if (!lacks)
          return kind_new (id, label, keyed[k].pairing, start, end, keys);
      }
  return kind_new (id, label, GLOW_SPAN_TASK, start, end, "");
}

static gboolean
has_what_pairing_needs (GlowProfile *profile)
{
  const GlowSamples *samples = glow_profile_get_samples (profile);

  return samples->time != NULL && samples->thread != NULL;
}

GPtrArray *
glow_span_kinds_list (GlowProfile *profile)
{
  GPtrArray *kinds = g_ptr_array_new_with_free_func (glow_span_kind_free);
  guint32 n;
  const GlowEvent *events = glow_profile_get_events (profile, &n);

  if (!has_what_pairing_needs (profile))
    return kinds;
  for (guint32 e = 0; e < n; e++)
    {
      const char *name = glow_profile_get_string (profile, events[e].name), *begin;
      guint32 end = events[e].n_samples > 0 ? find_end (profile, name, &begin) : GLOW_NONE;
      g_autofree char *label = NULL;

      if (end == GLOW_NONE || end == e)
        continue;
      label = dup_label (name, begin);
      g_ptr_array_add (kinds, pair_events (profile, strcmp (name, "raw_syscalls:sys_enter") == 0 ? "syscall" : name, e, end, label));
    }
  add_switches (profile, kinds);
  add_sampled (profile, kinds);
  return kinds;
}

/* "a..b", "a..b:key=field,field". */
static GlowSpanKind *
parse_two_events (GlowProfile *profile, const char *id, GError **error)
{
  const char *dots = strstr (id, ".."), *key = strstr (dots, ":key=");
  g_autofree char *first = g_strndup (id, dots - id), *second = g_strndup (dots + 2, (key != NULL ? key : id + strlen (id)) - dots - 2), *known = NULL;
  guint32 start = glow_span_event (profile, first), end = glow_span_event (profile, second);
  g_auto(GStrv) fields = NULL;
  gboolean by_thread = key == NULL || strcmp (key, ":key=tid") == 0, by_cpu = key != NULL && strcmp (key, ":key=cpu") == 0;

  if (start == GLOW_NONE || end == GLOW_NONE)
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("--spans “%s”: there are no samples of “%s”"), id, start == GLOW_NONE ? first : second);
      return NULL;
    }
  if (by_cpu && glow_profile_get_samples (profile)->cpu == NULL)
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("--spans “%s”: this recording does not say on which CPU samples were taken"), id);
      return NULL;
    }
  if (by_thread || by_cpu)
    return kind_new (id, id, by_cpu ? GLOW_SPAN_CPU : GLOW_SPAN_TASK, start, end, "");
  known = dup_known_keys (profile, start, end, key + strlen (":key="));
  if (strcmp (known, key + strlen (":key=")) != 0)
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("--spans “%s”: “%s” and “%s” do not both have the fields “%s”"), id, first, second,
                   key + strlen (":key="));
      return NULL;
    }
  fields = g_strsplit (known, ",", -1);
  if (g_strv_length (fields) > GLOW_SPAN_MAX_KEYS)
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("--spans “%s”: expected at most %u fields behind “key=”"), id, GLOW_SPAN_MAX_KEYS);
      return NULL;
    }
  return kind_new (id, id, GLOW_SPAN_FIELDS, start, end, known);
}

/* "syscall:read", "syscall:0": of all system calls, those of one number. (nullable) */
static GlowSpanKind *
parse_syscall (GlowProfile *profile, const char *id)
{
  guint32 start = glow_span_event (profile, "raw_syscalls:sys_enter"), end = glow_span_event (profile, "raw_syscalls:sys_exit");
  const char *name = id + strlen ("syscall:");
  g_autofree char *label = NULL;
  GlowSpanKind *kind;
  guint64 number;

  if (start == GLOW_NONE || end == GLOW_NONE)
    return NULL;
  if (!g_ascii_string_to_unsigned (name, 10, 0, 4095, &number, NULL))
    for (number = 0; number < 4096 && g_strcmp0 (glow_syscall_get_name (profile, number), name) != 0; number++)
      ;
  if (number >= 4096)
    return NULL;
  label = g_strdup_printf (_("System call %s"), glow_syscall_get_name (profile, number) != NULL ? glow_syscall_get_name (profile, number) : name);
  kind = kind_new (id, label, GLOW_SPAN_TASK, start, end, "");
  kind->syscall = (gint64) number;
  return kind;
}

GlowSpanKind *
glow_span_kind_find (GlowProfile *profile, const char *id, GError **error)
{
  g_autoptr(GPtrArray) kinds = glow_span_kinds_list (profile);
  g_autoptr(GString) known = g_string_new (NULL);

  if (!has_what_pairing_needs (profile))
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("--spans “%s”: this recording has no times"), id);
      return NULL;
    }
  for (guint i = 0; i < kinds->len; i++)
    {
      const GlowSpanKind *kind = g_ptr_array_index (kinds, i);
      const char *base = strchr (kind->id, ':');

      if (strcmp (kind->id, id) == 0 || (base != NULL && strcmp (base + 1, id) == 0))
        return glow_span_kind_copy (kind);
      g_string_append_printf (known, "%s%s", known->len > 0 ? ", " : "", kind->id);
    }
  if (strstr (id, "..") != NULL)
    return parse_two_events (profile, id, error);
  if (g_str_has_prefix (id, "syscall:"))
    {
      GlowSpanKind *kind = parse_syscall (profile, id);

      if (kind != NULL)
        return kind;
    }
  if (known->len == 0)
    g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION,
                 _("--spans “%s”: this recording has no events that belong together; record sched:sched_switch, or a probe and its return"), id);
  else
    g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("--spans “%s”: this recording has %s; two events are paired by “a..b”"), id, known->str);
  return NULL;
}
