/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Registers, a stack and call frame information, all of them hostile, through the unwinder: nothing crashes, loops, or takes memory without end.
 *
 * Input: a byte for the architecture (bits 0–2) and for what the rest holds (bit 3: an ELF file, else an .eh_frame alone; bit 4: the bytes are swapped);
 * three of zero; the table's size (u32); 34 registers and the pc (u64); the table; the stack. */
#include "symbols/unwind-private.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define START 0x10000
#define HEAD (8 + 8 * (GLOW_UNWIND_REGISTERS + 1))

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static gboolean
find (gpointer data, guint64 pc, GlowCfi **cfi, guint64 *offset)
{
  if (pc < START || pc >= START + (1u << 24))
    return FALSE;
  *cfi = data;
  *offset = pc - START;
  return TRUE;
}

static GlowCfi *
open_file (const guint8 *bytes, gsize n)
{
  int fd = memfd_create ("elf", MFD_CLOEXEC);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);
  GlowCfi *cfi = NULL;

  if (fd >= 0 && write (fd, bytes, n) == (gssize) n)
    cfi = glow_cfi_open (path, NULL, 0, NULL);
  if (fd >= 0)
    close (fd);
  return cfi;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  GlowUnwindState state = { .known = (G_GUINT64_CONSTANT (1) << GLOW_UNWIND_REGISTERS) - 1 };
  GlowArch arch;
  GlowStackDump dump;
  GlowCfi *cfi;
  guint64 pcs[512], from, to;
  guint32 table;
  guint n;

  if (size < HEAD)
    return 0;
  arch = 1 + (data[0] & 7) % GLOW_ARCH_ARM;
  memcpy (&table, data + 4, sizeof table);
  memcpy (state.reg, data + 8, sizeof state.reg);
  memcpy (&state.pc, data + 8 + sizeof state.reg, sizeof state.pc);
  if (table > size - HEAD)
    return 0;
  dump = (GlowStackDump) { data + HEAD + table, size - HEAD - table, state.reg[glow_unwind_stack_register (arch)], (data[0] & 16) != 0 };
  cfi = data[0] & 8 ? open_file (data + HEAD, table) : glow_cfi_new_for_code (arch, (data[0] & 16) != 0, data + HEAD, table, START, 1u << 20);
  {
    GlowUnwinder unwinder = { arch, find, cfi };

    glow_unwind (&unwinder, &state, &dump, pcs, G_N_ELEMENTS (pcs), &n);
  }
  if (cfi != NULL)
    {
      for (guint64 offset = 0; offset < 4096; offset = MAX (to, offset + 64))
        glow_cfi_frame_pointer (cfi, offset, &from, &to);
      glow_cfi_free (cfi);
    }
  return 0;
}
