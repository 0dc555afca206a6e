/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What makes a function of one recording the same as one of another, and the keys that both get. */
#pragma once
#include <afterglow/diff.h>

G_BEGIN_DECLS

/* ---- rules: data/match-rules.txt ---- */
typedef struct _GlowMatchRules GlowMatchRules;
/* The program's rules, the person's own before them. Lines that are none are left out. */
GlowMatchRules *glow_match_rules_new  (const char *own);
void            glow_match_rules_free (GlowMatchRules *self);
/* What is left of a name. O(rules whose hint it holds) (transfer full) */
char           *glow_match_strip_function (const GlowMatchRules *self, const char *name);
char           *glow_match_strip_module   (const GlowMatchRules *self, const char *name);

/* ---- keys ---- */
typedef struct {
  const char *name, *module;   /* as shown: those of the side after where it has them; @module NULL where not known */
  guint8 kind, role;           /* of the frame it was made for */
  guint8 shown_by;             /* side whose name is shown */
  const char *annotation;      /* of folded text */
} GlowMatchFunction;

typedef struct {
  GlowMatchRules *rules;       /* NULL: names as they are */
  GHashTable *renames;         /* (nullable): stripped name before → stripped name after */
  gboolean by_module;          /* both sides know modules */
  GStringChunk *chunk;
  GHashTable *index[GLOW_N_DIFF_KINDS];    /* identity → key + 1 */
  GArray *functions;           /* of GlowMatchFunction */
  GPtrArray *names[GLOW_N_DIFF_KINDS];     /* of those that are no functions */
} GlowMatch;

void     glow_match_init  (GlowMatch *self, const GlowDiffOptions *options, gboolean by_module);
void     glow_match_clear (GlowMatch *self);
guint32  glow_match_n     (const GlowMatch *self, GlowDiffKind kind);
guint32  glow_match_name  (GlowMatch *self, GlowDiffKind kind, const char *name);
/* Keys of the functions and of the modules of @tree's frames, as many as it has; GLOW_NONE for a module that is not known. (transfer full) O(frames) */
void     glow_match_frames (GlowMatch *self, GlowCallTree *tree, guint side, guint32 **functions, guint32 **modules);
/* Whether any frame of it says which module it is of. */
gboolean glow_match_has_modules (GlowProfile *profile);

G_END_DECLS
