/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Call frame information through libdw, compiled: the rules for a place are asked for once and kept in a form that takes a step with a few loads.
 * Nearly all rules say that the frame begins at a register plus a number, and that registers lie at numbers from there; what is not so simple keeps
 * libdw's operations and is evaluated. */
#include "symbols/cfi-check-private.h"
#include "symbols/elf-file-private.h"
#include "symbols/exidx-private.h"
#include "symbols/symbol-table-private.h"
#include "symbols/unwind-private.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A signal's frame saves them all. */
#define MAX_SAVED GLOW_UNWIND_REGISTERS
#define RULES_AT_FIRST 256
#define RULES_OF_CODE 4        /* one function: there may be thousands */

typedef enum { SAVED_AT_CFA, SAVED_IS_CFA, SAVED_EXPRESSION, SAVED_UNDEFINED, SAVED_IN_REGISTER } How;

typedef struct {
  guint8 reg, how;
  gint32 offset;               /* from the CFA; a register's number */
} Saved;

typedef struct {
  guint64 key;                 /* address + 1; 0: free */
  gint32 cfa_offset;
  guint8 cfa_reg, n_saved, ra;
  gboolean none, signal, cfa_expression;
  Saved saved[MAX_SAVED];
  Dwarf_Frame *frame;          /* (nullable): kept where something must be evaluated */
} Rule;

struct _GlowCfi {
  int fd, debug_fd;
  Elf *elf, *debug_elf;
  Dwarf *dwarf, *debug_dwarf;
  Dwarf_CFI *eh, *debug;
  GArray *segments;
  guint address_size;
  char *path;
  GStrv debug_dirs;            /* (nullable) */
  gboolean looked_for_debug;
  Rule *rules;                 /* open addressing by key */
  guint n_rules, mask;
  GlowExidx *exidx;            /* (nullable): ARM's own tables */
  guint8 *image;               /* (nullable): the file, where it is in memory */
};

/* .debug_frame of the file itself, else of its split debug information. Asked for late: most files have all in .eh_frame, and libdw unpacks every
 * section of debug information when it is opened. */
static void
open_debug_frame (GlowCfi *self)
{
  g_autoptr(GPtrArray) places = NULL;
  guint8 build_id[20];
  guint n = glow_elf_get_build_id (self->elf, build_id);

  self->looked_for_debug = TRUE;
  self->dwarf = dwarf_begin_elf (self->elf, DWARF_C_READ, NULL);
  self->debug = self->dwarf != NULL && glow_cfi_debug_is_sane (self->elf) ? dwarf_getcfi (self->dwarf) : NULL;
  if (self->debug != NULL || n == 0)
    return;
  places = glow_elf_dup_debug_places (self->elf, self->path, build_id, n, (const char *const *) self->debug_dirs);
  for (guint i = 0; i < places->len && self->debug == NULL; i++)
    {
      guint8 own[20];

      self->debug_elf = glow_elf_open (g_ptr_array_index (places, i), &self->debug_fd);
      if (self->debug_elf == NULL)
        continue;
      if (glow_elf_get_build_id (self->debug_elf, own) == n && memcmp (own, build_id, n) == 0)
        {
          self->debug_dwarf = dwarf_begin_elf (self->debug_elf, DWARF_C_READ, NULL);
          self->debug = self->debug_dwarf != NULL && glow_cfi_debug_is_sane (self->debug_elf) ? dwarf_getcfi (self->debug_dwarf) : NULL;
          return;
        }
      glow_elf_close (self->debug_elf, self->debug_fd);
      self->debug_elf = NULL;
    }
}

static gboolean
is_build (Elf *elf, const guint8 *build_id, guint build_id_length)
{
  guint8 own[20] = { 0 };
  guint n = glow_elf_get_build_id (elf, own);

  return glow_elf_is_build (own, n, build_id, build_id_length);
}

/* Takes @elf and @fd (−1: none). */
static GlowCfi *
from_elf (Elf *elf, int fd, const char *path, const char *const *debug_dirs)
{
  GlowCfi *self = g_new0 (GlowCfi, 1);

  self->elf = elf;
  self->fd = fd;
  self->debug_fd = -1;
  self->segments = glow_elf_dup_segments (elf);
  self->address_size = gelf_getclass (elf) == ELFCLASS32 ? 4 : 8;
  self->eh = glow_cfi_eh_is_sane (elf) ? dwarf_getcfi_elf (elf) : NULL;
  self->exidx = glow_exidx_new (elf);
  self->path = g_strdup (path);
  self->debug_dirs = g_strdupv ((char **) debug_dirs);
  return self;
}

GlowCfi *
glow_cfi_open (const char *path, const guint8 *build_id, guint build_id_length, const char *const *debug_dirs)
{
  int fd;
  Elf *elf = glow_elf_open (path, &fd);

  if (elf == NULL)
    return NULL;
  if (is_build (elf, build_id, build_id_length))
    return from_elf (elf, fd, path, debug_dirs);
  glow_elf_close (elf, fd);
  return NULL;
}

GlowCfi *
glow_cfi_open_vdso (const guint8 *build_id, guint build_id_length)
{
  g_autoptr(GBytes) bytes = glow_vdso_dup_bytes ();
  g_autofree guint8 *image = NULL;
  GlowCfi *self;
  gsize n;
  Elf *elf;

  if (bytes == NULL)
    return NULL;
  image = g_bytes_unref_to_data (g_steal_pointer (&bytes), &n);
  elf_version (EV_CURRENT);
  elf = elf_memory ((char *) image, n);
  if (elf == NULL || !is_build (elf, build_id, build_id_length))
    {
      elf_end (elf);
      return NULL;
    }
  self = from_elf (elf, -1, "[vdso]", NULL);
  self->image = g_steal_pointer (&image);
  return self;
}

GlowCfi *
glow_cfi_new_for_code (GlowArch arch, gboolean big, const guint8 *table, gsize n, guint64 start, guint64 size)
{
  static const guint16 machines[] = { EM_NONE, EM_X86_64, EM_386, EM_AARCH64, EM_ARM };
  gboolean wide = arch == GLOW_ARCH_X86_64 || arch == GLOW_ARCH_AARCH64;
  GlowElfSegment segment = { start, 0, size };
  gsize image_size;
  GlowCfi *self;

  if (arch == GLOW_ARCH_UNKNOWN || n < 8 || size == 0 || start + size < start)
    return NULL;
  self = g_new0 (GlowCfi, 1);
  self->fd = self->debug_fd = -1;
  self->looked_for_debug = TRUE;
  self->address_size = wide ? 8 : 4;
  self->image = glow_elf_image_of_table (machines[arch], wide, big, table, n, start + ((size + 7) & ~(guint64) 7), &image_size);
  self->segments = g_array_new (FALSE, FALSE, sizeof (GlowElfSegment));
  g_array_append_val (self->segments, segment);
  elf_version (EV_CURRENT);
  self->elf = elf_memory ((char *) self->image, image_size);
  self->eh = self->elf != NULL && glow_cfi_eh_is_sane (self->elf) ? dwarf_getcfi_elf (self->elf) : NULL;
  if (self->eh == NULL)
    g_clear_pointer (&self, glow_cfi_free);
  return self;
}

void
glow_cfi_free (GlowCfi *self)
{
  for (guint i = 0; self->rules != NULL && i <= self->mask; i++)
    free (self->rules[i].frame);
  g_free (self->rules);
  if (self->eh != NULL)
    dwarf_cfi_end (self->eh);
  if (self->debug_dwarf != NULL)
    dwarf_end (self->debug_dwarf);
  if (self->dwarf != NULL)
    dwarf_end (self->dwarf);
  if (self->debug_elf != NULL)
    {
      glow_elf_close (self->debug_elf, self->debug_fd);
    }
  g_clear_pointer (&self->exidx, glow_exidx_free);
  if (self->image != NULL)
    elf_end (self->elf);
  else
    glow_elf_close (self->elf, self->fd);
  g_free (self->image);
  g_array_unref (self->segments);
  g_free (self->path);
  g_strfreev (self->debug_dirs);
  g_free (self);
}

/* ---- compiling ---- */

static gboolean
compile_cfa (Rule *rule, const Dwarf_Op *ops, gsize n)
{
  guint64 number;
  gint64 offset;

  if (n != 1)
    return FALSE;
  if (ops[0].atom == DW_OP_bregx)
    {
      number = ops[0].number;
      offset = (gint64) ops[0].number2;
    }
  else if (ops[0].atom >= DW_OP_breg0 && ops[0].atom <= DW_OP_breg31)
    {
      number = ops[0].atom - DW_OP_breg0;
      offset = (gint64) ops[0].number;
    }
  else
    return FALSE;
  if (number >= GLOW_UNWIND_REGISTERS || offset != (gint32) offset)
    return FALSE;
  rule->cfa_reg = number;
  rule->cfa_offset = offset;
  return TRUE;
}

/* "CFA", "CFA + number", each perhaps the value itself and not its place. */
static Saved
compile_register (guint reg, const Dwarf_Op *ops, gsize n)
{
  Saved saved = { reg, SAVED_EXPRESSION, 0 };
  gsize at = 0;
  gint64 offset = 0;

  if (n == 1 && ops[0].atom == DW_OP_regx && ops[0].number < GLOW_UNWIND_REGISTERS)
    return (Saved) { reg, SAVED_IN_REGISTER, ops[0].number };
  if (n == 1 && ops[0].atom >= DW_OP_reg0 && ops[0].atom <= DW_OP_reg31)
    return (Saved) { reg, SAVED_IN_REGISTER, ops[0].atom - DW_OP_reg0 };
  if (n == 0 || ops[at++].atom != DW_OP_call_frame_cfa)
    return saved;
  if (at < n && ops[at].atom == DW_OP_plus_uconst)
    offset = (gint64) ops[at++].number;
  if (offset != (gint32) offset)
    return saved;
  if (at == n)
    saved.how = SAVED_AT_CFA;
  else if (at + 1 == n && ops[at].atom == DW_OP_stack_value)
    saved.how = SAVED_IS_CFA;
  else
    return saved;
  saved.offset = offset;
  return saved;
}

static guint
register_count (GlowArch arch)
{
  switch (arch)
    {
    case GLOW_ARCH_X86_64: return 17;
    case GLOW_ARCH_I386: return 9;
    case GLOW_ARCH_ARM: return 16;
    case GLOW_ARCH_AARCH64: return 32;
    default: return 0;
    }
}

/* Whether an x86 function is left at @address: by a return, or by a jump to another one. */
static gboolean
is_left_at (const GlowCfi *self, guint64 address)
{
  gsize size = 0;
  const guint8 *bytes = (const guint8 *) elf_rawfile (self->elf, &size);
  guint64 at;

  /* Of a piece of compiled code there is the table alone. */
  if (bytes == NULL || self->image != NULL || !glow_elf_to_offset (self->segments, address, &at) || at >= size || size - at < 2)
    return FALSE;
  if ((bytes[at] == 0xf3 || bytes[at] == 0xf2) && size - at > 2)
    at++;
  return bytes[at] == 0xc3 || bytes[at] == 0xc2 || bytes[at] == 0xe9 || (bytes[at] == 0xff && (bytes[at + 1] >> 3 & 7) == 4);
}

/* The procedure linkage table, of which some linkers (LLVM's) say nothing: its entries are jumps that leave the stack as it is, but for the number that
 * is pushed before the one to the first entry. That one is for the dynamic linker and runs once a function; it is not told. */
static void
compile_linkage (const GlowCfi *self, GlowArch arch, guint64 address, Rule *rule)
{
  Elf_Scn *section = NULL;
  gsize names;

  if (elf_getshdrstrndx (self->elf, &names) < 0)
    return;
  while ((section = elf_nextscn (self->elf, section)) != NULL)
    {
      GElf_Shdr header;
      const char *name;
      gboolean lazy;

      if (gelf_getshdr (section, &header) == NULL || address < header.sh_addr || address - header.sh_addr >= header.sh_size
          || (name = elf_strptr (self->elf, names, header.sh_name)) == NULL || !g_str_has_prefix (name, ".plt"))
        continue;
      lazy = strcmp (name, ".plt") == 0;
      if (lazy && address - header.sh_addr < (arch == GLOW_ARCH_AARCH64 ? 32 : arch == GLOW_ARCH_ARM ? 20 : 16))
        return;
      rule->none = FALSE;
      rule->cfa_reg = glow_unwind_stack_register (arch);
      if (arch == GLOW_ARCH_X86_64 || arch == GLOW_ARCH_I386)
        {
          /* jmp *slot (6 bytes), push number (5), jmp first entry. */
          rule->ra = arch == GLOW_ARCH_X86_64 ? 16 : 8;
          rule->cfa_offset = (gint32) self->address_size * (lazy && (address - header.sh_addr) % 16 >= 11 ? 2 : 1);
          rule->saved[rule->n_saved++] = (Saved) { rule->ra, SAVED_AT_CFA, -(gint32) self->address_size };
        }
      else
        rule->ra = arch == GLOW_ARCH_AARCH64 ? 30 : 14;
      return;
    }
}

static void
compile (GlowCfi *self, GlowArch arch, guint64 address, Rule *rule)
{
  Dwarf_Frame *frame = NULL;
  Dwarf_Op *ops;
  gsize n;
  bool is_signal = false;
  int ra;
  gboolean keep = FALSE, popped;

  rule->none = TRUE;
  if (self->eh == NULL || dwarf_cfi_addrframe (self->eh, address, &frame) != 0)
    {
      if (!self->looked_for_debug)
        open_debug_frame (self);
      if (self->debug == NULL || dwarf_cfi_addrframe (self->debug, address, &frame) != 0)
        {
          compile_linkage (self, arch, address, rule);
          return;
        }
    }
  ra = dwarf_frame_info (frame, NULL, NULL, &is_signal);
  if (ra < 0 || ra >= GLOW_UNWIND_REGISTERS || dwarf_frame_cfa (frame, &ops, &n) != 0 || n == 0)
    {
      free (frame);
      return;
    }
  rule->none = FALSE;
  rule->signal = is_signal;
  rule->ra = ra;
  rule->cfa_expression = !compile_cfa (rule, ops, n);
  keep = rule->cfa_expression;
  /* Before it is left a function has taken back what it saved. LLVM's tables go on saying where that was, which is below the stack pointer by then:
   * there is no copy of it, nor need of one. */
  popped = (arch == GLOW_ARCH_X86_64 || arch == GLOW_ARCH_I386) && !rule->cfa_expression && rule->cfa_reg == glow_unwind_stack_register (arch)
           && rule->cfa_offset == (gint32) self->address_size && is_left_at (self, address);
  for (guint reg = 0; reg < register_count (arch) && rule->n_saved < MAX_SAVED; reg++)
    {
      Dwarf_Op memory[3];

      if (dwarf_frame_register (frame, reg, memory, &ops, &n) != 0 || (n == 0 && ops == NULL))
        continue;              /* the same value, or not to be told */
      if (n == 0)
        {
          /* Of those that calls may change nothing is said but that they are lost; of the return address it says where stacks end. */
          if ((int) reg == ra)
            rule->saved[rule->n_saved++] = (Saved) { reg, SAVED_UNDEFINED, 0 };
          continue;
        }
      rule->saved[rule->n_saved] = compile_register (reg, ops, n);
      if (popped && rule->saved[rule->n_saved].how == SAVED_AT_CFA && rule->saved[rule->n_saved].offset < -(gint32) self->address_size)
        continue;
      keep |= rule->saved[rule->n_saved++].how == SAVED_EXPRESSION;
    }
  if (keep)
    rule->frame = frame;
  else
    free (frame);
}

static void
grow_rules (GlowCfi *self)
{
  guint mask = self->mask * 2 + 1;
  Rule *rules = g_new0 (Rule, (gsize) mask + 1);

  for (guint i = 0; i <= self->mask; i++)
    {
      guint at;

      if (self->rules[i].key == 0)
        continue;
      at = (self->rules[i].key * G_GUINT64_CONSTANT (0x9E3779B97F4A7C15)) >> 32 & mask;
      while (rules[at].key != 0)
        at = (at + 1) & mask;
      rules[at] = self->rules[i];
    }
  g_free (self->rules);
  self->rules = rules;
  self->mask = mask;
}

static const Rule *
rule_at (GlowCfi *self, GlowArch arch, guint64 address)
{
  guint64 key = address + 1;
  guint at;

  if (self->rules == NULL)
    {
      self->mask = (self->image != NULL ? RULES_OF_CODE : RULES_AT_FIRST) - 1;
      self->rules = g_new0 (Rule, self->mask + 1);
    }
  if (self->n_rules * 2 > self->mask)
    grow_rules (self);
  for (at = (key * G_GUINT64_CONSTANT (0x9E3779B97F4A7C15)) >> 32 & self->mask; self->rules[at].key != 0; at = (at + 1) & self->mask)
    if (self->rules[at].key == key)
      return &self->rules[at];
  self->rules[at].key = key;
  self->n_rules++;
  compile (self, arch, address, &self->rules[at]);
  return &self->rules[at];
}

/* ---- stepping ---- */

static gboolean
find_cfa (const GlowCfi *self, const Rule *rule, const GlowUnwindState *state, const GlowStackDump *dump, guint64 *cfa)
{
  Dwarf_Op *ops;
  gsize n;
  gboolean is_value;

  if (!rule->cfa_expression)
    {
      if (!(state->known >> rule->cfa_reg & 1))
        return FALSE;
      *cfa = state->reg[rule->cfa_reg] + (guint64) (gint64) rule->cfa_offset;
      if (self->address_size == 4)
        *cfa &= 0xffffffff;
      return TRUE;
    }
  return dwarf_frame_cfa (rule->frame, &ops, &n) == 0 && glow_cfi_evaluate (ops, n, state, dump, self->address_size, 0, cfa, &is_value);
}

/* One register of the caller. FALSE where it cannot be had. */
static gboolean
restore (const GlowCfi *self, const Rule *rule, const Saved *saved, const GlowUnwindState *state, const GlowStackDump *dump, guint64 cfa, guint64 *value)
{
  Dwarf_Op memory[3], *ops;
  gsize n;
  gboolean is_value;

  switch ((How) saved->how)
    {
    case SAVED_AT_CFA: return glow_dump_read (dump, cfa + (guint64) (gint64) saved->offset, self->address_size, value);
    case SAVED_IS_CFA:
      *value = cfa + (guint64) (gint64) saved->offset;
      return TRUE;
    case SAVED_IN_REGISTER:
      *value = state->reg[saved->offset];
      return state->known >> saved->offset & 1;
    case SAVED_EXPRESSION:
      if (dwarf_frame_register (rule->frame, saved->reg, memory, &ops, &n) != 0
          || !glow_cfi_evaluate (ops, n, state, dump, self->address_size, cfa, value, &is_value))
        return FALSE;
      return is_value || glow_dump_read (dump, *value, self->address_size, value);
    case SAVED_UNDEFINED:
    default:
      return FALSE;
    }
}

GlowStep
glow_cfi_step (GlowCfi *self, GlowArch arch, guint64 offset, gboolean is_caller, GlowUnwindState *state, const GlowStackDump *dump,
               gboolean *interrupted)
{
  const Rule *rule;
  GlowUnwindState caller;
  guint64 address, cfa;
  gboolean has_pc = FALSE;

  if (!glow_elf_to_vaddr (self->segments, offset, &address) || (self->address_size == 8) != (arch == GLOW_ARCH_X86_64 || arch == GLOW_ARCH_AARCH64))
    return GLOW_STEP_NO_RULE;
  /* On x86 the pc is a register that expressions read: those of procedure linkage tables do. */
  if (arch == GLOW_ARCH_X86_64 || arch == GLOW_ARCH_I386)
    {
      guint number = arch == GLOW_ARCH_X86_64 ? 16 : 8;

      state->reg[number] = state->pc;
      state->known |= G_GUINT64_CONSTANT (1) << number;
    }
  caller = *state;
  rule = rule_at (self, arch, address - (is_caller ? 1 : 0));
  if (rule->none && self->exidx != NULL && arch == GLOW_ARCH_ARM)
    return glow_exidx_step (self->exidx, address - (is_caller ? 1 : 0), is_caller, state, dump);
  if (rule->none)
    return GLOW_STEP_NO_RULE;
  if (!find_cfa (self, rule, state, dump, &cfa))
    return GLOW_STEP_NO_MEMORY;
  caller.reg[glow_unwind_stack_register (arch)] = cfa;
  caller.known |= G_GUINT64_CONSTANT (1) << glow_unwind_stack_register (arch);
  for (guint i = 0; i < rule->n_saved; i++)
    {
      const Saved *saved = &rule->saved[i];
      guint64 value = 0;
      gboolean known;

      if (saved->how == SAVED_UNDEFINED && saved->reg == rule->ra)
        return GLOW_STEP_END;
      known = restore (self, rule, saved, state, dump, cfa, &value);
      if (saved->reg == rule->ra)
        {
          if (!known)
            return GLOW_STEP_NO_MEMORY;
          caller.pc = value;
          has_pc = TRUE;
        }
      caller.reg[saved->reg] = value;
      caller.known = known ? caller.known | G_GUINT64_CONSTANT (1) << saved->reg : caller.known & ~(G_GUINT64_CONSTANT (1) << saved->reg);
    }
  if (!has_pc)
    {
      /* A link register that the function has not changed. */
      if (arch == GLOW_ARCH_X86_64 || arch == GLOW_ARCH_I386 || !(state->known >> rule->ra & 1))
        return GLOW_STEP_NO_RULE;
      caller.pc = state->reg[rule->ra];
      if (caller.pc == state->pc && cfa == state->reg[glow_unwind_stack_register (arch)])
        return GLOW_STEP_END;  /* it would lead to itself for ever */
    }
  *interrupted = rule->signal;
  *state = caller;
  return GLOW_STEP_DONE;
}

/* ---- frame pointers ---- */

static GlowFramePointer
keeps (Dwarf_Frame *frame, guint fp, guint sp, guint size, gboolean saved_is_undecided)
{
  Rule rule = { 0 };
  Dwarf_Op memory[3], *ops;
  gsize n;
  gboolean is_simple;
  Saved saved;

  if (dwarf_frame_cfa (frame, &ops, &n) != 0 || n == 0)
    return GLOW_KEEPS_UNKNOWN;
  is_simple = compile_cfa (&rule, ops, n);
  if (is_simple && rule.cfa_reg == fp)
    return GLOW_KEEPS_FRAME;
  if ((is_simple && rule.cfa_reg != sp) || dwarf_frame_register (frame, fp, memory, &ops, &n) != 0)
    return GLOW_KEEPS_UNKNOWN;
  /* Not saved: it is the caller's. Procedure linkage tables say where their frame begins by an expression, and leave the register alone. */
  if (n == 0)
    return ops == NULL ? GLOW_KEEPS_NONE : GLOW_KEEPS_UNKNOWN;
  if (!is_simple || saved_is_undecided)
    return GLOW_KEEPS_UNKNOWN;
  /* Pushed beside the return address: either not yet set to this frame, or not used as a frame pointer at all. */
  saved = compile_register (fp, ops, n);
  return saved.how == SAVED_AT_CFA && rule.cfa_offset >= (gint32) size ? GLOW_KEEPS_NONE : GLOW_KEEPS_UNKNOWN;
}

GlowFramePointer
glow_cfi_frame_pointer (GlowCfi *self, guint64 offset, guint64 *from, guint64 *to)
{
  Dwarf_Frame *frame = NULL;
  Dwarf_Op memory[3], *ops;
  Dwarf_Addr start, end;
  GlowFramePointer answer;
  GElf_Ehdr header;
  guint64 address;
  gsize n;
  bool is_signal = false;
  int ra;

  *from = offset;
  *to = offset + 1;
  if (self->eh == NULL || !glow_elf_to_vaddr (self->segments, offset, &address) || gelf_getehdr (self->elf, &header) == NULL
      || dwarf_cfi_addrframe (self->eh, address, &frame) != 0)
    return GLOW_KEEPS_UNKNOWN;
  ra = dwarf_frame_info (frame, &start, &end, &is_signal);
  if (start <= address && address < end && address - start <= offset)
    {
      *from = offset - (address - start);
      *to = offset + (end - address);
    }
  if (is_signal || ra < 0)
    answer = GLOW_KEEPS_UNKNOWN;
  else if (dwarf_frame_register (frame, ra, memory, &ops, &n) == 0 && n == 0 && ops != NULL)
    answer = GLOW_KEEPS_OUTERMOST;
  else
    switch (header.e_machine)
      {
      case EM_X86_64: answer = keeps (frame, 6, 7, 8, FALSE); break;
      case EM_386: answer = keeps (frame, 5, 4, 4, FALSE); break;
      /* GCC counts frames from the stack pointer there even where the frame pointer is set: only where it is not saved it is the caller's. */
      case EM_AARCH64: answer = keeps (frame, 29, 31, 8, TRUE); break;
      default: answer = GLOW_KEEPS_UNKNOWN;
      }
  free (frame);
  return answer;
}
