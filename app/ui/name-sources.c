/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the names of a document are looked for, in the words of the command. */
#include <config.h>

#include "ui/name-sources.h"

#include <string.h>

GlowNameSources *
glow_name_sources_new (void)
{
  GlowNameSources *self = g_new0 (GlowNameSources, 1);

  self->debug_dirs = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->debug_dirs, NULL);
  return self;
}

GlowNameSources *
glow_name_sources_copy (const GlowNameSources *self)
{
  GlowNameSources *copy = glow_name_sources_new ();

  copy->sysroot = g_strdup (self->sysroot);
  copy->symfs = g_strdup (self->symfs);
  copy->kallsyms = g_strdup (self->kallsyms);
  copy->vmlinux = g_strdup (self->vmlinux);
  for (guint i = 0; i + 1 < self->debug_dirs->len; i++)
    glow_name_sources_add_debug_dir (copy, g_ptr_array_index (self->debug_dirs, i));
  return copy;
}

void
glow_name_sources_free (GlowNameSources *self)
{
  g_free (self->sysroot);
  g_free (self->symfs);
  g_free (self->kallsyms);
  g_free (self->vmlinux);
  g_ptr_array_unref (self->debug_dirs);
  g_free (self);
}

void
glow_name_sources_add_debug_dir (GlowNameSources *self, const char *folder)
{
  g_ptr_array_insert (self->debug_dirs, self->debug_dirs->len - 1, g_strdup (folder));
}

void
glow_name_sources_set (GlowNameSources *self, const char *word, const char *path)
{
  char **where = strcmp (word, "sysroot") == 0    ? &self->sysroot
                 : strcmp (word, "symfs") == 0    ? &self->symfs
                 : strcmp (word, "kallsyms") == 0 ? &self->kallsyms
                 : strcmp (word, "vmlinux") == 0  ? &self->vmlinux
                                                  : NULL;

  if (where == NULL)
    {
      glow_name_sources_add_debug_dir (self, path);
      return;
    }
  g_free (*where);
  *where = g_strdup (path);
}

GlowLoadOptions
glow_name_sources_get_options (const GlowNameSources *self)
{
  return (GlowLoadOptions) {
    .sysroot = self->sysroot,
    .symfs = self->symfs,
    .kallsyms = self->kallsyms,
    .vmlinux = self->vmlinux,
    .debug_dirs = (const char *const *) self->debug_dirs->pdata,
  };
}

static void
append (GString *words, const char *word, const char *path)
{
  g_autofree char *quoted = path != NULL ? g_shell_quote (path) : NULL;

  if (quoted != NULL)
    g_string_append_printf (words, " --%s %s", word, quoted);
}

char *
glow_name_sources_dup_words (const GlowNameSources *self)
{
  GString *words = g_string_new (NULL);

  append (words, "sysroot", self->sysroot);
  append (words, "symfs", self->symfs);
  for (guint i = 0; i + 1 < self->debug_dirs->len; i++)
    append (words, "debug-dir", g_ptr_array_index (self->debug_dirs, i));
  append (words, "kallsyms", self->kallsyms);
  append (words, "vmlinux", self->vmlinux);
  return g_string_free (words, FALSE);
}
