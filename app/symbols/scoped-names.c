/* SPDX-License-Identifier: GPL-3.0-or-later */
/* GCC leaves out the linker's name of what is local to a file: of lambdas, of what is in an anonymous namespace, and of every template that one of these
 * is an argument of. What is left is "operator()" or "resume". The scopes around it tell more; libdw looks for them through all of a unit, here only
 * what begins before the place is stepped over. */
#include "symbols/scoped-names-private.h"
#include "symbols/symbol-table-private.h"

#include <dwarf.h>

#define DEPTH_AT_MOST 64

struct _GlowScopedNames {
  guint64 *steps;
  GHashTable *names;           /* address of an entry → name */
  GStringChunk *chunk;
  guint depth;                 /* functions in functions, whose names are being asked for */
};

GlowScopedNames *
glow_scoped_names_new (guint64 *steps)
{
  GlowScopedNames *self = g_new0 (GlowScopedNames, 1);

  self->steps = steps;
  self->names = g_hash_table_new (NULL, NULL);
  self->chunk = g_string_chunk_new (4096);
  return self;
}

void
glow_scoped_names_free (GlowScopedNames *self)
{
  g_hash_table_unref (self->names);
  g_string_chunk_free (self->chunk);
  g_free (self);
}

static gboolean
has_scopes (Dwarf_Die *unit)
{
  switch (dwarf_srclang (unit))
    {
    case DW_LANG_C_plus_plus:
    case DW_LANG_C_plus_plus_03:
    case DW_LANG_C_plus_plus_11:
    case DW_LANG_C_plus_plus_14:
    case 0x2a:                 /* C++ 17, and 20: newer than this libdw's header may be */
    case 0x2b:
    case DW_LANG_ObjC_plus_plus: return TRUE;
    default: return FALSE;
    }
}

/* The entries around the one at @wanted, outermost first. Entries lie in the order of their addresses, and those inside one before its next. */
static guint
find_path (GlowScopedNames *self, Dwarf_Die *unit, const guint8 *wanted, Dwarf_Die path[DEPTH_AT_MOST])
{
  Dwarf_Die parent = *unit, die;

  for (guint depth = 0; depth < DEPTH_AT_MOST; depth++)
    {
      if (dwarf_child (&parent, &die) != 0 || (const guint8 *) die.addr > wanted)
        return 0;
      for (;;)
        {
          Dwarf_Die next;

          if (die.addr == wanted)
            return depth;
          if (*self->steps == 0)
            return 0;
          (*self->steps)--;
          if (dwarf_siblingof (&die, &next) != 0 || (const guint8 *) next.addr > wanted || next.addr <= die.addr)
            break;
          die = next;
        }
      path[depth] = parent = die;
    }
  return 0;
}

static const char *
linkage_name (Dwarf_Die *die)
{
  Dwarf_Attribute attribute;

  return dwarf_attr_integrate (die, DW_AT_linkage_name, &attribute) != NULL || dwarf_attr_integrate (die, DW_AT_MIPS_linkage_name, &attribute) != NULL
           ? dwarf_formstring (&attribute) : NULL;
}

/* What an out-of-line copy, or an inlined one, was first declared as: that entry stands in its scopes. */
static Dwarf_Die
declaration_of (Dwarf_Die *die)
{
  Dwarf_Die at = *die, next;
  Dwarf_Attribute attribute;

  for (guint i = 0; i < 8; i++)
    {
      if (dwarf_attr (&at, DW_AT_abstract_origin, &attribute) == NULL && dwarf_attr (&at, DW_AT_specification, &attribute) == NULL)
        break;
      if (dwarf_formref_die (&attribute, &next) == NULL)
        break;
      at = next;
    }
  return at;
}

static void
append_scope (GlowScopedNames *self, GString *text, Dwarf_Die *scope)
{
  const char *name;

  switch (dwarf_tag (scope))
    {
    case DW_TAG_namespace:
      name = dwarf_diename (scope);
      g_string_append (text, name != NULL ? name : "(anonymous namespace)");
      break;
    case DW_TAG_structure_type:
    case DW_TAG_class_type:
    case DW_TAG_union_type:
      name = dwarf_diename (scope);
      g_string_append (text, name != NULL ? name : "{unnamed}");
      break;
    case DW_TAG_subprogram:
      {
        /* The scopes of a function are those of its declaration: what was put before it is not of them. */
        const char *own = self->depth < 4 ? glow_scoped_names_find (self, scope) : NULL;
        g_autofree char *plain = own != NULL ? glow_demangle (own) : NULL;

        if (own == NULL)
          return;
        g_string_assign (text, plain != NULL ? plain : own);
        break;
      }
    default:
      return;
    }
  g_string_append (text, "::");
}

const char *
glow_scoped_names_find (GlowScopedNames *self, Dwarf_Die *die)
{
  const char *name = linkage_name (die);
  Dwarf_Die origin, unit, path[DEPTH_AT_MOST];
  g_autoptr(GString) text = NULL;
  gpointer known;
  guint n;

  if (name != NULL)
    return name;
  name = dwarf_diename (die);
  if (name == NULL)
    return NULL;
  origin = declaration_of (die);
  if (dwarf_diecu (&origin, &unit, NULL, NULL) == NULL || !has_scopes (&unit))
    return name;
  if (g_hash_table_lookup_extended (self->names, origin.addr, NULL, &known))
    return known;
  /* It is its own answer while scopes of it are asked for, if they lead back to it. */
  g_hash_table_insert (self->names, origin.addr, (gpointer) name);
  text = g_string_new (NULL);
  self->depth++;
  n = find_path (self, &unit, origin.addr, path);
  for (guint i = 0; i < n; i++)
    append_scope (self, text, &path[i]);
  self->depth--;
  if (text->len == 0)
    return name;
  g_string_append (text, name);
  known = g_string_chunk_insert (self->chunk, text->str);
  g_hash_table_insert (self->names, origin.addr, known);
  return known;
}
