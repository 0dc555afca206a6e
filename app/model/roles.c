/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a function is there for, by rules that are data (data/roles.txt). Each distinct frame is looked at once: rules are found by how their names begin,
 * and which rules a module lets in is known before. */
#include <config.h>

#include <afterglow/names.h>
#include <glib/gi18n-lib.h>

#include "model/cancelled-private.h"
#include "model/roles-private.h"
#include "roles-text.h"

#include <string.h>

typedef struct {
  guint8 role;
  guint16 field;               /* index into fields */
  gboolean exact;
  const char *name;            /* exact: the whole */
  GPatternSpec *glob;          /* (nullable) */
  GRegex *regex;               /* (nullable) */
} Rule;

/* The MODULES of rules; few, for most rules share theirs. */
typedef struct {
  char *text;
  gboolean any, unknown, kernel, jit;
  GPtrArray *globs;            /* of GPatternSpec */
} Field;

struct _GlowRoles {
  GArray *rules;               /* of Rule, in order */
  GArray *fields;              /* of Field */
  GHashTable *exact;           /* name → GArray of guint, indices of rules */
  GHashTable *begins;          /* first byte and second, or 0 → GArray of guint */
  GArray *others;              /* of guint */
  GStringChunk *chunk;
};

const char *
glow_role_get_id (GlowRole role)
{
  static const char *const ids[GLOW_N_ROLES] = { "none", "gc", "compiler", "interpreter", "allocator", "lock", "syscall", "support" };

  g_return_val_if_fail (role < GLOW_N_ROLES, "none");
  return ids[role];
}

const char *
glow_role_get_label (GlowRole role)
{
  static const char *const labels[GLOW_N_ROLES] = {
    N_("no known role"), N_("GC"), N_("JIT compiler"), N_("interpreter"), N_("allocator"), N_("locks"), N_("syscalls"), N_("support"),
  };

  g_return_val_if_fail (role < GLOW_N_ROLES, "");
  return _(labels[role]);
}

static void
field_clear (gpointer data)
{
  Field *field = data;

  g_free (field->text);
  g_ptr_array_unref (field->globs);
}

static void
rule_clear (gpointer data)
{
  Rule *rule = data;

  g_clear_pointer (&rule->glob, g_pattern_spec_free);
  g_clear_pointer (&rule->regex, g_regex_unref);
}

static guint
find_field (GlowRoles *self, const char *text)
{
  Field field = { NULL };
  g_auto(GStrv) parts = NULL;

  for (guint i = 0; i < self->fields->len; i++)
    if (strcmp (g_array_index (self->fields, Field, i).text, text) == 0)
      return i;
  field.text = g_strdup (text);
  field.globs = g_ptr_array_new_with_free_func ((GDestroyNotify) g_pattern_spec_free);
  parts = g_strsplit (text, "|", -1);
  for (guint i = 0; parts[i] != NULL; i++)
    if (strcmp (parts[i], "*") == 0)
      field.any = TRUE;
    else if (strcmp (parts[i], "-") == 0)
      field.unknown = TRUE;
    else if (strcmp (parts[i], "{kernel}") == 0)
      field.kernel = TRUE;
    else if (strcmp (parts[i], "{jit}") == 0)
      field.jit = TRUE;
    else
      g_ptr_array_add (field.globs, g_pattern_spec_new (parts[i]));
  g_array_append_val (self->fields, field);
  return self->fields->len - 1;
}

static void
add_to (GHashTable *table, gpointer key, guint rule)
{
  GArray *list = g_hash_table_lookup (table, key);

  if (list == NULL)
    {
      list = g_array_new (FALSE, FALSE, sizeof (guint));
      g_hash_table_insert (table, key, list);
    }
  g_array_append_val (list, rule);
}

static gpointer
begin_key (const char *name, gboolean both)
{
  return GUINT_TO_POINTER ((guint) (guint8) name[0] << 8 | (both ? (guint8) name[1] : 0));
}

/* One line without comment; FALSE with what is wrong with it. */
static gboolean
add_rule (GlowRoles *self, char *line, const char **problem)
{
  char *modules, *name, *end;
  Rule rule = { 0 };
  guint literal, index = self->rules->len;

  modules = line + strcspn (line, " \t");
  if (*modules != '\0')
    *modules++ = '\0';
  modules += strspn (modules, " \t");
  name = modules + strcspn (modules, " \t");
  if (*name != '\0')
    *name++ = '\0';
  name += strspn (name, " \t");
  *problem = _("three fields were expected: a role, modules, a name");
  if (*modules == '\0' || *name == '\0')
    return FALSE;
  while (rule.role < GLOW_N_ROLES && strcmp (glow_role_get_id (rule.role), line) != 0)
    rule.role++;
  *problem = _("its first word is no role");
  if (rule.role == GLOW_N_ROLES)
    return FALSE;
  end = name + strlen (name) - 1;
  literal = strcspn (name, "*?");
  if (*name == '/' && end > name && *end == '/')
    {
      g_autofree char *pattern = g_strndup (name + 1, end - name - 1);

      *problem = _("its regular expression cannot be read");
      rule.regex = g_regex_new (pattern, G_REGEX_OPTIMIZE, 0, NULL);
      if (rule.regex == NULL)
        return FALSE;
      g_array_append_val (self->others, index);
    }
  else if (name[literal] == '\0')
    {
      rule.exact = TRUE;
      rule.name = g_string_chunk_insert_const (self->chunk, name);
      add_to (self->exact, (gpointer) rule.name, index);
    }
  else
    {
      rule.glob = g_pattern_spec_new (name);
      if (literal > 0)
        add_to (self->begins, begin_key (name, literal > 1), index);
      else
        g_array_append_val (self->others, index);
    }
  rule.field = find_field (self, modules);
  g_array_append_val (self->rules, rule);
  return TRUE;
}

static void
read_rules (GlowRoles *self, const char *text, const char *where, GlowWarnings *warnings)
{
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      char *line = g_strstrip (lines[i]);
      const char *problem;

      if (*line == '\0' || *line == '#' || self->rules->len >= G_MAXUINT16)
        continue;
      if (!add_rule (self, line, &problem) && warnings != NULL)
        glow_warnings_add (warnings, "roles-line", line, 1, i + 1, NULL, _("“%s”, line %u: %s"), where, i + 1, problem);
    }
}

GlowRoles *
glow_roles_new (const char *extra, const char *where, GlowWarnings *warnings)
{
  GlowRoles *self = g_new0 (GlowRoles, 1);

  self->rules = g_array_new (FALSE, FALSE, sizeof (Rule));
  g_array_set_clear_func (self->rules, rule_clear);
  self->fields = g_array_new (FALSE, FALSE, sizeof (Field));
  g_array_set_clear_func (self->fields, field_clear);
  self->exact = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_array_unref);
  self->begins = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_array_unref);
  self->others = g_array_new (FALSE, FALSE, sizeof (guint));
  self->chunk = g_string_chunk_new (4096);
  if (extra != NULL)
    read_rules (self, extra, where, warnings);
  read_rules (self, roles_text, "roles.txt", warnings);
  return self;
}

void
glow_roles_free (GlowRoles *self)
{
  g_array_unref (self->rules);
  g_array_unref (self->fields);
  g_hash_table_unref (self->exact);
  g_hash_table_unref (self->begins);
  g_array_unref (self->others);
  g_string_chunk_free (self->chunk);
  g_free (self);
}

/* Without what compilers add, and without parameters: a bracket behind a word, which "(anonymous namespace)" and "main.(*T)" have not before them. */
static gsize
bare_length (const char *name)
{
  gsize n = glow_name_length_written (name);

  for (gsize i = 1; i < n; i++)
    if (name[i] == '(' && (g_ascii_isalnum (name[i - 1]) || name[i - 1] == '_' || name[i - 1] == '>'))
      return i;
  return n;
}

static gboolean
lets_in (const Field *field, const char *module, GlowFrameKind kind)
{
  if (field->any || (field->unknown && module == NULL) || (field->kernel && (kind == GLOW_FRAME_KERNEL || kind == GLOW_FRAME_GUEST))
      || (field->jit && kind == GLOW_FRAME_JIT))
    return TRUE;
  for (guint i = 0; module != NULL && i < field->globs->len; i++)
    if (g_pattern_spec_match_string (g_ptr_array_index (field->globs, i), module))
      return TRUE;
  return FALSE;
}

static gboolean
fits (const Rule *rule, const char *name)
{
  return rule->exact || (rule->glob != NULL && g_pattern_spec_match_string (rule->glob, name))
         || (rule->regex != NULL && g_regex_match (rule->regex, name, 0, NULL));
}

/* Those of the kernel are asked of kernel code alone, and the other way about: "read" is no system call there. */
static guint
first_fitting (const GlowRoles *self, const GArray *list, guint best, const char *name, const char *module, GlowFrameKind kind)
{
  for (guint i = 0; list != NULL && i < list->len; i++)
    {
      guint index = g_array_index (list, guint, i);
      const Rule *rule = &g_array_index (self->rules, Rule, index);
      const Field *field = &g_array_index (self->fields, Field, rule->field);

      if (index >= best)
        break;
      if ((kind != GLOW_FRAME_KERNEL || field->kernel) && lets_in (field, module, kind) && fits (rule, name))
        return index;
    }
  return best;
}

/**
 * glow_roles_find:
 * @name: as it is shown
 * @module: (nullable): its name; %NULL where it is not known
 *
 * O(rules that begin as @name does)
 */
GlowRole
glow_roles_find (const GlowRoles *self, const char *name, const char *module, GlowFrameKind kind)
{
  char buffer[512];
  gsize n = bare_length (name);
  g_autofree char *longer = n >= sizeof buffer ? g_strndup (name, n) : NULL;
  char *bare = longer != NULL ? longer : buffer;
  guint best = self->rules->len;

  if (n == 0)
    return GLOW_ROLE_NONE;
  if (longer == NULL)
    {
      memcpy (buffer, name, n);
      buffer[n] = '\0';
    }
  best = first_fitting (self, g_hash_table_lookup (self->exact, bare), best, bare, module, kind);
  best = first_fitting (self, g_hash_table_lookup (self->begins, begin_key (bare, TRUE)), best, bare, module, kind);
  best = first_fitting (self, g_hash_table_lookup (self->begins, begin_key (bare, FALSE)), best, bare, module, kind);
  if (self->others->len > 0)
    {
      g_autofree char *valid = g_utf8_validate (bare, -1, NULL) ? NULL : g_utf8_make_valid (bare, -1);

      best = first_fitting (self, self->others, best, valid != NULL ? valid : bare, module, kind);
    }
  return best < self->rules->len ? g_array_index (self->rules, Rule, best).role : GLOW_ROLE_NONE;
}

/* The rules of this program, those of the person before them: read at first need, and again where that file changed. */
static const GlowRoles *
get_roles (GlowWarnings *warnings)
{
  static GMutex mutex;
  static GlowRoles *roles;
  static GlowWarnings *problems;
  static char *known;
  g_autofree char *path = g_build_filename (g_get_user_config_dir (), "afterglow", "roles.txt", NULL), *own = NULL;
  const GlowRoles *answer;

  g_file_get_contents (path, &own, NULL, NULL);
  g_mutex_lock (&mutex);
  if (roles == NULL || g_strcmp0 (own, known) != 0)
    {
      /* The old ones may be in use by another thread; a person edits the file so seldom that they are kept. */
      g_free (known);
      known = g_strdup (own);
      g_clear_pointer (&problems, glow_warnings_unref);
      problems = glow_warnings_new ();
      roles = glow_roles_new (own, path, problems);
    }
  glow_warnings_add_all (warnings, problems);
  answer = roles;
  g_mutex_unlock (&mutex);
  return answer;
}

static gboolean
is_of_runtime (GlowRole role)
{
  return role == GLOW_ROLE_GC || role == GLOW_ROLE_COMPILER || role == GLOW_ROLE_INTERPRETER || role == GLOW_ROLE_SUPPORT;
}

void
glow_roles_classify (GlowProfileBuilder *builder)
{
  const GlowRoles *roles = get_roles (builder->warnings);

  for (guint i = 0; i < builder->frames->len; i++)
    {
      GlowFrame *frame = &g_array_index (builder->frames, GlowFrame, i);
      const char *module = NULL;

      if (glow_cancelled (i))
        break;
      if (frame->kind == GLOW_FRAME_UNKNOWN || frame->kind == GLOW_FRAME_GROUP)
        continue;
      if (frame->module != GLOW_NONE)
        module = glow_strings_get (builder->strings, g_array_index (builder->modules, GlowModule, frame->module).name);
      frame->role = glow_roles_find (roles, glow_strings_get (builder->strings, frame->name), module, frame->kind);
      if (is_of_runtime (frame->role) && (frame->kind == GLOW_FRAME_USER || frame->kind == GLOW_FRAME_JIT))
        frame->kind = GLOW_FRAME_RUNTIME;
    }
}
