/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/profile.h>

G_BEGIN_DECLS

/* Symbols that the recording itself brought for a module (simpleperf and hiperf write them; kernel symbols beside a file). */
typedef struct {
  guint64 start, size;         /* in the terms of GlowLocation.offset */
  guint32 name;                /* string */
  guint32 file, line;          /* string: where the function is written; 0 where not known */
} GlowRecordedSymbol;

/* A profile in the making. Fill the public parts, then call _finish, which takes everything. Not thread-safe.
 * Columns are handed over as arrays made with g_malloc or g_aligned_alloc-free malloc: free() must do for them. */
typedef struct {
  GlowStrings *strings;
  GlowWarnings *warnings;
  GStringChunk *chunk;         /* owns the strings of info */
  GlowProfileInfo info;
  GArray *modules;             /* of GlowModule */
  GArray *frames;              /* of GlowFrame; use glow_profile_builder_frame() to keep them distinct */
  GArray *threads;             /* of GlowThread */
  GArray *processes;           /* of GlowProcess */
  GArray *events;              /* of GlowEvent; sample counts and weight sums are computed by _finish */
  GArray *records;             /* of GlowRecordCount */
  GArray *marks;               /* of GlowMark; _finish sorts them */
  GPtrArray *files;            /* of char* */
  GHashTable *recorded_symbols;   /* module index → GArray of GlowRecordedSymbol, sorted by start */
  gboolean named;
  GVariantDict *header;        /* (nullable): see glow_profile_get_header() */
  struct _GlowFieldSource *fields;   /* (nullable): what reads the samples' fields; rows as in the columns */
  guint8 *chain_status;        /* (nullable): GlowStackFlags by chain; taken by _finish and _finish_names, freed with free() */
  guint32 *missed_callers;     /* (nullable): by chain the frame that belongs below the chain's own, GLOW_NONE for most; for _finish_names, freed with g_free() */
  GHashTable *frame_index;     /* private */
  struct _GlowArena *frame_keys;   /* private */
} GlowProfileBuilder;

GlowProfileBuilder *glow_profile_builder_new  (void);
void                glow_profile_builder_free (GlowProfileBuilder *self);
/* (transfer full): strings, warnings, what the recording says of itself and its files, to be filled further; the other tables are empty. */
GlowProfileBuilder *glow_profile_builder_copy (GlowProfileBuilder *self);
/* What the strings of @info say is kept in @chunk from now on. */
void                glow_profile_info_keep    (GlowProfileInfo *info, GStringChunk *chunk);
/* The frame with this identity (name, module, kind), made if need be. */
guint32             glow_profile_builder_frame (GlowProfileBuilder *self, const GlowFrame *frame);

/* Each array is taken (freed with free()); NULL for a column that is not there. Order by time is the caller's duty
 * (glow_samples_sort() below does it). */
typedef struct {
  gsize n;
  guint64 *time; guint32 *thread; guint16 *cpu; guint16 *event; guint64 *weight; guint32 *stack; guint32 *chain;
} GlowSampleArrays;
typedef struct { guint32 n; guint32 *parent; guint32 *item; } GlowStackArrays;

/* Takes the builder. @chains, @locations, @inline_frames may be NULL. */
GlowProfile *glow_profile_builder_finish (GlowProfileBuilder *self, GlowSampleArrays *samples, GlowStackArrays *stacks,
                                          GlowStackArrays *chains, GlowLocation *locations, guint32 n_locations,
                                          guint32 *inline_frames, guint32 n_inline_frames);

/* A second profile of the same samples: shares every column but the call stack and the tables but strings, modules, frames, locations.
 * _new_names gives a builder that starts from copies of them (frames emptied); _finish_names makes the profile.
 * @locations (n as before) and @inline_frames are taken; call stacks are derived here from chains: each location's frame and inlined frames
 * in order. Linear in chain nodes and samples; uses threads. */
GlowProfileBuilder *glow_profile_builder_new_names (GlowProfile *profile);
GlowProfile        *glow_profile_builder_finish_names (GlowProfileBuilder *self, GlowProfile *profile, GlowLocation *locations,
                                                       guint32 *inline_frames, guint32 n_inline_frames);

/* The profile that @self got its names for, @self where it is that one: what lasts as long as any profile of the same reading. */
GlowProfile *glow_profile_get_unnamed (GlowProfile *self);
/* Frees @data when no profile of this reading is left. Before it is shared. */
void         glow_profile_keep        (GlowProfile *self, gpointer data, GDestroyNotify free_data);
/* What @other keeps is kept for @self too, and its places are @self's. */
void         glow_profile_keep_as     (GlowProfile *self, GlowProfile *other);
/* Folders of debug information that belong to this recording. (nullable) NULL-terminated. */
void         glow_profile_add_place   (GlowProfile *self, const char *folder);
const char *const *glow_profile_get_places (GlowProfile *self);

const GArray *glow_profile_get_recorded_symbols (GlowProfile *self, guint32 module);   /* (nullable) of GlowRecordedSymbol */

/* The place of each frame in order of names; frames of one name have neighbouring places. Made at the first call, kept. */
const guint32 *glow_profile_get_name_ranks (GlowProfile *self);

/* Several profiles as one: strings, tables and stacks re-interned; samples merged by time. Formats may differ. */
/* The same of two readings of one file: @profiles[1] is what was appended to @profiles[0], of the same machine and clock. */
GlowProfile *glow_profile_merge_parts (GlowProfile *const *profiles, guint n, GError **error);
GlowProfile *glow_profile_merge (GlowProfile *const *profiles, guint n, GError **error);

G_END_DECLS
