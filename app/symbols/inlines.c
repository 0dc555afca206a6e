/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inlined functions, through libdw. A compilation unit is walked for its functions when a place in it is first asked for, and a function for what
 * was inlined into it; after that a place costs two searches. Units split off into .dwo files and dwz's shared ones are libdw's to find; those in a
 * .dwp are found by dwarf-package.c where libdw does not. */
#include "symbols/alt-file-private.h"
#include "symbols/dependencies-private.h"
#include "symbols/dwarf-open-private.h"
#include "symbols/dwarf-package-private.h"
#include "symbols/elf-file-private.h"
#include "symbols/inlines-private.h"
#include "symbols/scoped-names-private.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Hostile trees end here. */
#define DEPTH_AT_MOST 200
/* Entries and ranges that all walks take together, for each byte of the file and anyway: many times what true ones come to, even where they were
 * compressed or lie in files of their own. */
#define STEPS_PER_BYTE 16
#define STEPS_ANYWAY ((guint64) 64 << 20)
/* Ranges may lie inside others; that many that begin before a place are looked at. */
#define STEPS_AT_MOST 16

typedef struct {
  guint64 low, high;
  const char *name;            /* as the linker would have it, else as it is written; NULL: not told, which link-time optimisation can bring about */
  Dwarf_Die die;
} Inline;

typedef struct {
  guint64 low, high;
  Dwarf_Die die;
  GArray *inlines;             /* of Inline, callers before callees; shared by the ranges of one function; NULL: not walked yet */
} Function;

/* What units and functions are searched by. */
typedef struct {
  guint64 low, high;
  guint index;
} Range;

typedef struct {
  Dwarf_Off offset;            /* of its first entry */
  Dwarf_Die die, skeleton;     /* the same, where nothing was split off; not known before it was looked at */
  guint64 base;                /* of one in a package: what addresses in it count from */
  gboolean looked, has_nested;
  gboolean has_plain_types;    /* of a language whose types hold no functions */
  GArray *functions;           /* of Function, by address; NULL: not walked yet */
} Unit;

struct _GlowInlines {
  int fd;
  Elf *elf;
  GlowDwarf debug;
  GlowAltFile alt;
  GlowDwarfPackage *package;   /* (nullable) */
  gboolean looked_for_package;
  guint64 steps;               /* that are left */
  GlowScopedNames *names;
  GCancellable *cancellable;   /* (nullable): of the load that this is for */
  char *path, *debug_path;     /* the file itself, and where its debug information was found */
  GArray *segments;
  GArray *units;               /* of Unit */
  GArray *ranges;              /* of Range, by address */
};

static gint
compare_ranges (gconstpointer a, gconstpointer b)
{
  const Range *left = a, *right = b;

  return left->low < right->low ? -1 : left->low > right->low;
}

static gint
compare_functions (gconstpointer a, gconstpointer b)
{
  const Function *left = a, *right = b;

  return left->low < right->low ? -1 : left->low > right->low;
}

/* Trees of hostile files lead back to where they were. */
static gboolean
take_step (GlowInlines *self)
{
  if (self->steps == 0 || g_cancellable_is_cancelled (self->cancellable))
    return FALSE;
  self->steps--;
  return TRUE;
}

static gboolean
next_sibling (GlowInlines *self, Dwarf_Die *die)
{
  gconstpointer before = die->addr;

  return take_step (self) && dwarf_siblingof (die, die) == 0 && (const guint8 *) die->addr > (const guint8 *) before;
}

/* As dwarf_ranges(), for units whose addresses count from somewhere that libdw does not know. */
static ptrdiff_t
next_range (const Unit *unit, Dwarf_Die *die, ptrdiff_t at, Dwarf_Addr *base, Dwarf_Addr *low, Dwarf_Addr *high)
{
  Dwarf_Attribute attribute;
  Dwarf_Word first;
  Dwarf_Half version = 0;

  if (unit->base == 0 || at != 0 || dwarf_attr (die, DW_AT_ranges, &attribute) == NULL)
    return dwarf_ranges (die, at, base, low, high);
  dwarf_cu_info (die->cu, &version, NULL, NULL, NULL, NULL, NULL, NULL);
  if (version >= 5)
    {
      *base = unit->base;
      return dwarf_formudata (&attribute, &first) == 0 && first > 1 ? dwarf_ranges (die, (ptrdiff_t) first, base, low, high) : 0;
    }
  at = dwarf_ranges (die, 0, base, low, high);
  if (at > 1 && *base == 0)
    {
      *base = unit->base;
      *low += *base;
      *high += *base;
    }
  return at;
}

/* Code that the linker threw away keeps its description, at address 0 or nowhere. */
static gboolean
is_code (const GlowInlines *self, guint64 low, guint64 high)
{
  guint64 offset;

  return low != 0 && low < high && glow_elf_to_offset (self->segments, low, &offset);
}

static void
add_range (GlowInlines *self, guint unit, guint64 low, guint64 high)
{
  Range range = { low, high, unit };

  if (is_code (self, low, high))
    g_array_append_val (self->ranges, range);
}

static guint
add_unit (GlowInlines *self, Dwarf_Off offset)
{
  Unit unit = { .offset = offset };

  g_array_append_val (self->units, unit);
  return self->units->len - 1;
}

/* What compilers wrote of the addresses of units, so that only those that are asked for need be looked at. (transfer full): offset of a unit → itself */
static GHashTable *
read_table_of_ranges (GlowInlines *self)
{
  GHashTable *known = g_hash_table_new (NULL, NULL);   /* offset → index + 1 */
  Dwarf_Aranges *table;
  gsize n = 0;

  if (dwarf_getaranges (self->debug.dwarf, &table, &n) != 0)
    return known;
  for (gsize i = 0; i < n && take_step (self); i++)
    {
      Dwarf_Addr low;
      Dwarf_Word length;
      Dwarf_Off offset;
      guint unit;

      if (dwarf_getarangeinfo (dwarf_onearange (table, i), &low, &length, &offset) != 0)
        continue;
      unit = GPOINTER_TO_UINT (g_hash_table_lookup (known, GSIZE_TO_POINTER (offset)));
      if (unit == 0)
        {
          unit = add_unit (self, offset) + 1;
          g_hash_table_insert (known, GSIZE_TO_POINTER (offset), GUINT_TO_POINTER (unit));
        }
      add_range (self, unit - 1, low, low + MIN (length, G_MAXUINT64 - low));
    }
  return known;
}

/* The others say themselves which addresses they are of: clang writes no table. */
static void
read_units (GlowInlines *self)
{
  g_autoptr(GHashTable) known = read_table_of_ranges (self);
  Dwarf_Off at = 0, next;
  gsize header;

  for (; take_step (self) && dwarf_next_unit (self->debug.dwarf, at, &next, &header, NULL, NULL, NULL, NULL, NULL, NULL) == 0; at = next)
    {
      Dwarf_Addr base, low, high;
      ptrdiff_t range = 0;
      Dwarf_Die die;
      guint unit;

      if (g_hash_table_contains (known, GSIZE_TO_POINTER (at + header)) || dwarf_offdie (self->debug.dwarf, at + header, &die) == NULL)
        continue;
      unit = add_unit (self, at + header);
      while (take_step (self) && (range = dwarf_ranges (&die, range, &base, &low, &high)) > 0)
        add_range (self, unit, low, high);
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
glow_inlines_open (const char *path, const char *const *debug_dirs, gboolean lines, GCancellable *cancellable)
{
  g_autoptr(GPtrArray) places = NULL;
  GlowInlines *self;
  guint8 build_id[20], own[20];
  const char *found = path;
  int fd;
  Elf *elf = glow_elf_open (path, &fd);
  gsize size = 0;
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
          && glow_dwarf_open (&self->debug, self->elf, lines, cancellable) && has_units (self->debug.dwarf))
        {
          self->debug_path = g_strdup (g_ptr_array_index (places, i));
          break;
        }
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
  self->path = g_strdup (path);
  elf_rawfile (self->elf, &size);
  self->steps = STEPS_ANYWAY + STEPS_PER_BYTE * (guint64) size;
  self->names = glow_scoped_names_new (&self->steps);
  self->units = g_array_new (FALSE, FALSE, sizeof (Unit));
  self->ranges = g_array_new (FALSE, FALSE, sizeof (Range));
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
  glow_scoped_names_free (self->names);
  g_clear_pointer (&self->package, glow_dwarf_package_free);
  glow_dwarf_close (&self->debug);
  glow_alt_file_close (&self->alt);
  glow_elf_close (self->elf, self->fd);
  g_free (self->path);
  g_free (self->debug_path);
  g_free (self);
}

/* ---- walking ---- */

/* Named after the program, or after its file of debug information, with or without what that one adds to the name. */
static GlowDwarfPackage *
open_package (const GlowInlines *self)
{
  GlowDwarfPackage *package = glow_dwarf_package_open (self->path, self->elf, self->fd);

  if (package == NULL && strcmp (self->path, self->debug_path) != 0)
    package = glow_dwarf_package_open (self->debug_path, self->elf, self->fd);
  if (package == NULL && g_str_has_suffix (self->debug_path, ".debug"))
    {
      g_autofree char *bare = g_strndup (self->debug_path, strlen (self->debug_path) - strlen (".debug"));

      package = glow_dwarf_package_open (bare, self->elf, self->fd);
    }
  return package;
}

/* Types of C have no functions in them, and assemblers have no types. */
static gboolean
has_plain_types (Dwarf_Die *unit)
{
  switch (dwarf_srclang (unit))
    {
    case DW_LANG_C:
    case DW_LANG_C89:
    case DW_LANG_C99:
    case DW_LANG_C11:
    case DW_LANG_Mips_Assembler:
      return TRUE;
    default:
      return FALSE;
    }
}

/* Where libdw looks for what was split off a unit, in its version at hand and later ones: beside the file that the unit is in, in the folder that it was
 * compiled in, and in a package named after the file. */
static void
note_split_places (const GlowInlines *self, Dwarf_Die *skeleton)
{
  g_autofree char *beside = g_path_get_dirname (self->debug_path), *package = g_strconcat (self->debug_path, ".dwp", NULL);
  g_autofree char *real = realpath (self->debug_path, NULL), *beside_real = g_path_get_dirname (real != NULL ? real : self->debug_path);
  Dwarf_Attribute attribute;
  const char *name = NULL, *folder = NULL;

  if (dwarf_attr (skeleton, DW_AT_dwo_name, &attribute) != NULL || dwarf_attr (skeleton, DW_AT_GNU_dwo_name, &attribute) != NULL)
    name = dwarf_formstring (&attribute);
  if (dwarf_attr (skeleton, DW_AT_comp_dir, &attribute) != NULL)
    folder = dwarf_formstring (&attribute);
  glow_dependencies_saw (package);
  for (guint i = 0; name != NULL && i < 2; i++)
    {
      const char *base = i == 0 ? beside : beside_real;
      g_autofree char *plain = g_path_is_absolute (name) ? g_strdup (name) : g_build_filename (base, name, NULL);
      g_autofree char *in_folder = folder == NULL || g_path_is_absolute (name) ? NULL
                                   : g_path_is_absolute (folder) ? g_build_filename (folder, name, NULL) : g_build_filename (base, folder, name, NULL);

      glow_dependencies_saw (plain);
      if (in_folder != NULL)
        glow_dependencies_saw (in_folder);
    }
}

/* The first entry of a unit, wherever it is. */
static void
look_at (GlowInlines *self, Unit *unit)
{
  Dwarf_Die split = { 0 };
  Dwarf_Addr low;
  guint64 id = 0;
  guint8 type = 0;

  unit->looked = TRUE;
  if (dwarf_offdie (self->debug.dwarf, unit->offset, &unit->die) == NULL)
    {
      unit->die = unit->skeleton = (Dwarf_Die) { 0 };
      return;
    }
  unit->skeleton = unit->die;
  unit->has_plain_types = has_plain_types (&unit->die);
  if (dwarf_cu_info (unit->die.cu, NULL, &type, NULL, NULL, NULL, NULL, NULL) != 0 || type != DW_UT_skeleton)
    return;
  /* Before it looks there. */
  note_split_places (self, &unit->skeleton);
  if (dwarf_cu_info (unit->die.cu, NULL, NULL, NULL, &split, &id, NULL, NULL) != 0)
    return;
  if (split.addr != NULL)
    {
      unit->die = split;
      return;
    }
  if (!self->looked_for_package)
    self->package = open_package (self);
  self->looked_for_package = TRUE;
  if (self->package != NULL && glow_dwarf_package_find (self->package, &unit->skeleton, id, &unit->die) && dwarf_lowpc (&unit->skeleton, &low) == 0)
    unit->base = low;
}

/* @nested: those that stand in other functions, and no others. */
static void
collect_functions (GlowInlines *self, Unit *unit, Dwarf_Die *parent, gboolean nested, gboolean inside, guint depth)
{
  Dwarf_Die die;

  if (depth > DEPTH_AT_MOST || parent->addr == NULL || dwarf_child (parent, &die) != 0)
    return;
  do
    switch (dwarf_tag (&die))
      {
      case DW_TAG_subprogram:
        {
          Function function = { .die = die };
          Dwarf_Addr base, low, high;
          ptrdiff_t at = 0;

          while (nested == inside && take_step (self) && (at = next_range (unit, &die, at, &base, &low, &high)) > 0)
            if (is_code (self, low, high))
              {
                function.low = low;
                function.high = high;
                g_array_append_val (unit->functions, function);
              }
          if (nested)
            collect_functions (self, unit, &die, TRUE, TRUE, depth + 1);
          break;
        }
      case DW_TAG_lexical_block:
      case DW_TAG_try_block:
      case DW_TAG_catch_block:
        if (!nested)
          break;
        G_GNUC_FALLTHROUGH;
      case DW_TAG_namespace:
      case DW_TAG_module:
        collect_functions (self, unit, &die, nested, inside, depth + 1);
        break;
      case DW_TAG_structure_type:
      case DW_TAG_class_type:
      case DW_TAG_union_type:
        if (unit->has_plain_types)
          break;
        collect_functions (self, unit, &die, nested, inside, depth + 1);
        break;
      default:
        break;
      }
  while (next_sibling (self, &die));
}

static void
collect_inlines (GlowInlines *self, const Unit *unit, GArray *inlines, Dwarf_Die *parent, guint depth)
{
  Dwarf_Die die;

  if (depth > DEPTH_AT_MOST || dwarf_child (parent, &die) != 0)
    return;
  do
    {
      int tag = dwarf_tag (&die);

      if (tag == DW_TAG_inlined_subroutine)
        {
          Inline one = { 0, 0, glow_scoped_names_find (self->names, &die), die };
          Dwarf_Addr base;
          ptrdiff_t at = 0;

          while (take_step (self) && (at = next_range (unit, &die, at, &base, &one.low, &one.high)) > 0)
            g_array_append_val (inlines, one);
        }
      if (tag == DW_TAG_inlined_subroutine || tag == DW_TAG_lexical_block || tag == DW_TAG_try_block || tag == DW_TAG_catch_block)
        collect_inlines (self, unit, inlines, &die, depth + 1);
    }
  while (next_sibling (self, &die));
}

/* ---- searching ---- */

static Function *
search_functions (Unit *unit, guint64 address)
{
  guint lower = 0, upper = unit->functions->len;

  while (lower < upper)
    {
      guint middle = (lower + upper) / 2;

      if (g_array_index (unit->functions, Function, middle).low <= address)
        lower = middle + 1;
      else
        upper = middle;
    }
  for (guint i = lower, steps = 0; i > 0 && steps < STEPS_AT_MOST; i--, steps++)
    if (address < g_array_index (unit->functions, Function, i - 1).high)
      return &g_array_index (unit->functions, Function, i - 1);
  return NULL;
}

static Function *
find_function (GlowInlines *self, Unit *unit, guint64 address)
{
  Function *function;

  if (!unit->looked)
    look_at (self, unit);
  if (unit->functions == NULL)
    {
      unit->functions = g_array_new (FALSE, FALSE, sizeof (Function));
      collect_functions (self, unit, &unit->die, FALSE, FALSE, 0);
      g_array_sort (unit->functions, compare_functions);
    }
  function = search_functions (unit, address);
  /* Few units have functions in functions, and looking for them is a walk through everything. */
  if (function == NULL && !unit->has_nested)
    {
      unit->has_nested = TRUE;
      collect_functions (self, unit, &unit->die, TRUE, FALSE, 0);
      g_array_sort (unit->functions, compare_functions);
      function = search_functions (unit, address);
    }
  return function;
}

/* @unit: (out): the unit that has the place, even where it tells no function there. */
static Function *
find_place (GlowInlines *self, guint64 offset, guint64 *address, Unit **unit)
{
  guint lower = 0, upper = self->ranges->len;

  *unit = NULL;
  if (!glow_elf_to_vaddr (self->segments, offset, address))
    return NULL;
  while (lower < upper)
    {
      guint middle = (lower + upper) / 2;

      if (g_array_index (self->ranges, Range, middle).low <= *address)
        lower = middle + 1;
      else
        upper = middle;
    }
  for (guint i = lower, steps = 0; i > 0 && steps < STEPS_AT_MOST; i--, steps++)
    {
      const Range *range = &g_array_index (self->ranges, Range, i - 1);
      Unit *candidate = &g_array_index (self->units, Unit, range->index);
      Function *function;

      if (*address >= range->high)
        continue;
      function = find_function (self, candidate, *address);
      if (*unit == NULL || function != NULL)
        *unit = candidate;
      if (function == NULL)
        continue;
      if (function->inlines == NULL)
        {
          function->inlines = g_array_new (FALSE, FALSE, sizeof (Inline));
          collect_inlines (self, candidate, function->inlines, &function->die, 0);
        }
      return function;
    }
  return NULL;
}

guint
glow_inlines_find (GlowInlines *self, guint64 offset, GPtrArray *names)
{
  guint64 address;
  Unit *unit;
  Function *function = find_place (self, offset, &address, &unit);
  guint found = 0;

  for (guint i = function != NULL ? function->inlines->len : 0; i-- > 0;)
    {
      const Inline *one = &g_array_index (function->inlines, Inline, i);

      if (address < one->low || address >= one->high || one->name == NULL)
        continue;
      g_ptr_array_add (names, (gpointer) one->name);
      found++;
    }
  return found;
}

/* ---- lines ---- */

static GlowSourceLine
make_line (Unit *unit, const char *file, guint64 line)
{
  GlowSourceLine made = { file, NULL, line <= G_MAXINT ? (guint) line : 0 };
  Dwarf_Attribute attribute;

  if (file == NULL || made.line == 0)
    return (GlowSourceLine) { NULL, NULL, 0 };
  if (*file != '/' && dwarf_attr (&unit->skeleton, DW_AT_comp_dir, &attribute) != NULL)
    made.folder = dwarf_formstring (&attribute);
  return made;
}

static GlowSourceLine
line_at (Unit *unit, guint64 address)
{
  Dwarf_Line *line = dwarf_getsrc_die (&unit->skeleton, address);
  int number = 0;

  return line != NULL && dwarf_lineno (line, &number) == 0 ? make_line (unit, dwarf_linesrc (line, NULL, NULL), MAX (number, 0))
                                                           : (GlowSourceLine) { NULL, NULL, 0 };
}

/* A file by its number in the unit's table; clang leaves that to the skeleton. (nullable) */
static const char *
file_of (Unit *unit, Dwarf_Word number)
{
  Dwarf_Die *tops[] = { &unit->die, &unit->skeleton };
  Dwarf_Files *files;
  gsize n;

  for (guint i = 0; i < G_N_ELEMENTS (tops); i++)
    if (dwarf_getsrcfiles (tops[i], &files, &n) == 0 && number < n)
      return dwarf_filesrc (files, number, NULL, NULL);
  return NULL;
}

/* Where the call stood that was inlined. */
static GlowSourceLine
line_of_call (Unit *unit, Dwarf_Die *die)
{
  Dwarf_Attribute attribute;
  Dwarf_Word file = 0, line = 0;

  if (dwarf_attr (die, DW_AT_call_file, &attribute) == NULL || dwarf_formudata (&attribute, &file) != 0
      || dwarf_attr (die, DW_AT_call_line, &attribute) == NULL || dwarf_formudata (&attribute, &line) != 0)
    return (GlowSourceLine) { NULL, NULL, 0 };
  return make_line (unit, file_of (unit, file), line);
}

guint
glow_inlines_find_lines (GlowInlines *self, guint64 offset, GArray *lines)
{
  guint64 address;
  Unit *unit;
  Function *function = find_place (self, offset, &address, &unit);
  GlowSourceLine line = { NULL, NULL, 0 };
  guint found = 1;

  if (unit != NULL)
    line = line_at (unit, address);
  g_array_append_val (lines, line);
  for (guint i = function != NULL ? function->inlines->len : 0; i-- > 0;)
    {
      Inline *one = &g_array_index (function->inlines, Inline, i);

      if (address < one->low || address >= one->high)
        continue;
      line = line_of_call (unit, &one->die);
      /* What has no name is no frame of its own: the one around it stands where the call is. */
      if (one->name == NULL)
        {
          g_array_index (lines, GlowSourceLine, lines->len - 1) = line;
          continue;
        }
      g_array_append_val (lines, line);
      found++;
    }
  return found;
}

gboolean
glow_inlines_find_declaration (GlowInlines *self, guint64 offset, const char *inlined, GlowSourceLine *found)
{
  guint64 address;
  Unit *unit;
  Function *function = find_place (self, offset, &address, &unit);
  Dwarf_Die *die = function != NULL && inlined == NULL ? &function->die : NULL;
  int number = 0;

  *found = (GlowSourceLine) { NULL, NULL, 0 };
  for (guint i = 0; inlined != NULL && function != NULL && i < function->inlines->len && die == NULL; i++)
    {
      Inline *one = &g_array_index (function->inlines, Inline, i);

      if (address >= one->low && address < one->high && g_strcmp0 (one->name, inlined) == 0)
        die = &one->die;
    }
  /* Names and lines of out-of-line copies are those of their origin: dwarf_decl_… follow it. */
  if (die != NULL && dwarf_decl_line (die, &number) == 0 && number > 0)
    {
      const char *file = dwarf_decl_file (die);
      Dwarf_Attribute attribute;
      Dwarf_Word index;

      if (file == NULL && dwarf_attr_integrate (die, DW_AT_decl_file, &attribute) != NULL && dwarf_formudata (&attribute, &index) == 0)
        file = file_of (unit, index);
      *found = make_line (unit, file, number);
    }
  if (found->file == NULL && unit != NULL)
    *found = line_at (unit, address);
  return found->file != NULL;
}
