/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inlined functions, through libdw. A compilation unit is walked for its functions when a place in it is first asked for, and a function for what
 * was inlined into it; after that a place costs two searches. Units split off into .dwo files and dwz's shared ones are libdw's to find. */
#include "symbols/alt-file-private.h"
#include "symbols/dwarf-open-private.h"
#include "symbols/elf-file-private.h"
#include "symbols/inlines-private.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <string.h>
#include <unistd.h>

/* Hostile trees end here. */
#define DEPTH_AT_MOST 200

typedef struct {
  guint64 low, high;
  const char *name;            /* as the linker would have it, else as it is written */
} Inline;

typedef struct {
  guint64 low, high;
  Dwarf_Die die;
  GArray *inlines;             /* of Inline, callers before callees; shared by the ranges of one function; NULL: not walked yet */
} Function;

typedef struct {
  guint64 low, high;
  guint unit;
} UnitRange;

typedef struct {
  Dwarf_Die die;
  GArray *functions;           /* of Function, by address; NULL: not walked yet */
} Unit;

struct _GlowInlines {
  int fd;
  Elf *elf;
  GlowDwarf debug;
  GlowAltFile alt;
  GCancellable *cancellable;   /* (nullable): of the load that this is for */
  GArray *segments;
  GArray *units;               /* of Unit */
  GArray *ranges;              /* of UnitRange, by address */
};

static gint
compare_ranges (gconstpointer a, gconstpointer b)
{
  const UnitRange *left = a, *right = b;

  return left->low < right->low ? -1 : left->low > right->low;
}

static gint
compare_functions (gconstpointer a, gconstpointer b)
{
  const Function *left = a, *right = b;

  return left->low < right->low ? -1 : left->low > right->low;
}

static void
read_units (GlowInlines *self)
{
  Dwarf_CU *cu = NULL;
  Dwarf_Die die, split;
  guint8 type;

  while (!g_cancellable_is_cancelled (self->cancellable) && dwarf_get_units (self->debug.dwarf, cu, &cu, NULL, &type, &die, &split) == 0)
    {
      Dwarf_Addr base, low, high;
      ptrdiff_t at = 0;
      Unit unit = { die, NULL };

      if (type == DW_UT_skeleton && split.addr != NULL)
        unit.die = split;
      while ((at = dwarf_ranges (&die, at, &base, &low, &high)) > 0)
        {
          UnitRange range = { low, high, self->units->len };

          g_array_append_val (self->ranges, range);
        }
      g_array_append_val (self->units, unit);
    }
  g_array_sort (self->ranges, compare_ranges);
}

static gboolean
has_units (Dwarf *dwarf)
{
  Dwarf_CU *cu = NULL;
  Dwarf_Die die;

  return dwarf != NULL && dwarf_get_units (dwarf, NULL, &cu, NULL, NULL, &die, NULL) == 0;
}

GlowInlines *
glow_inlines_open (const char *path, const char *const *debug_dirs, GCancellable *cancellable)
{
  g_autoptr(GPtrArray) places = NULL;
  GlowInlines *self;
  guint8 build_id[20], own[20];
  const char *found = path;
  int fd;
  Elf *elf = glow_elf_open (path, &fd);
  guint n;

  if (elf == NULL)
    return NULL;
  self = g_new0 (GlowInlines, 1);
  self->cancellable = cancellable;
  self->segments = glow_elf_dup_segments (elf);
  n = glow_elf_get_build_id (elf, build_id);
  places = glow_elf_dup_debug_places (elf, path, build_id, n, debug_dirs);
  g_ptr_array_insert (places, 0, g_strdup (path));
  glow_elf_close (elf, fd);
  for (guint i = 0; i < places->len && self->debug.dwarf == NULL; i++)
    {
      self->elf = glow_elf_open (g_ptr_array_index (places, i), &self->fd);
      if (self->elf == NULL)
        continue;
      found = g_ptr_array_index (places, i);
      if ((i == 0 || (glow_elf_get_build_id (self->elf, own) == n && memcmp (own, build_id, n) == 0))
          && glow_dwarf_open_functions (&self->debug, self->elf, cancellable) && has_units (self->debug.dwarf))
        break;
      glow_dwarf_close (&self->debug);
      glow_elf_close (self->elf, self->fd);
    }
  if (self->debug.dwarf == NULL)
    {
      g_array_unref (self->segments);
      g_free (self);
      return NULL;
    }
  glow_alt_file_open (&self->alt, self->debug.dwarf, self->elf, found, debug_dirs);
  self->units = g_array_new (FALSE, FALSE, sizeof (Unit));
  self->ranges = g_array_new (FALSE, FALSE, sizeof (UnitRange));
  read_units (self);
  return self;
}

void
glow_inlines_free (GlowInlines *self)
{
  for (guint u = 0; u < self->units->len; u++)
    {
      GArray *functions = g_array_index (self->units, Unit, u).functions;

      for (guint f = 0; functions != NULL && f < functions->len; f++)
        if (g_array_index (functions, Function, f).inlines != NULL)
          g_array_unref (g_array_index (functions, Function, f).inlines);
      if (functions != NULL)
        g_array_unref (functions);
    }
  g_array_unref (self->units);
  g_array_unref (self->ranges);
  g_array_unref (self->segments);
  glow_dwarf_close (&self->debug);
  glow_alt_file_close (&self->alt);
  glow_elf_close (self->elf, self->fd);
  g_free (self);
}

/* ---- walking ---- */

static void
collect_functions (GArray *functions, Dwarf_Die *parent, guint depth)
{
  Dwarf_Die die;

  if (depth > DEPTH_AT_MOST || dwarf_child (parent, &die) != 0)
    return;
  do
    switch (dwarf_tag (&die))
      {
      case DW_TAG_subprogram:
        {
          Function function = { .die = die };
          Dwarf_Addr base, low, high;
          ptrdiff_t at = 0;

          while ((at = dwarf_ranges (&die, at, &base, &low, &high)) > 0)
            {
              function.low = low;
              function.high = high;
              g_array_append_val (functions, function);
            }
          break;
        }
      case DW_TAG_namespace:
      case DW_TAG_structure_type:
      case DW_TAG_class_type:
      case DW_TAG_union_type:
      case DW_TAG_module:
        collect_functions (functions, &die, depth + 1);
        break;
      default:
        break;
      }
  while (dwarf_siblingof (&die, &die) == 0);
}

static const char *
name_of (Dwarf_Die *die)
{
  Dwarf_Attribute attribute;
  const char *name = NULL;

  if (dwarf_attr_integrate (die, DW_AT_linkage_name, &attribute) != NULL || dwarf_attr_integrate (die, DW_AT_MIPS_linkage_name, &attribute) != NULL)
    name = dwarf_formstring (&attribute);
  return name != NULL ? name : dwarf_diename (die);
}

static void
collect_inlines (GArray *inlines, Dwarf_Die *parent, guint depth)
{
  Dwarf_Die die;

  if (depth > DEPTH_AT_MOST || dwarf_child (parent, &die) != 0)
    return;
  do
    {
      int tag = dwarf_tag (&die);

      if (tag == DW_TAG_inlined_subroutine)
        {
          Inline one = { 0, 0, name_of (&die) };
          Dwarf_Addr base;
          ptrdiff_t at = 0;

          while (one.name != NULL && (at = dwarf_ranges (&die, at, &base, &one.low, &one.high)) > 0)
            g_array_append_val (inlines, one);
        }
      if (tag == DW_TAG_inlined_subroutine || tag == DW_TAG_lexical_block)
        collect_inlines (inlines, &die, depth + 1);
    }
  while (dwarf_siblingof (&die, &die) == 0);
}

/* The last range that begins at or before @address and holds it. */
static Unit *
find_unit (GlowInlines *self, guint64 address)
{
  guint lower = 0, upper = self->ranges->len;

  while (lower < upper)
    {
      guint middle = (lower + upper) / 2;

      if (g_array_index (self->ranges, UnitRange, middle).low <= address)
        lower = middle + 1;
      else
        upper = middle;
    }
  return lower > 0 && address < g_array_index (self->ranges, UnitRange, lower - 1).high
           ? &g_array_index (self->units, Unit, g_array_index (self->ranges, UnitRange, lower - 1).unit) : NULL;
}

static Function *
find_function (Unit *unit, guint64 address)
{
  guint lower = 0, upper;

  if (unit->functions == NULL)
    {
      unit->functions = g_array_new (FALSE, FALSE, sizeof (Function));
      collect_functions (unit->functions, &unit->die, 0);
      g_array_sort (unit->functions, compare_functions);
    }
  upper = unit->functions->len;
  while (lower < upper)
    {
      guint middle = (lower + upper) / 2;

      if (g_array_index (unit->functions, Function, middle).low <= address)
        lower = middle + 1;
      else
        upper = middle;
    }
  return lower > 0 && address < g_array_index (unit->functions, Function, lower - 1).high ? &g_array_index (unit->functions, Function, lower - 1) : NULL;
}

guint
glow_inlines_find (GlowInlines *self, guint64 offset, GPtrArray *names)
{
  guint64 address;
  Unit *unit = glow_elf_to_vaddr (self->segments, offset, &address) ? find_unit (self, address) : NULL;
  Function *function = unit != NULL ? find_function (unit, address) : NULL;
  guint found = 0;

  if (function == NULL)
    return 0;
  if (function->inlines == NULL)
    {
      function->inlines = g_array_new (FALSE, FALSE, sizeof (Inline));
      collect_inlines (function->inlines, &function->die, 0);
    }
  for (guint i = function->inlines->len; i-- > 0;)
    {
      const Inline *one = &g_array_index (function->inlines, Inline, i);

      if (address < one->low || address >= one->high)
        continue;
      g_ptr_array_add (names, (gpointer) one->name);
      found++;
    }
  return found;
}
