/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a request from anybody. Each key is a row of a table: its type, its bounds, where it goes; what no row knows is refused. What keys mean together
 * is checked after all of them were read. */
#include "helper/request.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <string.h>

#define MOST_PROCESSES 64
#define MOST_EVENTS    16
#define MOST_KEYS      16       /* of one event or probe */
#define MOST_SYMBOL    4096     /* bytes of a probe's symbol */
#define MOST_LABEL     32       /* bytes of a label: the kernel's names of events end at 63, perf's orders for one soon after */
#define MOST_PID       (1u << 22)       /* PID_MAX_LIMIT of 64-bit kernels */
#define MOST_RATE      100000
#define MOST_PERIOD    (G_GUINT64_CONSTANT (1) << 48)
#define LEAST_TICK     10000    /* ns: the kernel makes shorter periods of its clocks this long */
#define A_DAY          (24u * 3600 * 1000)

typedef enum { FLAG, NUMBER, LONG_NUMBER, WORD, LIST } KeyKind;

typedef struct {
  const char *name;
  KeyKind kind;
  gsize place;                  /* offset in HelperRequest */
  guint64 least, most;
  const char *words;            /* of WORD: joined by a bar, in the order of the enumeration */
  const char *type;             /* of LIST */
  gboolean (*read) (HelperRequest *request, GVariant *value, GError **error);
} Key;

static const char *const kind_types[] = { "b", "u", "t", "s", NULL };

G_GNUC_PRINTF (2, 3) static gboolean
fail (GError **error, const char *format, ...)
{
  g_autofree char *message = NULL, *valid = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  /* What was found is cut by bytes, and what goes over the bus has to be UTF-8. */
  valid = g_utf8_make_valid (message, -1);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, valid);
  return FALSE;
}

static void
event_free (gpointer data)
{
  HelperEvent *event = data;

  g_free (event->name);
  g_free (event->label);
  g_free (event);
}

static void
probe_free (gpointer data)
{
  HelperProbe *probe = data;

  g_free (probe->symbol);
  g_free (probe->label);
  g_free (probe);
}

void
helper_request_free (HelperRequest *request)
{
  if (request == NULL)
    return;
  g_array_unref (request->processes);
  g_ptr_array_unref (request->events);
  g_ptr_array_unref (request->probes);
  g_free (request);
}

/* ---- pieces ---- */

static gboolean
is_label (const char *text)
{
  gsize n = strlen (text);

  if (n == 0 || n > MOST_LABEL || g_ascii_isdigit (text[0]))
    return FALSE;
  for (gsize i = 0; i < n; i++)
    if (!g_ascii_isalnum (text[i]) && text[i] != '_')
      return FALSE;
  return TRUE;
}

/* One of a dictionary's values (transfer full), if it is there; %FALSE where it is of another type. What stays in @left is unknown. */
static gboolean
take (GHashTable *left, const char *list, const char *name, const char *type, GVariant **value, GError **error)
{
  g_autofree char *key = NULL;

  if (g_hash_table_steal_extended (left, name, (gpointer *) &key, (gpointer *) value) && !g_variant_is_of_type (*value, G_VARIANT_TYPE (type)))
    return fail (error, _("“%s” of “%s” is of type %s; %s is expected"), name, list, g_variant_get_type_string (*value), type);
  return TRUE;
}

/* A dictionary of @list as a table of names and values (transfer full), %NULL where a name is there twice. */
static GHashTable *
open_dictionary (GVariant *dictionary, const char *list, GError **error)
{
  g_autoptr(GHashTable) table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_variant_unref);
  GVariantIter iter;
  GVariant *value;
  gboolean is_right = TRUE;
  char *name;

  if (g_variant_n_children (dictionary) > MOST_KEYS)
    {
      fail (error, _("“%s” holds a dictionary of %zu; at most %u are expected"), list, g_variant_n_children (dictionary), MOST_KEYS);
      return NULL;
    }
  g_variant_iter_init (&iter, dictionary);
  while (g_variant_iter_next (&iter, "{sv}", &name, &value))
    {
      if (g_hash_table_contains (table, name))
        is_right = fail (error, _("“%.64s” is there twice in “%s”"), name, list);
      g_hash_table_insert (table, name, value);
      if (!is_right)
        return NULL;
    }
  return g_steal_pointer (&table);
}

static gboolean
check_nothing_left (GHashTable *left, const char *list, GError **error)
{
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, left);
  if (g_hash_table_iter_next (&iter, &name, NULL))
    return fail (error, _("“%s” does not know “%.64s”"), list, (const char *) name);
  return TRUE;
}

/* ---- lists ---- */

static gboolean
read_processes (HelperRequest *request, GVariant *value, GError **error)
{
  gsize n = g_variant_n_children (value);

  if (n == 0 || n > MOST_PROCESSES)
    return fail (error, _("“processes” holds %zu; 1 to %u are expected"), n, MOST_PROCESSES);
  for (gsize i = 0; i < n; i++)
    {
      HelperProcess process;

      g_variant_get_child (value, i, "(ut)", &process.pid, &process.start_time);
      if (process.pid == 0 || process.pid > MOST_PID)
        return fail (error, _("“processes” names the process %u; 1 to %u are expected"), process.pid, MOST_PID);
      for (guint j = 0; j < request->processes->len; j++)
        if (g_array_index (request->processes, HelperProcess, j).pid == process.pid)
          return fail (error, _("“processes” names the process %u twice"), process.pid);
      g_array_append_val (request->processes, process);
    }
  return TRUE;
}

static gboolean
read_label (GHashTable *left, const char *list, char **label, GError **error)
{
  g_autoptr(GVariant) value = NULL;

  if (!take (left, list, "label", "s", &value, error))
    return FALSE;
  if (value == NULL)
    return TRUE;
  *label = g_variant_dup_string (value, NULL);
  return is_label (*label) || fail (error, _("“label” of “%s” is “%.64s”; up to %u of A–Z, a–z, 0–9 and _ are expected, not a digit first"), list, *label, MOST_LABEL);
}

static gboolean
read_event (HelperRequest *request, GVariant *dictionary, GError **error)
{
  g_autoptr(GHashTable) left = open_dictionary (dictionary, "events", error);
  g_autoptr(GVariant) name = NULL, frequency = NULL, period = NULL;
  HelperEvent *event = g_new0 (HelperEvent, 1);
  HelperEventKind kind;

  g_ptr_array_add (request->events, event);
  if (left == NULL || !take (left, "events", "name", "s", &name, error) || !take (left, "events", "frequency", "u", &frequency, error)
      || !take (left, "events", "period", "t", &period, error) || !read_label (left, "events", &event->label, error)
      || !check_nothing_left (left, "events", error))
    return FALSE;
  if (name == NULL)
    return fail (error, _("An event has no “name”"));
  event->name = g_variant_dup_string (name, NULL);
  kind = helper_event_describe (event->name, NULL, NULL);
  if (kind == HELPER_EVENT_NONE)
    return fail (error, _("“%.64s” is no event that can be asked for; a clock, a hardware or software event, or “subsystem:tracepoint” is expected"), event->name);
  if (frequency != NULL && period != NULL)
    return fail (error, _("“%s” has a frequency and a period; one of them is expected"), event->name);
  if (frequency != NULL)
    {
      event->frequency = g_variant_get_uint32 (frequency);
      if (event->frequency == 0 || event->frequency > MOST_RATE)
        return fail (error, _("“frequency” of “%s” is %u; 1 to %u Hz are expected"), event->name, event->frequency, MOST_RATE);
    }
  if (period != NULL)
    {
      guint64 least = kind == HELPER_EVENT_CLOCK ? LEAST_TICK : 1;

      event->period = g_variant_get_uint64 (period);
      if (event->period < least || event->period > MOST_PERIOD)
        return fail (error, _("“period” of “%s” is %" PRIu64 "; %" PRIu64 " to %" PRIu64 " are expected"), event->name, event->period, least, MOST_PERIOD);
    }
  if ((kind == HELPER_EVENT_CLOCK || kind == HELPER_EVENT_HARDWARE) && frequency == NULL && period == NULL)
    return fail (error, _("“%s” needs a frequency or a period"), event->name);
  if (kind == HELPER_EVENT_TRACEPOINT && frequency != NULL)
    return fail (error, _("“%s” has a frequency; of tracepoints a period is expected, or neither for every one"), event->name);
  if (kind == HELPER_EVENT_TRACEPOINT && event->label != NULL)
    return fail (error, _("“%s” has a label; tracepoints keep their names"), event->name);
  return TRUE;
}

static gboolean
read_probe (HelperRequest *request, GVariant *dictionary, GError **error)
{
  g_autoptr(GHashTable) left = open_dictionary (dictionary, "probes", error);
  g_autoptr(GVariant) binary = NULL, symbol = NULL, offset = NULL, is_return = NULL;
  HelperProbe *probe = g_new0 (HelperProbe, 1);

  g_ptr_array_add (request->probes, probe);
  if (left == NULL || !take (left, "probes", "binary", "h", &binary, error) || !take (left, "probes", "symbol", "s", &symbol, error)
      || !take (left, "probes", "offset", "t", &offset, error) || !take (left, "probes", "return", "b", &is_return, error)
      || !read_label (left, "probes", &probe->label, error) || !check_nothing_left (left, "probes", error))
    return FALSE;
  if (binary == NULL)
    return fail (error, _("A probe has no “binary”"));
  probe->binary = g_variant_get_handle (binary);
  if (probe->binary < 0)
    return fail (error, _("“binary” of “probes” is %d; a number of a descriptor is expected"), probe->binary);
  if ((symbol == NULL) == (offset == NULL))
    return fail (error, _("A probe needs one of “symbol” and “offset”"));
  if (symbol != NULL)
    {
      gsize n;
      const char *text = g_variant_get_string (symbol, &n);

      if (n == 0 || n > MOST_SYMBOL)
        return fail (error, _("“symbol” of “probes” has %zu bytes; 1 to %u are expected"), n, MOST_SYMBOL);
      probe->symbol = g_strdup (text);
    }
  if (offset != NULL)
    {
      probe->offset = g_variant_get_uint64 (offset);
      if (probe->offset > G_MAXINT64)
        return fail (error, _("“offset” of “probes” is %" PRIu64 "; at most %" PRIi64 " is expected"), probe->offset, G_MAXINT64);
    }
  if (probe->label != NULL && helper_is_modifier (probe->label))
    return fail (error, _("“label” of “probes” is “%s”, which perf takes for a modifier"), probe->label);
  probe->is_return = is_return != NULL && g_variant_get_boolean (is_return);
  return TRUE;
}

static gboolean
read_each (HelperRequest *request, GVariant *list, const char *name, gboolean (*read) (HelperRequest *, GVariant *, GError **), GError **error)
{
  gsize n = g_variant_n_children (list);

  if (n == 0 || n > MOST_EVENTS)
    return fail (error, _("“%s” holds %zu; 1 to %u are expected"), name, n, MOST_EVENTS);
  for (gsize i = 0; i < n; i++)
    {
      g_autoptr(GVariant) dictionary = g_variant_get_child_value (list, i);

      if (!read (request, dictionary, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_events (HelperRequest *request, GVariant *value, GError **error)
{
  return read_each (request, value, "events", read_event, error);
}

static gboolean
read_probes (HelperRequest *request, GVariant *value, GError **error)
{
  return read_each (request, value, "probes", read_probe, error);
}

/* ---- the whole ---- */

#define PLACE(field) G_STRUCT_OFFSET (HelperRequest, field)

static const Key keys[] = {
  { "target", WORD, PLACE (target), .words = "processes|cgroup|system" },
  { "processes", LIST, .type = "a(ut)", .read = read_processes },
  { "cgroup", LONG_NUMBER, PLACE (cgroup), 1, G_MAXUINT64 },
  { "events", LIST, .type = "aa{sv}", .read = read_events },
  { "probes", LIST, .type = "aa{sv}", .read = read_probes },
  { "call-graph", WORD, PLACE (call_graph), .words = "none|fp|dwarf|lbr" },
  { "stack-size", NUMBER, PLACE (stack_size), 64, 65528 },      /* the kernel's: below 64 KiB, by 8 */
  { "max-stack", NUMBER, PLACE (max_stack), 1, 4096 },
  { "kernel", FLAG, PLACE (kernel) },
  { "compression", NUMBER, PLACE (compression), 0, 22 },
  { "buffer", NUMBER, PLACE (buffer), 4, 65536 },
  { "duration", NUMBER, PLACE (duration), 0, A_DAY },
  { "size", LONG_NUMBER, PLACE (size), 0, G_MAXINT64 },
  { "switches", FLAG, PLACE (switches) },
  { "cgroups", FLAG, PLACE (cgroups) },
  { "inherit", FLAG, PLACE (inherit) },
  { "sampler", WORD, PLACE (sampler), .words = "perf|random" },
  { "per-process", FLAG, PLACE (per_process) },
  { "paused", FLAG, PLACE (paused) },
  { "interactive", FLAG, PLACE (interactive) },
};

static gboolean
read_word (const Key *key, GVariant *value, guint *number, GError **error)
{
  g_auto(GStrv) words = g_strsplit (key->words, "|", -1);
  const char *word = g_variant_get_string (value, NULL);

  for (guint i = 0; words[i] != NULL; i++)
    if (g_str_equal (words[i], word))
      {
        *number = i;
        return TRUE;
      }
  return fail (error, _("“%s” is “%.64s”; one of %s is expected"), key->name, word, key->words);
}

static gboolean
read_key (const Key *key, HelperRequest *request, GVariant *value, GError **error)
{
  const char *type = key->kind == LIST ? key->type : kind_types[key->kind];
  gpointer place = G_STRUCT_MEMBER_P (request, key->place);
  guint64 number;

  if (!g_variant_is_of_type (value, G_VARIANT_TYPE (type)))
    return fail (error, _("“%s” is of type %s; %s is expected"), key->name, g_variant_get_type_string (value), type);
  switch (key->kind)
    {
    case FLAG:
      *(gboolean *) place = g_variant_get_boolean (value);
      return TRUE;
    case WORD:
      return read_word (key, value, place, error);
    case LIST:
      return key->read (request, value, error);
    case NUMBER:
    case LONG_NUMBER:
    default:
      number = key->kind == NUMBER ? g_variant_get_uint32 (value) : g_variant_get_uint64 (value);
      if (number < key->least || number > key->most)
        return fail (error, _("“%s” is %" PRIu64 "; %" PRIu64 " to %" PRIu64 " are expected"), key->name, number, key->least, key->most);
      if (key->kind == NUMBER)
        *(guint *) place = number;
      else
        *(guint64 *) place = number;
      return TRUE;
    }
}

/* All are called differently: perf finds them by their names. Probes without a label are called after their function. */
static gboolean
check_names (HelperRequest *request, GError **error)
{
  g_autoptr(GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal), events = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < request->events->len; i++)
    {
      const HelperEvent *event = g_ptr_array_index (request->events, i);
      const char *name = event->label != NULL ? event->label : event->name;

      if (!g_hash_table_add (events, (gpointer) name))
        return fail (error, _("Two events are called “%s”; a “label” tells them apart"), name);
    }
  for (guint i = 0; i < request->probes->len; i++)
    {
      HelperProbe *probe = g_ptr_array_index (request->probes, i);

      if (probe->label != NULL && !g_hash_table_add (names, probe->label))
        return fail (error, _("Two probes are called “%s”"), probe->label);
    }
  for (guint i = 0; i < request->probes->len; i++)
    {
      HelperProbe *probe = g_ptr_array_index (request->probes, i);
      g_autofree char *stem = NULL;

      if (probe->label != NULL)
        continue;
      stem = probe->symbol != NULL ? g_strdup_printf ("%s%.20s", g_ascii_isdigit (probe->symbol[0]) ? "_" : "", probe->symbol)
                                   : g_strdup_printf ("at_%" PRIx64, probe->offset);
      for (char *c = stem; *c != '\0'; c++)
        if (!g_ascii_isalnum (*c))
          *c = '_';
      if (helper_is_modifier (stem))
        {
          g_autofree char *bare = g_steal_pointer (&stem);

          stem = g_strconcat (bare, "_", NULL);
        }
      probe->label = g_strconcat (stem, probe->is_return ? "__return" : NULL, NULL);
      for (guint n = 2; !g_hash_table_add (names, probe->label); n++)
        {
          g_free (probe->label);
          probe->label = g_strdup_printf ("%s%s_%u", stem, probe->is_return ? "__return" : "", n);
        }
    }
  return TRUE;
}

/* perf takes one period for all of its tracepoints, probes among them. */
static gboolean
check_tracepoints (const HelperRequest *request, GError **error)
{
  guint64 period = request->probes->len > 0 ? 1 : 0;

  for (guint i = 0; i < request->events->len; i++)
    {
      const HelperEvent *event = g_ptr_array_index (request->events, i);
      HelperEventKind kind = helper_event_describe (event->name, NULL, NULL);

      if (kind == HELPER_EVENT_SCHEDULER && !request->kernel)
        return fail (error, _("“%s” happens inside the kernel; “kernel” is expected with it"), event->name);
      if (kind != HELPER_EVENT_TRACEPOINT)
        continue;
      if (period != 0 && period != MAX (event->period, 1))
        return fail (error, _("“period” of “%s” is %" PRIu64 "; tracepoints of one recording have one period, and probes are all recorded"), event->name,
                     event->period);
      period = MAX (event->period, 1);
    }
  return TRUE;
}

static gboolean
check_random (const HelperRequest *request, GError **error)
{
  const HelperEvent *event = request->events->len == 1 ? g_ptr_array_index (request->events, 0) : NULL;
  HelperEventKind kind = event != NULL ? helper_event_describe (event->name, NULL, NULL) : HELPER_EVENT_NONE;

  if (request->sampler != HELPER_SAMPLER_RANDOM)
    return TRUE;
  if (request->probes->len > 0 || (kind != HELPER_EVENT_CLOCK && kind != HELPER_EVENT_HARDWARE))
    return fail (error, _("“sampler” is “random”; one clock or hardware event is expected with it"));
  if (kind == HELPER_EVENT_HARDWARE && event->period == 0)
    return fail (error, _("“%s” has a frequency; a period is expected of “random” gaps"), event->name);
  if (request->compression > 0 || request->switches || request->cgroups || request->call_graph == HELPER_CALL_GRAPH_DWARF
      || request->call_graph == HELPER_CALL_GRAPH_LBR)
    return fail (error, _("“sampler” is “random”; neither compression, switches, cgroups nor the call graphs “dwarf” and “lbr” go with it"));
  return TRUE;
}

static gboolean
check_together (HelperRequest *request, gboolean has_target, GError **error)
{
  gboolean has_processes = request->processes->len > 0, has_cgroup = request->cgroup != 0;
  guint n_events = request->events->len + request->probes->len;

  if (!has_target)
    return fail (error, _("“target” is missing; one of %s is expected"), keys[0].words);
  if (has_processes != (request->target == HELPER_TARGET_PROCESSES))
    return fail (error, _("“processes” goes with the target “processes”, and it with them"));
  if (has_cgroup != (request->target == HELPER_TARGET_CGROUP))
    return fail (error, _("“cgroup” goes with the target “cgroup”, and it with that"));
  if (request->per_process && !has_processes)
    return fail (error, _("“per-process” goes with the target “processes”"));
  if (n_events == 0 || n_events > MOST_EVENTS)
    return fail (error, _("“events” and “probes” hold %u; 1 to %u are expected"), n_events, MOST_EVENTS);
  if (request->stack_size % 8 != 0)
    return fail (error, _("“stack-size” is %u; a multiple of 8 is expected"), request->stack_size);
  if ((request->buffer & (request->buffer - 1)) != 0)
    return fail (error, _("“buffer” is %u; a power of two is expected"), request->buffer);
  return check_tracepoints (request, error) && check_random (request, error) && check_names (request, error);
}

HelperRequest *
helper_request_parse (GVariant *dictionary, GError **error)
{
  g_autoptr(HelperRequest) request = g_new0 (HelperRequest, 1);
  gboolean seen[G_N_ELEMENTS (keys)] = { FALSE };
  GVariantIter iter;
  GVariant *item;
  const char *name;

  request->processes = g_array_new (FALSE, FALSE, sizeof (HelperProcess));
  request->events = g_ptr_array_new_with_free_func (event_free);
  request->probes = g_ptr_array_new_with_free_func (probe_free);
  request->call_graph = HELPER_CALL_GRAPH_FP;
  request->stack_size = 8192;
  request->max_stack = 127;
  request->buffer = 512;
  request->inherit = TRUE;
  if (!g_variant_is_of_type (dictionary, G_VARIANT_TYPE_VARDICT))
    {
      fail (error, _("A request is of type %s; %s is expected"), g_variant_get_type_string (dictionary), "a{sv}");
      return NULL;
    }
  g_variant_iter_init (&iter, dictionary);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &item))
    {
      guint i;

      for (i = 0; i < G_N_ELEMENTS (keys) && !g_str_equal (keys[i].name, name); i++)
        ;
      if (i == G_N_ELEMENTS (keys) || seen[i] || !read_key (&keys[i], request, item, error))
        {
          if (i == G_N_ELEMENTS (keys))
            fail (error, _("A request does not know “%.64s”"), name);
          else if (seen[i])
            fail (error, _("“%s” is there twice"), name);
          g_variant_unref (item);
          return NULL;
        }
      seen[i] = TRUE;
    }
  return check_together (request, seen[0], error) ? g_steal_pointer (&request) : NULL;
}
