/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was mapped where in each process, when. Thousands of processes that were forked from one share its maps: each has a table of what it mapped
 * itself above its parent's, which nobody changes any more. All of it lies in the reader's arena. */
#include "formats/perf/perf-private.h"

/* A parent that added more than so many of its own has one table made of all before its children share them. */
#define FEW_MAPS 32

static SpaceMaps *
maps_new (PerfReader *self, const SpaceMaps *below, guint room)
{
  SpaceMaps *maps = glow_arena_take0 (self->arena, sizeof *maps);

  maps->below = below;
  maps->room = MAX (room, 8);
  maps->maps = glow_arena_take (self->arena, maps->room * sizeof (SpaceMap));
  return maps;
}

static guint
count_all (const SpaceMaps *self)
{
  return self->n + (self->below != NULL ? self->below->n : 0);
}

/* One more than is needed: it is copied to be added to. */
static SpaceMaps *
maps_copy (PerfReader *reader, const SpaceMaps *self)
{
  SpaceMaps *copy = maps_new (reader, self->below, self->n + 1);

  memcpy (copy->maps, self->maps, self->n * sizeof (SpaceMap));
  copy->n = self->n;
  return copy;
}

/* The same in one table. */
static SpaceMaps *
maps_flat (PerfReader *reader, const SpaceMaps *self)
{
  const SpaceMap *own = self->maps, *end = own + self->n, *under = self->below->maps, *under_end = under + self->below->n;
  SpaceMaps *flat = maps_new (reader, NULL, count_all (self) + 1);

  while (own < end || under < under_end)
    flat->maps[flat->n++] = under == under_end || (own < end && own->start < under->start) ? *own++ : *under++;
  return flat;
}

/* The first map that ends behind @address. */
static guint
find_place (const SpaceMaps *self, guint64 address)
{
  guint lower = 0, upper = self->n;

  while (lower < upper)
    {
      guint middle = (lower + upper) / 2;

      if (self->maps[middle].end <= address)
        lower = middle + 1;
      else
        upper = middle;
    }
  return lower;
}

/**
 * perf_maps_find_own:
 *
 * Returns: (nullable): the map that @address is in, where it is none of those below. O(log maps)
 */
const SpaceMap *
perf_maps_find_own (const SpaceMaps *self, guint64 address)
{
  guint at = find_place (self, address);

  return at < self->n && self->maps[at].start <= address ? &self->maps[at] : NULL;
}

/**
 * perf_maps_find:
 *
 * Returns: (nullable): the map that @address is in. O(log maps)
 */
const SpaceMap *
perf_maps_find (const SpaceMaps *self, guint64 address)
{
  const SpaceMap *map = perf_maps_find_own (self, address);

  return map != NULL || self->below == NULL ? map : perf_maps_find_own (self->below, address);
}

Space *
perf_space_new (PerfReader *self)
{
  Space *space = glow_arena_take0 (self->arena, sizeof *space);

  space->room = 1;
  space->n_versions = 1;
  space->versions = glow_arena_take (self->arena, sizeof (SpaceVersion));
  space->versions[0] = (SpaceVersion) { 0, maps_new (self, NULL, 0) };
  return space;
}

/* All but what the arena has. */
void
perf_space_clear (gpointer data)
{
  Space *space = data;

  g_clear_pointer (&space->jit, g_array_unref);
  g_clear_pointer (&space->jit_lines, g_array_unref);
}

/**
 * perf_space_of:
 *
 * Returns: the address space of @pid, an empty one where nothing is known of it
 */
Space *
perf_space_of (PerfReader *self, gint32 pid)
{
  Space *space = g_hash_table_lookup (self->spaces, GINT_TO_POINTER (pid));

  if (space == NULL)
    {
      space = perf_space_new (self);
      g_hash_table_insert (self->spaces, GINT_TO_POINTER (pid), space);
    }
  return space;
}

static SpaceVersion *
last_version (Space *space)
{
  return &space->versions[space->n_versions - 1];
}

/**
 * perf_space_at:
 * @version: (out): its number
 *
 * Returns: the maps as they were at @time
 */
const SpaceMaps *
perf_space_at (const Space *space, guint64 time, guint *version)
{
  guint at = 0;

  while (at + 1 < space->n_versions && space->versions[at + 1].from <= time)
    at++;
  *version = at;
  return space->versions[at].maps;
}

/* What stood before @time stays as it is; from then on it is @maps. */
static void
new_version (PerfReader *self, Space *space, guint64 time, SpaceMaps *maps)
{
  SpaceVersion *last = last_version (space);

  if (last->from == time || count_all (last->maps) == 0)
    {
      last->maps = maps;
      return;
    }
  if (space->n_versions == space->room)
    {
      space->room *= 4;
      space->versions = glow_arena_grow (self->arena, space->versions, space->n_versions * sizeof (SpaceVersion), space->room * sizeof (SpaceVersion));
    }
  space->versions[space->n_versions++] = (SpaceVersion) { time, maps };
}

/**
 * perf_space_fork:
 * @parent: (nullable): where nothing is known of it, nothing is of the child
 *
 * From @time on @child has its parent's maps, until either of them changes. O(1), or a copy of what the parent has added since the last time.
 */
void
perf_space_fork (PerfReader *self, Space *child, Space *parent, guint64 time)
{
  SpaceVersion *from = parent != NULL ? last_version (parent) : NULL;

  if (from == NULL)
    {
      new_version (self, child, time, maps_new (self, NULL, 0));
      return;
    }
  if (from->maps->below != NULL && from->maps->n > FEW_MAPS)
    from->maps = maps_flat (self, from->maps);
  from->maps->shared = TRUE;
  new_version (self, child, time, from->maps);
}

/* Whether it is a part of what is said already: nothing changes for any address. */
static gboolean
is_part_of (const SpaceMap *map, const SpaceMap *known)
{
  return known->start <= map->start && known->end >= map->end && known->module == map->module && known->kind == map->kind
         && known->start - known->pgoff == map->start - map->pgoff;
}

static void
replace (PerfReader *self, SpaceMaps *maps, guint at, guint n_old, const SpaceMap *with, guint n_with)
{
  if (maps->n + n_with - n_old > maps->room)
    {
      maps->room = 2 * (maps->n + n_with);
      maps->maps = glow_arena_grow (self->arena, maps->maps, maps->n * sizeof (SpaceMap), maps->room * sizeof (SpaceMap));
    }
  memmove (&maps->maps[at + n_with], &maps->maps[at + n_old], (maps->n - at - n_old) * sizeof (SpaceMap));
  memcpy (&maps->maps[at], with, n_with * sizeof (SpaceMap));
  maps->n += n_with - n_old;
}

/**
 * perf_space_add_map:
 *
 * From @time on @map lies over whatever is there.
 */
void
perf_space_add_map (PerfReader *self, Space *space, const SpaceMap *map, guint64 time)
{
  SpaceMaps *maps = last_version (space)->maps;
  gboolean conflict = FALSE;
  SpaceMap pieces[3], tail = { 0 };
  guint at, end, n = 0;

  if (maps->below != NULL)
    {
      guint under = find_place (maps->below, map->start);

      if (under < maps->below->n && maps->below->maps[under].start < map->end)
        {
          if (is_part_of (map, &maps->below->maps[under]))
            return;
          maps = last_version (space)->maps = maps_flat (self, maps);
        }
    }
  at = find_place (maps, map->start);
  if (at < maps->n && is_part_of (map, &maps->maps[at]))
    return;
  for (end = at; end < maps->n && maps->maps[end].start < map->end; end++)
    {
      const SpaceMap *other = &maps->maps[end];

      /* The same thing said again, or more of it: nothing changes for an address that had a map. */
      if (other->module != map->module || other->start - other->pgoff != map->start - map->pgoff)
        conflict = TRUE;
      if (other->start < map->start)
        {
          pieces[n] = *other;
          pieces[n++].end = map->start;
        }
      if (other->end > map->end)
        {
          tail = *other;
          tail.pgoff += map->end - tail.start;
          tail.start = map->end;
        }
    }
  pieces[n++] = *map;
  if (tail.end > tail.start)
    pieces[n++] = tail;
  if (conflict)
    {
      maps = maps_copy (self, maps);
      new_version (self, space, time, maps);
    }
  else if (maps->shared)
    {
      gboolean above = maps->below == NULL && end == at;

      maps = last_version (space)->maps = above ? maps_new (self, maps, 0) : maps_copy (self, maps);
      at = above ? 0 : at;
      end = above ? 0 : end;
    }
  replace (self, maps, at, end - at, pieces, n);
}
