/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ARM's unwind tables: a sorted index of functions, and for each a few bytes that say how its frame is taken down. They hold at calls, not at every
 * instruction: a leaf that is at its first instruction has no frame yet, one that is elsewhere in its prologue cannot be told from one behind it.
 *
 * Source: Exception Handling ABI for the Arm Architecture, sections 6, 7 and 10. */
#include "symbols/exidx-private.h"

#include <string.h>

#define ENTRY 8
#define CANNOT_UNWIND 1
/* The most bytes of instructions that a table may have: 255 words and the two or three bytes before them. */
#define MAX_CODE (255 * 4 + 3)
enum { SP = 13, LR = 14, PC = 15 };

/* The index and the second table lie in sections of their own; a copy of the file's tables has moved their bytes. */
typedef struct {
  guint64 address, n;
  const guint8 *bytes;
} Piece;

struct _GlowExidx {
  Piece pieces[2];
  guint n_pieces;
  guint64 index, n_entries;    /* address of the index, and how many functions it has */
  guint64 entry;               /* where the program starts */
  gboolean big;
};

static void
add_piece (GlowExidx *self, Elf_Scn *section, const GElf_Shdr *header)
{
  Elf_Data *data = elf_rawdata (section, NULL);

  if (data != NULL && data->d_buf != NULL && self->n_pieces < G_N_ELEMENTS (self->pieces))
    self->pieces[self->n_pieces++] = (Piece) { header->sh_addr, data->d_size, data->d_buf };
}

GlowExidx *
glow_exidx_new (Elf *elf)
{
  GlowExidx self = { .n_pieces = 0 };
  Elf_Scn *section = NULL;
  GElf_Ehdr header;
  gsize names;

  if (gelf_getehdr (elf, &header) == NULL || header.e_machine != EM_ARM || elf_getshdrstrndx (elf, &names) < 0)
    return NULL;
  self.big = header.e_ident[EI_DATA] == ELFDATA2MSB;
  self.entry = header.e_entry & ~(guint64) 1;
  while ((section = elf_nextscn (elf, section)) != NULL)
    {
      GElf_Shdr own;
      const char *name;

      if (gelf_getshdr (section, &own) == NULL || own.sh_type == SHT_NOBITS || (name = elf_strptr (elf, names, own.sh_name)) == NULL)
        continue;
      if (own.sh_type == SHT_ARM_EXIDX && self.n_entries == 0)
        {
          add_piece (&self, section, &own);
          self.index = own.sh_addr;
          self.n_entries = own.sh_size / ENTRY;
        }
      else if (strcmp (name, ".ARM.extab") == 0)
        add_piece (&self, section, &own);
    }
  return self.n_entries > 0 ? g_memdup2 (&self, sizeof self) : NULL;
}

void
glow_exidx_free (GlowExidx *self)
{
  g_free (self);
}

/* The word at an address. FALSE where the file has none. */
static gboolean
read_word (const GlowExidx *self, guint64 address, guint32 *word)
{
  const guint8 *at = NULL;

  for (guint i = 0; i < self->n_pieces; i++)
    if (address >= self->pieces[i].address && self->pieces[i].n >= 4 && address - self->pieces[i].address <= self->pieces[i].n - 4)
      at = self->pieces[i].bytes + (address - self->pieces[i].address);
  if (at == NULL)
    return FALSE;
  *word = self->big ? (guint32) at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3] : (guint32) at[3] << 24 | at[2] << 16 | at[1] << 8 | at[0];
  return TRUE;
}

/* What a word at @place points at: 31 bits of distance. */
static guint64
follow (guint64 place, guint32 word)
{
  gint32 distance = (gint32) (word << 1) >> 1;

  return (place + (guint64) (gint64) distance) & 0xffffffff;
}

/* The entry of the function that holds @address. FALSE where the index is damaged or begins behind it. */
static gboolean
find_entry (const GlowExidx *self, guint64 address, guint64 *place, guint64 *start, guint64 *end)
{
  guint64 lower = 0, upper = self->n_entries;
  guint32 word;

  while (lower < upper)
    {
      guint64 middle = lower + (upper - lower) / 2, at = self->index + middle * ENTRY;

      if (!read_word (self, at, &word))
        return FALSE;
      if (follow (at, word) <= address)
        lower = middle + 1;
      else
        upper = middle;
    }
  if (lower == 0)
    return FALSE;
  *place = self->index + (lower - 1) * ENTRY;
  if (!read_word (self, *place, &word))
    return FALSE;
  *start = follow (*place, word);
  *end = lower < self->n_entries && read_word (self, *place + ENTRY, &word) ? follow (*place + ENTRY, word) : G_MAXUINT64;
  return TRUE;
}

typedef struct {
  guint8 bytes[MAX_CODE];
  guint n, at;
} Code;

static void
add_bytes (Code *code, guint32 word, guint n)
{
  for (guint i = n; i-- > 0 && code->n < MAX_CODE;)
    code->bytes[code->n++] = word >> 8 * i & 0xff;
}

/* The instructions that a table entry holds: in the index itself, or behind a word of the second table. */
static gboolean
read_code (const GlowExidx *self, guint64 place, guint32 content, Code *code)
{
  guint32 word = content;
  guint64 at;
  guint more = 0;

  code->n = code->at = 0;
  if (content >> 31)
    {
      add_bytes (code, word, 3);
      return (content >> 24 & 0x7f) == 0;
    }
  at = follow (place + 4, content);
  if (!read_word (self, at, &word))
    return FALSE;
  if (!(word >> 31))
    {
      /* A language's own routine: those of GCC's languages have a word like the second model's behind its address. */
      at += 4;
      if (!read_word (self, at, &word))
        return FALSE;
      more = word >> 24;
      add_bytes (code, word, 3);
    }
  else if ((word >> 24 & 0xf) == 0)
    add_bytes (code, word, 3);
  else
    {
      more = word >> 16 & 0xff;
      add_bytes (code, word, 2);
    }
  for (guint i = 1; i <= more; i++)
    {
      if (!read_word (self, at + 4 * (guint64) i, &word))
        return FALSE;
      add_bytes (code, word, 4);
    }
  return TRUE;
}

/* ---- taking a frame down ---- */

typedef struct {
  GlowUnwindState *state;
  const GlowStackDump *dump;
  guint64 sp;
  gboolean has_pc;
  GlowStep trouble;            /* GLOW_STEP_DONE: none */
} Machine;

static guint8
next_byte (Code *code)
{
  /* Behind their end tables are as if filled with "finish". */
  return code->at < code->n ? code->bytes[code->at++] : 0xb0;
}

static void
pop (Machine *self, guint reg)
{
  guint64 value;

  if (!glow_dump_read (self->dump, self->sp, 4, &value))
    {
      self->trouble = GLOW_STEP_NO_MEMORY;
      return;
    }
  self->state->reg[reg] = value;
  self->state->known |= G_GUINT64_CONSTANT (1) << reg;
  self->has_pc |= reg == PC;
  self->sp += 4;
}

/* @mask: bit 0 is @first. A stack pointer that was saved counts once all are taken. */
static void
pop_all (Machine *self, guint mask, guint first)
{
  gboolean has_sp = FALSE;

  for (guint i = 0; mask >> i != 0 && self->trouble == GLOW_STEP_DONE; i++)
    if (mask >> i & 1)
      {
        pop (self, first + i);
        has_sp |= first + i == SP;
      }
  if (has_sp)
    self->sp = self->state->reg[SP];
}

static guint64
read_uleb (Code *code)
{
  guint64 value = 0;
  guint8 byte = 0x80;

  for (guint shift = 0; byte & 0x80 && shift < 35; shift += 7)
    {
      byte = next_byte (code);
      value |= (guint64) (byte & 0x7f) << shift;
    }
  return value;
}

/* Instructions that begin with binary 1011 and 11: saved floating-point and other registers are stepped over. FALSE: not one of them. */
static gboolean
run_rare (Machine *self, Code *code, guint8 byte)
{
  if (byte == 0xb1)
    {
      guint8 mask = next_byte (code);

      if (mask == 0 || mask > 0xf)
        return FALSE;
      pop_all (self, mask, 0);
    }
  else if (byte == 0xb2)
    self->sp += 0x204 + (read_uleb (code) << 2);
  else if (byte == 0xb3)
    self->sp += 8 * ((next_byte (code) & 0xfu) + 1) + 4;
  else if (byte == 0xb4)
    self->sp += 4;             /* the return address's signature */
  else if ((byte & 0xf8) == 0xb8)
    self->sp += 8 * ((byte & 7u) + 1) + 4;
  else if (byte == 0xc6 || byte == 0xc8 || byte == 0xc9)
    self->sp += 8 * ((next_byte (code) & 0xfu) + 1);
  else if (byte == 0xc7)
    {
      guint8 mask = next_byte (code);

      if (mask == 0 || mask > 0xf)
        return FALSE;
      self->sp += 4 * (guint) __builtin_popcount (mask);
    }
  else if ((byte & 0xf8) == 0xc0 || (byte & 0xf8) == 0xd0)
    self->sp += 8 * ((byte & 7u) + 1);
  else
    return FALSE;
  return TRUE;
}

/* One instruction. FALSE at the end, with trouble or without. */
static gboolean
run (Machine *self, Code *code)
{
  guint8 byte = next_byte (code);

  if (byte == 0xb0)
    return FALSE;
  if (byte < 0x40)
    self->sp += ((guint64) (byte & 0x3f) << 2) + 4;
  else if (byte < 0x80)
    self->sp -= ((guint64) (byte & 0x3f) << 2) + 4;
  else if (byte < 0x90)
    {
      guint mask = (byte & 0xfu) << 8 | next_byte (code);

      if (mask == 0)
        self->trouble = GLOW_STEP_END;     /* "refuse to unwind" */
      else
        pop_all (self, mask, 4);
    }
  else if (byte < 0xa0)
    {
      guint reg = byte & 0xf;

      if (reg == SP || reg == PC || !(self->state->known >> reg & 1))
        self->trouble = GLOW_STEP_NO_RULE;
      else
        self->sp = self->state->reg[reg];
    }
  else if (byte < 0xb0)
    pop_all (self, ((2u << (byte & 7)) - 1) | (byte & 8 ? 1u << (LR - 4) : 0), 4);
  else if (!run_rare (self, code, byte))
    self->trouble = GLOW_STEP_NO_RULE;
  self->sp &= 0xffffffff;
  return self->trouble == GLOW_STEP_DONE;
}

GlowStep
glow_exidx_step (const GlowExidx *self, guint64 address, gboolean is_caller, GlowUnwindState *state, const GlowStackDump *dump)
{
  GlowUnwindState caller = *state;
  Machine machine = { .state = &caller, .dump = dump, .sp = state->reg[SP], .trouble = GLOW_STEP_DONE };
  guint64 place, start, end;
  guint32 content;
  Code code;

  if (!(state->known >> SP & 1) || !find_entry (self, address, &place, &start, &end) || !read_word (self, place + 4, &content))
    return GLOW_STEP_NO_RULE;
  if (content == CANNOT_UNWIND)
    {
      /* Also what code without tables has: only where the program or a thread (which clears the frame pointer first) starts it is the end. */
      gboolean begins = (self->entry >= start && self->entry < end) || (state->known >> 11 & 1 && state->reg[11] == 0);

      return begins ? GLOW_STEP_END : GLOW_STEP_NO_RULE;
    }
  /* At its first instruction a function has done nothing yet. */
  if (is_caller || address != start)
    {
      if (!read_code (self, place, content, &code))
        return GLOW_STEP_NO_RULE;
      while (run (&machine, &code))
        ;
      if (machine.trouble != GLOW_STEP_DONE)
        return machine.trouble;
    }
  if (!machine.has_pc)
    {
      if (!(caller.known >> LR & 1))
        return GLOW_STEP_NO_RULE;
      caller.reg[PC] = caller.reg[LR];
    }
  /* What calls may change is lost behind one; the link register is the callee's to change. */
  caller.known &= ~(guint64) 0x500f;
  caller.pc = caller.reg[PC];
  caller.known &= ~(G_GUINT64_CONSTANT (1) << PC);
  caller.reg[SP] = machine.sp;
  caller.known |= G_GUINT64_CONSTANT (1) << SP;
  *state = caller;
  return GLOW_STEP_DONE;
}
