/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What frame pointers missed. A function that keeps no frame pointer of its own (a leaf, one that stands in its prologue, a library built without) leaves its
 * caller's in the register, so that the chain goes on with its caller's caller: call frame information proves it, place by place, without registers or
 * stack. Which function was passed over is told by the call that the next return address lies behind; where that call names it, it is put back. */
#include "model/key-order-private.h"
#include "model/memory-private.h"
#include "symbols/call-site-private.h"
#include "symbols/doubts-private.h"
#include "symbols/unwind-private.h"

#include <stdlib.h>
#include <string.h>

/* Of nodes of chains. */
enum { WANTED = 1, ENDS = 2, REPAIRED = 4, HAS_CALLEE = 8 };
/* Of places: what they are in chains, and what was found out. */
enum { AS_LEAF = 1, AS_CALLER = 2, OUTERMOST = 4, LEAF_GAP = 8, CALLER_GAP = 16, BEGINS = 32, USER = 64 };

struct _GlowDoubts {
  GlowProfile *profile;
  guint8 *nodes;               /* by chain */
  guint8 *places;              /* by location */
  guint8 *begins;              /* by location: whether a stack may begin there + 1; 0: not asked yet */
};

static gboolean
is_user (const GlowDoubts *self, const GlowChains *chains, guint32 node)
{
  return node != 0 && self->places[chains->stacks.item[node]] & USER;
}

GlowDoubts *
glow_doubts_new (GlowProfile *profile)
{
  const GlowChains *chains = glow_profile_get_chains (profile);
  const GlowSamples *samples = glow_profile_get_samples (profile);
  GlowDoubts *self;
  guint32 n;

  if (chains == NULL || samples->chain == NULL || !glow_profile_get_info (profile)->has_frame_pointers)
    return NULL;
  n = chains->stacks.n;
  self = g_new0 (GlowDoubts, 1);
  self->profile = profile;
  self->nodes = g_new0 (guint8, n);
  self->places = g_new0 (guint8, MAX (chains->n_locations, 1));
  self->begins = g_new0 (guint8, MAX (chains->n_locations, 1));
  for (guint32 i = 0; i < chains->n_locations; i++)
    self->places[i] = chains->locations[i].kind == GLOW_FRAME_USER ? USER : 0;
  for (gsize i = 0; i < samples->n; i++)
    self->nodes[samples->chain[i]] = ENDS;
  for (guint32 i = n - 1; i > 0; i--)
    {
      guint8 status = chains->status != NULL ? chains->status[i] : 0;
      guint32 parent = chains->stacks.parent[i];

      if (self->nodes[i] & ENDS && !(status & GLOW_STACK_EXACT))
        self->nodes[i] |= WANTED | (status & GLOW_STACK_REPAIRED ? REPAIRED : 0);
      if (!(self->nodes[i] & WANTED))
        continue;
      self->nodes[parent] |= WANTED;
      if (is_user (self, chains, i))
        self->nodes[parent] |= HAS_CALLEE;
      else
        self->nodes[parent] |= self->nodes[i] & REPAIRED;
    }
  for (guint32 i = 1; i < n; i++)
    if (self->nodes[i] & WANTED && is_user (self, chains, i))
      {
        guint8 *place = &self->places[chains->stacks.item[i]];

        *place |= self->nodes[i] & HAS_CALLEE ? AS_CALLER : AS_LEAF;
        if (chains->stacks.parent[i] == 0)
          *place |= OUTERMOST;
      }
  return self;
}

void
glow_doubts_free (GlowDoubts *self)
{
  if (self == NULL)
    return;
  g_free (self->nodes);
  g_free (self->places);
  g_free (self->begins);
  g_free (self);
}

/* ---- places ---- */

/* Rows of questions: the location, and whether it is asked as a caller's place. */
#define ROW(location, caller) ((location) << 1 | (caller))

/* Whether a stack may begin at this place. Where symbols are not all there, no name is no proof. */
static gboolean
may_begin (const GlowDoubts *self, guint32 location, const GlowLocation *place, const GlowDoubtful *module)
{
  const GlowSymbol *symbol = module->table != NULL ? glow_symbol_table_find (module->table, place->offset) : NULL;

  if (self->places[location] & BEGINS)
    return TRUE;
  if (module->module == NULL || module->module->kind == GLOW_MODULE_JIT)
    return symbol != NULL && glow_is_thread_start (symbol->name);
  if (module->module->kind != GLOW_MODULE_USER)
    return FALSE;
  return symbol == NULL ? module->table == NULL || !module->table->full : glow_is_thread_start (symbol->name);
}

static gboolean
begins (GlowDoubts *self, const GlowLocation *locations, guint32 location, const GlowDoubtful *module)
{
  guint8 *known = &self->begins[location];

  if (*known == 0)
    *known = 1 + may_begin (self, location, &locations[location], module);
  return *known - 1;
}

/**
 * glow_doubts_check:
 *
 * One look into call frame information for each row of its tables that has a place in it: O(places).
 */
void
glow_doubts_check (GlowDoubts *self, const GlowDoubtful *module, GlowCfi *cfi, GCancellable *cancellable)
{
  const GlowChains *chains = glow_profile_get_chains (self->profile);
  const GlowLocation *locations = chains->locations;
  GlowFramePointer answer = GLOW_KEEPS_UNKNOWN;
  guint64 from = 0, to = 0;
  GlowKeyOrder *questions;
  gsize n = 0;

  if (module->file == NULL || module->module->kind != GLOW_MODULE_USER || chains->n_locations > G_MAXUINT32 / 2)
    {
      g_clear_pointer (&cfi, glow_cfi_free);
      return;
    }
  questions = g_new (GlowKeyOrder, 2 * MAX (module->locations->len, 1));
  for (guint i = 0; i < module->locations->len; i++)
    {
      guint32 location = g_array_index (module->locations, guint32, i);
      guint64 offset = locations[location].offset;

      if (self->places[location] & AS_LEAF)
        questions[n++] = (GlowKeyOrder) { offset, ROW (location, 0) };
      /* A return address lies one behind the call, and may be the next function's. */
      if (self->places[location] & AS_CALLER)
        questions[n++] = (GlowKeyOrder) { offset - (offset > 0), ROW (location, 1) };
    }
  if (cfi == NULL && n > 0)
    cfi = glow_cfi_open (module->file, module->module->build_id, MIN (module->module->build_id_length, 20), NULL);
  if (cfi != NULL)
    questions = glow_sort_by_key (questions, n);
  for (gsize i = 0; i < n && cfi != NULL; i++)
    {
      guint64 offset = questions[i].key;
      guint8 *place = &self->places[questions[i].row >> 1];

      if ((i & 0xff) == 0 && g_cancellable_is_cancelled (cancellable))
        break;
      if (i == 0 || offset < from || offset >= to)
        answer = glow_cfi_frame_pointer (cfi, offset, &from, &to);
      *place |= answer == GLOW_KEEPS_OUTERMOST ? BEGINS : answer != GLOW_KEEPS_NONE ? 0 : questions[i].row & 1 ? CALLER_GAP : LEAF_GAP;
    }
  g_clear_pointer (&cfi, glow_cfi_free);
  g_free (questions);
  /* Here other modules are looked at meanwhile; what is left is asked when chains are settled. */
  for (guint i = 0; i < module->locations->len && !g_cancellable_is_cancelled (cancellable); i++)
    {
      guint32 location = g_array_index (module->locations, guint32, i);

      if (self->places[location] & OUTERMOST)
        begins (self, locations, location, module);
    }
}

/* ---- chains ---- */

/* The call before a return address. */
typedef struct {
  const GlowSymbol *caller;    /* what it calls, where that begins a function of the module; NULL: nothing that has a name */
  guint64 target;
  enum { SITE_UNKNOWN, SITE_NONE, SITE_CALL } state;
} Site;

typedef struct {
  GlowDoubts *self;
  const GlowLocation *locations;
  const GlowDoubtful *modules;
  guint n_modules;
  GlowCallSites *sites;
  Site *site;                  /* by location */
} Settling;

static const GlowDoubtful *
module_of (const Settling *settling, guint32 location)
{
  return &settling->modules[MIN (settling->locations[location].module, settling->n_modules - 1)];
}

static const Site *
site_at (const Settling *settling, guint32 location, const GlowDoubtful *in)
{
  Site *site = &settling->site[location];

  if (site->state != SITE_UNKNOWN)
    return site;
  site->state = SITE_NONE;
  if (in->table == NULL || in->file == NULL || !glow_call_sites_get_target (settling->sites, in->file, settling->locations[location].offset, &site->target))
    return site;
  site->state = SITE_CALL;
  site->caller = glow_symbol_table_find (in->table, site->target);
  if (site->caller != NULL && site->caller->start != site->target)
    site->caller = NULL;
  return site;
}

/* The function that stood between @node and what the chain has below it: what the call there names, if it may have called what is at @node.
 * *@contradicted is set where that call led to @node itself: nothing is missing. */
static const GlowSymbol *
find_missed (const Settling *settling, guint32 node, guint32 *module, gboolean *contradicted)
{
  const GlowChains *chains = glow_profile_get_chains (settling->self->profile);
  guint32 here = chains->stacks.item[node], below = chains->stacks.item[chains->stacks.parent[node]];
  const GlowLocation *place = &settling->locations[here], *from = &settling->locations[below];
  const GlowDoubtful *in = module_of (settling, below);
  const Site *site = site_at (settling, below, in);
  /* Where naming found a symbol: it begins so far before the place. */
  gboolean named = place->symbol_offset != G_MAXUINT64, same = from->module == place->module;
  guint64 start = named ? place->offset - place->symbol_offset : 0;

  *contradicted = FALSE;
  *module = from->module;
  if (site->state != SITE_CALL)
    return NULL;
  *contradicted = same && named && start == site->target;
  if (*contradicted || site->caller == NULL)
    return NULL;
  /* A jump at a function's end may have gone elsewhere since: it must hold a call that leads to where the chain was. */
  return glow_call_sites_calls (settling->sites, in->file, in->table, site->caller, same && named ? start : place->offset & ~(guint64) 15, !same || !named)
           ? site->caller : NULL;
}

/**
 * glow_doubts_settle:
 *
 * O(chains), and a few bytes of code read for each pair of a place without a frame pointer and the return address that follows it.
 */
void
glow_doubts_settle (GlowDoubts *self, const GlowLocation *locations, const GlowDoubtful *modules, guint n_modules, GlowFrameOfSymbol frame_of, gpointer data,
                    guint8 *status, guint32 **missed)
{
  const GlowChains *chains = glow_profile_get_chains (self->profile);
  guint32 n = chains->stacks.n;
  g_autofree Site *site = g_new0 (Site, MAX (chains->n_locations, 1));
  Settling settling = { self, locations, modules, n_modules, glow_call_sites_new (), site };
  g_autofree guint8 *path = g_new0 (guint8, n);       /* what the way from the root to a node has: GlowStackFlags */

  *missed = NULL;
  for (guint32 i = 1; i < n; i++)
    {
      guint32 parent = chains->stacks.parent[i], location = chains->stacks.item[i];
      guint8 own = 0;

      __builtin_prefetch (&locations[chains->stacks.item[MIN (i + GLOW_AHEAD, n - 1)]]);
      if (!(self->nodes[i] & WANTED))
        continue;
      if (is_user (self, chains, i) && parent == 0)
        own = begins (self, locations, location, module_of (&settling, location)) ? 0 : GLOW_STACK_BROKEN;
      else if (is_user (self, chains, i) && !(self->nodes[i] & REPAIRED)
               && self->places[location] & (self->nodes[i] & HAS_CALLEE ? CALLER_GAP : LEAF_GAP) && !(self->places[location] & BEGINS))
        {
          gboolean contradicted;
          guint32 module;
          const GlowSymbol *symbol = find_missed (&settling, i, &module, &contradicted);

          if (symbol != NULL && frame_of != NULL)
            {
              if (*missed == NULL)
                {
                  *missed = g_new (guint32, n);
                  for (guint32 k = 0; k < n; k++)
                    (*missed)[k] = GLOW_NONE;
                }
              (*missed)[i] = frame_of (data, module, symbol);
              own = GLOW_STACK_REPAIRED;
            }
          else if (!contradicted)
            {
              own = GLOW_STACK_SKIPPED;
              status[i] |= GLOW_STACK_GAP;
            }
        }
      path[i] = path[parent] | own;
      if (!(self->nodes[i] & ENDS) || status[i] & GLOW_STACK_EXACT)
        continue;
      status[i] |= path[i] & (GLOW_STACK_SKIPPED | GLOW_STACK_REPAIRED);
      if (!(status[i] & GLOW_STACK_OPEN_ENDED))
        status[i] |= path[i] & GLOW_STACK_BROKEN;
    }
  glow_call_sites_free (settling.sites);
}
