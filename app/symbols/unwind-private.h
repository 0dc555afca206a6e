/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stacks from registers and a copy of the stack's memory, by the call frame information of the files that were mapped. Registers have DWARF's
 * numbers, of the recording's architecture, not of this machine's. */
#pragma once
#include <afterglow/load.h>

G_BEGIN_DECLS

typedef enum { GLOW_ARCH_UNKNOWN, GLOW_ARCH_X86_64, GLOW_ARCH_I386, GLOW_ARCH_AARCH64, GLOW_ARCH_ARM } GlowArch;

#define GLOW_UNWIND_REGISTERS 34

/* Where execution stands in one frame. */
typedef struct {
  guint64 reg[GLOW_UNWIND_REGISTERS];
  guint64 known;               /* bit by register */
  guint64 pc;
} GlowUnwindState;

/* What was copied of the stack: @n bytes from @address on. */
typedef struct {
  const guint8 *bytes;
  gsize n;
  guint64 address;
  gboolean swap;
} GlowStackDump;

/* ---- cfi.c: the rules of one file ---- */

typedef struct _GlowCfi GlowCfi;

typedef enum {
  GLOW_STEP_DONE,              /* the caller's state is there */
  GLOW_STEP_END,               /* the outermost frame: the return address is said to be undefined */
  GLOW_STEP_NO_RULE,           /* nothing is known of this place */
  GLOW_STEP_NO_MEMORY          /* what the rule reads lies outside the dump */
} GlowStep;

/* The call frame information of a file whose build-id is @build_id (any, where @build_id_length is 0). (nullable): no such file.
 * Not thread-safe: one a thread. */
GlowCfi  *glow_cfi_open  (const char *path, const guint8 *build_id, guint build_id_length, const char *const *debug_dirs);
/* That of the vdso which the running kernel maps into this process; NULL where it is another build than @build_id (any, where @build_id_length is 0). */
GlowCfi  *glow_cfi_open_vdso (const guint8 *build_id, guint build_id_length);
/* That of a piece of code that lies at @start: @table is an .eh_frame whose places are counted from behind the code, rounded up to 8 bytes, or are
 * addresses. Offsets of glow_cfi_step() are from @start. The table is copied. (nullable): not one. */
GlowCfi  *glow_cfi_new_for_code (GlowArch arch, gboolean big, const guint8 *table, gsize n, guint64 start, guint64 size);
void      glow_cfi_free  (GlowCfi *self);
/* From @state, which is at @offset in the file, to its caller. @is_caller: the pc is a return address, one behind the call.
 * *@interrupted is set where the caller's pc is not a return address: this was a signal's frame. */
GlowStep  glow_cfi_step  (GlowCfi *self, GlowArch arch, guint64 offset, gboolean is_caller, GlowUnwindState *state, const GlowStackDump *dump,
                          gboolean *interrupted);

/* What a chain of frame pointers can tell of a place. */
typedef enum {
  GLOW_KEEPS_UNKNOWN,          /* nothing is said of it, or nothing that decides */
  GLOW_KEEPS_FRAME,            /* the frame pointer is this function's own: its caller is found */
  GLOW_KEEPS_NONE,             /* the frame pointer is still its caller's (or something else altogether): its caller is passed over */
  GLOW_KEEPS_OUTERMOST         /* there is no caller: a thread begins here */
} GlowFramePointer;

/* The same of all places from *@from (inclusive) to *@to: offsets in the file as @offset. Only what .eh_frame says counts, which every
 * compiler keeps to the ABI; Go's .debug_frame does not tell where it keeps the frame pointer. */
GlowFramePointer glow_cfi_frame_pointer (GlowCfi *self, guint64 offset, guint64 *from, guint64 *to);

/* ---- cfi-expression.c ---- */

/* A DWARF expression over registers and dumped memory; @cfa is what DW_OP_call_frame_cfa gives. @ops is an array of Dwarf_Op. */
gboolean  glow_cfi_evaluate (const void *ops, gsize n, const GlowUnwindState *state, const GlowStackDump *dump, guint address_size, guint64 cfa,
                             guint64 *value, gboolean *is_value);
gboolean  glow_dump_read (const GlowStackDump *dump, guint64 address, guint size, guint64 *value);

/* ---- unwind.c ---- */

/* Finds the file under @pc. FALSE where nothing is mapped there. *@cfi may come back NULL: mapped, but not known (JIT code, a file that is gone). */
typedef gboolean (*GlowUnwindFind) (gpointer data, guint64 pc, GlowCfi **cfi, guint64 *offset);

typedef enum {
  GLOW_UNWOUND_WHOLE,          /* up to where a thread begins */
  GLOW_UNWOUND_CUT,            /* the dump ended first */
  GLOW_UNWOUND_BROKEN          /* a place without a rule, or a return address into nothing */
} GlowUnwound;

typedef struct {
  GlowArch arch;
  GlowUnwindFind find;
  gpointer data;
} GlowUnwinder;

/* @pcs gets at most @max addresses, leaf first; *@n how many. Those of callers are one below the return address: in the call. */
GlowUnwound glow_unwind (const GlowUnwinder *self, GlowUnwindState *state, const GlowStackDump *dump, guint64 *pcs, guint max, guint *n);

/* perf's registers, those of @mask in order, as DWARF numbers them; FALSE where the architecture is not known or pc or sp are missing. */
gboolean  glow_unwind_state_from_perf (GlowUnwindState *state, GlowArch arch, guint64 mask, const guint8 *values, gboolean swap, guint64 *sp);
guint     glow_unwind_stack_register (GlowArch arch);
/* A return address without what the architecture keeps in its other bits. */
guint64   glow_unwind_strip (GlowArch arch, guint64 pc);
/* "x86_64", "aarch64", …; @is_32: the sample's ABI. */
GlowArch  glow_arch_from_name (const char *machine, gboolean is_32);

G_END_DECLS
