/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A stack from its leaf to its root, frame by frame: by call frame information, and where there is none for a place, by the frame pointer if the
 * stack bears it out. */
#include "symbols/unwind-private.h"

#include <string.h>

/* perf's registers in the order of their bits, as DWARF's numbers; 255: not one that frames are described by. 254: the pc.
 * Sources: arch/x86/include/uapi/asm/perf_regs.h, arch/arm64/…, arch/arm/… of Linux; the psABI supplements. */
#define NO 255
#define PC 254
static const guint8 x86_64_registers[] = { 0, 3, 2, 1, 4, 5, 6, 7, PC, NO, NO, NO, NO, NO, NO, NO, 8, 9, 10, 11, 12, 13, 14, 15 };
static const guint8 i386_registers[] = { 0, 3, 1, 2, 6, 7, 5, 4, PC };
static const guint8 aarch64_registers[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, PC };
static const guint8 arm_registers[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, PC };

static const struct {
  const guint8 *registers;
  guint n;
  guint8 sp, fp, size;
} arches[] = {
  [GLOW_ARCH_UNKNOWN] = { NULL, 0, 0, 0, 0 },
  [GLOW_ARCH_X86_64] = { x86_64_registers, G_N_ELEMENTS (x86_64_registers), 7, 6, 8 },
  [GLOW_ARCH_I386] = { i386_registers, G_N_ELEMENTS (i386_registers), 4, 5, 4 },
  [GLOW_ARCH_AARCH64] = { aarch64_registers, G_N_ELEMENTS (aarch64_registers), 31, 29, 8 },
  [GLOW_ARCH_ARM] = { arm_registers, G_N_ELEMENTS (arm_registers), 13, 11, 4 },
};
/* AArch64 signs return addresses above the bits that user space has. */
#define AARCH64_ADDRESS ((G_GUINT64_CONSTANT (1) << 48) - 1)

GlowArch
glow_arch_from_name (const char *machine, gboolean is_32)
{
  if (machine == NULL)
    return GLOW_ARCH_UNKNOWN;
  if (strcmp (machine, "x86_64") == 0 || strcmp (machine, "amd64") == 0)
    return is_32 ? GLOW_ARCH_I386 : GLOW_ARCH_X86_64;
  if (machine[0] == 'i' && g_str_has_suffix (machine, "86"))
    return GLOW_ARCH_I386;
  if (strcmp (machine, "aarch64") == 0 || strcmp (machine, "arm64") == 0)
    return is_32 ? GLOW_ARCH_ARM : GLOW_ARCH_AARCH64;
  return g_str_has_prefix (machine, "arm") ? GLOW_ARCH_ARM : GLOW_ARCH_UNKNOWN;
}

gboolean
glow_unwind_state_from_perf (GlowUnwindState *state, GlowArch arch, guint64 mask, const guint8 *values, gboolean swap, guint64 *sp)
{
  gboolean has_pc = FALSE;

  memset (state, 0, sizeof *state);
  for (guint bit = 0, at = 0; bit < 64; bit++)
    {
      guint64 value;
      guint8 reg;

      if (!(mask >> bit & 1))
        continue;
      memcpy (&value, values + 8 * at++, 8);
      if (swap)
        value = GUINT64_SWAP_LE_BE (value);
      if (arches[arch].size == 4)
        value &= 0xffffffff;
      reg = bit < arches[arch].n ? arches[arch].registers[bit] : NO;
      if (reg == PC)
        {
          state->pc = value;
          has_pc = TRUE;
        }
      else if (reg != NO)
        {
          state->reg[reg] = value;
          state->known |= G_GUINT64_CONSTANT (1) << reg;
        }
    }
  if (!has_pc || !(state->known >> arches[arch].sp & 1))
    return FALSE;
  *sp = state->reg[arches[arch].sp];
  return TRUE;
}

guint
glow_unwind_stack_register (GlowArch arch)
{
  return arches[arch].sp;
}

guint64
glow_unwind_strip (GlowArch arch, guint64 pc)
{
  return arch == GLOW_ARCH_AARCH64 ? pc & AARCH64_ADDRESS : arch == GLOW_ARCH_ARM ? pc & ~(guint64) 1 : pc;
}

/* The frame that a frame pointer describes: the caller's pointer and the return address, side by side. Taken only where they lie in the
 * dump, above the stack pointer, and lead to code. */
static gboolean
step_by_frame_pointer (const GlowUnwinder *self, GlowUnwindState *state, const GlowStackDump *dump)
{
  guint fp = arches[self->arch].fp, sp = arches[self->arch].sp, size = arches[self->arch].size;
  guint64 base = state->reg[fp], next, pc, offset;
  GlowCfi *cfi;

  if (self->arch == GLOW_ARCH_ARM || !(state->known >> fp & 1) || base < state->reg[sp] || base % size != 0
      || !glow_dump_read (dump, base, size, &next) || !glow_dump_read (dump, base + size, size, &pc))
    return FALSE;
  pc = glow_unwind_strip (self->arch, pc);
  if ((next != 0 && next <= base) || !self->find (self->data, pc, &cfi, &offset))
    return FALSE;
  state->pc = pc;
  state->reg[fp] = next;
  state->reg[sp] = base + 2 * size;
  return TRUE;
}

GlowUnwound
glow_unwind (const GlowUnwinder *self, GlowUnwindState *state, const GlowStackDump *dump, guint64 *pcs, guint max, guint *n)
{
  guint sp = arches[self->arch].sp;
  gboolean is_caller = FALSE;

  *n = 0;
  while (*n < max)
    {
      GlowCfi *cfi = NULL;
      guint64 offset = 0, before = state->reg[sp], pc = state->pc;
      gboolean interrupted = FALSE;
      GlowStep step;

      if (!self->find (self->data, state->pc - (is_caller ? 1 : 0), &cfi, &offset))
        {
          if (*n == 0)
            pcs[(*n)++] = state->pc;
          return state->pc == 0 ? GLOW_UNWOUND_WHOLE : GLOW_UNWOUND_BROKEN;
        }
      /* A return address may be the next function's: what is named is the call before it, as perf does. */
      pcs[(*n)++] = state->pc - (is_caller ? 1 : 0);
      step = cfi != NULL ? glow_cfi_step (cfi, self->arch, offset + (is_caller ? 1 : 0), is_caller, state, dump, &interrupted) : GLOW_STEP_NO_RULE;
      /* A signal's frame was entered by a return, not by a call: it stands where it is. */
      if (interrupted)
        pcs[*n - 1] = pc;
      if (step == GLOW_STEP_END)
        return GLOW_UNWOUND_WHOLE;
      if (step == GLOW_STEP_NO_MEMORY)
        return GLOW_UNWOUND_CUT;
      if (step == GLOW_STEP_NO_RULE && !step_by_frame_pointer (self, state, dump))
        return GLOW_UNWOUND_BROKEN;
      state->pc = glow_unwind_strip (self->arch, state->pc);
      /* A stack grows towards its root; only a leaf may have no frame of its own. */
      if (state->reg[sp] < before || (state->reg[sp] == before && (is_caller || state->pc == pc)))
        return interrupted ? GLOW_UNWOUND_CUT : GLOW_UNWOUND_BROKEN;
      if (state->pc == 0)
        return GLOW_UNWOUND_WHOLE;
      is_caller = !interrupted;
    }
  return GLOW_UNWOUND_CUT;
}
