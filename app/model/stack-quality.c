/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How whole stacks are, counted: over the recording, and by the module in which something was lost. */
#include <config.h>

#include <glib/gi18n-lib.h>

#include <afterglow/stack-quality.h>

#include <string.h>

static gint
compare_modules (gconstpointer a, gconstpointer b)
{
  const GlowModuleQuality *left = a, *right = b;

  if (left->samples != right->samples)
    return left->samples > right->samples ? -1 : 1;
  return left->module < right->module ? -1 : left->module > right->module;
}

/* By chain: the outermost place of its user half, and the innermost place whose caller is missing. */
static void
find_places (const GlowChains *chains, guint32 *outermost, guint32 *gap)
{
  for (guint32 i = 1; i < chains->stacks.n; i++)
    {
      guint32 parent = chains->stacks.parent[i];

      outermost[i] = parent == 0 ? i : outermost[parent];
      gap[i] = chains->status[i] & GLOW_STACK_GAP ? i : gap[parent];
    }
}

static guint32
module_of (const GlowChains *chains, guint32 node, guint32 n_modules)
{
  return node != 0 ? MIN (chains->locations[chains->stacks.item[node]].module, n_modules) : n_modules;
}

static void
count_chain (GlowStackQuality *self, GlowModuleQuality *modules, const GlowChains *chains, guint32 outermost, guint32 gap, guint8 status, guint64 n,
             guint32 n_modules)
{
  GlowModuleQuality *ends = &modules[module_of (chains, outermost, n_modules)], *breaks = &modules[module_of (chains, gap, n_modules)];

  self->whole += status & GLOW_STACK_LACKS ? 0 : n;
  self->repaired += status & GLOW_STACK_REPAIRED ? n : 0;
  self->skipped += status & GLOW_STACK_SKIPPED ? n : 0;
  self->cut += status & GLOW_STACK_CUT ? n : 0;
  self->limit += status & GLOW_STACK_LIMIT ? n : 0;
  self->broken += status & GLOW_STACK_BROKEN ? n : 0;
  ends->cut += status & GLOW_STACK_CUT ? n : 0;
  ends->limit += status & GLOW_STACK_LIMIT ? n : 0;
  ends->broken += status & GLOW_STACK_BROKEN ? n : 0;
  ends->samples += status & GLOW_STACK_OPEN_ENDED ? n : 0;
  if (!(status & GLOW_STACK_SKIPPED))
    return;
  breaks->skipped += n;
  if (breaks != ends || !(status & GLOW_STACK_OPEN_ENDED))
    breaks->samples += n;
}

/**
 * glow_stack_quality_compute:
 *
 * Returns: (transfer full): sums over all samples, whatever the event
 */
GlowStackQuality *
glow_stack_quality_compute (GlowProfile *profile)
{
  GlowStackQuality *self = g_new0 (GlowStackQuality, 1);
  const GlowChains *chains = glow_profile_get_chains (profile);
  const GlowSamples *samples = glow_profile_get_samples (profile);
  g_autofree guint64 *of_chain = NULL;
  g_autofree guint32 *outermost = NULL, *gap = NULL;
  g_autofree GlowModuleQuality *modules = NULL;
  guint32 n_modules;

  self->modules = g_array_new (FALSE, FALSE, sizeof (GlowModuleQuality));
  if (chains == NULL || samples->chain == NULL)
    return self;
  of_chain = g_new0 (guint64, chains->stacks.n);
  for (gsize i = 0; i < samples->n; i++)
    of_chain[samples->chain[i]]++;
  self->samples = samples->n - of_chain[0];
  if (chains->status == NULL)
    {
      self->whole = self->samples;
      return self;
    }
  glow_profile_get_modules (profile, &n_modules);
  modules = g_new0 (GlowModuleQuality, n_modules + 1);
  outermost = g_new0 (guint32, chains->stacks.n);
  gap = g_new0 (guint32, chains->stacks.n);
  find_places (chains, outermost, gap);
  for (guint32 i = 1; i < chains->stacks.n; i++)
    if (of_chain[i] > 0)
      count_chain (self, modules, chains, outermost[i], gap[i], chains->status[i], of_chain[i], n_modules);
  for (guint32 i = 0; i <= n_modules; i++)
    {
      modules[i].module = i < n_modules ? i : GLOW_NONE;
      if (modules[i].samples > 0)
        g_array_append_val (self->modules, modules[i]);
    }
  g_array_sort (self->modules, compare_modules);
  return self;
}

void
glow_stack_quality_free (GlowStackQuality *self)
{
  g_array_unref (self->modules);
  g_free (self);
}

const char *
glow_stack_flag_get_label (GlowStackFlags flag)
{
  switch (flag)
    {
    case GLOW_STACK_CUT: return _("copied stack ended");
    case GLOW_STACK_LIMIT: return _("frame limit reached");
    case GLOW_STACK_BROKEN: return _("ends where no thread begins");
    case GLOW_STACK_SKIPPED: return _("a caller is missing");
    case GLOW_STACK_REPAIRED: return _("missing callers put back");
    case GLOW_STACK_EXACT:
    case GLOW_STACK_GAP:
    default: return "";
    }
}
