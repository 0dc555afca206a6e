/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What to show, as an immutable value: terms kept sorted and without duplicates, so that equal queries are equal memory. */
#include <config.h>

#include <afterglow/error.h>
#include <glib/gi18n-lib.h>

#include "model/query-private.h"

#include <string.h>

typedef struct {
  GlowQueryField field;
  char *value;
} Term;

struct _GlowQuery {
  gatomicrefcount ref_count;
  GArray *terms;               /* of Term */
  GlowWeight weight;
  GlowOrder order;
  GlowRoots roots;
  gboolean inverted, collapse_recursion;
  char *weight_field, *split;  /* (nullable) */
};

static const char *const field_words[GLOW_N_QUERY_FIELDS] = {
  "event", "time", "baseline-time", "comm", "pid", "tid", "cpu", "cgroup", "module", "kind", "focus", "hide", "hide-kind", "where", "spans", "longer", "shorter",
  "span-stacks",
};
static const char *const weight_words[] = { "event", "samples", "time", NULL };
#define FIELD_PREFIX "field:"
static const char *const order_words[] = { "heavy", "name", NULL };
static const char *const roots_words[] = { "none", "comm", "process", "thread", "cgroup", NULL };

static void
clear_term (gpointer data)
{
  g_free (((Term *) data)->value);
}

GlowQuery *
glow_query_new (void)
{
  GlowQuery *self = g_new0 (GlowQuery, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->terms = g_array_new (FALSE, FALSE, sizeof (Term));
  g_array_set_clear_func (self->terms, clear_term);
  return self;
}

GlowQuery *
glow_query_ref (GlowQuery *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
glow_query_unref (GlowQuery *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_array_unref (self->terms);
  g_free (self->weight_field);
  g_free (self->split);
  g_free (self);
}

static const Term *
get_term (const GlowQuery *self, guint index)
{
  return &g_array_index (self->terms, Term, index);
}

static GlowQuery *
copy (const GlowQuery *self)
{
  GlowQuery *other = glow_query_new ();

  for (guint i = 0; i < self->terms->len; i++)
    {
      Term term = { get_term (self, i)->field, g_strdup (get_term (self, i)->value) };

      g_array_append_val (other->terms, term);
    }
  other->weight = self->weight;
  other->order = self->order;
  other->roots = self->roots;
  other->inverted = self->inverted;
  other->collapse_recursion = self->collapse_recursion;
  other->weight_field = g_strdup (self->weight_field);
  other->split = g_strdup (self->split);
  return other;
}

gboolean
glow_query_equal (const GlowQuery *a, const GlowQuery *b)
{
  if (a == b)
    return TRUE;
  if (a->terms->len != b->terms->len || a->weight != b->weight || a->order != b->order || a->roots != b->roots
      || g_strcmp0 (a->weight_field, b->weight_field) != 0 || g_strcmp0 (a->split, b->split) != 0 || !a->inverted != !b->inverted || !a->collapse_recursion != !b->collapse_recursion)
    return FALSE;
  for (guint i = 0; i < a->terms->len; i++)
    if (get_term (a, i)->field != get_term (b, i)->field || strcmp (get_term (a, i)->value, get_term (b, i)->value) != 0)
      return FALSE;
  return TRUE;
}

guint
glow_query_hash (const GlowQuery *self)
{
  guint hash = (self->weight_field != NULL ? g_str_hash (self->weight_field) : 0) + (self->split != NULL ? g_str_hash (self->split) * 3 : 0)
               + self->weight * 31 + self->order * 37 + self->roots * 41 + !!self->inverted * 43 + !!self->collapse_recursion * 47;

  for (guint i = 0; i < self->terms->len; i++)
    hash = hash * 33 + g_str_hash (get_term (self, i)->value) + get_term (self, i)->field;
  return hash;
}

/* Numbers by value, other text by bytes. */
static int
compare_values (GlowQueryField field, const char *a, const char *b)
{
  if (field == GLOW_QUERY_PID || field == GLOW_QUERY_TID || field == GLOW_QUERY_CPU)
    {
      guint64 x = g_ascii_strtoull (a, NULL, 10), y = g_ascii_strtoull (b, NULL, 10);

      if (x != y)
        return x < y ? -1 : 1;
    }
  return strcmp (a, b);
}

static void
remove_terms (GlowQuery *self, GlowQueryField field)
{
  for (guint i = self->terms->len; i-- > 0;)
    if (get_term (self, i)->field == field)
      g_array_remove_index (self->terms, i);
}

static void
add_term (GlowQuery *self, GlowQueryField field, const char *value)
{
  Term term = { field, NULL };
  guint at;

  if (field >= GLOW_QUERY_SPANS)
    remove_terms (self, field);

  for (at = 0; at < self->terms->len; at++)
    {
      const Term *other = get_term (self, at);
      int order = other->field != field ? (int) other->field - (int) field : compare_values (field, other->value, value);

      if (order == 0)
        return;
      if (order > 0)
        break;
    }
  term.value = g_strdup (value);
  g_array_insert_val (self->terms, at, term);
}

GlowQuery *
glow_query_with (const GlowQuery *self, GlowQueryField field, const char *value, GError **error)
{
  g_auto(GStrv) values = glow_query_canonical_values (field, value, error);
  GlowQuery *other;

  if (values == NULL)
    return NULL;
  other = copy (self);
  for (guint i = 0; values[i] != NULL; i++)
    add_term (other, field, values[i]);
  return other;
}

GlowQuery *
glow_query_without (const GlowQuery *self, GlowQueryField field, const char *value)
{
  g_auto(GStrv) values = value != NULL ? glow_query_canonical_values (field, value, NULL) : NULL;
  GlowQuery *other = copy (self);

  for (guint i = other->terms->len; i-- > 0;)
    {
      const Term *term = get_term (other, i);

      if (term->field == field && (value == NULL || (values != NULL && g_strv_contains ((const char *const *) values, term->value))))
        g_array_remove_index (other->terms, i);
    }
  return other;
}

GlowQuery *
glow_query_with_only (const GlowQuery *self, GlowQueryField field, const char *value, GError **error)
{
  g_autoptr(GlowQuery) bare = glow_query_without (self, field, NULL);

  return glow_query_with (bare, field, value, error);
}

GlowQuery *
glow_query_with_weight (const GlowQuery *self, GlowWeight weight)
{
  GlowQuery *other = copy (self);

  g_return_val_if_fail (weight != GLOW_WEIGHT_FIELD, other);
  g_clear_pointer (&other->weight_field, g_free);
  other->weight = weight;
  return other;
}

/* "bytes_req", "kmem:kmalloc:bytes_req", "args[2]" */
static gboolean
check_field_name (const char *field, GError **error)
{
  gsize n = strcspn (field, "[");

  if (n > 0 && strspn (field, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:-/") >= n
      && (field[n] == '\0' || (field[n + 1 + strspn (field + n + 1, "0123456789")] == ']' && field[strlen (field) - 1] == ']')))
    return TRUE;
  g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("“%s” is not the name of a field; expected one as bytes_req or kmem:kmalloc:bytes_req"), field);
  return FALSE;
}

GlowQuery *
glow_query_with_weight_field (const GlowQuery *self, const char *field, GError **error)
{
  GlowQuery *other;

  if (!check_field_name (field, error))
    return NULL;
  other = copy (self);
  g_free (other->weight_field);
  other->weight_field = g_strdup (field);
  other->weight = GLOW_WEIGHT_FIELD;
  return other;
}

const char *
glow_query_get_weight_field (const GlowQuery *self)
{
  return self->weight_field;
}

GlowQuery *
glow_query_with_split (const GlowQuery *self, const char *field, GError **error)
{
  GlowQuery *other;

  if (!check_field_name (field, error))
    return NULL;
  other = copy (self);
  g_free (other->split);
  other->split = g_strdup (field);
  other->roots = GLOW_ROOTS_FIELD;
  return other;
}

const char *
glow_query_get_split (const GlowQuery *self)
{
  return self->split;
}

GlowQuery *
glow_query_with_order (const GlowQuery *self, GlowOrder order)
{
  GlowQuery *other = copy (self);

  other->order = order;
  return other;
}

GlowQuery *
glow_query_with_roots (const GlowQuery *self, GlowRoots roots)
{
  GlowQuery *other = copy (self);

  g_return_val_if_fail (roots != GLOW_ROOTS_FIELD, other);
  g_clear_pointer (&other->split, g_free);
  other->roots = roots;
  return other;
}

GlowQuery *
glow_query_with_inverted (const GlowQuery *self, gboolean inverted)
{
  GlowQuery *other = copy (self);

  other->inverted = !!inverted;
  return other;
}

GlowQuery *
glow_query_with_collapse_recursion (const GlowQuery *self, gboolean collapse)
{
  GlowQuery *other = copy (self);

  other->collapse_recursion = !!collapse;
  return other;
}

guint
glow_query_get_n_terms (const GlowQuery *self)
{
  return self->terms->len;
}

const char *
glow_query_get_term (const GlowQuery *self, guint index, GlowQueryField *field)
{
  g_return_val_if_fail (index < self->terms->len, NULL);
  if (field != NULL)
    *field = get_term (self, index)->field;
  return get_term (self, index)->value;
}

gboolean
glow_query_has_term (const GlowQuery *self, GlowQueryField field, const char *value)
{
  for (guint i = 0; i < self->terms->len; i++)
    if (get_term (self, i)->field == field && (value == NULL || strcmp (get_term (self, i)->value, value) == 0))
      return TRUE;
  return FALSE;
}

GlowWeight
glow_query_get_weight (const GlowQuery *self)
{
  return self->weight;
}

GlowOrder
glow_query_get_order (const GlowQuery *self)
{
  return self->order;
}

GlowRoots
glow_query_get_roots (const GlowQuery *self)
{
  return self->roots;
}

gboolean
glow_query_get_inverted (const GlowQuery *self)
{
  return self->inverted;
}

gboolean
glow_query_get_collapse_recursion (const GlowQuery *self)
{
  return self->collapse_recursion;
}

const char *
glow_query_field_get_word (GlowQueryField field)
{
  g_return_val_if_fail (field < GLOW_N_QUERY_FIELDS, NULL);
  return field_words[field];
}

gboolean
glow_query_field_from_word (const char *word, GlowQueryField *field)
{
  for (guint i = 0; i < GLOW_N_QUERY_FIELDS; i++)
    if (strcmp (field_words[i], word) == 0)
      {
        *field = i;
        return TRUE;
      }
  return FALSE;
}

static void
append_word (GString *words, const char *option, const char *value)
{
  if (words->len > 0)
    g_string_append_c (words, ' ');
  g_string_append_printf (words, "--%s", option);
  if (value == NULL)
    return;
  g_string_append_c (words, ' ');
  /* A value with a dash in front would read as an option; quoting does not help, joining does. */
  if (value[0] == '-')
    words->str[words->len - 1] = '=';
  if (*value != '\0' && value[strspn (value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./,:@%+=")] == '\0')
    g_string_append (words, value);
  else
    {
      g_autofree char *quoted = g_shell_quote (value);

      g_string_append (words, quoted);
    }
}

char *
glow_query_dup_words (const GlowQuery *self)
{
  GString *words = g_string_new (NULL);

  for (guint i = 0; i < self->terms->len; i++)
    append_word (words, field_words[get_term (self, i)->field], get_term (self, i)->value);
  if (self->collapse_recursion)
    append_word (words, "collapse-recursion", NULL);
  if (self->weight == GLOW_WEIGHT_FIELD)
    {
      g_autofree char *value = g_strconcat (FIELD_PREFIX, self->weight_field, NULL);

      append_word (words, "weight", value);
    }
  else if (self->weight != GLOW_WEIGHT_EVENT)
    append_word (words, "weight", weight_words[self->weight]);
  if (self->order != GLOW_ORDER_HEAVY)
    append_word (words, "order", order_words[self->order]);
  if (self->roots == GLOW_ROOTS_FIELD)
    append_word (words, "split", self->split);
  else if (self->roots != GLOW_ROOTS_NONE)
    append_word (words, "roots", roots_words[self->roots]);
  if (self->inverted)
    append_word (words, "inverted", NULL);
  return g_string_free (words, FALSE);
}

static gboolean
set_choice (const char *word, const char *value, const char *const *choices, int *chosen, GError **error)
{
  g_autofree char *known = NULL;

  for (int i = 0; choices[i] != NULL; i++)
    if (strcmp (choices[i], value) == 0)
      {
        *chosen = i;
        return TRUE;
      }
  known = g_strjoinv (", ", (char **) choices);
  g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("--%s “%s”: expected one of %s"), word, value, known);
  return FALSE;
}

static gboolean
parse_option (GlowQuery **query, const char *word, const char *value, GError **error)
{
  GlowQueryField field;
  GlowQuery *next = NULL;
  int chosen;

  if (glow_query_field_from_word (word, &field))
    next = glow_query_with (*query, field, value, error);
  else if (strcmp (word, "weight") == 0 && g_str_has_prefix (value, FIELD_PREFIX))
    next = glow_query_with_weight_field (*query, value + strlen (FIELD_PREFIX), error);
  else if (strcmp (word, "split") == 0)
    next = glow_query_with_split (*query, value, error);
  else if (strcmp (word, "weight") == 0)
    next = set_choice (word, value, weight_words, &chosen, error) ? glow_query_with_weight (*query, chosen) : NULL;
  else if (strcmp (word, "order") == 0)
    next = set_choice (word, value, order_words, &chosen, error) ? glow_query_with_order (*query, chosen) : NULL;
  else if (strcmp (word, "roots") == 0)
    next = set_choice (word, value, roots_words, &chosen, error) ? glow_query_with_roots (*query, chosen) : NULL;
  else
    g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("“--%s” is not a word of a selection"), word);
  if (next == NULL)
    return FALSE;
  glow_query_unref (*query);
  *query = next;
  return TRUE;
}

GlowQuery *
glow_query_parse_words (const char *words, GError **error)
{
  g_autoptr(GlowQuery) query = glow_query_new ();
  g_autoptr(GError) shell = NULL;
  g_auto(GStrv) argv = NULL;

  if (words[strspn (words, " \t\n")] == '\0')
    return g_steal_pointer (&query);
  if (!g_shell_parse_argv (words, NULL, &argv, &shell))
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("The words of the selection cannot be read: %s"), shell->message);
      return NULL;
    }
  for (guint i = 0; argv[i] != NULL; i++)
    {
      const char *word = argv[i], *equals = strchr (word, '='), *value;
      g_autofree char *name = NULL;

      if (!g_str_has_prefix (word, "--"))
        {
          g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("“%s” stands where a selection's option was expected, as --comm"), word);
          return NULL;
        }
      name = equals != NULL ? g_strndup (word + 2, equals - word - 2) : g_strdup (word + 2);
      if (equals == NULL && strcmp (name, "inverted") == 0)
        query->inverted = TRUE;
      else if (equals == NULL && strcmp (name, "collapse-recursion") == 0)
        query->collapse_recursion = TRUE;
      else
        {
          value = equals != NULL ? equals + 1 : argv[i + 1];
          if (value == NULL)
            {
              g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("“%s” has no value behind it"), word);
              return NULL;
            }
          if (!parse_option (&query, name, value, error))
            return NULL;
          i += equals == NULL;
        }
    }
  return g_steal_pointer (&query);
}

/* "^name$" of one function, escaped, as the name: that is how a window writes "this function". In place. */
static void
unescape_exact (char *pattern)
{
  gsize n = strlen (pattern), to = 0;

  if (n < 2 || pattern[0] != '^' || pattern[n - 1] != '$')
    return;
  for (gsize i = 1; i + 1 < n; i++)
    if (pattern[i] == '\\' ? g_ascii_isalnum (pattern[i + 1]) : strchr (".[]()*+?{}|^$", pattern[i]) != NULL)
      return;
    else if (pattern[i] == '\\')
      i++;
  for (gsize i = 1; i + 1 < n; i++)
    {
      if (pattern[i] == '\\')
        i++;
      pattern[to++] = pattern[i];
    }
  pattern[to] = '\0';
}

char *
glow_query_escape_glob (const char *text)
{
  char *glob = g_strdup (text);

  return g_strdelimit (glob, "*?[\\", '?');
}

char *
glow_query_dup_chip (const GlowQuery *self, guint index)
{
  static const char *const formats[GLOW_N_QUERY_FIELDS] = {
    N_("event %s"), N_("time %s"), N_("baseline %s"), N_("comm %s"), N_("process %s"), N_("thread %s"), N_("CPU %s"), N_("container %s"), N_("module %s"),
    N_("kind %s"), N_("focus %s"), N_("without %s"), N_("without kind %s"), N_("where %s"),
    N_("spans %s"), N_("at least %s"), N_("below %s"), N_("stacks: %s"),
  };
  GlowQueryField field;
  const char *value = glow_query_get_term (self, index, &field);
  g_autofree char *shown = field == GLOW_QUERY_TIME || field == GLOW_QUERY_BASELINE_TIME ? glow_query_dup_time_words (value) : g_utf8_make_valid (value, -1);
  GString *text = g_string_new (NULL);
  const char *format = _(formats[field]), *place = strstr (format, "%s");

  if (field == GLOW_QUERY_FOCUS || field == GLOW_QUERY_HIDE)
    unescape_exact (shown);
  /* Of "probe_orders:handle_request" people know the second half. */
  if (field == GLOW_QUERY_SPANS && strstr (shown, "..") == NULL && strchr (shown, ':') != NULL)
    memmove (shown, strchr (shown, ':') + 1, strlen (strchr (shown, ':')));
  if (field == GLOW_QUERY_KIND || field == GLOW_QUERY_HIDE_KIND)
    {
      /* Ids are for scripts; people read what the legend says. */
      const char *label = glow_query_kind_get_label (shown);

      if (label != NULL)
        {
          g_free (shown);
          shown = g_strdup (label);
        }
    }
  if (place == NULL)
    return g_string_free (g_string_append (text, shown), FALSE);
  g_string_append_len (text, format, place - format);
  g_string_append (text, shown);
  g_string_append (text, place + 2);
  return g_string_free (text, FALSE);
}
