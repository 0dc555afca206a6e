/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Call frame information written byte by byte: what compilers make is followed, what is made to take memory or time is refused. And where stacks begin. */
#include "symbols/doubts-private.h"
#include "symbols/exidx-private.h"
#include "symbols/unwind-private.h"

#include <string.h>

#define START 0x10000
#define SIZE 0x1000

static void
append_u32 (GByteArray *out, guint32 value)
{
  value = GUINT32_TO_LE (value);
  g_byte_array_append (out, (const guint8 *) &value, 4);
}

static void
append_leb (GByteArray *out, guint64 value)
{
  do
    {
      guint8 byte = (value & 0x7f) | (value > 0x7f ? 0x80 : 0);

      g_byte_array_append (out, &byte, 1);
      value >>= 7;
    }
  while (value > 0);
}

static void
finish_entry (GByteArray *out, guint at)
{
  static const guint8 nothing[8] = { 0 };
  guint32 length;

  g_byte_array_append (out, nothing, -out->len & 7);
  length = GUINT32_TO_LE (out->len - at - 4);
  memcpy (out->data + at, &length, 4);
}

/* A table of x86-64 for the code at START: a common entry with @more of instructions, and one for the code with @own. */
static GByteArray *
make_table (const GByteArray *more, const GByteArray *own)
{
  static const guint8 common[] = { 0, 0, 0, 0, 1, 'z', 'R', 0, 1, 0x78, 16, 1, 0x1b, 0x0c, 7, 8, 0x90, 1 };
  static const guint8 none = 0;
  GByteArray *out = g_byte_array_new ();
  guint at;

  append_u32 (out, 0);
  g_byte_array_append (out, common, sizeof common);
  if (more != NULL)
    g_byte_array_append (out, more->data, more->len);
  finish_entry (out, 0);
  at = out->len;
  append_u32 (out, 0);
  append_u32 (out, at + 4);
  append_u32 (out, (guint32) (START - (START + SIZE + at + 8)));
  append_u32 (out, SIZE);
  g_byte_array_append (out, &none, 1);
  if (own != NULL)
    g_byte_array_append (out, own->data, own->len);
  finish_entry (out, at);
  append_u32 (out, 0);
  return out;
}

static GlowCfi *
open_table (const GByteArray *table)
{
  return glow_cfi_new_for_code (GLOW_ARCH_X86_64, FALSE, table->data, table->len, START, SIZE);
}

static void
test_step (void)
{
  /* From 16 bytes on the frame is 64 bytes, and the frame pointer lies 16 below its end. */
  static const guint8 own[] = { 0x50, 0x0e, 64, 0x86, 2 };
  g_autoptr(GByteArray) instructions = g_byte_array_new (), table = NULL;
  guint64 stack[16] = { 0 };
  GlowStackDump dump = { (const guint8 *) stack, sizeof stack, 0x7000, FALSE };
  GlowUnwindState state = { .pc = START + 4, .known = 1 << 7 | 1 << 6 };
  GlowCfi *cfi;
  gboolean interrupted;
  guint64 from, to;

  g_byte_array_append (instructions, own, sizeof own);
  table = make_table (NULL, instructions);
  cfi = open_table (table);
  g_assert_nonnull (cfi);
  state.reg[7] = 0x7000;
  state.reg[6] = 0x9999;
  stack[0] = 0x1234;
  g_assert_cmpint (glow_cfi_step (cfi, GLOW_ARCH_X86_64, 4, FALSE, &state, &dump, &interrupted), ==, GLOW_STEP_DONE);
  g_assert_cmphex (state.pc, ==, 0x1234);
  g_assert_cmphex (state.reg[7], ==, 0x7008);
  g_assert_cmphex (state.reg[6], ==, 0x9999);
  g_assert_false (interrupted);
  state.reg[7] = 0x7000;
  stack[6] = 0x8888;
  stack[7] = 0x4321;
  g_assert_cmpint (glow_cfi_step (cfi, GLOW_ARCH_X86_64, 16, FALSE, &state, &dump, &interrupted), ==, GLOW_STEP_DONE);
  g_assert_cmphex (state.pc, ==, 0x4321);
  g_assert_cmphex (state.reg[7], ==, 0x7040);
  g_assert_cmphex (state.reg[6], ==, 0x8888);
  /* Where the dump has ended. */
  state.reg[7] = 0x7060;
  g_assert_cmpint (glow_cfi_step (cfi, GLOW_ARCH_X86_64, 16, FALSE, &state, &dump, &interrupted), ==, GLOW_STEP_NO_MEMORY);
  /* Nothing is known beside the code. */
  g_assert_cmpint (glow_cfi_step (cfi, GLOW_ARCH_X86_64, SIZE, FALSE, &state, &dump, &interrupted), ==, GLOW_STEP_NO_RULE);
  /* Until it is saved the frame pointer is the caller's, and one that lies in the middle of a frame is none at all. */
  g_assert_cmpint (glow_cfi_frame_pointer (cfi, 4, &from, &to), ==, GLOW_KEEPS_NONE);
  g_assert_cmpuint (from, ==, 0);
  g_assert_cmpuint (to, ==, 16);
  g_assert_cmpint (glow_cfi_frame_pointer (cfi, 16, &from, &to), ==, GLOW_KEEPS_NONE);
  glow_cfi_free (cfi);
}

static void
test_frame_pointers (void)
{
  static const struct { const char *bytes; guint n; GlowFramePointer answer; } cases[] = {
    { "\x0d\x06", 2, GLOW_KEEPS_FRAME },               /* the frame begins at the frame pointer */
    { "", 0, GLOW_KEEPS_NONE },
    { "\x07\x10", 2, GLOW_KEEPS_OUTERMOST },           /* no return address */
    { "\x0d\x03", 2, GLOW_KEEPS_UNKNOWN },             /* some other register */
    { "\x07\x06", 2, GLOW_KEEPS_UNKNOWN },             /* lost */
    { "\x0f\x04\x77\x10\x31\x22", 6, GLOW_KEEPS_NONE },   /* an expression, as of a procedure linkage table */
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GByteArray) instructions = g_byte_array_new (), table = NULL;
      GlowCfi *cfi;
      guint64 from, to;

      g_byte_array_append (instructions, (const guint8 *) cases[i].bytes, cases[i].n);
      table = make_table (NULL, instructions);
      cfi = open_table (table);
      g_assert_nonnull (cfi);
      g_test_message ("case %u", i);
      g_assert_cmpint (glow_cfi_frame_pointer (cfi, 8, &from, &to), ==, cases[i].answer);
      glow_cfi_free (cfi);
    }
}

/* Refused as a whole: libdw would take memory by the highest register, as often as rows are remembered. */
static void
test_hostile (void)
{
  static const guint8 registers[] = { 0x05, 0x07, 0x08, 0x09, 0x10, 0x11, 0x14, 0x15, 0x16 }, many[70] = { [0 ... 69] = 0x0a };

  for (guint i = 0; i < G_N_ELEMENTS (registers); i++)
    for (guint in_own = 0; in_own < 2; in_own++)
      for (guint large = 0; large < 2; large++)
        {
          g_autoptr(GByteArray) instructions = g_byte_array_new (), table = NULL;
          GlowCfi *cfi;

          g_byte_array_append (instructions, &registers[i], 1);
          append_leb (instructions, large ? 0x07000000 : 17);
          append_leb (instructions, 1);
          append_leb (instructions, 0x30);
          table = make_table (in_own ? NULL : instructions, in_own ? instructions : NULL);
          cfi = open_table (table);
          g_test_message ("instruction 0x%02x, %s, %s", registers[i], in_own ? "own" : "common", large ? "large" : "small");
          g_assert_true ((cfi == NULL) == (large == 1));
          g_clear_pointer (&cfi, glow_cfi_free);
        }
  {
    g_autoptr(GByteArray) instructions = g_byte_array_new (), table = NULL;

    g_byte_array_append (instructions, many, sizeof many);
    table = make_table (NULL, instructions);
    g_assert_null (open_table (table));
    g_byte_array_set_size (table, 9);
    g_assert_null (open_table (table));
  }
}

static void
test_thread_starts (void)
{
  static const char *const yes[] = { "_start", "__libc_start_main", "__libc_start_call_main", "start_thread", "clone3", "__clone", "runtime.goexit.abi0", "runtime.mstart",
                                     "_rt0_amd64_linux", "clone@@GLIBC_2.2.5", "_ZL19thread_native_entryP6Thread" };
  static const char *const no[] = { "main", "start", "restart_thread", "runtime.main", "", "clones", "@" };

  for (guint i = 0; i < G_N_ELEMENTS (yes); i++)
    g_assert_true (glow_is_thread_start (yes[i]));
  for (guint i = 0; i < G_N_ELEMENTS (no); i++)
    g_assert_false (glow_is_thread_start (no[i]));
}

/* perf's numbers of registers are not DWARF's. */
static void
test_registers (void)
{
  static const struct { GlowArch arch; guint64 mask; guint n, sp, pc; } cases[] = {
    { GLOW_ARCH_X86_64, 0xff0fff, 20, 7, 8 }, { GLOW_ARCH_I386, 0xfff, 12, 7, 8 }, { GLOW_ARCH_AARCH64, (G_GUINT64_CONSTANT (1) << 33) - 1, 33, 31, 32 },
    { GLOW_ARCH_ARM, 0xffff, 16, 13, 15 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint64 values[40], sp;
      GlowUnwindState state;

      for (guint r = 0; r < cases[i].n; r++)
        values[r] = 0x100 + r;
      g_assert_true (glow_unwind_state_from_perf (&state, cases[i].arch, cases[i].mask, (const guint8 *) values, FALSE, &sp));
      g_assert_cmphex (sp, ==, 0x100 + cases[i].sp);
      g_assert_cmphex (state.pc, ==, 0x100 + cases[i].pc);
      g_assert_cmphex (state.reg[glow_unwind_stack_register (cases[i].arch)], ==, sp);
      g_assert_false (glow_unwind_state_from_perf (&state, cases[i].arch, 1, (const guint8 *) values, FALSE, &sp));
    }
  g_assert_cmphex (glow_unwind_strip (GLOW_ARCH_AARCH64, 0x12340000aaaabbbb), ==, 0x0000aaaabbbb);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/unwind/step", test_step);
  g_test_add_func ("/unwind/frame-pointers", test_frame_pointers);
  g_test_add_func ("/unwind/hostile", test_hostile);
  g_test_add_func ("/unwind/thread-starts", test_thread_starts);
  g_test_add_func ("/unwind/registers", test_registers);
  return g_test_run ();
}
