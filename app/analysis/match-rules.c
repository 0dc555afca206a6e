/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What two builds of one function have in common in their names, by rules that are data (data/match-rules.txt). */
#include <config.h>

#include "analysis/match-private.h"
#include "match-rules-text.h"

#include <string.h>

typedef struct {
  gboolean is_module;
  char *hint;                  /* NULL: none */
  GRegex *regex;
  char *replacement;
} Rule;

struct _GlowMatchRules {
  GArray *rules;               /* of Rule */
};

static void
rule_clear (gpointer data)
{
  Rule *rule = data;

  g_free (rule->hint);
  g_free (rule->replacement);
  g_clear_pointer (&rule->regex, g_regex_unref);
}

/* The next field of blanks; moves *@at behind it. (transfer full) (nullable) */
static char *
next_word (const char **at)
{
  const char *start = *at + strspn (*at, " \t"), *end = start + strcspn (start, " \t");

  *at = end;
  return end > start ? g_strndup (start, end - start) : NULL;
}

/* "/REGEX/" up to the last slash before a blank. (transfer full) (nullable) */
static char *
next_regex (const char **at)
{
  const char *start = *at + strspn (*at, " \t"), *end;

  if (*start != '/')
    return NULL;
  end = start + strcspn (start, " \t");
  if (end - start < 3 || end[-1] != '/')
    return NULL;
  *at = end;
  return g_strndup (start + 1, end - start - 2);
}

static void
read_line (GlowMatchRules *self, const char *line)
{
  Rule rule = { FALSE };
  g_autofree char *what = next_word (&line), *hint = next_word (&line), *regex = next_regex (&line), *replacement = next_word (&line);

  if (what == NULL || what[0] == '#' || regex == NULL || (strcmp (what, "function") != 0 && strcmp (what, "module") != 0))
    return;
  /* Names are bytes of any encoding. */
  rule.regex = g_regex_new (regex, G_REGEX_OPTIMIZE | G_REGEX_RAW, 0, NULL);
  if (rule.regex == NULL || (replacement != NULL && !g_regex_check_replacement (replacement, NULL, NULL)))
    {
      rule_clear (&rule);
      return;
    }
  rule.is_module = strcmp (what, "module") == 0;
  rule.hint = strcmp (hint, "-") != 0 ? g_strdup (hint) : NULL;
  rule.replacement = replacement != NULL ? g_steal_pointer (&replacement) : g_strdup ("");
  g_array_append_val (self->rules, rule);
}

static void
read_text (GlowMatchRules *self, const char *text)
{
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    read_line (self, lines[i]);
}

GlowMatchRules *
glow_match_rules_new (const char *own)
{
  GlowMatchRules *self = g_new0 (GlowMatchRules, 1);

  self->rules = g_array_new (FALSE, FALSE, sizeof (Rule));
  g_array_set_clear_func (self->rules, rule_clear);
  if (own != NULL)
    read_text (self, own);
  read_text (self, match_rules_text);
  return self;
}

void
glow_match_rules_free (GlowMatchRules *self)
{
  g_array_unref (self->rules);
  g_free (self);
}

static char *
strip (const GlowMatchRules *self, const char *name, gboolean is_module)
{
  char *left = g_strdup (name);

  for (guint i = 0; i < self->rules->len; i++)
    {
      const Rule *rule = &g_array_index (self->rules, Rule, i);
      char *next;

      if (rule->is_module != is_module || (rule->hint != NULL && strstr (left, rule->hint) == NULL) || !g_regex_match (rule->regex, left, 0, NULL))
        continue;
      next = g_regex_replace (rule->regex, left, -1, 0, rule->replacement, 0, NULL);
      /* A name of nothing else is kept. */
      if (next == NULL || *next == '\0')
        {
          g_free (next);
          continue;
        }
      g_free (left);
      left = next;
    }
  return left;
}

char *
glow_match_strip_function (const GlowMatchRules *self, const char *name)
{
  return strip (self, name, FALSE);
}

char *
glow_match_strip_module (const GlowMatchRules *self, const char *name)
{
  return strip (self, name, TRUE);
}
